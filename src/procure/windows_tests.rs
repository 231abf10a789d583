//! Capacity blocks by the day, against a flow whose months are the stretches of days themselves.

use proptest::prelude::*;

use super::buy_tests::{bought, on_sale, reserved};
use crate::calendar::{days_between, plus_days};
use crate::capacity::example::{
    ORIGIN, amount, autoscaled, between, change_pool, close, day, fixed, serve, served_by_gpu, with,
};
use crate::forecast::demand::{Demand, LevelSpan, WorkloadDemand};
use crate::ids::Arena;
use crate::plan::Plan;
use crate::plan::catalog::CapacityBlock;
use crate::plan::pool::Limit;
use crate::plan::price::{InstancePrice, PriceSource, Purchase};
use crate::plan::procurement::{CashLimit, CashPeriod};
use crate::procure::optimum::flow::{Offer, cheapest};
use crate::procure::optimum::recourse::{Collect, Step, micro};

/// Nodes that are needed from a day of a month on, to the next or the end of the month.
type Needs = Vec<(usize, i32, u32)>;

/// Ten an hour on demand, and blocks at a price.
fn plan(block: f64, lead_days: f64, prices: Vec<InstancePrice>) -> Plan {
    let mut plan = on_sale(prices);
    let mut instances = plan.instances.items().to_vec();
    instances[0].blocks = vec![CapacityBlock {
        per_hour: amount(block),
        region: None,
        lead_time_hours: Some(fixed(lead_days * 24.0)),
        source: PriceSource { as_of: None, source: None },
        origin: ORIGIN,
    }];
    plan.instances = Arena::new(instances);
    plan
}

fn needing(plan: Plan, needs: &Needs) -> (Plan, Demand) {
    let spans = needs.iter().enumerate().map(|(place, (t, first, nodes))| {
        let month = plan.horizon.month(*t);
        let next = needs.get(place + 1).filter(|next| next.0 == *t);
        LevelSpan {
            t: *t,
            from: plus_days(month.first_day(), *first),
            until: next
                .map_or(month.plus(1).first_day(), |next| plus_days(month.first_day(), next.1)),
            level: vec![8.0 * f64::from(*nodes); plan.draws.count()],
            capacity_factor: None,
        }
    });
    let demand = WorkloadDemand { spans: spans.collect(), shape: None, fitted: None };
    with(plan, vec![(autoscaled(served_by_gpu("chat", 1.0), 0, None), Some(demand))])
}

/// A fortnight of eight nodes, from 8 March on.
fn fortnight() -> Needs {
    vec![(0, 0, 0), (1, 0, 0), (1, 7, 8), (1, 21, 0), (2, 0, 0)]
}

#[test]
fn a_run_gets_a_block_for_its_days() {
    let (plan, demand) = needing(plan(6.0, 14.0, vec![reserved(5.0, 12, 0.0)]), &fortnight());
    let found = bought(&plan, &demand);
    let [order] = &found.orders[..] else { panic!("{:?}", found.orders) };
    assert_eq!((order.nodes, order.term_months), (8, None));
    assert_eq!((order.need_by, order.until), (day("2027-03-08"), day("2027-03-21")));
    assert_eq!(order.order_by, day("2027-02-22"));
    close(order.cost_inside, 8.0 * 14.0 * 24.0 * 6.0);
    close(order.upfront, order.cost_inside);
    close(order.saves, 8.0 * 14.0 * 24.0 * 4.0);
    close(found.objective, order.cost_inside);
    close(found.bound, found.objective);
    close(found.expected.cost_without, 8.0 * 14.0 * 24.0 * 10.0);
    close(found.expected.cost_with, order.cost_inside);
    let pool = found.pools.iter().find(|pool| pool.pool == serve(&plan)).unwrap();
    // A year of reserved nodes does not pay for a fortnight.
    let [nothing] = &pool.alternatives[..] else { panic!("{:?}", pool.alternatives) };
    assert_eq!(nothing.label, "buy nothing");
    close(nothing.extra, order.saves);
}

#[test]
fn blocks_alone_are_an_alternative_to_a_term() {
    let needs = vec![(0, 0, 4), (1, 0, 4), (1, 14, 6), (1, 20, 4), (2, 0, 4)];
    let (plan, demand) = needing(plan(6.0, 0.0, vec![reserved(5.0, 3, 0.0)]), &needs);
    let found = bought(&plan, &demand);
    let mut orders: Vec<_> = found.orders.iter().map(|o| (o.nodes, o.term_months)).collect();
    orders.sort();
    assert_eq!(orders, [(2, None), (4, Some(3))]);
    let pool = found.pools.iter().find(|pool| pool.pool == serve(&plan)).unwrap();
    let blocks = pool.alternatives.iter().find(|other| other.label.contains("blocks")).unwrap();
    // Over three months and the three of the tail, four nodes cost one more an hour.
    let days: u32 = (0..6).map(|t| plan.horizon.month(t).days()).sum();
    close(blocks.extra, 4.0 * 24.0 * f64::from(days));
    assert_eq!((blocks.nodes, blocks.short), (6, 0.0));
    assert_eq!(blocks.bound_until, Some(plan.horizon.month(2)));
    assert_eq!(pool.committed, [4, 6, 4]);
}

#[test]
fn a_block_that_cannot_be_there_at_once_is_late_from_its_first_day_on() {
    // Ordered on 2026-12-01 it is there on 2027-03-11, inside the stretch that needs it.
    let (plan, demand) = needing(plan(6.0, 100.0, vec![]), &fortnight());
    let found = bought(&plan, &demand);
    let [order] = &found.orders[..] else { panic!("{:?}", found.orders) };
    assert_eq!((order.need_by, order.until), (day("2027-03-11"), day("2027-03-21")));
    assert_eq!(order.order_by, day("2026-12-01"));
    let late = order.late.as_ref().unwrap();
    assert_eq!((late.needed, late.days, &late.nodes[..]), (day("2027-03-08"), 3, &[8][..]));
    close(late.cost, 8.0 * 3.0 * 24.0 * 4.0);
}

#[test]
fn nodes_that_are_missing_are_bridged_once() {
    // Eight are missing from 8 to 10 March; three of them are needed for longer.
    let needs = vec![(0, 0, 0), (1, 0, 0), (1, 7, 8), (1, 14, 3), (1, 21, 0), (2, 0, 0)];
    let (plan, demand) = needing(plan(6.0, 100.0, vec![]), &needs);
    let found = bought(&plan, &demand);
    let late: Vec<_> = found.orders.iter().filter_map(|order| order.late.as_ref()).collect();
    assert_eq!(late.iter().map(|late| late.nodes[0]).sum::<u64>(), 8);
    close(late.iter().map(|late| late.cost).sum(), 8.0 * 3.0 * 24.0 * 4.0);
}

#[test]
fn what_follows_on_is_one_order_and_what_ends_earlier_lies_on_top() {
    let needs = vec![(0, 0, 2), (0, 20, 5), (1, 0, 5), (1, 10, 2), (1, 20, 0), (2, 0, 0)];
    let (plan, demand) = needing(plan(6.0, 0.0, vec![]), &needs);
    let found = bought(&plan, &demand);
    let mut orders: Vec<_> = found
        .orders
        .iter()
        .map(|order| (order.need_by.to_string(), order.until.to_string(), order.nodes))
        .collect();
    orders.sort();
    let order = |from: &str, until: &str, nodes| (from.to_owned(), until.to_owned(), nodes);
    let expected = [order("2027-02-01", "2027-03-20", 2), order("2027-02-21", "2027-03-10", 3)];
    assert_eq!(orders, expected);
    let paid: f64 = found.orders.iter().map(|order| order.cost_inside).sum();
    close(paid, 6.0 * 24.0 * (2.0 * 48.0 + 3.0 * 18.0));
    let cash: Vec<f64> = found.cash.iter().map(|period| period.upfront).collect();
    close(cash.iter().sum(), paid);
    close(cash[0], paid);
}

#[test]
fn blocks_that_share_something_are_had_by_whole_months() {
    let orders = |change: &dyn Fn(&mut Plan)| {
        let mut plan = plan(6.0, 0.0, vec![]);
        change(&mut plan);
        let needs = vec![(0, 0, 4), (1, 0, 4), (1, 14, 0), (2, 0, 0)];
        let (plan, demand) = needing(plan, &needs);
        let orders = bought(&plan, &demand).orders;
        orders.iter().map(|order| (order.nodes, order.term_months)).collect::<Vec<_>>()
    };
    assert_eq!(orders(&|_| ()), [(4, None)]);
    let limit = CashLimit { amount: 110_000.into(), per: CashPeriod::FiscalYear };
    let cash = |plan: &mut Plan| plan.procurement.as_mut().unwrap().cash_limit = Some(limit);
    assert_eq!(orders(&cash), [(4, Some(1))]);
    let at_most = |plan: &mut Plan, nodes| {
        let purchase = Some(Purchase::Reserved);
        change_pool(plan, |pool| {
            pool.limits = vec![Limit { purchase, nodes, from: None, origin: ORIGIN }];
        });
    };
    assert_eq!(orders(&|plan| at_most(plan, 3)), [(3, Some(1))]);
    assert_eq!(orders(&|plan| at_most(plan, 4)), [(4, None)]);
}

#[test]
fn need_that_differs_by_draw_is_bought_at_its_quantile_and_weighed_by_its_mean() {
    let mut all = plan(6.0, 0.0, vec![]);
    all.procurement.as_mut().unwrap().plan_for = crate::plan::procurement::PlanFor::P80;
    let (plan, mut demand) = needing(all, &fortnight());
    let nodes: Vec<f64> = plan.draws.values(&between(4.0, 12.0, "nodes"));
    let demand_of = demand.workloads[0].as_mut().unwrap();
    demand_of.spans[2].level = nodes.iter().map(|nodes| 8.0 * nodes.floor()).collect();
    let found = bought(&plan, &demand);
    let mut sorted: Vec<f64> = nodes.iter().map(|nodes| nodes.floor()).collect();
    sorted.sort_by(f64::total_cmp);
    let bought_for = sorted[(sorted.len() * 4).div_ceil(5) - 1];
    close(found.orders[0].nodes as f64, bought_for);
    let used: f64 = sorted.iter().map(|need| need.min(bought_for)).sum();
    let hours = 14.0 * 24.0;
    let spared = used / sorted.len() as f64 * hours * 10.0;
    let saves = spared - bought_for * hours * 6.0;
    assert!((found.orders[0].saves - saves).abs() < 1e-6, "{} {saves}", found.orders[0].saves);
}

/// The least cost where every stretch is a month of a flow, and a block an offer of one of them.
fn by_stretches(plan: &Plan, needs: &Needs, block: f64, first: i32, term: (f64, u32)) -> f64 {
    let horizon = plan.horizon;
    let all = horizon.months + term.1 as usize;
    // A block may begin inside a stretch, on the first day on which it can be there.
    let mut needs = needs.clone();
    for t in 0..horizon.months {
        let month = horizon.month(t);
        let day = first - days_between(horizon.first_day(), month.first_day());
        if day > 0 && day < i32::try_from(month.days()).unwrap() {
            let before = needs.iter().filter(|need| need.0 == t && need.1 <= day).max().copied();
            needs.extend(before.map(|(_, _, nodes)| (t, day, nodes)));
        }
    }
    needs.sort_unstable();
    needs.dedup_by_key(|need| (need.0, need.1));
    let (mut months, mut offers, mut of_month) = (Vec::new(), Vec::new(), Vec::new());
    for t in 0..all {
        let like = t.min(horizon.months - 1);
        let days_of = |t| f64::from(horizon.month(t).days());
        let longer = days_of(t) / days_of(like);
        of_month.push(months.len());
        let stretches: Vec<_> = needs.iter().filter(|need| need.0 == like).collect();
        for (place, (_, from, nodes)) in stretches.iter().enumerate() {
            let last = f64::from(horizon.month(like).days());
            let until = stretches.get(place + 1).map_or(last, |next| f64::from(next.1));
            let hours = (until - f64::from(*from)) * 24.0 * longer;
            let mut collect = Collect::default();
            let on_demand = [Step { units: f64::INFINITY, price: 10.0 }];
            collect.add(hours, f64::from(*nodes), &on_demand);
            let day = plus_days(horizon.month(t).first_day(), *from);
            if days_between(horizon.first_day(), day) >= first {
                let at = months.len();
                offers.push(Offer { from: at, to: at + 1, cost: micro(block * hours), most: None });
            }
            months.push(collect.finish());
        }
    }
    of_month.push(months.len());
    for t in 0..all {
        let end = (t + term.1 as usize).min(all);
        let hours: f64 = (t..end).map(|m| f64::from(horizon.month(m).hours())).sum();
        let (from, to) = (of_month[t], of_month[end]);
        offers.push(Offer { from, to, cost: micro(term.0 * hours), most: None });
    }
    cheapest(&months, &offers).cost as f64 / 1e6
}

fn any_needs() -> impl Strategy<Value = Needs> {
    let month = prop::collection::btree_map(1..28_i32, 0..6_u32, 0..4);
    prop::collection::vec((0..6_u32, month), 3).prop_map(|months| {
        let all = months.into_iter().enumerate().flat_map(|(t, (first, later))| {
            let later = later.into_iter().map(move |(day, nodes)| (t, day, nodes));
            std::iter::once((t, 0, first)).chain(later)
        });
        all.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn blocks_by_the_day_are_the_optimum_of_days(
        needs in any_needs(),
        block in 3.0..12.0_f64,
        reserved_price in 3.0..9.0_f64,
        term in 1..5_u32,
        lead in 40..100_i32,
    ) {
        let prices = vec![reserved(reserved_price, term, 0.0)];
        let (plan, demand) = needing(plan(block, f64::from(lead), prices), &needs);
        let found = bought(&plan, &demand);
        // As of 2026-12-01, 62 days before the horizon.
        let expected = by_stretches(&plan, &needs, block, lead - 62, (reserved_price, term));
        prop_assert!((found.objective - expected).abs() < 0.01, "{} {expected}", found.objective);
        prop_assert!(found.gap() < 1e-9);
        let with = found.expected.cost_with;
        prop_assert!((found.inside - with).abs() < 0.01, "inside {} {with}", found.inside);
        // What is signed for is what the plan is then supplied with.
        let saved: f64 = found.expected.cost_without - with;
        prop_assert!(saved > -0.01 || term > 1, "{saved}");
    }
}
