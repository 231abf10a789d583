//! Whether a difference of two quantiles is more than the draws' own noise.
//!
//! Both sides have the same draws, so most noise cancels; what is left is estimated from the draws
//! themselves. The draws are cut into ten parts by number; each part is a smaller sample of its own.

use serde::Serialize;

use crate::draws::observed_quantile;

/// A quantile on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Moved {
    /// Before.
    pub before: f64,
    /// After.
    pub after: f64,
    /// Whether the difference is not zero, and below twice its standard error.
    pub within_noise: bool,
}

const PARTS: usize = 10;

/// The quantile `p` of one value a draw on both sides. Without draws on a side it is zero there.
///
/// # Source
/// The method of batch means, on paired differences: the standard error of a difference is the standard
/// deviation over batches ÷ √batches.
#[must_use]
pub fn moved(before: &[f64], after: &[f64], p: f64) -> Moved {
    let (old, new) = (at(before.iter().copied(), p), at(after.iter().copied(), p));
    let difference = new - old;
    if before.len() != after.len() || before.len() < 2 * PARTS || difference == 0.0 {
        return Moved { before: old, after: new, within_noise: false };
    }
    let part =
        |values: &[f64], part: usize| at(values.iter().copied().skip(part).step_by(PARTS), p);
    let differences: Vec<f64> =
        (0..PARTS).map(|index| part(after, index) - part(before, index)).collect();
    let mean = differences.iter().sum::<f64>() / PARTS as f64;
    let squares: f64 = differences.iter().map(|d| (d - mean) * (d - mean)).sum();
    let error = (squares / (PARTS - 1) as f64 / PARTS as f64).sqrt();
    Moved { before: old, after: new, within_noise: difference.abs() < 2.0 * error }
}

fn at(values: impl Iterator<Item = f64>, p: f64) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    observed_quantile(&sorted, p).unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::Draws;

    #[test]
    fn the_same_draws_differ_by_nothing() {
        let draws = Draws::new(1, 1000).uniforms("a");
        let moved = moved(&draws, &draws, 0.9);
        assert!(moved.before.total_cmp(&moved.after).is_eq() && !moved.within_noise);
    }

    #[test]
    fn a_shift_of_paired_draws_shows_however_small() {
        let before = Draws::new(1, 1000).uniforms("a");
        let after: Vec<f64> = before.iter().map(|value| value + 0.001).collect();
        let moved = moved(&before, &after, 0.5);
        assert!((moved.after - moved.before - 0.001).abs() < 1e-12 && !moved.within_noise);
    }

    #[test]
    fn other_draws_of_one_distribution_are_within_noise() {
        let (before, after) =
            (Draws::new(1, 1000).uniforms("a"), Draws::new(1, 1000).uniforms("b"));
        let shuffled_tenths =
            |values: &[f64]| -> Vec<f64> { values.iter().map(|v| v * v).collect() };
        let moved = moved(&shuffled_tenths(&before), &shuffled_tenths(&after), 0.5);
        assert!(moved.within_noise, "{moved:?}");
    }
}
