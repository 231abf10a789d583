//! One autoscaler and one look of its controller: proposals of the metrics in, the new count out.
//!
//! The histories that stabilisation and rate limits need live here; everything else is an argument.
//!
//! # Source
//! Kubernetes 1.3x, `reconcileAutoscaler`, `computeReplicasForMetrics`, `normalizeDesiredReplicas` and
//! `normalizeDesiredReplicasWithBehaviors` of `pkg/controller/podautoscaler/horizontal.go`.

use super::limits::{self, Change, Changes, Limit};
use super::proposal::{NoProposal, Proposal};
use super::recent::Recent;
use super::settings::{Millis, Rules, Settings};

/// Who brought a workload without replicas there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zero {
    /// The autoscaler: it may leave zero again.
    ByAutoscaler,
    /// A person: the autoscaler is out of action until there are replicas.
    ByHand,
}

/// Why the count is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// This metric, counted from 0, is above its target.
    AboveTarget(usize),
    /// All metrics are below their targets.
    BelowTarget,
    /// There were fewer than the least.
    BelowMin,
    /// There were more than the most.
    AboveMax,
    /// The metrics ask for as many as there are.
    Steady,
    /// There are none, and a person brought them there.
    Disabled,
    /// The metrics say nothing, or one says nothing and the others would shrink it.
    Failed(NoProposal),
}

/// What one look decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The new count.
    pub replicas: i32,
    /// What the metrics ask for, before windows and limits; `None` where they were not read.
    pub recommended: Option<i32>,
    /// Why.
    pub reason: Reason,
    /// What bounds it.
    pub limit: Limit,
    /// Whether a stabilisation window holds it back.
    pub stabilized: bool,
}

/// What the metrics together ask for: the most of those that say anything.
///
/// # Errors
/// Where none says anything, or some say nothing and the others would shrink it.
pub fn combine(
    proposals: &[Result<Proposal, NoProposal>],
    current: i32,
) -> Result<(i32, usize), NoProposal> {
    let (mut replicas, mut by, mut failed) = (0, 0, None);
    for (index, proposal) in proposals.iter().enumerate() {
        match proposal {
            Ok(proposal) if replicas == 0 || proposal.replicas > replicas => {
                (replicas, by) = (proposal.replicas, index);
            }
            Ok(_) => {}
            Err(why) => failed = failed.or(Some(*why)),
        }
    }
    let none = proposals.iter().all(Result::is_err);
    match failed {
        Some(why) if none || replicas < current => Err(why),
        None if none => Err(NoProposal::NoMetrics),
        _ => Ok((replicas, by)),
    }
}

/// One autoscaler with its histories.
#[derive(Debug, Clone)]
pub struct Autoscaler {
    /// Its limits and rules.
    pub rules: Rules,
    /// What its controller was started with.
    pub settings: Settings,
    /// Whether an object or external metric is among its own: only then may it come back from zero.
    pub sees_without_pods: bool,
    recent: Recent,
    changes: Changes,
    zero: Zero,
    seen_once: bool,
}

impl Autoscaler {
    /// One that has not looked yet.
    #[must_use]
    pub fn new(rules: Rules, settings: Settings) -> Self {
        let zero = if rules.min == 0 { Zero::ByAutoscaler } else { Zero::ByHand };
        Self {
            rules,
            settings,
            sees_without_pods: true,
            recent: Recent::default(),
            changes: Changes::default(),
            zero,
            seen_once: false,
        }
    }

    /// The same with empty histories, rather than with the count it finds first as a recommendation.
    #[must_use]
    pub fn without_first(mut self) -> Self {
        self.seen_once = true;
        self
    }

    /// Whether a count of zero is the autoscaler's own doing.
    pub fn set_zero(&mut self, zero: Zero) {
        self.zero = zero;
    }

    fn up_window(&self) -> Millis {
        let stated = self.rules.behavior.as_ref().and_then(|b| b.up.window_seconds);
        stated.map_or(0, |seconds| seconds * 1000)
    }

    fn down_window(&self) -> Millis {
        let stated = self.rules.behavior.as_ref().and_then(|b| b.down.window_seconds);
        stated.map_or(self.settings.downscale_window, |seconds| seconds * 1000)
    }

    /// Looks once: what the metrics propose in, the new count out. It is taken as done.
    pub fn look(
        &mut self,
        now: Millis,
        current: i32,
        proposals: &[Result<Proposal, NoProposal>],
    ) -> Decision {
        if !self.seen_once {
            self.recent.note(now, current);
            self.seen_once = true;
        }
        let hold = |reason| Decision {
            replicas: current,
            recommended: None,
            reason,
            limit: Limit::DesiredWithinRange,
            stabilized: false,
        };
        if current == 0 {
            let returns =
                self.zero == Zero::ByAutoscaler && (self.sees_without_pods || self.rules.min != 0);
            if !returns {
                return hold(Reason::Disabled);
            }
        } else if current > self.rules.max {
            let decision = Decision { replicas: self.rules.max, ..hold(Reason::AboveMax) };
            return self.done(now, current, decision);
        } else if current < self.rules.min {
            let decision = Decision { replicas: self.rules.min, ..hold(Reason::BelowMin) };
            return self.done(now, current, decision);
        }
        let (wished, by) = match combine(proposals, current) {
            Ok(combined) => combined,
            Err(why) => return hold(Reason::Failed(why)),
        };
        let mut decision = self.normalize(now, current, wished);
        decision.reason = match wished.cmp(&current) {
            std::cmp::Ordering::Greater => Reason::AboveTarget(by),
            std::cmp::Ordering::Less => Reason::BelowTarget,
            std::cmp::Ordering::Equal => Reason::Steady,
        };
        if current == 0 && decision.replicas < self.rules.min {
            decision.replicas = self.rules.min;
            decision.reason = Reason::BelowMin;
        }
        self.done(now, current, decision)
    }

    /// Windows, then rate limits, then the fewest and the most; notes the recommendation.
    fn normalize(&mut self, now: Millis, current: i32, wished: i32) -> Decision {
        let (up, down) = (self.up_window(), self.down_window());
        let stable = match &self.rules.behavior {
            None => self.recent.highest(wished, down, now),
            Some(_) => self.recent.stabilize(current, wished, up, down, now),
        };
        self.recent.forget(up.max(down), now);
        self.recent.note(now, wished);
        let (replicas, limit) = match &self.rules.behavior {
            None => limits::without_behavior(current, stable, &self.rules),
            Some(behavior) => {
                limits::by_behavior(current, stable, &self.rules, behavior, &self.changes, now)
            }
        };
        Decision {
            replicas,
            recommended: Some(wished),
            reason: Reason::Steady,
            limit,
            stabilized: stable != wished,
        }
    }

    fn done(&mut self, now: Millis, current: i32, decision: Decision) -> Decision {
        if decision.replicas == current {
            return decision;
        }
        let by_itself = decision.replicas == 0 && self.rules.min == 0 && self.sees_without_pods;
        self.zero = if by_itself { Zero::ByAutoscaler } else { Zero::ByHand };
        if let Some(behavior) = &self.rules.behavior {
            let longest = |policies: &[crate::plan::autoscale::ScalingPolicy]| {
                policies.iter().map(|policy| policy.period_seconds * 1000).max().unwrap_or(0)
            };
            let keep = longest(&behavior.up.policies).max(longest(&behavior.down.policies));
            let changes = if decision.replicas > current {
                &mut self.changes.up
            } else {
                &mut self.changes.down
            };
            changes.push(Change { at: now, by: (decision.replicas - current).abs() });
            self.changes.up.retain(|change| change.at > now - keep);
            self.changes.down.retain(|change| change.at > now - keep);
        }
        decision
    }

    /// Until when, exclusive, equal proposals lead to the same decision: the next moment at which a
    /// recommendation leaves a window, or a change leaves a period.
    #[must_use]
    pub fn same_until(&self, now: Millis) -> Millis {
        let windows = [self.up_window(), self.down_window()];
        let mut until = self.recent.next_leave(windows, now);
        if let Some(behavior) = &self.rules.behavior {
            for policy in behavior.up.policies.iter().chain(&behavior.down.policies) {
                for change in self.changes.up.iter().chain(&self.changes.down) {
                    let over = change.at + policy.period_seconds * 1000;
                    if over > now {
                        until = until.min(over);
                    }
                }
            }
        }
        until
    }

    /// Notes that looks up to `now` recommended the same as the last one did, and changed nothing.
    pub fn same_again(&mut self, now: Millis, recommended: i32) {
        self.recent.note(now, recommended);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::autoscale::{Behavior, SelectPolicy};

    fn asks(replicas: i32) -> [Result<Proposal, NoProposal>; 1] {
        [Ok(Proposal { replicas, seen: 0, average: 0 })]
    }

    fn autoscaler(min: i32, max: i32, behavior: Option<Behavior>) -> Autoscaler {
        Autoscaler::new(Rules { min, max, behavior }, Settings::default())
    }

    /// Looks every 15 s at these proposals; the counts that follow.
    fn counts(mut autoscaler: Autoscaler, start: i32, proposals: &[i32]) -> Vec<i32> {
        let mut current = start;
        let looks = proposals.iter().enumerate();
        looks
            .map(|(step, wished)| {
                let now = i64::try_from(step).unwrap() * 15_000;
                current = autoscaler.look(now, current, &asks(*wished)).replicas;
                current
            })
            .collect()
    }

    #[test]
    fn without_behavior_it_doubles_at_most_and_shrinks_after_five_minutes() {
        assert_eq!(counts(autoscaler(1, 100, None), 1, &[50; 6]), [4, 8, 16, 32, 50, 50]);
        let shrink = counts(autoscaler(1, 100, None), 10, &[3; 23]);
        assert_eq!(shrink[..20], [10; 20]);
        assert_eq!(shrink[20..], [3; 3]);
    }

    #[test]
    fn the_default_behavior_adds_four_or_doubles_every_quarter_minute() {
        let scaler = || autoscaler(1, 100, Some(Behavior::default()));
        assert_eq!(counts(scaler(), 1, &[50; 6]), [5, 10, 20, 40, 50, 50]);
        assert_eq!(counts(scaler(), 10, &[3; 22])[18..], [10, 10, 3, 3]);
    }

    #[test]
    fn disabled_never_shrinks() {
        let mut behavior = Behavior::default();
        behavior.down.select = SelectPolicy::Disabled;
        assert_eq!(counts(autoscaler(1, 100, Some(behavior)), 10, &[3; 60])[59], 10);
    }

    #[test]
    fn at_zero_only_its_own_doing_is_undone() {
        assert_eq!(counts(autoscaler(3, 9, None), 0, &[5]), [0]);
        let mut own = autoscaler(3, 9, None);
        own.set_zero(Zero::ByAutoscaler);
        assert_eq!(counts(own, 0, &[1]), [3]);
        assert_eq!(counts(autoscaler(0, 9, None), 0, &[2]), [2]);
    }

    #[test]
    fn limits_come_before_metrics() {
        let mut scaler = autoscaler(3, 5, None);
        let failed = [Err(NoProposal::NoMetrics)];
        assert_eq!(scaler.look(0, 2, &failed).replicas, 3);
        assert_eq!(scaler.look(0, 9, &failed).replicas, 5);
        assert_eq!(scaler.look(0, 4, &failed).reason, Reason::Failed(NoProposal::NoMetrics));
    }

    #[test]
    fn one_failed_metric_stops_shrinking_but_not_growth() {
        let failed = Err(NoProposal::Unreadable);
        let asks = |replicas| Ok(Proposal { replicas, seen: 0, average: 0 });
        assert_eq!(combine(&[failed, asks(6)], 5), Ok((6, 1)));
        assert_eq!(combine(&[asks(4), failed], 5), Err(NoProposal::Unreadable));
        assert_eq!(combine(&[asks(4), asks(2)], 5), Ok((4, 0)));
    }
}
