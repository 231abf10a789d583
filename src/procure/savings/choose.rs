//! How much spend to commit to under which savings plans, beside orders of nodes.
//!
//! Provider by provider the best [`mix`](super::mix) is taken. The bound is what no mix can go below: the best rate of
//! all for every pool, bound for a month at a time.

use super::cash::{Cash, beside_others};
use super::mix::{Proposal, Search, Variety};
use super::one::Solved;
use super::order::{Bought, order};
use super::reduce::{Ground, Months};
use super::{Hours, OfProvider};
use crate::calendar::Date;
use crate::plan::Procurement;
use crate::procure::dates::Delays;
use crate::procure::market::days;
use crate::procure::optimum::product::discount;
use crate::procure::optimum::recourse::{MICRO, Recourse};
use crate::procure::orders::{Instead, SpendPlan};

/// What was chosen.
pub(crate) struct Chosen {
    pub plan: SpendPlan,
    /// What signed spend saves, over the horizon and its tail.
    pub signed: f64,
    /// All that is committed to, after the horizon too.
    pub amounts: Proposal,
}

impl Chosen {
    /// What signed and chosen spend save, less what is paid for what was chosen.
    pub fn saves(&self) -> f64 {
        self.plan.rented - self.plan.objective + self.signed
    }
}

/// How spend is decided.
#[derive(Debug, Clone, Copy)]
pub(crate) struct How<'a> {
    pub variety: Variety,
    pub as_of: Date,
    /// A mix that is weighed as well.
    pub proposal: Option<&'a Proposal>,
}

/// How the days of orders are counted.
pub(crate) fn delays(procurement: &Procurement) -> Delays {
    Delays {
        lead: 0,
        approval: days(procurement.approval_hours),
        buffer: days(procurement.buffer_hours),
    }
}

/// Decides how much to commit to under which savings plans.
#[must_use]
pub(crate) fn choose(
    ground: &Ground<'_>,
    hours: &Hours<'_>,
    nodes: &Months,
    procurement: &Procurement,
    cash: Option<&Cash>,
    how: How<'_>,
) -> Chosen {
    let as_of = how.as_of;
    let mut result = SpendPlan::default();
    let mut cash = cash.cloned();
    let mut signed = 0.0;
    let mut amounts = Proposal::new();
    if ground.market.providers.is_empty() {
        let months = ground.collected(hours, nodes, &[], &[], true);
        let saved =
            months.iter().enumerate().map(|(m, (_, saved))| saved * discount(ground.rate, m));
        signed = saved.sum();
    }
    for one in &ground.market.providers {
        let mut asked = vec![(&one.best, one.unit)];
        // Where rates are the same, so is what they save.
        let places = one.on_sale.iter().map(|sale| {
            asked.iter().position(|(rates, _)| **rates == sale.rates).unwrap_or_else(|| {
                asked.push((&sale.rates, one.unit));
                asked.len() - 1
            })
        });
        let places: Vec<usize> = places.collect();
        let months = ground.collected(hours, nodes, &[], &asked, true);
        signed =
            months.iter().enumerate().map(|(m, (_, saved))| saved * discount(ground.rate, m)).sum();
        let of = |place: usize| -> Vec<Recourse> {
            months.iter().map(|(all, _)| all[place].clone()).collect()
        };
        let (nothing, mut most) = by_the_month(ground, one, &of(0));
        if !ground.market.signed.is_empty() {
            // What is signed may pay after what is ordered: both together save no more than each by itself.
            let free = ground.collected(hours, nodes, &[], &asked[..1], false);
            let free: Vec<Recourse> = free.into_iter().map(|(mut all, _)| all.remove(0)).collect();
            most = by_the_month(ground, one, &free).1;
        }
        result.rented += nothing;
        let alone = |k: usize, cash: Option<&Cash>| {
            let sale = &one.on_sale[k];
            let (term, own) = (sale.term_months as usize, of(places[k]));
            Solved::of(ground, one.unit, own, term, sale.upfront, cash)
        };
        let free: Vec<Solved> = (0..one.on_sale.len()).map(|k| alone(k, None)).collect();
        result.bound += nothing - most;
        let limit = cash.as_ref().map(|cash| beside_others(ground, cash, one, how.proposal));
        let search = Search { ground, hours, nodes, one, cash: limit.as_ref() };
        let first = free.iter().enumerate().map(|(k, free)| {
            let fits = limit.as_ref().is_none_or(|cash| cash.leaves(&free.bought));
            (k, if fits { free.clone() } else { alone(k, limit.as_ref()) })
        });
        let first: Vec<(usize, Solved)> = first.collect();
        let (chosen, saves) = search.mix(&first, how);
        result.objective += nothing - saves;
        for (k, solved) in &chosen {
            let sale = &one.on_sale[*k];
            let rented = |m: usize, per_hour: f64| {
                let units = per_hour / one.unit;
                let cost = |units: f64| solved.recourse[m].cost(whole(units)) as f64 / MICRO;
                let part = units - units.floor();
                cost(units.floor()) * (1.0 - part) + cost(units.ceil()) * part
            };
            // What is bought after the horizon keeps the limit too, but is no order.
            let inside = |bought: &&Bought| bought.t < ground.plan.horizon.months;
            let orders = solved.bought.iter().filter(inside).map(|bought| {
                let when = (delays(procurement), as_of);
                order(ground, sale, *bought, &solved.committed, &rented, when)
            });
            result.orders.extend(orders);
            if let Some(cash) = &mut cash {
                cash.take(&solved.bought);
            }
            let of = solved.bought.iter().map(|bought| (bought.t, bought.per_hour));
            amounts.insert(sale.plan, of.collect());
        }
        for (k, free) in free.iter().enumerate() {
            let past = cash_past(search.cash, free);
            let taken = chosen.iter().any(|(own, _)| *own == k);
            if !taken || (past && free.saves > saves * (1.0 + 1e-9)) {
                result.instead.push(Instead {
                    savings_plan: one.on_sale[k].plan,
                    extra: saves - free.saves.max(0.0),
                    most_per_hour: free.committed.iter().copied().fold(0.0, f64::max),
                    past_cash_limit: past,
                });
            }
        }
    }
    result.orders.sort_by(|a, b| a.order_by.cmp(&b.order_by).then(a.name.cmp(&b.name)));
    let horizon = ground.plan.horizon;
    let firm_until = horizon.month_of(as_of).last_day().max(horizon.first.last_day());
    for order in &mut result.orders {
        order.firm = order.order_by <= firm_until;
    }
    Chosen { plan: result, signed, amounts }
}

/// What everything costs on demand that some savings plan covers, and the most that spend could save of it if it were
/// bound for a month at a time.
fn by_the_month(ground: &Ground<'_>, one: &OfProvider, recourse: &[Recourse]) -> (f64, f64) {
    let (mut nothing, mut saves) = (0.0, 0.0);
    for (m, month) in recourse.iter().enumerate() {
        let worth = discount(ground.rate, m) / MICRO;
        let costs = one.unit * ground.hours(m) * ground.least_cost(one, m) * MICRO;
        nothing += month.cost(0) as f64 * worth;
        // Spend cannot begin earlier.
        if m < ground.first {
            continue;
        }
        let pays =
            month.runs().iter().map(|(units, saving)| (*units as f64, *saving as f64 - costs));
        let pays: Vec<(f64, f64)> = pays.collect();
        let best = pays.iter().filter(|(_, pays)| *pays > 0.0);
        saves += best.clone().map(|(units, pays)| units * pays).sum::<f64>() * worth;
        // The best amount may lie inside the last unit that pays or the one after.
        let count: f64 = best.map(|(units, _)| units).sum();
        let at = |unit: f64| {
            let mut left = unit;
            let run = pays.iter().find(|(units, _)| {
                left -= units;
                left < 0.0
            });
            run.map_or(-costs, |(_, pays)| *pays)
        };
        for unit in [count - 1.0, count].into_iter().filter(|unit| *unit >= 0.0) {
            let before = if unit > 0.0 { at(unit - 1.0) } else { f64::INFINITY };
            saves += inside(before, at(unit), at(unit + 1.0)) * worth;
        }
    }
    (nothing, saves)
}

/// How much more a part of a unit may pay than none and than all of it, where the units before, itself and after pay
/// this: what is paid is concave.
fn inside(before: f64, own: f64, after: f64) -> f64 {
    let (up, down) = (before.max(0.0), (-after).max(0.0));
    let peak = if up.is_infinite() {
        own + down
    } else if up + down > 0.0 {
        up * ((own + down) / (up + down)).clamp(0.0, 1.0)
    } else {
        0.0
    };
    (peak - own.max(0.0)).max(0.0)
}

fn cash_past(cash: Option<&Cash>, free: &Solved) -> bool {
    cash.is_some_and(|cash| !cash.leaves(&free.bought))
}

/// Units as a number of them.
fn whole(units: f64) -> u64 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole units")]
    let units = units.max(0.0) as u64;
    units
}
