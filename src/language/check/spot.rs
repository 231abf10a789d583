//! Spot serves interruptible work only.

use super::{figures, warning};
use crate::capacity::choice::{may_buy, price_of};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::Id;
use crate::plan::pool::{PoolSupply, SpotFallback};
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

/// Settings of spot that nothing follows.
pub static SPOT_UNUSED: Code = warning(
    "spot_unused",
    "a pool says how spot is used, and uses none, or nothing takes over as it says",
    r#"`spot` says how much of a pool runs on spot and what happens while it is not to be had. Where the pool can buy no
spot (owned nodes, storage, a `buy` without it, no price of spot, a share of 0%), nothing follows from that. And
`fallback on-demand` needs a pool that may buy on demand.

Wrong:

```kdl
pool "batch" { instance "m5.4xlarge" region="us-east-1"; buy spot; spot { fallback on-demand after="1 hour"; }; }
```

Right:

```kdl
pool "batch" { instance "m5.4xlarge" region="us-east-1"; buy spot on-demand; spot { fallback on-demand after="1 hour"; }; }
```
"#,
);

/// Says that nothing follows from what a pool says of spot; whether it did.
fn unused(plan: &Plan, pool: &Pool, found: &mut Vec<Diagnostic>) -> bool {
    let Some(place) = pool.spot_origin else { return false };
    let name = &pool.name;
    let (why, help) = match &pool.supply {
        PoolSupply::Owned(_) => ("its nodes are owned", "remove it"),
        PoolSupply::Storage(_) => ("it holds storage", "remove it"),
        PoolSupply::Instances(_) if !may_buy(pool, Purchase::Spot) => {
            ("its `buy` leaves spot out", "add `spot` to `buy`, or remove what is said of spot")
        }
        PoolSupply::Instances(candidates)
            if !candidates.iter().any(|one| price_of(plan, one, Purchase::Spot).is_some()) =>
        {
            ("none of its types has a price of spot", "add `price spot \"…/hour\"` to one of them")
        }
        PoolSupply::Instances(_) if pool.spot_share <= 0.0 => {
            ("its share is 0%", "leave spot out instead: `buy on-demand reserved`")
        }
        PoolSupply::Instances(_) => return taken_over_by_nobody(pool, found),
    };
    let message = format!("pool `{name}` says how spot is used, and uses none");
    found.push(Diagnostic::new(&SPOT_UNUSED, message).at(place, why).help(help));
    true
}

/// `fallback on-demand`, where nothing may be bought on demand.
fn taken_over_by_nobody(pool: &Pool, found: &mut Vec<Diagnostic>) -> bool {
    let on_demand = matches!(pool.spot_fallback, SpotFallback::OnDemand { .. });
    if let (Some(place), true) = (pool.fallback_origin, on_demand)
        && !may_buy(pool, Purchase::OnDemand)
    {
        let message = format!(
            "on-demand cannot take over from spot in pool `{}`, which may not buy it",
            pool.name
        );
        found.push(
            Diagnostic::new(&SPOT_UNUSED, message)
                .at(place, "nothing takes over: nodes are short while spot is gone")
                .help("add `on-demand` to `buy`, or say `fallback none` or `fallback wait`"),
        );
    }
    false
}

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
        if unused(plan, pool, found) {
            continue;
        }
        pays(plan, id, found);
        let buys = pool.spot_origin.is_some()
            || pool.buy.as_ref().is_some_and(|buy| buy.contains(&Purchase::Spot))
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
