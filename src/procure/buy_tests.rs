//! What a plan's schedule says: quantities, dates, cash, limits, and that supply and cost follow it.

use crate::capacity::example::{
    amount, between, change_pool, close, day, fixed, instance, levels, plan as example, price,
    serve, served_by_gpu, shape, with,
};
use crate::capacity::{choose_instances, factors, load, pool_months};
use crate::cost;
use crate::forecast::demand::Demand;
use crate::ids::{Arena, Id};
use crate::plan::pool::{Commitment, CommitmentKind, Limit, Renew};
use crate::plan::price::{InstancePrice, Purchase};
use crate::plan::procurement::{CashLimit, CashPeriod, PlanFor};
use crate::plan::{Plan, Procurement};
use crate::procure::orders::{Schedule, Then};
use crate::procure::{asked_by_hour, enacted, month_need, renewed, schedule, supply, terms};

/// A price of reserved nodes: by the hour, for a term of months, with a share upfront.
pub(super) fn reserved(per_hour: f64, term: u32, upfront: f64) -> InstancePrice {
    InstancePrice { term_months: Some(term), upfront, ..price(Purchase::Reserved, per_hour) }
}

/// The example with reserved nodes on sale, and a `procurement` node.
pub(super) fn on_sale(prices: Vec<InstancePrice>) -> Plan {
    let mut all = vec![price(Purchase::OnDemand, 10.0)];
    all.extend(prices);
    let instances = Arena::new(vec![instance("g8", shape(), all)]);
    let procurement = Procurement { plan_for: PlanFor::P50, ..Procurement::default() };
    Plan { instances, procurement: Some(procurement), ..example() }
}

/// GPUs that `chat` asks for in each of the three months.
pub(super) fn asking(plan: Plan, gpus: [f64; 3]) -> (Plan, Demand) {
    let demand = levels(&plan, &gpus, None);
    with(plan, vec![(served_by_gpu("chat", 1.0), Some(demand))])
}

pub(super) fn bought(plan: &Plan, demand: &Demand) -> Schedule {
    let factors = factors(plan);
    let choices = choose_instances(plan, demand, &factors);
    let as_of = day("2026-12-01");
    let terms = terms(plan, &choices, as_of);
    let plan_for = plan.procurement.as_ref().unwrap().plan_for;
    let needs: Vec<_> = pool_months(plan)
        .into_iter()
        .map(|(pool, t)| {
            month_need(plan, &terms, &load(plan, demand, &factors, &choices, pool, t), plan_for)
        })
        .collect();
    schedule(plan, &terms, &choices, &needs, as_of, &|plan, terms, pool, t| {
        asked_by_hour(plan, terms, &load(plan, demand, &factors, &choices, pool, t))
    })
}

#[test]
fn what_is_needed_throughout_is_reserved_and_proven() {
    let (plan, demand) = asking(on_sale(vec![reserved(6.0, 12, 0.0)]), [80.0, 96.0, 96.0]);
    let found = bought(&plan, &demand);
    let orders: Vec<_> = found.orders.iter().map(|order| (order.nodes, order.t)).collect();
    assert_eq!(orders, [(10, 0), (2, 1)]);
    assert!(found.gap() <= 1e-9, "{}", found.gap());
    // 10 nodes save 4 an hour in all 89 days, 2 nodes in 61.
    let saved = found.expected.cost_without - found.expected.cost_with;
    close(saved, 4.0 * 24.0 * (10.0 * 89.0 + 2.0 * 61.0));
    close(found.orders[0].saves, 4.0 * 24.0 * 10.0 * 89.0);
    assert_eq!(found.orders[0].driver, plan.workloads.find("chat"));
    assert_eq!(found.orders[0].until, day("2028-01-31"));
}

#[test]
fn dates_go_back_over_delivery_approval_and_buffer() {
    let mut plan = on_sale(vec![reserved(6.0, 12, 0.0)]);
    change_pool(&mut plan, |pool| {
        let lead = between(20.0 * 24.0, 30.0 * 24.0, "pool/serve/lead-time.reserved");
        pool.lead_time_hours.insert(Purchase::Reserved, lead);
    });
    let procurement = plan.procurement.as_mut().unwrap();
    procurement.approval_hours = 10.0 * 24.0;
    procurement.buffer_hours = 5.0 * 24.0;
    let (plan, demand) = asking(plan, [80.0, 80.0, 80.0]);
    let found = bought(&plan, &demand);
    let order = &found.orders[0];
    // p90 of 20 to 30 days (p5 to p95) is 28.7: 29 days. 2027-02-01 less 29 and 5, then 10.
    assert_eq!(order.decide_by, day("2026-12-29"));
    assert_eq!(order.order_by, day("2026-12-19"));
    assert_eq!(order.in_service.1, day("2027-01-27"));
    assert!(order.firm && order.late.is_none());
    assert!(order.late_chance <= 0.25);
}

#[test]
fn what_cannot_be_there_in_time_is_late_and_bridged() {
    let mut plan = on_sale(vec![reserved(6.0, 12, 0.0)]);
    change_pool(&mut plan, |pool| {
        pool.lead_time_hours.insert(Purchase::Reserved, fixed(75.0 * 24.0));
    });
    let (plan, demand) = asking(plan, [80.0, 80.0, 80.0]);
    let found = bought(&plan, &demand);
    let order = &found.orders[0];
    // Ordered on 2026-12-01 it is there on 2027-02-14: from March on.
    assert_eq!((order.t, order.nodes), (1, 10));
    let late = order.late.as_ref().unwrap();
    assert_eq!((late.needed, late.days), (day("2027-02-01"), 28));
    close(late.cost, 4.0 * 10.0 * 672.0);
}

#[test]
fn a_limit_on_reserved_nodes_holds_under_a_cash_limit_too() {
    // Four nodes at 10, reserved at 4 with half upfront: a quarter pays for one, and no more than two are granted.
    let mut plan = on_sale(vec![reserved(4.0, 12, 0.5)]);
    plan.procurement.as_mut().unwrap().cash_limit =
        Some(CashLimit { amount: 18_000.into(), per: CashPeriod::FiscalQuarter });
    change_pool(&mut plan, |pool| {
        let origin = crate::capacity::example::ORIGIN;
        let purchase = Some(Purchase::Reserved);
        pool.limits = vec![Limit { purchase, nodes: 2, from: None, origin }];
    });
    let (plan, demand) = asking(plan, [32.0; 3]);
    let found = bought(&plan, &demand);
    let all = found.pools.iter().flat_map(|pool| &pool.committed);
    assert_eq!(all.copied().max(), Some(2), "{:?}", found.orders);
}

#[test]
fn a_cash_limit_moves_money_not_need() {
    // All upfront is a little cheaper, but a year of one node is 35,040.
    let prices = vec![reserved(6.0, 12, 0.0), reserved(4.0, 12, 1.0)];
    let mut plan = on_sale(prices);
    let free = asking(plan.clone(), [80.0, 80.0, 80.0]);
    assert_eq!(bought(&free.0, &free.1).orders[0].product, "reserved 12 months, 100% upfront");
    let limit = CashLimit { amount: 110_000.into(), per: CashPeriod::FiscalYear };
    plan.procurement.as_mut().unwrap().cash_limit = Some(limit);
    let (plan, demand) = asking(plan, [80.0, 80.0, 80.0]);
    let found = bought(&plan, &demand);
    let of = |word: &str| -> u64 {
        let orders = found.orders.iter().filter(|order| order.product.contains(word));
        orders.map(|order| order.nodes).sum()
    };
    assert_eq!((of("100%"), of(" 0%")), (3, 7));
    assert!(found.cash.iter().all(|period| period.upfront <= 110_000.0));
    assert_eq!(found.cash[0].limit, Some(110_000.0));
}

#[test]
fn what_a_provider_grants_limits_and_a_floor_asks() {
    let mut plan = on_sale(vec![reserved(6.0, 12, 0.0)]);
    let limit = |purchase, nodes| Limit {
        purchase: Some(purchase),
        nodes,
        from: None,
        origin: crate::capacity::example::ORIGIN,
    };
    change_pool(&mut plan, |pool| pool.limits = vec![limit(Purchase::Reserved, 4)]);
    let (limited, demand) = asking(plan.clone(), [80.0; 3]);
    assert_eq!(bought(&limited, &demand).orders[0].nodes, 4);
    // At 12 an hour nothing is worth reserving, but on-demand is granted for 3 of 10 only.
    let dear = on_sale(vec![reserved(12.0, 12, 0.0)]);
    let (free, demand) = asking(dear.clone(), [80.0; 3]);
    assert!(bought(&free, &demand).orders.is_empty());
    let mut short = dear.clone();
    change_pool(&mut short, |pool| pool.limits = vec![limit(Purchase::OnDemand, 3)]);
    let (short, demand) = asking(short, [80.0; 3]);
    let found = bought(&short, &demand);
    assert_eq!(found.orders[0].nodes, 7);
    close(found.orders[0].prevents_short, 7.0 * 89.0 * 24.0);
    let serve_plan = found.pools.iter().find(|pool| pool.pool == serve(&short)).unwrap();
    assert_eq!(serve_plan.crosses_on, Some(day("2027-02-01")));
    let mut floored = dear;
    change_pool(&mut floored, |pool| {
        pool.floors.insert(Purchase::Reserved, 0.45);
    });
    let (floored, demand) = asking(floored, [80.0; 3]);
    assert_eq!(bought(&floored, &demand).orders[0].nodes, 5);
}

fn signed(renew: Renew) -> Commitment {
    Commitment {
        name: "signed".into(),
        kind: CommitmentKind::Reserved {
            pool: Id::new(1),
            nodes: 4,
            instance: Id::new(0),
            per_hour: amount(6.0),
        },
        upfront: 0.0,
        from: day("2026-03-01"),
        until: day("2027-02-28"),
        renew,
        origin: crate::capacity::example::ORIGIN,
    }
}

#[test]
fn a_commitment_that_ends_is_replaced_renewed_or_let_go() {
    let mut plan = on_sale(vec![reserved(6.0, 12, 0.0)]);
    plan.commitments = Arena::new(vec![signed(Renew::Decide)]);
    let (decide, demand) = asking(plan.clone(), [32.0; 3]);
    let found = bought(&decide, &demand);
    assert_eq!((found.orders[0].t, found.orders[0].nodes), (1, 4));
    assert_eq!(found.expiries[0].then, Then::Replaced(4));
    plan.commitments = Arena::new(vec![signed(Renew::Always)]);
    let (always, demand) = asking(plan.clone(), [32.0; 3]);
    let always = renewed(&always);
    // Twelve months, of which the second ends in a leap year.
    assert_eq!(always.commitments.items()[1].until, day("2028-02-29"));
    let found = bought(&always, &demand);
    assert!(found.orders.is_empty());
    assert_eq!(found.expiries[0].then, Then::Renewed);
    plan.commitments = Arena::new(vec![signed(Renew::Never)]);
    let (never, demand) = asking(plan, [32.0; 3]);
    let found = bought(&never, &demand);
    assert!(found.orders.is_empty(), "{:?}", found.orders);
    assert_eq!(found.expiries[0].then, Then::Ends);
}

/// What the ledger makes of a plan with its orders: amortised, and in cash.
pub(super) fn billed(plan: &Plan, demand: &Demand, found: &Schedule) -> (f64, f64) {
    let factors = factors(plan);
    let choices = choose_instances(plan, demand, &factors);
    let plan = enacted(plan, &choices, found);
    let terms = terms(&plan, &choices, day("2026-12-01"));
    let prices = cost::prices(&plan, &choices);
    let (mut total, mut cash) = (0.0, 0.0);
    for (pool, t) in pool_months(&plan) {
        let load = load(&plan, demand, &factors, &choices, pool, t);
        let (supplied, asked) = supply(&plan, &terms, &load);
        let priced = cost::price(&plan, &prices, &supplied, &asked, None);
        let (amortised, paid) = cost::paid_in(&priced);
        total += amortised;
        cash += paid;
    }
    (total, cash)
}

#[test]
fn supply_and_ledger_follow_the_orders_to_the_cent() {
    let prices = vec![reserved(6.0, 12, 0.0), reserved(5.5, 12, 1.0)];
    let (plan, demand) = asking(on_sale(prices), [80.0, 96.0, 96.0]);
    let found = bought(&plan, &demand);
    let (total, cash) = billed(&plan, &demand, &found);
    // The ledger's amortised cost is what the schedule said the orders and the rest would cost.
    assert!((total - found.expected.cost_with).abs() < 0.01, "{total} {:?}", found.expected);
    let upfront: f64 = found.orders.iter().map(|order| order.upfront).sum();
    let running: f64 = found.orders.iter().flat_map(|order| &order.running).sum();
    let rented =
        found.expected.cost_with - found.orders.iter().map(|order| order.cost_inside).sum::<f64>();
    assert!((cash - upfront - running - rented).abs() < 0.01, "{cash}");
}

#[test]
fn who_plans_for_a_higher_quantile_commits_more() {
    let committed = |plan_for| {
        let mut plan = on_sale(vec![reserved(6.0, 12, 0.0)]);
        plan.procurement.as_mut().unwrap().plan_for = plan_for;
        let mut demand = levels(&plan, &[80.0; 3], None);
        for span in &mut demand.spans {
            span.level = vec![40.0, 64.0, 80.0, 120.0];
        }
        let (plan, demand) = with(plan, vec![(served_by_gpu("chat", 1.0), Some(demand))]);
        let found = bought(&plan, &demand);
        assert!(found.bound <= found.objective + 1e-6);
        found.pools.iter().find(|pool| pool.pool == serve(&plan)).unwrap().committed[0]
    };
    assert_eq!(committed(PlanFor::P50), 8);
    assert_eq!(committed(PlanFor::P80), 15);
    assert_eq!(committed(PlanFor::Cvar), 15);
}

#[test]
fn nothing_is_bought_that_the_pool_does_not_permit() {
    let mut plan = on_sale(vec![reserved(6.0, 12, 0.0)]);
    change_pool(&mut plan, |pool| pool.buy = Some(vec![Purchase::OnDemand]));
    let (plan, demand) = asking(plan, [80.0; 3]);
    assert!(bought(&plan, &demand).orders.is_empty());
}

#[test]
fn a_floor_is_of_the_mean_of_a_month_in_which_a_commitment_ends() {
    let mut plan = on_sale(vec![reserved(12.0, 12, 0.0)]);
    change_pool(&mut plan, |pool| {
        pool.floors.insert(Purchase::Reserved, 0.8);
    });
    let kind = CommitmentKind::Reserved {
        pool: serve(&plan),
        nodes: 3,
        instance: Id::new(0),
        per_hour: amount(6.0),
    };
    let until = day("2027-03-15");
    plan.commitments = Arena::new(vec![Commitment { kind, until, ..signed(Renew::Decide) }]);
    let (plan, demand) = asking(plan, [40.0; 3]);
    let found = bought(&plan, &demand);
    let pool = found.pools.iter().find(|pool| pool.pool == serve(&plan)).unwrap();
    // Four of five nodes; three are there until 15 March, 1.45 in the mean of that month.
    assert_eq!(pool.committed, [1, 3, 4]);
    assert_eq!(pool.below_floor, [0, 0, 0]);
}
