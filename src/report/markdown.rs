//! The report as Markdown: GitHub's tables, prose, and the data of every chart folded under its finding.

use super::document::{Document, Single, Table, document, procurement as words, single};
use super::prose::or_bug;
use super::template::{Made, Templates};
use super::view::BudgetView;

/// Renders a report as Markdown, with this program's own templates. Text of the plan shows as text: no link,
/// mention, HTML or table cell.
///
/// # Panics
/// If a template of this program is wrong, which its tests exclude.
#[must_use]
pub fn render(view: &BudgetView) -> String {
    let text = budget(view, &Templates::built_in());
    or_bug(text.map_err(|broken| broken.0.message))
}

/// The budget report.
pub(super) fn budget(view: &BudgetView, templates: &Templates) -> Made<String> {
    page(document(view), templates)
}

/// Any document as Markdown.
pub(super) fn page(document: Document, templates: &Templates) -> Made<String> {
    let page = templates.markdown("report", &document.written(templates)?)?;
    Ok(format!("{}\n", page.trim_end()))
}

/// How well each history would have been forecast, as one table.
///
/// # Errors
/// If a template of the plan fails.
pub fn accuracy(view: &BudgetView, templates: &Templates) -> Made<String> {
    table(&single(view, Single::Accuracy), templates)
}

/// A table that stands on its own.
pub(super) fn table(table: &Table, templates: &Templates) -> Made<String> {
    let text = templates.markdown("table", table)?;
    Ok(format!("{}\n", text.trim()))
}

/// What to buy and when: words and tables.
///
/// # Errors
/// If a template of the plan fails.
pub fn procurement(view: &BudgetView, templates: &Templates) -> Made<String> {
    let words = words(view).map(|words| templates.prose(&words)).transpose()?;
    let mut parts: Vec<String> = words.into_iter().collect();
    for which in [
        Single::Orders,
        Single::OrderCash,
        Single::Limits,
        Single::Promised,
        Single::SpendOrders,
        Single::Spends,
        Single::Expiries,
        Single::Alternatives,
    ] {
        let table = single(view, which);
        if !table.rows.is_empty() {
            parts.push(self::table(&table, templates)?.trim().to_owned());
        }
    }
    Ok(parts.join("\n\n") + "\n")
}
