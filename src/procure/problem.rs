//! A plan's pools as the optimum sees them: recourse from blocks of hours, offers from what is on sale.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::calendar::{Date, Horizon, days_between};
use crate::capacity::need::InstanceChoice;
use crate::ids::Id;
use crate::plan::price::Purchase;
use crate::plan::procurement::{self, CashPeriod, PlanFor};
use crate::plan::{Plan, Pool, Procurement};
use crate::procure::market::{Market, market};
use crate::procure::need::{Block, MonthNeed, Prices};
use crate::procure::optimum::coupling::{
    PoolProblem, add_taken, coupled, coupled_nearly, keeps, priced,
};
use crate::procure::optimum::product::{self, Start};
use crate::procure::optimum::recourse::{Collect, MICRO, Recourse, micro};
use crate::procure::optimum::{Cover, Offer, flow, risk, tail};
use crate::procure::savings::{Cash, Months, Shadow, SpendMarket};
use crate::procure::terms::{grants, reserved};
use crate::procure::windows::{self, Window};

/// The share of draws that `CVaR` looks at.
const WORST: f64 = 0.05;

/// Every pool with something on sale, as the optimum sees it.
pub(super) struct Problems<'a> {
    pub plan: &'a Plan,
    pub procurement: Procurement,
    /// Months of the horizon and of the tail.
    pub months: usize,
    /// The cost of capital a month.
    pub rate: f64,
    pub pools: Vec<OnSale<'a>>,
    /// Pools for which nothing but spend is on sale.
    pub by_spend: Vec<OnSale<'a>>,
    /// The periods of the cash limit over the horizon and its tail: label, and first month.
    pub periods: Vec<(String, usize)>,
    /// What spend takes from the saving of nodes, where it was decided beside them.
    pub beside: Shadow,
}

/// One pool with something on sale.
#[derive(Clone)]
pub(super) struct OnSale<'a> {
    pub pool: Id<Pool>,
    pub market: Market,
    /// By month of the horizon.
    pub needs: Vec<&'a MonthNeed>,
    pub offers: Vec<Offer>,
    pub starts: Vec<Start>,
    takes: Vec<Vec<(usize, f64)>>,
    /// Nodes that all reserved purchases may add, by month of the horizon and tail.
    most: Vec<Option<u64>>,
    /// Nodes that a floor asks for, likewise.
    least: Vec<u64>,
    /// The months of the tail against the horizon's last.
    tail: Vec<Later>,
    /// Capacity blocks by month of the horizon and tail, where they are had by the day.
    pub windows: Vec<Vec<Window>>,
}

/// What a month has of another that stands for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Later {
    /// Its need, as a multiple.
    pub need: f64,
    /// Its hours, as a multiple: calendar months differ.
    pub hours: f64,
}

impl Later {
    /// The month itself.
    pub(super) const SAME: Self = Self { need: 1.0, hours: 1.0 };
}

/// What was found.
pub(super) struct Found {
    /// One a pool.
    pub covers: Vec<Cover>,
    pub cost: f64,
    pub bound: f64,
    /// What spend takes from the saving of nodes beside them.
    pub beside: Shadow,
}

impl<'a> Problems<'a> {
    /// Reads them; `needs` are by pool, then month. The tail is as long as the longest term, of spend under savings
    /// plans too.
    pub(super) fn new(
        plan: &'a Plan,
        choices: &[InstanceChoice],
        needs: &'a [MonthNeed],
        as_of: Date,
        spend: Option<&SpendMarket>,
    ) -> Self {
        let procurement = plan.procurement.clone().unwrap_or_default();
        let mut by_pool: BTreeMap<Id<Pool>, Vec<&MonthNeed>> = BTreeMap::new();
        for need in needs {
            by_pool.entry(need.pool).or_default().push(need);
        }
        let beside_spend = spend.map_or(vec![], SpendMarket::pools);
        let (markets, by_spend): (Vec<_>, Vec<_>) = by_pool
            .into_iter()
            .map(|(pool, needs)| {
                (pool, market(plan, choices, (pool, &needs), &procurement, as_of), needs)
            })
            .filter(|(pool, market, _)| {
                market.all().next().is_some() || beside_spend.contains(pool)
            })
            .partition(|(_, market, _)| market.all().next().is_some());
        let terms_of = |market: &Market| market.all().map(|sale| sale.term_months).max();
        let longest = markets.iter().filter_map(|(_, market, _)| terms_of(market)).max();
        let longest = longest.unwrap_or(0) as usize;
        let longest = longest.max(spend.map_or(0, SpendMarket::longest));
        let capital = procurement.cost_of_capital.filter(|rate| *rate != 0.0);
        let rate = capital.map_or(0.0, |rate| libm::pow(1.0 + rate, 1.0 / 12.0) - 1.0);
        let per = procurement.cash_limit.map_or(CashPeriod::FiscalQuarter, |limit| limit.per);
        let months = plan.horizon.months + longest;
        let mut problems = Self {
            plan,
            months,
            rate,
            pools: Vec::new(),
            by_spend: Vec::new(),
            periods: periods(plan, months, per),
            beside: Shadow::default(),
            procurement,
        };
        let rented = by_spend.into_iter();
        problems.by_spend = rented
            .map(|(pool, market, needs)| problems.on_sale(pool, market, needs, None))
            .collect();
        problems.pools = markets
            .into_iter()
            .map(|(pool, market, needs)| {
                let day = (!beside_spend.contains(&pool)).then_some(as_of);
                problems.on_sale(pool, market, needs, day)
            })
            .collect();
        problems
    }

    /// One pool; its capacity blocks are had by the day from `by_day` on, where that is given and can be.
    fn on_sale(
        &self,
        pool: Id<Pool>,
        market: Market,
        needs: Vec<&'a MonthNeed>,
        by_day: Option<Date>,
    ) -> OnSale<'a> {
        let plan = self.plan;
        let after = self.months - plan.horizon.months;
        let levels: Vec<f64> = needs.iter().map(|need| need.mean_nodes).collect();
        let tail = tail::factors(&levels, after, tail_of(self.procurement.tail));
        let tail = tail.into_iter().enumerate().map(|(k, need)| {
            let hours = later_hours(plan.horizon, plan.horizon.months + k);
            Later { need, hours }
        });
        let tail = tail.collect();
        let reserved = reserved(plan, pool);
        let plan_for = self.procurement.plan_for;
        let bounds =
            |t: usize| bounds(plan, pool, needs[t.min(needs.len() - 1)], plan_for, &reserved);
        let (most, least) = (0..self.months).map(bounds).unzip();
        let (offers, starts, takes, windows) = Default::default();
        let mut on_sale =
            OnSale { pool, market, needs, offers, starts, takes, most, least, tail, windows };
        on_sale.windows = by_day.map_or(vec![], |as_of| windows::windows(self, &on_sale, as_of));
        if on_sale.windows.is_empty() {
            let by_month = std::mem::take(&mut on_sale.market.blocks);
            on_sale.market.sales.extend(by_month);
        }
        self.offer(&mut on_sale);
        on_sale
    }

    /// Puts what is on sale as offers over the months.
    fn offer(&self, pool: &mut OnSale) {
        let (plan, sales) = (self.plan, &pool.market.sales);
        let products: Vec<_> =
            sales.iter().map(|sale| sale.product(plan, self.months, self.rate)).collect();
        let (mut offers, starts) = product::offers(&products, self.months, self.rate);
        let limits = self.limits();
        let takes = starts.iter().zip(&mut offers).map(|(start, offer)| {
            let upfront = sales[start.product].upfront(plan, start.month);
            let Some(limit) = limits.get(self.period(start.month)).filter(|_| upfront > 0.0) else {
                return vec![];
            };
            if !keeps(&[upfront], &[*limit]) {
                // Not one of them fits.
                offer.most = Some(0);
            }
            vec![(self.period(start.month), upfront)]
        });
        pool.takes = takes.collect();
        (pool.offers, pool.starts) = (offers, starts);
    }

    /// The period of the cash limit that a month lies in.
    pub(super) fn period(&self, t: usize) -> usize {
        self.periods.partition_point(|(_, first)| *first <= t) - 1
    }

    /// The limits, one a period; none where the plan has none.
    pub(super) fn limits(&self) -> Vec<f64> {
        let limit = self.procurement.cash_limit.map(|limit| crate::money::to_f64(limit.amount));
        limit.map_or(vec![], |limit| vec![limit; self.periods.len()])
    }

    /// The best purchases.
    pub(super) fn solve(&self) -> Found {
        let limits = self.limits();
        if self.procurement.plan_for == PlanFor::Cvar && !self.pools.is_empty() {
            let draws = self.plan.draws.count();
            let problems = |weights: &[f64]| {
                self.pools.iter().map(|pool| pool.problem(self, Some(weights))).collect()
            };
            let costs = |covers: &[Cover]| self.costs_by_draw(covers);
            let found = risk::least_worst(draws, WORST, &limits, &problems, &costs);
            let beside = Shadow::default();
            return Found { covers: found.covers, cost: found.cost, bound: found.bound, beside };
        }
        let problems: Vec<PoolProblem> =
            self.pools.iter().map(|pool| pool.problem(self, None)).collect();
        let found = coupled(&problems, &limits);
        let money = |micro: i128| micro as f64 / MICRO;
        Found {
            cost: money(found.cost),
            bound: money(found.bound),
            covers: found.covers,
            beside: Shadow::default(),
        }
    }

    /// The best purchases where spend would take this from what nodes save, and what nothing of both costs less
    /// than.
    pub(super) fn solve_beside(&self, shadow: &Shadow) -> (Vec<Cover>, f64) {
        let problems = self.pools.iter().map(|pool| pool.problem_beside(self, shadow));
        let (problems, below): (Vec<PoolProblem>, Vec<i128>) = problems.unzip();
        let below: i128 = below.into_iter().sum();
        let found = coupled_nearly(&problems, &self.limits());
        (found.covers, (found.bound - below) as f64 / MICRO - shadow.signed)
    }

    /// The same where each limit has a price instead of being kept.
    pub(super) fn solve_priced(&self, shadow: &Shadow, prices: &[f64]) -> (Vec<Cover>, f64) {
        let problems = self.pools.iter().map(|pool| pool.problem_beside(self, shadow));
        let (problems, below): (Vec<PoolProblem>, Vec<i128>) = problems.unzip();
        let covers: Vec<Cover> = problems.par_iter().map(|pool| priced(pool, prices)).collect();
        let mut taken = vec![0.0; prices.len()];
        for (pool, cover) in problems.iter().zip(&covers) {
            add_taken(pool, &cover.units, &mut taken);
        }
        let cost = covers.iter().map(|cover| cover.cost).sum::<i128>() - below.iter().sum::<i128>();
        let limits = self.limits();
        let over = prices.iter().zip(taken.iter().zip(&limits));
        let over: f64 = over.map(|(price, (taken, limit))| price * (taken - limit)).sum();
        // Flows count in millionths; a part in a billion of what they weigh is given away.
        let below = cost as f64 / MICRO + over - shadow.signed;
        (covers, below - 1e-9 * (cost as f64 / MICRO).abs())
    }

    /// What purchases cost with the rest rented, at the quantile that is bought for.
    pub(super) fn cost(&self, covers: &[Cover]) -> f64 {
        let each = self.pools.iter().zip(covers).map(|(pool, cover)| {
            let problem = pool.problem(self, None);
            flow::cost_of(&problem.months, &problem.offers, &cover.units)
        });
        each.sum::<i128>() as f64 / MICRO
    }

    /// Nodes committed by pool and month.
    pub(super) fn committed(&self, covers: &[Cover]) -> Months {
        let each = self
            .pools
            .iter()
            .zip(covers)
            .map(|(pool, cover)| (pool.pool, cover.committed(self.months, &pool.offers)));
        each.collect()
    }

    /// What is left of the limits, by period; none where the plan has none.
    pub(super) fn left(&self, covers: &[Cover]) -> Option<Cash> {
        let mut left = self.limits();
        for (pool, cover) in self.pools.iter().zip(covers) {
            for (takes, units) in pool.takes.iter().zip(&cover.units) {
                for (limit, money) in takes {
                    left[*limit] -= money * *units as f64;
                }
            }
        }
        let period = (0..self.months).map(|t| self.period(t)).collect();
        self.procurement.cash_limit.map(|_| Cash { left, period })
    }

    /// What purchases cost in each draw, recourse included.
    fn costs_by_draw(&self, covers: &[Cover]) -> Vec<f64> {
        let mut costs = vec![0.0; self.plan.draws.count()];
        for (pool, cover) in self.pools.iter().zip(covers) {
            let fees: f64 = pool
                .offers
                .iter()
                .zip(&cover.units)
                .map(|(offer, units)| offer.cost as f64 / MICRO * *units as f64)
                .sum();
            let committed = cover.committed(self.months, &pool.offers);
            for (draw, cost) in costs.iter_mut().enumerate() {
                *cost += fees;
                for (t, committed) in committed.iter().enumerate() {
                    let (need, prices, later) = pool.month(t);
                    let usable = *committed as f64 * pool.market.usable_in.at(draw);
                    let hours = need.by_draw[draw].iter();
                    let paid = hours.map(|block| cost_of(&stretched(block, later), prices, usable));
                    *cost += paid.sum::<f64>() * product::discount(self.rate, t);
                }
            }
        }
        costs
    }
}

/// What an hour's rest costs with so many nodes committed, times its hours.
pub(super) fn cost_of(block: &Block, prices: Prices, committed: f64) -> f64 {
    let mut rest = (block.rest - committed).max(0.0);
    let mut cost = 0.0;
    for step in block.steps(prices) {
        let served = rest.min(step.units);
        cost += served * step.price;
        rest -= served;
    }
    cost * block.hours
}

/// The hours of a month after the horizon against those of its last.
pub(super) fn later_hours(horizon: Horizon, t: usize) -> f64 {
    f64::from(horizon.month(t).hours()) / f64::from(horizon.last().hours())
}

/// A block of the tail: what is needed grows or shrinks, what may be had does not.
pub(super) fn stretched(block: &Block, later: Later) -> Block {
    let hours = block.hours * later.hours;
    if (later.need - 1.0).abs() < f64::EPSILON {
        return Block { hours, ..*block };
    }
    let spot = block.spot.map(|spot| spot.times(later.need));
    Block { rest: block.rest * later.need, spot, hours, ..*block }
}

impl OnSale<'_> {
    /// The need and the prices of a month; in the tail those of the horizon's last month, and what becomes of them.
    pub(super) fn month(&self, t: usize) -> (&MonthNeed, Prices, Later) {
        let last = self.needs.len() - 1;
        let later = if t > last { self.tail[t - last - 1] } else { Later::SAME };
        (self.needs[t.min(last)], self.market.hourly[t.min(last)], later)
    }

    /// The problem, at the quantile that is bought for or with weights of the draws.
    pub(super) fn problem(&self, all: &Problems, weights: Option<&[f64]>) -> PoolProblem {
        let months = (0..all.months).map(|t| self.recourse(all, t, weights)).collect();
        PoolProblem { months, ..self.bare() }
    }

    /// The problem with what spend takes from the saving of nodes, and a constant to take off.
    pub(super) fn problem_beside(&self, all: &Problems, shadow: &Shadow) -> (PoolProblem, i128) {
        let Some(shadow) = shadow.each.get(&self.pool) else {
            return (self.problem(all, None), 0);
        };
        let months = (0..all.months).map(|t| {
            let anyway = shadow.get(t).map_or(&[][..], Vec::as_slice);
            self.recourse_less(all, t, anyway)
        });
        let (months, below): (Vec<Recourse>, Vec<i128>) = months.unzip();
        (PoolProblem { months, ..self.bare() }, below.into_iter().sum())
    }

    fn bare(&self) -> PoolProblem {
        PoolProblem {
            months: Vec::new(),
            offers: self.offers.clone(),
            takes: self.takes.clone(),
            least: vec![0; self.offers.len()],
        }
    }

    /// Nodes that a floor asks for beside so many in a month.
    pub(super) fn below_floor(&self, t: usize, committed: u64) -> u64 {
        self.least[t].saturating_sub(committed)
    }

    /// Whether a floor, or a limit that need reaches, holds what is reserved in some month.
    pub(super) fn is_bounded(&self, months: usize) -> bool {
        let reaches = |t: usize, most: u64| {
            let (need, _, later) = self.month(t);
            let rest = need.blocks.iter().map(|block| stretched(block, later).rest);
            rest.fold(0.0, f64::max) > most as f64
        };
        (0..months).any(|t| self.least[t] > 0 || self.most[t].is_some_and(|most| reaches(t, most)))
    }

    fn recourse(&self, all: &Problems, t: usize, weights: Option<&[f64]>) -> Recourse {
        let (need, prices, later) = self.month(t);
        let mut collect = Collect::default();
        let mut add = |block: &Block, weight: f64, usable: f64| {
            let block = stretched(block, later);
            let rest = block.rest / usable;
            collect.add(block.hours * weight, rest, &block.steps(prices));
        };
        match weights {
            None if !self.windows.is_empty() => {
                return self.held_to(all, t, &windows::recourse(self, t));
            }
            None => {
                for block in &need.blocks {
                    add(block, 1.0, self.market.usable);
                }
            }
            Some(weights) => {
                let draws = need.by_draw.iter().zip(weights).enumerate();
                for (draw, (blocks, weight)) in draws.filter(|(_, (_, weight))| **weight > 0.0) {
                    for block in blocks {
                        add(block, *weight, self.market.usable_in.at(draw));
                    }
                }
            }
        }
        self.held_to(all, t, &collect.finish())
    }

    /// The recourse of a month less what each node would save anyway, and a constant to take off.
    fn recourse_less(&self, all: &Problems, t: usize, anyway: &[f64]) -> (Recourse, i128) {
        let (need, prices, later) = self.month(t);
        let mut collect = Collect::default();
        for block in &need.blocks {
            let block = stretched(block, later);
            collect.add(block.hours, block.rest / self.market.usable, &block.steps(prices));
        }
        let (month, below) = collect.finish().less(anyway);
        (self.held_to(all, t, &month), below)
    }

    /// A month with what has to be reserved and may be, in money of the first month.
    fn held_to(&self, all: &Problems, t: usize, month: &Recourse) -> Recourse {
        let penalty = micro(self.month(t).1.short * 730.0);
        month
            .at_least(self.least[t], penalty)
            .scaled(product::discount(all.rate, t))
            .at_most(self.most[t])
    }
}

/// The most and the fewest nodes that new reserved purchases may and must add in a month.
fn bounds(
    plan: &Plan,
    id: Id<Pool>,
    need: &MonthNeed,
    plan_for: PlanFor,
    reserved: &dyn Fn(f64) -> f64,
) -> (Option<u64>, u64) {
    let pool = &plan.pools[id];
    let first = plan.horizon.month(need.t).first_day();
    let day = f64::from(days_between(plan.horizon.first_day(), first));
    let days = plan.horizon.month(need.t).days();
    let on = |later: u32| reserved(day + f64::from(later));
    let each: Vec<f64> = (0..days).map(on).collect();
    // A limit holds on every day, a floor is of the month's mean.
    let most_there = each.iter().copied().fold(0.0, f64::max);
    let mean_there = each.iter().sum::<f64>() / each.len() as f64;
    let granted = grants(plan, pool, Some(Purchase::Reserved));
    let draws = plan.draws.count();
    let mut may: Vec<f64> = (0..draws).map(|draw| granted.on(day, draw)).collect();
    may.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place")]
    let low = ((1.0 - plan_for.quantile()) * draws as f64) as usize;
    let most = (may[low.min(draws - 1)] - most_there).min(need.most).max(0.0);
    let floor = pool.floors.get(&Purchase::Reserved).copied().unwrap_or(0.0);
    let asked = (floor * need.mean_nodes - mean_there).max(0.0);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "nodes of a pool")]
    let whole = |nodes: f64| nodes as u64;
    (most.is_finite().then(|| whole(most)), whole((asked - 1e-9).ceil().max(0.0)))
}

pub(super) fn tail_of(tail: procurement::Tail) -> tail::Tail {
    match tail {
        procurement::Tail::Flat => tail::Tail::Flat,
        procurement::Tail::Decay => tail::Tail::Decay,
        procurement::Tail::Growth => tail::Tail::Growth,
    }
}

/// The periods of the horizon and its tail: label and first month.
fn periods(plan: &Plan, months: usize, per: CashPeriod) -> Vec<(String, usize)> {
    let mut periods: Vec<(String, usize)> = Vec::new();
    for t in 0..months {
        let month = plan.horizon.month(t);
        let label = match per {
            CashPeriod::FiscalQuarter => plan.fiscal.quarter_of(month).to_string(),
            CashPeriod::FiscalYear => format!("FY{}", plan.fiscal.year_of(month)),
            CashPeriod::Month => month.to_string(),
        };
        if periods.last().is_none_or(|(last, _)| *last != label) {
            periods.push((label, t));
        }
    }
    periods
}
