//! What should be known of the quotas, with numbers.

use std::collections::BTreeMap;

use crate::capacity::jobs::Origin;
use crate::ids::Id;
use crate::plan::quota::QuotaGrant;
use crate::plan::{Cohort, Plan, Pool, Quota, Workload};
use crate::queues::cluster::{Queued, WORDS, holding};
use crate::queues::outcome::Queueing;
use crate::queues::{Queues, Sent};

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
    /// No run is sent to a quota.
    Unused {
        /// The quota.
        quota: Id<Quota>,
        /// What it guarantees over its pools, of the resource that is told.
        nominal: f64,
    },
    /// Runs of a quota wait for more than a week, or never start; or sessions find nothing on their day.
    Starved {
        /// The quota.
        quota: Id<Quota>,
        /// What of it.
        sent: Sent,
        /// 95% start within so many hours.
        wait_p95: f64,
        /// The share that had not started at the end.
        unstarted: f64,
    },
    /// A run asks at once for more than its quota could ever have.
    TooLarge {
        /// The quota.
        quota: Id<Quota>,
        /// The workload.
        workload: Id<Workload>,
        /// The place of the run among the workload's.
        run: usize,
        /// The pool.
        pool: Id<Pool>,
        /// What it asks for, of the resource that is told: the least of the draws.
        asks: f64,
        /// What is guaranteed.
        nominal: f64,
        /// What may be borrowed on top, as the limit and the cohort allow.
        borrowed: f64,
    },
    /// A run takes more nodes than its GPUs come to: its pods leave some of their nodes free.
    Scattered {
        /// The workload.
        workload: Id<Workload>,
        /// The place of the run among the workload's.
        run: usize,
        /// The pool.
        pool: Id<Pool>,
        /// GPUs that it asks for.
        gpus: f64,
        /// GPUs of one of its pods.
        each: f64,
        /// GPUs of a node.
        of_node: f64,
        /// Nodes that it takes.
        nodes: f64,
        /// Nodes that its GPUs come to, which is what a quota counts.
        counted: f64,
        /// A month in which the pool may have fewer, counted from the horizon's first, and how many.
        there: Option<(usize, f64)>,
    },
    /// Runs of a workload are served by no quota.
    Outside {
        /// The workload.
        workload: Id<Workload>,
    },
}

/// Looks through what was simulated.
pub(super) fn findings(
    plan: &Plan,
    queued: &Queued,
    sent: &[Queueing<'_>],
    found: &Queues,
) -> Vec<Finding> {
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
        let word =
            if quota.grants.iter().any(|grant| grant.resource == "gpu") { "gpu" } else { "cpu" };
        let of = quota.grants.iter().filter(|grant| grant.resource == word);
        let nominal: f64 = of.map(|grant| grant.nominal).sum();
        let of_quota = sent.iter().filter(|one| one.quota == id);
        let sends = of_quota.clone().next().is_some();
        findings.extend(too_large(plan, id, word, of_quota));
        if !sends && nominal > 0.0 {
            findings.push(Finding::Unused { quota: id, nominal });
        }
        for sent in [Sent::Runs, Sent::Sessions] {
            let of = lines.iter().filter(|line| line.sent == sent);
            let worst = of.max_by(|a, b| a.total.wait_p95.total_cmp(&b.total.wait_p95));
            if let Some(line) = worst
                && (line.total.wait_p95 > STARVED_HOURS || line.total.unstarted > 0.05)
            {
                let (wait_p95, unstarted) = (line.total.wait_p95, line.total.unstarted);
                findings.push(Finding::Starved { quota: id, sent, wait_p95, unstarted });
            }
        }
    }
    findings.extend(found.outside.iter().map(|workload| Finding::Outside { workload: *workload }));
    findings
}

/// The largest job of each run that its quota could never hold, in any month.
fn too_large<'a>(
    plan: &Plan,
    id: Id<Quota>,
    word: &str,
    sent: impl Iterator<Item = &'a Queueing<'a>>,
) -> Vec<Finding> {
    let place = WORDS.iter().position(|known| *known == word).unwrap_or(0);
    let mut found: BTreeMap<(Id<Workload>, usize), Finding> = BTreeMap::new();
    for job in sent.map(|one| one.planned) {
        // Sessions are sent in parts, each of which may start alone.
        let Origin::Run(run) = job.origin else { continue };
        let all = job.asks[place].iter().copied().fold(f64::INFINITY, f64::min);
        // A gang that may start with fewer GPUs asks for those at least.
        let asks = all * job.pods.1 as f64 / job.pods.0 as f64;
        let months = 0..plan.horizon.months;
        let most = months.map(|t| most(plan, id, job.pool, word, t));
        let most = most.max_by(|a, b| (a.0 + a.1).total_cmp(&(b.0 + b.1)));
        let Some((nominal, borrowed)) = most else { continue };
        let known = found.get(&(job.workload, run));
        let larger =
            !matches!(known, Some(Finding::TooLarge { asks: known, .. }) if *known >= asks);
        if asks > nominal + borrowed && larger {
            let (workload, pool) = (job.workload, job.pool);
            let finding =
                Finding::TooLarge { quota: id, workload, run, pool, asks, nominal, borrowed };
            found.insert((workload, run), finding);
        }
    }
    found.into_values().collect()
}

/// What a quota is guaranteed of a pool in a month, and the most it could borrow.
fn most(plan: &Plan, id: Id<Quota>, pool: Id<Pool>, word: &str, t: usize) -> (f64, f64) {
    let day = plan.horizon.month(t).first_day();
    let of = |grants: &[QuotaGrant]| {
        let mut held = holding(grants, day).into_iter();
        held.find(|grant| grant.pool == pool && grant.resource == word).cloned()
    };
    let quota = &plan.quotas[id];
    let Some(own) = of(&quota.grants) else { return (0.0, 0.0) };
    let Some(cohort) = quota.cohort else { return (own.nominal, 0.0) };
    let root = root(plan, cohort);
    let lent = |grant: QuotaGrant| grant.lending_limit.unwrap_or(f64::INFINITY).min(grant.nominal);
    let others = plan.quotas.iter().filter(|(other, _)| *other != id);
    let others = others.filter(|(_, of)| of.cohort.is_some_and(|of| self::root(plan, of) == root));
    let lent: f64 = others.filter_map(|(_, other)| of(&other.grants)).map(lent).sum();
    let shared = plan.cohorts.iter().filter(|(of, _)| self::root(plan, *of) == root);
    let shared = shared.filter_map(|(_, cohort)| of(&cohort.grants));
    let there = lent + shared.map(|grant| grant.nominal).sum::<f64>();
    (own.nominal, own.borrowing_limit.map_or(there, |limit| limit.min(there)))
}

/// The cohort at the top of a cohort's tree; circles end after as many steps as there are cohorts.
fn root(plan: &Plan, cohort: Id<Cohort>) -> Id<Cohort> {
    let step = |of: Id<Cohort>, _| plan.cohorts[of].parent.unwrap_or(of);
    (0..plan.cohorts.len()).fold(cohort, step)
}
