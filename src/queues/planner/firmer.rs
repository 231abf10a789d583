//! More where all draws say so: guarantees that keep a target on the few draws they were sought on may miss it on
//! all.
//!
//! In: the path of the search, what was chosen, the target. Out: the cheapest point of the path that keeps the
//! target on all draws too, found by halving, for along the path waits grow as guarantees shrink, or nearly. A
//! choice that holds stays.

use super::frontier::{Cell, Point, cost};
use super::{Search, Verdict, free, with};
use crate::procure::supply::PoolMonth;

/// Simulations on all draws at most.
pub(super) const MOST: usize = 8;

/// Gives more than was chosen where all draws ask for it.
pub(super) fn firmer(
    search: &mut Search<'_>,
    cells: &[Cell],
    points: &[Point],
    (chosen, verdict): (Vec<f64>, Verdict),
    supply: &[PoolMonth],
    target: f64,
) -> (Vec<f64>, Verdict) {
    if !matches!(verdict, Verdict::Kept | Verdict::KeptThough(_)) {
        return (chosen, verdict);
    }
    let mut worst = |nominal: &[f64]| {
        let plan = with(search.plan, cells, &free(nominal), None);
        search.told(&plan, supply).worst()
    };
    if worst(&chosen) <= target {
        return (chosen, verdict);
    }
    let own = cost(cells, &chosen);
    let mut dearer: Vec<&Point> = points.iter().filter(|of| of.kept && of.cost > own).collect();
    dearer.sort_by(|a, b| a.cost.total_cmp(&b.cost));
    let Some(plenty) = dearer.last() else {
        let least = worst(&chosen);
        return (chosen, Verdict::Never(least));
    };
    let most = worst(&plenty.nominal);
    if most > target {
        return (plenty.nominal.clone(), Verdict::Never(most));
    }
    // `enough` keeps the target; those before `from` do not.
    let (mut from, mut enough) = (0, dearer.len() - 1);
    for _ in 2..MOST {
        if from >= enough {
            break;
        }
        let middle = usize::midpoint(from, enough);
        if worst(&dearer[middle].nominal) <= target {
            enough = middle;
        } else {
            from = middle + 1;
        }
    }
    (dearer[enough].nominal.clone(), verdict)
}
