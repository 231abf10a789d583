//! What teams asked for and used, for rules that share cost by it.

use std::collections::BTreeMap;

use crate::cost::pool_month::Priced;
use crate::cost::resource_weights::ByResource;
use crate::ids::Id;
use crate::plan::shared_cost::{ShareBy, SharedSource};
use crate::plan::{Plan, Pool, Team, Workload};

/// What was asked for and used, by month, pool and team: means over the draws, the same in every draw.
#[derive(Debug, Clone, Default)]
pub struct Measures {
    /// By (pool, month): one entry a workload.
    pub asked: BTreeMap<(Id<Pool>, usize), Vec<Measured>>,
}

/// Mean resource-hours of one workload.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Who asked.
    pub workload: Id<Workload>,
    /// Its team.
    pub team: Id<Team>,
    /// Requested, in the order of [`Resource::ALL`](crate::capacity::need::Resource::ALL): core-hours,
    /// byte-hours, GPU-hours, byte-hours.
    pub requested: [f64; 4],
    /// Used, likewise.
    pub used: [f64; 4],
}

impl Measures {
    /// Collects what was asked for from the priced pool-months.
    pub(super) fn of(plan: &Plan, priced: &[Priced]) -> Self {
        let mut asked = BTreeMap::new();
        for priced in priced {
            let Some(pool) = priced.pool.filter(|_| !priced.asked.is_empty()) else { continue };
            let measured = priced.asked.iter().map(|asked| Measured {
                workload: asked.workload,
                team: plan.workloads[asked.workload].team,
                requested: asked.requested,
                used: asked.used,
            });
            asked.insert((pool, priced.t), measured.collect());
        }
        Self { asked }
    }

    /// Resource-hours by team over `months` trailing months.
    pub(super) fn by_team(
        &self,
        plan: &Plan,
        from: &SharedSource,
        by: ShareBy,
        t: usize,
        months: u32,
    ) -> Vec<ByResource<f64>> {
        let first = (t + 1).saturating_sub(months.max(1) as usize);
        let mut teams = vec![[0.0; 4]; plan.teams.len()];
        for ((pool, month), asked) in &self.asked {
            let elsewhere = matches!(from, SharedSource::Idle(of) if of != pool);
            if elsewhere || *month < first || *month > t {
                continue;
            }
            for one in asked {
                let taken = match from {
                    SharedSource::Workload(workload) => one.workload == *workload,
                    SharedSource::Team(team) => one.team == *team,
                    SharedSource::Idle(_) | SharedSource::AmountPerMonth(_) => false,
                };
                let hours = if by == ShareBy::Usage { &one.used } else { &one.requested };
                if !taken {
                    for (sum, hours) in teams[one.team.index()].iter_mut().zip(hours) {
                        *sum += hours;
                    }
                }
            }
        }
        teams
    }
}
