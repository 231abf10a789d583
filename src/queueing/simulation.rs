//! The same queue, lived through: arrivals and services drawn one by one, the first who comes served first.
//!
//! In: a [`Queue`] and how precise to be. Out: mean wait and one percentile of response, each with the half
//! width of its 95% interval by batch means. Random numbers come of a counter with the caller's key, so the
//! same question has the same answer everywhere. It stops at the precision asked for, or after
//! [`Precision::arrivals_most`] arrivals, and says which.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rand_chacha::ChaCha8Rng;

use super::law::{ServiceLaw, balanced};
use super::queue::Queue;
use crate::draws::{inside_unit, quantile};

/// When to stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Precision {
    /// The half width of the 95% interval, as a share of the value, that is precise enough for both.
    pub relative: f64,
    /// Arrivals after which it stops in any case.
    pub arrivals_most: usize,
}

impl Default for Precision {
    fn default() -> Self {
        Self { relative: 0.03, arrivals_most: 2_000_000 }
    }
}

/// A value with the half width of its 95% interval.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Measured {
    /// The value.
    pub value: f64,
    /// Half the width of its 95% interval.
    pub half_width: f64,
}

/// What was lived through.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Simulated {
    /// The mean wait, in seconds.
    pub mean_wait: Measured,
    /// The percentile of the response asked for, in seconds.
    pub response: Measured,
    /// Arrivals counted, the warm-up apart.
    pub arrivals: usize,
    /// Whether the precision asked for was reached.
    pub precise: bool,
}

/// Batches at a time; their number doubles what was seen each round.
const BATCHES: usize = 20;
/// The 97.5% quantile of Student's t with 19 degrees of freedom.
const T_19: f64 = 2.093;

/// Lives through a queue; `None` where its line grows for ever.
///
/// # Source
/// J. Kiefer and J. Wolfowitz (1955) for the recursion; batch means after A. M. Law, Simulation Modeling
/// and Analysis: twenty batches, doubled in length until precise, the first tenth dropped.
#[must_use]
pub fn simulate(
    queue: &Queue,
    p: f64,
    precision: Precision,
    random: &mut ChaCha8Rng,
) -> Option<Simulated> {
    if queue.utilization() >= 1.0 || queue.arrivals <= 0.0 {
        return None;
    }
    let mut line = Line::of(queue);
    let mut batch =
        2_000_usize.max(20 * queue.servers as usize).min(precision.arrivals_most / BATCHES);
    batch = batch.max(1);
    let warm_up = batch * BATCHES / 10;
    for _ in 0..warm_up {
        line.next(random);
    }
    // Pairs of batches join each time round, so that nothing is thrown away.
    let mut batches: Vec<(f64, Vec<f64>)> =
        (0..BATCHES).map(|_| line.batch(batch, random)).collect();
    loop {
        let result = measured(&batches, batch, p);
        let enough =
            |measured: &Measured| measured.half_width <= precision.relative * measured.value;
        // A wait of next to nothing beside the service need not be known to a share of itself.
        let floor = Measured {
            value: result.mean_wait.value.max(0.05 * queue.mean_service),
            ..result.mean_wait
        };
        let precise = enough(&floor) && enough(&result.response);
        if precise || 2 * batch * BATCHES > precision.arrivals_most {
            return Some(Simulated { precise, ..result });
        }
        batches = batches.chunks_exact(2).map(joined).collect();
        batch *= 2;
        while batches.len() < BATCHES {
            batches.push(line.batch(batch, random));
        }
    }
}

fn joined(pair: &[(f64, Vec<f64>)]) -> (f64, Vec<f64>) {
    let responses = pair.iter().flat_map(|(_, responses)| responses.iter().copied()).collect();
    (pair.iter().map(|(wait, _)| wait).sum(), responses)
}

fn measured(batches: &[(f64, Vec<f64>)], batch: usize, p: f64) -> Simulated {
    let waits: Vec<f64> = batches.iter().map(|(sum, _)| sum / batch as f64).collect();
    let percentiles: Vec<f64> = batches.iter().map(|(_, times)| quantile(times, p)).collect();
    Simulated {
        mean_wait: interval(&waits),
        response: interval(&percentiles),
        arrivals: batch * batches.len(),
        precise: false,
    }
}

fn interval(values: &[f64]) -> Measured {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let spread =
        values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (n - 1.0);
    Measured { value: mean, half_width: T_19 * (spread / n).sqrt() }
}

/// Times when servers are free, oldest first, and how times are drawn.
struct Line {
    free: BinaryHeap<Reverse<Moment>>,
    now: f64,
    gap: f64,
    arrival_scv: f64,
    service: ServiceLaw,
}

/// A time in an order.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Moment(f64);

impl Eq for Moment {}
impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Moment {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Line {
    fn of(queue: &Queue) -> Self {
        Self {
            free: (0..queue.servers).map(|_| Reverse(Moment(0.0))).collect(),
            now: 0.0,
            gap: 1.0 / queue.arrivals,
            arrival_scv: queue.arrival_scv,
            service: ServiceLaw::of(queue.mean_service, queue.service_scv),
        }
    }

    /// The wait and the response of the next to arrive.
    fn next(&mut self, random: &mut ChaCha8Rng) -> (f64, f64) {
        self.now += self.gap * irregular(self.arrival_scv, random);
        let service = self.service_time(random);
        let Some(mut first) = self.free.peek_mut() else { return (0.0, service) };
        let start = first.0.0.max(self.now);
        first.0.0 = start + service;
        (start - self.now, start - self.now + service)
    }

    /// The sum of the waits and every response of so many.
    fn batch(&mut self, count: usize, random: &mut ChaCha8Rng) -> (f64, Vec<f64>) {
        let mut waits = 0.0;
        let mut responses = Vec::with_capacity(count);
        for _ in 0..count {
            let (wait, response) = self.next(random);
            waits += wait;
            responses.push(response);
        }
        // Times since the batch began keep their digits however long it runs.
        let began = self.now;
        self.now = 0.0;
        self.free =
            self.free.drain().map(|Reverse(Moment(at))| Reverse(Moment(at - began))).collect();
        (waits, responses)
    }

    fn service_time(&self, random: &mut ChaCha8Rng) -> f64 {
        let [(often, first), (seldom, second)] = self.service.branches;
        let rate = if seldom > 0.0 && inside_unit(random) > often { second } else { first };
        if rate.is_infinite() {
            self.service.fixed
        } else {
            self.service.fixed + exponential(random) / rate
        }
    }
}

fn exponential(random: &mut ChaCha8Rng) -> f64 {
    -libm::log(inside_unit(random))
}

/// A time between arrivals, of mean 1: a clock at 0, a gamma law below 1, two exponential branches above.
fn irregular(scv: f64, random: &mut ChaCha8Rng) -> f64 {
    if scv <= 0.0 {
        return 1.0;
    }
    if (scv - 1.0).abs() < 1e-12 {
        return exponential(random);
    }
    if scv < 1.0 {
        return gamma(1.0 / scv, random) * scv;
    }
    let [often, seldom] = balanced(scv);
    let chance = if inside_unit(random) <= often { often } else { seldom };
    exponential(random) / (2.0 * chance)
}

/// A gamma variate of scale 1 and a shape above 1.
///
/// # Source
/// G. Marsaglia and W. W. Tsang, ACM Transactions on Mathematical Software 26 (2000).
fn gamma(shape: f64, random: &mut ChaCha8Rng) -> f64 {
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = crate::normal::quantile(inside_unit(random));
        let v = 1.0 + c * x;
        if v <= 0.0 {
            continue;
        }
        let v = v * v * v;
        if libm::log(inside_unit(random)) < 0.5 * x * x + d - d * v + d * libm::log(v) {
            return d * v;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::Draws;
    use crate::queueing::{deterministic, single};

    fn run(queue: &Queue, p: f64) -> Simulated {
        let precision = Precision { relative: 0.03, arrivals_most: 800_000 };
        simulate(queue, p, precision, &mut Draws::new(7, 1).stream("queue")).unwrap()
    }

    fn within(measured: Measured, truth: f64) {
        // Three half widths: one test in thousands would fail by chance, and the key is fixed.
        assert!(
            (measured.value - truth).abs() < 1.5 * measured.half_width.max(0.01 * truth),
            "{measured:?} {truth}"
        );
    }

    #[test]
    fn it_agrees_where_the_formula_is_exact() {
        let random = Queue::random(4, 2.8, 1.0);
        let seen = run(&random, 0.95);
        within(seen.mean_wait, random.mean_wait());
        within(seen.response, random.response_percentile(0.95));
        let rough = Precision { relative: 0.1, arrivals_most: 800_000 };
        let seen = simulate(&random, 0.95, rough, &mut Draws::new(7, 1).stream("queue")).unwrap();
        assert!(seen.precise && seen.arrivals < 640_000, "{seen:?}");
        let constant = Queue { service_scv: 0.0, ..Queue::random(4, 3.2, 1.0) };
        within(run(&constant, 0.95).mean_wait, deterministic::mean_wait(4, 3.2, 1.0));
        let one = Queue { service_scv: 4.0, ..Queue::random(1, 0.6, 1.0) };
        within(run(&one, 0.95).mean_wait, single::mean_wait(0.6, 1.0, 4.0));
    }

    #[test]
    fn it_corrects_the_approximation_where_arrivals_are_regular_or_come_in_bursts() {
        let regular = Queue { arrival_scv: 0.25, ..Queue::random(4, 3.2, 1.0) };
        within(run(&regular, 0.95).mean_wait, 0.3896);
        let bursts = Queue { arrival_scv: 4.0, ..Queue::random(4, 3.2, 1.0) };
        let seen = run(&bursts, 0.95).mean_wait.value;
        assert!(seen > 1.1 * bursts.mean_wait(), "{seen} {}", bursts.mean_wait());
    }

    #[test]
    fn the_same_key_gives_the_same_answer_and_too_few_servers_none() {
        let queue = Queue { arrival_scv: 2.0, ..Queue::random(3, 2.0, 1.0) };
        assert_eq!(run(&queue, 0.9), run(&queue, 0.9));
        let mut random = Draws::new(7, 1).stream("queue");
        assert!(
            simulate(&Queue::random(2, 2.0, 1.0), 0.9, Precision::default(), &mut random).is_none()
        );
    }
}
