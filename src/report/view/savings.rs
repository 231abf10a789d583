//! What is saved against running everything on demand.

use serde::Serialize;

use super::money::Money;
use crate::effective_savings::{EffectiveSavings, Saved};
use crate::money::{Decimal, quantised};
use crate::plan::Plan;

/// What the pools of providers save, and what all come to; money over the horizon, mean over the draws.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EffectiveSavingsView {
    /// By pool.
    pub pools: Vec<PoolSavingsView>,
    /// All of them, with spend that was committed to and that nothing ran for.
    pub total: SavedView,
    /// That spend; it is of no pool.
    pub unused_spend: Money,
}

/// What one pool saves.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PoolSavingsView {
    /// Its name.
    pub pool: String,
    /// What it saves.
    #[serde(flatten)]
    pub saved: SavedView,
}

/// A cost at the peak on demand, what is saved of it by what, what cannot be had of it, and what is left.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SavedView {
    /// Every month's busiest hour all month, on the dearest type that fits, everything on demand.
    pub at_peak: Money,
    /// What nodes that follow the need save of that.
    pub autoscaling: Money,
    /// What the type that is used saves, against the dearest that fits.
    pub right_sizing: Money,
    /// What spot saves.
    pub spot: Money,
    /// What commitments and orders save; below zero where they cost more than they spare.
    pub commitments: Money,
    /// What would run on demand and cannot be had.
    pub not_had: Money,
    /// What it costs.
    pub costs: Money,
    /// The share that is saved of what is had: the effective savings rate. Nothing where nothing is had.
    pub rate: Option<f64>,
}

impl SavedView {
    /// To the cent; the parts come to the cost at the peak.
    fn of(saved: &Saved) -> Self {
        let cents = |value: f64| Money::new(quantised(value).round_dp(2));
        let [autoscaling, right_sizing, spot, commitments, not_had, costs] = [
            saved.autoscaling,
            saved.right_sizing,
            saved.spot,
            saved.commitments,
            saved.not_had,
            saved.costs,
        ]
        .map(cents);
        Self::added(autoscaling, right_sizing, spot, commitments, not_had, costs)
    }

    fn added(
        autoscaling: Money,
        right_sizing: Money,
        spot: Money,
        commitments: Money,
        not_had: Money,
        costs: Money,
    ) -> Self {
        let saved = autoscaling + right_sizing + spot + commitments;
        let had = (saved + costs).decimal();
        let rate = (had > Decimal::ZERO)
            .then(|| crate::money::to_f64(saved.decimal()) / crate::money::to_f64(had));
        let at_peak = saved + not_had + costs;
        Self { at_peak, autoscaling, right_sizing, spot, commitments, not_had, costs, rate }
    }
}

impl EffectiveSavingsView {
    /// The spend that nothing ran for, as a row of its own.
    #[must_use]
    pub fn of_unused(&self) -> SavedView {
        let (none, unused) = (Money::default(), self.unused_spend);
        SavedView::added(none, none, none, none - unused, none, unused)
    }
}

/// Nothing where no pool has a price on demand.
pub(super) fn savings(plan: &Plan, found: &EffectiveSavings) -> Option<EffectiveSavingsView> {
    let of = |(id, saved): &(_, Saved)| PoolSavingsView {
        pool: plan.pools[*id].name.clone(),
        saved: SavedView::of(saved),
    };
    let pools: Vec<PoolSavingsView> = found.pools.iter().map(of).collect();
    let unused_spend = Money::new(quantised(found.unused_spend).round_dp(2));
    let sum =
        |part: fn(&SavedView) -> Money| -> Money { pools.iter().map(|one| part(&one.saved)).sum() };
    let total = SavedView::added(
        sum(|one| one.autoscaling),
        sum(|one| one.right_sizing),
        sum(|one| one.spot),
        sum(|one| one.commitments) - unused_spend,
        sum(|one| one.not_had),
        sum(|one| one.costs) + unused_spend,
    );
    (!pools.is_empty()).then_some(EffectiveSavingsView { pools, total, unused_spend })
}
