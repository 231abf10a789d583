//! `capplan procure`: what to buy and when, what it takes, and how far from the optimum at most.

use std::process::ExitCode;

use clap::Args;

use super::format::{self, Format};
use super::{Outcome, PlanArgs, prepare, print, terminal};
use crate::outcome::Outcomes;
use crate::plan::Procurement;
use crate::report::template::{Made, Templates};
use crate::report::terminal::Color;
use crate::report::{self, BudgetView};

/// Options of `procure`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    plan: PlanArgs,
    /// How to print it.
    #[arg(long, value_parser = format::among(&[Format::Table, Format::Json, Format::Csv, Format::Md, Format::Ics]), default_value = "table")]
    format: Format,
}

const NO_NODE: &str = "note: the plan has no `procurement` node, so its supply and cost do not follow these \
    orders; write `procurement { plan-for p80; }` and they do";

/// Prints what to buy and when.
pub(super) fn run(options: &Options) -> Outcome {
    let mut prepared = prepare::prepare(&options.plan)?;
    let templates = prepared.templates()?;
    if prepared.plan.base.procurement.is_none() {
        terminal::say(NO_NODE);
        prepared.plan.base.procurement = Some(Procurement::default());
    }
    let command = format!("capplan procure {}", options.plan.path.display());
    // Scenarios buy for themselves; `report` shows what they cost.
    prepared.plan.scenarios.clear();
    prepared.plan.comparisons.clear();
    let outcomes = Outcomes { base: prepared.run_base(), scenarios: Vec::new() };
    let view = report::view(&prepared.plan, &outcomes, prepared.provenance(command));
    let text = match options.format {
        Format::Json => Ok(report::orders::json(&view)),
        Format::Csv => Ok(report::orders::data(&view).csv()),
        Format::Md => report::markdown::procurement(&view, &templates),
        Format::Ics => Ok(report::ics::calendar(&view)),
        _ => table(&view, &templates),
    };
    print(&text.map_err(prepare::broken(&templates))?)?;
    Ok(ExitCode::SUCCESS)
}

fn table(view: &BudgetView, templates: &Templates) -> Made<String> {
    let color = if terminal::stdout_shows_color() { Color::Ansi } else { Color::Plain };
    report::terminal::procurement(view, templates, terminal::width(), color)
}
