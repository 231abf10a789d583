//! The tightest week of a pool for a terminal: one sign an hour, readable without colour.

use std::fmt::Write;

use super::{Color, Style};
use crate::report::chart::heat_map::{DAYS, LEVELS};
use crate::report::document::headroom::finding;
use crate::report::view::HeadroomView;

const SIGNS: [&str; 6] = ["·", "░", "▒", "▓", "█", "×"];

/// The week as seven rows of 24 hours, with its finding above and its legend below.
#[must_use]
pub fn heat_map(pool: &HeadroomView, color: Color) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", color.paint(Style::Bold, &finding(pool)));
    let _ = writeln!(out, "      00    06    12    18    UTC");
    for (day, name) in DAYS.into_iter().enumerate() {
        let _ = write!(out, "  {name} ");
        for hour in pool.week.iter().skip(day * 24).take(24) {
            out.push_str(&sign(hour.level, color));
        }
        out.push('\n');
    }
    let legend: Vec<String> = LEVELS
        .into_iter()
        .enumerate()
        .map(|(l, text)| format!("{} {text}", sign(l, color)))
        .collect();
    let _ = writeln!(out, "  {}", legend.join("  "));
    out
}

fn sign(level: usize, color: Color) -> String {
    let sign = SIGNS[level.min(SIGNS.len() - 1)];
    match level {
        0..=2 => sign.to_owned(),
        3 | 4 => color.paint(Style::Yellow, sign),
        _ => color.paint(Style::Red, sign),
    }
}
