//! Discounts negotiated with a provider: from the list price to what is paid.
//!
//! A discount takes its share off every price it applies to, until its last day; a month in which it ends is
//! weighed by days. Several discounts apply one after the other. What is signed already has its own price.

use crate::calendar::Month;
use crate::cost::amortise::days_of;
use crate::ids::Id;
use crate::money::{Decimal, quantised};
use crate::plan::catalog::DiscountOn;
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
    let applies = |on: DiscountOn| match on {
        DiscountOn::Everything => true,
        DiscountOn::Purchase(of) => purchase == Some(of),
    };
    let negotiated = &plan.providers[provider].negotiated;
    let discounts: Vec<_> = negotiated.iter().filter(|one| applies(one.on)).collect();
    if discounts.is_empty() {
        return Vec::new();
    }
    let in_month = |month: Month| {
        discounts.iter().fold(Decimal::ONE, |left, discount| {
            let days = match discount.until {
                Some(until) => days_of(month, month.first_day(), until),
                None => month.days(),
            };
            let covered = Decimal::from(days) / Decimal::from(month.days());
            left * (Decimal::ONE - quantised(discount.share) * covered)
        })
    };
    plan.horizon.iter().map(in_month).collect()
}
