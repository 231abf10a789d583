//! Orders on both sides: what is to be bought newly, no longer, more or less of, earlier or later.
//!
//! Orders have no names of their own that a change of the plan keeps. They are paired within a pool and product,
//! or a provider and savings plan (under its new name, where it has one): first those that begin in the same month, then those that are left, in the order of their dates.

use std::collections::{BTreeMap, BTreeSet};

use super::{Name, Names, Side, cents};
use crate::calendar::Date;
use crate::money::Decimal;
use crate::procure::orders::{Order, SpendOrder};

/// An order that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderDiff {
    /// What it is for.
    pub serves: Serves,
    /// The product in words, or the savings plan's name.
    pub product: String,
    /// What it was, where it was there.
    pub before: Option<OrderState>,
    /// What it is, where it is there.
    pub after: Option<OrderState>,
}

/// What an order is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Serves {
    /// Nodes of a pool.
    Pool(Name),
    /// Whatever is spent with a provider.
    Provider(Name),
}

/// How much is ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Size {
    /// So many nodes.
    Nodes(u64),
    /// So much spend an hour.
    PerHour(Decimal),
}

impl Size {
    /// Nodes, where it is nodes.
    #[must_use]
    pub fn nodes(self) -> Option<u64> {
        match self {
            Self::Nodes(nodes) => Some(nodes),
            Self::PerHour(_) => None,
        }
    }

    /// Spend an hour, where it is spend.
    #[must_use]
    pub fn per_hour(self) -> Option<Decimal> {
        match self {
            Self::Nodes(_) => None,
            Self::PerHour(spend) => Some(spend),
        }
    }
}

/// An order on one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderState {
    /// How much.
    pub size: Size,
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
            size: Size::Nodes(order.nodes),
            decide_by: order.decide_by,
            order_by: order.order_by,
            need_by: order.need_by,
            late: order.late.is_some(),
            upfront: cents(order.upfront),
        }
    }

    fn of_spend(order: &SpendOrder) -> Self {
        Self {
            size: Size::PerHour(order.per_hour),
            decide_by: order.decide_by,
            order_by: order.order_by,
            need_by: order.need_by,
            late: false,
            upfront: cents(order.upfront),
        }
    }
}

/// What is paired: nodes of a pool by product, spend with a provider by savings plan.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Nodes { pool: String, product: String },
    Spend { provider: String, savings_plan: String },
}

/// Orders that may be paired, by date.
type Orders = BTreeMap<Key, Vec<OrderState>>;

/// Orders that differ, by the day to decide on them.
pub(super) fn orders(
    before: Option<Side<'_>>,
    after: Side<'_>,
    names: &Names<'_>,
) -> Vec<OrderDiff> {
    differing(before.map(of).unwrap_or_default(), of(after), names)
}

fn differing(mut old: Orders, mut new: Orders, names: &Names<'_>) -> Vec<OrderDiff> {
    let keys: BTreeSet<_> = old.keys().chain(new.keys()).cloned().collect();
    let mut all = Vec::new();
    for key in keys {
        let (old, new) =
            (old.remove(&key).unwrap_or_default(), new.remove(&key).unwrap_or_default());
        for (before, after) in paired(old, new) {
            if before != after {
                let (serves, product) = match key.clone() {
                    Key::Nodes { pool, product } => {
                        (Serves::Pool(names.of("pool", &pool)), product)
                    }
                    Key::Spend { provider, savings_plan } => {
                        let product = names.of("savings-plan", &savings_plan).now;
                        (Serves::Provider(names.of("provider", &provider)), product)
                    }
                };
                all.push(OrderDiff { serves, product, before, after });
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
    let Some(schedule) = &side.outcome.schedule else { return all };
    for order in &schedule.orders {
        let pool = side.plan.pools[order.pool].name.clone();
        let key = Key::Nodes { pool, product: order.product.clone() };
        all.entry(key).or_default().push(OrderState::of(order));
    }
    for order in schedule.spend.iter().flat_map(|spend| &spend.orders) {
        let provider = side.plan.providers[order.provider].name.clone();
        let savings_plan = side.plan.savings_plans[order.savings_plan].name.clone();
        let key = Key::Spend { provider, savings_plan };
        all.entry(key).or_default().push(OrderState::of_spend(order));
    }
    for orders in all.values_mut() {
        orders.sort_by_key(|order| (order.need_by, order.size));
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
            size: Size::Nodes(nodes),
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

    fn spend(month: i8, per_hour: i64) -> OrderState {
        OrderState { size: Size::PerHour(Decimal::from(per_hour)), ..order(month, 0) }
    }

    #[test]
    fn spend_is_paired_within_its_savings_plan_and_never_with_nodes() {
        let nodes = || Key::Nodes { pool: "a".to_owned(), product: "one".to_owned() };
        let under =
            |plan: &str| Key::Spend { provider: "a".to_owned(), savings_plan: plan.to_owned() };
        let old = Orders::from([
            (nodes(), vec![order(2, 4)]),
            (under("one"), vec![spend(2, 40)]),
            (under("two"), vec![spend(3, 7)]),
        ]);
        let new = Orders::from([(nodes(), vec![order(2, 4)]), (under("one"), vec![spend(2, 57)])]);
        let of_a = |product: &str, before, after| OrderDiff {
            serves: Serves::Provider(Name { now: "a".to_owned(), was: None }),
            product: product.to_owned(),
            before: Some(before),
            after,
        };
        assert_eq!(
            differing(old, new, &Names { renames: &[] }),
            [of_a("one", spend(2, 40), Some(spend(2, 57))), of_a("two", spend(3, 7), None)]
        );
    }

    #[test]
    fn what_has_no_partner_came_or_went() {
        assert_eq!(paired(vec![order(2, 4)], Vec::new()), [(Some(order(2, 4)), None)]);
        assert_eq!(paired(Vec::new(), vec![order(2, 4)]), [(None, Some(order(2, 4)))]);
    }
}
