//! What most commands begin with: read and check the plan, settle the as-of date, read its history.

use std::path::{Path, PathBuf};

use super::check::plural;
use super::terminal::{self, Spinner};
use super::{PlanArgs, Stop, git};
use crate::calendar::Date;
use crate::capacity::need::{InstanceChoice, Sizing};
use crate::diagnostic::{Diagnostic, Severity};
use crate::explain::query;
use crate::explain::sensitivity::{self, Mover};
use crate::history::snapshot::Snapshot;
use crate::history::{self, Usage, snapshot};
use crate::ids::Id;
use crate::language::{self, Checked, held_back, load};
use crate::outcome::{Outcome, Outcomes};
use crate::pipeline;
use crate::plan::{CheckedPlan, Workload};
use crate::report::Provenance;
use crate::report::template::{self, Broken, Templates};
use crate::scale::{Points, Scaled};
use crate::source::Sources;
use crate::usage::Found;

/// A plan that is ready to run.
pub(super) struct Prepared {
    /// The plan.
    pub(super) plan: CheckedPlan,
    /// The history of the base and of every scenario.
    usages: Vec<Usage>,
    /// The day it is looked at from.
    pub(super) as_of: Date,
    folder: PathBuf,
}

/// Reads and checks a plan.
pub(super) fn read(args: &PlanArgs) -> Result<Checked, Stop> {
    let _spinner = Spinner::start("checking");
    let loaded = load::load(&args.path).map_err(|error| Stop::World(error.to_string()))?;
    let folder = loaded.folder.clone();
    let committed = || git::revision(&folder).and_then(|revision| revision.date);
    Ok(language::check(loaded, &|stated| args.as_of.or(stated).or_else(committed)))
}

/// Takes a checked plan on to its history; stops where anything is an error.
///
/// Says how many warnings and notes there are, and that `check` shows them: whoever asks for a figure is not told
/// everything about the plan each time.
pub(super) fn prepare(args: &PlanArgs) -> Result<Prepared, Stop> {
    let (found, prepared) = looked_into(args)?;
    let warnings = found.iter().filter(|one| one.code.severity == Severity::Warning).count();
    let notes = found.len() - warnings + prepared.remarks().count();
    let counted: Vec<String> = [(warnings, "warning"), (notes, "note")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| plural(count, what))
        .collect();
    if !counted.is_empty() {
        let of = if args.path == Path::new(".") {
            String::new()
        } else {
            format!(" {}", args.path.display())
        };
        terminal::say(&format!(
            "note: the plan has {}, shown by `capplan check{of}`",
            counted.join(" and ")
        ));
    }
    Ok(prepared)
}

/// As [`prepare`], and prints everything there is to say of the plan.
pub(super) fn prepare_aloud(args: &PlanArgs) -> Result<Prepared, Stop> {
    let (found, prepared) = looked_into(args)?;
    terminal::diagnostics(&found, &prepared.plan.sources);
    prepared.say_remarks();
    Ok(prepared)
}

fn looked_into(args: &PlanArgs) -> Result<(Vec<Diagnostic>, Prepared), Stop> {
    let checked = read(args)?;
    let found = shown(&checked);
    let Some(plan) = checked.plan else { return Err(Stop::Places(found, checked.sources)) };
    Ok((found, ready(args, plan, checked.folder)?))
}

/// Settles the draws, and reads the history.
pub(super) fn ready(
    args: &PlanArgs,
    mut plan: CheckedPlan,
    folder: PathBuf,
) -> Result<Prepared, Stop> {
    if let Some(count) = args.draws {
        let count = usize::try_from(count).unwrap_or(1);
        plan.base.draws = plan.base.draws.with_count(count);
        for scenario in &mut plan.scenarios {
            scenario.plan.draws = scenario.plan.draws.with_count(count);
        }
    }
    let as_of = plan.base.as_of.ok_or_else(|| Stop::World(NO_AS_OF.to_owned()))?;
    let _spinner = Spinner::start("reading history");
    let usages = history::read_all(&plan.plans(), &folder)
        .map_err(|error| Stop::Places(error.diagnostics(), plan.sources.clone()))?;
    Ok(Prepared { plan, usages, as_of, folder })
}

const NO_AS_OF: &str = "the plan states no `as-of`, and no commit gives one\n  \
    help: write `as-of \"2026-11-23\"` into `plan`, or give --as-of DATE";

impl Prepared {
    /// What is to be known of the histories, of the base and of every scenario.
    fn remarks(&self) -> impl Iterator<Item = &String> {
        self.usages.iter().flat_map(|usage| &usage.remarks)
    }

    /// Prints what is to be known of the histories.
    pub(super) fn say_remarks(&self) {
        for remark in self.remarks() {
            terminal::say(&format!("note: {remark}"));
        }
    }

    /// Runs every pass, for the base and every scenario.
    pub(super) fn run(&self) -> Outcomes {
        let _spinner = Spinner::start("planning");
        pipeline::run_all(&self.plan, &self.usages, self.as_of)
    }

    /// Runs every pass for the base alone: gates look at nothing else.
    pub(super) fn run_base(&self) -> Outcome {
        let _spinner = Spinner::start("planning");
        pipeline::run(&self.plan.base, &self.usages[0], self.as_of)
    }

    /// Runs every pass for the base, and then again with each of the `most` strongest assumptions held low and high:
    /// what the cost of something is there.
    pub(super) fn run_held(
        &self,
        most: usize,
        (of, months): (&query::Of, &std::ops::Range<usize>),
    ) -> (Outcome, Vec<Mover>) {
        let (plan, usage) = (&self.plan.base, &self.usages[0]);
        let spinner = Spinner::start("planning");
        let (outcome, priced) = pipeline::run_priced(plan, usage, self.as_of);
        drop(spinner);
        let mut movers = sensitivity::movers(plan, &outcome, of, months);
        let bar = terminal::Bar::new();
        let total = movers.len().min(most);
        for (done, mover) in movers.iter_mut().take(most).enumerate() {
            bar.show(done, total, &mover.key);
            let base = (&outcome, priced.as_slice());
            mover.held = pipeline::held((plan, usage, self.as_of), base, mover, (of, months));
        }
        (outcome, movers)
    }

    /// Every way to serve these workloads of the base, in a month of the horizon.
    pub(super) fn scaled(
        &self,
        workloads: &[Id<Workload>],
        t: Option<usize>,
        points: &Points,
    ) -> Vec<Scaled> {
        let _spinner = Spinner::start("scaling");
        pipeline::scale(&self.plan.base, &self.usages[0], workloads, t, points)
    }

    /// The history of the base.
    pub(super) fn usage(&self) -> &Usage {
        &self.usages[0]
    }

    /// Which of the plans is a scenario's; the base where none is asked for.
    pub(super) fn which(&self, scenario: Option<&str>) -> Result<usize, Stop> {
        let Some(name) = scenario.filter(|name| *name != "base") else { return Ok(0) };
        let scenarios = &self.plan.scenarios;
        scenarios.iter().position(|one| one.name == name).map(|place| place + 1).ok_or_else(|| {
            let names = scenarios.iter().map(|one| format!(", `{}`", one.name)).collect::<String>();
            Stop::World(format!("the plan has no scenario `{name}`; there is `base`{names}"))
        })
    }

    /// The instance type of every pool and the size of every workload, of one of the plans.
    pub(super) fn sized(&self, which: usize) -> (Vec<InstanceChoice>, Vec<Sizing>) {
        let _spinner = Spinner::start("sizing");
        pipeline::size(self.plan.plans()[which], &self.usages[which])
    }

    /// What was measured of the base: its histories, and the newest snapshot of each source that is not
    /// after the as-of day.
    pub(super) fn measured(&self) -> Result<Found, Stop> {
        let _spinner = Spinner::start("measuring");
        let snapshots = self.snapshots()?;
        Ok(pipeline::measure(&self.plan.base, &self.usages[0], &snapshots, self.as_of))
    }

    /// The newest snapshot of each source that is not after the as-of day.
    pub(super) fn snapshots(&self) -> Result<Vec<Snapshot>, Stop> {
        let mut snapshots = Vec::new();
        for source in self.plan.base.measure_sources.items() {
            let newest = snapshot::newest(&self.folder, &source.name, self.as_of);
            let fault = |fault: history::Fault| {
                Stop::World(format!("source `{}`: {fault}\n  help: {}", source.name, fault.help()))
            };
            snapshots.extend(newest.map_err(fault)?);
        }
        Ok(snapshots)
    }

    /// How reports of the plan are shown.
    pub(super) fn templates(&self) -> Result<Templates, Stop> {
        templates(&self.folder)
    }

    /// Where the figures come from.
    pub(super) fn provenance(&self, command: String) -> Provenance {
        let sources = &self.plan.sources;
        let mut digests: Vec<(String, String)> =
            sources.iter().map(|(_, file)| (file.path.clone(), digest(&file.text))).collect();
        let files = self.usages.iter().flat_map(|usage| &usage.files);
        digests.extend(files.map(|f| (f.path.clone(), f.digest.clone())));
        digests.sort();
        Provenance {
            as_of: self.as_of,
            revision: git::revision(&self.folder).map(|revision| revision.name),
            seed: self.plan.base.draws.seed(),
            draws: self.plan.base.draws.count(),
            version: env!("CARGO_PKG_VERSION"),
            digests,
            command,
        }
    }
}

/// The templates of a plan's folder in place of the built-in ones; stops where one is wrong.
pub(super) fn templates(folder: &Path) -> Result<Templates, Stop> {
    let looked = looked_at(folder);
    let Some(templates) = looked.templates else {
        let errors = looked.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
        return Err(Stop::Places(errors, looked.sources));
    };
    terminal::diagnostics(&looked.diagnostics, &looked.sources);
    Ok(templates)
}

/// The templates beside a plan, and what is wrong with them; files that cannot be read are wrong too.
pub(super) fn looked_at(folder: &Path) -> template::Checked {
    let files = load::templates(folder);
    let mut looked = template::check(&files.sources);
    if !files.diagnostics.is_empty() {
        looked.templates = None;
        looked.diagnostics.extend(files.diagnostics);
    }
    looked
}

/// What a template that failed has to say.
pub(super) fn broken(templates: &Templates) -> impl Fn(Broken) -> Stop {
    |Broken(diagnostic)| Stop::Places(vec![*diagnostic], templates.sources().clone())
}

/// The diagnostics a person is shown: all of them, or only errors where there are any, and how many of those are held
/// back.
pub(super) fn shown(checked: &Checked) -> Vec<Diagnostic> {
    let broken = checked.diagnostics.iter().any(Diagnostic::is_error);
    let keep = |diagnostic: &&Diagnostic| {
        !broken || diagnostic.is_error() || *diagnostic.code == held_back::HELD_BACK
    };
    checked.diagnostics.iter().filter(keep).cloned().collect()
}

/// The files of a plan, for messages.
pub(super) fn files(sources: &Sources) -> String {
    match sources.iter().count() {
        1 => "1 file".to_owned(),
        count => format!("{count} files"),
    }
}

fn digest(text: &str) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}
