//! Capacity blocks by the day: nodes had for whole days, decided stretch by stretch of each month.
//!
//! In: what a pool needs in each stretch of days of a month, and what a node costs there in a block. Out: what a
//! month costs with so many nodes committed and blocks beside them, and which blocks those are.
//!
//! A block serves its own days alone, so beside what is committed for longer each stretch is decided by itself:
//! a node is had in a block where that costs less than what it saves. A committed node therefore saves at most
//! the price of a block in any stretch; savings still fall from node to node, so the flow over months sees blocks
//! through what a month costs, and stays exact.
//!
//! That holds where blocks share nothing with what else is decided. Where they do (a limit on cash, spend that may
//! pay for the same hours, a floor or a limit that orders reach, `CVaR`), blocks are a product of one month.

use std::ops::Range;

use crate::calendar::{Date, plus_days};
use crate::plan::procurement::PlanFor;
use crate::procure::dates::earliest;
use crate::procure::market::Sale;
use crate::procure::need::{Block, Prices, Saved};
use crate::procure::optimum::recourse::{Collect, Recourse, micro};
use crate::procure::problem::{Later, OnSale, Problems, cost_of, stretched};

/// A stretch of days of a month of the horizon or its tail: one for each of the month's need, in order.
#[derive(Debug, Clone)]
pub(super) struct Window {
    /// The days, from the month's first.
    days: Range<u32>,
    /// The cheapest block that can be there, its place among those on sale, and what a node costs in it.
    sale: Option<(usize, f64)>,
    /// Nodes that pay there, whatever they are had by: those beyond what is committed are had in a block.
    until: u64,
    /// The same if everything could be had at once, and what a node would cost.
    pub(super) wanted: (u64, f64),
}

/// Days of a month with the nodes that are had on them.
pub(super) struct Part<'a> {
    pub blocks: &'a [Block],
    pub saved: &'a Saved,
    /// Nodes committed for longer, and in blocks.
    pub nodes: u64,
    /// What those in blocks cost.
    pub cost: f64,
}

/// Nodes of a block to order.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    /// Its place among the blocks on sale.
    pub sale: usize,
    pub nodes: u64,
    pub first: Date,
    pub last: Date,
    /// The stretches it serves: month, and place in it.
    pub stretches: Vec<(usize, usize)>,
}

/// The windows of a pool by month of the horizon and its tail; none where blocks are had by whole months.
pub(super) fn windows(all: &Problems, pool: &OnSale, as_of: Date) -> Vec<Vec<Window>> {
    let procurement = &all.procurement;
    let by_month = pool.market.blocks.is_empty()
        || procurement.cash_limit.is_some()
        || procurement.plan_for == PlanFor::Cvar
        || pool.is_bounded(all.months);
    if by_month {
        return Vec::new();
    }
    (0..all.months).map(|t| of_month(all, pool, t, as_of)).collect()
}

fn of_month(all: &Problems, pool: &OnSale, t: usize, as_of: Date) -> Vec<Window> {
    let (need, _, later) = pool.month(t);
    let sales = &pool.market.blocks;
    let stretches = need.stretches.iter().map(|of| {
        let from = first_day(all, t, of.days.start);
        let hours = f64::from(of.days.end - of.days.start) * 24.0 * later.hours;
        let cost = |sale: &Sale| sale.per_hour(all.plan, t) * hours;
        let cheapest = |there: &dyn Fn(&Sale) -> bool| {
            let there = sales.iter().enumerate().filter(|(_, sale)| there(sale));
            there.map(|(place, sale)| (place, cost(sale))).min_by(|a, b| a.1.total_cmp(&b.1))
        };
        let sale = cheapest(&|sale| earliest(as_of, sale.delays) <= from);
        let savings = savings(pool, t, &of.blocks);
        let pays = |cost: f64| savings.iter().take_while(|saving| **saving > cost).count() as u64;
        let at_once = cheapest(&|_| true).map_or(f64::INFINITY, |(_, cost)| cost);
        Window {
            days: of.days.clone(),
            sale,
            until: sale.map_or(0, |(_, cost)| pays(cost)),
            wanted: (pays(at_once), at_once),
        }
    });
    stretches.collect()
}

/// What each node saves in some of a month's hours, at the need that is bought for.
fn savings(pool: &OnSale, t: usize, blocks: &Range<usize>) -> Vec<f64> {
    let (need, prices, later) = pool.month(t);
    let mut collect = Collect::default();
    for block in &need.blocks[blocks.clone()] {
        let block = stretched(block, later);
        collect.add(block.hours, block.rest / pool.market.usable, &block.steps(prices));
    }
    collect.savings()
}

fn first_day(all: &Problems, t: usize, day: u32) -> Date {
    plus_days(all.plan.horizon.month(t).first_day(), i32::try_from(day).unwrap_or(0))
}

/// What a month costs with so many nodes committed and the best blocks beside them.
pub(super) fn recourse(pool: &OnSale, t: usize) -> Recourse {
    let mut all: Vec<f64> = Vec::new();
    for (window, of) in pool.windows[t].iter().zip(&pool.month(t).0.stretches) {
        let most = window.sale.map_or(f64::INFINITY, |(_, cost)| cost);
        let savings = savings(pool, t, &of.blocks);
        all.resize(all.len().max(savings.len()), 0.0);
        all.iter_mut().zip(savings).for_each(|(sum, saving)| *sum += saving.min(most));
    }
    Recourse::of_savings(all.into_iter().map(|saving| (1, micro(saving))))
}

impl OnSale<'_> {
    /// The stretches of a month with what is had in each where so many nodes are committed; the month where no
    /// blocks are had by the day.
    pub(super) fn parts(&self, t: usize, committed: u64) -> Vec<Part<'_>> {
        let need = self.month(t).0;
        let Some(windows) = self.windows.get(t) else {
            let whole =
                Part { blocks: &need.blocks, saved: &need.saved, nodes: committed, cost: 0.0 };
            return vec![whole];
        };
        let parts = windows.iter().zip(&need.stretches).map(|(window, of)| {
            let in_blocks = window.in_blocks(committed);
            Part {
                blocks: &need.blocks[of.blocks.clone()],
                saved: &of.saved,
                nodes: committed + in_blocks,
                cost: window.sale.map_or(0.0, |(_, cost)| cost * in_blocks as f64),
            }
        });
        parts.collect()
    }

    /// What is rented in a month beside so many nodes committed and blocks, at the need that is bought for.
    pub(super) fn rented(&self, t: usize, committed: u64, prices: Prices, later: Later) -> f64 {
        let rented = |part: &Part| {
            let usable = part.nodes as f64 * self.market.usable;
            let blocks = part.blocks.iter().map(|block| stretched(block, later));
            blocks.map(|block| cost_of(&block, prices, usable)).sum::<f64>()
        };
        self.parts(t, committed).iter().map(rented).sum()
    }

    /// Nodes had in each block of hours of a month where so many are committed.
    pub(super) fn nodes_by_block(&self, t: usize, committed: u64) -> Vec<u64> {
        let parts = self.parts(t, committed);
        parts.iter().flat_map(|part| vec![part.nodes; part.blocks.len()]).collect()
    }

    /// The most nodes of a month with blocks beside so many committed.
    pub(super) fn most_nodes(&self, t: usize, committed: u64) -> u64 {
        let most = self.parts(t, committed).iter().map(|part| part.nodes).max();
        most.unwrap_or(committed)
    }

    /// The pool without blocks by the day.
    pub(super) fn without_windows(&self) -> Self {
        let mut bare = self.clone();
        bare.windows = Vec::new();
        bare
    }
}

impl Window {
    fn in_blocks(&self, committed: u64) -> u64 {
        self.until.saturating_sub(committed)
    }

    /// Its first day, where it is of month `t`.
    pub(super) fn first_day(&self, all: &Problems, t: usize) -> Date {
        first_day(all, t, self.days.start)
    }

    /// Nodes that would be had in a block here, could one be there in time.
    pub(super) fn missing(&self, committed: u64) -> u64 {
        if self.sale.is_some() { 0 } else { self.wanted.0.saturating_sub(committed) }
    }
}

/// Which of the blocks at work ends where so many nodes go: one of just as many, else the largest of fewer, else a
/// part of the newest; of several the oldest.
fn ends_first(open: &[Run], over: u64) -> usize {
    let fits = open.iter().enumerate().filter(|(_, run)| run.nodes <= over);
    // The first of the largest.
    let largest = fits.rev().max_by_key(|(_, run)| run.nodes);
    largest.map_or(open.len() - 1, |(place, _)| place)
}

/// The blocks to order inside the horizon beside so many nodes committed by month, first day first.
pub(super) fn runs(all: &Problems, pool: &OnSale, committed: &[u64]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut open: Vec<Run> = Vec::new();
    let months = pool.windows.iter().take(all.plan.horizon.months).zip(committed).enumerate();
    // A payment that is put off to the next month is worth less, where capital costs something.
    let held = |a: usize, b: usize, sale: &Sale| {
        let same = sale.per_hour(all.plan, a).to_bits() == sale.per_hour(all.plan, b).to_bits();
        a == b || (all.rate == 0.0 && same)
    };
    for (t, (windows, committed)) in months {
        for (place, window) in windows.iter().enumerate() {
            let nodes = window.in_blocks(*committed);
            let sale = window.sale.filter(|_| nodes > 0).map(|(sale, _)| sale);
            let goes_on = |run: &Run| {
                let (month, _) = run.stretches[0];
                sale == Some(run.sale) && held(month, t, &pool.market.blocks[run.sale])
            };
            let ended = open.iter().position(|run| !goes_on(run)).unwrap_or(open.len());
            runs.extend(open.drain(ended..));
            let mut over = open.iter().map(|run| run.nodes).sum::<u64>().saturating_sub(nodes);
            while over > 0 && !open.is_empty() {
                let place = ends_first(&open, over);
                let ends = over.min(open[place].nodes);
                over -= ends;
                runs.push(Run { nodes: ends, ..open[place].clone() });
                open[place].nodes -= ends;
                open.retain(|run| run.nodes > 0);
            }
            let (first, last) =
                (first_day(all, t, window.days.start), first_day(all, t, window.days.end - 1));
            for run in &mut open {
                run.last = last;
                run.stretches.push((t, place));
            }
            let more = nodes - open.iter().map(|run| run.nodes).sum::<u64>();
            if let (Some(sale), true) = (sale, more > 0) {
                open.push(Run { sale, nodes: more, first, last, stretches: vec![(t, place)] });
            }
        }
    }
    runs.extend(open);
    runs.sort_by_key(|run| (run.first, std::cmp::Reverse(run.last)));
    runs
}
