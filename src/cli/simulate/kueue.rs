//! `capplan simulate kueue`: what Kueue would do with the jobs of a trace, or with the runs of a plan.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use crate::calendar::{Calendar, Date, Month, days_between};
use crate::cli::format::{self, Format};
use crate::cli::{Outcome, PlanArgs, Stop, date, prepare, print, terminal};
use crate::draws::Draws;
use crate::ids::Id;
use crate::kubernetes::yaml;
use crate::pipeline;
use crate::report::kueue_view::{self, Simulated};
use crate::report::queues_view;
use crate::simulate::kueue::cluster::{Cluster, Resource};
use crate::simulate::kueue::job::Checkpoint;
use crate::simulate::kueue::manifest::{self, Objects, World};
use crate::simulate::kueue::preempt::Sharing;
use crate::simulate::kueue::run::{Faults, Follow, Options as Asked, run_observed};
use crate::simulate::kueue::snapshot::Moment;
use crate::simulate::kueue::trace::{self, Defaults, Trace};

/// Options of `simulate kueue`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Options {
    /// A plan whose quotas and runs are simulated, on all of its draws.
    #[arg(conflicts_with_all = ["file", "jobs"], required_unless_present = "file")]
    plan: Option<PathBuf>,
    /// The day the plan is looked at from.
    #[arg(long, value_name = "DATE", value_parser = date, requires = "plan")]
    as_of: Option<Date>,
    /// Use so many draws instead of the plan's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000),
          requires = "plan")]
    draws: Option<u32>,
    /// A file of manifests: every `ClusterQueue`, and each `ResourceFlavor`, `Cohort`, `LocalQueue` and
    /// `WorkloadPriorityClass` if there are any. Several files are read together.
    #[arg(short, long, value_name = "FILE", requires = "jobs")]
    file: Vec<PathBuf>,
    /// The jobs: a CSV file with `arrival`, `duration`, `queue` and a column for each resource.
    #[arg(long, value_name = "FILE", requires = "file")]
    jobs: Option<PathBuf>,
    /// Share what is borrowed fairly, as Kueue does with `fairSharing` in its configuration.
    #[arg(long)]
    fair_sharing: bool,
    /// The date of second 0, where arrivals are seconds: results are told by month.
    #[arg(long, value_name = "DATE", value_parser = date)]
    start: Option<Date>,
    /// Stop after so long; when the last job ends, where absent.
    #[arg(long, value_name = "TIME", value_parser = time)]
    until: Option<Moment>,
    /// The resource whose hours are told; the GPUs, else the CPU, where absent.
    #[arg(long, value_name = "NAME")]
    resource: Option<String>,
    /// Print what happens to the job of this name, and why.
    #[arg(long, value_name = "NAME")]
    job: Option<String>,
    /// How to print it.
    #[arg(long, value_parser = format::of_table(), default_value = "table")]
    format: Format,
    #[command(flatten)]
    world: WorldArgs,
}

/// What happens to jobs and nodes beside admission.
#[derive(Debug, Args)]
#[command(next_help_heading = "Of jobs and nodes")]
struct WorldArgs {
    /// Work between two checkpoints, of jobs without a column `checkpoint`; without, a stop loses all.
    #[arg(long, value_name = "TIME", value_parser = time)]
    checkpoint: Option<Moment>,
    /// How long writing a checkpoint takes.
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "0s")]
    checkpoint_takes: Moment,
    /// How long a job takes to go on after a stop.
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "0s")]
    restart: Moment,
    /// How long a preempted job takes to be back in its queue; doubles while it is stopped in vain.
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "60s")]
    requeue: Moment,
    /// What one node holds of the resource that is told.
    #[arg(long, value_name = "COUNT", default_value_t = 8,
          value_parser = clap::value_parser!(i64).range(1..=1_000_000_000))]
    node_size: i64,
    /// The mean time between failures of one node: `90d`.
    #[arg(long, value_name = "TIME", value_parser = time)]
    node_mtbf: Option<Moment>,
    /// How long a failed node is away.
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "10m")]
    node_downtime: Moment,
    /// A flavor whose nodes the provider takes back, and the mean time until it does: `spot=20h`.
    #[arg(long, value_name = "FLAVOR=TIME", value_parser = interruption)]
    interrupt: Vec<(String, Moment)>,
    /// The seed of failures and interruptions.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

fn time(text: &str) -> Result<Moment, String> {
    trace::time(text)
        .filter(|time| *time >= 0)
        .ok_or_else(|| "a time is written `90s`, `45m`, `1.5h` or `2d`".to_owned())
}

fn interruption(text: &str) -> Result<(String, Moment), String> {
    let (flavor, mean) =
        text.split_once('=').ok_or_else(|| "an interruption is written `spot=20h`".to_owned())?;
    Ok((flavor.to_owned(), time(mean)?))
}

/// Simulates a trace, or a plan.
pub(in crate::cli) fn run(options: &Options) -> Outcome {
    match (&options.plan, &options.jobs) {
        (Some(plan), _) => run_plan(plan, options),
        (None, Some(jobs)) => run_trace(jobs, options),
        (None, None) => {
            terminal::error(
                "say which plan, or which objects with `-f` and which jobs with `--jobs`",
            );
            Err(Stop::Said(2))
        }
    }
}

pub(in crate::cli) const NO_QUOTA: &str = "the plan has no `quota`: nothing waits\n  help: write `quota \"search\" { team \"search\"; pool \"train\" { gpu nominal=64; }; }`";

fn run_plan(path: &Path, options: &Options) -> Outcome {
    let args = PlanArgs { path: path.to_owned(), as_of: options.as_of, draws: options.draws };
    let prepared = prepare::prepare(&args)?;
    let plan = &prepared.plan.base;
    if plan.quotas.is_empty() {
        return Err(Stop::World(NO_QUOTA.to_owned()));
    }
    let outcome = prepared.run_base();
    let queues = {
        let _spinner = terminal::Spinner::start("simulating queues");
        let crate::outcome::Outcome { demand, choices, pool_months, .. } = &outcome;
        pipeline::simulate_queues(plan, demand, choices, pool_months, plan.draws.count())
    };
    let view = queues_view::view(plan, &queues);
    print(&match options.format {
        Format::Json => queues_view::json(&view),
        Format::Csv => queues_view::csv(&view),
        Format::Md => queues_view::markdown(&view),
        _ => queues_view::table(&view, terminal::width()),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn run_trace(jobs_file: &Path, options: &Options) -> Outcome {
    let world = world(&options.file)?;
    for remark in &world.remarks {
        terminal::say(&format!("note: {remark}"));
    }
    let trace = jobs(jobs_file, options, &world)?;
    let origin = match (options.start, trace.origin) {
        (Some(_), Some(_)) => {
            terminal::error("`--start` is for arrivals in seconds; these are dates");
            return Err(Stop::Said(2));
        }
        (Some(start), None) => Some(i64::from(days_between(EPOCH, start)) * 86_400),
        (None, origin) => origin,
    };
    let asked = asked(options, &world, &trace, origin)?;
    let periods = period_names(&asked.periods, origin);
    let bar = terminal::progress(
        trace.jobs.len() as u64,
        "{bar:40} {human_pos} of {human_len} jobs ended, {eta} left",
    );
    let cluster = world.cluster.clone();
    let outcome =
        run_observed(cluster, &trace.jobs, &asked, |ended| bar.set_position(ended as u64));
    bar.finish_and_clear();
    let view = kueue_view::view(&Simulated {
        cluster: &world.cluster,
        jobs: &trace.jobs,
        options: &asked,
        outcome: &outcome,
        periods: &periods,
        origin,
    });
    print(&match options.format {
        Format::Json => kueue_view::json(&view),
        Format::Csv => kueue_view::csv(&view),
        Format::Md => kueue_view::markdown(&view),
        _ => kueue_view::table(&view, terminal::width()),
    })?;
    Ok(ExitCode::SUCCESS)
}

const EPOCH: Date = Date::constant(1970, 1, 1);
/// Faults shown before the rest is counted.
const SHOWN: usize = 10;

fn read(path: &Path) -> Result<String, Stop> {
    std::fs::read_to_string(path)
        .map_err(|error| Stop::World(format!("cannot read {}: {error}", path.display())))
}

fn world(files: &[PathBuf]) -> Result<World, Stop> {
    let mut objects = Vec::new();
    for path in files {
        let file = path.display().to_string();
        let documents = yaml::read(&read(path)?)
            .map_err(|fault| Stop::World(manifest::unreadable(&file, &fault).to_string()))?;
        objects.push(Objects { file, documents });
    }
    manifest::world(&objects)
        .map_err(|faults| said(faults.iter().map(ToString::to_string).collect()))
}

fn jobs(path: &Path, options: &Options, world: &World) -> Result<Trace, Stop> {
    let of = &options.world;
    let checkpoint = of.checkpoint.filter(|every| *every > 0);
    let defaults = Defaults {
        checkpoint: checkpoint.map(|every| Checkpoint { every, takes: of.checkpoint_takes }),
        restart: of.restart,
    };
    let file = path.display().to_string();
    let trace = trace::read(&read(path)?, world, defaults)
        .map_err(|faults| said(faults.iter().map(|fault| fault.with_file(&file)).collect()))?;
    if !trace.ignored.is_empty() {
        terminal::say(&format!("note: not used: {}", trace.ignored.join(", ")));
    }
    if trace.jobs.is_empty() {
        return Err(Stop::World(format!("{file} holds no job")));
    }
    Ok(trace)
}

/// Says the first faults, and how many more there are.
fn said(faults: Vec<String>) -> Stop {
    let count = faults.len();
    for fault in faults.into_iter().take(SHOWN) {
        terminal::error(&fault);
    }
    if count > SHOWN {
        terminal::error(&format!("and {} more", count - SHOWN));
    }
    Stop::Said(1)
}

fn asked(
    options: &Options,
    world: &World,
    trace: &Trace,
    origin: Option<i64>,
) -> Result<Asked, Stop> {
    let of = &options.world;
    let cluster = &world.cluster;
    let mut interruptions = Vec::new();
    for (name, mean) in &of.interrupt {
        let flavor = cluster.flavor(name).ok_or_else(|| {
            let known = cluster.flavors.iter().map(|flavor| flavor.name.as_str());
            let known = crate::language::suggest::list(known);
            Stop::World(format!(
                "unknown flavor `{name}` in `--interrupt`\n  help: there are {known}"
            ))
        })?;
        interruptions.push((flavor, *mean));
    }
    if let Some(name) = &options.job
        && !trace.jobs.iter().any(|job| job.name == *name)
    {
        let known = trace.jobs.iter().map(|job| job.name.as_str());
        let near = crate::language::suggest::nearest(name, known);
        let help =
            near.map_or_else(String::new, |near| format!("\n  help: did you mean `{near}`?"));
        return Err(Stop::World(format!("there is no job `{name}` in the trace{help}")));
    }
    let sharing = match (&world.sharing, options.fair_sharing) {
        (Some(sharing), _) => sharing.clone(),
        (None, true) => Sharing::fair(),
        (None, false) => Sharing::Classical,
    };
    Ok(Asked {
        sharing,
        end: options.until,
        periods: periods(origin, options.until.unwrap_or_else(|| last(trace))),
        counted: counted(cluster, options.resource.as_deref())?,
        requeue: of.requeue.max(1),
        faults: Faults {
            node_size: of.node_size,
            node_mtbf: of.node_mtbf,
            downtime: of.node_downtime,
            interruptions,
        },
        changes: Vec::new(),
        follow: options.job.clone().map_or(Follow::Nobody, Follow::Job),
        draws: Draws::new(of.seed, 1),
    })
}

/// The resource that is told: the one asked for, else GPUs, else the CPU, else the first.
fn counted(cluster: &Cluster, name: Option<&str>) -> Result<Id<Resource>, Stop> {
    let known = || cluster.resources.iter().map(|resource| resource.name.as_str());
    if let Some(name) = name {
        return cluster.resource(name).ok_or_else(|| {
            let known = crate::language::suggest::list(known());
            Stop::World(format!("no quota has the resource `{name}`\n  help: there are {known}"))
        });
    }
    let found = known().position(|name| name.ends_with("gpu"));
    let found = found.or_else(|| known().position(|name| name == "cpu"));
    match found.or_else(|| known().next().map(|_| 0)) {
        Some(at) => Ok(Id::new(at)),
        None => Err(Stop::World("no ClusterQueue has a quota of anything".to_owned())),
    }
}

/// A moment by which all jobs are likely to have ended: a month after twice the trace.
fn last(trace: &Trace) -> Moment {
    let last = trace.jobs.iter().map(|job| job.arrival + job.work).max().unwrap_or(0);
    last.saturating_mul(2).saturating_add(31 * 86_400_000)
}

/// The first moments of the months up to `end`; one period where there is no date.
fn periods(origin: Option<i64>, end: Moment) -> Vec<Moment> {
    let Some(origin) = origin else { return vec![0] };
    let first = month_of(origin);
    let mut periods = vec![0];
    for t in 1..=1_200 {
        let days = days_between(EPOCH, first.plus(t).first_day());
        let at = (i64::from(days) * 86_400 - origin) * 1000;
        if at >= end {
            break;
        }
        periods.push(at);
    }
    periods
}

fn month_of(seconds: i64) -> Month {
    let days = i32::try_from(seconds.div_euclid(86_400)).unwrap_or(0);
    Calendar::Gregorian.month_of(crate::calendar::plus_days(EPOCH, days))
}

fn period_names(periods: &[Moment], origin: Option<i64>) -> Vec<String> {
    match origin {
        None => vec!["all".to_owned()],
        Some(origin) => {
            (0_i32..).zip(periods).map(|(t, _)| month_of(origin).plus(t).to_string()).collect()
        }
    }
}
