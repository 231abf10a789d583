//! What exists and may be had in one stretch of days in which no term changes.

use std::collections::BTreeMap;
use std::ops::Range;

use super::sums::Sums;
use super::{add_scaled, smaller};
use crate::capacity::PoolLoad;
use crate::capacity::need::Resource;
use crate::capacity::node::amount;
use crate::capacity::per_draw::PerDraw;
use crate::plan::catalog::NodeShape;
use crate::plan::price::Purchase;
use crate::procure::terms::PoolTerms;

/// The parts of a month in which no term changes in any draw.
pub(in crate::procure) fn stretches(terms: &PoolTerms, first: f64, days: u32) -> Vec<Range<u32>> {
    let mut changes = vec![false; days as usize + 1];
    let mut mark = |day: f64| {
        let day = day - first;
        if day > 0.0 && day < f64::from(days) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a day of the month"
            )]
            let place = day as usize;
            changes[place] = true;
        }
    };
    for day in terms.days() {
        match day {
            PerDraw::Same(day) => mark(day),
            PerDraw::Each(each) => each.into_iter().for_each(&mut mark),
        }
    }
    let mut stretches = Vec::new();
    let mut start = 0;
    for day in 1..=days {
        if day == days || changes[day as usize] {
            stretches.push(start..day);
            start = day;
        }
    }
    stretches
}

/// What is had and may be had in one stretch of days; one value a draw.
pub(in crate::procure) struct Held {
    /// Usable existing nodes, in nodes of the pool: `[column][draw]`.
    pub(super) shares: Vec<Vec<f64>>,
    /// Usable existing nodes, as nodes.
    pub(super) usable: Vec<f64>,
    /// Existing nodes paid for, by purchase.
    pub(super) paid: BTreeMap<Purchase, Vec<f64>>,
    /// Usable existing resources.
    pub(super) resources: BTreeMap<Resource, Vec<f64>>,
    /// On-demand nodes that may be had.
    pub(in crate::procure) on_demand: Vec<f64>,
    /// Spot nodes that may be had, and the share of time in which they are.
    pub(in crate::procure) spot: Vec<f64>,
    pub(in crate::procure) available: Vec<f64>,
    /// The share of what runs on spot that really does, and the most that it can be.
    pub(in crate::procure) served: Vec<f64>,
    pub(in crate::procure) most_spot: Vec<f64>,
    /// Whether spot that cannot be had is short.
    pub(in crate::procure) denies: bool,
    /// Bought nodes that may be had, spot and on-demand together.
    pub(in crate::procure) together: Vec<f64>,
    /// Whether on-demand is limited in some draw.
    pub(super) limited: bool,
}

impl Held {
    pub(in crate::procure) fn of(terms: &PoolTerms, load: &PoolLoad, day: f64) -> Self {
        let draws = load.draws();
        let zeros = || vec![0.0; draws];
        let mut held = Self {
            shares: vec![zeros(); load.columns.len()],
            usable: zeros(),
            paid: BTreeMap::new(),
            resources: BTreeMap::new(),
            on_demand: zeros(),
            spot: zeros(),
            available: zeros(),
            served: zeros(),
            most_spot: zeros(),
            denies: terms.spot.as_ref().is_some_and(|spot| spot.denies),
            together: zeros(),
            limited: false,
        };
        held.add_existing(terms, load, day);
        for draw in 0..draws {
            // The organisation's own nodes are not the provider's to grant.
            let reserved = held.paid.get(&Purchase::Reserved).map_or(0.0, |nodes| nodes[draw]);
            held.together[draw] = (terms.all.on(day, draw) - reserved).max(0.0);
            held.on_demand[draw] = terms.on_demand.as_ref().map_or(0.0, |o| o.on(day, draw));
            if let Some(spot) = &terms.spot {
                held.spot[draw] = spot.offer.on(day, draw);
                held.available[draw] = spot.planned.available.at(draw);
                held.served[draw] = spot.planned.served.at(draw);
                if held.available[draw] > 0.0 {
                    let nodes = smaller(held.spot[draw], held.together[draw]);
                    held.most_spot[draw] = nodes * held.available[draw];
                }
            }
        }
        let limits = |may: &[f64]| may.iter().any(|nodes| nodes.is_finite());
        held.limited = held.denies || limits(&held.on_demand) || limits(&held.together);
        held
    }

    fn add_existing(&mut self, terms: &PoolTerms, load: &PoolLoad, day: f64) {
        let draws = load.draws();
        let mut by_shape: Vec<(NodeShape, Vec<f64>)> = Vec::new();
        for existing in terms.existing.iter().filter(|existing| day < existing.until) {
            let paid = self.paid.entry(existing.purchase).or_insert_with(|| vec![0.0; draws]);
            let place = by_shape.iter().position(|(shape, _)| *shape == existing.shape);
            let place = place.unwrap_or_else(|| {
                by_shape.push((existing.shape, vec![0.0; draws]));
                by_shape.len() - 1
            });
            for (draw, (paid, usable)) in paid.iter_mut().zip(&mut by_shape[place].1).enumerate() {
                if existing.from.at(draw) <= day {
                    *paid += existing.nodes;
                    *usable += existing.nodes * existing.usable.at(draw);
                }
            }
        }
        for (shape, usable) in &by_shape {
            add_scaled(&mut self.usable, 1.0, usable);
            for (shares, rate) in
                self.shares.iter_mut().zip(load.columns.exchange(&load.node, shape))
            {
                add_scaled(shares, rate, usable);
            }
            for resource in Resource::ALL {
                let offers = amount(shape, resource);
                if offers > 0.0 {
                    let sum = self.resources.entry(resource).or_insert_with(|| vec![0.0; draws]);
                    add_scaled(sum, offers, usable);
                }
            }
        }
    }

    /// Counts what exists for so many hours.
    pub(super) fn count(&self, hours: f64, sums: &mut Sums) {
        sums.hours += hours;
        add_scaled(&mut sums.existing, hours, &self.usable);
        for (purchase, nodes) in &self.paid {
            let sum = sums.paid.entry(*purchase).or_insert_with(|| vec![0.0; nodes.len()]);
            add_scaled(sum, hours, nodes);
        }
        for (resource, amounts) in &self.resources {
            let sum = sums.resources.entry(*resource).or_insert_with(|| vec![0.0; amounts.len()]);
            add_scaled(sum, hours, amounts);
        }
    }
}
