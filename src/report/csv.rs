//! Tables as CSV, RFC 4180: figures plain and in full, text guarded against spreadsheets' formulas.

use super::view::{BudgetView, Money};
use crate::cost::ledger::Ledger;
use crate::ids::{Arena, Id, Named};
use crate::plan::Plan;

/// The forecast by month: one row a scenario, month and category, then one for the month's total with
/// its p10, p90 and budget. Amounts are amortised means in plan currency.
#[must_use]
pub fn forecast_csv(view: &BudgetView) -> String {
    let mut csv = Csv::default();
    csv.row(
        &["scenario", "month", "category", "mean", "p10", "p90", "budget", "currency"].map(word),
    );
    let currency = view.currency.to_string();
    for scenario in &view.scenarios {
        let cost = &scenario.cost;
        let budget = cost.comparison.as_ref().filter(|comparison| comparison.all_cost);
        for (t, month) in view.months.iter().enumerate() {
            let key = [text(&scenario.name), month.to_string()];
            for category in &cost.categories {
                let [name, month] = key.clone();
                csv.row(&[
                    name,
                    month,
                    word(category.category.word()),
                    figure(category.by_month[t]),
                    String::new(),
                    String::new(),
                    String::new(),
                    word(&currency),
                ]);
            }
            let [name, month] = key;
            let (p10, p90) = cost.range_by_month[t];
            csv.row(&[
                name,
                month,
                word("total"),
                figure(cost.by_month[t]),
                figure(p10),
                figure(p90),
                budget.map_or_else(String::new, |budget| figure(budget.budget_by_month[t])),
                word(&currency),
            ]);
        }
    }
    csv.text
}

/// Every row of a ledger, with names for ids. Amounts are in plan currency.
#[must_use]
pub fn ledger_csv(plan: &Plan, ledger: &Ledger) -> String {
    let mut csv = Csv::default();
    let heads = [
        "month",
        "team",
        "workload",
        "pool",
        "provider",
        "category",
        "purchase",
        "quantity",
        "unit",
        "amortised",
        "cash",
        "capex",
        "currency",
    ];
    csv.row(&heads.map(word));
    for row in &ledger.rows {
        csv.row(&[
            plan.horizon.month(row.t).to_string(),
            name(&plan.teams, row.team),
            name(&plan.workloads, row.workload),
            name(&plan.pools, row.pool),
            name(&plan.providers, row.provider),
            word(row.category.word()),
            row.purchase.map_or_else(String::new, |purchase| word(purchase.word())),
            row.quantity.normalize().to_string(),
            word(row.unit),
            row.amortised.normalize().to_string(),
            row.cash.normalize().to_string(),
            row.capex.normalize().to_string(),
            plan.currency.to_string(),
        ]);
    }
    csv.text
}

fn name<T: Named>(arena: &Arena<T>, id: Option<Id<T>>) -> String {
    id.map_or_else(String::new, |id| text(arena[id].name()))
}

/// A word of ours.
fn word(word: &str) -> String {
    word.to_owned()
}

/// Text of the plan; what a spreadsheet would take for a formula gets an apostrophe before it.
fn text(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula { format!("'{text}") } else { text.to_owned() }
}

fn figure(amount: Money) -> String {
    amount.decimal().normalize().to_string()
}

/// Rows of fields, quoted where they must be, ended by CRLF.
#[derive(Debug, Default)]
struct Csv {
    text: String,
}

impl Csv {
    fn row(&mut self, fields: &[String]) {
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            if field.contains([',', '"', '\r', '\n']) {
                self.text.push('"');
                self.text.push_str(&field.replace('"', "\"\""));
                self.text.push('"');
            } else {
                self.text.push_str(field);
            }
        }
        self.text.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{Words, plan_and_outcomes, report};

    #[test]
    fn a_field_is_quoted_where_it_must_be() {
        let mut csv = Csv::default();
        csv.row(&["a,b", "say \"x\"", "plain"].map(word));
        assert_eq!(csv.text, "\"a,b\",\"say \"\"x\"\"\",plain\r\n");
    }

    #[test]
    fn text_cannot_become_a_formula_and_figures_stay_figures() {
        assert_eq!(text("=HYPERLINK(1)"), "'=HYPERLINK(1)");
        assert_eq!(figure(Money::new("-12.500000".parse().unwrap())), "-12.5");
        let words = Words { team: "=1+1".to_owned(), ..Words::default() };
        let (plan, outcomes) = plan_and_outcomes(&words);
        assert!(ledger_csv(&plan.base, &outcomes.base.ledger).contains(",'=1+1,"));
    }

    #[test]
    fn the_rows_of_the_base_sum_to_the_forecast() {
        let view = report(&Words::default());
        let csv = forecast_csv(&view);
        let sum: Money = csv
            .lines()
            .filter(|line| line.starts_with("base,") && line.contains(",total,"))
            .map(|line| Money::new(line.split(',').nth(3).unwrap().parse().unwrap()))
            .sum();
        assert_eq!(sum, view.cost.total.mean);
    }
}
