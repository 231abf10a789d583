//! Groups of nodes packed anew, as problems of their own: the nodes that cost the most above the worth of
//! what they hold, with others that chance picks.
//!
//! The cost of a packing is the linear optimum and what its nodes cost above that worth, so these are the
//! nodes to blame. Chance is a counter: the same input takes the same steps.

use super::{Effort, Node, Problem, solve};

/// Nodes that are packed anew together.
const GROUP: usize = 6;

/// Packs groups of nodes anew; the result never costs more.
pub(super) fn repack(
    problem: &Problem,
    mut nodes: Vec<Node>,
    shadow: &[f64],
    bound: f64,
    effort: Effort,
) -> Vec<Node> {
    let few =
        Effort { rounds: 60, steps: effort.steps / 100, branches: 40, repacks: 0, near: 1e-9 };
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut unlucky = 0;
    for round in 0..effort.repacks {
        if nodes.len() < 2 || problem.cost(&nodes) <= bound * (1.0 + effort.near) || unlucky > 16 {
            break;
        }
        let above = |node: &Node| {
            let worth: f64 = node.held.iter().zip(shadow).map(|(n, w)| *n as f64 * w).sum();
            problem.types[node.node_type].price - worth
        };
        nodes.sort_by(|a, b| above(b).total_cmp(&above(a)).then(a.cmp(b)));
        let mut group = std::collections::BTreeSet::new();
        // Half to blame, half by chance; once in a while all by chance.
        let blamed = if round % 4 == 3 { 0 } else { GROUP / 2 };
        for place in 0..GROUP.min(nodes.len()) {
            let among = if place < blamed { (2 * GROUP).min(nodes.len()) } else { nodes.len() };
            group.insert(chance.below(among));
        }
        if group.len() < 2 {
            continue;
        }
        let mut counts = vec![0; problem.counts.len()];
        let mut cost = 0.0;
        for place in &group {
            counts.iter_mut().zip(&nodes[*place].held).for_each(|(all, n)| *all += n);
            cost += problem.types[nodes[*place].node_type].price;
        }
        let some: Vec<usize> = (0..counts.len()).filter(|i| counts[*i] > 0).collect();
        let part = Problem {
            sizes: some.iter().map(|i| problem.sizes[*i].clone()).collect(),
            counts: some.iter().map(|i| counts[*i]).collect(),
            types: problem.types.clone(),
        };
        let (found, _, _) = solve(&part, few);
        if found.cost < cost * (1.0 - 1e-9) {
            for place in group.iter().rev() {
                nodes.swap_remove(*place);
            }
            nodes.extend(found.loads.into_iter().map(|load| {
                let mut held = vec![0; problem.counts.len()];
                some.iter().zip(&load.held).for_each(|(i, n)| held[*i] = *n);
                Node { node_type: load.node_type, held }
            }));
            unlucky = 0;
        } else {
            unlucky += 1;
        }
    }
    nodes
}

/// Numbers that look like chance and are always the same.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        // xorshift64, by Marsaglia.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from((self.0 >> 11) % end).unwrap_or(0)
    }
}
