//! What drives the need of a pool: the workload that grew most, and the growth or event that made it.

use crate::capacity::need::Sizing;
use crate::ids::Id;
use crate::plan::workload::{GrowthKind, Run, RunTimes, Workload};
use crate::plan::{Plan, Pool};
use crate::source::Span;

/// The workload that contributes most to a pool's need in a month.
#[derive(Debug, Clone, PartialEq)]
pub struct Driver {
    /// The workload.
    pub workload: Id<Workload>,
    /// The month, counted from the horizon's first.
    pub t: usize,
    /// Nodes it needs then, in its own busiest hour, at the median.
    pub nodes: f64,
    /// How many more than in the horizon's first month.
    pub grown: f64,
    /// What made it.
    pub by: Grown,
    /// The line of the plan that says so.
    pub origin: Span,
}

/// Why a workload needs what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grown {
    /// An event, by name.
    Event(String),
    /// A growth, by its word.
    Growth(&'static str),
    /// The growth that its history shows.
    History,
    /// A run, by name.
    Run(String),
    /// It is as large from the start.
    Level,
}

/// The workload that grew most in `pool` until month `t`; where none grew, the one that needs most.
#[must_use]
pub fn driver(plan: &Plan, pool: Id<Pool>, sizings: &[Sizing], t: usize) -> Option<Driver> {
    let here = sizings.iter().filter(|sizing| sizing.pool == pool);
    let of = |sizing: &Sizing| {
        let nodes = nodes(sizing, t)?;
        let grown = nodes - self::nodes(sizing, 0)?;
        Some((sizing.workload, nodes, grown))
    };
    let found: Vec<_> = here.filter_map(of).collect();
    let grew = found.iter().any(|(_, _, grown)| *grown > 1e-9);
    let by = |row: &&(Id<Workload>, f64, f64)| if grew { row.2 } else { row.1 };
    // Of equals the first by name: `max_by` would keep the last.
    let (workload, nodes, grown) =
        found.iter().rev().max_by(|a, b| by(a).total_cmp(&by(b))).copied()?;
    (nodes > 0.0).then_some(())?;
    let (by, origin) = cause(plan, &plan.workloads[workload], t, grown);
    Some(Driver { workload, t, nodes, grown, by, origin })
}

/// Nodes of a month's largest count: as many a unit as in the workload's busiest month.
fn nodes(sizing: &Sizing, t: usize) -> Option<f64> {
    let busiest = sizing.peak.iter().map(|(p50, _)| *p50).fold(0.0, f64::max);
    let (_, most) = sizing.by_resource.first()?;
    let count = sizing.peak.get(t)?.0;
    Some(if busiest > 0.0 { count * most / busiest } else { 0.0 })
}

fn cause(plan: &Plan, workload: &Workload, t: usize, grown: f64) -> (Grown, Span) {
    let (first, last) = (plan.horizon.first_day(), plan.horizon.month(t).last_day());
    // A run may be all of it; of several the one that starts last until then.
    let begins = |run: &&Run| match run.when {
        RunTimes::At(day) => day,
        RunTimes::Every { from, .. } => from.unwrap_or(first),
    };
    let begun = workload.runs.iter().filter(|run| begins(run) <= last);
    if let Some(run) = begun.max_by_key(begins) {
        return (Grown::Run(run.name.clone()), run.origin);
    }
    let Some(demand) = &workload.demand else { return (Grown::Level, workload.origin) };
    if grown <= 1e-9 {
        return (Grown::Level, demand.origin);
    }
    let factor = |event: &crate::plan::workload::Event| {
        let multiply = event.multiply.as_ref().map_or(1.0, crate::estimate::Estimate::median);
        let serves = event.scale_capacity.as_ref().map_or(1.0, crate::estimate::Estimate::median);
        multiply / serves.max(1e-9)
    };
    let events = demand.events.iter().filter(|event| {
        let ended = event.until.is_some_and(|until| until < plan.horizon.month(t).first_day());
        event.at > first
            && event.at <= last
            && !ended
            && (factor(event) > 1.0 || event.add.is_some())
    });
    let largest = events.max_by(|a, b| factor(a).total_cmp(&factor(b)));
    let rises = |kind: &GrowthKind| !matches!(kind, GrowthKind::Seasonal { .. });
    let growth = demand.growth.iter().find(|growth| rises(&growth.kind)).or(demand.growth.first());
    // An event counts where it does more than the rest of the growth until then.
    let busy = largest.filter(|event| {
        growth.is_none_or(|growth| factor(event) > steady(&growth.kind, t) || event.add.is_some())
    });
    match (busy, growth, &demand.history) {
        (Some(event), _, _) => (Grown::Event(event.name.clone()), event.origin),
        (None, Some(growth), _) => (Grown::Growth(word(&growth.kind)), growth.origin),
        (None, None, Some(history)) => (Grown::History, history.origin),
        (None, None, None) => (Grown::Level, demand.origin),
    }
}

/// What a growth multiplies by until month `t`, where that is a matter of its rate.
fn steady(kind: &GrowthKind, t: usize) -> f64 {
    let months = t as f64;
    match kind {
        GrowthKind::Compound(rate) => libm::pow(1.0 + rate.median(), months),
        GrowthKind::LinearShare(rate) => 1.0 + rate.median() * months,
        _ => 1.0,
    }
}

fn word(kind: &GrowthKind) -> &'static str {
    match kind {
        GrowthKind::Compound(_) => "compound",
        GrowthKind::LinearShare(_) | GrowthKind::LinearStep(_) => "linear",
        GrowthKind::Logistic { .. } => "logistic",
        GrowthKind::Seasonal { .. } => "seasonal",
        GrowthKind::Table(_) => "table",
        GrowthKind::To { .. } => "to",
    }
}
