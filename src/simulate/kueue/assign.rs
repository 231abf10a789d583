//! Which flavours a workload would take, and how: from what is free, by borrowing, by preemption.
//!
//! Flavours of a group of resources are tried in the queue's order until one is good enough for its
//! rules, else the best is taken. All pods of a workload are assigned, or none.
//!
//! # Source
//! Kueue v1beta2, `pkg/scheduler/flavorassigner`. Topologies and workload slices are absent.

use std::collections::BTreeMap;

use super::cluster::{
    Amount, Flavor, FlavorResource, FlavorSearch, Fungibility, Node, Policy, Preference, Resource,
};
use super::preempt::{Preemptor, Sharing, Target, available, targets};
use super::snapshot::{Snapshot, Workload};
use super::tree::Usage;
use crate::ids::Id;

/// How a workload could start, the better the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// It cannot, whatever ends or is preempted within the rules.
    NoFit,
    /// Others must end or be preempted first.
    Preempt,
    /// At once, perhaps by borrowing.
    Fit,
}

/// Why a flavour does not take a workload now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// No group of the queue covers the resource.
    NotOffered {
        /// The resource.
        resource: Id<Resource>,
    },
    /// The workload may not run on the flavour.
    Excluded {
        /// The flavour.
        flavor: Id<Flavor>,
    },
    /// It asks for more than the queue could ever have.
    ExceedsMaximum {
        /// The column.
        column: Id<FlavorResource>,
        /// What is asked for.
        requested: Amount,
        /// The most there can be.
        maximum: Amount,
    },
    /// So much is missing now.
    Missing {
        /// The column.
        column: Id<FlavorResource>,
        /// How much.
        amount: Amount,
    },
}

/// What a workload would take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// How.
    pub mode: Mode,
    /// Of each column how much.
    pub usage: Usage,
    /// The columns that do not fit without preemption.
    pub contested: Vec<Id<FlavorResource>>,
    /// How far the loan comes from: 0 is its own quota, else the height of the cohort that lends.
    pub borrowing: u32,
    /// Pods of each set; fewer than asked for in partial admission.
    pub counts: Vec<i64>,
    /// What stood in the way.
    pub obstacles: Vec<Obstacle>,
    /// Flavours that are left to try, where the search ended early: for each set of pods and group.
    next: BTreeMap<(usize, usize), usize>,
    /// Whom it would preempt, where that is known already.
    targets: Option<Vec<Target>>,
}

/// Internal modes, the better the greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    NoFit,
    NoCandidates,
    Preempt,
    Reclaim,
    Fit,
}

impl Way {
    fn mode(self) -> Mode {
        match self {
            Self::NoFit => Mode::NoFit,
            Self::NoCandidates | Self::Preempt | Self::Reclaim => Mode::Preempt,
            Self::Fit => Mode::Fit,
        }
    }
}

/// A way to take a flavour, and how far its loan comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Grade {
    way: Way,
    borrowing: u32,
}

const WORST: Grade = Grade { way: Way::NoFit, borrowing: u32::MAX };
const BEST: Grade = Grade { way: Way::Fit, borrowing: 0 };

/// Assigns a workload, with the workloads it would preempt. Where it asks for less in need, fewer pods
/// are tried.
#[must_use]
pub fn assign(
    snapshot: &mut Snapshot,
    id: Id<Workload>,
    sharing: &Sharing,
) -> (Assignment, Vec<Target>) {
    let counts: Vec<i64> = snapshot.workload(id).pod_sets.iter().map(|set| set.count).collect();
    let (full, found) = with_counts(snapshot, id, sharing, &counts);
    if full.mode == Mode::Fit || !found.is_empty() {
        return (full, found);
    }
    fewer_pods(snapshot, id, sharing, &counts).unwrap_or((full, Vec::new()))
}

/// The most pods between the fewest and all that could start: the last set of pods gives way first.
fn fewer_pods(
    snapshot: &mut Snapshot,
    id: Id<Workload>,
    sharing: &Sharing,
    full: &[i64],
) -> Option<(Assignment, Vec<Target>)> {
    let spare: Vec<i64> = snapshot
        .workload(id)
        .pod_sets
        .iter()
        .map(|set| (set.count - set.min_count.unwrap_or(set.count)).max(0))
        .collect();
    let total: i64 = spare.iter().sum();
    let (mut low, mut high, mut best) = (1, total + 1, None);
    while low < high {
        let middle = low + (high - low) / 2;
        let mut left = middle;
        let mut counts = full.to_vec();
        for (count, spare) in counts.iter_mut().zip(&spare).rev() {
            let cut = left.min(*spare);
            (*count, left) = (*count - cut, left - cut);
        }
        let (assignment, found) = with_counts(snapshot, id, sharing, &counts);
        if assignment.mode == Mode::Fit || !found.is_empty() {
            (high, best) = (middle, Some((assignment, found)));
        } else {
            low = middle + 1;
        }
    }
    best
}

/// Tries the flavours, and those behind where a preemption that looked possible in each column turns
/// out impossible over all of them.
fn with_counts(
    snapshot: &mut Snapshot,
    id: Id<Workload>,
    sharing: &Sharing,
    counts: &[i64],
) -> (Assignment, Vec<Target>) {
    let mut from = BTreeMap::new();
    loop {
        let mut assignment = pods(snapshot, id, sharing, counts, &from);
        if assignment.mode != Mode::Preempt {
            return (assignment, Vec::new());
        }
        if let Some(found) = assignment.targets.take()
            && (!found.is_empty() || assignment.next.is_empty())
        {
            return (assignment, found);
        }
        let preemptor = Preemptor {
            workload: id,
            queue: snapshot.workload(id).queue,
            usage: assignment.usage.clone(),
            contested: assignment.contested.clone(),
        };
        let found = targets(snapshot, &preemptor, sharing);
        if !found.is_empty() || assignment.next.is_empty() {
            return (assignment, found);
        }
        from.clone_from(&assignment.next);
    }
}

/// The state of one assignment.
struct Taking<'a> {
    snapshot: &'a mut Snapshot,
    sharing: &'a Sharing,
    id: Id<Workload>,
    queue: Id<Node>,
    usage: Usage,
    obstacles: Vec<Obstacle>,
    /// The last preemption that was tried, in one column: often it is all there is.
    tried: Option<(Id<FlavorResource>, Amount, Vec<Target>)>,
}

fn pods(
    snapshot: &mut Snapshot,
    id: Id<Workload>,
    sharing: &Sharing,
    counts: &[i64],
    from: &BTreeMap<(usize, usize), usize>,
) -> Assignment {
    let queue = snapshot.workload(id).queue;
    let mut taking = Taking {
        snapshot,
        sharing,
        id,
        queue,
        usage: Vec::new(),
        obstacles: Vec::new(),
        tried: None,
    };
    let mut assignment = Assignment {
        mode: Mode::Fit,
        usage: Vec::new(),
        contested: Vec::new(),
        borrowing: 0,
        counts: counts.to_vec(),
        obstacles: Vec::new(),
        next: BTreeMap::new(),
        targets: None,
    };
    for (set, count) in counts.iter().enumerate() {
        let requests = taking.requests(set, *count);
        for (group, requests) in taking.by_group(&requests) {
            let start = from.get(&(set, group)).copied().unwrap_or(0);
            let Some(choice) = taking.choose(group, &requests, start) else {
                assignment.mode = Mode::NoFit;
                break;
            };
            assignment.borrowing = assignment.borrowing.max(choice.grade.borrowing);
            for (column, amount, way) in choice.taken {
                assignment.mode = assignment.mode.min(way.mode());
                if way.mode() == Mode::Preempt && !assignment.contested.contains(&column) {
                    assignment.contested.push(column);
                }
                add(&mut taking.usage, column, amount);
            }
            assignment.next.extend(choice.next.map(|next| ((set, group), next)));
        }
        if assignment.mode == Mode::NoFit {
            break;
        }
    }
    assignment.targets = taking
        .tried
        .filter(|(column, amount, _)| {
            taking.usage == [(*column, *amount)] && assignment.contested == [*column]
        })
        .map(|(_, _, targets)| targets);
    assignment.usage = taking.usage;
    assignment.obstacles = taking.obstacles;
    if assignment.obstacles.iter().any(|of| matches!(of, Obstacle::NotOffered { .. })) {
        assignment.mode = Mode::NoFit;
    }
    assignment
}

fn add(usage: &mut Usage, column: Id<FlavorResource>, amount: Amount) {
    match usage.iter_mut().find(|(of, _)| *of == column) {
        Some((_, sum)) => *sum = sum.saturating_add(amount),
        None => usage.push((column, amount)),
    }
}

/// A flavour chosen for a group.
struct Choice {
    grade: Grade,
    taken: Vec<(Id<FlavorResource>, Amount, Way)>,
    /// The flavour to begin with next time, where some are left.
    next: Option<usize>,
}

impl Taking<'_> {
    /// What a set of pods requests, by resource; `pods` too, where the queue counts them.
    fn requests(&self, set: usize, count: i64) -> Vec<(Id<Resource>, Amount)> {
        let workload = self.snapshot.workload(self.id);
        let mut requests: Vec<_> = workload.pod_sets[set]
            .requests
            .iter()
            .map(|(resource, amount)| (*resource, amount.saturating_mul(count)))
            .collect();
        if let Some(pods) = self.snapshot.cluster.pods
            && self.group_of(pods).is_some()
        {
            requests.retain(|(resource, _)| *resource != pods);
            requests.push((pods, count));
        }
        requests
    }

    fn group_of(&self, resource: Id<Resource>) -> Option<usize> {
        let groups = &self.snapshot.cluster.rules(self.queue).groups;
        groups.iter().position(|group| group.resources.contains(&resource))
    }

    /// The requests that are taken from one flavour together. A resource that nobody offers is an
    /// obstacle, unless nothing of it is asked for.
    fn by_group(
        &mut self,
        requests: &[(Id<Resource>, Amount)],
    ) -> BTreeMap<usize, Vec<(Id<Resource>, Amount)>> {
        let mut groups: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        for (resource, amount) in requests {
            match self.group_of(*resource) {
                Some(group) => groups.entry(group).or_default().push((*resource, *amount)),
                None if *amount == 0 => {}
                None => self.obstacles.push(Obstacle::NotOffered { resource: *resource }),
            }
        }
        groups
    }

    fn choose(
        &mut self,
        group: usize,
        requests: &[(Id<Resource>, Amount)],
        start: usize,
    ) -> Option<Choice> {
        let search = self.snapshot.cluster.rules(self.queue).search;
        let flavors = self.snapshot.cluster.rules(self.queue).groups[group].flavors.clone();
        let (mut best, mut best_taken, mut tried) = (WORST, None, 0);
        for (place, flavor) in flavors.iter().enumerate().skip(start) {
            tried = place;
            if !self.allowed(*flavor) {
                self.obstacles.push(Obstacle::Excluded { flavor: *flavor });
                continue;
            }
            let (grade, taken) = self.grade(*flavor, requests, search);
            if !goes_on(grade, search) {
                (best, best_taken) = (grade, Some(taken));
                break;
            }
            if preferred(grade, best, search.preference) {
                (best, best_taken) = (grade, Some(taken));
            }
        }
        let next = Some(tried + 1).filter(|next| *next < flavors.len());
        best_taken.map(|taken| Choice { grade: best, taken, next })
    }

    fn allowed(&self, flavor: Id<Flavor>) -> bool {
        let allowed = &self.snapshot.workload(self.id).flavors;
        allowed.as_ref().is_none_or(|allowed| allowed.contains(&flavor))
    }

    /// A flavour is as good as its worst resource.
    fn grade(
        &mut self,
        flavor: Id<Flavor>,
        requests: &[(Id<Resource>, Amount)],
        search: FlavorSearch,
    ) -> (Grade, Vec<(Id<FlavorResource>, Amount, Way)>) {
        let (mut worst, mut taken, mut farthest) = (BEST, Vec::new(), 0);
        for (resource, amount) in requests {
            let Some(column) = self.snapshot.cluster.column(flavor, *resource) else { continue };
            let grade = self.fits(column, *amount);
            farthest = farthest.max(grade.borrowing);
            if preferred(worst, grade, search.preference) {
                worst = grade;
            }
            if worst.way == Way::NoFit {
                break;
            }
            taken.push((column, *amount, grade.way));
        }
        (Grade { borrowing: worst.borrowing.max(farthest), ..worst }, taken)
    }

    fn fits(&mut self, column: Id<FlavorResource>, request: Amount) -> Grade {
        let assumed =
            self.usage.iter().find(|(of, _)| *of == column).map_or(0, |(_, amount)| *amount);
        let requested = assumed.saturating_add(request);
        let free = available(self.snapshot, self.queue, column);
        let maximum = self.snapshot.tree.potential(self.queue, column);
        if requested > maximum {
            self.obstacles.push(Obstacle::ExceedsMaximum { column, requested, maximum });
            return Grade { way: Way::NoFit, borrowing: 0 };
        }
        let (borrowing, is_lower) = loan_height(self.snapshot, self.queue, column, requested);
        if requested <= free {
            return Grade { way: Way::Fit, borrowing };
        }
        self.obstacles.push(Obstacle::Missing { column, amount: requested - free });
        let nominal = self.snapshot.tree.subtree(self.queue, column);
        if nominal >= requested || is_lower || self.preempts_while_borrowing() {
            self.by_preemption(column, requested)
        } else {
            Grade { way: Way::NoFit, borrowing }
        }
    }

    fn preempts_while_borrowing(&self) -> bool {
        let preemption = self.snapshot.cluster.rules(self.queue).preemption;
        preemption.borrow.is_some()
            || (matches!(self.sharing, Sharing::Fair(_)) && preemption.reclaim != Policy::Never)
    }

    /// What preemption in this one column would do.
    fn by_preemption(&mut self, column: Id<FlavorResource>, requested: Amount) -> Grade {
        let preemptor = Preemptor {
            workload: self.id,
            queue: self.queue,
            usage: vec![(column, requested)],
            contested: vec![column],
        };
        let found = targets(self.snapshot, &preemptor, self.sharing);
        self.tried = Some((column, requested, found.clone()));
        let own =
            found.iter().any(|target| self.snapshot.workload(target.workload).queue == self.queue);
        let way = match (found.is_empty(), own) {
            (true, _) => Way::NoCandidates,
            (false, true) => Way::Preempt,
            (false, false) => Way::Reclaim,
        };
        for target in &found {
            self.snapshot.hide(target.workload);
        }
        let (borrowing, _) = loan_height(self.snapshot, self.queue, column, requested);
        for target in &found {
            self.snapshot.unhide(target.workload);
        }
        Grade { way, borrowing }
    }
}

/// The height of the lowest cohort in whose quota an amount fits, 0 for the queue's own; and whether
/// there is a cohort above it.
fn loan_height(
    snapshot: &Snapshot,
    queue: Id<Node>,
    column: Id<FlavorResource>,
    amount: Amount,
) -> (u32, bool) {
    let (cluster, tree) = (&snapshot.cluster, &snapshot.tree);
    let has_parent = cluster[queue].parent.is_some();
    if !tree.borrows_with(queue, column, amount) || !has_parent {
        return (0, has_parent);
    }
    let mut rest = amount.saturating_sub(tree.local_available(queue, column));
    for cohort in cluster.ancestors(queue) {
        if !tree.borrows_with(cohort, column, rest) {
            return (cluster[cohort].height, cluster[cohort].parent.is_some());
        }
        rest = rest.saturating_sub(tree.local_available(cohort, column));
    }
    (cluster[cluster.root(queue)].height, false)
}

fn goes_on(grade: Grade, search: FlavorSearch) -> bool {
    match grade.way {
        Way::NoFit | Way::NoCandidates => true,
        Way::Preempt | Way::Reclaim if search.when_can_preempt == Fungibility::TryNextFlavor => {
            true
        }
        _ => grade.borrowing > 0 && search.when_can_borrow == Fungibility::TryNextFlavor,
    }
}

/// Whether `a` is better than `b`.
fn preferred(a: Grade, b: Grade, preference: Preference) -> bool {
    if a.way == Way::NoFit || b.way == Way::NoFit {
        return a.way != Way::NoFit;
    }
    let blocked = |grade: Grade| grade.way == Way::NoCandidates;
    if blocked(a) != blocked(b) {
        return blocked(b);
    }
    match preference {
        Preference::BorrowingOverPreemption if a.way != b.way => a.way > b.way,
        Preference::PreemptionOverBorrowing if a.borrowing == b.borrowing => a.way > b.way,
        _ => a.borrowing < b.borrowing,
    }
}
