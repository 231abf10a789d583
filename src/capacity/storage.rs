//! Stored data by age: how much lies in each tier of a pool, month by month, in every draw.
//!
//! The stock is constant inside a month, at the month's level. It is kept as cohorts, each evenly aged
//! between two ages. The starting stock is evenly aged over its retention; without one it is older than
//! any tier asks for. At a month's turn what has passed its retention is gone; what the new level needs
//! beyond the rest has come in during the month before, evenly. Where the level falls below the rest,
//! all ages shrink alike. With `ingest` the level is not the demand's but follows from what came in and
//! what passed its retention. Data moves through the tiers by age within the month.
//!
//! Conservation: in every month and draw the tiers add up to the stock.

use crate::capacity::per_draw::PerDraw;
use crate::plan::workload::StorageRule;

/// An age beyond that of every tier, in hours.
const OLD: f64 = 1e12;

/// Data between two ages, evenly.
#[derive(Debug, Clone)]
struct Cohort {
    /// Age of the youngest, in hours.
    youngest: f64,
    /// Age of the oldest.
    oldest: f64,
    /// Bytes, one value a draw.
    bytes: Vec<f64>,
}

/// The mean bytes held in each tier in each month, one copy: `[tier][month][draw]`.
///
/// `levels` are the demand's bytes by month, `hours` the hours of each month, `after_hours` the rising
/// ages at which data enters each tier.
pub(crate) fn tiers(
    levels: &[Vec<f64>],
    hours: &[f64],
    after_hours: &[f64],
    rule: &StorageRule,
    ingest: Option<&PerDraw>,
) -> Vec<Vec<Vec<f64>>> {
    let Some(first) = levels.first() else { return vec![Vec::new(); after_hours.len()] };
    let draws = first.len();
    let mut cohorts = vec![match rule.retention_hours {
        Some(retention) => Cohort { youngest: 0.0, oldest: retention, bytes: first.clone() },
        None => Cohort { youngest: OLD, oldest: OLD, bytes: first.clone() },
    }];
    let mut held = vec![Vec::with_capacity(levels.len()); after_hours.len()];
    for (t, level) in levels.iter().enumerate() {
        if t > 0 {
            turn(&mut cohorts, hours[t - 1], rule.retention_hours);
            let rest = total(&cohorts, draws);
            match ingest {
                Some(ingest) => {
                    let came = (0..draws).map(|draw| ingest.at(draw)).collect();
                    cohorts.push(Cohort { youngest: 0.0, oldest: hours[t - 1], bytes: came });
                }
                None => reach(&mut cohorts, level, &rest, hours[t - 1]),
            }
        }
        for (tier, held) in held.iter_mut().enumerate() {
            let next = after_hours.get(tier + 1).copied().unwrap_or(f64::INFINITY);
            let mut bytes = vec![0.0; draws];
            for cohort in &cohorts {
                let younger = cohort.share_below(after_hours[tier], hours[t]);
                let share = (cohort.share_below(next, hours[t]) - younger).max(0.0);
                for (sum, bytes) in bytes.iter_mut().zip(&cohort.bytes) {
                    *sum += share * bytes;
                }
            }
            held.push(bytes);
        }
    }
    held
}

impl Cohort {
    /// The share that is younger than `age`, averaged over the `hours` of a month at whose start the
    /// cohort has its ages.
    fn share_below(&self, age: f64, hours: f64) -> f64 {
        if age.is_infinite() {
            return 1.0;
        }
        if age <= 0.0 {
            return 0.0;
        }
        let width = self.oldest - self.youngest;
        if width <= 0.0 {
            return ((age - self.youngest) / hours).clamp(0.0, 1.0);
        }
        // The integral of the ramp max(0, x), twice.
        let area = |x: f64| 0.5 * x.max(0.0) * x.max(0.0);
        let below =
            area(age - self.youngest) - area(age - self.youngest - hours) - area(age - self.oldest)
                + area(age - self.oldest - hours);
        (below / (width * hours)).clamp(0.0, 1.0)
    }
}

/// A month passes: everything is older, and what has passed its retention is gone.
fn turn(cohorts: &mut Vec<Cohort>, hours: f64, retention_hours: Option<f64>) {
    for cohort in cohorts.iter_mut() {
        let width = cohort.oldest - cohort.youngest;
        cohort.youngest += hours;
        cohort.oldest += hours;
        let Some(retention) = retention_hours else { continue };
        if cohort.oldest > retention {
            let kept = ((retention - cohort.youngest) / width).clamp(0.0, 1.0);
            cohort.bytes.iter_mut().for_each(|bytes| *bytes *= kept);
            cohort.oldest = retention.max(cohort.youngest);
        }
    }
    if let Some(retention) = retention_hours {
        cohorts.retain(|cohort| cohort.youngest < retention);
    }
}

fn total(cohorts: &[Cohort], draws: usize) -> Vec<f64> {
    let mut sum = vec![0.0; draws];
    for cohort in cohorts {
        sum.iter_mut().zip(&cohort.bytes).for_each(|(sum, bytes)| *sum += bytes);
    }
    sum
}

/// Young data comes in, or all ages shrink, until the stock is `level`.
fn reach(cohorts: &mut Vec<Cohort>, level: &[f64], rest: &[f64], hours: f64) {
    for cohort in cohorts.iter_mut() {
        for ((bytes, level), rest) in cohort.bytes.iter_mut().zip(level).zip(rest) {
            if level < rest {
                *bytes *= level / rest;
            }
        }
    }
    let came = level.iter().zip(rest).map(|(level, rest)| (level - rest).max(0.0)).collect();
    cohorts.push(Cohort { youngest: 0.0, oldest: hours, bytes: came });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MONTH: f64 = 720.0;

    fn rule(retention_hours: Option<f64>) -> StorageRule {
        StorageRule {
            retention_hours,
            replication: 1,
            reads_share_per_month: None,
            ingest_bytes_per_month: None,
        }
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-6, "{a} is not {b}");
    }

    #[test]
    fn stock_without_retention_starts_in_the_oldest_tier_and_growth_in_the_youngest() {
        let held = tiers(
            &[vec![100.0], vec![130.0], vec![160.0]],
            &[MONTH; 3],
            &[0.0, MONTH],
            &rule(None),
            None,
        );
        close(held[1][0][0], 100.0);
        // What came in last month is between 0 and one month old: half of it passes a month's age.
        close(held[0][1][0], 15.0);
        close(held[1][1][0], 115.0);
        close(held[0][2][0], 15.0);
        close(held[1][2][0], 145.0);
    }

    #[test]
    fn stock_evenly_aged_over_its_retention_stays_so() {
        let level = vec![1200.0];
        let held = tiers(
            &[level.clone(), level.clone(), level],
            &[MONTH; 3],
            &[0.0, 3.0 * MONTH],
            &rule(Some(12.0 * MONTH)),
            None,
        );
        // A quarter is younger than three months at a month's start; on average half a month's less.
        for young in &held[0] {
            close(young[0], 1200.0 * 2.5 / 12.0);
        }
    }

    #[test]
    fn ingest_adds_what_comes_and_takes_away_what_expires() {
        let ingest = PerDraw::Same(730.0);
        let held = tiers(
            &[vec![1200.0], vec![1200.0]],
            &[MONTH; 2],
            &[0.0],
            &rule(Some(12.0 * MONTH)),
            Some(&ingest),
        );
        close(held[0][0][0], 1200.0);
        close(held[0][1][0], 1200.0 - 100.0 + 730.0);
    }

    proptest! {
        #[test]
        fn the_tiers_add_up_to_the_stock(
            levels in proptest::collection::vec(0.0..1e6_f64, 1..14),
            retention in proptest::option::of(100.0..20_000.0_f64),
            after in 1.0..5_000.0_f64,
            more in 1.0..5_000.0_f64,
        ) {
            let levels: Vec<Vec<f64>> = levels.into_iter().map(|level| vec![level]).collect();
            let hours = vec![MONTH; levels.len()];
            let held = tiers(&levels, &hours, &[0.0, after, after + more], &rule(retention), None);
            for (t, level) in levels.iter().enumerate() {
                let sum: f64 = held.iter().map(|tier| tier[t][0]).sum();
                prop_assert!((sum - level[0]).abs() <= 1e-6 * level[0].max(1.0), "{sum} {level:?}");
                prop_assert!(held.iter().all(|tier| tier[t][0] >= -1e-9));
            }
        }
    }
}
