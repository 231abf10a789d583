//! Runs as they really go: where their hours go, what stops them, and a better interval between checkpoints.

use super::{Align, Block, Cell, RowKind, Section, Table, Tone, cell, plain};
use crate::report::format;
use crate::report::prose;
use crate::report::view::{BudgetView, RunView};

/// A miss that is less likely is not marked.
const LATE_MIN: f64 = 0.05;

pub(super) fn section(view: &BudgetView) -> Option<Section> {
    if view.runs.is_empty() {
        return None;
    }
    let mut blocks = vec![Block::prose(prose::render("runs", &())), Block::table(hours(view))];
    if view.runs.iter().any(|run| run.restarts > 0.0 || run.every_hours.is_some()) {
        blocks.push(Block::table(failures(view)));
    }
    Some(Section { id: "runs", heading: "Runs".to_owned(), blocks })
}

fn hours(view: &BudgetView) -> Table {
    let caption = "Hours of the first run within the horizon, means over draws; work spread over a window takes the window";
    let mut table = Table::new("runs-hours", "How long runs take", caption)
        .columns(Align::Text, &["Workload", "Run", "Starts"])
        .columns(Align::Number, &["Useful", "Checkpoints", "Rework", "Recovery", "In all"])
        .columns(Align::Number, &["p50–p90", "Deadline", "Late"]);
    for run in &view.runs {
        table.push(RowKind::Body, row(run));
    }
    table
}

fn row(run: &RunView) -> Vec<Cell> {
    let parts = [run.useful_hours, run.checkpoint_hours, run.rework_hours, run.recovery_hours];
    let tenths = parts.map(|hours| (hours * 10.0).round());
    let mut row = vec![plain(&run.workload), plain(&run.run), cell(format::day(run.starts))];
    row.extend(tenths.iter().map(|tenths| cell(format::count(tenths / 10.0))));
    // What is printed sums: the whole is that of the parts as they stand there.
    row.push(cell(format::count(tenths.iter().sum::<f64>() / 10.0)));
    let (p50, p90) = run.hours_range;
    row.push(cell(format!("{}–{}", format::count(p50), format::count(p90))));
    let deadline = run.within_hours.map(|hours| {
        let soft = if run.soft { ", soft" } else { "" };
        format!("{}{soft}", format::count(hours))
    });
    row.push(cell(deadline.unwrap_or_else(|| format::NONE.to_owned())));
    row.push(match run.late_chance {
        Some(chance) => {
            let tone = (chance >= LATE_MIN && !run.soft).then_some(Tone::Bad);
            Cell { tone, ..cell(format::chance(chance)) }
        }
        None => cell(format::NONE),
    });
    row
}

fn failures(view: &BudgetView) -> Table {
    let caption = "Restarts of the first run within the horizon; the interval is the work between two checkpoints, the best one by Daly (2006)";
    let mut table = Table::new("runs-failures", "What stops runs, and how often to save", caption)
        .columns(Align::Text, &["Workload", "Run"])
        .columns(Align::Number, &["Restarts", "Saves every", "Best", "Saved by it"])
        .columns(Align::Wrapped, &["What stops it"]);
    for run in view.runs.iter().filter(|run| run.restarts > 0.0 || run.every_hours.is_some()) {
        let none = || format::NONE.to_owned();
        let never = if run.never > 0.0 {
            format!("; it never ends in {} of draws", format::percent(run.never))
        } else {
            String::new()
        };
        table.push(
            RowKind::Body,
            vec![
                plain(&run.workload),
                plain(&run.run),
                cell(format::count(run.restarts)),
                cell(run.every_hours.map_or_else(none, interval)),
                cell(run.advice.map_or_else(none, |(every, _)| interval(every))),
                cell(
                    run.advice
                        .map_or_else(none, |(_, saves)| format!("{} h", format::count(saves))),
                ),
                cell(format!("{}{never}", format::plain(&run.because))),
            ],
        );
    }
    table
}

/// Hours, or minutes below two hours.
fn interval(hours: f64) -> String {
    if hours < 2.0 {
        format!("{} min", format::count((hours * 60.0).round()))
    } else {
        format!("{} h", format::count(hours))
    }
}
