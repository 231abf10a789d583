//! Runs: which nodes' resources each instance of a run holds, from which hour, for how long.
//!
//! A gang holds its GPUs for its duration, in whole hours, rounded up. Work to be finished in time is
//! spread evenly over its window, on whole GPUs. No headroom: a run fills what it holds. Every instance
//! draws for itself: it takes the sample of each estimate in an order whose key is the estimate's and `@`
//! its date. A run may begin before the month, or before the horizon, and reach into it.

use crate::calendar::{Date, Month, days_between, plus_days};
use crate::capacity::factors::{Factors, RunFactors, one_gpu};
use crate::capacity::growth::grown;
use crate::capacity::node::{Node, Shares, Stated, Unit};
use crate::capacity::per_draw::PerDraw;
use crate::capacity::rounding::whole_up;
use crate::estimate::Estimate;
use crate::ids::Id;
use crate::plan::workload::{Every, Finish, Run, RunTimes, RunWork, WorkUnit};
use crate::plan::{Plan, Workload};

/// The greatest probability below 1 that a float holds: no draw lies beyond its quantile.
const LAST: f64 = 1.0 - f64::EPSILON / 2.0;
/// Less than the least probability of any draw.
const FIRST: f64 = 1e-30;

/// What one instance of a run holds.
#[derive(Debug, Clone)]
pub(crate) struct Occupation {
    /// The hour it starts, counted from the month's first; negative where it began earlier.
    pub start: f64,
    /// How many hours it holds what it holds, whole.
    pub hours: PerDraw,
    /// How many of them it uses.
    pub hours_used: PerDraw,
    /// How many units it holds.
    pub count: PerDraw,
    /// How many of them it uses.
    pub count_used: PerDraw,
    /// What a unit takes of a node.
    pub shares: Shares,
}

/// The instances of all runs of a workload that may hold something in month `t`, by run, then date.
pub(crate) fn occupations(
    plan: &Plan,
    factors: &Factors,
    workload: Id<Workload>,
    node: &Node,
    t: usize,
) -> Vec<Occupation> {
    let month = plan.horizon.month(t);
    let mut found = Vec::new();
    for (run, sample) in plan.workloads[workload].runs.iter().zip(&factors.of(workload).runs) {
        let first_hour = run.start_hour.floor();
        for date in starts(plan, run, month) {
            let start = f64::from(days_between(month.first_day(), date)) * 24.0 + first_hour;
            let instance = Instance { plan, factors, workload, node, date, first_hour };
            if start + instance.longest_hours(run) > 0.0 {
                found.extend(instance.occupation(run, sample, start));
            }
        }
    }
    found
}

/// The units of work that runs of a workload hold: for telling which resources they state.
pub(crate) fn units(factors: &Factors, workload: Id<Workload>, run: &Run) -> Option<Unit> {
    match &run.work {
        RunWork::Gang { .. } | RunWork::Flops { .. } => Some(one_gpu()),
        RunWork::Work { unit, .. } => match unit {
            WorkUnit::GpuHours => Some(one_gpu()),
            WorkUnit::CoreHours => Some(one_core()),
            WorkUnit::Served => factors.of(workload).main.as_ref().map(|main| main.unit.clone()),
        },
    }
}

fn one_core() -> Unit {
    Unit::Stated(Stated { cores: Some(PerDraw::Same(1.0)), ..Stated::default() })
}

/// The days on which a run starts, up to the end of `month`.
fn starts(plan: &Plan, run: &Run, month: Month) -> Vec<Date> {
    let last = month.last_day();
    match &run.when {
        RunTimes::At(date) => Some(*date).filter(|date| *date <= last).into_iter().collect(),
        RunTimes::Every { every, from, until } => {
            let from = from.unwrap_or_else(|| plan.horizon.first_day());
            let last = until.map_or(last, |until| until.min(last));
            let nth = |n: u32| match every {
                Every::Days(days) => plus_days(
                    from,
                    i32::try_from(n.saturating_mul(*days.max(&1))).unwrap_or(i32::MAX),
                ),
                Every::Months(months) => {
                    let months = i32::try_from(n.saturating_mul(*months.max(&1)));
                    let month = Month::of(from).plus(months.unwrap_or(i32::MAX / 2));
                    let day = i32::from(from.day()).min(i32::try_from(month.days()).unwrap_or(28));
                    plus_days(month.first_day(), day - 1)
                }
            };
            (0..=u32::MAX).map(nth).take_while(|date| *date <= last).collect()
        }
    }
}

/// One instance of a run.
struct Instance<'a> {
    plan: &'a Plan,
    factors: &'a Factors,
    workload: Id<Workload>,
    node: &'a Node,
    date: Date,
    first_hour: f64,
}

impl Instance<'_> {
    /// The instance's own draws of an estimate.
    fn draw(&self, estimate: &Estimate, sample: &PerDraw) -> PerDraw {
        sample.reordered(self.plan.draws, || format!("{}@{}", estimate.key, self.date))
    }

    /// No draw holds it for longer.
    fn longest_hours(&self, run: &Run) -> f64 {
        let hours = match &run.work {
            RunWork::Gang { hours, .. } => hours.dist.quantile(LAST),
            RunWork::Flops { flops, gpus, mfu, dtype } => {
                let peak = self.peak_flops(dtype).unwrap_or(f64::INFINITY);
                flop_hours(flops.dist.quantile(LAST), *gpus, peak, mfu.dist.quantile(FIRST))
            }
            RunWork::Work { finish, .. } => self.window_hours(finish),
        };
        // One more, since whole hours are rounded up.
        hours + 1.0
    }

    fn occupation(&self, run: &Run, sample: &RunFactors, start: f64) -> Option<Occupation> {
        let unit = units(self.factors, self.workload, run)?;
        let shares = unit.shares(self.plan, self.node);
        let gang = |hours: PerDraw, gpus: f64| Occupation {
            start,
            hours: hours.map(whole_up),
            hours_used: hours,
            count: PerDraw::Same(gpus),
            count_used: PerDraw::Same(gpus),
            shares: shares.clone(),
        };
        match (&run.work, sample) {
            (RunWork::Gang { gpus, hours }, RunFactors::Hours(sample)) => {
                Some(gang(self.draw(hours, sample), *gpus))
            }
            (
                RunWork::Flops { flops, gpus, mfu, dtype },
                RunFactors::Flops { flops: f, mfu: m },
            ) => {
                let peak = self.peak_flops(dtype)?;
                let hours = self
                    .draw(flops, f)
                    .zip(&self.draw(mfu, m), |flops, mfu| flop_hours(flops, *gpus, peak, mfu));
                Some(gang(hours, *gpus))
            }
            (RunWork::Work { amount, unit, growth, finish }, RunFactors::Amount(sample)) => {
                let t = self.start_month();
                let amount = grown(self.plan, &self.draw(amount, sample), growth, t);
                let window = self.window_hours(finish);
                let unit_hours = match unit {
                    WorkUnit::GpuHours | WorkUnit::CoreHours => amount,
                    WorkUnit::Served => {
                        let main = self.factors.of(self.workload).main.as_ref()?;
                        let serves = main.serves_at(t, self.node.gpu);
                        amount.zip(&serves, |amount, serves| amount / (serves * 3600.0))
                    }
                };
                let used = unit_hours.map(|unit_hours| unit_hours / window);
                let count = match unit {
                    WorkUnit::CoreHours => used.clone(),
                    WorkUnit::GpuHours | WorkUnit::Served => used.map(whole_up),
                };
                let hours = PerDraw::Same(window);
                let hours_used = hours.clone();
                Some(Occupation { start, hours, hours_used, count, count_used: used, shares })
            }
            // The samples were made of these very runs.
            _ => None,
        }
    }

    /// The month it starts in, counted from the horizon's first; 0 before it.
    fn start_month(&self) -> usize {
        usize::try_from(Month::of(self.date).since(self.plan.horizon.first)).unwrap_or(0)
    }

    /// The hours from its start to the time it must be finished, whole, at least one.
    fn window_hours(&self, finish: &Finish) -> f64 {
        let hours = match finish {
            Finish::Within(hours) => whole_up(*hours),
            Finish::By(day) => {
                f64::from(days_between(self.date, *day) + 1) * 24.0 - self.first_hour
            }
        };
        hours.max(1.0)
    }

    fn peak_flops(&self, dtype: &str) -> Option<f64> {
        let model = &self.plan.gpus[self.node.gpu?];
        model.peak_flops.get(dtype).copied()
    }
}

/// Hours that so many floating-point operations take.
///
/// # Source
/// GPU-hours = FLOPs ÷ (MFU · peak · 3600): Chowdhery et al. (2022), appendix B.
#[must_use]
pub fn flop_hours(flops: f64, gpus: f64, peak_flops: f64, mfu: f64) -> f64 {
    flops / (gpus * peak_flops * mfu) / 3600.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_runs_come_out_at_their_gpu_hours() {
        // training.json: parameters, tokens, peak, the model FLOPs utilisation that the GPU-hours imply.
        for (parameters, tokens, peak, mfu, gpu_hours) in [
            (13e9, 1e12, 312e12, 0.513_763_941_498_316_5, 135_168.0),
            (69e9, 2e12, 312e12, 0.428_513_001_755_189_3, 1_720_320.0),
            (8.03e9, 15e12, 989e12, 0.156_140_623_784_708_75, 1.3e6),
            (405e9, 15.6e12, 989e12, 0.345_237_299_005_008_4, 30.84e6),
            (8e9, 1e12, 989e12, 0.4, 33_704.078_193_461_406),
        ] {
            let hours = 256.0 * flop_hours(6.0 * parameters * tokens, 256.0, peak, mfu);
            assert!((hours / gpu_hours - 1.0).abs() < 1e-9, "{hours} {gpu_hours}");
        }
    }
}
