//! Where the totals of a report come from: the whole, every category, every team, each in a few steps down to lines
//! of the plan.
//!
//! The largest parts are taken apart; the others are one part that says how many they are, so that every step is
//! still the sum of its parts. A whole explanation of one figure is [`super::explain`]'s.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Explainer, Figure, Step};
use crate::cost::ledger::{Category, Row};
use crate::ids::Id;
use crate::money::Decimal;
use crate::plan::{Team, Workload};

/// A figure and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// The figure, as `capplan explain` is asked for it: `cost team=search`.
    pub figure: String,
    /// Where it comes from.
    pub step: Step,
}

/// At most so many parts of a step stand by themselves.
const PARTS: usize = 6;

/// The whole, every category with cost, every team.
#[must_use]
pub fn traces(from: Explainer<'_>) -> Vec<Trace> {
    let months = 0..from.plan.horizon.months;
    let mut traces = vec![Trace { figure: "cost".to_owned(), step: from.whole(&months) }];
    for category in Category::ALL {
        let rows: Vec<&Row> =
            from.outcome.ledger.rows.iter().filter(|row| row.category == category).collect();
        if !rows.is_empty() {
            let step = from.largest(format!("cost of {}", category.word()), &rows, &months);
            traces.push(Trace { figure: format!("cost category={}", category.word()), step });
        }
    }
    for (id, team) in from.plan.teams.iter() {
        let step = from.team_in_short(id, &months);
        traces.push(Trace { figure: format!("cost team={}", team.name), step });
    }
    traces
}

impl Explainer<'_> {
    /// What each team bears, and what none does.
    fn whole(&self, months: &Range<usize>) -> Step {
        let mut parts: Vec<Step> = Vec::new();
        let mut invoice: Decimal = self.outcome.chargeback.invoice.iter().sum();
        for charge in &self.outcome.chargeback.teams {
            let team = &self.plan.teams[charge.team];
            let bears: Decimal = months.clone().map(|t| charge.total(t)).sum();
            invoice -= bears;
            let step = Step::money(format!("team {}", team.name), bears);
            parts.push(
                step.how("direct cost, and its part of idle and shared cost")
                    .at(self.place(team.origin)),
            );
        }
        parts.push(
            Step::money("borne by no team", invoice)
                .how("what nobody asked for, less what rules spread"),
        );
        in_short(Step::sum("total cost", parts).how("what each team bears, and what none does"))
    }

    /// What a team bears: its largest workloads, the others together, and the rules.
    fn team_in_short(&self, id: Id<Team>, months: &Range<usize>) -> Step {
        let rows: Vec<&Row> =
            self.outcome.ledger.rows.iter().filter(|row| row.team == Some(id)).collect();
        let direct = self.largest("direct cost".to_owned(), &rows, months);
        let mut parts = vec![direct];
        parts.extend(self.rules_of(id, months));
        let team = &self.plan.teams[id];
        in_short(
            Step::sum(format!("team {}", team.name), parts)
                .how("direct cost, and its part of idle and shared cost")
                .at(self.place(team.origin)),
        )
    }

    /// Rows by workload: the largest with their rows, need and lines; the others together.
    fn largest(&self, what: String, rows: &[&Row], months: &Range<usize>) -> Step {
        let mut by: BTreeMap<Option<Id<Workload>>, (Decimal, Vec<&Row>)> = BTreeMap::new();
        for row in rows {
            let (sum, own) = by.entry(row.workload).or_default();
            *sum += row.amortised;
            own.push(row);
        }
        let mut by: Vec<_> = by.into_iter().collect();
        by.sort_by(|(a, (x, _)), (b, (y, _))| y.abs().cmp(&x.abs()).then(a.cmp(b)));
        let split = if by.len() <= PARTS + 1 { by.len() } else { PARTS };
        let rest = by.split_off(split);
        let mut parts: Vec<Step> = Vec::new();
        for (_, (_, rows)) in by {
            parts.extend(self.by_cause(String::new(), &rows, months).parts);
        }
        let rest_worth: Decimal = rest.iter().map(|(_, (sum, _))| *sum).sum();
        let mut step = in_short(Step::sum(what, parts).how("sum of ledger rows"));
        if !rest.is_empty() {
            // What nobody caused is among them too.
            step.parts.push(Step::money(format!("{} more", rest.len()), rest_worth));
            step.amount = Some(Figure::Money(step.worth() + rest_worth));
        }
        step
    }
}

/// The step with at most [`PARTS`] parts of each kind, here and below; the others together.
fn in_short(mut step: Step) -> Step {
    if step.parts.len() > PARTS + 1 {
        let rest = step.parts.split_off(PARTS);
        let worth = rest.iter().map(Step::worth).sum();
        step.parts.push(Step::money(format!("{} more", rest.len()), worth));
    }
    step.because.truncate(PARTS);
    step.parts = step.parts.into_iter().map(in_short).collect();
    step.because = step.because.into_iter().map(in_short).collect();
    step
}
