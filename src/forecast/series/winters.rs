//! Seasonal exponential smoothing with a damped trend, for a long series and a short season: the models
//! (A,Ad,A) and, with a multiplied season, (A,Ad,M).

use crate::forecast::series::moments::line;
use crate::forecast::series::search::{Bounds, Params, lowest};

/// How a season acts on the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Season {
    /// It is added.
    Added,
    /// It multiplies.
    Multiplied,
}

/// Cycles that the first season is read from.
const FIRST: usize = 4;

/// What the first cycles say.
struct Beginning {
    level: f64,
    slope: f64,
    season: Vec<f64>,
}

/// Forecasts by damped Holt-Winters smoothing; the parameters smooth level, slope and season, and the
/// fourth is the share of the slope that each step keeps. `start` are those found on a shorter part,
/// which are kept: they hardly move, and their search is most of the work.
///
/// `values` holds at least two cycles.
///
/// # Source
/// R. J. Hyndman, A. B. Koehler, J. K. Ord and R. D. Snyder, "Forecasting with exponential smoothing"
/// (2008), models `AAdA` and `AAdM`.
#[must_use]
pub fn winters(
    values: &[f64],
    period: usize,
    horizon: usize,
    season: Season,
    start: Option<Params>,
) -> (Vec<f64>, Params) {
    let first = beginning(values, period, season);
    let mut seasons = first.season.clone();
    let mut run = |params: &Params| {
        seasons.copy_from_slice(&first.season);
        smooth(values, params, season, (first.level, first.slope), &mut seasons)
    };
    let bounds = Bounds { low: [0.001, 0.0, 0.0, 0.8], high: [0.99, 0.5, 0.99, 0.98] };
    let params = if let Some(start) = start {
        start
    } else {
        let grid = [0.05, 0.3].into_iter().flat_map(|a| [0.1, 0.4].map(|g| [a, 0.05, g, 0.95]));
        let errors: Vec<(f64, Params)> = grid.map(|params| (run(&params).0, params)).collect();
        let best =
            errors.iter().min_by(|a, b| a.0.total_cmp(&b.0)).map_or(errors[0].1, |best| best.1);
        lowest(best, [0.2, 0.05, 0.1, 0.04], bounds, 10, |params| run(params).0)
    };
    let (_, mut level, slope) = run(&params);
    let mut kept = 1.0;
    let ahead = (0..horizon).map(|step| {
        kept *= params[3];
        level += kept * slope;
        let place = seasons[(values.len() + step) % period];
        match season {
            Season::Added => level + place,
            Season::Multiplied => level * place,
        }
    });
    (ahead.collect(), params)
}

/// Runs through the values; gives the sum of the squared errors of one step, and the last level and
/// slope. `seasons` goes from the first season to the last.
fn smooth(
    values: &[f64],
    &[alpha, beta, gamma, phi]: &Params,
    season: Season,
    (mut level, mut slope): (f64, f64),
    seasons: &mut [f64],
) -> (f64, f64, f64) {
    let mut error = 0.0;
    for cycle in values.chunks(seasons.len()) {
        for (value, place) in cycle.iter().zip(seasons.iter_mut()) {
            let base = level + phi * slope;
            match season {
                Season::Added => {
                    let miss = value - base - *place;
                    error += miss * miss;
                    level = base + alpha * miss;
                    slope = phi * slope + alpha * beta * miss;
                    *place += gamma * (1.0 - alpha) * miss;
                }
                Season::Multiplied => {
                    let miss = value - base * *place;
                    error += miss * miss;
                    let moved = alpha * miss / *place;
                    level = base + moved;
                    slope = phi * slope + beta * moved;
                    *place += gamma * (1.0 - alpha) * miss / base;
                }
            }
        }
    }
    (if error.is_finite() { error } else { f64::MAX }, level, slope)
}

/// Level, slope and season before the first value, from the line through the means of the first cycles.
fn beginning(values: &[f64], period: usize, season: Season) -> Beginning {
    let cycles: Vec<&[f64]> = values.chunks_exact(period).take(FIRST).collect();
    let means: Vec<f64> = cycles.iter().map(|cycle| crate::draws::mean(cycle)).collect();
    let through = line(&means);
    let slope = through.slope / period as f64;
    let mut places = vec![0.0; period];
    for (cycle, mean) in cycles.iter().zip(&means) {
        for (place, value) in cycle.iter().enumerate() {
            let base = mean + slope * (place as f64 - (period as f64 - 1.0) / 2.0);
            let part = match season {
                Season::Added => value - base,
                Season::Multiplied => value / base,
            };
            places[place] += part / cycles.len() as f64;
        }
    }
    let level = through.start - slope * (period as f64 + 1.0) / 2.0;
    Beginning { level, slope, season: places }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::series::sample::{noise, wave};

    #[test]
    fn a_season_that_grows_with_the_level_is_multiplied() {
        let at = |t: usize| (100.0 + t as f64) * (1.0 + 0.3 * wave(t, 12));
        let values: Vec<f64> = (0..96).map(|t| at(t) + 0.2 * noise(t)).collect();
        let miss = |season| {
            let (ahead, _) = winters(&values, 12, 12, season, None);
            ahead.iter().enumerate().map(|(step, f)| (f - at(96 + step)).abs()).sum::<f64>() / 12.0
        };
        let (multiplied, added) = (miss(Season::Multiplied), miss(Season::Added));
        assert!(multiplied < 3.0 && multiplied < added, "{multiplied} {added}");
    }

    #[test]
    fn a_season_that_changes_is_followed() {
        let turned = |t: usize| if t < 240 { wave(t, 24) } else { -wave(t, 24) };
        let values: Vec<f64> = (0..720).map(|t| 50.0 + 10.0 * turned(t) + noise(t)).collect();
        let (ahead, _) = winters(&values, 24, 24, Season::Added, None);
        let miss = |(step, value): (usize, &f64)| (value - 50.0 - 10.0 * turned(720 + step)).abs();
        let error = ahead.iter().enumerate().map(miss).sum::<f64>() / 24.0;
        assert!(error < 3.5, "{error}");
    }
}
