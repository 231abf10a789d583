//! What is known in closed form: one period, one product.

use crate::normal;

/// The smallest whole quantity to commit to in one period, and what the period then costs.
///
/// `hourly` is the need of every hour, `on_demand` and `committed` the prices of one unit and hour.
///
/// # Source
/// The newsvendor's quantile: the smallest c with P(D > c) ≤ `committed` ÷ `on_demand`.
#[must_use]
pub fn static_commitment(hourly: &[f64], on_demand: f64, committed: f64) -> (f64, f64) {
    let quantity = quantile_above(hourly, committed / on_demand).ceil();
    (quantity, cost_of_committing(hourly, quantity, on_demand, committed))
}

/// The smallest need of an hour that is passed in at most this share of hours: the quantity to commit to
/// where parts of a unit can be had.
#[must_use]
pub fn quantile_above(hourly: &[f64], share: f64) -> f64 {
    let mut sorted = hourly.to_vec();
    sorted.sort_by(f64::total_cmp);
    let hours = sorted.len() as f64;
    let at_most = |need: f64| {
        let above = sorted.len() - sorted.partition_point(|hour| *hour <= need);
        above as f64 <= share * hours * (1.0 + 1e-12)
    };
    if at_most(0.0) {
        return 0.0;
    }
    sorted.iter().copied().find(|need| at_most(*need)).unwrap_or(0.0)
}

/// What hours cost with a quantity committed in all of them and the rest bought by the hour.
#[must_use]
pub fn cost_of_committing(hourly: &[f64], quantity: f64, on_demand: f64, committed: f64) -> f64 {
    let rest: f64 = hourly.iter().map(|need| (need - quantity).max(0.0)).sum();
    quantity * committed * hourly.len() as f64 + rest * on_demand
}

/// The newsvendor of a normal demand: the critical fractile, and the quantity.
///
/// # Source
/// F(q) = cᵤ/(cᵤ + cₒ): what one unit too few costs, over that and what one too many costs.
#[must_use]
pub fn newsvendor(mean: f64, sd: f64, underage: f64, overage: f64) -> (f64, f64) {
    let fractile = underage / (underage + overage);
    (fractile, mean + sd * normal::quantile(fractile))
}

/// How much dearer than knowing the future the best rule without forecast can come out: deterministic,
/// and with chance. `alpha` is the price of a reserved hour over that of an hour on demand.
///
/// # Source
/// Wang, Li and Liang (2013): 2 − α and e/(e − 1 + α).
#[must_use]
pub fn competitive_ratio(alpha: f64) -> (f64, f64) {
    let e = std::f64::consts::E;
    (2.0 - alpha, e / (e - 1.0 + alpha))
}
