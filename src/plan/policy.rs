//! Policies: what must hold, how surely, and why.

use globset::Glob;

use crate::calendar::Date;
use crate::ids::Named;
use crate::source::Span;

/// Whether a pattern matches a name; a pattern that is no glob matches itself.
#[must_use]
pub fn matches(pattern: &str, name: &str) -> bool {
    Glob::new(pattern)
        .map_or_else(|_| pattern == name, |glob| glob.compile_matcher().is_match(name))
}

/// A policy.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Whether it fails the gate (`severity=error`) or only warns.
    pub fails: bool,
    /// What must hold.
    pub require: Requirement,
    /// Why.
    pub because: Option<String>,
    /// Until when, by whom and why it is waived.
    pub waiver: Option<Waiver>,
    /// Where the plan declares it.
    pub origin: Span,
}

/// What a policy requires.
#[derive(Debug, Clone)]
pub struct Requirement {
    /// Patterns (`serve-*`) on the names of what it applies to; everything where absent.
    pub select: Selector,
    /// What is measured.
    pub metric: Metric,
    /// Whether the figure is a ceiling or a floor.
    pub bound: Bound,
    /// The figure, in the metric's unit.
    pub limit: f64,
    /// The figure as written, for messages.
    pub limit_text: String,
    /// Averaged over so many trailing months, where stated.
    pub over_months: Option<u32>,
    /// In which share of draws it must hold, in every month separately; 0.5 where not stated.
    pub confidence: f64,
    /// Where the plan says it.
    pub origin: Span,
}

/// Globs that choose what a policy looks at.
#[derive(Debug, Clone, Default)]
pub struct Selector {
    /// Pools.
    pub pool: Option<String>,
    /// Workloads.
    pub workload: Option<String>,
    /// Priorities.
    pub priority: Option<String>,
    /// Environments.
    pub environment: Option<String>,
    /// Teams.
    pub team: Option<String>,
}

/// A ceiling or a floor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// `at-most=`
    AtMost,
    /// `at-least=`
    AtLeast,
}

/// The closed table of what policies can measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// Largest number of nodes missing in any hour of the month, by pool.
    Shortfall,
    /// Requested over supplied capacity of the dominant resource, by pool and month.
    Utilization,
    /// Node-hours bought as spot over all node-hours, by pool and month.
    SpotShare,
    /// Cash paid in a month, in the plan's currency.
    Cash,
    /// Amortised cost of a month, in the plan's currency.
    Cost,
    /// Days from the price's as-of date to the plan's as-of date, by price.
    PriceAge,
    /// Nodes needed over those covered by commitments whose period ends, by pool; evaluated later.
    CommitmentUncovered,
    /// Slack before an order must be placed; evaluated once orders are planned.
    OrderSlack,
    /// Hours from being sent to the first start, p95 of what is sent in a month, by quota.
    QueueWait,
}

/// One row of the table of metrics.
#[derive(Debug, Clone, Copy)]
pub struct MetricRow {
    /// The metric.
    pub metric: Metric,
    /// Its word.
    pub word: &'static str,
    /// Its unit, as limits are written.
    pub unit: &'static str,
    /// How it is aggregated.
    pub aggregation: &'static str,
    /// Whether it is evaluated yet.
    pub evaluated: bool,
}

impl Metric {
    /// Every metric, by word: the reference is generated from this table.
    pub const TABLE: [MetricRow; 9] = [
        row(Self::Cash, "cash", "money/month", "paid in the month, total", true),
        row(Self::CommitmentUncovered, "commitment-uncovered", "%", "by pool and month", false),
        row(Self::Cost, "cost", "money/month", "amortised, of the month, total", true),
        row(Self::OrderSlack, "order-slack", "days", "the tightest order", false),
        row(Self::PriceAge, "price-age", "days", "the oldest price in use", true),
        row(
            Self::QueueWait,
            "queue-wait",
            "hours",
            "p95 of what a month sends, by quota, on 5 draws",
            true,
        ),
        row(Self::Shortfall, "shortfall", "nodes", "largest of any hour, by pool and month", true),
        row(Self::SpotShare, "spot-share", "%", "of node-hours, by pool and month", true),
        row(
            Self::Utilization,
            "utilization",
            "%",
            "requested over supplied, by pool and month",
            true,
        ),
    ];

    /// Its row.
    ///
    /// # Panics
    /// Never: every metric has a row, which a test holds.
    #[must_use]
    pub fn row(self) -> &'static MetricRow {
        let found = Self::TABLE.iter().find(|row| row.metric == self);
        assert!(found.is_some(), "every metric has a row");
        found.unwrap_or(&Self::TABLE[0])
    }
}

const fn row(
    metric: Metric,
    word: &'static str,
    unit: &'static str,
    aggregation: &'static str,
    evaluated: bool,
) -> MetricRow {
    MetricRow { metric, word, unit, aggregation, evaluated }
}

/// A waiver: the policy is shown but does not fail.
#[derive(Debug, Clone)]
pub struct Waiver {
    /// The last day it holds.
    pub until: Date,
    /// Who granted it.
    pub by: String,
    /// Why.
    pub because: Option<String>,
}

impl Named for Policy {
    fn name(&self) -> &str {
        &self.name
    }
}
