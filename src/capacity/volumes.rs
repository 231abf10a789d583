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
use crate::capacity::storage::tiers;
use crate::forecast::demand::Demand;
use crate::ids::Id;
use crate::plan::pool::PoolSupply;
use crate::plan::workload::{StorageRule, WorkloadKind};
use crate::plan::{Plan, Pool, Workload};

/// One vector of draws a month, oldest first.
type Months = Vec<Vec<f64>>;

/// What every workload is billed for by the unit; by workload, then kind.
#[must_use]
pub fn volumes(plan: &Plan, demand: &Demand) -> Vec<VolumeUse> {
    let mut all = Vec::new();
    for (id, workload) in plan.workloads.iter() {
        let Some(asked) = &workload.demand else { continue };
        let levels = mean_levels(plan, demand, id);
        let mut by_kind: BTreeMap<VolumeKind, Months> = BTreeMap::new();
        if let (Some(rule), Some(pool)) = (&workload.storage, workload.pool) {
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

/// Byte-months held in every tier of the pool, and bytes read back where that has a price.
fn stored(
    plan: &Plan,
    rule: &StorageRule,
    pool: Id<Pool>,
    levels: &Months,
) -> Vec<(VolumeKind, Months)> {
    let PoolSupply::Storage(pool_tiers) = &plan.pools[pool].supply else { return Vec::new() };
    let hours: Vec<f64> = plan.horizon.iter().map(|month| f64::from(month.hours())).collect();
    let after: Vec<f64> = pool_tiers.iter().map(|tier| tier.after_hours).collect();
    let ingest = rule.ingest_bytes_per_month.as_ref().map(|i| PerDraw::of(plan.draws, i));
    let reads = rule.reads_share_per_month.as_ref().map(|share| PerDraw::of(plan.draws, share));
    let copies = f64::from(rule.replication);
    let held = tiers(levels, &hours, &after, rule, ingest.as_ref());

    let mut rows = Vec::new();
    for (tier, held) in pool_tiers.iter().zip(held) {
        if let (Some(reads), Some(_)) = (&reads, &plan.storage_tiers[tier.tier].retrieval_per_byte)
        {
            let mut months = Months::new();
            add(&mut months, &held, reads);
            rows.push((VolumeKind::Retrieved(pool, tier.tier), months));
        }
        let billed = held.into_iter().zip(&hours).map(|(bytes, hours)| {
            let months = hours / BILLING_MONTH_HOURS * copies;
            bytes.into_iter().map(|bytes| bytes * months).collect()
        });
        rows.push((VolumeKind::Stored(pool, tier.tier), billed.collect()));
    }
    rows
}
