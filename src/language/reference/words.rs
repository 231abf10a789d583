//! What a value must be, in words.

use crate::language::nodes::{Certainty, Kind, Noun, Range};

/// What a value must be: `a whole number, 1 or more`.
pub(super) fn kind(kind: &Kind) -> String {
    match *kind {
        Kind::Declares(noun) if noun.is_foreign() => "a new name, as its maker writes it".into(),
        Kind::Declares(_) => "a new name".into(),
        Kind::Refers(Noun::Priority) => "the name of a priority `level`".into(),
        Kind::Refers(Noun::Scenario) => "the name of a `scenario`".into(),
        Kind::Refers(noun) => {
            let word = noun.word();
            let article = if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
            format!("the name of {article} `{word}`")
        }
        Kind::LetName => "a new bare name".into(),
        Kind::LetRef => "`(ref)name` of a `let`".into(),
        Kind::Text => "quoted text".into(),
        Kind::Choice(words) => list(words.iter().map(|word| format!("`\"{word}\"`"))),
        Kind::Region => "a region, quoted, as its provider writes it".into(),
        Kind::Pattern => "a name or a pattern on names, `\"serve-*\"`".into(),
        Kind::Word([first, .., last]) if *first == "january" => format!("`{first}` to `{last}`"),
        Kind::Word(words) => list(words.iter().map(|word| format!("`{word}`"))),
        Kind::Count(i64::MIN) => "a whole number".into(),
        Kind::Count(least) => format!("a whole number, {least} or more"),
        Kind::Factor(within) => {
            format!("a number{}, quoted where uncertain", range(within))
        }
        Kind::Bool => "`#true` or `#false`".into(),
        Kind::Date => "a day".into(),
        Kind::Month => "a month".into(),
        Kind::Day => "a day or a month".into(),
        Kind::Year => "a fiscal year".into(),
        Kind::Quarter => "a fiscal quarter, `\"FY2027-Q1\"`".into(),
        Kind::Currency => "a currency code, bare".into(),
        Kind::Clock => "a time of day, `\"01:00\"`".into(),
        Kind::Zone => "a time zone, `\"Europe/Berlin\"`".into(),
        Kind::Quantity(unit, within, certainty) => {
            let certain = if certainty == Certainty::Certain { ", certain" } else { "" };
            format!("{}{}{certain}", quantity(unit), range(within))
        }
        Kind::Contextual(what) => format!("a quantity: {what}"),
        Kind::UnitText => "a unit, quoted".into(),
        Kind::Anything => "any value".into(),
    }
}

/// What a unit measures.
fn quantity(unit: &str) -> String {
    let what = match unit {
        "%" => "a share",
        "%/month" => "a share a month",
        "%/year" => "a share a year",
        "%/day" => "a share a day",
        "hour" | "second" => "a time",
        "month" => "a number of months",
        "byte" => "a size",
        "byte/month" => "a size a month",
        "core" => "a number of cores",
        "byte/s" | "bit/s" => "a rate of data",
        "hour/week" => "a number of hours a week",
        "$" => "money",
        "W" | "kW" => "a power",
        "FLOP/s" => "a rate of arithmetic, in `FLOP/s`",
        "flop" => "a number of operations, in `flop`",
        _ => {
            return match unit.strip_prefix("$/") {
                Some(per) => format!("money per {per}"),
                None => format!("a quantity in `{unit}`"),
            };
        }
    };
    what.to_owned()
}

/// A range, where it is not the usual one.
fn range(range: Range) -> &'static str {
    match range {
        Range::Any => ", also negative",
        Range::Change => ", also negative, above -100%",
        Range::NonNegative => "",
        Range::Positive => ", above zero",
        Range::Share => ", from 0% to 100%",
        Range::PositiveShare => ", above 0%, up to 100%",
        Range::AtLeastOne => ", 1 or more",
    }
}

/// Words in a row: `a`, `b` or `c`.
pub(super) fn list(words: impl IntoIterator<Item = String>) -> String {
    joined(words, "or")
}

/// Words in a row, the last one behind `last`.
pub(super) fn joined(words: impl IntoIterator<Item = String>, last: &str) -> String {
    let words: Vec<String> = words.into_iter().collect();
    match words.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_described_in_words() {
        assert_eq!(kind(&Kind::Count(1)), "a whole number, 1 or more");
        assert_eq!(kind(&Kind::Word(&["day", "week", "year"])), "`day`, `week` or `year`");
        assert_eq!(
            kind(&Kind::Quantity("%", Range::Share, Certainty::Certain)),
            "a share, from 0% to 100%, certain"
        );
        assert_eq!(
            kind(&Kind::Quantity("$/hour", Range::NonNegative, Certainty::Uncertain)),
            "money per hour"
        );
        assert_eq!(kind(&Kind::Refers(Noun::Environment)), "the name of an `environment`");
    }
}
