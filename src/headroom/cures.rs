//! What would cure a shortfall: each with its number, none of them done.
//!
//! Every cure alone covers the shortfall of all months at the confidence, as far as the figures of whole
//! months tell: more nodes missing at that quantile, in the worst of them.

use super::{Driver, tightness};
use crate::calendar::{Date, plus_days};
use crate::capacity::choice::may_buy;
use crate::draws::quantile;
use crate::ids::Id;
use crate::plan::pool::PoolSupply;
use crate::plan::price::Purchase;
use crate::plan::workload::Serving;
use crate::plan::{Plan, Pool, Workload};
use crate::procure::limits::sells_reserved;
use crate::procure::supply::PoolMonth;
use crate::procure::terms::{day_of, grants, reserved};

/// A higher target utilisation than this is not proposed.
const TARGET_MAX: f64 = 0.95;

/// One cure.
#[derive(Debug, Clone, PartialEq)]
pub enum Cure {
    /// Ask the provider for more: for all of these together.
    RaiseLimit(Vec<Raised>),
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
        /// Limits that they do not fit into.
        limits: Vec<Raised>,
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

/// A limit, and how far it would have to be raised.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Raised {
    /// Of which purchase; `None` is the one over all.
    pub purchase: Option<Purchase>,
    /// Nodes granted in the month that has the fewest of those that are short.
    pub from: f64,
    /// Nodes needed.
    pub to: f64,
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
    let short: Vec<Short> = months
        .iter()
        .filter(|month| missing(month) > 0.0)
        .map(|month| Short::of(plan, month, missing(month), confidence))
        .collect();
    if may_buy(pool, Purchase::OnDemand) {
        let limits = raised(&short, Purchase::OnDemand);
        found.extend((!limits.is_empty()).then_some(Cure::RaiseLimit(limits)));
    }
    found.extend(need_by.and_then(|need_by| order(plan, pool, &short, need_by, as_of)));
    found.extend(raise_target(plan, months, pool, confidence));
    found.extend(driver.filter(|driver| driver.nodes >= worst).map(|driver| Cure::Relieve {
        workload: driver.workload,
        nodes: worst,
        of: driver.nodes,
    }));
    found
}

/// A month in which nodes are missing, and what holds in it.
struct Short {
    missing: f64,
    /// Nodes granted on demand, reserved, and of all purchases.
    on_demand: f64,
    reserved: f64,
    all: f64,
    /// Reserved nodes that are there.
    there: f64,
}

impl Short {
    fn of(plan: &Plan, month: &PoolMonth, missing: f64, confidence: f64) -> Self {
        let pool = &plan.pools[month.pool];
        let own = plan.horizon.month(month.t);
        let days = (own.first_day(), own.last_day());
        let granted = |purchase| grants(plan, pool, purchase).throughout(plan, days, confidence);
        let on_demand = granted(Some(Purchase::OnDemand));
        Self {
            missing,
            on_demand: if may_buy(pool, Purchase::OnDemand) { on_demand } else { 0.0 },
            reserved: granted(Some(Purchase::Reserved)),
            all: granted(None),
            there: reserved(plan, month.pool)(day_of(plan, days.0)),
        }
    }

    /// Which limits are in the way of the missing nodes, bought like this: what is granted and what is needed.
    fn raised(&self, purchase: Purchase) -> [(Option<Purchase>, f64, f64); 2] {
        let room = (self.all - self.there).max(0.0);
        let by_the_hour = self.on_demand.min(room) + self.missing;
        let (from, to) = match purchase {
            Purchase::Reserved => (self.reserved, self.there + self.missing),
            _ => (self.on_demand, by_the_hour),
        };
        [(Some(purchase), from, to), (None, self.all, self.there + by_the_hour)]
    }
}

/// The limits that would have to be raised for missing nodes that are bought like this.
fn raised(short: &[Short], purchase: Purchase) -> Vec<Raised> {
    let mut limits: Vec<Raised> = Vec::new();
    let in_the_way = short.iter().flat_map(|month| month.raised(purchase));
    for (purchase, from, to) in in_the_way.filter(|(_, from, to)| *to > from + 1e-9) {
        match limits.iter_mut().find(|limit| limit.purchase == purchase) {
            Some(limit) => {
                limit.from = limit.from.min(from);
                limit.to = limit.to.max(to);
            }
            None => limits.push(Raised { purchase, from, to }),
        }
    }
    limits
}

/// Nodes to be ordered: owned ones for a pool of them, else reserved ones where these may be bought.
fn order(plan: &Plan, pool: &Pool, short: &[Short], need_by: Date, as_of: Date) -> Option<Cure> {
    let purchase = match &pool.supply {
        PoolSupply::Owned(_) => Purchase::Owned,
        PoolSupply::Instances(_) => sells_reserved(plan, pool).then_some(Purchase::Reserved)?,
        PoolSupply::Storage(_) => return None,
    };
    let lead = pool.lead_time_hours.get(&purchase).map(|hours| hours.dist.quantile(0.9));
    #[expect(clippy::cast_possible_truncation, reason = "days of a lead time")]
    let order_by = lead.map(|hours| plus_days(need_by, -((hours / 24.0).ceil() as i32)));
    let late = order_by.is_some_and(|day| day < as_of);
    let nodes = short.iter().map(|month| month.missing).fold(0.0, f64::max);
    // What the organisation owns is not the provider's to grant.
    let limits = match purchase {
        Purchase::Owned => Vec::new(),
        _ => raised(short, purchase),
    };
    Some(Cure::Order { purchase, nodes, need_by, order_by, late, limits })
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

#[cfg(test)]
mod tests {
    use super::*;

    const ON_DEMAND: Option<Purchase> = Some(Purchase::OnDemand);

    fn month(missing: f64, [on_demand, reserved, all, there]: [f64; 4]) -> Short {
        Short { missing, on_demand, reserved, all, there }
    }

    fn by_hand(short: &[Short], purchase: Purchase) -> Vec<(Option<Purchase>, f64, f64)> {
        raised(short, purchase).iter().map(|one| (one.purchase, one.from, one.to)).collect()
    }

    #[test]
    fn every_limit_in_the_way_is_raised() {
        let any = f64::INFINITY;
        let of = |short: &[Short]| by_hand(short, Purchase::OnDemand);
        // Nine are needed.
        assert_eq!(of(&[month(3.0, [6.0, any, any, 0.0])]), [(ON_DEMAND, 6.0, 9.0)]);
        assert_eq!(of(&[month(3.0, [any, any, 6.0, 0.0])]), [(None, 6.0, 9.0)]);
        assert_eq!(
            of(&[month(3.0, [6.0, any, 7.0, 0.0])]),
            [(ON_DEMAND, 6.0, 9.0), (None, 7.0, 9.0)]
        );
        // With three reserved, six on demand.
        assert_eq!(
            of(&[month(2.0, [4.0, any, 8.0, 3.0])]),
            [(ON_DEMAND, 4.0, 6.0), (None, 8.0, 9.0)]
        );
        // A limit that is raised meanwhile, and need that grows.
        let months = [month(3.0, [6.0, any, any, 0.0]), month(1.0, [20.0, any, any, 0.0])];
        assert_eq!(of(&months), [(ON_DEMAND, 6.0, 21.0)]);
    }

    #[test]
    fn an_order_says_what_it_does_not_fit_into() {
        let any = f64::INFINITY;
        let of = |short: Short| by_hand(&[short], Purchase::Reserved);
        assert_eq!(of(month(3.0, [6.0, any, any, 0.0])), []);
        let reserved = Some(Purchase::Reserved);
        assert_eq!(of(month(3.0, [0.0, 6.0, any, 6.0])), [(reserved, 6.0, 9.0)]);
        assert_eq!(of(month(3.0, [0.0, any, 6.0, 6.0])), [(None, 6.0, 9.0)]);
    }
}
