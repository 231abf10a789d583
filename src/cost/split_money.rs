//! One algorithm of sharing for the books and for each draw: exact decimals and floats.

use std::ops::{Add, Sub};

use crate::money::{self, Decimal, quantised, to_f64};

/// Money that can be split: exact, or of one draw.
pub(super) trait Money:
    Copy + Default + PartialOrd + Add<Output = Self> + Sub<Output = Self>
{
    /// Splits over weights; the parts sum to the whole.
    fn split(self, weights: &[f64]) -> Vec<Self>;
    /// A share of it, rounded down where it is rounded.
    fn share(self, share: f64) -> Self;
    /// As a weight.
    fn weight(self) -> f64;
}

impl Money for Decimal {
    fn split(self, weights: &[f64]) -> Vec<Self> {
        money::split(self, weights, 6)
    }
    fn share(self, share: f64) -> Self {
        (self * quantised(share)).trunc_with_scale(6)
    }
    fn weight(self) -> f64 {
        to_f64(self).max(0.0)
    }
}

impl Money for f64 {
    fn split(self, weights: &[f64]) -> Vec<Self> {
        let sum: f64 = weights.iter().sum();
        weights.iter().map(|weight| self * weight / sum).collect()
    }
    fn share(self, share: f64) -> Self {
        self * share
    }
    fn weight(self) -> f64 {
        self.max(0.0)
    }
}
