//! What is on sale for a pool: products that bind for a term, and prices by the hour.
//!
//! Prices are those that will be billed: less what is negotiated with the provider, in the month for what is paid
//! by the hour, on the first day for what binds. Spend that a discount asks for counts as promised anyway: that it
//! may fall short is not weighed. Prices that are uncertain count by their mean over the draws. A product's price
//! moves with its instance's price trend until it is bought, and is then held.

use crate::calendar::{Date, days_between};
use crate::capacity::choice::{may_buy, price_of};
use crate::capacity::need::InstanceChoice;
use crate::capacity::node::chosen_candidate;
use crate::capacity::per_draw::PerDraw;
use crate::capacity::rounding::whole_up;
use crate::cost::depreciation_weights;
use crate::draws::{at_least, mean};
use crate::estimate::Estimate;
use crate::ids::Id;
use crate::money::to_f64;
use crate::plan::catalog::{CapacityBlock, DepreciationConvention};
use crate::plan::pool::{Candidate, PoolSupply, Renew};
use crate::plan::price::{Amount, InstancePrice, Purchase};
use crate::plan::{Owned, Plan, Pool, Procurement, Provider};
use crate::procure::dates::{Delays, Term, earliest};
use crate::procure::need::{MonthNeed, Prices};
use crate::procure::optimum::Product;

/// Something on sale that binds for a term.
#[derive(Debug, Clone)]
pub(crate) struct Sale {
    pub purchase: Purchase,
    /// In words: `reserved 12 months, 0% upfront`.
    pub label: String,
    pub term_months: u32,
    pub upfront_share: f64,
    /// What one node costs: by the hour over the term, or its purchase where owned.
    pub price: Amount,
    /// Time from ordering to having, in hours.
    pub lead: Option<Estimate>,
    pub delays: Delays,
    /// The first month it can begin in.
    pub first: usize,
    /// The month from which it cannot begin any more.
    pub last: Option<usize>,
    cost: Cost,
}

/// What a node of a product costs.
#[derive(Debug, Clone)]
enum Cost {
    /// An effective list price by the hour, what it is multiplied by in each month of the horizon until it is bought,
    /// in the mean of the draws, and whose discounts are off it.
    Hourly { price: f64, moved: Vec<f64>, provider: Id<Provider> },
    /// A purchase, how it is written off, and what running it costs by the hour and by the month.
    Purchase {
        price: f64,
        residual: f64,
        convention: DepreciationConvention,
        per_hour: f64,
        per_month: f64,
    },
}

/// What is on sale for a pool.
#[derive(Debug, Clone)]
pub(crate) struct Market {
    pub sales: Vec<Sale>,
    /// Capacity blocks, as blocks of a whole month.
    pub blocks: Vec<Sale>,
    /// What a node and hour costs, by month of the horizon; what cannot be had counts as a thousand.
    pub hourly: Vec<Prices>,
    /// The share of time that a bought node is usable: in the draws that are planned for, and in each.
    pub usable: f64,
    pub usable_in: PerDraw,
}

/// What a node and hour that cannot be had counts where one costs so much: sums of it have to stay countable.
fn short_price(price: f64) -> f64 {
    (price * SHORT).min(4e9_f64.max(price * 2.0))
}

/// A node-hour that cannot be had counts as so many on demand: capacity is bought for the need that the
/// plan buys for, not weighed against it.
const SHORT: f64 = 1000.0;

/// What is on sale for a pool with such needs, by month of the horizon, as seen on `as_of`.
#[must_use]
pub(crate) fn market(
    plan: &Plan,
    choices: &[InstanceChoice],
    (id, needs): (Id<Pool>, &[&MonthNeed]),
    procurement: &Procurement,
    as_of: Date,
) -> Market {
    let pool = &plan.pools[id];
    let months = plan.horizon.months;
    if let PoolSupply::Owned(owned) = pool.supply {
        let owned = &plan.owned[owned];
        let sales: Vec<Sale> =
            owned_sale(plan, pool, owned, procurement, as_of).into_iter().collect();
        let short = short_price(sales.iter().map(Sale::hourly_cost).fold(1.0, f64::max));
        let usable_in = usable(plan, pool);
        let each = (0..plan.draws.count()).map(|draw| usable_in.at(draw)).collect();
        let usable = at_least(each, procurement.plan_for.quantile());
        let hourly = vec![Prices { on_demand: short, spot: short, waits: 0.0, short }; months];
        return Market { sales, blocks: Vec::new(), hourly, usable, usable_in };
    }
    let Some(candidate) = chosen_candidate(plan, choices, id) else {
        let none = Prices { on_demand: 0.0, spot: 0.0, waits: 0.0, short: 0.0 };
        return Market {
            sales: Vec::new(),
            blocks: Vec::new(),
            hourly: vec![none; months],
            usable: 1.0,
            usable_in: PerDraw::Same(1.0),
        };
    };
    let (mut sales, mut blocks) = (Vec::new(), Vec::new());
    let never = never_again(plan, id);
    if may_buy(pool, Purchase::Reserved) {
        let last = never.then_some(0);
        let prices = reserved_prices(plan, candidate);
        sales.extend(prices.into_iter().filter_map(|price| {
            reserved_sale(plan, pool, candidate, price, procurement, as_of, last)
        }));
        let here = |block: &&CapacityBlock| {
            block.region.is_none() || candidate.region.is_none() || block.region == candidate.region
        };
        let on_sale = plan.instances[candidate.instance].blocks.iter();
        let on_sale = on_sale.filter(|block| here(block) && !never);
        blocks.extend(
            on_sale.map(|block| block_sale(plan, pool, candidate, block, procurement, as_of)),
        );
    }
    let rent = |purchase| {
        price_of(plan, candidate, purchase).filter(|_| may_buy(pool, purchase)).map(|price| {
            let list = by_month(plan, candidate, price.planned(pool.risk_tolerance));
            paid(plan, candidate, purchase, list)
        })
    };
    let on_demand = rent(Purchase::OnDemand);
    let spot = rent(Purchase::Spot);
    let dearest = sales.iter().chain(&blocks).map(Sale::hourly_cost).fold(0.0, f64::max);
    let hourly = (0..months)
        .map(|t| {
            let on_demand = on_demand.as_ref().map(|prices| prices[t]);
            let short = short_price(on_demand.unwrap_or(0.0).max(dearest));
            // A useful hour on spot costs more than an hour of it.
            let per_useful = needs.get(t).map_or(1.0, |need| need.per_useful);
            let spot = spot.as_ref().map_or(short, |prices| prices[t] * per_useful);
            Prices { on_demand: on_demand.unwrap_or(short), spot, waits: 0.0, short }
        })
        .collect();
    Market { sales, blocks, hourly, usable: 1.0, usable_in: PerDraw::Same(1.0) }
}

/// The share of time that a bought node of a pool is usable.
#[must_use]
pub(super) fn usable(plan: &Plan, pool: &Pool) -> PerDraw {
    let PoolSupply::Owned(owned) = pool.supply else { return PerDraw::Same(1.0) };
    let share = plan.owned[owned].availability.as_ref();
    share.map_or(PerDraw::Same(1.0), |share| {
        PerDraw::of(plan.draws, share).map(|share| share.max(0.01))
    })
}

/// The first day on which each block that is on sale for a pool can be there.
pub(super) fn blocks_from(plan: &Plan, pool: &Pool, as_of: Date) -> Vec<Date> {
    let PoolSupply::Instances(candidates) = &pool.supply else { return Vec::new() };
    let procurement = plan.procurement.clone().unwrap_or_default();
    let blocks = candidates.iter().flat_map(|one| &plan.instances[one.instance].blocks);
    let day = |block: &CapacityBlock| {
        let lead = block_lead(pool, block);
        earliest(as_of, delays(&procurement, lead.as_ref()))
    };
    blocks.filter(|_| may_buy(pool, Purchase::Reserved)).map(day).collect()
}

fn block_lead(pool: &Pool, block: &CapacityBlock) -> Option<Estimate> {
    let of_pool = || pool.lead_time_hours.get(&Purchase::Reserved).cloned();
    block.lead_time_hours.clone().or_else(of_pool)
}

/// Whether some instance type of the pool is sold in capacity blocks, and the pool may buy them.
#[must_use]
pub(super) fn sells_blocks(plan: &Plan, pool: &Pool) -> bool {
    let PoolSupply::Instances(candidates) = &pool.supply else {
        return false;
    };
    may_buy(pool, Purchase::Reserved)
        && candidates.iter().any(|one| !plan.instances[one.instance].blocks.is_empty())
}

/// Reserved prices of a candidate by term and upfront share: one of its region before one of every region.
fn reserved_prices<'a>(plan: &'a Plan, candidate: &Candidate) -> Vec<&'a InstancePrice> {
    let mut prices: Vec<&InstancePrice> = plan.instances[candidate.instance]
        .prices
        .iter()
        .filter(|price| {
            let anywhere = price.region.is_none() || candidate.region.is_none();
            price.purchase == Purchase::Reserved
                && price.term_months.is_some()
                && (anywhere || price.region == candidate.region)
        })
        .collect();
    let mean = |price: &InstancePrice| price.per_hour.mean(plan.draws);
    prices.sort_by(|a, b| {
        let terms = (a.term_months, a.region.is_none()).cmp(&(b.term_months, b.region.is_none()));
        let upfront = a.upfront.total_cmp(&b.upfront);
        a.term_months
            .cmp(&b.term_months)
            .then(upfront)
            .then(terms)
            .then(mean(a).total_cmp(&mean(b)))
    });
    prices.dedup_by(|b, a| {
        a.term_months == b.term_months && (a.upfront - b.upfront).abs() < f64::EPSILON
    });
    prices
}

fn reserved_sale(
    plan: &Plan,
    pool: &Pool,
    candidate: &Candidate,
    price: &InstancePrice,
    procurement: &Procurement,
    as_of: Date,
    last: Option<usize>,
) -> Option<Sale> {
    let term_months = price.term_months?.max(1);
    let lead = pool.lead_time_hours.get(&Purchase::Reserved).cloned();
    let delays = delays(procurement, lead.as_ref());
    Some(Sale {
        purchase: Purchase::Reserved,
        label: format!(
            "reserved {term_months} months, {}% upfront",
            (price.upfront * 1000.0).round() / 10.0
        ),
        term_months,
        upfront_share: price.upfront,
        price: price.per_hour.clone(),
        lead,
        delays,
        first: first_month(plan, as_of, delays),
        last,
        cost: hourly(plan, candidate, &price.per_hour),
    })
}

/// A capacity block over a whole month: windows back to back, paid on its first day.
fn block_sale(
    plan: &Plan,
    pool: &Pool,
    candidate: &Candidate,
    block: &CapacityBlock,
    procurement: &Procurement,
    as_of: Date,
) -> Sale {
    let lead = block_lead(pool, block);
    let delays = delays(procurement, lead.as_ref());
    Sale {
        purchase: Purchase::Reserved,
        label: "capacity block, 1 month".to_owned(),
        term_months: 1,
        upfront_share: 1.0,
        price: block.per_hour.clone(),
        lead,
        delays,
        first: first_month(plan, as_of, delays),
        last: None,
        cost: hourly(plan, candidate, &block.per_hour),
    }
}

fn hourly(plan: &Plan, candidate: &Candidate, per_hour: &Amount) -> Cost {
    let instance = &plan.instances[candidate.instance];
    let trend = instance.price_trend_per_month.as_ref();
    let rates = trend.map_or(vec![0.0], |trend| plan.draws.values(trend));
    let of_month = |t: usize| {
        mean(&rates.iter().map(|rate| libm::pow(1.0 + rate, t as f64)).collect::<Vec<_>>())
    };
    let moved = (0..plan.horizon.months).map(of_month).collect();
    Cost::Hourly { price: per_hour.mean(plan.draws), moved, provider: instance.provider }
}

/// Further nodes of the organisation's own, at the price of the newest lot: only where `buy owned` says so.
fn owned_sale(
    plan: &Plan,
    pool: &Pool,
    owned: &Owned,
    procurement: &Procurement,
    as_of: Date,
) -> Option<Sale> {
    if !pool.buy.as_ref()?.contains(&Purchase::Owned) {
        return None;
    }
    let newest = owned.newest()?;
    let price = newest.purchase_per_node.mean(plan.draws);
    let amount = |amount: &Option<Amount>| amount.as_ref().map_or(0.0, |a| a.mean(plan.draws));
    let staff = owned.staff.as_ref().map_or(0.0, |(fte, cost)| fte * cost.mean(plan.draws) / 12.0);
    let lead = pool.lead_time_hours.get(&Purchase::Owned).cloned();
    let delays = delays(procurement, lead.as_ref());
    let term_months = owned.depreciate_months?.max(1);
    Some(Sale {
        purchase: Purchase::Owned,
        label: format!("owned, {term_months} months"),
        term_months,
        upfront_share: 1.0,
        price: newest.purchase_per_node.clone(),
        lead,
        delays,
        first: first_month(plan, as_of, delays),
        last: None,
        cost: Cost::Purchase {
            price,
            residual: owned.residual_share,
            convention: owned.convention,
            per_hour: owned.power_kilowatts * owned.pue * amount(&owned.power_price_per_kwh),
            per_month: amount(&owned.hosting_per_node_month)
                + price * owned.support_share_per_year / 12.0
                + staff,
        },
    })
}

impl Market {
    /// Everything on sale that binds for a term.
    pub(super) fn all(&self) -> impl Iterator<Item = &Sale> {
        self.sales.iter().chain(&self.blocks)
    }
}

impl Sale {
    /// What one node costs an hour, all in all.
    fn hourly_cost(&self) -> f64 {
        match self.cost {
            Cost::Hourly { price, .. } => price,
            Cost::Purchase { price, per_hour, per_month, .. } => {
                price / f64::from(self.term_months) / 730.0 + per_hour + per_month / 730.0
            }
        }
    }

    /// The price level of what begins in a month, against the list price of the horizon's first: moved by the
    /// trend (of the last month, for later ones), less what is negotiated on that day.
    pub(crate) fn level(&self, plan: &Plan, t: usize) -> f64 {
        match self.cost {
            Cost::Hourly { ref moved, provider, .. } => {
                let moved = moved[t.min(plan.horizon.months - 1)];
                let day = plan.horizon.month(t).first_day();
                moved * plan.providers[provider].left_on(Some(Purchase::Reserved), day)
            }
            Cost::Purchase { .. } => 1.0,
        }
    }

    /// What one node costs an hour, if it begins in month `t`, all paid at once: nothing of what is purchased.
    pub(super) fn per_hour(&self, plan: &Plan, t: usize) -> f64 {
        match self.cost {
            Cost::Hourly { price, .. } => price * self.level(plan, t),
            Cost::Purchase { .. } => 0.0,
        }
    }

    /// The month after the last of the horizon in which it serves, if it begins in month `t`: what is owned goes on
    /// after it is written off, as the plan's own lots do.
    pub(super) fn serves_until(&self, plan: &Plan, t: usize) -> usize {
        match self.cost {
            Cost::Hourly { .. } => (t + self.term_months as usize).min(plan.horizon.months),
            Cost::Purchase { .. } => plan.horizon.months,
        }
    }

    /// Its term, if it begins in month `t`.
    pub(crate) fn term(&self, plan: &Plan, t: usize) -> Term {
        Term::new(plan.horizon, t, self.term_months)
    }

    /// What one node costs on its first day, if that is in month `t`.
    pub(crate) fn upfront(&self, plan: &Plan, t: usize) -> f64 {
        match self.cost {
            Cost::Hourly { price, .. } => {
                let hours = self.term(plan, t).hours();
                price * self.level(plan, t) * hours * self.upfront_share
            }
            Cost::Purchase { price, .. } => price,
        }
    }

    /// What one node costs in month `m`, beside what is paid upfront, if it began in month `t`.
    pub(crate) fn running(&self, plan: &Plan, t: usize, m: usize) -> f64 {
        match self.cost {
            Cost::Hourly { price, .. } => {
                let hours = self.term(plan, t).hours_in(m);
                price * self.level(plan, t) * hours * (1.0 - self.upfront_share)
            }
            Cost::Purchase { per_hour, per_month, .. } => {
                per_hour * f64::from(plan.horizon.month(m).hours()) + per_month
            }
        }
    }

    /// The same with what is paid upfront, spread over the term, or written off.
    pub(crate) fn accrued(&self, plan: &Plan, t: usize, m: usize) -> f64 {
        match self.cost {
            Cost::Hourly { price, .. } => {
                price * self.level(plan, t) * self.term(plan, t).hours_in(m)
            }
            Cost::Purchase { price, residual, convention, .. } => {
                let month = |t: usize| plan.horizon.month(t);
                let (day, life) = (month(t).first_day(), self.term_months);
                let weights = depreciation_weights(plan.horizon.calendar(), day, life, convention);
                let all: f64 = weights.iter().map(|(_, weight)| weight).sum();
                let now = weights.iter().find(|(of, _)| *of == month(m));
                let part = now.map_or(0.0, |(_, weight)| weight / all);
                self.running(plan, t, m) + price * (1.0 - residual) * part
            }
        }
    }

    /// What the optimum sees, over `months` months; `rate` is the cost of capital a month.
    pub(crate) fn product(&self, plan: &Plan, months: usize, rate: f64) -> Product {
        let level = (0..months).map(|t| self.level(plan, t)).collect();
        let (fee, upfront, residual): (Vec<f64>, Vec<f64>, f64) = match self.cost {
            // Without a cost of capital, what is paid when makes no difference: hours count as they are.
            Cost::Hourly { price, .. } if rate == 0.0 => {
                let fee = |m| price * f64::from(plan.horizon.month(m).hours());
                ((0..months).map(fee).collect(), vec![0.0; months], 0.0)
            }
            Cost::Hourly { price, .. } => {
                let part = price * (1.0 - self.upfront_share);
                let fee = |m| part * f64::from(plan.horizon.month(m).hours());
                let upfront = (0..months).map(|t| self.upfront(plan, t)).collect();
                ((0..months).map(fee).collect(), upfront, 0.0)
            }
            Cost::Purchase { price, residual, .. } => {
                let fee = (0..months).map(|m| self.running(plan, 0, m)).collect();
                (fee, vec![price; months], residual)
            }
        };
        Product {
            term: self.term_months as usize,
            lasts: self.purchase == Purchase::Owned,
            first: self.first,
            last: self.last,
            fee,
            upfront,
            level,
            residual,
            most: None,
        }
    }
}

fn delays(procurement: &Procurement, lead: Option<&Estimate>) -> Delays {
    Delays {
        lead: days(lead.map_or(0.0, |lead| lead.dist.quantile(0.9))),
        approval: days(procurement.approval_hours),
        buffer: days(procurement.buffer_hours),
    }
}

/// Whole days that hold so many hours.
pub(crate) fn days(hours: f64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "clamped to a number of days")]
    let days = whole_up((hours / 24.0).clamp(0.0, 1e6)) as i32;
    days
}

/// The first month of the horizon that begins no earlier than something ordered today can be there.
pub(super) fn first_month(plan: &Plan, as_of: Date, delays: Delays) -> usize {
    let day = earliest(as_of, delays);
    let begins = |t: &usize| days_between(day, plan.horizon.month(*t).first_day()) >= 0;
    let after = usize::try_from(plan.horizon.month_of(day).since(plan.horizon.first)).unwrap_or(0);
    (after..=after + 1).find(begins).unwrap_or(after + 1)
}

/// Whether nothing reserved is bought for a pool: a commitment that ends inside the horizon is not to be
/// replaced.
fn never_again(plan: &Plan, pool: Id<Pool>) -> bool {
    plan.commitments.items().iter().any(|commitment| {
        commitment.renew == Renew::Never
            && super::pool_of(commitment) == Some(pool)
            && plan.horizon.index(plan.horizon.month_of(commitment.until)).is_some()
    })
}

/// What is paid of list prices, by month of the horizon.
pub(super) fn paid(
    plan: &Plan,
    candidate: &Candidate,
    purchase: Purchase,
    list: Vec<f64>,
) -> Vec<f64> {
    let provider = &plan.providers[plan.instances[candidate.instance].provider];
    let each = plan.horizon.iter().zip(list);
    each.map(|(month, price)| price * to_f64(provider.left_in(Some(purchase), month))).collect()
}

/// The mean list price of a node and hour, by month of the horizon.
pub(super) fn by_month(plan: &Plan, candidate: &Candidate, per_hour: &Amount) -> Vec<f64> {
    let Some(trend) = &plan.instances[candidate.instance].price_trend_per_month else {
        return vec![per_hour.mean(plan.draws); plan.horizon.months];
    };
    let trend = plan.draws.values(trend);
    let first = plan.draws.values(&per_hour.estimate);
    (0..plan.horizon.months)
        .map(|t| {
            let grown =
                trend.iter().zip(&first).map(|(rate, p)| p * libm::pow(1.0 + rate, t as f64));
            mean(&grown.collect::<Vec<_>>())
        })
        .collect()
}
