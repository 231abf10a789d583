//! What a cluster would do, step by step: the controllers of Kubernetes as pure functions over time.

pub mod hpa;
pub mod kueue;
