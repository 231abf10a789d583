//! Savings plans: a discount for a spend that is promised by the hour.

use std::collections::BTreeMap;

use crate::ids::{Id, Named};
use crate::money::Decimal;
use crate::plan::catalog::{Instance, Provider};
use crate::plan::pool::Candidate;
use crate::source::Span;

/// A savings plan on offer.
#[derive(Debug, Clone)]
pub struct SavingsPlan {
    /// Its name.
    pub name: String,
    /// Who offers it.
    pub provider: Id<Provider>,
    /// How long it binds; where absent it can be signed for, but is not proposed.
    pub term_months: Option<u32>,
    /// The share paid on the first day, 0 to 1.
    pub upfront: f64,
    /// The regions it covers, by name; every region where there are none.
    pub regions: Vec<String>,
    /// What it takes off list prices on demand, 0 to 1, by type.
    pub discounts: BTreeMap<Id<Instance>, f64>,
    /// What it takes off those of every type of the provider that stands in neither table.
    pub general: Option<f64>,
    /// What a node and hour costs under it, by type, in plan currency; goes before a discount.
    pub rates: BTreeMap<Id<Instance>, Decimal>,
    /// Where the plan says each of these.
    pub rate_origins: BTreeMap<Id<Instance>, Span>,
    /// Where the plan declares it.
    pub origin: Span,
}

/// What a node and hour of a type costs under a savings plan.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rate {
    /// So much, in plan currency.
    Stated(Decimal),
    /// The list price on demand less this share.
    Off(f64),
}

/// The share that a rate takes off a price, in units that are told apart: pools whose discounts differ by less than a
/// millionth of a percent have the same, and the lowest rate then comes first.
#[must_use]
pub(crate) fn discount_told(rate: f64, price: f64) -> f64 {
    if price > 0.0 { ((1.0 - rate / price) * 1e8).round() } else { 0.0 }
}

impl SavingsPlan {
    /// What an instance of its provider costs under it; `None` where it does not cover it.
    #[must_use]
    pub fn rate(&self, candidate: &Candidate) -> Option<Rate> {
        let region = candidate.region.as_ref();
        if !self.regions.is_empty() && region.is_some_and(|region| !self.regions.contains(region)) {
            return None;
        }
        let stated = self.rates.get(&candidate.instance).copied().map(Rate::Stated);
        let off = || self.discounts.get(&candidate.instance).copied().or(self.general);
        stated.or_else(|| off().map(Rate::Off))
    }

    /// How much it covers, narrow before wide: by types, then by regions.
    #[must_use]
    pub fn breadth(&self) -> (bool, usize, bool) {
        let types = self.rates.keys().chain(self.discounts.keys());
        let types = types.collect::<std::collections::BTreeSet<_>>().len();
        let types = if self.general.is_some() { 0 } else { types };
        (self.general.is_some(), types, self.regions.is_empty())
    }
}

impl Named for SavingsPlan {
    fn name(&self) -> &str {
        &self.name
    }
}
