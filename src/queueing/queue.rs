//! One line of those who wait, in order of arrival, before several equal servers: shares, means, tails and
//! percentiles of waiting and of responding.
//!
//! Exact for random arrivals and random service. Otherwise waits are scaled by (Ca² + Cs²)/2, which is
//! off by about +20% at Ca² = 0.25 and −38% at Ca² = 4: [`super::simulation`] confirms it.

use super::erlang;
use super::law::{ServiceLaw, exp_tail};

/// A queue. Rates a second, times in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Queue {
    /// Servers.
    pub servers: u32,
    /// Arrivals a second.
    pub arrivals: f64,
    /// The mean time of one service.
    pub mean_service: f64,
    /// Squared coefficient of variation of the times between arrivals: 1 at random.
    pub arrival_scv: f64,
    /// Squared coefficient of variation of service times: 1 exponential, 0 constant.
    pub service_scv: f64,
}

impl Queue {
    /// Random arrivals, random service.
    #[must_use]
    pub fn random(servers: u32, arrivals: f64, mean_service: f64) -> Self {
        Self { servers, arrivals, mean_service, arrival_scv: 1.0, service_scv: 1.0 }
    }

    /// Erlangs: the servers that are busy on average.
    #[must_use]
    pub fn offered(&self) -> f64 {
        self.arrivals * self.mean_service
    }

    /// The share of the time that a server is busy.
    #[must_use]
    pub fn utilization(&self) -> f64 {
        self.offered() / f64::from(self.servers)
    }

    /// The share of arrivals that wait.
    #[must_use]
    pub fn delayed(&self) -> f64 {
        erlang::delayed(self.servers, self.offered())
    }

    /// The rate at which the wait of those who wait runs out; 0 where the line grows for ever.
    ///
    /// # Source
    /// Random: cμ − λ. Otherwise over (Ca² + Cs²)/2: A. O. Allen (1978), after J. L. Cunneen.
    fn relief(&self) -> f64 {
        let spare = (f64::from(self.servers) - self.offered()) / self.mean_service;
        spare.max(0.0) / f64::midpoint(self.arrival_scv, self.service_scv)
    }

    /// The mean wait.
    #[must_use]
    pub fn mean_wait(&self) -> f64 {
        let relief = self.relief();
        if relief > 0.0 { self.delayed() / relief } else { f64::INFINITY }
    }

    /// The mean wait without Erlang's formula: good where the utilisation is high.
    ///
    /// # Source
    /// H. Sakasegawa (1977): (Ca² + Cs²)/2 · ρ^{√(2(c+1)) − 1}/(c(1−ρ)) · E\[S\].
    #[must_use]
    pub fn mean_wait_sakasegawa(&self) -> f64 {
        let (rho, c) = (self.utilization(), f64::from(self.servers));
        if rho >= 1.0 {
            return f64::INFINITY;
        }
        let power = libm::pow(rho, (2.0 * (c + 1.0)).sqrt() - 1.0);
        f64::midpoint(self.arrival_scv, self.service_scv) * power / (c * (1.0 - rho))
            * self.mean_service
    }

    /// The mean time from arrival to departure.
    #[must_use]
    pub fn mean_response(&self) -> f64 {
        self.mean_wait() + self.mean_service
    }

    /// How many wait, on average.
    ///
    /// # Source
    /// J. D. C. Little (1961).
    #[must_use]
    pub fn mean_waiting(&self) -> f64 {
        self.arrivals * self.mean_wait()
    }

    /// How many wait or are served, on average.
    #[must_use]
    pub fn mean_present(&self) -> f64 {
        self.arrivals * self.mean_response()
    }

    /// The share that waits longer than this.
    #[must_use]
    pub fn wait_tail(&self, time: f64) -> f64 {
        if time < 0.0 { 1.0 } else { self.delayed() * exp_tail(self.relief(), time) }
    }

    /// The share that waits no longer than this.
    #[must_use]
    pub fn service_level(&self, time: f64) -> f64 {
        1.0 - self.wait_tail(time)
    }

    /// The wait below which this share lies.
    ///
    /// # Source
    /// max(0, ln(C/(1−p))/(cμ−λ)).
    #[must_use]
    pub fn wait_percentile(&self, p: f64) -> f64 {
        let (delayed, relief) = (self.delayed(), self.relief());
        if delayed <= 1.0 - p {
            return 0.0;
        }
        if relief > 0.0 { libm::log(delayed / (1.0 - p)) / relief } else { f64::INFINITY }
    }

    /// The share that takes longer than this from arrival to departure: wait and service are independent.
    #[must_use]
    pub fn response_tail(&self, time: f64) -> f64 {
        let relief = self.relief();
        if relief <= 0.0 {
            return 1.0;
        }
        let law = ServiceLaw::of(self.mean_service, self.service_scv);
        let left = time - law.fixed;
        if left < 0.0 {
            return 1.0;
        }
        let delayed = self.delayed();
        let branch = |(chance, rate): &(f64, f64)| {
            let served = exp_tail(*rate, left);
            chance * ((1.0 - delayed) * served + delayed * sum_tail(relief, *rate, left))
        };
        law.branches.iter().map(branch).sum()
    }

    /// The response time below which this share lies; infinite where the line grows for ever.
    #[must_use]
    pub fn response_percentile(&self, p: f64) -> f64 {
        if self.relief() <= 0.0 {
            return f64::INFINITY;
        }
        let late = 1.0 - p;
        let mut high = self.mean_service;
        while self.response_tail(high) > late {
            high *= 2.0;
        }
        erlang::largest(high, |time| self.response_tail(time) > late)
    }
}

/// The chance that the sum of two exponential times is longer than `time`: (θe^{−νt} − νe^{−θt})/(θ−ν),
/// written so that equal rates are no exception.
fn sum_tail(theta: f64, nu: f64, time: f64) -> f64 {
    if nu.is_infinite() {
        return exp_tail(theta, time);
    }
    if theta.is_infinite() {
        return exp_tail(nu, time);
    }
    let apart = (theta - nu) * time;
    if apart.abs() > 0.1 {
        return (theta * libm::exp(-nu * time) - nu * libm::exp(-theta * time)) / (theta - nu);
    }
    let slope = if apart.abs() < 1e-12 { 1.0 } else { -libm::expm1(-apart) / apart };
    libm::exp(-nu * time) * (1.0 + nu * time * slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64, tolerance: f64) {
        assert!((a / b - 1.0).abs() < tolerance, "{a} {b}");
    }

    #[test]
    fn the_county_hospital() {
        // Hillier and Lieberman: two an hour arrive, a doctor treats three an hour.
        let one = Queue::random(1, 2.0, 1.0 / 3.0);
        close(one.mean_wait(), 2.0 / 3.0, 1e-12);
        close(one.wait_tail(0.5), 0.404_353_773, 1e-8);
        let two = Queue::random(2, 2.0, 1.0 / 3.0);
        close(two.delayed(), 1.0 / 6.0, 1e-12);
        close(two.mean_waiting(), 1.0 / 12.0, 1e-12);
        close(two.mean_present(), 0.75, 1e-12);
        close(two.mean_response(), 0.375, 1e-12);
        close(two.service_level(0.5), 0.977_444_119, 1e-8);
    }

    #[test]
    fn one_random_server_responds_exponentially() {
        let queue = Queue::random(1, 8.0, 0.1);
        close(queue.response_percentile(0.5), libm::log(2.0) / 2.0, 1e-12);
        close(queue.response_percentile(0.99), libm::log(100.0) / 2.0, 1e-12);
    }

    #[test]
    fn percentiles_of_several_servers() {
        let queue = Queue::random(4, 300.0, 0.01);
        close(queue.wait_percentile(0.95), 0.023_212_772_26, 1e-9);
        close(queue.response_percentile(0.99), 0.060_063_081_77, 1e-8);
        // cμ − λ = μ: both exponential parts have one rate.
        close(Queue::random(3, 2.0, 1.0).response_percentile(0.99), 5.891_174_417, 1e-8);
        assert!(Queue::random(8, 1.0, 1.0).wait_percentile(0.5) <= 0.0);
        assert!(Queue::random(1, 2.0, 1.0).response_percentile(0.5).is_infinite());
    }

    #[test]
    fn irregular_arrivals_and_services_scale_the_wait() {
        let queue = Queue { arrival_scv: 0.25, ..Queue::random(4, 3.2, 1.0) };
        close(queue.mean_wait(), 0.465_962_868_6, 1e-9);
        close(queue.mean_wait_sakasegawa(), 0.482_218_304_8, 1e-6);
        let clock = Queue { service_scv: 0.0, ..Queue::random(1, 0.8, 1.0) };
        close(clock.mean_wait(), 2.0, 1e-12);
        close(clock.response_percentile(0.01), 1.0, 1e-9);
        close(clock.response_percentile(0.99), 1.0 + clock.wait_percentile(0.99), 1e-9);
    }
}
