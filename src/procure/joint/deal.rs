//! From a blend of orders to whole ones, unit by unit.
//!
//! Orders of a pool are layers: the first node with all its orders, one after the other, the second with its own, and
//! so on. Each layer is taken from one of the orders that were blended, so often from each as its share is. A limit on
//! cash that is then exceeded is kept again by taking a layer's orders that take none of it, or none.

use crate::procure::optimum::coupling::PoolProblem;
use crate::procure::optimum::flow::Offer;

/// The most layers of a pool; above that, several nodes are one layer.
const LAYERS: u64 = 2_000;

/// Orders of one node, or of so many that are always ordered together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Layer {
    /// Offers, by index, and units of each.
    bought: Vec<(usize, u64)>,
}

/// Parts of purchases, node by node: offers that begin where another ended follow it.
fn layers(offers: &[Offer], units: &[u64], each: u64) -> Vec<Layer> {
    let mut order: Vec<usize> = (0..offers.len()).filter(|o| units[*o] > 0).collect();
    order.sort_by_key(|o| (offers[*o].from, offers[*o].to, *o));
    let mut layers: Vec<Layer> = Vec::new();
    let mut ends: Vec<usize> = Vec::new();
    for o in order {
        let mut left = units[o];
        while left > 0 {
            let some = left.min(each);
            left -= some;
            let place = ends.iter().position(|end| *end <= offers[o].from);
            let place = place.unwrap_or_else(|| {
                layers.push(Layer::default());
                ends.push(0);
                layers.len() - 1
            });
            layers[place].bought.push((o, some));
            ends[place] = offers[o].to;
        }
    }
    layers
}

/// Whole units of each offer for a blend of purchases with these shares; `begin` from 0 to 1 says which of them is
/// taken first. Where a number of nodes is not allowed, all of one of them are taken.
pub(super) fn dealt(pool: &PoolProblem, blend: &[(f64, &[u64])], begin: f64) -> Vec<u64> {
    let offers = &pool.offers;
    let any = pool.months.iter().all(|month| month.most().is_none())
        && offers.iter().all(|offer| offer.most.is_none())
        && pool.least.iter().all(|least| *least <= 1);
    if !any {
        let mut left = begin;
        let place = blend.iter().position(|(share, _)| {
            left -= share;
            left < 0.0
        });
        return blend.get(place.unwrap_or(0)).map_or(vec![], |(_, units)| units.to_vec());
    }
    let most = blend.iter().map(|(_, units)| units.iter().sum::<u64>()).max().unwrap_or(0);
    let each = most.div_ceil(LAYERS).max(1);
    let layers: Vec<Vec<Layer>> =
        blend.iter().map(|(_, units)| layers(offers, units, each)).collect();
    let most = layers.iter().map(Vec::len).max().unwrap_or(0);
    let mut units = vec![0; offers.len()];
    // Whoever is furthest behind its share is next.
    let mut behind: Vec<f64> = blend.iter().map(|(share, _)| share * begin).collect();
    for layer in 0..most {
        behind.iter_mut().zip(blend).for_each(|(behind, (share, _))| *behind += share);
        let next = (0..blend.len()).max_by(|a, b| behind[*a].total_cmp(&behind[*b]).then(b.cmp(a)));
        let Some(next) = next else { break };
        behind[next] -= 1.0;
        for (offer, some) in layers[next].get(layer).map_or(&[][..], |layer| &layer.bought) {
            units[*offer] += some;
        }
    }
    units
}

/// Takes units back until limits are kept: in exchange for an offer of the same months that takes nothing of them where
/// there is one, else for none; where that costs least for the money it frees.
pub(super) fn kept(pools: &[PoolProblem], limits: &[f64], units: &mut [Vec<u64>]) {
    let mut taken = vec![0.0; limits.len()];
    for (pool, units) in pools.iter().zip(&*units) {
        crate::procure::optimum::coupling::add_taken(pool, units, &mut taken);
    }
    while let Some(limit) =
        (0..limits.len()).find(|l| taken[*l] > limits[*l] * (1.0 + 1e-12) + 1e-9)
    {
        let over = taken[limit] - limits[limit];
        let mut best: Option<(f64, usize, usize, Option<usize>)> = None;
        for (p, pool) in pools.iter().enumerate() {
            for (o, offer) in pool.offers.iter().enumerate() {
                let frees = pool.takes[o].iter().filter(|(l, _)| *l == limit).map(|(_, m)| m);
                let frees: f64 = frees.sum();
                if units[p][o] == 0 || frees <= 0.0 {
                    continue;
                }
                let same = |other: &usize| {
                    let own = &pool.offers[*other];
                    pool.takes[*other].is_empty()
                        && (own.from, own.to) == (offer.from, offer.to)
                        && own.most.is_none_or(|most| units[p][*other] < most)
                };
                let other = (0..pool.offers.len()).filter(same);
                let other = other.min_by_key(|other| (pool.offers[*other].cost, *other));
                let costs = other.map_or(offer.cost, |other| pool.offers[other].cost - offer.cost);
                let rate = costs as f64 / frees.min(over);
                if best.as_ref().is_none_or(|(least, ..)| rate < *least) {
                    best = Some((rate, p, o, other));
                }
            }
        }
        let Some((_, p, o, other)) = best else { break };
        units[p][o] -= 1;
        for (limit, money) in &pools[p].takes[o] {
            taken[*limit] -= money;
        }
        if let Some(other) = other {
            units[p][other] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(from: usize, to: usize, cost: i64) -> Offer {
        Offer { from, to, cost, most: None }
    }

    #[test]
    fn a_blend_is_dealt_out_node_by_node() {
        let offers = [offer(0, 12, 10), offer(0, 12, 12), offer(6, 18, 10)];
        let (upfront, monthly): (&[u64], &[u64]) = (&[100, 0, 0], &[0, 100, 20]);
        let mut pool = PoolProblem { offers: offers.to_vec(), ..PoolProblem::default() };
        let units = dealt(&pool, &[(0.37, upfront), (0.63, monthly)], 0.5);
        assert_eq!(units[0] + units[1], 100);
        assert!(units[0].abs_diff(37) <= 1, "{units:?}");
        // Layers from the hundredth on are of the second alone.
        assert!(units[2].abs_diff(13) <= 1, "{units:?}");
        assert_eq!(dealt(&pool, &[(1.0, monthly)], 0.2), monthly);
        pool.least = vec![50, 1, 1];
        assert_eq!(dealt(&pool, &[(0.37, upfront), (0.63, monthly)], 0.5), monthly);
    }

    #[test]
    fn orders_that_follow_each_other_are_one_layer() {
        let offers = [offer(0, 6, 10), offer(6, 12, 10), offer(3, 9, 10)];
        let found = layers(&offers, &[2, 1, 1], 1);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].bought, [(0, 1), (1, 1)]);
    }

    #[test]
    fn what_a_limit_does_not_leave_is_paid_by_the_month() {
        let pool = PoolProblem {
            months: vec![],
            offers: vec![offer(0, 12, 10), offer(0, 12, 12)],
            takes: vec![vec![(0, 5.0)], vec![]],
            least: vec![0, 0],
        };
        let mut units = vec![vec![4, 1]];
        kept(&[pool], &[12.0], &mut units);
        assert_eq!(units, [[2, 3]]);
    }
}
