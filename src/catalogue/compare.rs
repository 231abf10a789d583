//! Two lists, or two days of one, side by side.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Key, Listed};
use crate::money::{Decimal, to_f64};

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

    /// The newer of both.
    #[must_use]
    pub fn shown(&self) -> Option<&Listed> {
        self.new.as_deref().or(self.old.as_deref())
    }
}

/// Every thing that has a price in either, by name; of several prices of one thing, the newest counts.
///
/// Zones are left out, so that a list by zone compares with one by region: the cheapest zone counts. A list
/// without providers compares with one that names them.
#[must_use]
pub fn compare(old: &[Listed], new: &[Listed]) -> Vec<Change> {
    let named = |list: &[Listed]| list.iter().all(|price| price.provider.is_some());
    let by_provider = named(old) && named(new);
    let latest = |list: &[Listed]| {
        let mut latest: BTreeMap<Key, Listed> = BTreeMap::new();
        for price in list {
            let mut key = price.key();
            key.3 = None;
            if !by_provider {
                key.0 = None;
            }
            let better = |held: &Listed| {
                (price.as_of, std::cmp::Reverse(price.per_hour))
                    > (held.as_of, std::cmp::Reverse(held.per_hour))
            };
            if latest.get(&key).is_none_or(better) {
                latest.insert(key, price.clone());
            }
        }
        latest
    };
    let (old, new) = (latest(old), latest(new));
    let mut all: BTreeMap<Key, Change> = BTreeMap::new();
    for (key, price) in old {
        all.insert(key, Change { old: Some(Arc::new(price)), new: None });
    }
    for (key, price) in new {
        let change = all.entry(key).or_insert(Change { old: None, new: None });
        change.new = Some(Arc::new(price));
    }
    all.into_values().collect()
}
