//! Discounts negotiated with a provider, by month of the horizon ([`Provider::left_in`]). What is signed already
//! has its own price.

use crate::ids::Id;
use crate::money::Decimal;
use crate::plan::price::Purchase;
use crate::plan::{Plan, Provider};

/// What is left of a list price, by month of the horizon; empty where nothing was negotiated.
///
/// `purchase` is how it is bought, `None` for what is billed by the unit.
pub(super) fn factors(
    plan: &Plan,
    provider: Option<Id<Provider>>,
    purchase: Option<Purchase>,
) -> Vec<Decimal> {
    let Some(provider) = provider else { return Vec::new() };
    let provider = &plan.providers[provider];
    if provider.discounts(purchase).next().is_none() {
        return Vec::new();
    }
    plan.horizon.iter().map(|month| provider.left_in(purchase, month)).collect()
}
