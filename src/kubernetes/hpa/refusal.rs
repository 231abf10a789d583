//! What the API server would refuse of a `HorizontalPodAutoscaler`.

use super::super::quantity::Quantity;
use super::{HorizontalPodAutoscaler, Metric, RulesSpec, SourceType, Target, TargetType};

/// A value that the API server would refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {what}")]
pub struct Refused {
    /// Where: `spec.metrics[0].resource.target`.
    pub field: String,
    /// What is wrong and what to write.
    pub what: String,
}

fn refused<T>(field: impl Into<String>, what: impl Into<String>) -> Result<T, Refused> {
    Err(Refused { field: field.into(), what: what.into() })
}

impl HorizontalPodAutoscaler {
    /// Holds its values against the API's rules.
    ///
    /// # Errors
    /// The first value that the API server would refuse.
    pub fn check(&self) -> Result<(), Refused> {
        let spec = &self.spec;
        let min = spec.min_replicas.unwrap_or(1);
        if spec.max_replicas < 1 {
            return refused("spec.maxReplicas", "it is at least 1");
        }
        if min < 0 {
            return refused("spec.minReplicas", "it is at least 0");
        }
        if spec.max_replicas < min {
            let most = spec.max_replicas;
            return refused(
                "spec.maxReplicas",
                format!("it is {most}, below `minReplicas`, which is {min}"),
            );
        }
        let outside = |m: &Metric| matches!(m.source, SourceType::Object | SourceType::External);
        if min == 0 && !spec.metrics.iter().any(outside) {
            return refused(
                "spec.minReplicas",
                "0 needs a metric of type `Object` or `External`: with no pods, no other can be read",
            );
        }
        for (index, metric) in spec.metrics.iter().enumerate() {
            check_metric(metric, &format!("spec.metrics[{index}]"))?;
        }
        let behavior = spec.behavior.clone().unwrap_or_default();
        for (rules, field) in [(&behavior.scale_up, "scaleUp"), (&behavior.scale_down, "scaleDown")]
        {
            if let Some(rules) = rules {
                check_rules(rules, &format!("spec.behavior.{field}"))?;
            }
        }
        Ok(())
    }
}

/// The field of a metric that its type asks for.
fn field_of(source: SourceType) -> &'static str {
    match source {
        SourceType::Resource => "resource",
        SourceType::ContainerResource => "containerResource",
        SourceType::Pods => "pods",
        SourceType::Object => "object",
        SourceType::External => "external",
    }
}

fn check_metric(metric: &Metric, field: &str) -> Result<(), Refused> {
    let wanted = field_of(metric.source);
    let set = [
        ("resource", metric.resource.is_some()),
        ("containerResource", metric.container_resource.is_some()),
        ("pods", metric.pods.is_some()),
        ("object", metric.object.is_some()),
        ("external", metric.external.is_some()),
    ];
    if let Some((other, _)) = set.iter().find(|(name, set)| *set && *name != wanted) {
        return refused(
            format!("{field}.{other}"),
            format!("its `type` is `{:?}`, which goes with `{wanted}`", metric.source),
        );
    }
    let Some(target) = metric.target() else {
        return refused(
            format!("{field}.type"),
            format!("`{:?}` needs the field `{wanted}`", metric.source),
        );
    };
    check_target(target, metric.source, &format!("{field}.{wanted}.target"))
}

fn check_target(target: &Target, source: SourceType, field: &str) -> Result<(), Refused> {
    let allowed: &[TargetType] = match source {
        SourceType::Resource | SourceType::ContainerResource => {
            &[TargetType::Utilization, TargetType::AverageValue]
        }
        SourceType::Pods => &[TargetType::AverageValue],
        SourceType::Object | SourceType::External => &[TargetType::Value, TargetType::AverageValue],
    };
    if !allowed.contains(&target.kind) {
        let words: Vec<String> = allowed.iter().map(|kind| format!("`{kind:?}`")).collect();
        return refused(
            format!("{field}.type"),
            format!("`{:?}` goes with {} here", source, words.join(" or ")),
        );
    }
    let (name, given) = match target.kind {
        TargetType::Utilization => {
            ("averageUtilization", target.average_utilization.map(i64::from))
        }
        TargetType::Value => ("value", target.value.as_ref().map(Quantity::milli)),
        TargetType::AverageValue => {
            ("averageValue", target.average_value.as_ref().map(Quantity::milli))
        }
    };
    match given {
        None => refused(format!("{field}.type"), format!("`{:?}` needs `{name}`", target.kind)),
        Some(value) if value <= 0 => refused(format!("{field}.{name}"), "it is above 0"),
        Some(_) => Ok(()),
    }
}

fn check_rules(rules: &RulesSpec, field: &str) -> Result<(), Refused> {
    if rules.stabilization_window_seconds.is_some_and(|s| !(0..=3600).contains(&s)) {
        return refused(format!("{field}.stabilizationWindowSeconds"), "it is from 0 to 3600");
    }
    if rules.policies.as_ref().is_some_and(Vec::is_empty) {
        return refused(
            format!("{field}.policies"),
            "it has one policy at least; leave it out for the default ones",
        );
    }
    if rules.tolerance.as_ref().is_some_and(|tolerance| tolerance.milli() < 0) {
        return refused(format!("{field}.tolerance"), "it is not below 0");
    }
    for (index, policy) in rules.policies.iter().flatten().enumerate() {
        let field = format!("{field}.policies[{index}]");
        if policy.value <= 0 {
            return refused(format!("{field}.value"), "it is above 0");
        }
        if !(1..=1800).contains(&policy.period_seconds) {
            return refused(format!("{field}.periodSeconds"), "it is from 1 to 1800");
        }
    }
    Ok(())
}
