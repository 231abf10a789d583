//! What the workbook is of, what it comes to, and whether it holds.

use super::Books;
use super::checks::Checks;
use super::sheet::{Kind, Look, Sheet};
use super::summary::Summary;
use crate::money::to_f64;
use crate::report::{document, format};

pub(super) fn sheet<'a>(
    books: &Books<'a>,
    summary: &Summary<'_>,
    checks: &Checks<'_>,
) -> Sheet<'a> {
    let view = books.view;
    let provenance = &view.provenance;
    let months = format::months(view.first_month(), view.last_month());
    let title = format!("{}: capacity budget, {months}", format::plain(&view.plan));
    let caption = format!(
        "Amounts in {} ({}), amortised means unless stated. Black figures are formulas, blue ones come from the plan.",
        format::symbol(view.currency),
        view.currency
    );
    let mut sheet = Sheet::new("Cover", &title, &caption, books.formats);
    sheet.block(2, (0, 4), 62, books.verdict);
    let mut row = 4;
    sheet.text(row, 0, "Forecast");
    let formula = format!("={}", summary.total.place);
    sheet.made(row, 1, &formula, summary.total.amount, Look::Made);
    sheet.text(row + 1, 0, "p10 to p90");
    sheet.amount(row + 1, 1, view.cost.total.p10);
    sheet.amount(row + 1, 2, view.cost.total.p90);
    row += 2;
    if let Some((budget, variance)) = &summary.against {
        sheet.text(row, 0, "Budget");
        sheet.made(row, 1, &format!("={}", budget.place), budget.amount, Look::Made);
        sheet.text(row + 1, 0, "Variance");
        sheet.made(row + 1, 1, &format!("={}", variance.place), variance.amount, Look::Made);
        row += 2;
    }
    sheet.text(row, 0, "Cash paid");
    let cash = books.lines.cash(None);
    sheet.made_figure(
        (row, 1),
        "=SUM(Lines[Cash])",
        to_f64(cash.decimal()),
        (Kind::Amount, Look::Made),
    );
    sheet.text(row + 1, 0, "Checks");
    sheet.made_text(row + 1, 1, &checks.verdict.0, checks.verdict.1);
    row += 3;
    let revision = provenance.revision.as_deref().unwrap_or("outside git");
    let prices = view.price_dates.map_or_else(
        || "no price has a date".to_owned(),
        |dates| format!("{} to {}", format::day(dates.oldest), format::day(dates.newest)),
    );
    let fiscal = format!("month {}", view.fiscal_year_starts);
    let facts = [
        ("As of", provenance.as_of.to_string()),
        ("Plan revision", revision.to_owned()),
        ("Scenario", "base".to_owned()),
        ("Fiscal years start in", fiscal),
        ("Prices read", prices),
        ("Draws, seed", format!("{}, {}", provenance.draws, provenance.seed)),
        ("Version", format!("capplan {}", provenance.version)),
        ("Made by", provenance.command.clone()),
    ];
    let calendar = document::calendar::sentence(view).map(|says| ("Calendar", says));
    for (what, value) in facts.into_iter().chain(calendar) {
        sheet.text(row, 0, what);
        sheet.text(row, 1, &value);
        row += 1;
    }
    row += 1;
    for (name, what) in [
        ("Summary", "cost by category and period against the budget"),
        ("Teams", "who bears it, and the lines of every team's statement"),
        ("Forecast", "cost by month and category, cash, scenarios"),
        ("Lines", "the ledger, which every formula sums over"),
        ("Assumptions", "what the figures rest on"),
        ("Checks", "the workbook against the model"),
    ] {
        sheet.link(row, 0, name);
        sheet.text(row, 1, what);
        row += 1;
    }
    sheet.widths(&[26, 18, 18, 18, 30]);
    sheet
}
