//! The outlook of a steady series: its values ahead, and how far its months were off when tried on the
//! past.
//!
//! Days are looked ahead twice, as days and as means of weeks, and the two are averaged: days know the
//! level of today, weeks the slope of months.

use crate::draws::mean;
use crate::forecast::fit::breaks::last_jump;
use crate::forecast::fit::rhythm::{Rhythm, blocks, means_of};
use crate::forecast::fit::spread::{LEAST_SPREAD, Spread, all_positive, miss, scaled, unscaled};
use crate::forecast::series;

/// Deviation after one month where nothing could be tried, as a share.
const UNTRIED_SPREAD: f64 = 0.15;
/// What came before a jump is forgotten where that lessens the error to this share. On real series a
/// milder rule makes months worse, since a short past after a jump tells little of a year.
const FORGET: f64 = 0.5;
/// Weeks of the level that is held.
const LEVEL_WEEKS: usize = 8;
/// Months of the level that is held, of values of months.
const LEVEL_MONTHS: usize = 3;

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
    /// The middle of every step ahead.
    pub steps: Vec<f64>,
    /// How far off a month may be.
    pub spread: Spread,
    /// Seasons used, in steps.
    pub seasons: Vec<usize>,
    /// The member with the most weight, where members were combined.
    pub leader: Option<&'static str>,
    /// Where the level last jumped, and whether what came before was forgotten.
    pub jumped: Option<(usize, bool)>,
}

/// The outlook over so many steps: history decides level, trend and season. Where it is too short for a
/// trend, the level is held.
///
/// `values` is oldest first, without NaN, and not empty.
#[must_use]
pub fn look_ahead(values: &[f64], rhythm: Rhythm, yearly: Yearly, steps: usize) -> Outlook {
    if !rhythm.has_trend(values.len()) {
        let held = hold_level(values, rhythm, yearly, steps);
        let size = if held.spread.log { 1.0 } else { mean(values).abs() };
        let months = vec![UNTRIED_SPREAD * size];
        return Outlook { spread: Spread { log: held.spread.log, months, grows: true }, ..held };
    }
    let whole = both(values, rhythm, yearly, steps);
    let jumped = jump(values, rhythm, yearly);
    let since = jumped
        .filter(|place| rhythm.has_trend(values.len() - place))
        .map(|place| both(&values[place..], rhythm, yearly, steps))
        .filter(|since| {
            let months = since.misses.iter().map(Vec::len).min().unwrap_or(0);
            let error = |of: &Both| {
                let first = of.misses.iter().flat_map(|misses| misses.iter().take(months));
                mean(&first.map(|miss| miss.abs()).collect::<Vec<_>>())
            };
            months > 0 && error(since) < FORGET * error(&whole)
        });
    let forgotten = since.is_some();
    let chosen = since.unwrap_or(whole);
    Outlook {
        spread: spread(values, &chosen.misses),
        steps: chosen.steps,
        seasons: chosen.seasons,
        leader: chosen.leader,
        jumped: jumped.map(|place| (place, forgotten)),
    }
}

/// What days and weeks say together.
struct Both {
    steps: Vec<f64>,
    /// By how much months lay above what was said, by try and month ahead.
    misses: Vec<Vec<f64>>,
    seasons: Vec<usize>,
    leader: Option<&'static str>,
}

/// Looks ahead of the steps and, where they are days, of the means of weeks, and averages the two.
///
/// # Source
/// N. Kourentzes, F. Petropoulos and J. R. Trapero, "Improving forecasting by estimating time series
/// structural components across multiple frequencies", IJF 30 (2014).
fn both(values: &[f64], rhythm: Rhythm, yearly: Yearly, steps: usize) -> Both {
    let yearly = yearly == Yearly::Measured;
    let log = all_positive(values);
    let fine = series::look_ahead(values, &rhythm.periods(yearly), steps.max(1));
    let mut misses = misses(values, &fine, (1, rhythm.month), log);
    let mut ahead = fine.mean.clone();
    if rhythm.week > 1 {
        let weeks = means_of(values, rhythm.week);
        let periods = if yearly { vec![rhythm.year / rhythm.week] } else { Vec::new() };
        let coarse = series::look_ahead(&weeks, &periods, steps.div_ceil(rhythm.week).max(1));
        for (step, value) in ahead.iter_mut().enumerate() {
            *value = f64::midpoint(*value, coarse.mean[step / rhythm.week]);
        }
        misses.extend(self::misses(&weeks, &coarse, (rhythm.week, rhythm.month), log));
    }
    ahead.truncate(steps);
    Both {
        steps: ahead,
        misses,
        seasons: fine.seasons.iter().map(|season| season.period).collect(),
        leader: fine
            .weights
            .iter()
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .map(|(member, _)| member.name()),
    }
}

/// By how much each month after an origin lay above what would have been said, by origin and month ahead.
/// A value stands for `width` steps, of which a month has `month`.
fn misses(
    values: &[f64],
    ahead: &series::Ahead,
    (width, month): (usize, f64),
    log: bool,
) -> Vec<Vec<f64>> {
    let each = |values: &[f64]| -> Vec<f64> {
        values.iter().flat_map(|value| std::iter::repeat_n(*value, width)).collect()
    };
    let of_try = |tried: &series::Tried| -> Vec<f64> {
        let until = (tried.cut + tried.ahead.len()).min(values.len());
        let came = blocks(&each(&values[tried.cut..until]), month);
        let said = blocks(&each(&tried.ahead), month);
        came.iter().zip(&said).map(|(came, said)| miss(*came, *said, log)).collect()
    };
    ahead.tries.iter().map(of_try).filter(|misses| !misses.is_empty()).collect()
}

/// Where the weeks last jumped, in steps of the series.
fn jump(values: &[f64], rhythm: Rhythm, yearly: Yearly) -> Option<usize> {
    let weeks = means_of(values, rhythm.week);
    let year = rhythm.year / rhythm.week;
    let seasonal = yearly == Yearly::Measured && weeks.len() >= 2 * year;
    let periods = if seasonal { vec![year] } else { Vec::new() };
    let adjusted = series::adjusted(&scaled(&weeks, all_positive(&weeks)), &periods, 0).values;
    let week = last_jump(&adjusted)?;
    Some(values.len() % rhythm.week + week * rhythm.week)
}

/// The deviation by month ahead: the root mean square over the tries, enlarged for their small number
/// much as Student's t is over the normal, never falling with the month.
fn spread(values: &[f64], misses: &[Vec<f64>]) -> Spread {
    let log = all_positive(values);
    let size = if log { 1.0 } else { mean(values).abs() };
    let months = misses.iter().map(Vec::len).max().unwrap_or(0);
    if months == 0 {
        return Spread { log, months: vec![UNTRIED_SPREAD * size], grows: true };
    }
    let mut highest = LEAST_SPREAD * size;
    let months = (0..months).map(|month| {
        let squares: Vec<f64> =
            misses.iter().filter_map(|misses| misses.get(month)).map(|miss| miss * miss).collect();
        let count = squares.len() as f64;
        highest = highest.max((mean(&squares) * (count + 1.0) / (count - 1.0).max(0.5)).sqrt());
        highest
    });
    Spread { log, months: months.collect(), grows: true }
}

/// The outlook over so many steps where history decides the level alone: the mean of the last
/// eight weeks (three months of monthly values) without season, held, and the season put back.
#[must_use]
pub fn hold_level(values: &[f64], rhythm: Rhythm, yearly: Yearly, steps: usize) -> Outlook {
    let log = all_positive(values);
    let scaled = scaled(values, log);
    let seasons: Vec<usize> = series::seasons(&scaled, &rhythm.periods(yearly == Yearly::Measured))
        .iter()
        .map(|season| season.period)
        .collect();
    let parts = series::adjusted(&scaled, &seasons, steps);
    let weeks = means_of(&parts.values, rhythm.week);
    let count = if rhythm.month > 1.0 { LEVEL_WEEKS } else { LEVEL_MONTHS };
    let recent = &weeks[weeks.len().saturating_sub(count)..];
    let level = mean(recent);
    let variance = recent.iter().map(|week| (week - level) * (week - level)).sum::<f64>()
        / (recent.len().max(2) - 1) as f64;
    let error = (variance / recent.len() as f64).sqrt();
    let least = if log { LEAST_SPREAD } else { LEAST_SPREAD * mean(values).abs() };
    Outlook {
        steps: parts.ahead.iter().map(|season| unscaled(level + season, log)).collect(),
        spread: Spread { log, months: vec![error.max(least)], grows: false },
        seasons,
        leader: None,
        jumped: None,
    }
}
