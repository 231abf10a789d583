//! What a simulation came to: each job, and hours and waits by queue, priority and period.
//!
//! Hours are whole amounts times milliseconds, so that sums are exact in any order; quotients are taken
//! last.

use std::collections::BTreeMap;

use super::assign::Obstacle;
use super::cluster::{Amount, FlavorResource, Node};
use super::job::Job;
use super::preempt::Why;
use super::snapshot::Moment;
use crate::ids::Id;

/// An amount held for a time: amount × milliseconds.
pub type Held = i128;

/// Milliseconds of an hour.
pub const HOUR: Moment = 3_600_000;

/// Amount-hours of something held.
#[must_use]
pub fn hours(held: Held) -> f64 {
    held as f64 / HOUR as f64
}

/// How a job stands at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its work is done.
    Finished,
    /// It runs still.
    Running,
    /// It waits.
    Waiting,
    /// It was preempted and is over.
    Lost,
    /// It was withdrawn before its work was done.
    Left,
}

/// What became of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobOutcome {
    /// How it stands.
    pub state: State,
    /// When it first had its quota.
    pub first_start: Option<Moment>,
    /// When it ended.
    pub end: Option<Moment>,
    /// How long it waited in all.
    pub waited: Moment,
    /// How often it was preempted.
    pub preemptions: u32,
    /// How often one of its nodes failed.
    pub failures: u32,
    /// How often it lost a node to the provider.
    pub interruptions: u32,
    /// Work that was lost.
    pub lost: Moment,
    /// Whether it asks for more than its queue could ever give.
    pub never_fits: bool,
}

/// The jobs of one queue, one priority and one mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// The queue.
    pub queue: Id<Node>,
    /// The priority.
    pub priority: i64,
    /// The mark of its jobs.
    pub mark: u8,
}

/// What one group came to in one period, of the counted resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Jobs that arrived.
    pub arrived: u64,
    /// What they ask for.
    pub asked: Held,
    /// Quota held.
    pub held: Held,
    /// Of it, work that counts.
    pub useful: Held,
    /// Of it, work that was lost.
    pub lost: Held,
    /// Preemptions.
    pub preemptions: u64,
    /// Work that waits when the period ends.
    pub unmet: Held,
}

impl JobOutcome {
    /// How long it waited for its first start, up to its withdrawal or the end of the simulation.
    #[must_use]
    pub fn first_wait(&self, job: &Job, end: Moment) -> Moment {
        self.first_start.or(self.end).unwrap_or(end) - job.arrival
    }
}

impl Tally {
    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        self.arrived += other.arrived;
        self.asked += other.asked;
        self.held += other.held;
        self.useful += other.useful;
        self.lost += other.lost;
        self.preemptions += other.preemptions;
        self.unmet += other.unmet;
    }

    /// Useful over held; none where nothing was held.
    #[must_use]
    pub fn goodput(&self) -> Option<f64> {
        (self.held > 0).then(|| self.useful as f64 / self.held as f64)
    }
}

/// Something that happened to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Moment,
    /// To which job, by its place among the jobs.
    pub job: usize,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It was sent.
    Arrived,
    /// It waits, because of these.
    Waits(Vec<Obstacle>),
    /// It can never start in its queue, because of these.
    NeverFits(Vec<Obstacle>),
    /// It preempts these jobs.
    Preempts(Vec<(usize, Why)>),
    /// It got its quota, borrowed from a cohort of this height (0: its queue's own).
    Started {
        /// What it holds.
        usage: Vec<(Id<FlavorResource>, Amount)>,
        /// How far the loan comes from.
        borrowing: u32,
        /// Pods it has, of all it asked for.
        pods: (i64, i64),
    },
    /// It was preempted by a job.
    Preempted {
        /// By which.
        by: usize,
        /// Why.
        why: Why,
        /// Work that was lost.
        lost: Moment,
    },
    /// A node of it failed; it goes on from its last checkpoint.
    Failed {
        /// Work that was lost.
        lost: Moment,
    },
    /// The provider took a node; it waits again.
    Interrupted {
        /// Work that was lost.
        lost: Moment,
    },
    /// Its work is done.
    Finished,
    /// It was withdrawn before its work was done.
    Left,
}

/// What a simulation came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Each job, in the order given.
    pub jobs: Vec<JobOutcome>,
    /// By period and group.
    pub tallies: Vec<BTreeMap<Group, Tally>>,
    /// By period and column: what was held.
    pub held: Vec<Vec<Held>>,
    /// By period and column: the quota there was, times its duration.
    pub quota: Vec<Vec<Held>>,
    /// When it ended.
    pub end: Moment,
    /// What happened, of the jobs that were to be followed.
    pub steps: Vec<Step>,
}

/// Waits of some jobs, in milliseconds, from being sent to their first start.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Waits {
    /// Jobs.
    pub jobs: usize,
    /// Of them, those that had not started at the end: they count with the time they had waited.
    pub unstarted: usize,
    /// Half waited at most so long.
    pub p50: Moment,
    /// 95% waited at most so long.
    pub p95: Moment,
}

impl Outcome {
    /// Waits of the jobs that `of` picks.
    pub fn waits(&self, jobs: &[Job], mut of: impl FnMut(&Job) -> bool) -> Waits {
        let mut unstarted = 0;
        let mut waits: Vec<Moment> = jobs
            .iter()
            .zip(&self.jobs)
            .filter(|(job, outcome)| !outcome.never_fits && job.arrival <= self.end && of(job))
            .map(|(job, outcome)| {
                unstarted += usize::from(outcome.first_start.is_none());
                outcome.first_wait(job, self.end)
            })
            .collect();
        waits.sort_unstable();
        // The smallest wait that so many percent of the jobs do not exceed.
        let at = |percent: usize| {
            let rank = (waits.len() * percent).div_ceil(100).max(1) - 1;
            waits.get(rank).copied().unwrap_or(0)
        };
        Waits { jobs: waits.len(), unstarted, p50: at(50), p95: at(95) }
    }

    /// All periods of each group together; what waits is that of the last.
    #[must_use]
    pub fn totals(&self) -> BTreeMap<Group, Tally> {
        let mut totals: BTreeMap<Group, Tally> = BTreeMap::new();
        for period in &self.tallies {
            for (group, tally) in period {
                let total = totals.entry(*group).or_default();
                total.unmet = 0;
                total.add(tally);
            }
        }
        totals
    }

    /// Held over quota of a column in a period; none where there is no quota.
    #[must_use]
    pub fn utilization(&self, period: usize, column: Id<FlavorResource>) -> Option<f64> {
        let quota = self.quota[period][column.index()];
        (quota > 0).then(|| self.held[period][column.index()] as f64 / quota as f64)
    }
}
