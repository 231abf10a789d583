//! The workflows for pull requests: the files parse, and the scripts do what they say with a `gh` and a
//! `capplan` that only write down what they are asked.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, reads files, and runs programs"
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn yaml(path: &str) -> Value {
    let text = fs::read_to_string(root().join(path)).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_step_of_the_action_runs_a_script_that_is_there() {
    let action = yaml("action.yml");
    let steps = action["runs"]["steps"].as_array().unwrap();
    let mut scripts = 0;
    for step in steps {
        let Some(run) = step["run"].as_str() else { continue };
        assert_eq!(step["shell"], "bash");
        // What comes from outside goes in by the environment, never into the text of a script.
        assert!(!run.contains("${{"), "{run}");
        if let Some(script) = run.split("/action/").nth(1) {
            assert!(root().join("action").join(script.trim_end_matches('"')).exists(), "{run}");
            scripts += 1;
        }
    }
    assert_eq!(scripts, 4);
    for (name, input) in action["inputs"].as_object().unwrap() {
        assert!(input["description"].is_string(), "{name}");
    }
}

#[test]
fn the_example_for_gitlab_is_one_job_for_merge_requests() {
    let example = yaml("docs/ci/gitlab-ci.yml");
    let job = &example["capacity-plan"];
    assert!(job["rules"][0]["if"].as_str().unwrap().contains("merge_request_event"));
    let script = job["script"].as_array().unwrap();
    assert!(script.iter().any(|line| line.as_str().unwrap().contains("--flavour gitlab")));
    for line in script {
        let parsed =
            Command::new("bash").args(["-n", "-c", line.as_str().unwrap()]).output().unwrap();
        assert!(parsed.status.success(), "{}", String::from_utf8_lossy(&parsed.stderr));
    }
}

/// A runner: a folder with a `gh` and a `capplan` of its own, which write down what they are asked.
struct Runner(PathBuf);

impl Runner {
    /// `known` is the comment that is there; `code` what `capplan` ends with.
    fn new(name: &str, known: &str, code: u8) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("action-{name}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let program = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, format!("#!/bin/sh\n{text}")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        };
        program(
            "capplan",
            &format!(
                "echo \"capplan $*\" >> \"$ASKED\"\n\
                 echo '<!-- capplan:cost-impact:v1 plan=p -->'\necho '### A change'\nexit {code}\n"
            ),
        );
        program(
            "gh",
            &format!(
                "echo \"gh $*\" >> \"$ASKED\"\n\
                 case \"$*\" in *--jq*) echo '{known}';; *denied*) exit 1;; *) echo '{{}}';; esac\n"
            ),
        );
        Self(folder)
    }

    fn run(&self, script: &str, more: &[(&str, &str)]) -> Output {
        let path = std::env::var("PATH").unwrap();
        let file = |name: &str| self.0.join(name);
        Command::new("bash")
            .arg(root().join("action").join(script))
            .env("PATH", format!("{}:{path}", self.0.display()))
            .env("ASKED", file("asked"))
            .env("RUNNER_TEMP", &self.0)
            .env("GITHUB_OUTPUT", file("output"))
            .env("GITHUB_STEP_SUMMARY", file("summary"))
            .env("GITHUB_REPOSITORY", "acme/plans")
            .env("GITHUB_BASE_REF", "main")
            .env("PULL_REQUEST", "7")
            .env("PLAN", "plans/a plan")
            .env_remove("BASE")
            .envs(more.iter().copied())
            .output()
            .unwrap()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap_or_default()
    }
}

#[test]
fn the_first_push_writes_a_comment() {
    let runner = Runner::new("first", "", 0);
    let output = runner.run("comment.sh", &[]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let asked = runner.read("asked");
    assert!(asked.contains("capplan diff origin/main...HEAD plans/a plan --format md"), "{asked}");
    assert!(
        asked.contains("gh api --method POST repos/acme/plans/issues/7/comments --field body=@")
    );
    assert!(!asked.contains("PATCH"));
    assert!(runner.read("output").contains("code=0"));
    assert!(runner.read("summary").contains("### A change"));
}

#[test]
fn every_later_push_writes_the_same_comment_anew() {
    let runner = Runner::new("later", "4711", 3);
    let output = runner.run("comment.sh", &[("BASE", "v1")]);
    assert!(output.status.success());
    let asked = runner.read("asked");
    assert!(asked.contains("capplan diff v1...HEAD"), "{asked}");
    assert!(asked.contains("startswith(\"<!-- capplan:cost-impact:v1 plan=p -->\")"), "{asked}");
    assert!(asked.contains("gh api --method PATCH repos/acme/plans/issues/comments/4711"));
    assert!(!asked.contains("POST"));
    assert!(runner.read("output").contains("code=3"));
}

#[test]
fn a_token_that_only_reads_warns_and_an_invalid_plan_ends_the_job() {
    let runner = Runner::new("denied", "", 0);
    let output = runner.run("comment.sh", &[("GITHUB_REPOSITORY", "denied/fork")]);
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stdout).contains("::warning::"));
    let broken = Runner::new("broken", "", 1);
    assert_eq!(broken.run("comment.sh", &[]).status.code(), Some(1));
    assert!(!broken.read("asked").contains("gh "), "no comment of a plan that is wrong");
    assert_eq!(broken.run("check.sh", &[]).status.code(), Some(1));
}

#[test]
fn the_gate_follows_the_diff_in_a_pull_request_and_the_check_elsewhere() {
    let runner = Runner::new("gate", "", 0);
    let code = |check: &str, diff: &str| {
        runner.run("gate.sh", &[("CHECK", check), ("DIFF", diff)]).status.code()
    };
    assert_eq!(code("3", "0"), Some(0));
    assert_eq!(code("3", "3"), Some(3));
    assert_eq!(code("3", ""), Some(3));
    assert_eq!(code("0", ""), Some(0));
    let failed = Runner::new("gate-check", "", 3);
    assert_eq!(failed.run("check.sh", &[]).status.code(), Some(0));
    assert!(failed.read("output").contains("code=3"));
}
