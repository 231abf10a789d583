//! What a way of serving gives: caches, batches, language models, machines side by side.
//!
//! Pure formulas, one concept a file. Bytes, seconds, rates a second, shares from 0 to 1. Nothing here
//! knows draws, hours or nodes; [`planned`] alone knows how a plan writes a language model.

pub mod batching;
pub mod cache;
#[cfg(test)]
mod cases;
pub mod llm;
pub(crate) mod planned;
pub mod replicas;
pub mod usl;
