//! `capplan scale`: ways to serve a workload, or every workload of a pool, side by side.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::format::{self, Format};
use super::{Outcome, PlanArgs, Stop, prepare, print, terminal};
use crate::calendar::{Calendar, Month};
use crate::ids::Id;
use crate::plan::{Plan, Workload};
use crate::report::scale_view;
use crate::scale::Points;

/// Options of `scale`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// A workload, or a pool: then each workload that it serves.
    #[arg(value_name = "WORKLOAD")]
    name: String,
    #[command(flatten)]
    plan: PlanArgs,
    /// The month whose busiest hour counts; otherwise the one whose peak is highest.
    #[arg(long, value_name = "MONTH", value_parser = month)]
    month: Option<Month>,
    /// Measured throughput: a CSV with the columns `replicas` and `throughput`, in served units a second.
    #[arg(long, value_name = "FILE")]
    points: Option<PathBuf>,
    /// Measured batches: a CSV with the columns `batch` and `seconds`.
    #[arg(long, value_name = "FILE")]
    batches: Option<PathBuf>,
    /// How to print it.
    #[arg(long, value_parser = format::among(&[Format::Table, Format::Json, Format::Md]), default_value = "table")]
    format: Format,
}

fn month(text: &str) -> Result<Month, String> {
    Calendar::Gregorian.parse(text).ok_or_else(|| "a month is written 2027-06".to_owned())
}

/// Prints the ways.
pub(super) fn run(options: &Options) -> Outcome {
    let points = Points {
        throughput: read(options.points.as_deref(), ["replicas", "throughput"])?,
        batches: read(options.batches.as_deref(), ["batch", "seconds"])?,
    };
    let prepared = prepare::prepare(&options.plan)?;
    let plan = &prepared.plan.base;
    let workloads = subjects(plan, &options.name)?;
    let t = options.month.map(|month| place(plan, month)).transpose()?;
    let scaled = prepared.scaled(&workloads, t, &points);
    if scaled.is_empty() {
        return Err(Stop::World(format!(
            "no demand of `{}` is served by whole replicas, GPUs or nodes\n  help: only what has a `demand` and a \
             `replica` or a `capacity` scales",
            options.name
        )));
    }
    let view = scale_view::view(plan, &scaled);
    print(&match options.format {
        Format::Json => scale_view::json(&view),
        Format::Md => scale_view::markdown(&view),
        _ => scale_view::table(&view, terminal::width()),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The workload of a name, or those that run in the pool of that name.
fn subjects(plan: &Plan, name: &str) -> Result<Vec<Id<Workload>>, Stop> {
    if let Some(id) = plan.workloads.find(name) {
        return Ok(vec![id]);
    }
    if let Some(pool) = plan.pools.find(name) {
        let of_pool = plan.workloads.iter().filter(|(_, workload)| workload.pool == Some(pool));
        return Ok(of_pool.map(|(id, _)| id).collect());
    }
    let mut known: Vec<&str> =
        plan.workloads.items().iter().map(|workload| workload.name.as_str()).collect();
    known.extend(plan.pools.items().iter().map(|pool| pool.name.as_str()));
    let known = known.join(", ");
    Err(Stop::World(format!("no workload or pool is called `{name}`; there is {known}")))
}

fn place(plan: &Plan, month: Month) -> Result<usize, Stop> {
    let month = plan.horizon.calendar().named(month);
    let place = usize::try_from(month.since(plan.horizon.first)).ok();
    place.filter(|t| *t < plan.horizon.months).ok_or_else(|| {
        let (first, last) = (plan.horizon.first, plan.horizon.month(plan.horizon.months - 1));
        Stop::World(format!("{month} is outside the plan, which runs from {first} to {last}"))
    })
}

/// Two columns of numbers, by the names of their columns.
fn read(path: Option<&Path>, columns: [&str; 2]) -> Result<Option<Vec<(f64, f64)>>, Stop> {
    let Some(path) = path else { return Ok(None) };
    let wrong = |what: String| Stop::World(format!("{}: {what}", path.display()));
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(path)
        .map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let heads = reader.headers().map_err(|error| wrong(error.to_string()))?.clone();
    let place = |column: &str| {
        heads.iter().position(|head| head == column).ok_or_else(|| {
            let found = heads.iter().collect::<Vec<_>>().join(", ");
            wrong(format!("there is no column `{column}`; there is {found}"))
        })
    };
    let places = [place(columns[0])?, place(columns[1])?];
    let mut points = Vec::new();
    for (row, record) in reader.records().enumerate() {
        let record = record.map_err(|error| wrong(error.to_string()))?;
        let number = |place: usize| {
            let text = record.get(place).unwrap_or("");
            text.parse::<f64>()
                .ok()
                .filter(|value| value.is_finite())
                .ok_or_else(|| wrong(format!("line {}: `{text}` is no number", row + 2)))
        };
        points.push((number(places[0])?, number(places[1])?));
    }
    Ok(Some(points))
}
