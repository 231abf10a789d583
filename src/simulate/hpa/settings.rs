//! What an autoscaler is told, and what its controller is started with.

use crate::plan::autoscale::Behavior;

/// A moment, or a length of time, in milliseconds. Moments count from any one origin.
pub type Millis = i64;

/// Seconds in milliseconds, to the nearest.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "far inside what an i64 holds; else it is capped"
)]
pub fn millis(seconds: f64) -> Millis {
    (seconds * 1000.0).round() as Millis
}

/// What kube-controller-manager is started with: one for the whole cluster.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// How often it looks (`--horizontal-pod-autoscaler-sync-period`).
    pub sync: Millis,
    /// How far the ratio may be from 1 (`--horizontal-pod-autoscaler-tolerance`).
    pub tolerance: f64,
    /// How long a lower count is put off (`--horizontal-pod-autoscaler-downscale-stabilization`).
    pub downscale_window: Millis,
    /// How long after its start a pod's CPU may be that of starting
    /// (`--horizontal-pod-autoscaler-cpu-initialization-period`).
    pub cpu_initialization: Millis,
    /// A pod that turned unready so soon after its start has never been ready
    /// (`--horizontal-pod-autoscaler-initial-readiness-delay`).
    pub readiness_delay: Millis,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sync: 15_000,
            tolerance: 0.1,
            downscale_window: 300_000,
            cpu_initialization: 300_000,
            readiness_delay: 30_000,
        }
    }
}

/// The limits and rules of one autoscaler.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// Fewest replicas (`minReplicas`).
    pub min: i32,
    /// Most replicas (`maxReplicas`).
    pub max: i32,
    /// `behavior`; where absent, the older rule holds: at most double, or four.
    pub behavior: Option<Behavior>,
}

/// How far a measured ratio may be from 1 before anything moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerances {
    /// Below 1.
    pub down: f64,
    /// Above 1.
    pub up: f64,
}

impl Tolerances {
    /// The behaviour's where it states one, else the controller's.
    #[must_use]
    pub fn of(behavior: Option<&Behavior>, settings: &Settings) -> Self {
        Self {
            down: behavior.and_then(|b| b.down.tolerance).unwrap_or(settings.tolerance),
            up: behavior.and_then(|b| b.up.tolerance).unwrap_or(settings.tolerance),
        }
    }

    /// Whether a ratio is so near 1 that nothing moves.
    #[must_use]
    pub fn hold(self, ratio: f64) -> bool {
        (1.0 - self.down) <= ratio && ratio <= (1.0 + self.up)
    }
}
