//! What an hour costs beside nodes and spend, from below: one cut of a month.
//!
//! In one point, let λₖ be what the next unit of money of spend k is worth. Then a node of pool p on demand is worth
//! π = min(price, λₖ·rate) of every spend that covers it, and whatever is ordered and committed to, the hour costs no
//! less than Σ π·(load − nodes)⁺ − Σ λₖ·spendₖ: the dual of who pays for what. Summed over a month that is a convex
//! function of each pool's nodes, broken at whole ones, and linear in spend.
//!
//! # Source
//! Benders, "Partitioning procedures for solving mixed-variables programming problems" (1962).

use super::points::{Point, Points};
use crate::procure::optimum::recourse::{Collect, Step};
use crate::procure::savings::Ranked;

/// Where a cut is made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct At {
    /// Nodes ordered, by place of a pool; parts of a node where the linear program has them.
    pub nodes: Vec<f64>,
    /// Money an hour, by savings plan on sale.
    pub spend: Vec<f64>,
}

/// A bound of what a month costs on demand.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    /// With nothing ordered and nothing committed.
    pub nothing: f64,
    /// What each node takes off, by place of a pool: the first ordered first, falling.
    pub nodes: Vec<Vec<f64>>,
    /// What a unit of money an hour takes off, by savings plan on sale.
    pub spend: Vec<f64>,
}

/// The cut of a month at a place.
pub(super) fn cut(points: &Points, at: &At) -> Cut {
    let sales = &points.sales;
    let pools = points.pools.len();
    let mut cut = Cut { nothing: 0.0, nodes: Vec::new(), spend: vec![0.0; sales.len()] };
    let mut collects = vec![Collect::default(); pools];
    let mut open = vec![0.0; pools];
    let mut worth = vec![0.0; pools];
    let mut spends: Vec<Spend<'_>> = Vec::new();
    let mut before = vec![0.0; pools];
    let mut order = Vec::new();
    for point in &points.each {
        for (place, open) in open.iter_mut().enumerate() {
            *open = left(point, place, at.nodes[place]);
        }
        spends.clear();
        spends.extend(point.held.iter().map(|k| {
            let (per_hour, ranked) = &points.signed[*k];
            Spend { per_hour: *per_hour, ranked, sale: None, next: 0.0 }
        }));
        spends.extend(sales.iter().enumerate().map(|(k, ranked)| Spend {
            per_hour: at.spend[k],
            ranked,
            sale: Some(k),
            next: 0.0,
        }));
        before.copy_from_slice(&open);
        for spend in &mut spends {
            spend.next = pay_and_next(spend.per_hour, spend.ranked, &mut open);
        }
        worths(&points.prices, &spends, &mut worth);
        let costs: f64 = open.iter().zip(&points.prices).map(|(open, price)| open * price).sum();
        raise(&points.prices, &before, costs, &mut spends, &mut worth, &mut order);
        for spend in &spends {
            let next = spend.holds_up(&worth);
            match spend.sale {
                Some(k) => cut.spend[k] += point.weight * next,
                None => cut.nothing -= point.weight * next * spend.per_hour,
            }
        }
        for (place, (collect, worth)) in collects.iter_mut().zip(&worth).enumerate() {
            if *worth <= 0.0 {
                continue;
            }
            for (share, nodes) in point.parts(place) {
                let weight = point.weight * share;
                cut.nothing += weight * worth * nodes;
                collect.add(weight, nodes, &[Step { units: f64::INFINITY, price: *worth }]);
            }
        }
    }
    cut.nodes = collects.iter().map(Collect::savings).collect();
    cut
}

/// Spend in one hour.
struct Spend<'a> {
    per_hour: f64,
    ranked: &'a Ranked,
    /// Its place among those on sale; absent where it is signed.
    sale: Option<usize>,
    /// What the next unit of money is worth.
    next: f64,
}

impl Spend<'_> {
    /// No more than it takes to hold up what its pools are worth.
    fn holds_up(&self, worth: &[f64]) -> f64 {
        self.ranked.iter().map(|(place, rate, _)| worth[*place] / rate).fold(0.0, f64::max)
    }
}

/// Sweeps over spends that pay for the same pools.
const SWEEPS: usize = 4;

/// What a node of each pool is worth, of every spend that covers it.
fn worths(prices: &[f64], spends: &[Spend<'_>], worth: &mut [f64]) {
    worth.copy_from_slice(prices);
    for spend in spends {
        for (place, rate, _) in spend.ranked {
            worth[*place] = worth[*place].min(spend.next * rate);
        }
    }
}

/// Where several spends pay for the same pools, what each is worth depends on the others: spend by spend the best is
/// taken beside the others, as long as that brings the cut nearer to what the hour costs.
fn raise(
    prices: &[f64],
    open: &[f64],
    costs: f64,
    spends: &mut [Spend<'_>],
    worth: &mut [f64],
    order: &mut Vec<(f64, f64)>,
) {
    let value = |spends: &[Spend<'_>], worth: &[f64]| {
        let nodes: f64 = worth.iter().zip(open).map(|(worth, open)| worth * open).sum();
        nodes - spends.iter().map(|spend| spend.holds_up(worth) * spend.per_hour).sum::<f64>()
    };
    let mut known = value(spends, worth);
    for _ in 0..SWEEPS {
        if spends.len() < 2 || known >= costs - 1e-9 * costs.abs() {
            return;
        }
        let old: Vec<f64> = spends.iter().map(|spend| spend.next).collect();
        for k in 0..spends.len() {
            spends[k].next = f64::INFINITY;
            worths(prices, spends, worth);
            order.clear();
            order.extend(
                spends[k]
                    .ranked
                    .iter()
                    .map(|(place, rate, _)| (worth[*place] / rate, open[*place] * rate)),
            );
            order.sort_by(|a, b| b.0.total_cmp(&a.0));
            let mut left = spends[k].per_hour;
            let last = order.iter().find(|(_, costs)| {
                left -= costs;
                left < 0.0
            });
            spends[k].next = last.map_or(0.0, |(worth, _)| *worth);
        }
        worths(prices, spends, worth);
        let next = value(spends, worth);
        if next <= known + 1e-12 * known.abs() {
            if next < known {
                spends.iter_mut().zip(old).for_each(|(spend, old)| spend.next = old);
                worths(prices, spends, worth);
            }
            return;
        }
        known = next;
    }
}

/// What a pool has open beside nodes: between whole ones, in proportion.
fn left(point: &Point, place: usize, nodes: f64) -> f64 {
    let whole = nodes.floor();
    let part = nodes - whole;
    let each = point.parts(place).map(|(share, load)| {
        share * ((1.0 - part) * (load - whole).max(0.0) + part * (load - whole - 1.0).max(0.0))
    });
    each.sum()
}

/// Spends so much on what is open, and gives what the next unit of money would save.
fn pay_and_next(per_hour: f64, ranked: &Ranked, open: &mut [f64]) -> f64 {
    let mut money = per_hour;
    for (place, rate, saves) in ranked {
        let costs = open[*place] * rate;
        if money < costs {
            open[*place] -= money / rate;
            return *saves;
        }
        money -= costs;
        open[*place] = 0.0;
    }
    0.0
}

impl Cut {
    /// Its value with so many nodes and so much spend.
    pub(super) fn value(&self, at: &At) -> f64 {
        let nodes = self.nodes.iter().zip(&at.nodes).map(|(each, nodes)| {
            let mut left = *nodes;
            let taken = each.iter().map_while(|saves| {
                let part = left.min(1.0);
                left -= part;
                (part > 0.0).then_some(part * saves)
            });
            taken.sum::<f64>()
        });
        let spend = self.spend.iter().zip(&at.spend).map(|(worth, spend)| worth * spend);
        self.nothing - nodes.sum::<f64>() - spend.sum::<f64>()
    }
}
