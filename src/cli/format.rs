//! In which form a command prints what it found: one set of words for all commands, of which each offers those that fit.

use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// A form of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Table,
    /// JSON, everything and exact.
    Json,
    /// CSV, one row for each thing.
    Csv,
    /// Markdown.
    Md,
    /// One HTML page.
    Html,
    /// The dates to act by, as a calendar file.
    Ics,
    /// Nodes to paste into the plan.
    Kdl,
}

/// Reads one of these forms. A command meets no other, so that its last arm, the table, is for `_`.
pub(super) fn among(offered: &'static [Format]) -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(offered.iter().filter_map(ValueEnum::to_possible_value))
        .try_map(|word| Format::from_str(&word, false))
}

/// Reads what every table can be printed as: for people, JSON, CSV, Markdown.
pub(super) fn of_table() -> impl TypedValueParser<Value = Format> {
    among(&[Format::Table, Format::Json, Format::Csv, Format::Md])
}

#[cfg(test)]
mod tests {
    use clap::Command;

    use super::*;

    #[test]
    fn a_command_takes_what_it_offers_and_lists_it() {
        let arg = clap::Arg::new("format").value_parser(among(&[Format::Table, Format::Ics]));
        let command = Command::new("procure").arg(arg);
        let read = |word: &str| command.clone().try_get_matches_from(["procure", word]);
        let taken = read("ics").unwrap();
        assert_eq!(taken.get_one("format"), Some(&Format::Ics));
        let refused = read("csv").unwrap_err().to_string();
        assert!(refused.contains("[possible values: table, ics]"), "{refused}");
    }
}
