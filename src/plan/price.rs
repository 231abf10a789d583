//! Prices: exact where the plan is exact, uncertain where it says so, always with their source.

use crate::calendar::Date;
use crate::draws::Draws;
use crate::estimate::Estimate;
use crate::money::{Currency, Decimal, to_f64};
use crate::plan::pool::RiskTolerance;
use crate::source::Span;

/// An amount of money in the plan's currency, per whatever its field says.
#[derive(Debug, Clone)]
pub struct Amount {
    /// The exact figure, where it is certain: read from the source text, converted at the pinned rate.
    pub exact: Option<Decimal>,
    /// The same as a distribution; a [`Dist::Fixed`](crate::estimate::Dist::Fixed) where it is certain.
    pub estimate: Estimate,
    /// The currency it was written in.
    pub written_in: Currency,
}

/// How capacity is bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purchase {
    /// By the hour, at will.
    OnDemand,
    /// By the hour, may be taken away.
    Spot,
    /// Committed for a term.
    Reserved,
    /// By the hour, at the rate of a savings plan whose spend is promised.
    SavingsPlan,
    /// The organisation's own.
    Owned,
}

impl Purchase {
    /// Every way to buy, in the order of the ledger.
    pub const ALL: [Self; 5] =
        [Self::OnDemand, Self::Spot, Self::Reserved, Self::SavingsPlan, Self::Owned];

    /// The word of the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::OnDemand => "on-demand",
            Self::Spot => "spot",
            Self::Reserved => "reserved",
            Self::SavingsPlan => "savings-plan",
            Self::Owned => "owned",
        }
    }
}

/// Where and when a price was read.
#[derive(Debug, Clone)]
pub struct PriceSource {
    /// The day it was read.
    pub as_of: Option<Date>,
    /// Where it was read.
    pub source: Option<String>,
}

/// A price of an instance type, for one node and one hour.
#[derive(Debug, Clone)]
pub struct InstancePrice {
    /// How it is bought; never owned.
    pub purchase: Purchase,
    /// Money for one node and one hour; for `reserved` the effective rate over the term.
    pub per_hour: Amount,
    /// The price to plan with by [`RiskTolerance`](crate::plan::pool::RiskTolerance), the boldest first: where it
    /// comes from a history of spot prices. `per_hour` is then the one in the middle.
    pub by_risk: Option<Box<[Amount; 3]>>,
    /// The region it holds in; every region where absent.
    pub region: Option<String>,
    /// The term of a reservation, in months.
    pub term_months: Option<u32>,
    /// The share of a reservation paid on its first day, 0 to 1.
    pub upfront: f64,
    /// Chance a day that a spot node is taken away, 0 to 1.
    pub interruption_per_day: Option<Estimate>,
    /// Share of time that spot capacity can be had, 0 to 1.
    pub availability: Option<Estimate>,
    /// Where it comes from.
    pub source: PriceSource,
    /// Where the plan says it.
    pub origin: Span,
}

impl InstancePrice {
    /// The price that a pool plans with: of a history of spot prices, the one that suits its risk tolerance.
    #[must_use]
    pub fn planned(&self, tolerance: Option<RiskTolerance>) -> &Amount {
        let place = tolerance.and_then(|own| RiskTolerance::ALL.iter().position(|one| *one == own));
        match (&self.by_risk, place) {
            (Some(by_risk), Some(place)) => &by_risk[place],
            _ => &self.per_hour,
        }
    }
}

impl Amount {
    /// The mean over the draws.
    #[must_use]
    pub fn mean(&self, draws: Draws) -> f64 {
        match self.exact {
            Some(exact) => to_f64(exact),
            None => draws.mean(&self.estimate),
        }
    }
}

/// One step of a tiered price: it holds up to a monthly volume.
#[derive(Debug, Clone)]
pub struct TieredPrice {
    /// Money per byte and 730-hour month (storage), or per byte (transfer, retrieval).
    pub per_unit: Amount,
    /// The volume in bytes up to which it holds, counted from zero; the last step has none.
    pub up_to_bytes: Option<f64>,
    /// Where it comes from.
    pub source: PriceSource,
    /// Where the plan says it.
    pub origin: Span,
}
