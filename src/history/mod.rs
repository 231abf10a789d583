//! Measured usage: CSV and Parquet files in, one regular series a workload out.
//!
//! `frames` is the only module that knows polars. No growth, no forecast here.

mod columns;
pub mod fault;
pub mod frames;
mod grid;
mod rows;
mod times;

use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::calendar::Date;
use crate::ids::Id;
use crate::plan::workload::HistoryRef;
use crate::plan::{Plan, Workload};

pub use fault::{Fault, HistoryError, Problem};

use frames::Table;

/// The sampling interval of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week, from Monday.
    Week,
    /// A calendar month.
    Month,
}

/// A measured series on a regular grid, oldest first, in the base unit of its demand.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The day of the first value.
    pub start: Date,
    /// The hour of that day of the first value, 0 to 23; 0 unless the step is an hour.
    pub start_hour: u8,
    /// The sampling interval.
    pub step: Step,
    /// One value a step; NaN where nothing was measured.
    pub values: Vec<f64>,
}

/// The usage of every workload that has a history.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    /// By workload.
    pub series: BTreeMap<Id<Workload>, Series>,
    /// Every file read: the path as shown, its SHA-256 in hexadecimal, rows used.
    pub files: Vec<HistoryFile>,
    /// What was mended or looks wrong, in words, by file.
    pub remarks: Vec<String>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryFile {
    /// The path as shown.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// Rows used.
    pub rows: usize,
}

/// Reads the history of every workload that has one. A file is read and decoded once, however many
/// workloads use it; files are read in parallel.
///
/// # Errors
/// Every history that cannot be read, not the first alone.
pub fn read(plan: &Plan, folder: &Path) -> Result<Usage, HistoryError> {
    let mut by_path: BTreeMap<&str, Vec<(Id<Workload>, &HistoryRef)>> = BTreeMap::new();
    for (id, workload) in plan.workloads.iter() {
        if let Some(history) = workload.demand.as_ref().and_then(|demand| demand.history.as_ref()) {
            by_path.entry(&history.path).or_default().push((id, history));
        }
    }
    let by_path: Vec<_> = by_path.into_iter().collect();
    let files: Vec<_> =
        by_path.into_par_iter().map(|(path, uses)| read_file(folder, path, &uses)).collect();

    let mut usage = Usage::default();
    let mut problems = Vec::new();
    for file in files {
        usage.files.push(file.file);
        usage.remarks.extend(file.remarks);
        for (id, outcome) in file.outcomes {
            match outcome {
                Ok(series) => drop(usage.series.insert(id, series)),
                Err((history, fault)) => problems.push(Problem {
                    path: history.path.clone(),
                    workload: plan.workloads[id].name.clone(),
                    origin: history.origin,
                    fault,
                }),
            }
        }
    }
    if problems.is_empty() { Ok(usage) } else { Err(HistoryError { problems }) }
}

/// What one file gave to the workloads that use it.
struct FileRead<'a> {
    file: HistoryFile,
    remarks: Vec<String>,
    outcomes: Vec<(Id<Workload>, Result<Series, (&'a HistoryRef, Fault)>)>,
}

fn read_file<'a>(
    folder: &Path,
    path: &str,
    uses: &[(Id<Workload>, &'a HistoryRef)],
) -> FileRead<'a> {
    let mut file = HistoryFile { path: path.to_owned(), digest: String::new(), rows: 0 };
    let mut table = match open(folder, &mut file) {
        Ok(table) => table,
        Err(fault) => {
            let outcomes = uses.iter().map(|(id, use_)| (*id, Err((*use_, fault.clone()))));
            return FileRead { file, remarks: Vec::new(), outcomes: outcomes.collect() };
        }
    };
    let mut remarks = Vec::new();
    let mut used = vec![false; table.rows()];
    let mut outcomes = Vec::new();
    for (id, history) in uses {
        let series = rows::select(&mut table, history).and_then(|selection| {
            for row in &selection.rows {
                used[row.number - 1] = true;
            }
            rows::series(&mut table, history, selection, &mut remarks)
        });
        outcomes.push((*id, series.map_err(|fault| (*history, fault))));
    }
    file.rows = used.into_iter().filter(|used| *used).count();
    remarks.dedup();
    FileRead { file, remarks, outcomes }
}

/// Reads a file's bytes, notes their digest, and opens them as a table with rows.
#[expect(clippy::disallowed_methods, reason = "this pass reads the history files")]
fn open(folder: &Path, file: &mut HistoryFile) -> Result<Table, Fault> {
    let bytes = std::fs::read(folder.join(&file.path)).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Fault::Missing,
        _ => Fault::Io(error.to_string()),
    })?;
    for byte in Sha256::digest(&bytes) {
        file.digest.push_str(&format!("{byte:02x}"));
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Fault::NoRows);
    }
    let table = Table::open(bytes).map_err(|error| Fault::Unreadable(error.0))?;
    if table.rows() == 0 { Err(Fault::NoRows) } else { Ok(table) }
}
