//! Why a type is not in the mix.

use super::knapsack::{Search, best_load};
use super::{Effort, Problem, fill};

/// The reason why a type is left out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Excuse {
    /// It holds no item: of each item it lacks something; this dimension, of the smallest.
    HoldsNothing {
        /// Index of the dimension.
        dimension: usize,
    },
    /// Another type has no less of anything and costs no more.
    Dominated {
        /// Index of that type.
        by: usize,
    },
    /// The best load of it is worth less than its price, at what the items are worth in the linear optimum.
    WorthLess {
        /// What that load is worth at most, in money of the price.
        worth: f64,
    },
    /// It could be in a mix of the same cost, or nearly.
    Level,
}

/// The reason for each type that is not in `mix`; `shadow` is what each item is worth.
pub(super) fn excuses(
    problem: &Problem,
    mix: &[(usize, usize)],
    shadow: &[f64],
    effort: Effort,
) -> Vec<(usize, Excuse)> {
    (0..problem.types.len())
        .filter(|t| !mix.iter().any(|(used, _)| used == t))
        .map(|t| (t, excuse(problem, t, shadow, effort)))
        .collect()
}

fn excuse(problem: &Problem, t: usize, shadow: &[f64], effort: Effort) -> Excuse {
    let own = &problem.types[t];
    if !problem.sizes.iter().any(|size| fill::fits(size, &own.capacity)) {
        // Of the item that comes nearest, the dimension that lacks most.
        let lack = |size: &[f64]| {
            let over =
                size.iter().zip(&own.capacity).map(|(s, c)| if *s > 0.0 { s / c } else { 0.0 });
            over.enumerate().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, 0.0))
        };
        let nearest =
            problem.sizes.iter().map(|size| lack(size)).min_by(|a, b| a.1.total_cmp(&b.1));
        let dimension = nearest.and_then(|(d, _)| problem.dimensions.get(d).copied());
        return Excuse::HoldsNothing { dimension: dimension.unwrap_or(0) };
    }
    if let Some(by) = (0..problem.types.len()).find(|by| problem.dominates(*by, t)) {
        return Excuse::Dominated { by };
    }
    let best = best_load(problem, t, shadow, 0.0, Search::Most(effort.steps), &mut None);
    if best.bound < own.price * (1.0 - 1e-6) {
        Excuse::WorthLess { worth: best.bound }
    } else {
        Excuse::Level
    }
}
