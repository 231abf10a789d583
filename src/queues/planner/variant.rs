//! The cells of a plan's quotas, and the plan with other values in them.

use std::collections::BTreeMap;

use super::Lack;
use super::frontier::Cell;
use crate::capacity::jobs::PlannedJobs;
use crate::draws::quantile;
use crate::ids::{Arena, Id};
use crate::plan::quota::QuotaGrant;
use crate::plan::{Plan, Pool, Quota};
use crate::procure::supply::PoolMonth;
use crate::queues::cluster::{WORDS, holding};
use crate::queues::outcome::send;

/// What a quota has of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Setting {
    /// Guaranteed.
    pub nominal: f64,
    /// May be borrowed on top; without limit where absent.
    pub borrowing_limit: Option<f64>,
}

/// Of each quota and pool the resource that is planned: GPUs, else cores, else memory.
pub(super) fn cells(
    plan: &Plan,
    planned: &PlannedJobs,
    draws: usize,
    prices: &BTreeMap<Id<Pool>, f64>,
) -> Vec<Cell> {
    let (sent, _) = send(plan, planned);
    let mut cells = Vec::new();
    for (quota, of) in plan.quotas.iter() {
        for (pool, shape) in &planned.shapes {
            let grants = |word: &str| {
                of.grants.iter().any(|grant| grant.pool == *pool && grant.resource == word)
            };
            let Some(word) = ["gpu", "cpu", "memory"].into_iter().find(|word| grants(word)) else {
                continue;
            };
            let place = WORDS.iter().position(|known| *known == word).unwrap_or(0);
            let step = [shape.cores, shape.memory_bytes, shape.gpus][place].max(1.0);
            let jobs = || sent.iter().filter(|one| one.quota == quota && one.planned.pool == *pool);
            let peak = |draw: usize| {
                let mut changes: Vec<(f64, f64)> = jobs()
                    .map(|one| one.planned)
                    .flat_map(|job| {
                        let (start, asks) = (job.start.max(0.0), job.asks[place][draw].ceil());
                        [(start, asks), (start + job.hours[draw], -asks)]
                    })
                    .collect();
                changes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
                let mut held = 0.0;
                changes.iter().fold(0.0_f64, |most, (_, change)| {
                    held += change;
                    most.max(held)
                })
            };
            let peak = (0..draws).map(peak).fold(0.0, f64::max);
            cells.push(Cell {
                quota,
                pool: *pool,
                resource: word,
                step,
                peak: (peak / step).ceil() * step,
                price: prices.get(pool).copied().unwrap_or(0.0),
            });
        }
    }
    cells
}

/// What holds today: on the first day of the horizon, else what the first grant says.
pub(super) fn today(plan: &Plan, cells: &[Cell]) -> Vec<Setting> {
    let first = plan.horizon.first_day();
    let one = |cell: &Cell| {
        let grants = &plan.quotas[cell.quota].grants;
        let is = |grant: &QuotaGrant| grant.pool == cell.pool && grant.resource == cell.resource;
        let holds = holding(grants, first).into_iter().find(|grant| is(grant));
        holds.map_or(Setting::default(), |grant| Setting {
            nominal: grant.nominal,
            borrowing_limit: grant.borrowing_limit,
        })
    };
    cells.iter().map(one).collect()
}

/// The plan with these settings, for the whole horizon; weights, where given, one a quota.
pub(super) fn with(
    plan: &Plan,
    cells: &[Cell],
    settings: &[Setting],
    weights: Option<&[f64]>,
) -> Plan {
    let quotas = plan.quotas.iter().map(|(id, quota)| {
        let mut quota: Quota = quota.clone();
        for (cell, setting) in cells.iter().zip(settings).filter(|(cell, _)| cell.quota == id) {
            let is =
                |grant: &QuotaGrant| grant.pool == cell.pool && grant.resource == cell.resource;
            let Some(first) = quota.grants.iter().position(is) else { continue };
            let grant = &mut quota.grants[first];
            grant.from = None;
            grant.nominal = setting.nominal;
            grant.borrowing_limit = setting.borrowing_limit.filter(|_| quota.cohort.is_some());
            if setting.nominal > 0.0 {
                // More is never lent than is guaranteed.
                grant.lending_limit = grant.lending_limit.map(|most| most.min(setting.nominal));
            }
            let mut at = 0;
            quota.grants.retain(|grant| {
                at += 1;
                at - 1 <= first || !is(grant)
            });
        }
        if let Some(weights) = weights {
            quota.weight = weights[id.index()];
        }
        quota
    });
    Plan { quotas: Arena::new(quotas.collect()), ..plan.clone() }
}

/// Of each pool the month in which the guarantees exceed most what there may be, cohorts' own among them.
pub(super) fn lacks(
    plan: &Plan,
    planned: &PlannedJobs,
    supply: &[PoolMonth],
    cells: &[Cell],
    nominal: &[f64],
) -> Vec<Lack> {
    let of_pool = |(pool, shape): &(Id<Pool>, crate::plan::catalog::NodeShape)| {
        let own: Vec<(&Cell, &f64)> =
            cells.iter().zip(nominal).filter(|(cell, _)| cell.pool == *pool).collect();
        let word = own.first()?.0.resource;
        let place = WORDS.iter().position(|known| *known == word)?;
        let offers = [shape.cores, shape.memory_bytes, shape.gpus][place];
        let own: f64 =
            own.iter().filter(|(cell, _)| cell.resource == word).map(|(_, nominal)| *nominal).sum();
        let lack = |month: &PoolMonth| {
            let day = plan.horizon.month(month.t).first_day();
            let shared = plan.cohorts.items().iter().flat_map(|of| holding(&of.grants, day));
            let shared = shared.filter(|of| of.pool == *pool && of.resource == word);
            let guaranteed = own + shared.map(|grant| grant.nominal).sum::<f64>();
            let there = quantile(&month.available, 0.5) * offers;
            (guaranteed > there).then_some(Lack { pool: *pool, t: month.t, guaranteed, there })
        };
        let months = supply.iter().filter(|month| month.pool == *pool).filter_map(lack);
        months.min_by(|a, b| a.there.total_cmp(&b.there).then(a.t.cmp(&b.t)))
    };
    planned.shapes.iter().filter_map(of_pool).collect()
}
