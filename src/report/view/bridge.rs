//! From budget to forecast, step by step: what the forecast differs by, and whose it is.
//!
//! The comparison with the budgets goes in; out come steps that lead from the budget to the forecast of what
//! it covers exactly, and from there to the forecast of everything. A plan states budgets and not what they
//! rest on, so a step is a budget, a team or a period, never a cause: causes are known between two revisions
//! ([`diff`](crate::diff)).

use serde::Serialize;

use super::chargeback::budget_by_month;
use super::cost::{Comparison, CostView};
use super::money::Money;
use super::periods::Period;
use crate::calendar::Month;
use crate::outcome::Outcome;
use crate::plan::Plan;

/// The way from the budget to the forecast.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BridgeView {
    /// What the steps are.
    pub by: BridgeBy,
    /// Where it begins: the budget of what is compared.
    pub budget: Money,
    /// The steps: parties by the size of their step, then what is left; periods as they follow.
    pub steps: Vec<BridgeStep>,
    /// Where the steps lead: the forecast of what the budget covers.
    pub covered: Money,
    /// The forecast of what no budget covers.
    pub unbudgeted: Money,
    /// Both together: the forecast of everything.
    pub forecast: Money,
}

/// What steps are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum BridgeBy {
    /// Budgets of parts of the organisation.
    Budget,
    /// Teams with a budget of their own, beside a budget for all cost.
    Team,
    /// Fiscal periods; months where the horizon lies in one of them.
    Period,
}

/// One step.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BridgeStep {
    /// Whose it is.
    pub of: StepOf,
    /// Its part of the budget.
    pub budget: Money,
    /// Its part of the forecast.
    pub forecast: Money,
}

impl BridgeStep {
    /// Forecast less budget: positive adds cost.
    #[must_use]
    pub fn change(&self) -> Money {
        self.forecast - self.budget
    }
}

/// Whose a step is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum StepOf {
    /// A budget.
    Budget(String),
    /// A team.
    Team(String),
    /// A fiscal period.
    Period(Period),
    /// A month.
    Month(Month),
    /// What no team with a budget of its own bears, against what of the budget no team holds.
    Rest,
}

/// The bridge of a plan; absent without a budget to start from.
pub(super) fn bridge(
    plan: &Plan,
    outcome: &Outcome,
    cost: &CostView,
    periods: &[Period],
) -> Option<BridgeView> {
    let comparison = cost.comparison.as_ref()?;
    let (by, steps) = parties(plan, outcome, comparison)
        .unwrap_or_else(|| (BridgeBy::Period, over_time(plan, comparison, periods)));
    let forecast = cost.total.mean;
    Some(BridgeView {
        by,
        budget: comparison.budget,
        steps,
        covered: comparison.forecast,
        unbudgeted: forecast - comparison.forecast,
        forecast,
    })
}

/// Steps by budget or by team, where there are several.
fn parties(
    plan: &Plan,
    outcome: &Outcome,
    comparison: &Comparison,
) -> Option<(BridgeBy, Vec<BridgeStep>)> {
    let (by, mut steps) = if comparison.all_cost {
        (BridgeBy::Team, teams(plan, outcome, comparison))
    } else {
        let of = comparison.parts.iter().map(|part| BridgeStep {
            of: StepOf::Budget(part.name.clone()),
            budget: part.budget,
            forecast: part.forecast,
        });
        (BridgeBy::Budget, of.collect())
    };
    if steps.len() < 2 {
        return None;
    }
    let size = |step: &BridgeStep| step.change().decimal().abs();
    // A stable sort: equals stay in name order.
    steps.sort_by_key(|step| std::cmp::Reverse(size(step)));
    let sum = |of: fn(&BridgeStep) -> Money| steps.iter().map(of).sum::<Money>();
    let budget = comparison.budget - sum(|step| step.budget);
    let forecast = comparison.forecast - sum(|step| step.forecast);
    if budget != Money::default() || forecast != Money::default() {
        steps.push(BridgeStep { of: StepOf::Rest, budget, forecast });
    }
    Some((by, steps))
}

/// Every team with a budget of its own in the months that are compared, by name.
fn teams(plan: &Plan, outcome: &Outcome, comparison: &Comparison) -> Vec<BridgeStep> {
    let none = Money::default();
    let months = comparison.budget_by_month.iter().zip(&comparison.forecast_by_month);
    let compared: Vec<bool> =
        months.map(|(budget, forecast)| *budget != none || *forecast != none).collect();
    let step = |charge: &crate::cost::ledger::TeamCharge| {
        let own = budget_by_month(plan, outcome, charge.team);
        let held = own.iter().enumerate().filter(|(t, _)| compared.get(*t) == Some(&true));
        let held: Vec<(usize, Money)> = held.filter_map(|(t, own)| Some((t, (*own)?))).collect();
        (!held.is_empty()).then(|| BridgeStep {
            of: StepOf::Team(plan.teams[charge.team].name.clone()),
            budget: held.iter().map(|(_, budget)| *budget).sum(),
            forecast: held.iter().map(|(t, _)| Money::new(charge.total(*t))).sum(),
        })
    };
    outcome.chargeback.teams.iter().filter_map(step).collect()
}

/// Steps by fiscal period, or by month within the only one.
fn over_time(plan: &Plan, comparison: &Comparison, periods: &[Period]) -> Vec<BridgeStep> {
    let (budget, forecast) = (&comparison.budget_by_month, &comparison.forecast_by_month);
    let mut steps: Vec<BridgeStep> = if periods.len() > 1 {
        let step = |period: &Period| BridgeStep {
            of: StepOf::Period(period.clone()),
            budget: period.sum(budget),
            forecast: period.sum(forecast),
        };
        periods.iter().map(step).collect()
    } else {
        let months = plan.horizon.iter().zip(budget.iter().zip(forecast));
        let step = |(month, (budget, forecast)): (Month, (&Money, &Money))| BridgeStep {
            of: StepOf::Month(month),
            budget: *budget,
            forecast: *forecast,
        };
        months.map(step).collect()
    };
    let none = Money::default();
    steps.retain(|step| step.budget != none || step.forecast != none);
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{Words, plan_and_outcomes, report};

    fn foots(bridge: &BridgeView) {
        let changes: Money = bridge.steps.iter().map(BridgeStep::change).sum();
        assert_eq!(bridge.budget + changes, bridge.covered);
        assert_eq!(bridge.covered + bridge.unbudgeted, bridge.forecast);
    }

    #[test]
    fn steps_lead_from_the_budget_to_the_forecast_to_the_last_digit() {
        for months in [1, 5, 12, 36] {
            let view = report(&Words { months, ..Words::default() });
            let Some(bridge) = &view.bridge else { continue };
            foots(bridge);
            assert_eq!(bridge.forecast, view.cost.total.mean);
            assert_eq!(Some(bridge.covered), view.cost.comparison.as_ref().map(|c| c.forecast));
        }
    }

    #[test]
    fn budgets_of_parts_are_steps_the_largest_first_and_what_has_none_follows() {
        let (plan, outcomes) = plan_and_outcomes(&Words::default());
        let mut cost = super::super::cost::cost(&plan.base, &outcomes.base);
        let comparison = cost.comparison.as_mut().unwrap();
        let money = |amount: i64| Money::new(crate::money::Decimal::from(amount));
        let part = |name: &str, budget, forecast| super::super::cost::ComparedBudget {
            name: name.to_owned(),
            budget: money(budget),
            forecast: money(forecast),
        };
        comparison.all_cost = false;
        comparison.parts = vec![part("a", 100, 110), part("b", 200, 140), part("c", 50, 50)];
        (comparison.budget, comparison.forecast) = (money(350), money(300));
        let bridge = bridge(&plan.base, &outcomes.base, &cost, &[]).unwrap();
        foots(&bridge);
        let names: Vec<&StepOf> = bridge.steps.iter().map(|step| &step.of).collect();
        let budget = |name: &str| StepOf::Budget(name.to_owned());
        assert_eq!(names, [&budget("b"), &budget("a"), &budget("c")]);
        assert!(bridge.unbudgeted > Money::default());
    }
}
