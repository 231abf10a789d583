//! Makes a measured series ready to be fitted: hours become daily means, gaps are filled, ends trimmed.

use crate::calendar::{HOURS_PER_WEEK, first_hour_of_week};
use crate::history::{Series, Step};

/// Hours that a day must have been measured for its mean to count.
const HOURS_ENOUGH: u32 = 6;

/// An hourly series as daily means; others as they are. A day of which hours are missing is measured by
/// those it has against what the hour-of-week shape, of mean 1, expects of them.
#[must_use]
pub fn daily(series: &Series, shape: Option<&[f64; HOURS_PER_WEEK]>) -> Series {
    if series.step != Step::Hour {
        return series.clone();
    }
    let offset = usize::from(series.start_hour);
    let days = (series.values.len() + offset).div_ceil(24);
    let first = first_hour_of_week(series.start);
    let value = |hour: usize| {
        let index = hour.checked_sub(offset)?;
        series.values.get(index).copied().filter(|value| !value.is_nan())
    };
    let values = (0..days)
        .map(|day| {
            let (mut sum, mut expected, mut count) = (0.0, 0.0, 0);
            for hour in day * 24..day * 24 + 24 {
                if let Some(value) = value(hour) {
                    sum += value;
                    expected += shape.map_or(1.0, |shape| shape[(first + hour) % HOURS_PER_WEEK]);
                    count += 1;
                }
            }
            let whole = (0..24)
                .map(|h| shape.map_or(1.0, |s| s[(first + day * 24 + h) % HOURS_PER_WEEK]))
                .sum::<f64>()
                / 24.0;
            if count >= HOURS_ENOUGH && expected > 0.0 { sum / expected * whole } else { f64::NAN }
        })
        .collect();
    Series { start: series.start, start_hour: 0, step: Step::Day, values }
}

/// A series without NaN at its ends; `None` where there is nothing else.
#[must_use]
pub fn trimmed(series: &Series) -> Option<Series> {
    let first = series.values.iter().position(|value| !value.is_nan())?;
    let last = series.values.iter().rposition(|value| !value.is_nan())?;
    Some(Series {
        start: series.day(first),
        start_hour: 0,
        step: series.step,
        values: series.values[first..=last].to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_means_of_their_hours_even_where_some_are_missing() {
        let mut shape = [1.0; HOURS_PER_WEEK];
        for (hour, value) in shape.iter_mut().enumerate() {
            *value = if hour % 24 < 12 { 0.5 } else { 1.5 };
        }
        let mut values: Vec<f64> = (0..72).map(|hour| 100.0 * shape[hour]).collect();
        values[..12].fill(f64::NAN);
        values[24..44].fill(f64::NAN);
        let hourly = Series { start: date(2027, 1, 4), start_hour: 0, step: Step::Hour, values };
        let days = daily(&hourly, Some(&shape)).values;
        assert!((days[0] - 100.0).abs() < 1e-9);
        assert!(days[1].is_nan());
        assert!((days[2] - 100.0).abs() < 1e-9);
    }

    #[test]
    fn ends_without_values_are_cut_off() {
        let values = vec![f64::NAN, 1.0, f64::NAN, 2.0, f64::NAN];
        let series = Series { start: date(2027, 1, 1), start_hour: 0, step: Step::Day, values };
        let cut = trimmed(&series).unwrap();
        assert_eq!((cut.start, cut.values.len()), (date(2027, 1, 2), 3));
    }
}
