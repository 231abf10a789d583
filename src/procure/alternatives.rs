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
use crate::procure::problem::{Found, Later, OnSale, Problems};
use crate::procure::savings::{Ground, Hours, How, Variety, amounts, choose, saved};
use crate::procure::windows::runs;

/// Values of an hour and draw that are looked at beside spend, all in all; some are, however many one way takes.
const VALUES: usize = 64 << 20;
/// The fewest ways that are weighed.
const FEWEST: usize = 3;
/// How often a decision looks at all hours, about: of all draws, or of coarse ones and once of all.
const LOOKS: usize = 5;
const COARSE_LOOKS: usize = 2;

/// Another way than what is bought, in the order in which ways are weighed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Nothing,
    /// One product alone, by its place.
    Only(usize),
    /// Capacity blocks by the day alone.
    Blocks,
}

/// The best with one product alone, and with none.
pub(super) fn alternatives(problems: &Problems, pool: &OnSale, units: &[u64]) -> Vec<Alternative> {
    let by_hour = pool.without_windows();
    let months = |pool: &OnSale| pool.problem(problems, None).months;
    let with = (pool, months(pool));
    let without = if pool.windows.is_empty() {
        (&by_hour, with.1.clone())
    } else {
        (&by_hour, months(&by_hour))
    };
    let money = |(pool, months): &(&OnSale, Vec<Recourse>), units: &[u64]| {
        cost_of(months, &pool.offers, units) as f64 / MICRO
            - penalty_of(problems, pool, &committed(problems, pool, units))
    };
    let now = money(&with, units);
    let short_now = short_of(pool, &committed(problems, pool, units), problems.plan.horizon.months);
    let others = ways(problems, pool, units).into_iter().filter_map(|way| {
        let on_sale = if way == Way::Blocks { &with } else { &without };
        let cover = only(on_sale.0, &on_sale.1, way);
        let extra = money(on_sale, &cover.units) - now;
        alternative(problems, on_sale.0, way, &cover, short_now, extra)
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
            to_weigh.extend(ways(problems, pool, units).into_iter().map(|way| (place, way)));
        }
    }
    if to_weigh.is_empty() {
        return;
    }
    // Nothing first, of every pool: what everything else is held against.
    to_weigh.sort_by_key(|(place, way)| (*way != Way::Nothing, *place, *way));
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
        if way != Way::Nothing {
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
        let short_now = short_of(pool, &nodes_now, problems.plan.horizon.months);
        let weighed = tried.into_iter().filter_map(|cover| {
            let mut others = covers.to_vec();
            *others.get_mut(place)? = cover.clone();
            let nodes = cover.committed(problems.months, &pool.offers);
            let penalty =
                penalty_of(problems, pool, &nodes) - penalty_of(problems, pool, &nodes_now);
            alternative(problems, pool, way, &cover, short_now, rent(&others) - now - penalty)
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

/// Other ways than what is bought: each product alone, and none.
fn ways(problems: &Problems, pool: &OnSale, units: &[u64]) -> Vec<Way> {
    let used = |sale: usize| {
        pool.starts.iter().zip(units).any(|(start, units)| start.product == sale && *units > 0)
    };
    let by_day = (!pool.windows.is_empty()).then_some(Way::Blocks);
    let all: Vec<Way> = (0..pool.market.sales.len()).map(Way::Only).chain(by_day).collect();
    let bought: Vec<Way> = all
        .iter()
        .copied()
        .filter(|way| match way {
            Way::Only(sale) => used(*sale),
            Way::Blocks => !runs(problems, pool, &committed(problems, pool, units)).is_empty(),
            Way::Nothing => false,
        })
        .collect();
    // The only product that is bought is no alternative to itself, and nothing is none to nothing.
    let mut ways: Vec<Way> = all.into_iter().filter(|way| bought != [*way]).collect();
    if !bought.is_empty() {
        ways.push(Way::Nothing);
    }
    ways
}

/// The best with one product alone, or with none.
fn only(pool: &OnSale, months: &[Recourse], way: Way) -> Cover {
    let mut offers = pool.offers.clone();
    for (offer, start) in offers.iter_mut().zip(&pool.starts) {
        if way != Way::Only(start.product) {
            offer.most = Some(0);
        }
    }
    cheapest(months, &offers)
}

fn label(pool: &OnSale, way: Way) -> String {
    match way {
        Way::Nothing => "buy nothing".to_owned(),
        Way::Only(sale) => format!("only {}", pool.market.sales[sale].label),
        Way::Blocks => "only capacity blocks, by the day".to_owned(),
    }
}

/// What is said of another way; of a product that is not bought by itself, nothing.
fn alternative(
    problems: &Problems,
    pool: &OnSale,
    way: Way,
    cover: &Cover,
    short_now: f64,
    extra: f64,
) -> Option<Alternative> {
    let months = problems.plan.horizon.months;
    let limited = problems.procurement.cash_limit.is_some();
    let committed = cover.committed(problems.months, &pool.offers);
    let last = match way {
        Way::Nothing => None,
        Way::Only(sale) => {
            let bought = pool.starts.iter().zip(&cover.units);
            let bought = bought.filter(|(start, units)| **units > 0 && start.month < months);
            let term = pool.market.sales[sale].term_months as usize;
            bought.map(|(start, _)| start.month + term - 1).max()
        }
        Way::Blocks => {
            let runs = runs(problems, pool, &committed);
            runs.iter().flat_map(|run| &run.stretches).map(|(t, _)| *t).max()
        }
    };
    let short = short_of(pool, &committed, months);
    let label = label(pool, way);
    let cheaper = limited && extra < -0.005 && short <= short_now + 1e-6;
    let nodes = (0..months).map(|t| pool.most_nodes(t, committed[t])).max().unwrap_or(0);
    (way == Way::Nothing || nodes > 0).then(|| Alternative {
        label: if cheaper { format!("{label} (past the cash limit)") } else { label },
        extra,
        short,
        nodes,
        bound_until: last.map(|last| problems.plan.horizon.month(last)),
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
    let of_month = |t: usize| {
        // What all purchases together may not add is short whatever is bought.
        let blocks = pool.month(t).0.blocks.iter();
        let beyond: f64 = blocks.map(|block| block.beyond * block.hours).sum();
        pool.rented(t, committed[t], Prices::SHORT, Later::SAME) + beyond
    };
    (0..months).map(of_month).sum()
}
