//! One autoscaler over a year and a week of made loads: CPU-bound, one thread.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a benchmark measures time")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use capplan::plan::autoscale::Behavior;
use capplan::simulate::hpa::fleet::{Delays, NodeRules};
use capplan::simulate::hpa::load::{Between, Load};
use capplan::simulate::hpa::pods::Metered;
use capplan::simulate::hpa::run::{Setup, Signal, run};
use capplan::simulate::hpa::settings::{Rules, Settings};
use capplan::simulate::hpa::tally::Keep;

const HOUR: i64 = 3_600_000;

fn main() {
    println!("| load | pods at the peak | changes | median of 11 |");
    println!("|---|---:|---:|---:|");
    for pods in [40.0, 2000.0] {
        for (name, hours) in [("a week", 168), ("a year", 8760)] {
            let (setup, load) = (setup(), load(hours, pods));
            let mut times: Vec<Duration> = (0..11)
                .map(|_| {
                    let start = Instant::now();
                    black_box(run(&setup, &load, Keep::Totals));
                    start.elapsed()
                })
                .collect();
            times.sort();
            let totals = run(&setup, &load, Keep::Totals).totals;
            let (most, changes) = (totals.most_wanted, totals.grew + totals.shrank);
            println!("| {name} | {most} | {changes} | {:.1} ms |", times[5].as_secs_f64() * 1000.0);
        }
    }
}

fn setup() -> Setup {
    Setup {
        rules: Rules { min: 2, max: 5000, behavior: Some(Behavior::default()) },
        settings: Settings::default(),
        signals: vec![Signal::Utilization { percent: 50, metered: Metered::Cpu }],
        full: 10.0,
        most: 10.0,
        delays: Delays { pod_start: 20_000, model_load: 90_000 },
        nodes: Some(NodeRules { pods_per_node: 4, node_start: 300_000, node_idle: 600_000 }),
        lag: 30_000,
        window: 15_000,
        start: None,
        promise: None,
    }
}

/// Days that swing between a tenth and all of a load, each hour up to a tenth higher or lower.
fn load(hours: i64, pods: f64) -> Load {
    let mut seed = 12_345_u64;
    let points = (0..=hours).map(|hour| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        let noise = 0.9 + 0.2 * ((seed % 1000) as f64 / 1000.0);
        let wave = (std::f64::consts::TAU * (hour % 24) as f64 / 24.0).cos();
        (hour * HOUR, pods * 5.0 * (0.55 - 0.45 * wave) * noise)
    });
    Load::new(points.collect(), Between::Line).unwrap()
}
