//! What runs on the first day is within what the provider grants.

use super::{figures, warning};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::Id;
use crate::plan::pool::{CommitmentKind, Limit};
use crate::plan::price::Purchase;
use crate::plan::{Plan, Pool};

/// A pool starts with more nodes than its limit.
pub static START_ABOVE_LIMIT: Code = warning(
    "start_above_limit",
    "a pool starts with more nodes than its limit",
    r#"`start` and commitments count nodes that run on the first day; `limit` counts nodes that the provider grants, for
one way to buy or, bare, for all together. More than the grant cannot run: one of the two figures is probably in
GPUs, or out of date. What is signed or running is used all the same; nothing more is bought.

Wrong:

```kdl
pool "serving" { instance "p5.48xlarge" region="us-east-1"; start on-demand 16; limit on-demand 2; }
```

Right:

```kdl
pool "serving" { instance "p5.48xlarge" region="us-east-1"; start on-demand 2; limit on-demand 16; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    let first_day = plan.horizon.first_day();
    for (id, pool) in plan.pools.iter() {
        let ways = [None].into_iter().chain(Purchase::ALL.map(Some));
        for purchase in ways {
            let holds = |limit: &&Limit| {
                limit.purchase == purchase && limit.from.is_none_or(|from| from <= first_day)
            };
            // Of the limits that hold on the first day, the latest replaces those before it.
            let Some(limit) = pool.limits.iter().filter(holds).max_by_key(|limit| limit.from)
            else {
                continue;
            };
            let (started, signed) = (started(pool, purchase), signed(plan, id, purchase));
            if started + signed > limit.nodes {
                above(pool, limit, started, signed, found);
            }
        }
    }
}

fn started(pool: &Pool, purchase: Option<Purchase>) -> u32 {
    let counted = |(one, _): &(&Purchase, &u32)| purchase.is_none_or(|purchase| purchase == **one);
    pool.start.iter().filter(counted).map(|(_, nodes)| *nodes).sum()
}

/// Nodes of commitments that hold on the first day.
fn signed(plan: &Plan, pool: Id<Pool>, purchase: Option<Purchase>) -> u32 {
    if !matches!(purchase, None | Some(Purchase::Reserved)) {
        return 0;
    }
    let first_day = plan.horizon.first_day();
    let held = plan
        .commitments
        .items()
        .iter()
        .filter(|one| one.from <= first_day && first_day <= one.until);
    held.map(|one| match one.kind {
        CommitmentKind::Reserved { pool: own, nodes, .. } if own == pool => nodes,
        _ => 0,
    })
    .sum()
}

fn above(pool: &Pool, limit: &Limit, started: u32, signed: u32, found: &mut Vec<Diagnostic>) {
    let of = limit.purchase.map_or(String::new(), |purchase| format!(" {}", purchase.word()));
    let rows = [
        ("`start`".to_owned(), figures::count(f64::from(started), "node")),
        ("commitments".to_owned(), figures::count(f64::from(signed), "node")),
        (format!("`limit{of}`"), figures::count(f64::from(limit.nodes), "node")),
    ];
    found.push(
        Diagnostic::new(
            &START_ABOVE_LIMIT,
            format!(
                "pool `{}` starts with {}{of}, above its limit of {}",
                pool.name,
                figures::count(f64::from(started + signed), "node"),
                limit.nodes
            ),
        )
        .at(limit.origin, "the provider grants no more than this")
        .also(pool.origin, "the pool that starts with more")
        .help(format!(
            "both count nodes, not GPUs; raise the limit or start with less:\n{}",
            figures::aligned(&rows)
        )),
    );
}
