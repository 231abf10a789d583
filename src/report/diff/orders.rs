//! Orders that moved, as a table.

use super::amounts::Print;
use super::layout::{Room, columns, figure, name, row, split};
use super::view::DiffView;
use crate::diff::Name;
use crate::diff::orders::{OrderDiff, OrderState, Serves, Size};
use crate::money::Currency;
use crate::report::format;
use crate::report::page::{Block, Line, RowKind, Table, plan, words};
use crate::report::view::Day;

/// Orders that came, went, grew, shrank or moved, folded; nothing where none did.
pub(super) fn folded(view: &DiffView, print: Print, room: Room) -> Option<Block> {
    let orders = &view.diff.orders;
    if orders.is_empty() {
        return None;
    }
    let (shown, rest) = split(orders, room);
    let mut rows: Vec<_> = shown
        .iter()
        .map(|order| {
            row(RowKind::Plain, name(serves(order)), cells(order, print, view.diff.currency))
        })
        .collect();
    if !rest.is_empty() {
        let head = figure(format::counted(rest.len() as f64, "more order"));
        rows.push(row(RowKind::Rest, head, [0; 6].map(|_| Line::new())));
    }
    let heads = ["What", "How much", "Decide by", "Order by", "Need by", "Paid at once"];
    let head = format!("Orders that moved ({})", orders.len());
    Some(Block::Folded(
        figure(head),
        vec![Block::Table(Table { columns: columns("For", &heads), rows })],
    ))
}

fn serves(order: &OrderDiff) -> &Name {
    match &order.serves {
        Serves::Pool(name) | Serves::Provider(name) => name,
    }
}

/// `4 nodes`, `57 USD/hour`.
fn size(size: Size, currency: Currency) -> String {
    match size {
        Size::Nodes(nodes) => format::counted(nodes as f64, "node"),
        Size::PerHour(spend) => format!("{} {currency}/hour", spend.normalize()),
    }
}

fn cells(order: &OrderDiff, print: Print, currency: Currency) -> [Line; 6] {
    let moved = |of: &dyn Fn(&OrderState) -> String| {
        let before = order.before.as_ref().map(of);
        let after = order.after.as_ref().map(of);
        figure(match (before, after) {
            (Some(before), Some(after)) if before == after => after,
            (Some(before), Some(after)) => format!("{before} → {after}"),
            (None, Some(after)) => after,
            (Some(before), None) => before,
            (None, None) => String::new(),
        })
    };
    let what = match (&order.before, &order.after) {
        (None, _) => "new: ",
        (_, None) => "gone: ",
        (Some(_), Some(_)) => "",
    };
    let late = |state: &OrderState| {
        let late = if state.late { ", late" } else { "" };
        format!("{}{late}", format::day(Day(state.order_by)))
    };
    [
        vec![words(what), plan(order.product.clone())],
        moved(&|state| size(state.size, currency)),
        moved(&|state| format::day(Day(state.decide_by))),
        moved(&late),
        moved(&|state| format::day(Day(state.need_by))),
        moved(&|state| print.amount(print.round(state.upfront))),
    ]
}
