//! How long every run really takes, where its time goes, and whether it is over in time.
//!
//! In: the plan, the sample of every run and what stops it. Out: one row a run, at the first of its starts
//! within the horizon. Parts are means over the draws, so they sum to the mean length; the length has
//! quantiles. Of `work` spread over its window a row speaks of one unit: the window is its length.

use rayon::prelude::*;

use crate::calendar::Date;
use crate::capacity::factors::{Factors, RunFactors};
use crate::capacity::failing::Failing;
use crate::capacity::need::InstanceChoice;
use crate::capacity::node::Node;
use crate::capacity::per_draw::PerDraw;
use crate::capacity::runs::{peak_flops, starts, window_hours};
use crate::capacity::training::Stretch;
use crate::capacity::training::flops::flop_hours;
use crate::capacity::training::makespan::LONGEST_HOURS;
use crate::draws::quantile;
use crate::ids::Id;
use crate::plan::workload::{Run, RunWork};
use crate::plan::{Plan, Workload};

/// How long one run takes, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct RunTime {
    /// Whose.
    pub workload: Id<Workload>,
    /// Which of its runs.
    pub run: usize,
    /// Its first start within the horizon.
    pub starts: Date,
    /// Where the hours go, means over the draws; `failures` is how often it restarts.
    pub parts: Stretch,
    /// p50 and p90 of its whole length, in hours.
    pub hours: (f64, f64),
    /// The share of draws in which it never ends: it would take longer than ten years.
    pub never: f64,
    /// What stops it, in words.
    pub because: String,
    /// What saving its state at another interval would bring; absent where it saves none, or never fails.
    pub advice: Option<Advice>,
    /// The deadline of a run whose length is given.
    pub deadline: Option<Lateness>,
}

/// A better interval between checkpoints.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Advice {
    /// Hours of work between two, by Daly.
    pub every_hours: f64,
    /// Hours of the run that it saves, at the mean rate of failures; below zero where it would lose some.
    pub saves_hours: f64,
}

/// How a run stands to its deadline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lateness {
    /// Hours it has from its start.
    pub within_hours: f64,
    /// The share of draws in which it takes longer.
    pub chance: f64,
    /// p90 of the hours by which it is late, over all draws; 0 where it is in time.
    pub late_hours: f64,
}

/// How long every run takes that starts within the horizon; by workload, then run.
#[must_use]
pub fn run_times(plan: &Plan, factors: &Factors, choices: &[InstanceChoice]) -> Vec<RunTime> {
    let runs: Vec<(Id<Workload>, usize)> = plan
        .workloads
        .iter()
        .flat_map(|(id, workload)| (0..workload.runs.len()).map(move |run| (id, run)))
        .collect();
    let of = |(workload, run)| of_run(plan, factors, choices, workload, run);
    runs.into_par_iter().filter_map(of).collect()
}

fn of_run(
    plan: &Plan,
    factors: &Factors,
    choices: &[InstanceChoice],
    workload: Id<Workload>,
    place: usize,
) -> Option<RunTime> {
    let run = &plan.workloads[workload].runs[place];
    let node = Node::of_pool(plan, choices, plan.workloads[workload].pool?)?;
    let (first, last) = (plan.horizon.first_day(), plan.horizon.months - 1);
    let starts =
        starts(plan, run, plan.horizon.month(last)).into_iter().find(|day| *day >= first)?;
    let failing = Failing::of(plan, factors, workload, place, &node);
    let useful = useful_hours(
        plan,
        &node,
        run,
        &factors.of(workload).runs[place],
        starts,
        failing.as_ref(),
    )?;
    let draws = plan.draws.count();
    let mut parts = Stretch::default();
    let mut whole = Vec::with_capacity(draws);
    for draw in 0..draws {
        let useful = useful.at(draw);
        let of_draw = match &failing {
            Some(failing) => limited(failing.at(draw).stretch(useful)),
            None => Stretch { useful, ..Stretch::default() },
        };
        parts.useful += of_draw.useful;
        parts.checkpoints += of_draw.checkpoints;
        parts.rework += of_draw.rework;
        parts.recovery += of_draw.recovery;
        parts.failures += of_draw.failures;
        whole.push(of_draw.whole());
    }
    for part in [
        &mut parts.useful,
        &mut parts.checkpoints,
        &mut parts.rework,
        &mut parts.recovery,
        &mut parts.failures,
    ] {
        *part /= draws as f64;
    }
    let share = |is: &dyn Fn(f64) -> bool| {
        whole.iter().filter(|hours| is(**hours)).count() as f64 / draws as f64
    };
    let deadline = run.finish.as_ref().map(|finish| {
        let within_hours = window_hours(finish, starts, run.start_hour.floor());
        Lateness {
            within_hours,
            chance: share(&|hours| hours > within_hours),
            late_hours: (quantile(&whole, 0.9) - within_hours).max(0.0),
        }
    });
    Some(RunTime {
        workload,
        run: place,
        starts,
        hours: (quantile(&whole, 0.5), quantile(&whole, 0.9)),
        never: share(&|hours| hours >= LONGEST_HOURS),
        because: failing.as_ref().map_or("nothing stops it".into(), |f| f.because.clone()),
        advice: failing.as_ref().and_then(|failing| advice(failing, parts.useful)),
        deadline,
        parts,
    })
}

/// Hours of work of a run that nothing stops; of spread work, those that one unit does in the window.
fn useful_hours(
    plan: &Plan,
    node: &Node,
    run: &Run,
    sample: &RunFactors,
    starts: Date,
    failing: Option<&Failing>,
) -> Option<PerDraw> {
    match (&run.work, sample) {
        (RunWork::Gang { .. }, RunFactors::Hours(hours)) => Some(hours.clone()),
        (RunWork::Flops { gpus, dtype, .. }, RunFactors::Flops { flops, mfu }) => {
            let peak = peak_flops(plan, node, dtype)?;
            Some(flops.zip(mfu, |flops, mfu| flop_hours(flops, *gpus, peak, mfu)))
        }
        (RunWork::Work { finish, .. }, _) => {
            let window = window_hours(finish, starts, run.start_hour.floor());
            let units = failing.map_or(PerDraw::Same(1.0), |f| f.units(window));
            Some(units.map(|units| window / units))
        }
        _ => None,
    }
}

/// A run that never ends is cut after ten years: what is left of them is rework.
fn limited(stretch: Stretch) -> Stretch {
    let over = stretch.whole() - LONGEST_HOURS;
    if over <= 0.0 {
        return stretch;
    }
    let kept = |part: f64| if part.is_finite() { part.min(LONGEST_HOURS) } else { LONGEST_HOURS };
    let useful = kept(stretch.useful);
    let share = LONGEST_HOURS / stretch.whole();
    Stretch {
        useful,
        checkpoints: 0.0,
        recovery: 0.0,
        rework: LONGEST_HOURS - useful,
        failures: if share > 0.0 { stretch.failures * share } else { 0.0 },
    }
}

fn advice(failing: &Failing, useful: f64) -> Option<Advice> {
    let now = failing.at_mean();
    let every_hours = now.recommended_interval()?;
    let saves_hours = now.makespan(useful) - now.every(every_hours).makespan(useful);
    Some(Advice { every_hours, saves_hours })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::example::{
        HOURS, all, between, change_pool, close, day, fixed, month, plan as example, run, with,
        workload,
    };
    use crate::capacity::need::Resource;
    use crate::capacity::{choose_instances, factors};
    use crate::ids::Arena;
    use crate::plan::price::Purchase;
    use crate::plan::workload::{Checkpoint, Finish, WorkUnit, WorkloadKind};

    const SAVED: Checkpoint =
        Checkpoint { every_hours: 0.5, takes_hours: 0.025, restore_hours: 0.25 };

    fn train(run: Run) -> Workload {
        Workload { runs: vec![run], ..workload("train", WorkloadKind::Training) }
    }

    fn gang(hours: f64) -> Run {
        run("v1", "2027-02-01", RunWork::Gang { gpus: 16.0, hours: fixed(hours) })
    }

    fn times(plan: Plan, workload: Workload) -> (RunTime, Plan) {
        let (plan, demand) = with(plan, vec![(workload, None)]);
        let factors = factors(&plan);
        let choices = choose_instances(&plan, &demand, &factors);
        let mut found = run_times(&plan, &factors, &choices);
        assert_eq!(found.len(), 1);
        (found.remove(0), plan)
    }

    /// E[T] of the closed form, in hours.
    fn expected(work: f64, rate: f64, saved: Checkpoint) -> f64 {
        let Checkpoint { every_hours, takes_hours, restore_hours } = saved;
        let pieces = work / every_hours;
        let piece = libm::exp((every_hours + takes_hours) * rate) - 1.0;
        pieces * libm::exp(restore_hours * rate) / rate * piece
    }

    #[test]
    fn stated_restarts_and_checkpoints_stretch_a_gang_and_what_it_holds() {
        let rate = 2.0 / 168.0;
        let mut run = gang(200.0);
        (run.restarts_per_hour, run.checkpoint) = (Some(fixed(rate)), Some(SAVED));
        let whole = expected(200.0, rate, SAVED);
        let (time, plan) = times(example(), train(run));
        close(time.parts.whole(), whole);
        close(time.parts.checkpoints, 10.0);
        close(time.hours.0, whole);
        assert_eq!(time.because, "2 a week stated");
        let advice = time.advice.unwrap();
        assert!(advice.every_hours > 1.5 && advice.saves_hours > 0.0, "{advice:?}");
        let demand = crate::forecast::demand::Demand { workloads: vec![None] };
        let (_, supply, requests) = month(&plan, &demand, 0);
        all(&supply.node_hours[&Purchase::OnDemand], 2.0 * whole.ceil());
        // What is used is the work itself.
        all(&requests.workloads[0].used[&Resource::Gpu], 16.0 * 200.0);
    }

    #[test]
    fn a_failure_of_any_node_stops_a_gang_and_one_without_checkpoints_begins_again() {
        let mut plan = example();
        change_pool(&mut plan, |pool| pool.node_failures_per_day = Some(fixed(0.01)));
        let (time, _) = times(plan.clone(), train(gang(100.0)));
        let rate = -2.0 * libm::log(0.99) / 24.0;
        close(time.parts.whole(), libm::expm1(100.0 * rate) / rate);
        assert_eq!(time.because, "each of 2 nodes fails on 1% of days");
        assert_eq!((time.advice, time.parts.checkpoints), (None, 0.0));
        // What it states itself counts in place of its nodes.
        let mut stated = gang(100.0);
        stated.restarts_per_hour = Some(fixed(0.0));
        close(times(plan.clone(), train(stated)).0.parts.whole(), 100.0);
        // So long a run never ends: it holds its nodes for the whole horizon, and no sum is endless.
        let (endless, plan) = times(plan, train(gang(50_000.0)));
        close(endless.never, 1.0);
        close(endless.parts.whole(), LONGEST_HOURS);
        let demand = crate::forecast::demand::Demand { workloads: vec![None] };
        all(&month(&plan, &demand, 0).1.node_hours[&Purchase::OnDemand], 2.0 * HOURS);
    }

    fn on_spot(share: f64) -> Plan {
        let mut plan = example();
        let mut instances = plan.instances.items().to_vec();
        instances[0].prices[1].interruption_per_day = Some(fixed(0.04));
        plan.instances = Arena::new(instances);
        change_pool(&mut plan, |pool| pool.spot_share = share);
        plan
    }

    #[test]
    fn interruptions_stretch_only_what_may_run_on_spot() {
        let one = -libm::log(0.96) / 24.0;
        let mut saving = gang(100.0);
        saving.checkpoint = Some(SAVED);
        let firm = train(saving.clone());
        let calm = Checkpoint { restore_hours: 0.0, ..SAVED };
        close(times(on_spot(1.0), firm.clone()).0.parts.whole(), 100.0 * 1.05);
        let loose = Workload { interruptible: true, ..firm };
        let (time, _) = times(on_spot(1.0), loose.clone());
        close(time.parts.whole(), expected(100.0, 2.0 * one, SAVED));
        assert!(time.parts.whole() > expected(100.0, 2.0 * one, calm));
        assert_eq!(time.because, "each of 2 nodes is interrupted on 4% of days");
        close(times(on_spot(0.5), loose).0.parts.whole(), expected(100.0, one, SAVED));
    }

    #[test]
    fn spread_work_holds_more_units_and_keeps_its_window() {
        let work = RunWork::Work {
            amount: fixed(480.0),
            unit: WorkUnit::GpuHours,
            growth: vec![],
            finish: Finish::Within(10.0),
        };
        let mut nightly = run("nightly", "2027-02-01", work);
        nightly.restarts_per_hour = Some(fixed(0.1));
        let batch = Workload { interruptible: true, ..train(nightly) };
        let (time, plan) = times(on_spot(1.0), batch);
        let rate = 0.1 - libm::log(0.96) / 24.0;
        let useful = libm::log1p(10.0 * rate) / rate;
        close(time.parts.whole(), 10.0);
        close(time.parts.useful, useful);
        let demand = crate::forecast::demand::Demand { workloads: vec![None] };
        let (_, _, requests) = month(&plan, &demand, 0);
        let held = (48.0 * 10.0 / useful).ceil();
        all(&requests.workloads[0].requested[&Resource::Gpu], held * 10.0);
        all(&requests.workloads[0].used[&Resource::Gpu], 480.0);
    }

    #[test]
    fn a_deadline_is_held_against_the_stretched_length() {
        let mut plan = example();
        plan.draws = crate::draws::Draws::new(1, 200);
        let hours = between(90.0, 110.0, "workload/train/run.v1.duration");
        let mut run = run("v1", "2027-02-01", RunWork::Gang { gpus: 16.0, hours });
        run.finish = Some(Finish::By(day("2027-02-05")));
        let in_time = times(plan.clone(), train(run.clone())).0.deadline.unwrap();
        assert_eq!((in_time.within_hours, in_time.chance, in_time.late_hours), (120.0, 0.0, 0.0));
        (run.restarts_per_hour, run.checkpoint) = (Some(fixed(0.25)), Some(SAVED));
        let (time, _) = times(plan, train(run));
        let late = time.deadline.unwrap();
        let stretch = expected(1.0, 0.25, SAVED);
        assert!(late.chance > 0.3 && 99.5 * stretch > 118.0, "{late:?} {stretch}");
        close(late.late_hours, time.hours.1 - 120.0);
    }

    #[test]
    fn a_gang_on_whole_nodes_keeps_the_rest_of_a_node_that_nothing_else_fits_on() {
        let mut plan = example();
        change_pool(&mut plan, |pool| pool.gang = true);
        let work = RunWork::Gang { gpus: 13.0, hours: fixed(10.0) };
        let (_, plan) = times(plan, train(run("odd", "2027-02-01", work)));
        let demand = crate::forecast::demand::Demand { workloads: vec![None] };
        let (_, supply, requests) = month(&plan, &demand, 0);
        all(&supply.need_peak, 2.0);
        all(&requests.workloads[0].requested[&Resource::Gpu], 160.0);
        all(&requests.workloads[0].used[&Resource::Gpu], 130.0);
    }
}
