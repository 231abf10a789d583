//! How much of what is paid for is asked for and used, by pool and over all of them.

use serde::Serialize;

use super::money::{Money, mean};
use super::pools::{PoolView, months_of};
use crate::calendar::Month;
use crate::capacity::need::Resource;
use crate::ids::Id;
use crate::outcome::Outcome;
use crate::plan::policy::{Bound, Metric, matches};
use crate::plan::{Plan, Pool};
use crate::procure::supply::PoolMonth;

/// Utilisation over the horizon.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct UtilizationView {
    /// Every pool of nodes in which something is supplied, by name.
    pub pools: Vec<PoolUseView>,
    /// Requested over supplied, over all pools, weighted by what they cost; absent without any.
    pub requested: Option<f64>,
    /// Used over supplied, likewise.
    pub used: Option<f64>,
    /// What these pools cost, amortised.
    pub cost: Money,
    /// What of it nobody asked for.
    pub idle: Money,
}

/// One pool. Shares are of the resource-hours supplied in the horizon, of the resource of which most is
/// requested; means over the draws.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PoolUseView {
    /// The pool.
    pub pool: String,
    /// The resource: `gpu`, `cpu`, `memory`, `storage`.
    pub resource: &'static str,
    /// Requested over supplied.
    pub requested: f64,
    /// Used over supplied.
    pub used: f64,
    /// Requested over supplied by month; absent where nothing is supplied.
    pub by_month: Vec<Option<f64>>,
    /// The month in which least of it is requested, and how much.
    pub least: Option<(Month, f64)>,
    /// What of the resource is requested and supplied in that month, on average over its hours.
    #[serde(skip)]
    pub least_amounts: Option<[f64; 2]>,
    /// The highest utilisation that a policy asks of the pool, and the policy.
    pub floor: Option<(f64, String)>,
    /// What the pool costs, amortised.
    pub cost: Money,
    /// What of it nobody asked for.
    pub idle: Money,
}

impl UtilizationView {
    /// The share of all cost that a pool's is: what its utilisation counts in that of all pools.
    #[must_use]
    pub fn weight(&self, pool: &PoolUseView) -> f64 {
        let cost = |pool: &PoolUseView| crate::money::to_f64(pool.cost.decimal()).max(0.0);
        let all: f64 = self.pools.iter().map(cost).sum();
        if all > 0.0 { cost(pool) / all } else { 0.0 }
    }
}

pub(super) fn utilization(plan: &Plan, outcome: &Outcome, pools: &[PoolView]) -> UtilizationView {
    let pools: Vec<PoolUseView> = pools
        .iter()
        .filter_map(|pool| pool_use(plan, outcome, plan.pools.find(&pool.pool)?, pool.cost))
        .collect();
    let weight = |pool: &PoolUseView| crate::money::to_f64(pool.cost.decimal()).max(0.0);
    let weights: f64 = pools.iter().map(weight).sum();
    let over = |of: fn(&PoolUseView) -> f64| {
        let sum: f64 = pools.iter().map(|pool| weight(pool) * of(pool)).sum();
        (weights > 0.0).then(|| sum / weights)
    };
    UtilizationView {
        requested: over(|pool| pool.requested),
        used: over(|pool| pool.used),
        cost: pools.iter().map(|pool| pool.cost).sum(),
        idle: pools.iter().map(|pool| pool.idle).sum(),
        pools,
    }
}

/// Resources by their places in [`Resource::ALL`], in the order in which they speak for a pool that asks as much of each.
const SPEAKING: [usize; 4] = [2, 0, 1, 3];

fn pool_use(plan: &Plan, outcome: &Outcome, id: Id<Pool>, cost: Money) -> Option<PoolUseView> {
    let months = plan.horizon.months;
    let supply: Vec<&PoolMonth> = months_of(outcome, id).collect();
    let hours = |resource: usize, t: usize| {
        let asked = outcome.measures.asked.get(&(id, t)).map(Vec::as_slice).unwrap_or_default();
        let month = supply.iter().find(|month| month.t == t);
        let supplied = month.and_then(|month| month.supplied.get(&Resource::ALL[resource]));
        [
            asked.iter().map(|one| one.requested[resource]).sum(),
            asked.iter().map(|one| one.used[resource]).sum(),
            supplied.map_or(0.0, |hours| mean(hours)),
        ]
    };
    // Among equals GPUs speak for a pool, which is paid for them; then cores.
    let (best, requested, used) = SPEAKING
        .into_iter()
        .filter_map(|r| {
            let all = (0..months).map(|t| hours(r, t)).fold([0.0; 3], |sum, of: [f64; 3]| {
                [sum[0] + of[0], sum[1] + of[1], sum[2] + of[2]]
            });
            (all[2] > 0.0).then(|| (r, all[0] / all[2], all[1] / all[2]))
        })
        .reduce(|best, next| if next.1 > best.1 * (1.0 + 1e-9) { next } else { best })?;
    let by_month = (0..months).map(|t| {
        let [requested, _, supplied] = hours(best, t);
        (supplied > 0.0).then(|| requested / supplied)
    });
    let by_month: Vec<Option<f64>> = by_month.collect();
    let least = plan
        .horizon
        .iter()
        .zip(&by_month)
        .filter_map(|(month, share)| Some((month, (*share)?)))
        .reduce(|least, next| if next.1 < least.1 { next } else { least });
    let least_amounts = least.and_then(|(month, _)| {
        let t = plan.horizon.iter().position(|of| of == month)?;
        let length = f64::from(month.days()) * 24.0;
        let [requested, _, supplied] = hours(best, t);
        Some([requested / length, supplied / length])
    });
    let rows = outcome.ledger.rows.iter();
    let idle = rows.filter(|row| row.pool == Some(id) && row.workload.is_none());
    Some(PoolUseView {
        pool: plan.pools[id].name.clone(),
        resource: Resource::ALL[best].word(),
        requested,
        used,
        by_month,
        least,
        least_amounts,
        floor: floor(plan, id),
        cost,
        idle: idle.map(|row| Money::new(row.amortised)).sum(),
    })
}

/// The highest floor that a policy on utilisation sets to a pool by its name.
fn floor(plan: &Plan, pool: Id<Pool>) -> Option<(f64, String)> {
    let name = &plan.pools[pool].name;
    let policies = plan.policies.items().iter().filter(|policy| {
        let require = &policy.require;
        let select = &require.select;
        let by_workload = [&select.workload, &select.priority, &select.environment, &select.team];
        require.metric == Metric::Utilization
            && require.bound == Bound::AtLeast
            && by_workload.iter().all(|pattern| pattern.is_none())
            && select.pool.as_ref().is_none_or(|pattern| matches(pattern, name))
    });
    policies
        .map(|policy| (policy.require.limit, policy.name.clone()))
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
}
