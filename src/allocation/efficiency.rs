//! How much of what was paid for was used.

use std::collections::BTreeMap;

use crate::allocation::allocate::{Group, group};
use crate::allocation::books::{Window, causes, placed};
use crate::cost::measures::Measured;
use crate::money::to_f64;
use crate::outcome::Outcome;
use crate::plan::Plan;

/// The efficiency of every group: cost-weighted use over request, GPUs included.
pub(super) fn efficiencies(
    plan: &Plan,
    outcome: &Outcome,
    window: Window,
    by: &[&'static str],
) -> BTreeMap<Group, f64> {
    let mut sums: BTreeMap<Group, (f64, f64)> = BTreeMap::new();
    for t in window {
        for ((workload, place), resources) in causes(plan, outcome, t) {
            let Some(pool) = place.pool else { continue };
            let asked = outcome.measures.asked.get(&(pool, t)).into_iter().flatten();
            let Some(asked) = asked.into_iter().find(|asked| asked.workload == workload) else {
                continue;
            };
            let (used, paid) = weighed(asked, &resources.node.map(to_f64));
            let sum = sums.entry(group(by, &placed(plan, workload, place))).or_default();
            *sum = (sum.0 + used, sum.1 + paid);
        }
    }
    let known = sums.into_iter().filter(|(_, (_, paid))| *paid > 0.0);
    known.map(|(group, (used, paid))| (group, used / paid)).collect()
}

/// Cost weighed by use over request, and all of it.
fn weighed(asked: &Measured, costs: &[f64; 4]) -> (f64, f64) {
    let mut sums = (0.0, 0.0);
    for ((used, requested), cost) in asked.used.iter().zip(&asked.requested).zip(costs) {
        let share = match (*used > 0.0, *requested > 0.0) {
            (_, true) => used / requested,
            (true, false) => 1.0,
            (false, false) => 0.0,
        };
        sums = (sums.0 + share * cost, sums.1 + cost);
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Id;

    #[test]
    fn use_over_request_is_weighed_by_cost() {
        // Kubecost's page: half a core of 2 at 10 each, half a GB of 1 at 1 each: 5.5 of 21.
        let asked = Measured {
            workload: Id::new(0),
            team: Id::new(0),
            requested: [2.0, 1.0, 0.0, 0.0],
            used: [0.5, 0.5, 3.0, 0.0],
        };
        let (used, paid) = weighed(&asked, &[20.0, 1.0, 0.0, 0.0]);
        assert!((used / paid - 5.5 / 21.0).abs() < 1e-12);
        // GPUs that were used without a request count in full, and unused disk not at all.
        let (used, paid) = weighed(&asked, &[0.0, 0.0, 6.0, 2.0]);
        assert!((used / paid - 0.75).abs() < 1e-12);
    }
}
