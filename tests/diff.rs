//! `capplan diff` against a repository of its own: revisions are read and nothing is checked out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, reads files, and runs programs"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const PLAN: &str = include_str!("cli/diff.in/before/plan.kdl");

/// A repository with a plan in `plans/shop`, committed on `main`.
struct Repository(PathBuf);

impl Repository {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("diff-{name}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("plans/shop")).unwrap();
        let repository = Self(folder);
        repository.git(&["init", "-q", "-b", "main"]);
        repository.write("README.md", "plans\n");
        repository.commit("begin");
        repository.write("plans/shop/plan.kdl", PLAN);
        repository.commit("a plan");
        repository
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn edit(&self, from: &str, to: &str) {
        let path = self.0.join("plans/shop/plan.kdl");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(&path, text.replace(from, to)).unwrap();
    }

    fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .arg("-C")
            .arg(&self.0)
            .args(["-c", "user.name=n", "-c", "user.email=n@example.com"])
            .args(["-c", "commit.gpgsign=false"])
            .args(arguments)
            .env("GIT_COMMITTER_DATE", "2026-11-20T00:00:00Z")
            .env("GIT_AUTHOR_DATE", "2026-11-20T00:00:00Z")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_capplan"))
            .args(arguments)
            .current_dir(&self.0)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CEILING_DIRECTORIES", self.0.parent().unwrap())
            .output()
            .unwrap()
    }

    /// The comparison as JSON, and the exit code.
    fn diff(&self, arguments: &[&str]) -> (Value, i32) {
        let mut all = vec!["diff"];
        all.extend(arguments);
        all.extend(["--format", "json"]);
        let output = self.run(&all);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let json = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{said}"));
        (json, output.status.code().unwrap())
    }

    /// What an error says.
    fn error(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8_lossy(&output.stderr).into_owned()
    }
}

fn cents(value: &Value) -> i64 {
    value.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// Every sum of a comparison comes to what it should, to the cent.
fn foots(json: &Value) {
    let total = |of: &Value| cents(&of["change"]);
    let change = total(&json["total"]["mean"]);
    let sum = |rows: &Value, of: &dyn Fn(&Value) -> i64| -> i64 {
        rows.as_array().unwrap().iter().map(of).sum()
    };
    assert_eq!(sum(&json["why"], &|row| cents(&row["amount"])), change);
    for parts in ["teams", "quarters", "months"] {
        assert_eq!(sum(&json[parts], &|row| total(&row["mean"])), change, "{parts}");
    }
    let of_causes =
        if json["plan_is_new"] == true { &[] } else { &json["teams"].as_array().unwrap()[..] };
    for team in of_causes {
        assert_eq!(sum(&team["why"], &|row| cents(&row["amount"])), total(&team["mean"]));
    }
}

fn causes(json: &Value) -> Vec<String> {
    let rows = json["why"].as_array().unwrap().iter();
    rows.map(|row| row["causes"][0].as_str().unwrap().to_owned()).collect()
}

#[test]
fn an_unchanged_plan_differs_by_nothing() {
    let repository = Repository::new("same");
    repository.write("plans/other.txt", "not a plan");
    repository.commit("something else");
    let (json, code) = repository.diff(&["HEAD~1", "HEAD", "plans/shop"]);
    assert_eq!(code, 0);
    assert_eq!(cents(&json["total"]["mean"]["change"]), 0);
    assert_eq!(json["why"].as_array().unwrap().len(), 0);
    for month in json["months"].as_array().unwrap() {
        assert_eq!(month["p90"]["before"], month["p90"]["after"]);
    }
}

#[test]
fn a_branch_is_compared_with_the_commit_it_left_main_at() {
    let repository = Repository::new("branch");
    repository.git(&["checkout", "-q", "-b", "work"]);
    repository.edit("2% to 4%", "5% to 7%");
    repository.edit("0.34 USD", "0.36 USD");
    repository.edit("serves \"40 req/s\"", "serves \"36 req/s\"");
    // What main does meanwhile is no change of this branch.
    repository.git(&["stash", "-q"]);
    repository.git(&["checkout", "-q", "main"]);
    repository.edit("300 req/s", "900 req/s");
    repository.commit("more bids");
    repository.git(&["checkout", "-q", "work"]);
    repository.git(&["stash", "pop", "-q"]);
    let head = repository.git(&["rev-parse", "HEAD"]);
    let (json, code) = repository.diff(&["plans/shop"]);
    foots(&json);
    assert_eq!(causes(&json), ["growth", "efficiency and capacity", "prices"]);
    assert!(cents(&json["total"]["mean"]["change"]) > 0);
    assert_eq!(code, 3, "the budget holds before and not after");
    let lines = &json["changes"];
    assert_eq!(lines[0]["after"]["place"], "plan.kdl:5");
    assert_eq!(lines[0]["before"]["text"], "let organic \"2% to 4% / month\"");
    // Nothing was checked out, and nothing is left behind.
    assert_eq!(repository.git(&["rev-parse", "HEAD"]), head);
    assert_eq!(repository.git(&["status", "--porcelain"]), "M plans/shop/plan.kdl");
    repository.commit("grow");
    for range in [&["main...work", "plans/shop"][..], &["main...HEAD", "plans/shop"]] {
        let (of_range, _) = repository.diff(range);
        assert_eq!(of_range["total"], json["total"], "{range:?}");
    }
}

#[test]
fn only_a_new_violation_is_exit_code_3() {
    let repository = Repository::new("violation");
    repository.edit("\"9k USD\"", "\"1k USD\"");
    let (json, code) = repository.diff(&["HEAD", "plans/shop"]);
    assert_eq!((code, json["budgets"][0]["turn"].as_str()), (3, Some("broken")));
    repository.commit("a small budget");
    repository.edit("2% to 4%", "2% to 5%");
    let (json, code) = repository.diff(&["HEAD", "plans/shop"]);
    assert_eq!((code, json["budgets"][0]["turn"].as_str()), (0, Some("still-fails")));
    repository.edit("\"1k USD\"", "\"90k USD\"");
    let (json, code) = repository.diff(&["HEAD", "plans/shop"]);
    assert_eq!((code, json["budgets"][0]["turn"].as_str()), (0, Some("cured")));
}

#[test]
fn a_new_name_is_no_change_of_cost() {
    let repository = Repository::new("rename");
    repository.edit("\"rank\"", "\"ranking\"");
    repository.edit("\"search\"", "\"discovery\"");
    let (json, code) = repository.diff(&["HEAD", "plans/shop"]);
    assert_eq!((code, cents(&json["total"]["mean"]["change"])), (0, 0));
    let renames: Vec<&str> =
        json["renames"].as_array().unwrap().iter().map(|r| r["kind"].as_str().unwrap()).collect();
    assert_eq!(renames, ["team", "workload"]);
    let named =
        json["teams"].as_array().unwrap().iter().find(|t| t["name"] == "discovery").unwrap();
    assert_eq!(named["name_before"], "search");
}

#[test]
fn a_plan_that_was_not_there_is_new() {
    let repository = Repository::new("new");
    let (json, code) = repository.diff(&["HEAD~1", "plans/shop"]);
    assert_eq!(code, 0);
    assert_eq!(json["plan_is_new"], true);
    assert_eq!(cents(&json["total"]["mean"]["before"]), 0);
    foots(&json);
}

#[test]
fn draws_day_and_rates_are_equal_on_both_sides() {
    let repository = Repository::new("pinned");
    repository.edit("as-of \"2026-11-23\"", "as-of \"2026-11-30\"; seed 9");
    let (json, _) = repository.diff(&["HEAD", "plans/shop"]);
    assert_eq!(cents(&json["total"]["mean"]["change"]), 0);
    assert_eq!(json["pinned"].as_array().unwrap().len(), 2);
    assert_eq!(json["provenance"]["as_of"], "2026-11-30");
}

#[test]
fn a_history_that_was_measured_anew_is_a_change_of_demand() {
    let repository = Repository::new("history");
    let series = |scale: f64| -> String {
        let rows = (0..540).map(|day| {
            let date =
                format!("{}-{:02}-{:02}", 2025 + day / 336, day % 336 / 28 + 1, day % 28 + 1);
            format!("{date},{}\n", scale * (400.0 + f64::from(day) / 9.0))
        });
        std::iter::once("time,rps\n".to_owned()).chain(rows).collect()
    };
    repository.edit(
        "demand \"300 req/s\" { growth",
        "demand \"300 req/s\" { history \"bid.csv\" column=\"rps\" fit=level; growth",
    );
    repository.write("plans/shop/bid.csv", &series(1.0));
    repository.commit("measured");
    repository.write("plans/shop/bid.csv", &series(1.2));
    let (json, _) = repository.diff(&["HEAD", "plans/shop"]);
    foots(&json);
    assert_eq!(causes(&json), ["demand"]);
    assert_eq!(json["measured_anew"][0], "bid");
}

#[test]
fn a_report_can_say_what_changed_since_the_last() {
    let repository = Repository::new("since");
    repository.edit("2% to 4%", "2% to 5%");
    let output = repository.run(&["report", "plans/shop", "--out", "out", "--since", "HEAD"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let changes = fs::read_to_string(repository.0.join("out/changes.md")).unwrap();
    assert!(changes.starts_with("### Capacity plan: **+US$"), "{changes}");
    assert!(
        fs::read_to_string(repository.0.join("out/changes.html")).unwrap().contains("<details>")
    );
    let said = repository.error(&["report", "plans/shop", "--out", "none", "--since", "nosuch"]);
    assert!(said.contains("unknown revision `nosuch`"), "{said}");
    assert!(!repository.0.join("none").exists(), "nothing is written");
}

#[test]
fn what_cannot_be_compared_says_so() {
    let repository = Repository::new("errors");
    let said = repository.error(&["diff", "nosuch", "plans/shop"]);
    assert!(said.contains("unknown revision `nosuch`"), "{said}");
    repository.edit("team \"ads\" {", "team \"adds\" {");
    let said = repository.error(&["diff", "HEAD", "plans/shop"]);
    assert!(said.contains("the plan after the change (working tree"), "{said}");
    assert!(said.contains("unknown team `ads`"), "{said}");
    repository.commit("a slip");
    repository.edit("team \"adds\" {", "team \"ads\" {");
    let said = repository.error(&["diff", "HEAD", "plans/shop"]);
    assert!(said.contains("the plan before the change ("), "{said}");
    fs::remove_dir_all(repository.0.join(".git")).unwrap();
    let said = repository.error(&["diff", "main", "plans/shop"]);
    assert!(said.contains("is not in a git repository"), "{said}");
    assert!(said.contains("capplan diff OLD NEW"), "{said}");
}

#[test]
fn a_shallow_clone_says_how_to_fetch_the_rest() {
    let repository = Repository::new("shallow-from");
    repository.edit("2% to 4%", "2% to 5%");
    repository.commit("more");
    let into = repository.0.with_file_name("diff-shallow");
    let _ = fs::remove_dir_all(&into);
    let from = format!("file://{}", repository.0.display());
    repository.git(&["clone", "-q", "--depth", "1", &from, into.to_str().unwrap()]);
    let said = Repository(into).error(&["diff", "HEAD~1", "plans/shop"]);
    assert!(said.contains("unknown revision `HEAD~1`") && said.contains("--unshallow"), "{said}");
}
