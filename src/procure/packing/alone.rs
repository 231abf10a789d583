//! Each type alone: how many of its nodes hold every item, and what they cost.
//!
//! First fit says it for every type. It may take too many, so those that may be the two cheapest are packed as a mix
//! is: in the order of what they cost at least, until two are settled.

use super::{Effort, Node, OneType, Problem, fill, solve};

/// How many types are packed with care at most.
const WITH_CARE: usize = 8;

/// Every item on nodes of one type.
pub(super) struct Alone {
    pub one: OneType,
    pub loads: Vec<Node>,
    /// Whether fewer nodes were sought, or cannot be.
    settled: bool,
}

/// Each type alone, by index; absent where it cannot hold every item.
pub(super) fn each(problem: &Problem, effort: Effort) -> Vec<Option<Alone>> {
    let mut each: Vec<Option<Alone>> =
        (0..problem.types.len()).map(|t| first_fit(problem, t)).collect();
    for _ in 0..WITH_CARE {
        // At least what it costs where it is settled, else what its nodes full to the brim would.
        let mut order: Vec<(f64, usize)> = each
            .iter()
            .enumerate()
            .filter_map(|(t, alone)| {
                let alone = alone.as_ref()?;
                Some((if alone.settled { alone.one.cost } else { least(problem, t) }, t))
            })
            .collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let open = order.iter().take(2).map(|(_, t)| *t);
        let Some(t) = open.into_iter().find(|t| each[*t].as_ref().is_some_and(|a| !a.settled))
        else {
            break;
        };
        each[t] = each[t].take().map(|alone| with_care(problem, alone, effort));
    }
    each
}

/// One type alone, packed with care where first fit may take too many.
pub(super) fn of_type(problem: &Problem, t: usize, effort: Effort) -> Option<OneType> {
    let alone = first_fit(problem, t)?;
    Some(if alone.settled { alone.one } else { with_care(problem, alone, effort).one })
}

fn first_fit(problem: &Problem, node_type: usize) -> Option<Alone> {
    let t = &problem.types[node_type];
    if problem.sizes.iter().any(|size| !fill::fits(size, &t.capacity)) {
        return None;
    }
    let loads = fill::first_fit(problem, &[node_type], &problem.counts);
    let one = OneType { node_type, nodes: loads.len(), cost: loads.len() as f64 * t.price };
    let settled = one.cost <= least(problem, node_type) * (1.0 + 1e-12);
    Some(Alone { one, loads, settled })
}

fn with_care(problem: &Problem, alone: Alone, effort: Effort) -> Alone {
    let node_type = alone.one.node_type;
    let types = vec![problem.types[node_type].clone()];
    let found = solve(&Problem { types, ..problem.clone() }, effort).found;
    if found.loads.len() >= alone.one.nodes {
        return Alone { settled: true, ..alone };
    }
    let loads: Vec<Node> = found.loads.into_iter().map(|load| Node { node_type, ..load }).collect();
    let one = OneType { node_type, nodes: loads.len(), cost: problem.cost(&loads) };
    Alone { one, loads, settled: true }
}

/// What nodes of a type cost that are full to the brim of what fills them first.
fn least(problem: &Problem, node_type: usize) -> f64 {
    let t = &problem.types[node_type];
    let full = |d: usize| {
        let sizes = problem.sizes.iter().zip(&problem.counts);
        let all: f64 = sizes.map(|(size, count)| size[d] * *count as f64).sum();
        if all > 0.0 { (all / t.capacity[d] * (1.0 - 1e-9)).ceil() } else { 0.0 }
    };
    let nodes = (0..problem.dimensions.len()).map(full).fold(0.0, f64::max);
    let some = f64::from(u8::from(!problem.sizes.is_empty()));
    nodes.max(some) * t.price
}
