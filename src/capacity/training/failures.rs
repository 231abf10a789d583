//! How often a run fails that any of its nodes can stop.

/// The mean time between failures of a run, in the unit of time of the rate: 1/(nodes · rate). Infinite
/// where nothing fails.
///
/// # Source
/// Kokolis et al. (2024), arXiv 2410.21680, section III: nodes fail independently at a constant rate.
#[must_use]
pub fn mean_time_between(nodes: f64, failures_per_node: f64) -> f64 {
    1.0 / (nodes * failures_per_node)
}

/// Failures an hour of a node that is lost within a day with this probability, at a constant rate:
/// −ln(1 − p)/24. A loss that is certain counts as one of 99.99%.
#[must_use]
pub fn hourly_rate(chance_per_day: f64) -> f64 {
    -libm::log1p(-chance_per_day.clamp(0.0, 0.9999)) / 24.0
}

/// The share of time in which a run makes progress, to first order in its failures. Below zero where it
/// would make none.
///
/// `restart` is the time from a failure to work again, `interval` the time between checkpoints, both in
/// the rate's unit of time; half an interval is lost on average.
///
/// # Source
/// Kokolis et al. (2024), section III: 1 − N·r·(u₀ + Δt/2).
#[must_use]
pub fn effective_time_ratio(
    nodes: f64,
    failures_per_node: f64,
    restart: f64,
    interval: f64,
) -> f64 {
    1.0 - nodes * failures_per_node * (restart + interval / 2.0)
}
