//! Where a series broke with its past: the level of its weeks jumped.

use crate::forecast::series::{line, robust_deviation};

/// The fewest values between two breaks.
const LEAST: usize = 8;
/// What a break must gain, in variances of the noise for each of its three figures and the logarithm of
/// the length.
const PENALTY: f64 = 3.0;

/// A jump is so many robust deviations of the steps from value to value.
const JUMP: f64 = 6.0;

/// Sums over the first values, so that a line through any stretch costs one step.
struct Sums {
    y: Vec<f64>,
    xy: Vec<f64>,
    yy: Vec<f64>,
}

impl Sums {
    fn new(values: &[f64]) -> Self {
        let mut sums = Self { y: vec![0.0], xy: vec![0.0], yy: vec![0.0] };
        let middle = crate::draws::mean(values);
        for (place, value) in values.iter().enumerate() {
            let value = value - middle;
            sums.y.push(sums.y[place] + value);
            sums.xy.push(sums.xy[place] + place as f64 * value);
            sums.yy.push(sums.yy[place] + value * value);
        }
        sums
    }

    /// The squares that the least-squares line through a stretch leaves.
    fn cost(&self, from: usize, until: usize) -> f64 {
        let n = (until - from) as f64;
        let (y, yy) = (self.y[until] - self.y[from], self.yy[until] - self.yy[from]);
        let middle = (from + until - 1) as f64 / 2.0;
        let cross = self.xy[until] - self.xy[from] - middle * y;
        let square = n * (n * n - 1.0) / 12.0;
        (yy - y * y / n - cross * cross / square).max(0.0)
    }
}

/// The first place after the last break at which the level jumped: by far more than from any place to the
/// next. A walk, which bends everywhere, has no such place.
#[must_use]
pub fn last_jump(values: &[f64]) -> Option<usize> {
    let breaks = breaks(values);
    let mut steps: Vec<f64> = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    let usual = robust_deviation(&mut steps);
    breaks.iter().enumerate().rev().map(|(index, place)| (index, *place)).find_map(
        |(index, place)| {
            let from = if index == 0 { 0 } else { breaks[index - 1] };
            let until = breaks.get(index + 1).copied().unwrap_or(values.len());
            let (before, after) = (line(&values[from..place]), line(&values[place..until]));
            let expected = before.start + before.slope * (place - from) as f64;
            ((after.start - expected).abs() > JUMP * usual).then_some(place)
        },
    )
}

/// The first places after each break, ascending: the cut into straight lines of the least squares and a
/// penalty for each.
///
/// # Source
/// R. Killick, P. Fearnhead and I. A. Eckley, "Optimal detection of changepoints with a linear
/// computational cost" (PELT), JASA 107 (2012); cost: a line a segment.
#[must_use]
pub fn breaks(values: &[f64]) -> Vec<usize> {
    let length = values.len();
    if length < 2 * LEAST {
        return Vec::new();
    }
    let noise = noise(values);
    if noise <= 0.0 {
        return Vec::new();
    }
    let penalty = PENALTY * 3.0 * libm::log(length as f64) * noise;
    let sums = Sums::new(values);
    // best[t]: the least cost of the first t values, and where their last segment begins.
    let mut best = vec![(-penalty, 0_usize); length + 1];
    let mut open = vec![0_usize];
    for until in LEAST..=length {
        let cost = |from: &usize| best[*from].0 + sums.cost(*from, until) + penalty;
        let closed = |from: &&usize| until - **from >= LEAST;
        let least = open.iter().filter(closed).map(|from| (cost(from), *from));
        let least = least.min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        best[until] = least.unwrap_or((f64::MAX, 0));
        // A beginning that is worse even without a penalty never becomes the best.
        let limit = best[until].0 + penalty;
        open.retain(|from| until - from < LEAST || cost_of(&best, &sums, *from, until) <= limit);
        if until + LEAST <= length {
            open.push(until);
        }
    }
    let mut places = Vec::new();
    let mut until = length;
    while until > 0 {
        let from = best[until].1;
        if from > 0 {
            places.push(from);
        }
        until = from;
    }
    places.reverse();
    places
}

fn cost_of(best: &[(f64, usize)], sums: &Sums, from: usize, until: usize) -> f64 {
    best[from].0 + sums.cost(from, until)
}

/// The variance of the noise, from second differences, which a line does not touch and a few breaks
/// hardly; robust, by their median.
fn noise(values: &[f64]) -> f64 {
    let mut seconds: Vec<f64> =
        values.windows(3).map(|v| (v[2] - 2.0 * v[1] + v[0]).abs()).collect();
    if seconds.is_empty() {
        return 0.0;
    }
    let deviation = robust_deviation(&mut seconds);
    // The variance of a second difference is six times that of the values.
    deviation * deviation / 6.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise_at(t: usize) -> f64 {
        ((t * 7919 + t * t * 31) % 101) as f64 / 101.0 - 0.5
    }

    #[test]
    fn a_jump_and_a_new_slope_are_found_and_steady_growth_is_not_cut() {
        let growth: Vec<f64> = (0..100).map(|t| 50.0 + t as f64 + 3.0 * noise_at(t)).collect();
        assert!(breaks(&growth).is_empty(), "{:?}", breaks(&growth));
        let jump: Vec<f64> =
            (0..100).map(|t| if t < 60 { 50.0 } else { 90.0 } + 3.0 * noise_at(t)).collect();
        assert_eq!(breaks(&jump), [60]);
        let bend: Vec<f64> =
            (0..100).map(|t| 50.0 + 4.0 * (t as f64 - 70.0).max(0.0) + 3.0 * noise_at(t)).collect();
        let found = breaks(&bend);
        assert!(found.len() == 1 && (67..=73).contains(&found[0]), "{found:?}");
    }

    #[test]
    fn two_breaks_are_found_and_short_or_still_series_have_none() {
        let level = |t: usize| [20.0, 80.0, 40.0][t / 30];
        let values: Vec<f64> = (0..90).map(|t| level(t) + 2.0 * noise_at(t)).collect();
        assert_eq!(breaks(&values), [30, 60]);
        assert!(breaks(&values[..12]).is_empty());
        assert!(breaks(&[5.0; 60]).is_empty());
    }
}
