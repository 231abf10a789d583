//! An amount that is either the same in every draw and exact, or has one value a draw.

use crate::draws::{Draws, mean};
use crate::money::{Decimal, quantised, to_f64};
use crate::plan::price::Amount;

/// Decimal places of a ledger amount.
pub(super) const LEDGER_PLACES: u32 = 6;

/// Money, or something that money is made of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Figure {
    /// The same in every draw.
    Exact(Decimal),
    /// One value a draw.
    Drawn(Vec<f64>),
}

impl Figure {
    /// Nothing.
    pub(super) const ZERO: Self = Self::Exact(Decimal::ZERO);

    /// An amount of the plan.
    pub(super) fn of(amount: &Amount, draws: Draws) -> Self {
        match amount.exact {
            Some(exact) => Self::Exact(exact),
            None => Self::Drawn(draws.values(&amount.estimate)),
        }
    }

    /// Its value in a draw.
    pub(super) fn at(&self, draw: usize) -> f64 {
        match self {
            Self::Exact(exact) => to_f64(*exact),
            Self::Drawn(values) => values[draw],
        }
    }

    /// One value a draw.
    pub(super) fn values(&self, count: usize) -> Vec<f64> {
        match self {
            Self::Exact(exact) => vec![to_f64(*exact); count],
            Self::Drawn(values) => values.clone(),
        }
    }

    /// The mean over the draws, to the ledger's places.
    pub(super) fn mean(&self) -> Decimal {
        match self {
            Self::Exact(exact) => exact.round_dp(LEDGER_PLACES),
            Self::Drawn(values) => quantised(mean(values)),
        }
    }

    /// Whether it is nothing in every draw.
    pub(super) fn is_zero(&self) -> bool {
        match self {
            Self::Exact(exact) => exact.is_zero(),
            Self::Drawn(values) => values.iter().all(|value| *value == 0.0),
        }
    }

    /// So many times as much.
    pub(super) fn times(&self, factor: Decimal) -> Self {
        match self {
            Self::Exact(exact) => Self::Exact(*exact * factor),
            Self::Drawn(values) => {
                let factor = to_f64(factor);
                Self::Drawn(values.iter().map(|value| value * factor).collect())
            }
        }
    }

    /// Both together.
    pub(super) fn plus(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Exact(a), Self::Exact(b)) => Self::Exact(*a + *b),
            (Self::Drawn(a), Self::Drawn(b)) => {
                Self::Drawn(a.iter().zip(b).map(|(a, b)| a + b).collect())
            }
            (Self::Drawn(drawn), Self::Exact(exact)) | (Self::Exact(exact), Self::Drawn(drawn)) => {
                let exact = to_f64(*exact);
                Self::Drawn(drawn.iter().map(|value| value + exact).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_exact_stays_exact_until_it_meets_a_draw() {
        let price = Figure::Exact("0.1".parse().unwrap());
        let twice = price.plus(&price);
        assert_eq!(twice, Figure::Exact("0.2".parse().unwrap()));
        let drawn = twice.plus(&Figure::Drawn(vec![1.0, 3.0])).times(Decimal::from(2));
        assert_eq!(drawn.mean().to_string(), "4.400000");
        assert_eq!(drawn.values(2), [2.4, 6.4]);
    }
}
