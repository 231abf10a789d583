//! Other ways to serve a pool: the best of each product alone, and of none, against what is recommended.
//!
//! Where spend may pay for what a pool rents, spend is decided again beside each other way, as it was beside the
//! recommended orders (of many draws, by coarse hours); the other pools keep their orders. That takes about as long as the decision did, so of a plan in
//! which many would have to be weighed some are left out, by their labels ([`PoolPlan::not_weighed`]). What is on sale
//! is sought twice, with and without regard to spend; the cheaper counts.

use std::collections::BTreeMap;

use crate::calendar::Date;
use crate::ids::Id;
use crate::plan::Pool;
use crate::procure::buy::{committed, penalty_of};
use crate::procure::need::Prices;
use crate::procure::optimum::Cover;
use crate::procure::optimum::flow::{cheapest, cost_of};
use crate::procure::optimum::recourse::{MICRO, Recourse};
use crate::procure::orders::{Alternative, PoolPlan, SpendPlan};
use crate::procure::problem::{self, Found, OnSale, Problems};
use crate::procure::savings::{Ground, Hours, How, Variety, amounts, choose, saved};

/// Values of an hour and draw that are looked at beside spend, all in all; some are, however many one way takes.
const VALUES: usize = 64 << 20;
/// The fewest ways that are weighed.
const FEWEST: usize = 3;
/// How often a decision looks at all hours, about: of all draws, or of coarse ones and once of all.
const LOOKS: usize = 5;
const COARSE_LOOKS: usize = 2;

/// The best with one product alone, and with none.
pub(super) fn alternatives(problems: &Problems, pool: &OnSale, units: &[u64]) -> Vec<Alternative> {
    let problem = pool.problem(problems, None);
    let money = |units: &[u64], committed: &[u64]| {
        cost_of(&problem.months, &problem.offers, units) as f64 / MICRO
            - penalty_of(problems, pool, committed)
    };
    let now = committed(problems, pool, units);
    let cost_now = money(units, &now);
    let others = ways(pool, units).into_iter().filter_map(|way| {
        let cover = only(pool, &problem.months, way);
        let nodes = cover.committed(problems.months, &pool.offers);
        let extra = money(&cover.units, &nodes) - cost_now;
        alternative(problems, pool, way, &cover, &now, extra)
    });
    sorted(others.collect())
}

/// The same for every pool whose rent spend may pay for.
pub(super) fn beside_spend(
    problems: &Problems<'_>,
    ground: &Ground<'_>,
    (hours, coarse): (&Hours<'_>, Option<&Hours<'_>>),
    (found, spend): (&Found, &SpendPlan),
    as_of: Date,
    plans: &mut [PoolPlan],
) {
    let covers = &found.covers[..];
    let recommended = amounts(spend);
    let rent = |covers: &[Cover]| {
        let nodes = problems.committed(covers);
        let cash = problems.left(covers);
        let how = How { variety: Variety::One, as_of, proposal: Some(&recommended) };
        let on = coarse.unwrap_or(hours);
        let chosen = choose(ground, on, &nodes, &problems.procurement, cash.as_ref(), how);
        let saves = match coarse {
            Some(_) => saved(ground, hours, &nodes, &chosen.amounts),
            None => chosen.saves(),
        };
        problems.cost(covers) - saves
    };
    let mut to_weigh = Vec::new();
    for (place, pool) in problems.pools.iter().enumerate() {
        if problems.beside.each.contains_key(&pool.pool) {
            let units = covers.get(place).map_or(&[][..], |cover| &cover.units);
            to_weigh.extend(ways(pool, units).into_iter().map(|way| (place, way)));
        }
    }
    if to_weigh.is_empty() {
        return;
    }
    // Nothing first, of every pool: what everything else is held against.
    to_weigh.sort_by_key(|(place, way)| (way.is_some(), *place, *way));
    let values =
        ground.market.month_values(problems.plan.draws.count()) * problems.plan.horizon.months;
    let one = values * if coarse.is_some() { COARSE_LOOKS } else { LOOKS };
    let mut left = (VALUES / one.max(1)).max(FEWEST);
    // Both were decided to cost this, but for the rent of pools that nothing is on sale for.
    let on_sale = |pool: Id<Pool>| problems.pools.iter().any(|one| one.pool == pool);
    let now = found.cost - ground.rented(hours, &|pool| !on_sale(pool));
    let mut others_of: BTreeMap<usize, Vec<Alternative>> = BTreeMap::new();
    for (place, way) in to_weigh {
        let pool = &problems.pools[place];
        let units = covers.get(place).map_or(&[][..], |cover| &cover.units);
        let nodes_now = committed(problems, pool, units);
        let (beside, _) = pool.problem_beside(problems, &problems.beside);
        let mut tried = vec![only(pool, &beside.months, way)];
        if way.is_some() {
            let alone = only(pool, &pool.problem(problems, None).months, way);
            if alone != tried[0] {
                tried.push(alone);
            }
            tried.retain(|cover| cover.units.iter().any(|units| *units > 0));
        }
        if tried.is_empty() {
            continue;
        }
        if left < tried.len() {
            plans.iter_mut().filter(|plan| plan.pool == pool.pool).for_each(|plan| {
                plan.not_weighed.push(label(pool, way));
            });
            continue;
        }
        left -= tried.len();
        let weighed = tried.into_iter().filter_map(|cover| {
            let mut others = covers.to_vec();
            *others.get_mut(place)? = cover.clone();
            let nodes = cover.committed(problems.months, &pool.offers);
            let penalty =
                penalty_of(problems, pool, &nodes) - penalty_of(problems, pool, &nodes_now);
            alternative(problems, pool, way, &cover, &nodes_now, rent(&others) - now - penalty)
        });
        let best =
            weighed.min_by(|a, b| a.short.total_cmp(&b.short).then(a.extra.total_cmp(&b.extra)));
        others_of.entry(place).or_default().extend(best);
    }
    for (place, others) in others_of {
        let pool = problems.pools[place].pool;
        for plan in plans.iter_mut().filter(|plan| plan.pool == pool) {
            plan.alternatives = sorted(others.clone());
        }
    }
}

/// Other ways than what is bought: each product alone, by its place, and none.
fn ways(pool: &OnSale, units: &[u64]) -> Vec<Option<usize>> {
    let used = |sale: usize| {
        pool.starts.iter().zip(units).any(|(start, units)| start.product == sale && *units > 0)
    };
    let sales = 0..pool.market.sales.len();
    let bought = sales.clone().filter(|sale| used(*sale)).count();
    // The only product that is bought is no alternative to itself, and nothing is none to nothing.
    let mut ways: Vec<Option<usize>> =
        sales.filter(|sale| !(bought == 1 && used(*sale))).map(Some).collect();
    if bought > 0 {
        ways.push(None);
    }
    ways
}

/// The best with one product alone, or with none.
fn only(pool: &OnSale, months: &[Recourse], way: Option<usize>) -> Cover {
    let mut offers = pool.offers.clone();
    for (offer, start) in offers.iter_mut().zip(&pool.starts) {
        if way != Some(start.product) {
            offer.most = Some(0);
        }
    }
    cheapest(months, &offers)
}

fn label(pool: &OnSale, way: Option<usize>) -> String {
    way.map_or("buy nothing".to_owned(), |sale| format!("only {}", pool.market.sales[sale].label))
}

/// What is said of another way; of a product that is not bought by itself, nothing.
fn alternative(
    problems: &Problems,
    pool: &OnSale,
    way: Option<usize>,
    cover: &Cover,
    now: &[u64],
    extra: f64,
) -> Option<Alternative> {
    let months = problems.plan.horizon.months;
    let limited = problems.procurement.cash_limit.is_some();
    let committed = cover.committed(problems.months, &pool.offers);
    let bought = pool.starts.iter().zip(&cover.units);
    let bought = bought.filter(|(start, units)| **units > 0 && start.month < months);
    let end = bought
        .map(|(start, _)| start.month + pool.market.sales[start.product].term_months as usize)
        .max();
    let (short, short_now) = (short_of(pool, &committed, months), short_of(pool, now, months));
    let label = label(pool, way);
    let cheaper = limited && extra < -0.005 && short <= short_now + 1e-6;
    let nodes = committed[..months].iter().copied().max().unwrap_or(0);
    (way.is_none() || nodes > 0).then(|| Alternative {
        label: if cheaper { format!("{label} (past the cash limit)") } else { label },
        extra,
        short,
        nodes,
        bound_until: end.map(|end| problems.plan.horizon.month(end - 1)),
    })
}

/// Those that are short last, then the cheapest first.
fn sorted(mut all: Vec<Alternative>) -> Vec<Alternative> {
    all.sort_by(|a, b| {
        a.short.total_cmp(&b.short).then(a.extra.total_cmp(&b.extra)).then(a.label.cmp(&b.label))
    });
    all
}

/// Node-hours inside the horizon that cannot be had, at the quantile that is bought for.
fn short_of(pool: &OnSale, committed: &[u64], months: usize) -> f64 {
    let only_short = Prices { on_demand: 0.0, spot: 0.0, waits: 0.0, short: 1.0 };
    (0..months)
        .map(|t| {
            let usable = committed[t] as f64 * pool.market.usable;
            let blocks = pool.month(t).0.blocks.iter();
            blocks.map(|block| problem::cost_of(block, only_short, usable)).sum::<f64>()
        })
        .sum()
}
