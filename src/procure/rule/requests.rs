//! What every workload asked of a pool in a month.

use std::collections::BTreeMap;

use crate::capacity::PoolLoad;
use crate::capacity::need::Resource;
use crate::capacity::source::Asked;
use crate::procure::supply::{Requests, WorkloadRequest};

/// What every workload asked for, in the resources that the pool's nodes offer.
pub(super) fn requests(load: &PoolLoad) -> Requests {
    Requests {
        workloads: load
            .asked
            .iter()
            .map(|asked: &Asked| WorkloadRequest {
                workload: asked.workload,
                requested: by_resource(load, &asked.requested),
                used: by_resource(load, &asked.used),
            })
            .collect(),
    }
}

/// Resource-hours of node-share hours. Local storage, which nobody can request, goes by the smallest
/// share, so that it is never more than what the nodes have.
fn by_resource(load: &PoolLoad, columns: &[Vec<f64>]) -> BTreeMap<Resource, Vec<f64>> {
    let mut amounts = BTreeMap::new();
    for resource in Resource::ALL {
        let offers = load.node.offers(resource);
        if offers <= 0.0 {
            continue;
        }
        let shares = match load.columns.place(resource) {
            Some(column) => columns[column].clone(),
            None => smallest(columns),
        };
        amounts.insert(resource, shares.into_iter().map(|share| share * offers).collect());
    }
    amounts
}

fn smallest(columns: &[Vec<f64>]) -> Vec<f64> {
    let Some((first, others)) = columns.split_first() else { return Vec::new() };
    let mut least = first.clone();
    for column in others {
        for (least, value) in least.iter_mut().zip(column) {
            *least = least.min(*value);
        }
    }
    least
}
