//! Headroom: where and when need crosses what exists and what may be had, what drives it, what cures it.
//!
//! In: the plan, what every pool was supplied with, how workloads were sized. Out: one [`PoolHeadroom`] a
//! pool of nodes, with its reasons as data. A pool holds in a month at a confidence where nodes are missing
//! in no more than the rest of the draws, in every month separately. It reads vectors of draws and counts
//! by hour of the week that supply left behind; it holds no hours, buys nothing and prices nothing.

mod cures;
mod driver;

pub use cures::{Cure, Raised, cures};
pub use driver::{Driver, Grown, driver};

use crate::calendar::{Date, plus_days};
use crate::capacity::need::{Cause, Sizing};
use crate::draws::{mean, quantile};
use crate::ids::Id;
use crate::plan::{Plan, Pool};
use crate::procure::supply::{PoolMonth, ResourceUse};

/// The confidences at which a crossing has a date.
pub const CONFIDENCES: [f64; 3] = [0.5, 0.8, 0.95];

/// The confidence of reports.
pub const CONFIDENCE: f64 = 0.95;

/// The headroom of one pool over the horizon.
#[derive(Debug, Clone)]
pub struct PoolHeadroom {
    /// The pool.
    pub pool: Id<Pool>,
    /// When need crosses, at each of [`CONFIDENCES`] and at the confidence asked for.
    pub crossings: Vec<Crossing>,
    /// The tightest month, from the horizon's first: the one most likely to be short, else the one in which
    /// need takes most of what can run.
    pub tightest: usize,
    /// The share of draws in which nodes are missing, by month.
    pub short_chance: Vec<f64>,
    /// Nodes missing in the worst hour at the confidence, by month.
    pub missing: Vec<f64>,
    /// How every resource is taken in the tightest month, the most taken first.
    pub resources: Vec<ResourceRow>,
    /// What drives the need, where anything grows or is short.
    pub driver: Option<Driver>,
    /// What would cure it, where it is short at the confidence.
    pub cures: Vec<Cure>,
}

/// When need crosses what there is, at one confidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// The confidence.
    pub confidence: f64,
    /// The first month in which need passes what exists, where something exists.
    pub exists: Option<usize>,
    /// The first day on which nodes are missing: need passes what may be had.
    pub short: Option<Date>,
}

/// Utilisation, saturation and errors of one resource in the tightest month.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ResourceRow {
    /// The resource.
    pub cause: Cause,
    /// Requested of what was supplied, means over hours and draws; absent where nothing was supplied.
    pub utilization: Option<f64>,
    /// Used of what was supplied.
    pub used: Option<f64>,
    /// p50 and p95 of the nodes it alone would need in the busiest hour.
    pub peak_nodes: (f64, f64),
    /// The same p95 as a share of what can run; absent where nothing limits that.
    pub saturation: Option<f64>,
    /// The share of draws in which nodes are missing, for what binds; 0 for what is cleared.
    pub short_chance: f64,
}

/// The headroom of every pool of nodes, by pool.
///
/// `months` holds every pool of nodes in every month, by pool, then month.
#[must_use]
pub fn headroom(
    plan: &Plan,
    months: &[PoolMonth],
    sizings: &[Sizing],
    as_of: Date,
    confidence: f64,
) -> Vec<PoolHeadroom> {
    let pools = months.chunk_by(|a, b| a.pool == b.pool);
    pools.map(|months| of_pool(plan, months, sizings, as_of, confidence)).collect()
}

fn of_pool(
    plan: &Plan,
    months: &[PoolMonth],
    sizings: &[Sizing],
    as_of: Date,
    confidence: f64,
) -> PoolHeadroom {
    let pool = months[0].pool;
    let short_chance: Vec<f64> =
        months.iter().map(|month| share(&month.short_peak, |nodes| nodes > 0.0)).collect();
    let missing: Vec<f64> =
        months.iter().map(|month| quantile(&month.short_peak, confidence)).collect();
    let mut asked: Vec<f64> = CONFIDENCES.to_vec();
    if !asked.iter().any(|known| (known - confidence).abs() < 1e-9) {
        asked.push(confidence);
    }
    asked.sort_by(f64::total_cmp);
    let crossings: Vec<Crossing> =
        asked.into_iter().map(|confidence| crossing(plan, months, confidence)).collect();
    let tightest = tightest(months, &short_chance);
    let at_risk = short_chance.iter().position(|chance| *chance > 1.0 - confidence + 1e-9);
    let driver = driver(plan, pool, sizings, at_risk.unwrap_or(tightest));
    let cures = match at_risk {
        Some(_) => {
            let worst = self::driver(plan, pool, sizings, worst(&missing));
            cures(plan, months, worst.as_ref(), as_of, confidence)
        }
        None => Vec::new(),
    };
    PoolHeadroom {
        pool,
        crossings,
        tightest,
        resources: resources(&months[tightest], short_chance[tightest]),
        short_chance,
        missing,
        driver,
        cures,
    }
}

/// The first month in which most is missing.
fn worst(missing: &[f64]) -> usize {
    let most = missing.iter().copied().fold(0.0, f64::max);
    missing.iter().position(|nodes| *nodes >= most).unwrap_or(0)
}

/// The share of draws of which something is true.
fn share(values: &[f64], is: impl Fn(f64) -> bool) -> f64 {
    values.iter().filter(|value| is(**value)).count() as f64 / values.len().max(1) as f64
}

fn crossing(plan: &Plan, months: &[PoolMonth], confidence: f64) -> Crossing {
    let allowed = 1.0 - confidence + 1e-9;
    let exists = months.iter().position(|month| {
        let passes = |(need, existing): (&f64, &f64)| need > existing;
        let over = month.need_peak.iter().zip(&month.existing).filter(|pair| passes(*pair)).count();
        over as f64 / month.need_peak.len().max(1) as f64 > allowed
    });
    let something = months.iter().any(|month| month.existing.iter().any(|nodes| *nodes > 0.0));
    let short = months.iter().find_map(|month| {
        let first = short_day(&month.short_from, allowed)?;
        Some(plus_days(plan.horizon.month(month.t).first_day(), first))
    });
    Crossing { confidence, exists: exists.filter(|_| something), short }
}

/// The first day of a month by which more than the allowed share of draws are short.
fn short_day(from: &[f64], allowed: f64) -> Option<i32> {
    let mut days: Vec<f64> = from.iter().copied().filter(|day| day.is_finite()).collect();
    days.sort_by(f64::total_cmp);
    let place = days
        .iter()
        .enumerate()
        .find(|(place, _)| (*place + 1) as f64 / from.len().max(1) as f64 > allowed);
    #[expect(clippy::cast_possible_truncation, reason = "a day of a month")]
    place.map(|(_, day)| *day as i32)
}

/// Need in the busiest hour as a share of what can run, at a quantile over draws; 0 without a limit.
fn tightness(month: &PoolMonth, p: f64) -> f64 {
    let of_draw = month.need_peak.iter().zip(&month.available).map(|(need, available)| {
        if *need <= 0.0 || available.is_infinite() { 0.0 } else { need / available.max(1e-9) }
    });
    quantile(&of_draw.collect::<Vec<f64>>(), p)
}

fn tightest(months: &[PoolMonth], short_chance: &[f64]) -> usize {
    let rank = |t: usize| {
        let month = &months[t];
        (short_chance[t], tightness(month, CONFIDENCE), quantile(&month.need_peak, 0.5))
    };
    let later_is_tighter = |best: usize, t: usize| {
        let (a, b) = (rank(best), rank(t));
        let order = b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)).then(b.2.total_cmp(&a.2));
        if order.is_gt() { t } else { best }
    };
    (1..months.len()).fold(0, later_is_tighter)
}

fn resources(month: &PoolMonth, short_chance: f64) -> Vec<ResourceRow> {
    let limit = quantile(&month.available, 0.5);
    let row = |of: &ResourceUse| {
        let supplied = of.resource.and_then(|resource| month.supplied.get(&resource));
        let supplied = supplied.map_or(0.0, |supplied| mean(supplied));
        let part = |amount: f64| (supplied > 0.0).then(|| amount / supplied);
        ResourceRow {
            cause: of.cause,
            utilization: part(of.requested),
            used: part(of.used),
            peak_nodes: of.peak_nodes,
            saturation: limit.is_finite().then(|| of.peak_nodes.1 / limit.max(1e-9)),
            short_chance: 0.0,
        }
    };
    let mut rows: Vec<ResourceRow> = month.resources.iter().map(row).collect();
    // Among equals GPUs go first: their nodes are paid for them.
    let rank = |row: &ResourceRow| (row.cause != Cause::Gpu, row.cause);
    rows.sort_by(|a, b| b.peak_nodes.1.total_cmp(&a.peak_nodes.1).then(rank(a).cmp(&rank(b))));
    // What takes as many nodes as the first binds with it; what takes fewer is cleared.
    let most = rows.first().map_or(0.0, |row| row.peak_nodes.1);
    for row in rows.iter_mut().filter(|row| row.peak_nodes.1 >= most * (1.0 - 1e-9)) {
        row.short_chance = short_chance;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::example::{
        ORIGIN, change_pool, close, day, levels, plan as example, serve, served_by_gpu, with,
    };
    use crate::capacity::{choose_instances, factors, load, size};
    use crate::plan::Workload;
    use crate::plan::pool::Limit;
    use crate::plan::price::Purchase;
    use crate::plan::workload::{Growth, GrowthKind};
    use crate::procure::{supply, terms};

    /// The headroom of `serve`, whose on-demand is limited to so many nodes, with a workload that needs
    /// so many in each of three months.
    fn of(limit: u32, nodes: [f64; 3], draws: usize) -> (Plan, PoolHeadroom) {
        let mut plan = example();
        plan.draws = crate::draws::Draws::new(1, draws);
        change_pool(&mut plan, |pool| {
            let purchase = Some(Purchase::OnDemand);
            pool.limits = vec![Limit { purchase, nodes: limit, from: None, origin: ORIGIN }];
            pool.target_utilization = 0.5;
        });
        let growth = Growth {
            kind: GrowthKind::Compound(crate::capacity::example::fixed(0.1)),
            origin: ORIGIN,
        };
        let mut chat = served_by_gpu("chat", 1.0);
        if let Some(demand) = &mut chat.demand {
            demand.growth = vec![growth];
        }
        let chat: Workload = chat;
        let demand = levels(&plan, &nodes.map(|nodes| nodes * 4.0), None);
        let (plan, demand) = with(plan, vec![(chat, Some(demand))]);
        let factors = factors(&plan);
        let choices = choose_instances(&plan, &demand, &factors);
        let sizings = size(&plan, &demand, &factors, &choices);
        let terms = terms(&plan, &choices, day("2026-12-01"));
        let months: Vec<PoolMonth> = (0..3)
            .map(|t| {
                let load = load(&plan, &demand, &factors, &choices, serve(&plan), t);
                supply(&plan, &terms, &load).0
            })
            .collect();
        let found = headroom(&plan, &months, &sizings, day("2026-12-01"), 0.95);
        (plan, found.into_iter().next().unwrap())
    }

    #[test]
    fn a_crossing_has_its_day_its_driver_and_its_cures() {
        let (plan, found) = of(5, [4.0, 6.0, 8.0], 4);
        assert_eq!(found.short_chance, [0.0, 1.0, 1.0]);
        assert_eq!(found.missing, [0.0, 1.0, 3.0]);
        let short: Vec<_> = found.crossings.iter().map(|crossing| crossing.short).collect();
        assert_eq!(short, vec![Some(day("2027-03-01")); 3]);
        assert!(found.crossings.iter().all(|crossing| crossing.exists.is_none()));
        let driver = found.driver.unwrap();
        assert_eq!(plan.workloads[driver.workload].name, "chat");
        close(driver.grown, 2.0);
        assert_eq!(driver.by, Grown::Growth("compound"));
        let limit = Raised { purchase: Some(Purchase::OnDemand), from: 5.0, to: 8.0 };
        assert!(found.cures.contains(&Cure::RaiseLimit(vec![limit])));
        // 8 nodes at 50% are 5 at 80%.
        let target = found.cures.iter().find_map(|cure| match cure {
            Cure::RaiseTarget { from, to } => Some((*from, *to)),
            _ => None,
        });
        let (from, to) = target.unwrap();
        close(from, 0.5);
        close(to, 0.8);
        assert!(
            found.cures.iter().any(
                |cure| matches!(cure, Cure::Relieve { nodes, .. } if (nodes - 3.0).abs() < 1e-9)
            )
        );
    }

    #[test]
    fn what_is_cleared_is_told_too() {
        let (_, found) = of(9, [4.0, 6.0, 8.0], 4);
        assert_eq!(found.short_chance, [0.0; 3]);
        assert!(found.cures.is_empty());
        assert_eq!(found.tightest, 2);
        let resources: Vec<_> = found.resources.iter().map(|row| row.cause).collect();
        // As many nodes for each: GPUs, which their nodes are paid for, go first.
        assert_eq!(resources, [Cause::Gpu, Cause::Cpu, Cause::Memory]);
        for row in &found.resources {
            close(row.saturation.unwrap(), 8.0 / 9.0);
            close(row.utilization.unwrap(), 1.0);
            close(row.used.unwrap(), 0.5);
            close(row.short_chance, 0.0);
        }
    }

    #[test]
    fn a_day_is_crossed_once_more_than_the_allowed_share_of_draws_are_short() {
        let never = f64::INFINITY;
        let from = [3.0, never, 9.0, 3.0, never, never, 20.0, never, never, never];
        assert_eq!(short_day(&from, 0.05), Some(3));
        assert_eq!(short_day(&from, 0.2 + 1e-9), Some(9));
        assert_eq!(short_day(&from, 0.35), Some(20));
        assert_eq!(short_day(&from, 0.5), None);
    }
}
