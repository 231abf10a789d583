//! One pool, many months, exactly: the cheapest mix of committing and not.
//!
//! In: one [`Recourse`] a month and the [`Offer`]s that commit units for a run of months. Out: how many
//! units of each offer. The result is optimal, to the millionth of money that costs are rounded to.
//!
//! Units are flow along the line of months 0 … T: an offer is an arc from its first month to the month
//! after its last, and in every month there are arcs with the rising cost of one more unit that is *not*
//! committed. As many units as all months could need flow from the first month to the last by successive
//! shortest paths, so the mix after each is the cheapest for its number of units.
//!
//! # Source
//! The columns have consecutive ones, so the matrix is totally unimodular and the optimum whole
//! (Fulkerson and Gross 1965; Hoffman and Kruskal 1956). Deciding unit by unit is not exact.

use super::recourse::{Micro, Recourse};

/// Something that commits units for a run of months.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The first month.
    pub from: usize,
    /// The month after the last; never past the problem's end, and above `from`.
    pub to: usize,
    /// What one unit costs over these months, in millionths.
    pub cost: Micro,
    /// The most units; no limit where absent.
    pub most: Option<u64>,
}

/// The optimum of one pool.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cover {
    /// Units of each offer, in the order given.
    pub units: Vec<u64>,
    /// What offers and recourse cost together, in millionths.
    pub cost: i128,
}

impl Cover {
    /// The units committed in every month.
    #[must_use]
    pub fn committed(&self, months: usize, offers: &[Offer]) -> Vec<u64> {
        let mut committed = vec![0; months];
        for (offer, units) in offers.iter().zip(&self.units) {
            committed[offer.from..offer.to].iter_mut().for_each(|month| *month += units);
        }
        committed
    }
}

/// What offers and recourse cost together, in millionths.
#[must_use]
pub fn cost_of(months: &[Recourse], offers: &[Offer], units: &[u64]) -> i128 {
    let cover = Cover { units: units.to_vec(), cost: 0 };
    let committed = cover.committed(months.len(), offers);
    let recourse: i128 = months.iter().zip(committed).map(|(month, units)| month.cost(units)).sum();
    let bought = offers.iter().zip(units).map(|(o, units)| i128::from(o.cost) * i128::from(*units));
    recourse + bought.sum::<i128>()
}

/// The cheapest mix of committing and not.
///
/// # Panics
/// If an offer does not lie inside the months, or costs less than nothing.
#[must_use]
pub fn cheapest(months: &[Recourse], offers: &[Offer]) -> Cover {
    let fits = |offer: &Offer| offer.from < offer.to && offer.to <= months.len() && offer.cost >= 0;
    assert!(offers.iter().all(fits), "offers lie inside the months and cost something");
    // Terms that overlap may commit more than any month needs, but each unit is needed in some month.
    let mut left = months.iter().map(Recourse::reach).sum();
    let mut line = Line::new(months, offers, left);
    while left > 0 {
        left -= line.augment(left);
    }
    let mut units = vec![0; offers.len()];
    for arc in &line.arcs {
        units[arc.offer] = arc.flow;
    }
    let cost = cost_of(months, offers, &units);
    Cover { units, cost }
}

/// The line of months with what flows on it.
struct Line {
    ladders: Vec<Ladder>,
    arcs: Vec<Arc>,
    /// Distance from the first month, and the step by which it is reached.
    reached: Vec<(Micro, Option<Step>)>,
}

/// The units of one month that are not committed, cheapest first.
struct Ladder {
    /// `(units, cost of one)`, rising.
    rungs: Vec<(u64, Micro)>,
    /// The rung that the next unit is on, and how many are on it already.
    rung: usize,
    used: u64,
}

/// An offer that is not dominated.
struct Arc {
    offer: usize,
    from: usize,
    to: usize,
    cost: Micro,
    most: u64,
    flow: u64,
}

/// Below the cost of any path of real costs, and far enough inside the range that sums of it fit.
const FORCED: Micro = -20_000_000_000_000_000;

/// How a month is reached.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// One more unit uncommitted in the month before.
    Up,
    /// One unit fewer uncommitted in this month.
    Down,
    /// One more unit of an offer.
    Buy(usize),
    /// One unit of an offer fewer.
    Return(usize),
}

impl Ladder {
    fn new(recourse: &Recourse, units: u64) -> Self {
        let most = recourse.most().map_or(units, |most| most.min(units));
        let mut rungs = Vec::with_capacity(recourse.runs().len() + 2);
        // What cannot be committed goes uncommitted before anything else.
        rungs.push((units - most, FORCED));
        rungs.push((most.saturating_sub(recourse.reach()), 0));
        let mut left = most;
        let within = recourse.runs().iter().map(|(units, saving)| {
            let units = left.min(*units);
            left -= units;
            (units, *saving)
        });
        let mut within: Vec<_> = within.collect();
        within.reverse();
        rungs.extend(within);
        rungs.retain(|(units, _)| *units > 0);
        Self { rungs, rung: 0, used: 0 }
    }

    /// The cost of the next unit, and how many there are at it.
    fn next(&self) -> Option<(Micro, u64)> {
        self.rungs.get(self.rung).map(|(units, cost)| (*cost, units - self.used))
    }

    /// The cost of the last unit, and how many there are at it.
    fn last(&self) -> Option<(Micro, u64)> {
        if self.used > 0 {
            return Some((self.rungs[self.rung].1, self.used));
        }
        let (units, cost) = self.rungs[self.rung.checked_sub(1)?];
        Some((cost, units))
    }

    fn push(&mut self, units: u64) {
        self.used += units;
        if self.used == self.rungs[self.rung].0 {
            self.rung += 1;
            self.used = 0;
        }
    }

    fn pull(&mut self, units: u64) {
        if self.used == 0 {
            self.rung -= 1;
            self.used = self.rungs[self.rung].0;
        }
        self.used -= units;
    }
}

impl Line {
    fn new(months: &[Recourse], offers: &[Offer], units: u64) -> Self {
        let arcs = offers.iter().enumerate().map(|(place, offer)| Arc {
            offer: place,
            from: offer.from,
            to: offer.to,
            cost: offer.cost,
            most: offer.most.unwrap_or(u64::MAX),
            flow: 0,
        });
        let mut arcs: Vec<Arc> = arcs.filter(|arc| arc.most > 0).collect();
        arcs.sort_by_key(|arc| (arc.from, arc.to, arc.cost, arc.offer));
        // Of offers over the same months, one behind a cheaper one without limit is never used.
        let mut unlimited = None;
        arcs.retain(|arc| {
            let behind = unlimited == Some((arc.from, arc.to));
            if !behind && arc.most == u64::MAX {
                unlimited = Some((arc.from, arc.to));
            }
            !behind
        });
        Self {
            ladders: months.iter().map(|month| Ladder::new(month, units)).collect(),
            arcs,
            reached: vec![(Micro::MAX, None); months.len() + 1],
        }
    }

    /// Sends units along the shortest path, at most `left`, and says how many.
    fn augment(&mut self, left: u64) -> u64 {
        self.shortest();
        let path = self.path();
        let room = |(month, step): &(usize, Step)| match *step {
            Step::Up => self.ladders[month - 1].next().map_or(0, |(_, units)| units),
            Step::Down => self.ladders[*month].last().map_or(0, |(_, units)| units),
            Step::Buy(arc) => self.arcs[arc].most - self.arcs[arc].flow,
            Step::Return(arc) => self.arcs[arc].flow,
        };
        let units = path.iter().map(room).fold(left, u64::min);
        for (month, step) in path {
            match step {
                Step::Up => self.ladders[month - 1].push(units),
                Step::Down => self.ladders[month].pull(units),
                Step::Buy(arc) => self.arcs[arc].flow += units,
                Step::Return(arc) => self.arcs[arc].flow -= units,
            }
        }
        units
    }

    /// The steps of the shortest path, the last first, each with the month it leads to.
    fn path(&self) -> Vec<(usize, Step)> {
        let mut month = self.ladders.len();
        let mut path = Vec::with_capacity(month);
        while let Some(step) = self.reached[month].1 {
            path.push((month, step));
            month = match step {
                Step::Up => month - 1,
                Step::Down => month + 1,
                Step::Buy(arc) => self.arcs[arc].from,
                Step::Return(arc) => self.arcs[arc].to,
            };
        }
        path
    }

    /// Distances from the first month, by sweeps up and down the line until none changes. The mix is the
    /// cheapest for its units, so there is no cycle below zero and the sweeps end.
    fn shortest(&mut self) {
        self.reached.fill((Micro::MAX, None));
        self.reached[0] = (0, None);
        loop {
            let mut arcs = self.arcs.iter().enumerate().peekable();
            for month in 0..self.ladders.len() {
                let (here, _) = self.reached[month];
                if let Some((cost, _)) = self.ladders[month].next() {
                    lower(&mut self.reached, here, month + 1, cost, Step::Up);
                }
                while let Some((place, arc)) = arcs.next_if(|(_, arc)| arc.from == month) {
                    if arc.flow < arc.most {
                        let step = Step::Buy(place);
                        lower(&mut self.reached, here, arc.to, arc.cost, step);
                    }
                }
            }
            let mut lowered = false;
            let mut arcs = self.arcs.iter().enumerate().rev().peekable();
            for month in (0..self.ladders.len()).rev() {
                let (above, _) = self.reached[month + 1];
                if let Some((cost, _)) = self.ladders[month].last() {
                    lowered |= lower(&mut self.reached, above, month, -cost, Step::Down);
                }
                while let Some((place, arc)) = arcs.next_if(|(_, arc)| arc.from == month) {
                    if arc.flow > 0 {
                        let (end, _) = self.reached[arc.to];
                        let step = Step::Return(place);
                        lowered |= lower(&mut self.reached, end, month, -arc.cost, step);
                    }
                }
            }
            // A sweep up settles every step up; if no step down lowers anything after it, all is settled.
            if !lowered {
                return;
            }
        }
    }
}

/// Lowers the distance of a month, if it is lower by this step.
fn lower(
    reached: &mut [(Micro, Option<Step>)],
    from: Micro,
    to: usize,
    cost: Micro,
    step: Step,
) -> bool {
    if from == Micro::MAX || from + cost >= reached[to].0 {
        return false;
    }
    reached[to] = (from + cost, Some(step));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(from: usize, to: usize, cost: Micro) -> Offer {
        Offer { from, to, cost, most: None }
    }

    #[test]
    fn one_month_commits_as_long_as_a_unit_saves_more_than_it_costs() {
        let month = Recourse::of_savings([(2, 10), (3, 6), (5, 2)]);
        let cover = cheapest(&[month], &[offer(0, 1, 5)]);
        assert_eq!((cover.units[0], cover.cost), (5, 35));
    }

    #[test]
    fn the_cheaper_of_two_over_the_same_months_goes_first_as_far_as_it_goes() {
        let month = Recourse::of_savings([(10, 10)]);
        let small = Offer { most: Some(4), ..offer(0, 1, 3) };
        let cover = cheapest(&[month], &[offer(0, 1, 7), small, offer(0, 1, 8)]);
        assert_eq!(cover.units, [6, 4, 0]);
    }

    #[test]
    fn terms_that_overlap_may_commit_more_than_any_month_needs() {
        let months = [(2, 8), (0, 0), (2, 9)].map(|run| Recourse::of_savings([run]));
        let cover = cheapest(&months, &[offer(1, 3, 1), offer(0, 2, 1)]);
        assert_eq!((cover.units, cover.cost), (vec![2, 2], 4));
    }

    #[test]
    fn no_more_is_committed_than_can_be() {
        let month = Recourse::of_savings([(2, 10), (3, 6)]);
        let months = [month.clone().at_most(Some(3)), month];
        let cover = cheapest(&months, &[offer(0, 2, 5), offer(1, 2, 3)]);
        assert_eq!(cover.units, [3, 2]);
    }

    #[test]
    fn a_dip_between_two_months_is_bridged_only_if_that_is_cheaper() {
        let high = Recourse::of_savings([(1, 10)]);
        let months = [high.clone(), Recourse::default(), high];
        let each = [offer(0, 1, 6), offer(2, 3, 6), offer(0, 3, 11)];
        assert_eq!(cheapest(&months, &each).units, [0, 0, 1]);
        let each = [offer(0, 1, 6), offer(2, 3, 6), offer(0, 3, 13)];
        assert_eq!(cheapest(&months, &each).units, [1, 1, 0]);
    }
}
