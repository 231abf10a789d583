//! Every case of waiting and serving with a known answer, where the files are at hand (`CAPPLAN_SHARED`).
#![allow(clippy::disallowed_methods, reason = "reads cases")]

use std::path::PathBuf;

use serde_json::Value;

use super::cache::{Popularity, backend_rate, mean_latency};
use super::llm::{KvCache, Shape};
use super::replicas;
use super::usl::Usl;
use crate::queueing::objective::Objective;
use crate::queueing::queue::Queue;
use crate::queueing::{erlang, halfin_whitt, single};

#[test]
fn every_case_comes_out() {
    let shared = std::env::var_os("CAPPLAN_SHARED").map_or("../shared".into(), PathBuf::from);
    let Ok(text) = std::fs::read_to_string(shared.join("cases/queue.json")) else { return };
    let file: Value = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    for case in file["cases"].as_array().unwrap() {
        let input = |name: &str| case["input"][name].as_f64().unwrap_or(f64::NAN);
        let tolerance = case["rel_tol"].as_f64().unwrap().max(1e-12);
        let kind = case["kind"].as_str().unwrap();
        let Some(answers) = answers(kind, &input) else {
            wrong.push(format!("{}: nothing answers `{kind}`", case["id"]));
            continue;
        };
        for (name, answer) in answers {
            let Some(expected) = case["expect"].get(name) else { continue };
            let right = match (expected.as_f64(), answer) {
                (Some(expected), Some(answer)) => {
                    (answer - expected).abs() <= tolerance * expected.abs() + 1e-300
                }
                (None, None) => true,
                _ => false,
            };
            if !right {
                wrong.push(format!("{} {name}: {answer:?}, expected {expected}", case["id"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

type Answers = Vec<(&'static str, Option<f64>)>;

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts of servers")]
fn answers(kind: &str, input: &dyn Fn(&str) -> f64) -> Option<Answers> {
    let servers = input("servers") as u32;
    let queue = || {
        let service = if input("mean_service").is_nan() {
            1.0 / input("service_rate")
        } else {
            input("mean_service")
        };
        Queue::random(servers, input("arrival_rate"), service)
    };
    let given = |name: &str| Some(input(name)).filter(|value| !value.is_nan());
    let one = |name, value: f64| Some(vec![(name, Some(value))]);
    match kind {
        "mmc" => {
            let queue = queue();
            Some(vec![
                ("offered_erlangs", Some(queue.offered())),
                ("utilization", Some(queue.utilization())),
                ("p_wait", Some(queue.delayed())),
                ("mean_wait", Some(queue.mean_wait())),
                ("service_level", Some(queue.service_level(input("wait_threshold")))),
            ])
        }
        "mmc_wait_tail" => one("p_wait_gt_t", queue().wait_tail(input("t"))),
        "mmc_L" => {
            let queue = queue();
            Some(vec![
                ("Lq", Some(queue.mean_waiting())),
                ("L", Some(queue.mean_present())),
                ("W", Some(queue.mean_response())),
            ])
        }
        "min_servers" => {
            let wait = given("service_level").map(|level| (level, input("wait_threshold")));
            let objective = Objective {
                delayed_most: given("max_p_wait"),
                wait,
                response: None,
                utilization_most: given("max_utilization"),
            };
            one("servers", objective.servers(&queue()).map_or(f64::NAN, f64::from))
        }
        "erlang_b" => one("blocking", erlang::blocked(servers, input("offered_erlangs"))),
        "erlang_c" => one("p_wait", erlang::delayed(servers, input("offered_erlangs"))),
        "mm1_response_percentile" => {
            let queue = Queue { servers: 1, ..queue() };
            one("t", queue.response_percentile(input("p")))
        }
        "mmc_wait_percentile" => one("t", queue().wait_percentile(input("p"))),
        "mmc_response_percentile" => one("t", queue().response_percentile(input("p"))),
        "mg1_mean_wait" => one(
            "mean_wait",
            single::mean_wait(input("arrival_rate"), input("mean_service"), input("cs2")),
        ),
        "allen_cunneen" => {
            let service = input("mean_service");
            let arrivals = input("rho") * f64::from(servers) / service;
            let queue = Queue {
                arrival_scv: input("ca2"),
                service_scv: input("cs2"),
                ..Queue::random(servers, arrivals, service)
            };
            Some(vec![
                ("mean_wait", Some(queue.mean_wait())),
                ("sakasegawa_mean_wait", Some(queue.mean_wait_sakasegawa())),
            ])
        }
        "halfin_whitt" => one("p_wait", halfin_whitt::delayed(input("beta"))),
        "replicas_target_util" => one(
            "replicas",
            replicas::for_rate(input("rps"), input("per_replica_rps"), input("target_util")),
        ),
        "cache" => Some(vec![
            ("backend_rps", Some(backend_rate(input("rps"), input("hit_ratio")))),
            (
                "mean_latency_ms",
                Some(mean_latency(input("hit_ratio"), input("t_cache_ms"), input("t_backend_ms"))),
            ),
        ]),
        "lru_hit_ratio_che" => {
            let popularity = Popularity::zipf(input("catalogue") as u64, input("zipf_alpha"));
            one("hit_ratio", popularity.hit_ratio(input("capacity")))
        }
        "kv_bytes_per_token" => {
            let shape = Shape {
                layers: input("layers"),
                cache: KvCache::Heads { heads: input("kv_heads"), size: input("head_dim") },
                cache_bytes: input("bytes"),
                weight_bytes: 0.0,
                active_parameters: 0.0,
                attention_width: 0.0,
            };
            one("bytes_per_token", shape.cache_bytes_per_token())
        }
        "llm_replicas_little" => {
            let under_way = replicas::in_flight(
                input("rps"),
                input("ttft_s"),
                input("out_tokens"),
                input("tpot_s"),
            );
            let replicas =
                replicas::for_in_flight(under_way, input("max_seqs"), input("target_util"));
            Some(vec![("in_flight", Some(under_way)), ("replicas", Some(replicas))])
        }
        "usl_eval" => {
            let law = Usl { gamma: input("gamma"), sigma: input("sigma"), kappa: input("kappa") };
            Some(vec![
                ("X", Some(law.throughput(input("N")))),
                ("peak", law.peak_at()),
                ("N_star", law.peak_at()),
                ("X_max", law.peak()),
            ])
        }
        _ => None,
    }
}
