//! Numbers with a scale: `12`, `-0.5`, `1.6e24`, `210k`, `18B`.

use super::{Number, QuantityError};
use crate::language::unit::decimal;

/// Beyond this nothing in a plan is meant; conversions stay finite below it.
const LARGEST: f64 = 1e36;

/// A number with the scale it was written with, and the bytes it takes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scaled {
    pub(super) number: Number,
    /// The power of ten of `k M B T`; zero where there is none.
    pub(super) scale: u32,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The number at the start of `text[start..]`, spaces before it skipped.
pub(super) fn number(text: &str, start: usize) -> Result<Scaled, QuantityError> {
    let start = start + text[start..].len() - text[start..].trim_start().len();
    let mut cursor = Cursor { bytes: text.as_bytes(), at: start };
    let sign = cursor.take(|byte| matches!(byte, b'+' | b'-'), 1);
    let whole = cursor.take(|byte| byte.is_ascii_digit(), usize::MAX);
    if whole.is_empty() {
        return Err(no_number(text, start));
    }
    let negative = text[sign].starts_with('-');
    let whole_end = cursor.at;
    let fraction = fraction(text, start, &mut cursor)?;
    foreign(text, start, whole_end, &cursor)?;
    let exponent = exponent(text, start, &mut cursor)?;
    let (scale, end) = scale(text, cursor.at)?;
    let digits = format!("{}{}", &text[whole], &text[fraction.clone()]);
    if digits.len() > 40 {
        return Err(QuantityError::form(start..end, "a number has at most 40 digits"));
    }
    let fraction_digits = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    let power = exponent + i64::from(scale) - fraction_digits;
    let sign = if negative { "-" } else { "" };
    let value: f64 = format!("{sign}{digits}e{power}").parse().unwrap_or(f64::INFINITY);
    let zero = digits.bytes().all(|digit| digit == b'0');
    if value.abs() > LARGEST || (value == 0.0 && !zero) {
        let size = if value == 0.0 { "small" } else { "large" };
        let message = format!("`{}` is too {size} a number", &text[start..end]);
        return Err(QuantityError::form(start..end, message));
    }
    // No plan means a negative zero.
    let value = if zero { 0.0 } else { value };
    let exact = exact(&digits, power, negative);
    Ok(Scaled { number: Number { value, exact }, scale, start, end })
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn take(&mut self, class: impl Fn(u8) -> bool, most: usize) -> std::ops::Range<usize> {
        let start = self.at;
        while self.at - start < most && self.peek().is_some_and(&class) {
            self.at += 1;
        }
        start..self.at
    }
}

/// The digits after the point.
fn fraction(
    text: &str,
    start: usize,
    cursor: &mut Cursor<'_>,
) -> Result<std::ops::Range<usize>, QuantityError> {
    if cursor.peek() != Some(b'.') {
        return Ok(cursor.at..cursor.at);
    }
    let point = cursor.at;
    cursor.at += 1;
    let digits = cursor.take(|byte| byte.is_ascii_digit(), usize::MAX);
    if digits.is_empty() {
        let dots = cursor.take(|byte| byte == b'.', usize::MAX);
        let error = QuantityError::form(start..cursor.at, "no digit follows the `.`");
        if dots.is_empty() {
            return Err(error.write(format!("{}{}", &text[..point], &text[cursor.at..])));
        }
        return Err(error.help("an interval is written `a to b`"));
    }
    Ok(digits)
}

/// The power of ten after `e`.
fn exponent(text: &str, start: usize, cursor: &mut Cursor<'_>) -> Result<i64, QuantityError> {
    let rest = &cursor.bytes[cursor.at..];
    let digits_at = match rest {
        [b'e' | b'E', b'+' | b'-', b'0'..=b'9', ..] => 2,
        [b'e' | b'E', b'0'..=b'9', ..] => 1,
        _ => return Ok(0),
    };
    let sign_at = cursor.at + 1;
    cursor.at += digits_at;
    cursor.take(|byte| byte.is_ascii_digit(), usize::MAX);
    let exponent = text[sign_at..cursor.at].parse::<i16>().map_err(|_| {
        let message = format!("`{}` is too large a number", &text[start..cursor.at]);
        QuantityError::form(start..cursor.at, message)
    })?;
    Ok(i64::from(exponent))
}

/// Thousands separators and decimal commas.
fn foreign(
    text: &str,
    start: usize,
    whole_end: usize,
    cursor: &Cursor<'_>,
) -> Result<(), QuantityError> {
    let Some(separator @ (b',' | b'_' | b'\'')) = cursor.peek() else {
        return Ok(());
    };
    let mut run = Cursor { bytes: cursor.bytes, at: cursor.at };
    run.take(|byte| byte.is_ascii_digit() || byte == separator, usize::MAX);
    let written = &text[start..run.at];
    let separator = char::from(separator);
    let message = format!("`{written}` has a `{separator}` in it");
    let error = QuantityError::form(start..run.at, message);
    let groups = || text[whole_end..run.at].split(separator).skip(1);
    let thousands = groups().all(|group| group.len() == 3) && cursor.at == whole_end;
    let plain = if thousands || separator == '_' {
        written.replace(separator, "")
    } else if separator == ',' && groups().count() == 1 && cursor.at == whole_end {
        written.replace(',', ".")
    } else {
        return Err(error.help("digits stand together, and the decimal sign is a point"));
    };
    Err(error.write(format!("{}{plain}{}", &text[..start], &text[run.at..])))
}

/// The scale after a number, glued to it or a space away, as a power of ten, and where it ends.
fn scale(text: &str, at: usize) -> Result<(u32, usize), QuantityError> {
    let rest = &text[at..];
    let spaces = rest.len() - rest.trim_start().len();
    let word = &rest[spaces..];
    let len = word.find(|c: char| !c.is_alphabetic()).unwrap_or(word.len());
    let (word, end) = (&word[..len], at + spaces + len);
    let power = match word {
        "k" => 3,
        "M" => 6,
        "B" => 9,
        "T" => 12,
        "K" | "MM" | "mm" | "mn" | "mln" | "mio" | "Mio" | "bn" | "Bn" | "mrd" | "tn"
        | "million" | "billion" | "thousand" | "trillion" => {
            return Err(wrong_scale(text, at..end, word));
        }
        "m" => return Err(milli(text, at, end)),
        _ => return Ok((0, at)),
    };
    Ok((power, end))
}

fn wrong_scale(text: &str, place: std::ops::Range<usize>, word: &str) -> QuantityError {
    let meant = match word {
        "K" | "thousand" => "k",
        "bn" | "Bn" | "mrd" | "billion" => "B",
        "tn" | "trillion" => "T",
        _ => "M",
    };
    let start = place.end - word.len();
    let message = format!("`{word}` is no scale: k M B T are 10³ 10⁶ 10⁹ 10¹²");
    QuantityError::form(start..place.end, message).write(format!(
        "{}{meant}{}",
        &text[..place.start],
        &text[place.end..]
    ))
}

/// `100m`, which Kubernetes reads as a tenth of a core and others as a hundred million.
fn milli(text: &str, at: usize, end: usize) -> QuantityError {
    let error = QuantityError::form(end - 1..end, "`m` is neither milli nor million here");
    let digits = text[..at].trim();
    let unit = text[end..].trim();
    let cores = matches!(unit, "" | "core" | "cores" | "cpu" | "vcpu");
    match digits.parse::<i32>().ok().and_then(|milli| decimal(i128::from(milli), 3)) {
        Some(amount) if cores => error.write(format!("{amount} core")),
        _ => error.help("a million is `M`, a thousandth is written out: `0.1`"),
    }
}

fn exact(digits: &str, power: i64, negative: bool) -> Option<crate::money::Decimal> {
    let mut mantissa: i128 = digits
        .trim_start_matches('0')
        .parse()
        .or_else(|error| if digits.bytes().all(|digit| digit == b'0') { Ok(0) } else { Err(error) })
        .ok()?;
    let mut power = power;
    if mantissa == 0 {
        return Some(crate::money::Decimal::ZERO);
    }
    while mantissa % 10 == 0 {
        mantissa /= 10;
        power += 1;
    }
    if negative {
        mantissa = -mantissa;
    }
    if power > 0 {
        let factor = 10_i128.checked_pow(u32::try_from(power).ok()?)?;
        return decimal(mantissa.checked_mul(factor)?, 0);
    }
    decimal(mantissa, u32::try_from(-power).ok()?)
}

fn no_number(text: &str, start: usize) -> QuantityError {
    let rest = &text[start..];
    let word = rest.split_whitespace().next().unwrap_or_default();
    let range = start..start + word.len();
    if rest.is_empty() {
        return QuantityError::form(start..start, "a number is missing");
    }
    let bare = rest.trim_start_matches(['+', '-']);
    if bare.starts_with('.') && bare[1..].starts_with(|c: char| c.is_ascii_digit()) {
        let sign = &rest[..rest.len() - bare.len()];
        return QuantityError::form(range, "a digit stands before the `.`")
            .write(format!("{}{sign}0{bare}", &text[..start]));
    }
    if matches!(bare.get(..3), Some("inf" | "Inf" | "nan" | "NaN")) {
        return QuantityError::form(range, format!("`{word}` is no number of a plan"));
    }
    let error = QuantityError::form(range, format!("`{word}` is no number"));
    if word.starts_with(['~', '≈', '<', '>', '≤', '≥', '±']) {
        return error.help("an uncertain value is an interval: `a to b`, with its p5 and p95");
    }
    error.help("a quantity is a number and a unit, as in `120 req/s`")
}
