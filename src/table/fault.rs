//! What can be wrong with a table of series, each with what to do about it.

/// What is wrong with the whole table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableFault {
    /// The file is not there.
    #[error("there is no file `{0}`")]
    Missing(String),
    /// It cannot be read from disk.
    #[error("`{path}` cannot be read: {reason}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        reason: String,
    },
    /// It is no table.
    #[error("`{path}` is no table: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        reason: String,
    },
    /// A column is missing.
    #[error(
        "`{path}` has no column `{name}` (it has {}); name another with `--{option} COLUMN`",
        columns.join(", ")
    )]
    NoColumn {
        /// The file.
        path: String,
        /// The column that is looked for.
        name: String,
        /// The option that names it.
        option: &'static str,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// A header and nothing else.
    #[error("`{0}` has no rows below its header")]
    NoRows(String),
}

/// What is wrong with one series.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeriesFault {
    /// A cell that is no time.
    #[error(
        "row {row}: `{text}` is no time; write `2027-01-02`, `2027-01-02 03:00:00`, `2027-01` or whole \
         numbers"
    )]
    NoTime {
        /// The row, counted from 1 below the header.
        row: u64,
        /// What stands there.
        text: String,
    },
    /// A cell that is no number.
    #[error("row {row}: `{text}` is no number; leave a cell empty where nothing was measured")]
    NoNumber {
        /// The row.
        row: u64,
        /// What stands there.
        text: String,
    },
    /// A row with fewer cells than the header.
    #[error("row {row} has fewer cells than the header")]
    ShortRow {
        /// The row.
        row: u64,
    },
    /// A row that is not text.
    #[error("row {row} is not UTF-8 text")]
    NotText {
        /// The row.
        row: u64,
    },
    /// No cell has a value.
    #[error("no row has a value")]
    Empty,
    /// Two rows have the same time.
    #[error(
        "rows {first} and {second} have the same time {time}; keep one, or give them other ids"
    )]
    Twice {
        /// A row.
        first: u64,
        /// Another.
        second: u64,
        /// The time.
        time: String,
    },
    /// The interval cannot be told.
    #[error("the times do not tell one interval; say it with `--frequency`")]
    NoFrequency,
    /// A time does not fit the interval.
    #[error("row {row}: {time} is not a whole number of steps ({step}) after {first}")]
    OffGrid {
        /// The row.
        row: u64,
        /// The time.
        time: String,
        /// The first time.
        first: String,
        /// The step.
        step: String,
    },
    /// Nearly all of the span is empty.
    #[error(
        "its {rows} rows span {steps} steps ({step}), so nearly all is empty; is the frequency right?"
    )]
    TooSparse {
        /// Rows with a value.
        rows: usize,
        /// Steps from the first to the last.
        steps: usize,
        /// The step.
        step: String,
    },
    /// Too short to hold anything out.
    #[error("{length} values are too few to hold out {horizon} and learn from the rest")]
    TooShort {
        /// Values.
        length: usize,
        /// Steps that would be held out.
        horizon: usize,
    },
}
