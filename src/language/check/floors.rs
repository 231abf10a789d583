//! A floor can be kept: something that binds is on sale for its pool.

use super::error;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::pool::PoolSupply;
use crate::plan::price::Purchase;
use crate::plan::{Plan, Pool};

/// A floor that nothing on sale can keep.
pub static IMPOSSIBLE_FLOOR: Code = error(
    "impossible_floor",
    "a floor that nothing on sale can keep",
    r#"`floor reserved "70%"` asks procurement to cover that share of a pool's mean need by reserved nodes. So some type
of the pool needs a price for reserved nodes with its term, and `buy`, where it is written, has to allow them. Only
`reserved` has a floor: nodes by the hour follow the need, and owned nodes are all there is in their pool.

Wrong:

```kdl
pool "serving" { instance "p5.48xlarge" region="us-east-1"; buy on-demand; floor reserved "70%"; }
```

Right:

```kdl
pool "serving" { instance "p5.48xlarge" region="us-east-1"; buy reserved on-demand; floor reserved "70%"; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for pool in plan.pools.items() {
        for (purchase, share) in &pool.floors {
            if *share > 0.0
                && let Some(why) = unkept(plan, pool, *purchase)
            {
                let (name, word) = (&pool.name, purchase.word());
                found.push(
                    Diagnostic::new(
                        &IMPOSSIBLE_FLOOR,
                        format!("nothing on sale can keep the floor of `{word}` in pool `{name}`"),
                    )
                    .at(pool.origin, format!("`floor {word}` stands in this pool"))
                    .help(why),
                );
            }
        }
    }
}

/// Why nothing keeps a floor, as help.
fn unkept(plan: &Plan, pool: &Pool, purchase: Purchase) -> Option<&'static str> {
    if purchase != Purchase::Reserved {
        return Some("only reserved nodes have a floor: write `floor reserved \"70%\"`");
    }
    if pool.buy.as_ref().is_some_and(|buy| !buy.contains(&purchase)) {
        return Some("`buy` does not allow it: add `reserved` to `buy`, or remove the floor");
    }
    let PoolSupply::Instances(candidates) = &pool.supply else {
        return Some("this pool is not made of a provider's instances: remove the floor");
    };
    let on_sale = candidates.iter().any(|candidate| {
        let prices = &plan.instances[candidate.instance].prices;
        prices.iter().any(|p| p.purchase == purchase && p.term_months.is_some())
    });
    (!on_sale).then_some(
        "no type of the pool has such a price: `price reserved \"37.80 USD/hour\" term=\"12 months\"`",
    )
}
