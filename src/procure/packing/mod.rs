//! Which instance types, and how many of each: the cheapest mix that holds every item.
//!
//! Items (replicas, pods) and types with a price go in; nodes with what is on them come out, with a bound
//! that no mix can go below, the runner-up and the reason for every type that was left out. An item lies on
//! one node, whole; on a node every dimension of what lies there stays within its capacity. Dimensions are
//! the caller's: cores, memory, GPUs, network.
//!
//! ```text
//! columns (LP bound) → several ways to whole nodes → improve → the cheapest
//! ```
//!
//! A dimension of which a type has infinitely much is one that it is not known to lack.
//!
//! Absent: the order in which items arrive, spreading over zones, and which GPU of a node a share lies on.

mod alone;
mod columns;
mod complete;
mod excuse;
mod fill;
mod improve;
mod knapsack;
mod repack;
mod simplex;
mod whole;

pub use excuse::Excuse;

use columns::Columns;

/// Items of one size.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its name, or of one of them.
    pub name: String,
    /// How much of each dimension one takes; at least 0.
    pub size: Vec<f64>,
    /// How many there are.
    pub count: usize,
}

/// A type of node on offer, in any number.
#[derive(Debug, Clone, PartialEq)]
pub struct NodeType {
    /// Its name.
    pub name: String,
    /// How much of each dimension it has.
    pub capacity: Vec<f64>,
    /// Money for one node, in whatever unit of time; above 0.
    pub price: f64,
}

/// Nodes of one type that carry the same.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Load {
    /// Index of the type.
    pub node_type: usize,
    /// Index of each item, and how many lie on the node; in the order of items.
    pub items: Vec<(usize, usize)>,
    /// How many such nodes.
    pub nodes: usize,
}

/// The cheapest mix found.
#[derive(Debug, Clone)]
pub struct Packing {
    /// The nodes, by type and then by what they carry.
    pub loads: Vec<Load>,
    /// Money for all of them.
    pub cost: f64,
    /// What no mix can cost less than.
    pub bound: f64,
    /// What no mix of parts of nodes can cost less than: the linear optimum, below `bound` where every load of
    /// a cheaper mix was searched.
    pub linear: f64,
    /// Which way the mix was found.
    pub way: Way,
    /// Items that no type holds, by index; they are left out of everything else.
    pub unplaced: Vec<usize>,
    /// The cheapest of the mixes of one type, where it is another one.
    pub runner_up: Option<OneType>,
    /// Each type alone, by index; absent where it cannot hold every item. Those that may be the two cheapest are packed
    /// with care, the others by first fit, which may take a few nodes more.
    pub alone: Vec<Option<OneType>>,
    /// Why each type that is not in the mix is not, by index of the type.
    pub excuses: Vec<(usize, Excuse)>,
}

/// Nodes of one type alone that hold every item.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneType {
    /// Index of the type.
    pub node_type: usize,
    /// How many.
    pub nodes: usize,
    /// Money for all of them.
    pub cost: f64,
}

/// How a mix was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// First fit of the load with the best worth for its price.
    FirstFit,
    /// Loads of the linear optimum, made whole one after the other.
    Dive,
    /// Whole numbers of the loads of the linear optimum, by branch and bound.
    Master,
    /// One of these, and then groups of its nodes anew.
    Repacked,
}

impl Way {
    /// In words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::FirstFit => "first fit by marginal cost",
            Self::Dive => "columns, rounded one by one",
            Self::Master => "columns, integer master",
            Self::Repacked => "columns, groups of nodes packed anew",
        }
    }
}

impl Packing {
    /// How far the cost is above the bound at most, as a share of the bound; 0 where nothing is packed.
    #[must_use]
    pub fn gap(&self) -> f64 {
        if self.bound > 0.0 { (self.cost / self.bound - 1.0).max(0.0) } else { 0.0 }
    }

    /// How many nodes of each type, by index, those without left out.
    #[must_use]
    pub fn mix(&self) -> Vec<(usize, usize)> {
        let mut mix = std::collections::BTreeMap::new();
        for load in &self.loads {
            *mix.entry(load.node_type).or_insert(0) += load.nodes;
        }
        mix.into_iter().collect()
    }
}

/// How much is tried.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Rounds of column generation at most.
    pub rounds: usize,
    /// Steps of one search for the best load of a type.
    pub steps: usize,
    /// Nodes of branch and bound in the integer master.
    pub branches: u64,
    /// Groups of nodes that are packed anew after each dive.
    pub repacks: usize,
    /// How near the bound is near enough, as a share of it.
    pub near: f64,
}

impl Default for Effort {
    fn default() -> Self {
        Self { rounds: 2_000, steps: 2_000_000, branches: 200, repacks: 1_200, near: 0.002 }
    }
}

/// From how many sizes on a search for the best load takes longer than the effort says.
const MANY_SIZES: usize = 120;

/// Packs items onto nodes.
///
/// Sizes and capacities have the same dimensions, of which items ask for at most six; items of equal size are best given as one with a count.
/// The same input gives the same result; effort is counted in steps, never in time.
///
/// # Source
/// Gilmore and Gomory, "A linear programming approach to the cutting-stock problem" (1961); Farley's bound
/// (1990) where the search for a load was cut short; Gabay and Zaourar on vector bin packing with
/// heterogeneous bins (2016).
#[must_use]
pub fn pack(items: &[Item], types: &[NodeType], effort: Effort) -> Packing {
    let holds = |t: &NodeType, item: &Item| fill::fits(&item.size, &t.capacity);
    let (placed, unplaced): (Vec<usize>, Vec<usize>) = (0..items.len())
        .filter(|i| items[*i].count > 0)
        .partition(|i| types.iter().any(|t| holds(t, &items[*i])));
    let problem = Problem::of_asked(items, &placed, types);
    let Solved { found: mut solution, bound, linear, shadow } = solve(&problem, effort);
    let bound = payable(&problem.types, bound);
    let mut each = alone::each(&problem, effort);
    let alone: Vec<Option<OneType>> =
        each.iter().map(|alone| alone.as_ref().map(|alone| alone.one)).collect();
    // One type alone is a mix too; the first of equals stays.
    let mut one: Vec<OneType> = alone.iter().flatten().copied().collect();
    one.sort_by(|a, b| a.cost.total_cmp(&b.cost).then(a.node_type.cmp(&b.node_type)));
    if let Some(best) = one.first().filter(|best| best.cost < solution.cost * (1.0 - 1e-9))
        && let Some(alone) = each[best.node_type].take()
    {
        solution = Found { cost: alone.one.cost, loads: alone.loads, way: Way::FirstFit };
    }
    let loads = merged(&solution.loads, &placed);
    let packing = Packing {
        cost: solution.cost,
        bound: bound.min(solution.cost),
        linear: linear.min(solution.cost),
        way: solution.way,
        unplaced,
        runner_up: None,
        alone,
        excuses: Vec::new(),
        loads,
    };
    let mix = packing.mix();
    let is_the_mix = |one: &OneType| mix == [(one.node_type, one.nodes)];
    let runner_up = one.into_iter().find(|one| !is_the_mix(one));
    let excuses = excuse::excuses(&problem, &mix, &shadow, effort);
    Packing { runner_up, excuses, ..packing }
}

/// How many nodes of one type hold every item; `None` where some item fits none.
#[must_use]
pub fn of_one_type(items: &[Item], node_type: &NodeType, effort: Effort) -> Option<OneType> {
    let placed: Vec<usize> = (0..items.len()).filter(|i| items[*i].count > 0).collect();
    let problem = Problem::of_asked(items, &placed, std::slice::from_ref(node_type));
    alone::of_type(&problem, 0, effort)
}

/// What is to be packed, items that fit nowhere left out.
#[derive(Debug, Clone)]
struct Problem {
    /// The caller's index of each dimension.
    dimensions: Vec<usize>,
    sizes: Vec<Vec<f64>>,
    counts: Vec<usize>,
    types: Vec<NodeType>,
}

impl Problem {
    /// With the dimensions alone of which some item asks for something.
    fn of_asked(items: &[Item], placed: &[usize], types: &[NodeType]) -> Self {
        let all = types.first().map_or(0, |t| t.capacity.len());
        let asked: Vec<usize> =
            (0..all).filter(|d| placed.iter().any(|i| items[*i].size[*d] > 0.0)).collect();
        assert!(asked.len() <= knapsack::DIMENSIONS, "callers have few dimensions");
        let of = |values: &[f64]| asked.iter().map(|d| values[*d]).collect();
        let types = types.iter().map(|t| NodeType { capacity: of(&t.capacity), ..t.clone() });
        Self {
            sizes: placed.iter().map(|i| of(&items[*i].size)).collect(),
            counts: placed.iter().map(|i| items[*i].count).collect(),
            types: types.collect(),
            dimensions: asked,
        }
    }

    /// Whether one type has as much of everything as another and costs no more; of equals, the first.
    fn dominates(&self, by: usize, other: usize) -> bool {
        let (a, b) = (&self.types[by], &self.types[other]);
        let no_less = a.capacity.iter().zip(&b.capacity).all(|(a, b)| a >= b);
        let differs = a.price < b.price || a.capacity != b.capacity || by < other;
        by != other && no_less && a.price <= b.price && differs
    }

    fn cost(&self, loads: &[Node]) -> f64 {
        // By type, so that the order of nodes does not reach the last bit.
        let mut nodes = vec![0_usize; self.types.len()];
        for load in loads {
            nodes[load.node_type] += 1;
        }
        nodes.iter().zip(&self.types).map(|(n, t)| *n as f64 * t.price).sum()
    }
}

/// One node and how many of each item lie on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Node {
    node_type: usize,
    held: Vec<usize>,
}

struct Found {
    loads: Vec<Node>,
    cost: f64,
    way: Way,
}

struct Solved {
    found: Found,
    bound: f64,
    linear: f64,
    /// What one of each item is worth at the linear optimum.
    shadow: Vec<f64>,
}

/// The cheapest of all ways, and its bounds.
fn solve(problem: &Problem, effort: Effort) -> Solved {
    let effort = if problem.sizes.len() > MANY_SIZES {
        Effort { steps: effort.steps.saturating_mul(5), ..effort }
    } else {
        effort
    };
    let all: Vec<usize> = (0..problem.types.len()).collect();
    let greedy = fill::first_fit(problem, &all, &problem.counts);
    let mut best = Found { cost: problem.cost(&greedy), loads: greedy, way: Way::FirstFit };
    if problem.sizes.is_empty() {
        return Solved { found: best, bound: 0.0, linear: 0.0, shadow: Vec::new() };
    }
    let mut columns = Columns::generate(problem, &best.loads, effort);
    let shadow = columns.shadow.clone();
    let bound = columns.bound;
    let take = |best: &mut Found, loads: Vec<Node>, way: Way| {
        let loads = improve::improve(problem, loads);
        let cost = problem.cost(&loads);
        if cost < best.cost * (1.0 - 1e-12) {
            *best = Found { loads, cost, way };
        }
    };
    let greedy = best.loads.clone();
    take(&mut best, greedy, Way::FirstFit);
    let far = |best: &Found, near: f64| best.cost > bound * (1.0 + near);
    for (turn, eagerness) in (0..).zip(whole::EAGERNESS) {
        // After the first, near is good enough.
        if !far(&best, if turn > 0 { 2.0 * effort.near } else { effort.near }) {
            break;
        }
        let dive = whole::dive(problem, &mut columns, eagerness, effort);
        take(&mut best, dive, Way::Dive);
        if turn == 0
            && far(&best, effort.near)
            && let Some(master) = whole::whole_master(problem, &columns, best.cost, effort)
        {
            take(&mut best, master.nodes, Way::Master);
            if master.proven {
                return Solved { bound: best.cost, found: best, linear: bound, shadow };
            }
        }
        if far(&best, effort.near) {
            let nodes = best.loads.clone();
            let nodes =
                repack::repack(problem, &columns.types, nodes, &shadow, bound, effort, turn);
            take(&mut best, nodes, Way::Repacked);
        }
    }
    if far(&best, 2.0 * effort.near)
        && let Some(loads) = whole::master(problem, &columns, best.cost, effort)
    {
        take(&mut best, loads, Way::Master);
    }
    Solved { found: best, bound, linear: bound, shadow }
}

/// The least that whole nodes can cost from `bound` on: a multiple of what all prices are multiples of.
fn payable(types: &[NodeType], bound: f64) -> f64 {
    unit(types).map_or(bound, |unit| (bound / unit * (1.0 - fill::TOLERANCE)).ceil() * unit)
}

/// What all prices are multiples of; nothing where they are no round amounts.
fn unit(types: &[NodeType]) -> Option<f64> {
    const PARTS: f64 = 1e6;
    let mut unit = 0_u64;
    for t in types {
        let parts = (t.price * PARTS).round();
        let round = (parts / PARTS - t.price).abs() <= 1e-12 * t.price;
        if !(1.0..1e15).contains(&parts) || !round {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 1e15")]
        let mut other = parts as u64;
        while other > 0 {
            (unit, other) = (other, unit % other);
        }
    }
    (unit > 0).then_some(unit as f64 / PARTS)
}

/// Equal nodes together, with the caller's indices.
fn merged(nodes: &[Node], placed: &[usize]) -> Vec<Load> {
    let mut nodes = nodes.to_vec();
    nodes.sort();
    let mut loads: Vec<Load> = Vec::new();
    for group in nodes.chunk_by(|a, b| a == b) {
        let held = group[0].held.iter().enumerate().filter(|(_, n)| **n > 0);
        loads.push(Load {
            node_type: group[0].node_type,
            items: held.map(|(i, n)| (placed[i], *n)).collect(),
            nodes: group.len(),
        });
    }
    loads
}

#[cfg(test)]
mod tests;
