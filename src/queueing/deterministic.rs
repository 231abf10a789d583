//! Several servers whose every service takes the same time, arrivals at random (M/D/c): exact.

use std::f64::consts::TAU;

/// The mean wait; infinite where the servers are not enough.
///
/// # Source
/// C. D. Crommelin (1932), by the roots of z^c = e^{a(z−1)} inside the unit circle:
/// L = a/(2(c−a)) + a/2 − (c−1)/2 + Σ `1/(1−z_k)` (A. Janssen and J. van Leeuwaarden, 2005).
#[must_use]
pub fn mean_wait(servers: u32, arrivals: f64, service: f64) -> f64 {
    let (c, a) = (f64::from(servers), arrivals * service);
    if a >= c {
        return f64::INFINITY;
    }
    if a <= 0.0 {
        return 0.0;
    }
    let roots: f64 = (1..servers).map(|k| inverse_of_distance(TAU * f64::from(k) / c, a / c)).sum();
    let present = a / (2.0 * (c - a)) + a / 2.0 - (c - 1.0) / 2.0 + roots;
    ((present - a) / arrivals).max(0.0)
}

/// The real part of 1/(1−z) at the root z = e^{iθ}·e^{ρ(z−1)}, by iteration: it contracts, since ρ < 1.
fn inverse_of_distance(theta: f64, rho: f64) -> f64 {
    let (mut re, mut im) = (0.0_f64, 0.0_f64);
    for _ in 0..100_000 {
        let size = libm::exp(rho * (re - 1.0));
        let angle = theta + rho * im;
        let next = (size * libm::cos(angle), size * libm::sin(angle));
        let moved = (next.0 - re).abs() + (next.1 - im).abs();
        (re, im) = next;
        if moved < 1e-15 {
            break;
        }
    }
    let real = 1.0 - re;
    real / (real * real + im * im)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_is_half_of_random_service() {
        assert!((mean_wait(1, 0.8, 1.0) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn several_servers_agree_with_the_chain_from_service_to_service() {
        // Who is present one service time later: all but c of those, and those who arrived.
        let chain = |c: usize, a: f64| {
            let poisson: Vec<f64> = (0..200)
                .scan(libm::exp(-a), |p, k| {
                    let now = *p;
                    *p *= a / f64::from(k + 1);
                    Some(now)
                })
                .collect();
            let mut share = vec![0.0_f64; 400];
            share[0] = 1.0;
            for _ in 0..4000 {
                let mut next = vec![0.0; 400];
                for (n, share) in share.iter().enumerate().filter(|(_, share)| **share > 1e-18) {
                    for (k, p) in poisson.iter().enumerate().take(400 - n.saturating_sub(c)) {
                        next[n.saturating_sub(c) + k] += share * p;
                    }
                }
                share = next;
            }
            let waiting = share.iter().enumerate().map(|(n, p)| n.saturating_sub(c) as f64 * p);
            waiting.sum::<f64>() / a
        };
        for (c, a) in [(2_u32, 1.6), (4, 3.2)] {
            let (exact, iterated) = (mean_wait(c, a, 1.0), chain(c as usize, a));
            assert!((exact / iterated - 1.0).abs() < 1e-6, "{c} {a}: {exact} {iterated}");
        }
    }
}
