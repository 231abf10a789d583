//! What drives the uncertainty: which assumptions move the total most.

use serde::Serialize;

use super::money::{Money, Spread, sum_by_draw};
use crate::explain::sensitivity::Mover;
use crate::money::quantised;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::source::Sources;

/// Which assumptions move the cost of the whole horizon.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct UncertaintyView {
    /// The cost itself.
    pub total: Spread,
    /// How many uncertain values the plan has.
    pub assumptions: usize,
    /// Those that move the total more than chance would show, the strongest first.
    pub movers: Vec<MoverView>,
}

/// One assumption, and what the total is where it is low and where it is high.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct MoverView {
    /// Its name: of a shared assumption, or the path of names to it.
    pub name: String,
    /// Whether it is a chance: then `low` is where it does not come true, and `high` where it does.
    pub is_chance: bool,
    /// The value as written, of a shared assumption.
    pub value: Option<String>,
    /// Spearman's rank correlation of its draws with the total's.
    pub correlation: f64,
    /// The median of the total in the draws where it lies in its lowest fifth.
    pub low: Money,
    /// The same in its highest fifth.
    pub high: Money,
    /// Where the plan says it.
    pub place: String,
}

impl MoverView {
    /// How far the total moves.
    #[must_use]
    pub fn swing(&self) -> Money {
        self.low.max(self.high) - self.low.min(self.high)
    }
}

/// What moves the base's total; absent where nothing is uncertain.
pub(super) fn uncertainty(
    plan: &Plan,
    outcome: &Outcome,
    sources: &Sources,
) -> Option<UncertaintyView> {
    let found = &outcome.uncertainty;
    if found.assumptions == 0 {
        return None;
    }
    let mean = outcome.ledger.rows.iter().map(|row| Money::new(row.amortised)).sum();
    Some(UncertaintyView {
        total: Spread::of(mean, &sum_by_draw(&outcome.draws.total)),
        assumptions: found.assumptions,
        movers: found.movers.iter().map(|mover| mover_view(plan, mover, sources)).collect(),
    })
}

fn mover_view(plan: &Plan, mover: &Mover, sources: &Sources) -> MoverView {
    let shared = mover.key.strip_prefix("let/");
    let stated = |name: &str| plan.assumptions.iter().find(|one| one.name == name);
    let key = mover.key.strip_prefix("workload/").unwrap_or(&mover.key);
    MoverView {
        name: shared.map_or_else(|| spoken(key), str::to_owned),
        is_chance: mover.is_chance,
        value: shared.and_then(stated).map(|one| one.text.clone()),
        correlation: mover.correlation,
        low: Money::new(quantised(mover.swing.0)),
        high: Money::new(quantised(mover.swing.1)),
        place: sources.place(mover.origin),
    }
}
/// The key of a draw as people say it: `workload/chat/demand`, `pool/a/limit-increase.all@2026-12-01.chance`.
fn spoken(key: &str) -> String {
    let words = |key: &str| key.replace('/', " ");
    // How late a lot comes is said as whether it comes is.
    if let Some(lot) = key.strip_suffix(".slip")
        && let Some((owned, lot)) = lot.strip_prefix("owned/").and_then(|of| of.split_once('/'))
    {
        return format!("slip of owned {owned} lot {}", lot.trim_start_matches("lot/"));
    }
    key.strip_suffix(".chance").map_or_else(|| words(key), |of| format!("chance of {}", words(of)))
}
