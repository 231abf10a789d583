//! Training as it really runs: the arithmetic it takes, how often it fails, and what that costs in time.
//!
//! In: parameters, tokens, rates of failure, the time a checkpoint takes. Out: GPU-hours, the mean time
//! between failures, the interval between checkpoints, the expected length of a run and its parts. Every
//! formula is a function of plain numbers, so that a reader can hold it against its source. Times are in
//! hours unless a name says otherwise; a formula that works in any one unit says so.
//!
//! Failures come at random, at a constant rate: the time between two is exponential. A length is the mean
//! over them; the draws of a plan vary the rates, not the dice. Absent: queues, and runs that shrink to
//! what is left of their nodes.

pub mod checkpoint;
pub mod failures;
pub mod flops;
pub mod gang;
pub mod makespan;
pub mod spot;
#[cfg(test)]
mod tests;

pub use makespan::{Interrupted, Stretch};
