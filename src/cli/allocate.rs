//! `capplan allocate`: who bears what, along any label.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::format::{self, Format};
use super::{Outcome, PlanArgs, Stop, prepare, print, terminal};
use crate::allocation::{self, Allocation, IdleShown, LABELS, Question, Selector, Split, Window};
use crate::calendar::{FiscalQuarter, Month};
use crate::money::Decimal;
use crate::plan::Plan;
use crate::report::allocation_view::{self, Asked};

/// Options of `allocate`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    plan: PlanArgs,
    /// The label to group by; several make groups of their values: `--by department,team`.
    #[arg(long, value_delimiter = ',', default_value = "team", value_parser = label)]
    by: Vec<&'static str>,
    /// Show only what has this label: `environment=production`, `team=search,vision`, `project=` for none.
    /// Given again, both must match. Never changes what a group bears.
    #[arg(long, value_name = "LABEL=VALUE", value_parser = wanted)]
    filter: Vec<Wanted>,
    /// Only this month, fiscal quarter or fiscal year of the horizon: `2027-03`, `FY2027-Q1`, `FY2027`.
    #[arg(long, value_name = "PERIOD")]
    period: Option<String>,
    /// What becomes of idle cost.
    #[arg(long, value_enum, default_value_t = Idle::Rules)]
    idle: Idle,
    /// Cost that everybody else bears: `team=platform`. Not with the plan's rules.
    #[arg(long, value_name = "LABEL=VALUE", value_parser = wanted)]
    share: Vec<Wanted>,
    /// How shared cost, and stated shared amounts, are spread.
    #[arg(long, value_enum, default_value_t = Spread::Weighted)]
    split: Spread,
    /// An amount a month that everybody bears, beside those the plan states. Not with the plan's rules.
    #[arg(long, value_name = "AMOUNT", default_value = "0")]
    overhead: Decimal,
    /// How to print it.
    #[arg(long, value_parser = format::of_table(), default_value = "table")]
    format: Format,
}

/// What becomes of idle cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Idle {
    /// The plan's `shared-cost` rules decide, for idle and shared cost alike.
    Rules,
    /// One row of its own.
    Apart,
    /// A row for every pool.
    ByPool,
    /// Shared in each pool by cost, resource by resource.
    Weighted,
    /// Shared in each pool, the same for every group.
    Even,
}

/// How shared cost is spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Spread {
    /// In proportion to direct cost.
    Weighted,
    /// The same for every group.
    Even,
}

/// A label and the values it may have.
type Wanted = (&'static str, Vec<Option<String>>);

fn label(text: &str) -> Result<&'static str, String> {
    let known = LABELS.into_iter().find(|label| *label == text);
    known.ok_or_else(|| format!("there is no such label; it is one of {}", LABELS.join(", ")))
}

fn wanted(text: &str) -> Result<Wanted, String> {
    let (name, values) =
        text.split_once('=').ok_or_else(|| "write LABEL=VALUE, such as team=search".to_owned())?;
    let value = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    Ok((label(name)?, values.split(',').map(value).collect()))
}

/// Prints who bears what.
pub(super) fn run(options: &Options) -> Outcome {
    let by_rules = options.idle == Idle::Rules;
    if by_rules && !(options.share.is_empty() && options.overhead.is_zero()) {
        return Err(Stop::World(
            "--share and --overhead ask what the plan's rules do not say\n  help: add --idle weighted, even, \
             apart or by-pool"
                .to_owned(),
        ));
    }
    let prepared = prepare::prepare(&options.plan)?;
    let plan = &prepared.plan.base;
    let window = window(plan, options.period.as_deref()).map_err(Stop::World)?;
    let selector =
        |wanted: &[Wanted]| (!wanted.is_empty()).then(|| Selector { wanted: wanted.to_vec() });
    let filter = selector(&options.filter);
    known_values(plan, options).map_err(Stop::World)?;
    let outcome = prepared.run_base();
    let allocation: Allocation = if by_rules {
        allocation::by_rules(plan, &outcome, window.clone(), &options.by, filter.as_ref())
    } else {
        let question = Question {
            by: options.by.clone(),
            filter,
            share: selector(&options.share),
            split: if options.split == Spread::Even { Split::Even } else { Split::Weighted },
            idle: match options.idle {
                Idle::Apart | Idle::Rules => IdleShown::Apart,
                Idle::ByPool => IdleShown::ApartByPlace,
                Idle::Weighted => IdleShown::Shared(Split::Weighted),
                Idle::Even => IdleShown::Shared(Split::Even),
            },
            overhead: options.overhead,
        };
        allocation::by_question(plan, &outcome, window.clone(), &question)
    };
    let efficiencies = allocation::efficiencies(plan, &outcome, window.clone(), &options.by);
    let asked = Asked {
        window,
        by: options.by.clone(),
        method: method(options),
        filter: (!options.filter.is_empty()).then(|| words(&options.filter)),
    };
    let view = allocation_view::view(plan, prepared.as_of, asked, &allocation, &efficiencies);
    let text = match options.format {
        Format::Json => allocation_view::json(&view),
        Format::Csv => allocation_view::csv(&view),
        Format::Md => {
            let templates = prepared.templates()?;
            allocation_view::markdown(&view, &templates).map_err(prepare::broken(&templates))?
        }
        _ => allocation_view::table(&view, terminal::width(), super::forecast::color()),
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The months of a period, counted from the horizon's first.
fn window(plan: &Plan, period: Option<&str>) -> Result<Window, String> {
    let horizon = plan.horizon;
    let Some(period) = period else { return Ok(0..horizon.months) };
    let months = months(plan, period).ok_or_else(|| {
        format!("`{period}` is no period\n  help: write 2027-03, FY2027-Q1 or FY2027")
    })?;
    let inside: Vec<usize> = months.into_iter().filter_map(|month| horizon.index(month)).collect();
    match (inside.first(), inside.last()) {
        (Some(first), Some(last)) => Ok(*first..*last + 1),
        _ => Err(format!(
            "`{period}` lies outside the horizon\n  help: the plan looks at {} to {}",
            horizon.first,
            horizon.last()
        )),
    }
}

fn months(plan: &Plan, period: &str) -> Option<Vec<Month>> {
    let following = |first: Month, count: i32| (0..count).map(|n| first.plus(n)).collect();
    if let Some(fiscal) = period.strip_prefix("FY") {
        let (year, quarter) = fiscal.split_once("-Q").map_or((fiscal, None), |(y, q)| (y, Some(q)));
        let year: i16 = year.parse().ok()?;
        return match quarter {
            None => Some(following(plan.fiscal.first_month(year), 12)),
            Some(quarter) => {
                let quarter = quarter.parse().ok().filter(|quarter| (1..=4).contains(quarter))?;
                let quarter = FiscalQuarter { year, quarter };
                Some(following(plan.fiscal.first_month_of_quarter(quarter), 3))
            }
        };
    }
    plan.horizon.calendar().parse(period).map(|month| vec![month])
}

/// A value that nothing in the plan has is a slip of the pen.
fn known_values(plan: &Plan, options: &Options) -> Result<(), String> {
    for (label, values) in options.filter.iter().chain(&options.share) {
        let known: Vec<String> = match *label {
            "pool" => plan.pools.items().iter().map(|pool| pool.name.clone()).collect(),
            "provider" => plan.providers.items().iter().map(|p| p.name.clone()).collect(),
            _ => plan
                .workloads
                .ids()
                .filter_map(|id| allocation::labels(plan, id).remove(label))
                .collect(),
        };
        if let Some(value) = values.iter().flatten().find(|value| !known.contains(value)) {
            let mut known = known.clone();
            known.sort();
            known.dedup();
            return Err(format!(
                "no workload has {label} `{value}`\n  help: there {} {}",
                if known.len() == 1 { "is" } else { "are" },
                if known.is_empty() { "none".to_owned() } else { known.join(", ") }
            ));
        }
    }
    Ok(())
}

/// How idle and shared cost are spread, in words.
fn method(options: &Options) -> String {
    let split = match options.split {
        Spread::Weighted => "by direct cost",
        Spread::Even => "evenly",
    };
    let idle = match options.idle {
        Idle::Rules => return "idle and shared cost by the plan's rules".to_owned(),
        Idle::Apart | Idle::ByPool => "idle cost apart",
        Idle::Weighted => "idle cost shared in its pool, resource by resource",
        Idle::Even => "idle cost shared in its pool, evenly",
    };
    let mut method = idle.to_owned();
    if !options.share.is_empty() {
        method.push_str("; ");
        method.push_str(&words(&options.share));
        method.push_str(" shared ");
        method.push_str(split);
    }
    method.push_str("; stated shared amounts ");
    method.push_str(split);
    method
}

fn words(wanted: &[Wanted]) -> String {
    let one = |(label, values): &Wanted| {
        let values: Vec<&str> = values.iter().map(|v| v.as_deref().unwrap_or("none")).collect();
        format!("{label} {}", values.join(" or "))
    };
    wanted.iter().map(one).collect::<Vec<_>>().join(" and ")
}
