//! Budgets and policies on both sides: what fails newly, what is cured.

use serde::Serialize;

use super::{Name, Names, Side, cents, union};
use crate::calendar::Month;
use crate::cost::gates::{BudgetOutcome, PolicyOutcome, Verdict};
use crate::money::Decimal;
use crate::plan::policy::Bound;
use crate::source::Span;

/// A budget on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct BudgetDiff {
    /// Its name.
    pub name: Name,
    /// What its period is called.
    pub period: String,
    /// In which share of draws it must hold.
    pub confidence: f64,
    /// How it came out before, where it was there.
    pub before: Option<BudgetState>,
    /// How it comes out after, where it is there.
    pub after: Option<BudgetState>,
    /// Where the plan after declares it.
    pub place: Option<Span>,
}

/// How a budget came out.
#[derive(Debug, Clone, PartialEq)]
pub struct BudgetState {
    /// Whether it holds at its confidence.
    pub holds: bool,
    /// Money for the months inside the horizon.
    pub amount: Decimal,
    /// Cost at the confidence.
    pub at_confidence: Decimal,
    /// The month in which the running total at the confidence passes the whole budget.
    pub first_breach: Option<Month>,
}

/// A policy on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyDiff {
    /// Its name.
    pub name: Name,
    /// Whether it fails the gate, rather than only warns.
    pub gates: bool,
    /// What it requires, in words: `shortfall at most 0 node`.
    pub requires: String,
    /// Why it is.
    pub because: Option<String>,
    /// How it came out before, where it was there.
    pub before: Option<PolicyState>,
    /// How it comes out after, where it is there.
    pub after: Option<PolicyState>,
    /// Where the plan after declares it.
    pub place: Option<Span>,
}

/// How a policy came out.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyState {
    /// Whether it fails, and is not waived.
    pub fails: bool,
    /// What was looked at, where it is worst.
    pub worst: Option<String>,
    /// The metric at the policy's confidence there.
    pub at_confidence: Option<f64>,
    /// The metric's unit.
    pub unit: &'static str,
    /// The first month that fails.
    pub first_failure: Option<Month>,
    /// What contributes most.
    pub contributor: Option<String>,
}

/// What a change did to a gate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// It holds on both sides, or came and holds.
    Holds,
    /// It fails, and did not before.
    Broken,
    /// It failed before, and still does.
    StillFails,
    /// It failed before, and holds now.
    Cured,
    /// It is no longer there.
    Gone,
}

fn turn(before: Option<bool>, after: Option<bool>) -> Turn {
    match (before, after) {
        (_, None) => Turn::Gone,
        (Some(false), Some(false)) => Turn::StillFails,
        (_, Some(false)) => Turn::Broken,
        (Some(false), Some(true)) => Turn::Cured,
        (_, Some(true)) => Turn::Holds,
    }
}

impl BudgetDiff {
    /// What the change did to it.
    #[must_use]
    pub fn turn(&self) -> Turn {
        turn(self.before.as_ref().map(|b| b.holds), self.after.as_ref().map(|a| a.holds))
    }
}

impl PolicyDiff {
    /// What the change did to it.
    #[must_use]
    pub fn turn(&self) -> Turn {
        turn(self.before.as_ref().map(|b| !b.fails), self.after.as_ref().map(|a| !a.fails))
    }
}

pub(super) fn budgets(
    before: Option<Side<'_>>,
    after: Side<'_>,
    names: &Names<'_>,
) -> Vec<BudgetDiff> {
    let state = |outcome: &BudgetOutcome| BudgetState {
        holds: outcome.passes,
        amount: outcome.amount,
        at_confidence: cents(outcome.at_confidence),
        first_breach: outcome.first_breach,
    };
    let found = |side: Side<'_>, name: &str| {
        let id = side.plan.budgets.find(name)?;
        side.outcome.budgets.iter().find(|outcome| outcome.budget == id).map(state)
    };
    let all = union(before, after, |plan| named(plan.budgets.items()));
    all.into_iter()
        .filter_map(|name| {
            let declared = [Some(after), before]
                .into_iter()
                .flatten()
                .find_map(|side| side.plan.budgets.find(&name).map(|id| &side.plan.budgets[id]))?;
            Some(BudgetDiff {
                period: declared.period_label.clone(),
                confidence: declared.confidence,
                before: before.and_then(|side| found(side, &name)),
                after: found(after, &name),
                place: after.plan.budgets.find(&name).map(|id| after.plan.budgets[id].origin),
                name: names.of("budget", &name),
            })
        })
        .collect()
}

pub(super) fn policies(
    before: Option<Side<'_>>,
    after: Side<'_>,
    names: &Names<'_>,
) -> Vec<PolicyDiff> {
    let all = union(before, after, |plan| named(plan.policies.items()));
    all.into_iter()
        .filter_map(|name| {
            let declared = [Some(after), before].into_iter().flatten().find_map(|side| {
                side.plan.policies.find(&name).map(|id| &side.plan.policies[id])
            })?;
            let require = &declared.require;
            let bound = match require.bound {
                Bound::AtMost => "at most",
                Bound::AtLeast => "at least",
            };
            Some(PolicyDiff {
                gates: declared.fails,
                requires: format!("{} {bound} {}", require.metric.row().word, require.limit_text),
                because: declared.because.clone(),
                before: before.and_then(|side| policy(side, &name)),
                after: policy(after, &name),
                place: after.plan.policies.find(&name).map(|id| after.plan.policies[id].origin),
                name: names.of("policy", &name),
            })
        })
        .collect()
}

fn policy(side: Side<'_>, name: &str) -> Option<PolicyState> {
    let id = side.plan.policies.find(name)?;
    let outcome: &PolicyOutcome = side.outcome.policies.iter().find(|o| o.policy == id)?;
    Some(PolicyState {
        fails: outcome.verdict == Verdict::Fails,
        worst: outcome.worst.clone(),
        at_confidence: outcome.at_confidence,
        unit: side.plan.policies[id].require.metric.row().unit,
        first_failure: outcome.first_failure,
        contributor: outcome.contributor.clone(),
    })
}

fn named<T: crate::ids::Named>(items: &[T]) -> Vec<String> {
    items.iter().map(|item| item.name().to_owned()).collect()
}
