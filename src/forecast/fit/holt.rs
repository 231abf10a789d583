//! Damped-trend exponential smoothing of a series without season.

/// A fitted level and slope at the end of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Damped {
    level: f64,
    slope: f64,
    phi: f64,
}

/// Smoothing weights of the level that are tried.
const ALPHAS: [f64; 8] = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9];
/// Smoothing weights of the slope that are tried.
const BETAS: [f64; 7] = [0.0, 0.005, 0.01, 0.03, 0.08, 0.2, 0.4];
/// How many first values give the level and slope to begin with.
const BEGIN: usize = 12;

impl Damped {
    /// Fits a series, oldest first, of at least one value. The slope fades by `phi` a step, from 0 (no
    /// trend) to 1 (never). The weights are those of a fixed grid that give the least sum of squared
    /// one-step errors; of equals the smaller.
    ///
    /// # Source
    /// Gardner and `McKenzie`, "Forecasting trends in time series", Management Science 31 (1985).
    #[must_use]
    pub fn fit(values: &[f64], phi: f64) -> Self {
        let begin =
            if phi > 0.0 { line(&values[..values.len().min(BEGIN)]) } else { (values[0], 0.0) };
        let betas = if phi > 0.0 { &BETAS[..] } else { &BETAS[..1] };
        let mut best: Option<(f64, Self)> = None;
        for alpha in ALPHAS {
            for beta in betas {
                let (error, fitted) = run(values, begin, phi, alpha, *beta);
                if best.is_none_or(|(least, _)| error < least) {
                    best = Some((error, fitted));
                }
            }
        }
        best.map_or(Self { level: values[values.len() - 1], slope: 0.0, phi }, |(_, fitted)| fitted)
    }

    /// The values of the next `steps` steps.
    #[must_use]
    pub fn ahead(&self, steps: usize) -> Vec<f64> {
        let mut fade = 1.0;
        let mut value = self.level;
        let next = || {
            fade *= self.phi;
            value += fade * self.slope;
            value
        };
        std::iter::repeat_with(next).take(steps).collect()
    }
}

/// One pass: the sum of squared one-step errors, and where it ends.
fn run(values: &[f64], begin: (f64, f64), phi: f64, alpha: f64, beta: f64) -> (f64, Damped) {
    let (mut level, mut slope) = begin;
    let mut squares = 0.0;
    for value in values {
        let expected = level + phi * slope;
        let error = value - expected;
        squares += error * error;
        let before = level;
        level = expected + alpha * error;
        slope = beta * (level - before) + (1.0 - beta) * phi * slope;
    }
    (squares, Damped { level, slope, phi })
}

/// The least-squares line through values: its height one step before the first, and its slope.
fn line(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let middle = f64::midpoint(n, 1.0);
    let mean = values.iter().sum::<f64>() / n;
    let (mut products, mut squares) = (0.0, 0.0);
    for (index, value) in values.iter().enumerate() {
        let x = index as f64 + 1.0 - middle;
        products += x * (value - mean);
        squares += x * x;
    }
    let slope = if squares > 0.0 { products / squares } else { 0.0 };
    (mean - slope * middle, slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_goes_on_where_the_slope_never_fades() {
        let values: Vec<f64> = (0..40).map(|t| 100.0 + 3.0 * f64::from(t)).collect();
        let ahead = Damped::fit(&values, 1.0).ahead(5);
        for (h, value) in ahead.into_iter().enumerate() {
            assert!((value - (100.0 + 3.0 * (40 + h) as f64)).abs() < 1e-9, "{value}");
        }
    }

    #[test]
    fn a_damped_slope_fades_by_phi_every_step() {
        let ahead = Damped { level: 10.0, slope: 4.0, phi: 0.5 }.ahead(3);
        assert_eq!(ahead, [12.0, 13.0, 13.5]);
    }

    #[test]
    fn without_a_trend_the_forecast_is_flat() {
        let values: Vec<f64> = (0..30).map(|t| f64::from(t % 5)).collect();
        let ahead = Damped::fit(&values, 0.0).ahead(3);
        assert!((ahead[0] - ahead[2]).abs() < 1e-12);
        assert!((1.0..3.0).contains(&ahead[0]));
    }
}
