//! The report as a workbook: the same figures as the pages, with formulas that a reader can follow.
//!
//! The view, the statements and the ledger go in, the bytes of an `.xlsx` file come out. Every formula is
//! written with its result, so that a program which does not calculate shows the same figures; `Checks` holds
//! the workbook against the model. Black figures are formulas, blue ones come from the plan. Text is always
//! written as text: no name of a plan can become a formula. The same input gives the same bytes: the file is
//! dated by the as-of day. Absent: draws; quantiles are figures, since they do not add.

mod assumptions;
mod bridge;
mod checks;
mod cover;
mod forecast;
mod lines;
mod moves;
mod sheet;
mod summary;
mod teams;
#[cfg(test)]
mod tests;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook};

use super::prose::{self, or_bug};
use super::template::{Made, Templates};
use super::view::{BudgetView, Money, StatementsView};
use super::{document, format};
use crate::calendar::Date;
use crate::cost::ledger::Ledger;
use crate::plan::CheckedPlan;
use lines::Lines;
use sheet::Formats;

/// What every sheet is made from.
struct Books<'a> {
    view: &'a BudgetView,
    statements: &'a StatementsView,
    /// The verdict as text.
    verdict: &'a str,
    lines: &'a Lines,
    formats: &'a Formats,
}

/// A figure of the workbook: where it stands, and what it comes to.
struct Figure {
    /// `Summary!F12`.
    place: String,
    amount: Money,
}

/// Makes the workbook. `view` and `statements` are those of the same plan and ledger.
///
/// # Errors
/// If a template of the plan fails.
///
/// # Panics
/// If the writer refuses what this program always writes the same way, which its tests exclude.
pub fn render(
    plan: &CheckedPlan,
    ledger: &Ledger,
    view: &BudgetView,
    statements: &StatementsView,
    templates: &Templates,
) -> Made<Vec<u8>> {
    let lines = Lines::of(plan, ledger, view);
    let verdict = prose::to_text(&templates.prose(&document::verdict(view))?);
    let books =
        Books { view, statements, verdict: &verdict, lines: &lines, formats: &Formats::new() };
    let summary = summary::sheet(&books);
    let bridge = bridge::sheet(&books, &summary);
    let teams = teams::sheet(&books);
    let forecast = forecast::sheet(&books);
    let moves = moves::sheet(&books);
    let others = (bridge.as_ref(), moves.as_ref());
    let checks = checks::sheet(&books, &summary, others, (&teams, &forecast));
    let cover = cover::sheet(&books, &summary, &checks);
    let mut sheets = vec![cover, summary.sheet];
    sheets.extend(bridge.map(|bridge| bridge.sheet));
    sheets.push(teams.sheet);
    sheets.extend(moves.map(|moves| moves.sheet));
    sheets.extend(vec![
        forecast.sheet,
        lines.sheet(&books),
        assumptions::sheet(&books),
        checks.sheet,
    ]);
    let mut workbook = Workbook::new();
    let properties = DocProperties::new()
        .set_title(format::plain(&view.plan))
        .set_author("capplan")
        .set_creation_datetime(&created(view.provenance.as_of));
    workbook.set_properties(&properties);
    for sheet in sheets {
        workbook.push_worksheet(sheet.finish(view));
    }
    Ok(or_bug(workbook.save_to_buffer()))
}

/// The as-of day, or the year 2000 where a spreadsheet has no such day.
fn created(day: Date) -> ExcelDateTime {
    sheet::excel_day(day).unwrap_or_else(|| or_bug(ExcelDateTime::from_ymd(2000, 1, 1)))
}
