//! The sampling interval of a table, in pandas' words: `h`, `D`, `W`, `MS`, `15min`.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;

use crate::table::stamp;

/// The interval between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frequency {
    /// So many seconds; of a column that counts steps, so many of them.
    Seconds(i64),
    /// So many calendar months.
    Months(i32),
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

impl FromStr for Frequency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let count: i64 = if digits == 0 { 1 } else { text[..digits].parse().unwrap_or(0) };
        let unit = text[digits..].split('-').next().unwrap_or_default();
        let months = |each: i32| {
            i32::try_from(count).ok().and_then(|count| count.checked_mul(each)).map(Self::Months)
        };
        let fixed = |each: i64| count.checked_mul(each).map(Self::Seconds);
        let frequency = match unit {
            "s" | "S" => fixed(1),
            "min" | "T" => fixed(60),
            "h" | "H" => fixed(HOUR),
            "d" | "D" => fixed(DAY),
            "w" | "W" => fixed(WEEK),
            "m" | "M" | "MS" | "ME" => months(1),
            "Q" | "QS" | "QE" => months(3),
            "Y" | "A" | "YS" | "YE" | "AS" => months(12),
            _ => None,
        };
        frequency.filter(|_| (1..=100_000).contains(&count)).ok_or_else(|| {
            format!("`{text}` is no frequency; write `h`, `D`, `W`, `MS`, `QS`, `YS` or `15min`")
        })
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match *self {
            Self::Seconds(seconds) if seconds % WEEK == 0 => (seconds / WEEK, "week"),
            Self::Seconds(seconds) if seconds % DAY == 0 => (seconds / DAY, "day"),
            Self::Seconds(seconds) if seconds % HOUR == 0 => (seconds / HOUR, "hour"),
            Self::Seconds(seconds) if seconds % 60 == 0 => (seconds / 60, "minute"),
            Self::Seconds(seconds) => (seconds, "second"),
            Self::Months(months) if months % 12 == 0 => (i64::from(months / 12), "year"),
            Self::Months(months) => (i64::from(months), "month"),
        };
        let plural = if count == 1 { "" } else { "s" };
        write!(f, "{count} {unit}{plural}")
    }
}

impl Frequency {
    /// The interval that most neighbours of ascending times are apart; `None` of fewer than two.
    #[must_use]
    pub fn infer(times: &[i64]) -> Option<Self> {
        let mut apart: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        apart.sort_unstable();
        let usual = *apart.get(apart.len() / 2)?;
        let days = usual / DAY;
        match days {
            28..=31 if apart.iter().any(|apart| *apart != usual) => Some(Self::Months(1)),
            30 | 31 if apart.len() == 1 => Some(Self::Months(1)),
            89..=92 => Some(Self::Months(3)),
            365 | 366 => Some(Self::Months(12)),
            _ if usual > 0 => Some(Self::Seconds(usual)),
            _ => None,
        }
    }

    /// The seasons that an interval allows, in steps, ascending: a day and a week of hours, a week and a
    /// year of days, a year of weeks and of months.
    #[must_use]
    pub fn seasons(self) -> Vec<usize> {
        let steps = |cycle: i64, step: i64| {
            let steps = if step > 0 && cycle % step == 0 { cycle / step } else { 0 };
            usize::try_from(steps).ok().filter(|steps| *steps >= 2)
        };
        match self {
            Self::Seconds(step) if step < DAY => {
                [steps(DAY, step), steps(WEEK, step)].into_iter().flatten().collect()
            }
            Self::Seconds(DAY) => vec![7, 365],
            Self::Seconds(WEEK) => vec![52],
            Self::Seconds(_) => vec![],
            Self::Months(months) => steps(12, i64::from(months)).into_iter().collect(),
        }
    }

    /// The place of a time on the grid that starts at `first`; `None` where it lies between two places.
    #[must_use]
    pub fn place(self, first: i64, time: i64) -> Option<i64> {
        match self {
            Self::Seconds(step) => ((time - first) % step == 0).then(|| (time - first) / step),
            Self::Months(count) => {
                let (from, to) = (stamp::civil(first).date(), stamp::civil(time).date());
                let apart = months_of(to) - months_of(from);
                let place = i64::from(apart) / i64::from(count);
                let fits = self.time(first, place) == time || both_last(from, to);
                (apart % count == 0 && fits).then_some(place)
            }
        }
    }

    /// The time of a place on the grid that starts at `first`. Months keep the day of the first; where
    /// that is a month's last day, so is every other.
    #[must_use]
    pub fn time(self, first: i64, place: i64) -> i64 {
        match self {
            Self::Seconds(step) => first.saturating_add(place.saturating_mul(step)),
            Self::Months(count) => {
                let from = stamp::civil(first);
                let month = i64::from(months_of(from.date())) + place * i64::from(count);
                let (year, number) = (month.div_euclid(12), month.rem_euclid(12) + 1);
                let (Ok(year), Ok(number)) = (i16::try_from(year), i8::try_from(number)) else {
                    return i64::MAX / 4;
                };
                let Ok(start) = Date::new(year, number, 1) else { return i64::MAX / 4 };
                let last = start.days_in_month();
                let day = if is_last(from.date()) { last } else { from.day().min(last) };
                let Ok(date) = Date::new(year, number, day) else { return i64::MAX / 4 };
                stamp::seconds(date.to_datetime(from.time()))
            }
        }
    }
}

fn months_of(date: Date) -> i32 {
    i32::from(date.year()) * 12 + i32::from(date.month()) - 1
}

fn is_last(date: Date) -> bool {
    // The 28th of a February is also every month's 28th, so only later days say "the last".
    date.day() == date.days_in_month() && date.day() > 28
}

fn both_last(from: Date, to: Date) -> bool {
    from.day() == from.days_in_month() && to.day() == to.days_in_month()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        stamp::read(text).unwrap().0
    }

    fn day(seconds: i64) -> String {
        stamp::write(seconds, stamp::Style::Day)
    }

    #[test]
    fn pandas_words_are_understood() {
        for (text, shown) in [
            ("h", "1 hour"),
            ("H", "1 hour"),
            ("15min", "15 minutes"),
            ("D", "1 day"),
            ("W-SUN", "1 week"),
            ("MS", "1 month"),
            ("QE", "3 months"),
            ("2YS", "2 years"),
        ] {
            assert_eq!(text.parse::<Frequency>().unwrap().to_string(), shown, "{text}");
        }
        for wrong in ["", "x", "0D", "fortnight", "99999999999999999999h"] {
            assert!(wrong.parse::<Frequency>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_interval_is_read_off_the_times() {
        let infer = |times: &[&str]| {
            Frequency::infer(&times.iter().map(|time| at(time)).collect::<Vec<_>>())
        };
        let hours =
            ["2027-01-01 00:00", "2027-01-01 01:00", "2027-01-01 02:00", "2027-01-02 00:00"];
        assert_eq!(infer(&hours), Some(Frequency::Seconds(HOUR)));
        assert_eq!(infer(&["2027-01", "2027-02", "2027-03"]), Some(Frequency::Months(1)));
        assert_eq!(infer(&["2027-01-31", "2027-02-28", "2027-03-31"]), Some(Frequency::Months(1)));
        assert_eq!(infer(&["2026-01-01", "2027-01-01", "2028-01-01"]), Some(Frequency::Months(12)));
        assert_eq!(infer(&["2027-01-03", "2027-01-10"]), Some(Frequency::Seconds(WEEK)));
        assert_eq!(infer(&["2027-01-03"]), None);
    }

    #[test]
    fn months_keep_their_day_or_their_end() {
        let month = Frequency::Months(1);
        let next = |from: &str, place| day(month.time(at(from), place));
        assert_eq!(next("2027-01-01", 13), "2028-02-01");
        assert_eq!(next("2027-01-31", 1), "2027-02-28");
        assert_eq!(next("2027-04-30", 1), "2027-05-31");
        assert_eq!(next("2027-01-15", 1), "2027-02-15");
        assert_eq!(month.place(at("2027-01-01"), at("2027-06-01")), Some(5));
        assert_eq!(month.place(at("2027-01-31"), at("2027-02-28")), Some(1));
        assert_eq!(month.place(at("2027-02-28"), at("2027-03-31")), Some(1));
        assert_eq!(month.place(at("2027-01-01"), at("2027-02-09")), None);
        assert_eq!(Frequency::Seconds(HOUR).place(0, 5400), None);
    }

    #[test]
    fn seasons_follow_from_the_interval() {
        let seasons = |text: &str| text.parse::<Frequency>().unwrap().seasons();
        assert_eq!(seasons("h"), [24, 168]);
        assert_eq!(seasons("15min"), [96, 672]);
        assert_eq!(seasons("D"), [7, 365]);
        assert_eq!(seasons("W"), [52]);
        assert_eq!(seasons("MS"), [12]);
        assert_eq!(seasons("QS"), [4]);
        assert!(seasons("YS").is_empty());
    }
}
