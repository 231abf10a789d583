//! What moves every team's cost most: a row a line with its causes below, which a formula sums.

use super::sheet::{Kind, Look, Sheet, at, down};
use super::{Books, Figure};
use crate::money::to_f64;
use crate::report::view::{Money, MovedLineView, MovesView};

const HEAD: u32 = 3;

/// The sheet, and what all lines over the horizon change by.
pub(super) struct Moves<'a> {
    pub(super) sheet: Sheet<'a>,
    /// What the causes of all lines come to.
    pub(super) change: Figure,
    /// What the lines change by, by the statements.
    pub(super) stated: Money,
}

/// The sheet; absent where nothing moves.
pub(super) fn sheet<'a>(books: &Books<'a>) -> Option<Moves<'a>> {
    let teams = &books.statements.teams;
    let all: Vec<(usize, &MovesView)> = teams
        .iter()
        .enumerate()
        .flat_map(|(index, team)| team.moves.iter().chain(&team.since).map(move |of| (index, of)))
        .filter(|(_, moves)| !moves.lines.is_empty())
        .collect();
    if all.is_empty() {
        return None;
    }
    let caption = "to the cent; a line's change is the sum of its causes; a plus is more cost";
    let mut sheet = Sheet::new("Movers", "What moves most, and why", caption, books.formats);
    let text = ["Team", "From", "To", "Service", "Cause", "Why", "Lines of the plan"];
    sheet.heads(HEAD, &text, &["Before", "After", "Change", "By cause"]);
    let first = HEAD + 1;
    let mut row = first;
    let mut stated = Money::default();
    for (team, moves) in all {
        for moved in &moves.lines {
            row = line(&mut sheet, row, (&books.lines.teams[team], moves), moved);
            stated = stated + moved.change;
        }
    }
    sheet.total_text(row, 0..9, "Total");
    for column in [9, 10] {
        let formula = format!("=SUM({})", down(first..row, column));
        made(&mut sheet, (row, column), &formula, stated, Look::Total);
    }
    sheet.widths(&[22, 14, 14, 26, 14, 52, 36, 16, 16, 16, 16]);
    sheet.freeze(HEAD + 1, 1);
    let change = Figure { place: sheet.place(row, 10), amount: stated };
    Some(Moves { sheet, change, stated })
}

/// A line and its causes; gives the row after them.
fn line(
    sheet: &mut Sheet<'_>,
    row: u32,
    (team, moves): (&str, &MovesView),
    line: &MovedLineView,
) -> u32 {
    let head = |sheet: &mut Sheet<'_>, row: u32| {
        sheet.text(row, 0, team);
        sheet.text(row, 1, &moves.from);
        sheet.text(row, 2, &moves.to);
        sheet.text(row, 3, line.service.as_deref().unwrap_or("of no single service"));
    };
    head(sheet, row);
    for (column, amount) in [(7, line.before), (8, line.after)] {
        sheet.figure(row, column, to_f64(amount.decimal()), Kind::Cents);
    }
    let formula = format!("={}-{}", at(row, 8), at(row, 7));
    made(sheet, (row, 9), &formula, line.change, Look::Made);
    let mut next = row + 1;
    for by in &line.why {
        head(sheet, next);
        sheet.text(next, 4, &by.cause);
        sheet.text(next, 5, &by.how);
        sheet.text(next, 6, &by.places.join(", "));
        sheet.figure(next, 10, to_f64(by.amount.decimal()), Kind::Cents);
        next += 1;
    }
    next
}

fn made(sheet: &mut Sheet<'_>, to: (u32, u16), formula: &str, sum: Money, look: Look) {
    sheet.made_figure(to, formula, to_f64(sum.decimal()), (Kind::Cents, look));
}
