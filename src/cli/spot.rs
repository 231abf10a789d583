//! `capplan spot`: what spot cost by type and zone, what a useful hour costs, and whether it pays.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::check::plural;
use super::format::{self, Format};
use super::prices::{Find, is_plan, print_as, say_unread};
use super::{Outcome, PlanArgs, Stop, prepare, terminal};
use crate::catalogue::Listed;
use crate::money::Decimal;
use crate::plan::pool::RiskTolerance;
use crate::procure::spot::effective::Interrupted;
use crate::procure::spot::history::{coverage, histories};
use crate::procure::spot::{Terms, advise, planned};
use crate::report::supply_views;

/// Options of `spot`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// A history of spot prices: what `aws ec2 describe-spot-price-history` prints, or a CSV by day and zone. Or a
    /// plan: then its pools that use spot are shown, by what the plan says of them.
    #[arg(value_name = "FILE|PLAN")]
    path: PathBuf,
    #[command(flatten)]
    find: Find,
    /// How bold a price to plan with: the median, the 75th or the 95th percentile.
    #[arg(long, value_enum, default_value_t = Tolerance::Medium)]
    risk_tolerance: Tolerance,
    /// How many of the last days count.
    #[arg(long, value_name = "DAYS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..=3650))]
    window: u32,
    /// The chance a day that a node is taken away, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0, value_parser = percent)]
    interruption: f64,
    /// The share of time that capacity can be had, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 95.0, value_parser = percent)]
    availability: f64,
    /// Minutes to write a checkpoint.
    #[arg(long, value_name = "MINUTES", default_value_t = 5.0, value_parser = minutes)]
    checkpoint: f64,
    /// Minutes from an interruption to running again.
    #[arg(long, value_name = "MINUTES", default_value_t = 15.0, value_parser = minutes)]
    recovery: f64,
    /// Minutes between checkpoints; the cheapest where absent.
    #[arg(long, value_name = "MINUTES", value_parser = minutes)]
    interval: Option<f64>,
    /// How to print it.
    #[arg(long, value_parser = format::of_table(), default_value = "table")]
    format: Format,
}

/// Which quantile of past prices is planned with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Tolerance {
    /// The median.
    High,
    /// The 75th percentile.
    Medium,
    /// The 95th percentile.
    Low,
}

fn percent(text: &str) -> Result<f64, String> {
    let value: Option<f64> = text.trim_end_matches('%').trim().parse().ok();
    value.filter(|x| (0.0..=100.0).contains(x)).ok_or_else(|| "a percentage is 0 to 100".to_owned())
}

fn minutes(text: &str) -> Result<f64, String> {
    let value: Option<f64> = text.parse().ok();
    value
        .filter(|x| (0.0..=1e6).contains(x))
        .ok_or_else(|| "minutes are a number from 0".to_owned())
}

/// Prints what spot costs.
pub(super) fn run(options: &Options) -> Outcome {
    if is_plan(&options.path) {
        return of_plan(options);
    }
    let list = options.find.read(&options.path)?;
    let wanted = options.find.wanted()?;
    let name = options.path.display().to_string();
    say_unread(&name, &list);
    let listed: Vec<_> = list.listed.into_iter().filter(|price| wanted.is(price)).collect();
    say_left_out(&name, &listed);
    let all = histories(&listed);
    if all.is_empty() {
        return Err(Stop::World(format!(
            "`{}` has no dated spot prices that are wanted\n  help: loosen --instance and --region; `capplan \
             prices` shows what a list holds",
            options.path.display()
        )));
    }
    let tolerance = match options.risk_tolerance {
        Tolerance::High => RiskTolerance::High,
        Tolerance::Medium => RiskTolerance::Medium,
        Tolerance::Low => RiskTolerance::Low,
    };
    let terms = Terms {
        interrupted: Interrupted {
            per_hour: Interrupted::rate_of_daily_chance(options.interruption / 100.0),
            checkpoint_hours: options.checkpoint / 60.0,
            recovery_hours: options.recovery / 60.0,
            interval_hours: options.interval.map(|minutes| minutes / 60.0),
        },
        availability: options.availability / 100.0,
    };
    let window = options.window as usize;
    let advice = advise(&all, window, tolerance, &|_| terms);
    let p = tolerance.probability();
    let mut notes = vec![format!(
        "Last {window} days of each series. Planned with p{:.0} (risk tolerance {}); a useful hour includes rework, \
         checkpoints of {} min, recovery of {} min and {}% a day of interruptions; blended: on-demand for the {:.0}% \
         of time without spot.",
        p * 100.0,
        tolerance.word(),
        options.checkpoint,
        options.recovery,
        options.interruption,
        100.0 - options.availability
    )];
    let (held, days) = coverage(&all, window, 30, p);
    notes.push(if days == 0 {
        "A percentile is a budget figure, not a measure of risk; this history is too short to say how often it held."
            .to_owned()
    } else {
        format!(
            "A percentile is a budget figure, not a measure of risk: in this history the p{:.0} of {window} days held \
             on {:.0}% of the next 30 ({days} days counted).",
            p * 100.0,
            held * 100.0
        )
    });
    print_as(&[supply_views::spot(&advice, notes)], options.format)?;
    Ok(ExitCode::SUCCESS)
}

/// Says how many prices are left out because they are not above zero, and where the first of them is.
fn say_left_out(name: &str, listed: &[Listed]) {
    let mut free = listed.iter().filter(|price| price.per_hour <= Decimal::ZERO);
    let Some(first) = free.next() else { return };
    let prices = plural(1 + free.count(), "price");
    let place = first.place(name);
    terminal::say(&format!("note: {prices} not above 0 left out, the first at {place}"));
}

/// Shows how the pools of a plan use spot.
fn of_plan(options: &Options) -> Outcome {
    let args = PlanArgs { path: options.path.clone(), as_of: None, draws: None };
    let prepared = prepare::prepare(&args)?;
    let plan = &prepared.plan.base;
    let (choices, _) = prepared.sized(0);
    let found = planned::of_plan(plan, &choices);
    if found.is_empty() {
        return Err(Stop::World(
            "no pool uses spot\n  help: it takes a `price spot` of its instance type, and a workload with \
             `interruptible #true`"
                .to_owned(),
        ));
    }
    print_as(&[supply_views::pool_spot(plan, &found)], options.format)?;
    Ok(ExitCode::SUCCESS)
}
