//! The load of one pool in one month: what all its workloads request, slot by slot, in every draw.
//!
//! By far the heaviest computation: workloads × hours × draws. What is the same in every hour is added
//! once; what follows the hours is added to one grid of (hours of the week × draws), workload by
//! workload in the order of names, so that the grid stays in cache; runs have a grid of calendar hours,
//! in the months they touch. Two layers keep apart what may be interrupted and what may not; a pool's
//! load is their sum. Nothing here knows what can be bought.

use crate::capacity::factors::Factors;
use crate::capacity::layer::{Layer, Parts};
use crate::capacity::members::{columns, members};
use crate::capacity::need::InstanceChoice;
use crate::capacity::node::{Columns, Node};
use crate::capacity::slots::{MonthDays, Slot};
use crate::capacity::source::{Asked, Ground, Scratch, Source};
use crate::forecast::demand::Demand;
use crate::ids::Id;
use crate::plan::{Plan, Pool};

/// What is requested of one pool in one month.
#[derive(Debug, Clone)]
pub struct PoolLoad {
    /// The pool.
    pub pool: Id<Pool>,
    /// The month, counted from the horizon's first.
    pub t: usize,
    /// The month's hours, grouped.
    pub slots: Vec<Slot>,
    /// The node that shares are shares of.
    pub(crate) node: Node,
    /// What the columns count.
    pub(crate) columns: Columns,
    /// The days of the month.
    pub(crate) month: MonthDays,
    /// What every workload asks for, by name.
    pub(crate) asked: Vec<Asked>,
    draws: usize,
    steady: Layer,
    interruptible: Option<Layer>,
}

impl PoolLoad {
    /// How many draws there are.
    #[must_use]
    pub fn draws(&self) -> usize {
        self.draws
    }

    /// Whether any of it may be interrupted.
    #[must_use]
    pub fn has_interruptible(&self) -> bool {
        self.interruptible.is_some()
    }

    /// Node shares requested in a slot, by everybody; `into` has one value a draw.
    pub(crate) fn requested(&self, slot: &Slot, column: usize, into: &mut [f64]) {
        let mut parts = Parts::default();
        self.steady.parts(slot, column, &mut parts);
        if let Some(layer) = &self.interruptible {
            layer.parts(slot, column, &mut parts);
        }
        parts.sum(into);
    }

    /// Node shares requested in a slot by what may be interrupted.
    pub(crate) fn requested_interruptible(&self, slot: &Slot, column: usize, into: &mut [f64]) {
        let mut parts = Parts::default();
        if let Some(layer) = &self.interruptible {
            layer.parts(slot, column, &mut parts);
        }
        parts.sum(into);
    }
}

/// Adds up what is requested of `pool` in month `t`.
///
/// # Panics
/// If the pool is a storage pool, which has no nodes.
#[must_use]
pub fn load(
    plan: &Plan,
    demand: &Demand,
    factors: &Factors,
    choices: &[InstanceChoice],
    pool: Id<Pool>,
    t: usize,
) -> PoolLoad {
    let node = Node::of_pool(plan, choices, pool);
    assert!(node.is_some(), "only pools of nodes have a load");
    let nothing = crate::plan::catalog::NodeShape::default();
    let node = node.unwrap_or(Node { shape: nothing, gpu: None, spot: None });
    let members = members(plan, pool);
    let columns = columns(plan, factors, &node, pool, &members);
    let month = MonthDays::of(plan.horizon.month(t));
    let sources: Vec<Source> = members
        .iter()
        .map(|member| Source::of(plan, demand, factors, &node, pool, *member, t, &month))
        .collect();

    let cuts = sources.iter().filter(|source| source.follows_hours()).flat_map(Source::cuts);
    let segments = month.segments(cuts.collect());
    let follow = sources.iter().any(Source::follows_hours);
    let rows = if follow { month.week_rows(&segments) } else { Vec::new() };
    let slots = if sources.iter().any(|source| !source.runs.is_empty()) {
        month.hour_slots(&segments, &rows)
    } else if follow {
        MonthDays::week_slots(&segments, &rows)
    } else {
        month.one_slot()
    };

    let draws = plan.draws.count();
    let mut steady = Layer::new(columns.len(), draws);
    let mut interruptible: Option<Layer> = None;
    let mut scratch = Scratch::new(columns.len(), draws);
    let mut asked = Vec::with_capacity(sources.len());
    for source in &sources {
        let layer = if plan.workloads[source.member.workload].interruptible {
            interruptible.get_or_insert_with(|| Layer::new(columns.len(), draws))
        } else {
            &mut steady
        };
        let ground = Ground { columns: &columns, month: &month, segments: &segments, rows: &rows };
        asked.push(source.add_to(layer, &ground, &mut scratch));
    }
    PoolLoad { pool, t, slots, node, columns, month, asked, draws, steady, interruptible }
}
