//! The order of the passes, and nothing else.

use rayon::prelude::*;

use crate::calendar::Date;
use crate::capacity::need::{InstanceChoice, Sizing, VolumeUse};
use crate::capacity::{self};
use crate::cost::gates::{BudgetOutcome, PolicyOutcome};
use crate::cost::ledger::{Chargeback, CostDraws, Ledger};
use crate::cost::{self};
use crate::forecast::{self, demand::Demand};
use crate::history::Usage;
use crate::plan::{CheckedPlan, Plan};
use crate::procure::{self, supply::PoolMonth};

/// Everything the passes say of one plan.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// What every workload is asked for.
    pub demand: Demand,
    /// How every workload was sized, and why; by pool, then workload.
    pub sizings: Vec<Sizing>,
    /// Which instance type every pool uses, and what the others would have cost.
    pub choices: Vec<InstanceChoice>,
    /// What every pool was supplied with; by pool, then month. Storage pools have none.
    pub pool_months: Vec<PoolMonth>,
    /// What is billed by the unit.
    pub volumes: Vec<VolumeUse>,
    /// Every cost.
    pub ledger: Ledger,
    /// Costs by draw, at the grains of reports.
    pub draws: CostDraws,
    /// What each team bears.
    pub chargeback: Chargeback,
    /// How every budget came out, by name.
    pub budgets: Vec<BudgetOutcome>,
    /// How every policy came out, by name.
    pub policies: Vec<PolicyOutcome>,
}

/// The base, and every scenario in the order of the plan's list.
#[derive(Debug, Clone)]
pub struct Outcomes {
    /// The plan itself.
    pub base: Outcome,
    /// One for each of [`CheckedPlan::scenarios`].
    pub scenarios: Vec<Outcome>,
}

/// Runs the base and every scenario.
#[must_use]
pub fn run_all(plan: &CheckedPlan, usage: &Usage, as_of: Date) -> Outcomes {
    Outcomes {
        base: run(&plan.base, usage, as_of),
        scenarios: plan.scenarios.iter().map(|s| run(&s.plan, usage, as_of)).collect(),
    }
}

/// Runs one plan: demand, then what it needs, then what supplies it, then what that costs, then gates.
#[must_use]
pub fn run(plan: &Plan, usage: &Usage, as_of: Date) -> Outcome {
    let demand = forecast::forecast(plan, usage);
    let factors = capacity::factors(plan);
    let choices = capacity::choose_instances(plan, &demand, &factors);
    let sizings = capacity::size(plan, &demand, &factors, &choices);
    let volumes = capacity::volumes(plan, &demand);
    let terms = procure::terms(plan, &choices, as_of);
    let prices = cost::prices(plan, &choices);

    let pool_months: Vec<_> = capacity::pool_months(plan)
        .into_par_iter()
        .map(|(pool, t)| {
            let load = capacity::load(plan, &demand, &factors, &choices, pool, t);
            let (supply, requests) = procure::supply(plan, &terms, &load);
            let priced = cost::price(plan, &prices, &supply, &requests);
            (supply, priced)
        })
        .collect();
    let (pool_months, priced): (Vec<_>, Vec<_>) = pool_months.into_iter().unzip();

    let cost::Costed { ledger, draws, chargeback } =
        cost::assemble(plan, &pool_months, &priced, &volumes, &prices);
    let budgets = cost::gates::budgets(plan, &ledger, &draws, &chargeback);
    let policies = cost::gates::policies(plan, &pool_months, &draws, &choices, as_of);
    Outcome {
        demand,
        sizings,
        choices,
        pool_months,
        volumes,
        ledger,
        draws,
        chargeback,
        budgets,
        policies,
    }
}
