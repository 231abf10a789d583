//! Values to text: the only place where a report's figures become words, so that every rendering shows
//! the same ones.

use rust_decimal::RoundingStrategy;
use rust_decimal::prelude::ToPrimitive;

use super::view::{BudgetView, Day, Money, Period};
use crate::calendar::{Calendar, Date, Month};
use crate::money::{Currency, Decimal};

/// What a zero, or a figure that does not exist, is shown as.
pub(super) const NONE: &str = "–";

/// The unit that amounts of a report are printed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scale {
    Cents,
    Units,
    Thousands,
    Millions,
}

/// How amounts of one report are printed: its currency and scale, stated once.
#[derive(Debug, Clone, Copy)]
pub(super) struct MoneyFormat {
    currency: Currency,
    scale: Scale,
}

impl MoneyFormat {
    /// Chooses the scale by the size of the total: units below a million, then thousands, and millions
    /// from a thousand million.
    pub(super) fn of(view: &BudgetView) -> Self {
        Self::for_total(view.currency, view.cost.total.mean)
    }

    /// The scale that suits a total.
    pub(super) fn for_total(currency: Currency, total: Money) -> Self {
        let total = total.decimal().abs();
        let scale = if total < Decimal::from(1_000_000) {
            Scale::Units
        } else if total < Decimal::from(1_000_000_000) {
            Scale::Thousands
        } else {
            Scale::Millions
        };
        Self { currency, scale }
    }

    /// To the cent, as an invoice is.
    pub(super) fn cents(currency: Currency) -> Self {
        Self { currency, scale: Scale::Cents }
    }

    /// US dollars in thousands.
    #[cfg(test)]
    pub(super) fn thousands() -> Self {
        let currency = Currency::new("USD").unwrap();
        Self { currency, scale: Scale::Thousands }
    }

    /// `US$ thousands`.
    pub(super) fn words(self) -> String {
        let symbol = symbol(self.currency);
        match self.scale {
            Scale::Cents => format!("{symbol} to the cent"),
            Scale::Units => symbol,
            Scale::Thousands => format!("{symbol} thousands"),
            Scale::Millions => format!("{symbol} millions"),
        }
    }

    /// An amount in whole units of the scale, halves away from zero.
    pub(super) fn whole(self, amount: Money) -> i64 {
        let units = amount.decimal() / self.divisor();
        let rounded = units.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        rounded.to_i64().unwrap_or(i64::MAX)
    }

    /// An amount on its own, as a cell: `15,288`.
    pub(super) fn cell(self, amount: Money) -> String {
        self.print(self.whole(amount))
    }

    /// An amount in units of the scale, for positions in charts.
    pub(super) fn position(self, amount: Money) -> f64 {
        crate::money::to_f64(amount.decimal() / self.divisor())
    }

    /// An amount inside a sentence: `US$ 15.3m`; a negative one with a minus.
    pub(super) fn sentence(self, amount: Money) -> String {
        format!("{} {}", symbol(self.currency), short(amount))
    }

    /// A rate inside a sentence, to the cent and finer where it is less: `US$ 6.55`, `US$ 0.0231`.
    pub(super) fn sentence_rate(self, rate: Money) -> String {
        format!("{} {}", symbol(self.currency), Self::price(rate))
    }

    /// Two amounts inside a sentence: `US$ 14.2m to 17.0m`.
    pub(super) fn sentence_range(self, low: Money, high: Money) -> String {
        format!("{} {} to {}", symbol(self.currency), short(low), short(high))
    }

    /// A price, with as many places as it needs: `55.04`, `0.0231`, `0.00000042`.
    pub(super) fn price(amount: Money) -> String {
        Self::to_digits(amount, 2)
    }

    /// A rate that a quantity is multiplied by: six digits, so that a reader comes to the amount but for
    /// a few cents in a million.
    pub(super) fn rate(amount: Money) -> String {
        Self::to_digits(amount, 6)
    }

    /// So many significant digits below one, and two places at least.
    fn to_digits(amount: Money, digits: u32) -> String {
        let value = amount.decimal();
        if value.is_zero() {
            return NONE.to_owned();
        }
        let places = if value.abs() >= Decimal::ONE {
            digits.max(2)
        } else {
            let zeros = -libm::log10(crate::money::to_f64(value.abs())).floor();
            zeros.to_u32().unwrap_or(0) + digits
        };
        let rounded = value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
        let text = format!("{:.*}", places.max(2) as usize, rounded.abs());
        let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
        let rest = if places > 2 { rest.trim_end_matches('0') } else { rest };
        let text = format!("{}.{rest:0<2}", grouped_digits(whole));
        if rounded.is_sign_negative() { format!("({text})") } else { text }
    }

    /// An amount in whole units of its currency, whatever the scale: `33,049`.
    pub(super) fn whole_units(amount: Money) -> String {
        let rounded =
            amount.decimal().round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        accounting(rounded.to_i64().unwrap_or(i64::MAX))
    }

    /// `US$`, `€`, or the code.
    pub(super) fn symbol(self) -> String {
        symbol(self.currency)
    }

    /// Whole units of the scale as finance prints them: cents as `1,234.56`.
    pub(super) fn print(self, whole: i64) -> String {
        if self.scale != Scale::Cents || whole == 0 {
            return accounting(whole);
        }
        let size = whole.unsigned_abs();
        let text = format!("{}.{:02}", grouped_digits(&(size / 100).to_string()), size % 100);
        if whole < 0 { format!("({text})") } else { text }
    }

    fn divisor(self) -> Decimal {
        Decimal::from(match self.scale {
            Scale::Cents => return Decimal::new(1, 2),
            Scale::Units => 1,
            Scale::Thousands => 1_000,
            Scale::Millions => 1_000_000,
        })
    }
}

pub(super) fn symbol(currency: Currency) -> String {
    match currency.code() {
        "USD" => "US$".to_owned(),
        "EUR" => "€".to_owned(),
        "GBP" => "£".to_owned(),
        code => code.to_owned(),
    }
}

fn short(amount: Money) -> String {
    let value = amount.decimal();
    let size = value.abs();
    let (divisor, unit, places) = if size >= Decimal::from(999_950_000) {
        (1_000_000_000, "bn", 2)
    } else if size >= Decimal::from(999_500) {
        (1_000_000, "m", if size < Decimal::from(99_995_000) { 2 } else { 1 })
    } else if size >= Decimal::from(10_000) {
        (1_000, "k", 0)
    } else {
        (1, "", 0)
    };
    let scaled = (value / Decimal::from(divisor))
        .round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    let text = format!("{:.*}", places as usize, scaled.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if scaled.is_sign_negative() && !scaled.is_zero() { "−" } else { "" };
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{rest}{unit}", grouped_digits(whole))
}

/// A whole figure as finance prints it: `1,234`, `(1,234)`, and an en dash for zero.
pub(super) fn accounting(value: i64) -> String {
    let digits = grouped_digits(&value.unsigned_abs().to_string());
    match value.signum() {
        0 => NONE.to_owned(),
        1 => digits,
        _ => format!("({digits})"),
    }
}

/// A difference as finance prints it, with its sign: `+1,234`, `(1,234)`.
pub(super) fn signed(value: i64) -> String {
    let plus = if value > 0 { "+" } else { "" };
    format!("{plus}{}", accounting(value))
}

pub(super) fn grouped_digits(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count of nodes, replicas or GPUs: whole where it is, else one place.
pub(super) fn count(value: f64) -> String {
    let tenths = (value.abs() * 10.0).round() / 10.0;
    if tenths == 0.0 {
        return NONE.to_owned();
    }
    let text = if tenths.fract() == 0.0 { format!("{tenths:.0}") } else { format!("{tenths:.1}") };
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let point = if rest.is_empty() { "" } else { "." };
    let text = format!("{}{point}{rest}", grouped_digits(whole));
    if value < 0.0 { format!("({text})") } else { text }
}

/// A volume of units: whole from a thousand on, where tenths say nothing.
pub(super) fn units(value: f64) -> String {
    count(if value.abs() >= 1_000.0 { value.round() } else { value })
}

/// `1 node`, `12 nodes`; a count with its noun.
pub(super) fn counted(value: f64, noun: &str) -> String {
    let text = count(value);
    let text = if text == NONE { "0" } else { &text };
    let plural = if text == "1" { "" } else { "s" };
    format!("{text} {noun}{plural}")
}

/// `3 nodes (24 GPUs)`; nodes alone where they have no GPUs.
pub(super) fn nodes_and_gpus(nodes: f64, gpus_per_node: f64) -> String {
    let text = counted(nodes, "node");
    if gpus_per_node > 0.0 {
        format!("{text} ({})", counted(nodes * gpus_per_node, "GPU"))
    } else {
        text
    }
}

/// A figure with so many decimals as people see it: `12,345.60`, `−0.5`; never minus zero.
#[must_use]
pub fn decimals(value: f64, places: usize) -> String {
    let text = format!("{:.places$}", value.abs());
    let sign =
        if value < 0.0 && text.bytes().any(|c| (b'1'..=b'9').contains(&c)) { "−" } else { "" };
    match text.split_once('.') {
        Some((whole, rest)) => format!("{sign}{}.{rest}", grouped_digits(whole)),
        None => format!("{sign}{}", grouped_digits(&text)),
    }
}

/// A share as a percentage with one place: `1.7%`, `(2.1%)`, an en dash for zero.
pub(super) fn percent(share: f64) -> String {
    if !share.is_finite() {
        return NONE.to_owned();
    }
    let tenths = (share.abs() * 1000.0).round() / 10.0;
    match () {
        () if tenths == 0.0 => NONE.to_owned(),
        () if share < 0.0 => format!("({tenths:.1}%)"),
        () => format!("{tenths:.1}%"),
    }
}

/// A chance: `62%`, below a tenth with one place; `<1%` and `>99%` rather than 0% and 100% where it is
/// not certain.
pub(super) fn chance(share: f64) -> String {
    let whole = (share * 100.0).round();
    let tenths = (share * 1000.0).round() / 10.0;
    match () {
        () if share <= 0.0 => NONE.to_owned(),
        () if share >= 1.0 => "100%".to_owned(),
        () if tenths < 1.0 => "<1%".to_owned(),
        () if whole > 99.0 => ">99%".to_owned(),
        () if tenths < 10.0 => format!("{tenths}%"),
        () => format!("{whole:.0}%"),
    }
}

/// A stated share, such as a confidence: `80%`, `99.9%`.
pub(super) fn stated_percent(share: f64) -> String {
    let thousandths = (share * 100_000.0).round() / 1000.0;
    format!("{thousandths}%")
}

/// `Apr 2027`.
pub(super) fn month(month: Month) -> String {
    format!("{} {}", month.short_name(), month.year())
}

/// `Feb–Apr 2027`, `Nov 2027–Jan 2028`; of a retail calendar, whose months may begin in others, by days.
pub(super) fn months(first: Month, last: Month) -> String {
    if first.calendar() != Calendar::Gregorian {
        days(first.first_day(), last.last_day())
    } else if first == last {
        month(first)
    } else if first.year() == last.year() {
        format!("{}–{}", first.short_name(), month(last))
    } else {
        format!("{}–{}", month(first), month(last))
    }
}

/// `31 Jan – 1 May 2027`, `26 Dec 2027 – 29 Jan 2028`.
pub(super) fn days(first: Date, last: Date) -> String {
    let said =
        |date: Date| format!("{} {}", date.day(), Calendar::Gregorian.month_of(date).short_name());
    let year =
        if first.year() == last.year() { String::new() } else { format!(" {}", first.year()) };
    format!("{}{year} – {} {}", said(first), said(last), last.year())
}

/// `2026-11-23`.
pub(super) fn day(day: Day) -> String {
    day.0.to_string()
}

/// `FY27`.
pub(super) fn fiscal_year(year: i16) -> String {
    format!("FY{:02}", year.rem_euclid(100))
}

/// `FY2027-Q1` as reports write quarters, `Q1 FY27`; any other text as it is.
pub(super) fn fiscal_label(text: &str) -> String {
    let quarter = text.strip_prefix("FY").and_then(|rest| rest.split_once("-Q"));
    let found = quarter.and_then(|(year, quarter)| Some((year.parse().ok()?, quarter)));
    found.map_or_else(
        || text.to_owned(),
        |(year, quarter)| format!("Q{quarter} {}", fiscal_year(year)),
    )
}

/// A period's label and its months: `Q1 FY27` and `Feb–Apr 2027`, with `(part)` where the horizon does
/// not cover all of it.
pub(super) fn period(period: &Period) -> (String, String) {
    let year = fiscal_year(period.fiscal_year);
    let label = period.quarter.map_or_else(|| year.clone(), |quarter| format!("Q{quarter} {year}"));
    let part = if period.complete { "" } else { ", part" };
    (label, format!("{}{part}", months(period.first, period.last)))
}

/// A quantity with three significant figures and its unit: `2.4 PB`, `180 req/s`, `1.25 M req`.
pub(super) fn quantity(value: f64, unit: &str, is_rate: bool) -> String {
    let per = if is_rate { "/s" } else { "" };
    if let Some(rest) = unit.strip_prefix("byte") {
        let (scaled, prefix) = si(value);
        return format!("{} {prefix}B{rest}{per}", significant(scaled));
    }
    let unit = plain(unit);
    if value.abs() < 100_000.0 {
        return format!("{} {unit}{per}", significant(value));
    }
    let (scaled, prefix) = si(value);
    let word = match prefix {
        "k" => " thousand",
        "M" => " million",
        "G" => " billion",
        "T" => " trillion",
        _ => " ×10^15",
    };
    format!("{}{word} {unit}{per}", significant(scaled))
}

/// Two quantities with their unit once: `235 to 325 req/s`.
pub(super) fn quantity_range(low: f64, high: f64, unit: &str, is_rate: bool) -> String {
    let (low, high) = (quantity(low, unit, is_rate), quantity(high, unit, is_rate));
    match (low.split_once(' '), high.split_once(' ')) {
        (Some((figure, low_unit)), Some((_, high_unit))) if low_unit == high_unit => {
            format!("{figure} to {high}")
        }
        _ => format!("{low} to {high}"),
    }
}

/// A value between 1 and 1000 and the prefix that makes it so.
pub(super) fn si(value: f64) -> (f64, &'static str) {
    const STEPS: [(f64, &str); 6] =
        [(1e18, "E"), (1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    let step = STEPS.iter().find(|(size, _)| value.abs() >= *size * 0.9995);
    step.map_or((value, ""), |(size, prefix)| (value / size, prefix))
}

/// Three significant figures, grouped; whole figures in full up to 100,000.
pub(super) fn significant(value: f64) -> String {
    let size = value.abs();
    let places = match () {
        () if size == 0.0 || size >= 99.95 => 0,
        () if size >= 9.995 => 1,
        () if size >= 0.9995 => 2,
        () => 3,
    };
    let text = format!("{size:.places$}");
    let text = match text.split_once('.') {
        None => grouped_digits(&text),
        Some((whole, rest)) => {
            let rest = rest.trim_end_matches('0');
            let point = if rest.is_empty() { "" } else { "." };
            format!("{}{point}{rest}", grouped_digits(whole))
        }
    };
    if value < 0.0 { format!("({text})") } else { text }
}

/// Text of a plan as one line that cannot reorder or hide what surrounds it: line breaks and control
/// characters become spaces, and marks that change the direction of writing become visible.
pub(super) fn plain(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{200e}'
            | '\u{200f}'
            | '\u{61c}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                line.push('\u{fffd}');
            }
            '\u{2028}' | '\u{2029}' | '\u{feff}' => line.push(' '),
            '\u{200b}' | '\u{2060}' => {}
            c if c.is_control() => line.push(' '),
            c => line.push(c),
        }
    }
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A percentile as people write it: `p50`, `p99`, `p999`.
pub(super) fn percentile(share: f64) -> String {
    let digits = format!("{:.6}", share.clamp(0.0, 0.999_999));
    let digits = digits.trim_start_matches("0.").trim_end_matches('0');
    if digits.len() == 1 { format!("p{digits}0") } else { format!("p{digits}") }
}

/// A time in seconds as people write it: `12 ms`, `1.25 s`; without end where a line grows for ever.
pub(super) fn time(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "without end".to_owned();
    }
    if seconds < 1.0 {
        format!("{} ms", significant(seconds * 1000.0))
    } else {
        format!("{} s", significant(seconds))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::weeks::{Pattern, Weekday, Weeks, YearEnd};

    fn thousands() -> MoneyFormat {
        MoneyFormat::thousands()
    }

    fn money(text: &str) -> Money {
        Money::new(text.parse().unwrap())
    }

    #[test]
    fn finance_reads_parentheses_and_dashes() {
        assert_eq!(accounting(1_234_567), "1,234,567");
        assert_eq!(accounting(-1_234), "(1,234)");
        assert_eq!(accounting(0), "–");
        assert_eq!(percent(-0.0214), "(2.1%)");
        assert_eq!(percent(0.0), "–");
        assert_eq!(chance(0.004), "<1%");
        assert_eq!(chance(0.999), ">99%");
        assert_eq!(chance(0.045), "4.5%");
        assert_eq!(chance(0.64), "64%");
    }

    #[test]
    fn an_amount_in_a_sentence_carries_its_currency_and_scale() {
        assert_eq!(thousands().sentence(money("15288123.50")), "US$ 15.29m");
        assert_eq!(thousands().sentence(money("-1288123.50")), "US$ −1.29m");
        assert_eq!(thousands().sentence(money("845231")), "US$ 845k");
        assert_eq!(thousands().sentence(money("999999")), "US$ 1.00m");
        assert_eq!(thousands().sentence(money("9999999")), "US$ 10.00m");
    }

    #[test]
    fn an_invoice_is_printed_to_the_cent() {
        let cents = MoneyFormat::cents(Currency::new("USD").unwrap());
        assert_eq!(cents.cell(money("1234567.891")), "1,234,567.89");
        assert_eq!(cents.cell(money("-0.05")), "(0.05)");
        assert_eq!(cents.cell(money("0.001")), "–");
        assert_eq!(cents.words(), "US$ to the cent");
    }

    #[test]
    fn decimals_are_grouped_and_never_minus_zero() {
        assert_eq!(decimals(1_234_567.891, 2), "1,234,567.89");
        assert_eq!(decimals(-10_542.4, 0), "−10,542");
        assert_eq!(decimals(-0.004, 2), "0.00");
        assert_eq!(decimals(0.0005, 4), "0.0005");
    }

    #[test]
    fn a_price_keeps_the_places_it_needs() {
        assert_eq!(MoneyFormat::price(money("55.04")), "55.04");
        assert_eq!(MoneyFormat::price(money("1055.041")), "1,055.04");
        assert_eq!(MoneyFormat::price(money("0.0231")), "0.0231");
        assert_eq!(MoneyFormat::price(money("0.5")), "0.50");
        assert_eq!(thousands().sentence_rate(money("6.55")), "US$ 6.55");
        assert_eq!(MoneyFormat::price(money("0.00000042")), "0.00000042");
    }

    #[test]
    fn quantities_have_three_figures_and_a_unit() {
        assert_eq!(quantity(2.4e15, "byte", false), "2.4 PB");
        assert_eq!(quantity(1.5e9, "byte", true), "1.5 GB/s");
        assert_eq!(quantity(180.0, "req", true), "180 req/s");
        assert_eq!(quantity(1_250_000.0, "token", true), "1.25 million token/s");
        assert_eq!(quantity(2.0e12, "byte-month", false), "2 TB-month");
        assert_eq!(quantity_range(235.0, 325.0, "req", true), "235 to 325 req/s");
        assert_eq!(counted(1.0, "node"), "1 node");
        assert_eq!(nodes_and_gpus(3.0, 8.0), "3 nodes (24 GPUs)");
    }

    #[test]
    fn months_are_said_once() {
        let m = Month::new;
        assert_eq!(fiscal_label("FY2027-Q1"), "Q1 FY27");
        assert_eq!(fiscal_label("2027-02"), "2027-02");
        assert_eq!(months(m(2027, 2), m(2027, 4)), "Feb–Apr 2027");
        assert_eq!(months(m(2027, 11), m(2028, 1)), "Nov 2027–Jan 2028");
        let retail = Calendar::Weeks(Weeks {
            pattern: Pattern::FourFourFive,
            starts: 2,
            weeks_begin: Weekday::Sunday,
            year_ends: YearEnd::Nearest,
        });
        let m = |year, month| retail.month(year, month);
        assert_eq!(months(m(2027, 2), m(2027, 4)), "31 Jan – 1 May 2027");
        assert_eq!(months(m(2027, 11), m(2028, 1)), "31 Oct 2027 – 29 Jan 2028");
        assert_eq!(month(m(2027, 2)), "Feb 2027");
    }

    #[test]
    fn text_of_a_plan_is_one_line_that_keeps_its_direction() {
        assert_eq!(plain("a\nb\t\u{7}c"), "a b c");
        assert_eq!(plain("x\u{202e}y"), "x\u{fffd}y");
        assert_eq!(plain("مرحبا"), "مرحبا");
    }
}
