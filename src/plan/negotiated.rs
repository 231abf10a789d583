//! From the list price to what is paid: what a provider's negotiated discounts leave of it.
//!
//! A discount takes its share off every price it applies to, until its last day; several apply one after the other.
//! A month in which one ends is weighed by days. What binds for a term keeps what was left on its first day.

use crate::calendar::{Date, Horizon, Month, days_between};
use crate::money::{Decimal, quantised, to_f64};
use crate::plan::Provider;
use crate::plan::catalog::{DiscountOn, Negotiated};
use crate::plan::price::Purchase;

impl Provider {
    /// Discounts off what is bought in this way; `None` is what is billed by the unit.
    pub fn discounts(&self, purchase: Option<Purchase>) -> impl Iterator<Item = &Negotiated> {
        self.negotiated.iter().filter(move |one| match one.on {
            DiscountOn::Everything => true,
            DiscountOn::Purchase(of) => purchase == Some(of),
        })
    }

    /// What is left of a list price over a month.
    #[must_use]
    pub fn left_in(&self, purchase: Option<Purchase>, month: Month) -> Decimal {
        self.discounts(purchase).fold(Decimal::ONE, |left, discount| {
            let days = discount.until.map_or(month.days(), |until| {
                let last = month.last_day().min(until);
                u32::try_from(days_between(month.first_day(), last) + 1).unwrap_or(0)
            });
            let covered = Decimal::from(days) / Decimal::from(month.days());
            left * (Decimal::ONE - quantised(discount.share) * covered)
        })
    }

    /// What is left of a list price over a horizon, by hours.
    #[must_use]
    pub fn left_over(&self, purchase: Option<Purchase>, horizon: Horizon) -> f64 {
        if self.discounts(purchase).next().is_none() {
            return 1.0;
        }
        let hours = |month: Month| f64::from(month.hours());
        let left = horizon.iter().map(|month| to_f64(self.left_in(purchase, month)) * hours(month));
        left.sum::<f64>() / horizon.iter().map(hours).sum::<f64>()
    }

    /// What is left of a list price on a day.
    #[must_use]
    pub fn left_on(&self, purchase: Option<Purchase>, day: Date) -> f64 {
        let holds = |one: &&Negotiated| one.until.is_none_or(|until| day <= until);
        self.discounts(purchase)
            .filter(holds)
            .fold(1.0, |left, discount| left * (1.0 - to_f64(quantised(discount.share))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::Calendar;
    use crate::capacity::example::{ORIGIN, day, plan as example};

    #[test]
    fn a_discount_counts_by_days_in_its_last_month_and_wholly_on_a_day() {
        let plan = example();
        let mut provider = plan.providers.items()[0].clone();
        let discount = |share: f64, on, until: Option<&str>| Negotiated {
            share,
            on,
            until: until.map(day),
            commitment_per_year: None,
            source: None,
            origin: ORIGIN,
        };
        let of = DiscountOn::Purchase(Purchase::OnDemand);
        provider.negotiated = vec![
            discount(0.1, DiscountOn::Everything, None),
            discount(0.2, of, Some("2027-04-15")),
        ];
        let on_demand = Some(Purchase::OnDemand);
        let in_month = |purchase, month: &str| {
            to_f64(provider.left_in(purchase, Calendar::Gregorian.month_of(day(month))))
        };
        assert!((in_month(on_demand, "2027-03-01") - 0.72).abs() < 1e-12);
        assert!((in_month(on_demand, "2027-04-01") - 0.81).abs() < 1e-12);
        assert!((in_month(on_demand, "2027-05-01") - 0.9).abs() < 1e-12);
        assert!((in_month(None, "2027-03-01") - 0.9).abs() < 1e-12);
        // The example has February to April: 28 and 31 days of the three months at 0.72, thirty at 0.81.
        let over = provider.left_over(on_demand, plan.horizon);
        assert!((over - (59.0 * 0.72 + 30.0 * 0.81) / 89.0).abs() < 1e-12, "{over}");
        assert!((provider.left_on(on_demand, day("2027-04-15")) - 0.72).abs() < 1e-12);
        assert!((provider.left_on(on_demand, day("2027-04-16")) - 0.9).abs() < 1e-12);
    }
}
