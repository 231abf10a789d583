//! Published and solver-checked answers, where they are at hand; small instances against brute force.

use proptest::prelude::*;
use serde_json::Value;

use super::coupling::{PoolProblem, coupled};
use super::product::{Product, offers};
use super::recourse::{Collect, MICRO, Recourse, Step};
use super::{closed, flow};
use crate::procure::testing::cases;

fn of_kind(kind: &str) -> Vec<Value> {
    cases(kind).unwrap_or_default()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("a number, not {value}"))
}

fn close(case: &Value, found: f64, expected: &Value) {
    let (expected, tolerance) = (number(expected), number(&case["rel_tol"]));
    let off = (found - expected).abs();
    assert!(off <= tolerance * expected.abs().max(1e-9), "{}: {found} {expected}", case["id"]);
}

fn products(input: &Value) -> Vec<Product> {
    let months = usize::try_from(input["months"].as_u64().unwrap()).unwrap();
    let count = |value: &Value| usize::try_from(value.as_u64().unwrap_or(0)).unwrap();
    let product = |product: &Value| Product {
        term: count(&product["term"]),
        lasts: false,
        first: count(&product["lead"]),
        last: None,
        fee: vec![number(&product["month"]); months],
        upfront: vec![number(&product["upfront"]); months],
        level: vec![1.0; months],
        residual: 0.0,
        most: None,
    };
    input["products"].as_array().unwrap().iter().map(product).collect()
}

fn collect(months: &mut [Collect], input: &Value, blocks: &Value, weight: f64) {
    let on_demand = number(&input["od_rate"]);
    for (month, blocks) in months.iter_mut().zip(blocks.as_array().unwrap()) {
        for block in blocks.as_array().unwrap() {
            let (hours, need) = (number(&block[0]), number(&block[1]));
            let mut steps = vec![];
            if let Some(spot) = input["spot"].as_f64().filter(|spot| *spot < on_demand) {
                steps.push(Step {
                    units: (number(&input["spot_frac"]) * need).floor(),
                    price: spot,
                });
            }
            steps.push(Step { units: f64::INFINITY, price: on_demand });
            month.add(hours * weight, need, &steps);
        }
    }
}

fn problem(input: &Value) -> (PoolProblem, Vec<f64>) {
    let products = products(input);
    let count = products[0].fee.len();
    let mut months = vec![Collect::default(); count];
    collect(&mut months, input, &input["blocks"], 1.0);
    let mut months: Vec<Recourse> = months.into_iter().map(Collect::finish).collect();
    if let Some(existing) = input["existing"].as_array() {
        for (month, existing) in months.iter_mut().zip(existing) {
            *month = month.after(existing.as_u64().unwrap());
        }
    }
    let (offers, starts) = offers(&products, count, 0.0);
    let limits: Vec<f64> =
        input["budget"].as_array().map_or(vec![], |limits| limits.iter().map(number).collect());
    let takes = starts.iter().map(|start| {
        let takes = !limits.is_empty() && start.upfront > 0.0;
        if takes { vec![(start.month / 3, start.upfront)] } else { vec![] }
    });
    let takes = takes.collect();
    let least = vec![0; offers.len()];
    (PoolProblem { months, offers, takes, least }, limits)
}

#[test]
fn plans_cost_what_a_solver_of_integer_programs_says() {
    for case in of_kind("plan") {
        let (problem, limits) = problem(&case["input"]);
        let bought = coupled(&[problem], &limits);
        close(&case, bought.cost as f64 / MICRO, &case["expected"]["cost"]);
    }
}

#[test]
fn a_tail_buys_fewer_three_year_units() {
    for case in of_kind("plan") {
        let Some(expected) = case["expected"]["three_year_units_bought_before_month_12"].as_u64()
        else {
            continue;
        };
        let (problem, limits) = problem(&case["input"]);
        let bought = coupled(std::slice::from_ref(&problem), &limits);
        let early = problem.offers.iter().zip(&bought.covers[0].units);
        let early = early.filter(|(offer, _)| offer.from < 12 && offer.from + 36 <= offer.to);
        assert_eq!(early.map(|(_, units)| units).sum::<u64>(), expected);
    }
}

#[test]
fn plans_under_several_futures_cost_their_expectation() {
    for case in of_kind("plan_stochastic") {
        let input = &case["input"];
        let products = products(input);
        let count = products[0].fee.len();
        let (offers, _) = offers(&products, count, 0.0);
        let mut together = vec![Collect::default(); count];
        let mut wait_and_see = 0.0;
        for scenario in input["scenarios"].as_array().unwrap() {
            let probability = number(&scenario["prob"]);
            collect(&mut together, input, &scenario["blocks"], probability);
            let mut alone = vec![Collect::default(); count];
            collect(&mut alone, input, &scenario["blocks"], 1.0);
            let alone: Vec<_> = alone.into_iter().map(Collect::finish).collect();
            wait_and_see += probability * flow::cheapest(&alone, &offers).cost as f64 / MICRO;
        }
        let together: Vec<_> = together.into_iter().map(Collect::finish).collect();
        let cost = flow::cheapest(&together, &offers).cost as f64 / MICRO;
        close(&case, cost, &case["expected"]["rp_cost"]);
        close(&case, wait_and_see, &case["expected"]["wait_and_see"]);
        close(&case, cost - wait_and_see, &case["expected"]["evpi"]);
    }
}

#[test]
fn one_period_commits_to_the_quantile() {
    for case in of_kind("commitment_static") {
        let input = &case["input"];
        let hourly: Vec<f64> =
            input["hourly_demand"].as_array().unwrap().iter().map(number).collect();
        let (on_demand, committed) = (number(&input["od_rate"]), number(&input["commit_rate"]));
        let (quantity, cost) = closed::static_commitment(&hourly, on_demand, committed);
        close(&case, quantity, &case["expected"]["quantity"]);
        close(&case, cost, &case["expected"]["cost"]);
    }
}

#[test]
fn a_newsvendor_balances_too_few_and_too_many() {
    for case in of_kind("newsvendor") {
        let of = |name: &str| number(&case["input"][name]);
        let (fractile, quantity) =
            closed::newsvendor(of("mu"), of("sigma"), of("underage"), of("overage"));
        close(&case, fractile, &case["expected"]["critical_fractile"]);
        close(&case, quantity, &case["expected"]["quantity"]);
    }
}

#[test]
fn rules_without_a_forecast_have_their_ratio() {
    for case in of_kind("competitive_ratio") {
        let (sure, random) = closed::competitive_ratio(number(&case["input"]["alpha"]));
        close(&case, sure, &case["expected"]["deterministic"]);
        close(&case, random, &case["expected"]["randomised"]);
    }
}

/// A small instance: needs by month and hour, and offers.
fn small() -> impl Strategy<Value = (Vec<Recourse>, Vec<flow::Offer>)> {
    let month = proptest::collection::vec((0_u32..4, 1_u32..9), 1..4);
    let months = proptest::collection::vec(month, 3..6);
    months.prop_flat_map(|months| {
        let count = months.len();
        let offer = (0..count, 1..=count, 1_i64..30, proptest::option::of(0_u64..3));
        let offers = proptest::collection::vec(offer, 1..4);
        let recourse = |blocks: &Vec<(u32, u32)>| {
            let mut collect = Collect::default();
            for (need, price) in blocks {
                let step = Step { units: f64::INFINITY, price: f64::from(*price) };
                collect.add(1.0, f64::from(*need), &[step]);
            }
            collect.finish()
        };
        let months: Vec<Recourse> = months.iter().map(recourse).collect();
        offers.prop_map(move |offers| {
            let offers = offers.into_iter().map(|(from, term, cost, most)| flow::Offer {
                from,
                to: (from + term).min(count),
                cost: cost * 1_000_000,
                most,
            });
            (months.clone(), offers.collect())
        })
    })
}

/// The least cost over every choice of 0 to 3 units of each offer that `allowed` lets pass.
fn brute_force(
    months: &[Recourse],
    offers: &[flow::Offer],
    allowed: &dyn Fn(&[u64]) -> bool,
) -> i128 {
    let mut least = i128::MAX;
    for choice in 0..4_u64.pow(u32::try_from(offers.len()).unwrap()) {
        let units: Vec<u64> =
            (0_u32..).take(offers.len()).map(|place| choice / 4_u64.pow(place) % 4).collect();
        let fits = offers.iter().zip(&units).all(|(o, u)| o.most.is_none_or(|most| *u <= most));
        if fits && allowed(&units) {
            least = least.min(flow::cost_of(months, offers, &units));
        }
    }
    least
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_flow_is_the_cheapest_of_all_choices((months, offers) in small()) {
        let cover = flow::cheapest(&months, &offers);
        prop_assert_eq!(cover.cost, brute_force(&months, &offers, &|_| true));
        prop_assert!(offers.iter().zip(&cover.units).all(|(o, u)| o.most.is_none_or(|m| *u <= m)));
    }

    #[test]
    fn under_a_limit_nothing_is_below_the_bound_and_the_limit_is_kept(
        (months, offers) in small(),
        limit in 0_u32..60,
    ) {
        let money = |offer: &flow::Offer| offer.cost as f64 / MICRO;
        let limit = f64::from(limit);
        let takes = offers.iter().map(|offer| vec![(0, money(offer))]).collect();
        let least = vec![0; offers.len()];
        let keeps = |units: &[u64]| {
            let taken: f64 = offers.iter().zip(units).map(|(o, u)| money(o) * *u as f64).sum();
            taken <= limit + 1e-6
        };
        let best = brute_force(&months, &offers, &keeps);
        let pool = PoolProblem { months: months.clone(), offers: offers.clone(), takes, least };
        let found = coupled(&[pool], &[limit]);
        prop_assert!(keeps(&found.covers[0].units));
        prop_assert!(found.bound <= best, "{} {}", found.bound, best);
        prop_assert!(found.cost >= best);
        // So small, it is searched to the end.
        prop_assert!(found.cost as f64 <= best as f64 * (1.0 + 1e-5), "{} {}", found.cost, best);
        prop_assert!(found.gap() <= 1e-5, "{}", found.gap());
    }

    #[test]
    fn a_least_order_is_kept_or_not_bought((months, offers) in small()) {
        let least = vec![2; offers.len()];
        let takes = vec![vec![]; offers.len()];
        let keeps = |units: &[u64]| units.iter().all(|units| *units != 1);
        let best = brute_force(&months, &offers, &keeps);
        let pool = PoolProblem { months: months.clone(), offers: offers.clone(), takes, least };
        let found = coupled(&[pool], &[]);
        prop_assert!(keeps(&found.covers[0].units), "{:?}", found.covers[0].units);
        prop_assert!(found.bound <= best && found.cost >= best, "{found:?} {best}");
    }
}
