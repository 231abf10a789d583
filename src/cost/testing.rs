//! Small plans made by hand, for the tests of this module.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::calendar::{Calendar, Date, FiscalCalendar, FiscalLabel, Horizon, Month, parse_date};
use crate::capacity::need::{InstanceChoice, RankedCandidate, Resource};
use crate::cost::{Costed, Priced};
use crate::draws::Draws;
use crate::estimate::{Dist, Estimate};
use crate::ids::{Arena, Id};
use crate::money::{Currency, Decimal, to_f64};
use crate::plan::SharedCost;
use crate::plan::catalog::{DepreciationConvention, NodeShape};
use crate::plan::pool::{Candidate, PoolSupply};
use crate::plan::price::{Amount, InstancePrice, PriceSource, Purchase};
use crate::plan::shared_cost::{SharedSource, Split};
use crate::plan::workload::{Redundancy, Serving, WorkloadKind};
use crate::plan::{Instance, Lot, Owned, Plan, Pool, Provider, Team, Workload};
use crate::procure::supply::{PoolMonth, Requests, WorkloadRequest};
use crate::source::{FileId, Span};

/// Draws of every hand-made plan.
pub(super) const DRAWS: usize = 40;

pub(super) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(super) fn date(text: &str) -> Date {
    parse_date(text).unwrap()
}

pub(super) fn span(start: u32) -> Span {
    Span { file: FileId(0), start, len: 1 }
}

pub(super) fn estimate(key: &str, dist: Dist) -> Estimate {
    Estimate { dist, key: Arc::from(key), origin: span(0) }
}

pub(super) fn amount(text: &str) -> Amount {
    let exact = decimal(text);
    Amount {
        exact: Some(exact),
        estimate: Estimate::fixed(to_f64(exact), span(0)),
        written_in: Currency::new("USD").unwrap(),
    }
}

pub(super) fn uncertain(key: &str, low: f64, high: f64) -> Amount {
    let estimate = estimate(key, Dist::Uniform { low, high });
    Amount { exact: None, estimate, written_in: Currency::new("USD").unwrap() }
}

/// A plan with nothing in it, over the year 2027.
pub(super) fn plan() -> Plan {
    Plan {
        name: "test".into(),
        as_of: None,
        horizon: Horizon { first: Month::new(2027, 1), months: 12 },
        currency: Currency::new("USD").unwrap(),
        fx: BTreeMap::new(),
        fiscal: FiscalCalendar {
            starts: 1,
            label: FiscalLabel::StartYear,
            months: Calendar::Gregorian,
        },
        draws: Draws::new(1, DRAWS),
        procurement: None,
        assumptions: Vec::new(),
        departments: Arena::default(),
        teams: Arena::default(),
        projects: Arena::default(),
        environments: Arena::default(),
        gpus: Arena::default(),
        providers: Arena::default(),
        instances: Arena::default(),
        storage_tiers: Arena::default(),
        savings_plans: Arena::default(),
        owned: Arena::default(),
        pools: Arena::default(),
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

pub(super) fn team(name: &str) -> Team {
    Team { name: name.into(), department: None, cost_center: None, owner: None, origin: span(1) }
}

pub(super) fn workload(name: &str, team: Id<Team>, pool: Id<Pool>) -> Workload {
    Workload {
        name: name.into(),
        kind: WorkloadKind::Inference,
        team,
        project: None,
        environment: None,
        pool: Some(pool),
        provider: None,
        priority: None,
        interruptible: false,
        demand: None,
        serving: Serving::None,
        needs: Vec::new(),
        holds: None,
        cache_hit_ratio: None,
        cache_curve: None,
        conversions: Vec::new(),
        redundancy: Redundancy::default(),
        egress: Vec::new(),
        autoscale: None,
        runs: Vec::new(),
        storage: None,
        unit_price: None,
        reports_cost_per: None,
        origin: span(2),
    }
}

pub(super) fn pool(name: &str, supply: PoolSupply) -> Pool {
    Pool {
        fair_sharing: false,
        name: name.into(),
        supply,
        start: BTreeMap::new(),
        limits: Vec::new(),
        limit_increases: Vec::new(),
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
        origin: span(3),
    }
}

pub(super) fn instance_price(purchase: Purchase, per_hour: Amount) -> InstancePrice {
    InstancePrice {
        purchase,
        by_risk: None,
        per_hour,
        region: None,
        term_months: None,
        upfront: 0.0,
        interruption_per_day: None,
        availability: None,
        source: PriceSource { as_of: None, source: None },
        origin: span(4),
    }
}

/// A plan with one provider, one instance type of 8 GPUs and 100 cores, and pools `a`, `b` of it.
/// Teams `one`, `two`, `three`; workloads `w1` … in pool `a` and `x2` in pool `b`.
pub(super) fn small() -> (Plan, Vec<InstanceChoice>) {
    let mut plan = plan();
    plan.teams = Arena::new(vec![team("one"), team("two"), team("three")]);
    plan.providers = Arena::new(vec![Provider {
        name: "cloud".into(),
        regions: Vec::new(),
        price_list: None,
        egress: BTreeMap::new(),
        currency: None,
        support_share: None,
        negotiated: Vec::new(),
        credits: Vec::new(),
        origin: span(5),
    }]);
    plan.instances = Arena::new(vec![Instance {
        name: "g8".into(),
        provider: Id::new(0),
        gpu: None,
        shape: NodeShape { gpus: 8.0, cores: 100.0, ..NodeShape::default() },
        prices: vec![
            instance_price(Purchase::OnDemand, amount("55.04")),
            instance_price(Purchase::Spot, uncertain("spot", 15.0, 25.0)),
        ],
        blocks: Vec::new(),
        price_trend_per_month: None,
        origin: span(6),
    }]);
    let supply = || {
        let candidate = Candidate { instance: Id::new(0), region: None, origin: span(7) };
        PoolSupply::Instances(vec![candidate])
    };
    plan.pools = Arena::new(vec![pool("a", supply()), pool("b", supply())]);
    let (a, b) = (plan.pools.find("a").unwrap(), plan.pools.find("b").unwrap());
    let of = |team: &str| plan.teams.find(team).unwrap();
    plan.workloads = Arena::new(vec![
        workload("w1", of("one"), a),
        workload("w2", of("two"), a),
        workload("w3", of("three"), a),
        workload("x2", of("two"), b),
    ]);
    let choices = plan.pools.ids().map(choice).collect();
    (plan, choices)
}

/// A pool that uses its first candidate.
pub(super) fn choice(pool: Id<Pool>) -> InstanceChoice {
    let first = RankedCandidate {
        candidate: 0,
        nodes: 1.0,
        price_per_hour: None,
        cost_per_month: None,
        rejected: None,
    };
    InstanceChoice { pool, ranked: vec![first] }
}

/// A pool-month in which so many node-hours were bought; in draw d, 1 + d/100 times as many.
pub(super) fn pool_month(pool: Id<Pool>, t: usize, bought: &[(Purchase, f64)]) -> PoolMonth {
    let varied = |hours: f64| (0..DRAWS).map(|d| hours * (1.0 + d as f64 / 100.0)).collect();
    let all: f64 = bought.iter().map(|(_, hours)| hours).sum();
    PoolMonth {
        pool,
        t,
        need_peak: vec![0.0; DRAWS],
        need_mean: vec![0.0; DRAWS],
        available: vec![f64::INFINITY; DRAWS],
        existing: vec![0.0; DRAWS],
        node_hours: bought.iter().map(|(purchase, hours)| (*purchase, varied(*hours))).collect(),
        lost: Vec::new(),
        short_node_hours: vec![0.0; DRAWS],
        short_peak: vec![0.0; DRAWS],
        short_from: vec![f64::INFINITY; DRAWS],
        week: crate::procure::week::WeekRisk::default(),
        resources: Vec::new(),
        supplied: [(Resource::Cpu, 100.0), (Resource::Gpu, 8.0)]
            .map(|(resource, offered)| (resource, varied(all * offered)))
            .into_iter()
            .collect(),
    }
}

/// Requests of GPU-hours and core-hours, the same in every draw; `used` is half of what is requested.
pub(super) fn requests(workloads: &[(Id<Workload>, f64, f64)]) -> Requests {
    let workloads = workloads.iter().map(|(workload, gpu_hours, core_hours)| {
        let hours = |factor: f64| {
            [(Resource::Gpu, *gpu_hours), (Resource::Cpu, *core_hours)]
                .map(|(resource, hours)| (resource, vec![hours * factor; DRAWS]))
                .into_iter()
                .filter(|(_, hours)| hours[0] > 0.0)
                .collect()
        };
        WorkloadRequest { workload: *workload, requested: hours(1.0), used: hours(0.5) }
    });
    Requests { workloads: workloads.collect() }
}

pub(super) fn owned_lot(name: &str, in_service: &str) -> Lot {
    Lot {
        name: name.into(),
        nodes: 2,
        purchase_per_node: amount("395000"),
        in_service: date(in_service),
        due: false,
        slip_days: None,
        chance: None,
        payments: Vec::new(),
        origin: span(8),
    }
}

pub(super) fn owned_hardware(lot: Lot) -> Owned {
    Owned {
        name: "metal".into(),
        gpu: None,
        shape: NodeShape { gpus: 8.0, cores: 100.0, ..NodeShape::default() },
        depreciate_months: Some(48),
        convention: DepreciationConvention::FullMonth,
        residual_share: 0.0,
        power_kilowatts: 0.0,
        pue: 1.0,
        power_price_per_kwh: None,
        hosting_per_node_month: None,
        support_share_per_year: 0.0,
        staff: None,
        availability: None,
        lots: vec![lot],
        origin: span(9),
    }
}

/// A file of known answers, where the shared folder is there.
#[expect(clippy::disallowed_methods, reason = "a test may look for its data")]
pub(crate) fn shared_case(file: &str) -> Option<serde_json::Value> {
    let folder = std::env::var("CAPPLAN_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
    let text = std::fs::read_to_string(format!("{folder}/cases/{file}")).ok()?;
    Some(serde_json::from_str(&text).unwrap())
}

/// The small plan with its pools used for a year: priced, in the order of pools and months.
pub(super) fn used(plan: &Plan, choices: &[InstanceChoice]) -> (Vec<PoolMonth>, Vec<Priced>) {
    let prices = crate::cost::prices(plan, choices);
    let (a, b) = (plan.pools.find("a").unwrap(), plan.pools.find("b").unwrap());
    let of = |name: &str| plan.workloads.find(name).unwrap();
    let mut months = Vec::new();
    for t in 0..plan.horizon.months {
        let grown = 1.0 + 0.1 * t as f64;
        let bought = [(Purchase::OnDemand, 900.0 * grown), (Purchase::Spot, 300.0)];
        let asked = [
            (of("w1"), 4000.0 * grown, 50_000.0),
            (of("w2"), 1500.0, 0.0),
            (of("w3"), 700.0 * grown, 9_000.0),
        ];
        months.push((pool_month(a, t, &bought), requests(&asked)));
        let bought = [(Purchase::OnDemand, 500.0)];
        months.push((pool_month(b, t, &bought), requests(&[(of("x2"), 3000.0, 0.0)])));
    }
    months.sort_by_key(|(month, _)| (month.pool, month.t));
    months
        .into_iter()
        .map(|(month, asked)| {
            let priced = crate::cost::price(plan, &prices, &month, &asked, None);
            (month, priced)
        })
        .unzip()
}

/// The small plan, used for a year and costed.
pub(super) fn costed(plan: &Plan, choices: &[InstanceChoice]) -> (Vec<PoolMonth>, Costed) {
    let (months, priced) = used(plan, choices);
    let prices = crate::cost::prices(plan, choices);
    let costed = crate::cost::assemble(plan, &months, &priced, &[], &[], &prices);
    (months, costed)
}

/// A rule of the small plan.
pub(super) fn shared_cost(name: &str, from: SharedSource, split: Split) -> SharedCost {
    let (cap_of_direct, rest) = (None, None);
    SharedCost { name: name.into(), from, split, cap_of_direct, rest, origin: span(10) }
}
