//! Column generation: loads that the linear optimum uses, and the bound that comes of it.
//!
//! `simplex` says what the items are worth so that no known load is worth more than its node. A load that is
//! worth more was missing; when there is none, what all items are worth is the bound. A short search finds
//! most of what is missing, a long one finds the rest or proves that there is none. Where it was cut short,
//! Farley's bound holds: the worth, scaled down by the most that any load could be above its price.

use std::collections::BTreeSet;

use super::fill::times;
use super::knapsack::{Room, Search, best_load};
use super::simplex::Simplex;
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
    /// What these worths prove, all items together.
    proven: f64,
    /// Of each of these types the prices of its dimensions, where the last search left them.
    prices: Vec<Option<Room>>,
    /// The place among them at which a long search begins.
    begin: usize,
}

/// How much above its price a load may be worth and still count as not missing, as a share: so far the
/// bound may lie below the linear optimum.
const PROOF: f64 = 1e-7;

/// How far below its price the worth of a load may be, as a share, that a dive still looks at.
const USEFUL: f64 = 0.1;
/// Rounds within which the bound is made sharper than it needs to be.
const SHARPER_WITHIN: usize = 150;

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
    /// item alone on each type.
    pub(super) fn generate(problem: &Problem, packing: &[Node], effort: Effort) -> Self {
        let mut loads: Vec<Node> = packing.to_vec();
        let types = needed(problem);
        for t in types.iter().copied() {
            for i in 0..problem.sizes.len() {
                if let Some(n) = alone(problem, i, t) {
                    let mut held = vec![0; problem.sizes.len()];
                    held[i] = n;
                    loads.push(Node { node_type: t, held });
                }
            }
        }
        loads.sort();
        loads.dedup();
        let (bound, shadow) = (volume_bound(problem), vec![0.0; problem.sizes.len()]);
        let prices = vec![None; types.len()];
        let mut columns = Self { loads, types, bound, shadow, proven: 0.0, prices, begin: 0 };
        columns.extend(problem, effort);
        columns
    }

    /// What one of each item is worth so that no load is worth more than its node, and all items together.
    pub(super) fn worth(&self, problem: &Problem) -> (Vec<f64>, f64) {
        let all: f64 = self.shadow.iter().zip(&problem.counts).map(|(w, n)| w * *n as f64).sum();
        let part = if all > 0.0 { (self.proven / all).min(1.0) } else { 0.0 };
        (self.shadow.iter().map(|w| w * part).collect(), all * part)
    }

    /// How often each load is used at the linear optimum for what is left in `rest`, after those are added
    /// that a short look finds missing. Loads far from being of use count as not known.
    pub(super) fn left(&mut self, rest: &Problem, effort: Effort) -> Vec<f64> {
        let useful = |load: &Node| {
            let worth: f64 = load.held.iter().zip(&self.shadow).map(|(n, w)| *n as f64 * w).sum();
            worth >= rest.types[load.node_type].price * (1.0 - USEFUL)
        };
        let (near, far): (Vec<Node>, Vec<Node>) = self.loads.drain(..).partition(useful);
        let mut own = Self { bound: 0.0, proven: 0.0, loads: near, ..self.clone() };
        let mut used = own.extend(rest, effort);
        used.extend(std::iter::repeat_n(0.0, far.len()));
        self.loads = own.loads;
        self.loads.extend(far);
        used
    }

    /// Adds the loads that are missing for the counts of `problem`; gives how often each is used at the
    /// linear optimum for these counts.
    fn extend(&mut self, problem: &Problem, effort: Effort) -> Vec<f64> {
        let first: Vec<(f64, usize)> =
            (0..problem.counts.len()).map(|i| cheapest_alone(problem, &self.types, i)).collect();
        let mut simplex = Simplex::new(&problem.counts, &first);
        for load in &self.loads {
            simplex.add(problem.types[load.node_type].price, load);
        }
        let mut seen: BTreeSet<Node> = self.loads.iter().cloned().collect();
        let mut proof = (effort.near / 10.0).max(PROOF);
        for round in 0..effort.rounds {
            let worth = simplex.solve();
            let total: f64 = worth.iter().zip(&problem.counts).map(|(w, n)| w * *n as f64).sum();
            let enough = |t: usize| problem.types[t].price * (1.0 + proof);
            let short = self.missing(problem, &worth, &enough, Search::Most(effort.steps / 1_000));
            // A short search finds most of what is missing; the long one proves that nothing is.
            let (found, most) = if short.0.iter().any(|node| !seen.contains(node)) {
                short
            } else {
                self.missing(problem, &worth, &enough, Search::Any(effort.steps))
            };
            let known = simplex.known();
            for node in found {
                if seen.insert(node.clone()) {
                    simplex.add(problem.types[node.node_type].price, &node);
                    self.loads.push(node);
                }
            }
            let proven = total / most;
            if proven > self.proven || round == 0 {
                (self.proven, self.bound) = (proven, self.bound.max(proven));
                self.shadow.clone_from(&worth);
            }
            if total <= self.bound * (1.0 + PROOF) {
                break;
            }
            if simplex.known() == known || total <= self.bound * (1.0 + effort.near / 4.0) {
                // Where that was little work, the bound is made sharper.
                if round > SHARPER_WITHIN || proof <= PROOF {
                    break;
                }
                proof = (proof / 20.0).max(PROOF);
            }
        }
        simplex.solve();
        simplex.used().split_off(first.len())
    }

    /// Of each type the load that is worth more than `enough` for it, and the most that any load is above the
    /// price of its node. A long search stops at the first it finds, and begins there the next time; what no
    /// load exceeds is then not known.
    fn missing(
        &mut self,
        problem: &Problem,
        worth: &[f64],
        enough: &dyn Fn(usize) -> f64,
        search: Search,
    ) -> (Vec<Node>, f64) {
        let (mut found, mut most) = (Vec::new(), 1.0_f64);
        for turn in 0..self.types.len() {
            let place = (self.begin + turn) % self.types.len();
            let t = self.types[place];
            let best = best_load(problem, t, worth, enough(t), search, &mut self.prices[place]);
            most = most.max(best.bound / problem.types[t].price);
            if best.worth > enough(t) {
                found.push(Node { node_type: t, held: best.held });
                if matches!(search, Search::Any(_)) {
                    self.begin = place;
                    return (found, f64::INFINITY);
                }
            }
        }
        (found, most)
    }
}

/// The least price for one of an item alone: of a node, and how many it holds.
fn cheapest_alone(problem: &Problem, types: &[usize], item: usize) -> (f64, usize) {
    let on = |t: &usize| Some((problem.types[*t].price, alone(problem, item, *t)?));
    let each = |of: &(f64, usize)| of.0 / of.1 as f64;
    let all = types.iter().filter_map(on);
    all.min_by(|a, b| each(a).total_cmp(&each(b))).unwrap_or((1.0, 1))
}

/// How many of an item one node of a type holds alone, none where not one.
fn alone(problem: &Problem, item: usize, node_type: usize) -> Option<usize> {
    let capacity = &problem.types[node_type].capacity;
    let n = times(&problem.sizes[item], capacity, capacity).min(problem.counts[item].max(1));
    (n > 0).then_some(n)
}
