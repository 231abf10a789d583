//! The nouns of sizing: resources, what each workload needs and why, and volumes billed by the unit.

use crate::ids::Id;
use crate::plan::catalog::EgressKind;
use crate::plan::{Pool, Provider, StorageTier, Workload};

/// What a node offers and a workload requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
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
    /// The nodes that each resource alone would require in the peak month at p50, largest first: the
    /// first is the bottleneck, the second is hit next.
    pub by_resource: Vec<(Resource, f64)>,
    /// Headroom applied, in words and order: `buffer 30% → target utilisation 65% → 1 spare × 2 zones`.
    pub headroom: String,
}

/// Which instance type a pool uses, and what the others would have cost.
#[derive(Debug, Clone)]
pub struct InstanceChoice {
    /// The pool.
    pub pool: Id<Pool>,
    /// Candidates, cheapest first: index into the pool's candidates, nodes at the reference need, and
    /// money a month at on-demand prices (730 hours), or the reason it was rejected.
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
    /// Money for these nodes and one 730-hour month; `None` where it has no usable price.
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
    /// for transfer and reads, units for services.
    pub months: Vec<Vec<f64>>,
}

/// What is billed by the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum VolumeKind {
    /// Bytes held in a tier, times months of 730 hours.
    Stored(Id<Pool>, Id<StorageTier>),
    /// Bytes read back from a tier.
    Retrieved(Id<Pool>, Id<StorageTier>),
    /// Bytes sent.
    Transferred(Id<Provider>, EgressKind),
    /// Units of a `kind service` workload.
    Bought,
}
