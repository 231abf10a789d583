//! The order of supply, and the days on which its terms change.

use std::collections::BTreeMap;

use crate::capacity::example::{
    HOURS, ORIGIN, all, change_pool, close, day, fixed, instance, levels, month, plan as example,
    pool, price, serve, served_by_gpu, shape, with,
};
use crate::capacity::need::Resource;
use crate::ids::Arena;
use crate::plan::catalog::{DepreciationConvention, Lot, NodeShape, Owned};
use crate::plan::pool::{
    Commitment, CommitmentKind, Limit, LimitIncrease, PoolSupply, SpotFallback,
};
use crate::plan::price::Purchase;
use crate::plan::{Plan, Workload};

#[test]
fn supply_goes_from_existing_to_spot_to_on_demand_to_shortfall() {
    let mut plan = example();
    plan.commitments = Arena::new(vec![Commitment {
        name: "signed".into(),
        kind: CommitmentKind::Reserved {
            pool: serve(&plan),
            nodes: 2,
            instance: crate::ids::Id::new(0),
            per_hour: crate::capacity::example::amount(6.0),
        },
        upfront: 0.0,
        from: day("2026-06-01"),
        until: day("2027-02-14"),
        renew: crate::plan::pool::Renew::Decide,
        origin: ORIGIN,
    }]);
    let prices = vec![price(Purchase::OnDemand, 10.0), {
        let mut spot = price(Purchase::Spot, 4.0);
        spot.availability = Some(fixed(0.9));
        spot
    }];
    plan.instances = Arena::new(vec![instance("g8", shape(), prices)]);
    let limit =
        |purchase, nodes| Limit { purchase: Some(purchase), nodes, from: None, origin: ORIGIN };
    change_pool(&mut plan, |pool| {
        pool.limits = vec![limit(Purchase::Spot, 3), limit(Purchase::OnDemand, 2)];
    });
    // 5 nodes that may not be interrupted, 4 that may.
    let firm = served_by_gpu("firm", 1.0);
    let batch = Workload { interruptible: true, ..served_by_gpu("batch", 1.0) };
    let firm_demand = levels(&plan, &[40.0; 3], None);
    let batch_demand = levels(&plan, &[32.0; 3], None);
    let (plan, demand) = with(plan, vec![(firm, Some(firm_demand)), (batch, Some(batch_demand))]);
    let (_, supply, _) = month(&plan, &demand, 0);
    all(&supply.need_peak, 9.0);
    // Two weeks of 2 committed nodes, both days included; 3 of 4 on spot, had 90% of the time.
    let half = HOURS / 2.0;
    all(&supply.node_hours[&Purchase::Reserved], 2.0 * half);
    all(&supply.node_hours[&Purchase::Spot], 2.7 * HOURS);
    all(&supply.node_hours[&Purchase::OnDemand], 2.0 * HOURS);
    all(&supply.short_node_hours, (7.0 - 4.7) * half + (9.0 - 4.7) * half);
    all(&supply.short_peak, 4.3);
    all(&supply.existing, 1.0);
    all(&supply.available, 4.7);
    all(&supply.supplied[&Resource::Gpu], 8.0 * (2.0 * half + 4.7 * HOURS));
}

#[test]
fn a_limit_over_all_purchases_counts_reserved_nodes_too() {
    let mut plan = example();
    change_pool(&mut plan, |pool| {
        pool.start = BTreeMap::from([(Purchase::Reserved, 3)]);
        pool.limits = vec![Limit { purchase: None, nodes: 4, from: None, origin: ORIGIN }];
    });
    let chat = served_by_gpu("chat", 1.0);
    let demand = levels(&plan, &[48.0; 3], None);
    let (plan, demand) = with(plan, vec![(chat, Some(demand))]);
    let (_, supply, _) = month(&plan, &demand, 1);
    all(&supply.node_hours[&Purchase::OnDemand], 744.0);
    all(&supply.short_peak, 2.0);
    all(&supply.available, 4.0);
}

#[test]
fn before_its_lead_time_ends_a_purchase_has_what_runs_already() {
    let mut plan = example();
    change_pool(&mut plan, |pool| {
        pool.start = BTreeMap::from([(Purchase::OnDemand, 1)]);
        // 72 days and a half after 2026-12-01: the first whole day is 2027-02-12.
        pool.lead_time_hours = BTreeMap::from([(Purchase::OnDemand, fixed(72.5 * 24.0))]);
    });
    let chat = served_by_gpu("chat", 1.0);
    let demand = levels(&plan, &[24.0; 3], None);
    let (plan, demand) = with(plan, vec![(chat, Some(demand))]);
    let (_, supply, _) = month(&plan, &demand, 0);
    let before = 11.0;
    all(&supply.node_hours[&Purchase::OnDemand], before * 24.0 + 3.0 * (28.0 - before) * 24.0);
    all(&supply.short_node_hours, 2.0 * before * 24.0);
    all(&supply.available, 1.0);
    let (_, supply, _) = month(&plan, &demand, 1);
    all(&supply.short_peak, 0.0);
}

#[test]
fn limits_rise_on_their_day_and_with_what_was_asked_for() {
    let mut plan = example();
    change_pool(&mut plan, |pool| {
        let limit = |nodes, from: Option<&str>| Limit {
            purchase: Some(Purchase::OnDemand),
            nodes,
            from: from.map(day),
            origin: ORIGIN,
        };
        pool.limits = vec![limit(1, None), limit(2, Some("2027-02-15"))];
        pool.limit_increases = vec![LimitIncrease {
            purchase: Some(Purchase::OnDemand),
            nodes: 3,
            asked: day("2027-02-01"),
            expected_hours: fixed(21.0 * 24.0),
            chance: 0.5,
            origin: ORIGIN,
        }];
    });
    let chat = served_by_gpu("chat", 1.0);
    let demand = levels(&plan, &[24.0; 3], None);
    let (plan, demand) = with(plan, vec![(chat, Some(demand))]);
    let (_, supply, _) = month(&plan, &demand, 0);
    let mut had = supply.node_hours[&Purchase::OnDemand].clone();
    had.sort_by(f64::total_cmp);
    let (never, granted) = (14.0 + 28.0, 14.0 + 14.0 + 21.0);
    for (had, expected) in had.iter().zip([never, never, granted, granted]) {
        close(*had, expected * 24.0);
    }
}

fn own(plan: &mut Plan, lots: Vec<Lot>, availability: Option<f64>) {
    plan.owned = Arena::new(vec![Owned {
        name: "metal".into(),
        gpu: Some(crate::ids::Id::new(0)),
        shape: shape(),
        depreciate_months: None,
        convention: DepreciationConvention::FullMonth,
        residual_share: 0.0,
        power_kilowatts: 0.0,
        pue: 1.0,
        power_price_per_kwh: None,
        hosting_per_node_month: None,
        support_share_per_year: 0.0,
        staff: None,
        availability: availability.map(fixed),
        lots,
        origin: ORIGIN,
    }]);
    change_pool(plan, |pool| pool.supply = PoolSupply::Owned(crate::ids::Id::new(0)));
}

fn lot(name: &str, nodes: u32, in_service: &str, due: bool) -> Lot {
    Lot {
        name: name.into(),
        nodes,
        purchase_per_node: crate::capacity::example::amount(1.0),
        in_service: day(in_service),
        due,
        slip_days: due.then(|| fixed(2.5)),
        chance: due.then_some(0.75),
        payments: vec![],
        origin: ORIGIN,
    }
}

#[test]
fn owned_lots_serve_from_their_day_and_nothing_else_is_bought() {
    let mut plan = example();
    let lots = vec![lot("a", 2, "2026-05-01", false), lot("b", 2, "2027-02-10", true)];
    own(&mut plan, lots, Some(0.95));
    let chat = served_by_gpu("chat", 1.0);
    let demand = levels(&plan, &[32.0; 3], None);
    let (plan, demand) = with(plan, vec![(chat, Some(demand))]);
    let (_, supply, _) = month(&plan, &demand, 0);
    assert_eq!(supply.node_hours.keys().collect::<Vec<_>>(), [&Purchase::Owned]);
    // Due on the 10th and 2.5 days late: there on the 13th, in three draws of four.
    let mut paid = supply.node_hours[&Purchase::Owned].clone();
    paid.sort_by(f64::total_cmp);
    for (paid, days) in paid.iter().zip([0.0, 16.0, 16.0, 16.0]) {
        close(*paid, (2.0 * 28.0 + 2.0 * days) * 24.0);
    }
    let (_, supply, _) = month(&plan, &demand, 2);
    let existing: f64 = supply.existing.iter().sum();
    close(existing, 1.9 + 3.0 * 3.8);
    // 4 nodes are needed and 3.8 are usable: one node is missing, two and a bit where the lot never came.
    let mut short = supply.short_peak.clone();
    short.sort_by(f64::total_cmp);
    assert_eq!(short, [1.0, 1.0, 1.0, 3.0]);
}

#[test]
fn existing_nodes_of_another_shape_count_by_resource() {
    let mut plan = example();
    let half = NodeShape { gpus: 4.0, cores: 64.0, ..shape() };
    let prices = || vec![price(Purchase::OnDemand, 10.0)];
    plan.instances =
        Arena::new(vec![instance("g4", half, prices()), instance("g8", shape(), prices())]);
    let big = plan.instances.find("g8").unwrap();
    plan.pools = Arena::new(vec![pool("other", &[big.index()]), pool("serve", &[big.index()])]);
    plan.commitments = Arena::new(vec![Commitment {
        name: "signed".into(),
        kind: CommitmentKind::Reserved {
            pool: serve(&plan),
            nodes: 1,
            instance: plan.instances.find("g4").unwrap(),
            per_hour: crate::capacity::example::amount(6.0),
        },
        upfront: 0.0,
        from: day("2026-06-01"),
        until: day("2028-02-14"),
        renew: crate::plan::pool::Renew::Decide,
        origin: ORIGIN,
    }]);
    let chat = served_by_gpu("chat", 1.0);
    let demand = levels(&plan, &[12.0, 13.0, 13.0], None);
    let (plan, demand) = with(plan, vec![(chat, Some(demand))]);
    let (_, supply, _) = month(&plan, &demand, 0);
    all(&supply.node_hours[&Purchase::OnDemand], HOURS);
    let (_, supply, _) = month(&plan, &demand, 1);
    all(&supply.node_hours[&Purchase::OnDemand], 2.0 * 744.0);
    all(&supply.supplied[&Resource::Gpu], (16.0 + 4.0) * 744.0);
}

#[test]
fn fragmentation_loses_whole_nodes() {
    let mut plan = example();
    change_pool(&mut plan, |pool| pool.fragmentation_loss = 0.06);
    let chat = served_by_gpu("chat", 1.0);
    let demand = levels(&plan, &[75.0, 80.0, 0.0], None);
    let (plan, demand) = with(plan, vec![(chat, Some(demand))]);
    all(&month(&plan, &demand, 0).1.need_peak, 11.0);
    all(&month(&plan, &demand, 1).1.node_hours[&Purchase::OnDemand], 11.0 * 744.0);
    all(&month(&plan, &demand, 2).1.need_peak, 0.0);
}

#[test]
fn only_the_stated_share_of_what_may_be_interrupted_runs_on_spot() {
    let mut plan = example();
    change_pool(&mut plan, |pool| pool.spot_share = 0.5);
    let batch = Workload { interruptible: true, ..served_by_gpu("batch", 1.0) };
    let demand = levels(&plan, &[40.0; 3], None);
    let (plan, demand) = with(plan, vec![(batch, Some(demand))]);
    let (_, supply, _) = month(&plan, &demand, 0);
    all(&supply.node_hours[&Purchase::Spot], 2.0 * HOURS);
    all(&supply.node_hours[&Purchase::OnDemand], 3.0 * HOURS);
    let mut forbidden = plan.clone();
    change_pool(&mut forbidden, |pool| pool.buy = Some(vec![Purchase::OnDemand]));
    let (_, supply, _) = month(&forbidden, &demand, 0);
    all(&supply.node_hours[&Purchase::OnDemand], 5.0 * HOURS);
}

#[test]
fn while_spot_is_gone_work_waits_or_is_short_or_runs_on_demand() {
    let supplied = |fallback| {
        let mut plan = example();
        let mut spot = price(Purchase::Spot, 4.0);
        spot.availability = Some(fixed(0.9));
        let prices = vec![price(Purchase::OnDemand, 10.0), spot];
        plan.instances = Arena::new(vec![instance("g8", shape(), prices)]);
        change_pool(&mut plan, |pool| pool.spot_fallback = fallback);
        let batch = Workload { interruptible: true, ..served_by_gpu("batch", 1.0) };
        let demand = levels(&plan, &[40.0; 3], None);
        let (plan, demand) = with(plan, vec![(batch, Some(demand))]);
        let (_, supply, _) = month(&plan, &demand, 0);
        let hours = |purchase| supply.node_hours.get(&purchase).map_or(0.0, |hours| hours[0]);
        [hours(Purchase::Spot), hours(Purchase::OnDemand), supply.short_node_hours[0]]
            .map(|hours| hours / HOURS)
    };
    let near = |found: [f64; 3], expected: [f64; 3]| {
        found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-6)
    };
    assert!(near(supplied(SpotFallback::OnDemand { after_hours: 0.0 }), [4.5, 0.5, 0.0]));
    assert!(near(supplied(SpotFallback::Wait), [5.0, 0.0, 0.0]));
    assert!(near(supplied(SpotFallback::None), [4.5, 0.0, 0.5]));
}

#[test]
fn interruptions_take_node_hours_of_spot_that_do_no_work() {
    let mut plan = example();
    let mut spot = price(Purchase::Spot, 4.0);
    // One interruption in ten hours, an hour to work again: a tenth of all time.
    spot.interruption_per_day = Some(fixed(1.0 - (-2.4_f64).exp()));
    let prices = vec![price(Purchase::OnDemand, 10.0), spot];
    plan.instances = Arena::new(vec![instance("g8", shape(), prices)]);
    change_pool(&mut plan, |pool| pool.spot_loss.restart_hours = 1.0);
    let batch = Workload { interruptible: true, ..served_by_gpu("batch", 1.0) };
    let demand = levels(&plan, &[36.0; 3], None);
    let (plan, demand) = with(plan, vec![(batch, Some(demand))]);
    let (_, supply, _) = month(&plan, &demand, 0);
    all(&supply.node_hours[&Purchase::Spot], 5.0 / 0.9 * HOURS);
    all(&supply.lost, 5.0 * (1.0 / 0.9 - 1.0) * HOURS);
    all(&supply.supplied[&Resource::Gpu], 8.0 * 5.0 * HOURS);
}
