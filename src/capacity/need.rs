//! The nouns of sizing: resources, what each workload needs and why, and volumes billed by the unit.

use crate::ids::Id;
use crate::plan::catalog::EgressKind;
use crate::plan::{Pool, Provider, StorageTier, Workload};
use crate::queueing::simulation::Simulated;
use crate::serving::llm::Rated;

/// What a node offers and a workload requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Resource {
    /// CPU cores.
    Cpu,
    /// Memory, bytes.
    Memory,
    /// GPUs.
    Gpu,
    /// Local storage, bytes.
    Storage,
}

impl Resource {
    /// Every resource, in the order of the ledger.
    pub const ALL: [Self; 4] = [Self::Cpu, Self::Memory, Self::Gpu, Self::Storage];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Gpu => "gpu",
            Self::Storage => "storage",
        }
    }
}

/// How one workload was sized in one pool, with its reasons.
#[derive(Debug, Clone)]
pub struct Sizing {
    /// The workload.
    pub workload: Id<Workload>,
    /// The pool.
    pub pool: Id<Pool>,
    /// What is counted: `replica`, `gpu`, `node`.
    pub counted: &'static str,
    /// The largest count of each month: p50 and p90 over draws, oldest first.
    pub peak: Vec<(f64, f64)>,
    /// The peak month, counted from the horizon's first: the one with the most nodes at p50, of all months or of those
    /// that it was derived for. What follows is of it alone.
    pub peak_month: Option<usize>,
    /// The nodes that each resource alone would require in the peak month at p50, largest first: the
    /// first is the bottleneck, the second is hit next.
    pub by_resource: Vec<(Resource, f64)>,
    /// Headroom applied, in words and order: `buffer 30% → target utilisation 65% → 1 spare × 2 zones`.
    pub headroom: String,
    /// The nodes that each cause alone would take in the peak month at p50, largest first; at the target
    /// utilisation. The first is the bottleneck, the second is hit next.
    pub requires: Vec<NodesFor>,
    /// How long requests take at that peak, where the plan says how long they may.
    pub latency: Option<LatencySizing>,
    /// How one replica of a language model serves, at the median.
    pub model: Option<Rated>,
}

/// Why so many nodes are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// CPU cores.
    Cpu,
    /// Memory.
    Memory,
    /// GPUs.
    Gpu,
    /// Memory on GPUs.
    GpuMemory,
    /// Network.
    Network,
    /// Local storage.
    Storage,
    /// The latency that is promised.
    Latency,
    /// The fewest that the autoscaler keeps, or spares alone.
    Floor,
}

impl Cause {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Gpu => "gpu",
            Self::GpuMemory => "gpu-memory",
            Self::Network => "network",
            Self::Storage => "storage",
            Self::Latency => "latency",
            Self::Floor => "floor",
        }
    }
}

/// The nodes that one cause alone would take.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct NodesFor {
    /// The cause.
    pub cause: Cause,
    /// Nodes at the median.
    pub nodes: f64,
    /// Whether the plan states it; what it does not state comes along with what it does.
    pub stated: bool,
}

/// How long requests take at a workload's peak, at the median. Seconds.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct LatencySizing {
    /// Percentile and time, as the plan promises.
    pub objectives: Vec<(f64, f64)>,
    /// How long one is served, waiting apart.
    pub service: f64,
    /// Requests that a replica works on at a time.
    pub concurrency: f64,
    /// Squared coefficient of variation of the times between arrivals.
    pub arrival_scv: f64,
    /// Squared coefficient of variation of service times.
    pub service_scv: f64,
    /// Requests a second at the peak.
    pub arrivals: f64,
    /// Replicas that the target utilisation takes.
    pub for_rate: f64,
    /// Replicas that the latency takes by itself; absent where no number keeps it.
    pub for_latency: Option<f64>,
    /// Replicas that serve, spares apart.
    pub serving: f64,
    /// How long at the percentiles promised, by formula; infinite where the line grows for ever.
    pub expected: Vec<(f64, f64)>,
    /// The same at p50 and p99.
    pub p50_p99: (f64, f64),
    /// The last percentile promised, lived through, where arrivals are not at random.
    pub simulated: Option<Simulated>,
    /// The share of draws in which serving alone takes longer than is promised.
    pub out_of_reach: f64,
}

impl LatencySizing {
    /// Whether what is expected keeps what is promised, and so does what was simulated.
    #[must_use]
    pub fn is_kept(&self) -> bool {
        let kept =
            |((_, expected), (_, most)): (&(f64, f64), &(f64, f64))| *expected <= most * 1.001;
        let last = self.objectives.last().map_or(f64::INFINITY, |(_, most)| *most);
        let lived = self.simulated.as_ref().map(|seen| seen.response);
        self.expected.iter().zip(&self.objectives).all(kept)
            && lived.is_none_or(|seen| seen.value - seen.half_width <= last)
    }
}

/// Which instance type a pool uses, and what the others would have cost.
#[derive(Debug, Clone)]
pub struct InstanceChoice {
    /// The pool.
    pub pool: Id<Pool>,
    /// Candidates, cheapest first: index into the pool's candidates, nodes at the reference need, and
    /// money a month at the price that is paid (730 hours), or the reason it was rejected.
    pub ranked: Vec<RankedCandidate>,
}

impl InstanceChoice {
    /// Index into the pool's candidates of the one that is used; `None` where each is rejected.
    #[must_use]
    pub fn chosen(&self) -> Option<usize> {
        self.ranked.iter().find(|ranked| ranked.rejected.is_none()).map(|ranked| ranked.candidate)
    }
}

/// One candidate.
#[derive(Debug, Clone)]
pub struct RankedCandidate {
    /// Index into the pool's candidates.
    pub candidate: usize,
    /// Nodes at the reference need: the median request of the horizon's busiest month.
    pub nodes: f64,
    /// Money that is paid for a node and hour, discounts off; `None` where it has no usable price.
    pub price_per_hour: Option<f64>,
    /// Money for these nodes and one 730-hour month.
    pub cost_per_month: Option<f64>,
    /// Why it cannot be used.
    pub rejected: Option<String>,
}

/// Volumes billed by the unit rather than by the node: stored, read, transferred, bought.
#[derive(Debug, Clone)]
pub struct VolumeUse {
    /// Whose.
    pub workload: Id<Workload>,
    /// Of what.
    pub kind: VolumeKind,
    /// One vector of draws a month, oldest first: byte-hours ÷ 730 (byte-months) for storage, bytes
    /// for transfer and reads, requests, units for services.
    pub months: Vec<Vec<f64>>,
}

/// What is billed by the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VolumeKind {
    /// Bytes held in a tier, times months of 730 hours.
    Stored(Id<Pool>, Id<StorageTier>),
    /// Bytes times months of 730 hours by which data left a tier before its least stay.
    ShortOfStay(Id<Pool>, Id<StorageTier>),
    /// Bytes read back from a tier.
    Retrieved(Id<Pool>, Id<StorageTier>),
    /// Requests to a tier.
    Requested(Id<Pool>, Id<StorageTier>),
    /// Bytes sent.
    Transferred(Id<Provider>, EgressKind),
    /// Units of a `kind service` workload.
    Bought,
}
