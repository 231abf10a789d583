//! The first supply rule: what exists, then spot for what may be interrupted, then on-demand to the
//! limit, then a shortfall.
//!
//! * What exists counts resource by resource, and serves first what may not be interrupted.
//! * Of the nodes that remain, those may run on spot that are the pool's share of what interruptible workloads
//!   alone would need, in whole nodes, up to the limit; none that holds what may not be interrupted. They are had for the
//!   share of time that spot is available; for the rest of it on-demand takes over.
//! * Terms change by day: a month is cut at every such day of any draw, and each part is supplied by
//!   its own terms.

//!
//! [`held`] is what exists and may be had in a stretch of days, [`scratch`] serves one slot, [`sums`] is what
//! a month comes to, [`requests`] what every workload asked.

mod held;
mod requests;
mod scratch;
mod sums;

use std::ops::Range;

use crate::calendar::days_between;
use crate::capacity::PoolLoad;
use crate::capacity::rounding::{TOLERANCE, whole_up};
use crate::plan::Plan;
use crate::procure::hourly::{Asked, HourlyUse};
use crate::procure::need::block_of;
use crate::procure::supply::{PoolMonth, Requests};
use crate::procure::terms::{PoolTerms, Terms};

pub(super) use held::{Held, stretches};
pub(super) use scratch::Scratch;

use requests::requests;
use sums::Sums;

/// Supplies one pool in one month.
#[must_use]
pub fn supply(plan: &Plan, terms: &Terms, load: &PoolLoad) -> (PoolMonth, Requests) {
    supply_keeping(plan, terms, load, None, false)
}

/// Supplies one pool in one month, and keeps what ran on demand hour by hour: what a savings plan that
/// several pools share must know.
#[must_use]
pub fn supply_by_hour(
    plan: &Plan,
    terms: &Terms,
    load: &PoolLoad,
) -> (PoolMonth, Requests, HourlyUse) {
    let mut hours = HourlyUse::new(load.pool, load.t, load.month, load.draws());
    let (supply, requests) = supply_keeping(plan, terms, load, Some(&mut hours), false);
    (supply, requests, hours)
}

/// What a pool runs on demand hour by hour in one month, and what more nodes would leave of that.
#[must_use]
pub fn asked_by_hour(plan: &Plan, terms: &Terms, load: &PoolLoad) -> HourlyUse {
    let mut hours = HourlyUse::new(load.pool, load.t, load.month, load.draws());
    supply_keeping(plan, terms, load, Some(&mut hours), true);
    hours
}

fn supply_keeping(
    plan: &Plan,
    terms: &Terms,
    load: &PoolLoad,
    mut keep: Option<&mut HourlyUse>,
    ask: bool,
) -> (PoolMonth, Requests) {
    let terms = terms.of(load.pool);
    let pool = &plan.pools[load.pool];
    let first =
        f64::from(days_between(plan.horizon.first_day(), plan.horizon.month(load.t).first_day()));
    let rule = Rule {
        fragmentation_loss: pool.fragmentation_loss,
        spot_share: pool.spot_share,
        interruptible: load.has_interruptible(),
    };
    let mut sums = Sums::new(load.draws());
    let mut scratch = Scratch::new(load.draws());
    let stretches = stretches(terms, first, load.month.days);
    let held_in = |days: &Range<u32>| Held::of(terms, load, first + f64::from(days.start));
    let holdings: Vec<Held> = stretches.iter().map(held_in).collect();
    // What nodes that are committed would take the place of is not what runs on demand alone.
    let ask = ask && (rule.interruptible || holdings.iter().any(|held| held.limited));
    for (days, held) in stretches.into_iter().zip(&holdings) {
        held.count(f64::from(days.end - days.start) * 24.0, &mut sums);
        for slot in &load.slots {
            let hours = load.month.hours_within(slot, &days);
            if hours > 0.0 {
                scratch.needed(load, slot, rule, held);
                let asked = ask.then(|| asked(hours, load.draws(), &scratch, held, rule));
                scratch.supply(hours, rule, held, &mut sums);
                if let Some(keep) = keep.as_deref_mut() {
                    scratch.on_demand(held, keep.add(slot, &days));
                    keep.ask(asked.into_iter().flatten());
                }
                let day = f64::from(slot.days.start.max(days.start));
                sums.count_week(slot, hours, day, held, &scratch);
            }
        }
    }
    for held in &holdings {
        sums.limit(held, rule);
    }
    let requests = requests(load);
    let useful = per_useful(plan, terms, load);
    let lost = sums.spot.iter().zip(useful).map(|(hours, per_useful)| hours * (per_useful - 1.0));
    let lost = lost.collect();
    (sums.pool_month(load, &requests, scratch.peaks, lost), requests)
}

/// What is asked of purchases in a slot; one value a draw.
fn asked(hours: f64, draws: usize, scratch: &Scratch, held: &Held, rule: Rule) -> Vec<Asked> {
    let each = (0..draws).map(|draw| {
        let block = block_of(hours, draw, scratch, held, rule);
        let spot = block.spot.map(|spot| (spot.nodes, spot.taken_over()));
        Asked { rest: block.rest, spot, on_demand: block.on_demand }
    });
    each.collect()
}

/// Node-hours of spot for one that is useful, with what interruptions take of work that is no run (a run's length
/// has its own); one value a draw, empty where they take none. Work on spot is shared out in proportion to what is
/// asked.
pub(super) fn per_useful(plan: &Plan, terms: &PoolTerms, load: &PoolLoad) -> Vec<f64> {
    let Some(spot) = terms.spot.as_ref().filter(|spot| spot.planned.per_useful.max() > 1.0) else {
        return Vec::new();
    };
    let (mut all, mut no_run) = (vec![0.0; load.draws()], vec![0.0; load.draws()]);
    for asked in &load.asked {
        let workload = &plan.workloads[asked.workload];
        for column in asked.requested.iter().filter(|_| workload.interruptible) {
            add_scaled(&mut all, 1.0, column);
            if workload.runs.is_empty() {
                add_scaled(&mut no_run, 1.0, column);
            }
        }
    }
    let each = all.into_iter().zip(no_run).enumerate().map(|(draw, (all, no_run))| {
        let per_useful = spot.planned.per_useful.at(draw);
        let share = if all > 0.0 { no_run / all } else { 0.0 };
        // Where nothing useful gets done on spot, none is bought.
        if per_useful.is_nan() { 1.0 } else { 1.0 + (per_useful - 1.0) * share }
    });
    each.collect()
}

/// What the pool's settings say of every hour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) fragmentation_loss: f64,
    pub(super) spot_share: f64,
    pub(super) interruptible: bool,
}

fn add_scaled(into: &mut [f64], factor: f64, values: &[f64]) {
    for (into, value) in into.iter_mut().zip(values) {
        *into += factor * value;
    }
}

#[inline]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

#[inline]
fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// The greatest whole number that is not above `x`, but for the float's last bits.
#[inline]
fn whole_down(x: f64) -> f64 {
    let up = whole_up(x);
    up - if up * (1.0 - TOLERANCE) > x { 1.0 } else { 0.0 }
}
