//! What a simulation of queues came to, for every output.

use std::fmt::Write as _;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use super::forecast_view::shortest;
use super::format::{NONE, percent, plain};
use super::prose::escape;
use super::series::{quoted, trimmed};
use crate::ids::Id;
use crate::simulate::kueue::assign::Obstacle;
use crate::simulate::kueue::cluster::{Amount, Cluster, FlavorResource, Resource};
use crate::simulate::kueue::job::Job;
use crate::simulate::kueue::outcome::{
    Group, HOUR, Held, Outcome, State, Step, Tally, Waits, What, hours,
};
use crate::simulate::kueue::run::Options;
use crate::simulate::kueue::snapshot::Moment;

/// What a simulation came to.
#[derive(Debug, Clone, Serialize)]
pub struct KueueView {
    /// The resource whose hours are told.
    resource: String,
    /// What an hour of it is called.
    unit: String,
    /// How long it was simulated, in hours.
    simulated_hours: f64,
    /// How the jobs stand at the end.
    jobs: JobsView,
    /// All of them together.
    total: GroupView,
    /// By queue and priority.
    queues: Vec<GroupView>,
    /// By period, queue and priority; empty where there is one period.
    by_period: Vec<GroupView>,
    /// How much of each quota was held, by period.
    quotas: Vec<QuotaView>,
    /// What happened to the job that was followed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<StepView>,
}

/// How many jobs stand how.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct JobsView {
    all: usize,
    finished: usize,
    running: usize,
    waiting: usize,
    lost: usize,
    never_fit: usize,
}

/// Jobs of one queue at one priority, or of all.
#[derive(Debug, Clone, Serialize)]
struct GroupView {
    period: Option<String>,
    queue: Option<String>,
    priority: Option<i64>,
    jobs: usize,
    not_started: usize,
    wait_p50_seconds: f64,
    wait_p95_seconds: f64,
    asked_hours: f64,
    held_hours: f64,
    useful_hours: f64,
    lost_hours: f64,
    goodput: Option<f64>,
    preemptions: u64,
    unmet_hours: f64,
}

/// A quota of one resource in one flavour, over all queues and cohorts.
#[derive(Debug, Clone, Serialize)]
struct QuotaView {
    period: String,
    flavor: String,
    resource: String,
    quota_hours: f64,
    held_hours: f64,
    utilization: Option<f64>,
}

#[derive(Debug, Clone, Serialize)]
struct StepView {
    at: String,
    job: String,
    what: String,
}

/// What was simulated, and how moments and periods are called.
#[derive(Debug)]
pub struct Simulated<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The jobs.
    pub jobs: &'a [Job],
    /// What was asked.
    pub options: &'a Options,
    /// What it came to.
    pub outcome: &'a Outcome,
    /// A name a period.
    pub periods: &'a [String],
    /// The moment 0 in seconds since 1970, where it has a date.
    pub origin: Option<i64>,
}

/// Lays out what a simulation came to.
#[must_use]
pub fn view(of: &Simulated<'_>) -> KueueView {
    let resource = of.cluster.resources[of.options.counted.index()].name.clone();
    let unit = if resource.ends_with("gpu") {
        "GPU-hour"
    } else if resource == "cpu" {
        "core-hour"
    } else if is_bytes(&resource) {
        "GiB-hour"
    } else {
        "unit-hour"
    };
    let totals = of.outcome.totals();
    let mut all = Tally::default();
    for tally in totals.values() {
        all.add(tally);
    }
    let queues = totals.iter().map(|(group, tally)| {
        let waits = of.outcome.waits(of.jobs, |job| belongs(job, *group));
        row(of, None, Some(*group), &waits, tally)
    });
    let queues = queues.collect();
    KueueView {
        unit: unit.to_owned(),
        resource,
        simulated_hours: shortest(of.outcome.end as f64 / HOUR as f64),
        jobs: jobs(of.outcome),
        total: row(of, None, None, &of.outcome.waits(of.jobs, |_| true), &all),
        queues,
        by_period: by_period(of),
        quotas: quotas(of),
        steps: of.outcome.steps.iter().map(|step| step_view(of, step)).collect(),
    }
}

fn belongs(job: &Job, group: Group) -> bool {
    job.queue == group.queue && job.priority == group.priority && job.mark == group.mark
}

fn jobs(outcome: &Outcome) -> JobsView {
    let mut view = JobsView { all: outcome.jobs.len(), ..JobsView::default() };
    for job in &outcome.jobs {
        match job.state {
            State::Finished => view.finished += 1,
            State::Running => view.running += 1,
            State::Lost | State::Left => view.lost += 1,
            State::Waiting if job.never_fits => view.never_fit += 1,
            State::Waiting => view.waiting += 1,
        }
    }
    view
}

fn by_period(of: &Simulated<'_>) -> Vec<GroupView> {
    if of.periods.len() < 2 {
        return Vec::new();
    }
    let starts = &of.options.periods;
    let rows = of.outcome.tallies.iter().enumerate().flat_map(|(period, tallies)| {
        let next = starts.get(period + 1).copied().unwrap_or(Moment::MAX);
        tallies.iter().map(move |(group, tally)| {
            let waits = of.outcome.waits(of.jobs, |job| {
                belongs(job, *group) && (starts[period]..next).contains(&job.arrival)
            });
            row(of, Some(&of.periods[period]), Some(*group), &waits, tally)
        })
    });
    rows.collect()
}

fn row(
    of: &Simulated<'_>,
    period: Option<&String>,
    group: Option<Group>,
    waits: &Waits,
    tally: &Tally,
) -> GroupView {
    let in_hours = |held: Held| in_units(of.cluster, of.options.counted, hours(held));
    GroupView {
        period: period.cloned(),
        queue: group.map(|group| of.cluster[group.queue].name.clone()),
        priority: group.map(|group| group.priority),
        jobs: waits.jobs,
        not_started: waits.unstarted,
        wait_p50_seconds: shortest(waits.p50 as f64 / 1e3),
        wait_p95_seconds: shortest(waits.p95 as f64 / 1e3),
        asked_hours: in_hours(tally.asked),
        held_hours: in_hours(tally.held),
        useful_hours: in_hours(tally.useful),
        lost_hours: in_hours(tally.lost),
        goodput: tally.goodput().map(shortest),
        preemptions: tally.preemptions,
        unmet_hours: in_hours(tally.unmet),
    }
}

/// Cores are counted in thousandths, memory is told in GiB.
fn in_units(cluster: &Cluster, resource: Id<Resource>, amount: f64) -> f64 {
    shortest(match cluster.resources[resource.index()].name.as_str() {
        "cpu" => amount / 1000.0,
        "memory" | "ephemeral-storage" => amount / GIBIBYTE,
        _ => amount,
    })
}

/// Bytes of a GiB.
const GIBIBYTE: f64 = 1_073_741_824.0;

fn is_bytes(resource: &str) -> bool {
    ["memory", "ephemeral-storage"].contains(&resource)
}

fn quotas(of: &Simulated<'_>) -> Vec<QuotaView> {
    let mut rows = Vec::new();
    for (period, name) in of.periods.iter().enumerate() {
        for (index, column) in of.cluster.columns.iter().enumerate() {
            let quota = of.outcome.quota[period][index];
            let held = of.outcome.held[period][index];
            if quota == 0 && held == 0 {
                continue;
            }
            rows.push(QuotaView {
                period: name.clone(),
                flavor: of.cluster.flavors[column.flavor.index()].name.clone(),
                resource: of.cluster.resources[column.resource.index()].name.clone(),
                quota_hours: in_units(of.cluster, column.resource, hours(quota)),
                held_hours: in_units(of.cluster, column.resource, hours(held)),
                utilization: of.outcome.utilization(period, Id::new(index)).map(shortest),
            });
        }
    }
    rows
}

fn step_view(of: &Simulated<'_>, step: &Step) -> StepView {
    StepView {
        at: moment(step.at, of.origin),
        job: of.jobs[step.job].name.clone(),
        what: words(of, &step.what),
    }
}

/// What happened, as a sentence.
fn words(of: &Simulated<'_>, what: &What) -> String {
    let name = |job: usize| format!("`{}`", of.jobs[job].name);
    match what {
        What::Arrived => "arrives".to_owned(),
        What::Finished => "finishes".to_owned(),
        What::Left => "is withdrawn".to_owned(),
        What::Waits(obstacles) => format!("waits: {}", obstacle_words(of.cluster, obstacles)),
        What::NeverFits(obstacles) => {
            format!("can never start: {}", obstacle_words(of.cluster, obstacles))
        }
        What::Preempts(targets) => {
            let targets: Vec<String> = targets
                .iter()
                .map(|(job, why)| format!("{} ({})", name(*job), why.word()))
                .collect();
            format!("preempts {}", targets.join(", "))
        }
        What::Started { usage, borrowing, pods } => {
            let taken: Vec<String> = usage
                .iter()
                .map(|(column, amount)| column_amount(of.cluster, *column, *amount))
                .collect();
            let loan = match borrowing {
                0 => "from its queue's quota".to_owned(),
                1 => "borrowing from its cohort".to_owned(),
                levels => format!("borrowing from a cohort {levels} levels up"),
            };
            let some = if pods.1 < pods.0 {
                format!(", {} of {} pods", pods.1, pods.0)
            } else {
                String::new()
            };
            format!("starts with {}, {loan}{some}", taken.join(", "))
        }
        What::Preempted { by, why, lost } => {
            format!("is preempted by {} ({}), {} of work lost", name(*by), why.word(), span(*lost))
        }
        What::Failed { lost } => format!("loses a node, {} of work lost; goes on", span(*lost)),
        What::Interrupted { lost } => {
            format!("is interrupted by the provider, {} of work lost", span(*lost))
        }
    }
}

fn obstacle_words(cluster: &Cluster, obstacles: &[Obstacle]) -> String {
    let mut words: Vec<String> = obstacles
        .iter()
        .map(|obstacle| match obstacle {
            Obstacle::NotOffered { resource } => {
                format!("its queue has no `{}`", cluster.resources[resource.index()].name)
            }
            Obstacle::Excluded { flavor } => {
                format!("it may not run on `{}`", cluster.flavors[flavor.index()].name)
            }
            Obstacle::ExceedsMaximum { column, requested, maximum } => format!(
                "it asks for {} of at most {}",
                column_amount(cluster, *column, *requested),
                figure(cluster, *column, *maximum)
            ),
            Obstacle::Missing { column, amount } => {
                format!("{} more are needed", column_amount(cluster, *column, *amount))
            }
        })
        .collect();
    words.dedup();
    words.join("; ")
}

fn figure(cluster: &Cluster, column: Id<FlavorResource>, amount: Amount) -> String {
    let resource = cluster.columns[column.index()].resource;
    in_units(cluster, resource, amount as f64).to_string()
}

fn column_amount(cluster: &Cluster, column: Id<FlavorResource>, amount: Amount) -> String {
    let resource = cluster.columns[column.index()].resource;
    let bytes = is_bytes(&cluster.resources[resource.index()].name);
    let unit = if bytes { " GiB" } else { "" };
    format!("{}{unit} {}", figure(cluster, column, amount), cluster.column_name(column))
}

/// A moment: a date where there is one, else days, hours, minutes and seconds.
fn moment(at: Moment, origin: Option<i64>) -> String {
    if let Some(origin) = origin
        && let Ok(stamp) = jiff::Timestamp::from_millisecond(origin * 1000 + at)
    {
        let time = jiff::tz::TimeZone::UTC.to_datetime(stamp);
        return format!(
            "{} {:02}:{:02}:{:02}",
            time.date(),
            time.hour(),
            time.minute(),
            time.second()
        );
    }
    let seconds = at.div_euclid(1000);
    let (day, hour) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400) / 3600);
    format!(
        "day {day} {hour:02}:{:02}:{:02}",
        seconds.rem_euclid(3600) / 60,
        seconds.rem_euclid(60)
    )
}

/// A length of time with two or three figures: `45 s`, `12 min`, `3.4 h`, `2.1 d`.
#[must_use]
pub fn span(time: Moment) -> String {
    let seconds = time as f64 / 1e3;
    if time == 0 {
        "0".to_owned()
    } else if seconds < 90.0 {
        format!("{seconds:.0} s")
    } else if seconds < 5_400.0 {
        format!("{:.0} min", seconds / 60.0)
    } else if seconds < 172_800.0 {
        format!("{:.1} h", seconds / 3_600.0)
    } else {
        format!("{:.1} d", seconds / 86_400.0)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a length of time")]
fn seconds(value: f64) -> String {
    span((value * 1e3) as Moment)
}

fn whole(value: f64) -> String {
    let mut digits = format!("{value:.0}");
    let mut at = digits.len();
    while at > 3 {
        at -= 3;
        digits.insert(at, ',');
    }
    digits
}

const HEADS: [&str; 11] = [
    "Queue",
    "Priority",
    "Jobs",
    "Not started",
    "Wait p50",
    "Wait p95",
    "Held",
    "Goodput",
    "Lost",
    "Preempted",
    "Unmet",
];

fn cells(row: &GroupView) -> Vec<String> {
    vec![
        row.queue.as_deref().map_or_else(|| "all".to_owned(), plain),
        row.priority.map_or_else(String::new, |priority| priority.to_string()),
        row.jobs.to_string(),
        if row.not_started == 0 { NONE.to_owned() } else { row.not_started.to_string() },
        seconds(row.wait_p50_seconds),
        seconds(row.wait_p95_seconds),
        whole(row.held_hours),
        row.goodput.map_or_else(|| NONE.to_owned(), percent),
        whole(row.lost_hours),
        row.preemptions.to_string(),
        whole(row.unmet_hours),
    ]
}

fn quota_cells(row: &QuotaView) -> Vec<String> {
    vec![
        row.period.clone(),
        plain(&row.flavor),
        if is_bytes(&row.resource) {
            format!("{}, GiB", plain(&row.resource))
        } else {
            plain(&row.resource)
        },
        whole(row.quota_hours),
        whole(row.held_hours),
        row.utilization.map_or_else(|| NONE.to_owned(), percent),
    ]
}

const QUOTA_HEADS: [&str; 6] = ["Period", "Flavor", "Resource", "Quota-hours", "Held", "Used"];

fn grid(heads: &[&str], rows: impl Iterator<Item = Vec<String>>, texts: usize) -> String {
    let mut grid = Table::new();
    grid.load_style(NOTHING);
    grid.set_header(heads.to_vec());
    for row in rows {
        grid.add_row(row);
    }
    for column in grid.column_iter_mut().skip(texts) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    trimmed(&grid)
}

impl KueueView {
    fn headline(&self) -> String {
        let JobsView { all, finished, running, waiting, lost, never_fit } = self.jobs;
        let mut text = format!("{all} jobs: {finished} finished");
        for (count, what) in [
            (running, "run still"),
            (waiting, "wait"),
            (lost, "were preempted and are over"),
            (never_fit, "too large for their queue"),
        ] {
            if count > 0 {
                let _ = write!(text, ", {count} {what}");
            }
        }
        let _ = write!(text, "; {} simulated.", seconds(self.simulated_hours * 3600.0));
        text
    }

    fn scale(&self) -> String {
        format!(
            "Held, lost and unmet in {}s of `{}`. Wait: from arrival to the first start; of a job that has \
             not started, to the end. Goodput: useful of held. Unmet: work that waits at the end.",
            self.unit, self.resource
        )
    }
}

/// For a terminal.
#[must_use]
pub fn table(view: &KueueView, width: usize) -> String {
    if !view.steps.is_empty() {
        return steps_table(view);
    }
    let mut text = view.headline() + "\n\n";
    let rows = view.queues.iter().chain([&view.total]).map(cells);
    text.push_str(&grid(&HEADS, rows, 1));
    text.push('\n');
    if !view.by_period.is_empty() {
        let mut heads = vec!["Period"];
        heads.extend(HEADS);
        let rows = view.by_period.iter().map(|row| {
            let mut of = vec![row.period.clone().unwrap_or_default()];
            of.extend(cells(row));
            of
        });
        text.push_str(&grid(&heads, rows, 2));
        text.push('\n');
    }
    text.push_str(&grid(&QUOTA_HEADS, view.quotas.iter().map(quota_cells), 3));
    text.push('\n');
    text.push_str(&super::terminal::wrap(&view.scale(), width));
    text.push('\n');
    text
}

fn steps_table(view: &KueueView) -> String {
    let mut text = String::new();
    for step in &view.steps {
        let _ = writeln!(text, "{}  {} {}", step.at, step.job, step.what);
    }
    text
}

/// As Markdown.
#[must_use]
pub fn markdown(view: &KueueView) -> String {
    if !view.steps.is_empty() {
        let rows = view.steps.iter().map(|step| {
            let (job, what) = (escape(&plain(&step.job)), escape(&plain(&step.what)));
            format!("- {}: {job} {what}\n", step.at)
        });
        return rows.collect();
    }
    let mut text = view.headline() + "\n\n";
    let rows = view.queues.iter().chain([&view.total]).map(cells);
    markdown_table(&mut text, &HEADS, rows, 1);
    if !view.by_period.is_empty() {
        let mut heads = vec!["Period"];
        heads.extend(HEADS);
        let rows = view.by_period.iter().map(|row| {
            let mut of = vec![row.period.clone().unwrap_or_default()];
            of.extend(cells(row));
            of
        });
        markdown_table(&mut text, &heads, rows, 2);
    }
    markdown_table(&mut text, &QUOTA_HEADS, view.quotas.iter().map(quota_cells), 3);
    text + &view.scale() + "\n"
}

fn markdown_table(
    text: &mut String,
    heads: &[&str],
    rows: impl Iterator<Item = Vec<String>>,
    texts: usize,
) {
    let rule: Vec<&str> =
        (0..heads.len()).map(|at| if at < texts { "---" } else { "---:" }).collect();
    let _ = writeln!(text, "| {} |\n| {} |", heads.join(" | "), rule.join(" | "));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| escape(cell)).collect();
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text.push('\n');
}

/// As JSON.
#[must_use]
pub fn json(view: &KueueView) -> String {
    serde_json::to_string_pretty(view).map_or_else(|_| String::new(), |text| text + "\n")
}

/// As CSV: one row a period, queue and priority, and where a job was followed one row a step.
#[must_use]
pub fn csv(view: &KueueView) -> String {
    if !view.steps.is_empty() {
        let mut text = "at,job,what\n".to_owned();
        for step in &view.steps {
            let _ =
                writeln!(text, "{},{},{}", quoted(&step.at), quoted(&step.job), quoted(&step.what));
        }
        return text;
    }
    let mut text =
        "period,queue,priority,jobs,not_started,wait_p50_seconds,wait_p95_seconds,asked_hours,\
                    held_hours,useful_hours,lost_hours,goodput,preemptions,unmet_hours\n"
            .to_owned();
    let rows = if view.by_period.is_empty() { &view.queues } else { &view.by_period };
    for row in rows {
        let _ = writeln!(
            text,
            "{},{},{},{},{},{},{},{},{},{},{},{},{},{}",
            quoted(row.period.as_deref().unwrap_or("all")),
            quoted(row.queue.as_deref().unwrap_or("all")),
            row.priority.unwrap_or(0),
            row.jobs,
            row.not_started,
            row.wait_p50_seconds,
            row.wait_p95_seconds,
            row.asked_hours,
            row.held_hours,
            row.useful_hours,
            row.lost_hours,
            row.goodput.map_or_else(String::new, |share| share.to_string()),
            row.preemptions,
            row.unmet_hours,
        );
    }
    text
}
