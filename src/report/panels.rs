//! The data of every panel of the dashboard as a table, exact: what the CSV beside the page holds.

use super::data::Data;
use super::orders;
use super::view::{BudgetView, HeadroomView, Money, PoolUseView, ResourceView, StepOf};
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
        "use" => Some(dial(view)),
        "pools" => Some(utilization(view)),
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

/// What the dial shows, pool by pool: the share of all cost that each is weighted by, and what is asked for and used.
fn dial(view: &BudgetView) -> Data {
    let all = &view.utilization;
    let pools = super::document::dearest_first(all);
    let rows = || pools.iter().copied().map(Some).chain([None]);
    let or_all = |pool: fn(&PoolUseView) -> f64, all: Option<f64>| {
        rows().map(move |row| share(row.map_or(all, |row| Some(pool(row)))?))
    };
    Data::default()
        .texts("kind", rows().map(|row| Some(if row.is_some() { "pool" } else { "total" })))
        .texts("pool", rows().map(|row| row.map(|pool| pool.pool.as_str())))
        .decimals("weight", rows().map(|row| share(row.map_or(1.0, |pool| all.weight(pool)))))
        .decimals("requested", or_all(|pool| pool.requested, all.requested))
        .decimals("used", or_all(|pool| pool.used, all.used))
}

/// A row a pool, the dearest first as the panel has them, then all of them weighted by cost.
fn utilization(view: &BudgetView) -> Data {
    let all = &view.utilization;
    let pools = super::document::dearest_first(all);
    let rows = || pools.iter().copied().map(Some).chain([None]);
    let of = |pool: fn(&PoolUseView) -> Option<Decimal>| rows().map(move |row| pool(row?));
    let or_all = |pool: fn(&PoolUseView) -> Option<Decimal>, all: Option<Decimal>| {
        rows().map(move |row| row.map_or(all, pool))
    };
    Data::default()
        .texts("kind", rows().map(|row| Some(if row.is_some() { "pool" } else { "total" })))
        .texts("pool", rows().map(|row| row.map(|pool| pool.pool.as_str())))
        .texts("resource", rows().map(|row| row.map(|pool| pool.resource)))
        .decimals("requested", or_all(|pool| share(pool.requested), all.requested.and_then(share)))
        .decimals("used", or_all(|pool| share(pool.used), all.used.and_then(share)))
        .decimals("least", of(|pool| share(pool.least?.1)))
        .texts("least_month", rows().map(|row| Some(row?.least?.0.to_string())))
        .decimals("floor", of(|pool| share(pool.floor.as_ref()?.0)))
        .texts("policy", rows().map(|row| Some(row?.floor.as_ref()?.1.as_str())))
        .decimals("cost", or_all(|pool| Some(pool.cost.decimal()), Some(all.cost.decimal())))
        .decimals("idle", or_all(|pool| Some(pool.idle.decimal()), Some(all.idle.decimal())))
        .texts("currency", rows().map(|_| Some(view.currency.to_string())))
}

/// The tightest month's week of every pool that something limits, the one that the panel shows first.
fn week(view: &BudgetView) -> Data {
    let shown = super::document::tight(view).into_iter().next().map(|of| of.pool.as_str());
    let mut pools: Vec<&HeadroomView> = view.headroom.iter().collect();
    pools.sort_by_key(|of| Some(of.pool.as_str()) != shown);
    let hours: Vec<(usize, usize)> = pools
        .iter()
        .enumerate()
        .flat_map(|(pool, of)| (0..of.week.len()).map(move |hour| (pool, hour)))
        .collect();
    let hours = || hours.iter().copied();
    let of = |pool: usize| pools[pool];
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

/// The steps; what has no budget, where there is such; and the total.
fn bridge(view: &BudgetView) -> Data {
    let words = |of: &StepOf| match of {
        StepOf::Budget(_) => "budget",
        StepOf::Team(_) => "team",
        StepOf::Period(_) => "period",
        StepOf::Month(_) => "month",
        StepOf::Rest => "rest",
    };
    let mut rows: Vec<(&str, String, Option<Money>, Money)> = Vec::new();
    if let Some(bridge) = &view.bridge {
        rows.extend(bridge.steps.iter().map(|step| {
            let name = super::document::step_name(&step.of);
            (words(&step.of), name, Some(step.budget), step.forecast)
        }));
        if bridge.unbudgeted != Money::default() {
            rows.push(("unbudgeted", "Without a budget".to_owned(), None, bridge.unbudgeted));
        }
        rows.push(("total", "Total".to_owned(), Some(bridge.budget), bridge.forecast));
    }
    let rows = || rows.iter();
    let change = |budget: Option<Money>, forecast: Money| forecast - budget.unwrap_or_default();
    Data::default()
        .texts("kind", rows().map(|row| Some(row.0)))
        .texts("name", rows().map(|row| Some(row.1.as_str())))
        .decimals("budget", rows().map(|row| Some(row.2?.decimal())))
        .decimals("forecast", rows().map(|row| Some(row.3.decimal())))
        .decimals("change", rows().map(|row| Some(change(row.2, row.3).decimal())))
        .texts("currency", rows().map(|_| Some(view.currency.to_string())))
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
