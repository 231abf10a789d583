//! `capplan pull`: reads measured usage from the plan's sources; the only command that meets the network.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use serde::Serialize;

use super::terminal::{self, Bar};
use super::{Outcome, PlanArgs, Stop, prepare, print};
use crate::plan::measure::{Address, MeasureKind, MeasureSource};
use crate::plan::{CheckedPlan, Plan};
use crate::pull::agenda::{self, Agenda};
use crate::pull::client::Access;
use crate::pull::fault::Fault;
use crate::pull::queries::{self, Ask, Need};
use crate::pull::stale::{self, Age, State};
use crate::pull::{self, Pulled, SeriesPulled, World};

/// Options of `pull`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// A plan file, or the folder that holds the file with `plan`.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Only the source of this name.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Ask nobody; say what is older than its source's `stale-after`, and exit with 3 where anything is.
    #[arg(long, conflicts_with = "dry_run")]
    check: bool,
    /// Ask nobody; print every query and range that would be sent.
    #[arg(long)]
    dry_run: bool,
    /// How to print what came of it.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// JSON.
    Json,
}

/// A source, and what is asked of it.
struct Errand<'a> {
    source: &'a MeasureSource,
    asks: Vec<Ask>,
}

/// Pulls, or says what it would do, or what is stale.
pub(super) fn run(options: &Options) -> Outcome {
    let args = PlanArgs { path: options.path.clone(), as_of: None, draws: None };
    let checked = prepare::read(&args)?;
    let Some(plan) = &checked.plan else {
        return Err(Stop::Places(prepare::shown(&checked), checked.sources));
    };
    let plans = plan.plans();
    let errands = errands(plan, &plans, options.source.as_deref())?;
    let (folder, now) = (checked.folder.as_path(), Timestamp::now());
    if options.check {
        return check(options, folder, &errands, now);
    }
    if options.dry_run {
        return dry_run(options, folder, errands, now);
    }
    pull(options, folder, errands, now)
}

/// The sources to ask; those of a kind that is not read yet are named.
fn errands<'a>(
    plan: &'a CheckedPlan,
    plans: &[&'a Plan],
    only: Option<&str>,
) -> Result<Vec<Errand<'a>>, Stop> {
    let sources = plan.base.measure_sources.items();
    if let Some(only) = only
        && sources.iter().all(|source| source.name != only)
    {
        let names: Vec<_> = sources.iter().map(|source| format!("`{}`", source.name)).collect();
        let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err(Stop::World(format!("the plan has no source `{only}`; there is {names}")));
    }
    let wanted = |source: &&MeasureSource| only.is_none_or(|only| source.name == only);
    let (read, later): (Vec<_>, Vec<_>) =
        sources.iter().filter(wanted).partition(|source| source.kind == MeasureKind::Prometheus);
    for source in &later {
        terminal::say(&format!(
            "note: source `{}` is not read: kind `{}` is not supported yet; export its data to a file, \
             and name that in `history`",
            source.name,
            source.kind.word()
        ));
    }
    if read.is_empty() {
        let why = if later.is_empty() { "has no `source`" } else { "has no source of that kind" };
        return Err(Stop::World(format!(
            "there is nothing to pull: the plan {why}\n  help: write `source \"prom\" {{ kind \
             prometheus; url \"https://prometheus.acme.example\"; label workload \"app\"; }}`"
        )));
    }
    let errand = |source| Errand { source, asks: queries::asks(plans, source) };
    let errands: Vec<Errand> = read.into_iter().map(errand).collect();
    for errand in errands.iter().filter(|errand| errand.asks.is_empty()) {
        terminal::say(&format!(
            "note: nothing is asked of source `{}`: give a demand `history source=\"{0}\" \
             metric=request-rate`, or the source a `label workload`",
            errand.source.name
        ));
    }
    Ok(errands)
}

fn pull(options: &Options, folder: &Path, errands: Vec<Errand>, now: Timestamp) -> Outcome {
    let mut all = Vec::new();
    for Errand { source, asks } in errands {
        if asks.is_empty() {
            continue;
        }
        let access = access(source);
        let pulled = match access {
            Ok(access) => {
                let bar = Bar::new();
                let progress = |key: &crate::history::snapshot::Key, done, total| {
                    bar.show(
                        done,
                        total,
                        &format!("{} {} {}", source.name, key.workload, key.metric),
                    );
                };
                let sleep = |time| std::thread::sleep(time);
                let world = World { now, sleep: &sleep, progress: &progress };
                let agenda = agenda::agenda(folder, source, asks, now);
                pull::pull(folder, source, agenda, &access, &world)
            }
            Err(fault) => Pulled {
                path: None,
                server: String::new(),
                series: Vec::new(),
                fault: Some(fault),
                remarks: Vec::new(),
            },
        };
        say(&source.name, &pulled);
        all.push((source, pulled));
    }
    match options.format {
        Format::Table => print(&table(&all))?,
        Format::Json => print(&json(&all.iter().map(|(s, p)| view(s, p)).collect::<Vec<_>>())?)?,
    }
    let failed = |pulled: &Pulled| {
        pulled.fault.is_some() || pulled.series.iter().any(|series| series.fault.is_some())
    };
    let failed = all.iter().any(|(_, pulled)| failed(pulled));
    Ok(ExitCode::from(u8::from(failed)))
}

/// The address and the login of a source, from the environment where the plan says so.
fn access(source: &MeasureSource) -> Result<Access, Fault> {
    let variable = |name: &str| {
        let value = std::env::var(name).unwrap_or_default();
        let value = value.trim().to_owned();
        if value.is_empty() { Err(Fault::NoVariable(name.to_owned())) } else { Ok(value) }
    };
    let url = match &source.address {
        Some(Address::Url(url)) => url.clone(),
        Some(Address::Env(name)) => variable(name)?,
        None => String::new(),
    };
    let login = source.auth.as_ref();
    let login = login.map(|auth| Ok((auth.method, variable(&auth.env)?))).transpose()?;
    Ok(Access { url, login })
}

/// Says what went wrong and what is to be known of a source.
fn say(source: &str, pulled: &Pulled) {
    for remark in &pulled.remarks {
        terminal::say(&format!("note: source `{source}`: {remark}"));
    }
    for SeriesPulled { note, fault, .. } in &pulled.series {
        let (workload, metric) = (&note.key.workload, &note.key.metric);
        let what = format!("source `{source}`, workload `{workload}`, `{metric}`");
        for remark in &note.remarks {
            terminal::say(&format!("note: {what}: {remark}"));
        }
        if let Some(fault) = fault
            && !matches!(fault, Fault::NotAsked)
            && Some(fault) != pulled.fault.as_ref()
        {
            terminal::error(&format!("{what}: {fault}\n  help: {}", fault.help()));
        }
    }
    if let Some(fault) = &pulled.fault {
        terminal::error(&format!("source `{source}`: {fault}\n  help: {}", fault.help()));
    }
    let unasked = pulled.series.iter().filter(|s| s.fault == Some(Fault::NotAsked)).count();
    if unasked > 0 {
        terminal::say(&format!("note: source `{source}`: {unasked} series were not asked for"));
    }
}

fn table(all: &[(&MeasureSource, Pulled)]) -> String {
    let heads = ["source", "workload", "metric", "hours", "new", "first", "last", "missing", ""];
    let mut rows = vec![heads.map(str::to_owned).to_vec()];
    let mut written = String::new();
    for (source, pulled) in all {
        rows.extend(pulled.series.iter().map(|series| {
            let note = &series.note;
            let state = match (&series.fault, note.rows) {
                (Some(Fault::NotAsked), _) => "not asked",
                (Some(_), _) => "failed",
                (None, 0) => "absent",
                (None, _) => "",
            };
            let gaps: i64 = note.gaps.iter().map(|gap| gap.hours).sum();
            vec![
                source.name.clone(),
                note.key.workload.clone(),
                note.key.metric.clone(),
                note.rows.to_string(),
                series.new_rows.to_string(),
                hour(note.first),
                hour(note.last),
                gaps.to_string(),
                state.to_owned(),
            ]
        }));
        if let Some(path) = &pulled.path {
            written.extend(["  ", path, "\n"]);
        }
    }
    if rows.len() == 1 {
        return String::new();
    }
    let written = if written.is_empty() { written } else { format!("\nwrote\n{written}") };
    format!("{}{written}", columns(&rows, &[3, 4, 7]))
}

#[derive(Serialize)]
struct PulledView<'a> {
    source: &'a str,
    server: &'a str,
    snapshot: Option<&'a str>,
    error: Option<String>,
    remarks: &'a [String],
    series: Vec<SeriesView<'a>>,
}

#[derive(Serialize)]
struct SeriesView<'a> {
    #[serde(flatten)]
    note: &'a crate::history::snapshot::SeriesNote,
    new_rows: usize,
    needed: bool,
    error: Option<String>,
}

fn view<'a>(source: &'a MeasureSource, pulled: &'a Pulled) -> PulledView<'a> {
    let series = |series: &'a SeriesPulled| SeriesView {
        note: &series.note,
        new_rows: series.new_rows,
        needed: series.need == Need::Demand,
        error: series.fault.as_ref().map(ToString::to_string),
    };
    PulledView {
        source: &source.name,
        server: &pulled.server,
        snapshot: pulled.path.as_deref(),
        error: pulled.fault.as_ref().map(ToString::to_string),
        remarks: &pulled.remarks,
        series: pulled.series.iter().map(series).collect(),
    }
}

fn dry_run(options: &Options, folder: &Path, errands: Vec<Errand>, now: Timestamp) -> Outcome {
    #[derive(Serialize)]
    struct Request<'a> {
        source: &'a str,
        workload: String,
        metric: String,
        query: String,
        step_seconds: u32,
        requests: usize,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
    }
    let mut requests = Vec::new();
    for Errand { source, asks } in errands {
        let Agenda { items, remarks, .. } = agenda::agenda(folder, source, asks, now);
        for remark in remarks {
            terminal::say(&format!("note: source `{}`: {remark}", source.name));
        }
        requests.extend(items.into_iter().map(|item| Request {
            source: &source.name,
            workload: item.ask.key.workload,
            metric: item.ask.key.metric,
            query: item.ask.query,
            step_seconds: item.ask.step_seconds,
            requests: item.chunks.len(),
            from: item.chunks.first().map(|range| pull::start_of(*range)),
            until: item.chunks.last().map(|range| pull::end_of(*range)),
        }));
    }
    match options.format {
        Format::Json => print(&json(&requests)?)?,
        Format::Table => {
            let line = |r: &Request| {
                let range = match (r.from, r.until) {
                    (Some(from), Some(until)) => format!(
                        "from {from} until {until}, every {} s, in {} request{}",
                        r.step_seconds,
                        r.requests,
                        if r.requests == 1 { "" } else { "s" }
                    ),
                    _ => String::from("nothing: it is there already"),
                };
                format!("{} {} {}\n  {}\n  {range}\n", r.source, r.workload, r.metric, r.query)
            };
            print(&requests.iter().map(line).collect::<String>())?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn check(options: &Options, folder: &Path, errands: &[Errand], now: Timestamp) -> Outcome {
    #[derive(Serialize)]
    struct View<'a> {
        source: &'a str,
        workload: String,
        metric: String,
        state: &'static str,
        last: Option<Timestamp>,
        age_hours: Option<i64>,
        stale_after_hours: f64,
    }
    let mut found: Vec<(&MeasureSource, Age)> = Vec::new();
    let mut broken = false;
    for Errand { source, asks } in errands {
        match stale::ages(folder, source, asks, now) {
            Ok(ages) => found.extend(ages.into_iter().map(|age| (*source, age))),
            Err(fault) => {
                broken = true;
                terminal::error(&format!(
                    "source `{}`: {fault}\n  help: {}",
                    source.name,
                    fault.help()
                ));
            }
        }
    }
    match options.format {
        Format::Json => {
            let views: Vec<View> = found
                .iter()
                .map(|(source, age)| View {
                    source: &source.name,
                    workload: age.key.workload.clone(),
                    metric: age.key.metric.clone(),
                    state: age.state.word(),
                    last: age.last,
                    age_hours: age.hours,
                    stale_after_hours: source.stale_after_hours,
                })
                .collect();
            print(&json(&views)?)?;
        }
        Format::Table => {
            let heads = ["source", "workload", "metric", "last", "age", "stale after", ""];
            let mut rows = vec![heads.map(str::to_owned).to_vec()];
            rows.extend(found.iter().map(|(source, age)| {
                vec![
                    source.name.clone(),
                    age.key.workload.clone(),
                    age.key.metric.clone(),
                    hour(age.last),
                    age.hours.map(|hours| format!("{hours} h")).unwrap_or_default(),
                    format!("{} h", (source.stale_after_hours * 10.0).round() / 10.0),
                    age.state.word().to_owned(),
                ]
            }));
            print(&columns(&rows, &[4, 5]))?;
        }
    }
    let any = |state| found.iter().any(|(_, age)| age.state == state);
    if any(State::Missing) || any(State::Stale) {
        terminal::say("run `capplan pull` for what is missing or stale");
    }
    match (broken || any(State::Missing), any(State::Stale)) {
        (true, _) => Err(Stop::Said(1)),
        (false, true) => Err(Stop::Said(3)),
        (false, false) => Ok(ExitCode::SUCCESS),
    }
}

fn json(value: &impl Serialize) -> Result<String, Stop> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n").map_err(|error| Stop::World(error.to_string()))
}

/// An instant to the hour.
fn hour(at: Option<Timestamp>) -> String {
    at.map(|at| at.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

/// Rows of equal length as columns, those of numbers to the right.
fn columns(rows: &[Vec<String>], right: &[usize]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..rows[0].len()).map(|c| width(c).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if right.contains(&column) {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        format!("{}\n", line.trim_end())
    };
    rows.iter().map(line).collect()
}
