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

/// Fills gaps in values that begin and end with a number: up to half a season by a straight line; longer
/// ones by the line between the means of the season before and after, times what the season's place
/// usually is. Returns how many were filled.
pub fn fill(values: &mut [f64], period: usize) -> usize {
    let usual = usual_places(values, period);
    let mut filled = 0;
    let mut index = 0;
    while index < values.len() {
        if !values[index].is_nan() {
            index += 1;
            continue;
        }
        let length = values[index..].iter().take_while(|value| value.is_nan()).count();
        let seasonal = length > period / 2 && period > 1;
        let (before, after) = if seasonal {
            (
                mean_known(&values[index.saturating_sub(period)..index]),
                mean_known(&values[index + length..(index + length + period).min(values.len())]),
            )
        } else {
            (values[index - 1], values[index + length])
        };
        for step in 0..length {
            let share = (step + 1) as f64 / (length + 1) as f64;
            let line = before + (after - before) * share;
            let place = index + step;
            values[place] = if seasonal { line * usual[place % period] } else { line };
        }
        filled += length;
        index += length;
    }
    filled
}

/// The mean of every place of the season, as a ratio to the mean of all.
fn usual_places(values: &[f64], period: usize) -> Vec<f64> {
    let all = mean_known(values);
    (0..period)
        .map(|place| {
            let here: Vec<f64> = values.iter().skip(place).step_by(period).copied().collect();
            let mean = mean_known(&here);
            if all > 0.0 && mean.is_finite() { mean / all } else { 1.0 }
        })
        .collect()
}

/// The mean of the values that are numbers; NaN where none is.
pub fn mean_known(values: &[f64]) -> f64 {
    let known = || values.iter().filter(|value| !value.is_nan());
    known().sum::<f64>() / known().count() as f64
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
    fn a_short_gap_is_a_line_and_a_long_one_keeps_the_season() {
        let week = |t: usize| if t % 7 < 5 { 100.0 } else { 30.0 };
        let mut values: Vec<f64> = (0..42).map(week).collect();
        values[1] = f64::NAN;
        values[14..28].fill(f64::NAN);
        assert_eq!(fill(&mut values, 7), 15);
        assert!((values[1] - 100.0).abs() < 1e-9);
        for (t, value) in values.iter().enumerate() {
            assert!((value - week(t)).abs() < 2.0, "{t}: {value}");
        }
    }

    #[test]
    fn ends_without_values_are_cut_off() {
        let values = vec![f64::NAN, 1.0, f64::NAN, 2.0, f64::NAN];
        let series = Series { start: date(2027, 1, 1), start_hour: 0, step: Step::Day, values };
        let cut = trimmed(&series).unwrap();
        assert_eq!((cut.start, cut.values.len()), (date(2027, 1, 2), 3));
    }
}
