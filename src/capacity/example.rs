//! Small plans made by hand, for tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::calendar::{Calendar, Date, FiscalCalendar, FiscalLabel, Horizon, Month, parse_date};
use crate::capacity::{PoolLoad, choose_instances, factors, load};
use crate::draws::Draws;
use crate::estimate::{Dist, Estimate, Z_95};
use crate::forecast::demand::{Demand, LevelSpan, WeekShape, WorkloadDemand};
use crate::ids::{Arena, Id};
use crate::money::Currency;
use crate::plan::catalog::{Instance, NodeShape, Provider};
use crate::plan::pool::{Candidate, PoolSupply};
use crate::plan::price::{Amount, InstancePrice, PriceSource, Purchase};
use crate::plan::workload::{
    Autoscale, AutoscaleDelays, CapacityPer, Deadline, DemandAt, Redundancy, Run, RunTimes,
    RunWork, Serving, TargetResource, WorkloadKind,
};
use crate::plan::{GpuModel, Plan, Pool, Team, Workload};
use crate::procure::supply::{PoolMonth, Requests};
use crate::procure::{supply, terms};
use crate::source::{FileId, Span};

pub(crate) const ORIGIN: Span = Span { file: FileId(0), start: 0, len: 0 };

pub(crate) fn fixed(value: f64) -> Estimate {
    Estimate::fixed(value, ORIGIN)
}

pub(crate) fn between(low: f64, high: f64, key: &str) -> Estimate {
    Estimate { dist: Dist::interval(low, high, Z_95), key: Arc::from(key), origin: ORIGIN }
}

pub(crate) fn day(text: &str) -> Date {
    parse_date(text).unwrap()
}

pub(crate) fn price(purchase: Purchase, per_hour: f64) -> InstancePrice {
    InstancePrice {
        purchase,
        by_risk: None,
        per_hour: amount(per_hour),
        region: None,
        term_months: None,
        upfront: 0.0,
        interruption_per_day: None,
        availability: None,
        source: PriceSource { as_of: None, source: None },
        origin: ORIGIN,
    }
}

pub(crate) fn amount(value: f64) -> Amount {
    Amount { exact: None, estimate: fixed(value), written_in: Currency::new("USD").unwrap() }
}

/// Eight GPUs of 80 GB, 64 cores, 512 GB.
pub(crate) fn shape() -> NodeShape {
    NodeShape { gpus: 8.0, cores: 64.0, memory_bytes: 512e9, ..NodeShape::default() }
}

pub(crate) fn instance(name: &str, shape: NodeShape, prices: Vec<InstancePrice>) -> Instance {
    Instance {
        name: name.into(),
        provider: Id::new(0),
        gpu: (shape.gpus > 0.0).then(|| Id::new(0)),
        shape,
        prices,
        blocks: Vec::new(),
        price_trend_per_month: None,
        origin: ORIGIN,
    }
}

pub(crate) fn pool(name: &str, instances: &[usize]) -> Pool {
    let candidate = |i: &usize| Candidate { instance: Id::new(*i), region: None, origin: ORIGIN };
    Pool {
        fair_sharing: false,
        name: name.into(),
        supply: PoolSupply::Instances(instances.iter().map(candidate).collect()),
        start: BTreeMap::new(),
        limits: vec![],
        limit_increases: vec![],
        lead_time_hours: BTreeMap::new(),
        target_utilization: 1.0,
        buy: None,
        floors: BTreeMap::new(),
        fragmentation_loss: 0.0,
        gang: false,
        node_failures_per_day: None,
        spot_share: 1.0,
        spot_fallback: crate::plan::pool::SpotFallback::OnDemand { after_hours: 0.0 },
        spot_origin: None,
        fallback_origin: None,
        spot_loss: crate::plan::pool::SpotLoss::default(),
        risk_tolerance: None,
        origin: ORIGIN,
    }
}

/// A plan of three months from February 2027 and four draws: one type, 10 an hour on demand and 4 on
/// spot, and the pools `other` and `serve` of it; no workload.
pub(crate) fn plan() -> Plan {
    let provider = Provider {
        name: "cloud".into(),
        regions: vec![],
        price_list: None,
        egress: BTreeMap::new(),
        currency: None,
        support_share: None,
        negotiated: Vec::new(),
        credits: Vec::new(),
        origin: ORIGIN,
    };
    let gpu = GpuModel {
        name: "h100".into(),
        memory_bytes: Some(80e9),
        power_watts: None,
        bandwidth_bytes_per_second: None,
        peak_flops: BTreeMap::from([("bf16".to_string(), 989e12)]),
        origin: ORIGIN,
    };
    let team = Team {
        name: "team".into(),
        department: None,
        cost_center: None,
        owner: None,
        origin: ORIGIN,
    };
    let prices = vec![price(Purchase::OnDemand, 10.0), price(Purchase::Spot, 4.0)];
    Plan {
        name: "example".into(),
        as_of: None,
        horizon: Horizon { first: Month::new(2027, 2), months: 3 },
        currency: Currency::new("USD").unwrap(),
        fx: BTreeMap::new(),
        fiscal: FiscalCalendar {
            starts: 1,
            label: FiscalLabel::StartYear,
            months: Calendar::Gregorian,
        },
        draws: Draws::new(1, 4),
        procurement: None,
        assumptions: vec![],
        departments: Arena::default(),
        teams: Arena::new(vec![team]),
        projects: Arena::default(),
        environments: Arena::default(),
        gpus: Arena::new(vec![gpu]),
        providers: Arena::new(vec![provider]),
        instances: Arena::new(vec![instance("g8", shape(), prices)]),
        storage_tiers: Arena::default(),
        savings_plans: Arena::default(),
        owned: Arena::default(),
        pools: Arena::new(vec![pool("other", &[0]), pool("serve", &[0])]),
        commitments: Arena::default(),
        priorities: Arena::default(),
        cohorts: Arena::default(),
        quotas: Arena::default(),
        measure_sources: Arena::default(),
        workloads: Arena::default(),
        budgets: Arena::default(),
        shared_costs: Arena::default(),
        policies: Arena::default(),
    }
}

/// The pool `serve`.
pub(crate) fn serve(plan: &Plan) -> Id<Pool> {
    plan.pools.find("serve").unwrap()
}

/// A workload in the pool `serve` that nothing is asked of.
pub(crate) fn workload(name: &str, kind: WorkloadKind) -> Workload {
    Workload {
        name: name.into(),
        kind,
        team: Id::new(0),
        project: None,
        environment: None,
        pool: Some(Id::new(1)),
        provider: None,
        priority: None,
        interruptible: false,
        demand: None,
        serving: Serving::None,
        needs: vec![],
        holds: None,
        cache_hit_ratio: None,
        cache_curve: None,
        conversions: vec![],
        redundancy: Redundancy::default(),
        egress: vec![],
        autoscale: None,
        runs: vec![],
        storage: None,
        unit_price: None,
        reports_cost_per: None,
        origin: ORIGIN,
    }
}

/// What is asked of a workload; its figures come from [`levels`].
pub(crate) fn asked(is_rate: bool) -> crate::plan::workload::Demand {
    crate::plan::workload::Demand {
        base: None,
        unit: "req".into(),
        is_rate,
        at: DemandAt::Mean,
        follows: None,
        history: None,
        growth: vec![],
        events: vec![],
        origin: ORIGIN,
    }
}

/// An inference workload that one GPU serves at so many requests a second.
pub(crate) fn served_by_gpu(name: &str, per_second: f64) -> Workload {
    Workload {
        demand: Some(asked(true)),
        serving: Serving::Capacity {
            per_second: fixed(per_second),
            per: CapacityPer::Gpu,
            improves: None,
            origin: ORIGIN,
        },
        ..workload(name, WorkloadKind::Inference)
    }
}

/// A demand of one level a month, the same in all draws.
pub(crate) fn levels(plan: &Plan, levels: &[f64], shape: Option<WeekShape>) -> WorkloadDemand {
    let span = |(t, level): (usize, &f64)| LevelSpan {
        t,
        from: plan.horizon.month(t).first_day(),
        until: plan.horizon.month(t + 1).first_day(),
        level: vec![*level; plan.draws.count()],
        capacity_factor: None,
    };
    WorkloadDemand { spans: levels.iter().enumerate().map(span).collect(), shape, fitted: None }
}

/// A day that is twice the mean from 00:00 to 12:00 and nothing from 12:00 to 24:00.
pub(crate) fn half_days(plan: &Plan) -> WeekShape {
    let wave = std::array::from_fn(|hour| if hour % 24 < 12 { 1.0 } else { -1.0 });
    WeekShape { wave: Arc::new(wave), amplitude: vec![1.0; plan.draws.count()] }
}

/// The plan with these workloads, each with its demand.
pub(crate) fn with(
    mut plan: Plan,
    workloads: Vec<(Workload, Option<WorkloadDemand>)>,
) -> (Plan, Demand) {
    let mut workloads = workloads;
    workloads.sort_by(|a, b| a.0.name.cmp(&b.0.name));
    let (workloads, demands) = workloads.into_iter().unzip();
    plan.workloads = Arena::new(workloads);
    (plan, Demand { workloads: demands })
}

/// Hours of February 2027.
pub(crate) const HOURS: f64 = 672.0;

/// The pool `serve` in month `t`: what is asked of it, and what supplies it, decided on 2026-12-01.
pub(crate) fn month(plan: &Plan, demand: &Demand, t: usize) -> (PoolLoad, PoolMonth, Requests) {
    let factors = factors(plan);
    let choices = choose_instances(plan, demand, &factors);
    let terms = terms(plan, &choices, day("2026-12-01"));
    let load = load(plan, demand, &factors, &choices, serve(plan), t);
    let (supply, requests) = supply(plan, &terms, &load);
    (load, supply, requests)
}

pub(crate) fn close(a: f64, b: f64) {
    assert!((a - b).abs() <= 1e-9 * b.abs().max(1.0), "{a} is not {b}");
}

/// Every draw has this value.
pub(crate) fn all(values: &[f64], expected: f64) {
    for value in values {
        close(*value, expected);
    }
}

/// Changes the pool `serve`.
pub(crate) fn change_pool(plan: &mut Plan, change: impl Fn(&mut Pool)) {
    let mut pools = plan.pools.items().to_vec();
    pools.iter_mut().filter(|pool| pool.name == "serve").for_each(change);
    plan.pools = Arena::new(pools);
}

pub(crate) fn autoscaled(workload: Workload, min: u32, max: Option<u32>) -> Workload {
    let autoscale = Autoscale {
        min,
        max,
        target_utilization: None,
        target_resource: TargetResource::Cpu,
        targets: Vec::new(),
        target_per_second: None,
        delays: AutoscaleDelays::default(),
        behavior: None,
        shortfall_risk: None,
        origin: ORIGIN,
    };
    Workload { autoscale: Some(autoscale), ..workload }
}

pub(crate) fn run(name: &str, at: &str, work: RunWork) -> Run {
    let when = RunTimes::At(day(at));
    Run {
        name: name.into(),
        when,
        work,
        start_hour: 0.0,
        restarts_per_hour: None,
        checkpoint: None,
        finish: None,
        min_gpus: None,
        deadline: Deadline::Hard,
        origin: ORIGIN,
    }
}
