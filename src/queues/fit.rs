//! Gangs that take more nodes than their GPUs come to: Kueue counts quota, and knows no nodes.
//!
//! In: what is sent, what a node of each pool has, what the pools may have. Out: for each run whose pods,
//! alike and as large as a node allows, leave GPUs of their nodes free, how many nodes it takes and how many its
//! quota counts. Where the pool may have fewer, Kueue admits the run and its pods wait for nodes. Absent: what
//! smaller pods do with the GPUs that are left, and where on a network the nodes lie.

use std::collections::BTreeMap;

use crate::calendar::days_between;
use crate::capacity::jobs::{Origin, PlannedJobs};
use crate::draws::quantile;
use crate::ids::Id;
use crate::plan::workload::RunWork;
use crate::plan::{Plan, Workload};
use crate::procure::supply::PoolMonth;
use crate::queues::Finding;
use crate::queues::outcome::Queueing;

/// A gang on nodes: GPUs of a pod, nodes that it takes, and nodes that its GPUs come to.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Fit {
    each: f64,
    nodes: f64,
    counted: f64,
}

/// How so many GPUs lie on nodes of `of_node`: in pods that are alike, as the export writes them.
fn fit(gpus: f64, of_node: f64) -> Fit {
    let parts = std::iter::successors(Some(of_node.min(gpus).floor()), |part| Some(part - 1.0));
    let mut parts = parts.take_while(|part| *part > 1.0);
    let each = parts.find(|part| (gpus / part).fract() == 0.0).unwrap_or(1.0);
    let on_one = (of_node / each).floor().max(1.0);
    Fit { each, nodes: (gpus / each / on_one).ceil(), counted: (gpus / of_node).ceil() }
}

/// The runs that take more nodes than their GPUs come to, by workload.
pub(super) fn scattered(
    plan: &Plan,
    planned: &PlannedJobs,
    supply: &[PoolMonth],
    sent: &[Queueing<'_>],
) -> Vec<Finding> {
    let mut found: BTreeMap<(Id<Workload>, usize), Finding> = BTreeMap::new();
    for job in sent.iter().map(|one| one.planned) {
        let Origin::Run(run) = job.origin else { continue };
        let (RunWork::Gang { gpus, .. } | RunWork::Flops { gpus, .. }) =
            &plan.workloads[job.workload].runs[run].work
        else {
            continue;
        };
        let shape = planned.shapes.iter().find(|(pool, _)| *pool == job.pool);
        let Some(of_node) = shape.map(|(_, shape)| shape.gpus).filter(|gpus| *gpus >= 1.0) else {
            continue;
        };
        let Fit { each, nodes, counted } = fit(gpus.round(), of_node);
        if nodes <= counted {
            continue;
        }
        let sent = |t: &usize| {
            let day = plan.horizon.month(*t).first_day();
            f64::from(days_between(plan.horizon.first_day(), day)) * 24.0 <= job.start
        };
        let t = (0..plan.horizon.months).rev().find(sent).unwrap_or(0);
        let month = supply.iter().find(|month| month.pool == job.pool && month.t == t);
        let there = month.map(|month| quantile(&month.available, 0.5)).filter(|n| n.is_finite());
        let there = there.filter(|there| *there < nodes).map(|there| (t, there));
        let (workload, pool) = (job.workload, job.pool);
        let finding = Finding::Scattered {
            workload,
            run,
            pool,
            gpus: gpus.round(),
            each,
            of_node,
            nodes,
            counted,
            there,
        };
        let fewer = |known: &Finding| match known {
            Finding::Scattered { there: known, .. } => {
                let left = |of: &Option<(usize, f64)>| of.map_or(f64::INFINITY, |(_, n)| n);
                left(&there) < left(known)
            }
            _ => false,
        };
        if found.get(&(workload, run)).is_none_or(fewer) {
            found.insert((workload, run), finding);
        }
    }
    found.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_gpus_take_four_nodes_of_eight_and_count_as_three() {
        assert_eq!(fit(20.0, 8.0), Fit { each: 5.0, nodes: 4.0, counted: 3.0 });
        // Whole nodes, halves and quarters of nodes leave nothing free.
        for gpus in [1.0, 2.0, 4.0, 8.0, 16.0, 24.0] {
            let fit = fit(gpus, 8.0);
            assert_eq!(fit.nodes.to_bits(), fit.counted.to_bits(), "{gpus}");
        }
        // Twelve are two pods of six.
        assert_eq!(fit(12.0, 8.0), Fit { each: 6.0, nodes: 2.0, counted: 2.0 });
        // A prime is that many pods of one.
        assert_eq!(fit(13.0, 8.0), Fit { each: 1.0, nodes: 2.0, counted: 2.0 });
    }
}
