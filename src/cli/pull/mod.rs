//! `capplan pull`: reads measured usage from the plan's sources; the only command that meets the network.

mod check;
mod dry_run;
mod show;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;

use super::format::{self, Format};
use super::terminal::{self, Bar};
use super::{Outcome, PlanArgs, Stop, prepare, print};
use crate::plan::measure::{Address, MeasureKind, MeasureSource};
use crate::plan::{CheckedPlan, Plan};
use crate::pull::agenda;
use crate::pull::client::Access;
use crate::pull::fault::Fault;
use crate::pull::queries::{self, Ask};
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
    #[arg(long, value_parser = format::among(&[Format::Table, Format::Json]), default_value = "table")]
    format: Format,
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
        return check::run(options, folder, &errands, now);
    }
    if options.dry_run {
        return dry_run::run(options, folder, errands, now);
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
        Format::Json => {
            print(&show::json(&all.iter().map(|(s, p)| show::view(s, p)).collect::<Vec<_>>())?)?;
        }
        _ => print(&show::table(&all))?,
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
