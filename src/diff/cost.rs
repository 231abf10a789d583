//! What a plan costs by team and month, in minor units, so that everything below foots.

use std::collections::BTreeMap;

use crate::calendar::Month;
use crate::cost::ledger::Chargeback;
use crate::cost::statement;
use crate::money::Decimal;
use crate::outcome::Outcome;
use crate::plan::Plan;

/// Amortised mean cost by who bears it and month, in whole cents: the statement of every team, and under
/// no name what no team bears. Sums over teams are the invoice of the month.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cost {
    /// By team; `None` for what no team bears.
    pub by_team: BTreeMap<Option<String>, BTreeMap<Month, Decimal>>,
}

impl Cost {
    /// What a plan costs.
    #[must_use]
    pub fn of(plan: &Plan, outcome: &Outcome) -> Self {
        let Chargeback { teams, idle, .. } = statement::to_cents(&outcome.chargeback);
        let months = |amount: &dyn Fn(usize) -> Decimal| {
            plan.horizon.iter().enumerate().map(|(t, month)| (month, amount(t))).collect()
        };
        let mut by_team: BTreeMap<Option<String>, BTreeMap<Month, Decimal>> = teams
            .iter()
            .map(|team| {
                let name = plan.teams[team.team].name.clone();
                (Some(name), months(&|t| team.total(t)))
            })
            .collect();
        by_team.insert(None, months(&|t| idle[t]));
        Self { by_team }
    }

    /// What a team bears in all; zero where there is no such team.
    #[must_use]
    pub fn of_team(&self, team: Option<&str>) -> Decimal {
        let team = team.map(str::to_owned);
        self.by_team.get(&team).map(|months| months.values().sum()).unwrap_or_default()
    }

    /// What all teams bear in a month.
    #[must_use]
    pub fn of_month(&self, month: Month) -> Decimal {
        self.by_team.values().filter_map(|months| months.get(&month)).sum()
    }

    /// Everything.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.by_team.values().flat_map(BTreeMap::values).sum()
    }
}
