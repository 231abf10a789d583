//! Inequalities that whole units under a limit keep, and parts of units do not.
//!
//! A limit of 70 on things that take 40 and 69 holds one of either. The linear program buys a part of each; what it
//! buys is cut off by an inequality that every number of whole units keeps, until it buys nothing that is not a
//! blend of whole units. The fewer units a limit holds, the more that lifts the bound.
//!
//! # Source
//! Separation over the convex hull of a knapsack, its points listed: Boyd, "Generating Fenchel cutting planes for
//! knapsack polyhedra" (1993).

use microlp::{ComparisonOp, OptimizationDirection, Problem, Solution, Variable};

/// The most points of a limit that are listed.
const POINTS: usize = 1_500;
/// The most steps of listing them.
const VISITS: usize = 20 * POINTS;
/// Rounds of cuts, and the most work: inequalities times the size of the program.
const ROUNDS: usize = 25;
const WORK: usize = 30_000;
/// A share that is none.
const TINY: f64 = 1e-5;
/// By how much what is bought has to be beyond an inequality.
const BEYOND: f64 = 1e-6;

/// What is bought under one limit.
pub(crate) struct Within {
    pub limit: f64,
    /// Whole units of offers: what one takes, how many, and the most.
    pub offers: Vec<(f64, Variable, u64)>,
}

/// Offers whose units take about the same of a limit.
struct Kind {
    bought: Vec<Variable>,
    /// The least that any of them takes.
    take: f64,
    most: u64,
}

/// Offers take about the same if none takes more than so many times what the least does: nothing but rounding, else
/// the days of a year, else a price that moves a little.
const SAME: [f64; 3] = [1.0 + 1e-9, 1.01, 1.2];

/// The left side of an inequality whose right side is 1.
pub(crate) type Row = Vec<(Variable, f64)>;

/// Inequalities for a program of such a size whose whole numbers were let go.
pub(crate) fn cuts(relaxed: &Problem, limits: &[Within], size: usize) -> Vec<Row> {
    let hulls: Vec<Hull> = limits.iter().filter_map(Hull::of).collect();
    let mut rows = Vec::new();
    if hulls.is_empty() {
        return rows;
    }
    let mut found = relaxed.solve().ok().and_then(|outcome| outcome.into_solution().ok());
    for _ in 0..ROUNDS {
        let Some(solution) = found else { break };
        let more: Vec<Row> = hulls.iter().filter_map(|hull| hull.row(&solution)).collect();
        if more.is_empty() || (rows.len() + more.len()) * size > WORK {
            break;
        }
        found = more.iter().try_fold(solution, |solution, row| {
            let next = solution.add_constraint(row, ComparisonOp::Le, 1.0).ok()?;
            next.into_solution().ok()
        });
        rows.extend(more);
    }
    rows
}

/// Every number of whole units that keeps a limit.
struct Hull {
    limit: f64,
    kinds: Vec<Kind>,
    /// The units of each kind, where they leave no room for another.
    points: Vec<Vec<f64>>,
}

impl Hull {
    /// `None` where there is nothing to list, or too much.
    fn of(within: &Within) -> Option<Self> {
        if within.offers.is_empty() || within.limit <= 0.0 {
            return None;
        }
        let hulls = SAME.into_iter().map(|same| {
            let kinds = kinds(&within.offers, same);
            Self { limit: within.limit, kinds, points: vec![] }
        });
        hulls.into_iter().find_map(Self::listed)
    }

    fn listed(mut self) -> Option<Self> {
        self.list(&mut Vec::new(), 0.0, &mut { VISITS }).then_some(self)
    }

    /// Lists whole units kind by kind; false where there are too many.
    fn list(&mut self, units: &mut Vec<f64>, taken: f64, visits: &mut usize) -> bool {
        *visits -= 1;
        let room = self.limit * (1.0 + 1e-12) + 1e-9 - taken;
        let Some(kind) = self.kinds.get(units.len()) else {
            let fits =
                |(kind, units): (&Kind, &f64)| kind.take <= room && *units < kind.most as f64;
            if !self.kinds.iter().zip(&*units).any(fits) {
                self.points.push(units.clone());
            }
            return self.points.len() <= POINTS && *visits > 0;
        };
        let take = kind.take;
        let mut count = (room / take).floor().clamp(0.0, kind.most as f64);
        while count >= 0.0 {
            units.push(count);
            let fine = *visits > 0 && self.list(units, taken + count * take, visits);
            units.pop();
            if !fine {
                return false;
            }
            if units.len() + 1 == self.kinds.len() {
                // Fewer of the last kind leave room for another of it.
                break;
            }
            count -= 1.0;
        }
        true
    }

    /// An inequality that what a solution buys does not keep.
    fn row(&self, solution: &Solution) -> Option<Row> {
        let value = |variable: &Variable| solution.var_value(*variable).max(0.0);
        let units = |kind: &Kind| kind.bought.iter().map(value).sum();
        let units: Vec<f64> = self.kinds.iter().map(units).collect();
        let each = self.cut(&units)?.into_iter();
        let bought =
            self.kinds.iter().zip(each).filter(|(_, share)| *share > 0.0).flat_map(
                |(kind, share)| kind.bought.iter().map(move |variable| (*variable, share)),
            );
        Some(bought.collect())
    }

    /// The inequality that is furthest from what is bought: a share of each kind's units.
    fn cut(&self, units: &[f64]) -> Option<Vec<f64>> {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        // A little for kinds of which nothing is bought: they are in the inequality as far as they can be.
        let shares: Vec<Variable> =
            units.iter().map(|units| problem.add_var(units + 1e-7, (0.0, 1.0))).collect();
        for point in &self.points {
            let row = shares.iter().zip(point).filter(|(_, units)| **units > 0.0);
            let row: Row = row.map(|(share, units)| (*share, *units)).collect();
            if !row.is_empty() {
                problem.add_constraint(row, ComparisonOp::Le, 1.0);
            }
        }
        let outcome = problem.solve().ok()?;
        let solution = outcome.solution()?;
        // Without a tiny share the inequality says less, and is still kept.
        let share = |variable: &Variable| {
            Some(solution.var_value(*variable)).filter(|share| *share > TINY).unwrap_or(0.0)
        };
        let mut each: Vec<f64> = shares.iter().map(share).collect();
        // Floats found it: every point keeps it for certain.
        let at = |each: &[f64], units: &[f64]| -> f64 {
            each.iter().zip(units).map(|(share, units)| share * units).sum()
        };
        let most = self.points.iter().map(|units| at(&each, units));
        let most = most.fold(0.0, f64::max) * (1.0 + 1e-12);
        if most <= 0.0 {
            return None;
        }
        for share in &mut each {
            *share /= most;
        }
        (at(&each, units) > 1.0 + BEYOND).then_some(each)
    }
}

/// Offers that take about the same of a limit, together.
fn kinds(offers: &[(f64, Variable, u64)], same: f64) -> Vec<Kind> {
    let mut offers = offers.to_vec();
    offers.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut kinds: Vec<Kind> = Vec::new();
    for (take, variable, most) in offers {
        match kinds.last_mut().filter(|kind| take <= kind.take * same) {
            Some(kind) => {
                kind.bought.push(variable);
                kind.most = kind.most.saturating_add(most);
            }
            None => kinds.push(Kind { bought: vec![variable], take, most }),
        }
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kinds that take so much and are bought at most so often.
    fn hull(limit: f64, kinds: &[(f64, u64)]) -> Hull {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let mut any = || problem.add_var(1.0, (0.0, 1.0));
        let offers = kinds.iter().map(|(take, most)| (*take, any(), *most)).collect();
        Hull::of(&Within { limit, offers }).unwrap()
    }

    #[test]
    fn one_of_two_large_things_is_a_whole_one() {
        // 40 and 69 of 70: one of either, however they are blended.
        let hull = hull(70.0, &[(40.0, 9), (69.0, 9)]);
        let each = hull.cut(&[1.0, 0.4]).unwrap();
        assert!(each.iter().all(|share| (share - 1.0).abs() < 1e-6), "{each:?}");
        assert!(hull.cut(&[0.5, 0.5]).is_none());
    }

    #[test]
    fn every_whole_number_of_units_keeps_every_cut() {
        let kinds = [(3.1, 4), (5.7, 9), (9.2, 9)];
        let hull = hull(23.0, &kinds);
        for units in [[4.0, 0.9, 1.1], [0.0, 2.5, 0.9]] {
            let each = hull.cut(&units).unwrap();
            for a in 0..=4_u32 {
                for b in 0..=4_u32 {
                    for c in 0..=2_u32 {
                        let units = [a, b, c].map(f64::from);
                        let taken: f64 =
                            units.iter().zip(&kinds).map(|(n, (take, _))| n * take).sum();
                        if taken <= 23.0 {
                            let sum: f64 = each.iter().zip(units).map(|(share, n)| share * n).sum();
                            assert!(sum <= 1.0 + 1e-9, "{units:?}");
                        }
                    }
                }
            }
        }
    }
}
