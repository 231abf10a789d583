//! How many replicas a rate takes, and a number in flight.

/// The least whole number that is not below `x`; what passes one by a billionth still counts as that one.
fn whole_up(x: f64) -> f64 {
    (x * (1.0 - 1e-9)).ceil()
}

/// The fewest replicas that serve a rate at a target utilisation.
///
/// # Source
/// ceil(rate ÷ (rate of one × utilisation)).
#[must_use]
pub fn for_rate(rate: f64, of_one: f64, utilization: f64) -> f64 {
    whole_up(rate / (of_one * utilization))
}

/// Requests under way at a time: rate × (time to the first token + the others × time of each).
///
/// # Source
/// J. D. C. Little (1961); a response takes TTFT + (n − 1)·TPOT.
#[must_use]
pub fn in_flight(rate: f64, ttft: f64, output_tokens: f64, tpot: f64) -> f64 {
    rate * (ttft + (output_tokens - 1.0).max(0.0) * tpot)
}

/// The fewest replicas that hold so many requests, each so many sequences at a target utilisation.
#[must_use]
pub fn for_in_flight(in_flight: f64, sequences: f64, utilization: f64) -> f64 {
    whole_up(in_flight / (sequences * utilization))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_requests_at_fifty_each() {
        assert!((for_rate(1000.0, 50.0, 0.7) - 29.0).abs() < 1e-12);
        assert!((for_rate(1000.0, 50.0, 1.0) - 20.0).abs() < 1e-12);
    }

    #[test]
    fn twenty_requests_a_second_of_250_tokens() {
        let under_way = in_flight(20.0, 0.5, 250.0, 0.03);
        assert!((under_way - 159.4).abs() < 1e-9);
        assert!((for_in_flight(under_way, 64.0, 0.8) - 4.0).abs() < 1e-12);
    }
}
