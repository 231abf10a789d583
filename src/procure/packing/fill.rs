//! First fit: nodes are opened one by one, each of the type whose load is worth the most for its price.
//!
//! The worth of an item is the largest share that it takes of the cheapest way to have its resources, so a
//! node is judged by what it saves elsewhere.

use super::{Node, Problem};

/// What rounding may hide, as a share of a capacity.
pub(super) const TOLERANCE: f64 = 1e-9;

/// Whether an item fits an empty node.
pub(super) fn fits(size: &[f64], capacity: &[f64]) -> bool {
    size.iter().zip(capacity).all(|(size, capacity)| *size <= capacity * (1.0 + TOLERANCE))
}

/// How many of an item fit what is left of a node.
pub(super) fn times(size: &[f64], left: &[f64], capacity: &[f64]) -> usize {
    let mut most = usize::MAX;
    for ((size, left), capacity) in size.iter().zip(left).zip(capacity) {
        if *size > 0.0 {
            let slack = capacity * TOLERANCE;
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "not negative"
            )]
            let here = ((left + slack) / size).max(0.0) as usize;
            most = most.min(here);
        }
    }
    most
}

/// The worth of each item: the least money, over types that hold it, for the largest share it takes.
pub(super) fn worth(problem: &Problem) -> Vec<f64> {
    let of = |size: &Vec<f64>| {
        let types = problem.types.iter().filter(|t| fits(size, &t.capacity));
        let share = |capacity: &[f64]| {
            let shares = size.iter().zip(capacity).filter(|(size, _)| **size > 0.0);
            // What takes nothing is worth a little, so that it is placed.
            shares.map(|(size, capacity)| size / capacity).fold(1e-9, f64::max)
        };
        types.map(|t| t.price * share(&t.capacity)).fold(f64::INFINITY, f64::min)
    };
    problem.sizes.iter().map(of).collect()
}

/// Packs `counts` items onto nodes of the types given; every item must fit one of them.
pub(super) fn first_fit(problem: &Problem, types: &[usize], counts: &[usize]) -> Vec<Node> {
    by_worth(problem, types, counts, &worth(problem))
}

/// The same, with the worth of an item given.
pub(super) fn by_worth(
    problem: &Problem,
    types: &[usize],
    counts: &[usize],
    worth: &[f64],
) -> Vec<Node> {
    let mut left = counts.to_vec();
    let mut nodes = Vec::new();
    while left.iter().any(|count| *count > 0) {
        let mut best: Option<(f64, usize, Vec<usize>)> = None;
        for t in types {
            let node_type = &problem.types[*t];
            let held = greedy_load(problem, &node_type.capacity, &left, worth);
            let value: f64 = held.iter().zip(worth).map(|(n, w)| *n as f64 * w).sum();
            let any = held.iter().any(|n| *n > 0);
            let rate = value / node_type.price;
            if any && best.as_ref().is_none_or(|(most, _, _)| rate > most * (1.0 + 1e-12)) {
                best = Some((rate, *t, held));
            }
        }
        let Some((_, node_type, held)) = best else { break };
        // The same load as often as there are items for it.
        let again = held.iter().zip(&left).filter(|(n, _)| **n > 0);
        let again = again.map(|(n, left)| left / n).min().unwrap_or(1).max(1);
        for _ in 0..again {
            held.iter().zip(&mut left).for_each(|(n, left)| *left -= n);
            nodes.push(Node { node_type, held: held.clone() });
        }
    }
    nodes
}

/// Fills one node: of two orders of items, by worth and by worth for room, the better.
pub(super) fn greedy_load(
    problem: &Problem,
    capacity: &[f64],
    left: &[usize],
    worth: &[f64],
) -> Vec<usize> {
    let room = |i: usize| {
        let shares = problem.sizes[i].iter().zip(capacity).filter(|(_, c)| **c > 0.0);
        shares.map(|(size, capacity)| size / capacity).sum::<f64>().max(1e-12)
    };
    let mut candidates: Vec<usize> = (0..left.len())
        .filter(|i| left[*i] > 0 && worth[*i] > 0.0 && fits(&problem.sizes[*i], capacity))
        .collect();
    let fill = |order: &[usize]| {
        let mut held = vec![0; left.len()];
        let mut free = capacity.to_vec();
        for i in order {
            let n = times(&problem.sizes[*i], &free, capacity).min(left[*i]);
            held[*i] = n;
            let size = &problem.sizes[*i];
            free.iter_mut().zip(size).for_each(|(free, size)| *free -= n as f64 * size);
        }
        held
    };
    let value = |held: &[usize]| held.iter().zip(worth).map(|(n, w)| *n as f64 * w).sum::<f64>();
    candidates.sort_by(|a, b| worth[*b].total_cmp(&worth[*a]).then(a.cmp(b)));
    let by_worth = fill(&candidates);
    let rate: Vec<f64> = (0..left.len()).map(|i| worth[i] / room(i)).collect();
    candidates.sort_by(|a, b| rate[*b].total_cmp(&rate[*a]).then(a.cmp(b)));
    let by_rate = fill(&candidates);
    if value(&by_rate) > value(&by_worth) { by_rate } else { by_worth }
}
