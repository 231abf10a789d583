//! What needs GPUs runs where there are some, with a known peak where FLOPs are counted.

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::ids::Id;
use crate::language::lower::Draft;
use crate::language::report::{Report, error};
use crate::plan::pool::PoolSupply;
use crate::plan::workload::{CapacityPer, RunWork, Serving, WorkUnit};
use crate::plan::{GpuModel, Pool};
use crate::source::Span;

pub(super) fn check(draft: &Draft, report: &mut Report) {
    for (_, workload) in draft.workloads.iter() {
        let Some(pool) = workload.pool else { continue };
        match &workload.serving {
            Serving::Capacity { per: CapacityPer::Gpu, origin, .. } => {
                needs_gpus(draft, pool, *origin, report);
            }
            Serving::Replica(replica) if replica.request.gpus.as_ref().is_some_and(|g| g.median() > 0.0) => {
                needs_gpus(draft, pool, replica.origin, report);
            }
            _ => {}
        }
        for needs in &workload.needs {
            if needs.request.gpus.as_ref().is_some_and(|gpus| gpus.median() > 0.0) {
                needs_gpus(draft, needs.pool, needs.origin, report);
            }
        }
        for run in &workload.runs {
            match &run.work {
                RunWork::Gang { .. } | RunWork::Work { unit: WorkUnit::GpuHours, .. } => {
                    needs_gpus(draft, pool, run.origin, report);
                }
                RunWork::Flops { dtype, .. } => {
                    needs_gpus(draft, pool, run.origin, report);
                    needs_peak(draft, pool, dtype, run.origin, report);
                }
                RunWork::Work { .. } => {}
            }
        }
    }
}

/// The GPU models of a pool; `None` where that is not known.
fn models(draft: &Draft, pool: Id<Pool>) -> Option<Vec<Option<Id<GpuModel>>>> {
    match &draft.pools.get(pool)?.supply {
        PoolSupply::Instances(candidates) => {
            candidates.iter().map(|c| draft.instances.get(c.instance).map(|i| i.gpu)).collect()
        }
        PoolSupply::Owned(owned) => Some(vec![draft.owned.get(*owned)?.gpu]),
        PoolSupply::Storage(_) => None,
    }
}

fn needs_gpus(draft: &Draft, pool: Id<Pool>, origin: Span, report: &mut Report) {
    let Some(models) = models(draft, pool) else { return };
    if models.iter().any(Option::is_some) {
        return;
    }
    let Some(pool) = draft.pools.get(pool) else { return };
    report.push(
        Diagnostic::new(&NO_GPUS, format!("pool `{}` has no GPUs", pool.name))
            .at(origin, "this needs GPUs")
            .also(pool.origin, "the pool")
            .help("use a pool with GPUs, or state `per=node` or `cpu`"),
    );
}

fn needs_peak(draft: &Draft, pool: Id<Pool>, dtype: &str, origin: Span, report: &mut Report) {
    for model in models(draft, pool).into_iter().flatten().flatten() {
        let Some(model) = draft.gpus.get(model) else { continue };
        if !model.peak_flops.contains_key(dtype) {
            report.push(
                Diagnostic::new(&NO_PEAK, format!("gpu `{}` has no peak in `{dtype}`", model.name))
                    .at(origin, "its time follows from the peak")
                    .also(model.origin, "the GPU model")
                    .help(format!("add to the model: `peak {dtype} \"989 TFLOP/s\"`")),
            );
        }
    }
}

/// GPUs asked of a pool without any.
pub static NO_GPUS: Code = error(
    "no_gpus",
    Family::Model,
    "something needs GPUs in a pool without any",
    "Wrong:\n\n```kdl\npool \"cpu\" { instance \"m7i.4xlarge\"; }\nworkload \"w\" { pool \"cpu\"; capacity \"22 req/s\" \
per=gpu; }\n```\n\nRight:\n\n```kdl\npool \"gpu\" { instance \"p5.48xlarge\"; }\nworkload \"w\" { pool \"gpu\"; \
capacity \"22 req/s\" per=gpu; }\n```\n",
);
/// FLOPs on a GPU without a peak.
pub static NO_PEAK: Code = error(
    "no_peak",
    Family::Model,
    "FLOPs are counted on a GPU without a stated peak",
    "GPU-hours = FLOPs ÷ (MFU × peak × 3600); the peak is stated by number format.\n\nWrong:\n\n```kdl\ngpu \"h100\" { \
memory \"80 GB\"; }\n```\n\nRight:\n\n```kdl\ngpu \"h100\" { memory \"80 GB\"; peak bf16 \"989 TFLOP/s\"; }\n```\n",
);
