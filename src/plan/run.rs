//! Runs of training and batch: when they start, what they work, how they are saved and when they must be finished.

use crate::calendar::Date;
use crate::estimate::Estimate;
use crate::plan::demand::Growth;
use crate::source::Span;

/// A run of training or batch.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its name.
    pub name: String,
    /// When it starts.
    pub when: RunTimes,
    /// What it takes.
    pub work: RunWork,
    /// The fewest GPUs that a gang starts with where a queue has no room for all; all where absent.
    pub min_gpus: Option<f64>,
    /// Hour of the day, UTC, at which it starts, 0 to 24.
    pub start_hour: f64,
    /// Failures an hour of the whole run, where stated.
    pub restarts_per_hour: Option<Estimate>,
    /// How it saves its state, if it does.
    pub checkpoint: Option<Checkpoint>,
    /// When a run whose length is given must be finished; `work` has its window instead.
    pub finish: Option<Finish>,
    /// Whether the deadline may be missed.
    pub deadline: Deadline,
    /// Where the plan says it.
    pub origin: Span,
}

/// How a run saves its state.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Checkpoint {
    /// Work between two, in hours.
    pub every_hours: f64,
    /// How long one takes, in hours.
    pub takes_hours: f64,
    /// From a failure until it works again, in hours.
    pub restore_hours: f64,
}

/// Whether a deadline may be missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Deadline {
    /// It may not: a likely miss is a finding.
    #[default]
    Hard,
    /// It may: a likely miss is only shown.
    Soft,
}

/// When a run starts.
#[derive(Debug, Clone)]
pub enum RunTimes {
    /// Once.
    At(Date),
    /// Again and again, from a day (the horizon's first where absent) until a day.
    Every {
        /// How often.
        every: Every,
        /// The first day.
        from: Option<Date>,
        /// The last day it may start.
        until: Option<Date>,
    },
}

/// How often a run repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// Every so many days.
    Days(u32),
    /// Every so many calendar months.
    Months(u32),
}

/// What a run takes.
#[derive(Debug, Clone)]
pub enum RunWork {
    /// So many GPUs for so long.
    Gang {
        /// GPUs, all or none.
        gpus: f64,
        /// Hours.
        hours: Estimate,
    },
    /// Compute given in FLOPs.
    Flops {
        /// Floating-point operations in all.
        flops: Estimate,
        /// GPUs, all or none.
        gpus: f64,
        /// Model FLOPs utilisation, 0 to 1.
        mfu: Estimate,
        /// The number format whose peak counts; `bf16` where not stated.
        dtype: String,
    },
    /// Work to be finished in time, spread evenly over the window.
    Work {
        /// In `unit`.
        amount: Estimate,
        /// What is counted.
        unit: WorkUnit,
        /// Growth of the amount.
        growth: Vec<Growth>,
        /// When it must be finished.
        finish: Finish,
    },
}

/// What a run's work is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkUnit {
    /// GPU-hours.
    GpuHours,
    /// Core-hours.
    CoreHours,
    /// Units that the workload's capacity serves.
    Served,
}

/// When a run must be finished.
#[derive(Debug, Clone)]
pub enum Finish {
    /// So many hours after it starts.
    Within(f64),
    /// By the end of a day.
    By(Date),
}
