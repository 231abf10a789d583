//! How often to save a run's state: too often wastes time on saving, too seldom loses work.
//!
//! `takes` is the time one checkpoint takes, `between` the mean time between failures; every interval is
//! the time of work between two checkpoints. All three are in one unit of time, any.

/// The first-order optimum.
///
/// # Source
/// Young (1974): √(2CM).
#[must_use]
pub fn young_interval(takes: f64, between: f64) -> f64 {
    (2.0 * takes * between).sqrt()
}

/// The optimum to higher order; where a checkpoint takes twice the time between failures or more, the
/// time between failures.
///
/// # Source
/// Daly (2006), equation 37: √(2CM)·(1 + √(C/2M)/3 + (C/2M)/9) − C for C < 2M.
#[must_use]
pub fn daly_interval(takes: f64, between: f64) -> f64 {
    if takes >= 2.0 * between {
        return between;
    }
    let part = takes / (2.0 * between);
    young_interval(takes, between) * (1.0 + part.sqrt() / 3.0 + part / 9.0) - takes
}

/// The interval of the least expected length, exactly.
///
/// # Source
/// Setting the derivative of [`super::makespan`]'s formula to zero: M·(1 + W₀(−e^(−C/M − 1))).
#[must_use]
pub fn exact_interval(takes: f64, between: f64) -> f64 {
    between * (1.0 + lambert_w(-libm::exp(-takes / between - 1.0)))
}

/// The principal branch of Lambert's W, −1/e ≤ x ≤ 0: the w ≥ −1 with w·e^w = x.
fn lambert_w(x: f64) -> f64 {
    // The series at the branch point, then Halley's steps, which triple the digits that are right.
    let p = (2.0 * (std::f64::consts::E * x + 1.0)).max(0.0).sqrt();
    let mut w = -1.0 + p - p * p / 3.0 + 11.0 * p * p * p / 72.0;
    for _ in 0..8 {
        if w <= -1.0 {
            return -1.0;
        }
        let e = libm::exp(w);
        let miss = w * e - x;
        w -= miss / (e * (w + 1.0) - (w + 2.0) * miss / (2.0 * w + 2.0));
    }
    w
}
