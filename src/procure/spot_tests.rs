//! Orders beside spot: figures are those of the ledger, and no number of committed nodes is cheaper.

use proptest::prelude::*;

use crate::capacity::choose_instances;
use crate::capacity::example::{
    ORIGIN, amount, autoscaled, change_pool, close, day, fixed, half_days, instance, levels, price,
    serve, served_by_gpu, shape, with,
};
use crate::capacity::factors;
use crate::forecast::demand::Demand;
use crate::ids::{Arena, Id};
use crate::money::to_f64;
use crate::pipeline;
use crate::plan::pool::{Commitment, CommitmentKind, Limit, Renew, SpotFallback};
use crate::plan::price::Purchase;
use crate::plan::{Plan, Workload};
use crate::procure::buy_tests::{bought, on_sale, reserved};
use crate::procure::enacted;
use crate::procure::orders::Schedule;
use crate::procure::together_tests::plan as together;

/// Hours of February to April.
const INSIDE: f64 = 89.0 * 24.0;
/// What a node-hour that is short counts as.
const SHORT: f64 = 1000.0 * 10.0;

/// What spot is like.
#[derive(Debug, Clone)]
struct Spot {
    price: u32,
    share: f64,
    available: f64,
    /// Of a day, that a node is taken away; an hour until it works again.
    interruption: f64,
    fallback: SpotFallback,
}

/// Nodes by day and by night: those that may not be interrupted, and those that may.
type Needs = [[u32; 2]; 2];

/// 10 an hour on demand, reserved at another price, and spot.
fn plan(
    by_node: u32,
    spot: &Spot,
    needs: Needs,
    limits: &[(Option<Purchase>, u32)],
) -> (Plan, Demand) {
    let mut plan = on_sale(vec![]);
    let mut on_spot = price(Purchase::Spot, f64::from(spot.price));
    on_spot.availability = Some(fixed(spot.available));
    on_spot.interruption_per_day = (spot.interruption > 0.0).then(|| fixed(spot.interruption));
    let prices =
        vec![price(Purchase::OnDemand, 10.0), on_spot, reserved(f64::from(by_node), 12, 0.0)];
    plan.instances = Arena::new(vec![instance("g8", shape(), prices)]);
    change_pool(&mut plan, |pool| {
        pool.buy = Some(vec![Purchase::OnDemand, Purchase::Spot, Purchase::Reserved]);
        pool.spot_fallback = spot.fallback;
        pool.spot_share = spot.share;
        pool.spot_loss.restart_hours = 1.0;
        let limit = |(purchase, nodes): &(Option<Purchase>, u32)| Limit {
            purchase: *purchase,
            nodes: *nodes,
            from: None,
            origin: ORIGIN,
        };
        pool.limits = limits.iter().map(limit).collect();
    });
    let asked = |plan: &Plan, [day, night]: [u32; 2]| {
        let (day, night) = (f64::from(day), f64::from(night));
        let mean = f64::midpoint(day, night);
        let mut shape = half_days(plan);
        shape.amplitude.fill(if mean > 0.0 { (day - night) / 2.0 / mean } else { 0.0 });
        levels(plan, &[mean * 8.0; 3], Some(shape))
    };
    let chat = autoscaled(served_by_gpu("chat", 1.0), 0, None);
    let batch = autoscaled(served_by_gpu("batch", 1.0), 0, None);
    let batch = Workload { interruptible: true, ..batch };
    let (of_chat, of_batch) = (asked(&plan, needs[0]), asked(&plan, needs[1]));
    with(plan, vec![(batch, Some(of_batch)), (chat, Some(of_chat))])
}

/// What the ledger has, and node-hours that are short; orders are those of the plan alone.
fn ledger(plan: &Plan, demand: &Demand) -> (f64, f64) {
    let plan = Plan { procurement: None, ..plan.clone() };
    let outcome = pipeline::run_from(&plan, demand.clone(), day("2026-12-01"));
    let cost = outcome.ledger.rows.iter().map(|row| to_f64(row.amortised)).sum();
    let short =
        |month: &crate::procure::supply::PoolMonth| crate::draws::mean(&month.short_node_hours);
    (cost, outcome.pool_months.iter().map(short).sum())
}

fn with_orders(plan: &Plan, demand: &Demand, found: &Schedule) -> (f64, f64) {
    let choices = choose_instances(plan, demand, &factors(plan));
    ledger(&enacted(plan, &choices, found), demand)
}

/// The same with so many nodes committed throughout.
fn with_nodes(plan: &Plan, demand: &Demand, nodes: u32, by_node: u32) -> (f64, f64) {
    let mut plan = plan.clone();
    plan.commitments = Arena::new(vec![Commitment {
        name: "all".into(),
        kind: CommitmentKind::Reserved {
            pool: serve(&plan),
            nodes,
            instance: Id::new(0),
            per_hour: amount(f64::from(by_node)),
        },
        upfront: 0.0,
        from: plan.horizon.first_day(),
        until: day("2028-01-31"),
        renew: Renew::Decide,
        origin: ORIGIN,
    }]);
    ledger(&plan, demand)
}

fn steady(price: u32, share: f64, fallback: SpotFallback) -> Spot {
    Spot { price, share, available: 1.0, interruption: 0.0, fallback }
}

const ON_DEMAND: SpotFallback = SpotFallback::OnDemand { after_hours: 0.0 };

#[test]
fn spot_serves_its_share_of_what_may_be_interrupted_before_on_demand() {
    // Of ten nodes seven may run on spot at 3; the other three are reserved at 4 instead of 10.
    let spot = steady(3, 0.7, ON_DEMAND);
    let (plan, demand) = plan(4, &spot, [[0, 0], [10, 10]], &[]);
    let found = bought(&plan, &demand);
    assert_eq!(found.orders.iter().map(|order| order.nodes).sum::<u64>(), 3);
    close(found.expected.cost_with, (7.0 * 3.0 + 3.0 * 4.0) * INSIDE);
    close(with_orders(&plan, &demand, &found).0, found.expected.cost_with);
}

#[test]
fn no_node_is_on_spot_that_holds_what_may_not_be_interrupted() {
    // Twelve GPUs that may be interrupted and four that may not fill two nodes of eight: one of them is firm.
    let spot = steady(3, 1.0, ON_DEMAND);
    let (plan, _) = plan(9, &spot, [[1, 1], [2, 2]], &[]);
    let batch = Workload { interruptible: true, ..served_by_gpu("batch", 1.0) };
    let (of_chat, of_batch) = (levels(&plan, &[4.0; 3], None), levels(&plan, &[12.0; 3], None));
    let chat = served_by_gpu("chat", 1.0);
    let (plan, demand) = with(plan, vec![(batch, Some(of_batch)), (chat, Some(of_chat))]);
    close(bought(&plan, &demand).expected.cost_without, (3.0 + 10.0) * INSIDE);
    close(ledger(&plan, &demand).0, (3.0 + 10.0) * INSIDE);
}

#[test]
fn on_demand_runs_beyond_a_limit_while_spot_that_nothing_replaces_is_gone() {
    // Twelve nodes where nine may be had, all on spot for half of the time: three run on demand for the other half.
    let spot = Spot { available: 0.5, ..steady(1, 1.0, SpotFallback::None) };
    let (plan, demand) = plan(9, &spot, [[0, 0], [12, 12]], &[(None, 9)]);
    let nothing = bought(&plan, &demand).expected;
    close(nothing.cost_without, (9.0 * 0.5 + 3.0 * 10.0) * INSIDE);
    close(nothing.short_without, (12.0 - 4.5 - 3.0) * INSIDE);
    let (cost, short) = ledger(&plan, &demand);
    close(nothing.cost_without, cost);
    close(nothing.short_without, short);
}

fn any_spot() -> impl Strategy<Value = Spot> {
    let fallbacks = prop_oneof![
        Just(ON_DEMAND),
        Just(SpotFallback::OnDemand { after_hours: 2.0 }),
        Just(SpotFallback::Wait),
        Just(SpotFallback::None),
    ];
    let chances = (prop_oneof![Just(1.0), 0.3_f64..1.0], prop_oneof![Just(0.0), 0.05_f64..0.6]);
    (1_u32..9, 0_u32..11, chances, fallbacks).prop_map(
        |(price, tenths, (available, interruption), fallback)| Spot {
            price,
            share: f64::from(tenths) / 10.0,
            available,
            interruption,
            fallback,
        },
    )
}

fn any_limits() -> impl Strategy<Value = Vec<(Option<Purchase>, u32)>> {
    let which = prop::sample::subsequence(
        vec![None, Some(Purchase::OnDemand), Some(Purchase::Spot)],
        0..=3,
    );
    (which, prop::collection::vec(1_u32..16, 3))
        .prop_map(|(which, nodes)| which.into_iter().zip(nodes).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    /// What is said of the orders is what the ledger has, and no number of nodes costs less.
    #[test]
    fn figures_beside_spot_are_those_of_the_ledger(
        by_node in 2_u32..10,
        spot in any_spot(),
        needs in prop::array::uniform2(prop::array::uniform2(0_u32..9)),
        limits in any_limits(),
        by_spend in prop::option::of((2_u32..10, any::<bool>())),
    ) {
        let (mut plan, demand) = plan(by_node, &spot, needs, &limits);
        if let Some((rate, alone)) = by_spend {
            plan.savings_plans = together(9, rate, [1.0, 1.0]).0.savings_plans;
            if alone {
                let mut prices = plan.instances.items()[0].prices.clone();
                prices.retain(|price| price.purchase != Purchase::Reserved);
                plan.instances = Arena::new(vec![instance("g8", shape(), prices)]);
            }
        }
        let found = bought(&plan, &demand);
        let near = |a: f64, b: f64| (a - b).abs() < 0.02;
        let (cost, short) = with_orders(&plan, &demand, &found);
        let said = &found.expected;
        prop_assert!(near(said.cost_with, cost), "{cost} {said:?}");
        prop_assert!(near(said.short_with, short), "{short} {said:?}");
        let (nothing, all_short) = ledger(&plan, &demand);
        prop_assert!(near(said.cost_without, nothing), "{nothing} {said:?}");
        prop_assert!(near(said.short_without, all_short), "{all_short} {said:?}");
        // Work that waits for spot is no shortage to be bought against.
        if spot.fallback != SpotFallback::None && by_spend.is_none() {
            let most = limits.iter().find(|(purchase, _)| purchase.is_none()).map_or(18, |(_, nodes)| *nodes);
            for nodes in 0..=most.min(18) {
                let (other, missing) = with_nodes(&plan, &demand, nodes, by_node);
                let more = other - cost + SHORT * (missing - short);
                prop_assert!(more > -0.05, "{nodes} nodes: {other} {missing} against {cost} {short}");
            }
        }
    }
}
