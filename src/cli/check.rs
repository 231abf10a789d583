//! `capplan check`: the language's phases, then budgets and policies as gates.

use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{Outcome, PlanArgs, Stop, prepare, print, terminal};
use crate::cost::findings;
use crate::diagnostic::{Diagnostic, Severity, github, json, sarif};
use crate::source::Sources;
use std::path::Path;

/// Options of `check`.
#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(flatten)]
    plan: PlanArgs,
    /// Only check the language; evaluate no budget and no policy.
    #[arg(long)]
    no_gates: bool,
    /// Read no history files; implies --no-gates.
    #[arg(long)]
    no_data: bool,
    /// How to print what was found.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// How to print diagnostics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people, on standard error.
    Human,
    /// JSON, on standard output.
    Json,
    /// SARIF 2.1.0, on standard output.
    Sarif,
    /// Workflow commands that annotate a pull request, on standard output.
    Github,
}

/// Checks, and says what was found.
pub(super) fn run(options: &Options) -> Outcome {
    let checked = prepare::read(&options.plan)?;
    let mut found = match options.format {
        Format::Human => prepare::shown(&checked),
        Format::Json | Format::Sarif | Format::Github => checked.diagnostics.clone(),
    };
    let mut gates = String::new();
    let mut broken = checked.plan.is_none();
    if let Some(plan) = checked.plan {
        let gated = !options.no_gates && !options.no_data;
        let ready = gated.then(|| prepare::ready(&options.plan, plan, checked.folder)).transpose();
        match ready {
            Ok(None) => gates.push_str("gates not evaluated"),
            Ok(Some(ready)) => {
                ready.say_remarks();
                let outcome = ready.run_base();
                found.extend(findings::diagnostics(&ready.plan.base, &outcome));
                gates = findings::summary(&outcome);
            }
            Err(Stop::Places(places, _)) => {
                broken = true;
                found.extend(places);
            }
            Err(stop) => return Err(stop),
        }
    }
    emit(options.format, &options.plan.path, &found, &checked.sources)?;
    let gate_failed = found.iter().any(findings::fails_gate);
    if options.format == Format::Human {
        conclude(&found, &checked.sources, &gates);
    }
    match (broken, gate_failed) {
        (true, _) => Err(Stop::Said(1)),
        (false, true) => Err(Stop::Said(3)),
        (false, false) => Ok(ExitCode::SUCCESS),
    }
}

/// Prints diagnostics of the plan at `path`.
pub(super) fn emit(
    format: Format,
    path: &Path,
    found: &[Diagnostic],
    sources: &Sources,
) -> Result<(), Stop> {
    // A pull request names files from the repository's root, a diagnostic from the plan's folder.
    let folder = if path.is_dir() { Some(path) } else { path.parent() };
    let folder = folder.unwrap_or(Path::new("")).to_string_lossy();
    match format {
        Format::Human => {
            terminal::diagnostics(found, sources);
            Ok(())
        }
        Format::Json => print(&json::json(found, sources)),
        Format::Sarif => print(&sarif::sarif(found, sources, &folder)),
        Format::Github => print(&github::github(found, sources, &folder)),
    }
}

fn conclude(found: &[Diagnostic], sources: &Sources, gates: &str) {
    let count = |severity| found.iter().filter(|d| d.code.severity == severity).count();
    let errors = count(Severity::Error);
    let warnings = plural(count(Severity::Warning), "warning");
    let files = prepare::files(sources);
    let line = if errors > 0 {
        format!("\x1b[31;1mfailed\x1b[0m: {}, {warnings} in {files}", plural(errors, "error"))
    } else {
        format!("\x1b[32;1mchecked\x1b[0m {files}: no errors, {warnings}")
    };
    terminal::say(&if gates.is_empty() { line } else { format!("{line}; {gates}") });
}

/// `1 error`, `2 errors`.
pub(super) fn plural(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
