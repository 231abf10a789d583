//! From the linear optimum to whole nodes.
//!
//! A dive fixes the loads that the linear optimum uses most, solves what is left, and goes on. The integer
//! master picks whole numbers of loads by branch and bound: of all that a cheaper packing can have, where these
//! are few, and then it proves that none is cheaper; else of the known ones.

use microlp::{
    ComparisonOp, OptimizationDirection, Problem as Linear, SolutionStatus, SolveOptions,
};

use super::columns::Columns;
use super::{Effort, Node, Problem, complete, fill};

/// From which part of a node on a load is made whole at once, in the dives that are tried.
pub(super) const EAGERNESS: [f64; 3] = [0.95, 0.7, 0.5];

/// Makes loads whole one after the other.
pub(super) fn dive(
    problem: &Problem,
    columns: &mut Columns,
    eagerness: f64,
    effort: Effort,
) -> Vec<Node> {
    let mut rest = problem.clone();
    let mut nodes: Vec<Node> = Vec::new();
    let types: Vec<usize> = (0..problem.types.len()).collect();
    let few = Effort { rounds: 3, steps: effort.steps / 200, ..effort };
    while rest.counts.iter().any(|n| *n > 0) {
        let left: usize = rest.counts.iter().sum();
        // Loads that suit what is left; the bound of the rest is nobody's.
        let used = columns.left(&rest, few);
        let mut order: Vec<usize> = (0..used.len()).filter(|c| used[*c] > 1e-9).collect();
        order.sort_by(|a, b| {
            let part =
                |c: usize| used[c].min(1.0) + 1e-3 * value(&columns.loads[c], columns, &rest);
            part(*b).total_cmp(&part(*a)).then(a.cmp(b))
        });
        for (place, c) in order.into_iter().enumerate() {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
            let whole = (used[c] + 1e-9).floor() as usize;
            let again = match whole {
                0 if used[c] >= eagerness || place == 0 => 1,
                whole => whole,
            };
            for _ in 0..again {
                take(&columns.loads[c], &mut rest, &mut nodes);
            }
        }
        if rest.counts.iter().sum::<usize>() == left {
            break;
        }
    }
    if rest.counts.iter().any(|n| *n > 0) {
        nodes.extend(fill::by_worth(problem, &types, &rest.counts, &columns.shadow));
        // A worth of zero places nothing.
        let mut placed = vec![0; rest.counts.len()];
        for node in &nodes {
            placed.iter_mut().zip(&node.held).for_each(|(all, n)| *all += n);
        }
        let missing: Vec<usize> =
            problem.counts.iter().zip(&placed).map(|(n, placed)| n - placed).collect();
        nodes.extend(fill::first_fit(problem, &types, &missing));
    }
    nodes
}

/// How much of a load the counts still ask for, by worth, as a share of its price.
fn value(load: &Node, columns: &Columns, rest: &Problem) -> f64 {
    let parts = load.held.iter().zip(&rest.counts).zip(&columns.shadow);
    let worth: f64 = parts.map(|((n, left), worth)| (*n).min(*left) as f64 * worth).sum();
    worth / rest.types[load.node_type].price
}

/// One node of a load, with no more than is left.
fn take(load: &Node, rest: &mut Problem, nodes: &mut Vec<Node>) {
    let held: Vec<usize> =
        load.held.iter().zip(&rest.counts).map(|(n, left)| *n.min(left)).collect();
    if held.iter().all(|n| *n == 0) {
        return;
    }
    rest.counts.iter_mut().zip(&held).for_each(|(left, n)| *left -= n);
    nodes.push(Node { node_type: load.node_type, held });
}

/// Whole numbers of loads, and whether no others of these loads are cheaper.
pub(super) struct Master {
    pub(super) nodes: Vec<Node>,
    pub(super) proven: bool,
    /// What no whole numbers of these loads cost less than.
    bound: f64,
}

/// Loads that the integer master chooses from, at most.
const MOST: usize = 1_500;

/// Whole numbers of the loads that a packing cheaper than `known` can have; `None` where these are many, or
/// none was found.
pub(super) fn whole_master(
    problem: &Problem,
    columns: &Columns,
    known: f64,
    effort: Effort,
) -> Option<Master> {
    let (worth, all) = columns.worth(problem);
    let gap = (known - all) * (1.0 + 1e-9);
    let loads = complete::loads(problem, &columns.types, &worth, gap, MOST)?;
    // Few loads leave time for more branches.
    let few = u64::try_from(MOST / loads.len().max(1)).unwrap_or(1).clamp(1, 20);
    let loads: Vec<&Node> = loads.iter().collect();
    // What costs less costs a unit of all prices less: nothing nearer has to be told apart.
    let near = super::unit(&problem.types).map_or(0.0, |unit| 0.999 * unit / known);
    let found = chosen(problem, &loads, effort.branches * few, near.max(1e-9))?;
    let cost = problem.cost(&found.nodes);
    let proven = found.proven || super::payable(&problem.types, found.bound) >= cost * (1.0 - 1e-9);
    Some(Master { proven, ..found })
}

/// Whole numbers of the known loads that a packing cheaper than `known` can have; `None` where none was found.
pub(super) fn master(
    problem: &Problem,
    columns: &Columns,
    known: f64,
    effort: Effort,
) -> Option<Vec<Node>> {
    let (worth, all) = columns.worth(problem);
    let gap = (known - all) * (1.0 + 1e-9);
    let price = |load: &Node| problem.types[load.node_type].price;
    // What a load costs above the worth of what it holds; more than the gap is never in a cheaper packing.
    let above = |load: &Node| {
        let worth: f64 = load.held.iter().zip(&worth).map(|(n, w)| *n as f64 * w).sum();
        price(load) - worth
    };
    let mut useful: Vec<&Node> = columns.loads.iter().filter(|load| above(load) <= gap).collect();
    useful.sort_by(|a, b| above(a).total_cmp(&above(b)).then(a.cmp(b)));
    useful.truncate(MOST);
    Some(chosen(problem, &useful, effort.branches, 1e-4)?.nodes)
}

/// Whole numbers of these loads by branch and bound.
fn chosen(problem: &Problem, loads: &[&Node], branches: u64, near: f64) -> Option<Master> {
    let scale = scale(problem);
    let mut linear = Linear::new(OptimizationDirection::Minimize);
    let price = |load: &Node| problem.types[load.node_type].price / scale;
    let vars: Vec<_> =
        loads.iter().map(|load| linear.add_integer_var(price(load), (0, i32::MAX))).collect();
    for (i, count) in problem.counts.iter().enumerate() {
        let terms = loads.iter().zip(&vars).filter(|(load, _)| load.held[i] > 0);
        let terms: Vec<_> = terms.map(|(load, v)| (*v, load.held[i] as f64)).collect();
        linear.add_constraint(terms, ComparisonOp::Ge, *count as f64);
    }
    let mut options = SolveOptions::default();
    options.node_limit = Some(branches);
    options.mip_gap = near;
    let outcome = linear.solve_with(options).ok()?;
    let bound = outcome.stats().best_bound.unwrap_or(0.0) * scale;
    let solution = outcome.into_solution().ok()?;
    let mut rest = problem.clone();
    let mut nodes = Vec::new();
    for (load, v) in loads.iter().zip(&vars) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let again = solution.var_value(*v).round() as usize;
        for _ in 0..again {
            take(load, &mut rest, &mut nodes);
        }
    }
    let proven = solution.status() == SolutionStatus::Optimal;
    rest.counts.iter().all(|n| *n == 0).then_some(Master { nodes, proven, bound })
}

/// Prices near 1 suit the solver.
fn scale(problem: &Problem) -> f64 {
    problem.types.iter().map(|t| t.price).fold(0.0, f64::max).max(1e-12)
}
