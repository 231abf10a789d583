//! Every error code has a plan in `tests/broken/CODE/` with exactly that mistake, and its message is
//! kept in `snapshots/broken/`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and reads files"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use capplan::calendar::parse_date;
use capplan::diagnostic::render::{self, Color};
use capplan::diagnostic::{Diagnostic, codes};
use capplan::history;
use capplan::import::{Input, import};
use capplan::language::{self, load};
use capplan::pipeline;
use capplan::report::set::{self, Kind, Source, Unmade};
use capplan::report::template::{self, Broken};
use capplan::report::{self, Provenance};
use capplan::source::Sources;

/// What is said of another error, and that error.
const CAUSES: [(&str, &str); 1] = [("held_back", "unclosed_string")];

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut found: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

fn id(folder: &Path) -> String {
    folder.file_name().unwrap().to_string_lossy().into_owned()
}

/// The folder to check: as it lies there, or made now where it is too large to keep, or no one could keep it.
fn made(folder: &Path) -> PathBuf {
    let id = id(folder);
    let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("broken").join(&id);
    let plan = "plan \"broken\" { version 1; as-of \"2026-11-23\"; horizon from=\"2027-02\" months=3; currency USD; }\n";
    let fresh = |plan: &str| {
        let _ = std::fs::remove_dir_all(&made);
        std::fs::create_dir_all(made.join("teams")).unwrap();
        std::fs::write(made.join("plan.kdl"), plan).unwrap();
    };
    match id.as_str() {
        "file_too_large" => {
            let comment = "// a comment of forty characters a line..\n";
            fresh(&format!("{plan}{}", comment.repeat(1_000_000 / comment.len() + 1)));
        }
        "too_many_files" => {
            fresh(&format!("{plan}include \"teams/*.kdl\"\n"));
            for number in 0..2001 {
                std::fs::write(made.join(format!("teams/{number:04}.kdl")), "").unwrap();
            }
        }
        "template_too_large" => {
            fresh(plan);
            let line = "what a report shows comes from the plan\n";
            std::fs::create_dir_all(made.join("templates/prose")).unwrap();
            let text = line.repeat(1_000_000 / line.len() + 1);
            std::fs::write(made.join("templates/prose/gates.md.hbs"), text).unwrap();
        }
        // A socket with a file's name: no one may read it, whoever runs the test.
        #[cfg(unix)]
        "unreadable_file" => {
            fresh(&format!("{plan}include \"teams.kdl\"\n"));
            std::os::unix::net::UnixListener::bind(made.join("teams.kdl")).unwrap();
        }
        _ => return folder.to_owned(),
    }
    made
}

/// What `capplan import kubernetes` says of the manifests of a folder, where it holds some.
fn imported(folder: &Path) -> Option<(Vec<Diagnostic>, Sources)> {
    let text = std::fs::read_to_string(folder.join("manifests.yaml")).ok()?;
    let input = Input { name: "manifests.yaml".into(), text };
    Some(match import(&[input], None) {
        Ok(imported) => (imported.diagnostics, imported.sources),
        Err(rejected) => (rejected.diagnostics, rejected.sources),
    })
}

/// Everything `capplan check` would say of a folder, gates included; of one with templates, what is wrong
/// with those.
fn said(folder: &Path) -> (Vec<Diagnostic>, Sources) {
    let folder = made(folder);
    let mut checked = language::read(&folder).unwrap();
    let mut found = checked.diagnostics.clone();
    if folder.join("templates").is_dir() {
        assert!(!found.iter().any(Diagnostic::is_error), "{}: {found:?}", folder.display());
        return of_templates(&folder);
    }
    if let Some(plan) = checked.plan.take() {
        let as_of = plan.base.as_of.unwrap_or_else(|| parse_date("2026-11-23").unwrap());
        match history::read(&plan.base, &checked.folder) {
            Err(error) => found.extend(error.diagnostics()),
            Ok(usage) => {
                let outcome = pipeline::run(&plan.base, &usage, as_of);
                found.extend(capplan::cost::findings::diagnostics(&plan.base, &outcome));
            }
        }
    }
    (found, checked.sources)
}

/// What `capplan template check` says of a folder, and `capplan report` where that finds nothing.
fn of_templates(folder: &Path) -> (Vec<Diagnostic>, Sources) {
    let files = load::templates(folder);
    let looked = template::check(&files.sources);
    let mut found = files.diagnostics;
    found.extend(looked.diagnostics);
    if let (true, Some(templates)) = (found.is_empty(), &looked.templates) {
        let plan = language::read(folder).unwrap().plan.unwrap();
        let as_of = plan.base.as_of.unwrap();
        let usages = history::read_all(&plan.plans(), folder).unwrap();
        let outcomes = pipeline::run_all(&plan, &usages, as_of);
        let provenance = Provenance {
            as_of,
            revision: None,
            seed: plan.base.draws.seed(),
            draws: plan.base.draws.count(),
            version: "0.1.0",
            digests: Vec::new(),
            command: "capplan report".to_owned(),
        };
        let view = report::view(&plan, &outcomes, provenance);
        let from = Source { plan: &plan, outcomes: &outcomes, view: &view, templates, since: None };
        if let Err(Unmade::Template(Broken(failed))) = set::files(&Kind::Finance, from) {
            found.push(*failed);
        }
    }
    (found, looked.sources)
}

#[test]
fn every_broken_plan_shows_its_message() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots/broken");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut wrong = Vec::new();
    for folder in folders() {
        let (found, sources) = imported(&folder).unwrap_or_else(|| said(&folder));
        let id = id(&folder);
        if !found.iter().any(|diagnostic| diagnostic.code.id == id) {
            let ids: Vec<_> = found.iter().map(|d| d.code.id).collect();
            wrong.push(format!("{id} is not among {ids:?}"));
        }
        let cause = CAUSES.iter().find(|(of, _)| *of == id).map_or("", |(_, cause)| cause);
        let other: Vec<_> = found
            .iter()
            .filter(|d| d.is_error() && d.code.id != id && d.code.id != cause)
            .map(|d| d.code.id)
            .collect();
        if !other.is_empty() {
            wrong.push(format!("{id}: one mistake is one error, but also {other:?}"));
        }
        let text = render::human(&found, &sources, Color::Never, 100);
        settings.bind(|| insta::assert_snapshot!(id, text));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_broken_plan() {
    let shown: BTreeSet<String> = folders().iter().map(|folder| id(folder)).collect();
    let missing: Vec<&str> =
        codes::all().into_iter().map(|code| code.id).filter(|id| !shown.contains(*id)).collect();
    assert!(missing.is_empty(), "no tests/broken folder for {missing:?}");
    let known: BTreeSet<&str> = codes::all().into_iter().map(|code| code.id).collect();
    let stale: Vec<&String> = shown.iter().filter(|id| !known.contains(id.as_str())).collect();
    assert!(stale.is_empty(), "tests/broken has folders of no code: {stale:?}");
}

#[test]
fn every_code_explains_itself() {
    for code in codes::all() {
        assert!(code.page.len() > 60, "{} needs a page", code.id);
        assert!(!code.title.ends_with('.'), "{}: a title has no full stop", code.id);
        assert!(
            code.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'),
            "{}",
            code.id
        );
    }
}
