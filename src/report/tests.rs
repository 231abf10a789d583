//! What holds for a whole report, in every rendering.

use super::fixture::{Words, report};
use super::{html, json, markdown};

#[test]
#[ignore = "writes files to look at"]
fn write_samples() {
    let view = report(&Words::default());
    let write = |name: &str, text: String| {
        use std::io::Write as _;
        std::fs::File::create(format!("/tmp/sample/{name}"))
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
    };
    write("report.html", html::render(&view));
    write("report.md", markdown::render(&view));
    write("report.json", json::render(&view));
}

#[test]
#[ignore = "prints what to look at"]
fn print_samples() {
    use super::terminal::*;
    let view = report(&Words::default());
    println!("{}\n", verdict_text(&view, 80));
    println!("{}", forecast_table(&view, 100, Color::Plain));
    println!("{}", forecast_table(&view, 80, Color::Plain));
    println!("{}", gates_table(&view, 120, Color::Plain));
    println!("{}", budgets_table(&view, 120, Color::Plain));
    println!("{}", need_chart(&view, "gpu-serving", 80, Color::Plain).unwrap());
    println!("{}", cost_chart(&view, 80, Color::Plain));
}
