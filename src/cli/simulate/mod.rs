//! `capplan simulate`: what a cluster's controllers would do, offline.

mod kueue;

use clap::Subcommand;

use super::Outcome;

/// What is simulated.
#[derive(Debug, Subcommand)]
pub(super) enum Simulation {
    /// What Kueue would do with a trace of jobs, or with a plan's runs: waits, preemptions, use of quotas.
    Kueue(kueue::Options),
}

/// Simulates.
pub(super) fn run(simulation: &Simulation) -> Outcome {
    match simulation {
        Simulation::Kueue(options) => kueue::run(options),
    }
}
