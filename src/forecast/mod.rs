//! Demand over the horizon: history, growth and events in, one path a draw out.
//!
//! The level of a month is base × growth (or what history says × growth), then events multiply, then
//! they add; it is constant between the days on which an event begins, steps or is over. Every variable
//! is drawn once for all months. Absent: what serves the demand.

pub mod demand;
mod event;
mod fit;
pub mod growth;
mod past;
#[cfg(test)]
pub(crate) mod sample;
pub mod series;
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
    forecast_new(plan, usage, &|_| None)
}

/// The demand of every workload of a plan, where that of some is known already: `known` gives the demand
/// of a workload whose inputs (its demand, what that refers to, its history, horizon and draws) are those
/// of a plan that was forecast before.
///
/// # Panics
/// If workloads follow each other in a circle, which the checker excludes.
#[must_use]
pub fn forecast_new(
    plan: &Plan,
    usage: &Usage,
    known: &(dyn Fn(Id<Workload>) -> Option<WorkloadDemand> + Sync),
) -> Demand {
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
        assert!(
            !now.is_empty(),
            "the checker refuses workloads that follow each other in a circle"
        );
        let done: Vec<_> = now
            .par_iter()
            .map(|id| {
                let leader = followed(*id).and_then(|leader| workloads[leader.index()].as_ref());
                known(*id).or_else(|| one(plan, *id, leader, usage.series.get(id)))
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
        return Some(from_history(
            (&workload.name, demand, history),
            series,
            measured,
            stated,
            plan,
        ));
    }
    let mut base =
        demand.base.as_ref().map_or_else(|| vec![0.0; draws.count()], |base| draws.values(base));
    if let (DemandAt::Peak, Some(stated)) = (demand.at, &stated) {
        for base in &mut base {
            *base /= 1.0 + stated.median_amplitude;
        }
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
    let known = (yearly, &demand.events[..]);
    fit::fit(name, series, history.fit, known, months, plan.draws)
}

/// The demand that a history gives: its levels, times stated growth since the last month measured, then
/// events; its shape, unless the plan states one.
fn from_history(
    (name, demand, history): (&str, &workload::Demand, &HistoryRef),
    series: &Series,
    measured: FromHistory,
    stated: Option<Stated>,
    plan: &Plan,
) -> WorkloadDemand {
    let (horizon, draws) = (plan.horizon, plan.draws);
    let effects = Effects::draw(&demand.events, draws).after(measured.last_day);
    let FromHistory { mut levels, last_month, last_level, peak, week, mut fitted, .. } = measured;
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

    let shape = shape(series.step, week.as_ref(), stated, demand, &mut fitted, draws);
    if wave::peak_to_mean(&demand.growth, SeasonPeriod::Year).is_some() {
        fitted.remarks.push(String::from("the season of the year is as stated, not as measured"));
    }
    cross_check(demand, &levels[0], shape.as_ref(), &mut fitted);
    let spans = spans(horizon, &effects.breaks(), &effects, draws, |t, _| levels[t].clone());
    if let Some(peak) = peak {
        fitted.maxima = (horizon.iter().enumerate())
            .map(|(t, month)| {
                let levels = spans.iter().filter(|span| span.t == t).map(|span| &span.level[..]);
                peak.maximum(levels, &format!("workload/{name}/peak/{month}"), draws)
            })
            .collect();
    }
    WorkloadDemand { spans, shape, fitted: Some(fitted) }
}

/// The shape inside a week: as stated, else as measured; a stated day beside daily values gives the
/// hours, and the values the days.
fn shape(
    step: Step,
    week: Option<&[f64; HOURS_PER_WEEK]>,
    stated: Option<Stated>,
    demand: &workload::Demand,
    fitted: &mut Fitted,
    draws: Draws,
) -> Option<WeekShape> {
    let peak = week.map(|week| week.iter().copied().fold(f64::MIN, f64::max) - 1.0);
    let measured = week.zip(peak).filter(|(_, peak)| *peak > 0.0);
    let Some((week, peak)) = measured else { return stated.map(|stated| stated.shape) };
    let wave = wave::normalised(*week);
    let by_draw = vec![peak; draws.count()];
    let Some(stated) = stated else {
        return Some(WeekShape { wave: Arc::new(wave), amplitude: by_draw });
    };
    let of_day = wave::peak_to_mean(&demand.growth, SeasonPeriod::Day);
    let of_week = wave::peak_to_mean(&demand.growth, SeasonPeriod::Week);
    if let (Step::Day, Some(ratio), None) = (step, of_day, of_week) {
        let hours =
            (&wave::day(ratio), wave::median_amplitude(ratio), &*wave::amplitudes(ratio, draws));
        return Some(wave::product((&wave, peak, &by_draw), hours).shape);
    }
    let text =
        "the stated season of the day or week replaces the shape measured over the last weeks";
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
            let t = usize::try_from(horizon.month_of(from).since(horizon.first)).unwrap_or(0);
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

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::forecast::sample::{between, demand, event, fixed, growth, history, plan, workload};
    use crate::forecast::series::sample::noise;
    use crate::plan::workload::{Event, Growth, GrowthKind};
    use jiff::civil::date;
    use proptest::prelude::*;

    fn seasonal(period: SeasonPeriod, ratio: f64) -> Growth {
        growth(GrowthKind::Seasonal { period, peak_to_mean: fixed(ratio) })
    }

    fn one_of(demand: workload::Demand) -> WorkloadDemand {
        let plan = plan(vec![workload("chat", Some(demand))], 200);
        forecast(&plan, &Usage::default()).workloads.remove(0).unwrap()
    }

    #[test]
    fn a_plain_demand_has_one_span_a_month() {
        let demand = one_of(demand(Some(fixed(5.0))));
        assert_eq!(demand.spans.len(), 12);
        assert_eq!(demand.spans[1].until, date(2027, 3, 1));
        assert!(demand.spans.iter().all(|span| span.level.iter().all(|level| *level == 5.0)));
        assert!(demand.shape.is_none());
    }

    #[test]
    fn events_cut_months_and_leave_no_gap() {
        let launch = Event {
            multiply: Some(fixed(2.0)),
            until: Some(date(2027, 4, 10)),
            ramp_days: Some(14.0),
            ..event("launch", date(2027, 3, 15))
        };
        let early = Event { add: Some(fixed(1.0)), ..event("early", date(2026, 6, 1)) };
        let late = Event { add: Some(fixed(1.0)), ..event("late", date(2030, 6, 1)) };
        let demand = one_of(workload::Demand {
            events: vec![launch, early, late],
            ..demand(Some(fixed(10.0)))
        });
        let spans = &demand.spans;
        assert_eq!(spans[0].from, date(2027, 1, 1));
        assert_eq!(spans[spans.len() - 1].until, date(2028, 1, 1));
        assert!(spans.windows(2).all(|pair| pair[0].until == pair[1].from));
        let on =
            |day| spans.iter().find(|span| span.from <= day && day < span.until).unwrap().level[0];
        assert_eq!(on(date(2027, 3, 14)), 11.0);
        assert_eq!(on(date(2027, 3, 15)), 16.0);
        assert_eq!(on(date(2027, 3, 22)), 21.0);
        assert_eq!(on(date(2027, 4, 10)), 21.0);
        assert_eq!(on(date(2027, 4, 11)), 11.0);
    }

    #[test]
    fn a_stated_peak_is_the_largest_hour_of_the_first_month_at_the_median() {
        let demand = one_of(workload::Demand {
            at: DemandAt::Peak,
            growth: vec![seasonal(SeasonPeriod::Week, 1.6)],
            ..demand(Some(fixed(5200.0)))
        });
        let shape = demand.shape.unwrap();
        let peak = (0..HOURS_PER_WEEK).map(|hour| shape.at(hour, 0)).fold(0.0, f64::max);
        assert!((demand.spans[0].level[0] * peak - 5200.0).abs() < 1e-9);
    }

    #[test]
    fn what_follows_another_moves_with_it_and_grows_on_its_own() {
        let page = workload::Demand {
            growth: vec![growth(GrowthKind::Compound(between(0.01, 0.03)))],
            events: vec![Event { multiply: Some(fixed(3.0)), ..event("x", date(2027, 6, 10)) }],
            ..demand(Some(between(90.0, 110.0)))
        };
        let cache = workload::Demand {
            follows: Some((Id::new(1), fixed(25.0))),
            growth: vec![growth(GrowthKind::LinearShare(fixed(0.1)))],
            ..demand(None)
        };
        let plan = plan(vec![workload("page", Some(page)), workload("cache", Some(cache))], 50);
        let demands = forecast(&plan, &Usage::default()).workloads;
        let (cache, page) = (demands[0].as_ref().unwrap(), demands[1].as_ref().unwrap());
        assert_eq!(cache.spans.len(), 13);
        for (own, led) in cache.spans.iter().zip(&page.spans) {
            assert_eq!((own.from, own.until), (led.from, led.until));
            for draw in 0..50 {
                let expected = led.level[draw] * 25.0 * (1.0 + 0.1 * own.t as f64);
                assert!((own.level[draw] - expected).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn a_workload_without_demand_has_none() {
        let plan = plan(vec![workload("train", None)], 10);
        assert!(forecast(&plan, &Usage::default()).workloads[0].is_none());
    }

    /// Hourly use to the end of November 2026: a level of 1,000 in the last month, so much more each
    /// month, a busy weekday afternoon, noise.
    fn hourly(days: usize, monthly: f64, noise_share: f64) -> Series {
        let start = plus_days(date(2026, 12, 1), -i32::try_from(days).unwrap());
        let first = crate::calendar::first_hour_of_week(start);
        let values = (0..days * 24)
            .map(|hour| {
                let months = (hour as f64 / 24.0 - days as f64 + 15.0) / 30.4375;
                let of_week = (first + hour) % 168;
                let busy = of_week < 120 && (12..18).contains(&(of_week % 24));
                let shape = if busy { 1.6 } else { 0.869_565_217 };
                1000.0
                    * libm::pow(1.0 + monthly, months)
                    * shape
                    * (1.0 + noise_share * noise(hour))
            })
            .collect();
        Series { start, start_hour: 0, step: Step::Hour, values }
    }

    fn with_history(series: Series, demand: workload::Demand) -> WorkloadDemand {
        let plan = plan(vec![workload("chat", Some(demand))], 400);
        let mut usage = Usage::default();
        usage.series.insert(Id::new(0), series);
        forecast(&plan, &usage).workloads.remove(0).unwrap()
    }

    #[test]
    fn trend_shape_and_level_of_an_hourly_history_are_found_again() {
        let own = workload::Demand { history: Some(history("x.csv")), ..demand(None) };
        let found = with_history(hourly(500, 0.02, 0.2), own);
        // January is 1.5 months after the middle of November, where the level is 1,000.
        for (t, tolerance) in [(0, 0.03), (5, 0.05), (11, 0.09)] {
            let expected = 1000.0 * libm::pow(1.02, t as f64 + 2.0);
            let middle = quantile(&found.spans[t].level, 0.5);
            assert!((middle / expected - 1.0).abs() < tolerance, "{t}: {middle} {expected}");
        }
        let shape = found.shape.unwrap();
        let peak = 1.0 + shape.amplitude[0];
        assert!((peak / 1.6 - 1.0).abs() < 0.06, "{peak}");
        assert!((shape.at(13, 0) / shape.at(3, 0) - 1.84).abs() < 0.15);
        let fitted = found.fitted.unwrap();
        assert!(fitted.method.ends_with("; season of the week"), "{}", fitted.method);
        let months: Vec<usize> = fitted.backtests.iter().map(|backtest| backtest.months).collect();
        assert_eq!(months, [1, 3, 6]);
        for backtest in fitted.backtests {
            assert!(backtest.error < 0.05 && backtest.naive_error > backtest.error, "{backtest:?}");
        }
        assert!(fitted.remarks.iter().any(|remark| remark.contains("under two years")));
        assert_eq!(fitted.observed.last().unwrap().0, Month::new(2026, 11));
    }

    #[test]
    fn uncertainty_widens_with_time() {
        let own = workload::Demand { history: Some(history("x.csv")), ..demand(None) };
        let found = with_history(hourly(300, 0.01, 0.4), own);
        let width = |t: usize| {
            let level = &found.spans[t].level;
            quantile(level, 0.9) / quantile(level, 0.1)
        };
        assert!(width(0) > 1.005 && width(11) > width(0), "{} {}", width(0), width(11));
    }

    #[test]
    fn a_month_of_history_is_a_level_and_says_so() {
        let own = workload::Demand { history: Some(history("x.csv")), ..demand(None) };
        let found = with_history(hourly(30, 0.0, 0.1), own);
        let fitted = found.fitted.unwrap();
        assert!(fitted.remarks.iter().any(|remark| remark.contains("too few for a trend")));
        assert!(fitted.backtests.is_empty());
        let middle = quantile(&found.spans[5].level, 0.5);
        assert!((middle / 1000.0 - 1.0).abs() < 0.05, "{middle}");
        let (low, high) =
            (quantile(&found.spans[5].level, 0.1), quantile(&found.spans[5].level, 0.9));
        assert!(high / low > 1.4);
    }

    #[test]
    fn with_fit_level_stated_growth_is_the_trend_since_the_last_month_measured() {
        let own = workload::Demand {
            history: Some(HistoryRef { fit: Fit::Level, ..history("x.csv") }),
            growth: vec![growth(GrowthKind::Compound(fixed(0.05)))],
            ..demand(None)
        };
        let found = with_history(hourly(120, 0.0, 0.0), own);
        for t in [0, 6] {
            let expected = 1000.0 * libm::pow(1.05, t as f64 + 2.0);
            let middle = quantile(&found.spans[t].level, 0.5);
            assert!((middle / expected - 1.0).abs() < 0.01, "{middle} {expected}");
        }
    }

    #[test]
    fn with_fit_auto_stated_growth_multiplies_and_events_come_on_top() {
        let own = |growth: Vec<Growth>, events: Vec<Event>| workload::Demand {
            history: Some(history("x.csv")),
            growth,
            events,
            ..demand(None)
        };
        let alone = with_history(hourly(200, 0.0, 0.1), own(Vec::new(), Vec::new()));
        let both = with_history(
            hourly(200, 0.0, 0.1),
            own(
                vec![growth(GrowthKind::Compound(fixed(0.1)))],
                vec![Event { add: Some(fixed(7.0)), ..event("x", date(2027, 1, 1)) }],
            ),
        );
        let expected = alone.spans[3].level[0] * libm::pow(1.1, 5.0) + 7.0;
        assert!((both.spans[3].level[0] / expected - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_stated_base_and_shape_beside_a_history_are_remarked_on() {
        let own = workload::Demand {
            history: Some(history("x.csv")),
            growth: vec![seasonal(SeasonPeriod::Week, 1.5)],
            ..demand(Some(fixed(2000.0)))
        };
        let found = with_history(hourly(120, 0.0, 0.0), own);
        assert!((found.shape.unwrap().amplitude[0] - 0.5).abs() < 1e-12);
        let remarks = found.fitted.unwrap().remarks.join("\n");
        assert!(remarks.contains("the stated demand is 10"), "{remarks}");
        assert!(remarks.contains("replaces the shape measured"), "{remarks}");
    }

    #[test]
    fn monthly_history_with_a_year_in_it_keeps_the_year() {
        let values: Vec<f64> = (0..48)
            .map(|t| {
                let season = if t % 12 == 11 { 1.5 } else { 1.0 - 0.5 / 11.0 };
                100.0 * season * (1.0 + 0.02 * noise(t))
            })
            .collect();
        let series = Series {
            start: date(2023, 1, 1),
            start_hour: 0,
            step: Step::Month(Calendar::Gregorian),
            values,
        };
        let own = workload::Demand { history: Some(history("x.csv")), ..demand(None) };
        let found = with_history(series, own);
        let middle = |t: usize| quantile(&found.spans[t].level, 0.5);
        assert!((middle(11) / middle(5) / 1.57 - 1.0).abs() < 0.08, "{}", middle(11) / middle(5));
        assert!(found.fitted.unwrap().method.ends_with("season of the year"));
    }

    #[test]
    fn a_history_of_zeros_or_of_two_values_is_no_trouble() {
        for values in [vec![0.0; 400], vec![5.0, 6.0], vec![1.0; 50], vec![f64::NAN, 3.0, 4.0]] {
            for step in [Step::Hour, Step::Day, Step::Week, Step::Month(Calendar::Gregorian)] {
                let start = date(2026, 6, 1);
                let series = Series { start, start_hour: 0, step, values: values.clone() };
                let own = workload::Demand {
                    history: Some(history("x.csv")),
                    ..demand(Some(fixed(1.0)))
                };
                let found = with_history(series, own);
                for span in &found.spans {
                    assert!(span.level.iter().all(|level| level.is_finite() && *level >= 0.0));
                }
            }
        }
    }

    #[test]
    fn the_order_of_events_and_terms_changes_no_byte() {
        let events = vec![
            Event { multiply: Some(between(1.1, 1.4)), ..event("b", date(2027, 2, 10)) },
            Event { multiply: Some(between(1.2, 1.3)), ..event("a", date(2027, 2, 1)) },
            Event { add: Some(between(3.0, 4.0)), ..event("c", date(2027, 2, 5)) },
        ];
        let terms = vec![
            growth(GrowthKind::Compound(between(0.01, 0.02))),
            growth(GrowthKind::LinearStep(fixed(2.0))),
        ];
        let build = |growth: Vec<Growth>, events: Vec<Event>| {
            one_of(workload::Demand { growth, events, ..demand(Some(between(50.0, 70.0))) })
        };
        let (mut backwards, mut other) = (events.clone(), terms.clone());
        backwards.reverse();
        other.reverse();
        let (a, b) = (build(terms, events), build(other, backwards));
        assert!(a.spans.iter().zip(&b.spans).all(|(a, b)| a.level == b.level));
    }

    #[test]
    fn months_already_measured_are_certain_and_growth_begins_after_them() {
        // Measured to the end of March 2027, three months into the horizon.
        let series = Series {
            start: date(2026, 6, 1),
            start_hour: 0,
            step: Step::Month(Calendar::Gregorian),
            values: vec![100.0; 10],
        };
        let own = workload::Demand {
            history: Some(history("x.csv")),
            growth: vec![growth(GrowthKind::Compound(fixed(0.1)))],
            ..demand(None)
        };
        let found = with_history(series, own);
        for t in 0..3 {
            assert!(found.spans[t].level.iter().all(|level| *level == 100.0));
        }
        let middle = quantile(&found.spans[4].level, 0.5);
        assert!((middle / 121.0 - 1.0).abs() < 0.02, "{middle}");
        assert!(found.spans[4].level.iter().any(|level| (level - middle).abs() > 1.0));
    }

    #[test]
    fn a_stated_day_gives_the_hours_of_a_daily_history() {
        let values = (0..70).map(|t| if t % 7 < 5 { 120.0 } else { 50.0 }).collect();
        let series = Series { start: date(2026, 9, 7), start_hour: 0, step: Step::Day, values };
        let own = workload::Demand {
            history: Some(history("x.csv")),
            growth: vec![seasonal(SeasonPeriod::Day, 1.5)],
            ..demand(None)
        };
        let shape = with_history(series, own).shape.unwrap();
        assert!((shape.at(14, 0) - 1.2 * 1.5).abs() < 1e-9);
        assert!((shape.at(5 * 24 + 14, 0) - 0.5 * 1.5).abs() < 1e-9);
    }

    #[test]
    fn a_history_that_was_not_read_leaves_the_stated_base() {
        let own = workload::Demand { history: Some(history("x.csv")), ..demand(Some(fixed(9.0))) };
        let found = one_of(own);
        assert!(found.fitted.is_none() && found.spans[0].level[0] == 9.0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn more_base_demand_never_gives_less_in_any_draw(
            more in 1.0..3.0_f64,
            rate in -0.2..0.2_f64,
            factor in 0.0..3.0_f64,
            amount in -50.0..50.0_f64,
            ramp in 0.0..60.0_f64,
            chance in 0.0..1.0_f64,
            peak in 1.0..4.0_f64,
        ) {
            let build = |times: f64| {
                let mut base = between(50.0, 90.0);
                base.dist = base.dist.scaled(times);
                one_of(workload::Demand {
                    at: DemandAt::Peak,
                    growth: vec![
                        growth(GrowthKind::Compound(fixed(rate))),
                        seasonal(SeasonPeriod::Day, peak),
                        seasonal(SeasonPeriod::Year, peak),
                    ],
                    events: vec![Event {
                        multiply: Some(fixed(factor)),
                        add: Some(fixed(amount)),
                        ramp_days: Some(ramp),
                        chance: Some(chance),
                        ..event("x", date(2027, 5, 5))
                    }],
                    ..demand(Some(base))
                })
            };
            let (low, high) = (build(1.0), build(more));
            for (low, high) in low.spans.iter().zip(&high.spans) {
                for (low, high) in low.level.iter().zip(&high.level) {
                    prop_assert!(*high >= low * (1.0 - 1e-12), "{low} {high}");
                }
            }
        }
    }
}
