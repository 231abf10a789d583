//! Orders as data: JSON and CSV.

use super::csv::{Csv, text};
use super::view::{BudgetView, Money};

/// The whole of procurement as JSON.
#[must_use]
pub fn json(view: &BudgetView) -> String {
    serde_json::to_string_pretty(&view.procurement).unwrap_or_default() + "\n"
}

/// One row an order.
#[must_use]
pub fn csv(view: &BudgetView) -> String {
    let mut csv = Csv::default();
    let heads = [
        "order",
        "pool",
        "purchase",
        "product",
        "nodes",
        "gpus",
        "firm",
        "order_by",
        "decide_by",
        "need_by",
        "in_service_p50",
        "in_service_p90",
        "until",
        "chance_late",
        "late_days",
        "late_bridge_cost",
        "upfront",
        "capex",
        "cost_in_horizon",
        "saves",
        "prevents_short_node_hours",
        "driver",
        "driver_place",
        "currency",
    ];
    csv.row(&heads.map(str::to_owned));
    let money = |amount: Money| amount.decimal().normalize().to_string();
    for order in view.procurement.iter().flat_map(|procurement| &procurement.orders) {
        let late = order.late.as_ref();
        let driver = order.driver.as_ref();
        csv.row(&[
            text(&order.name),
            text(&order.pool),
            order.purchase.to_owned(),
            order.product.clone(),
            order.nodes.to_string(),
            order.gpus.to_string(),
            order.firm.to_string(),
            order.order_by.0.to_string(),
            order.decide_by.0.to_string(),
            order.need_by.0.to_string(),
            order.in_service_p50.0.to_string(),
            order.in_service_p90.0.to_string(),
            order.until.0.to_string(),
            format!("{:.4}", order.late_chance),
            late.map_or_else(String::new, |late| late.days.to_string()),
            late.map_or_else(String::new, |late| money(late.cost)),
            money(order.upfront),
            money(order.capex),
            money(order.cost),
            money(order.saves),
            format!("{:.1}", order.prevents_short),
            driver.map_or_else(String::new, |driver| text(&driver.workload)),
            driver.map_or_else(String::new, |driver| text(&driver.place)),
            view.currency.to_string(),
        ]);
    }
    csv.text
}
