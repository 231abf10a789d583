//! A cache in front: what reaches the back end, and which share of requests a size answers.
//!
//! Popularity is Zipf's law over a catalogue, or any weights; requests are independent of each other. The
//! cache drops what was used longest ago (LRU).

/// What passes a cache that answers a share `hit` of a rate.
#[must_use]
pub fn backend_rate(rate: f64, hit: f64) -> f64 {
    rate * (1.0 - hit)
}

/// The mean latency: everyone asks the cache, who misses asks the back end as well.
#[must_use]
pub fn mean_latency(hit: f64, cache: f64, backend: f64) -> f64 {
    cache + (1.0 - hit) * backend
}

/// How often the objects of a catalogue are asked for: groups of objects of one probability, the most
/// popular first.
#[derive(Debug, Clone, PartialEq)]
pub struct Popularity {
    /// How many objects, and the probability of each.
    groups: Vec<(f64, f64)>,
}

/// So many of the most popular are kept one by one; the rest in groups that grow by a thousandth.
const SINGLE: u64 = 20_000;

impl Popularity {
    /// Zipf's law: the object of rank i is asked for in proportion to i^−exponent.
    #[must_use]
    pub fn zipf(objects: u64, exponent: f64) -> Self {
        let weight = |rank: f64| libm::pow(rank, -exponent);
        let mut groups = Vec::new();
        let mut first = 1_u64;
        while first <= objects {
            let count = if first <= SINGLE { 1 } else { (first / 1000).min(objects - first + 1) };
            let (low, high) = (first as f64, (first + count - 1) as f64);
            // Simpson's rule over a thousandth of the rank is exact to ten digits.
            let mean = if count == 1 {
                weight(low)
            } else {
                (weight(low) + 4.0 * weight(f64::midpoint(low, high)) + weight(high)) / 6.0
            };
            groups.push((count as f64, mean));
            first += count;
        }
        Self::of_groups(groups)
    }

    /// Any weights, one an object.
    #[must_use]
    pub fn of(weights: &[f64]) -> Self {
        let mut weights: Vec<f64> =
            weights.iter().copied().filter(|weight| *weight > 0.0).collect();
        weights.sort_by(|a, b| b.total_cmp(a));
        Self::of_groups(weights.into_iter().map(|weight| (1.0, weight)).collect())
    }

    fn of_groups(mut groups: Vec<(f64, f64)>) -> Self {
        let total: f64 = groups.iter().map(|(count, weight)| count * weight).sum();
        for (_, weight) in &mut groups {
            *weight /= total;
        }
        Self { groups }
    }

    /// How many objects there are.
    #[must_use]
    pub fn objects(&self) -> f64 {
        self.groups.iter().map(|(count, _)| count).sum()
    }

    /// Objects a cache holds, and the share it answers, where each stays for `time` requests unasked for.
    fn held_and_hit(&self, time: f64) -> (f64, f64) {
        self.groups.iter().fold((0.0, 0.0), |(held, hit), (count, p)| {
            let present = -libm::expm1(-p * time);
            (held + count * present, hit + count * p * present)
        })
    }

    /// The share of requests that a cache of so many objects answers.
    ///
    /// # Source
    /// H. Che, Y. Tung and Z. Wang, IEEE JSAC 20 (2002): Σ(1 − e^{−p·t}) = size; hit = Σ p(1 − e^{−p·t}).
    #[must_use]
    pub fn hit_ratio(&self, size: f64) -> f64 {
        if size >= self.objects() {
            return 1.0;
        }
        if size <= 0.0 {
            return 0.0;
        }
        self.held_and_hit(self.time(|held, _| held < size)).1
    }

    /// The size, in objects, at which a cache answers this share; the whole catalogue for all of it.
    #[must_use]
    pub fn size_for(&self, hit_ratio: f64) -> f64 {
        if hit_ratio >= 1.0 {
            return self.objects();
        }
        if hit_ratio <= 0.0 {
            return 0.0;
        }
        self.held_and_hit(self.time(|_, hit| hit < hit_ratio)).0
    }

    /// Sizes against the share that still misses: shares of the catalogue in rising order.
    #[must_use]
    pub fn miss_curve(&self, shares: &[f64]) -> Vec<(f64, f64)> {
        let objects = self.objects();
        shares
            .iter()
            .map(|share| (share * objects, 1.0 - self.hit_ratio(share * objects)))
            .collect()
    }

    /// The time an object stays unasked for, by halves of its logarithm.
    fn time(&self, is_low: impl Fn(f64, f64) -> bool) -> f64 {
        let (mut low, mut high) = (1.0_f64, 2.0_f64);
        let too_low = |time: f64| {
            let (held, hit) = self.held_and_hit(time);
            is_low(held, hit)
        };
        while !too_low(low) && low > 1e-9 {
            high = low;
            low /= 16.0;
        }
        while too_low(high) && high < 1e30 {
            low = high;
            high *= 16.0;
        }
        while high / low - 1.0 > 1e-11 {
            let middle = (low * high).sqrt();
            if too_low(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_takes_its_share_and_costs_its_time() {
        assert!((backend_rate(1000.0, 0.9) - 100.0).abs() < 1e-9);
        assert!((mean_latency(0.9, 1.0, 20.0) - 3.0).abs() < 1e-12);
    }

    #[test]
    fn published_hit_ratios_come_out() {
        // A simulated LRU of 400,000 requests gave 0.4377.
        let popularity = Popularity::zipf(10_000, 0.8);
        assert!((popularity.hit_ratio(1000.0) - 0.436_659_722).abs() < 1e-6);
        assert!((popularity.size_for(0.436_659_722) - 1000.0).abs() < 0.01);
    }

    #[test]
    fn groups_of_a_large_catalogue_change_nothing() {
        let grouped = Popularity::zipf(100_000, 0.9);
        assert!((grouped.hit_ratio(5000.0) - 0.515_196_317).abs() < 1e-7);
        assert!((grouped.objects() - 100_000.0).abs() < 1e-6);
        let weights: Vec<f64> =
            (1..=100_000).map(|rank| libm::pow(f64::from(rank), -0.9)).collect();
        assert!(
            (Popularity::of(&weights).hit_ratio(5000.0) - grouped.hit_ratio(5000.0)).abs() < 1e-8
        );
    }

    #[test]
    fn nothing_holds_nothing_and_everything_everything() {
        let even = Popularity::of(&[1.0; 50]);
        assert!(even.hit_ratio(0.0) <= 0.0);
        assert!(even.hit_ratio(50.0) >= 1.0);
        assert!((even.hit_ratio(10.0) - 0.2).abs() < 1e-9);
        let curve = Popularity::zipf(1000, 1.0).miss_curve(&[0.01, 0.1, 0.5, 1.0]);
        assert!(curve.windows(2).all(|pair| pair[1].1 < pair[0].1));
        assert!(curve[3].1 <= 0.0);
    }
}
