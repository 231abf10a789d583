//! What nodes to order and what spend to commit to, under the cuts so far: an integer program.
//!
//! A month's nodes are counted unit by unit near what is known, and in one piece below and above, at a saving by which
//! no number of them costs more than it does. Spend may be any amount.

use microlp::{ComparisonOp, LinearExpr, OptimizationDirection, Problem, Solution, Variable};

use super::coefficient;
use super::cut::{At, Cut};
use crate::procure::optimum::alike::{Alike, counted};
use crate::procure::optimum::branch::{Effort, searched};
use crate::procure::optimum::coupling::PoolProblem;
use crate::procure::optimum::recourse::MICRO;
use crate::procure::optimum::{Cover, Offer};

/// The most nodes of a search, and how many units that have to be whole themselves halve that.
const NODES: u64 = 4_000;
const MANY: u64 = 300;

/// What is to be decided, in money of the first month.
pub(super) struct Model {
    pub months: usize,
    pub pools: Vec<PoolModel>,
    pub sales: Vec<SaleModel>,
    /// Pools of the hours.
    pub places: usize,
    pub limits: Vec<f64>,
    /// What does not depend on any choice.
    pub constant: f64,
    /// What money in a month is worth in the first.
    pub discounts: Vec<f64>,
    /// Money by which the program is counted, so that its figures are near 1.
    pub scale: f64,
}

/// A pool with nodes on sale.
pub(super) struct PoolModel {
    /// Its place among the pools with something on sale.
    pub of: usize,
    /// Its place among the pools of the hours; absent where no spend covers it.
    pub place: Option<usize>,
    /// What can be bought, and takes of the limits.
    pub problem: PoolProblem,
    pub most_bought: u64,
    pub each: Vec<MonthModel>,
}

/// A month of a pool.
pub(super) struct MonthModel {
    /// What each node saves besides what cuts say, the first ordered first.
    pub saves: Vec<f64>,
    /// The most nodes.
    pub most: Option<u64>,
    /// The units that are counted one by one.
    pub window: std::ops::Range<usize>,
}

/// A savings plan on sale.
pub(super) struct SaleModel {
    pub offers: Vec<Offer>,
    pub costs: Vec<f64>,
    pub takes: Vec<Vec<(usize, f64)>>,
    /// Money an hour that a unit of an offer comes to.
    pub unit: f64,
    /// The most units that any month could use.
    pub most: f64,
}

/// A program with its cuts.
pub(super) struct Master<'a> {
    model: &'a Model,
    problem: Problem,
    bought: Vec<Vec<Variable>>,
    spent: Vec<Vec<Variable>>,
    places: Places,
    start: Vec<(Variable, f64)>,
    /// How many cuts were added.
    rows: usize,
    /// Units of months that have to be whole themselves.
    in_turn: u64,
}

/// The variables of months.
struct Places {
    /// By pool and month: the units of each run, and how many are committed.
    runs: Vec<Vec<Vec<(usize, Variable)>>>,
    /// By savings plan and month.
    spend: Vec<Vec<Variable>>,
    /// By month: what its hours cost.
    hours: Vec<Variable>,
}

/// What a program says.
pub(super) struct Answer {
    /// By month.
    pub at: Vec<At>,
    /// What the hours of each month cost as far as the cuts know.
    pub hours: Vec<f64>,
    /// Units of each offer, by pool.
    pub units: Vec<Vec<f64>>,
    /// Units of each offer, by savings plan.
    pub spent: Vec<Vec<f64>>,
}

impl SaleModel {
    /// The units of each offer and the units that hold in each month, with what they take of each limit, counted in
    /// `limits_in` of money.
    pub(super) fn variables(
        &self,
        problem: &mut Problem,
        (months, scale): (usize, f64),
        limits: &mut [Vec<(Variable, f64)>],
        limits_in: f64,
    ) -> (Vec<Variable>, Vec<Variable>) {
        let mut own = Vec::with_capacity(self.offers.len());
        for (cost, takes) in self.costs.iter().zip(&self.takes) {
            let variable = problem.add_var(cost / scale, (0.0, self.most));
            for (limit, money) in takes {
                limits[*limit].push((variable, money / limits_in));
            }
            own.push(variable);
        }
        let each = (0..months).map(|t| {
            let all = problem.add_var(0.0, (0.0, f64::INFINITY));
            let row: Vec<_> = active(&self.offers, &own, t).chain([(all, -1.0)]).collect();
            problem.add_constraint(&row, ComparisonOp::Eq, 0.0);
            all
        });
        let each = each.collect();
        (own, each)
    }
}

impl MonthModel {
    /// Units before the window, each of it, and units after.
    fn runs(&self) -> Vec<usize> {
        let (start, end) = (self.window.start, self.window.end);
        let after = self.saves.len() - end;
        let mut runs = Vec::with_capacity(end - start + 2);
        if start > 0 {
            runs.push(start);
        }
        runs.extend((start..end).map(|_| 1));
        if after > 0 {
            runs.push(after);
        }
        runs
    }

    /// What a unit of each run saves, of what each unit does; and what units before the window save above that.
    ///
    /// Before the window a unit counts as the least mean up to it, after it as the greatest from it: so no number of
    /// units costs more than it does.
    fn by_run(&self, each: &[f64]) -> (Vec<f64>, f64) {
        let (start, end) = (self.window.start, self.window.end);
        let of = |unit: usize| each.get(unit).copied().unwrap_or(0.0);
        let mut runs = Vec::with_capacity(end - start + 2);
        let mut above = 0.0;
        if start > 0 {
            let (mut sum, mut least) = (0.0, f64::INFINITY);
            for unit in (0..start).rev() {
                sum += of(unit);
                least = least.min(sum / (start - unit) as f64);
            }
            above = sum - least * start as f64;
            runs.push(least);
        }
        runs.extend((start..end).map(of));
        if self.saves.len() > end {
            let (mut sum, mut most) = (0.0, f64::NEG_INFINITY);
            for unit in end..self.saves.len() {
                sum += of(unit);
                most = most.max(sum / (unit + 1 - end) as f64);
            }
            runs.push(most);
        }
        (runs, above)
    }
}

impl<'a> Master<'a> {
    /// The program; `known` are whole purchases that a search begins with.
    fn new(model: &'a Model, known: &[Cover]) -> Self {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let scale = model.scale;
        let mut start = Vec::new();
        let problems: Vec<PoolProblem> =
            model.pools.iter().map(|pool| pool.problem.clone()).collect();
        let own: Vec<Cover> = model.pools.iter().map(|pool| known[pool.of].clone()).collect();
        let mut alike = Alike::of(&problems, &own, MICRO * scale);
        let mut rows: Vec<Vec<(Variable, f64)>> = vec![Vec::new(); model.limits.len()];
        let mut bought = Vec::new();
        let mut runs = Vec::new();
        let mut all_in_turn = 0;
        for pool in &model.pools {
            let cover = &known[pool.of];
            let offers = &pool.problem.offers;
            let mut own = Vec::with_capacity(offers.len());
            for ((offer, takes), units) in offers.iter().zip(&pool.problem.takes).zip(&cover.units)
            {
                let most = offer.most.map_or(pool.most_bought, |most| most.min(pool.most_bought));
                let cost = offer.cost as f64 / MICRO / scale - alike.carried(takes);
                let variable = counted(&mut problem, cost, most, true);
                alike.bought(takes, variable, most);
                start.push((variable, *units as f64));
                own.push(variable);
            }
            let mut months = Vec::with_capacity(model.months);
            for (t, month) in pool.each.iter().enumerate() {
                let (saves, _) = month.by_run(&month.saves);
                // Where units may save more than those before them, parts of each would save what neither does.
                let in_turn = saves.windows(2).any(|pair| pair[1] > pair[0] + 1e-9);
                let each = month.runs().into_iter().zip(&saves).map(|(units, saves)| {
                    (
                        units,
                        counted(&mut problem, -coefficient(saves / scale), units as u64, in_turn),
                    )
                });
                let each: Vec<(usize, Variable)> = each.collect();
                if in_turn {
                    all_in_turn += each.len() as u64;
                }
                // Those before still come first.
                for pair in each.windows(2).filter(|_| in_turn) {
                    let [(before, first), (after, second)] = pair else { continue };
                    let row = [(*first, 1.0 / *before as f64), (*second, -1.0 / *after as f64)];
                    problem.add_constraint(row, ComparisonOp::Ge, 0.0);
                }
                let active = || active(offers, &own, t);
                if !each.is_empty() {
                    let less = each.iter().map(|(_, variable)| (*variable, -1.0));
                    let row: Vec<_> = active().chain(less).collect();
                    problem.add_constraint(&row, ComparisonOp::Ge, 0.0);
                }
                if let Some(most) = month.most.filter(|most| *most < pool.most_bought) {
                    let row: Vec<_> = active().collect();
                    if !row.is_empty() {
                        problem.add_constraint(&row, ComparisonOp::Le, most as f64);
                    }
                }
                months.push(each);
            }
            bought.push(own);
            runs.push(months);
        }
        let mut spent = Vec::new();
        let mut spend = Vec::new();
        for sale in &model.sales {
            let (own, months) = sale.variables(&mut problem, (model.months, scale), &mut rows, 1.0);
            spent.push(own);
            spend.push(months);
        }
        alike.rows(&mut problem, &model.limits, rows, &mut start, true);
        let hours = (0..model.months).map(|_| problem.add_var(1.0, (0.0, f64::INFINITY))).collect();
        let places = Places { runs, spend, hours };
        Self { model, problem, bought, spent, places, start, rows: 0, in_turn: all_in_turn }
    }

    /// The program under these cuts of months.
    pub(super) fn under(model: &'a Model, known: &[Cover], cuts: &[(usize, Cut)]) -> Self {
        let mut master = Self::new(model, known);
        for (t, cut) in cuts {
            master.add(*t, cut);
        }
        master
    }

    /// One more cut of a month.
    fn add(&mut self, t: usize, cut: &Cut) {
        let (row, least) = self.places.row(self.model, t, cut);
        self.problem.add_constraint(row, ComparisonOp::Ge, least);
        self.rows += 1;
    }

    /// Searches whole nodes: the best found, what none is below, and the work it took.
    pub(super) fn search(&self, work: u64, enough: f64) -> Option<(Answer, f64, u64)> {
        let size = self.model.variables() + self.rows;
        let nodes = NODES * MANY / (MANY + self.in_turn);
        let effort = Effort { work, size, nodes, more: 1 };
        let (outcome, used) = searched(&self.problem, self.start.clone(), enough, effort)?;
        let best = outcome.stats().best_bound?;
        let answer = self.answer(outcome.solution()?);
        Some((answer, self.money(best), used))
    }

    fn money(&self, objective: f64) -> f64 {
        objective * self.model.scale + self.model.constant()
    }

    fn answer(&self, solution: &Solution) -> Answer {
        let value = |variable: &Variable| solution.var_value(*variable).max(0.0);
        let nodes = |pool: usize, t: usize| {
            self.places.runs[pool][t].iter().map(|(_, variable)| value(variable)).sum::<f64>()
        };
        let at = |t: usize| {
            let mut at = At { nodes: vec![0.0; self.model.places], spend: Vec::new() };
            for (k, pool) in self.model.pools.iter().enumerate() {
                if let Some(place) = pool.place {
                    at.nodes[place] = snapped(nodes(k, t));
                }
            }
            let spend = self.places.spend.iter().zip(&self.model.sales);
            at.spend = spend.map(|(each, sale)| value(&each[t]) * sale.unit).collect();
            at
        };
        Answer {
            at: (0..self.model.months).map(at).collect(),
            hours: self.places.hours.iter().map(|v| value(v) * self.model.scale).collect(),
            units: self.bought.iter().map(|each| each.iter().map(value).collect()).collect(),
            spent: self.spent.iter().map(|each| each.iter().map(value).collect()).collect(),
        }
    }
}

impl Model {
    /// How many variables the program has.
    pub(super) fn variables(&self) -> usize {
        let pool = |pool: &PoolModel| {
            let runs: usize = pool.each.iter().map(|month| month.runs().len()).sum();
            pool.problem.offers.len() + runs
        };
        let sale = |sale: &SaleModel| sale.offers.len() + self.months;
        self.pools.iter().map(pool).sum::<usize>()
            + self.sales.iter().map(sale).sum::<usize>()
            + self.months
    }

    /// What does not depend on any choice, with what units before the windows save.
    fn constant(&self) -> f64 {
        let months = self.pools.iter().flat_map(|pool| &pool.each);
        let each =
            months.map(|month| month.saves.iter().sum::<f64>() - month.by_run(&month.saves).1);
        self.constant + each.sum::<f64>()
    }
}

impl Places {
    /// What the hours of a month cost no less than, as a row.
    fn row(&self, model: &Model, t: usize, cut: &Cut) -> (LinearExpr, f64) {
        let factor = model.discounts[t] / model.scale;
        let mut row = LinearExpr::empty();
        row.add(self.hours[t], 1.0);
        let mut least = cut.nothing;
        for (pool, runs) in model.pools.iter().zip(&self.runs) {
            let Some(place) = pool.place else { continue };
            let (saves, above) = pool.each[t].by_run(&cut.nodes[place]);
            least -= above;
            for (saves, (_, variable)) in saves.iter().zip(&runs[t]) {
                let saves = coefficient(saves * factor);
                if saves != 0.0 {
                    row.add(*variable, saves);
                }
            }
        }
        for ((worth, spend), sale) in cut.spend.iter().zip(&self.spend).zip(&model.sales) {
            let worth = coefficient(worth * sale.unit * factor);
            if worth != 0.0 {
                row.add(spend[t], worth);
            }
        }
        (row, least * factor)
    }
}

fn active<'o>(
    offers: &'o [Offer],
    variables: &'o [Variable],
    t: usize,
) -> impl Iterator<Item = (Variable, f64)> + use<'o> {
    let all = offers.iter().zip(variables);
    all.filter(move |(offer, _)| offer.from <= t && t < offer.to)
        .map(|(_, variable)| (*variable, 1.0))
}

/// A whole number where it is one but for rounding.
fn snapped(units: f64) -> f64 {
    if (units - units.round()).abs() < 1e-7 { units.round() } else { units }
}
