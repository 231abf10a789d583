//! What guarantees by quarter would save against one for the whole horizon.
//!
//! In: a search with its path, the target. Out: for each fiscal quarter the least guaranteed with which what is
//! sent in it waits no longer than it may, and the money saved. Each quarter is alone: what waits from the one
//! before is absent, so the saving is the most there can be. Pools are of any size, as on the path.

use super::frontier::{Point, cheapest, frontier};
use super::variant::cells;
use super::{Ask, Search, with};
use crate::calendar::{FiscalQuarter, days_between};
use crate::capacity::jobs::PlannedJobs;
use crate::ids::Id;
use crate::plan::{Plan, Pool, Quota};
use crate::queues::outcome::waits;

/// Guarantees by quarter.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Quarters {
    /// By quarter, then quota and pool.
    pub lines: Vec<InQuarter>,
    /// Money a month, the mean over the horizon.
    pub cost: f64,
    /// What one guarantee for all months costs a month, found the same way.
    pub of_one: f64,
}

/// What one quota would be guaranteed in one quarter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InQuarter {
    /// The quarter.
    pub quarter: FiscalQuarter,
    /// The quota.
    pub quota: Id<Quota>,
    /// The pool.
    pub pool: Id<Pool>,
    /// `gpu`, `cpu` or `memory`.
    pub resource: &'static str,
    /// Guaranteed.
    pub nominal: f64,
}

/// The months of each quarter, counted from the horizon's first.
fn of_horizon(plan: &Plan) -> Vec<(FiscalQuarter, Vec<usize>)> {
    let mut found: Vec<(FiscalQuarter, Vec<usize>)> = Vec::new();
    for t in 0..plan.horizon.months {
        let quarter = plan.fiscal.quarter_of(plan.horizon.month(t));
        match found.last_mut() {
            Some((last, months)) if *last == quarter => months.push(t),
            _ => found.push((quarter, vec![t])),
        }
    }
    found
}

/// The jobs that are sent in some months in a row.
fn sent_in(plan: &Plan, planned: &PlannedJobs, months: &[usize]) -> PlannedJobs {
    let hour = |t: usize| {
        let day = plan.horizon.month(t).first_day();
        f64::from(days_between(plan.horizon.first_day(), day)) * 24.0
    };
    let from = months.first().map_or(0.0, |t| if *t == 0 { f64::NEG_INFINITY } else { hour(*t) });
    let until = match months.last() {
        Some(t) if t + 1 < plan.horizon.months => hour(t + 1),
        _ => f64::INFINITY,
    };
    let within = planned.jobs.iter().filter(|job| from <= job.start && job.start < until);
    PlannedJobs { jobs: within.cloned().collect(), shapes: planned.shapes.clone() }
}

pub(super) fn quarters(search: &mut Search<'_>, points: &[Point], ask: &Ask) -> Option<Quarters> {
    let plan = search.plan;
    let all = of_horizon(plan);
    let of_one = cheapest(points, ask.wait_p95)?.cost;
    if all.len() < 2 {
        return None;
    }
    let mut found = Quarters { of_one, ..Quarters::default() };
    for (quarter, months) in &all {
        let planned = sent_in(plan, search.planned, months);
        let mut own = cells(plan, &planned, search.draws, &ask.prices);
        own.retain(|cell| cell.peak > 0.0);
        let points = frontier(&own, &mut |nominal| {
            search.simulations += 1;
            (search.done)(search.simulations.min(search.most), search.most);
            let plan = with(plan, &own, &super::free(nominal), None);
            waits(&plan, &planned, &[], search.draws).p95()
        });
        let best = cheapest(&points, ask.wait_p95)?;
        found.cost += best.cost * months.len() as f64 / plan.horizon.months as f64;
        found.lines.extend(own.iter().zip(&best.nominal).map(|(cell, nominal)| InQuarter {
            quarter: *quarter,
            quota: cell.quota,
            pool: cell.pool,
            resource: cell.resource,
            nominal: *nominal,
        }));
    }
    Some(found)
}
