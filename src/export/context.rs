//! What every object of an export draws on: names, labels, where a pool's pods go.

use crate::capacity::need::InstanceChoice;
use crate::ids::{Id, Named};
use crate::kubernetes::name::{CRON_JOB, LABEL, Names, label, label_value};
use crate::kubernetes::object::{LabelSelector, Map, Metadata};
use crate::kubernetes::pod::Toleration;
use crate::plan::catalog::NodeShape;
use crate::plan::pool::PoolSupply;
use crate::plan::price::Purchase;
use crate::plan::{GpuModel, Plan, Pool, Priority, Quota, Team, Workload};
use crate::source::Span;

use super::Source;

/// The label that says which workload of the plan a pod is of.
pub(super) const WORKLOAD: &str = "app.kubernetes.io/name";
/// The label of nodes that says their instance type.
pub(super) const INSTANCE_TYPE: &str = "node.kubernetes.io/instance-type";

/// A source with its names.
pub(super) struct Context<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) plan: &'a Plan,
    teams: Names,
    pub(super) workloads: Names,
    /// By `workload/run`.
    pub(super) runs: Names,
    pub(super) priorities: Names,
    pub(super) quotas: Names,
    pub(super) cohorts: Names,
    pub(super) pools: Names,
}

/// The nodes that the pods of a pool run on.
pub(super) struct Nodes<'a> {
    /// The instance type, or the owned hardware.
    pub(super) name: &'a str,
    /// What one offers.
    pub(super) shape: NodeShape,
    /// Its GPUs.
    pub(super) gpu: Option<&'a GpuModel>,
    /// Who offers it; none for owned hardware.
    pub(super) provider: Option<&'a str>,
}

fn names<T: Named>(items: &[T]) -> impl Iterator<Item = &str> {
    items.iter().map(Named::name)
}

impl<'a> Context<'a> {
    pub(super) fn of(source: &'a Source<'a>) -> Self {
        let plan = source.plan;
        let runs: Vec<String> = plan
            .workloads
            .items()
            .iter()
            .flat_map(|workload| workload.runs.iter().map(|run| run_key(workload, &run.name)))
            .collect();
        Self {
            source,
            plan,
            teams: Names::of(names(plan.teams.items()), LABEL),
            workloads: Names::of(names(plan.workloads.items()), LABEL),
            runs: Names::of(runs.iter().map(String::as_str), CRON_JOB),
            priorities: Names::of(names(plan.priorities.items()), LABEL),
            quotas: Names::of(names(plan.quotas.items()), LABEL),
            cohorts: Names::of(names(plan.cohorts.items()), LABEL),
            pools: Names::of(names(plan.pools.items()), LABEL),
        }
    }

    /// The place of a node of the plan, its word and its name: `plan.kdl:12 workload "search-rerank"`.
    pub(super) fn line(&self, origin: Span, word: &str, name: &str) -> String {
        format!("{} {word} \"{name}\"", (self.source.place)(origin))
    }

    /// What was named otherwise than the plan names it.
    pub(super) fn renamed(&self) -> Vec<String> {
        let kinds = [
            ("team", &self.teams),
            ("workload", &self.workloads),
            ("priority", &self.priorities),
            ("quota", &self.quotas),
            ("cohort", &self.cohorts),
            ("pool", &self.pools),
        ];
        let kinds = kinds.into_iter();
        let changed = kinds.flat_map(|(word, names)| names.changed().map(move |pair| (word, pair)));
        changed
            .map(|(word, (original, name))| {
                format!("{word} `{original}` is named `{name}`: Kubernetes takes at most 63 of a-z, 0-9 and `-`")
            })
            .collect()
    }

    /// The namespace of a team.
    pub(super) fn namespace(&self, team: Id<Team>) -> String {
        match self.source.namespace {
            Some(name) => label(name, LABEL),
            None => self.teams.get(&self.plan.teams[team].name),
        }
    }

    /// The labels of a workload's objects.
    pub(super) fn labels(&self, workload: &Workload) -> Map {
        let mut labels = Map::from([
            (WORKLOAD.to_owned(), self.workloads.get(&workload.name)),
            ("app.kubernetes.io/managed-by".to_owned(), "capplan".to_owned()),
        ]);
        let mut put = |key: &str, value: Option<&str>| {
            let value = value.map(label_value).filter(|value| !value.is_empty());
            labels.extend(value.map(|value| (key.to_owned(), value)));
        };
        put("team", Some(&self.plan.teams[workload.team].name));
        put("project", workload.project.map(|id| self.plan.projects[id].name.as_str()));
        put("environment", workload.environment.map(|id| self.plan.environments[id].name.as_str()));
        put("pool", workload.pool.map(|id| self.plan.pools[id].name.as_str()));
        labels
    }

    /// The metadata of a workload's object.
    pub(super) fn metadata(&self, workload: &Workload, name: String) -> Metadata {
        let namespace = Some(self.namespace(workload.team));
        Metadata { name, namespace, labels: self.labels(workload), ..Metadata::default() }
    }

    /// The pods of a workload.
    pub(super) fn selector(&self, workload: &Workload) -> LabelSelector {
        let label = (WORKLOAD.to_owned(), self.workloads.get(&workload.name));
        LabelSelector { match_labels: Map::from([label]), ..LabelSelector::default() }
    }

    /// The name of the class of a priority.
    pub(super) fn priority(&self, id: Id<Priority>) -> String {
        self.priorities.get(&self.plan.priorities[id].name)
    }

    /// The nodes of a pool; none where it is storage.
    pub(super) fn nodes(&self, pool: Id<Pool>) -> Option<Nodes<'a>> {
        let plan = self.plan;
        let gpu = |id: Option<Id<GpuModel>>| id.map(|id| &plan.gpus[id]);
        match &plan.pools[pool].supply {
            PoolSupply::Storage(_) => None,
            PoolSupply::Owned(id) => {
                let owned = &plan.owned[*id];
                let (shape, gpu) = (owned.shape, gpu(owned.gpu));
                Some(Nodes { name: &owned.name, shape, gpu, provider: None })
            }
            PoolSupply::Instances(candidates) => {
                let choice = self.source.choices.iter().find(|choice| choice.pool == pool);
                let chosen = choice.and_then(InstanceChoice::chosen).unwrap_or(0);
                let instance = &plan.instances[candidates.get(chosen)?.instance];
                Some(Nodes {
                    name: &instance.name,
                    shape: instance.shape,
                    gpu: gpu(instance.gpu),
                    provider: Some(&plan.providers[instance.provider].name),
                })
            }
        }
    }

    /// The quota through which a team's runs enter a pool.
    pub(super) fn quota(&self, team: Id<Team>, pool: Id<Pool>) -> Option<&'a Quota> {
        let serves = |quota: &&Quota| {
            quota.teams.contains(&team) && quota.grants.iter().any(|grant| grant.pool == pool)
        };
        self.plan.quotas.items().iter().find(serves)
    }

    /// Whether a workload may be put on spot nodes of its pool.
    pub(super) fn may_be_spot(&self, workload: &Workload, pool: Id<Pool>) -> bool {
        let pool = &self.plan.pools[pool];
        let bought = pool.buy.as_ref().is_some_and(|buy| buy.contains(&Purchase::Spot));
        workload.interruptible && (bought || pool.start.contains_key(&Purchase::Spot))
    }
}

/// The key of a run among all runs.
pub(super) fn run_key(workload: &Workload, run: &str) -> String {
    format!("{}-{run}", workload.name)
}

impl Nodes<'_> {
    /// The labels that choose such nodes.
    pub(super) fn selector(&self) -> Map {
        // An owned cluster's name is the plan's own; a cloud's type is the label's value as it stands.
        Map::from([(INSTANCE_TYPE.to_owned(), label_value(self.name))])
    }

    /// The name of its GPUs as a resource.
    pub(super) fn gpu_resource(&self) -> &'static str {
        self.gpu.map_or("nvidia.com/gpu", |gpu| gpu_resource(&gpu.name))
    }

    /// The taint that keeps others off nodes with GPUs.
    pub(super) fn gpu_toleration(&self) -> Toleration {
        let key = self.gpu_resource().to_owned();
        Toleration { key, operator: "Exists", value: None, effect: "NoSchedule" }
    }

    /// The taint of spot nodes, as the provider's own tools set it.
    pub(super) fn spot_toleration(&self) -> Toleration {
        let provider = self.provider.unwrap_or_default();
        let (key, value) = if provider.contains("gcp") || provider.contains("google") {
            ("cloud.google.com/gke-spot", "true")
        } else if provider.contains("azure") {
            ("kubernetes.azure.com/scalesetpriority", "spot")
        } else {
            ("karpenter.sh/capacity-type", "spot")
        };
        let (key, value) = (key.to_owned(), Some(value.to_owned()));
        Toleration { key, operator: "Equal", value, effect: "NoSchedule" }
    }
}

/// The resource under which a vendor's device plugin offers its GPUs, by the model's name.
pub(super) fn gpu_resource(model: &str) -> &'static str {
    let model = model.to_ascii_lowercase();
    let starts = |heads: &[&str]| heads.iter().any(|head| model.starts_with(head));
    if starts(&["mi100", "mi2", "mi3", "mi4", "amd", "radeon"]) {
        "amd.com/gpu"
    } else if starts(&["gaudi", "habana"]) {
        "habana.ai/gaudi"
    } else if starts(&["trainium", "trn", "inferentia", "inf1", "inf2"]) {
        "aws.amazon.com/neuron"
    } else if starts(&["tpu"]) {
        "google.com/tpu"
    } else {
        "nvidia.com/gpu"
    }
}
