//! A run on a regular grid of time: means of load, pods and nodes, and what was short.

use super::load::{Cursor, Load};
use super::settings::Millis;
use super::tally::Keep;
use super::tally::{Point, Run, Tally};

/// A stretch of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bin {
    /// From when.
    pub at: Millis,
    /// Mean load.
    pub load: f64,
    /// The largest load.
    pub peak: f64,
    /// Mean replicas asked for.
    pub wanted: f64,
    /// Mean pods whose containers run.
    pub running: f64,
    /// Mean pods that serve.
    pub ready: f64,
    /// Mean nodes paid for.
    pub nodes: f64,
    /// Load beyond what could be served: load times seconds.
    pub short: f64,
}

/// A run that kept everything, in stretches of `width`; the last may be shorter.
#[must_use]
pub fn bins(run: &Run, load: &Load, most: f64, width: Millis) -> Vec<Bin> {
    let (mut at, end, width) = (load.start(), load.end(), width.max(1));
    let mut cursor = Cursor::new(load);
    let mut place = 0;
    let mut bins = Vec::new();
    while at < end {
        let until = (at + width).min(end);
        while place + 1 < run.points.len() && run.points[place + 1].at <= at {
            place += 1;
        }
        bins.push(bin(run, load, most, (at, until), place, &mut cursor));
        at = until;
    }
    bins
}

fn bin(
    run: &Run,
    load: &Load,
    most: f64,
    (from, until): (Millis, Millis),
    mut place: usize,
    cursor: &mut Cursor,
) -> Bin {
    let length = (until - from) as f64;
    let mut tally = Tally::new(load, most, None, Keep::Totals);
    let zero = Bin {
        at: from,
        load: 0.0,
        peak: 0.0,
        wanted: 0.0,
        running: 0.0,
        ready: 0.0,
        nodes: 0.0,
        short: 0.0,
    };
    let mut bin = zero;
    let mut at = from;
    while at < until {
        let next = run.points.get(place + 1).map_or(until, |point| point.at.min(until));
        if let Some(point) = run.points.get(place) {
            add(&mut bin, point, (next - at) as f64 / length);
            tally.pass(at, next, point.wanted, point.ready, point.nodes);
        }
        (at, place) = (next, place + 1);
    }
    let totals = tally.finish(0).totals;
    bin.load = totals.load / totals.seconds.max(1e-3);
    bin.short = totals.short;
    at = from;
    while at < until {
        let stretch = cursor.stretch(at);
        let next = stretch.until.min(until);
        bin.peak = bin.peak.max(stretch.at(at)).max(stretch.at(next));
        at = next;
    }
    bin
}

fn add(bin: &mut Bin, point: &Point, share: f64) {
    bin.wanted += point.wanted as f64 * share;
    bin.running += point.running as f64 * share;
    bin.ready += point.ready as f64 * share;
    bin.nodes += point.nodes as f64 * share;
}
