//! How far replicas may move at once: policies over periods, then the fewest and the most.
//!
//! # Source
//! Kubernetes 1.3x, `pkg/controller/podautoscaler/horizontal.go`.

use super::proposal::count;
use super::settings::{Millis, Rules};
use crate::plan::autoscale::{Behavior, PolicyKind, ScalingPolicy, ScalingRules, SelectPolicy};

/// A change of the replicas that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// When.
    pub at: Millis,
    /// By how many, whichever way.
    pub by: i32,
}

/// Changes made, each way, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Growth.
    pub up: Vec<Change>,
    /// Shrinking.
    pub down: Vec<Change>,
}

/// What bounds the count that was wished (the reason of the condition `ScalingLimited`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Nothing: the count is within the range.
    DesiredWithinRange,
    /// Growth is as fast as it may be.
    ScaleUpLimit,
    /// Shrinking is as fast as it may be.
    ScaleDownLimit,
    /// `minReplicas`.
    TooFewReplicas,
    /// `maxReplicas`.
    TooManyReplicas,
}

impl Limit {
    /// The reason as the cluster writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::DesiredWithinRange => "DesiredWithinRange",
            Self::ScaleUpLimit => "ScaleUpLimit",
            Self::ScaleDownLimit => "ScaleDownLimit",
            Self::TooFewReplicas => "TooFewReplicas",
            Self::TooManyReplicas => "TooManyReplicas",
        }
    }
}

/// Replicas changed within a period that ends now; a change exactly as old as the period is over.
fn changed(changes: &[Change], period_seconds: i64, now: Millis) -> i32 {
    let since = now - period_seconds * 1000;
    changes.iter().filter(|change| change.at > since).map(|change| change.by).sum()
}

fn period_start(current: i32, changes: &Changes, policy: &ScalingPolicy, now: Millis) -> i32 {
    let added = changed(&changes.up, policy.period_seconds, now);
    let removed = changed(&changes.down, policy.period_seconds, now);
    current - added + removed
}

/// The most replicas that growth may reach now.
#[must_use]
pub fn up_limit(current: i32, changes: &Changes, rules: &ScalingRules, now: Millis) -> i32 {
    let reach = rules.policies.iter().map(|policy| {
        let start = period_start(current, changes, policy, now);
        match policy.kind {
            PolicyKind::Pods => start.saturating_add(policy.value),
            // Rounded up, else a small workload could never grow.
            PolicyKind::Percent => {
                count(f64::from(start) * (1.0 + f64::from(policy.value) / 100.0))
            }
        }
    });
    match rules.select {
        SelectPolicy::Disabled => current,
        SelectPolicy::Min => reach.min().unwrap_or(i32::MAX),
        SelectPolicy::Max => reach.max().unwrap_or(i32::MIN),
    }
}

/// The fewest replicas that shrinking may reach now.
#[must_use]
pub fn down_limit(current: i32, changes: &Changes, rules: &ScalingRules, now: Millis) -> i32 {
    let reach = rules.policies.iter().map(|policy| {
        let start = period_start(current, changes, policy, now);
        match policy.kind {
            PolicyKind::Pods => start.saturating_sub(policy.value),
            PolicyKind::Percent => {
                toward_zero(f64::from(start) * (1.0 - f64::from(policy.value) / 100.0))
            }
        }
    });
    match rules.select {
        SelectPolicy::Disabled => current,
        SelectPolicy::Min => reach.max().unwrap_or(i32::MIN),
        SelectPolicy::Max => reach.min().unwrap_or(i32::MAX),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "towards zero, as the controller does")]
fn toward_zero(replicas: f64) -> i32 {
    replicas as i32
}

/// The count within what `behavior` allows now, and what bounds it.
#[must_use]
pub fn by_behavior(
    current: i32,
    desired: i32,
    rules: &Rules,
    behavior: &Behavior,
    changes: &Changes,
    now: Millis,
) -> (i32, Limit) {
    if desired > current {
        let reach = up_limit(current, changes, &behavior.up, now).max(current);
        let (most, why) = if rules.max > reach {
            (reach, Limit::ScaleUpLimit)
        } else {
            (rules.max, Limit::TooManyReplicas)
        };
        if desired > most {
            return (most, why);
        }
    } else if desired < current {
        let reach = down_limit(current, changes, &behavior.down, now).min(current);
        let (fewest, why) = if rules.min < reach {
            (reach, Limit::ScaleDownLimit)
        } else {
            (rules.min, Limit::TooFewReplicas)
        };
        if desired < fewest {
            return (fewest, why);
        }
    }
    (desired, Limit::DesiredWithinRange)
}

/// The count within the limits of an autoscaler without `behavior`: at most double, or four.
#[must_use]
pub fn without_behavior(current: i32, desired: i32, rules: &Rules) -> (i32, Limit) {
    let reach = current.saturating_mul(2).max(4);
    let (most, why) = if rules.max > reach {
        (reach, Limit::ScaleUpLimit)
    } else {
        (rules.max, Limit::TooManyReplicas)
    };
    if desired < rules.min {
        (rules.min, Limit::TooFewReplicas)
    } else if desired > most {
        (most, why)
    } else {
        (desired, Limit::DesiredWithinRange)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The documentation: with 80 replicas to be brought to 10, `Percent 10` and `Pods 4` a minute, the
    /// larger change wins: 80 → 72 → 64 → 57 → 51 → … and, from 40 on, 4 a minute.
    #[test]
    fn ten_per_cent_or_four_pods_a_minute() {
        let policy = |kind, value| ScalingPolicy { kind, value, period_seconds: 60 };
        let rules = ScalingRules {
            policies: vec![policy(PolicyKind::Pods, 4), policy(PolicyKind::Percent, 10)],
            ..ScalingRules::default_down()
        };
        let (mut replicas, mut seen) = (80, Vec::new());
        while replicas > 10 {
            replicas = down_limit(replicas, &Changes::default(), &rules, 0).max(10);
            seen.push(replicas);
        }
        assert_eq!(seen[..5], [72, 64, 57, 51, 45]);
        assert_eq!(seen[seen.len() - 3..], [16, 12, 10]);
    }

    #[test]
    fn what_moved_within_the_period_counts_from_its_start() {
        let rules = ScalingRules {
            policies: vec![ScalingPolicy { kind: PolicyKind::Pods, value: 5, period_seconds: 60 }],
            ..ScalingRules::default_up()
        };
        let changes =
            Changes { up: vec![Change { at: 0, by: 3 }], down: vec![Change { at: 10_000, by: 1 }] };
        // 10 now, 8 at the period's start: up to 13. A minute later the three no longer count.
        assert_eq!(up_limit(10, &changes, &rules, 50_000), 13);
        assert_eq!(up_limit(10, &changes, &rules, 60_000), 16);
        assert_eq!(up_limit(10, &changes, &rules, 70_000), 15);
    }

    #[test]
    fn disabled_moves_nowhere_and_min_takes_the_smaller_change() {
        let mut rules = ScalingRules::default_up();
        rules.select = SelectPolicy::Min;
        assert_eq!(up_limit(10, &Changes::default(), &rules, 0), 14);
        rules.select = SelectPolicy::Disabled;
        assert_eq!(up_limit(10, &Changes::default(), &rules, 0), 10);
    }
}
