//! The order of the passes, and nothing else.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use crate::calendar::{Date, HOURS_PER_WEEK, Horizon};
use crate::capacity::jobs::PlannedJobs;
use crate::capacity::need::{InstanceChoice, Sizing};
use crate::capacity::{LoadPaths, ReplicaLoad};
use crate::cost::Priced;
use crate::cost::spend::MonthCover;
use crate::effective_savings::{EffectiveSavings, effective_savings};
use crate::explain::held;
use crate::explain::query::Of;
use crate::explain::sensitivity::{self, Mover, Uncertainty};
use crate::forecast::demand::Demand;
use crate::history::Usage;
use crate::history::snapshot::Snapshot;
use crate::ids::Id;
use crate::outcome::{Outcome, Outcomes};
use crate::plan::{CheckedPlan, Plan, Pool, Workload};
use crate::procure::hourly::HourlyUse;
use crate::procure::mix::{Mix, Types};
use crate::procure::supply::{PoolMonth, Requests};
use crate::queues::Queues;
use crate::queues::planner::{self, Ask, Proposal, Sample};
use crate::scale::{self, Passes, Points, Scaled};
use crate::simulate::hpa::planned;
use crate::usage::right_size::Fit;
use crate::usage::{self, Found, Sized};
use crate::{capacity, cost, forecast, headroom, procure, queues};

/// Runs the base and every scenario; autoscalers are simulated, savings told and assumptions weighed of the base
/// alone, queues of the base and of what has a policy on them.
///
/// `usages` are those that [`CheckedPlan::plans`] gave, in the same order.
#[must_use]
pub fn run_all(plan: &CheckedPlan, usages: &[Usage], as_of: Date) -> Outcomes {
    let (of_base, of_scenarios) = usages.split_at(1);
    let scenarios = plan.scenarios.iter().zip(of_scenarios);
    let mut base = run(&plan.base, &of_base[0], as_of);
    let ids = capacity::autoscaled(&plan.base);
    let loads = autoscaling_loads(&plan.base, &base, ids, autoscaling_paths(&plan.base));
    base.autoscaling = planned::autoscaling(&plan.base, &loads);
    let scaled = &mut base.autoscaling;
    planned::recommend_for(&plan.base, &loads, scaled, RECOMMENDED);
    if base.queues.draws == 0 {
        let Outcome { demand, choices, pool_months, .. } = &base;
        base.queues = simulate_queues(&plan.base, demand, choices, pool_months, QUEUE_DRAWS);
    }
    base.effective_savings = effective_savings(&plan.base, &base, as_of);
    base.uncertainty = sensitivity::strongest(&plan.base, &base, MOVERS);
    Outcomes {
        base,
        scenarios: scenarios.map(|(scenario, usage)| run(&scenario.plan, usage, as_of)).collect(),
    }
}

/// Runs one plan: demand, then what it needs, then what to buy for it, then what supplies it, then what
/// that costs, then gates.
#[must_use]
pub fn run(plan: &Plan, usage: &Usage, as_of: Date) -> Outcome {
    run_from(plan, forecast::forecast(plan, usage), as_of)
}

/// Runs one plan and says how its pools were priced, so that plans which differ from it little can be run after it.
#[must_use]
pub fn run_priced(plan: &Plan, usage: &Usage, as_of: Date) -> (Outcome, Vec<Priced>) {
    run_knowing(plan, forecast::forecast(plan, usage), as_of, &KnownPools::new())
}

/// What the cost of something is with an assumption held low and held high, by its median, while all else varies; the
/// plan was run before, and what the assumption does not touch is taken from there.
///
/// # Source
/// See [`explain::held`].
#[must_use]
pub fn held(
    (plan, usage, as_of): (&Plan, &Usage, Date),
    (base, priced): (&Outcome, &[Priced]),
    mover: &Mover,
    (of, months): (&Of, &Range<usize>),
) -> Option<(f64, f64)> {
    let touched = held::touched(plan, &mover.key);
    let is_known = |id: Id<Workload>| {
        let demand = (!touched.demands.contains(&id)).then(|| base.demand.of(id))?;
        demand.cloned()
    };
    let mut known = KnownPools::new();
    for (supply, priced) in base.pool_months.iter().zip(priced) {
        if !touched.pools.contains(&supply.pool) {
            known.entry(supply.pool).or_default().push((supply.clone(), priced.clone()));
        }
    }
    let [low, high] = held::plans(plan, &mover.key, mover.is_chance).map(|held| {
        let demand = forecast::forecast_new(&held, usage, &is_known);
        let (outcome, _) = run_knowing(&held, demand, as_of, &known);
        held::median(&held, &outcome, of, months)
    });
    low.zip(high)
}

/// Runs every pass after the forecast.
#[must_use]
pub fn run_from(plan: &Plan, demand: Demand, as_of: Date) -> Outcome {
    run_knowing(plan, demand, as_of, &KnownPools::new()).0
}

/// Pools whose every input is that of a plan that was run before, with their months as they came out.
pub type KnownPools = BTreeMap<Id<Pool>, Vec<(PoolMonth, Priced)>>;

/// Runs every pass after the forecast, without what is known; gives the priced months of pools too.
#[must_use]
pub fn run_knowing(
    plan: &Plan,
    demand: Demand,
    as_of: Date,
    known: &KnownPools,
) -> (Outcome, Vec<Priced>) {
    let factors = capacity::factors(plan);
    let (choices, sizings) = capacity::choose_and_size(plan, &demand, &factors);
    let run_times = capacity::run_times(plan, &factors, &choices);
    let volumes = capacity::volumes(plan, &demand);

    let plan = &*procure::renewed(plan);
    let terms = procure::terms(plan, &choices, as_of);
    let schedule = plan.procurement.as_ref().map(|procurement| {
        let needs: Vec<_> = capacity::pool_months(plan)
            .into_par_iter()
            .map(|(pool, t)| {
                let load = capacity::load(plan, &demand, &factors, &choices, pool, t);
                procure::month_need(plan, &terms, &load, procurement.plan_for)
            })
            .collect();
        procure::schedule(plan, &terms, &choices, &needs, as_of, &|plan, terms, pool, t| {
            let load = capacity::load(plan, &demand, &factors, &choices, pool, t);
            procure::asked_by_hour(plan, terms, &load)
        })
    });
    let enacted = schedule.as_ref().map(|orders| procure::enacted(plan, &choices, orders));
    let plan = enacted.as_deref().unwrap_or(plan);
    let terms = procure::terms(plan, &choices, as_of);
    let prices = cost::prices(plan, &choices);

    let sharing = prices.sharing();
    let (shared, alone): (Vec<_>, Vec<_>) =
        capacity::pool_months(plan).into_iter().partition(|(pool, _)| sharing.contains(pool));
    let load = |pool, t| capacity::load(plan, &demand, &factors, &choices, pool, t);
    let of_pool = |(pool, t): (Id<Pool>, usize)| {
        // Orders tie pools together: with them, none is known beforehand.
        let known = known.get(&pool).filter(|_| schedule.is_none());
        if let Some(known) = known.and_then(|months| months.get(t)) {
            return known.clone();
        }
        let (supply, requests) = procure::supply(plan, &terms, &load(pool, t));
        let priced = cost::price(plan, &prices, &supply, &requests, None);
        (supply, priced)
    };
    let mut pool_months: Vec<_> = alone.into_par_iter().map(of_pool).collect();
    let (together, covers) = share_spend(plan, &prices, &shared, &|pool, t| {
        procure::supply_by_hour(plan, &terms, &load(pool, t))
    });
    pool_months.extend(together);
    pool_months.sort_by_key(|(supply, _)| (supply.pool, supply.t));
    let (pool_months, priced): (Vec<_>, Vec<_>) = pool_months.into_iter().unzip();
    let (spends, unused) = cost::spend::used(plan, covers);

    let headroom = headroom::headroom(plan, &pool_months, &sizings, as_of, headroom::CONFIDENCE);
    let cost::Costed { ledger, draws, chargeback, measures, promised } =
        cost::assemble(plan, &pool_months, &priced, &unused, &volumes, &prices);
    let unit_costs = cost::unit_economics::unit_costs(plan, &demand, &ledger);
    let budgets = cost::gates::budgets(plan, &ledger, &draws, &chargeback);
    let queues = if cost::gates::ask_for_queues(plan) {
        simulate_queues(plan, &demand, &choices, &pool_months, GATED_DRAWS)
    } else {
        Queues::default()
    };
    let policies = cost::gates::policies(plan, &pool_months, &draws, &choices, &queues, as_of);
    let outcome = Outcome {
        demand,
        sizings,
        run_times,
        choices,
        schedule,
        pool_months,
        headroom,
        queues,
        spends,
        promised,
        volumes,
        ledger,
        draws,
        chargeback,
        measures,
        unit_costs,
        budgets,
        policies,
        autoscaling: Vec::new(),
        effective_savings: EffectiveSavings::default(),
        uncertainty: Uncertainty::default(),
    };
    (outcome, priced)
}

/// Bytes of hourly use that are held at a time.
const HOURLY_BYTES: usize = 256 << 20;

/// Supplies and prices pools that share committed spend: hour by hour, so months come in batches.
fn share_spend(
    plan: &Plan,
    prices: &cost::Prices,
    pool_months: &[(Id<Pool>, usize)],
    supply: &(dyn Fn(Id<Pool>, usize) -> (PoolMonth, Requests, HourlyUse) + Sync),
) -> (Vec<(PoolMonth, Priced)>, Vec<MonthCover>) {
    let months = plan.horizon.months;
    let of_month = (pool_months.len() / months).max(1) * HOURS_PER_WEEK * plan.draws.count() * 8;
    let (mut all, mut covers) = (Vec::new(), Vec::new());
    let ts: Vec<usize> = if pool_months.is_empty() { vec![] } else { (0..months).collect() };
    for batch in ts.chunks((HOURLY_BYTES / of_month).max(1)) {
        let inside = pool_months.par_iter().filter(|(_, t)| batch.contains(t));
        let mut supplied: Vec<_> = inside.map(|(pool, t)| supply(*pool, *t)).collect();
        let cover = |t: &usize| {
            let uses: Vec<&HourlyUse> =
                supplied.iter().map(|(_, _, hours)| hours).filter(|hours| hours.t == *t).collect();
            cost::spend::cover(plan, prices, *t, &uses)
        };
        let of_batch: Vec<MonthCover> = batch.par_iter().map(cover).collect();
        let price = |(supply, requests, _): &mut (PoolMonth, Requests, HourlyUse)| {
            let cover = of_batch.iter().find(|cover| cover.t == supply.t);
            let cover = cover.and_then(|cover| cover.pools.get(&supply.pool));
            if let Some(cover) = cover {
                supply.cover(&cover.node_hours);
            }
            cost::price(plan, prices, supply, requests, cover)
        };
        let priced: Vec<Priced> = supplied.par_iter_mut().map(price).collect();
        all.extend(supplied.into_iter().map(|(supply, _, _)| supply).zip(priced));
        covers.extend(of_batch);
    }
    (all, covers)
}

/// What these workloads' autoscalers have to follow, in some months and draws of an outcome's demand.
#[must_use]
pub fn autoscaling_loads(
    plan: &Plan,
    outcome: &Outcome,
    workloads: Vec<Id<Workload>>,
    paths: LoadPaths,
) -> Vec<ReplicaLoad> {
    let factors = capacity::factors(plan);
    let Outcome { demand, choices, .. } = outcome;
    capacity::replica_loads(plan, demand, &factors, choices, workloads, paths)
}

/// Autoscalers for which a report looks for limits: a search takes a hundred simulated weeks.
const RECOMMENDED: usize = 8;

/// Weeks that are simulated for a report, over all workloads; each workload has one at least.
const REPORT_WEEKS: usize = 300;

/// How many months and draws a report simulates: nine draws of every month where that is cheap, fewer of
/// both where there are many workloads.
#[must_use]
pub fn autoscaling_paths(plan: &Plan) -> LoadPaths {
    let workloads = capacity::autoscaled(plan).len().max(1);
    let weeks = (REPORT_WEEKS / workloads).max(1);
    let months = plan.horizon.months;
    match weeks {
        weeks if weeks >= 9 * months => LoadPaths { months, draws: 9 },
        weeks if weeks >= 3 => LoadPaths { months: (weeks / 3).min(months), draws: 3 },
        weeks => LoadPaths { months: weeks.min(months), draws: 1 },
    }
}

/// Holds every way to serve these workloads against the plan: no hour of need, no supply, no cost.
#[must_use]
pub fn scale(
    plan: &Plan,
    usage: &Usage,
    workloads: &[Id<Workload>],
    t: Option<usize>,
    points: &Points,
) -> Vec<Scaled> {
    let demand = forecast::forecast(plan, usage);
    let factors = capacity::factors(plan);
    let choices = capacity::choose_instances(plan, &demand, &factors);
    let passes = Passes { plan, demand: &demand, factors: &factors, choices: &choices };
    workloads.iter().filter_map(|workload| scale::scale(passes, *workload, t, points)).collect()
}

/// Finds the cheapest mix of instance types for the replicas of every pool (or of the one named) in its busiest
/// month; pools without replicas of a stated size are passed over.
#[must_use]
pub fn mixes(plan: &Plan, usage: &Usage, only: Option<&str>, types: Types) -> Vec<Mix> {
    let demand = forecast::forecast(plan, usage);
    let factors = capacity::factors(plan);
    let choices = capacity::choose_instances(plan, &demand, &factors);
    let pools = plan.pools.iter().filter(|(_, pool)| only.is_none_or(|name| pool.name == name));
    let pools: Vec<_> = pools.map(|(id, _)| id).collect();
    let mix = |pool| {
        let packable = capacity::packable::packable(plan, &demand, &factors, &choices, pool);
        procure::mix::mix(plan, &choices, pool, &packable, types)
    };
    pools.into_par_iter().filter_map(mix).collect()
}

/// How many assumptions a report names that move its total most.
const MOVERS: usize = 10;

/// The cheapest mix of a pool if its replicas were sized by what was measured, beside what runs today.
#[derive(Debug, Clone)]
pub struct RightSized {
    /// The mix; `today` in it is of replicas as they are requested.
    pub mix: Mix,
    /// What was sized anew, and why.
    pub fits: Vec<Fit>,
}

/// Sizes the replicas of every pool (or of the one named) by what was measured, and packs them; pools in which
/// nothing was measured are passed over.
#[must_use]
pub fn right_sized(
    plan: &Plan,
    usage: &Usage,
    snapshots: &[Snapshot],
    as_of: Date,
    only: Option<&str>,
    types: Types,
) -> Vec<RightSized> {
    let found = measure(plan, usage, snapshots, as_of);
    let demand = forecast::forecast(plan, usage);
    let factors = capacity::factors(plan);
    let choices = capacity::choose_instances(plan, &demand, &factors);
    let sizings = capacity::size(plan, &demand, &factors, &choices);
    let t = usize::try_from(plan.horizon.month_of(as_of).since(plan.horizon.first)).unwrap_or(0);
    let t = t.min(plan.horizon.months - 1);
    let pools = plan.pools.iter().filter(|(_, pool)| only.is_none_or(|name| pool.name == name));
    let pools: Vec<_> = pools.map(|(id, _)| id).collect();
    let fit = |pool| {
        let mut packable = capacity::packable::packable(plan, &demand, &factors, &choices, pool);
        let today = procure::mix::mix(plan, &choices, pool, &packable, types)?.today;
        let fits = usage::right_size::right_size(plan, &found, &sizings, t, pool, &mut packable);
        if fits.is_empty() {
            return None;
        }
        let mix = procure::mix::mix(plan, &choices, pool, &packable, types)?;
        Some(RightSized { mix: Mix { today, ..mix }, fits })
    };
    pools.into_par_iter().filter_map(fit).collect()
}

/// Draws of the queues where a policy is judged on them: so many tell 95% of the draws from 85%.
const GATED_DRAWS: usize = 60;

/// Draws of the queues inside a report; `simulate kueue` takes all.
pub const QUEUE_DRAWS: usize = 5;

/// Simulates the queues of a plan on at most so many draws, stratified like the plan's own.
#[must_use]
pub fn simulate_queues(
    plan: &Plan,
    demand: &Demand,
    choices: &[InstanceChoice],
    pool_months: &[PoolMonth],
    draws: usize,
) -> Queues {
    if plan.quotas.is_empty() {
        return Queues::default();
    }
    let draws = draws.min(plan.draws.count());
    queues::queues(plan, &planned_jobs(plan, demand, choices, draws), pool_months, draws)
}

/// What is sent to the queues of a plan: runs, and the sessions of workspaces.
fn planned_jobs(
    plan: &Plan,
    demand: &Demand,
    choices: &[InstanceChoice],
    draws: usize,
) -> PlannedJobs {
    let sampled = Plan { draws: plan.draws.with_count(draws), ..plan.clone() };
    let mut jobs = capacity::jobs(&sampled, &capacity::factors(&sampled), choices);
    if capacity::sessions::any(plan) {
        let factors = capacity::factors(plan);
        jobs.jobs.extend(capacity::sessions(plan, demand, &factors, choices, draws));
    }
    jobs
}

/// Proposes quotas with which 95% of the runs of each start within `wait_p95` hours, sought on few draws and judged
/// on `draws`, at most all; `done` hears how many
/// simulations there were, of how many at most. A pool's GPU (core, byte) costs what the pool costs over
/// what it supplies.
#[must_use]
pub fn propose_quotas(
    plan: &Plan,
    outcome: &Outcome,
    wait_p95: f64,
    draws: usize,
    done: &mut dyn FnMut(usize, usize),
) -> Proposal {
    let count = plan.draws.count();
    let jobs = |draws| planned_jobs(plan, &outcome.demand, &outcome.choices, draws);
    let (few, all) = (jobs(QUEUE_DRAWS.min(draws).min(count)), jobs(draws.min(count)));
    let price =
        |pool| Some((pool, planner::price(plan, &outcome.ledger, &outcome.pool_months, pool)?));
    let ask = Ask { wait_p95, prices: plan.pools.ids().filter_map(price).collect() };
    let sought = Sample { planned: &few, draws: QUEUE_DRAWS.min(draws).min(count) };
    let told = Sample { planned: &all, draws: draws.min(count) };
    planner::propose(plan, sought, told, &outcome.pool_months, &ask, done)
}

/// Chooses the instance type of every pool and sizes every workload: no hour of need, no supply, no cost.
#[must_use]
pub fn size(plan: &Plan, usage: &Usage) -> (Vec<InstanceChoice>, Vec<Sizing>) {
    let demand = forecast::forecast(plan, usage);
    let factors = capacity::factors(plan);
    let (choices, sizings) = capacity::choose_and_size(plan, &demand, &factors);
    (choices, sizings)
}

/// How every workload was sized, derived for the busiest of some months: what an explanation of them shows.
#[must_use]
pub fn size_within(plan: &Plan, outcome: &Outcome, months: &Range<usize>) -> Vec<Sizing> {
    let factors = capacity::factors(plan);
    let Outcome { demand, choices, sizings, .. } = outcome;
    capacity::size_within(plan, demand, &factors, choices, sizings, months)
}

/// Holds what was measured against the nodes and replicas of the as-of month (the nearest of the
/// horizon, where that is outside): no hour of need, no supply, no cost.
#[must_use]
pub fn measure(plan: &Plan, usage: &Usage, snapshots: &[Snapshot], as_of: Date) -> Found {
    let demand = forecast::forecast(plan, usage);
    let factors = capacity::factors(plan);
    let choices = capacity::choose_instances(plan, &demand, &factors);
    let terms = procure::terms(plan, &choices, as_of);
    let t = usize::try_from(plan.horizon.month_of(as_of).since(plan.horizon.first)).unwrap_or(0);
    let t = t.min(plan.horizon.months - 1);
    let until_now = Plan { horizon: Horizon { months: t + 1, ..plan.horizon }, ..plan.clone() };
    let sizings = capacity::size(&until_now, &demand, &factors, &choices);
    let sized = Sized { choices: &choices, sizings: &sizings, t, terms: &terms };
    usage::usage(plan, usage, snapshots, sized, as_of)
}
