//! Which columns of a file a history means.

use crate::history::fault::Fault;
use crate::history::frames::{Kind, Table};
use crate::history::times;
use crate::plan::workload::TableRef;

/// The names of the columns that a history uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// The times.
    pub time: String,
    /// The values.
    pub value: String,
}

/// Names that mean time where the plan does not say.
const TIME_NAMES: [&str; 16] = [
    "time",
    "timestamp",
    "ts",
    "ds",
    "date",
    "datetime",
    "date_time",
    "day",
    "hour",
    "week",
    "month",
    "usage_hour",
    "usage_date",
    "usage_day",
    "period",
    "at",
];

/// How many rows tell whether a text column holds numbers.
const SAMPLE: usize = 200;

/// Finds the columns: as the plan names them; else for times the only column of times, or of a name
/// that means time, or the first that starts with a time; for values the only other column of numbers.
///
/// # Errors
/// If a named column is not there, or an unnamed one is not clear.
pub fn choose(table: &mut Table, history: &TableRef) -> Result<Chosen, Fault> {
    let columns: Vec<String> = table.heads().iter().map(|head| head.name.clone()).collect();
    let exists = |name: &String| {
        if columns.contains(name) {
            Ok(())
        } else {
            Err(Fault::NoColumn { name: name.clone(), columns: columns.clone() })
        }
    };
    history.filters.iter().try_for_each(|(column, _)| exists(column))?;
    history.time.iter().chain(&history.column).try_for_each(exists)?;
    let time = match &history.time {
        Some(time) => time.clone(),
        None => find_time(table, history, &columns)?,
    };
    let value = match &history.column {
        Some(column) => column.clone(),
        None => find_value(table, history, &time, columns)?,
    };
    Ok(Chosen { time, value })
}

fn find_time(table: &mut Table, history: &TableRef, columns: &[String]) -> Result<String, Fault> {
    let typed: Vec<&str> = names(table, |kind| kind == Kind::Time);
    if let [only] = typed[..] {
        return Ok(only.to_owned());
    }
    let of_time = |name: &str| TIME_NAMES.iter().any(|word| name.eq_ignore_ascii_case(word));
    let free = |name: &&String| history.column.as_ref() != Some(name);
    let named: Vec<&String> = columns.iter().filter(free).filter(|name| of_time(name)).collect();
    if let [only] = named[..] {
        return Ok(only.clone());
    }
    let texts: Vec<String> =
        names(table, |kind| kind == Kind::Text).into_iter().map(str::to_owned).collect();
    let like_time: Vec<&String> = texts
        .iter()
        .filter(free)
        .filter(|name| {
            let loaded = table.load(&[name.as_str()]).is_ok();
            let first = || table.texts(name).ok()?.into_iter().flatten().next().map(times::parse);
            loaded && first().flatten().is_some()
        })
        .collect();
    match like_time[..] {
        [only] => Ok(only.clone()),
        _ => Err(Fault::WhichTime { columns: columns.to_vec() }),
    }
}

fn find_value(
    table: &mut Table,
    history: &TableRef,
    time: &str,
    columns: Vec<String>,
) -> Result<String, Fault> {
    let filtered = |name: &str| history.filters.iter().any(|(column, _)| column == name);
    let mut candidates: Vec<String> =
        names(table, |kind| matches!(kind, Kind::Number | Kind::Integer))
            .into_iter()
            .filter(|name| *name != time && !filtered(name))
            .map(str::to_owned)
            .collect();
    let texts: Vec<String> = names(table, |kind| kind == Kind::Text)
        .into_iter()
        .filter(|name| *name != time && !filtered(name))
        .map(str::to_owned)
        .collect();
    // Text columns of Parquet are text; those of CSV may be numbers.
    if table.is_csv() {
        candidates.extend(texts.into_iter().filter(|name| looks_numeric(table, name)));
    }
    match &candidates[..] {
        [only] => Ok(only.clone()),
        _ => Err(Fault::WhichValue { candidates, columns }),
    }
}

/// The columns that may tell rows of the same time apart: text and whole numbers, such as the number of
/// a region; never floats, which are measured.
pub fn dimensions(table: &Table, history: &TableRef, chosen: &Chosen) -> Vec<String> {
    let filtered = |name: &str| history.filters.iter().any(|(column, _)| column == name);
    let fractions = |name: &str| {
        let cells = table.texts(name).unwrap_or_default();
        let mut sample = cells.into_iter().flatten().take(SAMPLE);
        sample.any(|cell| cell.parse::<f64>().is_ok() && cell.parse::<i64>().is_err())
    };
    names(table, |kind| matches!(kind, Kind::Text | Kind::Integer))
        .into_iter()
        .filter(|name| *name != chosen.time && *name != chosen.value && !filtered(name))
        .filter(|name| !(table.is_csv() && fractions(name)))
        .map(str::to_owned)
        .collect()
}

fn looks_numeric(table: &Table, name: &str) -> bool {
    let Ok(cells) = table.texts(name) else { return false };
    // A mistyped cell must still be found and named, so most is enough.
    let (numbers, others): (Vec<&str>, Vec<&str>) =
        cells.into_iter().flatten().take(SAMPLE).partition(|cell| cell.parse::<f64>().is_ok());
    !numbers.is_empty() && numbers.len() >= 4 * others.len()
}

fn names(table: &Table, wanted: impl Fn(Kind) -> bool) -> Vec<&str> {
    table.heads().iter().filter(|head| wanted(head.kind)).map(|head| head.name.as_str()).collect()
}
