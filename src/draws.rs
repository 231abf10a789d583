//! Common random numbers: a draw is a pure function of the plan's seed, the name of what is drawn, how
//! many draws there are, and the draw's number.
//!
//! So the same assumption has the same draws in the base and in every scenario, before and after a
//! change, with any number of threads; and a new workload never changes another's numbers. The draws of
//! one name are stratified: each of N equally likely bins holds exactly one.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use crate::estimate::{Dist, Estimate};

/// Gives the draws of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draws {
    seed: u64,
    count: usize,
    held: Option<Held>,
}

/// One name whose draws are all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    /// The digest of the name.
    name: [u8; 32],
    at: At,
}

/// Where the draws of a name are held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// At its p10.
    P10,
    /// At its p90.
    P90,
    /// A chance: it never comes true.
    Never,
    /// A chance: it always comes true.
    Always,
}

impl At {
    /// The probability that every draw has.
    fn share(self) -> f64 {
        match self {
            Self::P10 => 0.1,
            Self::P90 => 0.9,
            Self::Never => 1.0 - f64::EPSILON,
            Self::Always => f64::MIN_POSITIVE,
        }
    }
}

impl Draws {
    /// The draws of a plan with this seed, `count` of each name.
    ///
    /// # Panics
    /// If `count` is zero or more than `u32::MAX`.
    #[must_use]
    pub fn new(seed: u64, count: usize) -> Self {
        assert!(count > 0 && u32::try_from(count).is_ok(), "a plan has from 1 to 2^32 draws");
        Self { seed, count, held: None }
    }

    /// How many draws each name has.
    #[must_use]
    pub fn count(self) -> usize {
        self.count
    }

    /// The plan's seed.
    #[must_use]
    pub fn seed(self) -> u64 {
        self.seed
    }

    /// The draws of the same seed, `count` of each name.
    #[must_use]
    pub fn with_count(self, count: usize) -> Self {
        Self { held: self.held, ..Self::new(self.seed, count) }
    }

    /// The same draws, but for those of one name, which are all held in one place.
    #[must_use]
    pub fn holding(self, name: &str, at: At) -> Self {
        Self { held: Some(Held { name: digest(name), at }), ..self }
    }

    /// Where the draws of a name are held, if they are.
    fn held(self, name: &str) -> Option<At> {
        self.held.filter(|held| held.name == digest(name)).map(|held| held.at)
    }

    /// One probability a draw, strictly inside 0 to 1, one in each of the `count` equal bins.
    #[must_use]
    pub fn uniforms(self, name: &str) -> Vec<f64> {
        if let Some(at) = self.held(name) {
            return vec![at.share(); self.count];
        }
        let mut random = self.stream(name);
        #[expect(clippy::cast_possible_truncation, reason = "asserted in `new`")]
        let mut bins: Vec<u32> = (0..self.count as u32).collect();
        for last in (1..self.count).rev() {
            bins.swap(last, below(&mut random, last + 1));
        }
        #[expect(clippy::cast_precision_loss, reason = "fewer than 2^32 draws")]
        let width = 1.0 / self.count as f64;
        bins.into_iter().map(|bin| (f64::from(bin) + inside_unit(&mut random)) * width).collect()
    }

    /// The mean of an estimate over the draws.
    #[must_use]
    pub fn mean(self, estimate: &Estimate) -> f64 {
        if estimate.dist.is_fixed() { estimate.median() } else { mean(&self.values(estimate)) }
    }

    /// One value a draw.
    #[must_use]
    pub fn values(self, estimate: &Estimate) -> Vec<f64> {
        self.values_of(&estimate.dist, &estimate.key)
    }

    /// One value a draw of a distribution, keyed by `name`.
    #[must_use]
    pub fn values_of(self, dist: &Dist, name: &str) -> Vec<f64> {
        if let Dist::Fixed(value) = dist {
            return vec![*value; self.count];
        }
        let mut values = self.uniforms(name);
        for value in &mut values {
            *value = dist.quantile(*value);
        }
        values
    }

    /// The values of a sample, each once, in an order of `name`'s own: another sample of the same
    /// distribution, which costs a shuffle and no quantiles.
    ///
    /// # Panics
    /// If the sample has not one value a draw.
    #[must_use]
    pub fn reordered(self, sample: &[f64], name: &str) -> Vec<f64> {
        assert_eq!(sample.len(), self.count, "one value a draw");
        let mut random = self.stream(name);
        let mut values = sample.to_vec();
        for last in (1..values.len()).rev() {
            values.swap(last, below_32(&mut random, last + 1));
        }
        values
    }

    /// Whether something of probability `chance` happens, one answer a draw. Because the draws are
    /// stratified, it happens in that share of them to within one draw.
    #[must_use]
    pub fn happens(self, chance: f64, name: &str) -> Vec<bool> {
        self.uniforms(name).into_iter().map(|u| u < chance).collect()
    }

    /// A generator of its own for `name`, for what needs more than one number a draw.
    #[must_use]
    pub fn stream(self, name: &str) -> ChaCha8Rng {
        let mut hash = Sha256::new();
        hash.update(self.seed.to_le_bytes());
        hash.update((self.count as u64).to_le_bytes());
        hash.update(name.as_bytes());
        ChaCha8Rng::from_seed(hash.finalize().into())
    }
}

fn digest(name: &str) -> [u8; 32] {
    Sha256::digest(name.as_bytes()).into()
}

/// A number from 0 to `bound` − 1, by multiplication; the bias is below 2⁻³² for any plan.
fn below(random: &mut ChaCha8Rng, bound: usize) -> usize {
    let wide = u128::from(random.next_u64()) * bound as u128;
    usize::try_from(wide >> 64).unwrap_or(0)
}

/// The same from half the random bits; the bias is below `bound` in 2³².
fn below_32(random: &mut ChaCha8Rng, bound: usize) -> usize {
    let wide = u64::from(random.next_u32()) * bound as u64;
    usize::try_from(wide >> 32).unwrap_or(0)
}

/// A number strictly between 0 and 1.
#[must_use]
pub fn inside_unit(random: &mut ChaCha8Rng) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "52 bits fit")]
    let steps = (random.next_u64() >> 12) as f64;
    (steps + 0.5) / 4_503_599_627_370_496.0
}

/// The quantile `p` of values in any order, by linear interpolation between order statistics.
///
/// # Source
/// Hyndman and Fan (1996), type 7: the default of R, `NumPy` and spreadsheets.
///
/// # Panics
/// If `values` is empty.
#[must_use]
pub fn quantile(values: &[f64], p: f64) -> f64 {
    quantile_of(&mut values.to_vec(), p)
}

/// The quantile `p` of values in any order, which are left in another; see [`quantile`].
///
/// # Panics
/// If `values` is empty.
#[must_use]
pub fn quantile_of(values: &mut [f64], p: f64) -> f64 {
    assert!(!values.is_empty(), "a quantile of no values");
    let (low, part) = place(values.len(), p);
    // The two order statistics are selected: sorting all of a thousand costs ten times as much.
    let (_, at_low, above) = values.select_nth_unstable_by(low, f64::total_cmp);
    let high = above.iter().copied().min_by(f64::total_cmp).unwrap_or(*at_low);
    *at_low + part * (high - *at_low)
}

/// Where the quantile `p` of so many values lies: the order statistic at or below it, and the part of the way
/// to the next.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an index"
)]
fn place(len: usize, p: f64) -> (usize, f64) {
    let place = p.clamp(0.0, 1.0) * (len - 1) as f64;
    (place.floor() as usize, place - place.floor())
}

/// The quantile `p` of values in rising order; see [`quantile`].
///
/// # Panics
/// If `sorted` is empty.
#[must_use]
pub fn quantile_sorted(sorted: &[f64], p: f64) -> f64 {
    assert!(!sorted.is_empty(), "a quantile of no values");
    let (low, part) = place(sorted.len(), p);
    let high = (low + 1).min(sorted.len() - 1);
    sorted[low] + part * (sorted[high] - sorted[low])
}

/// The least of `sorted` that a share `p` of the draws does not pass: always one of the draws, so a count
/// of nodes stays whole. `None` without draws.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place among fewer than 2^32 draws"
)]
pub fn observed_quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let rank = (p * sorted.len() as f64 - 1e-9).ceil().max(1.0) as usize;
    sorted.get(rank - 1).copied()
}

/// What values are at least in such a share of draws: one of them. There is a value.
#[must_use]
pub fn at_least(mut each: Vec<f64>, share: f64) -> f64 {
    each.sort_by(f64::total_cmp);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place")]
    let place = (((1.0 - share) * each.len() as f64 - 1e-9).ceil() as usize).max(1) - 1;
    each[place]
}

/// The mean, summed in the order of the draws.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a count of draws")]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_always_has_the_same_draws_and_another_name_has_others() {
        let draws = Draws::new(7, 500);
        assert_eq!(draws.uniforms("workload/chat"), draws.uniforms("workload/chat"));
        assert_ne!(draws.uniforms("workload/chat"), draws.uniforms("workload/rank"));
        assert_ne!(draws.uniforms("a"), Draws::new(8, 500).uniforms("a"));
    }

    #[test]
    fn a_reordered_sample_holds_the_same_values_and_depends_on_its_name() {
        let draws = Draws::new(1, 1000);
        let sample = draws.uniforms("x");
        let (a, b) = (draws.reordered(&sample, "x@1"), draws.reordered(&sample, "x@2"));
        assert!(a != b && a != sample);
        assert_eq!(a, draws.reordered(&sample, "x@1"));
        let sorted = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            values
        };
        let correlation: f64 =
            a.iter().zip(&b).map(|(a, b)| (a - 0.5) * (b - 0.5) * 12.0 / 1000.0).sum();
        assert!(correlation.abs() < 0.1, "{correlation}");
        assert_eq!(sorted(a), sorted(sample));
    }

    #[test]
    fn every_bin_holds_one_draw() {
        let mut values = Draws::new(1, 1000).uniforms("x");
        values.sort_by(f64::total_cmp);
        for (bin, value) in values.iter().enumerate() {
            assert!((value * 1000.0).floor().total_cmp(&(bin as f64)).is_eq(), "{bin} {value}");
        }
    }

    #[test]
    fn what_is_written_is_what_is_drawn() {
        let dist = Dist::interval(3.0, 6.0, crate::estimate::Z_95);
        let values = Draws::new(1, 1000).values_of(&dist, "x");
        assert!((quantile(&values, 0.05) - 3.0).abs() < 0.02);
        assert!((quantile(&values, 0.95) - 6.0).abs() < 0.03);
        assert!((quantile(&values, 0.5) - 18.0_f64.sqrt()).abs() < 0.01);
    }

    #[test]
    fn a_chance_happens_in_its_share_of_draws() {
        let hits =
            Draws::new(3, 1000).happens(0.55, "event").into_iter().filter(|hit| *hit).count();
        assert_eq!(hits, 550);
    }
}
