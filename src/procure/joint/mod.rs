//! Nodes and spend on sale, decided as one.
//!
//! Nodes are whole, and spend pays for what they leave on demand, hour by hour. What the hours of a month cost beside
//! both is convex in both, so it is known from below by [`cut`]s: planes that touch it where they were made. Orders of
//! any number of pools are [`blend`]ed under these cuts, which gives a bound and candidates; of few pools, an integer
//! program ([`master`]) then searches whole nodes, and is cut again at what it finds.
//!
//! In: what is on sale, what runs on demand by hour, and purchases that are known. Out: a bound that no whole
//! purchases and no spend are below; what is found on the way is given to be weighed. The search ends after so many
//! rounds: the result depends on no clock.
//!
//! # Source
//! Benders (1962); Van Slyke and Wets, "L-shaped linear programs" (1969).

mod blend;
mod cut;
mod deal;
mod master;
mod points;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use crate::procure::optimum::attainable::attainable;
use crate::procure::optimum::product::discount;
use crate::procure::optimum::recourse::MICRO;
use crate::procure::optimum::{Cover, flow};
use crate::procure::orders::SpendPlan;
use crate::procure::problem::{self, Problems};
use crate::procure::savings::{Ground, Hours, OnSale, Proposal, amounts, sale_offers};

use blend::{Blended, Priced, blended};
use cut::{At, Cut, cut};
use master::{Answer, Master, Model, MonthModel, PoolModel, SaleModel};
use points::{Points, points, saved, saved_by_each, saved_by_nodes};

/// The most loads of all points together.
const LOADS: usize = 24_000_000;
/// Loads of all points together that are looked at as they are at once.
const FEW: usize = 400_000;
/// The most variables of a program.
const VARIABLES: usize = 3_000;
/// The most units on either side of what is known that are counted one by one, and the fewest.
const MOST_WINDOW: usize = 1 << 12;
const LEAST_WINDOW: usize = 2;
/// The most searches of whole nodes, and the most work of all of them and of one: pivots of the linear program times
/// its size.
const SEARCHES: usize = 8;
const WORK: u64 = 100_000_000;
const WORK_OF_ONE: u64 = 50_000_000;
/// A gap of so many times what is enough is small already: closing it is worth so much less work.
const SMALL: f64 = 100.0;
const LESS: u64 = 4;
/// So many searches may close less than this of what is open: what they find is cut first.
const IDLE: usize = 2;
const LITTLE: f64 = 0.1;

/// Purchases that are known.
pub(super) struct Known<'a> {
    pub covers: &'a [Cover],
    pub spend: &'a SpendPlan,
    /// What they cost.
    pub total: f64,
}

/// Weighs orders with a proposal of spend: what they cost with the best spend found beside them, and that spend.
pub(super) type Weigh<'a> = &'a mut dyn FnMut(Vec<Cover>, &Proposal) -> (f64, SpendPlan);

/// Hours that are ready to be searched.
pub(super) struct Ready<'a> {
    sales: Vec<&'a OnSale>,
    /// The points of every month, where they are not too many.
    fine: Option<Vec<Arc<Points>>>,
    /// Of coarse hours, where the others are many.
    coarse: Option<Vec<Arc<Points>>>,
    /// What nodes save on demand: by month, place of a pool and node.
    alone: Vec<Vec<Vec<f64>>>,
}

impl<'a> Ready<'a> {
    /// `None` where there is neither.
    pub(super) fn of(
        ground: &Ground<'a>,
        hours: &Hours<'_>,
        coarse: Option<&Hours<'_>>,
    ) -> Option<Self> {
        let sales = sales(ground);
        let mut fine = points(ground, hours, &sales, (LOADS, true));
        let few = fine.as_ref().is_some_and(|months| {
            months.iter().map(|month| month.each.len() * month.pools.len()).sum::<usize>() <= FEW
        });
        let coarse = coarse.filter(|_| !few);
        let coarse = coarse.and_then(|hours| points(ground, hours, &sales, (LOADS, false)));
        let limited = fine.iter().flatten().any(|month| month.is_limited());
        if coarse.is_some() && limited {
            drop(fine);
            fine = points(ground, hours, &sales, (LOADS, false));
        }
        if fine.is_none() && coarse.is_none() {
            return None;
        }
        let alone = match &fine {
            Some(fine) => fine.iter().map(|points| saved_by_each(points)).collect(),
            None => saved(ground, hours),
        };
        Some(Self { sales, fine, coarse, alone })
    }

    /// Points of the months: fine ones, where there are some.
    fn points(&self) -> &[Arc<Points>] {
        self.fine.as_ref().or(self.coarse.as_ref()).map_or(&[], Vec::as_slice)
    }

    /// Whether all hours are looked at in the end.
    pub(super) fn is_whole(&self) -> bool {
        self.fine.is_some()
    }
}

/// The bound of all purchases, and whole orders weighed on the way; `None` where no program could be solved.
///
/// A gap of `enough` money is none. `beside` is what pools without nodes on sale cost on demand: the bound is without it, as totals are.
pub(super) fn search(
    problems: &Problems<'_>,
    ground: &Ground<'_>,
    ready: &Ready<'_>,
    known: &Known<'_>,
    (enough, beside): (f64, f64),
    (priced, weigh): (Priced<'_>, Weigh<'_>),
) -> Option<f64> {
    let how = (enough, beside);
    let blended = blended(problems, ground, ready, known, how, (priced, &mut *weigh))?;
    let Blended { mut bound, cuts, best: (mut covers, spend, mut best) } = blended;
    let known = Known { covers: &covers.clone(), spend: &spend, total: best };
    let (sales, Some(points)) = (&ready.sales, &ready.fine) else { return Some(bound) };
    let Some(model) = model(problems, ground, sales, points, &known) else {
        return Some(bound);
    };
    let small = best - bound <= SMALL * enough;
    let less = if small { LESS } else { 1 };
    let (left, of_one) = (WORK / less, WORK_OF_ONE / less);
    let mut search = Search { model: &model, points, cuts, left, of_one };
    let mut idle = 0;
    for _ in 0..SEARCHES {
        let open = best - bound;
        if open <= enough || search.left == 0 {
            break;
        }
        let Some((found, below)) =
            search.whole(&covers, enough / 4.0 / (best + beside).abs().max(enough))
        else {
            break;
        };
        // Floats proved it: a part in a billion is given away.
        bound = bound.max(below - beside - 1e-9 * below.abs());
        let next = whole_covers(problems, &model, known.covers, &found);
        let (total, spend) = weigh(next.clone(), &proposal_of(&model.sales, sales, &found.spent));
        let fresh = search.improve(&found);
        let ended = fresh.is_empty();
        search.cuts.extend(fresh);
        let at = at_known(ground, sales, problems, points, &next, &amounts(&spend));
        search.cuts.extend(cuts_at(points, &at).into_iter().enumerate());
        if total < best {
            (best, covers) = (total, next);
        }
        idle = if open - (best - bound) < LITTLE * open { idle + 1 } else { 0 };
        if ended || idle > IDLE {
            break;
        }
    }
    Some(bound)
}

/// A coefficient of a program whose figures are near 1; nothing where it is what floats left of nothing: a program with
/// such coefficients takes a hundred times as long.
fn coefficient(value: f64) -> f64 {
    if value.abs() < 1e-12 { 0.0 } else { value }
}

/// Savings plans in the order in which bills use them up.
fn sales<'a>(ground: &Ground<'a>) -> Vec<&'a OnSale> {
    let providers = ground.market.providers.iter();
    let sales = providers.flat_map(|one| {
        let mut sales: Vec<&OnSale> = one.on_sale.iter().collect();
        sales.sort_by_key(|sale| (ground.plan.savings_plans[sale.plan].breadth(), sale.plan));
        sales
    });
    sales.collect()
}

/// The cuts so far.
struct Search<'a> {
    model: &'a Model,
    points: &'a [Arc<Points>],
    cuts: Vec<(usize, Cut)>,
    /// Work that may still be done, and of one search.
    left: u64,
    of_one: u64,
}

impl Search<'_> {
    /// Whole nodes under the cuts, and what none is below.
    fn whole(&mut self, known: &[Cover], enough: f64) -> Option<(Answer, f64)> {
        let master = Master::under(self.model, known, &self.cuts);
        let (answer, bound, used) = master.search(self.left.min(self.of_one), enough)?;
        self.left = self.left.saturating_sub(used);
        Some((answer, bound))
    }

    /// Cuts of the months that an answer thinks cheaper than they are.
    fn improve(&self, answer: &Answer) -> Vec<(usize, Cut)> {
        let least = 1e-8 * answer.hours.iter().sum::<f64>().max(1e-6);
        let each = self.points.par_iter().enumerate().map(|(t, points)| {
            let cut = cut(points, &answer.at[t]);
            let costs = cut.value(&answer.at[t]) * self.model.discounts[t];
            (costs > answer.hours[t] + least).then_some((t, cut))
        });
        let each: Vec<Option<(usize, Cut)>> = each.collect();
        each.into_iter().flatten().collect()
    }
}

/// Whole orders of an answer, beside those of pools that were left out.
fn whole_covers(
    problems: &Problems<'_>,
    model: &Model,
    known: &[Cover],
    answer: &Answer,
) -> Vec<Cover> {
    let mut covers = known.to_vec();
    for (own, units) in model.pools.iter().zip(&answer.units) {
        let pool = &problems.pools[own.of];
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole units")]
        let units: Vec<u64> = units.iter().map(|units| units.round() as u64).collect();
        let cost = flow::cost_of(&own.problem.months, &pool.offers, &units);
        covers[own.of] = Cover { units, cost };
    }
    covers
}

/// The money an hour that proposed spend is rounded to, and the steps of a unit that this is at least and at most.
const STEP: f64 = 0.01;
const FINE: (f64, f64) = (10.0, 1000.0);

/// Spend in steps of a unit: to the nearest in sum, or fewer where cash is limited. `spent` are units by offer.
fn proposal_of(models: &[SaleModel], sales: &[&OnSale], spent: &[Vec<f64>]) -> Proposal {
    let mut proposal = Proposal::new();
    for ((sale, own), units) in sales.iter().zip(models).zip(spent) {
        let limited = own.takes.iter().any(|takes| !takes.is_empty());
        let mut over = 0.0;
        let fine = (own.unit / STEP).round().clamp(FINE.0, FINE.1);
        let whole = own.offers.iter().zip(units).filter_map(|(offer, units)| {
            let asked = units * fine + over;
            let whole = if limited { (asked + 1e-6).floor() } else { asked.round() };
            over = if limited { 0.0 } else { asked - whole };
            (whole > 0.0).then_some((offer.from, whole * own.unit / fine))
        });
        let whole: Vec<(usize, f64)> = whole.collect();
        if !whole.is_empty() {
            proposal.insert(sale.plan, whole);
        }
    }
    proposal
}

/// Cuts where every month is.
fn cuts_at(points: &[Arc<Points>], at: &[At]) -> Vec<Cut> {
    points.par_iter().zip(at).map(|(points, at)| cut(points, at)).collect()
}

/// Where orders and spend lie, month by month.
fn at_known(
    ground: &Ground<'_>,
    sales: &[&OnSale],
    problems: &Problems<'_>,
    points: &[Arc<Points>],
    covers: &[Cover],
    spend: &Proposal,
) -> Vec<At> {
    let places = points[0].pools.len();
    let mut all = vec![At { nodes: vec![0.0; places], spend: vec![0.0; sales.len()] }; ground.all];
    for (pool, cover) in problems.pools.iter().zip(covers) {
        let Some(place) = points[0].pools.iter().position(|own| *own == pool.pool) else {
            continue;
        };
        for (at, nodes) in all.iter_mut().zip(cover.committed(ground.all, &pool.offers)) {
            at.nodes[place] = nodes as f64;
        }
    }
    for (place, sale) in sales.iter().enumerate() {
        for (t, per_hour) in spend.get(&sale.plan).into_iter().flatten() {
            let last = (t + sale.term_months as usize).min(all.len());
            all[*t..last].iter_mut().for_each(|at| at.spend[place] += per_hour);
        }
    }
    all
}

/// The model; `None` where it is too large.
fn model(
    problems: &Problems<'_>,
    ground: &Ground<'_>,
    sales: &[&OnSale],
    points: &[Arc<Points>],
    known: &Known<'_>,
) -> Option<Model> {
    let months = ground.all;
    let discounts: Vec<f64> = (0..months).map(|m| discount(ground.rate, m)).collect();
    let places = points.first()?.pools.len();
    let limits = problems.limits();
    let sales: Vec<SaleModel> =
        sales.iter().map(|sale| sale_model(problems, ground, sale, points)).collect();
    // Whole nodes may not come to a limit; any amount of spend does.
    let whole = sales.iter().flat_map(|sale| &sale.takes).all(Vec::is_empty);
    let served = |pool: &problem::OnSale<'_>| points[0].pools.contains(&pool.pool);
    let joined = !limits.is_empty() && (!whole || problems.pools.iter().any(served));
    // What no spend covers and shares no limit with spend is decided already.
    let (mut pools, mut constant) = (Vec::new(), 0.0);
    for (of, pool) in problems.pools.iter().enumerate() {
        let place = points[0].pools.iter().position(|own| *own == pool.pool);
        if place.is_some() || joined {
            pools.push(pool_model(problems, (of, pool), place, points, &discounts));
        } else {
            constant += known.covers[of].cost as f64 / MICRO;
        }
    }
    let problems_of = || pools.iter().map(|pool| pool.problem.clone()).collect::<Vec<_>>();
    let limits = if whole { attainable(&problems_of(), &limits) } else { limits };
    let scale = (known.total.abs() * 1e-4).max(1.0);
    let mut model = Model { months, pools, sales, places, limits, constant, discounts, scale };
    let mut width = MOST_WINDOW;
    loop {
        for pool in &mut model.pools {
            let committed = known.covers[pool.of].committed(months, &pool.problem.offers);
            for (month, committed) in pool.each.iter_mut().zip(committed) {
                month.window = window(month.saves.len(), committed, width);
            }
        }
        if model.variables() <= VARIABLES {
            return Some(model);
        }
        if width <= LEAST_WINDOW {
            return None;
        }
        width /= 2;
    }
}

fn window(units: usize, committed: u64, width: usize) -> Range<usize> {
    let near = usize::try_from(committed).unwrap_or(usize::MAX).min(units);
    near.saturating_sub(width)..near.saturating_add(width).min(units)
}

fn pool_model(
    problems: &Problems<'_>,
    (of, pool): (usize, &problem::OnSale<'_>),
    place: Option<usize>,
    points: &[Arc<Points>],
    discounts: &[f64],
) -> PoolModel {
    let problem = pool.problem(problems, None);
    let each = problem.months.iter().enumerate().map(|(t, month)| {
        let mut saves: Vec<f64> = Vec::new();
        for (units, saving) in month.runs() {
            saves.extend((0..*units).map(|_| *saving as f64 / MICRO));
        }
        // What nodes save on demand is what cuts say.
        if let Some(place) = place {
            let told = saved_by_nodes(&points[t], place);
            saves.resize(saves.len().max(told.len()), 0.0);
            for (saves, told) in saves.iter_mut().zip(told) {
                *saves -= told * discounts[t];
            }
        }
        MonthModel { saves, most: month.most(), window: 0..0 }
    });
    let each: Vec<MonthModel> = each.collect();
    PoolModel {
        of,
        place,
        most_bought: each.iter().map(|month| month.saves.len() as u64).max().unwrap_or(0),
        problem,
        each,
    }
}

fn sale_model(
    problems: &Problems<'_>,
    ground: &Ground<'_>,
    sale: &OnSale,
    points: &[Arc<Points>],
) -> SaleModel {
    let unit = ground
        .market
        .providers
        .iter()
        .find(|one| one.on_sale.iter().any(|own| own.plan == sale.plan));
    let unit = unit.map_or(1.0, |one| one.unit);
    let (offers, starts) = sale_offers(ground, unit, sale.term_months as usize, sale.upfront);
    let limited = !problems.limits().is_empty();
    let takes = starts.iter().map(|start| {
        let paid = limited && start.upfront > 0.0;
        if paid { vec![(problems.period(start.month), start.upfront)] } else { vec![] }
    });
    let most = points.iter().flat_map(|points| {
        points.each.iter().map(|point| {
            let each = points.pools.iter().enumerate().filter_map(|(place, pool)| {
                let runs: f64 = point.parts(place).map(|(share, nodes)| share * nodes).sum();
                Some(runs * sale.rates.get(pool)?)
            });
            each.sum::<f64>()
        })
    });
    SaleModel {
        costs: offers.iter().map(|offer| offer.cost as f64 / MICRO).collect(),
        takes: takes.collect(),
        offers,
        unit,
        most: (most.fold(0.0, f64::max) / unit).ceil(),
    }
}
