//! Which seasons a series shows, of those its sampling interval allows.

use crate::forecast::series::moments::{moving_mean, phase_means, variance};

/// A season that repeats every so many steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Season {
    /// Steps of one cycle.
    pub period: usize,
    /// Which share of the variance it explains beyond chance, 0 to 1: of the series less its moving mean
    /// over a cycle and less shorter seasons.
    pub strength: f64,
}

/// A season must explain this share of the variance beyond what chance would.
///
/// Measured on M3 and M4: 0.01 to 0.03 do best; above, weak but real seasons of months are lost, below,
/// seasons of noise cost accuracy on days and weeks.
const LEAST_STRENGTH: f64 = 0.02;
/// A longer season is judged by the means of twelfths of its cycle: noise of single steps hides a year.
const LONG: usize = 60;

/// The seasons shown, shortest first, among `periods`, which ascend. A season must be seen in two whole
/// cycles. Chance is allowed for: the means of c cycles of noise explain 1/c of its variance.
#[must_use]
pub fn seasons(values: &[f64], periods: &[usize]) -> Vec<Season> {
    let mut found: Vec<Season> = Vec::new();
    for period in periods.iter().copied().filter(|period| *period >= 2) {
        if values.len() < 2 * period {
            continue;
        }
        let mut rest: Vec<f64> =
            values.iter().zip(moving_mean(values, period)).map(|(v, mean)| v - mean).collect();
        for shorter in &found {
            take_out(&mut rest, shorter.period);
        }
        let strength = strength(&rest, period, values.len());
        if strength > LEAST_STRENGTH {
            found.push(Season { period, strength });
        }
    }
    found
}

fn strength(rest: &[f64], period: usize, length: usize) -> f64 {
    let block = if period > LONG { period / 12 } else { 1 };
    let blocks: Vec<f64> = rest.chunks_exact(block).map(crate::draws::mean).collect();
    let mut left = blocks.clone();
    take_out(&mut left, period / block);
    let whole = variance(&blocks);
    if whole < f64::MIN_POSITIVE {
        return 0.0;
    }
    let explained = 1.0 - variance(&left) / whole;
    let chance = period as f64 / length as f64;
    (explained - chance) / (1.0 - chance)
}

fn take_out(values: &mut [f64], period: usize) {
    let means = phase_means(values, period);
    for (place, value) in values.iter_mut().enumerate() {
        *value -= means[place % period];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::series::sample::{noise, wave};

    fn periods(values: &[f64], among: &[usize]) -> Vec<usize> {
        seasons(values, among).iter().map(|season| season.period).collect()
    }

    #[test]
    fn a_day_and_a_week_are_told_from_noise() {
        let both: Vec<f64> = (0..24 * 28)
            .map(|t| {
                100.0 + 10.0 * wave(t, 24) + if t / 24 % 7 < 5 { 5.0 } else { -8.0 } + noise(t)
            })
            .collect();
        assert_eq!(periods(&both, &[24, 168]), [24, 168]);
        let none: Vec<f64> = (0..24 * 28).map(|t| 100.0 + noise(t)).collect();
        assert!(seasons(&both, &[24, 168]).iter().all(|season| season.strength > 0.5));
        assert!(seasons(&none, &[24, 168]).iter().all(|season| season.strength < 0.2));
    }

    #[test]
    fn a_year_of_days_is_found_under_a_trend_and_needs_two_cycles() {
        let days = |n: usize| -> Vec<f64> {
            (0..n).map(|t| t as f64 + 90.0 * wave(t, 365) + 40.0 * noise(t)).collect()
        };
        assert_eq!(periods(&days(365 * 3), &[7, 365]), [365]);
        assert_eq!(periods(&days(729), &[7, 365]), [0; 0]);
    }

    #[test]
    fn a_constant_has_no_season() {
        assert!(seasons(&[5.0; 100], &[7]).is_empty());
        assert!(seasons(&[], &[7]).is_empty());
    }
}
