//! The shape of a language model.

use super::serving::Served;
use super::{Lower, count, rules};
use crate::estimate::Estimate;
use crate::language::syntax::Node;
use crate::language::unit::Base;
use crate::plan::language_model::{CachedToken, Counts, LanguageModel, bytes_of};

impl<'t> Lower<'t, '_> {
    pub(super) fn language_model(
        &mut self,
        workload: &str,
        node: &'t Node,
        served: &Served,
    ) -> Option<LanguageModel> {
        let whole = |lower: &Self, name: &str| {
            lower.setting(node, name).and_then(|child| count(child.arg(0))).map(f64::from)
        };
        let cache = match (node.child("kv-heads"), node.child("latent-dim")) {
            (Some(heads), Some(latent)) => {
                self.report.push(rules::two_caches(heads, latent));
                return None;
            }
            (None, None) => {
                self.report.push(rules::workload_lacks(node, "kv-heads", "kv-heads 8"));
                return None;
            }
            (Some(_), None) => CachedToken::Heads(whole(self, "kv-heads")?),
            (None, Some(_)) => CachedToken::Latent(whole(self, "latent-dim")?),
        };
        if node.child("head-dim").is_none() && matches!(cache, CachedToken::Heads(_)) {
            self.report.push(rules::workload_lacks(node, "head-dim", "head-dim 128"));
            return None;
        }
        let dtype = self.word(node, "dtype").unwrap_or("bf16").to_owned();
        let cache_dtype = self.word(node, "cache-dtype").unwrap_or(&dtype).to_owned();
        let parameters = self.setting_figure(node, "parameters", "")?;
        let active = match self.setting(node, "active-parameters") {
            Some(child) => self.figure(child, 0, "")?,
            None => parameters,
        };
        let weight_bytes = match self.setting(node, "weights") {
            Some(child) => self.figure(child, 0, "byte")?,
            None => parameters * bytes_of(&dtype)?,
        };
        let path = format!("workload/{workload}/model");
        let tokens = |lower: &mut Self, name: &str| {
            let child = lower.setting(node, name)?;
            lower.estimate(child, 0, "token", 1.0, || format!("{path}.{name}"))
        };
        let (prompt, output) = (tokens(self, "prompt")?, tokens(self, "output")?);
        let reached = |lower: &mut Self, name: &str, default: f64| match lower.setting(node, name) {
            Some(child) => lower.share(child, 0, || format!("{path}.{name}")),
            None => Some(Estimate::fixed(default, node.span)),
        };
        let prefill_efficiency = reached(self, "prefill-efficiency", 0.5)?;
        let decode_efficiency = reached(self, "decode-efficiency", 0.6)?;
        let tokens_are_asked_for = served.unit.dimension.powers().iter().any(|(base, power)| {
            *power == 1 && matches!(base, Base::Counted(name) if &**name == "token")
        });
        Some(LanguageModel {
            layers: whole(self, "layers")?,
            cache,
            cache_bytes: bytes_of(&cache_dtype)?,
            parameters,
            active_parameters: active.min(parameters),
            weight_bytes,
            dtype,
            attention_heads: whole(self, "attention-heads"),
            head_dim: whole(self, "head-dim").unwrap_or(0.0),
            context: whole(self, "context"),
            prompt,
            output,
            ttft: self.setting_figure(node, "ttft", "s"),
            tpot: self.setting_figure(node, "tpot", "s"),
            prefill_efficiency,
            decode_efficiency,
            memory_share: self.setting_share(node, "memory-share").unwrap_or(0.9),
            counts: if tokens_are_asked_for { Counts::OutputTokens } else { Counts::Requests },
            origin: node.origin(),
        })
    }
}
