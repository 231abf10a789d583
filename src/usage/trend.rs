//! The line through the last months of a series, where there is one: noise has none.

use crate::draws::quantile;
use crate::forecast::series::{adjusted, median, seasons};
use crate::history::{Series, Step};

/// What the last months of a series do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Trend {
    /// They follow a line.
    Line(TrendLine),
    /// They follow none.
    None(NoTrend),
}

/// A straight line through a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrendLine {
    /// Its value at the end of the series.
    pub level: f64,
    /// What it rises by in a day.
    pub per_day: f64,
}

/// Why there is no line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTrend {
    /// Fewer than eight weeks (or months, of a monthly series).
    Short,
    /// The weeks go up and down about as often.
    Noise,
}

/// Days in a mean month.
const MONTH_DAYS: f64 = 365.25 / 12.0;
/// Weeks (or months, of a monthly series) that a line needs.
const LEAST: usize = 8;
/// Weeks that a line goes through at most: half a year.
const WINDOW: usize = 26;
/// A line that changes the level by less than this share of it over its window is level.
const LEVEL: f64 = 0.001;
/// The normal deviation beyond which one series of noise in twenty lies.
const Z: f64 = 1.96;

impl TrendLine {
    /// The share of the level that it rises by in a month.
    #[must_use]
    pub fn share_per_month(&self) -> f64 {
        self.per_day * MONTH_DAYS / self.level
    }
}

/// What a stretch of a series is counted as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// Its mean.
    Mean,
    /// Its 95th percentile.
    P95,
}

/// The trend of weekly figures of a series without gaps (of a monthly one, of its months), without the
/// season of the year where two years show one.
pub(super) fn trend(series: &Series, of: Of) -> Trend {
    let (steps, days, year) = match series.step {
        Step::Hour => (168, 7.0, 52),
        Step::Day => (7, 7.0, 52),
        Step::Week => (1, 7.0, 52),
        Step::Month(_) => (1, MONTH_DAYS, 12),
    };
    let blocks = blocks(&series.values, steps, of);
    if blocks.len() < LEAST {
        return Trend::None(NoTrend::Short);
    }
    let blocks = if seasons(&blocks, &[year]).is_empty() {
        blocks
    } else {
        adjusted(&blocks, &[year], 0).values
    };
    robust_line(&blocks[blocks.len().saturating_sub(WINDOW)..], days)
}

/// Figures of whole stretches of so many steps, counted back from the end; oldest first.
pub(super) fn blocks(values: &[f64], steps: usize, of: Of) -> Vec<f64> {
    let whole = &values[values.len() % steps..];
    let figure = |stretch: &[f64]| match of {
        Of::Mean => crate::draws::mean(stretch),
        Of::P95 => quantile(stretch, 0.95),
    };
    whole.chunks_exact(steps).map(figure).collect()
}

/// The line through values that stand so many days apart.
///
/// # Source
/// Line: the median of the slopes of all pairs, H. Theil (1950), P. K. Sen, JASA 63 (1968). Noise: H. B.
/// Mann, Econometrica 13 (1945), with the variance widened for the correlation of neighbours, S. Yue and
/// C. Wang, Water Resources Management 18 (2004).
fn robust_line(values: &[f64], days: f64) -> Trend {
    let count = values.len();
    let (mut slopes, mut ups) = (Vec::new(), 0.0);
    for (later, value) in values.iter().enumerate() {
        for (earlier, before) in values[..later].iter().enumerate() {
            slopes.push((value - before) / (later - earlier) as f64);
            ups += sign(value - before);
        }
    }
    let slope = median(&mut slopes);
    let mut starts: Vec<f64> =
        values.iter().enumerate().map(|(place, value)| value - slope * place as f64).collect();
    let start = median(&mut starts.clone());
    for rest in &mut starts {
        *rest -= start;
    }
    let level = start + slope * (count as f64 - 0.5);
    let n = count as f64;
    let variance = n * (n - 1.0) * (2.0 * n + 5.0) / 18.0 * widening(&starts);
    let deviation = (f64::abs(ups) - 1.0).max(0.0) / variance.sqrt();
    let small = slope.abs() * n <= LEVEL * level.abs();
    if deviation < Z || small || level == 0.0 {
        return Trend::None(NoTrend::Noise);
    }
    Trend::Line(TrendLine { level, per_day: slope / days })
}

/// -1, 0 or 1.
fn sign(value: f64) -> f64 {
    f64::from(i8::from(value > 0.0) - i8::from(value < 0.0))
}

/// How much more the sum of signs varies where neighbours are alike.
fn widening(rest: &[f64]) -> f64 {
    let square: f64 = rest.iter().map(|rest| rest * rest).sum();
    if square <= 0.0 {
        return 1.0;
    }
    let cross: f64 = rest.windows(2).map(|pair| pair[0] * pair[1]).sum();
    let alike = (cross / square).clamp(0.0, 0.9);
    (1.0 + alike) / (1.0 - alike)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::sample::{days, noise};

    fn line(trend: Trend) -> TrendLine {
        match trend {
            Trend::Line(line) => line,
            Trend::None(why) => panic!("no line: {why:?}"),
        }
    }

    #[test]
    fn ten_a_week_on_two_hundred_is_found_and_said_by_the_month() {
        // Weeks of 110, 120, … 300; the line's end is half a week after the last one's middle: 305.
        let weeks = |place: usize| 110.0 + 10.0 * (place / 7) as f64;
        let found = line(trend(&days((0..140).map(weeks).collect()), Of::Mean));
        assert!((found.level - 305.0).abs() < 1e-9 && (found.per_day - 10.0 / 7.0).abs() < 1e-9);
        // 10/7 a day × 30.4375 days = 43.48 a month, of 305.
        assert!((found.share_per_month() - 0.142_56).abs() < 1e-4);
    }

    #[test]
    fn one_wild_week_does_not_turn_the_line() {
        let weeks = |place: usize| {
            if (70..77).contains(&place) { 5000.0 } else { 110.0 + 10.0 * (place / 7) as f64 }
        };
        let found = line(trend(&days((0..140).map(weeks).collect()), Of::Mean));
        assert!((found.per_day - 10.0 / 7.0).abs() < 0.01, "{found:?}");
    }

    #[test]
    fn a_level_that_jumped_once_is_no_line() {
        let jumped = |place: usize| if place < 91 { 100.0 } else { 150.0 } + noise(place);
        let found = trend(&days((0..182).map(jumped).collect()), Of::Mean);
        assert_eq!(found, Trend::None(NoTrend::Noise));
    }

    #[test]
    fn noise_a_constant_and_a_short_series_have_none() {
        let noisy: Vec<f64> = (0..140).map(|place| 100.0 + noise(place)).collect();
        assert_eq!(trend(&days(noisy), Of::Mean), Trend::None(NoTrend::Noise));
        assert_eq!(trend(&days(vec![5.0; 140]), Of::P95), Trend::None(NoTrend::Noise));
        assert_eq!(trend(&days(vec![0.0; 140]), Of::P95), Trend::None(NoTrend::Noise));
        assert_eq!(trend(&days(vec![5.0; 55]), Of::Mean), Trend::None(NoTrend::Short));
    }
}
