//! Procurement. For now the first supply rule: what exists, then spot for what may be interrupted, then
//! on-demand to the limit, then a shortfall.

pub mod supply;
