//! Pods and what makes them: deployments, jobs, cron jobs. As much of each as a plan can say.

use serde::Serialize;

use crate::kubernetes::object::{LabelSelector, Map, Metadata};

/// The spec of a `Deployment`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deployment {
    /// How many pods.
    pub replicas: u64,
    /// Whose.
    pub selector: LabelSelector,
    /// How they are replaced.
    pub strategy: Strategy,
    /// What each is.
    pub template: PodTemplate,
}

/// How the pods of a deployment are replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Strategy {
    /// `RollingUpdate`.
    #[serde(rename = "type")]
    pub of: &'static str,
    /// How many at once.
    pub rolling_update: RollingUpdate,
}

/// How many pods are replaced at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RollingUpdate {
    /// More than wanted.
    pub max_surge: u64,
    /// Fewer than wanted.
    pub max_unavailable: u64,
}

/// A pod that is made again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PodTemplate {
    /// Its labels.
    pub metadata: Metadata,
    /// What it is.
    pub spec: PodSpec,
}

/// A pod.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodSpec {
    /// Which pods it keeps away from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub affinity: Option<Affinity>,
    /// Its containers.
    pub containers: Vec<Container>,
    /// Labels of the nodes it runs on.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub node_selector: Map,
    /// Its priority class.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority_class_name: Option<String>,
    /// `Never` in jobs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart_policy: Option<&'static str>,
    /// Taints it stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tolerations: Vec<Toleration>,
    /// Over what its like are spread.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topology_spread_constraints: Vec<TopologySpread>,
}

/// A container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// What it asks for.
    pub resources: Resources,
}

/// What a container asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Resources {
    /// What it is promised.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub requests: Map,
    /// What it may take at most.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub limits: Map,
}

/// A taint that a pod stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Toleration {
    /// The taint's key.
    pub key: String,
    /// `Exists` or `Equal`.
    pub operator: &'static str,
    /// The taint's value, for `Equal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// `NoSchedule`.
    pub effect: &'static str,
}

/// How the like of a pod are spread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TopologySpread {
    /// The most by which two domains may differ.
    pub max_skew: u32,
    /// In how many domains at least.
    pub min_domains: u32,
    /// The label whose values are domains.
    pub topology_key: &'static str,
    /// `DoNotSchedule`.
    pub when_unsatisfiable: &'static str,
    /// Which pods count.
    pub label_selector: LabelSelector,
}

/// Which pods a pod keeps away from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Affinity {
    /// `podAntiAffinity`.
    pub pod_anti_affinity: AntiAffinity,
}

/// Pods that never share a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AntiAffinity {
    /// The rules.
    pub required_during_scheduling_ignored_during_execution: Vec<AffinityTerm>,
}

/// One rule of keeping away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AffinityTerm {
    /// Which pods.
    pub label_selector: LabelSelector,
    /// The label whose values are domains.
    pub topology_key: &'static str,
}

/// The spec of a `Job`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// `Indexed`: every pod knows its place.
    pub completion_mode: &'static str,
    /// How many pods must end well.
    pub completions: u64,
    /// How many run at once.
    pub parallelism: u64,
    /// Whether it waits to be admitted.
    pub suspend: bool,
    /// What each pod is.
    pub template: PodTemplate,
}

/// The spec of a `CronJob`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CronJob {
    /// What to do while the last still runs: `Allow`.
    pub concurrency_policy: &'static str,
    /// The job it makes.
    pub job_template: JobTemplate,
    /// When, as cron says it.
    pub schedule: String,
    /// Whether it waits to be started by hand.
    pub suspend: bool,
    /// The time zone of `schedule`.
    pub time_zone: &'static str,
}

/// A job that is made again and again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobTemplate {
    /// Its labels.
    pub metadata: Metadata,
    /// What it is.
    pub spec: Job,
}
