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
/// first, then every row by itself; then units move inside rows, from columns that have too much to
/// columns that have too little, along the way that hurts least. That leaves the smallest sum of squared
/// differences to what is exact (successive shortest paths, the costs being convex).
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
        rows.iter().zip(&row_totals).map(|(row, total)| foot_to(format, row, *total)).collect();
    let mut left: Vec<i64> = (0..width)
        .map(|column| column_totals[column] - cells.iter().map(|row| row[column]).sum::<i64>())
        .collect();
    // What columns lack is what others have too much, because the rows come to the total.
    while let Some(short) = left.iter().position(|left| *left > 0) {
        let mut way = Way::to(short, &exact, &cells);
        let over = (0..width).filter(|column| left[*column] < 0);
        let Some(over) = over.min_by(|a, b| way.cost[*a].total_cmp(&way.cost[*b])) else { break };
        let mut column = over;
        while let Some((row, next)) = way.step[column].take() {
            cells[row][column] -= 1;
            cells[row][next] += 1;
            column = next;
        }
        left[over] += 1;
        left[short] -= 1;
    }
    Footed { cells, row_totals, column_totals, total }
}

/// How a unit gets from every column to one of them: the sum of what its moves cost, and the first move,
/// inside which row and to which column.
struct Way {
    cost: Vec<f64>,
    step: Vec<Option<(usize, usize)>>,
}

impl Way {
    /// By Bellman and Ford: a move may lower the sum, so costs may be negative.
    fn to(target: usize, exact: &[Vec<f64>], cells: &[Vec<i64>]) -> Self {
        let width = exact.first().map_or(0, Vec::len);
        let moves: Vec<(usize, usize, usize, f64)> = (0..width)
            .flat_map(|from| (0..width).filter(move |to| *to != from).map(move |to| (from, to)))
            .filter_map(|(from, to)| {
                let cost = |row: usize| {
                    hurt(exact[row][from], cells[row][from], -1)
                        + hurt(exact[row][to], cells[row][to], 1)
                };
                let row = (0..cells.len()).min_by(|a, b| cost(*a).total_cmp(&cost(*b)))?;
                Some((from, to, row, cost(row)))
            })
            .collect();
        let mut way = Self { cost: vec![f64::INFINITY; width], step: vec![None; width] };
        way.cost[target] = 0.0;
        for _ in 1..width {
            for (from, to, row, cost) in &moves {
                let through = way.cost[*to] + cost;
                if *from != target && through < way.cost[*from] - 1e-9 {
                    way.cost[*from] = through;
                    way.step[*from] = Some((*row, *to));
                }
            }
        }
        way
    }
}

/// By how much a step of one raises the squared difference of a cell. What is exactly zero stays a dash as
/// long as anything else can move.
fn hurt(exact: f64, cell: i64, step: i64) -> f64 {
    const OF_A_DASH: f64 = 100.0;
    let gap = |cell: i64| {
        let gap = cell as f64 - exact;
        gap * gap + if exact == 0.0 { OF_A_DASH * gap.abs() } else { 0.0 }
    };
    gap(cell + step) - gap(cell)
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

    /// Every total is the sum of what is printed, and no cell is off by two units or more.
    fn foots(cents: &[Vec<i64>]) {
        let rows: Vec<Vec<Money>> = cents
            .iter()
            .map(|row| row.iter().map(|cents| Money::new(Decimal::new(*cents, 2))).collect())
            .collect();
        let table = foot_table(thousands(), &rows);
        for (row, total) in table.cells.iter().zip(&table.row_totals) {
            assert_eq!(row.iter().sum::<i64>(), *total);
        }
        for (column, total) in table.column_totals.iter().enumerate() {
            assert_eq!(table.cells.iter().map(|row| row[column]).sum::<i64>(), *total);
        }
        assert_eq!(table.row_totals.iter().sum::<i64>(), table.total);
        for (cells, row) in table.cells.iter().zip(&rows) {
            for (cell, amount) in cells.iter().zip(row) {
                let off = (*cell as f64 - thousands().position(*amount)).abs();
                assert!(off < 2.0, "{off}");
            }
        }
    }

    #[test]
    fn units_take_the_shortest_way_between_columns() {
        foots(&[
            vec![3_172_916, 19_910_009, 12_368_064, 71_044_276, 57_423_760, 24_769_763],
            vec![-974_666, 0, 36_887_079, -3_054_088, 18_961_540, 25_845_913],
            vec![-4_041_260, 39_899_275, 14_008_793, 48_982_900, 12_063_228, -2_231_476],
            vec![58_772_441, 72_072_570, 57_852_043, 6_270_648, 51_558_845, 32_310_403],
            vec![51_421_313, 54_405_187, 38_831_758, 59_414_661, 6_085_726, -513_201],
            vec![-550_000, 244_559, 16_283_863, 23_764_459, 82_238_501, 58_350_198],
        ]);
    }

    proptest! {
        #[test]
        fn every_table_foots_as_printed(
            rows in (1_usize..7).prop_flat_map(|width| prop::collection::vec(
                prop::collection::vec(-9_000_000_i64..90_000_000, width), 1..9)),
        ) {
            foots(&rows);
        }
    }
}
