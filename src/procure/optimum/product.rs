//! A product on sale, as the offers it makes: one for each month it can begin in.
//!
//! Cost is accrued: what is paid monthly counts in its month, what is paid upfront (less what is left at
//! the end) is spread over the term, so an offer that reaches past the last month costs its part inside.
//! With a cost of capital, upfront money is spread as an annuity and every month is discounted.

use super::flow::Offer;
use super::recourse::micro;

/// Something on sale that commits one unit for a term.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// How many months it binds, at least 1: those over which upfront money is spread.
    pub term: usize,
    /// Whether it goes on serving after its term, without that money.
    pub lasts: bool,
    /// The first month it can be active in.
    pub first: usize,
    /// The month after the last that it can begin in; no limit where absent.
    pub last: Option<usize>,
    /// What one unit costs in each month it is active in: one value a month of the problem.
    pub fee: Vec<f64>,
    /// What one unit costs on its first day: one value a month it may begin in.
    pub upfront: Vec<f64>,
    /// The price level of what begins in a month, against the first: it scales the fee of a unit that
    /// begins then, for as long as it runs.
    pub level: Vec<f64>,
    /// What is left of the upfront money at the end of the term, as a share of it.
    pub residual: f64,
    /// The most units a month; no limit where absent.
    pub most: Option<u64>,
}

/// An offer of a product.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// The product, by its place.
    pub product: usize,
    /// The month it begins in.
    pub month: usize,
    /// What one unit costs on its first day.
    pub upfront: f64,
}

/// Every offer that products make over `months` months; `rate` is the cost of capital a month.
#[must_use]
pub fn offers(products: &[Product], months: usize, rate: f64) -> (Vec<Offer>, Vec<Start>) {
    let mut offers = Vec::new();
    let mut starts = Vec::new();
    for (place, product) in products.iter().enumerate() {
        let last = product.last.unwrap_or(months).min(months);
        for month in product.first..last {
            let ends = (month + product.term).min(months);
            let to = if product.lasts { months } else { ends };
            let spread = product.spread(month, rate);
            let spread = |m: usize| if m < ends { spread } else { 0.0 };
            let cost: f64 = (month..to)
                .map(|m| (product.fee[m] * product.level[month] + spread(m)) * discount(rate, m))
                .sum();
            offers.push(Offer { from: month, to, cost: micro(cost), most: product.most });
            starts.push(Start { product: place, month, upfront: product.upfront[month] });
        }
    }
    (offers, starts)
}

/// What money in a month is worth in the first.
#[must_use]
pub fn discount(rate: f64, month: usize) -> f64 {
    if rate == 0.0 { 1.0 } else { libm::pow(1.0 + rate, -(month as f64)) }
}

impl Product {
    /// What upfront money comes to in each month of the term: payments at the beginning of each, worth
    /// the same as the upfront less what is left at the end.
    ///
    /// # Source
    /// Annuity due: (U − R·(1+i)⁻ᴺ)·i/(1 − (1+i)⁻ᴺ)/(1+i); U(1 − r)/N where i is 0.
    #[must_use]
    pub fn spread(&self, month: usize, rate: f64) -> f64 {
        let (upfront, term) = (self.upfront[month], self.term as f64);
        if rate == 0.0 {
            return upfront * (1.0 - self.residual) / term;
        }
        let worn = libm::pow(1.0 + rate, -term);
        upfront * (1.0 - self.residual * worn) * rate / (1.0 - worn) / (1.0 + rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(term: usize, fee: f64, upfront: f64) -> Product {
        Product {
            term,
            lasts: false,
            first: 1,
            last: None,
            fee: vec![fee; 4],
            upfront: vec![upfront; 4],
            level: vec![1.0; 4],
            residual: 0.0,
            most: None,
        }
    }

    #[test]
    fn an_offer_past_the_end_costs_its_part_inside() {
        let (offers, starts) = offers(&[product(2, 5.0, 8.0)], 4, 0.0);
        let spans: Vec<_> = offers.iter().map(|o| (o.from, o.to, o.cost / 1_000_000)).collect();
        assert_eq!(spans, [(1, 3, 18), (2, 4, 18), (3, 4, 9)]);
        assert_eq!(starts[2].month, 3);
    }

    #[test]
    fn what_lasts_serves_on_for_its_fee() {
        let lasting = Product { lasts: true, ..product(2, 5.0, 8.0) };
        let (offers, _) = offers(&[lasting], 4, 0.0);
        let spans: Vec<_> = offers.iter().map(|o| (o.from, o.to, o.cost / 1_000_000)).collect();
        assert_eq!(spans, [(1, 4, 23), (2, 4, 18), (3, 4, 9)]);
    }

    #[test]
    fn an_annuity_is_worth_what_was_paid() {
        let product = product(3, 0.0, 100.0);
        let rate = 0.01;
        let worth: f64 = (0..3).map(|m| product.spread(1, rate) * discount(rate, m)).sum();
        assert!((worth - 100.0).abs() < 1e-9, "{worth}");
    }
}
