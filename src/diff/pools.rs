//! Pools on both sides: the most they need, and when they run short.

use super::noise::{Moved, moved};
use super::{Name, Names, Side};
use crate::calendar::Month;
use crate::plan::catalog::NodeShape;
use crate::plan::pool::PoolSupply;
use crate::procure::supply::PoolMonth;

/// A pool of nodes on both sides.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolDiff {
    /// Its name.
    pub name: Name,
    /// Whether the plan before has it, and the plan after.
    pub there: (bool, bool),
    /// GPUs in one node, after; 0 without.
    pub gpus_per_node: f64,
    /// Median of the most nodes needed in any hour of the horizon.
    pub peak_p50: Moved,
    /// p90 of the same.
    pub peak_p90: Moved,
    /// The first month in which it is short in at least 5% of the draws.
    pub short_from: (Option<Month>, Option<Month>),
    /// The share of draws in which it is short in some month.
    pub short_chance: (f64, f64),
    /// The first month in which the need passes what may run in at least half of the draws.
    pub limit_reached: (Option<Month>, Option<Month>),
}

impl PoolDiff {
    /// Whether anything of it differs.
    #[must_use]
    pub fn differs(&self) -> bool {
        let moves = |moved: &Moved| moved.before.total_cmp(&moved.after).is_ne();
        self.there.0 != self.there.1
            || moves(&self.peak_p50)
            || moves(&self.peak_p90)
            || self.short_from.0 != self.short_from.1
            || self.short_chance.0.total_cmp(&self.short_chance.1).is_ne()
            || self.limit_reached.0 != self.limit_reached.1
    }
}

/// A shortfall less likely than this in a month is not spoken of.
const SHORT_CHANCE_MIN: f64 = 0.05;

pub(super) fn pools(before: Option<Side<'_>>, after: Side<'_>, names: &Names<'_>) -> Vec<PoolDiff> {
    let of_nodes = |side: Side<'_>| -> Vec<String> {
        let pools = side.plan.pools.items().iter();
        pools
            .filter(|pool| !matches!(pool.supply, PoolSupply::Storage(_)))
            .map(|pool| pool.name.clone())
            .collect()
    };
    let mut all = of_nodes(after);
    all.extend(before.map(of_nodes).unwrap_or_default());
    all.sort();
    all.dedup();
    all.into_iter()
        .map(|name| {
            let old = before.map(|side| Seen::of(side, &name)).unwrap_or_default();
            let new = Seen::of(after, &name);
            PoolDiff {
                there: (old.there, new.there),
                gpus_per_node: if new.there { new.shape.gpus } else { old.shape.gpus },
                peak_p50: moved(&old.peak, &new.peak, 0.5),
                peak_p90: moved(&old.peak, &new.peak, 0.9),
                short_from: (old.short_from, new.short_from),
                short_chance: (old.short_chance, new.short_chance),
                limit_reached: (old.limit_reached, new.limit_reached),
                name: names.of("pool", &name),
            }
        })
        .collect()
}

/// What is to be seen of a pool on one side.
#[derive(Default)]
struct Seen {
    there: bool,
    shape: NodeShape,
    /// The most nodes needed in any hour, by draw.
    peak: Vec<f64>,
    short_from: Option<Month>,
    short_chance: f64,
    limit_reached: Option<Month>,
}

impl Seen {
    fn of(side: Side<'_>, name: &str) -> Self {
        let Some(id) = side.plan.pools.find(name) else { return Self::default() };
        let months: Vec<&PoolMonth> =
            side.outcome.pool_months.iter().filter(|month| month.pool == id).collect();
        let draws = side.plan.draws.count();
        let mut peak = vec![0.0_f64; draws];
        let mut short = vec![false; draws];
        for month in &months {
            for (peak, need) in peak.iter_mut().zip(&month.need_peak) {
                *peak = peak.max(*need);
            }
            for (short, missing) in short.iter_mut().zip(&month.short_peak) {
                *short |= *missing > 0.0;
            }
        }
        let first = |holds: &dyn Fn(&PoolMonth) -> bool| {
            let found = months.iter().find(|month| holds(month));
            found.map(|month| side.plan.horizon.month(month.t))
        };
        let share = |count: usize| count as f64 / draws as f64;
        let short_in = |month: &PoolMonth| {
            share(month.short_peak.iter().filter(|missing| **missing > 0.0).count())
        };
        let beyond = |month: &PoolMonth| {
            let pairs = month.need_peak.iter().zip(&month.available);
            share(pairs.filter(|(need, available)| need > available).count())
        };
        Self {
            there: true,
            shape: shape(side, name),
            short_from: first(&|month| short_in(month) >= SHORT_CHANCE_MIN),
            short_chance: share(short.iter().filter(|short| **short).count()),
            limit_reached: first(&|month| beyond(month) >= 0.5),
            peak,
        }
    }
}

/// What one node of a pool offers.
fn shape(side: Side<'_>, name: &str) -> NodeShape {
    let Some(id) = side.plan.pools.find(name) else { return NodeShape::default() };
    match &side.plan.pools[id].supply {
        PoolSupply::Owned(owned) => side.plan.owned[*owned].shape,
        PoolSupply::Instances(candidates) => {
            let choice = side.outcome.choices.iter().find(|choice| choice.pool == id);
            let chosen = choice.and_then(crate::capacity::need::InstanceChoice::chosen);
            let candidate = candidates.get(chosen.unwrap_or(0));
            candidate.map(|c| side.plan.instances[c.instance].shape).unwrap_or_default()
        }
        PoolSupply::Storage(_) => NodeShape::default(),
    }
}
