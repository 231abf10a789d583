//! Demand against supply, pool by pool.

use super::{Align, Block, Cell, Figure, RowKind, Section, Table, Tone, cell, utilization};
use crate::report::chart::Naming;
use crate::report::chart::band::{self, Band};
use crate::report::format::{self, MoneyFormat};
use crate::report::prose;
use crate::report::view::{BudgetView, PoolMonthView, PoolView};

pub(super) fn section(view: &BudgetView, format: MoneyFormat) -> Option<Section> {
    if view.pools.is_empty() {
        return None;
    }
    let mut blocks = vec![Block::prose(prose::render("supply", &()))];
    // The pool most at risk comes first; among equals by name.
    let mut pools: Vec<&PoolView> = view.pools.iter().collect();
    pools.sort_by(|a, b| b.short_chance.total_cmp(&a.short_chance));
    blocks.extend(
        pools
            .into_iter()
            .enumerate()
            .map(|(index, pool)| Block::figure(figure(pool, &format!("pool-{}", index + 1)))),
    );
    blocks.extend(utilization::figure(view, format).map(Block::figure));
    Some(Section { id: "supply", heading: "Demand against supply".to_owned(), blocks })
}

fn figure(pool: &PoolView, id: &str) -> Figure {
    let name = format::plain(&pool.pool);
    let title = format!("Need and supply of {name}");
    let finding = finding(pool);
    let summary = summary(pool);
    let description = format!("{finding}. {summary}");
    let naming = Naming { id, title: &title, description: &description };
    let node = format::plain(&pool.node);
    let per_node = match pool.gpus_per_node {
        gpus if gpus > 0.0 => format!("{} each", format::counted(gpus, "GPU")),
        _ => "no GPUs".to_owned(),
    };
    let band = Band { months: &pool.months, unit: "nodes", gpus_per_node: pool.gpus_per_node };
    Figure {
        caption: format!(
            "Nodes of {node}, {per_node}, in the busiest hour of the month; light band p10–p90 of need, dark band p25–p75"
        ),
        chart: band::draw(&band, naming),
        data: data(pool, id, &title),
        finding,
        summary,
    }
}

fn finding(pool: &PoolView) -> String {
    let name = format::plain(&pool.pool);
    let by_chance = |a: &&PoolMonthView, b: &&PoolMonthView| {
        a.short_chance.total_cmp(&b.short_chance).then(b.month.cmp(&a.month))
    };
    let Some(worst) = pool.months.iter().max_by(by_chance) else { return name };
    if worst.short_chance <= 0.0 {
        return format!("{name}: supply covers the need in every draw");
    }
    let chance = format::chance(worst.short_chance);
    let first = pool.months.iter().find(|month| month.short_chance >= 0.05);
    match first {
        None => format!("{name}: a shortfall is unlikely, {chance} at most in any month"),
        Some(first) if first.month == worst.month => {
            format!("{name}: {chance} likely to be short in {}", format::month(worst.month))
        }
        Some(first) => format!(
            "{name}: at risk from {}, {chance} likely to be short in {}",
            format::month(first.month),
            format::month(worst.month)
        ),
    }
}

fn summary(pool: &PoolView) -> String {
    let (Some(first), Some(last)) = (pool.months.first(), pool.months.last()) else {
        return String::new();
    };
    let can_run = last.available.map_or_else(
        || "nothing limits what can run".to_owned(),
        |limit| format!("{} can run", format::counted(limit, "node")),
    );
    // Inside a sentence nothing is 0.
    let said = |nodes: f64| {
        let text = format::count(nodes);
        if text == format::NONE { "0".to_owned() } else { text }
    };
    format!(
        "The median need goes from {} in {} to {} in {}, p10–p90 {} to {}; {can_run} at the end.",
        format::nodes_and_gpus(first.need[2], pool.gpus_per_node),
        format::month(first.month),
        format::nodes_and_gpus(last.need[2], pool.gpus_per_node),
        format::month(last.month),
        said(last.need[0]),
        said(last.need[4]),
    )
}

fn data(pool: &PoolView, id: &str, title: &str) -> Table {
    let gpus = pool.gpus_per_node > 0.0;
    let caption = if gpus { "Nodes, and GPUs where the head says so" } else { "Nodes" };
    let mut table = Table::new(format!("{id}-data"), title, caption)
        .columns(Align::Text, &["Month"])
        .columns(Align::Number, &["p10", "p25", "Median need", "p75", "p90"]);
    if gpus {
        table = table.columns(Align::Number, &["Median, GPUs"]);
    }
    table = table.columns(
        Align::Number,
        &["Exists", "Can run", "Missing p50", "Missing p90", "Chance short"],
    );
    for month in &pool.months {
        let mut row = vec![cell(format::month(month.month))];
        row.extend(month.need.iter().map(|nodes| cell(format::count(*nodes))));
        if gpus {
            row.push(cell(format::count(month.need[2] * pool.gpus_per_node)));
        }
        row.push(cell(format::count(month.existing)));
        row.push(cell(month.available.map_or_else(|| "no limit".to_owned(), format::count)));
        row.push(cell(format::count(month.missing.0)));
        row.push(cell(format::count(month.missing.1)));
        let tone = (month.short_chance >= 0.05).then_some(Tone::Bad);
        row.push(Cell { tone, ..cell(format::chance(month.short_chance)) });
        table.push(RowKind::Body, row);
    }
    table
}
