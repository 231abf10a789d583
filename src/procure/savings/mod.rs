//! Spend to commit to under savings plans: how much an hour, under which, from when, beside orders of nodes.
//!
//! In one hour and draw, commitments pay first where they save most, so what a further unit of spend saves
//! falls with every unit: summed over hours and draws, a month is a convex function of the spend
//! committed, and one savings plan over all months is the same flow as one product of a pool
//! ([`flow`](super::optimum::flow)): whole units of spend, proven. Pools share hours, so they are
//! counted together, hour by hour ([`reduce`]).
//!
//! In: nodes on demand by hour, before orders of nodes ([`Hours`]), what those order, and spend that is signed
//! already. Out: orders under one or several savings plans of each provider, with what the others would save by
//! themselves ([`choose`]), a bound, and what on-demand is worth beside them ([`shadow`]), by which orders of nodes
//! are decided again. Prices count by their mean and are those that are paid, need counts by the mean of all draws.

mod cash;
mod choose;
mod hours;
mod mix;
mod one;
mod order;
mod reduce;
mod shadow;
#[cfg(test)]
mod tests;
mod worth;

use std::collections::BTreeMap;

use crate::calendar::{Date, HOURS_PER_WEEK};
use crate::capacity::choice::{may_buy, price_of};
use crate::capacity::need::InstanceChoice;
use crate::capacity::node::chosen_candidate;
use crate::ids::Id;
use crate::money::to_f64;
use crate::plan::pool::CommitmentKind;
use crate::plan::price::Purchase;
use crate::plan::savings_plan::Rate;
use crate::plan::{Commitment, Plan, Pool, Provider, SavingsPlan};
use crate::procure::market::{by_month, paid};
use crate::procure::need::MonthNeed;

pub(super) use cash::Cash;
pub(super) use choose::{How, choose, delays};
pub(super) use hours::Hours;
pub(super) use mix::{Proposal, Variety, amounts, saved};
pub(super) use one::sale_offers;
pub(super) use order::commitment;
pub(super) use reduce::{Ground, Months, Ranked, ranked};
pub(super) use shadow::{Shadow, granted, shadow};
pub(super) use worth::{Change, Worth, worth};

/// Steps of spend that the dearest hour is cut into, at least.
const STEPS: f64 = 1_000.0;

/// What savings plans are on sale, and what they would pay for.
#[derive(Debug, Clone)]
pub(crate) struct SpendMarket {
    pub(super) providers: Vec<OfProvider>,
    /// On demand, by pool and month: what is paid for a node and hour.
    pub(super) prices: BTreeMap<Id<Pool>, Vec<f64>>,
    pub(super) signed: Vec<Signed>,
}

/// The savings plans of one provider.
#[derive(Debug, Clone)]
pub(super) struct OfProvider {
    pub provider: Id<Provider>,
    pub on_sale: Vec<OnSale>,
    /// The lowest rate of any of them, by pool.
    pub best: BTreeMap<Id<Pool>, f64>,
    /// Money an hour of one unit.
    pub unit: f64,
}

#[derive(Debug, Clone)]
pub(super) struct OnSale {
    pub plan: Id<SavingsPlan>,
    pub term_months: u32,
    pub upfront: f64,
    pub rates: BTreeMap<Id<Pool>, f64>,
}

/// Where a commitment stands among those that pay for the same hours: what covers least first, then by name.
pub(super) type Place = ((bool, usize, bool), String);

/// Spend that is signed already.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub place: Place,
    pub per_hour: f64,
    pub from: Date,
    pub until: Date,
    pub rates: BTreeMap<Id<Pool>, f64>,
}

/// What is on sale and what is signed; `None` where no savings plan with a term covers a pool, and no signed spend
/// does. `peaks` are the most nodes that may run on demand, by pool.
#[must_use]
pub(crate) fn spend_market(
    plan: &Plan,
    choices: &[InstanceChoice],
    peaks: &BTreeMap<Id<Pool>, f64>,
) -> Option<SpendMarket> {
    let prices: BTreeMap<Id<Pool>, Vec<f64>> = plan
        .pools
        .iter()
        .filter(|(_, pool)| may_buy(pool, Purchase::OnDemand))
        .filter_map(|(id, _)| {
            let candidate = chosen_candidate(plan, choices, id)?;
            let price = price_of(plan, candidate, Purchase::OnDemand)?;
            Some((id, by_month(plan, candidate, &price.per_hour)))
        })
        .collect();
    let rates = |with: Id<Provider>, under: Option<&SavingsPlan>| -> BTreeMap<Id<Pool>, f64> {
        let of_pool = |(pool, prices): (&Id<Pool>, &Vec<f64>)| {
            let candidate = chosen_candidate(plan, choices, *pool)?;
            if plan.instances[candidate.instance].provider != with {
                return None;
            }
            let rate = match under.map_or(Some(Rate::Off(0.0)), |under| under.rate(candidate))? {
                Rate::Stated(rate) => to_f64(rate),
                Rate::Off(share) => prices.first()? * (1.0 - share),
            };
            (rate > 0.0).then_some((*pool, rate))
        };
        prices.iter().filter_map(of_pool).collect()
    };
    let mut providers: Vec<OfProvider> = Vec::new();
    for (id, offered) in plan.savings_plans.iter() {
        let Some(term_months) = offered.term_months else { continue };
        let rates = rates(offered.provider, Some(offered));
        if rates.is_empty() {
            continue;
        }
        let place = providers.iter().position(|one| one.provider == offered.provider);
        let place = place.unwrap_or_else(|| {
            providers.push(OfProvider {
                provider: offered.provider,
                on_sale: Vec::new(),
                best: BTreeMap::new(),
                unit: 0.0,
            });
            providers.len() - 1
        });
        for (pool, rate) in &rates {
            let best = providers[place].best.entry(*pool).or_insert(*rate);
            *best = best.min(*rate);
        }
        let upfront = offered.upfront;
        providers[place].on_sale.push(OnSale { plan: id, term_months, upfront, rates });
    }
    for one in &mut providers {
        let dearest = one.on_sale.iter().map(|sale| {
            sale.rates.iter().map(|(p, rate)| rate * peaks.get(p).copied().unwrap_or(0.0)).sum()
        });
        one.unit = unit(dearest.fold(0.0, f64::max));
    }
    providers.retain(|one| one.unit > 0.0);
    let begun = |commitment: &&Commitment| commitment.until >= plan.horizon.first_day();
    let signed = plan.commitments.items().iter().filter(begun).filter_map(|commitment| {
        let CommitmentKind::Spend { provider, savings_plan, per_hour } = &commitment.kind else {
            return None;
        };
        let under = savings_plan.map(|id| &plan.savings_plans[id]);
        let signed = Signed {
            place: place(under, &commitment.name),
            per_hour: per_hour.estimate.median(),
            from: commitment.from,
            until: commitment.until,
            rates: rates(*provider, under),
        };
        (!signed.rates.is_empty()).then_some(signed)
    });
    let mut signed: Vec<Signed> = signed.collect();
    signed.sort_by(|a, b| a.place.cmp(&b.place));
    let each = prices.into_iter().filter_map(|(pool, list)| {
        let candidate = chosen_candidate(plan, choices, pool)?;
        Some((pool, paid(plan, candidate, Purchase::OnDemand, list)))
    });
    let prices = each.collect();
    let none = providers.is_empty() && signed.is_empty();
    (!none).then_some(SpendMarket { providers, prices, signed })
}

/// The place of a commitment under a savings plan, of which one to list prices is the widest.
pub(super) fn place(under: Option<&SavingsPlan>, name: &str) -> Place {
    (under.map_or((true, 0, true), SavingsPlan::breadth), name.to_owned())
}

/// A round amount of money of which the dearest hour has some thousands.
fn unit(dearest: f64) -> f64 {
    if dearest <= 0.0 {
        return 0.0;
    }
    let step = (dearest / STEPS).max(0.001);
    let power = libm::pow(10.0, libm::floor(libm::log10(step)));
    let round = [5.0, 2.0, 1.0].into_iter().map(|x| x * power).find(|x| *x <= step * (1.0 + 1e-9));
    round.unwrap_or(power)
}

impl SpendMarket {
    /// The pools that a savings plan on sale would pay for, or signed spend pays for.
    pub(super) fn pools(&self) -> Vec<Id<Pool>> {
        let on_sale = self.providers.iter().flat_map(|one| one.best.keys().copied());
        let signed = self.signed.iter().flat_map(|one| one.rates.keys().copied());
        on_sale.chain(signed).collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }

    /// Whether a savings plan is on sale.
    pub(super) fn sells(&self) -> bool {
        !self.providers.is_empty()
    }

    /// The longest term.
    pub(super) fn longest(&self) -> usize {
        let terms = self.providers.iter().flat_map(|one| &one.on_sale).map(|sale| sale.term_months);
        terms.max().unwrap_or(0) as usize
    }

    /// Whether a provider has several savings plans on sale.
    pub(super) fn has_several(&self) -> bool {
        self.providers.iter().any(|one| one.on_sale.len() > 1)
    }

    /// Whether any savings plan takes money upfront.
    pub(super) fn takes_cash(&self) -> bool {
        self.providers.iter().flat_map(|one| &one.on_sale).any(|sale| sale.upfront > 0.0)
    }

    /// Values of hourly use in one month.
    pub(super) fn month_values(&self, draws: usize) -> usize {
        self.pools().len().max(1) * HOURS_PER_WEEK * draws
    }

    /// Bytes of hourly use of one month.
    fn month_bytes(&self, draws: usize) -> usize {
        self.month_values(draws) * size_of::<f64>()
    }
}

/// The most nodes that may run on demand in any hour and draw, by pool.
#[must_use]
pub(super) fn peaks(needs: &[MonthNeed]) -> BTreeMap<Id<Pool>, f64> {
    let mut peaks = BTreeMap::new();
    for need in needs {
        let peak = peaks.entry(need.pool).or_insert(0.0_f64);
        *peak = peak.max(need.saved.on_demand.len() as f64);
    }
    peaks
}
