//! The synthetic instances of `benches/procure/compare.py`, solved by capplan's kernel.
//!
//! `solve POOLS MONTHS DRAWS BLOCKS LIMIT [CALENDAR]` makes an instance by the same generator as the script (a
//! 64-bit linear congruential generator), solves it, and prints one line of JSON: objective, bound, gap
//! and seconds of CPU. `LIMIT` is the share of the upfront money of the free optimum that each quarter may
//! spend; 0 is no limit. With a sixth argument, upfront money moves with the days of the month and a price trend.

use std::time::Instant;

use optimum::coupling::{PoolProblem, coupled};
use optimum::flow;
use optimum::product::{Product, offers};
use optimum::recourse::{Collect, MICRO, Step};

#[path = "../../src/normal.rs"]
#[allow(dead_code)]
mod normal;
#[path = "../../src/procure/optimum/mod.rs"]
#[allow(dead_code, unused_imports)]
mod optimum;

struct Random(u64);
impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as f64 / (1_u64 << 31) as f64
    }
}

fn main() {
    let args: Vec<f64> = std::env::args().skip(1).map(|a| a.parse().expect("a number")).collect();
    let [pools, months, draws, blocks] = [0, 1, 2, 3].map(|i| args[i] as usize);
    let limit = args.get(4).copied().unwrap_or(0.0);
    let days = [31.0, 28.0, 31.0, 30.0, 31.0, 30.0, 31.0, 31.0, 30.0, 31.0, 30.0, 31.0];
    let level = |t: usize| if args.len() > 5 { days[t % 12] / 30.4167 * (1.0 - 0.004 * t as f64) } else { 1.0 };
    let sorts = [(12, 467.2, 0.0, 0), (12, 0.0, 5256.0, 0), (36, 0.0, 11037.6, 2), (1, 671.6, 0.0, 0), (3, 584.0, 0.0, 0)];
    let mut random = Random(7);
    let started = Instant::now();
    let instances: Vec<PoolProblem> = (0..pools)
        .map(|_| {
            let base = 20.0 + 180.0 * random.next();
            let growth = -0.04 + 0.1 * random.next();
            let spread = 0.02 + 0.06 * random.next();
            let drift: Vec<f64> = (0..draws).map(|_| (random.next() - 0.5) * 2.0 * spread).collect();
            let shape: Vec<f64> = (0..blocks).map(|_| 0.5 + random.next()).collect();
            let recourse = (0..months).map(|t| {
                let mut collect = Collect::default();
                for drift in &drift {
                    let level = base * (1.0 + growth + drift).powi(t as i32);
                    for shape in &shape {
                        let need = (level * shape).round();
                        let hours = 730.0 / blocks as f64 / draws as f64;
                        collect.add(hours, need, &[Step { units: f64::INFINITY, price: 1.0 }]);
                    }
                }
                collect.finish()
            });
            let recourse: Vec<_> = recourse.collect();
            let products: Vec<Product> = sorts
                .iter()
                .map(|(term, fee, upfront, first)| Product {
                    term: *term,
                    first: *first,
                    last: None,
                    fee: vec![*fee; months],
                    upfront: (0..months).map(|t| upfront * level(t)).collect(),
                    level: vec![1.0; months],
        residual: 0.0,
                    most: None,
                })
                .collect();
            let (offers, starts) = offers(&products, months, 0.0);
            let takes = starts.iter().map(|s| if s.upfront > 0.0 { vec![(s.month / 3, s.upfront)] } else { vec![] });
            PoolProblem { least: vec![0; offers.len()], takes: takes.collect(), months: recourse, offers }
        })
        .collect();
    let built = started.elapsed().as_secs_f64();
    let mut limits = vec![f64::MAX; months.div_ceil(3)];
    if limit > 0.0 {
        let mut spent = vec![0.0; limits.len()];
        for pool in &instances {
            let cover = flow::cheapest(&pool.months, &pool.offers);
            for (takes, units) in pool.takes.iter().zip(&cover.units) {
                for (quarter, money) in takes {
                    spent[*quarter] += money * *units as f64;
                }
            }
        }
        let all: f64 = spent.iter().sum();
        limits = vec![all / spent.len() as f64 * limit; spent.len()];
    }
    let solving = Instant::now();
    let bought = coupled(&instances, &limits);
    println!(
        "{{\"pools\":{pools},\"months\":{months},\"draws\":{draws},\"blocks\":{blocks},\"limit\":{limit},\"objective\":{:.2},\"bound\":{:.2},\"gap\":{:.2e},\"limits\":{:?},\"build_seconds\":{built:.3},\"solve_seconds\":{:.3}}}",
        bought.cost as f64 / MICRO,
        bought.bound as f64 / MICRO,
        bought.gap(),
        if limit > 0.0 { limits.as_slice() } else { &[] },
        solving.elapsed().as_secs_f64(),
    );
}
