//! Times as a table writes them, and back in the same way.

use jiff::civil::DateTime;

use crate::history::times::{Reading, from_epoch, parse};

/// How a column writes its times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// `2027-01`.
    Month,
    /// `2027-01-02`.
    Day,
    /// `2027-01-02 03:00:00`, with the separator, and `Z` where it is UTC.
    Clock {
        /// A space or `T`.
        separator: char,
        /// Whether `Z` ends it.
        utc: bool,
    },
    /// Seconds since 1970.
    Epoch,
    /// Whole numbers that count steps.
    Step,
}

/// Whole numbers below this count steps; above, they are seconds since 1970 (from 1973 on).
const STEPS: i64 = 100_000_000;

/// Reads a time: seconds since 1970-01-01 00:00 (of a clock without a zone, its own), or the number of a
/// step.
#[must_use]
pub fn read(text: &str) -> Option<(i64, Style)> {
    if let Ok(number) = text.parse::<i64>() {
        if number.abs() < STEPS {
            return Some((number, Style::Step));
        }
        #[expect(clippy::cast_precision_loss, reason = "told apart by size alone")]
        let Some(Reading::Utc(seconds)) = from_epoch(number as f64) else { return None };
        return Some((seconds, Style::Epoch));
    }
    let style = match text.as_bytes() {
        bytes if bytes.len() == 7 => Style::Month,
        bytes if bytes.len() == 10 => Style::Day,
        bytes => Style::Clock {
            separator: if bytes.get(10) == Some(&b' ') { ' ' } else { 'T' },
            utc: matches!(parse(text)?, Reading::Utc(_)),
        },
    };
    match parse(text)? {
        Reading::Utc(seconds) | Reading::Clock(seconds) => Some((seconds, style)),
    }
}

/// Writes a time.
#[must_use]
pub fn write(seconds: i64, style: Style) -> String {
    match style {
        Style::Epoch | Style::Step => return seconds.to_string(),
        Style::Month | Style::Day | Style::Clock { .. } => {}
    }
    let at = civil(seconds);
    let day = format!("{:04}-{:02}-{:02}", at.year(), at.month(), at.day());
    match style {
        Style::Month => day[..day.len() - 3].to_owned(),
        Style::Clock { separator, utc } => format!(
            "{day}{separator}{:02}:{:02}:{:02}{}",
            at.hour(),
            at.minute(),
            at.second(),
            if utc { "Z" } else { "" }
        ),
        _ => day,
    }
}

/// The calendar's view of seconds since 1970; its last moment where there is none.
#[must_use]
pub fn civil(seconds: i64) -> DateTime {
    let at = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    jiff::tz::TimeZone::UTC.to_datetime(at)
}

/// Seconds since 1970 of a calendar's view.
#[must_use]
pub fn seconds(at: DateTime) -> i64 {
    jiff::tz::TimeZone::UTC.to_timestamp(at).map_or(i64::MAX / 4, jiff::Timestamp::as_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_they_were_read() {
        for text in [
            "2027-01",
            "2027-01-02",
            "2027-01-02 03:00:00",
            "2027-01-02T03:04:05Z",
            "1798761600",
            "17",
            "0",
        ] {
            let (seconds, style) = read(text).unwrap();
            assert_eq!(write(seconds, style), text);
        }
        assert_eq!(
            read("2027-01-02T03:00:00+02:00").unwrap().0,
            read("2027-01-02 01:00").unwrap().0
        );
        assert_eq!(read("soon"), None);
        assert_eq!(read(""), None);
    }
}
