//! Diagnostics as they are collected: one mistake is one error, however many passes and scenarios meet it.

use std::collections::HashSet;

use crate::diagnostic::{Code, Diagnostic, Family, Severity};
use crate::source::Span;

/// What was found so far.
#[derive(Debug, Default)]
pub struct Report {
    found: Vec<Diagnostic>,
    seen: HashSet<(&'static str, Option<Span>)>,
    scenario: Option<(String, Span)>,
}

impl Report {
    /// Adds a diagnostic, unless the same code was reported at the same place.
    pub fn push(&mut self, mut diagnostic: Diagnostic) {
        let place = diagnostic.label.as_ref().map(|label| label.span);
        if !self.seen.insert((diagnostic.code.id, place)) {
            return;
        }
        if let Some((name, span)) = &self.scenario {
            diagnostic.message = format!("{}, in scenario `{name}`", diagnostic.message);
            diagnostic = diagnostic.also(*span, "under this scenario");
        }
        self.found.push(diagnostic);
    }

    /// From here on, what is found is found under a scenario; `None` is the plan itself.
    pub fn under(&mut self, scenario: Option<(String, Span)>) {
        self.scenario = scenario;
    }

    /// Whether any error was found.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.found.iter().any(Diagnostic::is_error)
    }

    /// How many errors were found.
    #[must_use]
    pub fn error_count(&self) -> usize {
        self.found.iter().filter(|diagnostic| diagnostic.is_error()).count()
    }

    /// Everything found, by place.
    #[must_use]
    pub fn finish(mut self) -> Vec<Diagnostic> {
        let place = |diagnostic: &Diagnostic| diagnostic.label.as_ref().map(|label| label.span);
        self.found.sort_by(|a, b| {
            (place(a), a.code.id, &a.message).cmp(&(place(b), b.code.id, &b.message))
        });
        self.found
    }
}

/// The code of an error.
pub(crate) const fn error(
    id: &'static str,
    family: Family,
    title: &'static str,
    page: &'static str,
) -> Code {
    Code { id, family, severity: Severity::Error, title, page }
}

/// The code of a warning.
pub(crate) const fn warning(
    id: &'static str,
    family: Family,
    title: &'static str,
    page: &'static str,
) -> Code {
    Code { id, family, severity: Severity::Warning, title, page }
}

/// The code of a note.
pub(crate) const fn note(
    id: &'static str,
    family: Family,
    title: &'static str,
    page: &'static str,
) -> Code {
    Code { id, family, severity: Severity::Note, title, page }
}
