//! A history of spot prices by type and zone: percentiles, drift, changes of level, odd days, coverage.

use std::collections::BTreeMap;

use crate::calendar::{Date, days_between};
use crate::catalogue::Listed;
use crate::draws::{quantile, quantile_sorted};
use crate::money::to_f64;
use crate::plan::price::Purchase;

/// The prices of one type in one zone, one a day, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceHistory {
    /// The type.
    pub instance: String,
    /// The region, where known.
    pub region: Option<String>,
    /// The zone; the region where there are no zones.
    pub zone: String,
    /// Days with a price, and the mean price of the day; above 0.
    pub days: Vec<(Date, f64)>,
    /// The last on-demand price, money an hour.
    pub on_demand: Option<f64>,
}

/// What a price was over the last days.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The first day that counts.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Prices, in rising order.
    sorted: Vec<f64>,
    /// The last price.
    pub last: f64,
    /// The trend over these days, as a share a month (30 days): Theil and Sen's slope of the logarithm.
    pub drift_per_month: f64,
    /// The day from which on the level is another, and the share it changed by, where it changed for good.
    pub shift: Option<(Date, f64)>,
    /// Days whose price is far from its neighbours.
    pub odd_days: usize,
    /// The share of days on which the price was below on-demand; 1 where that is not known.
    pub below_on_demand: f64,
}

impl Seen {
    /// The price at probability `p`.
    #[must_use]
    pub fn at(&self, p: f64) -> f64 {
        quantile_sorted(&self.sorted, p)
    }

    /// How many days.
    #[must_use]
    pub fn days(&self) -> usize {
        self.sorted.len()
    }
}

/// A level is another from this change on, as a share.
const SHIFT: f64 = 0.15;
/// A day is odd from so many robust deviations on.
const ODD: f64 = 5.0;

/// Every series of a price list: its spot prices, one mean a day, with the on-demand prices of the region.
#[must_use]
pub fn histories(listed: &[Listed]) -> Vec<PriceHistory> {
    type Region<'a> = (&'a str, Option<&'a str>);
    type Zone<'a> = (&'a str, Option<&'a str>, &'a str);
    let mut on_demand: BTreeMap<Region<'_>, (Option<Date>, f64)> = BTreeMap::new();
    let mut days: BTreeMap<Zone<'_>, BTreeMap<Date, (f64, f64)>> = BTreeMap::new();
    for price in listed {
        let per_hour = to_f64(price.per_hour);
        let region = price.region.as_deref();
        if per_hour <= 0.0 {
            continue;
        }
        match (price.purchase, price.as_of) {
            (Purchase::OnDemand, as_of) => {
                let held = on_demand.entry((&price.instance, region)).or_insert((as_of, per_hour));
                if held.0 <= as_of {
                    *held = (as_of, per_hour);
                }
            }
            (Purchase::Spot, Some(day)) => {
                let zone = price.zone.as_deref().or(region).unwrap_or("everywhere");
                let series = days.entry((&price.instance, region, zone)).or_default();
                let (sum, count) = series.entry(day).or_insert((0.0, 0.0));
                *sum += per_hour;
                *count += 1.0;
            }
            _ => {}
        }
    }
    days.into_iter()
        .map(|((instance, region, zone), days)| PriceHistory {
            instance: instance.to_owned(),
            region: region.map(str::to_owned),
            zone: zone.to_owned(),
            days: days.into_iter().map(|(day, (sum, count))| (day, sum / count)).collect(),
            on_demand: on_demand.get(&(instance, region)).map(|(_, price)| *price),
        })
        .collect()
}

impl PriceHistory {
    /// What its price was over the last `window` days of it; `None` without any day.
    #[must_use]
    pub fn seen(&self, window: usize) -> Option<Seen> {
        let (until, last) = *self.days.last()?;
        let within = i32::try_from(window).unwrap_or(i32::MAX);
        let first = self.days.partition_point(|(day, _)| days_between(*day, until) >= within);
        let days = &self.days[first..];
        let prices: Vec<f64> = days.iter().map(|(_, price)| *price).collect();
        let mut sorted = prices.clone();
        sorted.sort_by(f64::total_cmp);
        let below = |cap: f64| {
            prices.iter().filter(|price| **price < cap).count() as f64 / prices.len() as f64
        };
        Some(Seen {
            from: days[0].0,
            until,
            sorted,
            last,
            drift_per_month: drift(days),
            shift: shift(days),
            odd_days: odd_days(&prices),
            below_on_demand: self.on_demand.map_or(1.0, below),
        })
    }
}

/// Theil and Sen's slope of the logarithm, as a share a month: the median over pairs, so that a few odd days
/// change nothing.
fn drift(days: &[(Date, f64)]) -> f64 {
    let logs: Vec<(f64, f64)> = days
        .iter()
        .map(|(day, price)| (f64::from(days_between(days[0].0, *day)), libm::log(*price)))
        .collect();
    let slopes: Vec<f64> = logs
        .iter()
        .enumerate()
        .flat_map(|(i, a)| logs[i + 1..].iter().map(move |b| (b.1 - a.1) / (b.0 - a.0)))
        .collect();
    if slopes.is_empty() { 0.0 } else { libm::exp(quantile(&slopes, 0.5) * 30.0) - 1.0 }
}

/// Where two levels fit the best, in absolute deviations from their medians, if they differ enough and overlap
/// little.
fn shift(days: &[(Date, f64)]) -> Option<(Date, f64)> {
    const PART: usize = 7;
    let prices: Vec<f64> = days.iter().map(|(_, price)| *price).collect();
    let apart = |part: &[f64]| {
        let middle = quantile(part, 0.5);
        part.iter().map(|price| (price - middle).abs()).sum::<f64>()
    };
    let misfit = |at: usize| {
        let (before, after) = prices.split_at(at);
        apart(before) + apart(after)
    };
    let places = PART..=days.len().checked_sub(PART)?;
    let at =
        places.map(|at| (misfit(at), at)).min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)))?.1;
    let (before, after) = prices.split_at(at);
    let share = quantile(after, 0.5) / quantile(before, 0.5) - 1.0;
    let apart = if share > 0.0 {
        quantile(after, 0.25) > quantile(before, 0.75)
    } else {
        quantile(after, 0.75) < quantile(before, 0.25)
    };
    (share.abs() >= SHIFT && apart).then_some((days[at].0, share))
}

/// Days far from the median of the week around them, in robust deviations.
fn odd_days(prices: &[f64]) -> usize {
    let around = |at: usize| {
        let part = &prices[at.saturating_sub(3)..(at + 4).min(prices.len())];
        libm::log(prices[at] / quantile(part, 0.5))
    };
    let away: Vec<f64> = (0..prices.len()).map(|at| around(at).abs()).collect();
    // A price that hardly moves has a deviation of nearly nothing; below 2% nothing is odd.
    let usual = (1.4826 * quantile(&away, 0.5)).max(0.02 / ODD);
    away.iter().filter(|away| **away > ODD * usual).count()
}

/// How often a percentile held: over all series and days, the share of the `ahead` days after a window of
/// `window` days whose price was at most the window's quantile `p`; windows follow each other without a gap
/// of their days ahead. With how many days were counted.
#[must_use]
pub fn coverage(all: &[PriceHistory], window: usize, ahead: usize, p: f64) -> (f64, usize) {
    let (mut held, mut counted) = (0_usize, 0_usize);
    for series in all {
        let mut at = window;
        while at + ahead <= series.days.len() {
            let before: Vec<f64> = series.days[at - window..at].iter().map(|(_, p)| *p).collect();
            let price = quantile(&before, p);
            let after = &series.days[at..at + ahead];
            held += after.iter().filter(|(_, seen)| *seen <= price * (1.0 + 1e-12)).count();
            counted += after.len();
            at += ahead;
        }
    }
    (if counted == 0 { f64::NAN } else { held as f64 / counted as f64 }, counted)
}
