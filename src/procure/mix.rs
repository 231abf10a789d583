//! The cheapest mix of instance types for a pool: its replicas as items, its candidates as types.
//!
//! An item's dimensions are cores, memory, GPUs, memory on GPUs (all that a node's GPUs have together) and
//! network. A type that states no network is not known to lack any. The comparison with today is with the nodes of the chosen type that the same replicas would take.

use std::collections::BTreeSet;

use crate::capacity::need::InstanceChoice;
use crate::capacity::packable::{Packable, price_per_hour};
use crate::ids::Id;
use crate::plan::pool::{Candidate, PoolSupply};
use crate::plan::{Plan, Pool};
use crate::procure::packing::{Effort, Item, NodeType, Packing, of_one_type, pack};

/// Which instance types a mix may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Types {
    /// The candidates of the pool.
    Candidates,
    /// Every type of the pool's providers that has a price in its region and, with GPUs, those of a candidate.
    Any,
}

/// The cheapest mix of one pool.
#[derive(Debug, Clone)]
pub struct Mix {
    /// The pool.
    pub pool: Id<Pool>,
    /// What is packed, one a workload.
    pub items: Vec<Item>,
    /// The types considered.
    pub types: Vec<NodeType>,
    /// The mix.
    pub packing: Packing,
    /// The type that the plan uses, how many nodes of it hold the same, and money an hour for them; absent where
    /// it does not hold every replica.
    pub today: Option<(String, f64, f64)>,
    /// Workloads that are not in it, and why.
    pub left_out: Vec<(String, &'static str)>,
}

/// Finds the cheapest mix of a pool of instances; `None` where there is nothing to pack.
#[must_use]
pub fn mix(
    plan: &Plan,
    choices: &[InstanceChoice],
    pool: Id<Pool>,
    packable: &Packable,
    types: Types,
) -> Option<Mix> {
    let PoolSupply::Instances(candidates) = &plan.pools[pool].supply else { return None };
    let items: Vec<Item> = packable
        .replicas
        .iter()
        .filter(|replicas| replicas.count > 0)
        .map(|replicas| Item {
            name: plan.workloads[replicas.workload].name.clone(),
            size: vec![
                replicas.cores,
                replicas.memory_bytes,
                replicas.gpus,
                replicas.gpu_memory_bytes,
                replicas.network_bits_per_second,
            ],
            count: replicas.count,
        })
        .collect();
    if items.is_empty() {
        return None;
    }
    let chosen = choices.iter().find(|choice| choice.pool == pool).and_then(InstanceChoice::chosen);
    let mut considered = candidates.clone();
    if types == Types::Any {
        considered.extend(others(plan, candidates));
    }
    let mut priced = Vec::new();
    for (place, candidate) in considered.iter().enumerate() {
        let price = price_per_hour(plan, pool, candidate).filter(|price| *price > 0.0);
        if let Some(price) = price {
            priced.push((place, node_type(plan, candidate, price)));
        }
    }
    let (places, types): (Vec<usize>, Vec<NodeType>) = priced.into_iter().unzip();
    let packing = pack(&items, &types, Effort::default());
    let today = chosen.and_then(|chosen| {
        let t = places.iter().position(|place| *place == chosen)?;
        let alone = of_one_type(&items, &types[t], Effort::default())?;
        Some((types[t].name.clone(), alone.nodes as f64, alone.cost))
    });
    let left_out = packable
        .left_out
        .iter()
        .map(|(workload, why)| (plan.workloads[*workload].name.clone(), *why))
        .collect();
    Some(Mix { pool, items, types, packing, today, left_out })
}

fn node_type(plan: &Plan, candidate: &Candidate, price: f64) -> NodeType {
    let instance = &plan.instances[candidate.instance];
    let gpu_memory = instance.gpu.and_then(|gpu| plan.gpus[gpu].memory_bytes).unwrap_or(0.0);
    let shape = instance.shape;
    let stated = Some(shape.network_bits_per_second).filter(|network| *network > 0.0);
    let network = stated.unwrap_or(f64::INFINITY);
    NodeType {
        name: instance.name.clone(),
        capacity: vec![
            shape.cores,
            shape.memory_bytes,
            shape.gpus,
            shape.gpus * gpu_memory,
            network,
        ],
        price,
    }
}

/// Types of the candidates' providers that are none of them, in the region of the first. A type with GPUs has those
/// of a candidate: what a replica serves is known of them alone.
fn others(plan: &Plan, candidates: &[Candidate]) -> Vec<Candidate> {
    let Some(first) = candidates.first() else { return Vec::new() };
    let providers: BTreeSet<_> =
        candidates.iter().map(|one| plan.instances[one.instance].provider).collect();
    let known: BTreeSet<_> =
        candidates.iter().filter_map(|one| plan.instances[one.instance].gpu).collect();
    plan.instances
        .iter()
        .filter(|(id, instance)| {
            providers.contains(&instance.provider)
                && instance.gpu.is_none_or(|gpu| known.contains(&gpu))
                && candidates.iter().all(|one| one.instance != *id)
        })
        .map(|(instance, _)| Candidate { instance, ..first.clone() })
        .collect()
}
