//! `capplan simulate`: what a cluster's controllers would do, offline.

mod hpa;
mod kueue;
mod series;

use clap::Subcommand;

pub(super) use kueue::NO_QUOTA;

use super::Outcome;

/// What is simulated.
#[derive(Debug, Subcommand)]
pub(super) enum Simulation {
    /// What a `HorizontalPodAutoscaler` would do with a load, or with a plan's forecast.
    Hpa(hpa::Options),
    /// What Kueue would do with a trace of jobs, or with a plan's runs: waits, preemptions, use of quotas.
    Kueue(kueue::Options),
}

/// Simulates.
pub(super) fn run(simulation: &Simulation) -> Outcome {
    match simulation {
        Simulation::Hpa(options) => hpa::run(options),
        Simulation::Kueue(options) => kueue::run(options),
    }
}
