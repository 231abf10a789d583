//! `capplan quota`: quotas with which nobody waits too long, at least cost.

use std::process::ExitCode;

use clap::Args;

use super::format::{self, Format};
use super::{Outcome, PlanArgs, Stop, prepare, print, terminal};
use crate::pipeline;
use crate::report::{listing, quota_view};
use crate::simulate::kueue::outcome::HOUR;
use crate::simulate::kueue::trace;

/// Options of `quota`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    plan: PlanArgs,
    /// 95% of the runs of every quota are to start within this time: `90m`, `4h`, `2d`.
    #[arg(long, value_name = "TIME", value_parser = hours, default_value = "4h")]
    wait_p95: f64,
    /// How to print it.
    #[arg(long, value_parser = format::among(&[Format::Table, Format::Json, Format::Csv, Format::Md, Format::Kdl]), default_value = "table")]
    format: Format,
}

fn hours(text: &str) -> Result<f64, String> {
    trace::time(text)
        .filter(|time| *time >= 0)
        .map(|time| time as f64 / HOUR as f64)
        .ok_or_else(|| "a time is written `90s`, `45m`, `1.5h` or `2d`".to_owned())
}

/// Prints the proposal.
pub(super) fn run(options: &Options) -> Outcome {
    let prepared = prepare::prepare(&options.plan)?;
    let plan = &prepared.plan.base;
    if plan.quotas.is_empty() {
        return Err(Stop::World(super::simulate::NO_QUOTA.to_owned()));
    }
    let outcome = prepared.run_base();
    let proposal = {
        let bar = terminal::Bar::new();
        let mut done = |done, most| bar.show(done, most, "simulations");
        pipeline::propose_quotas(plan, &outcome, options.wait_p95, plan.draws.count(), &mut done)
    };
    let found = || quota_view::listings(plan, &proposal);
    print(&match options.format {
        Format::Json => listing::json(&found()),
        Format::Csv => listing::csv(&found()),
        Format::Md => listing::markdown(&found()),
        Format::Kdl => quota_view::kdl(plan, &proposal),
        _ => listing::table(&found(), terminal::width()),
    })?;
    Ok(ExitCode::SUCCESS)
}
