//! What every workload is asked for, at every hour of the horizon, in every draw.

use std::sync::Arc;

use crate::calendar::{Date, HOURS_PER_WEEK, Month};
use crate::ids::Id;
use crate::plan::Workload;

/// The demand of every workload, by workload index. Workloads that run (training, batch) have none.
#[derive(Debug, Clone, Default)]
pub struct Demand {
    /// One entry a workload, in the order of the plan's arena.
    pub workloads: Vec<Option<WorkloadDemand>>,
}

/// The demand of one workload. Its hourly value is `level × shape`.
#[derive(Debug, Clone)]
pub struct WorkloadDemand {
    /// Stretches of constant level, oldest first; together they cover the horizon without gap.
    /// A month is one stretch unless an event begins, ends or steps inside it.
    pub spans: Vec<LevelSpan>,
    /// How it spreads over the hours of a week; flat where absent.
    pub shape: Option<WeekShape>,
    /// What a history taught, where there is one.
    pub fitted: Option<Fitted>,
}

/// A stretch of days in one month at one level.
#[derive(Debug, Clone)]
pub struct LevelSpan {
    /// The month, counted from the horizon's first.
    pub t: usize,
    /// The first day.
    pub from: Date,
    /// The day after the last.
    pub until: Date,
    /// The mean level, one value a draw: units a second for a rate, units for a stock.
    pub level: Vec<f64>,
    /// What events multiply the serving capacity by, one value a draw; 1 where absent.
    pub capacity_factor: Option<Vec<f64>>,
}

/// An hour-of-week shape of mean 1: value at hour h = 1 + amplitude × wave\[h\].
#[derive(Debug, Clone)]
pub struct WeekShape {
    /// The wave: mean 0, largest value 1, one value an hour of the week from Monday 00:00 UTC.
    pub wave: Arc<[f64; HOURS_PER_WEEK]>,
    /// Peak over mean, less 1; one value a draw, at least 0.
    pub amplitude: Vec<f64>,
}

impl WeekShape {
    /// The value at an hour of the week, never below zero.
    #[must_use]
    pub fn at(&self, hour: usize, draw: usize) -> f64 {
        (1.0 + self.amplitude[draw] * self.wave[hour]).max(0.0)
    }
}

/// What a history taught.
#[derive(Debug, Clone)]
pub struct Fitted {
    /// Mean of each month measured, oldest first: units a second, or units.
    pub observed: Vec<(Month, f64)>,
    /// The largest measured value of each month.
    pub observed_peak: Vec<(Month, f64)>,
    /// The member of the combination with the most weight, and the seasons: `theta; season of the week`.
    pub method: String,
    /// The largest value of each month of the horizon: its median, 90% and 95% quantile, where the
    /// history tells how far a month's largest hour (or day) lies above its mean. Sizing does not use it:
    /// it follows the week's shape, and headroom is for what lies above.
    pub maxima: Vec<[f64; 3]>,
    /// How well 1, 3, 6 and 12 months would have been forecast, as far as the history is long enough.
    pub backtests: Vec<Backtest>,
    /// What should be known, in words: a short history, gaps.
    pub remarks: Vec<String>,
}

/// How well the method would have done on the last part of the history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Backtest {
    /// Months ahead that were forecast.
    pub months: usize,
    /// Mean absolute percentage error of the monthly means, 0.1 for 10%.
    pub error: f64,
    /// The same for seasonal naive.
    pub naive_error: f64,
    /// The share of months inside the 80% interval, 0 to 1.
    pub coverage_80: f64,
}

impl Demand {
    /// The demand of a workload, if it has any.
    #[must_use]
    pub fn of(&self, workload: Id<Workload>) -> Option<&WorkloadDemand> {
        self.workloads.get(workload.index()).and_then(Option::as_ref)
    }
}
