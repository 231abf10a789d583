//! Serving a language model from its shape: memory decides how many sequences a replica holds, arithmetic
//! how fast a prompt is read, bandwidth how fast tokens come.
//!
//! In: the shape of a model, a request, the GPUs of one replica. Out: bytes, seconds, and requests a second
//! of one replica. What is not modelled: links between GPUs, speculative decoding, shared prefixes.

/// What a cached token holds in each layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum KvCache {
    /// Keys and values of so many heads of this size (multi-head, grouped or multi-query attention).
    Heads {
        /// Key-value heads.
        heads: f64,
        /// Numbers in one head.
        size: f64,
    },
    /// One compressed vector and its positional part (multi-head latent attention).
    Latent {
        /// Numbers in both together.
        size: f64,
    },
}

/// The shape of a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// Layers.
    pub layers: f64,
    /// What a cached token holds in each.
    pub cache: KvCache,
    /// Bytes of one cached number.
    pub cache_bytes: f64,
    /// Bytes of all weights.
    pub weight_bytes: f64,
    /// Parameters that work on one token: all, or those of the experts chosen.
    pub active_parameters: f64,
    /// Numbers that attention multiplies in each layer (query heads × their size); 0 leaves attention out.
    pub attention_width: f64,
}

/// The GPUs of one replica, side by side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gpus {
    /// How many: tensor parallel.
    pub count: f64,
    /// Bytes of memory of one.
    pub memory: f64,
    /// Bytes a second that one reads.
    pub bandwidth: f64,
    /// Operations a second of one, in the number format of the arithmetic.
    pub peak_flops: f64,
}

/// How much of the peaks is reached. Shares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Efficiency {
    /// Of the memory, for weights and cache together.
    pub memory: f64,
    /// Of the arithmetic, while prompts are read.
    pub prefill: f64,
    /// Of the bandwidth, while tokens are made.
    pub decode: f64,
}

/// One request, on average, in tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Request {
    /// Tokens read.
    pub prompt: f64,
    /// Tokens made.
    pub output: f64,
    /// Tokens that memory is kept for; a sequence never holds more.
    pub context: f64,
}

/// What is promised, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Promise {
    /// To the first token, nobody before it.
    pub ttft: Option<f64>,
    /// From token to token, on average.
    pub tpot: Option<f64>,
}

/// How one replica serves.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Rated {
    /// Sequences that memory holds.
    pub fitting: f64,
    /// Sequences at a time.
    pub sequences: f64,
    /// Seconds to the first token, nobody before it.
    pub ttft: f64,
    /// Seconds from token to token, prompts of others in between included.
    pub tpot: f64,
    /// Requests a second.
    pub requests: f64,
    /// Seconds of one request.
    pub time: f64,
}

/// Why a replica cannot serve.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Unable {
    /// Weights and one sequence are more than memory: bytes they take, bytes there are.
    Memory {
        /// Of weights and one sequence.
        needs: f64,
        /// Usable.
        has: f64,
    },
    /// Reading a prompt takes longer than is promised, in seconds.
    Ttft(f64),
    /// A token takes longer than is promised, with one sequence at a time, in seconds.
    Tpot(f64),
}

impl Shape {
    /// Bytes of one cached token: 2 · layers · heads · size · bytes; of a latent, layers · size · bytes.
    ///
    /// # Source
    /// R. Pope et al., Efficiently Scaling Transformer Inference (2022); DeepSeek-V2 (2024) for the latent.
    #[must_use]
    pub fn cache_bytes_per_token(&self) -> f64 {
        let numbers = match self.cache {
            KvCache::Heads { heads, size } => 2.0 * heads * size,
            KvCache::Latent { size } => size,
        };
        self.layers * numbers * self.cache_bytes
    }

    /// Sequences of `context` tokens that fit beside the weights.
    ///
    /// # Source
    /// floor((GPUs · memory · share − weights)/(bytes a token · context)).
    #[must_use]
    pub fn sequences(&self, gpus: &Gpus, efficiency: &Efficiency, context: f64) -> f64 {
        let left = gpus.count * gpus.memory * efficiency.memory - self.weight_bytes;
        (left / (self.cache_bytes_per_token() * context) * (1.0 + 1e-12)).floor().max(0.0)
    }

    /// Operations to read a prompt: two for each parameter and token, and attention over what came before.
    ///
    /// # Source
    /// J. Kaplan et al. (2020): 2·N a token; attention 2·layers·width·n² of n tokens, causal.
    #[must_use]
    pub fn prefill_flops(&self, prompt: f64) -> f64 {
        2.0 * self.active_parameters * prompt
            + 2.0 * self.layers * self.attention_width * prompt * prompt
    }

    /// Seconds to read a prompt: bound by arithmetic.
    #[must_use]
    pub fn prefill_time(&self, gpus: &Gpus, efficiency: &Efficiency, prompt: f64) -> f64 {
        self.prefill_flops(prompt) / (gpus.count * gpus.peak_flops * efficiency.prefill)
    }

    /// Seconds of one step that makes a token for each of `batch` sequences of `length` tokens: bound by
    /// reading weights and caches, or by arithmetic where that takes longer.
    #[must_use]
    pub fn step_time(&self, gpus: &Gpus, efficiency: &Efficiency, batch: f64, length: f64) -> f64 {
        let read = self.weight_bytes + batch * length * self.cache_bytes_per_token();
        let reading = read / (gpus.count * gpus.bandwidth * efficiency.decode);
        let flops = 2.0 * self.active_parameters * batch;
        reading.max(flops / (gpus.count * gpus.peak_flops * efficiency.prefill))
    }

    /// How one replica serves a request, with as many sequences at a time as fit and keep the promise.
    ///
    /// Prompts are read between steps, so each of `b` sequences waits for the prompts of the others: a
    /// request takes b·TTFT + (n−1)·step, and b of them are under way (Little's law).
    ///
    /// # Errors
    /// If the weights do not fit, or not even one sequence at a time keeps the promise.
    pub fn rated(
        &self,
        gpus: &Gpus,
        efficiency: &Efficiency,
        request: &Request,
        promise: &Promise,
    ) -> Result<Rated, Unable> {
        let fitting = self.sequences(gpus, efficiency, request.context);
        if fitting < 1.0 {
            return Err(Unable::Memory {
                needs: self.weight_bytes + self.cache_bytes_per_token() * request.context,
                has: gpus.count * gpus.memory * efficiency.memory,
            });
        }
        let ttft = self.prefill_time(gpus, efficiency, request.prompt);
        if promise.ttft.is_some_and(|most| ttft > most * (1.0 + 1e-9)) {
            return Err(Unable::Ttft(ttft));
        }
        let steps = (request.output - 1.0).max(0.0);
        let length = request.prompt + request.output / 2.0;
        let between = |batch: f64| {
            let step = self.step_time(gpus, efficiency, batch, length);
            if steps > 0.0 { step + (batch - 1.0) * ttft / steps } else { step }
        };
        let kept =
            |batch: f64| promise.tpot.is_none_or(|most| between(batch) <= most * (1.0 + 1e-9));
        if !kept(1.0) {
            return Err(Unable::Tpot(between(1.0)));
        }
        let (mut low, mut high) = (1.0, fitting);
        if kept(high) {
            low = high;
        }
        while high - low > 1.0 {
            let middle = f64::midpoint(low, high).floor();
            if kept(middle) { low = middle } else { high = middle }
        }
        let tpot = between(low);
        let time = if steps > 0.0 { ttft + steps * tpot } else { low * ttft };
        Ok(Rated { fitting, sequences: low, ttft, tpot, requests: low / time, time })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Llama 3 70B in bf16.
    const LLAMA: Shape = Shape {
        layers: 80.0,
        cache: KvCache::Heads { heads: 8.0, size: 128.0 },
        cache_bytes: 2.0,
        weight_bytes: 141.2e9,
        active_parameters: 70.6e9,
        attention_width: 8192.0,
    };
    const H100S: Gpus = Gpus { count: 4.0, memory: 80e9, bandwidth: 3.35e12, peak_flops: 989e12 };
    const REACHED: Efficiency = Efficiency { memory: 0.9, prefill: 0.5, decode: 0.6 };

    #[test]
    fn published_caches_come_out() {
        assert!((LLAMA.cache_bytes_per_token() - 327_680.0).abs() < 1e-9);
        assert!(
            (Shape { layers: 126.0, ..LLAMA }.cache_bytes_per_token() - 516_096.0).abs() < 1e-9
        );
        assert!(
            (Shape { cache_bytes: 1.0, ..LLAMA }.cache_bytes_per_token() - 163_840.0).abs() < 1e-9
        );
        // DeepSeek-V3: 61 layers, a latent of 512 and 64 for positions.
        let latent = Shape { layers: 61.0, cache: KvCache::Latent { size: 576.0 }, ..LLAMA };
        assert!((latent.cache_bytes_per_token() - 70_272.0).abs() < 1e-9);
    }

    #[test]
    fn four_gpus_hold_54_sequences_of_eight_thousand() {
        // (4·80·0.9 − 141.2) GB ÷ (327,680 · 8192) bytes = 54.69
        assert!((LLAMA.sequences(&H100S, &REACHED, 8192.0) - 54.0).abs() < 1e-12);
    }

    #[test]
    fn prompts_take_arithmetic_and_tokens_take_bandwidth() {
        let flops = 2.0 * 70.6e9 * 1000.0 + 2.0 * 80.0 * 8192.0 * 1e6;
        let prefill = LLAMA.prefill_time(&H100S, &REACHED, 1000.0);
        assert!((prefill - flops / (4.0 * 989e12 * 0.5)).abs() < 1e-12);
        let step = LLAMA.step_time(&H100S, &REACHED, 1.0, 1000.0);
        assert!((step - (141.2e9 + 327_680.0 * 1000.0) / (4.0 * 3.35e12 * 0.6)).abs() < 1e-12);
    }

    #[test]
    fn a_tighter_promise_takes_fewer_sequences_and_serves_less() {
        let request = Request { prompt: 1000.0, output: 250.0, context: 8192.0 };
        let free = LLAMA.rated(&H100S, &REACHED, &request, &Promise::default()).unwrap();
        assert!((free.sequences - 54.0).abs() < 1e-12);
        assert!((free.requests * free.time - free.sequences).abs() < 1e-9, "Little's law");
        let tight = Promise { tpot: Some(0.025), ttft: None };
        let kept = LLAMA.rated(&H100S, &REACHED, &request, &tight).unwrap();
        assert!(
            kept.sequences < free.sequences && kept.requests < free.requests && kept.tpot <= 0.025
        );
        // One sequence more would break it.
        let length = 1125.0;
        let more = kept.sequences + 1.0;
        let next =
            LLAMA.step_time(&H100S, &REACHED, more, length) + (more - 1.0) * kept.ttft / 249.0;
        assert!(next > 0.025);
    }

    #[test]
    fn what_cannot_be_kept_says_why() {
        let request = Request { prompt: 1000.0, output: 250.0, context: 8192.0 };
        let one = Gpus { count: 1.0, ..H100S };
        assert!(matches!(
            LLAMA.rated(&one, &REACHED, &request, &Promise::default()),
            Err(Unable::Memory { .. })
        ));
        let fast = Promise { tpot: Some(0.001), ttft: None };
        assert!(matches!(LLAMA.rated(&H100S, &REACHED, &request, &fast), Err(Unable::Tpot(_))));
        let soon = Promise { ttft: Some(0.01), tpot: None };
        assert!(matches!(LLAMA.rated(&H100S, &REACHED, &request, &soon), Err(Unable::Ttft(_))));
    }
}
