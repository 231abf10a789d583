//! A plan with a text wherever one can stand, and every command over it.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::Value;

use crate::forms::{differ, visible};
use crate::program::{Case, Form, form_of, root, run};
use crate::texts::{HOSTILE, calm, quoted};
use crate::workbook::sheets;

/// Places for text in [`plan`].
const TEXTS: usize = 22;

/// A small plan that is forecast, bought for, charged, gated and warned about, with a text in every place that
/// takes one.
fn plan(texts: &[String], growth: &str) -> String {
    let t: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    let at = |place: usize| &t[place % TEXTS];
    format!(
        r#"plan "hostile" {{
    version 1; as-of "2026-11-23"; horizon from="2027-02" months=3; currency USD; draws 20
    fiscal-year starts=february label=start-year
    fx EUR "1.09 USD" as-of="2026-11-20" source={fx}
}}
procurement {{ plan-for p80; }}
include "z*.kdl"
let organic "3% to 6% / month" {{ title {let_title}; source {let_source}; as-of "2026-01-15"; review-by "2026-06-01"; note {let_note}; }}
department "product" {{ cost-center {department}; owner {department_owner}; }}
team "search" {{ department "product"; cost-center {cost_center}; owner {owner}; }}
team "ads" {{ cost-center {ads_center}; owner {ads_owner}; }}
project "next" {{ team "ads"; }}
environment "production"
gpu "h100" {{ memory "80 GB"; peak bf16 "989 TFLOP/s"; }}
provider "aws" {{
    region "us-east-1"
    price-list as-of="2026-02-06" source={list}
    instance "c5.2xlarge" {{
        cpu "8 core"; memory "16 GiB"
        price on-demand "0.34 USD/hour" as-of="2026-10-01" source={price}
        price spot "0.13 to 0.17 USD/hour" source={spot} {{ interruption "2% to 6% / day"; availability "90% to 97%"; }}
        price reserved "0.20 USD/hour" term="12 months" upfront="0%" as-of="2026-05-09" source={reserved}
    }}
    instance "p5.48xlarge" {{ gpu "h100" count=8; cpu "192 core"; memory "2 TiB"; price on-demand "55.04 USD/hour" source={gpu}; }}
    storage-tier "standard" {{ price "0.023 USD/GB-month" source={tier}; }}
    egress internet "0.09 USD/GB" source={egress}
}}
pool "web" {{ instance "c5.2xlarge" region="us-east-1"; limit 6; target-utilization "70%"; }}
pool "train" {{ instance "p5.48xlarge" region="us-east-1"; limit 4; }}
pool "lake" {{ kind storage; tier "standard"; }}
workload "bid" {{
    kind inference; team "ads"; project "next"; environment "production"; pool "web"
    demand "300 req/s" {{ growth compound {growth}; }}
    replica {{ cpu "2 core"; memory "4 GiB"; serves "50 req/s"; }}
    egress internet "9 KiB/req"
}}
workload "tune" {{ kind training; team "ads"; pool "train"; run "weekly" every="1 week" {{ gpus 16; duration "20 to 30 hours"; }}; }}
workload "logs" {{ kind storage; team "search"; pool "lake"; demand "42 TiB" {{ growth linear "3.5 TiB/month"; }}; }}
quota "ads" {{ team "ads"; pool "train" {{ gpu nominal=8; }}; }}
shared-cost "idle-web" {{ from idle pool="web"; split proportional by=allocation; }}
budget "search-q1" {{ team "search"; period fiscal-quarter="FY2027-Q1"; amount "900 USD"; confidence "80%"; }}
policy "enough" severity=error {{ require pool="web" metric=shortfall at-most="0 node" confidence="90%"; because {because}; }}
policy "few" severity=warn {{
    require pool="web" metric=shortfall at-most="0 node" confidence="99%"
    because {why}
    waive until="2027-06-30" by={by} {{ because {waived}; }}
}}
scenario "slow" {{ title {scenario}; let organic "1% / month"; }}
"#,
        fx = at(0),
        let_title = at(1),
        let_source = at(2),
        let_note = at(3),
        department = at(4),
        department_owner = at(5),
        cost_center = at(6),
        owner = at(7),
        ads_center = at(8),
        ads_owner = at(9),
        list = at(10),
        price = at(11),
        spot = at(12),
        reserved = at(13),
        gpu = at(14),
        tier = at(15),
        egress = at(16),
        because = at(17),
        why = at(18),
        by = at(19),
        waived = at(20),
        scenario = at(21),
    )
}

/// A workload in a file of its own, whose name stands wherever its line is named.
const RANK: &str = r#"workload "rank" {
    kind inference; team "search"; environment "production"; pool "web"
    demand "900 to 1100 req/s" {
        growth compound (ref)organic
        event "launch" at="2027-03-10" { multiply "1.1 to 1.4"; chance "60%"; note NOTE; }
    }
    replica { cpu "2 core"; memory "4 GiB"; serves "40 req/s"; }
}
"#;

fn case(name: &str, folders: [&str; 2], file: &str, text: &dyn Fn(usize) -> String) -> Case {
    let root = root(name);
    for (side, folder) in folders.iter().enumerate() {
        let texts: Vec<String> = (0..TEXTS).map(|place| text(place + side)).collect();
        let growth = ["\"1%/month\"", "\"5%/month\""][side];
        std::fs::create_dir(root.join(folder)).unwrap();
        std::fs::write(root.join(folder).join("plan.kdl"), plan(&texts, growth)).unwrap();
        let rank = RANK.replace("NOTE", &quoted(&text(TEXTS + side)));
        std::fs::write(root.join(folder).join(file), rank).unwrap();
    }
    Case { root, before: folders[0].to_owned(), after: folders[1].to_owned() }
}

/// The commands whose output is looked at. `AFTER` and `BEFORE` are the plan's folders.
fn commands() -> Vec<(Vec<&'static str>, Form)> {
    let mut all: Vec<(Vec<&str>, Form)> = vec![
        (vec!["check", "AFTER"], Form::Text),
        (vec!["check", "AFTER", "--format", "json"], Form::Json),
        (vec!["check", "AFTER", "--format", "sarif"], Form::Json),
        (vec!["check", "AFTER", "--format", "github"], Form::Github),
        (vec!["forecast", "AFTER"], Form::Text),
        (vec!["procure", "AFTER", "--format", "ics"], Form::Ics),
        (vec!["diff", "BEFORE", "AFTER", "--format", "html"], Form::Html),
        (vec!["export", "kubernetes", "AFTER"], Form::Yaml),
        (vec!["export", "kueue", "AFTER"], Form::Yaml),
    ];
    for (words, forms) in [
        (vec!["procure", "AFTER"], "table json csv md"),
        (vec!["headroom", "AFTER"], "table json md"),
        (vec!["scale", "rank", "AFTER"], "table json md"),
        (vec!["prices", "AFTER"], "table json csv md"),
        (vec!["instances", "AFTER"], "table json md"),
        (vec!["quota", "AFTER"], "table json csv md"),
        (vec!["allocate", "AFTER", "--by", "department,team,cost-center"], "table json csv md"),
        (vec!["allocate", "AFTER", "--by", "cost-center", "--idle", "weighted"], "csv"),
        (vec!["explain", "cost team=search", "AFTER", "--depth", "9"], "table json md"),
        (vec!["explain", "change team=search", "AFTER"], "table json md"),
        (vec!["explain", "need pool=web", "AFTER"], "md"),
        (vec!["simulate", "kueue", "AFTER"], "table json csv md"),
        (vec!["diff", "AFTER", "--scenario", "..slow"], "table json md"),
        (vec!["diff", "BEFORE", "AFTER", "--scenario", "slow"], "md"),
        (vec!["explain", "demand workload=rank", "AFTER"], "md"),
        (vec!["explain", "budget budget=search-q1", "AFTER"], "md"),
        (vec!["forecast", "AFTER", "--by", "workload"], "table json csv md"),
        (vec!["diff", "BEFORE", "AFTER"], "table json"),
    ] {
        for form in forms.split(' ') {
            let kind = match form {
                "json" => Form::Json,
                "csv" => Form::Csv,
                "md" => Form::Markdown,
                _ => Form::Text,
            };
            all.push(([words.clone(), vec!["--format", form]].concat(), kind));
        }
    }
    for flavour in ["github", "gitlab", "azure", "bitbucket", "plain"] {
        let words = vec!["diff", "BEFORE", "AFTER", "--format", "md", "--flavour", flavour];
        all.push((words, Form::Markdown));
    }
    all
}

/// Every file that `report` writes.
fn reports(case: &Case) -> BTreeMap<String, Vec<u8>> {
    let (code, _, said) = run(case, &["report", "AFTER", "--out", "out"]);
    assert_eq!(code, Some(0), "{said}");
    let mut files = BTreeMap::new();
    let mut left = vec![case.root.join("out")];
    while let Some(folder) = left.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path.strip_prefix(case.root.join("out")).unwrap();
                files.insert(name.to_string_lossy().into_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    files
}

/// A folder and a file that a shell would let anyone make.
const FOLDERS: [&str; 2] = ["a<img src=x>|`b`@team", "a<img src=x>|`c`@team #1 www.evil.example"];
const FILE: &str = "z|`w`@team <img src=x onerror=y> javascript:z **b**.kdl";

#[test]
fn every_output_shows_text_as_text() {
    let calm = case("calm", ["before", "after"], "z.kdl", &calm);
    let mut wrong = Vec::new();
    let before = reports(&calm);
    let commands = commands();
    let plain: Vec<_> = commands.par_iter().map(|(words, _)| run(&calm, words)).collect();
    for ((words, _), (code, out, said)) in commands.iter().zip(&plain) {
        assert!(matches!(code, Some(0 | 3)), "{words:?}: {said}");
        assert!(!out.is_empty() || words[0] == "check", "{words:?} writes nothing");
    }
    // Two to a place, so that each stands somewhere and every other one at the beginning.
    let text = |place: usize| {
        let pair = [place * 2 + 1, place * 2].map(|at| HOSTILE[at % HOSTILE.len()]);
        pair.join(" ")
    };
    let hostile = case("hostile", FOLDERS, FILE, &text);
    let shown: Vec<_> = commands.par_iter().map(|(words, _)| run(&hostile, words)).collect();
    for (((words, form), calm), (code, out, said)) in commands.iter().zip(&plain).zip(shown) {
        if code != calm.0 {
            wrong.push(format!("{words:?}: exit code {code:?} instead of {:?}: {said}", calm.0));
            continue;
        }
        if let Err(why) = differ(*form, &calm.1, &out) {
            wrong.push(format!("{words:?}: {why}"));
        }
        if let Err(why) = visible(&said) {
            wrong.push(format!("{words:?}, on standard error: {why}"));
        }
    }
    let after = reports(&hostile);
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (name, calm) in &before {
        let Some(form) = form_of(name) else { continue };
        let (calm, hostile) =
            (String::from_utf8_lossy(calm), String::from_utf8_lossy(&after[name]));
        if let Err(why) = differ(form, &calm, &hostile) {
            wrong.push(format!("{name}: {why}"));
        }
    }
    let (calm, hostile) = (sheets(&before["report.xlsx"]), sheets(&after["report.xlsx"]));
    for (part, calm) in calm {
        if calm != hostile[&part] {
            let at = calm.iter().zip(&hostile[&part]).take_while(|(a, b)| a == b).count();
            wrong.push(format!("report.xlsx, {part}: differs at element {at}"));
        }
    }
    // Data keeps what was written, mark for mark.
    let data: Value = serde_json::from_slice(&after["budget.json"]).unwrap();
    let said = data.to_string();
    for place in [2, 3] {
        let exact = serde_json::to_string(&text(place + 1)).unwrap();
        if !said.contains(&exact) {
            wrong.push(format!("budget.json does not hold {exact}"));
        }
    }
    assert!(wrong.is_empty(), "{} outputs:\n{}", wrong.len(), wrong.join("\n"));
}
