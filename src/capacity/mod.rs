//! Capacity: what demand and runs need of every pool, in every hour and draw.

pub mod need;
