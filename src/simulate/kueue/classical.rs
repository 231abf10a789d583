//! Preemption by priority and by who owns the quota.
//!
//! Three kinds of candidates: of queues over which the preemptor has an advantage in the hierarchy (the
//! quota is nearer to it), of other queues by priority, and of its own queue. They are removed in
//! order until the preemptor fits, and those that turn out unneeded are filled back.

use super::cluster::{Amount, FlavorResource, Node, Policy};
use super::preempt::{Borrowing, Preemptor, Target, Why, fill_back, restore};
use super::snapshot::{Snapshot, Workload};
use super::tree::Usage;
use crate::ids::Id;

/// How a candidate may be preempted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Variant {
    WithinQueue,
    /// The quota is nearer to the preemptor, whatever the priorities.
    HierarchicalReclaim,
    /// Only if the preemptor does not borrow afterwards.
    ReclaimWithoutBorrowing,
    ReclaimWhileBorrowing,
}

impl Variant {
    fn why(self) -> Why {
        match self {
            Self::WithinQueue => Why::InClusterQueue,
            Self::HierarchicalReclaim | Self::ReclaimWithoutBorrowing => Why::InCohortReclamation,
            Self::ReclaimWhileBorrowing => Why::InCohortReclaimWhileBorrowing,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    workload: Id<Workload>,
    /// The lowest cohort above both queues; none for the preemptor's own queue.
    meeting: Option<Id<Node>>,
    variant: Variant,
}

/// Candidates from other queues of the cohort.
#[derive(Debug, Default)]
struct Others {
    by_hierarchy: Vec<Candidate>,
    by_priority: Vec<Candidate>,
}

/// The workloads to preempt.
pub(super) fn targets(snapshot: &mut Snapshot, preemptor: &Preemptor) -> Vec<Target> {
    let own = own_queue(snapshot, preemptor);
    let mut others = other_queues(snapshot, preemptor);
    if own.is_empty() && others.by_hierarchy.is_empty() && others.by_priority.is_empty() {
        return Vec::new();
    }
    for list in [&mut others.by_hierarchy, &mut others.by_priority] {
        list.sort_by(|a, b| snapshot.before(a.workload, b.workload, preemptor.queue));
    }
    let may_borrow = snapshot.cluster.rules(preemptor.queue).preemption.borrow.is_some();
    let no_others = others.by_hierarchy.is_empty() && others.by_priority.is_empty();
    let attempts: &[Borrowing] =
        if no_others || (!may_borrow && !under_nominal(snapshot, preemptor)) {
            &[Borrowing::Allowed]
        } else if !may_borrow && others.by_hierarchy.is_empty() {
            &[Borrowing::Forbidden, Borrowing::Allowed]
        } else {
            &[Borrowing::Allowed, Borrowing::Forbidden]
        };
    let candidates = in_order(snapshot, [others.by_hierarchy, others.by_priority, own]);
    attempts
        .iter()
        .map(|borrowing| attempt(snapshot, preemptor, &candidates, *borrowing))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// Those told to leave already go first, of each list in turn.
fn in_order(snapshot: &Snapshot, lists: [Vec<Candidate>; 3]) -> Vec<Candidate> {
    let leaves = |candidate: &Candidate| {
        snapshot.admission(candidate.workload).is_some_and(|held| held.evicted)
    };
    let (leaving, staying): (Vec<_>, Vec<_>) = lists.into_iter().flatten().partition(leaves);
    leaving.into_iter().chain(staying).collect()
}

fn attempt(
    snapshot: &mut Snapshot,
    preemptor: &Preemptor,
    candidates: &[Candidate],
    borrowing: Borrowing,
) -> Vec<Target> {
    let mut found = Vec::new();
    for candidate in candidates {
        if !is_valid(snapshot, preemptor, candidate, borrowing) {
            continue;
        }
        snapshot.hide(candidate.workload);
        found.push(Target { workload: candidate.workload, why: candidate.variant.why() });
        if preemptor.fits(snapshot, borrowing) {
            return fill_back(snapshot, preemptor, found, borrowing);
        }
    }
    restore(snapshot, &found);
    Vec::new()
}

/// Preempting one may put its queue, or a cohort on the way, back within its quota: then no more is
/// taken there.
fn is_valid(
    snapshot: &Snapshot,
    preemptor: &Preemptor,
    candidate: &Candidate,
    borrowing: Borrowing,
) -> bool {
    let queue = snapshot.workload(candidate.workload).queue;
    if queue == preemptor.queue {
        return true;
    }
    if borrowing == Borrowing::Allowed && candidate.variant == Variant::ReclaimWithoutBorrowing {
        return false;
    }
    let borrows = |node| !snapshot.tree.within_nominal(node, &preemptor.contested);
    borrows(queue)
        && snapshot
            .cluster
            .ancestors(queue)
            .take_while(|node| Some(*node) != candidate.meeting)
            .all(borrows)
}

fn own_queue(snapshot: &Snapshot, preemptor: &Preemptor) -> Vec<Candidate> {
    let policy = snapshot.cluster.rules(preemptor.queue).preemption.within_queue;
    collect(snapshot, preemptor, preemptor.queue, policy)
        .map(|workload| Candidate { workload, meeting: None, variant: Variant::WithinQueue })
        .collect()
}

fn collect<'a>(
    snapshot: &'a Snapshot,
    preemptor: &'a Preemptor,
    queue: Id<Node>,
    policy: Policy,
) -> impl Iterator<Item = Id<Workload>> + 'a {
    let of = snapshot.workload(preemptor.workload);
    snapshot.preemptible(queue, policy, (of.priority, of.created), &preemptor.contested)
}

fn other_queues(snapshot: &Snapshot, preemptor: &Preemptor) -> Others {
    let mut others = Others::default();
    let policy = snapshot.cluster.rules(preemptor.queue).preemption.reclaim;
    if policy == Policy::Never {
        return others;
    }
    let (mut advantage, mut rest) = fits_quota(snapshot, preemptor.queue, &preemptor.usage);
    let mut below = preemptor.queue;
    for meeting in snapshot.cluster.ancestors(preemptor.queue) {
        for queue in borrowers(snapshot, preemptor, meeting, below) {
            for workload in collect(snapshot, preemptor, queue, policy) {
                let variant = variant(snapshot, preemptor, workload, advantage);
                let candidate = Candidate { workload, meeting: Some(meeting), variant };
                if advantage {
                    others.by_hierarchy.push(candidate);
                } else {
                    others.by_priority.push(candidate);
                }
            }
        }
        let (fits, remaining) = fits_quota(snapshot, meeting, &rest);
        (advantage, rest, below) = (advantage || fits, remaining, meeting);
    }
    others
}

fn variant(
    snapshot: &Snapshot,
    preemptor: &Preemptor,
    candidate: Id<Workload>,
    advantage: bool,
) -> Variant {
    if advantage {
        return Variant::HierarchicalReclaim;
    }
    let Some(borrow) = snapshot.cluster.rules(preemptor.queue).preemption.borrow else {
        return Variant::ReclaimWithoutBorrowing;
    };
    let priority = snapshot.workload(candidate).priority;
    let incoming = snapshot.workload(preemptor.workload).priority;
    if priority >= incoming || borrow.max_priority.is_some_and(|most| priority > most) {
        Variant::ReclaimWithoutBorrowing
    } else {
        Variant::ReclaimWhileBorrowing
    }
}

/// Queues below `cohort`, but not below `skip`, that use more than their quota of what is contested;
/// a cohort within its quota hides its members.
fn borrowers(
    snapshot: &Snapshot,
    preemptor: &Preemptor,
    cohort: Id<Node>,
    skip: Id<Node>,
) -> Vec<Id<Node>> {
    let borrows = |node: Id<Node>| !snapshot.tree.within_nominal(node, &preemptor.contested);
    let (mut found, mut open) = (Vec::new(), vec![cohort]);
    while let Some(at) = open.pop() {
        let node = &snapshot.cluster[at];
        found.extend(
            node.queues.iter().filter(|queue| **queue != preemptor.queue && borrows(**queue)),
        );
        open.extend(node.cohorts.iter().filter(|member| **member != skip && borrows(**member)));
    }
    found
}

/// Whether requests fit into a node's quota, and what of them its own quota does not cover.
fn fits_quota(
    snapshot: &Snapshot,
    node: Id<Node>,
    requests: &[(Id<FlavorResource>, Amount)],
) -> (bool, Usage) {
    let fits =
        requests.iter().all(|(column, amount)| !snapshot.tree.borrows_with(node, *column, *amount));
    let rest = requests
        .iter()
        .map(|(column, amount)| {
            let own = snapshot.tree.local_available(node, *column);
            (*column, amount.saturating_sub(own).max(0))
        })
        .collect();
    (fits, rest)
}

fn under_nominal(snapshot: &Snapshot, preemptor: &Preemptor) -> bool {
    preemptor.contested.iter().all(|column| {
        snapshot.tree.usage(preemptor.queue, *column)
            < snapshot.tree.subtree(preemptor.queue, *column)
    })
}
