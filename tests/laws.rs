//! Laws that hold for every plan: order never matters, more demand never costs less, what is charged is
//! the invoice, hostile text stays text.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and reads files"
)]

use std::path::{Path, PathBuf};

use capplan::cost::ledger::Category;
use capplan::language;
use capplan::money::{Decimal, to_f64};
use capplan::outcome::Outcomes;
use capplan::plan::CheckedPlan;
use capplan::plan::price::Purchase;
use capplan::report::{self, Provenance};
use capplan::source::{FileId, Span};
use capplan::{history, pipeline};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

/// A small plan of several kinds of workload, in pieces that may stand in any order.
const PIECES: &[&str] = &[
    r#"plan "laws" {
    version 1; as-of "2026-11-23"; horizon from="2027-02" months=4; currency USD
    fiscal-year starts=february label=start-year; seed 11; draws 60
}"#,
    r#"let organic "3% to 6% / month" { source "LRP"; as-of "2026-10-15"; }"#,
    r#"team "search" { cost-center "CC-1"; }"#,
    r#"team "ads" { cost-center "CC-2"; }"#,
    r#"environment "production""#,
    r#"gpu "h100" { memory "80 GB"; peak bf16 "989 TFLOP/s"; }"#,
    r#"provider "aws" {
    region "us-east-1"
    price-list as-of="2026-09-06" source="https://aws.amazon.com/ec2/pricing/on-demand/"
    instance "p5.48xlarge" { gpu "h100" count=8; cpu "192 core"; memory "2 TiB"; price on-demand "55.04 USD/hour"; price spot "20 to 36 USD/hour"; }
    savings-plan "compute" { term "12 months"; upfront "30%"; discount "27%"; }
    support "3%" of=spend
    storage-tier "standard" { price "0.023 USD/GB-month" up-to="50 TB"; price "0.022 USD/GB-month"; }
    egress internet "0.09 USD/GB"
}"#,
    r#"pool "serving" { instance "p5.48xlarge" region="us-east-1"; limit 400; target-utilization "65%"; }"#,
    r#"pool "lake" { kind storage; tier "standard"; }"#,
    r#"workload "rank" {
    kind inference; team "search"; environment "production"; pool "serving"
    demand "5200 req/s" at=peak { growth compound (ref)organic; growth seasonal { period week; peak-to-mean 1.6; }; event "launch" at="2027-04-10" { multiply "1.1 to 1.4"; chance "60%"; } }
    capacity "110 to 130 req/s" per=gpu
    autoscale { min 4; }
    egress internet "9 KiB/req"
}"#,
    r#"workload "ads" {
    kind inference; team "ads"; environment "production"; pool "serving"
    demand "900 req/s" { growth linear "2%/month"; }
    capacity "60 req/s" per=gpu
    redundancy { spare 1; }
}"#,
    r#"workload "tune" {
    kind training; team "ads"; pool "serving"
    run "weekly" every="1 week" { gpus 16; duration "20 to 30 hours"; }
}"#,
    r#"workload "logs" { kind storage; team "search"; pool "lake"; demand "42 TiB" { growth linear "3.5 TiB/month"; }; retention "400 days"; }"#,
    r#"shared-cost "idle" { from idle pool="serving"; split proportional by=usage; cap "15%" of=direct-cost; rest "ads"; }"#,
    r#"shared-cost "platform" { from amount="31k USD/month"; split even; }"#,
    r#"commitment "sp" { spend "900 USD/hour" savings-plan="compute"; period from="2027-03-08" until="2028-03-07"; }"#,
    r#"budget "search" { team "search"; period fiscal-year=2027; amount "40M USD"; }"#,
];

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("laws").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn run(folder: &Path) -> (CheckedPlan, Outcomes) {
    let checked = language::read(folder).unwrap();
    let errors: Vec<_> = checked.diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let plan = checked.plan.unwrap();
    let usages = history::read_all(&plan.plans(), &checked.folder).unwrap();
    let outcomes = pipeline::run_all(&plan, &usages, plan.base.as_of.unwrap());
    (plan, outcomes)
}

fn run_text(name: &str, text: &str) -> (CheckedPlan, Outcomes) {
    let folder = folder(name);
    std::fs::write(folder.join("plan.kdl"), text).unwrap();
    run(&folder)
}

/// The report without the lines that name places in files.
fn figures(plan: &CheckedPlan, outcomes: &Outcomes) -> String {
    let provenance = Provenance {
        as_of: plan.base.as_of.unwrap(),
        revision: None,
        seed: 0,
        draws: plan.base.draws.count(),
        version: "0",
        digests: Vec::new(),
        command: String::new(),
    };
    let ledger: Vec<String> = outcomes
        .base
        .ledger
        .rows
        .iter()
        .map(|row| {
            let mut row = row.clone();
            row.origin = Span { file: FileId(0), start: 0, len: 0 };
            format!("{row:?}")
        })
        .collect();
    let view = report::view(plan, outcomes, provenance);
    let json: serde_json::Value = serde_json::from_str(&report::json::render(&view)).unwrap();
    format!("{}\n{}", without_places(json), ledger.join("\n"))
}

/// Drops every `file:line`, which shuffling may change, and nothing else.
fn without_places(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::String(text) if text.contains(".kdl:") => Value::Null,
        Value::Array(items) => items.into_iter().map(without_places).collect(),
        Value::Object(map) => {
            map.into_iter().map(|(key, value)| (key, without_places(value))).collect()
        }
        other => other,
    }
}

fn total(outcomes: &Outcomes) -> Decimal {
    outcomes.base.ledger.rows.iter().map(|row| row.amortised).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shuffled_nodes_and_files_change_nothing(order in Just((1..PIECES.len()).collect::<Vec<_>>()).prop_shuffle(), cut in 1..PIECES.len()) {
        let (plan, outcomes) = run_text("straight", &PIECES.join("\n"));
        let folder = folder("shuffled");
        let (here, there) = order.split_at(cut.min(order.len()));
        let pieces = |part: &[usize]| part.iter().map(|i| PIECES[*i]).collect::<Vec<_>>().join("\n");
        let include = if there.is_empty() { "" } else { "include \"z.kdl\"\n" };
        std::fs::write(folder.join("plan.kdl"), format!("{}\n{include}{}", pieces(here), PIECES[0])).unwrap();
        if !there.is_empty() {
            std::fs::write(folder.join("z.kdl"), pieces(there)).unwrap();
        }
        let (shuffled, again) = run(&folder);
        prop_assert!(figures(&plan, &outcomes) == figures(&shuffled, &again));
    }

    #[test]
    fn more_demand_never_costs_less(more in 0_u32..4000) {
        let base = run_text("less", &PIECES.join("\n")).1;
        let text = PIECES.join("\n").replace("\"900 req/s\"", &format!("\"{} req/s\"", 900 + more));
        let raised = run_text("more", &text).1;
        prop_assert!(total(&raised) >= total(&base), "{} < {}", total(&raised), total(&base));
        for (month, raised) in base.base.draws.total.iter().zip(&raised.base.draws.total) {
            for (before, after) in month.iter().zip(raised) {
                prop_assert!(*after >= before - 1e-6);
            }
        }
    }

    #[test]
    fn what_teams_bear_is_the_invoice_to_the_cent(amount in 1_u32..900_000, cap in 1_u32..60) {
        let text = PIECES
            .join("\n")
            .replace("31k USD/month", &format!("{amount}.37 USD/month"))
            .replace("cap \"15%\"", &format!("cap \"{cap}%\""));
        let (plan, outcomes) = run_text("charges", &text);
        let outcome = &outcomes.base;
        for t in 0..plan.base.horizon.months {
            let teams: Decimal = outcome.chargeback.teams.iter().map(|team| team.total(t)).sum();
            let rows: Decimal = outcome.ledger.rows.iter().filter(|row| row.t == t).map(|row| row.amortised).sum();
            prop_assert_eq!(teams + outcome.chargeback.idle[t], outcome.chargeback.invoice[t]);
            prop_assert_eq!(rows, outcome.chargeback.invoice[t]);
            let mean = capplan::draws::mean(&outcome.draws.total[t]);
            prop_assert!((mean - to_f64(rows)).abs() <= 1e-6 * mean.abs() + 0.01, "{mean} {rows}");
        }
    }

    #[test]
    fn what_is_committed_is_paid_used_or_unused(hundreds in 1_u32..900, days in 1_u32..28) {
        let signed = format!("spend \"{hundreds}.37 USD/hour\" savings-plan=\"compute\"; period from=\"2027-03-{days:02}\"");
        let text = PIECES.join("\n").replace(
            "spend \"900 USD/hour\" savings-plan=\"compute\"; period from=\"2027-03-08\"", &signed);
        let (plan, outcomes) = run_text("spend", &text);
        let outcome = &outcomes.base;
        let spend = &outcome.spends[0];
        for t in 0..plan.base.horizon.months {
            let rows = outcome.ledger.rows.iter().filter(|row| row.t == t && row.purchase == Some(Purchase::SavingsPlan));
            let (mut amortised, mut cash, mut unused) = (Decimal::ZERO, Decimal::ZERO, Decimal::ZERO);
            for row in rows {
                amortised += row.amortised;
                cash += row.cash;
                if row.category == Category::Commitment {
                    unused += row.amortised;
                }
            }
            let month = spend.months.iter().find(|month| month.t == t);
            let committed = month.map_or(Decimal::ZERO, |month| month.committed);
            prop_assert_eq!(amortised, committed);
            prop_assert_eq!(cash, month.map_or(Decimal::ZERO, |month| month.cash));
            prop_assert_eq!(unused, month.map_or(Decimal::ZERO, |month| month.unused));
        }
        let hour: Decimal = format!("{hundreds}.37").parse().unwrap();
        let hours = Decimal::from((31 + 30 + 31 - (days - 1)) * 24);
        let committed: Decimal = spend.months.iter().map(|month| month.committed).sum();
        prop_assert_eq!(committed, hour * hours);
    }

    #[test]
    fn hostile_text_stays_text(note in "\\PC{0,40}", tag in prop::sample::select(vec!["<script>alert(1)</script>", "](javascript:x)", "| a | b |", "@channel", "{{total}}", "\u{202e}evil", "=1+1"])) {
        let quoted = |text: &str| serde_json::to_string(text).unwrap().replace("\\u007f", "").replace("\\/", "/");
        let text = PIECES.join("\n").replace("source \"LRP\"", &format!("source {}; title {}", quoted(tag), quoted(&note)));
        let folder = folder("hostile");
        std::fs::write(folder.join("plan.kdl"), &text).unwrap();
        let checked = language::read(&folder).unwrap();
        // Text that KDL itself refuses is refused with an error; everything else is rendered.
        if let Some(plan) = checked.plan {
            let outcomes = pipeline::run_all(&plan, &[history::Usage::default()], plan.base.as_of.unwrap());
            let provenance = Provenance { as_of: plan.base.as_of.unwrap(), revision: None, seed: 0, draws: 60, version: "0", digests: Vec::new(), command: String::new() };
            let view = report::view(&plan, &outcomes, provenance);
            let html = report::html::render(&view);
            prop_assert!(!html.contains("<script>alert"));
            prop_assert!(!html.contains("href=\"javascript"));
            let markdown = report::markdown::render(&view);
            prop_assert!(!markdown.contains("<script>"));
            // As a reader's Markdown has it: a link is one only where it parses as one.
            let links: Vec<_> = Parser::new_ext(&markdown, Options::ENABLE_TABLES | Options::ENABLE_GFM)
                .filter_map(|event| match event {
                    Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url),
                    _ => None,
                })
                .filter(|url| url.contains("javascript"))
                .collect();
            prop_assert!(links.is_empty(), "{links:?}");
        }
    }
}
