//! The grammar of quantities: `number unit`, or `number [unit] to number unit`.

use super::number::{Scaled, number};
use super::{Quantity, QuantityError, QuantityErrorKind};
use crate::language::unit::Unit;

/// Longer texts are garbage, and errors about garbage should be short.
const LONGEST: usize = 100;

pub(super) fn quantity(
    text: &str,
    counted: &dyn Fn(&str) -> bool,
) -> Result<Quantity, QuantityError> {
    if text.trim().is_empty() {
        let error = QuantityError::form(0..text.len(), "this quantity is empty");
        return Err(error.help("a quantity is a number and a unit, as in `120 req/s`"));
    }
    if text.len() > LONGEST {
        let message = format!("a quantity has at most {LONGEST} characters");
        return Err(QuantityError::form(0..text.len(), message));
    }
    money_sign(text)?;
    let low = number(text, 0)?;
    let Some(to) = find_to(text, low.end) else {
        dash(text, low)?;
        let unit = unit(text, low.end, text.len(), counted)?;
        return finish(text, low, None, low.end, unit);
    };
    let high = number(text, to.end)?;
    ambiguous_scale(text, low, high)?;
    let unit = unit(text, high.end, text.len(), counted)?;
    same_unit(text, low.end..to.start, high)?;
    finish(text, low, Some(high), high.end, unit)
}

/// The word `to` after the first number, its spaces included.
fn find_to(text: &str, from: usize) -> Option<std::ops::Range<usize>> {
    let alone = |to: &usize| {
        let before = text[..*to].chars().next_back();
        *to == from || matches!(before, Some(' ' | '%'))
    };
    let to = text[from..].match_indices("to ").map(|(at, _)| from + at).find(alone)?;
    Some(text[..to].trim_end().len()..to + 2)
}

/// `50-60 req/s`: an interval in another notation.
fn dash(text: &str, low: Scaled) -> Result<(), QuantityError> {
    let rest = text[low.end..].trim_start().trim_start_matches('%').trim_start();
    let after = rest.strip_prefix(['-', '–', '—', '~', '…']).or_else(|| rest.strip_prefix(".."));
    let Some(high) = after.map(str::trim_start) else {
        return Ok(());
    };
    if !high.starts_with(|c: char| c.is_ascii_digit()) {
        return Ok(());
    }
    let first = text[..text.len() - rest.len()].trim_end();
    let error =
        QuantityError::form(low.start..text.trim_end().len(), "an interval is written with `to`");
    Err(error.write(format!("{first} to {}", high.trim_end())))
}

/// `2 to 3M chat`: is the 2 two, or two million?
fn ambiguous_scale(text: &str, low: Scaled, high: Scaled) -> Result<(), QuantityError> {
    if low.scale != 0 || high.scale == 0 || low.number.value == 0.0 {
        return Ok(());
    }
    let scaled_low = low.number.value * 10_f64.powi(i32::try_from(high.scale).unwrap_or(0));
    if scaled_low > high.number.value {
        return Ok(());
    }
    let scale = &text[high.end - 1..high.end];
    let message = format!("is the lower end scaled by `{scale}` too?");
    let error = QuantityError::form(low.start..high.end, message);
    Err(error.write(format!("{}{scale}{}", &text[..low.end], &text[low.end..])))
}

/// The unit may follow the first number too, but only the same one.
fn same_unit(
    text: &str,
    between: std::ops::Range<usize>,
    high: Scaled,
) -> Result<(), QuantityError> {
    let (first, last) = (text[between.clone()].trim(), text[high.end..].trim());
    let squeezed = |unit: &str| unit.replace(' ', "");
    let percent = first == "%" && last.starts_with('%');
    if first.is_empty() || percent || squeezed(first) == squeezed(last) {
        return Ok(());
    }
    let low = text[..between.start].trim();
    let high_text = &text[high.start..high.end];
    let error = QuantityError::form(between, "both ends of an interval have one unit");
    if !last.is_empty() {
        return Err(error.help("write the unit once, after the second number"));
    }
    if first.starts_with('%') {
        return Err(error.write(format!("{low}% to {high_text}{first}")));
    }
    Err(error.write(format!("{low} to {high_text} {first}")))
}

fn unit(
    text: &str,
    start: usize,
    end: usize,
    counted: &dyn Fn(&str) -> bool,
) -> Result<Unit, QuantityError> {
    Unit::parse(&text[start..end], counted).map_err(|error| QuantityError::unit(text, start, error))
}

fn finish(
    text: &str,
    low: Scaled,
    high: Option<Scaled>,
    unit_start: usize,
    unit: Unit,
) -> Result<Quantity, QuantityError> {
    if let Some(high) = high.filter(|high| high.number.value < low.number.value) {
        let (a, b) = (&text[low.start..low.end], &text[high.start..high.end]);
        let between = &text[low.end..high.start];
        let swapped = format!("{}{b}{between}{a}{}", &text[..low.start], &text[high.end..]);
        let message = format!("the interval runs backwards: {a} is above {b}");
        let error = QuantityError::form(low.start..high.end, message).write(swapped);
        return Err(QuantityError { kind: QuantityErrorKind::Reversed, ..error });
    }
    let unit_text = text[unit_start..].trim();
    Ok(Quantity {
        low: low.number,
        high: high.map(|high| high.number),
        unit,
        unit_text: unit_text.to_owned(),
    })
}

/// `$2.40/hour`: money is written with its code.
fn money_sign(text: &str) -> Result<(), QuantityError> {
    let Some((at, sign)) = text.char_indices().find(|(_, c)| matches!(c, '$' | '€' | '£' | '¥'))
    else {
        return Ok(());
    };
    let end = at + sign.len_utf8();
    let error = QuantityError::form(at..end, "money is written with its code");
    let code = match sign {
        '$' => "USD",
        '€' => "EUR",
        '£' => "GBP",
        _ => return Err(error.help("after the number: `900 JPY`")),
    };
    // `$2.40/hour to …` and the like are too rare to be rewritten.
    let rest = text[end..].trim_start();
    let digits = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | 'k' | 'M' | 'B'));
    let (number, after) = rest.split_at(digits.unwrap_or(rest.len()));
    let after = after.trim_end();
    if text[..at].trim().is_empty() && !number.is_empty() && !after.contains(['$', '€', '£', ','])
    {
        return Err(error.write(format!("{number} {code}{after}")));
    }
    Err(error.help(format!("after the number: `2.40 {code}`")))
}

#[cfg(test)]
mod tests {
    use super::super::{Quantity, QuantityError, QuantityErrorKind, parse};

    fn counted(name: &str) -> bool {
        matches!(name, "chat" | "page" | "proto")
    }

    fn read(text: &str) -> Quantity {
        parse(text, &counted).unwrap_or_else(|error| panic!("{text}: {error:?}"))
    }

    fn error(text: &str) -> QuantityError {
        parse(text, &counted).unwrap_err()
    }

    #[test]
    fn every_form_of_the_language_reads() {
        for (text, low, high, unit) in [
            ("32 GiB", 32.0, None, "GiB"),
            ("32GiB", 32.0, None, "GiB"),
            ("5%/month", 5.0, None, "%/month"),
            ("5 % / month", 5.0, None, "% / month"),
            ("3% to 6% / month", 3.0, Some(6.0), "% / month"),
            ("3 to 6% / month", 3.0, Some(6.0), "% / month"),
            ("-2% to 0% / month", -2.0, Some(0.0), "% / month"),
            ("0% to 2% / month", 0.0, Some(2.0), "% / month"),
            ("1.7 to 2.2", 1.7, Some(2.2), ""),
            ("1 to 3 / week", 1.0, Some(3.0), "/ week"),
            ("20 GiB to 40 GiB", 20.0, Some(40.0), "GiB"),
            ("2.50 USD/1M token", 2.5, None, "USD/1M token"),
            ("210k USD/year", 210_000.0, None, "USD/year"),
            ("2.4 M USD", 2_400_000.0, None, "USD"),
            ("1.2M chat/day", 1_200_000.0, None, "chat/day"),
            ("18B document", 18e9, None, "document"),
            ("1.6e24 to 2.1e24 flop", 1.6e24, Some(2.1e24), "flop"),
            ("989 TFLOP/s", 989.0, None, "TFLOP/s"),
            ("6 minutes", 6.0, None, "minutes"),
            ("4 to 8 weeks", 4.0, Some(8.0), "weeks"),
            ("48 gpu-hour", 48.0, None, "gpu-hour"),
            ("25 req/page", 25.0, None, "req/page"),
            ("0 node", 0.0, None, "node"),
            ("300k to 700k chat/day", 300_000.0, Some(700_000.0), "chat/day"),
            ("900 to 1.2k req/s", 900.0, Some(1200.0), "req/s"),
            ("100 token", 100.0, None, "token"),
            ("1 token to 2 token", 1.0, Some(2.0), "token"),
            ("1 proto to 2 proto", 1.0, Some(2.0), "proto"),
        ] {
            let quantity = read(text);
            let high_value = quantity.high.map(|high| high.value);
            assert_eq!((quantity.low.value, high_value), (low, high), "{text}");
            assert_eq!(quantity.unit_text, unit, "{text}");
        }
    }

    #[test]
    fn a_wrong_form_is_rewritten() {
        for (text, rewrite) in [
            ("32Gi", "32GiB"),
            ("32 Gi", "32 GiB"),
            ("100m", "0.1 core"),
            ("100m core", "0.1 core"),
            ("1,000 req/s", "1000 req/s"),
            ("1,5 TB", "1.5 TB"),
            ("1_000 req", "1000 req"),
            ("$2.40", "2.40 USD"),
            ("$2.40/hour", "2.40 USD/hour"),
            ("€5M", "5M EUR"),
            ("12 MM USD", "12M USD"),
            ("12K req/s", "12k req/s"),
            ("3bn USD", "3B USD"),
            ("50-60 req/s", "50 to 60 req/s"),
            ("3%–6% / month", "3% to 6% / month"),
            ("2 to 3M chat/day", "2M to 3M chat/day"),
            ("3% to 6", "3% to 6%"),
            ("20 GiB to 40", "20 to 40 GiB"),
            (".5%", "0.5%"),
            ("5. TB", "5 TB"),
            ("90 min", "90 minute"),
            ("12 rps", "12 req/s"),
            ("6% to 3% / month", "3% to 6% / month"),
        ] {
            let error = error(text);
            assert_eq!(error.rewrite.as_deref(), Some(rewrite), "{text}: {error:?}");
            assert!(parse(rewrite, &counted).is_ok(), "{rewrite}");
        }
    }

    #[test]
    fn what_is_no_quantity_is_an_error_at_its_place() {
        for (text, range) in [
            ("", 0..0),
            ("inf req/s", 0..3),
            ("NaN", 0..3),
            ("1e400 req", 0..5),
            ("1e99999999 req", 0..10),
            ("1e-400 req", 0..6),
            ("ten req", 0..3),
            ("5 %%", 2..4),
            ("3 to ", 5..5),
            ("1.2.3 s", 3..7),
            ("~50 req/s", 0..3),
            ("20 GiB to 2 TiB", 2..6),
        ] {
            assert_eq!(error(text).range, range, "{text}");
        }
        assert_eq!(error(&"9".repeat(101)).message, "a quantity has at most 100 characters");
        assert_eq!(error("6 to 3 s").kind, QuantityErrorKind::Reversed);
        assert_eq!(error("6 parsecs").kind, QuantityErrorKind::UnknownUnit);
    }
}
