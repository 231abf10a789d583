//! Quotas, cohorts and priorities as Kueue's objects (v1beta2).
//!
//! A quota is a `ClusterQueue`, a pool it grants a `ResourceFlavor`, each of its teams a `LocalQueue`. What
//! schemas cannot say and Kueue refuses is kept here: limits of borrowing and lending only where there is
//! somebody to borrow from, never more lent than guaranteed; every flavour of a group states every resource
//! of the group, in one order; a resource and a flavour stand in one group only.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::ids::Id;
use crate::kubernetes::object::{LabelSelector, Map, Metadata, Object, Requirement, Spec};
use crate::kubernetes::pod::Toleration;
use crate::kubernetes::write::Manifest;
use crate::plan::quota::{QuotaGrant, Whose};
use crate::plan::{Cohort, Pool, Quota};

use super::context::Context;
use super::{Export, Source, amount, limits};

const API: &str = "kueue.x-k8s.io/v1beta2";

/// The most flavours that a group of Kueue may hold.
const MOST_FLAVORS: usize = 64;

/// The spec of a `ClusterQueue`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterQueue {
    /// Its cohort.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cohort_name: Option<String>,
    /// Its weight.
    pub fair_sharing: FairSharing,
    /// What it tries first.
    pub flavor_fungibility: FlavorFungibility,
    /// Whose jobs it takes.
    pub namespace_selector: LabelSelector,
    /// Whose jobs may be stopped for its own.
    pub preemption: Preemption,
    /// `BestEffortFIFO`.
    pub queueing_strategy: &'static str,
    /// What it grants.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resource_groups: Vec<ResourceGroup>,
}

/// A weight in fair sharing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FairSharing {
    /// The weight.
    pub weight: String,
}

/// What a queue tries first: the next flavour, or borrowing and preempting in this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FlavorFungibility {
    /// Where a job fits by borrowing.
    pub when_can_borrow: &'static str,
    /// Where a job fits by preempting.
    pub when_can_preempt: &'static str,
}

/// Whose jobs may be stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preemption {
    /// Those that borrow what it lends.
    pub reclaim_within_cohort: &'static str,
    /// Those of others while it borrows itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub borrow_within_cohort: Option<BorrowWithinCohort>,
    /// Its own.
    pub within_cluster_queue: &'static str,
}

/// Whose jobs may be stopped while a queue borrows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BorrowWithinCohort {
    /// `LowerPriority`.
    pub policy: &'static str,
    /// Only those of at most this priority.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_priority_threshold: Option<i32>,
}

/// Resources that are granted together, in several flavours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceGroup {
    /// The resources, in the order in which every flavour states them.
    pub covered_resources: Vec<String>,
    /// The flavours, in the order in which they are tried.
    pub flavors: Vec<FlavorQuotas>,
}

/// What is granted in one flavour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlavorQuotas {
    /// The flavour.
    pub name: String,
    /// What of it, resource by resource.
    pub resources: Vec<ResourceQuota>,
}

/// What is granted of one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceQuota {
    /// The resource.
    pub name: String,
    /// Guaranteed.
    pub nominal_quota: String,
    /// May be borrowed above it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub borrowing_limit: Option<String>,
    /// May be lent of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lending_limit: Option<String>,
}

/// The spec of a `Cohort`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct CohortSpec {
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_name: Option<String>,
    fair_sharing: FairSharing,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resource_groups: Vec<ResourceGroup>,
}

/// The spec of a `ResourceFlavor`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct FlavorSpec {
    node_labels: Map,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tolerations: Vec<Toleration>,
}

/// The spec of a `LocalQueue`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct LocalQueue {
    cluster_queue: String,
}

/// Everything that Kueue is told.
#[must_use]
pub fn kueue(source: &Source<'_>) -> Export {
    let context = Context::of(source);
    let plan = source.plan;
    let mut export = Export { notes: context.renamed(), ..Export::default() };
    if plan.quotas.is_empty() {
        export.notes.push("the plan has no `quota`: there is no queue to export".to_owned());
    }
    let classes = plan
        .priorities
        .ids()
        .map(|id| limits::class(&context, id, API, "WorkloadPriorityClass", &mut export.notes));
    let classes = classes.collect();
    let own = plan.quotas.items().iter().flat_map(|quota| &quota.grants);
    let shared = plan.cohorts.items().iter().flat_map(|cohort| &cohort.grants);
    let granted: BTreeSet<Id<Pool>> = own.chain(shared).map(|grant| grant.pool).collect();
    let flavors = granted.into_iter().filter_map(|pool| flavor(&context, pool)).collect();
    let cohorts: Vec<Manifest> =
        plan.cohorts.items().iter().map(|one| cohort(&context, one, &mut export.notes)).collect();
    let queues: Vec<Manifest> =
        plan.quotas.items().iter().map(|quota| queue(&context, quota, &mut export.notes)).collect();
    let local =
        plan.quotas.items().iter().flat_map(|quota| local_queues(&context, quota)).collect();
    export.add("00-flavors.yaml", flavors);
    export.add("00-priorities.yaml", classes);
    export.add("10-cohorts.yaml", cohorts);
    export.add("20-cluster-queues.yaml", queues);
    export.add("30-local-queues.yaml", local);
    export
}

fn of_cluster(name: String) -> Metadata {
    Metadata { name, ..Metadata::default() }
}

fn flavor(context: &Context<'_>, id: Id<Pool>) -> Option<Manifest> {
    let pool = &context.plan.pools[id];
    let nodes = context.nodes(id)?;
    let tolerations = if nodes.shape.gpus > 0.0 { vec![nodes.gpu_toleration()] } else { vec![] };
    let mut comments = vec![context.line(pool.origin, "pool", &pool.name)];
    if nodes.provider.is_none() {
        comments.push(format!(
            "owned nodes need the label: kubectl label node NODE {}={}",
            super::context::INSTANCE_TYPE,
            nodes.name
        ));
    }
    let spec = FlavorSpec { node_labels: nodes.selector(), tolerations };
    let metadata = of_cluster(context.pools.get(&pool.name));
    Some(Manifest::new(&Object::of(API, "ResourceFlavor", metadata, spec), comments))
}

fn weight(weight: f64) -> FairSharing {
    FairSharing { weight: amount::weight(weight) }
}

fn cohort(context: &Context<'_>, cohort: &Cohort, notes: &mut Vec<String>) -> Manifest {
    let parent = cohort.parent.map(|id| context.cohorts.get(&context.plan.cohorts[id].name));
    let of = Grantor {
        kind: "cohort",
        name: &cohort.name,
        grants: &cohort.grants,
        borrows: parent.is_some(),
    };
    let spec = CohortSpec {
        resource_groups: groups(context, of, notes),
        parent_name: parent,
        fair_sharing: weight(cohort.weight),
    };
    let metadata = of_cluster(context.cohorts.get(&cohort.name));
    let line = context.line(cohort.origin, "cohort", &cohort.name);
    Manifest::new(&Object::of(API, "Cohort", metadata, spec), vec![line])
}

fn queue(context: &Context<'_>, quota: &Quota, notes: &mut Vec<String>) -> Manifest {
    let spaces: BTreeSet<String> =
        quota.teams.iter().map(|team| context.namespace(*team)).collect();
    let selector = LabelSelector {
        match_expressions: vec![Requirement {
            key: "kubernetes.io/metadata.name".to_owned(),
            operator: "In",
            values: spaces.into_iter().collect(),
        }],
        ..LabelSelector::default()
    };
    let of = Grantor {
        kind: "quota",
        name: &quota.name,
        grants: &quota.grants,
        borrows: quota.cohort.is_some(),
    };
    let spec = ClusterQueue {
        cohort_name: quota.cohort.map(|id| context.cohorts.get(&context.plan.cohorts[id].name)),
        fair_sharing: weight(quota.weight),
        flavor_fungibility: FlavorFungibility {
            when_can_borrow: "MayStopSearch",
            when_can_preempt: "TryNextFlavor",
        },
        namespace_selector: selector,
        preemption: preemption(context, quota, notes),
        queueing_strategy: "BestEffortFIFO",
        resource_groups: groups(context, of, notes),
    };
    let covered: BTreeSet<&str> = spec
        .resource_groups
        .iter()
        .flat_map(|g| &g.covered_resources)
        .map(String::as_str)
        .collect();
    let mut comments = vec![context.line(quota.origin, "quota", &quota.name)];
    let left_out: Vec<&str> =
        ["cpu", "memory"].into_iter().filter(|name| !covered.contains(name)).collect();
    if !covered.is_empty() && !left_out.is_empty() {
        comments.push(format!(
            "grants no {}: Kueue admits a job that asks for it only if its configuration has \
             resources.excludeResourcePrefixes: [{}]",
            left_out.join(" and no "),
            left_out.join(", ")
        ));
    }
    if (quota.weight - 1.0).abs() > 1e-9 {
        comments.push("weights count once Kueue's configuration turns fairSharing on".to_owned());
    }
    let metadata = of_cluster(context.quotas.get(&quota.name));
    let object: Object<Spec<ClusterQueue>> = Object::of(API, "ClusterQueue", metadata, spec);
    Manifest::new(&object, comments)
}

/// Whose jobs may be stopped. Kueue refuses `borrowWithinCohort` where nothing is reclaimed.
fn preemption(context: &Context<'_>, quota: &Quota, notes: &mut Vec<String>) -> Preemption {
    let own = quota.preemption;
    let reclaims = own.reclaim_within_cohort != Whose::Nobody;
    let borrows = own.borrow_within_cohort != Whose::Nobody;
    if borrows && !reclaims {
        notes.push(format!(
            "quota `{}`: `borrow-within-cohort` is left out: Kueue takes it only beside `reclaim-within-cohort`",
            quota.name
        ));
    }
    let most = own.borrow_max_priority.map(|id| limits::rank(context.plan.priorities[id].rank));
    let borrow = BorrowWithinCohort { policy: "LowerPriority", max_priority_threshold: most };
    Preemption {
        reclaim_within_cohort: word(own.reclaim_within_cohort),
        borrow_within_cohort: (borrows && reclaims).then_some(borrow),
        within_cluster_queue: word(own.within_queue),
    }
}

fn word(whose: Whose) -> &'static str {
    match whose {
        Whose::Nobody => "Never",
        Whose::LowerPriority => "LowerPriority",
        Whose::LowerOrNewerEqualPriority => "LowerOrNewerEqualPriority",
        Whose::Any => "Any",
    }
}

/// What a quota grants in one pool, by the name of the resource.
type OfPool<'a> = BTreeMap<String, &'a QuotaGrant>;

/// Resources that are granted together, and the pools that grant any of them.
type Group<'a> = (BTreeSet<String>, BTreeMap<Id<Pool>, OfPool<'a>>);

/// Who grants: a quota, or a cohort to all its members.
#[derive(Debug, Clone, Copy)]
struct Grantor<'a> {
    kind: &'static str,
    name: &'a str,
    grants: &'a [QuotaGrant],
    /// Whether there is somebody to borrow from: only then Kueue takes limits.
    borrows: bool,
}

/// The groups of a quota or cohort: pools that grant a common resource stand in one.
fn groups(context: &Context<'_>, of: Grantor<'_>, notes: &mut Vec<String>) -> Vec<ResourceGroup> {
    let mut pools: BTreeMap<Id<Pool>, OfPool<'_>> = BTreeMap::new();
    for grant in of.grants {
        let Some(nodes) = context.nodes(grant.pool) else { continue };
        let name = match grant.resource.as_str() {
            "gpu" => nodes.gpu_resource(),
            other => other,
        };
        // The first is the one that holds from the beginning.
        pools.entry(grant.pool).or_default().entry(name.to_owned()).or_insert(grant);
    }
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (pool, grants) in pools {
        let own: BTreeSet<String> = grants.keys().cloned().collect();
        let (touching, apart): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|(covered, _)| !covered.is_disjoint(&own));
        groups = apart;
        let mut joined = (own, BTreeMap::from([(pool, grants)]));
        for (covered, pools) in touching {
            joined.0.extend(covered);
            joined.1.extend(pools);
        }
        groups.push(joined);
    }
    groups.sort_by(|a, b| a.0.cmp(&b.0));
    groups.into_iter().map(|group| one_group(context, of, group, notes)).collect()
}

fn one_group(
    context: &Context<'_>,
    of: Grantor<'_>,
    (covered, pools): Group<'_>,
    notes: &mut Vec<String>,
) -> ResourceGroup {
    if pools.len() > MOST_FLAVORS {
        notes.push(format!(
            "{} `{}` grants in {} pools: Kueue takes {MOST_FLAVORS} flavours in a group, and these are the first",
            of.kind,
            of.name,
            pools.len()
        ));
    }
    let mut flavors = Vec::new();
    for (pool, grants) in pools.into_iter().take(MOST_FLAVORS) {
        let name = &context.plan.pools[pool].name;
        let resources = covered.iter().map(|resource| {
            if let Some(grant) = grants.get(resource) {
                return granted(of, resource, grant);
            }
            notes.push(format!(
                "{} `{}` grants {resource} in another pool and none in `{name}`: Kueue wants an amount for each, \
                 so it is 0 there",
                of.kind, of.name
            ));
            nothing(of, resource)
        });
        let resources = resources.collect();
        flavors.push(FlavorQuotas { name: context.pools.get(name), resources });
    }
    ResourceGroup { covered_resources: covered.into_iter().collect(), flavors }
}

/// A grant; limits only where there is a cohort, and never more lent than guaranteed.
fn granted(of: Grantor<'_>, resource: &str, grant: &QuotaGrant) -> ResourceQuota {
    let text = |value: f64| match resource {
        "cpu" => amount::cores(value),
        "memory" => amount::bytes(value),
        _ => amount::up(value).to_string(),
    };
    let limit = |limit: Option<f64>| limit.filter(|_| of.borrows).map(text);
    ResourceQuota {
        name: resource.to_owned(),
        nominal_quota: text(grant.nominal),
        borrowing_limit: limit(grant.borrowing_limit),
        lending_limit: limit(grant.lending_limit.map(|lent| lent.min(grant.nominal))),
    }
}

/// Nothing guaranteed, and nothing to be borrowed.
fn nothing(of: Grantor<'_>, resource: &str) -> ResourceQuota {
    ResourceQuota {
        name: resource.to_owned(),
        nominal_quota: "0".to_owned(),
        borrowing_limit: of.borrows.then(|| "0".to_owned()),
        lending_limit: None,
    }
}

fn local_queues(context: &Context<'_>, quota: &Quota) -> Vec<Manifest> {
    let mut spaces: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for team in &quota.teams {
        let of_team = &context.plan.teams[*team];
        let line = context.line(of_team.origin, "team", &of_team.name);
        spaces.entry(context.namespace(*team)).or_default().push(line);
    }
    let name = context.quotas.get(&quota.name);
    let of_space = |(space, lines): (String, Vec<String>)| {
        let metadata =
            Metadata { name: name.clone(), namespace: Some(space), ..Metadata::default() };
        let spec = LocalQueue { cluster_queue: name.clone() };
        let mut comments = vec![context.line(quota.origin, "quota", &quota.name)];
        comments.extend(lines);
        Manifest::new(&Object::of(API, "LocalQueue", metadata, spec), comments)
    };
    spaces.into_iter().map(of_space).collect()
}
