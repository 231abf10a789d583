//! The first supply rule: what exists, then spot for what may be interrupted, then on-demand to the
//! limit, then a shortfall.
//!
//! * What exists counts resource by resource, and serves first what may not be interrupted.
//! * Of the nodes that remain, as many as interruptible workloads alone would need may run on spot: at
//!   most the pool's share of them, in whole nodes, up to the limit. They are had for the share of time
//!   that spot is available; for the rest of it on-demand takes over.
//! * Terms change by day: a month is cut at every such day of any draw, and each part is supplied by
//!   its own terms.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::calendar::days_between;
use crate::capacity::PoolLoad;
use crate::capacity::need::{Cause, Resource};
use crate::capacity::node::{Binding, Columns, Node, amount};
use crate::capacity::per_draw::PerDraw;
use crate::capacity::rounding::{TOLERANCE, whole_up};
use crate::capacity::slots::Slot;
use crate::capacity::source::Asked;
use crate::plan::Plan;
use crate::plan::catalog::NodeShape;
use crate::plan::price::Purchase;
use crate::procure::hourly::HourlyUse;
use crate::procure::supply::{PoolMonth, Requests, ResourceUse, WorkloadRequest};
use crate::procure::terms::{PoolTerms, Terms};
use crate::procure::week::WeekRisk;

/// Supplies one pool in one month.
#[must_use]
pub fn supply(plan: &Plan, terms: &Terms, load: &PoolLoad) -> (PoolMonth, Requests) {
    supply_keeping(plan, terms, load, None)
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
    let (supply, requests) = supply_keeping(plan, terms, load, Some(&mut hours));
    (supply, requests, hours)
}

fn supply_keeping(
    plan: &Plan,
    terms: &Terms,
    load: &PoolLoad,
    mut keep: Option<&mut HourlyUse>,
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
    for (days, held) in stretches.into_iter().zip(&holdings) {
        held.count(f64::from(days.end - days.start) * 24.0, &mut sums);
        for slot in &load.slots {
            let hours = load.month.hours_within(slot, &days);
            if hours > 0.0 {
                scratch.needed(load, slot, rule, held);
                scratch.supply(hours, rule, held, &mut sums);
                if let Some(keep) = keep.as_deref_mut() {
                    scratch.on_demand(held, keep.add(slot, &days));
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
    let lost = lost(plan, terms, load, &sums.spot);
    (sums.pool_month(load, &requests, scratch.peaks, lost), requests)
}

/// Node-hours of spot that interruptions take of work that is no run, beside so many useful ones; empty where
/// they take none. Work on spot is shared out in proportion to what is asked.
fn lost(plan: &Plan, terms: &PoolTerms, load: &PoolLoad, useful: &[f64]) -> Vec<f64> {
    let Some(spot) = terms.spot.as_ref().filter(|spot| spot.planned.per_useful.max() > 1.0) else {
        return Vec::new();
    };
    let (mut all, mut no_run) = (vec![0.0; useful.len()], vec![0.0; useful.len()]);
    for asked in &load.asked {
        let workload = &plan.workloads[asked.workload];
        for column in asked.requested.iter().filter(|_| workload.interruptible) {
            add_scaled(&mut all, 1.0, column);
            if workload.runs.is_empty() {
                add_scaled(&mut no_run, 1.0, column);
            }
        }
    }
    let lost = useful.iter().enumerate().map(|(draw, useful)| {
        let per_useful = spot.planned.per_useful.at(draw);
        let share = if all[draw] > 0.0 { no_run[draw] / all[draw] } else { 0.0 };
        // Where nothing useful gets done on spot, none is bought.
        if per_useful.is_nan() { 0.0 } else { useful * (per_useful - 1.0) * share }
    });
    lost.collect()
}

/// The parts of a month in which no term changes in any draw.
pub(super) fn stretches(terms: &PoolTerms, first: f64, days: u32) -> Vec<Range<u32>> {
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

/// What the pool's settings say of every hour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub(super) fragmentation_loss: f64,
    pub(super) spot_share: f64,
    pub(super) interruptible: bool,
}

/// What is had and may be had in one stretch of days; one value a draw.
pub(super) struct Held {
    /// Usable existing nodes, in nodes of the pool: `[column][draw]`.
    shares: Vec<Vec<f64>>,
    /// Usable existing nodes, as nodes.
    usable: Vec<f64>,
    /// Existing nodes paid for, by purchase.
    paid: BTreeMap<Purchase, Vec<f64>>,
    /// Usable existing resources.
    resources: BTreeMap<Resource, Vec<f64>>,
    /// On-demand nodes that may be had.
    pub(super) on_demand: Vec<f64>,
    /// Spot nodes that may be had, and the share of time in which they are.
    pub(super) spot: Vec<f64>,
    pub(super) available: Vec<f64>,
    /// The share of what runs on spot that really does, and the most that it can be.
    pub(super) served: Vec<f64>,
    most_spot: Vec<f64>,
    /// Whether spot that cannot be had is short.
    pub(super) denies: bool,
    /// Bought nodes that may be had, spot and on-demand together.
    pub(super) together: Vec<f64>,
    /// Whether on-demand is limited in some draw.
    limited: bool,
}

impl Held {
    pub(super) fn of(terms: &PoolTerms, load: &PoolLoad, day: f64) -> Self {
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
    fn count(&self, hours: f64, sums: &mut Sums) {
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

fn add_scaled(into: &mut [f64], factor: f64, values: &[f64]) {
    for (into, value) in into.iter_mut().zip(values) {
        *into += factor * value;
    }
}

/// One slot; one value a draw.
pub(super) struct Scratch {
    /// Node shares of one column.
    column: Vec<f64>,
    /// Nodes needed.
    pub(super) need: Vec<f64>,
    /// Nodes that interruptible workloads alone would need.
    pub(super) interruptible: Vec<f64>,
    /// Nodes needed beside what exists.
    pub(super) rest: Vec<f64>,
    /// Nodes bought so far.
    bought: Vec<f64>,
    /// Nodes that nothing replaces while spot is not to be had.
    denied: Vec<f64>,
    /// Nodes that can run.
    have: Vec<f64>,
    /// Nodes missing.
    short: Vec<f64>,
    /// The most of each column so far, where there are several; of one it is that of the need.
    peaks: Vec<Vec<f64>>,
}

impl Scratch {
    pub(super) fn new(draws: usize) -> Self {
        let zeros = || vec![0.0; draws];
        Self {
            column: zeros(),
            need: zeros(),
            interruptible: zeros(),
            rest: zeros(),
            bought: zeros(),
            denied: zeros(),
            have: zeros(),
            short: zeros(),
            peaks: Vec::new(),
        }
    }

    /// Nodes needed in a slot: the largest over resources, whole, with what fragmentation loses.
    pub(super) fn needed(&mut self, load: &PoolLoad, slot: &Slot, rule: Rule, held: &Held) {
        let packed = 1.0 + rule.fragmentation_loss;
        if held.shares.len() > 1 {
            let draws = self.need.len();
            self.peaks.resize_with(held.shares.len(), || vec![0.0; draws]);
            self.need.fill(0.0);
            self.rest.fill(0.0);
        }
        for (column, held) in held.shares.iter().enumerate() {
            load.requested(slot, column, &mut self.column);
            let beside = |share: f64, held: f64| {
                // Whole nodes are lost to fragmentation; without it, parts of a node still count.
                let share =
                    if rule.fragmentation_loss > 0.0 { whole_up(share) * packed } else { share };
                share * (1.0 - TOLERANCE) - held
            };
            let rows = self.column.iter().zip(held).zip(&mut self.need).zip(&mut self.rest);
            let Some(peaks) = self.peaks.get_mut(column) else {
                // The only column: one loop over the draws is all.
                for (((share, held), need), rest) in rows {
                    *need = whole_up(whole_up(larger(0.0, *share)) * packed);
                    *rest = whole_up(larger(0.0, beside(*share, *held)));
                }
                continue;
            };
            for ((((share, held), need), rest), peak) in rows.zip(peaks) {
                *peak = larger(*peak, *share);
                *need = larger(*need, *share);
                *rest = larger(*rest, beside(*share, *held));
            }
        }
        if held.shares.len() > 1 {
            pack(&mut self.need, packed);
            for rest in &mut self.rest {
                *rest = whole_up(*rest);
            }
        }
        if rule.interruptible {
            self.interruptible.fill(0.0);
            for column in 0..held.shares.len() {
                load.requested_interruptible(slot, column, &mut self.column);
                for (share, nodes) in self.column.iter().zip(&mut self.interruptible) {
                    *nodes = larger(*nodes, *share);
                }
            }
            pack(&mut self.interruptible, packed);
        }
    }

    /// Supplies what is needed beside what exists, for so many hours. One short loop a step, so that
    /// each becomes vector instructions.
    fn supply(&mut self, hours: f64, rule: Rule, held: &Held, sums: &mut Sums) {
        for ((need, peak), sum) in
            self.need.iter().zip(&mut sums.need_peak).zip(&mut sums.need_hours)
        {
            *peak = larger(*peak, *need);
            *sum += need * hours;
        }
        if rule.interruptible {
            for (nodes, peak) in self.interruptible.iter().zip(&mut sums.interruptible_peak) {
                *peak = larger(*peak, *nodes);
            }
            self.supply_spot(hours, rule, held, sums);
            if held.denies {
                self.deny(rule, held);
            }
        }
        self.supply_on_demand(hours, held, sums);
    }

    /// Spot for what may be interrupted: taken off the rest, and kept in `bought`.
    fn supply_spot(&mut self, hours: f64, rule: Rule, held: &Held, sums: &mut Sums) {
        for (((bought, rest), nodes), ((served, most), sum)) in self
            .bought
            .iter_mut()
            .zip(&mut self.rest)
            .zip(&self.interruptible)
            .zip(held.served.iter().zip(&held.most_spot).zip(&mut sums.spot))
        {
            let wanted = whole_down(smaller(*nodes, *rest) * rule.spot_share);
            let spot = smaller(wanted * served, *most);
            *bought = spot;
            *rest -= spot;
            *sum += spot * hours;
        }
    }

    /// What spot would have served and could not, where nothing replaces it.
    fn deny(&mut self, rule: Rule, held: &Held) {
        for (draw, denied) in self.denied.iter_mut().enumerate() {
            // Taken off the rest by now: what is bought has to be added again.
            let rest = self.rest[draw] + self.bought[draw];
            let wanted = whole_down(smaller(self.interruptible[draw], rest) * rule.spot_share);
            let nodes = smaller(smaller(wanted, held.spot[draw]), held.together[draw]);
            *denied = nodes * (1.0 - held.available[draw]);
        }
    }

    /// On-demand for the rest, and what is short after it.
    fn supply_on_demand(&mut self, hours: f64, held: &Held, sums: &mut Sums) {
        if !held.limited {
            add_scaled(&mut sums.on_demand, hours, &self.rest);
            return;
        }
        for (((rest, bought), (denied, (may, together))), ((sum, short_sum), short_peak)) in self
            .rest
            .iter()
            .zip(&self.bought)
            .zip(self.denied.iter().zip(held.on_demand.iter().zip(&held.together)))
            .zip(sums.on_demand.iter_mut().zip(&mut sums.short).zip(&mut sums.short_peak))
        {
            let on_demand = smaller(smaller(*rest - denied, *may), *together - *bought);
            let short = rest - on_demand;
            *sum += on_demand * hours;
            *short_sum += short * hours;
            *short_peak = larger(*short_peak, short);
        }
        self.see_limits(held);
    }

    /// What this slot runs on demand, as it was supplied; one value a draw.
    fn on_demand(&self, held: &Held, into: &mut [f64]) {
        let limits = held.on_demand.iter().zip(&held.together);
        for (((into, rest), denied), (bought, (may, together))) in
            into.iter_mut().zip(&self.rest).zip(&self.denied).zip(self.bought.iter().zip(limits))
        {
            *into = smaller(smaller(*rest - denied, *may), *together - *bought);
        }
    }

    /// What can run in this slot, and what is missing: only where something limits it.
    fn see_limits(&mut self, held: &Held) {
        for (((rest, bought), (denied, (may, together))), ((have, short), usable)) in self
            .rest
            .iter()
            .zip(&self.bought)
            .zip(self.denied.iter().zip(held.on_demand.iter().zip(&held.together)))
            .zip(self.have.iter_mut().zip(&mut self.short).zip(&held.usable))
        {
            let may = smaller(*may, *together - *bought);
            *have = usable + bought + may;
            *short = rest - smaller(*rest - denied, may);
        }
    }
}

/// Whole nodes, and what fragmentation loses of them.
fn pack(nodes: &mut [f64], packed: f64) {
    for nodes in nodes {
        *nodes = whole_up(whole_up(*nodes) * packed);
    }
}

fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

fn smaller(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// The greatest whole number that is not above `x`, but for the float's last bits.
fn whole_down(x: f64) -> f64 {
    let up = whole_up(x);
    up - if up * (1.0 - TOLERANCE) > x { 1.0 } else { 0.0 }
}

/// What a month comes to; one value a draw.
struct Sums {
    hours: f64,
    need_peak: Vec<f64>,
    need_hours: Vec<f64>,
    interruptible_peak: Vec<f64>,
    available: Vec<f64>,
    existing: Vec<f64>,
    paid: BTreeMap<Purchase, Vec<f64>>,
    resources: BTreeMap<Resource, Vec<f64>>,
    spot: Vec<f64>,
    on_demand: Vec<f64>,
    short: Vec<f64>,
    short_peak: Vec<f64>,
    short_from: Vec<f64>,
    week: WeekRisk,
}

impl Sums {
    fn new(draws: usize) -> Self {
        let zeros = || vec![0.0; draws];
        Self {
            hours: 0.0,
            need_peak: zeros(),
            need_hours: zeros(),
            interruptible_peak: zeros(),
            available: vec![f64::INFINITY; draws],
            existing: zeros(),
            paid: BTreeMap::new(),
            resources: BTreeMap::new(),
            spot: zeros(),
            on_demand: zeros(),
            short: zeros(),
            short_peak: zeros(),
            short_from: vec![f64::INFINITY; draws],
            week: WeekRisk::default(),
        }
    }

    /// Counts how tight a slot is, and since when nodes are missing.
    fn count_week(&mut self, slot: &Slot, hours: f64, day: f64, held: &Held, scratch: &Scratch) {
        if !held.limited {
            self.week.pass(slot, hours);
            return;
        }
        let (need, have, short) = (&scratch.need, &scratch.have, &scratch.short);
        if self.week.count(slot, hours, need, have, short) > 0 {
            for (from, _) in
                self.short_from.iter_mut().zip(short).filter(|(_, short)| **short > 0.0)
            {
                *from = smaller(*from, day);
            }
        }
    }

    /// Lowers what is available to what a stretch allows: spot counts as far as anything may use it.
    fn limit(&mut self, held: &Held, rule: Rule) {
        for draw in 0..self.available.len() {
            let usable = whole_down(self.interruptible_peak[draw] * rule.spot_share);
            let spot = smaller(held.spot[draw], usable) * held.available[draw];
            let bought = smaller(held.on_demand[draw] + spot, held.together[draw]);
            self.available[draw] = smaller(self.available[draw], held.usable[draw] + bought);
        }
    }

    fn pool_month(
        mut self,
        load: &PoolLoad,
        requests: &Requests,
        peaks: Vec<Vec<f64>>,
        lost: Vec<f64>,
    ) -> PoolMonth {
        let node: &Node = &load.node;
        let hours = self.hours;
        let mut peaks = if peaks.is_empty() { vec![self.need_peak.clone()] } else { peaks };
        let resources = resources(load, requests, &mut peaks);
        let mut supplied = self.resources;
        for resource in Resource::ALL {
            let offers = node.offers(resource);
            if offers > 0.0 {
                let sum = supplied.entry(resource).or_insert_with(|| vec![0.0; self.spot.len()]);
                add_scaled(sum, offers, &self.spot);
                add_scaled(sum, offers, &self.on_demand);
            }
        }
        add_scaled(&mut self.spot, 1.0, &lost);
        let mut node_hours = self.paid;
        node_hours.insert(Purchase::Spot, self.spot);
        node_hours.insert(Purchase::OnDemand, self.on_demand);
        node_hours.retain(|_, hours| hours.iter().any(|hours| *hours > 0.0));
        let mean = |sum: Vec<f64>| sum.into_iter().map(|sum| sum / hours).collect();
        PoolMonth {
            pool: load.pool,
            t: load.t,
            need_peak: self.need_peak,
            need_mean: mean(self.need_hours),
            available: self.available,
            existing: mean(self.existing),
            node_hours,
            lost,
            short_node_hours: self.short,
            short_peak: self.short_peak,
            short_from: self.short_from,
            week: self.week,
            resources,
            supplied,
        }
    }
}

/// How each resource is taken; `peaks` are node shares by column, and are left in another order.
fn resources(load: &PoolLoad, requests: &Requests, peaks: &mut [Vec<f64>]) -> Vec<ResourceUse> {
    let at = |peaks: &mut Vec<f64>, p: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place among the draws"
        )]
        let place = (p * (peaks.len() - 1) as f64).round() as usize;
        *peaks.select_nth_unstable_by(place, f64::total_cmp).1
    };
    let peaks: Vec<(f64, f64)> =
        peaks.iter_mut().map(|peaks| (at(peaks, 0.5), at(peaks, 0.95))).collect();
    let sum = |of: &dyn Fn(&WorkloadRequest) -> f64| requests.workloads.iter().map(of).sum();
    let mean = |values: Option<&Vec<f64>>| values.map_or(0.0, |values| crate::draws::mean(values));
    let row = |(binding, peak_nodes): (Binding, (f64, f64))| {
        let resource = binding.resource();
        let of = |amounts: &BTreeMap<Resource, Vec<f64>>| {
            mean(resource.and_then(|resource| amounts.get(&resource)))
        };
        ResourceUse {
            cause: match binding {
                Binding::Cpu => Cause::Cpu,
                Binding::Memory => Cause::Memory,
                Binding::Gpu => Cause::Gpu,
                Binding::Network => Cause::Network,
            },
            resource,
            requested: sum(&|workload| of(&workload.requested)),
            used: sum(&|workload| of(&workload.used)),
            peak_nodes,
        }
    };
    match &load.columns {
        Columns::Each(bindings) => bindings.iter().copied().zip(peaks).map(row).collect(),
        // One column stands for all resources: each is taken in the same proportion.
        Columns::Whole => {
            let priced = load.node.binding().filter(|binding| binding.resource().is_some());
            priced.map(|binding| row((binding, peaks[0]))).collect()
        }
    }
}

/// What every workload asked for, in the resources that the pool's nodes offer.
fn requests(load: &PoolLoad) -> Requests {
    Requests {
        workloads: load
            .asked
            .iter()
            .map(|asked: &Asked| WorkloadRequest {
                workload: asked.workload,
                requested: by_resource(load, &asked.requested),
                used: by_resource(load, &asked.used),
            })
            .collect(),
    }
}

/// Resource-hours of node-share hours. Local storage, which nobody can request, goes by the smallest
/// share, so that it is never more than what the nodes have.
fn by_resource(load: &PoolLoad, columns: &[Vec<f64>]) -> BTreeMap<Resource, Vec<f64>> {
    let mut amounts = BTreeMap::new();
    for resource in Resource::ALL {
        let offers = load.node.offers(resource);
        if offers <= 0.0 {
            continue;
        }
        let shares = match load.columns.place(resource) {
            Some(column) => columns[column].clone(),
            None => smallest(columns),
        };
        amounts.insert(resource, shares.into_iter().map(|share| share * offers).collect());
    }
    amounts
}

fn smallest(columns: &[Vec<f64>]) -> Vec<f64> {
    let Some((first, others)) = columns.split_first() else { return Vec::new() };
    let mut least = first.clone();
    for column in others {
        for (least, value) in least.iter_mut().zip(column) {
            *least = least.min(*value);
        }
    }
    least
}
