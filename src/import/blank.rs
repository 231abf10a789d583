//! Lines of plan text: settings, and blanks to be filled in.

use std::fmt::Write;

use crate::kubernetes::quantity::Quantity;

/// A setting with the line it comes from; names in it are quoted already.
pub(super) fn line(indent: usize, text: &str, from: &str) -> String {
    if from.is_empty() {
        return format!("{:indent$}{text}\n", "");
    }
    format!("{:indent$}{text}    // from {}\n", "", one_line(from))
}

/// A line for a person to fill in: remove the slashes before it, and put something in place of each `…`.
pub(super) fn blank(indent: usize, text: &str, what: &str) -> String {
    format!("{:indent$}// {text}    // fill in: {what}\n", "")
}

/// The node that makes a plan.
pub(super) fn plan(name: &str) -> String {
    let name = plan_name(name);
    let mut text = format!("plan \"{name}\" {{\n    version 1\n");
    text += &blank(4, "as-of \"…\"", "the day it is looked at from, as in 2026-11-23");
    text += &blank(4, "horizon from=\"…\" months=12", "the first month, as in 2027-02");
    text += "    currency USD\n}\n";
    text
}

/// A name that the language takes, made of any text: `a-z`, `0-9`, `.` and `-`.
pub(super) fn plan_name(text: &str) -> String {
    let kept = |c: char| {
        let c = c.to_ascii_lowercase();
        if c.is_ascii_lowercase() || c.is_ascii_digit() || c == '.' || c == '-' { c } else { '-' }
    };
    let name: String = text.chars().map(kept).collect();
    let name = name.trim_start_matches(['.', '-']);
    if name.is_empty() { "unnamed".to_owned() } else { name.to_owned() }
}

/// Text that stays in its line of comment.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { '?' } else { c })
        .collect()
}

/// A quoted string of the language.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Thousandths of a core as the language writes them.
pub(super) fn cores(millis: i64) -> String {
    let (whole, rest) = (millis / 1000, millis % 1000);
    if rest == 0 {
        return format!("\"{whole} core\"");
    }
    let rest = format!("{rest:03}");
    format!("\"{whole}.{} core\"", rest.trim_end_matches('0'))
}

/// Bytes as the language writes them, in the largest unit that is whole.
pub(super) fn bytes(bytes: i64) -> String {
    let units = [
        (1 << 50, "PiB"),
        (1 << 40, "TiB"),
        (1 << 30, "GiB"),
        (1 << 20, "MiB"),
        (1 << 10, "KiB"),
        (1_000_000_000_000_000, "PB"),
        (1_000_000_000_000, "TB"),
        (1_000_000_000, "GB"),
        (1_000_000, "MB"),
        (1_000, "kB"),
    ];
    let fitting = units.iter().filter(|(unit, _)| bytes > 0 && bytes % unit == 0);
    let texts = fitting.map(|(unit, name)| format!("\"{} {name}\"", bytes / unit));
    texts.min_by_key(String::len).unwrap_or_else(|| format!("\"{bytes} byte\""))
}

/// Whole units of a quantity, rounded up.
pub(super) fn whole(quantity: &Quantity) -> i64 {
    let value = quantity.to_f64().ceil();
    #[expect(clippy::cast_possible_truncation, reason = "held to the range before")]
    let whole = value.clamp(0.0, 9e18) as i64;
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_in_whole_units() {
        assert_eq!(
            [cores(8000), cores(500), cores(31)],
            ["\"8 core\"", "\"0.5 core\"", "\"0.031 core\""]
        );
        let whole = |text| whole(&Quantity::parse(text).unwrap());
        assert_eq!(bytes(whole("64Gi")), "\"64 GiB\"");
        assert_eq!(bytes(whole("62G")), "\"62 GB\"");
        assert_eq!(bytes(whole("1.5Gi")), "\"1536 MiB\"");
        assert_eq!(bytes(whole("1000001")), "\"1000001 byte\"");
    }

    #[test]
    fn hostile_text_stays_where_it_is_put() {
        assert_eq!(plan_name("..Ä b\"{\n"), "b---");
        assert_eq!(quoted("a\"}\nb"), "\"a\\\"}\\u{a}b\"");
        assert_eq!(line(0, "x", "f\nworkload"), "x    // from f?workload\n");
    }
}
