//! `capplan usage`: what was measured of every workload, and which resource is the fullest; offline.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::format::{self, Format};
use super::{Outcome, PlanArgs, Stop, prepare, print, terminal};
use crate::report::usage_view::{self, Subjects};

/// Options of `usage`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    plan: PlanArgs,
    /// Whose resources; both where absent.
    #[arg(long, value_enum)]
    by: Option<By>,
    /// Only the workload or pool of this name.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// How to print it.
    #[arg(long, value_parser = format::of_table(), default_value = "table")]
    format: Format,
}

/// Whose resources are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// What was measured of each workload, against what its replicas request.
    Workload,
    /// What the workloads of each pool use of its nodes.
    Pool,
}

const NOTHING: &str = "nothing was measured: no workload has a `history`, and there is no snapshot of a \
    source\n  help: write `history \"data/chat.csv\"` into a `demand`, or a `source` with `label workload \
    \"app\"` into the plan, and run `capplan pull`";

/// Prints what was measured.
pub(super) fn run(options: &Options) -> Outcome {
    let prepared = prepare::prepare(&options.plan)?;
    let found = prepared.measured()?;
    if found.measured.is_empty() {
        return Err(Stop::World(NOTHING.to_owned()));
    }
    let subjects = match options.by {
        None => Subjects::All,
        Some(By::Workload) => Subjects::Workloads,
        Some(By::Pool) => Subjects::Pools,
    };
    let view = usage_view::view(&prepared.plan.base, &found, subjects, prepared.as_of);
    let view = view.only(options.only.as_deref()).map_err(Stop::World)?;
    for note in &view.stale {
        terminal::say(&format!("note: {note}"));
    }
    let text = match options.format {
        Format::Json => usage_view::json(&view),
        Format::Csv => usage_view::csv(&view),
        Format::Md => usage_view::markdown(&view),
        _ => usage_view::table(&view, terminal::width()),
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}
