//! Levels and trends by exponential smoothing, for series without season; and seasonal naive.

use crate::forecast::series::moments::line;
use crate::forecast::series::search::{Bounds, Params, lowest};

/// Values that the first level and slope are read from.
const FIRST: usize = 12;

/// Damped trend: the level moves on by a slope that fades.
///
/// `start` is where the search begins, where a shorter part of the series was fitted before; gives the
/// parameters found: smoothing of level and slope, and the share of the slope that each step keeps.
///
/// # Source
/// E. S. Gardner and E. `McKenzie`, "Forecasting trends in time series", Management Science 31 (1985).
#[must_use]
pub fn damped(values: &[f64], horizon: usize, start: Option<Params>) -> (Vec<f64>, Params) {
    let first = line(&values[..values.len().min(FIRST)]);
    let run = |&[alpha, beta, phi, _]: &Params| {
        let (mut level, mut slope, mut error) = (first.start - first.slope, first.slope, 0.0);
        for value in values {
            let expected = level + phi * slope;
            let miss = value - expected;
            error += miss * miss;
            level = expected + alpha * miss;
            slope = phi * slope + alpha * beta * miss;
        }
        (error, level, slope)
    };
    let bounds = Bounds { low: [0.01, 0.0, 0.8, 0.0], high: [1.0, 0.6, 0.98, 0.0] };
    let params = if let Some(start) = start {
        lowest(start, [0.06, 0.02, 0.02, 0.0], bounds, 3, |params| run(params).0)
    } else {
        let grid = [0.1, 0.4, 0.8].into_iter().flat_map(|a| [0.01, 0.1].map(|b| [a, b, 0.9, 0.0]));
        let best =
            grid.min_by(|a, b| run(a).0.total_cmp(&run(b).0)).unwrap_or([0.4, 0.1, 0.9, 0.0]);
        lowest(best, [0.15, 0.05, 0.05, 0.0], bounds, 8, |params| run(params).0)
    };
    let (_, mut level, slope) = run(&params);
    let mut kept = 1.0;
    let ahead = (0..horizon).map(|_| {
        kept *= params[2];
        level += kept * slope;
        level
    });
    (ahead.collect(), params)
}

/// The theta method: half the slope of the least-squares line, from the level of simple exponential
/// smoothing. Gives the smoothing of the level as the first parameter.
///
/// # Source
/// V. Assimakopoulos and K. Nikolopoulos, "The theta model", IJF 16 (2000); the closed form of
/// R. J. Hyndman and B. Billah, "Unmasking the theta method", IJF 19 (2003).
#[must_use]
pub fn theta(values: &[f64], horizon: usize, start: Option<Params>) -> (Vec<f64>, Params) {
    let (level, alpha) = level(values, start.map(|start| start[0]));
    let slope = line(values).slope;
    let before = (1.0 - libm::pow(1.0 - alpha, values.len() as f64)) / alpha;
    let ahead = (0..horizon).map(|step| level + 0.5 * slope * (step as f64 + before)).collect();
    (ahead, [alpha, 0.0, 0.0, 0.0])
}

/// The last level of simple exponential smoothing, and its smoothing.
fn level(values: &[f64], start: Option<f64>) -> (f64, f64) {
    let run = |alpha: f64| {
        let (mut level, mut error) = (values[0], 0.0);
        for value in &values[1..] {
            let miss = value - level;
            error += miss * miss;
            level += alpha * miss;
        }
        (error, level)
    };
    let bounds = Bounds { low: [0.01, 0.0, 0.0, 0.0], high: [1.0, 0.0, 0.0, 0.0] };
    let (from, rounds) = if let Some(start) = start {
        (start, 4)
    } else {
        let tenths = (1..10_u8).map(|tenth| f64::from(tenth) * 0.1);
        (tenths.min_by(|a, b| run(*a).0.total_cmp(&run(*b).0)).unwrap_or(0.5), 6)
    };
    let from = [from, 0.0, 0.0, 0.0];
    let alpha = lowest(from, [0.05, 0.0, 0.0, 0.0], bounds, rounds, |params| run(params[0]).0)[0];
    (run(alpha).1, alpha)
}

/// A random walk with drift: the last level, and the mean step of the whole series. `alpha` is the
/// smoothing of the level.
#[must_use]
pub fn drift(values: &[f64], horizon: usize, alpha: f64) -> Vec<f64> {
    let (level, _) = level(values, Some(alpha));
    let steps = (values.len() - 1).max(1) as f64;
    let step = (values[values.len() - 1] - values[0]) / steps;
    (1..=horizon).map(|ahead| level + step * ahead as f64).collect()
}

/// The mean of the last `width` values: where a series that wanders comes back to.
#[must_use]
pub fn recent_mean(values: &[f64], horizon: usize, width: usize) -> Vec<f64> {
    let last = &values[values.len() - width.clamp(1, values.len())..];
    vec![crate::draws::mean(last); horizon]
}

/// The last cycle again and again; of period 1, the last value.
#[must_use]
pub fn seasonal_naive(values: &[f64], horizon: usize, period: usize) -> Vec<f64> {
    let last = &values[values.len() - period.clamp(1, values.len())..];
    (0..horizon).map(|step| last[step % last.len()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::series::sample::noise;

    #[test]
    fn a_damped_trend_goes_on_and_fades() {
        let values: Vec<f64> = (0..60).map(|t| 100.0 + 3.0 * f64::from(t)).collect();
        let (ahead, [.., phi, _]) = damped(&values, 24, None);
        assert!((ahead[0] - 280.0).abs() < 1.0, "{}", ahead[0]);
        let (first, last) = (ahead[1] - ahead[0], ahead[23] - ahead[22]);
        assert!((last / first - libm::pow(phi, 22.0)).abs() < 1e-9);
        assert!(last > 0.0 && last < first);
    }

    #[test]
    fn theta_rises_by_half_the_slope() {
        let values: Vec<f64> = (0..60).map(|t| 100.0 + 3.0 * f64::from(t)).collect();
        let (ahead, _) = theta(&values, 12, None);
        assert!((ahead[11] - ahead[10] - 1.5).abs() < 1e-9);
    }

    #[test]
    fn a_level_is_the_mean_of_noise_and_the_last_value_of_a_walk() {
        let steady: Vec<f64> = (0..400).map(|t| 50.0 + 5.0 * noise(t)).collect();
        assert!((level(&steady, None).0 - 50.0).abs() < 1.5);
        let mut at = 0.0;
        let walk: Vec<f64> = (0..400)
            .map(|t| {
                at += noise(t);
                at
            })
            .collect();
        assert!((level(&walk, None).0 - walk[399]).abs() < 0.3);
        assert_eq!(drift(&[1.0, 2.0, 4.0, 7.0], 2, 1.0), [9.0, 11.0]);
    }

    #[test]
    fn the_last_cycle_comes_again() {
        let values = [9.0, 1.0, 2.0, 3.0];
        assert_eq!(seasonal_naive(&values, 5, 3), [1.0, 2.0, 3.0, 1.0, 2.0]);
        assert_eq!(seasonal_naive(&values, 2, 1), [3.0, 3.0]);
        assert_eq!(seasonal_naive(&values, 2, 9), [9.0, 1.0]);
        assert_eq!(recent_mean(&values, 2, 3), [2.0, 2.0]);
        assert_eq!(recent_mean(&values, 1, 99), [3.75]);
    }
}
