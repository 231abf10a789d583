//! Small clusters for tests.

use super::cluster::{Amount, Cluster, FlavorQuotas, QueueSpec, Quota};
use super::snapshot::{PodSet, Workload};

/// A nominal quota without limits.
pub(super) fn quota(nominal: Amount) -> Quota {
    Quota { nominal, ..Quota::default() }
}

/// A queue with one quota, of `gpu` in the flavour `default`.
pub(super) fn gpu_queue(name: &str, cohort: Option<&str>, quota: Quota) -> QueueSpec {
    QueueSpec {
        cohort: cohort.map(str::to_owned),
        groups: vec![vec![FlavorQuotas {
            flavor: "default".to_owned(),
            resources: vec![("gpu".to_owned(), quota)],
        }]],
        ..QueueSpec::new(name)
    }
}

/// A cluster of queues.
pub(super) fn cluster(queues: &[QueueSpec]) -> Cluster {
    Cluster::new(queues, &[]).unwrap()
}

/// A workload of one pod.
pub(super) fn gpus(cluster: &Cluster, name: &str, queue: &str, count: Amount) -> Workload {
    Workload {
        name: name.to_owned(),
        queue: cluster.queue(queue).unwrap(),
        priority: 0,
        created: 0,
        pod_sets: vec![PodSet {
            count: 1,
            min_count: None,
            requests: vec![(cluster.resource("gpu").unwrap(), count)],
        }],
        flavors: None,
    }
}
