//! One value against the kind the table gives it.

use super::Shape;
use super::codes::{
    MISPLACED_REF, QUOTED_WORD, UNKNOWN_ANNOTATION, UNKNOWN_WORD, UNQUOTED, WRONG_TYPE,
};
use crate::diagnostic::Diagnostic;
use crate::language::names::{bad_name, is_name};
use crate::language::nodes::{Certainty, Kind, Noun, Range};
use crate::language::suggest;
use crate::language::syntax::{Node, Value, ValueKind};
use crate::language::unit;
use crate::language::values::{self, check_certainty, check_range};

impl Shape<'_, '_> {
    /// Whether `value` is of `kind`; reported where it is not.
    pub(super) fn value(
        &mut self,
        kind: &Kind,
        value: &Value,
        node: &Node,
        dist: Option<&Value>,
    ) -> bool {
        if let Some(annotation) = &value.annotation {
            match &*annotation.text {
                "ref" if kind.takes_reference() => return self.reference(kind, value),
                "p10-p90"
                    if matches!(
                        kind,
                        Kind::Quantity(_, _, Certainty::Uncertain)
                            | Kind::Contextual(_)
                            | Kind::Factor(_)
                            | Kind::Anything
                    ) => {}
                "ref" | "p10-p90" => {
                    self.report.push(
                        Diagnostic::new(
                            &MISPLACED_REF,
                            format!("`({})` cannot stand here", annotation.text),
                        )
                        .at(value.span, format!("{} is meant here", meant(kind)))
                        .help(format!("write {} without annotation", meant(kind))),
                    );
                    return false;
                }
                other => {
                    self.report.push(
                        Diagnostic::new(
                            &UNKNOWN_ANNOTATION,
                            format!("unknown annotation `({other})`"),
                        )
                        .at(annotation.span, "no annotation has this name")
                        .help("the annotations are `(ref)name` and `(p10-p90)\"a to b unit\"`"),
                    );
                    return false;
                }
            }
        } else if matches!(kind, Kind::LetRef) {
            self.report.push(self.wrong_type(kind, value, node));
            return false;
        }
        match kind {
            Kind::Declares(noun) => self.declared(*noun, value, node),
            Kind::Refers(noun) => self.referred(*noun, value, node),
            Kind::LetName => self.let_name(value, node),
            Kind::LetRef => true,
            Kind::Text | Kind::Region | Kind::Pattern | Kind::Zone | Kind::Choice(_) => {
                self.text(kind, value, node)
            }
            Kind::Word(words) => self.word(kind, words, value, node),
            Kind::Currency => self.currency(kind, value, node),
            Kind::Count(least) => self.count(kind, *least, value, node),
            Kind::Year => self.count(kind, 1900, value, node),
            Kind::Bool => match value.kind {
                ValueKind::Bool(_) => true,
                _ => self.wrong(kind, value, node),
            },
            Kind::Date => {
                self.quoted(kind, value, node) && self.values.date(value, self.report).is_some()
            }
            Kind::Day => {
                self.quoted(kind, value, node)
                    && self.values.first_day(value, self.report).is_some()
            }
            Kind::Month => {
                self.quoted(kind, value, node) && self.values.month(value, self.report).is_some()
            }
            Kind::Clock => {
                self.quoted(kind, value, node) && values::clock(value, self.report).is_some()
            }
            Kind::Quarter => self.quoted(kind, value, node) && self.quarter(value),
            Kind::UnitText => {
                self.quoted(kind, value, node)
                    && self.values.written_unit(value, self.report).is_some()
            }
            Kind::Factor(range) => self.factor(kind, *range, value, node, dist),
            Kind::Quantity(unit, range, certainty) => {
                self.quoted(kind, value, node)
                    && self.quantity(unit, *range, *certainty, value, dist)
            }
            Kind::Contextual(_) => {
                self.quoted(kind, value, node)
                    && self.values.read(value, dist, self.report).is_some()
            }
            Kind::Anything => true,
        }
    }

    fn wrong(&mut self, kind: &Kind, value: &Value, node: &Node) -> bool {
        let diagnostic = self.wrong_type(kind, value, node);
        self.report.push(diagnostic);
        false
    }

    fn wrong_type(&self, kind: &Kind, value: &Value, node: &Node) -> Diagnostic {
        let written = self.values.sources.text(value.span);
        Diagnostic::new(
            &WRONG_TYPE,
            format!("`{}` takes {}, not {}", node.name.text, meant(kind), found(&value.kind)),
        )
        .at(value.span, format!("{} is meant here", meant(kind)))
        .help(rewrite(kind, written))
    }

    /// A `(ref)`: the assumption exists and its value is of the kind.
    fn reference(&mut self, kind: &Kind, value: &Value) -> bool {
        match kind {
            Kind::Quantity(unit, range, certainty) => {
                self.quantity(unit, *range, *certainty, value, None)
            }
            Kind::Factor(range) => self.quantity("", *range, Certainty::Uncertain, value, None),
            Kind::Contextual(_) => self.values.read(value, None, self.report).is_some(),
            Kind::Date => self.values.date(value, self.report).is_some(),
            Kind::Day => self.values.first_day(value, self.report).is_some(),
            _ => self.values.follow(value, self.report).is_some(),
        }
    }

    /// Whether a value is quoted; the commonest slip of all is that it is not.
    fn quoted(&mut self, kind: &Kind, value: &Value, node: &Node) -> bool {
        match &value.kind {
            ValueKind::Quoted(_) => true,
            ValueKind::Number(text) if matches!(kind, Kind::Contextual(_) | Kind::Quantity(..)) => {
                let unit = match kind {
                    Kind::Quantity(unit, ..) => unit,
                    _ => "…",
                };
                let number: Option<f64> = text.parse().ok();
                if unit.starts_with('%') {
                    let share = number.filter(|share| share.abs() <= 1.0);
                    let percent = share.map_or(number.unwrap_or(0.0), |share| share * 100.0);
                    let percent = (percent * 1e6).round() / 1e6;
                    let meant = format!("\"{percent}{unit}\"");
                    self.report.push(
                        Diagnostic::new(
                            &values::PERCENT_MEANT,
                            format!("`{text}` where `{percent}{unit}` was meant"),
                        )
                        .at(value.span, "a percentage is quoted, with its sign")
                        .help(format!("write `{} {meant}`", node.name.text))
                        .fix(value.span, meant),
                    );
                    return false;
                }
                let meant = format!("\"{text} {}\"", unit.replace('$', "USD"));
                self.report.push(
                    Diagnostic::new(&UNQUOTED, format!("`{text}` has no unit"))
                        .at(value.span, "a quantity is quoted, with its unit")
                        .help(format!("write it as in `{} {meant}`", node.name.text)),
                );
                false
            }
            ValueKind::Bare(text) => {
                let quoted = format!("\"{text}\"");
                self.report.push(
                    Diagnostic::new(&UNQUOTED, format!("`{text}` is not quoted"))
                        .at(value.span, format!("{} is meant here", meant(kind)))
                        .help(format!("quote it: `{quoted}`"))
                        .fix(value.span, quoted),
                );
                false
            }
            _ => self.wrong(kind, value, node),
        }
    }

    fn declared(&mut self, noun: Noun, value: &Value, node: &Node) -> bool {
        if !self.quoted(&Kind::Declares(noun), value, node) {
            return false;
        }
        let text = value.text().unwrap_or_default();
        if !is_name(text, noun.is_foreign()) {
            let source = self.values.sources.text(value.span);
            self.report.push(bad_name(text, value.span, source));
            return false;
        }
        if noun == Noun::Scenario && text == "base" {
            self.report.push(super::form::base_is_reserved(value));
            return false;
        }
        true
    }

    fn referred(&mut self, noun: Noun, value: &Value, node: &Node) -> bool {
        if !self.quoted(&Kind::Refers(noun), value, node) {
            return false;
        }
        let text = value.text().unwrap_or_default();
        if noun == Noun::Scenario && text == "base" && &*node.name.text == "compare" {
            return true;
        }
        if self.values.names.find(noun, text).is_some() || self.in_scenario(node) {
            return true;
        }
        self.report.push(self.values.names.unknown(noun, value));
        false
    }

    fn let_name(&mut self, value: &Value, node: &Node) -> bool {
        match &value.kind {
            ValueKind::Bare(text) if is_name(text, false) => true,
            ValueKind::Bare(text) => {
                let source = self.values.sources.text(value.span);
                self.report.push(bad_name(text, value.span, source));
                false
            }
            ValueKind::Quoted(text) => {
                self.report.push(
                    Diagnostic::new(&QUOTED_WORD, format!("the name of `let` {text} is quoted"))
                        .at(value.span, "the name of an assumption is bare")
                        .help(format!("write `let {text}`"))
                        .fix(value.span, &**text),
                );
                false
            }
            _ => self.wrong(&Kind::LetName, value, node),
        }
    }

    fn text(&mut self, kind: &Kind, value: &Value, node: &Node) -> bool {
        if !self.quoted(kind, value, node) {
            return false;
        }
        if let (Kind::Choice(words), Some(text)) = (kind, value.text())
            && !words.contains(&text)
        {
            self.report.push(unknown_word(node, text, words, value, true));
            return false;
        }
        true
    }

    fn word(
        &mut self,
        kind: &Kind,
        words: &'static [&'static str],
        value: &Value,
        node: &Node,
    ) -> bool {
        let Some(text) = value.text() else { return self.wrong(kind, value, node) };
        if !words.contains(&text) {
            self.report.push(unknown_word(node, text, words, value, false));
            return false;
        }
        if matches!(value.kind, ValueKind::Quoted(_)) {
            self.report.push(
                Diagnostic::new(&QUOTED_WORD, format!("`{text}` is quoted"))
                    .at(value.span, "a word of the language is bare")
                    .help(format!("write `{text}`, without quotes"))
                    .fix(value.span, text),
            );
            return false;
        }
        true
    }

    fn currency(&mut self, kind: &Kind, value: &Value, node: &Node) -> bool {
        let Some(text) = value.text() else { return self.wrong(kind, value, node) };
        if unit::currency(text).is_none() {
            let upper = text.to_ascii_uppercase();
            let help = if unit::currency(&upper).is_some() {
                format!("write `{upper}`")
            } else {
                "currencies are written by their ISO 4217 code: `USD`, `EUR`".to_owned()
            };
            self.report.push(
                Diagnostic::new(&UNKNOWN_WORD, format!("`{text}` is no currency"))
                    .at(value.span, "no currency has this code")
                    .help(help),
            );
            return false;
        }
        if matches!(value.kind, ValueKind::Quoted(_)) {
            self.report.push(
                Diagnostic::new(&QUOTED_WORD, format!("`{text}` is quoted"))
                    .at(value.span, "a currency is bare")
                    .help(format!("write `{text}`, without quotes"))
                    .fix(value.span, text),
            );
            return false;
        }
        true
    }

    fn count(&mut self, kind: &Kind, least: i64, value: &Value, node: &Node) -> bool {
        let Some(number) = values::whole(value) else { return self.wrong(kind, value, node) };
        if number < least || number > i64::from(u32::MAX) && least != i64::MIN && !is_seed(node) {
            self.report.push(
                Diagnostic::new(&values::OUT_OF_RANGE, format!("`{number}` is out of range"))
                    .at(value.span, format!("this is {least} or more, and below 4 billion")),
            );
            return false;
        }
        true
    }

    fn factor(
        &mut self,
        kind: &Kind,
        range: Range,
        value: &Value,
        node: &Node,
        dist: Option<&Value>,
    ) -> bool {
        match &value.kind {
            ValueKind::Number(_) | ValueKind::Quoted(_) => {
                self.quantity("", range, Certainty::Uncertain, value, dist)
            }
            _ => self.wrong(kind, value, node),
        }
    }

    fn quantity(
        &mut self,
        unit: &'static str,
        range: Range,
        certainty: Certainty,
        value: &Value,
        dist: Option<&Value>,
    ) -> bool {
        let Some(read) = self.values.read(value, dist, self.report) else { return false };
        let converted = if unit.contains('$') {
            self.values.money(&read, unit, self.report).map(|(converted, _)| converted)
        } else {
            let target = self.values.unit(unit, None);
            self.values.convert(&read, &target, unit, self.report)
        };
        let Some(converted) = converted else { return false };
        check_certainty(&read, converted, certainty, self.report)
            && check_range(&read, converted, range, self.report)
    }

    fn quarter(&mut self, value: &Value) -> bool {
        let text = value.text().unwrap_or_default();
        if parse_quarter(text).is_some() {
            return true;
        }
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let help = match (digits.get(..4), digits.get(4..5)) {
            (Some(year), Some(quarter @ ("1" | "2" | "3" | "4"))) => {
                format!("write `\"FY{year}-Q{quarter}\"`")
            }
            (Some(year), Some(_)) => format!("quarters are 1 to 4: `\"FY{year}-Q4\"`"),
            _ => "write it as `\"FY2027-Q1\"`".to_owned(),
        };
        self.report.push(
            Diagnostic::new(&values::BAD_DATE, format!("`{text}` is no fiscal quarter"))
                .at(value.span, "quarters are fiscal, and say so")
                .help(help),
        );
        false
    }

    /// Whether a reference stands in an edit of a scenario, whose result is looked up later.
    fn in_scenario(&self, node: &Node) -> bool {
        self.scenarios.iter().any(|span| {
            span.file == node.span.file
                && span.start <= node.span.start
                && node.span.end() <= span.end()
        })
    }
}

/// Reads `FY2027-Q1`.
#[must_use]
pub fn parse_quarter(text: &str) -> Option<(i16, i8)> {
    let (year, quarter) = text.strip_prefix("FY")?.split_once("-Q")?;
    let year = (year.len() == 4).then(|| year.parse().ok()).flatten()?;
    let quarter = quarter.parse().ok().filter(|quarter| (1..=4).contains(quarter))?;
    Some((year, quarter))
}

fn is_seed(node: &Node) -> bool {
    &*node.name.text == "seed"
}

pub(super) fn unknown_word(
    node: &Node,
    text: &str,
    words: &[&'static str],
    value: &Value,
    quoted: bool,
) -> Diagnostic {
    let diagnostic =
        Diagnostic::new(&UNKNOWN_WORD, format!("`{}` does not know `{text}`", node.name.text))
            .at(value.span, "not one of its words");
    match suggest::nearest(text, words.iter().copied()) {
        Some(near) => {
            let fix = if quoted { format!("\"{near}\"") } else { near.to_owned() };
            diagnostic.help(format!("did you mean `{near}`?")).fix(value.span, fix)
        }
        None => diagnostic.help(format!("its words are {}", suggest::list(words.iter().copied()))),
    }
}

/// A kind in words: `a quantity in GB`.
#[must_use]
pub fn meant(kind: &Kind) -> String {
    match kind {
        Kind::Declares(_) | Kind::Refers(_) | Kind::Region => "a quoted name".to_owned(),
        Kind::LetName => "a bare name".to_owned(),
        Kind::LetRef => "`(ref)` and the name of an assumption".to_owned(),
        Kind::Text => "a quoted text".to_owned(),
        Kind::Choice(words) => format!("one of {}, quoted", suggest::list(words.iter().copied())),
        Kind::Pattern => "a quoted pattern on names".to_owned(),
        Kind::Word([word]) => format!("the word `{word}`"),
        Kind::Word(words) => format!("one of {}", suggest::list(words.iter().copied())),
        Kind::Count(_) => "a whole number".to_owned(),
        Kind::Factor(_) => "a number, quoted if it is uncertain".to_owned(),
        Kind::Bool => "`#true` or `#false`".to_owned(),
        Kind::Date => "a quoted day".to_owned(),
        Kind::Month => "a quoted month".to_owned(),
        Kind::Day => "a quoted day or month".to_owned(),
        Kind::Year => "a fiscal year".to_owned(),
        Kind::Quarter => "a quoted fiscal quarter".to_owned(),
        Kind::Currency => "a currency".to_owned(),
        Kind::Clock => "a quoted time of day".to_owned(),
        Kind::Zone => "a quoted time zone".to_owned(),
        Kind::Quantity("%", ..) => "a quoted percentage".to_owned(),
        Kind::Quantity(unit, ..) if unit.contains('$') => {
            format!("a quoted amount such as `\"… {}\"`", unit.replace('$', "USD"))
        }
        Kind::Quantity(unit, ..) => format!("a quoted quantity such as `\"… {unit}\"`"),
        Kind::Contextual(what) => format!("a quoted quantity, in {what}"),
        Kind::UnitText => "a quoted unit".to_owned(),
        Kind::Anything => "a value".to_owned(),
    }
}

fn found(kind: &ValueKind) -> &'static str {
    match kind {
        ValueKind::Quoted(_) => "a quoted text",
        ValueKind::Bare(_) => "a bare word",
        ValueKind::Number(_) => "a number",
        ValueKind::Bool(_) => "a truth value",
        ValueKind::Null => "`#null`",
    }
}

fn rewrite(kind: &Kind, written: &str) -> String {
    let inner = written.trim_matches('"');
    match kind {
        Kind::Count(_) | Kind::Year if inner.bytes().all(|b| b.is_ascii_digit()) => {
            format!("write `{inner}`, without quotes")
        }
        Kind::Bool => match inner {
            "true" | "yes" | "on" => "write `#true`".to_owned(),
            "false" | "no" | "off" => "write `#false`".to_owned(),
            _ => "write `#true` or `#false`".to_owned(),
        },
        Kind::LetRef => format!("write `(ref){inner}`"),
        kind => format!("write {}", meant(kind)),
    }
}
