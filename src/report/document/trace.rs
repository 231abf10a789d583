//! Where the totals come from: for each a folded table, from the total down to lines of the plan.

use super::{Align, Block, Cell, Fold, RowKind, Section, Table, cell, plain};
use crate::report::explain::{self, Depth};
use crate::report::format::{self, MoneyFormat};
use crate::report::prose;
use crate::report::view::{BudgetView, TraceView};

/// How much of a team's total is shown: down to the demand. `capplan explain` shows more.
const TEAM: Depth = Depth { levels: 4, parts: 4 };

/// How much of a category is shown: down to quantity × price. The rest stands with the teams.
const CATEGORY: Depth = Depth { levels: 2, parts: 6 };

pub(super) fn section(view: &BudgetView, format: MoneyFormat) -> Option<Section> {
    if view.traces.is_empty() {
        return None;
    }
    let folds = view.traces.iter().enumerate().map(|(at, trace)| fold(view, at, trace, format));
    let blocks =
        std::iter::once(Block::prose(prose::render("trace", &()))).chain(folds.map(Block::fold));
    Some(Section {
        id: "trace",
        heading: "Where the totals come from".to_owned(),
        blocks: blocks.collect(),
    })
}

/// Where the trace of a figure stands on the page, if it has one.
pub(super) fn link(view: &BudgetView, figure: &str) -> Option<String> {
    view.traces.iter().position(|trace| trace.figure == figure).map(id)
}

/// Places are counted: names of a plan are no ids.
fn id(at: usize) -> String {
    format!("why-{}", at + 1)
}

fn fold(view: &BudgetView, at: usize, trace: &TraceView, format: MoneyFormat) -> Fold {
    let title = format::plain(&trace.step.what);
    let caption = format!("{} or the unit that is named", format::symbol(view.currency));
    let mut table = Table::new(format!("{}-table", id(at)), title.clone(), caption)
        .columns(Align::Text, &["What"])
        .columns(Align::Number, &["How much"])
        .columns(Align::Wrapped, &["How"])
        .columns(Align::Text, &["Line of the plan"]);
    let depth = if trace.figure.starts_with("cost team=") { TEAM } else { CATEGORY };
    for shown in explain::rows(&trace.step, depth) {
        let indent = "· ".repeat(shown.level);
        let amount = format!("{}{}", shown.amount, format::plain(&shown.unit));
        let place = shown.place.as_deref().map_or_else(|| cell(""), plain);
        let row: Vec<Cell> = vec![
            cell(format!("{indent}{}", format::plain(&shown.what))),
            cell(amount.trim_end()),
            plain(&shown.how),
            place,
        ];
        let kind = if shown.level == 0 { RowKind::Total } else { RowKind::Body };
        table.push(kind, row);
    }
    Fold { id: id(at), summary: format!("{title}: {}", format.sentence(trace.step.worth())), table }
}
