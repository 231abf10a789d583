//! Units that do not fit: what was written, what is meant, and what would lead from one to the other.

use std::fmt;

use super::{Number, Quantity};
use crate::language::unit::{Base, Dimension};
use crate::money::Decimal;

/// Two units that measure different things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// What was written.
    pub found: Dimension,
    /// What is needed.
    pub wanted: Dimension,
    /// What `found` would have to be multiplied by.
    pub quotient: Dimension,
}

impl Mismatch {
    pub(super) fn between(found: &Dimension, wanted: &Dimension) -> Self {
        let quotient = wanted.times(&found.inverse());
        Self { found: found.clone(), wanted: wanted.clone(), quotient }
    }

    /// What to write, for a quantity that was meant to be of the unit `wanted`.
    #[must_use]
    pub fn help(&self, written: &Quantity, wanted: &str) -> String {
        let percent = Base::Percent;
        if self.found.is_none() && self.wanted.power(&percent) == 1 {
            let number = |number: Number| {
                let exact = number.exact.and_then(|exact| exact.checked_mul(Decimal::ONE_HUNDRED));
                let share = number.value.abs() <= 1.0;
                let times_100 = exact.map_or_else(
                    || (number.value * 100.0).to_string(),
                    |exact| exact.normalize().to_string(),
                );
                if share { times_100 } else { number.to_string() }
            };
            let rest = wanted.strip_prefix('%').unwrap_or_default();
            let low = number(written.low);
            let value = match written.high {
                Some(high) => format!("{low}% to {}%{rest}", number(high)),
                None => format!("{low}%{rest}"),
            };
            return format!("percent is written as such: `\"{value}\"`");
        }
        if self.found.is_none() {
            return format!("say the unit: `\"{written} {wanted}\"`");
        }
        let (found, wanted_currency) = (self.found.currency(), self.wanted.currency());
        if let (Some(found), Some(wanted)) = (found, wanted_currency)
            && found != wanted
        {
            return format!("write it in {wanted}, or declare `fx {found}` in `plan`");
        }
        if self.found.power(&percent) == 1 && self.wanted.power(&percent) == 1 {
            let rest = wanted.strip_prefix('%').unwrap_or(wanted);
            let number = written.to_string();
            let number = number.split('%').next().unwrap_or_default();
            if self.found.powers().len() == 1 {
                return format!("say over which time: `\"{number}%{rest}\"`");
            }
        }
        if self.found == self.wanted.inverse() {
            return format!("this is the other way round: `{wanted}` is meant");
        }
        if self.wanted.is_none() {
            return format!("a bare number is meant, without `{}`", written.unit_text);
        }
        format!("`{}` times `{}` would be `{}`", self.found, self.quotient, self.wanted)
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tick = |dimension: &Dimension| {
            if dimension.is_none() { dimension.to_string() } else { format!("`{dimension}`") }
        };
        write!(f, "{} where {} is meant", tick(&self.found), tick(&self.wanted))
    }
}
impl std::error::Error for Mismatch {}
