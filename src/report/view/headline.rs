//! What matters most in a report: the one problem its first paragraph names.

use serde::Serialize;

use super::gates::{BudgetOutcomeView, PolicyOutcomeView, PolicyVerdict};
use super::money::Money;
use super::pools::{PoolShortfall, ShortfallView};
use crate::calendar::Month;

/// The most important problem of a plan.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Problem {
    /// A pool is likely to be short, or may be.
    Shortfall {
        /// Where it is likeliest.
        worst: PoolShortfall,
        /// Where it is first at least 5% likely.
        first: PoolShortfall,
    },
    /// A budget does not hold at its confidence; the one that is missed by most.
    Budget {
        /// Its name.
        budget: String,
        /// By how much the cost at the budget's confidence passes it.
        over: Money,
        /// The share of draws within it.
        within: f64,
        /// When its running total passes the whole budget.
        first_breach: Option<Month>,
    },
    /// A policy that gates does not hold.
    Policy {
        /// Its name.
        policy: String,
        /// The worst thing it looked at.
        worst: Option<String>,
        /// The first month that fails.
        first_failure: Option<Month>,
    },
    /// Nothing fails.
    None,
}

/// Chooses: a shortfall more likely than not, else a failed budget, else a failed policy, else any
/// shortfall that is at least 5% likely.
pub(super) fn problem(
    shortfall: &ShortfallView,
    budgets: &[BudgetOutcomeView],
    policies: &[PolicyOutcomeView],
) -> Problem {
    let short = shortfall.worst.clone().zip(shortfall.first.clone());
    let short = short.map(|(worst, first)| (worst.chance, Problem::Shortfall { worst, first }));
    match short {
        Some((chance, problem)) if chance >= 0.5 => problem,
        short => failed_budget(budgets)
            .or_else(|| failed_policy(policies))
            .or(short.map(|(_, problem)| problem))
            .unwrap_or(Problem::None),
    }
}

fn failed_budget(budgets: &[BudgetOutcomeView]) -> Option<Problem> {
    let failed = budgets.iter().filter(|budget| !budget.passes);
    let worst = failed.min_by_key(|budget| budget.amount - budget.at_confidence)?;
    Some(Problem::Budget {
        budget: worst.name.clone(),
        over: worst.at_confidence - worst.amount,
        within: worst.within,
        first_breach: worst.first_breach,
    })
}

fn failed_policy(policies: &[PolicyOutcomeView]) -> Option<Problem> {
    let failed = policies.iter().filter(|p| p.gates && p.verdict == PolicyVerdict::Fails);
    let earliest = failed.min_by_key(|policy| policy.first_failure)?;
    Some(Problem::Policy {
        policy: earliest.name.clone(),
        worst: earliest.worst.clone(),
        first_failure: earliest.first_failure,
    })
}
