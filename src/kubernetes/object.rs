//! What every object has: its version, kind and metadata; and the small objects without a room of their own.

use std::collections::BTreeMap;

use serde::Serialize;

/// Labels, selectors, amounts of resources: names and what belongs to them.
pub type Map = BTreeMap<String, String>;

/// An object with a `spec`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Object<S> {
    /// `apiVersion`.
    pub api_version: &'static str,
    /// `kind`.
    pub kind: &'static str,
    /// `metadata`.
    pub metadata: Metadata,
    /// What else it says: a [`Spec`], or fields at its top.
    #[serde(flatten)]
    pub body: S,
}

/// A body under `spec`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Spec<S> {
    /// `spec`.
    pub spec: S,
}

impl<S> Object<Spec<S>> {
    /// An object whose body is its `spec`.
    pub fn of(api_version: &'static str, kind: &'static str, metadata: Metadata, spec: S) -> Self {
        Self { api_version, kind, metadata, body: Spec { spec } }
    }
}

/// The metadata of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// Its name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its namespace; none for what belongs to the cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its labels.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub labels: Map,
    /// What controllers read of it.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub annotations: Map,
}

/// A body of nothing, for namespaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Nothing {}

/// The body of a `PriorityClass`, or of Kueue's `WorkloadPriorityClass`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PriorityBody {
    /// The greater goes first.
    pub value: i32,
    /// For people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A selector by labels that must all be equal, or by expressions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LabelSelector {
    /// Labels and their values.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub match_labels: Map,
    /// Expressions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub match_expressions: Vec<Requirement>,
}

/// One expression of a selector.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Requirement {
    /// The label.
    pub key: String,
    /// `In`.
    pub operator: &'static str,
    /// The values.
    pub values: Vec<String>,
}

/// The spec of a `PodDisruptionBudget`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DisruptionBudget {
    /// The most pods that may be taken at once.
    pub max_unavailable: u32,
    /// Whose.
    pub selector: LabelSelector,
}

/// The spec of a `ResourceQuota`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResourceQuota {
    /// The most of each.
    pub hard: Map,
}

/// The spec of a `LimitRange`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitRange {
    /// Its rows.
    pub limits: Vec<LimitRow>,
}

/// One row of a `LimitRange`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LimitRow {
    /// `Container`.
    #[serde(rename = "type")]
    pub of: &'static str,
    /// The limits of a container that states none.
    pub default: Map,
    /// The requests of a container that states none.
    pub default_request: Map,
    /// The most a container may state.
    pub max: Map,
}
