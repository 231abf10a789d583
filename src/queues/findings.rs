//! What should be known of the quotas, with numbers.

use crate::ids::Id;
use crate::plan::{Plan, Pool, Quota, Workload};
use crate::queues::Queues;
use crate::queues::cluster::Queued;

/// A quota in this share of months or less is not used.
const UNUSED_SHARE: f64 = 0.01;
/// Runs that wait longer than this share of a week starve.
const STARVED_HOURS: f64 = 7.0 * 24.0;

/// What should be known of the quotas.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// The quotas of a pool promise more than it may have.
    PromisesTooMuch {
        /// The pool.
        pool: Id<Pool>,
        /// The month in which most is missing, counted from the horizon's first.
        t: usize,
        /// What is promised: GPUs, or cores or bytes.
        promised: f64,
        /// What there may be.
        there: f64,
    },
    /// Nobody holds anything of a quota.
    Unused {
        /// The quota.
        quota: Id<Quota>,
        /// What it guarantees over its pools, of the resource that is told.
        nominal: f64,
    },
    /// Runs of a quota wait for more than a week, or never start.
    Starved {
        /// The quota.
        quota: Id<Quota>,
        /// 95% start within so many hours.
        wait_p95: f64,
        /// The share that had not started at the end.
        unstarted: f64,
    },
    /// Runs of a workload are served by no quota.
    Outside {
        /// The workload.
        workload: Id<Workload>,
    },
}

/// Looks through what was simulated.
pub(super) fn findings(plan: &Plan, queued: &Queued, found: &Queues) -> Vec<Finding> {
    let mut findings = Vec::new();
    for pool in plan.pools.ids() {
        let of = queued.cut.iter().filter(|cut| cut.0 == pool);
        let worst = of.max_by(|a, b| (a.2 - a.3).total_cmp(&(b.2 - b.3)));
        findings.extend(worst.map(|(pool, t, promised, there)| Finding::PromisesTooMuch {
            pool: *pool,
            t: *t,
            promised: *promised,
            there: *there,
        }));
    }
    for (id, quota) in plan.quotas.iter() {
        let lines: Vec<_> = found.lines.iter().filter(|line| line.quota == id).collect();
        let held: f64 = lines.iter().map(|line| line.total.held).sum();
        let word =
            if quota.grants.iter().any(|grant| grant.resource == "gpu") { "gpu" } else { "cpu" };
        let of = quota.grants.iter().filter(|grant| grant.resource == word);
        let nominal: f64 = of.map(|grant| grant.nominal).sum();
        let hours: f64 = plan.horizon.iter().map(|month| f64::from(month.hours())).sum();
        if nominal > 0.0 && held <= UNUSED_SHARE * nominal * hours {
            findings.push(Finding::Unused { quota: id, nominal });
        }
        let worst = lines.iter().max_by(|a, b| a.total.wait_p95.total_cmp(&b.total.wait_p95));
        if let Some(line) = worst
            && (line.total.wait_p95 > STARVED_HOURS || line.total.unstarted > 0.05)
        {
            let (wait_p95, unstarted) = (line.total.wait_p95, line.total.unstarted);
            findings.push(Finding::Starved { quota: id, wait_p95, unstarted });
        }
    }
    findings.extend(found.outside.iter().map(|workload| Finding::Outside { workload: *workload }));
    findings
}
