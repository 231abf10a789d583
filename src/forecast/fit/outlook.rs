//! The outlook of a steady series: its values ahead, and how far they were off when tried on the past.
//!
//! Members are damped trends on the seasonally adjusted series, on the raw and (where all values are
//! above zero) the log scale, and seasonal naive; they are weighted by their errors over rolling
//! origins. A trend is fitted on means of a week, not of a day, so that a slope of months is seen.

use crate::draws::mean;
use crate::forecast::fit::holt::Damped;
use crate::forecast::fit::season::{Split, blocks, has_season};
use crate::history::Step;

/// Slopes kept from one month to the next that are tried; 0 is no trend.
const DAMPING_A_MONTH: [f64; 5] = [0.0, 0.8, 0.9, 0.97, 0.995];
/// At most so many rolling origins.
const ORIGINS: usize = 6;
/// A member whose forecast leaves this many times the range of history is dropped.
const RANGES: f64 = 5.0;
/// The longest stretch that is tried on the past, in months.
const LONGEST_TRIAL: usize = 12;
/// Least deviation of a month's mean, as a share.
const LEAST_SPREAD: f64 = 0.01;
/// Deviation after one month where nothing could be tried, as a share.
const UNTRIED_SPREAD: f64 = 0.15;

/// How the steps of a series relate to seasons and months.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rhythm {
    /// The short season, if there is one.
    short: Option<usize>,
    /// Steps of a year.
    year: usize,
    /// Steps of a month.
    pub month: f64,
    /// Steps that are averaged before a trend is fitted.
    trend: usize,
}

impl Rhythm {
    /// The rhythm of a step; hours are to be made days first.
    #[must_use]
    pub fn of(step: Step) -> Self {
        match step {
            Step::Hour | Step::Day => {
                Self { short: Some(7), year: 365, month: 365.25 / 12.0, trend: 7 }
            }
            Step::Week => Self { short: None, year: 52, month: 365.25 / 84.0, trend: 1 },
            Step::Month => Self { short: None, year: 12, month: 1.0, trend: 1 },
        }
    }

    /// The season that gaps are filled by.
    #[must_use]
    pub fn fill(self) -> usize {
        self.short.unwrap_or(self.year)
    }

    /// The place of the end of a month, counted from the first.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "steps of a history"
    )]
    fn steps(self, months: usize) -> usize {
        (self.month * months as f64).round() as usize
    }

    /// The seasons that so many values can show twice; the year only where wanted.
    fn seasons(self, length: usize, yearly: bool) -> Vec<usize> {
        let year = yearly.then_some(self.year);
        self.short.into_iter().chain(year).filter(|period| length >= 2 * period).collect()
    }

    /// Whether so many values are enough for a trend.
    fn has_trend(self, length: usize) -> bool {
        length / self.trend >= 8
    }
}

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

/// The deviation of the mean of a month ahead.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// Deviations of the logarithm, where all values are above zero; else of the value.
    pub log: bool,
    /// By months ahead, from the first; never falling.
    months: Vec<f64>,
    /// Whether it grows beyond the months tried.
    grows: bool,
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

/// One way to look ahead.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Member {
    /// A damped trend: on the log scale or the raw one, with the slope kept a month.
    Trend { log: bool, damping: f64 },
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
        .map(|(cut, months)| Trial::new(values, cut, months, rhythm, season, &members))
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
    let weeks = weekly(&split.adjusted, rhythm.trend);
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
    let months = count_months(values.len(), rhythm);
    let held = (months / 3).min(LONGEST_TRIAL);
    let cut = values.len() - rhythm.steps(held);
    if held == 0 || !rhythm.has_trend(cut) {
        return None;
    }
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

/// Seasonal naive by month: the month a year before, or the last where there is no year.
pub fn naive_months(past: &[f64], rhythm: Rhythm, months: usize) -> Vec<f64> {
    let length = past.len();
    (0..months)
        .map(|ahead| {
            let back = if length >= rhythm.steps(12) { 12 - ahead % 12 } else { 1 };
            let from = length - rhythm.steps(back).min(length);
            let until = length - rhythm.steps(back - 1).min(length - 1);
            mean(&past[from..until.max(from + 1)])
        })
        .collect()
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
    let weeks = weekly(&split.adjusted, rhythm.trend);
    let phi =
        if damping > 0.0 { libm::pow(damping, rhythm.trend as f64 / rhythm.month) } else { 0.0 };
    let ahead = Damped::fit(&weeks, phi).ahead(steps.div_ceil(rhythm.trend));
    (0..steps)
        .map(|step| unscaled(ahead[step / rhythm.trend] + split.season(step), log))
        .map(|value| value.max(0.0))
        .collect()
}

/// Means of so many steps each, counted back from the end; of all values where there are fewer.
fn weekly(values: &[f64], length: usize) -> Vec<f64> {
    if values.len() < length {
        return vec![mean(values)];
    }
    values[values.len() % length..].chunks(length).map(mean).collect()
}

/// One try on the past.
#[derive(Debug)]
struct Trial {
    /// True means of the months after the origin.
    actual: Vec<f64>,
    /// Every member's forecasts of them.
    forecasts: Vec<Option<Vec<f64>>>,
}

impl Trial {
    fn new(
        values: &[f64],
        cut: usize,
        months: usize,
        rhythm: Rhythm,
        season: bool,
        members: &[Member],
    ) -> Self {
        let (past, future) = values.split_at(cut);
        let steps = rhythm.steps(months);
        let by_month = |steps: Vec<f64>| blocks(&steps, rhythm.month);
        let forecasts = ahead(past, rhythm, season, steps, members);
        Self {
            actual: blocks(&future[..steps], rhythm.month),
            forecasts: forecasts.into_iter().map(|forecast| forecast.map(by_month)).collect(),
        }
    }
}

fn count_months(length: usize, rhythm: Rhythm) -> usize {
    (0..length).take_while(|months| rhythm.steps(months + 1) <= length).count()
}

/// Where the past is cut for trials, the latest first, and how many months each looks ahead: a third of
/// the history, at most a year.
fn origins(length: usize, rhythm: Rhythm) -> Vec<(usize, usize)> {
    let months = count_months(length, rhythm);
    let trial = (months / 3).min(LONGEST_TRIAL);
    if trial == 0 {
        return Vec::new();
    }
    let stride = (trial / 3).max(1);
    (0..ORIGINS)
        .map(|index| trial + index * stride)
        .take_while(|back| *back <= months)
        .map(|back| (length - rhythm.steps(back), trial))
        .filter(|(cut, _)| rhythm.has_trend(*cut))
        .collect()
}

/// The weight of every member: its mean absolute error over the trials to the power −3, or equal where
/// nothing could be tried. A member that was dropped has none.
///
/// # Source
/// J. M. Bates and C. W. J. Granger, "The combination of forecasts", OR 20 (1969); L. J. Tashman (2000).
fn weights(values: &[f64], forecasts: &[Option<Vec<f64>>], trials: &[Trial]) -> Vec<f64> {
    let size = values.iter().map(|value| value.abs()).sum::<f64>() / values.len() as f64;
    let error = |member: usize| {
        let errors: Vec<f64> = trials
            .iter()
            .filter_map(|trial| Some((trial.forecasts[member].as_ref()?, &trial.actual)))
            .flat_map(|(forecast, actual)| forecast.iter().zip(actual).map(|(f, a)| (f - a).abs()))
            .collect();
        if errors.is_empty() { None } else { Some(mean(&errors) / size + 1e-6) }
    };
    let mut weights: Vec<f64> = forecasts
        .iter()
        .enumerate()
        .map(|(member, forecast)| match (forecast, error(member)) {
            (Some(_), Some(error)) => 1.0 / (error * error * error),
            (Some(_), None) if trials.is_empty() => 1.0,
            _ => 0.0,
        })
        .collect();
    if weights.iter().all(|weight| *weight == 0.0) {
        for (weight, forecast) in weights.iter_mut().zip(forecasts) {
            *weight = if forecast.is_some() { 1.0 } else { 0.0 };
        }
    }
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 {
        for weight in &mut weights {
            *weight /= sum;
        }
    }
    weights
}

/// The weighted mean of the members' forecasts.
fn combine(forecasts: &[Option<Vec<f64>>], weights: &[f64], steps: usize) -> Vec<f64> {
    let mut combined = vec![0.0; steps];
    for (forecast, weight) in forecasts.iter().zip(weights) {
        for (sum, value) in combined.iter_mut().zip(forecast.iter().flatten()) {
            *sum += weight * value;
        }
    }
    combined
}

/// The deviation by month ahead: the root mean square of the combined errors over the trials, enlarged
/// for their small number, never falling with the month.
fn spread(values: &[f64], trials: &[Trial], weights: &[f64]) -> Spread {
    let log = all_positive(values);
    let size = if log { 1.0 } else { mean(values).abs() };
    let months = trials.first().map_or(0, |trial| trial.actual.len());
    if months == 0 {
        return Spread { log, months: vec![UNTRIED_SPREAD * size], grows: true };
    }
    let mut squares = vec![0.0; months];
    for trial in trials {
        // A member that was dropped from this trial leaves its weight to the others.
        let there = |member: &usize| trial.forecasts[*member].is_some();
        let weight: f64 = (0..weights.len()).filter(there).map(|member| weights[member]).sum();
        let combined = combine(&trial.forecasts, weights, months);
        for (square, (forecast, actual)) in
            squares.iter_mut().zip(combined.iter().zip(&trial.actual))
        {
            let forecast = if weight > 1e-9 { forecast / weight } else { mean(values) };
            let error = miss(*actual, forecast, log);
            *square += error * error;
        }
    }
    let count = trials.len() as f64;
    let few = ((count + 1.0) / count).sqrt();
    let mut highest = LEAST_SPREAD * size;
    let months = squares.into_iter().map(|square| {
        highest = highest.max((square / count).sqrt() * few);
        highest
    });
    Spread { log, months: months.collect(), grows: true }
}

/// By how much the true value lies above a forecast: of logarithms, or of values. A forecast near zero
/// counts as a hundredth of the truth.
fn miss(actual: f64, forecast: f64, log: bool) -> f64 {
    if log { libm::log(actual / forecast.max(actual / 100.0)) } else { actual - forecast }
}

fn all_positive(values: &[f64]) -> bool {
    values.iter().all(|value| *value > 0.0)
}

fn scaled(values: &[f64], log: bool) -> Vec<f64> {
    if log { values.iter().map(|value| libm::log(*value)).collect() } else { values.to_vec() }
}

fn unscaled(value: f64, log: bool) -> f64 {
    if log { libm::exp(value) } else { value }
}
