//! Waiting: what a number of servers means for those who ask, and how many an objective takes.
//!
//! In: arrivals a second, the mean time of one service, how irregular both are. Out: shares, times and
//! counts. Pure formulas, one concept a file; [`simulation`] is the one that needs random numbers, and has
//! its own keyed ones. Times are seconds, rates are a second, loads are erlangs (arrivals × service time:
//! the servers that are busy on average). Nothing here knows plans, draws or nodes.

pub mod deterministic;
pub mod erlang;
pub mod halfin_whitt;
pub mod law;
pub mod objective;
pub mod queue;
pub mod simulation;
pub mod single;
