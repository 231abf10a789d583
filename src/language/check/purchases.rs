//! Ways to buy fit what a pool is made of.

use super::error;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::pool::PoolSupply;
use crate::plan::price::Purchase;
use crate::plan::{Plan, Pool};

/// A way to buy that the pool cannot use.
pub static IMPOSSIBLE_PURCHASE: Code = error(
    "impossible_purchase",
    "a way to buy that the pool cannot use",
    r#"Nodes of a provider are bought on-demand, as spot or reserved; the organisation's own are `owned`. A pool is made
of one or the other, so the other way to buy has nothing to buy there. For a mix, use two pools.

Wrong:

```kdl
pool "train" { owned "ashburn-b200"; buy owned on-demand; }
```

Right:

```kdl
pool "train" { owned "ashburn-b200"; buy owned; }
pool "cloud" { instance "p5.48xlarge" region="us-east-1"; buy on-demand; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for pool in plan.pools.items() {
        let mut told = Vec::new();
        for (purchase, setting) in written(pool) {
            let fits = match pool.supply {
                PoolSupply::Instances(_) => purchase != Purchase::Owned,
                PoolSupply::Owned(_) => purchase == Purchase::Owned,
                PoolSupply::Storage(_) => false,
            };
            if !fits && !told.contains(&purchase) {
                told.push(purchase);
                impossible(pool, purchase, setting, found);
            }
        }
    }
}

/// Every way to buy that a pool writes, with the setting it stands in.
fn written(pool: &Pool) -> Vec<(Purchase, &'static str)> {
    let started =
        pool.start.iter().filter(|(_, nodes)| **nodes > 0).map(|(one, _)| (*one, "start"));
    let limits = pool.limits.iter().filter_map(|limit| Some((limit.purchase?, "limit")));
    let buy = pool.buy.iter().flatten().map(|purchase| (*purchase, "buy"));
    started.chain(limits).chain(buy).collect()
}

fn impossible(pool: &Pool, purchase: Purchase, setting: &str, found: &mut Vec<Diagnostic>) {
    let (name, word) = (&pool.name, purchase.word());
    let (made_of, help) = match pool.supply {
        PoolSupply::Instances(_) => {
            ("instances of a provider", "`owned` nodes stand in a pool of their own: `owned \"…\"`")
        }
        PoolSupply::Owned(_) => {
            ("owned nodes", "rent nodes in a pool of their own: `instance \"…\" region=\"…\"`")
        }
        PoolSupply::Storage(_) => {
            ("storage tiers", "storage is billed by what it holds: remove it")
        }
    };
    found.push(
        Diagnostic::new(
            &IMPOSSIBLE_PURCHASE,
            format!(
                "pool `{name}` is made of {made_of}, and `{setting} {word}` has nothing to buy"
            ),
        )
        .at(pool.origin, format!("`{setting} {word}` stands in this pool"))
        .help(help),
    );
}
