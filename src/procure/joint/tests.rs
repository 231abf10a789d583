//! Cuts are below what hours cost, and touch it where they are made.

use proptest::prelude::*;

use super::cut::{At, cut};
use super::points::{Point, Points};
use crate::ids::Id;
use crate::procure::savings::Ranked;

/// Two pools at 10 and 4 an hour, spend that pays for both at these rates, and what is signed already.
fn points(loads: &[(f64, f64)], rates: [f64; 2], signed: f64) -> Points {
    let prices = vec![10.0, 4.0];
    let mut ranked: Ranked =
        (0..2).map(|place| (place, rates[place], prices[place] / rates[place])).collect();
    ranked.sort_by(|a, b| b.2.total_cmp(&a.2));
    let each = loads.iter().map(|(a, b)| Point {
        weight: 1.0,
        loads: vec![*a, *b],
        besides: vec![],
        held: std::sync::Arc::from([0_usize].as_slice()),
    });
    Points {
        pools: vec![Id::new(0), Id::new(1)],
        signed: vec![(signed, ranked.clone())],
        sales: vec![ranked],
        each: each.collect(),
        prices,
    }
}

/// What the hours cost: the largest saving is paid for first.
fn cost(points: &Points, at: &At) -> f64 {
    let hour = |point: &Point| {
        let left = |(place, (load, nodes)): (usize, (&f64, &f64))| {
            // Those that run on demand alone go first, then those that do for a part of the time.
            let besides = point.besides.get(place).copied();
            let (over, all, most) = besides.unwrap_or((0.0, *load, f64::INFINITY));
            let asked = if nodes < load {
                load - nodes + over * (all - load)
            } else {
                over * (all - nodes).max(0.0)
            };
            asked.min(most)
        };
        let mut open: Vec<f64> = point.loads.iter().zip(&at.nodes).enumerate().map(left).collect();
        for (mut money, ranked) in
            [(points.signed[0].0, &points.signed[0].1), (at.spend[0], &points.sales[0])]
        {
            for (place, rate, _) in ranked {
                let paid = open[*place].min(money / rate);
                open[*place] -= paid;
                money -= paid * rate;
            }
        }
        open.iter().zip(&points.prices).map(|(open, price)| open * price).sum::<f64>()
    };
    points.each.iter().map(|point| point.weight * hour(point)).sum()
}

fn at() -> impl Strategy<Value = At> {
    ((0_u32..8, 0_u32..8), 0_u32..60).prop_map(|((a, b), spend)| At {
        nodes: vec![f64::from(a), f64::from(b)],
        spend: vec![f64::from(spend) * 0.7],
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_cut_touches_the_cost_where_it_is_made_and_is_below_it_elsewhere(
        loads in prop::collection::vec((0_u32..8, 0_u32..8), 1..6),
        rates in (1_u32..10, 1_u32..4),
        signed in 0_u32..12,
        (over, on_spot) in (0_u32..10, 0_u32..5),
        most in prop::option::of(0_u32..8),
        here in at(),
        there in at(),
    ) {
        let loads: Vec<(f64, f64)> =
            loads.into_iter().map(|(a, b)| (f64::from(a) * 0.9, f64::from(b))).collect();
        let mut points = points(&loads, [f64::from(rates.0), f64::from(rates.1)], f64::from(signed));
        let besides = |loads: &[f64]| {
            let (over, on_spot) = (f64::from(over) / 10.0, f64::from(on_spot) * 0.8);
            let most = most.map_or(f64::INFINITY, |most| f64::from(most) * 0.7);
            vec![(over, loads[0] + on_spot, most), (0.0, loads[1], f64::INFINITY)]
        };
        points.each.iter_mut().for_each(|point| point.besides = besides(&point.loads));
        let cut = cut(&points, &here);
        let (own, costs) = (cut.value(&here), cost(&points, &here));
        prop_assert!((own - costs).abs() < 1e-6 * (1.0 + costs), "{own} {costs}");
        let (other, costs) = (cut.value(&there), cost(&points, &there));
        prop_assert!(other <= costs + 1e-6 * (1.0 + costs), "{other} {costs}");
        if most.is_some() {
            return Ok(());
        }
        let mut coarse = points;
        let mean = |place: usize| {
            coarse.each.iter().map(|point| point.loads[place]).sum::<f64>() / loads.len() as f64
        };
        let means = vec![mean(0), mean(1)];
        for point in &mut coarse.each {
            (point.besides, point.loads) = (besides(&means), means.clone());
        }
        let mean = super::cut::cut(&coarse, &here).value(&there);
        prop_assert!(mean <= costs + 1e-6 * (1.0 + costs), "{mean} {costs}");
    }

    #[test]
    fn spend_that_covers_less_at_another_rate_keeps_a_cut_between_nothing_and_the_cost(
        loads in prop::collection::vec((0_u32..8, 0_u32..8), 1..6),
        rates in (1_u32..10, 1_u32..4, 1_u32..10),
        (signed, narrow) in (0_u32..40, 0_usize..2),
        here in at(),
        there in at(),
    ) {
        let loads: Vec<(f64, f64)> =
            loads.into_iter().map(|(a, b)| (f64::from(a), f64::from(b))).collect();
        let mut points = points(&loads, [f64::from(rates.0), f64::from(rates.1)], f64::from(signed));
        let rate = f64::from(rates.2) * 0.7;
        points.signed[0].1 = vec![(narrow, rate, points.prices[narrow] / rate)];
        let cut = cut(&points, &here);
        for at in [&here, &there] {
            let costs = cost(&points, at);
            prop_assert!(cut.value(at) <= costs + 1e-6 * (1.0 + costs), "{} {costs}", cut.value(at));
        }
        let own = cut.value(&here);
        prop_assert!(own >= -1e-6, "{own}");
    }
}
