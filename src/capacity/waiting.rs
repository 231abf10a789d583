//! Whole counts of one workload where a latency takes more than the target utilisation: in the busiest hour
//! of a month, and hour by hour.

use crate::capacity::counted::Counting;
use crate::capacity::factors::Served;
use crate::capacity::latency::{LatencyTable, Place, Steps};
use crate::capacity::month_demand::{MonthDemand, Piece};
use crate::capacity::rounding::whole_up;
use crate::capacity::slots::MonthDays;
use crate::forecast::demand::WeekShape;
use std::sync::Arc;

/// The latency of one workload in one month.
#[derive(Debug, Clone)]
pub(crate) struct Waiting {
    table: Arc<LatencyTable>,
    /// Where objective ÷ service time lies in the table, by piece, then draw.
    places: Vec<Vec<Place>>,
}

impl Waiting {
    /// Where every draw of every piece lies; `None` where the target utilisation is always enough.
    pub(crate) fn of(
        served: &Served,
        objective: f64,
        pieces: &[Piece],
        draws: usize,
    ) -> Option<Self> {
        let table = served.table.clone()?;
        let places = pieces.iter().map(|piece| {
            let factors = piece.span.capacity_factor.as_ref();
            let ratio = |draw: usize| {
                objective / served.seconds(draw) * factors.map_or(1.0, |factors| factors[draw])
            };
            (0..draws).map(|draw| table.place(ratio(draw))).collect()
        });
        Some(Self { places: places.collect(), table })
    }

    /// How many serve, one value a draw, in the busiest hour of the month: what the target utilisation and
    /// the latency take, and what the latency takes alone.
    pub(crate) fn serving_at_peak(
        &self,
        demand: &MonthDemand,
        month: &MonthDays,
        need: &[Vec<f64>],
        busy: &[Vec<f64>],
    ) -> (Vec<f64>, Vec<f64>) {
        let draws = need.first().map_or(0, Vec::len);
        let (mut serving, mut alone) = (vec![0.0_f64; draws], vec![0.0_f64; draws]);
        for (piece, places) in self.places.iter().enumerate() {
            let of_piece = demand.only(piece);
            let need = of_piece.peak(month, &need[piece..=piece]);
            let busy = of_piece.peak(month, &busy[piece..=piece]);
            for draw in 0..draws {
                let least = self.table.replicas(places[draw], busy[draw], 0.0);
                alone[draw] = alone[draw].max(least);
                let both = self.table.replicas(places[draw], busy[draw], whole_up(need[draw]));
                serving[draw] = serving[draw].max(both);
            }
        }
        (serving, alone)
    }

    /// How many a latency takes at a load in the first piece.
    pub(crate) fn takes(&self, draw: usize, busy: f64) -> f64 {
        self.table.replicas(self.places[0][draw], busy, 0.0)
    }

    /// What numbers of replicas carry, by piece and draw, between the quietest and the busiest hour.
    pub(crate) fn steps(&self, shape: Option<&WeekShape>, busy: &[Vec<f64>]) -> Vec<Vec<Steps>> {
        let hours = |shape: &WeekShape| {
            let order = |a: &usize, b: &usize| shape.wave[*a].total_cmp(&shape.wave[*b]);
            let hours = 0..shape.wave.len();
            (hours.clone().min_by(order).unwrap_or(0), hours.max_by(order).unwrap_or(0))
        };
        let ends = shape.map(|shape| (shape, hours(shape)));
        let of_piece = |(places, busy): (&Vec<Place>, &Vec<f64>)| {
            let of_draw = |(draw, (place, busy)): (usize, (&Place, &f64))| {
                let (a, b) = ends.map_or((1.0, 1.0), |(shape, (low, high))| {
                    (shape.at(low, draw), shape.at(high, draw))
                });
                self.table.steps(*place, busy * a.min(b), busy * a.max(b))
            };
            places.iter().zip(busy).enumerate().map(of_draw).collect()
        };
        self.places.iter().zip(busy).map(of_piece).collect()
    }

    /// Counts of one copy in one hour of the week, one value a draw; adds count-hours to their sum.
    #[expect(clippy::too_many_arguments, reason = "the loop over draws, and all it reads")]
    pub(crate) fn counts(
        &self,
        counting: &Counting,
        (piece, steps): (usize, &[Steps]),
        (shape, hour_of_week, hours): (Option<&WeekShape>, usize, f64),
        need: &[f64],
        busy: &[f64],
        counts: &mut [f64],
        count_hours: &mut [f64],
    ) {
        let places = &self.places[piece];
        for (draw, (into, count_hours)) in counts.iter_mut().zip(count_hours).enumerate() {
            let high = shape.map_or(1.0, |shape| shape.at(hour_of_week, draw));
            let least = whole_up(need[draw] * high);
            let busy = busy[draw] * high;
            let serving = self.table.replicas_by(&steps[draw], places[draw], busy, least);
            let count = counting.with_spares(serving) / counting.copies;
            *into = count;
            *count_hours += count * hours;
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::capacity::example::{
        ORIGIN, all, asked, autoscaled, change_pool, close, fixed, half_days, levels, month, plan,
        with, workload,
    };
    use crate::capacity::need::Cause;
    use crate::capacity::{choose_instances, factors, size};
    use crate::ids::Arena;
    use crate::plan::catalog::{GpuModel, Instance};
    use crate::plan::language_model::{CachedToken, Counts, LanguageModel};
    use crate::plan::workload::{Latency, Replica, Request, Serves, Serving, WorkloadKind};
    use crate::plan::{Plan, Workload};
    use crate::queueing::objective::Objective;
    use crate::queueing::queue::Queue;

    /// A replica of one GPU that serves ten a second, 100 ms each, and promises a response at p99.
    fn prompt(seconds: f64, change: impl Fn(&mut Latency)) -> Workload {
        let mut latency = Latency {
            objectives: vec![(0.99, seconds)],
            concurrency: 1,
            arrival_scv: 1.0,
            service_scv: 1.0,
            origin: ORIGIN,
        };
        change(&mut latency);
        let replica = Replica {
            request: Request { gpus: Some(fixed(1.0)), ..Request::default() },
            serves: Serves::Stated(fixed(10.0)),
            latency: Some(latency),
            batches: Vec::new(),
            origin: ORIGIN,
        };
        Workload {
            demand: Some(asked(true)),
            serving: Serving::Replica(replica),
            ..workload("prompt", WorkloadKind::Inference)
        }
    }

    fn at_eighty_percent() -> Plan {
        let mut plan = plan();
        change_pool(&mut plan, |pool| pool.target_utilization = 0.8);
        plan
    }

    fn servers(arrivals: f64, seconds: f64) -> f64 {
        let objective = Objective { response: Some((0.99, seconds)), ..Objective::default() };
        f64::from(objective.servers(&Queue::random(0, arrivals, 0.1)).unwrap())
    }

    #[test]
    fn a_tight_promise_takes_more_replicas_than_the_rate_and_the_need_follows() {
        let plan = at_eighty_percent();
        let demand = levels(&plan, &[80.0; 3], None);
        let (plan, demand) = with(plan, vec![(prompt(0.49, |_| ()), Some(demand))]);
        let wanted = servers(80.0, 0.49);
        assert!(wanted > 10.5, "80 ÷ (10 × 80%) = 10 are enough for the rate: {wanted}");
        let (_, supply, _) = month(&plan, &demand, 0);
        all(&supply.need_peak, (wanted / 8.0).ceil());
        let factors = factors(&plan);
        let choices = choose_instances(&plan, &demand, &factors);
        let sizing = &size(&plan, &demand, &factors, &choices)[0];
        close(sizing.peak[0].0, wanted);
        assert_eq!(sizing.requires[0].cause, Cause::Latency);
        close(sizing.requires[0].nodes, wanted / 8.0);
        assert_eq!(sizing.requires[1].cause, Cause::Gpu);
        close(sizing.requires[1].nodes, 10.0 / 8.0);
        let latency = sizing.latency.as_ref().unwrap();
        assert!(latency.is_kept() && latency.expected[0].1 <= 0.49);
        close(latency.for_rate, 10.0);
        assert!(
            sizing.headroom.contains(&format!("latency p99 490 ms: {wanted:.0}")),
            "{}",
            sizing.headroom
        );
    }

    #[test]
    fn an_easy_promise_changes_nothing() {
        let plan = at_eighty_percent();
        let demand = levels(&plan, &[80.0; 3], None);
        let (plan, demand) = with(plan, vec![(prompt(5.0, |_| ()), Some(demand))]);
        let (_, supply, _) = month(&plan, &demand, 0);
        all(&supply.need_peak, 2.0);
    }

    #[test]
    fn every_hour_has_the_replicas_that_its_own_load_takes() {
        let plan = at_eighty_percent();
        let shape = half_days(&plan);
        let demand = levels(&plan, &[40.0; 3], Some(shape));
        let workload = autoscaled(prompt(0.49, |_| ()), 1, None);
        let (plan, demand) = with(plan, vec![(workload, Some(demand))]);
        let (_, supply, _) = month(&plan, &demand, 0);
        // Half the hours have twice the mean, the others nothing but the fewest.
        all(&supply.need_peak, (servers(80.0, 0.49) / 8.0).ceil());
        all(&supply.need_mean, f64::midpoint((servers(80.0, 0.49) / 8.0).ceil(), 1.0));
    }

    #[test]
    fn bursts_are_simulated_and_both_figures_are_kept() {
        let plan = at_eighty_percent();
        let demand = levels(&plan, &[80.0; 3], None);
        let bursty = prompt(1.0, |latency| latency.arrival_scv = 4.0);
        let (plan, demand) = with(plan, vec![(bursty, Some(demand))]);
        let factors = factors(&plan);
        let choices = choose_instances(&plan, &demand, &factors);
        let latency = size(&plan, &demand, &factors, &choices)[0].latency.clone().unwrap();
        let simulated = latency.simulated.unwrap();
        // Waits are half as long again as Allen and Cunneen have it; the 99th percentile is about the same.
        let formula = Queue { arrival_scv: 4.0, ..Queue::random(10, 80.0, 0.1) };
        assert!(simulated.mean_wait.value > 1.2 * formula.mean_wait(), "{latency:?}");
        assert!(
            (simulated.response.value / latency.expected[0].1 - 1.0).abs() < 0.2,
            "{latency:?}"
        );
    }

    #[test]
    fn a_network_may_be_what_nodes_run_out_of() {
        let mut plan = plan();
        let mut instances: Vec<Instance> = plan.instances.items().to_vec();
        instances[0].shape.network_bits_per_second = 100e9;
        plan.instances = Arena::new(instances);
        let mut workload = prompt(5.0, |_| ());
        let Serving::Replica(replica) = &mut workload.serving else { panic!() };
        replica.request.network_bits_per_second = Some(fixed(50e9));
        replica.latency = None;
        let demand = levels(&plan, &[40.0; 3], None);
        let (plan, demand) = with(plan, vec![(workload, Some(demand))]);
        // Four replicas: half a node of GPUs, two nodes of network.
        let (_, supply, _) = month(&plan, &demand, 0);
        all(&supply.need_peak, 2.0);
        let factors = factors(&plan);
        let choices = choose_instances(&plan, &demand, &factors);
        let requires = size(&plan, &demand, &factors, &choices)[0].requires.clone();
        assert_eq!(requires[0].cause, Cause::Network);
        close(requires[0].nodes, 2.0);
    }

    #[test]
    fn the_shape_of_a_model_says_what_a_replica_serves() {
        let mut plan = plan();
        let gpu =
            GpuModel { bandwidth_bytes_per_second: Some(3.35e12), ..plan.gpus.items()[0].clone() };
        plan.gpus = Arena::new(vec![gpu]);
        let model = LanguageModel {
            layers: 80.0,
            cache: CachedToken::Heads(8.0),
            cache_bytes: 2.0,
            parameters: 70.6e9,
            active_parameters: 70.6e9,
            weight_bytes: 141.2e9,
            dtype: "bf16".into(),
            attention_heads: None,
            head_dim: 128.0,
            context: Some(8192.0),
            prompt: fixed(1000.0),
            output: fixed(250.0),
            ttft: None,
            tpot: None,
            prefill_efficiency: fixed(0.5),
            decode_efficiency: fixed(0.6),
            memory_share: 0.9,
            counts: Counts::Requests,
            origin: ORIGIN,
        };
        let mut workload = prompt(5.0, |_| ());
        let Serving::Replica(replica) = &mut workload.serving else { panic!() };
        replica.request.gpus = Some(fixed(4.0));
        replica.serves = Serves::Model(Box::new(model));
        replica.latency = None;
        let demand = levels(&plan, &[10.0; 3], None);
        let (plan, demand) = with(plan, vec![(workload, Some(demand))]);
        let factors = factors(&plan);
        let choices = choose_instances(&plan, &demand, &factors);
        let sizing = &size(&plan, &demand, &factors, &choices)[0];
        let rated = sizing.model.unwrap();
        // Prefill 2·70.6e9·1000 ÷ (4·989e12·50%); a step reads weights and 54 caches at 60% of 4·3.35 TB/s.
        let ttft = 141.2e12 / (4.0 * 989e12 * 0.5);
        let step = (141.2e9 + 54.0 * 1125.0 * 327_680.0) / (4.0 * 3.35e12 * 0.6);
        close(rated.sequences, 54.0);
        close(rated.ttft, ttft);
        close(rated.requests, 54.0 / (54.0 * ttft + 249.0 * step));
        close(sizing.peak[0].0, (10.0 / rated.requests).ceil());
    }
}
