//! Rules for cost that no team asked for.

use crate::ids::{Id, Named};
use crate::plan::organisation::Team;
use crate::plan::pool::Pool;
use crate::plan::price::Amount;
use crate::plan::workload::Workload;
use crate::source::Span;

/// A rule: takes a cost and spreads it over teams.
#[derive(Debug, Clone)]
pub struct SharedCost {
    /// Its name.
    pub name: String,
    /// What is spread.
    pub from: SharedSource,
    /// How.
    pub split: Split,
    /// The most a team bears, as a share of its direct cost.
    pub cap_of_direct: Option<f64>,
    /// Who bears what the split leaves over.
    pub rest: Option<Id<Team>>,
    /// Where the plan declares it.
    pub origin: Span,
}

/// What a rule spreads.
#[derive(Debug, Clone)]
pub enum SharedSource {
    /// The idle cost of a pool.
    Idle(Id<Pool>),
    /// All cost of a workload.
    Workload(Id<Workload>),
    /// All direct cost of a team.
    Team(Id<Team>),
    /// A stated amount a calendar month.
    AmountPerMonth(Amount),
}

/// How a rule spreads.
#[derive(Debug, Clone)]
pub enum Split {
    /// In proportion to a measure, averaged over so many trailing months (1: the month itself).
    Proportional {
        /// What is measured.
        by: ShareBy,
        /// Months.
        over_months: u32,
    },
    /// Every team that has direct cost bears the same.
    Even,
    /// Stated shares, 0 to 1, by team.
    Fixed(Vec<(Id<Team>, f64)>),
}

/// What a proportional split measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShareBy {
    /// Use of the pool the idle cost comes from (of all pools, for another source).
    Usage,
    /// What was requested there.
    Allocation,
    /// Direct cost in money.
    DirectCost,
}

impl Named for SharedCost {
    fn name(&self) -> &str {
        &self.name
    }
}
