//! Text of a plan stays text in every output: each command is run over a plan with harmless words and over the
//! same plan with hostile ones, and what is written must have the same skeleton.
//!
//! Names are letters, digits, dots and hyphens by the language's own rule, so what can be hostile is free
//! text (titles, sources, notes, owners, cost centres, reasons), the names of files and folders, and whatever a
//! message about a wrong plan quotes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and runs the program"
)]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use capplan::diagnostic::render::{self, Color};
use capplan::diagnostic::{github, json, sarif};
use capplan::language;
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use rayon::prelude::*;
use serde_json::Value;

/// What people put into text to see what happens.
const HOSTILE: [&str; 48] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "</title></style></td></details></svg>",
    "<!-- --> <!--",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "[a](javascript:alert(1))",
    "![i](https://evil.example/i.png)",
    "[x]: https://evil.example",
    "https://evil.example/a?b=c",
    "www.evil.example me@evil.example",
    "@team @org/team cc @all",
    "closes #12, GH-1, !34",
    "a | b | c",
    "\\| \\",
    "`code` ``` ~~~",
    "**bold** _it_ ~~s~~",
    "# heading",
    "a\n\n# heading\n\n| a | b |\n|---|---|\n| 1 | 2 |",
    "a\n```\nb\n~~~",
    "- item",
    "1. one",
    "> quote",
    "[^1] [^1]: note",
    "- [ ] task",
    "---",
    "$x$ $$y$$",
    "<details><summary>x",
    "&lt;b&gt; &#x3C;script&#62; &amp;",
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=cmd|'/c calc'!A0",
    "=HYPERLINK(\"https://evil.example\")",
    "a\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:x",
    "a\n::error file=x::y\n::set-output name=z::w",
    "##vso[task.setvariable variable=x]y",
    "{{title}} {{{verdict}}} {{#each a}}",
    "${HOME} $(id) `id`",
    "]]> <![CDATA[ x",
    "} body { display: none } \\7d \"; }",
    "x\u{202e}gpj.exe\u{202c}",
    "a\u{200b}b\u{2066}c\u{feff}d\u{2028}e",
    "x\u{1b}[31mred\u{1b}]0;t\u{7}",
    "\"quoted\", 'single', \\escaped\\",
    "{\"json\": [1, 2]}",
    "```mermaid\ngraph TD; a-->b\n```",
];

/// Harmless words that are as many.
fn calm(place: usize) -> String {
    format!("words number {place} of the plan")
}

/// A string as KDL writes it, every mark escaped.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == ' ' {
            quoted.push(c);
        } else {
            let _ = write!(quoted, "\\u{{{:x}}}", u32::from(c));
        }
    }
    quoted + "\""
}

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

/// A plan's folder, before a change and after it.
struct Case {
    root: PathBuf,
    before: String,
    after: String,
}

fn root(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile").join(name);
    let _ = std::fs::remove_dir_all(&root);
    std::fs::create_dir_all(&root).unwrap();
    root
}

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

/// What a command wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Html,
    Markdown,
    Csv,
    Json,
    Ics,
    Github,
    Yaml,
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
        (vec!["explain", "need pool=web", "AFTER"], "md"),
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

/// Runs a command; its exit code, what it wrote, what it said.
fn run(case: &Case, words: &[&str]) -> (Option<i32>, String, String) {
    let words = words.iter().map(|word| match *word {
        "AFTER" => case.after.as_str(),
        "BEFORE" => case.before.as_str(),
        word => word,
    });
    let output = Command::new(env!("CARGO_BIN_EXE_capplan"))
        .args(words)
        .current_dir(&case.root)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
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

/// What must not be in any text: controls, and marks that reorder or hide.
fn visible(text: &str) -> Result<(), String> {
    let hidden = |c: &char| {
        (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{2028}' | '\u{2029}')
    };
    match text.chars().find(hidden) {
        Some(c) => {
            let line = text.lines().find(|line| line.contains(c)).unwrap_or_default();
            Err(format!("{c:?} in {line:?}"))
        }
        None => Ok(()),
    }
}

/// Tags with the names of their attributes, as a browser reads them; addresses too.
fn tags(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            let end = comment.find("-->").map_or(comment.len(), |end| end + 3);
            found.push("comment".to_owned());
            rest = &comment[end..];
            continue;
        }
        if !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!' || c == '?')
        {
            continue;
        }
        let mut tag = String::new();
        let mut quote = None;
        let mut end = rest.len();
        let mut address = false;
        for (at, c) in rest.char_indices() {
            match quote {
                Some(open) => {
                    if c == open {
                        quote = None;
                    } else if address {
                        tag.push(if c.is_ascii_digit() { '0' } else { c });
                    }
                }
                None if c == '"' || c == '\'' => {
                    address = tag.ends_with("href=") || tag.ends_with("src=");
                    quote = Some(c);
                }
                None if c == '>' => {
                    end = at + 1;
                    break;
                }
                None => tag.push(c),
            }
        }
        let name = tag.split_whitespace().next().unwrap_or_default().to_owned();
        rest = &rest[end..];
        found.push(tag);
        if name == "style" || name == "script" {
            let end = rest.find("</").unwrap_or(rest.len());
            rest = &rest[end..];
        }
    }
    found
}

/// Events of a Markdown page without their text.
fn events(page: &str) -> Vec<String> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH
        | Options::ENABLE_GFM;
    let mut found: Vec<String> = Vec::new();
    for event in Parser::new_ext(page, options) {
        let shown = match event {
            Event::Text(_) => continue,
            Event::Code(_) => "code".to_owned(),
            Event::InlineMath(_) | Event::DisplayMath(_) => "math".to_owned(),
            Event::Html(html) | Event::InlineHtml(html) => {
                // What is folded, and the mark by which a comment is found again.
                tags(&html).join(" ")
            }
            Event::FootnoteReference(_) => "footnote".to_owned(),
            Event::TaskListMarker(_) => "task".to_owned(),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                format!("link {dest_url}")
            }
            other => format!("{other:?}"),
        };
        found.push(shown);
    }
    found
}

/// An address or a mention that a forge makes of plain text; code and comments it leaves alone.
fn forged(page: &str) -> Option<String> {
    let mut left = page.as_bytes().to_vec();
    let mut code = 0;
    for (event, range) in
        Parser::new_ext(page, Options::ENABLE_TABLES | Options::ENABLE_GFM).into_offset_iter()
    {
        match event {
            Event::Start(Tag::CodeBlock(_)) => code += 1,
            Event::End(TagEnd::CodeBlock) => code -= 1,
            Event::Html(ref html) | Event::InlineHtml(ref html) if !html.starts_with("<!--") => {
                continue;
            }
            Event::Code(_) | Event::Html(_) | Event::InlineHtml(_) => {}
            Event::Text(_) if code > 0 => {}
            _ => continue,
        }
        left[range].fill(b' ');
    }
    let left = String::from_utf8_lossy(&left);
    // A line that only Bitbucket's pages have, and nobody sees.
    for line in left.lines().filter(|line| !line.starts_with("[//]: # (")) {
        let after = |mark: &str| line.match_indices(mark).map(|(at, _)| at).collect::<Vec<_>>();
        let mention = |at: &usize| line[at + 1..].starts_with(|c: char| c.is_alphanumeric());
        let linked = |at: &usize| !line[..*at].ends_with('\\');
        if after("@").iter().any(mention) {
            return Some(format!("a mention: {line}"));
        }
        if after("://").iter().any(linked) || line.contains("www.evil") {
            return Some(format!("an address: {line}"));
        }
    }
    None
}

/// Rows and columns; no cell is a formula.
fn cells(text: &str) -> Result<Vec<usize>, String> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut columns = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| error.to_string())?;
        for cell in &row {
            let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            let number = cell.trim_end_matches('%').parse::<f64>().is_ok();
            if formula && !number {
                return Err(format!("a formula: {cell:?}"));
            }
        }
        columns.push(row.len());
    }
    Ok(columns)
}

/// Keys, and the kinds of values.
fn shape(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(shape).collect::<Vec<_>>().join(","))
        }
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name}:{}", shape(value))).collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::String(_) => "text".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => "value".to_owned(),
    }
}

/// The names of unfolded content lines.
fn properties(calendar: &str) -> Vec<String> {
    let unfolded = calendar.replace("\r\n ", "");
    unfolded
        .split("\r\n")
        .map(|line| line.split([':', ';']).next().unwrap_or_default().to_owned())
        .collect()
}

/// Why two texts of a form differ in more than their words.
fn differ(form: Form, calm: &str, hostile: &str) -> Result<(), String> {
    fn same<T: PartialEq + std::fmt::Debug>(calm: &[T], hostile: &[T]) -> Result<(), String> {
        if calm == hostile {
            return Ok(());
        }
        let at = calm.iter().zip(hostile).take_while(|(a, b)| a == b).count();
        let part = |of: &[T]| format!("{:?}", of.iter().skip(at).take(4).collect::<Vec<_>>());
        Err(format!(
            "{} parts became {}; at {at} {} became {}",
            calm.len(),
            hostile.len(),
            part(calm),
            part(hostile)
        ))
    }
    match form {
        Form::Text => visible(hostile),
        Form::Html => {
            visible(hostile)?;
            same(&tags(calm), &tags(hostile))
        }
        Form::Markdown => {
            visible(hostile)?;
            if let Some(found) = forged(hostile) {
                return Err(found);
            }
            same(&events(calm), &events(hostile))
        }
        Form::Csv => same(&cells(calm)?, &cells(hostile)?),
        Form::Json => {
            let read = |text: &str| serde_json::from_str::<Value>(text).map_err(|e| e.to_string());
            let (calm, hostile) = (shape(&read(calm)?), shape(&read(hostile)?));
            same(&calm.split(',').collect::<Vec<_>>(), &hostile.split(',').collect::<Vec<_>>())
        }
        Form::Ics => {
            visible(hostile)?;
            same(&properties(calm), &properties(hostile))
        }
        Form::Yaml => {
            visible(hostile)?;
            let heads = |text: &str| -> Vec<String> {
                let head = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
                let keys = text.lines().filter(|line| !line.trim_start().starts_with('#'));
                keys.map(head).collect()
            };
            same(&heads(calm), &heads(hostile))
        }
        Form::Github => {
            visible(hostile)?;
            let heads = |text: &str| -> Vec<String> {
                text.lines()
                    .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
                    .collect()
            };
            same(&heads(calm), &heads(hostile))
        }
    }
}

/// The sheets of a workbook: elements and their attributes, and how many formulas there are.
fn sheets(bytes: &[u8]) -> BTreeMap<String, Vec<String>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut parts = BTreeMap::new();
    for place in 0..archive.len() {
        let mut file = archive.by_index(place).unwrap();
        let mut text = String::new();
        if file.read_to_string(&mut text).is_err() {
            continue;
        }
        // Widths follow the text, and equal texts are stored once.
        let part = file.name().unwrap().into_owned();
        if part.contains("worksheets/") || part.contains("_rels/") {
            let names = tags(&text).into_iter().filter(|tag| !tag.starts_with("col "));
            let names =
                names.map(|tag| tag.split_whitespace().next().unwrap_or_default().to_owned());
            parts.insert(part, names.collect());
        }
    }
    parts
}

fn form_of(name: &str) -> Option<Form> {
    match name.rsplit('.').next()? {
        "html" => Some(Form::Html),
        "md" => Some(Form::Markdown),
        "csv" => Some(Form::Csv),
        "json" => Some(Form::Json),
        "ics" => Some(Form::Ics),
        _ => None,
    }
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

/// A table of series and a price list, with a text wherever they name something.
fn tables(name: &str, text: &str) -> Case {
    let root = root(name);
    let write = |file: &str, rows: &[Vec<String>]| {
        let mut writer = csv::Writer::from_path(root.join(file)).unwrap();
        for row in rows {
            writer.write_record(row).unwrap();
        }
        writer.flush().unwrap();
    };
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let mut series = vec![row(&["unique_id", "ds", "y"])];
    series.extend(
        (1..=30)
            .map(|day| row(&[text, &format!("2026-09-{day:02}"), &format!("{}", 90 + day % 7)])),
    );
    write("series.csv", &series);
    let head = "provider,instance,region,price,spot,vcpus,memory_gib,gpu,gpus,as_of";
    write(
        "aws_2026-09-06.csv",
        &[
            head.split(',').map(str::to_owned).collect(),
            row(&["aws", text, text, "0.10", "0.04", "2", "8", "", "", "2026-09-06"]),
            row(&[
                "aws",
                "m5.large",
                "us-east-1",
                "0.192",
                "0.09",
                "4",
                "16",
                text,
                "1",
                "2026-09-06",
            ]),
            row(&["aws", "m5.xlarge", "us-east-1", text, "", "4", "16", "", "", "2026-09-06"]),
        ],
    );
    write(
        "pods.csv",
        &[row(&["name", "cpu", "memory_gib", "gpus", "count"]), row(&[text, "1", "3", "0", "9"])],
    );
    Case { root, before: String::new(), after: String::new() }
}

#[test]
fn tables_of_others_show_their_text_as_text() {
    let forms = [Form::Text, Form::Json, Form::Csv, Form::Markdown];
    let mut commands: Vec<(Vec<&str>, Form)> = Vec::new();
    for (word, form) in ["table", "json", "csv", "md"].into_iter().zip(forms) {
        commands.push((vec!["forecast", "series.csv", "--horizon", "2", "--format", word], form));
        commands.push((vec!["prices", "aws_2026-09-06.csv", "--format", word], form));
    }
    for (word, form) in [("json", Form::Json), ("md", Form::Markdown), ("table", Form::Text)] {
        let pods = "instances --pods pods.csv --prices aws_2026-09-06.csv --instance m5* --format";
        commands.push((pods.split(' ').chain([word]).collect(), form));
    }
    let calm = tables("tables-calm", "words");
    let plain: Vec<_> = commands.iter().map(|(words, _)| run(&calm, words)).collect();
    // Formulas, and every third of the others.
    let texts: Vec<&str> = HOSTILE
        .iter()
        .enumerate()
        .filter(|(place, text)| place % 3 == 0 || text.trim().starts_with(['=', '+', '-', '@']))
        .map(|(_, text)| *text)
        .collect();
    let wrong: Vec<String> = texts
        .par_iter()
        .enumerate()
        .flat_map_iter(|(place, text)| {
            let hostile = tables(&format!("tables-{place}"), text);
            let mut wrong = Vec::new();
            for (which, ((words, form), calm)) in commands.iter().zip(&plain).enumerate() {
                // Data of every text; what people read of every fourth.
                if *form != Form::Csv && which % 4 != place % 4 {
                    continue;
                }
                let (code, out, said) = run(&hostile, words);
                // A reader of tables may refuse a text; then it says so, and writes nothing.
                let found =
                    if code == calm.0 { differ(*form, &calm.1, &out) } else { visible(&out) };
                let found = found.and_then(|()| visible(&said));
                wrong.extend(found.err().map(|why| format!("{text:?} {words:?}: {why}")));
            }
            wrong
        })
        .collect();
    assert!(wrong.is_empty(), "{} outputs:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_gets_through_is_seen() {
    for (form, calm, hostile) in [
        (Form::Text, "a", "\u{1b}[31ma"),
        (Form::Text, "a", "a\u{202e}b"),
        (Form::Html, "<p class=\"a\">a</p>", "<p class=\"a\"><b>a</b></p>"),
        (Form::Html, "<p class=\"a\">", "<p class=\"a\" onclick=\"b\">"),
        (Form::Html, "<a href=\"#a\">", "<a href=\"javascript:a\">"),
        (Form::Markdown, "a", "[a](b)"),
        (Form::Markdown, "a", "a @team"),
        (Form::Markdown, "a", "a https://b"),
        (Form::Markdown, "| a |\n|---|\n| b |", "| a |\n|---|\n| b | c |\n| d |"),
        (Form::Markdown, "a", "<img src=x>"),
        (Form::Csv, "a,b\n", "a,b,c\n"),
        (Form::Csv, "a,b\n", "a,=1+1\n"),
        (Form::Json, "{\"a\": 1}", "{\"a\": 1, \"b\": 2}"),
        (Form::Json, "{\"a\": 1}", "{\"a\": 1}}"),
        (Form::Ics, "SUMMARY:a\r\n", "SUMMARY:a\r\nEND:VEVENT\r\n"),
        (Form::Github, "::error x::a\n", "::error x::a\n::error y::b\n"),
        (Form::Yaml, "a: b\n", "a: b\nc: d\n"),
    ] {
        assert!(differ(form, calm, hostile).is_err(), "{form:?}: {hostile:?}");
        assert_eq!(differ(form, calm, calm), Ok(()), "{form:?}");
    }
}

/// Pieces of hostile text, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => prop::sample::select(HOSTILE.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
        1 => "[\\x00-\\x1f\\u{7f}-\\u{9f}\\u{200b}-\\u{200f}\\u{202a}-\\u{202e}\\u{2066}-\\u{2069}]{0,3}",
    ];
    prop::collection::vec(part, 1..4).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a message quotes of a wrong plan, it stays inside of it.
    #[test]
    fn messages_show_text_as_text(text in pieces(), at in 0_usize..4) {
        let folder = root("messages");
        let wrong = |text: &str| {
            let text = quoted(text);
            match at {
                0 => format!("team {text}\n"),
                1 => format!("team \"a\" {{ department {text}; }}\n"),
                2 => format!("let \"a\" {text}\n"),
                _ => format!("pool \"a\" {{ kind {text}; }}\n"),
            }
        };
        let head = "plan \"p\" { version 1; as-of \"2026-11-23\"; horizon from=\"2027-02\" months=3; currency USD; }\n";
        let found = |text: &str| {
            std::fs::write(folder.join("plan.kdl"), format!("{head}{}", wrong(text))).unwrap();
            let checked = language::read(&folder).unwrap();
            (checked.diagnostics, checked.sources)
        };
        let (diagnostics, sources) = found(&text);
        let human = render::human(&diagnostics, &sources, Color::Never, 100);
        prop_assert!(visible(&human).is_ok(), "{:?}", visible(&human));
        let annotations = github::github(&diagnostics, &sources, "plans/a");
        prop_assert!(visible(&annotations).is_ok(), "{:?}", visible(&annotations));
        prop_assert_eq!(annotations.lines().count(), diagnostics.len());
        for line in annotations.split('\n').filter(|line| !line.is_empty()) {
            let known = ["::error ", "::warning ", "::notice "].iter().any(|head| line.starts_with(head));
            prop_assert!(known, "{line:?}");
        }
        let json: Value = serde_json::from_str(&json::json(&diagnostics, &sources)).unwrap();
        prop_assert!(json.is_object() || json.is_array());
        let sarif: Value = serde_json::from_str(&sarif::sarif(&diagnostics, &sources, "plans/a")).unwrap();
        prop_assert!(sarif["runs"].is_array());
    }
}
