//! How many replicas a latency takes, by load: a table made once for a workload, exact at its points.
//!
//! In: the objectives, how irregular arrivals and services are, the range of what one replica serves over
//! all draws. Out: for a load and a ratio of objective to service time, the fewest replicas that keep every
//! objective. A replica that works on k requests at a time is k servers; the line before all of them is one.
//!
//! The largest load that c replicas carry is c·k − β·√(c·k), where β changes slowly with c (Halfin and
//! Whitt). β is solved from the exact tail of the response at every c to 64, then every 5%, and at steps of
//! 2% of the ratio; between those points it is interpolated. From some number of replicas on, the target
//! utilisation alone keeps the objective, and no table is asked. Nothing here knows hours or draws.

use crate::queueing::law::ServiceLaw;
use crate::queueing::queue::Queue;

/// A number of replicas by load and ratio of objective to service time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LatencyTable {
    wanted: Wanted,
    /// The logarithm of the first row's ratio.
    first: f64,
    /// By rising ratio.
    rows: Vec<Row>,
}

/// What is wanted of the response.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Wanted {
    /// Percentile, and seconds over those of the first objective.
    pub objectives: Vec<(f64, f64)>,
    /// Requests a replica works on at a time.
    pub concurrency: f64,
    /// Squared coefficients of variation.
    pub arrival_scv: f64,
    /// Of services.
    pub service_scv: f64,
    /// The share of a replica that is planned to be used in any case.
    pub utilization: f64,
}

#[derive(Debug, Clone, PartialEq)]
struct Row {
    /// From so many replicas on, the target utilisation is enough.
    enough: f64,
    /// β by [`replicas_at`].
    betas: Vec<f64>,
}

/// Every number of replicas to here, then every [`GROWTH`].
const SINGLE: usize = 64;
const GROWTH: f64 = 1.05;
/// Knots to sixteen thousand replicas; beyond, β is that of many servers and stays.
const KNOTS_MOST: usize = 178;
/// The step of the logarithm of ratios.
const STEP: f64 = 0.02;
const ROWS_MOST: usize = 2048;
/// A wider range of replicas is looked up one by one.
const STEPS_MOST: f64 = 2048.0;
/// The nearest to the service time itself that is sized for: a promise that hardly leaves time to serve
/// would take replicas without end.
const NEAREST: f64 = 1.02;

impl Wanted {
    /// The ratio of the first objective to the mean service time below which no number of replicas keeps
    /// the objectives, because the service alone takes longer.
    pub(crate) fn out_of_reach(&self) -> f64 {
        let law = ServiceLaw::of(1.0, self.service_scv);
        let ratios = self.objectives.iter().map(|(p, of_first)| law.percentile(*p) / of_first);
        ratios.fold(0.0, f64::max)
    }

    /// How far the response is from its objectives at a load, in erlangs, with services of mean 1: the
    /// logarithm of the share that is late over the share that may be; kept where not above zero.
    fn excess(&self, servers: f64, offered: f64, ratio: f64) -> f64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of servers"
        )]
        let queue = Queue {
            arrival_scv: self.arrival_scv,
            service_scv: self.service_scv,
            ..Queue::random(servers.min(1e9) as u32, offered, 1.0)
        };
        let late = |(p, of_first): &(f64, f64)| {
            libm::log(queue.response_tail(ratio * of_first).max(1e-300) / (1.0 - p))
        };
        self.objectives.iter().map(late).fold(f64::NEG_INFINITY, f64::max)
    }

    /// β of so many servers: the spare over the root of all, at the largest load they carry. By the secant
    /// through both ends, halved where one end stays (Illinois); what is returned keeps the objective.
    fn beta(&self, servers: f64, ratio: f64) -> f64 {
        let root = servers.sqrt();
        let excess = |spare: f64| self.excess(servers, (servers - spare * root).max(0.0), ratio);
        let (mut low, mut high) = (0.0, root);
        let (mut at_low, mut at_high) = (excess(low), excess(high));
        for step in 0..100 {
            if high - low <= 1e-10 * root || at_high >= 0.0 {
                break;
            }
            let secant = high - at_high * (high - low) / (at_high - at_low);
            let middle = if step % 4 == 3 { f64::midpoint(low, high) } else { secant };
            let middle =
                if middle > low && middle < high { middle } else { f64::midpoint(low, high) };
            let at = excess(middle);
            if at <= 0.0 {
                (high, at_high) = (middle, at);
                at_low /= 2.0;
                if at > -1e-12 {
                    break;
                }
            } else {
                (low, at_low) = (middle, at);
                at_high /= 2.0;
            }
        }
        high
    }

    /// The row of a ratio: to so many knots, or to where the target utilisation is enough.
    fn row(&self, ratio: f64, knots: Option<usize>) -> Row {
        let (mut betas, mut enough) = (Vec::new(), f64::INFINITY);
        for knot in 0..knots.unwrap_or(KNOTS_MOST) {
            let servers = (replicas_at(knot) * self.concurrency).round();
            if enough.is_infinite()
                && self.excess(servers, servers * self.utilization, ratio) <= 0.0
            {
                enough = replicas_at(knot);
                if knots.is_none() {
                    break;
                }
            }
            betas.push(self.beta(servers, ratio));
        }
        if let (Some(knots), true) = (knots, enough.is_infinite())
            && knots < KNOTS_MOST
        {
            // The first row's ratio is the smallest, and the next knot was enough for it.
            enough = replicas_at(knots);
        }
        Row { enough, betas }
    }
}

impl LatencyTable {
    /// The table for ratios of the first objective to the mean service time from `low` to `high`; `None`
    /// where the target utilisation is always enough.
    pub(crate) fn of(wanted: Wanted, low: f64, high: f64) -> Option<Self> {
        let nearest = wanted.out_of_reach() * NEAREST;
        let (low, high) = (low.max(nearest), high.max(nearest));
        let first = wanted.row(low, None);
        if first.betas.is_empty() {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few rows")]
        let steps = ((libm::log(high / low) / STEP).ceil() as usize).min(ROWS_MOST);
        let knots = first.betas.len();
        let mut rows = vec![first];
        for step in 1..=steps {
            rows.push(wanted.row(low * libm::exp(step as f64 * STEP), Some(knots)));
        }
        Some(Self { wanted, first: libm::log(low), rows })
    }

    /// Where a ratio lies between the rows.
    pub(crate) fn place(&self, ratio: f64) -> Place {
        let last = self.rows.len() - 1;
        let at = ((libm::log(ratio.max(1e-300)) - self.first) / STEP).clamp(0.0, last as f64);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let row = (at as usize).min(last.saturating_sub(1));
        // Far from the next row the lower of the two says where the target utilisation is enough.
        Place {
            row,
            part: at - row as f64,
            enough: self.rows[(row + usize::from(at >= last as f64)).min(last)].enough,
        }
    }

    /// The fewest replicas, `least` or more, that keep the objectives at a load: in replicas that are busy
    /// on average.
    pub(crate) fn replicas(&self, place: Place, busy: f64, least: f64) -> f64 {
        if least >= place.enough || busy <= 0.0 {
            return least;
        }
        let mut count = least.max(1.0);
        if self.carries(place, count) >= busy {
            return count;
        }
        if busy > SINGLE as f64 {
            // Load and the spare that so many need, until it settles: close, and a step away at most.
            let mut near = busy;
            for _ in 0..3 {
                near = busy + (near - self.carries(place, near));
            }
            count = near.floor().max(count);
            while count > least && self.carries(place, count - 1.0) >= busy {
                count -= 1.0;
            }
        }
        while count < place.enough && self.carries(place, count) < busy {
            count += 1.0;
        }
        count
    }

    /// What every number of replicas carries, between those that two loads take: asked for again and again.
    pub(crate) fn steps(&self, place: Place, low: f64, high: f64) -> Steps {
        let first = self.replicas(place, low, 1.0).min(place.enough);
        let last = self.replicas(place, high, first).min(place.enough);
        let mut carried = Vec::new();
        if last - first <= STEPS_MOST {
            let mut count = first;
            while count <= last {
                carried.push(self.carries(place, count));
                count += 1.0;
            }
        }
        Steps { first, carried }
    }

    /// The same as [`LatencyTable::replicas`], by steps made for the range of loads.
    pub(crate) fn replicas_by(&self, steps: &Steps, place: Place, busy: f64, least: f64) -> f64 {
        if least >= place.enough || busy <= 0.0 {
            return least;
        }
        // What the target utilisation takes is mostly enough, or nearly: looked at first.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place")]
        let from = (least - steps.first).max(0.0) as usize;
        let Some(rest) = steps.carried.get(from..) else {
            return self.replicas(place, busy, least);
        };
        let near = rest.iter().take(4).position(|carried| *carried >= busy);
        let above = near.unwrap_or_else(|| rest.partition_point(|carried| *carried < busy));
        if above == rest.len() {
            return self.replicas(place, busy, least);
        }
        least.max(steps.first + (from + above) as f64)
    }

    /// The largest load of so many replicas, in replicas that are busy on average.
    fn carries(&self, place: Place, replicas: f64) -> f64 {
        let servers = replicas * self.wanted.concurrency;
        (servers - self.beta(place, replicas) * servers.sqrt()) / self.wanted.concurrency
    }

    fn beta(&self, place: Place, replicas: f64) -> f64 {
        let of_row = |row: usize| {
            let betas = &self.rows[row].betas;
            let (knot, part) = knot_of(replicas);
            let last = betas.len() - 1;
            let (low, high) = (betas[knot.min(last)], betas[(knot + 1).min(last)]);
            low + (high - low) * part
        };
        let low = of_row(place.row);
        if place.part <= 0.0 {
            low
        } else {
            low + (of_row((place.row + 1).min(self.rows.len() - 1)) - low) * place.part
        }
    }
}

/// What numbers of replicas carry, from one number on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Steps {
    first: f64,
    carried: Vec<f64>,
}

/// Where a ratio lies between the rows of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    row: usize,
    part: f64,
    enough: f64,
}

/// The replicas of a knot: every number to [`SINGLE`], then every [`GROWTH`].
fn replicas_at(knot: usize) -> f64 {
    if knot < SINGLE {
        return (knot + 1) as f64;
    }
    SINGLE as f64 * libm::pow(GROWTH, (knot + 1 - SINGLE) as f64)
}

/// The knot at or below so many replicas, and the part of the way to the next.
fn knot_of(replicas: f64) -> (usize, f64) {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a knot")]
    if replicas <= SINGLE as f64 {
        let knot = replicas.max(1.0).floor();
        return (knot as usize - 1, replicas.max(1.0) - knot);
    }
    let growths = libm::log(replicas / SINGLE as f64) / libm::log(GROWTH);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a knot")]
    let knot = SINGLE - 1 + growths as usize;
    (knot, growths.fract())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queueing::objective::Objective;

    fn wanted(utilization: f64, concurrency: f64) -> Wanted {
        Wanted {
            objectives: vec![(0.99, 1.0)],
            concurrency,
            arrival_scv: 1.0,
            service_scv: 1.0,
            utilization,
        }
    }

    fn exact(busy: f64, ratio: f64, utilization: f64) -> f64 {
        let objective = Objective {
            response: Some((0.99, ratio)),
            utilization_most: Some(utilization),
            ..Objective::default()
        };
        f64::from(objective.servers(&Queue::random(0, busy, 1.0)).unwrap())
    }

    #[test]
    fn it_is_erlangs_answer_for_every_load() {
        for (ratio, utilization) in [(4.8, 1.0), (5.5, 0.9), (8.0, 0.7), (30.0, 1.0)] {
            let table = LatencyTable::of(wanted(utilization, 1.0), ratio, ratio).unwrap();
            let place = table.place(ratio);
            for busy in [0.01, 0.3, 0.95, 1.7, 3.0, 9.9, 23.0, 60.0, 81.3, 400.0, 2500.0] {
                let least = f64::ceil(busy / utilization);
                let found = table.replicas(place, busy, least);
                assert!(
                    (found - exact(busy, ratio, utilization)).abs() < 0.5,
                    "{ratio} {busy}: {found}"
                );
            }
        }
    }

    #[test]
    fn between_rows_it_is_at_most_one_off() {
        let table = LatencyTable::of(wanted(0.95, 1.0), 4.8, 9.0).unwrap();
        let mut off = 0;
        for step in 0..200 {
            let (ratio, busy) = (4.8 + 0.021 * f64::from(step), 0.4 * 1.03_f64.powi(step));
            let found = table.replicas(table.place(ratio), busy, (busy / 0.95).ceil());
            let apart = (found - exact(busy, ratio, 0.95)).abs();
            assert!(apart < 1.5, "{ratio} {busy}: {found}");
            off += usize::from(apart > 0.5);
        }
        assert!(off <= 2, "{off} of 200");
    }

    #[test]
    fn steps_give_what_the_table_gives() {
        let table = LatencyTable::of(wanted(0.95, 1.0), 4.8, 7.0).unwrap();
        for ratio in [4.8, 5.3, 6.6] {
            let place = table.place(ratio);
            let steps = table.steps(place, 2.0, 90.0);
            for step in 0..300 {
                let busy = 0.35 * f64::from(step);
                let least = (busy / 0.95).ceil();
                let (a, b) = (
                    table.replicas(place, busy, least),
                    table.replicas_by(&steps, place, busy, least),
                );
                assert!((a - b).abs() < 0.5 || busy < 2.0, "{ratio} {busy}: {a} {b}");
            }
        }
    }

    #[test]
    fn where_there_is_time_to_spare_no_table_is_made() {
        assert!(LatencyTable::of(wanted(0.65, 1.0), 36.0, 44.0).is_none());
        assert!(LatencyTable::of(wanted(0.65, 1.0), 5.0, 5.0).is_some());
    }

    #[test]
    fn working_on_several_at_a_time_needs_fewer_replicas() {
        let one = LatencyTable::of(wanted(1.0, 1.0), 6.0, 6.0).unwrap();
        let eight = LatencyTable::of(wanted(1.0, 8.0), 6.0, 6.0).unwrap();
        let (a, b) =
            (one.replicas(one.place(6.0), 5.0, 5.0), eight.replicas(eight.place(6.0), 5.0, 5.0));
        assert!(b < a, "{a} {b}");
        assert!((b - (exact(40.0, 6.0, 1.0) / 8.0).ceil()).abs() < 0.5, "{b}");
    }

    #[test]
    fn a_promise_shorter_than_the_service_is_sized_as_the_nearest_that_can_be_kept() {
        let table = LatencyTable::of(wanted(0.8, 1.0), 2.0, 6.0).unwrap();
        let (out, near) = (table.place(2.0), table.place(4.6052 * NEAREST));
        assert!((table.replicas(out, 3.0, 4.0) - table.replicas(near, 3.0, 4.0)).abs() < 0.5);
        assert!((wanted(0.8, 1.0).out_of_reach() - libm::log(100.0)).abs() < 1e-9);
    }
}
