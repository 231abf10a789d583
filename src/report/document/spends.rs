//! Spend that is committed by the hour: used, unused, and what it saves.

use super::procurement::{self, PROVEN};
use super::{Align, Block, RowKind, Section, Table, amount, cell, plain};
use crate::report::foot;
use crate::report::format::{self, MoneyFormat, NONE};
use crate::report::prose::escape;
use crate::report::view::procurement::{InsteadView, SpendPlanView};
use crate::report::view::{BudgetView, Money, SpendView};

/// Spend to commit to, with what other savings plans would save.
pub(super) fn orders(view: &BudgetView, format: MoneyFormat) -> Table {
    let spend = view.procurement.iter().filter_map(|procurement| procurement.spend.as_ref());
    let caption = format!("{}; mean over the draws", format.words());
    let mut table = Table::new("spend-orders", "Spend to commit to", caption)
        .columns(Align::Text, &["Order by", "Savings plan"])
        .columns(Align::Number, &["An hour"])
        .columns(Align::Text, &["From", "Until"])
        .columns(Align::Number, &["Upfront", "Cost", "Saves"])
        .columns(Align::Text, &[""]);
    for spend in spend {
        for order in &spend.orders {
            table.push(
                RowKind::Body,
                vec![
                    cell(format::day(order.order_by)),
                    plain(&order.savings_plan),
                    cell(MoneyFormat::price(order.per_hour)),
                    cell(format::day(order.need_by)),
                    cell(format::day(order.until)),
                    cell(format.cell(order.upfront)),
                    cell(format.cell(order.cost)),
                    cell(format.cell(order.saves)),
                    cell(if order.firm { "firm" } else { "indicative" }),
                ],
            );
        }
        if spend.orders.is_empty() {
            table.notes.push(nothing(spend).to_owned());
        }
        table.notes.extend(also(spend, format));
    }
    table
}

/// What is said where no spend is to be committed to.
pub(super) fn no_orders(spend: &SpendPlanView, format: MoneyFormat) -> String {
    let said = std::iter::once(nothing(spend).to_owned()).chain(also(spend, format));
    let said: Vec<String> = said.map(|sentence| escape(&sentence)).collect();
    format!("**Spend to commit to.** {}", said.join(" "))
}

/// What other savings plans would save, and how near to the best this is.
fn also(spend: &SpendPlanView, format: MoneyFormat) -> Vec<String> {
    let instead = spend.instead.iter().map(|other| instead(other, format));
    instead.chain([beside_nodes(spend.gap)]).collect()
}

/// How far the mix may be from the best.
fn beside_nodes(gap: f64) -> String {
    if gap <= PROVEN {
        return "Beside these orders of nodes no mix of the savings plans costs less: this is proven."
            .to_owned();
    }
    let gap = procurement::gap(gap);
    format!("Beside these orders of nodes at most {gap} dearer than any mix of the savings plans.")
}

/// Why nothing is to be committed to.
fn nothing(spend: &SpendPlanView) -> &'static str {
    let would_save = |one: &InsteadView| one.past_cash_limit && one.extra < Money::default();
    if spend.instead.iter().any(would_save) {
        "The cash limit leaves no room for a savings plan that would save."
    } else {
        "No savings plan saves anything beside what is signed and ordered."
    }
}

/// What another savings plan would save.
fn instead(other: &InsteadView, format: MoneyFormat) -> String {
    let name = format::plain(&other.savings_plan);
    if other.most_per_hour == Money::default() {
        return format!("{name} alone saves nothing.");
    }
    let more = other.extra < Money::default();
    format!(
        "{name} instead, at most {} an hour: saves {} {} over the horizon and its tail{}.",
        format.sentence_rate(other.most_per_hour),
        format.sentence(Money::new(other.extra.decimal().abs())),
        if more { "more" } else { "less" },
        if other.past_cash_limit { ", and is beyond the cash limit" } else { "" }
    )
}

pub(super) fn section(view: &BudgetView, format: MoneyFormat) -> Option<Section> {
    if view.spends.is_empty() {
        return None;
    }
    let blocks = vec![Block::table(table(view, format))];
    Some(Section { id: "committed-spend", heading: "Committed spend".to_owned(), blocks })
}

/// Every commitment to spend.
pub(super) fn table(view: &BudgetView, format: MoneyFormat) -> Table {
    let caption = format!(
        "{}; inside the horizon, mean over the draws; covers: of everything it may cover; list: what it covers would \
         cost on demand; saved: list less committed",
        format.words()
    );
    let mut table = Table::new("committed-spend", "Committed spend", caption)
        .columns(Align::Text, &["Commitment"])
        .columns(Align::Number, &["An hour"])
        .columns(Align::Text, &["Until"])
        .columns(Align::Number, &["Committed", "Unused", "Used", "Covers", "List", "Saved"]);
    let column = |of: fn(&SpendView) -> Money| {
        foot::foot(format, &view.spends.iter().map(of).collect::<Vec<_>>())
    };
    let (committed, all_committed) = column(|spend| spend.committed);
    let (unused, all_unused) = column(|spend| spend.unused);
    let (list, all_list) = column(|spend| spend.list);
    let none = || NONE.to_owned();
    for (at, spend) in view.spends.iter().enumerate() {
        table.push(
            RowKind::Body,
            vec![
                plain(&spend.commitment),
                cell(MoneyFormat::price(spend.per_hour)),
                cell(format::day(spend.until)),
                amount(committed[at]),
                amount(unused[at]),
                cell(format::percent(spend.utilization)),
                cell(spend.coverage.map_or_else(none, format::percent)),
                amount(list[at]),
                amount(list[at] - committed[at]),
            ],
        );
    }
    if view.spends.len() > 1 {
        let mut row = vec![cell("Total"), cell(""), cell("")];
        row.extend([amount(all_committed), amount(all_unused), cell(""), cell("")]);
        row.extend([amount(all_list), amount(all_list - all_committed)]);
        table.push(RowKind::Total, row);
    }
    table
}
