//! What a way of serving gives: caches, batches, language models, machines side by side.
//!
//! Pure formulas, one concept a file. Bytes, seconds, rates a second, shares from 0 to 1. Nothing here
//! knows plans, draws or nodes.

pub mod batching;
pub mod cache;
#[cfg(test)]
mod cases;
pub mod llm;
pub mod replicas;
pub mod usl;
