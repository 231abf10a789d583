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

    pub(crate) fn add_hours(&self, slot: &Slot, column: usize, into: &mut [f64]) {
        let draws = into.len();
        for (grid, row) in
            [(&self.weeks[column], slot.week_row), (&self.hours[column], slot.month_hour)]
        {
            if !grid.is_empty() {
                add(into, &grid[row * draws..(row + 1) * draws]);
            }
        }
    }

    pub(crate) fn with_grid(grid: &mut [Vec<f64>], len: usize) {
        for column in grid {
            column.resize(len, 0.0);
        }
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
