//! Forecasts of a table's series, for every output: Nixtla's columns as CSV, JSON, Markdown, and for a
//! terminal an overview, or of a single series a chart.

use std::fmt::Write as _;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use super::forecast_view::shortest;
use super::format::{plain, significant};
use super::prose::escape;
use super::terminal::{self, Color};
use crate::table::SeriesAhead;

/// How forecasts of series are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// `unique_id,ds,mean,lo80,hi80,…`: one row a step.
    Csv,
    /// One object a series.
    Json,
    /// One table a series.
    Markdown,
}

/// Writes forecasts one after the other.
#[derive(Debug)]
pub struct Writer {
    form: Form,
    /// Percent, ascending: 80, 95.
    intervals: Vec<u8>,
    written: usize,
}

/// A series in JSON.
#[derive(Serialize)]
struct SeriesView<'a> {
    unique_id: &'a str,
    values: usize,
    every: String,
    seasons: Vec<usize>,
    members: Vec<MemberView>,
    remarks: Vec<String>,
    forecast: Vec<StepView<'a>>,
}

#[derive(Serialize)]
struct MemberView {
    name: &'static str,
    weight: f64,
}

#[derive(Serialize)]
struct StepView<'a> {
    ds: &'a str,
    mean: f64,
    intervals: Vec<IntervalView>,
}

#[derive(Serialize)]
struct IntervalView {
    percent: u8,
    low: f64,
    high: f64,
}

impl Writer {
    /// A writer of these intervals, in percent, ascending.
    #[must_use]
    pub fn new(form: Form, intervals: Vec<u8>) -> Self {
        Self { form, intervals, written: 0 }
    }

    /// What stands before the first series.
    #[must_use]
    pub fn start(&self) -> String {
        match self.form {
            Form::Csv => {
                let ends = self.intervals.iter().flat_map(|p| [format!("lo{p}"), format!("hi{p}")]);
                let heads = ["unique_id", "ds", "mean"].map(str::to_owned).into_iter().chain(ends);
                heads.collect::<Vec<_>>().join(",") + "\n"
            }
            Form::Json => "[".to_owned(),
            Form::Markdown => String::new(),
        }
    }

    /// A series.
    #[must_use]
    pub fn series(&mut self, series: &SeriesAhead) -> String {
        self.written += 1;
        let intervals: Vec<_> = self
            .intervals
            .iter()
            .map(|percent| (*percent, series.interval(f64::from(*percent) / 100.0)))
            .collect();
        let rows = series.times.iter().zip(series.mean()).enumerate();
        match self.form {
            Form::Csv => {
                let id = quoted(&series.id);
                let mut text = String::new();
                for (step, (time, mean)) in rows {
                    text.extend([&id, ",", time, ",", &shortest(*mean).to_string()]);
                    for (_, interval) in &intervals {
                        for end in [interval.low[step], interval.high[step]] {
                            text.push(',');
                            text.push_str(&shortest(end).to_string());
                        }
                    }
                    text.push('\n');
                }
                text
            }
            Form::Json => {
                let interval = |step: usize| {
                    intervals.iter().map(move |(percent, interval)| IntervalView {
                        percent: *percent,
                        low: shortest(interval.low[step]),
                        high: shortest(interval.high[step]),
                    })
                };
                let forecast = rows.map(|(step, (time, mean))| StepView {
                    ds: time,
                    mean: shortest(*mean),
                    intervals: interval(step).collect(),
                });
                let members = series.members().into_iter();
                let view = SeriesView {
                    unique_id: &series.id,
                    values: series.measured.len(),
                    every: series.frequency.to_string(),
                    seasons: series.seasons(),
                    members: members
                        .map(|(name, weight)| MemberView {
                            name,
                            weight: (weight * 1e6).round() / 1e6,
                        })
                        .collect(),
                    remarks: series.remarks.iter().map(|remark| remark.words()).collect(),
                    forecast: forecast.collect(),
                };
                let text = serde_json::to_string_pretty(&view).unwrap_or_default();
                let before = if self.written > 1 { ",\n" } else { "\n" };
                before.to_owned() + &text
            }
            Form::Markdown => {
                let mut text = format!("### {}\n\n| Time | Mean |", escape(&plain(&series.id)));
                for (percent, _) in &intervals {
                    let _ = write!(text, " {percent}% low | {percent}% high |");
                }
                text.push_str("\n|---|--:|");
                text.push_str(&"--:|--:|".repeat(intervals.len()));
                text.push('\n');
                for (step, (time, mean)) in rows {
                    let _ = write!(text, "| {time} | {} |", significant(*mean));
                    for (_, interval) in &intervals {
                        let ends = [interval.low[step], interval.high[step]].map(significant);
                        let _ = write!(text, " {} | {} |", ends[0], ends[1]);
                    }
                    text.push('\n');
                }
                text + "\n"
            }
        }
    }

    /// What stands after the last series.
    #[must_use]
    pub fn end(&self) -> String {
        match self.form {
            Form::Json => "\n]\n".to_owned(),
            Form::Csv | Form::Markdown => String::new(),
        }
    }
}

/// Rows of the terminal's tables; the other outputs have all.
const ROWS: usize = 40;

/// Several series for a terminal, one row each; `total` of them were forecast.
#[must_use]
pub fn overview(series: &[SeriesAhead], total: usize) -> String {
    let mut grid = Table::new();
    grid.load_style(NOTHING);
    grid.set_header([
        "Series",
        "Values",
        "Every",
        "Seasons",
        "Last",
        "Mean ahead",
        "80% at the end",
    ]);
    for series in series.iter().take(ROWS) {
        let seasons: Vec<String> = series.seasons().iter().map(ToString::to_string).collect();
        let interval = series.interval(0.8);
        let last = interval.low.len() - 1;
        grid.add_row([
            plain(&series.id),
            series.measured.len().to_string(),
            series.frequency.to_string(),
            if seasons.is_empty() { "–".to_owned() } else { seasons.join(", ") },
            significant(series.measured[series.measured.len() - 1]),
            significant(crate::draws::mean(series.mean())),
            format!("{} to {}", significant(interval.low[last]), significant(interval.high[last])),
        ]);
    }
    for column in [1, 4, 5, 6] {
        if let Some(column) = grid.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = trimmed(&grid);
    if total > ROWS {
        let _ = writeln!(text, "… and {} more; `--format csv` writes them all", total - ROWS);
    }
    text
}

/// One series for a terminal: a chart of its end and what follows, and the first steps in figures.
#[must_use]
pub fn single(series: &SeriesAhead, width: usize, color: Color) -> String {
    let mut text = terminal::series_chart(series, width, color);
    let members: Vec<String> = series
        .members()
        .iter()
        .take(4)
        .map(|(name, weight)| format!("{name} {:.0}%", weight * 100.0))
        .collect();
    let seasons: Vec<String> = series.seasons().iter().map(ToString::to_string).collect();
    let seasons = match &seasons[..] {
        [] => "no season".to_owned(),
        [one] => format!("a season of {one} steps"),
        several => format!("seasons of {} steps", several.join(" and ")),
    };
    text.push_str(&terminal::wrap(
        &format!(
            "{} values, {} apart; {seasons}. Weights: {}.",
            series.measured.len(),
            series.frequency,
            members.join(", ")
        ),
        width,
    ));
    text.push_str("\n\n");
    let mut grid = Table::new();
    grid.load_style(NOTHING);
    grid.set_header(["Time", "Mean", "80% low", "80% high", "95% low", "95% high"]);
    let (narrow, wide) = (series.interval(0.8), series.interval(0.95));
    for (step, (time, mean)) in series.times.iter().zip(series.mean()).take(ROWS).enumerate() {
        let figures = [*mean, narrow.low[step], narrow.high[step], wide.low[step], wide.high[step]];
        let mut row = vec![time.clone()];
        row.extend(figures.map(significant));
        grid.add_row(row);
    }
    for column in grid.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    text.push_str(&trimmed(&grid));
    if series.times.len() > ROWS {
        let more = series.times.len() - ROWS;
        let _ = writeln!(text, "… and {more} more steps; `--format csv` writes them all");
    }
    text
}

/// A grid's lines without blanks at their ends.
pub(super) fn trimmed(grid: &Table) -> String {
    grid.to_string().lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

/// A name as a CSV cell, with quotes where it needs them. It joins with the input as it is, unless a spreadsheet
/// would take it for a formula: then an apostrophe stands before it.
pub(super) fn quoted(text: &str) -> String {
    let text = super::csv::text(text);
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}
