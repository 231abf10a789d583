//! Words that begin as numbers do: a number, or a quantity or a date that should have been quoted.

use super::codes::{INVALID_NUMBER, UNQUOTED_QUANTITY};
use super::grammar::{Checker, ends_node, is_numeric, wrong};
use crate::diagnostic::Diagnostic;
use crate::language::quantity;
use crate::language::scan::{Token, TokenKind};
use crate::source::Span;

/// The most words that an unquoted quantity is looked for in: `1.5 to 2 USD / gpu - hour`.
const MAX_WORDS: usize = 12;

/// Checks the word that the checker stands at.
///
/// # Errors
/// For a number that is none, and for what should be quoted.
pub(super) fn check(checker: &Checker<'_>, token: Token) -> Result<(), Box<Diagnostic>> {
    let text = checker.text(token);
    if !is_numeric(text) {
        return Ok(());
    }
    let number = is_number(text);
    if let Some(error) = unquoted(checker, token, number) {
        return Err(Box::new(error));
    }
    if !number {
        return Err(Box::new(no_number(checker, token)));
    }
    let digits = text.replace('_', "");
    let value: f64 = digits.parse().unwrap_or(f64::INFINITY);
    if value.is_finite() && text.len() <= MAX_NUMBER_BYTES {
        return Ok(());
    }
    let message = "this number is too large, or too long";
    Err(Box::new(wrong(&INVALID_NUMBER, message, checker.span(token), "no plan has such a number")))
}

/// Longer numbers do not fit what the parser reads them into.
const MAX_NUMBER_BYTES: usize = 35;

/// The quantity or date that begins here and is not quoted.
fn unquoted(checker: &Checker<'_>, token: Token, number: bool) -> Option<Diagnostic> {
    let words = run(checker);
    let text = |last: &Token| &checker.text[token.start as usize..last.end() as usize];
    let meant = words.iter().rev().find(|last| is_quantity(text(last), number));
    let found = match meant {
        Some(last) => text(last),
        None if number || !is_date(checker.text(token)) => return None,
        None => checker.text(token),
    };
    let what = if is_date(found) { "date" } else { "quantity" };
    let place = Span { len: u32::try_from(found.len()).unwrap_or(u32::MAX), ..checker.span(token) };
    let label = format!("a {what} is one quoted string");
    Some(
        wrong(&UNQUOTED_QUANTITY, &format!("`{found}` is not quoted"), place, &label)
            .help(format!("write `\"{found}\"`"))
            .fix(place, format!("\"{found}\"")),
    )
}

/// The tokens from here that could be one quantity.
fn run(checker: &Checker<'_>) -> Vec<Token> {
    let mut run = Vec::new();
    while let Some(token) = checker.token(run.len()).filter(|_| run.len() < MAX_WORDS) {
        let names_property = checker.kind(run.len() + 1) == Some(TokenKind::Equals);
        let part = matches!(token.kind, TokenKind::Word | TokenKind::Other);
        if ends_node(token.kind) || !part || names_property {
            break;
        }
        run.push(token);
    }
    run
}

/// Whether a text reads as a quantity that is no bare number.
fn is_quantity(text: &str, begins_with_number: bool) -> bool {
    // After a proper number any word might be the next value, so the unit must be built in.
    let counted = |name: &str| !begins_with_number && name.chars().all(|c| c.is_ascii_lowercase());
    quantity::parse(text, &counted).is_ok_and(|quantity| {
        !begins_with_number || quantity.high.is_some() || !quantity.unit_text.is_empty()
    }) || is_date(text)
}

/// `2027-12` or `2027-12-01`, perhaps with a time.
fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let digits = |part: Option<&str>, len: usize| {
        part.and_then(|part| part.get(..len))
            .is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()))
    };
    digits(parts.next(), 4) && digits(parts.next(), 2) && !text.contains(' ')
}

/// Whether a word is a decimal number as KDL writes it.
fn is_number(word: &str) -> bool {
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let digits = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_digit())
            && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
    };
    let exponent = exponent.map(|part| part.strip_prefix(['+', '-']).unwrap_or(part));
    digits(whole) && fraction.is_none_or(digits) && exponent.is_none_or(digits)
}

fn no_number(checker: &Checker<'_>, token: Token) -> Diagnostic {
    let text = checker.text(token);
    let place = checker.span(token);
    let error =
        |label: &str| wrong(&INVALID_NUMBER, &format!("`{text}` is no number"), place, label);
    let lower = text.to_ascii_lowercase();
    let radix = [("0x", 16), ("0o", 8), ("0b", 2)].into_iter().find_map(|(prefix, radix)| {
        let digits = lower.strip_prefix(prefix)?.replace('_', "");
        u64::from_str_radix(&digits, radix).ok()
    });
    if let Some(value) = radix {
        return error("a plan writes numbers in tens")
            .help(format!("write `{value}`"))
            .fix(place, value.to_string());
    }
    let (sign, unsigned) = text.split_at(text.len() - text.trim_start_matches(['+', '-']).len());
    if unsigned.starts_with('.') && is_number(&format!("0{unsigned}")) {
        let written = format!("{sign}0{unsigned}");
        let help = format!("write `{written}`");
        return error("a digit stands before the point").help(help).fix(place, written);
    }
    if let Some(comma) = text.find(',') {
        let thousands = text[comma..].split(',').skip(1).all(|group| group.len() == 3);
        let written = if thousands { text.replace(',', "") } else { text.replacen(',', ".", 1) };
        if is_number(&written) {
            let help = format!("write `{written}`");
            return error("a comma stands in it").help(help).fix(place, written);
        }
        let trimmed = text.trim_end_matches(',');
        if is_number(trimmed) {
            return error("values are not separated by commas")
                .help(format!("write `{trimmed}`"))
                .fix(place, trimmed);
        }
    }
    error("a word that begins with a digit is a number")
        .help(format!("a text or a quantity is quoted: `\"{text}\"`"))
        .fix(place, format!("\"{text}\""))
}
