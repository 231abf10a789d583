//! The prices that a plan's costs rest on, and how old they are.

use crate::calendar::{Date, days_between};
use crate::capacity::need::InstanceChoice;
use crate::cost::prices::{chosen, prices_for};
use crate::ids::Id;
use crate::plan::pool::PoolSupply;
use crate::plan::price::{PriceSource, Purchase};
use crate::plan::{Plan, Pool, Provider};
use crate::procure::supply::PoolMonth;

/// A price in use.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PriceInUse {
    /// What it is the price of, in words.
    pub(super) what: String,
    /// Days from the day it was read; unknown where the plan does not say when that was.
    pub(super) age_days: Option<i32>,
}

/// The prices in use of the pools that `covers` says: of the chosen instance types, by purchase that
/// any month buys, and of storage tiers; and of all transfer that workloads cause where `transfers` is
/// everything. In the order of pools and providers.
pub(super) fn in_use(
    plan: &Plan,
    pool_months: &[PoolMonth],
    choices: &[InstanceChoice],
    as_of: Date,
    covers: impl Fn(Id<Pool>) -> bool,
) -> Vec<PriceInUse> {
    let age = |provider: Id<Provider>, source: &PriceSource| {
        let list = plan.providers[provider].price_list.as_ref();
        let read = source.as_of.or_else(|| list.and_then(|list| list.as_of));
        read.map(|read| days_between(read, as_of))
    };
    let mut prices = Vec::new();
    for (id, pool) in plan.pools.iter().filter(|(id, _)| covers(*id)) {
        if let PoolSupply::Storage(tiers) = &pool.supply {
            for tier in tiers.iter().map(|tier| &plan.storage_tiers[tier.tier]) {
                let steps = tier.prices.iter().map(|price| PriceInUse {
                    what: format!("storage {}", tier.name),
                    age_days: age(tier.provider, &price.source),
                });
                prices.extend(steps.max_by_key(|price| price.age_days));
            }
        }
        let Some(candidate) = chosen(id, pool, choices) else { continue };
        let instance = &plan.instances[candidate.instance];
        for purchase in [Purchase::OnDemand, Purchase::Spot, Purchase::Reserved] {
            let bought = pool_months.iter().filter(|month| month.pool == id).any(|month| {
                let hours = month.node_hours.get(&purchase);
                hours.is_some_and(|hours| hours.iter().any(|hours| *hours > 0.0))
            });
            let price = prices_for(instance, candidate, purchase);
            if let Some(price) = price.first().filter(|_| bought) {
                prices.push(PriceInUse {
                    what: format!("{} {}", instance.name, purchase.word()),
                    age_days: age(instance.provider, &price.source),
                });
            }
        }
    }
    prices
}
