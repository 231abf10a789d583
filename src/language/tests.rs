//! The language as a whole: examples, broken plans, laws.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::*;
use crate::diagnostic::Severity;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What was found, as a line each: place, code, message, help.
fn shown(checked: &Checked) -> String {
    let mut text = String::new();
    for diagnostic in &checked.diagnostics {
        let place = diagnostic
            .label
            .as_ref()
            .map_or(String::new(), |label| checked.sources.place(label.span));
        let label = diagnostic.label.as_ref().map_or("", |label| &label.text);
        let help = diagnostic.help.as_deref().unwrap_or("");
        let _ = writeln!(
            text,
            "{place}: {:?} {}: {} [{label}] ({help})",
            diagnostic.code.severity, diagnostic.code.id, diagnostic.message
        );
    }
    text
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(of) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_code_has_a_broken_plan_that_shows_it_and_no_other_error() {
    let mut wrong = String::new();
    // What nothing of the language declares has no kind of its own.
    for code in codes().into_iter().filter(|code| code.id != "unknown_name") {
        let folder = root().join("tests/broken").join(code.id);
        let Ok(checked) = read(&folder) else {
            let _ = writeln!(wrong, "{}: no broken plan", code.id);
            continue;
        };
        let found = checked.diagnostics.iter().any(|d| d.code.id == code.id);
        let other = checked
            .diagnostics
            .iter()
            .any(|d| d.code.id != code.id && d.code.severity == Severity::Error);
        // Errors are held back only where there is another.
        let other = other && code.id != "held_back";
        let errors = checked.diagnostics.iter().filter(|d| d.is_error()).count();
        if !found || other || errors > 1 {
            let _ = writeln!(wrong, "{}:\n{}", code.id, shown(&checked));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_example_plan_checks_without_error() {
    for folder in folders(&root().join("plans/examples")) {
        let checked = read(&folder).unwrap();
        assert!(checked.plan.is_some(), "{}\n{}", folder.display(), shown(&checked));
    }
}
