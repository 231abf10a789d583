//! Months, days and hours of the real calendar, in UTC; the horizon; fiscal years and quarters.
//!
//! A month is a name, `2027-02`, and the calendar that says which days it has: the usual one, or the fiscal
//! weeks of a retail plan ([`weeks`]). All months of a plan are of one calendar, its horizon's; a day or a text
//! becomes a month by a [`Calendar`] alone, so that whoever makes one says which. Months of two calendars are
//! never compared, which debug builds assert.
//!
//! The only module that knows the date crate beyond its plain [`Date`].

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

pub use jiff::civil::Date;
pub use weeks::Weeks;

pub mod weeks;

/// Hours in a week: the length of an hour-of-week shape. Hour 0 is Monday 00:00 UTC.
pub const HOURS_PER_WEEK: usize = 168;

/// The length of the month that providers bill storage by, in hours.
pub const BILLING_MONTH_HOURS: f64 = 730.0;

/// Which days months have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Calendar {
    /// Those of the usual calendar.
    Gregorian,
    /// Whole weeks.
    Weeks(Weeks),
}

impl Calendar {
    /// The month of a year by its name, `month` from 1 to 12.
    ///
    /// # Panics
    /// If `month` is not from 1 to 12.
    #[must_use]
    pub fn month(self, year: i16, month: i8) -> Month {
        assert!((1..=12).contains(&month), "a month is from 1 to 12");
        Month { since_year_zero: i32::from(year) * 12 + i32::from(month) - 1, calendar: self }
    }

    /// The month a day lies in.
    #[must_use]
    pub fn month_of(self, date: Date) -> Month {
        match self {
            Self::Gregorian => self.month(date.year(), date.month()),
            Self::Weeks(weeks) => Month { since_year_zero: weeks.month_of(date), calendar: self },
        }
    }

    /// The month that has the name of another, maybe of another calendar.
    #[must_use]
    pub fn named(self, name: Month) -> Month {
        Month { calendar: self, ..name }
    }

    /// Reads the name of a month, `2027-02`.
    #[must_use]
    pub fn parse(self, text: &str) -> Option<Month> {
        let (year, month) = text.split_once('-')?;
        let digits =
            |part: &str, len| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return None;
        }
        let (year, month) = (year.parse().ok()?, month.parse().ok()?);
        (1..=12).contains(&month).then(|| self.month(year, month))
    }
}

impl fmt::Display for Calendar {
    /// `calendar months`, or `a 4-5-4 calendar (weeks from Sunday, years from the one nearest 1 Feb)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gregorian => f.write_str("calendar months"),
            Self::Weeks(weeks) => write!(
                f,
                "a {} calendar (weeks from {:?}, years from {} 1 {})",
                weeks.pattern.word(),
                weeks.weeks_begin,
                match weeks.year_ends {
                    weeks::YearEnd::Nearest => "the one nearest",
                    weeks::YearEnd::Last => "the last up to",
                },
                self.month(1, weeks.starts).short_name(),
            ),
        }
    }
}

/// A month of a calendar. Ordered by name.
#[derive(Clone, Copy)]
pub struct Month {
    since_year_zero: i32,
    calendar: Calendar,
}

impl Month {
    /// The month of the usual calendar, `month` from 1 to 12. A plan's months are made by its [`Calendar`].
    ///
    /// # Panics
    /// If `month` is not from 1 to 12.
    #[must_use]
    pub fn new(year: i16, month: i8) -> Self {
        Calendar::Gregorian.month(year, month)
    }

    /// The calendar that says which days it has.
    #[must_use]
    pub fn calendar(self) -> Calendar {
        self.calendar
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i16 {
        i16::try_from(self.since_year_zero.div_euclid(12)).unwrap_or(i16::MAX)
    }

    /// The month of the year, from 1 to 12.
    #[must_use]
    pub fn month(self) -> i8 {
        i8::try_from(self.since_year_zero.rem_euclid(12)).unwrap_or(0) + 1
    }

    /// The month `months` later (earlier where negative).
    #[must_use]
    pub fn plus(self, months: i32) -> Self {
        Self { since_year_zero: self.since_year_zero + months, ..self }
    }

    /// How many months `self` lies after `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> i32 {
        debug_assert_eq!(self.calendar, earlier.calendar, "months of one calendar are compared");
        self.since_year_zero - earlier.since_year_zero
    }

    /// The first day.
    #[must_use]
    pub fn first_day(self) -> Date {
        match self.calendar {
            Calendar::Gregorian => self.named_after(),
            Calendar::Weeks(weeks) => weeks.first_day(self.since_year_zero),
        }
    }

    /// The first day of the month of the usual calendar that has its name: for showing the name as a date. The last
    /// that a date can say, after that.
    #[must_use]
    pub fn named_after(self) -> Date {
        Date::new(self.year(), self.month(), 1).unwrap_or(Date::MAX)
    }

    /// The last day.
    #[must_use]
    pub fn last_day(self) -> Date {
        match self.calendar {
            Calendar::Gregorian => self.first_day().last_of_month(),
            Calendar::Weeks(_) => plus_days(self.plus(1).first_day(), -1),
        }
    }

    /// How many days it has.
    #[must_use]
    pub fn days(self) -> u32 {
        match self.calendar {
            Calendar::Gregorian => u32::from(self.last_day().day().unsigned_abs()),
            Calendar::Weeks(_) => {
                u32::try_from(days_between(self.first_day(), self.plus(1).first_day())).unwrap_or(0)
            }
        }
    }

    /// How many hours it has, in UTC.
    #[must_use]
    pub fn hours(self) -> u32 {
        self.days() * 24
    }

    /// `Feb`, for axes.
    #[must_use]
    pub fn short_name(self) -> &'static str {
        const NAMES: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        NAMES[usize::try_from(self.month() - 1).unwrap_or(0)]
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}
impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl serde::Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl PartialEq for Month {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Month {}
impl PartialOrd for Month {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Month {
    fn cmp(&self, other: &Self) -> Ordering {
        self.since(*other).cmp(&0)
    }
}
impl Hash for Month {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.since_year_zero.hash(state);
    }
}

/// Reads `2027-02-15`.
#[must_use]
pub fn parse_date(text: &str) -> Option<Date> {
    let shape = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
    if shape { text.parse().ok() } else { None }
}

/// The day `days` after `date`, clamped to the calendar's end.
#[must_use]
pub fn plus_days(date: Date, days: i32) -> Date {
    date.saturating_add(jiff::Span::new().days(days))
}

/// The last day of a term of so many months of the usual calendar that begins on `first`.
#[must_use]
pub fn term_end(first: Date, months: u32) -> Date {
    let next = first.saturating_add(jiff::Span::new().months(months.min(12_000)));
    plus_days(next, -1)
}

/// How many days `later` lies after `earlier`.
#[must_use]
pub fn days_between(earlier: Date, later: Date) -> i32 {
    (later - earlier).get_days()
}

/// The hour of the day in UTC, 0 to 24, at which it is `hour` o'clock in a time zone on a day; `None` for
/// a zone that is none.
#[must_use]
pub fn utc_hour(date: Date, hour: f64, zone: &str) -> Option<f64> {
    let zone = jiff::tz::TimeZone::get(zone).ok()?;
    let noon = zone.to_timestamp(date.at(12, 0, 0, 0)).ok()?;
    Some((hour - f64::from(zone.to_offset(noon).seconds()) / 3600.0).rem_euclid(24.0))
}

/// The hour of the week at which a day begins: 0 for a Monday, 144 for a Sunday.
#[must_use]
pub fn first_hour_of_week(date: Date) -> usize {
    usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0) * 24
}

/// The months a plan looks ahead. `t` counts from its first month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// The first month.
    pub first: Month,
    /// How many months, at least 1.
    pub months: usize,
}

impl Horizon {
    /// Every month, first to last.
    #[must_use]
    pub fn iter(self) -> impl ExactSizeIterator<Item = Month> + Clone + use<> {
        (0..self.months).map(move |t| self.month(t))
    }

    /// The month at `t`.
    #[must_use]
    pub fn month(self, t: usize) -> Month {
        self.first.plus(i32::try_from(t).unwrap_or(i32::MAX))
    }

    /// The calendar of its months.
    #[must_use]
    pub fn calendar(self) -> Calendar {
        self.first.calendar
    }

    /// The month a day lies in, inside the horizon or not.
    #[must_use]
    pub fn month_of(self, date: Date) -> Month {
        self.first.calendar.month_of(date)
    }

    /// The place of a month in the horizon, if it lies inside.
    #[must_use]
    pub fn index(self, month: Month) -> Option<usize> {
        usize::try_from(month.since(self.first)).ok().filter(|t| *t < self.months)
    }

    /// The last month.
    #[must_use]
    pub fn last(self) -> Month {
        self.month(self.months - 1)
    }

    /// The first day.
    #[must_use]
    pub fn first_day(self) -> Date {
        self.first.first_day()
    }

    /// The last day.
    #[must_use]
    pub fn last_day(self) -> Date {
        self.last().last_day()
    }
}

/// Which calendar year names a fiscal year that spans two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FiscalLabel {
    /// The year its first month lies in.
    StartYear,
    /// The year its last month lies in.
    EndYear,
}

/// When fiscal years begin and how they are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FiscalCalendar {
    /// The month of the year, 1 to 12, in which a fiscal year begins.
    pub starts: i8,
    /// Which calendar year names it.
    pub label: FiscalLabel,
    /// Which days its months have.
    pub months: Calendar,
}

/// A fiscal quarter: `FY2027-Q1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FiscalQuarter {
    /// The fiscal year's label.
    pub year: i16,
    /// 1 to 4.
    pub quarter: i8,
}

impl fmt::Display for FiscalQuarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FY{}-Q{}", self.year, self.quarter)
    }
}
impl serde::Serialize for FiscalQuarter {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FiscalCalendar {
    /// The label of the fiscal year that `month` lies in.
    #[must_use]
    pub fn year_of(self, month: Month) -> i16 {
        let start = if month.month() >= self.starts { month.year() } else { month.year() - 1 };
        match self.label {
            FiscalLabel::EndYear if self.starts > 1 => start + 1,
            FiscalLabel::StartYear | FiscalLabel::EndYear => start,
        }
    }

    /// The fiscal quarter that `month` lies in.
    #[must_use]
    pub fn quarter_of(self, month: Month) -> FiscalQuarter {
        let quarter = (month.month() - self.starts).rem_euclid(12) / 3 + 1;
        FiscalQuarter { year: self.year_of(month), quarter }
    }

    /// The first month of the fiscal year labelled `year`.
    #[must_use]
    pub fn first_month(self, year: i16) -> Month {
        let start = match self.label {
            FiscalLabel::EndYear if self.starts > 1 => year - 1,
            FiscalLabel::StartYear | FiscalLabel::EndYear => year,
        };
        self.months.month(start, self.starts)
    }

    /// The first month of a fiscal quarter.
    #[must_use]
    pub fn first_month_of_quarter(self, quarter: FiscalQuarter) -> Month {
        self.first_month(quarter.year).plus(i32::from(quarter.quarter - 1) * 3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_ends_on_the_day_before_its_day_months_later() {
        let end = |first: &str, months| term_end(parse_date(first).unwrap(), months).to_string();
        assert_eq!(end("2027-02-01", 12), "2028-01-31");
        // Fiscal years of 52 weeks begin on a Sunday.
        assert_eq!(end("2027-01-31", 12), "2028-01-30");
        assert_eq!(end("2027-01-31", 1), "2027-02-27");
        assert_eq!(end("2027-02-28", 36), "2030-02-27");
    }

    #[test]
    fn a_month_has_its_real_hours() {
        assert_eq!(Month::new(2027, 2).hours(), 672);
        assert_eq!(Month::new(2028, 2).hours(), 696);
        assert_eq!((1..=12).map(|m| Month::new(2027, m).hours()).sum::<u32>(), 8760);
    }

    #[test]
    fn a_fiscal_year_is_named_by_its_start_or_its_end() {
        let starts = FiscalCalendar {
            starts: 2,
            label: FiscalLabel::StartYear,
            months: Calendar::Gregorian,
        };
        assert_eq!(starts.quarter_of(Month::new(2028, 1)).to_string(), "FY2027-Q4");
        assert_eq!(starts.first_month(2027), Month::new(2027, 2));
        let ends = FiscalCalendar { label: FiscalLabel::EndYear, ..starts };
        assert_eq!(ends.quarter_of(Month::new(2027, 2)).to_string(), "FY2028-Q1");
        assert_eq!(ends.first_month(2028), Month::new(2027, 2));
    }

    #[test]
    fn a_month_is_eight_bytes() {
        assert_eq!(size_of::<Month>(), 8);
    }

    #[test]
    fn one_in_the_morning_in_berlin_is_an_hour_or_two_earlier_in_utc() {
        let hour = |month| utc_hour(jiff::civil::date(2027, month, 1), 1.0, "Europe/Berlin");
        assert_eq!((hour(1), hour(7)), (Some(0.0), Some(23.0)));
        assert_eq!(utc_hour(jiff::civil::date(2027, 1, 1), 1.0, "Europe/Atlantis"), None);
    }

    #[test]
    fn a_month_reads_back_as_it_is_written() {
        let read = |text| Calendar::Gregorian.parse(text);
        assert_eq!(read("2027-02"), Some(Month::new(2027, 2)));
        assert_eq!(read("2027-13"), None);
        assert_eq!(read("2027-2"), None);
        assert_eq!(Month::new(2026, 11).plus(3).to_string(), "2027-02");
        assert_eq!(Month::new(2027, 2).since(Month::new(2026, 11)), 3);
    }
}
