//! How well a series would have been forecast: its last stretches held out, beside seasonal naive.

use crate::forecast::series::{self, Interval, seasonal_naive};
use crate::table::ahead::{Wanted, prepared};
use crate::table::fault::SeriesFault;
use crate::table::read::Rows;

/// At most so many stretches of a series are held out.
const ORIGINS: usize = 3;
/// The fewest values that are learned from.
const LEAST: usize = 8;

/// Measures of a forecast against what came.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Scores {
    /// Mean absolute error over the mean absolute step from season to season of the past.
    ///
    /// # Source
    /// R. J. Hyndman and A. B. Koehler, "Another look at measures of forecast accuracy", IJF 22 (2006).
    pub mase: f64,
    /// Symmetric mean absolute percentage error, 0 to 200.
    pub smape: f64,
    /// Mean pinball loss of the 2.5, 10, 50, 90 and 97.5% quantiles, scaled as `mase` is.
    pub pinball: f64,
    /// Share inside the 80% interval, 0 to 1.
    pub coverage_80: f64,
    /// Share inside the 95% interval, 0 to 1.
    pub coverage_95: f64,
}

/// Scores over the first steps ahead: ours, and seasonal naive's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AtHorizon {
    /// Steps ahead, from the first.
    pub steps: usize,
    /// Our scores.
    pub ours: Scores,
    /// Those of seasonal naive with normal intervals.
    pub naive: Scores,
}

/// How well one series would have been forecast.
#[derive(Debug, Clone, PartialEq)]
pub struct Accuracy {
    /// Its name.
    pub id: String,
    /// Stretches held out.
    pub origins: usize,
    /// Whether errors can be scaled: a series that never moved before what was held out has no scale.
    pub scaled: bool,
    /// One a horizon, ascending.
    pub horizons: Vec<AtHorizon>,
}

/// A quarter, half and all of the horizon, and its first step.
#[must_use]
pub fn horizons(horizon: usize) -> Vec<usize> {
    let mut steps = vec![1, horizon.div_ceil(4), horizon.div_ceil(2), horizon];
    steps.sort_unstable();
    steps.dedup();
    steps
}

/// Holds out the last horizon, the one before it and the one before that, each forecast from what came
/// earlier alone.
///
/// # Errors
/// If the rows do not make a regular series, or it is too short.
pub fn backtest(rows: Rows, wanted: &Wanted) -> Result<Accuracy, SeriesFault> {
    let id = rows.id.clone();
    let (grid, seasons) = prepared(rows, wanted)?;
    let (values, horizon) = (&grid.values, wanted.horizon);
    let season = seasons.first().copied().unwrap_or(1);
    let least = LEAST.max(horizon / 2);
    let cuts: Vec<usize> = (1..=ORIGINS)
        .filter_map(|back| values.len().checked_sub(back * horizon))
        .filter(|cut| *cut >= least)
        .collect();
    if cuts.is_empty() {
        return Err(SeriesFault::TooShort { length: values.len(), horizon });
    }
    let mut sums: Vec<AtHorizon> = horizons(horizon)
        .into_iter()
        .map(|steps| AtHorizon { steps, ours: Scores::default(), naive: Scores::default() })
        .collect();
    let mut scaled = true;
    for cut in &cuts {
        let (past, came) = values.split_at(*cut);
        let lag = if past.len() > 2 * season { season } else { 1 };
        let scale = scale(past, lag);
        scaled &= scale > 0.0;
        let ahead = series::look_ahead(past, &seasons, horizon);
        let ours = Told {
            mean: ahead.mean.clone(),
            narrow: ahead.interval(0.8),
            wide: ahead.interval(0.95),
        };
        let naive = naive(past, lag, horizon);
        for at in &mut sums {
            let share = 1.0 / cuts.len() as f64;
            at.ours.add(ours.scores(&came[..at.steps], scale), share);
            at.naive.add(naive.scores(&came[..at.steps], scale), share);
        }
    }
    Ok(Accuracy { id, origins: cuts.len(), scaled, horizons: sums })
}

/// Means over series; those without a scale do not count.
#[must_use]
pub fn overall(series: &[Accuracy]) -> Vec<AtHorizon> {
    let counted: Vec<&Accuracy> = series.iter().filter(|series| series.scaled).collect();
    let Some(first) = counted.first() else { return Vec::new() };
    let mut means: Vec<AtHorizon> = first
        .horizons
        .iter()
        .map(|at| AtHorizon { steps: at.steps, ours: Scores::default(), naive: Scores::default() })
        .collect();
    let share = 1.0 / counted.len() as f64;
    for series in &counted {
        for (mean, at) in means.iter_mut().zip(&series.horizons) {
            mean.ours.add(at.ours, share);
            mean.naive.add(at.naive, share);
        }
    }
    means
}

impl Scores {
    fn add(&mut self, other: Self, share: f64) {
        self.mase += other.mase * share;
        self.smape += other.smape * share;
        self.pinball += other.pinball * share;
        self.coverage_80 += other.coverage_80 * share;
        self.coverage_95 += other.coverage_95 * share;
    }
}

/// What a forecaster said.
struct Told {
    mean: Vec<f64>,
    narrow: Interval,
    wide: Interval,
}

impl Told {
    fn scores(&self, came: &[f64], scale: f64) -> Scores {
        let count = came.len() as f64;
        let mean = |of: &dyn Fn(usize, f64) -> f64| {
            came.iter().enumerate().map(|(step, value)| of(step, *value)).sum::<f64>() / count
        };
        let scaled = |error: f64| if scale > 0.0 { error / scale } else { 0.0 };
        let inside = |interval: &Interval| {
            mean(&|t, v| f64::from(u8::from(interval.low[t] <= v && v <= interval.high[t])))
        };
        let quantiles: [(f64, &[f64]); 5] = [
            (0.025, &self.wide.low),
            (0.1, &self.narrow.low),
            (0.5, &self.mean),
            (0.9, &self.narrow.high),
            (0.975, &self.wide.high),
        ];
        let pinball = |t: usize, v: f64| {
            let loss = |(q, said): &(f64, &[f64])| {
                let over = v - said[t];
                if over >= 0.0 { q * over } else { (q - 1.0) * over }
            };
            quantiles.iter().map(loss).sum::<f64>() / quantiles.len() as f64
        };
        Scores {
            mase: scaled(mean(&|t, v| (self.mean[t] - v).abs())),
            smape: mean(&|t, v| {
                200.0 * (self.mean[t] - v).abs() / (self.mean[t].abs() + v.abs()).max(1e-9)
            }),
            pinball: scaled(mean(&pinball)),
            coverage_80: inside(&self.narrow),
            coverage_95: inside(&self.wide),
        }
    }
}

/// The mean absolute step from season to season.
fn scale(past: &[f64], lag: usize) -> f64 {
    let steps: Vec<f64> = past.iter().skip(lag).zip(past).map(|(a, b)| (a - b).abs()).collect();
    if steps.is_empty() { 0.0 } else { crate::draws::mean(&steps) }
}

/// Seasonal naive with normal intervals.
///
/// # Source
/// R. J. Hyndman and G. Athanasopoulos, "Forecasting: principles and practice", 3rd ed., 5.5.
fn naive(past: &[f64], lag: usize, horizon: usize) -> Told {
    let mean = seasonal_naive(past, horizon, lag);
    let misses: Vec<f64> =
        past.iter().skip(lag).zip(past).map(|(a, b)| (a - b) * (a - b)).collect();
    let variance = if misses.is_empty() { 0.0 } else { crate::draws::mean(&misses) };
    let interval = |z: f64| {
        let end = |side: f64| {
            let reach = |step: usize| z * (variance * (step / lag + 1) as f64).sqrt();
            mean.iter().enumerate().map(|(step, mean)| mean + side * reach(step)).collect()
        };
        Interval { low: end(-1.0), high: end(1.0) }
    };
    let (narrow, wide) = (interval(1.281_551_6), interval(1.959_964));
    Told { mean, narrow, wide }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::read::Cell;
    use crate::table::stamp::Style;

    fn rows(values: &[f64]) -> Rows {
        let cell = |(place, value): (usize, &f64)| Cell {
            row: place as u64 + 1,
            time: i64::try_from(place).unwrap(),
            value: *value,
        };
        let cells = values.iter().enumerate().map(cell).collect();
        Rows { id: "a".into(), style: Style::Step, cells, fault: None }
    }

    #[test]
    fn scores_are_those_of_a_hand_computed_example() {
        let interval = |low: f64, high: f64| Interval { low: vec![low; 2], high: vec![high; 2] };
        let told =
            Told { mean: vec![10.0, 10.0], narrow: interval(8.0, 12.0), wide: interval(6.0, 14.0) };
        let scores = told.scores(&[11.0, 15.0], 2.0);
        assert!((scores.mase - 1.5).abs() < 1e-12);
        let smape = f64::midpoint(200.0 / 21.0, 200.0 * 5.0 / 25.0);
        assert!((scores.smape - smape).abs() < 1e-12);
        assert!(
            (scores.coverage_80 - 0.5).abs() < 1e-12 && (scores.coverage_95 - 0.5).abs() < 1e-12
        );
        let first = 0.025 * 5.0 + 0.1 * 3.0 + 0.5 * 1.0 + 0.1 * 1.0 + 0.025 * 3.0;
        let second = 0.025 * 9.0 + 0.1 * 7.0 + 0.5 * 5.0 + 0.9 * 3.0 + 0.975 * 1.0;
        assert!((scores.pinball - (first + second) / 5.0 / 2.0 / 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_season_under_growth_is_forecast_better_than_seasonal_naive() {
        let at = |t: u32| 100.0 + 2.0 * f64::from(t) + if t % 7 < 5 { 20.0 } else { -50.0 };
        let values: Vec<f64> = (0..140).map(at).collect();
        let wanted = Wanted { horizon: 14, frequency: Some("D".parse().unwrap()), seasons: None };
        let accuracy = backtest(rows(&values), &wanted).unwrap();
        assert_eq!((accuracy.origins, accuracy.horizons.len()), (3, 4));
        let last = accuracy.horizons[3];
        assert!(last.ours.mase < 0.5 * last.naive.mase, "{last:?}");
        assert_eq!(overall(std::slice::from_ref(&accuracy))[3], last);
    }

    #[test]
    fn a_short_series_says_so_and_a_constant_one_has_no_scale() {
        let wanted = Wanted { horizon: 10, frequency: None, seasons: None };
        let short = backtest(rows(&[1.0; 12]), &wanted).unwrap_err();
        assert_eq!(short, SeriesFault::TooShort { length: 12, horizon: 10 });
        let flat = backtest(rows(&[1.0; 40]), &wanted).unwrap();
        assert!(!flat.scaled && overall(&[flat]).is_empty());
    }
}
