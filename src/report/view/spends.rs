//! Spend that is committed by the hour: how much of it is used, and what it saves.

use serde::Serialize;

use super::money::{Day, Money};
use crate::calendar::Month;
use crate::cost::spend::{SpendMonth, SpendUse};
use crate::money::{Decimal, quantised};
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::plan::pool::CommitmentKind;
use crate::source::Sources;

/// One commitment, over the horizon; money is a mean over the draws.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SpendView {
    /// Its name.
    pub commitment: String,
    /// The savings plan it is under.
    pub savings_plan: Option<String>,
    /// With whom.
    pub provider: String,
    /// How much an hour.
    pub per_hour: Money,
    /// The share paid on the first day.
    pub upfront_share: f64,
    /// Its first day.
    pub from: Day,
    /// Its last day.
    pub until: Day,
    /// Spread over the hours of its period, inside the horizon: used and unused.
    pub committed: Money,
    /// What nodes ran for.
    pub used: Money,
    /// What nothing ran for.
    pub unused: Money,
    /// What is paid inside the horizon.
    pub cash: Money,
    /// What those nodes would cost at list prices on demand.
    pub list: Money,
    /// That, less everything that is committed.
    pub saved: Money,
    /// Used over committed.
    pub utilization: f64,
    /// What it covers of everything it may cover, at list prices; nothing where nothing may be.
    pub coverage: Option<f64>,
    /// The same by month.
    pub months: Vec<SpendMonthView>,
    /// Node-hours that it pays for, by pool.
    pub pools: Vec<SpendPoolView>,
    /// Where the plan declares it.
    pub place: String,
}

/// One month of a commitment.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SpendMonthView {
    /// The month.
    pub month: Month,
    /// Used and unused.
    pub committed: Money,
    /// What nothing ran for.
    pub unused: Money,
    /// What is paid.
    pub cash: Money,
    /// What it covers, at list prices on demand.
    pub list: Money,
}

/// What a commitment pays for in one pool.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SpendPoolView {
    /// The pool.
    pub pool: String,
    /// Node-hours.
    pub node_hours: f64,
}

/// Every commitment to spend that holds inside the horizon, by name.
pub(super) fn spends(plan: &Plan, outcome: &Outcome, sources: &Sources) -> Vec<SpendView> {
    outcome.spends.iter().filter_map(|one| spend(plan, one, sources)).collect()
}

fn spend(plan: &Plan, one: &SpendUse, sources: &Sources) -> Option<SpendView> {
    let (commitment, months) = (&one.commitment, &one.months);
    let CommitmentKind::Spend { provider, savings_plan, per_hour } = &commitment.kind else {
        return None;
    };
    let sum = |of: fn(&SpendMonth) -> Decimal| months.iter().map(of).sum::<Decimal>();
    let (committed, unused) = (sum(|month| month.committed), sum(|month| month.unused));
    let list: f64 = months.iter().map(|month| month.list).sum();
    let eligible: f64 = months.iter().map(|month| month.eligible).sum();
    let at_list = quantised(list);
    let share = |part: Decimal, whole: Decimal| {
        if whole.is_zero() { 0.0 } else { crate::money::to_f64(part / whole) }
    };
    let mut pools: Vec<SpendPoolView> = Vec::new();
    for (pool, hours) in months.iter().flat_map(|month| &month.node_hours) {
        let name = &plan.pools[*pool].name;
        match pools.iter_mut().find(|one| one.pool == *name) {
            Some(one) => one.node_hours += hours,
            None => pools.push(SpendPoolView { pool: name.clone(), node_hours: *hours }),
        }
    }
    pools.sort_by(|a, b| a.pool.cmp(&b.pool));
    Some(SpendView {
        commitment: commitment.name.clone(),
        savings_plan: savings_plan.map(|id| plan.savings_plans[id].name.clone()),
        provider: plan.providers[*provider].name.clone(),
        per_hour: Money::new(per_hour.exact.unwrap_or_default()),
        upfront_share: commitment.upfront,
        from: Day(commitment.from),
        until: Day(commitment.until),
        committed: Money::new(committed),
        used: Money::new(committed - unused),
        unused: Money::new(unused),
        cash: Money::new(sum(|month| month.cash)),
        list: Money::new(at_list),
        saved: Money::new(at_list - committed),
        utilization: share(committed - unused, committed),
        coverage: (eligible > 0.0).then(|| list / eligible),
        months: months
            .iter()
            .map(|month| SpendMonthView {
                month: plan.horizon.month(month.t),
                committed: Money::new(month.committed),
                unused: Money::new(month.unused),
                cash: Money::new(month.cash),
                list: Money::new(quantised(month.list)),
            })
            .collect(),
        pools,
        place: sources.place(commitment.origin),
    })
}
