//! The `HorizontalPodAutoscaler` of a workload.
//!
//! Kubernetes measures CPU and memory itself. The utilisation of a GPU and a rate are metrics of pods that
//! an adapter must serve; their names here are those of NVIDIA's exporter and of the demand's unit.

use serde::Serialize;

use crate::ids::Id;
use crate::kubernetes::object::{Metadata, Object};
use crate::kubernetes::write::Manifest;
use crate::plan::Workload;
use crate::plan::autoscale::{ScalingPolicy, ScalingRules};
use crate::plan::workload::{Autoscale, TargetResource};

use super::amount;
use super::context::Context;
use super::serving::Asked;

/// An autoscaler, and what is to be said of it.
pub(super) struct Scaler {
    /// Fewest replicas, at least 1.
    pub(super) least: u32,
    /// Most replicas.
    pub(super) most: u64,
    metrics: Vec<Metric>,
    behavior: Option<Rules>,
    said: Vec<String>,
}

/// The spec.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Spec {
    #[serde(skip_serializing_if = "Option::is_none")]
    behavior: Option<Rules>,
    max_replicas: u64,
    metrics: Vec<Metric>,
    min_replicas: u32,
    scale_target_ref: TargetRef,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TargetRef {
    api_version: &'static str,
    kind: &'static str,
    name: String,
}

/// How fast it may move, in either direction.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Rules {
    scale_up: Direction,
    scale_down: Direction,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Direction {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    policies: Vec<Policy>,
    select_policy: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stabilization_window_seconds: Option<i64>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Policy {
    period_seconds: i64,
    #[serde(rename = "type")]
    of: &'static str,
    value: i32,
}

/// One metric.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type")]
enum Metric {
    Resource { resource: ResourceMetric },
    Pods { pods: PodsMetric },
}

#[derive(Debug, Clone, Serialize)]
struct ResourceMetric {
    name: &'static str,
    target: Target,
}

#[derive(Debug, Clone, Serialize)]
struct PodsMetric {
    metric: MetricName,
    target: Target,
}

#[derive(Debug, Clone, Serialize)]
struct MetricName {
    name: String,
}

#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all_fields = "camelCase")]
enum Target {
    Utilization { average_utilization: u64 },
    AverageValue { average_value: String },
}

/// The autoscaler of a workload; none where it has none, or needs no replica.
pub(super) fn of(
    context: &Context<'_>,
    id: Id<Workload>,
    need: u64,
    asked: &Asked,
) -> Option<Scaler> {
    let workload = &context.plan.workloads[id];
    let autoscale = workload.autoscale.as_ref()?;
    let mut said = Vec::new();
    if autoscale.min == 0 {
        said.push("the plan's least is 0: an autoscaler keeps at least 1".to_owned());
    }
    let most = if let Some(max) = autoscale.max {
        u64::from(max)
    } else {
        let months = context.source.sizings.iter().filter(|sizing| sizing.workload == id);
        let most = months.flat_map(|sizing| &sizing.peak).map(|(_, p90)| *p90).fold(0.0, f64::max);
        said.push(
            "the plan sets no most: this is the largest need of its months at p90".to_owned(),
        );
        amount::up(most).max(need)
    };
    let least = autoscale.min.max(1);
    let metrics = metrics(context, workload, asked, &mut said);
    let behavior = autoscale.behavior.as_ref();
    let behavior = behavior
        .map(|rules| Rules { scale_up: direction(&rules.up), scale_down: direction(&rules.down) });
    Some(Scaler { least, most: most.max(u64::from(least)), metrics, behavior, said })
}

fn direction(rules: &ScalingRules) -> Direction {
    let policy = |policy: &ScalingPolicy| Policy {
        period_seconds: policy.period_seconds,
        of: policy.kind.word(),
        value: policy.value,
    };
    Direction {
        policies: rules.policies.iter().map(policy).collect(),
        select_policy: rules.select.word(),
        stabilization_window_seconds: rules.window_seconds,
    }
}

fn metrics(
    context: &Context<'_>,
    workload: &Workload,
    asked: &Asked,
    said: &mut Vec<String>,
) -> Vec<Metric> {
    let mut metrics = Vec::new();
    let Some(autoscale) = &workload.autoscale else { return metrics };
    let pool = workload.pool.map(|pool| context.plan.pools[pool].target_utilization);
    let mut targets = autoscale.targets.clone();
    if targets.is_empty() && autoscale.target_per_second.is_none() {
        said.push(match pool {
            Some(pool) if pool < 1.0 => {
                "the plan sets no target: this is its pool's target utilisation".to_owned()
            }
            _ => "neither the plan nor its pool sets a target: this is Kubernetes' default"
                .to_owned(),
        });
        let on_gpu = asked.requests.keys().any(|key| key.contains('/'));
        let resource = if on_gpu { TargetResource::Gpu } else { TargetResource::Cpu };
        targets.extend(pool.map(|pool| (resource, Autoscale::target_in(pool))));
    }
    for (resource, target) in targets {
        let percent = amount::up(target * 100.0);
        let name = match resource {
            TargetResource::Gpu => {
                metrics.push(pods(GPU_METRIC.to_owned(), percent.to_string()));
                said.push(format!("{GPU_METRIC} is what NVIDIA's exporter calls the use of a GPU in per cent; an adapter must serve it"));
                continue;
            }
            TargetResource::Memory => "memory",
            TargetResource::Cpu => "cpu",
        };
        let target = Target::Utilization { average_utilization: percent };
        metrics.push(Metric::Resource { resource: ResourceMetric { name, target } });
    }
    if let Some(rate) = autoscale.target_per_second {
        let unit = workload.demand.as_ref().map_or("req", |demand| demand.unit.as_str());
        let name = rate_metric(unit);
        said.push(format!("{name} is served by an adapter of yours: one {unit} a second and pod"));
        metrics.push(pods(name, amount::cores(rate)));
    }
    metrics
}

/// What NVIDIA's exporter calls the utilisation of a GPU, in per cent.
const GPU_METRIC: &str = "DCGM_FI_DEV_GPU_UTIL";

/// The name of a rate's metric, as exporters spell it.
fn rate_metric(unit: &str) -> String {
    let unit = if unit == "req" { "request" } else { unit };
    let unit: String =
        unit.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    format!("{unit}s_per_second")
}

fn pods(name: String, average_value: String) -> Metric {
    let target = Target::AverageValue { average_value };
    Metric::Pods { pods: PodsMetric { metric: MetricName { name }, target } }
}

impl Scaler {
    /// The object, scaling the deployment called `name`.
    pub(super) fn manifest(self, metadata: Metadata, line: &str, name: &str) -> Manifest {
        let target =
            TargetRef { api_version: "apps/v1", kind: "Deployment", name: name.to_owned() };
        let spec = Spec {
            behavior: self.behavior,
            max_replicas: self.most,
            metrics: self.metrics,
            min_replicas: self.least,
            scale_target_ref: target,
        };
        let object = Object::of("autoscaling/v2", "HorizontalPodAutoscaler", metadata, spec);
        let comments = std::iter::once(line.to_owned()).chain(self.said).collect();
        Manifest::new(&object, comments)
    }
}
