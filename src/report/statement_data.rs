//! The lines of every team's statement as one table.

use super::data::Data;
use super::view::{
    BudgetView, Money, MovedBy, MovedLineView, MovesView, ServiceLine, StatementView,
    StatementsView,
};
use crate::money::Decimal;

/// One row a team and service, then one for what no team bears. Amounts are cents that come to the invoice.
#[must_use]
pub fn statements(view: &BudgetView, statements: &StatementsView) -> Data {
    let mut rows: Vec<Option<(&StatementView, &ServiceLine)>> = Vec::new();
    for team in &statements.teams {
        rows.extend(team.lines.iter().map(|line| Some((team, line))));
    }
    rows.push(None);
    let rows = || rows.iter().copied();
    let cents = |of: fn(&ServiceLine) -> Money, unborne: Money| {
        rows().map(move |row| Some(row.map_or(unborne, |(_, line)| of(line)).decimal()))
    };
    let exact = |of: fn(&ServiceLine) -> Option<Decimal>| {
        rows().map(move |row| row.and_then(|(_, line)| of(line)))
    };
    let kind = |row: Option<_>| if row.is_some() { "service" } else { "unborne" };
    Data::default()
        .texts("kind", rows().map(|row| Some(kind(row))))
        .texts("team", rows().map(|row| row.map(|(team, _)| team.team.as_str())))
        .texts("department", rows().map(|row| row?.0.department.as_deref()))
        .texts("cost_center", rows().map(|row| row?.0.cost_center.as_deref()))
        .texts("service", rows().map(|row| row?.1.service.as_deref()))
        .texts("driver", rows().map(|row| row?.1.driver))
        .decimals("quantity", exact(|line| line.quantity.map(|quantity| quantity.0)))
        .texts("unit", rows().map(|row| row?.1.unit.as_deref()))
        .rates("rate", exact(|line| line.rate.map(Money::decimal)))
        .cents("direct", cents(|line| line.direct, Money::default()))
        .cents("shared", cents(|line| line.shared, Money::default()))
        .cents("idle", cents(|line| line.idle, statements.unborne))
        .cents("total", cents(|line| line.total, statements.unborne))
        .texts("currency", rows().map(|_| Some(view.currency.to_string())))
}

/// What moves every team most: one row a line, then one row a cause, which come to its change.
#[must_use]
pub fn moves(view: &BudgetView, statements: &StatementsView) -> Data {
    type Of<'a> = (&'a str, &'a MovesView, &'a MovedLineView, Option<&'a MovedBy>);
    let mut rows: Vec<Of<'_>> = Vec::new();
    for team in &statements.teams {
        for moves in team.moves.iter().chain(&team.since) {
            for line in &moves.lines {
                rows.push((&team.team, moves, line, None));
                rows.extend(line.why.iter().map(|by| (team.team.as_str(), moves, line, Some(by))));
            }
        }
    }
    let rows = || rows.iter().copied();
    let of_line = |of: fn(&MovedLineView) -> Money| {
        rows().map(move |(_, _, line, by)| by.is_none().then(|| of(line).decimal()))
    };
    let compared = |moves: &MovesView| if moves.months.is_some() { "periods" } else { "revisions" };
    let change =
        |line: &MovedLineView, by: Option<&MovedBy>| by.map_or(line.change, |by| by.amount);
    Data::default()
        .texts("kind", rows().map(|row| Some(if row.3.is_some() { "cause" } else { "line" })))
        .texts("compared", rows().map(|row| Some(compared(row.1))))
        .texts("from", rows().map(|row| Some(row.1.from.as_str())))
        .texts("to", rows().map(|row| Some(row.1.to.as_str())))
        .texts("team", rows().map(|row| Some(row.0)))
        .texts("service", rows().map(|row| row.2.service.as_deref()))
        .texts("cause", rows().map(|row| row.3.map(|by| by.cause.as_str())))
        .cents("before", of_line(|line| line.before))
        .cents("after", of_line(|line| line.after))
        .cents("change", rows().map(|row| Some(change(row.2, row.3).decimal())))
        .texts("why", rows().map(|row| row.3.map(|by| by.how.as_str())))
        .texts("lines", rows().map(|row| row.3.map(|by| by.places.join(" "))))
        .texts("currency", rows().map(|_| Some(view.currency.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{Words, plan_and_outcomes, report};
    use crate::report::statements as made;

    #[test]
    fn the_rows_come_to_the_invoice() {
        let (plan, outcomes) = plan_and_outcomes(&Words::default());
        let all = made(&plan, &outcomes.base);
        let csv = statements(&report(&Words::default()), &all).csv();
        let totals = csv.lines().skip(1).map(|line| line.rsplit(',').nth(1).unwrap());
        let sum: Money = totals.map(|total| Money::new(total.parse().unwrap())).sum();
        assert_eq!(sum, all.invoice);
    }

    #[test]
    fn a_team_whose_name_is_a_formula_stays_text() {
        let words = Words { team: "=1+1".to_owned(), ..Words::default() };
        let (plan, outcomes) = plan_and_outcomes(&words);
        let csv = statements(&report(&words), &made(&plan, &outcomes.base)).csv();
        assert!(csv.contains("service,'=1+1,") && !csv.contains(",=1+1"));
    }
}
