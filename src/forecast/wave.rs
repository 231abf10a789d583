//! Periodic shapes from a stated peak-to-mean: over the day, the week and the year.
//!
//! A wave has mean 0 and largest value 1; the shape is 1 + amplitude × wave, where the amplitude is the
//! peak-to-mean less 1. So the mean is kept and the peak is what the plan states, in every draw. The
//! profile behind a wave is a raised cosine, sharpened (raised to a whole power) just as far as a high
//! peak needs for the trough not to fall below zero.
//!
//! Day: the top is at 14:00 UTC. Week: the day's profile, with Saturday and Sunday at 60% of a weekday.
//! Year: the top is in December. Where week and day are both stated, the week gives how days differ, the
//! day how hours do, and the two multiply.

use std::f64::consts::TAU;
use std::sync::Arc;

use crate::calendar::HOURS_PER_WEEK;
use crate::draws::Draws;
use crate::estimate::Estimate;
use crate::forecast::demand::WeekShape;
use crate::plan::workload::{Growth, GrowthKind, SeasonPeriod};

/// The hour of the day, UTC, of the top of a stated day.
const TOP_HOUR: f64 = 14.0;
/// A Saturday or Sunday of a stated week, as a share of a weekday.
const WEEKEND: f64 = 0.6;
/// The month of the top of a stated year.
const TOP_MONTH: f64 = 12.0;
/// The sharpest profile.
const SHARPEST: i32 = 256;

/// A shape and how high it is at the median.
#[derive(Debug, Clone)]
pub struct Stated {
    /// The shape.
    pub shape: WeekShape,
    /// The median of its amplitude.
    pub median_amplitude: f64,
}

/// The hour-of-week shape that a plan states by `seasonal` terms of a day or a week, if it states any.
#[must_use]
pub fn stated(terms: &[Growth], draws: Draws) -> Option<Stated> {
    match (peak_to_mean(terms, SeasonPeriod::Day), peak_to_mean(terms, SeasonPeriod::Week)) {
        (None, None) => None,
        (Some(ratio), None) => Some(alone(&day(ratio), ratio, draws)),
        (None, Some(ratio)) => Some(alone(&week(ratio), ratio, draws)),
        (Some(of_day), Some(of_week)) => {
            let days = weekdays();
            Some(product(
                (&days, median_amplitude(of_week), &amplitudes(of_week, draws)),
                (&day(of_day), median_amplitude(of_day), &amplitudes(of_day, draws)),
            ))
        }
    }
}

/// The stated peak-to-mean of a period, if there is one.
#[must_use]
pub fn peak_to_mean(terms: &[Growth], wanted: SeasonPeriod) -> Option<&Estimate> {
    terms.iter().find_map(|term| match &term.kind {
        GrowthKind::Seasonal { period, peak_to_mean } if *period == wanted => Some(peak_to_mean),
        _ => None,
    })
}

/// The product of a shape that is constant within each day and one that is the same on every day.
///
/// Each is its wave, its median amplitude and its amplitude by draw. The combined wave is that of the
/// medians; its amplitude, one value a draw, is the product of the two peaks less 1.
#[must_use]
pub fn product(
    (days, days_median, days_by_draw): (&[f64; HOURS_PER_WEEK], f64, &[f64]),
    (hours, hours_median, hours_by_draw): (&[f64; HOURS_PER_WEEK], f64, &[f64]),
) -> Stated {
    let peak = (1.0 + days_median) * (1.0 + hours_median) - 1.0;
    let mut wave = *hours;
    if peak > 0.0 {
        for (hour, value) in wave.iter_mut().enumerate() {
            let shape = (1.0 + days_median * days[hour]) * (1.0 + hours_median * hours[hour]);
            *value = (shape - 1.0) / peak;
        }
    }
    let pairs = days_by_draw.iter().zip(hours_by_draw);
    let amplitude = pairs.map(|(day, hour)| (1.0 + day) * (1.0 + hour) - 1.0).collect();
    Stated { shape: WeekShape { wave: Arc::new(wave), amplitude }, median_amplitude: peak }
}

/// The day's wave, repeated over the week.
#[must_use]
pub fn day(ratio: &Estimate) -> [f64; HOURS_PER_WEEK] {
    sharpened(ratio, 1.0, |hour| raised_cosine((hour % 24) as f64 - TOP_HOUR, 24.0), |_| 1.0)
}

/// The amplitude of a stated shape by draw, at least 0.
#[must_use]
pub fn amplitudes(ratio: &Estimate, draws: Draws) -> Vec<f64> {
    draws.values(ratio).into_iter().map(|ratio| (ratio - 1.0).max(0.0)).collect()
}

/// The median amplitude of a stated shape, at least 0.
#[must_use]
pub fn median_amplitude(ratio: &Estimate) -> f64 {
    (ratio.median() - 1.0).max(0.0)
}

/// The year's wave, one value a month from January.
#[must_use]
pub fn year(ratio: &Estimate) -> [f64; 12] {
    let profile = |month: usize| raised_cosine(month as f64 + 1.0 - TOP_MONTH, 12.0);
    sharpened(ratio, 0.75, profile, |_| 1.0)
}

fn week(ratio: &Estimate) -> [f64; HOURS_PER_WEEK] {
    let profile = |hour: usize| raised_cosine((hour % 24) as f64 - TOP_HOUR, 24.0);
    sharpened(ratio, 1.0, profile, of_weekday)
}

/// How days differ in a stated week: constant within each.
fn weekdays() -> [f64; HOURS_PER_WEEK] {
    normalised(std::array::from_fn(of_weekday))
}

fn of_weekday(hour: usize) -> f64 {
    if hour / 24 < 5 { 1.0 } else { WEEKEND }
}

fn alone(wave: &[f64; HOURS_PER_WEEK], ratio: &Estimate, draws: Draws) -> Stated {
    Stated {
        shape: WeekShape { wave: Arc::new(*wave), amplitude: amplitudes(ratio, draws) },
        median_amplitude: median_amplitude(ratio),
    }
}

/// A cosine raised to run from 0 to 1, with its top where `from_top` is 0.
fn raised_cosine(from_top: f64, period: f64) -> f64 {
    f64::midpoint(1.0, libm::cos(TAU * from_top / period))
}

/// The wave of profileⁿ × pattern, with the least n for which the trough takes away at most `deepest` of
/// the mean when the peak-to-mean is at its p99.
fn sharpened<const N: usize>(
    ratio: &Estimate,
    deepest: f64,
    profile: impl Fn(usize) -> f64,
    pattern: impl Fn(usize) -> f64,
) -> [f64; N] {
    let amplitude = (ratio.dist.quantile(0.99) - 1.0).max(0.0);
    let mut power = 1;
    loop {
        let wave: [f64; N] = normalised(std::array::from_fn(|place| {
            (0..power).fold(pattern(place), |product, _| product * profile(place))
        }));
        let trough = wave.iter().copied().fold(0.0, f64::min);
        if -trough * amplitude <= deepest + 1e-9 || power >= SHARPEST {
            return wave;
        }
        power += 1;
    }
}

/// The wave of a profile: shifted to mean 0 and scaled to largest value 1. A flat profile is a wave of 0.
#[must_use]
pub fn normalised<const N: usize>(profile: [f64; N]) -> [f64; N] {
    let mean = profile.iter().sum::<f64>() / N as f64;
    let peak = profile.iter().copied().fold(f64::NEG_INFINITY, f64::max) - mean;
    if peak <= mean.abs() * 1e-12 {
        return [0.0; N];
    }
    profile.map(|value| (value - mean) / peak)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::sample::{between, fixed, growth};

    fn seasonal(period: SeasonPeriod, ratio: Estimate) -> Growth {
        growth(GrowthKind::Seasonal { period, peak_to_mean: ratio })
    }

    fn assert_wave(wave: &[f64]) {
        let mean = wave.iter().sum::<f64>() / wave.len() as f64;
        let peak = wave.iter().copied().fold(f64::MIN, f64::max);
        assert!(mean.abs() < 1e-12, "{mean}");
        assert!((peak - 1.0).abs() < 1e-12, "{peak}");
    }

    #[test]
    fn every_wave_has_mean_0_and_largest_value_1() {
        for ratio in [1.2, 2.0, 3.5, 8.0] {
            let ratio = fixed(ratio);
            assert_wave(&day(&ratio));
            assert_wave(&week(&ratio));
            assert_wave(&year(&ratio));
        }
        let terms =
            [seasonal(SeasonPeriod::Day, fixed(1.5)), seasonal(SeasonPeriod::Week, fixed(1.2))];
        let both = stated(&terms, Draws::new(1, 3)).unwrap();
        assert_wave(both.shape.wave.as_slice());
        assert!((both.median_amplitude - 0.8).abs() < 1e-12);
    }

    #[test]
    fn the_top_of_a_day_is_at_14_and_of_a_week_on_a_weekday() {
        let terms = [seasonal(SeasonPeriod::Week, fixed(1.8))];
        let shape = stated(&terms, Draws::new(1, 3)).unwrap().shape;
        assert!((shape.at(14, 0) - 1.8).abs() < 1e-12);
        assert!(shape.at(5 * 24 + 14, 0) < shape.at(14, 0));
        assert!((shape.at(14, 0) - shape.at(4 * 24 + 14, 0)).abs() < 1e-12);
        assert!(shape.at(2, 0) < 0.4);
    }

    #[test]
    fn a_high_peak_is_narrow_and_keeps_the_mean() {
        let terms = [seasonal(SeasonPeriod::Day, fixed(5.0))];
        let shape = stated(&terms, Draws::new(1, 3)).unwrap().shape;
        let mean = (0..HOURS_PER_WEEK).map(|hour| shape.at(hour, 0)).sum::<f64>() / 168.0;
        assert!((mean - 1.0).abs() < 1e-9, "{mean}");
    }

    #[test]
    fn the_peak_is_what_each_draw_states() {
        let terms = [seasonal(SeasonPeriod::Week, between(1.5, 1.8))];
        let draws = Draws::new(1, 1000);
        let shape = stated(&terms, draws).unwrap().shape;
        let peaks: Vec<f64> = (0..1000).map(|draw| shape.at(14, draw)).collect();
        assert!((crate::draws::quantile(&peaks, 0.05) - 1.5).abs() < 0.01);
        assert!((crate::draws::quantile(&peaks, 0.95) - 1.8).abs() < 0.01);
    }
}
