//! The report as Markdown: GitHub's tables, prose, and the data of every chart folded under its finding.

use handlebars::Handlebars;

use super::document::{Document, Single, Table, document, procurement as words, single};
use super::prose::{escape, or_bug};
use super::view::BudgetView;

/// The page and its parts, by name.
const TEMPLATES: [(&str, &str); 4] = [
    ("report", include_str!("../../templates/markdown/report.md.hbs")),
    ("block", include_str!("../../templates/markdown/block.md.hbs")),
    ("figure", include_str!("../../templates/markdown/figure.md.hbs")),
    ("table", include_str!("../../templates/markdown/table.md.hbs")),
];

/// Renders a report as Markdown. Text of the plan shows as text: no link, mention, HTML or table cell.
///
/// # Panics
/// If a template of this program is wrong, which its tests exclude.
#[must_use]
pub fn render(view: &BudgetView) -> String {
    page(&document(view))
}

/// Any document as Markdown.
pub(super) fn page(document: &Document) -> String {
    let page = or_bug(registry().render("report", document));
    format!("{}\n", page.trim_end())
}

/// How well each history would have been forecast, as one table.
///
/// # Panics
/// If a template of this program is wrong, which its tests exclude.
#[must_use]
pub fn accuracy(view: &BudgetView) -> String {
    table(&single(view, Single::Accuracy))
}

/// A table that stands on its own.
pub(super) fn table(table: &Table) -> String {
    let text = or_bug(registry().render("table", table));
    format!("{}\n", text.trim())
}

/// What to buy and when: words and tables.
///
/// # Panics
/// If a template of this program is wrong, which its tests exclude.
#[must_use]
pub fn procurement(view: &BudgetView) -> String {
    let mut parts: Vec<String> = words(view).into_iter().collect();
    for which in [
        Single::Orders,
        Single::OrderCash,
        Single::Limits,
        Single::SpendOrders,
        Single::Spends,
        Single::Expiries,
        Single::Alternatives,
    ] {
        let table = single(view, which);
        if !table.rows.is_empty() {
            parts.push(self::table(&table).trim().to_owned());
        }
    }
    parts.join("\n\n") + "\n"
}

fn registry() -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.set_prevent_indent(true);
    registry.register_escape_fn(escape);
    for (name, template) in TEMPLATES {
        or_bug(registry.register_template_string(name, template));
    }
    registry
}
