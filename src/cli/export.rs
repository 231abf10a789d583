//! `capplan export`: the plan as what other tools read.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::prepare::{self, Prepared};
use super::{Outcome, PlanArgs, Stop, print, terminal};
use crate::calendar::{Calendar, Month};
use crate::export::{self, Export, Source};
use crate::kubernetes::write::{self, Manifest};
use crate::plan::Plan;
use crate::source::Span;

/// Options of `export`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(subcommand)]
    to: To,
}

/// What the plan is exported to.
#[derive(Debug, Subcommand)]
enum To {
    /// Manifests of what runs: namespaces with their limits, deployments with their autoscalers, jobs.
    Kubernetes(Manifests),
    /// Manifests of Kueue (v1beta2): queues, cohorts, flavours and priorities of the plan's quotas.
    Kueue(Manifests),
}

/// Options of exports to a cluster.
#[derive(Debug, Args)]
struct Manifests {
    #[command(flatten)]
    plan: PlanArgs,
    /// The folder to write to, a file a workload; everything goes to standard output where absent.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// A scenario instead of the base.
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// The month whose need counts; the as-of month, or the horizon's first, where absent.
    #[arg(long, value_name = "YYYY-MM", value_parser = month)]
    month: Option<Month>,
    /// One namespace for everything, instead of one for each team.
    #[arg(long, value_name = "NAME", value_parser = namespace)]
    namespace: Option<String>,
}

fn month(text: &str) -> Result<Month, String> {
    Calendar::Gregorian.parse(text).ok_or_else(|| "a month is written 2027-06".to_owned())
}

fn namespace(text: &str) -> Result<String, String> {
    if crate::kubernetes::name::is_label(text, crate::kubernetes::name::LABEL) {
        return Ok(text.to_owned());
    }
    Err("a namespace is at most 63 of a-z, 0-9 and `-`, a letter or digit at both ends".to_owned())
}

/// Writes the export.
pub(super) fn run(options: &Options) -> Outcome {
    match &options.to {
        To::Kubernetes(manifests) => run_manifests(manifests, export::kubernetes),
        To::Kueue(manifests) => run_manifests(manifests, export::kueue::kueue),
    }
}

fn run_manifests(options: &Manifests, exported: fn(&Source<'_>) -> Export) -> Outcome {
    let prepared = prepare::prepare(&options.plan)?;
    let which = prepared.which(options.scenario.as_deref())?;
    let plan = prepared.plan.plans()[which];
    let t = chosen_month(plan, options.month, &prepared)?;
    let (choices, sizings) = prepared.sized(which);
    let folder = folder(&options.plan.path);
    let place = |span: Span| format!("{folder}{}", prepared.plan.sources.place(span));
    let source = Source {
        plan,
        sizings: &sizings,
        choices: &choices,
        month: t,
        namespace: options.namespace.as_deref(),
        place: &place,
    };
    let export = exported(&source);
    for note in &export.notes {
        terminal::say(&format!("note: {note}"));
    }
    match &options.out {
        None => {
            let all: Vec<Manifest> =
                export.files.iter().flat_map(|file| file.manifests.clone()).collect();
            print(&write::yaml(&all))?;
        }
        Some(out) => print(&save(&export, out)?)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The month of the export, counted from the horizon's first.
fn chosen_month(plan: &Plan, asked: Option<Month>, prepared: &Prepared) -> Result<usize, Stop> {
    let horizon = plan.horizon;
    match asked {
        None => Ok(horizon.index(horizon.month_of(prepared.as_of)).unwrap_or(0)),
        Some(month) => horizon.index(horizon.calendar().named(month)).ok_or_else(|| {
            Stop::World(format!(
                "the plan looks from {} to {}: {month} is outside",
                horizon.first,
                horizon.last()
            ))
        }),
    }
}

/// What stands before the plan's own paths, so that a place can be followed from here.
fn folder(path: &Path) -> String {
    let folder = if path.is_dir() { Some(path) } else { path.parent() };
    let folder =
        folder.map(|folder| folder.to_string_lossy().replace('\\', "/")).unwrap_or_default();
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    if folder.is_empty() || folder == "." || folder.starts_with('/') {
        return String::new();
    }
    format!("{folder}/")
}

/// Writes one file a workload, and says which; files that were there before and are not of this export
/// are named, since a cluster would still be given them.
fn save(export: &Export, out: &Path) -> Result<String, Stop> {
    let cannot = |path: &Path, error: &std::io::Error| {
        Stop::World(format!("cannot write `{}`: {error}", path.display()))
    };
    let mut said = String::from("wrote\n");
    let mut folders = std::collections::BTreeSet::from([out.to_owned()]);
    let mut written = std::collections::BTreeSet::new();
    for file in &export.files {
        let path = out.join(&file.path);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| cannot(&path, &error))?;
            folders.insert(folder.to_owned());
        }
        std::fs::write(&path, write::yaml(&file.manifests))
            .map_err(|error| cannot(&path, &error))?;
        let _ = writeln!(said, "  {}", path.display());
        written.insert(path);
    }
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        let mut others: Vec<PathBuf> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| {
                path.extension().is_some_and(|ext| ext == "yaml") && !written.contains(path)
            })
            .collect();
        others.sort();
        for other in others {
            terminal::say(&format!("note: `{}` is not of this export", other.display()));
        }
    }
    Ok(said)
}
