//! From measured values at instants to a series on a regular grid: finds the step, puts every value in
//! its cell, leaves NaN where nothing was measured.

use jiff::civil::Date;

use crate::calendar::{Calendar, Month, days_between, plus_days};
use crate::history::{Series, Step};

const HOUR: i64 = 3600;
const DAY: i64 = 86_400;

/// Values at instants: seconds since 1970-01-01 00:00 UTC, rising, none twice.
pub type Samples = [(i64, f64)];

/// Why instants do not make a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoGrid {
    /// Fewer than two instants.
    TooFew,
    /// They span so much time that nearly every cell would be empty.
    TooSparse {
        /// The first day.
        first: Date,
        /// The last day.
        last: Date,
    },
}

/// Puts samples on a regular grid whose step is found from their median distance:
///
/// * up to 90 minutes: hours; several samples of one hour are averaged;
/// * up to four days: days; several samples of one day are averaged;
/// * up to 20 days: weeks from Monday; more: months. They are the plan's where every sample is of the first or
///   of the last day of one, else calendar months.
///
/// # Errors
/// Where there are too few samples, or far too few for the time they span.
pub fn regular(samples: &Samples, months: Calendar) -> Result<Series, NoGrid> {
    if samples.len() < 2 {
        return Err(NoGrid::TooFew);
    }
    let step = step(samples, months);
    let cells: Vec<i64> = samples.iter().map(|(at, _)| cell(*at, step)).collect();
    let (first, last) = (cells[0], cells[cells.len() - 1]);
    let length = usize::try_from(last - first).unwrap_or(0) + 1;
    if length > 10_000 && length / 50 > samples.len() {
        return Err(NoGrid::TooSparse {
            first: day(samples[0].0),
            last: day(samples[samples.len() - 1].0),
        });
    }
    let mut sums = vec![0.0; length];
    let mut counts = vec![0_u32; length];
    for (cell, (_, value)) in cells.iter().zip(samples) {
        let place = usize::try_from(cell - first).unwrap_or(0);
        sums[place] += value;
        counts[place] += 1;
    }
    let values = sums
        .into_iter()
        .zip(counts)
        .map(|(sum, count)| if count == 0 { f64::NAN } else { sum / f64::from(count) })
        .collect();
    let (start, start_hour) = start(first, step);
    Ok(Series { start, start_hour, step, values })
}

/// The step that the median distance of neighbours suggests.
fn step(samples: &Samples, months: Calendar) -> Step {
    let mut distances: Vec<i64> = samples.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    distances.sort_unstable();
    match distances[distances.len() / 2] {
        distance if distance <= HOUR + HOUR / 2 => Step::Hour,
        distance if distance <= 4 * DAY => Step::Day,
        distance if distance <= 20 * DAY => Step::Week,
        _ => {
            Step::Month(if ends_of_months(samples, months) { months } else { Calendar::Gregorian })
        }
    }
}

/// Whether every sample is of the first, or every one of the last day of a month.
fn ends_of_months(samples: &Samples, months: Calendar) -> bool {
    let all = |end: fn(Month) -> Date| {
        samples.iter().map(|(at, _)| day(*at)).all(|day| end(months.month_of(day)) == day)
    };
    all(Month::first_day) || all(Month::last_day)
}

/// The number of the cell that an instant lies in.
fn cell(at: i64, step: Step) -> i64 {
    match step {
        Step::Hour => at.div_euclid(HOUR),
        Step::Day => at.div_euclid(DAY),
        // 1970-01-01 was a Thursday: Monday is three days earlier.
        Step::Week => (at.div_euclid(DAY) + 3).div_euclid(7),
        Step::Month(months) => i64::from(months.month_of(day(at)).since(months.month(0, 1))),
    }
}

/// The day an instant lies in.
fn day(at: i64) -> Date {
    epoch_day(at.div_euclid(DAY))
}

fn epoch_day(days: i64) -> Date {
    plus_days(jiff::civil::date(1970, 1, 1), i32::try_from(days).unwrap_or(i32::MAX))
}

/// The day and hour at which a cell begins.
fn start(cell: i64, step: Step) -> (Date, u8) {
    match step {
        Step::Hour => {
            (epoch_day(cell.div_euclid(24)), u8::try_from(cell.rem_euclid(24)).unwrap_or(0))
        }
        Step::Day => (epoch_day(cell), 0),
        Step::Week => (epoch_day(cell * 7 - 3), 0),
        Step::Month(months) => {
            (months.month(0, 1).plus(i32::try_from(cell).unwrap_or(0)).first_day(), 0)
        }
    }
}

impl Series {
    /// The first day of the cell at `index`.
    #[must_use]
    pub fn day(&self, index: usize) -> Date {
        let index = i32::try_from(index).unwrap_or(i32::MAX);
        match self.step {
            Step::Hour => plus_days(self.start, (index + i32::from(self.start_hour)) / 24),
            Step::Day => plus_days(self.start, index),
            Step::Week => plus_days(self.start, index.saturating_mul(7)),
            Step::Month(months) => months.month_of(self.start).plus(index).first_day(),
        }
    }

    /// How many cells lie between the first and the one that holds `date` (its first hour, where the
    /// step is an hour); negative before the first.
    #[must_use]
    pub fn place(&self, date: Date) -> i32 {
        match self.step {
            Step::Hour => days_between(self.start, date) * 24 - i32::from(self.start_hour),
            Step::Day => days_between(self.start, date),
            Step::Week => days_between(self.start, date).div_euclid(7),
            Step::Month(months) => months.month_of(date).since(months.month_of(self.start)),
        }
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;
    use crate::calendar::weeks::{Pattern, Weekday, Weeks, YearEnd};
    use jiff::civil::date;

    fn samples(first: i64, step: i64, count: i64) -> Vec<(i64, f64)> {
        (0..count).map(|i| (first + i * step, i as f64)).collect()
    }

    #[test]
    fn the_step_is_found_from_the_distance_of_samples() {
        // 1,798,761,600 is 2027-01-01 00:00, a Friday.
        let first = 1_798_761_600;
        let hours = regular(&samples(first + 5 * HOUR, HOUR, 5), Calendar::Gregorian).unwrap();
        assert_eq!((hours.step, hours.start, hours.start_hour), (Step::Hour, date(2027, 1, 1), 5));
        assert_eq!(hours.values, [0.0, 1.0, 2.0, 3.0, 4.0]);
        let quarters = regular(&samples(first, HOUR / 4, 8), Calendar::Gregorian).unwrap();
        assert_eq!((quarters.step, quarters.values), (Step::Hour, vec![1.5, 5.5]));
        assert_eq!(regular(&samples(first, DAY, 5), Calendar::Gregorian).unwrap().step, Step::Day);
        let weeks = regular(&samples(first, 7 * DAY, 5), Calendar::Gregorian).unwrap();
        assert_eq!(
            (weeks.step, weeks.start, weeks.values.len()),
            (Step::Week, date(2026, 12, 28), 5)
        );
        let months = regular(
            &[(first, 1.0), (first + 31 * DAY, 2.0), (first + 59 * DAY, 3.0)],
            Calendar::Gregorian,
        );
        let months = months.unwrap();
        assert_eq!(
            (months.step, months.start, months.values.len()),
            (Step::Month(Calendar::Gregorian), date(2027, 1, 1), 3)
        );
    }

    #[test]
    fn what_was_not_measured_is_no_number() {
        let mut gappy = samples(1_798_761_600, DAY, 6);
        gappy.remove(2);
        let series = regular(&gappy, Calendar::Gregorian).unwrap();
        assert_eq!(series.values.len(), 6);
        assert!(series.values[2].is_nan());
        assert_eq!(series.values[3], 3.0);
    }

    #[test]
    fn places_and_days_are_each_others_inverse() {
        for step in [HOUR, DAY, 7 * DAY, 31 * DAY] {
            let series = regular(&samples(1_798_761_600, step, 9), Calendar::Gregorian).unwrap();
            for index in 0..series.values.len() {
                let place = usize::try_from(series.place(series.day(index))).unwrap();
                assert!(place == index || series.step == Step::Hour && place == 0);
            }
        }
    }

    #[test]
    fn monthly_values_are_of_fiscal_months_where_their_days_say_so() {
        let months = Calendar::Weeks(Weeks {
            pattern: Pattern::FourFourFive,
            starts: 2,
            weeks_begin: Weekday::Sunday,
            year_ends: YearEnd::Nearest,
        });
        let at = |day: Date| i64::from(days_between(date(1970, 1, 1), day)) * DAY;
        let of = |days: &dyn Fn(i32) -> Date| {
            let samples: Vec<(i64, f64)> = (0..12).map(|k| (at(days(k)), f64::from(k))).collect();
            regular(&samples, months).unwrap()
        };
        let fiscal = |k| months.month(2026, 2).plus(k);
        for series in [of(&|k| fiscal(k).first_day()), of(&|k| fiscal(k).last_day())] {
            assert_eq!((series.step, series.values.len()), (Step::Month(months), 12));
            assert_eq!(series.start, date(2026, 2, 1));
            assert_eq!(series.day(3), date(2026, 5, 3));
            assert_eq!(series.place(date(2026, 5, 2)), 2);
        }
        let usual = of(&|k| Month::new(2026, 2).plus(k).first_day());
        assert_eq!((usual.step, usual.values.len()), (Step::Month(Calendar::Gregorian), 12));
    }

    #[test]
    fn one_time_that_is_decades_off_is_refused() {
        let mut samples = samples(1_798_761_600, HOUR, 50);
        samples.insert(0, (0, 1.0));
        assert!(matches!(regular(&samples, Calendar::Gregorian), Err(NoGrid::TooSparse { .. })));
        assert_eq!(regular(&samples[..1], Calendar::Gregorian), Err(NoGrid::TooFew));
    }
}
