//! Small plans for this pass's tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::calendar::{Calendar, Date, FiscalCalendar, FiscalLabel, Horizon, Month};
use crate::draws::Draws;
use crate::estimate::{Dist, Estimate, Z_95};
use crate::ids::{Arena, Id};
use crate::money::Currency;
use crate::plan::Plan;
use crate::plan::measure::{MeasureKind, MeasureSource};
use crate::plan::workload::{
    Demand, DemandAt, Event, Fit, Growth, GrowthKind, HistoryFrom, HistoryRef, Redundancy, Serving,
    TableRef, Workload, WorkloadKind,
};
use crate::source::{FileId, Span};

pub fn origin() -> Span {
    Span { file: FileId(0), start: 0, len: 0 }
}

pub fn fixed(value: f64) -> Estimate {
    Estimate::fixed(value, origin())
}

pub fn between(low: f64, high: f64) -> Estimate {
    let dist = Dist::interval(low, high, Z_95);
    Estimate { dist, key: Arc::from(format!("{low} to {high}")), origin: origin() }
}

pub fn growth(kind: GrowthKind) -> Growth {
    Growth { kind, origin: origin() }
}

pub fn event(name: &str, at: Date) -> Event {
    Event {
        name: name.into(),
        at,
        until: None,
        multiply: None,
        add: None,
        scale_capacity: None,
        ramp_days: None,
        chance: None,
        chance_key: Arc::from(name),
        origin: origin(),
    }
}

pub fn demand(base: Option<Estimate>) -> Demand {
    Demand {
        base,
        unit: "req".into(),
        is_rate: true,
        at: DemandAt::Mean,
        follows: None,
        history: None,
        growth: Vec::new(),
        events: Vec::new(),
        origin: origin(),
    }
}

pub fn history(path: &str) -> HistoryRef {
    history_of(TableRef { path: path.into(), ..TableRef::default() })
}

pub fn history_of(table: TableRef) -> HistoryRef {
    HistoryRef { from: HistoryFrom::Table(table), fit: Fit::Auto, scale: 1.0, origin: origin() }
}

/// A Prometheus read for a day, every five minutes, stale a day later.
pub fn source(name: &str) -> MeasureSource {
    MeasureSource {
        name: name.into(),
        kind: MeasureKind::Prometheus,
        address: None,
        auth: None,
        workload_label: None,
        window_hours: 24.0,
        step_seconds: 300,
        stale_after_hours: 24.0,
        origin: origin(),
    }
}

pub fn workload(name: &str, demand: Option<Demand>) -> Workload {
    Workload {
        name: name.into(),
        kind: WorkloadKind::Inference,
        team: Id::new(0),
        project: None,
        environment: None,
        pool: None,
        provider: None,
        priority: None,
        interruptible: false,
        demand,
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
        origin: origin(),
    }
}

/// A plan of twelve months from January 2027 that has these workloads and nothing else.
pub fn plan(workloads: Vec<Workload>, count: usize) -> Plan {
    Plan {
        name: "sample".into(),
        as_of: None,
        horizon: Horizon { first: Month::new(2027, 1), months: 12 },
        currency: Currency::new("USD").unwrap(),
        fx: BTreeMap::new(),
        fiscal: FiscalCalendar {
            starts: 1,
            label: FiscalLabel::StartYear,
            months: Calendar::Gregorian,
        },
        draws: Draws::new(7, count),
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
        workloads: Arena::new(workloads),
        budgets: Arena::default(),
        shared_costs: Arena::default(),
        policies: Arena::default(),
    }
}
