//! The load of a node that is worth the most: a bounded knapsack of several dimensions.
//!
//! A depth-first search over items, pruned by what the rest can be worth: one dimension, the scarcest, is
//! kept whole (a table of the best worth for every amount of it), the others have prices that are found by
//! subgradient descent. Cut short, the search still says what no load is worth more than.

use super::Problem;
use super::fill::{self, fits, times};

/// The best load found, its worth, and what none is worth more than.
pub(super) struct Best {
    pub(super) held: Vec<usize>,
    pub(super) worth: f64,
    pub(super) bound: f64,
}

/// How long to search.
#[derive(Debug, Clone, Copy)]
pub(super) enum Search {
    /// For the best there is, at most so many steps.
    Most(usize),
    /// For any that is worth more than enough, at most so many steps.
    Any(usize),
}

/// Steps from which on the table is worth its making.
const TABLE_FROM: usize = 50_000;
/// Amounts of the scarcest dimension that are told apart.
const CELLS: usize = 2_400;

/// Searches the load of a type that is worth the most, at these worths of the items.
/// Loads worth no more than `enough` need not be told apart: the bound is then at least that.
pub(super) fn best_load(
    problem: &Problem,
    node_type: usize,
    worth: &[f64],
    enough: f64,
    search: Search,
) -> Best {
    let capacity = &problem.types[node_type].capacity;
    let held = fill::greedy_load(problem, capacity, &problem.counts, worth);
    let value: f64 = held.iter().zip(worth).map(|(n, w)| *n as f64 * w).sum();
    let (steps, any) = match search {
        Search::Most(steps) => (steps, false),
        Search::Any(steps) => (steps, true),
    };
    let mut tree = Tree {
        entries: entries(problem, capacity, worth),
        prices: vec![0.0; capacity.len()],
        table: None,
        steps,
        any,
        best: value.max(enough),
        chosen: None,
        current: Vec::new(),
        cut: false,
    };
    let mut root = tree.price_dimensions();
    if root > tree.best * (1.0 + NEAR) && steps >= TABLE_FROM {
        root = root.min(tree.make_table());
    }
    if root <= tree.best * (1.0 + NEAR) || (any && value > enough) {
        return Best { held, worth: value, bound: root.max(value) };
    }
    tree.run();
    let (held, value) = match &tree.chosen {
        None => (held, value),
        Some(chosen) => {
            let mut held = vec![0; worth.len()];
            for (entry, n) in tree.entries.iter().zip(chosen) {
                held[entry.index] = *n;
            }
            (held, tree.best)
        }
    };
    let bound = if tree.cut { root } else { tree.best };
    Best { held, worth: value, bound }
}

/// A difference that is none, as a share.
const NEAR: f64 = 1e-9;

/// One item, as the search sees it.
struct Entry {
    index: usize,
    /// As shares of the node.
    size: Vec<f64>,
    worth: f64,
    most: usize,
    /// Worth, less what the room costs at the prices of the dimensions.
    reduced: f64,
}

fn entries(problem: &Problem, capacity: &[f64], worth: &[f64]) -> Vec<Entry> {
    let share = |(size, c): (&f64, &f64)| if *c > 0.0 { size / c } else { 0.0 };
    (0..worth.len())
        .filter(|i| problem.counts[*i] > 0 && worth[*i] > 1e-12)
        .filter(|i| fits(&problem.sizes[*i], capacity))
        .map(|i| {
            let size: Vec<f64> = problem.sizes[i].iter().zip(capacity).map(share).collect();
            let ones = vec![1.0; size.len()];
            let most = times(&size, &ones, &ones).min(problem.counts[i]);
            Entry { index: i, size, worth: worth[i], most, reduced: 0.0 }
        })
        .collect()
}

struct Tree {
    entries: Vec<Entry>,
    /// Money for the whole of each dimension of the node.
    prices: Vec<f64>,
    table: Option<Table>,
    steps: usize,
    any: bool,
    best: f64,
    chosen: Option<Vec<usize>>,
    current: Vec<usize>,
    cut: bool,
}

/// What the entries from one on can be worth at most, by how much of one dimension is left; the others
/// at their prices.
struct Table {
    dimension: usize,
    /// One row an entry, and an empty one.
    rows: Vec<Vec<f64>>,
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to CELLS")]
fn cells(share: f64) -> usize {
    ((share * CELLS as f64 + 1e-6).max(0.0) as usize).min(CELLS)
}

impl Tree {
    /// Finds prices of the dimensions with a low bound; sorts the entries by what is left of their worth.
    fn price_dimensions(&mut self) -> f64 {
        let dimensions = self.prices.len();
        let bound = |prices: &[f64]| {
            let gain = |e: &Entry| (e.worth - dot(&e.size, prices)).max(0.0) * e.most as f64;
            prices.iter().sum::<f64>() + self.entries.iter().map(gain).sum::<f64>()
        };
        // From each dimension alone and from all alike, then downhill.
        let scale = self.best.max(1e-12);
        let mut starts: Vec<Vec<f64>> = (0..dimensions)
            .map(|d| (0..dimensions).map(|e| if e == d { scale } else { 0.0 }).collect())
            .collect();
        starts.push(vec![scale / dimensions.max(1) as f64; dimensions]);
        let mut best = (f64::INFINITY, vec![0.0; dimensions]);
        for start in starts {
            let mut prices = start;
            let mut here = (bound(&prices), prices.clone());
            for step in 0..40 {
                let mut slope = vec![1.0; dimensions];
                for e in self.entries.iter().filter(|e| e.worth > dot(&e.size, &prices)) {
                    let taken = e.size.iter().zip(&mut slope);
                    taken.for_each(|(size, slope)| *slope -= size * e.most as f64);
                }
                let norm = dot(&slope, &slope).max(1e-12);
                let length = (here.0 - self.best).max(here.0 * 1e-3) / norm;
                let length = length / (1.0 + 0.1 * f64::from(step));
                for (price, slope) in prices.iter_mut().zip(&slope) {
                    *price = (*price - length * slope).max(0.0);
                }
                let now = bound(&prices);
                if now < here.0 {
                    here = (now, prices.clone());
                }
            }
            if here.0 < best.0 {
                best = here;
            }
        }
        self.prices = best.1;
        for e in &mut self.entries {
            e.reduced = e.worth - dot(&e.size, &self.prices);
        }
        self.entries.sort_by(|a, b| b.reduced.total_cmp(&a.reduced).then(a.index.cmp(&b.index)));
        best.0
    }

    /// Makes the table for the dimension that costs the most, with the prices of the others that bound best.
    fn make_table(&mut self) -> f64 {
        let dimension = (0..self.prices.len())
            .max_by(|a, b| self.prices[*a].total_cmp(&self.prices[*b]).then(b.cmp(a)));
        let Some(dimension) = dimension else { return f64::INFINITY };
        let priced = |factors: &[f64]| -> Vec<f64> {
            let of = |d: usize| if d == dimension { 0.0 } else { self.prices[d] * factors[d] };
            (0..self.prices.len()).map(of).collect()
        };
        let bound = |prices: &[f64]| prices.iter().sum::<f64>() + self.last_row(dimension, prices);
        let mut factors = vec![1.0; self.prices.len()];
        let mut best = bound(&priced(&factors));
        for step in [0.5, 0.25, 0.1, 0.05, 0.02] {
            for d in (0..factors.len()).filter(|d| *d != dimension) {
                for way in [1.0 + step, 1.0 / (1.0 + step)] {
                    let mut tried = factors.clone();
                    tried[d] *= way;
                    let now = bound(&priced(&tried));
                    if now < best {
                        (best, factors) = (now, tried);
                    }
                }
            }
        }
        let prices = priced(&factors);
        let mut rows = vec![vec![0.0; CELLS + 1]];
        for e in self.entries.iter().rev() {
            let mut row = rows[rows.len() - 1].clone();
            add(&mut row, e, dimension, &prices);
            rows.push(row);
        }
        rows.reverse();
        self.prices = prices;
        self.table = Some(Table { dimension, rows });
        best
    }

    /// What all entries can be worth at most in one dimension, the others at these prices.
    fn last_row(&self, dimension: usize, prices: &[f64]) -> f64 {
        let mut row = vec![0.0; CELLS + 1];
        for e in self.entries.iter().rev() {
            add(&mut row, e, dimension, prices);
        }
        row[CELLS]
    }

    /// Depth first, most of an item before fewer.
    fn run(&mut self) {
        let mut rest = vec![0.0; self.entries.len() + 1];
        for (k, e) in self.entries.iter().enumerate().rev() {
            rest[k] = rest[k + 1] + e.reduced.max(0.0) * e.most as f64;
        }
        let mut free = vec![1.0; self.prices.len()];
        self.current = vec![0; self.entries.len()];
        self.visit(0, 0.0, &mut free, &rest);
    }

    /// What the entries from `k` on can add at most to a node with so much free.
    fn ahead(&self, k: usize, free: &[f64], rest: &[f64]) -> f64 {
        let room = dot(&self.prices, free);
        match &self.table {
            Some(table) => room + table.rows[k][cells(free[table.dimension])],
            None => room + rest[k],
        }
    }

    fn visit(&mut self, k: usize, value: f64, free: &mut [f64], rest: &[f64]) {
        if value > self.best * (1.0 + NEAR) {
            self.best = value;
            self.chosen = Some(self.current.clone());
            if self.any {
                self.steps = 0;
            }
        }
        if k == self.entries.len() {
            return;
        }
        if self.steps == 0 {
            self.cut = true;
            return;
        }
        self.steps -= 1;
        if value + self.ahead(k, free, rest) <= self.best * (1.0 + NEAR) {
            return;
        }
        let Entry { size, worth, most, .. } = &self.entries[k];
        let (worth, most) = (*worth, times_of_whole(size, free).min(*most));
        for n in (0..=most).rev() {
            self.current[k] = n;
            let size = &self.entries[k].size;
            free.iter_mut().zip(size).for_each(|(free, size)| *free -= n as f64 * size);
            let value = value + n as f64 * worth;
            if value + self.ahead(k + 1, free, rest) > self.best * (1.0 + NEAR) {
                self.visit(k + 1, value, free, rest);
            }
            let size = &self.entries[k].size;
            free.iter_mut().zip(size).for_each(|(free, size)| *free += n as f64 * size);
        }
        self.current[k] = 0;
    }
}

/// How many of a size, in shares of a node, fit what is left of it.
fn times_of_whole(size: &[f64], left: &[f64]) -> usize {
    let mut most = usize::MAX;
    for (size, left) in size.iter().zip(left) {
        if *size > 0.0 {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "not negative"
            )]
            let here = ((left + fill::TOLERANCE) / size).max(0.0) as usize;
            most = most.min(here);
        }
    }
    most
}

/// Adds an entry, up to as often as there is of it, to a row of the table.
fn add(row: &mut [f64], e: &Entry, dimension: usize, prices: &[f64]) {
    let worth = e.worth - dot(&e.size, prices);
    if worth <= 0.0 {
        return;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to CELLS")]
    let size = (e.size[dimension] * CELLS as f64 + 1e-6) as usize;
    // In bundles of 1, 2, 4, …: any number up to all of them is a sum of these.
    let (mut left, mut bundle) = (e.most, 1);
    while left > 0 {
        let n = bundle.min(left);
        let (room, gain) = (size * n, worth * n as f64);
        for cell in (room..row.len()).rev() {
            row[cell] = row[cell].max(row[cell - room] + gain);
        }
        left -= n;
        bundle *= 2;
    }
}
