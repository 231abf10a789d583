//! Quantities: one quoted text in, a number or an interval with its unit out.
//!
//! `"120 req/s"`, `"3% to 6% / month"`, `"2.49 USD/gpu-hour"`. What an interval means (p5 to p95) is
//! for later passes; here it is two numbers. Numbers keep their exact decimal beside the float, and
//! money is only ever read from the decimal.

mod codes;
mod error;
mod mismatch;
mod number;
mod parse;

use std::fmt;

pub use codes::{CODES, INVALID_QUANTITY, REVERSED_INTERVAL, UNKNOWN_UNIT};
pub use error::{QuantityError, QuantityErrorKind};
pub use mismatch::Mismatch;

use super::unit::Unit;
use crate::money::Decimal;

/// A number as written, its scale (`k M B T`) applied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number {
    /// The nearest float; finite.
    pub value: f64,
    /// The number itself, where 28 digits hold it.
    pub exact: Option<Decimal>,
}

/// A number or an interval, with a unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantity {
    /// The number, or the lower end.
    pub low: Number,
    /// The upper end, at least `low`.
    pub high: Option<Number>,
    /// The unit.
    pub unit: Unit,
    /// The unit as written; empty for a bare number.
    pub unit_text: String,
}

/// A quantity in another unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Converted {
    /// The number, or the lower end.
    pub low: f64,
    /// The upper end.
    pub high: Option<f64>,
    /// `low`, where the quantity is certain and the conversion gives a decimal.
    pub exact: Option<Decimal>,
}

/// Reads a quantity.
///
/// `counted` tells the names that the plan declares by `unit`.
///
/// # Errors
/// Where the text is no quantity; says where, and mostly what to write instead.
pub fn parse(text: &str, counted: &dyn Fn(&str) -> bool) -> Result<Quantity, QuantityError> {
    parse::quantity(text, counted)
}

impl Quantity {
    /// The quantity in another unit of the same dimension.
    ///
    /// Only months and seconds meet across dimensions, at the mean month of 730 hours.
    ///
    /// # Errors
    /// Where the units measure different things.
    pub fn convert(&self, to: &Unit) -> Result<Converted, Mismatch> {
        let Some((ratio, factor)) = self.unit.conversion(to) else {
            return Err(Mismatch::between(&self.unit.dimension, &to.dimension));
        };
        let exact =
            |number: Number| ratio.zip(number.exact).and_then(|(ratio, exact)| ratio.of(exact));
        let value = |number: Number| {
            // Where the decimal is known, its nearest float is better than a product of floats.
            exact(number).map_or(number.value * factor, crate::money::to_f64)
        };
        Ok(Converted {
            low: value(self.low),
            high: self.high.map(value),
            exact: if self.high.is_none() { exact(self.low) } else { None },
        })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.exact {
            Some(exact) => exact.fmt(f),
            None => self.value.fmt(f),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.low.fmt(f)?;
        if let Some(high) = self.high {
            write!(f, " to {high}")?;
        }
        match self.unit_text.as_str() {
            "" => Ok(()),
            unit if unit.starts_with('%') => f.write_str(unit),
            unit => write!(f, " {unit}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Quantity {
        parse(text, &|name| matches!(name, "chat" | "page")).unwrap()
    }

    fn converted(text: &str, to: &str) -> Converted {
        let unit = Unit::parse(to, &|name| name == "chat").unwrap();
        read(text).convert(&unit).unwrap()
    }

    #[test]
    fn a_quantity_converts_exactly() {
        for (text, to, exact) in [
            ("55.04 USD/hour", "USD/hour", "55.04"),
            ("1900 USD/month", "USD/month", "1900"),
            ("210k USD/year", "USD/month", "17500"),
            ("0.023 USD/GB-month", "USD/byte-month", "0.000000000023"),
            ("2.50 USD/1M token", "USD/token", "0.0000025"),
            ("2.50 USD/1M-token", "USD/1k token", "0.0025"),
            ("2.4M USD", "USD", "2400000"),
            ("3200 Gbit/s", "bit/s", "3200000000000"),
            ("32 GiB", "byte", "34359738368"),
            ("0.094 USD/kWh", "USD/kWh", "0.094"),
        ] {
            let exact: Decimal = exact.parse().unwrap();
            assert_eq!(converted(text, to).exact, Some(exact), "{text}");
        }
    }

    #[test]
    fn a_conversion_that_is_no_decimal_is_not_rounded_into_one() {
        let shared = converted("45 hours/week", "s/s");
        assert_eq!((shared.low, shared.exact), (45.0 / 168.0, None));
    }

    #[test]
    fn months_and_seconds_meet_at_the_mean_month() {
        let near = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-12;
        assert!(near(converted("2 years", "hour").low, 17_520.0));
        assert!(near(converted("2.628M token/month", "token/s").low, 1.0));
        assert!(near(converted("730 hours", "month").low, 1.0));
        assert!(near(converted("1 USD/hour", "USD/month").low, 730.0));
    }

    #[test]
    fn different_things_never_convert() {
        let mismatch = |text: &str, to: &str| {
            let unit = Unit::parse(to, &|_| false).unwrap();
            let quantity = read(text);
            let mismatch = quantity.convert(&unit).unwrap_err();
            (mismatch.to_string(), mismatch.help(&quantity, to))
        };
        for (text, to, message, help) in [
            (
                "120 req/s",
                "token/s",
                "`req/s` where `token/s` is meant",
                "`req/s` times `token/req` would be `token/s`",
            ),
            (
                "0.05",
                "%",
                "a bare number where `%` is meant",
                "percent is written as such: `\"5%\"`",
            ),
            (
                "0.01 to 0.02",
                "%/month",
                "a bare number where `%/month` is meant",
                "percent is written as such: `\"1% to 2%/month\"`",
            ),
            ("32", "GiB", "a bare number where `byte` is meant", "say the unit: `\"32 GiB\"`"),
            (
                "5 EUR",
                "USD",
                "`EUR` where `USD` is meant",
                "write it in USD, or declare `fx EUR` in `plan`",
            ),
            (
                "5%",
                "%/month",
                "`%` where `%/month` is meant",
                "say over which time: `\"5%/month\"`",
            ),
            (
                "5 req/token",
                "token/req",
                "`req/token` where `token/req` is meant",
                "this is the other way round: `token/req` is meant",
            ),
            (
                "3 node",
                "",
                "`node` where a bare number is meant",
                "a bare number is meant, without `node`",
            ),
        ] {
            assert_eq!(mismatch(text, to), (message.to_owned(), help.to_owned()), "{text}");
        }
    }

    #[test]
    fn a_quantity_prints_as_it_is_written() {
        for text in ["32 GiB", "3 to 6% / month", "1.7 to 2.2", "1 to 3 / week", "5%/month"] {
            assert_eq!(read(text).to_string(), text);
        }
    }

    #[test]
    fn a_diagnostic_points_into_the_quotes() {
        use crate::source::{FileId, Span};
        let source = "(p10-p90)\"32 Gi\"";
        let span = Span { file: FileId(0), start: 100, len: 16 };
        let error = parse("32 Gi", &|_| false).unwrap_err();
        let diagnostic = error.diagnostic("32 Gi", span, source);
        assert_eq!(diagnostic.label.unwrap().span, Span { start: 113, len: 2, ..span });
        let fix = diagnostic.fix.unwrap();
        assert_eq!((fix.span, &*fix.text), (Span { start: 110, len: 5, ..span }, "32 GiB"));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            let _ = parse(&text, &|name| name.len() % 2 == 0);
        }

        #[test]
        fn no_near_quantity_panics(text in "[-+]?[0-9.,_ ]{0,8}[kMBTm%]{0,2}( to |-)?[0-9e.]{0,8} ?[a-zA-Z%/1-]{0,12}") {
            if let Ok(quantity) = parse(&text, &|_| true) {
                prop_assert!(quantity.low.value.is_finite());
                prop_assert!(quantity.high.is_none_or(|high| high.value >= quantity.low.value));
                let again = parse(&quantity.to_string(), &|_| true).unwrap();
                prop_assert_eq!(again.low.exact, quantity.low.exact);
            }
        }

        #[test]
        fn errors_point_into_the_text(text in "\\PC{0,40}") {
            if let Err(error) = parse(&text, &|_| false) {
                prop_assert!(text.get(error.range.clone()).is_some(), "{:?}", error);
            }
        }
    }
}
