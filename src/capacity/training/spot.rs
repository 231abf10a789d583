//! What an hour of useful work costs on nodes that can be taken away.

use super::checkpoint::young_interval;

/// Work on spot, in hours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OnSpot {
    /// Money for an hour.
    pub price: f64,
    /// Interruptions an hour of running.
    pub rate: f64,
    /// Work between two checkpoints.
    pub interval: f64,
    /// The time one checkpoint takes.
    pub takes: f64,
    /// Time from an interruption to work again.
    pub recovery: f64,
}

impl OnSpot {
    /// Money for an hour of useful work, to first order in the interruptions; absent where none is done.
    ///
    /// # Source
    /// `procurement`, "Spot": p·(1 + δ/τ)/(1 − λ(τ/2 + R)).
    #[must_use]
    pub fn cost_per_useful_hour(&self) -> Option<f64> {
        let kept = 1.0 - self.rate * (self.interval / 2.0 + self.recovery);
        let saving = if self.takes > 0.0 { self.takes / self.interval } else { 0.0 };
        (kept > 0.0).then(|| self.price * (1.0 + saving) / kept)
    }

    /// The same where spot is had for a share of the time and on-demand takes over for the rest.
    #[must_use]
    pub fn blended(&self, availability: f64, on_demand: f64) -> Option<f64> {
        let cost = self.cost_per_useful_hour()?;
        Some(availability * cost + (1.0 - availability) * on_demand)
    }

    /// The interval of least cost, to first order.
    ///
    /// # Source
    /// `procurement`, "Spot": √(2δ/λ).
    #[must_use]
    pub fn best_interval(&self) -> f64 {
        young_interval(self.takes, 1.0 / self.rate)
    }
}
