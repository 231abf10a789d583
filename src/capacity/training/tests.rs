//! Every formula against a published or closed-form number, and against runs that fail by the dice.
#![expect(clippy::disallowed_methods, reason = "the cases lie in a file, where they are at hand")]

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::Value;

use super::checkpoint::{daly_interval, exact_interval, young_interval};
use super::failures::{effective_time_ratio, hourly_rate, mean_time_between};
use super::flops::{Transformer, gpu_hours, implied_mfu, megatron_days, training_flops};
use super::makespan::Interrupted;
use super::{gang, spot::OnSpot};
use crate::draws::inside_unit;

fn near(found: f64, expected: f64, share: f64) {
    assert!((found - expected).abs() <= share * expected.abs().max(1e-300), "{found} {expected}");
}

fn failing(between: f64, recovery: f64, checkpoint: Option<(f64, f64)>) -> Interrupted {
    Interrupted { rate: 1.0 / between, downtime: 0.0, recovery, checkpoint }
}

/// What a case computes: the expected value's name, and ours.
fn found(kind: &str, input: &Value) -> Vec<(&'static str, f64)> {
    let of = |name: &str| input[name].as_f64().unwrap_or_else(|| panic!("{kind} has no {name}"));
    let flops = || training_flops(of("params"), of("tokens"));
    match kind {
        "flops_6nd" => vec![("flops", flops())],
        "implied_mfu" => {
            vec![("mfu", implied_mfu(flops(), of("gpu_hours"), of("peak_flops")))]
        }
        "gpu_hours" => {
            let hours = gpu_hours(flops(), of("mfu"), of("peak_flops"));
            vec![("gpu_hours", hours), ("days", hours / of("gpus") / 24.0)]
        }
        "megatron_days" => {
            let days = megatron_days(of("params"), of("tokens"), of("gpus"), of("flops_per_gpu"));
            vec![("days", days)]
        }
        "job_mttf_hours" => {
            let nodes = of("gpus") / of("gpus_per_node");
            let per_node = of("node_failures_per_1000_node_days") / 1000.0;
            vec![("mttf_h", mean_time_between(nodes, per_node) * 24.0)]
        }
        "checkpoint_interval" => {
            let (takes, between) = (of("checkpoint_s"), of("mtbf_s"));
            vec![
                ("young_s", young_interval(takes, between)),
                ("daly_s", daly_interval(takes, between)),
                ("exact_s", exact_interval(takes, between)),
            ]
        }
        "expected_makespan" | "restart_makespan" => {
            let saved = input.get("interval_s").is_some();
            let run = Interrupted {
                rate: 1.0 / of("mtbf_s"),
                downtime: of("downtime_s"),
                recovery: if saved { of("restart_s") } else { 0.0 },
                checkpoint: saved.then(|| (of("interval_s"), of("checkpoint_s"))),
            };
            let expected = run.makespan(of("work_s"));
            vec![("expected_s", expected), ("efficiency", of("work_s") / expected)]
        }
        "ettr_first_order" => {
            let rate = of("node_failures_per_node_day");
            let interval = of("checkpoint_interval_days");
            vec![("ettr", effective_time_ratio(of("nodes"), rate, of("restart_days"), interval))]
        }
        "gang_fits_whole_nodes" => {
            let whole = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
            let free: Vec<u32> =
                input["free_per_node"].as_array().unwrap().iter().map(whole).collect();
            let fits =
                gang::fits(whole(&input["gang_gpus"]), whole(&input["gpus_per_node"]), &free);
            vec![("fits", f64::from(u8::from(fits)))]
        }
        "sum" => {
            let values = input["values"].as_array().unwrap().iter();
            vec![("total", values.map(|value| value.as_f64().unwrap()).sum())]
        }
        "cost" => vec![("cost", of("gpu_hours") * of("price"))],
        other => panic!("no rule for cases of kind `{other}`"),
    }
}

#[test]
fn every_case_comes_out_as_known() {
    let folder = std::env::var("CAPPLAN_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").to_owned());
    let Ok(text) = std::fs::read_to_string(format!("{folder}/cases/training.json")) else {
        return;
    };
    let file: Value = serde_json::from_str(&text).unwrap();
    for case in file["cases"].as_array().unwrap() {
        let tolerance = case["rel_tol"].as_f64().unwrap();
        let expect = case["expect"].as_object().unwrap();
        let found = found(case["kind"].as_str().unwrap(), &case["input"]);
        let mut met = 0;
        for (name, value) in found {
            let Some(expected) = expect.get(name) else { continue };
            let expected = expected.as_f64().or(expected.as_bool().map(|b| f64::from(u8::from(b))));
            let expected = expected.unwrap();
            met += 1;
            let close = (value - expected).abs() <= tolerance.max(1e-12) * expected.abs();
            assert!(close, "{}: {name} is {value}, not {expected}", case["id"]);
        }
        // `simulated_s` is another's simulation of the same run, and is not computed.
        let computed = expect.keys().filter(|name| *name != "simulated_s").count();
        assert_eq!(met, computed, "{} is computed whole", case["id"]);
    }
}

#[test]
fn published_runs_took_the_arithmetic_of_their_papers() {
    // Brown et al. (2020), table D.1: 3.14e23 for GPT-3; Hoffmann et al. (2022): 5.76e23 for Chinchilla.
    near(training_flops(174.6e9, 300e9), 3.14e23, 0.01);
    near(training_flops(70e9, 1.4e12), 5.76e23, 0.03);
    // The GPU-hours of the model cards of LLaMA 13B and Llama 3.1 405B imply these utilisations.
    near(implied_mfu(training_flops(13e9, 1e12), 135_168.0, 312e12), 0.513_763_941_5, 1e-9);
    near(implied_mfu(training_flops(405e9, 15.6e12), 30.84e6, 989e12), 0.345_237_299_0, 1e-9);
    near(gpu_hours(training_flops(8e9, 1e12), 0.4, 989e12), 33_704.078_193_461, 1e-12);
    // Narayanan et al. (2021): 84 days for 1T parameters; GPT-3 of 175B is 8·T·P within attention's share.
    near(megatron_days(1e12, 450e9, 3072.0, 163e12), 84.0, 0.01);
    let gpt3 =
        Transformer { layers: 96.0, hidden: 12_288.0, sequence: 2048.0, vocabulary: 51_200.0 };
    near(gpt3.recomputed_flops(300e9), 8.0 * 174.6e9 * 300e9, 0.03);
}

#[test]
fn failures_of_a_cluster_are_those_its_operators_published() {
    // Kokolis et al. (2024): 6.5 failures in 1,000 node-days; 1.8 hours at 16,384 GPUs, 0.23 at 131,072.
    near(24.0 * mean_time_between(2048.0, 6.5e-3), 1.8, 0.01);
    near(24.0 * mean_time_between(16_384.0, 6.5e-3), 0.23, 0.03);
    near(effective_time_ratio(256.0, 6.5e-3, 5.0 / 1440.0, 1.0 / 24.0), 0.959_555_556, 1e-8);
    assert_eq!(mean_time_between(16.0, 0.0).to_bits(), f64::INFINITY.to_bits());
    // Half of the nodes are lost in a day: half are left after it.
    near(libm::exp(-24.0 * hourly_rate(0.5)), 0.5, 1e-12);
    assert!(hourly_rate(1.0).is_finite());
}

#[test]
fn the_exact_interval_is_where_the_length_is_least() {
    for (takes, between) in [(300.0, 86_400.0), (60.0, 10_800.0), (600.0, 21_600.0), (5.0, 4.0)] {
        let length = |interval: f64| failing(between, 0.0, Some((interval, takes))).makespan(1e6);
        let best = exact_interval(takes, between);
        let least = length(best);
        assert!(length(best * 0.99) > least && length(best * 1.01) > least);
        let daly = daly_interval(takes, between);
        assert!(length(daly) <= length(young_interval(takes, between)) * (1.0 + 1e-12));
        if takes < between / 10.0 {
            near(daly, best, 1e-4);
            near(length(daly), least, 1e-8);
        }
    }
    // Where a checkpoint takes longer than twice the time between failures, Daly gives that time.
    near(daly_interval(9.0, 4.0), 4.0, 1e-15);
}

#[test]
fn the_parts_of_a_run_sum_to_its_length() {
    for run in [
        failing(50.0, 0.3, Some((0.5, 0.025))),
        Interrupted { downtime: 2.0, ..failing(6.0, 0.5, Some((1.0, 0.1))) },
        failing(30.0, 0.0, None),
    ] {
        let stretch = run.stretch(100.0);
        near(stretch.whole(), run.makespan(100.0), 1e-12);
        assert!(stretch.rework > 0.0 && stretch.failures > 0.0);
        near(run.makespan(run.work_within(100.0)), 100.0, 1e-12);
    }
    // Without failures a run takes its work and its checkpoints; without those too, its work.
    let calm = Interrupted { rate: 0.0, downtime: 1.0, recovery: 1.0, checkpoint: None };
    near(calm.makespan(100.0), 100.0, 1e-15);
    near(calm.every(0.5).makespan(100.0), 100.0, 1e-15);
    let saving = Interrupted { checkpoint: Some((0.5, 0.05)), ..calm };
    near(saving.makespan(100.0), 110.0, 1e-12);
    assert_eq!(saving.stretch(100.0).failures.to_bits(), 0.0_f64.to_bits());
    // Rare failures: half an interval and a recovery each, as the first-order formula says.
    let rare = failing(1e6, 0.2, Some((1.0, 0.0)));
    near(rare.stretch(1e4).rework / rare.stretch(1e4).failures, 0.5, 1e-5);
    assert!(rare.ends(1e4) && !failing(1.0, 0.0, None).ends(1e3));
}

/// Plays so many runs by the dice: their mean length, failures, and time spent recovering.
fn played(run: Interrupted, pieces: u32, runs: u32) -> [f64; 3] {
    let mut random = ChaCha8Rng::from_seed([7; 32]);
    let mut lasts = || -libm::log(inside_unit(&mut random)) / run.rate;
    let (interval, takes) = run.checkpoint.unwrap();
    let (mut clock, mut failures, mut recovering) = (0.0, 0.0, 0.0);
    for _ in 0..runs {
        let mut left = lasts();
        for _ in 0..pieces {
            while left < interval + takes {
                clock += left;
                // It is down, and then tries to recover until it does.
                loop {
                    failures += 1.0;
                    clock += run.downtime;
                    left = lasts();
                    let tried = left.min(run.recovery);
                    clock += tried;
                    recovering += run.downtime + tried;
                    if left >= run.recovery {
                        left -= run.recovery;
                        break;
                    }
                }
            }
            left -= interval + takes;
            clock += interval + takes;
        }
    }
    [clock, failures, recovering].map(|sum| sum / f64::from(runs))
}

#[test]
fn runs_played_by_the_dice_take_as_long_as_the_formula_says() {
    for (run, pieces) in [
        (failing(86_400.0, 600.0, Some((7_024.390_243_902_439, 300.0))), 123),
        (failing(21_600.0, 900.0, Some((4_712.727_272_727_273, 600.0))), 55),
        (Interrupted { downtime: 1.5, ..failing(4.0, 1.0, Some((2.0, 0.25))) }, 40),
    ] {
        let expected = run.stretch(f64::from(pieces) * run.checkpoint.unwrap().0);
        let [length, failures, recovery] = played(run, pieces, 4000);
        near(length, expected.whole(), 0.01);
        near(failures, expected.failures, 0.03);
        near(recovery, expected.recovery, 0.03);
    }
}

#[test]
fn an_hour_on_spot_costs_its_rework_and_checkpoints_too() {
    // 4 an hour, interrupted every 24 hours, a checkpoint of 6 minutes every 2 hours, 15 minutes to be back.
    let spot = OnSpot { price: 4.0, rate: 1.0 / 24.0, interval: 2.0, takes: 0.1, recovery: 0.25 };
    near(spot.cost_per_useful_hour().unwrap(), 4.0 * 1.05 / (1.0 - 1.25 / 24.0), 1e-12);
    near(spot.blended(0.9, 10.0).unwrap(), 0.9 * 4.430_769_230_769_231 + 1.0, 1e-12);
    near(spot.best_interval(), (2.0_f64 * 0.1 * 24.0).sqrt(), 1e-12);
    // To first order the same as the length of a run: within the second order of a small rate.
    let calm = OnSpot { rate: 1e-4, ..spot };
    let run = Interrupted { downtime: 0.0, ..failing(1e4, 0.25, Some((2.0, 0.1))) };
    near(calm.cost_per_useful_hour().unwrap() / 4.0, run.makespan(1e3) / 1e3, 2e-5);
    // Interrupted faster than it comes back: no useful hour at any price.
    assert_eq!(OnSpot { rate: 2.0, ..spot }.cost_per_useful_hour(), None);
}

#[test]
fn a_gang_takes_whole_nodes_first() {
    assert!(!gang::fits(64, 8, &[8, 8, 8, 8, 8, 8, 8, 7]));
    assert!(gang::fits(64, 8, &[8; 8]));
    assert!(gang::fits(20, 8, &[8, 4, 8]) && gang::fits(20, 8, &[8, 8, 8]));
    assert!(!gang::fits(20, 8, &[8, 8, 3, 3]) && gang::fits(4, 8, &[4]) && !gang::fits(4, 8, &[]));
    for (gang, nodes) in
        [(16.0, 2.0), (12.0, 1.5), (5.0, 1.0), (3.0, 0.5), (2.0, 0.25), (13.0, 2.0)]
    {
        near(gang::nodes(gang, 8.0), nodes, 1e-15);
    }
}
