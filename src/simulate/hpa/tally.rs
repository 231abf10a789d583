//! What a run adds up to, and what it leaves behind: points, events, totals.

use super::controller::Decision;
use super::load::{Cursor, Load};
use super::run::Promise;
use super::settings::Millis;

/// What a run keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Every change and its reason.
    Everything,
    /// Sums only.
    Totals,
}

/// Pods and nodes from a moment on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// From when.
    pub at: Millis,
    /// Replicas asked for.
    pub wanted: i64,
    /// Pods whose containers run.
    pub running: i64,
    /// Pods that serve.
    pub ready: i64,
    /// Nodes paid for; 0 where no nodes are simulated.
    pub nodes: i64,
}

/// A change of the replicas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Event {
    /// When.
    pub at: Millis,
    /// From so many.
    pub from: i32,
    /// To so many.
    pub to: i32,
    /// Why.
    pub decision: Decision,
    /// The load as the metrics showed it.
    pub load: f64,
}

/// Sums of a run. Load times seconds: requests, where the load is a rate.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Totals {
    /// How long it ran, in seconds.
    pub seconds: f64,
    /// All load.
    pub load: f64,
    /// Load beyond what the ready pods could serve.
    pub short: f64,
    /// Seconds in which some load was beyond that.
    pub short_seconds: f64,
    /// The largest load beyond that at one moment, and when.
    pub worst: f64,
    /// When it was worst.
    pub worst_at: Millis,
    /// Pod-hours, of pods in whatever state.
    pub pod_hours: f64,
    /// Pod-hours of pods that serve.
    pub ready_hours: f64,
    /// Node-hours, from the order on.
    pub node_hours: f64,
    /// The most replicas asked for.
    pub most_wanted: i64,
    /// The fewest replicas asked for.
    pub least_wanted: i64,
    /// How often it grew.
    pub grew: u32,
    /// How often it shrank.
    pub shrank: u32,
}

impl Totals {
    /// Load beyond what could be served, as a share of all.
    #[must_use]
    pub fn short_share(&self) -> f64 {
        if self.load > 0.0 { self.short / self.load } else { 0.0 }
    }
}

/// What a run left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Sums.
    pub totals: Totals,
    /// Pods and nodes over time, oldest first; empty where only sums are kept.
    pub points: Vec<Point>,
    /// Changes, oldest first; empty where only sums are kept.
    pub events: Vec<Event>,
    /// Replicas at the end.
    pub last: i32,
}

/// Adds up a run as it goes.
#[derive(Debug, Clone)]
pub(super) struct Tally<'a> {
    served: Cursor<'a>,
    most: f64,
    spare: i64,
    keep: Keep,
    run: Run,
}

impl<'a> Tally<'a> {
    /// Of pods that serve at most so much each; what is short is told against what is promised, else the load.
    pub(super) fn new(load: &'a Load, most: f64, promise: Option<&'a Promise>, keep: Keep) -> Self {
        let totals = Totals { least_wanted: i64::MAX, worst_at: load.start(), ..Totals::default() };
        let run = Run { totals, points: Vec::new(), events: Vec::new(), last: 0 };
        let owed = promise.map_or(load, |promise| &promise.owed);
        let spare = promise.map_or(0, |promise| promise.spare);
        Self { served: Cursor::new(owed), most, spare, keep, run }
    }

    pub(super) fn event(&mut self, event: Event) {
        if event.to > event.from {
            self.run.totals.grew += 1;
        } else {
            self.run.totals.shrank += 1;
        }
        if self.keep == Keep::Everything {
            self.run.events.push(event);
        }
    }

    pub(super) fn point(&mut self, point: Point) {
        let totals = &mut self.run.totals;
        totals.most_wanted = totals.most_wanted.max(point.wanted);
        totals.least_wanted = totals.least_wanted.min(point.wanted);
        if self.keep == Keep::Totals {
            return;
        }
        match self.run.points.last_mut() {
            Some(last) if last.at == point.at => *last = point,
            Some(last) if Point { at: point.at, ..*last } == point => {}
            _ => self.run.points.push(point),
        }
    }

    /// Adds the time from one moment to another, in which pods and nodes stay as they are.
    pub(super) fn pass(&mut self, from: Millis, to: Millis, pods: i64, ready: i64, nodes: i64) {
        if to <= from {
            return;
        }
        let totals = &mut self.run.totals;
        let seconds = (to - from) as f64 / 1000.0;
        totals.seconds += seconds;
        totals.pod_hours += pods as f64 * seconds / 3600.0;
        totals.ready_hours += ready as f64 * seconds / 3600.0;
        totals.node_hours += nodes as f64 * seconds / 3600.0;
        let capacity = (ready - self.spare).max(0) as f64 * self.most;
        let mut at = from;
        while at < to {
            let stretch = self.served.stretch(at);
            let until = stretch.until.min(to);
            let seconds = (until - at) as f64 / 1000.0;
            let (first, last) = (stretch.at(at), stretch.at(until));
            totals.load += f64::midpoint(first, last) * seconds;
            let (over, share) = beyond(first - capacity, last - capacity);
            totals.short += over * seconds;
            totals.short_seconds += share * seconds;
            for (value, moment) in [(first, at), (last, until)] {
                if value - capacity > totals.worst {
                    (totals.worst, totals.worst_at) = (value - capacity, moment);
                }
            }
            at = until;
        }
    }

    pub(super) fn finish(mut self, last: i32) -> Run {
        self.run.last = last;
        self.run
    }
}

/// The mean of what is above zero on a line from `a` to `b`, and the share of it that is above.
fn beyond(a: f64, b: f64) -> (f64, f64) {
    // What is short by rounding alone is not short.
    const LEAST: f64 = 1e-9;
    match (a > LEAST, b > LEAST) {
        (false, false) => (0.0, 0.0),
        (true, true) => (f64::midpoint(a, b), 1.0),
        (true, false) => (a / 2.0 * a / (a - b), a / (a - b)),
        (false, true) => (b / 2.0 * b / (b - a), b / (b - a)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_above_a_line_is_a_triangle() {
        assert_eq!(beyond(-1.0, 1.0), (0.25, 0.5));
        assert_eq!(beyond(2.0, 0.0), (1.0, 1.0));
        assert_eq!(beyond(2.0, 4.0), (3.0, 1.0));
        assert_eq!(beyond(-2.0, -4.0), (0.0, 0.0));
    }
}
