//! Who waits, queue by queue, and whose turn it is.
//!
//! Workloads of one queue that ask for the same at the same priority are one class: if the first of
//! them cannot start, none can, and the class is parked until something in its cohorts changes (Kueue's
//! scheduling equivalence). A queue in strict order is never parked; it waits behind its head.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::cluster::{Flavor, Node, Strategy};
use super::snapshot::{Moment, PodSet, Snapshot, Workload};
use crate::ids::Id;

/// The place of a workload in its queue: priority, age, name.
type Turn = (Reverse<i64>, Moment, u32, Id<Workload>);

/// Workloads of one queue that ask for the same at the same priority.
#[derive(Debug, Clone, Default)]
struct Class {
    waiting: BTreeSet<Turn>,
    parked: bool,
}

#[derive(Debug, Clone, Default)]
struct Queue {
    classes: Vec<Class>,
    by_shape: BTreeMap<(u32, i64), usize>,
    /// The first of each class that is not parked.
    heads: BTreeSet<(Turn, usize)>,
    /// It has preempted others, and goes first until it starts.
    sticky: Option<Id<Workload>>,
    /// The head that blocks a queue in strict order.
    blocked: Option<Id<Workload>>,
}

/// All that waits.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    queues: Vec<Queue>,
    shapes: Vec<u32>,
    /// Queues that may have a head, by the root of their tree.
    ready: Vec<BTreeSet<Id<Node>>>,
    roots: Vec<Id<Node>>,
    members: Vec<Vec<Id<Node>>>,
}

impl Pending {
    /// Nobody waits.
    pub(super) fn new(snapshot: &Snapshot) -> Self {
        let cluster = &snapshot.cluster;
        let roots: Vec<Id<Node>> = cluster.queues().map(|queue| cluster.root(queue)).collect();
        let mut members = vec![Vec::new(); cluster.nodes.len()];
        for (queue, root) in cluster.queues().zip(&roots) {
            members[root.index()].push(queue);
        }
        Self {
            queues: vec![Queue::default(); cluster.queue_count()],
            shapes: shapes(snapshot),
            ready: vec![BTreeSet::new(); cluster.nodes.len()],
            roots,
            members,
        }
    }

    /// The top of a queue's tree: what waits elsewhere is not affected by it.
    pub(super) fn root(&self, queue: Id<Node>) -> Id<Node> {
        self.roots[queue.index()]
    }

    /// Lets a workload wait.
    pub(super) fn push(&mut self, snapshot: &Snapshot, id: Id<Workload>) {
        let workload = snapshot.workload(id);
        let (root, of) = (self.root(workload.queue), workload.queue);
        let queue = &mut self.queues[of.index()];
        let key = (self.shapes[id.index()], workload.priority);
        let next = queue.classes.len();
        let class = *queue.by_shape.entry(key).or_insert(next);
        if class == next {
            queue.classes.push(Class::default());
        }
        let turn = turn(snapshot, id);
        queue.change(class, |waiting| {
            waiting.insert(turn);
        });
        if !queue.classes[class].parked {
            self.ready[root.index()].insert(of);
        }
    }

    /// Takes a workload out.
    pub(super) fn remove(&mut self, snapshot: &Snapshot, id: Id<Workload>) {
        let workload = snapshot.workload(id);
        let queue = &mut self.queues[workload.queue.index()];
        let Some(class) = queue.by_shape.get(&(self.shapes[id.index()], workload.priority)) else {
            return;
        };
        let turn = turn(snapshot, id);
        queue.change(*class, |waiting| {
            waiting.remove(&turn);
        });
        if queue.sticky == Some(id) {
            queue.sticky = None;
        }
    }

    /// The heads of the queues in a tree, one each.
    pub(super) fn heads(&mut self, root: Id<Node>) -> Vec<Id<Workload>> {
        let mut heads = Vec::new();
        let queues = &self.queues;
        self.ready[root.index()].retain(|queue| {
            let head = queues[queue.index()].head();
            heads.extend(head);
            head.is_some()
        });
        heads
    }

    /// Says that a workload has preempted others: it goes first.
    pub(super) fn stick(&mut self, snapshot: &Snapshot, id: Id<Workload>) {
        let queue = snapshot.workload(id).queue;
        if snapshot.cluster.rules(queue).strategy == Strategy::BestEffortFifo {
            self.queues[queue.index()].sticky = Some(id);
        }
    }

    /// Says that a head cannot start: its class steps aside, or it blocks its queue.
    pub(super) fn park(&mut self, snapshot: &Snapshot, id: Id<Workload>) {
        let workload = snapshot.workload(id);
        let queue = &mut self.queues[workload.queue.index()];
        if queue.sticky == Some(id) {
            queue.sticky = None;
        }
        if snapshot.cluster.rules(workload.queue).strategy == Strategy::StrictFifo {
            queue.blocked = Some(id);
            return;
        }
        let Some(class) = queue.by_shape.get(&(self.shapes[id.index()], workload.priority)) else {
            return;
        };
        let class = *class;
        if let Some(first) = queue.classes[class].waiting.first() {
            queue.heads.remove(&(*first, class));
        }
        queue.classes[class].parked = true;
    }

    /// Something changed in a tree: whoever `could_start` there is tried again.
    pub(super) fn wake(
        &mut self,
        root: Id<Node>,
        mut could_start: impl FnMut(Id<Workload>) -> bool,
    ) {
        for of in &self.members[root.index()] {
            let queue = &mut self.queues[of.index()];
            queue.blocked = None;
            for (place, class) in queue.classes.iter_mut().enumerate() {
                let Some(first) = class.waiting.first() else {
                    class.parked = false;
                    continue;
                };
                if class.parked && could_start(first.3) {
                    class.parked = false;
                    queue.heads.insert((*first, place));
                }
            }
            if !queue.heads.is_empty() {
                self.ready[root.index()].insert(*of);
            }
        }
    }
}

impl Queue {
    fn head(&self) -> Option<Id<Workload>> {
        let head = self.sticky.or_else(|| self.heads.first().map(|(turn, _)| turn.3))?;
        (self.blocked != Some(head)).then_some(head)
    }

    fn change(&mut self, class: usize, change: impl FnOnce(&mut BTreeSet<Turn>)) {
        let of = &mut self.classes[class];
        let before = of.waiting.first().copied();
        change(&mut of.waiting);
        let after = of.waiting.first().copied();
        if of.parked || before == after {
            return;
        }
        if let Some(before) = before {
            self.heads.remove(&(before, class));
        }
        if let Some(after) = after {
            self.heads.insert((after, class));
        }
    }
}

fn turn(snapshot: &Snapshot, id: Id<Workload>) -> Turn {
    let workload = snapshot.workload(id);
    (Reverse(workload.priority), workload.created, snapshot.rank(id), id)
}

/// Equal numbers for workloads that ask for the same.
fn shapes(snapshot: &Snapshot) -> Vec<u32> {
    type Shape<'a> = (&'a [PodSet], Option<&'a [Id<Flavor>]>);
    let mut known: BTreeMap<Shape<'_>, u32> = BTreeMap::new();
    snapshot
        .ids()
        .map(|id| {
            let workload = snapshot.workload(id);
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            *known.entry((&workload.pod_sets, workload.flavors.as_deref())).or_insert(next)
        })
        .collect()
}
