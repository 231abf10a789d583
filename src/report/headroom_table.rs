//! Headroom for every output of the command: tables and weeks for a terminal, JSON, CSV, Markdown.

use std::fmt::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, ContentArrangement, Table as Grid};

use super::csv::{self, Csv};
use super::document::headroom::{bottlenecks, causes, cure, driver, resources};
use super::document::{Align, Table};
use super::format;
use super::prose;
use super::series::trimmed;
use super::terminal::{self, Color};
use super::view::HeadroomView;
use crate::calendar::Date;

/// Pools whose week is shown, the tightest first, where none was asked for by name.
const SHOWN: usize = 3;

/// Keeps only the pool called `name`.
///
/// # Errors
/// Where no pool of nodes has that name, in words that list what there is.
pub fn only(views: Vec<HeadroomView>, name: Option<&str>) -> Result<Vec<HeadroomView>, String> {
    let Some(name) = name else { return Ok(views) };
    if !views.iter().any(|view| view.pool == name) {
        let names: Vec<&str> = views.iter().map(|view| view.pool.as_str()).collect();
        return Err(format!("no pool of nodes is called `{name}`; there is {}", names.join(", ")));
    }
    Ok(views.into_iter().filter(|view| view.pool == name).collect())
}

/// For a terminal so many columns wide.
#[must_use]
pub fn table(views: &[HeadroomView], as_of: Date, width: usize, color: Color) -> String {
    let mut out = grid(&bottlenecks(views));
    for view in views {
        let name = format::plain(&view.pool);
        if let Some(found) = &view.driver {
            out.push('\n');
            out.push_str(&terminal::wrap(&format!("{name}: driven by {}", driver(found)), width));
            out.push('\n');
        }
        for found in &view.cures {
            out.push_str(&terminal::wrap(&format!("  cure: {}", cure(found)), width));
            out.push('\n');
        }
    }
    out.push('\n');
    out.push_str(&grid(&resources(views)));
    let mut tight: Vec<&HeadroomView> =
        views.iter().filter(|view| view.level_max() > 0 || views.len() == 1).collect();
    tight.retain(|view| !view.week.is_empty());
    tight.sort_by(|a, b| {
        b.short_chance.total_cmp(&a.short_chance).then(b.level_max().cmp(&a.level_max()))
    });
    for view in tight.into_iter().take(SHOWN) {
        out.push('\n');
        out.push_str(&terminal::heat_map(view, color));
    }
    out.push('\n');
    for line in caption(views, as_of).lines() {
        let _ = writeln!(out, "{}", terminal::wrap(line, width));
    }
    out
}

fn grid(table: &Table) -> String {
    let mut grid = Grid::new();
    grid.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    grid.set_header(table.columns.iter().map(|column| column.head.clone()));
    let mut before = String::new();
    for row in &table.rows {
        let mut cells: Vec<String> = row.cells.iter().map(|cell| cell.text.clone()).collect();
        if cells[0] == before {
            cells[0].clear();
        } else {
            before.clone_from(&cells[0]);
        }
        grid.add_row(cells);
    }
    for (column, of) in grid.column_iter_mut().zip(&table.columns) {
        if of.align == Align::Number {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    trimmed(&grid)
}

fn caption(views: &[HeadroomView], as_of: Date) -> String {
    let confidence = views.first().map_or(0.95, |view| view.confidence);
    format!(
        "As of {as_of}. Missing: nodes in the worst hour at {0} confidence. Short: the first day on which nodes are missing in more draws than that allows; past what exists: the first month.\nRequested and used: of what was supplied in the tightest month. Saturation: p95 of the busiest hour against what can run. Errors: draws in which nodes are missing. Weeks: need as a share of what can run, at {0} confidence.",
        format::stated_percent(confidence)
    )
}

/// As JSON: the whole of it, every month and every hour of the tightest week.
#[must_use]
pub fn json(views: &[HeadroomView]) -> String {
    let text = serde_json::to_string_pretty(views);
    text.map_or_else(|error| format!("{{\"error\":\"{error}\"}}\n"), |text| text + "\n")
}

/// As CSV: one row a pool and month.
#[must_use]
pub fn csv(views: &[HeadroomView]) -> String {
    let mut csv = Csv::default();
    let heads =
        ["pool", "month", "confidence", "need", "existing", "available", "short_chance", "missing"];
    csv.row(&heads.map(str::to_owned));
    for view in views {
        for month in &view.months {
            csv.row(&[
                csv::text(&view.pool),
                month.month.to_string(),
                figure(view.confidence),
                figure(month.need),
                figure(month.existing),
                month.available.map_or_else(String::new, figure),
                figure(month.short_chance),
                figure(month.missing),
            ]);
        }
    }
    csv.text
}

/// A figure for machines: six places are more than a forecast knows.
fn figure(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// As Markdown: bottlenecks, what drives and cures them, then every resource.
#[must_use]
pub fn markdown(views: &[HeadroomView], as_of: Date) -> String {
    let mut out = String::new();
    for table in [bottlenecks(views), causes(views), resources(views)] {
        let heads: Vec<&str> = table.columns.iter().map(|column| column.head.as_str()).collect();
        let rule: String = table
            .columns
            .iter()
            .map(|column| if column.align == Align::Number { "--:|" } else { "---|" })
            .collect();
        let _ = writeln!(out, "### {}\n\n| {} |\n|{rule}", table.title, heads.join(" | "));
        for row in &table.rows {
            let cells: Vec<String> =
                row.cells.iter().map(|cell| prose::escape(&cell.text)).collect();
            let _ = writeln!(out, "| {} |", cells.join(" | "));
        }
        out.push('\n');
    }
    out + &caption(views, as_of) + "\n"
}
