//! The data of every panel of the dashboard as a table, exact: what the CSV beside the page holds.

use super::data::Data;
use super::orders;
use super::view::{BudgetView, Money, PoolUseView, ResourceView, StepOf};
use crate::money::{Decimal, quantised};

/// The table of a panel, by the panel's id; nothing where the panel is not there.
#[must_use]
pub fn data(view: &BudgetView, panel: &str) -> Option<Data> {
    let resource = |word: &str| view.resources.iter().find(|of| of.resource == word).map(resource);
    match panel {
        "gpus" => resource("gpu"),
        "cores" => resource("cpu"),
        "memory" => resource("memory"),
        "cost" => Some(cost(view)),
        "use" | "pools" => Some(utilization(view)),
        "week" => Some(week(view)),
        "orders" => Some(orders::data(view)),
        "budget" => view.bridge.is_some().then(|| bridge(view)),
        "flow" => Some(flows(view)),
        _ => None,
    }
}

fn share(value: f64) -> Option<Decimal> {
    value.is_finite().then(|| quantised(value))
}

/// Need and supply by month; memory in bytes.
fn resource(of: &ResourceView) -> Data {
    let months = || of.months.iter();
    let need = |at: usize| months().map(move |month| share(month.need[at]));
    Data::default()
        .months("month", months().map(|month| month.month))
        .decimals("need_p10", need(0))
        .decimals("need_p25", need(1))
        .decimals("need_p50", need(2))
        .decimals("need_p75", need(3))
        .decimals("need_p90", need(4))
        .decimals("exists", months().map(|month| share(month.existing)))
        .decimals("can_run", months().map(|month| share(month.available?)))
        .decimals("chance_short", months().map(|month| share(month.short_chance)))
        .texts(
            "unit",
            months().map(|_| Some(if of.resource == "memory" { "byte" } else { of.resource })),
        )
}

/// Cost by month and category, amortised means.
fn cost(view: &BudgetView) -> Data {
    let categories = &view.cost.categories;
    let rows: Vec<(usize, usize)> =
        (0..view.months.len()).flat_map(|t| (0..categories.len()).map(move |c| (t, c))).collect();
    let rows = || rows.iter().copied();
    Data::default()
        .months("month", rows().map(|(t, _)| view.months[t]))
        .texts("category", rows().map(|(_, c)| Some(categories[c].category.word())))
        .decimals("amortised", rows().map(|(t, c)| Some(categories[c].by_month[t].decimal())))
        .texts("currency", rows().map(|_| Some(view.currency.to_string())))
}

fn utilization(view: &BudgetView) -> Data {
    let pools = || view.utilization.pools.iter();
    let money = |of: fn(&PoolUseView) -> Money| pools().map(move |pool| Some(of(pool).decimal()));
    Data::default()
        .texts("pool", pools().map(|pool| Some(pool.pool.as_str())))
        .texts("resource", pools().map(|pool| Some(pool.resource)))
        .decimals("requested", pools().map(|pool| share(pool.requested)))
        .decimals("used", pools().map(|pool| share(pool.used)))
        .decimals("floor", pools().map(|pool| share(pool.floor.as_ref()?.0)))
        .decimals("cost", money(|pool| pool.cost))
        .decimals("idle", money(|pool| pool.idle))
        .texts("currency", pools().map(|_| Some(view.currency.to_string())))
}

/// The tightest month's week of every pool that something limits.
fn week(view: &BudgetView) -> Data {
    let hours: Vec<(usize, usize)> = view
        .headroom
        .iter()
        .enumerate()
        .flat_map(|(pool, of)| (0..of.week.len()).map(move |hour| (pool, hour)))
        .collect();
    let hours = || hours.iter().copied();
    let of = |pool: usize| &view.headroom[pool];
    let whole = |value: usize| i64::try_from(value).ok();
    Data::default()
        .texts("pool", hours().map(|(pool, _)| Some(of(pool).pool.as_str())))
        .months("month", hours().map(|(pool, _)| of(pool).tightest))
        .integers("day", hours().map(|(_, hour)| whole(hour / 24 + 1)))
        .integers("hour", hours().map(|(_, hour)| whole(hour % 24)))
        .integers("level", hours().map(|(pool, hour)| whole(of(pool).week[hour].level)))
        .decimals(
            "chance_short",
            hours().map(|(pool, hour)| share(of(pool).week[hour].short_chance)),
        )
        .decimals("missing_nodes", hours().map(|(pool, hour)| share(of(pool).week[hour].missing)))
}

fn bridge(view: &BudgetView) -> Data {
    let steps = || view.bridge.iter().flat_map(|bridge| &bridge.steps);
    let words = |of: &StepOf| match of {
        StepOf::Budget(_) => "budget",
        StepOf::Team(_) => "team",
        StepOf::Period(_) => "period",
        StepOf::Month(_) => "month",
        StepOf::Rest => "rest",
    };
    Data::default()
        .texts("kind", steps().map(|step| Some(words(&step.of))))
        .texts("name", steps().map(|step| Some(super::document::step_name(&step.of))))
        .decimals("budget", steps().map(|step| Some(step.budget.decimal())))
        .decimals("forecast", steps().map(|step| Some(step.forecast.decimal())))
        .decimals("change", steps().map(|step| Some(step.change().decimal())))
        .texts("currency", steps().map(|_| Some(view.currency.to_string())))
}

fn flows(view: &BudgetView) -> Data {
    use super::view::FlowEnd;
    let flows = || view.flows.iter();
    let name = |end: &FlowEnd| match end {
        FlowEnd::Category(category) => category.word().to_owned(),
        FlowEnd::Shared => "idle and shared".to_owned(),
        FlowEnd::Team(name) => name.clone(),
        FlowEnd::Nobody => "borne by no team".to_owned(),
    };
    Data::default()
        .texts("from", flows().map(|flow| Some(name(&flow.from))))
        .texts("to", flows().map(|flow| Some(name(&flow.to))))
        .decimals("amount", flows().map(|flow| Some(flow.amount.decimal())))
        .texts("currency", flows().map(|_| Some(view.currency.to_string())))
}
