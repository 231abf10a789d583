//! What each pool of nodes needs, and what there is.

use serde::Serialize;

use super::money::{Money, mean, quantile, share, sorted};
use crate::calendar::Month;
use crate::capacity::need::InstanceChoice;
use crate::ids::Id;
use crate::outcome::Outcome;
use crate::plan::pool::PoolSupply;
use crate::plan::price::Purchase;
use crate::plan::{Plan, Pool};
use crate::procure::supply::PoolMonth;

/// A shortfall less likely than this in every month is not spoken of as a problem: 5%.
pub(super) const SHORTFALL_CHANCE_MIN: f64 = 0.05;

/// One pool over the horizon. Counts are nodes; GPUs are nodes × `gpus_per_node`.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PoolView {
    /// Its name.
    pub pool: String,
    /// The instance type or hardware it uses.
    pub node: String,
    /// GPUs in one node; 0 without.
    pub gpus_per_node: f64,
    /// One entry a month, oldest first.
    pub months: Vec<PoolMonthView>,
    /// The share of draws in which it is short in some month.
    pub short_chance: f64,
    /// Its amortised mean cost over the horizon.
    pub cost: Money,
}

/// One pool in one month, in nodes.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PoolMonthView {
    /// The month.
    pub month: Month,
    /// p10, p25, p50, p75 and p90 of the need in the busiest hour.
    pub need: [f64; 5],
    /// Median of what exists whatever is needed: owned and reserved.
    pub existing: f64,
    /// Median of the most that could run; absent where nothing limits it.
    pub available: Option<f64>,
    /// The share of draws in which nodes are missing in some hour.
    pub short_chance: f64,
    /// p50 and p90 of the nodes missing in the worst hour.
    pub missing: (f64, f64),
    /// Mean share of the node-hours paid for that is spot, where any is paid for.
    pub spot_share: Option<f64>,
}

/// The risk of a shortfall over all pools.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ShortfallView {
    /// The share of draws in which some pool is short in some month.
    pub chance: f64,
    /// The pool and month of the largest chance, where it is at least 5%.
    pub worst: Option<PoolShortfall>,
    /// The first month in which a pool's chance is at least 5%.
    pub first: Option<PoolShortfall>,
}

/// A shortfall of one pool in one month.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PoolShortfall {
    /// The pool.
    pub pool: String,
    /// The month.
    pub month: Month,
    /// Its chance in that month.
    pub chance: f64,
    /// p90 of the nodes missing in the worst hour.
    pub missing_p90: f64,
    /// GPUs in one node; 0 without.
    pub gpus_per_node: f64,
}

pub(super) fn pools(plan: &Plan, outcome: &Outcome) -> Vec<PoolView> {
    plan.pools
        .iter()
        .filter(|(_, pool)| !matches!(pool.supply, PoolSupply::Storage(_)))
        .map(|(id, pool)| {
            let months: Vec<&PoolMonth> = months_of(outcome, id).collect();
            let (node, gpus_per_node) = node_of(plan, outcome, id);
            let rows = outcome.ledger.rows.iter().filter(|row| row.pool == Some(id));
            PoolView {
                pool: pool.name.clone(),
                node,
                gpus_per_node,
                short_chance: any_short(&months),
                cost: rows.map(|row| Money::new(row.amortised)).sum(),
                months: months.into_iter().map(|month| month_view(plan, month)).collect(),
            }
        })
        .collect()
}

pub(super) fn shortfall(outcome: &Outcome, pools: &[PoolView]) -> ShortfallView {
    let all: Vec<&PoolMonth> = outcome.pool_months.iter().collect();
    let spoken_of = pools.iter().flat_map(|pool| {
        pool.months.iter().filter(|m| m.short_chance >= SHORTFALL_CHANCE_MIN).map(|m| {
            PoolShortfall {
                pool: pool.pool.clone(),
                month: m.month,
                chance: m.short_chance,
                missing_p90: m.missing.1,
                gpus_per_node: pool.gpus_per_node,
            }
        })
    });
    let mut found: Vec<PoolShortfall> = spoken_of.collect();
    // A stable sort: among equals the pool that comes first by name stays first.
    found.sort_by(|a, b| a.month.cmp(&b.month).then(b.chance.total_cmp(&a.chance)));
    let first = found.first().cloned();
    found.sort_by(|a, b| b.chance.total_cmp(&a.chance).then(a.month.cmp(&b.month)));
    ShortfallView { chance: any_short(&all), worst: found.into_iter().next(), first }
}

/// The months of one pool, oldest first.
pub(super) fn months_of(outcome: &Outcome, pool: Id<Pool>) -> impl Iterator<Item = &PoolMonth> {
    outcome.pool_months.iter().filter(move |month| month.pool == pool)
}

/// The share of draws in which any of `months` is short.
pub(super) fn any_short(months: &[&PoolMonth]) -> f64 {
    let draws = months.iter().map(|month| month.short_peak.len()).max().unwrap_or(0);
    let short =
        |draw: usize| months.iter().any(|m| m.short_peak.get(draw).is_some_and(|n| *n > 0.0));
    if draws == 0 { 0.0 } else { (0..draws).filter(|d| short(*d)).count() as f64 / draws as f64 }
}

/// What a pool's nodes are, and how many GPUs one has.
pub(super) fn node_of(plan: &Plan, outcome: &Outcome, pool: Id<Pool>) -> (String, f64) {
    match &plan.pools[pool].supply {
        PoolSupply::Owned(owned) => {
            (plan.owned[*owned].name.clone(), plan.owned[*owned].shape.gpus)
        }
        PoolSupply::Instances(candidates) => {
            let choice = outcome.choices.iter().find(|choice| choice.pool == pool);
            let chosen = choice.and_then(chosen_candidate).unwrap_or(0);
            candidates.get(chosen).map_or((String::new(), 0.0), |candidate| {
                let instance = &plan.instances[candidate.instance];
                (instance.name.clone(), instance.shape.gpus)
            })
        }
        PoolSupply::Storage(_) => (String::new(), 0.0),
    }
}

/// The cheapest candidate that can be used.
pub(super) fn chosen_candidate(choice: &InstanceChoice) -> Option<usize> {
    choice.ranked.iter().find(|ranked| ranked.rejected.is_none()).map(|ranked| ranked.candidate)
}

fn month_view(plan: &Plan, month: &PoolMonth) -> PoolMonthView {
    let need = sorted(&month.need_peak);
    let at = |values: &[f64], p| quantile(values, p).unwrap_or(0.0);
    let missing = sorted(&month.short_peak);
    let hours: f64 = month.node_hours.values().map(|hours| mean(hours)).sum();
    let spot = month.node_hours.get(&Purchase::Spot).map_or(0.0, |hours| mean(hours));
    // What can run is that of the month's scarcest day; a lot that comes later in the month is in neither.
    let available = at(&sorted(&month.available), 0.5);
    PoolMonthView {
        month: plan.horizon.month(month.t),
        need: [0.1, 0.25, 0.5, 0.75, 0.9].map(|p| at(&need, p)),
        existing: at(&sorted(&month.existing), 0.5).min(available),
        available: Some(available).filter(|nodes| nodes.is_finite()),
        short_chance: share(&month.short_peak, |nodes| nodes > 0.0),
        missing: (at(&missing, 0.5), at(&missing, 0.9)),
        spot_share: (hours > 0.0).then(|| spot / hours),
    }
}
