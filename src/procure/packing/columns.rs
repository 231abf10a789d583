//! Column generation: loads that the linear optimum uses, and the bound that comes of it.
//!
//! The dual is solved: the most that the items can be worth so that no known load is worth more than its
//! node. A load that is worth more is a row that was missing; when there is none, that worth is the bound.
//! Where the search for loads was cut short, Farley's bound holds: the worth, scaled down by the most that
//! any load could be above its price.

use microlp::{ComparisonOp, OptimizationDirection, Problem as Linear};

use super::knapsack::{Search, best_load};
use super::{Effort, Node, Problem};

/// Loads, and what they prove.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    pub(super) loads: Vec<Node>,
    /// The types that no other one makes needless.
    pub(super) types: Vec<usize>,
    /// What no packing can cost less than.
    pub(super) bound: f64,
    /// What one of each item is worth at the optimum.
    pub(super) shadow: Vec<f64>,
}

/// How much above its price a load may be worth and still count as not missing, as a share: so far the
/// bound may lie below the linear optimum.
const PROOF: f64 = 1e-7;

/// A bound without any solver: for each dimension, all that is asked at the least price for it.
pub(super) fn volume_bound(problem: &Problem) -> f64 {
    let dimensions = problem.types.first().map_or(0, |t| t.capacity.len());
    let of = |d: usize| {
        let asked: f64 =
            problem.sizes.iter().zip(&problem.counts).map(|(s, n)| s[d] * *n as f64).sum();
        let cheapest = problem.types.iter().filter(|t| t.capacity[d] > 0.0);
        let cheapest = cheapest.map(|t| t.price / t.capacity[d]).fold(f64::INFINITY, f64::min);
        if asked > 0.0 { asked * cheapest } else { 0.0 }
    };
    (0..dimensions).map(of).fold(0.0, f64::max)
}

/// The types for which no other one has as much of everything and costs no more.
fn needed(problem: &Problem) -> Vec<usize> {
    let types = 0..problem.types.len();
    types.clone().filter(|t| !types.clone().any(|by| problem.dominates(by, *t))).collect()
}

impl Columns {
    /// Generates loads until none is missing, or the effort is spent; from the loads of a packing and each
    /// item alone on each type. `None` where the linear solver fails.
    pub(super) fn generate(problem: &Problem, packing: &[Node], effort: Effort) -> Option<Self> {
        let mut loads: Vec<Node> = packing.to_vec();
        let types = needed(problem);
        for t in types.iter().copied() {
            for i in 0..problem.sizes.len() {
                let capacity = &problem.types[t].capacity;
                let n = super::fill::times(&problem.sizes[i], capacity, capacity);
                let n = n.min(problem.counts[i]);
                if n > 0 {
                    let mut held = vec![0; problem.sizes.len()];
                    held[i] = n;
                    loads.push(Node { node_type: t, held });
                }
            }
        }
        loads.sort();
        loads.dedup();
        let (bound, shadow) = (volume_bound(problem), vec![0.0; problem.sizes.len()]);
        let mut columns = Self { loads, types, bound, shadow };
        columns.extend(problem, effort)?;
        Some(columns)
    }

    /// Adds the loads that are missing for the counts of `problem`.
    pub(super) fn extend(&mut self, problem: &Problem, effort: Effort) -> Option<()> {
        let mut seen: std::collections::BTreeSet<Node> = self.loads.iter().cloned().collect();
        for round in 0..effort.rounds {
            let worth = self.dual(problem)?;
            let total: f64 = worth.iter().zip(&problem.counts).map(|(w, n)| w * *n as f64).sum();
            // A short search finds most of what is missing; the long one proves that nothing is.
            let mut added = false;
            let mut most = 1.0_f64;
            for search in [Search::Most(effort.steps / 200), Search::Any(effort.steps)] {
                most = 1.0;
                for t in &self.types {
                    let (t, node_type) = (*t, &problem.types[*t]);
                    let best =
                        best_load(problem, t, &worth, node_type.price * (1.0 + PROOF), search);
                    most = most.max(best.bound / node_type.price);
                    if best.worth > node_type.price * (1.0 + PROOF) {
                        let node = Node { node_type: t, held: best.held };
                        if seen.insert(node.clone()) {
                            self.loads.push(node);
                            added = true;
                        }
                    }
                }
                if added {
                    break;
                }
            }
            let proven = total / most;
            if proven > self.bound || round == 0 {
                self.bound = self.bound.max(proven);
                self.shadow.clone_from(&worth);
            }
            if !added || total <= self.bound * (1.0 + effort.near / 4.0) {
                break;
            }
        }
        Some(())
    }

    /// The worths that make all items worth the most, no load more than its node.
    fn dual(&self, problem: &Problem) -> Option<Vec<f64>> {
        let scale = scale(problem);
        let mut linear = Linear::new(OptimizationDirection::Maximize);
        let vars: Vec<_> = problem
            .counts
            .iter()
            .map(|n| linear.add_var(*n as f64, (0.0, f64::INFINITY)))
            .collect();
        for load in &self.loads {
            let terms = load.held.iter().enumerate().filter(|(_, n)| **n > 0);
            let terms: Vec<_> = terms.map(|(i, n)| (vars[i], *n as f64)).collect();
            let price = problem.types[load.node_type].price / scale;
            linear.add_constraint(terms, ComparisonOp::Le, price);
        }
        let solution = linear.solve().ok()?.into_solution().ok()?;
        Some(vars.iter().map(|v| solution.var_value(*v).max(0.0) * scale).collect())
    }

    /// How often each load is used at the linear optimum for the counts of `problem`.
    pub(super) fn primal(&self, problem: &Problem) -> Option<Vec<f64>> {
        let scale = scale(problem);
        let mut linear = Linear::new(OptimizationDirection::Minimize);
        let price = |load: &Node| problem.types[load.node_type].price / scale;
        let vars: Vec<_> = self
            .loads
            .iter()
            .map(|load| linear.add_var(price(load), (0.0, f64::INFINITY)))
            .collect();
        for (i, count) in problem.counts.iter().enumerate() {
            if *count == 0 {
                continue;
            }
            let terms = self.loads.iter().zip(&vars).filter(|(load, _)| load.held[i] > 0);
            let terms: Vec<_> = terms.map(|(load, v)| (*v, load.held[i] as f64)).collect();
            linear.add_constraint(terms, ComparisonOp::Ge, *count as f64);
        }
        let solution = linear.solve().ok()?.into_solution().ok()?;
        Some(vars.iter().map(|v| solution.var_value(*v).max(0.0)).collect())
    }
}

/// Prices near 1 suit the solver.
pub(super) fn scale(problem: &Problem) -> f64 {
    problem.types.iter().map(|t| t.price).fold(0.0, f64::max).max(1e-12)
}
