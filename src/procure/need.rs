//! What a pool still needs in a month beside what exists, as blocks of hours: all that buying asks.
//!
//! In: the load of a pool in a month and the terms of its supply. Out: the rest of every hour at the
//! quantile that is bought for, what spot and on-demand could serve of it, and, as means over all draws,
//! what each committed node would save. One buffer of hours × draws is reduced and dropped.
//!
//! The rest counts what exists as [`supply`](super::supply()) does, so a node bought later lowers it by one.

use std::ops::Range;

use crate::calendar::days_between;
use crate::capacity::PoolLoad;
use crate::ids::Id;
use crate::plan::price::Purchase;
use crate::plan::procurement::PlanFor;
use crate::plan::{Plan, Pool, Workload};
use crate::procure::market::{sells_blocks, usable};
use crate::procure::optimum::recourse::{Collect, Step};
use crate::procure::rule::{Held, Rule, Scratch, stretches, whole_down};
use crate::procure::terms::Terms;

/// Hours of a month that need the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Block {
    /// How many hours.
    pub hours: f64,
    /// Nodes needed beside what exists, as far as purchases may serve them.
    pub rest: f64,
    /// Nodes needed beyond the limit on all purchases: they are short, whatever is bought.
    pub beyond: f64,
    /// Nodes that may run on spot.
    pub spot: f64,
    /// The share of time that spot can be had, times the share of nodes that may use it.
    pub spot_share: f64,
    /// The share of time that work on spot waits for it, where nothing takes over (`fallback none`).
    pub waits: f64,
    /// Nodes that may be had on demand.
    pub on_demand: f64,
}

/// What one pool needs in one month.
#[derive(Debug, Clone)]
pub(crate) struct MonthNeed {
    pub pool: Id<Pool>,
    pub t: usize,
    /// The hours, at the quantile that is bought for; their mean over the draws where that is `CVaR`.
    pub blocks: Vec<Block>,
    /// The hours of every draw; only where `CVaR` is planned for.
    pub by_draw: Vec<Vec<Block>>,
    /// What each committed node saves.
    pub saved: Saved,
    /// Node-hours beyond the limit on all purchases, in the mean of the draws.
    pub beyond_hours: f64,
    /// The month day by day, where blocks for some of its days are on sale: together they are all of `blocks`.
    pub stretches: Vec<Stretch>,
    /// Nodes needed at that quantile, what exists included: the mean over the hours.
    pub mean_nodes: f64,
    /// The most nodes that all purchases together may add.
    pub most: f64,
    /// The first day of the month, from 0, on which that quantile passes what could run.
    pub crosses_on: Option<u32>,
    /// Node-hours that each workload asks for, in the mean of the draws; by name.
    pub asked: Vec<(Id<Workload>, f64)>,
}

/// Node-hours that each committed node saves in the mean of the draws: one value a node, first committed first.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Saved {
    pub on_demand: Vec<f64>,
    pub spot: Vec<f64>,
    /// What could not be had.
    pub short: Vec<f64>,
}

/// Neighbouring days of a month, with hours of their own.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stretch {
    /// The days, from the month's first.
    pub days: Range<u32>,
    /// Their hours, as places of the month's blocks.
    pub blocks: Range<usize>,
    /// What each node saves on those days.
    pub saved: Saved,
}

/// What `load` needs beside what exists.
#[must_use]
pub(crate) fn month_need(
    plan: &Plan,
    terms: &Terms,
    load: &PoolLoad,
    plan_for: PlanFor,
) -> MonthNeed {
    let terms = terms.of(load.pool);
    let pool = &plan.pools[load.pool];
    let month_first = plan.horizon.month(load.t).first_day();
    let first = f64::from(days_between(plan.horizon.first_day(), month_first));
    let rule = Rule {
        fragmentation_loss: pool.fragmentation_loss,
        spot_share: pool.spot_share,
        interruptible: load.has_interruptible(),
    };
    let draws = load.draws();
    let weight = 1.0 / draws as f64;
    // Nodes of one's own that are usable for part of the time serve parts of nodes.
    let mut scratch = Scratch::new(draws);
    scratch.in_parts = terms.existing.iter().any(|existing| existing.purchase == Purchase::Owned);
    let mut gathered = Gathered::new(load, plan_for, draws);
    let mut saving = Saving::new(sells_blocks(plan, pool), usable(plan, pool));
    let mut beyond_hours = 0.0;
    let mut of_slot = vec![Block::NONE; draws];
    let stretches = stretches(terms, first, load.month.days);
    for days in stretches.into_iter().flat_map(|days| cut(&days, &terms.blocks_from, first)) {
        let held = Held::of(terms, load, first + f64::from(days.start));
        gathered.most_of(&held.together);
        for slot in &load.slots {
            let hours = load.month.hours_within(slot, &days);
            if hours <= 0.0 {
                continue;
            }
            let both = days.start.max(slot.days.start)..days.end.min(slot.days.end);
            saving.begin(&both, gathered.blocks.len());
            scratch.needed(load, slot, rule, &held);
            for (draw, block) in of_slot.iter_mut().enumerate() {
                *block = block_of(hours, draw, &scratch, &held, rule);
                saving.add(hours * weight, block);
                beyond_hours += hours * weight * block.beyond;
            }
            gathered.add(&of_slot, &scratch.need, both.start);
        }
    }
    let (saved, stretches) = saving.finish(gathered.blocks.len());
    let hours = load.month.hours();
    MonthNeed {
        pool: load.pool,
        t: load.t,
        mean_nodes: gathered.node_hours / hours,
        most: gathered.most,
        crosses_on: gathered.crosses_on,
        blocks: gathered.blocks,
        by_draw: gathered.by_draw,
        saved,
        beyond_hours,
        stretches,
        asked: load
            .asked
            .iter()
            .map(|asked| (asked.workload, largest_mean(&asked.requested)))
            .collect(),
    }
}

/// The mean over the draws of node-share hours, of the column in which it is largest.
fn largest_mean(columns: &[Vec<f64>]) -> f64 {
    columns.iter().map(|column| crate::draws::mean(column)).fold(0.0, f64::max)
}

/// What one node and hour costs, by how it is had.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prices {
    /// On demand.
    pub on_demand: f64,
    /// On spot.
    pub spot: f64,
    /// Where work waits for spot, as the plan says: nothing is billed.
    pub waits: f64,
    /// Where it cannot be had.
    pub short: f64,
}

impl Prices {
    /// Counts node-hours of one kind: on demand, on spot, short.
    fn only(kind: usize) -> Self {
        let of = |place: usize| if place == kind { 1.0 } else { 0.0 };
        Self { on_demand: of(0), spot: of(1), waits: of(2), short: of(2) }
    }
}

impl Block {
    const NONE: Self = Self {
        hours: 0.0,
        rest: 0.0,
        beyond: 0.0,
        spot: 0.0,
        spot_share: 0.0,
        waits: 0.0,
        on_demand: 0.0,
    };

    /// What serves the rest that is not committed, in the order of the supply rule: spot for a share of
    /// what may run on it and on-demand for the rest of its time (nothing, where work waits), on-demand,
    /// nothing.
    pub(crate) fn steps(&self, prices: Prices) -> [Step; 3] {
        let over = self.taken_over();
        let blended = |over_price: f64| {
            self.spot_share * prices.spot + self.waits * prices.waits + over * over_price
        };
        let dear = Step { units: f64::INFINITY, price: prices.short };
        // Nodes on spot whose place on demand can be had; others are short for that part of the time.
        let taken = if over > 0.0 { self.on_demand / over } else { f64::INFINITY };
        if taken < self.spot {
            return [
                Step { units: taken, price: blended(prices.on_demand) },
                Step { units: self.spot - taken, price: blended(prices.short) },
                dear,
            ];
        }
        let alone = (self.on_demand - over * self.spot).max(0.0);
        [
            Step { units: self.spot, price: blended(prices.on_demand) },
            Step { units: alone, price: prices.on_demand },
            dear,
        ]
    }

    /// The share of time that on-demand takes over from spot.
    pub(super) fn taken_over(&self) -> f64 {
        (1.0 - self.spot_share - self.waits).max(0.0)
    }
}

/// Days in parts that end where a block can first be there. `first` is the month's first day, as these are counted.
fn cut(days: &Range<u32>, blocks_from: &[f64], first: f64) -> Vec<Range<u32>> {
    let mut parts = vec![days.clone()];
    for day in blocks_from.iter().map(|day| day - first) {
        let inside = f64::from(days.start) < day && day < f64::from(days.end);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "inside the days"
        )]
        let at = if inside { day as u32 } else { continue };
        let of = parts.iter().position(|part| part.start < at && at < part.end);
        if let Some(part) = of.map(|place| parts.remove(place)) {
            parts.extend([part.start..at, at..part.end]);
        }
    }
    parts.sort_by_key(|part| part.start);
    parts
}

/// What nodes save, collected stretch by stretch where that is asked for.
struct Saving {
    by_stretch: bool,
    /// The share of time that a bought node is usable.
    usable: f64,
    now: [Collect; 3],
    /// The days that are collected, and the place of their first block.
    days: Range<u32>,
    first: usize,
    done: Vec<Stretch>,
}

impl Saving {
    fn new(by_stretch: bool, usable: f64) -> Self {
        Self { by_stretch, usable, now: Default::default(), days: 0..0, first: 0, done: Vec::new() }
    }

    /// What follows is of these days; its first block gets this place.
    fn begin(&mut self, days: &Range<u32>, place: usize) {
        if self.days != *days {
            if self.by_stretch {
                self.end(place);
            }
            self.days = days.clone();
        }
    }

    fn add(&mut self, hours: f64, block: &Block) {
        for (kind, collect) in self.now.iter_mut().enumerate() {
            let rest = block.rest / self.usable;
            collect.add(hours * self.usable, rest, &block.steps(Prices::only(kind)));
        }
    }

    fn end(&mut self, place: usize) {
        if self.first < place {
            let saved = Saved::of(std::mem::take(&mut self.now));
            let (days, blocks) = (self.days.clone(), self.first..place);
            self.done.push(Stretch { days, blocks, saved });
            self.first = place;
        }
    }

    fn finish(mut self, places: usize) -> (Saved, Vec<Stretch>) {
        if !self.by_stretch {
            return (Saved::of(self.now), Vec::new());
        }
        self.end(places);
        let mut all = Saved::default();
        for stretch in &self.done {
            all.add(&stretch.saved);
        }
        (all, self.done)
    }
}

impl Saved {
    fn of(collected: [Collect; 3]) -> Self {
        let [on_demand, spot, short] = collected.map(|collect| collect.savings());
        Self { on_demand, spot, short }
    }

    fn add(&mut self, other: &Self) {
        let add = |into: &mut Vec<f64>, each: &[f64]| {
            into.resize(into.len().max(each.len()), 0.0);
            into.iter_mut().zip(each).for_each(|(into, more)| *into += more);
        };
        add(&mut self.on_demand, &other.on_demand);
        add(&mut self.spot, &other.spot);
        add(&mut self.short, &other.short);
    }
}

/// What a slot asks of purchases in a draw.
pub(super) fn block_of(
    hours: f64,
    draw: usize,
    scratch: &Scratch,
    held: &Held,
    rule: Rule,
) -> Block {
    // All purchases together take so many: a node that is committed takes the place of one by the hour.
    let together = held.together[draw];
    let needed = scratch.rest[draw].max(0.0);
    let mut block = Block {
        hours,
        rest: needed.min(together),
        beyond: (needed - together).max(0.0),
        on_demand: held.on_demand[draw].min(together),
        ..Block::NONE
    };
    if rule.interruptible && rule.spot_share > 0.0 && held.available[draw] > 0.0 {
        // As many as the supply rule takes: whole nodes of the share, as far as they are granted.
        let may = scratch.interruptible[draw].min(needed);
        let wanted = whole_down(may * rule.spot_share) / rule.spot_share;
        let of_granted = rule.spot_share * held.served[draw];
        let granted =
            if of_granted > 0.0 { held.most_spot[draw] / of_granted } else { f64::INFINITY };
        block.spot = wanted.min(granted).min(block.rest);
        block.spot_share = of_granted;
        // Where the limit on all purchases is what holds spot, that falls with each node that is committed.
        let bound = held.spot[draw] >= together && wanted >= together;
        if bound && held.available[draw] < of_granted && !held.denies {
            (block.spot, block.spot_share) = (block.rest, held.available[draw]);
        }
        if held.denies {
            block.waits = rule.spot_share * (1.0 - held.available[draw]);
        }
    }
    block
}

/// Blocks at the quantile, slot by slot.
struct Gathered {
    plan_for: PlanFor,
    blocks: Vec<Block>,
    by_draw: Vec<Vec<Block>>,
    node_hours: f64,
    most: f64,
    crosses_on: Option<u32>,
    sorted: Vec<f64>,
}

impl Gathered {
    fn new(load: &PoolLoad, plan_for: PlanFor, draws: usize) -> Self {
        let kept = if plan_for == PlanFor::Cvar { draws } else { 0 };
        Self {
            plan_for,
            blocks: Vec::with_capacity(load.slots.len()),
            by_draw: vec![Vec::new(); kept],
            node_hours: 0.0,
            most: f64::INFINITY,
            crosses_on: None,
            sorted: Vec::with_capacity(draws),
        }
    }

    fn most_of(&mut self, together: &[f64]) {
        let low = self.quantile(together.iter().copied(), 1.0 - self.plan_for.quantile());
        self.most = self.most.min(low);
    }

    fn add(&mut self, of_slot: &[Block], need: &[f64], day: u32) {
        let high = self.plan_for.quantile();
        let block = Block {
            hours: of_slot[0].hours,
            rest: self.quantile(of_slot.iter().map(|block| block.rest), high),
            beyond: self.quantile(of_slot.iter().map(|block| block.beyond), high),
            spot: self.quantile(of_slot.iter().map(|block| block.spot), 0.5),
            spot_share: self.quantile(of_slot.iter().map(|block| block.spot_share), 0.5),
            waits: self.quantile(of_slot.iter().map(|block| block.waits), 0.5),
            on_demand: self.quantile(of_slot.iter().map(|block| block.on_demand), 1.0 - high),
        };
        let steps = block.steps(Prices::only(0));
        if block.rest > steps[0].units + steps[1].units + 1e-6 || block.beyond > 1e-6 {
            self.crosses_on = Some(self.crosses_on.map_or(day, |first| first.min(day)));
        }
        self.node_hours += block.hours * self.quantile(need.iter().copied(), high);
        self.blocks.push(block);
        for (blocks, block) in self.by_draw.iter_mut().zip(of_slot) {
            match blocks.last_mut() {
                // Neighbouring hours that need the same are one block.
                Some(last) if Block { hours: 0.0, ..*last } == Block { hours: 0.0, ..*block } => {
                    last.hours += block.hours;
                }
                _ => blocks.push(*block),
            }
        }
    }

    /// The value that this share of draws does not pass: one of them, so that whole nodes stay whole.
    fn quantile(&mut self, values: impl Iterator<Item = f64>, share: f64) -> f64 {
        self.sorted.clear();
        self.sorted.extend(values);
        let count = self.sorted.len();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place")]
        let place = ((share * count as f64 - 1e-9).ceil() as usize).clamp(1, count) - 1;
        *self.sorted.select_nth_unstable_by(place, f64::total_cmp).1
    }
}
