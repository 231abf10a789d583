//! Prices in use are not older than a year.

use std::collections::BTreeMap;

use super::{figures, warning};
use crate::calendar::{Date, days_between};
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::Id;
use crate::plan::pool::PoolSupply;
use crate::plan::price::PriceSource;
use crate::plan::{Plan, Provider};
use crate::source::Span;

/// A price that was read more than a year ago.
pub static STALE_PRICE: Code = warning(
    "stale_price",
    "a price in use was read more than a year ago",
    r#"Every price says when it was read, by itself or by its provider's `price-list`. More than a year before the as-of
date, it should be read again. So should a pinned exchange rate.

Wrong:

```kdl
plan "p" { version 1; as-of "2026-11-23"; horizon from="2027-02" months=12; currency USD; }
provider "aws" { region "us-east-1"; price-list as-of="2025-03-01"; instance "m5.4xlarge" { cpu "16 core"; price on-demand "0.768 USD/hour"; }; }
```

Right:

```kdl
provider "aws" { region "us-east-1"; price-list as-of="2026-09-06"; instance "m5.4xlarge" { cpu "16 core"; price on-demand "0.768 USD/hour"; }; }
```
"#,
);

pub(super) fn check(plan: &Plan, as_of: Date, found: &mut Vec<Diagnostic>) {
    // Prices read on one day are one thing to do, so they are one warning.
    let mut stale: BTreeMap<(Id<Provider>, Date), Vec<Span>> = BTreeMap::new();
    for (provider, source, place) in in_use(plan) {
        if let Some(read) = source.as_of.filter(|read| days_between(*read, as_of) > 365) {
            stale.entry((provider, read)).or_default().push(place);
        }
    }
    for ((provider, read), mut places) in stale {
        places.sort();
        places.dedup();
        let name = &plan.providers[provider].name;
        let prices = figures::count(places.len() as f64, "price");
        let were = if places.len() == 1 { "was" } else { "were" };
        let days = days_between(read, as_of);
        found.push(
            Diagnostic::new(
                &STALE_PRICE,
                format!("{prices} of `{name}` in use {were} read on {read}, {days} days before the as-of date"),
            )
            .at(places[0], format!("read on {read}"))
            .help("read the price list again, and write the new day in `as-of=`"),
        );
    }
    for (currency, fx) in &plan.fx {
        if let Some(read) = fx.as_of.filter(|read| days_between(*read, as_of) > 365) {
            let days = days_between(read, as_of);
            found.push(
                Diagnostic::new(
                    &STALE_PRICE,
                    format!("the rate of `{currency}` was read on {read}, {days} days before the as-of date"),
                )
                .at(fx.origin, format!("read on {read}"))
                .help("pin the rate again, and write the new day in `as-of=`"),
            );
        }
    }
}

/// Every price that the plan uses: of its pools, and of what its workloads send out.
fn in_use(plan: &Plan) -> Vec<(Id<Provider>, &PriceSource, Span)> {
    let mut prices = Vec::new();
    for (id, pool) in plan.pools.iter() {
        match &pool.supply {
            PoolSupply::Owned(_) => {}
            PoolSupply::Instances(candidates) => {
                for candidate in candidates {
                    let instance = &plan.instances[candidate.instance];
                    let own = instance.prices.iter();
                    prices.extend(own.map(|one| (instance.provider, &one.source, one.origin)));
                }
            }
            PoolSupply::Storage(_) => {
                for tier in plan.tiers_in(id) {
                    let tier = &plan.storage_tiers[tier];
                    let own = tier.prices.iter();
                    prices.extend(own.map(|one| (tier.provider, &one.source, one.origin)));
                }
            }
        }
    }
    for egress in plan.workloads.items().iter().flat_map(|workload| &workload.egress) {
        let provider = &plan.providers[egress.provider];
        let own = provider.egress.get(&egress.kind).into_iter().flatten();
        prices.extend(own.map(|one| (egress.provider, &one.source, one.origin)));
    }
    prices
}
