//! `capplan headroom`: when and in which hours each pool runs short, what drives it, what would cure it.

use std::process::ExitCode;

use clap::Args;

use super::format::{self, Format};
use super::{Outcome, PlanArgs, Stop, prepare, print, terminal};
use crate::headroom::headroom;
use crate::procure::{enacted, renewed};
use crate::report::headroom_table;
use crate::report::terminal::Color;
use crate::report::view::headroom as view;

/// Options of `headroom`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    plan: PlanArgs,
    /// Only the pool of this name.
    #[arg(long, value_name = "NAME")]
    pool: Option<String>,
    /// The share of draws in which nodes must suffice, in every month separately.
    #[arg(long, value_name = "SHARE", default_value = "95%", value_parser = share)]
    confidence: f64,
    /// How to print it.
    #[arg(long, value_parser = format::of_table(), default_value = "table")]
    format: Format,
}

fn share(text: &str) -> Result<f64, String> {
    let percent = text.strip_suffix('%').and_then(|number| number.parse::<f64>().ok());
    percent
        .map(|percent| percent / 100.0)
        .filter(|share| (0.5..1.0).contains(share))
        .ok_or_else(|| "a confidence is written 95%, from 50% to below 100%".to_owned())
}

/// Prints the headroom.
pub(super) fn run(options: &Options) -> Outcome {
    let prepared = prepare::prepare(&options.plan)?;
    let outcome = prepared.run_base();
    let (plan, as_of, confidence) = (&prepared.plan.base, prepared.as_of, options.confidence);
    // Supply has followed the orders: what they fill of a limit is filled.
    let renewed = renewed(plan);
    let schedule = outcome.schedule.as_ref();
    let supplied = schedule.map(|orders| enacted(&renewed, &outcome.choices, orders));
    let supplied = supplied.as_deref().unwrap_or(&renewed);
    let found = headroom(supplied, &outcome.pool_months, &outcome.sizings, as_of, confidence);
    let views = view(plan, &prepared.plan.sources, &outcome, &found, confidence);
    if views.is_empty() {
        return Err(Stop::World("the plan has no pool of nodes".to_owned()));
    }
    let views = headroom_table::only(views, options.pool.as_deref()).map_err(Stop::World)?;
    let color = if terminal::stdout_shows_color() { Color::Ansi } else { Color::Plain };
    print(&match options.format {
        Format::Json => headroom_table::json(&views),
        Format::Csv => headroom_table::csv(&views),
        Format::Md => headroom_table::markdown(&views, as_of),
        _ => headroom_table::table(&views, as_of, terminal::width(), color),
    })?;
    Ok(ExitCode::SUCCESS)
}
