//! What on-demand is worth beside spend, hour by hour: by which orders of nodes are decided, and bounded.
//!
//! A node that is ordered saves less where spend would have paid for it. Let λ be what a unit of money of spend in an
//! hour and draw is worth: in the mean of a month no more than what it costs (1, or what of an upfront falls on an
//! hour of that month). Then whatever spend
//! is committed to and whatever nodes are ordered, spend saves no more than Σ max(0, p − λr)·u, of u nodes on demand
//! at p that it covers at r: the Lagrangian of its hourly limits. What each node takes from that sum is its
//! [`Shadow`]. Best for orders is the λ of the best spend beside them: what the last pool that it pays for saves, and
//! nothing in hours in which some of it is left unused.
//!
//! # Source
//! Geoffrion, "Lagrangean relaxation for integer programming" (1974).

use std::collections::BTreeMap;

use super::Hours;
use super::reduce::{Counted, Ground, Months, Ranked, Walk, pay, ranked};
use crate::ids::Id;
use crate::plan::Pool;
use crate::procure::hourly::SharedHours;
use crate::procure::optimum::product::discount;
use crate::procure::optimum::recourse::{Collect, Step, micro};

/// What spend takes from the saving of ordered nodes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shadow {
    /// Money, by pool, month of the horizon and tail, and node: the first ordered first.
    pub each: BTreeMap<Id<Pool>, Vec<Vec<f64>>>,
    /// What signed spend costs nobody, over the horizon and tail: part of the bound.
    pub signed: f64,
}

/// The shadow of the best spend beside `nodes`; of spend by the hour, without any limit, where absent.
#[must_use]
pub(crate) fn shadow(ground: &Ground<'_>, hours: &Hours<'_>, nodes: Option<&Months>) -> Shadow {
    let none = Months::new();
    let made = ground.each(hours, nodes.unwrap_or(&none), &[], &|m, uses| {
        let walk = ground.walk(m, uses, nodes.unwrap_or(&none));
        let spends: Vec<OfMonth> = ground
            .market
            .providers
            .iter()
            .filter(|_| m >= ground.first)
            .map(|one| {
                let ranked = ranked(&one.best, uses, &walk.prices);
                let costs = ground.least_cost(one, m);
                let levels =
                    nodes.map(|_| levels(&walk, &ranked, one.unit, ground.hours(m), costs));
                OfMonth::new(ranked, levels, costs)
            })
            .collect();
        of_month(&walk, &spends)
    });
    let mut shadow = Shadow::default();
    for (m, (signed, pools)) in made.into_iter().enumerate() {
        shadow.signed += signed * discount(ground.rate, m);
        for (pool, each) in pools {
            shadow.each.entry(pool).or_default().push(each);
        }
    }
    shadow
}

/// What nodes do not save because signed spend pays for those on demand that it covers; no bound.
#[must_use]
pub(crate) fn granted(ground: &Ground<'_>, hours: &Hours<'_>) -> Shadow {
    let none = Months::new();
    let made = ground.each(hours, &none, &[], &|m, uses| {
        let walk = ground.walk(m, uses, &none);
        let mut collects: Vec<Collect> = walk.uses.iter().map(|_| Collect::default()).collect();
        let mut load = vec![0.0; walk.uses.len()];
        each(&walk, &mut |weight, alike, draw, open| {
            walk.load(alike, draw, &mut load);
            for (place, collect) in collects.iter_mut().enumerate() {
                let units = load[place] - open[place];
                if units > 0.0 {
                    let step = Step { units, price: walk.prices[place] };
                    collect.add(weight, walk.unordered(alike, draw, place).alone, &[step]);
                }
            }
        });
        let pools = walk.uses.iter().zip(collects);
        pools.map(|(used, collect)| (used.pool, collect.savings())).collect::<Vec<OfPool>>()
    });
    let mut shadow = Shadow::default();
    for (pool, each) in made.into_iter().flatten() {
        shadow.each.entry(pool).or_default().push(each);
    }
    shadow
}

/// What spend of one provider is worth in a month.
struct OfMonth {
    ranked: Ranked,
    by_place: BTreeMap<usize, f64>,
    /// Two amounts an hour and their shares in λ; spend by the hour is worth what it costs in every one.
    levels: Option<[(f64, f64); 2]>,
    /// What a unit of money costs.
    costs: f64,
}

impl OfMonth {
    fn new(ranked: Ranked, levels: Option<[(f64, f64); 2]>, costs: f64) -> Self {
        let by_place = ranked.iter().map(|(place, rate, _)| (*place, *rate)).collect();
        Self { ranked, by_place, levels, costs }
    }

    /// What one more unit of money is worth, with so much open.
    fn worth(&self, open: &[f64]) -> f64 {
        let Some(levels) = self.levels else { return self.costs };
        levels.iter().map(|(amount, share)| share * worth_of(*amount, &self.ranked, open)).sum()
    }
}

/// What the next unit of money would save after so much an hour.
fn worth_of(amount: f64, ranked: &Ranked, open: &[f64]) -> f64 {
    let mut left = amount;
    for (place, rate, saves) in ranked {
        let costs = open[*place] * rate;
        if left < costs {
            return *saves;
        }
        left -= costs;
    }
    0.0
}

/// The amounts an hour around the best, and shares of them with which money is worth what it costs in the mean, or
/// less.
fn levels(walk: &Walk<'_>, ranked: &Ranked, unit: f64, hours: f64, costs: f64) -> [(f64, f64); 2] {
    let money = costs;
    let mut counted = Counted::new(ranked.clone(), unit);
    each(walk, &mut |weight, _, _, open| counted.add(weight, open));
    let costs = micro(unit * hours * money);
    let month = counted.finish();
    let runs = month.runs().iter().take_while(|(_, saving)| *saving > costs);
    let best: u64 = runs.map(|(units, _)| units).sum();
    // What one unit saves lies between what money is worth at its two ends.
    let amounts = [best.saturating_sub(1), best, best + 1].map(|units| units as f64 * unit);
    let mut worth = [0.0; 3];
    each(walk, &mut |weight, _, _, open| {
        for (sum, amount) in worth.iter_mut().zip(amounts) {
            *sum += weight / hours * worth_of(amount, ranked, open);
        }
    });
    let above = (0..3).take_while(|k| worth[*k] > money).count();
    match above {
        0 => [(amounts[0], 1.0), (0.0, 0.0)],
        3 => [(amounts[2], money / worth[2]), (0.0, 0.0)],
        place => {
            let (high, low) = (worth[place - 1], worth[place]);
            let share = (money - low) / (high - low);
            [(amounts[place - 1], share), (amounts[place], 1.0 - share)]
        }
    }
}

/// What is told of hours alike and a draw: their weight, and what is open.
type Then<'a> = &'a mut dyn FnMut(f64, &SharedHours, usize, &[f64]);

/// The shadow of a pool in a month, node by node.
type OfPool = (Id<Pool>, Vec<f64>);

/// Calls with the weight of hours alike in a draw, and what is open after signed spend.
fn each(walk: &Walk<'_>, then: Then<'_>) {
    let mut open = vec![0.0; walk.uses.len()];
    for alike in &walk.hours {
        let weight = alike.hours * walk.stretch / walk.draws as f64;
        for draw in 0..walk.draws {
            walk.load(alike, draw, &mut open);
            for (_, (per_hour, ranked)) in walk.held(alike) {
                pay(*per_hour, ranked, &mut open);
            }
            then(weight, alike, draw, &open);
        }
    }
}

/// The shadow of every pool in one month, and what signed spend is worth.
fn of_month(walk: &Walk<'_>, spends: &[OfMonth]) -> (f64, Vec<OfPool>) {
    let mut collects: Vec<Collect> = walk.uses.iter().map(|_| Collect::default()).collect();
    let mut signed_worth = 0.0;
    let mut load = vec![0.0; walk.uses.len()];
    each(walk, &mut |weight, alike, draw, open| {
        let mut paid = walk.prices.clone();
        for spend in spends {
            let worth = spend.worth(open);
            for (place, rate) in &spend.by_place {
                paid[*place] = paid[*place].min(worth * rate);
            }
        }
        // Signed spend is worth what it saves of that, at the last pool that it pays for.
        walk.load(alike, draw, &mut load);
        let beside = paid.clone();
        for (_, (per_hour, ranked)) in walk.held(alike) {
            let worth = ranked
                .iter()
                .scan(*per_hour, |left, (place, rate, _)| {
                    let enough = load[*place] * rate <= *left;
                    *left -= load[*place] * rate;
                    Some((enough, beside[*place] / rate))
                })
                .find(|(enough, _)| !enough)
                .map_or(0.0, |(_, worth)| worth);
            signed_worth += weight * worth * per_hour;
            for (place, rate, _) in ranked {
                paid[*place] = paid[*place].min(worth * rate);
            }
            pay(*per_hour, ranked, &mut load);
        }
        for (place, collect) in collects.iter_mut().enumerate() {
            let saved = walk.prices[place] - paid[place];
            if saved > 0.0 {
                let step = Step { units: f64::INFINITY, price: saved };
                for (share, nodes) in walk.unordered(alike, draw, place).parts() {
                    collect.add(weight * share, nodes, &[step]);
                }
            }
        }
    });
    let pools = walk.uses.iter().zip(collects);
    (signed_worth, pools.map(|(used, collect)| (used.pool, collect.savings())).collect())
}
