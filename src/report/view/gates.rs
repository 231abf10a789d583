//! How every budget and every policy came out.

use serde::Serialize;

use super::money::{Day, Money};
use crate::calendar::Month;
use crate::cost::gates::{BudgetOutcome, PolicyOutcome, Verdict};
use crate::money::quantised;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::plan::budget::BudgetOwner;
use crate::plan::policy::{Bound, Requirement};
use crate::source::Sources;

/// How a budget came out.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BudgetOutcomeView {
    /// Its name.
    pub name: String,
    /// Where the plan declares it.
    pub place: String,
    /// Whose cost counts, in words; empty for all cost.
    pub owners: Vec<String>,
    /// What its period is called.
    pub period: String,
    /// `amortised`, `cash` or `list`.
    pub basis: &'static str,
    /// In which share of draws it must hold.
    pub confidence: f64,
    /// How many of its months the horizon covers, and how many it has.
    pub months: (usize, usize),
    /// The budget of the covered months.
    pub amount: Money,
    /// Mean cost of the covered months.
    pub forecast: Money,
    /// Mean cost by month of the horizon; zero outside the budget.
    pub forecast_by_month: Vec<Money>,
    /// p10, p50 and p90 of the cost of the covered months.
    pub quantiles: [Money; 3],
    /// The cost at the confidence: what is compared.
    pub at_confidence: Money,
    /// The share of draws within the budget.
    pub within: f64,
    /// Whether it holds.
    pub passes: bool,
    /// When the running total passes the whole budget.
    pub first_breach: Option<Month>,
    /// The highest `warn-at` share that p50 passes.
    pub warned: Option<f64>,
}

/// How a policy came out.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PolicyOutcomeView {
    /// Its name.
    pub name: String,
    /// Whether a failure fails the gate, rather than only warns.
    pub gates: bool,
    /// What it looks at: `pool serve-*`; everything where empty.
    pub select: Vec<String>,
    /// What is measured.
    pub metric: &'static str,
    /// The metric's unit.
    pub unit: &'static str,
    /// Whether the limit is a ceiling, rather than a floor.
    pub at_most: bool,
    /// The limit as written.
    pub limit: String,
    /// The same as a number, in the metric's unit; shares from 0 to 1.
    #[serde(skip)]
    pub bound: f64,
    /// Averaged over so many trailing months.
    pub over_months: Option<u32>,
    /// In which share of draws it must hold, in every month separately.
    pub confidence: f64,
    /// How it came out.
    pub verdict: PolicyVerdict,
    /// The worst thing it looked at.
    pub worst: Option<String>,
    /// p50 and p95 there in the worst month (p5 for a floor), shares from 0 to 1.
    pub observed: Option<(f64, f64)>,
    /// The value at the confidence there.
    pub at_confidence: Option<f64>,
    /// The first month that fails.
    pub first_failure: Option<Month>,
    /// What contributes most there.
    pub contributor: Option<String>,
    /// Why the policy is.
    pub because: Option<String>,
    /// Until when it is waived, and by whom.
    pub waiver: Option<(Day, String)>,
    /// Where the plan declares it.
    pub place: String,
}

/// Whether a policy holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum PolicyVerdict {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
    /// It does not, but is waived.
    Waived,
    /// It was not evaluated, and why.
    NotEvaluated(String),
}

pub(super) fn budgets(plan: &Plan, outcome: &Outcome, sources: &Sources) -> Vec<BudgetOutcomeView> {
    outcome.budgets.iter().map(|budget| budget_view(plan, budget, sources)).collect()
}

pub(super) fn policies(
    plan: &Plan,
    outcome: &Outcome,
    sources: &Sources,
) -> Vec<PolicyOutcomeView> {
    outcome.policies.iter().map(|policy| policy_view(plan, policy, sources)).collect()
}

/// Names of the budgets and gating policies that fail, in that order.
pub(super) fn failures(plan: &Plan, outcome: &Outcome) -> Vec<String> {
    let budgets = outcome.budgets.iter().filter(|budget| !budget.passes);
    let policies = outcome
        .policies
        .iter()
        .filter(|policy| plan.policies[policy.policy].fails && policy.verdict == Verdict::Fails);
    budgets
        .map(|budget| format!("budget {}", plan.budgets[budget.budget].name))
        .chain(policies.map(|policy| format!("policy {}", plan.policies[policy.policy].name)))
        .collect()
}

fn budget_view(plan: &Plan, outcome: &BudgetOutcome, sources: &Sources) -> BudgetOutcomeView {
    let budget = &plan.budgets[outcome.budget];
    let mut forecast_by_month = vec![Money::default(); plan.horizon.months];
    for (t, amount) in outcome.covered.iter().zip(&outcome.forecast_by_month) {
        forecast_by_month[*t] = Money::new(*amount);
    }
    BudgetOutcomeView {
        name: budget.name.clone(),
        place: sources.place(budget.origin),
        owners: budget.owners.iter().map(|owner| owner_words(plan, owner)).collect(),
        period: budget.period_label.clone(),
        basis: budget.basis.word(),
        confidence: budget.confidence,
        months: (outcome.covered.len(), budget.months),
        amount: Money::new(outcome.amount),
        forecast: Money::new(outcome.forecast),
        forecast_by_month,
        quantiles: outcome.quantiles.map(|value| Money::new(quantised(value))),
        at_confidence: Money::new(quantised(outcome.at_confidence)),
        within: outcome.within,
        passes: outcome.passes,
        first_breach: outcome.first_breach,
        warned: outcome.warned,
    }
}

fn owner_words(plan: &Plan, owner: &BudgetOwner) -> String {
    match owner {
        BudgetOwner::Team(team) => format!("team {}", plan.teams[*team].name),
        BudgetOwner::Department(id) => format!("department {}", plan.departments[*id].name),
        BudgetOwner::Project(project) => format!("project {}", plan.projects[*project].name),
        BudgetOwner::CostCenter(center) => format!("cost centre {center}"),
    }
}

fn policy_view(plan: &Plan, outcome: &PolicyOutcome, sources: &Sources) -> PolicyOutcomeView {
    let policy = &plan.policies[outcome.policy];
    let require = &policy.require;
    let row = require.metric.row();
    PolicyOutcomeView {
        name: policy.name.clone(),
        gates: policy.fails,
        select: select_words(require),
        metric: row.word,
        unit: row.unit,
        at_most: require.bound == Bound::AtMost,
        limit: require.limit_text.clone(),
        bound: require.limit,
        over_months: require.over_months,
        confidence: require.confidence,
        verdict: match &outcome.verdict {
            Verdict::Holds => PolicyVerdict::Holds,
            Verdict::Fails => PolicyVerdict::Fails,
            Verdict::Waived => PolicyVerdict::Waived,
            Verdict::NotEvaluated(why) => PolicyVerdict::NotEvaluated(why.clone()),
        },
        worst: outcome.worst.clone(),
        observed: outcome.observed,
        at_confidence: outcome.at_confidence,
        first_failure: outcome.first_failure,
        contributor: outcome.contributor.clone(),
        because: policy.because.clone(),
        waiver: policy.waiver.as_ref().map(|waiver| (Day(waiver.until), waiver.by.clone())),
        place: sources.place(policy.origin),
    }
}

fn select_words(require: &Requirement) -> Vec<String> {
    let select = &require.select;
    [
        ("pool", &select.pool),
        ("workload", &select.workload),
        ("priority", &select.priority),
        ("environment", &select.environment),
        ("team", &select.team),
    ]
    .into_iter()
    .filter_map(|(word, pattern)| pattern.as_ref().map(|pattern| format!("{word} {pattern}")))
    .collect()
}
