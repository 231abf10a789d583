//! What is paid for, and who bears it: amounts from categories to teams.
//!
//! Cost that a team's own workloads cause goes straight from its category to the team. What nobody caused
//! (idle capacity, stated shared amounts) and what a rule takes from a team passes through one place in the
//! middle, since rules split it by team and not by category. All that leaves categories comes to the ledger,
//! all that reaches teams and nobody comes to the invoice.

use std::collections::BTreeMap;

use serde::Serialize;

use super::money::Money;
use crate::cost::ledger::Category;
use crate::ids::Id;
use crate::money::{Decimal, split, to_f64};
use crate::outcome::Outcome;
use crate::plan::{Plan, Team};

/// An amortised mean over the horizon that goes from one end to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FlowView {
    /// Where it comes from.
    pub from: FlowEnd,
    /// Where it goes.
    pub to: FlowEnd,
    /// How much; negative for a credit.
    pub amount: Money,
}

/// An end of a flow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FlowEnd {
    /// What is paid for.
    Category(Category),
    /// What rules spread: idle and shared cost.
    Shared,
    /// Who bears it.
    Team(String),
    /// No team bears it.
    Nobody,
}

/// Every flow that is not zero: by category, then by team; what is spread last.
pub(super) fn flows(plan: &Plan, outcome: &Outcome) -> Vec<FlowView> {
    let mut direct: BTreeMap<Id<Team>, BTreeMap<Category, Decimal>> = BTreeMap::new();
    let mut common: BTreeMap<Category, Decimal> = BTreeMap::new();
    for row in &outcome.ledger.rows {
        let of = row.team.map_or(&mut common, |team| direct.entry(team).or_default());
        *of.entry(row.category).or_default() += row.amortised;
    }
    let mut flows: BTreeMap<(FlowEnd, FlowEnd), Decimal> = BTreeMap::new();
    let mut add = |from: FlowEnd, to: FlowEnd, amount: Decimal| {
        *flows.entry((from, to)).or_default() += amount;
    };
    for charge in &outcome.chargeback.teams {
        let team = || FlowEnd::Team(plan.teams[charge.team].name.clone());
        let given: Decimal = charge.idle.iter().chain(&charge.shared).sum();
        let mut own = direct.remove(&charge.team).unwrap_or_default();
        if given > Decimal::ZERO {
            add(FlowEnd::Shared, team(), given);
        } else if given < Decimal::ZERO {
            let weights: Vec<f64> = own.values().map(|amount| to_f64(*amount).max(0.0)).collect();
            if weights.iter().sum::<f64>() > 0.0 {
                for (amount, taken) in own.values_mut().zip(split(-given, &weights, 6)) {
                    *amount -= taken;
                }
                for ((category, _), taken) in own.iter().zip(split(-given, &weights, 6)) {
                    add(FlowEnd::Category(*category), FlowEnd::Shared, taken);
                }
            } else {
                add(FlowEnd::Shared, team(), given);
            }
        }
        for (category, amount) in own {
            add(FlowEnd::Category(category), team(), amount);
        }
    }
    for (category, amount) in common {
        add(FlowEnd::Category(category), FlowEnd::Shared, amount);
    }
    add(FlowEnd::Shared, FlowEnd::Nobody, outcome.chargeback.idle.iter().sum());
    flows
        .into_iter()
        .filter(|(_, amount)| !amount.is_zero())
        .map(|((from, to), amount)| FlowView { from, to, amount: Money::new(amount) })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{Words, report};

    #[test]
    fn what_leaves_categories_reaches_teams_and_nobody() {
        let view = report(&Words::default());
        let sum = |of: &dyn Fn(&FlowView) -> bool| -> Money {
            view.flows.iter().filter(|flow| of(flow)).map(|flow| flow.amount).sum()
        };
        for category in &view.cost.categories {
            let leaves = sum(&|flow| flow.from == FlowEnd::Category(category.category));
            assert_eq!(leaves, category.by_month.iter().copied().sum::<Money>());
        }
        for team in &view.chargeback.teams {
            let reaches = sum(&|flow| flow.to == FlowEnd::Team(team.team.clone()));
            assert_eq!(reaches, team.total.mean, "{}", team.team);
        }
        assert_eq!(sum(&|flow| flow.to == FlowEnd::Nobody), view.chargeback.idle);
        assert_eq!(
            sum(&|flow| flow.to == FlowEnd::Shared),
            sum(&|flow| flow.from == FlowEnd::Shared)
        );
    }
}
