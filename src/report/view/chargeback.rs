//! Who bears the cost: every team, idle capacity, and how they tie out to the invoice.

use serde::Serialize;

use super::money::{Money, Spread, sum_by_draw};
use crate::ids::Id;
use crate::outcome::Outcome;
use crate::plan::budget::{Basis, BudgetOwner};
use crate::plan::{Plan, Team};

/// Who bears the cost of the horizon, amortised means.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ChargebackView {
    /// Every team, by name.
    pub teams: Vec<TeamView>,
    /// What no team bears: idle capacity without a rule, and what caps leave over.
    pub idle: Money,
    /// The ledger's total, which teams and idle come to.
    pub invoice: Money,
}

/// What one team bears.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TeamView {
    /// Its name.
    pub team: String,
    /// Its department.
    pub department: Option<String>,
    /// The cost centres that its workloads are charged to: a project's, else its own, else its department's.
    pub cost_center: Option<String>,
    /// Its own workloads.
    pub direct: Money,
    /// Its part of idle capacity.
    pub idle: Money,
    /// Its part of shared cost; negative where a rule takes cost away from it.
    pub shared: Money,
    /// All of it: the mean is direct + idle + shared.
    pub total: Spread,
    /// Total by month.
    pub by_month: Vec<Money>,
    /// Its amortised budgets, and what they are compared with; absent where it has none of its own.
    pub budget: Option<TeamBudget>,
}

/// A team's budgets over the months they cover; no month counts twice.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TeamBudget {
    /// The budget of those months.
    pub amount: Money,
    /// What the team bears in those months.
    pub charged: Money,
    /// How many months.
    pub months: usize,
}

pub(super) fn chargeback(plan: &Plan, outcome: &Outcome) -> ChargebackView {
    let total = |amounts: &[_]| amounts.iter().copied().map(Money::new).sum::<Money>();
    let teams = outcome.chargeback.teams.iter().map(|charge| {
        let by_month: Vec<Money> =
            (0..plan.horizon.months).map(|t| Money::new(charge.total(t))).collect();
        let draws = outcome.draws.by_team.get(&charge.team);
        TeamView {
            team: plan.teams[charge.team].name.clone(),
            department: department(plan, charge.team),
            cost_center: cost_centers(plan, charge.team),
            direct: total(&charge.direct),
            idle: total(&charge.idle),
            shared: total(&charge.shared),
            total: Spread::of(
                by_month.iter().copied().sum(),
                &draws.map(sum_by_draw).unwrap_or_default(),
            ),
            budget: team_budget(plan, outcome, charge.team, &by_month),
            by_month,
        }
    });
    ChargebackView {
        teams: teams.collect(),
        idle: total(&outcome.chargeback.idle),
        invoice: total(&outcome.chargeback.invoice),
    }
}

/// The department of a team, if it has one.
pub(super) fn department(plan: &Plan, team: Id<Team>) -> Option<String> {
    plan.teams[team].department.map(|id| plan.departments[id].name.clone())
}

/// The cost centres that a team's workloads are charged to, in one cell; absent where it has none.
pub(super) fn cost_centers(plan: &Plan, team: Id<Team>) -> Option<String> {
    let all = plan.cost_centers_of(team);
    (!all.is_empty()).then(|| all.join(", "))
}

fn team_budget(
    plan: &Plan,
    outcome: &Outcome,
    team: Id<Team>,
    by_month: &[Money],
) -> Option<TeamBudget> {
    let amounts = budget_by_month(plan, outcome, team);
    let months = amounts.iter().flatten().count();
    let charged = amounts.iter().zip(by_month).filter(|(amount, _)| amount.is_some());
    (months > 0).then(|| TeamBudget {
        amount: amounts.iter().flatten().copied().sum(),
        charged: charged.map(|(_, charged)| *charged).sum(),
        months,
    })
}

/// A team's own amortised budgets, one entry a month of the horizon; of several for a month the one over
/// most months counts.
pub(super) fn budget_by_month(
    plan: &Plan,
    outcome: &Outcome,
    team: Id<Team>,
) -> Vec<Option<Money>> {
    let mut own: Vec<_> = outcome
        .budgets
        .iter()
        .map(|b| (&plan.budgets[b.budget], b))
        .filter(|(budget, _)| {
            budget.basis == Basis::Amortised && budget.owners == [BudgetOwner::Team(team)]
        })
        .collect();
    own.sort_by(|(a, _), (b, _)| b.months.cmp(&a.months).then(a.name.cmp(&b.name)));
    let mut amounts: Vec<Option<Money>> = vec![None; plan.horizon.months];
    for (_, b) in own {
        for (t, amount) in b.covered.iter().zip(&b.amount_by_month) {
            amounts[*t].get_or_insert(Money::new(*amount));
        }
    }
    amounts
}
