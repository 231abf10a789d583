//! Entitlements inside the organisation's own clusters, as Kueue reads them.

use crate::calendar::Date;
use crate::ids::{Id, Named};
use crate::plan::organisation::Team;
use crate::plan::pool::Pool;
use crate::source::Span;

/// A priority level.
#[derive(Debug, Clone)]
pub struct Priority {
    /// Its name.
    pub name: String,
    /// Its rank; the higher goes first.
    pub rank: i64,
    /// Whether what runs at it may be interrupted.
    pub preemptible: bool,
    /// Where the plan declares it.
    pub origin: Span,
}

/// A cohort: quotas in it may borrow from each other.
#[derive(Debug, Clone)]
pub struct Cohort {
    /// Its name.
    pub name: String,
    /// The cohort it belongs to.
    pub parent: Option<Id<Cohort>>,
    /// Its weight in fair sharing.
    pub weight: f64,
    /// What it grants to all its members, on top of their own.
    pub grants: Vec<QuotaGrant>,
    /// Where the plan declares it.
    pub origin: Span,
}

/// Whose runs may be stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Whose {
    /// Nobody's.
    #[default]
    Nobody,
    /// Those of lower priority.
    LowerPriority,
    /// Those, and newer ones of the same priority.
    LowerOrNewerEqualPriority,
    /// Everybody's.
    Any,
}

/// Whose runs a quota's own may stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QuotaPreemption {
    /// Runs of the cohort that borrow.
    pub reclaim_within_cohort: Whose,
    /// Runs of the cohort while it borrows itself.
    pub borrow_within_cohort: Whose,
    /// Those up to this priority; all of lower priority where absent.
    pub borrow_max_priority: Option<Id<Priority>>,
    /// Runs of its own.
    pub within_queue: Whose,
}

/// A quota: one Kueue `ClusterQueue`.
#[derive(Debug, Clone)]
pub struct Quota {
    /// Its name.
    pub name: String,
    /// The teams it serves.
    pub teams: Vec<Id<Team>>,
    /// Its cohort.
    pub cohort: Option<Id<Cohort>>,
    /// Its weight in fair sharing.
    pub weight: f64,
    /// What it grants: the pool, the resource word (`gpu`, `cpu`, `memory`), and how much of it.
    pub grants: Vec<QuotaGrant>,
    /// Whose runs may be stopped for its own.
    pub preemption: QuotaPreemption,
    /// Where the plan declares it.
    pub origin: Span,
}

/// What a quota grants of one resource of one pool: GPUs, cores or bytes.
#[derive(Debug, Clone)]
pub struct QuotaGrant {
    /// The pool.
    pub pool: Id<Pool>,
    /// The resource's word.
    pub resource: String,
    /// Guaranteed.
    pub nominal: f64,
    /// May be borrowed above it; without limit where absent.
    pub borrowing_limit: Option<f64>,
    /// May be lent of it; all where absent.
    pub lending_limit: Option<f64>,
    /// The day it holds from; from the beginning where absent.
    pub from: Option<Date>,
    /// Where the plan says it.
    pub origin: Span,
}

impl Named for Priority {
    fn name(&self) -> &str {
        &self.name
    }
}
impl Named for Cohort {
    fn name(&self) -> &str {
        &self.name
    }
}
impl Named for Quota {
    fn name(&self) -> &str {
        &self.name
    }
}
