use super::*;
use proptest::prelude::{Strategy, prop, proptest};
use proptest::prop_assert;

fn item(name: &str, size: &[f64], count: usize) -> Item {
    Item { name: name.into(), size: size.to_vec(), count }
}

fn kind(name: &str, capacity: &[f64], price: f64) -> NodeType {
    NodeType { name: name.into(), capacity: capacity.to_vec(), price }
}

fn is_sound(items: &[Item], types: &[NodeType], packing: &Packing) {
    let mut placed = vec![0; items.len()];
    for load in &packing.loads {
        let mut used = vec![0.0; types[load.node_type].capacity.len()];
        for (i, n) in &load.items {
            placed[*i] += n * load.nodes;
            for (used, size) in used.iter_mut().zip(&items[*i].size) {
                *used += *n as f64 * size;
            }
        }
        assert!(fill::fits(&used, &types[load.node_type].capacity), "{load:?}");
    }
    for (i, item) in items.iter().enumerate() {
        let expected = if packing.unplaced.contains(&i) { 0 } else { item.count };
        assert_eq!(placed[i], expected, "{}", item.name);
    }
    let cost: f64 = packing.mix().iter().map(|(t, nodes)| *nodes as f64 * types[*t].price).sum();
    assert!((cost - packing.cost).abs() <= 1e-9 * cost.max(1.0));
    assert!(packing.bound <= packing.cost * (1.0 + 1e-9));
}

/// The optimum by trying everything: the first item left goes onto an open node or a new one.
fn by_force(items: &[Item], types: &[NodeType]) -> f64 {
    fn go(
        left: &[Vec<f64>],
        open: &mut Vec<(usize, Vec<f64>)>,
        types: &[NodeType],
        cost: f64,
        best: &mut f64,
    ) {
        if cost >= *best {
            return;
        }
        let Some((first, rest)) = left.split_first() else {
            *best = cost;
            return;
        };
        for o in 0..open.len() {
            if first.iter().zip(&open[o].1).all(|(s, f)| *s <= f + 1e-9) {
                open[o].1.iter_mut().zip(first).for_each(|(f, s)| *f -= s);
                go(rest, open, types, cost, best);
                open[o].1.iter_mut().zip(first).for_each(|(f, s)| *f += s);
            }
        }
        for (t, node_type) in types.iter().enumerate() {
            if fill::fits(first, &node_type.capacity) {
                let free = node_type.capacity.iter().zip(first).map(|(c, s)| c - s).collect();
                open.push((t, free));
                go(rest, open, types, cost + node_type.price, best);
                open.pop();
            }
        }
    }
    let left: Vec<Vec<f64>> =
        items.iter().flat_map(|item| std::iter::repeat_n(item.size.clone(), item.count)).collect();
    let mut best = f64::INFINITY;
    go(&left, &mut Vec::new(), types, 0.0, &mut best);
    best
}

#[test]
fn one_big_node_and_two_small_ones() {
    let items = [item("web", &[2.0, 4.0], 5)];
    let types = [kind("small", &[2.0, 8.0], 1.0), kind("large", &[8.0, 16.0], 3.0)];
    let packing = pack(&items, &types, Effort::default());
    is_sound(&items, &types, &packing);
    assert_eq!(packing.mix(), [(0, 1), (1, 1)]);
    assert!((packing.cost - 4.0).abs() < 1e-12);
    assert!(packing.gap() < 0.07);
    let runner_up = packing.runner_up.unwrap();
    assert_eq!((runner_up.node_type, runner_up.nodes), (0, 5));
}

#[test]
fn what_fits_nowhere_is_said_and_left_out() {
    let items = [item("web", &[1.0], 3), item("giant", &[9.0], 2)];
    let types = [kind("small", &[2.0], 1.0)];
    let packing = pack(&items, &types, Effort::default());
    assert_eq!(packing.unplaced, [1]);
    assert!((packing.cost - 2.0).abs() < 1e-12);
    is_sound(&items, &types, &packing);
}

#[test]
fn nothing_costs_nothing() {
    let packing = pack(&[], &[kind("small", &[2.0], 1.0)], Effort::default());
    assert!(packing.cost.abs() + packing.bound.abs() + packing.gap() < 1e-12);
    let types: [NodeType; 0] = [];
    let packing = pack(&[item("web", &[1.0], 3)], &types, Effort::default());
    assert_eq!(packing.unplaced, [0]);
}

#[test]
fn every_type_that_is_left_out_has_an_excuse() {
    let items = [item("web", &[2.0, 4.0, 0.0], 40), item("batch", &[4.0, 4.0, 0.0], 10)];
    let types = [
        kind("good", &[16.0, 32.0, 0.0], 1.0),
        kind("dear", &[16.0, 32.0, 0.0], 1.2),
        kind("tiny", &[1.0, 4.0, 0.0], 0.01),
        kind("wide", &[16.0, 64.0, 0.0], 1.5),
    ];
    let packing = pack(&items, &types, Effort::default());
    is_sound(&items, &types, &packing);
    let of = |t: usize| packing.excuses.iter().find(|(other, _)| *other == t).map(|(_, e)| *e);
    assert_eq!(of(0), None);
    assert_eq!(of(1), Some(Excuse::Dominated { by: 0 }));
    assert_eq!(of(2), Some(Excuse::HoldsNothing { dimension: 0 }));
    assert!(matches!(of(3), Some(Excuse::WorthLess { worth }) if worth < 1.5));
}

fn small() -> impl Strategy<Value = (Vec<Item>, Vec<NodeType>)> {
    let size = prop::collection::vec(0_u8..6, 2);
    let items = prop::collection::vec((size, 1_usize..3), 1..5);
    let types = prop::collection::vec((prop::collection::vec(4_u8..12, 2), 1_u8..20), 1..4);
    (items, types).prop_map(|(items, types)| {
        let floats = |v: Vec<u8>| v.into_iter().map(f64::from).collect::<Vec<f64>>();
        let items = items.into_iter().enumerate();
        let types = types.into_iter().enumerate();
        (
            items.map(|(i, (s, n))| item(&format!("i{i}"), &floats(s), n)).collect(),
            types.map(|(t, (c, p))| kind(&format!("t{t}"), &floats(c), f64::from(p))).collect(),
        )
    })
}

#[test]
fn two_types_filled_to_the_brim() {
    let items = [item("a", &[3.0, 1.0], 2), item("b", &[2.0, 0.0], 4)];
    let types = [kind("six", &[6.0, 4.0], 7.0), kind("eight", &[8.0, 4.0], 11.0)];
    let packing = pack(&items, &types, Effort::default());
    is_sound(&items, &types, &packing);
    assert!((packing.cost - 18.0).abs() < 1e-9, "{}", packing.cost);
    assert!(packing.gap() < 1e-9, "{}", packing.bound);
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(400))]
    #[test]
    fn the_bound_is_below_the_optimum_and_the_mix_is_near_it((items, types) in small()) {
        let packing = pack(&items, &types, Effort::default());
        is_sound(&items, &types, &packing);
        let placed: Vec<Item> = items
            .iter()
            .enumerate()
            .filter(|(i, _)| !packing.unplaced.contains(i))
            .map(|(_, item)| item.clone())
            .collect();
        let optimum = by_force(&placed, &types);
        prop_assert!(packing.bound <= optimum * (1.0 + 1e-7));
        prop_assert!(packing.cost >= optimum * (1.0 - 1e-9));
        // So few loads are all searched.
        prop_assert!(packing.cost <= optimum * 1.002 + 1e-9, "{} for {optimum}", packing.cost);
        prop_assert!(packing.gap() <= 0.0021, "{} for {}", packing.bound, packing.cost);
    }

    #[test]
    fn one_more_item_never_makes_the_bound_lower((items, types) in small()) {
        let exact = Effort { near: 1e-9, repacks: 0, ..Effort::default() };
        let before = pack(&items, &types, exact);
        let mut more = items.clone();
        more[0].count += 1;
        let after = pack(&more, &types, exact);
        prop_assert!(after.bound >= before.bound * (1.0 - 1e-6));
    }
}

#[test]
fn the_published_cases_hold() {
    let Some(cases) = crate::procure::testing::cases("vector_bin_packing") else { return };
    for case in cases {
        let input = &case["input"];
        let floats = |v: &serde_json::Value| -> Vec<f64> {
            v.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
        };
        let items: Vec<Item> = input["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|i| {
                item(
                    "i",
                    &floats(&i["req"]),
                    usize::try_from(i["count"].as_u64().unwrap()).unwrap(),
                )
            })
            .collect();
        let types: Vec<NodeType> = input["bins"]
            .as_array()
            .unwrap()
            .iter()
            .map(|b| {
                kind(b["name"].as_str().unwrap(), &floats(&b["cap"]), b["price"].as_f64().unwrap())
            })
            .collect();
        let packing = pack(&items, &types, Effort { near: 1e-9, ..Effort::default() });
        is_sound(&items, &types, &packing);
        let expected = &case["expected"];
        let (cost, bound) =
            (expected["cost"].as_f64().unwrap(), expected["lp_lower_bound"].as_f64().unwrap());
        assert!(
            (packing.cost / cost - 1.0).abs() < 1e-6,
            "{}: {} for {cost}",
            case["id"],
            packing.cost
        );
        assert!(
            (packing.linear / bound - 1.0).abs() < 1e-6,
            "{}: {} for {bound}",
            case["id"],
            packing.linear
        );
    }
}
