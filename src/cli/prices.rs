//! `capplan prices`: shows, searches, compares and checks price lists, and the prices of a plan.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::check::plural;
use super::format::{self, Format};
use super::{Outcome, PlanArgs, Stop, date, prepare, print, terminal};
use crate::calendar::Date;
use crate::catalogue::compare::compare;
use crate::catalogue::lint::lint;
use crate::catalogue::search::{Wanted, pattern};
use crate::catalogue::{self, At, Catalogue, Defaults, Form, Listed, Shape, day_in_name};
use crate::money::quantised;
use crate::plan::Plan;
use crate::plan::price::Purchase;
use crate::report::listing::{self, Listing};
use crate::report::prices_view::{self, Shown};
use crate::source::Span;

/// Options of `prices`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// Price lists, or a plan; two lists are compared, the old one first.
    #[arg(default_value = ".", value_name = "PLAN|FILE")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    find: Find,
    /// Show only what is odd: zero, not below on-demand, conflicting, a jump, far from other regions, stale.
    #[arg(long)]
    lint: bool,
    /// Compare the prices of this day with those of another in one list, OLD and NEW.
    #[arg(long, num_args = 2, value_names = ["OLD", "NEW"], value_parser = date)]
    days: Option<Vec<Date>>,
    /// Of a comparison, show prices that did not change too.
    #[arg(long)]
    all: bool,
    /// The day staleness is measured from; of a plan, its own as-of day where absent.
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<Date>,
    /// How to print it.
    #[arg(long, value_parser = format::of_table(), default_value = "table")]
    format: Format,
}

/// Which prices, and how their file reads.
#[derive(Debug, Clone, Args)]
pub(super) struct Find {
    /// Only types like this, such as `p5*`.
    #[arg(long, value_name = "PATTERN")]
    instance: Option<String>,
    /// Only regions like this.
    #[arg(long, value_name = "PATTERN")]
    region: Option<String>,
    /// Only types with a GPU like this.
    #[arg(long, value_name = "PATTERN")]
    gpu: Option<String>,
    /// Only prices for this way to buy.
    #[arg(long, value_enum)]
    purchase: Option<Way>,
    /// The form of the lists, where their text does not tell.
    #[arg(long, value_parser = form, value_name = "FORM")]
    form: Option<Form>,
}

/// A way to buy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Way {
    /// By the hour, at will.
    OnDemand,
    /// By the hour, may be taken away.
    Spot,
    /// Committed for a term.
    Reserved,
}

fn form(word: &str) -> Result<Form, String> {
    let words: Vec<&str> = Form::ALL.iter().map(|form| form.word()).collect();
    Form::find(word).ok_or_else(|| format!("the forms are {}", words.join(", ")))
}

impl Find {
    /// What is looked for.
    pub(super) fn wanted(&self) -> Result<Wanted, Stop> {
        let glob =
            |text: &Option<String>| text.as_deref().map(pattern).transpose().map_err(Stop::World);
        let gpu = self.gpu.as_ref().map(|gpu| gpu.to_ascii_lowercase());
        Ok(Wanted {
            instance: glob(&self.instance)?,
            region: glob(&self.region)?,
            gpu: glob(&gpu)?,
            provider: None,
            purchase: self.purchase.map(|way| match way {
                Way::OnDemand => Purchase::OnDemand,
                Way::Spot => Purchase::Spot,
                Way::Reserved => Purchase::Reserved,
            }),
        })
    }

    /// Whether nothing is looked for.
    fn is_all(&self) -> bool {
        self.instance.is_none()
            && self.region.is_none()
            && self.gpu.is_none()
            && self.purchase.is_none()
    }

    /// Reads a list.
    pub(super) fn read(&self, path: &Path) -> Result<Catalogue, Stop> {
        let shown = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Stop::World(format!("cannot read `{shown}`: {error}")))?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let defaults = Defaults {
            provider: None,
            as_of: name.as_deref().and_then(day_in_name),
            source: Some(shown.to_string()),
        };
        catalogue::parse(&text, self.form, &defaults).map_err(|fault| {
            Stop::World(format!("`{shown}` does not read: {fault}\n  help: {}", fault.help()))
        })
    }
}

/// Whether a path leads to a plan: a folder, or a `.kdl` file.
pub(super) fn is_plan(path: &Path) -> bool {
    path.is_dir() || path.extension().is_some_and(|extension| extension == "kdl")
}

/// Prints prices.
pub(super) fn run(options: &Options) -> Outcome {
    let wanted = options.find.wanted()?;
    let mut lists: Vec<(String, Catalogue)> = Vec::new();
    // The days from which the lists are looked at.
    let mut days: Vec<Option<Date>> = Vec::new();
    for path in &options.paths {
        let (list, day) = if is_plan(path) {
            of_plan(path, options.as_of)?
        } else {
            (options.find.read(path)?, options.as_of)
        };
        lists.push((path.display().to_string(), list));
        days.push(day);
    }
    let keep = |list: &Catalogue| -> Vec<Listed> {
        list.listed.iter().filter(|price| wanted.is(price)).cloned().collect()
    };
    let shown = if options.all { Shown::All } else { Shown::Changed };
    let found: Vec<Listing> = if options.lint {
        let odd = lists.iter().zip(days).map(|((name, list), day)| {
            let own = Catalogue { listed: keep(list), ..list.clone() };
            let mut listing = prices_view::odd(&own, &lint(&own, day), name);
            if lists.len() > 1 {
                listing.title.clone_from(name);
            }
            listing
        });
        odd.collect()
    } else if let Some(days) = &options.days {
        let [(_, list)] = &lists[..] else {
            return Err(Stop::World("two days are compared within one list".to_owned()));
        };
        let upto = |day: Date| -> Vec<Listed> {
            let known = |price: &Listed| price.as_of.is_none_or(|read| read <= day);
            keep(list).into_iter().filter(known).collect()
        };
        vec![prices_view::changes(&compare(&upto(days[0]), &upto(days[1])), shown)]
    } else if let [(_, old), (_, new)] = &lists[..] {
        vec![prices_view::changes(&compare(&keep(old), &keep(new)), shown)]
    } else {
        let all = lists.iter().map(|(name, list)| {
            let prices: Vec<&Listed> =
                list.listed.iter().filter(|price| wanted.is(price)).collect();
            let mut listing = prices_view::prices(&prices, file_name(name));
            listing.notes = vec![said(name, list, prices.len(), &options.find)];
            listing
        });
        all.collect()
    };
    if !options.lint {
        for (name, list) in &lists {
            say_unread(name, list);
        }
    }
    print_as(&found, options.format)?;
    Ok(ExitCode::SUCCESS)
}

/// Says how many rows of a list are not read, and where the first of them is.
pub(super) fn say_unread(name: &str, list: &Catalogue) {
    let Some(first) = list.unread.first() else { return };
    let (rows, line) = (plural(list.unread.len(), "row"), first.at.line);
    let first = match list.unread.len() {
        1 => format!("line {line}"),
        _ => format!("the first is line {line}"),
    };
    terminal::say(&format!(
        "note: {rows} of `{name}` not read, {first}; `capplan prices {name} --lint` shows why"
    ));
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// How many prices a list has, and its form; a plan has none.
fn said(path: &str, list: &Catalogue, shown: usize, find: &Find) -> String {
    let all = plural(list.listed.len(), "price");
    let of = if find.is_all() { String::new() } else { format!("{shown} of ") };
    if is_plan(Path::new(path)) {
        return format!("{of}{all} of the plan.");
    }
    format!("{of}{all}, form {}.", list.form.word())
}

/// Prints tables in a format.
pub(super) fn print_as(found: &[Listing], format: Format) -> Result<(), Stop> {
    print(&match format {
        Format::Json => listing::json(found),
        Format::Csv => listing::csv(found),
        Format::Md => listing::markdown(found),
        _ => listing::table(found, terminal::width()),
    })
}

/// The prices of a plan as a list, in the order of names, and the day it is looked at from.
fn of_plan(path: &Path, as_of: Option<Date>) -> Result<(Catalogue, Option<Date>), Stop> {
    let args = PlanArgs { path: path.to_owned(), as_of, draws: None };
    let checked = prepare::read(&args)?;
    let Some(plan) = checked.plan else {
        return Err(Stop::Places(prepare::shown(&checked), checked.sources));
    };
    let at = |span| {
        let place: String = checked.sources.place(span);
        let (file, line) = place.rsplit_once(':')?;
        Some((file.to_owned(), line.parse().ok()?))
    };
    let listed = listed(&plan.base, &at);
    Ok((Catalogue { form: Form::Csv, listed, unread: Vec::new() }, plan.base.as_of))
}

/// The prices of a plan; `at` says the file and the line of a place.
fn listed(plan: &Plan, at: &dyn Fn(Span) -> Option<(String, u32)>) -> Vec<Listed> {
    const GIB: f64 = 1_073_741_824.0;
    let mut listed = Vec::new();
    for instance in plan.instances.items() {
        let provider = &plan.providers[instance.provider];
        // What a provider of one region sells is sold there.
        let only = match &provider.regions[..] {
            [region] => Some(region.as_str()),
            _ => None,
        };
        for price in &instance.prices {
            let amount = &price.per_hour;
            let (file, line) = at(price.origin).unwrap_or_default();
            listed.push(Listed {
                provider: Some(provider.name.as_str().into()),
                instance: instance.name.as_str().into(),
                region: price.region.as_deref().or(only).map(Into::into),
                zone: None,
                shape: Shape {
                    gpu: instance.gpu.map(|gpu| plan.gpus[gpu].name.as_str().into()),
                    gpus: instance.shape.gpus,
                    vcpus: instance.shape.cores,
                    memory_gib: instance.shape.memory_bytes / GIB,
                },
                purchase: price.purchase,
                term_months: price.term_months,
                upfront: price.upfront,
                per_hour: amount.exact.unwrap_or_else(|| quantised(amount.estimate.median())),
                currency: plan.currency,
                as_of: price.source.as_of,
                until: None,
                source: price.source.source.as_deref().map(Into::into),
                file: Some(file.into()),
                at: At { line, ..At::default() },
            });
        }
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_of_a_plan_stands_in_the_file_that_says_it() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans/acme");
        let (list, day) = of_plan(&path, None).unwrap_or_else(|_| panic!("the plan reads"));
        assert!(day.is_some(), "staleness is measured from the plan's day");
        for price in &list.listed {
            let place = price.place("acme");
            assert!(place.starts_with("catalog.kdl:"), "{place}");
            assert_eq!(price.region.as_deref(), Some("us-east-1"), "{place}");
        }
        let everything =
            Find { instance: None, region: None, gpu: None, purchase: None, form: None };
        assert_eq!(said("plans/acme.kdl", &list, 11, &everything), "11 prices of the plan.");
        assert_eq!(said("acme.csv", &list, 11, &everything), "11 prices, form csv.");
    }
}
