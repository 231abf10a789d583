//! The largest value of a month, as a multiple of its mean.

use crate::calendar::Month;
use crate::draws::{Draws, mean, quantile_sorted};
use crate::estimate::Dist;

/// How far the largest hour (or day) of a month lies above the month's mean: lognormal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeakRatio {
    /// Mean of the logarithm.
    middle: f64,
    /// Deviation of the logarithm, enlarged for the small number of months.
    deviation: f64,
}

/// The fewest months that tell, and the most that count: the last two years.
const MONTHS: (usize, usize) = (3, 24);

impl PeakRatio {
    /// Of months' means and largest values, oldest first and of the same months.
    #[must_use]
    pub fn of(means: &[(Month, f64)], peaks: &[(Month, f64)]) -> Option<Self> {
        let logs: Vec<f64> = means
            .iter()
            .zip(peaks)
            .filter(|((_, mean), (_, peak))| *mean > 0.0 && peak >= mean)
            .map(|((_, mean), (_, peak))| libm::log(peak / mean))
            .collect();
        let logs = &logs[logs.len().saturating_sub(MONTHS.1)..];
        if logs.len() < MONTHS.0 {
            return None;
        }
        let (count, middle) = (logs.len() as f64, mean(logs));
        let squares: f64 = logs.iter().map(|log| (log - middle) * (log - middle)).sum();
        let deviation = (squares / (count - 1.0) * (count + 1.0) / count).sqrt();
        Some(Self { middle, deviation })
    }

    /// The median, 90% and 95% quantile of a month's largest value, from the mean levels of its
    /// stretches, one value a draw each. `name` keys the draws of the ratio.
    #[must_use]
    pub fn maximum<'a>(
        self,
        levels: impl Iterator<Item = &'a [f64]>,
        name: &str,
        draws: Draws,
    ) -> [f64; 3] {
        let logs = Dist::Normal { mean: self.middle, sd: self.deviation, floor: Some(0.0) };
        let mut largest = vec![0.0_f64; draws.count()];
        for level in levels {
            for (largest, level) in largest.iter_mut().zip(level) {
                *largest = largest.max(*level);
            }
        }
        for (largest, log) in largest.iter_mut().zip(draws.values_of(&logs, name)) {
            *largest *= libm::exp(log);
        }
        largest.sort_by(f64::total_cmp);
        [0.5, 0.9, 0.95].map(|p| quantile_sorted(&largest, p))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_months_largest_value_is_its_level_times_what_it_was_before() {
        let month = |t: i32| Month::new(2026, 1).plus(t);
        let means: Vec<(Month, f64)> = (0..6).map(|t| (month(t), 100.0)).collect();
        let peaks: Vec<(Month, f64)> = (0..6).map(|t| (month(t), 150.0 + f64::from(t))).collect();
        let ratio = PeakRatio::of(&means, &peaks).unwrap();
        let draws = Draws::new(1, 2000);
        let level = vec![200.0; 2000];
        let [p50, p90, p95] = ratio.maximum([&level[..]].into_iter(), "x", draws);
        assert!((p50 - 305.0).abs() < 1.0, "{p50}");
        assert!(p50 < p90 && p90 < p95 && p95 < 320.0, "{p90} {p95}");
        let higher = vec![400.0; 2000];
        let [both, ..] = ratio.maximum([&level[..], &higher[..]].into_iter(), "x", draws);
        assert!((both - 610.0).abs() < 2.0);
        assert_eq!(PeakRatio::of(&means[..2], &peaks[..2]), None);
    }
}
