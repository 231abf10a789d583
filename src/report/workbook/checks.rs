//! The workbook against the model, figure by figure.

use super::bridge::Bridge;
use super::forecast::Forecast;
use super::moves::Moves;
use super::sheet::{Kind, Look, Sheet, at};
use super::summary::Summary;
use super::teams::Teams;
use super::{Books, Figure};
use crate::money::{Decimal, to_f64};
use crate::report::format;
use crate::report::view::Money;

const HEAD: u32 = 3;

/// The sheet, and its one verdict.
pub(super) struct Checks<'a> {
    pub(super) sheet: Sheet<'a>,
    /// A formula that says whether all hold, and what it says.
    pub(super) verdict: (String, &'static str),
}

pub(super) fn sheet<'a>(
    books: &Books<'a>,
    summary: &Summary<'_>,
    (bridge, moves): (Option<&Bridge<'_>>, Option<&Moves<'_>>),
    (teams, forecast): (&Teams<'_>, &Forecast<'_>),
) -> Checks<'a> {
    let (view, lines) = (books.view, books.lines);
    let formula = |formula: &str, amount: Money| Figure { place: formula.to_owned(), amount };
    let same = |figure: &Figure| formula(&figure.place, figure.amount);
    let mut checks = vec![
        (
            "Lines come to the forecast",
            view.cost.total.mean,
            formula("SUM(Lines[Amortised])", lines.amortised(|_, _, _| true)),
        ),
        ("Categories and periods come to the forecast", view.cost.total.mean, same(&summary.total)),
        ("Months come to the forecast", view.cost.total.mean, same(&forecast.total)),
        ("Teams and idle come to the invoice", view.chargeback.invoice, same(&teams.total)),
        (
            "Statements come to the invoice, in cents",
            books.statements.invoice,
            same(&teams.statements),
        ),
        ("Cash by month comes to all cash", view.cost.cash.mean, same(&forecast.cash)),
        (
            "Capital expenditure comes to the lines'",
            view.cost.capex,
            formula("SUM(Lines[Capex])", lines.capex()),
        ),
    ];
    if let Some(bridge) = bridge {
        let name = "The bridge from the budget comes to the forecast";
        checks.push((name, view.cost.total.mean, same(&bridge.total)));
    }
    if let Some(moves) = moves {
        let name = "Causes come to what the lines of statements move by";
        checks.push((name, moves.stated, same(&moves.change)));
    }
    let caption = format!(
        "{} to the cent; a check holds if the workbook and the model differ by less than half a cent",
        format::symbol(view.currency)
    );
    let mut sheet = Sheet::new("Checks", "Checks", &caption, books.formats);
    sheet.heads(HEAD, &["Check"], &["Model", "Workbook", "Difference", "Outcome"]);
    let mut row = HEAD;
    let mut all_hold = true;
    let cents = |look| (Kind::Cents, look);
    for (name, model, workbook) in checks {
        row += 1;
        sheet.text(row, 0, name);
        sheet.figure(row, 1, to_f64(model.decimal()), Kind::Cents);
        let found = to_f64(workbook.amount.decimal());
        sheet.made_figure((row, 2), &format!("={}", workbook.place), found, cents(Look::Made));
        let difference = workbook.amount - model;
        let formula = format!("=ROUND({}-{},2)", at(row, 2), at(row, 1));
        let shown = to_f64(difference.decimal().round_dp(2));
        sheet.made_figure((row, 3), &formula, shown, cents(Look::Made));
        let holds = difference.decimal().abs() < Decimal::new(5, 3);
        all_hold &= holds;
        let formula =
            format!("=IF(ABS({}-{})<0.005,\"holds\",\"differs\")", at(row, 2), at(row, 1));
        sheet.made_text(row, 4, &formula, if holds { "holds" } else { "differs" });
    }
    sheet.widths(&[44, 18, 18, 14, 12]);
    let verdict = format!(
        "=IF(COUNTIF(Checks!{}:{},\"holds\")={},\"all checks hold\",\"a check differs\")",
        at(HEAD + 1, 4),
        at(row, 4),
        row - HEAD
    );
    let says = if all_hold { "all checks hold" } else { "a check differs" };
    Checks { sheet, verdict: (verdict, says) }
}
