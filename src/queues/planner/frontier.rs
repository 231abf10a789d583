//! What quota costs against what it makes runs wait: one path from plenty to nothing.
//!
//! In: cells (a quota in a pool) with their peak of demand, and an oracle that says how long each queue waits.
//! Out: every point that was looked at. The path begins where every queue has its own peak and takes away one
//! piece at a time: the one whose loss makes the longest wait grow least; among equals the dearer one, then
//! the one of the cell that has most of its peak left. The target has no part in it, so the cheapest point
//! that keeps a laxer target never costs more. A proof that no cheaper point exists is absent.

use crate::ids::Id;
use crate::plan::{Pool, Quota};

/// Pieces that the sum of the peaks is cut into, at most, rounding aside.
const PIECES: f64 = 60.0;
/// Cells that are tried for each piece: those that have most of their peak left.
const TRIED: usize = 4;

/// A quota's part of a pool.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cell {
    pub quota: Id<Quota>,
    pub pool: Id<Pool>,
    /// The word of the resource that is planned.
    pub resource: &'static str,
    /// What a node of the pool has of it.
    pub step: f64,
    /// The most that its runs ask for at once when nothing waits, in whole nodes.
    pub peak: f64,
    /// Money a month for one of it; 0 where unknown.
    pub price: f64,
}

/// One way to set the quotas.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    /// By cell.
    pub nominal: Vec<f64>,
    /// Money a month.
    pub cost: f64,
    /// The longest p95 of any queue, in hours.
    pub worst: f64,
    /// Whether the path went on from here.
    pub kept: bool,
}

pub(super) fn cost(cells: &[Cell], nominal: &[f64]) -> f64 {
    cells.iter().zip(nominal).map(|(cell, nominal)| cell.price * nominal).sum()
}

/// The most simulations that [`frontier`] asks for.
pub(super) fn most(cells: &[Cell]) -> usize {
    let pieces: usize = cells.iter().map(|cell| pieces(cells, cell)).sum();
    1 + pieces * TRIED.min(cells.len())
}

/// In how many pieces a cell is taken away.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small whole numbers")]
fn pieces(cells: &[Cell], cell: &Cell) -> usize {
    if cell.peak > 0.0 { (cell.peak / piece(cells, cell)).ceil() as usize } else { 0 }
}

/// What is taken away at once: whole nodes.
fn piece(cells: &[Cell], cell: &Cell) -> f64 {
    let nodes: f64 = cells.iter().map(|cell| cell.peak / cell.step).sum();
    cell.step * (nodes / PIECES).ceil().max(1.0)
}

/// Every point that was looked at; `waits` gives the p95 of each queue for one nominal a cell.
pub(super) fn frontier(cells: &[Cell], waits: &mut dyn FnMut(&[f64]) -> Vec<f64>) -> Vec<Point> {
    let mut look = |nominal: Vec<f64>| {
        let found = waits(&nominal);
        let worst = found.iter().copied().fold(0.0, f64::max);
        let point = Point { cost: cost(cells, &nominal), nominal, worst, kept: false };
        (point, found.iter().sum::<f64>())
    };
    let mut points = Vec::new();
    let (mut here, _) = look(cells.iter().map(|cell| cell.peak).collect());
    loop {
        here.kept = true;
        points.push(here.clone());
        let left = |cell: usize| here.nominal[cell] / cells[cell].peak;
        let mut tried: Vec<usize> =
            (0..cells.len()).filter(|cell| here.nominal[*cell] > 0.0).collect();
        tried.sort_by(|a, b| left(*b).total_cmp(&left(*a)).then(a.cmp(b)));
        tried.truncate(TRIED);
        let less = |cell: &usize| {
            let mut nominal = here.nominal.clone();
            nominal[*cell] = (nominal[*cell] - piece(cells, &cells[*cell])).max(0.0);
            nominal
        };
        let found: Vec<(Point, f64)> = tried.iter().map(less).map(&mut look).collect();
        let best = (0..found.len()).min_by(|a, b| {
            let ((a, a_sum), (b, b_sum)) = (&found[*a], &found[*b]);
            a.worst.total_cmp(&b.worst).then(a_sum.total_cmp(b_sum)).then(a.cost.total_cmp(&b.cost))
        });
        let Some(best) = best else { return points };
        here = found[best].0.clone();
        points.extend(found.into_iter().enumerate().filter(|(at, _)| *at != best).map(|of| of.1.0));
    }
}

/// The cheapest point whose queues all wait at most so long; of equals the one that waits
/// least, then one that the path went through.
pub(super) fn cheapest(points: &[Point], wait_p95: f64) -> Option<&Point> {
    let amount = |point: &Point| point.nominal.iter().sum::<f64>();
    points.iter().filter(|point| point.worst <= wait_p95).min_by(|a, b| {
        a.cost
            .total_cmp(&b.cost)
            .then(amount(a).total_cmp(&amount(b)))
            .then(a.worst.total_cmp(&b.worst))
            .then(b.kept.cmp(&a.kept))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(quota: usize, peak: f64) -> Cell {
        let (quota, pool) = (Id::new(quota), Id::new(0));
        Cell { quota, pool, resource: "gpu", step: 8.0, peak, price: 10.0 }
    }

    /// Two queues that wait an hour for every GPU they lack, together.
    fn shared(nominal: &[f64]) -> Vec<f64> {
        let lack = (40.0 - nominal.iter().sum::<f64>()).max(0.0);
        vec![lack, lack / 2.0]
    }

    #[test]
    fn the_cheapest_point_is_where_the_longest_wait_meets_the_target() {
        let points = frontier(&[cell(0, 32.0), cell(1, 32.0)], &mut shared);
        let total = |wait| cheapest(&points, wait).map(|point| point.nominal.iter().sum::<f64>());
        assert_eq!(total(0.0), Some(40.0));
        assert_eq!(total(7.9), Some(40.0));
        assert_eq!(total(8.0), Some(32.0));
        assert_eq!(total(40.0), Some(0.0));
    }

    #[test]
    fn what_is_taken_away_for_nothing_is_taken_in_proportion() {
        let points = frontier(&[cell(0, 64.0), cell(1, 16.0)], &mut shared);
        let point = cheapest(&points, 0.0).unwrap();
        assert_eq!(point.nominal, [32.0, 8.0]);
    }

    #[test]
    fn no_more_is_asked_than_was_said() {
        let cells: Vec<Cell> = (0..9).map(|at| cell(at, 8.0 * (7 * at + 3) as f64)).collect();
        let mut asked = 0;
        let points = frontier(&cells, &mut |nominal| {
            asked += 1;
            shared(nominal)
        });
        assert!(asked <= most(&cells) && points.len() == asked, "{asked} of {}", most(&cells));
    }
}
