//! Spend to commit to, as orders with their dates and money, and as commitments of a plan.

use crate::calendar::Date;
use crate::money::{quantised, to_f64};
use crate::plan::pool::CommitmentKind;
use crate::plan::{Commitment, Plan};
use crate::procure::dates::{Delays, Term, order_by};
use crate::procure::orders::SpendOrder;
use crate::procure::savings::OnSale;
use crate::procure::savings::reduce::Ground;

/// What is bought of a savings plan in one month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Bought {
    pub t: usize,
    pub per_hour: f64,
    /// Paid on the first day.
    pub upfront: f64,
}

/// An order of spend. `rented` says what a month costs on demand with so much an hour committed under the savings
/// plan, `committed` how much is.
pub(super) fn order(
    ground: &Ground<'_>,
    sale: &OnSale,
    bought: Bought,
    committed: &[f64],
    rented: &dyn Fn(usize, f64) -> f64,
    (delays, as_of): (Delays, Date),
) -> SpendOrder {
    let (plan, months) = (ground.plan, ground.plan.horizon.months);
    let offered = &plan.savings_plans[sale.plan];
    let Bought { t, per_hour, upfront } = bought;
    let month = plan.horizon.month(t);
    let term = Term::new(plan.horizon, t, sale.term_months);
    let dates = order_by(month.first_day(), delays, as_of);
    let end = (t + sale.term_months as usize).min(months);
    let each = |share: f64| term.months().map(move |m| per_hour * share * term.hours_in(m));
    let cost_inside = each(1.0).sum::<f64>();
    let instead =
        (t..end).map(|m| rented(m, (committed[m] - per_hour).max(0.0)) - rented(m, committed[m]));
    SpendOrder {
        name: format!("order {} {month}", offered.name),
        savings_plan: sale.plan,
        provider: offered.provider,
        per_hour: quantised(per_hour).normalize(),
        t,
        term_months: sale.term_months,
        need_by: month.first_day(),
        until: term.last,
        order_by: dates.order_by.max(as_of),
        decide_by: dates.decide_by.max(as_of),
        firm: false,
        upfront_share: sale.upfront,
        upfront,
        running: each(1.0 - sale.upfront).collect(),
        cost_inside,
        saves: instead.sum::<f64>() - cost_inside,
    }
}

/// An order as a commitment of the plan.
pub(crate) fn commitment(plan: &Plan, order: &SpendOrder) -> Commitment {
    let offered = &plan.savings_plans[order.savings_plan];
    let per_hour = crate::plan::price::Amount {
        exact: Some(order.per_hour),
        estimate: crate::estimate::Estimate::fixed(to_f64(order.per_hour), offered.origin),
        written_in: plan.currency,
    };
    Commitment {
        name: order.name.clone(),
        kind: CommitmentKind::Spend {
            provider: order.provider,
            savings_plan: Some(order.savings_plan),
            per_hour,
        },
        upfront: order.upfront_share,
        from: order.need_by,
        until: order.until,
        renew: crate::plan::pool::Renew::Decide,
        origin: offered.origin,
    }
}
