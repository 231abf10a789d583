//! What holds for a whole report, in every rendering.

use super::fixture::{Words, report};
use super::{html, json, markdown};

#[test]
#[ignore = "writes files to look at"]
fn write_samples() {
    let view = report(&Words::default());
    let write = |name: &str, text: String| {
        use std::io::Write as _;
        std::fs::File::create(format!("/tmp/sample/{name}")).unwrap().write_all(text.as_bytes()).unwrap();
    };
    write("report.html", html::render(&view));
    write("report.md", markdown::render(&view));
    write("report.json", json::render(&view));
}
