//! What the documents show is true: every KDL block parses.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and reads files"
)]

use std::path::{Path, PathBuf};

use capplan::language::{parse, scan};
use capplan::source::FileId;

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![root.join("README.md"), root.join("ARCHITECTURE.md")];
    for entry in std::fs::read_dir(root.join("docs")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The fenced `kdl` blocks of a Markdown text.
fn blocks(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Option<String> = None;
    for line in text.lines() {
        match (&mut open, line.trim_end()) {
            (None, "```kdl") => open = Some(String::new()),
            (Some(_), "```") => found.extend(open.take()),
            (Some(block), line) => {
                block.push_str(line);
                block.push('\n');
            }
            (None, _) => {}
        }
    }
    found
}

fn parses(block: &str) -> Result<(), String> {
    let scanned = scan::scan(block.as_bytes(), FileId(0)).map_err(|found| format!("{found:?}"))?;
    parse::parse(&scanned, FileId(0)).map(drop).map_err(|found| format!("{found:?}"))
}

#[test]
fn every_kdl_block_in_the_documents_parses() {
    let mut seen = 0;
    for path in documents() {
        for block in blocks(&std::fs::read_to_string(&path).unwrap()) {
            seen += 1;
            if let Err(found) = parses(&block) {
                panic!("{}: {found}\n{block}", path.display());
            }
        }
    }
    assert!(seen > 5, "the documents show plans; only {seen} blocks found");
}

#[test]
fn every_right_example_on_an_error_page_parses() {
    for code in capplan::diagnostic::codes::all() {
        for block in blocks(code.page) {
            if let Err(found) = parses(&block) {
                panic!("{}: {found}\n{block}", code.id);
            }
        }
    }
}
