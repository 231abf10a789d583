//! Axes: a linear scale from zero, and ticks at round values.

/// A linear scale between round values, from 0 unless it says otherwise.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Scale {
    /// Round values at equal steps; the first is the bottom of the scale, the last its top.
    pub(in crate::report) ticks: Vec<f64>,
}

impl Scale {
    /// A scale that reaches `largest`, with about `wanted` steps of 1, 2, 2.5, 5 or 10 times a power of
    /// ten.
    pub(in crate::report) fn reaching(largest: f64, wanted: u32) -> Self {
        Self::with_step(largest, round_step(largest / f64::from(wanted.max(1))))
    }

    /// The same for things that are counted: no steps below 1, none of 2.5.
    pub(in crate::report) fn counting(largest: f64, wanted: u32) -> Self {
        let step = round_step(largest / f64::from(wanted.max(1))).max(1.0);
        Self::with_step(largest, if step.fract() == 0.0 { step } else { 5.0 })
    }

    /// A scale around values that need no zero: positions on a line, not lengths.
    pub(in crate::report) fn between(least: f64, largest: f64, wanted: u32) -> Self {
        let spread = (largest - least).max(largest.abs() * 0.01);
        let step = round_step(spread / f64::from(wanted.max(1)));
        let first = (least / step).floor();
        let mut ticks = vec![first * step];
        while ticks.last().is_some_and(|last| *last < largest) {
            ticks.push((first + ticks.len() as f64) * step);
        }
        if ticks.len() == 1 {
            ticks.push((first + 1.0) * step);
        }
        Self { ticks }
    }

    /// Where a value lies, from 0 at the bottom to 1 at the top; never outside.
    pub(in crate::report) fn share(&self, value: f64) -> f64 {
        ((value - self.min()) / (self.max() - self.min())).clamp(0.0, 1.0)
    }

    /// The bottom.
    pub(in crate::report) fn min(&self) -> f64 {
        self.ticks.first().copied().unwrap_or(0.0)
    }

    fn with_step(largest: f64, step: f64) -> Self {
        let mut ticks = vec![0.0];
        while ticks.last().is_some_and(|last| *last < largest - step * 1e-9) {
            ticks.push(step * ticks.len() as f64);
        }
        if ticks.len() == 1 {
            ticks.push(step);
        }
        Self { ticks }
    }

    /// The top.
    pub(in crate::report) fn max(&self) -> f64 {
        self.ticks.last().copied().unwrap_or(1.0)
    }
}

/// The least of {1, 2, 2.5, 5, 10} × 10^k that is at least `least`.
fn round_step(least: f64) -> f64 {
    if least <= 0.0 || !least.is_finite() {
        return 1.0;
    }
    let power = libm::pow(10.0, libm::floor(libm::log10(least)));
    let steps = [1.0, 2.0, 2.5, 5.0];
    steps
        .into_iter()
        .map(|s| s * power)
        .find(|s| *s >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        assert_eq!(Scale::reaching(1_430.0, 4).ticks, [0.0, 500.0, 1000.0, 1500.0]);
        assert_eq!(Scale::reaching(0.9, 4).ticks, [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(Scale::reaching(78.0, 4).ticks, [0.0, 20.0, 40.0, 60.0, 80.0]);
        assert_eq!(
            Scale::between(9_100.0, 10_400.0, 3).ticks,
            [9000.0, 9500.0, 10_000.0, 10_500.0]
        );
        assert_eq!(Scale::counting(3.0, 5).ticks, [0.0, 1.0, 2.0, 3.0]);
        assert_eq!(Scale::counting(9.0, 4).ticks, [0.0, 5.0, 10.0]);
        assert_eq!(Scale::reaching(0.0, 4).ticks, [0.0, 1.0]);
        assert_eq!(Scale::between(0.0, 0.0, 4).ticks, [0.0, 1.0]);
        assert_eq!(Scale::between(-30.0, 10.0, 4).ticks, [-30.0, -20.0, -10.0, 0.0, 10.0]);
    }
}
