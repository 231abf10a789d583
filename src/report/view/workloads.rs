//! What every workload is asked for, how it was sized and what one unit costs; which instance types were
//! chosen; what is billed by the unit; what histories taught.

use std::collections::BTreeMap;

use serde::Serialize;

use super::money::{Money, mean, quantile, sorted};
use crate::calendar::{Month, days_between};
use crate::capacity::need::{LatencySizing, NodesFor, Resource, VolumeKind};
use crate::cost::ledger::Category;
use crate::forecast::demand::{LevelSpan, WorkloadDemand};
use crate::ids::Id;
use crate::money::{quantised, to_f64};
use crate::outcome::Outcome;
use crate::plan::pool::PoolSupply;
use crate::plan::workload::HistoryFrom;
use crate::plan::{Plan, Workload};
use crate::serving::llm::Rated;

/// One workload.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct WorkloadView {
    /// Its name.
    pub workload: String,
    /// What it is.
    pub kind: &'static str,
    /// Who pays.
    pub team: String,
    /// What is asked of it; absent for runs.
    pub demand: Option<DemandView>,
    /// How it was sized, one entry a pool.
    pub sizings: Vec<SizingView>,
    /// Its own amortised mean cost over the horizon.
    pub cost: Money,
    /// The same by category, in the order of reports; those without cost are left out.
    pub by_category: Vec<(Category, Money)>,
    /// What one unit costs: of what is asked for, of GPU time, of a training run.
    pub unit_costs: Vec<UnitCostView>,
}

/// The demand of a workload: medians of the mean level of a month.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct DemandView {
    /// The unit counted.
    pub unit: String,
    /// Whether it is a rate, per second.
    pub is_rate: bool,
    /// In the first month.
    pub first: f64,
    /// In the last month.
    pub last: f64,
    /// p10 and p90 of the last month.
    pub last_range: (f64, f64),
    /// Compound growth a month between them, where both are above zero and there are two months.
    pub growth_per_month: Option<f64>,
}

/// How a workload was sized in one pool.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SizingView {
    /// The pool.
    pub pool: String,
    /// What is counted: `replica`, `gpu`, `node`.
    pub counted: &'static str,
    /// p50 of the first month's and the last month's largest count, and p90 of the last.
    pub first: f64,
    /// p50 of the last month's largest count.
    pub last: f64,
    /// p90 of the last month's largest count.
    pub last_p90: f64,
    /// Nodes that each resource alone would require in the peak month, largest first.
    pub by_resource: Vec<(Resource, f64)>,
    /// Headroom applied, in words and order.
    pub headroom: String,
    /// Nodes that each cause alone would take in the peak month, largest first.
    pub requires: Vec<NodesFor>,
    /// How long requests take at that peak, where the plan says how long they may. Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency: Option<LatencySizing>,
    /// How one replica of a language model serves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<Rated>,
}

/// What one unit costs over the horizon: direct cost ÷ units.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct UnitCostView {
    /// Per what: `1,000 requests`, `1M tokens`, `GPU-hour`, `run`.
    pub per: String,
    /// How many of these, mean over draws.
    pub volume: f64,
    /// Money for one of these.
    pub cost: Money,
}

/// What is billed by the unit.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct VolumeView {
    /// Whose.
    pub workload: String,
    /// Of what: `stored in s3-standard`.
    pub what: String,
    /// `byte-month`, `byte`, or the workload's unit.
    pub unit: String,
    /// Mean by month.
    pub by_month: Vec<f64>,
}

/// Which instance type a pool uses.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ChoiceView {
    /// The pool.
    pub pool: String,
    /// Every candidate, cheapest first, those that cannot be used last.
    pub candidates: Vec<CandidateView>,
}

/// One candidate of a pool.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CandidateView {
    /// The instance type.
    pub instance: String,
    /// The region.
    pub region: Option<String>,
    /// Nodes at the reference need.
    pub nodes: f64,
    /// Money that is paid for one of them and an hour: on demand where the pool may buy that, else the cheapest it may,
    /// discounts off.
    pub price_per_hour: Option<Money>,
    /// Money for them and one 730-hour month.
    pub cost_per_month: Option<Money>,
    /// Why it cannot be used.
    pub rejected: Option<String>,
}

/// How well so many months would have been forecast.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BacktestView {
    /// Months ahead.
    pub months: usize,
    /// Mean absolute percentage error of the monthly means, 0.1 for 10%.
    pub error: f64,
    /// The same of seasonal naive.
    pub naive_error: f64,
    /// The share of months inside the 80% interval, 0 to 1.
    pub coverage_80: f64,
}

/// What a history taught.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HistoryView {
    /// The workload.
    pub workload: String,
    /// The file.
    pub path: Option<String>,
    /// How many months were measured.
    pub months: usize,
    /// The method.
    pub method: String,
    /// How well 1, 3, 6 and 12 months would have been forecast.
    pub backtests: Vec<BacktestView>,
    /// What should be known.
    pub remarks: Vec<String>,
    /// The unit counted.
    pub unit: String,
    /// Whether it is a rate, per second.
    pub is_rate: bool,
    /// Mean of each month measured, oldest first.
    pub measured: Vec<(Month, f64)>,
    /// What follows: growth and events included.
    pub forecast: Vec<HistoryMonth>,
}

/// A month that a history says something of.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HistoryMonth {
    /// The month.
    pub month: Month,
    /// 10% of draws of its mean lie below.
    pub p10: f64,
    /// The median of its mean.
    pub p50: f64,
    /// 90% of draws of its mean lie below.
    pub p90: f64,
    /// Median, p90 and p95 of its largest value, where that can be told.
    pub maximum: Option<[f64; 3]>,
}

pub(super) fn workloads(plan: &Plan, outcome: &Outcome) -> Vec<WorkloadView> {
    let mut costs = vec![BTreeMap::<Category, Money>::new(); plan.workloads.len()];
    for row in &outcome.ledger.rows {
        if let Some(workload) = row.workload {
            let cost = costs[workload.index()].entry(row.category).or_default();
            *cost = *cost + Money::new(row.amortised);
        }
    }
    let all = plan.workloads.iter().zip(costs);
    all.map(|((id, workload), cost)| workload_view(plan, outcome, id, workload, &cost)).collect()
}

fn workload_view(
    plan: &Plan,
    outcome: &Outcome,
    id: Id<Workload>,
    workload: &Workload,
    cost: &BTreeMap<Category, Money>,
) -> WorkloadView {
    let demand = workload.demand.as_ref().zip(outcome.demand.of(id));
    let sizings = outcome.sizings.iter().filter(|sizing| sizing.workload == id).map(|sizing| {
        let first = sizing.peak.first().copied().unwrap_or_default();
        let last = sizing.peak.last().copied().unwrap_or_default();
        SizingView {
            pool: plan.pools[sizing.pool].name.clone(),
            counted: sizing.counted,
            first: first.0,
            last: last.0,
            last_p90: last.1,
            by_resource: sizing.by_resource.clone(),
            headroom: sizing.headroom.clone(),
            requires: sizing.requires.clone(),
            latency: sizing.latency.clone(),
            model: sizing.model,
        }
    });
    WorkloadView {
        workload: workload.name.clone(),
        kind: workload.kind.word(),
        team: plan.teams[workload.team].name.clone(),
        sizings: sizings.collect(),
        cost: cost.values().copied().sum(),
        by_category: Category::ALL
            .into_iter()
            .filter_map(|category| Some((category, *cost.get(&category)?)))
            .filter(|(_, cost)| *cost != Money::default())
            .collect(),
        unit_costs: outcome
            .unit_costs
            .iter()
            .filter(|unit| unit.workload == id)
            .map(|unit| UnitCostView {
                per: unit.per.clone(),
                volume: to_f64(unit.volume),
                cost: Money::new(unit.cost),
            })
            .collect(),
        demand: demand.map(|(stated, paths)| demand_view(plan, stated, paths)),
    }
}

fn demand_view(
    plan: &Plan,
    stated: &crate::plan::workload::Demand,
    paths: &WorkloadDemand,
) -> DemandView {
    let last = plan.horizon.months - 1;
    let (first_levels, last_levels) = (month_levels(paths, 0), month_levels(paths, last));
    let at = |levels: &[f64], p| quantile(levels, p).unwrap_or(0.0);
    let (first, at_last) = (at(&first_levels, 0.5), at(&last_levels, 0.5));
    DemandView {
        unit: stated.unit.clone(),
        is_rate: stated.is_rate,
        first,
        last: at_last,
        last_range: (at(&last_levels, 0.1), at(&last_levels, 0.9)),
        growth_per_month: (first > 0.0 && at_last > 0.0 && last > 0)
            .then(|| libm::pow(at_last / first, 1.0 / last as f64) - 1.0),
    }
}

/// The mean level of a month by draw, weighted by days, in rising order.
fn month_levels(paths: &WorkloadDemand, t: usize) -> Vec<f64> {
    let spans: Vec<&LevelSpan> = paths.spans.iter().filter(|span| span.t == t).collect();
    let days = |span: &LevelSpan| f64::from(days_between(span.from, span.until));
    let all: f64 = spans.iter().map(|span| days(span)).sum();
    let draws = spans.first().map_or(0, |span| span.level.len());
    let level = |draw: usize| spans.iter().map(|s| s.level[draw] * days(s)).sum::<f64>() / all;
    sorted(&(0..draws).map(level).collect::<Vec<f64>>())
}

pub(super) fn volumes(plan: &Plan, outcome: &Outcome) -> Vec<VolumeView> {
    outcome
        .volumes
        .iter()
        .map(|volume| {
            let workload = &plan.workloads[volume.workload];
            let (what, unit) = match volume.kind {
                VolumeKind::Stored(_, tier) => (
                    format!("stored in {}", plan.storage_tiers[tier].name),
                    "byte-month".to_owned(),
                ),
                VolumeKind::Retrieved(_, tier) => {
                    (format!("read from {}", plan.storage_tiers[tier].name), "byte".to_owned())
                }
                VolumeKind::ShortOfStay(_, tier) => (
                    format!("left {} before its least stay", plan.storage_tiers[tier].name),
                    "byte-month".to_owned(),
                ),
                VolumeKind::Requested(_, tier) => {
                    (format!("requests to {}", plan.storage_tiers[tier].name), "request".to_owned())
                }
                VolumeKind::Transferred(provider, kind) => (
                    format!("sent from {}, {}", plan.providers[provider].name, kind.word()),
                    "byte".to_owned(),
                ),
                VolumeKind::Bought => {
                    let unit = workload.demand.as_ref().map_or("unit", |demand| &demand.unit);
                    ("bought".to_owned(), unit.to_owned())
                }
            };
            VolumeView {
                workload: workload.name.clone(),
                what,
                unit,
                by_month: volume.months.iter().map(|draws| mean(draws)).collect(),
            }
        })
        .collect()
}

pub(super) fn choices(plan: &Plan, outcome: &Outcome) -> Vec<ChoiceView> {
    outcome
        .choices
        .iter()
        .filter_map(|choice| {
            let PoolSupply::Instances(candidates) = &plan.pools[choice.pool].supply else {
                return None;
            };
            let view = |rejected: bool| {
                let ranked = choice.ranked.iter().filter(move |r| r.rejected.is_some() == rejected);
                ranked.map(|ranked| CandidateView {
                    instance: plan.instances[candidates[ranked.candidate].instance].name.clone(),
                    region: candidates[ranked.candidate].region.clone(),
                    nodes: ranked.nodes,
                    price_per_hour: ranked.price_per_hour.map(|price| Money::new(quantised(price))),
                    cost_per_month: ranked.cost_per_month.map(|cost| Money::new(quantised(cost))),
                    rejected: ranked.rejected.clone(),
                })
            };
            let candidates = view(false).chain(view(true)).collect();
            Some(ChoiceView { pool: plan.pools[choice.pool].name.clone(), candidates })
        })
        .collect()
}

pub(super) fn history(plan: &Plan, outcome: &Outcome) -> Vec<HistoryView> {
    plan.workloads
        .iter()
        .filter_map(|(id, workload)| {
            let paths = outcome.demand.of(id)?;
            let fitted = paths.fitted.as_ref()?;
            let stated = workload.demand.as_ref()?;
            let history = stated.history.as_ref();
            let month = |(t, month): (usize, Month)| {
                let levels = month_levels(paths, t);
                let at = |p| quantile(&levels, p).unwrap_or(0.0);
                let maximum = fitted.maxima.get(t).copied();
                HistoryMonth { month, p10: at(0.1), p50: at(0.5), p90: at(0.9), maximum }
            };
            Some(HistoryView {
                workload: workload.name.clone(),
                path: history.map(|history| match &history.from {
                    HistoryFrom::Table(table) => table.path.clone(),
                    HistoryFrom::Source(from) => {
                        let source = &plan.measure_sources[from.source].name;
                        format!("{source}: {}", from.asks.word())
                    }
                }),
                months: fitted.observed.len(),
                method: fitted.method.clone(),
                backtests: fitted
                    .backtests
                    .iter()
                    .map(|backtest| BacktestView {
                        months: backtest.months,
                        error: backtest.error,
                        naive_error: backtest.naive_error,
                        coverage_80: backtest.coverage_80,
                    })
                    .collect(),
                remarks: fitted.remarks.clone(),
                unit: stated.unit.clone(),
                is_rate: stated.is_rate,
                measured: fitted.observed.clone(),
                forecast: plan.horizon.iter().enumerate().map(month).collect(),
            })
        })
        .collect()
}
