//! How long every run takes, where its hours go, and what would shorten it.

use serde::Serialize;

use super::money::Day;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::plan::workload::{Deadline, RunWork};

/// One run. Hours are of the run, not of its GPUs; parts are means over the draws and sum to `hours`.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunView {
    /// Whose.
    pub workload: String,
    /// Its name.
    pub run: String,
    /// Its first start within the horizon.
    pub starts: Day,
    /// Whether its work is spread over a window, which is then its length.
    pub spread: bool,
    /// Hours of work.
    pub useful_hours: f64,
    /// Hours in which it saves its state.
    pub checkpoint_hours: f64,
    /// Hours of work that failures threw away.
    pub rework_hours: f64,
    /// Hours until it works again after failures.
    pub recovery_hours: f64,
    /// The whole length, mean.
    pub hours: f64,
    /// p50 and p90 of the whole length.
    pub hours_range: (f64, f64),
    /// The share of draws in which it never ends.
    pub never: f64,
    /// How often it fails and starts again.
    pub restarts: f64,
    /// What stops it.
    pub because: String,
    /// Hours of work between two checkpoints, as the plan says.
    pub every_hours: Option<f64>,
    /// The same as Daly recommends, and the hours of the run that this saves.
    pub advice: Option<(f64, f64)>,
    /// Hours it has to its deadline, where its length is given.
    pub within_hours: Option<f64>,
    /// The share of draws in which it misses its deadline.
    pub late_chance: Option<f64>,
    /// Whether that deadline may be missed.
    pub soft: bool,
}

pub(super) fn runs(plan: &Plan, outcome: &Outcome) -> Vec<RunView> {
    let times = outcome.run_times.iter();
    times
        .map(|time| {
            let workload = &plan.workloads[time.workload];
            let run = &workload.runs[time.run];
            RunView {
                workload: workload.name.clone(),
                run: run.name.clone(),
                starts: Day(time.starts),
                spread: matches!(run.work, RunWork::Work { .. }),
                useful_hours: time.parts.useful,
                checkpoint_hours: time.parts.checkpoints,
                rework_hours: time.parts.rework,
                recovery_hours: time.parts.recovery,
                hours: time.parts.whole(),
                hours_range: time.hours,
                never: time.never,
                restarts: time.parts.failures,
                because: time.because.clone(),
                every_hours: run.checkpoint.map(|checkpoint| checkpoint.every_hours),
                advice: time.advice.map(|advice| (advice.every_hours, advice.saves_hours)),
                within_hours: time.deadline.map(|late| late.within_hours),
                late_chance: time.deadline.map(|late| late.chance),
                soft: run.deadline == Deadline::Soft,
            }
        })
        .collect()
}
