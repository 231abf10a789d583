//! Stored data by age: how much lies in each tier of a pool, month by month, in every draw.
//!
//! The stock is constant inside a month, at the month's level: what passes its retention is replaced as
//! it goes. It is kept as cohorts, each evenly aged between two ages; an age below zero says that data
//! has yet to come in. The starting stock is evenly aged over its retention; without one it is older than
//! any tier asks for. What a new level needs beyond the last has come in during the month before, evenly.
//! Where the level falls, all ages shrink alike. With `ingest` the level is not the demand's but follows
//! from what comes in, evenly, and what passes its retention. Data moves through the tiers by age, at any
//! hour of the month.
//!
//! A tier may bill data for a least stay. What moves on, passes its retention or goes because the level
//! falls before it has stayed so long is billed for the rest, in the month in which it leaves.
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

/// The ages between which data lies in a tier, and how long it is billed for at least.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TierAges {
    /// The age at which data enters, in hours; rising from tier to tier.
    pub after_hours: f64,
    /// The least time it is billed for, in hours.
    pub minimum_stay_hours: Option<f64>,
}

/// What a tier is billed for, one copy: `[month][draw]`.
#[derive(Debug, Clone, Default)]
pub(crate) struct Held {
    /// The mean bytes held.
    pub bytes: Vec<Vec<f64>>,
    /// Byte-hours that data which left was short of its least stay; empty for a tier without one.
    pub short_of_stay: Vec<Vec<f64>>,
}

/// What is held in each tier in each month.
///
/// `levels` are the demand's bytes by month, `hours` the hours of each month.
pub(crate) fn tiers(
    levels: &[Vec<f64>],
    hours: &[f64],
    ages: &[TierAges],
    rule: &StorageRule,
    ingest: Option<&PerDraw>,
) -> Vec<Held> {
    let mut held = vec![Held::default(); ages.len()];
    let Some(first) = levels.first() else { return held };
    let draws = first.len();
    let stays = Stay::of(ages, rule.retention_hours);
    let kept = rule.retention_hours.unwrap_or(f64::INFINITY);
    // Kept for less than a month, the stock is evenly aged at any time.
    let renewed = ingest.is_none() && hours.iter().all(|hours| kept <= *hours);
    let mut cohorts = vec![match rule.retention_hours {
        Some(retention) => Cohort { youngest: 0.0, oldest: retention, bytes: first.clone() },
        None => Cohort { youngest: OLD, oldest: OLD, bytes: first.clone() },
    }];
    for (t, level) in levels.iter().enumerate() {
        for stay in &stays {
            held[stay.tier].short_of_stay.push(vec![0.0; draws]);
        }
        if t > 0 && !renewed {
            turn(&mut cohorts, hours[t - 1], rule.retention_hours);
        }
        if t > 0 && ingest.is_none() {
            let rest = total(&cohorts, draws);
            for stay in &stays {
                stay.shrunken(&cohorts, level, &rest, &mut held[stay.tier].short_of_stay[t]);
            }
            reach(&mut cohorts, level, &rest, if renewed { kept } else { hours[t - 1] });
        }
        match ingest {
            Some(ingest) => {
                let bytes = (0..draws).map(|draw| ingest.at(draw)).collect();
                cohorts.push(Cohort { youngest: -hours[t], oldest: 0.0, bytes });
            }
            None if renewed => {}
            None => replace(&mut cohorts, hours[t], kept),
        }
        for (tier, held) in held.iter_mut().enumerate() {
            let next = ages.get(tier + 1).map_or(f64::INFINITY, |next| next.after_hours);
            let (from, until) = (ages[tier].after_hours.min(kept), next.min(kept));
            let mut bytes = vec![0.0; draws];
            for cohort in &cohorts {
                let share = if renewed {
                    cohort.share_younger(until) - cohort.share_younger(from)
                } else {
                    cohort.share_below(until, hours[t]) - cohort.share_below(from, hours[t])
                };
                for (sum, bytes) in bytes.iter_mut().zip(&cohort.bytes) {
                    *sum += share.max(0.0) * bytes;
                }
            }
            held.bytes.push(bytes);
        }
        for stay in &stays {
            let short = &mut held[stay.tier].short_of_stay[t];
            if renewed {
                stay.renewed(&cohorts, hours[t], short);
            } else {
                stay.aged(&cohorts, hours[t], short);
            }
        }
    }
    held
}

/// The least stay of a tier that has one.
struct Stay {
    tier: usize,
    /// The age at which data enters.
    enters: f64,
    /// The age at which it leaves: into the next tier, or because its retention ends.
    leaves: f64,
    /// How long it is billed for at least.
    least: f64,
}

impl Stay {
    fn of(ages: &[TierAges], retention_hours: Option<f64>) -> Vec<Self> {
        let retention = retention_hours.unwrap_or(f64::INFINITY);
        let stay = |(tier, own): (usize, &TierAges)| {
            let next = ages.get(tier + 1).map_or(f64::INFINITY, |next| next.after_hours);
            let (enters, leaves) = (own.after_hours, next.min(retention));
            let least = own.minimum_stay_hours?;
            (enters < leaves).then_some(Self { tier, enters, leaves, least })
        };
        ages.iter().enumerate().filter_map(stay).collect()
    }

    /// Adds the byte-hours that data lacks which reaches the age of leaving within the next `hours`.
    fn aged(&self, cohorts: &[Cohort], hours: f64, short: &mut [f64]) {
        let lacks = self.least - (self.leaves - self.enters);
        if lacks <= 0.0 {
            return;
        }
        for cohort in cohorts {
            let passes =
                cohort.share_younger(self.leaves) - cohort.share_younger(self.leaves - hours);
            for (short, bytes) in short.iter_mut().zip(&cohort.bytes) {
                *short += passes * bytes * lacks;
            }
        }
    }

    /// The same of a stock that is evenly aged over its retention at any time.
    fn renewed(&self, cohorts: &[Cohort], hours: f64, short: &mut [f64]) {
        let lacks = (self.least - (self.leaves - self.enters)).max(0.0);
        for cohort in cohorts {
            let passes = hours / (cohort.oldest - cohort.youngest) * lacks;
            for (short, bytes) in short.iter_mut().zip(&cohort.bytes) {
                *short += bytes * passes;
            }
        }
    }

    /// Adds the byte-hours that data lacks which goes where the level falls below the rest.
    fn shrunken(&self, cohorts: &[Cohort], level: &[f64], rest: &[f64], short: &mut [f64]) {
        for cohort in cohorts {
            let lacks = self.mean_lack(cohort);
            if lacks <= 0.0 {
                continue;
            }
            for (short, ((bytes, level), rest)) in
                short.iter_mut().zip(cohort.bytes.iter().zip(level).zip(rest))
            {
                if level < rest {
                    *short += bytes * (1.0 - level / rest) * lacks;
                }
            }
        }
    }

    /// How many hours a byte of a cohort lacks, on average over all of it: nothing outside the tier.
    fn mean_lack(&self, cohort: &Cohort) -> f64 {
        let width = cohort.oldest - cohort.youngest;
        if width <= 0.0 {
            let stayed = cohort.youngest - self.enters;
            let inside = stayed >= 0.0 && cohort.youngest < self.leaves;
            return if inside { (self.least - stayed).max(0.0) } else { 0.0 };
        }
        let from = (cohort.youngest.max(self.enters) - self.enters).min(self.least);
        let until = (cohort.oldest.min(self.leaves) - self.enters).min(self.least);
        // The integral of what is lacking over the time stayed.
        let area = (until - from) * (self.least - f64::midpoint(from, until));
        if until > from { area / width } else { 0.0 }
    }
}

impl Cohort {
    /// The share that is younger than `age` now.
    fn share_younger(&self, age: f64) -> f64 {
        let width = self.oldest - self.youngest;
        if width > 0.0 {
            ((age - self.youngest) / width).clamp(0.0, 1.0)
        } else if self.youngest < age {
            1.0
        } else {
            0.0
        }
    }

    /// The share that is younger than `age`, averaged over the `hours` of a month at whose start the
    /// cohort has its ages.
    fn share_below(&self, age: f64, hours: f64) -> f64 {
        if age.is_infinite() {
            return 1.0;
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

/// Adds what comes in for what passes its retention within the next `hours`, as it does.
fn replace(cohorts: &mut Vec<Cohort>, hours: f64, retention: f64) {
    let passing = |cohort: &Cohort| {
        let share = 1.0 - cohort.share_younger(retention - hours);
        (share > 0.0 && cohort.youngest < OLD).then(|| Cohort {
            youngest: -(retention - cohort.youngest).min(hours),
            oldest: -(retention - cohort.oldest).max(0.0),
            bytes: cohort.bytes.iter().map(|bytes| share * bytes).collect(),
        })
    };
    // What comes in may itself pass within the hours.
    let mut from = 0;
    while from < cohorts.len() {
        let new: Vec<Cohort> = cohorts[from..].iter().filter_map(passing).collect();
        from = cohorts.len();
        cohorts.extend(new);
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
    let came: Vec<f64> =
        level.iter().zip(rest).map(|(level, rest)| (level - rest).max(0.0)).collect();
    if came.iter().any(|bytes| *bytes > 0.0) {
        cohorts.push(Cohort { youngest: 0.0, oldest: hours, bytes: came });
    }
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
            requests_per_second: None,
            tiers: Vec::new(),
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
            &at(&[0.0, MONTH]),
            &rule(None),
            None,
        );
        close(held[1].bytes[0][0], 100.0);
        // What came in last month is between 0 and one month old: half of it passes a month's age.
        close(held[0].bytes[1][0], 15.0);
        close(held[1].bytes[1][0], 115.0);
        close(held[0].bytes[2][0], 15.0);
        close(held[1].bytes[2][0], 145.0);
    }

    #[test]
    fn stock_evenly_aged_over_its_retention_stays_so() {
        let level = vec![1200.0];
        let held = tiers(
            &[level.clone(), level.clone(), level],
            &[MONTH; 3],
            &at(&[0.0, 3.0 * MONTH]),
            &rule(Some(12.0 * MONTH)),
            None,
        );
        for young in &held[0].bytes {
            close(young[0], 1200.0 * 3.0 / 12.0);
        }
    }

    #[test]
    fn ingest_adds_what_comes_and_takes_away_what_expires() {
        let ingest = PerDraw::Same(730.0);
        let held = tiers(
            &[vec![1200.0], vec![1200.0]],
            &[MONTH; 2],
            &at(&[0.0]),
            &rule(Some(12.0 * MONTH)),
            Some(&ingest),
        );
        // On average over a month, half of what comes in and expires in it.
        close(held[0].bytes[0][0], 1200.0 + 0.5 * (730.0 - 100.0));
        close(held[0].bytes[1][0], 1200.0 + 1.5 * (730.0 - 100.0));
    }

    fn at(after: &[f64]) -> Vec<TierAges> {
        let age = |after: &f64| TierAges { after_hours: *after, minimum_stay_hours: None };
        after.iter().map(age).collect()
    }

    /// What a tier with a least stay of three months lacks in each month, for one draw.
    fn short(levels: &[f64], after: &[f64], retention: Option<f64>) -> Vec<f64> {
        let mut ages = at(after);
        ages[0].minimum_stay_hours = Some(3.0 * MONTH);
        let levels: Vec<Vec<f64>> = levels.iter().map(|level| vec![*level]).collect();
        let held = tiers(&levels, &vec![MONTH; levels.len()], &ages, &rule(retention), None);
        held[0].short_of_stay.iter().map(|draws| draws[0]).collect()
    }

    #[test]
    fn data_kept_for_two_months_of_three_is_billed_as_one_and_a_half_times_the_stock() {
        for byte_hours in short(&[1200.0; 4], &[0.0], Some(2.0 * MONTH)) {
            close(byte_hours, 0.5 * 1200.0 * MONTH);
        }
        // Kept for three months, nothing is lacking.
        assert_eq!(short(&[1200.0; 4], &[0.0], Some(3.0 * MONTH)), [0.0; 4]);
    }

    #[test]
    fn data_that_moves_on_after_a_month_is_billed_for_the_other_two() {
        // A twelfth of what is kept for a year comes of age every month.
        for byte_hours in short(&[1200.0; 4], &[0.0, MONTH], Some(12.0 * MONTH)) {
            close(byte_hours, 100.0 * 2.0 * MONTH);
        }
    }

    #[test]
    fn what_goes_early_because_the_level_falls_is_billed_for_the_rest_of_its_stay() {
        // Evenly aged over a year, 100 a month; half of all is deleted. Three months lack something.
        let of = short(&[1200.0, 600.0], &[0.0], Some(12.0 * MONTH));
        close(of[0], 0.0);
        close(of[1], 0.5 * 100.0 * (2.5 + 1.5 + 0.5) * MONTH);
        // Data older than any stay lacks nothing.
        close(short(&[1200.0, 600.0], &[0.0], None)[1], 0.0);
    }

    proptest! {
        #[test]
        fn a_least_stay_adds_what_the_time_held_lacks(
            stay in 10.0..5_000.0_f64, retention in 10.0..5_000.0_f64, months in 1_usize..20,
        ) {
            // Whatever came in is held for its retention or its stay, whichever is longer.
            let ages = [TierAges { after_hours: 0.0, minimum_stay_hours: Some(stay) }];
            let levels = vec![vec![1000.0]; months];
            let held = tiers(&levels, &vec![MONTH; months], &ages, &rule(Some(retention)), None);
            let per_month = 1000.0 * MONTH / retention * (stay - retention).max(0.0);
            for draws in &held[0].short_of_stay {
                prop_assert!((draws[0] - per_month).abs() <= 1e-6 * per_month.max(1.0));
            }
        }

        #[test]
        fn the_tiers_add_up_to_the_stock(
            levels in proptest::collection::vec(0.0..1e6_f64, 1..14),
            retention in proptest::option::of(100.0..20_000.0_f64),
            after in 1.0..5_000.0_f64,
            more in 1.0..5_000.0_f64,
        ) {
            let levels: Vec<Vec<f64>> = levels.into_iter().map(|level| vec![level]).collect();
            let hours = vec![MONTH; levels.len()];
            let held = tiers(&levels, &hours, &at(&[0.0, after, after + more]), &rule(retention), None);
            for (t, level) in levels.iter().enumerate() {
                let sum: f64 = held.iter().map(|tier| tier.bytes[t][0]).sum();
                prop_assert!((sum - level[0]).abs() <= 1e-6 * level[0].max(1.0), "{sum} {level:?}");
                prop_assert!(held.iter().all(|tier| tier.bytes[t][0] >= -1e-9));
            }
        }
    }
}
