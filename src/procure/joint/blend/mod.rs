//! Many pools with nodes and spend on sale: the best blend of orders, and the bound that it proves.
//!
//! With the cuts of a month weighed, what an hour costs falls apart by pool, and each pool's cheapest orders are a flow.
//! A small linear program over orders found so far (columns, by group of pools), spend and cuts says which weights to
//! try next (its dual) and where to cut next (itself). Every set of weights bounds all orders and spend from below; the
//! blend of columns, dealt out to the pools of each group, is a candidate.
//!
//! In: the points of every month, orders and spend that are known. Out: the bound; candidates are given to be weighed.
//!
//! # Source
//! Dantzig and Wolfe (1960) for columns, Benders (1962) for cuts, taken in turns.

mod whole;

use std::collections::BTreeSet;

use microlp::{ComparisonOp, OptimizationDirection, Problem, Variable};
use rayon::prelude::*;

use super::cut::{At, Cut, cut};
use super::{Known, Ready, Weigh, at_known, coefficient, sale_model};
use crate::procure::optimum::Cover;
use crate::procure::optimum::coupling::{PoolProblem, add_taken};
use crate::procure::optimum::product::discount;
use crate::procure::orders::SpendPlan;
use crate::procure::problem::Problems;
use crate::procure::savings::{Ground, Proposal, Shadow, amounts};

use super::master::SaleModel;
use whole::{Candidate, DEALT};

/// Groups of pools whose orders are blended by themselves.
const GROUPS: usize = 40;
/// The most rounds; of them with coarse hours, where there are some and fine ones too.
const ROUNDS: usize = 32;
const COARSE: usize = 16;
/// Candidates are weighed at the end: when so many rounds do not lift the bound by this share.
const IDLE: usize = 3;
const PATIENT: usize = 8;
const LITTLE: f64 = 5e-6;
/// How many dives are tried.
const DIVES: usize = 4;
/// How many candidates are weighed: those that cost least as far as their own cuts say.
const WEIGHED: usize = 1;
/// A cut that had no weight for so many rounds is dropped.
const AGE: usize = 4;

/// The cheapest orders where spend takes this much from what nodes save and a limit on cash has a price, and what
/// nothing of both costs less than. Without prices the orders keep the limit.
pub(super) type Priced<'a> = &'a dyn Fn(&Shadow, &[f64]) -> (Vec<Cover>, f64);

/// What is blended.
struct Blend<'a> {
    problems: &'a Problems<'a>,
    ready: &'a Ready<'a>,
    sales: Vec<SaleModel>,
    discounts: Vec<f64>,
    /// Each pool as it is without spend.
    pools: Vec<PoolProblem>,
    /// Its place among the pools of the hours.
    places: Vec<Option<usize>>,
    groups: Vec<Vec<usize>>,
    cuts: Vec<Held>,
    /// Limits on cash, and whether spend takes of them too; else orders keep them by themselves.
    limits: Vec<f64>,
    shared: bool,
    /// By group.
    columns: Vec<Vec<Column>>,
    scale: f64,
}

/// A cut that is held.
struct Held {
    month: usize,
    cut: Cut,
    /// What so many nodes take off it, by place: none, one, two, …
    sums: Vec<Vec<f64>>,
    /// What each column takes off it, by group, in money of the first month.
    taken: Vec<Vec<f64>>,
    /// Rounds since it had weight.
    idle: usize,
}

/// Orders of a group of pools.
struct Column {
    covers: Vec<Cover>,
    /// By pool and month.
    nodes: Vec<Vec<u64>>,
    /// What they cost beside what cuts say.
    costs: f64,
    /// What they take of each limit.
    takes: Vec<f64>,
}

/// What a linear program over columns and cuts says.
struct Mixed {
    /// Shares of the columns of each group.
    shares: Vec<Vec<f64>>,
    /// Units of each offer, by savings plan.
    spent: Vec<Vec<f64>>,
    /// What it costs, as far as the cuts know.
    costs: f64,
}

/// The columns that a program may use.
#[derive(Default)]
struct Open {
    /// Groups of which one column is certain.
    fixed: Vec<Option<usize>>,
    /// Groups and columns of them that are out of the question.
    closed: BTreeSet<(usize, usize)>,
}

impl Open {
    fn is(&self, group: usize, column: usize) -> bool {
        let only = self.fixed.get(group).copied().flatten();
        only.is_none_or(|only| only == column) && !self.closed.contains(&(group, column))
    }
}

/// What was found.
pub(super) struct Blended {
    /// No orders and no spend cost less.
    pub bound: f64,
    pub cuts: Vec<(usize, Cut)>,
    /// The best that was weighed or known: orders, spend, and what both cost.
    pub best: (Vec<Cover>, SpendPlan, f64),
}

/// Blends, and weighs what comes of it.
pub(super) fn blended(
    problems: &Problems<'_>,
    ground: &Ground<'_>,
    ready: &Ready<'_>,
    known: &Known<'_>,
    (enough, beside): (f64, f64),
    (priced, weigh): (Priced<'_>, Weigh<'_>),
) -> Option<Blended> {
    let (of_plan, points) = (&ready.sales, ready.points());
    let mut blend = Blend::new(problems, ground, ready, known);
    let mut best = (known.covers.to_vec(), known.spend.clone(), known.total);
    let at = |covers: &[Cover], spend: &Proposal| {
        at_known(ground, of_plan, problems, points, covers, spend)
    };
    let (mut bound, mut idle) = (f64::NEG_INFINITY, 0);
    let mut coarse = ready.coarse.is_some();
    blend.add_column(known.covers);
    if !blend.limits.is_empty() {
        // Whatever others take of the limits, nothing fits.
        let nothing = problems.pools.iter().enumerate();
        let nothing = nothing.map(|(of, pool)| blend.costed(of, vec![0; pool.offers.len()]));
        let nothing: Vec<Cover> = nothing.collect();
        blend.add_column(&nothing);
    }
    blend.add_cuts(&at(known.covers, &amounts(known.spend)), coarse);
    let mut last = None;
    for round in 1..=ROUNDS {
        let Some((weights, prices)) = blend.weights(&Open::default()) else { break };
        let shadow = blend.shadow(&weights);
        // Where spend takes nothing of the limits, orders keep them by themselves; at their prices they do not.
        let (covers, below) = priced(&shadow, if blend.shared { &prices } else { &[] });
        if !blend.shared && prices.iter().any(|price| *price > 0.0) {
            blend.add_column(&priced(&shadow, &prices).0);
        }
        idle = if below > bound + LITTLE * (below + beside).abs() { 0 } else { idle + 1 };
        bound = bound.max(below);
        blend.add_column(&covers);
        let Some(mixed) = blend.mixed(&Open::default()) else { break };
        blend.age(&weights);
        if coarse && ready.is_whole() && (idle >= IDLE || round >= COARSE) {
            (coarse, idle) = (false, 0);
        }
        blend.add_cuts(&blend.at(&mixed), coarse);
        // Columns and cuts that are missing lie between what the program says and what is proven.
        let open = mixed.costs - beside - bound;
        let ends = idle >= IDLE && (open < LITTLE * mixed.costs.abs() || idle >= PATIENT);
        last = Some((covers, shadow));
        if ends || best.2 - bound <= enough {
            break;
        }
    }
    let (covers, shadow) = last?;
    if best.2 - bound > enough {
        let mut candidates: Vec<Vec<Cover>> = Vec::new();
        if let Some(mixed) = blend.mixed(&Open::default()) {
            candidates.extend(DEALT.iter().map(|from| blend.dealt(&mixed, *from)));
        }
        candidates.push(covers);
        if !blend.limits.is_empty() {
            candidates.push(priced(&shadow, &[]).0);
        }
        candidates.dedup();
        let mut found: Vec<Candidate> = Vec::new();
        for covers in candidates {
            found.extend(blend.candidate(covers, &at));
        }
        // Each dive is cut where it ends, so the next one knows better.
        for _ in 0..DIVES {
            let Some(covers) = blend.dived(priced) else { break };
            if found.iter().any(|one| one.covers == covers) {
                break;
            }
            found.extend(blend.candidate(covers, &at));
        }
        if found.is_empty() {
            let covers = priced(&shadow, &[]).0;
            found.push(Candidate { covers, spend: Proposal::new(), total: f64::INFINITY });
        }
        found.sort_by(|a, b| a.total.total_cmp(&b.total));
        for Candidate { covers, spend, .. } in found.into_iter().take(WEIGHED) {
            let (total, spend) = weigh(covers.clone(), &spend);
            if total < best.2 {
                best = (covers, spend, total);
            }
        }
    }
    // Floats proved it: a part in a billion is given away.
    let bound = bound - 1e-9 * (bound + beside).abs();
    let cuts = blend.cuts.into_iter().map(|held| (held.month, held.cut)).collect();
    bound.is_finite().then_some(Blended { bound, cuts, best })
}

impl<'a> Blend<'a> {
    fn new(
        problems: &'a Problems<'a>,
        ground: &Ground<'_>,
        ready: &'a Ready<'a>,
        known: &Known<'_>,
    ) -> Self {
        let pools: Vec<PoolProblem> =
            problems.pools.iter().map(|pool| pool.problem(problems, None)).collect();
        let points = ready.points();
        let place = |pool| points[0].pools.iter().position(|own| *own == pool);
        let count = problems.pools.len();
        let sales: Vec<SaleModel> =
            ready.sales.iter().map(|sale| sale_model(problems, ground, sale, points)).collect();
        let shared = sales.iter().flat_map(|sale| &sale.takes).any(|takes| !takes.is_empty());
        let each = count.div_ceil(GROUPS).max(1);
        let groups: Vec<Vec<usize>> =
            (0..count).collect::<Vec<_>>().chunks(each).map(<[usize]>::to_vec).collect();
        Self {
            places: problems.pools.iter().map(|pool| place(pool.pool)).collect(),
            columns: groups.iter().map(|_| Vec::new()).collect(),
            sales,
            limits: problems.limits(),
            shared,
            discounts: (0..ground.all).map(|m| discount(ground.rate, m)).collect(),
            scale: (known.total.abs() * 1e-4).max(1.0),
            cuts: Vec::new(),
            problems,
            ready,
            pools,
            groups,
        }
    }

    /// Adds orders to the columns of every group, where they are new.
    fn add_column(&mut self, covers: &[Cover]) {
        for place in 0..self.groups.len() {
            let group = &self.groups[place];
            let own: Vec<Cover> = group.iter().map(|pool| covers[*pool].clone()).collect();
            let same =
                |column: &Column| column.covers.iter().zip(&own).all(|(a, b)| a.units == b.units);
            if self.columns[place].iter().any(same) {
                continue;
            }
            let mut costs = 0.0;
            let mut nodes = Vec::with_capacity(group.len());
            let mut takes = vec![0.0; self.limits.len()];
            for (pool, cover) in group.iter().zip(&own) {
                let committed = self.committed(*pool, cover);
                costs += self.beside_cuts(*pool, cover, &committed);
                if !takes.is_empty() {
                    add_taken(&self.pools[*pool], &cover.units, &mut takes);
                }
                nodes.push(committed);
            }
            self.columns[place].push(Column { covers: own, nodes, costs, takes });
        }
    }

    /// Cuts where every month is, of coarse hours where they do; gives what each says where it was made.
    fn add_cuts(&mut self, at: &[At], coarse: bool) -> Vec<f64> {
        let points = self.ready.coarse.as_deref().filter(|_| coarse);
        let points = points.unwrap_or(self.ready.points());
        let each = points.par_iter().zip(at).map(|(points, at)| {
            let cut = cut(points, at);
            (cut.value(at), cut)
        });
        let each: Vec<(f64, Cut)> = each.collect();
        let mut values = Vec::with_capacity(each.len());
        for (month, (value, cut)) in each.into_iter().enumerate() {
            let sums = cut.nodes.iter().map(|saves| {
                let sums = saves.iter().scan(0.0, |sum, saves| {
                    *sum += saves;
                    Some(*sum)
                });
                std::iter::once(0.0).chain(sums).collect()
            });
            let (sums, taken) = (sums.collect(), vec![Vec::new(); self.groups.len()]);
            self.cuts.push(Held { month, cut, sums, taken, idle: 0 });
            values.push(value);
        }
        values
    }

    /// Drops cuts that had no weight for long. `weights` are of the first ones.
    fn age(&mut self, weights: &[f64]) {
        for (held, weight) in self.cuts.iter_mut().zip(weights) {
            held.idle = if *weight > 0.0 { 0 } else { held.idle + 1 };
        }
        self.cuts.retain(|held| held.idle <= AGE);
    }

    /// Counts what each column takes off each cut, where it is not known yet.
    fn count(&mut self) {
        let Self { cuts, columns, groups, places, discounts, .. } = self;
        cuts.par_iter_mut().for_each(|held| {
            let (m, factor) = (held.month, discounts[held.month]);
            for ((group, columns), taken) in groups.iter().zip(&*columns).zip(&mut held.taken) {
                for column in &columns[taken.len()..] {
                    let pools = group.iter().zip(&column.nodes);
                    let each = pools.filter_map(|(pool, nodes)| {
                        let sums = &held.sums[places[*pool]?];
                        Some(sums[whole(nodes[m]).min(sums.len() - 1)])
                    });
                    taken.push(each.sum::<f64>() * factor);
                }
            }
        });
    }

    /// The weights of cuts and the prices of limits: the dual of the linear program.
    fn weights(&mut self, open: &Open) -> Option<(Vec<f64>, Vec<f64>)> {
        self.count();
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let scale = self.scale;
        let weights: Vec<Variable> = self
            .cuts
            .iter()
            .map(|held| problem.add_var(self.nothing(held) / scale, (0.0, 1.0)))
            .collect();
        let free = (f64::NEG_INFINITY, f64::INFINITY);
        let prices: Vec<Variable> = self
            .limits
            .iter()
            .map(|limit| problem.add_var(-limit / scale, (0.0, f64::INFINITY)))
            .collect();
        for (group, columns) in self.columns.iter().enumerate() {
            let value = problem.add_var(1.0, free);
            for (k, column) in columns.iter().enumerate().filter(|(k, _)| open.is(group, *k)) {
                let cuts = self.cuts.iter().zip(&weights);
                let mut row: Vec<(Variable, f64)> = cuts
                    .map(|(held, weight)| (*weight, coefficient(held.taken[group][k] / scale)))
                    .filter(|(_, taken)| *taken > 0.0)
                    .collect();
                row.push((value, 1.0));
                let takes = prices.iter().zip(&column.takes).filter(|(_, takes)| **takes > 0.0);
                row.extend(takes.map(|(price, takes)| (*price, -takes / scale)));
                problem.add_constraint(&row, ComparisonOp::Le, column.costs / scale);
            }
        }
        for m in 0..self.discounts.len() {
            let cuts = self.cuts.iter().zip(&weights).filter(|(held, _)| held.month == m);
            let row: Vec<(Variable, f64)> = cuts.map(|(_, weight)| (*weight, 1.0)).collect();
            problem.add_constraint(&row, ComparisonOp::Le, 1.0);
        }
        for (k, sale) in self.sales.iter().enumerate() {
            for ((offer, cost), takes) in sale.offers.iter().zip(&sale.costs).zip(&sale.takes) {
                let cuts = self.cuts.iter().zip(&weights);
                let row =
                    cuts.filter(|(held, _)| offer.from <= held.month && held.month < offer.to);
                let row = row.map(|(held, weight)| {
                    let factor = self.discounts[held.month] / scale;
                    (*weight, coefficient(held.cut.spend[k] * sale.unit * factor))
                });
                let mut row: Vec<(Variable, f64)> = row.filter(|(_, worth)| *worth > 0.0).collect();
                if !row.is_empty() {
                    let takes = takes.iter().filter(|_| !prices.is_empty());
                    row.extend(takes.map(|(limit, takes)| (prices[*limit], -takes / scale)));
                    problem.add_constraint(&row, ComparisonOp::Le, cost / scale);
                }
            }
        }
        let solution = problem.solve().ok()?.into_solution().ok()?;
        // Rounding of the program is given away, so that no spend is worth more than it costs.
        let weight = |variable: &Variable| (solution.var_value(*variable) * (1.0 - 1e-7)).max(0.0);
        let price = |variable: &Variable| solution.var_value(*variable).max(0.0);
        Some((weights.iter().map(weight).collect(), prices.iter().map(price).collect()))
    }

    /// The blend of columns and spend under the cuts: the linear program itself. Of columns that are open.
    fn mixed(&mut self, open: &Open) -> Option<Mixed> {
        self.count();
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let scale = self.scale;
        let mut rows: Vec<Vec<(Variable, f64)>> = vec![Vec::new(); self.limits.len()];
        let mut shares = Vec::new();
        for (group, columns) in self.columns.iter().enumerate() {
            let most = |k: usize| if open.is(group, k) { 1.0 } else { 0.0 };
            let own: Vec<Variable> = columns
                .iter()
                .enumerate()
                .map(|(k, column)| problem.add_var(column.costs / scale, (0.0, most(k))))
                .collect();
            let row: Vec<(Variable, f64)> = own.iter().map(|share| (*share, 1.0)).collect();
            problem.add_constraint(&row, ComparisonOp::Eq, 1.0);
            for (column, share) in columns.iter().zip(&own) {
                let takes = rows.iter_mut().zip(&column.takes).filter(|(_, takes)| **takes > 0.0);
                takes.for_each(|(row, takes)| row.push((*share, takes / scale)));
            }
            shares.push(own);
        }
        let mut spent = Vec::new();
        let mut spend = Vec::new();
        for sale in &self.sales {
            let months = (self.discounts.len(), scale);
            let (own, all) = sale.variables(&mut problem, months, &mut rows, scale);
            spent.push(own);
            spend.push(all);
        }
        for (row, limit) in rows.iter().zip(&self.limits).filter(|(row, _)| !row.is_empty()) {
            problem.add_constraint(row, ComparisonOp::Le, limit / scale);
        }
        let months = 0..self.discounts.len();
        let hours: Vec<Variable> =
            months.map(|_| problem.add_var(1.0, (0.0, f64::INFINITY))).collect();
        for held in &self.cuts {
            let m = held.month;
            let mut row = vec![(hours[m], 1.0)];
            for (taken, shares) in held.taken.iter().zip(&shares) {
                row.extend(shares.iter().zip(taken).map(|(share, taken)| (*share, taken / scale)));
            }
            for ((worth, sale), spend) in held.cut.spend.iter().zip(&self.sales).zip(&spend) {
                row.push((spend[m], worth * sale.unit * self.discounts[m] / scale));
            }
            row.retain(|(_, factor)| coefficient(*factor) != 0.0);
            problem.add_constraint(&row, ComparisonOp::Ge, self.nothing(held) / scale);
        }
        let solution = problem.solve().ok()?.into_solution().ok()?;
        let value = |each: &Vec<Variable>| {
            each.iter().map(|variable| solution.var_value(*variable).max(0.0)).collect()
        };
        Some(Mixed {
            shares: shares.iter().map(value).collect(),
            spent: spent.iter().map(value).collect(),
            costs: solution.objective() * scale,
        })
    }

    /// What a cut says with nothing ordered and nothing committed, in money of the first month.
    fn nothing(&self, held: &Held) -> f64 {
        held.cut.nothing * self.discounts[held.month]
    }

    /// What spend takes from the saving of nodes at these weights.
    fn shadow(&self, weights: &[f64]) -> Shadow {
        let mut shadow = Shadow::default();
        for (m, points) in self.ready.points().iter().enumerate() {
            let mut each = self.ready.alone[m].clone();
            for (Held { month, cut, .. }, weight) in self.cuts.iter().zip(weights) {
                if *month != m || *weight == 0.0 {
                    continue;
                }
                let mut nodes = 0.0;
                for (each, saves) in each.iter_mut().zip(&cut.nodes) {
                    nodes += saves.iter().sum::<f64>();
                    each.resize(each.len().max(saves.len()), 0.0);
                    each.iter_mut().zip(saves).for_each(|(own, saves)| *own -= weight * saves);
                }
                shadow.signed += weight * (nodes - cut.nothing) * self.discounts[m];
            }
            for (pool, each) in points.pools.iter().zip(each) {
                shadow.each.entry(*pool).or_default().push(each);
            }
        }
        shadow
    }

    /// Where a blend lies, month by month.
    fn at(&self, mixed: &Mixed) -> Vec<At> {
        let places = self.ready.points()[0].pools.len();
        let at = |m: usize| {
            let mut at = At { nodes: vec![0.0; places], spend: vec![0.0; self.sales.len()] };
            for ((group, columns), shares) in
                self.groups.iter().zip(&self.columns).zip(&mixed.shares)
            {
                for (column, share) in columns.iter().zip(shares) {
                    for (pool, nodes) in group.iter().zip(&column.nodes) {
                        if let Some(place) = self.places[*pool] {
                            at.nodes[place] += share * nodes[m] as f64;
                        }
                    }
                }
            }
            for ((all, sale), units) in at.spend.iter_mut().zip(&self.sales).zip(&mixed.spent) {
                let offers = sale.offers.iter().zip(units);
                let active = offers.filter(|(offer, _)| offer.from <= m && m < offer.to);
                *all = active.map(|(_, units)| units * sale.unit).sum();
            }
            at
        };
        (0..self.discounts.len()).map(at).collect()
    }
}

fn whole(nodes: u64) -> usize {
    usize::try_from(nodes).unwrap_or(usize::MAX)
}
