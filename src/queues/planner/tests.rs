//! Two teams on nodes of eight GPUs.

use super::*;
use crate::history::Usage;
use crate::language::{self, load};
use crate::{capacity, pipeline};

/// Each team sends one run of 16 GPUs for two days; `b` sends its own on this day.
#[expect(clippy::disallowed_methods, reason = "a test may write its plan")]
fn plan(name: &str, day: &str) -> Plan {
    let folder = std::env::temp_dir().join(format!("capplan-quota-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("plan.kdl");
    let text = format!(
        r#"
plan "p" {{ version 1; as-of "2026-11-23"; horizon from="2027-02" months=2; currency USD; draws 2; }}
gpu "h100" {{ memory "80 GB"; }}
provider "aws" {{
    region "us-east-1"
    instance "p5" {{ gpu "h100" count=8; cpu "192 core"; memory "2 TiB"; price on-demand "50 USD/hour" as-of="2026-11-01" source="x"; }}
}}
pool "train" {{ instance "p5" region="us-east-1"; }}
team "a"
team "b"
cohort "all"
quota "a" {{ team "a"; cohort "all"; pool "train" {{ gpu nominal=64; }}; }}
quota "b" {{ team "b"; cohort "all"; pool "train" {{ gpu nominal=64; }}; }}
workload "x" {{ kind training; team "a"; pool "train"; run "x" at="2027-02-02" {{ gpus 16; duration "2 days"; }}; }}
workload "y" {{ kind training; team "b"; pool "train"; run "y" at="{day}" {{ gpus 16; duration "2 days"; }}; }}
"#
    );
    std::fs::write(&path, text).unwrap();
    let checked = language::check(load::load(&path).unwrap(), &|stated| stated);
    std::fs::remove_dir_all(&folder).unwrap();
    checked.plan.unwrap().base
}

fn proposed(plan: &Plan, wait_p95: f64) -> Proposal {
    let (choices, _) = pipeline::size(plan, &Usage::default());
    let planned = capacity::jobs(plan, &capacity::factors(plan), &choices);
    let prices = plan.pools.ids().map(|pool| (pool, 100.0)).collect();
    let sample = Sample { planned: &planned, draws: 2 };
    propose(plan, sample, sample, &[], &Ask { wait_p95, prices }, &mut |_, _| ())
}

/// Whole GPUs.
fn guaranteed(proposal: &Proposal) -> i64 {
    let sum: f64 = proposal.lines.iter().map(|line| line.proposed.nominal).sum();
    assert!(sum.fract().abs() < 1e-9, "{sum}");
    #[expect(clippy::cast_possible_truncation, reason = "a count")]
    let sum = sum as i64;
    sum
}

#[test]
fn guarantees_by_quarter_cost_nothing_where_a_quarter_sends_nothing() {
    // Both runs are sent in February; April and May are another quarter.
    let mut plan = plan("quarters", "2027-02-10");
    plan.horizon.months = 4;
    let proposal = proposed(&plan, 0.0);
    let quarters = proposal.quarters.unwrap();
    assert!((quarters.of_one - 1_600.0).abs() < 1e-9, "{quarters:?}");
    // Two months of four.
    assert!((quarters.cost - 800.0).abs() < 1e-9, "{quarters:?}");
    let sum: f64 = quarters.lines.iter().map(|line| line.nominal).sum();
    assert!((sum - 16.0).abs() < 1e-9);
}

#[test]
fn what_misses_the_target_on_more_draws_is_raised() {
    let plan = plan("firmer", "2027-02-10");
    let (choices, _) = pipeline::size(&plan, &Usage::default());
    let planned = capacity::jobs(&plan, &capacity::factors(&plan), &choices);
    // In the draws that are told both runs are sent at once.
    let mut told = planned.clone();
    told.jobs.iter_mut().for_each(|job| job.start = 24.0);
    let prices = plan.pools.ids().map(|pool| (pool, 100.0)).collect();
    let of = |planned| Sample { planned, draws: 2 };
    let ask = Ask { wait_p95: 0.0, prices };
    let proposal = propose(&plan, of(&planned), of(&told), &[], &ask, &mut |_, _| ());
    assert_eq!(proposal.verdict, Verdict::Kept);
    assert_eq!(guaranteed(&proposal), 32);
    assert!(proposal.waits.iter().all(|wait| wait.proposed == (0.0, 0.0)));
}

#[test]
fn runs_that_never_meet_share_one_guarantee() {
    let proposal = proposed(&plan("apart", "2027-02-10"), 0.0);
    assert_eq!(proposal.verdict, Verdict::Kept);
    assert_eq!(guaranteed(&proposal), 16);
    assert!(proposal.waits.iter().all(|wait| wait.proposed == (0.0, 0.0)), "{:?}", proposal.waits);
}

#[test]
fn runs_of_one_day_take_both_guarantees_or_one_waits_for_the_other() {
    let plan = plan("together", "2027-02-02");
    assert_eq!(guaranteed(&proposed(&plan, 47.0)), 32);
    assert_eq!(guaranteed(&proposed(&plan, 49.0)), 16);
}

#[test]
fn a_laxer_target_never_costs_more() {
    let plan = plan("laxer", "2027-02-03");
    let targets = [0.0, 1.0, 12.0, 24.0, 25.0, 49.0, 200.0];
    let amounts = targets.map(|target| guaranteed(&proposed(&plan, target)));
    assert!(amounts.is_sorted_by(|a, b| a >= b), "{amounts:?}");
    assert!(amounts[0] > amounts[6], "{amounts:?}");
}

#[test]
fn the_limit_of_borrowing_is_the_least_that_serves_a_gang() {
    let proposal = proposed(&plan("limit", "2027-02-10"), 0.0);
    for line in &proposal.lines {
        let limit = line.proposed.borrowing_limit;
        assert_eq!(limit, Some(16.0 - line.proposed.nominal), "{line:?}");
    }
}
