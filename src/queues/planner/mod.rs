//! Quotas as they should be: the least guaranteed with which no queue waits longer than it may.
//!
//! In: a plan with quotas, its runs as jobs, what each pool may have, prices, a target. Out: a
//! [`Proposal`]: guarantees, limits of borrowing and weights beside today's, the waits of both, and what is
//! missing where a pool is too small. Simulation says how long runs wait, on the same draws throughout:
//! `frontier` searches with pools of any size, then the pools' own months are put in. Borrowing has no limit
//! while guarantees are sought; afterwards each queue gets the smallest limit that changes nothing. What is
//! sought is sought on few draws and judged on all: `firmer` gives more where these say so. Limits of lending,
//! preemption, cohorts and their own quota stay as they are; a guarantee is one for the whole horizon, and
//! `quarters` says what guarantees by quarter would save.

mod firmer;
mod frontier;
mod price;
mod quarters;
#[cfg(test)]
mod tests;
mod variant;

use std::collections::BTreeMap;

pub use price::price;
pub use quarters::{InQuarter, Quarters};
pub use variant::Setting;

use frontier::{Cell, Point, cheapest, frontier};
use variant::{cells, lacks, today, with};

use crate::capacity::jobs::PlannedJobs;
use crate::ids::Id;
use crate::plan::{Plan, Pool, Quota};
use crate::procure::supply::PoolMonth;
use crate::queues::Finding;
use crate::queues::outcome::{Inverted, Waits, queues, waits};

/// Points of the path that are tried with a pool that is too small.
const TRIED_WITHIN: usize = 40;
/// Simulations for limits of borrowing; queues beyond them have none.
const FOR_LIMITS: usize = 60;
/// Waits that are told beside the one asked for, in hours.
const LADDER: [f64; 7] = [0.0, 1.0, 4.0, 12.0, 24.0, 72.0, 168.0];

/// What is asked of the quotas.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// 95% of the runs of every quota are to start within so many hours.
    pub wait_p95: f64,
    /// Money a month for one GPU (core, byte, where a quota grants no GPUs) of a pool.
    pub prices: BTreeMap<Id<Pool>, f64>,
}

/// Quotas as they should be.
#[derive(Debug, Clone, Default)]
pub struct Proposal {
    /// On how many draws guarantees were sought.
    pub draws: usize,
    /// How many times they were simulated.
    pub simulations: usize,
    /// On how many draws the waits are told, and the target judged.
    pub told_draws: usize,
    /// What guarantees by quarter would save; absent where the horizon has one quarter, or one of them cannot
    /// keep the target.
    pub quarters: Option<Quarters>,
    /// The target, in hours.
    pub wait_p95: f64,
    /// By quota, then pool.
    pub lines: Vec<Line>,
    /// By quota.
    pub waits: Vec<Wait>,
    /// The cheapest guarantees for several waits, were the pools large enough.
    pub ladder: Vec<Rung>,
    /// Whether the target is kept.
    pub verdict: Verdict,
    /// Levels of one quota of which the higher waits longer: the higher, then the lower.
    pub inverted: Vec<Inverted>,
    /// What should be known of today's quotas.
    pub findings: Vec<Finding>,
    /// The plan's quotas with the proposal in them.
    pub quotas: Vec<Quota>,
}

/// What one quota has of one pool.
#[derive(Debug, Clone)]
pub struct Line {
    /// The quota.
    pub quota: Id<Quota>,
    /// The pool.
    pub pool: Id<Pool>,
    /// `gpu`, `cpu` or `memory`.
    pub resource: &'static str,
    /// The most that its runs ask for at once when nothing waits.
    pub peak: f64,
    /// Today.
    pub today: Setting,
    /// As proposed.
    pub proposed: Setting,
    /// Money a month for one; absent where unknown.
    pub price: Option<f64>,
}

/// How long the runs of a quota wait, in hours.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wait {
    /// The quota.
    pub quota: Id<Quota>,
    /// Half, and 95%, start within so many hours today.
    pub today: (f64, f64),
    /// And as proposed.
    pub proposed: (f64, f64),
}

/// What a wait costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rung {
    /// The wait, p95 in hours.
    pub wait_p95: f64,
    /// What is guaranteed in all.
    pub nominal: f64,
    /// Money a month.
    pub cost: f64,
}

/// Whether a target is kept.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Verdict {
    /// By every queue, within what every pool has.
    #[default]
    Kept,
    /// By every queue, though in some months pools have less than is guaranteed.
    KeptThough(Vec<Lack>),
    /// Not with these pools: what would be missing of them, and the least longest wait with what there is.
    Short {
        /// By pool, the month in which most is missing.
        lacks: Vec<Lack>,
        /// What the target would cost a month.
        cost: f64,
        /// The longest p95 of the proposal, in hours.
        least: f64,
    },
    /// Not even where every queue has its peak: the longest p95 there, in hours.
    Never(f64),
}

/// What a pool lacks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lack {
    /// The pool.
    pub pool: Id<Pool>,
    /// The month, counted from the horizon's first.
    pub t: usize,
    /// What would be guaranteed.
    pub guaranteed: f64,
    /// What there may be.
    pub there: f64,
}

/// Jobs on some draws.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// With one value for each of the draws.
    pub planned: &'a PlannedJobs,
    /// How many.
    pub draws: usize,
}

/// One search: the plan, and every simulation so far.
struct Search<'a> {
    plan: &'a Plan,
    planned: &'a PlannedJobs,
    draws: usize,
    told: Sample<'a>,
    simulations: usize,
    most: usize,
    done: &'a mut dyn FnMut(usize, usize),
}

impl Search<'_> {
    fn waits(&mut self, plan: &Plan, supply: &[PoolMonth]) -> Waits {
        self.simulations += 1;
        (self.done)(self.simulations, self.most);
        waits(plan, self.planned, supply, self.draws)
    }

    /// The waits on all the draws that are told.
    fn told(&mut self, plan: &Plan, supply: &[PoolMonth]) -> Waits {
        self.simulations += 1;
        (self.done)(self.simulations, self.most);
        waits(plan, self.told.planned, supply, self.told.draws)
    }

    /// How long runs wait with these guarantees and no limit of borrowing.
    fn of(&mut self, cells: &[Cell], nominal: &[f64], supply: &[PoolMonth]) -> Waits {
        let plan = with(self.plan, cells, &free(nominal), None);
        self.waits(&plan, supply)
    }
}

fn free(nominal: &[f64]) -> Vec<Setting> {
    nominal.iter().map(|nominal| Setting { nominal: *nominal, borrowing_limit: None }).collect()
}

/// Proposes quotas, sought on one sample and judged on the other, which may be the same; `done` hears how many
/// simulations there were, of how many at most.
#[must_use]
pub fn propose(
    plan: &Plan,
    Sample { planned, draws }: Sample<'_>,
    told: Sample<'_>,
    supply: &[PoolMonth],
    ask: &Ask,
    done: &mut dyn FnMut(usize, usize),
) -> Proposal {
    let cells = cells(plan, planned, draws, &ask.prices);
    let wanted: Vec<Cell> = cells.iter().filter(|cell| cell.peak > 0.0).cloned().collect();
    let most = 2 * frontier::most(&wanted) + TRIED_WITHIN + FOR_LIMITS + firmer::MOST + 4;
    // What no run is sent to is nothing from here on: it would lend what nobody counts.
    let emptied = with(plan, &cells, &vec![Setting::default(); cells.len()], None);
    let mut search = Search { plan: &emptied, planned, draws, told, simulations: 0, most, done };
    let before = queues(plan, told.planned, supply, told.draws);
    let today_waits = search.told(plan, supply);
    let points = frontier(&wanted, &mut |nominal| search.of(&wanted, nominal, &[]).p95());
    let now: Vec<f64> = today(plan, &wanted).iter().map(|today| today.nominal).collect();
    let (chosen, verdict) = choose(&mut search, &wanted, &points, &now, supply, ask.wait_p95);
    let (chosen, verdict) =
        firmer::firmer(&mut search, &wanted, &points, (chosen, verdict), supply, ask.wait_p95);
    let limits = limits(&mut search, &wanted, &chosen, supply, ask.wait_p95);
    let mut settings = vec![Setting::default(); cells.len()];
    for (cell, limit) in wanted.iter().zip(limits) {
        if let Some(at) = cells.iter().position(|of| of == cell) {
            settings[at] = limit;
        }
    }
    let weighted = with(plan, &cells, &settings, Some(&weights(plan, &cells, &settings)));
    let plain = with(plan, &cells, &settings, None);
    let (weighted_waits, plain_waits) =
        (search.told(&weighted, supply), search.told(&plain, supply));
    let starves = weighted_waits.worst() > plain_waits.worst().max(ask.wait_p95);
    let (proposed, after) = if starves { (plain, plain_waits) } else { (weighted, weighted_waits) };
    let verdict = match verdict {
        Verdict::Short { lacks, cost, .. } => Verdict::Short { lacks, cost, least: after.worst() },
        other => other,
    };
    let quarters = quarters::quarters(&mut search, &points, ask);
    Proposal {
        draws,
        simulations: search.simulations,
        told_draws: told.draws,
        quarters,
        wait_p95: ask.wait_p95,
        lines: lines(plan, &cells, &settings, ask),
        waits: compared(plan, &today_waits, &after),
        ladder: ladder(&points, ask.wait_p95),
        verdict,
        inverted: after.inverted(plan),
        findings: before.findings,
        quotas: proposed.quotas.items().to_vec(),
    }
}

/// The guarantees to propose, and whether they keep the target within the pools.
fn choose(
    search: &mut Search<'_>,
    cells: &[Cell],
    points: &[Point],
    now: &[f64],
    supply: &[PoolMonth],
    target: f64,
) -> (Vec<f64>, Verdict) {
    let Some(best) = cheapest(points, target) else {
        let plenty = points.first().map_or((Vec::new(), 0.0), |p| (p.nominal.clone(), p.worst));
        return (plenty.0, Verdict::Never(plenty.1));
    };
    let missing = lacks(search.plan, search.planned, supply, cells, &best.nominal);
    if missing.is_empty() {
        return (best.nominal.clone(), Verdict::Kept);
    }
    let real = search.of(cells, &best.nominal, supply).worst();
    if real <= target {
        return (best.nominal.clone(), Verdict::KeptThough(missing));
    }
    let kept: Vec<&Point> = points.iter().filter(|point| point.kept).collect();
    let every = kept.len().div_ceil(TRIED_WITHIN - 1).max(1);
    let mut tried: Vec<Vec<f64>> =
        kept.iter().step_by(every).map(|point| point.nominal.clone()).collect();
    tried.push(now.to_vec());
    let mut least = (best.nominal.clone(), real);
    for nominal in tried {
        let worst = search.of(cells, &nominal, supply).worst();
        let cheaper = frontier::cost(cells, &nominal) < frontier::cost(cells, &least.0);
        if worst < least.1 || (worst <= least.1 && cheaper) {
            least = (nominal, worst);
        }
    }
    (least.0, Verdict::Short { lacks: missing, cost: best.cost, least: least.1 })
}

/// Of each queue in a cohort the smallest limit of borrowing with which no queue misses what it keeps without.
fn limits(
    search: &mut Search<'_>,
    cells: &[Cell],
    nominal: &[f64],
    supply: &[PoolMonth],
    target: f64,
) -> Vec<Setting> {
    let mut settings = free(nominal);
    let without = search.of(cells, nominal, supply).p95_by_quota();
    let enough = |found: &Waits| {
        found.p95_by_quota().iter().all(|(quota, wait)| {
            *wait <= target.max(without.get(quota).copied().unwrap_or(f64::INFINITY))
        })
    };
    let last = search.simulations + FOR_LIMITS;
    for at in 0..cells.len() {
        let (cell, own) = (&cells[at], nominal[at]);
        let pool = cells.iter().zip(nominal).filter(|(of, _)| of.pool == cell.pool);
        let others = pool.map(|(_, nominal)| nominal).sum::<f64>() - own;
        if search.plan.quotas[cell.quota].cohort.is_none() {
            continue;
        }
        // What is known to do: `high` nodes; `low` and fewer do not.
        let (mut low, mut high) = (-1.0, (others / cell.step).ceil() + 1.0);
        let unlimited = high;
        while high - low > 1.5 && search.simulations < last {
            let middle = f64::midpoint(low, high).floor();
            settings[at].borrowing_limit = Some(middle * cell.step);
            let plan = with(search.plan, cells, &settings, None);
            let found = search.waits(&plan, supply);
            if enough(&found) { high = middle } else { low = middle }
        }
        settings[at].borrowing_limit = (high < unlimited).then_some(high * cell.step);
    }
    settings
}

/// Weights in proportion to guarantees: what is guaranteed, in the smallest whole numbers, at least 1.
fn weights(plan: &Plan, cells: &[Cell], settings: &[Setting]) -> Vec<f64> {
    let total = |quota| {
        let of = cells.iter().zip(settings).filter(|(cell, _)| cell.quota == quota);
        of.map(|(cell, setting)| (setting.nominal / cell.step).round()).sum::<f64>()
    };
    let totals: Vec<f64> = plan.quotas.ids().map(total).collect();
    let divisor = totals.iter().copied().fold(0.0, gcd).max(1.0);
    totals.iter().map(|total| (total / divisor).max(1.0)).collect()
}

fn gcd(a: f64, b: f64) -> f64 {
    if b < 0.5 { a } else { gcd(b, a % b) }
}

fn lines(plan: &Plan, cells: &[Cell], settings: &[Setting], ask: &Ask) -> Vec<Line> {
    let today = today(plan, cells);
    let all = cells.iter().zip(settings).zip(today);
    all.map(|((cell, proposed), today)| Line {
        quota: cell.quota,
        pool: cell.pool,
        resource: cell.resource,
        peak: cell.peak,
        today,
        proposed: *proposed,
        price: ask.prices.get(&cell.pool).copied(),
    })
    .collect()
}

fn compared(plan: &Plan, today: &Waits, proposed: &Waits) -> Vec<Wait> {
    let one = |quota| {
        let (today, proposed) = (today.of(quota)?, proposed.of(quota)?);
        Some(Wait { quota, today, proposed })
    };
    plan.quotas.ids().filter_map(one).collect()
}

fn ladder(points: &[Point], target: f64) -> Vec<Rung> {
    let mut waits = LADDER.to_vec();
    waits.push(target);
    waits.sort_by(f64::total_cmp);
    waits.dedup();
    let rung = |wait_p95: f64| {
        let point = cheapest(points, wait_p95)?;
        Some(Rung { wait_p95, nominal: point.nominal.iter().sum(), cost: point.cost })
    };
    let mut rungs: Vec<Rung> = waits.into_iter().filter_map(rung).collect();
    rungs.dedup_by(|next, before| {
        next.wait_p95.to_bits() != target.to_bits() && (next.nominal - before.nominal).abs() < 1e-9
    });
    rungs
}
