//! Who bears the cost: one row a team, then the lines of their statements.

use super::sheet::{Kind, Look, Sheet, at, down};
use super::summary::{ratio, sum_down};
use super::{Books, Figure};
use crate::money::to_f64;
use crate::report::format;
use crate::report::view::{Money, ServiceLine, TeamView};

const HEAD: u32 = 3;

/// The sheet, and the figures others refer to.
pub(super) struct Teams<'a> {
    pub(super) sheet: Sheet<'a>,
    /// What teams and nobody bear.
    pub(super) total: Figure,
    /// The same by the statements, to the cent.
    pub(super) statements: Figure,
}

pub(super) fn sheet<'a>(books: &Books<'a>) -> Teams<'a> {
    let caption = format!(
        "{}, amortised means; variance = budget less what is charged in its months; parentheses are unfavourable",
        format::symbol(books.view.currency)
    );
    let mut sheet = Sheet::new("Teams", "Who bears the cost", &caption, books.formats);
    sheet.heads(
        HEAD,
        &["Team", "Department", "Cost centre"],
        &[
            "Direct",
            "Idle",
            "Shared",
            "Total",
            "Share",
            "In budgeted months",
            "Budget",
            "Variance",
            "Variance %",
        ],
    );
    let (row, total) = teams(&mut sheet, books);
    let statements = services(&mut sheet, books, row + 3);
    sheet.widths(&[26, 24, 20, 16, 16, 16, 16, 14, 16, 16, 14, 12]);
    sheet.freeze(HEAD + 1, 1);
    Teams { sheet, total, statements }
}

/// One row a team, then idle, then the total; gives the total's row.
fn teams(sheet: &mut Sheet<'_>, books: &Books<'_>) -> (u32, Figure) {
    let chargeback = &books.view.chargeback;
    let first = HEAD + 1;
    let idle = first + u32::try_from(chargeback.teams.len()).unwrap_or(0);
    let end = idle + 1;
    let directs: Vec<Money> =
        (0..chargeback.teams.len()).map(|team| books.lines.of_team(team)).collect();
    let total = |team: &TeamView, direct: Money| direct + team.idle + team.shared;
    let totals: Vec<Money> =
        chargeback.teams.iter().zip(&directs).map(|(team, direct)| total(team, *direct)).collect();
    let all: Money = totals.iter().copied().sum::<Money>() + chargeback.idle;
    let share = |sheet: &mut Sheet<'_>, row: u32, part: Money, look: Look| {
        let formula = format!("=IF($G${0}=0,0,{1}/$G${0})", end + 1, at(row, 6));
        sheet.made_figure((row, 7), &formula, ratio(part, all), (Kind::Share, look));
    };
    for (index, team) in chargeback.teams.iter().enumerate() {
        let row = first + u32::try_from(index).unwrap_or(0);
        sheet.text(row, 0, &books.lines.teams[index]);
        sheet.text(row, 1, team.department.as_deref().unwrap_or_default());
        sheet.text(row, 2, team.cost_center.as_deref().unwrap_or_default());
        // EXACT knows no wildcards and tells capitals apart, which SUMIFS does not.
        let formula = format!("=SUMPRODUCT(EXACT(Lines[Team],$A{})*Lines[Amortised])", row + 1);
        sheet.made(row, 3, &formula, directs[index], Look::Made);
        sheet.amount(row, 4, team.idle);
        sheet.amount(row, 5, team.shared);
        let across = format!("=SUM({}:{})", at(row, 3), at(row, 5));
        sheet.made(row, 6, &across, totals[index], Look::Made);
        share(sheet, row, totals[index], Look::Made);
        if let Some(budget) = team.budget {
            sheet.amount(row, 8, budget.charged);
            sheet.amount(row, 9, budget.amount);
            let left = budget.amount - budget.charged;
            let formula = format!("={}-{}", at(row, 9), at(row, 8));
            sheet.made(row, 10, &formula, left, Look::Made);
            let formula = format!("=IF({0}=0,0,{1}/{0})", at(row, 9), at(row, 10));
            let share = ratio(left, budget.amount);
            sheet.made_figure((row, 11), &formula, share, (Kind::Share, Look::Made));
        }
    }
    sheet.text(idle, 0, "Borne by no team");
    sheet.amount(idle, 4, chargeback.idle);
    let across = format!("=SUM({}:{})", at(idle, 3), at(idle, 5));
    sheet.made(idle, 6, &across, chargeback.idle, Look::Made);
    share(sheet, idle, chargeback.idle, Look::Made);
    sheet.total_text(end, 0..3, "Total");
    let sums = [
        directs.iter().copied().sum(),
        chargeback.teams.iter().map(|team| team.idle).sum::<Money>() + chargeback.idle,
        chargeback.teams.iter().map(|team| team.shared).sum(),
        all,
    ];
    for (column, sum) in (3..).zip(sums) {
        sheet.made(end, column, &sum_down(first..end, column), sum, Look::Total);
    }
    share(sheet, end, all, Look::Total);
    let budgets = || chargeback.teams.iter().filter_map(|team| team.budget);
    let charged: Money = budgets().map(|budget| budget.charged).sum();
    let budget: Money = budgets().map(|budget| budget.amount).sum();
    let of_budgets = [(8, charged), (9, budget), (10, budget - charged)];
    for (column, sum) in of_budgets {
        sheet.made(end, column, &sum_down(first..end, column), sum, Look::Total);
    }
    let formula = format!("=IF({0}=0,0,{1}/{0})", at(end, 9), at(end, 10));
    let share = ratio(budget - charged, budget);
    sheet.made_figure((end, 11), &formula, share, (Kind::Share, Look::Total));
    (end, Figure { place: sheet.place(end, 6), amount: all })
}

/// The lines of every statement, to the cent, and their total.
fn services(sheet: &mut Sheet<'_>, books: &Books<'_>, row: u32) -> Figure {
    let statements = books.statements;
    sheet.part(row, "Charges by service", "to the cent, as the teams' statements have them");
    let head = row + 1;
    sheet.heads(
        head,
        &["Team", "Service", "Driver"],
        &["Quantity", "Unit", "Rate", "Direct", "Shared", "Idle", "Total"],
    );
    let first = head + 1;
    let mut row = first;
    for (index, team) in statements.teams.iter().enumerate() {
        for line in &team.lines {
            service(sheet, row, &books.lines.teams[index], line);
            row += 1;
        }
    }
    sheet.text(row, 0, "Borne by no team");
    cents(sheet, row, 8, statements.unborne);
    made_cents(sheet, (row, 9), &across(row), statements.unborne, Look::Made);
    row += 1;
    sheet.total_text(row, 0..6, "Total");
    let lines = || statements.teams.iter().flat_map(|team| &team.lines);
    let direct: Money = lines().map(|line| line.direct).sum();
    let shared: Money = lines().map(|line| line.shared).sum();
    let idle: Money = lines().map(|line| line.idle).sum::<Money>() + statements.unborne;
    let all = direct + shared + idle;
    for (column, sum) in (6..).zip([direct, shared, idle, all]) {
        let formula = format!("=SUM({})", down(first..row, column));
        made_cents(sheet, (row, column), &formula, sum, Look::Total);
    }
    Figure { place: sheet.place(row, 9), amount: all }
}

fn service(sheet: &mut Sheet<'_>, row: u32, team: &str, line: &ServiceLine) {
    sheet.text(row, 0, team);
    sheet.text(row, 1, line.service.as_deref().unwrap_or("of no single service"));
    sheet.text(row, 2, line.driver.unwrap_or_default());
    if let Some(quantity) = line.quantity {
        sheet.figure(row, 3, to_f64(quantity.0), Kind::Quantity);
        let formula = format!("=IF({0}=0,0,{1}/{0})", at(row, 3), at(row, 6));
        let result = to_f64(line.direct.decimal()) / to_f64(quantity.0);
        sheet.made_figure((row, 5), &formula, result, (Kind::Price, Look::Made));
    }
    sheet.text(row, 4, line.unit.as_deref().unwrap_or_default());
    cents(sheet, row, 6, line.direct);
    cents(sheet, row, 7, line.shared);
    cents(sheet, row, 8, line.idle);
    made_cents(sheet, (row, 9), &across(row), line.total, Look::Made);
}

fn across(row: u32) -> String {
    format!("=SUM({}:{})", at(row, 6), at(row, 8))
}

fn cents(sheet: &mut Sheet<'_>, row: u32, column: u16, amount: Money) {
    sheet.figure(row, column, to_f64(amount.decimal()), Kind::Cents);
}

fn made_cents(sheet: &mut Sheet<'_>, to: (u32, u16), formula: &str, sum: Money, look: Look) {
    sheet.made_figure(to, formula, to_f64(sum.decimal()), (Kind::Cents, look));
}
