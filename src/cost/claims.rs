//! What each workload of a pool is charged for: the larger of request and usage, as a share of what is
//! supplied.
//!
//! A workload that states some of a node's resources and leaves others out takes cores, memory and local
//! storage along in the largest proportion it states: a node given over to its GPUs has no idle cores.
//! GPUs are never taken along. Where more is asked than supplied, the shares are of what is asked.

use std::collections::BTreeMap;

use crate::capacity::need::Resource;
use crate::cost::pool_month::{add, sum};
use crate::cost::resource_weights::{ByResource, place};
use crate::draws::mean;
use crate::ids::Id;
use crate::plan::Workload;
use crate::procure::supply::{PoolMonth, Requests, WorkloadRequest};

/// What share of each resource a workload is charged for, one value a draw; together at most 1.
pub(super) struct Claim {
    /// Who.
    pub(super) workload: Id<Workload>,
    /// By resource, then draw.
    pub(super) fractions: ByResource<Vec<f64>>,
}

/// What every workload is charged for; `shares` and `offered` are of the pool's node.
pub(super) fn claims(
    supply: &PoolMonth,
    requests: &Requests,
    shares: &ByResource<f64>,
    offered: &ByResource<f64>,
) -> Vec<Claim> {
    let draws = supply.need_mean.len();
    let stated: Vec<ByResource<Option<Vec<f64>>>> = requests
        .workloads
        .iter()
        .map(|request| Resource::ALL.map(|r| charged(request, r)))
        .collect();
    // What the supply does not count of a node comes with every hour that is paid for.
    let node_hours = sum(supply.node_hours.values().map(Vec::as_slice), draws);
    let supplied = |r: usize, draw: usize| {
        let counted = supply.supplied.get(&Resource::ALL[r]);
        counted.map_or(node_hours[draw] * offered[r], |hours| hours[draw])
    };
    let base = |all: &[ByResource<Option<Vec<f64>>>], r: usize| -> Vec<f64> {
        let mut sum = vec![0.0; draws];
        for hours in all.iter().filter_map(|hours| hours[r].as_ref()) {
            add(&mut sum, hours);
        }
        sum.iter().enumerate().map(|(draw, sum)| sum.max(supplied(r, draw))).collect()
    };

    let stated_base = [0, 1, 2, 3].map(|r| base(&stated, r));
    let mut all = stated.clone();
    for (own, hours) in stated.iter().zip(&mut all) {
        let largest = |draw: usize| {
            let fractions = (0..4).filter_map(|r| {
                own[r].as_ref().map(|hours| ratio(hours[draw], stated_base[r][draw]))
            });
            fractions.fold(0.0, f64::max)
        };
        let left_out = [Resource::Cpu, Resource::Memory, Resource::Storage].map(place);
        for r in left_out.into_iter().filter(|r| own[*r].is_none() && shares[*r] > 0.0) {
            hours[r] = Some((0..draws).map(|draw| largest(draw) * supplied(r, draw)).collect());
        }
    }

    let base = [0, 1, 2, 3].map(|r| base(&all, r));
    let workloads = requests.workloads.iter().map(|request| request.workload);
    workloads
        .zip(all)
        .map(|(workload, hours)| {
            let mut r = 0;
            let fractions = hours.map(|hours| {
                let mut hours = hours.unwrap_or_else(|| vec![0.0; draws]);
                for (hours, base) in hours.iter_mut().zip(&base[r]) {
                    *hours = ratio(*hours, *base);
                }
                r += 1;
                hours
            });
            Claim { workload, fractions }
        })
        .collect()
}

/// The larger of request and usage; nothing where neither states the resource.
fn charged(request: &WorkloadRequest, resource: Resource) -> Option<Vec<f64>> {
    let hours = match (request.requested.get(&resource), request.used.get(&resource)) {
        (Some(requested), Some(used)) => {
            requested.iter().zip(used).map(|(requested, used)| requested.max(*used)).collect()
        }
        (Some(hours), None) | (None, Some(hours)) => hours.clone(),
        (None, None) => return None,
    };
    hours.iter().any(|hours| *hours > 0.0).then_some(hours)
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// How what `along` says by draw spreads over the workloads, and idle last: means over the draws.
pub(super) fn weights(along: &[f64], claims: &[Claim], r: usize) -> Vec<f64> {
    let mut left = along.to_vec();
    let mut weights: Vec<f64> = Vec::with_capacity(claims.len() + 1);
    for claim in claims {
        let mut sum = 0.0;
        for ((along, fraction), left) in along.iter().zip(&claim.fractions[r]).zip(&mut left) {
            let part = along * fraction;
            sum += part;
            *left -= part;
        }
        weights.push(sum);
    }
    let whole: f64 = along.iter().sum();
    let idle: f64 = left.iter().map(|left| left.max(0.0)).sum();
    // What float arithmetic leaves of a pool that is full is not idle.
    weights.push(if idle > 1e-12 * whole { idle } else { 0.0 });
    weights
}

/// What a workload asked of a pool in a month: mean resource-hours.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) workload: Id<Workload>,
    pub(super) requested: ByResource<f64>,
    pub(super) used: ByResource<f64>,
}

/// Mean hours; what a workload leaves out comes along in nodes as for [`claims`].
pub(super) fn asked(request: &WorkloadRequest, offered: &ByResource<f64>) -> Asked {
    let means = |hours: &BTreeMap<Resource, Vec<f64>>| {
        let stated = Resource::ALL.map(|r| hours.get(&r).map_or(0.0, |hours| mean(hours)));
        let nodes = stated.iter().zip(offered).map(|(hours, offered)| ratio(*hours, *offered));
        let nodes = nodes.fold(0.0, f64::max);
        Resource::ALL.map(|resource| {
            let r = place(resource);
            if stated[r] > 0.0 || resource == Resource::Gpu {
                stated[r]
            } else {
                nodes * offered[r]
            }
        })
    };
    Asked {
        workload: request.workload,
        requested: means(&request.requested),
        used: means(&request.used),
    }
}

/// Requested over supplied, of the resource where that is largest.
pub(super) fn utilization(supply: &PoolMonth, requests: &Requests) -> Vec<f64> {
    let draws = supply.need_mean.len();
    let requested: Vec<(&Vec<f64>, Vec<f64>)> = supply
        .supplied
        .iter()
        .map(|(resource, supplied)| {
            let of = requests.workloads.iter().filter_map(|w| w.requested.get(resource));
            (supplied, sum(of.map(Vec::as_slice), draws))
        })
        .collect();
    (0..draws)
        .map(|draw| {
            let offered = requested.iter().filter(|(supplied, _)| supplied[draw] > 0.0);
            let shares = offered.map(|(supplied, requested)| requested[draw] / supplied[draw]);
            shares.fold(f64::NAN, f64::max)
        })
        .collect()
}
