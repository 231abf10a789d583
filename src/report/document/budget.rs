//! Budget, forecast and variance: by category and period, budget by budget, month by month.

use serde::Serialize;

use super::{
    Align, Block, Cell, Figure, RowKind, Section, Switch, SwitchChoice, Table, Tone, amount,
    bridge, cell, scenario_name, trace, trend, variance, variance_share,
};
use crate::report::chart::{Naming, stacked};
use crate::report::foot::{self, Footed};
use crate::report::format::{self, MoneyFormat};
use crate::report::prose;
use crate::report::template::TEXT;
use crate::report::view::{BudgetOutcomeView, BudgetView, CostView, Money, ScenarioView};

const SIGN_RULE: &str = "variance = budget less forecast; parentheses are unfavourable";

#[derive(Serialize)]
struct BudgetProse {
    budgets: Option<String>,
    partial: Option<String>,
}

/// What the prose is given, with nothing left out.
pub(super) fn sample() -> impl Serialize {
    BudgetProse { budgets: Some(TEXT.to_owned()), partial: Some(TEXT.to_owned()) }
}

pub(super) fn section(view: &BudgetView, format: MoneyFormat) -> Section {
    let comparison = view.cost.comparison.as_ref();
    let names = |names: &[String]| {
        names.iter().map(|name| format::plain(name)).collect::<Vec<_>>().join(", ")
    };
    let whole = |months: usize| months == view.months.len();
    let prose = prose::render(
        "budget",
        &BudgetProse {
            budgets: comparison.map(|comparison| names(&comparison.budgets)),
            partial: comparison
                .filter(|c| !(c.all_cost && whole(c.months)))
                .map(|comparison| format!("{} of {} months", comparison.months, view.months.len())),
        },
    );
    let mut blocks = vec![Block::prose(prose), Block::table(categories(view, format))];
    blocks.extend(bridge::figure(view, format).map(Block::figure));
    if !view.budgets.is_empty() {
        blocks.push(Block::table(budgets(view, format)));
    }
    Section { id: "budget", heading: "Budget, forecast and variance".to_owned(), blocks }
}

/// Categories down, fiscal periods across; then the total against the budget.
pub(super) fn categories(view: &BudgetView, format: MoneyFormat) -> Table {
    let caption = format!("{}, amortised means; {SIGN_RULE}", format.words());
    let mut table = Table::new("categories", "Forecast by category and period", caption)
        .columns(Align::Text, &["Category"])
        .periods(view)
        .columns(Align::Number, &["Forecast", "Share", "Trend"]);
    let cost = &view.cost;
    let by_period = |by_month: &[Money]| -> Vec<Money> {
        view.periods.iter().map(|period| period.sum(by_month)).collect()
    };
    let rows: Vec<Vec<Money>> = cost.categories.iter().map(|c| by_period(&c.by_month)).collect();
    let Footed { cells, row_totals, mut column_totals, total } = foot::foot_table(format, &rows);
    // A plan that costs nothing has no category.
    column_totals.resize(view.periods.len(), 0);
    for ((category, cells), row_total) in cost.categories.iter().zip(cells).zip(row_totals) {
        let figure = format!("cost category={}", category.category.word());
        let mut row = vec![linked(view, stacked::words(category.category), &figure)];
        row.extend(cells.into_iter().map(amount));
        row.push(amount(row_total));
        row.push(cell(format::percent(row_total as f64 / total.max(1) as f64)));
        row.push(trend(&category.by_month, format));
        table.push(RowKind::Body, row);
    }
    let mut row = vec![linked(view, "Total forecast", "cost")];
    row.extend(column_totals.iter().copied().map(amount));
    row.extend([amount(total), cell("100.0%"), trend(&cost.by_month, format)]);
    table.push(RowKind::Total, row);
    if let Some(comparison) = &cost.comparison {
        let (budget, budget_total) = foot::foot(format, &by_period(&comparison.budget_by_month));
        let whole = comparison.all_cost && comparison.months == view.months.len();
        let (forecast, forecast_total) = if whole {
            (column_totals, total)
        } else {
            let footed = foot::foot(format, &by_period(&comparison.forecast_by_month));
            table
                .push(RowKind::Apart, comparison_row("of which has a budget", &footed.0, footed.1));
            footed
        };
        table.push(RowKind::Apart, comparison_row("Budget", &budget, budget_total));
        let mut row = vec![cell("Variance")];
        row.extend(budget.iter().zip(&forecast).map(|(b, f)| variance(b - f)));
        row.extend([variance(budget_total - forecast_total), cell(""), cell("")]);
        table.push(RowKind::Apart, row);
        let mut row = vec![cell("Variance %")];
        row.extend(budget.iter().zip(&forecast).map(|(b, f)| variance_share(b - f, *b)));
        row.push(variance_share(budget_total - forecast_total, budget_total));
        row.extend([cell(""), cell("")]);
        table.push(RowKind::Apart, row);
    }
    table
}

/// The head of a row whose total is explained further down.
fn linked(view: &BudgetView, words: &str, figure: &str) -> Cell {
    Cell { link: trace::link(view, figure), ..cell(words) }
}

fn comparison_row(name: &str, amounts: &[i64], total: i64) -> Vec<Cell> {
    let mut row = vec![cell(name)];
    row.extend(amounts.iter().copied().map(amount));
    row.extend([amount(total), cell(""), cell("")]);
    row
}

/// One row a budget: periods, forecast, budget, variance, variance %, then how sure it is.
pub(super) fn budgets(view: &BudgetView, format: MoneyFormat) -> Table {
    let caption = format!("{}, each on its own basis; {SIGN_RULE}", format.words());
    let mut table = Table::new("budgets", "Budgets", caption)
        .columns(Align::Text, &["Budget"])
        .periods(view)
        .columns(Align::Number, &["Forecast", "Budget", "Variance", "Variance %", "Draws within"])
        .columns(Align::Text, &["Outcome"]);
    for budget in &view.budgets {
        table.push(RowKind::Body, budget_row(view, budget, format));
        if budget.months.0 < budget.months.1 {
            table.notes.push(format!(
                "{}: {} of its {} months lie in the horizon; these are compared with the budget phased over them.",
                format::plain(&budget.name),
                budget.months.0,
                budget.months.1
            ));
        }
    }
    let owned = view.budgets.iter().filter(|budget| !budget.owners.is_empty()).map(|budget| {
        let owners: Vec<String> = budget.owners.iter().map(|o| format::plain(o)).collect();
        format!("{} for {}", format::plain(&budget.name), owners.join(", "))
    });
    let owned: Vec<String> = owned.collect();
    if !owned.is_empty() {
        table.notes.push(format!("{}; any other is for all cost.", owned.join("; ")));
    }
    let direct = |owner: &String| owner.starts_with("project") || owner.starts_with("cost cent");
    if view.budgets.iter().any(|budget| budget.owners.iter().any(direct)) {
        table.notes.push(
            "Of a project and of a cost centre the direct cost of its workloads counts; of a team and of a department idle \
             and shared cost too."
                .to_owned(),
        );
    }
    if view.budgets.iter().any(|budget| budget.basis == "list") {
        table.notes.push(
            "Of list prices only the mean is known, and owned nodes have none: a budget on the basis of list prices is \
             compared with amortised cost."
                .to_owned(),
        );
    }
    table.notes.push(
        "Budgets overlap and are not summed. A budget holds if its cost at its confidence is within it."
            .to_owned(),
    );
    table
}

fn budget_row(view: &BudgetView, budget: &BudgetOutcomeView, format: MoneyFormat) -> Vec<Cell> {
    let by_period: Vec<Money> =
        view.periods.iter().map(|period| period.sum(&budget.forecast_by_month)).collect();
    let (cells, forecast) = foot::foot(format, &by_period);
    let limit = format.whole(budget.amount);
    let basis = match budget.basis {
        "amortised" => String::new(),
        basis => format!(", {basis} basis"),
    };
    let mut row = vec![cell(format!(
        "{}, {}{basis}",
        format::plain(&budget.name),
        format::plain(&budget.period)
    ))];
    row.extend(cells.into_iter().map(amount));
    row.extend([amount(forecast), amount(limit), variance(limit - forecast)]);
    row.push(variance_share(limit - forecast, limit));
    let within = if budget.within > 0.0 { format::chance(budget.within) } else { "0%".to_owned() };
    row.push(cell(within));
    row.push(outcome(budget));
    row
}

fn outcome(budget: &BudgetOutcomeView) -> Cell {
    let confidence = format::stated_percent(budget.confidence);
    if !budget.passes {
        return Cell { tone: Some(Tone::Bad), ..cell(format!("fails at {confidence}")) };
    }
    match budget.warned {
        Some(share) => Cell {
            tone: Some(Tone::Warn),
            ..cell(format!("past {} of it", format::stated_percent(share)))
        },
        None => cell(format!("holds at {confidence}")),
    }
}

/// Monthly cost by category against the phased budget, scenario by scenario.
pub(super) fn monthly(view: &BudgetView, format: MoneyFormat) -> Section {
    let choices: Vec<SwitchChoice> = view
        .scenarios
        .iter()
        .enumerate()
        .map(|(index, scenario)| SwitchChoice {
            number: index + 1,
            label: scenario_name(scenario),
            first: index == 0,
            figure: monthly_figure(view, scenario, index, format),
        })
        .collect();
    let block = Block {
        switch: Some(Switch { id: "scenario", legend: "Scenario".to_owned(), choices }),
        ..Block::default()
    };
    Section {
        id: "monthly",
        heading: "Monthly cost against budget".to_owned(),
        blocks: vec![Block::prose(prose::render("monthly", &())), block],
    }
}

/// The base's monthly cost against its budget.
pub(super) fn base_figure(view: &BudgetView, format: MoneyFormat) -> Option<Figure> {
    view.scenarios.first().map(|base| monthly_figure(view, base, 0, format))
}

fn monthly_figure(
    view: &BudgetView,
    scenario: &ScenarioView,
    index: usize,
    format: MoneyFormat,
) -> Figure {
    let budget = scenario.cost.comparison.as_ref().filter(|comparison| comparison.all_cost);
    let budget = budget.map(|comparison| comparison.budget_by_month.as_slice());
    let finding = monthly_finding(view, &scenario.cost, budget, format);
    let id = format!("monthly-{}", index + 1);
    let name = scenario_name(scenario);
    let title = format!("Monthly cost by category, {name}");
    let summary = monthly_summary(view, &scenario.cost, format);
    let description = format!("{finding}. {summary}");
    let naming = Naming { id: &id, title: &title, description: &description };
    Figure {
        finding: format!("{name}: {finding}"),
        summary,
        caption: format!(
            "{} a month; columns are means, the thin line on each is p10–p90 of the month{}",
            format.words(),
            if budget.is_some() { ", the stepped line is the budget" } else { "" }
        ),
        chart: stacked::draw(&scenario.cost, budget, &view.months, format, naming),
        data: monthly_data(view, &scenario.cost, budget, &id, &name, format),
    }
}

fn monthly_finding(
    view: &BudgetView,
    cost: &CostView,
    budget: Option<&[Money]>,
    format: MoneyFormat,
) -> String {
    let Some(budget) = budget else {
        return format!("{} in all", format.sentence(cost.total.mean));
    };
    let over: Vec<usize> = (0..view.months.len())
        .filter(|t| budget[*t] > Money::default() && cost.by_month[*t] > budget[*t])
        .collect();
    match (over.first(), over.len()) {
        (None, _) => "no month passes its budget".to_owned(),
        (Some(first), 1) => format!("{} passes its budget", format::month(view.months[*first])),
        (Some(first), n)
            if over.last() == Some(&(view.months.len() - 1)) && n == view.months.len() - first =>
        {
            format!("over budget every month from {}", format::month(view.months[*first]))
        }
        (Some(first), n) => {
            format!(
                "{n} months pass their budget, the first {}",
                format::month(view.months[*first])
            )
        }
    }
}

fn monthly_summary(view: &BudgetView, cost: &CostView, format: MoneyFormat) -> String {
    let at = |t: usize| cost.by_month.get(t).copied().unwrap_or_default();
    let largest = cost.categories.iter().max_by_key(|c| c.by_month.iter().copied().sum::<Money>());
    format!(
        "Cost goes from {} in {} to {} in {}; the largest category is {}.",
        format.sentence(at(0)),
        format::month(view.first_month()),
        format.sentence(at(view.months.len().saturating_sub(1))),
        format::month(view.last_month()),
        largest.map_or("none", |category| stacked::words(category.category))
    )
}

fn monthly_data(
    view: &BudgetView,
    cost: &CostView,
    budget: Option<&[Money]>,
    id: &str,
    name: &str,
    format: MoneyFormat,
) -> Table {
    let heads: Vec<&str> = cost.categories.iter().map(|c| stacked::words(c.category)).collect();
    let mut table = Table::new(
        format!("{id}-data"),
        format!("Monthly cost by category, {name}"),
        format.words(),
    )
    .columns(Align::Text, &["Month"])
    .columns(Align::Number, &heads)
    .columns(Align::Number, &["Total", "p10", "p90"]);
    if budget.is_some() {
        table = table.columns(Align::Number, &["Budget"]);
    }
    let rows: Vec<Vec<Money>> = (0..view.months.len())
        .map(|t| cost.categories.iter().map(|category| category.by_month[t]).collect())
        .collect();
    let footed = foot::foot_table(format, &rows);
    let budgets = budget.map(|budget| foot::foot(format, budget));
    for (t, cells) in footed.cells.iter().enumerate() {
        let mut row = vec![cell(format::month(view.months[t]))];
        row.extend(cells.iter().copied().map(amount));
        row.push(amount(footed.row_totals[t]));
        let (p10, p90) = cost.range_by_month[t];
        row.extend([cell(format.cell(p10)), cell(format.cell(p90))]);
        row.extend(budgets.as_ref().map(|(budgets, _)| amount(budgets[t])));
        table.push(RowKind::Body, row);
    }
    let mut row = vec![cell("Total")];
    row.extend(footed.column_totals.iter().copied().map(amount));
    row.extend([amount(footed.total), cell(""), cell("")]);
    row.extend(budgets.map(|(_, total)| amount(total)));
    table.push(RowKind::Total, row);
    table
}
