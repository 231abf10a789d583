//! What stops the runs of a workload: the failures they state, else those of their nodes, and the
//! interruptions of the part that runs on spot.
//!
//! A gang stops when any of its nodes does; `work` that is spread loses only what the node had. A stated
//! rate is drawn once and held in all instances. How much of a run stands on spot follows the pool's
//! `spot { share }`, whatever else may serve it: capacity does not know what is bought.

use std::cell::RefCell;
use std::fmt::Write;

use crate::capacity::factors::Factors;
use crate::capacity::node::Node;
use crate::capacity::per_draw::PerDraw;
use crate::capacity::rounding::whole_up;
use crate::capacity::training::Interrupted;
use crate::capacity::training::makespan::LONGEST_HOURS;
use crate::ids::Id;
use crate::plan::price::Purchase;
use crate::plan::workload::{Run, RunWork};
use crate::plan::{Plan, Workload};

/// The most units that one unit's work is spread over because of what stops it.
const MOST_UNITS: f64 = 1e6;

/// What stops a run, in every draw.
#[derive(Debug, Clone)]
pub(crate) struct Failing {
    rate: PerDraw,
    recovery: f64,
    checkpoint: Option<(f64, f64)>,
    /// The length of an hour of work, where it does not depend on how much work there is.
    of_one_hour: Option<PerDraw>,
    /// The units last asked for, and their window: runs repeat with the same one.
    units: RefCell<Option<(f64, PerDraw)>>,
    /// Where the rate comes from, in words.
    pub because: String,
}

impl Failing {
    /// What stops the run at `place`; `None` where nothing does and it saves no state.
    pub(crate) fn of(
        plan: &Plan,
        factors: &Factors,
        workload: Id<Workload>,
        place: usize,
        node: &Node,
    ) -> Option<Self> {
        let run = &plan.workloads[workload].runs[place];
        let nodes = nodes_at_stake(run, node);
        let mut because = Vec::new();
        let mut rate = PerDraw::Same(0.0);
        let own = factors.of(workload).restarts[place].as_ref();
        let pool = plan.workloads[workload].pool?;
        if let Some(own) = own {
            because.push(format!("{} a week stated", number(mean(own) * 168.0)));
            rate = own.clone();
        } else if let Some(of_node) = factors.node_failures(pool) {
            because.push(of_nodes(nodes, of_node, "fails"));
            rate = of_node.map(|rate| rate * nodes);
        }
        let share = spot_share(plan, workload);
        if let Some(of_node) = node.spot.and_then(|spot| factors.interruptions(spot))
            && share > 0.0
        {
            let on_spot = nodes * share;
            because.push(of_nodes(on_spot, of_node, "is interrupted"));
            rate = rate.zip(of_node, |rate, of_node| rate + of_node * on_spot);
        }
        let checkpoint = run.checkpoint.filter(|checkpoint| checkpoint.every_hours > 0.0);
        if rate.max() <= 0.0 && checkpoint.is_none() {
            return None;
        }
        let mut failing = Self {
            rate,
            recovery: checkpoint.map_or(0.0, |checkpoint| checkpoint.restore_hours),
            checkpoint: checkpoint.map(|saved| (saved.every_hours, saved.takes_hours)),
            of_one_hour: None,
            units: RefCell::new(None),
            because: if because.is_empty() {
                "nothing stops it".into()
            } else {
                because.join("; ")
            },
        };
        if failing.checkpoint.is_some() {
            failing.of_one_hour =
                Some(failing.rate.map(|rate| failing.interrupted(rate).makespan(1.0)));
        }
        Some(failing)
    }

    fn interrupted(&self, rate: f64) -> Interrupted {
        Interrupted { rate, downtime: 0.0, recovery: self.recovery, checkpoint: self.checkpoint }
    }

    /// What stops it in one draw.
    pub(crate) fn at(&self, draw: usize) -> Interrupted {
        self.interrupted(self.rate.at(draw))
    }

    /// The whole length of so many hours of work.
    pub(crate) fn whole(&self, useful: &PerDraw) -> PerDraw {
        let whole = match &self.of_one_hour {
            Some(of_one_hour) => useful.times(of_one_hour),
            None => useful.zip(&self.rate, |useful, rate| self.interrupted(rate).makespan(useful)),
        };
        whole.map(|hours| hours.min(LONGEST_HOURS))
    }

    /// No draw of so many hours of work takes longer.
    pub(crate) fn longest(&self, useful: f64) -> f64 {
        self.whole(&PerDraw::Same(useful)).max()
    }

    /// Units that do in a window what one would do if nothing stopped it.
    pub(crate) fn units(&self, window: f64) -> PerDraw {
        let mut known = self.units.borrow_mut();
        if let Some((of, units)) = &*known
            && of.to_bits() == window.to_bits()
        {
            return units.clone();
        }
        // A rate at which nothing is ever done takes no endless number of nodes.
        let units = |rate| (window / self.interrupted(rate).work_within(window)).min(MOST_UNITS);
        let units = self.rate.map(units);
        *known = Some((window, units.clone()));
        units
    }

    /// Its mean rate, failures an hour.
    pub(crate) fn mean_rate(&self) -> f64 {
        mean(&self.rate)
    }

    /// What stops it at its mean rate.
    pub(crate) fn at_mean(&self) -> Interrupted {
        self.interrupted(self.mean_rate())
    }
}

/// The nodes that stop a run when they fail.
fn nodes_at_stake(run: &Run, node: &Node) -> f64 {
    let gpus = match &run.work {
        RunWork::Gang { gpus, .. } | RunWork::Flops { gpus, .. } => *gpus,
        RunWork::Work { .. } => return 1.0,
    };
    if node.shape.gpus > 0.0 { whole_up(gpus / node.shape.gpus) } else { 1.0 }
}

/// The share of a workload's nodes that may run on spot.
fn spot_share(plan: &Plan, workload: Id<Workload>) -> f64 {
    let workload = &plan.workloads[workload];
    let Some(pool) = workload.pool.map(|pool| &plan.pools[pool]) else { return 0.0 };
    let may = super::choice::may_buy(pool, Purchase::Spot);
    if workload.interruptible && may { pool.spot_share } else { 0.0 }
}

fn of_nodes(nodes: f64, of_node: &PerDraw, what: &str) -> String {
    let a_day = -libm::expm1(-24.0 * mean(of_node)) * 100.0;
    let mut text = String::new();
    let _ = if (nodes - 1.0).abs() < 1e-9 {
        write!(text, "its node {what} on {}% of days", number(a_day))
    } else {
        write!(text, "each of {} nodes {what} on {}% of days", number(nodes), number(a_day))
    };
    text
}

pub(crate) fn mean(values: &PerDraw) -> f64 {
    match values {
        PerDraw::Same(value) => *value,
        PerDraw::Each(values) => crate::draws::mean(values),
    }
}

/// At most two digits after the point, none that are zero.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
