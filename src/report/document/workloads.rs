//! Workloads: what is asked, how it is sized, what one unit costs; instance types; volumes.

use super::{Align, Block, Cell, RowKind, Section, Table, amount, cell, optional, plain};
use crate::report::chart::sparkline;
use crate::report::foot;
use crate::report::format::{self, MoneyFormat};
use crate::report::prose;
use crate::report::view::{BudgetView, ChoiceView, SizingView, VolumeView, WorkloadView};

pub(super) fn section(view: &BudgetView, format: MoneyFormat) -> Option<Section> {
    if view.workloads.is_empty() {
        return None;
    }
    let mut blocks =
        vec![Block::prose(prose::render("workloads", &())), Block::table(demand(view, format))];
    if view.workloads.iter().any(|workload| !workload.sizings.is_empty()) {
        blocks.push(Block::table(sizing(view)));
    }
    if !view.choices.is_empty() {
        blocks.push(Block::table(choices(view, format)));
    }
    if !view.volumes.is_empty() {
        blocks.push(Block::table(volumes(view)));
    }
    Some(Section { id: "workloads", heading: "Workloads".to_owned(), blocks })
}

pub(super) fn demand(view: &BudgetView, format: MoneyFormat) -> Table {
    let (first, last) = (format::month(view.first_month()), format::month(view.last_month()));
    let caption = format!(
        "Demand is the median of the month's mean; own cost in {}, before idle and shared cost; unit cost in {}",
        format.words(),
        format.symbol()
    );
    let mut table = Table::new("demand", "Demand and cost", caption)
        .columns(Align::Text, &["Workload", "Team", "Kind"])
        .columns(
            Align::Number,
            &[
                first.as_str(),
                last.as_str(),
                "p10–p90 then",
                "Growth a month",
                "Own cost",
                "Unit cost",
            ],
        );
    let costs: Vec<_> = view.workloads.iter().map(|workload| workload.cost).collect();
    let (costs, total) = foot::foot(format, &costs);
    for (workload, cost) in view.workloads.iter().zip(costs) {
        let mut row = vec![plain(&workload.workload), plain(&workload.team), cell(workload.kind)];
        row.extend(demand_cells(workload));
        row.push(amount(cost));
        row.push(cell(workload.unit_cost.as_ref().map_or_else(
            || format::NONE.to_owned(),
            |unit| {
                let per = format::quantity(unit.per, &unit.unit, false);
                format!("{} per {per}", MoneyFormat::price(unit.cost))
            },
        )));
        table.push(RowKind::Body, row);
    }
    let mut row = vec![cell("Total")];
    row.extend((0..6).map(|_| cell("")));
    row.extend([amount(total), cell("")]);
    table.push(RowKind::Total, row);
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
        let found = sizing.by_resource.get(place).filter(|(_, nodes)| *nodes > 0.0);
        cell(found.map_or_else(
            || format::NONE.to_owned(),
            |(resource, nodes)| format!("{}, {}", resource.word(), format::counted(*nodes, "node")),
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

fn choices(view: &BudgetView, format: MoneyFormat) -> Table {
    let caption = format!(
        "Nodes at the median of the busiest month; cost of 730 hours at on-demand prices, in {}",
        format.symbol()
    );
    let mut table = Table::new("choices", "Instance types", caption)
        .columns(Align::Text, &["Pool", "Instance type", "Region"])
        .columns(Align::Number, &["Nodes", "Cost a month", "Δ to chosen"])
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
