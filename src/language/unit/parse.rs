//! The grammar of units: `product`, `product/product` or `/product`, a product being names joined by
//! `-`, below the line perhaps with a count before them.

use std::ops::Range;

use super::{Unit, ratio::Ratio, table};

/// Why a text is no unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitError {
    /// The bytes of the text that are wrong.
    pub range: Range<usize>,
    /// Lower case, the thing in backticks.
    pub message: String,
    /// What to write.
    pub help: Option<String>,
    /// What to put in place of `range`, where that mends it.
    pub rewrite: Option<String>,
}

impl UnitError {
    fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self { range, message: message.into(), help: None, rewrite: None }
    }

    fn meant(mut self, instead: &str) -> Self {
        self.help = Some(format!("did you mean `{instead}`?"));
        self.rewrite = Some(instead.to_owned());
        self
    }
}

/// A part of the text with its place.
#[derive(Clone, Copy)]
struct Part<'a> {
    text: &'a str,
    start: usize,
}

impl<'a> Part<'a> {
    fn trimmed(text: &'a str, start: usize) -> Self {
        let left = text.len() - text.trim_start().len();
        Self { text: text.trim(), start: start + left }
    }

    fn range(self) -> Range<usize> {
        self.start..self.start + self.text.len()
    }
}

pub(super) fn unit(text: &str, known: &dyn Fn(&str) -> bool) -> Result<Unit, UnitError> {
    let whole = Part::trimmed(text, 0);
    if whole.text.is_empty() {
        return Ok(Unit::none());
    }
    let Some((above, below)) = whole.text.split_once('/') else {
        return product(whole, known);
    };
    let below = Part::trimmed(below, whole.start + above.len() + 1);
    let above = Part::trimmed(above, whole.start);
    if below.text.is_empty() {
        return Err(UnitError::new(whole.range(), "nothing stands below the `/`"));
    }
    if let Some((first, rest)) = below.text.split_once('/') {
        let joined = format!("{}-{}", first.trim(), rest.replace('/', "-").replace(' ', ""));
        return Err(UnitError::new(below.range(), "a unit has one `/` at most").meant(&joined));
    }
    let above = if above.text.is_empty() { Unit::none() } else { product(above, known)? };
    let (count, names) = count(below)?;
    let count = Unit { ratio: Some(count), factor: count.to_f64(), ..Unit::none() };
    Ok(above.times(&count.times(&product(names, known)?).inverse()))
}

/// `1M` of `1M token` or `1M-token`, and what follows.
fn count(part: Part<'_>) -> Result<(Ratio, Part<'_>), UnitError> {
    let digits = part.text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 {
        return Ok((Ratio::ONE, part));
    }
    let (number, rest) = part.text.split_at(digits);
    let (scale, rest) = match rest.chars().next() {
        Some('k') => (1_000, &rest[1..]),
        Some('M') => (1_000_000, &rest[1..]),
        Some('B') => (1_000_000_000, &rest[1..]),
        Some('T') => (1_000_000_000_000, &rest[1..]),
        _ => (1, rest),
    };
    let range = part.start..part.start + part.text.len() - rest.len();
    let names = rest.strip_prefix([' ', '-']).map(str::trim_start);
    let names = names.filter(|names| !names.is_empty()).ok_or_else(|| {
        let message = "below the `/` a count stands before a unit, and a space between them";
        let mut error = UnitError::new(range.clone(), message);
        error.help = Some("write it as in `USD/1M token`".to_owned());
        error
    })?;
    let start = part.start + part.text.len() - names.len();
    let count =
        number.parse::<u64>().ok().and_then(|number| Ratio::new(u128::from(number) * scale, 1));
    let count = count.ok_or_else(|| UnitError::new(range, "this count is zero or too large"))?;
    Ok((count, Part { text: names, start }))
}

/// Names joined by `-`. The longest name wins, so that a declared `gpu-second-slot` stays whole.
fn product(part: Part<'_>, known: &dyn Fn(&str) -> bool) -> Result<Unit, UnitError> {
    let mut product = Unit::none();
    let mut rest = part;
    loop {
        let Some((unit, len)) = longest(rest.text, known) else {
            return Err(unknown(rest));
        };
        product = product.times(&unit);
        let Some(after) = rest.text[len..].strip_prefix('-') else {
            return Ok(product);
        };
        rest = Part { text: after, start: rest.start + len + 1 };
    }
}

/// The unit of the longest run of words from the start, and how long that is.
fn longest(text: &str, known: &dyn Fn(&str) -> bool) -> Option<(Unit, usize)> {
    let ends = text.rmatch_indices('-').map(|(end, _)| end);
    std::iter::once(text.len()).chain(ends).find_map(|end| Some((name(&text[..end], known)?, end)))
}

/// The unit of a name, or of a name with a plural s.
fn name(text: &str, known: &dyn Fn(&str) -> bool) -> Option<Unit> {
    let exact =
        |text: &str| table::builtin(text).or_else(|| known(text).then(|| table::counted(text)));
    let plural = |text: &str| {
        // `GBs` or `Ws` would read as something per second or times a second.
        let singular = text.strip_suffix('s').filter(|singular| singular.len() >= 2)?;
        let word = !singular.bytes().any(|byte| byte.is_ascii_uppercase());
        if word { exact(singular) } else { None }
    };
    exact(text).or_else(|| plural(text))
}

fn unknown(part: Part<'_>) -> UnitError {
    let end = part.text.find('-').unwrap_or(part.text.len());
    let part = Part { text: &part.text[..end], start: part.start };
    if part.text.is_empty() {
        return UnitError::new(part.range(), "a unit is missing beside the `-`");
    }
    let error = UnitError::new(part.range(), format!("unknown unit `{}`", part.text));
    let words: Vec<&str> = part.text.split_whitespace().collect();
    if let [above, "per", below] = words[..] {
        return error.meant(&format!("{above}/{below}"));
    }
    if words.len() > 1 {
        return error.meant(&words.join("-"));
    }
    if let Some(instead) = table::meant(part.text) {
        return error.meant(instead);
    }
    let scaled = part.text.strip_prefix(['k', 'K', 'M', 'B', 'T']);
    if let Some(rest) = scaled.filter(|rest| table::builtin(rest).is_some()) {
        let scale = part.text[..1].replace('K', "k");
        let help = format!("the scale goes with the number: `12{scale} {rest}`");
        return UnitError { help: Some(help), ..error };
    }
    let help = format!("what the plan counts is declared once: `unit \"{}\"`", part.text);
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let declarable = part.text.len() <= 32 && part.text.chars().all(plain);
    UnitError { help: declarable.then_some(help), ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Unit {
        unit(text, &|name| matches!(name, "chat" | "gpu-slot" | "class")).unwrap()
    }

    fn fails(text: &str) -> (String, String) {
        let error = unit(text, &|_| false).unwrap_err();
        (error.message, error.help.unwrap_or_default())
    }

    #[test]
    fn a_unit_is_a_factor_and_a_dimension() {
        for (text, factor, dimension) in [
            ("", 1.0, "a bare number"),
            ("GiB", 1_073_741_824.0, "byte"),
            ("Gbit/s", 1.25e8, "byte/s"),
            ("req / s", 1.0, "req/s"),
            ("% / month", 1.0, "%/month"),
            ("/ week", 1.0 / 604_800.0, "1/s"),
            ("USD/gpu-hour", 1.0 / 3600.0, "USD/gpu-hour"),
            ("USD/GB-month", 1e-9, "USD/byte-month"),
            ("USD/1M token", 1e-6, "USD/token"),
            ("USD/1M-token", 1e-6, "USD/token"),
            ("kWh", 3.6e6, "W-hour"),
            ("chats/day", 1.0 / 86_400.0, "chat/s"),
            ("gpu-slot", 1.0, "gpu-slot"),
            ("class", 1.0, "class"),
            ("GB/GB", 1.0, "a bare number"),
        ] {
            let unit = parse(text);
            assert_eq!(
                (unit.factor, unit.dimension.to_string()),
                (factor, dimension.to_owned()),
                "{text}"
            );
        }
    }

    #[test]
    fn an_unknown_unit_says_what_was_meant() {
        assert_eq!(fails("Gi").1, "did you mean `GiB`?");
        assert_eq!(fails("minuets").1, "did you mean `minute`?");
        assert_eq!(fails("USD per hour").1, "did you mean `USD/hour`?");
        assert_eq!(fails("gpu hour").1, "did you mean `gpu-hour`?");
        assert_eq!(fails("USD/gpu/hour").1, "did you mean `gpu-hour`?");
        assert_eq!(fails("kUSD").1, "the scale goes with the number: `12k USD`");
        assert_eq!(fails("basket").1, "what the plan counts is declared once: `unit \"basket\"`");
        assert_eq!(fails("ZZZ"), ("unknown unit `ZZZ`".to_owned(), String::new()));
        assert_eq!(fails("GB/").0, "nothing stands below the `/`");
        assert_eq!(
            fails("USD/1Mtoken").0,
            "below the `/` a count stands before a unit, and a space between them"
        );
    }
}
