//! Where need crosses what there is: dates, resources, the tightest week, what drives it and what cures it.

use serde::Serialize;

use super::money::{Day, quantile, sorted};
use super::pools::node_of;
use crate::calendar::{HOURS_PER_WEEK, Month};
use crate::capacity::need::Cause;
use crate::headroom::{Cure, Driver, Grown, PoolHeadroom, Raised};
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::plan::price::Purchase;
use crate::procure::supply::PoolMonth;
use crate::procure::week::STEPS;
use crate::source::Sources;

/// The headroom of one pool.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HeadroomView {
    /// The pool.
    pub pool: String,
    /// What its nodes are.
    pub node: String,
    /// GPUs in one node; 0 without.
    pub gpus_per_node: f64,
    /// The confidence that what follows speaks of.
    pub confidence: f64,
    /// Whether anything limits what can run, in some month.
    pub limited: bool,
    /// The tightest month.
    pub tightest: Month,
    /// The share of draws in which nodes are missing in the tightest month.
    pub short_chance: f64,
    /// Nodes missing in the worst hour of the worst month, at the confidence.
    pub missing: f64,
    /// When need crosses what exists and what may be had.
    pub crossings: Vec<CrossingView>,
    /// Every resource, the most taken first.
    pub resources: Vec<ResourceUseView>,
    /// What drives the need.
    pub driver: Option<DriverView>,
    /// What would cure a shortfall, each alone.
    pub cures: Vec<CureView>,
    /// One row a month.
    pub months: Vec<HeadroomMonth>,
    /// The tightest month's week, Monday 00:00 UTC first; empty where nothing limits what can run.
    pub week: Vec<HourView>,
}

/// When need crosses, at one confidence.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CrossingView {
    /// The confidence.
    pub confidence: f64,
    /// The first month in which need passes what exists, where something does.
    pub exists: Option<Month>,
    /// The first day on which nodes are missing.
    pub short: Option<Day>,
}

/// One month of a pool.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HeadroomMonth {
    /// The month.
    pub month: Month,
    /// Nodes needed in the busiest hour, at the confidence.
    pub need: f64,
    /// Median of what exists.
    pub existing: f64,
    /// Median of what can run; absent without a limit.
    pub available: Option<f64>,
    /// The share of draws in which nodes are missing.
    pub short_chance: f64,
    /// Nodes missing in the worst hour, at the confidence.
    pub missing: f64,
}

/// Utilisation, saturation and errors of one resource in the tightest month.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ResourceUseView {
    /// The resource.
    pub resource: Cause,
    /// Requested of what was supplied.
    pub utilization: Option<f64>,
    /// Used of what was supplied.
    pub used: Option<f64>,
    /// p50 and p95 of the nodes it alone would need in the busiest hour.
    pub peak_nodes: (f64, f64),
    /// That p95 as a share of what can run.
    pub saturation: Option<f64>,
    /// The share of draws in which nodes are missing because of it.
    pub short_chance: f64,
}

/// What drives a pool's need.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DriverView {
    /// The workload.
    pub workload: String,
    /// The month.
    pub month: Month,
    /// Nodes it needs then, at the median.
    pub nodes: f64,
    /// How many more than in the first month.
    pub grown: f64,
    /// The kind of what made it: `event`, `growth`, `history`, `run`, `level`.
    pub cause: &'static str,
    /// Its name or word, where it has one.
    pub name: Option<String>,
    /// The line of the plan.
    pub place: String,
}

/// One cure.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "cure", rename_all = "kebab-case")]
pub enum CureView {
    /// Higher limits: all of these together.
    RaiseLimit {
        /// Which.
        limits: Vec<RaisedView>,
    },
    /// An order.
    Order {
        /// How.
        purchase: &'static str,
        /// How many nodes.
        nodes: f64,
        /// When they are needed.
        need_by: Day,
        /// When to order, by the 90th percentile of the lead time.
        order_by: Option<Day>,
        /// Whether that day is over.
        late: bool,
        /// Limits that they do not fit into.
        limits: Vec<RaisedView>,
    },
    /// Fuller nodes.
    RaiseTarget {
        /// Target utilisation now.
        from: f64,
        /// The one at which it fits.
        to: f64,
    },
    /// A workload moved or capped.
    Relieve {
        /// Which.
        workload: String,
        /// Nodes to give up.
        nodes: f64,
        /// Nodes it needs.
        of: f64,
    },
}

/// A limit to raise.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RaisedView {
    /// Of which purchase; absent where it is over all.
    pub purchase: Option<&'static str>,
    /// Nodes granted in the month that has the fewest of those that are short.
    pub from: f64,
    /// Nodes needed.
    pub to: f64,
}

/// One hour of the week.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HourView {
    /// How many of the steps (50%, 70%, 85%, 95%, all) need passes at the confidence.
    pub level: usize,
    /// The share of draws in which nodes are missing.
    pub short_chance: f64,
    /// Nodes missing, mean over the draws.
    pub missing: f64,
}

/// The headroom of every pool, as `found` at a confidence.
#[must_use]
pub fn headroom(
    plan: &Plan,
    sources: &Sources,
    outcome: &Outcome,
    found: &[PoolHeadroom],
    confidence: f64,
) -> Vec<HeadroomView> {
    found.iter().map(|found| of_pool(plan, sources, outcome, found, confidence)).collect()
}

fn of_pool(
    plan: &Plan,
    sources: &Sources,
    outcome: &Outcome,
    found: &PoolHeadroom,
    confidence: f64,
) -> HeadroomView {
    let months: Vec<&PoolMonth> = super::pools::months_of(outcome, found.pool).collect();
    let (node, gpus_per_node) = node_of(plan, outcome, found.pool);
    let limited = months.iter().any(|m| m.available.iter().any(|nodes| nodes.is_finite()));
    let crossings = found.crossings.iter().map(|crossing| CrossingView {
        confidence: crossing.confidence,
        exists: crossing.exists.map(|t| plan.horizon.month(t)),
        short: crossing.short.map(Day),
    });
    let resources = found.resources.iter().map(|row| ResourceUseView {
        resource: row.cause,
        utilization: row.utilization,
        used: row.used,
        peak_nodes: row.peak_nodes,
        saturation: row.saturation,
        short_chance: row.short_chance,
    });
    let week = months.get(found.tightest).map(|month| &month.week).filter(|week| !week.is_empty());
    let hour = |hour: usize| {
        week.map(|week| HourView {
            level: week.level(hour, confidence),
            short_chance: week.short_chance(hour),
            missing: week.missing(hour),
        })
    };
    HeadroomView {
        pool: plan.pools[found.pool].name.clone(),
        node,
        gpus_per_node,
        confidence,
        limited,
        tightest: plan.horizon.month(found.tightest),
        short_chance: found.short_chance.get(found.tightest).copied().unwrap_or(0.0),
        missing: found.missing.iter().copied().fold(0.0, f64::max),
        crossings: crossings.collect(),
        resources: resources.collect(),
        driver: found.driver.as_ref().map(|driver| driver_view(plan, sources, driver)),
        cures: found.cures.iter().map(|cure| cure_view(plan, cure)).collect(),
        months: months
            .iter()
            .zip(&found.short_chance)
            .zip(&found.missing)
            .map(|((month, short_chance), missing)| {
                let available = at(&month.available, 0.5);
                HeadroomMonth {
                    month: plan.horizon.month(month.t),
                    need: at(&month.need_peak, confidence),
                    existing: at(&month.existing, 0.5),
                    available: available.is_finite().then_some(available),
                    short_chance: *short_chance,
                    missing: *missing,
                }
            })
            .collect(),
        week: if limited { (0..HOURS_PER_WEEK).filter_map(hour).collect() } else { Vec::new() },
    }
}

/// What drives a need, in words and with its line.
pub(super) fn driver_view(plan: &Plan, sources: &Sources, driver: &Driver) -> DriverView {
    let (cause, name) = match &driver.by {
        Grown::Event(name) => ("event", Some(name.clone())),
        Grown::Growth(word) => ("growth", Some((*word).to_owned())),
        Grown::History => ("history", None),
        Grown::Run(name) => ("run", Some(name.clone())),
        Grown::Level => ("level", None),
    };
    DriverView {
        workload: plan.workloads[driver.workload].name.clone(),
        month: plan.horizon.month(driver.t),
        nodes: driver.nodes,
        grown: driver.grown,
        cause,
        name,
        place: sources.place(driver.origin),
    }
}

fn at(values: &[f64], p: f64) -> f64 {
    quantile(&sorted(values), p).unwrap_or(0.0)
}

fn raised_view(limit: &Raised) -> RaisedView {
    let Raised { purchase, from, to } = *limit;
    RaisedView { purchase: purchase.map(Purchase::word), from, to }
}

fn cure_view(plan: &Plan, cure: &Cure) -> CureView {
    match cure {
        Cure::RaiseLimit(limits) => {
            CureView::RaiseLimit { limits: limits.iter().map(raised_view).collect() }
        }
        Cure::Order { purchase, nodes, need_by, order_by, late, limits } => CureView::Order {
            purchase: purchase.word(),
            nodes: *nodes,
            need_by: Day(*need_by),
            order_by: order_by.map(Day),
            late: *late,
            limits: limits.iter().map(raised_view).collect(),
        },
        Cure::RaiseTarget { from, to } => CureView::RaiseTarget { from: *from, to: *to },
        Cure::Relieve { workload, nodes, of } => CureView::Relieve {
            workload: plan.workloads[*workload].name.clone(),
            nodes: *nodes,
            of: *of,
        },
    }
}

impl HeadroomView {
    /// The largest level of the week.
    #[must_use]
    pub fn level_max(&self) -> usize {
        self.week.iter().map(|hour| hour.level).max().unwrap_or(0)
    }

    /// How many hours of the week are short at the confidence.
    #[must_use]
    pub fn hours_short(&self) -> usize {
        self.week.iter().filter(|hour| hour.level == STEPS.len()).count()
    }

    /// The crossing at the confidence asked for.
    #[must_use]
    pub fn crossing(&self) -> Option<&CrossingView> {
        self.crossings.iter().find(|of| (of.confidence - self.confidence).abs() < 1e-9)
    }
}
