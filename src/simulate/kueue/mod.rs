//! What Kueue would do: quotas that are borrowed and lent, priorities, preemption, fair sharing, gangs.
//!
//! [`cluster`] says what queues there are, [`tree`] what of their quotas is used, [`share`] how fairly,
//! [`snapshot`] by whom. [`assign`] finds flavours for one workload, [`preempt`] whom it displaces, and
//! [`cycle`] decides over the heads of all queues at once. [`run`] lets time pass over [`job`]s and gives
//! an [`outcome`]. Everything here is a pure function in integers; the shares of fair sharing are `f64`,
//! as they are in Kueue. Topologies, admission checks, workload slices and admission by usage of local
//! queues are absent.

pub mod assign;
#[cfg(test)]
mod cases;
mod classical;
pub mod cluster;
pub mod cycle;
mod fair;
pub mod job;
pub mod manifest;
pub mod outcome;
mod pending;
pub mod preempt;
pub mod run;
mod screen;
pub mod share;
pub mod snapshot;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
pub mod trace;
pub mod tree;
