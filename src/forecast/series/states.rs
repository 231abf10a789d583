//! Seasonal exponential smoothing with a damped trend for a short series, the model (A,Ad,A): of a few
//! cycles the first level, slope and season decide much, so they are found by least squares.

use crate::forecast::series::search::{Bounds, Params, lowest};

/// Forecasts with the smoothing of level, slope and season, and the share of the slope that each step
/// keeps, as parameters; `start` is where their search begins. A `period` of 0 is no season.
///
/// `prior` holds each place of the first season to zero, as by so many values more: noise over season, in
/// variances. Of four or five cycles, a season of least squares alone is largely noise.
///
/// # Source
/// R. J. Hyndman, A. B. Koehler, J. K. Ord and R. D. Snyder, "Forecasting with exponential smoothing"
/// (2008), 5.2 and 14: given the parameters, errors are linear in the first states.
#[must_use]
pub fn states(
    values: &[f64],
    (period, prior): (usize, f64),
    horizon: usize,
    start: Option<Params>,
) -> (Vec<f64>, Params) {
    let seasonal = if period > 0 { 0.6 } else { 0.0 };
    let bounds = Bounds { low: [0.001, 0.0, 0.0, 0.8], high: [0.99, 0.4, seasonal, 0.98] };
    let error = |params: &Params| first_states(values, (period, prior), params).0;
    let params = if let Some(start) = start {
        lowest(start, [0.05, 0.02, 0.05, 0.02], bounds, 3, error)
    } else {
        let start = [0.3, 0.03, seasonal / 6.0, 0.95];
        lowest(start, [0.2, 0.05, 0.1, 0.04], bounds, 10, error)
    };
    let (_, first) = first_states(values, (period, prior), &params);
    let mut run = Run { level: first[0], slope: first[1], season: first[2..].to_vec() };
    for (place, value) in values.iter().enumerate() {
        run.step(place, *value, &params);
    }
    let mut kept = 1.0;
    let ahead = (0..horizon).map(|step| {
        kept *= params[3];
        run.level += kept * run.slope;
        run.level + run.season_at(values.len() + step)
    });
    (ahead.collect(), params)
}

/// The states of the model.
struct Run {
    level: f64,
    slope: f64,
    /// One value a place of the cycle; none without a season.
    season: Vec<f64>,
}

impl Run {
    fn season_at(&self, place: usize) -> f64 {
        if self.season.is_empty() { 0.0 } else { self.season[place % self.season.len()] }
    }

    /// Takes in a value; gives how far off one step ahead was.
    fn step(&mut self, place: usize, value: f64, &[alpha, beta, gamma, phi]: &Params) -> f64 {
        let base = self.level + phi * self.slope;
        let miss = value - base - self.season_at(place);
        self.level = base + alpha * miss;
        self.slope = phi * self.slope + beta * miss;
        if !self.season.is_empty() {
            let place = place % self.season.len();
            self.season[place] += gamma * miss;
        }
        miss
    }
}

/// The least sum of squared errors over all first states (level, slope, season), and those states.
fn first_states(values: &[f64], (period, prior): (usize, f64), params: &Params) -> (f64, Vec<f64>) {
    let &[alpha, beta, gamma, phi] = params;
    let size = 2 + period;
    let mut zero = Run { level: 0.0, slope: 0.0, season: vec![0.0; period] };
    // What each first state adds to the level, the slope and each place of the season.
    let (mut level, mut slope) = (vec![0.0; size], vec![0.0; size]);
    let mut season = vec![vec![0.0; size]; period];
    (level[0], slope[1]) = (1.0, 1.0);
    for (place, season) in season.iter_mut().enumerate() {
        season[2 + place] = 1.0;
    }
    let (mut normal, mut right, mut squares) = (vec![0.0; size * size], vec![0.0; size], 0.0);
    let mut adds = vec![0.0; size];
    for (place, value) in values.iter().enumerate() {
        let miss = zero.step(place, *value, params);
        squares += miss * miss;
        for (state, adds) in adds.iter_mut().enumerate() {
            let of_season = if period > 0 { season[place % period][state] } else { 0.0 };
            *adds = level[state] + phi * slope[state] + of_season;
        }
        for (row, of_row) in adds.iter().enumerate() {
            right[row] += of_row * miss;
            for (column, of_column) in adds[..=row].iter().enumerate() {
                normal[row * size + column] += of_row * of_column;
            }
        }
        for (state, adds) in adds.iter().enumerate() {
            level[state] += phi * slope[state] - alpha * adds;
            slope[state] = phi * slope[state] - beta * adds;
            if period > 0 {
                season[place % period][state] -= gamma * adds;
            }
        }
    }
    for state in 0..size {
        let prior = if state < 2 { 0.0 } else { prior };
        normal[state * size + state] += prior + 1e-9 * values.len() as f64;
    }
    match solve(normal, right, size) {
        Some((states, gain)) => (squares - gain, states),
        None => (f64::MAX, vec![0.0; size]),
    }
}

/// Solves a symmetric system of which the lower triangle is given, by Cholesky; also gives the product
/// of the solution and the right side. `None` where it has no single solution.
fn solve(mut matrix: Vec<f64>, mut right: Vec<f64>, size: usize) -> Option<(Vec<f64>, f64)> {
    for row in 0..size {
        for column in 0..=row {
            let mut sum = matrix[row * size + column];
            for k in 0..column {
                sum -= matrix[row * size + k] * matrix[column * size + k];
            }
            matrix[row * size + column] = if row > column {
                sum / matrix[column * size + column]
            } else if sum > 1e-14 {
                sum.sqrt()
            } else {
                return None;
            };
        }
    }
    for row in 0..size {
        for k in 0..row {
            right[row] -= matrix[row * size + k] * right[k];
        }
        right[row] /= matrix[row * size + row];
    }
    let gain = right.iter().map(|value| value * value).sum();
    for row in (0..size).rev() {
        for k in row + 1..size {
            right[row] -= matrix[k * size + row] * right[k];
        }
        right[row] /= matrix[row * size + row];
    }
    Some((right, gain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::series::sample::{noise, wave};

    #[test]
    fn a_system_is_solved() {
        let (x, gain) = solve(vec![4.0, 0.0, 2.0, 3.0], vec![10.0, 8.0], 2).unwrap();
        assert!((x[0] - 1.75).abs() < 1e-12 && (x[1] - 1.5).abs() < 1e-12, "{x:?}");
        assert!((gain - (10.0 * 1.75 + 8.0 * 1.5)).abs() < 1e-12);
        assert!(solve(vec![1.0, 0.0, 1.0, 1.0], vec![1.0, 1.0], 2).is_none());
    }

    #[test]
    fn states_without_smoothing_are_the_regression_on_a_fading_line() {
        let values: Vec<f64> = (0..30).map(|t| 7.0 + 2.0 * f64::from(t)).collect();
        let (error, states) = first_states(&values, (0, 0.0), &[0.001, 0.0, 0.0, 0.98]);
        assert!(error < 300.0 && states[1] > 2.0, "{error} {states:?}");
    }

    #[test]
    fn four_years_of_months_with_growth_and_a_season_go_on() {
        let at = |t: usize| 200.0 + 3.0 * t as f64 + 40.0 * wave(t, 12);
        let values: Vec<f64> = (0..48).map(|t| at(t) + 4.0 * noise(t)).collect();
        let (ahead, _) = states(&values, (12, 0.1), 12, None);
        let miss = |(step, value): (usize, &f64)| (value - at(48 + step)).abs();
        let error = ahead.iter().enumerate().map(miss).sum::<f64>() / 12.0;
        assert!(error < 15.0, "{error} {ahead:?}");
    }
}
