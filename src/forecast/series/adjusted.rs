//! A series without its seasons, and what the seasons add to the steps ahead.

use std::f64::consts::TAU;

use stlrs::{Mstl, Stl};

use crate::forecast::series::moments::{median, moving_mean, phase_means, robust_deviation};

/// A series taken apart.
#[derive(Debug, Clone)]
pub struct Adjusted {
    /// The series without its seasons.
    pub values: Vec<f64>,
    /// What the seasons add to each step ahead.
    pub ahead: Vec<f64>,
}

/// A remainder further from the median than this many robust deviations is an outlier.
const OUTLIER: f64 = 4.0;
/// The longest season whose every step is smoothed over the cycles: of a longer one there are too few
/// cycles, so it is drawn with sines.
pub const LONGEST_SMOOTHED: usize = 200;
/// Sines and cosines of a long season.
const HARMONICS: usize = 3;
/// Steps to each side over which the rest of a long season is averaged.
const FINE: usize = 3;

/// Takes a series apart: by MSTL, or with sines where the longest season is very long. `periods` ascend,
/// and each fits twice into the series. MSTL's outliers are replaced by its trend.
///
/// # Source
/// K. Bandara, R. J. Hyndman and C. Bergmeir, "MSTL", arXiv:2107.13462 (2021).
#[must_use]
pub fn adjusted(values: &[f64], periods: &[usize], horizon: usize) -> Adjusted {
    match periods.last() {
        None => Adjusted { values: values.to_vec(), ahead: vec![0.0; horizon] },
        Some(longest) if *longest > LONGEST_SMOOTHED => harmonic(values, periods, horizon),
        Some(_) => smoothed(values, periods, horizon),
    }
}

fn smoothed(values: &[f64], periods: &[usize], horizon: usize) -> Adjusted {
    let mut stl = Stl::params();
    stl.inner_loops(2).outer_loops(0);
    let mut params = Mstl::params();
    params.iterations(1).stl_params(stl);
    // The only errors are periods under 2 or over half the series.
    let Ok(parts) = params.fit(values, periods) else {
        return adjusted(values, &[], horizon);
    };
    let rest = parts.remainder();
    let middle = median(&mut rest.to_vec());
    let mut distances: Vec<f64> = rest.iter().map(|rest| (rest - middle).abs()).collect();
    let limit = OUTLIER * robust_deviation(&mut distances);
    let regular = |rest: f64| limit <= 0.0 || (rest - middle).abs() <= limit;
    Adjusted {
        values: parts
            .trend()
            .iter()
            .zip(rest)
            .map(|(trend, rest)| if regular(*rest) { trend + rest } else { *trend })
            .collect(),
        ahead: (0..horizon)
            .map(|step| {
                let last = |(season, period): (&Vec<f64>, &usize)| {
                    season[season.len() - period + step % period]
                };
                parts.seasonal().iter().zip(periods).map(last).sum()
            })
            .collect(),
    }
}

/// Takes out the longest season as sines and cosines, and the shorter ones as the means of their places.
/// What repeats within the long cycle beyond the sines (a holiday) is kept as far as the cycles agree.
///
/// `periods` is not empty, and each fits twice into the series.
///
/// # Source
/// Harmonic regression: R. J. Hyndman and G. Athanasopoulos, "Forecasting: principles and practice",
/// 3rd ed., 7.4. Agreement: the reliability of a mean of c ratings, W. Brown and C. Spearman (1910).
#[must_use]
pub fn harmonic(values: &[f64], periods: &[usize], horizon: usize) -> Adjusted {
    let length = values.len();
    let (period, shorter) = (periods[periods.len() - 1], &periods[..periods.len() - 1]);
    let mut rest: Vec<f64> =
        values.iter().zip(moving_mean(values, period)).map(|(value, mean)| value - mean).collect();
    let mut season = vec![0.0; length + horizon];
    for period in shorter {
        let means = phase_means(&rest, *period);
        add(&mut season, &mut rest, |place| means[place % period]);
    }
    // Over whole cycles sines and cosines are at right angles, so each is found alone.
    let from = length % period;
    let whole = (length - from) as f64;
    for order in 1..=HARMONICS {
        let angle = TAU * order as f64 / period as f64;
        let (mut sine, mut cosine) = (0.0, 0.0);
        for (place, value) in rest.iter().enumerate().skip(from) {
            let (s, c) = libm::sincos(angle * place as f64);
            sine += value * s;
            cosine += value * c;
        }
        let (sine, cosine) = (2.0 * sine / whole, 2.0 * cosine / whole);
        add(&mut season, &mut rest, |place| {
            let (s, c) = libm::sincos(angle * place as f64);
            sine * s + cosine * c
        });
    }
    let fine = agreed(&rest, period);
    add(&mut season, &mut rest, |place| fine[place % period]);
    Adjusted {
        values: values.iter().zip(&season).map(|(value, season)| value - season).collect(),
        ahead: season.split_off(length),
    }
}

/// Adds a part to the season, and takes it from the rest.
fn add(season: &mut [f64], rest: &mut [f64], part: impl Fn(usize) -> f64) {
    for (place, season) in season.iter_mut().enumerate() {
        let part = part(place);
        *season += part;
        if let Some(rest) = rest.get_mut(place) {
            *rest -= part;
        }
    }
}

/// The mean of the smoothed cycles at each place, times how far the cycles agree, 0 to 1.
fn agreed(rest: &[f64], period: usize) -> Vec<f64> {
    let from = rest.len() % period;
    let cycles = (rest.len() / period) as f64;
    let smooth: Vec<f64> = (from..rest.len())
        .map(|place| {
            let window = place.saturating_sub(FINE).max(from)..(place + FINE + 1).min(rest.len());
            crate::draws::mean(&rest[window])
        })
        .collect();
    let means = phase_means(&smooth, period);
    let between = means.iter().map(|mean| mean * mean).sum::<f64>() / period as f64;
    let within = smooth
        .iter()
        .enumerate()
        .map(|(place, value)| (value - means[place % period]) * (value - means[place % period]))
        .sum::<f64>()
        / smooth.len() as f64;
    let agreement = 1.0 - within / (cycles - 1.0) / between.max(f64::MIN_POSITIVE);
    let agreement = agreement.clamp(0.0, 1.0);
    (0..period).map(|place| agreement * means[(place + period - from % period) % period]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::series::sample::{noise, wave};

    fn week(t: usize) -> f64 {
        if t % 7 < 5 { 10.0 } else { -25.0 }
    }

    #[test]
    fn a_weekly_season_is_taken_out_and_goes_on() {
        let values: Vec<f64> = (0..70).map(|t| 1000.0 + 2.0 * t as f64 + week(t)).collect();
        let adjusted = adjusted(&values, &[7], 7);
        for (season, t) in adjusted.ahead.iter().zip(70..77) {
            assert!((season - week(t)).abs() < 1.0, "{season}");
        }
        assert!((adjusted.values[69] - 1138.0).abs() < 2.0);
    }

    #[test]
    fn an_outlier_is_replaced_for_fitting() {
        let mut values: Vec<f64> = (0..70).map(|t| 1000.0 + week(t) + 6.0 * noise(t)).collect();
        values[40] += 600.0;
        let adjusted = adjusted(&values, &[7], 1);
        assert!(adjusted.values[40] < 1200.0, "{}", adjusted.values[40]);
    }

    #[test]
    fn a_year_of_days_goes_on_and_so_does_a_holiday_that_came_every_year() {
        let holiday = |t: usize| if (350..360).contains(&(t % 365)) { -80.0 } else { 0.0 };
        let day = |t: usize| 500.0 + 60.0 * wave(t, 365) + week(t) + holiday(t);
        let length = 365 * 3 + 100;
        let values: Vec<f64> = (0..length).map(|t| day(t) + 4.0 * noise(t)).collect();
        let adjusted = adjusted(&values, &[7, 365], 365);
        let level = crate::draws::mean(&adjusted.values);
        let miss = |step: usize| level + adjusted.ahead[step] - day(length + step);
        for step in [10, 100, 200, 300] {
            assert!(miss(step).abs() < 12.0, "{step}: {}", miss(step));
        }
        let at_holiday = 355 - 100;
        assert!(miss(at_holiday).abs() < 25.0, "{}", miss(at_holiday));
    }

    #[test]
    fn without_a_season_the_series_is_left_whole() {
        let adjusted = adjusted(&[1.0, 5.0, 2.0], &[], 2);
        assert_eq!((adjusted.values, adjusted.ahead), (vec![1.0, 5.0, 2.0], vec![0.0, 0.0]));
    }
}
