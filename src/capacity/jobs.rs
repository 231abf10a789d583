//! The runs of a plan as jobs: when each instance is sent, what it asks for, and for how long.
//!
//! In: the plan with the draws that are wanted, and its instance types. Out: one job for every instance
//! of a run that starts inside the horizon, with one value a draw. Hours are those that the run holds its
//! nodes, failures and checkpoints included. Sessions of workspaces are added by [`super::sessions`].
//! Absent: demand that is served.

use crate::capacity::factors::Factors;
use crate::capacity::need::InstanceChoice;
use crate::capacity::node::{Binding, Node};
use crate::capacity::runs::instances;
use crate::ids::Id;
use crate::plan::catalog::NodeShape;
use crate::plan::workload::{Checkpoint, Run, RunWork};
use crate::plan::{Plan, Pool, Workload};

/// The runs of a plan as jobs.
#[derive(Debug, Clone, Default)]
pub struct PlannedJobs {
    /// By workload, then run, then date.
    pub jobs: Vec<PlannedJob>,
    /// What a node of each pool offers; by pool, storage pools left out.
    pub shapes: Vec<(Id<Pool>, NodeShape)>,
}

/// What a job is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A run, by its place among the workload's.
    Run(usize),
    /// Sessions of people in a workspace, by the place of the `needs`.
    Sessions(usize),
}

/// One instance of a run, or some sessions of a day.
#[derive(Debug, Clone)]
pub struct PlannedJob {
    /// The workload.
    pub workload: Id<Workload>,
    /// What of it.
    pub origin: Origin,
    /// The pool it runs in.
    pub pool: Id<Pool>,
    /// When it is sent, in hours from the horizon's first.
    pub start: f64,
    /// How long it holds what it asks for, in hours; one value a draw.
    pub hours: Vec<f64>,
    /// Its pods, and the fewest it starts with.
    pub pods: (i64, i64),
    /// What it asks for in all: cores, bytes of memory, GPUs; one value a draw.
    pub asks: [Vec<f64>; 3],
    /// How it saves its state, if it does.
    pub checkpoint: Option<Checkpoint>,
    /// Whether it is work of many parts, which loses nothing when it is stopped.
    pub divisible: bool,
}

/// Every instance of every run of a pool that has nodes.
#[must_use]
pub fn jobs(plan: &Plan, factors: &Factors, choices: &[InstanceChoice]) -> PlannedJobs {
    let mut planned = PlannedJobs::default();
    let nodes: Vec<Option<Node>> =
        plan.pools.ids().map(|pool| Node::of_pool(plan, choices, pool)).collect();
    for (pool, node) in plan.pools.ids().zip(&nodes) {
        planned.shapes.extend(node.map(|node| (pool, node.shape)));
    }
    for (id, workload) in plan.workloads.iter() {
        let Some(pool) = workload.pool else { continue };
        let Some(node) = &nodes[pool.index()] else { continue };
        for (run, start, occupation) in instances(plan, factors, id, node) {
            let draws = 0..plan.draws.count();
            let ask = |binding: Binding| -> Vec<f64> {
                let (share, offers) = (occupation.shares.of(binding), node.has(binding));
                draws.clone().map(|d| occupation.count.at(d) * share.at(d) * offers).collect()
            };
            planned.jobs.push(PlannedJob {
                workload: id,
                origin: Origin::Run(run),
                pool,
                start,
                hours: draws.clone().map(|d| occupation.hours.at(d)).collect(),
                pods: pods(&workload.runs[run], node),
                asks: [ask(Binding::Cpu), ask(Binding::Memory), ask(Binding::Gpu)],
                checkpoint: workload.runs[run].checkpoint,
                divisible: matches!(workload.runs[run].work, RunWork::Work { .. }),
            });
        }
    }
    planned
}

/// The pods of a run that may start with fewer GPUs: alike, and as large as a node allows. One, of all it asks
/// for, where it starts with all or none.
fn pods(run: &Run, node: &Node) -> (i64, i64) {
    let (Some(fewest), RunWork::Gang { gpus, .. } | RunWork::Flops { gpus, .. }) =
        (run.min_gpus, &run.work)
    else {
        return (1, 1);
    };
    let each = largest_part(gpus.round(), node.shape.gpus.max(1.0));
    (whole(gpus.round() / each), whole(fewest / each))
}

/// The largest divisor of `whole` that is at most `most`: what pods are alike in.
fn largest_part(whole: f64, most: f64) -> f64 {
    let parts = std::iter::successors(Some(most.min(whole).floor()), |part| Some(part - 1.0));
    let mut parts = parts.take_while(|part| *part > 1.0);
    parts.find(|part| (whole / part).fract() == 0.0).unwrap_or(1.0)
}

#[expect(clippy::cast_possible_truncation, reason = "a count of pods")]
fn whole(pods: f64) -> i64 {
    (pods.ceil() as i64).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::example::{self, fixed};

    #[test]
    fn a_gang_that_may_start_smaller_is_pods_of_whole_nodes() {
        let plan = example::plan();
        let node = Node::of_pool(&plan, &[], example::serve(&plan)).unwrap();
        let gang = RunWork::Gang { gpus: 24.0, hours: fixed(10.0) };
        let mut run = example::run("tune", "2027-02-01", gang);
        assert_eq!(pods(&run, &node), (1, 1));
        run.min_gpus = Some(10.0);
        assert_eq!(pods(&run, &node), (3, 2), "nodes of eight");
        run.work = RunWork::Gang { gpus: 20.0, hours: fixed(10.0) };
        assert_eq!(pods(&run, &node), (4, 2), "pods of five");
    }
}
