//! Why a text is no quantity: where, what to write, and the diagnostic of it.

use std::fmt;
use std::ops::Range;

use super::{INVALID_QUANTITY, REVERSED_INTERVAL, UNKNOWN_UNIT};
use crate::diagnostic::{Code, Diagnostic};
use crate::language::unit::UnitError;
use crate::source::Span;

/// What is wrong with a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuantityErrorKind {
    /// It does not read as a number with a unit.
    Form,
    /// A word in the place of a unit is none.
    UnknownUnit,
    /// The lower end is above the upper.
    Reversed,
}

/// Why a text is no quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantityError {
    /// The bytes of the text that are wrong.
    pub range: Range<usize>,
    /// Lower case, the thing in backticks.
    pub message: String,
    /// What to write.
    pub help: Option<String>,
    /// What kind of error it is.
    pub kind: QuantityErrorKind,
    /// The whole text as it should be, where that is plain.
    pub rewrite: Option<String>,
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
impl std::error::Error for QuantityError {}

impl QuantityError {
    /// The code it is reported under.
    #[must_use]
    pub fn code(&self) -> &'static Code {
        match self.kind {
            QuantityErrorKind::Form => &INVALID_QUANTITY,
            QuantityErrorKind::UnknownUnit => &UNKNOWN_UNIT,
            QuantityErrorKind::Reversed => &REVERSED_INTERVAL,
        }
    }

    /// The diagnostic for a value that reads `text`: `span` is the value's place, quotes and
    /// annotation included, and `source` what stands there.
    #[must_use]
    pub fn diagnostic(&self, text: &str, span: Span, source: &str) -> Diagnostic {
        // A string with escapes reads otherwise than it is written: then the whole value is marked.
        let inside = source.rfind(text).filter(|_| !text.is_empty());
        let place = |range: Range<usize>| {
            let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
            inside.map_or(span, |start| Span {
                start: span.start + at(start + range.start),
                len: at(range.len().max(1)),
                ..span
            })
        };
        let label = match self.kind {
            QuantityErrorKind::Form => "this does not read as a quantity",
            QuantityErrorKind::UnknownUnit => "no unit has this name",
            QuantityErrorKind::Reversed => "the lower end comes first",
        };
        let range = self.range.start..self.range.end.min(text.len());
        let mut diagnostic = Diagnostic::new(self.code(), &self.message).at(place(range), label);
        diagnostic.help.clone_from(&self.help);
        match &self.rewrite {
            Some(rewrite) if inside.is_some() => diagnostic.fix(place(0..text.len()), rewrite),
            _ => diagnostic,
        }
    }

    pub(super) fn form(range: Range<usize>, message: impl Into<String>) -> Self {
        let kind = QuantityErrorKind::Form;
        Self { range, message: message.into(), help: None, kind, rewrite: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// With the whole text as it should be, which is the help too.
    pub(super) fn write(mut self, rewrite: impl Into<String>) -> Self {
        let rewrite = rewrite.into();
        self.help = Some(format!("write `\"{rewrite}\"`"));
        self.rewrite = Some(rewrite);
        self
    }

    /// The error of a unit that starts at `start` of `text`.
    pub(super) fn unit(text: &str, start: usize, error: UnitError) -> Self {
        let range = start + error.range.start..start + error.range.end;
        let rewrite = error.rewrite.map(|instead| {
            let mut whole = text.to_owned();
            whole.replace_range(range.clone(), &instead);
            whole
        });
        let kind = if error.message.starts_with("unknown") {
            QuantityErrorKind::UnknownUnit
        } else {
            QuantityErrorKind::Form
        };
        Self { range, message: error.message, help: error.help, kind, rewrite }
    }
}
