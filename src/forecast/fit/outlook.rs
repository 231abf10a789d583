//! The outlook of a steady series: its values ahead, and how far they were off when tried on the past.
//!
//! Members are damped trends on the seasonally adjusted series, on the raw and (where all values are
//! above zero) the log scale, exponential smoothing with estimated weights, and seasonal naive; they are weighted by their errors over rolling
//! origins. A trend is fitted on means of a week, not of a day, so that a slope of months is seen.

use crate::draws::mean;
use crate::forecast::fit::holt::Damped;
use crate::forecast::fit::rhythm::{Rhythm, naive_months, weekly};
use crate::forecast::fit::season::{Split, blocks, has_season};
use crate::forecast::fit::smoothing;
use crate::forecast::fit::spread::{LEAST_SPREAD, Spread, all_positive, miss, scaled, unscaled};
use crate::forecast::fit::trial::{Trial, combine, last_months, origins, spread, weights};

/// Slopes kept from one month to the next that are tried; 0 is no trend.
const DAMPING_A_MONTH: [f64; 5] = [0.0, 0.8, 0.9, 0.97, 0.995];
/// A member whose forecast leaves this many times the range of history is dropped.
const RANGES: f64 = 5.0;

/// What is done with a year's season.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yearly {
    /// Taken from the history where it is clear.
    Measured,
    /// Left out: the plan states one.
    Stated,
}

/// What comes after a series.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// The median of every step ahead.
    pub steps: Vec<f64>,
    /// How far off it may be.
    pub spread: Spread,
    /// Seasons used, in steps.
    pub seasons: Vec<usize>,
    /// Whether a trend was fitted.
    pub trend: bool,
}

/// One way to look ahead.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Member {
    /// A damped trend: on the log scale or the raw one, with the slope kept a month.
    Trend { log: bool, damping: f64 },
    /// Exponential smoothing with estimated weights, likewise.
    Smoothing { log: bool },
    /// What was a year ago.
    SeasonalNaive,
}

/// The outlook over so many steps: history decides level, trend and season.
///
/// `values` is oldest first, without NaN, and not empty.
#[must_use]
pub fn look_ahead(values: &[f64], rhythm: Rhythm, yearly: Yearly, steps: usize) -> Outlook {
    let season = yearly == Yearly::Measured && is_yearly(values, rhythm);
    let members = members(values, rhythm, season);
    let trials: Vec<Trial> = origins(values.len(), rhythm)
        .into_iter()
        .map(|(cut, months)| {
            let came = &values[cut..cut + rhythm.steps(months)];
            Trial::new(came, ahead(&values[..cut], rhythm, season, came.len(), &members), rhythm)
        })
        .collect();
    let forecasts = ahead(values, rhythm, season, steps, &members);
    let weights = weights(values, &forecasts, &trials);
    Outlook {
        steps: combine(&forecasts, &weights, steps),
        spread: spread(values, &trials, &weights),
        seasons: rhythm.seasons(values.len(), season),
        trend: rhythm.has_trend(values.len()),
    }
}

/// The outlook over so many steps where history decides the level alone: the mean of the last
/// `8 weeks` (three months of monthly values) without season, held, and the season put back.
#[must_use]
pub fn hold_level(values: &[f64], rhythm: Rhythm, yearly: Yearly, steps: usize) -> Outlook {
    let season = yearly == Yearly::Measured && is_yearly(values, rhythm);
    let log = all_positive(values);
    let seasons = rhythm.seasons(values.len(), season);
    let split = Split::new(&scaled(values, log), &seasons);
    let weeks = weekly(&split.adjusted, rhythm);
    let count = if rhythm.month > 1.0 { 8 } else { 3 };
    let recent = &weeks[weeks.len().saturating_sub(count)..];
    let level = mean(recent);
    let variance = recent.iter().map(|week| (week - level) * (week - level)).sum::<f64>()
        / (recent.len().max(2) - 1) as f64;
    let error = (variance / recent.len() as f64).sqrt();
    let least = if log { LEAST_SPREAD } else { LEAST_SPREAD * mean(values).abs() };
    Outlook {
        steps: (0..steps).map(|step| unscaled(level + split.season(step), log)).collect(),
        spread: Spread { log, months: vec![error.max(least)], grows: false },
        seasons,
        trend: false,
    }
}

/// How the last part of the history would have been forecast; `None` where it is too short.
///
/// Returns, for every month held out, its mean, its forecast, the forecast of seasonal naive, and the
/// deviations that the true value lies off.
#[must_use]
pub fn hold_out(values: &[f64], rhythm: Rhythm, yearly: Yearly) -> Option<Vec<HeldOut>> {
    let (cut, held) = last_months(values.len(), rhythm)?;
    let (past, future) = values.split_at(cut);
    let outlook = look_ahead(past, rhythm, yearly, future.len());
    let forecast = blocks(&outlook.steps, rhythm.month);
    let naive = naive_months(past, rhythm, held);
    let held_out =
        blocks(future, rhythm.month).into_iter().zip(forecast).zip(naive).enumerate().map(
            |(index, ((actual, forecast), naive))| {
                let deviations = miss(actual, forecast, outlook.spread.log)
                    / outlook.spread.at(index as f64 + 1.0);
                HeldOut { actual, forecast, naive, deviations }
            },
        );
    Some(held_out.collect())
}

/// One month of a back-test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HeldOut {
    /// Its true mean.
    pub actual: f64,
    /// Its forecast.
    pub forecast: f64,
    /// The forecast of seasonal naive: the month a year before, or the last.
    pub naive: f64,
    /// How many deviations the true mean lies above the forecast.
    pub deviations: f64,
}

fn is_yearly(values: &[f64], rhythm: Rhythm) -> bool {
    let others = rhythm.seasons(values.len(), false);
    values.len() >= 2 * rhythm.year
        && has_season(&scaled(values, all_positive(values)), &others, rhythm.year, rhythm.month)
}

fn members(values: &[f64], rhythm: Rhythm, season: bool) -> Vec<Member> {
    let scales: &[bool] = if all_positive(values) { &[true, false] } else { &[false] };
    let dampings = if rhythm.has_trend(values.len()) { &DAMPING_A_MONTH[..] } else { &[0.0] };
    let mut members = Vec::new();
    for log in scales {
        members
            .extend(dampings.iter().map(|damping| Member::Trend { log: *log, damping: *damping }));
    }
    if rhythm.has_trend(values.len()) {
        members.push(Member::Smoothing { log: scales[0] });
    }
    if season {
        members.push(Member::SeasonalNaive);
    }
    members
}

/// What every member sees ahead; `None` for one that leaves the range of history too far.
fn ahead(
    values: &[f64],
    rhythm: Rhythm,
    season: bool,
    steps: usize,
    members: &[Member],
) -> Vec<Option<Vec<f64>>> {
    let seasons = rhythm.seasons(values.len(), season);
    let split = |log: bool| Split::new(&scaled(values, log), &seasons);
    let raw = split(false);
    let logs = all_positive(values).then(|| split(true));
    let highest = values.iter().copied().fold(f64::MIN, f64::max);
    let lowest = values.iter().copied().fold(f64::MAX, f64::min);
    let reach = RANGES * (highest - lowest).max(highest.abs() * 0.1);
    members
        .iter()
        .map(|member| {
            let forecast = match member {
                Member::SeasonalNaive if values.len() < rhythm.year => return None,
                Member::SeasonalNaive => naive(values, rhythm.year, steps),
                Member::Trend { log: true, damping } => {
                    trend(logs.as_ref()?, rhythm, *damping, steps, true)
                }
                Member::Trend { log: false, damping } => {
                    trend(&raw, rhythm, *damping, steps, false)
                }
                Member::Smoothing { log } => {
                    let split = if *log { logs.as_ref()? } else { &raw };
                    smooth(split, rhythm, steps, *log)?
                }
            };
            let inside = |value: &f64| (lowest - reach..=highest + reach).contains(value);
            forecast.iter().all(inside).then_some(forecast)
        })
        .collect()
}

fn naive(values: &[f64], period: usize, steps: usize) -> Vec<f64> {
    let last = &values[values.len() - period..];
    (0..steps).map(|step| last[step % period]).collect()
}

fn trend(split: &Split, rhythm: Rhythm, damping: f64, steps: usize, log: bool) -> Vec<f64> {
    let weeks = weekly(&split.adjusted, rhythm);
    let phi =
        if damping > 0.0 { libm::pow(damping, rhythm.trend as f64 / rhythm.month) } else { 0.0 };
    let ahead = Damped::fit(&weeks, phi).ahead(steps.div_ceil(rhythm.trend));
    seasoned(&ahead, split, rhythm, steps, log)
}

fn smooth(split: &Split, rhythm: Rhythm, steps: usize, log: bool) -> Option<Vec<f64>> {
    let weeks = weekly(&split.adjusted, rhythm);
    let ahead = smoothing::ahead(&weeks, steps.div_ceil(rhythm.trend))?;
    Some(seasoned(&ahead, split, rhythm, steps, log))
}

/// A trend's values with the season put back, on the scale of the series.
fn seasoned(ahead: &[f64], split: &Split, rhythm: Rhythm, steps: usize, log: bool) -> Vec<f64> {
    (0..steps)
        .map(|step| unscaled(ahead[step / rhythm.trend] + split.season(step), log))
        .map(|value| value.max(0.0))
        .collect()
}
