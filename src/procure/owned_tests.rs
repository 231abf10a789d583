//! Orders of owned nodes: what they cost and prevent is what the ledger has.

use crate::capacity::example::{
    ORIGIN, amount, between, change_pool, close, day, levels, plan as example, served_by_gpu,
    shape, with,
};
use crate::capacity::{choose_instances, factors};
use crate::estimate::Estimate;
use crate::forecast::demand::Demand;
use crate::ids::{Arena, Id};
use crate::money::to_f64;
use crate::pipeline;
use crate::plan::catalog::{DepreciationConvention, Lot, Owned};
use crate::plan::pool::PoolSupply;
use crate::plan::price::Purchase;
use crate::plan::procurement::PlanFor;
use crate::plan::{Plan, Procurement};
use crate::procure::buy_tests::bought;
use crate::procure::enacted;
use crate::procure::orders::Schedule;

/// Two nodes that are there, and more at 1,200 each: written off over two months of the three, at 100 a month to run.
fn owning(
    convention: DepreciationConvention,
    availability: Option<Estimate>,
    plan_for: PlanFor,
    nodes: [f64; 3],
) -> (Plan, Demand) {
    let mut plan = example();
    let lot = Lot {
        name: "a".into(),
        nodes: 2,
        purchase_per_node: amount(1200.0),
        in_service: day("2026-05-01"),
        due: false,
        slip_days: None,
        chance: None,
        payments: vec![],
        origin: ORIGIN,
    };
    plan.owned = Arena::new(vec![Owned {
        name: "metal".into(),
        gpu: Some(Id::new(0)),
        shape: shape(),
        depreciate_months: Some(2),
        convention,
        residual_share: 0.0,
        power_kilowatts: 0.0,
        pue: 1.0,
        power_price_per_kwh: None,
        hosting_per_node_month: Some(amount(100.0)),
        support_share_per_year: 0.0,
        staff: None,
        availability,
        lots: vec![lot],
        origin: ORIGIN,
    }]);
    plan.procurement = Some(Procurement { plan_for, ..Procurement::default() });
    change_pool(&mut plan, |pool| {
        pool.supply = PoolSupply::Owned(Id::new(0));
        pool.buy = Some(vec![Purchase::Owned]);
    });
    let demand = levels(&plan, &nodes.map(|nodes| nodes * 8.0), None);
    with(plan, vec![(served_by_gpu("chat", 1.0), Some(demand))])
}

/// Money and node-hours that are short, with these orders and no others.
fn ledger(plan: &Plan, demand: &Demand, orders: Option<&Schedule>) -> (f64, f64) {
    let choices = choose_instances(plan, demand, &factors(plan));
    let with =
        orders.map_or_else(|| plan.clone(), |orders| enacted(plan, &choices, orders).into_owned());
    let with = Plan { procurement: None, ..with };
    let outcome = pipeline::run_from(&with, demand.clone(), day("2026-12-01"));
    let money = outcome.ledger.rows.iter().map(|row| to_f64(row.amortised)).sum();
    let short =
        |month: &crate::procure::supply::PoolMonth| crate::draws::mean(&month.short_node_hours);
    (money, outcome.pool_months.iter().map(short).sum())
}

#[test]
fn a_node_serves_on_after_it_is_written_off_and_is_not_bought_again() {
    use DepreciationConvention::{Daily, FullMonth, MidMonth};
    for convention in [FullMonth, MidMonth, Daily] {
        let (plan, demand) = owning(convention, None, PlanFor::P50, [3.0; 3]);
        let found = bought(&plan, &demand);
        let [order] = &found.orders[..] else { panic!("{:?}", found.orders) };
        assert_eq!((order.nodes, order.t), (1, 0));
        close(order.capex, 1200.0);
        let (with, without) = (ledger(&plan, &demand, Some(&found)), ledger(&plan, &demand, None));
        close(found.expected.cost_with, with.0 - without.0);
        close(order.cost_inside, with.0 - without.0);
        close(order.running.iter().sum::<f64>(), 300.0);
        assert_eq!((with.1, found.expected.short_with), (0.0, 0.0));
        close(found.expected.short_without, without.1);
    }
}

#[test]
fn nodes_that_are_not_always_usable_are_bought_for_the_draws_that_are_planned_for() {
    let of = |plan_for| {
        let usable = between(0.7, 0.95, "metal/availability");
        let convention = DepreciationConvention::FullMonth;
        let (mut plan, _) = owning(convention, Some(usable.clone()), plan_for, [9.0; 3]);
        plan.draws = crate::draws::Draws::new(1, 200);
        let demand = levels(&plan, &[72.0; 3], None);
        let (plan, demand) = with(plan, vec![(served_by_gpu("chat", 1.0), Some(demand))]);
        let found = bought(&plan, &demand);
        let nodes: u64 = found.orders.iter().map(|order| order.nodes).sum();
        let mut usable = plan.draws.values(&usable);
        usable.sort_by(f64::total_cmp);
        let share = 1.0 - plan_for.quantile();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place")]
        let least = usable[(share * 200.0 - 1e-9).ceil() as usize - 1];
        // Two are there already.
        close(nodes as f64, (9.0 / least).ceil() - 2.0);
        let short = ledger(&plan, &demand, Some(&found)).1;
        close(found.expected.short_with, short);
        short
    };
    let (less, more) = (of(PlanFor::P50), of(PlanFor::P95));
    assert!(less > more && more > 0.0, "{less} {more}");
}
