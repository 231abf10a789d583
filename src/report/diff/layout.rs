//! A comparison as a page: the difference in one line, who and what it hits, what needs a decision, why.
//!
//! Nothing is ever cut: where a page must be short, the smallest rows of each table become one row with
//! their number and sum. Totals, causes and failures always stand by themselves.

use std::fmt::Write as _;

use super::amounts::{Print, percent};
use super::bridge;
use super::decisions;
use super::orders;
use super::view::{ChangeView, DiffView, PlanText, RenameView, renamed};
use crate::diff::{Amounts, Moved, Name, PoolDiff, TeamDiff};
use crate::language::between::Cause;
use crate::money::Decimal;
use crate::report::format;
use crate::report::page::{
    Block, Column, Line, Page, PlanLine, Row, RowKind, Table, code, plan, strong, words,
};

/// At most how many rows each table shows one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Room(pub(super) usize);

/// Lays a comparison out.
pub(super) fn page(view: &DiffView, room: Room) -> Page {
    let print = Print::of(view.diff.currency, view.diff.total);
    let mut blocks = vec![Block::Paragraph(provenance(view, print))];
    if view.diff.is_nothing() && view.changes.is_empty() {
        let same = if view.renames.is_empty() {
            "No figure and no line of the plan differs."
        } else {
            "No figure differs: only names do."
        };
        blocks.push(Block::Paragraph(vec![words(same)]));
        blocks.extend(names(view, room));
    } else {
        blocks.push(Block::Table(teams(view, print, room)));
        blocks.push(Block::Paragraph(spread(view, print)));
        if let Some(pools) = pools(view, room) {
            blocks.push(Block::Table(pools));
        }
        blocks.push(Block::Heading(vec![words("Budgets, policies and limits")]));
        blocks.push(Block::List(decisions::decisions(view, print)));
        blocks.push(Block::Heading(vec![words("Why")]));
        blocks.extend(bridge::drawing(view, print).map(Block::Drawing));
        blocks.push(Block::Table(why(view, print)));
        blocks.extend(changed(view, room));
        blocks.extend(names(view, room));
        blocks.extend(by_cause(view, print, room));
        blocks.extend(orders::folded(view, print, room));
        blocks.push(Block::Folded(
            vec![words("Cost by quarter")],
            vec![Block::Table(quarters(view, print))],
        ));
        blocks.push(Block::Folded(
            vec![words("Cost by month: mean, median and p90")],
            vec![Block::Table(months(view, print, room))],
        ));
    }
    blocks.extend(held_equal(view));
    blocks.push(Block::Small(vec![
        words("reproduce: "),
        code(view.frame.command.clone()),
        words(format!(" · capplan {}", view.frame.version)),
    ]));
    Page { marker: Some(marker(view)), title: title(view, print), blocks }
}

/// The hidden line by which the comment is found again: the plan's path alone, so that each push of a
/// branch replaces the comment of the one before.
fn marker(view: &DiffView) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || "._/".contains(c) { c } else { '_' };
    let path: String = view.path.chars().map(safe).collect();
    let mut marker = format!("capplan:cost-impact:v1 plan={path}");
    if let Some([before, after]) = &view.frame.scenarios {
        let safe = |name: &str| name.chars().map(safe).collect::<String>();
        let _ = write!(marker, " scenario={}..{}", safe(before), safe(after));
    }
    marker
}

fn title(view: &DiffView, print: Print) -> Line {
    let diff = &view.diff;
    let mut title = vec![words("Capacity plan: ")];
    if diff.is_new {
        title.push(strong(format!("a new plan, {}", print.in_words(diff.total.after))));
    } else {
        title.push(strong(print.change_in_words(diff.total.change())));
    }
    if let (Some(first), Some(last)) = (diff.months.first(), diff.months.last()) {
        title.push(words(format!(" in {}", format::months(first.month, last.month))));
    }
    let share = percent(diff.total);
    if share != "–" {
        title.push(words(format!(" ({share})")));
    }
    let broken = decisions::broken(view);
    if broken > 0 {
        title.push(words(" · "));
        title.push(strong(format::counted(broken as f64, "new failure")));
    }
    title
}

fn provenance(view: &DiffView, print: Print) -> Line {
    let frame = &view.frame;
    let mut line = vec![
        words("Plan "),
        plan(view.diff.plan.clone()),
        words(": "),
        plan(view.sides.1.clone()),
        words(" against "),
        plan(view.sides.0.clone()),
        words(format!(" · as of {} · ", frame.as_of)),
    ];
    match &frame.scenarios {
        None => line.push(words("base scenario, ")),
        Some([before, after]) if before == after => {
            line.extend([words("scenario "), plan(after.clone()), words(", ")]);
        }
        // Both sides are named by theirs.
        Some(_) => {}
    }
    line.push(words(format!(
        "means of {} draws · {}, a plus is more cost",
        format::count(frame.draws as f64),
        print.symbol()
    )));
    line
}

pub(super) fn figure(text: impl Into<String>) -> Line {
    vec![words(text)]
}

pub(super) fn name(name: &Name) -> Line {
    match &name.was {
        None => vec![plan(name.now.clone())],
        Some(was) => vec![plan(name.now.clone()), words(" (was "), plan(was.clone()), words(")")],
    }
}

fn amounts(print: Print, amounts: Amounts) -> [Line; 4] {
    [
        figure(print.amount(amounts.before)),
        figure(print.amount(amounts.after)),
        figure(print.change(amounts.change())),
        figure(percent(amounts)),
    ]
}

pub(super) fn row(kind: RowKind, head: Line, cells: impl IntoIterator<Item = Line>) -> Row {
    Row { cells: std::iter::once(head).chain(cells).collect(), kind }
}

pub(super) fn columns(first: &str, figures: &[&str]) -> Vec<(String, Column)> {
    let figures = figures.iter().map(|head| ((*head).to_owned(), Column::Figures));
    std::iter::once((first.to_owned(), Column::Words)).chain(figures).collect()
}

/// Teams that change, largest first; those that do not, together.
fn teams(view: &DiffView, print: Print, room: Room) -> Table {
    let all: Vec<Amounts> = view.diff.teams.iter().map(|team| team.cost).collect();
    let footed = print.foot(&all);
    let mut changed: Vec<(&TeamDiff, Amounts)> = Vec::new();
    let mut same = (0, Amounts::default());
    for (team, printed) in view.diff.teams.iter().zip(&footed.rows) {
        let unnamed_nothing = team.name.is_none() && *printed == Amounts::default();
        if unnamed_nothing {
            continue;
        }
        if team.cost.change().is_zero() && printed.change().is_zero() {
            same = (same.0 + 1, add(same.1, *printed));
        } else {
            changed.push((team, *printed));
        }
    }
    changed.sort_by_key(|(_, printed)| std::cmp::Reverse(printed.change().abs()));
    let (shown, rest) = split(&changed, room);
    let mut rows: Vec<Row> = shown
        .iter()
        .map(|(team, printed)| {
            let head = team.name.as_ref().map_or_else(|| figure("borne by no team"), name);
            row(RowKind::Plain, head, amounts(print, *printed))
        })
        .collect();
    if let Some(last) = rest.first() {
        let sum = rest.iter().fold(Amounts::default(), |sum, (_, printed)| add(sum, *printed));
        rows.push(row(
            RowKind::Rest,
            below(rest.len(), print, last.1.change()),
            amounts(print, sum),
        ));
    }
    if same.0 > 0 {
        let head = figure(format!("{} unchanged", format::counted(f64::from(same.0), "row")));
        rows.push(row(RowKind::Rest, head, amounts(print, same.1)));
    }
    rows.push(row(RowKind::Total, figure("Total"), amounts(print, footed.total)));
    Table { columns: columns("Team", &["Before", "After", "Change", "%"]), rows }
}

/// `37 rows of at most US$ 500 each`.
fn below(count: usize, print: Print, largest: Decimal) -> Line {
    let count = format::counted(count as f64, "row");
    figure(format!("{count} of at most {} each", print.in_words(largest.abs())))
}

fn add(a: Amounts, b: Amounts) -> Amounts {
    Amounts { before: a.before + b.before, after: a.after + b.after }
}

/// What is shown by itself, and what goes together; one alone never goes together.
pub(super) fn split<T>(all: &[T], room: Room) -> (&[T], &[T]) {
    if all.len() <= room.0 + 1 { (all, &[]) } else { all.split_at(room.0) }
}

/// `Total: median 431 → 452 (+21), p90 480 → 501 (+21); they are not sums.`
fn spread(view: &DiffView, print: Print) -> Line {
    let [_, p50, p90] = &view.diff.quantiles;
    let moved = |print: Print, of: &Moved| {
        if view.diff.is_new { print.amount(print.of_draw(of.after)) } else { moved(print, of) }
    };
    let text = format!(
        "Of the total over the draws: median {}, p90 {}. Means add; these do not.",
        moved(print, p50),
        moved(print, p90)
    );
    let mut line = figure(text);
    let capex = view.diff.capex;
    if !capex.before.is_zero() || !capex.after.is_zero() {
        let (before, after) = (print.amount(capex.before), print.amount(capex.after));
        let change = print.change(print.round(capex.after) - print.round(capex.before));
        line.push(words(format!(" Capital expenditure {before} → {after} ({change}).")));
    }
    line
}

fn moved(print: Print, moved: &Moved) -> String {
    let (before, after) = (print.of_draw(moved.before), print.of_draw(moved.after));
    if before == after {
        return format!("{} unchanged", print.amount(after));
    }
    let noise = if moved.within_noise { ", within noise" } else { "" };
    format!(
        "{} → {} ({}{noise})",
        print.amount(before),
        print.amount(after),
        print.change(after - before)
    )
}

/// Pools whose need or shortage changes, if any.
fn pools(view: &DiffView, room: Room) -> Option<Table> {
    let mut changed: Vec<&PoolDiff> = view.diff.pools.iter().filter(|p| p.differs()).collect();
    if changed.is_empty() {
        return None;
    }
    let size = |pool: &PoolDiff| (pool.peak_p50.after - pool.peak_p50.before).abs();
    changed.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.name.cmp(&b.name)));
    let (shown, rest) = split(&changed, room);
    let count = |moved: &Moved, pool: &PoolDiff| {
        if !pool.there.0 {
            return format!("{} (new)", format::count(moved.after * pool.gpus_per_node.max(1.0)));
        }
        let gpus = pool.gpus_per_node.max(1.0);
        let (before, after) =
            (format::count(moved.before * gpus), format::count(moved.after * gpus));
        let noise = if moved.within_noise { " (within noise)" } else { "" };
        if before == after { after } else { format!("{before} → {after}{noise}") }
    };
    let month = |of: (Option<crate::calendar::Month>, Option<crate::calendar::Month>)| {
        let text = |month: Option<_>| month.map_or_else(|| "never".to_owned(), format::month);
        if of.0 == of.1 { text(of.1) } else { format!("{} → {}", text(of.0), text(of.1)) }
    };
    let mut rows: Vec<Row> = shown
        .iter()
        .map(|pool| {
            let unit = if pool.gpus_per_node > 0.0 { "GPUs" } else { "nodes" };
            let cells = [
                count(&pool.peak_p50, pool),
                count(&pool.peak_p90, pool),
                unit.to_owned(),
                month(pool.short_from),
            ];
            row(RowKind::Plain, name(&pool.name), cells.map(figure))
        })
        .collect();
    if let Some(largest) = rest.first() {
        let head = format!(
            "{}, whose median moves by at most {} each",
            format::counted(rest.len() as f64, "pool"),
            format::counted(size(largest), "node")
        );
        rows.push(row(RowKind::Rest, figure(head), [0; 4].map(|_| Line::new())));
    }
    let same = view.diff.pools.len() - changed.len();
    if same > 0 {
        let head = format!("{} unchanged", format::counted(same as f64, "pool"));
        rows.push(row(RowKind::Rest, figure(head), [0; 4].map(|_| Line::new())));
    }
    let heads = ["Peak need, median", "p90", "Unit", "Short from"];
    Some(Table { columns: columns("Pool", &heads), rows })
}

/// Rows of causes that sum to the difference.
fn why(view: &DiffView, print: Print) -> Table {
    let total = print.round(view.diff.total.after) - print.round(view.diff.total.before);
    let exact: Vec<Decimal> = view.diff.why.iter().map(|row| row.amount).collect();
    let printed = print.parts(&exact, total);
    let mut rows: Vec<Row> = view
        .diff
        .why
        .iter()
        .zip(printed)
        .map(|(because, amount)| {
            let cells = [figure(print.change(amount)), lines_of(view, &because.causes)];
            row(RowKind::Plain, figure(cause_words(&because.causes)), cells)
        })
        .collect();
    let cells = [figure(print.change(total)), figure("")];
    rows.push(row(RowKind::Total, figure("Change of the mean"), cells));
    let mut columns = columns("Cause", &["Change"]);
    columns.push(("Lines of the plan".to_owned(), Column::Words));
    Table { columns, rows }
}

/// `demand`, `growth and events together`.
pub(in crate::report) fn cause_words(causes: &[Cause]) -> String {
    let names: Vec<&str> = causes.iter().map(|cause| cause.words()).collect();
    match names.as_slice() {
        [] => "the plan is new".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last} together", first.join(", ")),
    }
}

/// The places of the first changes of some causes.
fn lines_of(view: &DiffView, causes: &[Cause]) -> Line {
    const SHOWN: usize = 3;
    let of: Vec<&ChangeView> =
        view.changes.iter().filter(|change| causes.contains(&change.cause)).collect();
    let mut places: Vec<&str> =
        of.iter().filter_map(|change| place(change)).map(|text| text.place.as_str()).collect();
    places.dedup();
    let mut line = Line::new();
    for (index, place) in places.iter().take(SHOWN).enumerate() {
        if index > 0 {
            line.push(words(", "));
        }
        line.push(plan(*place));
    }
    if places.len() > SHOWN {
        line.push(words(format!(" and {} more", places.len() - SHOWN)));
    }
    if causes.contains(&Cause::Demand) && !view.measured_anew.is_empty() {
        let gap = if line.is_empty() { "" } else { "; " };
        let count = format::counted(view.measured_anew.len() as f64, "history");
        let count = count.replace("historys", "histories");
        line.push(words(format!("{gap}{count} measured anew")));
    }
    line
}

fn place(change: &ChangeView) -> Option<&PlanText> {
    change.after.as_ref().or(change.before.as_ref())
}

/// Lines of the plan that differ, as they were and as they are.
fn changed(view: &DiffView, room: Room) -> Option<Block> {
    if view.changes.is_empty() {
        return None;
    }
    // Each line takes about as much room as three rows of a table.
    let room = Room(room.0.saturating_mul(2));
    let (shown, rest) = split(&view.changes, room);
    let mut inside = vec![Block::Lines(shown.iter().flat_map(lines).collect())];
    if !rest.is_empty() {
        let mut by_cause: Vec<String> = Vec::new();
        for cause in Cause::ALL {
            let count = rest.iter().filter(|change| change.cause == cause).count();
            if count > 0 {
                by_cause.push(format!("{count} of {}", cause.words()));
            }
        }
        let count = format::counted(rest.len() as f64, "more change");
        let text = format!("and {count}: {}", by_cause.join(", "));
        inside.push(Block::Paragraph(figure(text)));
    }
    let count = format::counted(view.changes.len() as f64, "change");
    Some(Block::Folded(figure(format!("What changed in the plan ({count})")), inside))
}

/// What only has another name.
fn names(view: &DiffView, room: Room) -> Option<Block> {
    if view.renames.is_empty() {
        return None;
    }
    let (shown, rest) = split(&view.renames, room);
    let mut list: Vec<Line> = shown.iter().map(rename_line).collect();
    if !rest.is_empty() {
        list.push(figure(format!("and {} more", rest.len())));
    }
    let count = format::counted(view.renames.len() as f64, "thing");
    let head = format!("Renamed, with nothing else changed ({count}): draws are followed");
    Some(Block::Folded(figure(head), vec![Block::List(list)]))
}

fn rename_line(rename: &RenameView) -> Line {
    vec![
        plan(renamed(rename)),
        words(" → "),
        plan(rename.after.clone()),
        words(" ("),
        plan(rename.place.clone()),
        words(")"),
    ]
}

fn lines(change: &ChangeView) -> Vec<PlanLine> {
    let of =
        |text: &Option<PlanText>| text.as_ref().map_or_else(String::new, |text| text.place.clone());
    let places = match (&change.before, &change.after) {
        (Some(before), Some(after)) if before.place == after.place => after.place.clone(),
        (Some(before), Some(after)) => format!("{} → {}", before.place, after.place),
        (before, after) => format!("{}{}", of(before), of(after)),
    };
    let also = match change.also {
        0 => String::new(),
        count => format!(" and {count} more"),
    };
    let setting =
        if change.setting.is_empty() { String::new() } else { format!(", {}", change.setting) };
    let about = format!("{}{also}{setting} // {places} · {}", change.thing, change.cause.words());
    let mut lines = vec![PlanLine::About(about)];
    lines.extend(change.before.iter().map(|text| PlanLine::Was(text.text.clone())));
    lines.extend(change.after.iter().map(|text| PlanLine::Is(text.text.clone())));
    lines
}

/// Teams by cause, where more than one cause moves something: rows come to the changes of the teams' table,
/// columns to the rows of why.
fn by_cause(view: &DiffView, print: Print, room: Room) -> Option<Block> {
    let total = print.round(view.diff.total.after) - print.round(view.diff.total.before);
    let exact: Vec<Decimal> = view.diff.why.iter().map(|row| row.amount).collect();
    let sums: Vec<Decimal> = print.parts(&exact, total);
    let moves = |causes: &[Cause]| {
        let is_it = |(own, amount): &(Vec<Cause>, Decimal)| own == causes && !amount.is_zero();
        view.diff.teams.iter().any(|team| team.why.iter().any(is_it))
    };
    let (causes, columns_sum): (Vec<&[Cause]>, Vec<Decimal>) = view
        .diff
        .why
        .iter()
        .zip(&sums)
        .filter(|(row, sum)| moves(&row.causes) || !sum.is_zero())
        .map(|(row, sum)| (row.causes.as_slice(), *sum))
        .unzip();
    if causes.len() < 2 {
        return None;
    }
    let all: Vec<Amounts> = view.diff.teams.iter().map(|team| team.cost).collect();
    let footed = print.foot(&all);
    let mut moved: Vec<(&TeamDiff, Decimal)> = view
        .diff
        .teams
        .iter()
        .zip(footed.rows.iter().map(|printed| printed.change()))
        .filter(|(team, change)| !team.why.is_empty() || !change.is_zero())
        .collect();
    moved.sort_by_key(|(team, _)| {
        std::cmp::Reverse(team.why.iter().map(|(_, amount)| amount.abs()).sum::<Decimal>())
    });
    let parts = |team: &TeamDiff| -> Vec<Decimal> {
        let of = |of: &&[Cause]| team.why.iter().find(|(own, _)| own.as_slice() == *of);
        causes
            .iter()
            .map(|cause| of(cause).map(|(_, amount)| *amount).unwrap_or_default())
            .collect()
    };
    let exact: Vec<Vec<Decimal>> = moved.iter().map(|(team, _)| parts(team)).collect();
    let changes: Vec<Decimal> = moved.iter().map(|(_, change)| *change).collect();
    let printed = print.table(&exact, &changes, &columns_sum);
    let cells = |parts: &[Decimal]| -> Vec<Line> {
        let sum = parts.iter().copied().sum();
        parts.iter().copied().chain([sum]).map(|part| figure(print.change(part))).collect()
    };
    let together = |rows: &[Vec<Decimal>]| -> Vec<Decimal> {
        (0..causes.len()).map(|at| rows.iter().map(|row| row[at]).sum()).collect()
    };
    let (shown, rest) = split(&printed, room);
    let mut rows: Vec<Row> = moved
        .iter()
        .zip(shown)
        .map(|((team, _), parts)| {
            let head = team.name.as_ref().map_or_else(|| figure("borne by no team"), name);
            row(RowKind::Plain, head, cells(parts))
        })
        .collect();
    if !rest.is_empty() {
        let head = figure(format!("{} more", format::counted(rest.len() as f64, "row")));
        rows.push(row(RowKind::Rest, head, cells(&together(rest))));
    }
    rows.push(row(RowKind::Total, figure("Total"), cells(&together(&printed))));
    let names: Vec<String> = causes.iter().map(|causes| cause_words(causes)).collect();
    let mut heads: Vec<&str> = names.iter().map(String::as_str).collect();
    heads.push("Change");
    let table = Table { columns: columns("Team", &heads), rows };
    Some(Block::Folded(figure("Teams by cause"), vec![Block::Table(table)]))
}

fn quarters(view: &DiffView, print: Print) -> Table {
    let sums: Vec<Amounts> = view.diff.quarters.iter().map(|(_, sums)| *sums).collect();
    let footed = print.foot(&sums);
    let label = |quarter: &crate::calendar::FiscalQuarter| {
        let year = format::fiscal_year(quarter.year);
        figure(format!("Q{} {year}", quarter.quarter))
    };
    let mut rows: Vec<Row> = view
        .diff
        .quarters
        .iter()
        .zip(&footed.rows)
        .map(|((quarter, _), printed)| {
            row(RowKind::Plain, label(quarter), amounts(print, *printed))
        })
        .collect();
    rows.push(row(RowKind::Total, figure("Total"), amounts(print, footed.total)));
    Table { columns: columns("Quarter", &["Before", "After", "Change", "%"]), rows }
}

fn months(view: &DiffView, print: Print, room: Room) -> Table {
    let sums: Vec<Amounts> = view.diff.months.iter().map(|month| month.mean).collect();
    let footed = print.foot(&sums);
    let all: Vec<usize> = (0..sums.len()).collect();
    // Months have an order of their own, so the last go together.
    let (shown, rest) = split(&all, Room(room.0.max(12)));
    let mut rows: Vec<Row> = shown
        .iter()
        .map(|at| {
            let (month, printed) = (&view.diff.months[*at], footed.rows[*at]);
            let cells = [
                print.amount(printed.before),
                print.amount(printed.after),
                print.change(printed.change()),
                moved(print, &month.p50),
                moved(print, &month.p90),
            ];
            row(RowKind::Plain, figure(format::month(month.month)), cells.map(figure))
        })
        .collect();
    let sum_of =
        |at: &[usize]| at.iter().fold(Amounts::default(), |sum, at| add(sum, footed.rows[*at]));
    let cells = |sum: Amounts| {
        let text = [print.amount(sum.before), print.amount(sum.after), print.change(sum.change())];
        text.into_iter().chain([String::new(), String::new()]).map(figure)
    };
    if let (Some(first), Some(last)) = (rest.first(), rest.last()) {
        let (first, last) = (view.diff.months[*first].month, view.diff.months[*last].month);
        rows.push(row(RowKind::Rest, figure(format::months(first, last)), cells(sum_of(rest))));
    }
    rows.push(row(RowKind::Total, figure("Total"), cells(footed.total)));
    Table { columns: columns("Month", &["Before", "After", "Change", "Median", "p90"]), rows }
}

/// What is equal on both sides although the plan changes it.
fn held_equal(view: &DiffView) -> Option<Block> {
    if view.pinned.is_empty() {
        return None;
    }
    let text =
        "Changed in the plan, and taken from it on both sides, so that no figure here moves by it:";
    let lines = view.pinned.iter().flat_map(lines).collect();
    let inside = vec![Block::Paragraph(figure(text)), Block::Lines(lines)];
    Some(Block::Folded(figure("Held equal on both sides"), inside))
}
