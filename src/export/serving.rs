//! A workload that serves: its deployment, its autoscaler, its disruption budget.

use crate::estimate::Estimate;
use crate::ids::Id;
use crate::kubernetes::object::{DisruptionBudget, Map, Metadata, Object};
use crate::kubernetes::pod::{
    Affinity, AffinityTerm, AntiAffinity, Container, Deployment, PodSpec, PodTemplate, Resources,
    RollingUpdate, Strategy, TopologySpread,
};
use crate::kubernetes::write::Manifest;
use crate::plan::workload::{CapacityPer, Request, Serving};
use crate::plan::{Pool, Workload};

use super::context::{Context, Nodes};
use super::limits::{Claim, Demands};
use super::{amount, autoscaler};

/// What one pod asks for, and what is to be said of it.
pub(super) struct Asked {
    pub(super) requests: Map,
    pub(super) said: Vec<String>,
    /// Whether it has a node for itself.
    alone: bool,
}

/// The objects of a workload that serves; none where it has no replicas.
pub(super) fn manifests(
    context: &Context<'_>,
    id: Id<Workload>,
    demands: &mut Demands,
    notes: &mut Vec<String>,
) -> Vec<Manifest> {
    let workload = &context.plan.workloads[id];
    let Some((pool, nodes)) = home(context, workload) else {
        notes.push(format!(
            "workload `{}` is not exported: {} runs on no node",
            workload.name,
            workload.kind.word()
        ));
        return Vec::new();
    };
    for needs in workload.needs.iter().filter(|needs| needs.pool != pool) {
        let other = &context.plan.pools[needs.pool].name;
        notes.push(format!(
            "workload `{}`: its `needs` in pool `{other}` are not exported: the plan says no size of a replica",
            workload.name
        ));
    }
    let asked = match &workload.serving {
        Serving::Replica(replica) => of_request(&replica.request, &nodes),
        Serving::Capacity { per, .. } if workload.runs.is_empty() => of_capacity(*per, &nodes),
        Serving::Capacity { .. } => return Vec::new(),
        Serving::None => {
            if workload.runs.is_empty() {
                notes.push(format!(
                    "workload `{}` is not exported: the plan says what a unit of its demand needs, and no size of a \
                     replica",
                    workload.name
                ));
            }
            return Vec::new();
        }
    };
    objects(context, id, pool, &nodes, &asked, demands)
}

/// The pool and nodes a workload runs on.
fn home<'a>(context: &Context<'a>, workload: &Workload) -> Option<(Id<Pool>, Nodes<'a>)> {
    let pool = workload.pool?;
    Some((pool, context.nodes(pool)?))
}

fn objects(
    context: &Context<'_>,
    id: Id<Workload>,
    pool: Id<Pool>,
    nodes: &Nodes<'_>,
    asked: &Asked,
    demands: &mut Demands,
) -> Vec<Manifest> {
    let workload = &context.plan.workloads[id];
    let name = context.workloads.get(&workload.name);
    let line = context.line(workload.origin, "workload", &workload.name);
    let month = context.plan.horizon.month(context.source.month);
    let need = context.source.sizings.iter().find(|s| s.workload == id && s.pool == pool);
    let (p50, p90) = need.map_or((1.0, 1.0), |sizing| sizing.peak[context.source.month]);
    let need = amount::up(p50);
    let scaler = autoscaler::of(context, id, need, asked);
    let replicas = scaler.as_ref().map_or(need, |scaler| u64::from(scaler.least));
    let most = scaler.as_ref().map_or(need, |scaler| scaler.most.max(replicas));

    let mut comments = vec![
        line.clone(),
        format!(
            "need in {month}: {need} replicas in the busiest hour at p50, {} at p90",
            amount::up(p90)
        ),
    ];
    if scaler.is_some() {
        comments.push("replicas is the autoscaler's least: it takes it from there".to_owned());
    }
    comments.extend(asked.said.iter().cloned());
    let surge =
        if asked.requests.keys().any(|key| key.contains('/')) { 0 } else { most.div_ceil(4) };
    demands.claim(workload.team, &Claim { pods: most + surge, requests: asked.requests.clone() });
    demands.runs_on(workload.team, pool);

    let deployment = Deployment {
        replicas,
        selector: context.selector(workload),
        strategy: strategy(surge, workload),
        template: PodTemplate {
            metadata: Metadata { labels: context.labels(workload), ..Metadata::default() },
            spec: pod(context, workload, pool, nodes, asked),
        },
    };
    let metadata = || context.metadata(workload, name.clone());
    let mut manifests = vec![
        Manifest::new(&Object::of("apps/v1", "Deployment", metadata(), deployment), comments)
            .with("spec.template.spec.containers[0].image", IMAGE),
    ];
    if let Some(scaler) = scaler {
        manifests.push(scaler.manifest(metadata(), &line, &name));
    }
    let spare = workload.redundancy.spare * workload.redundancy.zones;
    if spare > 0 {
        let budget =
            DisruptionBudget { max_unavailable: spare, selector: context.selector(workload) };
        let object = Object::of("policy/v1", "PodDisruptionBudget", metadata(), budget);
        let said = format!(
            "redundancy: {} spare in each of {} zones",
            workload.redundancy.spare, workload.redundancy.zones
        );
        manifests.push(Manifest::new(&object, vec![line, said]));
    }
    manifests
}

/// What stands above an image.
pub(super) const IMAGE: &str =
    "PLACEHOLDER: a plan does not know the image; put yours here. `.invalid` is never found.";

/// An image that no registry has.
pub(super) fn image(name: &str) -> String {
    format!("registry.example.invalid/{name}:replace-me")
}

/// GPUs are replaced in place, since a plan has none to spare for an update; others go up by a quarter.
fn strategy(surge: u64, workload: &Workload) -> Strategy {
    let spare = u64::from(workload.redundancy.spare * workload.redundancy.zones);
    let max_unavailable = if surge == 0 { spare.max(1) } else { 0 };
    let rolling_update = RollingUpdate { max_surge: surge, max_unavailable };
    Strategy { of: "RollingUpdate", rolling_update }
}

fn pod(
    context: &Context<'_>,
    workload: &Workload,
    pool: Id<Pool>,
    nodes: &Nodes<'_>,
    asked: &Asked,
) -> PodSpec {
    let own = context.selector(workload);
    let zones = workload.redundancy.zones;
    let spread = TopologySpread {
        max_skew: 1,
        min_domains: zones,
        topology_key: "topology.kubernetes.io/zone",
        when_unsatisfiable: "DoNotSchedule",
        label_selector: own.clone(),
    };
    let term = AffinityTerm { label_selector: own, topology_key: "kubernetes.io/hostname" };
    let rules = AntiAffinity { required_during_scheduling_ignored_during_execution: vec![term] };
    PodSpec {
        affinity: asked.alone.then_some(Affinity { pod_anti_affinity: rules }),
        containers: vec![container(&context.workloads.get(&workload.name), asked)],
        topology_spread_constraints: (zones > 1).then_some(spread).into_iter().collect(),
        ..placed(context, workload, pool, nodes)
    }
}

/// A pod without containers on the nodes of a pool.
pub(super) fn placed(
    context: &Context<'_>,
    workload: &Workload,
    pool: Id<Pool>,
    nodes: &Nodes<'_>,
) -> PodSpec {
    let mut tolerations = Vec::new();
    if nodes.shape.gpus > 0.0 {
        tolerations.push(nodes.gpu_toleration());
    }
    if context.may_be_spot(workload, pool) {
        tolerations.push(nodes.spot_toleration());
    }
    PodSpec {
        node_selector: nodes.selector(),
        priority_class_name: workload.priority.map(|id| context.priority(id)),
        tolerations,
        ..PodSpec::default()
    }
}

/// The one container of a pod: it may take what it is promised.
pub(super) fn container(name: &str, asked: &Asked) -> Container {
    let resources = Resources { requests: asked.requests.clone(), limits: asked.requests.clone() };
    Container { name: name.to_owned(), image: image(name), resources }
}

/// A replica as the plan states it.
fn of_request(request: &Request, nodes: &Nodes<'_>) -> Asked {
    let mut asked = Asked { requests: Map::new(), said: Vec::new(), alone: false };
    for (key, estimate, text) in [
        ("cpu", &request.cores, amount::cores as fn(f64) -> String),
        ("memory", &request.memory_bytes, amount::bytes),
    ] {
        if let Some(estimate) = estimate {
            asked.requests.insert(key.to_owned(), text(estimate.median()));
            if !estimate.dist.is_fixed() {
                asked.said.push(format!("{key} is uncertain in the plan: this is its p50"));
            }
        }
    }
    if let Some(gpus) = request.gpus.as_ref().map(Estimate::median).filter(|gpus| *gpus > 0.0) {
        let whole = amount::up(gpus);
        asked.requests.insert(nodes.gpu_resource().to_owned(), whole.to_string());
        if (whole as f64 - gpus).abs() > 1e-9 {
            asked.said.push(format!("the plan counts {gpus} GPU: a pod takes whole ones; share them to get what is planned"));
        }
    }
    asked
}

/// A pod that stands for one GPU, or for one node, whose capacity the plan states.
fn of_capacity(per: CapacityPer, nodes: &Nodes<'_>) -> Asked {
    let gpus = match per {
        CapacityPer::Gpu => 1,
        CapacityPer::Node => amount::up(nodes.shape.gpus),
    };
    let mut requests = Map::new();
    if gpus > 0 {
        requests.insert(nodes.gpu_resource().to_owned(), gpus.to_string());
    }
    let of = match per {
        CapacityPer::Gpu => "GPU",
        CapacityPer::Node => "node",
    };
    let said = format!(
        "the plan states the capacity of one {of}: add cpu and memory, if a pod needs them promised"
    );
    Asked { requests, said: vec![said], alone: per == CapacityPer::Node && gpus == 0 }
}

/// A pod that asks for so many GPUs or cores of a run.
pub(super) fn of_run(resource: &str, count: u64) -> Asked {
    let requests = Map::from([(resource.to_owned(), count.to_string())]);
    Asked { requests, said: Vec::new(), alone: false }
}
