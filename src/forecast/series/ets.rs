//! A damped trend by exponential smoothing whose weights and first states are estimated by likelihood:
//! the `AAdN` model of `augurs`. The only module that names that crate.

use augurs::ets::AutoETS;
use augurs::{Fit, Predict};

/// The values of the steps after a series without season, oldest first; `None` where the model cannot
/// be fitted, as on a series of fewer than about ten values or a constant one.
///
/// # Source
/// R. J. Hyndman, A. B. Koehler, R. D. Snyder and S. Grose, "A state space framework for automatic
/// forecasting using exponential smoothing methods", International Journal of Forecasting 18 (2002).
#[must_use]
pub fn ets(values: &[f64], horizon: usize) -> Option<Vec<f64>> {
    let search = AutoETS::new(1, "AAN").ok()?.damped(true).ok()?;
    let fitted = search.fit(values).ok()?;
    let ahead = fitted.predict(horizon, None).ok()?.point;
    (ahead.len() == horizon && ahead.iter().all(|value| value.is_finite())).then_some(ahead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_on_and_flattens() {
        let values: Vec<f64> = (0..60).map(|t| 50.0 + 2.0 * f64::from(t)).collect();
        let ahead = ets(&values, 20).unwrap();
        assert!((ahead[0] - 170.0).abs() < 1.0, "{}", ahead[0]);
        assert!(ahead[19] > ahead[0] && ahead[19] <= 170.0 + 2.0 * 20.0 + 1.0);
    }

    #[test]
    fn too_short_a_series_has_no_forecast() {
        assert_eq!(ets(&[1.0, 2.0], 3), None);
    }
}
