//! The executive page: verdict, four figures, the cost of every month, budget by quarter, what is to be
//! decided; one sheet of paper.

use super::{Align, Block, Cell, Document, RowKind, Section, Table, Tone, budget, cell, opening};
use crate::money::Currency;
use crate::report::format::{self, MoneyFormat};
use crate::report::view::{
    BudgetOutcomeView, BudgetView, Ordered, PolicyOutcomeView, PolicyVerdict, PoolView,
    ProcurementView,
};

/// More than this many decisions do not fit; the rest are counted.
const DECISIONS_MAX: usize = 6;

/// Lays the executive page out.
pub(in crate::report) fn document(view: &BudgetView) -> Document {
    let format = MoneyFormat::of(view);
    let chart = budget::base_figure(view, format).map(|figure| Section {
        id: "monthly",
        heading: "Cost by month".to_owned(),
        blocks: vec![Block::figure(figure)],
    });
    let periods = if view.periods.iter().any(|period| period.quarter.is_some()) {
        "Budget by quarter"
    } else {
        "Budget by year"
    };
    let table = Section {
        id: "budget",
        heading: periods.to_owned(),
        blocks: vec![Block::table(budget::categories(view, format))],
    };
    let sections = [chart, Some(table), Some(decisions(view, format))];
    Document {
        title: opening::title(view),
        byline: opening::byline(view),
        scale: opening::scale(view, format),
        verdict: opening::verdict(view, format),
        figures: opening::figures(view, format),
        sections: sections.into_iter().flatten().collect(),
    }
}

fn decisions(view: &BudgetView, format: MoneyFormat) -> Section {
    let heading = "To decide".to_owned();
    let budgets = view.budgets.iter().filter(|budget| !budget.passes);
    let policies = view.policies.iter().filter(|p| p.gates && p.verdict == PolicyVerdict::Fails);
    let pools = view.pools.iter().filter_map(shortfall);
    let orders = view.procurement.iter().flat_map(ProcurementView::all_orders);
    let rows: Vec<Vec<Cell>> = orders
        .filter(|order| order.firm())
        .map(|order| firm(order, view.currency, format))
        .chain(pools)
        .chain(budgets.map(|budget| over_budget(budget, format)))
        .chain(policies.map(policy))
        .chain(overdue(view))
        .collect();
    if rows.is_empty() {
        let nothing = "Nothing: no order is due, every budget and policy holds, no pool is 5% likely to be short in \
                       any month, and no assumption is past its review day.";
        let blocks = vec![Block::prose(nothing.to_owned())];
        return Section { id: "decisions", heading, blocks };
    }
    let mut table = Table::new(
        "decision-table",
        "Orders that are due, and what does not hold",
        "Most urgent first",
    )
    .columns(Align::Wrapped, &["Decide on", "Why"])
    .columns(Align::Text, &["Before"]);
    let more = rows.len().saturating_sub(DECISIONS_MAX);
    for row in rows.into_iter().take(DECISIONS_MAX) {
        table.push(RowKind::Body, row);
    }
    if more > 0 {
        table.notes.push(format!("{more} more in the budget report."));
    }
    Section { id: "decisions", heading, blocks: vec![Block::table(table)] }
}

/// An order that is to be made now.
fn firm(order: Ordered<'_>, currency: Currency, format: MoneyFormat) -> Vec<Cell> {
    let what = order.what(currency);
    let what = match order {
        Ordered::Nodes(order) => format!("order {what}, {}", format::plain(&order.product)),
        Ordered::Spend(order) => format!("commit to {what}, {} months", order.term_months),
    };
    let why = format!(
        "saves {} in these months; {} at once, needed by {}",
        format.sentence(order.saves()),
        format.sentence(order.upfront()),
        format::day(order.need_by())
    );
    vec![cell(what), cell(why), cell(format::day(order.decide_by()))]
}

/// A pool that is at least 5% likely to be short in some month, by the first such month.
fn shortfall(pool: &PoolView) -> Option<Vec<Cell>> {
    let at_risk = || pool.months.iter().filter(|month| month.short_chance >= 0.05);
    let first = at_risk().next()?;
    let worst =
        at_risk().fold(
            first,
            |worst, month| {
                if month.short_chance > worst.short_chance { month } else { worst }
            },
        );
    let missing = match worst.missing.1 {
        nodes if nodes > 0.0 => {
            format!(", {} at p90", format::nodes_and_gpus(nodes, pool.gpus_per_node))
        }
        _ => String::new(),
    };
    let why = format!(
        "{} likely to be short in {}{missing}",
        format::chance(worst.short_chance),
        format::month(worst.month)
    );
    let name = cell(format!("capacity of {}", format::plain(&pool.pool)));
    Some(vec![name, bad(why), cell(format::month(first.month))])
}

fn over_budget(budget: &BudgetOutcomeView, format: MoneyFormat) -> Vec<Cell> {
    let why = format!(
        "passed by {} at {}; {} of the draws stay within it",
        format.sentence(budget.at_confidence - budget.amount),
        format::stated_percent(budget.confidence),
        if budget.within > 0.0 { format::chance(budget.within) } else { "none".to_owned() }
    );
    let before = budget.first_breach.map_or_else(|| format::NONE.to_owned(), format::month);
    vec![cell(format!("budget {}", format::plain(&budget.name))), bad(why), cell(before)]
}

fn policy(policy: &PolicyOutcomeView) -> Vec<Cell> {
    let worst = policy
        .worst
        .as_deref()
        .map_or_else(String::new, |worst| format!(", worst at {}", format::plain(worst)));
    let why = format!("{} {}{worst}", policy.metric, limit(policy));
    let before = policy.first_failure.map_or_else(|| format::NONE.to_owned(), format::month);
    vec![cell(format!("policy {}", format::plain(&policy.name))), bad(why), cell(before)]
}

fn limit(policy: &PolicyOutcomeView) -> String {
    let side = if policy.at_most { "above" } else { "below" };
    format!("{side} {}", format::plain(&policy.limit))
}

fn overdue(view: &BudgetView) -> Option<Vec<Cell>> {
    let overdue: Vec<_> = view.assumptions.iter().filter(|one| one.overdue).collect();
    let earliest = overdue.iter().filter_map(|one| one.review_by).min()?;
    let numbers: Vec<String> = overdue.iter().map(|one| one.number.to_string()).collect();
    let what = if overdue.len() == 1 { "assumption" } else { "assumptions" };
    let why = format!("past the day of review; the first was due {}", format::day(earliest));
    let warn = Cell { tone: Some(Tone::Warn), ..cell(why) };
    Some(vec![cell(format!("{what} {}", numbers.join(", "))), warn, cell("now")])
}

fn bad(why: String) -> Cell {
    Cell { tone: Some(Tone::Bad), ..cell(why) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{Words, report};

    fn decided(view: &BudgetView) -> Option<Table> {
        document(view).sections.pop().unwrap().blocks.pop().unwrap().table
    }

    #[test]
    fn what_fails_is_to_be_decided() {
        let view = report(&Words::default());
        let failed = view.budgets.iter().filter(|budget| !budget.passes).count();
        let table = decided(&view).unwrap();
        let starts = |with: &str| {
            table.rows.iter().filter(|row| row.cells[0].text.starts_with(with)).count()
        };
        assert!(starts("capacity of gpu-serving") == 1);
        assert!(failed > 0 && starts("budget ") <= failed);
        assert!(table.rows.len() <= DECISIONS_MAX);
    }

    #[test]
    fn where_everything_holds_nothing_is_to_be_decided() {
        let mut view = report(&Words::default());
        view.budgets.clear();
        view.policies.clear();
        view.pools.clear();
        view.procurement = None;
        view.assumptions.clear();
        assert!(decided(&view).is_none());
    }
}
