//! What a replica would request if it were sized by what was measured.
//!
//! In: what workloads used of cores and memory in the last four weeks measured, and how many replicas the
//! plan has in that month. Out: one [`Fit`] a workload and resource, and replicas of these sizes to pack. A size
//! is the 95th percentile of use by one replica over the pool's target utilisation. GPUs and their memory stay as
//! they are requested: a model is cut for them.

use crate::capacity::need::Sizing;
use crate::capacity::packable::{Packable, Replicas};
use crate::ids::Id;
use crate::plan::{Plan, Pool, Workload};
use crate::usage::{Found, Resource, Subject};

/// One resource of one workload's replicas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// The workload.
    pub workload: Id<Workload>,
    /// Cores, or bytes of memory.
    pub resource: Resource,
    /// What one replica requests.
    pub requested: f64,
    /// What one uses: 95% of the hours lie below.
    pub used: f64,
    /// What one would request.
    pub size: f64,
}

/// Sizes the replicas of a pool by what was measured; what was not measured keeps its request. `t` is the
/// month that the sizings are looked at in.
#[must_use]
pub fn right_size(
    plan: &Plan,
    found: &Found,
    sizings: &[Sizing],
    t: usize,
    pool: Id<Pool>,
    packable: &mut Packable,
) -> Vec<Fit> {
    let target = plan.pools[pool].target_utilization;
    let mut fits = Vec::new();
    for replicas in &mut packable.replicas {
        let workload = replicas.workload;
        let sizing = sizings.iter().find(|one| one.workload == workload && one.pool == pool);
        let count = sizing.and_then(|sizing| sizing.peak.get(t)).map_or(0.0, |(p50, _)| *p50);
        if count <= 0.0 {
            continue;
        }
        for resource in [Resource::Cpu, Resource::Memory] {
            let requested = *request(replicas, resource);
            let of = found
                .resources
                .iter()
                .find(|of| of.subject == Subject::Workload(workload) && of.resource == resource);
            let Some(used) = of.and_then(|of| of.used).filter(|_| requested > 0.0) else {
                continue;
            };
            let used = used.p95 / count;
            let size = used / target;
            *request(replicas, resource) = size;
            fits.push(Fit { workload, resource, requested, used, size });
        }
    }
    fits
}

fn request(replicas: &mut Replicas, resource: Resource) -> &mut f64 {
    match resource {
        Resource::Memory => &mut replicas.memory_bytes,
        _ => &mut replicas.cores,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::example::{change_pool, plan as example, serve};
    use crate::usage::{Limit, NoTrend, ResourceUse, Saturation, Trend, Used};

    #[test]
    fn a_replica_is_sized_by_what_one_used_and_the_pools_target() {
        let mut plan = example();
        change_pool(&mut plan, |pool| pool.target_utilization = 0.5);
        let (pool, workload) = (serve(&plan), Id::new(0));
        let used =
            Used { metric: "cpu", mean: 3.0, p95: 8.0, trend: Trend::None(NoTrend::Short), end: 0 };
        let found = Found {
            measured: Vec::new(),
            resources: vec![ResourceUse {
                subject: Subject::Workload(workload),
                resource: Resource::Cpu,
                used: Some(used),
                limit: Limit::None("not stated"),
                saturation: Saturation::Reached,
                bottleneck: true,
            }],
            unmeasured: Vec::new(),
            split: Vec::new(),
        };
        let replicas = Replicas {
            workload,
            count: 20,
            cores: 4.0,
            memory_bytes: 8e9,
            gpus: 0.0,
            gpu_memory_bytes: 0.0,
            network_bits_per_second: 0.0,
        };
        let mut packable = Packable { replicas: vec![replicas], left_out: Vec::new() };
        let sizing = Sizing {
            workload,
            pool,
            counted: "replica",
            peak: vec![(10.0, 12.0)],
            peak_month: None,
            by_resource: Vec::new(),
            headroom: String::new(),
            requires: Vec::new(),
            latency: None,
            model: None,
        };
        let fits = right_size(&plan, &found, &[sizing], 0, pool, &mut packable);
        // Ten replicas used eight cores: 0.8 each, over a target of half.
        assert_eq!(fits.len(), 1);
        assert!((packable.replicas[0].cores - 1.6).abs() < 1e-12);
        assert!((packable.replicas[0].memory_bytes - 8e9).abs() < 1.0);
    }
}
