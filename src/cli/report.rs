//! `capplan report`: writes the quarterly budget report.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::prepare::{self, Prepared};
use super::{Outcome, PlanArgs, Stop, diff, print, terminal};
use crate::cost::findings;
use crate::report::page::markdown::Flavour;
use crate::report::{self, BudgetView};

/// Options of `report`.
#[derive(Debug, Args)]
pub(super) struct Options {
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

/// Writes the report, and says where and what it comes to.
pub(super) fn run(options: &Options) -> Outcome {
    let prepared = prepare::prepare(&options.plan)?;
    // What cannot be compared is told before anything is written.
    let changes = options.since.as_deref().map(|since| changes(options, since)).transpose()?;
    let mut written = write(&prepared, &options.plan.path, &options.out)?;
    for (name, text) in changes.into_iter().flatten() {
        let path = options.out.join(name);
        save(&path, &text)?;
        let _ = writeln!(written.message, "  {}", path.display());
    }
    print(&written.message)?;
    let code = if options.gate && written.gate_failed { 3 } else { 0 };
    Ok(ExitCode::from(code))
}

/// What changed since a revision, as files by name.
fn changes(options: &Options, since: &str) -> Result<[(&'static str, String); 3], Stop> {
    let asked = diff::Asked::since(since, &options.plan.path)?;
    let view = diff::view(&asked, options.plan.as_of, options.plan.draws)?;
    Ok([
        ("changes.html", report::diff::html(&view)),
        ("changes.md", report::diff::comment(&view, Flavour::Plain)),
        ("changes.json", report::diff::json::render(&view)),
    ])
}

/// What was written.
pub(super) struct Written {
    /// Where, and the verdict.
    pub(super) message: String,
    gate_failed: bool,
}

/// Runs the passes and writes the report's files into `out`.
pub(super) fn write(prepared: &Prepared, path: &Path, out: &Path) -> Result<Written, Stop> {
    let outcomes = prepared.run();
    let command = format!("capplan report {}", path.display());
    let view = report::view(&prepared.plan, &outcomes, prepared.provenance(command));
    let ledger = report::csv::ledger_csv(&prepared.plan.base, &outcomes.base.ledger);
    let files = [
        ("budget.html", report::html::render(&view)),
        ("budget.md", report::markdown::render(&view)),
        ("budget.json", report::json::render(&view)),
        ("ledger.csv", ledger),
    ];
    std::fs::create_dir_all(out)
        .map_err(|error| Stop::World(format!("cannot make `{}`: {error}", out.display())))?;
    for (name, text) in &files {
        save(&out.join(name), text)?;
    }
    let failed = findings::diagnostics(&prepared.plan.base, &outcomes.base);
    terminal::diagnostics(&failed, &prepared.plan.sources);
    let gate_failed = failed.iter().any(findings::fails_gate);
    Ok(Written { message: message(&view, out, &files), gate_failed })
}

/// Writes through a file beside the target, so that a reader never sees half a report.
fn save(path: &Path, text: &str) -> Result<(), Stop> {
    let part = path.with_extension("part");
    std::fs::write(&part, text)
        .and_then(|()| std::fs::rename(&part, path))
        .map_err(|error| Stop::World(format!("cannot write `{}`: {error}", path.display())))
}

fn message(view: &BudgetView, out: &Path, files: &[(&str, String)]) -> String {
    let names: Vec<String> =
        files.iter().map(|(name, _)| format!("  {}\n", out.join(name).display())).collect();
    format!(
        "{}\n\nwrote\n{}",
        report::terminal::verdict_text(view, terminal::width()),
        names.concat()
    )
}
