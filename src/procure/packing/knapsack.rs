//! The load of a node that is worth the most: a bounded knapsack of several dimensions.
//!
//! Prices of the dimensions, found by subgradient descent, bound what any load is worth. What an item is worth
//! above the room it takes says how many of it can be in a better load than is known: most items are decided
//! by that alone. Over the rest goes a depth-first search, pruned by what is ahead: one dimension, the
//! scarcest, is kept whole (a table of the best worth for every amount of it), the others have prices. Cut
//! short, the search still says what no load is worth more than.

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

impl Search {
    fn steps(self) -> usize {
        match self {
            Self::Most(steps) | Self::Any(steps) => steps,
        }
    }
}

/// Steps from which on the table is worth its making.
const TABLE_FROM: usize = 50_000;
/// Steps of a search without the table, before it is made.
const WITHOUT: usize = 10_000;
/// Amounts of the scarcest dimension that are told apart.
const CELLS: usize = 600;

/// Searches the load of a type that is worth the most, at these worths of the items.
/// Loads worth no more than `enough` need not be told apart: the bound is then at least that. `prices` of the
/// dimensions are where the descent begins, and become where it ended; empty where nothing is known.
pub(super) fn best_load(
    problem: &Problem,
    node_type: usize,
    worth: &[f64],
    enough: f64,
    search: Search,
    prices: &mut Option<Room>,
) -> Best {
    let capacity = &problem.types[node_type].capacity;
    let mut held = fill::greedy_load(problem, capacity, &problem.counts, worth);
    let mut value = worth_of(&held, worth);
    let mut entries = entries(problem, capacity, worth);
    let mut bound = price_dimensions(&entries, value.max(enough), prices);
    let prices = &prices.unwrap_or_default();
    let any = matches!(search, Search::Any(_));
    let done = |value: f64, bound: f64| {
        bound <= value.max(enough) * (1.0 + NEAR) || (any && value > enough)
    };
    if !done(value, bound) {
        let other = by_reduced(problem, capacity, worth, &mut entries, prices);
        let its = worth_of(&other, worth);
        if its > value {
            (held, value) = (other, its);
        }
    }
    let mut steps = search.steps();
    let mut table = false;
    while !done(value, bound) && steps > 0 {
        let mut tree = Tree::new(&entries, prices, value.max(enough), bound, any);
        tree.steps = if table { steps } else { steps.min(WITHOUT) };
        steps -= tree.steps;
        if table {
            bound = bound.min(tree.make_table());
            if bound <= tree.best * (1.0 + NEAR) {
                break;
            }
        }
        tree.run();
        if let Some(chosen) = &tree.chosen {
            held = vec![0; worth.len()];
            for (entry, n) in tree.entries.iter().zip(chosen) {
                held[entry.index] = *n;
            }
            value = tree.best;
        }
        if !tree.cut {
            bound = tree.best;
        }
        if table || search.steps() < TABLE_FROM {
            break;
        }
        table = true;
    }
    Best { held, worth: value, bound: bound.max(value) }
}

fn worth_of(held: &[usize], worth: &[f64]) -> f64 {
    held.iter().zip(worth).map(|(n, w)| *n as f64 * w).sum()
}

/// Dimensions at most; those that are not there take nothing.
pub(super) const DIMENSIONS: usize = 6;

/// Of each dimension a share of a node, or money for the whole of it.
pub(super) type Room = [f64; DIMENSIONS];

/// A difference that is none, as a share.
const NEAR: f64 = 1e-9;

/// One item, as the search sees it.
#[derive(Debug, Clone)]
struct Entry {
    index: usize,
    /// As shares of the node.
    size: Room,
    worth: f64,
    /// No better load has fewer.
    least: usize,
    /// Nor more.
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
            let mut size = [0.0; DIMENSIONS];
            let shares = problem.sizes[i].iter().zip(capacity).map(share);
            size.iter_mut().zip(shares).for_each(|(size, share)| *size = share);
            let most = times_of_whole(&size, &[1.0; DIMENSIONS]).min(problem.counts[i]);
            Entry { index: i, size, worth: worth[i], least: 0, most, reduced: 0.0 }
        })
        .collect()
}

/// Finds prices of the dimensions with a low bound, and that bound.
fn price_dimensions(entries: &[Entry], known: f64, prices: &mut Option<Room>) -> f64 {
    let scale = known.max(1e-12);
    let mut starts = vec![];
    if let Some(prices) = prices {
        starts.push(*prices);
    } else {
        let asked: Vec<usize> =
            (0..DIMENSIONS).filter(|d| entries.iter().any(|e| e.size[*d] > 0.0)).collect();
        let mut even = [0.0; DIMENSIONS];
        for d in &asked {
            let mut one = [0.0; DIMENSIONS];
            one[*d] = scale;
            even[*d] = scale / asked.len() as f64;
            starts.push(one);
        }
        starts.push(even);
    }
    let mut best = (f64::INFINITY, [0.0; DIMENSIONS]);
    for mut here in starts {
        let mut least = f64::INFINITY;
        let mut stale = 0;
        for step in 0..60 {
            let mut slope = [1.0; DIMENSIONS];
            let mut bound: f64 = here.iter().sum();
            for e in entries {
                let gain = e.worth - dot(&e.size, &here);
                if gain > 0.0 {
                    let most = e.most as f64;
                    bound += gain * most;
                    e.size.iter().zip(&mut slope).for_each(|(size, slope)| *slope -= size * most);
                }
            }
            stale = if bound < least * (1.0 - 1e-5) { 0 } else { stale + 1 };
            least = least.min(bound);
            if bound < best.0 {
                best = (bound, here);
            }
            if best.0 <= known * (1.0 + NEAR) || stale > 15 {
                break;
            }
            let norm = dot(&slope, &slope).max(1e-12);
            let length = (bound - known).max(bound * 1e-3) / norm / (1.0 + 0.1 * f64::from(step));
            for (price, slope) in here.iter_mut().zip(&slope) {
                *price = (*price - length * slope).max(0.0);
            }
        }
    }
    *prices = Some(best.1);
    best.0
}

/// Fills a node by worth for room at the prices of the dimensions.
fn by_reduced(
    problem: &Problem,
    capacity: &[f64],
    worth: &[f64],
    entries: &mut [Entry],
    prices: &Room,
) -> Vec<usize> {
    let rate = |e: &Entry| e.worth / dot(&e.size, prices).max(1e-300);
    entries.sort_by(|a, b| rate(b).total_cmp(&rate(a)).then(a.index.cmp(&b.index)));
    let mut held = vec![0; worth.len()];
    let mut free = capacity.to_vec();
    for e in entries.iter() {
        let size = &problem.sizes[e.index];
        let n = times(size, &free, capacity).min(problem.counts[e.index]);
        held[e.index] = n;
        free.iter_mut().zip(size).for_each(|(free, size)| *free -= n as f64 * size);
    }
    held
}

struct Tree {
    entries: Vec<Entry>,
    /// Money for the whole of each dimension of the node.
    prices: Room,
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

fn dot(a: &Room, b: &Room) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to CELLS")]
fn cells(share: f64) -> usize {
    ((share * CELLS as f64 + 1e-6).max(0.0) as usize).min(CELLS)
}

impl Tree {
    /// The entries that are not decided yet, by what is left of their worth.
    fn new(entries: &[Entry], prices: &Room, best: f64, bound: f64, any: bool) -> Self {
        let gap = (bound - best).max(0.0) * (1.0 + 1e-6) + bound * 1e-12;
        let mut entries: Vec<Entry> = entries
            .iter()
            .filter_map(|e| {
                let reduced = e.worth - dot(&e.size, prices);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a count"
                )]
                let differ = (gap / reduced.abs().max(1e-300)).min(1e9) as usize;
                let (least, most) = if reduced > 0.0 {
                    (e.most.saturating_sub(differ), e.most)
                } else {
                    (0, e.most.min(differ))
                };
                (most > 0).then(|| Entry { least, most, reduced, ..e.clone() })
            })
            .collect();
        entries.sort_by(|a, b| b.reduced.total_cmp(&a.reduced).then(a.index.cmp(&b.index)));
        Self {
            current: vec![0; entries.len()],
            entries,
            prices: *prices,
            table: None,
            steps: 0,
            any,
            best,
            chosen: None,
            cut: false,
        }
    }

    /// Makes the table for the dimension that costs the most, with the prices of the others that bound best.
    fn make_table(&mut self) -> f64 {
        let dimension = (0..DIMENSIONS)
            .max_by(|a, b| self.prices[*a].total_cmp(&self.prices[*b]).then(b.cmp(a)));
        let Some(dimension) = dimension else { return f64::INFINITY };
        let priced = |factors: &Room| -> Room {
            let of = |d: usize| if d == dimension { 0.0 } else { self.prices[d] * factors[d] };
            std::array::from_fn(of)
        };
        let bound = |prices: &Room| prices.iter().sum::<f64>() + self.last_row(dimension, prices);
        let mut factors = [1.0; DIMENSIONS];
        let mut best = bound(&priced(&factors));
        for step in [0.1] {
            for d in (0..DIMENSIONS).filter(|d| *d != dimension && self.prices[*d] > 0.0) {
                for way in [1.0 + step, 1.0 / (1.0 + step)] {
                    let mut tried = factors;
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
    fn last_row(&self, dimension: usize, prices: &Room) -> f64 {
        let mut row = vec![0.0; CELLS + 1];
        for e in self.entries.iter().rev() {
            add(&mut row, e, dimension, prices);
        }
        row[CELLS]
    }

    /// Depth first, most of an item before fewer.
    fn run(&mut self) {
        let mut rest = vec![0.0; self.entries.len() + 1];
        for (k, e) in self.entries.iter_mut().enumerate().rev() {
            // The table may have other prices.
            e.reduced = e.worth - dot(&e.size, &self.prices);
            rest[k] = rest[k + 1] + e.reduced.max(0.0) * e.most as f64;
        }
        let room = self.prices.iter().sum();
        self.visit(0, 0.0, room, [1.0; DIMENSIONS], &rest);
    }

    /// What the entries from `k` on can add at most, beyond what the room costs that they take.
    fn ahead(&self, k: usize, free: &Room, size: &Room, n: f64, rest: &[f64]) -> f64 {
        match &self.table {
            Some(table) => {
                let d = table.dimension;
                table.rows[k][cells(free[d] - n * size[d])]
            }
            None => rest[k],
        }
    }

    /// Goes on from `k`, at a load of so much worth; `reach` is that and the price of the room left.
    fn visit(&mut self, k: usize, value: f64, reach: f64, free: Room, rest: &[f64]) {
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
        let e = &self.entries[k];
        let (worth, reduced, size) = (e.worth, e.reduced, e.size);
        let (least, most) = (e.least, times_of_whole(&size, &free).min(e.most));
        for n in (least..=most).rev() {
            let times = n as f64;
            let reach = reach + times * reduced;
            if reach + self.ahead(k + 1, &free, &size, times, rest) > self.best * (1.0 + NEAR) {
                self.current[k] = n;
                let free = std::array::from_fn(|d| free[d] - times * size[d]);
                self.visit(k + 1, value + times * worth, reach, free, rest);
            }
        }
        self.current[k] = 0;
    }
}

/// How many of a size, in shares of a node, fit what is left of it.
fn times_of_whole(size: &Room, left: &Room) -> usize {
    let mut most = f64::MAX;
    for (size, left) in size.iter().zip(left) {
        if *size > 0.0 {
            most = most.min((left + fill::TOLERANCE) / size);
        }
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative")]
    let most = most.max(0.0) as usize;
    most
}

/// Adds an entry, up to as often as there is of it, to a row of the table.
fn add(row: &mut [f64], e: &Entry, dimension: usize, prices: &Room) {
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
        if room < row.len() {
            for cell in (room..row.len()).rev() {
                row[cell] = row[cell].max(row[cell - room] + gain);
            }
        }
        left -= n;
        bundle *= 2;
    }
}
