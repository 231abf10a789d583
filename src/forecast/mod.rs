//! Demand over the horizon: history, growth and events in, one path a draw out.
//!
//! The level of a month is base × growth (or what history says × growth), then events multiply, then
//! they add; it is constant between the days on which an event begins, steps or is over. Every variable
//! is drawn once for all months. Absent: what serves the demand.

pub mod demand;
mod event;
mod fit;
pub mod growth;
#[cfg(test)]
pub mod sample;
mod wave;

use std::sync::Arc;

use rayon::prelude::*;

use crate::calendar::{Date, HOURS_PER_WEEK, Horizon, Month, plus_days};
use crate::draws::{Draws, quantile};
use crate::forecast::demand::{Demand, Fitted, LevelSpan, WeekShape, WorkloadDemand};
use crate::forecast::event::Effects;
use crate::forecast::fit::{FromHistory, Yearly};
use crate::forecast::wave::Stated;
use crate::history::{Series, Step, Usage};
use crate::ids::Id;
use crate::plan::workload::{self, DemandAt, Fit, HistoryRef, SeasonPeriod};
use crate::plan::{Plan, Workload};

/// The demand of every workload of a plan. Workloads without a demand of their own have none.
///
/// A workload that follows another is computed after it. A history that is not in `usage` (`--no-data`)
/// leaves its workload to the stated base.
///
/// # Panics
/// If workloads follow each other in a circle, which the checker excludes.
#[must_use]
pub fn forecast(plan: &Plan, usage: &Usage) -> Demand {
    let mut workloads: Vec<Option<WorkloadDemand>> = vec![None; plan.workloads.len()];
    let mut waiting: Vec<Id<Workload>> =
        plan.workloads.iter().filter(|(_, w)| w.demand.is_some()).map(|(id, _)| id).collect();
    while !waiting.is_empty() {
        let followed = |id: Id<Workload>| {
            plan.workloads[id].demand.as_ref()?.follows.as_ref().map(|(leader, _)| *leader)
        };
        let (later, now): (Vec<_>, Vec<_>) = waiting
            .iter()
            .copied()
            .partition(|id| followed(*id).is_some_and(|leader| waiting.contains(&leader)));
        assert!(!now.is_empty(), "the checker refuses workloads that follow each other in a circle");
        let done: Vec<_> = now
            .par_iter()
            .map(|id| {
                let leader = followed(*id).and_then(|leader| workloads[leader.index()].as_ref());
                one(plan, *id, leader, usage.series.get(id))
            })
            .collect();
        for (id, demand) in now.into_iter().zip(done) {
            workloads[id.index()] = demand;
        }
        waiting = later;
    }
    Demand { workloads }
}

/// The demand of one workload.
fn one(
    plan: &Plan,
    id: Id<Workload>,
    leader: Option<&WorkloadDemand>,
    series: Option<&Series>,
) -> Option<WorkloadDemand> {
    let workload = &plan.workloads[id];
    let demand = workload.demand.as_ref()?;
    let (horizon, draws) = (plan.horizon, plan.draws);
    let stated = wave::stated(&demand.growth, draws);
    let effects = Effects::draw(&demand.events, draws);
    if let Some((_, factor)) = &demand.follows {
        return Some(following(demand, leader?, &draws.values(factor), stated, &effects, plan));
    }
    if let (Some(history), Some(series)) = (&demand.history, series)
        && let Some(measured) = measured(&workload.name, demand, history, series, plan)
    {
        return Some(from_history(demand, history, series, measured, stated, &effects, plan));
    }
    let mut base = demand.base.as_ref().map_or_else(|| vec![0.0; draws.count()], |base| {
        draws.values(base)
    });
    if let (DemandAt::Peak, Some(stated)) = (demand.at, &stated) {
        base.iter_mut().for_each(|base| *base /= 1.0 + stated.median_amplitude);
    }
    let levels = growth::grow(&demand.growth, &base, horizon.first, horizon.months, draws);
    Some(WorkloadDemand {
        spans: spans(horizon, &effects.breaks(), &effects, draws, |t, _| levels[t].clone()),
        shape: stated.map(|stated| stated.shape),
        fitted: None,
    })
}

/// Units of this workload for one of its leader's, by draw; own growth from the leader's level in the
/// first month, and own events, on top. The leader's shape holds unless this one states its own.
fn following(
    demand: &workload::Demand,
    leader: &WorkloadDemand,
    factor: &[f64],
    stated: Option<Stated>,
    effects: &Effects,
    plan: &Plan,
) -> WorkloadDemand {
    let (horizon, draws) = (plan.horizon, plan.draws);
    let times = |level: &[f64]| -> Vec<f64> {
        level.iter().zip(factor).map(|(level, factor)| level * factor).collect()
    };
    let base = times(&leader.spans[0].level);
    let grown = growth::grow(&demand.growth, &base, horizon.first, horizon.months, draws);
    let mut breaks = effects.breaks();
    breaks.extend(leader.spans.iter().map(|span| span.from));
    let spans = spans(horizon, &breaks, effects, draws, |t, day| {
        let place = leader.spans.partition_point(|span| span.from <= day);
        let mut level = times(&leader.spans[place.saturating_sub(1)].level);
        growth::scale(&mut level, &grown[t], &base);
        level
    });
    let shape = stated.map(|stated| stated.shape).or_else(|| leader.shape.clone());
    WorkloadDemand { spans, shape, fitted: None }
}

/// What the history of a workload says.
fn measured(
    name: &str,
    demand: &workload::Demand,
    history: &HistoryRef,
    series: &Series,
    plan: &Plan,
) -> Option<FromHistory> {
    let yearly = if wave::peak_to_mean(&demand.growth, SeasonPeriod::Year).is_some() {
        Yearly::Stated
    } else {
        Yearly::Measured
    };
    let months = (plan.horizon.first, plan.horizon.months);
    fit::fit(name, series, history.fit, yearly, months, plan.draws)
}

/// The demand that a history gives: its levels, times stated growth since the last month measured, then
/// events; its shape, unless the plan states one.
fn from_history(
    demand: &workload::Demand,
    history: &HistoryRef,
    series: &Series,
    measured: FromHistory,
    stated: Option<Stated>,
    effects: &Effects,
    plan: &Plan,
) -> WorkloadDemand {
    let (horizon, draws) = (plan.horizon, plan.draws);
    let FromHistory { mut levels, last_month, last_level, week, mut fitted } = measured;
    let base = vec![last_level; draws.count()];
    let since = last_month.min(horizon.first);
    let skipped = usize::try_from(horizon.first.since(since)).unwrap_or(0);
    // Where the history reaches into the horizon, growth begins after it.
    let begin = usize::try_from(last_month.since(horizon.first)).unwrap_or(0);
    let grown = growth::grow(&demand.growth, &base, last_month, skipped + horizon.months, draws);
    let origin = if history.fit == Fit::Auto { grown[0].clone() } else { base };
    for (t, level) in levels.iter_mut().enumerate().skip(begin) {
        growth::scale(level, &grown[skipped + t - begin], &origin);
    }

    let shape = shape(series.step, week, stated, demand, &mut fitted, draws);
    if wave::peak_to_mean(&demand.growth, SeasonPeriod::Year).is_some() {
        fitted.remarks.push(String::from("the stated season of the year replaces the measured one"));
    }
    cross_check(demand, &levels[0], shape.as_ref(), &mut fitted);
    WorkloadDemand {
        spans: spans(horizon, &effects.breaks(), effects, draws, |t, _| levels[t].clone()),
        shape,
        fitted: Some(fitted),
    }
}

/// The shape inside a week: as stated, else as measured; a stated day beside daily values gives the
/// hours, and the values the days.
fn shape(
    step: Step,
    week: Option<[f64; HOURS_PER_WEEK]>,
    stated: Option<Stated>,
    demand: &workload::Demand,
    fitted: &mut Fitted,
    draws: Draws,
) -> Option<WeekShape> {
    let peak = week.map(|week| week.into_iter().fold(f64::MIN, f64::max) - 1.0);
    let measured = week.zip(peak).filter(|(_, peak)| *peak > 0.0);
    let Some((week, peak)) = measured else { return stated.map(|stated| stated.shape) };
    let wave = wave::normalised(week);
    let by_draw = vec![peak; draws.count()];
    let Some(stated) = stated else {
        return Some(WeekShape { wave: Arc::new(wave), amplitude: by_draw });
    };
    let of_day = wave::peak_to_mean(&demand.growth, SeasonPeriod::Day);
    let of_week = wave::peak_to_mean(&demand.growth, SeasonPeriod::Week);
    if let (Step::Day, Some(ratio), None) = (step, of_day, of_week) {
        let hours = (&wave::day(ratio), wave::median_amplitude(ratio), &*wave::amplitudes(ratio, draws));
        return Some(wave::product((&wave, peak, &by_draw), hours).shape);
    }
    let text = "the stated season of the day or week replaces the shape measured over the last weeks";
    fitted.remarks.push(text.to_owned());
    Some(stated.shape)
}

/// Remarks where the stated base and the history are more than 20% apart in the first month.
fn cross_check(
    demand: &workload::Demand,
    first: &[f64],
    shape: Option<&WeekShape>,
    fitted: &mut Fitted,
) {
    let Some(base) = &demand.base else { return };
    let peak = match (demand.at, shape) {
        (DemandAt::Peak, Some(shape)) => 1.0 + quantile(&shape.amplitude, 0.5),
        _ => 1.0,
    };
    let (stated, measured) = (base.median(), quantile(first, 0.5) * peak);
    let apart = stated / measured - 1.0;
    if measured > 0.0 && apart.abs() > 0.2 {
        let side = if apart > 0.0 { "above" } else { "below" };
        fitted.remarks.push(format!(
            "the stated demand is {:.0}% {side} what the history gives for the first month; the history \
             is used",
            apart.abs() * 100.0
        ));
    }
}

/// The horizon cut at month ends and `breaks`, each stretch with its level after events.
fn spans(
    horizon: Horizon,
    breaks: &[Date],
    effects: &Effects,
    draws: Draws,
    level: impl Fn(usize, Date) -> Vec<f64>,
) -> Vec<LevelSpan> {
    let mut starts: Vec<Date> = horizon.iter().map(Month::first_day).collect();
    let inside = horizon.first_day()..=horizon.last_day();
    starts.extend(breaks.iter().filter(|day| inside.contains(day)));
    starts.sort_unstable();
    starts.dedup();
    let end = plus_days(horizon.last_day(), 1);
    let ends: Vec<Date> = starts.iter().copied().skip(1).chain([end]).collect();
    starts
        .into_iter()
        .zip(ends)
        .map(|(from, until)| {
            let t = usize::try_from(Month::of(from).since(horizon.first)).unwrap_or(0);
            let mut level = level(t, from);
            effects.apply(from, &mut level);
            LevelSpan {
                t,
                from,
                until,
                level,
                capacity_factor: effects.capacity_factor(from, draws),
            }
        })
        .collect()
}
