//! What is wrong with a plan, as data: a code, a message, places, a help, perhaps the edit itself.
//!
//! Each rule makes its diagnostics in its own file and declares its [`Code`] there; [`codes`] lists them
//! all. The same value is printed for people, as JSON, as SARIF and as GitHub annotations.

pub mod codes;
pub mod github;
pub mod json;
mod place;
pub mod render;
pub mod sarif;

use crate::source::Span;

/// A kind of diagnostic, with the page that `capplan explain-error` prints.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `unknown_name`, printed as `capplan::unknown_name`.
    pub id: &'static str,
    /// Which part of checking finds it.
    pub family: Family,
    /// Whether it stops the plan.
    pub severity: Severity,
    /// One line: what it means.
    pub title: &'static str,
    /// The page: what it means, why it is so, a wrong and a right example. Markdown.
    pub page: &'static str,
}

/// The families of codes, in the order of the phases that find them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// The text is no KDL, or hostile.
    Syntax,
    /// Files and includes.
    Files,
    /// Nodes, arguments, properties, children.
    Shape,
    /// Names and references.
    Names,
    /// Units, numbers, dates, ranges.
    Quantities,
    /// What does not fit together.
    Model,
    /// Scenarios.
    Scenario,
    /// Budgets and policies.
    Policy,
    /// Templates of reports.
    Template,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The plan cannot be used.
    Error,
    /// The plan is used, but someone should look.
    Warning,
    /// Worth knowing.
    Note,
}

/// A place and what is to be said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is wrong, or meant, there.
    pub text: String,
}

/// A mechanical fix: put `text` in place of a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; an insertion where its length is zero.
    pub span: Span,
    /// By what.
    pub text: String,
}

/// One diagnostic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its code.
    pub code: &'static Code,
    /// Lower case, no full stop, the thing in backticks.
    pub message: String,
    /// Where it is wrong; absent where no file is to blame.
    pub label: Option<Label>,
    /// Other places involved, in this file or others.
    pub others: Vec<Label>,
    /// What to type, or to do.
    pub help: Option<String>,
    /// The edit, where it is mechanical.
    pub fix: Option<Edit>,
}

impl Diagnostic {
    /// A diagnostic of a code.
    #[must_use]
    pub fn new(code: &'static Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            label: None,
            others: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// The same, at a place.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.label = Some(Label { span, text: text.into() });
        self
    }

    /// The same, with another place.
    #[must_use]
    pub fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.others.push(Label { span, text: text.into() });
        self
    }

    /// The same, with a help.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(text.into());
        self
    }

    /// The same, with the edit that mends it.
    #[must_use]
    pub fn fix(mut self, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some(Edit { span, text: text.into() });
        self
    }

    /// Whether it stops the plan.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.code.severity == Severity::Error
    }
}
