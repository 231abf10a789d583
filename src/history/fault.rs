//! What can be wrong with a history file, each with what to do about it.

use std::fmt;

use jiff::civil::Date;

use crate::diagnostic::{Code, Diagnostic, Family, Severity};
use crate::source::Span;

/// A history that cannot be read.
pub static HISTORY_UNREADABLE: Code = Code {
    id: "history_unreadable",
    family: Family::Files,
    severity: Severity::Error,
    title: "a history file is missing, or holds no usable series",
    page: "\
`history` names a CSV or Parquet file, relative to the file it stands in, with a column of times and a\n\
column of values. This one is not there, is no table, has no such column, or holds no regular series;\n\
the message says which, and what to do.\n\n\
```kdl\n\
workload \"chat\" {\n\
    demand \"180 req/s\" { history \"data/chat.csv\" column=\"rps\" time=\"ts\" zone=\"UTC\" fit=auto; }\n\
}\n\
```\n\n\
Where the data is kept elsewhere, `capplan check --no-data` checks the plan without it.\n",
};

/// A history from a source that was never pulled.
pub static HISTORY_NOT_PULLED: Code = Code {
    id: "history_not_pulled",
    family: Family::Files,
    severity: Severity::Error,
    title: "a history from a source whose snapshot lacks it, or is not there",
    page: "\
`history source=` is read from the snapshots that `capplan pull` writes to `history/SOURCE/DATE.parquet`\n\
beside the plan: from the newest one that is not after the plan's `as-of`, so that the same plan gives the\n\
same figures on any day. There is none yet, or it does not hold this series.\n\n\
```kdl\n\
source \"prom\" { kind prometheus; url \"https://prometheus.acme.example\"; label workload \"app\"; }\n\
workload \"chat\" { demand \"180 req/s\" { history source=\"prom\" metric=request-rate fit=auto; }; }\n\
```\n\n\
`capplan pull PLAN` writes one, dated today: a plan with an earlier `as-of` does not read it.\n\
`capplan check --no-data` checks the plan without it.\n",
};

/// A snapshot that is not what was pulled.
pub static SNAPSHOT_ALTERED: Code = Code {
    id: "snapshot_altered",
    family: Family::Files,
    severity: Severity::Error,
    title: "a snapshot that is not what `capplan pull` wrote",
    page: "\
Beside each snapshot `history/SOURCE/DATE.parquet` lies its provenance, `DATE.json`, with the digest of its\n\
bytes. They do not match, or one of the two is missing: the file was edited, cut short, merged, or replaced\n\
by a pointer of a large-file store. Figures of unknown origin are not used.\n\n\
```text\n\
git checkout -- history/prom        # as it was committed\n\
capplan pull .                      # or a new one, dated today\n\
```\n",
};

/// Every history that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct HistoryError {
    /// What is wrong, by file and then by workload; at least one.
    pub problems: Vec<Problem>,
}

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let line_break = if index == 0 { "" } else { "\n" };
            write!(f, "{line_break}{problem}; {}", problem.fault.help())?;
        }
        Ok(())
    }
}

impl HistoryError {
    /// One diagnostic a history, at the line that asks for it.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let of = |problem: &Problem| {
            Diagnostic::new(problem.fault.code(), format!("cannot use history `{}`", problem.path))
                .at(problem.origin, problem.fault.to_string())
                .help(problem.fault.help())
        };
        self.problems.iter().map(of).collect()
    }
}

/// A history that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("workload `{workload}`, history `{path}`: {fault}")]
pub struct Problem {
    /// The file, as the plan names it.
    pub path: String,
    /// The workload whose history it is.
    pub workload: String,
    /// Where the plan asks for it.
    pub origin: Span,
    /// What is wrong.
    pub fault: Fault,
}

/// What is wrong with a history.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is no such file.
    #[error("there is no such file")]
    Missing,
    /// The file cannot be read from disk.
    #[error("the file cannot be read: {0}")]
    Io(String),
    /// It is no table.
    #[error("it is no table that can be read: {0}")]
    Unreadable(String),
    /// A header and nothing else, or not even that.
    #[error("the file has no rows")]
    NoRows,
    /// A column that the plan names is not there.
    #[error("there is no column `{name}`")]
    NoColumn {
        /// The name in the plan.
        name: String,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// The plan does not say which column holds the values, and several or none could.
    #[error("it is not clear which column holds the values")]
    WhichValue {
        /// The columns that could.
        candidates: Vec<String>,
        /// All columns.
        columns: Vec<String>,
    },
    /// The plan does not say which column holds the times, and several or none could.
    #[error("it is not clear which column holds the times")]
    WhichTime {
        /// The columns there are.
        columns: Vec<String>,
    },
    /// A cell that is no time.
    #[error("row {row}: `{text}` in column `{column}` is no time")]
    NoTime {
        /// The row, counted from 1 below the header.
        row: usize,
        /// The column of times.
        column: String,
        /// What stands there.
        text: String,
    },
    /// A cell that is no number.
    #[error("row {row}: `{text}` in column `{column}` is no number")]
    NoNumber {
        /// The row, counted from 1 below the header.
        row: usize,
        /// The column of values.
        column: String,
        /// What stands there.
        text: String,
    },
    /// The filters leave nothing.
    #[error("no row has `{value}` in column `{column}`{}", if *alone { "" } else { " beside the filters before it" })]
    NoMatch {
        /// The column of the filter.
        column: String,
        /// The value wanted.
        value: String,
        /// Whether no row at all has it, whatever the other filters say.
        alone: bool,
        /// Some values that the column has.
        seen: Vec<String>,
    },
    /// No row used has a value.
    #[error("column `{0}` has no value in any row used")]
    AllEmpty(String),
    /// The same time stands in two rows that nothing tells apart.
    #[error(
        "rows {first} and {second} have the same time {time}, and no other column tells them apart"
    )]
    Twice {
        /// A row, counted from 1 below the header.
        first: usize,
        /// Another.
        second: usize,
        /// The time, UTC.
        time: String,
    },
    /// No snapshot of a source is old enough, or there is none at all.
    #[error("{}", match first {
        Some(first) => format!("its first snapshot is of {first}, after the plan's as-of day"),
        None => String::from("`capplan pull` has written no snapshot of this source"),
    })]
    NotPulled {
        /// The day of the oldest snapshot.
        first: Option<Date>,
    },
    /// The snapshot does not have the series.
    #[error("the snapshot of {date} has no `{metric}` of `{workload}`")]
    NotInSnapshot {
        /// The day of the snapshot.
        date: Date,
        /// The word of the metric.
        metric: String,
        /// The workload.
        workload: String,
    },
    /// The snapshot answers another query.
    #[error("the snapshot of {date} answers another query")]
    OtherQuery {
        /// The day of the snapshot.
        date: Date,
    },
    /// The snapshot is not what was written.
    #[error("the snapshot was altered: {why}")]
    Altered {
        /// In what way.
        why: String,
    },
    /// The zone is unknown.
    #[error("there is no time zone `{0}`")]
    NoZone(String),
    /// One time, or none.
    #[error("fewer than two different times")]
    TooFew,
    /// Values are far too few for the time they span.
    #[error("its times run from {first} to {last}, and nearly all of that is empty")]
    TooSparse {
        /// The first day.
        first: Date,
        /// The last day.
        last: Date,
    },
}

impl Fault {
    /// The code of its diagnostic.
    fn code(&self) -> &'static Code {
        match self {
            Self::NotPulled { .. } | Self::NotInSnapshot { .. } | Self::OtherQuery { .. } => {
                &HISTORY_NOT_PULLED
            }
            Self::Altered { .. } => &SNAPSHOT_ALTERED,
            _ => &HISTORY_UNREADABLE,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Missing => String::from(
                "put it there, correct the path (it is relative to the plan's folder), or run with \
                 `--no-data`",
            ),
            Self::Io(_) => String::from("see that the file may be read, or run with `--no-data`"),
            Self::Unreadable(_) => String::from(
                "histories are CSV with a header line, separated by commas, or Parquet; both uncompressed \
                 as a file",
            ),
            Self::NoRows => String::from("export it again, or run with `--no-data`"),
            Self::NoColumn { name, columns } => nearest(name, columns).map_or_else(
                || format!("the file has {}", listed(columns)),
                |near| format!("did you mean `{near}`?"),
            ),
            Self::WhichValue { candidates, columns } if candidates.is_empty() => {
                format!("no other column holds numbers; the file has {}", listed(columns))
            }
            Self::WhichValue { candidates, .. } => {
                format!("add `column=` with one of {}", listed(candidates))
            }
            Self::WhichTime { columns } => format!("add `time=` with one of {}", listed(columns)),
            Self::NoTime { .. } => String::from(
                "times are written `2027-01-02`, `2027-01-02 03:00:00`, `2027-01-02T03:00:00Z`, `2027-01`, \
                 or as seconds since 1970",
            ),
            Self::NoNumber { .. } => String::from(
                "numbers are written `1234.5`, without thousands separators; leave the cell empty where \
                 nothing was measured",
            ),
            Self::NoMatch { value, seen, .. } => nearest(value, seen).map_or_else(
                || format!("the column has {}", listed(seen)),
                |near| format!("did you mean `{near}`?"),
            ),
            Self::AllEmpty(_) => String::from("choose another column, or export it again"),
            Self::Twice { .. } => String::from(
                "remove one, or keep apart what they measure with `where` or a column that names it",
            ),
            Self::NotPulled { first: None } => {
                String::from("run `capplan pull PLAN`, or check without it by `--no-data`")
            }
            Self::NotPulled { first: Some(first) } => {
                format!("set `as-of` to {first} or later, or check without it by `--no-data`")
            }
            Self::NotInSnapshot { .. } => String::from(
                "run `capplan pull PLAN` again: it says why a series stays empty; a new snapshot is read \
                 once `as-of` is not before it",
            ),
            Self::OtherQuery { .. } => String::from(
                "the plan's `query` has changed since: run `capplan pull PLAN`, and set `as-of` to that day",
            ),
            Self::Altered { .. } => String::from(
                "take it back from git, or delete its two files and run `capplan pull PLAN`",
            ),
            Self::NoZone(_) => String::from("name it as in the IANA database: `Europe/Berlin`"),
            Self::TooFew => String::from("a history needs at least two"),
            Self::TooSparse { .. } => String::from("is the column of times the right one?"),
        }
    }
}

/// `a`, `b` and `c`, at most a dozen.
fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().take(12).map(|name| format!("`{name}`")).collect();
    let more = if names.len() > 12 { ", …" } else { "" };
    format!("{}{more}", quoted.join(", "))
}

/// The name most like `name`, if one is.
fn nearest<'a>(name: &str, names: &'a [String]) -> Option<&'a str> {
    let likeness = |other: &str| strsim::jaro_winkler(&name.to_lowercase(), &other.to_lowercase());
    names
        .iter()
        .map(|other| (likeness(other), other.as_str()))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(a.1)))
        .map(|(_, other)| other)
}
