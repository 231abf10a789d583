//! A replica fits into a node of its pool.

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::lower::Draft;
use crate::language::report::{Report, error};
use crate::plan::catalog::NodeShape;
use crate::plan::pool::PoolSupply;
use crate::plan::workload::{Replica, Serving};
use crate::plan::{GpuModel, Pool};

pub(super) fn check(draft: &Draft, report: &mut Report) {
    for (_, workload) in draft.workloads.iter() {
        let Serving::Replica(replica) = &workload.serving else { continue };
        let Some(pool) = workload.pool.and_then(|pool| draft.pools.get(pool)) else { continue };
        let Some(nodes) = nodes(draft, pool) else { continue };
        // It fits if some type of node takes it; the message is about the one that comes nearest.
        let misfits: Vec<&str> = match nodes
            .iter()
            .map(|(shape, gpu)| misfits(replica, shape, *gpu))
            .min_by_key(Vec::len)
        {
            Some(misfits) if !misfits.is_empty() => misfits,
            _ => continue,
        };
        report.push(
            Diagnostic::new(
                &TOO_LARGE_FOR_A_NODE,
                format!("a replica of `{}` is larger than any node of `{}`", workload.name, pool.name),
            )
            .at(replica.origin, format!("it asks for more {} than a node has", misfits.join(" and ")))
            .also(pool.origin, "the pool")
            .help("make the replica smaller, or use larger nodes; a node states what it has"),
        );
    }
}

fn nodes<'d>(draft: &'d Draft, pool: &Pool) -> Option<Vec<(NodeShape, Option<&'d GpuModel>)>> {
    let model = |gpu: Option<crate::ids::Id<GpuModel>>| gpu.and_then(|gpu| draft.gpus.get(gpu));
    match &pool.supply {
        PoolSupply::Instances(candidates) => candidates
            .iter()
            .map(|c| draft.instances.get(c.instance).map(|i| (i.shape, model(i.gpu))))
            .collect(),
        PoolSupply::Owned(owned) => {
            let owned = draft.owned.get(*owned)?;
            Some(vec![(owned.shape, model(owned.gpu))])
        }
        PoolSupply::Storage(_) => None,
    }
}

/// The resources of which a replica asks for more than a node has.
fn misfits(replica: &Replica, shape: &NodeShape, gpu: Option<&GpuModel>) -> Vec<&'static str> {
    let request = &replica.request;
    let gpu_memory = gpu.and_then(|gpu| gpu.memory_bytes).map(|bytes| {
        let gpus = request.gpus.as_ref().map_or(1.0, crate::estimate::Estimate::median);
        bytes * gpus.max(f64::MIN_POSITIVE)
    });
    // A node without GPUs is another rule's matter, a network that is not stated is not judged.
    let gpus = if shape.gpus > 0.0 { Some(shape.gpus) } else { None };
    let network = Some(shape.network_bits_per_second).filter(|rate| *rate > 0.0);
    [
        ("cpu", &request.cores, Some(shape.cores)),
        ("memory", &request.memory_bytes, Some(shape.memory_bytes)),
        ("gpu", &request.gpus, gpus),
        ("gpu-memory", &request.gpu_memory_bytes, gpu_memory),
        ("network", &request.network_bits_per_second, network),
    ]
    .into_iter()
    .filter(|(_, wanted, has)| {
        wanted.as_ref().zip(*has).is_some_and(|(wanted, has)| wanted.median() > has * (1.0 + 1e-9))
    })
    .map(|(word, _, _)| word)
    .collect()
}

/// A replica larger than a node.
pub static TOO_LARGE_FOR_A_NODE: Code = error(
    "too_large_for_a_node",
    Family::Model,
    "a replica is larger than any node of its pool",
    "A replica runs on one node. A node has what its instance type states: without `cpu` and `memory` it has \
none.\n\nWrong:\n\n```kdl\ninstance \"m7i.4xlarge\" { cpu \"16 core\"; memory \"64 GiB\"; }\nreplica { cpu \"8 core\"; \
memory \"128 GiB\"; serves \"300 req/s\"; }\n```\n\nRight:\n\n```kdl\nreplica { cpu \"8 core\"; memory \"32 GiB\"; serves \
\"300 req/s\"; }\n```\n",
);
