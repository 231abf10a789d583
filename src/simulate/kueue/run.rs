//! A cluster over time: jobs arrive, wait, start, are preempted, fail, go on and end.
//!
//! In go a cluster, jobs and what may happen to nodes; out comes an [`Outcome`]. Between two events
//! nothing changes, so time jumps from one to the next. Queues that share no cohort do not affect each
//! other, so after an event only its own tree is settled: cycles of admission run there until no head
//! can start. A cycle takes no time; a preempted job's quota is free at once, and the job is back in its
//! queue after [`Options::requeue`]. Kueue itself waits for a preempted job's pods to end.
//!
//! Pods are not placed on nodes: a job starts when its quota allows it. Quota that shrinks stops nobody.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use rand_chacha::ChaCha8Rng;

use super::assign::Obstacle;
use super::cluster::{Amount, Cluster, Flavor, FlavorResource, Node, Quota, Resource};
use super::cycle::{Decision, cycle};
use super::job::{Job, Stretch, WhenStopped, Yield, total};
use super::outcome::{Group, HOUR, Held, JobOutcome, Outcome, State, Step, Tally, What};
use super::pending::Pending;
use super::preempt::{Sharing, Target};
use super::screen::Screen;
use super::snapshot::{Moment, Snapshot, Workload};
use crate::draws::{Draws, inside_unit};
use crate::ids::Id;

/// What a simulation is asked.
#[derive(Debug, Clone)]
pub struct Options {
    /// How what is borrowed is shared.
    pub sharing: Sharing,
    /// When it stops; when nothing more happens, where absent.
    pub end: Option<Moment>,
    /// The first moments of the periods that results are told by, ascending, from 0.
    pub periods: Vec<Moment>,
    /// The resource whose hours are told.
    pub counted: Id<Resource>,
    /// How long a preempted or interrupted job takes to be back in its queue. It doubles, up to an hour,
    /// each time a job is stopped before it kept any work: fair sharing can preempt in a circle.
    pub requeue: Moment,
    /// What happens to nodes.
    pub faults: Faults,
    /// Quotas that change.
    pub changes: Vec<Change>,
    /// Whose steps are kept.
    pub follow: Follow,
    /// Random numbers, keyed by the names of jobs.
    pub draws: Draws,
}

/// What happens to nodes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Faults {
    /// The counted resource of one node; a job has its total over this, rounded up, of nodes.
    pub node_size: Amount,
    /// The mean time between failures of one node; never where absent.
    pub node_mtbf: Option<Moment>,
    /// How long a failed node is away before its job goes on.
    pub downtime: Moment,
    /// Flavours whose nodes the provider takes back, with the mean time until it does.
    pub interruptions: Vec<(Id<Flavor>, Moment)>,
}

/// A quota that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Moment,
    /// Whose.
    pub node: Id<Node>,
    /// Of what.
    pub column: Id<FlavorResource>,
    /// To what.
    pub quota: Quota,
}

/// Whose steps are kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Follow {
    /// Nobody's.
    #[default]
    Nobody,
    /// Everybody's.
    All,
    /// Those of the job of this name, and what it does to others.
    Job(String),
}

/// What may happen, in the order in which things of one moment are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// A period ends.
    Period,
    /// A quota changes.
    Change,
    Finish,
    /// A job is withdrawn.
    Leave,
    Fail,
    Interrupt,
    Back,
    Arrive,
}

type Event = Reverse<(Moment, Kind, usize, u32)>;

/// Simulates.
#[must_use]
pub fn run(cluster: Cluster, jobs: &[Job], options: &Options) -> Outcome {
    run_observed(cluster, jobs, options, |_| {})
}

/// Simulates, and tells now and then how many jobs have ended.
#[must_use]
pub fn run_observed(
    cluster: Cluster,
    jobs: &[Job],
    options: &Options,
    mut ended: impl FnMut(usize),
) -> Outcome {
    let mut simulation = Simulation::new(cluster, jobs, options);
    let mut moments = 0_u32;
    while let Some(Reverse((now, ..))) = simulation.events.peek().copied() {
        if options.end.is_some_and(|end| now >= end) {
            break;
        }
        simulation.now = now;
        while let Some(Reverse((at, kind, index, epoch))) = simulation.events.peek().copied()
            && at == now
        {
            simulation.events.pop();
            simulation.happen(kind, index, epoch);
        }
        while let Some(root) = simulation.unsettled.pop_first() {
            simulation.settle(root);
        }
        moments = moments.wrapping_add(1);
        if moments.is_multiple_of(1024) {
            ended(simulation.ended);
        }
    }
    simulation.finish()
}

/// What a job is doing.
#[derive(Debug, Clone)]
struct Progress {
    /// Work that is kept.
    kept: Moment,
    /// How often in a row it was stopped before it kept any work.
    in_vain: u32,
    /// Events of an earlier stretch are void.
    epoch: u32,
    /// The stretch it runs, and the counted resource and usage it holds.
    running: Option<(Stretch, Amount)>,
    /// Since when it waits.
    waits_since: Option<Moment>,
    started: bool,
    random: Option<ChaCha8Rng>,
    /// What it was last told to wait for, where it is followed.
    told: Vec<Obstacle>,
}

struct Simulation<'a> {
    jobs: &'a [Job],
    options: &'a Options,
    snapshot: Snapshot,
    pending: Pending,
    screen: Screen,
    events: BinaryHeap<Event>,
    unsettled: BTreeSet<Id<Node>>,
    now: Moment,
    /// Jobs that have ended.
    ended: usize,
    progress: Vec<Progress>,
    outcomes: Vec<JobOutcome>,
    tallies: Vec<BTreeMap<Group, Tally>>,
    waiting: BTreeMap<Group, Held>,
    held: Vec<Vec<Held>>,
    quota: Vec<Vec<Held>>,
    quotas: BTreeMap<(Id<Node>, Id<FlavorResource>), Quota>,
    quota_since: Moment,
    steps: Vec<Step>,
}

const NEW: Progress = Progress {
    kept: 0,
    in_vain: 0,
    epoch: 0,
    running: None,
    waits_since: None,
    started: false,
    random: None,
    told: Vec::new(),
};

impl<'a> Simulation<'a> {
    fn new(cluster: Cluster, jobs: &'a [Job], options: &'a Options) -> Self {
        let workloads = jobs.iter().map(|job| Workload {
            name: job.name.clone(),
            queue: job.queue,
            priority: job.priority,
            created: job.arrival,
            pod_sets: job.pod_sets.clone(),
            flavors: job.flavors.clone(),
        });
        let snapshot = Snapshot::new(cluster, workloads.collect());
        let cluster = &snapshot.cluster;
        let periods = options.periods.len().max(1);
        let mut events = BinaryHeap::with_capacity(jobs.len() + periods);
        for (index, job) in jobs.iter().enumerate() {
            events.push(Reverse((job.arrival, Kind::Arrive, index, 0)));
            if let Some(leaves) = job.leaves {
                events.push(Reverse((leaves.max(job.arrival + 1), Kind::Leave, index, 0)));
            }
        }
        for (index, at) in options.periods.iter().enumerate().skip(1) {
            events.push(Reverse((*at, Kind::Period, index, 0)));
        }
        for (index, change) in options.changes.iter().enumerate() {
            events.push(Reverse((change.at, Kind::Change, index, 0)));
        }
        let quotas = (0..cluster.nodes.len())
            .flat_map(|node| {
                let of = cluster.nodes[node].quotas.iter();
                of.map(move |(column, quota)| ((Id::new(node), *column), *quota))
            })
            .collect();
        let empty = JobOutcome {
            state: State::Waiting,
            first_start: None,
            end: None,
            waited: 0,
            preemptions: 0,
            failures: 0,
            interruptions: 0,
            lost: 0,
            never_fits: false,
        };
        Self {
            jobs,
            options,
            pending: Pending::new(&snapshot),
            screen: Screen::new(&snapshot),
            events,
            unsettled: BTreeSet::new(),
            now: 0,
            ended: 0,
            progress: vec![NEW; jobs.len()],
            outcomes: vec![empty; jobs.len()],
            tallies: vec![BTreeMap::new(); periods],
            waiting: BTreeMap::new(),
            held: vec![vec![0; cluster.columns.len()]; periods],
            quota: vec![vec![0; cluster.columns.len()]; periods],
            quotas,
            quota_since: options.periods.first().copied().unwrap_or(0),
            steps: Vec::new(),
            snapshot,
        }
    }

    fn happen(&mut self, kind: Kind, index: usize, epoch: u32) {
        match kind {
            Kind::Period => self.close_period(index - 1),
            Kind::Change => self.change_quota(index),
            Kind::Arrive => self.arrive(index),
            Kind::Back if self.outcomes[index].state == State::Left => {}
            Kind::Back => self.wait(index),
            Kind::Leave => self.leave(index),
            Kind::Finish | Kind::Fail | Kind::Interrupt if self.progress[index].epoch != epoch => {}
            Kind::Finish => self.end_job(index),
            Kind::Fail => self.fail(index),
            Kind::Interrupt => self.interrupt(index),
        }
    }

    fn arrive(&mut self, index: usize) {
        self.note(index, || What::Arrived);
        let (group, asked) = (self.group(index), self.work_left(index));
        let period = self.period(self.now);
        let tally = self.tallies[period].entry(group).or_default();
        tally.arrived += 1;
        tally.asked += asked;
        self.wait(index);
    }

    fn wait(&mut self, index: usize) {
        self.progress[index].waits_since = Some(self.now);
        *self.waiting.entry(self.group(index)).or_default() += self.work_left(index);
        self.pending.push(&self.snapshot, Id::new(index));
        self.unsettled.insert(self.pending.root(self.jobs[index].queue));
    }

    /// Runs cycles in a tree until no head of it can start.
    fn settle(&mut self, root: Id<Node>) {
        loop {
            let heads = self.pending.heads(root);
            if heads.is_empty() {
                return;
            }
            let decisions = cycle(&mut self.snapshot, &heads, &self.options.sharing, self.now);
            let mut preempted = false;
            for (id, decision) in decisions {
                match decision {
                    Decision::Admitted { counts, borrowing } => self.start(id, &counts, borrowing),
                    Decision::Preempting(targets) => {
                        self.preempt(id, &targets);
                        preempted = true;
                    }
                    Decision::Overtaken => {}
                    Decision::Waiting(obstacles) => self.park(id, obstacles, false),
                    Decision::NoFit(obstacles) => {
                        let never =
                            obstacles.iter().all(|of| !matches!(of, Obstacle::Missing { .. }));
                        self.park(id, obstacles, never);
                    }
                }
            }
            if preempted {
                self.wake(root);
            }
        }
    }

    fn wake(&mut self, root: Id<Node>) {
        let (screen, snapshot) = (&mut self.screen, &self.snapshot);
        screen.begin();
        let sharing = &self.options.sharing;
        self.pending.wake(root, |id| screen.could_start(snapshot, id, sharing));
        self.unsettled.insert(root);
    }

    fn park(&mut self, id: Id<Workload>, obstacles: Vec<Obstacle>, never: bool) {
        let index = id.index();
        if never && self.options.changes.is_empty() {
            self.outcomes[index].never_fits = true;
        }
        if self.follows(index) && self.progress[index].told != obstacles {
            self.progress[index].told.clone_from(&obstacles);
            let what = if never { What::NeverFits(obstacles) } else { What::Waits(obstacles) };
            self.steps.push(Step { at: self.now, job: index, what });
        }
        self.pending.park(&self.snapshot, id);
    }

    fn start(&mut self, id: Id<Workload>, counts: &[i64], borrowing: u32) {
        let index = id.index();
        self.pending.remove(&self.snapshot, id);
        self.stop_waiting(index);
        let job = &self.jobs[index];
        let asked: i64 = job.pod_sets.iter().map(|set| set.count).sum();
        let pods = (asked.max(1), counts.iter().sum::<i64>().max(1));
        let counted = self.counted_usage(id);
        if self.follows(index) {
            let usage = self.snapshot.admission(id).map(|held| held.usage.clone());
            let usage = usage.unwrap_or_default();
            let what = What::Started { usage, borrowing, pods };
            self.steps.push(Step { at: self.now, job: index, what });
            self.progress[index].told.clear();
        }
        let progress = &self.progress[index];
        let stretch = Stretch {
            begin: self.now,
            idle: if progress.started { job.restart } else { 0 },
            work: job.work - progress.kept,
            pods,
            checkpoint: job.checkpoint,
        };
        self.progress[index].started = true;
        self.outcomes[index].state = State::Running;
        self.outcomes[index].first_start.get_or_insert(self.now);
        self.run_stretch(index, stretch, counted, 0);
    }

    /// Lets a job run until it ends or something happens to its nodes; during `safe` nothing does.
    fn run_stretch(&mut self, index: usize, stretch: Stretch, counted: Amount, safe: Moment) {
        self.progress[index].running = Some((stretch, counted));
        self.progress[index].epoch += 1;
        let epoch = self.progress[index].epoch;
        let end = stretch.end();
        let fault = self
            .next_fault(index, counted)
            .map(|(kind, after)| (kind, (stretch.begin + safe).saturating_add(after)));
        match fault {
            Some((kind, at)) if at < end => self.events.push(Reverse((at, kind, index, epoch))),
            _ => self.events.push(Reverse((end, Kind::Finish, index, epoch))),
        }
    }

    /// What happens first to one of a job's nodes, and after how long.
    fn next_fault(&mut self, index: usize, counted: Amount) -> Option<(Kind, Moment)> {
        let faults = &self.options.faults;
        let rate = |mean: Moment| if mean > 0 { 1.0 / mean as f64 } else { 0.0 };
        let nodes = (counted.max(1) + faults.node_size.max(1) - 1) / faults.node_size.max(1);
        let fails = faults.node_mtbf.map_or(0.0, |mean| rate(mean) * nodes as f64);
        let held = self.snapshot.admission(Id::new(index));
        let taken: f64 = faults
            .interruptions
            .iter()
            .filter(|(flavor, _)| {
                held.is_some_and(|held| {
                    held.usage.iter().any(|(column, _)| {
                        self.snapshot.cluster.columns[column.index()].flavor == *flavor
                    })
                })
            })
            .map(|(_, mean)| rate(*mean) * nodes as f64)
            .sum();
        if fails + taken <= 0.0 {
            return None;
        }
        let name = &self.jobs[index].name;
        let random = self.progress[index]
            .random
            .get_or_insert_with(|| self.options.draws.stream(&format!("job/{name}/nodes")));
        let after = -libm::log(inside_unit(random)) / (fails + taken);
        let kind = if inside_unit(random) * (fails + taken) < fails {
            Kind::Fail
        } else {
            Kind::Interrupt
        };
        #[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates")]
        let after = after.ceil() as Moment;
        Some((kind, after))
    }

    fn preempt(&mut self, id: Id<Workload>, targets: &[Target]) {
        let by = id.index();
        self.note(by, || {
            What::Preempts(targets.iter().map(|of| (of.workload.index(), of.why)).collect())
        });
        for target in targets {
            let index = target.workload.index();
            let Yield { lost, .. } = self.stop(index);
            self.outcomes[index].preemptions += 1;
            let period = self.period(self.now);
            let group = self.group(index);
            self.tallies[period].entry(group).or_default().preemptions += 1;
            self.note(index, || What::Preempted { by, why: target.why, lost });
            self.requeue(index);
        }
        self.pending.stick(&self.snapshot, id);
    }

    fn requeue(&mut self, index: usize) {
        match self.jobs[index].when_stopped {
            WhenStopped::Requeues => {
                let doubled =
                    self.options.requeue << (self.progress[index].in_vain.clamp(1, 16) - 1);
                let back = self.now + doubled.min(self.options.requeue.max(HOUR));
                self.events.push(Reverse((back, Kind::Back, index, 0)));
            }
            WhenStopped::Ends => {
                self.outcomes[index].state = State::Lost;
                self.outcomes[index].end = Some(self.now);
                self.ended += 1;
            }
        }
    }

    /// Takes a job's quota back.
    fn stop(&mut self, index: usize) -> Yield {
        let yielded = self.close_stretch(index);
        let in_vain = &mut self.progress[index].in_vain;
        *in_vain = if yielded.kept > 0 { 0 } else { *in_vain + 1 };
        self.release(index);
        self.outcomes[index].state = State::Waiting;
        yielded
    }

    fn release(&mut self, index: usize) {
        self.progress[index].epoch += 1;
        self.snapshot.release(Id::new(index));
    }

    /// Books what a stretch came to up to now.
    fn close_stretch(&mut self, index: usize) -> Yield {
        let Some((stretch, counted)) = self.progress[index].running.take() else {
            return Yield::default();
        };
        let yielded = stretch.stopped(self.now);
        self.progress[index].kept += yielded.kept;
        self.outcomes[index].lost += yielded.lost;
        self.book(index, stretch.begin, counted, yielded);
        yielded
    }

    fn fail(&mut self, index: usize) {
        let counted = self.progress[index].running.map_or(0, |(_, counted)| counted);
        let pods = self.progress[index].running.map_or((1, 1), |(stretch, _)| stretch.pods);
        let Yield { lost, .. } = self.close_stretch(index);
        self.outcomes[index].failures += 1;
        self.note(index, || What::Failed { lost });
        let (job, downtime) = (&self.jobs[index], self.options.faults.downtime);
        let stretch = Stretch {
            begin: self.now,
            idle: downtime + job.restart,
            work: job.work - self.progress[index].kept,
            pods,
            checkpoint: job.checkpoint,
        };
        self.run_stretch(index, stretch, counted, downtime);
    }

    fn interrupt(&mut self, index: usize) {
        let Yield { lost, .. } = self.stop(index);
        self.outcomes[index].interruptions += 1;
        self.note(index, || What::Interrupted { lost });
        self.requeue(index);
        self.wake(self.pending.root(self.jobs[index].queue));
    }

    fn end_job(&mut self, index: usize) {
        self.close_stretch(index);
        self.release(index);
        self.outcomes[index].state = State::Finished;
        self.outcomes[index].end = Some(self.now);
        self.ended += 1;
        self.note(index, || What::Finished);
        self.wake(self.pending.root(self.jobs[index].queue));
    }

    /// Withdraws a job that is not over.
    fn leave(&mut self, index: usize) {
        match self.outcomes[index].state {
            State::Finished | State::Lost | State::Left => return,
            State::Running => {
                self.close_stretch(index);
                self.release(index);
            }
            State::Waiting => {
                if self.progress[index].waits_since.is_some() {
                    self.stop_waiting(index);
                    self.pending.remove(&self.snapshot, Id::new(index));
                }
            }
        }
        self.outcomes[index].state = State::Left;
        self.outcomes[index].end = Some(self.now);
        self.ended += 1;
        self.note(index, || What::Left);
        self.wake(self.pending.root(self.jobs[index].queue));
    }

    fn stop_waiting(&mut self, index: usize) {
        if let Some(since) = self.progress[index].waits_since.take() {
            self.outcomes[index].waited += self.now - since;
            *self.waiting.entry(self.group(index)).or_default() -= self.work_left(index);
        }
    }

    fn change_quota(&mut self, index: usize) {
        self.book_quota();
        let Change { node, column, quota, .. } = self.options.changes[index];
        self.quotas.insert((node, column), quota);
        let quotas = &self.quotas;
        let cluster = &self.snapshot.cluster;
        self.snapshot.tree.requota(cluster, |node, column| quotas.get(&(node, column)).copied());
        let root = self.snapshot.cluster.root(node);
        self.wake(root);
    }

    fn group(&self, index: usize) -> Group {
        let Job { queue, priority, mark, .. } = self.jobs[index];
        Group { queue, priority, mark }
    }

    fn counted(&self, index: usize) -> Amount {
        total(&self.jobs[index].pod_sets, self.options.counted.index())
    }

    fn work_left(&self, index: usize) -> Held {
        let work = self.jobs[index].work - self.progress[index].kept;
        Held::from(work) * Held::from(self.counted(index))
    }

    fn counted_usage(&self, id: Id<Workload>) -> Amount {
        let Some(held) = self.snapshot.admission(id) else { return 0 };
        held.usage
            .iter()
            .filter(|(column, _)| {
                let of = self.snapshot.cluster.columns[column.index()];
                of.resource == self.options.counted
            })
            .map(|(_, amount)| *amount)
            .sum()
    }

    fn period(&self, at: Moment) -> usize {
        self.options.periods.partition_point(|begin| *begin <= at).max(1) - 1
    }

    /// Books a stretch that ends now, by periods in proportion to time.
    fn book(&mut self, index: usize, begin: Moment, counted: Amount, yielded: Yield) {
        let group = self.group(index);
        let whole = Held::from(self.now - begin);
        if whole == 0 {
            return;
        }
        let asked = Held::from(self.counted(index));
        let (useful, lost) = (Held::from(yielded.kept) * asked, Held::from(yielded.lost) * asked);
        let usage = self.snapshot.admission(Id::new(index)).map(|held| held.usage.clone());
        let (mut at, mut booked) = (begin, 0);
        for period in self.period(begin)..=self.period(self.now) {
            let next = self.options.periods.get(period + 1).copied().unwrap_or(self.now);
            let until = next.min(self.now);
            let span = Held::from(until - at);
            // Parts by difference of rounded sums, so that they add up to the whole.
            let part = |of: Held| of * (booked + span) / whole - of * booked / whole;
            let tally = self.tallies[period].entry(group).or_default();
            tally.held += span * Held::from(counted);
            tally.useful += part(useful);
            tally.lost += part(lost);
            for (column, amount) in usage.iter().flatten() {
                self.held[period][column.index()] += span * Held::from(*amount);
            }
            (at, booked) = (until, booked + span);
        }
    }

    /// Books the quota there was since it was last booked.
    fn book_quota(&mut self) {
        let begin = self.quota_since;
        self.quota_since = self.now;
        let mut at = begin;
        for period in self.period(begin)..=self.period(self.now) {
            let next = self.options.periods.get(period + 1).copied().unwrap_or(self.now);
            let until = next.min(self.now);
            for ((_, column), quota) in &self.quotas {
                self.quota[period][column.index()] +=
                    Held::from(until - at) * Held::from(quota.nominal);
            }
            at = until;
        }
    }

    fn close_period(&mut self, period: usize) {
        for (group, waiting) in &self.waiting {
            if *waiting != 0 {
                self.tallies[period].entry(*group).or_default().unmet = *waiting;
            }
        }
    }

    fn follows(&self, index: usize) -> bool {
        match &self.options.follow {
            Follow::Nobody => false,
            Follow::All => true,
            Follow::Job(name) => *name == self.jobs[index].name,
        }
    }

    fn note(&mut self, index: usize, what: impl FnOnce() -> What) {
        if self.follows(index) {
            self.steps.push(Step { at: self.now, job: index, what: what() });
        }
    }

    fn finish(mut self) -> Outcome {
        if let Some(end) = self.options.end {
            self.now = end;
        }
        for index in 0..self.jobs.len() {
            if let Some((stretch, counted)) = self.progress[index].running {
                let Yield { kept, lost } = stretch.stopped(self.now);
                // What is not written yet is not lost either.
                self.book(index, stretch.begin, counted, Yield { kept: kept + lost, lost: 0 });
            }
            if let Some(since) = self.progress[index].waits_since {
                self.outcomes[index].waited += self.now - since;
            }
        }
        self.book_quota();
        let last = self.period(self.now);
        self.close_period(last);
        Outcome {
            jobs: self.outcomes,
            tallies: self.tallies,
            held: self.held,
            quota: self.quota,
            end: self.now,
            steps: self.steps,
        }
    }
}
