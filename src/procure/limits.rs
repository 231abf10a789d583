//! Grants of a provider as decisions: which were asked for, and which to ask for by when.
//!
//! In: what every pool needs by month, the terms of its supply, the orders. Out: for each pool whose need, at
//! the quantile that is bought for, passes what orders and a provider's limit leave, the nodes to ask for
//! and the last day to ask: the day of need less the 90th percentile of the answer, the approval and the
//! buffer. How long an answer takes is what the pool's own requests say, else [`ANSWER_DAYS`].

use crate::calendar::{Date, plus_days};
use crate::capacity::choice::may_buy;
use crate::estimate::Estimate;
use crate::ids::Id;
use crate::plan::pool::{LimitIncrease, PoolSupply};
use crate::plan::price::Purchase;
use crate::plan::{Plan, Pool};
use crate::procure::dates::{Delays, order_by};
use crate::procure::market::days;
use crate::procure::need::MonthNeed;
use crate::procure::orders::{LimitRequest, Requested};
use crate::procure::terms::{Terms, day_of, grants, reserved};

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
    let before = before.filter(|limit| limit.from.is_none_or(|from| from <= granted(0.5)));
    let before = before.max_by_key(|limit| limit.from);
    LimitRequest {
        pool: id,
        purchase: asked.purchase,
        from: before.map(|limit| u64::from(limit.nodes)),
        to: u64::from(asked.nodes),
        needed: None,
        ask_by: asked.asked,
        granted: (granted(0.5), granted(0.9)),
        chance: Some(asked.chance),
        requested: Requested::Made,
        origin: asked.origin,
    }
}

/// A limit to ask for, as its needs tell.
struct Asked {
    /// Nodes granted before, and nodes that are needed.
    from: f64,
    to: f64,
    /// The first day on which it is passed.
    needed: Date,
}

/// What is to be asked for, of nodes on demand, or reserved where nothing may be bought on demand, and of all purchases
/// together: each that is in the way.
fn to_make<'a>(
    plan: &'a Plan,
    terms: &'a Terms,
    id: Id<Pool>,
    needs: &'a [&'a MonthNeed],
    ordered: &'a dyn Fn(Id<Pool>, usize) -> Vec<u64>,
    as_of: Date,
) -> impl Iterator<Item = LimitRequest> + 'a {
    let own = if terms.of(id).on_demand.is_some() {
        Some(Purchase::OnDemand)
    } else {
        sells_reserved(plan, &plan.pools[id]).then_some(Purchase::Reserved)
    };
    let limits = own.map(|own| [Some(own), None]);
    limits.into_iter().flatten().filter_map(move |purchase| {
        let asked = asked(plan, id, (purchase, needs), ordered)?;
        Some(request(plan, id, purchase, &asked, as_of))
    })
}

/// Whether a pool may buy reserved nodes, and a price for them is known.
pub(crate) fn sells_reserved(plan: &Plan, pool: &Pool) -> bool {
    let PoolSupply::Instances(candidates) = &pool.supply else { return false };
    let priced = candidates.iter().any(|candidate| {
        let prices = &plan.instances[candidate.instance].prices;
        prices.iter().any(|price| price.purchase == Purchase::Reserved)
    });
    priced && may_buy(pool, Purchase::Reserved)
}

/// How far need passes what is granted of one purchase, in the months in which something is short; nothing where
/// it does not, or where what was asked for is enough once it is there.
fn asked(
    plan: &Plan,
    id: Id<Pool>,
    (purchase, needs): (Option<Purchase>, &[&MonthNeed]),
    ordered: &dyn Fn(Id<Pool>, usize) -> Vec<u64>,
) -> Option<Asked> {
    let pool = &plan.pools[id];
    let grants = grants(plan, pool, purchase);
    let quantile = plan.procurement.clone().unwrap_or_default().plan_for.quantile();
    // What is granted in the draws that are planned for.
    let granted = |first: Date, last: Date| grants.throughout(plan, (first, last), quantile);
    let was_asked = grants.asked_for(plan, plan.horizon.last_day(), quantile);
    let reserved = reserved(plan, id);
    let mut found: Option<Asked> = None;
    for need in needs {
        let month = plan.horizon.month(need.t);
        let from = granted(month.first_day(), month.last_day());
        let reserved = reserved(day_of(plan, month.first_day()));
        let ordered = ordered(id, need.t);
        let short = need.blocks.iter().enumerate().filter_map(|(place, block)| {
            let there = ordered.get(place).copied().unwrap_or(0) as f64;
            let rest = (block.rest - there).max(0.0);
            // Work that waits for spot asks for no grant.
            let by_the_hour = rest - block.on_spot(rest) + block.beyond;
            let (asks, short) = match purchase {
                None => (from + block.beyond, block.beyond),
                Some(Purchase::Reserved) => (reserved + there + by_the_hour, by_the_hour),
                Some(_) => (by_the_hour, by_the_hour - block.on_demand),
            };
            (short > 0.5 && asks > from + 0.5).then_some(asks)
        });
        let to = short.fold(0.0, f64::max);
        if to > was_asked + 0.5 {
            let day = need.crosses_on.and_then(|day| i32::try_from(day).ok()).unwrap_or(0);
            let needed = plus_days(month.first_day(), day);
            let asked = found.get_or_insert(Asked { from, to, needed });
            asked.to = asked.to.max(to);
        }
    }
    found
}

fn request(
    plan: &Plan,
    id: Id<Pool>,
    purchase: Option<Purchase>,
    asked: &Asked,
    as_of: Date,
) -> LimitRequest {
    let pool = &plan.pools[id];
    let asked_before = || pool.limit_increases.iter();
    let before = asked_before().rfind(|one| one.purchase == purchase);
    let before = before.or_else(|| asked_before().next_back());
    let answer: Option<&Estimate> = before.map(|one| &one.expected_hours);
    let lead = |p| answer.map_or(ANSWER_DAYS, |answer| days(answer.dist.quantile(p)));
    let procurement = plan.procurement.clone().unwrap_or_default();
    let delays = Delays {
        lead: lead(0.9),
        approval: days(procurement.approval_hours),
        buffer: days(procurement.buffer_hours),
    };
    let dates = order_by(asked.needed, delays, as_of);
    let ask_by = dates.order_by.max(as_of);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "nodes of a pool")]
    let whole = |nodes: f64| (nodes - 1e-9).ceil().max(0.0) as u64;
    let decided = plus_days(ask_by, delays.approval);
    LimitRequest {
        pool: id,
        purchase,
        from: Some(whole(asked.from)),
        to: whole(asked.to),
        needed: Some(asked.needed),
        ask_by,
        granted: (plus_days(decided, lead(0.5)), plus_days(decided, lead(0.9))),
        chance: None,
        requested: match (answer, dates.late) {
            (_, true) => Requested::Late,
            (Some(_), false) => Requested::ToMake,
            (None, false) => Requested::ToMakeAssumed,
        },
        origin: pool.origin,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::example::{
        ORIGIN, change_pool, day, fixed, instance, levels, plan as example, price, serve,
        served_by_gpu, shape, with,
    };
    use crate::ids::Arena;
    use crate::plan::pool::Limit;
    use crate::plan::procurement::PlanFor;

    /// A pool of at most two nodes on demand, of which four are needed.
    fn asked(answer: Option<(u32, &str, f64)>, as_of: &str) -> Vec<LimitRequest> {
        asked_of(&[(Some(Purchase::OnDemand), 2)], answer, as_of)
    }

    /// The same of a pool with these limits.
    fn asked_of(
        limits: &[(Option<Purchase>, u32)],
        answer: Option<(u32, &str, f64)>,
        as_of: &str,
    ) -> Vec<LimitRequest> {
        let mut plan = example();
        change_pool(&mut plan, |pool| {
            let purchase = Some(Purchase::OnDemand);
            let limit = |(purchase, nodes): &_| Limit {
                purchase: *purchase,
                nodes: *nodes,
                from: None,
                origin: ORIGIN,
            };
            pool.limits = limits.iter().map(limit).collect();
            pool.limit_increases = answer
                .map(|(nodes, asked, days)| LimitIncrease {
                    purchase,
                    nodes,
                    asked: day(asked),
                    expected_hours: fixed(days * 24.0),
                    chance: 1.0,
                    origin: ORIGIN,
                })
                .into_iter()
                .collect();
        });
        asked_in(plan, as_of)
    }

    /// One node is needed in the first month, then four.
    fn asked_in(plan: Plan, as_of: &str) -> Vec<LimitRequest> {
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
        let found = asked(Some((3, "2026-11-01", 50.0)), "2026-12-01");
        let [made, to_make] = &found[..] else { panic!("{found:?}") };
        assert_eq!((made.from, made.to, made.requested), (Some(2), 3, Requested::Made));
        assert_eq!(made.granted, (day("2026-12-21"), day("2026-12-21")));
        assert_eq!((to_make.from, to_make.to), (Some(3), 4));
        assert_eq!(to_make.ask_by, day("2027-01-10"));
        assert_eq!(to_make.requested, Requested::ToMake);
    }

    #[test]
    fn each_limit_in_the_way_is_asked_for() {
        let by_hand = |limits: &[(Option<Purchase>, u32)]| {
            let found = asked_of(limits, None, "2026-12-01");
            found.iter().map(|one| (one.purchase, one.from, one.to)).collect::<Vec<_>>()
        };
        let on_demand = Some(Purchase::OnDemand);
        assert_eq!(
            by_hand(&[(on_demand, 2), (None, 3)]),
            [(on_demand, Some(2), 4), (None, Some(3), 4)]
        );
        assert_eq!(by_hand(&[(on_demand, 2), (None, 4)]), [(on_demand, Some(2), 4)]);
        assert_eq!(by_hand(&[(on_demand, 4), (None, 3)]), [(None, Some(3), 4)]);
        assert_eq!(by_hand(&[(on_demand, 4), (None, 4)]), []);
    }

    #[test]
    fn reserved_nodes_are_asked_for_where_nothing_else_may_be_bought() {
        let prices = vec![price(Purchase::Reserved, 6.0)];
        let found = |limit: Option<Purchase>| {
            let mut plan = example();
            plan.instances = Arena::new(vec![instance("g8", shape(), prices.clone())]);
            change_pool(&mut plan, |pool| {
                pool.limits = vec![Limit { purchase: limit, nodes: 2, from: None, origin: ORIGIN }];
                pool.start.clear();
                pool.start.insert(Purchase::Reserved, 1);
            });
            let found = asked_in(plan, "2026-12-01");
            found.iter().map(|one| (one.purchase, one.from, one.to)).collect::<Vec<_>>()
        };
        let reserved = Some(Purchase::Reserved);
        assert_eq!(found(reserved), [(reserved, Some(2), 4)]);
        assert_eq!(found(None), [(None, Some(2), 4)]);
    }

    #[test]
    fn a_limit_that_is_raised_meanwhile_is_asked_for_as_far_as_need_goes() {
        let mut plan = example();
        let on_demand = Some(Purchase::OnDemand);
        let limit = |nodes, from: Option<&str>| Limit {
            purchase: on_demand,
            nodes,
            from: from.map(day),
            origin: ORIGIN,
        };
        // From April on there is enough; in March three of four.
        change_pool(&mut plan, |pool| {
            pool.limits = vec![limit(3, None), limit(20, Some("2027-04-01"))];
        });
        let found = asked_in(plan, "2026-12-01");
        let [request] = &found[..] else { panic!("{found:?}") };
        assert_eq!((request.from, request.to), (Some(3), 4));
    }

    #[test]
    fn what_was_asked_and_is_enough_is_not_asked_again() {
        // Four are needed from the second month on and granted in the third: asking again brings nothing.
        let by_hand = |nodes| {
            let found = asked(Some((nodes, "2026-12-20", 90.0)), "2027-01-01");
            found.iter().map(|one| (one.requested, one.from, one.to)).collect::<Vec<_>>()
        };
        assert_eq!(by_hand(4), [(Requested::Made, Some(2), 4)]);
        assert_eq!(by_hand(3), [(Requested::Made, Some(2), 3), (Requested::Late, Some(2), 4)]);
    }

    #[test]
    fn a_limit_that_is_raised_later_is_not_what_was_asked() {
        // Three were asked for and come in time; four are needed in March, and six granted from April on anyway.
        let mut plan = example();
        change_pool(&mut plan, |pool| {
            let purchase = Some(Purchase::OnDemand);
            let limit = |nodes, from: Option<&str>| Limit {
                purchase,
                nodes,
                from: from.map(day),
                origin: ORIGIN,
            };
            pool.limits = vec![limit(2, None), limit(6, Some("2027-04-01"))];
            pool.limit_increases = vec![LimitIncrease {
                purchase,
                nodes: 3,
                asked: day("2026-11-01"),
                expected_hours: fixed(50.0 * 24.0),
                chance: 1.0,
                origin: ORIGIN,
            }];
        });
        let found = asked_in(plan, "2026-12-01");
        let found: Vec<_> = found.iter().map(|one| (one.requested, one.from, one.to)).collect();
        assert_eq!(found, [(Requested::Made, Some(2), 3), (Requested::ToMake, Some(3), 4)]);
    }

    #[test]
    fn what_cannot_be_granted_in_time_is_late() {
        let found = asked(None, "2027-02-20");
        assert_eq!(found[0].requested, Requested::Late);
        assert_eq!(found[0].ask_by, day("2027-02-20"));
    }
}
