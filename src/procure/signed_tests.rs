//! What orders save beside signed spend, and what other ways cost beside spend: as the ledger has it.

use proptest::prelude::*;

use crate::capacity::choose_instances;
use crate::capacity::example::{ORIGIN, amount, change_pool, close, day};
use crate::capacity::factors;
use crate::forecast::demand::Demand;
use crate::ids::{Arena, Id};
use crate::money::to_f64;
use crate::pipeline;
use crate::plan::pool::{Commitment, CommitmentKind, Limit, Renew};
use crate::plan::price::Purchase;
use crate::plan::{Plan, SavingsPlan};
use crate::procure::buy_tests::bought;
use crate::procure::enacted;
use crate::procure::orders::{Alternative, Schedule};
use crate::procure::together_tests::plan as example;

/// Hours of February to April, and those with the tail of twelve months.
const INSIDE: f64 = 89.0 * 24.0;
const ALL: f64 = (89.0 + 366.0) * 24.0;

/// Spend signed for as long as the plan looks, at this rate; at list prices where there is none.
fn signed(mut plan: Plan, per_hour: f64, rate: Option<u32>) -> Plan {
    let under = rate.map(|rate| {
        let mut offered: Vec<SavingsPlan> = plan.savings_plans.items().to_vec();
        let rates = [(Id::new(0), rate.into())].into();
        // Without a term it is not on sale.
        let old =
            SavingsPlan { name: "old".into(), term_months: None, rates, ..offered[0].clone() };
        offered.push(old);
        plan.savings_plans = Arena::new(offered);
        plan.savings_plans.find("old").unwrap()
    });
    plan.commitments = Arena::new(vec![Commitment {
        name: "sp".into(),
        kind: CommitmentKind::Spend {
            provider: Id::new(0),
            savings_plan: under,
            per_hour: crate::plan::price::Amount {
                exact: Some(crate::money::quantised(per_hour)),
                ..amount(per_hour)
            },
        },
        upfront: 0.0,
        from: day("2026-06-01"),
        until: day("2029-12-31"),
        renew: Renew::Decide,
        origin: crate::capacity::example::ORIGIN,
    }]);
    plan
}

/// What the ledger has of a plan with these orders, and none but these.
fn ledger(plan: &Plan, demand: &Demand, orders: &Schedule) -> f64 {
    let choices = choose_instances(plan, demand, &factors(plan));
    let with = enacted(plan, &choices, orders);
    let plan = Plan { procurement: None, ..with.into_owned() };
    let outcome = pipeline::run_from(&plan, demand.clone(), day("2026-12-01"));
    outcome.ledger.rows.iter().map(|row| to_f64(row.amortised)).sum()
}

#[test]
fn what_signed_spend_pays_for_is_no_saving_of_orders() {
    // Eight nodes at 10; 20 an hour is signed at list prices and pays for two of them. Six are ordered at 6.
    let (plan, demand) = example(6, 9, [8.0, 8.0]);
    let plan = Plan { savings_plans: Arena::default(), ..plan };
    let plan = signed(plan, 20.0, None);
    let found = bought(&plan, &demand);
    let [order] = &found.orders[..] else { panic!("{:?}", found.orders) };
    assert_eq!(order.nodes, 6);
    close(found.expected.signed, 20.0 * INSIDE);
    close(found.expected.cost_without, 60.0 * INSIDE);
    close(found.expected.cost_with, 36.0 * INSIDE);
    close(order.saves, 24.0 * INSIDE);
    assert!(found.spend.is_none(), "no savings plan is on sale");
    close(ledger(&plan, &demand, &found), (36.0 + 20.0) * INSIDE);
}

/// At most so many nodes by the hour, or of all purchases.
fn limited(mut plan: Plan, purchase: Option<Purchase>, nodes: u32) -> Plan {
    change_pool(&mut plan, |pool| {
        pool.limits = vec![Limit { purchase, nodes, from: None, origin: ORIGIN }];
    });
    plan
}

#[test]
fn nodes_serve_what_is_short_before_what_spend_pays_for() {
    // Nine nodes at 10, of which four may run on demand; reserved at 9. The five that are short have to be reserved.
    let on_demand = Some(Purchase::OnDemand);
    let (plan, demand) = example(9, 5, [9.0, 9.0]);
    let orders = |found: &Schedule| found.orders.iter().map(|order| order.nodes).sum::<u64>();
    // Signed: 20 an hour at a rate of 5 pay for the other four.
    let mut alone = signed(plan.clone(), 20.0, Some(5));
    alone.savings_plans = Arena::new(
        alone
            .savings_plans
            .items()
            .iter()
            .map(|one| SavingsPlan { term_months: None, ..one.clone() })
            .collect(),
    );
    let alone = limited(alone, on_demand, 4);
    let found = bought(&alone, &demand);
    assert_eq!(orders(&found), 5);
    close(found.objective, 5.0 * 9.0 * ALL);
    close(found.bound, found.objective);
    close(found.expected.cost_with, 5.0 * 9.0 * INSIDE);
    // On sale: the same, and the spend is ordered.
    let plan = limited(plan, on_demand, 4);
    let found = bought(&plan, &demand);
    assert_eq!(orders(&found), 5);
    close(found.objective, (5.0 * 9.0 + 4.0 * 5.0) * ALL);
    assert!(found.gap() < 1e-4, "{}", found.gap());
}

#[test]
fn nodes_take_the_place_of_others_where_all_purchases_are_limited() {
    // Seven of nine may be had, whatever they are: two are short with orders as without.
    let (plan, demand) = example(6, 7, [9.0, 2.0]);
    let plan = limited(Plan { savings_plans: Arena::default(), ..plan }, None, 7);
    let found = bought(&plan, &demand);
    assert_eq!(found.orders.iter().map(|order| order.nodes).sum::<u64>(), 2);
    close(found.expected.short_without, 2.0 * INSIDE / 2.0);
    close(found.expected.short_with, found.expected.short_without);
    let all = ledger(&plan, &demand, &found);
    close(found.expected.cost_with, all);
    assert_eq!((found.limits[0].from, found.limits[0].to), (Some(7), 9));
}

fn other<'a>(found: &'a Schedule, label: &str) -> &'a Alternative {
    let all = found.pools.iter().flat_map(|pool| &pool.alternatives);
    all.clone().find(|other| other.label.starts_with(label)).unwrap_or_else(|| {
        panic!("{label} is none of {:?}", all.collect::<Vec<_>>());
    })
}

#[test]
fn other_ways_are_weighed_with_spend_decided_again() {
    // Four nodes day and night, four more by day. Reserved at 6 beside spend at 7: without nodes, spend pays 7 for
    // the four, and not 10.
    let (plan, demand) = example(6, 7, [8.0, 4.0]);
    let found = bought(&plan, &demand);
    assert_eq!(found.orders.iter().map(|order| order.nodes).sum::<u64>(), 4);
    assert!((other(&found, "buy nothing").extra - 4.0 * (7.0 - 6.0) * ALL).abs() < 0.01);
    // The other way round nodes are none of the orders, and would cost as much more.
    let (plan, demand) = example(7, 6, [8.0, 4.0]);
    let found = bought(&plan, &demand);
    assert!(found.orders.is_empty());
    let nodes = other(&found, "only reserved 12 months");
    assert!((nodes.extra - 4.0 * (7.0 - 6.0) * ALL).abs() < 0.01);
    assert_eq!(nodes.nodes, 4);
    assert!(found.pools.iter().all(|pool| pool.not_weighed.is_empty()));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    /// What is said of all orders, and of each, is what the ledger has with them less what it has without.
    #[test]
    fn figures_of_orders_are_those_of_the_ledger(
        by_node in 3_u32..10,
        by_spend in 3_u32..10,
        at in prop::option::of(3_u32..10),
        per_hour in 1_u32..60,
        (day, night) in (1_u32..9, 1_u32..9),
        most in prop::option::of((prop::bool::ANY, 1_u32..9)),
    ) {
        let (mut plan, demand) = example(by_node, by_spend, [f64::from(day), f64::from(night)]);
        if let Some((on_demand, nodes)) = most {
            plan = limited(plan, on_demand.then_some(Purchase::OnDemand), nodes);
        }
        let per_hour = f64::from(per_hour);
        let plan = signed(plan, per_hour, at);
        let found = bought(&plan, &demand);
        let none = Schedule { orders: vec![], spend: None, ..found.clone() };
        let signed = per_hour * INSIDE;
        let near = |a: f64, b: f64| (a - b).abs() < 0.01;
        let (all, nothing) = (ledger(&plan, &demand, &found), ledger(&plan, &demand, &none));
        prop_assert!(near(found.expected.cost_with + signed, all), "{all} {:?}", found.expected);
        prop_assert!(near(found.expected.cost_without + signed, nothing), "{nothing} {:?}", found.expected);
        for (place, order) in found.orders.iter().enumerate() {
            let mut without = found.clone();
            without.orders.remove(place);
            let more = ledger(&plan, &demand, &without) - all;
            prop_assert!(near(order.saves, more), "{} {more}", order.saves);
        }
        let spend = found.spend.as_ref().map_or(&[][..], |spend| &spend.orders);
        for (place, order) in spend.iter().enumerate() {
            let mut without = found.clone();
            without.spend.as_mut().unwrap().orders.remove(place);
            let more = ledger(&plan, &demand, &without) - all;
            prop_assert!(near(order.saves, more), "{} {more}", order.saves);
        }
        let others = found.pools.iter().flat_map(|pool| &pool.alternatives);
        for other in others.filter(|other| other.short < 0.5) {
            prop_assert!(other.extra >= -0.002 * found.objective.abs() - 0.01, "{other:?}");
        }
    }
}
