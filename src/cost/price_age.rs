//! The prices that a plan's costs rest on, and how old they are.

use crate::calendar::{Date, days_between};
use crate::capacity::need::InstanceChoice;
use crate::cost::prices::{chosen, price_for};
use crate::ids::Id;
use crate::plan::catalog::EgressKind;
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

/// The prices of all transfer that workloads cause, by provider and kind.
pub(super) fn transfers(plan: &Plan, as_of: Date) -> Vec<PriceInUse> {
    let used = |id: Id<Provider>, kind: EgressKind| {
        let mut egress = plan.workloads.items().iter().flat_map(|workload| &workload.egress);
        egress.any(|egress| egress.provider == id && egress.kind == kind)
    };
    let providers = plan.providers.iter().flat_map(|(id, provider)| {
        provider.egress.iter().map(move |(kind, steps)| (id, provider, *kind, steps))
    });
    let in_use = providers.filter(|(id, _, kind, _)| used(*id, *kind));
    in_use
        .filter_map(|(id, provider, kind, steps)| {
            oldest(steps.iter().map(|step| PriceInUse {
                what: format!("{} egress {}", provider.name, kind.word()),
                age_days: age(plan, as_of, id, &step.source),
            }))
        })
        .collect()
}

/// The prices in use of the pools that `covers` says: of the chosen instance types, by purchase that
/// any month buys, and of storage tiers. In the order of pools.
pub(super) fn in_use(
    plan: &Plan,
    pool_months: &[PoolMonth],
    choices: &[InstanceChoice],
    as_of: Date,
    covers: impl Fn(Id<Pool>) -> bool,
) -> Vec<PriceInUse> {
    let age = |provider, source| age(plan, as_of, provider, source);
    let mut prices = Vec::new();
    for (id, pool) in plan.pools.iter().filter(|(id, _)| covers(*id)) {
        if matches!(pool.supply, PoolSupply::Storage(_)) {
            for tier in plan.tiers_in(id).into_iter().map(|tier| &plan.storage_tiers[tier]) {
                let steps = tier.prices.iter().map(|price| PriceInUse {
                    what: format!("storage {}", tier.name),
                    age_days: age(tier.provider, &price.source),
                });
                prices.extend(oldest(steps));
            }
        }
        let Some(candidate) = chosen(id, pool, choices) else { continue };
        let instance = &plan.instances[candidate.instance];
        for purchase in [Purchase::OnDemand, Purchase::Spot, Purchase::Reserved] {
            let bought = pool_months.iter().filter(|month| month.pool == id).any(|month| {
                let hours = month.node_hours.get(&purchase);
                hours.is_some_and(|hours| hours.iter().any(|hours| *hours > 0.0))
            });
            let price = price_for(instance, candidate, purchase);
            if let Some(price) = price.filter(|_| bought) {
                prices.push(PriceInUse {
                    what: format!("{} {}", instance.name, purchase.word()),
                    age_days: age(instance.provider, &price.source),
                });
            }
        }
    }
    prices
}

/// Days since a price was read; its own date, else its provider's price list's.
fn age(plan: &Plan, as_of: Date, provider: Id<Provider>, source: &PriceSource) -> Option<i32> {
    let list = plan.providers[provider].price_list.as_ref();
    let read = source.as_of.or_else(|| list.and_then(|list| list.as_of));
    read.map(|read| days_between(read, as_of))
}

/// The step of a tariff that was read longest ago; one whose date is not stated only if all are so.
fn oldest(steps: impl Iterator<Item = PriceInUse>) -> Option<PriceInUse> {
    steps.max_by_key(|price| price.age_days)
}
