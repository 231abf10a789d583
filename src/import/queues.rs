//! Kueue's queues, cohorts and flavours, and the quotas, priorities and teams of namespaces.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::field::{Field, Object};
use super::pods::GPUS;
use super::{Draft, blank, supply};

const KUEUE: &str = "kueue.x-k8s.io";

/// A flavour is a pool of the nodes that its labels choose.
pub(super) fn flavors(objects: &[Object], draft: &mut Draft) {
    for object in objects.iter().filter(|object| object.is(KUEUE, "ResourceFlavor")) {
        let name = blank::plan_name(&object.name);
        let instance = object.at("spec.nodeLabels").get(supply::INSTANCE_TYPE).text();
        // Nodes that were read make the pool of their type; the flavour gives it its name.
        let same = instance.as_ref().and_then(|instance| {
            let plain = blank::plan_name(instance);
            draft.pools.remove(&plain).filter(|pool| pool.instances.contains(instance))
        });
        let pool = draft.pools.entry(name).or_insert_with(|| same.unwrap_or_default());
        pool.instances.extend(instance);
        pool.seen(&object.from);
        for toleration in object.at("spec.tolerations").items() {
            if toleration.get("key").peek().is_some_and(|key| GPUS.contains(&key.as_str())) {
                pool.has_gpus = true;
                toleration.done();
            }
        }
    }
}

/// A namespace is a team, or belongs to the one its label names.
pub(super) fn teams(objects: &[Object], draft: &mut Draft) {
    for object in objects.iter().filter(|object| object.is("", "Namespace")) {
        if object.is_ours() {
            object.at("metadata.labels").get("app.kubernetes.io/managed-by").done();
        }
        object.at("metadata.labels").get("kubernetes.io/metadata.name").done();
        if let Some(team) = object.label("team") {
            draft.team_of_namespace.insert(object.name.clone(), team);
        }
        let team = draft.team(&object.name, None, &object.from);
        draft.cost_centers.extend(object.label("cost-center").map(|center| (team, center)));
    }
}

/// Classes of priority, of Kubernetes and of Kueue.
pub(super) fn priorities(objects: &[Object], draft: &mut Draft) {
    let kinds = [("scheduling.k8s.io", "PriorityClass"), (KUEUE, "WorkloadPriorityClass")];
    for (group, kind) in kinds {
        for object in objects.iter().filter(|object| object.is(group, kind)) {
            if object.name.starts_with("system-") {
                object.pass_over("a class of the system");
                continue;
            }
            let Some(rank) = object.at("value").integer() else { continue };
            object.at("description").done();
            let name = blank::plan_name(&object.name);
            let known = draft.priorities.entry(name.clone());
            let (first, from) = known.or_insert_with(|| (rank, object.from.clone()));
            if *first != rank {
                let text = format!(
                    "{}: `{name}` has {rank} here and {first} in {from}; that one is kept",
                    object.from
                );
                draft.lost.push(text);
            }
        }
    }
}

/// The `priorities` node.
pub(super) fn priorities_text(draft: &Draft) -> Option<String> {
    if draft.priorities.is_empty() {
        return None;
    }
    let mut text = "priorities {\n".to_owned();
    for (name, (rank, from)) in &draft.priorities {
        text += &blank::line(4, &format!("level \"{name}\" rank={rank}"), from);
    }
    Some(text + "}\n")
}

/// Cluster queues with the teams of their local queues, and cohorts.
pub(super) fn quotas(objects: &[Object], draft: &mut Draft) {
    let mut spaces: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for object in objects.iter().filter(|object| object.is(KUEUE, "LocalQueue")) {
        if let Some(queue) = object.at("spec.clusterQueue").text() {
            spaces.entry(queue).or_default().insert(object.namespace.clone());
        }
    }
    let mut cohorts = BTreeSet::new();
    let queues: Vec<&Object> =
        objects.iter().filter(|object| object.is(KUEUE, "ClusterQueue")).collect();
    for object in objects.iter().filter(|object| object.is(KUEUE, "Cohort")) {
        let name = blank::plan_name(&object.name);
        let mut text = blank::line(0, &format!("cohort \"{name}\" {{"), &object.from);
        if let Some(parent) = object.at("spec.parentName").text() {
            let parent = blank::plan_name(&parent);
            let _ = writeln!(text, "    parent \"{parent}\"");
            cohorts.insert(parent);
        }
        text += &weight(object);
        text += &grants(object, draft);
        draft.cohorts.insert(name, text + "}\n");
    }
    for object in queues {
        let spaces = spaces.get(&object.name).cloned().unwrap_or_default();
        let name = blank::plan_name(&object.name);
        let text = quota(object, &name, &spaces, &mut cohorts, draft);
        draft.quotas.insert(name, text);
    }
    // Kueue makes a cohort of its name alone.
    for name in cohorts {
        draft.cohorts.entry(name.clone()).or_insert_with(|| format!("cohort \"{name}\"\n"));
    }
}

fn quota(
    object: &Object,
    name: &str,
    spaces: &BTreeSet<String>,
    cohorts: &mut BTreeSet<String>,
    draft: &mut Draft,
) -> String {
    let mut text = blank::line(0, &format!("quota \"{name}\" {{"), &object.from);
    let selector = object.at("spec.namespaceSelector");
    let mut spaces = spaces.clone();
    for expression in selector.get("matchExpressions").items() {
        if expression.get("key").peek().as_deref() == Some("kubernetes.io/metadata.name")
            && expression.get("operator").peek().as_deref() == Some("In")
        {
            spaces.extend(expression.get("values").items().iter().filter_map(Field::peek));
            expression.done();
        }
    }
    let teams: BTreeSet<String> =
        spaces.iter().map(|space| draft.team(space, None, &object.from)).collect();
    if teams.is_empty() {
        text += &blank::blank(4, "team \"…\"", "whose runs it takes: no local queue says so");
    } else {
        let teams: Vec<String> = teams.iter().map(|team| format!(" \"{team}\"")).collect();
        let _ = writeln!(text, "    team{}", teams.concat());
    }
    let cohort = object.at("spec.cohortName").text().or_else(|| object.at("spec.cohort").text());
    if let Some(cohort) = cohort.map(|cohort| blank::plan_name(&cohort)) {
        let _ = writeln!(text, "    cohort \"{cohort}\"");
        cohorts.insert(cohort);
    }
    text += &weight(object);
    text += &grants(object, draft);
    text += &preemption(&object.at("spec.preemption"), draft);
    text + "}\n"
}

fn weight(object: &Object) -> String {
    let weight = object.at("spec.fairSharing.weight").quantity();
    weight.map_or(String::new(), |weight| format!("    weight {}\n", weight.to_f64()))
}

/// What is granted, pool by pool.
fn grants(object: &Object, draft: &mut Draft) -> String {
    let mut text = String::new();
    for group in object.at("spec.resourceGroups").items() {
        group.get("coveredResources").done();
        for flavor in group.get("flavors").items() {
            let mut own = String::new();
            for resource in flavor.get("resources").items() {
                own += &grant(&resource);
            }
            let Some(pool) = flavor.get("name").text().map(|name| blank::plan_name(&name)) else {
                continue;
            };
            let seen = draft.pools.entry(pool.clone()).or_default();
            seen.has_gpus |= own.contains(" gpu ");
            seen.seen(&object.from);
            let _ = writeln!(text, "    pool \"{pool}\" {{{own} }}");
        }
    }
    text
}

/// One grant of one resource; what a plan does not count stays among the lost.
fn grant(resource: &Field<'_>) -> String {
    let word = match resource.get("name").peek().as_deref() {
        Some("cpu") => "cpu",
        Some("memory") => "memory",
        Some(name) if GPUS.contains(&name) => "gpu",
        _ => return String::new(),
    };
    resource.get("name").done();
    let mut text = format!(" {word}");
    let limits = [
        ("nominalQuota", "nominal"),
        ("borrowingLimit", "borrowing-limit"),
        ("lendingLimit", "lending-limit"),
    ];
    for (key, property) in limits {
        let Some(amount) = resource.get(key).quantity() else { continue };
        let amount = match word {
            "cpu" => blank::cores(amount.milli()),
            "memory" => blank::bytes(blank::whole(&amount)),
            _ => blank::whole(&amount).to_string(),
        };
        let _ = write!(text, " {property}={amount}");
    }
    text + ";"
}

/// Whose runs may be stopped, in the language's words.
fn preemption(preemption: &Field<'_>, draft: &Draft) -> String {
    let word = |field: &Field<'_>| match field.peek()?.as_str() {
        "Any" => Some("any"),
        "LowerPriority" => Some("lower-priority"),
        "LowerOrNewerEqualPriority" => Some("lower-or-newer-equal-priority"),
        _ => {
            // `Never` is what the language takes where nothing is said.
            field.done();
            None
        }
    };
    let mut own = String::new();
    let reclaim = preemption.get("reclaimWithinCohort");
    if let Some(word) = word(&reclaim) {
        let _ = write!(own, " reclaim-within-cohort {word};");
        reclaim.done();
    }
    let borrow = preemption.get("borrowWithinCohort");
    if let Some(word) = word(&borrow.get("policy")) {
        let _ = write!(own, " borrow-within-cohort {word}");
        borrow.get("policy").done();
        let threshold = borrow.get("maxPriorityThreshold");
        let most = threshold.peek().and_then(|text| text.parse::<i64>().ok());
        let level = draft.priorities.iter().find(|(_, (rank, _))| Some(*rank) == most);
        if let Some((level, _)) = level {
            let _ = write!(own, " max-priority=\"{level}\"");
            threshold.done();
        }
        own += ";";
    }
    let within = preemption.get("withinClusterQueue");
    if let Some(word) = word(&within) {
        let _ = write!(own, " within-queue {word};");
        within.done();
    }
    if own.is_empty() { own } else { format!("    preemption {{{own} }}\n") }
}

/// Quotas of namespaces: of the one pool their pods use, or of one to be filled in.
pub(super) fn resource_quotas(objects: &[Object], draft: &mut Draft) {
    for object in objects.iter().filter(|object| object.is("", "ResourceQuota")) {
        if object.is_ours() {
            object.pass_over("it follows from the workloads");
            continue;
        }
        let hard = object.at("spec.hard");
        let amount = |names: &[String]| names.iter().find_map(|name| hard.get(name).quantity());
        let both = |name: &str| [format!("requests.{name}"), name.to_owned()];
        let mut own = String::new();
        let gpus: Vec<String> = GPUS.iter().map(|name| format!("requests.{name}")).collect();
        if let Some(gpus) = amount(&gpus) {
            let _ = write!(own, " gpu nominal={};", blank::whole(&gpus));
        }
        if let Some(cpu) = amount(&both("cpu")) {
            let _ = write!(own, " cpu nominal={};", blank::cores(cpu.milli()));
        }
        if let Some(memory) = amount(&both("memory")) {
            let _ = write!(own, " memory nominal={};", blank::bytes(blank::whole(&memory)));
        }
        if own.is_empty() {
            continue;
        }
        let team = draft.team(&object.namespace, None, &object.from);
        let name = blank::plan_name(&format!("{}-{}", object.namespace, object.name));
        let mut text = blank::line(0, &format!("quota \"{name}\" {{"), &object.from);
        let _ = writeln!(text, "    team \"{team}\"");
        let pools = draft.pools_of_namespace.get(&object.namespace);
        let only = pools.filter(|pools| pools.len() == 1).and_then(|pools| pools.first());
        if let Some(pool) = only {
            let _ = writeln!(text, "    pool \"{pool}\" {{{own} }}");
        } else {
            let what = "which of its pools: a namespace's quota counts all of them";
            text += &blank::blank(4, &format!("pool \"…\" {{{own} }}"), what);
        }
        draft.quotas.insert(name, text + "}\n");
    }
}
