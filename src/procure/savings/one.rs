//! One savings plan by itself, beside what goes before it: a flow, and exact; under a limit on cash in coarse units.

use super::cash::Cash;
use super::order::Bought;
use super::reduce::Ground;
use super::{OfProvider, OnSale};
use crate::procure::dates::Term;
use crate::procure::optimum::coupling::{PoolProblem, coupled};
use crate::procure::optimum::flow::{Offer, cheapest};
use crate::procure::optimum::product::{Product, Start, discount, offers};
use crate::procure::optimum::recourse::{MICRO, Recourse};

/// Units that are counted as one where a limit on cash is kept.
const COARSE: u64 = 8;

/// The best of one savings plan, beside what goes before it.
#[derive(Debug, Clone)]
pub(super) struct Solved {
    /// What everything it covers costs on demand, over the horizon and its tail.
    pub nothing: f64,
    /// What is saved of that.
    pub saves: f64,
    /// What it costs.
    pub fees: f64,
    pub bought: Vec<Bought>,
    /// Money an hour, by month of the horizon and its tail.
    pub committed: Vec<f64>,
    pub recourse: Vec<Recourse>,
}

impl Solved {
    /// What was decided elsewhere; what it saves is not known yet.
    pub(super) fn given(ground: &Ground<'_>, sale: &OnSale, amounts: &[(usize, f64)]) -> Self {
        let term = sale.term_months as usize;
        let (offered, starts) = sale_offers(ground, 1.0, term, sale.upfront);
        let mut committed = vec![0.0; ground.all];
        let (mut fees, mut bought) = (0.0, Vec::new());
        for (t, per_hour) in amounts {
            let Some(place) = starts.iter().position(|start| start.month == *t) else { continue };
            let offer = &offered[place];
            committed[offer.from..offer.to].iter_mut().for_each(|month| *month += per_hour);
            fees += offer.cost as f64 / MICRO * per_hour;
            let upfront = starts[place].upfront * per_hour;
            bought.push(Bought { t: *t, per_hour: *per_hour, upfront });
        }
        Self { nothing: 0.0, saves: 0.0, fees, bought, committed, recourse: Vec::new() }
    }

    pub(super) fn of(
        ground: &Ground<'_>,
        unit: f64,
        recourse: Vec<Recourse>,
        term: usize,
        upfront: f64,
        cash: Option<&Cash>,
    ) -> Self {
        let cash = cash.filter(|_| upfront > 0.0);
        let coarse = if cash.is_some() { COARSE } else { 1 };
        let unit = unit * coarse as f64;
        let (offered, starts) = sale_offers(ground, unit, term, upfront);
        let worth = recourse.iter().enumerate();
        let worth: Vec<Recourse> = worth
            .map(|(m, one)| one.in_units_of(coarse).scaled(discount(ground.rate, m)))
            .collect();
        let nothing: i128 = worth.iter().map(|month| month.cost(0)).sum();
        let cover = match cash {
            None => cheapest(&worth, &offered),
            Some(cash) => {
                let takes =
                    starts.iter().map(|start| vec![(cash.period[start.month], start.upfront)]);
                let pool = PoolProblem {
                    takes: takes.collect(),
                    least: vec![0; offered.len()],
                    months: worth.clone(),
                    offers: offered.clone(),
                };
                let left: Vec<f64> = cash.left.iter().map(|left| left.max(0.0)).collect();
                coupled(&[pool], &left).covers.into_iter().next().unwrap_or_default()
            }
        };
        let money = |micro: i128| micro as f64 / MICRO;
        let fees = offered.iter().zip(&cover.units);
        let fees = fees.map(|(offer, units)| i128::from(offer.cost) * i128::from(*units)).sum();
        let committed = cover.committed(ground.all, &offered);
        Self {
            nothing: money(nothing),
            saves: money(nothing - cover.cost),
            fees: money(fees),
            bought: starts
                .iter()
                .zip(&cover.units)
                .filter(|(_, units)| **units > 0)
                .map(|(start, units)| Bought {
                    t: start.month,
                    per_hour: *units as f64 * unit,
                    upfront: start.upfront * *units as f64,
                })
                .collect(),
            committed: committed.iter().map(|units| *units as f64 * unit).collect(),
            recourse,
        }
    }
}

/// What can be bought of a savings plan, `unit` of money an hour by `unit`.
pub(crate) fn sale_offers(
    ground: &Ground<'_>,
    unit: f64,
    term: usize,
    upfront: f64,
) -> (Vec<Offer>, Vec<Start>) {
    let (offers, mut starts) =
        offers(&[product(ground, unit, term, upfront)], ground.all, ground.rate);
    for start in &mut starts {
        start.upfront = unit * upfront * term_of(ground, start.month, term).hours();
    }
    (offers, starts)
}

fn term_of(ground: &Ground<'_>, t: usize, term: usize) -> Term {
    Term::new(ground.plan.horizon, t, u32::try_from(term).unwrap_or(u32::MAX))
}

fn product(ground: &Ground<'_>, unit: f64, term: usize, upfront: f64) -> Product {
    // Without a cost of capital, what is paid when makes no difference: hours count as they are.
    let early = if ground.rate == 0.0 { 0.0 } else { upfront };
    let paid = |t: usize| unit * early * term_of(ground, t, term).hours();
    Product {
        term,
        lasts: false,
        first: ground.first,
        last: None,
        fee: (0..ground.all).map(|m| unit * (1.0 - early) * ground.hours(m)).collect(),
        upfront: (0..ground.all).map(paid).collect(),
        level: vec![1.0; ground.all],
        residual: 0.0,
        most: None,
    }
}

impl Ground<'_> {
    /// The least that a unit of money of any savings plan of a provider costs in an hour of a month: 1, but with a cost
    /// of capital for what falls on it of money paid upfront, which is then spread by months.
    pub(super) fn least_cost(&self, one: &OfProvider, m: usize) -> f64 {
        let of_sale = one.on_sale.iter().map(|sale| {
            let term = sale.term_months as usize;
            let product = product(self, 1.0, term, sale.upfront);
            let starts = self.first.max((m + 1).saturating_sub(term))..=m;
            starts
                .map(|t| (product.fee[m] + product.spread(t, self.rate)) / self.hours(m))
                .fold(f64::INFINITY, f64::min)
        });
        of_sale.fold(f64::INFINITY, f64::min)
    }
}
