//! What came of a pull, as a table and as JSON.

use jiff::Timestamp;
use serde::Serialize;

use super::Stop;
use crate::history::snapshot::SeriesNote;
use crate::plan::measure::MeasureSource;
use crate::pull::fault::Fault;
use crate::pull::queries::Need;
use crate::pull::{Pulled, SeriesPulled};

/// One line a series, then the files that were written.
pub(super) fn table(all: &[(&MeasureSource, Pulled)]) -> String {
    let heads = ["source", "workload", "metric", "hours", "new", "first", "last", "missing", ""];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    let mut written = String::new();
    for (source, pulled) in all {
        rows.extend(pulled.series.iter().map(|series| {
            let note = &series.note;
            let state = match (&series.fault, note.rows) {
                (Some(Fault::NotAsked), _) => "not asked",
                (Some(_), _) => "failed",
                (None, 0) => "absent",
                (None, _) => "",
            };
            let gaps: i64 = note.gaps.iter().map(|gap| gap.hours).sum();
            vec![
                source.name.clone(),
                note.key.workload.clone(),
                note.key.metric.clone(),
                note.rows.to_string(),
                series.new_rows.to_string(),
                hour(note.first),
                hour(note.last),
                gaps.to_string(),
                state.to_owned(),
            ]
        }));
        if let Some(path) = &pulled.path {
            written.extend(["  ", path, "\n"]);
        }
    }
    if rows.len() == 1 {
        return String::new();
    }
    let written = if written.is_empty() { written } else { format!("\nwrote\n{written}") };
    format!("{}{written}", columns(&rows, &[3, 4, 7]))
}

/// A pull of one source, as JSON.
#[derive(Serialize)]
pub(super) struct PulledView<'a> {
    source: &'a str,
    server: &'a str,
    snapshot: Option<&'a str>,
    error: Option<String>,
    remarks: &'a [String],
    series: Vec<SeriesView<'a>>,
}

#[derive(Serialize)]
struct SeriesView<'a> {
    #[serde(flatten)]
    note: &'a SeriesNote,
    new_rows: usize,
    needed: bool,
    error: Option<String>,
}

/// The same, for JSON.
pub(super) fn view<'a>(source: &'a MeasureSource, pulled: &'a Pulled) -> PulledView<'a> {
    let series = |series: &'a SeriesPulled| SeriesView {
        note: &series.note,
        new_rows: series.new_rows,
        needed: series.need == Need::Demand,
        error: series.fault.as_ref().map(ToString::to_string),
    };
    PulledView {
        source: &source.name,
        server: &pulled.server,
        snapshot: pulled.path.as_deref(),
        error: pulled.fault.as_ref().map(ToString::to_string),
        remarks: &pulled.remarks,
        series: pulled.series.iter().map(series).collect(),
    }
}

/// A value as JSON.
pub(super) fn json(value: &impl Serialize) -> Result<String, Stop> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n").map_err(|error| Stop::World(error.to_string()))
}

/// An instant to the hour.
pub(super) fn hour(at: Option<Timestamp>) -> String {
    at.map(|at| at.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

/// Rows of equal length as columns, those of numbers to the right.
pub(super) fn columns(rows: &[Vec<String>], right: &[usize]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..rows[0].len()).map(|c| width(c).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if right.contains(&column) {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        format!("{}\n", line.trim_end())
    };
    rows.iter().map(line).collect()
}
