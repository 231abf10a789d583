//! Offers under limits, by kind.

use microlp::{ComparisonOp, Problem, Variable};

use super::coupling::PoolProblem;
use super::flow::Cover;
use super::hull::Within;

/// Offers that take about as much of a limit, counted together: the search decides first how many are bought of
/// each such kind, which is what a limit is about, and then which.
pub(crate) struct Alike {
    kinds: Vec<Kind>,
    /// What a unit of every offer takes of a limit, and the most units.
    offers: Vec<(usize, f64, Variable, u64)>,
}

struct Kind {
    limit: usize,
    /// The least that any of them takes.
    take: f64,
    /// What one costs, in money: the mean of its offers.
    cost: f64,
    offers: f64,
    units: u64,
    most: u64,
    /// Its offers, and what each takes beside `take`.
    bought: Vec<(Variable, f64)>,
}

/// Offers are of one kind if none takes more than so many times what the least does: the days of a month, or a
/// price that moves a little.
const ALIKE: f64 = 1.2;

impl Alike {
    /// The kinds of offers, with what is known of each; costs are counted in millionths times `unit`.
    pub(crate) fn of(pools: &[PoolProblem], known: &[Cover], unit: f64) -> Self {
        let mut offers = Vec::new();
        for (pool, cover) in pools.iter().zip(known) {
            let most = pool.most_needed();
            for ((offer, takes), units) in pool.offers.iter().zip(&pool.takes).zip(&cover.units) {
                let most = offer.most.map_or(most, |own| own.min(most));
                let cost = offer.cost as f64 / unit;
                offers
                    .extend(takes.iter().map(|(limit, take)| (*limit, *take, cost, *units, most)));
            }
        }
        offers.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut kinds: Vec<Kind> = Vec::new();
        for (limit, take, cost, units, most) in offers {
            if !kinds.last().is_some_and(|kind| kind.holds(limit, take)) {
                let kind =
                    Kind { limit, take, cost: 0.0, offers: 0.0, units: 0, most: 0, bought: vec![] };
                kinds.push(kind);
            }
            if let Some(kind) = kinds.last_mut() {
                kind.offers += 1.0;
                kind.cost += (cost - kind.cost) / kind.offers;
                kind.units += units;
                kind.most = kind.most.saturating_add(most);
            }
        }
        Self { kinds, offers: Vec::new() }
    }

    /// The kind of something that takes so much of a limit.
    fn kind(&mut self, limit: usize, take: f64) -> Option<&mut Kind> {
        self.kinds.iter_mut().find(|kind| kind.holds(limit, take))
    }

    /// What kinds carry of the cost of an offer that takes so much: the mean of theirs. The offer costs what it
    /// differs by.
    pub(crate) fn carried(&mut self, takes: &[(usize, f64)]) -> f64 {
        takes.iter().filter_map(|(limit, take)| Some(self.kind(*limit, *take)?.cost)).sum()
    }

    /// An offer that takes so much is bought as often as a variable says, and at most so often.
    pub(crate) fn bought(&mut self, takes: &[(usize, f64)], variable: Variable, most: u64) {
        for (limit, take) in takes {
            self.offers.push((*limit, *take, variable, most));
            if let Some(kind) = self.kind(*limit, *take) {
                kind.bought.push((variable, take - kind.take));
            }
        }
    }

    /// What is bought within each limit.
    pub(crate) fn within(&self, limits: &[f64]) -> Vec<Within> {
        let within = limits.iter().enumerate().map(|(place, limit)| {
            let own = self.offers.iter().filter(|(limit, ..)| *limit == place);
            let offers = own.map(|(_, take, variable, most)| (*take, *variable, *most)).collect();
            Within { limit: *limit, offers }
        });
        within.collect()
    }

    /// The limits as rows, with what else takes of each, and the units of each kind; `whole` where they have to be.
    pub(crate) fn rows(
        self,
        problem: &mut Problem,
        limits: &[f64],
        mut rows: Vec<Vec<(Variable, f64)>>,
        start: &mut Vec<(Variable, f64)>,
        whole: bool,
    ) {
        for kind in self.kinds {
            let all = counted(problem, kind.cost, kind.most, whole);
            start.push((all, kind.units as f64));
            let mut sum: Vec<_> =
                kind.bought.iter().map(|(variable, _)| (*variable, 1.0)).collect();
            sum.push((all, -1.0));
            problem.add_constraint(&sum, ComparisonOp::Eq, 0.0);
            rows[kind.limit].push((all, kind.take));
            rows[kind.limit].extend(kind.bought.into_iter().filter(|(_, beside)| *beside > 0.0));
        }
        for (row, limit) in rows.into_iter().zip(limits).filter(|(row, _)| !row.is_empty()) {
            problem.add_constraint(row, ComparisonOp::Le, *limit);
        }
    }
}

/// A number of units, whole or not.
pub(crate) fn counted(problem: &mut Problem, cost: f64, most: u64, whole: bool) -> Variable {
    let most = i32::try_from(most).unwrap_or(i32::MAX);
    if whole {
        problem.add_integer_var(cost, (0, most))
    } else {
        problem.add_var(cost, (0.0, f64::from(most)))
    }
}

impl Kind {
    fn holds(&self, limit: usize, take: f64) -> bool {
        self.limit == limit && self.take <= take && take <= self.take * ALIKE
    }
}
