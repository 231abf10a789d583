//! From budget to forecast, step by step, as running sums.

use rust_xlsxwriter::{Chart, ChartFormat, ChartType};

use super::sheet::{Look, Sheet, at};
use super::summary::{Summary, sum_down};
use super::{Books, Figure};
use crate::report::document;
use crate::report::format;
use crate::report::view::{BridgeView, Money};

const HEAD: u32 = 3;

/// Budget, forecast, change, level; then, for the picture, what is below a bar and the bar.
const LEVEL: u16 = 4;
const BELOW: u16 = 6;

/// The sheet, and what its steps lead to.
pub(super) struct Bridge<'a> {
    pub(super) sheet: Sheet<'a>,
    pub(super) total: Figure,
}

pub(super) fn sheet<'a>(books: &Books<'a>, summary: &Summary<'_>) -> Option<Bridge<'a>> {
    let bridge = books.view.bridge.as_ref()?;
    let (budget, _) = summary.against.as_ref()?;
    let caption = format!(
        "{}, amortised means; change = forecast less budget, a positive one adds cost",
        format::symbol(books.view.currency)
    );
    let mut sheet = Sheet::new("Bridge", "From budget to forecast", &caption, books.formats);
    sheet.heads(HEAD, &["Step"], &["Budget", "Forecast", "Change", "Level"]);
    let heads =
        [(BELOW, "Below"), (BELOW + 1, "Amount"), (BELOW + 2, "Adds"), (BELOW + 3, "Takes")];
    for (column, head) in heads {
        sheet.under(HEAD, column, head);
    }
    let mut row = HEAD + 1;
    sheet.text(row, 0, "Budget");
    sheet.made(row, LEVEL, &format!("={}", budget.place), budget.amount, Look::Made);
    standing(&mut sheet, row, budget.amount);
    let first = row + 1;
    let mut level = budget.amount;
    for step in &bridge.steps {
        row += 1;
        sheet.text(row, 0, &document::step_name(&step.of));
        sheet.amount(row, 1, step.budget);
        sheet.amount(row, 2, step.forecast);
        let before = level;
        level = level + step.change();
        hanging(&mut sheet, row, before, level);
    }
    let covered = row + 1;
    let steps = first..covered;
    let mut end = covered;
    sheet.text(covered, 0, "What has a budget");
    sheet.made(covered, 1, &sum_down(steps.clone(), 1), bridge.budget, Look::Made);
    sheet.made(covered, 2, &sum_down(steps, 2), bridge.covered, Look::Made);
    let change = format!("={}-{}", at(covered, 2), at(covered, 1));
    sheet.made(covered, 3, &change, bridge.covered - bridge.budget, Look::Made);
    let same = format!("={}", at(covered - 1, LEVEL));
    sheet.made(covered, LEVEL, &same, level, Look::Made);
    standing(&mut sheet, covered, level);
    if bridge.unbudgeted != Money::default() {
        end += 1;
        sheet.text(end, 0, "Without a budget");
        let rest = format!("={}-{}", summary.total.place, at(covered, 2));
        sheet.made(end, 2, &rest, bridge.unbudgeted, Look::Made);
        hanging(&mut sheet, end, level, level + bridge.unbudgeted);
        level = level + bridge.unbudgeted;
    }
    end += 1;
    sheet.total_text(end, 0..1, "Forecast");
    let whole = [
        (1, format!("={}", at(covered, 1)), bridge.budget),
        (2, format!("={}", summary.total.place), summary.total.amount),
        (3, format!("={}-{}", at(end, 2), at(end, 1)), summary.total.amount - bridge.budget),
        (LEVEL, format!("={}", at(end - 1, LEVEL)), level),
    ];
    for (column, formula, result) in whole {
        sheet.made(end, column, &formula, result, Look::Total);
    }
    standing(&mut sheet, end, level);
    // Bars that cross zero cannot be stacked.
    if levels(bridge).all(|level| level >= Money::default()) {
        sheet.chart(end + 2, 0, &picture(HEAD + 1, end));
    }
    sheet.widths(&[30, 16, 16, 16, 16, 3, 14, 14, 14, 14]);
    sheet.freeze(HEAD + 1, 1);
    let total = Figure { place: sheet.place(end, LEVEL), amount: level };
    Some(Bridge { sheet, total })
}

fn levels(bridge: &BridgeView) -> impl Iterator<Item = Money> {
    let steps = bridge.steps.iter().scan(bridge.budget, |level, step| {
        *level = *level + step.change();
        Some(*level)
    });
    steps.chain([bridge.budget, bridge.forecast])
}

/// A bar from zero to a level.
fn standing(sheet: &mut Sheet<'_>, row: u32, level: Money) {
    sheet.made(row, BELOW + 1, &format!("={}", at(row, LEVEL)), level, Look::Made);
}

/// The change of a row, the level that it leads to, and the bar between.
fn hanging(sheet: &mut Sheet<'_>, row: u32, before: Money, level: Money) {
    let change = level - before;
    sheet.made(row, 3, &format!("={}-{}", at(row, 2), at(row, 1)), change, Look::Made);
    let (above, here) = (at(row - 1, LEVEL), at(row, LEVEL));
    sheet.made(row, LEVEL, &format!("={above}+{}", at(row, 3)), level, Look::Made);
    let none = Money::default();
    sheet.made(row, BELOW, &format!("=MIN({above},{here})"), before.min(level), Look::Made);
    sheet.made(row, BELOW + 2, &format!("=MAX({},0)", at(row, 3)), change.max(none), Look::Made);
    let takes = (none - change).max(none);
    sheet.made(row, BELOW + 3, &format!("=MAX(-{},0)", at(row, 3)), takes, Look::Made);
}

/// Bars that hang: what is below them is stacked and not shown.
fn picture(first: u32, last: u32) -> Chart {
    let mut chart = Chart::new(ChartType::ColumnStacked);
    for (column, color) in [
        (BELOW, None),
        (BELOW + 1, Some(0x6D_7681)),
        (BELOW + 2, Some(0xB0_241C)),
        (BELOW + 3, Some(0x17_6A3A)),
    ] {
        let mut look = ChartFormat::new();
        match color {
            None => look.set_no_fill(),
            Some(color) => {
                look.set_solid_fill(rust_xlsxwriter::ChartSolidFill::new().set_color(color))
            }
        };
        chart
            .add_series()
            .set_name(("Bridge", HEAD, column))
            .set_categories(("Bridge", first, 0, last, 0))
            .set_values(("Bridge", first, column, last, column))
            .set_gap(40)
            .set_format(&mut look);
    }
    chart.title().set_name("From budget to forecast");
    chart.legend().set_hidden();
    chart.set_width(900).set_height(320);
    chart.set_alt_text("Bars from the budget to the forecast, one a step, as in the table");
    chart
}
