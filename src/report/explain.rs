//! An explanation as people and machines read it: a tree as a table, Markdown, JSON.
//!
//! Amounts are printed so that the parts of a step come to it as printed; what is small goes together as
//! "and N more" with its sum. Nothing is explained or computed here.

use serde_json::json;

use super::format;
use super::page::markdown::{self, Flavour};
use super::page::{Block, Column, Line, Page, Row, RowKind, Table, plan, strong, text, words};
use super::template::{Made, Templates};
use super::view::{FigureView, StepView};
use crate::cost::statement::footed;
use crate::explain::Step;
use crate::explain::sensitivity::Mover;
use crate::money::{Currency, Decimal, quantised};
use crate::source::Sources;

/// What is shown.
#[derive(Debug, Clone, Copy)]
pub struct Explained<'a> {
    /// The question, as asked.
    pub question: &'a str,
    /// The answer.
    pub step: &'a Step,
    /// What moves it, the strongest first.
    pub movers: &'a [Mover],
    /// The plan's files.
    pub sources: &'a Sources,
    /// The currency of its amounts.
    pub currency: Currency,
    /// The day, the draws: where it comes from.
    pub provenance: &'a str,
}

/// How much is shown.
#[derive(Debug, Clone, Copy)]
pub struct Depth {
    /// Steps below the figure.
    pub levels: usize,
    /// Parts of one step that are shown by themselves.
    pub parts: usize,
}

/// At most so many assumptions are shown where none is held.
const MOVERS: usize = 10;

/// For a terminal.
#[must_use]
pub fn table(of: Explained<'_>, depth: Depth, width: usize) -> String {
    text::render(&page(of, depth), width)
}

/// As Markdown.
///
/// # Errors
/// If a template of the plan fails.
pub fn markdown(of: Explained<'_>, depth: Depth, templates: &Templates) -> Made<String> {
    markdown::render(&page(of, depth), Flavour::Plain, "explanation", templates)
}

/// As JSON: everything, with exact amounts of six places.
#[must_use]
pub fn json(of: Explained<'_>) -> String {
    let movers = of.movers.iter().map(|mover| {
        json!({
            "assumption": mover.key,
            "place": of.sources.place(mover.origin),
            "rank_correlation": round(mover.correlation),
            "median_in_lowest_fifth": cents(mover.swing.0),
            "median_in_highest_fifth": cents(mover.swing.1),
            "median_held_low": mover.held.map(|held| cents(held.0)),
            "median_held_high": mover.held.map(|held| cents(held.1)),
        })
    });
    let value = json!({
        "question": of.question,
        "currency": of.currency,
        "answer": StepView::from(of.step),
        "sensitivity": movers.collect::<Vec<_>>(),
        "provenance": of.provenance,
    });
    format!("{value:#}\n")
}

fn round(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn cents(value: f64) -> String {
    format!("{:.2}", quantised(value).round_dp(2))
}

fn page(of: Explained<'_>, depth: Depth) -> Page {
    let shown = rows(&StepView::from(of.step), depth);
    let rows = shown.into_iter().map(page_row).collect();
    let columns = vec![
        ("What".to_owned(), Column::Words),
        (format!("{} or unit", format::symbol(of.currency)), Column::Figures),
        ("How".to_owned(), Column::Words),
        ("Line of the plan".to_owned(), Column::Words),
    ];
    let mut blocks = vec![Block::Table(Table { columns, rows })];
    if !of.movers.is_empty() {
        blocks.push(Block::Heading(vec![words("What moves it")]));
        blocks.push(Block::Table(movers(of)));
        let text = if is_held(of) {
            "Exact: the median of the figure with the assumption held at its p10 and at its p90, all else varying; the \
             plan was run again for each. Of a chance: where it does not come true, and where it does. Rank correlation \
             over the draws."
        } else {
            "Estimated from the draws: the median where the assumption lies in its lowest and in its highest fifth. Rank \
             correlation over the draws. With `--hold 10` the plan is run again for each."
        };
        blocks.push(Block::Small(vec![words(text)]));
    }
    blocks.push(Block::Small(vec![words(of.provenance.to_owned())]));
    Page { marker: None, title: vec![plan(of.question.to_owned())], blocks }
}

fn rounded(amount: Decimal, places: u32) -> Decimal {
    let away = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
    amount.round_dp_with_strategy(places, away)
}

/// A step as a row: its words apart from those of the plan.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    /// How far below the figure.
    pub(super) level: usize,
    /// What it is, text of the plan.
    pub(super) what: String,
    /// How much, formatted.
    pub(super) amount: String,
    /// Its unit, text of the plan.
    pub(super) unit: String,
    /// How it follows, text of the plan.
    pub(super) how: String,
    /// Its place.
    pub(super) place: Option<String>,
}

/// A figure and what is below it as rows, whose amounts foot as printed.
pub(super) fn rows(step: &StepView, depth: Depth) -> Vec<Shown> {
    let worth = step.worth().decimal();
    let places = if worth.abs() < Decimal::from(10_000) { 2 } else { 0 };
    let mut rows = Vec::new();
    show(step, rounded(worth, places), places, 0, depth, &mut rows);
    rows
}

/// Adds a step and what is below it.
fn show(
    step: &StepView,
    printed: Decimal,
    places: u32,
    level: usize,
    depth: Depth,
    rows: &mut Vec<Shown>,
) {
    let (amount, unit) = match &step.amount {
        None => (String::new(), String::new()),
        Some(FigureView::Money { .. }) => (money(printed, places), String::new()),
        Some(FigureView::Quantity { median, p10, p90, unit }) => {
            // Bytes are scaled; every other unit is counted as it is.
            let (scale, unit) = if unit.starts_with("byte") {
                let (scaled, prefix) = format::si(*median);
                let unit = unit.replacen("byte", "B", 1);
                (if scaled == 0.0 { 1.0 } else { median / scaled }, format!("{prefix}{unit}"))
            } else {
                (1.0, unit.clone())
            };
            let range = p10.zip(*p90).map_or_else(String::new, |(low, high)| {
                format!(" ({} to {})", count(low / scale), count(high / scale))
            });
            (format!("{}{range} ", count(median / scale)), unit)
        }
    };
    rows.push(Shown {
        level,
        what: step.what.clone(),
        amount,
        unit,
        how: step.how.clone(),
        place: step.place.clone(),
    });
    if level >= depth.levels {
        return;
    }
    let more = |count: usize, amount: String| Shown {
        level: level + 1,
        what: format!("and {count} more"),
        amount,
        unit: String::new(),
        how: String::new(),
        place: None,
    };
    let exact: Vec<Decimal> = step.parts.iter().map(|part| part.worth().decimal()).collect();
    let parts = footed(&exact, printed, places);
    let shown = if step.parts.len() <= depth.parts + 1 { step.parts.len() } else { depth.parts };
    for (part, printed) in step.parts.iter().zip(&parts).take(shown) {
        show(part, *printed, places, level + 1, depth, rows);
    }
    let rest = &parts[shown..];
    if !rest.is_empty() {
        rows.push(more(rest.len(), money(rest.iter().sum(), places)));
    }
    let shown =
        if step.because.len() <= depth.parts + 1 { step.because.len() } else { depth.parts };
    for reason in &step.because[..shown] {
        let worth = rounded(reason.worth().decimal(), places);
        show(reason, worth, places, level + 1, depth, rows);
    }
    if step.because.len() > shown {
        rows.push(more(step.because.len() - shown, String::new()));
    }
}

fn page_row(shown: Shown) -> Row {
    let what = if shown.level == 0 {
        vec![strong(shown.what.replace(['*', '_', '|', '<', '`', '@'], " "))]
    } else {
        vec![words(format!("{} ", "· ".repeat(shown.level).trim_end())), plan(shown.what)]
    };
    let mut amount = vec![words(shown.amount)];
    if !shown.unit.is_empty() {
        amount.push(plan(shown.unit));
    }
    let place = shown.place.map_or_else(Line::new, |place| vec![plan(place)]);
    Row { cells: vec![what, amount, vec![plan(shown.how)], place], kind: RowKind::Plain }
}

/// Whether assumptions were held.
fn is_held(of: Explained<'_>) -> bool {
    of.movers.iter().any(|mover| mover.held.is_some())
}

fn movers(of: Explained<'_>) -> Table {
    let (low, high) =
        if is_held(of) { ("At its p10", "At its p90") } else { ("Lowest fifth", "Highest fifth") };
    let columns = vec![
        ("Assumption".to_owned(), Column::Words),
        ("Correlation".to_owned(), Column::Figures),
        (low.to_owned(), Column::Figures),
        (high.to_owned(), Column::Figures),
        ("Line of the plan".to_owned(), Column::Words),
    ];
    let amount = |value: f64| vec![words(money(rounded(quantised(value), 0), 0))];
    let shown = of.movers.iter().filter(|mover| mover.held.is_some()).count();
    let shown = if shown == 0 { MOVERS } else { shown };
    let rows = of.movers.iter().take(shown).map(|mover| Row {
        cells: vec![
            vec![plan(mover.key.clone())],
            vec![words(format!("{:+.2}", mover.correlation).replace('-', "−"))],
            amount(mover.low_and_high().0),
            amount(mover.low_and_high().1),
            vec![plan(of.sources.place(mover.origin))],
        ],
        kind: RowKind::Plain,
    });
    let mut rows: Vec<Row> = rows.collect();
    let more = of.movers.len().saturating_sub(shown);
    if more > 0 {
        let mut cells = vec![vec![words(format!("and {more} that move it less"))]];
        cells.resize(5, Line::new());
        rows.push(Row { cells, kind: RowKind::Rest });
    }
    Table { columns, rows }
}

fn money(amount: Decimal, places: u32) -> String {
    if amount.is_zero() {
        return format::NONE.to_owned();
    }
    let text = format!("{:.*}", places as usize, amount.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let point = if rest.is_empty() { "" } else { "." };
    let text = format!("{}{point}{rest}", format::grouped_digits(whole));
    if amount.is_sign_negative() { format!("({text})") } else { text }
}

fn count(value: f64) -> String {
    format::significant(value)
}
