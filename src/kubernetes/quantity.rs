//! Quantities as Kubernetes writes them: `500m`, `1.5Gi`, `2`, `1e3`.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A quantity, exact to a billionth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    nanos: i128,
    text: String,
}

/// A text is no quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no quantity; write a number with one of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei, or with an exponent: `500m`, `1.5Gi`, `2e3`"
)]
pub struct NoQuantity(pub String);

/// A billion: what a whole has of the smallest part that is kept.
const NANOS: i128 = 1_000_000_000;

impl Quantity {
    /// Reads a quantity.
    ///
    /// # Errors
    /// If it is none, or does not fit.
    pub fn parse(text: &str) -> Result<Self, NoQuantity> {
        let nanos = parse(text).ok_or_else(|| NoQuantity(text.to_owned()))?;
        Ok(Self { nanos, text: text.to_owned() })
    }

    /// Thousandths, rounded up, as the autoscaler counts.
    #[must_use]
    pub fn milli(&self) -> i64 {
        let milli =
            self.nanos.div_euclid(1_000_000) + i128::from(self.nanos.rem_euclid(1_000_000) != 0);
        i64::try_from(milli).unwrap_or(if milli < 0 { i64::MIN } else { i64::MAX })
    }

    /// The number, as near as a float comes.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        self.nanos as f64 / NANOS as f64
    }
}

/// Billionths; what is smaller is rounded up.
fn parse(text: &str) -> Option<i128> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (number, suffix) = rest.split_at(end);
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && part.is_empty()) || part.contains('.') || number.len() > 30 {
        return None;
    }
    let digits: i128 = format!("{whole}{part}").parse().ok()?;
    let (factor, ten) = scale(suffix)?;
    let mut nanos = digits.checked_mul(factor)?;
    // Nine tens for billionths, less those behind the point.
    let mut tens = ten + 9 - i32::try_from(part.len()).ok()?;
    while tens > 0 {
        nanos = nanos.checked_mul(10)?;
        tens -= 1;
    }
    let mut divisor = 1_i128;
    while tens < 0 {
        divisor = divisor.checked_mul(10).filter(|d| *d < i128::MAX / 20)?;
        tens += 1;
    }
    nanos = nanos / divisor + i128::from(nanos % divisor != 0);
    Some(if negative { -nanos } else { nanos })
}

/// A suffix as a factor and a power of ten.
fn scale(suffix: &str) -> Option<(i128, i32)> {
    Some(match suffix {
        "" => (1, 0),
        "n" => (1, -9),
        "u" => (1, -6),
        "m" => (1, -3),
        "k" => (1, 3),
        "M" => (1, 6),
        "G" => (1, 9),
        "T" => (1, 12),
        "P" => (1, 15),
        "E" => (1, 18),
        "Ki" => (1 << 10, 0),
        "Mi" => (1 << 20, 0),
        "Gi" => (1 << 30, 0),
        "Ti" => (1 << 40, 0),
        "Pi" => (1 << 50, 0),
        "Ei" => (1 << 60, 0),
        exponent => {
            let power = exponent.strip_prefix(['e', 'E'])?;
            (1, power.parse().ok().filter(|power: &i32| (-18..=18).contains(power))?)
        }
    })
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfQuantity;
        impl Visitor<'_> for OfQuantity {
            type Value = Quantity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a quantity such as `500m`, `1.5Gi` or `2`")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Quantity, E> {
                Quantity::parse(text).map_err(E::custom)
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Quantity, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Quantity, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Quantity, E> {
                self.visit_str(&number.to_string())
            }
        }
        deserializer.deserialize_any(OfQuantity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_of_the_documentation() {
        for (text, milli) in [
            ("500m", 500),
            ("0.5", 500),
            ("2", 2000),
            ("1.5Gi", 1_610_612_736_000),
            ("128974848", 128_974_848_000),
            ("129e6", 129_000_000_000),
            ("129M", 129_000_000_000),
            ("123Mi", 128_974_848_000),
            ("1k", 1_000_000),
            ("100u", 1),
            ("1500u", 2),
            ("-1500u", -1),
            (".5", 500),
            ("9Ei", i64::MAX),
        ] {
            assert_eq!(Quantity::parse(text).unwrap().milli(), milli, "{text}");
        }
    }

    #[test]
    fn what_is_no_quantity_is_said() {
        for text in ["", "m", "1.2.3", "5 GiB", "1Kb", "ten", "1e99", "--1", "."] {
            assert_eq!(Quantity::parse(text), Err(NoQuantity(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn it_reads_from_texts_and_numbers() {
        let all: Vec<Quantity> = serde_json::from_str(r#"["50m", 2, 0.05]"#).unwrap();
        assert_eq!(all.iter().map(Quantity::milli).collect::<Vec<_>>(), [50, 2000, 50]);
        assert!((all[2].to_f64() - 0.05).abs() < 1e-12);
    }
}
