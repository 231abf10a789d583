//! Rounding that foots: what is printed in whole units adds up as printed, across and down.

use super::format::MoneyFormat;
use super::view::Money;

/// A table of amounts in whole units of the scale, whose rows and columns foot as printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Footed {
    pub(super) cells: Vec<Vec<i64>>,
    pub(super) row_totals: Vec<i64>,
    pub(super) column_totals: Vec<i64>,
    pub(super) total: i64,
}

/// Rounds amounts so that they sum to their rounded total, by largest remainder.
pub(super) fn foot(format: MoneyFormat, amounts: &[Money]) -> (Vec<i64>, i64) {
    let total = format.whole(amounts.iter().copied().sum());
    (foot_to(format, amounts, total), total)
}

/// Rounds amounts so that they sum to `total`, moving those whose rounding was least fair.
pub(super) fn foot_to(format: MoneyFormat, amounts: &[Money], total: i64) -> Vec<i64> {
    let exact: Vec<f64> = amounts.iter().map(|amount| format.position(*amount)).collect();
    let mut rounded: Vec<i64> = amounts.iter().map(|amount| format.whole(*amount)).collect();
    let mut left = total - rounded.iter().sum::<i64>();
    while left != 0 && !rounded.is_empty() {
        let step = left.signum();
        let fairest = most_due(step, exact.iter().zip(&rounded).map(|(e, r)| (*e, *r)));
        rounded[fairest] += step;
        left -= step;
    }
    rounded
}

/// Rounds a table so that rows, columns and the total foot: controlled rounding. Totals are rounded
/// first; then cells move by one where a row or a column does not yet come to its total.
pub(super) fn foot_table(format: MoneyFormat, rows: &[Vec<Money>]) -> Footed {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let row_sums: Vec<Money> = rows.iter().map(|row| row.iter().copied().sum()).collect();
    let column_sums: Vec<Money> =
        (0..width).map(|column| rows.iter().map(|row| row[column]).sum()).collect();
    let (row_totals, total) = foot(format, &row_sums);
    let column_totals = foot_to(format, &column_sums, total);
    let exact: Vec<Vec<f64>> = rows
        .iter()
        .map(|row| row.iter().map(|amount| format.position(*amount)).collect())
        .collect();
    let mut cells: Vec<Vec<i64>> =
        rows.iter().map(|row| row.iter().map(|amount| format.whole(*amount)).collect()).collect();
    let mut row_left: Vec<i64> =
        row_totals.iter().zip(&cells).map(|(total, row)| total - row.iter().sum::<i64>()).collect();
    let mut column_left: Vec<i64> = (0..width)
        .map(|column| column_totals[column] - cells.iter().map(|row| row[column]).sum::<i64>())
        .collect();
    // Every step brings one row and, at once or by the steps after it, one column nearer to its total;
    // rows end at zero because what is left over rows equals what is left over columns.
    while let Some(row) = row_left.iter().position(|left| *left != 0) {
        let step = row_left[row].signum();
        // What is exactly zero stays a dash as long as anything else can move.
        let moves = |column: &usize| exact[row][*column] != 0.0;
        let wants = |column: &usize| moves(column) && column_left[*column].signum() == step;
        let column = if (0..width).any(|column| wants(&column)) {
            most_due_of((0..width).filter(wants), step, &exact[row], &cells[row])
        } else if (0..width).any(|column| moves(&column)) {
            most_due_of((0..width).filter(moves), step, &exact[row], &cells[row])
        } else {
            most_due_of(0..width, step, &exact[row], &cells[row])
        };
        cells[row][column] += step;
        row_left[row] -= step;
        column_left[column] -= step;
    }
    while let Some(short) = column_left.iter().position(|left| *left > 0) {
        let Some(over) = column_left.iter().position(|left| *left < 0) else { break };
        // Moves one unit inside a row, where it hurts least.
        let row = (0..cells.len())
            .min_by(|a, b| {
                let hurt = |row: usize| {
                    let (gains, loses) = (exact[row][short], exact[row][over]);
                    let zeros = f64::from(u8::from(gains == 0.0) + u8::from(loses == 0.0));
                    (cells[row][short] as f64 + 1.0 - gains).abs()
                        + (cells[row][over] as f64 - 1.0 - loses).abs()
                        + 10.0 * zeros
                };
                hurt(*a).total_cmp(&hurt(*b))
            })
            .unwrap_or(0);
        cells[row][short] += 1;
        cells[row][over] -= 1;
        column_left[short] -= 1;
        column_left[over] += 1;
    }
    Footed { cells, row_totals, column_totals, total }
}

fn most_due_of(
    columns: impl Iterator<Item = usize>,
    step: i64,
    exact: &[f64],
    rounded: &[i64],
) -> usize {
    let columns: Vec<usize> = columns.collect();
    columns[most_due(step, columns.iter().map(|column| (exact[*column], rounded[*column])))]
}

/// The place where adding `step` to the rounded value leaves it nearest to the exact one. A value that
/// is exactly zero stays zero as long as any other can move.
fn most_due(step: i64, values: impl Iterator<Item = (f64, i64)>) -> usize {
    let due = |(exact, rounded): (f64, i64)| {
        let gap = (exact - rounded as f64) * step as f64;
        if exact == 0.0 { gap - 10.0 } else { gap }
    };
    let mut best = (0, f64::NEG_INFINITY);
    for (index, value) in values.enumerate() {
        if due(value) > best.1 + 1e-12 {
            best = (index, due(value));
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::Decimal;

    fn thousands() -> MoneyFormat {
        MoneyFormat::thousands()
    }

    fn money(text: &str) -> Money {
        Money::new(text.parse().unwrap())
    }

    #[test]
    fn a_cell_that_is_zero_stays_a_dash() {
        let rows = [["400", "0"], ["400", "0"], ["0", "900"], ["0", "850"]];
        let rows = rows.map(|row| row.map(money).to_vec());
        let table = foot_table(thousands(), &rows);
        assert!(table.cells.iter().all(|row| row.contains(&0)), "{table:?}");
    }

    #[test]
    fn thirds_foot_to_their_total() {
        let third = money("333333.333333");
        assert_eq!(foot(thousands(), &[third, third, third]), (vec![334, 333, 333], 1000));
    }

    proptest! {
        #[test]
        fn every_table_foots_as_printed(
            rows in (1_usize..7).prop_flat_map(|width| prop::collection::vec(
                prop::collection::vec(-9_000_000_i64..90_000_000, width), 1..9)),
        ) {
            let rows: Vec<Vec<Money>> = rows
                .iter()
                .map(|row| row.iter().map(|cents| Money::new(Decimal::new(*cents, 2))).collect())
                .collect();
            let table = foot_table(thousands(), &rows);
            for (row, total) in table.cells.iter().zip(&table.row_totals) {
                prop_assert_eq!(row.iter().sum::<i64>(), *total);
            }
            for (column, total) in table.column_totals.iter().enumerate() {
                prop_assert_eq!(table.cells.iter().map(|row| row[column]).sum::<i64>(), *total);
            }
            prop_assert_eq!(table.row_totals.iter().sum::<i64>(), table.total);
            for (cells, row) in table.cells.iter().zip(&rows) {
                for (cell, amount) in cells.iter().zip(row) {
                    let off = (*cell as f64 - thousands().position(*amount)).abs();
                    prop_assert!(off < 2.0, "{off}");
                }
            }
        }
    }
}
