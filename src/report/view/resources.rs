//! Need against supply by resource: GPUs, CPU cores and memory of the nodes that pools need and have.

use serde::Serialize;

use super::headroom::{DriverView, driver_view};
use super::money::{quantile, share, sorted};
use super::pools::{PoolMonthView, PoolView, chosen_candidate, months_of};
use crate::capacity::need::Resource;
use crate::headroom;
use crate::ids::Id;
use crate::outcome::Outcome;
use crate::plan::catalog::NodeShape;
use crate::plan::pool::PoolSupply;
use crate::plan::{Plan, Pool};
use crate::source::Sources;

/// A resource over the horizon. Counts are of the resource: GPUs, cores, bytes.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ResourceView {
    /// `gpu`, `cpu` or `memory`.
    pub resource: &'static str,
    /// The pools it is summed over, by name: those with GPUs; for CPU and memory those without, if any are.
    pub pools: Vec<String>,
    /// One entry a month: what the nodes have that each pool needs in its busiest hour, summed by draw.
    pub months: Vec<PoolMonthView>,
    /// What is behind the month in which it is most likely short, else in which most is needed.
    #[serde(skip)]
    pub behind: Option<BehindView>,
}

/// The pool that decides a month of a resource.
#[derive(Debug, Clone)]
pub struct BehindView {
    /// The pool.
    pub pool: String,
    /// The share of draws in which it is short in that month.
    pub short_chance: f64,
    /// Nodes missing there in the worst hour, at the confidence of headroom.
    pub missing: f64,
    /// What drives its need in that month.
    pub driver: DriverView,
}

impl ResourceView {
    /// The month in which it is most likely short, the first of equals, where that is 5% likely.
    #[must_use]
    pub fn worst(&self) -> Option<&PoolMonthView> {
        let months = self.months.iter().rev();
        months
            .max_by(|a, b| a.short_chance.total_cmp(&b.short_chance))
            .filter(|month| month.short_chance >= 0.05)
    }
}

/// Every resource that some pool of nodes has.
pub(super) fn resources(
    plan: &Plan,
    sources: &Sources,
    outcome: &Outcome,
    pools: &[PoolView],
) -> Vec<ResourceView> {
    let shaped: Vec<(Id<Pool>, NodeShape)> = pools
        .iter()
        .filter_map(|pool| {
            let id = plan.pools.find(&pool.pool)?;
            Some((id, shape_of(plan, outcome, id)?))
        })
        .collect();
    let (with, without): (Vec<_>, Vec<_>) =
        shaped.into_iter().partition(|(_, shape)| shape.gpus > 0.0);
    let plain = if without.is_empty() { &with } else { &without };
    [(Resource::Gpu, &with), (Resource::Cpu, plain), (Resource::Memory, plain)]
        .into_iter()
        .filter_map(|(resource, pools)| resource_view(plan, sources, outcome, resource, pools))
        .collect()
}

fn shape_of(plan: &Plan, outcome: &Outcome, id: Id<Pool>) -> Option<NodeShape> {
    match &plan.pools[id].supply {
        PoolSupply::Owned(owned) => Some(plan.owned[*owned].shape),
        PoolSupply::Instances(candidates) => {
            let choice = outcome.choices.iter().find(|choice| choice.pool == id);
            let chosen = choice.and_then(chosen_candidate).unwrap_or(0);
            candidates.get(chosen).map(|candidate| plan.instances[candidate.instance].shape)
        }
        PoolSupply::Storage(_) => None,
    }
}

fn resource_view(
    plan: &Plan,
    sources: &Sources,
    outcome: &Outcome,
    resource: Resource,
    pools: &[(Id<Pool>, NodeShape)],
) -> Option<ResourceView> {
    let per_node = |shape: &NodeShape| match resource {
        Resource::Gpu => shape.gpus,
        Resource::Cpu => shape.cores,
        Resource::Memory => shape.memory_bytes,
        Resource::Storage => shape.storage_bytes,
    };
    let pools: Vec<&(Id<Pool>, NodeShape)> =
        pools.iter().filter(|(_, shape)| per_node(shape) > 0.0).collect();
    if pools.is_empty() {
        return None;
    }
    let draws = plan.draws.count();
    let none = || vec![[0.0_f64; 4]; draws];
    let mut sums: Vec<Vec<[f64; 4]>> = (0..plan.horizon.months).map(|_| none()).collect();
    for (id, shape) in &pools {
        let each = per_node(shape);
        for month in months_of(outcome, *id) {
            let of = [&month.need_peak, &month.existing, &month.available, &month.short_peak];
            for (draw, sum) in sums[month.t].iter_mut().enumerate() {
                for (sum, values) in sum.iter_mut().zip(of) {
                    *sum += values.get(draw).copied().unwrap_or(0.0) * each;
                }
            }
        }
    }
    let months = plan.horizon.iter().zip(sums).map(|(month, sums)| {
        let column = |place: usize| sums.iter().map(|sum| sum[place]).collect::<Vec<f64>>();
        let at = |values: &[f64], p| quantile(values, p).unwrap_or(0.0);
        let need = sorted(&column(0));
        let (short, missing) = (column(3), sorted(&column(3)));
        let available = at(&sorted(&column(2)), 0.5);
        PoolMonthView {
            month,
            need: [0.1, 0.25, 0.5, 0.75, 0.9].map(|p| at(&need, p)),
            existing: at(&sorted(&column(1)), 0.5).min(available),
            available: Some(available).filter(|amount| amount.is_finite()),
            short_chance: share(&short, |amount| amount > 0.0),
            missing: (at(&missing, 0.5), at(&missing, 0.9)),
            spot_share: None,
        }
    });
    let mut view = ResourceView {
        resource: resource.word(),
        pools: pools.iter().map(|(id, _)| plan.pools[*id].name.clone()).collect(),
        months: months.collect(),
        behind: None,
    };
    let sized: Vec<(Id<Pool>, f64)> =
        pools.iter().map(|(id, shape)| (*id, per_node(shape))).collect();
    view.behind = behind(plan, sources, outcome, &view, &sized);
    Some(view)
}

/// The pool most likely short in the worst month; without one, the pool whose nodes have most of the resource in
/// the month of the highest need.
fn behind(
    plan: &Plan,
    sources: &Sources,
    outcome: &Outcome,
    view: &ResourceView,
    pools: &[(Id<Pool>, f64)],
) -> Option<BehindView> {
    let worst = view.worst();
    let months = view.months.iter().rev();
    let month = worst.or_else(|| months.max_by(|a, b| a.need[2].total_cmp(&b.need[2])))?.month;
    let found = pools.iter().filter_map(|(id, each)| {
        let of = months_of(outcome, *id).find(|of| plan.horizon.month(of.t) == month)?;
        let driver = headroom::driver(plan, *id, &outcome.sizings, of.t)?;
        let at = |values: &[f64], p| quantile(&sorted(values), p).unwrap_or(0.0);
        let chance = share(&of.short_peak, |nodes| nodes > 0.0);
        let missing = at(&of.short_peak, headroom::CONFIDENCE);
        let weight = if worst.is_some() { chance } else { 0.0 };
        let need = at(&of.need_peak, 0.5) * each;
        Some((weight, need, plan.pools[*id].name.clone(), chance, missing, driver))
    });
    let (_, _, pool, short_chance, missing, driver) =
        found.max_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)))?;
    Some(BehindView { pool, short_chance, missing, driver: driver_view(plan, sources, &driver) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{Words, plan_and_outcomes, report};

    #[test]
    fn the_gpus_of_one_pool_are_its_nodes_times_the_gpus_of_one() {
        let (plan, outcomes) = plan_and_outcomes(&Words::default());
        let view = report(&Words::default());
        let pool = view.pools.iter().find(|pool| pool.gpus_per_node > 0.0).unwrap().clone();
        let gpus = pool.gpus_per_node;
        let found =
            resources(&plan.base, &plan.sources, &outcomes.base, std::slice::from_ref(&pool));
        let found = found.iter().find(|found| found.resource == "gpu").unwrap();
        assert_eq!(found.pools, std::slice::from_ref(&pool.pool));
        for (month, of) in found.months.iter().zip(&pool.months) {
            for (amount, nodes) in month.need.iter().zip(of.need) {
                assert!((amount - nodes * gpus).abs() < 1e-6);
            }
            assert!((month.short_chance - of.short_chance).abs() < 1e-12);
        }
    }

    #[test]
    fn need_of_several_pools_is_summed_draw_by_draw() {
        let view = report(&Words::default());
        for found in &view.resources {
            let parts: Vec<_> =
                view.pools.iter().filter(|pool| found.pools.contains(&pool.pool)).collect();
            assert_eq!(parts.len(), found.pools.len());
            // Between the largest and the sum: quantiles do not add.
            if found.resource == "gpu" {
                for (t, month) in found.months.iter().enumerate() {
                    let of = |pool: &&PoolView| pool.months[t].need[4] * pool.gpus_per_node;
                    let sum: f64 = parts.iter().map(of).sum();
                    let most = parts.iter().map(of).fold(0.0, f64::max);
                    assert!(month.need[4] <= sum + 1e-6 && month.need[4] >= most - 1e-6);
                }
            }
        }
    }
}
