//! What a useful hour on spot costs, with rework, checkpoints and recovery.
//!
//! # Source
//! Young, "A first order approximation to the optimum checkpoint interval" (1974), and Daly (2006), with a
//! price by the hour of use.

/// How work is interrupted, and what each interruption costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interrupted {
    /// Interruptions in an hour of running, λ.
    pub per_hour: f64,
    /// Hours to write a checkpoint, δ.
    pub checkpoint_hours: f64,
    /// Hours from an interruption to running again, R.
    pub recovery_hours: f64,
    /// Hours between checkpoints, τ, where they are fixed; the cheapest where absent.
    pub interval_hours: Option<f64>,
}

impl Interrupted {
    /// Interruptions an hour, from the chance of one in a day.
    #[must_use]
    pub fn rate_of_daily_chance(chance: f64) -> f64 {
        if chance >= 1.0 { f64::INFINITY } else { -libm::log1p(-chance) / 24.0 }
    }

    /// The interval that is used: the one given, else the one that costs the least; `None` where nothing is
    /// ever interrupted, so that no checkpoint is worth anything.
    ///
    /// The exact minimum of [`effective`] in τ: τ = −δ + √(δ² + 2δ(1 − λR)/λ), near √(2δ/λ) where
    /// interruptions are rare.
    #[must_use]
    pub fn best_interval(&self) -> Option<f64> {
        if let Some(interval) = self.interval_hours {
            return Some(interval);
        }
        if self.per_hour <= 0.0 {
            return None;
        }
        let delta = self.checkpoint_hours;
        let useful = 1.0 - self.per_hour * self.recovery_hours;
        (useful > 0.0).then(|| {
            let root = delta * delta + 2.0 * delta * useful / self.per_hour;
            // Without any cost of a checkpoint one is written all the time.
            root.sqrt() - delta
        })
    }

    /// √(2δ/λ): Young's first-order interval; `None` where nothing is ever interrupted.
    #[must_use]
    pub fn young_interval(&self) -> Option<f64> {
        (self.per_hour > 0.0).then(|| (2.0 * self.checkpoint_hours / self.per_hour).sqrt())
    }
}

/// Money for a useful hour, from the price of an hour: p(1 + δ/τ)/(1 − λ(τ/2 + R)).
///
/// `None` where interruptions take all of the time. Without an interval nothing is ever interrupted.
#[must_use]
pub fn effective(
    price: f64,
    interrupted: &Interrupted,
    interval_hours: Option<f64>,
) -> Option<f64> {
    let Some(tau) = interval_hours else {
        return (interrupted.per_hour <= 0.0).then_some(price);
    };
    if tau <= 0.0 && interrupted.checkpoint_hours > 0.0 {
        return None;
    }
    let overhead = if tau > 0.0 { interrupted.checkpoint_hours / tau } else { 0.0 };
    let lost = interrupted.per_hour * (tau / 2.0 + interrupted.recovery_hours);
    (lost < 1.0).then(|| price * (1.0 + overhead) / (1.0 - lost))
}
