//! Exact positive fractions: how many base units one unit is, and back.

use crate::money::Decimal;

/// A positive fraction in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    num: u128,
    den: u128,
}

impl Ratio {
    /// One.
    pub const ONE: Self = Self { num: 1, den: 1 };

    /// `num / den`; absent where either is zero.
    #[must_use]
    pub fn new(num: u128, den: u128) -> Option<Self> {
        let divisor = gcd(num, den);
        (num > 0 && den > 0).then(|| Self { num: num / divisor, den: den / divisor })
    }

    /// The product; absent where it does not fit.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        // Crosswise in lowest terms first, so that the products stay as small as they can.
        let (left, right) = (gcd(self.num, other.den), gcd(other.num, self.den));
        let num = (self.num / left).checked_mul(other.num / right)?;
        let den = (self.den / right).checked_mul(other.den / left)?;
        Some(Self { num, den })
    }

    /// The fraction upside down.
    #[must_use]
    pub fn inverse(self) -> Self {
        Self { num: self.den, den: self.num }
    }

    /// The product of `value` and the fraction, where that is a decimal of at most 28 digits.
    #[must_use]
    pub fn of(self, value: Decimal) -> Option<Decimal> {
        let divisor = gcd(value.mantissa().unsigned_abs(), self.den);
        let mut mantissa = value.mantissa() / i128::try_from(divisor).ok()?;
        let mut den = self.den / divisor;
        let mut scale = value.scale();
        // Only twos and fives divide a power of ten.
        for (factor, complement) in [(10, 1), (2, 5), (5, 2)] {
            while den.is_multiple_of(factor) {
                den /= factor;
                scale += 1;
                mantissa = mantissa.checked_mul(complement)?;
            }
        }
        if den != 1 {
            return None;
        }
        decimal(mantissa.checked_mul(i128::try_from(self.num).ok()?)?, scale)
    }

    /// The nearest float.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.num as f64 / self.den as f64
    }
}

/// `mantissa / 10^scale`, where a decimal holds it exactly.
pub(in crate::language) fn decimal(mut mantissa: i128, mut scale: u32) -> Option<Decimal> {
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    Decimal::try_from_i128_with_scale(mantissa, scale).ok()
}

fn gcd(a: u128, b: u128) -> u128 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(num: u128, den: u128, value: &str) -> Option<String> {
        let value: Decimal = value.parse().unwrap();
        Ratio::new(num, den).unwrap().of(value).map(|product| product.to_string())
    }

    #[test]
    fn a_product_is_exact_or_absent() {
        assert_eq!(of(1, 1_000_000_000, "0.023").unwrap(), "0.000000000023");
        assert_eq!(of(1, 8, "3").unwrap(), "0.375");
        assert_eq!(of(3600, 3600, "55.04").unwrap(), "55.04");
        assert_eq!(of(1, 3600, "3.6").unwrap(), "0.001");
        assert_eq!(of(1, 730, "1900"), None);
        assert_eq!(of(1, 3, "0").unwrap(), "0");
        assert_eq!(of(u128::MAX, 1, "2"), None);
    }
}
