//! Cost by month and category, its range, the budget and the cash; then the scenarios.

use super::sheet::{Kind, Look, Sheet, at};
use super::summary::sum_down;
use super::{Books, Figure};
use crate::report::chart::stacked;
use crate::report::format;
use crate::report::view::Money;

const HEAD: u32 = 3;

/// The sheet, and the figures others refer to.
pub(super) struct Forecast<'a> {
    pub(super) sheet: Sheet<'a>,
    /// All months.
    pub(super) total: Figure,
    /// Cash of all months.
    pub(super) cash: Figure,
}

pub(super) fn sheet<'a>(books: &Books<'a>) -> Forecast<'a> {
    let view = books.view;
    let caption = format!(
        "{}, amortised means; p10 and p90 are of the month's cost over the draws and do not add",
        format::symbol(view.currency)
    );
    let mut sheet = Sheet::new("Forecast", "Forecast by month", &caption, books.formats);
    let categories = &view.cost.categories;
    let mut heads: Vec<&str> = categories.iter().map(|c| stacked::words(c.category)).collect();
    heads.extend(["Total", "p10", "p90", "Cash paid"]);
    let budget = view.cost.comparison.as_ref().filter(|comparison| comparison.all_cost);
    if budget.is_some() {
        heads.extend(["Budget", "Variance"]);
    }
    sheet.heads(HEAD, &["Month"], &heads);
    let total = u16::try_from(categories.len()).unwrap_or(0) + 1;
    let first = HEAD + 1;
    let end = first + u32::try_from(view.months.len()).unwrap_or(0);
    for (t, month) in view.months.iter().enumerate() {
        let row = first + u32::try_from(t).unwrap_or(0);
        sheet.day(row, 0, month.named_after(), "mmm yyyy");
        for (column, category) in (1..).zip(categories) {
            let formula = format!(
                "=SUMIFS(Lines[Amortised],Lines[Month],$A{},Lines[Category],{}${})",
                row + 1,
                rust_xlsxwriter::column_number_to_name(column),
                HEAD + 1
            );
            let sum =
                books.lines.amortised(|of, _, what| of == *month && what == category.category);
            sheet.made(row, column, &formula, sum, Look::Made);
        }
        let sum = books.lines.amortised(|of, _, _| of == *month);
        let across = if total > 1 {
            format!("=SUM({}:{})", at(row, 1), at(row, total - 1))
        } else {
            "=0".to_owned()
        };
        sheet.made(row, total, &across, sum, Look::Made);
        let (p10, p90) = view.cost.range_by_month[t];
        sheet.amount(row, total + 1, p10);
        sheet.amount(row, total + 2, p90);
        let formula = format!("=SUMIFS(Lines[Cash],Lines[Month],$A{})", row + 1);
        sheet.made(row, total + 3, &formula, books.lines.cash(Some(*month)), Look::Made);
        if let Some(budget) = budget {
            // A month without a budget has no variance.
            let amount = budget.budget_by_month[t];
            if amount != Money::default() {
                sheet.amount(row, total + 4, amount);
                let formula = format!("={}-{}", at(row, total + 4), at(row, total));
                sheet.made(row, total + 5, &formula, amount - sum, Look::Made);
            }
        }
    }
    let figures = totals(&mut sheet, books, first..end, total);
    scenarios(&mut sheet, books, end + 3);
    let mut widths = vec![22];
    widths.extend(std::iter::repeat_n(15, usize::from(total) + 5));
    sheet.widths(&widths);
    sheet.freeze(HEAD + 1, 1);
    Forecast { sheet, total: figures.0, cash: figures.1 }
}

fn totals(
    sheet: &mut Sheet<'_>,
    books: &Books<'_>,
    months: std::ops::Range<u32>,
    total: u16,
) -> (Figure, Figure) {
    let (view, end) = (books.view, months.end);
    let down = |column: u16| sum_down(months.clone(), column);
    sheet.total_text(end, 0..1, "Total");
    for (column, category) in (1..).zip(&view.cost.categories) {
        let sum = books.lines.amortised(|_, _, what| what == category.category);
        sheet.made(end, column, &down(column), sum, Look::Total);
    }
    let all = books.lines.amortised(|_, _, _| true);
    sheet.made(end, total, &down(total), all, Look::Total);
    sheet.total_text(end, total + 1..total + 3, "");
    let cash = books.lines.cash(None);
    sheet.made(end, total + 3, &down(total + 3), cash, Look::Total);
    if let Some(budget) = view.cost.comparison.as_ref().filter(|comparison| comparison.all_cost) {
        let covered = budget.budget_by_month.iter().zip(&view.months);
        let covered = covered.filter(|(amount, _)| **amount != Money::default());
        let left: Money = covered
            .map(|(amount, month)| *amount - books.lines.amortised(|of, _, _| of == *month))
            .sum();
        let amount: Money = budget.budget_by_month.iter().copied().sum();
        sheet.made(end, total + 4, &down(total + 4), amount, Look::Total);
        sheet.made(end, total + 5, &down(total + 5), left, Look::Total);
    }
    (
        Figure { place: sheet.place(end, total), amount: all },
        Figure { place: sheet.place(end, total + 3), amount: cash },
    )
}

/// Every scenario against the base.
fn scenarios(sheet: &mut Sheet<'_>, books: &Books<'_>, row: u32) {
    let scenarios = &books.view.scenarios;
    let Some(base) = scenarios.first() else { return };
    sheet.heads(
        row,
        &["Scenario"],
        &["Mean", "p10", "p50", "p90", "Against base", "Chance of a shortfall", "Probability"],
    );
    let first = row + 1;
    for (row, scenario) in (first..).zip(scenarios) {
        let total = scenario.cost.total;
        sheet.text(row, 0, scenario.title.as_deref().unwrap_or(&scenario.name));
        for (column, amount) in (1..).zip([total.mean, total.p10, total.p50, total.p90]) {
            sheet.amount(row, column, amount);
        }
        let formula = format!("={}-$B${}", at(row, 1), first + 1);
        sheet.made(row, 5, &formula, total.mean - base.cost.total.mean, Look::Made);
        sheet.figure(row, 6, scenario.short_chance, Kind::Share);
        if let Some(probability) = scenario.probability {
            sheet.figure(row, 7, probability, Kind::Share);
        }
    }
}
