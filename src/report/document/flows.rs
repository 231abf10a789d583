//! What is paid for and who bears it, as bands from categories to teams.

use std::collections::BTreeMap;

use super::{Align, Figure, RowKind, Table, amount, cell, plain};
use crate::cost::ledger::Category;
use crate::report::chart::sankey::{self, Column, Flow, Node};
use crate::report::chart::{Naming, stacked};
use crate::report::foot;
use crate::report::format::{self, MoneyFormat};
use crate::report::view::{BudgetView, FlowEnd, Money};

/// More teams than this are drawn together.
const DRAWN: usize = 8;

/// The bands; absent where nothing flows.
pub(super) fn figure(view: &BudgetView, format: MoneyFormat) -> Option<Figure> {
    if view.flows.is_empty() {
        return None;
    }
    let invoice = format.sentence(view.chargeback.invoice);
    let finding = view.chargeback.teams.iter().max_by_key(|team| team.total.mean).map_or_else(
        || format!("{invoice} in all"),
        |team| {
            let total = format.sentence(team.total.mean);
            format!("{} bears most, {total} of {invoice}", format::plain(&team.team))
        },
    );
    let credits = view.flows.iter().any(|flow| flow.amount < Money::default());
    let without = if credits { " Credits are in the table only." } else { "" };
    let summary = format!(
        "Cost by category on the left, who bears it on the right; idle and shared cost passes through the middle, where \
         rules spread it.{without}"
    );
    let title = "From what is paid for to who bears it";
    let description = format!("{finding}. {summary}");
    let naming = Naming { id: "flows", title, description: &description };
    let (nodes, flows) = drawing(view, format);
    Some(Figure {
        caption: format!(
            "{} over {} months; left what is paid for, right who bears it, in the middle what rules spread{}",
            format.words(),
            view.months.len(),
            if credits { "; credits are not drawn" } else { "" }
        ),
        chart: sankey::draw(&nodes, &flows, naming),
        data: data(view, format),
        finding,
        summary,
    })
}

/// Ends by what passes through them, the largest first, then by name.
fn ranked(view: &BudgetView, pick: impl Fn(&FlowEnd) -> bool) -> Vec<(FlowEnd, Money)> {
    let mut sums: BTreeMap<&FlowEnd, Money> = BTreeMap::new();
    for flow in &view.flows {
        for end in [&flow.from, &flow.to].into_iter().filter(|end| pick(end)) {
            let sum = sums.entry(end).or_default();
            *sum = *sum + flow.amount;
        }
    }
    let mut ranked: Vec<(FlowEnd, Money)> =
        sums.into_iter().map(|(end, sum)| (end.clone(), sum)).collect();
    // A stable sort: equals stay in the order of their names.
    ranked.sort_by_key(|(_, sum)| std::cmp::Reverse(*sum));
    ranked
}

fn drawing(view: &BudgetView, format: MoneyFormat) -> (Vec<Node>, Vec<Flow>) {
    let mut nodes = Vec::new();
    let mut place: BTreeMap<FlowEnd, usize> = BTreeMap::new();
    let node = |column, name: String, amount: Money, class| Node {
        column,
        name,
        amount: format.cell(amount),
        class,
    };
    for (end, sum) in ranked(view, |end| matches!(end, FlowEnd::Category(_))) {
        let FlowEnd::Category(category) = end else { continue };
        if sum > Money::default() {
            place.insert(end, nodes.len());
            let name = stacked::words(category).to_owned();
            nodes.push(node(Column::Left, name, sum, stacked::class(category)));
        }
    }
    let spread: Money =
        view.flows.iter().filter(|flow| flow.from == FlowEnd::Shared).map(|flow| flow.amount).sum();
    if spread > Money::default() {
        place.insert(FlowEnd::Shared, nodes.len());
        nodes.push(node(Column::Middle, "Idle and shared".to_owned(), spread, "level"));
    }
    let teams = ranked(view, |end| matches!(end, FlowEnd::Team(_)));
    let drawn = if teams.len() > DRAWN { DRAWN - 1 } else { teams.len() };
    for (end, sum) in &teams[..drawn] {
        let FlowEnd::Team(name) = end else { continue };
        place.insert(end.clone(), nodes.len());
        nodes.push(node(Column::Right, format::plain(name), *sum, "level"));
    }
    if drawn < teams.len() {
        let rest = &teams[drawn..];
        place.extend(rest.iter().map(|(end, _)| (end.clone(), nodes.len())));
        let name = format!("{} other teams", rest.len());
        nodes.push(node(Column::Right, name, rest.iter().map(|(_, sum)| *sum).sum(), "level"));
    }
    for (end, sum) in ranked(view, |end| *end == FlowEnd::Nobody) {
        place.insert(end, nodes.len());
        nodes.push(node(Column::Right, "no team".to_owned(), sum, "level"));
    }
    let mut sums: BTreeMap<(usize, usize), Money> = BTreeMap::new();
    for flow in &view.flows {
        if let (Some(from), Some(to)) = (place.get(&flow.from), place.get(&flow.to)) {
            let sum = sums.entry((*from, *to)).or_default();
            *sum = *sum + flow.amount;
        }
    }
    let flows = sums.into_iter().map(|((from, to), amount)| Flow {
        from,
        to,
        amount: format.position(amount),
    });
    (nodes, flows.collect())
}

/// Who bears what, by category: a row a team, then what rules spread, which is borne above.
fn data(view: &BudgetView, format: MoneyFormat) -> Table {
    let categories: Vec<Category> =
        view.cost.categories.iter().map(|category| category.category).collect();
    let mut heads: Vec<&str> =
        categories.iter().map(|category| stacked::words(*category)).collect();
    heads.extend(["Idle and shared", "Total"]);
    let caption = format!(
        "{}; what idles or is shared leaves its category in the last row and reaches who bears it in its own column",
        format.words()
    );
    let mut table = Table::new("flows-data", "Who bears what", caption)
        .columns(Align::Text, &["Borne by"])
        .columns(Align::Number, &heads);
    let from_to = |from: &FlowEnd, to: &FlowEnd| -> Money {
        let found = view.flows.iter().filter(|flow| flow.from == *from && flow.to == *to);
        found.map(|flow| flow.amount).sum()
    };
    let mut ends: Vec<FlowEnd> = ranked(view, |end| matches!(end, FlowEnd::Team(_)))
        .into_iter()
        .map(|(end, _)| end)
        .collect();
    ends.push(FlowEnd::Nobody);
    let row = |to: &FlowEnd| -> Vec<Money> {
        let direct = categories.iter().map(|category| from_to(&FlowEnd::Category(*category), to));
        direct.chain([from_to(&FlowEnd::Shared, to)]).collect()
    };
    let mut rows: Vec<Vec<Money>> = ends.iter().map(row).collect();
    let mut spread = row(&FlowEnd::Shared);
    let all: Money = spread.iter().copied().sum();
    if let Some(last) = spread.last_mut() {
        *last = Money::default() - all;
    }
    rows.push(spread);
    let footed = foot::foot_table(format, &rows);
    let names = ends.iter().map(|end| match end {
        FlowEnd::Team(name) => plain(name),
        _ => cell("No team"),
    });
    let names = names.chain([cell("Spread by rules")]);
    let cells = footed.cells.iter().zip(&footed.row_totals);
    for (place, (name, (cells, total))) in names.zip(cells).enumerate() {
        let kind = if place < ends.len() { RowKind::Body } else { RowKind::Apart };
        let amounts = cells.iter().chain([total]).copied().map(amount);
        table.push(kind, std::iter::once(name).chain(amounts).collect());
    }
    let sums = footed.column_totals.iter().chain([&footed.total]).copied().map(amount);
    table.push(RowKind::Total, std::iter::once(cell("Total")).chain(sums).collect());
    table
}
