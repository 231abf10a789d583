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

    /// What is left of a list price over a month: the mean of its days.
    #[must_use]
    pub fn left_in(&self, purchase: Option<Purchase>, month: Month) -> Decimal {
        let until = |discount: &Negotiated| {
            let last = discount.until.map_or(month.last_day(), |until| month.last_day().min(until));
            u32::try_from(days_between(month.first_day(), last) + 1).unwrap_or(0)
        };
        let discounts: Vec<(u32, Decimal)> = self
            .discounts(purchase)
            .map(|one| (until(one), Decimal::ONE - quantised(one.share)))
            .collect();
        // Parts of the month between the days on which discounts end: in each, those hold that end later.
        let mut ends: Vec<u32> = discounts.iter().map(|(until, _)| *until).collect();
        ends.push(month.days());
        ends.sort_unstable();
        let mut first = 0;
        let mut left = Decimal::ZERO;
        for end in ends.into_iter().filter(|end| *end > 0) {
            let holding = discounts.iter().filter(|(until, _)| *until >= end);
            let part = holding.fold(Decimal::ONE, |left, (_, keeps)| left * *keeps);
            left += part * Decimal::from(end - first);
            first = end;
        }
        left / Decimal::from(month.days())
    }

    /// What is left of a list price over a horizon, by hours, where the price moves by `trend` a month.
    #[must_use]
    pub fn left_over(&self, purchase: Option<Purchase>, horizon: Horizon, trend: f64) -> f64 {
        if self.discounts(purchase).next().is_none() && trend.abs() < f64::EPSILON {
            return 1.0;
        }
        let hours = |month: Month| f64::from(month.hours());
        let left = horizon.iter().enumerate().map(|(t, month)| {
            let moved = libm::pow(1.0 + trend, t as f64);
            moved * to_f64(self.left_in(purchase, month)) * hours(month)
        });
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
        // Two that end in one month: 15 days of both, 5 of the one, 10 of neither.
        let two = Provider {
            negotiated: vec![
                discount(0.1, DiscountOn::Everything, Some("2027-04-20")),
                discount(0.2, of, Some("2027-04-15")),
            ],
            ..provider.clone()
        };
        let left = two.left_in(on_demand, Calendar::Gregorian.month_of(day("2027-04-01")));
        assert!((to_f64(left) - (15.0 * 0.72 + 5.0 * 0.9 + 10.0) / 30.0).abs() < 1e-12);
        // The example has February to April: 28 and 31 days of the three months at 0.72, thirty at 0.81.
        let over = provider.left_over(on_demand, plan.horizon, 0.0);
        assert!((over - (59.0 * 0.72 + 30.0 * 0.81) / 89.0).abs() < 1e-12, "{over}");
        assert!((provider.left_on(on_demand, day("2027-04-15")) - 0.72).abs() < 1e-12);
        assert!((provider.left_on(on_demand, day("2027-04-16")) - 0.9).abs() < 1e-12);
    }
}
