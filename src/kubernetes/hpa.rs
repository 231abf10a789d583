//! `HorizontalPodAutoscaler` of `autoscaling/v2`: its spec in full.

use serde::{Deserialize, Serialize};
use serde_json::Value;

mod refusal;

pub use self::refusal::Refused;
use super::quantity::Quantity;
use crate::plan::autoscale::{
    Behavior, PolicyKind, ScalingPolicy, ScalingRules, SelectPolicy as Select,
};

/// The `apiVersion` that is read.
pub const API_VERSION: &str = "autoscaling/v2";

/// The `kind` that is read.
pub const KIND: &str = "HorizontalPodAutoscaler";

/// A `HorizontalPodAutoscaler`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HorizontalPodAutoscaler {
    /// `autoscaling/v2`.
    pub api_version: String,
    /// `HorizontalPodAutoscaler`.
    pub kind: String,
    /// Name, namespace, labels; of no account here.
    #[serde(default)]
    pub metadata: Value,
    /// What is wanted.
    pub spec: Spec,
    /// What the cluster says; of no account here.
    #[serde(default, skip_serializing)]
    pub status: Option<Value>,
}

/// What is wanted of an autoscaler.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Spec {
    /// What is scaled.
    pub scale_target_ref: Reference,
    /// Fewest replicas; 1 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_replicas: Option<i32>,
    /// Most replicas.
    pub max_replicas: i32,
    /// What is measured; the CPU at 80% where absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<Metric>,
    /// How fast it may move.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behavior: Option<BehaviorSpec>,
}

/// Another object.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Reference {
    /// `apps/v1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// `Deployment`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// Where a metric comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum SourceType {
    /// A resource of the pods.
    Resource,
    /// A resource of one container of the pods.
    ContainerResource,
    /// A metric of the pods.
    Pods,
    /// A metric of another object.
    Object,
    /// A metric from outside the cluster.
    External,
}

/// A metric and its target.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Metric {
    /// Which of the following is set.
    #[serde(rename = "type")]
    pub source: SourceType,
    /// A resource of the pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<ResourceMetric>,
    /// A resource of one container of the pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container_resource: Option<ContainerResourceMetric>,
    /// A metric of the pods.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pods: Option<PodsMetric>,
    /// A metric of another object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectMetric>,
    /// A metric from outside the cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<ExternalMetric>,
}

/// A resource of the pods.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ResourceMetric {
    /// `cpu`, `memory`.
    pub name: String,
    /// Its target.
    pub target: Target,
}

/// A resource of one container of the pods.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContainerResourceMetric {
    /// `cpu`, `memory`.
    pub name: String,
    /// The container.
    pub container: String,
    /// Its target.
    pub target: Target,
}

/// A metric of the pods.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PodsMetric {
    /// Which.
    pub metric: Identifier,
    /// Its target.
    pub target: Target,
}

/// A metric of another object.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectMetric {
    /// The object.
    pub described_object: Reference,
    /// Which.
    pub metric: Identifier,
    /// Its target.
    pub target: Target,
}

/// A metric from outside the cluster.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ExternalMetric {
    /// Which.
    pub metric: Identifier,
    /// Its target.
    pub target: Target,
}

/// Which metric.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Identifier {
    /// Its name.
    pub name: String,
    /// Its labels; of no account here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<Value>,
    /// The API that serves it; of no account here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Value>,
}

/// What a target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum TargetType {
    /// Per cent of what the pods request.
    Utilization,
    /// One value of the whole.
    Value,
    /// A value of each pod.
    AverageValue,
}

/// The target of a metric.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Target {
    /// Which of the following is set.
    #[serde(rename = "type")]
    pub kind: TargetType,
    /// One value of the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Quantity>,
    /// A value of each pod.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average_value: Option<Quantity>,
    /// Per cent of what the pods request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average_utilization: Option<i32>,
}

/// How fast it may move.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BehaviorSpec {
    /// When it grows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale_up: Option<RulesSpec>,
    /// When it shrinks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale_down: Option<RulesSpec>,
}

/// The rules of one direction.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RulesSpec {
    /// The stabilisation window, 0 to 3600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stabilization_window_seconds: Option<i32>,
    /// Which policy wins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub select_policy: Option<SelectPolicy>,
    /// How far it may move in a period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<Vec<PolicySpec>>,
    /// How far the ratio may be from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<Quantity>,
}

/// Which policy wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum SelectPolicy {
    /// The largest change.
    Max,
    /// The smallest change.
    Min,
    /// None.
    Disabled,
}

/// How far it may move in a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicySpec {
    /// What the value counts.
    #[serde(rename = "type")]
    pub kind: PolicyType,
    /// Above 0.
    pub value: i32,
    /// 1 to 1800.
    pub period_seconds: i32,
}

/// What the value of a policy counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum PolicyType {
    /// Pods.
    Pods,
    /// Per cent of the pods there were.
    Percent,
}

impl HorizontalPodAutoscaler {
    /// Its rules as a plan has them: what the API server fills in is filled in.
    #[must_use]
    pub fn behavior(&self) -> Option<Behavior> {
        let spec = self.spec.behavior.as_ref()?;
        Some(Behavior {
            up: rules(spec.scale_up.as_ref(), ScalingRules::default_up()),
            down: rules(spec.scale_down.as_ref(), ScalingRules::default_down()),
        })
    }
}

impl Metric {
    /// Its target, whatever its type.
    #[must_use]
    pub fn target(&self) -> Option<&Target> {
        match self.source {
            SourceType::Resource => self.resource.as_ref().map(|m| &m.target),
            SourceType::ContainerResource => self.container_resource.as_ref().map(|m| &m.target),
            SourceType::Pods => self.pods.as_ref().map(|m| &m.target),
            SourceType::Object => self.object.as_ref().map(|m| &m.target),
            SourceType::External => self.external.as_ref().map(|m| &m.target),
        }
    }

    /// The same, to be changed.
    pub fn target_mut(&mut self) -> Option<&mut Target> {
        match self.source {
            SourceType::Resource => self.resource.as_mut().map(|m| &mut m.target),
            SourceType::ContainerResource => {
                self.container_resource.as_mut().map(|m| &mut m.target)
            }
            SourceType::Pods => self.pods.as_mut().map(|m| &mut m.target),
            SourceType::Object => self.object.as_mut().map(|m| &mut m.target),
            SourceType::External => self.external.as_mut().map(|m| &mut m.target),
        }
    }

    /// What it measures, in words: `cpu`, `pods metric requests_per_second`.
    #[must_use]
    pub fn name(&self) -> String {
        let name = |name: Option<&str>| name.unwrap_or_default().to_owned();
        match self.source {
            SourceType::Resource => name(self.resource.as_ref().map(|m| m.name.as_str())),
            SourceType::ContainerResource => match &self.container_resource {
                Some(metric) => format!("{} of container {}", metric.name, metric.container),
                None => String::new(),
            },
            SourceType::Pods => name(self.pods.as_ref().map(|m| m.metric.name.as_str())),
            SourceType::Object => name(self.object.as_ref().map(|m| m.metric.name.as_str())),
            SourceType::External => name(self.external.as_ref().map(|m| m.metric.name.as_str())),
        }
    }
}

fn rules(spec: Option<&RulesSpec>, default: ScalingRules) -> ScalingRules {
    let Some(spec) = spec else { return default };
    let policies = spec.policies.as_ref().map(|policies| {
        let of = |policy: &PolicySpec| ScalingPolicy {
            kind: match policy.kind {
                PolicyType::Pods => PolicyKind::Pods,
                PolicyType::Percent => PolicyKind::Percent,
            },
            value: policy.value,
            period_seconds: i64::from(policy.period_seconds),
        };
        policies.iter().map(of).collect()
    });
    ScalingRules {
        window_seconds: spec
            .stabilization_window_seconds
            .map_or(default.window_seconds, |seconds| Some(i64::from(seconds))),
        select: match spec.select_policy {
            Some(SelectPolicy::Min) => Select::Min,
            Some(SelectPolicy::Disabled) => Select::Disabled,
            Some(SelectPolicy::Max) | None => Select::Max,
        },
        policies: policies.unwrap_or(default.policies),
        tolerance: spec.tolerance.as_ref().map(Quantity::to_f64),
    }
}

impl BehaviorSpec {
    /// The spec of rules, as far as they differ from what the API server fills in.
    #[must_use]
    pub fn of(behavior: &Behavior) -> Self {
        Self {
            scale_up: spec(&behavior.up, &ScalingRules::default_up()),
            scale_down: spec(&behavior.down, &ScalingRules::default_down()),
        }
    }
}

fn spec(rules: &ScalingRules, default: &ScalingRules) -> Option<RulesSpec> {
    if rules == default {
        return None;
    }
    let of = |policy: &ScalingPolicy| PolicySpec {
        kind: match policy.kind {
            PolicyKind::Pods => PolicyType::Pods,
            PolicyKind::Percent => PolicyType::Percent,
        },
        value: policy.value,
        period_seconds: i32::try_from(policy.period_seconds).unwrap_or(i32::MAX),
    };
    let window = rules.window_seconds.filter(|_| rules.window_seconds != default.window_seconds);
    Some(RulesSpec {
        stabilization_window_seconds: window.and_then(|seconds| i32::try_from(seconds).ok()),
        select_policy: (rules.select != default.select).then_some(match rules.select {
            Select::Max => SelectPolicy::Max,
            Select::Min => SelectPolicy::Min,
            Select::Disabled => SelectPolicy::Disabled,
        }),
        policies: (rules.policies != default.policies)
            .then(|| rules.policies.iter().map(of).collect()),
        tolerance: rules.tolerance.and_then(|t| Quantity::parse(&t.to_string()).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::super::yaml;
    use super::*;

    /// The documentation's example of several metrics.
    const EVERY_SOURCE: &str = r"apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: php-apache}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: php-apache}
  minReplicas: 1
  maxReplicas: 10
  metrics:
  - type: Resource
    resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}
  - type: Pods
    pods:
      metric: {name: packets-per-second}
      target: {type: AverageValue, averageValue: 1k}
  - type: Object
    object:
      metric: {name: requests-per-second}
      describedObject: {apiVersion: networking.k8s.io/v1, kind: Ingress, name: main-route}
      target: {type: Value, value: 10k}
  - type: External
    external:
      metric: {name: queue, selector: {matchLabels: {queue: work}}}
      target: {type: AverageValue, averageValue: 30}
  - type: ContainerResource
    containerResource: {name: cpu, container: app, target: {type: Utilization, averageUtilization: 60}}
  behavior:
    scaleDown:
      stabilizationWindowSeconds: 60
      tolerance: 0.05
      policies:
      - {type: Percent, value: 10, periodSeconds: 60}
";

    fn read(text: &str) -> Result<HorizontalPodAutoscaler, String> {
        let document = yaml::read(text).unwrap().remove(0);
        document.decode().map_err(|fault| fault.to_string())
    }

    fn refusal(from: &str, to: &str) -> String {
        let text = EVERY_SOURCE.replace(from, to);
        assert_ne!(text, EVERY_SOURCE, "{from}");
        read(&text).unwrap().check().unwrap_err().to_string()
    }

    #[test]
    fn every_source_of_metrics_is_read() {
        let hpa = read(EVERY_SOURCE).unwrap();
        hpa.check().unwrap();
        let names: Vec<_> = hpa.spec.metrics.iter().map(Metric::name).collect();
        assert_eq!(
            names,
            ["cpu", "packets-per-second", "requests-per-second", "queue", "cpu of container app"]
        );
        let behavior = hpa.behavior().unwrap();
        assert_eq!(behavior.up, ScalingRules::default_up());
        assert_eq!(
            (behavior.down.window_seconds, behavior.down.tolerance, behavior.down.policies.len()),
            (Some(60), Some(0.05), 1)
        );
        let back = BehaviorSpec::of(&behavior);
        assert!(back.scale_up.is_none());
        assert_eq!(rules(back.scale_down.as_ref(), ScalingRules::default_down()), behavior.down);
    }

    #[test]
    fn an_unknown_field_is_named_with_its_line() {
        let message = read(&EVERY_SOURCE.replace("minReplicas", "minReplica")).unwrap_err();
        assert!(message.starts_with("line 6, column 3: unknown field `minReplica`"), "{message}");
    }

    #[test]
    fn what_the_api_server_would_refuse_is_refused() {
        assert_eq!(
            refusal("minReplicas: 1\n", "minReplicas: 12\n"),
            "`spec.maxReplicas`: it is 10, below `minReplicas`, which is 12"
        );
        assert_eq!(
            refusal("type: Pods", "type: Resource"),
            "`spec.metrics[1].pods`: its `type` is `Resource`, which goes with `resource`"
        );
        assert_eq!(
            refusal("{type: AverageValue, averageValue: 1k}", "{type: Utilization}"),
            "`spec.metrics[1].pods.target.type`: `Pods` goes with `AverageValue` here"
        );
        assert_eq!(
            refusal("periodSeconds: 60", "periodSeconds: 3600"),
            "`spec.behavior.scaleDown.policies[0].periodSeconds`: it is from 1 to 1800"
        );
        assert_eq!(
            refusal("averageUtilization: 50", "averageUtilization: 0"),
            "`spec.metrics[0].resource.target.averageUtilization`: it is above 0"
        );
    }
}
