//! One cycle of admission: the heads of the queues, in order, each admitted, preempting or passed over.
//!
//! One head a queue. Each is assigned against the cluster as it stands at the beginning; then, in
//! order, it takes what is still free, or it reserves what its preemption will free. What is reserved
//! is free again when the cycle ends; evicting is the caller's.
//!
//! # Source
//! Kueue v1beta2, `pkg/scheduler/scheduler.go` and `fair_sharing_iterator.go`.

use std::cmp::Ordering;

use super::assign::{Assignment, Mode, Obstacle, assign};
use super::cluster::{Node, Policy};
use super::preempt::{Sharing, Target};
use super::share::{Share, borrows_on, share};
use super::snapshot::{Admission, Moment, Snapshot, Workload};
use super::tree::Usage;
use crate::ids::Id;

/// What became of a head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It has its quota, with so many pods of each set, borrowed from so far up.
    Admitted {
        /// Pods of each set.
        counts: Vec<i64>,
        /// The height of the cohort that lends; 0 is its own quota.
        borrowing: u32,
    },
    /// It waits for these to leave.
    Preempting(Vec<Target>),
    /// Another head took what it would have taken; it is tried again in the next cycle.
    Overtaken,
    /// It fits only when something ends, and it may preempt nobody.
    Waiting(Vec<Obstacle>),
    /// It could not start even in an empty cluster, or not by its queue's rules.
    NoFit(Vec<Obstacle>),
}

struct Entry {
    id: Id<Workload>,
    queue: Id<Node>,
    assignment: Assignment,
    targets: Vec<Target>,
}

/// Runs one cycle over at most one head of each queue.
#[must_use]
pub fn cycle(
    snapshot: &mut Snapshot,
    heads: &[Id<Workload>],
    sharing: &Sharing,
    now: Moment,
) -> Vec<(Id<Workload>, Decision)> {
    let mut entries: Vec<Entry> = heads
        .iter()
        .map(|id| {
            let (assignment, targets) = assign(snapshot, *id, sharing);
            Entry { id: *id, queue: snapshot.workload(*id).queue, assignment, targets }
        })
        .collect();
    if matches!(sharing, Sharing::Classical) {
        entries.sort_by(|a, b| classical_order(snapshot, a, b));
        entries.reverse();
    }
    let mut cycle = Cycle { snapshot, now, preempted: Vec::new(), reserved: Vec::new() };
    let mut decisions = Vec::with_capacity(entries.len());
    while !entries.is_empty() {
        let next = match sharing {
            Sharing::Classical => entries.len() - 1,
            Sharing::Fair(_) => fairest(cycle.snapshot, &entries),
        };
        let entry = entries.swap_remove(next);
        decisions.push((entry.id, cycle.process(entry)));
    }
    for (queue, usage) in cycle.reserved {
        snapshot.tree.remove(queue, &usage);
    }
    decisions
}

/// Own quota before loans, the nearer the earlier; then priority, age, name.
fn classical_order(snapshot: &Snapshot, a: &Entry, b: &Entry) -> Ordering {
    a.assignment
        .borrowing
        .cmp(&b.assignment.borrowing)
        .then_with(|| by_priority(snapshot, a.id, b.id))
}

/// The higher priority, then the older, then by name.
pub(super) fn by_priority(snapshot: &Snapshot, a: Id<Workload>, b: Id<Workload>) -> Ordering {
    let (of_a, of_b) = (snapshot.workload(a), snapshot.workload(b));
    of_b.priority
        .cmp(&of_a.priority)
        .then(of_a.created.cmp(&of_b.created))
        .then_with(|| snapshot.rank(a).cmp(&snapshot.rank(b)))
}

/// The winner of the tournament: at each cohort from below, the member that would have the smallest
/// share with its nominee admitted; who does not borrow what it asks for goes first.
fn fairest(snapshot: &mut Snapshot, entries: &[Entry]) -> usize {
    // Rounds: for each entry, its share and whether it borrows, below each of its cohorts.
    let rounds: Vec<Vec<(Id<Node>, bool, Share)>> =
        entries.iter().map(|entry| rounds(snapshot, entry)).collect();
    let root = snapshot.cluster.root(entries[0].queue);
    let mut best: Vec<Option<usize>> = vec![None; snapshot.cluster.nodes.len()];
    let mut order: Vec<usize> = (0..entries.len())
        .filter(|entry| snapshot.cluster.root(entries[*entry].queue) == root)
        .collect();
    if order.len() == 1 {
        return order[0];
    }
    // Nominees climb one cohort at a time, lowest cohorts first.
    let mut cohorts: Vec<Id<Node>> =
        order.iter().flat_map(|entry| rounds[*entry].iter().map(|round| round.0)).collect();
    cohorts.sort_by_key(|cohort| (snapshot.cluster[*cohort].height, *cohort));
    cohorts.dedup();
    order.sort_by(|a, b| by_priority(snapshot, entries[*a].id, entries[*b].id));
    for cohort in cohorts {
        let members = &snapshot.cluster[cohort];
        let nominees: Vec<usize> = order
            .iter()
            .copied()
            .filter(|entry| members.queues.contains(&entries[*entry].queue))
            .chain(members.cohorts.iter().filter_map(|member| best[member.index()]))
            .collect();
        let at = |entry: usize| {
            rounds[entry].iter().find(|round| round.0 == cohort).map(|round| (round.1, round.2))
        };
        best[cohort.index()] = nominees.into_iter().min_by(|a, b| {
            let (Some(of_a), Some(of_b)) = (at(*a), at(*b)) else { return Ordering::Equal };
            of_a.0
                .cmp(&of_b.0)
                .then(of_a.1.compare(of_b.1))
                .then_with(|| by_priority(snapshot, entries[*a].id, entries[*b].id))
        });
    }
    best[root.index()].unwrap_or(0)
}

fn rounds(snapshot: &mut Snapshot, entry: &Entry) -> Vec<(Id<Node>, bool, Share)> {
    let usage = &entry.assignment.usage;
    snapshot.tree.add(entry.queue, usage);
    let (cluster, tree) = (&snapshot.cluster, &snapshot.tree);
    let mut below = entry.queue;
    let mut rounds = Vec::new();
    for cohort in cluster.ancestors(entry.queue) {
        rounds.push((cohort, borrows_on(tree, below, usage), share(cluster, tree, below)));
        below = cohort;
    }
    snapshot.tree.remove(entry.queue, usage);
    rounds
}

struct Cycle<'a> {
    snapshot: &'a mut Snapshot,
    now: Moment,
    preempted: Vec<Id<Workload>>,
    reserved: Vec<(Id<Node>, Usage)>,
}

impl Cycle<'_> {
    fn process(&mut self, entry: Entry) -> Decision {
        let Entry { id, queue, assignment, targets } = entry;
        match assignment.mode {
            Mode::NoFit => return Decision::NoFit(assignment.obstacles),
            Mode::Preempt if targets.is_empty() => {
                self.reserve_unreclaimable(queue, &assignment);
                return Decision::Waiting(assignment.obstacles);
            }
            Mode::Preempt | Mode::Fit => {}
        }
        if targets.iter().any(|target| self.preempted.contains(&target.workload))
            || !self.fits(queue, &assignment.usage, &targets)
        {
            return Decision::Overtaken;
        }
        if assignment.mode == Mode::Preempt {
            self.preempted.extend(targets.iter().map(|target| target.workload));
            self.reserve(queue, assignment.usage);
            return Decision::Preempting(targets);
        }
        let Assignment { usage, counts, borrowing, .. } = assignment;
        self.snapshot.admit(id, Admission { usage, reserved_at: self.now, evicted: false });
        Decision::Admitted { counts, borrowing }
    }

    fn reserve(&mut self, queue: Id<Node>, usage: Usage) {
        self.snapshot.tree.add(queue, &usage);
        self.reserved.push((queue, usage));
    }

    /// Whether usage fits once everybody who is preempted in this cycle has left.
    fn fits(&mut self, queue: Id<Node>, usage: &Usage, targets: &[Target]) -> bool {
        let leaving: Vec<_> = self
            .preempted
            .iter()
            .copied()
            .chain(targets.iter().map(|target| target.workload))
            .collect();
        for workload in &leaving {
            self.snapshot.hide(*workload);
        }
        let fits = usage
            .iter()
            .all(|(column, amount)| self.snapshot.tree.available(queue, *column).max(0) >= *amount);
        for workload in &leaving {
            self.snapshot.unhide(*workload);
        }
        fits
    }

    /// A head that waits and could not take back what it lends holds what is free of its quota, so that
    /// no later head borrows it in this cycle.
    fn reserve_unreclaimable(&mut self, queue: Id<Node>, assignment: &Assignment) {
        if self.snapshot.cluster.rules(queue).preemption.reclaim == Policy::Any {
            return;
        }
        let node = &self.snapshot.cluster[queue];
        let reserved = assignment
            .usage
            .iter()
            .map(|(column, amount)| {
                let quota = node.quotas.iter().find(|(of, _)| of == column);
                let limit = quota.and_then(|(_, quota)| quota.borrowing_limit);
                let nominal = self.snapshot.tree.subtree(queue, *column);
                let left = nominal.saturating_sub(self.snapshot.tree.usage(queue, *column));
                let held = match (assignment.borrowing > 0, limit) {
                    (true, None) => *amount,
                    (true, Some(limit)) => (*amount).min(left.saturating_add(limit)),
                    (false, _) => (*amount).min(left).max(0),
                };
                (*column, held)
            })
            .collect();
        self.reserve(queue, reserved);
    }
}
