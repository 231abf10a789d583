//! `capplan forecast`: demand, capacity and cost per month of a plan; or of a plain table of series, what
//! follows each.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::forecast_table::{self, TableArgs};
use super::format::{self, Format};
use super::prepare::{self, Prepared};
use super::{Outcome, PlanArgs, Stop, print, terminal};
use crate::outcome::Outcomes;
use crate::report::forecast_view::{self, Subject};
use crate::report::terminal::Color;
use crate::report::{self, BudgetView};

/// Options of `forecast`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    plan: PlanArgs,
    /// The forecast of each of these, month by month; an overview where absent.
    #[arg(long, value_enum)]
    by: Option<By>,
    /// Only what has this name.
    #[arg(long, value_name = "NAME", requires = "by")]
    only: Option<String>,
    /// How to print it.
    #[arg(long, value_parser = format::of_table(), default_value = "table")]
    format: Format,
    /// Say how well histories, or the series of a table, would have been forecast.
    #[arg(long, conflicts_with = "by")]
    backtest: bool,
    #[command(flatten)]
    table: TableArgs,
}

/// What is forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    /// Demand of each workload.
    Workload,
    /// Nodes needed in each pool.
    Pool,
    /// Cost of each team, after chargeback.
    Team,
    /// Cost in all.
    Total,
}

/// Prints the forecast.
pub(super) fn run(options: &Options) -> Outcome {
    if forecast_table::is_table(&options.plan.path) {
        let (path, table) = (&options.plan.path, &options.table);
        return forecast_table::run(path, table, options.backtest, options.format);
    }
    options.table.refuse()?;
    let prepared = prepare::prepare(&options.plan)?;
    let outcomes = prepared.run();
    if options.backtest {
        return backtest(options, &prepared, &outcomes);
    }
    if options.by.is_none() && options.format == Format::Table {
        let command = format!("capplan forecast {}", options.plan.path.display());
        let view = report::view(&prepared.plan, &outcomes, prepared.provenance(command));
        print(&overview(&view))?;
        return Ok(ExitCode::SUCCESS);
    }
    let subject = match options.by {
        Some(By::Workload) => Subject::Workload,
        Some(By::Pool) => Subject::Pool,
        Some(By::Team) => Subject::Team,
        Some(By::Total) | None => Subject::Total,
    };
    let view = forecast_view::view(&prepared.plan.base, &outcomes.base, subject, prepared.as_of);
    let view = view.only(options.only.as_deref()).map_err(Stop::World)?;
    let text = match options.format {
        Format::Json => forecast_view::json(&view),
        Format::Csv => forecast_view::csv(&view),
        Format::Md => forecast_view::markdown(&view),
        _ => forecast_view::table(&view),
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints how well each history of a plan would have been forecast.
fn backtest(options: &Options, prepared: &Prepared, outcomes: &Outcomes) -> Outcome {
    let command = format!("capplan forecast {} --backtest", options.plan.path.display());
    let view = report::view(&prepared.plan, outcomes, prepared.provenance(command));
    if view.history.is_empty() {
        return Err(Stop::World(
            "no demand of this plan has a history to hold out; add `history \"FILE\"` to one"
                .to_owned(),
        ));
    }
    print(&match options.format {
        Format::Json => report::accuracy::histories_json(&view.history),
        Format::Csv => report::accuracy::histories_csv(&view.history),
        Format::Md => {
            let templates = prepared.templates()?;
            report::markdown::accuracy(&view, &templates).map_err(prepare::broken(&templates))?
        }
        _ => report::accuracy::histories_table(&view.history, terminal::width()),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Cost by category and period, the month's cost as a chart, demand, and need against supply by pool.
fn overview(view: &BudgetView) -> String {
    let (width, color) = (terminal::width(), color());
    let mut parts = vec![
        report::terminal::forecast_table(view, width, color),
        report::terminal::cost_chart(view, width, color),
        report::terminal::demand_table(view, width, color),
    ];
    for pool in &view.pools {
        parts.extend(report::terminal::need_chart(view, &pool.pool, width, color));
    }
    parts.join("\n")
}

pub(super) fn color() -> Color {
    if terminal::stdout_shows_color() { Color::Ansi } else { Color::Plain }
}
