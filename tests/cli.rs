//! The command line as a person meets it: every file in `tests/cli/` is a session that must come out so.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and reads files"
)]

use std::path::Path;
use std::process::Command;

#[test]
fn sessions_come_out_as_written() {
    trycmd::TestCases::new().case("tests/cli/*.trycmd");
}

/// The examples that the language was designed with, where they are at hand (`CAPPLAN_SHARED`).
///
/// Two of their lines were settled otherwise since: a fiscal quarter says that it is one, and a logistic
/// growth has a midpoint or a steepness.
#[test]
fn the_plans_the_language_was_designed_with_check() {
    let shared = std::env::var("CAPPLAN_SHARED").unwrap_or_else(|_| "../shared".to_owned());
    let examples = Path::new(&shared).join("design/examples");
    if !examples.exists() {
        return;
    }
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("platform");
    copy(&examples.join("platform"), &out);
    edit(&out.join("finance.kdl"), "\"2027-Q1\"", "\"FY2027-Q1\"");
    edit(&out.join("workloads/serving.kdl"), "; steepness \"45%/month\"", "");
    for plan in [examples.join("small-team.kdl"), out] {
        let checked = Command::new(env!("CARGO_BIN_EXE_capplan"))
            .args(["check", "--no-data"])
            .arg(&plan)
            .output()
            .expect("capplan runs");
        let said = String::from_utf8_lossy(&checked.stderr);
        assert!(checked.status.success(), "{}\n{said}", plan.display());
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").map(|entry| entry.expect("an entry")) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(from, to).expect("a copy");
        }
    }
}

fn edit(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).expect("a file");
    assert!(text.contains(from), "{} has no {from}", path.display());
    std::fs::write(path, text.replace(from, to)).expect("written");
}
