//! How much spend is committed to, and under which savings plans.

use super::*;
use crate::capacity::example::{ORIGIN, day, plan as example};
use crate::capacity::slots::MonthDays;
use crate::ids::Arena;
use crate::plan::Procurement;
use crate::procure::hourly::HourlyUse;
use crate::procure::orders::{Expected, PeriodCash, Schedule, SpendPlan};

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
        rate_origins: BTreeMap::new(),
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

/// What runs in the two halves of every month of the horizon, by pool.
type Halves<'a> = &'a (dyn Fn(usize) -> [[f64; 2]; 2] + Sync);

fn solved(plan: &Plan, market: &SpendMarket, pools: [[f64; 2]; 2]) -> SpendPlan {
    within(plan, market, &|_| pools, None)
}

/// The same where the first days of the horizon's orders may take so much.
fn within(plan: &Plan, market: &SpendMarket, pools: Halves<'_>, left: Option<f64>) -> SpendPlan {
    let make = |pool: Id<Pool>, t: usize| halves(plan, pool.index(), t, pools(t)[pool.index()]);
    let hours = Hours::of(plan, market, &make);
    let months = plan.horizon.months;
    let all = months + market.longest();
    let ground = Ground {
        plan,
        market,
        all,
        later: market.pools().into_iter().map(|pool| (pool, vec![1.0; all - months])).collect(),
        first: 0,
        rate: 0.0,
    };
    let period = (0..all).map(|t| usize::from(t >= months)).collect();
    let cash = left.map(|left| Cash { left: vec![left, 1e9], period });
    let (none, procurement) = (Months::new(), Procurement::default());
    choose(
        &ground,
        &hours,
        &none,
        &procurement,
        cash.as_ref(),
        How { variety: Variety::Several, as_of: day("2026-12-01"), proposal: None },
    )
    .plan
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
fn spend_takes_of_the_cash_limit_what_it_leaves() {
    let (plan, market) = market(&[(3, 0.5, 6.0), (3, 0.0, 7.0)]);
    let pools = |_| [[2.0, 2.0], [1.0, 1.0]];
    let hours: f64 = plan.horizon.iter().map(|month| f64::from(month.hours())).sum();
    // Half of three nodes at 6 an hour.
    let takes = 9.0 * hours;
    let enough = within(&plan, &market, &pools, Some(takes));
    assert!(enough.orders.iter().all(|order| order.savings_plan == Id::new(0)));
    assert!(!enough.instead[0].past_cash_limit && enough.instead[0].extra > 0.0);
    // A third less: two nodes of three, and the dearer savings plan, which takes nothing, for the third.
    let short = within(&plan, &market, &pools, Some(takes * 8.0 / 9.0));
    let of = |place: u32| -> f64 {
        let of = short.orders.iter().filter(|order| order.savings_plan.index() == place as usize);
        of.map(|order| to_f64(order.per_hour)).sum()
    };
    close(of(0), 16.0);
    close(of(1), 2.0);
    let upfront: f64 = short.orders.iter().map(|order| order.upfront).sum();
    close(upfront, 8.0 * hours);
    let past = short.instead.iter().find(|one| one.past_cash_limit).unwrap();
    assert_eq!(past.savings_plan, Id::new(0));
    assert!(past.extra < 0.0, "all of it would save more: {past:?}");
    assert!(short.bound <= short.objective && enough.objective < short.objective);
}

#[test]
fn a_short_term_tops_up_a_long_one() {
    let (plan, market) = market(&[(3, 0.0, 6.0), (1, 0.0, 7.0)]);
    // Two nodes in the first month and one in the others: the second pays for a month only.
    let pools = |t| if t == 0 { [[2.0, 2.0], [0.0, 0.0]] } else { [[1.0, 1.0], [0.0, 0.0]] };
    let found = within(&plan, &market, &pools, None);
    let orders: Vec<_> = found
        .orders
        .iter()
        .map(|order| (order.savings_plan.index(), order.t, to_f64(order.per_hour)))
        .collect();
    assert_eq!(orders, [(0, 0, 6.0), (1, 0, 7.0)]);
    let first = f64::from(plan.horizon.first.hours());
    let all: f64 = (0..6).map(|t| f64::from(plan.horizon.month(t).hours())).sum();
    close(found.objective, 6.0 * all + 7.0 * first);
    // The bound has every month at 6.
    close(found.bound, 6.0 * all + 6.0 * first);
    assert!(found.instead.is_empty(), "{:?}", found.instead);
}

#[test]
fn what_is_signed_already_pays_first() {
    let (plan, mut market) = market(&[(1, 0.0, 6.0)]);
    market.signed.push(Signed {
        place: place(None, "sp"),
        per_hour: 12.0,
        from: day("2027-01-01"),
        until: day("2030-01-01"),
        rates: market.providers[0].best.clone(),
    });
    let found = solved(&plan, &market, [[2.0, 2.0], [1.0, 1.0]]);
    assert!(found.orders.iter().all(|order| (to_f64(order.per_hour) - 6.0).abs() < 1e-9));
}

#[test]
fn a_unit_is_a_round_amount_of_which_the_peak_has_a_thousand() {
    for (dearest, expected) in [(4000.0, 2.0), (1000.0, 1.0), (24.0, 0.02), (0.01, 0.001)] {
        close(unit(dearest), expected);
    }
    close(unit(0.0), 0.0);
}
