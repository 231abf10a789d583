//! Diagnostics for programs: one JSON object, the same fields always.

use serde::Serialize;

use super::place::{Place, count, sorted};
use super::{Diagnostic, Severity};
use crate::source::Sources;

#[derive(Serialize)]
struct Report<'a> {
    diagnostics: Vec<Entry<'a>>,
    errors: usize,
    warnings: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: String,
    severity: &'static str,
    family: &'static str,
    message: &'a str,
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    label: Option<&'a str>,
    others: Vec<Other<'a>>,
    help: Option<&'a str>,
    fix: Option<Fix<'a>>,
}

#[derive(Serialize)]
struct Other<'a> {
    #[serde(flatten)]
    place: Place,
    label: &'a str,
}

/// The bytes from `start` to before `end` become `text`.
#[derive(Serialize)]
struct Fix<'a> {
    file: &'a str,
    start: u32,
    end: u32,
    text: &'a str,
}

/// The diagnostics as one JSON object, errors first.
///
/// Lines and columns count from 1, columns are characters, `end_column` is the first after the
/// place; the offsets of `fix` are bytes from 0.
#[must_use]
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let report = Report {
        diagnostics: sorted(diagnostics).into_iter().map(|d| entry(d, sources)).collect(),
        errors: count(diagnostics, Severity::Error),
        warnings: count(diagnostics, Severity::Warning),
    };
    // Strings and numbers always serialise.
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    text
}

fn entry<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Entry<'a> {
    let place = diagnostic.label.as_ref().map(|label| Place::of(label.span, sources));
    let others = diagnostic.others.iter();
    Entry {
        code: format!("capplan::{}", diagnostic.code.id),
        severity: diagnostic.code.severity.word(),
        family: diagnostic.code.family.word(),
        message: &diagnostic.message,
        line: place.as_ref().map(|place| place.line),
        column: place.as_ref().map(|place| place.column),
        end_line: place.as_ref().map(|place| place.end_line),
        end_column: place.as_ref().map(|place| place.end_column),
        file: place.map(|place| place.file),
        label: diagnostic.label.as_ref().map(|label| label.text.as_str()),
        others: others
            .map(|label| Other { place: Place::of(label.span, sources), label: &label.text })
            .collect(),
        help: diagnostic.help.as_deref(),
        fix: diagnostic.fix.as_ref().map(|fix| Fix {
            file: &sources.file(fix.span.file).path,
            start: fix.span.start,
            end: fix.span.end(),
            text: &fix.text,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::example;
    use super::*;

    #[test]
    fn every_field_is_there() {
        insta::assert_snapshot!(json(&example::diagnostics(), &example::sources()));
    }

    #[test]
    fn nothing_is_an_empty_list() {
        let report: serde_json::Value =
            serde_json::from_str(&json(&[], &Sources::default())).unwrap();
        assert_eq!(report, serde_json::json!({"diagnostics": [], "errors": 0, "warnings": 0}));
    }
}
