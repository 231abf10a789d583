//! Small steps downhill: each node on the cheapest type that holds its load, nodes emptied into the room
//! that others have, and pairs of nodes packed anew.

use super::fill::{self, fits, times};
use super::{Node, Problem};

/// Improves a packing; it never costs more after.
pub(super) fn improve(problem: &Problem, mut nodes: Vec<Node>) -> Vec<Node> {
    for _ in 0..4 {
        let before = problem.cost(&nodes);
        smaller(problem, &mut nodes);
        emptied(problem, &mut nodes);
        smaller(problem, &mut nodes);
        anew(problem, &mut nodes);
        if problem.cost(&nodes) >= before * (1.0 - 1e-12) {
            break;
        }
    }
    nodes
}

fn used(problem: &Problem, held: &[usize]) -> Vec<f64> {
    let dimensions = problem.types.first().map_or(0, |t| t.capacity.len());
    let mut used = vec![0.0; dimensions];
    for (size, n) in problem.sizes.iter().zip(held).filter(|(_, n)| **n > 0) {
        used.iter_mut().zip(size).for_each(|(used, size)| *used += *n as f64 * size);
    }
    used
}

/// The cheapest type that holds so much; the first of equals.
fn cheapest(problem: &Problem, used: &[f64]) -> Option<usize> {
    let holding = (0..problem.types.len()).filter(|t| fits(used, &problem.types[*t].capacity));
    holding.min_by(|a, b| problem.types[*a].price.total_cmp(&problem.types[*b].price))
}

pub(super) fn smaller(problem: &Problem, nodes: &mut Vec<Node>) {
    nodes.retain(|node| node.held.iter().any(|n| *n > 0));
    for node in nodes.iter_mut() {
        let best = cheapest(problem, &used(problem, &node.held));
        if let Some(best) = best
            && problem.types[best].price < problem.types[node.node_type].price
        {
            node.node_type = best;
        }
    }
}

/// Tries to empty each node, the emptiest first: onto others as they are.
fn emptied(problem: &Problem, nodes: &mut Vec<Node>) {
    let full = |node: &Node| {
        let capacity = &problem.types[node.node_type].capacity;
        let used = used(problem, &node.held);
        let shares = used.iter().zip(capacity).filter(|(_, c)| **c > 0.0);
        shares.map(|(used, c)| used / c).fold(0.0, f64::max)
    };
    let mut order: Vec<usize> = (0..nodes.len()).collect();
    order.sort_by(|a, b| full(&nodes[*a]).total_cmp(&full(&nodes[*b])).then(a.cmp(b)));
    let mut free: Vec<Vec<f64>> = nodes
        .iter()
        .map(|node| {
            let capacity = &problem.types[node.node_type].capacity;
            capacity.iter().zip(used(problem, &node.held)).map(|(c, used)| c - used).collect()
        })
        .collect();
    for from in order {
        let mut room = free.clone();
        let mut moves: Vec<(usize, usize, usize)> = Vec::new();
        let mut all = true;
        for (i, n) in nodes[from].held.iter().enumerate().filter(|(_, n)| **n > 0) {
            let mut left = *n;
            for (to, free) in room.iter_mut().enumerate().filter(|(to, _)| *to != from) {
                // An empty node is about to go.
                if left == 0 || nodes[to].held.iter().all(|n| *n == 0) {
                    continue;
                }
                let capacity = &problem.types[nodes[to].node_type].capacity;
                let fit = times(&problem.sizes[i], free, capacity).min(left);
                if fit > 0 {
                    let size = &problem.sizes[i];
                    free.iter_mut().zip(size).for_each(|(f, s)| *f -= fit as f64 * s);
                    moves.push((i, to, fit));
                    left -= fit;
                }
            }
            if left > 0 {
                all = false;
                break;
            }
        }
        if all {
            for (i, to, n) in moves {
                nodes[to].held[i] += n;
                nodes[from].held[i] -= n;
            }
            free = room;
        }
    }
    nodes.retain(|node| node.held.iter().any(|n| *n > 0));
}

/// Packs each group of two or three neighbours anew, by first fit; kept where it is cheaper.
fn anew(problem: &Problem, nodes: &mut Vec<Node>) {
    const MOST: usize = 400;
    if nodes.len() > MOST {
        return;
    }
    let types: Vec<usize> = (0..problem.types.len()).collect();
    let worth = fill::worth(problem);
    for distance in 1..=3 {
        let mut at = 0;
        while at + distance < nodes.len() {
            let (a, b) = (&nodes[at], &nodes[at + distance]);
            let counts: Vec<usize> = a.held.iter().zip(&b.held).map(|(a, b)| a + b).collect();
            let cost = problem.types[a.node_type].price + problem.types[b.node_type].price;
            let mut packed = fill::by_worth(problem, &types, &counts, &worth);
            smaller(problem, &mut packed);
            if problem.cost(&packed) < cost * (1.0 - 1e-9) {
                nodes.remove(at + distance);
                nodes.remove(at);
                nodes.extend(packed);
            } else {
                at += 1;
            }
        }
    }
}
