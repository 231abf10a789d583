//! From demand to node-hours, on plans small enough to count by hand.

use proptest::prelude::*;

use crate::capacity::example::{
    HOURS, ORIGIN, all, asked, autoscaled, between, change_pool, close, day, fixed, half_days,
    instance, levels, month, plan as example, pool, price, run, serve, served_by_gpu, shape, with,
    workload,
};
use crate::capacity::need::Resource;
use crate::capacity::{choose_instances, factors, size};
use crate::draws::Draws;
use crate::forecast::demand::Demand;
use crate::ids::{Arena, Id};
use crate::plan::catalog::{DiscountOn, Instance, Negotiated, NodeShape};
use crate::plan::pool::PoolSupply;
use crate::plan::price::Purchase;
use crate::plan::workload::{
    Autoscale, AutoscaleDelays, Every, Finish, Needs, Redundancy, Replica, Request, Run, RunTimes,
    RunWork, Serves, Serving, TargetResource, WorkUnit, WorkloadKind,
};
use crate::plan::{Plan, Workload};
use crate::procure::supply::PoolMonth;

#[test]
fn a_flat_workload_is_one_slot_and_its_closed_form() {
    let plan = example();
    let chat = served_by_gpu("chat", 25.0);
    let demand = levels(&plan, &[510.0, 510.0, 510.0], None);
    let (plan, demand) = with(plan, vec![(chat, Some(demand))]);
    let (load, supply, requests) = month(&plan, &demand, 0);
    assert_eq!(load.slots.len(), 1);
    // 510 / 25 = 20.4, so 21 GPUs, so 3 nodes.
    all(&supply.need_peak, 3.0);
    all(&supply.need_mean, 3.0);
    all(&supply.node_hours[&Purchase::OnDemand], 3.0 * HOURS);
    all(&supply.supplied[&Resource::Gpu], 24.0 * HOURS);
    all(&requests.workloads[0].requested[&Resource::Gpu], 21.0 * HOURS);
    all(&requests.workloads[0].used[&Resource::Gpu], 20.4 * HOURS);
    // A GPU brings its eighth of 64 cores.
    all(&requests.workloads[0].requested[&Resource::Cpu], 21.0 * 8.0 * HOURS);
    assert!(supply.available.iter().all(|available| available.is_infinite()));
}

#[test]
fn two_workloads_share_nodes_hour_by_hour() {
    let plan = example();
    // Twice 100 a second in the first half of a day, nothing in the second: 8 GPUs, then 1 at least.
    let chat = autoscaled(served_by_gpu("chat", 25.0), 1, None);
    let shape = half_days(&plan);
    let chat_demand = levels(&plan, &[100.0, 100.0, 100.0], Some(shape.clone()));
    // The same shape, but not autoscaled: 5 GPUs all day.
    let rank = served_by_gpu("rank", 40.0);
    let rank_demand = levels(&plan, &[100.0, 100.0, 100.0], Some(shape));
    let (plan, demand) = with(plan, vec![(chat, Some(chat_demand)), (rank, Some(rank_demand))]);
    let (load, supply, requests) = month(&plan, &demand, 0);
    assert_eq!(load.slots.len(), 168);
    // 13 GPUs are 2 nodes, 6 GPUs are 1.
    all(&supply.need_peak, 2.0);
    all(&supply.need_mean, 1.5);
    all(&supply.node_hours[&Purchase::OnDemand], 1.5 * HOURS);
    let [chat, rank] = &requests.workloads[..] else { panic!() };
    all(&chat.requested[&Resource::Gpu], 4.5 * HOURS);
    all(&chat.used[&Resource::Gpu], 4.0 * HOURS);
    all(&rank.requested[&Resource::Gpu], 5.0 * HOURS);
    all(&rank.used[&Resource::Gpu], 2.5 * HOURS);
}

#[test]
fn headroom_is_applied_once_each_in_order() {
    let mut plan = example();
    change_pool(&mut plan, |pool| pool.target_utilization = 0.65);
    let replica = Replica {
        request: Request { gpus: Some(fixed(1.0)), ..Request::default() },
        serves: Serves::Stated(fixed(100.0)),
        latency: None,
        batches: Vec::new(),
        origin: ORIGIN,
    };
    let search = Workload {
        serving: Serving::Replica(replica),
        cache_hit_ratio: Some(fixed(0.35)),
        redundancy: Redundancy { spare: 1, zones: 2, copies: 2 },
        autoscale: Some(Autoscale {
            min: 1,
            max: Some(80),
            target_utilization: Some(0.7),
            target_per_second: Some(50.0),
            target_resource: TargetResource::Gpu,
            targets: vec![(TargetResource::Gpu, 0.7)],
            delays: AutoscaleDelays::default(),
            behavior: None,
            shortfall_risk: None,
            origin: ORIGIN,
        }),
        ..served_by_gpu("search", 1.0)
    };
    let demand = levels(&plan, &[1000.0; 3], None);
    let (plan, demand) = with(plan, vec![(search, Some(demand))]);
    let factors = factors(&plan);
    let choices = choose_instances(&plan, &demand, &factors);
    let sizing = &size(&plan, &demand, &factors, &choices)[0];
    // 650 / (100 × 65%) = 10, but 650 / 50 = 13; (13 + 2) × 2 = 30.
    assert_eq!(sizing.counted, "replica");
    close(sizing.peak[0].0, 30.0);
    assert_eq!(
        sizing.headroom,
        "target utilisation 65% → at most 50 a second each → 13 needed, 13 whole → \
         + 1 spare × 2 zones → × 2 copies → at least 1 → at most 80 → 30 replicas"
    );
    assert_eq!(sizing.by_resource[0], (Resource::Gpu, 3.75));
}

#[test]
fn needs_and_memory_held_in_one_pool_are_one_request() {
    let mut plan = example();
    change_pool(&mut plan, |pool| pool.target_utilization = 0.8);
    let needs = Needs {
        request: Request { cores: Some(fixed(0.01)), ..Request::default() },
        buffer: 0.25,
        hours_per_week: None,
        pool: serve(&plan),
        origin: ORIGIN,
    };
    let cache = Workload {
        needs: vec![needs],
        holds: Some((fixed(1024e9), vec![])),
        redundancy: Redundancy { spare: 0, zones: 1, copies: 2 },
        demand: Some(asked(true)),
        ..workload("cache", WorkloadKind::Inference)
    };
    let demand = levels(&plan, &[10_240.0; 3], None);
    let (plan, demand) = with(plan, vec![(cache, Some(demand))]);
    let (load, supply, requests) = month(&plan, &demand, 0);
    assert_eq!(load.slots.len(), 1);
    // 102.4 cores × 1.25 / 0.8 × 2 = 320 cores, 5 nodes; 1,024 GB / 0.8 × 2 = 2,560 GB, 5 nodes.
    all(&supply.need_peak, 5.0);
    all(&requests.workloads[0].requested[&Resource::Cpu], 320.0 * HOURS);
    all(&requests.workloads[0].used[&Resource::Cpu], 102.4 * HOURS);
    all(&requests.workloads[0].requested[&Resource::Memory], 2560e9 * HOURS);
    all(&requests.workloads[0].used[&Resource::Memory], 1024e9 * HOURS);
}

#[test]
fn working_hours_take_nodes_in_working_hours_only() {
    let plan = example();
    let needs = Needs {
        request: Request {
            gpus: Some(fixed(0.5)),
            cores: Some(fixed(4.0)),
            memory_bytes: Some(fixed(16e9)),
            ..Request::default()
        },
        buffer: 0.0,
        hours_per_week: Some(fixed(45.0)),
        pool: serve(&plan),
        origin: ORIGIN,
    };
    let people = Workload {
        needs: vec![needs],
        demand: Some(asked(false)),
        ..workload("people", WorkloadKind::Workspace)
    };
    let demand = levels(&plan, &[38.0; 3], None);
    let (plan, demand) = with(plan, vec![(people, Some(demand))]);
    let (_, supply, requests) = month(&plan, &demand, 0);
    // 19 GPUs, 3 nodes, 45 of 168 hours.
    all(&supply.need_peak, 3.0);
    all(&supply.node_hours[&Purchase::OnDemand], 3.0 * 45.0 * 4.0);
    all(&requests.workloads[0].requested[&Resource::Gpu], 19.0 * 45.0 * 4.0);
    all(&requests.workloads[0].used[&Resource::Gpu], 19.0 * 45.0 * 4.0);
}

#[test]
fn a_gang_holds_its_nodes_from_its_hour_into_the_next_month() {
    let plan = example();
    let gang = RunWork::Gang { gpus: 16.0, hours: fixed(99.5) };
    let mut once = run("once", "2027-02-26", gang);
    once.start_hour = 6.0;
    let train = Workload { runs: vec![once], ..workload("train", WorkloadKind::Training) };
    let (plan, demand) = with(plan, vec![(train, None)]);
    let (load, supply, requests) = month(&plan, &demand, 0);
    assert_eq!(load.slots.len(), 672);
    all(&supply.need_peak, 2.0);
    all(&supply.node_hours[&Purchase::OnDemand], 2.0 * (3.0 * 24.0 - 6.0));
    all(&requests.workloads[0].used[&Resource::Gpu], 16.0 * 66.0);
    let (_, supply, requests) = month(&plan, &demand, 1);
    all(&supply.node_hours[&Purchase::OnDemand], 2.0 * (100.0 - 66.0));
    all(&requests.workloads[0].requested[&Resource::Gpu], 16.0 * 34.0);
    all(&requests.workloads[0].used[&Resource::Gpu], 16.0 * 33.5);
    let (load, supply, _) = month(&plan, &demand, 2);
    assert_eq!(load.slots.len(), 1);
    assert!(supply.node_hours.is_empty());
}

#[test]
fn every_instance_of_a_run_has_its_own_draw() {
    let plan = Plan { draws: Draws::new(1, 50), ..example() };
    let work =
        RunWork::Gang { gpus: 8.0, hours: between(20.0, 30.0, "workload/t/run/weekly.duration") };
    let when =
        RunTimes::Every { every: Every::Days(7), from: None, until: Some(day("2027-02-08")) };
    let weekly = Run { when, ..run("weekly", "2027-02-01", work) };
    let train = Workload { runs: vec![weekly], ..workload("t", WorkloadKind::Training) };
    let (plan, demand) = with(plan, vec![(train, None)]);
    let (_, supply, requests) = month(&plan, &demand, 0);
    let hours = |date: &str| {
        let sample = plan.draws.values(&between(20.0, 30.0, "workload/t/run/weekly.duration"));
        plan.draws.reordered(&sample, &format!("workload/t/run/weekly.duration@{date}"))
    };
    let (first, second) = (hours("2027-02-01"), hours("2027-02-08"));
    assert_ne!(first, second);
    for draw in 0..50 {
        let used = requests.workloads[0].used[&Resource::Gpu][draw];
        close(used, 8.0 * (first[draw] + second[draw]));
        let held = supply.node_hours[&Purchase::OnDemand][draw];
        close(held, first[draw].ceil() + second[draw].ceil());
    }
}

#[test]
fn work_is_spread_over_its_window_on_whole_gpus() {
    let plan = example();
    let work = |amount, unit, finish| RunWork::Work {
        amount: fixed(amount),
        unit,
        growth: vec![],
        finish,
    };
    let nightly =
        run("nightly", "2027-02-03", work(48.0, WorkUnit::GpuHours, Finish::Within(10.0)));
    let backfill = run(
        "backfill",
        "2027-02-10",
        work(420.0 * 3600.0 * 480.0, WorkUnit::Served, Finish::By(day("2027-02-11"))),
    );
    let batch =
        Workload { runs: vec![nightly, backfill], demand: None, ..served_by_gpu("batch", 420.0) };
    let (plan, demand) = with(plan, vec![(batch, None)]);
    let (_, supply, requests) = month(&plan, &demand, 0);
    // 4.8 GPUs for 10 hours are 5; 480 GPU-hours in 48 hours are 10 GPUs on 2 nodes.
    all(&requests.workloads[0].requested[&Resource::Gpu], 5.0 * 10.0 + 10.0 * 48.0);
    all(&requests.workloads[0].used[&Resource::Gpu], 48.0 + 480.0);
    all(&supply.node_hours[&Purchase::OnDemand], 10.0 + 2.0 * 48.0);
}

#[test]
fn flops_take_the_gpu_hours_of_the_published_formula() {
    // training.json, fwd/8B/1T/40%/H100x256: 6ND flop on 256 H100 at 40%.
    let plan = example();
    let work = RunWork::Flops {
        flops: fixed(6.0 * 8e9 * 1e12),
        gpus: 256.0,
        mfu: fixed(0.4),
        dtype: "bf16".into(),
    };
    let train = Workload {
        runs: vec![run("8b", "2027-02-01", work)],
        ..workload("train", WorkloadKind::Training)
    };
    let (plan, demand) = with(plan, vec![(train, None)]);
    let (_, supply, requests) = month(&plan, &demand, 0);
    all(&requests.workloads[0].used[&Resource::Gpu], 33_704.078_193_461_406);
    // 5.485690 days are 131.66 hours: 32 nodes for 132 of them.
    all(&supply.node_hours[&Purchase::OnDemand], 32.0 * 132.0);
}

#[test]
fn the_cheapest_type_is_so_at_what_is_paid_and_not_at_list_prices() {
    let mut plan = example();
    let of =
        |name: &str, per_hour| instance(name, shape(), vec![price(Purchase::OnDemand, per_hour)]);
    let dear = Instance { provider: Id::new(1), ..of("dear", 12.0) };
    plan.instances = Arena::new(vec![of("cheap", 10.0), dear]);
    let mut other = plan.providers.items()[0].clone();
    other.name = "other".into();
    let discount = |share: f64, until: &str| Negotiated {
        share,
        on: DiscountOn::Purchase(Purchase::OnDemand),
        until: Some(day(until)),
        commitment_per_year: None,
        source: None,
        origin: ORIGIN,
    };
    change_pool(&mut plan, |pool| pool.supply = super::example::pool("p", &[0, 1]).supply);
    let chosen = |plan: &Plan| {
        let demand = levels(plan, &[80.0; 3], None);
        let (plan, demand) = with(plan.clone(), vec![(served_by_gpu("chat", 1.0), Some(demand))]);
        let choices = choose_instances(&plan, &demand, &factors(&plan));
        let choice = choices.iter().find(|choice| choice.pool == serve(&plan)).unwrap();
        choice.ranked.iter().map(|r| (r.candidate, r.price_per_hour.unwrap())).collect::<Vec<_>>()
    };
    plan.providers = Arena::new(vec![plan.providers.items()[0].clone(), other.clone()]);
    assert_eq!(chosen(&plan), [(0, 10.0), (1, 12.0)]);
    // A quarter off makes it 9; off two months of three (59 days of 89), 10.01.
    other.negotiated = vec![discount(0.25, "2027-12-31")];
    plan.providers = Arena::new(vec![plan.providers.items()[0].clone(), other.clone()]);
    assert_eq!(chosen(&plan), [(1, 9.0), (0, 10.0)]);
    other.negotiated = vec![discount(0.25, "2027-03-31")];
    plan.providers = Arena::new(vec![plan.providers.items()[0].clone(), other]);
    let found = chosen(&plan);
    assert_eq!(found[0], (0, 10.0));
    assert!((found[1].1 - 12.0 * (0.75 * 59.0 + 30.0) / 89.0).abs() < 1e-9, "{found:?}");
}

#[test]
fn the_cheapest_type_that_fits_is_chosen_and_the_others_say_why_not() {
    let mut plan = example();
    let prices = |per_hour| vec![price(Purchase::OnDemand, per_hour)];
    let small =
        NodeShape { gpus: 1.0, memory_bytes: 64.0 * 1_073_741_824.0, cores: 16.0, ..shape() };
    let mut elsewhere = instance("elsewhere", shape(), prices(1.0));
    elsewhere.prices[0].region = Some("us-east-1".into());
    plan.instances = Arena::new(vec![
        elsewhere,
        instance("large", shape(), prices(10.0)),
        instance(
            "larger",
            NodeShape { gpus: 16.0, cores: 128.0, memory_bytes: 1024e9, ..shape() },
            prices(16.0),
        ),
        instance("small", small, prices(0.1)),
    ]);
    plan.pools = Arena::new(vec![pool("other", &[1]), pool("serve", &[0, 1, 2, 3])]);
    change_pool(&mut plan, |pool| {
        let PoolSupply::Instances(candidates) = &mut pool.supply else { panic!() };
        for candidate in candidates {
            candidate.region = Some("eu-west-1".into());
        }
    });
    let replica = Replica {
        request: Request {
            gpus: Some(fixed(1.0)),
            memory_bytes: Some(fixed(96.0 * 1_073_741_824.0)),
            ..Request::default()
        },
        serves: Serves::Stated(fixed(1.0)),
        latency: None,
        batches: Vec::new(),
        origin: ORIGIN,
    };
    let chat = Workload { serving: Serving::Replica(replica), ..served_by_gpu("chat", 1.0) };
    // 20 replicas of 96 GiB: 5 fit the memory of a large node, which makes it the bottleneck.
    let demand = levels(&plan, &[10.0, 20.0, 15.0], None);
    let (plan, demand) = with(plan, vec![(chat, Some(demand))]);
    let factors = factors(&plan);
    let choices = choose_instances(&plan, &demand, &factors);
    let choice = choices.iter().find(|choice| choice.pool == serve(&plan)).unwrap();
    let ranked: Vec<_> = choice
        .ranked
        .iter()
        .map(|r| (r.candidate, r.nodes, r.cost_per_month, r.rejected.as_deref()))
        .collect();
    assert_eq!(ranked[0], (2, 3.0, Some(3.0 * 16.0 * 730.0), None));
    assert_eq!(ranked[1], (1, 5.0, Some(5.0 * 10.0 * 730.0), None));
    assert_eq!(ranked[2].0, 3);
    assert_eq!(ranked[2].3, Some("a replica of `chat` needs 96 GiB, a node has 64 GiB"));
    assert_eq!(ranked[3].3, Some("no on-demand price in eu-west-1"));
    let sizing = &size(&plan, &demand, &factors, &choices)[0];
    assert_eq!(sizing.by_resource[0].0, Resource::Memory);
    assert_eq!(sizing.by_resource.len(), 3);
}

/// A plan with two autoscaled workloads and a run, at these levels.
fn mixed(level: f64, other: f64, gpus: f64) -> (Plan, Demand) {
    let plan = example();
    let chat = autoscaled(served_by_gpu("chat", 7.0), 0, Some(400));
    let rank = Workload {
        interruptible: true,
        redundancy: Redundancy { spare: 1, zones: 2, copies: 1 },
        ..autoscaled(served_by_gpu("rank", 3.0), 2, None)
    };
    let train = Workload {
        runs: vec![run(
            "r",
            "2027-02-20",
            RunWork::Gang { gpus, hours: between(50.0, 300.0, "r") },
        )],
        ..workload("train", WorkloadKind::Training)
    };
    let shape = half_days(&plan);
    let chat_demand = levels(&plan, &[level; 3], Some(shape.clone()));
    let rank_demand = levels(&plan, &[other; 3], Some(shape));
    with(plan, vec![(chat, Some(chat_demand)), (rank, Some(rank_demand)), (train, None)])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn more_demand_never_needs_less(
        level in 0.0..3000.0_f64,
        other in 0.0..500.0_f64,
        gpus in 1_u32..64,
        more in 1.0..3.0_f64,
    ) {
        let (plan, demand) = mixed(level, other, f64::from(gpus));
        let (_, less, _) = month(&plan, &demand, 0);
        let (plan, demand) = mixed(level * more, other * more, f64::from(gpus) * more);
        let (_, greater, _) = month(&plan, &demand, 0);
        for draw in 0..4 {
            prop_assert!(greater.need_peak[draw] >= less.need_peak[draw]);
            prop_assert!(greater.need_mean[draw] >= less.need_mean[draw] - 1e-9);
            let node_hours = |month: &PoolMonth| -> f64 {
                month.node_hours.values().map(|hours| hours[draw]).sum()
            };
            prop_assert!(node_hours(&greater) >= node_hours(&less) - 1e-6);
            // Without a limit nothing is short, and what is bought is what is needed.
            prop_assert!((node_hours(&less) - less.need_mean[draw] * HOURS).abs() < 1e-6);
        }
    }

    #[test]
    fn what_is_used_was_requested_and_what_was_requested_is_supplied(
        level in 0.0..3000.0_f64,
        other in 0.0..500.0_f64,
    ) {
        let (plan, demand) = mixed(level, other, 24.0);
        for t in 0..2 {
            let (_, supply, requests) = month(&plan, &demand, t);
            for resource in [Resource::Cpu, Resource::Memory, Resource::Gpu] {
                for draw in 0..4 {
                    let mut sum = 0.0;
                    for request in &requests.workloads {
                        let (requested, used) =
                            (request.requested[&resource][draw], request.used[&resource][draw]);
                        prop_assert!(used <= requested);
                        sum += requested;
                    }
                    prop_assert!(sum <= supply.supplied[&resource][draw] * (1.0 + 1e-9));
                }
            }
        }
    }
}

#[test]
fn a_workload_in_another_pool_changes_nothing_here() {
    let (plan, demand) = mixed(900.0, 70.0, 16.0);
    let (_, alone, _) = month(&plan, &demand, 0);
    let mut workloads: Vec<_> =
        plan.workloads.items().iter().cloned().zip(demand.workloads.clone()).collect();
    let elsewhere = Workload { pool: plan.pools.find("other"), ..served_by_gpu("aaa", 1.0) };
    workloads.push((elsewhere, Some(levels(&plan, &[500.0; 3], Some(half_days(&plan))))));
    let (plan, demand) = with(plan, workloads);
    let (_, beside, _) = month(&plan, &demand, 0);
    assert_eq!(format!("{alone:?}"), format!("{beside:?}"));
}

#[test]
fn an_event_inside_a_month_splits_it_by_its_real_hours() {
    let plan = example();
    let follows = autoscaled(served_by_gpu("follows", 1.0), 0, None);
    let holds = served_by_gpu("holds", 1.0);
    let mut spans = levels(&plan, &[8.0; 3], None);
    let mut doubled = spans.spans[0].clone();
    spans.spans[0].until = day("2027-02-22");
    doubled.from = day("2027-02-22");
    doubled.level = vec![16.0; 4];
    spans.spans.insert(1, doubled);
    let (plan, demand) = with(plan, vec![(follows, Some(spans.clone())), (holds, Some(spans))]);
    let (load, supply, requests) = month(&plan, &demand, 0);
    // Three weeks of every hour of the week, then one.
    assert_eq!(load.slots.len(), 2 * 168);
    let [follows, holds] = &requests.workloads[..] else { panic!() };
    all(&follows.requested[&Resource::Gpu], 8.0 * 504.0 + 16.0 * 168.0);
    all(&holds.requested[&Resource::Gpu], 16.0 * HOURS);
    all(&holds.used[&Resource::Gpu], 8.0 * 504.0 + 16.0 * 168.0);
    all(&supply.node_hours[&Purchase::OnDemand], 3.0 * 504.0 + 4.0 * 168.0);
    let (load, _, _) = month(&plan, &demand, 1);
    assert_eq!(load.slots.len(), 1);
}

#[test]
fn a_run_beside_a_shape_is_counted_in_the_hours_it_runs() {
    let plan = example();
    let chat = autoscaled(served_by_gpu("chat", 1.0), 0, None);
    let chat_demand = levels(&plan, &[4.0; 3], Some(half_days(&plan)));
    let mut gang = run("g", "2027-02-10", RunWork::Gang { gpus: 8.0, hours: fixed(24.0) });
    gang.start_hour = 6.0;
    let train = Workload {
        interruptible: true,
        runs: vec![gang],
        ..workload("train", WorkloadKind::Training)
    };
    let (plan, demand) = with(plan, vec![(chat, Some(chat_demand)), (train, None)]);
    let (load, supply, _) = month(&plan, &demand, 0);
    assert_eq!(load.slots.len(), 672);
    // Half of every day on demand, and a day of spot beside it.
    all(&supply.node_hours[&Purchase::OnDemand], HOURS / 2.0);
    all(&supply.node_hours[&Purchase::Spot], 24.0);
    all(&supply.need_peak, 2.0);
    // In March the weeks are enough.
    assert_eq!(month(&plan, &demand, 1).0.slots.len(), 168);
}

#[test]
fn capacity_improves_until_its_month_and_events_divide_it() {
    let plan = example();
    let chat = Workload {
        serving: Serving::Capacity {
            per_second: fixed(100.0),
            per: crate::plan::workload::CapacityPer::Gpu,
            improves: Some((fixed(0.25), Some(crate::calendar::Month::new(2027, 3)))),
            origin: ORIGIN,
        },
        conversions: vec![crate::plan::workload::Conversion {
            from: "chat".into(),
            to: "token".into(),
            by: fixed(50.0),
            origin: ORIGIN,
        }],
        ..served_by_gpu("chat", 1.0)
    };
    let mut demand = levels(&plan, &[10.0; 3], None);
    demand.spans[2].capacity_factor = Some(vec![0.5; 4]);
    let (plan, demand) = with(plan, vec![(chat, Some(demand))]);
    let used = |t| month(&plan, &demand, t).2.workloads[0].used[&Resource::Gpu].clone();
    // 500 tokens a second: 5 GPUs, then 4 for a quarter better, then 8 where an event halves it.
    all(&used(0), 5.0 * HOURS);
    all(&used(1), 4.0 * 744.0);
    all(&used(2), 8.0 * 720.0);
}

#[test]
fn an_autoscaler_keeps_within_its_limits() {
    let plan = example();
    let chat = autoscaled(served_by_gpu("chat", 1.0), 8, Some(24));
    let demand = levels(&plan, &[20.0; 3], Some(half_days(&plan)));
    let (plan, demand) = with(plan, vec![(chat, Some(demand))]);
    let (_, supply, requests) = month(&plan, &demand, 0);
    all(&supply.need_peak, 3.0);
    all(&supply.node_hours[&Purchase::OnDemand], 2.0 * HOURS);
    all(&requests.workloads[0].requested[&Resource::Gpu], 16.0 * HOURS);
    // 40 would be asked of 24: what is used is no more than what there is.
    assert!(requests.workloads[0].used[&Resource::Gpu][0] <= 16.0 * HOURS);
}

#[test]
fn runs_that_overlap_are_sized_together() {
    let plan = example();
    let gang = |gpus, hours| RunWork::Gang { gpus, hours: fixed(hours) };
    let runs = vec![
        run("a", "2027-02-10", gang(8.0, 48.0)),
        run("b", "2027-02-11", gang(16.0, 48.0)),
        run("c", "2027-02-13", gang(20.0, 12.0)),
    ];
    let train = Workload { runs, ..workload("train", WorkloadKind::Training) };
    let needs = Needs {
        request: Request { cores: Some(fixed(0.5)), ..Request::default() },
        buffer: 0.2,
        hours_per_week: None,
        pool: serve(&plan),
        origin: ORIGIN,
    };
    let front = Workload {
        needs: vec![needs],
        demand: Some(asked(true)),
        ..workload("front", WorkloadKind::Inference)
    };
    let front_demand = levels(&plan, &[160.0; 3], None);
    let (plan, demand) = with(plan, vec![(front, Some(front_demand)), (train, None)]);
    let factors = factors(&plan);
    let choices = choose_instances(&plan, &demand, &factors);
    let sizings = size(&plan, &demand, &factors, &choices);
    let [front, train] = &sizings[..] else { panic!() };
    // 96 cores are a node and a half.
    assert_eq!((front.counted, front.peak[0]), ("node", (2.0, 2.0)));
    assert_eq!(front.by_resource[0], (Resource::Cpu, 1.5));
    assert_eq!(front.headroom, "buffer 20% → target utilisation 100%");
    assert_eq!((train.counted, train.peak[0], train.peak[1]), ("gpu", (24.0, 24.0), (0.0, 0.0)));
    let chosen = choices.iter().find(|choice| choice.pool == serve(&plan)).unwrap();
    // A node and a half beside three: five at the reference need.
    assert_eq!(chosen.ranked[0].nodes.to_bits(), 5.0_f64.to_bits());
}
