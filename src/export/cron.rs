//! When a run repeats, as cron says it; and what cron cannot say.

use jiff::civil::Weekday;

use crate::calendar::Date;
use crate::plan::workload::Every;

use super::amount;

/// The schedule, in UTC, of what starts on `from` at an hour of the day and repeats.
///
/// # Errors
/// Why cron cannot say it, in words: it knows days of the week and of the month, and no others.
pub(super) fn schedule(every: Every, from: Date, hour: f64) -> Result<String, String> {
    let minutes = amount::up((hour * 60.0).round());
    let (hour, minute) = (minutes / 60 % 24, minutes % 60);
    match every {
        Every::Days(1) => Ok(format!("{minute} {hour} * * *")),
        Every::Days(7) => Ok(format!("{minute} {hour} * * {}", weekday(from))),
        Every::Days(days) => Err(format!("every {days} days")),
        Every::Months(_) if from.day() > 28 => {
            Err(format!("every month on day {}, and on the last of shorter months", from.day()))
        }
        Every::Months(1) => Ok(format!("{minute} {hour} {} * *", from.day())),
        Every::Months(months) if months > 0 && 12 % months == 0 => {
            let first = (u32::try_from(from.month()).unwrap_or(1) - 1) % months + 1;
            let of_year: Vec<String> =
                (first..=12).step_by(months as usize).map(|month| month.to_string()).collect();
            Ok(format!("{minute} {hour} {} {} *", from.day(), of_year.join(",")))
        }
        Every::Months(months) => Err(format!("every {months} months")),
    }
}

/// The day of the week, Sunday 0.
fn weekday(date: Date) -> i8 {
    match date.weekday() {
        Weekday::Sunday => 0,
        day => day.to_monday_one_offset(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_date;

    #[test]
    fn cron_says_days_weeks_and_months_that_divide_a_year() {
        let at = |day: &str, every| schedule(every, parse_date(day).unwrap(), 1.5);
        assert_eq!(at("2027-02-01", Every::Days(1)).unwrap(), "30 1 * * *");
        assert_eq!(at("2027-02-01", Every::Days(7)).unwrap(), "30 1 * * 1");
        assert_eq!(at("2027-02-07", Every::Days(7)).unwrap(), "30 1 * * 0");
        assert_eq!(at("2027-02-28", Every::Months(1)).unwrap(), "30 1 28 * *");
        assert_eq!(at("2027-11-05", Every::Months(3)).unwrap(), "30 1 5 2,5,8,11 *");
        assert_eq!(at("2027-02-01", Every::Months(12)).unwrap(), "30 1 1 2 *");
    }

    #[test]
    fn what_cron_cannot_say_is_said() {
        let at = |day: &str, every| schedule(every, parse_date(day).unwrap(), 0.0);
        assert_eq!(at("2027-02-01", Every::Days(14)).unwrap_err(), "every 14 days");
        assert_eq!(at("2027-02-01", Every::Months(5)).unwrap_err(), "every 5 months");
        assert!(at("2027-01-31", Every::Months(1)).is_err());
    }
}
