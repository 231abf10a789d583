//! How many values stand far from what their place usually is.

use crate::forecast::series::{median, robust_deviation};

/// So many robust deviations from the median of the remainders.
const FAR: f64 = 4.0;
/// From the mean absolute deviation to the standard deviation of a normal.
const NORMAL_MEAN: f64 = 1.2533;
/// Cycles that must have been seen for the usual of a place to stand against one odd value.
const CYCLES: usize = 4;
/// Differences below this share of the largest value are those of rounding.
const ROUNDING: f64 = 1e-9;
/// A share of what is usual that is not worth a look, however regular the rest is.
const SMALL: f64 = 0.05;

/// Counts the values whose remainder is beyond 4 × 1.4826 × the median absolute deviation: of what is left
/// after the level around each place and the usual of its place in the season. A `window` of whole seasons keeps the
/// level free of them. What is above zero is no outlier within a twentieth of what is usual. `values` have no gaps;
/// `known` says which of them were measured.
///
/// # Source
/// Where most remainders are equal, the mean absolute deviation instead: B. Iglewicz and D. C. Hoaglin, "How to
/// detect and handle outliers" (1993).
pub(super) fn outliers(
    values: &[f64],
    known: &[bool],
    window: usize,
    season: Option<usize>,
) -> usize {
    let levels = levels(values, window);
    let rounding = ROUNDING * values.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let rest: Vec<f64> = values.iter().zip(&levels).map(|(value, level)| value - level).collect();
    let usual = usual(&rest, season);
    let rest = rest.iter().enumerate().map(|(place, rest)| rest - usual[place % usual.len()]);
    let differ = Distances::new(rest.collect(), rounding).far(rounding);
    let shares: Vec<f64> = values.iter().zip(&levels).map(|(value, level)| value / level).collect();
    let usual = self::usual(&shares, season);
    // Where nothing is below zero, what is usual can be multiplied: a weekend of half the week's level differs more
    // from it where the level is higher, and so does noise.
    let usual = if usual.len() > 1 { usual } else { vec![1.0] };
    let positive = |values: &[f64]| values.iter().all(|value| *value > 0.0);
    let shares = (positive(&levels) && positive(&usual)).then(|| {
        let rest =
            shares.iter().enumerate().map(|(place, share)| share / usual[place % usual.len()]);
        Distances::new(rest.collect(), ROUNDING).far(SMALL)
    });
    let both = |place: usize| differ[place] && shares.as_ref().is_none_or(|shares| shares[place]);
    (0..values.len()).filter(|place| known[*place] && both(*place)).count()
}

/// How far remainders stand from their median, and the robust deviation of that.
struct Distances {
    from_middle: Vec<f64>,
    deviation: f64,
}

impl Distances {
    fn new(rest: Vec<f64>, rounding: f64) -> Self {
        let middle = median(&mut rest.clone());
        let from_middle: Vec<f64> = rest.into_iter().map(|rest| (rest - middle).abs()).collect();
        let mut deviation = robust_deviation(&mut from_middle.clone());
        if deviation <= rounding {
            deviation = NORMAL_MEAN * crate::draws::mean(&from_middle);
        }
        Self { from_middle, deviation }
    }

    /// Which of them are far.
    fn far(&self, rounding: f64) -> Vec<bool> {
        let limit = (FAR * self.deviation).max(rounding);
        self.from_middle.iter().map(|far| *far > limit).collect()
    }
}

/// The median of every place of the season, where enough cycles were seen; else a single zero.
fn usual(rest: &[f64], season: Option<usize>) -> Vec<f64> {
    let Some(period) = season.filter(|period| rest.len() >= CYCLES * period) else {
        return vec![0.0];
    };
    let of = |place: usize| {
        median(&mut rest.iter().skip(place).step_by(period).copied().collect::<Vec<_>>())
    };
    (0..period).map(of).collect()
}

/// The median of the window around each value; nearer to an end than half a window, the last one's carried on as
/// it rose over the window before.
fn levels(values: &[f64], window: usize) -> Vec<f64> {
    let (count, width) = (values.len(), window.min(values.len()));
    let half = width / 2;
    let level = |place: usize| {
        let from = place.saturating_sub(half).min(count - width);
        median(&mut values[from..from + width].to_vec())
    };
    let mut levels: Vec<f64> = (0..count).map(level).collect();
    if count >= 2 * width {
        let last = count - width + half;
        let rise = |from: usize| (levels[from + width] - levels[from]) / width as f64;
        let (first_rise, last_rise) = (rise(half), rise(last - width));
        for place in 0..half {
            levels[place] = levels[half] - first_rise * (half - place) as f64;
        }
        for place in last + 1..count {
            levels[place] = levels[last] + last_rise * (place - last) as f64;
        }
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::sample::noise;

    fn count(values: &[f64], season: Option<usize>) -> usize {
        outliers(values, &vec![true; values.len()], 28, season)
    }

    #[test]
    fn a_day_of_thrice_the_usual_is_one_and_a_quiet_weekend_is_none() {
        let weekday = |day: usize| if day % 7 < 5 { 100.0 } else { 40.0 };
        let mut values: Vec<f64> = (0..84).map(|day| weekday(day) + noise(day)).collect();
        assert_eq!(count(&values, Some(7)), 0);
        values[40] = 300.0;
        assert_eq!(count(&values, Some(7)), 1);
        let mut known = vec![true; 84];
        known[40] = false;
        assert_eq!(outliers(&values, &known, 28, Some(7)), 0);
    }

    #[test]
    fn a_weekend_that_grows_with_its_week_is_none() {
        let level = |day: usize| 400.0 + 1.5 * day as f64;
        let weekday = |day: usize| if day % 7 < 5 { 1.0 } else { 0.55 };
        let mut values: Vec<f64> =
            (0..175).map(|day| level(day) * weekday(day) + 6.0 * noise(day)).collect();
        values[120] *= 3.0;
        assert_eq!(count(&values, Some(7)), 1);
    }

    #[test]
    fn one_spike_on_a_constant_counts_and_rounding_does_not() {
        let mut values = vec![5.0; 60];
        values[30] += 1e-12;
        assert_eq!(count(&values, None), 0);
        values[20] = 9.0;
        assert_eq!(count(&values, None), 1);
    }

    #[test]
    fn what_repeats_has_none_wherever_it_begins() {
        // A part of seven hours repeats after a day and after a week together only.
        for begins in 0..168 {
            let mut hours: Vec<f64> = (begins..begins + 45 * 24)
                .map(|hour: u32| f64::from(10 + hour % 24 + hour % 7))
                .collect();
            let mut known = vec![true; hours.len()];
            assert_eq!(outliers(&hours, &known, 168, Some(168)), 0, "{begins}");
            // A gap filled with the day before, which had other sevenths, shifts the level around it.
            for place in 240..245 {
                (hours[place], known[place]) = (hours[place - 24], false);
            }
            assert_eq!(outliers(&hours, &known, 168, Some(168)), 0, "{begins}");
        }
    }

    #[test]
    fn what_is_there_half_of_the_time_is_no_outlier() {
        let values: Vec<f64> =
            (0..60).map(|day| if noise(day) > 0.1 { 10.0 } else { 0.0 }).collect();
        assert_eq!(count(&values, None), 0);
    }
}
