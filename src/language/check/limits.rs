//! Limits are a provider's, and what runs on the first day is within them.

use super::{error, figures, warning};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::Id;
use crate::plan::pool::{CommitmentKind, Limit, LimitIncrease, PoolSupply};
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

/// A limit on nodes that no provider grants.
pub static LIMIT_OF_NOBODY: Code = error(
    "limit_of_nobody",
    "a limit on nodes that no provider grants",
    r#"`limit` and `limit-increase` are what a provider grants of its nodes. Nodes of the organisation's own are its lots:
nobody grants them, and a limit would change nothing. What may be bought of them is said with `buy`.

Wrong:

```kdl
pool "train" { owned "ashburn-b200"; limit 40; }
```

Right:

```kdl
pool "train" { owned "ashburn-b200"; }
pool "cloud" { instance "p5.48xlarge" region="us-east-1"; limit 40; }
```
"#,
);

/// A limit increase that raises no limit.
pub static IDLE_LIMIT_INCREASE: Code = warning(
    "idle_limit_increase",
    "a limit increase that raises no limit",
    r#"`limit-increase` counts the nodes that are granted once it is answered, for the purchase that it names or, bare, for
all together. It changes something where a `limit` of the same purchase holds fewer. Without one nothing is limited, so
the request has nothing to raise.

Wrong:

```kdl
pool "serving" { instance "p5.48xlarge" region="us-east-1"; limit on-demand 8; limit-increase 16 { asked "2026-10-01"; expected "4 weeks"; }; }
```

Right:

```kdl
pool "serving" { instance "p5.48xlarge" region="us-east-1"; limit on-demand 8; limit-increase on-demand 16 { asked "2026-10-01"; expected "4 weeks"; }; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    let first_day = plan.horizon.first_day();
    for (id, pool) in plan.pools.iter() {
        if matches!(pool.supply, PoolSupply::Owned(_)) {
            of_nobody(pool, found);
            continue;
        }
        for increase in &pool.limit_increases {
            idle(pool, increase, found);
        }
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

/// Limits in a pool of owned nodes; those of a purchase that it cannot have are told as that.
fn of_nobody(pool: &Pool, found: &mut Vec<Diagnostic>) {
    let own = |purchase: Option<Purchase>| purchase.is_none_or(|one| one == Purchase::Owned);
    let limits = pool.limits.iter().filter(|limit| own(limit.purchase)).map(|one| one.origin);
    let asked = pool.limit_increases.iter().filter(|one| own(one.purchase)).map(|one| one.origin);
    for origin in limits.chain(asked) {
        found.push(
            Diagnostic::new(
                &LIMIT_OF_NOBODY,
                format!("no provider grants the owned nodes of pool `{}`", pool.name),
            )
            .at(origin, "this limits nothing")
            .also(pool.origin, "a pool of owned nodes")
            .help("remove it; what may be bought is said with `buy`"),
        );
    }
}

fn idle(pool: &Pool, increase: &LimitIncrease, found: &mut Vec<Diagnostic>) {
    let of = increase.purchase.map_or(String::new(), |purchase| format!("{} ", purchase.word()));
    let limits = || pool.limits.iter().filter(|limit| limit.purchase == increase.purchase);
    if limits().any(|limit| limit.nodes < increase.nodes) {
        return;
    }
    let name = &pool.name;
    let at = |message: String, label: &'static str| {
        Diagnostic::new(&IDLE_LIMIT_INCREASE, message).at(increase.origin, label)
    };
    let diagnostic = if let Some(limit) = limits().max_by_key(|limit| limit.nodes) {
        let nodes = figures::count(f64::from(increase.nodes), "node");
        let message = format!("an increase to {nodes} raises no {of}limit of pool `{name}`");
        at(message, "nodes that are granted once it is answered")
            .also(limit.origin, "as many are granted anyway")
            .help("state all nodes that are then granted, those of before included")
    } else {
        let message = format!("pool `{name}` has no {of}limit that an increase could raise");
        let found = at(message, "nothing limits these").also(pool.origin, "the pool");
        let other = pool.limits.iter().find(|limit| limit.nodes < increase.nodes);
        found.help(if let Some(limit) = other {
            let of = limit.purchase.map_or(String::new(), |one| format!("{} ", one.word()));
            format!(
                "to raise `limit {of}{}`, write `limit-increase {of}{}`",
                limit.nodes, increase.nodes
            )
        } else {
            format!("state what is granted now: `limit {of}8`")
        })
    };
    found.push(diagnostic);
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
