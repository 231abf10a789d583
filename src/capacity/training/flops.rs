//! The arithmetic of training: floating-point operations, and the GPU-hours they take.

/// Floating-point operations of training on so many tokens: 2 forward and 4 backward for each parameter
/// and token.
///
/// # Source
/// Kaplan et al. (2020), section 2.1; Hoffmann et al. (2022), appendix F.
#[must_use]
pub fn training_flops(parameters: f64, tokens: f64) -> f64 {
    6.0 * parameters * tokens
}

/// What a transformer is made of, as far as its arithmetic goes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Transformer {
    /// Layers.
    pub layers: f64,
    /// The width of the hidden state.
    pub hidden: f64,
    /// Tokens of a sequence.
    pub sequence: f64,
    /// Entries of the vocabulary.
    pub vocabulary: f64,
}

impl Transformer {
    /// Floating-point operations of training on so many tokens, with every activation recomputed in the
    /// backward pass: attention and the output layer are counted, which 6ND leaves out.
    ///
    /// # Source
    /// Narayanan et al. (2021), section 5.1: 96·B·s·l·h²·(1 + s/6h + V/16lh) an iteration, of B·s tokens.
    #[must_use]
    pub fn recomputed_flops(&self, tokens: f64) -> f64 {
        let Self { layers, hidden, sequence, vocabulary } = *self;
        let beside = sequence / (6.0 * hidden) + vocabulary / (16.0 * layers * hidden);
        96.0 * tokens * layers * hidden * hidden * (1.0 + beside)
    }
}

/// Days to train with recomputed activations, from the floating-point operations a second that each GPU
/// was seen to do: 8 for each parameter and token.
///
/// # Source
/// Narayanan et al. (2021), equation 4: 8·T·P/(n·X).
#[must_use]
pub fn megatron_days(parameters: f64, tokens: f64, gpus: f64, flops_per_gpu: f64) -> f64 {
    8.0 * tokens * parameters / (gpus * flops_per_gpu) / 86_400.0
}

/// GPU-hours that so many floating-point operations take.
///
/// # Source
/// FLOPs ÷ (MFU · peak · 3600): Chowdhery et al. (2022), appendix B.
#[must_use]
pub fn gpu_hours(flops: f64, mfu: f64, peak_flops: f64) -> f64 {
    flops / (mfu * peak_flops * 3600.0)
}

/// Hours that so many floating-point operations take on so many GPUs.
#[must_use]
pub fn flop_hours(flops: f64, gpus: f64, peak_flops: f64, mfu: f64) -> f64 {
    flops / (gpus * peak_flops * mfu) / 3600.0
}

/// Model FLOPs utilisation that a run of so many GPU-hours reached.
#[must_use]
pub fn implied_mfu(flops: f64, gpu_hours: f64, peak_flops: f64) -> f64 {
    flops / (gpu_hours * 3600.0 * peak_flops)
}
