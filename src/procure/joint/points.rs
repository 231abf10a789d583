//! The hours of a month as points: how much every pool runs, and for how long.
//!
//! In: what runs on demand by hour and draw. Out: each combination of loads once, with its hours in the mean of the
//! draws. Few nodes make few points, whatever the number of draws; where there are too many, there is no result.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::ids::Id;
use crate::plan::Pool;
use crate::procure::hourly::Load;
use crate::procure::optimum::recourse::{Collect, Step};
use crate::procure::savings::{Ground, Hours, Months, OnSale, Ranked, Signed, ranked};

/// The points of one month.
#[derive(Debug)]
pub(super) struct Points {
    pub pools: Vec<Id<Pool>>,
    /// What a node costs an hour on demand, by place of a pool.
    pub prices: Vec<f64>,
    /// Signed spend an hour, and what it may pay for.
    pub signed: Vec<(f64, Ranked)>,
    /// What savings plans on sale may pay for, in the order in which bills use them up.
    pub sales: Vec<Ranked>,
    pub each: Vec<Point>,
}

/// Hours in which all pools run as much.
#[derive(Debug)]
pub(super) struct Point {
    /// Hours of a month.
    pub weight: f64,
    /// Nodes on demand before what is ordered, if all could be had, by place of a pool.
    pub loads: Vec<f64>,
    /// Likewise, of pools with spot or a limit: the share of time in which nodes on spot run on demand, those with the
    /// others, and the most that may be had; empty where no pool has any.
    pub besides: Vec<(f64, f64, f64)>,
    /// The signed spend that holds.
    pub held: Arc<[usize]>,
}

/// Every month's points; `None` where all months have more than `most` loads together. Where they are not `limited`,
/// all that is asked for counts as had: cuts are then below the mean of hours that they are made of the mean of.
pub(super) fn points(
    ground: &Ground<'_>,
    hours: &Hours<'_>,
    sales: &[&OnSale],
    (most, limited): (usize, bool),
) -> Option<Vec<Arc<Points>>> {
    let none = Months::new();
    let most_each = most / ground.plan.horizon.months.max(1);
    let months = ground.each(hours, &none, &[], &|m, uses| {
        let walk = ground.walk(m, uses, &none);
        let sets: Vec<Arc<[usize]>> = walk.sets.iter().map(|set| set.as_slice().into()).collect();
        // A group of days, and the bits of what every pool runs.
        let mut found: HashMap<(usize, Vec<u64>), f64> = HashMap::new();
        let places = uses.len();
        for alike in &walk.hours {
            let weight = alike.hours * walk.stretch / walk.draws as f64;
            for draw in 0..walk.draws {
                let load = |place| {
                    let load = walk.unordered(alike, draw, place);
                    if limited { load } else { load.without_limit() }
                };
                let mut key: Vec<u64> = (0..places).map(|of| load(of).alone.to_bits()).collect();
                if (0..places).any(|of| load(of).over > 0.0 || load(of).is_limited()) {
                    let besides = (0..places).map(load).flat_map(|load| {
                        let most = if load.is_limited() { load.most } else { f64::INFINITY };
                        [load.over, load.all, most]
                    });
                    key.extend(besides.map(f64::to_bits));
                }
                *found.entry((alike.group, key)).or_insert(0.0) += weight;
            }
            if found.len() * uses.len() > most_each {
                return None;
            }
        }
        let found: BTreeMap<(usize, Vec<u64>), f64> = found.into_iter().collect();
        let each = found.into_iter().map(|((group, key), weight)| {
            let mut loads: Vec<f64> = key.into_iter().map(f64::from_bits).collect();
            let besides = loads.split_off(places);
            let besides = besides.chunks_exact(3).map(|of| (of[0], of[1], of[2])).collect();
            Point { weight, loads, besides, held: sets[group].clone() }
        });
        let each = each.collect();
        let signed = &ground.market.signed;
        let of = |one: &Signed| (one.per_hour, ranked(&one.rates, uses, &walk.prices));
        let sales = sales.iter().map(|sale| ranked(&sale.rates, uses, &walk.prices));
        Some(Arc::new(Points {
            sales: sales.collect(),
            pools: uses.iter().map(|used| used.pool).collect(),
            signed: signed.iter().map(of).collect(),
            prices: walk.prices,
            each,
        }))
    });
    months.into_iter().collect()
}

impl Points {
    /// Whether a limit holds anywhere.
    pub(super) fn is_limited(&self) -> bool {
        let mut besides = self.each.iter().flat_map(|point| &point.besides);
        besides.any(|(_, _, most)| most.is_finite())
    }
}

impl Point {
    /// Shares of what a pool runs that fall by one with each ordered node, and the nodes at which they come to nothing.
    pub(super) fn parts(&self, place: usize) -> impl Iterator<Item = (f64, f64)> {
        let alone = self.loads[place];
        let besides = self.besides.get(place).copied();
        let (over, all, most) = besides.unwrap_or((0.0, alone, f64::INFINITY));
        Load { alone, all, over, most }.parts()
    }
}

/// What each node of a pool saves on demand, the first ordered first.
pub(super) fn saved_by_nodes(points: &Points, place: usize) -> Vec<f64> {
    let mut collect = Collect::default();
    let step = [Step { units: f64::INFINITY, price: points.prices[place] }];
    for point in &points.each {
        for (share, nodes) in point.parts(place) {
            collect.add(point.weight * share, nodes, &step);
        }
    }
    collect.savings()
}

/// The same of every pool.
pub(super) fn saved_by_each(points: &Points) -> Vec<Vec<f64>> {
    (0..points.pools.len()).map(|place| saved_by_nodes(points, place)).collect()
}

/// The same of every month, where points would be too many.
pub(super) fn saved(ground: &Ground<'_>, hours: &Hours<'_>) -> Vec<Vec<Vec<f64>>> {
    let none = Months::new();
    ground.each(hours, &none, &[], &|m, uses| {
        let walk = ground.walk(m, uses, &none);
        let mut collects = vec![Collect::default(); uses.len()];
        for alike in &walk.hours {
            let weight = alike.hours * walk.stretch / walk.draws as f64;
            for draw in 0..walk.draws {
                for (place, collect) in collects.iter_mut().enumerate() {
                    let step = Step { units: f64::INFINITY, price: walk.prices[place] };
                    for (share, nodes) in walk.unordered(alike, draw, place).without_limit().parts()
                    {
                        collect.add(weight * share, nodes, &[step]);
                    }
                }
            }
        }
        collects.iter().map(Collect::savings).collect()
    })
}
