//! Spot in a plan: for which share of time it serves, and what a useful hour takes of it.
//!
//! In: what the plan says of a spot price (interruption, availability) and of its pool (`spot { … }`). Out:
//! shares of time and node-hours for one that is useful, one value a draw. What a run loses is not here: its
//! length has it already ([`crate::capacity`]).
//!
//! * Availability a and interruptions λ in an hour of running give the mean outage D = (1 − a)/(aλ). With
//!   outages of exponential length, on-demand that takes over after A hours serves (1 − a)·e^(−A/D) of the
//!   time; what waits until then is caught up on spot.
//! * A useful node-hour takes (1 + δ/τ)/(1 − λ(τ/2 + R)) node-hours of spot ([`effective`]); without state
//!   to save, 1/(1 − λR).

use crate::capacity::choice::{may_buy, price_of};
use crate::capacity::need::InstanceChoice;
use crate::capacity::node::chosen_candidate;
use crate::capacity::per_draw::PerDraw;
use crate::draws::{Draws, mean};
use crate::ids::Id;
use crate::money::to_f64;
use crate::plan::pool::{Candidate, SpotFallback, SpotLoss};
use crate::plan::price::{InstancePrice, Purchase};
use crate::plan::{Instance, Plan, Pool};
use crate::procure::spot::effective::{Interrupted, effective};

/// How spot serves a pool; one value a draw.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The share of time that it can be had.
    pub available: PerDraw,
    /// The share of what runs on spot that really does: more than it can be had where work waits for it.
    pub served: PerDraw,
    /// Node-hours for one that is useful, at least 1; not a number where nothing useful gets done.
    pub per_useful: PerDraw,
}

/// How a price of spot serves a pool.
#[must_use]
pub fn planned(draws: Draws, pool: &Pool, price: &InstancePrice) -> Planned {
    let available = price.availability.as_ref();
    let available = available.map_or(PerDraw::Same(1.0), |share| PerDraw::of(draws, share));
    let rate = price.interruption_per_day.as_ref();
    let rate = rate.map_or(PerDraw::Same(0.0), |chance| {
        PerDraw::of(draws, chance).map(Interrupted::rate_of_daily_chance)
    });
    let per_useful = rate.map(|rate| per_useful(rate, pool.spot_loss).unwrap_or(f64::NAN));
    let served =
        available.zip(&rate, |available, rate| served(available, rate, pool.spot_fallback));
    let works = |share: f64, per: f64| if per.is_nan() { 0.0 } else { share };
    Planned {
        available: available.zip(&per_useful, works),
        served: served.zip(&per_useful, works),
        per_useful,
    }
}

/// What a useful node-hour of spot costs where that is not below on-demand: both in money, as means over
/// the draws. Infinite where nothing useful gets done.
///
/// Both are what is paid in the horizon's first month. Spot is then not bought, if nothing in the pool that may run on it is a run.
/// Where nothing may be bought on demand there is nothing to hold it against.
#[must_use]
pub fn does_not_pay(plan: &Plan, pool: Id<Pool>, candidate: &Candidate) -> Option<(f64, f64)> {
    let spot = price_of(plan, candidate, Purchase::Spot)?;
    let on_demand = price_of(plan, candidate, Purchase::OnDemand)
        .filter(|_| may_buy(&plan.pools[pool], Purchase::OnDemand))?;
    let may_run = plan.workloads.items().iter().filter(|one| one.interruptible && one.uses(pool));
    let planned = planned(plan.draws, &plan.pools[pool], spot);
    if planned.per_useful == PerDraw::Same(1.0) || may_run.clone().any(|one| !one.runs.is_empty()) {
        return None;
    }
    let useful = useful_hour(plan, &plan.pools[pool], spot) * left(plan, candidate, Purchase::Spot);
    let on_demand = mean(&plan.draws.values(&on_demand.per_hour.estimate))
        * left(plan, candidate, Purchase::OnDemand);
    (useful >= on_demand).then_some((useful, on_demand))
}

/// What discounts leave of a price in the horizon's first month.
fn left(plan: &Plan, candidate: &Candidate, purchase: Purchase) -> f64 {
    let provider = &plan.providers[plan.instances[candidate.instance].provider];
    to_f64(provider.left_in(Some(purchase), plan.horizon.first))
}

/// What a useful node-hour of spot costs, in the mean of the draws; infinite where nothing useful gets done.
fn useful_hour(plan: &Plan, pool: &Pool, spot: &InstancePrice) -> f64 {
    let per_useful = planned(plan.draws, pool, spot).per_useful;
    let prices = plan.draws.values(&spot.planned(pool.risk_tolerance).estimate);
    let costs = prices.into_iter().enumerate().map(|(draw, price)| price * per_useful.at(draw));
    mean(&costs.map(|cost| if cost.is_nan() { f64::INFINITY } else { cost }).collect::<Vec<_>>())
}

/// How one pool uses spot; money and shares are means over the draws, money is what is paid in the horizon's first
/// month.
#[derive(Debug, Clone)]
pub struct PoolSpot {
    /// The pool.
    pub pool: Id<Pool>,
    /// Of which type.
    pub instance: Id<Instance>,
    /// In which region.
    pub region: Option<String>,
    /// The price that it plans with, and where that was read.
    pub price: f64,
    /// Whether it comes from a history of prices.
    pub history: Option<String>,
    /// On demand.
    pub on_demand: Option<f64>,
    /// The share of time that spot can be had.
    pub available: f64,
    /// The share of what may run on spot that does.
    pub served: f64,
    /// What a useful hour costs on spot, where anything useful gets done.
    pub useful: Option<f64>,
    /// The same with on-demand for what spot does not serve.
    pub blended: Option<f64>,
    /// Whether it is bought.
    pub bought: bool,
}

/// Every pool in which something may run on spot and spot has a price, by name.
#[must_use]
pub fn of_plan(plan: &Plan, choices: &[InstanceChoice]) -> Vec<PoolSpot> {
    let all = plan.pools.iter().filter_map(|(id, pool)| {
        let used = plan.workloads.items().iter().any(|one| one.interruptible && one.uses(id));
        let candidate = chosen_candidate(plan, choices, id)?;
        let spot = price_of(plan, candidate, Purchase::Spot)?;
        if !used || !may_buy(pool, Purchase::Spot) {
            return None;
        }
        let planned = planned(plan.draws, pool, spot);
        let means = |values: &PerDraw| {
            mean(&(0..plan.draws.count()).map(|draw| values.at(draw)).collect::<Vec<_>>())
        };
        let on_demand = price_of(plan, candidate, Purchase::OnDemand).map(|price| {
            mean(&plan.draws.values(&price.per_hour.estimate))
                * left(plan, candidate, Purchase::OnDemand)
        });
        let of_list = left(plan, candidate, Purchase::Spot);
        let useful = Some(useful_hour(plan, pool, spot) * of_list).filter(|one| one.is_finite());
        let served = means(&planned.served);
        Some(PoolSpot {
            pool: id,
            instance: candidate.instance,
            region: candidate.region.clone(),
            price: mean(&plan.draws.values(&spot.planned(pool.risk_tolerance).estimate)) * of_list,
            history: spot.by_risk.as_ref().and(spot.source.source.clone()),
            available: means(&planned.available),
            blended: match pool.spot_fallback {
                SpotFallback::OnDemand { .. } => useful
                    .zip(on_demand)
                    .map(|(useful, on_demand)| served * useful + (1.0 - served) * on_demand),
                // Nothing runs on demand in its place.
                SpotFallback::Wait | SpotFallback::None => useful,
            },
            served,
            on_demand,
            useful,
            bought: does_not_pay(plan, id, candidate).is_none(),
        })
    });
    all.collect()
}

/// Node-hours for one that is useful; `None` where interruptions take all of the time.
#[must_use]
pub fn per_useful(per_hour: f64, loss: SpotLoss) -> Option<f64> {
    let interrupted = Interrupted {
        per_hour,
        checkpoint_hours: loss.takes_hours,
        recovery_hours: loss.restart_hours,
        interval_hours: loss.every_hours,
    };
    // Without state nothing is saved and nothing is done again.
    effective(1.0, &interrupted, Some(loss.every_hours.unwrap_or(0.0)))
}

/// The share of time that spot serves, what is caught up on it included.
#[must_use]
pub fn served(available: f64, per_hour: f64, fallback: SpotFallback) -> f64 {
    match fallback {
        SpotFallback::None => available,
        SpotFallback::Wait if available > 0.0 => 1.0,
        SpotFallback::Wait => 0.0,
        SpotFallback::OnDemand { after_hours } => {
            let gone = 1.0 - available;
            if after_hours <= 0.0 || gone <= 0.0 || available <= 0.0 || per_hour <= 0.0 {
                return available;
            }
            let outage = gone / (available * per_hour);
            1.0 - gone * libm::exp(-after_hours / outage)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-9, "{a} is not {b}");
    }

    #[test]
    fn a_useful_hour_takes_checkpoints_rework_and_restarts() {
        // λ = 0.05 an hour, δ = 0.1 h, R = 0.25 h, τ = 2 h: 1.05/(1 − 0.05·1.25) = 1.12.
        let loss = SpotLoss { every_hours: Some(2.0), takes_hours: 0.1, restart_hours: 0.25 };
        close(per_useful(0.05, loss).unwrap(), 1.05 / 0.9375);
        let stateless = SpotLoss { restart_hours: 0.25, ..SpotLoss::default() };
        close(per_useful(0.05, stateless).unwrap(), 1.0 / (1.0 - 0.0125));
        close(per_useful(0.05, SpotLoss::default()).unwrap(), 1.0);
        assert_eq!(per_useful(5.0, stateless), None);
    }

    #[test]
    fn what_waits_is_caught_up_on_spot() {
        close(served(0.9, 0.05, SpotFallback::None), 0.9);
        close(served(0.9, 0.05, SpotFallback::Wait), 1.0);
        close(served(0.0, 0.05, SpotFallback::Wait), 0.0);
        let after = |after_hours| served(0.9, 0.05, SpotFallback::OnDemand { after_hours });
        close(after(0.0), 0.9);
        // The mean outage is 0.1/(0.9·0.05) = 2.22 h: after as long, 1/e of it is bridged on demand.
        close(after(0.1 / 0.045), 1.0 - 0.1 * (-1.0_f64).exp());
        assert!(after(1000.0) > 0.999_999);
    }
}
