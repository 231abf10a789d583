//! One server with any law of service.

/// The mean wait for one server, arrivals at random; infinite where it is not enough.
///
/// # Source
/// F. Pollaczek (1930), A. Khinchine (1932): W = ρ/(1−ρ) · (1 + Cs²)/2 · E\[S\].
#[must_use]
pub fn mean_wait(arrivals: f64, mean_service: f64, service_scv: f64) -> f64 {
    let rho = arrivals * mean_service;
    if rho >= 1.0 {
        return f64::INFINITY;
    }
    rho / (1.0 - rho) * f64::midpoint(1.0, service_scv) * mean_service
}

#[cfg(test)]
mod tests {
    #[test]
    fn irregular_service_waits_longer() {
        assert!((super::mean_wait(0.8, 1.0, 4.0) - 10.0).abs() < 1e-12);
        assert!((super::mean_wait(0.8, 1.0, 1.0) - 4.0).abs() < 1e-12);
        assert!((super::mean_wait(0.8, 1.0, 0.0) - 2.0).abs() < 1e-12);
        assert!(super::mean_wait(1.0, 1.0, 0.0).is_infinite());
    }
}
