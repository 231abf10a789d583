//! Every load that a cheaper mix can hold, where these are few.
//!
//! A mix costs what its items are worth at the linear optimum, and what each node costs above the worth of its
//! load. So no node of a mix cheaper than the known one costs more above its load than the known one above the
//! bound. A load to which another item fits is needless beside the one that has it too.

use super::fill::{TOLERANCE, fits, times};
use super::{Node, Problem};

/// Steps of the search at most.
const STEPS: usize = 200_000;

/// All loads, none of them part of another, that cost at most `gap` above their worth; `None` where they are
/// more than `most`, or the search for them is long. No load may be worth more than its node.
pub(super) fn loads(
    problem: &Problem,
    types: &[usize],
    worth: &[f64],
    gap: f64,
    most: usize,
) -> Option<Vec<Node>> {
    let mut search = Search {
        problem,
        worth,
        order: (0..worth.len()).filter(|i| problem.counts[*i] > 0).collect(),
        found: Vec::new(),
        most,
        steps: STEPS,
    };
    search.order.sort_by(|a, b| worth[*b].total_cmp(&worth[*a]).then(a.cmp(b)));
    for t in types.iter().copied() {
        let node_type = &problem.types[t];
        let mut held = vec![0; worth.len()];
        let least = node_type.price * (1.0 - TOLERANCE) - gap;
        search.down(t, 0, &mut held, &node_type.capacity, least)?;
    }
    Some(search.found)
}

struct Search<'a> {
    problem: &'a Problem,
    worth: &'a [f64],
    /// Items, those worth most first.
    order: Vec<usize>,
    found: Vec<Node>,
    most: usize,
    steps: usize,
}

impl Search<'_> {
    /// Goes on with the item at `place`; what is held from there on must be worth `least` still.
    fn down(
        &mut self,
        node_type: usize,
        place: usize,
        held: &mut [usize],
        left: &[f64],
        least: f64,
    ) -> Option<()> {
        self.steps = self.steps.checked_sub(1)?;
        let capacity = &self.problem.types[node_type].capacity;
        let Some(item) = self.order.get(place).copied() else {
            let more =
                |i: &usize| held[*i] < self.problem.counts[*i] && self.room(*i, left, capacity) > 0;
            if least <= 0.0 && !self.order.iter().any(more) {
                self.found.push(Node { node_type, held: held.to_vec() });
            }
            return (self.found.len() <= self.most).then_some(());
        };
        let ahead = self.order[place..].iter();
        let ahead: f64 = ahead
            .map(|i| {
                self.worth[*i] * self.problem.counts[*i].min(self.room(*i, left, capacity)) as f64
            })
            .sum();
        if ahead < least {
            return Some(());
        }
        let size = &self.problem.sizes[item];
        let fit = self.problem.counts[item].min(self.room(item, left, capacity));
        for n in (0..=fit).rev() {
            held[item] = n;
            let rest: Vec<f64> =
                left.iter().zip(size).map(|(left, size)| left - n as f64 * size).collect();
            self.down(node_type, place + 1, held, &rest, least - n as f64 * self.worth[item])?;
        }
        held[item] = 0;
        Some(())
    }

    fn room(&self, item: usize, left: &[f64], capacity: &[f64]) -> usize {
        let size = &self.problem.sizes[item];
        if fits(size, capacity) { times(size, left, capacity) } else { 0 }
    }
}
