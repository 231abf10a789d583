//! Groups of nodes packed anew, again and again, from a little worse to better.
//!
//! The cost of a packing is the linear optimum and what its nodes cost above the worth of what they hold, so
//! half of a group are nodes to blame, the others chance picks. Each time the worth of an item is what it is
//! at the linear optimum, give or take; the nodes are filled by it, and the cheapest packing is kept. Chance
//! is a counter: the same input takes the same steps.

use super::{Effort, Node, Problem, fill, improve};

/// Nodes that are packed anew together, at least and at most.
const GROUP: (usize, usize) = (2, 6);
/// How much worse a step may be at first, as a share of the cost.
const WORSE: f64 = 0.003;
/// How far the worth of an item may be off, as a share.
const OFF: f64 = 0.4;

/// Packs groups of nodes anew; the result never costs more.
pub(super) fn repack(
    problem: &Problem,
    types: &[usize],
    mut nodes: Vec<Node>,
    shadow: &[f64],
    bound: f64,
    effort: Effort,
    turn: u64,
) -> Vec<Node> {
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(2 * turn + 1));
    let price =
        |nodes: &[Node]| nodes.iter().map(|n| problem.types[n.node_type].price).sum::<f64>();
    let above = |node: &Node| {
        let worth: f64 = node.held.iter().zip(shadow).map(|(n, w)| *n as f64 * w).sum();
        problem.types[node.node_type].price - worth
    };
    let (mut best, mut least) = (nodes.clone(), price(&nodes));
    let mut cost = least;
    let enough = bound * (1.0 + effort.near);
    for round in 0..effort.repacks {
        if nodes.len() < 2 || least <= enough {
            break;
        }
        if round % 16 == 0 {
            nodes.sort_by(|a, b| above(b).total_cmp(&above(a)).then(a.cmp(b)));
        }
        let size = GROUP.0 + chance.below(GROUP.1 - GROUP.0 + 1);
        let mut group = std::collections::BTreeSet::new();
        for place in 0..size.min(nodes.len()) {
            let among = if place < size / 2 { nodes.len().min(2 * GROUP.1) } else { nodes.len() };
            group.insert(chance.below(among));
        }
        let old: Vec<Node> = group.iter().map(|place| nodes[*place].clone()).collect();
        let packed = anew(problem, types, &old, shadow, &mut chance);
        let change = price(&packed) - price(&old);
        let patience = 1.0 - round as f64 / effort.repacks as f64;
        if cost + change > least * (1.0 + WORSE * patience) + 1e-12 {
            continue;
        }
        for place in group.iter().rev() {
            nodes.swap_remove(*place);
        }
        nodes.extend(packed);
        cost += change;
        if cost < least * (1.0 - 1e-9) {
            (best, least) = (nodes.clone(), cost);
        }
    }
    best
}

/// The items of some nodes on other nodes.
fn anew(
    problem: &Problem,
    types: &[usize],
    old: &[Node],
    shadow: &[f64],
    chance: &mut Chance,
) -> Vec<Node> {
    let some: Vec<usize> =
        (0..problem.counts.len()).filter(|i| old.iter().any(|node| node.held[*i] > 0)).collect();
    let part = Problem {
        dimensions: problem.dimensions.clone(),
        sizes: some.iter().map(|i| problem.sizes[*i].clone()).collect(),
        counts: some.iter().map(|i| old.iter().map(|node| node.held[*i]).sum()).collect(),
        types: types.iter().map(|t| problem.types[*t].clone()).collect(),
    };
    let worth: Vec<f64> =
        some.iter().map(|i| shadow[*i].max(1e-9) * (1.0 + OFF * (chance.share() - 0.5))).collect();
    let all: Vec<usize> = (0..types.len()).collect();
    let mut packed = fill::by_worth(&part, &all, &part.counts, &worth);
    improve::smaller(&part, &mut packed);
    let back = |node: Node| {
        let mut held = vec![0; problem.counts.len()];
        some.iter().zip(&node.held).for_each(|(i, n)| held[*i] = *n);
        Node { node_type: types[node.node_type], held }
    };
    packed.into_iter().map(back).collect()
}

/// Numbers that look like chance and are always the same.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        // xorshift64, by Marsaglia.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 11
    }

    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// From 0 to 1.
    fn share(&mut self) -> f64 {
        (self.next() % 1_000_000) as f64 / 1e6
    }
}
