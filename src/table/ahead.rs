//! A series of a table, looked ahead.

use crate::forecast::series::{self, Ahead, Interval};
use crate::table::fault::SeriesFault;
use crate::table::frequency::Frequency;
use crate::table::grid::{Grid, grid};
use crate::table::read::Rows;
use crate::table::stamp::{self, Style};

/// What is asked of every series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Steps ahead.
    pub horizon: usize,
    /// The interval of the times; read off them where absent.
    pub frequency: Option<Frequency>,
    /// The seasons that may be there, in steps, ascending; those of the interval where absent.
    pub seasons: Option<Vec<usize>>,
}

/// A series and what comes after it.
#[derive(Debug, Clone)]
pub struct SeriesAhead {
    /// Its name.
    pub id: String,
    /// What was measured, oldest first, gaps filled.
    pub measured: Vec<f64>,
    /// The interval.
    pub frequency: Frequency,
    /// The times of the steps ahead, as the table writes times.
    pub times: Vec<String>,
    /// The mean, the seasons and members found, and the band. Its first `skipped` steps have a row in the
    /// table, without a value.
    ahead: Ahead,
    skipped: usize,
    /// What should be known.
    pub remarks: Vec<Remark>,
}

/// What should be known of a forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// Too short to see its shortest season twice.
    NoSeason {
        /// Steps of the season.
        season: usize,
    },
    /// Too short to try a forecast on its past, so the interval is a random walk's.
    Untried,
    /// Tried over fewer steps than are forecast.
    TriedShorter,
    /// Gaps were filled.
    Filled,
}

impl Remark {
    /// In words, of one or several series.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::NoSeason { season } => {
                format!("shorter than two seasons of {season} steps, so no season is used")
            }
            Self::Untried => String::from(
                "too short to try a forecast on the past, so the interval is that of a random walk",
            ),
            Self::TriedShorter => String::from(
                "too short to try the whole horizon on the past, so the interval grows as a root beyond",
            ),
            Self::Filled => String::from("gaps were filled from around them"),
        }
    }
}

impl SeriesAhead {
    /// The mean of every step ahead.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.ahead.mean[self.skipped..]
    }

    /// The interval that should hold that share of what will come, between 0 and 1.
    #[must_use]
    pub fn interval(&self, share: f64) -> Interval {
        let Interval { mut low, mut high } = self.ahead.interval(share);
        low.drain(..self.skipped);
        high.drain(..self.skipped);
        Interval { low, high }
    }

    /// The seasons found, in steps.
    #[must_use]
    pub fn seasons(&self) -> Vec<usize> {
        self.ahead.seasons.iter().map(|season| season.period).collect()
    }

    /// The members of the combination and their weights, heaviest first.
    #[must_use]
    pub fn members(&self) -> Vec<(&'static str, f64)> {
        let mut members: Vec<(&str, f64)> =
            self.ahead.weights.iter().map(|(member, weight)| (member.name(), *weight)).collect();
        members.sort_by(|a, b| b.1.total_cmp(&a.1));
        members
    }
}

/// A series on its grid, with the seasons that may be there.
pub(super) fn prepared(rows: Rows, wanted: &Wanted) -> Result<(Grid, Vec<usize>), SeriesFault> {
    let grid = grid(rows, wanted.frequency, wanted.seasons.as_deref())?;
    let seasons = match (&wanted.seasons, wanted.frequency, grid.style) {
        (Some(seasons), ..) => seasons.clone(),
        (None, Some(frequency), _) => frequency.seasons(),
        (None, None, Style::Step) => Vec::new(),
        (None, None, _) => grid.frequency.seasons(),
    };
    Ok((grid, seasons))
}

/// Looks ahead of a series.
///
/// # Errors
/// If its rows do not make a regular series.
pub fn look_ahead(rows: Rows, wanted: &Wanted) -> Result<SeriesAhead, SeriesFault> {
    let id = rows.id.clone();
    let (grid, seasons) = prepared(rows, wanted)?;
    let length = grid.values.len();
    let ahead = series::look_ahead(&grid.values, &seasons, wanted.horizon + grid.trailing);
    let mut remarks = Vec::new();
    if let Some(season) = seasons.first().copied().filter(|season| length < 2 * season) {
        remarks.push(Remark::NoSeason { season });
    }
    match ahead.tries.first() {
        None => remarks.push(Remark::Untried),
        Some(tried) if tried.ahead.len() < wanted.horizon => remarks.push(Remark::TriedShorter),
        Some(_) => {}
    }
    if grid.filled > 0 {
        remarks.push(Remark::Filled);
    }
    let after = length + grid.trailing;
    let time = |step: usize| {
        let place = i64::try_from(after + step).unwrap_or(i64::MAX);
        stamp::write(grid.frequency.time(grid.first, place), grid.style)
    };
    Ok(SeriesAhead {
        id,
        times: (0..wanted.horizon).map(time).collect(),
        measured: grid.values,
        frequency: grid.frequency,
        ahead,
        skipped: grid.trailing,
        remarks,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::read::Cell;
    use std::f64::consts::FRAC_PI_6;

    fn monthly(values: &[f64]) -> Rows {
        let first = stamp::read("2024-01").unwrap().0;
        let cell = |(row, value): (usize, &f64)| Cell {
            row: row as u64 + 1,
            time: Frequency::Months(1).time(first, i64::try_from(row).unwrap()),
            value: *value,
        };
        let cells = values.iter().enumerate().map(cell).collect();
        Rows { id: "a".into(), style: Style::Month, cells, fault: None }
    }

    fn wanted(horizon: usize) -> Wanted {
        Wanted { horizon, frequency: None, seasons: None }
    }

    #[test]
    fn times_go_on_where_the_table_ends_even_without_values() {
        let ahead = look_ahead(monthly(&[1.0, 2.0, 3.0, f64::NAN, f64::NAN]), &wanted(2)).unwrap();
        assert_eq!(ahead.times, ["2024-06", "2024-07"]);
        assert_eq!((ahead.mean().len(), ahead.interval(0.8).low.len()), (2, 2));
        assert_eq!(ahead.remarks, [Remark::NoSeason { season: 12 }, Remark::Untried]);
    }

    #[test]
    fn a_season_that_is_seen_twice_is_used() {
        let values: Vec<f64> =
            (0..48).map(|t| 100.0 + 30.0 * libm::sin(f64::from(t) * FRAC_PI_6)).collect();
        let ahead = look_ahead(monthly(&values), &wanted(12)).unwrap();
        assert_eq!(ahead.seasons(), [12]);
        assert!((ahead.mean()[3] - 130.0).abs() < 4.0, "{:?}", ahead.mean());
        assert!(ahead.remarks.is_empty() && ahead.members()[0].1 > 0.0);
    }
}
