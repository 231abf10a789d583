//! The base and its scenarios, side by side.

use serde::Serialize;

use super::cost::{CostView, cost};
use super::gates::failures;
use super::money::{Money, quantile, sorted};
use super::pools::{PoolShortfall, PoolView, node_of, pools, shortfall};
use crate::outcome::{Outcome, Outcomes};
use crate::plan::{CheckedPlan, Plan};

/// One scenario over the horizon; the base is the first.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ScenarioView {
    /// Its name; `base` for the plan itself.
    pub name: String,
    /// A title for people.
    pub title: Option<String>,
    /// How likely it is held to be.
    pub probability: Option<f64>,
    /// What it costs.
    pub cost: CostView,
    /// Mean cost less the base's; zero for the base.
    pub delta: Money,
    /// The median over draws of the largest need of any month, summed over pools: GPUs over pools with
    /// GPUs, where there are any.
    pub peak_gpus: Option<f64>,
    /// The same in nodes over all pools of nodes.
    pub peak_nodes: f64,
    /// The share of draws with a shortfall in some pool and month.
    pub short_chance: f64,
    /// The first month in which a pool's shortfall is at least 5% likely.
    pub first_short: Option<PoolShortfall>,
    /// The budgets and gating policies that fail.
    pub failures: Vec<String>,
}

pub(super) fn scenarios(plan: &CheckedPlan, outcomes: &Outcomes) -> Vec<ScenarioView> {
    let base = scenario("base", &plan.base, &outcomes.base, Money::default());
    let base_mean = base.cost.total.mean;
    let others =
        plan.scenarios.iter().zip(&outcomes.scenarios).map(|(declared, outcome)| ScenarioView {
            title: declared.title.clone(),
            probability: declared.probability,
            ..scenario(&declared.name, &declared.plan, outcome, base_mean)
        });
    std::iter::once(ScenarioView { delta: Money::default(), ..base.clone() })
        .chain(others)
        .collect()
}

fn scenario(name: &str, plan: &Plan, outcome: &Outcome, base_mean: Money) -> ScenarioView {
    let cost = cost(plan, outcome);
    let pools: Vec<PoolView> = pools(plan, outcome);
    let shortfall = shortfall(outcome, &pools);
    ScenarioView {
        name: name.to_owned(),
        title: None,
        probability: None,
        delta: cost.total.mean - base_mean,
        cost,
        peak_gpus: pools
            .iter()
            .any(|pool| pool.gpus_per_node > 0.0)
            .then(|| peak(plan, outcome, |gpus| gpus)),
        peak_nodes: peak(plan, outcome, |_| 1.0),
        short_chance: shortfall.chance,
        first_short: shortfall.first,
        failures: failures(plan, outcome),
    }
}

/// The median over draws of the largest monthly sum over pools of peak need × weight.
fn peak(plan: &Plan, outcome: &Outcome, weight: impl Fn(f64) -> f64) -> f64 {
    let draws = outcome.pool_months.first().map_or(0, |month| month.need_peak.len());
    let mut by_month = vec![vec![0.0; draws]; plan.horizon.months];
    for month in &outcome.pool_months {
        let (_, gpus) = node_of(plan, outcome, month.pool);
        let weight = weight(gpus);
        by_month[month.t].iter_mut().zip(&month.need_peak).for_each(|(sum, n)| *sum += n * weight);
    }
    let largest: Vec<f64> = (0..draws)
        .map(|draw| by_month.iter().map(|month| month[draw]).fold(0.0, f64::max))
        .collect();
    quantile(&sorted(&largest), 0.5).unwrap_or(0.0)
}
