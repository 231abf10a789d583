//! Nodes and spend are decided together, within the printed bound of the best there is.

use proptest::prelude::*;

use crate::capacity::example::{ORIGIN, autoscaled, close, half_days, levels, served_by_gpu, with};
use crate::forecast::demand::Demand;
use crate::ids::{Arena, Id};
use crate::money::{Decimal, to_f64};
use crate::plan::{Plan, SavingsPlan};
use crate::procure::buy_tests::{bought, on_sale, reserved};
use crate::procure::orders::Schedule;

/// Hours of the horizon and of a tail of twelve months, to April 2028.
const HOURS: f64 = (89.0 + 366.0) * 24.0;

/// 10 an hour on demand, a year reserved and a savings plan of a year at these rates; a pool that needs so many nodes
/// by day and by night.
fn plan(by_node: u32, by_spend: u32, [day, night]: [f64; 2]) -> (Plan, Demand) {
    let mut plan = on_sale(vec![reserved(f64::from(by_node), 12, 0.0)]);
    plan.savings_plans = Arena::new(vec![SavingsPlan {
        name: "compute-1y".to_owned(),
        provider: Id::new(0),
        term_months: Some(12),
        upfront: 0.0,
        regions: Vec::new(),
        discounts: std::collections::BTreeMap::new(),
        general: None,
        rates: [(Id::new(0), Decimal::from(by_spend))].into(),
        origin: ORIGIN,
    }]);
    let mean = f64::midpoint(day, night);
    let mut shape = half_days(&plan);
    shape.amplitude.fill(if mean > 0.0 { (day - night) / 2.0 / mean } else { 0.0 });
    let demand = levels(&plan, &[mean * 8.0; 3], Some(shape));
    with(plan, vec![(autoscaled(served_by_gpu("chat", 1.0), 1, None), Some(demand))])
}

/// The least cost of an hour over every number of nodes and of spend.
fn brute_force(by_node: u32, by_spend: u32, needs: [f64; 2]) -> f64 {
    let most = needs[0].max(needs[1]);
    let mut least = f64::INFINITY;
    let mut nodes = 0.0;
    while nodes <= most {
        let open = needs.map(|need| (need - nodes).max(0.0));
        for covered in [0.0, open[0], open[1]] {
            let rest = open.map(|open| 10.0 * (open - covered).max(0.0));
            let cost = nodes * f64::from(by_node) + covered * f64::from(by_spend);
            least = least.min(cost + f64::midpoint(rest[0], rest[1]));
        }
        nodes += 1.0;
    }
    least
}

fn spend_of(found: &Schedule) -> f64 {
    let orders = found.spend.iter().flat_map(|spend| &spend.orders);
    orders.map(|order| to_f64(order.per_hour)).sum()
}

#[test]
fn spend_that_is_cheaper_takes_the_place_of_nodes() {
    // Orders first would reserve the four nodes that run day and night at 7; spend pays 6 for them. The four of the
    // day cost 5 an hour on demand.
    let (plan, demand) = plan(7, 6, [8.0, 4.0]);
    let found = bought(&plan, &demand);
    assert!(found.orders.is_empty(), "{:?}", found.orders);
    close(spend_of(&found), 4.0 * 6.0);
    close(found.objective, (24.0 + 20.0) * HOURS);
    assert!(found.gap() < 1e-4, "{}", found.gap());
}

#[test]
fn nodes_that_are_cheaper_stay_and_spend_pays_for_nothing() {
    let (plan, demand) = plan(6, 7, [8.0, 4.0]);
    let found = bought(&plan, &demand);
    assert_eq!(found.orders.iter().map(|order| order.nodes).sum::<u64>(), 4);
    close(spend_of(&found), 0.0);
    close(found.objective, (24.0 + 20.0) * HOURS);
    assert!(found.gap() < 1e-4, "{}", found.gap());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn both_together_are_the_best_of_all_choices(
        by_node in 3_u32..10,
        by_spend in 3_u32..10,
        day in 1_u32..7,
        night in 1_u32..7,
    ) {
        let needs = [f64::from(day), f64::from(night)];
        let (plan, demand) = plan(by_node, by_spend, needs);
        let found = bought(&plan, &demand);
        let best = brute_force(by_node, by_spend, needs) * HOURS;
        prop_assert!(found.bound <= best * (1.0 + 1e-6) + 1e-3, "{} {best}", found.bound);
        prop_assert!(found.objective >= best * (1.0 - 1e-6) - 1e-3, "{} {best}", found.objective);
        prop_assert!(found.gap() < 1e-4, "{}", found.gap());
        prop_assert!(found.objective <= best * 1.0001 + 1e-3, "{} {best}", found.objective);
    }
}
