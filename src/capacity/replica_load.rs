//! What an autoscaler would have to follow: the replicas that a workload's demand keeps fully busy, at
//! every hour of a week, in some months and draws.
//!
//! The same factors as in sizing, without headroom, copies or limits: those are the autoscaler's. What a latency
//! takes and spares stand beside it.

use std::ops::Range;

use rayon::prelude::*;

use crate::calendar::HOURS_PER_WEEK;
use crate::capacity::counted::Counting;
use crate::capacity::factors::{Factors, Main};
use crate::capacity::month_demand::{MonthDemand, Piece};
use crate::capacity::need::InstanceChoice;
use crate::capacity::node::Node;
use crate::capacity::per_draw::PerDraw;
use crate::capacity::slots::MonthDays;
use crate::capacity::source::objective;
use crate::capacity::waiting::Waiting;
use crate::forecast::demand::Demand;
use crate::ids::Id;
use crate::plan::workload::{Autoscale, Serving};
use crate::plan::{GpuModel, Plan, Pool, Workload};

/// Which months and draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoadPaths {
    /// So many months, spread over the horizon.
    pub months: usize,
    /// So many draws of each month, at evenly spaced quantiles of its level; all where there are no more.
    pub draws: usize,
}

/// What one autoscaled workload has to follow.
#[derive(Debug, Clone)]
pub struct ReplicaLoad {
    /// The workload.
    pub workload: Id<Workload>,
    /// Its pool.
    pub pool: Id<Pool>,
    /// What is counted: `replica`, `gpu`, `node`.
    pub counted: &'static str,
    /// The share of one that sizing plans to use.
    pub planned_utilization: f64,
    /// Spares in all zones together.
    pub spare: f64,
    /// The share of a node that one takes, at the median.
    pub node_share: f64,
    /// Money for an hour of a node on demand, in plan currency; absent where it has no price.
    pub node_hour: Option<f64>,
    /// The months, oldest first.
    pub months: Vec<MonthLoad>,
}

/// One month of it.
#[derive(Debug, Clone)]
pub struct MonthLoad {
    /// The month, counted from the horizon's first.
    pub t: usize,
    /// Its hours.
    pub hours: f64,
    /// One a draw, from the lowest level to the highest.
    pub paths: Vec<PathLoad>,
}

/// One draw of it.
#[derive(Debug, Clone)]
pub struct PathLoad {
    /// The draw.
    pub draw: usize,
    /// Replicas kept fully busy at every hour of the week, from Monday 00:00.
    pub busy: Vec<f64>,
    /// Replicas that a promised latency takes at the same hours; absent where none is promised.
    pub for_latency: Option<Vec<f64>>,
    /// The target rate as a share of what one serves, where there is one.
    pub rate_share: Option<f64>,
    /// Delays in hours: pods, nodes where stated, model.
    pub delays: (f64, Option<f64>, f64),
}

/// What the autoscalers of these workloads have to follow, in the order given.
#[must_use]
pub fn replica_loads(
    plan: &Plan,
    demand: &Demand,
    factors: &Factors,
    choices: &[InstanceChoice],
    workloads: Vec<Id<Workload>>,
    paths: LoadPaths,
) -> Vec<ReplicaLoad> {
    workloads
        .into_par_iter()
        .filter_map(|id| of_workload(plan, demand, factors, choices, id, paths))
        .collect()
}

/// The workloads that an autoscaler scales and whose demand is served by whole replicas; by name.
#[must_use]
pub fn autoscaled(plan: &Plan) -> Vec<Id<Workload>> {
    let follows = |id: &Id<Workload>| {
        let workload = &plan.workloads[*id];
        workload.autoscale.is_some()
            && workload.pool.is_some()
            && workload.demand.is_some()
            && !matches!(workload.serving, Serving::None)
    };
    plan.workloads.ids().filter(follows).collect()
}

fn of_workload(
    plan: &Plan,
    demand: &Demand,
    factors: &Factors,
    choices: &[InstanceChoice],
    id: Id<Workload>,
    paths: LoadPaths,
) -> Option<ReplicaLoad> {
    let workload = &plan.workloads[id];
    let (pool, autoscale) = (workload.pool?, workload.autoscale.as_ref()?);
    let of = factors.of(id);
    let main = of.main.as_ref()?;
    let node = Node::of_pool(plan, choices, pool)?;
    let counting = Counting::of(plan, pool, workload);
    let share = main.unit.shares(plan, &node).largest();
    let mut months = Vec::new();
    for t in spread(plan.horizon.months, paths.months) {
        let days = MonthDays::of(plan.horizon.month(t));
        let Some(of_month) = MonthDemand::of(demand, id, t, &days) else { continue };
        let Some(piece) = longest(&of_month.pieces) else { continue };
        let used = counting.used(of, main, piece, t, node.gpu);
        let served = main.served(node.gpu).zip(objective(workload));
        let waiting = served.and_then(|(served, objective)| {
            Waiting::of(served, objective, std::slice::from_ref(piece), used.len())
        });
        let one = |draw: usize| {
            let path = path(plan, autoscale, main, &of_month, (&used, t, node.gpu), draw);
            let waiting = waiting.as_ref();
            let takes = waiting.map(|of| path.busy.iter().map(|b| of.takes(draw, *b)).collect());
            PathLoad { for_latency: takes, ..path }
        };
        let paths = stratified(&used, paths.draws).into_iter().map(one).collect();
        months.push(MonthLoad { t, hours: days.hours(), paths });
    }
    let choice = choices.iter().find(|choice| choice.pool == pool);
    let ranked = choice.and_then(|c| c.ranked.iter().find(|ranked| ranked.rejected.is_none()));
    let node_hour = ranked
        .filter(|ranked| ranked.nodes > 0.0)
        .and_then(|ranked| Some(ranked.cost_per_month? / ranked.nodes / 730.0));
    Some(ReplicaLoad {
        workload: id,
        pool,
        counted: main.counted,
        planned_utilization: counting.target_utilization,
        spare: counting.spare,
        node_share: median(&share, plan),
        node_hour,
        months,
    })
}

fn path(
    plan: &Plan,
    autoscale: &Autoscale,
    main: &Main,
    demand: &MonthDemand,
    (used, t, gpu): (&[f64], usize, Option<Id<GpuModel>>),
    draw: usize,
) -> PathLoad {
    let busy = (0..HOURS_PER_WEEK)
        .map(|hour| used[draw] * demand.shape.map_or(1.0, |shape| shape.at(hour, draw)))
        .collect();
    let delay = |estimate: &Option<crate::estimate::Estimate>| {
        estimate.as_ref().map(|estimate| PerDraw::of(plan.draws, estimate).at(draw).max(0.0))
    };
    let delays = &autoscale.delays;
    PathLoad {
        draw,
        busy,
        for_latency: None,
        rate_share: autoscale
            .target_per_second
            .map(|target| target / main.serves_at(t, gpu).at(draw)),
        delays: (
            delay(&delays.pod_start).unwrap_or(0.0),
            delay(&delays.node_start),
            delay(&delays.model_load).unwrap_or(0.0),
        ),
    }
}

/// The stretch that most days of the month lie in; the first among equals.
fn longest<'a, 'd>(pieces: &'a [Piece<'d>]) -> Option<&'a Piece<'d>> {
    let length = |days: &Range<u32>| days.end - days.start;
    pieces.iter().rev().max_by_key(|piece| length(&piece.days))
}

/// So many of `of`, evenly spread, each in the middle of its part.
fn spread(of: usize, wanted: usize) -> Vec<usize> {
    let wanted = wanted.clamp(1, of.max(1));
    (0..wanted).map(|part| (2 * part + 1) * of / (2 * wanted)).collect()
}

/// The draws at so many evenly spaced quantiles of a level, lowest first.
fn stratified(levels: &[f64], wanted: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..levels.len()).collect();
    order.sort_by(|a, b| levels[*a].total_cmp(&levels[*b]).then(a.cmp(b)));
    spread(levels.len(), wanted).into_iter().map(|place| order[place]).collect()
}

fn median(values: &PerDraw, plan: &Plan) -> f64 {
    let all: Vec<f64> = (0..plan.draws.count()).map(|draw| values.at(draw)).collect();
    crate::draws::quantile(&all, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_lies_in_the_middle_of_equal_parts() {
        assert_eq!(spread(12, 3), [2, 6, 10]);
        assert_eq!(spread(12, 12), (0..12).collect::<Vec<_>>());
        assert_eq!(spread(3, 9), [0, 1, 2]);
        assert_eq!(stratified(&[5.0, 1.0, 3.0, 2.0, 4.0], 1), [2]);
        assert_eq!(stratified(&[5.0, 1.0, 3.0], 9), [1, 2, 0]);
    }
}
