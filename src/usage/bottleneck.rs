//! Which resource of a pool or a workload is the fullest, and on which day each is full.
//!
//! # Source
//! B. Gregg, "Thinking Methodically about Performance", Communications of the ACM 56 (2013): for every
//! resource its utilisation and its saturation. Errors are not measured.

use std::collections::BTreeSet;

use crate::calendar::{Date, plus_days};
use crate::draws::{mean, quantile};
use crate::history::snapshot::HOUR;
use crate::history::{Series, Step, times};
use crate::ids::Id;
use crate::plan::pool::PoolSupply;
use crate::plan::{Plan, Pool, Workload};
use crate::usage::Sized;
use crate::usage::limits::{self, Limit};
use crate::usage::measured::filled;
use crate::usage::seen::{Origin, Seen, begins, seconds};
use crate::usage::trend::{NoTrend, Of, Trend, trend};

/// Hours of "now": four weeks.
const NOW_HOURS: usize = 28 * 24;
/// Days beyond which no line is followed: five years.
const FARTHEST_DAYS: f64 = 5.0 * 365.25;

/// What can be full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// CPU, in cores.
    Cpu,
    /// Memory, in bytes.
    Memory,
    /// GPUs.
    Gpu,
    /// Memory on GPUs, in bytes.
    GpuMemory,
    /// Storage, in bytes.
    Storage,
    /// Network in the busier direction, in bytes a second.
    Network,
}

impl Resource {
    const ALL: [Self; 6] =
        [Self::Cpu, Self::Memory, Self::Gpu, Self::GpuMemory, Self::Storage, Self::Network];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Gpu => "gpu",
            Self::GpuMemory => "gpu-memory",
            Self::Storage => "storage",
            Self::Network => "network",
        }
    }

    /// What it is counted in.
    #[must_use]
    pub fn unit(self) -> &'static str {
        match self {
            Self::Cpu => "core",
            Self::Gpu => "gpu",
            Self::Memory | Self::GpuMemory | Self::Storage => "byte",
            Self::Network => "byte/s",
        }
    }

    /// The resource that a metric measures.
    #[must_use]
    pub fn of_metric(metric: &str) -> Option<Self> {
        let network = ["network-receive", "network-transmit"].contains(&metric);
        let found = Self::ALL.into_iter().find(|resource| resource.word() == metric);
        found.or(network.then_some(Self::Network))
    }

    /// The metrics that measure it; of a network the two directions, each of which has its own limit.
    fn metrics(self) -> &'static [&'static str] {
        match self {
            Self::Cpu => &["cpu"],
            Self::Memory => &["memory"],
            Self::Gpu => &["gpu"],
            Self::GpuMemory => &["gpu-memory"],
            Self::Storage => &["storage"],
            Self::Network => &["network-receive", "network-transmit"],
        }
    }
}

/// Whose resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A pool's: what its nodes have.
    Pool(Id<Pool>),
    /// A workload's: what its replicas request.
    Workload(Id<Workload>),
}

/// One resource of a pool or a workload.
#[derive(Debug, Clone)]
pub struct ResourceUse {
    /// Whose.
    pub subject: Subject,
    /// Which.
    pub resource: Resource,
    /// What is used of it; absent where it was not measured.
    pub used: Option<Used>,
    /// How much there is.
    pub limit: Limit,
    /// When it is full.
    pub saturation: Saturation,
    /// Whether it is the fullest of its pool or workload, at peak.
    pub bottleneck: bool,
}

/// What is used of a resource in the last four weeks measured, in its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Used {
    /// The metric that measures it.
    pub metric: &'static str,
    /// The mean.
    pub mean: f64,
    /// 95% of the hours lie below.
    pub p95: f64,
    /// The line through the 95th percentiles of the weeks.
    pub trend: Trend,
    /// When the last hour ends, in seconds since 1970-01-01 00:00 UTC.
    pub end: i64,
}

/// When a resource is full, if the line through its weeks goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saturation {
    /// On this day.
    On(Date),
    /// It is by the as-of day.
    Reached,
    /// Not within five years.
    Far,
    /// Never: what is used falls.
    Falling,
    /// There is no line.
    NoTrend(NoTrend),
    /// Nothing limits it, or nothing was measured.
    Unknown,
}

impl ResourceUse {
    /// The shares of the limit that are used: the mean, and at peak.
    #[must_use]
    pub fn utilization(&self) -> Option<(f64, f64)> {
        match (&self.limit, &self.used) {
            (Limit::Stated { amount, .. }, Some(used)) => {
                Some((used.mean / amount, used.p95 / amount))
            }
            _ => None,
        }
    }

    fn peak(&self) -> f64 {
        self.utilization().map_or(-1.0, |(_, peak)| peak)
    }
}

/// Every resource of pools and workloads of which something was measured: pools first, each group in the
/// order of how full its fullest is.
pub(super) fn resources(
    plan: &Plan,
    seen: &[Seen],
    sized: Sized<'_>,
    as_of: Date,
) -> Vec<ResourceUse> {
    let mut groups: Vec<Vec<ResourceUse>> = Vec::new();
    for pool in plan.pools.ids() {
        let members = members(plan, pool);
        let nodes = limits::of_pool(plan, sized, pool, as_of);
        let limit = |resource| match plan.pools[pool].supply {
            PoolSupply::Storage(_) => Limit::None("no limit stated"),
            _ => nodes.limit(plan, resource),
        };
        groups.push(group(Subject::Pool(pool), seen, &members, limit, as_of));
    }
    let pools = groups.len();
    for id in plan.workloads.ids() {
        let limit = |resource| limits::of_workload(plan, sized, id, resource);
        groups.push(group(Subject::Workload(id), seen, &[id], limit, as_of));
    }
    let (of_pools, of_workloads) = groups.split_at_mut(pools);
    let fullest = |group: &[ResourceUse]| group.first().map_or(-2.0, ResourceUse::peak);
    for groups in [of_pools, of_workloads] {
        groups.sort_by(|a, b| fullest(b).total_cmp(&fullest(a)));
    }
    groups.into_iter().flatten().collect()
}

/// The workloads that use a pool's nodes and no other's.
fn members(plan: &Plan, pool: Id<Pool>) -> Vec<Id<Workload>> {
    let only = |id: &Id<Workload>| {
        let pools = pools_of(plan, *id);
        pools.len() == 1 && pools.contains(&pool)
    };
    plan.workloads.ids().filter(only).collect()
}

fn pools_of(plan: &Plan, id: Id<Workload>) -> BTreeSet<Id<Pool>> {
    let workload = &plan.workloads[id];
    workload.pool.into_iter().chain(workload.needs.iter().map(|needs| needs.pool)).collect()
}

/// The workloads whose resources are measured and that use several pools.
pub(super) fn split(plan: &Plan, seen: &[Seen]) -> Vec<Id<Workload>> {
    let measured: BTreeSet<Id<Workload>> =
        seen.iter().filter(|seen| of_source(seen).is_some()).map(|seen| seen.workload).collect();
    measured.into_iter().filter(|id| pools_of(plan, *id).len() > 1).collect()
}

fn of_source(seen: &Seen) -> Option<Resource> {
    let resource = Resource::of_metric(&seen.metric)?;
    matches!(seen.origin, Origin::Source(_)).then_some(resource)
}

/// The resources of one pool or workload, the fullest first; none where nothing was measured.
fn group(
    subject: Subject,
    seen: &[Seen],
    members: &[Id<Workload>],
    limit: impl Fn(Resource) -> Limit,
    as_of: Date,
) -> Vec<ResourceUse> {
    let mine: Vec<&Seen> = seen
        .iter()
        .filter(|seen| of_source(seen).is_some() && members.contains(&seen.workload))
        .collect();
    if mine.is_empty() {
        return Vec::new();
    }
    let mut group: Vec<ResourceUse> = Resource::ALL
        .into_iter()
        .filter_map(|resource| {
            let directions = resource.metrics().iter().copied().filter_map(|metric| {
                let of: Vec<&Series> =
                    mine.iter().filter(|s| s.metric == metric).map(|s| &s.series).collect();
                used(metric, &sum(&of)?)
            });
            let used = directions.max_by(|a, b| a.p95.total_cmp(&b.p95));
            let limit = limit(resource);
            if used.is_none() && !matches!(limit, Limit::Stated { .. }) {
                return None;
            }
            let saturation = saturation(used.as_ref(), &limit, as_of);
            Some(ResourceUse { subject, resource, used, limit, saturation, bottleneck: false })
        })
        .collect();
    group.sort_by(|a, b| b.peak().total_cmp(&a.peak()).then(a.resource.cmp(&b.resource)));
    if let Some(first) = group.first_mut() {
        first.bottleneck = first.utilization().is_some();
    }
    group
}

/// Hourly series added up, hour by hour. A gap inside a series is filled; before its first hour and after
/// its last it adds nothing.
fn sum(of: &[&Series]) -> Option<Series> {
    let from = of.iter().map(|series| begins(series, 0)).min()?;
    let end = of.iter().map(|series| begins(series, series.values.len())).max()?;
    let mut values = vec![0.0; usize::try_from((end - from) / HOUR).ok()?];
    for series in of {
        let first = usize::try_from((begins(series, 0) - from) / HOUR).ok()?;
        for (sum, value) in values[first..].iter_mut().zip(filled(series).values) {
            *sum += value;
        }
    }
    let start = jiff::tz::TimeZone::UTC.to_datetime(times::instant(from));
    let start_hour = start.hour().unsigned_abs();
    Some(Series { start: start.date(), start_hour, step: Step::Hour, values })
}

/// What is used now, by an hourly series without gaps.
fn used(metric: &'static str, series: &Series) -> Option<Used> {
    let now = &series.values[series.values.len().saturating_sub(NOW_HOURS)..];
    if now.is_empty() {
        return None;
    }
    Some(Used {
        metric,
        mean: mean(now),
        p95: quantile(now, 0.95),
        trend: trend(series, Of::P95),
        end: begins(series, series.values.len()),
    })
}

fn saturation(used: Option<&Used>, limit: &Limit, as_of: Date) -> Saturation {
    let (Some(used), Limit::Stated { amount, .. }) = (used, limit) else {
        return Saturation::Unknown;
    };
    let line = match used.trend {
        _ if used.p95 >= *amount => return Saturation::Reached,
        Trend::None(why) => return Saturation::NoTrend(why),
        Trend::Line(line) if line.per_day <= 0.0 => return Saturation::Falling,
        Trend::Line(line) => line,
    };
    let days = (amount - line.level) / line.per_day;
    // The day of the last hour, and what has passed of it.
    let last = jiff::tz::TimeZone::UTC.to_datetime(times::instant(used.end)).date();
    let passed = (used.end - seconds(last)) as f64 / (24 * HOUR) as f64;
    if days > FARTHEST_DAYS {
        return Saturation::Far;
    }
    #[expect(clippy::cast_possible_truncation, reason = "at most five years")]
    let day = plus_days(last, (days + passed).floor().max(0.0) as i32);
    if day <= as_of { Saturation::Reached } else { Saturation::On(day) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::example;
    use crate::plan::workload::WorkloadKind;
    use crate::procure::terms;
    use crate::usage::sample::hours;
    use jiff::civil::date;

    fn stated(amount: f64) -> Limit {
        Limit::Stated { amount, of: String::new() }
    }

    /// Twenty weeks of 110, 120, … 300 from Monday, 2026-06-01, to Monday, 2026-10-19 00:00.
    fn rising() -> Series {
        hours((0..20 * 168).map(|hour| 110.0 + 10.0 * f64::from(hour / 168)).collect())
    }

    fn full(series: &Series, limit: f64) -> Saturation {
        saturation(used("cpu", series).as_ref(), &stated(limit), date(2026, 10, 20))
    }

    #[test]
    fn a_line_reaches_its_limit_on_the_day_worked_out_by_hand() {
        // At the end the line is at 305 and rises by 10 a week: 400 is 66.5 days away, on 2026-12-24.
        assert_eq!(full(&rising(), 400.0), Saturation::On(date(2026, 12, 24)));
        assert_eq!(full(&rising(), 299.0), Saturation::Reached);
        // 305 + 10 × 260.9 weeks = 2914 in five years.
        assert_eq!(full(&rising(), 2900.0), Saturation::On(date(2031, 10, 9)));
        assert_eq!(full(&rising(), 2920.0), Saturation::Far);
    }

    #[test]
    fn without_a_line_or_a_limit_no_day_is_said() {
        let mut falling = rising();
        falling.values.reverse();
        assert_eq!(full(&falling, 400.0), Saturation::Falling);
        assert_eq!(full(&hours(vec![5.0; 900]), 9.0), Saturation::NoTrend(NoTrend::Short));
        assert_eq!(full(&hours(vec![5.0; 3000]), 9.0), Saturation::NoTrend(NoTrend::Noise));
        let none = Limit::None("no limit stated");
        assert_eq!(saturation(None, &stated(1.0), date(2026, 1, 1)), Saturation::Unknown);
        let used = used("cpu", &rising());
        assert_eq!(saturation(used.as_ref(), &none, date(2026, 1, 1)), Saturation::Unknown);
    }

    fn seen(workload: usize, metric: &str, series: Series) -> Seen {
        Seen {
            workload: Id::new(workload),
            metric: metric.into(),
            unit: "core".into(),
            origin: Origin::Source(Id::new(0)),
            series,
            peak: 0.0,
        }
    }

    #[test]
    fn the_fuller_of_two_resources_of_a_pool_is_its_bottleneck() {
        let mut plan = example::plan();
        let a = example::workload("a", WorkloadKind::Inference);
        let b = example::workload("b", WorkloadKind::Inference);
        plan.workloads = crate::ids::Arena::new(vec![a, b]);
        let serve = example::serve(&plan);
        let mut pools = plan.pools.items().to_vec();
        // Two nodes of 64 cores and 512 GB.
        pools[serve.index()].start.insert(crate::plan::price::Purchase::OnDemand, 2);
        plan.pools = crate::ids::Arena::new(pools);
        let as_of = date(2026, 7, 1);
        let terms = terms(&plan, &[], as_of);
        let sized = Sized { choices: &[], sizings: &[], t: 0, terms: &terms };
        // The second workload begins a week after the first.
        let mut later = hours(vec![40.0; 600]);
        later.start = date(2026, 6, 8);
        let seen = [
            seen(0, "cpu", hours(vec![24.0; 768])),
            seen(0, "memory", hours(vec![921.6e9; 768])),
            seen(1, "cpu", later),
        ];
        let found = resources(&plan, &seen, sized, as_of);
        let pool: Vec<_> = found.iter().filter(|of| of.subject == Subject::Pool(serve)).collect();
        // Memory: 921.6 of 1024 GB. CPU: 24 cores for 72 hours of the last four weeks, then 64, of 128.
        assert_eq!(pool[0].resource, Resource::Memory);
        let (memory, cpu) = (pool[0].utilization().unwrap(), pool[1].utilization().unwrap());
        assert!((memory.0 - 0.9).abs() < 1e-12 && pool[0].bottleneck);
        let mean = (72.0 * 24.0 + 600.0 * 64.0) / 672.0 / 128.0;
        assert_eq!(pool[1].resource, Resource::Cpu);
        assert!((cpu.0 - mean).abs() < 1e-12 && (cpu.1 - 0.5).abs() < 1e-12 && !pool[1].bottleneck);
        // GPUs exist and were not measured.
        assert!(pool.iter().any(|of| of.resource == Resource::Gpu && of.used.is_none()));
        // What the workloads request is not stated.
        let own = found.iter().find(|of| of.subject == Subject::Workload(Id::new(1))).unwrap();
        assert_eq!(own.limit, Limit::None("no limit stated"));
    }
}
