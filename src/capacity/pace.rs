//! How fast one replica serves, and what its latency takes: as stated, or from the shape of a language
//! model on every GPU of the plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::capacity::factors::Served;
use crate::capacity::latency::{LatencyTable, Wanted};
use crate::capacity::per_draw::PerDraw;
use crate::draws::quantile;
use crate::estimate::Estimate;
use crate::ids::Id;
use crate::plan::language_model::{Counts, LanguageModel};
use crate::plan::workload::{Latency, Replica};
use crate::plan::{GpuModel, Plan, Workload};
use crate::serving::llm::Rated;
use crate::serving::planned::{Assumed, alone, gpus, rated};

/// A replica that serves at a stated rate.
pub(crate) fn stated(
    plan: &Plan,
    workload: &Workload,
    replica: &Replica,
    rate: &Estimate,
) -> Served {
    let mut served = Served::at(PerDraw::of(plan.draws, rate));
    if let Some(latency) = &replica.latency {
        served.concurrency = f64::from(latency.concurrency.max(1));
        served.table = table(plan, workload, latency, &served);
    }
    served
}

/// A replica of a language model, on every GPU of the plan that can serve it.
pub(crate) fn by_gpu(
    plan: &Plan,
    workload: &Workload,
    replica: &Replica,
    model: &LanguageModel,
) -> BTreeMap<Id<GpuModel>, Served> {
    let of = |(id, _): (Id<GpuModel>, &GpuModel)| {
        Some((id, on_gpu(plan, workload, replica, model, id)?))
    };
    plan.gpus.iter().filter_map(of).collect()
}

fn on_gpu(
    plan: &Plan,
    workload: &Workload,
    replica: &Replica,
    model: &LanguageModel,
    gpu: Id<GpuModel>,
) -> Option<Served> {
    let gpus = gpus(plan, replica, model, gpu).ok()?;
    rated(model, &gpus, &Assumed::median(model)).ok()?;
    let drawn = [&model.prompt, &model.output, &model.prefill_efficiency, &model.decode_efficiency]
        .map(|estimate| PerDraw::of(plan.draws, estimate));
    let [prompt, output, prefill, decode] = &drawn;
    let assumed = |draw| Assumed {
        prompt: prompt.at(draw),
        output: output.at(draw),
        prefill: prefill.at(draw),
        decode: decode.at(draw),
    };
    let certain = drawn.iter().all(|drawn| matches!(drawn, PerDraw::Same(_)));
    let draws = if certain { 1 } else { plan.draws.count() };
    let mut broken = 0_usize;
    let each: Vec<Rated> = (0..draws)
        .map(|draw| {
            rated(model, &gpus, &assumed(draw)).unwrap_or_else(|_| {
                broken += 1;
                alone(model, &gpus, &assumed(draw))
            })
        })
        .collect();
    let answers = match model.counts {
        Counts::Requests => PerDraw::Same(1.0),
        Counts::OutputTokens => output.clone(),
    };
    let requests = match each.as_slice() {
        [one] => PerDraw::Same(one.requests),
        _ => PerDraw::Each(each.iter().map(|rated| rated.requests).collect()),
    };
    let mut served = Served::at(requests.times(&answers));
    let median =
        |part: fn(&Rated) -> f64| quantile(&each.iter().map(part).collect::<Vec<_>>(), 0.5);
    served.concurrency = median(|rated| rated.sequences).round().max(1.0);
    served.per_request = answers;
    served.rated = Some(Rated {
        fitting: median(|rated| rated.fitting),
        sequences: median(|rated| rated.sequences),
        ttft: median(|rated| rated.ttft),
        tpot: median(|rated| rated.tpot),
        requests: median(|rated| rated.requests),
        time: median(|rated| rated.time),
    });
    served.broken = broken as f64 / draws as f64;
    if let Some(latency) = &replica.latency {
        served.table = table(plan, workload, latency, &served);
    }
    Some(served)
}

/// The table of a latency over every draw and every event that changes what a replica serves.
fn table(
    plan: &Plan,
    workload: &Workload,
    latency: &Latency,
    served: &Served,
) -> Option<Arc<LatencyTable>> {
    let wanted = wanted(plan, workload, latency, served.concurrency)?;
    let objective = latency.objectives.first()?.1;
    let draws = plan.draws.count();
    let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
    for draw in 0..draws {
        let ratio = objective / served.seconds(draw);
        low = low.min(ratio);
        high = high.max(ratio);
    }
    for event in workload.demand.iter().flat_map(|demand| &demand.events) {
        let Some(factor) = &event.scale_capacity else { continue };
        let factor = PerDraw::of(plan.draws, factor);
        let factors: Vec<f64> = (0..draws).map(|draw| factor.at(draw)).collect();
        low *= factors.iter().copied().fold(1.0, f64::min);
        high *= factors.iter().copied().fold(1.0, f64::max);
    }
    LatencyTable::of(wanted, low, high).map(Arc::new)
}

/// What a latency wants, in terms of the queue.
pub(crate) fn wanted(
    plan: &Plan,
    workload: &Workload,
    latency: &Latency,
    concurrency: f64,
) -> Option<Wanted> {
    let first = latency.objectives.first()?.1;
    let pool = workload.pool.map_or(1.0, |pool| plan.pools[pool].target_utilization);
    let own = workload.autoscale.as_ref().and_then(|autoscale| autoscale.target_utilization);
    Some(Wanted {
        objectives: latency.objectives.iter().map(|(p, seconds)| (*p, seconds / first)).collect(),
        concurrency,
        arrival_scv: latency.arrival_scv,
        service_scv: latency.service_scv,
        utilization: own.map_or(pool, |own| own.min(pool)),
    })
}
