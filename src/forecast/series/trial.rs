//! Members tried from rolling origins in the past, and the weights that their errors earn.

use crate::forecast::series::member::{Forecast, Member, Starts, Suits};
use crate::forecast::series::seasons::Season;

/// At most so many rolling origins.
const ORIGINS: usize = 6;
/// A history of so many horizons has origins a whole horizon apart; a shorter one half.
const LONG_HISTORY: usize = 12;
/// The fewest values before an origin.
const LEAST: usize = 8;
/// A member whose error is so many times the least is dropped.
const WORST: f64 = 2.0;
/// A member that leaves the range of the history by so many of its widths is dropped.
const RANGES: f64 = 5.0;

/// What every member said at one origin.
#[derive(Debug, Clone)]
pub struct Trial {
    /// Values before the origin.
    pub cut: usize,
    /// What the members said of the values after it.
    pub forecasts: Vec<Forecast>,
}

/// Where the past is cut for trials, earliest first, and how many steps each looks ahead: the horizon,
/// or what a short history allows, 0 where that is nothing.
///
/// # Source
/// L. J. Tashman, "Out-of-sample tests of forecasting accuracy", IJF 16 (2000).
#[must_use]
pub fn origins(
    length: usize,
    shortest_season: Option<usize>,
    horizon: usize,
) -> (Vec<usize>, usize) {
    let least = shortest_season.map_or(LEAST, |period| (2 * period + 2).max(LEAST));
    let cuts = |reach: usize, least: usize| -> Vec<usize> {
        let stride = if length >= LONG_HISTORY * reach { reach } else { (reach / 2).max(1) };
        let cuts = (0..ORIGINS).filter_map(|back| length.checked_sub(reach + back * stride));
        let mut cuts: Vec<usize> = cuts.filter(|cut| *cut >= least).collect();
        cuts.reverse();
        cuts
    };
    let whole = cuts(horizon, least.max(horizon));
    if !whole.is_empty() {
        return (whole, horizon);
    }
    let reach = horizon.min(length / 3);
    let short = if reach > 0 { cuts(reach, least) } else { Vec::new() };
    let reach = if short.is_empty() { 0 } else { reach };
    (short, reach)
}

/// Tries the members at every origin, and gives what they say from the end.
#[must_use]
pub fn tries(values: &[f64], suits: &Suits, cuts: &[usize]) -> (Vec<Trial>, Vec<Forecast>) {
    let mut starts = Starts::new();
    let trials = cuts
        .iter()
        .map(|cut| Trial { cut: *cut, forecasts: suits.forecasts(&values[..*cut], &mut starts) })
        .collect();
    (trials, suits.forecasts(values, &mut starts))
}

/// The weight of each final forecast: its mean absolute error over the trials to the power −3; equal
/// where nothing could be tried.
///
/// A season too long for any trial cannot have earned a weight, so a member that uses it is credited
/// with what its shorter kin erred, less the share of the variance that the season explains.
///
/// # Source
/// J. M. Bates and C. W. J. Granger, "The combination of forecasts", OR 20 (1969).
#[must_use]
pub fn weights(
    values: &[f64],
    trials: &[Trial],
    finals: &[Forecast],
    (reach, seasons): (usize, &[Season]),
) -> Vec<f64> {
    let (low, high) = range(values);
    let width = high - low;
    let inside = low - RANGES * width..=high + RANGES * width;
    let size = values.iter().map(|value| value.abs()).sum::<f64>() / values.len() as f64;
    let last_cut = trials.last().map_or(0, |trial| trial.cut);
    let untried =
        seasons.last().filter(|season| !trials.is_empty() && 2 * season.period > last_cut);
    let left = |member: Member| match untried {
        Some(season) if sees_longest(member, seasons.len()) => {
            (1.0 - season.strength).max(0.0).sqrt()
        }
        _ => 1.0,
    };
    let error = |(member, ahead): &Forecast| {
        if !ahead.iter().all(|value| inside.contains(value)) {
            return None;
        }
        if trials.is_empty() {
            return Some(1.0);
        }
        let tried = if untried.is_some() && *member == Member::LongNaive {
            Member::ShortNaive
        } else {
            *member
        };
        Some(error_of(values, trials, tried, reach)? * left(*member) + 1e-6 * size)
    };
    let errors: Vec<Option<f64>> = finals.iter().map(error).collect();
    let least = errors.iter().flatten().copied().fold(f64::MAX, f64::min);
    let weight = |error: &Option<f64>| match error {
        Some(error) if *error <= WORST * least => {
            let ratio = if *error > 0.0 { least / error } else { 1.0 };
            ratio * ratio * ratio
        }
        _ => 0.0,
    };
    let weights: Vec<f64> = errors.iter().map(weight).collect();
    let sum: f64 = weights.iter().sum();
    if sum > 0.0 {
        return weights.into_iter().map(|weight| weight / sum).collect();
    }
    // None is left: the first, a naive one, stands.
    (0..finals.len()).map(|place| if place == 0 { 1.0 } else { 0.0 }).collect()
}

/// Whether a member makes use of the longest of so many seasons.
fn sees_longest(member: Member, seasons: usize) -> bool {
    match member {
        Member::Naive | Member::PlainDamped | Member::PlainTheta => false,
        Member::ShortNaive | Member::Winters(_) => seasons == 1,
        _ => true,
    }
}

/// The mean absolute error of a member over the trials; `None` where one of them has no such member.
fn error_of(values: &[f64], trials: &[Trial], member: Member, reach: usize) -> Option<f64> {
    let mut sum = 0.0;
    for trial in trials {
        let (_, ahead) = trial.forecasts.iter().find(|(other, _)| *other == member)?;
        let came = &values[trial.cut..];
        sum += ahead.iter().zip(came).take(reach).map(|(f, value)| (f - value).abs()).sum::<f64>();
    }
    Some(sum / (trials.len() * reach) as f64)
}

/// The weighted mean of forecasts; members that one has and the other lacks leave their weight to the
/// rest. `None` where no member with a weight is there.
#[must_use]
pub fn combined(
    forecasts: &[Forecast],
    weights: &[(Member, f64)],
    horizon: usize,
) -> Option<Vec<f64>> {
    let mut sum = vec![0.0; horizon];
    let mut total = 0.0;
    for (member, ahead) in forecasts {
        let Some((_, weight)) = weights.iter().find(|(other, _)| other == member) else { continue };
        if *weight <= 0.0 {
            continue;
        }
        total += weight;
        for (sum, value) in sum.iter_mut().zip(ahead) {
            *sum += weight * value;
        }
    }
    if total < 1e-9 {
        return None;
    }
    for sum in &mut sum {
        *sum /= total;
    }
    Some(sum)
}

/// The least and the largest value.
pub fn range(values: &[f64]) -> (f64, f64) {
    values
        .iter()
        .fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(*value), high.max(*value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_a_horizon_apart_in_a_long_history_and_half_in_a_short_one() {
        assert_eq!(origins(700, Some(24), 48), (vec![412, 460, 508, 556, 604, 652], 48));
        assert_eq!(origins(51, Some(12), 18), (vec![33], 18));
        assert_eq!(origins(60, None, 18), (vec![24, 33, 42], 18));
    }

    #[test]
    fn a_history_shorter_than_the_horizon_is_tried_over_less() {
        let (cuts, reach) = origins(60, Some(7), 90);
        assert_eq!((cuts.first(), reach), (Some(&20), 20));
        assert_eq!(origins(9, None, 12), (vec![], 0));
        assert_eq!(origins(0, None, 12), (vec![], 0));
    }

    #[test]
    fn the_nearer_member_has_more_weight_and_one_that_explodes_has_none() {
        let values = [100.0, 104.0, 98.0, 101.0, 100.0, 103.0];
        let forecasts = vec![
            (Member::Naive, vec![101.0, 101.0]),
            (Member::PlainTheta, vec![103.0, 104.0]),
            (Member::PlainDamped, vec![100.0, 1e6]),
        ];
        let trial = Trial { cut: 4, forecasts: forecasts.clone() };
        let weights = weights(&values, &[trial], &forecasts, (2, &[]));
        assert!(weights[0] > weights[1] && weights[1] > 0.0, "{weights:?}");
        assert!(weights[2].abs() < 1e-12);
        assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_member_that_a_trial_lacks_leaves_its_weight_to_the_others() {
        let weights = [(Member::Naive, 0.25), (Member::LongNaive, 0.75)];
        let forecasts = vec![(Member::Naive, vec![8.0])];
        assert_eq!(combined(&forecasts, &weights, 1), Some(vec![8.0]));
        assert_eq!(combined(&[], &weights, 1), None);
    }
}
