//! Many pools under common limits: cash by period, and least orders.
//!
//! In: each pool's recourse and offers, what an offer takes of each limit, and the limits. Out: whole
//! purchases that keep every limit, and a bound that no such purchases can go below; the gap between them
//! is part of the result, and 0 is proven where the limits do not bind.
//!
//! The limits are priced: at prices μ the pools fall apart into flows, and their cheapest mixes give the
//! bound `Σ cost(μ) − μ·limit`. The best prices are found by cutting planes over the prices alone (a small
//! linear program). The bound is that of the linear program over all purchases, since flows are whole.
//! From the best prices, a mix that keeps the limits is rounded down to, then repaired unit by unit by
//! the flow; a problem that is small is searched to the end.
//!
//! # Source
//! Kelley (1960), Dantzig and Wolfe (1960): the dual bound equals the linear relaxation's, because each
//! pool's own linear program is whole.

use microlp::{ComparisonOp, OptimizationDirection, Problem};
use rayon::prelude::*;

use super::attainable::attainable;
use super::exact;
use super::flow::{Cover, Offer, cheapest, cost_of};
use super::recourse::{MICRO, Recourse, micro};

/// One pool.
#[derive(Debug, Clone, Default)]
pub struct PoolProblem {
    /// One function a month.
    pub months: Vec<Recourse>,
    /// What can be bought.
    pub offers: Vec<Offer>,
    /// What one unit of each offer takes of the limits: `(limit, money)`; nothing where empty.
    pub takes: Vec<Vec<(usize, f64)>>,
    /// The least units of each offer, if any are bought; 0 or 1 where any number may be.
    pub least: Vec<u64>,
}

impl PoolProblem {
    /// The most units that any month needs.
    #[must_use]
    pub fn most_needed(&self) -> u64 {
        self.months.iter().map(Recourse::reach).max().unwrap_or(0)
    }
}

/// Purchases of all pools.
#[derive(Debug, Clone)]
pub struct Coupled {
    /// One a pool, in the order given.
    pub covers: Vec<Cover>,
    /// What they cost, in millionths.
    pub cost: i128,
    /// No purchases that keep the limits cost less, in millionths.
    pub bound: i128,
    /// What one more unit of money of each limit would save.
    pub prices: Vec<f64>,
}

impl Coupled {
    /// How much more than the bound it costs at most, as a share of the cost.
    #[must_use]
    pub fn gap(&self) -> f64 {
        if self.cost <= self.bound {
            0.0
        } else {
            (self.cost - self.bound) as f64 / self.cost as f64
        }
    }
}

/// The most rounds of cutting planes; each gives a valid bound.
const ROUNDS: usize = 120;
/// The most flows that a repair may solve.
const REPAIRS: usize = 4_000;
/// Repairs end this close to the bound: one part in so many of it.
const ENOUGH: i128 = 200_000;
/// A gap that is worth a whole repair: one part in so many of the bound.
const WIDE: i128 = 1_000;
/// Pools that share a cut.
const GROUPS: usize = 12;

/// Buys for all pools within the limits.
#[must_use]
pub fn coupled(pools: &[PoolProblem], limits: &[f64]) -> Coupled {
    bought(pools, limits, true)
}

/// The same without a search to the end where the problem is small: for looking around.
pub(crate) fn coupled_nearly(pools: &[PoolProblem], limits: &[f64]) -> Coupled {
    bought(pools, limits, false)
}

fn bought(pools: &[PoolProblem], limits: &[f64], to_the_end: bool) -> Coupled {
    let free: Vec<Cover> =
        pools.par_iter().map(|pool| cheapest(&pool.months, &pool.offers)).collect();
    let bound = free.iter().map(|cover| cover.cost).sum();
    let prices = vec![0.0; limits.len()];
    let mut result = Coupled { cost: bound, covers: free, bound, prices };
    if !keeps(&taken(pools, &result.covers, limits.len()), limits) {
        let limits = &attainable(pools, limits)[..];
        let (bound, prices, mixes) = best_prices(pools, limits, &result.covers);
        let effort = Effort {
            enough: bound + (bound / ENOUGH).max(0),
            flows: if exact::suits(pools) { REPAIRS / 20 } else { REPAIRS },
        };
        let mut covers = rounded(pools, limits, &prices, &mixes, effort);
        let cost = |covers: &[Cover]| covers.iter().map(|cover| cover.cost).sum::<i128>();
        let mut bound = bound.min(cost(&covers));
        if to_the_end
            && bound < cost(&covers)
            && let Some(found) = exact::search(pools, limits, &covers)
        {
            if cost(&found.covers) < cost(&covers)
                && keeps(&taken(pools, &found.covers, limits.len()), limits)
            {
                covers = found.covers;
            }
            bound = bound.max(found.bound).min(cost(&covers));
            // Where the search did not close the gap, repair may still find better.
            if cost(&covers) - bound > bound.abs() / WIDE {
                let enough = bound + (bound / ENOUGH).max(0);
                let effort = Effort { enough, flows: REPAIRS };
                let repaired = rounded(pools, limits, &prices, &mixes, effort);
                if cost(&repaired) < cost(&covers) {
                    covers = repaired;
                }
            }
        }
        result = Coupled { cost: cost(&covers), covers, bound, prices };
    }
    keep_least(pools, limits, &mut result);
    result
}

/// What the purchases take of each limit.
fn taken(pools: &[PoolProblem], covers: &[Cover], limits: usize) -> Vec<f64> {
    let mut taken = vec![0.0; limits];
    for (pool, cover) in pools.iter().zip(covers) {
        add_taken(pool, &cover.units, &mut taken);
    }
    taken
}

/// Adds what purchases of a pool take of each limit.
pub(crate) fn add_taken(pool: &PoolProblem, units: &[u64], taken: &mut [f64]) {
    for (takes, units) in pool.takes.iter().zip(units) {
        for (limit, money) in takes {
            taken[*limit] += money * *units as f64;
        }
    }
}

/// Whether what is taken keeps every limit.
pub(crate) fn keeps(taken: &[f64], limits: &[f64]) -> bool {
    taken.iter().zip(limits).all(|(taken, limit)| *taken <= limit * (1.0 + 1e-12) + 1e-9)
}

/// The cheapest mix of a pool if each limit has a price.
pub(crate) fn priced(pool: &PoolProblem, prices: &[f64]) -> Cover {
    let offers = pool.offers.iter().zip(&pool.takes).map(|(offer, takes)| {
        let extra: f64 = takes.iter().map(|(limit, money)| prices[*limit] * money).sum();
        Offer { cost: offer.cost.saturating_add(micro(extra.min(1e11))), ..offer.clone() }
    });
    let offers: Vec<Offer> = offers.collect();
    let mut cover = cheapest(&pool.months, &offers);
    cover.cost = cost_of(&pool.months, &pool.offers, &cover.units);
    cover
}

/// A cut of a group of pools: what its mix costs, and takes of each limit.
struct Cut {
    cost: f64,
    taken: Vec<f64>,
}

fn cuts(pools: &[PoolProblem], covers: &[Cover], limits: usize) -> Vec<Cut> {
    let size = pools.len().div_ceil(GROUPS).max(1);
    pools
        .chunks(size)
        .zip(covers.chunks(size))
        .map(|(pools, covers)| Cut {
            cost: covers.iter().map(|cover| cover.cost).sum::<i128>() as f64 / MICRO,
            taken: taken(pools, covers, limits),
        })
        .collect()
}

/// The best bound found, its prices, and every mix of all pools that was met on the way.
fn best_prices(
    pools: &[PoolProblem],
    limits: &[f64],
    free: &[Cover],
) -> (i128, Vec<f64>, Vec<Vec<Cover>>) {
    let nothing: Vec<Cover> = pools.par_iter().map(without).collect();
    let mut known = vec![cuts(pools, free, limits.len()), cuts(pools, &nothing, limits.len())];
    let mut mixes = vec![free.to_vec(), nothing];
    let mut best = (free.iter().map(|cover| cover.cost).sum::<i128>(), vec![0.0; limits.len()]);
    for _ in 0..ROUNDS {
        let Some((value, prices)) = master(&known, limits) else { break };
        // Half way to the best prices so far: fewer rounds than jumping from corner to corner.
        let inner: Vec<f64> = prices.iter().zip(&best.1).map(|(p, b)| 0.5 * (p + b)).collect();
        for prices in [inner, prices] {
            let covers: Vec<Cover> = pools.par_iter().map(|pool| priced(pool, &prices)).collect();
            let cuts = cuts(pools, &covers, limits.len());
            let bound = bound(&covers, &cuts, limits, &prices);
            if bound > best.0 {
                best = (bound, prices);
            }
            known.push(cuts);
            mixes.push(covers);
        }
        if value - best.0 as f64 / MICRO <= 2e-6 * value.abs() {
            break;
        }
    }
    (best.0, best.1, mixes)
}

/// The pool without the offers that take anything.
fn without(pool: &PoolProblem) -> Cover {
    capped(pool, &vec![0; pool.offers.len()])
}

fn bound(covers: &[Cover], cuts: &[Cut], limits: &[f64], prices: &[f64]) -> i128 {
    let cost: i128 = covers.iter().map(|cover| cover.cost).sum();
    let priced: f64 = limits
        .iter()
        .zip(prices)
        .enumerate()
        .map(|(limit, (most, price))| {
            price * (cuts.iter().map(|cut| cut.taken[limit]).sum::<f64>() - most)
        })
        .sum();
    // Prices were rounded to millionths a unit: give half of one away for every unit.
    let units: u64 = covers.iter().flat_map(|cover| &cover.units).sum();
    cost + i128::from(micro(priced)) - i128::from(units) - 1
}

/// The prices at which the cuts so far are highest.
fn master(known: &[Vec<Cut>], limits: &[f64]) -> Option<(f64, Vec<f64>)> {
    let groups = known[0].len();
    let scale = known[0].iter().map(|cut| cut.cost.abs()).sum::<f64>().max(1.0);
    let mut problem = Problem::new(OptimizationDirection::Maximize);
    let prices: Vec<_> =
        limits.iter().map(|limit| problem.add_var(-limit / scale, (0.0, 1e4))).collect();
    let values: Vec<_> =
        (0..groups).map(|_| problem.add_var(1.0, (f64::NEG_INFINITY, 1e6))).collect();
    for cuts in known {
        for (cut, value) in cuts.iter().zip(&values) {
            let mut row = vec![(*value, 1.0)];
            let taken = prices.iter().zip(&cut.taken).filter(|(_, taken)| **taken > 0.0);
            row.extend(taken.map(|(price, taken)| (*price, -taken / scale)));
            problem.add_constraint(&row, ComparisonOp::Le, cut.cost / scale);
        }
    }
    let outcome = problem.solve().ok()?;
    let solution = outcome.solution()?;
    let found = prices.iter().map(|price| solution.var_value(*price).max(0.0)).collect();
    Some((solution.objective() * scale, found))
}

/// The cheapest mix of a pool with so many units at most of every offer that takes of a limit.
fn capped(pool: &PoolProblem, most: &[u64]) -> Cover {
    let offers = pool.offers.iter().zip(&pool.takes).zip(most);
    let offers = offers.map(|((offer, takes), most)| {
        let most = offer.most.map_or(*most, |own| own.min(*most));
        Offer { most: if takes.is_empty() { offer.most } else { Some(most) }, ..offer.clone() }
    });
    let offers: Vec<Offer> = offers.collect();
    cheapest(&pool.months, &offers)
}

/// How long purchases are repaired.
#[derive(Debug, Clone, Copy)]
struct Effort {
    /// The cost that is good enough.
    enough: i128,
    /// The most flows that are solved; few where a search follows.
    flows: usize,
}

/// Whole purchases that keep the limits: the best mixture of mixes, rounded down, then repaired.
fn rounded(
    pools: &[PoolProblem],
    limits: &[f64],
    prices: &[f64],
    mixes: &[Vec<Cover>],
    effort: Effort,
) -> Vec<Cover> {
    let mixture = mixture(pools, limits, mixes);
    let down = |units: &Vec<f64>| -> Vec<u64> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "units")]
        let whole = |units: &f64| (units + 1e-7).floor() as u64;
        units.iter().map(whole).collect()
    };
    let covers: Vec<Cover> =
        pools.par_iter().zip(&mixture).map(|(pool, units)| capped(pool, &down(units))).collect();
    // Where the mixture was whole there is little to mend.
    let is_whole =
        |place: &usize| mixture[*place].iter().all(|units| (units - units.round()).abs() < 1e-6);
    let (whole, mixed): (Vec<usize>, Vec<usize>) = (0..pools.len()).partition(is_whole);
    let order: Vec<usize> = mixed.into_iter().chain(whole).collect();
    repaired(pools, limits, prices, &order, covers, effort)
}

/// Pools that are mixed as one.
const MIXED: usize = 64;

/// The cheapest mixture of the mixes that keeps the limits: units of each offer by pool, not whole in as
/// many pools as there are limits. Pools are mixed in groups, and the groups that come out mixed again.
fn mixture(pools: &[PoolProblem], limits: &[f64], mixes: &[Vec<Cover>]) -> Vec<Vec<f64>> {
    let mut units: Vec<Vec<f64>> = pools.iter().map(|pool| vec![0.0; pool.offers.len()]).collect();
    let mut left = limits.to_vec();
    let mut open: Vec<usize> = (0..pools.len()).collect();
    while !open.is_empty() {
        let size = open.len().div_ceil(MIXED);
        let groups: Vec<&[usize]> = open.chunks(size).collect();
        let Some(shares) = shares(pools, &left, mixes, &groups) else { break };
        let mut again = Vec::new();
        for (group, shares) in groups.iter().zip(&shares) {
            let whole = shares.iter().any(|share| *share > 1.0 - 1e-9);
            if !whole && size > 1 {
                again.extend_from_slice(group);
                continue;
            }
            for place in *group {
                for (share, mix) in shares.iter().zip(mixes).filter(|(share, _)| **share > 0.0) {
                    let bought = &mix[*place].units;
                    for (sum, bought) in units[*place].iter_mut().zip(bought) {
                        *sum += share * *bought as f64;
                    }
                }
                for (takes, units) in pools[*place].takes.iter().zip(&units[*place]) {
                    for (limit, money) in takes {
                        left[*limit] = (left[*limit] - money * units).max(0.0);
                    }
                }
            }
        }
        if again.len() == open.len() {
            // Every group is mixed, so there are as many limits as groups: mix pool by pool.
            again.truncate(MIXED);
        }
        open = again;
    }
    units
}

/// The share of each mix in each group.
fn shares(
    pools: &[PoolProblem],
    limits: &[f64],
    mixes: &[Vec<Cover>],
    groups: &[&[usize]],
) -> Option<Vec<Vec<f64>>> {
    let mut problem = Problem::new(OptimizationDirection::Minimize);
    let mut rows = vec![Vec::new(); limits.len()];
    let mut variables = Vec::with_capacity(groups.len());
    let scale = mixes[0].iter().map(|cover| cover.cost).sum::<i128>().max(1) as f64;
    for group in groups {
        let mut seen: Vec<(i128, Vec<f64>)> = Vec::new();
        let mut own = Vec::with_capacity(mixes.len());
        for mix in mixes {
            let cost: i128 = group.iter().map(|place| mix[*place].cost).sum();
            let mut taken = vec![0.0; limits.len()];
            for place in *group {
                add_taken(&pools[*place], &mix[*place].units, &mut taken);
            }
            let known = seen.iter().any(|(c, t)| *c == cost && *t == taken);
            own.push((!known).then(|| {
                let variable = problem.add_var(cost as f64 / scale, (0.0, 1.0));
                for (row, taken) in rows.iter_mut().zip(&taken).filter(|(_, t)| **t > 0.0) {
                    row.push((variable, taken / 1e3));
                }
                variable
            }));
            seen.push((cost, taken));
        }
        let all: Vec<_> = own.iter().flatten().map(|variable| (*variable, 1.0)).collect();
        problem.add_constraint(&all, ComparisonOp::Eq, 1.0);
        variables.push(own);
    }
    for (row, limit) in rows.iter().zip(limits).filter(|(row, _)| !row.is_empty()) {
        problem.add_constraint(row, ComparisonOp::Le, limit / 1e3);
    }
    let outcome = problem.solve().ok()?;
    let solution = outcome.solution()?;
    let value = |variable: &Option<_>| variable.map_or(0.0, |v| solution.var_value(v).max(0.0));
    Some(variables.iter().map(|own| own.iter().map(value).collect()).collect())
}

/// Improves purchases that keep the limits: one unit more of an offer where there is room, or one unit of
/// another offer or pool in exchange; the flow finds the best of everything else each time.
fn repaired(
    pools: &[PoolProblem],
    limits: &[f64],
    prices: &[f64],
    order: &[usize],
    mut covers: Vec<Cover>,
    effort: Effort,
) -> Vec<Cover> {
    let mut taken = taken(pools, &covers, limits.len());
    let mut cost: i128 = covers.iter().map(|cover| cover.cost).sum();
    let mut solved = 0;
    let mut again = true;
    while again && solved < effort.flows {
        again = false;
        for place in order.iter().copied() {
            let pool = &pools[place];
            let wanted =
                priced(pool, &prices.iter().map(|price| price * 0.999_9).collect::<Vec<_>>());
            solved += 1;
            let candidates = wanted_offers(pool, &covers[place], &wanted);
            loop {
                let before = &covers[place];
                let moves = moves(pool, before, &candidates, &taken, limits);
                solved += moves.len();
                let tried: Vec<Cover> =
                    moves.into_par_iter().map(|most| capped(pool, &most)).collect();
                let better = tried.into_iter().min_by_key(|cover| cover.cost);
                let Some(better) = better.filter(|better| better.cost < before.cost) else {
                    break;
                };
                for (takes, (old, new)) in
                    pool.takes.iter().zip(before.units.iter().zip(&better.units))
                {
                    for (limit, money) in takes {
                        taken[*limit] += money * (*new as f64 - *old as f64);
                    }
                }
                cost += better.cost - before.cost;
                covers[place] = better;
                again = true;
                if solved >= effort.flows || cost <= effort.enough {
                    return covers;
                }
            }
        }
    }
    covers
}

/// Offers that take of a limit and are worth trying: those in which either mix buys anything, and their
/// neighbours in time.
fn wanted_offers(pool: &PoolProblem, now: &Cover, wanted: &Cover) -> Vec<usize> {
    let few = pool.offers.len() <= 240;
    (0..pool.offers.len())
        .filter(|place| !pool.takes[*place].is_empty())
        .filter(|place| few || now.units[*place] > 0 || wanted.units[*place] > 0)
        .collect()
}

/// The caps to try: one more unit of a candidate, and one more with one less of another.
fn moves(
    pool: &PoolProblem,
    now: &Cover,
    candidates: &[usize],
    taken: &[f64],
    limits: &[f64],
) -> Vec<Vec<u64>> {
    let fits = |change: &[(usize, f64)]| {
        let mut after = taken.to_vec();
        for (place, by) in change {
            for (limit, money) in &pool.takes[*place] {
                after[*limit] += money * by;
            }
        }
        keeps(&after, limits)
    };
    let mut moves = Vec::new();
    for more in candidates {
        let room = pool.offers[*more].most.is_none_or(|most| now.units[*more] < most);
        if !room {
            continue;
        }
        let mut most = now.units.clone();
        most[*more] += 1;
        if fits(&[(*more, 1.0)]) {
            moves.push(most);
            continue;
        }
        for less in candidates.iter().filter(|less| *less != more && now.units[**less] > 0) {
            if fits(&[(*more, 1.0), (*less, -1.0)]) {
                let mut most = most.clone();
                most[*less] -= 1;
                moves.push(most);
            }
        }
    }
    moves
}

/// Drops or rounds up what is below the least order, whichever costs less and keeps the limits.
fn keep_least(pools: &[PoolProblem], limits: &[f64], result: &mut Coupled) {
    let mut all = taken(pools, &result.covers, limits.len());
    for (pool, cover) in pools.iter().zip(&mut result.covers) {
        // What is decided of each offer: not bought, or its least order and no more.
        let mut settled: Vec<Option<u64>> = vec![None; pool.offers.len()];
        while let Some(place) = (0..pool.offers.len()).find(|place| {
            settled[*place].is_none()
                && cover.units[*place] > 0
                && cover.units[*place] < pool.least[*place]
        }) {
            let of = |cover: &Cover| {
                let mut taken = vec![0.0; limits.len()];
                add_taken(pool, &cover.units, &mut taken);
                taken
            };
            let before = of(cover);
            settled[place] = Some(0);
            let dropped = with_settled(pool, &settled);
            settled[place] = Some(pool.least[place]);
            let raised = with_settled(pool, &settled);
            let rest: Vec<f64> = all.iter().zip(&before).map(|(all, own)| all - own).collect();
            let after = |cover: &Cover| -> Vec<f64> {
                rest.iter().zip(of(cover)).map(|(rest, own)| rest + own).collect()
            };
            let fits = pool.offers[place].most.is_none_or(|most| pool.least[place] <= most);
            if fits && raised.cost < dropped.cost && keeps(&after(&raised), limits) {
                *cover = raised;
            } else {
                settled[place] = Some(0);
                *cover = dropped;
            }
            all = after(cover);
        }
    }
    result.cost = result.covers.iter().map(|cover| cover.cost).sum();
}

/// The cheapest mix around what is settled: those units are taken off the recourse of their months.
fn with_settled(pool: &PoolProblem, settled: &[Option<u64>]) -> Cover {
    let mut there = vec![0; pool.months.len()];
    let mut offers = pool.offers.clone();
    for (offer, units) in offers.iter_mut().zip(settled) {
        if let Some(units) = units {
            there[offer.from..offer.to].iter_mut().for_each(|month| *month += units);
            offer.most = Some(0);
        }
    }
    let months: Vec<Recourse> =
        pool.months.iter().zip(there).map(|(month, there)| month.after(there)).collect();
    let mut cover = cheapest(&months, &offers);
    for (units, settled) in cover.units.iter_mut().zip(settled) {
        *units = settled.unwrap_or(*units);
    }
    cover.cost = cost_of(&pool.months, &pool.offers, &cover.units);
    cover
}
