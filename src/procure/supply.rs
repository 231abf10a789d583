//! What each pool is supplied with, month by month.

use std::collections::BTreeMap;

use crate::capacity::need::{Cause, Resource};
use crate::ids::Id;
use crate::plan::price::Purchase;
use crate::plan::{Pool, Workload};
use crate::procure::week::WeekRisk;

/// One pool in one month. Vectors hold one value a draw.
#[derive(Debug, Clone)]
pub struct PoolMonth {
    /// The pool.
    pub pool: Id<Pool>,
    /// The month, counted from the horizon's first.
    pub t: usize,
    /// Nodes needed in the busiest hour.
    pub need_peak: Vec<f64>,
    /// Nodes needed, averaged over the hours.
    pub need_mean: Vec<f64>,
    /// The most nodes that could run in the least supplied hour of the month: what exists and is
    /// usable, plus what may be bought; spot as far as anything in the pool may run on it. Infinite
    /// where nothing limits it.
    pub available: Vec<f64>,
    /// Usable nodes that exist whatever is needed (owned × availability, reserved), averaged over the
    /// hours.
    pub existing: Vec<f64>,
    /// Node-hours paid for, by purchase; a purchase that is not used has no entry. Owned nodes count
    /// whole, whatever their availability.
    pub node_hours: BTreeMap<Purchase, Vec<f64>>,
    /// Node-hours of spot among them that interruptions take: checkpoints, work done again, restarts. Empty where
    /// they take none.
    pub lost: Vec<f64>,
    /// Node-hours that could not be had; parts of a node where availability is a share.
    pub short_node_hours: Vec<f64>,
    /// Nodes missing in the worst hour.
    pub short_peak: Vec<f64>,
    /// The first day of the month, 0 for its first, on which nodes are missing; infinite where none are.
    pub short_from: Vec<f64>,
    /// How tight every hour of the week is.
    pub week: WeekRisk,
    /// How each resource is taken, in the order of the ledger; resources that nobody can request are left
    /// out.
    pub resources: Vec<ResourceUse>,
    /// Usable resource-hours supplied, by resource: GPU-hours, core-hours, byte-hours.
    pub supplied: BTreeMap<Resource, Vec<f64>>,
}

impl PoolMonth {
    /// Moves node-hours from on demand to a savings plan; one value a draw.
    pub fn cover(&mut self, covered: &[f64]) {
        if covered.iter().all(|hours| *hours <= 0.0) {
            return;
        }
        if let Some(on_demand) = self.node_hours.get_mut(&Purchase::OnDemand) {
            for (hours, covered) in on_demand.iter_mut().zip(covered) {
                // What float arithmetic leaves of hours that are all covered is no hour.
                let left = *hours - covered;
                *hours = if left > 1e-9 * *hours { left } else { 0.0 };
            }
            if on_demand.iter().all(|hours| *hours <= 0.0) {
                self.node_hours.remove(&Purchase::OnDemand);
            }
        }
        self.node_hours.insert(Purchase::SavingsPlan, covered.to_vec());
    }
}

/// How one resource of a pool is taken in one month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResourceUse {
    /// What is taken.
    pub cause: Cause,
    /// The resource that is priced, if it is: of others no hours are counted.
    pub resource: Option<Resource>,
    /// Resource-hours requested, headroom included: mean over the draws.
    pub requested: f64,
    /// Resource-hours used: mean over the draws.
    pub used: f64,
    /// p50 and p95 of the nodes that it alone would need in the busiest hour, parts of a node included.
    pub peak_nodes: (f64, f64),
}

/// What each workload of a pool asked for in one month: priced at once, then dropped, since it is by far
/// the largest value of the pipeline.
#[derive(Debug, Clone, Default)]
pub struct Requests {
    /// One entry a workload with needs in the pool, in name order.
    pub workloads: Vec<WorkloadRequest>,
}

/// What one workload asked of one pool in one month. Vectors hold one value a draw.
#[derive(Debug, Clone)]
pub struct WorkloadRequest {
    /// The workload.
    pub workload: Id<Workload>,
    /// Resource-hours requested, headroom, buffer and redundancy included.
    pub requested: BTreeMap<Resource, Vec<f64>>,
    /// Resource-hours that the demand itself uses: no headroom, no buffer, no spares. Never more than
    /// what is requested.
    pub used: BTreeMap<Resource, Vec<f64>>,
}
