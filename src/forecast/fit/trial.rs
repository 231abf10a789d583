//! Tries on the past: every member from rolling origins, the weights that its errors earn, and how far
//! off the combination was.

use crate::draws::mean;
use crate::forecast::fit::rhythm::Rhythm;
use crate::forecast::fit::season::blocks;
use crate::forecast::fit::spread::{LEAST_SPREAD, Spread, all_positive, miss};

/// At most so many rolling origins.
const ORIGINS: usize = 6;
/// The longest stretch that is tried on the past, in months.
const LONGEST_TRIAL: usize = 12;
/// Deviation after one month where nothing could be tried, as a share.
const UNTRIED_SPREAD: f64 = 0.15;

/// One try on the past.
#[derive(Debug)]
pub struct Trial {
    /// True means of the months after the origin.
    actual: Vec<f64>,
    /// Every member's forecasts of them.
    forecasts: Vec<Option<Vec<f64>>>,
}

impl Trial {
    /// Compares members' forecasts, step by step, with what came; as means of months.
    #[must_use]
    pub fn new(came: &[f64], forecasts: Vec<Option<Vec<f64>>>, rhythm: Rhythm) -> Self {
        let by_month = |steps: Vec<f64>| blocks(&steps, rhythm.month);
        Self {
            actual: blocks(came, rhythm.month),
            forecasts: forecasts.into_iter().map(|forecast| forecast.map(by_month)).collect(),
        }
    }
}

/// Where the past is cut to hold out its last months, and how many: a third of them, at most a year.
/// `None` where that leaves too little for a trend.
#[must_use]
pub fn last_months(length: usize, rhythm: Rhythm) -> Option<(usize, usize)> {
    let months = (rhythm.months_in(length) / 3).min(LONGEST_TRIAL);
    let cut = length - rhythm.steps(months);
    (months > 0 && rhythm.has_trend(cut)).then_some((cut, months))
}

/// Where the past is cut for trials, the latest first, and how many months each looks ahead.
#[must_use]
pub fn origins(length: usize, rhythm: Rhythm) -> Vec<(usize, usize)> {
    let Some((_, trial)) = last_months(length, rhythm) else { return Vec::new() };
    let stride = (trial / 3).max(1);
    (0..ORIGINS)
        .map(|index| trial + index * stride)
        .take_while(|back| *back <= rhythm.months_in(length))
        .map(|back| (length - rhythm.steps(back), trial))
        .filter(|(cut, _)| rhythm.has_trend(*cut))
        .collect()
}

/// The weight of every member: its mean absolute error over the trials to the power −3, or equal where
/// nothing could be tried. A member that was dropped has none.
///
/// # Source
/// J. M. Bates and C. W. J. Granger, "The combination of forecasts", OR 20 (1969); L. J. Tashman (2000).
#[must_use]
pub fn weights(values: &[f64], forecasts: &[Option<Vec<f64>>], trials: &[Trial]) -> Vec<f64> {
    let size = values.iter().map(|value| value.abs()).sum::<f64>() / values.len() as f64;
    let error = |member: usize| {
        let errors: Vec<f64> = trials
            .iter()
            .filter_map(|trial| Some((trial.forecasts[member].as_ref()?, &trial.actual)))
            .flat_map(|(forecast, actual)| forecast.iter().zip(actual).map(|(f, a)| (f - a).abs()))
            .collect();
        if errors.is_empty() { None } else { Some(mean(&errors) / size + 1e-6) }
    };
    let mut weights: Vec<f64> = forecasts
        .iter()
        .enumerate()
        .map(|(member, forecast)| match (forecast, error(member)) {
            (Some(_), Some(error)) => 1.0 / (error * error * error),
            (Some(_), None) if trials.is_empty() => 1.0,
            _ => 0.0,
        })
        .collect();
    if weights.iter().all(|weight| *weight == 0.0) {
        for (weight, forecast) in weights.iter_mut().zip(forecasts) {
            *weight = if forecast.is_some() { 1.0 } else { 0.0 };
        }
    }
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 {
        for weight in &mut weights {
            *weight /= sum;
        }
    }
    weights
}

/// The weighted mean of the members' forecasts.
#[must_use]
pub fn combine(forecasts: &[Option<Vec<f64>>], weights: &[f64], steps: usize) -> Vec<f64> {
    let mut combined = vec![0.0; steps];
    for (forecast, weight) in forecasts.iter().zip(weights) {
        for (sum, value) in combined.iter_mut().zip(forecast.iter().flatten()) {
            *sum += weight * value;
        }
    }
    combined
}

/// The deviation by month ahead: the root mean square of the combined errors over the trials, enlarged
/// for their small number, never falling with the month.
#[must_use]
pub fn spread(values: &[f64], trials: &[Trial], weights: &[f64]) -> Spread {
    let log = all_positive(values);
    let size = if log { 1.0 } else { mean(values).abs() };
    let months = trials.first().map_or(0, |trial| trial.actual.len());
    if months == 0 {
        return Spread { log, months: vec![UNTRIED_SPREAD * size], grows: true };
    }
    let mut squares = vec![0.0; months];
    for trial in trials {
        // A member that was dropped from this trial leaves its weight to the others.
        let there = |member: &usize| trial.forecasts[*member].is_some();
        let weight: f64 = (0..weights.len()).filter(there).map(|member| weights[member]).sum();
        let combined = combine(&trial.forecasts, weights, months);
        for (square, (forecast, actual)) in
            squares.iter_mut().zip(combined.iter().zip(&trial.actual))
        {
            let forecast = if weight > 1e-9 { forecast / weight } else { mean(values) };
            let error = miss(*actual, forecast, log);
            *square += error * error;
        }
    }
    let count = trials.len() as f64;
    let few = ((count + 1.0) / count).sqrt();
    let mut highest = LEAST_SPREAD * size;
    let months = squares.into_iter().map(|square| {
        highest = highest.max((square / count).sqrt() * few);
        highest
    });
    Spread { log, months: months.collect(), grows: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Step;

    #[test]
    fn the_member_that_was_nearer_has_more_weight_and_one_dropped_has_none() {
        let rhythm = Rhythm::of(Step::Month);
        let forecasts = vec![Some(vec![101.0, 101.0]), Some(vec![110.0, 110.0]), None];
        let trial = Trial::new(&[100.0, 100.0], forecasts.clone(), rhythm);
        let weights = weights(&[100.0; 9], &forecasts, &[trial]);
        assert!(weights[0] > 0.99 && weights[1] > 0.0);
        assert!(weights[2].abs() < 1e-12);
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn without_a_trial_members_are_equal_and_the_interval_is_wide() {
        let forecasts = vec![Some(vec![1.0]), Some(vec![3.0])];
        let weights = weights(&[2.0; 5], &forecasts, &[]);
        assert!((combine(&forecasts, &weights, 1)[0] - 2.0).abs() < 1e-12);
        let spread = spread(&[2.0; 5], &[], &weights);
        assert!((spread.at(1.0) - 0.15).abs() < 1e-12);
        assert!((spread.at(4.0) - 0.30).abs() < 1e-12);
    }

    #[test]
    fn the_spread_is_that_of_the_trials_never_falls_and_grows_as_the_root_beyond_them() {
        let rhythm = Rhythm::of(Step::Month);
        let came = [100.0 * libm::exp(0.2), 100.0 * libm::exp(-0.1), 100.0];
        let trials = [Trial::new(&came, vec![Some(vec![100.0; 3])], rhythm)];
        let spread = spread(&[100.0; 9], &trials, &[1.0]);
        let first = 0.2 * 2.0_f64.sqrt();
        for (ahead, expected) in [(1.0, first), (2.0, first), (3.0, first), (12.0, 2.0 * first)] {
            assert!((spread.at(ahead) - expected).abs() < 1e-12, "{ahead}");
        }
    }

    #[test]
    fn a_third_of_the_history_is_held_out_at_most_a_year() {
        let monthly = Rhythm::of(Step::Month);
        assert_eq!(last_months(30, monthly), Some((20, 10)));
        assert_eq!(last_months(60, monthly), Some((48, 12)));
        assert_eq!(last_months(10, monthly), None);
        assert_eq!(last_months(0, monthly), None);
        let daily = Rhythm::of(Step::Day);
        assert_eq!(last_months(365, daily), Some((365 - 122, 4)));
        assert_eq!(origins(60, monthly).len(), 6);
        assert!(origins(60, monthly).iter().all(|(cut, months)| cut + months <= 60));
    }
}
