//! What turns demand into requests: the draws of every estimate of serving, computed once for a plan.
//!
//! They do not depend on pools, so all pools and months share them.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::capacity::latency::LatencyTable;
use crate::capacity::node::{Stated, Unit};
use crate::capacity::pace;
use crate::capacity::per_draw::PerDraw;
use crate::capacity::training::failures::hourly_rate;
use crate::draws::Draws;
use crate::estimate::Estimate;
use crate::ids::Id;
use crate::plan::price::InstancePrice;
use crate::plan::workload::{CacheCurve, CapacityPer, Needs, Request, RunWork, Serves, Serving};
use crate::plan::{GpuModel, Instance, Plan, Pool, Workload};
use crate::serving::cache::Popularity;
use crate::serving::llm::Rated;

/// The factors of every workload, by workload index.
#[derive(Debug, Clone)]
pub struct Factors {
    workloads: Vec<WorkloadFactors>,
    /// By instance type, then price: interruptions of a node an hour, where the price states them.
    interruptions: Vec<Vec<Option<PerDraw>>>,
    /// By pool: failures of a node an hour, where the pool states them.
    node_failures: Vec<Option<PerDraw>>,
}

/// The factors of one workload.
#[derive(Debug, Clone)]
pub(crate) struct WorkloadFactors {
    /// Served units for one demanded: what the cache leaves, converted.
    pub served: PerDraw,
    /// What serves it in whole counts, if anything does.
    pub main: Option<Main>,
    /// Its needs per unit of demand, in the plan's order.
    pub needs: Vec<NeedsFactors>,
    /// Memory held in the first month, in bytes.
    pub holds: Option<PerDraw>,
    /// What is uncertain of its runs, in the plan's order; every instance takes it in its own order.
    pub runs: Vec<RunFactors>,
    /// Failures of its runs an hour, in the plan's order, where they state them; held in all instances.
    pub restarts: Vec<Option<PerDraw>>,
}

/// A sample of what is uncertain of a run: its length, or its work and how fast it is done.
#[derive(Debug, Clone)]
pub(crate) enum RunFactors {
    /// Hours of a gang.
    Hours(PerDraw),
    /// Floating-point operations, and the share of the peak that is reached.
    Flops {
        /// The operations.
        flops: PerDraw,
        /// The share.
        mfu: PerDraw,
    },
    /// An amount of work.
    Amount(PerDraw),
}

/// What serves demand in whole counts: replicas, GPUs or nodes.
#[derive(Debug, Clone)]
pub(crate) struct Main {
    /// `replica`, `gpu` or `node`.
    pub counted: &'static str,
    /// What one of them requests.
    pub unit: Unit,
    /// How fast one serves.
    pace: Pace,
    /// Improvement a month, and the last month of the horizon in which it improves.
    improves: Option<(PerDraw, f64)>,
}

/// How fast one serves: as stated, or by the GPU that its nodes have.
#[derive(Debug, Clone)]
enum Pace {
    Stated(Served),
    ByGpu(BTreeMap<Id<GpuModel>, Served>),
}

/// How fast one serves, and what a latency takes.
#[derive(Debug, Clone)]
pub(crate) struct Served {
    /// Served units a second of one, in the first month.
    pub per_second: PerDraw,
    /// Requests that one works on at a time.
    pub concurrency: f64,
    /// What one request is in served units: tokens of an answer, else 1.
    pub per_request: PerDraw,
    /// How many replicas a latency takes, where the target utilisation may not be enough.
    pub table: Option<Arc<LatencyTable>>,
    /// How a language model is served, draw by draw medians.
    pub rated: Option<Rated>,
    /// The share of draws in which a promise of a language model cannot be kept.
    pub broken: f64,
}

/// The factors of one `needs`.
#[derive(Debug, Clone)]
pub(crate) struct NeedsFactors {
    /// What one unit of demand requests.
    pub unit: Unit,
    /// Working hours a week, whole; all hours where absent.
    pub hours_per_week: Option<PerDraw>,
}

impl Factors {
    /// The factors of a workload.
    pub(crate) fn of(&self, workload: Id<Workload>) -> &WorkloadFactors {
        &self.workloads[workload.index()]
    }

    /// Interruptions an hour of a node bought at the spot price at a place.
    pub(crate) fn interruptions(&self, spot: (Id<Instance>, usize)) -> Option<&PerDraw> {
        self.interruptions[spot.0.index()][spot.1].as_ref()
    }

    /// Failures an hour of a node of a pool.
    pub(crate) fn node_failures(&self, pool: Id<Pool>) -> Option<&PerDraw> {
        self.node_failures[pool.index()].as_ref()
    }
}

impl Main {
    /// How fast one serves on nodes with this GPU; `None` where a language model cannot be served there.
    pub(crate) fn served(&self, gpu: Option<Id<GpuModel>>) -> Option<&Served> {
        match &self.pace {
            Pace::Stated(served) => Some(served),
            Pace::ByGpu(served) => served.get(&gpu?),
        }
    }

    /// Served units a second of one in month `t`: it improves by (1 + r) a month, until its last. Next to
    /// nothing where it cannot be served, so that a wrong instance type is never the cheapest.
    pub(crate) fn serves_at(&self, t: usize, gpu: Option<Id<GpuModel>>) -> PerDraw {
        let Some(served) = self.served(gpu) else { return PerDraw::Same(NOT_SERVED) };
        match &self.improves {
            None => served.per_second.clone(),
            Some((rate, last)) => {
                let months = (t as f64).min(*last);
                let improved = |serves, r: f64| serves * libm::pow((1.0 + r).max(0.0), months);
                served.per_second.zip(rate, improved)
            }
        }
    }
}

/// The rate of what cannot be served, a second.
const NOT_SERVED: f64 = 1e-3;

/// Draws what turns demand into requests.
#[must_use]
pub fn factors(plan: &Plan) -> Factors {
    let workloads = plan.workloads.items();
    let hourly = |chance: &Estimate| PerDraw::of(plan.draws, chance).map(hourly_rate);
    let of_price = |price: &InstancePrice| price.interruption_per_day.as_ref().map(hourly);
    let of_instance = |instance: &Instance| instance.prices.iter().map(of_price).collect();
    let of_pool = |pool: &Pool| pool.node_failures_per_day.as_ref().map(hourly);
    Factors {
        workloads: workloads.par_iter().map(|workload| of_workload(plan, workload)).collect(),
        interruptions: plan.instances.items().iter().map(of_instance).collect(),
        node_failures: plan.pools.items().iter().map(of_pool).collect(),
    }
}

fn of_workload(plan: &Plan, workload: &Workload) -> WorkloadFactors {
    let draws = plan.draws;
    let hit = match (&workload.cache_hit_ratio, &workload.cache_curve) {
        (Some(hit), _) => PerDraw::of(draws, hit),
        (None, Some(curve)) => PerDraw::Same(hit_ratio(curve)),
        (None, None) => PerDraw::Same(0.0),
    };
    let missed = hit.map(|hit| 1.0 - hit);
    let served = workload
        .conversions
        .iter()
        .fold(missed, |served, conversion| served.times(&PerDraw::of(draws, &conversion.by)));
    WorkloadFactors {
        served,
        main: main(plan, workload),
        needs: workload.needs.iter().map(|needs| needs_factors(draws, needs)).collect(),
        holds: workload.holds.as_ref().map(|(bytes, _)| PerDraw::of(draws, bytes)),
        runs: workload.runs.iter().map(|run| run_factors(draws, &run.work)).collect(),
        restarts: workload
            .runs
            .iter()
            .map(|run| run.restarts_per_hour.as_ref().map(|rate| PerDraw::of(draws, rate)))
            .collect(),
    }
}

/// How popular the objects of a cache are.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count of objects")]
pub(crate) fn popularity(curve: &CacheCurve) -> Popularity {
    Popularity::zipf(curve.objects.clamp(1.0, 1e15) as u64, curve.zipf)
}

/// The share that a cache of a size answers.
fn hit_ratio(curve: &CacheCurve) -> f64 {
    let size = curve.size_bytes.unwrap_or(0.0) / curve.object_bytes;
    popularity(curve).hit_ratio(size)
}

fn run_factors(draws: Draws, work: &RunWork) -> RunFactors {
    match work {
        RunWork::Gang { hours, .. } => RunFactors::Hours(PerDraw::of(draws, hours)),
        RunWork::Flops { flops, mfu, .. } => {
            RunFactors::Flops { flops: PerDraw::of(draws, flops), mfu: PerDraw::of(draws, mfu) }
        }
        RunWork::Work { amount, .. } => RunFactors::Amount(PerDraw::of(draws, amount)),
    }
}

fn main(plan: &Plan, workload: &Workload) -> Option<Main> {
    match &workload.serving {
        Serving::None => None,
        Serving::Replica(replica) => Some(Main {
            counted: "replica",
            unit: Unit::Stated(stated(plan.draws, &replica.request)),
            pace: match &replica.serves {
                Serves::Stated(rate) => Pace::Stated(pace::stated(plan, workload, replica, rate)),
                Serves::Model(model) => Pace::ByGpu(pace::by_gpu(plan, workload, replica, model)),
            },
            improves: None,
        }),
        Serving::Capacity { per_second, per, improves, .. } => {
            let (counted, unit) = match per {
                CapacityPer::Gpu => ("gpu", one_gpu()),
                CapacityPer::Node => ("node", Unit::Node),
            };
            let improves = improves.as_ref().map(|(rate, until)| {
                let last = until.map_or(f64::INFINITY, |until| {
                    f64::from(until.since(plan.horizon.first).max(0))
                });
                (PerDraw::of(plan.draws, rate), last)
            });
            let pace = Pace::Stated(Served::at(PerDraw::of(plan.draws, per_second)));
            Some(Main { counted, unit, pace, improves })
        }
    }
}

impl Served {
    /// At a rate, one request at a time, with no latency to keep.
    pub(crate) fn at(per_second: PerDraw) -> Self {
        Self {
            per_second,
            concurrency: 1.0,
            per_request: PerDraw::Same(1.0),
            table: None,
            rated: None,
            broken: 0.0,
        }
    }

    /// Seconds that a request is served, waiting apart: requests at a time over requests a second.
    pub(crate) fn seconds(&self, draw: usize) -> f64 {
        self.concurrency * self.per_request.at(draw) / self.per_second.at(draw)
    }
}

/// One GPU.
pub(crate) fn one_gpu() -> Unit {
    Unit::Stated(Stated { gpus: Some(PerDraw::Same(1.0)), ..Stated::default() })
}

fn needs_factors(draws: Draws, needs: &Needs) -> NeedsFactors {
    let hours = |hours| PerDraw::of(draws, hours).map(|hours| hours.round().clamp(0.0, 168.0));
    NeedsFactors {
        unit: Unit::Stated(stated(draws, &needs.request)),
        hours_per_week: needs.hours_per_week.as_ref().map(hours),
    }
}

fn stated(draws: Draws, request: &Request) -> Stated {
    let of = |estimate: &Option<_>| estimate.as_ref().map(|e| PerDraw::of(draws, e));
    Stated {
        cores: of(&request.cores),
        memory_bytes: of(&request.memory_bytes),
        gpus: of(&request.gpus),
        gpu_memory_bytes: of(&request.gpu_memory_bytes),
        network_bits_per_second: of(&request.network_bits_per_second),
    }
}
