//! The lines of teams' statements on both sides of a change, in whole cents: lines come to their team, and the causes of
//! a line to what it changes by.

use std::collections::{BTreeMap, BTreeSet};

use super::{Amounts, Cost, Name, Names};
use crate::allocation::{self, Group, GroupValue};
use crate::cost::statement::footed;
use crate::language::between::{Cause, Rename};
use crate::money::Decimal;
use crate::outcome::Outcome;
use crate::plan::Plan;

/// A team, and a service of it; `None` for what belongs to no single one.
type Line = (String, Option<String>);

/// What every line of a plan's statements is charged over all months, idle and shared cost by the plan's rules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lines {
    by_line: BTreeMap<Line, Decimal>,
}

/// A line on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct LineDiff {
    /// Whose statement it is on.
    pub team: Name,
    /// The workload; `None` for what belongs to no single one.
    pub service: Option<Name>,
    /// What it is charged over all months.
    pub cost: Amounts,
    /// By cause, in the order of substitution; sums to the change.
    pub why: Vec<(Vec<Cause>, Decimal)>,
}

impl Lines {
    /// The lines of a plan; of every team they come to what [`Cost`] says it bears.
    #[must_use]
    pub fn of(plan: &Plan, outcome: &Outcome, cost: &Cost) -> Self {
        let months = 0..plan.horizon.months;
        let all = allocation::by_rules(plan, outcome, months, &["team", "workload"], None);
        let mut teams: BTreeMap<String, Vec<(Option<String>, Decimal)>> = BTreeMap::new();
        for share in &all.rows {
            let Group::Of(values) = &share.group else { continue };
            let [GroupValue::Named(team), service] = values.as_slice() else { continue };
            let service = match service {
                GroupValue::Named(name) => Some(name.clone()),
                GroupValue::Unallocated => None,
            };
            teams.entry(team.clone()).or_default().push((service, share.total()));
        }
        for team in cost.by_team.keys().flatten() {
            let lines = teams.entry(team.clone()).or_default();
            let total = cost.of_team(Some(team));
            // What no workload accounts for stands on a line without a name, but for the rounding of cents.
            let left = total - lines.iter().map(|line| line.1).sum::<Decimal>();
            if left.abs() >= Decimal::ONE || (lines.is_empty() && !left.is_zero()) {
                match lines.iter_mut().find(|line| line.0.is_none()) {
                    Some(line) => line.1 += left,
                    None => lines.push((None, left)),
                }
            }
        }
        let mut by_line = BTreeMap::new();
        for (team, lines) in teams {
            let exact: Vec<Decimal> = lines.iter().map(|line| line.1).collect();
            if exact.is_empty() {
                continue;
            }
            let cents = footed(&exact, cost.of_team(Some(&team)), 2);
            let cents = lines.into_iter().zip(cents);
            by_line.extend(cents.map(|((service, _), cents)| ((team.clone(), service), cents)));
        }
        Self { by_line }
    }

    fn at(&self, line: &Line) -> Decimal {
        self.by_line.get(line).copied().unwrap_or_default()
    }
}

/// Every line of either side that changes. Both sides use the names of the plan before; the last step is the plan after.
#[must_use]
pub fn lines(before: &Lines, steps: &[(Vec<Cause>, Lines)], renames: &[Rename]) -> Vec<LineDiff> {
    let names = Names { renames };
    let Some((_, after)) = steps.last() else { return Vec::new() };
    let all: BTreeSet<&Line> = std::iter::once(before)
        .chain(steps.iter().map(|step| &step.1))
        .flat_map(|of| of.by_line.keys())
        .collect();
    let diff = |line: &Line| {
        let mut at = before.at(line);
        let why = steps.iter().map(|(causes, lines)| {
            let to = lines.at(line);
            let amount = to - at;
            at = to;
            (causes.clone(), amount)
        });
        LineDiff {
            team: names.of("team", &line.0),
            service: line.1.as_ref().map(|name| names.of("workload", name)),
            why: why.filter(|(_, amount)| !amount.is_zero()).collect(),
            cost: Amounts { before: before.at(line), after: after.at(line) },
        }
    };
    all.into_iter().map(diff).filter(|line| !line.why.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines_of(amounts: &[(&str, Option<&str>, i64)]) -> Lines {
        let line = |(team, service, cents): &(&str, Option<&str>, i64)| {
            (((*team).to_owned(), service.map(str::to_owned)), Decimal::new(*cents, 2))
        };
        Lines { by_line: amounts.iter().map(line).collect() }
    }

    #[test]
    fn causes_come_to_what_a_line_changes_by_and_lines_that_stay_are_left_out() {
        let before = lines_of(&[("search", Some("rerank"), 100), ("search", Some("index"), 50)]);
        let demand = lines_of(&[("search", Some("rerank"), 130), ("search", Some("index"), 50)]);
        let after = lines_of(&[("search", Some("rerank"), 120), ("search", Some("index"), 50)]);
        let steps = [(vec![Cause::Demand], demand), (vec![Cause::Prices], after)];
        let found = lines(&before, &steps, &[]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].service.as_ref().map(|name| name.now.as_str()), Some("rerank"));
        let why = [
            (vec![Cause::Demand], Decimal::new(30, 2)),
            (vec![Cause::Prices], Decimal::new(-10, 2)),
        ];
        assert_eq!(found[0].why, why);
        assert_eq!(found[0].cost.change(), Decimal::new(20, 2));
    }
}
