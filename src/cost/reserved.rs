//! Reserved nodes: paid for every hour of their period, used or not.
//!
//! Amortised, a commitment costs its effective hourly price for every hour of its period, so it spreads
//! by days. In cash, the share paid upfront falls on its first day (sunk, where that lies before the
//! horizon) and the rest is paid as the hours pass: over the whole term both come to the same.

use crate::calendar::{Date, Month};
use crate::cost::amortise::{days_in_all, days_of};
use crate::cost::figure::Figure;
use crate::cost::negotiated;
use crate::cost::prices::{Standing, price_for};
use crate::ids::Id;
use crate::money::{Decimal, quantised};
use crate::plan::pool::{Candidate, Commitment, CommitmentKind};
use crate::plan::price::{Amount, Purchase};
use crate::plan::{Instance, Plan, Pool, Provider};

/// What a pool's commitments and its reserved nodes of the first day cost, by month.
///
/// `start_price` is for the nodes that run reserved on the first day without a commitment of the plan:
/// their term is not stated, so they cost their hourly price in every hour of the horizon.
pub(super) fn standing(
    plan: &Plan,
    pool: Id<Pool>,
    start_price: Option<&Amount>,
    provider: Option<Id<Provider>>,
) -> Vec<Standing> {
    let mut months = Standing::none(plan.horizon.months);
    for commitment in plan.commitments.items() {
        if let CommitmentKind::Reserved { pool: of, nodes, per_hour, .. } = &commitment.kind
            && *of == pool
        {
            let node_hour = Figure::of(per_hour, plan.draws).times(Decimal::from(*nodes));
            for (month, standing) in plan.horizon.iter().zip(&mut months) {
                *standing = standing.plus(&in_month(commitment, &node_hour, month));
            }
        }
    }
    let start = plan.pools[pool].start.get(&Purchase::Reserved).copied().unwrap_or(0);
    if let Some(price) = start_price.filter(|_| start > 0) {
        let node_hour = Figure::of(price, plan.draws).times(Decimal::from(start));
        let left = negotiated::factors(plan, provider, Some(Purchase::Reserved));
        for (t, (month, standing)) in plan.horizon.iter().zip(&mut months).enumerate() {
            let left = left.get(t).copied().unwrap_or(Decimal::ONE);
            let paid = node_hour.times(Decimal::from(month.hours()) * left);
            *standing = standing.plus(&Standing {
                amortised: paid.clone(),
                operating_cash: paid,
                capex: Figure::ZERO,
            });
        }
    }
    months
}

/// The price of a node that runs reserved on the first day: the cheapest reserved one, else on-demand.
pub(super) fn start_price<'a>(instance: &'a Instance, candidate: &Candidate) -> Option<&'a Amount> {
    let reserved = price_for(instance, candidate, Purchase::Reserved);
    let price = reserved.or_else(|| price_for(instance, candidate, Purchase::OnDemand));
    price.map(|price| &price.per_hour)
}

/// A commitment in one month; `node_hour` is the price of an hour of all its nodes.
fn in_month(commitment: &Commitment, node_hour: &Figure, month: Month) -> Standing {
    let (from, until): (Date, Date) = (commitment.from, commitment.until);
    let hours = |days: u32| Decimal::from(days * 24);
    let amortised = node_hour.times(hours(days_of(month, from, until)));
    let upfront = quantised(commitment.upfront);
    let mut paid = amortised.times(Decimal::ONE - upfront);
    if month.calendar().month_of(from) == month {
        paid = paid.plus(&node_hour.times(hours(days_in_all(from, until)) * upfront));
    }
    Standing { amortised, operating_cash: paid, capex: Figure::ZERO }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::parse_date;
    use crate::cost::testing::{decimal, span};

    fn commitment(from: &str, until: &str, upfront: f64) -> Commitment {
        Commitment {
            name: "block".into(),
            kind: CommitmentKind::Spend {
                provider: Id::new(0),
                savings_plan: None,
                per_hour: crate::cost::testing::amount("1"),
            },
            upfront,
            from: parse_date(from).unwrap(),
            until: parse_date(until).unwrap(),
            renew: crate::plan::pool::Renew::Decide,
            origin: span(0),
        }
    }

    #[test]
    fn upfront_and_hourly_come_to_the_same_over_the_term() {
        let commitment = commitment("2027-01-15", "2028-01-14", 0.4);
        let node_hour = Figure::Exact(decimal("2.5"));
        let months = (0..13).map(|k| Month::new(2027, 1).plus(k));
        let standing: Vec<_> =
            months.map(|month| in_month(&commitment, &node_hour, month)).collect();
        let sum = |of: fn(&Standing) -> Decimal| standing.iter().map(of).sum::<Decimal>();
        assert_eq!(sum(|s| s.amortised.mean()), decimal("21900"));
        assert_eq!(sum(|s| s.operating_cash.mean()), decimal("21900"));
        assert_eq!(standing[0].amortised.mean(), decimal("1020"));
        assert_eq!(standing[0].operating_cash.mean(), decimal("9372"));
        assert_eq!(standing[1].operating_cash.mean(), decimal("1008"));
    }

    #[test]
    fn a_month_outside_the_period_costs_nothing() {
        let commitment = commitment("2027-01-15", "2027-03-14", 1.0);
        let standing = in_month(&commitment, &Figure::Exact(decimal("2.5")), Month::new(2027, 4));
        assert!(standing.amortised.is_zero() && standing.operating_cash.is_zero());
    }
}
