//! Exact decimal money, currencies, and splits that lose nothing.

use std::fmt;

pub use rust_decimal::Decimal;

/// A currency by its ISO 4217 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency {
    code: [u8; 3],
}

impl Currency {
    /// The currency of a three-letter upper-case code.
    #[must_use]
    pub fn new(code: &str) -> Option<Self> {
        let code: [u8; 3] = code.as_bytes().try_into().ok()?;
        code.iter().all(u8::is_ascii_uppercase).then_some(Self { code })
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or("???")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
impl serde::Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A quantity leaves its draws as a decimal of six places; the same quantum for all.
///
/// # Panics
/// If it is not finite or not below 1e21.
#[must_use]
pub fn quantised(value: f64) -> Decimal {
    of_places(value, 6)
}

/// A factor of a price as a decimal of twelve places, so that what it multiplies keeps its cents in large sums.
///
/// # Panics
/// If it is not finite or not below 1e15.
#[must_use]
pub fn precise(factor: f64) -> Decimal {
    of_places(factor, 12)
}

fn of_places(value: f64, places: u32) -> Decimal {
    let parts = (value * f64::from(10_u32).powi(places.cast_signed())).round();
    assert!(parts.abs() < 1e27, "a quantity of a plan stays below 1e{}, got {value}", 27 - places);
    #[expect(clippy::cast_possible_truncation, reason = "asserted to fit")]
    let parts = parts as i128;
    Decimal::from_i128_with_scale(parts, places)
}

/// A decimal as a float, for draws and pictures; never for money that is summed.
#[must_use]
pub fn to_f64(value: Decimal) -> f64 {
    use rust_decimal::prelude::ToPrimitive;
    value.to_f64().unwrap_or(f64::NAN)
}

/// Splits `total` over `weights` in units of `10^-places`, so that the parts sum to `total` exactly.
///
/// Each part is its share rounded down, and the units left over go to the largest remainders; on
/// equal remainders to the earlier weight, so callers pass weights in the order of names. A credit
/// mirrors its charge. Weights are at least zero; where all are zero the parts are equal.
///
/// # Source
/// Hamilton's method of largest remainders.
#[must_use]
pub fn split(total: Decimal, weights: &[f64], places: u32) -> Vec<Decimal> {
    if weights.is_empty() {
        return Vec::new();
    }
    let units = (total * Decimal::from(10_i64.pow(places))).round();
    let units: i128 = rust_decimal::prelude::ToPrimitive::to_i128(&units).unwrap_or(0);
    let (sign, units) = (units.signum(), units.unsigned_abs());
    let sum: f64 = weights.iter().sum();
    let equal = 1.0 / count(weights.len());
    let exact = |weight: f64| {
        let share = if sum > 0.0 { weight / sum } else { equal };
        share * as_f64(units)
    };
    let mut parts: Vec<i128> = Vec::with_capacity(weights.len());
    let mut remainders: Vec<(i64, usize)> = Vec::with_capacity(weights.len());
    for (index, weight) in weights.iter().enumerate() {
        let ideal = exact(*weight);
        // A share that is a whole number but for the float's last bit counts as that number.
        let whole = (ideal + 1e-9 * ideal.clamp(1.0, 1e3)).floor();
        #[expect(clippy::cast_possible_truncation, reason = "below the total, which fits")]
        parts.push(whole as i128);
        #[expect(clippy::cast_possible_truncation, reason = "a remainder is between 0 and 1")]
        remainders.push((((ideal - whole) * 1e9).round() as i64, index));
    }
    #[expect(clippy::cast_possible_wrap, reason = "money stays far below i128::MAX")]
    let mut left = units as i128 - parts.iter().sum::<i128>();
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let step = left.signum();
    for (_, index) in remainders.iter().cycle() {
        if left == 0 {
            break;
        }
        parts[*index] += step;
        left -= step;
    }
    parts.into_iter().map(|part| Decimal::from_i128_with_scale(sign * part, places)).collect()
}

#[expect(clippy::cast_precision_loss, reason = "shares need no more than 53 bits")]
fn as_f64(units: u128) -> f64 {
    units as f64
}

#[expect(clippy::cast_precision_loss, reason = "a count of rows")]
fn count(len: usize) -> f64 {
    len as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(total: &str, weights: &[f64]) -> Vec<String> {
        let total: Decimal = total.parse().unwrap();
        split(total, weights, 2).iter().map(Decimal::to_string).collect()
    }

    #[test]
    fn a_split_loses_no_cent() {
        assert_eq!(parts("100.00", &[1.0, 1.0, 1.0]), ["33.34", "33.33", "33.33"]);
        assert_eq!(parts("168.00", &[28.0, 36.0, 18.0]), ["57.36", "73.76", "36.88"]);
        assert_eq!(
            parts("0.05", &[1.0; 7]),
            ["0.01", "0.01", "0.01", "0.01", "0.01", "0.00", "0.00"]
        );
    }

    #[test]
    fn a_credit_mirrors_its_charge() {
        assert_eq!(parts("-10.00", &[1.0, 1.0, 1.0]), ["-3.34", "-3.33", "-3.33"]);
    }

    #[test]
    fn a_quantity_keeps_six_places() {
        assert_eq!(quantised(1.234_567_89).to_string(), "1.234568");
    }
}
