//! Who bears the cost, and how it ties out to the invoice.

use serde::Serialize;

use super::{
    Align, Block, Cell, RowKind, Section, Table, amount, cell, flows, optional, plain, trace,
    variance, variance_share,
};
use crate::report::foot;
use crate::report::format::{self, MoneyFormat};
use crate::report::prose;
use crate::report::template::TEXT;
use crate::report::view::{BudgetView, Money, TeamView};

#[derive(Serialize)]
struct TieOut {
    charged: String,
    invoice: String,
    difference: String,
    ties: bool,
    scale: String,
}

/// What the prose is given.
pub(super) fn sample() -> impl Serialize {
    let text = || TEXT.to_owned();
    TieOut { charged: text(), invoice: text(), difference: text(), ties: true, scale: text() }
}

pub(super) fn section(view: &BudgetView, format: MoneyFormat) -> Option<Section> {
    let chargeback = &view.chargeback;
    if chargeback.teams.is_empty() {
        return None;
    }
    let charged: Money = chargeback.teams.iter().map(|team| team.total.mean).sum::<Money>();
    let charged = charged + chargeback.idle;
    let tie_out = prose::render(
        "chargeback",
        &TieOut {
            charged: format.cell(charged),
            invoice: format.cell(chargeback.invoice),
            difference: format.cell(charged - chargeback.invoice),
            ties: charged == chargeback.invoice,
            scale: format.words(),
        },
    );
    Some(Section {
        id: "chargeback",
        heading: "Who bears the cost".to_owned(),
        blocks: [Block::table(table(view, format)), Block::prose(tie_out)]
            .into_iter()
            .chain(flows::figure(view, format).map(Block::figure))
            .collect(),
    })
}

pub(super) fn table(view: &BudgetView, format: MoneyFormat) -> Table {
    let chargeback = &view.chargeback;
    let caption = format!(
        "{}, amortised means over {} months; variance = budget less what is charged in its months; parentheses are unfavourable",
        format.words(),
        view.months.len()
    );
    let mut table = Table::new("teams", "Chargeback by team", caption)
        .columns(Align::Text, &["Team", "Department", "Cost centre"])
        .columns(Align::Number, &["Direct", "Idle", "Shared", "Total", "Share"]);
    // Budgets that do not cover every month are compared with what falls into theirs.
    let partly = |team: &TeamView| team.budget.is_some_and(|b| b.months < view.months.len());
    let partial = chargeback.teams.iter().any(partly);
    if partial {
        table = table.columns(Align::Number, &["In budgeted months"]);
    }
    table = table.columns(Align::Number, &["Budget", "Variance", "Variance %"]);
    let mut rows: Vec<Vec<Money>> =
        chargeback.teams.iter().map(|team| vec![team.direct, team.idle, team.shared]).collect();
    rows.push(vec![Money::default(), chargeback.idle, Money::default()]);
    let footed = foot::foot_table(format, &rows);
    let share = |part: i64| cell(format::percent(part as f64 / footed.total.max(1) as f64));
    let (mut budgets, mut compared_in_all) = (0, 0);
    for (index, team) in chargeback.teams.iter().enumerate() {
        let total = footed.row_totals[index];
        let mut row = vec![
            Cell {
                link: trace::link(view, &format!("cost team={}", team.team)),
                ..plain(&team.team)
            },
            optional(team.department.as_deref()),
            optional(team.cost_center.as_deref()),
        ];
        row.extend(footed.cells[index].iter().copied().map(amount));
        row.extend([amount(total), share(total)]);
        if let Some((budget, compared)) = budget_of(view, team, total, format) {
            budgets += budget;
            compared_in_all += compared;
            row.extend(partial.then(|| amount(compared)));
            row.push(amount(budget));
            row.extend([variance(budget - compared), variance_share(budget - compared, budget)]);
        } else {
            row.extend(partial.then(|| cell("")));
            row.extend([cell("none"), cell(""), cell("")]);
        }
        table.push(RowKind::Body, row);
        if let Some(budget) = team.budget.filter(|budget| budget.months < view.months.len()) {
            table.notes.push(format!(
                "{}: budgeted for {} of {} months.",
                format::plain(&team.team),
                budget.months,
                view.months.len()
            ));
        }
    }
    let idle = footed.row_totals.last().copied().unwrap_or(0);
    let mut row = vec![cell("Idle, borne by no team"), cell(""), cell("")];
    row.extend(footed.cells.iter().skip(chargeback.teams.len()).flatten().copied().map(amount));
    row.extend([amount(idle), share(idle), cell(""), cell(""), cell("")]);
    row.extend(partial.then(|| cell("")));
    table.push(RowKind::Apart, row);
    let mut row = vec![cell("Total"), cell(""), cell("")];
    row.extend(footed.column_totals.iter().copied().map(amount));
    row.extend([amount(footed.total), cell("100.0%")]);
    row.extend(partial.then(|| amount(compared_in_all)));
    let variances = budgets - compared_in_all;
    row.extend([amount(budgets), variance(variances), variance_share(variances, budgets)]);
    table.push(RowKind::Total, row);
    if chargeback.teams.iter().any(|team| team.budget.is_none()) {
        table.notes.push(
            "Budget and variance total the teams that have an amortised budget of their own."
                .to_owned(),
        );
    }
    table
}

/// A team's budget and what it is compared with, in whole units.
fn budget_of(
    view: &BudgetView,
    team: &TeamView,
    total: i64,
    format: MoneyFormat,
) -> Option<(i64, i64)> {
    let budget = team.budget?;
    let whole = budget.months == view.months.len();
    Some((format.whole(budget.amount), if whole { total } else { format.whole(budget.charged) }))
}
