//! Simulations of what a cluster's controllers do.

pub mod hpa;
