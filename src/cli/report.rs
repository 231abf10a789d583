//! `capplan report`: writes the budget report, team statements, the executive page and the workbook.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::prepare::{self, Prepared};
use super::written::Kept;
use super::{Outcome, PlanArgs, Stop, diff, print, terminal};
use crate::comparison::Grain;
use crate::cost::findings;
use crate::language::suggest;
use crate::report;
use crate::report::diff::DiffView;
use crate::report::set::{self, File, Kind, Source, Unmade};
use crate::report::template::Templates;

/// Options of `report`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Options {
    #[command(subcommand)]
    which: Option<Which>,
    #[command(flatten)]
    of: Of,
}

/// Which report.
#[derive(Debug, Subcommand)]
enum Which {
    /// The quarterly budget report as HTML, Markdown and JSON, and the ledger as CSV.
    Finance(Of),
    /// What one team is charged and why, against its budget, tied out to the invoice.
    Team(OfTeam),
    /// What to order by when, with cash, alternatives and reasons, and as a calendar.
    Procurement(Of),
    /// One sheet of paper: verdict, figures, cost by month, budget by quarter, what is to be decided.
    Executive(Of),
    /// Need, cost, utilisation, the tightest week and orders at a glance, a panel each.
    Dashboard(Of),
    /// The same figures as a spreadsheet with live formulas.
    Workbook(Of),
    /// All of these, for every team, and a page that leads to them; the same as no word at all.
    All(Of),
}

/// Of which plan, and where to.
#[derive(Debug, Args)]
struct Of {
    #[command(flatten)]
    plan: PlanArgs,
    /// The folder to write to; it is made where it is missing.
    #[arg(long, value_name = "DIR", default_value = "reports")]
    out: PathBuf,
    /// Exit with 3 where a budget or a policy fails, after writing.
    #[arg(long)]
    gate: bool,
    /// Also write what changed since this revision: `changes.html`, `changes.md` and `changes.json`.
    #[arg(long, value_name = "REVISION")]
    since: Option<String>,
}

/// Of which team.
#[derive(Debug, Args)]
struct OfTeam {
    /// The team's name, as the plan has it.
    name: String,
    #[command(flatten)]
    of: Of,
}

/// Writes the report, and says where and what it comes to.
pub(super) fn run(options: &Options) -> Outcome {
    let (kind, of) = match &options.which {
        None => (Kind::All, &options.of),
        Some(Which::All(of)) => (Kind::All, of),
        Some(Which::Finance(of)) => (Kind::Finance, of),
        Some(Which::Procurement(of)) => (Kind::Procurement, of),
        Some(Which::Executive(of)) => (Kind::Executive, of),
        Some(Which::Dashboard(of)) => (Kind::Dashboard, of),
        Some(Which::Workbook(of)) => (Kind::Workbook, of),
        Some(Which::Team(team)) => (Kind::Team(team.name.clone()), &team.of),
    };
    if options.which.is_none() {
        is_no_slip(&of.plan.path)?;
    }
    let prepared = prepare::prepare(&of.plan)?;
    let templates = prepared.templates()?;
    // What cannot be compared is told before anything is written.
    let since = of.since.as_deref().map(|since| changes(of, since)).transpose()?;
    let to = Target { path: &of.plan.path, out: &of.out, templates: &templates };
    let written = write(&prepared, &to, &kind, since.as_ref())?;
    print(&written.message)?;
    let code = if of.gate && written.gate_failed { 3 } else { 0 };
    Ok(ExitCode::from(code))
}

/// Says which report was meant where a path is none, and much like the word of a report.
fn is_no_slip(path: &Path) -> Result<(), Stop> {
    let Some(word) = path.to_str().filter(|_| !path.exists()) else { return Ok(()) };
    let command = Which::augment_subcommands(clap::Command::new("report"));
    let words: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
    let Some(near) = suggest::nearest(word, words.iter().copied()) else { return Ok(()) };
    terminal::error(&format!(
        "unknown report `{word}`, and no file or folder has that name\n  help: did you mean `{near}`? there are {}",
        suggest::list(words.iter().copied())
    ));
    Err(Stop::Said(2))
}

/// What changed since a revision, down to the lines of statements.
fn changes(of: &Of, since: &str) -> Result<DiffView, Stop> {
    let asked = diff::Asked::since(since, &of.plan.path)?;
    diff::view(&asked, of.plan.as_of, of.plan.draws, Grain::Lines)
}

/// What was written.
pub(super) struct Written {
    /// Where, and the verdict.
    pub(super) message: String,
    gate_failed: bool,
}

/// Where a report goes, and how it looks.
pub(super) struct Target<'a> {
    /// The plan, as given.
    pub(super) path: &'a Path,
    /// The folder to write to.
    pub(super) out: &'a Path,
    /// How it is shown.
    pub(super) templates: &'a Templates,
}

/// Runs the passes and writes the files of a kind of report.
pub(super) fn write(
    prepared: &Prepared,
    to: &Target<'_>,
    kind: &Kind,
    since: Option<&DiffView>,
) -> Result<Written, Stop> {
    if let Kind::Team(name) = kind {
        // A slip of the pen is said before any work.
        let teams = prepared.plan.base.teams.items();
        if !teams.iter().any(|team| team.name == *name) {
            let known = teams.iter().map(|team| team.name.clone()).collect();
            return Err(unmade(Unmade::Team { name: name.clone(), known }, to.templates));
        }
    }
    let outcomes = prepared.run();
    let command = format!("capplan report {}{}", words(kind), to.path.display());
    let view = report::view(&prepared.plan, &outcomes, prepared.provenance(command));
    let (plan, outcomes, templates) = (&prepared.plan, &outcomes, to.templates);
    let from = Source { plan, outcomes, view: &view, templates, since };
    let files = set::files(kind, from).map_err(|reason| unmade(reason, templates))?;
    let verdict = report::terminal::verdict_text(&view, templates, terminal::width())
        .map_err(prepare::broken(templates))?;
    let mut kept = Kept::read(to.out);
    kept.add(&files);
    let removed = match kind {
        Kind::All => kept.remove_others(to.out, &files),
        _ => Vec::new(),
    };
    for file in files.iter().chain([&kept.file()]) {
        save(&to.out.join(&file.path), &file.bytes)?;
    }
    let failed = findings::diagnostics(&prepared.plan.base, &outcomes.base);
    terminal::diagnostics(&failed, &prepared.plan.sources);
    let gate_failed = failed.iter().any(findings::fails_gate);
    Ok(Written { message: message(&verdict, to.out, &files, &removed), gate_failed })
}

/// The words of the command line that ask for a kind of report.
fn words(kind: &Kind) -> String {
    match kind {
        Kind::All => String::new(),
        Kind::Finance => "finance ".to_owned(),
        Kind::Procurement => "procurement ".to_owned(),
        Kind::Executive => "executive ".to_owned(),
        Kind::Dashboard => "dashboard ".to_owned(),
        Kind::Workbook => "workbook ".to_owned(),
        Kind::Team(name) => format!("team '{}' ", name.replace('\'', "'\\''")),
    }
}

fn unmade(reason: Unmade, templates: &Templates) -> Stop {
    Stop::World(match reason {
        Unmade::Template(failed) => return prepare::broken(templates)(failed),
        Unmade::Team { name, known } => {
            let known = match known.as_slice() {
                [] => "it has none".to_owned(),
                [one] => format!("there is {one}"),
                names => format!("there are {}", names.join(", ")),
            };
            format!("the plan has no team `{name}`\n  help: {known}")
        }
        Unmade::Procurement => {
            "the plan has no `procurement` node, so it buys nothing\n  help: write \
                                `procurement { plan-for p80; }`, or look at `capplan procure`"
                .to_owned()
        }
    })
}

/// Writes through a file beside the target, so that a reader never sees half a report.
fn save(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|error| Stop::World(format!("cannot make `{}`: {error}", folder.display())))?;
    }
    let part = path.with_extension("part");
    std::fs::write(&part, bytes)
        .and_then(|()| std::fs::rename(&part, path))
        .map_err(|error| Stop::World(format!("cannot write `{}`: {error}", path.display())))
}

fn message(verdict: &str, out: &Path, files: &[File], removed: &[String]) -> String {
    let line = |path: &str| format!("  {}\n", out.join(path).display());
    let names: String = files.iter().map(|file| line(&file.path)).collect();
    let mut gone: String = removed.iter().map(|path| line(path)).collect();
    if !gone.is_empty() {
        gone = format!("\nremoved, of an earlier report and unchanged since\n{gone}");
    }
    format!("{verdict}\n\nwrote\n{names}{gone}")
}
