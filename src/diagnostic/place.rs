//! Lines and columns of spans, and the order that diagnostics are shown in.

use serde::Serialize;

use super::{Diagnostic, Family, Severity};
use crate::source::{Sources, Span};

/// A span in lines and columns, both from 1; columns count characters, the end is the first after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
}

impl Place {
    pub(super) fn of(span: Span, sources: &Sources) -> Self {
        let file = sources.file(span.file);
        let (line, column) = file.position(span.start);
        let (end_line, end_column) = file.position(span.end());
        Self { file: file.path.clone(), line, column, end_line, end_column }
    }
}

/// Errors first, and of those what keeps a file from being read, since others may follow from it; then by place, and
/// what has none comes before.
pub(super) fn sorted(diagnostics: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| key(diagnostic));
    sorted
}

fn key(diagnostic: &Diagnostic) -> (Severity, bool, Option<Span>, Family, &str, &str) {
    let place = diagnostic.label.as_ref().map(|label| label.span);
    let code = diagnostic.code;
    let unread = matches!(code.family, Family::Syntax | Family::Files);
    let later = diagnostic.is_error() && !unread;
    (code.severity, later, place, code.family, code.id, &diagnostic.message)
}

/// How many there are of a severity.
pub(super) fn count(diagnostics: &[Diagnostic], severity: Severity) -> usize {
    diagnostics.iter().filter(|diagnostic| diagnostic.code.severity == severity).count()
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl Family {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Files => "files",
            Self::Shape => "shape",
            Self::Names => "names",
            Self::Quantities => "quantities",
            Self::Model => "model",
            Self::Scenario => "scenario",
            Self::Policy => "policy",
            Self::Template => "template",
        }
    }
}

/// Diagnostics and sources for the tests of renderers.
#[cfg(test)]
pub(super) mod example {
    use std::sync::Arc;

    use super::super::{Code, Diagnostic, Family, Severity};
    use crate::source::{FileId, SourceFile, Sources, Span};

    pub(crate) static UNKNOWN: Code = Code {
        id: "unknown_thing",
        family: Family::Names,
        severity: Severity::Error,
        title: "a name is unknown",
        page: "Names are declared.\n",
    };
    pub(crate) static STALE: Code = Code {
        id: "stale_thing",
        family: Family::Model,
        severity: Severity::Warning,
        title: "a thing is stale",
        page: "Things age.\n",
    };

    pub(crate) fn span(file: u32, start: u32, len: u32) -> Span {
        Span { file: FileId(file), start, len }
    }

    pub(crate) fn sources() -> Sources {
        let mut sources = Sources::default();
        for (path, text) in [
            ("plan.kdl", "plan \"é\"\nteam \"searh\" // x\n\n"),
            ("teams.kdl", "team \"search\"\n"),
        ] {
            sources.add(SourceFile::new(path.to_owned(), Arc::from(text)));
        }
        sources
    }

    pub(crate) fn diagnostics() -> Vec<Diagnostic> {
        vec![
            Diagnostic::new(&STALE, "the plan is 100% stale"),
            Diagnostic::new(&UNKNOWN, "unknown team `searh`")
                .at(span(0, 15, 7), "no `team` node has this name")
                .also(span(0, 0, 4), "in this plan")
                .also(span(1, 5, 8), "this one is near")
                .help("did you mean `search`?")
                .fix(span(0, 15, 7), "\"search\""),
        ]
    }
}
