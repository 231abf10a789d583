//! What was measured: what each series says of itself, and which resource is the fullest and when it is full.
//!
//! In: the histories of a plan, the snapshots of its sources, and what the passes say of nodes and replicas.
//! Out: one [`Measured`] a workload and metric, one [`ResourceUse`] a pool or workload and resource. Absent:
//! what is demanded of the months ahead, which `forecast` says; here a line through the past is all.

mod bottleneck;
mod limits;
mod measured;
mod outliers;
pub mod right_size;
#[cfg(test)]
mod sample;
mod seen;
mod trend;

use std::collections::BTreeSet;

use crate::calendar::Date;
use crate::capacity::need::{InstanceChoice, Sizing};
use crate::history::Usage;
use crate::history::snapshot::Snapshot;
use crate::ids::Id;
use crate::plan::{Plan, Pool, Workload};
use crate::procure::Terms;

pub use bottleneck::{Resource, ResourceUse, Saturation, Subject, Used};
pub use limits::Limit;
pub use measured::{Gaps, Measured};
pub use seen::Origin;
pub use trend::{NoTrend, Trend, TrendLine};

/// What the passes say of a plan's nodes and replicas.
#[derive(Debug, Clone, Copy)]
pub struct Sized<'a> {
    /// Which instance type every pool uses.
    pub choices: &'a [InstanceChoice],
    /// How every workload is sized in month [`Sized::t`], the as-of month or the first of the horizon.
    pub sizings: &'a [Sizing],
    /// The month of the sizings, counted from the horizon's first.
    pub t: usize,
    /// What exists, from which day.
    pub terms: &'a Terms,
}

/// What was measured.
#[derive(Debug, Clone)]
pub struct Found {
    /// By workload, then metric.
    pub measured: Vec<Measured>,
    /// Pools, then workloads, each in the order of how full they are; within one, the fullest first.
    pub resources: Vec<ResourceUse>,
    /// Pools of nodes of whose resources nothing was measured.
    pub unmeasured: Vec<Id<Pool>>,
    /// Workloads that are measured and run in several pools, so that their use counts in none.
    pub split: Vec<Id<Workload>>,
}

/// What was measured of a plan, as of a day. Each snapshot is the newest of its source that is not later.
#[must_use]
pub fn usage(
    plan: &Plan,
    usage: &Usage,
    snapshots: &[Snapshot],
    sized: Sized<'_>,
    as_of: Date,
) -> Found {
    let seen = seen::seen(plan, usage, snapshots);
    let measured = seen.iter().filter_map(|seen| measured::measured(plan, seen, as_of)).collect();
    let resources = bottleneck::resources(plan, &seen, sized, as_of);
    let in_pools: BTreeSet<Id<Pool>> = resources
        .iter()
        .filter_map(|of| match of.subject {
            Subject::Pool(pool) => Some(pool),
            Subject::Workload(_) => None,
        })
        .collect();
    let nodes = crate::capacity::pool_months(plan);
    let pools: BTreeSet<Id<Pool>> = nodes.into_iter().map(|(pool, _)| pool).collect();
    Found {
        measured,
        resources,
        unmeasured: pools.difference(&in_pools).copied().collect(),
        split: bottleneck::split(plan, &seen),
    }
}
