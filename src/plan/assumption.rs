//! `let`: a shared assumption.

use crate::calendar::Date;
use crate::estimate::Estimate;
use crate::ids::Named;
use crate::source::Span;

/// A value that several places of the plan refer to, with where it comes from.
#[derive(Debug, Clone)]
pub struct Assumption {
    /// Its name, as in `(ref)name`.
    pub name: String,
    /// The value as written: `3% to 6% / month`.
    pub text: String,
    /// The value, where it is a quantity; `None` for a date or a word.
    pub value: Option<Estimate>,
    /// A title for people.
    pub title: Option<String>,
    /// Who says so.
    pub source: Option<String>,
    /// The day it was stated.
    pub as_of: Option<Date>,
    /// The day by which it is to be looked at again.
    pub review_by: Option<Date>,
    /// A remark.
    pub note: Option<String>,
    /// Where the plan says it.
    pub origin: Span,
}

impl Named for Assumption {
    fn name(&self) -> &str {
        &self.name
    }
}
