//! Workloads: what is demanded, how it is served, where, and for whom.

use crate::calendar::Month;
use crate::estimate::Estimate;
use crate::ids::{Id, Named};
use crate::plan::autoscale::Behavior;
use crate::plan::catalog::{EgressKind, Provider};
use crate::plan::language_model::LanguageModel;
use crate::plan::organisation::{Environment, Project, Team};
use crate::plan::pool::{Pool, PoolTier};
use crate::plan::price::Amount;
use crate::plan::quota::Priority;
use crate::source::Span;

pub use super::demand::{
    Demand, DemandAt, Event, Fit, Growth, GrowthKind, HistoryFrom, HistoryRef, LogisticPace,
    SeasonPeriod, TableRef,
};
pub use super::run::{Checkpoint, Deadline, Every, Finish, Run, RunTimes, RunWork, WorkUnit};

/// A workload.
#[derive(Debug, Clone)]
pub struct Workload {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: WorkloadKind,
    /// Who pays.
    pub team: Id<Team>,
    /// The project it belongs to; its team is the workload's.
    pub project: Option<Id<Project>>,
    /// Where it runs.
    pub environment: Option<Id<Environment>>,
    /// The pool it runs in, or stores in. `kind network` and `kind service` have none.
    pub pool: Option<Id<Pool>>,
    /// The provider of a `kind network` workload.
    pub provider: Option<Id<Provider>>,
    /// Its priority.
    pub priority: Option<Id<Priority>>,
    /// Whether it may run on spot: `interruptible #true`, or a preemptible priority.
    pub interruptible: bool,
    /// What is asked of it; training and batch have runs instead.
    pub demand: Option<Demand>,
    /// What serves it.
    pub serving: Serving,
    /// Beside the main resource: needs per unit of demand, each in a pool.
    pub needs: Vec<Needs>,
    /// Memory that follows data rather than rate: bytes held, and its growth.
    pub holds: Option<(Estimate, Vec<Growth>)>,
    /// Share of requests answered by a cache, 0 to 1: taken from the replicas, not from egress.
    pub cache_hit_ratio: Option<Estimate>,
    /// How popular what it caches is: with a size it says the hit ratio.
    pub cache_curve: Option<CacheCurve>,
    /// From demanded to served units, in order.
    pub conversions: Vec<Conversion>,
    /// Spare replicas, zones and copies.
    pub redundancy: Redundancy,
    /// Bytes transferred for one unit of demand, or all of it for `kind network`.
    pub egress: Vec<Egress>,
    /// How it follows the hours; without, it holds the month's peak in every hour.
    pub autoscale: Option<Autoscale>,
    /// Runs of training and batch, by name.
    pub runs: Vec<Run>,
    /// Storage: what is kept, how often, for how long.
    pub storage: Option<StorageRule>,
    /// Money for one unit of demand, for `kind service`.
    pub unit_price: Option<Amount>,
    /// Units of demand to report cost per (`"1M token"`): the count and the unit's name.
    pub reports_cost_per: Option<(f64, String)>,
    /// Where the plan declares it.
    pub origin: Span,
}

/// What a workload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorkloadKind {
    /// Serves requests.
    Inference,
    /// Trains models in runs.
    Training,
    /// Processes work in runs.
    Batch,
    /// Keeps data.
    Storage,
    /// Moves data.
    Network,
    /// Interactive machines of people.
    Workspace,
    /// Bought by the unit.
    Service,
}

impl WorkloadKind {
    /// The word of the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Inference => "inference",
            Self::Training => "training",
            Self::Batch => "batch",
            Self::Storage => "storage",
            Self::Network => "network",
            Self::Workspace => "workspace",
            Self::Service => "service",
        }
    }
}

/// What serves the demand.
#[derive(Debug, Clone)]
pub enum Serving {
    /// Nothing of its own: the needs, or the runs, say it all.
    None,
    /// Replicas of a given size.
    Replica(Replica),
    /// Units of served demand a second for one GPU or one node.
    Capacity {
        /// Served units a second.
        per_second: Estimate,
        /// For one of what.
        per: CapacityPer,
        /// It improves by this share a month, until the end of a month.
        improves: Option<(Estimate, Option<Month>)>,
        /// Where the plan says it.
        origin: Span,
    },
}

/// What a capacity is stated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CapacityPer {
    /// One GPU.
    Gpu,
    /// One node.
    Node,
}

/// One replica: what it requests and what it serves.
#[derive(Debug, Clone)]
pub struct Replica {
    /// What one requests.
    pub request: Request,
    /// What one serves.
    pub serves: Serves,
    /// How long a request may take, if the plan says.
    pub latency: Option<Latency>,
    /// Measured batches: requests at a time, and seconds; by size. Empty where what it serves is stated.
    pub batches: Vec<(f64, f64)>,
    /// Where the plan says it.
    pub origin: Span,
}

/// What one replica serves.
#[derive(Debug, Clone)]
pub enum Serves {
    /// Served units a second, as stated.
    Stated(Estimate),
    /// What the shape of a language model gives on the GPUs of one replica.
    Model(Box<LanguageModel>),
}

/// How long a request may take, and what is known of how requests come.
#[derive(Debug, Clone)]
pub struct Latency {
    /// Percentile, 0 to 1, and seconds from arrival to answer; by percentile.
    pub objectives: Vec<(f64, f64)>,
    /// Requests that a replica works on at a time; one where the plan says neither this nor
    /// `service-time`. Of a language model, the sequences it holds.
    pub concurrency: u32,
    /// Squared coefficient of variation of the times between arrivals; 1 is random.
    pub arrival_scv: f64,
    /// Squared coefficient of variation of service times; 1 is exponential, 0 constant.
    pub service_scv: f64,
    /// Where the plan says it.
    pub origin: Span,
}

/// What a replica, or a unit of demand, requests; zero where not stated.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// CPU cores.
    pub cores: Option<Estimate>,
    /// Memory, in bytes.
    pub memory_bytes: Option<Estimate>,
    /// GPUs; may be a fraction.
    pub gpus: Option<Estimate>,
    /// Memory on GPUs, in bytes.
    pub gpu_memory_bytes: Option<Estimate>,
    /// Network, in bits per second.
    pub network_bits_per_second: Option<Estimate>,
}

/// Needs for one unit of demand.
#[derive(Debug, Clone)]
pub struct Needs {
    /// What one unit (of demand a second, or of stock) requests.
    pub request: Request,
    /// Extra share on top, 0 where not stated.
    pub buffer: f64,
    /// Hours a week it is in use; all 168 where absent.
    pub hours_per_week: Option<Estimate>,
    /// The pool it is taken from.
    pub pool: Id<Pool>,
    /// Where the plan says it.
    pub origin: Span,
}

/// `convert "chat" to="token" by="1100 token/chat"`.
#[derive(Debug, Clone)]
pub struct Conversion {
    /// From this unit.
    pub from: String,
    /// To this unit.
    pub to: String,
    /// Of these for one of those.
    pub by: Estimate,
    /// Where the plan says it.
    pub origin: Span,
}

/// How popular the objects of a cache are: Zipf's law over a catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct CacheCurve {
    /// How many objects there are.
    pub objects: f64,
    /// Bytes of one, on average.
    pub object_bytes: f64,
    /// The exponent of Zipf's law.
    pub zipf: f64,
    /// Bytes of the cache; the hit ratio is stated where absent.
    pub size_bytes: Option<f64>,
    /// Where the plan says it.
    pub origin: Span,
}

/// What is held ready beyond the need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Redundancy {
    /// Spare replicas (GPUs or nodes, where capacity is stated so) in each zone.
    pub spare: u32,
    /// Zones.
    pub zones: u32,
    /// Whole copies of everything.
    pub copies: u32,
}

impl Default for Redundancy {
    fn default() -> Self {
        Self { spare: 0, zones: 1, copies: 1 }
    }
}

/// Data that leaves.
#[derive(Debug, Clone)]
pub struct Egress {
    /// Where to.
    pub kind: EgressKind,
    /// Bytes for one unit of demand; 1 for `kind network`, whose demand is bytes.
    pub bytes_per_unit: Estimate,
    /// Whose network it leaves.
    pub provider: Id<Provider>,
    /// Where the plan says it.
    pub origin: Span,
}

/// How a workload follows the hours.
#[derive(Debug, Clone)]
pub struct Autoscale {
    /// Fewest replicas.
    pub min: u32,
    /// Most replicas.
    pub max: Option<u32>,
    /// The lowest of its utilisation targets (cpu, memory, gpu), 0 to 1.
    pub target_utilization: Option<f64>,
    /// The resource of that target.
    pub target_resource: TargetResource,
    /// All of its utilisation targets, by resource.
    pub targets: Vec<(TargetResource, f64)>,
    /// Target rate of one replica, served units a second.
    pub target_per_second: Option<f64>,
    /// How long pods and nodes take.
    pub delays: AutoscaleDelays,
    /// How fast it may move; the controller's own rules where absent.
    pub behavior: Option<Behavior>,
    /// The share of the demand that may be short under recommended limits; [`Autoscale::RISK`] where absent.
    pub shortfall_risk: Option<f64>,
    /// Where the plan says it.
    pub origin: Span,
}

impl Autoscale {
    /// The target where neither it nor its pool states one below 100%: replicas that are full ask for no more.
    ///
    /// # Source
    /// Kubernetes, `autoscaling/v2`: "the default metric will be set to 80% average CPU utilization".
    pub const DEFAULT_UTILIZATION: f64 = 0.8;

    /// The share of the demand that may be short where nothing else is stated.
    pub const RISK: f64 = 0.001;

    /// The target of an autoscaler that states none, in a pool with this one.
    #[must_use]
    pub fn target_in(pool: f64) -> f64 {
        if pool < 1.0 { pool } else { Self::DEFAULT_UTILIZATION }
    }
}

/// Which resource a target of utilisation is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum TargetResource {
    /// CPU: pods that are not ready yet do not count.
    #[default]
    Cpu,
    /// Memory, taken to follow the demand.
    Memory,
    /// GPU.
    Gpu,
}

/// How long what an autoscaler asks for takes, in hours; at once where not stated.
#[derive(Debug, Clone, Default)]
pub struct AutoscaleDelays {
    /// From a place on a node until its containers run.
    pub pod_start: Option<Estimate>,
    /// From the order of a node until pods can start on it; every pod has a place where absent.
    pub node_start: Option<Estimate>,
    /// From running until the model is loaded and it serves.
    pub model_load: Option<Estimate>,
}

/// How storage keeps data.
#[derive(Debug, Clone)]
pub struct StorageRule {
    /// How long data is kept, in hours; for good where absent.
    pub retention_hours: Option<f64>,
    /// Total copies, at least 1.
    pub replication: u32,
    /// Share of what is kept that is read back in a month.
    pub reads_share_per_month: Option<Estimate>,
    /// Gross inflow in bytes a month, where the plan states `ingest` rather than net growth.
    pub ingest_bytes_per_month: Option<Estimate>,
    /// Requests a second, to whatever tier holds what is asked for.
    pub requests_per_second: Option<Estimate>,
    /// The tiers its data lies in, by rising age; those of its pool where empty.
    pub tiers: Vec<PoolTier>,
}

impl StorageRule {
    /// The tiers its data lies in: its own, or those of its pool.
    #[must_use]
    pub fn tiers_used<'p>(&'p self, of_pool: &'p [PoolTier]) -> &'p [PoolTier] {
        if self.tiers.is_empty() { of_pool } else { &self.tiers }
    }
}

impl Workload {
    /// Whether it takes nodes of a pool.
    #[must_use]
    pub fn uses(&self, pool: Id<Pool>) -> bool {
        self.pool == Some(pool) || self.needs.iter().any(|needs| needs.pool == pool)
    }
}

impl Named for Workload {
    fn name(&self) -> &str {
        &self.name
    }
}
