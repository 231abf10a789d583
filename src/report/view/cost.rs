//! What everything costs, by category and month, and how that compares with the budgets.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::money::{Money, Spread, share, sum_by_draw};
use crate::cost::ledger::Category;
use crate::ids::Id;
use crate::outcome::Outcome;
use crate::plan::budget::{Basis, BudgetOwner};
use crate::plan::{Budget, Plan, Team};

/// What a plan costs over its horizon. Amounts by month have one entry a month of the horizon.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CostView {
    /// Amortised, of the whole horizon.
    pub total: Spread,
    /// Paid, in the whole horizon.
    pub cash: Spread,
    /// Capital expenditure paid in the horizon.
    pub capex: Money,
    /// What as much would cost at list prices, nothing negotiated and nothing committed to.
    pub list: Money,
    /// Amortised mean by month.
    pub by_month: Vec<Money>,
    /// p10 and p90 of each month, amortised.
    pub range_by_month: Vec<(Money, Money)>,
    /// Every category that costs anything, in the order of reports.
    pub categories: Vec<CategoryView>,
    /// Against the budgets on the amortised basis; absent where there are none.
    pub comparison: Option<Comparison>,
}

/// The amortised cost of one category.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct CategoryView {
    /// The category.
    pub category: Category,
    /// Mean by month.
    pub by_month: Vec<Money>,
}

/// The forecast against the budgets that cover it. Each month and team is compared once: the budget for
/// all cost where there is one, else those of parts, the longest period first.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Comparison {
    /// The budgets compared with, by name.
    pub budgets: Vec<String>,
    /// Whether they cover all cost, rather than some teams'.
    pub all_cost: bool,
    /// How many months of the horizon have a budget.
    pub months: usize,
    /// Budget by month of the horizon; zero where there is none.
    pub budget_by_month: Vec<Money>,
    /// Forecast of what these budgets cover, by month.
    pub forecast_by_month: Vec<Money>,
    /// The budget of the covered months.
    pub budget: Money,
    /// The mean forecast of what they cover.
    pub forecast: Money,
    /// The share of draws within the budget, where it is for all cost.
    pub within: Option<f64>,
    /// What of both is compared by each budget, by name.
    pub parts: Vec<ComparedBudget>,
}

/// One budget's part of a comparison.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ComparedBudget {
    /// The budget.
    pub name: String,
    /// Its amount in the months that it is compared in.
    pub budget: Money,
    /// The mean forecast of what it covers then.
    pub forecast: Money,
}

impl Comparison {
    /// Budget less forecast: negative is unfavourable.
    #[must_use]
    pub fn variance(&self) -> Money {
        self.budget - self.forecast
    }
}

pub(super) fn cost(plan: &Plan, outcome: &Outcome) -> CostView {
    let months = plan.horizon.months;
    let mut amortised = BTreeMap::from(Category::ALL.map(|c| (c, vec![Money::default(); months])));
    let (mut cash, mut capex, mut list) = (Money::default(), Money::default(), Money::default());
    for row in &outcome.ledger.rows {
        if let Some(month) =
            amortised.get_mut(&row.category).and_then(|months| months.get_mut(row.t))
        {
            *month = *month + Money::new(row.amortised);
        }
        cash = cash + Money::new(row.cash);
        capex = capex + Money::new(row.capex);
        list = list + Money::new(row.list);
    }
    let categories: Vec<CategoryView> = Category::ALL
        .into_iter()
        .filter_map(|category| {
            let by_month = amortised.remove(&category)?;
            let any = by_month.iter().any(|amount| *amount != Money::default());
            any.then_some(CategoryView { category, by_month })
        })
        .collect();
    let by_month: Vec<Money> =
        (0..months).map(|t| categories.iter().map(|c| c.by_month[t]).sum()).collect();
    let range_by_month = (0..months)
        .map(|t| {
            let draws = outcome.draws.total.get(t).map(Vec::as_slice).unwrap_or_default();
            let Spread { p10, p90, .. } = Spread::of(by_month[t], draws);
            (p10, p90)
        })
        .collect();
    let total = by_month.iter().copied().sum();
    CostView {
        total: Spread::of(total, &sum_by_draw(&outcome.draws.total)),
        cash: Spread::of(cash, &sum_by_draw(&outcome.draws.total_cash)),
        capex,
        list,
        by_month,
        range_by_month,
        categories,
        comparison: comparison(plan, outcome),
    }
}

/// Chooses, month by month, the budgets that together cover the most without counting a cost twice.
fn comparison(plan: &Plan, outcome: &Outcome) -> Option<Comparison> {
    let mut candidates: Vec<_> = outcome
        .budgets
        .iter()
        .map(|b| (&plan.budgets[b.budget], b))
        .filter(|(budget, b)| budget.basis == Basis::Amortised && !b.covered.is_empty())
        .collect();
    let all_cost = candidates.iter().any(|(budget, _)| budget.owners.is_empty());
    candidates.retain(|(budget, _)| budget.owners.is_empty() == all_cost);
    candidates.sort_by(|(a, _), (b, _)| b.months.cmp(&a.months).then(a.name.cmp(&b.name)));

    let months = plan.horizon.months;
    let mut budget_by_month = vec![Money::default(); months];
    let mut forecast_by_month = vec![Money::default(); months];
    let mut taken: BTreeSet<(usize, Part)> = BTreeSet::new();
    let mut used: BTreeSet<usize> = BTreeSet::new();
    let mut by_name: BTreeMap<String, (Money, Money)> = BTreeMap::new();
    for (budget, b) in candidates {
        let parts = parts(plan, budget);
        for (place, t) in b.covered.iter().enumerate() {
            if parts.iter().any(|part| taken.contains(&(*t, *part))) {
                continue;
            }
            taken.extend(parts.iter().map(|part| (*t, *part)));
            used.insert(*t);
            let amount = Money::new(b.amount_by_month[place]);
            let forecast = Money::new(b.forecast_by_month[place]);
            budget_by_month[*t] = budget_by_month[*t] + amount;
            forecast_by_month[*t] = forecast_by_month[*t] + forecast;
            let part = by_name.entry(budget.name.clone()).or_default();
            *part = (part.0 + amount, part.1 + forecast);
        }
    }
    if used.is_empty() {
        return None;
    }
    let budget: Money = budget_by_month.iter().copied().sum();
    let limit = crate::money::to_f64(budget.decimal());
    let within = all_cost.then(|| {
        let covered = used.iter().filter_map(|t| outcome.draws.total.get(*t));
        share(&sum_by_draw(covered), |value| value <= limit)
    });
    Some(Comparison {
        budgets: by_name.keys().cloned().collect(),
        all_cost,
        months: used.len(),
        budget,
        forecast: forecast_by_month.iter().copied().sum(),
        budget_by_month,
        forecast_by_month,
        within,
        parts: by_name
            .into_iter()
            .map(|(name, (budget, forecast))| ComparedBudget { name, budget, forecast })
            .collect(),
    })
}

/// What a budget may be compared with only once. A project or cost centre counts as the teams it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Everything,
    Team(Id<Team>),
}

fn parts(plan: &Plan, budget: &Budget) -> Vec<Part> {
    if budget.owners.is_empty() {
        return vec![Part::Everything];
    }
    let teams = |wanted: &dyn Fn(Id<Team>, &Team) -> bool| -> Vec<Part> {
        plan.teams
            .iter()
            .filter(|(id, team)| wanted(*id, team))
            .map(|(id, _)| Part::Team(id))
            .collect()
    };
    let mut parts: Vec<Part> = Vec::new();
    for owner in &budget.owners {
        parts.extend(match owner {
            BudgetOwner::Team(team) => vec![Part::Team(*team)],
            BudgetOwner::Department(department) => {
                teams(&|_, team| team.department == Some(*department))
            }
            BudgetOwner::Project(project) => vec![Part::Team(plan.projects[*project].team)],
            BudgetOwner::CostCenter(center) => {
                teams(&|id, _| plan.cost_centers_of(id).contains(&center.as_str()))
            }
        });
    }
    parts.sort_unstable();
    parts.dedup();
    parts
}
