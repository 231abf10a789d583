//! How irregular times are: laws of mean 1 with a given squared coefficient of variation (variance over
//! the square of the mean; 0 is a clock, 1 is random, more comes in bursts).

/// A time made of a fixed part and one of several exponential ones: what response times need in closed
/// form.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ServiceLaw {
    /// The fixed part.
    pub fixed: f64,
    /// Chance and rate of each exponential part; chances sum to 1. A rate may be infinite.
    pub branches: [(f64, f64); 2],
}

impl ServiceLaw {
    /// The law of this mean and squared coefficient of variation: a fixed part and an exponential one up
    /// to 1, two exponential ones of equal weight in the mean beyond.
    ///
    /// # Source
    /// Balanced means: W. Whitt, Bell System Technical Journal 61 (1982).
    #[must_use]
    pub fn of(mean: f64, scv: f64) -> Self {
        if scv <= 1.0 {
            let spread = scv.max(0.0).sqrt();
            let rate = 1.0 / (mean * spread);
            return Self { fixed: mean * (1.0 - spread), branches: [(1.0, rate), (0.0, rate)] };
        }
        let [often, seldom] = balanced(scv);
        Self { fixed: 0.0, branches: [(often, 2.0 * often / mean), (seldom, 2.0 * seldom / mean)] }
    }

    /// The chance that it takes longer than this.
    #[must_use]
    pub fn tail(&self, time: f64) -> f64 {
        let left = time - self.fixed;
        if left < 0.0 {
            return 1.0;
        }
        self.branches.iter().map(|(chance, rate)| chance * exp_tail(*rate, left)).sum()
    }

    /// The time below which this share lies.
    #[must_use]
    pub fn percentile(&self, p: f64) -> f64 {
        let mut high = self.fixed.max(1e-300);
        while self.tail(high) > 1.0 - p {
            high *= 2.0;
        }
        super::erlang::largest(high, |time| self.tail(time) > 1.0 - p)
    }
}

/// The chances of the two branches of balanced means.
pub(crate) fn balanced(scv: f64) -> [f64; 2] {
    let off = ((scv - 1.0) / (scv + 1.0)).sqrt();
    [f64::midpoint(1.0, off), (1.0 - off) / 2.0]
}

/// e^{−rate·time}, 0 for an infinite rate and a positive time.
pub(crate) fn exp_tail(rate: f64, time: f64) -> f64 {
    if time <= 0.0 {
        return if rate.is_infinite() && time >= 0.0 { 0.0 } else { 1.0 };
    }
    libm::exp(-rate * time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_those_of_the_law() {
        let at = |scv| ServiceLaw::of(2.0, scv).percentile(0.99);
        assert!((at(1.0) - 2.0 * libm::log(100.0)).abs() < 1e-12);
        assert!((at(0.25) - (1.0 + libm::log(100.0))).abs() < 1e-12);
        assert!((at(0.0) - 2.0).abs() < 1e-12);
        assert!(at(4.0) > at(1.0));
    }

    #[test]
    fn two_branches_have_the_mean_and_the_variation_asked_for() {
        let law = ServiceLaw::of(3.0, 4.0);
        let mean: f64 = law.branches.iter().map(|(p, rate)| p / rate).sum();
        let square: f64 = law.branches.iter().map(|(p, rate)| 2.0 * p / (rate * rate)).sum();
        assert!((mean - 3.0).abs() < 1e-12);
        assert!((square / 9.0 - 1.0 - 4.0).abs() < 1e-12);
    }
}
