//! Spot serves interruptible work only.

use super::{figures, warning};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::Id;
use crate::plan::pool::PoolSupply;
use crate::plan::price::Purchase;
use crate::plan::{Plan, Pool};

/// A pool that buys spot for nobody.
pub static SPOT_WITHOUT_TAKERS: Code = warning(
    "spot_without_takers",
    "a pool buys spot, but no workload in it may run there",
    r#"A spot node may be taken away at any time, so only interruptible work runs on it: a workload that says
`interruptible #true`, or one of a preemptible priority. In this pool there is none, so no spot is used.

Wrong:

```kdl
pool "batch" { instance "m5.4xlarge" region="us-east-1"; buy spot on-demand; }
workload "etl" { kind batch; team "data"; pool "batch"; run "nightly" every="1 day" { work "400 core-hour"; finish-within "5 hours"; }; }
```

Right:

```kdl
workload "etl" { kind batch; team "data"; pool "batch"; interruptible #true; run "nightly" every="1 day" { work "400 core-hour"; finish-within "5 hours"; }; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for (id, pool) in plan.pools.iter() {
        let buys = pool.buy.as_ref().is_some_and(|buy| buy.contains(&Purchase::Spot))
            || pool.start.get(&Purchase::Spot).is_some_and(|nodes| *nodes > 0);
        let rents = matches!(pool.supply, PoolSupply::Instances(_));
        let users = users(plan, id);
        if !buys || !rents || users.is_empty() || users.iter().any(|user| user.1) {
            continue;
        }
        let name = &pool.name;
        let who = figures::names(users.iter().map(|(name, _)| *name));
        found.push(
            Diagnostic::new(
                &SPOT_WITHOUT_TAKERS,
                format!("pool `{name}` buys spot, but nothing in it may be interrupted"),
            )
            .at(pool.origin, "no spot is used here")
            .help(format!(
                "add `interruptible #true` to what may be interrupted, of {who}; else leave spot out"
            )),
        );
    }
}

/// The workloads that use a pool, and whether each may be interrupted.
fn users(plan: &Plan, pool: Id<Pool>) -> Vec<(&str, bool)> {
    let uses = plan.workloads.items().iter().filter(|workload| {
        workload.pool == Some(pool) || workload.needs.iter().any(|needs| needs.pool == pool)
    });
    uses.map(|workload| {
        let preemptible = workload.priority.is_some_and(|level| plan.priorities[level].preemptible);
        (workload.name.as_str(), workload.interruptible || preemptible)
    })
    .collect()
}
