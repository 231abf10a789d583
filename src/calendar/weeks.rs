//! Retail calendars: fiscal months of whole weeks, in fiscal years of 52 or 53.
//!
//! A quarter has 13 weeks, split 4-4-5, 4-5-4 or 5-4-4 over its months. A fiscal year ends on one weekday,
//! so it begins within days of its first month's first; every fifth or sixth has a 53rd week, which its last
//! month takes. Fiscal months keep the names of the calendar months they mostly lie in, so that `2027-02` of a
//! year that begins in February is its first, wherever its first day lies. Days in, days out: no fiscal label,
//! which is [`FiscalCalendar`](super::FiscalCalendar)'s; no year of 52 weeks that drifts away from its month.

use super::{Date, days_between, plus_days};

pub use jiff::civil::Weekday;

/// How the 13 weeks of a quarter are split over its months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pattern {
    /// 4, 4 and 5 weeks.
    FourFourFive,
    /// 4, 5 and 4 weeks.
    FourFiveFour,
    /// 5, 4 and 4 weeks.
    FiveFourFour,
}

impl Pattern {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::FourFourFive, Self::FourFiveFour, Self::FiveFourFour];

    /// As a plan writes it: `4-4-5`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::FourFourFive => "4-4-5",
            Self::FourFiveFour => "4-5-4",
            Self::FiveFourFour => "5-4-4",
        }
    }

    /// How many weeks of a quarter lie before its month `place`, 0 to 2.
    fn before(self, place: i32) -> i32 {
        match (place, self) {
            (0, _) => 0,
            (1, Self::FiveFourFour) => 5,
            (1, _) => 4,
            (_, Self::FourFourFive) => 8,
            (_, _) => 9,
        }
    }
}

/// Which day a fiscal year ends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum YearEnd {
    /// The weekday nearest the end of the month before the year's first.
    Nearest,
    /// The last such weekday of that month.
    Last,
}

impl YearEnd {
    /// As a plan writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::Last => "last",
        }
    }
}

/// The rule that fiscal years of whole weeks follow.
///
/// # Source
/// 26 CFR §1.441-2: a year of 52 or 53 weeks that ends on the last such weekday of a month, or on that nearest
/// its end. The calendar of the National Retail Federation is `4-5-4` from the Sunday nearest 1 February.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Weeks {
    /// The weeks of the months of a quarter.
    pub pattern: Pattern,
    /// The month of the year, 1 to 12, whose name a fiscal year's first month has.
    pub starts: i8,
    /// The weekday on which weeks, months and years begin.
    pub weeks_begin: Weekday,
    /// Which day a fiscal year ends on.
    pub year_ends: YearEnd,
}

impl Weeks {
    /// The first day of the fiscal year whose first month is named after a month of `year`; the calendar's end
    /// after that.
    pub(super) fn year_begins(self, year: i16) -> Date {
        let Ok(first) = Date::new(year, self.starts, 1) else { return Date::MAX };
        let past = i32::from(first.weekday().since(self.weeks_begin));
        match self.year_ends {
            YearEnd::Nearest if past > 3 => plus_days(first, 7 - past),
            YearEnd::Nearest | YearEnd::Last => plus_days(first, -past),
        }
    }

    /// The first day of a month, counted as [`Month`](super::Month) counts.
    pub(super) fn first_day(self, month: i32) -> Date {
        let past = month - (i32::from(self.starts) - 1);
        let (year, place) = (past.div_euclid(12), past.rem_euclid(12));
        let year = i16::try_from(year).unwrap_or(i16::MAX);
        let weeks = place / 3 * 13 + self.pattern.before(place % 3);
        plus_days(self.year_begins(year), weeks * 7)
    }

    /// The month a day lies in, counted as [`Month`](super::Month) counts.
    pub(super) fn month_of(self, date: Date) -> i32 {
        let year = date.year();
        // A year begins within a week of a first of month, so at most one before or after the date's own.
        let year = [year.saturating_add(1), year]
            .into_iter()
            .find(|year| *year < 10_000 && self.year_begins(*year) <= date)
            .unwrap_or(year - 1);
        let week = days_between(self.year_begins(year), date).div_euclid(7);
        let quarter = (week / 13).min(3);
        let place = (1..3).rev().find(|place| week - quarter * 13 >= self.pattern.before(*place));
        i32::from(year) * 12 + i32::from(self.starts) - 1 + quarter * 3 + place.unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Calendar, FiscalCalendar, FiscalLabel, Horizon, Month, parse_date};
    use super::*;
    use proptest::prelude::*;

    fn weeks(pattern: Pattern, starts: i8) -> Weeks {
        Weeks { pattern, starts, weeks_begin: Weekday::Sunday, year_ends: YearEnd::Nearest }
    }

    fn date(text: &str) -> Date {
        parse_date(text).unwrap()
    }

    fn horizon(weeks: Weeks, year: i16, months: usize) -> Horizon {
        Horizon { first: Calendar::Weeks(weeks).month(year, weeks.starts), months }
    }

    #[test]
    fn the_published_calendar_comes_out() {
        let Some(cases) = crate::cost::testing::shared_case("finance.json") else { return };
        let case = cases["calendar_445_FY2027_start_2027-01-31"].as_array().unwrap();
        let months = horizon(weeks(Pattern::FourFourFive, 2), 2027, 12);
        assert_eq!(case.len(), 12);
        for (month, row) in months.iter().zip(case) {
            assert_eq!(month.first_day(), date(row[1].as_str().unwrap()), "{row}");
            assert_eq!(month.plus(1).first_day(), date(row[2].as_str().unwrap()), "{row}");
            assert_eq!(u64::from(month.hours()), row[3].as_u64().unwrap(), "{row}");
        }
    }

    /// First days of fiscal years as the National Retail Federation publishes them.
    #[test]
    fn fiscal_years_of_retailers_begin_when_they_do() {
        let retail = weeks(Pattern::FourFiveFour, 2);
        let years = [
            (2006, "2006-01-29", 53),
            (2007, "2007-02-04", 52),
            (2011, "2011-01-30", 52),
            (2012, "2012-01-29", 53),
            (2013, "2013-02-03", 52),
            (2016, "2016-01-31", 52),
            (2017, "2017-01-29", 53),
            (2018, "2018-02-04", 52),
            (2019, "2019-02-03", 52),
            (2020, "2020-02-02", 52),
            (2021, "2021-01-31", 52),
            (2022, "2022-01-30", 52),
            (2023, "2023-01-29", 53),
            (2024, "2024-02-04", 52),
            (2025, "2025-02-02", 52),
            (2026, "2026-02-01", 52),
            (2027, "2027-01-31", 52),
        ];
        for (year, first, count) in years {
            let year = horizon(retail, year, 12);
            assert_eq!(year.first_day(), date(first));
            assert_eq!(year.iter().map(Month::hours).sum::<u32>(), count * 168, "{first}");
        }
        // January 2024 of that calendar is of five weeks, 31 December to 3 February.
        let january = Calendar::Weeks(retail).month(2024, 1);
        assert_eq!(
            (january.first_day(), january.last_day()),
            (date("2023-12-31"), date("2024-02-03"))
        );
        assert_eq!(january.days(), 35);
    }

    #[test]
    fn a_year_ends_on_the_last_weekday_of_a_month_where_it_says_so() {
        // Years to the last Saturday of September and of July, as two filers of 10-Ks state them.
        let last =
            |starts| Weeks { year_ends: YearEnd::Last, ..weeks(Pattern::FourFourFive, starts) };
        let ends = |starts, year| horizon(last(starts), year, 12).last_day();
        assert_eq!(ends(10, 2021), date("2022-09-24"));
        assert_eq!(ends(10, 2022), date("2023-09-30"));
        assert_eq!(ends(10, 2023), date("2024-09-28"));
        assert_eq!(ends(8, 2023), date("2024-07-27"));
        // To the Friday nearest the end of January: weeks begin on Saturday.
        let friday = Weeks { weeks_begin: Weekday::Saturday, ..weeks(Pattern::FourFourFive, 2) };
        assert_eq!(horizon(friday, 2023, 12).last_day(), date("2024-02-02"));
        assert_eq!(horizon(friday, 2024, 12).last_day(), date("2025-01-31"));
    }

    #[test]
    fn a_calendar_far_away_stays_inside_what_dates_can_say() {
        let far = Calendar::Weeks(weeks(Pattern::FourFourFive, 2)).month(9999, 12);
        assert!(far.first_day() <= far.last_day());
        let retail = Calendar::Weeks(weeks(Pattern::FourFourFive, 12));
        let last = retail.month_of(date("9999-12-31"));
        assert_eq!(last.to_string(), "10000-01");
        assert!(last.first_day() <= last.last_day() && last.named_after() == Date::MAX);
    }

    #[test]
    fn labels_and_quarters_go_by_the_names_of_months() {
        let rule = weeks(Pattern::FourFourFive, 2);
        let fiscal = FiscalCalendar {
            starts: 2,
            label: FiscalLabel::EndYear,
            months: Calendar::Weeks(rule),
        };
        let month = fiscal.months.month_of(date("2027-01-31"));
        assert_eq!(month.to_string(), "2027-02");
        assert_eq!(fiscal.quarter_of(month).to_string(), "FY2028-Q1");
        assert_eq!(fiscal.first_month(2028).first_day(), date("2027-01-31"));
    }

    fn any_weeks() -> impl Strategy<Value = Weeks> {
        (0..3_usize, 1..=12_i8, 1..=7_i8, any::<bool>()).prop_map(
            |(pattern, starts, day, nearest)| Weeks {
                pattern: Pattern::ALL[pattern],
                starts,
                weeks_begin: Weekday::from_monday_one_offset(day).unwrap(),
                year_ends: if nearest { YearEnd::Nearest } else { YearEnd::Last },
            },
        )
    }

    proptest! {
        #[test]
        fn months_tile_the_days(weeks in any_weeks(), year in 1900..2200_i16) {
            let calendar = Calendar::Weeks(weeks);
            let first = calendar.month(year, weeks.starts);
            let mut day = first.first_day();
            prop_assert!(days_between(day, jiff::civil::date(year, weeks.starts, 1)).abs() < 7);
            for month in (0..24).map(|k| first.plus(k)) {
                prop_assert_eq!(month.first_day(), day);
                prop_assert_eq!(day.weekday(), weeks.weeks_begin);
                for k in 0..month.days() {
                    prop_assert_eq!(calendar.month_of(plus_days(day, i32::try_from(k).unwrap())), month);
                }
                prop_assert!([28, 35, 42].contains(&month.days()), "{} days", month.days());
                day = plus_days(month.last_day(), 1);
            }
        }

        #[test]
        fn a_year_has_52_or_53_weeks_and_its_quarters_13_or_14(weeks in any_weeks(), year in 1900..2200_i16) {
            let months: Vec<u32> = horizon(weeks, year, 12).iter().map(Month::hours).collect();
            let quarters: Vec<u32> = months.chunks(3).map(|q| q.iter().sum::<u32>() / 168).collect();
            prop_assert_eq!(&quarters[..3], [13, 13, 13]);
            prop_assert!([13, 14].contains(&quarters[3]));
            let split: Vec<String> = months[..3].iter().map(|hours| (hours / 168).to_string()).collect();
            prop_assert_eq!(split.join("-"), weeks.pattern.word());
        }

        #[test]
        fn the_middle_of_a_calendar_month_lies_in_the_fiscal_one_of_its_name(
            weeks in any_weeks(), year in 1900..2200_i16, month in 1..=12_i8,
        ) {
            let middle = jiff::civil::date(year, month, 15);
            prop_assert_eq!(Calendar::Weeks(weeks).month_of(middle).to_string(), Month::new(year, month).to_string());
        }
    }
}
