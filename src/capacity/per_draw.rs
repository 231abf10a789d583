//! A value in every draw, kept once where all draws agree.

use crate::draws::{Draws, quantile};
use crate::estimate::{Dist, Estimate};

/// A value in every draw.
#[derive(Debug, Clone, PartialEq)]
pub enum PerDraw {
    /// The same in all.
    Same(f64),
    /// One value a draw.
    Each(Vec<f64>),
}

impl PerDraw {
    /// The draws of an estimate.
    #[must_use]
    pub fn of(draws: Draws, estimate: &Estimate) -> Self {
        Self::of_dist(draws, &estimate.dist, &estimate.key)
    }

    /// The draws of a distribution, keyed by `name`.
    #[must_use]
    pub fn of_dist(draws: Draws, dist: &Dist, name: &str) -> Self {
        match dist {
            Dist::Fixed(value) => Self::Same(*value),
            uncertain => Self::Each(draws.values_of(uncertain, name)),
        }
    }

    /// The same values in an order of `name`'s own.
    #[must_use]
    pub fn reordered(&self, draws: Draws, name: impl FnOnce() -> String) -> Self {
        match self {
            Self::Same(value) => Self::Same(*value),
            Self::Each(values) => Self::Each(draws.reordered(values, &name())),
        }
    }

    /// The median over the draws.
    #[must_use]
    pub fn median(&self) -> f64 {
        match self {
            Self::Same(value) => *value,
            Self::Each(values) => quantile(values, 0.5),
        }
    }

    /// The value in one draw.
    #[must_use]
    #[inline]
    pub fn at(&self, draw: usize) -> f64 {
        match self {
            Self::Same(value) => *value,
            Self::Each(values) => values[draw],
        }
    }

    /// Every value changed alike.
    #[must_use]
    pub fn map(&self, change: impl Fn(f64) -> f64) -> Self {
        match self {
            Self::Same(value) => Self::Same(change(*value)),
            Self::Each(values) => Self::Each(values.iter().map(|value| change(*value)).collect()),
        }
    }

    /// Both values joined, draw by draw.
    #[must_use]
    pub fn zip(&self, other: &Self, join: impl Fn(f64, f64) -> f64) -> Self {
        match (self, other) {
            (Self::Same(a), Self::Same(b)) => Self::Same(join(*a, *b)),
            (Self::Each(a), other) => {
                Self::Each(a.iter().enumerate().map(|(d, a)| join(*a, other.at(d))).collect())
            }
            (Self::Same(a), Self::Each(b)) => Self::Each(b.iter().map(|b| join(*a, *b)).collect()),
        }
    }

    /// The product, draw by draw.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a * b)
    }

    /// The smallest value.
    #[must_use]
    pub fn min(&self) -> f64 {
        match self {
            Self::Same(value) => *value,
            Self::Each(values) => values.iter().copied().fold(f64::INFINITY, f64::min),
        }
    }

    /// The largest value.
    #[must_use]
    pub fn max(&self) -> f64 {
        match self {
            Self::Same(value) => *value,
            Self::Each(values) => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_values_meet_draw_by_draw() {
        let (two, each) = (PerDraw::Same(2.0), PerDraw::Each(vec![1.0, 3.0]));
        assert_eq!(two.times(&two), PerDraw::Same(4.0));
        assert_eq!(two.times(&each), PerDraw::Each(vec![2.0, 6.0]));
        assert_eq!(each.zip(&two, |a, b| a - b), PerDraw::Each(vec![-1.0, 1.0]));
        assert_eq!(each.max().to_bits(), f64::to_bits(3.0));
    }
}
