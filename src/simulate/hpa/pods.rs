//! Which pods a metric counts: the ready ones, those that are not ready yet, those without a value.

use super::settings::{Millis, Settings};

/// Where a pod is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Not on a node yet, or its containers do not run yet.
    Pending,
    /// Its containers run.
    Running,
    /// It has ended, well or not (`Succeeded`, `Failed`).
    Ended,
}

/// The `Ready` condition of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    /// Whether it is ready.
    pub ready: bool,
    /// Since when it is, or is not.
    pub since: Millis,
}

/// A pod as the controller sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pod {
    /// Where it is in its life.
    pub phase: Phase,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// When it started, as far as that is known.
    pub started: Option<Millis>,
    /// Its `Ready` condition, as far as it has one.
    pub readiness: Option<Readiness>,
}

/// The newest sample of a pod's metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// The end of the window it was measured over.
    pub at: Millis,
    /// The window's length.
    pub window: Millis,
}

/// Whether a metric is the CPU, whose samples of a starting pod say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metered {
    /// CPU: pods that are not ready, or just became so, are set aside.
    Cpu,
    /// Anything else: only pending pods are set aside.
    Other,
}

/// What a pod is to a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Its value counts.
    Ready,
    /// Set aside; counts as zero where the others would have more pods.
    Unready,
    /// It should have a value and has none.
    Missing,
    /// Being deleted, or ended: as if it were not there.
    Ignored,
}

/// What a pod is to a metric, given its newest sample of it.
///
/// # Source
/// Kubernetes, `groupPods` of the horizontal pod autoscaler's replica calculator.
#[must_use]
pub fn standing(
    pod: &Pod,
    sample: Option<Sample>,
    metered: Metered,
    now: Millis,
    settings: &Settings,
) -> Standing {
    if pod.deleting || pod.phase == Phase::Ended {
        return Standing::Ignored;
    }
    if pod.phase == Phase::Pending {
        return Standing::Unready;
    }
    let Some(sample) = sample else { return Standing::Missing };
    if metered == Metered::Other {
        return Standing::Ready;
    }
    let (Some(readiness), Some(started)) = (pod.readiness, pod.started) else {
        return Standing::Unready;
    };
    let unready = if started + settings.cpu_initialization > now {
        // It may still be starting: a whole window must have passed since its readiness changed.
        !readiness.ready || sample.at < readiness.since + sample.window
    } else {
        // Only one that has never been ready is set aside.
        !readiness.ready && started + settings.readiness_delay > readiness.since
    };
    if unready { Standing::Unready } else { Standing::Ready }
}

/// Pods that are all alike to a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alike {
    /// How many.
    pub pods: i64,
    /// What they are to the metric.
    pub standing: Standing,
    /// What one requests of the resource, in milli-units; `None` where a container states nothing.
    pub request: Option<i64>,
    /// The value of one, in milli-units; of no account for pods without one.
    pub value: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_000_000;

    fn cpu(started_ago: Millis, ready: bool, changed_ago: Millis) -> Standing {
        let pod = Pod {
            phase: Phase::Running,
            deleting: false,
            started: Some(NOW - started_ago),
            readiness: Some(Readiness { ready, since: NOW - changed_ago }),
        };
        let sample = Some(Sample { at: NOW - 30_000, window: 30_000 });
        standing(&pod, sample, Metered::Cpu, NOW, &Settings::default())
    }

    #[test]
    fn cpu_of_a_pod_that_just_became_ready_waits_for_a_whole_window() {
        assert_eq!(cpu(100_000, true, 59_000), Standing::Unready);
        assert_eq!(cpu(100_000, true, 60_000), Standing::Ready);
        assert_eq!(cpu(100_000, false, 90_000), Standing::Unready);
    }

    #[test]
    fn after_the_first_minutes_only_a_pod_that_never_was_ready_is_set_aside() {
        assert_eq!(cpu(400_000, true, 1_000), Standing::Ready);
        assert_eq!(cpu(400_000, false, 380_000), Standing::Unready);
        assert_eq!(cpu(400_000, false, 300_000), Standing::Ready);
    }

    #[test]
    fn another_metric_sets_only_pending_pods_aside() {
        let pod = |phase| Pod { phase, deleting: false, started: None, readiness: None };
        let of =
            |pod: &Pod, sample| standing(pod, sample, Metered::Other, NOW, &Settings::default());
        let sample = Some(Sample { at: NOW, window: 0 });
        assert_eq!(of(&pod(Phase::Running), sample), Standing::Ready);
        assert_eq!(of(&pod(Phase::Running), None), Standing::Missing);
        assert_eq!(of(&pod(Phase::Pending), sample), Standing::Unready);
        assert_eq!(of(&pod(Phase::Ended), sample), Standing::Ignored);
    }
}
