//! The shape of a language model, and how it is asked.

use crate::estimate::Estimate;
use crate::source::Span;

/// A language model, served by replicas of whole GPUs.
#[derive(Debug, Clone)]
pub struct LanguageModel {
    /// Layers.
    pub layers: f64,
    /// What a cached token holds in each layer.
    pub cache: CachedToken,
    /// Bytes of one cached number.
    pub cache_bytes: f64,
    /// Parameters.
    pub parameters: f64,
    /// Parameters that work on one token: fewer than all in a mixture of experts.
    pub active_parameters: f64,
    /// Bytes of all weights.
    pub weight_bytes: f64,
    /// The number format of weights and arithmetic, whose peak counts.
    pub dtype: String,
    /// Query heads; attention is left out of the arithmetic where absent.
    pub attention_heads: Option<f64>,
    /// Numbers in a head.
    pub head_dim: f64,
    /// Tokens that memory is kept for; prompt and output where absent.
    pub context: Option<f64>,
    /// Tokens of a prompt.
    pub prompt: Estimate,
    /// Tokens of an answer.
    pub output: Estimate,
    /// Seconds to the first token, at most.
    pub ttft: Option<f64>,
    /// Seconds from token to token, at most, on average.
    pub tpot: Option<f64>,
    /// The share of peak arithmetic reached while prompts are read.
    pub prefill_efficiency: Estimate,
    /// The share of bandwidth reached while tokens are made.
    pub decode_efficiency: Estimate,
    /// The share of GPU memory for weights and cache.
    pub memory_share: f64,
    /// What is served: requests, or tokens of answers.
    pub counts: Counts,
    /// Where the plan says it.
    pub origin: Span,
}

/// What a cached token holds in each layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum CachedToken {
    /// Keys and values of so many heads.
    Heads(f64),
    /// One latent of so many numbers.
    Latent(f64),
}

/// What a demand on a language model counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counts {
    /// Requests: chats, prompts, whatever has an answer.
    Requests,
    /// Tokens of answers: the demand is in `token`.
    OutputTokens,
}

/// Bytes of one number of a format.
#[must_use]
pub fn bytes_of(format: &str) -> Option<f64> {
    Some(match format {
        "fp32" | "tf32" => 4.0,
        "bf16" | "fp16" => 2.0,
        "fp8" | "int8" => 1.0,
        "fp4" => 0.5,
        _ => return None,
    })
}
