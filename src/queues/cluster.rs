//! From the quotas of a plan to the queues of a cluster.
//!
//! A quota is a queue, a pool a flavour. A pool's quotas never promise more than it may have in a month:
//! where they do, each is cut in proportion for that month.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::{Date, days_between};
use crate::capacity::jobs::PlannedJobs;
use crate::draws::quantile;
use crate::ids::Id;
use crate::plan::quota::{QuotaGrant, Whose};
use crate::plan::{Plan, Pool};
use crate::procure::supply::PoolMonth;
use crate::simulate::kueue::cluster::{
    Amount, BorrowWithinCohort, Cluster, CohortSpec, FlavorQuotas, Policy, Preemption, QueueSpec,
    Quota, ResourceGroup,
};
use crate::simulate::kueue::run::Change;
use crate::simulate::kueue::snapshot::Moment;

/// The words of resources, in the order of a planned job's.
pub(super) const WORDS: [&str; 3] = ["cpu", "memory", "gpu"];
/// Milliseconds of a day.
pub(super) const DAY: Moment = 86_400_000;

/// Cores become milli-cores.
#[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates")]
pub(super) fn amount(word: &str, value: f64) -> Amount {
    let scale = if word == "cpu" { 1000.0 } else { 1.0 };
    (value * scale).ceil() as Amount
}

/// A cluster, and how its quotas change.
pub(super) struct Queued {
    pub cluster: Cluster,
    pub changes: Vec<Change>,
    /// Pools and months in which the quotas promise more than there may be: promised, and what there is.
    pub cut: Vec<(Id<Pool>, usize, f64, f64)>,
}

/// The queues of a plan; none where its cohorts are in a circle, which the checker has said.
pub(super) fn queued(plan: &Plan, planned: &PlannedJobs, supply: &[PoolMonth]) -> Option<Queued> {
    let quotas = plan.quotas.items();
    let cohort_name = |id| plan.cohorts[id].name.clone();
    let queues: Vec<QueueSpec> = quotas
        .iter()
        .map(|quota| {
            let rules = quota.preemption;
            QueueSpec {
                cohort: quota.cohort.map(cohort_name),
                weight: quota.weight,
                preemption: Preemption {
                    within_queue: policy(rules.within_queue),
                    reclaim: policy(rules.reclaim_within_cohort),
                    borrow: (rules.borrow_within_cohort != Whose::Nobody).then(|| {
                        BorrowWithinCohort {
                            max_priority: rules
                                .borrow_max_priority
                                .map(|id| plan.priorities[id].rank),
                        }
                    }),
                },
                groups: groups(plan, &quota.grants, quota.cohort.is_some()),
                ..QueueSpec::new(&quota.name)
            }
        })
        .collect();
    let cohorts: Vec<CohortSpec> = plan
        .cohorts
        .items()
        .iter()
        .map(|cohort| CohortSpec {
            name: cohort.name.clone(),
            parent: cohort.parent.map(cohort_name),
            weight: cohort.weight,
            groups: groups(plan, &cohort.grants, cohort.parent.is_some()),
        })
        .collect();
    let cluster = Cluster::new(&queues, &cohorts).ok()?;
    let mut queued = Queued { cluster, changes: Vec::new(), cut: Vec::new() };
    for t in 0..plan.horizon.months {
        queued.settle_month(plan, planned, supply, t);
    }
    Some(queued)
}

fn policy(whose: Whose) -> Policy {
    match whose {
        Whose::Nobody => Policy::Never,
        Whose::LowerPriority => Policy::LowerPriority,
        Whose::LowerOrNewerEqualPriority => Policy::LowerOrNewerEqualPriority,
        Whose::Any => Policy::Any,
    }
}

/// One group of all resources that are granted, 0 where a pool grants none of one.
fn groups(plan: &Plan, grants: &[QuotaGrant], has_cohort: bool) -> Vec<ResourceGroup> {
    let words: Vec<&str> = WORDS
        .into_iter()
        .filter(|word| grants.iter().any(|grant| grant.resource == *word))
        .collect();
    let pools: BTreeSet<Id<Pool>> = grants.iter().map(|grant| grant.pool).collect();
    if pools.is_empty() {
        return Vec::new();
    }
    let flavor = |pool: Id<Pool>| FlavorQuotas {
        flavor: plan.pools[pool].name.clone(),
        resources: words
            .iter()
            .map(|word| {
                let grant = grants.iter().find(|of| of.pool == pool && of.resource == *word);
                ((*word).to_owned(), grant.map_or(Quota::default(), |of| quota(of, has_cohort)))
            })
            .collect(),
    };
    vec![pools.into_iter().map(flavor).collect()]
}

/// A grant as a quota; without a cohort there is nobody to borrow from or lend to.
fn quota(grant: &QuotaGrant, has_cohort: bool) -> Quota {
    let limit = |limit: Option<f64>| {
        limit.filter(|_| has_cohort).map(|limit| amount(&grant.resource, limit))
    };
    Quota {
        nominal: amount(&grant.resource, grant.nominal),
        borrowing_limit: limit(grant.borrowing_limit),
        lending_limit: limit(grant.lending_limit),
    }
}

/// The grants that hold on a day: of each pool and resource the last that has begun; one that has not
/// begun yet is nothing.
pub(super) fn holding(grants: &[QuotaGrant], day: Date) -> Vec<&QuotaGrant> {
    let mut found: BTreeMap<(Id<Pool>, &str), &QuotaGrant> = BTreeMap::new();
    for grant in grants.iter().filter(|grant| grant.from.is_none_or(|from| from <= day)) {
        found.insert((grant.pool, grant.resource.as_str()), grant);
    }
    found.into_values().collect()
}

impl Queued {
    /// The quotas of a month, from its first day: grants that hold then, cut to what the pool may have.
    fn settle_month(&mut self, plan: &Plan, planned: &PlannedJobs, supply: &[PoolMonth], t: usize) {
        let day = plan.horizon.month(t).first_day();
        let at = Moment::from(days_between(plan.horizon.first_day(), day)) * DAY;
        let queues = plan.quotas.items().iter();
        let all: Vec<(Id<crate::simulate::kueue::cluster::Node>, &[QuotaGrant], bool)> = queues
            .filter_map(|of| {
                Some((self.cluster.queue(&of.name)?, &of.grants[..], of.cohort.is_some()))
            })
            .chain(plan.cohorts.items().iter().filter_map(|of| {
                Some((self.cluster.cohort(&of.name)?, &of.grants[..], of.parent.is_some()))
            }))
            .collect();
        for (pool, shape) in &planned.shapes {
            let month = supply.iter().find(|month| month.pool == *pool && month.t == t);
            let nodes = month.map_or(f64::INFINITY, |month| quantile(&month.available, 0.5));
            for (word, offers) in
                WORDS.into_iter().zip([shape.cores, shape.memory_bytes, shape.gpus])
            {
                let granted: Vec<_> = all
                    .iter()
                    .flat_map(|(node, grants, has_cohort)| {
                        holding(grants, day)
                            .into_iter()
                            .map(move |grant| (*node, grant, *has_cohort))
                    })
                    .filter(|(_, grant, _)| grant.pool == *pool && grant.resource == word)
                    .collect();
                let promised: f64 = granted.iter().map(|(_, grant, _)| grant.nominal).sum();
                let there = nodes * offers;
                let share = if promised > there { there / promised } else { 1.0 };
                if share < 1.0 {
                    self.cut.push((*pool, t, promised, there));
                }
                for (node, grants, has_cohort) in &all {
                    let known = grants.iter().any(|of| of.pool == *pool && of.resource == word);
                    let Some(column) = self.column(plan, *pool, word).filter(|_| known) else {
                        continue;
                    };
                    let held = granted.iter().find(|(of, ..)| of == node);
                    let mut quota =
                        held.map_or(Quota::default(), |(_, grant, _)| quota(grant, *has_cohort));
                    #[expect(
                        clippy::cast_possible_truncation,
                        reason = "a cast of floats saturates"
                    )]
                    if share < 1.0 {
                        quota.nominal = (quota.nominal as f64 * share).floor() as Amount;
                    }
                    self.changes.push(Change { at, node: *node, column, quota });
                }
            }
        }
    }

    /// The column of a resource of a pool.
    pub(super) fn column(
        &self,
        plan: &Plan,
        pool: Id<Pool>,
        word: &str,
    ) -> Option<Id<crate::simulate::kueue::cluster::FlavorResource>> {
        let flavor = self.cluster.flavor(&plan.pools[pool].name)?;
        self.cluster.column(flavor, self.cluster.resource(word)?)
    }
}
