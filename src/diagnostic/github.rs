//! Diagnostics as workflow commands, which GitHub shows beside the lines of a pull request.
//!
//! # Source
//! GitHub, "Workflow commands for GitHub Actions"; the escapes are those of its toolkit.

use std::fmt::Write;

use super::place::{Place, sorted};
use super::render::readable;
use super::{Diagnostic, Severity};
use crate::source::Sources;

/// One `::error …::message` a line. `folder` is the plan's folder as seen from the root of the
/// repository, empty for the root itself.
#[must_use]
pub fn github(diagnostics: &[Diagnostic], sources: &Sources, folder: &str) -> String {
    let mut out = String::new();
    for diagnostic in sorted(diagnostics) {
        let command = match diagnostic.code.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let mut properties = Vec::new();
        if let Some(label) = &diagnostic.label {
            let place = Place::of(label.span, sources);
            properties.push(format!("file={}", property(&in_folder(folder, &place.file))));
            properties.push(format!("line={}", place.line));
            // Columns count only within one line.
            if place.line == place.end_line {
                properties.push(format!("col={}", place.column));
                properties.push(format!("endLine={}", place.end_line));
                properties.push(format!("endColumn={}", place.end_column));
            } else {
                properties.push(format!("endLine={}", place.end_line));
            }
        }
        let title = property(&format!("capplan::{}", diagnostic.code.id));
        properties.push(format!("title={title}"));
        let mut message = readable(&diagnostic.message);
        if let Some(label) = &diagnostic.label {
            let _ = write!(message, "\n{}", readable(&label.text));
        }
        for other in &diagnostic.others {
            let place = sources.place(other.span);
            let _ = write!(message, "\n{}: {}", readable(&place), readable(&other.text));
        }
        if let Some(help) = &diagnostic.help {
            let _ = write!(message, "\nhelp: {}", readable(help));
        }
        let _ = writeln!(out, "::{command} {}::{}", properties.join(","), data(&message));
    }
    out
}

/// A path from the root of the repository.
pub(super) fn in_folder(folder: &str, file: &str) -> String {
    match folder.trim_end_matches('/') {
        "" | "." => file.to_owned(),
        folder => format!("{folder}/{file}"),
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::place::example;
    use super::*;

    #[test]
    fn a_command_escapes_what_would_end_it() {
        assert_eq!(
            github(&example::diagnostics(), &example::sources(), "plans/a,b"),
            "::error file=plans/a%2Cb/plan.kdl,line=2,col=6,endLine=2,endColumn=13,\
             title=capplan%3A%3Aunknown_thing::unknown team `searh`%0Ano `team` node has this name\
             %0Aplan.kdl:1: in this plan%0Ateams.kdl:1: this one is near\
             %0Ahelp: did you mean `search`?\n\
             ::warning title=capplan%3A%3Astale_thing::the plan is 100%25 stale\n"
        );
    }
}
