//! How much of a limit whole units can take.
//!
//! A limit of 100 on things that take 30 each is one of 90. Lowering it to the largest sum that whole units come
//! to forbids no purchase and lifts the bound of the linear program, most where few units share a limit.

use std::collections::BTreeSet;

use super::coupling::PoolProblem;
use super::recourse::micro;

/// The most sums that are tried for one limit.
const SUMS: usize = 50_000;
/// Limits above this, in money, are left as they are: hundreds of units come close to any sum.
const LARGEST: f64 = 1e12;

/// The limits, each lowered to the largest sum that whole units can take of it.
#[must_use]
pub fn attainable(pools: &[PoolProblem], limits: &[f64]) -> Vec<f64> {
    let mut each: Vec<BTreeSet<i64>> = vec![BTreeSet::new(); limits.len()];
    for (limit, money) in pools.iter().flat_map(|pool| pool.takes.iter().flatten()) {
        if *money > 0.0 && *money < LARGEST {
            each[*limit].insert(micro(*money));
        }
    }
    let lowered = limits.iter().zip(each).map(|(limit, each)| {
        if !(*limit > 0.0 && *limit < LARGEST) {
            return *limit;
        }
        // Half a millionth for the rounding of every unit.
        let whole = micro(*limit);
        let slack = each.first().map_or(0, |least| whole / least + 1);
        let each: Vec<i64> = each.into_iter().rev().collect();
        let mut search = Search { most: whole + slack, best: 0, left: SUMS };
        if search.all(&each, 0) && search.best > 0 {
            limit.min((search.best + slack) as f64 / super::recourse::MICRO)
        } else {
            *limit
        }
    });
    lowered.collect()
}

/// A search for the largest sum not above `most`.
struct Search {
    most: i64,
    best: i64,
    /// Sums that may still be tried.
    left: usize,
}

impl Search {
    /// Adds every number of units of each, the largest first; false where there were too many.
    fn all(&mut self, each: &[i64], sum: i64) -> bool {
        self.best = self.best.max(sum);
        if self.best == self.most {
            return true;
        }
        match each {
            [] => true,
            [last] => {
                self.best = self.best.max(sum + (self.most - sum) / last * last);
                true
            }
            [first, rest @ ..] => {
                let mut sum = sum;
                while sum <= self.most {
                    if self.left == 0 {
                        return false;
                    }
                    self.left -= 1;
                    if !self.all(rest, sum) {
                        return false;
                    }
                    sum += first;
                }
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taking(each: &[f64]) -> Vec<PoolProblem> {
        let takes = each.iter().map(|money| vec![(0, *money)]).collect();
        vec![PoolProblem { takes, ..PoolProblem::default() }]
    }

    #[test]
    fn a_limit_falls_to_what_whole_units_take() {
        let limit = |each: &[f64], most: f64| attainable(&taking(each), &[most])[0];
        for (each, most, expected) in [
            (&[30.0][..], 100.0, 90.0),
            (&[30.0, 50.0], 100.0, 100.0),
            (&[30.0, 50.0], 75.0, 60.0),
            (&[40.0, 70.0, 90.0], 100.0, 90.0),
            (&[], 100.0, 100.0),
            (&[30.0], f64::MAX, f64::MAX),
        ] {
            let found = limit(each, most);
            assert!((found - expected).abs() < 1e-4 * expected, "{each:?}: {found}");
        }
        // Thousands of units of many sizes: the limit stays.
        let many: Vec<f64> = (0..12).map(|k| 1.0 + 0.01 * f64::from(k)).collect();
        assert!((limit(&many, 5000.0) - 5000.0).abs() < 1e-3);
    }
}
