//! Raw and log scales, and how far off a month may be on them.

/// Least deviation of a month's mean, as a share.
pub const LEAST_SPREAD: f64 = 0.01;

/// The deviation of the mean of a month ahead.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// Deviations of the logarithm, where all values are above zero; else of the value.
    pub log: bool,
    /// By months ahead, from the first; never falling.
    pub months: Vec<f64>,
    /// Whether it grows beyond the months tried.
    pub grows: bool,
}

impl Spread {
    /// The deviation so many months ahead, at least 0; beyond what was tried it grows as the root.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "months ahead")]
    pub fn at(&self, ahead: f64) -> f64 {
        let tried = self.months.len();
        let last = self.months[tried - 1];
        let ahead = ahead.max(1.0);
        if ahead >= tried as f64 {
            return if self.grows { last * (ahead / tried as f64).sqrt() } else { last };
        }
        let low = ahead.floor();
        let (from, to) = (self.months[low as usize - 1], self.months[low as usize]);
        from + (to - from) * (ahead - low)
    }

    /// One value moved by so many deviations, never below zero.
    #[must_use]
    pub fn moved(&self, median: f64, deviations: f64) -> f64 {
        let moved = if self.log { median * libm::exp(deviations) } else { median + deviations };
        moved.max(0.0)
    }
}

/// By how much the true value lies above a forecast: of logarithms, or of values. A forecast near zero
/// counts as a hundredth of the truth.
#[must_use]
pub fn miss(actual: f64, forecast: f64, log: bool) -> f64 {
    if log { libm::log(actual / forecast.max(actual / 100.0)) } else { actual - forecast }
}

/// Whether values have logarithms.
#[must_use]
pub fn all_positive(values: &[f64]) -> bool {
    values.iter().all(|value| *value > 0.0)
}

/// Values on the log scale, or as they are.
#[must_use]
pub fn scaled(values: &[f64], log: bool) -> Vec<f64> {
    if log { values.iter().map(|value| libm::log(*value)).collect() } else { values.to_vec() }
}

/// One value back from the log scale, or as it is.
#[must_use]
pub fn unscaled(value: f64, log: bool) -> f64 {
    if log { libm::exp(value) } else { value }
}
