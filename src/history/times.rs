//! Times as files write them: `2027-01-02`, `2027-01-02 03:00:00`, `2027-01-02T03:00Z`, `2026-11`,
//! seconds since 1970; and from a local clock to UTC.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};

/// A time as read, before its zone is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Seconds since 1970-01-01 00:00 UTC.
    Utc(i64),
    /// What a clock without a zone showed, in seconds since its own 1970-01-01 00:00.
    Clock(i64),
}

/// Reads a time.
#[must_use]
pub fn parse(text: &str) -> Option<Reading> {
    let bytes = text.as_bytes();
    let year = digits(bytes.get(0..4)?)?;
    let separator = *bytes.get(4)?;
    if separator != b'-' && separator != b'/' {
        return None;
    }
    let month = digits(bytes.get(5..7)?)?;
    if bytes.len() == 7 {
        return Some(Reading::Clock(day_seconds(year, month, 1)?));
    }
    if bytes[7] != separator {
        return None;
    }
    let midnight = day_seconds(year, month, digits(bytes.get(8..10)?)?)?;
    if bytes.len() == 10 {
        return Some(Reading::Clock(midnight));
    }
    if !matches!(bytes[10], b' ' | b'T' | b't') {
        return None;
    }
    let (clock, rest) = clock_seconds(&text[11..])?;
    let local = midnight + clock;
    match rest.trim_start() {
        "" => Some(Reading::Clock(local)),
        "Z" | "z" | "UTC" => Some(Reading::Utc(local)),
        offset => Some(Reading::Utc(local - offset_seconds(offset)?)),
    }
}

/// Reads a number of seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their
/// size: the years 1973 to 5138 in seconds do not overlap with any other unit's.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "checked against 1e20 / 1e9")]
pub fn from_epoch(value: f64) -> Option<Reading> {
    let size = value.abs();
    let per_second = match size {
        _ if size < 1e8 => return None,
        _ if size < 1e11 => 1.0,
        _ if size < 1e14 => 1e3,
        _ if size < 1e17 => 1e6,
        _ if size < 1e20 => 1e9,
        _ => return None,
    };
    Some(Reading::Utc((value / per_second).floor() as i64))
}

/// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.fff`, and what follows.
fn clock_seconds(text: &str) -> Option<(i64, &str)> {
    let bytes = text.as_bytes();
    let (hour, minute) = (digits(bytes.get(0..2)?)?, digits(bytes.get(3..5)?)?);
    if bytes[2] != b':' || hour > 23 || minute > 59 {
        return None;
    }
    let mut seconds = hour * 3600 + minute * 60;
    let mut end = 5;
    if bytes.get(5) == Some(&b':') {
        let second = digits(bytes.get(6..8)?)?;
        if second > 60 {
            return None;
        }
        seconds += second;
        end = 8;
        if bytes.get(8) == Some(&b'.') {
            end = 9 + bytes[9..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        }
    }
    text.get(end..).map(|rest| (seconds, rest))
}

/// `+02:00`, `-0530` or `+02`.
fn offset_seconds(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let rest: String = text[1..].chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = match rest.len() {
        2 => (digits(rest.as_bytes())?, 0),
        4 => (digits(&rest.as_bytes()[..2])?, digits(&rest.as_bytes()[2..])?),
        _ => return None,
    };
    Some(sign * (hours * 3600 + minutes * 60))
}

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0_i64, |sum, byte| {
        byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0'))
    })
}

/// Seconds from 1970-01-01 to a day of the Gregorian calendar, if there is such a day.
fn day_seconds(year: i64, month: i64, day: i64) -> Option<i64> {
    let date = jiff::civil::Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    );
    Some(seconds_of(date.ok()?.to_datetime(jiff::civil::Time::midnight())))
}

/// Seconds that a clock shows, since its own 1970-01-01 00:00.
fn seconds_of(clock: DateTime) -> i64 {
    TimeZone::UTC.to_timestamp(clock).map_or(0, jiff::Timestamp::as_second)
}

/// An instant so many seconds after 1970-01-01 00:00 UTC; the farthest there is beyond it.
#[must_use]
pub fn instant(seconds: i64) -> jiff::Timestamp {
    let farthest = if seconds < 0 { jiff::Timestamp::MIN } else { jiff::Timestamp::MAX };
    jiff::Timestamp::from_second(seconds).unwrap_or(farthest)
}

/// What a clock shows, so many seconds after its own 1970-01-01 00:00.
fn clock_of(seconds: i64) -> Option<DateTime> {
    jiff::Timestamp::from_second(seconds).ok().map(|at| TimeZone::UTC.to_datetime(at))
}

/// A zone by its IANA name, from the bundled table.
#[must_use]
pub fn zone(name: &str) -> Option<TimeZone> {
    if name == "UTC" { Some(TimeZone::UTC) } else { TimeZone::get(name).ok() }
}

/// The instant a clock in a zone shows; in the hour that autumn repeats, the first of the two; in the
/// hour that spring skips, as if the clock had not been put forward.
#[must_use]
pub fn to_utc(clock: i64, zone: &TimeZone) -> i64 {
    if *zone == TimeZone::UTC {
        return clock;
    }
    let Some(shown) = clock_of(clock) else { return clock };
    zone.to_ambiguous_timestamp(shown).compatible().map_or(clock, jiff::Timestamp::as_second)
}

/// By how many seconds the second showing of this clock time lies after the first, where autumn shows
/// it twice.
#[must_use]
pub fn repeated_after(instant: i64, zone: &TimeZone) -> Option<i64> {
    if *zone == TimeZone::UTC {
        return None;
    }
    let shown = zone.to_datetime(jiff::Timestamp::from_second(instant).ok()?);
    match zone.to_ambiguous_timestamp(shown).offset() {
        AmbiguousOffset::Fold { before, after } => {
            Some(i64::from(before.seconds()) - i64::from(after.seconds()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accepted_spellings_are_the_same_instant() {
        for text in [
            "2027-01-02T03:00:00Z",
            "2027-01-02 03:00:00 UTC",
            "2027-01-02T05:00:00+02:00",
            "2027-01-01 22:00:00.000-0500",
            "2027-01-02T05:00+02",
        ] {
            assert_eq!(parse(text), Some(Reading::Utc(1_798_858_800)), "{text}");
        }
        for text in ["2027-01-02 03:00", "2027-01-02T03:00:00.000", "2027/01/02 03:00:00"] {
            assert_eq!(parse(text), Some(Reading::Clock(1_798_858_800)), "{text}");
        }
        assert_eq!(parse("2027-01"), parse("2027-01-01"));
        assert_eq!(from_epoch(1_798_858_800.0), Some(Reading::Utc(1_798_858_800)));
        assert_eq!(from_epoch(1_798_858_800_000.0), Some(Reading::Utc(1_798_858_800)));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "2027", "2027-13", "2027-02-30", "02/01/2027", "2027-01-02 25:00", "5"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(from_epoch(12.0), None);
        assert_eq!(zone("Mars/Olympus"), None);
    }

    #[test]
    fn a_local_clock_becomes_utc_in_summer_and_winter() {
        let berlin = zone("Europe/Berlin").unwrap();
        let clock = |text| match parse(text) {
            Some(Reading::Clock(seconds)) => seconds,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(to_utc(clock("2027-01-02 04:00"), &berlin), clock("2027-01-02 03:00"));
        assert_eq!(to_utc(clock("2027-07-02 05:00"), &berlin), clock("2027-07-02 03:00"));
        let twice = to_utc(clock("2027-10-31 02:00"), &berlin);
        assert_eq!(twice, clock("2027-10-31 00:00"));
        assert_eq!(repeated_after(twice, &berlin), Some(3600));
        assert_eq!(repeated_after(twice + 7200, &berlin), None);
    }
}
