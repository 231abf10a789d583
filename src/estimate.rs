//! Uncertain values: what `"a to b"` means, as a distribution with a name for its draws.

use std::sync::Arc;

use crate::normal;
use crate::source::Span;

/// z of the 95th percentile: an interval `"a to b"` runs from p5 to p95.
pub const Z_95: f64 = 1.644_853_626_951_472_6;
/// z of the 90th percentile, for `(p10-p90)"a to b"`.
pub const Z_90: f64 = 1.281_551_565_544_600_4;

/// A distribution over values in the base unit of their dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Dist {
    /// Known.
    Fixed(f64),
    /// exp of a normal with this mean and deviation.
    LogNormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Deviation of the logarithm.
        sigma: f64,
    },
    /// A normal; values below `floor` are raised to it.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
        /// Lowest possible value, where the quantity has one.
        floor: Option<f64>,
    },
    /// A share: the logistic of a normal, always inside 0 to 1.
    LogitNormal {
        /// Mean of the logit.
        mu: f64,
        /// Deviation of the logit.
        sigma: f64,
    },
    /// Equally likely between two values.
    Uniform {
        /// Least.
        low: f64,
        /// Greatest.
        high: f64,
    },
    /// A symmetric triangle between two values.
    Triangular {
        /// Least.
        low: f64,
        /// Greatest.
        high: f64,
    },
    /// The symmetric PERT distribution between two values: a Beta(3, 3).
    Pert {
        /// Least.
        low: f64,
        /// Greatest.
        high: f64,
    },
}

impl Dist {
    /// The distribution whose p5 and p95 (`z` = [`Z_95`]) are `low` and `high`: lognormal where `low`
    /// is above zero, else normal; a non-negative quantity that starts at zero is held there.
    ///
    /// # Source
    /// `numerics` 1 of the design: μ = (ln a + ln b)/2, σ = (ln b − ln a)/(2z).
    #[must_use]
    pub fn interval(low: f64, high: f64, z: f64) -> Self {
        if low > 0.0 {
            let (ln_low, ln_high) = (libm::log(low), libm::log(high));
            return Self::LogNormal {
                mu: f64::midpoint(ln_low, ln_high),
                sigma: (ln_high - ln_low) / (2.0 * z),
            };
        }
        let floor = (low == 0.0).then_some(0.0);
        Self::Normal { mean: f64::midpoint(low, high), sd: (high - low) / (2.0 * z), floor }
    }

    /// The distribution of a share whose p5 and p95 are `low` and `high`, both strictly inside 0 to 1.
    #[must_use]
    pub fn share_interval(low: f64, high: f64, z: f64) -> Self {
        let logit = |p: f64| libm::log(p / (1.0 - p));
        let (low, high) = (logit(low), logit(high));
        Self::LogitNormal { mu: f64::midpoint(low, high), sigma: (high - low) / (2.0 * z) }
    }

    /// The value at probability `p`, 0 < p < 1.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        match *self {
            Self::Fixed(value) => value,
            Self::LogNormal { mu, sigma } => libm::exp(mu + sigma * normal::quantile(p)),
            Self::Normal { mean, sd, floor } => {
                let value = mean + sd * normal::quantile(p);
                floor.map_or(value, |floor| value.max(floor))
            }
            Self::LogitNormal { mu, sigma } => {
                1.0 / (1.0 + libm::exp(-(mu + sigma * normal::quantile(p))))
            }
            Self::Uniform { low, high } => low + p * (high - low),
            Self::Triangular { low, high } => {
                let half = if p < 0.5 { (p / 2.0).sqrt() } else { 1.0 - ((1.0 - p) / 2.0).sqrt() };
                low + half * (high - low)
            }
            Self::Pert { low, high } => low + beta33_quantile(p) * (high - low),
        }
    }

    /// The median.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// Whether every draw gives the same value.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        matches!(self, Self::Fixed(_))
    }

    /// The same distribution with every value multiplied by `factor`, which is above zero.
    ///
    /// # Panics
    /// For a share: a scaled share is no share.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        match *self {
            Self::Fixed(value) => Self::Fixed(value * factor),
            Self::LogNormal { mu, sigma } => Self::LogNormal { mu: mu + libm::log(factor), sigma },
            Self::Normal { mean, sd, floor } => Self::Normal {
                mean: mean * factor,
                sd: sd * factor,
                floor: floor.map(|floor| floor * factor),
            },
            Self::LogitNormal { .. } => panic!("a share is never scaled"),
            Self::Uniform { low, high } => Self::Uniform { low: low * factor, high: high * factor },
            Self::Triangular { low, high } => {
                Self::Triangular { low: low * factor, high: high * factor }
            }
            Self::Pert { low, high } => Self::Pert { low: low * factor, high: high * factor },
        }
    }
}

/// The quantile of Beta(3, 3), whose distribution function is 10x³ − 15x⁴ + 6x⁵, by bisection.
fn beta33_quantile(p: f64) -> f64 {
    let cdf = |x: f64| x * x * x * (10.0 - 15.0 * x + 6.0 * x * x);
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if cdf(middle) < p { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// A value of the plan, perhaps uncertain, in the base unit that its field names.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// What values it may take.
    pub dist: Dist,
    /// The name its draws are keyed by: the path of names in the plan, or `let/NAME` where it refers
    /// to a shared assumption.
    pub key: Arc<str>,
    /// Where the plan says it.
    pub origin: Span,
}

impl Estimate {
    /// A known value.
    #[must_use]
    pub fn fixed(value: f64, origin: Span) -> Self {
        Self { dist: Dist::Fixed(value), key: Arc::from(""), origin }
    }

    /// The median.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.dist.median()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * b.abs().max(1.0)
    }

    #[test]
    fn an_interval_is_its_p5_and_p95() {
        for dist in [
            Dist::interval(3.0, 6.0, Z_95),
            Dist::interval(-2.0, 7.0, Z_95),
            Dist::share_interval(0.3, 0.6, Z_95),
        ] {
            let (low, high) = match dist {
                Dist::LogNormal { .. } => (3.0, 6.0),
                Dist::Normal { .. } => (-2.0, 7.0),
                _ => (0.3, 0.6),
            };
            assert!(close(dist.quantile(0.05), low), "{dist:?}");
            assert!(close(dist.quantile(0.95), high), "{dist:?}");
        }
    }

    #[test]
    fn a_quantity_from_zero_is_never_negative() {
        let dist = Dist::interval(0.0, 10.0, Z_95);
        assert!(close(dist.quantile(0.001), 0.0));
        assert!(close(dist.quantile(0.95), 10.0));
    }

    #[test]
    fn symmetric_shapes_have_their_middle_as_median() {
        for dist in [
            Dist::Uniform { low: 2.0, high: 4.0 },
            Dist::Triangular { low: 2.0, high: 4.0 },
            Dist::Pert { low: 2.0, high: 4.0 },
        ] {
            assert!(close(dist.median(), 3.0), "{dist:?}");
            assert!(dist.quantile(0.999) < 4.0 && dist.quantile(0.001) > 2.0);
        }
    }
}
