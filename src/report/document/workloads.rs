//! Workloads: what is asked, how it is sized, what one unit costs; instance types; volumes.

use super::{Align, Block, Cell, RowKind, Section, Table, amount, cell, optional, plain};
use crate::capacity::need::LatencySizing;
use crate::cost::ledger::Category;
use crate::report::chart::{sparkline, stacked};
use crate::report::foot;
use crate::report::format::{self, MoneyFormat};
use crate::report::prose;
use crate::report::view::{BudgetView, ChoiceView, Money, SizingView, VolumeView, WorkloadView};

pub(super) fn section(view: &BudgetView, format: MoneyFormat) -> Option<Section> {
    if view.workloads.is_empty() {
        return None;
    }
    let mut blocks = vec![
        Block::prose(prose::render("workloads", &())),
        Block::table(demand(view)),
        Block::table(costs(view, format)),
    ];
    if view.workloads.iter().any(|workload| !workload.unit_costs.is_empty()) {
        blocks.push(Block::table(unit_costs(view, format)));
    }
    if view.workloads.iter().any(|workload| !workload.sizings.is_empty()) {
        blocks.push(Block::table(sizing(view)));
    }
    let mut sizings = view.workloads.iter().flat_map(|workload| &workload.sizings);
    if sizings.any(|sizing| sizing.latency.is_some()) {
        blocks.push(Block::table(latency(view)));
    }
    if !view.choices.is_empty() {
        blocks.push(Block::table(choices(view, format)));
    }
    if !view.volumes.is_empty() {
        blocks.push(Block::table(volumes(view)));
    }
    Some(Section { id: "workloads", heading: "Workloads".to_owned(), blocks })
}

pub(super) fn demand(view: &BudgetView) -> Table {
    let (first, last) = (format::month(view.first_month()), format::month(view.last_month()));
    let caption = "Median over draws of the month's mean";
    let mut table = Table::new("demand", "Demand", caption)
        .columns(Align::Text, &["Workload", "Team", "Kind"])
        .columns(Align::Number, &[first.as_str(), last.as_str(), "p10–p90 then", "Growth a month"]);
    for workload in &view.workloads {
        let mut row = vec![plain(&workload.workload), plain(&workload.team), cell(workload.kind)];
        row.extend(demand_cells(workload));
        table.push(RowKind::Body, row);
    }
    table
}

/// What every workload costs by itself, by category.
fn costs(view: &BudgetView, format: MoneyFormat) -> Table {
    let categories: Vec<Category> = Category::ALL
        .into_iter()
        .filter(|category| {
            view.workloads.iter().any(|w| w.by_category.iter().any(|(own, _)| own == category))
        })
        .collect();
    let words: Vec<&str> = categories.iter().map(|category| stacked::words(*category)).collect();
    let caption = format!(
        "{}, amortised means over the horizon, before idle and shared cost",
        format.words()
    );
    let mut table = Table::new("workload-costs", "Own cost of each workload", caption)
        .columns(Align::Text, &["Workload", "Team"])
        .columns(Align::Number, &words)
        .columns(Align::Number, &["Total"]);
    let of = |workload: &WorkloadView| -> Vec<Money> {
        let own = |category: &Category| {
            workload.by_category.iter().find(|(own, _)| own == category).map(|(_, cost)| *cost)
        };
        categories.iter().map(|category| own(category).unwrap_or_default()).collect()
    };
    let rows: Vec<Vec<Money>> = view.workloads.iter().map(of).collect();
    let footed = foot::foot_table(format, &rows);
    for ((workload, cells), total) in view.workloads.iter().zip(footed.cells).zip(footed.row_totals)
    {
        let mut row = vec![plain(&workload.workload), plain(&workload.team)];
        row.extend(cells.into_iter().map(amount));
        row.push(amount(total));
        table.push(RowKind::Body, row);
    }
    let mut row = vec![cell("Total"), cell("")];
    row.extend(footed.column_totals.into_iter().map(amount));
    row.push(amount(footed.total));
    table.push(RowKind::Total, row);
    table
}

/// What one prediction, token, GPU-hour or run costs.
fn unit_costs(view: &BudgetView, format: MoneyFormat) -> Table {
    let caption = format!(
        "{} for one unit: own cost over the horizon ÷ units over the horizon, means over draws",
        format.symbol()
    );
    let mut table = Table::new("unit-costs", "Unit cost", caption)
        .columns(Align::Text, &["Workload", "Per"])
        .columns(Align::Number, &["Units", "Unit cost"]);
    for workload in &view.workloads {
        for unit in &workload.unit_costs {
            table.push(
                RowKind::Body,
                vec![
                    plain(&workload.workload),
                    plain(&unit.per),
                    cell(format::units(unit.volume)),
                    cell(MoneyFormat::price(unit.cost)),
                ],
            );
        }
    }
    table
}

fn demand_cells(workload: &WorkloadView) -> [Cell; 4] {
    let Some(demand) = &workload.demand else {
        return [cell("by runs"), cell(format::NONE), cell(format::NONE), cell(format::NONE)];
    };
    let quantity = |value: f64| format::quantity(value, &demand.unit, demand.is_rate);
    [
        cell(quantity(demand.first)),
        cell(quantity(demand.last)),
        cell(format::quantity_range(
            demand.last_range.0,
            demand.last_range.1,
            &demand.unit,
            demand.is_rate,
        )),
        cell(demand.growth_per_month.map_or_else(|| format::NONE.to_owned(), format::percent)),
    ]
}

fn sizing(view: &BudgetView) -> Table {
    let caption = "Largest count of the month, median over draws; nodes that each resource alone would need in the peak month";
    let (first, last) = (format::month(view.first_month()), format::month(view.last_month()));
    let mut table = Table::new("sizing", "Sizing", caption)
        .columns(Align::Text, &["Workload", "Pool", "Counted"])
        .columns(Align::Number, &[first.as_str(), last.as_str(), "p90 then"])
        .columns(Align::Text, &["Bottleneck", "Hit next"])
        .columns(Align::Wrapped, &["Headroom, in order"]);
    for workload in &view.workloads {
        for sizing in &workload.sizings {
            table.push(RowKind::Body, sizing_row(workload, sizing));
        }
    }
    table
}

fn sizing_row(workload: &WorkloadView, sizing: &SizingView) -> Vec<Cell> {
    let resource = |place: usize| {
        let found = sizing.requires.get(place).filter(|row| row.nodes > 0.0);
        cell(found.map_or_else(
            || format::NONE.to_owned(),
            |row| format!("{}, {}", row.cause.word(), format::counted(row.nodes, "node")),
        ))
    };
    vec![
        plain(&workload.workload),
        plain(&sizing.pool),
        cell(format!("{}s", if sizing.counted == "gpu" { "GPU" } else { sizing.counted })),
        cell(format::count(sizing.first)),
        cell(format::count(sizing.last)),
        cell(format::count(sizing.last_p90)),
        resource(0),
        resource(1),
        if sizing.headroom.is_empty() { cell("none") } else { plain(&sizing.headroom) },
    ]
}

/// How long requests take at the peak, by formula and, where arrivals are not at random, as simulated.
fn latency(view: &BudgetView) -> Table {
    let caption = "At the peak of the horizon, median over draws; simulated where arrivals are not at random, \
        with half of its 95% interval";
    let mut table = Table::new("latency", "Latency", caption)
        .columns(Align::Text, &["Workload", "Promised"])
        .columns(Align::Number, &["Serving one", "p50", "p99", "Simulated"])
        .columns(Align::Number, &["Replicas for rate", "for latency", "Serving"])
        .columns(Align::Text, &["Kept"]);
    for workload in &view.workloads {
        for latency in workload.sizings.iter().filter_map(|sizing| sizing.latency.as_ref()) {
            table.push(RowKind::Body, latency_row(workload, latency));
        }
    }
    table
}

fn latency_row(workload: &WorkloadView, latency: &LatencySizing) -> Vec<Cell> {
    let promised = latency.objectives.iter();
    let promised = promised
        .map(|(share, time)| format!("{} {}", format::percentile(*share), format::time(*time)));
    let simulated = latency.simulated.as_ref().zip(latency.objectives.last());
    let simulated = simulated.map(|(seen, (share, _))| {
        let (value, half) =
            (format::time(seen.response.value), format::time(seen.response.half_width));
        format!("{} {value} ± {half}", format::percentile(*share))
    });
    vec![
        plain(&workload.workload),
        cell(promised.collect::<Vec<_>>().join(", ")),
        cell(format::time(latency.service)),
        cell(format::time(latency.p50_p99.0)),
        cell(format::time(latency.p50_p99.1)),
        cell(simulated.unwrap_or_else(|| format::NONE.to_owned())),
        cell(format::count(latency.for_rate)),
        cell(latency.for_latency.map_or_else(|| "no number".to_owned(), format::count)),
        cell(format::count(latency.serving)),
        cell(if latency.is_kept() { "yes" } else { "no" }),
    ]
}

fn choices(view: &BudgetView, format: MoneyFormat) -> Table {
    let caption = format!(
        "Nodes at the median of the busiest month; an hour: what is paid for a node, discounts off; cost of 730 hours, \
         in {}",
        format.symbol()
    );
    let mut table = Table::new("choices", "Instance types", caption)
        .columns(Align::Text, &["Pool", "Instance type", "Region"])
        .columns(Align::Number, &["Nodes", "An hour", "Cost a month", "Δ to chosen"])
        .columns(Align::Wrapped, &["Verdict"]);
    for choice in &view.choices {
        for row in choice_rows(choice) {
            table.push(RowKind::Body, row);
        }
    }
    table
}

fn choice_rows(choice: &ChoiceView) -> Vec<Vec<Cell>> {
    let usable = choice.candidates.iter().filter(|candidate| candidate.rejected.is_none()).count();
    let chosen = choice.candidates.first().and_then(|candidate| candidate.cost_per_month);
    let chosen = chosen.map(|cost| crate::money::to_f64(cost.decimal()));
    let rows = choice.candidates.iter().enumerate().map(|(place, candidate)| {
        let cost = candidate.cost_per_month;
        let whole = cost.map(|cost| crate::money::to_f64(cost.decimal()));
        let more = whole.zip(chosen).filter(|_| place > 0 && candidate.rejected.is_none());
        let more = more.map(|(cost, chosen)| format::percent(cost / chosen - 1.0));
        let verdict = match (&candidate.rejected, place) {
            (Some(why), _) => format!("cannot be used: {}", format::plain(why)),
            (None, 0) if usable == 1 && choice.candidates.len() == 1 => {
                "the only candidate".to_owned()
            }
            (None, 0) => "chosen".to_owned(),
            (None, 1) => "runner-up".to_owned(),
            (None, _) => "dearer".to_owned(),
        };
        vec![
            plain(&choice.pool),
            plain(&candidate.instance),
            optional(candidate.region.as_deref()),
            cell(format::count(candidate.nodes)),
            cell(candidate.price_per_hour.map_or_else(
                || format::NONE.to_owned(),
                |price| price.decimal().round_dp(4).normalize().to_string(),
            )),
            cell(whole.map_or_else(|| format::NONE.to_owned(), |cost| format::count(cost.round()))),
            cell(more.unwrap_or_else(|| format::NONE.to_owned())),
            cell(verdict),
        ]
    });
    rows.collect()
}

fn volumes(view: &BudgetView) -> Table {
    let (first, last) = (format::month(view.first_month()), format::month(view.last_month()));
    let caption = "Means over draws; a byte-month is a byte held for 730 hours, copies included";
    let mut table = Table::new("volumes", "Billed by the unit", caption)
        .columns(Align::Text, &["Workload", "What"])
        .columns(Align::Number, &[first.as_str(), last.as_str(), "Trend"]);
    for volume in &view.volumes {
        table.push(RowKind::Body, volume_row(volume));
    }
    table
}

fn volume_row(volume: &VolumeView) -> Vec<Cell> {
    let quantity = |value: Option<&f64>| {
        let value = value.copied().unwrap_or(0.0);
        cell(format::quantity(value, &volume.unit, false))
    };
    let months = &volume.by_month;
    vec![
        plain(&volume.workload),
        plain(&volume.what),
        quantity(months.first()),
        quantity(months.last()),
        Cell { svg: Some(sparkline::svg(months)), ..cell(sparkline::blocks(months)) },
    ]
}
