//! Prices that are probably wrong.
//!
//! A list goes in, what is odd comes out, in the order of the file: zero or below, not below what it should be
//! below, two prices for one thing, a jump against the last one, far from what other regions ask, stale.

use std::collections::BTreeMap;

use super::{Catalogue, Key, Listed};
use crate::calendar::{Date, days_between};
use crate::money::{Currency, Decimal, to_f64};
use crate::plan::price::Purchase;

/// A change against the price before that is worth a look, as a share of it.
pub const JUMP: f64 = 0.2;
/// How many times what other regions ask is worth a look.
pub const FAR: f64 = 2.0;
/// Days after which a price should be read again.
pub const STALE_DAYS: i32 = 365;

/// Something odd.
#[derive(Debug, Clone, PartialEq)]
pub struct Odd {
    /// Index of the price.
    pub of: usize,
    /// Index of the price it is held against.
    pub against: Option<usize>,
    /// What is odd.
    pub kind: OddKind,
}

/// What is odd about a price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OddKind {
    /// It is zero.
    Zero,
    /// It is below zero.
    Negative,
    /// A spot or reserved price that is not below on-demand.
    NotBelowOnDemand,
    /// Two prices of one day for one thing.
    Conflict,
    /// A jump against the price before, as a share of it.
    Jump(f64),
    /// So many times the median of the other regions.
    FarFromOthers(f64),
    /// Read so many days before the day looked from; told once for all of a day.
    Stale(i32),
    /// Its last day is past.
    Expired,
}

impl OddKind {
    /// Its word, for JSON and CSV.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Zero => "zero",
            Self::Negative => "negative",
            Self::NotBelowOnDemand => "not-below-on-demand",
            Self::Conflict => "conflict",
            Self::Jump(_) => "jump",
            Self::FarFromOthers(_) => "far-from-other-regions",
            Self::Stale(_) => "stale",
            Self::Expired => "expired",
        }
    }
}

/// What is odd in a list, looked at from a day; without one nothing is stale.
#[must_use]
pub fn lint(list: &Catalogue, as_of: Option<Date>) -> Vec<Odd> {
    let prices = &list.listed;
    let mut found = Vec::new();
    signs(prices, &mut found);
    above_on_demand(prices, &mut found);
    over_time(prices, &mut found);
    regions(prices, &mut found);
    if let Some(as_of) = as_of {
        dates(prices, as_of, &mut found);
    }
    found.sort_by_key(|odd| (prices[odd.of].at.start, odd.of));
    found
}

fn signs(prices: &[Listed], found: &mut Vec<Odd>) {
    for (of, price) in prices.iter().enumerate() {
        let kind = match price.per_hour.cmp(&Decimal::ZERO) {
            std::cmp::Ordering::Less => OddKind::Negative,
            std::cmp::Ordering::Equal => OddKind::Zero,
            std::cmp::Ordering::Greater => continue,
        };
        found.push(Odd { of, against: None, kind });
    }
}

/// What an on-demand price is of: type, region, currency.
fn place(price: &Listed) -> (&str, Option<&str>, Option<&str>, &str) {
    (&price.instance, price.region.as_deref(), price.provider.as_deref(), price.currency.code())
}

fn above_on_demand(prices: &[Listed], found: &mut Vec<Odd>) {
    let mut on_demand: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, price) in prices.iter().enumerate() {
        if price.purchase == Purchase::OnDemand && price.per_hour > Decimal::ZERO {
            on_demand.entry(place(price)).or_default().push(index);
        }
    }
    for (of, price) in prices.iter().enumerate().filter(|(_, p)| p.purchase != Purchase::OnDemand) {
        // The one of the same day, or the last before it.
        let before = on_demand.get(&place(price)).into_iter().flatten();
        let before = before.filter(|index| prices[**index].as_of <= price.as_of);
        let Some(against) = before.max_by_key(|index| prices[**index].as_of) else { continue };
        if price.per_hour >= prices[*against].per_hour {
            found.push(Odd { of, against: Some(*against), kind: OddKind::NotBelowOnDemand });
        }
    }
}

fn over_time(prices: &[Listed], found: &mut Vec<Odd>) {
    let mut by_key: BTreeMap<(Key, Currency), Vec<usize>> = BTreeMap::new();
    for (index, price) in prices.iter().enumerate() {
        by_key.entry((price.key(), price.currency)).or_default().push(index);
    }
    for mut same in by_key.into_values().filter(|same| same.len() > 1) {
        // Of one day the highest counts, in whichever order they stand.
        same.sort_by_key(|index| (prices[*index].as_of, prices[*index].per_hour, *index));
        let days: Vec<&[usize]> =
            same.chunk_by(|a, b| prices[*a].as_of == prices[*b].as_of).collect();
        for day in &days {
            conflicts(prices, day, found);
        }
        let highest: Vec<usize> = days.iter().filter_map(|day| day.last().copied()).collect();
        for pair in highest.windows(2) {
            let (a, b) = (&prices[pair[0]], &prices[pair[1]]);
            // A price below zero is told as such; nothing is a change against it.
            if a.per_hour <= Decimal::ZERO {
                continue;
            }
            let change = to_f64(b.per_hour) / to_f64(a.per_hour) - 1.0;
            // Spot prices move by themselves; only a leap is odd.
            let most = if a.purchase == Purchase::Spot { 2.0 * JUMP } else { JUMP };
            if change.is_finite() && change.abs() > most {
                found.push(Odd {
                    of: pair[1],
                    against: Some(pair[0]),
                    kind: OddKind::Jump(change),
                });
            }
        }
    }
}

/// Tells of prices of one day, lowest first, that differ. A spot price may well change within a day.
fn conflicts(prices: &[Listed], day: &[usize], found: &mut Vec<Odd>) {
    for pair in day.windows(2) {
        let (a, b) = (&prices[pair[0]], &prices[pair[1]]);
        if a.per_hour != b.per_hour && a.purchase != Purchase::Spot {
            found.push(Odd { of: pair[1], against: Some(pair[0]), kind: OddKind::Conflict });
        }
    }
}

fn regions(prices: &[Listed], found: &mut Vec<Odd>) {
    let mut by_type: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, price) in prices.iter().enumerate() {
        if price.purchase == Purchase::OnDemand && price.per_hour > Decimal::ZERO {
            let key =
                (price.provider.as_deref(), &*price.instance, price.as_of, price.currency.code());
            by_type.entry(key).or_default().push(index);
        }
    }
    for same in by_type.into_values().filter(|same| same.len() >= 3) {
        let mut sorted: Vec<f64> =
            same.iter().map(|index| to_f64(prices[*index].per_hour)).collect();
        sorted.sort_by(f64::total_cmp);
        let median = median_sorted(&sorted);
        for of in same {
            let times = to_f64(prices[of].per_hour) / median;
            if !(1.0 / FAR..=FAR).contains(&times) {
                found.push(Odd { of, against: None, kind: OddKind::FarFromOthers(times) });
            }
        }
    }
}

/// The median of values in rising order: of an even number of them the mean of the two in the middle.
fn median_sorted(sorted: &[f64]) -> f64 {
    let (below, above) = ((sorted.len() - 1) / 2, sorted.len() / 2);
    f64::midpoint(sorted[below], sorted[above])
}

fn dates(prices: &[Listed], as_of: Date, found: &mut Vec<Odd>) {
    // Of each thing only the last price is used; prices read on one day are one thing to do.
    let mut last: BTreeMap<Key, usize> = BTreeMap::new();
    for (index, price) in prices.iter().enumerate() {
        let newer = |old: &usize| prices[*old].as_of <= price.as_of;
        if last.get(&price.key()).is_none_or(newer) {
            last.insert(price.key(), index);
        }
    }
    let mut stale: BTreeMap<Date, usize> = BTreeMap::new();
    for index in last.into_values() {
        let price = &prices[index];
        if price.until.is_some_and(|until| until < as_of) {
            found.push(Odd { of: index, against: None, kind: OddKind::Expired });
        }
        if let Some(read) = price.as_of.filter(|read| days_between(*read, as_of) > STALE_DAYS) {
            let first = stale.entry(read).or_insert(index);
            *first = (*first).min(index);
        }
    }
    for (read, of) in stale {
        found.push(Odd { of, against: None, kind: OddKind::Stale(days_between(read, as_of)) });
    }
}
