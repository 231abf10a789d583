//! Ways to serve more: more replicas, larger nodes, batches, a cache, smaller numbers, side by side.
//!
//! In: a plan, its demand, what turns it into requests, the instance types that were chosen, and what was
//! measured elsewhere. Out: for one workload in one month, the nodes, cost, latency and headroom of every
//! way, with the reason it is better or worse, or the datum that is missing. Everything is at the median of
//! the month's busiest hour; money is the price of the pool's first purchase for 730 hours. Nothing here
//! changes the plan.

mod batching;
mod caching;
mod horizontal;
mod model;
mod point;
mod vertical;

use serde::Serialize;

use crate::capacity::Factors;
use crate::capacity::need::InstanceChoice;
use crate::forecast::demand::Demand;
use crate::ids::Id;
use crate::plan::workload::Serving;
use crate::plan::{Plan, Pool, Workload};
use crate::serving::usl::Fitted;

pub(crate) use point::Figures;
use point::Point;

/// What the passes said, as far as scaling looks at it.
#[derive(Debug, Clone, Copy)]
pub struct Passes<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Its demand.
    pub demand: &'a Demand,
    /// What turns demand into requests.
    pub factors: &'a Factors,
    /// The instance type of every pool.
    pub choices: &'a [InstanceChoice],
}

/// What was measured elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Points {
    /// Replicas, and the served units a second that they did together.
    pub throughput: Option<Vec<(f64, f64)>>,
    /// Requests in a batch, and the seconds it took.
    pub batches: Option<Vec<(f64, f64)>>,
}

/// A way to serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// What the plan says.
    AsPlanned,
    /// More of the same replicas.
    Horizontal,
    /// Other nodes.
    Vertical,
    /// More requests at a time.
    Batching,
    /// A cache in front.
    Caching,
    /// Smaller numbers.
    Quantization,
    /// More GPUs a replica.
    TensorParallel,
}

impl Kind {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::AsPlanned => "as planned",
            Self::Horizontal => "horizontal",
            Self::Vertical => "vertical",
            Self::Batching => "batching",
            Self::Caching => "caching",
            Self::Quantization => "quantization",
            Self::TensorParallel => "tensor parallel",
        }
    }
}

/// One way, judged or not.
#[derive(Debug, Clone, Serialize)]
pub struct Way {
    /// Which.
    pub kind: Kind,
    /// In words: `8 × p5.48xlarge`.
    pub how: String,
    /// What comes of it; absent where it cannot be judged.
    pub figures: Option<Figures>,
    /// What it takes: a setting to change, or the datum that is missing and the line that gives it.
    pub needs: String,
    /// Better or worse than the plan, and why.
    pub verdict: String,
}

/// A workload and every way to serve it.
#[derive(Debug, Clone)]
pub struct Scaled {
    /// The workload.
    pub workload: Id<Workload>,
    /// Its pool.
    pub pool: Id<Pool>,
    /// The month, counted from the horizon's first.
    pub t: usize,
    /// Served units a second in its busiest hour, at the median.
    pub rate: f64,
    /// The unit.
    pub unit: String,
    /// What is counted: `replica`, `gpu`, `node`.
    pub counted: &'static str,
    /// Percentile and seconds that are promised.
    pub promised: Vec<(f64, f64)>,
    /// The plan first, then every way.
    pub ways: Vec<Way>,
    /// The law of scalability through the points, where they were given.
    pub law: Option<Fitted>,
    /// Which is best, in a sentence.
    pub verdict: String,
}

/// Holds every way to serve a workload against the plan; in the month whose peak is highest where none is
/// said. `None` where nothing whole serves a demand of it.
#[must_use]
pub fn scale(
    passes: Passes,
    workload: Id<Workload>,
    t: Option<usize>,
    points: &Points,
) -> Option<Scaled> {
    let point = Point::of(passes, workload, t)?;
    let planned = point.figures(&point.planned());
    let mut ways = vec![Way {
        kind: Kind::AsPlanned,
        how: point.counted(planned.replicas),
        figures: Some(planned.clone()),
        needs: String::new(),
        verdict: String::new(),
    }];
    let (more, law) = horizontal::ways(&point, points.throughput.as_deref());
    ways.extend(more);
    ways.extend(vertical::ways(&point, passes));
    ways.extend(model::ways(&point));
    ways.extend(batching::ways(&point, points.batches.as_deref()));
    ways.extend(caching::ways(&point, passes));
    for way in &mut ways {
        if let Some(figures) = &way.figures {
            let own = judged(figures, &planned, way.kind);
            way.verdict =
                if way.verdict.is_empty() { own } else { format!("{own}; {}", way.verdict) };
        }
    }
    let verdict = best(&ways, &planned);
    let latency = match &passes.plan.workloads[workload].serving {
        Serving::Replica(replica) => replica.latency.as_ref(),
        Serving::Capacity { .. } | Serving::None => None,
    };
    Some(Scaled {
        workload,
        pool: point.pool,
        t: point.t,
        rate: point.rate(),
        unit: point.unit(),
        counted: point.main.counted,
        promised: latency.map(|latency| latency.objectives.clone()).unwrap_or_default(),
        ways,
        law,
        verdict,
    })
}

/// Better or worse than the plan.
fn judged(figures: &Figures, planned: &Figures, kind: Kind) -> String {
    if let Some(limit) = figures.limit {
        return format!("the autoscaler's limit of {limit} is too low by {}", figures.missing);
    }
    if !figures.keeps {
        return "breaks the latency".to_owned();
    }
    let keeps = if figures.p99.is_some() && kind == Kind::AsPlanned {
        "keeps what is promised"
    } else {
        ""
    };
    if kind == Kind::AsPlanned {
        return if keeps.is_empty() { "the plan".to_owned() } else { keeps.to_owned() };
    }
    match (figures.cost, planned.cost) {
        (Some(cost), Some(before)) if before > 0.0 => {
            let change = cost / before - 1.0;
            if change.abs() < 0.005 {
                "costs the same".to_owned()
            } else if change < 0.0 {
                format!("saves {:.0}%", -change * 100.0)
            } else {
                format!("costs {:.0}% more", change * 100.0)
            }
        }
        _ => match figures.nodes - planned.nodes {
            same if same.abs() < 0.5 => "takes the same nodes".to_owned(),
            less if less < 0.0 => format!("takes {:.0} nodes less", -less),
            more => format!("takes {more:.0} nodes more"),
        },
    }
}

/// The cheapest that keeps what is promised.
fn best(ways: &[Way], planned: &Figures) -> String {
    let sound = |way: &&Way| way.figures.as_ref().is_some_and(|f| f.keeps && f.limit.is_none());
    let order = |way: &Way| {
        let figures = way.figures.as_ref();
        figures.map_or(f64::INFINITY, |figures| figures.cost.unwrap_or(figures.nodes))
    };
    let found = ways.iter().filter(sound).min_by(|a, b| order(a).total_cmp(&order(b)));
    let unknown = ways.iter().filter(|way| way.figures.is_none()).count();
    let rest = match unknown {
        0 => String::new(),
        1 => " One way could not be judged.".to_owned(),
        more => format!(" {more} ways could not be judged."),
    };
    let Some(found) = found else {
        return format!("Nothing that could be judged keeps what is promised.{rest}");
    };
    let is_planned = found.kind == Kind::AsPlanned
        || order(found) >= planned.cost.unwrap_or(planned.nodes) * 0.995;
    if is_planned && planned.keeps && planned.limit.is_none() {
        return format!("Nothing that could be judged is cheaper than the plan.{rest}");
    }
    let needs = if found.needs.is_empty() { String::new() } else { format!(": {}", found.needs) };
    format!("Cheapest: {}, {}, {}{needs}.{rest}", found.kind.word(), found.how, found.verdict)
}
