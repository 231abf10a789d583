//! Nodes and spend that are decided together cost what a hand finds best, and no bound lies above that.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and runs a program"
)]

use std::fs;
use std::process::Command;

use serde_json::Value;

/// What is decided for a plan.
fn decided(name: &str, plan: &str) -> Value {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("plan.kdl"), plan).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_capplan"))
        .args(["procure", "--format", "json"])
        .arg(&folder)
        .output()
        .unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).unwrap()
}

/// Two pools of four nodes at 3 USD an hour, and two savings plans: a broad one of 26%, and one of 45% for the second
/// pool alone. Nodes of the first are on sale where `reserved` says so.
fn schedule(name: &str, reserved: &str) -> Value {
    let buy = if reserved.is_empty() {
        ""
    } else {
        "buy reserved on-demand; lead-time reserved \"7 days\";"
    };
    let plan = format!(
        r#"plan "two-pools" {{ version 1; as-of "2026-11-26"; horizon from="2027-02" months=12; currency USD; draws 2; }}
team "search"
gpu "h100" {{ memory "80 GB"; }}
provider "aws" {{
    region "us-east-1"
    instance "n1" {{ gpu "h100" count=1; price on-demand "3 USD/hour"; {reserved} }}
    instance "n2" {{ gpu "h100" count=1; price on-demand "3 USD/hour"; }}
    savings-plan "broad" {{ term "12 months"; discount "26%"; }}
    savings-plan "narrow" {{ term "12 months"; discount "45%" {{ instance "n2"; }}; }}
}}
procurement {{ plan-for p80; approval "1 days"; buffer "1 days"; tail flat; }}
pool "one" {{ instance "n1" region="us-east-1"; {buy} }}
pool "two" {{ instance "n2" region="us-east-1"; }}
workload "rank" {{ kind inference; team "search"; pool "one"; demand "40 req/s"; capacity "10 req/s" per=gpu; }}
workload "embed" {{ kind inference; team "search"; pool "two"; demand "40 req/s"; capacity "10 req/s" per=gpu; }}
"#
    );
    decided(name, &plan)
}

fn per_hour(of: &Value) -> Vec<(String, String)> {
    let orders = of["spend"]["orders"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    orders.map(|order| (text(&order["savings_plan"]), text(&order["per_hour"]))).collect()
}

fn number(of: &Value) -> f64 {
    of.as_f64().or_else(|| of.as_str()?.parse().ok()).unwrap()
}

#[test]
fn a_narrow_plan_with_a_better_rate_is_taken_beside_a_broad_one() {
    // 4 × 3 × 0.74 = 8.88 for the first pool and 4 × 3 × 0.55 = 6.60 for the second; reserved at 2.9 is dearer.
    let found = schedule("spend-beside", r#"price reserved "2.9 USD/hour" term="12 months";"#);
    let spend = [("broad", "8.88"), ("narrow", "6.6")];
    assert_eq!(per_hour(&found), spend.map(|(of, money)| (of.to_owned(), money.to_owned())));
    assert!(found["orders"].as_array().unwrap().is_empty());
    // Twelve months and a tail of as many: 17,544 hours from February 2027 to January 2029.
    let best = 15.48 * 17_544.0;
    assert!((number(&found["objective"]) - best).abs() < 0.01, "{}", found["objective"]);
    assert!(number(&found["bound"]) <= best + 0.01);
    assert!(number(&found["gap"]) < 1e-6);
}

#[test]
fn nodes_that_are_cheaper_than_spend_leave_the_other_pool_to_the_narrow_plan() {
    // Reserved at 2.0 is below 3 × 0.74 = 2.22.
    let found = schedule("nodes-beside", r#"price reserved "2 USD/hour" term="12 months";"#);
    assert_eq!(per_hour(&found), [("narrow".to_owned(), "6.6".to_owned())]);
    assert_eq!(found["orders"].as_array().unwrap().len(), 1);
    let best = (8.0 + 6.6) * 17_544.0;
    assert!((number(&found["objective"]) - best).abs() < 0.01, "{}", found["objective"]);
    assert!(number(&found["bound"]) <= best + 0.01);
}

/// A plan of two pools whose need changes, reserved nodes monthly or upfront, a savings plan paid upfront, and a limit
/// on cash where `limit` says so.
fn changing(name: &str, limit: &str) -> Value {
    let plan = format!(
        r#"plan "changing" {{ version 1; as-of "2026-11-26"; horizon from="2027-02" months=12; currency USD; draws 2; }}
team "search"
gpu "h100" {{ memory "80 GB"; }}
provider "aws" {{
    region "us-east-1"
    instance "large" {{
        gpu "h100" count=1
        price on-demand "10 USD/hour"
        price reserved "5.74 USD/hour" term="12 months" upfront="100%"
        price reserved "6.01 USD/hour" term="12 months"
    }}
    instance "small" {{ gpu "h100" count=1; price on-demand "3 USD/hour"; price reserved "1.98 USD/hour" term="12 months"; }}
    savings-plan "compute" {{ term "12 months"; upfront "100%"; discount "23%"; }}
}}
procurement {{ plan-for p80; approval "1 days"; buffer "1 days"; tail flat; {limit} }}
pool "one" {{ instance "large" region="us-east-1"; buy reserved on-demand; lead-time reserved "7 days"; }}
pool "two" {{ instance "small" region="us-east-1"; buy reserved on-demand; lead-time reserved "7 days"; }}
workload "rank" {{
    kind inference; team "search"; pool "one"; capacity "10 req/s" per=gpu
    demand "20 req/s" {{
        event "spring" at="2027-04-01" until="2027-06-30" {{ add "30 req/s"; }}
        event "later" at="2027-07-01" until="2028-01-31" {{ add "10 req/s"; }}
    }}
}}
workload "embed" {{
    kind inference; team "search"; pool "two"; capacity "10 req/s" per=gpu
    demand "20 req/s" {{ event "january" at="2028-01-01" until="2028-01-31" {{ add "30 req/s"; }}; }}
}}
"#
    );
    decided(name, &plan)
}

/// The optimum of the same as an integer program, by `HiGHS`: whole nodes and any amount of spend by month of order.
#[test]
fn few_pools_are_searched_to_the_optimum_of_an_independent_solver() {
    for (name, limit, best) in [
        ("changing-free", "", 463_730.40),
        ("changing-limited", r#"cash-limit "60k USD" per=fiscal-quarter"#, 468_467.28),
    ] {
        let found = changing(name, limit);
        let (objective, bound) = (number(&found["objective"]), number(&found["bound"]));
        assert!((objective - best).abs() < 0.02, "{name}: {objective}");
        assert!((bound - best).abs() < 0.02, "{name}: {bound}");
        assert!(number(&found["gap"]) < 1e-12, "{name}");
    }
}
