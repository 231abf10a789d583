//! Instance mixes of real pods, how often a spot percentile held, and how fast price lists read.
//!
//! `cargo bench --bench supply`, with `CAPPLAN_SHARED` naming the folder of real data. Node types are the shapes of
//! the cluster's own nodes, priced at 0.031611 a core and 0.004237 a GiB an hour, and a GPU at T4 0.35, P100 0.70,
//! A10 0.75, G2 0.90, V100M16 1.60, V100M32 1.95, G3 2.20. Pods are every n-th of the list, GPU shares as fractions.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a benchmark measures, and reads files"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use capplan::catalogue::{Defaults, parse};
use capplan::procure::packing::{Effort, Item, NodeType, pack};
use capplan::procure::spot::history::{coverage, histories};

fn main() {
    let Ok(shared) = std::env::var("CAPPLAN_SHARED") else {
        println!("CAPPLAN_SHARED names no folder of real data");
        return;
    };
    let read = |file: &str| std::fs::read_to_string(format!("{shared}/data/{file}")).expect(file);
    mixes(&read("traces/openb_pod_list_default.csv"), &read("traces/openb_node_list_all_node.csv"));
    spot(&read("prices/aws_spot_daily_2022-12_2024-02.csv"));
    lists(&read("prices/aws_vms_2024-02-21.csv"));
}

fn mixes(pods: &str, nodes: &str) {
    let types = types(nodes);
    let pods: Vec<Vec<f64>> = pods.lines().skip(1).map(size).collect();
    println!("pods  sizes      cost     bound    gap  one type alone  seconds");
    for count in [50, 100, 200, 500, 1_000] {
        let mut by_size: BTreeMap<Vec<u64>, Item> = BTreeMap::new();
        let step = pods.len() / count;
        for size in (0..count).map(|at| &pods[at * step]) {
            let key = size.iter().map(|x| x.to_bits()).collect();
            let item = Item { name: "pod".into(), size: size.clone(), count: 0 };
            by_size.entry(key).or_insert(item).count += 1;
        }
        let items: Vec<Item> = by_size.into_values().collect();
        let start = Instant::now();
        let packing = pack(&items, &types, Effort::default());
        let one = packing.runner_up.map_or(f64::NAN, |one| one.cost / packing.cost - 1.0);
        println!(
            "{count:>4}  {:>5}  {:>8.3}  {:>8.3}  {:.2}%  {:>13.1}%  {:>7.2}",
            items.len(),
            packing.cost,
            packing.bound,
            packing.gap() * 100.0,
            one * 100.0,
            start.elapsed().as_secs_f64()
        );
    }
}

/// Cores, GiB, GPUs.
fn size(line: &str) -> Vec<f64> {
    let cells: Vec<&str> = line.split(',').collect();
    let number = |column: usize| cells[column].parse::<f64>().expect("a number");
    vec![number(1) / 1000.0, number(2) / 1024.0, number(3) * number(4) / 1000.0]
}

fn types(nodes: &str) -> Vec<NodeType> {
    let shapes: BTreeSet<&str> = nodes
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .map(|(_, rest)| rest)
        .collect();
    let of = |shape: &str| {
        let cells: Vec<&str> = shape.split(',').collect();
        let number = |column: usize| cells[column].parse::<f64>().expect("a number");
        let (cores, gib, gpus) = (number(0) / 1000.0, number(1) / 1024.0, number(2));
        let gpu = match cells[3] {
            "T4" => 0.35,
            "P100" => 0.70,
            "A10" => 0.75,
            "G2" => 0.90,
            "V100M16" => 1.60,
            "V100M32" => 1.95,
            "G3" => 2.20,
            _ => 0.0,
        };
        NodeType {
            name: shape.to_owned(),
            capacity: vec![cores, gib, gpus],
            price: 0.031_611 * cores + 0.004_237 * gib + gpu * gpus,
        }
    };
    shapes.into_iter().map(of).collect()
}

fn spot(text: &str) {
    let list = parse(text, None, &Defaults::default()).expect("a list");
    let all = histories(&list.listed);
    for p in [0.5, 0.75, 0.95] {
        let (held, days) = coverage(&all, 60, 30, p);
        println!(
            "spot: p{:.0} of 60 days held on {:.1}% of the next 30 ({days} days)",
            p * 100.0,
            held * 100.0
        );
    }
}

fn lists(text: &str) {
    let (head, rows) = text.split_once('\n').expect("a head");
    let mut large = format!("{head}\n");
    while large.lines().count() <= 100_000 {
        large.push_str(rows);
    }
    let start = Instant::now();
    let list = parse(&large, None, &Defaults::default()).expect("a list");
    println!(
        "lists: {} prices of {} rows in {:.3} s",
        list.listed.len(),
        large.lines().count() - 1,
        start.elapsed().as_secs_f64()
    );
}
