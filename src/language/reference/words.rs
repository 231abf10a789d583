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
            format!("a number{}, quoted where uncertain, `\"1.7 to 2.2\"`", range(within))
        }
        Kind::Bool => "`#true` or `#false`".into(),
        Kind::Date => "a day, `\"2027-02-15\"`".into(),
        Kind::Month => "a month, `\"2027-02\"`".into(),
        Kind::Day => "a day or a month, `\"2027-02-15\"`".into(),
        Kind::Year => "a fiscal year, `2027`".into(),
        Kind::Quarter => "a fiscal quarter, `\"FY2027-Q1\"`".into(),
        Kind::Currency => "a currency code, bare, `USD`".into(),
        Kind::Clock => "a time of day, `\"01:00\"`".into(),
        Kind::Zone => "a time zone, `\"Europe/Berlin\"`".into(),
        Kind::Quantity(unit, within, certainty) => {
            let certain = if certainty == Certainty::Certain { ", certain" } else { "" };
            format!("{}{}{certain}", quantity(unit), range(within))
        }
        Kind::Contextual(what) => format!("a quantity: {what}"),
        Kind::UnitText => "a unit, quoted, `\"req/s\"`".into(),
        Kind::Anything => "any value".into(),
    }
}

/// What a unit measures, with how it is written.
fn quantity(unit: &str) -> String {
    let what = match unit {
        "%" => "a share",
        "hour" | "second" => "a time",
        "month" => "a number of months",
        "byte" => "a size",
        "core" => "a number of cores",
        "byte/s" | "bit/s" => "a rate of data",
        "$" => return "money, `\"2.4M USD\"`".into(),
        _ => "",
    };
    let example = match unit {
        "hour" => "\"6 hours\"",
        "second" => "\"120 ms\"",
        "month" => "\"12 months\"",
        "byte" => "\"64 GiB\"",
        "core" => "\"8 core\"",
        "byte/s" => "\"3.35 TB/s\"",
        "bit/s" => "\"10 Gbit/s\"",
        "%" => "\"35%\"",
        _ => "",
    };
    if let Some(per) = unit.strip_prefix("$/") {
        return format!("money per {per}, in any currency");
    }
    if what.is_empty() { format!("a quantity in `{unit}`") } else { format!("{what}, `{example}`") }
}

/// A range, where it is not the usual one.
fn range(range: Range) -> &'static str {
    match range {
        Range::Any => ", also negative",
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
            "a share, `\"35%\"`, from 0% to 100%, certain"
        );
        assert_eq!(
            kind(&Kind::Quantity("$/hour", Range::NonNegative, Certainty::Uncertain)),
            "money per hour, in any currency"
        );
        assert_eq!(kind(&Kind::Refers(Noun::Environment)), "the name of an `environment`");
    }
}
