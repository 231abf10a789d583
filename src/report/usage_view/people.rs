//! What was measured, for people: Markdown and the terminal, figures short and captions below.

use std::fmt::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

use super::{MeasuredView, ResourceView, Subjects, UsageView};
use crate::report::chart::sparkline;
use crate::report::format::{NONE, plain, si, significant};
use crate::report::prose;
use crate::report::series::trimmed;
use crate::report::terminal::wrap;

const MEASURED: [&str; 11] = [
    "Workload", "Metric", "Mean", "p95", "Peak", "A month", "Seasons", "Gaps", "Outliers", "Age",
    "Weeks",
];
const RESOURCES: [&str; 9] =
    ["Of", "Resource", "Mean", "p95", "Limit", "Mean %", "p95 %", "Full", "Limit of"];

/// As Markdown.
#[must_use]
pub fn markdown(view: &UsageView) -> String {
    let mut out = String::new();
    let mut table = |heads: &[&str], right: &[usize], rows: Vec<Vec<String>>| {
        let align = |column| if right.contains(&column) { "--:|" } else { "---|" };
        let line: String = (0..heads.len()).map(align).collect();
        let _ = writeln!(out, "| {} |\n|{line}", heads.join(" | "));
        for row in rows {
            // Names and units are the plan's; the rest is ours.
            let (names, figures) = row.split_at(2);
            let names: Vec<String> = names.iter().map(|name| prose::escape(name)).collect();
            let _ = writeln!(out, "| {} | {} |", names.join(" | "), figures.join(" | "));
        }
        out.push('\n');
    };
    if view.has_measured() {
        table(&MEASURED, &MEASURED_RIGHT, view.measured.iter().map(measured_cells).collect());
    }
    if !view.resources.is_empty() {
        table(&RESOURCES, &RESOURCES_RIGHT, view.resources.iter().map(resource_cells).collect());
    }
    out + &caption(view)
}

const MEASURED_RIGHT: [usize; 7] = [2, 3, 4, 5, 7, 8, 9];
const RESOURCES_RIGHT: [usize; 5] = [2, 3, 4, 5, 6];

/// For a terminal so many columns wide.
#[must_use]
pub fn table(view: &UsageView, width: usize) -> String {
    let mut out = String::new();
    if view.has_measured() {
        let rows = view.measured.iter().map(measured_cells).collect();
        out.push_str(&grid(&MEASURED, &MEASURED_RIGHT, rows));
        out.push('\n');
    }
    if !view.resources.is_empty() {
        let rows = view.resources.iter().map(resource_cells).collect();
        out.push_str(&grid(&RESOURCES, &RESOURCES_RIGHT, rows));
        out.push('\n');
    }
    for line in caption(view).lines() {
        let _ = writeln!(out, "{}", wrap(line, width));
    }
    out
}

/// Rows whose first cell repeats show it once.
fn grid(heads: &[&str], right: &[usize], rows: Vec<Vec<String>>) -> String {
    let mut grid = Table::new();
    grid.load_style(NOTHING);
    grid.set_header(heads);
    let mut before = String::new();
    for mut row in rows {
        if row[0] == before {
            row[0].clear();
        } else {
            before.clone_from(&row[0]);
        }
        grid.add_row(row);
    }
    for column in right {
        if let Some(column) = grid.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    trimmed(&grid)
}

fn measured_cells(row: &MeasuredView) -> Vec<String> {
    let (divisor, unit) = scaled(&row.unit, row.p95);
    let gaps = match (row.missing_steps, row.steps) {
        (0, _) => NONE.to_owned(),
        (missing, steps) => format!("{missing} of {steps}"),
    };
    let seasons = if row.seasons.is_empty() { NONE.to_owned() } else { row.seasons.join(", ") };
    vec![
        plain(&row.workload),
        format!("{}, {unit}", row.metric),
        significant(row.mean / divisor),
        significant(row.p95 / divisor),
        significant(row.peak / divisor),
        trend(row.trend_per_month),
        seasons,
        gaps,
        if row.outliers == 0 { NONE.to_owned() } else { row.outliers.to_string() },
        format!("{}{}", age(row.age_hours), if row.stale { "!" } else { "" }),
        sparkline::blocks(&row.recent),
    ]
}

fn resource_cells(row: &ResourceView) -> Vec<String> {
    let reference = row.limit.or(row.p95).unwrap_or(0.0);
    let (divisor, unit) = scaled(row.unit, reference);
    let number = |value: Option<f64>| {
        value.map_or_else(|| NONE.to_owned(), |value| significant(value / divisor))
    };
    let percent = |share: Option<f64>| {
        share.map_or_else(|| NONE.to_owned(), |share| format!("{:.0}%", share * 100.0))
    };
    let full = row.full_on.clone().unwrap_or_else(|| row.saturation.replace('-', " "));
    vec![
        format!("{} {}", row.of, plain(&row.name)),
        format!("{}, {unit}", row.resource),
        number(row.mean),
        number(row.p95),
        number(row.limit),
        percent(row.utilization_mean),
        percent(row.utilization_p95),
        full,
        format!("{}{}", row.limit_of, if row.bottleneck { "  ◀ bottleneck" } else { "" }),
    ]
}

/// How the figures are meant.
fn caption(view: &UsageView) -> String {
    let mut out = String::new();
    if view.has_measured() {
        let _ = writeln!(
            out,
            "As of {}. Mean, p95 and peak of all that was measured: p95 is of hours, or of the history's days, weeks \
             or months; the peak of a snapshot also of points inside an hour. A month: the line through the last 26 \
             weeks, as a share of its end. Gaps: steps without a value. Weeks: the means of the last 12.",
            view.as_of
        );
    }
    if !view.resources.is_empty() {
        let _ = writeln!(
            out,
            "Resources: the last four weeks measured, by the hour, against the limit as of {}: nodes that exist, \
             or what a workload requests. Full: when the line through the weeks' p95 reaches the limit.",
            view.as_of
        );
    }
    if view.subjects != Subjects::Workloads && !view.unmeasured_pools.is_empty() {
        let _ = writeln!(
            out,
            "Nothing was measured of the nodes of {}: a `source` with `label workload`, and `capplan pull`, do.",
            plain(&view.unmeasured_pools.join(", "))
        );
    }
    if !view.split_workloads.is_empty() {
        let _ = writeln!(
            out,
            "In several pools, so counted in none: {}.",
            plain(&view.split_workloads.join(", "))
        );
    }
    out
}

/// What to divide by so that a figure of this size is short, and the unit then.
fn scaled(unit: &str, reference: f64) -> (f64, String) {
    let Some(rest) = unit.strip_prefix("byte") else {
        return match unit.strip_suffix("/s") {
            Some(counted) if reference < 0.1 => (1.0 / 86_400.0, format!("{}/day", plain(counted))),
            _ => (1.0, plain(unit)),
        };
    };
    let (scaled, prefix) = si(reference);
    let divisor = if scaled == 0.0 { 1.0 } else { reference / scaled };
    (divisor, format!("{prefix}B{rest}"))
}

/// A share a month with its sign: `+3.2%`.
fn trend(share: Option<f64>) -> String {
    share.map_or_else(|| NONE.to_owned(), |share| format!("{:+.1}%", share * 100.0))
}

/// `5 h`, `12 d`.
pub(super) fn age(hours: i64) -> String {
    if hours < 48 { format!("{hours} h") } else { format!("{} d", hours / 24) }
}
