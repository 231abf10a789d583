//! `capplan explain`: where a figure comes from, down to the line of the plan.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{Outcome, PlanArgs, Stop, date, prepare, print, terminal};
use crate::calendar::Date;
use crate::explain::{self, Explainer, query};
use crate::report::explain::{Depth, Explained, json, markdown, table};

/// Options of `explain`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// The figure: `cost team=search FY2027-Q2`, `need pool=gpu 2027-05`, `demand workload=chat`,
    /// `budget budget=fy27`, `change team=search` (from the first to the last quarter, or to the one named).
    #[arg(value_name = "FIGURE")]
    figure: String,
    /// A plan file, or the folder that holds the file with `plan`.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The day the plan is looked at from; otherwise the plan's `as-of`, or the last commit's date.
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<Date>,
    /// Use so many draws instead of the plan's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    draws: Option<u32>,
    /// How many steps down to show.
    #[arg(long, value_name = "N", default_value_t = 4)]
    depth: usize,
    /// How many parts of each step to show by themselves.
    #[arg(long, value_name = "N", default_value_t = 8)]
    top: usize,
    /// Of the cost of something: hold so many of the strongest assumptions at their p10 and at their p90, and run the
    /// plan again for each; 0 estimates from the draws there are what that would show.
    #[arg(long, value_name = "N", default_value_t = 10)]
    hold: usize,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// How to print an explanation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Table,
    /// JSON, with every step and exact amounts.
    Json,
    /// Markdown.
    Md,
}

/// Explains, and prints.
pub(super) fn run(options: &Options) -> Outcome {
    let args = PlanArgs { path: options.path.clone(), as_of: options.as_of, draws: options.draws };
    let prepared = prepare::prepare(&args)?;
    let plan = &prepared.plan.base;
    // A slip in the question is told before anything is computed.
    let query = query::query(plan, &options.figure).map_err(Stop::World)?;
    let (outcome, movers) = match query.what {
        explain::What::Cost => prepared.run_held(options.hold, (&query.of, &query.when.months)),
        _ => (prepared.run_base(), Vec::new()),
    };
    let from = Explainer { plan, outcome: &outcome, sources: &prepared.plan.sources };
    let step = explain::explain(from, &query);
    let provenance = format!(
        "As of {}; means of {} draws with seed {}; amortised, base scenario. Parts come to what they \
         are parts of.",
        prepared.as_of,
        plan.draws.count(),
        plan.draws.seed()
    );
    let explained = Explained {
        question: &options.figure,
        step: &step,
        movers: &movers,
        sources: &prepared.plan.sources,
        currency: plan.currency,
        provenance: &provenance,
    };
    let depth = Depth { levels: options.depth, parts: options.top };
    print(&match options.format {
        Format::Table => table(explained, depth, terminal::width()),
        Format::Json => json(explained),
        Format::Md => {
            let templates = prepared.templates()?;
            markdown(explained, depth, &templates).map_err(prepare::broken(&templates))?
        }
    })?;
    Ok(ExitCode::SUCCESS)
}
