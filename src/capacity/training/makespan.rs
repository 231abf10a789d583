//! How long a run takes that fails at random, and where the time goes.

use super::checkpoint::daly_interval;

/// The longest a run is held to take, in hours: ten years. What would take longer never ends.
pub const LONGEST_HOURS: f64 = 87_660.0;

/// What interrupts a run, and what it does about it. Times are in one unit, any; `LONGEST_HOURS` apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interrupted {
    /// Failures a unit of time while it is up; none where 0.
    pub rate: f64,
    /// Time without nodes after a failure: nothing fails in it.
    pub downtime: f64,
    /// Time on the nodes from then until it works again; it may fail in it, and begins it anew.
    pub recovery: f64,
    /// The work between two checkpoints, and the time one takes; without, it begins from nothing.
    pub checkpoint: Option<(f64, f64)>,
}

/// The expected length of a run and its parts, which sum to it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Stretch {
    /// The work itself.
    pub useful: f64,
    /// Checkpoints that were kept.
    pub checkpoints: f64,
    /// Work, and checkpoints not finished, that failures threw away.
    pub rework: f64,
    /// Waiting for nodes, and starting again on them.
    pub recovery: f64,
    /// How often it fails.
    pub failures: f64,
}

impl Stretch {
    /// The whole length.
    #[must_use]
    pub fn whole(&self) -> f64 {
        self.useful + self.checkpoints + self.rework + self.recovery
    }
}

impl Interrupted {
    /// The expected length of so much work.
    ///
    /// # Source
    /// E[T] = (W/τ)·e^(R/M)·(M + D)·(e^((τ+C)/M) − 1): Daly (2006), with downtime as in Bouguerra et al.
    /// (2013). Without checkpoints τ is W and C is 0.
    #[must_use]
    pub fn makespan(&self, work: f64) -> f64 {
        let (interval, takes) = self.checkpoint.unwrap_or((work, 0.0));
        let pieces = if work > 0.0 { work / interval } else { 0.0 };
        if self.rate <= 0.0 {
            return work + pieces * takes;
        }
        let between = 1.0 / self.rate;
        pieces
            * libm::exp(self.recovery * self.rate)
            * (between + self.downtime)
            * libm::expm1((interval + takes) * self.rate)
    }

    /// The work that is expected to be done in so much time: what [`Self::makespan`] is the inverse of.
    #[must_use]
    pub fn work_within(&self, time: f64) -> f64 {
        if self.checkpoint.is_some() || self.rate <= 0.0 || time <= 0.0 {
            return time / self.makespan(1.0);
        }
        let again = libm::exp(self.recovery * self.rate) * (1.0 / self.rate + self.downtime);
        libm::log1p(time / again) / self.rate
    }

    /// The expected length of so much work, in parts.
    ///
    /// The time it is up is M for each failure (Wald), so it fails E[T]/(M + D) times. Each begins a
    /// recovery that lasts until it succeeds or fails: M·(1 − e^(−R/M)) on average.
    #[must_use]
    pub fn stretch(&self, work: f64) -> Stretch {
        let (interval, takes) = self.checkpoint.unwrap_or((work, 0.0));
        let checkpoints = if work > 0.0 { work / interval * takes } else { 0.0 };
        if self.rate <= 0.0 {
            return Stretch { useful: work, checkpoints, ..Stretch::default() };
        }
        let between = 1.0 / self.rate;
        let whole = self.makespan(work);
        let failures = whole / (between + self.downtime);
        let one = self.downtime - between * libm::expm1(-self.recovery * self.rate);
        let recovery = failures * one;
        let rework = (whole - work - checkpoints - recovery).max(0.0);
        Stretch { useful: work, checkpoints, rework, recovery, failures }
    }

    /// Whether so many hours of work come to an end within [`LONGEST_HOURS`].
    #[must_use]
    pub fn ends(&self, work_hours: f64) -> bool {
        self.makespan(work_hours) <= LONGEST_HOURS
    }

    /// The interval that Daly recommends, where it saves its state and fails.
    #[must_use]
    pub fn recommended_interval(&self) -> Option<f64> {
        let (_, takes) = self.checkpoint.filter(|(_, takes)| *takes > 0.0)?;
        (self.rate > 0.0).then(|| daly_interval(takes, 1.0 / self.rate))
    }

    /// The same with another interval between checkpoints.
    #[must_use]
    pub fn every(self, interval: f64) -> Self {
        let takes = self.checkpoint.map_or(0.0, |(_, takes)| takes);
        Self { checkpoint: Some((interval, takes)), ..self }
    }
}
