//! Runs: which nodes' resources each instance of a run holds, from which hour, for how long.
//!
//! A gang holds its GPUs for its duration, in whole hours, rounded up. Work to be finished in time is
//! spread evenly over its window, on whole GPUs. No headroom: a run fills what it holds. Every instance
//! draws for itself: it takes the sample of each estimate in an order whose key is the estimate's and `@`
//! its date. A run may begin before the month, or before the horizon, and reach into it. What stops it, and
//! its checkpoints, stretch a gang's hours, and the units that `work` holds; what is used is the work alone.

use crate::calendar::{Calendar, Date, Month, days_between, plus_days};
use crate::capacity::factors::{Factors, RunFactors, one_gpu};
use crate::capacity::failing::Failing;
use crate::capacity::growth::grown;
use crate::capacity::node::{Node, Shares, Stated, Unit};
use crate::capacity::per_draw::PerDraw;
use crate::capacity::rounding::whole_up;
use crate::capacity::training::flops::flop_hours;
use crate::capacity::training::gang;
use crate::estimate::Estimate;
use crate::ids::Id;
use crate::plan::workload::{Every, Finish, Run, RunTimes, RunWork, WorkUnit};
use crate::plan::{Plan, Workload};

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
    for (place, run) in plan.workloads[workload].runs.iter().enumerate() {
        let sample = &factors.of(workload).runs[place];
        let first_hour = run.start_hour.floor();
        let failing = Failing::of(plan, factors, workload, place, node);
        for date in starts(plan, run, month) {
            let start = f64::from(days_between(month.first_day(), date)) * 24.0 + first_hour;
            let failing = failing.as_ref();
            let instance = Instance { plan, factors, workload, node, date, first_hour, failing };
            if start + instance.longest_hours(run, sample) > 0.0 {
                found.extend(instance.occupation(run, sample, start));
            }
        }
    }
    found
}

/// Every instance of the runs of a workload that starts inside the horizon, by run, then date: the place
/// of its run, its first hour counted from the horizon's, and what it holds.
pub(crate) fn instances(
    plan: &Plan,
    factors: &Factors,
    workload: Id<Workload>,
    node: &Node,
) -> Vec<(usize, f64, Occupation)> {
    let (first, last) = (plan.horizon.first_day(), plan.horizon.last());
    let mut found = Vec::new();
    for (place, run) in plan.workloads[workload].runs.iter().enumerate() {
        let sample = &factors.of(workload).runs[place];
        let first_hour = run.start_hour.floor();
        let failing = Failing::of(plan, factors, workload, place, node);
        for date in starts(plan, run, last).into_iter().filter(|date| *date >= first) {
            let start = f64::from(days_between(first, date)) * 24.0 + first_hour;
            let failing = failing.as_ref();
            let instance = Instance { plan, factors, workload, node, date, first_hour, failing };
            let occupation = instance.occupation(run, sample, start);
            found.extend(occupation.map(|occupation| (place, start, occupation)));
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
pub(crate) fn starts(plan: &Plan, run: &Run, month: Month) -> Vec<Date> {
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
                    // The same day of the usual month, as schedulers have it.
                    let month = Calendar::Gregorian.month_of(from);
                    let month = month.plus(months.unwrap_or(i32::MAX / 2));
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
    failing: Option<&'a Failing>,
}

impl Instance<'_> {
    /// The instance's own draws of an estimate.
    fn draw(&self, estimate: &Estimate, sample: &PerDraw) -> PerDraw {
        sample.reordered(self.plan.draws, || format!("{}@{}", estimate.key, self.date))
    }

    /// No draw holds it for longer: an instance's draws are the sample's in another order.
    fn longest_hours(&self, run: &Run, sample: &RunFactors) -> f64 {
        let hours = match (&run.work, sample) {
            (RunWork::Flops { gpus, dtype, .. }, RunFactors::Flops { flops, mfu }) => {
                let peak = self.peak_flops(dtype).unwrap_or(f64::INFINITY);
                flop_hours(flops.max(), *gpus, peak, mfu.min())
            }
            (RunWork::Work { finish, .. }, _) => return self.window_hours(finish) + 1.0,
            (_, RunFactors::Hours(hours) | RunFactors::Amount(hours)) => hours.max(),
            (_, RunFactors::Flops { .. }) => f64::INFINITY,
        };
        let hours = self.failing.map_or(hours, |failing| failing.longest(hours));
        // One more, since whole hours are rounded up.
        hours + 1.0
    }

    fn occupation(&self, run: &Run, sample: &RunFactors, start: f64) -> Option<Occupation> {
        let unit = units(self.factors, self.workload, run)?;
        let shares = unit.shares(self.plan, self.node);
        let gang = |useful: PerDraw, gpus: f64| {
            let hours = self.failing.map_or(useful.clone(), |failing| failing.whole(&useful));
            let count_used = match self.failing {
                None => PerDraw::Same(gpus),
                Some(_) => useful.zip(&hours, |useful, whole| gpus * (useful / whole).min(1.0)),
            };
            Occupation {
                start,
                hours: hours.map(whole_up),
                hours_used: hours,
                count: PerDraw::Same(self.gpus_held(gpus)),
                count_used,
                shares: shares.clone(),
            }
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
                let held = match self.failing {
                    None => used.clone(),
                    Some(failing) => used.times(&failing.units(window)),
                };
                let count = match unit {
                    WorkUnit::CoreHours => held,
                    WorkUnit::GpuHours | WorkUnit::Served => held.map(whole_up),
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
        let horizon = self.plan.horizon;
        usize::try_from(horizon.month_of(self.date).since(horizon.first)).unwrap_or(0)
    }

    /// The GPUs that a gang keeps from others: whole nodes first, where the pool packs so.
    fn gpus_held(&self, gpus: f64) -> f64 {
        let per_node = self.node.shape.gpus;
        let pool = self.plan.workloads[self.workload].pool;
        let packs = pool.is_some_and(|pool| self.plan.pools[pool].gang) && per_node > 0.0;
        if packs { gang::nodes(gpus, per_node) * per_node } else { gpus }
    }

    fn window_hours(&self, finish: &Finish) -> f64 {
        window_hours(finish, self.date, self.first_hour)
    }

    fn peak_flops(&self, dtype: &str) -> Option<f64> {
        peak_flops(self.plan, self.node, dtype)
    }
}

/// The hours from a run's start to the time it must be finished, whole, at least one.
pub(crate) fn window_hours(finish: &Finish, date: Date, first_hour: f64) -> f64 {
    let hours = match finish {
        Finish::Within(hours) => whole_up(*hours),
        Finish::By(day) => f64::from(days_between(date, *day) + 1) * 24.0 - first_hour,
    };
    hours.max(1.0)
}

/// FLOP/s that a node's GPU reaches at most, where its model states them.
pub(crate) fn peak_flops(plan: &Plan, node: &Node, dtype: &str) -> Option<f64> {
    plan.gpus[node.gpu?].peak_flops.get(dtype).copied()
}
