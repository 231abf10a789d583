//! The ledger: the one source of every report.

use std::collections::BTreeMap;

use crate::ids::Id;
use crate::money::Decimal;
use crate::plan::price::Purchase;
use crate::plan::{Pool, Provider, SharedCost, Team, Workload};
use crate::source::Span;

/// What a cost is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    /// CPU.
    Compute,
    /// Memory.
    Memory,
    /// GPUs.
    Gpu,
    /// Storage.
    Storage,
    /// Transfer.
    Network,
    /// Bought by the unit.
    Service,
    /// Spot that interruptions take: checkpoints, work done again, restarts.
    Interruption,
    /// Support contracts of providers.
    Support,
    /// Stated amounts of `shared-cost … amount=`.
    Shared,
    /// Spend promised to a provider and not made.
    Commitment,
    /// Credits of providers, used up: below zero.
    Credit,
}

impl Category {
    /// Every category, in the order of reports.
    pub const ALL: [Self; 11] = [
        Self::Gpu,
        Self::Compute,
        Self::Memory,
        Self::Storage,
        Self::Network,
        Self::Service,
        Self::Interruption,
        Self::Support,
        Self::Shared,
        Self::Commitment,
        Self::Credit,
    ];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Compute => "compute",
            Self::Memory => "memory",
            Self::Gpu => "gpu",
            Self::Storage => "storage",
            Self::Network => "network",
            Self::Service => "service",
            Self::Interruption => "interruption",
            Self::Support => "support",
            Self::Shared => "shared",
            Self::Commitment => "commitment",
            Self::Credit => "credit",
        }
    }
}

/// One row: what one workload (or nobody) costs in one month, of one category and purchase.
///
/// Amounts are means over the draws, exact decimals of six places: the only figures that add.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The month, counted from the horizon's first.
    pub t: usize,
    /// Who caused it; `None` for idle capacity and stated shared amounts.
    pub workload: Option<Id<Workload>>,
    /// The workload's team.
    pub team: Option<Id<Team>>,
    /// The pool it was spent in, if any.
    pub pool: Option<Id<Pool>>,
    /// The provider it is paid to, if any.
    pub provider: Option<Id<Provider>>,
    /// What for.
    pub category: Category,
    /// How it was bought, if that has a meaning.
    pub purchase: Option<Purchase>,
    /// How much of it, in `unit`.
    pub quantity: Decimal,
    /// `GPU-hour`, `core-hour`, `GiB-hour`, `GB-month`, `GB`, …
    pub unit: &'static str,
    /// Spread over the time it serves.
    pub amortised: Decimal,
    /// When it is paid.
    pub cash: Decimal,
    /// Capital expenditure within `cash`.
    pub capex: Decimal,
    /// What as much would cost at list prices by the unit, nothing negotiated and nothing committed to: nodes of a
    /// provider on demand. What has no list price stands with what it costs; promises and credits with nothing.
    pub list: Decimal,
    /// The line of the plan that caused it: the workload's, the pool's, the rule's.
    pub origin: Span,
}

/// Every row, ordered by month, then team, workload, pool, category, purchase.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// The rows.
    pub rows: Vec<Row>,
}

/// Money by month and draw: `values[t][draw]`, in plan currency.
pub type MonthlyDraws = Vec<Vec<f64>>;

/// Per-draw cost, kept only at the grains that reports give quantiles for.
#[derive(Debug, Clone, Default)]
pub struct CostDraws {
    /// Everything, amortised.
    pub total: MonthlyDraws,
    /// Everything, cash.
    pub total_cash: MonthlyDraws,
    /// By team after chargeback (direct, idle and shared), amortised; what no team bears is in `unborne`.
    pub by_team: BTreeMap<Id<Team>, MonthlyDraws>,
    /// What no team bears: idle without a rule and what caps leave over.
    pub unborne: MonthlyDraws,
    /// By pool, amortised.
    pub by_pool: BTreeMap<Id<Pool>, MonthlyDraws>,
    /// By category, amortised.
    pub by_category: BTreeMap<Category, MonthlyDraws>,
    /// Direct cost by workload group of each budget whose owner is a project or cost centre is computed
    /// from here: direct amortised cost by workload, kept only for workloads in such a budget, and for
    /// those that a rule for shared cost takes.
    pub by_workload: BTreeMap<Id<Workload>, MonthlyDraws>,
    /// `by_team` in cash; only where a budget or a policy asks for the cash of a part of the organisation.
    pub cash_by_team: BTreeMap<Id<Team>, MonthlyDraws>,
    /// `by_workload` in cash, likewise.
    pub cash_by_workload: BTreeMap<Id<Workload>, MonthlyDraws>,
    /// Requested over supplied, of the resource where that is largest, by pool; not a number where
    /// nothing is supplied. Not money, but known only while costs are computed.
    pub utilization: BTreeMap<Id<Pool>, MonthlyDraws>,
}

/// What each team bears, by month: `charges[team][t]`.
#[derive(Debug, Clone, Default)]
pub struct Chargeback {
    /// One entry a team, in name order.
    pub teams: Vec<TeamCharge>,
    /// Idle cost that no rule spreads, and what caps leave over, by month.
    pub idle: Vec<Decimal>,
    /// What every team and idle together must come to: the ledger's amortised total, by month.
    pub invoice: Vec<Decimal>,
    /// What every rule for idle and shared cost gave to each team, in the order in which they take; what a
    /// rule takes away from a team is negative. Over rules it comes to `idle` and `shared` of the teams.
    pub by_rule: Vec<RuleCharge>,
}

/// What one rule for idle or shared cost gave to each team.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleCharge {
    /// The rule.
    pub rule: Id<SharedCost>,
    /// By team index, then month.
    pub teams: Vec<Vec<Decimal>>,
}

/// What one team bears. All by month, amortised, of equal length.
#[derive(Debug, Clone)]
pub struct TeamCharge {
    /// The team.
    pub team: Id<Team>,
    /// Its own workloads' cost.
    pub direct: Vec<Decimal>,
    /// Its part of idle capacity, by the plan's rules.
    pub idle: Vec<Decimal>,
    /// Its part of shared cost; negative where a rule takes its own cost away from it.
    pub shared: Vec<Decimal>,
}

impl TeamCharge {
    /// Everything it bears in a month.
    #[must_use]
    pub fn total(&self, t: usize) -> Decimal {
        self.direct[t] + self.idle[t] + self.shared[t]
    }
}
