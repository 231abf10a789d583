//! What would cure a shortfall: each with its number, none of them done.
//!
//! Every cure alone covers the shortfall of all months at the confidence, as far as the figures of whole
//! months tell: more nodes missing at that quantile, in the worst of them.

use super::{Driver, tightness};
use crate::calendar::{Date, plus_days};
use crate::draws::quantile;
use crate::ids::Id;
use crate::plan::pool::PoolSupply;
use crate::plan::price::Purchase;
use crate::plan::workload::Serving;
use crate::plan::{Plan, Pool, Workload};
use crate::procure::supply::PoolMonth;

/// A higher target utilisation than this is not proposed.
const TARGET_MAX: f64 = 0.95;

/// One cure.
#[derive(Debug, Clone, PartialEq)]
pub enum Cure {
    /// Ask the provider for more.
    RaiseLimit {
        /// Which limit; `None` is the one over all purchases.
        purchase: Option<Purchase>,
        /// Nodes granted now.
        from: f64,
        /// Nodes needed.
        to: f64,
    },
    /// Order nodes that arrive in time.
    Order {
        /// How.
        purchase: Purchase,
        /// How many.
        nodes: f64,
        /// The day they are needed.
        need_by: Date,
        /// The day to order them: earlier by the 90th percentile of the lead time. Absent where the plan
        /// states none.
        order_by: Option<Date>,
        /// Whether that day is over.
        late: bool,
    },
    /// Fill the nodes more.
    RaiseTarget {
        /// The pool's target utilisation.
        from: f64,
        /// The one at which the need fits.
        to: f64,
    },
    /// Move or cap the workload that drives the need.
    Relieve {
        /// The workload.
        workload: Id<Workload>,
        /// Nodes it would have to give up.
        nodes: f64,
        /// Nodes it needs.
        of: f64,
    },
}

/// What would cure the shortfall of a pool.
#[must_use]
pub fn cures(
    plan: &Plan,
    months: &[PoolMonth],
    driver: Option<&Driver>,
    as_of: Date,
    confidence: f64,
) -> Vec<Cure> {
    let pool = &plan.pools[months[0].pool];
    let missing = |month: &PoolMonth| quantile(&month.short_peak, confidence).ceil();
    let worst = months.iter().map(missing).fold(0.0, f64::max);
    if worst <= 0.0 {
        return Vec::new();
    }
    let first = months.iter().find(|month| missing(month) > 0.0);
    let need_by = first.and_then(|month| {
        let day = super::short_day(&month.short_from, 1.0 - confidence + 1e-9)?;
        Some(plus_days(plan.horizon.month(month.t).first_day(), day))
    });
    let mut found = Vec::new();
    found.extend(raise_limit(plan, pool, worst));
    found.extend(need_by.and_then(|need_by| order(plan, pool, worst, need_by, as_of)));
    found.extend(raise_target(plan, months, pool, confidence));
    found.extend(driver.filter(|driver| driver.nodes >= worst).map(|driver| Cure::Relieve {
        workload: driver.workload,
        nodes: worst,
        of: driver.nodes,
    }));
    found
}

/// The limit that holds at the horizon's end, raised by what is missing.
fn raise_limit(plan: &Plan, pool: &Pool, more: f64) -> Option<Cure> {
    let last = plan.horizon.last_day();
    let holds = |purchase: Option<Purchase>| {
        let of = pool.limits.iter().filter(|limit| limit.purchase == purchase);
        let held = of.filter(|limit| limit.from.is_none_or(|from| from <= last));
        held.max_by_key(|limit| limit.from).map(|limit| (purchase, f64::from(limit.nodes)))
    };
    let (purchase, from) = holds(Some(Purchase::OnDemand)).or_else(|| holds(None))?;
    Some(Cure::RaiseLimit { purchase, from, to: from + more })
}

/// Nodes to be ordered: owned ones for a pool of them, else reserved ones where these may be bought.
fn order(plan: &Plan, pool: &Pool, nodes: f64, need_by: Date, as_of: Date) -> Option<Cure> {
    let purchase = match &pool.supply {
        PoolSupply::Owned(_) => Purchase::Owned,
        PoolSupply::Instances(candidates) => {
            let may = pool.buy.as_ref().is_none_or(|buy| buy.contains(&Purchase::Reserved));
            let priced = candidates.iter().any(|candidate| {
                let prices = &plan.instances[candidate.instance].prices;
                prices.iter().any(|price| price.purchase == Purchase::Reserved)
            });
            (may && priced).then_some(Purchase::Reserved)?
        }
        PoolSupply::Storage(_) => return None,
    };
    let lead = pool.lead_time_hours.get(&purchase).map(|hours| hours.dist.quantile(0.9));
    #[expect(clippy::cast_possible_truncation, reason = "days of a lead time")]
    let order_by = lead.map(|hours| plus_days(need_by, -((hours / 24.0).ceil() as i32)));
    let late = order_by.is_some_and(|day| day < as_of);
    Some(Cure::Order { purchase, nodes, need_by, order_by, late })
}

/// The target utilisation at which need fits what can run, where something is sized by it.
fn raise_target(plan: &Plan, months: &[PoolMonth], pool: &Pool, confidence: f64) -> Option<Cure> {
    let sized = plan.workloads.items().iter().any(|workload| {
        workload.pool == Some(months[0].pool)
            && (!workload.needs.is_empty() || !matches!(workload.serving, Serving::None))
    });
    let most = months.iter().map(|month| tightness(month, confidence)).fold(0.0, f64::max);
    let to = ((pool.target_utilization * most) * 100.0 - 1e-9).ceil() / 100.0;
    let better = to > pool.target_utilization && to <= TARGET_MAX;
    (sized && better).then_some(Cure::RaiseTarget { from: pool.target_utilization, to })
}
