//! Small coupled problems to the end: branch and bound over whole purchases.
//!
//! The flow's repair leaves a gap of a few units where few pools share a limit. There the integer program
//! itself is small, so it is solved, from the repaired purchases on, for a fixed number of nodes: the
//! result depends on no clock.

use microlp::{ComparisonOp, OptimizationDirection, Problem, SolveOptions, Variable};

use super::coupling::PoolProblem;
use super::flow::{Cover, cost_of};
use super::recourse::MICRO;

/// The most variables of a problem that is solved to the end.
const VARIABLES: usize = 700;
/// The most nodes of the search.
const NODES: u64 = 4_000;

/// Better purchases than `known`, if the search finds any, and whether it has proven the best.
///
/// `None` where the problem is too large.
pub(super) fn search(
    pools: &[PoolProblem],
    limits: &[f64],
    known: &[Cover],
) -> Option<(Vec<Cover>, bool)> {
    let size = |pool: &PoolProblem| {
        pool.offers.len() + pool.months.iter().map(|month| month.runs().len()).sum::<usize>()
    };
    if pools.iter().map(size).sum::<usize>() > VARIABLES {
        return None;
    }
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let mut rows: Vec<Vec<(Variable, f64)>> = vec![Vec::new(); limits.len()];
    let mut start = Vec::new();
    let mut bought: Vec<Vec<Variable>> = Vec::new();
    for (pool, cover) in pools.iter().zip(known) {
        bought.push(pool_rows(&mut problem, pool, cover, &mut rows, &mut start));
    }
    for (row, limit) in rows.iter().zip(limits).filter(|(row, _)| !row.is_empty()) {
        problem.add_constraint(row, ComparisonOp::Le, *limit);
    }
    let mut options = SolveOptions::default();
    options.node_limit = Some(NODES);
    options.warm_start = Some(start);
    let outcome = problem.solve_with(options).ok()?;
    let proven = outcome.is_optimal();
    let solution = outcome.solution()?;
    let covers = pools.iter().zip(&bought).map(|(pool, bought)| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole units")]
        let units: Vec<u64> = bought
            .iter()
            .map(|variable| solution.var_value(*variable).round().max(0.0) as u64)
            .collect();
        Cover { cost: cost_of(&pool.months, &pool.offers, &units), units }
    });
    Some((covers.collect(), proven))
}

/// The variables and rows of one pool; gives those of its offers.
fn pool_rows(
    problem: &mut Problem,
    pool: &PoolProblem,
    cover: &Cover,
    rows: &mut [Vec<(Variable, f64)>],
    start: &mut Vec<(Variable, f64)>,
) -> Vec<Variable> {
    let most_needed = pool.months.iter().map(super::Recourse::reach).max().unwrap_or(0);
    let money = |micro: i64| micro as f64 / MICRO;
    let mut bought = Vec::with_capacity(pool.offers.len());
    for ((offer, takes), units) in pool.offers.iter().zip(&pool.takes).zip(&cover.units) {
        let most = offer.most.map_or(most_needed, |most| most.min(most_needed));
        let most = i32::try_from(most).unwrap_or(i32::MAX);
        let variable = problem.add_integer_var(money(offer.cost), (0, most));
        for (limit, take) in takes {
            rows[*limit].push((variable, *take));
        }
        start.push((variable, *units as f64));
        bought.push(variable);
    }
    let committed = cover.committed(pool.months.len(), &pool.offers);
    for (t, (month, committed)) in pool.months.iter().zip(committed).enumerate() {
        let active = pool.offers.iter().zip(&bought).filter(|(o, _)| o.from <= t && t < o.to);
        let mut row: Vec<(Variable, f64)> = active.map(|(_, variable)| (*variable, 1.0)).collect();
        let mut below = 0;
        for (units, saving) in month.runs() {
            let rest = problem.add_var(money(*saving), (0.0, *units as f64));
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
