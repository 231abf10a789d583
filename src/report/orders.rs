//! Orders as data.

use super::data::Data;
use super::view::{BudgetView, Money, OrderView};
use crate::calendar::Date;
use crate::money::quantised;

/// The whole of procurement as JSON.
#[must_use]
pub fn json(view: &BudgetView) -> String {
    super::json::text(&view.procurement)
}

/// One row an order.
#[must_use]
pub fn data(view: &BudgetView) -> Data {
    let orders = || view.procurement.iter().flat_map(|procurement| &procurement.orders);
    let text = |of: fn(&OrderView) -> &str| orders().map(move |order| Some(of(order)));
    let day = |of: fn(&OrderView) -> Date| orders().map(of);
    let money = |of: fn(&OrderView) -> Money| orders().map(move |order| Some(of(order).decimal()));
    Data::default()
        .texts("order", text(|order| &order.name))
        .texts("pool", text(|order| &order.pool))
        .texts("purchase", text(|order| order.purchase))
        .texts("product", text(|order| &order.product))
        .integers("nodes", orders().map(|order| i64::try_from(order.nodes).ok()))
        .decimals("gpus", orders().map(|order| Some(quantised(order.gpus))))
        .flags("firm", orders().map(|order| order.firm))
        .days("order_by", day(|order| order.order_by.0))
        .days("decide_by", day(|order| order.decide_by.0))
        .days("need_by", day(|order| order.need_by.0))
        .days("in_service_p50", day(|order| order.in_service_p50.0))
        .days("in_service_p90", day(|order| order.in_service_p90.0))
        .days("until", day(|order| order.until.0))
        .decimals("chance_late", orders().map(|order| Some(quantised(order.late_chance))))
        .integers("late_days", orders().map(|order| Some(i64::from(order.late.as_ref()?.days))))
        .decimals(
            "late_bridge_cost",
            orders().map(|order| Some(order.late.as_ref()?.cost.decimal())),
        )
        .decimals("upfront", money(|order| order.upfront))
        .decimals("capex", money(|order| order.capex))
        .decimals("cost_in_horizon", money(|order| order.cost))
        .decimals("saves", money(|order| order.saves))
        .decimals(
            "prevents_short_node_hours",
            orders().map(|order| Some(quantised(order.prevents_short))),
        )
        .texts("driver", orders().map(|order| Some(order.driver.as_ref()?.workload.as_str())))
        .texts("driver_place", orders().map(|order| Some(order.driver.as_ref()?.place.as_str())))
        .texts("currency", orders().map(|_| Some(view.currency.to_string())))
}
