//! Many servers: how large the spare must be, by the square root of the load.

use super::erlang::largest;

/// The share that waits where the servers are a + β√a, as the load a grows.
///
/// # Source
/// S. Halfin and W. Whitt, Operations Research 29 (1981): (1 + β·Φ(β)/φ(β))⁻¹.
#[must_use]
pub fn delayed(beta: f64) -> f64 {
    if beta <= 0.0 {
        return 1.0;
    }
    let below = 0.5 * libm::erfc(-beta / std::f64::consts::SQRT_2);
    let density = libm::exp(-beta * beta / 2.0) / (2.0 * std::f64::consts::PI).sqrt();
    1.0 / (1.0 + beta * below / density)
}

/// The spare β at which this share waits.
#[must_use]
pub fn spare(share: f64) -> f64 {
    largest(40.0, |beta| delayed(beta) >= share)
}

/// Servers for a load, not yet whole, at which about this share waits: a + β√a.
#[must_use]
pub fn servers(offered: f64, share: f64) -> f64 {
    offered + spare(share) * offered.sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queueing::erlang;

    #[test]
    fn erlang_c_comes_close_as_the_load_grows() {
        for (beta, share) in [(0.1, 0.880_287_083), (1.0, 0.223_361_275), (1.5, 0.084_690_394)] {
            assert!((delayed(beta) - share).abs() < 1e-8, "{beta}");
            assert!((spare(share) - beta).abs() < 1e-6, "{beta}");
        }
        assert!((erlang::delayed(10_100, 10_000.0) - delayed(1.0)).abs() < 2e-3);
        assert!((servers(10_000.0, 0.223_361_275) - 10_100.0).abs() < 1e-3);
    }
}
