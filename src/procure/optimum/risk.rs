//! The least mean of the worst draws (`CVaR`) instead of the least mean of all.
//!
//! In: how the problem looks when draws weigh differently, and what purchases cost in each draw. Out:
//! purchases, the mean of their worst draws, and a bound.
//!
//! The mean of the worst share of draws is the largest expectation over weights that give no draw more
//! than its part of that share. For any such weights the cheapest purchases are a bound; the weights move
//! towards the draws that were worst.
//!
//! # Source
//! Rockafellar and Uryasev (2000); the dual of `CVaR` in Ruszczyński and Shapiro (2006); fictitious play.

use super::coupling::{PoolProblem, coupled};
use super::flow::Cover;
use super::recourse::MICRO;

/// Purchases for the worst draws.
#[derive(Debug, Clone)]
pub struct Risky {
    /// One a pool.
    pub covers: Vec<Cover>,
    /// The mean cost of the worst draws.
    pub cost: f64,
    /// No purchases have a lower one.
    pub bound: f64,
}

/// The most rounds.
const ROUNDS: usize = 24;
/// The gap at which to stop.
const ENOUGH: f64 = 1e-3;

/// The mean of the worst `share` of costs, and the weights of that mean.
#[must_use]
pub fn worst(costs: &[f64], share: f64) -> (f64, Vec<f64>) {
    let mut order: Vec<usize> = (0..costs.len()).collect();
    order.sort_by(|a, b| costs[*b].total_cmp(&costs[*a]).then(a.cmp(b)));
    let most = 1.0 / (share * costs.len() as f64);
    let mut weights = vec![0.0; costs.len()];
    let (mut left, mut mean) = (1.0_f64, 0.0);
    for draw in order {
        let weight = most.min(left);
        left -= weight;
        weights[draw] = weight;
        mean += weight * costs[draw];
        if left <= 0.0 {
            break;
        }
    }
    (mean, weights)
}

/// Buys for the least mean cost of the worst `share` of `draws`.
///
/// `problems` makes the problem with these weights of the draws, `costs` says what purchases cost in each.
#[must_use]
pub fn least_worst(
    draws: usize,
    share: f64,
    limits: &[f64],
    problems: &dyn Fn(&[f64]) -> Vec<PoolProblem>,
    costs: &dyn Fn(&[Cover]) -> Vec<f64>,
) -> Risky {
    let mut weights = vec![1.0 / draws as f64; draws];
    let mut best: Option<(f64, Vec<Cover>)> = None;
    let mut bound = f64::NEG_INFINITY;
    for round in 0..ROUNDS {
        let bought = coupled(&problems(&weights), limits);
        bound = bound.max(bought.bound as f64 / MICRO);
        let (mean, towards) = worst(&costs(&bought.covers), share);
        if best.as_ref().is_none_or(|(least, _)| mean < *least) {
            best = Some((mean, bought.covers));
        }
        let least = best.as_ref().map_or(mean, |(least, _)| *least);
        if least - bound <= ENOUGH * least.abs() {
            break;
        }
        let step = if round == 0 { 1.0 } else { 2.0 / (round as f64 + 2.0) };
        for (weight, towards) in weights.iter_mut().zip(&towards) {
            *weight += step * (towards - *weight);
        }
    }
    let (cost, covers) = best.unwrap_or_default();
    Risky { covers, cost, bound: bound.min(cost) }
}

#[cfg(test)]
mod tests {
    use super::super::flow::{Offer, cost_of};
    use super::super::recourse::{Collect, Step};
    use super::*;

    #[test]
    fn the_worst_share_may_end_inside_a_draw() {
        let (mean, weights) = worst(&[1.0, 4.0, 2.0, 3.0], 0.375);
        assert!((mean - (4.0 * 2.0 + 3.0) / 3.0).abs() < 1e-12);
        assert!((weights[3] - 1.0 / 3.0).abs() < 1e-12 && weights[0] == 0.0);
    }

    #[test]
    fn who_looks_at_the_worst_commits_more() {
        // One month, needs of 1 to 10 units equally likely, a unit for 60 against 100 by the hour.
        let offer = Offer { from: 0, to: 1, cost: 60_000_000, most: None };
        let month = |weights: &[f64]| {
            let mut collect = Collect::default();
            for (draw, weight) in weights.iter().enumerate() {
                let step = Step { units: f64::INFINITY, price: 100.0 };
                collect.add(*weight, draw as f64 + 1.0, &[step]);
            }
            collect.finish()
        };
        let problem = |weights: &[f64]| PoolProblem {
            months: vec![month(weights)],
            offers: vec![offer.clone()],
            takes: vec![vec![]],
            least: vec![0],
        };
        let costs = |covers: &[Cover]| -> Vec<f64> {
            let one = |draw: usize| {
                let mut weights = [0.0; 10];
                weights[draw] = 1.0;
                cost_of(&[month(&weights)], std::slice::from_ref(&offer), &covers[0].units) as f64
                    / MICRO
            };
            (0..10).map(one).collect()
        };
        let found = least_worst(10, 0.2, &[], &|weights| vec![problem(weights)], &costs);
        // At c committed the two worst draws need 9 and 10: 60c + 100(9.5 − c) falls until c is 9.
        assert_eq!(found.covers[0].units, [9]);
        assert!((found.cost - 590.0).abs() < 1e-6, "{}", found.cost);
        assert!(found.bound <= found.cost && found.bound > 0.97 * found.cost, "{}", found.bound);
        let mean = coupled(&[problem(&[0.1; 10])], &[]);
        assert_eq!(mean.covers[0].units, [4]);
    }
}
