//! Preemption by fair share.
//!
//! The preemptor's usage is counted first, so that every share compared includes it. From the root
//! down, the member with the largest share is entered until a queue is reached; shares are compared at
//! the two members below the lowest cohort that both queues have in common. Below its own quota a
//! preemptor takes back what it lent, whatever the shares.
//!
//! # Source
//! Kueue v1beta2, `pkg/scheduler/preemption/fair_strategy.go` and `fairsharing/`, with the gates of
//! v0.20 at their defaults (`FairSharingPreemptWithinNominal` on).

use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};

use super::cluster::{Node, Policy};
use super::preempt::{Borrowing, FairStrategy, Preemptor, Target, Why, fill_back, restore};
use super::share::{Share, share};
use super::snapshot::{Snapshot, Workload};
use crate::ids::Id;

/// The workloads to preempt.
pub(super) fn targets(
    snapshot: &mut Snapshot,
    preemptor: &Preemptor,
    strategies: &[FairStrategy],
) -> Vec<Target> {
    let candidates = candidates(snapshot, preemptor);
    let Some(first) = strategies.first().filter(|_| !candidates.is_empty()) else {
        return Vec::new();
    };
    snapshot.tree.add(preemptor.queue, &preemptor.usage);
    let mut search = Search { snapshot, preemptor, found: Vec::new() };
    let retry = search.first_strategy(candidates, *first);
    let fits = match retry {
        Outcome::Fits => true,
        Outcome::Exhausted(retry) => strategies.len() > 1 && search.second_strategy(retry),
    };
    let found = search.found;
    snapshot.tree.remove(preemptor.queue, &preemptor.usage);
    if fits {
        fill_back(snapshot, preemptor, found, Borrowing::Allowed)
    } else {
        restore(snapshot, &found);
        Vec::new()
    }
}

/// Candidates by queue, who is preempted first at the front.
type Candidates = Vec<(Id<Node>, VecDeque<Id<Workload>>)>;

fn candidates(snapshot: &Snapshot, preemptor: &Preemptor) -> Candidates {
    let cluster = &snapshot.cluster;
    let preemption = cluster.rules(preemptor.queue).preemption;
    let of = snapshot.workload(preemptor.workload);
    let collect = |queue, policy| {
        let found =
            snapshot.preemptible(queue, policy, (of.priority, of.created), &preemptor.contested);
        Some((queue, found.collect::<VecDeque<_>>())).filter(|(_, found)| !found.is_empty())
    };
    let mut found: Candidates = Vec::new();
    if preemption.reclaim != Policy::Never && cluster[preemptor.queue].parent.is_some() {
        for queue in cluster.queues_below(cluster.root(preemptor.queue)) {
            let borrows = !snapshot.tree.within_nominal(queue, &preemptor.contested);
            if queue != preemptor.queue && borrows {
                found.extend(collect(queue, preemption.reclaim));
            }
        }
    }
    if let Some(own) = collect(preemptor.queue, preemption.within_queue) {
        let at = found.partition_point(|(queue, _)| *queue < preemptor.queue);
        found.insert(at, own);
    }
    found
}

enum Outcome {
    Fits,
    /// It does not, and these were passed over.
    Exhausted(Candidates),
}

struct Search<'a> {
    snapshot: &'a mut Snapshot,
    preemptor: &'a Preemptor,
    found: Vec<Target>,
}

impl Search<'_> {
    fn first_strategy(&mut self, all: Candidates, strategy: FairStrategy) -> Outcome {
        let own = self.preemptor.queue;
        let entitled = self.snapshot.tree.within_nominal(own, &self.preemptor.contested);
        let mut order = Order::new(self.snapshot, own, all);
        let mut retry: BTreeMap<Id<Node>, VecDeque<Id<Workload>>> = BTreeMap::new();
        while let Some(queue) = order.next(self.snapshot) {
            if queue == own || entitled {
                let why = if queue == own { Why::InClusterQueue } else { Why::InCohortReclamation };
                if let Some(workload) = order.pop(queue)
                    && self.take(workload, why)
                {
                    return Outcome::Fits;
                }
                continue;
            }
            let (new, old) = self.shares(&order, queue);
            if new.compare(old) == Ordering::Greater {
                // Whoever leaves, the share of the others only falls: none passes.
                retry.entry(queue).or_default().append(&mut order.take_all(queue));
                continue;
            }
            while let Some(workload) = order.pop(queue) {
                self.snapshot.hide(workload);
                let left = self.shares(&order, queue).1;
                self.snapshot.unhide(workload);
                if allows(strategy, new, old, left) {
                    if self.take(workload, Why::InCohortFairSharing) {
                        return Outcome::Fits;
                    }
                    break; // another queue may be next now
                }
                retry.entry(queue).or_default().push_back(workload);
            }
        }
        Outcome::Exhausted(retry.into_iter().collect())
    }

    fn second_strategy(&mut self, retry: Candidates) -> bool {
        let mut order = Order::new(self.snapshot, self.preemptor.queue, retry);
        while let Some(queue) = order.next(self.snapshot) {
            let (new, old) = self.shares(&order, queue);
            if new.compare(old) == Ordering::Less
                && let Some(workload) = order.pop(queue)
                && self.take(workload, Why::InCohortFairSharing)
            {
                return true;
            }
            order.drop_queue(queue);
        }
        false
    }

    /// Preempts one; whether the preemptor fits now.
    fn take(&mut self, workload: Id<Workload>, why: Why) -> bool {
        self.snapshot.hide(workload);
        self.found.push(Target { workload, why });
        let (queue, usage) = (self.preemptor.queue, &self.preemptor.usage);
        self.snapshot.tree.remove(queue, usage);
        let fits = self.preemptor.fits(self.snapshot, Borrowing::Allowed);
        self.snapshot.tree.add(queue, usage);
        fits
    }

    /// The shares of the preemptor's and of the other's member below the cohort where they meet.
    fn shares(&self, order: &Order, other: Id<Node>) -> (Share, Share) {
        let (cluster, tree) = (&self.snapshot.cluster, &self.snapshot.tree);
        let meeting = cluster.ancestors(other).find(|node| order.above(*node));
        let below = |queue: Id<Node>| {
            let way = cluster.ancestors(queue).take_while(|node| Some(*node) != meeting);
            way.last().unwrap_or(queue)
        };
        (share(cluster, tree, below(self.preemptor.queue)), share(cluster, tree, below(other)))
    }
}

fn allows(strategy: FairStrategy, new: Share, old: Share, left: Share) -> bool {
    match strategy {
        FairStrategy::LessThanOrEqualToFinalShare => new.compare(left) != Ordering::Greater,
        FairStrategy::LessThanInitialShare => new.compare(old) == Ordering::Less,
    }
}

/// Which queue is preempted from next: from the root, the member with the largest share that still has
/// candidates and still borrows.
struct Order {
    own: Id<Node>,
    ancestors: Vec<Id<Node>>,
    left: Candidates,
    pruned: Vec<Id<Node>>,
}

impl Order {
    fn new(snapshot: &Snapshot, own: Id<Node>, left: Candidates) -> Self {
        let ancestors = snapshot.cluster.ancestors(own).collect();
        Self { own, ancestors, left, pruned: Vec::new() }
    }

    fn above(&self, node: Id<Node>) -> bool {
        self.ancestors.contains(&node)
    }

    fn of(&self, queue: Id<Node>) -> Option<&VecDeque<Id<Workload>>> {
        let at = self.left.binary_search_by_key(&queue, |(queue, _)| *queue).ok()?;
        Some(&self.left[at].1).filter(|left| !left.is_empty())
    }

    fn head(&self, queue: Id<Node>) -> Option<Id<Workload>> {
        self.of(queue)?.front().copied()
    }

    fn pop(&mut self, queue: Id<Node>) -> Option<Id<Workload>> {
        let at = self.left.binary_search_by_key(&queue, |(queue, _)| *queue).ok()?;
        self.left[at].1.pop_front()
    }

    fn take_all(&mut self, queue: Id<Node>) -> VecDeque<Id<Workload>> {
        let at = self.left.binary_search_by_key(&queue, |(queue, _)| *queue);
        at.map(|at| std::mem::take(&mut self.left[at].1)).unwrap_or_default()
    }

    fn drop_queue(&mut self, queue: Id<Node>) {
        self.prune(queue);
    }

    fn prune(&mut self, node: Id<Node>) {
        if let Err(at) = self.pruned.binary_search(&node) {
            self.pruned.insert(at, node);
        }
    }

    fn is_pruned(&self, node: Id<Node>) -> bool {
        self.pruned.binary_search(&node).is_ok()
    }

    fn next(&mut self, snapshot: &Snapshot) -> Option<Id<Node>> {
        let Some(root) = self.ancestors.last().copied() else {
            return self.head(self.own).map(|_| self.own);
        };
        while !self.is_pruned(root) {
            let mut at = root;
            loop {
                match self.descend(snapshot, at) {
                    Some(node) if node.index() < snapshot.cluster.queue_count() => {
                        return Some(node);
                    }
                    Some(cohort) => at = cohort,
                    None => {
                        self.prune(at);
                        break;
                    }
                }
            }
        }
        None
    }

    /// The member of a cohort with the largest share; none where all are pruned. A cohort goes before a
    /// queue of the same share.
    fn descend(&mut self, snapshot: &Snapshot, cohort: Id<Node>) -> Option<Id<Node>> {
        let (cluster, tree) = (&snapshot.cluster, &snapshot.tree);
        let (mut queue, mut queue_share): (Option<Id<Node>>, _) = (None, Share::NEGATIVE);
        for member in &cluster[cohort].queues {
            if self.is_pruned(*member) {
                continue;
            }
            let Some(head) = self.head(*member) else {
                self.prune(*member);
                continue;
            };
            let of = share(cluster, tree, *member);
            if of.is_zero() && *member != self.own {
                self.prune(*member);
                continue;
            }
            let better = match of.compare(queue_share) {
                Ordering::Greater => true,
                Ordering::Less => false,
                Ordering::Equal => queue
                    .and_then(|queue| self.head(queue))
                    .is_none_or(|other| snapshot.before(head, other, self.own).is_lt()),
            };
            if better {
                (queue, queue_share) = (Some(*member), of);
            }
        }
        let (mut best, mut best_share): (Option<Id<Node>>, _) = (None, Share::NEGATIVE);
        for member in &cluster[cohort].cohorts {
            if self.is_pruned(*member) {
                continue;
            }
            let of = share(cluster, tree, *member);
            if of.is_zero() && !self.above(*member) {
                self.prune(*member);
            } else if of.compare(best_share) != Ordering::Less {
                (best, best_share) = (Some(*member), of);
            }
        }
        if best.is_some() && best_share.compare(queue_share) != Ordering::Less {
            best
        } else {
            queue
        }
    }
}
