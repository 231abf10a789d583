//! A quick look at who could possibly start after a change, before the full rules are asked.
//!
//! [`Screen::could_start`] is never wrong when it says no: it compares what a workload asks for with
//! what is free plus all that its rules might let it preempt. So a wake-up costs a few comparisons for
//! each class that waits, and only those that could start are assigned again.

use super::cluster::{Amount, Node, Policy};
use super::preempt::Sharing;
use super::share::{Share, share, share_of};
use super::snapshot::{Snapshot, Workload};
use super::tree::Usage;
use crate::ids::Id;

/// What is free to a queue, looked up once a wake-up.
#[derive(Debug, Clone)]
pub(super) struct Screen {
    width: usize,
    free: Vec<Amount>,
    /// In which wake-up a queue's numbers were looked up.
    fresh: Vec<u64>,
    round: u64,
    largest: Option<(u64, Id<Node>, Share)>,
}

impl Screen {
    pub(super) fn new(snapshot: &Snapshot) -> Self {
        let (queues, width) = (snapshot.cluster.queue_count(), snapshot.cluster.columns.len());
        Self {
            width,
            free: vec![0; queues * width],
            fresh: vec![0; queues],
            round: 0,
            largest: None,
        }
    }

    /// Something changed: what was looked up is stale.
    pub(super) fn begin(&mut self) {
        self.round += 1;
    }

    /// Whether a workload could start by the rules; if not, it surely cannot.
    pub(super) fn could_start(
        &mut self,
        snapshot: &Snapshot,
        id: Id<Workload>,
        sharing: &Sharing,
    ) -> bool {
        let workload = snapshot.workload(id);
        self.look_up(snapshot, workload.queue);
        self.fits(snapshot, workload) || self.could_preempt(snapshot, workload, sharing)
    }

    /// The largest share of a queue in a flat cohort.
    fn largest_share(&mut self, snapshot: &Snapshot, root: Id<Node>) -> Share {
        let known = self.largest.filter(|(round, of, _)| (*round, *of) == (self.round, root));
        let largest = known.map_or_else(
            || {
                let queues = snapshot.cluster[root].queues.iter();
                queues
                    .map(|queue| share(&snapshot.cluster, &snapshot.tree, *queue))
                    .max_by(|a, b| a.compare(*b))
                    .unwrap_or(Share::NEGATIVE)
            },
            |(_, _, share)| share,
        );
        self.largest = Some((self.round, root, largest));
        largest
    }

    fn look_up(&mut self, snapshot: &Snapshot, queue: Id<Node>) {
        if self.fresh[queue.index()] == self.round {
            return;
        }
        self.fresh[queue.index()] = self.round;
        for (column, _) in &snapshot.cluster[queue].quotas {
            self.free[queue.index() * self.width + column.index()] =
                snapshot.tree.available(queue, *column);
        }
    }

    /// Whether the rules might let a workload preempt anybody.
    fn could_preempt(
        &mut self,
        snapshot: &Snapshot,
        workload: &Workload,
        sharing: &Sharing,
    ) -> bool {
        let cluster = &snapshot.cluster;
        let preemption = cluster.rules(workload.queue).preemption;
        let lowest = snapshot.lowest_priority(workload.queue);
        let own = match preemption.within_queue {
            Policy::Never => false,
            Policy::Any => lowest.is_some(),
            Policy::LowerPriority => lowest.is_some_and(|lowest| lowest < workload.priority),
            Policy::LowerOrNewerEqualPriority => {
                lowest.is_some_and(|lowest| lowest <= workload.priority)
            }
        };
        if own {
            return true;
        }
        if preemption.reclaim == Policy::Never || cluster[workload.queue].parent.is_none() {
            return false;
        }
        let root = cluster.root(workload.queue);
        if cluster[root].height > 1 || fits_nominal(snapshot, workload) {
            return true;
        }
        // In a flat cohort, above its own quota: by the classical rules it takes from others only if it
        // may borrow meanwhile; by fair share only if somebody has no smaller one than it would have.
        match sharing {
            Sharing::Classical => preemption.borrow.is_some(),
            Sharing::Fair(_) => {
                let largest = self.largest_share(snapshot, root);
                share_with(snapshot, workload).is_none_or(|own| own.compare(largest).is_le())
            }
        }
    }

    /// Whether each resource is free in sufficient amount, over the flavours of its group together.
    fn fits(&self, snapshot: &Snapshot, workload: &Workload) -> bool {
        let cluster = &snapshot.cluster;
        let groups = &cluster.rules(workload.queue).groups;
        let free = |flavor, resource| {
            cluster.column(flavor, resource).map_or(0, |column| {
                self.free[workload.queue.index() * self.width + column.index()].max(0)
            })
        };
        workload.pod_sets.iter().all(|set| {
            let pods = set.min_count.unwrap_or(set.count);
            set.requests.iter().all(|(resource, amount)| {
                let Some(group) = groups.iter().find(|group| group.resources.contains(resource))
                else {
                    return *amount == 0;
                };
                let asked = amount.saturating_mul(pods);
                group.flavors.iter().any(|flavor| free(*flavor, *resource) >= asked)
            })
        })
    }
}

/// Whether each resource would fit into the queue's own quota in some flavour.
fn fits_nominal(snapshot: &Snapshot, workload: &Workload) -> bool {
    let cluster = &snapshot.cluster;
    let groups = &cluster.rules(workload.queue).groups;
    workload.pod_sets.iter().all(|set| {
        let pods = set.min_count.unwrap_or(set.count);
        set.requests.iter().all(|(resource, amount)| {
            let asked = amount.saturating_mul(pods);
            let group = groups.iter().find(|group| group.resources.contains(resource));
            group.is_none_or(|group| {
                group.flavors.iter().any(|flavor| {
                    cluster.column(*flavor, *resource).is_some_and(|column| {
                        !snapshot.tree.borrows_with(workload.queue, column, asked)
                            || snapshot.tree.available(workload.queue, column) >= asked
                    })
                })
            })
        })
    })
}

/// The share of a queue with a workload on top; none where its flavours are not certain.
fn share_with(snapshot: &Snapshot, workload: &Workload) -> Option<Share> {
    let cluster = &snapshot.cluster;
    let mut more: Usage = Vec::new();
    for set in &workload.pod_sets {
        let pods = set.min_count.unwrap_or(set.count);
        for (resource, amount) in &set.requests {
            let groups = &cluster.rules(workload.queue).groups;
            let group = groups.iter().find(|group| group.resources.contains(resource))?;
            let [flavor] = group.flavors.as_slice() else { return None };
            more.push((cluster.column(*flavor, *resource)?, amount.saturating_mul(pods)));
        }
    }
    more.sort();
    Some(share_of(cluster, &snapshot.tree, workload.queue, &more))
}
