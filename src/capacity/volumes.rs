//! What is billed by the unit: bytes stored and read back, bytes sent, units bought.
//!
//! Volumes follow the demand's level, before any cache: a rate times the seconds of the month, or a
//! stock. A stock with egress sends its bytes once a month.

use std::collections::BTreeMap;

use crate::calendar::BILLING_MONTH_HOURS;
use crate::capacity::month_demand::MonthDemand;
use crate::capacity::need::{VolumeKind, VolumeUse};
use crate::capacity::per_draw::PerDraw;
use crate::capacity::slots::MonthDays;
use crate::capacity::storage::{TierAges, tiers};
use crate::estimate::Estimate;
use crate::forecast::demand::Demand;
use crate::ids::Id;
use crate::plan::pool::{PoolSupply, PoolTier};
use crate::plan::workload::{StorageRule, WorkloadKind};
use crate::plan::{Plan, Pool, Workload};

/// One vector of draws a month, oldest first.
type Months = Vec<Vec<f64>>;

/// One copy, kept for good: where the plan states no rule.
static KEPT_FOR_GOOD: StorageRule = StorageRule {
    retention_hours: None,
    replication: 1,
    reads_share_per_month: None,
    ingest_bytes_per_month: None,
    requests_per_second: None,
    tiers: Vec::new(),
};

/// What every workload is billed for by the unit; by workload, then kind.
#[must_use]
pub fn volumes(plan: &Plan, demand: &Demand) -> Vec<VolumeUse> {
    let mut all = Vec::new();
    for (id, workload) in plan.workloads.iter() {
        let Some(asked) = &workload.demand else { continue };
        let levels = mean_levels(plan, demand, id);
        let mut by_kind: BTreeMap<VolumeKind, Months> = BTreeMap::new();
        if let Some(pool) = workload.pool {
            let rule = workload.storage.as_ref().unwrap_or(&KEPT_FOR_GOOD);
            by_kind.extend(stored(plan, rule, pool, &levels));
        }
        let units = volumes_of(plan, &levels, asked.is_rate);
        for egress in &workload.egress {
            let per_unit = PerDraw::of(plan.draws, &egress.bytes_per_unit);
            let kind = VolumeKind::Transferred(egress.provider, egress.kind);
            add(by_kind.entry(kind).or_default(), &units, &per_unit);
        }
        if workload.kind == WorkloadKind::Service {
            by_kind.insert(VolumeKind::Bought, units);
        }
        let rows =
            by_kind.into_iter().map(|(kind, months)| VolumeUse { workload: id, kind, months });
        all.extend(rows);
    }
    all
}

/// The mean level of each month: pieces of a month count by their days.
fn mean_levels(plan: &Plan, demand: &Demand, workload: Id<Workload>) -> Months {
    let of_month = |t| {
        let month = MonthDays::of(plan.horizon.month(t));
        let mut mean = vec![0.0; plan.draws.count()];
        for piece in
            MonthDemand::of(demand, workload, t, &month).iter().flat_map(|demand| &demand.pieces)
        {
            let share = f64::from(piece.days.end - piece.days.start) / f64::from(month.days);
            for (mean, level) in mean.iter_mut().zip(&piece.span.level) {
                *mean += share * level;
            }
        }
        mean
    };
    (0..plan.horizon.months).map(of_month).collect()
}

/// Units of a month: a rate times its seconds, or the stock.
fn volumes_of(plan: &Plan, levels: &Months, is_rate: bool) -> Months {
    let of_month = |(t, level): (usize, &Vec<f64>)| {
        let seconds = f64::from(plan.horizon.month(t).hours()) * 3600.0;
        let factor = if is_rate { seconds } else { 1.0 };
        level.iter().map(|level| level * factor).collect()
    };
    levels.iter().enumerate().map(of_month).collect()
}

fn add(months: &mut Months, units: &Months, per_unit: &PerDraw) {
    if months.is_empty() {
        months.extend(units.iter().map(|units| vec![0.0; units.len()]));
    }
    for (sum, units) in months.iter_mut().zip(units) {
        for (draw, (sum, units)) in sum.iter_mut().zip(units).enumerate() {
            *sum += units * per_unit.at(draw);
        }
    }
}

/// What every tier that the data lies in is billed for: the pool's, or the workload's own.
///
/// Byte-months held and lacking to a least stay; bytes read back and requests where they have a price.
/// Requests meet the tiers by what these hold.
fn stored(
    plan: &Plan,
    rule: &StorageRule,
    pool: Id<Pool>,
    levels: &Months,
) -> Vec<(VolumeKind, Months)> {
    let PoolSupply::Storage(pool_tiers) = &plan.pools[pool].supply else { return Vec::new() };
    let used = rule.tiers_used(pool_tiers);
    let hours: Vec<f64> = plan.horizon.iter().map(|month| f64::from(month.hours())).collect();
    let ages = |one: &PoolTier| TierAges {
        after_hours: one.after_hours,
        minimum_stay_hours: plan.storage_tiers[one.tier].minimum_stay_hours,
    };
    let ages: Vec<TierAges> = used.iter().map(ages).collect();
    let per_draw = |estimate: &Option<Estimate>| {
        estimate.as_ref().map(|estimate| PerDraw::of(plan.draws, estimate))
    };
    let reads = per_draw(&rule.reads_share_per_month);
    let requests = per_draw(&rule.requests_per_second);
    let copies = f64::from(rule.replication);
    let held = tiers(levels, &hours, &ages, rule, per_draw(&rule.ingest_bytes_per_month).as_ref());
    let all = summed(held.iter().map(|held| &held.bytes));

    let mut rows = Vec::new();
    for (tier, held) in used.iter().zip(held) {
        let priced = &plan.storage_tiers[tier.tier];
        if let (Some(reads), Some(_)) = (&reads, &priced.retrieval_per_byte) {
            let mut months = Months::new();
            add(&mut months, &held.bytes, reads);
            rows.push((VolumeKind::Retrieved(pool, tier.tier), months));
        }
        if let (Some(requests), Some(_)) = (&requests, &priced.per_request) {
            let months = held.bytes.iter().zip(&all).zip(&hours).map(|((held, all), hours)| {
                let share = |(held, all): (&f64, &f64)| if *all > 0.0 { held / all } else { 0.0 };
                let shares = held.iter().zip(all).map(share).enumerate();
                shares.map(|(draw, share)| share * requests.at(draw) * hours * 3600.0).collect()
            });
            rows.push((VolumeKind::Requested(pool, tier.tier), months.collect()));
        }
        if held.short_of_stay.iter().flatten().any(|byte_hours| *byte_hours > 0.0) {
            let months = scaled(held.short_of_stay, |_| copies / BILLING_MONTH_HOURS);
            rows.push((VolumeKind::ShortOfStay(pool, tier.tier), months));
        }
        let billed = scaled(held.bytes, |t| hours[t] / BILLING_MONTH_HOURS * copies);
        rows.push((VolumeKind::Stored(pool, tier.tier), billed));
    }
    rows
}

/// Several volumes together, by month and draw.
fn summed<'a>(mut of: impl Iterator<Item = &'a Months>) -> Months {
    let Some(mut sum) = of.next().cloned() else { return Months::new() };
    for one in of {
        for (sum, one) in sum.iter_mut().flatten().zip(one.iter().flatten()) {
            *sum += one;
        }
    }
    sum
}

/// Every month times a factor of its own.
fn scaled(of: Months, factor: impl Fn(usize) -> f64) -> Months {
    let month = |(t, draws): (usize, Vec<f64>)| {
        let factor = factor(t);
        draws.into_iter().map(|value| value * factor).collect()
    };
    of.into_iter().enumerate().map(month).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::example::{ORIGIN, amount, asked, fixed, levels, pool, with, workload};
    use crate::ids::Arena;
    use crate::plan::StorageTier;
    use crate::plan::catalog::EgressKind;
    use crate::plan::workload::Egress;

    fn all(months: &Months, expected: &[f64]) {
        for (month, expected) in months.iter().zip(expected) {
            for value in month {
                assert!((value - expected).abs() <= 1e-9 * expected.abs(), "{value} {expected}");
            }
        }
    }

    #[test]
    fn stored_bytes_are_billed_by_the_hours_of_the_month_and_the_copies() {
        let mut plan = crate::capacity::example::plan();
        let tier = |name: &str, retrieval| StorageTier {
            name: name.into(),
            provider: Id::new(0),
            prices: vec![],
            retrieval_per_byte: retrieval,
            minimum_stay_hours: None,
            per_request: None,
            origin: ORIGIN,
        };
        plan.storage_tiers =
            Arena::new(vec![tier("a-hot", None), tier("b-cold", Some(amount(0.01)))]);
        let mut lake = pool("lake", &[]);
        let pool_tier = |i, after_hours| PoolTier { tier: Id::new(i), after_hours, origin: ORIGIN };
        lake.supply = PoolSupply::Storage(vec![pool_tier(0, 0.0), pool_tier(1, 720.0)]);
        let mut pools = plan.pools.items().to_vec();
        pools.push(lake);
        plan.pools = Arena::new(pools);
        let data = Workload {
            pool: plan.pools.find("lake"),
            demand: Some(asked(false)),
            storage: Some(StorageRule {
                retention_hours: None,
                replication: 2,
                reads_share_per_month: Some(fixed(0.04)),
                ingest_bytes_per_month: None,
                requests_per_second: None,
                tiers: Vec::new(),
            }),
            ..workload("data", WorkloadKind::Storage)
        };
        let demand = levels(&plan, &[73e12; 3], None);
        let (plan, demand) = with(plan, vec![(data, Some(demand))]);
        let rows = volumes(&plan, &demand);
        let cold =
            rows.iter().find(|row| matches!(row.kind, VolumeKind::Stored(_, t) if t.index() == 1));
        all(&cold.unwrap().months, &[2.0 * 672e11, 2.0 * 744e11, 2.0 * 720e11]);
        let read = rows.iter().find(|row| matches!(row.kind, VolumeKind::Retrieved(..))).unwrap();
        all(&read.months, &[0.04 * 73e12; 3]);
    }

    #[test]
    fn a_rate_sends_its_bytes_in_every_second_of_the_month() {
        let plan = crate::capacity::example::plan();
        let egress = |bytes| Egress {
            kind: EgressKind::Internet,
            bytes_per_unit: fixed(bytes),
            provider: Id::new(0),
            origin: ORIGIN,
        };
        let chat = Workload {
            demand: Some(asked(true)),
            cache_hit_ratio: Some(fixed(0.5)),
            egress: vec![egress(1000.0), egress(500.0)],
            ..workload("chat", WorkloadKind::Inference)
        };
        let bought = Workload {
            demand: Some(asked(false)),
            pool: None,
            ..workload("seats", WorkloadKind::Service)
        };
        let rates = levels(&plan, &[10.0; 3], None);
        let seats = levels(&plan, &[7.0, 8.0, 9.0], None);
        let (plan, demand) = with(plan, vec![(chat, Some(rates)), (bought, Some(seats))]);
        let rows = volumes(&plan, &demand);
        assert_eq!(rows.len(), 2);
        all(
            &rows[0].months,
            &[672.0 * 3600.0 * 15e3, 744.0 * 3600.0 * 15e3, 720.0 * 3600.0 * 15e3],
        );
        assert_eq!(rows[1].kind, VolumeKind::Bought);
        all(&rows[1].months, &[7.0, 8.0, 9.0]);
    }
}
