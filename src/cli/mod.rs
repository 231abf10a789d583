//! The command line: all input, output, clock and environment. One file a command.
//!
//! Data goes to standard output, messages to standard error. Exit codes: 0 ok, 1 error (an invalid
//! plan, missing data), 2 usage, 3 a gate failed (a policy, a budget).
#![expect(clippy::disallowed_methods, reason = "the one place that meets the outside world")]

mod allocate;
mod buy_or_rent;
mod check;
mod diff;
mod explain;
mod explain_error;
mod export;
mod forecast;
mod forecast_table;
mod format;
mod git;
mod headroom;
mod import;
mod instances;
mod prepare;
mod prices;
mod procure;
mod pull;
mod quota;
mod report;
mod revisions;
mod scale;
mod schema;
mod shell;
mod simulate;
mod spot;
mod template;
mod terminal;
mod usage;
mod watch;
mod written;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::calendar::{Date, parse_date};
use crate::diagnostic::Diagnostic;
use crate::source::Sources;

/// What ended a command early, already said or still to be said.
#[derive(Debug)]
enum Stop {
    /// Something is wrong and was printed; leave with this code.
    Said(u8),
    /// Places of the plan that are to blame.
    Places(Vec<Diagnostic>, Sources),
    /// Something is wrong with the world, in words.
    World(String),
}

/// What a command ends with.
type Outcome = Result<ExitCode, Stop>;

/// Capacity planning as code: checks plan files, forecasts demand, sizes capacity, and reports what it
/// costs, month by month, with its uncertainty.
#[derive(Debug, Parser)]
#[command(name = "capplan", version, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// When to color messages.
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check a plan: errors with the place and the fix, then budgets and policies as gates.
    Check(check::Options),
    /// Show demand, capacity and cost per month, p10 to p90; or look ahead of a CSV or Parquet table.
    Forecast(forecast::Options),
    /// Say what to buy and when: orders with their dates, cash, reasons, and how far from the optimum.
    Procure(procure::Options),
    /// Write the budget report, team statements, the executive page and the workbook.
    Report(report::Options),
    /// Show what a change of the plan costs, by team and month, and why: a comment of a pull request.
    Diff(diff::Options),
    /// Show where a figure comes from: parts, quantity × price, need, demand, down to the line of the plan.
    Explain(explain::Options),
    /// Check and report again whenever a file of the plan changes.
    Watch(watch::Options),
    /// Read measured usage from the plan's sources into dated snapshots beside it.
    Pull(pull::Options),
    /// Show what was measured: level, trend, seasons, gaps, and which resource is full first.
    Usage(usage::Options),
    /// Hold ways to serve more side by side: replicas, nodes, batches, a cache, smaller numbers.
    Scale(scale::Options),
    /// Show when and in which hours each pool runs short, what drives it, and what would cure it.
    Headroom(headroom::Options),
    /// Show, search, compare and check price lists, or the prices of a plan.
    Prices(prices::Options),
    /// Find the cheapest mix of instance types for each pool, or for a table of pods.
    Instances(instances::Options),
    /// Show what spot cost, what a useful hour on it costs, and whether it pays.
    Spot(spot::Options),
    /// Hold owned hardware against renting: break-even use, payback and net present value.
    BuyOrRent(buy_or_rent::Options),
    /// Propose quotas with which nobody waits too long, at least cost, beside today's.
    Quota(quota::Options),
    /// Show who bears what by any label: team, department, cost centre, project, environment, workload.
    Allocate(allocate::Options),
    /// Simulate what a cluster's controllers would do.
    #[command(subcommand)]
    Simulate(simulate::Simulation),
    /// Write the plan as what other tools read: Kubernetes manifests, Kueue queues.
    Export(export::Options),
    /// Begin a plan from what a cluster runs: Kubernetes manifests as plan nodes.
    Import(import::Options),
    /// List, begin and check the templates that reports are made with.
    #[command(subcommand)]
    Template(template::Command),
    /// Print what an error code means and how to mend it.
    ExplainError(explain_error::Options),
    /// Print the JSON Schema of what a report or a comparison writes as JSON.
    Schema(schema::Options),
    /// Print what makes a shell complete this command line.
    Completions(shell::Completions),
    /// Print the manual, or write a page for every command.
    Man(shell::Manual),
}

/// Which plan, and as seen when.
#[derive(Debug, Clone, Args)]
struct PlanArgs {
    /// A plan file, or the folder that holds the file with `plan`.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The day the plan is looked at from; otherwise the plan's `as-of`, or the last commit's date.
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<Date>,
    /// Use so many draws instead of the plan's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    draws: Option<u32>,
}

/// When to color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ColorChoice {
    /// Where a terminal shows it and `NO_COLOR` is not set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

fn date(text: &str) -> Result<Date, String> {
    parse_date(text).ok_or_else(|| "a date is written 2026-11-23".to_owned())
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    terminal::set_color(cli.color);
    let outcome = match &cli.command {
        Command::Check(options) => check::run(options),
        Command::Forecast(options) => forecast::run(options),
        Command::Procure(options) => procure::run(options),
        Command::Report(options) => report::run(options),
        Command::Diff(options) => diff::run(options),
        Command::Explain(options) => explain::run(options),
        Command::Watch(options) => watch::run(options),
        Command::Pull(options) => pull::run(options),
        Command::Usage(options) => usage::run(options),
        Command::Scale(options) => scale::run(options),
        Command::Headroom(options) => headroom::run(options),
        Command::Prices(options) => prices::run(options),
        Command::Instances(options) => instances::run(options),
        Command::Spot(options) => spot::run(options),
        Command::BuyOrRent(options) => buy_or_rent::run(options),
        Command::Quota(options) => quota::run(options),
        Command::Allocate(options) => allocate::run(options),
        Command::Simulate(simulation) => simulate::run(simulation),
        Command::Export(options) => export::run(options),
        Command::Import(options) => import::run(options),
        Command::Template(command) => template::run(command),
        Command::ExplainError(options) => explain_error::run(options),
        Command::Schema(options) => schema::run(options),
        Command::Completions(options) => shell::completions(options),
        Command::Man(options) => shell::manual(options),
    };
    match outcome {
        Ok(code) => code,
        Err(stop) => ExitCode::from(stop.say()),
    }
}

impl Stop {
    /// Says what is still to be said, and gives the exit code.
    fn say(self) -> u8 {
        match self {
            Self::Said(code) => code,
            Self::Places(found, sources) => {
                terminal::diagnostics(&found, &sources);
                1
            }
            Self::World(message) => {
                terminal::error(&message);
                1
            }
        }
    }
}

/// Writes data to standard output; a reader that closes early (`| head`) ends the program quietly.
fn print(text: &str) -> Result<(), Stop> {
    let mut out = anstream::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Err(Stop::Said(0)),
        Err(error) => Err(Stop::World(format!("cannot write the output: {error}"))),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_has_no_option_twice() {
        super::Cli::command().debug_assert();
    }
}
