//! How purchases are planned: for which need, with which delays and limits.

use crate::money::Decimal;
use crate::source::Span;

/// The `procurement` node.
#[derive(Debug, Clone)]
pub struct Procurement {
    /// The need that is bought for.
    pub plan_for: PlanFor,
    /// How long an approval takes, in hours.
    pub approval_hours: f64,
    /// Time kept in hand before an order is late, in hours.
    pub buffer_hours: f64,
    /// What is needed after the horizon.
    pub tail: Tail,
    /// The rate at which later money is worth less, a year, where stated.
    pub cost_of_capital: Option<f64>,
    /// The most that purchases may take on their first day, in each period.
    pub cash_limit: Option<CashLimit>,
    /// Where the plan says it; nowhere where it does not.
    pub origin: Option<Span>,
}

/// The need that is bought for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanFor {
    /// The median of every hour.
    P50,
    /// The 80th percentile of every hour.
    P80,
    /// The 95th percentile of every hour.
    P95,
    /// The mean cost of the worst twentieth of futures.
    Cvar,
}

/// What is needed after the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tail {
    /// What the last month needs.
    Flat,
    /// The same, halved every twelve months.
    Decay,
    /// The same, growing on as over the horizon.
    Growth,
}

/// A limit on cash.
#[derive(Debug, Clone, Copy)]
pub struct CashLimit {
    /// Money, in plan currency.
    pub amount: Decimal,
    /// In each of these.
    pub per: CashPeriod,
}

/// A period of a limit on cash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CashPeriod {
    /// A fiscal quarter.
    FiscalQuarter,
    /// A fiscal year.
    FiscalYear,
    /// A calendar month.
    Month,
}

impl Default for Procurement {
    /// What holds where a plan has no `procurement` node.
    fn default() -> Self {
        Self {
            plan_for: PlanFor::P80,
            approval_hours: 0.0,
            buffer_hours: 0.0,
            tail: Tail::Flat,
            cost_of_capital: None,
            cash_limit: None,
            origin: None,
        }
    }
}

impl PlanFor {
    /// The word of the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P80 => "p80",
            Self::P95 => "p95",
            Self::Cvar => "cvar",
        }
    }

    /// The quantile of need that capacity is held against; for `CVaR` the quantile it looks beyond.
    #[must_use]
    pub fn quantile(self) -> f64 {
        match self {
            Self::P50 => 0.5,
            Self::P80 => 0.8,
            Self::P95 | Self::Cvar => 0.95,
        }
    }
}

impl Tail {
    /// The word of the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::Decay => "decay",
            Self::Growth => "growth",
        }
    }
}

impl CashPeriod {
    /// The word of the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::FiscalQuarter => "fiscal-quarter",
            Self::FiscalYear => "fiscal-year",
            Self::Month => "month",
        }
    }
}
