//! `capplan explain`: where a figure comes from, down to the line of the plan.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::format::{self, Format};
use super::{Outcome, PlanArgs, Stop, date, prepare, print, terminal};
use crate::calendar::Date;
use crate::explain::query::{self, Query};
use crate::explain::{self, Explainer, sensitivity};
use crate::pipeline;
use crate::plan::Plan;
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
    /// plan again for each, 10 unless told; 0 estimates from the draws there are what that would show.
    #[arg(long, value_name = "N")]
    hold: Option<usize>,
    /// How to print it.
    #[arg(long, value_parser = format::among(&[Format::Table, Format::Json, Format::Md]), default_value = "table")]
    format: Format,
}

/// Why no assumption can be held for a question.
fn holds_nothing(plan: &Plan, query: &Query) -> Option<String> {
    if query.what != explain::What::Cost {
        return Some("assumptions are held for a `cost` alone".to_owned());
    }
    let team = sensitivity::in_part(plan, &query.of)?;
    Some(format!(
        "of team `{}` only a part is charged there, and draws are kept by whole teams",
        team.name
    ))
}

/// Explains, and prints.
pub(super) fn run(options: &Options) -> Outcome {
    let args = PlanArgs { path: options.path.clone(), as_of: options.as_of, draws: options.draws };
    let prepared = prepare::prepare(&args)?;
    let plan = &prepared.plan.base;
    // A slip in the question is told before anything is computed.
    let query = query::query(plan, &options.figure).map_err(Stop::World)?;
    let (mut outcome, movers) = match query.what {
        explain::What::Cost => {
            prepared.run_held(options.hold.unwrap_or(10), (&query.of, &query.when.months))
        }
        _ => (prepared.run_base(), Vec::new()),
    };
    outcome.sizings = pipeline::size_within(plan, &outcome, &query.when.months);
    if let (Some(_), Some(why)) = (options.hold, holds_nothing(plan, &query)) {
        terminal::say(&format!("note: --hold does nothing here: {why}"));
    }
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
        Format::Json => json(explained),
        Format::Md => {
            let templates = prepared.templates()?;
            markdown(explained, depth, &templates).map_err(prepare::broken(&templates))?
        }
        _ => table(explained, depth, terminal::width()),
    })?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_hold_that_does_nothing_says_why() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans/acme");
        let plan = crate::language::read(&path).unwrap().plan.unwrap().base;
        let why = |text: &str| holds_nothing(&plan, &query::query(&plan, text).unwrap());
        assert!(why("cost cost-center=CC-5180").unwrap().contains("team `assistant`"));
        assert!(why("need pool=serve-h100").unwrap().contains("`cost` alone"));
        assert_eq!(why("cost team=assistant"), None);
    }
}
