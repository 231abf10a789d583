//! What a pool has or may buy has a price, in its region.

use super::{error, figures};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::pool::{Candidate, PoolSupply};
use crate::plan::price::Purchase;
use crate::plan::{Plan, Pool};

/// An instance type in a pool without the price it needs.
pub static MISSING_PRICE: Code = error(
    "missing_price",
    "an instance type in a pool without a price",
    r#"A node that runs costs money. Every instance type of a pool needs a price in the pool's region, and every way to
buy that the pool names (`start`, `buy`) needs a price of one of its types. A price without `region=` holds in
every region.

Wrong:

```kdl
provider "aws" { region "us-east-1"; instance "m5.4xlarge" { cpu "16 core"; price on-demand "0.768 USD/hour"; }; }
pool "batch" { instance "m5.4xlarge" region="us-east-1"; buy spot on-demand; }
```

Right:

```kdl
provider "aws" { region "us-east-1"; instance "m5.4xlarge" { cpu "16 core"; price on-demand "0.768 USD/hour"; price spot "0.27 to 0.33 USD/hour"; }; }
pool "batch" { instance "m5.4xlarge" region="us-east-1"; buy spot on-demand; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for pool in plan.pools.items() {
        let PoolSupply::Instances(candidates) = &pool.supply else { continue };
        let priced = |candidate: &Candidate| !purchases(plan, candidate).is_empty();
        for candidate in candidates.iter().filter(|candidate| !priced(candidate)) {
            unpriced(plan, candidate, found);
        }
        if candidates.iter().all(priced) {
            ways(plan, pool, candidates, found);
        }
    }
}

/// The ways to buy for which a candidate has a price in its region.
fn purchases(plan: &Plan, candidate: &Candidate) -> Vec<Purchase> {
    let instance = &plan.instances[candidate.instance];
    let here = |region: &Option<String>| {
        region.is_none() || candidate.region.is_none() || *region == candidate.region
    };
    let prices = instance.prices.iter().filter(|price| here(&price.region));
    let blocks = instance.blocks.iter().filter(|block| here(&block.region));
    prices.map(|price| price.purchase).chain(blocks.map(|_| Purchase::Reserved)).collect()
}

fn unpriced(plan: &Plan, candidate: &Candidate, found: &mut Vec<Diagnostic>) {
    let instance = &plan.instances[candidate.instance];
    let name = &instance.name;
    let elsewhere: Vec<&str> =
        instance.prices.iter().filter_map(|price| price.region.as_deref()).collect();
    let region = candidate.region.as_deref().map_or(String::new(), |one| format!(" in `{one}`"));
    let help = if elsewhere.is_empty() {
        format!(
            "add one to the instance type, such as `price on-demand \"1.90 {}/hour\"`",
            plan.currency
        )
    } else {
        format!("its prices are for {}; add one for this region", figures::names(elsewhere))
    };
    found.push(
        Diagnostic::new(&MISSING_PRICE, format!("instance `{name}` has no price{region}"))
            .at(candidate.origin, "a pool uses it here")
            .also(instance.origin, format!("no price{region} stands here"))
            .help(help),
    );
}

fn ways(plan: &Plan, pool: &Pool, candidates: &[Candidate], found: &mut Vec<Diagnostic>) {
    let started = pool.start.iter().filter(|(_, nodes)| **nodes > 0);
    let started = started.map(|(purchase, _)| (*purchase, "starts with"));
    let bought = pool.buy.iter().flatten().map(|purchase| (*purchase, "may buy"));
    let mut told = Vec::new();
    for (purchase, does) in started.chain(bought) {
        let priced = candidates.iter().any(|one| purchases(plan, one).contains(&purchase));
        // `owned` in a pool of instances is another rule's.
        if priced || purchase == Purchase::Owned || told.contains(&purchase) {
            continue;
        }
        told.push(purchase);
        let (word, name) = (purchase.word(), &pool.name);
        let types = candidates.iter().map(|one| plan.instances[one.instance].name.as_str());
        let types = figures::names(types);
        let term =
            if purchase == Purchase::Reserved { " term=\"12 months\" upfront=\"0%\"" } else { "" };
        let first = &plan.instances[candidates[0].instance];
        found.push(
            Diagnostic::new(
                &MISSING_PRICE,
                format!(
                    "pool `{name}` {does} {word} nodes, but none of its types has such a price"
                ),
            )
            .at(pool.origin, format!("this pool {does} {word} nodes"))
            .also(first.origin, format!("no `price {word}` stands here"))
            .help(format!("add `price {word} \"1.90 {}/hour\"{term}` to {types}", plan.currency)),
        );
    }
}
