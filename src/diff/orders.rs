//! Orders on both sides: what is to be bought newly, no longer, more or less of, earlier or later.
//!
//! Orders have no names of their own that a change of the plan keeps. They are paired within a pool and product:
//! first those that begin in the same month, then those that are left, in the order of their dates.

use std::collections::{BTreeMap, BTreeSet};

use super::{Name, Names, Side, cents};
use crate::calendar::Date;
use crate::money::Decimal;
use crate::procure::orders::Order;

/// An order that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderDiff {
    /// The pool it is for.
    pub pool: Name,
    /// The product in words.
    pub product: String,
    /// What it was, where it was there.
    pub before: Option<OrderState>,
    /// What it is, where it is there.
    pub after: Option<OrderState>,
}

/// An order on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderState {
    /// How many nodes.
    pub nodes: u64,
    /// The last day for its approval.
    pub decide_by: Date,
    /// The last day to order it.
    pub order_by: Date,
    /// Its first day.
    pub need_by: Date,
    /// Whether it cannot be there in time.
    pub late: bool,
    /// Paid on the first day.
    pub upfront: Decimal,
}

impl OrderState {
    fn of(order: &Order) -> Self {
        Self {
            nodes: order.nodes,
            decide_by: order.decide_by,
            order_by: order.order_by,
            need_by: order.need_by,
            late: order.late.is_some(),
            upfront: cents(order.upfront),
        }
    }
}

/// The orders of a pool and product, by date.
type Orders = BTreeMap<(String, String), Vec<OrderState>>;

/// Orders that differ, by the day to decide on them.
pub(super) fn orders(
    before: Option<Side<'_>>,
    after: Side<'_>,
    names: &Names<'_>,
) -> Vec<OrderDiff> {
    let mut old = before.map(of).unwrap_or_default();
    let mut new = of(after);
    let keys: BTreeSet<_> = old.keys().chain(new.keys()).cloned().collect();
    let mut all = Vec::new();
    for key in keys {
        let (old, new) =
            (old.remove(&key).unwrap_or_default(), new.remove(&key).unwrap_or_default());
        for (before, after) in paired(old, new) {
            if before != after {
                let (pool, product) = key.clone();
                all.push(OrderDiff { pool: names.of("pool", &pool), product, before, after });
            }
        }
    }
    let day = |order: &OrderDiff| {
        order.after.as_ref().or(order.before.as_ref()).map(|order| order.decide_by)
    };
    all.sort_by_key(day);
    all
}

fn of(side: Side<'_>) -> Orders {
    let mut all = Orders::new();
    for order in side.outcome.schedule.iter().flat_map(|schedule| &schedule.orders) {
        let pool = side.plan.pools[order.pool].name.clone();
        all.entry((pool, order.product.clone())).or_default().push(OrderState::of(order));
    }
    for orders in all.values_mut() {
        orders.sort_by_key(|order| (order.need_by, order.nodes));
    }
    all
}

fn paired(
    old: Vec<OrderState>,
    mut new: Vec<OrderState>,
) -> Vec<(Option<OrderState>, Option<OrderState>)> {
    let mut pairs = Vec::new();
    let mut left = Vec::new();
    for before in old {
        match new.iter().position(|after| after.need_by == before.need_by) {
            Some(place) => pairs.push((Some(before), Some(new.remove(place)))),
            None => left.push(before),
        }
    }
    let mut left = left.into_iter();
    let mut new = new.into_iter();
    loop {
        match (left.next(), new.next()) {
            (None, None) => return pairs,
            pair => pairs.push(pair),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(month: i8, nodes: u64) -> OrderState {
        let day = Date::constant(2027, month, 1);
        OrderState {
            nodes,
            decide_by: day,
            order_by: day,
            need_by: day,
            late: false,
            upfront: Decimal::ZERO,
        }
    }

    #[test]
    fn what_begins_in_the_same_month_is_the_same_order() {
        let pairs = paired(vec![order(2, 4), order(5, 2)], vec![order(5, 3), order(8, 4)]);
        assert_eq!(
            pairs,
            [(Some(order(5, 2)), Some(order(5, 3))), (Some(order(2, 4)), Some(order(8, 4)))]
        );
    }

    #[test]
    fn what_has_no_partner_came_or_went() {
        assert_eq!(paired(vec![order(2, 4)], Vec::new()), [(Some(order(2, 4)), None)]);
        assert_eq!(paired(Vec::new(), vec![order(2, 4)]), [(None, Some(order(2, 4)))]);
    }
}
