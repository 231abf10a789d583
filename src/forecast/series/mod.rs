//! One series forecast: measured values in, a mean and intervals for the steps ahead out.
//!
//! Seasons are found and taken out once for all members; each member is tried from rolling origins in
//! the past; their errors decide the weights of the combination and the width of its intervals. The
//! same values give the same result to the last bit. Absent: calendars, units, and what a plan knows.

mod adjusted;
mod band;
mod ets;
mod gaps;
mod member;
mod moments;
#[cfg(test)]
pub(crate) mod sample;
mod search;
mod seasons;
mod smoothing;
mod states;
mod trial;
mod winters;

pub use adjusted::{Adjusted, adjusted};
pub use band::Band;
pub use gaps::{fill, mean_known};
pub use member::{Member, Scale};
pub use moments::{line, median, robust_deviation};
pub use seasons::{Season, seasons};
pub use smoothing::seasonal_naive;

use member::Suits;

/// What a series says about the steps ahead.
#[derive(Debug, Clone)]
pub struct Ahead {
    /// The mean of every step ahead.
    pub mean: Vec<f64>,
    /// The seasons found, shortest first.
    pub seasons: Vec<Season>,
    /// The members combined, with their weights, which sum to 1.
    pub weights: Vec<(Member, f64)>,
    /// What the combination would have said in the past, earliest origin first.
    pub tries: Vec<Tried>,
    /// How far off it may be.
    pub band: Band,
    /// Whether values below zero never came, and so are not forecast.
    pub nonnegative: bool,
}

/// The combination at one origin in the past.
#[derive(Debug, Clone, PartialEq)]
pub struct Tried {
    /// Values before the origin.
    pub cut: usize,
    /// What it said of the values after it.
    pub ahead: Vec<f64>,
}

/// An interval, one value a step ahead.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// The lower ends.
    pub low: Vec<f64>,
    /// The upper ends.
    pub high: Vec<f64>,
}

impl Ahead {
    /// The interval that should hold that share of what will come, between 0 and 1.
    #[must_use]
    pub fn interval(&self, share: f64) -> Interval {
        let reach = self.band.reach(share);
        let floor = if self.nonnegative { 0.0 } else { f64::MIN };
        let ends = |side: f64| {
            let end = |(mean, reach): (&f64, &f64)| (mean + side * reach).max(floor);
            self.mean.iter().zip(&reach).map(end).collect()
        };
        Interval { low: ends(-1.0), high: ends(1.0) }
    }
}

/// Looks `horizon` steps ahead of values on a regular grid, oldest first, without gaps. `periods` are the
/// seasons that their sampling interval allows, ascending.
///
/// # Panics
/// If there are no values, or one is not finite.
#[must_use]
pub fn look_ahead(values: &[f64], periods: &[usize], horizon: usize) -> Ahead {
    assert!(!values.is_empty(), "a series has values");
    assert!(values.iter().all(|value| value.is_finite()), "gaps are filled before");
    let seasons = seasons(values, periods);
    let found: Vec<usize> = seasons.iter().map(|season| season.period).collect();
    let (cuts, reach) = trial::origins(values.len(), found.first().copied(), horizon);
    let suits = Suits::new(values.len(), &seasons, horizon);
    let (trials, finals) = trial::tries(values, &suits, &cuts);
    let weights = trial::weights(values, &trials, &finals, (reach, &seasons));
    let weights: Vec<(Member, f64)> =
        finals.iter().zip(&weights).map(|((member, _), weight)| (*member, *weight)).collect();

    let nonnegative = trial::range(values).0 >= 0.0;
    let combined = |forecasts| {
        let mut mean = trial::combined(forecasts, &weights, horizon)?;
        if nonnegative {
            for value in &mut mean {
                *value = value.max(0.0);
            }
        }
        Some(mean)
    };
    let last = || vec![values[values.len() - 1]; horizon];
    let mean = combined(&finals).unwrap_or_else(last);
    let tries: Vec<Tried> = trials
        .iter()
        .filter_map(|trial| {
            let mut ahead = combined(&trial.forecasts)?;
            ahead.truncate(reach);
            Some(Tried { cut: trial.cut, ahead })
        })
        .collect();
    let band = band(values, &tries, horizon);
    let weights = weights.into_iter().filter(|(_, weight)| *weight > 0.0).collect();
    Ahead { mean, seasons, weights, tries, band, nonnegative }
}

fn band(values: &[f64], tries: &[Tried], horizon: usize) -> Band {
    let errors: Vec<Vec<f64>> = tries
        .iter()
        .map(|tried| tried.ahead.iter().zip(&values[tried.cut..]).map(|(f, v)| f - v).collect())
        .collect();
    let size = values.iter().map(|value| value.abs()).sum::<f64>() / values.len() as f64;
    let steps: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    // Of a single value nothing is known: a tenth of it.
    let walk = if steps.is_empty() { 0.1 * size } else { crate::draws::mean(&steps) };
    Band::new(&errors, horizon, walk, 1e-6 * size + 1e-12)
}

#[cfg(test)]
mod tests {
    use super::sample::{noise, wave};
    use super::*;

    fn hourly(length: usize) -> Vec<f64> {
        let at = |t: usize| {
            let weekday = if t / 24 % 7 < 5 { 1.0 } else { 0.6 };
            (200.0 + 0.02 * t as f64) * weekday * (1.0 + 0.4 * wave(t, 24)) + 4.0 * noise(t)
        };
        (0..length).map(at).collect()
    }

    #[test]
    fn hours_with_a_day_a_week_and_growth_are_forecast_within_their_interval() {
        let all = hourly(24 * 7 * 9);
        let (past, future) = all.split_at(24 * 7 * 8);
        let ahead = look_ahead(past, &[24, 168], future.len());
        let error = ahead.mean.iter().zip(future).map(|(f, a)| (f - a).abs()).sum::<f64>();
        assert!(error / (future.len() as f64) < 8.0, "{error}");
        let Interval { low, high } = ahead.interval(0.95);
        let inside = (0..future.len()).filter(|t| (low[*t]..=high[*t]).contains(&future[*t]));
        assert!(inside.count() * 10 >= future.len() * 8);
        assert!((ahead.weights.iter().map(|(_, weight)| weight).sum::<f64>() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn the_same_values_give_the_same_bits() {
        let values = hourly(24 * 30);
        let (one, other) =
            (look_ahead(&values, &[24, 168], 48), look_ahead(&values, &[24, 168], 48));
        assert!(one.mean.iter().zip(&other.mean).all(|(a, b)| a.to_bits() == b.to_bits()));
    }

    #[test]
    fn any_series_however_short_or_odd_has_a_finite_forecast() {
        let odd: [&[f64]; 9] = [
            &[5.0],
            &[0.0],
            &[0.0; 50],
            &[1.0, 2.0],
            &[-3.0, 4.0, -5.0],
            &[1e300, 1e300, 1e299, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300, 1e300],
            &[1e-300; 40],
            &[0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0, 0.0, 9.0, 0.0, 0.0],
            &[7.0; 30],
        ];
        for values in odd {
            for horizon in [1, 5, 40] {
                let ahead = look_ahead(values, &[2, 7], horizon);
                let Interval { low, high } = ahead.interval(0.8);
                for step in 0..horizon {
                    let (low, mean, high) = (low[step], ahead.mean[step], high[step]);
                    assert!(low.is_finite() && mean.is_finite() && high.is_finite(), "{values:?}");
                    assert!(low <= mean && mean <= high, "{values:?}: {low} {mean} {high}");
                }
            }
        }
    }

    #[test]
    fn what_was_never_below_zero_is_not_forecast_below_zero() {
        let falling: Vec<f64> = (0..60).map(|t| (60.0 - f64::from(t)).max(0.5)).collect();
        let ahead = look_ahead(&falling, &[7], 30);
        assert!(ahead.interval(0.95).low.iter().chain(&ahead.mean).all(|value| *value >= 0.0));
    }
}
