//! Grants of a provider as decisions: which were asked for, and which to ask for by when.
//!
//! In: what every pool needs by month, the terms of its supply, the orders. Out: for each pool whose need, at
//! the quantile that is bought for, passes what orders and a provider's limit leave, the nodes to ask for
//! and the last day to ask: the day of need less the 90th percentile of the answer, the approval and the
//! buffer. How long an answer takes is what the pool's own requests say, else [`ANSWER_DAYS`].

use crate::calendar::{Date, days_between, plus_days};
use crate::estimate::Estimate;
use crate::ids::Id;
use crate::plan::pool::LimitIncrease;
use crate::plan::price::Purchase;
use crate::plan::{Plan, Pool};
use crate::procure::dates::{Delays, order_by};
use crate::procure::market::days;
use crate::procure::need::MonthNeed;
use crate::procure::orders::{LimitRequest, Requested};
use crate::procure::terms::{Terms, grants};

/// Days an answer is assumed to take where a pool has asked for nothing before.
pub const ANSWER_DAYS: i32 = 28;

/// Requests that were made and requests to make, by pool; those that were made first.
///
/// `ordered` are nodes of new orders in each block of hours, of a pool in a month.
#[must_use]
pub(crate) fn requests(
    plan: &Plan,
    terms: &Terms,
    needs: &[MonthNeed],
    ordered: &dyn Fn(Id<Pool>, usize) -> Vec<u64>,
    as_of: Date,
) -> Vec<LimitRequest> {
    let mut requests = Vec::new();
    for (id, pool) in plan.pools.iter() {
        requests.extend(pool.limit_increases.iter().map(|asked| made(id, pool, asked)));
        let needs: Vec<&MonthNeed> = needs.iter().filter(|need| need.pool == id).collect();
        requests.extend(to_make(plan, terms, id, &needs, ordered, as_of));
    }
    requests
}

fn made(id: Id<Pool>, pool: &Pool, asked: &LimitIncrease) -> LimitRequest {
    let granted = |p| plus_days(asked.asked, days(asked.expected_hours.dist.quantile(p)));
    let before = pool.limits.iter().filter(|limit| limit.purchase == asked.purchase);
    let before = before.filter(|limit| limit.from.is_none_or(|from| from <= asked.asked));
    LimitRequest {
        pool: id,
        purchase: asked.purchase,
        from: before.map(|limit| u64::from(limit.nodes)).max(),
        to: u64::from(asked.nodes),
        needed: None,
        ask_by: asked.asked,
        granted: (granted(0.5), granted(0.9)),
        chance: Some(asked.chance),
        requested: Requested::Made,
        origin: asked.origin,
    }
}

fn to_make(
    plan: &Plan,
    terms: &Terms,
    id: Id<Pool>,
    needs: &[&MonthNeed],
    ordered: &dyn Fn(Id<Pool>, usize) -> Vec<u64>,
    as_of: Date,
) -> Option<LimitRequest> {
    let pool = &plan.pools[id];
    terms.of(id).on_demand.as_ref()?;
    let short_in = |need: &&MonthNeed| -> f64 {
        let ordered = ordered(id, need.t);
        let short = need.blocks.iter().enumerate().map(|(place, block)| {
            let there = ordered.get(place).copied().unwrap_or(0) as f64;
            let rest = (block.rest - there).max(0.0);
            // Work that waits for spot asks for no grant.
            (rest - block.on_spot(rest) - block.on_demand).max(0.0) + block.beyond
        });
        short.fold(0.0, f64::max)
    };
    let most = needs.iter().map(short_in).fold(0.0, f64::max);
    let first = needs.iter().find(|need| short_in(need) > 0.5)?;
    let month = plan.horizon.month(first.t);
    let day = first.crosses_on.and_then(|day| i32::try_from(day).ok()).unwrap_or(0);
    let needed = plus_days(month.first_day(), day);
    // What is granted at the end of the horizon, in the draws in which most of what was asked is.
    let last = f64::from(days_between(plan.horizon.first_day(), plan.horizon.last_day()));
    let on = |purchase| {
        let granted = grants(plan, pool, purchase);
        (0..plan.draws.count()).map(|draw| granted.on(last, draw)).fold(f64::INFINITY, f64::min)
    };
    let (own, all) = (on(Some(Purchase::OnDemand)), on(None));
    let (purchase, from) = if own.is_finite() && (own <= all || all.is_infinite()) {
        (Some(Purchase::OnDemand), own)
    } else if all.is_finite() {
        (None, all)
    } else {
        return None;
    };
    let before = pool.limit_increases.iter().filter(|one| one.purchase == purchase);
    let answer: Option<&Estimate> = before.map(|one| &one.expected_hours).next_back();
    let lead = |p| answer.map_or(ANSWER_DAYS, |answer| days(answer.dist.quantile(p)));
    let procurement = plan.procurement.clone().unwrap_or_default();
    let delays = Delays {
        lead: lead(0.9),
        approval: days(procurement.approval_hours),
        buffer: days(procurement.buffer_hours),
    };
    let dates = order_by(needed, delays, as_of);
    let ask_by = dates.order_by.max(as_of);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "nodes of a pool")]
    let whole = |nodes: f64| nodes.ceil().max(0.0) as u64;
    let decided = plus_days(ask_by, delays.approval);
    Some(LimitRequest {
        pool: id,
        purchase,
        from: Some(whole(from)),
        to: whole(from) + whole(most - 1e-9),
        needed: Some(needed),
        ask_by,
        granted: (plus_days(decided, lead(0.5)), plus_days(decided, lead(0.9))),
        chance: None,
        requested: match (answer, dates.late) {
            (_, true) => Requested::Late,
            (Some(_), false) => Requested::ToMake,
            (None, false) => Requested::ToMakeAssumed,
        },
        origin: pool.origin,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::example::{
        ORIGIN, change_pool, day, fixed, levels, plan as example, serve, served_by_gpu, with,
    };
    use crate::plan::pool::Limit;
    use crate::plan::procurement::PlanFor;

    /// A pool of at most two nodes on demand, of which four are needed.
    fn asked(answer: Option<(&str, f64)>, as_of: &str) -> Vec<LimitRequest> {
        let mut plan = example();
        change_pool(&mut plan, |pool| {
            let nodes = 2;
            let purchase = Some(Purchase::OnDemand);
            pool.limits = vec![Limit { purchase, nodes, from: None, origin: ORIGIN }];
            pool.limit_increases = answer
                .map(|(asked, days)| LimitIncrease {
                    purchase,
                    nodes: 3,
                    asked: day(asked),
                    expected_hours: fixed(days * 24.0),
                    chance: 1.0,
                    origin: ORIGIN,
                })
                .into_iter()
                .collect();
        });
        let demand = levels(&plan, &[8.0, 32.0, 32.0], None);
        let (plan, demand) = with(plan, vec![(served_by_gpu("chat", 1.0), Some(demand))]);
        let pool = serve(&plan);
        let factors = crate::capacity::factors(&plan);
        let choices = crate::capacity::choose_instances(&plan, &demand, &factors);
        let terms = crate::procure::terms(&plan, &choices, day(as_of));
        let need = |t| {
            let load = crate::capacity::load(&plan, &demand, &factors, &choices, pool, t);
            crate::procure::month_need(&plan, &terms, &load, PlanFor::P80)
        };
        let needs: Vec<MonthNeed> = (0..3).map(need).collect();
        requests(&plan, &terms, &needs, &|_, _| Vec::new(), day(as_of))
    }

    #[test]
    fn need_beyond_a_grant_is_asked_for_in_time() {
        let found = asked(None, "2026-12-01");
        let [request] = &found[..] else { panic!("{found:?}") };
        assert_eq!((request.from, request.to), (Some(2), 4));
        assert_eq!(request.needed, Some(day("2027-03-01")));
        assert_eq!(request.ask_by, day("2027-02-01"));
        assert_eq!(request.requested, Requested::ToMakeAssumed);
    }

    #[test]
    fn what_was_asked_says_how_long_an_answer_takes() {
        let found = asked(Some(("2026-11-01", 50.0)), "2026-12-01");
        let [made, to_make] = &found[..] else { panic!("{found:?}") };
        assert_eq!((made.from, made.to, made.requested), (Some(2), 3, Requested::Made));
        assert_eq!(made.granted, (day("2026-12-21"), day("2026-12-21")));
        assert_eq!((to_make.from, to_make.to), (Some(3), 4));
        assert_eq!(to_make.ask_by, day("2027-01-10"));
        assert_eq!(to_make.requested, Requested::ToMake);
    }

    #[test]
    fn what_cannot_be_granted_in_time_is_late() {
        let found = asked(None, "2027-02-20");
        assert_eq!(found[0].requested, Requested::Late);
        assert_eq!(found[0].ask_by, day("2027-02-20"));
    }
}
