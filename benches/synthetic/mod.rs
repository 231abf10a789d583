//! Plans of any size, made from a count alone: the same count gives the same text.
//!
//! A mix as companies have it: of every ten workloads five serve (three with an autoscaler), two train,
//! two run batches and one stores. One pool for 25 workloads, one team for 20; every growth is uncertain,
//! every serving workload has a weekly shape, every tenth has an event. Nothing needs history files.

use std::fmt::Write as _;

/// Workloads in one file: keeps every file far below the language's limit of 4 MB.
const PER_FILE: usize = 500;

/// One file of a plan.
pub struct PlanFile {
    /// Its name inside the plan's folder.
    pub name: String,
    /// Its KDL text.
    pub text: String,
}

/// A plan of so many workloads; the first file is its entry point.
pub fn synthetic(workloads: usize) -> Vec<PlanFile> {
    let mut files = vec![PlanFile { name: "plan.kdl".into(), text: frame(workloads) }];
    for first in (0..workloads).step_by(PER_FILE) {
        let last = (first + PER_FILE).min(workloads);
        let text = (first..last).map(workload).collect();
        files.push(PlanFile { name: format!("workloads/{:03}.kdl", first / PER_FILE), text });
    }
    files
}

/// All but the workloads: the plan, teams, prices, pools, a budget a team and one policy.
fn frame(workloads: usize) -> String {
    let mut text = format!(
        r#"plan "synthetic-{workloads}" {{
    version 1
    as-of "2026-11-23"
    horizon from="2027-02" months=12
    currency USD
    fiscal-year starts=february label=start-year
    seed 1
    draws 1000
}}
include "workloads/*.kdl"
environment "production"
environment "research"
gpu "l4" {{ memory "24 GB"; power "72 W"; peak bf16 "121 TFLOP/s"; }}
provider "aws" {{
    region "us-east-1"
    price-list as-of="2026-09-06" source="https://aws.amazon.com/ec2/pricing/on-demand/"
    instance "g6.xlarge" {{ gpu "l4" count=1; cpu "4 core"; memory "16 GiB"; price on-demand "0.8048 USD/hour"; }}
    instance "m5.4xlarge" {{
        cpu "16 core"; memory "64 GiB"
        price on-demand "0.768 USD/hour"
        price spot "0.27 to 0.33 USD/hour" {{ interruption "2% to 6% / day"; availability "90% to 97%"; }}
    }}
    storage-tier "s3-standard" {{ price "0.023 USD/GB-month" up-to="50 TB"; price "0.022 USD/GB-month"; }}
    egress internet "0.09 USD/GB" up-to="10 TB"
    egress internet "0.085 USD/GB"
}}
pool "store" {{ kind storage; tier "s3-standard"; }}
policy "gpus-suffice" severity=warn {{ require pool="gpu-*" metric=shortfall at-most="0 node" confidence="90%"; }}
"#
    );
    for team in 0..=last_team(workloads) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, r#"team "team-{team:03}" {{ cost-center "CC-{team:04}"; }}"#);
        let _ = writeln!(
            text,
            r#"budget "team-{team:03}" {{ team "team-{team:03}"; period fiscal-year=2027; amount "2M USD"; confidence "80%"; }}"#
        );
    }
    for pool in 0..=last_pool(workloads) {
        let _ = writeln!(
            text,
            r#"pool "gpu-{pool:03}" {{ instance "g6.xlarge" region="us-east-1"; start on-demand 20; limit 4000; target-utilization "70%"; }}"#
        );
        let _ = writeln!(
            text,
            r#"pool "cpu-{pool:03}" {{ instance "m5.4xlarge" region="us-east-1"; start on-demand 10; buy spot on-demand; target-utilization "75%"; }}"#
        );
    }
    text
}

/// One workload, a function of its number.
fn workload(n: usize) -> String {
    let (team, pool) = (n / 20, n / 50);
    let head = |kind: &str, environment: &str, pool_kind: &str| {
        format!(
            "workload \"w-{n:05}\" {{\n    kind {kind}\n    team \"team-{team:03}\"\n    environment \
             \"{environment}\"\n    pool \"{pool_kind}-{pool:03}\"\n"
        )
    };
    let rate = 40 + (n * 37) % 900;
    let low = 1 + n % 3;
    let high = low + 2 + n % 4;
    let event = if n.is_multiple_of(10) {
        "\n        event \"launch\" at=\"2027-07-01\" { multiply \"1.1 to 1.4\"; ramp \"4 weeks\"; chance \"70%\"; }"
    } else {
        ""
    };
    let demand = format!(
        r#"    demand "{rate} req/s" {{
        growth compound "{low}% to {high}% / month"
        growth seasonal {{ period week; peak-to-mean "1.4 to 1.8"; }}{event}
    }}
"#
    );
    match n % 10 {
        0..=2 => format!(
            "{}{demand}    capacity \"18 to 24 req/s\" per=gpu\n    redundancy {{ spare 1; zones 2; }}\n    \
             autoscale {{ min 2; max 400; target gpu \"70%\"; }}\n    egress internet \"8 KiB/req\"\n}}\n",
            head("inference", "production", "gpu")
        ),
        3 | 4 => format!(
            "{}{demand}    replica {{ cpu \"4 core\"; memory \"{} GiB\"; serves \"60 to 80 req/s\"; }}\n}}\n",
            head("inference", "production", "cpu"),
            4 + n % 24
        ),
        5 | 6 => format!(
            "{}    run \"weekly\" every=\"1 week\" {{ gpus {}; duration \"10 to 30 hours\"; }}\n}}\n",
            head("training", "research", "gpu"),
            2 + n % 14
        ),
        7 | 8 => format!(
            "{}    interruptible #true\n    run \"nightly\" every=\"1 day\" {{ work \"{} to {} core-hour\"; \
             start-at \"0{}:00\" zone=\"UTC\"; finish-within \"6 hours\"; }}\n}}\n",
            head("batch", "production", "cpu"),
            100 + rate,
            180 + rate,
            n % 6
        ),
        _ => format!(
            "workload \"w-{n:05}\" {{\n    kind storage\n    team \"team-{team:03}\"\n    pool \"store\"\n    \
             demand \"{rate} TiB\" {{ growth linear \"{low} to {high} TiB/month\"; }}\n}}\n"
        ),
    }
}

fn last_team(workloads: usize) -> usize {
    workloads.saturating_sub(1) / 20
}

/// Pools come in pairs, one of GPUs and one of CPUs, for 50 workloads.
fn last_pool(workloads: usize) -> usize {
    workloads.saturating_sub(1) / 50
}
