//! A workload asks only for what the nodes of its pool have.

use super::node_kinds::node_kinds;
use super::{error, figures};
use crate::diagnostic::{Code, Diagnostic};
use crate::estimate::Estimate;
use crate::ids::Id;
use crate::plan::catalog::NodeShape;
use crate::plan::workload::{CapacityPer, Request, RunWork, Serving, WorkUnit, Workload};
use crate::plan::{Plan, Pool};
use crate::source::Span;

/// GPUs are asked of a pool without GPUs.
pub static POOL_WITHOUT_GPUS: Code = error(
    "pool_without_gpus",
    "GPUs are asked of a pool that has none",
    r#"No instance type or owned hardware of the pool has a GPU, and the workload asks for some: in its `replica`, its
`needs`, by `capacity … per=gpu`, or in a run. So does a quota that grants GPUs there.

Wrong:

```kdl
pool "cpu" { instance "m5.4xlarge" region="us-east-1"; }
workload "chat" { kind inference; team "assistant"; pool "cpu"; demand "180 req/s"; capacity "25 req/s" per=gpu; }
```

Right:

```kdl
pool "serving" { instance "p5.48xlarge" region="us-east-1"; }
workload "chat" { kind inference; team "assistant"; pool "serving"; demand "180 req/s"; capacity "25 req/s" per=gpu; }
```
"#,
);

/// A resource is asked for that no node of the pool states.
pub static UNSTATED_RESOURCE: Code = error(
    "unstated_resource",
    "a resource is asked for that no node of the pool states",
    r#"How many nodes a request takes follows from what one node has. Where no node of the pool says how many cores,
how much memory or which network it has, a request for them cannot be counted.

Wrong:

```kdl
provider "aws" { region "us-east-1"; instance "m5.4xlarge" { cpu "16 core"; price on-demand "0.768 USD/hour"; }; }
pool "cpu" { instance "m5.4xlarge" region="us-east-1"; }
workload "front" { kind inference; team "web"; pool "cpu"; demand "9k req/s"; replica { cpu "4 core"; memory "8 GiB"; serves "100 req/s"; }; }
```

Right:

```kdl
provider "aws" { region "us-east-1"; instance "m5.4xlarge" { cpu "16 core"; memory "64 GiB"; price on-demand "0.768 USD/hour"; }; }
```
"#,
);

/// What can be asked for, and how much of it a node has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Resource {
    Gpu,
    Cpu,
    Memory,
    Network,
}

/// One request: of a resource, of a pool, at a place.
struct Asked {
    resource: Resource,
    pool: Id<Pool>,
    by: &'static str,
    at: Span,
}

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for workload in plan.workloads.items() {
        let mut told: Vec<(Resource, Id<Pool>)> = Vec::new();
        for asked in asked(workload) {
            if told.contains(&(asked.resource, asked.pool)) {
                continue;
            }
            told.push((asked.resource, asked.pool));
            missing(plan, &format!("`{}`", workload.name), &asked, found);
        }
    }
    for quota in plan.quotas.items() {
        let gpus =
            quota.grants.iter().filter(|grant| grant.resource == "gpu" && grant.nominal > 0.0);
        for grant in gpus {
            let asked = Asked {
                resource: Resource::Gpu,
                pool: grant.pool,
                by: "the quota",
                at: grant.origin,
            };
            missing(plan, &format!("quota `{}`", quota.name), &asked, found);
        }
    }
}

/// Everything that a workload asks for, in the order of its settings.
fn asked(workload: &Workload) -> Vec<Asked> {
    let mut all = Vec::new();
    if let Some(pool) = workload.pool {
        match &workload.serving {
            Serving::Replica(replica) => {
                of_request(&replica.request, pool, "`replica`", replica.origin, &mut all);
            }
            Serving::Capacity { per: CapacityPer::Gpu, origin, .. } => {
                let by = "`capacity … per=gpu`";
                all.push(Asked { resource: Resource::Gpu, pool, by, at: *origin });
            }
            Serving::Capacity { per: CapacityPer::Node, .. } | Serving::None => {}
        }
        for run in &workload.runs {
            let resource = match &run.work {
                RunWork::Gang { .. }
                | RunWork::Flops { .. }
                | RunWork::Work { unit: WorkUnit::GpuHours, .. } => Resource::Gpu,
                RunWork::Work { unit: WorkUnit::CoreHours, .. } => Resource::Cpu,
                RunWork::Work { unit: WorkUnit::Served, .. } => continue,
            };
            all.push(Asked { resource, pool, by: "`run`", at: run.origin });
        }
        if let Some((bytes, _)) = &workload.holds {
            let by = "`holds`";
            all.push(Asked { resource: Resource::Memory, pool, by, at: bytes.origin });
        }
    }
    for needs in &workload.needs {
        of_request(&needs.request, needs.pool, "`needs`", needs.origin, &mut all);
    }
    all
}

fn of_request(request: &Request, pool: Id<Pool>, by: &'static str, at: Span, all: &mut Vec<Asked>) {
    let amounts = [
        (Resource::Gpu, &request.gpus),
        (Resource::Cpu, &request.cores),
        (Resource::Memory, &request.memory_bytes),
        (Resource::Network, &request.network_bits_per_second),
    ];
    let some = |amount: &Option<Estimate>| amount.as_ref().is_some_and(|one| one.median() > 0.0);
    let asked = amounts.into_iter().filter(|(_, amount)| some(amount));
    all.extend(asked.map(|(resource, _)| Asked { resource, pool, by, at }));
}

fn missing(plan: &Plan, who: &str, asked: &Asked, found: &mut Vec<Diagnostic>) {
    let kinds = node_kinds(plan, asked.pool);
    let offers: fn(&NodeShape) -> f64 = match asked.resource {
        Resource::Gpu => |shape| shape.gpus,
        Resource::Cpu => |shape| shape.cores,
        Resource::Memory => |shape| shape.memory_bytes,
        Resource::Network => |shape| shape.network_bits_per_second,
    };
    if kinds.is_empty() || kinds.iter().any(|kind| offers(&kind.shape) > 0.0) {
        return;
    }
    let pool = &plan.pools[asked.pool];
    let (name, types) = (&pool.name, figures::names(kinds.iter().map(|kind| kind.name)));
    let by = asked.by;
    let diagnostic = match asked.resource {
        Resource::Gpu => {
            let others = plan
                .pools
                .iter()
                .filter(|(id, _)| node_kinds(plan, *id).iter().any(|kind| kind.shape.gpus > 0.0));
            let others: Vec<&str> = others.map(|(_, pool)| pool.name.as_str()).collect();
            let help = if others.is_empty() {
                "no pool of the plan has GPUs: add an instance type with `gpu \"…\" count=…`".into()
            } else {
                format!("pools with GPUs are {}", figures::names(others))
            };
            Diagnostic::new(
                &POOL_WITHOUT_GPUS,
                format!("{who} asks for GPUs of pool `{name}`, which has none"),
            )
            .at(asked.at, format!("{by} asks for GPUs"))
            .also(pool.origin, format!("its nodes are {types}, without GPUs"))
            .help(help)
        }
        Resource::Cpu | Resource::Memory | Resource::Network => {
            let (what, example) = match asked.resource {
                Resource::Cpu => ("cores", "cpu \"16 core\""),
                Resource::Network => ("network", "network \"12.5 Gbit/s\""),
                Resource::Memory | Resource::Gpu => ("memory", "memory \"64 GiB\""),
            };
            Diagnostic::new(
                &UNSTATED_RESOURCE,
                format!("{who} asks for {what} of pool `{name}`, whose nodes state none"),
            )
            .at(asked.at, format!("{by} asks for {what}"))
            .also(
                kinds[0].origin,
                format!("no {what} {} stated here", if what == "cores" { "are" } else { "is" }),
            )
            .help(format!("say what one node has, in {types}: `{example}`"))
        }
    };
    found.push(diagnostic);
}
