//! From what is bought of a pool to its orders: dates, cash, what each saves and prevents, and because of what.
//!
//! What an order saves is a mean over all draws, as the ledger is, with everything else bought as recommended: its
//! nodes are rented by the hour instead, where they can be had.

use std::collections::BTreeMap;

use crate::calendar::{Date, days_between, plus_days};
use crate::ids::Id;
use crate::money::precise;
use crate::plan::price::{Amount, Purchase};
use crate::plan::{Plan, Workload};
use crate::procure::dates::{chance_of_late, order_by};
use crate::procure::market::{Sale, days};
use crate::procure::need::{Prices, Saved};
use crate::procure::optimum::flow::cheapest;
use crate::procure::optimum::product;
use crate::procure::orders::{Late, Order};
use crate::procure::problem::{OnSale, Problems};
use crate::procure::windows::{self, Part, Run};

/// The orders of one pool, of which so many units are bought and so many nodes committed by month.
pub(super) fn orders_of(
    problems: &Problems,
    pool: &OnSale,
    units: &[u64],
    committed: &[u64],
    as_of: Date,
) -> Vec<Order> {
    let buying = Buying { problems, pool, committed, as_of };
    let months = problems.plan.horizon.months;
    let bought = pool.starts.iter().zip(units);
    let bought: Vec<_> =
        bought.filter(|(start, units)| **units > 0 && start.month < months).collect();
    let ideal = if bought.is_empty() { vec![] } else { ideal(problems, pool) };
    // Nodes by month with those that are bridged for orders that were looked at already.
    let mut bridged = committed.to_vec();
    let mut missed = BTreeMap::new();
    let terms = bought.into_iter().map(|(start, nodes)| {
        let sale = &pool.market.sales[start.product];
        let mut order = buying.term(sale, start.month, *nodes);
        order.late = late(problems, pool, sale, &order, &mut bridged, (&ideal, as_of));
        buying.now_if_late(order, sale)
    });
    let runs = windows::runs(problems, pool, committed);
    let blocks = runs.iter().map(|run| {
        let mut order = buying.block(run);
        order.late = buying.late_block(run, &mut missed);
        buying.now_if_late(order, &pool.market.blocks[run.sale])
    });
    terms.chain(blocks).collect()
}

/// What is rented inside the horizon, in the mean of the draws, with so many nodes committed by month.
pub(super) fn mean_rent(pool: &OnSale, committed: &[u64], months: usize) -> f64 {
    let parts = |t: usize| pool.parts(t, committed[t]);
    (0..months).map(|t| parts(t).iter().map(|part| rent(pool, t, part, 0)).sum::<f64>()).sum()
}

/// The same of spot alone.
pub(super) fn mean_spot(pool: &OnSale, months: usize) -> f64 {
    let of_month = |t: usize| {
        let (need, prices, _) = pool.month(t);
        rest(&need.saved.spot, 0) * had(prices, prices.spot)
    };
    (0..months).map(of_month).sum()
}

/// Node-hours that cannot be had, likewise.
pub(super) fn mean_short(pool: &OnSale, committed: &[u64], months: usize) -> f64 {
    let of_month = |t: usize| {
        let parts = pool.parts(t, committed[t]);
        parts.iter().map(|part| short(part, 0)).sum::<f64>() + pool.month(t).0.beyond_hours
    };
    (0..months).map(of_month).sum()
}

/// What is rented in part of a month, in the mean of the draws, without so many of its nodes.
fn rent(pool: &OnSale, t: usize, part: &Part, without: u64) -> f64 {
    let nodes = part.nodes.saturating_sub(without);
    rent_of(pool, t, part.saved, nodes)
}

fn rent_of(pool: &OnSale, t: usize, saved: &Saved, nodes: u64) -> f64 {
    let prices = pool.month(t).1;
    rest(&saved.on_demand, nodes) * had(prices, prices.on_demand)
        + rest(&saved.spot, nodes) * had(prices, prices.spot)
}

/// A price; nothing where it stands for what cannot be had.
fn had(prices: Prices, price: f64) -> f64 {
    if price < prices.short { price } else { 0.0 }
}

/// Node-hours that cannot be had in part of a month without so many of its nodes.
fn short(part: &Part, without: u64) -> f64 {
    rest(&part.saved.short, part.nodes.saturating_sub(without))
}

/// The sum of what nodes save from `nodes` on.
fn rest(each: &[f64], nodes: u64) -> f64 {
    each.iter().skip(usize::try_from(nodes).unwrap_or(usize::MAX)).sum()
}

/// One pool and what is bought for it.
struct Buying<'a> {
    problems: &'a Problems<'a>,
    pool: &'a OnSale<'a>,
    committed: &'a [u64],
    as_of: Date,
}

/// What is said of every order.
struct About<'a> {
    sale: &'a Sale,
    name: String,
    product: String,
    t: usize,
    term_months: Option<u32>,
    nodes: u64,
    /// First and last day.
    days: (Date, Date),
    upfront: f64,
    running: Vec<f64>,
    cost_inside: f64,
    /// Rent and shortfall that it spares.
    spares: (f64, f64),
}

impl Buying<'_> {
    /// An order that binds for a term, from the first day of a month on.
    fn term(&self, sale: &Sale, t: usize, nodes: u64) -> Order {
        let plan = self.problems.plan;
        let month = plan.horizon.month(t);
        let term = sale.term(plan, t);
        let end = sale.serves_until(plan, t);
        // What is owned costs something as long as it serves; what is signed for ends on a day.
        let paid = if sale.purchase == Purchase::Owned { t..end } else { term.months() };
        let spares = (t..end).flat_map(|m| {
            let parts = self.pool.parts(m, self.committed[m]);
            parts.into_iter().map(move |part| self.spares(m, &part, nodes))
        });
        let name = &plan.pools[self.pool.pool].name;
        self.order(About {
            sale,
            name: format!("order {name} {month} {}", sale.label.replace(',', "")),
            product: sale.label.clone(),
            t,
            term_months: Some(sale.term_months),
            nodes,
            days: (month.first_day(), term.last),
            upfront: sale.upfront(plan, t) * nodes as f64,
            cost_inside: paid.clone().map(|m| sale.accrued(plan, t, m)).sum::<f64>() * nodes as f64,
            running: paid.map(|m| sale.running(plan, t, m) * nodes as f64).collect(),
            spares: spares.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1)),
        })
    }

    /// An order of a capacity block.
    fn block(&self, run: &Run) -> Order {
        let plan = self.problems.plan;
        let sale = &self.pool.market.blocks[run.sale];
        let (t, last) = (run.stretches[0].0, run.stretches[run.stretches.len() - 1].0);
        let days = days_between(run.first, run.last) + 1;
        let length = if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
        let cost = sale.per_hour(plan, t) * f64::from(days) * 24.0 * run.nodes as f64;
        let spares = run.stretches.iter().map(|(m, place)| {
            let part = &self.pool.parts(*m, self.committed[*m])[*place];
            self.spares(*m, part, run.nodes)
        });
        let name = &plan.pools[self.pool.pool].name;
        self.order(About {
            sale,
            name: format!("order {name} {} capacity block {length}", run.first),
            product: format!("capacity block, {length}"),
            t,
            term_months: None,
            nodes: run.nodes,
            days: (run.first, run.last),
            upfront: cost,
            cost_inside: cost,
            running: vec![0.0; last - t + 1],
            spares: spares.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1)),
        })
    }

    /// Rent and shortfall that nodes spare in part of a month.
    fn spares(&self, t: usize, part: &Part, nodes: u64) -> (f64, f64) {
        let rent = |without| rent(self.pool, t, part, without);
        let short = |without| short(part, without);
        (rent(nodes) - rent(0), short(nodes) - short(0))
    }

    fn order(&self, about: About) -> Order {
        let About { sale, t, nodes, .. } = about;
        let (need_by, until) = about.days;
        let dates = order_by(need_by, sale.delays, self.as_of);
        let (driver, driver_share) = driver(self.pool, t);
        Order {
            name: about.name,
            pool: self.pool.pool,
            purchase: sale.purchase,
            product: about.product,
            nodes,
            t,
            term_months: about.term_months,
            price: scaled(&sale.price, sale.level(self.problems.plan, t)),
            upfront_share: sale.upfront_share,
            need_by,
            until,
            order_by: dates.order_by,
            decide_by: dates.decide_by,
            in_service: in_service(sale, dates.decide_by),
            late_chance: chance_of_late(&leads(self.problems, sale), dates.decide_by, need_by),
            firm: false,
            late: None,
            upfront: about.upfront,
            capex: if sale.purchase == Purchase::Owned { about.upfront } else { 0.0 },
            running: about.running,
            cost_inside: about.cost_inside,
            saves: about.spares.0 - about.cost_inside,
            prevents_short: about.spares.1,
            driver,
            driver_share,
        }
    }

    /// A late order is dated from the as-of day on.
    fn now_if_late(&self, mut order: Order, sale: &Sale) -> Order {
        if order.late.is_some() {
            order.order_by = self.as_of;
            order.decide_by = plus_days(self.as_of, sale.delays.approval);
            order.in_service = in_service(sale, order.decide_by);
            let leads = leads(self.problems, sale);
            order.late_chance = chance_of_late(&leads, order.decide_by, order.need_by);
        }
        order
    }

    /// What it means that a block cannot be there on the days right before it, on which it would have paid too.
    /// `missed` are nodes by stretch that are counted for other orders.
    fn late_block(&self, run: &Run, missed: &mut BTreeMap<(usize, usize), u64>) -> Option<Late> {
        let windows = &self.pool.windows;
        let before = windows[..=run.stretches[0].0].iter().enumerate().flat_map(|(t, month)| {
            month.iter().enumerate().map(move |(place, window)| (t, place, window))
        });
        let before: Vec<_> =
            before.take_while(|(t, place, _)| (*t, *place) != run.stretches[0]).collect();
        let missing = |t: usize, place: usize, window: &windows::Window| {
            let others = missed.get(&(t, place)).copied().unwrap_or(0);
            window.missing(self.committed[t]).saturating_sub(others).min(run.nodes)
        };
        let bridged = before
            .iter()
            .rev()
            .map(|(t, place, window)| (*t, *place, *window, missing(*t, *place, window)));
        let bridged: Vec<_> = bridged.take_while(|(.., missing)| *missing > 0).collect();
        let (first, _, window, _) = *bridged.last()?;
        let needed = window.first_day(self.problems, first);
        let (mut cost, mut prevents) = (0.0, 0.0);
        let mut nodes = vec![0; run.stretches[0].0 - first + 1];
        for (t, place, window, missing) in bridged {
            let others = missed.entry((t, place)).or_insert(0);
            let part = &self.pool.parts(t, self.committed[t])[place];
            let now = part.nodes + *others;
            let more = now + missing;
            *others += missing;
            cost += rent_of(self.pool, t, part.saved, now)
                - rent_of(self.pool, t, part.saved, more)
                - window.wanted.1 * missing as f64;
            prevents += rest(&part.saved.short, now) - rest(&part.saved.short, more);
            nodes[t - first] = missing.max(nodes[t - first]);
        }
        let days = days_between(needed, run.first);
        Some(Late { needed, days, nodes, cost, short: prevents })
    }
}

/// When it is there if ordered on a day: the median, and the 90th percentile.
fn in_service(sale: &Sale, decided: Date) -> (Date, Date) {
    let lead = |p| sale.lead.as_ref().map_or(0, |lead| days(lead.dist.quantile(p)));
    (plus_days(decided, lead(0.5)), plus_days(decided, lead(0.9)))
}

/// Lead times in days, one a draw.
fn leads(problems: &Problems, sale: &Sale) -> Vec<f64> {
    sale.lead.as_ref().map_or(vec![0.0], |lead| {
        problems.plan.draws.values(lead).into_iter().map(|hours| hours / 24.0).collect()
    })
}

/// A price that moved by a factor.
fn scaled(price: &Amount, level: f64) -> Amount {
    if (level - 1.0).abs() < f64::EPSILON {
        return price.clone();
    }
    let mut price = price.clone();
    price.exact = price.exact.map(|exact| (exact * precise(level)).round_dp(12));
    price.estimate.dist = price.estimate.dist.scaled(level);
    price
}

/// The workload that asks for most of a pool in a month, and its share.
fn driver(pool: &OnSale, t: usize) -> (Option<Id<Workload>>, f64) {
    let asked = &pool.month(t).0.asked;
    let all: f64 = asked.iter().map(|(_, hours)| hours).sum();
    // The first of the largest: by name.
    let most = asked.iter().rev().max_by(|a, b| a.1.total_cmp(&b.1));
    match most.filter(|(_, hours)| *hours > 0.0) {
        Some((workload, hours)) => (Some(*workload), hours / all),
        None => (None, 0.0),
    }
}

/// Nodes that would be committed by month if everything could be had at once.
fn ideal(problems: &Problems, pool: &OnSale) -> Vec<u64> {
    if pool.market.sales.iter().all(|sale| sale.first == 0) {
        return vec![];
    }
    let plan = problems.plan;
    let products: Vec<_> = pool
        .market
        .sales
        .iter()
        .map(|sale| {
            let mut product = sale.product(plan, problems.months, problems.rate);
            product.first = 0;
            product
        })
        .collect();
    let (offers, _) = product::offers(&products, problems.months, problems.rate);
    let (problem, _) = pool.problem_beside(problems, &problems.beside);
    cheapest(&problem.months, &offers).committed(problems.months, &offers)
}

/// Whether an order begins as early as it can and would have begun earlier, and what that costs.
fn late(
    problems: &Problems,
    pool: &OnSale,
    sale: &Sale,
    order: &Order,
    bridged: &mut [u64],
    (ideal, as_of): (&[u64], Date),
) -> Option<Late> {
    if order.t == 0 || order.t != sale.first || ideal.is_empty() {
        return None;
    }
    let plan: &Plan = problems.plan;
    let missing = |m: usize| ideal[m].saturating_sub(bridged[m]).min(order.nodes);
    // What is past has been paid for.
    let ahead = |m: &usize| plan.horizon.month(*m).last_day() >= as_of;
    let first = (0..order.t).rev().take_while(|m| missing(*m) > 0 && ahead(m)).last()?;
    let needed = plan.horizon.month(first).first_day().max(as_of);
    let (mut cost, mut prevents) = (0.0, 0.0);
    let nodes: Vec<u64> = (first..order.t).map(missing).collect();
    for (m, missing) in (first..order.t).zip(&nodes) {
        let now = bridged[m];
        let more = now + missing;
        bridged[m] = more;
        for part in pool.parts(m, now) {
            // Nodes of the order take the place of those in blocks first.
            let with = part.nodes.max(more);
            cost += rent(pool, m, &part, 0) - rent_of(pool, m, part.saved, with);
            prevents += short(&part, 0) - rest(&part.saved.short, with);
        }
        let blocks = |committed| pool.parts(m, committed).iter().map(|part| part.cost).sum::<f64>();
        cost += blocks(now) - blocks(more) - sale.accrued(plan, m, m) * *missing as f64;
        let month = plan.horizon.month(m);
        let left = f64::from(days_between(needed.max(month.first_day()), month.last_day()) + 1)
            / f64::from(month.days());
        if left < 1.0 {
            cost *= left;
            prevents *= left;
        }
    }
    // Nothing takes the place of owned nodes: there is no rental to bridge them.
    let cost = if sale.purchase == Purchase::Owned { 0.0 } else { cost };
    Some(Late { needed, days: days_between(needed, order.need_by), nodes, cost, short: prevents })
}
