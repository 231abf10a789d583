//! Several requests at once: a batch of b takes t₀ + t₁·b.

use crate::serving::usl::Fault;

/// How long a batch takes: a fixed part, and one for each request in it. Seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Batching {
    /// The fixed part.
    pub fixed: f64,
    /// For each request.
    pub each: f64,
}

impl Batching {
    /// How long a batch of so many takes.
    #[must_use]
    pub fn time(&self, batch: f64) -> f64 {
        self.fixed + self.each * batch
    }

    /// Requests a second, batch after batch.
    #[must_use]
    pub fn throughput(&self, batch: f64) -> f64 {
        batch / self.time(batch)
    }

    /// Requests a second that no batch reaches.
    #[must_use]
    pub fn asymptote(&self) -> f64 {
        1.0 / self.each
    }

    /// The batch at which half the asymptote is reached: beyond, latency grows faster than throughput.
    #[must_use]
    pub fn knee(&self) -> f64 {
        self.fixed / self.each
    }

    /// The largest whole batch that is done in `latency`; 0 where not even one is.
    #[must_use]
    pub fn largest_within(&self, latency: f64) -> f64 {
        ((latency - self.fixed) / self.each * (1.0 + 1e-9)).floor().max(0.0)
    }

    /// The whole batch that a replica is planned with, up to the largest that was measured. Where an answer is
    /// promised within a time, the largest that is done in half of it: who comes while a batch is under way waits
    /// for that one first. Where nothing is promised, the knee.
    #[must_use]
    pub fn planned(&self, largest: f64, promise: Option<f64>) -> f64 {
        let batch = match promise {
            Some(promise) => self.largest_within(promise / 2.0),
            None => self.knee().round(),
        };
        batch.clamp(1.0, largest.floor().max(1.0))
    }

    /// The longest a request takes that waits until its batch is full, at an arrival rate.
    #[must_use]
    pub fn longest(&self, batch: f64, arrivals: f64) -> f64 {
        (batch - 1.0).max(0.0) / arrivals + self.time(batch)
    }

    /// The largest whole batch whose requests all come back in `latency`, waiting for a full batch
    /// included.
    #[must_use]
    pub fn largest_filled_within(&self, latency: f64, arrivals: f64) -> f64 {
        let spare = latency - self.fixed + 1.0 / arrivals;
        let batch = (spare / (self.each + 1.0 / arrivals) * (1.0 + 1e-9)).floor();
        if batch >= 1.0 { batch } else { 0.0 }
    }

    /// The line of least squares through measured batches and their times.
    ///
    /// # Errors
    /// If there are fewer than two different batches, or they get faster as they grow.
    pub fn fit(points: &[(f64, f64)]) -> Result<Self, Fault> {
        let n = points.len() as f64;
        let mean = |part: fn(&(f64, f64)) -> f64| points.iter().map(part).sum::<f64>() / n;
        let (batch, time) = (mean(|p| p.0), mean(|p| p.1));
        let across: f64 = points.iter().map(|p| (p.0 - batch) * (p.0 - batch)).sum();
        if points.len() < 2 || across <= 0.0 {
            return Err(Fault::TooFew { found: points.len(), needed: 2 });
        }
        let up: f64 = points.iter().map(|p| (p.0 - batch) * (p.1 - time)).sum();
        let each = up / across;
        if each <= 0.0 {
            return Err(Fault::NotRising);
        }
        Ok(Self { fixed: (time - each * batch).max(0.0), each })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_knee_is_half_of_what_can_be_had() {
        let batching = Batching { fixed: 0.008, each: 0.001 };
        assert!((batching.knee() - 8.0).abs() < 1e-12);
        assert!((batching.throughput(8.0) - 500.0).abs() < 1e-9);
        assert!((batching.asymptote() - 1000.0).abs() < 1e-9);
        assert!((batching.largest_within(0.040) - 32.0).abs() < 1e-12);
        assert!(batching.largest_within(0.005) <= 0.0);
    }

    #[test]
    fn a_promise_leaves_time_for_the_batch_before() {
        let batching = Batching { fixed: 0.008, each: 0.001 };
        assert!((batching.planned(64.0, Some(0.080)) - 32.0).abs() < 1e-12);
        assert!((batching.planned(16.0, Some(0.080)) - 16.0).abs() < 1e-12, "measured up to 16");
        assert!((batching.planned(64.0, Some(0.010)) - 1.0).abs() < 1e-12, "one at least");
        assert!((batching.planned(64.0, None) - 8.0).abs() < 1e-12, "the knee");
    }

    #[test]
    fn a_slow_stream_fills_small_batches() {
        let batching = Batching { fixed: 0.008, each: 0.001 };
        let batch = batching.largest_filled_within(0.040, 500.0);
        assert!((batch - 11.0).abs() < 1e-12, "{batch}");
        assert!(batching.longest(batch, 500.0) <= 0.040);
        assert!(batching.longest(batch + 1.0, 500.0) > 0.040);
    }

    #[test]
    fn measured_batches_lie_on_their_line() {
        let fit = Batching::fit(&[(1.0, 0.009), (8.0, 0.016), (32.0, 0.040)]).unwrap();
        assert!((fit.fixed - 0.008).abs() < 1e-12 && (fit.each - 0.001).abs() < 1e-12);
        assert!(Batching::fit(&[(8.0, 0.016)]).is_err());
        assert_eq!(Batching::fit(&[(1.0, 0.02), (8.0, 0.01)]), Err(Fault::NotRising));
    }
}
