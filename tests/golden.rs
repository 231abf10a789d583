//! Every plan in `plans/` has a golden report in `snapshots/`, rendered with 200 draws and a fixed
//! provenance, so that a commit does not change it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and reads files"
)]

use std::path::Path;

use capplan::history;
use capplan::language;
use capplan::pipeline;
use capplan::report::{self, BudgetView, Provenance};

const DRAWS: usize = 200;

/// The report of a plan, as from a folder outside git.
fn view(path: &str) -> BudgetView {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let checked = language::read(&root.join(path)).unwrap();
    let mut plan = checked.plan.expect("shipped plans are right");
    plan.base.draws = plan.base.draws.with_count(DRAWS);
    for scenario in &mut plan.scenarios {
        scenario.plan.draws = scenario.plan.draws.with_count(DRAWS);
    }
    let usages = history::read_all(&plan.plans(), &checked.folder).unwrap();
    let as_of = plan.base.as_of.expect("shipped plans state their as-of");
    let outcomes = pipeline::run_all(&plan, &usages, as_of);
    let provenance = Provenance {
        as_of,
        revision: None,
        seed: plan.base.draws.seed(),
        draws: DRAWS,
        version: "0.1.0",
        digests: Vec::new(),
        command: format!("capplan report {path}"),
    };
    report::view(&plan, &outcomes, provenance)
}

fn golden(name: &str, path: &str) {
    let view = view(path);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        insta::assert_snapshot!(format!("{name}.md"), report::markdown::render(&view));
        insta::assert_snapshot!(format!("{name}.html"), report::html::render(&view));
    });
}

#[test]
fn the_starter_plan_reports_as_it_did() {
    golden("starter", "plans/starter.kdl");
}

#[test]
fn the_acme_plan_reports_as_it_did() {
    golden("acme", "plans/acme");
}

#[test]
fn the_same_bytes_come_out_for_any_number_of_threads() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| report::json::render(&view("plans/acme")))
    };
    let one = on(1);
    assert!(one == on(2), "two threads");
    assert!(one == on(5), "five threads");
}
