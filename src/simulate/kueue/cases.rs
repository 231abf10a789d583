//! Kueue's own unit tests as a table, where `CAPPLAN_SHARED` says where its cases lie.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::cluster::{
    Amount, BorrowWithinCohort, Cluster, CohortSpec, FlavorQuotas, Policy, Preemption, QueueSpec,
    Quota, ResourceGroup,
};
use super::preempt::{FairStrategy, Preemptor, Sharing, targets};
use super::share::share;
use super::snapshot::{Admission, PodSet, Snapshot, Workload};
use super::tree::{Tree, Usage};
use crate::ids::Id;

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    kind: String,
    input: Input,
    expect: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    cluster_queues: Vec<QueueIn>,
    cohorts: Vec<CohortIn>,
    #[serde(default)]
    usage: BTreeMap<String, BTreeMap<String, Amount>>,
    #[serde(default, rename = "extra_request")]
    extra: BTreeMap<String, Amount>,
    node: Option<String>,
    #[serde(rename = "flavor_resource")]
    column: Option<String>,
    #[serde(default)]
    admitted: Vec<WorkloadIn>,
    incoming: Option<WorkloadIn>,
    #[serde(rename = "target_cq")]
    target: Option<String>,
    assignment: Option<BTreeMap<String, AssignedIn>>,
    flavor: Option<String>,
    #[serde(default)]
    strategies: Vec<String>,
}

#[derive(Deserialize)]
struct QueueIn {
    name: String,
    cohort: Option<String>,
    weight: f64,
    flavors: Vec<FlavorIn>,
    preemption: PreemptionIn,
}

#[derive(Deserialize)]
struct CohortIn {
    name: String,
    parent: Option<String>,
    weight: f64,
    flavors: Vec<FlavorIn>,
}

#[derive(Deserialize)]
struct FlavorIn {
    name: String,
    resources: BTreeMap<String, QuotaIn>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QuotaIn {
    nominal: f64,
    borrowing_limit: Option<Amount>,
    lending_limit: Option<Amount>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PreemptionIn {
    within_cluster_queue: String,
    reclaim_within_cohort: String,
    borrow_within_cohort: Option<BorrowIn>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BorrowIn {
    policy: String,
    max_priority_threshold: Option<i64>,
}

#[derive(Deserialize)]
struct WorkloadIn {
    name: String,
    priority: i64,
    requests: BTreeMap<String, Amount>,
    cq: Option<String>,
    flavor: BTreeMap<String, String>,
    age_order: i64,
    evicted: bool,
    #[serde(default)]
    reserved_at_s: i64,
}

#[derive(Deserialize)]
struct AssignedIn {
    flavor: String,
    mode: String,
}

fn policy(word: &str) -> Policy {
    match word {
        "Never" => Policy::Never,
        "LowerPriority" => Policy::LowerPriority,
        "LowerOrNewerEqualPriority" => Policy::LowerOrNewerEqualPriority,
        "Any" => Policy::Any,
        other => panic!("policy {other}"),
    }
}

/// Each resource is a group of its own: the cases name flavours of differing resources.
fn groups(flavors: &[FlavorIn]) -> Vec<ResourceGroup> {
    let resources: BTreeSet<&String> =
        flavors.iter().flat_map(|flavor| flavor.resources.keys()).collect();
    resources
        .into_iter()
        .map(|resource| {
            let of = flavors.iter().filter_map(|flavor| {
                let quota = flavor.resources.get(resource)?;
                #[expect(clippy::cast_possible_truncation, reason = "saturates, as quotas do")]
                let quota = Quota {
                    nominal: quota.nominal as Amount,
                    borrowing_limit: quota.borrowing_limit,
                    lending_limit: quota.lending_limit,
                };
                let resources = vec![(resource.clone(), quota)];
                Some(FlavorQuotas { flavor: flavor.name.clone(), resources })
            });
            of.collect()
        })
        .collect()
}

fn cluster(input: &Input) -> Cluster {
    let queues: Vec<_> = input
        .cluster_queues
        .iter()
        .map(|queue| QueueSpec {
            cohort: queue.cohort.clone(),
            weight: queue.weight,
            preemption: Preemption {
                within_queue: policy(&queue.preemption.within_cluster_queue),
                reclaim: policy(&queue.preemption.reclaim_within_cohort),
                borrow: queue
                    .preemption
                    .borrow_within_cohort
                    .as_ref()
                    .filter(|borrow| borrow.policy != "Never")
                    .map(|borrow| BorrowWithinCohort {
                        max_priority: borrow.max_priority_threshold,
                    }),
            },
            groups: groups(&queue.flavors),
            ..QueueSpec::new(&queue.name)
        })
        .collect();
    let cohorts: Vec<_> = input
        .cohorts
        .iter()
        .map(|cohort| CohortSpec {
            name: cohort.name.clone(),
            parent: cohort.parent.clone(),
            weight: cohort.weight,
            groups: groups(&cohort.flavors),
        })
        .collect();
    Cluster::new(&queues, &cohorts).unwrap()
}

fn usage(cluster: &Cluster, of: &BTreeMap<String, Amount>) -> Usage {
    of.iter()
        .map(|(name, amount)| {
            let (flavor, resource) = name.split_once('/').unwrap();
            let flavor = cluster.flavor(flavor).unwrap();
            (cluster.column(flavor, cluster.resource(resource).unwrap()).unwrap(), *amount)
        })
        .collect()
}

fn used(cluster: &Cluster, input: &Input) -> Tree {
    let mut tree = Tree::new(cluster);
    for (queue, of) in &input.usage {
        tree.add(cluster.queue(queue).unwrap(), &usage(cluster, of));
    }
    tree
}

fn check_share(case: &Case) {
    let cluster = cluster(&case.input);
    let mut tree = used(&cluster, &case.input);
    for expected in case.expect.as_array().unwrap() {
        let name = expected["node"].as_str().unwrap();
        let node = match expected["type"].as_str().unwrap() {
            "cohort" => cluster.cohort(name).unwrap(),
            _ => cluster.queue(name).unwrap(),
        };
        // What is requested on top is requested of the first queue.
        let first = cluster.queue(&case.input.cluster_queues[0].name).unwrap();
        let extra = usage(&cluster, &case.input.extra);
        tree.add(first, &extra);
        let found = share(&cluster, &tree, node);
        tree.remove(first, &extra);
        let dominant = found.dominant.map(|id| cluster.resources[id.index()].name.as_str());
        assert_eq!(Some(found.rounded()), expected["weighted_share"].as_i64(), "{name}");
        assert_eq!(dominant, expected["dominant_resource"].as_str(), "{name}");
        assert_eq!(Some(found.borrowing), expected["borrowing"].as_bool(), "{name}");
    }
}

fn check_quota(case: &Case) {
    let cluster = cluster(&case.input);
    let tree = used(&cluster, &case.input);
    let name = case.input.node.as_ref().unwrap();
    let node = cluster.queue(name).or_else(|| cluster.cohort(name)).unwrap();
    let one = BTreeMap::from([(case.input.column.clone().unwrap(), 0)]);
    let column = usage(&cluster, &one)[0].0;
    assert_eq!(Some(tree.available(node, column)), case.expect["available"].as_i64());
    assert_eq!(Some(tree.potential(node, column)), case.expect["potential_available"].as_i64());
}

fn check_preemption(case: &Case) {
    let cluster = cluster(&case.input);
    let incoming = case.input.incoming.as_ref().unwrap();
    let workload = |of: &WorkloadIn, queue: &str| Workload {
        name: of.name.clone(),
        queue: cluster.queue(queue).unwrap(),
        priority: of.priority,
        created: of.age_order,
        pod_sets: vec![PodSet { count: 1, min_count: None, requests: Vec::new() }],
        flavors: None,
    };
    let target = case.input.target.as_ref().unwrap();
    let mut workloads: Vec<_> =
        case.input.admitted.iter().map(|of| workload(of, of.cq.as_ref().unwrap())).collect();
    workloads.push(workload(incoming, target));
    let column = |flavor: &str, resource: &str| {
        cluster
            .column(cluster.flavor(flavor).unwrap(), cluster.resource(resource).unwrap())
            .unwrap()
    };
    let admissions: Vec<_> = case
        .input
        .admitted
        .iter()
        .map(|of| Admission {
            usage: of
                .requests
                .iter()
                .filter(|(resource, _)| of.flavor.contains_key(*resource))
                .map(|(resource, amount)| (column(&of.flavor[resource], resource), *amount))
                .collect(),
            reserved_at: of.reserved_at_s,
            evicted: of.evicted,
        })
        .collect();
    let assigned = |resource: &String| match &case.input.assignment {
        Some(assignment) => {
            assignment.get(resource).map(|of| (of.flavor.clone(), of.mode == "Preempt"))
        }
        None => Some((case.input.flavor.clone().unwrap(), true)),
    };
    let mut preemptor = Preemptor {
        workload: Id::new(workloads.len() - 1),
        queue: cluster.queue(target).unwrap(),
        usage: Vec::new(),
        contested: Vec::new(),
    };
    for (resource, amount) in &incoming.requests {
        let Some((flavor, contested)) = assigned(resource) else { continue };
        let column = column(&flavor, resource);
        preemptor.usage.push((column, *amount));
        if contested {
            preemptor.contested.push(column);
        }
    }
    let mut snapshot = Snapshot::new(cluster, workloads);
    for (index, admission) in admissions.into_iter().enumerate() {
        snapshot.admit(Id::new(index), admission);
    }
    let sharing = match case.kind.as_str() {
        "fair_preemption" => Sharing::Fair(
            case.input
                .strategies
                .iter()
                .map(|word| match word.as_str() {
                    "LessThanOrEqualToFinalShare" => FairStrategy::LessThanOrEqualToFinalShare,
                    "LessThanInitialShare" => FairStrategy::LessThanInitialShare,
                    other => panic!("strategy {other}"),
                })
                .collect(),
        ),
        _ => Sharing::Classical,
    };
    let before = format!("{:?}", snapshot.tree);
    let mut found: Vec<_> = targets(&mut snapshot, &preemptor, &sharing)
        .into_iter()
        .map(|target| (snapshot.workload(target.workload).name.clone(), target.why.word()))
        .collect();
    found.sort();
    let mut expected: Vec<_> = case.expect["preempted"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| (of["workload"].as_str().unwrap().to_owned(), of["reason"].as_str().unwrap()))
        .collect();
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(format!("{:?}", snapshot.tree), before, "the snapshot is restored");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "cases lie outside the project")]
fn kueue_s_unit_tests_hold() {
    let Ok(shared) = std::env::var("CAPPLAN_SHARED") else { return };
    let path = std::path::Path::new(&shared).join("cases/kueue.json");
    let file: File = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for case in &file.cases {
        let check = match case.kind.as_str() {
            "dominant_resource_share" => check_share,
            "available_quota" => check_quota,
            "classical_preemption" | "fair_preemption" => check_preemption,
            other => panic!("a case of kind {other}"),
        };
        let checked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| check(case)));
        wrong.extend(checked.err().map(|_| case.id.as_str()));
    }
    assert!(wrong.is_empty(), "{} of {} are wrong: {wrong:#?}", wrong.len(), file.cases.len());
    assert!(!file.cases.is_empty());
}
