//! Measured usage: CSV and Parquet files in, one regular series a workload out.
//!
//! `frames` is the only module that knows polars. No growth, no forecast here.

pub mod frames;

use std::collections::BTreeMap;

use crate::calendar::Date;
use crate::ids::Id;
use crate::plan::Workload;

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
