//! From need and what is on sale to a schedule of orders: what, how many, by when, why, and what else.
//!
//! In: what every pool still needs by month ([`month_need`](super::need::month_need)), the terms of its
//! supply, the chosen instance types. Out: the [`Schedule`]. The optimum decides; this file puts dates,
//! cash and reasons to it. Quantities are bought for the quantile that the plan states; what orders save
//! and prevent is a mean over all draws, as the ledger is.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::{Date, days_between, plus_days};
use crate::capacity::need::InstanceChoice;
use crate::ids::Id;
use crate::plan::pool::{CommitmentKind, Renew};
use crate::plan::procurement::{CashPeriod, PlanFor};
use crate::plan::{Commitment, Plan, Pool};
use crate::procure::alternatives::{self, alternatives};
use crate::procure::hourly::HourlyUse;
use crate::procure::limits;
use crate::procure::need::MonthNeed;
use crate::procure::optimum::product;
use crate::procure::optimum::recourse::MICRO;
use crate::procure::ordering::{mean_rent, mean_short, mean_spot, orders_of};
use crate::procure::orders::{
    Ending, Expected, Expiry, Order, PeriodCash, PoolPlan, Schedule, SpendPlan, Then,
};
use crate::procure::problem::{Found, Later, OnSale, Problems};
use crate::procure::savings::{Change, Hours, Worth, peaks, spend_market, worth};
use crate::procure::terms::Terms;
use crate::procure::together::{self, Decided};

/// What runs on demand by hour in one pool and month of a plan with these terms.
pub(crate) type ByHour<'a> = &'a (dyn Fn(&Plan, &Terms, Id<Pool>, usize) -> HourlyUse + Sync);

/// Decides what to buy and when: nodes, and spend under savings plans. `needs` are by pool, then month.
#[must_use]
pub(crate) fn schedule(
    plan: &Plan,
    terms: &Terms,
    choices: &[InstanceChoice],
    needs: &[MonthNeed],
    as_of: Date,
    by_hour: ByHour<'_>,
) -> Schedule {
    let Some(market) = spend_market(plan, choices, &peaks(needs)) else {
        let problems = Problems::new(plan, choices, needs, as_of, None);
        return of_nodes(&problems, terms, needs, &problems.solve(), as_of);
    };
    let mut problems = Problems::new(plan, choices, needs, as_of, Some(&market));
    let ground = together::ground(&problems, &market, needs, as_of);
    let sold: BTreeSet<Id<Pool>> = problems.pools.iter().map(|one| one.pool).collect();
    let make = |pool, t| {
        let hours = by_hour(plan, terms, pool, t);
        if sold.contains(&pool) { hours } else { hours.into_supplied() }
    };
    let hours = Hours::of(plan, &market, &make);
    let coarse = hours.coarse(&|pool, t| market.prices.get(&pool).map_or(0.0, |prices| prices[t]));
    let both = (&hours, coarse.as_ref());
    let Decided { mut found, mut spend } = together::decide(&problems, &ground, both, as_of);
    problems.beside = std::mem::take(&mut found.beside);
    let mut nodes = of_nodes(&problems, terms, needs, &found, as_of);
    alternatives::beside_spend(&problems, &ground, both, (&found, &spend), as_of, &mut nodes.pools);
    let ordered = problems.committed(&found.covers);
    let paid = worth(&ground, &hours, &ordered, &spend.orders, &nodes.changes(plan));
    nodes.beside(&paid, &mut spend);
    if market.sells() { nodes.with_spend(plan, spend) } else { nodes }
}

impl Schedule {
    /// What the horizon would be without each order, then with the nodes of each late one from the day on that they
    /// would have paid from.
    fn changes(&self, plan: &Plan) -> Vec<Change> {
        let without = self.orders.iter().map(|order| {
            // Blocks by the day are of pools that spend does not pay for.
            let term = order.term_months.unwrap_or(0) as usize;
            let months = (order.t..(order.t + term).min(plan.horizon.months))
                .map(|m| (m, -(order.nodes as f64)));
            Change { pool: order.pool, nodes: months.collect() }
        });
        let bridged = self.orders.iter().filter_map(|order| {
            let late = order.late.as_ref()?;
            let first = plan.horizon.index(plan.horizon.month_of(late.needed))?;
            let months = late.nodes.iter().enumerate();
            let nodes = months.map(|(k, nodes)| (first + k, *nodes as f64)).collect();
            Some(Change { pool: order.pool, nodes })
        });
        without.chain(bridged).collect()
    }

    /// Takes what spend pays for off the figures of these orders, and puts the figures of spend to its own.
    fn beside(&mut self, paid: &Worth, spend: &mut SpendPlan) {
        let (without, bridged) = paid.more.split_at(self.orders.len());
        for (order, more) in self.orders.iter_mut().zip(without) {
            order.saves -= more;
        }
        let late = self.orders.iter_mut().filter_map(|order| order.late.as_mut());
        for (late, more) in late.zip(bridged) {
            late.cost += more;
        }
        for (order, less) in spend.orders.iter_mut().zip(&paid.less) {
            order.saves = less - order.cost_inside;
        }
        let on_sale = |pool: &Id<Pool>| self.pools.iter().any(|one| one.pool == *pool);
        let others = paid.rented.iter().filter(|(pool, _)| !on_sale(pool));
        let rented: f64 = others.map(|(_, rented)| rented).sum();
        let spent: f64 = spend.orders.iter().map(|order| order.cost_inside).sum();
        self.expected.signed = paid.signed;
        self.expected.cost_without += rented - paid.signed;
        self.expected.cost_with += rented + spent - paid.all;
    }
}

/// The schedule of what was found for nodes.
fn of_nodes(
    problems: &Problems,
    terms: &Terms,
    needs: &[MonthNeed],
    found: &Found,
    as_of: Date,
) -> Schedule {
    let plan = problems.plan;
    let mut orders = Vec::new();
    let mut pools = Vec::new();
    let mut expected = Expected::default();
    let (mut inside, mut penalty) = (0.0, 0.0);
    let mut by_pool = BTreeMap::new();
    for (place, pool) in problems.pools.iter().enumerate() {
        let units = found.covers.get(place).map_or(vec![], |cover| cover.units.clone());
        let committed = committed(problems, pool, &units);
        let pool_orders = orders_of(problems, pool, &units, &committed, as_of);
        penalty += penalty_of(problems, pool, &committed);
        inside += pool_orders.iter().map(|order| order.cost_inside).sum::<f64>()
            + rented_inside(plan, pool, &committed);
        let none = vec![0; committed.len()];
        let bare = pool.without_windows();
        expected.cost_without += mean_rent(&bare, &none, plan.horizon.months);
        expected.cost_with += mean_rent(pool, &committed, plan.horizon.months)
            + pool_orders.iter().map(|order| order.cost_inside).sum::<f64>();
        expected.short_without += mean_short(&bare, &none, plan.horizon.months);
        expected.short_with += mean_short(pool, &committed, plan.horizon.months);
        pools.push(pool_plan(problems, terms, pool, &units, &committed, !pool_orders.is_empty()));
        orders.extend(pool_orders);
        by_pool.insert(pool.pool, (pool, committed));
    }
    // What runs on demand there is told by what spend is worth.
    for pool in &problems.by_spend {
        let none = vec![0; plan.horizon.months];
        let short = mean_short(pool, &none, plan.horizon.months);
        let spot = mean_spot(pool, plan.horizon.months);
        expected.cost_without += spot;
        expected.cost_with += spot;
        expected.short_without += short;
        expected.short_with += short;
    }
    orders.sort_by(|a, b| {
        a.order_by.cmp(&b.order_by).then(a.pool.cmp(&b.pool)).then(a.name.cmp(&b.name))
    });
    let firm_until = plan.horizon.month_of(as_of).last_day().max(plan.horizon.first.last_day());
    for order in &mut orders {
        order.firm = order.order_by <= firm_until;
    }
    let limit = problems.procurement.cash_limit;
    let ordered = |pool, t: usize| {
        let of_pool = by_pool.get(&pool);
        of_pool.map_or(vec![], |(pool, committed)| pool.nodes_by_block(t, committed[t]))
    };
    Schedule {
        plan_for: problems.procurement.plan_for,
        tail: problems.procurement.tail,
        firm_until,
        expiries: expiries(plan, &orders),
        limits: limits::requests(plan, terms, needs, &ordered, as_of),
        spend: None,
        cash: cash(problems, &orders),
        cash_per: limit.map_or(CashPeriod::FiscalQuarter, |limit| limit.per),
        objective: found.cost - penalty,
        bound: found.bound - penalty,
        inside,
        expected,
        orders,
        pools,
    }
}

/// Nodes committed by new orders, by month of the horizon and its tail.
pub(super) fn committed(problems: &Problems, pool: &OnSale, units: &[u64]) -> Vec<u64> {
    let mut committed = vec![0; problems.months];
    for (offer, units) in pool.offers.iter().zip(units) {
        committed[offer.from..offer.to].iter_mut().for_each(|month| *month += units);
    }
    committed
}

/// What is rented beside what is committed inside the horizon, at the quantile that is bought for.
fn rented_inside(plan: &Plan, pool: &OnSale, committed: &[u64]) -> f64 {
    (0..plan.horizon.months)
        .map(|t| {
            let mut prices = pool.month(t).1;
            prices.short = 0.0;
            pool.rented(t, committed[t], prices, Later::SAME)
        })
        .sum()
}

/// What the optimum counted for nodes that cannot be had, which is no money.
pub(super) fn penalty_of(problems: &Problems, pool: &OnSale, committed: &[u64]) -> f64 {
    if problems.procurement.plan_for == PlanFor::Cvar {
        return 0.0;
    }
    let problem = pool.problem(problems, None);
    let all: f64 = problem
        .months
        .iter()
        .zip(committed)
        .map(|(month, units)| month.cost(*units) as f64 / MICRO)
        .sum();
    let rented: f64 = (0..problems.months)
        .map(|t| {
            let (_, mut prices, later) = pool.month(t);
            prices.short = 0.0;
            let blocks: f64 = pool.parts(t, committed[t]).iter().map(|part| part.cost).sum();
            let cost = pool.rented(t, committed[t], prices, later) + blocks;
            cost * product::discount(problems.rate, t)
        })
        .sum();
    // Rounding to millionths is no penalty.
    let penalty = all - rented;
    if penalty.abs() <= 1e-6 * all.abs().max(1.0) { 0.0 } else { penalty }
}

fn pool_plan(
    problems: &Problems,
    terms: &Terms,
    pool: &OnSale,
    units: &[u64],
    committed: &[u64],
    buys: bool,
) -> PoolPlan {
    let plan = problems.plan;
    let existing = |t: usize| {
        let first = plan.horizon.month(t).first_day();
        let day = f64::from(days_between(plan.horizon.first_day(), first));
        let draws = plan.draws.count();
        let there = terms.of(pool.pool).existing.iter().filter(|e| day < e.until).map(|e| {
            let there = (0..draws).filter(|draw| e.from.at(*draw) <= day).count();
            e.nodes * there as f64 / draws as f64
        });
        there.fold(0.0, |sum, nodes| sum + nodes)
    };
    let crosses_on = pool.needs.iter().find_map(|need| {
        let day = i32::try_from(need.crosses_on?).ok()?;
        Some(plus_days(plan.horizon.month(need.t).first_day(), day))
    });
    PoolPlan {
        pool: pool.pool,
        committed: (0..plan.horizon.months).map(|t| pool.most_nodes(t, committed[t])).collect(),
        below_floor: (0..plan.horizon.months).map(|t| pool.below_floor(t, committed[t])).collect(),
        existing: (0..plan.horizon.months).map(existing).collect(),
        needed: pool.needs.iter().map(|need| need.mean_nodes).collect(),
        crosses_on,
        // With CVaR there is no one need that another plan could be held against; beside spend, another plan is
        // held against this one once spend is decided.
        alternatives: if buys
            && problems.procurement.plan_for != PlanFor::Cvar
            && !problems.beside.each.contains_key(&pool.pool)
        {
            alternatives(problems, pool, units)
        } else {
            vec![]
        },
        not_weighed: vec![],
    }
}

/// What purchases take in each period.
fn cash(problems: &Problems, orders: &[Order]) -> Vec<PeriodCash> {
    let plan = problems.plan;
    let limits = problems.limits();
    let mut periods: Vec<PeriodCash> = problems
        .periods
        .iter()
        .filter(|(_, first)| *first < plan.horizon.months)
        .enumerate()
        .map(|(place, (label, first))| PeriodCash {
            label: label.clone(),
            first: plan.horizon.month(*first),
            upfront: 0.0,
            capex: 0.0,
            running: 0.0,
            limit: limits.get(place).copied(),
        })
        .collect();
    for order in orders {
        let first = &mut periods[problems.period(order.t)];
        first.upfront += order.upfront;
        first.capex += order.capex;
        for (k, running) in order.running.iter().enumerate() {
            periods[problems.period(order.t + k)].running += running;
        }
    }
    periods
}

/// Commitments that end inside the horizon, and what becomes of them.
fn expiries(plan: &Plan, orders: &[Order]) -> Vec<Expiry> {
    let mut replaced: BTreeMap<(Id<Pool>, usize), u64> = BTreeMap::new();
    for order in orders.iter().filter(|order| order.term_months.is_some()) {
        *replaced.entry((order.pool, order.t)).or_default() += order.nodes;
    }
    let mut ending: Vec<(Id<Commitment>, &Commitment)> = plan
        .commitments
        .iter()
        .filter(|(_, commitment)| {
            let (first, last) = (plan.horizon.first_day(), plan.horizon.last_day());
            commitment.until >= first && commitment.until < last
        })
        .collect();
    ending.sort_by_key(|(id, commitment)| (commitment.until, *id));
    ending
        .into_iter()
        .map(|(_, commitment)| {
            let what = match &commitment.kind {
                CommitmentKind::Reserved { pool, nodes, .. } => Ending::Nodes(*pool, *nodes),
                CommitmentKind::Spend { provider, per_hour, .. } => {
                    Ending::Spend(*provider, per_hour.exact.unwrap_or_default())
                }
            };
            let then = match commitment.renew {
                Renew::Always => Then::Renewed,
                Renew::Never => Then::Ends,
                Renew::Decide => {
                    let Ending::Nodes(pool, nodes) = what else {
                        return ending_of(commitment, what, Then::Replaced(0));
                    };
                    // What ends inside a month is replaced by orders of that month or the next; of several
                    // that end, the earlier takes its orders first.
                    let month = plan.horizon.month_of(plus_days(commitment.until, 1));
                    let mut wanted = u64::from(nodes);
                    let months = [month, month.plus(1)].map(|month| plan.horizon.index(month));
                    let whole = month.first_day() > commitment.until;
                    for t in months.into_iter().take(if whole { 1 } else { 2 }).flatten() {
                        if let Some(left) = replaced.get_mut(&(pool, t)) {
                            let taken = wanted.min(*left);
                            *left -= taken;
                            wanted -= taken;
                        }
                    }
                    Then::Replaced(u64::from(nodes) - wanted)
                }
            };
            ending_of(commitment, what, then)
        })
        .collect()
}

fn ending_of(commitment: &Commitment, what: Ending, then: Then) -> Expiry {
    Expiry { commitment: commitment.name.clone(), what, until: commitment.until, then }
}
