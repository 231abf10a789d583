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
    /// Where it was judged on some draws of the plan alone: how sure that is.
    pub sampled: Option<Sampled>,
}

/// How sure a share of draws is that was counted on some of them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sampled {
    /// Draws looked at.
    pub draws: usize,
    /// Draws of the plan.
    pub of: usize,
    /// The share of those looked at in which it holds in the worst month.
    pub held: f64,
    /// Between which the share of all lies, at 95% certainty.
    pub between: (f64, f64),
}

impl Sampled {
    /// Of a share that was counted on so many draws.
    ///
    /// # Source
    /// Wilson, "Probable inference, the law of succession, and statistical inference" (1927).
    #[must_use]
    pub fn of(held: f64, draws: usize, of: usize) -> Self {
        const Z: f64 = 1.959_964;
        let n = draws.max(1) as f64;
        let scale = 1.0 + Z * Z / n;
        let middle = (held + Z * Z / (2.0 * n)) / scale;
        let half = Z / scale * (held * (1.0 - held) / n + Z * Z / (4.0 * n * n)).sqrt();
        Self { draws, of, held, between: ((middle - half).max(0.0), (middle + half).min(1.0)) }
    }
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
