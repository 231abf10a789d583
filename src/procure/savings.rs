//! Spend to commit to under savings plans: how much an hour, under which, from when, after what is reserved.
//!
//! In one hour and draw, commitments pay first where they save most, so what a further unit of spend saves
//! falls with every unit: summed over hours and draws, a month is a convex function of the spend
//! committed, and one savings plan over all months is the same flow as one product of a pool
//! ([`flow`](super::optimum::flow)): whole units of spend, proven. Pools share hours, so they are
//! counted together, hour by hour.
//!
//! In: nodes on demand by hour, after orders of nodes and after spend that is signed already. Out: for each
//! provider the savings plan that saves most by itself, with its orders, what the others would save, and a
//! bound: nothing can save more than a plan with the best rate of all for every pool, which binds for one
//! month at a time. Prices count by their mean, need by the mean of all draws.

use std::collections::BTreeMap;

use crate::calendar::{Date, HOURS_PER_WEEK, plus_days};
use crate::capacity::choice::{may_buy, price_of};
use crate::capacity::need::InstanceChoice;
use crate::capacity::node::chosen_candidate;
use crate::ids::Id;
use crate::money::{quantised, to_f64};
use crate::plan::pool::CommitmentKind;
use crate::plan::price::Purchase;
use crate::plan::savings_plan::Rate;
use crate::plan::{Commitment, Plan, Pool, Procurement, Provider, SavingsPlan};
use crate::procure::dates::{Delays, order_by};
use crate::procure::hourly::{HourlyUse, shared_hours};
use crate::procure::market::{by_month, days, first_month, paid};
use crate::procure::need::MonthNeed;
use crate::procure::optimum::flow::cheapest;
use crate::procure::optimum::product::{Product, discount, offers};
use crate::procure::optimum::recourse::{Collect, MICRO, Recourse, Step};
use crate::procure::optimum::tail;
use crate::procure::orders::{Instead, Schedule, SpendOrder, SpendPlan};
use crate::procure::problem::{later_hours, tail_of};

/// Steps of spend that the dearest hour is cut into, at least.
const STEPS: f64 = 250.0;

/// What savings plans are on sale, and what they would pay for.
#[derive(Debug, Clone)]
pub(crate) struct SpendMarket {
    providers: Vec<OfProvider>,
    /// On demand, by pool and month: what is paid for a node and hour.
    prices: BTreeMap<Id<Pool>, Vec<f64>>,
    signed: Vec<Signed>,
}

/// The savings plans of one provider.
#[derive(Debug, Clone)]
struct OfProvider {
    provider: Id<Provider>,
    on_sale: Vec<OnSale>,
    /// The lowest rate of any of them, by pool.
    best: BTreeMap<Id<Pool>, f64>,
    /// Money an hour of one unit.
    unit: f64,
}

#[derive(Debug, Clone)]
struct OnSale {
    plan: Id<SavingsPlan>,
    term_months: u32,
    upfront: f64,
    rates: BTreeMap<Id<Pool>, f64>,
}

/// Spend that is signed already.
#[derive(Debug, Clone)]
struct Signed {
    per_hour: f64,
    from: Date,
    until: Date,
    rates: BTreeMap<Id<Pool>, f64>,
}

/// What is on sale; `None` where no savings plan with a term covers a pool. `peaks` are the most nodes that
/// may run on demand, by pool.
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
    let signed = plan.commitments.items().iter().filter_map(|commitment| match &commitment.kind {
        CommitmentKind::Spend { provider, savings_plan, per_hour } => Some(Signed {
            per_hour: per_hour.estimate.median(),
            from: commitment.from,
            until: commitment.until,
            rates: rates(*provider, savings_plan.map(|id| &plan.savings_plans[id])),
        }),
        CommitmentKind::Reserved { .. } => None,
    });
    let signed = signed.collect();
    let each = prices.into_iter().filter_map(|(pool, list)| {
        let candidate = chosen_candidate(plan, choices, pool)?;
        Some((pool, paid(plan, candidate, Purchase::OnDemand, list)))
    });
    let prices = each.collect();
    (!providers.is_empty()).then_some(SpendMarket { providers, prices, signed })
}

/// A round amount of money of which the dearest hour has some hundreds.
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
    /// The pools that a savings plan on sale would pay for.
    pub(crate) fn pools(&self) -> Vec<Id<Pool>> {
        let all = self.providers.iter().flat_map(|one| one.best.keys().copied());
        all.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
    }

    /// Bytes of hourly use of one month.
    pub(crate) fn month_bytes(&self, draws: usize) -> usize {
        self.pools().len().max(1) * HOURS_PER_WEEK * draws * 8
    }
}

/// What spend would save in one month, by provider.
#[derive(Debug, Clone)]
pub(crate) struct MonthSpend {
    /// By savings plan, in their order.
    by_plan: Vec<Vec<Recourse>>,
    /// With the best rates of all.
    best: Vec<Recourse>,
}

/// Reduces what runs on demand in month `t` to what spend would save; `uses` are of the market's pools.
#[must_use]
pub(crate) fn month_spend(
    plan: &Plan,
    market: &SpendMarket,
    t: usize,
    uses: &[&HourlyUse],
) -> MonthSpend {
    let (draws, month) = (plan.draws.count(), plan.horizon.month(t));
    let price = |place: usize| market.prices.get(&uses[place].pool).map_or(0.0, |prices| prices[t]);
    let ranked = |rates: &BTreeMap<Id<Pool>, f64>| -> Vec<(usize, f64, f64)> {
        let mut pools: Vec<(usize, f64, f64)> = (0..uses.len())
            .filter_map(|place| Some((place, *rates.get(&uses[place].pool)?)))
            .map(|(place, rate)| (place, rate, price(place) / rate))
            .collect();
        pools.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.1.total_cmp(&b.1)).then(a.0.cmp(&b.0)));
        pools
    };
    let signed: Vec<_> = market.signed.iter().map(|signed| ranked(&signed.rates)).collect();
    let mut all: Vec<Counted> = Vec::new();
    for one in &market.providers {
        let plans = one.on_sale.iter().map(|sale| &sale.rates);
        all.extend(plans.chain([&one.best]).map(|rates| Counted {
            ranked: ranked(rates),
            unit: one.unit,
            collect: Collect::default(),
        }));
    }
    let holds = |signed: &Signed, day: Date| signed.from <= day && day <= signed.until;
    let mut sets: Vec<Vec<usize>> = Vec::new();
    let mut set_of_day = Vec::new();
    for day in 0..month.days() {
        let day = plus_days(month.first_day(), i32::try_from(day).unwrap_or(0));
        let set = (0..signed.len()).filter(|k| holds(&market.signed[*k], day)).collect();
        let place = sets.iter().position(|one| *one == set).unwrap_or_else(|| {
            sets.push(set);
            sets.len() - 1
        });
        set_of_day.push(place);
    }
    let mut open = vec![0.0; uses.len()];
    for alike in shared_hours(uses, &set_of_day) {
        for draw in 0..draws {
            for (open, (used, row)) in open.iter_mut().zip(uses.iter().zip(&alike.rows)) {
                *open = used.row(*row)[draw];
            }
            for k in &sets[alike.group] {
                let mut left = market.signed[*k].per_hour;
                for (place, rate, _) in &signed[*k] {
                    let nodes = open[*place].min(left / rate);
                    open[*place] -= nodes;
                    left -= nodes * rate;
                }
            }
            for counted in &mut all {
                counted.add(alike.hours / draws as f64, &open);
            }
        }
    }
    let mut found = all.into_iter().map(|counted| counted.collect.finish());
    let (mut by_plan, mut best) = (Vec::new(), Vec::new());
    for one in &market.providers {
        by_plan.push(found.by_ref().take(one.on_sale.len()).collect());
        best.extend(found.next());
    }
    MonthSpend { by_plan, best }
}

/// What a savings plan saves, collected.
struct Counted {
    /// The place of a pool, its rate, and what a unit of money saves there; the most first.
    ranked: Vec<(usize, f64, f64)>,
    unit: f64,
    collect: Collect,
}

impl Counted {
    /// Adds one hour, or so many alike.
    fn add(&mut self, hours: f64, open: &[f64]) {
        let mut all = 0.0;
        let mut steps: Vec<Step> = Vec::with_capacity(self.ranked.len());
        // From the least saving up, as recourse counts.
        for (place, rate, saves) in self.ranked.iter().rev() {
            let units = open[*place] * rate / self.unit;
            if units > 0.0 {
                all += units;
                steps.push(Step { units, price: saves * self.unit });
            }
        }
        self.collect.add(hours, all, &steps);
    }
}

/// Decides how much to commit to; `months` are those of the horizon.
#[must_use]
pub(crate) fn spend_plan(
    plan: &Plan,
    market: &SpendMarket,
    months: &[MonthSpend],
    procurement: &Procurement,
    nodes: &Schedule,
    as_of: Date,
) -> SpendPlan {
    let mut result = SpendPlan::default();
    let delays = Delays {
        lead: 0,
        approval: days(procurement.approval_hours),
        buffer: days(procurement.buffer_hours),
    };
    let rate = match procurement.cost_of_capital {
        0.0 => 0.0,
        a_year => libm::pow(1.0 + a_year, 1.0 / 12.0) - 1.0,
    };
    for (place, one) in market.providers.iter().enumerate() {
        let longest = one.on_sale.iter().map(|sale| sale.term_months as usize).max().unwrap_or(0);
        let ground = Ground {
            plan,
            unit: one.unit,
            all: plan.horizon.months + longest,
            first: first_month(plan, as_of, delays),
            rate,
            tail: tail_of(procurement.tail),
        };
        let best: Vec<&Recourse> = months.iter().map(|month| &month.best[place]).collect();
        let best = ground.solve(&best, 1, 0.0);
        result.rented += best.nothing;
        result.bound += best.nothing - best.saves;
        let mut found: Vec<(&OnSale, Solved)> = one
            .on_sale
            .iter()
            .enumerate()
            .map(|(k, sale)| {
                let own: Vec<&Recourse> =
                    months.iter().map(|month| &month.by_plan[place][k]).collect();
                (sale, ground.solve(&own, sale.term_months as usize, sale.upfront))
            })
            .collect();
        found.sort_by(|a, b| b.1.saves.total_cmp(&a.1.saves).then(a.0.plan.cmp(&b.0.plan)));
        let past: Vec<bool> = found
            .iter()
            .map(|(sale, solved)| {
                sale.upfront > 0.0 && !keeps_limit(plan, nodes, &result.orders, &solved.bought)
            })
            .collect();
        let chosen = found.iter().zip(&past).position(|(one, past)| one.1.saves > 0.0 && !past);
        let saves = chosen.map_or(0.0, |place| found[place].1.saves);
        result.objective += best.nothing - saves;
        if let Some(place) = chosen {
            let (sale, solved) = &found[place];
            result.orders.extend(ground.orders(sale, solved, delays, as_of));
        }
        for (place, (sale, solved)) in found.iter().enumerate() {
            if Some(place) != chosen {
                result.instead.push(Instead {
                    savings_plan: sale.plan,
                    extra: saves - solved.saves.max(0.0),
                    most_per_hour: solved.most as f64 * one.unit,
                    past_cash_limit: past[place],
                });
            }
        }
    }
    result.orders.sort_by(|a, b| a.order_by.cmp(&b.order_by).then(a.name.cmp(&b.name)));
    let firm_until = plan.horizon.month_of(as_of).last_day().max(plan.horizon.first.last_day());
    for order in &mut result.orders {
        order.firm = order.order_by <= firm_until;
    }
    result
}

/// Whether the limit on cash leaves room for what these take on their first day, by period.
fn keeps_limit(
    plan: &Plan,
    nodes: &Schedule,
    spend: &[SpendOrder],
    bought: &[(usize, u64, f64)],
) -> bool {
    let mut left: Vec<Option<f64>> =
        nodes.cash.iter().map(|one| one.limit.map(|limit| limit - one.upfront)).collect();
    let before = spend.iter().map(|order| (order.t, order.upfront));
    for (t, upfront) in before.chain(bought.iter().map(|(t, _, upfront)| (*t, *upfront))) {
        let period = nodes.period(plan.horizon.month(t));
        if let Some(Some(left)) = period.and_then(|place| left.get_mut(place)) {
            *left -= upfront;
        }
    }
    left.iter().flatten().all(|left| *left >= -1e-6)
}

/// The most nodes that may run on demand in any hour and draw, by pool.
#[must_use]
pub(crate) fn peaks(needs: &[MonthNeed]) -> BTreeMap<Id<Pool>, f64> {
    let mut peaks = BTreeMap::new();
    for need in needs {
        let peak = peaks.entry(need.pool).or_insert(0.0_f64);
        *peak = peak.max(need.on_demand_hours.len() as f64);
    }
    peaks
}

/// What all savings plans of a provider have in common.
struct Ground<'a> {
    plan: &'a Plan,
    unit: f64,
    /// Months of the horizon and its tail.
    all: usize,
    first: usize,
    rate: f64,
    tail: tail::Tail,
}

/// The best of one savings plan by itself.
struct Solved {
    /// What everything it covers costs on demand, over the horizon and its tail.
    nothing: f64,
    /// What is saved of that.
    saves: f64,
    /// The month, the units, and what is paid for them on the first day.
    bought: Vec<(usize, u64, f64)>,
    /// The most units at a time.
    most: u64,
    /// Units at a time, by month.
    committed: Vec<u64>,
    recourse: Vec<Recourse>,
}

impl Ground<'_> {
    fn hours(&self, m: usize) -> f64 {
        f64::from(self.plan.horizon.month(m).hours())
    }

    fn solve(&self, months: &[&Recourse], term: usize, upfront: f64) -> Solved {
        let levels: Vec<f64> = months.iter().map(|month| month.cost(0) as f64).collect();
        let after = tail::factors(&levels, self.all - months.len(), self.tail);
        let last = months[months.len() - 1];
        let stretched = after.iter().enumerate().map(|(k, factor)| {
            let hours = later_hours(self.plan.horizon, months.len() + k);
            stretched(last, *factor).scaled(hours)
        });
        let recourse: Vec<Recourse> =
            months.iter().map(|one| (*one).clone()).chain(stretched).collect();
        let term_hours = |t: usize| (t..t + term).map(|m| self.hours(m)).sum::<f64>();
        let product = Product {
            term,
            first: self.first,
            last: None,
            fee: (0..self.all).map(|m| self.unit * (1.0 - upfront) * self.hours(m)).collect(),
            upfront: (0..self.all).map(|t| self.unit * upfront * term_hours(t)).collect(),
            level: vec![1.0; self.all],
            residual: 0.0,
            most: None,
        };
        let (offered, starts) = offers(&[product], self.all, self.rate);
        let worth: Vec<Recourse> = recourse
            .iter()
            .enumerate()
            .map(|(m, one)| one.scaled(discount(self.rate, m)))
            .collect();
        let cover = cheapest(&worth, &offered);
        let money = |micro: i128| micro as f64 / MICRO;
        let nothing = money(worth.iter().map(|month| month.cost(0)).sum());
        let committed = cover.committed(self.all, &offered);
        Solved {
            nothing,
            saves: nothing - money(cover.cost),
            bought: starts
                .iter()
                .zip(&cover.units)
                .filter(|(start, units)| **units > 0 && start.month < months.len())
                .map(|(start, units)| (start.month, *units, start.upfront * *units as f64))
                .collect(),
            most: committed.iter().copied().max().unwrap_or(0),
            committed,
            recourse,
        }
    }

    fn orders(
        &self,
        sale: &OnSale,
        solved: &Solved,
        delays: Delays,
        as_of: Date,
    ) -> Vec<SpendOrder> {
        let (plan, months) = (self.plan, self.plan.horizon.months);
        let offered = &plan.savings_plans[sale.plan];
        let order = |(t, units, upfront): &(usize, u64, f64)| {
            let month = plan.horizon.month(*t);
            let term = i32::try_from(sale.term_months).unwrap_or(i32::MAX);
            let dates = order_by(month.first_day(), delays, as_of);
            let end = (t + sale.term_months as usize).min(months);
            let per_hour = *units as f64 * self.unit;
            let each = |share: f64| (*t..end).map(move |m| per_hour * share * self.hours(m));
            let cost_inside = each(1.0).sum::<f64>();
            let rented = |m: usize, units: u64| solved.recourse[m].cost(units) as f64 / MICRO;
            let instead = (*t..end).map(|m| {
                let with = solved.committed[m];
                rented(m, with.saturating_sub(*units)) - rented(m, with)
            });
            SpendOrder {
                name: format!("order {} {month}", offered.name),
                savings_plan: sale.plan,
                provider: offered.provider,
                per_hour: quantised(per_hour).normalize(),
                t: *t,
                term_months: sale.term_months,
                need_by: month.first_day(),
                until: plus_days(month.plus(term).first_day(), -1),
                order_by: dates.order_by.max(as_of),
                decide_by: dates.decide_by.max(as_of),
                firm: false,
                upfront_share: sale.upfront,
                upfront: *upfront,
                running: each(1.0 - sale.upfront).collect(),
                cost_inside,
                saves: instead.sum::<f64>() - cost_inside,
            }
        };
        solved.bought.iter().map(order).collect()
    }
}

/// The same where so many times as much runs on demand.
fn stretched(month: &Recourse, factor: f64) -> Recourse {
    if (factor - 1.0).abs() < f64::EPSILON {
        return month.clone();
    }
    let (mut before, mut whole) = (0.0, 0.0);
    let runs = month.runs().iter().map(|(units, saving)| {
        before += *units as f64 * factor;
        let run = (before - whole).round().max(0.0);
        whole += run;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole units")]
        let units = run as u64;
        (units, *saving)
    });
    Recourse::of_savings(runs.filter(|(units, _)| *units > 0).collect::<Vec<_>>())
}

/// An order as a commitment of the plan.
pub(super) fn commitment(plan: &Plan, order: &SpendOrder) -> Commitment {
    let offered = &plan.savings_plans[order.savings_plan];
    let per_hour = crate::plan::price::Amount {
        exact: Some(order.per_hour),
        estimate: crate::estimate::Estimate::fixed(to_f64(order.per_hour), offered.origin),
        written_in: plan.currency,
    };
    Commitment {
        name: order.name.clone(),
        kind: CommitmentKind::Spend {
            provider: order.provider,
            savings_plan: Some(order.savings_plan),
            per_hour,
        },
        upfront: order.upfront_share,
        from: order.need_by,
        until: order.until,
        renew: crate::plan::pool::Renew::Decide,
        origin: offered.origin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::example::{ORIGIN, day, plan as example};
    use crate::capacity::slots::MonthDays;
    use crate::ids::Arena;
    use crate::procure::orders::{Expected, PeriodCash, SpendPlan};

    /// Two pools of nodes at 10 an hour, and savings plans on sale for both.
    fn market(on_sale: &[(u32, f64, f64)]) -> (Plan, SpendMarket) {
        let mut plan = example();
        let pools = [Id::new(0), Id::new(1)];
        let offered = |(place, (term, upfront, _)): (usize, &(u32, f64, f64))| SavingsPlan {
            name: format!("plan-{place}"),
            provider: Id::new(0),
            term_months: Some(*term),
            upfront: *upfront,
            regions: Vec::new(),
            discounts: BTreeMap::new(),
            general: None,
            rates: BTreeMap::new(),
            origin: ORIGIN,
        };
        plan.savings_plans = Arena::new(on_sale.iter().enumerate().map(offered).collect());
        let rates = |rate: f64| pools.iter().map(|pool| (*pool, rate)).collect::<BTreeMap<_, _>>();
        let sale = |(place, (term_months, upfront, rate)): (usize, &(u32, f64, f64))| OnSale {
            plan: Id::new(place),
            term_months: *term_months,
            upfront: *upfront,
            rates: rates(*rate),
        };
        let best = on_sale.iter().map(|(_, _, rate)| *rate).fold(f64::INFINITY, f64::min);
        let market = SpendMarket {
            providers: vec![OfProvider {
                provider: Id::new(0),
                on_sale: on_sale.iter().enumerate().map(sale).collect(),
                best: rates(best),
                unit: 1.0,
            }],
            prices: pools.iter().map(|pool| (*pool, vec![10.0; plan.horizon.months])).collect(),
            signed: Vec::new(),
        };
        (plan, market)
    }

    /// A pool that runs so many nodes in the first fourteen days of a month, and so many after.
    fn halves(plan: &Plan, pool: usize, t: usize, nodes: [f64; 2]) -> HourlyUse {
        let month = MonthDays::of(plan.horizon.month(t));
        let mut used = HourlyUse::new(Id::new(pool), t, month, plan.draws.count());
        let slot = &month.one_slot()[0];
        used.add(slot, &(0..14)).fill(nodes[0]);
        used.add(slot, &(14..month.days)).fill(nodes[1]);
        used
    }

    fn solved(plan: &Plan, market: &SpendMarket, pools: [[f64; 2]; 2]) -> SpendPlan {
        within(plan, market, pools, None)
    }

    /// The same where first days of the horizon may take so much, 1,000 of which orders of nodes take.
    fn within(
        plan: &Plan,
        market: &SpendMarket,
        pools: [[f64; 2]; 2],
        limit: Option<f64>,
    ) -> SpendPlan {
        let months: Vec<MonthSpend> = (0..plan.horizon.months)
            .map(|t| {
                let uses = [halves(plan, 0, t, pools[0]), halves(plan, 1, t, pools[1])];
                month_spend(plan, market, t, &[&uses[0], &uses[1]])
            })
            .collect();
        let procurement = Procurement::default();
        spend_plan(plan, market, &months, &procurement, &nodes(plan, limit), day("2026-12-01"))
    }

    /// Orders of nodes that take 1,000 on a first day and 50 after it, in one period.
    fn nodes(plan: &Plan, limit: Option<f64>) -> Schedule {
        Schedule {
            plan_for: crate::plan::procurement::PlanFor::P80,
            tail: crate::plan::procurement::Tail::Flat,
            firm_until: day("2027-02-28"),
            orders: Vec::new(),
            pools: Vec::new(),
            expiries: Vec::new(),
            limits: Vec::new(),
            spend: None,
            cash: vec![PeriodCash {
                label: "all".to_owned(),
                first: plan.horizon.first,
                upfront: 1000.0,
                capex: 0.0,
                running: 50.0,
                limit,
            }],
            cash_per: crate::plan::procurement::CashPeriod::FiscalYear,
            objective: 0.0,
            bound: 0.0,
            inside: 0.0,
            expected: Expected::default(),
        }
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-4 * b.abs().max(1.0), "{a} is not {b}");
    }

    #[test]
    fn pools_that_take_turns_share_one_spend() {
        let (plan, market) = market(&[(1, 0.0, 6.0)]);
        // Each pool runs two nodes half of the time, which alone would not pay at 6 of 10.
        let found = solved(&plan, &market, [[2.0, 0.0], [0.0, 2.0]]);
        assert_eq!(found.orders.len(), plan.horizon.months);
        for order in &found.orders {
            close(to_f64(order.per_hour), 12.0);
            let hours = f64::from(plan.horizon.month(order.t).hours());
            close(order.saves, 2.0 * 4.0 * hours);
        }
        close(found.objective, found.bound);
        assert!(found.gap() < 1e-9);
    }

    #[test]
    fn pools_that_peak_together_do_not() {
        let (plan, market) = market(&[(1, 0.0, 6.0)]);
        // Four nodes in half of the hours, none in the others: 10 · 1/2 is below 6.
        let found = solved(&plan, &market, [[2.0, 0.0], [2.0, 0.0]]);
        assert!(found.orders.iter().all(|order| plan.horizon.month(order.t).days() < 29));
        let later = found.orders.iter().filter(|order| plan.horizon.month(order.t).days() > 28);
        assert_eq!(later.count(), 0);
    }

    #[test]
    fn the_cheaper_of_two_is_chosen_and_the_other_told() {
        let (plan, market) = market(&[(3, 0.0, 7.0), (3, 0.0, 6.0)]);
        let found = solved(&plan, &market, [[2.0, 2.0], [1.0, 1.0]]);
        let all: f64 = found.orders.iter().map(|order| to_f64(order.per_hour)).sum();
        close(all, 18.0);
        assert!(found.orders.iter().all(|order| order.savings_plan == Id::new(1)));
        assert_eq!(found.instead.len(), 1);
        // 21 an hour at 7 would cover the same three nodes, each hour 3 dearer.
        close(found.instead[0].most_per_hour, 21.0);
        assert!(found.instead[0].extra > 0.0 && found.bound <= found.objective + 1e-6);
    }

    #[test]
    fn cash_counts_spend_beside_nodes() {
        let (plan, market) = market(&[(3, 0.5, 6.0)]);
        let found = solved(&plan, &market, [[2.0, 2.0], [1.0, 1.0]]);
        let hours: Vec<f64> = plan.horizon.iter().map(|month| f64::from(month.hours())).collect();
        let [order] = &found.orders[..] else { panic!("{:?}", found.orders) };
        // Three nodes at 6 an hour, half of it on the first day.
        let half = hours.iter().map(|hours| 9.0 * hours);
        close(order.upfront, half.clone().sum());
        assert_eq!(order.running, half.collect::<Vec<_>>());
        close(order.upfront + order.running.iter().sum::<f64>(), order.cost_inside);
        let (upfront, running) = (order.upfront, order.running.iter().sum::<f64>());
        let schedule = nodes(&plan, None).with_spend(&plan, found);
        let [all] = &schedule.cash[..] else { panic!("{:?}", schedule.cash) };
        close(all.upfront, 1000.0 + upfront);
        close(all.running, 50.0 + running);
        close(all.capex, 0.0);
    }

    #[test]
    fn spend_keeps_what_the_cash_limit_leaves() {
        let (plan, market) = market(&[(3, 0.5, 6.0), (3, 0.0, 7.0)]);
        let pools = [[2.0, 2.0], [1.0, 1.0]];
        let hours: f64 = plan.horizon.iter().map(|month| f64::from(month.hours())).sum();
        // Half of three nodes at 6 an hour, beside the 1,000 of nodes.
        let takes = 1000.0 + 9.0 * hours;
        let enough = within(&plan, &market, pools, Some(takes));
        assert!(enough.orders.iter().all(|order| order.savings_plan == Id::new(0)));
        assert!(!enough.instead[0].past_cash_limit && enough.instead[0].extra > 0.0);
        let short = within(&plan, &market, pools, Some(takes - 1.0));
        assert!(short.orders.iter().all(|order| order.savings_plan == Id::new(1)));
        let [other] = &short.instead[..] else { panic!("{:?}", short.instead) };
        assert_eq!((other.savings_plan, other.past_cash_limit), (Id::new(0), true));
        // Three nodes, each 1 an hour cheaper, in three months of the horizon and three of its tail.
        let with_tail = (0..6).map(|t| f64::from(plan.horizon.month(t).hours())).sum::<f64>();
        close(other.extra, -3.0 * with_tail);
        let schedule = nodes(&plan, Some(takes - 1.0)).with_spend(&plan, short);
        assert!(schedule.cash.iter().all(|one| one.limit.is_none_or(|most| one.upfront <= most)));
    }

    #[test]
    fn what_is_signed_already_pays_first() {
        let (plan, mut market) = market(&[(1, 0.0, 6.0)]);
        market.signed.push(Signed {
            per_hour: 12.0,
            from: day("2027-01-01"),
            until: day("2030-01-01"),
            rates: market.providers[0].best.clone(),
        });
        let found = solved(&plan, &market, [[2.0, 2.0], [1.0, 1.0]]);
        assert!(found.orders.iter().all(|order| (to_f64(order.per_hour) - 6.0).abs() < 1e-9));
    }

    #[test]
    fn a_unit_is_a_round_amount_of_which_the_peak_has_hundreds() {
        for (dearest, expected) in [(1000.0, 2.0), (250.0, 1.0), (12.0, 0.02), (0.01, 0.001)] {
            close(unit(dearest), expected);
        }
        close(unit(0.0), 0.0);
    }

    #[test]
    fn a_stretched_month_needs_more_units_that_save_as_much() {
        let month = Recourse::of_savings([(2, 30), (4, 20)]);
        assert_eq!(stretched(&month, 1.5).runs(), [(3, 30), (6, 20)]);
    }
}
