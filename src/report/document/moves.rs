//! What moved most on a team's statement: the lines that change most, each with the causes that sum to its change.

use std::fmt::Write as _;

use super::{Align, Block, Cell, RowKind, Section, Table, cell, plain};
use crate::report::format::{self, MoneyFormat};
use crate::report::prose::escape;
use crate::report::view::{
    BudgetView, Money, MonthsView, MovedBy, MovedLineView, MovesView, StatementView,
};

/// Lines that are shown one by one, and causes of each.
const LINES: usize = 5;
const CAUSES: usize = 6;

/// The section; absent where nothing moves.
pub(super) fn section(
    view: &BudgetView,
    statement: &StatementView,
    format: MoneyFormat,
) -> Option<Section> {
    let all = [("moves", statement.moves.as_ref()), ("moves-since", statement.since.as_ref())];
    let mut blocks = Vec::new();
    for (id, moves) in all {
        let Some(moves) = moves.filter(|moves| !moves.lines.is_empty()) else { continue };
        blocks.push(Block::prose(finding(view, moves, format)));
        blocks.push(Block::table(table(view, id, moves, format)));
    }
    (!blocks.is_empty()).then(|| Section {
        id: "moves",
        heading: "What moves most, and why".to_owned(),
        blocks,
    })
}

/// `From Q1 FY27 to Q4 FY27 the statement rises by US$ 99k; chat moves most: US$ 97k, of which demand US$ 110k.`
fn finding(view: &BudgetView, moves: &MovesView, format: MoneyFormat) -> String {
    let [from, to] = labels(view, moves);
    let change = moves.after - moves.before;
    let rises = if change < Money::default() { "falls" } else { "rises" };
    let size = |amount: Money| format.sentence(amount.max(Money::default() - amount));
    let mut text = match moves.months {
        Some(_) => format!("From {} to {} ", escape(&from.0), escape(&to.0)),
        None => format!("Since {} ", escape(&from.0)),
    };
    if change == Money::default() {
        text.push_str("the statement comes to the same");
    } else {
        let _ = write!(text, "the statement {rises} by **{}**", size(change));
    }
    if let Some(line) = moves.lines.first() {
        let by = |amount: Money| {
            let word = if amount < Money::default() { "down" } else { "up" };
            format!("{word} {}", size(amount))
        };
        let _ = write!(text, "; {} moves most, {}", name(line), by(line.change));
        // Of the causes that move it this way; one of them may be more than all together.
        let nothing = Money::default();
        let same_way = |cause: &&MovedBy| (cause.amount > nothing) == (line.change > nothing);
        if let Some(cause) = line.why.iter().find(same_way) {
            let all = line.change.decimal().abs();
            let word = escape(&cause.cause);
            let _ = if cause.amount.decimal().abs() > all {
                write!(text, ", mainly {word}, {}", by(cause.amount))
            } else {
                write!(text, ", of which {word} {}", by(cause.amount))
            };
        }
    }
    text.push('.');
    text
}

fn name(line: &MovedLineView) -> String {
    let name = line.service.as_deref().map(format::plain);
    name.map_or_else(|| "what belongs to no single service".to_owned(), |name| escape(&name))
}

/// What both sides are called, and the months of each.
fn labels(view: &BudgetView, moves: &MovesView) -> [(String, Option<String>); 2] {
    let label = |text: &str, months: Option<MonthsView>| {
        let Some(MonthsView { first, last }) = months else { return (format::plain(text), None) };
        let period = view.periods.iter().find(|of| (of.first, of.last) == (first, last));
        period.filter(|of| of.quarter.is_some()).map_or_else(
            || (format::months(first, last), None),
            |period| {
                let (head, months) = format::period(period);
                (head, Some(months))
            },
        )
    };
    let months = |at: usize| moves.months.map(|months| months[at]);
    [label(&moves.from, months(0)), label(&moves.to, months(1))]
}

fn table(view: &BudgetView, id: &str, moves: &MovesView, format: MoneyFormat) -> Table {
    let [from, to] = labels(view, moves);
    let title = match moves.months {
        Some(_) => format!("Top movers from {} to {}", from.0, to.0),
        None => format!("Top movers since {}", from.0),
    };
    let caption = format!(
        "{}; causes come to the change of their line, one after the other in the order days, demand, efficiency or runs, purchase, price; \
         a plus is more cost, parentheses are less",
        format.words()
    );
    let caption = match moves.months {
        Some(_) => caption,
        None => format!(
            "{}, all months; causes come to the change of their line; a plus is more cost, parentheses are less",
            format.words()
        ),
    };
    let mut table = Table::new(id, title, caption)
        .columns(Align::Text, &["Line and cause"])
        .columns(Align::Wrapped, &["Why"])
        .columns(Align::Number, &[&from.0, &to.0, "Change"])
        .columns(Align::Wrapped, &["Lines of the plan"]);
    for (column, months) in table.columns[2..4].iter_mut().zip([from.1, to.1]) {
        column.under = months;
    }
    let nothing = || cell("");
    let lines = &moves.lines;
    let shown = if lines.len() <= LINES + 1 { lines.len() } else { LINES };
    for line in &lines[..shown] {
        let head = line.service.as_deref().map_or_else(|| cell("of no single service"), plain);
        let amounts =
            [amount(line.before, format), amount(line.after, format), change(line.change, format)];
        let mut row = vec![head, nothing()];
        row.extend(amounts);
        row.push(nothing());
        table.push(RowKind::Body, row);
        causes(&mut table, &line.why, format);
    }
    let rest = &lines[shown..];
    let listed = |of: fn(&MovedLineView) -> Money| lines.iter().map(of).sum::<Money>();
    let stays = moves.before - listed(|line| line.before);
    if !rest.is_empty() || stays != Money::default() {
        let sum = |of: fn(&MovedLineView) -> Money| rest.iter().map(of).sum::<Money>();
        let head = match rest.len() {
            0 => "lines that stay".to_owned(),
            count => format!("{count} lines of smaller change"),
        };
        let after = moves.after - listed(|line| line.after) + sum(|line| line.after);
        table.push(
            RowKind::Body,
            vec![
                cell(head),
                nothing(),
                amount(stays + sum(|line| line.before), format),
                amount(after, format),
                change(sum(|line| line.change), format),
                nothing(),
            ],
        );
    }
    let (before, after) = (moves.before, moves.after);
    let row = vec![
        cell("Total"),
        nothing(),
        amount(before, format),
        amount(after, format),
        change(after - before, format),
        nothing(),
    ];
    table.push(RowKind::Total, row);
    table
}

fn causes(table: &mut Table, why: &[MovedBy], format: MoneyFormat) {
    let shown = if why.len() <= CAUSES + 1 { why.len() } else { CAUSES };
    let row = |head: String, how: String, sum: Money, places: String| {
        vec![cell(head), cell(how), cell(""), cell(""), change(sum, format), cell(places)]
    };
    for by in &why[..shown] {
        let places: Vec<String> = by.places.iter().map(|place| format::plain(place)).collect();
        let places = match places.as_slice() {
            [a, b, c, _, ..] => format!("{a}, {b}, {c} and {} more", places.len() - 3),
            _ => places.join(", "),
        };
        let head = format!("· {}", format::plain(&by.cause));
        table.push(RowKind::Apart, row(head, format::plain(&by.how), by.amount, places));
    }
    let rest = &why[shown..];
    if !rest.is_empty() {
        let sum = rest.iter().map(|by| by.amount).sum();
        let head = format!("· {} more", rest.len());
        table.push(RowKind::Apart, row(head, String::new(), sum, String::new()));
    }
}

fn amount(amount: Money, format: MoneyFormat) -> Cell {
    cell(format.cell(amount))
}

/// A change with its sign.
fn change(amount: Money, format: MoneyFormat) -> Cell {
    let plus = if amount > Money::default() { "+" } else { "" };
    cell(format!("{plus}{}", format.cell(amount)))
}
