//! Purchases are decided by what will be billed: discounts, and work that waits.

use crate::capacity::example::{
    ORIGIN, between, change_pool, close, day, fixed, instance, levels, price, served_by_gpu, shape,
    with,
};
use crate::capacity::{choose_instances, factors};
use crate::forecast::demand::Demand;
use crate::ids::Arena;
use crate::plan::catalog::{DiscountOn, Negotiated};
use crate::plan::pool::SpotFallback;
use crate::plan::price::Purchase;
use crate::plan::{Plan, Workload};
use crate::procure::buy_tests::{asking, billed, bought, on_sale, reserved};
use crate::procure::orders::Schedule;
use crate::procure::spot::planned::of_plan;

/// Hours of February to April.
const HOURS: f64 = 89.0 * 24.0;

fn negotiated(mut plan: Plan, on: DiscountOn, share: f64, until: Option<&str>) -> Plan {
    let mut provider = plan.providers.items()[0].clone();
    provider.negotiated.push(Negotiated {
        share,
        on,
        until: until.map(day),
        commitment_per_year: None,
        source: None,
        origin: ORIGIN,
    });
    plan.providers = Arena::new(vec![provider]);
    plan
}

fn on_demand() -> DiscountOn {
    DiscountOn::Purchase(Purchase::OnDemand)
}

fn orders(found: &Schedule) -> Vec<(usize, u64)> {
    found.orders.iter().map(|order| (order.t, order.nodes)).collect()
}

#[test]
fn what_is_cheaper_on_demand_after_the_discount_is_not_reserved() {
    // 10 on demand against 6 reserved; half off makes it 5.
    let list = on_sale(vec![reserved(6.0, 12, 0.0)]);
    let (plan, demand) = asking(list.clone(), [80.0; 3]);
    assert_eq!(orders(&bought(&plan, &demand)), [(0, 10)]);
    let (plan, demand) = asking(negotiated(list, on_demand(), 0.5, None), [80.0; 3]);
    let found = bought(&plan, &demand);
    assert_eq!(orders(&found), []);
    close(found.expected.cost_with, 10.0 * 5.0 * HOURS);
    close(billed(&plan, &demand, &found).0, 10.0 * 5.0 * HOURS);
}

#[test]
fn a_discount_off_everything_is_off_what_is_ordered_too() {
    let plan = negotiated(
        on_sale(vec![reserved(6.0, 12, 0.0), reserved(5.6, 12, 1.0)]),
        DiscountOn::Everything,
        0.5,
        None,
    );
    let (plan, demand) = asking(plan, [80.0; 3]);
    let found = bought(&plan, &demand);
    let [order] = &found.orders[..] else { panic!("{:?}", found.orders) };
    close(order.price.estimate.median(), 2.8);
    close(order.saves, 10.0 * (5.0 - 2.8) * HOURS);
    close(order.upfront, 10.0 * 2.8 * 365.0 * 24.0);
    close(billed(&plan, &demand, &found).0, 10.0 * 2.8 * HOURS);
}

#[test]
fn when_a_discount_ends_it_pays_to_reserve() {
    let list = on_sale(vec![reserved(6.0, 12, 0.0)]);
    let plan = negotiated(list, on_demand(), 0.5, Some("2027-02-28"));
    let (plan, demand) = asking(plan, [80.0; 3]);
    let found = bought(&plan, &demand);
    assert_eq!(orders(&found), [(1, 10)]);
    let expected = 10.0 * (5.0 * 28.0 + 6.0 * 61.0) * 24.0;
    close(found.expected.cost_with, expected);
    close(billed(&plan, &demand, &found).0, expected);
}

#[test]
fn a_product_keeps_what_was_negotiated_on_its_first_day() {
    // 11 reserved is dearer than 10 on demand, and a third off only as long as that is on offer.
    let of = DiscountOn::Purchase(Purchase::Reserved);
    let plan = negotiated(on_sale(vec![reserved(11.0, 2, 0.0)]), of, 0.3, Some("2027-03-10"));
    let (plan, demand) = asking(plan, [80.0; 3]);
    let found = bought(&plan, &demand);
    // At 7.7: from February over March, and from March over April.
    let days: f64 = found.orders.iter().map(|order| order.cost_inside).sum::<f64>() / 24.0 / 7.7;
    close(found.expected.cost_with, days * 7.7 * 24.0 + (890.0 - days) * 10.0 * 24.0);
    assert!(found.orders.iter().all(|order| order.t <= 1), "{:?}", found.orders);
    close(billed(&plan, &demand, &found).0, found.expected.cost_with);
}

/// Ten nodes that may run on spot, at 1 an hour for half of the time.
fn on_spot(fallback: SpotFallback) -> (Plan, Demand) {
    let mut plan = on_sale(vec![]);
    let mut spot = price(Purchase::Spot, 1.0);
    spot.availability = Some(fixed(0.5));
    let prices = vec![price(Purchase::OnDemand, 10.0), spot, reserved(4.0, 12, 0.0)];
    plan.instances = Arena::new(vec![instance("g8", shape(), prices)]);
    change_pool(&mut plan, |pool| {
        pool.buy = Some(vec![Purchase::OnDemand, Purchase::Spot, Purchase::Reserved]);
        pool.spot_fallback = fallback;
        pool.spot_share = 1.0;
    });
    let demand = levels(&plan, &[80.0; 3], None);
    let chat = Workload { interruptible: true, ..served_by_gpu("chat", 1.0) };
    with(plan, vec![(chat, Some(demand))])
}

#[test]
fn work_that_waits_for_spot_is_not_priced_on_demand() {
    // Half of the time spot at 1, else on demand at 10: 5.5 an hour is more than 4.
    let (plan, demand) = on_spot(SpotFallback::OnDemand { after_hours: 0.0 });
    assert_eq!(orders(&bought(&plan, &demand)), [(0, 10)]);
    // Else nothing: half an hour of spot is billed, and nobody pays 4 to avoid that.
    let (plan, demand) = on_spot(SpotFallback::None);
    let found = bought(&plan, &demand);
    assert_eq!(orders(&found), []);
    close(found.expected.cost_with, 10.0 * 0.5 * 1.0 * HOURS);
    close(found.expected.short_with, 10.0 * 0.5 * HOURS);
    close(billed(&plan, &demand, &found).0, 10.0 * 0.5 * 1.0 * HOURS);
}

#[test]
fn work_that_waits_for_spot_of_uncertain_availability_needs_no_node() {
    let (mut plan, _) = on_spot(SpotFallback::None);
    let mut prices = plan.instances.items()[0].prices.clone();
    for price in prices.iter_mut().filter(|price| price.purchase == Purchase::Spot) {
        price.availability = Some(between(0.4, 0.6, "availability"));
    }
    plan.instances = Arena::new(vec![instance("g8", shape(), prices)]);
    plan.draws = crate::draws::Draws::new(1, 40);
    change_pool(&mut plan, |pool| pool.buy = Some(vec![Purchase::Spot, Purchase::Reserved]));
    let demand = levels(&plan, &[80.0; 3], None);
    let chat = Workload { interruptible: true, ..served_by_gpu("chat", 1.0) };
    let (plan, demand) = with(plan, vec![(chat, Some(demand))]);
    assert_eq!(orders(&bought(&plan, &demand)), []);
}

#[test]
fn spot_is_held_against_what_is_paid_on_demand() {
    // Spot at 1 half of the time, 10 on demand of which half is off: 3 and not 5.5 in the mean.
    let (plan, demand) = on_spot(SpotFallback::OnDemand { after_hours: 0.0 });
    let plan = negotiated(plan, on_demand(), 0.5, Some("2027-02-28"));
    let choices = choose_instances(&plan, &demand, &factors(&plan));
    let [found] = &of_plan(&plan, &choices)[..] else { panic!("one pool") };
    close(found.on_demand.unwrap(), 5.0);
    close(found.price, 1.0);
    close(found.blended.unwrap(), 3.0);
}
