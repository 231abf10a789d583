//! Why a price list cannot be read.

use super::{COLUMNS, Form};

/// A list that is of no form, or lacks what its form must have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The text is of no known form.
    #[error("this is no price list of a known form")]
    NoForm {
        /// The names of its columns, where it has any.
        columns: Vec<String>,
    },
    /// A column is missing.
    #[error("a `{}` list needs the column `{column}`", form.word())]
    NoColumn {
        /// The form.
        form: Form,
        /// The column.
        column: &'static str,
    },
    /// The text does not read as JSON, or as CSV.
    #[error("line {line} does not read: {why}")]
    Text {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// There is no price in it.
    #[error("a `{}` list without any price", form.word())]
    Empty {
        /// The form.
        form: Form,
    },
}

impl Fault {
    pub(super) fn no_form(text: &str) -> Self {
        let head = text.lines().next().unwrap_or_default();
        let is_table = head.contains(',') && !head.trim_start().starts_with(['{', '[']);
        let columns = head.split(',').map(|name| name.trim().to_owned());
        Self::NoForm { columns: if is_table { columns.collect() } else { Vec::new() } }
    }

    /// What to do.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::NoForm { columns } => {
                let own: Vec<&str> = COLUMNS.iter().map(|(name, _, _)| *name).collect();
                let forms: Vec<&str> = Form::ALL.iter().map(|form| form.word()).collect();
                let has = match columns.as_slice() {
                    [] => String::new(),
                    columns => format!("; this one has {}", columns.join(", ")),
                };
                format!(
                    "the forms are {}; a `csv` has a head with {}{has}",
                    forms.join(", "),
                    own.join(", ")
                )
            }
            Self::NoColumn { form: Form::Csv, column } => {
                let also = COLUMNS.iter().find(|(name, _, _)| name == column);
                let also = also.map_or(String::new(), |(_, also, _)| also.join("`, `"));
                format!("name one column `{column}` (or `{also}`)")
            }
            Self::NoColumn { .. } => "give the form with `format=`, or mend the head".to_owned(),
            Self::Text { .. } => "write the file anew, or give its form with `format=`".to_owned(),
            Self::Empty { .. } => "look whether the file was cut off".to_owned(),
        }
    }
}
