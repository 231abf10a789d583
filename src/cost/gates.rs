//! Gates: how budgets and policies came out.

use crate::calendar::Month;
use crate::ids::Id;
use crate::money::Decimal;
use crate::plan::{Budget, Policy};

pub use super::budget_gate::budgets;
pub use super::policy_gate::{ask_for_queues, policies};

/// How a budget came out.
#[derive(Debug, Clone)]
pub struct BudgetOutcome {
    /// The budget.
    pub budget: Id<Budget>,
    /// Months of the budget inside the horizon, as months of the horizon; empty where none is.
    pub covered: Vec<usize>,
    /// The budget phased over the covered months.
    pub amount: Decimal,
    /// The same, one amount a covered month; sums to `amount`.
    pub amount_by_month: Vec<Decimal>,
    /// Mean cost of the covered months, on the budget's basis: sums of ledger rows.
    pub forecast: Decimal,
    /// The same by covered month; sums to `forecast`.
    pub forecast_by_month: Vec<Decimal>,
    /// p10, p50 and p90 of the cost of the covered months.
    pub quantiles: [f64; 3],
    /// The cost at the budget's confidence.
    pub at_confidence: f64,
    /// The share of draws within the budget.
    pub within: f64,
    /// Whether it holds at its confidence.
    pub passes: bool,
    /// The first month in which the running total at the confidence passes the whole budget.
    pub first_breach: Option<Month>,
    /// The highest `warn-at` share that p50 passes.
    pub warned: Option<f64>,
}

/// How a policy came out.
#[derive(Debug, Clone)]
pub struct PolicyOutcome {
    /// The policy.
    pub policy: Id<Policy>,
    /// Whether it holds, or why it was not evaluated.
    pub verdict: Verdict,
    /// The worst thing it looked at (a pool, a price), if any.
    pub worst: Option<String>,
    /// p50 and p95 of the metric there, in the worst month; p5 rather than p95 for a floor.
    pub observed: Option<(f64, f64)>,
    /// The value at the policy's confidence there.
    pub at_confidence: Option<f64>,
    /// The first month that fails.
    pub first_failure: Option<Month>,
    /// What contributes most to the metric in that month, in words.
    pub contributor: Option<String>,
}

/// Whether a policy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
    /// It does not, but is waived.
    Waived,
    /// Its metric is not evaluated yet, in words.
    NotEvaluated(String),
}
