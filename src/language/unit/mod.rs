//! Units: text in, a dimension and an exact factor out.
//!
//! `USD/GB-month` is USD over the product of gigabytes and months. Units of one dimension convert
//! into each other exactly; nothing else converts, but for months and seconds (see
//! [`crate::language::quantity`]). A count may stand below the line: `USD/1M token`.

mod dimension;
mod parse;
mod ratio;
mod table;

pub use dimension::{Base, Dimension};
pub use parse::UnitError;
pub use ratio::Ratio;
pub use table::{COUNTED, currency};

pub(super) use ratio::decimal;

use crate::money::Decimal;

/// Hours of the mean month, a twelfth of 8,760 hours.
pub const HOURS_PER_MONTH: u128 = 730;

/// A unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// How many base units one of it is.
    pub factor: f64,
    /// What it measures.
    pub dimension: Dimension,
    ratio: Option<Ratio>,
}

impl Unit {
    /// The unit of a bare number.
    #[must_use]
    pub fn none() -> Self {
        Self::of(Dimension::default(), Ratio::ONE)
    }

    /// Reads a unit: `USD/gpu-hour`, `% / month`, `/ week`; nothing is a bare number.
    ///
    /// `known` tells the names that the plan declares by `unit`; what is built in needs no telling.
    ///
    /// # Errors
    /// Where a name is none, with the place inside `text`.
    pub fn parse(text: &str, known: &dyn Fn(&str) -> bool) -> Result<Self, UnitError> {
        parse::unit(text, known)
    }

    /// The factor, where it is a decimal: a 1/3600 is not.
    #[must_use]
    pub fn exact(&self) -> Option<Decimal> {
        self.ratio?.of(Decimal::ONE)
    }

    fn of(dimension: Dimension, ratio: Ratio) -> Self {
        Self { factor: ratio.to_f64(), dimension, ratio: Some(ratio) }
    }

    fn times(&self, other: &Self) -> Self {
        let ratio = self.ratio.zip(other.ratio).and_then(|(a, b)| a.times(b));
        Self {
            factor: ratio.map_or(self.factor * other.factor, Ratio::to_f64),
            dimension: self.dimension.times(&other.dimension),
            ratio,
        }
    }

    fn inverse(&self) -> Self {
        Self {
            factor: 1.0 / self.factor,
            dimension: self.dimension.inverse(),
            ratio: self.ratio.map(Ratio::inverse),
        }
    }

    /// What a value of this unit is multiplied by to be one of `to`, as a fraction and as a float;
    /// absent where they measure different things. Months and seconds meet at the mean month.
    pub(super) fn conversion(&self, to: &Self) -> Option<(Option<Ratio>, f64)> {
        let (seconds, months, rest) = self.dimension.split_time();
        let (to_seconds, to_months, to_rest) = to.dimension.split_time();
        let time = i16::from(seconds) + i16::from(months);
        if rest != to_rest || time != i16::from(to_seconds) + i16::from(to_months) {
            return None;
        }
        let mut ratio = self.ratio.zip(to.ratio).and_then(|(a, b)| a.times(b.inverse()));
        let mut factor = self.factor / to.factor;
        let exchanged = i16::from(months) - i16::from(to_months);
        let month = Ratio::new(HOURS_PER_MONTH * 3600, 1)?;
        let step = if exchanged > 0 { month } else { month.inverse() };
        for _ in 0..exchanged.unsigned_abs() {
            ratio = ratio.and_then(|ratio| ratio.times(step));
            factor *= step.to_f64();
        }
        Some((ratio, ratio.map_or(factor, Ratio::to_f64)))
    }
}
