//! Jobs and cron jobs: runs of training, where they take GPUs, and of batch.

use std::collections::BTreeMap;

use super::field::Object;
use super::pods::{Asked, pod};
use super::serving::owner;
use super::{Draft, blank, cron};

/// The annotation of the fewest pods that Kueue starts a job with, and the one that lets it be done with fewer.
const FEWEST: &str = "kueue.x-k8s.io/job-min-parallelism";
const SHRINKS: &str = "kueue.x-k8s.io/job-completions-equal-parallelism";

/// The runs of one workload.
struct Runs<'a> {
    first: &'a Object,
    pool: Option<String>,
    priority: Option<String>,
    gpus: bool,
    texts: BTreeMap<String, String>,
}

/// Reads every job and cron job; a job that a cron job made is not a run of its own.
pub(super) fn workloads(objects: &[Object], draft: &mut Draft) {
    let mut found: BTreeMap<(String, String), Runs<'_>> = BTreeMap::new();
    for object in objects {
        let is_cron = object.is("batch", "CronJob");
        if !is_cron && !object.is("batch", "Job") {
            continue;
        }
        let owners = object.at("metadata.ownerReferences").items();
        if owners.iter().any(|owner| owner.get("kind").peek().as_deref() == Some("CronJob")) {
            object.pass_over("a cron job made it");
            continue;
        }
        let spec = object.at(if is_cron { "spec.jobTemplate.spec" } else { "spec" });
        let own = pod(object, &spec.get("template"), draft);
        let pods = spec.get("parallelism").integer().unwrap_or(1).max(0);
        if spec.get("completions").peek() == spec.get("parallelism").peek() {
            spec.get("completions").done();
        }
        let (workload, run) = names(object);
        let fewest = fewest(object, is_cron, own.asked);
        let text = run_text(object, is_cron, &run, (pods, fewest), own.asked);
        let runs = found.entry((workload, object.namespace.clone())).or_insert_with(|| Runs {
            first: object,
            pool: None,
            priority: None,
            gpus: false,
            texts: BTreeMap::new(),
        });
        runs.pool = runs.pool.take().or(own.pool);
        runs.priority = runs.priority.take().or(own.priority);
        runs.gpus |= own.asked.gpus > 0;
        if object.is_ours() {
            object.at("metadata.labels").done();
            object.at("spec.jobTemplate.metadata.labels").done();
        }
        if runs.texts.insert(run.clone(), text).is_some() {
            draft
                .lost
                .push(format!("{}: run `{run}` is there twice; this one is kept", object.from));
        }
    }
    for ((workload, namespace), runs) in found {
        let name = draft.workload_name(&workload, &namespace, &runs.first.from);
        let mut text = blank::line(0, &format!("workload \"{name}\" {{"), &runs.first.from);
        text += if runs.gpus { "    kind training\n" } else { "    kind batch\n" };
        text += &owner(runs.first, runs.pool.as_deref(), runs.priority, draft);
        text.extend(runs.texts.into_values());
        text += "}\n";
        draft.workloads.insert(name, text);
    }
}

/// The workload and the run of a job: by capplan's labels, else a workload of its own.
fn names(object: &Object) -> (String, String) {
    let workload = object.label("app.kubernetes.io/name");
    match (object.is_ours(), workload, object.label("run")) {
        (true, Some(workload), Some(run)) => (workload, blank::plan_name(&run)),
        _ => (object.name.clone(), "main".to_owned()),
    }
}

/// The fewest GPUs that a job starts with, where Kueue may start it with fewer pods than it has.
fn fewest(object: &Object, is_cron: bool, asked: Asked) -> Option<i64> {
    let path =
        if is_cron { "spec.jobTemplate.metadata.annotations" } else { "metadata.annotations" };
    let annotations = object.at(path);
    let pods = annotations.get(FEWEST).peek()?.parse::<i64>().ok()?;
    if asked.gpus == 0 || pods < 1 {
        return None;
    }
    annotations.get(FEWEST).done();
    annotations.get(SHRINKS).done();
    Some(pods * asked.gpus)
}

/// A run, which a person completes: a manifest does not know how long it takes.
fn run_text(
    object: &Object,
    is_cron: bool,
    run: &str,
    (pods, fewest): (i64, Option<i64>),
    asked: Asked,
) -> String {
    let (when, start, what) = if is_cron {
        let schedule = object.at("spec.schedule");
        match schedule.peek().as_deref().and_then(cron::often) {
            Some((every, time)) => {
                schedule.done();
                let zone = object.at("spec.timeZone").text().unwrap_or_else(|| "UTC".to_owned());
                let start = format!(" start-at \"{time}\" zone={};", blank::quoted(&zone));
                (format!("every=\"{every}\""), start, "")
            }
            None => ("every=\"…\"".to_owned(), String::new(), "how often, as in 1 day; "),
        }
    } else {
        ("at=\"…\"".to_owned(), String::new(), "the day it starts, as in 2027-03-01; ")
    };
    let (work, what_of_work) = if asked.gpus > 0 {
        (
            format!(
                "gpus {};{} duration \"… hours\";",
                asked.gpus * pods,
                fewest.map_or(String::new(), |gpus| format!(" min-gpus {gpus};"))
            ),
            "how long it takes".to_owned(),
        )
    } else {
        let cores = blank::cores(asked.cpu * pods);
        (
            "work \"… core-hour\"; finish-within \"… hours\";".to_owned(),
            format!("its work, done by {} now, and the time it has", cores.trim_matches('"')),
        )
    };
    let text = format!("run \"{run}\" {when} {{ {work}{start} }}");
    let from = format!("{what}{what_of_work}; from {}", object.from);
    blank::blank(4, &text, &from)
}
