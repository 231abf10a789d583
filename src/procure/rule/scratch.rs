//! One slot: what is needed in it, and what serves that. Rows of one value a draw, one short loop a step, so that each
//! becomes vector instructions.

use super::held::Held;
use super::sums::Sums;
use super::{Rule, add_scaled, larger, smaller, whole_down};
use crate::capacity::PoolLoad;
use crate::capacity::rounding::{TOLERANCE, whole_up};
use crate::capacity::slots::Slot;

/// One slot; one value a draw.
pub(in crate::procure) struct Scratch {
    /// Node shares of one column, or of what of it may be interrupted; then all of them stand beside.
    column: Vec<f64>,
    all: Vec<f64>,
    /// Nodes needed.
    pub(in crate::procure) need: Vec<f64>,
    /// Nodes that interruptible workloads alone would need, and those that the others would.
    interruptible: Vec<f64>,
    firm: Vec<f64>,
    /// Whole nodes that may run on spot: the pool's share, and none that holds what may not be interrupted.
    pub(in crate::procure) may_be_spot: Vec<f64>,
    /// Nodes needed beside what exists.
    pub(in crate::procure) rest: Vec<f64>,
    /// Nodes bought so far.
    bought: Vec<f64>,
    /// Nodes that nothing replaces while spot is not to be had.
    denied: Vec<f64>,
    /// Nodes that can run.
    pub(super) have: Vec<f64>,
    /// Nodes missing.
    pub(super) short: Vec<f64>,
    /// Whether parts of nodes count in `rest`, instead of whole ones.
    pub(in crate::procure) in_parts: bool,
    /// The most of each column so far, where there are several; of one it is that of the need.
    pub(super) peaks: Vec<Vec<f64>>,
}

impl Scratch {
    pub(in crate::procure) fn new(draws: usize) -> Self {
        let zeros = || vec![0.0; draws];
        Self {
            column: zeros(),
            all: zeros(),
            need: zeros(),
            interruptible: zeros(),
            firm: zeros(),
            may_be_spot: zeros(),
            rest: zeros(),
            bought: zeros(),
            denied: zeros(),
            have: zeros(),
            short: zeros(),
            in_parts: false,
            peaks: Vec::new(),
        }
    }

    /// Nodes needed in a slot: the largest over resources, whole, with what fragmentation loses.
    pub(in crate::procure) fn needed(
        &mut self,
        load: &PoolLoad,
        slot: &Slot,
        rule: Rule,
        held: &Held,
    ) {
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
                    *rest = larger(0.0, beside(*share, *held));
                }
                if !self.in_parts {
                    self.rest.iter_mut().for_each(|rest| *rest = whole_up(*rest));
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
            if !self.in_parts {
                self.rest.iter_mut().for_each(|rest| *rest = whole_up(*rest));
            }
        }
        if rule.interruptible {
            self.interruptible.fill(0.0);
            self.firm.fill(0.0);
            for column in 0..held.shares.len() {
                load.requested(slot, column, &mut self.all);
                load.requested_interruptible(slot, column, &mut self.column);
                let rows = self.column.iter().zip(&self.all);
                let nodes = self.interruptible.iter_mut().zip(&mut self.firm);
                for ((share, all), (nodes, firm)) in rows.zip(nodes) {
                    *nodes = larger(*nodes, *share);
                    *firm = larger(*firm, (all - share) * (1.0 - TOLERANCE));
                }
            }
            pack(&mut self.interruptible, packed);
            pack(&mut self.firm, packed);
            for (may, ((nodes, firm), need)) in self
                .may_be_spot
                .iter_mut()
                .zip(self.interruptible.iter().zip(&self.firm).zip(&self.need))
            {
                *may = smaller(whole_down(nodes * rule.spot_share), larger(0.0, need - firm));
            }
        }
    }

    /// Supplies what is needed beside what exists, for so many hours. One short loop a step, so that
    /// each becomes vector instructions.
    pub(super) fn supply(&mut self, hours: f64, rule: Rule, held: &Held, sums: &mut Sums) {
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
            self.supply_spot(hours, held, sums);
            if held.denies {
                self.deny(held);
            }
        }
        self.supply_on_demand(hours, held, sums);
    }

    /// Spot for what may be interrupted: taken off the rest, and kept in `bought`.
    fn supply_spot(&mut self, hours: f64, held: &Held, sums: &mut Sums) {
        for (((bought, rest), may), ((served, most), sum)) in self
            .bought
            .iter_mut()
            .zip(&mut self.rest)
            .zip(&self.may_be_spot)
            .zip(held.served.iter().zip(&held.most_spot).zip(&mut sums.spot))
        {
            let wanted = smaller(*may, *rest);
            let spot = smaller(wanted * served, *most);
            *bought = spot;
            *rest -= spot;
            *sum += spot * hours;
        }
    }

    /// What spot would have served and could not, where nothing replaces it.
    fn deny(&mut self, held: &Held) {
        for (draw, denied) in self.denied.iter_mut().enumerate() {
            // Taken off the rest by now: what is bought has to be added again.
            let rest = self.rest[draw] + self.bought[draw];
            let wanted = smaller(self.may_be_spot[draw], rest);
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
    pub(super) fn on_demand(&self, held: &Held, into: &mut [f64]) {
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
