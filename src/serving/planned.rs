//! A language model of a plan, as the formulas take it.

use crate::estimate::Estimate;
use crate::ids::Id;
use crate::plan::language_model::{CachedToken, LanguageModel};
use crate::plan::workload::Replica;
use crate::plan::{GpuModel, Plan};
use crate::serving::llm::{Efficiency, Gpus, KvCache, Promise, Rated, Request, Shape, Unable};

/// What is uncertain of a language model, in one draw.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Assumed {
    /// Tokens of a prompt.
    pub prompt: f64,
    /// Tokens of an answer.
    pub output: f64,
    /// Share of the arithmetic.
    pub prefill: f64,
    /// Share of the bandwidth.
    pub decode: f64,
}

impl Assumed {
    /// Everything at its median.
    pub(crate) fn median(model: &LanguageModel) -> Self {
        Self {
            prompt: model.prompt.median(),
            output: model.output.median(),
            prefill: model.prefill_efficiency.median(),
            decode: model.decode_efficiency.median(),
        }
    }
}

/// The GPUs of one replica.
///
/// # Errors
/// The figure that the GPU does not state, as it is written.
pub(crate) fn gpus(
    plan: &Plan,
    replica: &Replica,
    model: &LanguageModel,
    gpu: Id<GpuModel>,
) -> Result<Gpus, String> {
    let of = &plan.gpus[gpu];
    Ok(Gpus {
        count: replica.request.gpus.as_ref().map_or(1.0, Estimate::median),
        memory: of.memory_bytes.ok_or("memory \"80 GB\"")?,
        bandwidth: of.bandwidth_bytes_per_second.ok_or("bandwidth \"3.35 TB/s\"")?,
        peak_flops: *of
            .peak_flops
            .get(&model.dtype)
            .ok_or_else(|| format!("peak {} \"989 TFLOP/s\"", model.dtype))?,
    })
}

/// The shape of a model, as formulas take it.
pub(crate) fn shape(model: &LanguageModel) -> Shape {
    Shape {
        layers: model.layers,
        cache: match model.cache {
            CachedToken::Heads(heads) => KvCache::Heads { heads, size: model.head_dim },
            CachedToken::Latent(size) => KvCache::Latent { size },
        },
        cache_bytes: model.cache_bytes,
        weight_bytes: model.weight_bytes,
        active_parameters: model.active_parameters,
        attention_width: model.attention_heads.unwrap_or(0.0) * model.head_dim,
    }
}

/// How one replica serves, with as many sequences as keep what is promised.
pub(crate) fn rated(
    model: &LanguageModel,
    gpus: &Gpus,
    assumed: &Assumed,
) -> Result<Rated, Unable> {
    let efficiency =
        Efficiency { memory: model.memory_share, prefill: assumed.prefill, decode: assumed.decode };
    let length = assumed.prompt + assumed.output;
    let context = model.context.unwrap_or(length);
    // A sequence never holds more than the context: a longer prompt is cut.
    let prompt = assumed.prompt.min((context - assumed.output).max(1.0));
    let request = Request { prompt, output: assumed.output, context };
    shape(model).rated(gpus, &efficiency, &request, &Promise { ttft: model.ttft, tpot: model.tpot })
}

/// One sequence at a time, where no number of them keeps what is promised.
pub(crate) fn alone(model: &LanguageModel, gpus: &Gpus, assumed: &Assumed) -> Rated {
    let efficiency =
        Efficiency { memory: model.memory_share, prefill: assumed.prefill, decode: assumed.decode };
    let shape = shape(model);
    let ttft = shape.prefill_time(gpus, &efficiency, assumed.prompt);
    let tpot = shape.step_time(gpus, &efficiency, 1.0, assumed.prompt + assumed.output / 2.0);
    let time = ttft + (assumed.output - 1.0).max(0.0) * tpot;
    Rated { fitting: 1.0, sequences: 1.0, ttft, tpot, requests: 1.0 / time, time }
}
