//! Values as meant: texts in, numbers in base units out, with `(ref)`, intervals, money and dates.
//!
//! Shape and lowering both read values here, so that a value is judged by one rule. A value that does not
//! read is reported once and read as `None`.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::calendar::{Calendar, Date, Month, parse_date};
use crate::diagnostic::{Code, Diagnostic, Family};
use crate::estimate::{Dist, Estimate, Z_90, Z_95};
use crate::language::names::Names;
use crate::language::nodes::{Certainty, Noun, Range};
use crate::language::quantity::{self, Converted, Quantity};
use crate::language::report::{Report, error};
use crate::language::syntax::{Node, Value, ValueKind};
use crate::language::unit::Unit;
use crate::money::{Currency, Decimal, to_f64};
use crate::plan::price::Amount;
use crate::source::{Sources, Span};

/// What values are read against: the sources, the shared assumptions, the plan's currency.
#[derive(Debug)]
pub struct Values<'a> {
    /// The files, for the text of labels.
    pub sources: &'a Sources,
    /// Every name of the plan.
    pub names: &'a Names<'a>,
    /// The plan's currency, once known.
    pub currency: Option<Currency>,
    /// The calendar of the plan's months, once known.
    pub calendar: Calendar,
    /// Pinned rates: plan currency for one unit of the foreign one.
    pub fx: BTreeMap<Currency, Decimal>,
    units: HashMap<(&'static str, Option<Currency>), Unit>,
    /// Currencies whose rate is wrong, which was reported once.
    pub bad_rates: Vec<Currency>,
    /// How often each assumption was referred to.
    pub used: HashMap<&'a str, usize>,
}

/// A quantity as read, with where it stands and how its interval is meant.
#[derive(Debug, Clone)]
pub struct Read {
    /// The quantity.
    pub quantity: Quantity,
    /// Where it is used.
    pub span: Span,
    /// Where it is written: in the `let`, for a reference.
    pub written: Span,
    /// The assumption it refers to.
    pub assumption: Option<Arc<str>>,
    interval: Interval,
}

/// How `"a to b"` is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Interval {
    P5P95,
    P10P90,
    Uniform,
    Triangular,
    Pert,
    LogNormal,
    Normal,
}

/// What a figure is, beyond its unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// A share of something: between 0 and 1.
    Share,
    /// Anything else.
    Plain,
}

impl<'a> Values<'a> {
    /// A reader of values.
    #[must_use]
    pub fn new(sources: &'a Sources, names: &'a Names<'a>) -> Self {
        Self {
            sources,
            names,
            currency: None,
            calendar: Calendar::Gregorian,
            fx: BTreeMap::new(),
            units: HashMap::new(),
            bad_rates: Vec::new(),
            used: HashMap::new(),
        }
    }

    fn counted(&self) -> impl Fn(&str) -> bool + use<'a> {
        let names = self.names;
        move |name: &str| names.find(Noun::CountedUnit, name).is_some()
    }

    /// A unit of the language; `$` stands for a currency.
    pub fn unit(&mut self, text: &'static str, currency: Option<Currency>) -> Unit {
        if let Some(unit) = self.units.get(&(text, currency)) {
            return unit.clone();
        }
        let written = match currency {
            Some(currency) => text.replace('$', currency.code()),
            None => text.to_owned(),
        };
        let unit = Unit::parse(&written, &self.counted()).unwrap_or_else(|_| Unit::none());
        self.units.insert((text, currency), unit.clone());
        unit
    }

    /// A unit as the plan writes it, reported where it is none.
    pub fn written_unit(&self, value: &Value, report: &mut Report) -> Option<Quantity> {
        let text = value.text()?;
        let amount = if text.starts_with(|c: char| c.is_ascii_digit()) {
            text.to_owned()
        } else {
            format!("1 {text}")
        };
        match quantity::parse(&amount, &self.counted()) {
            Ok(quantity) => Some(quantity),
            Err(wrong) => {
                let mut diagnostic = Diagnostic::new(wrong.code(), wrong.message.clone())
                    .at(value.span, "this does not read as a unit");
                diagnostic.help = wrong.help;
                report.push(diagnostic);
                None
            }
        }
    }

    /// The unit that a text names, if it names one.
    #[must_use]
    pub fn unit_of(&self, text: &str) -> Option<Unit> {
        Unit::parse(text, &self.counted()).ok()
    }

    /// The `let` that a value refers to, or the value itself; reported where there is none.
    pub fn follow<'v>(
        &mut self,
        value: &'v Value,
        report: &mut Report,
    ) -> Option<(&'v Value, Option<&'v Node>)>
    where
        'a: 'v,
    {
        let is_ref = value.annotation.as_ref().is_some_and(|word| &*word.text == "ref");
        if !is_ref {
            return Some((value, None));
        }
        let name = value.text()?;
        let Some(index) = self.names.find(Noun::Let, name) else {
            report.push(self.names.unknown(Noun::Let, value));
            return None;
        };
        let known = self.names.all(Noun::Let)[index];
        *self.used.entry(known.text).or_default() += 1;
        Some((known.node.args.get(1)?, Some(known.node)))
    }

    /// Reads a quantity; `dist` is the node's property of that name.
    pub fn read(
        &mut self,
        value: &Value,
        dist: Option<&Value>,
        report: &mut Report,
    ) -> Option<Read> {
        let (held, declared) = self.follow(value, report)?;
        if declared.is_some() && held.annotation.as_ref().is_some_and(|word| &*word.text == "ref") {
            // Reported where it is declared: an assumption is a value.
            return None;
        }
        let text = match &held.kind {
            ValueKind::Quoted(text) | ValueKind::Number(text) => text,
            ValueKind::Bare(_) | ValueKind::Bool(_) | ValueKind::Null => {
                report.push(
                    Diagnostic::new(&NOT_A_QUANTITY, "this is no quantity")
                        .at(value.span, "a quantity is meant here")
                        .help("a quantity is one quoted text with its unit: `\"120 req/s\"`"),
                );
                return None;
            }
        };
        let quantity = match quantity::parse(text, &self.counted()) {
            Ok(quantity) => quantity,
            Err(wrong) => {
                let mut said = wrong.diagnostic(text, held.span, self.sources.text(held.span));
                if declared.is_none() && self.names.find(Noun::Let, text).is_some() {
                    said = said
                        .help(format!("the assumption of this name is `(ref){text}`"))
                        .fix(held.span, format!("(ref){text}"));
                }
                report.push(said);
                return None;
            }
        };
        let dist = declared.map_or(dist, |node| node.prop("dist"));
        let annotated = held.annotation.as_ref().is_some_and(|word| &*word.text == "p10-p90");
        let interval = match dist.and_then(Value::text) {
            Some("uniform") => Interval::Uniform,
            Some("triangular") => Interval::Triangular,
            Some("pert") => Interval::Pert,
            Some("lognormal") => Interval::LogNormal,
            Some("normal") => Interval::Normal,
            _ if annotated => Interval::P10P90,
            _ => Interval::P5P95,
        };
        let assumption = declared.and_then(|node| node.args.first()?.text()).map(Arc::from);
        Some(Read { quantity, span: value.span, written: held.span, assumption, interval })
    }

    /// Converts a quantity to a unit; reported where the units measure different things.
    pub fn convert(
        &self,
        read: &Read,
        unit: &Unit,
        wanted: &str,
        report: &mut Report,
    ) -> Option<Converted> {
        match read.quantity.convert(unit) {
            Ok(converted) => Some(converted),
            Err(mismatch) => {
                report.push(unit_mismatch(read, &mismatch, wanted));
                None
            }
        }
    }

    /// Money in the plan's currency and in `unit`, in which `$` stands for the currency it is written in.
    pub fn money(
        &mut self,
        read: &Read,
        unit: &'static str,
        report: &mut Report,
    ) -> Option<(Converted, Currency)> {
        let written = read.quantity.unit.dimension.currency();
        let shown =
            self.currency.map_or_else(|| unit.to_owned(), |own| unit.replace('$', own.code()));
        let target = self.unit(unit, written.or(self.currency));
        let converted = self.convert(read, &target, &shown, report)?;
        let (converted, written) = self.exchanged(read, converted, report)?;
        // Beyond any plan, and sums would lose their cents.
        let (most, wanted) = if unit.ends_with("/hour") {
            (1e9, "at most 1,000,000,000 an hour")
        } else {
            (1e15, "at most 1,000,000,000,000,000")
        };
        if converted.high.unwrap_or(converted.low).abs().max(converted.low.abs()) > most {
            report.push(out_of_range(read, wanted));
            return None;
        }
        Some((converted, written))
    }

    /// The same for a unit that the plan writes, such as `USD/token`.
    pub fn exchanged(
        &mut self,
        read: &Read,
        converted: Converted,
        report: &mut Report,
    ) -> Option<(Converted, Currency)> {
        let written = read.quantity.unit.dimension.currency()?;
        // Without a plan currency the plan node is what is wrong.
        let own = self.currency?;
        if written == own {
            return Some((converted, written));
        }
        let Some(rate) = self.fx.get(&written).copied() else {
            if self.bad_rates.contains(&written) {
                return None;
            }
            report.push(
                Diagnostic::new(&MISSING_FX, format!("no exchange rate for {written}"))
                    .at(read.span, format!("this is in {written}, the plan is in {own}"))
                    .help(format!(
                        "add to `plan`: `fx {written} \"… {own}\" as-of=\"…\" source=\"…\"`, what one {written} \
                         costs in {own}"
                    )),
            );
            return None;
        };
        let factor = to_f64(rate);
        let exact = converted.exact.and_then(|exact| exact.checked_mul(rate));
        let low = exact.map_or(converted.low * factor, to_f64);
        let high = converted.high.map(|high| high * factor);
        Some((Converted { low, high, exact }, written))
    }

    /// An estimate of a value in `unit`, scaled by `scale`, drawn under `key`.
    pub fn estimate(
        &mut self,
        value: &Value,
        dist: Option<&Value>,
        unit: &'static str,
        scale: f64,
        key: impl FnOnce() -> String,
        report: &mut Report,
    ) -> Option<Estimate> {
        let read = self.read(value, dist, report)?;
        let target = self.unit(unit, None);
        let converted = self.convert(&read, &target, unit, report)?;
        Some(read.estimate(converted, scale, Nature::Plain, key))
    }

    /// An estimate of a share, or of a share in a time such as `%/day`: 0 to 1.
    pub fn share(
        &mut self,
        value: &Value,
        dist: Option<&Value>,
        unit: &'static str,
        key: impl FnOnce() -> String,
        report: &mut Report,
    ) -> Option<Estimate> {
        let read = self.read(value, dist, report)?;
        let target = self.unit(unit, None);
        let converted = self.convert(&read, &target, unit, report)?;
        check_range(&read, converted, Range::Share, report).then_some(())?;
        Some(read.estimate(converted, 0.01, Nature::Share, key))
    }

    /// One figure in `unit`.
    pub fn figure(
        &mut self,
        value: &Value,
        unit: &'static str,
        report: &mut Report,
    ) -> Option<f64> {
        let read = self.read(value, None, report)?;
        let target = self.unit(unit, None);
        let converted = self.convert(&read, &target, unit, report)?;
        check_certain(&read, converted, report).then_some(converted.low)
    }

    /// An amount of money in the plan's currency, in `unit` (`$/GB-month`), times `scale`.
    pub fn amount(
        &mut self,
        value: &Value,
        dist: Option<&Value>,
        unit: &'static str,
        scale: Decimal,
        key: impl FnOnce() -> String,
        report: &mut Report,
    ) -> Option<Amount> {
        let read = self.read(value, dist, report)?;
        let (converted, written_in) = self.money(&read, unit, report)?;
        Some(read.amount(converted, written_in, scale, key))
    }

    /// A certain amount of money in the plan's currency.
    pub fn certain_amount(&mut self, value: &Value, report: &mut Report) -> Option<Decimal> {
        let read = self.read(value, None, report)?;
        let (converted, _) = self.money(&read, "$", report)?;
        check_certain(&read, converted, report)
            .then(|| converted.exact.unwrap_or_else(|| nearest_decimal(converted.low)))
    }

    /// A day: a date, or the first day of a month.
    pub fn first_day(&mut self, value: &Value, report: &mut Report) -> Option<Date> {
        self.day(value, report, Month::first_day)
    }

    /// A day: a date, or the last day of a month.
    pub fn last_day(&mut self, value: &Value, report: &mut Report) -> Option<Date> {
        self.day(value, report, Month::last_day)
    }

    fn day(
        &mut self,
        value: &Value,
        report: &mut Report,
        of_month: fn(Month) -> Date,
    ) -> Option<Date> {
        let (held, _) = self.follow(value, report)?;
        let text = held.text()?;
        let month = || self.calendar.parse(text).map(of_month);
        let found = parse_date(text).or_else(month);
        if found.is_none() {
            report.push(bad_date(held, text, "2027-03-15", "a day or a month"));
        }
        found
    }

    /// A month, which has the days of the plan's calendar.
    pub fn month(&self, value: &Value, report: &mut Report) -> Option<Month> {
        let text = value.text()?;
        let found = self.calendar.parse(text);
        if found.is_none() {
            report.push(bad_date(value, text, "2027-03", "a month"));
        }
        found
    }

    /// A date.
    pub fn date(&mut self, value: &Value, report: &mut Report) -> Option<Date> {
        let (held, _) = self.follow(value, report)?;
        let text = held.text()?;
        let found = parse_date(text);
        if found.is_none() {
            report.push(bad_date(held, text, "2027-03-15", "a day"));
        }
        found
    }
}

/// A time of day, in hours.
pub fn clock(value: &Value, report: &mut Report) -> Option<f64> {
    let text = value.text()?;
    let parts = text.split_once(':').and_then(|(hour, minute)| {
        let whole = |part: &str| (part.len() == 2).then(|| part.parse::<u8>().ok()).flatten();
        Some((whole(hour)?, whole(minute)?))
    });
    match parts {
        Some((hour, minute)) if hour < 24 && minute < 60 => {
            Some(f64::from(hour) + f64::from(minute) / 60.0)
        }
        _ => {
            report.push(bad_date(value, text, "01:30", "a time of day"));
            None
        }
    }
}

/// A whole number, as written.
#[must_use]
pub fn whole(value: &Value) -> Option<i64> {
    match &value.kind {
        ValueKind::Number(text) => text.replace('_', "").parse::<i64>().ok().or_else(|| {
            let number: f64 = text.replace('_', "").parse().ok()?;
            #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
            (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
        }),
        _ => None,
    }
}

fn bad_date(value: &Value, text: &str, example: &str, what: &str) -> Diagnostic {
    Diagnostic::new(&BAD_DATE, format!("`{text}` is no {}", what.trim_start_matches("a ")))
        .at(value.span, format!("{what} is meant here"))
        .help(format!("write it as `\"{example}\"`"))
}

/// The decimal nearest to a float; what a unit that is no decimal leaves of an amount.
fn nearest_decimal(value: f64) -> Decimal {
    Decimal::try_from(value).unwrap_or_default()
}

impl Read {
    /// The distribution, in the unit of `converted` times `scale`.
    #[must_use]
    pub fn dist(&self, converted: Converted, scale: f64, nature: Nature) -> Dist {
        // Dividing by 100 is exact where multiplying by 0.01 is not.
        let scaled = |value: f64| value / (1.0 / scale);
        let low = scaled(converted.low);
        let Some(high) = converted.high.map(scaled).filter(|high| *high > low) else {
            return Dist::Fixed(low);
        };
        let z = if self.interval == Interval::P10P90 { Z_90 } else { Z_95 };
        match self.interval {
            Interval::Uniform => Dist::Uniform { low, high },
            Interval::Triangular => Dist::Triangular { low, high },
            Interval::Pert => Dist::Pert { low, high },
            Interval::Normal => Dist::Normal {
                mean: f64::midpoint(low, high),
                sd: (high - low) / (2.0 * z),
                floor: (low >= 0.0).then_some(0.0),
            },
            Interval::P5P95 | Interval::P10P90 | Interval::LogNormal => {
                if nature == Nature::Share && low > 0.0 && high < 1.0 {
                    Dist::share_interval(low, high, z)
                } else {
                    Dist::interval(low, high, z)
                }
            }
        }
    }

    /// The estimate, keyed by the assumption where it refers to one.
    pub fn estimate(
        &self,
        converted: Converted,
        scale: f64,
        nature: Nature,
        key: impl FnOnce() -> String,
    ) -> Estimate {
        let dist = self.dist(converted, scale, nature);
        let key = match &self.assumption {
            Some(name) => Arc::from(format!("let/{name}")),
            None if dist.is_fixed() => Arc::from(""),
            None => Arc::from(key()),
        };
        Estimate { dist, key, origin: self.span }
    }

    /// The amount of money.
    pub fn amount(
        &self,
        converted: Converted,
        written_in: Currency,
        scale: Decimal,
        key: impl FnOnce() -> String,
    ) -> Amount {
        let mut estimate = self.estimate(converted, to_f64(scale), Nature::Plain, key);
        let exact = estimate.dist.is_fixed().then(|| {
            let exact = converted.exact.unwrap_or_else(|| nearest_decimal(converted.low));
            exact.checked_mul(scale).map(|exact| exact.normalize())
        });
        let exact = exact.flatten();
        if let Some(exact) = exact {
            estimate.dist = Dist::Fixed(to_f64(exact));
        }
        Amount { exact, estimate, written_in }
    }

    /// Whether it is an interval.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        self.quantity.high.is_some()
    }
}

/// Whether a figure lies in its range; reported where it does not. `converted` counts percent.
pub fn check_range(read: &Read, converted: Converted, range: Range, report: &mut Report) -> bool {
    let (low, high) = (converted.low, converted.high.unwrap_or(converted.low));
    let (fits, wanted) = match range {
        Range::Any => (true, ""),
        Range::Change => (low > -100.0, "above -100%, which leaves nothing,"),
        Range::NonNegative => (low >= 0.0, "zero or more"),
        Range::Positive => (low > 0.0, "above zero"),
        Range::Share => (low >= 0.0 && high <= 100.0, "from 0% to 100%"),
        Range::PositiveShare => (low > 0.0 && high <= 100.0, "above 0% and at most 100%"),
        Range::AtLeastOne => (low >= 1.0, "one or more"),
    };
    if !fits {
        report.push(out_of_range(read, wanted));
        return false;
    }
    // The logit of 0% or 100% is infinite.
    let share = matches!(range, Range::Share | Range::PositiveShare);
    let bounded = matches!(
        read.interval,
        Interval::P5P95 | Interval::P10P90 | Interval::LogNormal | Interval::Normal
    );
    if share && bounded && high > low && (low <= 0.0 || high >= 100.0) {
        report.push(
            out_of_range(read, "strictly between 0% and 100% at both ends, being an interval")
                .help("write `99.9%` for `100%`, or say `dist=uniform` or `dist=triangular`"),
        );
        return false;
    }
    true
}

fn out_of_range(read: &Read, wanted: &str) -> Diagnostic {
    let mut diagnostic =
        Diagnostic::new(&OUT_OF_RANGE, format!("`{}` is out of range", read.quantity))
            .at(read.span, format!("{wanted} is meant here"));
    if read.assumption.is_some() {
        diagnostic = diagnostic.also(read.written, "its value stands here");
    }
    diagnostic
}

/// Whether a figure is certain where it must be; reported where it is not.
pub fn check_certain(read: &Read, converted: Converted, report: &mut Report) -> bool {
    if converted.high.is_none_or(|high| high <= converted.low) {
        return true;
    }
    report.push(
        Diagnostic::new(&NOT_CERTAIN, format!("`{}` is uncertain", read.quantity))
            .at(read.span, "one figure is meant here")
            .help(format!("write one figure, such as `\"{}\"`", middle(read))),
    );
    false
}

fn middle(read: &Read) -> String {
    let quantity = Quantity { high: None, ..read.quantity.clone() };
    quantity.to_string()
}

/// Whether `certainty` allows the figure.
pub fn check_certainty(
    read: &Read,
    converted: Converted,
    certainty: Certainty,
    report: &mut Report,
) -> bool {
    certainty == Certainty::Uncertain || check_certain(read, converted, report)
}

/// The diagnostic for units that do not fit.
#[must_use]
pub fn unit_mismatch(read: &Read, mismatch: &quantity::Mismatch, wanted: &str) -> Diagnostic {
    use crate::language::unit::Base;
    let percent = mismatch.found.is_none() && mismatch.wanted.power(&Base::Percent) == 1;
    let help = mismatch.help(&read.quantity, wanted);
    let mut diagnostic = if percent {
        let label = format!("this is a share, and a share is written in percent, in `{wanted}`");
        Diagnostic::new(&PERCENT_MEANT, format!("`{}` where a percentage is meant", read.quantity))
            .at(read.span, label)
    } else {
        let label = if read.quantity.unit_text.is_empty() {
            format!("this has no unit, and `{wanted}` is meant")
        } else {
            format!("this is in `{}`, and `{wanted}` is meant", read.quantity.unit_text)
        };
        Diagnostic::new(&UNIT_MISMATCH, mismatch.to_string()).at(read.span, label)
    };
    if read.assumption.is_some() {
        diagnostic = diagnostic.also(read.written, "its value stands here");
    }
    diagnostic.help(help)
}

/// Units that do not fit.
pub static UNIT_MISMATCH: Code = error(
    "unit_mismatch",
    Family::Quantities,
    "a quantity measures something else than is meant",
    "Units are dimensions: requests are no tokens, gigabytes are no gigabytes a second, dollars are no \
euros. Nothing converts silently but scales of the same thing (`GB` and `GiB`, `hour` and `day`).\n\nWrong:\n\n\
```kdl\ndemand \"2M chat/day\"\ncapacity \"2600 token/s\" per=gpu\n```\n\nRight:\n\n```kdl\ndemand \"2M \
chat/day\"\nconvert \"chat\" to=\"token\" by=\"1100 token/chat\"\ncapacity \"2600 token/s\" per=gpu\n```\n",
);

/// A bare number where a percentage is meant.
pub static PERCENT_MEANT: Code = error(
    "percent_meant",
    Family::Quantities,
    "a bare number stands where a percentage is meant",
    "Shares and rates of growth are written in percent, quoted, so that `0.05` and `5` are never mistaken for \
each other.\n\nWrong:\n\n```kdl\ntarget-utilization 0.65\ngrowth compound \"0.05\"\n```\n\nRight:\n\n```kdl\n\
target-utilization \"65%\"\ngrowth compound \"5%/month\"\n```\n",
);

/// A value out of its range.
pub static OUT_OF_RANGE: Code = error(
    "out_of_range",
    Family::Quantities,
    "a figure lies outside what it can be",
    "A share lies between 0% and 100%, an amount of memory is not negative, a peak is at least its mean. The \
ends of an uncertain share lie strictly inside 0% and 100%.\n\nWrong:\n\n```kdl\ntarget-utilization \
\"120%\"\ncache { hit-ratio \"90% to 100%\"; }\n```\n\nRight:\n\n```kdl\ntarget-utilization \"80%\"\ncache { \
hit-ratio \"90% to 99%\"; }\n```\n",
);

/// An interval where one figure is meant.
pub static NOT_CERTAIN: Code = error(
    "not_certain",
    Family::Quantities,
    "an interval stands where one figure is meant",
    "Prices on an invoice, sizes of machines and terms are certain: they take one figure. What is uncertain is \
marked so in the reference.\n\nWrong:\n\n```kdl\nbudget \"b\" { amount \"2M to 3M USD\"; }\n```\n\nRight:\n\n\
```kdl\nbudget \"b\" { amount \"2.4M USD\"; }\n```\n",
);

/// A value that is no quantity.
pub static NOT_A_QUANTITY: Code = error(
    "not_a_quantity",
    Family::Quantities,
    "a value is no quantity",
    "A quantity is one quoted text: a number and its unit, or `a to b` and the unit.\n\nWrong:\n\n```kdl\n\
demand (ref)launch-date\n```\n\nRight:\n\n```kdl\ndemand \"120 req/s\"\n```\n",
);

/// Money in a currency without a rate.
pub static MISSING_FX: Code = error(
    "missing_fx",
    Family::Quantities,
    "an amount is in a currency that the plan has no rate for",
    "Exchange rates are pinned in the plan, with their date and source, so that a report never depends on the \
day it is made. `fx EUR \"1.09 USD\"` says what one EUR costs in the plan's currency.\n\nWrong:\n\n```kdl\nplan \
\"p\" { currency USD; }\nbudget \"b\" { amount \"3M EUR\"; }\n```\n\nRight:\n\n```kdl\nplan \"p\" { currency USD; \
fx EUR \"1.09 USD\" as-of=\"2026-11-20\"; }\nbudget \"b\" { amount \"3M EUR\"; }\n```\n",
);

/// A text that is no date.
pub static BAD_DATE: Code = error(
    "bad_date",
    Family::Quantities,
    "a text is no day, month or time of day",
    "Days are written `\"2027-03-15\"`, months `\"2027-03\"`, times of day `\"01:30\"`. Where a day is meant a \
month may stand: its first day in `from` and `at`, its last in `until`.\n\nWrong:\n\n```kdl\nevent \"launch\" \
at=\"15.03.2027\" { multiply 1.2; }\n```\n\nRight:\n\n```kdl\nevent \"launch\" at=\"2027-03-15\" { multiply 1.2; \
}\n```\n",
);

/// The codes of this module.
pub static CODES: &[&Code] = &[
    &UNIT_MISMATCH,
    &PERCENT_MEANT,
    &OUT_OF_RANGE,
    &NOT_CERTAIN,
    &NOT_A_QUANTITY,
    &MISSING_FX,
    &BAD_DATE,
];
