//! From the rows of a table to the series of one history: filter, read times and values, settle rows of
//! the same time, put them on a grid.
//!
//! Rows of the same time are summed where some other column tells them apart (regions, instance types);
//! where none does, they are an error.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::calendar::Calendar;
use crate::history::columns::{Chosen, choose, dimensions};
use crate::history::fault::Fault;
use crate::history::frames::{Kind, Table, Unreadable};
use crate::history::grid::{self, NoGrid};
use crate::history::times::{self, Reading};
use crate::history::{Series, Step};
use crate::plan::workload::TableRef;

/// A row that is used.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Seconds since 1970-01-01 00:00 UTC.
    pub at: i64,
    /// The value as in the file.
    pub value: f64,
    /// Its number, counted from 1 below the header.
    pub number: usize,
}

/// The rows of one history, by time and then as in the file.
#[derive(Debug)]
pub struct Selection {
    chosen: Chosen,
    zone: TimeZone,
    /// The rows; at least one.
    pub rows: Vec<Row>,
    /// Rows left out because their value was below zero.
    negative: usize,
    sorted: bool,
}

impl From<Unreadable> for Fault {
    fn from(error: Unreadable) -> Self {
        Self::Unreadable(error.0)
    }
}

/// Finds the rows that a history uses and reads their times and values.
///
/// # Errors
/// If a column, a cell, a filter or the zone is wrong.
pub fn select(table: &mut Table, history: &TableRef) -> Result<Selection, Fault> {
    let name = history.zone.as_deref().unwrap_or("UTC");
    let zone = times::zone(name).ok_or_else(|| Fault::NoZone(name.to_owned()))?;
    let chosen = choose(table, history)?;
    let mut needed = vec![chosen.time.as_str(), chosen.value.as_str()];
    needed.extend(history.filters.iter().map(|(column, _)| column.as_str()));
    table.load(&needed)?;

    let kept = filter(table, history)?;
    let instants = read_times(table, &chosen.time, &zone, &kept)?;
    let values = table.numbers_of(&chosen.value, |row| kept[row])?.map_err(|bad| {
        Fault::NoNumber { row: bad.row, column: chosen.value.clone(), text: bad.text }
    })?;
    let mut rows = Vec::new();
    let mut negative = 0;
    for (index, (at, value)) in instants.into_iter().zip(values).enumerate() {
        match (at, value) {
            (Some(_), Some(value)) if value < 0.0 => negative += 1,
            (Some(at), Some(value)) => rows.push(Row { at, value, number: index + 1 }),
            _ => {}
        }
    }
    if rows.is_empty() {
        return Err(Fault::AllEmpty(chosen.value));
    }
    let sorted = rows.is_sorted_by_key(|row| row.at);
    rows.sort_by_key(|row| (row.at, row.number));
    Ok(Selection { chosen, zone, rows, negative, sorted })
}

/// Which rows pass every filter.
fn filter(table: &Table, history: &TableRef) -> Result<Vec<bool>, Fault> {
    let mut kept = vec![true; table.rows()];
    for (column, value) in &history.filters {
        let matching = table.matching(column, value)?;
        let alone = !matching.contains(&true);
        kept.iter_mut().zip(matching).for_each(|(kept, matches)| *kept &= matches);
        if !kept.contains(&true) {
            let seen = distinct(table, column);
            return Err(Fault::NoMatch {
                column: column.clone(),
                value: value.clone(),
                alone,
                seen,
            });
        }
    }
    Ok(kept)
}

/// Some values of a column, in order.
fn distinct(table: &Table, column: &str) -> Vec<String> {
    let mut seen: Vec<String> = match table.texts(column) {
        Ok(cells) => cells.into_iter().flatten().map(str::to_owned).collect(),
        Err(_) => match table.numbers(column) {
            Ok(Ok(cells)) => cells.into_iter().flatten().map(|cell| cell.to_string()).collect(),
            _ => Vec::new(),
        },
    };
    seen.sort();
    seen.dedup();
    seen
}

/// The instant of every row that is kept, in UTC seconds; `None` for rows that are not.
fn read_times(
    table: &Table,
    column: &str,
    zone: &TimeZone,
    kept: &[bool],
) -> Result<Vec<Option<i64>>, Fault> {
    let bad = |index: usize, text: String| Fault::NoTime {
        row: index + 1,
        column: column.to_owned(),
        text,
    };
    let utc = |reading: Reading| match reading {
        Reading::Utc(seconds) => seconds,
        Reading::Clock(seconds) => times::to_utc(seconds, zone),
    };
    let kind = table.heads().iter().find(|head| head.name == column).map(|head| head.kind);
    match kind {
        Some(Kind::Text) => {
            let cells = table.texts(column)?;
            let read = |(index, cell): (usize, Option<&str>)| {
                if !kept[index] {
                    return Ok(None);
                }
                let text = cell.unwrap_or_default();
                let epoch = || text.parse().ok().and_then(times::from_epoch);
                match times::parse(text).or_else(epoch) {
                    Some(reading) => Ok(Some(utc(reading))),
                    None => Err(bad(index, text.to_owned())),
                }
            };
            cells.into_iter().enumerate().map(read).collect()
        }
        Some(Kind::Time) => {
            let instants = table.instants(column)?;
            let read = |(index, cell): (usize, Option<i64>)| match cell {
                _ if !kept[index] => Ok(None),
                Some(seconds) if instants.utc => Ok(Some(seconds)),
                Some(seconds) => Ok(Some(times::to_utc(seconds, zone))),
                None => Err(bad(index, String::new())),
            };
            instants.seconds.into_iter().enumerate().map(read).collect()
        }
        _ => {
            let cells =
                table.numbers_of(column, |row| kept[row])?.map_err(|e| bad(e.row - 1, e.text))?;
            let read = |(index, cell): (usize, Option<f64>)| {
                if !kept[index] {
                    return Ok(None);
                }
                let text = || cell.map(|cell| cell.to_string()).unwrap_or_default();
                cell.and_then(times::from_epoch)
                    .map(|reading| Some(utc(reading)))
                    .ok_or_else(|| bad(index, text()))
            };
            cells.into_iter().enumerate().map(read).collect()
        }
    }
}

/// The series of one history of a plan with months of a calendar, its values times `scale`; what was mended is
/// added to `remarks`.
///
/// # Errors
/// If rows of the same time cannot be told apart, or the times make no series.
pub fn series(
    table: &mut Table,
    history: &TableRef,
    (scale, months): (f64, Calendar),
    selection: Selection,
    remarks: &mut Vec<String>,
) -> Result<Series, Fault> {
    let Selection { chosen, zone, rows, negative, sorted } = selection;
    let mut remark = |text: String| remarks.push(format!("{}: {text}", history.path));
    if !sorted {
        remark(String::from("rows were not in the order of time, and were sorted"));
    }
    if negative > 0 {
        let count = counted(negative, "value");
        remark(format!("{count} below zero in column `{}` left out", chosen.value));
    }
    let shared = rows.windows(2).any(|pair| pair[0].at == pair[1].at);
    let rows = if shared { split_repeated_hours(rows, &zone) } else { rows };
    let (samples, most) = summed(&rows);
    if most > 1 {
        let apart = tell_apart(table, history, &chosen, &rows)?;
        remark(format!("up to {most} rows of the same time, apart in {apart}, were summed"));
    }
    let mut series = grid::regular(&samples, months).map_err(|error| match error {
        NoGrid::TooFew => Fault::TooFew,
        NoGrid::TooSparse { first, last } => Fault::TooSparse { first, last },
    })?;
    if series.step == Step::Month(Calendar::Gregorian) && months != Calendar::Gregorian {
        remark(String::from(
            "monthly values are of calendar months, since their days are neither the first nor the last of fiscal \
             months; each counts in fiscal months by its days",
        ));
    }
    let empty = series.values.iter().filter(|value| value.is_nan()).count();
    if empty > 0 {
        let word = match series.step {
            Step::Hour => "hour",
            Step::Day => "day",
            Step::Week => "week",
            Step::Month(_) => "month",
        };
        let all = counted(series.values.len(), word);
        remark(format!("{empty} of {all} have no value"));
    }
    for value in &mut series.values {
        *value *= scale;
    }
    Ok(series)
}

/// Where a local clock shows an hour twice in autumn, the second half of its rows is the second hour.
fn split_repeated_hours(mut rows: Vec<Row>, zone: &TimeZone) -> Vec<Row> {
    let mut first = 0;
    while first < rows.len() {
        let at = rows[first].at;
        let count = rows[first..].iter().take_while(|row| row.at == at).count();
        if count % 2 == 0
            && let Some(later) = times::repeated_after(at, zone)
        {
            for row in &mut rows[first + count / 2..first + count] {
                row.at = at + later;
            }
        }
        first += count;
    }
    rows.sort_by_key(|row| (row.at, row.number));
    rows
}

/// The sum of the rows of each time, and the largest number of rows that share one.
fn summed(rows: &[Row]) -> (Vec<(i64, f64)>, usize) {
    let mut samples: Vec<(i64, f64)> = Vec::new();
    let (mut most, mut count) = (0, 0);
    for row in rows {
        match samples.last_mut() {
            Some((at, sum)) if *at == row.at => {
                *sum += row.value;
                count += 1;
            }
            _ => {
                samples.push((row.at, row.value));
                count = 1;
            }
        }
        most = most.max(count);
    }
    (samples, most)
}

/// The columns that tell rows of the same time apart, in words.
fn tell_apart(
    table: &mut Table,
    history: &TableRef,
    chosen: &Chosen,
    rows: &[Row],
) -> Result<String, Fault> {
    let names = dimensions(table, history, chosen);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    table.load(&names)?;
    let prints = table.fingerprints(&names)?;
    let mut keys: Vec<(i64, u64, usize)> =
        rows.iter().map(|row| (row.at, prints[row.number - 1], row.number)).collect();
    keys.sort_unstable();
    if let Some(pair) =
        keys.windows(2).find(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1))
    {
        let time = Timestamp::from_second(pair[0].0).map(|at| at.to_string()).unwrap_or_default();
        return Err(Fault::Twice { first: pair[0].2, second: pair[1].2, time });
    }
    Ok(names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
}

fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}
