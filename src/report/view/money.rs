//! Money and days as they leave the program: exact decimals and ISO dates, as text.

use std::iter::Sum;
use std::ops::{Add, Sub};

use serde::{Serialize, Serializer};

use crate::calendar::Date;
use crate::money::{Decimal, quantised};

/// An amount in the plan's currency, exact; serialised as a decimal string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Money(Decimal);

impl Money {
    /// An amount.
    #[must_use]
    pub fn new(amount: Decimal) -> Self {
        Self(amount)
    }

    /// The amount.
    #[must_use]
    pub fn decimal(self) -> Decimal {
        self.0
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}
impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}
impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Add::add)
    }
}
impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.normalize())
    }
}

/// A day; serialised as `2027-02-15`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub Date);

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// How many of a unit; serialised as a decimal string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(pub Decimal);

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.normalize())
    }
}

/// A cost over the draws: its mean, which adds, and quantiles, which do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Spread {
    /// The mean: a sum of ledger rows.
    pub mean: Money,
    /// One draw in ten is below.
    pub p10: Money,
    /// The median.
    pub p50: Money,
    /// One draw in ten is above.
    pub p90: Money,
}

impl Spread {
    /// The spread of per-draw `values` around a `mean` summed elsewhere; all at the mean without draws.
    pub(super) fn of(mean: Money, values: &[f64]) -> Self {
        let sorted = sorted(values);
        let at = |p| quantile(&sorted, p).map_or(mean, |value| Money(quantised(value)));
        Self { mean, p10: at(0.1), p50: at(0.5), p90: at(0.9) }
    }
}

/// The sum over months of each draw: `monthly[t][draw]` in, one value a draw out.
pub(in crate::report) fn sum_by_draw<'a>(
    monthly: impl IntoIterator<Item = &'a Vec<f64>>,
) -> Vec<f64> {
    let mut sums: Vec<f64> = Vec::new();
    for month in monthly {
        if sums.is_empty() {
            sums.clone_from(month);
        } else {
            sums.iter_mut().zip(month).for_each(|(sum, value)| *sum += value);
        }
    }
    sums
}

/// Draws in rising order.
pub(super) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

pub(in crate::report) use crate::draws::observed_quantile as quantile;

/// The mean of draws; zero without any.
pub(super) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// The share of draws for which `test` holds; zero without any.
pub(super) fn share(values: &[f64], test: impl Fn(f64) -> bool) -> f64 {
    let hits = values.iter().filter(|value| test(**value)).count();
    if values.is_empty() { 0.0 } else { hits as f64 / values.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_one_of_the_draws() {
        let draws: Vec<f64> = (1..=10).map(f64::from).collect();
        assert_eq!(quantile(&draws, 0.1), Some(1.0));
        assert_eq!(quantile(&draws, 0.5), Some(5.0));
        assert_eq!(quantile(&draws, 0.9), Some(9.0));
        assert_eq!(quantile(&[], 0.5), None);
    }
}
