//! Storage is kept in pools of storage, everything else runs in pools of nodes.

use super::{error, figures};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::Id;
use crate::plan::pool::{CommitmentKind, PoolSupply};
use crate::plan::workload::WorkloadKind;
use crate::plan::{Plan, Pool};
use crate::source::Span;

/// Nodes are asked of a pool of storage, or storage of a pool of nodes.
pub static WRONG_KIND_OF_POOL: Code = error(
    "wrong_kind_of_pool",
    "nodes asked of storage, or storage of nodes",
    r#"A pool is made of nodes (`instance`, `owned`) or of storage tiers (`kind storage`). A workload of
`kind storage` keeps its data in the second sort; whatever runs, runs in the first. Traffic and bought services
use no pool at all.

Wrong:

```kdl
pool "lake" { kind storage; tier "s3-standard"; }
workload "chat" { kind inference; team "assistant"; pool "lake"; demand "180 req/s"; capacity "25 req/s" per=gpu; }
```

Right:

```kdl
pool "serving" { instance "p5.48xlarge" region="us-east-1"; }
workload "chat" { kind inference; team "assistant"; pool "serving"; demand "180 req/s"; capacity "25 req/s" per=gpu; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for workload in plan.workloads.items() {
        let name = format!("`{}`", workload.name);
        let kind = workload.kind;
        match workload.pool {
            Some(pool) if kind == WorkloadKind::Storage && is_storage(plan, pool) => {}
            Some(pool) if kind == WorkloadKind::Storage => {
                mismatch(plan, pool, workload.origin, &format!("{name} stores data"), found);
            }
            Some(pool) if matches!(kind, WorkloadKind::Network | WorkloadKind::Service) => {
                poolless(plan, pool, &name, kind, workload.origin, found);
            }
            Some(pool) if is_storage(plan, pool) => {
                mismatch(plan, pool, workload.origin, &format!("{name} needs nodes"), found);
            }
            _ => {}
        }
        for needs in workload.needs.iter().filter(|needs| Some(needs.pool) != workload.pool) {
            if is_storage(plan, needs.pool) {
                mismatch(plan, needs.pool, needs.origin, &format!("{name} needs nodes"), found);
            }
        }
    }
    for commitment in plan.commitments.items() {
        if let CommitmentKind::Reserved { pool, .. } = commitment.kind
            && is_storage(plan, pool)
        {
            let what = format!("commitment `{}` reserves nodes", commitment.name);
            mismatch(plan, pool, commitment.origin, &what, found);
        }
    }
    for quota in plan.quotas.items() {
        for grant in quota.grants.iter().filter(|grant| is_storage(plan, grant.pool)) {
            let what = format!("quota `{}` grants a share of nodes", quota.name);
            mismatch(plan, grant.pool, grant.origin, &what, found);
        }
    }
}

fn is_storage(plan: &Plan, pool: Id<Pool>) -> bool {
    matches!(plan.pools[pool].supply, PoolSupply::Storage(_))
}

fn mismatch(plan: &Plan, pool: Id<Pool>, at: Span, what: &str, found: &mut Vec<Diagnostic>) {
    let storage = is_storage(plan, pool);
    let (made_of, wanted) = if storage { ("storage", "nodes") } else { ("nodes", "storage") };
    let others = plan.pools.iter().filter(|(id, _)| is_storage(plan, *id) != storage);
    let others: Vec<&str> = others.map(|(_, pool)| pool.name.as_str()).collect();
    let pool = &plan.pools[pool];
    let help = if others.is_empty() {
        format!("declare a pool of {wanted} for it")
    } else {
        format!("pools of {wanted} are {}", figures::names(others))
    };
    found.push(
        Diagnostic::new(
            &WRONG_KIND_OF_POOL,
            format!("{what}, pool `{}` is made of {made_of}", pool.name),
        )
        .at(at, format!("a pool of {wanted} is needed here"))
        .also(pool.origin, format!("`{}` is made of {made_of}", pool.name))
        .help(help),
    );
}

fn poolless(
    plan: &Plan,
    pool: Id<Pool>,
    name: &str,
    kind: WorkloadKind,
    at: Span,
    found: &mut Vec<Diagnostic>,
) {
    let (word, pool) = (kind.word(), &plan.pools[pool].name);
    found.push(
        Diagnostic::new(
            &WRONG_KIND_OF_POOL,
            format!("{name} is of kind {word} and uses no pool, least of all `{pool}`"),
        )
        .at(at, "neither nodes nor storage are taken for it")
        .help(format!("remove `pool \"{pool}\"`, or change `kind`")),
    );
}
