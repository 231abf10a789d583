//! The queues of a plan, for every output of `capplan simulate kueue PLAN`.

use std::fmt::Write as _;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

use super::document::queues::HEADS;
use super::forecast_view::shortest;
use super::format::{NONE, percent, plain};
use super::kueue_view::span;
use super::series::{quoted, trimmed};
use super::terminal::wrap;
pub use super::view::queues::of as view;
use super::view::{QueueLineView, QueuesView};

fn cells(line: &QueueLineView) -> Vec<String> {
    #[expect(clippy::cast_possible_truncation, reason = "a length of time")]
    let hours = |hours: f64| span((hours * 3.6e6) as i64);
    vec![
        plain(&line.quota),
        line.priority.as_deref().map_or_else(|| NONE.to_owned(), plain),
        line.sent.to_owned(),
        format!("{:.0}", line.runs),
        hours(line.wait_p50_hours),
        hours(line.wait_p95_hours),
        if line.not_started == 0.0 { NONE.to_owned() } else { percent(line.not_started) },
        format!("{:.0}", line.held_hours),
        line.goodput.map_or_else(|| NONE.to_owned(), percent),
        format!("{:.1}", line.preemptions),
        format!("{:.0}", line.unmet_hours),
    ]
}

fn scale(view: &QueuesView) -> String {
    format!(
        "{} draws. Waits are those of the runs of all draws, a run that has not started waits to the end, \
         sessions of workspaces to the end of their day; other figures are means over the draws. Held and unmet in {}-hours.",
        view.draws, view.unit
    )
}

/// For a terminal.
#[must_use]
pub fn table(view: &QueuesView, width: usize) -> String {
    let mut grid = Table::new();
    grid.load_style(NOTHING);
    grid.set_header(HEADS);
    for line in &view.lines {
        grid.add_row(cells(line));
    }
    for column in grid.column_iter_mut().skip(3) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut text = trimmed(&grid);
    text.push('\n');
    for pool in &view.pools {
        let shares =
            pool.utilization.iter().map(|share| share.map_or_else(|| NONE.to_owned(), percent));
        let shares: Vec<String> = shares.collect();
        let line = format!("Quotas of {} used by month: {}", plain(&pool.pool), shares.join(" "));
        text.push_str(&wrap(&line, width));
        text.push('\n');
    }
    for finding in &view.findings {
        text.push_str(&wrap(&format!("* {}", plain(finding)), width));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&wrap(&scale(view), width));
    text.push('\n');
    text
}

/// As Markdown.
#[must_use]
pub fn markdown(view: &QueuesView) -> String {
    let mut text = format!(
        "| {} |\n| --- | --- | --- |{}\n",
        HEADS.join(" | "),
        " ---: |".repeat(HEADS.len() - 3)
    );
    for line in &view.lines {
        let cells: Vec<String> = cells(line).iter().map(|cell| cell.replace('|', "\\|")).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text.push('\n');
    for finding in &view.findings {
        let _ = writeln!(text, "- {finding}");
    }
    text + "\n" + &scale(view) + "\n"
}

/// As JSON.
#[must_use]
pub fn json(view: &QueuesView) -> String {
    serde_json::to_string_pretty(view).map_or_else(|_| String::new(), |text| text + "\n")
}

/// As CSV: one row a quota, priority and month.
#[must_use]
pub fn csv(view: &QueuesView) -> String {
    let mut text =
        "month,quota,priority,sent,runs,not_started,wait_p50_hours,wait_p95_hours,held_hours,goodput,\
                    preemptions,unmet_hours\n"
            .to_owned();
    for line in &view.months {
        let _ = writeln!(
            text,
            "{},{},{},{},{},{},{},{},{},{},{},{}",
            line.month.map_or_else(String::new, |month| month.to_string()),
            quoted(&line.quota),
            quoted(line.priority.as_deref().unwrap_or("")),
            line.sent,
            shortest(line.runs),
            shortest(line.not_started),
            shortest(line.wait_p50_hours),
            shortest(line.wait_p95_hours),
            shortest(line.held_hours),
            line.goodput.map_or_else(String::new, |share| shortest(share).to_string()),
            shortest(line.preemptions),
            shortest(line.unmet_hours),
        );
    }
    text
}
