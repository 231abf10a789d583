//! What is paid for and who bears it, as bands from categories to teams.

use std::collections::BTreeMap;

use super::{Align, Figure, RowKind, Table, amount, cell, plain};
use crate::cost::ledger::Category;
use crate::report::chart::sankey::{self, Column, Flow, Node};
use crate::report::chart::{Naming, stacked};
use crate::report::foot::{self, Footed};
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
    let borne = Borne::of(view, format);
    let (nodes, flows) = drawing(view, &borne, format);
    Some(Figure {
        caption: format!(
            "{} over {} months; left what is paid for, right who bears it, in the middle what rules spread{}",
            format.words(),
            view.months.len(),
            if credits { "; credits are not drawn" } else { "" }
        ),
        chart: sankey::draw(&nodes, &flows, naming),
        data: data(&borne, format),
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

/// Who bears what in whole units, footing as printed: a row for each that bears cost, the largest first, then
/// what rules spread; a column a category, then what is spread.
struct Borne {
    categories: Vec<Category>,
    /// Teams, then nobody.
    ends: Vec<FlowEnd>,
    footed: Footed,
}

impl Borne {
    fn of(view: &BudgetView, format: MoneyFormat) -> Self {
        let categories: Vec<Category> =
            view.cost.categories.iter().map(|category| category.category).collect();
        let by_ends: BTreeMap<(&FlowEnd, &FlowEnd), Money> =
            view.flows.iter().map(|flow| ((&flow.from, &flow.to), flow.amount)).collect();
        let from_to = |from: &FlowEnd, to: &FlowEnd| by_ends.get(&(from, to)).copied();
        let teams = ranked(view, |end| matches!(end, FlowEnd::Team(_))).into_iter();
        let mut ends: Vec<FlowEnd> = teams.map(|(end, _)| end).collect();
        ends.push(FlowEnd::Nobody);
        let row = |to: &FlowEnd| -> Vec<Money> {
            let own = categories.iter().map(|category| from_to(&FlowEnd::Category(*category), to));
            own.chain([from_to(&FlowEnd::Shared, to)]).map(Option::unwrap_or_default).collect()
        };
        let mut rows: Vec<Vec<Money>> = ends.iter().map(row).collect();
        let mut spread = row(&FlowEnd::Shared);
        let all: Money = spread.iter().copied().sum();
        if let Some(last) = spread.last_mut() {
            *last = Money::default() - all;
        }
        rows.push(spread);
        Self { categories, ends, footed: foot::foot_table(format, &rows) }
    }

    /// What all teams and nobody bear of what is spread.
    fn spread(&self) -> i64 {
        -self.footed.cells.last().and_then(|row| row.last()).copied().unwrap_or(0)
    }
}

fn drawing(view: &BudgetView, borne: &Borne, format: MoneyFormat) -> (Vec<Node>, Vec<Flow>) {
    let mut nodes = Vec::new();
    let mut place: BTreeMap<FlowEnd, usize> = BTreeMap::new();
    let node = |column, name: String, whole: i64, class| Node {
        column,
        name,
        amount: format::accounting(whole),
        class,
    };
    let sums = &borne.footed.column_totals;
    for (end, sum) in ranked(view, |end| matches!(end, FlowEnd::Category(_))) {
        let FlowEnd::Category(category) = end else { continue };
        let column = borne.categories.iter().position(|one| *one == category);
        if let Some(column) = column.filter(|_| sum > Money::default()) {
            place.insert(end, nodes.len());
            let name = stacked::words(category).to_owned();
            nodes.push(node(Column::Left, name, sums[column], stacked::class(category)));
        }
    }
    if borne.spread() > 0 {
        place.insert(FlowEnd::Shared, nodes.len());
        nodes.push(node(Column::Middle, "Idle and shared".to_owned(), borne.spread(), "level"));
    }
    let totals = &borne.footed.row_totals;
    let teams = borne.ends.len() - 1;
    let drawn = if teams > DRAWN { DRAWN - 1 } else { teams };
    for (end, whole) in borne.ends.iter().zip(totals).take(drawn) {
        let FlowEnd::Team(name) = end else { continue };
        place.insert(end.clone(), nodes.len());
        nodes.push(node(Column::Right, format::plain(name), *whole, "level"));
    }
    if drawn < teams {
        let rest = borne.ends[drawn..teams].iter();
        place.extend(rest.map(|end| (end.clone(), nodes.len())));
        let name = format!("{} other teams", teams - drawn);
        nodes.push(node(Column::Right, name, totals[drawn..teams].iter().sum(), "level"));
    }
    if totals[teams] > 0 {
        place.insert(FlowEnd::Nobody, nodes.len());
        nodes.push(node(Column::Right, "no team".to_owned(), totals[teams], "level"));
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

/// The figures behind the bands.
fn data(borne: &Borne, format: MoneyFormat) -> Table {
    let mut heads: Vec<&str> =
        borne.categories.iter().map(|category| stacked::words(*category)).collect();
    heads.extend(["Idle and shared", "Total"]);
    let caption = format!(
        "{}; what idles or is shared leaves its category in the last row and reaches who bears it in its own column",
        format.words()
    );
    let mut table = Table::new("flows-data", "Who bears what", caption)
        .columns(Align::Text, &["Borne by"])
        .columns(Align::Number, &heads);
    let names = borne.ends.iter().map(|end| match end {
        FlowEnd::Team(name) => plain(name),
        _ => cell("No team"),
    });
    let names = names.chain([cell("Spread by rules")]);
    let cells = borne.footed.cells.iter().zip(&borne.footed.row_totals);
    for (place, (name, (cells, total))) in names.zip(cells).enumerate() {
        let kind = if place < borne.ends.len() { RowKind::Body } else { RowKind::Apart };
        let amounts = cells.iter().chain([total]).copied().map(amount);
        table.push(kind, std::iter::once(name).chain(amounts).collect());
    }
    let sums = borne.footed.column_totals.iter().chain([&borne.footed.total]);
    let sums = sums.copied().map(amount);
    table.push(RowKind::Total, std::iter::once(cell("Total")).chain(sums).collect());
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{Words, report};

    #[test]
    fn what_nodes_say_is_what_the_table_says_and_foots() {
        let view = report(&Words::default());
        let format = MoneyFormat::of(&view);
        let borne = Borne::of(&view, format);
        let (nodes, flows) = drawing(&view, &borne, format);
        let printed = |column: Column| -> i64 {
            let of = nodes.iter().filter(|node| node.column == column);
            of.map(|node| node.amount.replace(',', "").parse::<i64>().unwrap_or(0)).sum()
        };
        let all = format.whole(view.chargeback.invoice);
        assert_eq!((printed(Column::Left), printed(Column::Right)), (all, all));
        assert_eq!(borne.footed.total, all);
        assert_eq!(borne.footed.column_totals.last(), Some(&0));
        let into: f64 =
            flows.iter().filter(|f| nodes[f.to].column == Column::Right).map(|f| f.amount).sum();
        assert!((into - format.position(view.chargeback.invoice)).abs() < 1e-6);
    }
}
