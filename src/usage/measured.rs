//! What a series says of itself: level, trend, seasons, gaps, outliers, age.

use crate::calendar::Date;
use crate::draws::quantile;
use crate::forecast::series::{fill, mean_known, seasons};
use crate::history::snapshot::HOUR;
use crate::history::{Series, Step};
use crate::ids::Id;
use crate::plan::workload::SeasonPeriod;
use crate::plan::{Plan, Workload};
use crate::usage::outliers::outliers;
use crate::usage::seen::{Origin, Seen, begins, seconds};
use crate::usage::trend::{Of, Trend, blocks, trend};

/// Weeks (or months, of a monthly series) drawn.
const DRAWN: usize = 12;

/// What was measured of a workload by one metric.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Whose.
    pub workload: Id<Workload>,
    /// The word of the metric; `demand` for a history in a file.
    pub metric: String,
    /// What its values are in: `req/s`, `core`, `byte`.
    pub unit: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The interval of its values.
    pub step: Step,
    /// The mean of all that was measured.
    pub mean: f64,
    /// The largest value; of a snapshot, that of a point inside an hour.
    pub peak: f64,
    /// 95% of the steps lie below.
    pub p95: f64,
    /// What the last months do.
    pub trend: Trend,
    /// The seasons it shows, shortest first.
    pub seasons: Vec<SeasonPeriod>,
    /// Steps that were not measured.
    pub gaps: Gaps,
    /// Values far from what their place usually is.
    pub outliers: usize,
    /// When the first step begins, in seconds since 1970-01-01 00:00 UTC.
    pub first: i64,
    /// When the last step ends.
    pub end: i64,
    /// Hours from then to the as-of day, 0 where it is later.
    pub age_hours: i64,
    /// Whether that is more than its source allows.
    pub stale: bool,
    /// Means of the last twelve weeks (months, of a monthly series), oldest first.
    pub recent: Vec<f64>,
}

/// Steps without a value between the first and the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gaps {
    /// How many.
    pub missing: usize,
    /// Of how many steps.
    pub of: usize,
    /// The most in a row.
    pub longest: usize,
}

/// What a series says of itself; nothing where it is empty.
pub(super) fn measured(plan: &Plan, seen: &Seen, as_of: Date) -> Option<Measured> {
    let series = &seen.series;
    let known: Vec<bool> = series.values.iter().map(|value| !value.is_nan()).collect();
    let values: Vec<f64> = series.values.iter().copied().filter(|value| !value.is_nan()).collect();
    if values.is_empty() {
        return None;
    }
    let whole = filled(series);
    let found = seasons_of(&whole);
    let end = begins(series, series.values.len());
    let age_hours = ((seconds(as_of) - end) / HOUR).max(0);
    let stale_after = match seen.origin {
        Origin::Source(source) => plan.measure_sources[source].stale_after_hours,
        Origin::File(_) => f64::INFINITY,
    };
    // A level over whole seasons is free of them.
    let (steps, window) = match series.step {
        Step::Hour => (168, 168),
        Step::Day => (7, 28),
        Step::Week => (1, 13),
        Step::Month(_) => (1, 12),
    };
    let mut recent = blocks(&whole.values, steps, Of::Mean);
    recent.drain(..recent.len().saturating_sub(DRAWN));
    let season = found.iter().rev().map(|(steps, _)| *steps).find(|steps| *steps <= 168);
    Some(Measured {
        workload: seen.workload,
        metric: seen.metric.clone(),
        unit: seen.unit.clone(),
        origin: seen.origin.clone(),
        step: series.step,
        mean: mean_known(&series.values),
        peak: seen.peak,
        p95: quantile(&values, 0.95),
        trend: trend(&whole, Of::Mean),
        seasons: found.iter().map(|(_, season)| *season).collect(),
        gaps: gaps(&known),
        outliers: outliers(&whole.values, &known, window, season),
        first: begins(series, 0),
        end,
        age_hours,
        stale: age_hours as f64 > stale_after,
        recent,
    })
}

/// A series that begins and ends with a value, without its gaps.
pub(super) fn filled(series: &Series) -> Series {
    let period = match series.step {
        Step::Hour => 24,
        Step::Day => 7,
        Step::Week => 52,
        Step::Month(_) => 12,
    };
    let mut whole = series.clone();
    fill(&mut whole.values, period);
    whole
}

/// The seasons that a series without gaps shows, with their steps. A year of hours is sought in days.
fn seasons_of(series: &Series) -> Vec<(usize, SeasonPeriod)> {
    let (day, week, year) = (SeasonPeriod::Day, SeasonPeriod::Week, SeasonPeriod::Year);
    let possible: &[(usize, SeasonPeriod)] = match series.step {
        Step::Hour => &[(24, day), (168, week)],
        Step::Day => &[(7, week), (365, year)],
        Step::Week => &[(52, year)],
        Step::Month(_) => &[(12, year)],
    };
    let shown = |values: &[f64], possible: &[(usize, SeasonPeriod)]| {
        let periods: Vec<usize> = possible.iter().map(|(steps, _)| *steps).collect();
        let found = seasons(values, &periods);
        let of = |(steps, _): &&(usize, SeasonPeriod)| found.iter().any(|f| f.period == *steps);
        possible.iter().filter(of).copied().collect::<Vec<_>>()
    };
    let mut found = shown(&series.values, possible);
    if series.step == Step::Hour {
        let days = blocks(&series.values, 24, Of::Mean);
        let yearly = shown(&days, &[(7, week), (365, year)]).into_iter();
        found.extend(yearly.filter(|(_, season)| *season == year).map(|_| (365 * 24, year)));
    }
    found
}

fn gaps(known: &[bool]) -> Gaps {
    let missing = known.iter().filter(|known| !**known).count();
    let longest = known.split(|known| *known).map(<[bool]>::len).max().unwrap_or(0);
    Gaps { missing, of: known.len(), longest }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::sample as plans;
    use crate::usage::sample::{days, hours, noise};
    use jiff::civil::date;

    fn of(series: Series) -> Measured {
        let plan = plans::plan(vec![plans::workload("chat", None)], 1);
        let peak = series.values.iter().copied().fold(0.0, f64::max);
        let origin = Origin::File("chat.csv".into());
        let (metric, unit) = ("demand".into(), "req/s".into());
        let seen = Seen { workload: Id::new(0), metric, unit, origin, series, peak };
        measured(&plan, &seen, date(2026, 12, 1)).unwrap()
    }

    #[test]
    fn four_days_and_a_gap_by_hand() {
        let values = vec![10.0, f64::NAN, f64::NAN, 20.0, 30.0, f64::NAN, 40.0];
        let found = of(days(values));
        assert_eq!((found.mean, found.peak), (25.0, 40.0));
        // Four values: place 0.95 × 3 = 2.85, between 30 and 40.
        assert!((found.p95 - 38.5).abs() < 1e-9);
        assert_eq!(found.gaps, Gaps { missing: 3, of: 7, longest: 2 });
        // From 2026-06-08 00:00, when the last day ends, to 2026-12-01: 176 days.
        assert_eq!((found.end - found.first, found.age_hours), (7 * 86_400, 176 * 24));
    }

    #[test]
    fn days_and_weeks_are_told_and_an_odd_hour_is_counted() {
        let hour = |at: usize| {
            let weekday = if at / 24 % 7 < 5 { 1.0 } else { 0.5 };
            let day = if at % 24 < 12 { 50.0 } else { 100.0 };
            weekday * day + noise(at)
        };
        let mut values: Vec<f64> = (0..24 * 7 * 8).map(hour).collect();
        values[400] = 900.0;
        let found = of(hours(values));
        assert_eq!(found.seasons, [SeasonPeriod::Day, SeasonPeriod::Week]);
        assert_eq!((found.outliers, found.peak, found.recent.len()), (1, 900.0, 8));
    }
}
