//! Spreading what is paid once over the time it serves: by days, or as straight-line depreciation.

use crate::calendar::{Calendar, Date, Month, days_between, plus_days};
use crate::money::{Decimal, split};
use crate::plan::catalog::DepreciationConvention;

/// `total` spread over the days from `from` until `until`, both included, as one amount a month of a calendar,
/// in units of `10^-places`; the amounts sum to `total` exactly.
///
/// # Source
/// Effective cost as FOCUS defines it: billed × days of the month covered ÷ days in all.
#[must_use]
pub fn by_days(
    calendar: Calendar,
    total: Decimal,
    (from, until): (Date, Date),
    places: u32,
) -> Vec<(Month, Decimal)> {
    let weights = day_weights(calendar, from, until);
    let days: Vec<f64> = weights.iter().map(|(_, days)| *days).collect();
    months_of(&weights).zip(split(total, &days, places)).collect()
}

/// `base` (the price less the residual value) depreciated in a straight line over `life_months` from
/// the day it goes into service, as one amount a month of a calendar, in units of `10^-places`; the amounts sum
/// to `base` exactly.
#[must_use]
pub fn depreciation(
    calendar: Calendar,
    base: Decimal,
    in_service: Date,
    life_months: u32,
    convention: DepreciationConvention,
    places: u32,
) -> Vec<(Month, Decimal)> {
    let weights = depreciation_weights(calendar, in_service, life_months, convention);
    let shares: Vec<f64> = weights.iter().map(|(_, weight)| *weight).collect();
    months_of(&weights).zip(split(base, &shares, places)).collect()
}

/// What part of the life falls in each month, in units of the convention.
///
/// * full-month: the month of the in-service date counts whole;
/// * mid-month: it counts half, and so does the month after the last;
/// * daily: by days, to the day before the same day `life_months` of the usual calendar later.
pub(crate) fn depreciation_weights(
    calendar: Calendar,
    in_service: Date,
    life_months: u32,
    convention: DepreciationConvention,
) -> Vec<(Month, f64)> {
    let first = calendar.month_of(in_service);
    let life = i32::try_from(life_months).unwrap_or(i32::MAX);
    if life == 0 {
        return Vec::new();
    }
    match convention {
        DepreciationConvention::FullMonth => (0..life).map(|k| (first.plus(k), 1.0)).collect(),
        DepreciationConvention::MidMonth => (0..=life)
            .map(|k| (first.plus(k), if k == 0 || k == life { 0.5 } else { 1.0 }))
            .collect(),
        DepreciationConvention::Daily => {
            let end = Calendar::Gregorian.month_of(in_service).plus(life);
            let day = u32::from(in_service.day().unsigned_abs()).min(end.days() + 1);
            let after = plus_days(end.first_day(), i32::try_from(day).unwrap_or(1) - 1);
            day_weights(calendar, in_service, plus_days(after, -1))
        }
    }
}

/// How many days of `month` lie from `from` until `until`, both included.
pub(super) fn days_of(month: Month, from: Date, until: Date) -> u32 {
    let (first, last) = (month.first_day().max(from), month.last_day().min(until));
    u32::try_from(days_between(first, last) + 1).unwrap_or(0)
}

/// How many days there are from `from` until `until`, both included.
pub(super) fn days_in_all(from: Date, until: Date) -> u32 {
    u32::try_from(days_between(from, until) + 1).unwrap_or(0)
}

fn day_weights(calendar: Calendar, from: Date, until: Date) -> Vec<(Month, f64)> {
    let (first, last) = (calendar.month_of(from), calendar.month_of(until));
    (0..=last.since(first))
        .map(|k| first.plus(k))
        .map(|month| (month, f64::from(days_of(month, from, until))))
        .collect()
}

fn months_of<W>(weights: &[(Month, W)]) -> impl Iterator<Item = Month> {
    weights.iter().map(|(month, _)| *month)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_date;

    fn date(text: &str) -> Date {
        parse_date(text).unwrap()
    }

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn an_upfront_payment_spreads_by_days() {
        let months = by_days(
            Calendar::Gregorian,
            decimal("8760.00"),
            (date("2027-01-15"), date("2028-01-14")),
            2,
        );
        let amounts: Vec<_> = months.iter().map(|(_, amount)| amount.to_string()).collect();
        assert_eq!(amounts.len(), 13);
        assert_eq!(amounts[..4], ["408.00", "672.00", "744.00", "720.00"]);
        assert_eq!(amounts[12], "336.00");
        assert_eq!(months.iter().map(|(_, amount)| *amount).sum::<Decimal>(), decimal("8760"));
    }

    #[test]
    fn a_full_month_life_begins_whole_and_loses_no_cent() {
        let months = depreciation(
            Calendar::Gregorian,
            decimal("300000.00"),
            date("2027-01-18"),
            36,
            DepreciationConvention::FullMonth,
            2,
        );
        assert_eq!(months.len(), 36);
        assert_eq!(months[0], (Month::new(2027, 1), decimal("8333.34")));
        assert_eq!(months[12].1, decimal("8333.33"));
        assert_eq!(months.iter().map(|(_, amount)| *amount).sum::<Decimal>(), decimal("300000"));
    }

    #[test]
    fn a_mid_month_life_has_two_halves() {
        let convention = DepreciationConvention::MidMonth;
        let months = depreciation(
            Calendar::Gregorian,
            decimal("300000.00"),
            date("2027-01-18"),
            36,
            convention,
            2,
        );
        assert_eq!(months.len(), 37);
        assert_eq!(months[0].1, decimal("4166.67"));
        assert_eq!(months.iter().map(|(_, amount)| *amount).sum::<Decimal>(), decimal("300000"));
    }

    #[test]
    fn retail_months_share_a_term_by_their_days() {
        // FY2027 of the retail calendar: 364 days from 31 January 2027.
        let weeks = crate::calendar::Weeks {
            pattern: crate::calendar::weeks::Pattern::FourFourFive,
            starts: 2,
            weeks_begin: crate::calendar::weeks::Weekday::Sunday,
            year_ends: crate::calendar::weeks::YearEnd::Nearest,
        };
        let retail = Calendar::Weeks(weeks);
        let term = (date("2027-01-31"), date("2028-01-30"));
        let months = by_days(retail, decimal("36500"), term, 2);
        let amounts: Vec<String> = months.iter().map(|(_, amount)| amount.to_string()).collect();
        assert_eq!(amounts[..3], ["2800.00", "2800.00", "3500.00"]);
        assert_eq!(months[12], (retail.month(2028, 2), decimal("100.00")));
        let daily = DepreciationConvention::Daily;
        let weights = depreciation_weights(retail, term.0, 12, daily);
        let days: f64 = weights.iter().map(|(_, days)| days).sum();
        assert!((days - 365.0).abs() < 1e-9, "{days}");
        let whole = DepreciationConvention::FullMonth;
        let months = depreciation(retail, decimal("1200"), date("2027-02-10"), 12, whole, 2);
        assert_eq!(months[0], (retail.month(2027, 2), decimal("100.00")));
        assert_eq!(months.len(), 12);
    }

    #[test]
    fn a_daily_life_ends_the_day_before_the_same_day() {
        let weights = depreciation_weights(
            Calendar::Gregorian,
            date("2027-01-18"),
            12,
            DepreciationConvention::Daily,
        );
        assert_eq!(weights.len(), 13);
        assert_eq!(weights[0], (Month::new(2027, 1), 14.0));
        assert_eq!(weights[12], (Month::new(2028, 1), 17.0));
        assert!((weights.iter().map(|(_, days)| days).sum::<f64>() - 365.0).abs() < 1e-9);
        let weights = depreciation_weights(
            Calendar::Gregorian,
            date("2027-01-01"),
            12,
            DepreciationConvention::Daily,
        );
        assert_eq!(weights.len(), 12);
        let weights = depreciation_weights(
            Calendar::Gregorian,
            date("2027-01-31"),
            1,
            DepreciationConvention::Daily,
        );
        assert!((weights.iter().map(|(_, days)| days).sum::<f64>() - 29.0).abs() < 1e-9);
    }

    #[test]
    fn the_published_examples_come_out() {
        let Some(cases) = super::super::testing::shared_case("finance.json") else { return };
        let case = &cases["amortise_upfront_daily"];
        let total = decimal(case["inputs"]["billed"].as_str().unwrap());
        let from = date(case["inputs"]["start"].as_str().unwrap());
        let until = plus_days(date(case["inputs"]["end_exclusive"].as_str().unwrap()), -1);
        for (month, amount) in by_days(Calendar::Gregorian, total, (from, until), 2) {
            let cents = case["expected_cents"][month.to_string()].as_i64().unwrap();
            assert_eq!(amount, Decimal::new(cents, 2), "{month}");
        }
        let case = &cases["straight_line"];
        let amount = |name: &str| decimal(case["inputs"][name].as_str().unwrap());
        let months = depreciation(
            Calendar::Gregorian,
            amount("cost") - amount("salvage"),
            date(case["inputs"]["in_service"].as_str().unwrap()),
            36,
            DepreciationConvention::FullMonth,
            2,
        );
        let expected = case["expected"]["largest_remainder_first"].as_array().unwrap();
        for ((_, amount), cents) in months.iter().zip(expected) {
            assert_eq!(*amount, Decimal::new(cents.as_i64().unwrap(), 2));
        }
    }
}
