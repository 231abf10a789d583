//! `capplan watch` renders again on a change, and keeps the last good report when the plan breaks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and reads files"
)]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    fn start(plan: &Path, out: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_capplan"))
            .args(["watch", "--draws", "50", "--out"])
            .arg(out)
            .arg(plan)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (send, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = send.send(line);
            }
        });
        Self { child, lines }
    }

    /// Waits for a line, at most 30 seconds: a test never asserts a shorter time.
    fn until(&self, part: &str) {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(30)).unwrap_or_else(|_| {
                panic!("no line with `{part}`");
            });
            if line.contains(part) {
                return;
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("watch");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_change_renders_again_and_a_broken_plan_keeps_the_report() {
    let folder = folder();
    let plan = folder.join("plan.kdl");
    let out = folder.join("reports");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("plans/starter.kdl")).unwrap();
    std::fs::write(&plan, &text).unwrap();

    let watching = Watching::start(&plan, &out);
    watching.until("watching");
    let first = std::fs::read_to_string(out.join("budget.md")).unwrap();

    std::fs::write(&plan, text.replacen("seed ", "seed 9", 1)).unwrap();
    watching.until("watching");
    let second = std::fs::read_to_string(out.join("budget.md")).unwrap();
    assert_ne!(first, second, "another seed, another report");

    std::fs::write(&plan, text.replacen("currency", "curency", 1)).unwrap();
    watching.until("the last good report is kept");
    assert_eq!(second, std::fs::read_to_string(out.join("budget.md")).unwrap());
}
