//! What the figures rest on: assumptions, prices, histories, notes.

use super::{Align, Block, Cell, RowKind, Section, Table, Tone, cell, optional, plain};
use crate::report::format::{self, MoneyFormat};
use crate::report::prose;
use crate::report::view::{AssumptionView, BudgetView, PriceView};

pub(super) fn section(view: &BudgetView, format: MoneyFormat) -> Section {
    let mut blocks = vec![Block::prose(prose::render("assumptions", &()))];
    if !view.assumptions.is_empty() {
        blocks.push(Block::table(assumptions(view)));
    }
    if !view.prices.is_empty() {
        blocks.push(Block::table(prices(view, format)));
    }
    Section { id: "assumptions", heading: "Assumptions".to_owned(), blocks }
}

fn assumptions(view: &BudgetView) -> Table {
    let mut table =
        Table::new("assumption-table", "Assumptions", "Numbered, as the plan states them")
            .columns(Align::Number, &["No."])
            .columns(Align::Wrapped, &["Assumption", "Value", "Source"])
            .columns(Align::Text, &["As of", "Review by", "Where"])
            .columns(Align::Wrapped, &["Note"]);
    for assumption in &view.assumptions {
        table.push(RowKind::Body, assumption_row(assumption));
    }
    table
}

fn assumption_row(assumption: &AssumptionView) -> Vec<Cell> {
    let name = format::plain(&assumption.name);
    let title = assumption.title.as_deref().map(format::plain);
    let day = |day: Option<_>| cell(day.map_or_else(|| format::NONE.to_owned(), format::day));
    let review = if assumption.overdue {
        let text = assumption.review_by.map(format::day).unwrap_or_default();
        Cell { tone: Some(Tone::Warn), ..cell(format!("{text}, overdue")) }
    } else {
        day(assumption.review_by)
    };
    vec![
        cell(assumption.number.to_string()),
        cell(title.map_or_else(|| name.clone(), |title| format!("{title} ({name})"))),
        plain(&assumption.value),
        optional(assumption.source.as_deref()),
        day(assumption.as_of),
        review,
        plain(&assumption.place),
        optional(assumption.note.as_deref()),
    ]
}

fn prices(view: &BudgetView, format: MoneyFormat) -> Table {
    let caption = format!(
        "{} for one node and one hour; reserved is the effective rate over its term; uncertain prices by their median",
        format.symbol()
    );
    let mut table = Table::new("prices", "Prices of the instance types in use", caption)
        .columns(Align::Text, &["Instance type", "Purchase", "Region"])
        .columns(Align::Number, &["Per hour"])
        .columns(Align::Text, &["As of"])
        .columns(Align::Wrapped, &["Source"]);
    for price in &view.prices {
        table.push(RowKind::Body, price_row(price));
    }
    table
}

fn price_row(price: &PriceView) -> Vec<Cell> {
    let term = price.term_months.map_or_else(String::new, |months| format!(", {months} months"));
    let uncertain = if price.uncertain { " (median)" } else { "" };
    vec![
        plain(&price.instance),
        cell(format!("{}{term}", price.purchase)),
        cell(price.region.as_deref().map_or_else(|| "every".to_owned(), format::plain)),
        cell(format!("{}{uncertain}", MoneyFormat::price(price.per_hour))),
        cell(price.as_of.map_or_else(|| format::NONE.to_owned(), format::day)),
        optional(price.source.as_deref()),
    ]
}

/// Warnings, and words that change nothing yet.
pub(super) fn notes(view: &BudgetView) -> Option<Section> {
    if view.notes.is_empty() {
        return None;
    }
    let notes = view.notes.iter().map(|note| {
        let kind = if note.warning { "Warning" } else { "Note" };
        let place = note
            .place
            .as_deref()
            .map_or_else(String::new, |place| format!(" ({})", format::plain(place)));
        let help = note
            .help
            .as_deref()
            .map_or_else(String::new, |help| format!("; {}", quoted(&format::plain(help))));
        let message = quoted(&format::plain(&note.message));
        format!("{kind}: {message}{place}{help}")
    });
    let block = Block { list: Some(notes.collect()), ..Block::default() };
    Some(Section { id: "notes", heading: "Notes".to_owned(), blocks: vec![block] })
}

/// A diagnostic's words with quotation marks for its backticks.
fn quoted(text: &str) -> String {
    let mut marks = ['“', '”'].into_iter().cycle();
    text.chars().map(|c| if c == '`' { marks.next().unwrap_or(c) } else { c }).collect()
}
