//! One replica fits on one node.

use super::node_kinds::{NodeKind, node_kinds};
use super::{error, figures};
use crate::diagnostic::{Code, Diagnostic};
use crate::estimate::Estimate;
use crate::plan::Plan;
use crate::plan::workload::{Replica, Request, Serving};

/// A replica that no node of its pool can hold.
pub static REPLICA_TOO_LARGE: Code = error(
    "replica_too_large",
    "a replica that no node of its pool can hold",
    r#"A replica runs on one node. It asks for more cores, memory, GPUs or GPU memory than the largest node of its
pool has, so no number of nodes would serve it. Uncertain requests count at their median.

Wrong:

```kdl
pool "serving" { instance "p5.48xlarge" region="us-east-1"; }    // 8 GPUs a node
workload "chat" { kind inference; team "assistant"; pool "serving"; demand "180 req/s"; replica { gpu 16; serves "400 req/s"; }; }
```

Right:

```kdl
workload "chat" { kind inference; team "assistant"; pool "serving"; demand "180 req/s"; replica { gpu 8; serves "200 req/s"; }; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for workload in plan.workloads.items() {
        let (Serving::Replica(replica), Some(pool)) = (&workload.serving, workload.pool) else {
            continue;
        };
        let kinds = node_kinds(plan, pool);
        if kinds.is_empty() || kinds.iter().any(|kind| misfit(plan, replica, kind).is_none()) {
            continue;
        }
        // What is wrong with the node that is largest in what does not fit.
        let misfits = kinds.iter().filter_map(|kind| misfit(plan, replica, kind));
        let Some(misfit) = misfits.max_by(|a, b| (a.has / a.asks).total_cmp(&(b.has / b.asks)))
        else {
            continue;
        };
        let (name, pool) = (&workload.name, &plan.pools[pool]);
        let rows = [
            ("a replica asks for".to_owned(), (misfit.shown)(misfit.asks)),
            (format!("a `{}` node has", misfit.node), (misfit.shown)(misfit.has)),
        ];
        let help = format!(
            "make the replica smaller, or add a larger instance type to `{}`:\n{}",
            pool.name,
            figures::aligned(&rows)
        );
        found.push(
            Diagnostic::new(
                &REPLICA_TOO_LARGE,
                format!("a replica of `{name}` is larger than every node of pool `{}`", pool.name),
            )
            .at(replica.origin, format!("{} is more than a node has", (misfit.shown)(misfit.asks)))
            .also(
                pool.origin,
                format!("the nodes of `{}` have at most {}", pool.name, (misfit.shown)(misfit.has)),
            )
            .help(help),
        );
    }
}

/// How an amount of a resource is written.
type Shown = fn(f64) -> String;

/// What of a replica a node cannot hold.
struct Misfit<'a> {
    node: &'a str,
    asks: f64,
    has: f64,
    shown: Shown,
}

/// The first resource that is too small; what a node does not state at all is another rule's.
fn misfit<'a>(plan: &Plan, replica: &Replica, kind: &NodeKind<'a>) -> Option<Misfit<'a>> {
    let Request { cores, memory_bytes, gpus, gpu_memory_bytes, network_bits_per_second } =
        &replica.request;
    let median = |amount: &Option<Estimate>| amount.as_ref().map_or(0.0, Estimate::median);
    let shape = &kind.shape;
    // GPU memory is on the GPUs the replica asks for; on all of the node's where it does not say.
    let on = if gpus.is_some() { median(gpus).max(1.0) } else { shape.gpus };
    let of_gpus = kind.gpu.and_then(|gpu| plan.gpus[gpu].memory_bytes).map_or(0.0, |one| one * on);
    let compared: [(f64, f64, Shown); 5] = [
        (median(gpus), shape.gpus, |value| figures::count(value, "GPU")),
        (median(cores), shape.cores, |value| figures::count(value, "core")),
        (median(memory_bytes), shape.memory_bytes, |value| {
            format!("{} of memory", figures::bytes(value))
        }),
        (median(gpu_memory_bytes), of_gpus, |value| {
            format!("{} of GPU memory", figures::bytes(value))
        }),
        (median(network_bits_per_second), shape.network_bits_per_second, |value| {
            format!("{} Gbit/s of network", figures::number(value / 1e9))
        }),
    ];
    compared
        .into_iter()
        .find(|(asks, has, _)| *has > 0.0 && *asks > has * (1.0 + 1e-9))
        .map(|(asks, has, shown)| Misfit { node: kind.name, asks, has, shown })
}
