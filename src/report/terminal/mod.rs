//! The report's tables and charts for a terminal: no grid, figures to the right, readable without colour.
//!
//! Tables hold the same cells as the report and end with their scale and as-of. Styles are ANSI escapes,
//! written only when asked for; text of the plan cannot hold any.

pub(in crate::report) mod chart;
mod gantt;
mod heat_map;

use comfy_table::presets::NOTHING;
use comfy_table::{
    Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table as Grid, Width,
};

pub use chart::{cost_chart, need_chart, series_chart};
pub use gantt::gantt;
pub use heat_map::heat_map;

use super::document::{
    Align, RowKind, Single, Table, procurement as orders_words, single, verdict,
};
use super::format::{self, MoneyFormat};
use super::prose;
use super::template::{Made, Templates};
use super::view::BudgetView;

/// Whether to write ANSI styles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// Text alone.
    Plain,
    /// Bold, dim, red, yellow.
    Ansi,
}

/// A style, as the parameter of its escape sequence.
#[derive(Debug, Clone, Copy)]
pub(in crate::report) enum Style {
    Bold,
    Dim,
    Red,
    Yellow,
}

impl Color {
    pub(in crate::report) fn paint(self, style: Style, text: &str) -> String {
        let code = match style {
            Style::Bold => 1,
            Style::Dim => 2,
            Style::Red => 31,
            Style::Yellow => 33,
        };
        match self {
            Self::Plain => text.to_owned(),
            Self::Ansi => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
        }
    }
}

/// The verdict in two sentences, broken at `width` columns.
///
/// # Errors
/// If a template of the plan fails.
pub fn verdict_text(view: &BudgetView, templates: &Templates, width: usize) -> Made<String> {
    Ok(wrap(&prose::to_text(&templates.prose(&verdict(view))?), width))
}

/// Cost by category and fiscal period, with budget and variance.
#[must_use]
pub fn forecast_table(view: &BudgetView, width: usize, color: Color) -> String {
    table(view, Single::Forecast, width, color)
}

/// Every budget with its outcome.
#[must_use]
pub fn budgets_table(view: &BudgetView, width: usize, color: Color) -> String {
    table(view, Single::Budgets, width, color)
}

/// What every team bears.
#[must_use]
pub fn chargeback_table(view: &BudgetView, width: usize, color: Color) -> String {
    table(view, Single::Chargeback, width, color)
}

/// What every workload is asked for and costs.
#[must_use]
pub fn demand_table(view: &BudgetView, width: usize, color: Color) -> String {
    table(view, Single::Demand, width, color)
}

/// Budgets and policies, failures first.
#[must_use]
pub fn gates_table(view: &BudgetView, width: usize, color: Color) -> String {
    table(view, Single::Gates, width, color)
}

/// The base and its scenarios side by side.
#[must_use]
pub fn scenarios_table(view: &BudgetView, width: usize, color: Color) -> String {
    table(view, Single::Scenarios, width, color)
}

/// What to buy and when: in words, as a table, along the calendar, with its cash and what else there is.
///
/// # Errors
/// If a template of the plan fails.
pub fn procurement(
    view: &BudgetView,
    templates: &Templates,
    width: usize,
    color: Color,
) -> Made<String> {
    let Some(procurement) = &view.procurement else { return Ok(String::new()) };
    let words = orders_words(view).map(|words| templates.prose(&words)).transpose()?;
    let words = words.unwrap_or_default();
    let mut parts = vec![wrap(&prose::to_text(&words), width) + "\n"];
    if !procurement.orders.is_empty() {
        parts.push(table(view, Single::Orders, width, color));
    }
    parts.extend(gantt(view, width, color));
    if procurement.orders_anything() {
        parts.push(table(view, Single::OrderCash, width, color));
    }
    if !procurement.limits.is_empty() {
        parts.push(table(view, Single::Limits, width, color));
    }
    if !procurement.promised.is_empty() {
        parts.push(table(view, Single::Promised, width, color));
    }
    if procurement.spend.is_some() {
        parts.push(table(view, Single::SpendOrders, width, color));
    }
    if !view.spends.is_empty() {
        parts.push(table(view, Single::Spends, width, color));
    }
    if !procurement.expiries.is_empty() {
        parts.push(table(view, Single::Expiries, width, color));
    }
    if procurement.weighs_alternatives() {
        parts.push(table(view, Single::Alternatives, width, color));
    }
    Ok(parts.join("\n"))
}

fn table(view: &BudgetView, which: Single, width: usize, color: Color) -> String {
    let table = single(view, which);
    let footer = footer(view, &table.caption);
    let footer = periods(&table).map_or(footer.clone(), |periods| format!("{periods} {footer}"));
    printed(&table, &footer, width, color)
}

/// A table under its title, with its notes and a last line that says how its figures are meant.
pub(super) fn printed(table: &Table, footer: &str, width: usize, color: Color) -> String {
    let mut text = color.paint(Style::Bold, &table.title);
    text.push('\n');
    let grid = if table.rows.is_empty() { String::new() } else { grid(table, width) };
    for line in grid.lines() {
        let line = line.trim_end();
        text.push_str(&painted(line, color));
        text.push('\n');
    }
    for note in &table.notes {
        text.push_str(&wrap(note, width));
        text.push('\n');
    }
    text.push_str(&color.paint(Style::Dim, &wrap(footer, width)));
    text.push('\n');
    text
}

/// What begins a line that stands below a row instead of in a column.
const BELOW: char = '\u{1}';

/// The cells of a table in columns; rows of totals under a line. Where there is no room, trends go, and sentences
/// of the last column stand below their rows.
fn grid(table: &Table, width: usize) -> String {
    const TREND_WIDTH: usize = 100;
    let is_trend = |index: usize| {
        table
            .rows
            .first()
            .and_then(|row| row.cells.get(index))
            .is_some_and(|cell| cell.svg.is_some())
    };
    let mut shown: Vec<usize> = (0..table.columns.len())
        .filter(|index| width >= TREND_WIDTH || !is_trend(*index))
        .collect();
    let last = shown.last().copied().filter(|last| table.columns[*last].align == Align::Wrapped);
    let below = last.filter(|_| least_width(table, &shown) > width);
    shown.retain(|index| below != Some(*index));
    let mut grid = Grid::new();
    grid.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    grid.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    grid.set_header(shown.iter().map(|index| Cell::new(&table.columns[*index].head)));
    let mut has_total = false;
    for (number, row) in table.rows.iter().enumerate() {
        if row.kind == RowKind::Total && !has_total {
            has_total = true;
            let rules = shown.iter().map(|index| match table.columns[*index].align {
                Align::Number => Cell::new(rule(&row.cells[*index].text)),
                Align::Text | Align::Wrapped => Cell::new(""),
            });
            grid.add_row(rules);
        }
        grid.add_row(shown.iter().map(|index| Cell::new(&row.cells[*index].text)));
        if below.is_some_and(|below| !row.cells[below].text.is_empty()) {
            grid.add_row([Cell::new(format!("{BELOW}{number}"))]);
        }
    }
    let fits = least_width(table, &shown) <= width;
    for (place, index) in shown.iter().enumerate() {
        let least = u16::try_from(least_width(table, &[*index])).unwrap_or(u16::MAX);
        let alignment = match table.columns[*index].align {
            Align::Number => CellAlignment::Right,
            Align::Text | Align::Wrapped => CellAlignment::Left,
        };
        if let Some(column) = grid.column_mut(place) {
            column.set_cell_alignment(alignment);
            if fits {
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
            }
            column.set_padding(if place == 0 { (0, 1) } else { (1, 1) });
        }
    }
    let text = grid.to_string();
    let Some(below) = below else { return text };
    let line = |line: &str| {
        let Some(number) = line.trim().strip_prefix(BELOW) else { return line.to_owned() };
        let row = number.parse().ok().and_then(|number: usize| table.rows.get(number));
        let text = row.map_or("", |row| row.cells[below].text.as_str());
        let indented = |line: &str| format!("    {line}");
        wrap(text, width.saturating_sub(4)).lines().map(indented).collect::<Vec<_>>().join("\n")
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The least width at which no word of these columns is broken.
fn least_width(table: &Table, columns: &[usize]) -> usize {
    let longest = |text: &str| text.split_whitespace().map(|word| word.chars().count()).max();
    let of = |column: &usize| {
        let cells = table.rows.iter().filter_map(|row| longest(&row.cells[*column].text));
        cells.chain(longest(&table.columns[*column].head)).max().unwrap_or(0) + 2
    };
    columns.iter().map(of).sum()
}

/// Which months the fiscal periods of the head are.
fn periods(table: &Table) -> Option<String> {
    let periods = table.columns.iter().filter_map(|column| {
        column.under.as_ref().map(|months| format!("{} {months}", column.head))
    });
    let periods: Vec<String> = periods.collect();
    (!periods.is_empty()).then(|| format!("{}.", periods.join("; ")))
}

/// A line above a total, as wide as its figure.
fn rule(text: &str) -> String {
    "─".repeat(text.chars().count())
}

/// Colours a line by its own words, which say the same without.
fn painted(line: &str, color: Color) -> String {
    if line.contains("✗ ") || line.contains("fails at") {
        color.paint(Style::Red, line)
    } else if line.contains("! warns") || line.contains("! waived") {
        color.paint(Style::Yellow, line)
    } else if line.starts_with("Total") {
        color.paint(Style::Bold, line)
    } else {
        line.to_owned()
    }
}

/// What a figure is in, and of which day and revision.
fn footer(view: &BudgetView, caption: &str) -> String {
    let revision = view.provenance.revision.as_deref().map_or_else(String::new, |revision| {
        let commit: String = format::plain(revision).chars().take(7).collect();
        format!(", plan {commit}")
    });
    let caption = caption.trim_end_matches('.');
    let scale = MoneyFormat::of(view).words();
    let scale =
        if caption.contains(&scale) { String::new() } else { format!("Amounts in {scale}. ") };
    format!("{scale}{caption}. As of {}{revision}.", view.provenance.as_of)
}

/// Breaks text at spaces so that no line is longer than `width`, unless a word is.
pub(super) fn wrap(text: &str, width: usize) -> String {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{Words, report};

    #[test]
    fn tables_and_charts_fit_eighty_columns() {
        let view = report(&Words::default());
        for text in [
            forecast_table(&view, 80, Color::Plain),
            need_chart(&view, "gpu-serving", 80, Color::Plain).unwrap(),
            need_chart(&view, "cpu-web", 80, Color::Plain).unwrap(),
            cost_chart(&view, 80, Color::Plain),
            verdict_text(&view, &Templates::built_in(), 80).unwrap(),
        ] {
            let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= 80, "{widest}\n{text}");
        }
    }

    #[test]
    fn every_table_ends_with_its_scale_and_as_of() {
        let view = report(&Words::default());
        for table in [
            forecast_table(&view, 100, Color::Plain),
            gates_table(&view, 100, Color::Plain),
            chargeback_table(&view, 120, Color::Plain),
        ] {
            let flat = table.replace('\n', " ");
            assert!(flat.contains("US$ thousands") && flat.contains("As of 2026-11-23"), "{table}");
        }
    }

    #[test]
    fn colours_come_only_when_asked_for_and_never_from_the_plan() {
        let hostile = Words { team: "red\u{1b}[31mteam".to_owned(), ..Words::default() };
        let view = report(&hostile);
        assert!(!chargeback_table(&view, 120, Color::Plain).contains('\u{1b}'));
        assert!(
            gates_table(&view, 120, Color::Ansi).contains("\u{1b}[31m✗")
                || gates_table(&view, 120, Color::Ansi).contains("\u{1b}[31m")
        );
        assert!(!chargeback_table(&view, 120, Color::Ansi).contains("\u{1b}[31mteam"));
    }
}
