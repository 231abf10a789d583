//! The autoscaler of a workload: limits, targets, delays and scaling rules.

use super::serving::Served;
use super::{Lower, count, percent, rules};
use crate::estimate::Estimate;
use crate::language::nodes::Range;
use crate::language::syntax::{Node, Value};
use crate::language::values::{self, check_range};
use crate::plan::autoscale::{Behavior, PolicyKind, ScalingPolicy, ScalingRules, SelectPolicy};
use crate::plan::workload::{Autoscale, AutoscaleDelays, TargetResource};

/// The longest stabilisation window that Kubernetes takes, in seconds.
const LONGEST_WINDOW: f64 = 3600.0;

/// The longest period of a policy that Kubernetes takes, in seconds.
const LONGEST_PERIOD: f64 = 1800.0;

/// The targets of an autoscaler.
#[derive(Debug, Default)]
struct Targets {
    utilization: Option<f64>,
    resource: TargetResource,
    all: Vec<(TargetResource, f64)>,
    per_second: Option<f64>,
}

impl<'t> Lower<'t, '_> {
    pub(super) fn autoscale(
        &mut self,
        workload: &str,
        node: Option<&'t Node>,
        served: Option<&Served>,
    ) -> Option<Autoscale> {
        let node = node?;
        let targets = self.targets(node, served);
        let min_node = self.setting(node, "min");
        let max_node = self.setting(node, "max");
        let min = min_node.and_then(|min| count(min.arg(0))).unwrap_or(1);
        let max = max_node.and_then(|max| count(max.arg(0)));
        let mut delay = |word: &'static str| -> Option<Estimate> {
            let setting = self.setting(node, word)?;
            let key = || format!("workload/{workload}/autoscale.{word}");
            self.estimate(setting, 0, "hour", 1.0, key)
        };
        let delays = AutoscaleDelays {
            pod_start: delay("pod-start"),
            node_start: delay("node-start"),
            model_load: delay("model-load"),
        };
        let behavior = self.setting(node, "behavior").map(|behavior| Behavior {
            up: self.direction(behavior, "up", ScalingRules::default_up()),
            down: self.direction(behavior, "down", ScalingRules::default_down()),
        });
        if let (Some(max), Some(at)) = (max, max_node)
            && min > max
        {
            self.report.push(rules::autoscale_min_above_max(at, min_node, min, max));
            return None;
        }
        Some(Autoscale {
            min,
            max,
            target_utilization: targets.utilization,
            target_resource: targets.resource,
            targets: targets.all,
            target_per_second: targets.per_second,
            delays,
            behavior,
            shortfall_risk: self.setting_figure(node, "shortfall-risk", "%").map(percent),
            origin: node.origin(),
        })
    }

    /// The lowest target of utilisation, and the target rate.
    fn targets(&mut self, node: &'t Node, served: Option<&Served>) -> Targets {
        let mut targets = Targets::default();
        for target in self.settings(node, "target") {
            let (Some(word), Some(value)) = (target.arg(0).and_then(Value::text), target.arg(1))
            else {
                continue;
            };
            if word == "rate" {
                let Some(served) = served else { continue };
                let Some(read) = self.values.read(value, None, self.report) else { continue };
                let converted = self.values.convert(&read, &served.unit, &served.text, self.report);
                if let Some(converted) = converted
                    && values::check_certain(&read, converted, self.report)
                    && check_range(&read, converted, Range::Positive, self.report)
                {
                    targets.per_second = Some(converted.low);
                }
                continue;
            }
            let Some(read) = self.values.read(value, None, self.report) else { continue };
            let unit = self.values.unit("%", None);
            let Some(converted) = self.values.convert(&read, &unit, "%", self.report) else {
                continue;
            };
            if values::check_certain(&read, converted, self.report)
                && check_range(&read, converted, Range::PositiveShare, self.report)
            {
                let share = percent(converted.low);
                let resource = match word {
                    "memory" => TargetResource::Memory,
                    "gpu" => TargetResource::Gpu,
                    _ => TargetResource::Cpu,
                };
                targets.all.push((resource, share));
                if targets.utilization.is_none_or(|low| share < low) {
                    (targets.utilization, targets.resource) = (Some(share), resource);
                }
            }
        }
        targets.all.sort_by_key(|target| target.0);
        targets
    }

    /// The rules of one direction; what is not stated is as the API server fills it in.
    fn direction(&mut self, behavior: &'t Node, word: &str, default: ScalingRules) -> ScalingRules {
        let Some(node) = self.setting(behavior, word) else { return default };
        let window = self.setting(node, "window").and_then(|window| {
            let seconds = self.figure(window, 0, "hour")? * 3600.0;
            self.scaling_value(window, window.arg(0)?, seconds, LONGEST_WINDOW)
        });
        let select = match self.word(node, "select") {
            Some("min") => SelectPolicy::Min,
            Some("disabled") => SelectPolicy::Disabled,
            _ => default.select,
        };
        let mut policies = Vec::new();
        for policy in self.settings(node, "policy") {
            policies.extend(self.scaling_policy(policy));
        }
        ScalingRules {
            window_seconds: window.or(default.window_seconds),
            select,
            policies: if policies.is_empty() { default.policies } else { policies },
            tolerance: None,
        }
    }

    fn scaling_policy(&mut self, policy: &'t Node) -> Option<ScalingPolicy> {
        let value = policy.arg(1)?;
        let (kind, value) = if policy.arg(0).and_then(Value::text) == Some("percent") {
            let read = match values::whole(value) {
                Some(_) => count(Some(value)).map(f64::from),
                None => self.values.figure(value, "%", self.report),
            };
            (PolicyKind::Percent, self.scaling_value(policy, value, read?, f64::from(i32::MAX))?)
        } else {
            let pods = count(Some(value)).map_or(f64::NAN, f64::from);
            (PolicyKind::Pods, self.scaling_value(policy, value, pods, f64::from(i32::MAX))?)
        };
        let per = policy.prop("per")?;
        let seconds = self.values.figure(per, "hour", self.report)? * 3600.0;
        let period_seconds = self.scaling_value(policy, per, seconds, LONGEST_PERIOD)?;
        if value < 1 || period_seconds < 1 {
            let at = if value < 1 { policy.arg(1)? } else { per };
            self.report.push(rules::scaling_value(policy, at));
            return None;
        }
        Some(ScalingPolicy {
            kind,
            value: i32::try_from(value).unwrap_or(i32::MAX),
            period_seconds,
        })
    }

    /// A whole number of at least 0 that Kubernetes takes.
    fn scaling_value(&mut self, node: &Node, at: &Value, value: f64, most: f64) -> Option<i64> {
        let whole = value.round();
        if (value - whole).abs() < 1e-6 && (0.0..=most).contains(&whole) {
            #[expect(clippy::cast_possible_truncation, reason = "between 0 and i32::MAX")]
            return Some(whole as i64);
        }
        self.report.push(rules::scaling_value(node, at));
        None
    }
}
