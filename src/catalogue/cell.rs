//! The cells of a list: each reads as what it should be, or says why not and what to write.
//!
//! An empty cell says nothing, and is nobody's fault; what is absent then is said by each function.

use crate::calendar::{Date, parse_date};
use crate::money::{Currency, Decimal};
use crate::plan::price::Purchase;

/// The longest term of a reservation, in months.
const MAX_TERM_MONTHS: u32 = 1_200;
/// No price of a node and hour is as high as this, in a list as in a plan.
const MAX_PRICE: i64 = 1_000_000_000;
/// Hours of a month.
const MONTH_HOURS: i64 = 730;

/// A price as written: plain digits, or with an exponent.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim().trim_start_matches('$');
    let price: Decimal = text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())?;
    (price.abs() < Decimal::from(MAX_PRICE)).then_some(price)
}

/// How much of something a node has; 0 where the cell is empty.
pub(super) fn amount(text: &str, column: &str) -> Result<f64, String> {
    if text.is_empty() {
        return Ok(0.0);
    }
    let amount = text.parse().ok().filter(|x: &f64| x.is_finite() && *x >= 0.0);
    amount.ok_or_else(|| format!("`{text}` is no number of `{column}`"))
}

/// The share of a reservation paid on the first day, `50%` or `0.5`; 0 where the cell is empty.
pub(super) fn share(text: &str) -> Result<f64, String> {
    if text.is_empty() {
        return Ok(0.0);
    }
    let number = |text: &str| text.trim().parse::<f64>().ok();
    let share = match text.strip_suffix('%') {
        Some(percent) => number(percent).map(|percent| percent / 100.0),
        None => number(text),
    };
    share
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| format!("`{text}` is no share paid upfront: write it as `50%` or `0.5`"))
}

/// Months of a reservation: `12`, `12m`, `12 months`, `1y`; none where the cell is empty.
pub(super) fn term(text: &str) -> Result<Option<u32>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let months = months(text).filter(|months| (1..=MAX_TERM_MONTHS).contains(months));
    months.map(Some).ok_or_else(|| {
        format!("`{text}` is no term: write whole months from 1 to {MAX_TERM_MONTHS}, such as `12`")
    })
}

fn months(text: &str) -> Option<u32> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    // Tables with gaps are often written with `12.0`.
    let number: u32 = number.strip_suffix(".0").unwrap_or(number).parse().ok()?;
    match unit.trim() {
        "" | "m" | "mo" | "month" | "months" => Some(number),
        "y" | "yr" | "year" | "years" => number.checked_mul(12),
        _ => None,
    }
}

/// A day; none where the cell is empty.
pub(super) fn day(text: &str) -> Result<Option<Date>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    parse_date(text).map(Some).ok_or_else(|| format!("`{text}` is no date"))
}

/// A currency; none where the cell is empty.
pub(super) fn currency(text: &str) -> Result<Option<Currency>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    Currency::new(text).map(Some).ok_or_else(|| {
        let upper = text.to_ascii_uppercase();
        let meant = Currency::new(&upper).map_or(String::new(), |code| format!(": write `{code}`"));
        format!("`{text}` is no currency{meant}")
    })
}

/// A way to buy; on-demand where the cell is empty.
pub(super) fn purchase(text: &str) -> Result<Purchase, String> {
    if text.is_empty() {
        return Ok(Purchase::OnDemand);
    }
    [Purchase::OnDemand, Purchase::Spot, Purchase::Reserved]
        .into_iter()
        .find(|purchase| purchase.word() == text)
        .ok_or_else(|| format!("`{text}` is no way to buy: on-demand, spot or reserved"))
}

/// Hours of a unit of time; one where the cell is empty.
pub(super) fn hours(text: &str) -> Result<Decimal, String> {
    match text {
        "" | "hour" | "h" | "hourly" => Ok(Decimal::ONE),
        "month" | "monthly" => Ok(Decimal::from(MONTH_HOURS)),
        other => Err(format!("the unit `{other}` is none of hour, month")),
    }
}
