//! Two lists, or two days of one, side by side.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Key, Listed};
use crate::money::{Currency, Decimal, to_f64};

/// One thing that has a price before, after, or both.
#[derive(Debug, Clone)]
pub struct Change {
    /// The price before.
    pub old: Option<Arc<Listed>>,
    /// The price after.
    pub new: Option<Arc<Listed>>,
}

impl Change {
    /// The change as a share of the old price; `None` where one is missing, the old one is zero, or the
    /// currencies differ.
    #[must_use]
    pub fn share(&self) -> Option<f64> {
        let (old, new) = (self.old.as_ref()?, self.new.as_ref()?);
        let comparable = old.currency == new.currency && old.per_hour > Decimal::ZERO;
        comparable.then(|| to_f64(new.per_hour) / to_f64(old.per_hour) - 1.0)
    }

    /// Whether there is a price before and after.
    #[must_use]
    pub fn is_of_both(&self) -> bool {
        self.old.is_some() && self.new.is_some()
    }

    /// The currencies before and after, where they differ: then the prices cannot be compared.
    #[must_use]
    pub fn currencies(&self) -> Option<(Currency, Currency)> {
        let (old, new) = (self.old.as_ref()?.currency, self.new.as_ref()?.currency);
        (old != new).then_some((old, new))
    }

    /// Whether the price after is the one before.
    #[must_use]
    pub fn is_same(&self) -> bool {
        let of = |one: &Option<Arc<Listed>>| one.as_ref().map(|one| (one.per_hour, one.currency));
        of(&self.old) == of(&self.new)
    }

    /// The newer of both.
    #[must_use]
    pub fn shown(&self) -> Option<&Listed> {
        self.new.as_deref().or(self.old.as_deref())
    }
}

/// What has a price, and on its newest day the cheapest price in each currency, by its code.
type Latest = BTreeMap<Key, BTreeMap<String, Listed>>;

/// Every thing that has a price in either, by name; of several prices of one thing, the newest counts.
///
/// Zones are left out, so that a list by zone compares with one by region: the cheapest zone counts. A list
/// without providers compares with one that names them. Prices in one currency are held against each other
/// first; only what is left of a thing is held against its price in another.
#[must_use]
pub fn compare(old: &[Listed], new: &[Listed]) -> Vec<Change> {
    let named = |list: &[Listed]| list.iter().all(|price| price.provider.is_some());
    let by_provider = named(old) && named(new);
    let (mut old, mut new) = (latest(old, by_provider), latest(new, by_provider));
    let keys: BTreeSet<Key> = old.keys().chain(new.keys()).cloned().collect();
    let of = |list: &mut Latest, key: &Key| list.remove(key).unwrap_or_default();
    keys.iter().flat_map(|key| changes(of(&mut old, key), of(&mut new, key))).collect()
}

fn latest(list: &[Listed], by_provider: bool) -> Latest {
    let mut latest = Latest::new();
    for price in list {
        let mut key = price.key();
        key.3 = None;
        if !by_provider {
            key.0 = None;
        }
        let held = latest.entry(key).or_default();
        let day = held.values().next().map(|held| held.as_of);
        if day.is_some_and(|day| day < price.as_of) {
            held.clear();
        }
        let cheapest = |held: Option<&Listed>| held.is_none_or(|h| price.per_hour < h.per_hour);
        let code = price.currency.code();
        if day.is_none_or(|day| day <= price.as_of) && cheapest(held.get(code)) {
            held.insert(code.to_owned(), price.clone());
        }
    }
    latest
}

/// The changes of one thing, from its old prices to its new ones by currency.
fn changes(old: BTreeMap<String, Listed>, mut new: BTreeMap<String, Listed>) -> Vec<Change> {
    let (mut changes, mut left) = (Vec::new(), Vec::new());
    for (code, price) in old {
        match new.remove(&code) {
            Some(now) => {
                changes.push(Change { old: Some(Arc::new(price)), new: Some(Arc::new(now)) });
            }
            None => left.push(Arc::new(price)),
        }
    }
    let (mut left, mut new) = (left.into_iter(), new.into_values().map(Arc::new));
    loop {
        let change = Change { old: left.next(), new: new.next() };
        if change.old.is_none() && change.new.is_none() {
            return changes;
        }
        changes.push(change);
    }
}
