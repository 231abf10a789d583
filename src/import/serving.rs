//! Deployments and stateful sets with their autoscalers and disruption budgets: workloads that serve.

use std::fmt::Write as _;

use super::field::{Field, Object};
use super::pods::{Asked, Pod, pod};
use super::{Draft, blank};

/// The domains over which pods are spread for redundancy.
const ZONE: &str = "topology.kubernetes.io/zone";

/// Reads every deployment and stateful set.
pub(super) fn workloads(objects: &[Object], draft: &mut Draft) {
    let all = |kind: &'static str, groups: &'static [&'static str]| {
        objects.iter().filter(move |object| groups.iter().any(|group| object.is(group, kind)))
    };
    let scalers: Vec<&Object> = all("HorizontalPodAutoscaler", &["autoscaling"]).collect();
    let budgets: Vec<&Object> = all("PodDisruptionBudget", &["policy"]).collect();
    for object in &scalers {
        object.pass_over("its target is not among the files");
    }
    for object in &budgets {
        object.pass_over("its pods are not among the files");
    }
    let serving = all("Deployment", &["apps"]).chain(all("StatefulSet", &["apps"]));
    for object in serving {
        let scaler = scalers.iter().find(|scaler| aims_at(scaler, object));
        let labels = object.at("spec.template.metadata.labels");
        let budget = budgets.iter().find(|budget| {
            let wanted = budget.at("spec.selector.matchLabels");
            let same = |name: &String| labels.get(name).peek() == wanted.get(name).peek();
            budget.namespace == object.namespace
                && !wanted.names().is_empty()
                && wanted.names().iter().all(same)
        });
        workload(object, scaler.copied(), budget.copied(), draft);
    }
}

/// Whether an autoscaler scales an object.
fn aims_at(scaler: &Object, object: &Object) -> bool {
    let target = scaler.at("spec.scaleTargetRef");
    scaler.namespace == object.namespace
        && target.get("kind").peek().as_deref() == Some(object.kind.as_str())
        && target.get("name").peek().as_deref() == Some(object.name.as_str())
}

fn workload(object: &Object, scaler: Option<&Object>, budget: Option<&Object>, draft: &mut Draft) {
    let name = draft.workload_name(&object.name, &object.namespace, &object.from);
    object.at("spec.selector").done();
    let template = object.at("spec.template");
    let Pod { asked, pool, priority } = pod(object, &template, draft);
    let mut text = blank::line(0, &format!("workload \"{name}\" {{"), &object.from);
    text += "    kind inference\n";
    text += &owner(object, pool.as_deref(), priority, draft);
    let replicas = object.at("spec.replicas").integer().unwrap_or(1);
    let now = if replicas == 1 {
        "one replica serves".to_owned()
    } else {
        format!("{replicas} replicas serve")
    };
    let what = format!(
        "the mean of what is asked of it, and the week's busiest hour over it; {now} it now"
    );
    let demand = "demand \"… req/s\" { growth seasonal { period week; peak-to-mean …; }; }";
    text += &blank::blank(4, demand, &what);
    text += &replica(asked);
    text += &redundancy(&template, budget);
    if let Some(scaler) = scaler {
        text += &autoscale(scaler);
    }
    text += "}\n";
    draft.workloads.insert(name, text);
}

/// Team, project, environment, pool and priority of an object's workload.
pub(super) fn owner(
    object: &Object,
    pool: Option<&str>,
    priority: Option<String>,
    draft: &mut Draft,
) -> String {
    let team = draft.team(&object.namespace, object.label("team"), &object.from);
    let mut text = format!("    team \"{team}\"\n");
    if object.is_ours() {
        // The name and the maker are said by the workload itself.
        object.label("app.kubernetes.io/name");
    }
    if let Some(project) = object.label("project").map(|name| blank::plan_name(&name)) {
        // A project belongs to one team.
        if draft.projects.entry(project.clone()).or_insert_with(|| team.clone()) == &team {
            let _ = writeln!(text, "    project \"{project}\"");
        } else {
            draft.lost.push(format!("{}: project `{project}` is another team's", object.from));
        }
    }
    if let Some(environment) = object.label("environment").map(|name| blank::plan_name(&name)) {
        let _ = writeln!(text, "    environment \"{environment}\"");
        draft.environments.insert(environment);
    }
    match pool {
        Some(pool) => {
            let _ = writeln!(text, "    pool \"{pool}\"");
        }
        None => text += &blank::blank(4, "pool \"…\"", "which nodes it runs on"),
    }
    if let Some(priority) = priority.map(|name| blank::plan_name(&name)) {
        if draft.priorities.contains_key(&priority) {
            let _ = writeln!(text, "    priority \"{priority}\"");
        } else {
            draft.lost.push(format!(
                "{}: priority `{priority}`: its class is not among the files",
                object.from
            ));
        }
    }
    text
}

/// What one replica asks for.
fn replica(asked: Asked) -> String {
    let mut text = "    replica {\n".to_owned();
    if asked.cpu > 0 {
        let _ = writeln!(text, "        cpu {}", blank::cores(asked.cpu));
    }
    if asked.memory > 0 {
        let _ = writeln!(text, "        memory {}", blank::bytes(asked.memory));
    }
    if asked.gpus > 0 {
        let _ = writeln!(text, "        gpu {}", asked.gpus);
    }
    if asked == Asked::default() {
        text += &blank::blank(8, "cpu \"… core\"", "what one asks for: the manifest says nothing");
    }
    text += &blank::blank(8, "serves \"… req/s\"", "what one replica serves");
    text + "    }\n"
}

/// Zones by the spread of its pods, spares by the budget of their disruptions.
fn redundancy(template: &Field<'_>, budget: Option<&Object>) -> String {
    let mut zones = 1;
    for spread in template.get("spec").get("topologySpreadConstraints").items() {
        let domains = spread.get("minDomains").peek().and_then(|text| text.parse::<i64>().ok());
        if spread.get("topologyKey").peek().as_deref() == Some(ZONE)
            && let Some(domains) = domains.filter(|domains| *domains > 1)
        {
            spread.done();
            zones = domains;
        }
    }
    let spare = budget.and_then(|budget| {
        budget.is("policy", "PodDisruptionBudget");
        budget.at("spec.selector").done();
        copied_labels(budget);
        let field = budget.at("spec.maxUnavailable");
        let most = field.peek()?.parse::<i64>().ok().filter(|most| most % zones == 0)?;
        field.done();
        Some(most / zones)
    });
    match (spare, zones) {
        (None, 1) => String::new(),
        (None, zones) => format!("    redundancy {{ zones {zones}; }}\n"),
        (Some(spare), 1) => format!("    redundancy {{ spare {spare}; }}\n"),
        (Some(spare), zones) => format!("    redundancy {{ spare {spare}; zones {zones}; }}\n"),
    }
}

/// Labels that capplan writes on each of a workload's objects: the workload says them once.
fn copied_labels(object: &Object) {
    if object.is_ours() {
        object.at("metadata.labels").done();
    }
}

/// An autoscaler's limits, targets and rules.
fn autoscale(scaler: &Object) -> String {
    scaler.is("autoscaling", "HorizontalPodAutoscaler");
    scaler.at("spec.scaleTargetRef").done();
    copied_labels(scaler);
    let mut text = blank::line(4, "autoscale {", &scaler.from);
    let min = scaler.at("spec.minReplicas").integer().unwrap_or(1);
    let _ = writeln!(text, "        min {min}");
    if let Some(max) = scaler.at("spec.maxReplicas").integer() {
        let _ = writeln!(text, "        max {max}");
    }
    for metric in scaler.at("spec.metrics").items() {
        if let Some(target) = target(&metric) {
            let _ = writeln!(text, "        target {target}");
            metric.done();
        }
    }
    // What `autoscaling/v1` says instead of metrics.
    if let Some(percent) = scaler.at("spec.targetCPUUtilizationPercentage").integer() {
        let _ = writeln!(text, "        target cpu \"{percent}%\"");
    }
    text += &behavior(&scaler.at("spec.behavior"));
    text + "    }\n"
}

/// A metric as a target of the language; none where it has no word for it.
fn target(metric: &Field<'_>) -> Option<String> {
    match metric.get("type").peek()?.as_str() {
        "Resource" => {
            let resource = metric.get("resource");
            let name = resource.get("name").peek()?;
            let percent = resource.get("target").get("averageUtilization").peek()?;
            ["cpu", "memory"].contains(&name.as_str()).then(|| format!("{name} \"{percent}%\""))
        }
        "Pods" => {
            let pods = metric.get("pods");
            let name = pods.get("metric").get("name").peek()?;
            let value = pods.get("target").get("averageValue").quantity()?;
            if name == "DCGM_FI_DEV_GPU_UTIL" {
                return Some(format!("gpu \"{}%\"", value.to_f64()));
            }
            let unit = name.strip_suffix("s_per_second")?;
            let unit = if unit.ends_with("request") { "req" } else { unit };
            let known = ["req", "token", "prediction", "document", "image"].contains(&unit);
            known.then(|| format!("rate \"{} {unit}/s\"", value.to_f64()))
        }
        _ => None,
    }
}

/// How fast it may move, in either direction.
fn behavior(behavior: &Field<'_>) -> String {
    let mut text = String::new();
    for (key, word) in [("scaleUp", "up"), ("scaleDown", "down")] {
        let rules = behavior.get(key);
        if !rules.exists() {
            continue;
        }
        let mut own = String::new();
        if let Some(seconds) = rules.get("stabilizationWindowSeconds").integer() {
            let _ = write!(own, " window \"{seconds} s\";");
        }
        for policy in rules.get("policies").items() {
            let value = policy.get("value").integer();
            let period = policy.get("periodSeconds").integer();
            let (Some(value), Some(period)) = (value, period) else { continue };
            let what = match policy.get("type").text().as_deref() {
                Some("Percent") => format!("percent \"{value}%\""),
                _ => format!("pods {value}"),
            };
            let _ = write!(own, " policy {what} per=\"{period} s\";");
        }
        if let Some(select) = rules.get("selectPolicy").text() {
            let _ = write!(own, " select {};", select.to_ascii_lowercase());
        }
        let _ = writeln!(text, "            {word} {{{own} }}");
    }
    if text.is_empty() { text } else { format!("        behavior {{\n{text}        }}\n") }
}
