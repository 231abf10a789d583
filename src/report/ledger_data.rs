//! The ledger as data, and the forecast by month.

use std::collections::BTreeMap;

use super::data::Data;
use super::view::{BudgetView, Money};
use crate::cost::ledger::{Ledger, Row};
use crate::ids::{Arena, Id, Named};
use crate::money::Decimal;
use crate::plan::Plan;
use crate::plan::price::Purchase;
use crate::source::{Sources, Span};

/// Every row of a ledger, with names for ids and the line of the plan that caused it. Amounts are means over the
/// draws, in plan currency.
#[must_use]
pub fn ledger(plan: &Plan, ledger: &Ledger, sources: &Sources) -> Data {
    let rows = || ledger.rows.iter();
    let amount = |of: fn(&Row) -> Decimal| rows().map(move |row| Some(of(row)));
    let mut places: BTreeMap<Span, String> = BTreeMap::new();
    let lines: Vec<Option<String>> = rows()
        .map(|row| {
            let place = places.entry(row.origin).or_insert_with(|| sources.place(row.origin));
            Some(place.clone())
        })
        .collect();
    Data::default()
        .months("month", rows().map(|row| plan.horizon.month(row.t)))
        .texts("team", rows().map(|row| name(&plan.teams, row.team)))
        .texts("workload", rows().map(|row| name(&plan.workloads, row.workload)))
        .texts("pool", rows().map(|row| name(&plan.pools, row.pool)))
        .texts("provider", rows().map(|row| name(&plan.providers, row.provider)))
        .texts("category", rows().map(|row| Some(row.category.word())))
        .texts("purchase", rows().map(|row| row.purchase.map(Purchase::word)))
        .decimals("quantity", amount(|row| row.quantity))
        .texts("unit", rows().map(|row| Some(row.unit)))
        .decimals("amortised", amount(|row| row.amortised))
        .decimals("cash", amount(|row| row.cash))
        .decimals("capex", amount(|row| row.capex))
        .decimals("list", amount(|row| row.list))
        .texts("currency", rows().map(|_| Some(plan.currency.to_string())))
        .texts("line", lines.into_iter())
}

fn name<T: Named>(arena: &Arena<T>, id: Option<Id<T>>) -> Option<&str> {
    id.map(|id| arena[id].name())
}

/// The forecast by month: one row a scenario, month and category, then one for the month's total with
/// its p10, p90 and budget. Amounts are amortised means in plan currency.
#[must_use]
pub fn forecast(view: &BudgetView) -> Data {
    let mut lines = Vec::new();
    for scenario in &view.scenarios {
        let cost = &scenario.cost;
        let budget = cost.comparison.as_ref().filter(|comparison| comparison.all_cost);
        for (t, month) in view.months.iter().copied().enumerate() {
            let line = |category, mean| Line {
                scenario: &scenario.name,
                month,
                category,
                mean,
                range: None,
                budget: None,
            };
            lines.extend(
                cost.categories
                    .iter()
                    .map(|category| line(category.category.word(), category.by_month[t])),
            );
            lines.push(Line {
                range: Some(cost.range_by_month[t]),
                budget: budget.map(|budget| budget.budget_by_month[t]),
                ..line("total", cost.by_month[t])
            });
        }
    }
    let lines = || lines.iter();
    Data::default()
        .texts("scenario", lines().map(|line| Some(line.scenario)))
        .months("month", lines().map(|line| line.month))
        .texts("category", lines().map(|line| Some(line.category)))
        .decimals("mean", lines().map(|line| Some(line.mean.decimal())))
        .decimals("p10", lines().map(|line| line.range.map(|(p10, _)| p10.decimal())))
        .decimals("p90", lines().map(|line| line.range.map(|(_, p90)| p90.decimal())))
        .decimals("budget", lines().map(|line| line.budget.map(Money::decimal)))
        .texts("currency", lines().map(|_| Some(view.currency.to_string())))
}

struct Line<'a> {
    scenario: &'a str,
    month: crate::calendar::Month,
    category: &'static str,
    mean: Money,
    range: Option<(Money, Money)>,
    budget: Option<Money>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{Words, plan_and_outcomes, report};

    #[test]
    fn every_row_of_the_ledger_has_its_line_and_text_stays_text() {
        let words = Words { team: "=1+1".to_owned(), ..Words::default() };
        let (plan, outcomes) = plan_and_outcomes(&words);
        let csv = ledger(&plan.base, &outcomes.base.ledger, &plan.sources).csv();
        assert!(csv.contains(",'=1+1,"));
        assert!(csv.lines().skip(1).all(|line| line.rsplit(',').next().unwrap().contains(".kdl:")));
    }

    #[test]
    fn the_rows_of_the_base_sum_to_the_forecast() {
        let view = report(&Words::default());
        let csv = forecast(&view).csv();
        let sum: Money = csv
            .lines()
            .filter(|line| line.starts_with("base,") && line.contains(",total,"))
            .map(|line| Money::new(line.split(',').nth(3).unwrap().parse().unwrap()))
            .sum();
        assert_eq!(sum, view.cost.total.mean);
    }
}
