//! The linear optimum over known loads: how often each is used, and what each item is worth.
//!
//! A revised simplex for one shape of problem: least price, every item held at least as often as asked. A
//! load of each item alone is feasible from the start, more loads may come at any time, and the next solution
//! begins at the last. Every item is asked for a hair more than it is, so that no step is empty and it cannot
//! cycle. Worths are not trusted by who proves a bound with them: rounding can make a bound weaker, not wrong.

use super::Node;

/// More is asked of an item than is, by so much, times one to two.
const HAIR: f64 = 1e-7;
/// A gain, as a share of a price, that is none.
const NONE: f64 = 1e-10;
/// Steps after which the inverse is made anew.
const FRESH: usize = 100;
/// Steps of one solution at most.
const STEPS: usize = 10_000;

/// One load: its price, and how many of which items it holds.
#[derive(Debug, Clone)]
struct Column {
    price: f64,
    held: Vec<(usize, f64)>,
}

/// The problem, and where its solution stands.
#[derive(Debug, Clone)]
pub(super) struct Simplex {
    asked: Vec<f64>,
    columns: Vec<Column>,
    /// Of each row what stands in the basis.
    basis: Vec<Basic>,
    /// Rows of the inverse of the basis, one after the other.
    inverse: Vec<f64>,
    /// How much of each basic column is used.
    used: Vec<f64>,
    steps: usize,
}

/// What stands in the basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Basic {
    /// A load, by index.
    Load(usize),
    /// More of an item than is asked.
    Surplus(usize),
}

impl Simplex {
    /// Starts from loads that hold one item each, in the order of items: the price and how many of it.
    pub(super) fn new(counts: &[usize], alone: &[(f64, usize)]) -> Self {
        let fraction = |i: usize| (i as f64 * 0.618_033_988_749_895).fract();
        let asked = counts.iter().enumerate().map(|(i, n)| *n as f64 + HAIR * (1.0 + fraction(i)));
        let column = |(i, (price, n)): (usize, &(f64, usize))| Column {
            price: *price,
            held: vec![(i, *n as f64)],
        };
        let mut simplex = Self {
            asked: asked.collect(),
            columns: alone.iter().enumerate().map(column).collect(),
            basis: (0..counts.len()).map(Basic::Load).collect(),
            inverse: Vec::new(),
            used: Vec::new(),
            steps: 0,
        };
        simplex.invert();
        simplex
    }

    /// One more load.
    pub(super) fn add(&mut self, price: f64, load: &Node) {
        let held = load.held.iter().enumerate().filter(|(_, n)| **n > 0);
        self.columns.push(Column { price, held: held.map(|(i, n)| (i, *n as f64)).collect() });
    }

    /// How many loads are known.
    pub(super) fn known(&self) -> usize {
        self.columns.len()
    }

    /// Steps until no known load is worth more than its price, or many steps are done; gives the worths.
    pub(super) fn solve(&mut self) -> Vec<f64> {
        let mut worths = self.worths();
        for _ in 0..STEPS {
            let Some(enters) = self.enters(&worths) else { break };
            if !self.step(enters) {
                break;
            }
            worths = self.worths();
        }
        worths.iter().map(|worth| worth.max(0.0)).collect()
    }

    /// How often each load is used, those of one item first.
    pub(super) fn used(&self) -> Vec<f64> {
        let mut used = vec![0.0; self.columns.len()];
        for (basic, amount) in self.basis.iter().zip(&self.used) {
            if let Basic::Load(column) = basic
                && *amount > 10.0 * HAIR
            {
                used[*column] = *amount;
            }
        }
        used
    }

    fn price(&self, basic: Basic) -> f64 {
        match basic {
            Basic::Load(column) => self.columns[column].price,
            Basic::Surplus(_) => 0.0,
        }
    }

    /// Prices of the basis, times its inverse.
    fn worths(&self) -> Vec<f64> {
        let rows = self.asked.len();
        let mut worths = vec![0.0; rows];
        for (basic, row) in self.basis.iter().zip(self.inverse.chunks(rows.max(1))) {
            let price = self.price(*basic);
            if price != 0.0 {
                worths.iter_mut().zip(row).for_each(|(worth, x)| *worth += price * x);
            }
        }
        worths
    }

    /// What gains most for its price.
    fn enters(&self, worths: &[f64]) -> Option<Basic> {
        let mut best = (NONE, None);
        for (at, column) in self.columns.iter().enumerate() {
            let worth: f64 = column.held.iter().map(|(i, n)| worths[*i] * n).sum();
            let gain = worth / column.price - 1.0;
            if gain > best.0 {
                best = (gain, Some(Basic::Load(at)));
            }
        }
        // A surplus has no price: what an item is worth less than nothing, against all that is paid for it.
        let most = worths.iter().copied().fold(1e-300, f64::max);
        for (i, worth) in worths.iter().enumerate() {
            let gain = -worth / most;
            if gain > best.0 {
                best = (gain, Some(Basic::Surplus(i)));
            }
        }
        best.1
    }

    /// Brings a column into the basis; false where that is not bounded, which only rounding can cause.
    fn step(&mut self, enters: Basic) -> bool {
        let rows = self.asked.len();
        let held = match enters {
            Basic::Load(column) => self.columns[column].held.clone(),
            Basic::Surplus(i) => vec![(i, -1.0)],
        };
        let change: Vec<f64> = self
            .inverse
            .chunks(rows)
            .map(|row| held.iter().map(|(i, n)| row[*i] * n).sum())
            .collect();
        let mut leaves: Option<(f64, usize)> = None;
        for (row, change) in change.iter().enumerate().filter(|(_, change)| **change > 1e-9) {
            let ratio = self.used[row].max(0.0) / change;
            if leaves.is_none_or(|(least, _)| ratio < least) {
                leaves = Some((ratio, row));
            }
        }
        let Some((amount, leaves)) = leaves else { return false };
        self.basis[leaves] = enters;
        self.steps += 1;
        if self.steps.is_multiple_of(FRESH) {
            self.invert();
            return true;
        }
        let pivot = change[leaves];
        let start = leaves * rows;
        self.inverse[start..start + rows].iter_mut().for_each(|x| *x /= pivot);
        let row = self.inverse[start..start + rows].to_vec();
        for (at, change) in change.iter().enumerate().filter(|(at, _)| *at != leaves) {
            if *change != 0.0 {
                let own = &mut self.inverse[at * rows..(at + 1) * rows];
                own.iter_mut().zip(&row).for_each(|(x, r)| *x -= change * r);
                self.used[at] -= change * amount;
            }
        }
        self.used[leaves] = amount;
        true
    }

    /// The inverse of the basis by Gauss and Jordan, and what is used.
    fn invert(&mut self) {
        let rows = self.asked.len();
        // The basis has a column for each of its places, the inverse a row.
        let mut basis = vec![0.0; rows * rows];
        for (place, basic) in self.basis.iter().enumerate() {
            match basic {
                Basic::Load(column) => {
                    for (i, n) in &self.columns[*column].held {
                        basis[i * rows + place] = *n;
                    }
                }
                Basic::Surplus(i) => basis[i * rows + place] = -1.0,
            }
        }
        let mut inverse = vec![0.0; rows * rows];
        (0..rows).for_each(|i| inverse[i * rows + i] = 1.0);
        for at in 0..rows {
            let largest = (at..rows)
                .max_by(|a, b| basis[a * rows + at].abs().total_cmp(&basis[b * rows + at].abs()));
            let Some(largest) = largest.filter(|row| basis[row * rows + at].abs() > 1e-12) else {
                return;
            };
            for of in [&mut basis, &mut inverse] {
                if largest != at {
                    (0..rows).for_each(|c| of.swap(at * rows + c, largest * rows + c));
                }
            }
            let pivot = basis[at * rows + at];
            for of in [&mut basis, &mut inverse] {
                of[at * rows..(at + 1) * rows].iter_mut().for_each(|x| *x /= pivot);
            }
            let (own, other) = (
                basis[at * rows..(at + 1) * rows].to_vec(),
                inverse[at * rows..(at + 1) * rows].to_vec(),
            );
            for row in (0..rows).filter(|row| *row != at) {
                let factor = basis[row * rows + at];
                if factor != 0.0 {
                    let to = &mut basis[row * rows..(row + 1) * rows];
                    to.iter_mut().zip(&own).for_each(|(x, y)| *x -= factor * y);
                    let to = &mut inverse[row * rows..(row + 1) * rows];
                    to.iter_mut().zip(&other).for_each(|(x, y)| *x -= factor * y);
                }
            }
        }
        self.inverse = inverse;
        let used = self.inverse.chunks(rows.max(1));
        self.used = used.map(|row| row.iter().zip(&self.asked).map(|(x, b)| x * b).sum()).collect();
    }
}
