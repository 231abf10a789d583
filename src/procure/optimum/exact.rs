//! Few pools under common limits, searched: branch and bound over whole purchases.
//!
//! Of few pools the linear bound is a part of one unit away, and the repair leaves a unit or two. So the integer
//! program is searched around the purchases that are known: every month's cost is exact near them, and elsewhere
//! its tangent there, which is below it, since the cost is convex. So the problem is small, what the search proves
//! is a bound of the whole problem, and where its best lies inside the windows, that is the optimum. It ends after a
//! fixed number of nodes: the result depends on no clock.

use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};

use super::alike::{Alike, counted};
use super::branch::{Effort, searched};
use super::coupling::PoolProblem;
use super::flow::{Cover, cost_of};
use super::hull::{self, Within};
use super::recourse::{MICRO, Recourse};

/// The most variables of a problem that is searched.
const VARIABLES: usize = 3_000;
/// The fewest units on either side of what is known that are told apart, and the runs that these are.
const LEAST_WINDOW: u64 = 2;
const LEAST_RUNS: usize = 5;
/// The most.
const MOST_WINDOW: u64 = 1 << 24;
/// The most work of the search: pivots times the size of the program.
const WORK: u64 = 25_000_000;
/// The most nodes of the search.
const NODES: u64 = 20_000;
/// How many times as much both may be while the gap is wide.
const MORE: u64 = 3;
/// A share of the cost below which a gap is not worth more nodes.
const ENOUGH: f64 = 2e-6;

/// What a search found.
pub(super) struct Searched {
    /// Purchases; not always better than what was known.
    pub covers: Vec<Cover>,
    /// No whole purchases within the limits cost less, in millionths.
    pub bound: i128,
}

/// Searches around purchases that are known.
///
/// `None` where the problem is too large.
pub(super) fn search(pools: &[PoolProblem], limits: &[f64], known: &[Cover]) -> Option<Searched> {
    if !suits(pools) {
        return None;
    }
    let windows = windows(pools, known);
    let relaxed = Program::new(pools, limits, known, &windows, false);
    let Program { mut problem, start, bought, .. } =
        Program::new(pools, limits, known, &windows, true);
    let variables: usize = windows.iter().flatten().map(|window| window.runs.len()).sum();
    let size = variables + offers(pools) + windows.iter().map(Vec::len).sum::<usize>();
    let cuts = hull::cuts(&relaxed.problem, &relaxed.within, size);
    let size = size + cuts.len();
    for row in cuts {
        problem.add_constraint(row, ComparisonOp::Le, 1.0);
    }
    let effort = Effort { work: WORK, size, nodes: NODES, more: MORE };
    let (outcome, _) = searched(&problem, start, ENOUGH, effort)?;
    let best = outcome.stats().best_bound?;
    let solution = outcome.solution()?;
    let covers = pools.iter().zip(&bought).map(|(pool, bought)| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole units")]
        let units: Vec<u64> = bought
            .iter()
            .map(|variable| solution.var_value(*variable).round().max(0.0) as u64)
            .collect();
        Cover { cost: cost_of(&pool.months, &pool.offers, &units), units }
    });
    let beyond: f64 = windows.iter().flatten().map(|window| window.beyond).sum();
    // Floats proved it: a part in a billion is given away.
    let bound = (best - beyond - 1e-9 * best.abs()) * MICRO;
    #[expect(clippy::cast_possible_truncation, reason = "money stays far inside i128")]
    let bound = bound.floor() as i128;
    let covers: Vec<Cover> = covers.collect();
    let cost: i128 = covers.iter().map(|cover| cover.cost).sum();
    // What is given away is no gap of a search that came to its end inside the windows.
    let proven = outcome.is_optimal() && (cost - bound) as f64 <= 3e-9 * cost as f64;
    Some(Searched { bound: if proven { cost } else { bound }, covers })
}

/// A month near what is known: exact there, and below the month's cost everywhere else.
struct Window {
    /// Units and what one of them saves, in money; first committed first.
    runs: Vec<(u64, f64)>,
    /// What runs after the window cost more than they do, with nothing committed.
    beyond: f64,
}

/// Whether a problem is small enough to be searched.
#[must_use]
pub(super) fn suits(pools: &[PoolProblem]) -> bool {
    let months: usize = pools.iter().map(|pool| pool.months.len()).sum();
    offers(pools) + months * LEAST_RUNS <= VARIABLES
}

fn offers(pools: &[PoolProblem]) -> usize {
    pools.iter().map(|pool| pool.offers.len()).sum()
}

/// The widest windows whose problem is small enough.
fn windows(pools: &[PoolProblem], known: &[Cover]) -> Vec<Vec<Window>> {
    let mut width = MOST_WINDOW;
    loop {
        let months = pools.iter().zip(known).map(|(pool, cover)| {
            let committed = cover.committed(pool.months.len(), &pool.offers);
            let months = pool.months.iter().zip(committed);
            months.map(|(month, committed)| Window::of(month, committed, width)).collect()
        });
        let windows: Vec<Vec<Window>> = months.collect();
        let runs: usize = windows.iter().flatten().map(|window| window.runs.len()).sum();
        if offers(pools) + runs <= VARIABLES || width <= LEAST_WINDOW {
            return windows;
        }
        width /= 2;
    }
}

impl Window {
    /// A convex function lies above its tangents: before the window every unit saves no more than the window's
    /// first does, after it as much as its last.
    fn of(month: &Recourse, committed: u64, width: u64) -> Self {
        let (first, last) = (committed.saturating_sub(width), committed.saturating_add(width));
        let money = |micro: i64| micro as f64 / MICRO;
        let (mut runs, mut beyond) = (Vec::<(u64, f64)>::new(), 0.0);
        let (mut from, mut before) = (0_u64, 0_u64);
        for (units, saving) in month.runs() {
            let (to, saving) = (from + units, money(*saving));
            if to <= first {
                before += units;
            } else if from < last {
                // Units before the window save what its first one does.
                runs.push((units + std::mem::take(&mut before), saving));
            } else if let Some((count, least)) = runs.last_mut() {
                beyond += *units as f64 * (*least - saving);
                *count += units;
            } else {
                runs.push((*units, saving));
            }
            from = to;
        }
        if before > 0 {
            // All of it lies before the window.
            let (units, saving) = (before, month.runs().last().map_or(0.0, |run| money(run.1)));
            runs.push((units, saving));
        }
        Self { runs, beyond }
    }
}

/// All pools under the limits, as a program.
struct Program {
    problem: Problem,
    /// The purchases that are known.
    start: Vec<(Variable, f64)>,
    /// The units of each offer, by pool.
    bought: Vec<Vec<Variable>>,
    within: Vec<Within>,
}

impl Program {
    /// Of whole units, or parts of them.
    fn new(
        pools: &[PoolProblem],
        limits: &[f64],
        known: &[Cover],
        windows: &[Vec<Window>],
        whole: bool,
    ) -> Self {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let mut start = Vec::new();
        let mut alike = Alike::of(pools, known, MICRO);
        let bought = pools.iter().zip(windows).zip(known).map(|((pool, windows), cover)| {
            pool_rows(&mut problem, (pool, cover, whole), windows, &mut alike, &mut start)
        });
        let bought = bought.collect();
        let within = alike.within(limits);
        alike.rows(&mut problem, limits, vec![Vec::new(); limits.len()], &mut start, whole);
        Self { problem, start, bought, within }
    }
}

/// The variables and rows of one pool; gives those of its offers.
fn pool_rows(
    problem: &mut Problem,
    (pool, cover, whole): (&PoolProblem, &Cover, bool),
    windows: &[Window],
    alike: &mut Alike,
    start: &mut Vec<(Variable, f64)>,
) -> Vec<Variable> {
    let most_needed = pool.most_needed();
    let money = |micro: i64| micro as f64 / MICRO;
    let mut bought = Vec::with_capacity(pool.offers.len());
    for ((offer, takes), units) in pool.offers.iter().zip(&pool.takes).zip(&cover.units) {
        let most = offer.most.map_or(most_needed, |most| most.min(most_needed));
        let cost = money(offer.cost) - alike.carried(takes);
        let variable = counted(problem, cost, most, whole);
        alike.bought(takes, variable, most);
        start.push((variable, *units as f64));
        bought.push(variable);
    }
    let committed = cover.committed(pool.months.len(), &pool.offers);
    for (t, (window, committed)) in windows.iter().zip(committed).enumerate() {
        let active = pool.offers.iter().zip(&bought).filter(|(o, _)| o.from <= t && t < o.to);
        let mut row: Vec<(Variable, f64)> = active.map(|(_, variable)| (*variable, 1.0)).collect();
        if let Some(most) = pool.months[t].most().filter(|_| !row.is_empty()) {
            problem.add_constraint(&row, ComparisonOp::Le, most as f64);
        }
        let mut below = 0;
        for (units, saving) in &window.runs {
            let rest = problem.add_var(*saving, (0.0, *units as f64));
            row.push((rest, 1.0));
            start.push((rest, (units - committed.saturating_sub(below).min(*units)) as f64));
            below += units;
        }
        if below > 0 {
            problem.add_constraint(&row, ComparisonOp::Ge, below as f64);
        }
    }
    bought
}
