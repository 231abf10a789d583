//! Nodes of a cluster: instance types, and the pools they form.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::field::Object;
use super::pods::GPUS;
use super::{Draft, blank};

/// The label of a node's instance type.
pub(super) const INSTANCE_TYPE: &str = "node.kubernetes.io/instance-type";
/// Labels by which clouds and autoscalers group nodes.
pub(super) const GROUPS: &[&str] = &[
    "karpenter.sh/nodepool",
    "eks.amazonaws.com/nodegroup",
    "cloud.google.com/gke-nodepool",
    "kubernetes.azure.com/agentpool",
];
/// Labels of nodes that may be taken away, and their values.
const SPOT: &[(&str, &str)] = &[
    ("karpenter.sh/capacity-type", "spot"),
    ("eks.amazonaws.com/capacityType", "SPOT"),
    ("cloud.google.com/gke-spot", "true"),
    ("kubernetes.azure.com/scalesetpriority", "spot"),
];

/// An instance type.
#[derive(Debug, Default)]
pub(super) struct Instance {
    provider: String,
    region: Option<String>,
    /// The GPU model and how many.
    gpu: Option<(String, i64)>,
    /// Thousandths of a core.
    cpu: Option<i64>,
    memory: Option<i64>,
    from: String,
}

/// A pool of nodes.
#[derive(Debug, Default)]
pub(super) struct Pool {
    pub(super) instances: BTreeSet<String>,
    pub(super) has_gpus: bool,
    on_demand: u32,
    spot: u32,
    from: String,
}

impl Pool {
    pub(super) fn seen(&mut self, from: &str) {
        if self.from.is_empty() {
            from.clone_into(&mut self.from);
        }
    }
}

/// The pool of an instance type: the first that has it, or one of its name.
pub(super) fn pool_of_instance(draft: &mut Draft, instance: &str, from: &str) -> String {
    let known = draft.pools.iter().find(|(_, pool)| pool.instances.contains(instance));
    let name = known.map_or_else(|| blank::plan_name(instance), |(name, _)| name.clone());
    let pool = draft.pools.entry(name.clone()).or_default();
    pool.instances.insert(instance.to_owned());
    pool.seen(from);
    name
}

/// Reads the nodes of a cluster.
pub(super) fn nodes(objects: &[Object], draft: &mut Draft) {
    let mut count = 0;
    for object in objects.iter().filter(|object| object.is("", "Node")) {
        let Some(kind) = object.label(INSTANCE_TYPE) else {
            object.pass_over(format!("it has no label {INSTANCE_TYPE}"));
            continue;
        };
        object.at("metadata.labels").done();
        object.at("metadata.annotations").done();
        object.at("spec").done();
        count += 1;
        let instance = instance(object, draft);
        let has_gpus = instance.gpu.is_some();
        draft.instances.entry(kind.clone()).or_insert(instance);
        let group = GROUPS.iter().find_map(|label| object.label(label));
        let name = match group {
            Some(group) => blank::plan_name(&group),
            None => pool_of_instance(draft, &kind, &object.from),
        };
        let spot = SPOT.iter().any(|(label, value)| object.label(label).as_deref() == Some(value));
        let pool = draft.pools.entry(name).or_default();
        pool.instances.insert(kind);
        pool.has_gpus |= has_gpus;
        pool.seen(&object.from);
        if spot {
            pool.spot += 1;
        } else {
            pool.on_demand += 1;
        }
    }
    if count > 0 {
        draft.lost.push(format!(
            "{count} nodes: their taints, and labels that say neither type, group, region, GPU nor spot"
        ));
    }
}

fn instance(object: &Object, draft: &mut Draft) -> Instance {
    let capacity = object.at("status.capacity");
    let gpus = GPUS.iter().find_map(|name| Some((*name, capacity.get(name).quantity()?)));
    let gpu = gpus.map(|(resource, count)| (resource, blank::whole(&count)));
    let gpu = gpu.filter(|(_, count)| *count > 0).map(|(resource, count)| {
        let product = object.label("nvidia.com/gpu.product");
        let vendor = resource.split('.').next().unwrap_or("gpu");
        let model = blank::plan_name(&product.unwrap_or_else(|| vendor.to_owned()));
        let memory = object.label("nvidia.com/gpu.memory").and_then(|mib| mib.parse::<i64>().ok());
        let memory = memory.map(|mib| blank::bytes(mib.saturating_mul(1 << 20)));
        draft.gpus.insert(model.clone(), memory);
        (model, count)
    });
    let id = object.at("spec.providerID").text().unwrap_or_default();
    let provider = match id.split_once("://").map_or("", |(scheme, _)| scheme) {
        "" => "cloud".to_owned(),
        "gce" => "gcp".to_owned(),
        scheme => blank::plan_name(scheme),
    };
    Instance {
        provider,
        region: object.label("topology.kubernetes.io/region"),
        gpu,
        cpu: capacity.get("cpu").quantity().map(|cpu| cpu.milli()),
        memory: capacity.get("memory").quantity().map(|memory| blank::whole(&memory)),
        from: object.from.clone(),
    }
}

/// What the pools want of an instance type.
#[derive(Debug, Clone, Copy, Default)]
struct Wanted {
    gpus: bool,
    spot: bool,
}

/// GPU models and providers with their instance types, those of pods that no node shows among them.
pub(super) fn catalog(draft: &Draft) -> Vec<String> {
    let unknown = Instance { provider: "cloud".to_owned(), ..Instance::default() };
    let mut providers: BTreeMap<&str, BTreeMap<&str, (&Instance, Wanted)>> = BTreeMap::new();
    let mut some_gpu = false;
    for pool in draft.pools.values() {
        for name in &pool.instances {
            let instance = draft.instances.get(name).unwrap_or(&unknown);
            some_gpu |= pool.has_gpus && instance.gpu.is_none();
            let of_provider = providers.entry(&instance.provider).or_default();
            let (_, wanted) = of_provider.entry(name).or_insert((instance, Wanted::default()));
            wanted.gpus |= pool.has_gpus;
            wanted.spot |= pool.spot > 0;
        }
    }
    let mut texts: Vec<String> = Vec::new();
    for (model, memory) in &draft.gpus {
        texts.push(match memory {
            Some(memory) => format!("gpu \"{model}\" {{ memory {memory}; }}\n"),
            None => format!("gpu \"{model}\"\n"),
        });
    }
    if some_gpu {
        texts.push(blank::blank(
            0,
            "gpu \"gpu-model\" { memory \"… GB\"; }",
            "the model of the GPUs below, and a name",
        ));
    }
    for (provider, instances) in providers {
        let mut text = format!("provider \"{provider}\" {{\n");
        let regions: BTreeSet<&String> =
            instances.values().filter_map(|(instance, _)| instance.region.as_ref()).collect();
        for region in regions {
            let _ = writeln!(text, "    region {}", blank::quoted(region));
        }
        for (name, (instance, wanted)) in instances {
            text += &instance_text(name, instance, wanted);
        }
        text += "}\n";
        texts.push(text);
    }
    texts
}

fn instance_text(name: &str, instance: &Instance, wanted: Wanted) -> String {
    let open = format!("instance {} {{", blank::quoted(&blank::plan_name(name)));
    let mut text = blank::line(4, &open, &instance.from);
    match &instance.gpu {
        Some((model, count)) => {
            let _ = writeln!(text, "        gpu \"{model}\" count={count}");
        }
        None if wanted.gpus => {
            text += &blank::blank(8, "gpu \"gpu-model\" count=…", "how many GPUs one has");
        }
        None => {}
    }
    match instance.cpu {
        Some(cpu) => {
            let _ = writeln!(text, "        cpu {}", blank::cores(cpu));
        }
        None => text += &blank::blank(8, "cpu \"… core\"", "the cores of one"),
    }
    match instance.memory {
        Some(memory) => {
            let _ = writeln!(text, "        memory {}", blank::bytes(memory));
        }
        None => text += &blank::blank(8, "memory \"… GiB\"", "the memory of one"),
    }
    text += &blank::blank(8, "price on-demand \"… USD/hour\"", "what one costs");
    if wanted.spot {
        text +=
            &blank::blank(8, "price spot \"… USD/hour\"", "what one costs that may be taken away");
    }
    text + "    }\n"
}

/// The pools.
pub(super) fn pools(draft: &Draft) -> Vec<String> {
    draft.pools.iter().map(|(name, pool)| pool_text(draft, name, pool)).collect()
}

fn pool_text(draft: &Draft, name: &str, pool: &Pool) -> String {
    let mut text = blank::line(0, &format!("pool \"{name}\" {{"), &pool.from);
    for instance in &pool.instances {
        let region = draft.instances.get(instance).and_then(|known| known.region.as_ref());
        let region = region.map(|region| format!(" region={}", blank::quoted(region)));
        let plan_name = blank::quoted(&blank::plan_name(instance));
        let _ = writeln!(text, "    instance {plan_name}{}", region.unwrap_or_default());
    }
    if pool.instances.is_empty() {
        text +=
            &blank::blank(4, "instance \"…\"", "the type of its nodes, declared in a `provider`");
    }
    for (word, nodes) in [("on-demand", pool.on_demand), ("spot", pool.spot)] {
        if nodes > 0 {
            let _ = writeln!(text, "    start {word} {nodes}");
        }
    }
    text + "}\n"
}
