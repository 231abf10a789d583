//! The lines of every team's statement as one table.

use super::csv::{Csv, text};
use super::view::{BudgetView, Money, StatementsView};

/// One row a team and service, then one for what no team bears. Amounts are cents that come to the invoice.
#[must_use]
pub fn csv(view: &BudgetView, statements: &StatementsView) -> String {
    let mut csv = Csv::default();
    let heads = [
        "kind",
        "team",
        "department",
        "cost_center",
        "service",
        "driver",
        "quantity",
        "unit",
        "rate",
        "direct",
        "shared",
        "idle",
        "total",
        "currency",
    ];
    csv.row(&heads.map(str::to_owned));
    let name = |name: &Option<String>| name.as_deref().map(text).unwrap_or_default();
    let currency = view.currency.to_string();
    for team in &statements.teams {
        for line in &team.lines {
            csv.row(&[
                "service".to_owned(),
                text(&team.team),
                name(&team.department),
                name(&team.cost_center),
                name(&line.service),
                line.driver.unwrap_or_default().to_owned(),
                line.quantity
                    .map(|quantity| quantity.0.normalize().to_string())
                    .unwrap_or_default(),
                name(&line.unit),
                line.rate.map(|rate| rate.decimal().normalize().to_string()).unwrap_or_default(),
                cents(line.direct),
                cents(line.shared),
                cents(line.idle),
                cents(line.total),
                currency.clone(),
            ]);
        }
    }
    let mut row = vec![String::new(); heads.len()];
    "unborne".clone_into(&mut row[0]);
    row[9] = cents(Money::default());
    row[10] = cents(Money::default());
    row[11] = cents(statements.unborne);
    row[12] = cents(statements.unborne);
    row[13] = currency;
    csv.row(&row);
    csv.text
}

fn cents(amount: Money) -> String {
    format!("{:.2}", amount.decimal())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{Words, plan_and_outcomes, report};
    use crate::report::statements;

    #[test]
    fn the_rows_come_to_the_invoice() {
        let (plan, outcomes) = plan_and_outcomes(&Words::default());
        let statements = statements(&plan, &outcomes.base);
        let csv = csv(&report(&Words::default()), &statements);
        let totals = csv.lines().skip(1).map(|line| line.rsplit(',').nth(1).unwrap());
        let sum: Money = totals.map(|total| Money::new(total.parse().unwrap())).sum();
        assert_eq!(sum, statements.invoice);
    }

    #[test]
    fn a_team_whose_name_is_a_formula_stays_text() {
        let words = Words { team: "=1+1".to_owned(), ..Words::default() };
        let (plan, outcomes) = plan_and_outcomes(&words);
        let csv = csv(&report(&words), &statements(&plan, &outcomes.base));
        assert!(csv.contains("service,'=1+1,") && !csv.contains(",=1+1"));
    }
}
