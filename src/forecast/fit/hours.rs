//! What a history says about the shape of a week, and of its months.

use std::f64::consts::FRAC_PI_2;

use crate::calendar::{Calendar, HOURS_PER_WEEK, Month, first_hour_of_week, plus_days};
use crate::forecast::series::mean_known;
use crate::forecast::series::median;
use crate::history::{Series, Step};

/// Weeks at the end of a history that tell the shape.
const WEEKS: usize = 8;

/// The shape of the last eight weeks of hourly or daily values: one value an hour of the week from
/// Monday 00:00 UTC, mean 1; constant inside a day where the values are daily. Each hour is the median
/// over the weeks of its ratio to the week's mean, so that an incident leaves no trace.
///
/// `None` where values are weekly or monthly, or do not cover every hour of two weeks.
#[must_use]
pub fn week_shape(series: &Series) -> Option<[f64; HOURS_PER_WEEK]> {
    let (length, each) = match series.step {
        Step::Hour => (HOURS_PER_WEEK, 1),
        Step::Day => (7, 24),
        Step::Week | Step::Month(_) => return None,
    };
    let count = series.values.len();
    let weeks = (count / length).min(WEEKS);
    if weeks < 2 {
        return None;
    }
    let begin = count - weeks * length;
    let first = (first_hour_of_week(series.start) + usize::from(series.start_hour)) / each;
    let mut ratios: Vec<Vec<f64>> = vec![Vec::with_capacity(weeks); length];
    for (week, values) in series.values[begin..].chunks(length).enumerate() {
        let mean = mean_known(values);
        if mean.is_nan() || mean <= 0.0 || known(values) * 2 < length {
            continue;
        }
        for (place, value) in values.iter().enumerate().filter(|(_, value)| !value.is_nan()) {
            ratios[(first + begin + week * length + place) % length].push(value / mean);
        }
    }
    if ratios.iter().any(Vec::is_empty) {
        return None;
    }
    let noise = noise(&ratios);
    let mut typical: Vec<f64> = ratios.into_iter().map(|mut values| median(&mut values)).collect();
    if series.step == Step::Hour {
        calm(&mut typical, noise);
    }
    let mean = crate::draws::mean(&typical);
    let whole = mean > 0.0;
    whole.then(|| std::array::from_fn(|hour| typical[hour / each] / mean))
}

/// The variance of a place's median that comes from weeks differing, on average over the places.
///
/// # Source
/// The median of n normal values has variance π/2 · σ²/n.
fn noise(ratios: &[Vec<f64>]) -> f64 {
    let variances = ratios.iter().map(|values| {
        let mean = crate::draws::mean(values);
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        FRAC_PI_2 * squares / (values.len().max(2) - 1) as f64 / values.len() as f64
    });
    variances.sum::<f64>() / ratios.len() as f64
}

/// Draws every hour towards the same hour of the other weekdays (or of both days of the weekend), by the
/// share of their differences that is noise: else the largest of 168 noisy hours would pass for a peak.
///
/// # Source
/// B. Efron and C. Morris, "Stein's estimation rule and its competitors", JASA 68 (1973).
fn calm(typical: &mut [f64], noise: f64) {
    let groups = |hour: usize| if hour / 24 < 5 { 0..5 } else { 5..7 };
    let usual: Vec<f64> = (0..HOURS_PER_WEEK)
        .map(|hour| {
            let days = groups(hour);
            let count = days.len() as f64;
            days.map(|day| typical[day * 24 + hour % 24]).sum::<f64>() / count
        })
        .collect();
    let squares = typical.iter().zip(&usual).map(|(own, usual)| (own - usual) * (own - usual));
    // Five and two days with a mean of their own each leave 24 × (4 + 1) free differences.
    let differences = squares.sum::<f64>() / 120.0;
    let share = if differences > 0.0 { (noise / differences).min(1.0) } else { 0.0 };
    for (own, usual) in typical.iter_mut().zip(usual) {
        *own += share * (usual - *own);
    }
}

/// What was measured, by month, oldest first.
#[derive(Debug, Clone)]
pub struct Months {
    /// The mean of each month.
    pub means: Vec<(Month, f64)>,
    /// The largest value of each month.
    pub peaks: Vec<(Month, f64)>,
}

/// The mean and the largest value of every month of a calendar of which at least half was measured, oldest
/// first. A week counts in the month its Monday lies in, a month in the one its middle does.
#[must_use]
pub fn by_month(series: &Series, calendar: Calendar) -> Months {
    let middle = if let Step::Month(_) = series.step { 14 } else { 0 };
    let mut months: Vec<(Month, Vec<f64>)> = Vec::new();
    for (index, value) in series.values.iter().enumerate() {
        let month = calendar.month_of(plus_days(series.day(index), middle));
        match months.last_mut() {
            Some((last, values)) if *last == month => values.push(*value),
            _ => months.push((month, vec![*value])),
        }
    }
    let enough = |month: Month, values: &[f64]| {
        let whole = match series.step {
            Step::Hour => month.hours() as usize,
            Step::Day => month.days() as usize,
            Step::Week => 4,
            Step::Month(_) => 1,
        };
        known(values) * 2 >= whole
    };
    months.retain(|(month, values)| enough(*month, values));
    let peak = |values: &[f64]| values.iter().copied().fold(f64::MIN, f64::max);
    Months {
        means: months.iter().map(|(month, values)| (*month, mean_known(values))).collect(),
        peaks: months.iter().map(|(month, values)| (*month, peak(values))).collect(),
    }
}

fn known(values: &[f64]) -> usize {
    values.iter().filter(|value| !value.is_nan()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::weeks::{Pattern, Weekday, Weeks, YearEnd};
    use jiff::civil::date;

    #[test]
    fn the_shape_of_hourly_values_starts_on_monday_whatever_the_first_day() {
        // A Wednesday, 05:00; busy on Mondays from 10 to 12.
        let first = 2 * 24 + 5;
        let busy = |hour: usize| if (10..12).contains(&(hour % 168)) { 300.0 } else { 100.0 };
        let values = (0..168 * 5).map(|hour| busy(first + hour)).collect();
        let series = Series { start: date(2027, 1, 6), start_hour: 5, step: Step::Hour, values };
        let shape = week_shape(&series).unwrap();
        assert!((shape.iter().sum::<f64>() / 168.0 - 1.0).abs() < 1e-12);
        assert!((shape[10] / shape[9] - 3.0).abs() < 1e-12);
        assert!((shape[11] / shape[12] - 3.0).abs() < 1e-12);
    }

    #[test]
    fn an_incident_leaves_no_trace_in_the_shape() {
        let mut values = vec![100.0; 168 * 8];
        values[500] = 5000.0;
        let series = Series { start: date(2027, 1, 4), start_hour: 0, step: Step::Hour, values };
        let shape = week_shape(&series).unwrap();
        assert!(shape.iter().all(|value| (value - 1.0).abs() < 1e-9));
    }

    #[test]
    fn fiscal_months_take_the_values_of_their_own_days() {
        let retail = Calendar::Weeks(Weeks {
            pattern: Pattern::FourFourFive,
            starts: 2,
            weeks_begin: Weekday::Sunday,
            year_ends: YearEnd::Nearest,
        });
        let first = retail.month(2026, 2);
        let months = (0..12).map(|k| first.plus(k));
        let of_month = |month: Month| f64::from(month.since(first));
        // One value a day, which is the number of its fiscal month.
        let values: Vec<f64> = months
            .clone()
            .flat_map(|month| std::iter::repeat_n(of_month(month), month.days() as usize))
            .collect();
        let days =
            |values| Series { start: first.first_day(), start_hour: 0, step: Step::Day, values };
        let means = by_month(&days(values), retail).means;
        assert_eq!(means, months.clone().map(|month| (month, of_month(month))).collect::<Vec<_>>());
        // Monthly values keep their names, whichever months they are of.
        for step in [Step::Month(retail), Step::Month(Calendar::Gregorian)] {
            let start =
                if step == Step::Month(retail) { first.first_day() } else { first.named_after() };
            let values = (0..12).map(f64::from).collect();
            let means = by_month(&Series { start, start_hour: 0, step, values }, retail).means;
            assert_eq!(
                means,
                months.clone().map(|month| (month, of_month(month))).collect::<Vec<_>>()
            );
        }
    }

    #[test]
    fn a_month_of_which_less_than_half_was_measured_is_not_shown() {
        let series = Series {
            start: date(2027, 1, 1),
            start_hour: 0,
            step: Step::Day,
            values: (0..40).map(f64::from).collect(),
        };
        let Months { means, peaks } = by_month(&series, Calendar::Gregorian);
        assert_eq!(means, [(Month::new(2027, 1), 15.0)]);
        assert_eq!(peaks, [(Month::new(2027, 1), 30.0)]);
    }
}
