//! The order of the passes, and nothing else.

use rayon::prelude::*;

use crate::calendar::{Date, Horizon, Month};
use crate::capacity::need::{InstanceChoice, Sizing};
use crate::forecast::demand::Demand;
use crate::history::Usage;
use crate::history::snapshot::Snapshot;
use crate::outcome::{Outcome, Outcomes};
use crate::plan::{CheckedPlan, Plan};
use crate::procure::supply::PoolMonth;
use crate::queues::Queues;
use crate::usage::{self, Found, Sized};
use crate::{capacity, cost, forecast, procure, queues};

/// Runs the base and every scenario.
///
/// `usages` are those that [`CheckedPlan::plans`] gave, in the same order.
#[must_use]
pub fn run_all(plan: &CheckedPlan, usages: &[Usage], as_of: Date) -> Outcomes {
    let (of_base, of_scenarios) = usages.split_at(1);
    let scenarios = plan.scenarios.iter().zip(of_scenarios);
    Outcomes {
        base: run(&plan.base, &of_base[0], as_of),
        scenarios: scenarios.map(|(scenario, usage)| run(&scenario.plan, usage, as_of)).collect(),
    }
}

/// Runs one plan: demand, then what it needs, then what supplies it, then what that costs, then gates.
#[must_use]
pub fn run(plan: &Plan, usage: &Usage, as_of: Date) -> Outcome {
    run_from(plan, forecast::forecast(plan, usage), as_of)
}

/// Runs every pass after the forecast.
#[must_use]
pub fn run_from(plan: &Plan, demand: Demand, as_of: Date) -> Outcome {
    let factors = capacity::factors(plan);
    let choices = capacity::choose_instances(plan, &demand, &factors);
    let sizings = capacity::size(plan, &demand, &factors, &choices);
    let run_times = capacity::run_times(plan, &factors, &choices);
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
    let queues = simulate_queues(plan, &choices, &pool_months, QUEUE_DRAWS);

    let cost::Costed { ledger, draws, chargeback, measures } =
        cost::assemble(plan, &pool_months, &priced, &volumes, &prices);
    let unit_costs = cost::unit_economics::unit_costs(plan, &demand, &ledger);
    let budgets = cost::gates::budgets(plan, &ledger, &draws, &chargeback);
    let policies = cost::gates::policies(plan, &pool_months, &draws, &choices, as_of);
    Outcome {
        demand,
        sizings,
        run_times,
        choices,
        pool_months,
        queues,
        volumes,
        ledger,
        draws,
        chargeback,
        measures,
        unit_costs,
        budgets,
        policies,
    }
}

/// Draws of the queues inside a report; `simulate kueue` takes all.
pub const QUEUE_DRAWS: usize = 5;

/// Simulates the queues of a plan on at most so many draws, stratified like the plan's own.
#[must_use]
pub fn simulate_queues(
    plan: &Plan,
    choices: &[InstanceChoice],
    pool_months: &[PoolMonth],
    draws: usize,
) -> Queues {
    if plan.quotas.is_empty() {
        return Queues::default();
    }
    let draws = draws.min(plan.draws.count());
    let sampled = Plan { draws: plan.draws.with_count(draws), ..plan.clone() };
    let jobs = capacity::jobs(&sampled, &capacity::factors(&sampled), choices);
    queues::queues(plan, &jobs, pool_months, draws)
}

/// Chooses the instance type of every pool and sizes every workload: no hour of need, no supply, no cost.
#[must_use]
pub fn size(plan: &Plan, usage: &Usage) -> (Vec<InstanceChoice>, Vec<Sizing>) {
    let demand = forecast::forecast(plan, usage);
    let factors = capacity::factors(plan);
    let choices = capacity::choose_instances(plan, &demand, &factors);
    let sizings = capacity::size(plan, &demand, &factors, &choices);
    (choices, sizings)
}

/// Holds what was measured against the nodes and replicas of the as-of month (the nearest of the
/// horizon, where that is outside): no hour of need, no supply, no cost.
#[must_use]
pub fn measure(plan: &Plan, usage: &Usage, snapshots: &[Snapshot], as_of: Date) -> Found {
    let demand = forecast::forecast(plan, usage);
    let factors = capacity::factors(plan);
    let choices = capacity::choose_instances(plan, &demand, &factors);
    let terms = procure::terms(plan, &choices, as_of);
    let t = usize::try_from(Month::of(as_of).since(plan.horizon.first)).unwrap_or(0);
    let t = t.min(plan.horizon.months - 1);
    let until_now = Plan { horizon: Horizon { months: t + 1, ..plan.horizon }, ..plan.clone() };
    let sizings = capacity::size(&until_now, &demand, &factors, &choices);
    let sized = Sized { choices: &choices, sizings: &sizings, t, terms: &terms };
    usage::usage(plan, usage, snapshots, sized, as_of)
}
