//! Demand over the horizon: history, growth and events in, one path a draw out.

pub mod demand;
