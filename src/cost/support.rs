//! Support contracts: a share of what a provider is paid, borne by whoever caused the spend.

use std::collections::BTreeMap;

use crate::cost::ledger::{Category, Row};
use crate::cost::pool_month::{Parts, Priced};
use crate::ids::Id;
use crate::money::{Decimal, quantised, split, to_f64};
use crate::plan::{Plan, Workload};

/// Adds what the provider's support costs on top: one row for each workload, and for idle capacity, with
/// the spend as its quantity, so that amount ÷ quantity is the provider's share.
pub(super) fn add(plan: &Plan, priced: &mut Priced) {
    let Some(provider) = priced.provider else { return };
    let Some(share) = plan.providers[provider].support_share.filter(|share| *share > 0.0) else {
        return;
    };
    let mut spend: BTreeMap<(bool, Option<Id<Workload>>), Spend> = BTreeMap::new();
    for row in priced.rows.iter().filter(|row| row.provider == Some(provider)) {
        let key = (row.workload.is_none(), row.workload);
        let entry = spend.entry(key).or_insert_with(|| Spend {
            amortised: Decimal::ZERO,
            cash: Decimal::ZERO,
            like: row.clone(),
        });
        entry.amortised += row.amortised;
        entry.cash += row.cash;
    }
    let parts = |of: fn(&Spend) -> Decimal| {
        let weights: Vec<f64> = spend.values().map(|spend| to_f64(of(spend))).collect();
        let total: Decimal = spend.values().map(of).sum();
        split(total * quantised(share), &weights, 6)
    };
    let (amortised, cash) = (parts(|spend| spend.amortised), parts(|spend| spend.cash));
    let rows = spend.values().zip(amortised.into_iter().zip(cash));
    let rows = rows.map(|(spend, (amortised, cash))| Row {
        category: Category::Support,
        purchase: None,
        quantity: spend.amortised,
        unit: "spend",
        amortised,
        cash,
        capex: Decimal::ZERO,
        list: amortised,
        ..spend.like.clone()
    });
    let rows: Vec<Row> =
        rows.filter(|row| !row.amortised.is_zero() || !row.cash.is_zero()).collect();
    priced.rows.extend(rows);

    let whole = 1.0 + share;
    for (_, part) in &mut priced.categories {
        *part /= whole;
    }
    priced.categories.push((Category::Support, share / whole));
    for parts in [&mut priced.amortised, &mut priced.cash] {
        scale(parts, whole);
    }
}

/// What one workload, or nobody, caused a provider to be paid.
struct Spend {
    amortised: Decimal,
    cash: Decimal,
    /// A row of it, for what the support row has in common with it.
    like: Row,
}

fn scale(parts: &mut Parts, factor: f64) {
    let idle = parts.idle.iter_mut().flatten();
    let owners = parts.teams.values_mut().chain(parts.workloads.values_mut());
    for values in idle.chain(owners).chain([&mut parts.total]) {
        for value in values {
            *value *= factor;
        }
    }
}
