//! Budgets: how much a part of the organisation may spend, over which months, with what confidence.

use crate::calendar::Month;
use crate::ids::{Id, Named};
use crate::money::Decimal;
use crate::plan::organisation::{Department, Project, Team};
use crate::source::Span;

/// A budget.
#[derive(Debug, Clone)]
pub struct Budget {
    /// Its name.
    pub name: String,
    /// Whose cost counts; a cost counts once even where two selectors match it. All cost where empty.
    pub owners: Vec<BudgetOwner>,
    /// The first month.
    pub first: Month,
    /// How many months.
    pub months: usize,
    /// What it is called in reports: `FY2027`, `FY2027-Q1`, or `2027-02 to 2027-07`.
    pub period_label: String,
    /// Money in the plan's currency, for the whole period.
    pub amount: Decimal,
    /// The part for operating cost, where stated.
    pub opex: Option<Decimal>,
    /// The part for capital expenditure, where stated.
    pub capex: Option<Decimal>,
    /// What is compared.
    pub basis: Basis,
    /// In which share of draws it must hold; 0.5 where not stated.
    pub confidence: f64,
    /// How it spreads over its months.
    pub phasing: Phasing,
    /// Shares of the amount at which to warn, rising.
    pub warn_at: Vec<f64>,
    /// Where the plan declares it.
    pub origin: Span,
}

/// Whose cost a budget covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BudgetOwner {
    /// A team's.
    Team(Id<Team>),
    /// A department's teams'.
    Department(Id<Department>),
    /// A project's workloads'.
    Project(Id<Project>),
    /// Everything charged to a cost centre.
    CostCenter(String),
}

/// Which view of cost is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// Spread over the time it serves.
    Amortised,
    /// When it is paid.
    Cash,
    /// At list prices, before commitments.
    List,
}

impl Basis {
    /// The word of the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Amortised => "amortised",
            Self::Cash => "cash",
            Self::List => "list",
        }
    }
}

/// How a budget spreads over its months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phasing {
    /// Every month the same.
    Even,
    /// By days.
    Days,
}

impl Named for Budget {
    fn name(&self) -> &str {
        &self.name
    }
}
