//! The cases of Kubernetes' own unit tests, where they are at hand (`CAPPLAN_SHARED`).

use serde_json::Value;

use super::controller::Autoscaler;
use super::limits::{self, Change, Changes};
use super::pods::{self, Alike, Metered, Phase, Pod, Readiness, Sample, Standing};
use super::proposal::{self, NoProposal, Proposal};
use super::recent::Recent;
use super::settings::{Rules, Settings, Tolerances};
use crate::plan::autoscale::{Behavior, PolicyKind, ScalingPolicy, ScalingRules, SelectPolicy};

/// The moment of every case, in milliseconds; far from 0, so that everything has a past.
const NOW: i64 = 1_000_000_000;

fn int(value: &Value, name: &str) -> i32 {
    i32::try_from(value[name].as_i64().unwrap_or_else(|| panic!("no {name} in {value}"))).unwrap()
}

fn tolerances(input: &Value) -> Tolerances {
    let of = |name: &str| input[name].as_f64().unwrap();
    Tolerances { down: of("tolerance_down"), up: of("tolerance_up") }
}

/// A pod of a case: unready ones outside the first minutes have never been ready.
fn pod(case: &Value) -> Pod {
    let starting = case["in_cpu_init_period"].as_bool().unwrap_or(false);
    let started = NOW - if starting { 60_000 } else { 3_600_000 };
    let ready = case["ready"].as_bool().unwrap();
    let since = if ready && starting { NOW - 10_000 } else { started };
    Pod {
        phase: match case["phase"].as_str().unwrap() {
            "Pending" => Phase::Pending,
            "Running" => Phase::Running,
            _ => Phase::Ended,
        },
        deleting: case["deleting"].as_bool().unwrap(),
        started: Some(started),
        readiness: Some(Readiness { ready, since }),
    }
}

fn groups(input: &Value, value: &str, metered: Metered) -> Vec<Alike> {
    let cases = input["pods"].as_array().unwrap();
    cases
        .iter()
        .map(|case| {
            let of = case[value].as_i64();
            let sample = of.map(|_| Sample { at: NOW, window: 60_000 });
            let standing = pods::standing(&pod(case), sample, metered, NOW, &Settings::default());
            let request = case["request_m"].as_i64();
            Alike { pods: 1, standing, request, value: of.unwrap_or(0) }
        })
        .collect()
}

fn rules(case: &Value, default: &ScalingRules) -> ScalingRules {
    let policies = case["policies"].as_array().unwrap().iter().map(|policy| ScalingPolicy {
        kind: if policy["type"] == "Pods" { PolicyKind::Pods } else { PolicyKind::Percent },
        value: int(policy, "value"),
        period_seconds: policy["period_s"].as_i64().unwrap(),
    });
    let select = match case["select_policy"].as_str().unwrap() {
        "Min" => SelectPolicy::Min,
        "Max" => SelectPolicy::Max,
        _ => SelectPolicy::Disabled,
    };
    ScalingRules { policies: policies.collect(), select, ..default.clone() }
}

fn changes(list: &Value) -> Vec<Change> {
    let of = |event: &Value| Change {
        at: NOW - event["age_s"].as_i64().unwrap() * 1000,
        by: int(event, "change"),
    };
    list.as_array().unwrap().iter().map(of).collect()
}

fn recent(input: &Value) -> Recent {
    let mut entries: Vec<(i64, i32)> = input["recommendations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (NOW - entry["age_s"].as_i64().unwrap() * 1000, int(entry, "replicas")))
        .collect();
    entries.sort_unstable();
    let mut recent = Recent::default();
    for (at, replicas) in entries {
        recent.note(at, replicas);
    }
    recent
}

fn whole(input: &Value) -> Result<Proposal, NoProposal> {
    let cases = input["pods"].as_array().unwrap();
    let ready = cases.iter().filter(|case| {
        let pod = pod(case);
        pod.phase == Phase::Running && pod.readiness.unwrap().ready
    });
    let (values, current) = (values(input), int(input, "current_replicas"));
    let count = |pods: usize| i64::try_from(pods).unwrap();
    let (pods, ready) = (count(cases.len()), count(ready.count()));
    let target = input["target_m"].as_i64().unwrap();
    proposal::whole_value(&values, current, pods, ready, target, tolerances(input))
}

fn values(input: &Value) -> Vec<i64> {
    input["metric_values_m"].as_array().unwrap().iter().map(|v| v.as_i64().unwrap()).collect()
}

/// A workload of a controller case: pods without a usage have no sample.
fn controller(input: &Value) -> i32 {
    let current = int(input, "spec_replicas");
    let rules =
        Rules { min: int(input, "min_replicas"), max: int(input, "max_replicas"), behavior: None };
    let proposals: Vec<_> = input["metrics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|metric| {
            if metric["error"] == true {
                return Err(NoProposal::Unreadable);
            }
            let usage = metric["usage_m"].as_array().unwrap();
            let requests = metric["request_m"].as_array().unwrap();
            let groups: Vec<Alike> = requests
                .iter()
                .enumerate()
                .map(|(index, request)| Alike {
                    pods: 1,
                    standing: if index < usage.len() { Standing::Ready } else { Standing::Missing },
                    request: request.as_i64(),
                    value: usage.get(index).map_or(0, |value| value.as_i64().unwrap()),
                })
                .collect();
            let tolerances = Tolerances::of(None, &Settings::default());
            let target = int(metric, "target_utilization_pct");
            proposal::utilization(&groups, current, target, tolerances)
        })
        .collect();
    let mut scaler = Autoscaler::new(rules, Settings::default()).without_first();
    scaler.look(NOW, current, &proposals).replicas
}

/// What a case gives, as the fields of its `expect`.
fn run(kind: &str, input: &Value) -> Value {
    let proposed = |proposal: Result<Proposal, NoProposal>| match proposal {
        Ok(p) => serde_json::json!({ "replicas": p.replicas, "usage_m": p.seen,
            "utilization_pct": p.seen, "avg_usage_m": p.average }),
        Err(why) => serde_json::json!({ "error": why.to_string() }),
    };
    let limited = |(replicas, limit): (i32, limits::Limit)| serde_json::json!({ "replicas": replicas, "condition": limit.word() });
    let replicas = |replicas: i32| serde_json::json!({ "replicas": replicas });
    let current = || int(input, "current_replicas");
    let bounds = || Rules {
        min: int(input, "min_replicas"),
        max: int(input, "max_replicas"),
        behavior: None,
    };
    match kind {
        "resource_utilization" => {
            let target = int(input, "target_utilization_pct");
            let groups = groups(input, "usage_m", Metered::Cpu);
            proposed(proposal::utilization(&groups, current(), target, tolerances(input)))
        }
        "pod_metric" => {
            let target = input["target_m"].as_i64().unwrap();
            let groups = groups(input, "value_m", Metered::Other);
            proposed(proposal::average_of_pods(&groups, current(), target, tolerances(input)))
        }
        "object_value" | "external_value" => proposed(whole(input)),
        "object_average" | "external_average" => {
            let target = input["target_m"].as_i64().unwrap();
            let values = values(input);
            proposed(Ok(proposal::shared_value(&values, current(), target, tolerances(input))))
        }
        "behavior_rate" => {
            let behavior = Behavior {
                up: rules(&input["scale_up"], &ScalingRules::default_up()),
                down: rules(&input["scale_down"], &ScalingRules::default_down()),
            };
            let changes = Changes {
                up: changes(&input["scale_up_events"]),
                down: changes(&input["scale_down_events"]),
            };
            let desired = int(input, "desired_replicas");
            limited(limits::by_behavior(current(), desired, &bounds(), &behavior, &changes, NOW))
        }
        "policy_limit" => {
            let none = Changes::default();
            let limit = if input["direction"] == "up" {
                let rules = rules(input, &ScalingRules::default_up());
                limits::up_limit(current(), &none, &rules, NOW)
            } else {
                let rules = rules(input, &ScalingRules::default_down());
                limits::down_limit(current(), &none, &rules, NOW)
            };
            serde_json::json!({ "limit": limit })
        }
        "stabilization" => {
            let window = |name: &str| input[name].as_i64().unwrap() * 1000;
            let (up, down) = (window("scale_up_window_s"), window("scale_down_window_s"));
            let desired = int(input, "desired_replicas");
            replicas(recent(input).stabilize(current(), desired, up, down, NOW))
        }
        "stabilization_default_down" => {
            let window = input["window_s"].as_i64().unwrap() * 1000;
            replicas(recent(input).highest(int(input, "desired_replicas"), window, NOW))
        }
        "convert_no_behavior" => {
            let desired = int(input, "desired_replicas");
            limited(limits::without_behavior(current(), desired, &bounds()))
        }
        "controller" => replicas(controller(input)),
        other => panic!("no such kind of case: {other}"),
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "cases lie outside the project")]
fn every_case_of_kubernetes_own_tests() {
    let Ok(folder) = std::env::var("CAPPLAN_SHARED") else { return };
    let text = std::fs::read_to_string(format!("{folder}/cases/hpa.json")).unwrap();
    let all: Value = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    let cases = all["cases"].as_array().unwrap();
    for case in cases {
        let got = run(case["kind"].as_str().unwrap(), &case["input"]);
        for (field, expected) in case["expect"].as_object().unwrap() {
            if got[field] != *expected {
                wrong.push(format!("{}: {field} {} for {expected}", case["id"], got[field]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
