//! `capplan diff`: what a change of the plan costs, and why.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::format::{self, Format};
use super::revisions::{Commit, Removed, Repository, Taken};
use super::terminal::{self, Spinner};
use super::{Outcome, Stop, date, git, prepare, print};
use crate::calendar::Date;
use crate::comparison::{Compared, Given, Grain, compare};
use crate::diagnostic::Diagnostic;
use crate::diff::{self, Side};
use crate::history::{self, Usage};
use crate::language::between::Between;
use crate::language::load::{self, Loaded};
use crate::language::{self};
use crate::pipeline;
use crate::plan::Plan;
use crate::report::diff::{DiffView, Frame};
use crate::report::page::markdown::Flavour;
use crate::report::{self};

/// Options of `diff`.
#[derive(Debug, Args)]
pub(super) struct Options {
    /// `[BASE] [HEAD] [PLAN]`: revisions, then the plan's file or folder. BASE is otherwise the commit
    /// that HEAD and the default branch have in common, HEAD the working tree, PLAN the current folder.
    /// Or two files or folders. `A...B` compares B with the commit it has in common with A.
    #[arg(value_name = "WHAT", num_args = 0..=3, verbatim_doc_comment)]
    what: Vec<String>,
    /// The day both sides are looked at from; otherwise the plan's `as-of`, or the date of HEAD.
    #[arg(long, value_name = "DATE", value_parser = date)]
    as_of: Option<Date>,
    /// Use so many draws instead of the plan's.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    draws: Option<u32>,
    /// Compare a scenario on both sides, or `A..B`: the scenario A before with B after. An empty name, or `base`, is the
    /// plan itself; without a revision both are of the plan as it stands.
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// How to print it.
    #[arg(long, value_parser = format::among(&[Format::Table, Format::Md, Format::Json, Format::Html]), default_value = "table")]
    format: Format,
    /// Whose Markdown it is.
    #[arg(long, value_enum, default_value_t = Forge::Github)]
    flavour: Forge,
}

/// Whose Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Forge {
    /// GitHub.
    Github,
    /// GitLab.
    Gitlab,
    /// Azure DevOps.
    Azure,
    /// Bitbucket.
    Bitbucket,
    /// Any other: no HTML.
    Plain,
}

/// Compares, and prints what that comes to.
pub(super) fn run(options: &Options) -> Outcome {
    let scenarios = options.scenario.as_deref().map(Scenarios::of);
    let asked = match &scenarios {
        Some(two) if two.differ() => Asked::between_scenarios(&options.what)?,
        _ => Asked::of(&options.what)?,
    };
    let asked = Asked { scenarios, ..asked };
    let view = view(&asked, options.as_of, options.draws, Grain::Teams)?;
    let flavour = match options.flavour {
        Forge::Github => Flavour::Github,
        Forge::Gitlab => Flavour::Gitlab,
        Forge::Azure => Flavour::Azure,
        Forge::Bitbucket => Flavour::Bitbucket,
        Forge::Plain => Flavour::Plain,
    };
    let templates = || prepare::templates(&asked.folder());
    print(&match options.format {
        Format::Md => {
            let templates = templates()?;
            let comment = report::diff::comment(&view, flavour, &templates);
            comment.map_err(prepare::broken(&templates))?
        }
        Format::Json => report::diff::json::render(&view),
        Format::Html => {
            let templates = templates()?;
            report::diff::html(&view, &templates).map_err(prepare::broken(&templates))?
        }
        _ => report::diff::table(&view, terminal::width()),
    })?;
    Ok(ExitCode::from(if view.diff.breaks_a_gate() { 3 } else { 0 }))
}

/// What is compared.
pub(super) struct Asked {
    before: Origin,
    after: Origin,
    /// The plan, as given.
    plan: PathBuf,
    /// The scenarios of both sides; the base where none is asked for.
    scenarios: Option<Scenarios>,
}

/// The scenario before, and the one after; `base` is the plan itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scenarios([String; 2]);

impl Scenarios {
    /// `NAME` or `A..B`, either of which may be empty.
    fn of(text: &str) -> Self {
        let name = |text: &str| if text.is_empty() { "base" } else { text }.to_owned();
        let (before, after) = text.split_once("..").unwrap_or((text, text));
        Self([name(before), name(after)])
    }

    fn differ(&self) -> bool {
        self.0[0] != self.0[1]
    }
}

/// Where one side comes from.
enum Origin {
    /// A file or folder, by its path.
    Path(PathBuf),
    /// The plan as it stands in the working tree.
    Working(PathBuf),
    /// A revision.
    Commit(Box<Repository>, Commit),
}

impl Asked {
    /// Settles what the arguments mean.
    pub(super) fn of(what: &[String]) -> Result<Self, Stop> {
        let here = || PathBuf::from(".");
        let is_path = |text: &str| Path::new(text).exists();
        match what {
            [] => Self::revisions(None, None, here()),
            [one] => {
                let repository = Repository::of(Path::new("."));
                let is_revision = repository.as_ref().is_ok_and(|repo| is_revision(repo, one));
                if is_path(one) && !is_revision {
                    Self::revisions(None, None, PathBuf::from(one))
                } else {
                    Self::revisions(Some(one), None, here())
                }
            }
            [one, two] => {
                let repository = Repository::of(Path::new(two));
                let is = |text: &str| repository.as_ref().is_ok_and(|repo| is_revision(repo, text));
                match (is(one), is(two)) {
                    (false, false) if is_path(one) && is_path(two) => Ok(Self {
                        before: Origin::Path(PathBuf::from(one)),
                        after: Origin::Path(PathBuf::from(two)),
                        plan: PathBuf::from(two),
                        scenarios: None,
                    }),
                    (_, false) if is_path(two) => Self::revisions(Some(one), None, two.into()),
                    _ => Self::revisions(Some(one), Some(two), here()),
                }
            }
            [one, two, plan] => Self::revisions(Some(one), Some(two), plan.into()),
            _ => Err(Stop::World("at most BASE, HEAD and PLAN".to_owned())),
        }
    }

    fn revisions(base: Option<&str>, head: Option<&str>, plan: PathBuf) -> Result<Self, Stop> {
        let repo = || Repository::of(&plan).map_err(Stop::World);
        let repository = repo()?;
        let named = |name: &str| {
            let found = repository.commit(name);
            found.ok_or_else(|| Stop::World(repository.unknown(name)))
        };
        let (base, head) = match (base.and_then(|text| text.split_once("...")), head) {
            (Some((one, other)), None) => {
                let (one, other) = (named(or_head(one))?, named(or_head(other))?);
                let common = repository.merge_base(&one, &other).map_err(Stop::World)?;
                (common, Some(other))
            }
            _ => {
                if let (Some((one, other)), None) =
                    (base.and_then(|text| text.split_once("..")), head)
                {
                    (named(or_head(one))?, Some(named(or_head(other))?))
                } else {
                    let head = head.map(named).transpose()?;
                    let base = match base {
                        Some(base) => named(base)?,
                        None => common_base(&repository)?,
                    };
                    (base, head)
                }
            }
        };
        let after = match head {
            Some(head) => Origin::Commit(Box::new(repo()?), head),
            None => Origin::Working(plan.clone()),
        };
        let before = Origin::Commit(Box::new(repository), base);
        Ok(Self { before, after, plan, scenarios: None })
    }
}

impl Asked {
    /// The folder whose templates show it: that of the plan as it stands now.
    fn folder(&self) -> PathBuf {
        let plan = match &self.after {
            Origin::Path(path) | Origin::Working(path) => path,
            Origin::Commit(..) => &self.plan,
        };
        let folder = if plan.is_file() { plan.parent() } else { None };
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        folder.map_or_else(
            || if plan.is_file() { PathBuf::from(".") } else { plan.clone() },
            Path::to_owned,
        )
    }

    /// Two scenarios: of the plan as it stands where no revision is named.
    fn between_scenarios(what: &[String]) -> Result<Self, Stop> {
        let plan = match what {
            [] => PathBuf::from("."),
            [one] if Path::new(one).exists() => PathBuf::from(one),
            _ => return Self::of(what),
        };
        let here = || Origin::Working(plan.clone());
        Ok(Self { before: here(), after: here(), plan: plan.clone(), scenarios: None })
    }

    /// A revision against the plan as it stands.
    pub(super) fn since(revision: &str, plan: &Path) -> Result<Self, Stop> {
        Self::revisions(Some(revision), None, plan.to_owned())
    }
}

fn or_head(name: &str) -> &str {
    if name.is_empty() { "HEAD" } else { name }
}

/// Whether an argument is a revision or a range of two.
fn is_revision(repository: &Repository, text: &str) -> bool {
    let range = text.split_once("...").or_else(|| text.split_once(".."));
    match range {
        Some((one, other)) => [one, other].iter().all(|n| repository.commit(or_head(n)).is_some()),
        None => repository.commit(text).is_some(),
    }
}

/// The commit that HEAD and the default branch have in common.
fn common_base(repository: &Repository) -> Result<Commit, Stop> {
    let head = repository.commit("HEAD").ok_or_else(|| {
        Stop::World("the repository has no commit yet, so there is nothing to compare with".into())
    })?;
    let branch = repository.default_branch().and_then(|name| repository.commit(&name));
    let branch = branch.ok_or_else(|| {
        Stop::World(
            "no branch `main` or `master` to compare with\n  help: name one: `capplan diff BASE`"
                .to_owned(),
        )
    })?;
    repository.merge_base(&head, &branch).map_err(Stop::World)
}

/// One side, read.
struct Read {
    loaded: Loaded,
    /// What it is called.
    name: String,
    /// The date of its commit.
    date: Option<Date>,
    _removed: Option<Removed>,
}

/// Compares what was asked for.
pub(super) fn view(
    asked: &Asked,
    as_of: Option<Date>,
    draws: Option<u32>,
    grain: Grain,
) -> Result<DiffView, Stop> {
    let spinner = Spinner::start("comparing");
    let after = read(&asked.after)?;
    let Some(after) = after else {
        let plan = asked.plan.display();
        return Err(Stop::World(format!("there is no plan `{plan}` after the change")));
    };
    let before = read(&asked.before)?;
    let committed = after.date;
    let settle = |stated: Option<Date>| as_of.or(stated).or(committed);
    let new = valid(&after, "after", &settle)?;
    let after = under(after, asked, 1)?;
    let day = new.as_of.ok_or_else(|| {
        Stop::World(
            "the plan states no `as-of`, and no commit gives one\n  help: give --as-of DATE".into(),
        )
    })?;
    let frame = |plan: &Plan| Frame {
        as_of: day.to_string(),
        seed: plan.draws.seed(),
        draws: plan.draws.count(),
        scenarios: asked.scenarios.as_ref().map(|scenarios| scenarios.0.clone()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: command(asked, as_of, draws),
    };
    let path = asked.plan.to_string_lossy().into_owned();
    let Some(before) = before else {
        let new = match asked.scenarios {
            Some(_) => pinned(after.loaded.clone(), day, draws, "after")?,
            None => with_draws(new, draws),
        };
        let usage = usage(&new, &after, None)?;
        let outcome = pipeline::run(&new, &usage, day);
        let side = Side { plan: &new, outcome: &outcome };
        let diff = diff::diff(None, side, &[], &[]);
        let sides = (origin_name(&asked.before), after.name.clone());
        drop(spinner);
        return Ok(report::diff::of_new_plan(diff, path, sides, frame(&new)));
    };
    valid(&before, "before", &|stated| Some(stated.unwrap_or(day)))?;
    let before = under(before, asked, 0)?;
    let between = Between::new(&before.loaded, &after.loaded);
    let (old, new) = (
        pinned(between.before(), day, draws, "before")?,
        pinned(between.after(), day, draws, "after")?,
    );
    if old.currency != new.currency {
        return Err(Stop::World(format!(
            "the plan was in {} before and is in {} after; amounts of two currencies are not compared",
            old.currency, new.currency
        )));
    }
    if old.horizon.calendar() != new.horizon.calendar() {
        return Err(Stop::World(format!(
            "the plan had {} before and has {} after; months of other days are not compared\n  help: commit the \
             change of calendar alone; what comes after it compares",
            old.horizon.calendar(),
            new.horizon.calendar()
        )));
    }
    let old_usage = usage(&old, &before, Some(&after))?;
    let new_usage = usage(&new, &after, None)?;
    let compared: Compared = compare(Given {
        between: &between,
        before: (&old, &old_usage),
        after: (&new, &new_usage),
        as_of: day,
        grain,
    });
    let sides = (before.name.clone(), after.name.clone());
    drop(spinner);
    Ok(report::diff::view(&between, &compared, path, sides, frame(&new)))
}

/// Reads one side; nothing where the revision has no such plan.
fn read(origin: &Origin) -> Result<Option<Read>, Stop> {
    let world = |error: load::LoadError| Stop::World(error.to_string());
    match origin {
        Origin::Path(path) | Origin::Working(path) => {
            let loaded = load::load(path).map_err(world)?;
            let revision = git::revision(&loaded.folder);
            let date = revision.as_ref().and_then(|revision| revision.date);
            let name = match (origin, revision) {
                (Origin::Working(_), Some(revision)) if revision.name.ends_with("+changes") => {
                    format!("working tree ({})", revision.name)
                }
                (Origin::Working(_), Some(revision)) => revision.name,
                _ => path.display().to_string(),
            };
            Ok(Some(Read { loaded, name, date, _removed: None }))
        }
        Origin::Commit(repository, commit) => match repository.take(commit).map_err(Stop::World)? {
            Taken::Nothing => Ok(None),
            Taken::Plan(path, removed) => {
                let loaded = match load::load(&path) {
                    Ok(loaded) => loaded,
                    Err(load::LoadError::NotFound { .. } | load::LoadError::NoFiles { .. }) => {
                        return Ok(None);
                    }
                    Err(error) => return Err(world(error)),
                };
                let name = commit.short.clone();
                Ok(Some(Read { loaded, name, date: commit.date, _removed: Some(removed) }))
            }
        },
    }
}

/// A side under the scenario that is asked for. Its own check passed.
fn under(side: Read, asked: &Asked, which: usize) -> Result<Read, Stop> {
    let Some(Scenarios(names)) = &asked.scenarios else { return Ok(side) };
    let name = &names[which];
    let is_one_plan =
        [&asked.before, &asked.after].iter().all(|side| matches!(side, Origin::Working(_)));
    let called = if names[0] == names[1] {
        side.name.clone()
    } else if is_one_plan {
        name.clone()
    } else {
        format!("{name} of {}", side.name)
    };
    if name == "base" {
        return Ok(Read { name: called, ..side });
    }
    let Some(loaded) = language::as_scenario(&side.loaded, name) else {
        let checked = language::check(side.loaded.clone(), &|stated| stated.or(Some(Date::MAX)));
        let known = checked.plan.map(|plan| plan.scenarios).unwrap_or_default();
        let known: String = known.iter().map(|one| format!(", `{}`", one.name)).collect();
        let when = if which == 0 { "before" } else { "after" };
        return Err(Stop::World(format!(
            "the plan {when} the change ({}) has no scenario `{name}`\n  help: there is `base`{known}",
            side.name
        )));
    };
    Ok(Read { loaded, name: called, ..side })
}

fn origin_name(origin: &Origin) -> String {
    match origin {
        Origin::Path(path) | Origin::Working(path) => path.display().to_string(),
        Origin::Commit(_, commit) => commit.short.clone(),
    }
}

/// Checks one side by itself, so that what is wrong is told at the places of its own files.
fn valid(read: &Read, side: &str, as_of: language::AsOf<'_>) -> Result<Plan, Stop> {
    let checked = language::check(read.loaded.clone(), as_of);
    if let Some(plan) = checked.plan {
        Ok(plan.base)
    } else {
        let name = &read.name;
        terminal::error(&format!("the plan {side} the change ({name}) is not valid:\n"));
        let errors: Vec<Diagnostic> =
            checked.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
        Err(Stop::Places(errors, checked.sources))
    }
}

/// A side with what both sides share; its own check passed.
fn pinned(loaded: Loaded, day: Date, draws: Option<u32>, side: &str) -> Result<Plan, Stop> {
    let checked = language::check(loaded, &|_| Some(day));
    if let Some(plan) = checked.plan {
        Ok(with_draws(plan.base, draws))
    } else {
        terminal::error(&format!(
            "the plan {side} the change is not valid with the day and the exchange rates of the plan \
             after:\n"
        ));
        let errors = checked.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
        Err(Stop::Places(errors, checked.sources))
    }
}

fn with_draws(mut plan: Plan, draws: Option<u32>) -> Plan {
    if let Some(count) = draws.and_then(|count| usize::try_from(count).ok()) {
        plan.draws = plan.draws.with_count(count);
    }
    plan
}

/// The history of one side. What a revision does not hold (histories are often kept out of git) is read
/// beside the other side, and said.
fn usage(plan: &Plan, read: &Read, other: Option<&Read>) -> Result<Usage, Stop> {
    match (history::read(plan, &read.loaded.folder), other) {
        (Ok(usage), _) => Ok(usage),
        (Err(error), None) => Err(Stop::Places(error.diagnostics(), read.loaded.sources.clone())),
        (Err(_), Some(other)) => {
            let usage = history::read(plan, &other.loaded.folder)
                .map_err(|error| Stop::Places(error.diagnostics(), read.loaded.sources.clone()))?;
            terminal::say(&format!(
                "note: {} does not hold the plan's history; both sides use that of {}",
                read.name, other.name
            ));
            Ok(usage)
        }
    }
}

/// The command that shows the same again.
fn command(asked: &Asked, as_of: Option<Date>, draws: Option<u32>) -> String {
    let mut words = vec!["capplan diff".to_owned()];
    if !matches!(asked.before, Origin::Working(_)) {
        words.push(origin_name(&asked.before));
    }
    if let Origin::Commit(_, commit) = &asked.after {
        words.push(commit.short.clone());
    }
    words.push(asked.plan.display().to_string());
    if let Some(Scenarios([before, after])) = &asked.scenarios {
        words.push(format!("--scenario {before}..{after}"));
    }
    words.extend(as_of.map(|day| format!("--as-of {day}")));
    words.extend(draws.map(|count| format!("--draws {count}")));
    words.join(" ")
}
