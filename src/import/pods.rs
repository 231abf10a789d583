//! A pod template: what it asks for, and where it goes.

use super::field::{Field, Object};
use super::{Draft, blank, supply};

/// Resources of GPUs and their like.
pub(super) const GPUS: &[&str] = &[
    "nvidia.com/gpu",
    "amd.com/gpu",
    "gpu.intel.com/i915",
    "habana.ai/gaudi",
    "aws.amazon.com/neuron",
    "google.com/tpu",
];

/// What one pod asks for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Asked {
    /// Thousandths of a core.
    pub(super) cpu: i64,
    /// Bytes.
    pub(super) memory: i64,
    /// GPUs.
    pub(super) gpus: i64,
}

/// A pod.
pub(super) struct Pod {
    pub(super) asked: Asked,
    /// The pool it runs in, where anything says so.
    pub(super) pool: Option<String>,
    pub(super) priority: Option<String>,
}

impl Asked {
    fn sum(self, other: Self) -> Self {
        Self {
            cpu: self.cpu + other.cpu,
            memory: self.memory + other.memory,
            gpus: self.gpus + other.gpus,
        }
    }

    fn largest(self, other: Self) -> Self {
        Self {
            cpu: self.cpu.max(other.cpu),
            memory: self.memory.max(other.memory),
            gpus: self.gpus.max(other.gpus),
        }
    }
}

/// Reads a pod template of an object.
pub(super) fn pod(object: &Object, template: &Field<'_>, draft: &mut Draft) -> Pod {
    let spec = template.get("spec");
    let asked = asked(&spec);
    let labels = template.get("metadata").get("labels");
    for name in labels.names() {
        // A copy of the object's own label says nothing more.
        if object.label(&name) == labels.get(&name).peek() {
            labels.get(&name).done();
        }
    }
    let priority = spec.get("priorityClassName").text();
    let pool = pool(object, &spec, asked.gpus > 0, draft);
    if let Some(pool) = &pool {
        let pools = draft.pools_of_namespace.entry(object.namespace.clone()).or_default();
        pools.insert(pool.clone());
        if asked.gpus > 0 {
            draft.pools.entry(pool.clone()).or_default().has_gpus = true;
        }
    }
    Pod { asked, pool, priority }
}

/// What a pod is promised: its containers and sidecars together, or its largest step of beginning.
fn asked(spec: &Field<'_>) -> Asked {
    let containers = spec.get("containers").items();
    let mut together = containers.iter().map(of_container).fold(Asked::default(), Asked::sum);
    let mut largest = Asked::default();
    for container in spec.get("initContainers").items() {
        let own = of_container(&container);
        if container.get("restartPolicy").peek().as_deref() == Some("Always") {
            container.get("restartPolicy").done();
            together = together.sum(own);
        } else {
            largest = largest.largest(own);
        }
    }
    together.largest(largest)
}

/// Requests, or limits where a request is not stated.
fn of_container(container: &Field<'_>) -> Asked {
    let resources = container.get("resources");
    let (requests, limits) = (resources.get("requests"), resources.get("limits"));
    let stated = |name: &str| {
        let (request, limit) = (requests.get(name), limits.get(name));
        // A limit above the request changes no figure of a plan, and stays among the lost.
        if request.peek().is_some() && request.peek() == limit.peek() {
            limit.done();
        }
        request.quantity().or_else(|| limit.quantity())
    };
    Asked {
        cpu: stated("cpu").map_or(0, |cpu| cpu.milli()),
        memory: stated("memory").map_or(0, |memory| blank::whole(&memory)),
        gpus: GPUS.iter().filter_map(|name| stated(name)).map(|gpus| blank::whole(&gpus)).sum(),
    }
}

/// The pool of a pod: by capplan's label, by the labels of nodes it selects, or the only one that suits.
fn pool(object: &Object, spec: &Field<'_>, gpus: bool, draft: &mut Draft) -> Option<String> {
    let selector = spec.get("nodeSelector");
    let instance = selector.get(supply::INSTANCE_TYPE).text();
    let own = object.label("pool").filter(|_| object.is_ours()).map(|name| blank::plan_name(&name));
    let group = supply::GROUPS.iter().find_map(|label| selector.get(label).text());
    let group = group.map(|name| blank::plan_name(&name));
    if let Some(name) = own.or(group) {
        let pool = draft.pools.entry(name.clone()).or_default();
        pool.instances.extend(instance);
        pool.seen(&object.from);
        return Some(name);
    }
    if let Some(instance) = instance {
        return Some(supply::pool_of_instance(draft, &instance, &object.from));
    }
    let mut suiting = draft.pools.iter().filter(|(_, pool)| pool.has_gpus == gpus);
    match (suiting.next(), suiting.next()) {
        (Some((only, _)), None) => Some(only.clone()),
        _ => None,
    }
}
