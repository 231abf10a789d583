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
use crate::capacity::per_draw::PerDraw;
use crate::capacity::rounding::whole_up;
use crate::ids::Id;
use crate::plan::price::Purchase;
use crate::plan::procurement::PlanFor;
use crate::plan::{Plan, Pool, Workload};
use crate::procure::market::{sells_blocks, usable};
use crate::procure::optimum::recourse::{Collect, Step};
use crate::procure::rule::{Held, Rule, Scratch, per_useful, stretches};
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
    /// Nodes that may run on spot: those that do for as long as work asks for it, then those that the limit on all
    /// purchases leaves while spot can be had.
    pub spot: [OnSpot; 2],
    /// Nodes that may be had on demand.
    pub on_demand: f64,
}

/// Nodes that spot serves for a part of the time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct OnSpot {
    pub nodes: f64,
    /// The share of time in which spot serves them.
    pub share: f64,
    /// The share of time in which they wait, where nothing takes over (`fallback none`).
    pub waits: f64,
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
    /// Hours on spot that are paid for a useful one, in the mean of the draws.
    pub per_useful: f64,
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
    let mut saving = Saving::new(sells_blocks(plan, pool), usable(plan, pool), scratch.in_parts);
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
                saving.add(hours * weight, block, draw);
                beyond_hours += hours * weight * block.beyond;
            }
            gathered.add(&of_slot, &scratch.need, both.start);
        }
    }
    let (saved, stretches) = saving.finish(gathered.blocks.len());
    let hours = load.month.hours();
    let per_useful = per_useful(plan, terms, load);
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
        per_useful: if per_useful.is_empty() { 1.0 } else { crate::draws::mean(&per_useful) },
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
    /// Counts node-hours that cannot be had, beside those that wait for spot.
    pub(crate) const SHORT: Self = Self { on_demand: 0.0, spot: 0.0, waits: 0.0, short: 1.0 };

    /// Counts node-hours of one kind: on demand, on spot, short.
    fn only(kind: usize) -> Self {
        let of = |place: usize| if place == kind { 1.0 } else { 0.0 };
        Self { on_demand: of(0), spot: of(1), waits: of(2), short: of(2) }
    }
}

impl Block {
    const NONE: Self =
        Self { hours: 0.0, rest: 0.0, beyond: 0.0, spot: [OnSpot::NONE; 2], on_demand: 0.0 };

    /// What serves the rest that is not committed, in the order of the supply rule: spot for a share of
    /// what may run on it and on-demand for the rest of its time (nothing, where work waits), on-demand,
    /// nothing.
    pub(crate) fn steps(&self, prices: Prices) -> [Step; 4] {
        let mut steps = [Step { units: 0.0, price: prices.short }; 4];
        let mut places = steps.iter_mut();
        let mut add = |units: f64, price: f64| {
            if units > 0.0
                && let Some(place) = places.next()
            {
                *place = Step { units, price };
            }
        };
        let mut left = self.on_demand;
        for part in self.spot.into_iter().chain([OnSpot::ON_DEMAND]) {
            let over = part.taken_over();
            let price = |over_price: f64| {
                part.share * prices.spot + part.waits * prices.waits + over * over_price
            };
            // Nodes whose place on demand can be had; others are short for that part of the time.
            let had = part.nodes.min(if over > 0.0 { left / over } else { f64::INFINITY });
            add(had, price(prices.on_demand));
            add(part.nodes - had, price(prices.short));
            left = if had < part.nodes { 0.0 } else { left - over * had };
        }
        steps
    }

    /// Nodes on spot, whether or not it can be had, where so many are not committed.
    pub(super) fn on_spot(&self, rest: f64) -> f64 {
        let [first, then] = self.spot;
        let of = |part: OnSpot, rest: f64| rest.min(part.nodes) * (part.share + part.waits);
        of(first, rest) + of(then, (rest - first.nodes).max(0.0))
    }
}

impl OnSpot {
    pub(super) const NONE: Self = Self { nodes: 0.0, share: 0.0, waits: 0.0 };
    const ON_DEMAND: Self = Self { nodes: f64::INFINITY, ..Self::NONE };

    /// The share of time that on-demand takes over.
    pub(super) fn taken_over(&self) -> f64 {
        (1.0 - self.share - self.waits).max(0.0)
    }

    /// The same where need is multiplied by a factor.
    pub(super) fn times(self, factor: f64) -> Self {
        Self { nodes: self.nodes * factor, ..self }
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
    usable: PerDraw,
    /// What cannot be had without each node, where whole nodes are short of parts that are needed.
    whole: Option<Vec<f64>>,
    now: [Collect; 3],
    /// The days that are collected, and the place of their first block.
    days: Range<u32>,
    first: usize,
    done: Vec<Stretch>,
}

impl Saving {
    fn new(by_stretch: bool, usable: PerDraw, in_parts: bool) -> Self {
        let whole = in_parts.then(Vec::new);
        let (now, days, done) = (Default::default(), 0..0, Vec::new());
        Self { by_stretch, usable, whole, now, days, first: 0, done }
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

    fn add(&mut self, hours: f64, block: &Block, draw: usize) {
        let usable = self.usable.at(draw);
        if let Some(whole) = &mut self.whole {
            // Nothing else serves these pools.
            let mut short = whole_up(block.rest);
            let mut place = 0;
            while short > 0.0 {
                let left = whole_up((block.rest - (place + 1) as f64 * usable).max(0.0));
                whole.resize(whole.len().max(place + 1), 0.0);
                whole[place] += hours * (short - left);
                short = left;
                place += 1;
            }
            return;
        }
        for (kind, collect) in self.now.iter_mut().enumerate() {
            let rest = block.rest / usable;
            collect.add(hours * usable, rest, &block.steps(Prices::only(kind)));
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
        if let Some(short) = self.whole {
            return (Saved { short, ..Saved::default() }, Vec::new());
        }
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
    let (available, served) = (held.available[draw], held.served[draw]);
    if rule.interruptible && available > 0.0 {
        let asked = scratch.may_be_spot[draw];
        let granted = held.spot[draw].min(together) * available;
        let most = asked.min(granted / served).min(block.rest);
        let part = |nodes: f64, share: f64| OnSpot { nodes: nodes.max(0.0), share, waits: 0.0 };
        let gone = 1.0 - available;
        block.spot = if held.denies && gone > 0.0 {
            // Nothing replaces spot while it is gone, but that what is needed beyond the limit may run then.
            let first = most.min(block.beyond / gone);
            let waits = OnSpot { waits: gone, ..part(most - first, available) };
            [part(first, available), waits]
        } else if served > available {
            // Nodes that come to be committed take from what may be had of all purchases.
            let spare = together - block.rest;
            let first = most.min(spare * available / (served - available));
            let all = (asked.min(granted / served) * served / available - spare).min(block.rest);
            [part(first, served), part(all - first, available)]
        } else {
            [part(most, available), part(0.0, available)]
        };
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
            spot: [0, 1].map(|place| {
                let spot = || of_slot.iter().map(|block| block.spot[place]);
                let share = self.quantile(spot().map(|spot| spot.share), 0.5);
                let over = self.quantile(spot().map(|spot| spot.taken_over()), 0.5);
                let waits = spot().any(|spot| spot.waits > 0.0);
                OnSpot {
                    nodes: self.quantile(spot().map(|spot| spot.nodes), 0.5),
                    share,
                    // Of shares that come to all of the time, medians by themselves may not.
                    waits: if waits { (1.0 - share - over).max(0.0) } else { 0.0 },
                }
            }),
            on_demand: self.quantile(of_slot.iter().map(|block| block.on_demand), 1.0 - high),
        };
        let steps = block.steps(Prices::SHORT);
        let served: f64 =
            steps.iter().filter(|step| step.price <= 0.0).map(|step| step.units).sum();
        if block.rest > served + 1e-6 || block.beyond > 1e-6 {
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
