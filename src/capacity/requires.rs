//! The nodes that each cause alone would take at a workload's peak, and how long requests take there.
//!
//! After B. Gregg's USE method all causes are given, the cleared ones too. Resources count what the target
//! utilisation asks for; the latency counts by itself, and so does the floor that limits and spares set.

use crate::capacity::counted::Counting;
use crate::capacity::factors::{Main, Served};
use crate::capacity::need::{Cause, LatencySizing, NodesFor};
use crate::capacity::node::{BINDING, Binding, Node, Unit};
use crate::capacity::peak::Peak;
use crate::capacity::per_draw::PerDraw;
use crate::capacity::rounding::whole_up;
use crate::capacity::slots::MonthDays;
use crate::capacity::source::Source;
use crate::draws::quantile;
use crate::plan::workload::{Latency, Serving};
use crate::plan::{Plan, Workload};
use crate::queueing::objective::Objective;
use crate::queueing::queue::Queue;
use crate::queueing::simulation::{Precision, simulate};

/// The causes of a workload's nodes in month `t`, largest first; among equals what the plan states first.
pub(crate) fn requires(
    plan: &Plan,
    node: &Node,
    main: Option<&Main>,
    source: &Source,
    month: &MonthDays,
    peak: &Peak,
    latency: Option<&LatencySizing>,
) -> Vec<NodesFor> {
    let counted = source.counted.as_ref().zip(source.demand.as_ref());
    let by_rate = counted.map(|(counted, demand)| {
        let need = demand.peak(month, &counted.need);
        need.into_iter()
            .map(|need| unfloored(&counted.counting, whole_up(need)))
            .collect::<Vec<f64>>()
    });
    // What the count is above what the rate alone takes, in every resource.
    let shares: Vec<Vec<f64>> = BINDING
        .into_iter()
        .zip(&peak.shares)
        .map(|(binding, shares)| match (&counted, &by_rate) {
            (Some((counted, _)), Some(by_rate)) => {
                let one = counted.unit.of(binding);
                let less = |draw: usize| one.at(draw) * (peak.count[draw] - by_rate[draw]);
                shares.iter().enumerate().map(|(draw, share)| share - less(draw)).collect()
            }
            _ => shares.clone(),
        })
        .collect();
    let gpu_memory =
        main.zip(by_rate.as_ref()).and_then(|(main, count)| on_gpus(plan, node, main, count));
    let mut found = Vec::new();
    for (place, binding) in BINDING.into_iter().enumerate() {
        let stated = match binding {
            Binding::Gpu => states_gpus(source, main, peak),
            _ => peak.stated[place],
        };
        if node.has(binding) > 0.0 && (stated || binding != Binding::Network) {
            let nodes = quantile(&shares[place], 0.5);
            found.push(NodesFor { cause: cause(binding), nodes, stated });
        }
    }
    found.extend(gpu_memory.map(|nodes| NodesFor { cause: Cause::GpuMemory, nodes, stated: true }));
    if node.shape.storage_bytes > 0.0 {
        // Nobody can request it: it comes along with the smallest share.
        let nodes = found.iter().map(|row| row.nodes).fold(f64::INFINITY, f64::min);
        let nodes = if nodes.is_finite() { nodes } else { 0.0 };
        found.push(NodesFor { cause: Cause::Storage, nodes, stated: false });
    }
    if let Some((counted, _)) = counted {
        let one = counted.unit.largest();
        let nodes = |count: f64| {
            quantile(&(0..peak.count.len()).map(|d| one.at(d) * count).collect::<Vec<_>>(), 0.5)
        };
        if let Some(replicas) = latency.and_then(|latency| latency.for_latency) {
            let nodes = nodes(unfloored(&counted.counting, replicas));
            found.push(NodesFor { cause: Cause::Latency, nodes, stated: true });
        }
        let floor = counted.counting.with_spares(0.0);
        if floor > 0.0 {
            found.push(NodesFor { cause: Cause::Floor, nodes: nodes(floor), stated: true });
        }
    }
    found.sort_by(|a, b| {
        b.nodes.total_cmp(&a.nodes).then(b.stated.cmp(&a.stated)).then(a.cause.cmp(&b.cause))
    });
    found
}

/// The count without the fewest that an autoscaler keeps.
fn unfloored(counting: &Counting, serving: f64) -> f64 {
    Counting { min: 0.0, ..*counting }.with_spares(serving)
}

fn cause(binding: Binding) -> Cause {
    match binding {
        Binding::Cpu => Cause::Cpu,
        Binding::Memory => Cause::Memory,
        Binding::Gpu => Cause::Gpu,
        Binding::Network => Cause::Network,
    }
}

/// Whether GPUs are asked for as such, not only memory on them.
fn states_gpus(source: &Source, main: Option<&Main>, peak: &Peak) -> bool {
    let of_main =
        main.map(|main| matches!(&main.unit, Unit::Node) || stated_gpus(&main.unit).is_some());
    let others = source.fractions.as_ref().is_some_and(|fractions| fractions.stated[2]);
    of_main.is_some_and(|stated| stated) || others || (peak.stated[2] && main.is_none())
}

fn stated_gpus(unit: &Unit) -> Option<&PerDraw> {
    let Unit::Stated(stated) = unit else { return None };
    stated.gpus.as_ref()
}

/// Nodes whose GPUs hold what so many replicas keep on them.
fn on_gpus(plan: &Plan, node: &Node, main: &Main, count: &[f64]) -> Option<f64> {
    let Unit::Stated(stated) = &main.unit else { return None };
    let bytes = stated.gpu_memory_bytes.as_ref()?;
    let of_node = plan.gpus[node.gpu?].memory_bytes? * node.shape.gpus;
    let nodes: Vec<f64> =
        count.iter().enumerate().map(|(d, count)| count * bytes.at(d) / of_node).collect();
    (of_node > 0.0).then(|| quantile(&nodes, 0.5))
}

/// How long requests take at the peak, with what serves them; `None` where the plan promises nothing.
pub(crate) fn latency_at_peak(
    plan: &Plan,
    workload: &Workload,
    served: &Served,
    source: &Source,
    month: &MonthDays,
    peak: &Peak,
) -> Option<LatencySizing> {
    let Serving::Replica(replica) = &workload.serving else { return None };
    let latency = replica.latency.as_ref()?;
    let (counted, demand) = (source.counted.as_ref()?, source.demand.as_ref()?);
    let busy = quantile(&demand.peak(month, &counted.used), 0.5);
    let for_rate = whole_up(quantile(&demand.peak(month, &counted.need), 0.5));
    let counting = counted.counting;
    let serving = (quantile(&peak.count, 0.5) / counting.copies - counting.spare).max(0.0);
    let draws = plan.draws.count();
    let times: Vec<f64> = (0..draws).map(|draw| served.seconds(draw)).collect();
    let service = quantile(&times, 0.5) / capacity_factor(source, draws);
    let queue = queue(latency, served, service, serving, busy);
    let with = |(share, seconds): &(f64, f64)| {
        let objective = Objective { response: Some((*share, *seconds)), ..Objective::default() };
        objective.servers(&queue).map(|servers| (f64::from(servers) / served.concurrency).ceil())
    };
    let for_latency: Option<Vec<f64>> = latency.objectives.iter().map(with).collect();
    let (last, most) = *latency.objectives.last()?;
    let random = (latency.arrival_scv - 1.0).abs() < 1e-9;
    let simulated = if random {
        None
    } else {
        let mut stream =
            plan.draws.with_count(1).stream(&format!("workload/{}/latency", workload.name));
        simulate(&queue, last, SIMULATED, &mut stream)
    };
    let law = crate::queueing::law::ServiceLaw::of(1.0, latency.service_scv);
    let reach = law.percentile(last);
    let beyond = times.iter().filter(|seconds| *seconds * reach > most).count();
    let percentile = |share: f64| queue.response_percentile(share);
    Some(LatencySizing {
        objectives: latency.objectives.clone(),
        service,
        concurrency: served.concurrency,
        arrival_scv: latency.arrival_scv,
        service_scv: latency.service_scv,
        arrivals: queue.arrivals,
        for_rate,
        for_latency: for_latency.map(|all| all.into_iter().fold(0.0, f64::max)),
        serving,
        expected: latency
            .objectives
            .iter()
            .map(|(share, _)| (*share, percentile(*share)))
            .collect(),
        p50_p99: (percentile(0.5), percentile(0.99)),
        simulated,
        out_of_reach: beyond as f64 / draws as f64,
    })
}

/// How precise a simulation inside a plan is.
const SIMULATED: Precision = Precision { relative: 0.03, arrivals_most: 640_000 };

/// The queue before so many replicas of which so many are busy on average.
pub(crate) fn queue(
    latency: &Latency,
    served: &Served,
    service: f64,
    serving: f64,
    busy: f64,
) -> Queue {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count of servers"
    )]
    let servers = (serving * served.concurrency).clamp(0.0, 1e9) as u32;
    Queue {
        servers,
        arrivals: busy * served.concurrency / service,
        mean_service: service,
        arrival_scv: latency.arrival_scv,
        service_scv: latency.service_scv,
    }
}

/// What events leave of what a replica serves, at the median of the month's last piece.
fn capacity_factor(source: &Source, draws: usize) -> f64 {
    let piece = source.demand.iter().flat_map(|demand| &demand.pieces).next_back();
    let factors = piece.and_then(|piece| piece.span.capacity_factor.as_ref());
    factors.filter(|factors| factors.len() == draws).map_or(1.0, |factors| quantile(factors, 0.5))
}
