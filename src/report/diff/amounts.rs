//! Amounts of a comparison in print: whole units of the currency (cents where all is small), footing as
//! printed.

use crate::cost::statement::footed;
use crate::diff::Amounts;
use crate::money::{Currency, Decimal, quantised};

/// How amounts of one comparison are printed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Print {
    currency: Currency,
    places: u32,
}

/// Amounts as printed, in the order given, and what they sum to.
pub(super) struct Footed {
    pub(super) rows: Vec<Amounts>,
    pub(super) total: Amounts,
}

impl Print {
    /// Whole units, or cents where both totals are below ten thousand.
    pub(super) fn of(currency: Currency, total: Amounts) -> Self {
        let small = total.before.abs().max(total.after.abs()) < Decimal::from(10_000);
        Self { currency, places: if small { 2 } else { 0 } }
    }

    /// Rounds rows so that they sum to their rounded total on both sides; a change is that of what is
    /// printed.
    pub(super) fn foot(self, rows: &[Amounts]) -> Footed {
        let exact = |of: fn(&Amounts) -> Decimal| rows.iter().map(of).collect::<Vec<_>>();
        let (old, new) = (exact(|amounts| amounts.before), exact(|amounts| amounts.after));
        let (old_total, new_total) = (self.round(old.iter().sum()), self.round(new.iter().sum()));
        let before = self.parts(&old, old_total);
        // What does not change is printed alike on both sides; the others take what rounding leaves.
        let moves = |at: &usize| old[*at] != new[*at];
        let moving: Vec<usize> = (0..rows.len()).filter(moves).collect();
        let still: Decimal = (0..rows.len()).filter(|at| !moves(at)).map(|at| before[at]).sum();
        let mut after = before.clone();
        let of_moving: Vec<Decimal> = moving.iter().map(|at| new[*at]).collect();
        for (at, printed) in moving.iter().zip(self.parts(&of_moving, new_total - still)) {
            after[*at] = printed;
        }
        let rows = before.into_iter().zip(after);
        Footed {
            rows: rows.map(|(before, after)| Amounts { before, after }).collect(),
            total: Amounts { before: old_total, after: new_total },
        }
    }

    /// Rounds parts so that they sum to `total`.
    pub(super) fn parts(self, exact: &[Decimal], total: Decimal) -> Vec<Decimal> {
        footed(exact, total, self.places)
    }

    /// Rounds a table so that its rows come to `rows` and its columns to `columns`, which come to the same:
    /// each row by itself, then units move inside rows, where that is least unfair.
    pub(super) fn table(
        self,
        exact: &[Vec<Decimal>],
        rows: &[Decimal],
        columns: &[Decimal],
    ) -> Vec<Vec<Decimal>> {
        let mut cells: Vec<Vec<Decimal>> =
            exact.iter().zip(rows).map(|(row, total)| self.parts(row, *total)).collect();
        let unit = Decimal::new(1, self.places);
        loop {
            let over = |column: &usize| {
                cells.iter().map(|row| row[*column]).sum::<Decimal>() - columns[*column]
            };
            let most = (0..columns.len()).max_by_key(over);
            let least = (0..columns.len()).min_by_key(over);
            let (Some(from), Some(to)) = (most, least) else { return cells };
            if over(&from) < unit || over(&to) > -unit {
                return cells;
            }
            let unfair = |row: &usize| {
                let (cell, exact) = (&cells[*row], &exact[*row]);
                (cell[from] - unit - exact[from]).abs() + (cell[to] + unit - exact[to]).abs()
            };
            let Some(row) = (0..cells.len()).min_by_key(unfair) else { return cells };
            cells[row][from] -= unit;
            cells[row][to] += unit;
        }
    }

    /// An amount as printed.
    pub(super) fn round(self, amount: Decimal) -> Decimal {
        let away = rust_decimal::RoundingStrategy::MidpointAwayFromZero;
        amount.round_dp_with_strategy(self.places, away)
    }

    /// An amount of a draw as printed.
    pub(super) fn of_draw(self, amount: f64) -> Decimal {
        self.round(quantised(amount))
    }

    /// `15,558`; an en dash for zero.
    pub(super) fn amount(self, amount: Decimal) -> String {
        let rounded = self.round(amount);
        if rounded.is_zero() {
            return "–".to_owned();
        }
        let sign = if rounded.is_sign_negative() { "−" } else { "" };
        format!("{sign}{}", self.digits(rounded))
    }

    /// `+412`, `−96`; an en dash for zero.
    pub(super) fn change(self, amount: Decimal) -> String {
        let text = self.amount(amount);
        let rises = !self.round(amount).is_zero() && amount.is_sign_positive();
        if rises { format!("+{text}") } else { text }
    }

    /// `+US$ 412`: a change inside a sentence.
    pub(super) fn change_in_words(self, amount: Decimal) -> String {
        let rounded = self.round(amount);
        if rounded.is_zero() {
            return "no change".to_owned();
        }
        let sign = if rounded.is_sign_negative() { "−" } else { "+" };
        format!("{sign}{} {}", self.symbol(), self.digits(rounded))
    }

    /// `US$ 412`: an amount inside a sentence.
    pub(super) fn in_words(self, amount: Decimal) -> String {
        format!("{} {}", self.symbol(), self.digits(self.round(amount)))
    }

    /// `US$`, or the code.
    pub(super) fn symbol(self) -> String {
        super::super::format::symbol(self.currency)
    }

    fn digits(self, rounded: Decimal) -> String {
        let text = format!("{:.*}", self.places as usize, rounded.abs());
        let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
        let point = if rest.is_empty() { "" } else { "." };
        format!("{}{point}{rest}", super::super::format::grouped_digits(whole))
    }
}

/// `+2.7%` of what was before, `<0.01%` where hardly anything changed; an en dash where that is nothing or nothing
/// changed.
pub(super) fn percent(amounts: Amounts) -> String {
    let change = amounts.change();
    if amounts.before.is_zero() || change.is_zero() {
        return "–".to_owned();
    }
    let share = crate::money::to_f64(change / amounts.before.abs()) * 100.0;
    let sign = if share < 0.0 { "−" } else { "+" };
    match share.abs() {
        size if size < 0.005 => "<0.01%".to_owned(),
        size if size < 0.05 => format!("{sign}{size:.2}%"),
        size if size < 1000.0 => format!("{sign}{size:.1}%"),
        size => format!("{sign}{size:.0}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print() -> Print {
        let total = Amounts { before: Decimal::from(20_000), after: Decimal::from(20_000) };
        Print::of(Currency::new("USD").unwrap(), total)
    }

    #[test]
    fn what_is_printed_foots_on_both_sides_and_in_its_changes() {
        let cents = |n: i64| Decimal::new(n, 2);
        let rows = [(1049, 2050), (1049, 1051), (1049, 1049)]
            .map(|(before, after)| Amounts { before: cents(before), after: cents(after) });
        let footed = print().foot(&rows);
        assert_eq!(footed.total.before, Decimal::from(31));
        let change: Decimal = footed.rows.iter().map(|row| row.change()).sum();
        assert_eq!(change, footed.total.change());
    }

    #[test]
    fn a_table_comes_to_its_rows_and_its_columns() {
        let cents = |row: [i64; 2]| row.map(|n| Decimal::new(n, 2)).to_vec();
        let exact = [cents([150, 150]), cents([150, 150]), cents([150, 151])];
        let (rows, columns) = ([3, 3, 3].map(Decimal::from), [5, 4].map(Decimal::from));
        let printed = print().table(&exact, &rows, &columns);
        for (row, total) in printed.iter().zip(rows) {
            assert_eq!(row.iter().sum::<Decimal>(), total);
        }
        for (column, total) in columns.iter().enumerate() {
            assert_eq!(printed.iter().map(|row| row[column]).sum::<Decimal>(), *total);
        }
    }

    #[test]
    fn a_change_says_its_sign() {
        assert_eq!(print().change(Decimal::from(412)), "+412");
        assert_eq!(print().change(Decimal::from(-1204)), "−1,204");
        assert_eq!(print().change(Decimal::new(4, 1)), "–");
        assert_eq!(print().change_in_words(Decimal::from(412)), "+US$ 412");
        let amounts = Amounts { before: Decimal::from(15_558), after: Decimal::from(15_970) };
        assert_eq!(percent(amounts), "+2.6%");
    }

    #[test]
    fn a_share_that_rounds_to_nothing_has_no_sign() {
        let of = |before: i64, after: i64| {
            percent(Amounts { before: Decimal::from(before), after: Decimal::from(after) })
        };
        assert_eq!(of(10_000_000, 9_999_600), "<0.01%");
        assert_eq!(of(10_000_000, 10_000_400), "<0.01%");
        assert_eq!(of(10_000_000, 9_999_500), "−0.01%");
        assert_eq!(of(10_000_000, 9_996_000), "−0.04%");
        assert_eq!(of(10_000_000, 10_000_000), "–");
    }
}
