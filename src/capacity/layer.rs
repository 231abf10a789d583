//! Grids of node shares: what is the same all month, what follows the week, what follows the calendar.

use crate::capacity::per_draw::PerDraw;
use crate::capacity::slots::Slot;

/// Node shares requested: a part that is the same all month, one by hours of the week, one by hours of
/// the calendar. Outer index: the column. The grids are empty where nothing follows the hours.
#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub flat: Vec<Vec<f64>>,
    pub weeks: Vec<Vec<f64>>,
    pub hours: Vec<Vec<f64>>,
}

impl Layer {
    pub(crate) fn new(columns: usize, draws: usize) -> Self {
        let empty = || vec![Vec::new(); columns];
        Self { flat: vec![vec![0.0; draws]; columns], weeks: empty(), hours: empty() }
    }

    /// What a slot requests in a column, in the parts that sum to it, in the order in which they are added.
    pub(crate) fn parts<'a>(&'a self, slot: &Slot, column: usize, into: &mut Parts<'a>) {
        let draws = self.flat[column].len();
        into.push(&self.flat[column]);
        for (grid, row) in
            [(&self.weeks[column], slot.week_row), (&self.hours[column], slot.month_hour)]
        {
            if !grid.is_empty() {
                into.push(&grid[row * draws..(row + 1) * draws]);
            }
        }
    }

    pub(crate) fn with_grid(grid: &mut [Vec<f64>], len: usize) {
        for column in grid {
            column.resize(len, 0.0);
        }
    }
}

/// Rows of one value a draw that are added up: at most three of each of two layers.
#[derive(Debug, Default)]
pub(crate) struct Parts<'a> {
    rows: [&'a [f64]; 6],
    len: usize,
}

impl<'a> Parts<'a> {
    fn push(&mut self, row: &'a [f64]) {
        self.rows[self.len] = row;
        self.len += 1;
    }

    /// Their sum, in the order in which they came; all rows are read in one loop.
    pub(crate) fn sum(&self, into: &mut [f64]) {
        let [a, b, c, d, e, f] = self.rows;
        match self.len {
            0 => into.fill(0.0),
            1 => sum_of([a], into),
            2 => sum_of([a, b], into),
            3 => sum_of([a, b, c], into),
            4 => sum_of([a, b, c, d], into),
            5 => sum_of([a, b, c, d, e], into),
            _ => sum_of([a, b, c, d, e, f], into),
        }
    }
}

fn sum_of<const N: usize>(rows: [&[f64]; N], into: &mut [f64]) {
    let draws = into.len();
    // Of one length, so that the loop below checks no bounds.
    let rows = rows.map(|row| &row[..draws]);
    for draw in 0..draws {
        let mut sum = rows[0][draw];
        for row in &rows[1..] {
            sum += row[draw];
        }
        into[draw] = sum;
    }
}

pub(crate) fn add(into: &mut [f64], values: &[f64]) {
    for (into, value) in into.iter_mut().zip(values) {
        *into += value;
    }
}

pub(crate) fn add_product(into: &mut [f64], share: &PerDraw, values: &[f64]) {
    match share {
        PerDraw::Same(share) => add_scaled(into, *share, values),
        PerDraw::Each(shares) => {
            for ((into, share), value) in into.iter_mut().zip(shares).zip(values) {
                *into += share * value;
            }
        }
    }
}

pub(crate) fn add_scaled(into: &mut [f64], factor: f64, values: &[f64]) {
    for (into, value) in into.iter_mut().zip(values) {
        *into += factor * value;
    }
}
