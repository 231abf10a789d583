//! Pools of capacity, and what is signed for them already.

use std::collections::BTreeMap;

use crate::calendar::Date;
use crate::estimate::Estimate;
use crate::ids::{Id, Named};
use crate::plan::catalog::{Instance, Owned, Provider, StorageTier};
use crate::plan::price::{Amount, Purchase};
use crate::plan::savings_plan::SavingsPlan;
use crate::source::Span;

/// A pool: workloads in it share its nodes, or its storage. Counts are nodes.
#[derive(Debug, Clone)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// What it is made of.
    pub supply: PoolSupply,
    /// Nodes running on the first day, by purchase; commitments are not among them.
    pub start: BTreeMap<Purchase, u32>,
    /// Nodes the provider grants; with `None` as purchase, over all purchases together.
    pub limits: Vec<Limit>,
    /// Grants that were asked for.
    pub limit_increases: Vec<LimitIncrease>,
    /// Time from deciding to having, in hours, by purchase.
    pub lead_time_hours: BTreeMap<Purchase, Estimate>,
    /// The share of a node that is planned to be used, above 0 to 1.
    pub target_utilization: f64,
    /// What may be bought, in the order written; everything that has a price where absent.
    pub buy: Option<Vec<Purchase>>,
    /// Share of need to be covered by a purchase at least, as procurement plans.
    pub floors: BTreeMap<Purchase, f64>,
    /// Extra share of nodes lost to packing, 0 where not stated.
    pub fragmentation_loss: f64,
    /// Whether a run's GPUs stand on whole nodes first.
    pub gang: bool,
    /// Whether quotas of this pool are borrowed by fair share.
    pub fair_sharing: bool,
    /// Chance a day that a node fails, 0 to 1.
    pub node_failures_per_day: Option<Estimate>,
    /// The most of the interruptible need that runs on spot, 0 to 1; 1 where not stated.
    pub spot_share: f64,
    /// What happens while spot is not to be had.
    pub spot_fallback: SpotFallback,
    /// What an interruption of spot costs work that is no run.
    pub spot_loss: SpotLoss,
    /// How bold a spot price it is planned with, where prices come from a history; as stated.
    pub risk_tolerance: Option<RiskTolerance>,
    /// Where the plan says how spot is used.
    pub spot_origin: Option<Span>,
    /// Where it says what happens while spot is not to be had.
    pub fallback_origin: Option<Span>,
    /// Where the plan declares it.
    pub origin: Span,
}

/// What happens while spot is not to be had.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum SpotFallback {
    /// On-demand takes over after so many hours; until then work waits and is caught up on spot.
    OnDemand {
        /// Hours.
        after_hours: f64,
    },
    /// Work waits, and is caught up on spot.
    Wait,
    /// Nothing replaces it: nodes are short.
    None,
}

/// What an interruption of spot costs work that is no run, in hours.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct SpotLoss {
    /// Work between two checkpoints; none where it saves no state.
    pub every_hours: Option<f64>,
    /// How long one takes.
    pub takes_hours: f64,
    /// From an interruption until it works again.
    pub restart_hours: f64,
}

/// Which quantile of past spot prices is planned with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RiskTolerance {
    /// The median.
    High,
    /// The 75th percentile.
    Medium,
    /// The 95th percentile.
    Low,
}

impl RiskTolerance {
    /// Every tolerance, the boldest first.
    pub const ALL: [Self; 3] = [Self::High, Self::Medium, Self::Low];

    /// The word of the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// The tolerance of a word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tolerance| tolerance.word() == word)
    }

    /// The probability of the quantile.
    #[must_use]
    pub fn probability(self) -> f64 {
        match self {
            Self::High => 0.5,
            Self::Medium => 0.75,
            Self::Low => 0.95,
        }
    }
}

/// What a pool is made of.
#[derive(Debug, Clone)]
pub enum PoolSupply {
    /// Nodes of a provider: candidate types, each in a region.
    Instances(Vec<Candidate>),
    /// The organisation's own nodes.
    Owned(Id<Owned>),
    /// Storage in tiers, youngest data first.
    Storage(Vec<PoolTier>),
}

/// An instance type that a pool may use.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The type.
    pub instance: Id<Instance>,
    /// The region, where stated.
    pub region: Option<String>,
    /// Where the plan says it.
    pub origin: Span,
}

/// A storage tier of a pool, and the age in hours at which data moves there; 0 for the first.
#[derive(Debug, Clone)]
pub struct PoolTier {
    /// The tier.
    pub tier: Id<StorageTier>,
    /// Age at which data moves into it, in hours.
    pub after_hours: f64,
    /// Where the plan says it.
    pub origin: Span,
}

/// A provider's grant.
#[derive(Debug, Clone)]
pub struct Limit {
    /// For one purchase, or for all together.
    pub purchase: Option<Purchase>,
    /// Nodes.
    pub nodes: u32,
    /// The day it holds from; from the beginning where absent.
    pub from: Option<Date>,
    /// Where the plan says it.
    pub origin: Span,
}

/// A grant that was asked for.
#[derive(Debug, Clone)]
pub struct LimitIncrease {
    /// For which purchase, or for all together.
    pub purchase: Option<Purchase>,
    /// Nodes once granted.
    pub nodes: u32,
    /// The day it was asked.
    pub asked: Date,
    /// Hours from asking to the grant.
    pub expected_hours: Estimate,
    /// Chance of the grant, 0 to 1.
    pub chance: f64,
    /// Where the plan says it.
    pub origin: Span,
}

impl LimitIncrease {
    /// The key of the draw that decides whether it is granted.
    #[must_use]
    pub fn chance_key(&self, pool: &str) -> String {
        let word = self.purchase.map_or("all", Purchase::word);
        format!("pool/{pool}/limit-increase.{word}@{}.chance", self.asked)
    }
}

/// A commitment signed already.
#[derive(Debug, Clone)]
pub struct Commitment {
    /// Its name.
    pub name: String,
    /// What was committed to.
    pub kind: CommitmentKind,
    /// The share paid on the first day, 0 to 1.
    pub upfront: f64,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// What happens when it ends.
    pub renew: Renew,
    /// Where the plan declares it.
    pub origin: Span,
}

/// What happens when a commitment ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renew {
    /// It ends; procurement decides what follows.
    Decide,
    /// It goes on at the same price, term after term.
    Always,
    /// It ends, and nothing reserved replaces it: its pool reserves nothing new.
    Never,
}

impl Renew {
    /// The word of the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Decide => "decide",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// What a commitment commits to.
#[derive(Debug, Clone)]
pub enum CommitmentKind {
    /// Nodes of an instance type in a pool, at an effective price for one node and hour.
    Reserved {
        /// The pool they serve.
        pool: Id<Pool>,
        /// How many nodes.
        nodes: u32,
        /// Of which type.
        instance: Id<Instance>,
        /// Money for one node and one hour, over the whole term.
        per_hour: Amount,
    },
    /// Spend by the hour with a provider, paid whether it is used or not.
    Spend {
        /// With whom.
        provider: Id<Provider>,
        /// Under which savings plan; at list prices on demand where absent.
        savings_plan: Option<Id<SavingsPlan>>,
        /// Money an hour.
        per_hour: Amount,
    },
}

impl Named for Pool {
    fn name(&self) -> &str {
        &self.name
    }
}
impl Named for Commitment {
    fn name(&self) -> &str {
        &self.name
    }
}
