//! What runs wait for, where quotas share a pool.

use super::{Align, Block, Cell, RowKind, Section, Table, cell, optional, plain};
use crate::report::format;
use crate::report::kueue_view::span;
use crate::report::prose::escape;
use crate::report::view::{BudgetView, QueueLineView, QueuesView};

/// What every output says of a quota and a priority.
pub(in crate::report) const HEADS: [&str; 11] = [
    "Quota",
    "Priority",
    "What",
    "Sent",
    "Wait p50",
    "Wait p95",
    "Not started",
    "Held",
    "Goodput",
    "Preempted",
    "Unmet",
];

pub(super) fn section(view: &BudgetView) -> Option<Section> {
    let queues = &view.queues;
    if queues.is_empty() {
        return None;
    }
    let mut blocks = vec![Block::table(table(queues))];
    if let Some(pools) = pools(view) {
        blocks.push(Block::table(pools));
    }
    if !queues.findings.is_empty() {
        let rows = queues.findings.iter().map(|finding| format!("- {}\n", escape(finding)));
        blocks.push(Block::prose(rows.collect::<String>()));
    }
    Some(Section { id: "queues", heading: "Queues".to_owned(), blocks })
}

fn table(queues: &QueuesView) -> Table {
    let caption = format!(
        "Kueue simulated on {} stratified draws, not on all; waits are those of all of their runs, other \
         figures means. Held and unmet in {}-hours; a run that has not started waits to the end, sessions of \
         workspaces to the end of their day",
        queues.draws, queues.unit
    );
    let mut table = Table::new("queues", "Waits and preemptions by quota and priority", caption)
        .columns(Align::Text, &HEADS[..3])
        .columns(Align::Number, &HEADS[3..]);
    for line in &queues.lines {
        table.push(RowKind::Body, row(line));
    }
    table
}

fn row(line: &QueueLineView) -> Vec<Cell> {
    let share =
        |share: f64| if share == 0.0 { format::NONE.to_owned() } else { format::percent(share) };
    let figure = |value: f64| cell(format::units(value));
    vec![
        plain(&line.quota),
        optional(line.priority.as_deref()),
        plain(line.sent),
        figure(line.runs),
        cell(hours(line.wait_p50_hours)),
        cell(hours(line.wait_p95_hours)),
        cell(share(line.not_started)),
        figure(line.held_hours),
        cell(line.goodput.map_or_else(|| format::NONE.to_owned(), format::percent)),
        figure(line.preemptions),
        figure(line.unmet_hours),
    ]
}

#[expect(clippy::cast_possible_truncation, reason = "a length of time")]
fn hours(hours: f64) -> String {
    if hours == 0.0 { format::NONE.to_owned() } else { span((hours * 3.6e6) as i64) }
}

fn pools(view: &BudgetView) -> Option<Table> {
    let queues = &view.queues;
    if queues.pools.is_empty() {
        return None;
    }
    let mut table = Table::new(
        "queue-pools",
        "Use of the quotas by month",
        "Held by runs and sessions over what quotas guarantee, in each pool with quotas",
    )
    .columns(Align::Text, &["Pool"]);
    let heads: Vec<String> = view.months.iter().map(|month| format::month(*month)).collect();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    table = table.columns(Align::Number, &heads);
    for pool in &queues.pools {
        let mut row = vec![plain(&pool.pool)];
        row.extend(
            pool.utilization
                .iter()
                .map(|share| cell(share.map_or_else(|| format::NONE.to_owned(), format::percent))),
        );
        table.push(RowKind::Body, row);
    }
    Some(table)
}
