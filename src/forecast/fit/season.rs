//! Splits a series into seasons and the rest by MSTL, and replaces outliers for fitting.

use stlrs::Mstl;

/// A series taken apart.
#[derive(Debug, Clone)]
pub struct Split {
    /// The series without its seasons, outliers replaced by the trend.
    pub adjusted: Vec<f64>,
    /// The last cycle of every season, in the order of the steps that follow the series.
    cycles: Vec<Vec<f64>>,
}

/// A remainder further from the median than this many robust deviations is an outlier.
const OUTLIER: f64 = 4.0;
/// From the median absolute deviation to the standard deviation of a normal.
const NORMAL_MAD: f64 = 1.4826;

impl Split {
    /// Takes a series apart; every period must fit twice into it. With no period it is left whole.
    ///
    /// # Source
    /// K. Bandara, R. J. Hyndman and C. Bergmeir, "MSTL", arXiv:2107.13462 (2021).
    #[must_use]
    pub fn new(values: &[f64], periods: &[usize]) -> Self {
        let whole = || Self { adjusted: values.to_vec(), cycles: Vec::new() };
        if periods.is_empty() {
            return whole();
        }
        // The only errors are periods under 2 or over half the series.
        let Ok(result) = Mstl::fit(values, periods) else { return whole() };
        let outlying = outliers(result.remainder());
        let mut adjusted: Vec<f64> = result
            .trend()
            .iter()
            .zip(result.remainder())
            .map(|(trend, rest)| trend + rest)
            .collect();
        for (index, trend) in result.trend().iter().enumerate() {
            if outlying[index] {
                adjusted[index] = *trend;
            }
        }
        let cycles = result
            .seasonal()
            .iter()
            .zip(periods)
            .map(|(season, period)| season[season.len() - period..].to_vec())
            .collect();
        Self { adjusted, cycles }
    }

    /// What the seasons add at the step so many after the series' last, from 0.
    #[must_use]
    pub fn season(&self, ahead: usize) -> f64 {
        self.cycles.iter().map(|cycle| cycle[ahead % cycle.len()]).sum()
    }
}

/// Which remainders are outliers: further from their median than 4 · 1.4826 · MAD.
fn outliers(remainder: &[f64]) -> Vec<bool> {
    let middle = median(remainder.to_vec());
    let spread = median(remainder.iter().map(|rest| (rest - middle).abs()).collect());
    let limit = OUTLIER * NORMAL_MAD * spread;
    remainder.iter().map(|rest| limit > 0.0 && (rest - middle).abs() > limit).collect()
}

/// The median of values, of which there is at least one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    crate::draws::quantile_sorted(&values, 0.5)
}

/// Whether a season of a year is more than chance would show: its strength must pass 1/c + ¼ over c
/// cycles, since the mean of c random cycles already has strength 1/c. Compared on means of a month.
///
/// # Source
/// Strength: R. J. Hyndman and G. Athanasopoulos, "Forecasting: principles and practice", 3rd ed., 4.3.
#[must_use]
pub fn has_season(values: &[f64], others: &[usize], period: usize, month: f64) -> bool {
    let mut periods = others.to_vec();
    periods.push(period);
    let Ok(result) = Mstl::fit(values, &periods) else { return false };
    let season = &result.seasonal()[periods.len() - 1];
    let both: Vec<f64> = season.iter().zip(result.remainder()).map(|(s, r)| s + r).collect();
    let (both, rest) = (blocks(&both, month), blocks(result.remainder(), month));
    let strength = 1.0 - variance(&rest) / variance(&both).max(f64::MIN_POSITIVE);
    strength > period as f64 / values.len() as f64 + 0.25
}

/// Means of blocks of `length` steps, oldest first; what is left at the end is left out.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "places in a series")]
pub fn blocks(values: &[f64], length: f64) -> Vec<f64> {
    let edge = |block: usize| (block as f64 * length).round() as usize;
    (0..values.len())
        .map(|block| edge(block)..edge(block + 1))
        .take_while(|range| range.end <= values.len())
        .map(|range| crate::draws::mean(&values[range]))
        .collect()
}

fn variance(values: &[f64]) -> f64 {
    let mean = crate::draws::mean(values);
    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / values.len() as f64
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;

    fn week(t: usize) -> f64 {
        if t % 7 < 5 { 10.0 } else { -25.0 }
    }

    #[test]
    fn a_weekly_season_is_taken_out_and_goes_on() {
        let values: Vec<f64> = (0..70).map(|t| 1000.0 + 2.0 * t as f64 + week(t)).collect();
        let split = Split::new(&values, &[7]);
        for (ahead, t) in (70..77).enumerate() {
            assert!((split.season(ahead) - week(t)).abs() < 1.0, "{}", split.season(ahead));
        }
        assert!((split.adjusted[69] - 1138.0).abs() < 2.0);
    }

    #[test]
    fn an_outlier_is_replaced_for_fitting() {
        let noise = |t: usize| ((t * 7919) % 13) as f64 - 6.0;
        let mut values: Vec<f64> = (0..70).map(|t| 1000.0 + week(t) + noise(t)).collect();
        values[40] += 600.0;
        let split = Split::new(&values, &[7]);
        assert!(split.adjusted[40] < 1200.0, "{}", split.adjusted[40]);
    }

    #[test]
    fn a_yearly_season_is_told_from_noise() {
        let noise = |t: usize| ((t * 7919 + t * t) % 101) as f64 / 101.0 - 0.5;
        let year = |t: usize| libm::sin(std::f64::consts::TAU * t as f64 / 12.0);
        let seasonal: Vec<f64> = (0..36).map(|t| 10.0 + 2.0 * year(t) + noise(t)).collect();
        let random: Vec<f64> = (0..36).map(|t| 10.0 + noise(t)).collect();
        assert!(has_season(&seasonal, &[], 12, 1.0));
        assert!(!has_season(&random, &[], 12, 1.0));
    }

    #[test]
    fn blocks_of_a_month_are_whole() {
        let values: Vec<f64> = (0..100).map(f64::from).collect();
        let blocks = blocks(&values, 30.4375);
        assert_eq!(blocks.len(), 3);
        assert_eq!(blocks[0], 14.5);
    }
}
