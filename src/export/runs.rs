//! Runs of training and batch: each a job, or a cron job where it repeats as cron can say it. All are
//! suspended: applying them starts nothing. Kueue wakes the jobs it admits.

use crate::capacity::need::Sizing;
use crate::ids::Id;
use crate::kubernetes::object::{Map, Metadata, Object};
use crate::kubernetes::pod::{CronJob, Job, JobTemplate, PodSpec, PodTemplate};
use crate::kubernetes::write::Manifest;
use crate::plan::workload::{Run, RunTimes, RunWork, WorkUnit};
use crate::plan::{Pool, Workload};

use super::context::{Context, Nodes, run_key};
use super::limits::{Claim, Demands};
use super::serving::{IMAGE, container, of_run, placed};
use super::{amount, cron};

/// The label by which Kueue takes a job.
const QUEUE: &str = "kueue.x-k8s.io/queue-name";
/// The label of a job's priority among those that wait.
const QUEUE_PRIORITY: &str = "kueue.x-k8s.io/priority-class";
/// The annotation of the fewest pods that a job starts with.
const FEWEST: &str = "kueue.x-k8s.io/job-min-parallelism";
/// The annotation by which a job that starts with fewer pods is also done with fewer.
const SHRINKS: &str = "kueue.x-k8s.io/job-completions-equal-parallelism";

/// Pods of a run: how many, and how much of which resource each asks for.
struct Pods {
    count: u64,
    resource: &'static str,
    each: u64,
    /// The fewest pods it starts with, where they are fewer than all.
    fewest: Option<u64>,
    said: String,
}

/// One job for each run of a workload.
pub(super) fn manifests(
    context: &Context<'_>,
    id: Id<Workload>,
    demands: &mut Demands,
    notes: &mut Vec<String>,
) -> Vec<Manifest> {
    let workload = &context.plan.workloads[id];
    let Some(pool) = workload.pool else { return Vec::new() };
    let Some(nodes) = context.nodes(pool) else { return Vec::new() };
    let mut manifests = Vec::new();
    for run in &workload.runs {
        let pods = pods(context, id, pool, &nodes, run);
        let claim = of_run(pods.resource, pods.each).requests;
        demands.claim(workload.team, &Claim { pods: pods.count, requests: claim });
        demands.runs_on(workload.team, pool);
        manifests.push(manifest(context, workload, pool, &nodes, run, &pods, notes));
    }
    manifests
}

/// A gang fills whole nodes where its size allows, and every pod of it is alike.
fn pods(
    context: &Context<'_>,
    id: Id<Workload>,
    pool: Id<Pool>,
    nodes: &Nodes<'_>,
    run: &Run,
) -> Pods {
    let resource = nodes.gpu_resource();
    match &run.work {
        RunWork::Gang { gpus, .. } | RunWork::Flops { gpus, .. } => {
            let gpus = amount::up(*gpus).max(1);
            let each = largest_part(gpus, amount::up(nodes.shape.gpus).max(1));
            let count = gpus / each;
            let fewest = run.min_gpus.map(|fewest| amount::up(fewest).max(1).div_ceil(each));
            let fewest = fewest.filter(|fewest| *fewest < count);
            let said = match fewest {
                None => format!("{gpus} GPUs, all or none"),
                Some(fewest) => format!("{gpus} GPUs, {} at least", fewest * each),
            };
            Pods { count, resource, each, fewest, said }
        }
        RunWork::Work { unit, .. } => {
            let held = context.source.sizings.iter().find(|s| s.workload == id && s.pool == pool);
            let held = held.map_or(1.0, |sizing| busiest(context, sizing, run));
            let said =
                "its work spread evenly over the time it has, the month's most at p50".to_owned();
            if *unit == WorkUnit::CoreHours && nodes.shape.gpus == 0.0 {
                let count = amount::up(held * nodes.shape.cores).max(1);
                return Pods { count, resource: "cpu", each: 1, fewest: None, said };
            }
            Pods { count: amount::up(held).max(1), resource, each: 1, fewest: None, said }
        }
    }
}

/// What a workload's runs hold at p50 in the month of the export, or in that of a run that starts once.
fn busiest(context: &Context<'_>, sizing: &Sizing, run: &Run) -> f64 {
    let month = match run.when {
        RunTimes::At(date) => context.plan.horizon.index(context.plan.horizon.month_of(date)),
        RunTimes::Every { .. } => None,
    };
    sizing.peak[month.unwrap_or(context.source.month)].0
}

/// The largest divisor of `whole` that is at most `most`.
fn largest_part(whole: u64, most: u64) -> u64 {
    (1..=most.min(whole)).rev().find(|part| whole.is_multiple_of(*part)).unwrap_or(1)
}

fn manifest(
    context: &Context<'_>,
    workload: &Workload,
    pool: Id<Pool>,
    nodes: &Nodes<'_>,
    run: &Run,
    pods: &Pods,
    notes: &mut Vec<String>,
) -> Manifest {
    let name = context.runs.get(&run_key(workload, &run.name));
    let mut comments = vec![
        context.line(run.origin, "run", &run.name),
        format!("{} × {} {}: {}", pods.count, pods.each, pods.resource, pods.said),
    ];
    let quota = context.quota(workload.team, pool);
    comments.push(match quota {
        Some(quota) => format!("Kueue starts it: it waits in queue \"{}\"", quota.name),
        None => "suspended: start it by hand, or let a queue do so".to_owned(),
    });
    let mut metadata = context.metadata(workload, name);
    metadata.labels.insert("run".to_owned(), crate::kubernetes::name::label_value(&run.name));
    let mut of_job = metadata.labels.clone();
    if let Some(quota) = quota {
        of_job.insert(QUEUE.to_owned(), context.quotas.get(&quota.name));
        if let Some(priority) = workload.priority {
            of_job.insert(QUEUE_PRIORITY.to_owned(), context.priority(priority));
        }
    }
    let mut annotations = Map::new();
    if let (Some(fewest), Some(_)) = (pods.fewest, quota) {
        annotations.insert(FEWEST.to_owned(), fewest.to_string());
        annotations.insert(SHRINKS.to_owned(), "true".to_owned());
    }
    let own = container(&context.workloads.get(&workload.name), &of_run(pods.resource, pods.each));
    let template = PodTemplate {
        metadata: Metadata { labels: metadata.labels.clone(), ..Metadata::default() },
        spec: PodSpec {
            containers: vec![own],
            restart_policy: Some("Never"),
            ..placed(context, workload, pool, nodes)
        },
    };
    let job = Job {
        completion_mode: "Indexed",
        completions: pods.count,
        parallelism: pods.count,
        suspend: true,
        template,
    };
    match schedule(context, run) {
        Ok(Some(schedule)) => {
            let cron = CronJob {
                concurrency_policy: "Allow",
                job_template: JobTemplate {
                    metadata: Metadata { labels: of_job, annotations, ..Metadata::default() },
                    // The cron job waits, and Kueue holds what it makes; without a queue its jobs start.
                    spec: Job { suspend: quota.is_some(), ..job },
                },
                schedule,
                suspend: true,
                time_zone: "Etc/UTC",
            };
            let object = Object::of("batch/v1", "CronJob", metadata, cron);
            Manifest::new(&object, comments)
                .with("spec.jobTemplate.spec.template.spec.containers[0].image", IMAGE)
        }
        other => {
            if let Err(why) = other {
                notes.push(format!(
                    "workload `{}`, run `{}`: cron cannot say {why}: it is exported as a job to be made again",
                    workload.name, run.name
                ));
                comments.push(format!("cron cannot say {why}: make this job again each time"));
            }
            metadata.labels = of_job;
            metadata.annotations = annotations;
            let object = Object::of("batch/v1", "Job", metadata, job);
            Manifest::new(&object, comments).with("spec.template.spec.containers[0].image", IMAGE)
        }
    }
}

/// The schedule of a run that repeats; none of one that starts once.
fn schedule(context: &Context<'_>, run: &Run) -> Result<Option<String>, String> {
    match &run.when {
        RunTimes::At(_) => Ok(None),
        RunTimes::Every { every, from, .. } => {
            let from = from.unwrap_or_else(|| context.plan.horizon.first_day());
            cron::schedule(*every, from, run.start_hour).map(Some)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::largest_part;

    #[test]
    fn a_gang_is_split_into_like_pods() {
        assert_eq!(largest_part(160, 8), 8);
        assert_eq!(largest_part(20, 8), 5);
        assert_eq!(largest_part(17, 8), 1);
        assert_eq!(largest_part(3, 8), 3);
    }
}
