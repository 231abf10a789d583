//! What the documents show is true: every KDL block parses.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and reads files"
)]

use std::path::{Path, PathBuf};

use capplan::diagnostic::render;
use capplan::language::{self, parse, scan};
use capplan::report::{self, Provenance};
use capplan::source::FileId;
use capplan::{history, pipeline};

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

/// The README's plan, and what `capplan` says of it once `edit` was made.
fn readme_plan(name: &str, edit: impl Fn(&str) -> String) -> (String, language::Checked) {
    let readme =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let block = blocks(&readme).into_iter().find(|block| block.starts_with("plan ")).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("plan.kdl"), edit(&block)).unwrap();
    (readme, language::read(&folder).unwrap())
}

#[test]
fn the_readme_shows_the_report_of_its_plan() {
    let (readme, checked) = readme_plan("right", str::to_owned);
    let plan = checked.plan.unwrap();
    let as_of = plan.base.as_of.unwrap();
    let outcomes = pipeline::run_all(&plan, &[history::Usage::default()], as_of);
    let provenance = Provenance {
        as_of,
        revision: None,
        seed: plan.base.draws.seed(),
        draws: plan.base.draws.count(),
        version: "0",
        digests: Vec::new(),
        command: String::new(),
    };
    let report = report::markdown::render(&report::view(&plan, &outcomes, provenance));
    let excerpt: Vec<&str> = readme
        .lines()
        .skip_while(|line| !line.starts_with("> The 12 months"))
        .take_while(|line| line.starts_with(['>', '|']) || line.is_empty())
        .map(|line| line.trim_start_matches("> "))
        .filter(|line| !line.is_empty())
        .collect();
    assert!(excerpt.len() > 8, "{excerpt:?}");
    for line in excerpt {
        assert!(report.lines().any(|own| own == line), "not in the report: {line}");
    }
}

#[test]
fn the_readme_shows_the_error_of_its_plan() {
    let (readme, checked) =
        readme_plan("wrong", |plan| plan.replace("    pool \"gpu\"\n", "    pool \"gpus\"\n"));
    let said = render::human(&checked.diagnostics, &checked.sources, render::Color::Never, 100);
    assert!(readme.contains(said.trim()), "{said}");
}
