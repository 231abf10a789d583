//! Capacity: what demand and runs need of every pool, in every hour and draw.
//!
//! In: the plan and its demand. Out: the instance type of each pool ([`choose_instances`]), how every
//! workload was sized and why ([`size`]), the load of one pool in one month ([`load()`]), and what is
//! billed by the unit ([`volumes()`]). Nothing here knows what may be bought.
//!
//! * Without `autoscale` a workload holds its month's peak in every hour; with it, it follows the hours
//!   within its limits. What is *used* follows the hours either way, and is never more than requested.
//! * Whole counts (replicas, GPUs, nodes) have headroom in the order of `counted.rs`; needs by the unit
//!   and memory held are fractions, with headroom in the order of `fractions.rs`.
//! * Needs with working hours are requested in so many hours a week: those nearest 13:00 UTC, weekdays
//!   before weekends.
//! * A run holds whole units for whole hours, without headroom; instances that overlap add up. Failures
//!   and checkpoints stretch it, by the formulas of [`training`].
//! * A request that states only some resources takes the others along in proportion: see `node.rs`.

pub(crate) mod choice;
pub(crate) mod counted;
#[cfg(test)]
pub(crate) mod example;
pub(crate) mod factors;
mod failing;
mod fractions;
mod growth;
mod hour;
pub mod jobs;
mod latency;
mod layer;
pub(crate) mod load;
pub(crate) mod members;
mod month_demand;
pub mod need;
pub(crate) mod node;
pub(crate) mod pace;
pub mod packable;
pub(crate) mod peak;
pub(crate) mod per_draw;
pub mod replica_load;
pub(crate) mod requires;
pub(crate) mod rounding;
pub(crate) mod run_times;
pub(crate) mod runs;
pub mod sessions;
mod sizing;
pub(crate) mod slots;
pub(crate) mod source;
mod storage;
#[cfg(test)]
mod tests;
pub mod training;
mod volumes;
mod waiting;

pub use choice::choose_instances;
pub use factors::{Factors, factors};
pub use jobs::jobs;
pub use load::{PoolLoad, load};
pub use replica_load::{LoadPaths, ReplicaLoad, autoscaled, replica_loads};
pub use run_times::{RunTime, run_times};
pub use sessions::sessions;
pub use sizing::{choose_and_size, size, size_within};
pub use volumes::volumes;

use crate::ids::Id;
use crate::plan::pool::PoolSupply;
use crate::plan::{Plan, Pool};

/// Every pool of nodes in every month, by pool, then month.
#[must_use]
pub fn pool_months(plan: &Plan) -> Vec<(Id<Pool>, usize)> {
    let nodes = |(_, pool): &(Id<Pool>, &Pool)| !matches!(pool.supply, PoolSupply::Storage(_));
    let pools = plan.pools.iter().filter(nodes);
    pools.flat_map(|(id, _)| (0..plan.horizon.months).map(move |t| (id, t))).collect()
}
