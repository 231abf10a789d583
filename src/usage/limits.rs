//! What a pool's nodes and a workload's replicas have of each resource, where the plan says it.

use crate::calendar::Date;
use crate::capacity::node::Node;
use crate::ids::Id;
use crate::plan::catalog::NodeShape;
use crate::plan::pool::PoolSupply;
use crate::plan::price::Purchase;
use crate::plan::workload::{CapacityPer, Replica, Serving};
use crate::plan::{GpuModel, Plan, Pool, Workload};
use crate::procure::terms::day_of;
use crate::usage::Sized;
use crate::usage::bottleneck::Resource;

/// How much of a resource there is.
#[derive(Debug, Clone, PartialEq)]
pub enum Limit {
    /// So much: bytes, bytes a second, cores, GPUs.
    Stated {
        /// How much.
        amount: f64,
        /// Of what: `24 nodes`, `12 replicas, autoscale's most`.
        of: String,
    },
    /// None, and why.
    None(&'static str),
}

const NOT_STATED: Limit = Limit::None("no limit stated");

/// What the nodes of a pool that exist on a day have: owned and reserved ones, and those that `start` says
/// run on demand or on spot. They count whole, whatever their availability; a lot still to come counts where
/// it has come in half of the draws.
pub(super) fn of_pool(plan: &Plan, sized: Sized<'_>, pool: Id<Pool>, as_of: Date) -> Nodes {
    let Some(node) = Node::of_pool(plan, sized.choices, pool) else {
        return Nodes { groups: Vec::new(), gpu: None };
    };
    let day = day_of(plan, as_of);
    let there = |existing: &&crate::procure::terms::Existing| {
        let count = plan.draws.count();
        let come = (0..count).filter(|draw| existing.from.at(*draw) <= day).count();
        day < existing.until && 2 * come >= count
    };
    let existing = sized.terms.of(pool).existing.iter().filter(there);
    let mut groups: Vec<(f64, NodeShape)> = existing.map(|e| (e.nodes, e.shape)).collect();
    if matches!(plan.pools[pool].supply, PoolSupply::Instances(_)) {
        let start = &plan.pools[pool].start;
        let hourly = [Purchase::OnDemand, Purchase::Spot];
        let hourly = hourly.iter().filter_map(|purchase| start.get(purchase));
        groups.extend(hourly.map(|nodes| (f64::from(*nodes), node.shape)));
    }
    Nodes { groups, gpu: node.gpu }
}

/// Nodes that exist: how many, and what one has.
#[derive(Debug, Clone)]
pub(super) struct Nodes {
    groups: Vec<(f64, NodeShape)>,
    gpu: Option<Id<GpuModel>>,
}

impl Nodes {
    /// What they have of a resource.
    pub(super) fn limit(&self, plan: &Plan, resource: Resource) -> Limit {
        let nodes: f64 = self.groups.iter().map(|(nodes, _)| nodes).sum();
        if nodes <= 0.0 {
            return Limit::None("no node exists yet");
        }
        let one = |shape: &NodeShape| has(plan, shape, self.gpu, resource);
        let amount = self.groups.iter().map(|(nodes, shape)| nodes * one(shape)).sum();
        stated(amount, counted(nodes, "node"))
    }
}

/// What one node has of a resource; 0 where that is not stated.
fn has(plan: &Plan, shape: &NodeShape, gpu: Option<Id<GpuModel>>, resource: Resource) -> f64 {
    match resource {
        Resource::Cpu => shape.cores,
        Resource::Memory => shape.memory_bytes,
        Resource::Gpu => shape.gpus,
        Resource::GpuMemory => shape.gpus * gpu_memory(plan, gpu),
        Resource::Storage => shape.storage_bytes,
        Resource::Network => shape.network_bits_per_second / 8.0,
    }
}

fn gpu_memory(plan: &Plan, gpu: Option<Id<GpuModel>>) -> f64 {
    gpu.and_then(|gpu| plan.gpus[gpu].memory_bytes).unwrap_or(0.0)
}

/// What a workload's replicas request, or its GPUs or nodes have: as many as its autoscaling allows at most,
/// else as many as it is sized to at the peak of the month, at the median.
pub(super) fn of_workload(
    plan: &Plan,
    sized: Sized<'_>,
    id: Id<Workload>,
    resource: Resource,
) -> Limit {
    let workload = &plan.workloads[id];
    let Some(pool) = workload.pool else { return NOT_STATED };
    let Some(node) = Node::of_pool(plan, sized.choices, pool) else { return NOT_STATED };
    let sizing = sized.sizings.iter().find(|s| s.workload == id && s.pool == pool);
    let peak = sizing.and_then(|sizing| sizing.peak.get(sized.t)).map(|(p50, _)| *p50);
    let most = workload.autoscale.as_ref().and_then(|autoscale| autoscale.max).map(f64::from);
    let Some(count) = most.or(peak).filter(|count| *count > 0.0) else { return NOT_STATED };
    let (one, noun) = match &workload.serving {
        Serving::Replica(replica) => (requests(replica, resource), "replica"),
        Serving::Capacity { per: CapacityPer::Gpu, .. } => {
            let one = match resource {
                Resource::Gpu => 1.0,
                Resource::GpuMemory => gpu_memory(plan, node.gpu),
                _ => 0.0,
            };
            (one, "GPU")
        }
        Serving::Capacity { per: CapacityPer::Node, .. } => {
            (has(plan, &node.shape, node.gpu, resource), "node")
        }
        Serving::None => return NOT_STATED,
    };
    let why = if most.is_some() { ", autoscale's most" } else { ", as sized" };
    stated(count * one, counted(count, noun) + why)
}

/// What one replica requests, at the median; 0 where that is not stated.
fn requests(replica: &Replica, resource: Resource) -> f64 {
    let request = &replica.request;
    let (estimate, per) = match resource {
        Resource::Cpu => (&request.cores, 1.0),
        Resource::Memory => (&request.memory_bytes, 1.0),
        Resource::Gpu => (&request.gpus, 1.0),
        Resource::GpuMemory => (&request.gpu_memory_bytes, 1.0),
        Resource::Storage => (&None, 1.0),
        Resource::Network => (&request.network_bits_per_second, 8.0),
    };
    estimate.as_ref().map_or(0.0, |estimate| estimate.median() / per)
}

fn stated(amount: f64, of: String) -> Limit {
    if amount > 0.0 { Limit::Stated { amount, of } } else { NOT_STATED }
}

fn counted(count: f64, noun: &str) -> String {
    let count = (count * 10.0).round() / 10.0;
    #[expect(clippy::float_cmp, reason = "a count")]
    let plural = if count == 1.0 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}
