//! Cost by category and period against the budget, as sums over the ledger.

use rust_xlsxwriter::{Chart, ChartType};

use super::sheet::{Kind, Look, Sheet, at, down};
use super::{Books, Figure};
use crate::money::to_f64;
use crate::report::chart::stacked;
use crate::report::format;
use crate::report::view::{BudgetView, Money, Spread};

const HEAD: u32 = 3;

/// The sheet, and the figures others refer to.
pub(super) struct Summary<'a> {
    pub(super) sheet: Sheet<'a>,
    /// The forecast of all months.
    pub(super) total: Figure,
    /// Budget and variance over the months that have a budget.
    pub(super) against: Option<(Figure, Figure)>,
}

pub(super) fn sheet<'a>(books: &Books<'a>) -> Summary<'a> {
    let view = books.view;
    let caption = format!(
        "{}, amortised means; variance = budget less forecast; parentheses are unfavourable",
        format::symbol(view.currency)
    );
    let title = "Budget, forecast and variance";
    let mut sheet = Sheet::new("Summary", title, &caption, books.formats);
    let periods = u16::try_from(view.periods.len()).unwrap_or(0);
    let labels: Vec<(String, String)> = view.periods.iter().map(format::period).collect();
    let mut heads: Vec<&str> = labels.iter().map(|(label, _)| label.as_str()).collect();
    heads.extend(["Forecast", "Share"]);
    sheet.heads(HEAD, &["Category"], &heads);
    for (column, (_, months)) in (1..).zip(&labels) {
        sheet.under(HEAD - 1, column, months);
    }
    let end = categories(&mut sheet, books, &labels);
    let total = Figure { place: sheet.place(end, periods + 1), amount: view_total(books) };
    let against = comparison(&mut sheet, view, end);
    let mut row = end + if against.is_some() { 6 } else { 2 };
    row = spreads(&mut sheet, books, row);
    row = budgets(&mut sheet, view, row + 1);
    if end > HEAD + 1 {
        sheet.chart(row + 1, 0, &picture(HEAD + 1..end, periods));
    }
    sheet.widths(&[30, 15, 15, 15, 15, 15, 15, 15, 15]);
    sheet.freeze(HEAD + 1, 1);
    Summary { sheet, total, against }
}

fn view_total(books: &Books<'_>) -> Money {
    books.lines.amortised(|_, _, _| true)
}

/// One row a category, then their total; gives the total's row.
fn categories(sheet: &mut Sheet<'_>, books: &Books<'_>, labels: &[(String, String)]) -> u32 {
    let categories = &books.view.cost.categories;
    let first = HEAD + 1;
    let end = first + u32::try_from(categories.len()).unwrap_or(0);
    let forecast = u16::try_from(labels.len()).unwrap_or(0) + 1;
    let all = view_total(books);
    let share = |part: Money| {
        let all = to_f64(all.decimal());
        if all == 0.0 { 0.0 } else { to_f64(part.decimal()) / all }
    };
    for (row, category) in (first..).zip(categories) {
        sheet.text(row, 0, stacked::words(category.category));
        for (column, (label, _)) in (1..).zip(labels) {
            let formula = format!(
                "=SUMIFS(Lines[Amortised],Lines[Category],$A{},Lines[Period],{}${})",
                row + 1,
                rust_xlsxwriter::column_number_to_name(column),
                HEAD + 1
            );
            let sum = books
                .lines
                .amortised(|_, period, of| period == label.as_str() && of == category.category);
            sheet.made(row, column, &formula, sum, Look::Made);
        }
        let sum = books.lines.amortised(|_, _, of| of == category.category);
        let across = format!("=SUM({}:{})", at(row, 1), at(row, forecast - 1));
        sheet.made(row, forecast, &across, sum, Look::Made);
        let formula = format!("=IF({0}=0,0,{1}/{0})", absolute(end, forecast), at(row, forecast));
        let look = (Kind::Share, Look::Made);
        sheet.made_figure((row, forecast + 1), &formula, share(sum), look);
    }
    sheet.total_text(end, 0..1, "Total forecast");
    for (column, (label, _)) in (1..).zip(labels) {
        let sum = books.lines.amortised(|_, period, _| period == label.as_str());
        sheet.made(end, column, &sum_down(first..end, column), sum, Look::Total);
    }
    sheet.made(end, forecast, &sum_down(first..end, forecast), all, Look::Total);
    let formula = format!("=IF({0}=0,0,{0}/{0})", at(end, forecast));
    let look = (Kind::Share, Look::Total);
    sheet.made_figure((end, forecast + 1), &formula, share(all), look);
    end
}

fn absolute(row: u32, column: u16) -> String {
    format!("${}${}", rust_xlsxwriter::column_number_to_name(column), row + 1)
}

/// The sum of a column; zero where it has no rows.
pub(super) fn sum_down(rows: std::ops::Range<u32>, column: u16) -> String {
    if rows.is_empty() { "=0".to_owned() } else { format!("=SUM({})", down(rows, column)) }
}

/// Budget, variance and its share, below the total.
fn comparison(sheet: &mut Sheet<'_>, view: &BudgetView, total: u32) -> Option<(Figure, Figure)> {
    let comparison = view.cost.comparison.as_ref()?;
    let by_period = |by_month: &[Money]| -> Vec<Money> {
        let mut sums: Vec<Money> = view.periods.iter().map(|p| p.sum(by_month)).collect();
        sums.push(by_month.iter().copied().sum());
        sums
    };
    let whole = comparison.all_cost && comparison.months == view.months.len();
    let (covered, budget) = (total + 1, total + 2);
    sheet.text(covered, 0, "of which has a budget");
    sheet.text(budget, 0, "Budget");
    sheet.text(budget + 1, 0, "Variance");
    sheet.text(budget + 2, 0, "Variance %");
    let columns: Vec<(Money, Money)> = by_period(&comparison.forecast_by_month)
        .into_iter()
        .zip(by_period(&comparison.budget_by_month))
        .collect();
    let last = columns.len();
    let mut figures = None;
    for (column, (forecast, amount)) in (1..).zip(columns) {
        if whole {
            sheet.made(covered, column, &format!("={}", at(total, column)), forecast, Look::Made);
        } else if usize::from(column) == last {
            let across = format!("=SUM({}:{})", at(covered, 1), at(covered, column - 1));
            sheet.made(covered, column, &across, forecast, Look::Made);
        } else {
            sheet.amount(covered, column, forecast);
        }
        if usize::from(column) == last {
            let across = format!("=SUM({}:{})", at(budget, 1), at(budget, column - 1));
            sheet.made(budget, column, &across, amount, Look::Made);
        } else {
            sheet.amount(budget, column, amount);
        }
        let left = amount - forecast;
        let formula = format!("={}-{}", at(budget, column), at(covered, column));
        sheet.made(budget + 1, column, &formula, left, Look::Made);
        variance_share(sheet, (budget + 2, column), (budget + 1, column), (left, amount));
        figures = Some((
            Figure { place: sheet.place(budget, column), amount },
            Figure { place: sheet.place(budget + 1, column), amount: left },
        ));
    }
    figures
}

/// Variance over budget, which stands above the variance.
fn variance_share(
    sheet: &mut Sheet<'_>,
    to: (u32, u16),
    variance: (u32, u16),
    (left, budget): (Money, Money),
) {
    let (left_at, budget_at) = (at(variance.0, variance.1), at(variance.0 - 1, variance.1));
    let formula = format!("=IF({budget_at}=0,0,{left_at}/{budget_at})");
    sheet.made_figure(to, &formula, ratio(left, budget), (Kind::Share, Look::Made));
}

/// A quotient; zero where it has none.
pub(super) fn ratio(part: Money, whole: Money) -> f64 {
    let whole = to_f64(whole.decimal());
    if whole == 0.0 { 0.0 } else { to_f64(part.decimal()) / whole }
}

/// The forecast over the draws; gives the row below.
fn spreads(sheet: &mut Sheet<'_>, books: &Books<'_>, row: u32) -> u32 {
    let cost = &books.view.cost;
    sheet.heads(row, &["Over the draws"], &["Mean", "p10", "p50", "p90"]);
    let mut write = |row: u32, name: &str, spread: &Spread| {
        sheet.text(row, 0, name);
        for (column, amount) in (1..).zip([spread.mean, spread.p10, spread.p50, spread.p90]) {
            sheet.amount(row, column, amount);
        }
    };
    write(row + 1, "Cost, amortised", &cost.total);
    write(row + 2, "Cash paid", &cost.cash);
    sheet.text(row + 3, 0, "of which capital expenditure");
    sheet.made(row + 3, 1, "=SUM(Lines[Capex])", books.lines.capex(), Look::Made);
    sheet.text(row + 4, 0, "Chance of a shortfall");
    sheet.figure(row + 4, 1, books.view.shortfall.chance, Kind::Share);
    row + 5
}

/// Every budget; gives the row below.
fn budgets(sheet: &mut Sheet<'_>, view: &BudgetView, row: u32) -> u32 {
    if view.budgets.is_empty() {
        return row;
    }
    let figures = ["Forecast", "Budget", "Variance", "Variance %", "Draws within", "Confidence"];
    sheet.heads(row, &["Budgets, each on its own basis"], &figures);
    let mut row = row;
    for budget in &view.budgets {
        row += 1;
        let basis = if budget.basis == "amortised" { "" } else { budget.basis };
        let comma = if basis.is_empty() { "" } else { ", " };
        sheet.text(row, 0, &format!("{}, {}{comma}{basis}", budget.name, budget.period));
        sheet.amount(row, 1, budget.forecast);
        sheet.amount(row, 2, budget.amount);
        let left = budget.amount - budget.forecast;
        sheet.made(row, 3, &format!("={}-{}", at(row, 2), at(row, 1)), left, Look::Made);
        let formula = format!("=IF({0}=0,0,{1}/{0})", at(row, 2), at(row, 3));
        let share = ratio(left, budget.amount);
        sheet.made_figure((row, 4), &formula, share, (Kind::Share, Look::Made));
        sheet.figure(row, 5, budget.within, Kind::Share);
        sheet.figure(row, 6, budget.confidence, Kind::Share);
        sheet.text(row, 7, if budget.passes { "holds" } else { "fails" });
    }
    row + 1
}

/// Categories stacked by period.
fn picture(rows: std::ops::Range<u32>, periods: u16) -> Chart {
    let mut chart = Chart::new(ChartType::ColumnStacked);
    for row in rows {
        chart
            .add_series()
            .set_name(("Summary", row, 0))
            .set_categories(("Summary", HEAD, 1, HEAD, periods))
            .set_values(("Summary", row, 1, row, periods));
    }
    chart.title().set_name("Forecast by category and period");
    chart
        .set_alt_text("Stacked columns: the forecast of every period by category, as in the table");
    chart
}
