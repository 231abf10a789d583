//! Owned hardware: every node stands in a lot that has come or is due, and serves one pool.

use super::{error, warning};
use crate::calendar::Date;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::Plan;
use crate::plan::pool::PoolSupply;
use crate::plan::price::Purchase;

/// Owned hardware of which there is none.
pub static OWNED_WITHOUT_LOTS: Code = error(
    "owned_without_lots",
    "owned hardware without a lot",
    r#"The lots of owned hardware are its asset register: how many nodes were bought, for how much, and since when they
are in service, or when they are due. Without a lot there is not a single node.

Wrong:

```kdl
owned "ashburn-b200" { gpu "b200" count=8; depreciate "48 months"; }
```

Right:

```kdl
owned "ashburn-b200" {
    gpu "b200" count=8
    depreciate "48 months"
    lot "2025-08" { nodes 32; purchase "395k USD" per=node; in-service "2025-08-01"; }
}
```
"#,
);

/// The same hardware in two pools.
pub static OWNED_IN_TWO_POOLS: Code = error(
    "owned_in_two_pools",
    "the same owned hardware in two pools",
    r#"A pool of owned hardware has every node of its lots. In two pools each node would be counted, and paid for, twice.
Split the hardware into two `owned` nodes with their own lots, or let both sorts of work share one pool.

Wrong:

```kdl
pool "train" { owned "ashburn-b200"; }
pool "research" { owned "ashburn-b200"; }
```

Right:

```kdl
pool "train" { owned "ashburn-b200"; }
pool "research" { owned "ashburn-h100"; }
```
"#,
);

/// A delivery whose day has passed.
pub static DELIVERY_OVERDUE: Code = warning(
    "delivery_overdue",
    "a delivery was due before the as-of date",
    r#"A lot with `due` is still to come. Its day lies before the plan's as-of date: either it has come, and says since
when by `in-service`, or it is late, and has a new day.

Wrong:

```kdl
plan "p" { version 1; as-of "2026-11-23"; horizon from="2027-02" months=12; currency USD; }
owned "b200" { gpu "b200" count=8; lot "2026-09" { nodes 12; purchase "410k USD" per=node; due "2026-09-01"; }; }
```

Right:

```kdl
owned "b200" { gpu "b200" count=8; lot "2026-09" { nodes 12; purchase "410k USD" per=node; in-service "2026-09-18"; }; }
```
"#,
);

/// Owned nodes are on sale and never written off.
pub static NEVER_WRITTEN_OFF: Code = error(
    "never_written_off",
    "owned nodes on sale that are never written off",
    r#"`buy owned` lets procurement weigh further owned nodes against what is needed. What one costs a month is its price
over the time in which it is written off, so `depreciate` has to say how long that is.

Wrong:

```kdl
owned "b200" { gpu "b200" count=8; lot "2026-09" { nodes 12; purchase "410k USD" per=node; in-service "2026-09-18"; }; }
pool "train" { owned "b200"; buy owned; }
procurement { plan-for p80; }
```

Right:

```kdl
owned "b200" { gpu "b200" count=8; depreciate "48 months"; lot "2026-09" { nodes 12; purchase "410k USD" per=node; in-service "2026-09-18"; }; }
pool "train" { owned "b200"; buy owned; }
procurement { plan-for p80; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    if plan.procurement.is_some() {
        never_written_off(plan, found);
    }
    for owned in plan.owned.items() {
        if owned.lots.is_empty() {
            found.push(
                Diagnostic::new(&OWNED_WITHOUT_LOTS, format!("`{}` has no lot", owned.name))
                    .at(owned.origin, "there is not a single node of it")
                    .help(
                        "add what was bought: `lot \"2025-08\" { nodes 32; purchase \"395k USD\" \
                         per=node; in-service \"2025-08-01\"; }`",
                    ),
            );
        }
    }
    in_two_pools(plan, found);
}

fn never_written_off(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for pool in plan.pools.items() {
        let PoolSupply::Owned(owned) = pool.supply else { continue };
        let owned = &plan.owned[owned];
        let buys = pool.buy.iter().flatten().any(|purchase| *purchase == Purchase::Owned);
        if buys && owned.depreciate_months.is_none() {
            found.push(
                Diagnostic::new(
                    &NEVER_WRITTEN_OFF,
                    format!("`{}` is on sale and never written off", owned.name),
                )
                .at(owned.origin, "what one of its nodes costs a month is not known")
                .also(pool.origin, "this pool may buy more of it")
                .help("add `depreciate \"48 months\"`"),
            );
        }
    }
}

fn in_two_pools(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for (id, owned) in plan.owned.iter() {
        let mut pools = plan
            .pools
            .items()
            .iter()
            .filter(|pool| matches!(pool.supply, PoolSupply::Owned(own) if own == id));
        let Some(first) = pools.next() else { continue };
        for again in pools {
            found.push(
                Diagnostic::new(
                    &OWNED_IN_TWO_POOLS,
                    format!(
                        "`{}` is in pool `{}` and in pool `{}`",
                        owned.name, first.name, again.name
                    ),
                )
                .at(again.origin, "its nodes would be counted again here")
                .also(first.origin, "they are counted here")
                .help("declare two `owned` with lots of their own, or share one pool"),
            );
        }
    }
}

pub(super) fn check_dates(plan: &Plan, as_of: Date, found: &mut Vec<Diagnostic>) {
    for owned in plan.owned.items() {
        for lot in owned.lots.iter().filter(|lot| lot.due && lot.in_service < as_of) {
            let (name, due) = (&lot.name, lot.in_service);
            found.push(
                Diagnostic::new(
                    &DELIVERY_OVERDUE,
                    format!("lot `{name}` was due on {due}, before the as-of date {as_of}"),
                )
                .at(lot.origin, "has it come?")
                .help("if it has, write `in-service` with its day; if not, write the new `due`"),
            );
        }
    }
}
