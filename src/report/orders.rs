//! Orders as data.

use super::data::Data;
use super::view::{BudgetView, OrderView, Ordered, ProcurementView};
use crate::calendar::Date;
use crate::money::{Decimal, quantised};

/// The whole of procurement as JSON.
#[must_use]
pub fn json(view: &BudgetView) -> String {
    super::json::text(&view.procurement)
}

/// One row an order: of nodes, or of spend under a savings plan, which has no pool, nodes or delivery.
#[must_use]
pub fn data(view: &BudgetView) -> Data {
    let all: Vec<Ordered<'_>> =
        view.procurement.iter().flat_map(ProcurementView::all_orders).collect();
    let orders = || all.iter().copied();
    let nodes = || orders().map(Ordered::nodes);
    let of_nodes = |of: fn(&OrderView) -> Date| nodes().map(move |order| order.map(of));
    let capex = |order: Ordered<'_>| order.nodes().map_or(Decimal::ZERO, |one| one.capex.decimal());
    Data::default()
        .texts("order", orders().map(|order| Some(order.name())))
        .texts("pool", nodes().map(|order| Some(order?.pool.as_str())))
        .texts("purchase", orders().map(|order| Some(order.purchase())))
        .texts("product", orders().map(|order| Some(order.product())))
        .integers("nodes", nodes().map(|order| i64::try_from(order?.nodes).ok()))
        .decimals("gpus", nodes().map(|order| Some(quantised(order?.gpus))))
        .decimals("per_hour", orders().map(|order| Some(order.spend()?.per_hour.decimal())))
        .flags("firm", orders().map(Ordered::firm))
        .days("order_by", orders().map(|order| order.order_by().0))
        .days("decide_by", orders().map(|order| order.decide_by().0))
        .days("need_by", orders().map(|order| order.need_by().0))
        .some_days("in_service_p50", of_nodes(|order| order.in_service_p50.0))
        .some_days("in_service_p90", of_nodes(|order| order.in_service_p90.0))
        .days("until", orders().map(|order| order.until().0))
        .decimals("chance_late", nodes().map(|order| Some(quantised(order?.late_chance))))
        .integers("late_days", nodes().map(|order| Some(i64::from(order?.late.as_ref()?.days))))
        .decimals(
            "late_bridge_cost",
            nodes().map(|order| Some(order?.late.as_ref()?.cost.decimal())),
        )
        .decimals("upfront", orders().map(|order| Some(order.upfront().decimal())))
        .decimals("capex", orders().map(|order| Some(capex(order))))
        .decimals("cost_in_horizon", orders().map(|order| Some(order.cost().decimal())))
        .decimals("saves", orders().map(|order| Some(order.saves().decimal())))
        .decimals(
            "prevents_short_node_hours",
            nodes().map(|order| Some(quantised(order?.prevents_short))),
        )
        .texts("driver", nodes().map(|order| Some(order?.driver.as_ref()?.workload.as_str())))
        .texts("driver_place", nodes().map(|order| Some(order?.driver.as_ref()?.place.as_str())))
        .texts("currency", orders().map(|_| Some(view.currency.to_string())))
}
