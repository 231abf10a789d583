//! A load from a CSV or Parquet file: a column of times and one of values.

use std::path::Path;

use crate::cli::Stop;
use crate::history::frames::Table;
use crate::simulate::hpa::load::{Between, Load, LoadFault};
use crate::table::read::Rows;
use crate::table::stamp::Style;
use crate::table::{Columns, Reader};

/// Names that a column of times goes by.
const TIMES: [&str; 7] = ["time", "timestamp", "ds", "ts", "date", "datetime", "hour"];
/// Names that a column of loads goes by.
const LOADS: [&str; 8] = ["load", "y", "value", "rate", "rps", "cpu", "usage", "demand"];

/// Which columns were asked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted<'a> {
    pub time: Option<&'a str>,
    pub load: Option<&'a str>,
}

/// Reads a load, and how its times are written.
pub(super) fn load(path: &Path, wanted: &Wanted, between: Between) -> Result<(Load, Style), Stop> {
    let world = |what: String| Stop::World(format!("{}: {what}", path.display()));
    let columns = columns(path, wanted)?;
    let reader = Reader::open(path, &columns).map_err(|fault| Stop::World(fault.to_string()))?;
    let series: Vec<Rows> = reader.collect();
    let [series] = series.as_slice() else {
        return Err(world(format!("it holds {} series; a load is one", series.len())));
    };
    if let Some(fault) = &series.fault {
        return Err(world(fault.to_string()));
    }
    // A step is a second; everything else is seconds already.
    let points = series.cells.iter().map(|cell| (cell.time * 1000, cell.value)).collect();
    let row = |point: usize| series.cells[point - 1].row + 1;
    let load = Load::new(points, between).map_err(|fault| match fault {
        LoadFault::TooFew => world("it needs two rows at least".to_owned()),
        LoadFault::NotAfter(point) => {
            let row = row(point);
            world(format!(
                "line {row}: its time is not after the one before; sort the rows by time"
            ))
        }
        LoadFault::NoLoad(point) => {
            let (row, column) = (row(point), &columns.value);
            world(format!("line {row}: `{column}` is empty, no number, or below zero"))
        }
    })?;
    Ok((load, series.style))
}

/// The columns by their names, or by their order where there are two.
fn columns(path: &Path, wanted: &Wanted) -> Result<Columns, Stop> {
    let world = |what: String| Stop::World(format!("{}: {what}", path.display()));
    let bytes = std::fs::read(path).map_err(|error| world(format!("cannot be read: {error}")))?;
    let table = Table::open(bytes).map_err(|fault| world(fault.0))?;
    let names: Vec<String> = table.heads().iter().map(|head| head.name.clone()).collect();
    let find = |asked: Option<&str>, known: &[&str], option: &str| -> Result<String, Stop> {
        if let Some(asked) = asked {
            return if names.iter().any(|name| name == asked) {
                Ok(asked.to_owned())
            } else {
                Err(world(format!("it has no column `{asked}`; it has {}", names.join(", "))))
            };
        }
        let named = names.iter().find(|name| known.iter().any(|k| name.eq_ignore_ascii_case(k)));
        named.cloned().ok_or_else(|| {
            let all = names.join(", ");
            world(format!("which of its columns is it? `{option} COLUMN` says; it has {all}"))
        })
    };
    let (time, value) = match (names.as_slice(), wanted.time, wanted.load) {
        ([time, value], None, None) => (time.clone(), value.clone()),
        _ => (
            find(wanted.time, &TIMES, "--time-column")?,
            find(wanted.load, &LOADS, "--load-column")?,
        ),
    };
    Ok(Columns { time, value, ..Columns::default() })
}
