//! A cluster at one moment: its workloads, which of them hold quota, and what is used.
//!
//! A [`Snapshot`] keeps the admitted workloads of each queue in the order in which preemption takes
//! them, so that candidates are walked and never sorted again. One invariant: the tree's usage is the
//! sum over admitted workloads.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::cluster::{Amount, Cluster, Flavor, FlavorResource, Node, Policy, Resource};
use super::tree::{Tree, Usage};
use crate::ids::Id;

/// A moment, in milliseconds since the beginning.
pub type Moment = i64;

/// Something that asks for quota: a job with its pods, all or none.
#[derive(Debug, Clone, PartialEq)]
pub struct Workload {
    /// Its name, unique; decides between equals.
    pub name: String,
    /// The queue it waits in.
    pub queue: Id<Node>,
    /// The higher goes first.
    pub priority: i64,
    /// When it entered the queue.
    pub created: Moment,
    /// Its pods.
    pub pod_sets: Vec<PodSet>,
    /// The flavours its pods may run on; all where absent.
    pub flavors: Option<Vec<Id<Flavor>>>,
}

/// So many pods of one shape.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PodSet {
    /// Pods.
    pub count: i64,
    /// The fewest it may start with; all of them where absent.
    pub min_count: Option<i64>,
    /// What one pod requests, by resource.
    pub requests: Vec<(Id<Resource>, Amount)>,
}

/// What a workload holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// Of which columns how much.
    pub usage: Usage,
    /// Since when.
    pub reserved_at: Moment,
    /// Whether it has been told to leave.
    pub evicted: bool,
}

/// The place of a workload among those of its queue: who is preempted first comes first.
type Place = (bool, i64, Reverse<Moment>, u32, Id<Workload>);

/// A cluster at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// Queues, cohorts, flavours.
    pub cluster: Cluster,
    /// Quotas and usage.
    pub tree: Tree,
    workloads: Vec<Workload>,
    ranks: Vec<u32>,
    admissions: Vec<Option<Admission>>,
    admitted: Vec<BTreeSet<Place>>,
}

impl Snapshot {
    /// A cluster with workloads, none of them admitted.
    #[must_use]
    pub fn new(cluster: Cluster, workloads: Vec<Workload>) -> Self {
        let mut order: Vec<usize> = (0..workloads.len()).collect();
        order.sort_by(|a, b| workloads[*a].name.cmp(&workloads[*b].name));
        let mut ranks = vec![0; workloads.len()];
        for (rank, index) in (0_u32..).zip(order) {
            ranks[index] = rank;
        }
        Self {
            tree: Tree::new(&cluster),
            admissions: vec![None; workloads.len()],
            admitted: vec![BTreeSet::new(); cluster.queue_count()],
            ranks,
            workloads,
            cluster,
        }
    }

    /// Every workload's id.
    #[must_use]
    pub fn ids(&self) -> impl ExactSizeIterator<Item = Id<Workload>> + use<> {
        (0..self.workloads.len()).map(Id::new)
    }

    /// A workload.
    #[must_use]
    pub fn workload(&self, id: Id<Workload>) -> &Workload {
        &self.workloads[id.index()]
    }

    /// The place of a workload's name among all names.
    #[must_use]
    pub fn rank(&self, id: Id<Workload>) -> u32 {
        self.ranks[id.index()]
    }

    /// What a workload holds, if it holds something.
    #[must_use]
    pub fn admission(&self, id: Id<Workload>) -> Option<&Admission> {
        self.admissions[id.index()].as_ref()
    }

    fn place(&self, id: Id<Workload>, admission: &Admission) -> Place {
        let priority = self.workloads[id.index()].priority;
        (!admission.evicted, priority, Reverse(admission.reserved_at), self.ranks[id.index()], id)
    }

    /// Gives a workload its quota.
    pub fn admit(&mut self, id: Id<Workload>, admission: Admission) {
        let queue = self.workloads[id.index()].queue;
        self.tree.add(queue, &admission.usage);
        let place = self.place(id, &admission);
        self.admitted[queue.index()].insert(place);
        self.admissions[id.index()] = Some(admission);
    }

    /// Takes a workload's quota back, and says what it held.
    pub fn release(&mut self, id: Id<Workload>) -> Option<Admission> {
        let admission = self.admissions[id.index()].take()?;
        let queue = self.workloads[id.index()].queue;
        self.tree.remove(queue, &admission.usage);
        let place = self.place(id, &admission);
        self.admitted[queue.index()].remove(&place);
        Some(admission)
    }

    /// The admitted workloads of a queue, those to be preempted first at the front.
    pub fn admitted(&self, queue: Id<Node>) -> impl Iterator<Item = Id<Workload>> + '_ {
        self.admitted[queue.index()].iter().map(|place| place.4)
    }

    /// How many workloads of a queue hold quota.
    #[must_use]
    pub fn admitted_count(&self, queue: Id<Node>) -> usize {
        self.admitted[queue.index()].len()
    }

    /// The lowest priority that is admitted in a queue.
    pub(super) fn lowest_priority(&self, queue: Id<Node>) -> Option<i64> {
        self.admitted[queue.index()].first().map(|place| place.1)
    }

    /// Counts a workload's usage no longer, to try what that frees.
    pub(super) fn hide(&mut self, id: Id<Workload>) {
        let queue = self.workloads[id.index()].queue;
        if let Some(admission) = &self.admissions[id.index()] {
            self.tree.remove(queue, &admission.usage);
        }
    }

    /// Counts it again.
    pub(super) fn unhide(&mut self, id: Id<Workload>) {
        let queue = self.workloads[id.index()].queue;
        if let Some(admission) = &self.admissions[id.index()] {
            self.tree.add(queue, &admission.usage);
        }
    }

    /// Whether a workload holds something in one of these columns.
    pub(super) fn uses(&self, id: Id<Workload>, columns: &[Id<FlavorResource>]) -> bool {
        self.admission(id)
            .is_some_and(|held| held.usage.iter().any(|(column, _)| columns.contains(column)))
    }

    /// The admitted workloads of `queue` that a policy lets a preemptor of this priority and age take,
    /// and that hold one of the contested columns.
    pub(super) fn preemptible<'a>(
        &'a self,
        queue: Id<Node>,
        policy: Policy,
        (priority, created): (i64, Moment),
        contested: &'a [Id<FlavorResource>],
    ) -> impl Iterator<Item = Id<Workload>> + 'a {
        self.admitted[queue.index()]
            .iter()
            .take_while(move |place| match policy {
                Policy::Never => false,
                Policy::Any => true,
                Policy::LowerPriority => !place.0 || place.1 < priority,
                Policy::LowerOrNewerEqualPriority => !place.0 || place.1 <= priority,
            })
            .filter(move |place| match policy {
                Policy::Never | Policy::Any => true,
                Policy::LowerPriority => place.1 < priority,
                Policy::LowerOrNewerEqualPriority => {
                    place.1 < priority
                        || (place.1 == priority
                            && created < self.workloads[place.4.index()].created)
                }
            })
            .map(|place| place.4)
            .filter(move |id| self.uses(*id, contested))
    }

    /// Who is preempted first: those told to leave already, other queues' before `own`'s, lower
    /// priority, later admitted, then by name.
    pub(super) fn before(
        &self,
        a: Id<Workload>,
        b: Id<Workload>,
        own: Id<Node>,
    ) -> std::cmp::Ordering {
        let key = |id: Id<Workload>| {
            let workload = self.workload(id);
            let (evicted, reserved_at) = self
                .admission(id)
                .map_or((false, Moment::MAX), |held| (held.evicted, held.reserved_at));
            (
                !evicted,
                workload.queue == own,
                workload.priority,
                Reverse(reserved_at),
                self.rank(id),
            )
        };
        key(a).cmp(&key(b))
    }
}
