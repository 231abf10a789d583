//! What a month of a pool comes to.

use std::collections::BTreeMap;

use super::held::Held;
use super::scratch::Scratch;
use super::{Rule, add_scaled, smaller, whole_down};
use crate::capacity::PoolLoad;
use crate::capacity::need::{Cause, Resource};
use crate::capacity::node::{Binding, Columns, Node};
use crate::capacity::slots::Slot;
use crate::plan::price::Purchase;
use crate::procure::supply::{PoolMonth, Requests, ResourceUse, WorkloadRequest};
use crate::procure::week::WeekRisk;

/// What a month comes to; one value a draw.
pub(super) struct Sums {
    pub(super) hours: f64,
    pub(super) need_peak: Vec<f64>,
    pub(super) need_hours: Vec<f64>,
    pub(super) interruptible_peak: Vec<f64>,
    pub(super) available: Vec<f64>,
    pub(super) existing: Vec<f64>,
    pub(super) paid: BTreeMap<Purchase, Vec<f64>>,
    pub(super) resources: BTreeMap<Resource, Vec<f64>>,
    pub(super) spot: Vec<f64>,
    pub(super) on_demand: Vec<f64>,
    pub(super) short: Vec<f64>,
    pub(super) short_peak: Vec<f64>,
    pub(super) short_from: Vec<f64>,
    pub(super) week: WeekRisk,
}

impl Sums {
    pub(super) fn new(draws: usize) -> Self {
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
    pub(super) fn count_week(
        &mut self,
        slot: &Slot,
        hours: f64,
        day: f64,
        held: &Held,
        scratch: &Scratch,
    ) {
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
    pub(super) fn limit(&mut self, held: &Held, rule: Rule) {
        for draw in 0..self.available.len() {
            let usable = whole_down(self.interruptible_peak[draw] * rule.spot_share);
            let spot = smaller(held.spot[draw], usable) * held.available[draw];
            let bought = smaller(held.on_demand[draw] + spot, held.together[draw]);
            self.available[draw] = smaller(self.available[draw], held.usable[draw] + bought);
        }
    }

    pub(super) fn pool_month(
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
