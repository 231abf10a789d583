//! The series at hand: a demand's own history in a file, and everything that a snapshot holds.

use crate::calendar::days_between;
use crate::history::snapshot::{HOUR, HourRow, Snapshot};
use crate::history::{Series, Step, Usage, times};
use crate::ids::Id;
use crate::plan::measure::{Asks, SourceRef};
use crate::plan::workload::{Demand, HistoryFrom};
use crate::plan::{MeasureSource, Plan, Workload};

/// The metric of a history in a file: the demand itself.
pub(super) const DEMAND: &str = "demand";
const DAY: i64 = 86_400;

/// A series that was measured of a workload.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub workload: Id<Workload>,
    /// Its word.
    pub metric: String,
    /// What its values are in.
    pub unit: String,
    pub origin: Origin,
    /// Means of the steps; begins and ends with a value.
    pub series: Series,
    /// The largest value seen, also inside a step where that is known.
    pub peak: f64,
}

/// Where a series comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file of the plan.
    File(String),
    /// The snapshot of a source.
    Source(Id<MeasureSource>),
}

/// Every series of the plan's workloads, by workload, then metric.
pub(super) fn seen(plan: &Plan, usage: &Usage, snapshots: &[Snapshot]) -> Vec<Seen> {
    let mut all = Vec::new();
    for (id, workload) in plan.workloads.iter() {
        all.extend(of_file(id, workload, usage));
        for snapshot in snapshots {
            let Some(source) = plan.measure_sources.find(&snapshot.provenance.source) else {
                continue;
            };
            for (metric, measured) in snapshot.of(&workload.name) {
                let own = own_query(workload, source, metric);
                let (scale, unit) = own.unwrap_or((1.0, measured.note.unit.clone()));
                let Some(series) = hourly(measured.rows, scale) else { continue };
                let peak =
                    measured.rows.iter().map(|row| row.peak * scale).fold(f64::MIN, f64::max);
                let origin = Origin::Source(source);
                let metric = metric.to_owned();
                all.push(Seen { workload: id, metric, unit, origin, series, peak });
            }
        }
    }
    all
}

fn of_file(id: Id<Workload>, workload: &Workload, usage: &Usage) -> Option<Seen> {
    let demand = workload.demand.as_ref()?;
    let HistoryFrom::Table(table) = &demand.history.as_ref()?.from else { return None };
    let series = trimmed(usage.series.get(&id)?)?;
    let peak = series.values.iter().copied().fold(f64::MIN, f64::max);
    Some(Seen {
        workload: id,
        metric: DEMAND.to_owned(),
        unit: unit_of(demand),
        origin: Origin::File(table.path.clone()),
        series,
        peak,
    })
}

/// What a plan's own query answers is in the demand's unit once scaled.
fn own_query(
    workload: &Workload,
    source: Id<MeasureSource>,
    metric: &str,
) -> Option<(f64, String)> {
    let demand = workload.demand.as_ref()?;
    let history = demand.history.as_ref()?;
    let HistoryFrom::Source(SourceRef { source: of, asks: asks @ Asks::Query(_) }) = &history.from
    else {
        return None;
    };
    (*of == source && asks.word() == metric).then(|| (history.scale, unit_of(demand)))
}

fn unit_of(demand: &Demand) -> String {
    if demand.is_rate { format!("{}/s", demand.unit) } else { demand.unit.clone() }
}

/// Hours on a grid; nothing where there is none.
fn hourly(rows: &[HourRow], scale: f64) -> Option<Series> {
    let (first, last) = (rows.first()?.at, rows.last()?.at);
    let mut values = vec![f64::NAN; usize::try_from((last - first) / HOUR).ok()? + 1];
    for row in rows {
        let place = usize::try_from((row.at - first) / HOUR).ok()?;
        values[place] = row.mean * scale;
    }
    let start = jiff::tz::TimeZone::UTC.to_datetime(times::instant(first));
    let start_hour = start.hour().unsigned_abs();
    Some(Series { start: start.date(), start_hour, step: Step::Hour, values })
}

/// A series that begins and ends with a value.
fn trimmed(series: &Series) -> Option<Series> {
    let first = series.values.iter().position(|value| !value.is_nan())?;
    let last = series.values.iter().rposition(|value| !value.is_nan())?;
    let start_hour = match series.step {
        Step::Hour => u8::try_from((first + usize::from(series.start_hour)) % 24).ok()?,
        _ => 0,
    };
    Some(Series {
        start: series.day(first),
        start_hour,
        step: series.step,
        values: series.values[first..=last].to_vec(),
    })
}

/// When a step of a series begins, in seconds since 1970-01-01 00:00 UTC.
pub(super) fn begins(series: &Series, index: usize) -> i64 {
    match series.step {
        Step::Hour => {
            let hours = i64::try_from(index).unwrap_or(0) + i64::from(series.start_hour);
            seconds(series.start) + hours * HOUR
        }
        Step::Day | Step::Week | Step::Month(_) => seconds(series.day(index)),
    }
}

/// When a day begins, in seconds since 1970-01-01 00:00 UTC.
pub(super) fn seconds(day: crate::calendar::Date) -> i64 {
    i64::from(days_between(jiff::civil::date(1970, 1, 1), day)) * DAY
}
