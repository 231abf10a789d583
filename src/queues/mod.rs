//! Queues: what runs and the sessions of workspaces wait for, and whom they stop, where quotas share a pool as Kueue shares it.
//!
//! In: a plan with quotas, its runs as jobs, and what each pool may have in each month. Out: waits,
//! preemptions, use and unmet hours by quota, priority and month, over a few draws; and findings, with
//! numbers, about quotas that promise too much, are never used, or starve a team, and runs that take more nodes than they count. `cluster` turns quotas
//! into queues, `outcome` runs the simulation, [`planner`] finds quotas
//! with which nobody waits too long. Serving in the same pool is absent: a quota is what runs
//! may have.

mod cluster;
mod findings;
mod fit;
mod outcome;
pub mod planner;

pub use findings::Finding;
pub use outcome::{Inverted, queues};

use crate::ids::Id;
use crate::plan::{Pool, Priority, Quota, Workload};

/// What a simulation of the plan's queues came to.
#[derive(Debug, Clone, Default)]
pub struct Queues {
    /// How many draws were simulated.
    pub draws: usize,
    /// By quota, then priority.
    pub lines: Vec<Line>,
    /// By pool.
    pub pools: Vec<PoolUse>,
    /// Workloads with runs that no quota serves: they are not simulated.
    pub outside: Vec<Id<Workload>>,
    /// How long each run, and each group of sessions, waited; in the order in which they are planned.
    pub waits: Vec<Waited>,
    /// What should be known of the quotas.
    pub findings: Vec<Finding>,
}

/// How long one run, or one group of sessions, waited.
#[derive(Debug, Clone, PartialEq)]
pub struct Waited {
    /// The workload.
    pub workload: Id<Workload>,
    /// What was sent.
    pub sent: Sent,
    /// The quota that serves it.
    pub quota: Id<Quota>,
    /// The pool.
    pub pool: Id<Pool>,
    /// The month in which it was sent, counted from the horizon's first.
    pub t: usize,
    /// Hours to its first start, one value a draw: to its withdrawal or the end where it never started; none
    /// in draws without it.
    pub hours: Vec<Option<f64>>,
}

/// What waits in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sent {
    /// Runs of training and batch.
    Runs,
    /// Sessions of workspaces: each ends with the working day, whether it has started or not.
    Sessions,
}

impl Sent {
    /// What is counted, in a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Sessions => "sessions",
        }
    }
}

/// The runs, or the sessions, of one quota at one priority.
#[derive(Debug, Clone)]
pub struct Line {
    /// The quota.
    pub quota: Id<Quota>,
    /// The priority; 0 where a workload states none.
    pub priority: Option<Id<Priority>>,
    /// What was sent.
    pub sent: Sent,
    /// Over the horizon.
    pub total: Figures,
    /// One entry a month, oldest first.
    pub months: Vec<Figures>,
}

/// What some runs came to: means over the draws, waits over the runs of all draws.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Figures {
    /// Runs sent.
    pub runs: f64,
    /// Of them, the share that had not started at the end.
    pub unstarted: f64,
    /// Half start within so many hours.
    pub wait_p50: f64,
    /// 95% start within so many hours.
    pub wait_p95: f64,
    /// GPU-hours (core-hours, where no quota grants GPUs) held.
    pub held: f64,
    /// Of them, useful.
    pub useful: f64,
    /// How often runs were preempted.
    pub preemptions: f64,
    /// Hours of work that wait when the month ends.
    pub unmet: f64,
}

/// How much of a pool's quotas runs held.
#[derive(Debug, Clone)]
pub struct PoolUse {
    /// The pool.
    pub pool: Id<Pool>,
    /// Held over granted, one value a month; none where nothing is granted.
    pub utilization: Vec<Option<f64>>,
}
