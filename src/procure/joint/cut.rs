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
    let mut spends: Vec<(f64, &Ranked, Option<usize>, f64)> = Vec::new();
    for point in &points.each {
        for (place, open) in open.iter_mut().enumerate() {
            *open = left(point, place, at.nodes[place]);
        }
        spends.clear();
        spends.extend(point.held.iter().map(|k| {
            let (per_hour, ranked) = &points.signed[*k];
            (*per_hour, ranked, None, 0.0)
        }));
        spends.extend(
            sales.iter().enumerate().map(|(k, ranked)| (at.spend[k], ranked, Some(k), 0.0)),
        );
        for (per_hour, ranked, _, next) in &mut spends {
            *next = pay_and_next(*per_hour, ranked, &mut open);
        }
        worth.copy_from_slice(&points.prices);
        for (_, ranked, _, next) in &spends {
            for (place, rate, _) in *ranked {
                worth[*place] = worth[*place].min(next * rate);
            }
        }
        for (per_hour, ranked, sale, _) in &spends {
            // No more than it takes to hold up what its pools are worth.
            let next =
                ranked.iter().map(|(place, rate, _)| worth[*place] / rate).fold(0.0, f64::max);
            match sale {
                Some(k) => cut.spend[*k] += point.weight * next,
                None => cut.nothing -= point.weight * next * per_hour,
            }
        }
        for ((collect, worth), load) in collects.iter_mut().zip(&worth).zip(&point.loads) {
            if *worth > 0.0 {
                cut.nothing += point.weight * worth * load;
                collect.add(point.weight, *load, &[Step { units: f64::INFINITY, price: *worth }]);
            }
        }
    }
    cut.nodes = collects.iter().map(Collect::savings).collect();
    cut
}

/// What a pool has open beside nodes: between whole ones, in proportion.
fn left(point: &Point, place: usize, nodes: f64) -> f64 {
    let whole = nodes.floor();
    let (load, part) = (point.loads[place], nodes - whole);
    (1.0 - part) * (load - whole).max(0.0) + part * (load - whole - 1.0).max(0.0)
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
