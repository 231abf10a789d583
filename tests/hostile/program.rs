//! Runs the program in a folder, and tells in which form it answers.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A plan's folder, before a change and after it.
pub struct Case {
    pub root: PathBuf,
    pub before: String,
    pub after: String,
}

pub fn root(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hostile").join(name);
    let _ = std::fs::remove_dir_all(&root);
    std::fs::create_dir_all(&root).unwrap();
    root
}

/// Runs a command; its exit code, what it wrote, what it said.
pub fn run(case: &Case, words: &[&str]) -> (Option<i32>, String, String) {
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

/// What a command wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Text,
    Html,
    Markdown,
    Csv,
    Json,
    Ics,
    Github,
    Yaml,
}

pub fn form_of(name: &str) -> Option<Form> {
    match name.rsplit('.').next()? {
        "html" => Some(Form::Html),
        "md" => Some(Form::Markdown),
        "csv" => Some(Form::Csv),
        "json" => Some(Form::Json),
        "ics" => Some(Form::Ics),
        _ => None,
    }
}
