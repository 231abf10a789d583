//! What was measured, for every output: a row a workload and metric, a row a pool or workload and resource.
//! Here are the view and what machines read; `people` writes the rest.

mod people;

use jiff::Timestamp;
use serde::Serialize;

use super::csv::{self, Csv};
use super::forecast_view::shortest;
use crate::calendar::Date;
use crate::history::{Step, times};
use crate::plan::Plan;
use crate::plan::workload::SeasonPeriod;
use crate::usage::{
    Found, Limit, Measured, NoTrend, Origin, ResourceUse, Saturation, Subject, Trend,
};

use people::age;
pub use people::{markdown, table};

/// Whose resources are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subjects {
    /// What was measured, and the resources of pools and workloads.
    All,
    /// What was measured, and the resources of workloads.
    Workloads,
    /// The resources of pools alone.
    Pools,
}

/// What was measured. Rates are a second, data is bytes, CPU is cores, shares are from 0 to 1.
#[derive(Debug, Clone, Serialize)]
pub struct UsageView {
    /// The plan.
    pub plan: String,
    /// The day it is looked at from.
    #[serde(serialize_with = "super::view::as_text")]
    pub as_of: Date,
    /// By workload, then metric.
    pub measured: Vec<MeasuredView>,
    /// Pools, then workloads; the fullest first.
    pub resources: Vec<ResourceView>,
    /// Pools of nodes of whose resources nothing was measured.
    pub unmeasured_pools: Vec<String>,
    /// Workloads that run in several pools, so that their use counts in none.
    pub split_workloads: Vec<String>,
    /// What is stale, in words.
    pub stale: Vec<String>,
    #[serde(skip)]
    subjects: Subjects,
}

/// One metric of one workload.
#[derive(Debug, Clone, Serialize)]
pub struct MeasuredView {
    /// The workload.
    pub workload: String,
    /// Its word; `demand` for a history in a file.
    pub metric: String,
    /// What its figures are in.
    pub unit: String,
    /// The file, or the name of the source.
    pub from: String,
    /// `hour`, `day`, `week` or `month`.
    pub step: &'static str,
    /// The mean of the steps.
    pub mean: f64,
    /// The largest value.
    pub peak: f64,
    /// 95% of the steps lie below.
    pub p95: f64,
    /// The share of the level that it rises by in a month.
    pub trend_per_month: Option<f64>,
    /// Why there is no trend.
    pub no_trend: Option<&'static str>,
    /// `day`, `week`, `year`.
    pub seasons: Vec<&'static str>,
    /// Steps without a value.
    pub missing_steps: usize,
    /// Steps from the first to the last.
    pub steps: usize,
    /// The most in a row without a value.
    pub longest_gap: usize,
    /// Values far from what their place usually is.
    pub outliers: usize,
    /// When the first step begins.
    pub first: Timestamp,
    /// When the last step ends.
    pub end: Timestamp,
    /// Hours from then to the as-of day.
    pub age_hours: i64,
    /// Whether that is more than the source allows.
    pub stale: bool,
    /// Means of the last twelve weeks (of a monthly series, months), oldest first.
    pub recent: Vec<f64>,
}

/// One resource of a pool or a workload.
#[derive(Debug, Clone, Serialize)]
pub struct ResourceView {
    /// `pool` or `workload`.
    pub of: &'static str,
    /// Its name.
    pub name: String,
    /// The resource.
    pub resource: &'static str,
    /// The metric that measures it; of a network the busier direction.
    pub metric: Option<&'static str>,
    /// What its figures are in.
    pub unit: &'static str,
    /// The mean of the last four weeks measured.
    pub mean: Option<f64>,
    /// 95% of their hours lie below.
    pub p95: Option<f64>,
    /// How much there is.
    pub limit: Option<f64>,
    /// Of what, or why there is none: `24 nodes`.
    pub limit_of: String,
    /// The mean as a share of the limit.
    pub utilization_mean: Option<f64>,
    /// The 95th percentile as a share of the limit.
    pub utilization_p95: Option<f64>,
    /// The share of the level that the weeks' 95th percentile rises by in a month.
    pub trend_per_month: Option<f64>,
    /// `on`, `reached`, `not-within-5-years`, `falling`, `no-trend`, `too-short`, `not-measured` or
    /// `no-limit`.
    pub saturation: &'static str,
    /// The day it is full.
    pub full_on: Option<String>,
    /// Whether it is the fullest here.
    pub bottleneck: bool,
}

/// What was measured, as a report says it.
#[must_use]
pub fn view(plan: &Plan, found: &Found, subjects: Subjects, as_of: Date) -> UsageView {
    let wanted = |of: &&ResourceUse| match of.subject {
        Subject::Pool(_) => subjects != Subjects::Workloads,
        Subject::Workload(_) => subjects != Subjects::Pools,
    };
    UsageView {
        plan: plan.name.clone(),
        as_of,
        measured: found.measured.iter().map(|of| measured(plan, of)).collect(),
        resources: found.resources.iter().filter(wanted).map(|of| resource(plan, of)).collect(),
        unmeasured_pools: found.unmeasured.iter().map(|id| plan.pools[*id].name.clone()).collect(),
        split_workloads: found.split.iter().map(|id| plan.workloads[*id].name.clone()).collect(),
        stale: stale(plan, &found.measured, as_of),
        subjects,
    }
}

fn measured(plan: &Plan, of: &Measured) -> MeasuredView {
    let (trend_per_month, no_trend) = match of.trend {
        Trend::Line(line) => (Some(shortest(line.share_per_month())), None),
        Trend::None(why) => (None, Some(no_trend(why))),
    };
    MeasuredView {
        workload: plan.workloads[of.workload].name.clone(),
        metric: of.metric.clone(),
        unit: of.unit.clone(),
        from: match &of.origin {
            Origin::File(path) => path.clone(),
            Origin::Source(source) => plan.measure_sources[*source].name.clone(),
        },
        step: step(of.step),
        mean: shortest(of.mean),
        peak: shortest(of.peak),
        p95: shortest(of.p95),
        trend_per_month,
        no_trend,
        seasons: of.seasons.iter().map(|season| season_word(*season)).collect(),
        missing_steps: of.gaps.missing,
        steps: of.gaps.of,
        longest_gap: of.gaps.longest,
        outliers: of.outliers,
        first: times::instant(of.first),
        end: times::instant(of.end),
        age_hours: of.age_hours,
        stale: of.stale,
        recent: of.recent.iter().map(|mean| shortest(*mean)).collect(),
    }
}

fn resource(plan: &Plan, of: &ResourceUse) -> ResourceView {
    let (kind, name) = match of.subject {
        Subject::Pool(id) => ("pool", &plan.pools[id].name),
        Subject::Workload(id) => ("workload", &plan.workloads[id].name),
    };
    let (limit, limit_of) = match &of.limit {
        Limit::Stated { amount, of } => (Some(shortest(*amount)), of.clone()),
        Limit::None(why) => (None, (*why).to_owned()),
    };
    let share = of.utilization();
    let trend_per_month = match of.used.map(|used| used.trend) {
        Some(Trend::Line(line)) => Some(shortest(line.share_per_month())),
        _ => None,
    };
    let (saturation, full_on) = match (&of.used, &of.limit) {
        (None, _) => ("not-measured", None),
        (_, Limit::None(_)) => ("no-limit", None),
        _ => saturation(of.saturation),
    };
    ResourceView {
        of: kind,
        name: name.clone(),
        resource: of.resource.word(),
        metric: of.used.map(|used| used.metric),
        unit: of.resource.unit(),
        mean: of.used.map(|used| shortest(used.mean)),
        p95: of.used.map(|used| shortest(used.p95)),
        limit,
        limit_of,
        utilization_mean: share.map(|(mean, _)| shortest(mean)),
        utilization_p95: share.map(|(_, p95)| shortest(p95)),
        trend_per_month,
        saturation,
        full_on,
        bottleneck: of.bottleneck,
    }
}

/// A sentence a source that has stale series.
fn stale(plan: &Plan, measured: &[Measured], as_of: Date) -> Vec<String> {
    let sentence = |(id, source): (_, &crate::plan::MeasureSource)| {
        let of = |m: &&Measured| m.stale && m.origin == Origin::Source(id);
        let (count, oldest) = measured
            .iter()
            .filter(of)
            .fold((0, 0), |(count, oldest), m| (count + 1, m.age_hours.max(oldest)));
        let (series, end) = if count == 1 { ("series", "ends") } else { ("series", "end") };
        (count > 0).then(|| {
            format!(
                "source `{}`: {count} {series} {end} up to {} before {as_of}: run `capplan pull`",
                source.name,
                age(oldest)
            )
        })
    };
    plan.measure_sources.iter().filter_map(sentence).collect()
}

impl UsageView {
    /// Keeps only the workload or pool called `name`.
    ///
    /// # Errors
    /// Where nothing measured has that name, in words that list what there is.
    pub fn only(mut self, name: Option<&str>) -> Result<Self, String> {
        let Some(name) = name else { return Ok(self) };
        let workloads = self.measured.iter().map(|row| row.workload.as_str());
        let workloads = workloads.filter(|_| self.subjects != Subjects::Pools);
        let mut names: Vec<&str> =
            workloads.chain(self.resources.iter().map(|row| row.name.as_str())).collect();
        names.sort_unstable();
        names.dedup();
        if !names.contains(&name) {
            let what = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
            return Err(format!("nothing measured here is called `{name}`; there is {what}"));
        }
        self.measured.retain(|row| row.workload == name);
        self.resources.retain(|row| row.name == name);
        self.unmeasured_pools.retain(|pool| pool == name);
        self.split_workloads.retain(|workload| workload == name);
        Ok(self)
    }

    fn has_measured(&self) -> bool {
        self.subjects != Subjects::Pools && !self.measured.is_empty()
    }
}

/// As JSON.
#[must_use]
pub fn json(view: &UsageView) -> String {
    let mut shown = view.clone();
    if view.subjects == Subjects::Pools {
        shown.measured.clear();
    }
    serde_json::to_string_pretty(&shown).unwrap_or_default() + "\n"
}

/// As CSV: one row a workload and metric; of pools one a pool and resource.
#[must_use]
pub fn csv(view: &UsageView) -> String {
    let mut csv = Csv::default();
    let of_resource = [
        "mean_4_weeks",
        "p95_4_weeks",
        "limit",
        "limit_of",
        "utilization_mean",
        "utilization_p95",
        "p95_trend_per_month",
        "saturation",
        "full_on",
        "bottleneck",
    ];
    if view.subjects == Subjects::Pools {
        let heads = ["pool", "resource", "unit"];
        csv.row(&heads.into_iter().chain(of_resource).map(str::to_owned).collect::<Vec<_>>());
        for row in &view.resources {
            let key = [csv::text(&row.name), row.resource.to_owned(), row.unit.to_owned()];
            csv.row(&key.into_iter().chain(resource_fields(row)).collect::<Vec<_>>());
        }
        return csv.text;
    }
    let heads = [
        "workload",
        "metric",
        "unit",
        "from",
        "step",
        "mean",
        "peak",
        "p95",
        "trend_per_month",
        "seasons",
        "missing_steps",
        "steps",
        "longest_gap",
        "outliers",
        "first",
        "end",
        "age_hours",
        "stale",
    ];
    csv.row(&heads.into_iter().chain(of_resource).map(str::to_owned).collect::<Vec<_>>());
    for row in &view.measured {
        let own = view.resources.iter().find(|of| {
            of.of == "workload" && of.name == row.workload && of.metric == Some(row.metric.as_str())
        });
        let fields = [
            csv::text(&row.workload),
            row.metric.clone(),
            csv::text(&row.unit),
            csv::text(&row.from),
            row.step.to_owned(),
            figure(row.mean),
            figure(row.peak),
            figure(row.p95),
            row.trend_per_month.map_or_else(String::new, figure),
            row.seasons.join(" "),
            row.missing_steps.to_string(),
            row.steps.to_string(),
            row.longest_gap.to_string(),
            row.outliers.to_string(),
            row.first.to_string(),
            row.end.to_string(),
            row.age_hours.to_string(),
            row.stale.to_string(),
        ];
        let own = own.map_or_else(|| std::array::from_fn(|_| String::new()), resource_fields);
        csv.row(&fields.into_iter().chain(own).collect::<Vec<_>>());
    }
    csv.text
}

fn resource_fields(row: &ResourceView) -> [String; 10] {
    let number = |value: Option<f64>| value.map_or_else(String::new, figure);
    [
        number(row.mean),
        number(row.p95),
        number(row.limit),
        row.limit_of.clone(),
        number(row.utilization_mean),
        number(row.utilization_p95),
        number(row.trend_per_month),
        row.saturation.to_owned(),
        row.full_on.clone().unwrap_or_default(),
        row.bottleneck.to_string(),
    ]
}

fn figure(value: f64) -> String {
    shortest(value).to_string()
}

fn step(step: Step) -> &'static str {
    match step {
        Step::Hour => "hour",
        Step::Day => "day",
        Step::Week => "week",
        Step::Month(_) => "month",
    }
}

fn season_word(season: SeasonPeriod) -> &'static str {
    match season {
        SeasonPeriod::Day => "day",
        SeasonPeriod::Week => "week",
        SeasonPeriod::Year => "year",
    }
}

fn no_trend(why: NoTrend) -> &'static str {
    match why {
        NoTrend::Short => "too-short",
        NoTrend::Noise => "no-trend",
    }
}

fn saturation(saturation: Saturation) -> (&'static str, Option<String>) {
    let word = match saturation {
        Saturation::On(day) => return ("on", Some(day.to_string())),
        Saturation::Reached => "reached",
        Saturation::Far => "not-within-5-years",
        Saturation::Falling => "falling",
        Saturation::NoTrend(why) => no_trend(why),
        Saturation::Unknown => "no-limit",
    };
    (word, None)
}
