//! Spot serves interruptible work only.

use super::{figures, warning};
use crate::capacity::choice::may_buy;
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::Id;
use crate::plan::pool::PoolSupply;
use crate::plan::price::Purchase;
use crate::plan::{Plan, Pool};
use crate::procure::spot::planned::does_not_pay;

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

/// Spot whose useful hour costs as much as on-demand.
pub static SPOT_DOES_NOT_PAY: Code = warning(
    "spot_does_not_pay",
    "a useful hour on spot costs no less than on demand",
    r#"An interruption takes time from work on spot: what was done since the last checkpoint, and the time until it works
again (`restart`, or `restore` of `checkpoint`, in the pool's `spot`). With the `interruption` of the price a useful hour
then costs price × (1 + δ/τ) ÷ (1 − λ(τ/2 + R)). Here that is no less than on demand, so no spot is bought.

Wrong:

```kdl
provider "aws" { region "us-east-1"; instance "m5.4xlarge" { cpu "16 core"; price on-demand "0.768 USD/hour"; price spot "0.60 USD/hour" { interruption "60%/day"; }; }; }
pool "batch" { instance "m5.4xlarge" region="us-east-1"; spot { restart "8 hours"; }; }
```

Right:

```kdl
pool "batch" { instance "m5.4xlarge" region="us-east-1"; spot { restart "20 minutes"; }; }
```
"#,
);

fn pays(plan: &Plan, id: Id<Pool>, found: &mut Vec<Diagnostic>) {
    let pool = &plan.pools[id];
    let PoolSupply::Instances(candidates) = &pool.supply else { return };
    let used = plan.workloads.items().iter().any(|one| one.interruptible && one.uses(id));
    if !used || !may_buy(pool, Purchase::Spot) {
        return;
    }
    for candidate in candidates {
        let Some((useful, on_demand)) = does_not_pay(plan, id, candidate) else { continue };
        let (name, of) = (&plan.instances[candidate.instance].name, &pool.name);
        let cost = if useful.is_finite() {
            format!(
                "costs {} against {} on demand",
                figures::number(useful),
                figures::number(on_demand)
            )
        } else {
            "never gets done: interruptions take all of it".to_owned()
        };
        let message = format!("a useful hour of `{name}` on spot in pool `{of}` {cost}");
        found.push(
            Diagnostic::new(&SPOT_DOES_NOT_PAY, message)
                .at(candidate.origin, "no spot is bought for this type here")
                .also(pool.origin, "what an interruption costs is said in its `spot`")
                .help(
                    "restart faster or save state more often, or leave spot out: `buy on-demand`",
                ),
        );
    }
}

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for (id, pool) in plan.pools.iter() {
        pays(plan, id, found);
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
