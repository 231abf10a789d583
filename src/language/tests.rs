//! The language as a whole: examples, broken plans, laws.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::*;
use crate::diagnostic::Severity;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// What was found, as a line each: place, code, message, help.
fn shown(checked: &Checked) -> String {
    let mut text = String::new();
    for diagnostic in &checked.diagnostics {
        let place = diagnostic
            .label
            .as_ref()
            .map_or(String::new(), |label| checked.sources.place(label.span));
        let label = diagnostic.label.as_ref().map_or("", |label| &label.text);
        let help = diagnostic.help.as_deref().unwrap_or("");
        let _ = writeln!(
            text,
            "{place}: {:?} {}: {} [{label}] ({help})",
            diagnostic.code.severity, diagnostic.code.id, diagnostic.message
        );
    }
    text
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(of) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_code_has_a_broken_plan_that_shows_it_and_no_other_error() {
    let mut wrong = String::new();
    // What nothing of the language declares has no kind of its own.
    for code in codes().into_iter().filter(|code| code.id != "unknown_name") {
        let folder = root().join("tests/broken").join(code.id);
        let Ok(checked) = read(&folder) else {
            let _ = writeln!(wrong, "{}: no broken plan", code.id);
            continue;
        };
        let found = checked.diagnostics.iter().any(|d| d.code.id == code.id);
        let other = checked
            .diagnostics
            .iter()
            .any(|d| d.code.id != code.id && d.code.severity == Severity::Error);
        // Errors are held back only where there is another.
        let other = other && code.id != "held_back";
        let errors = checked.diagnostics.iter().filter(|d| d.is_error()).count();
        if !found || other || errors > 1 {
            let _ = writeln!(wrong, "{}:\n{}", code.id, shown(&checked));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_example_plan_checks_without_error() {
    for folder in folders(&root().join("plans/examples")) {
        let checked = read(&folder).unwrap();
        assert!(checked.plan.is_some(), "{}\n{}", folder.display(), shown(&checked));
    }
}

/// The errors and warnings of a plan that is right but for `more`, with their codes.
#[expect(clippy::disallowed_methods, reason = "a test may write its plan")]
fn found(name: &str, more: &str) -> Vec<&'static str> {
    let folder = std::env::temp_dir().join(format!("capplan-odd-{}-{name}", std::process::id()));
    let text = format!(
        r#"plan "p" {{ version 1; as-of "2026-11-23"; horizon from="2027-01" months=3; currency USD; }}
team "a"
provider "aws" {{
    region "us-east-1"
    instance "m" {{ cpu "4 core"; memory "16 GiB"; price on-demand "0.2 USD/hour" as-of="2026-11-01" source="list"; }}
}}
pool "web" {{ instance "m" region="us-east-1"; }}
workload "site" {{ kind inference; team "a"; pool "web"; demand "50 req/s"; capacity "9 req/s" per=node; }}
{more}
"#
    );
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("plan.kdl"), text).unwrap();
    let checked = read(&folder.join("plan.kdl")).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let serious = checked.diagnostics.iter().filter(|one| one.code.severity != Severity::Note);
    serious.map(|one| one.code.id).collect()
}

#[test]
fn a_discount_says_what_it_takes_off_and_says_it_once() {
    let plan = |name: &str, said: &str| {
        found(
            name,
            &format!("provider \"x\" {{ savings-plan \"s\" {{ term \"12 months\"; {said} }}; }}"),
        )
    };
    assert!(plan("right", "discount \"20%\";").is_empty());
    assert_eq!(plan("none", ""), ["missing_setting"]);
    assert_eq!(plan("twice", "discount \"20%\"; discount \"30%\";"), ["conflicting_settings"]);
    assert_eq!(plan("nothing", "discount \"0%\";"), ["odd_discount"]);
    assert_eq!(
        plan("foreign", "discount \"20%\" { instance \"m\"; };"),
        ["type_of_another_provider"]
    );
    let negotiated = "provider \"x\" { negotiated \"7%\" off=spot; negotiated \"9%\" off=spot; }";
    assert_eq!(found("negotiated", negotiated), ["duplicate_setting"]);
    let over = "provider \"x\" { credit \"c\" { amount \"5 USD\"; period from=\"2025-01\" until=\"2025-12\"; }; }";
    assert_eq!(found("over", over), ["discount_ended"]);
}

#[test]
fn one_mistake_is_one_error() {
    let workload = |of: &str| {
        format!("workload \"w\" {{ kind inference; team \"a\"; demand \"5 req/s\"; {of} }}")
    };
    let pool = "pool \"nope\"; needs per=\"req/s\" { cpu \"1 core\"; memory \"1 GiB\"; };";
    for (name, more, code) in [
        ("plans", "plan \"q\" { version 1; horizon from=\"2027-01\" months=3; currency USD; }".to_owned(), "duplicate_name"),
        ("template", "workload \"w\" { use \"t\"; }".to_owned(), "unknown_template"),
        ("pool", workload(pool), "unknown_pool"),
        ("unit", workload("pool \"web\"; capacity \"2 req/s\" per=node; reports cost-per=\"1 jobb\";"), "unknown_unit"),
        ("period", "budget \"b\" { amount \"5 USD\"; period from=\"2027-01\" until=\"2027-02\"; }".to_owned(), "unknown_property"),
        ("price", "provider \"x\" { region \"r\"; instance \"i\" { cpu \"4 core\"; memory \"8 GiB\"; price on-demand \"-1 USD/hour\"; }; }\npool \"p\" { instance \"i\" region=\"r\"; }".to_owned(), "out_of_range"),
    ] {
        let errors = found(name, &more);
        let errors: Vec<&str> = errors.into_iter().filter(|code| *code != "unused_pool").collect();
        assert_eq!(errors, [code], "{name}");
    }
}

#[test]
fn what_a_kind_does_not_use_is_an_error() {
    for (name, more) in [
        (
            "redundancy",
            "workload \"w\" { kind batch; team \"a\"; pool \"web\"; redundancy { spare 2; }; run \"r\" every=\"1 day\" { work \"4 core-hour\"; finish-within \"5 hours\"; }; }",
        ),
        (
            "checkpoint",
            "workload \"w\" { kind inference; team \"a\"; pool \"web\"; checkpoint { every \"1 hour\"; takes \"1 minute\"; }; demand \"5 req/s\"; capacity \"2 req/s\" per=node; }",
        ),
    ] {
        assert_eq!(found(name, more), ["not_of_kind"], "{name}");
    }
}

#[test]
fn nothing_shrinks_by_more_than_all_of_it() {
    let grows = |name: &str, rate: &str| {
        let growth = format!("growth compound \"{rate}\"");
        found(
            name,
            &format!(
                "workload \"w\" {{ kind inference; team \"a\"; pool \"web\"; demand \"5 req/s\" {{ {growth}; }}; capacity \"2 req/s\" per=node; }}"
            ),
        )
    };
    assert!(grows("half", "-50%/month").is_empty());
    assert_eq!(grows("more", "-150% to 5% / month"), ["out_of_range"]);
}

#[test]
fn a_plan_says_once_how_purchases_are_planned() {
    assert!(found("once", "procurement { plan-for p50; }").is_empty());
    let twice = "procurement { plan-for p50; }\nprocurement { plan-for p95; }";
    assert_eq!(found("twice-procurement", twice), ["duplicate_setting"]);
}

#[test]
fn a_word_that_stands_once_is_changed_by_a_scenario() {
    let scenario = |word: &str| {
        let edit = format!("change procurement {{ change plan-for {word}; }}");
        format!("procurement {{ plan-for p50; }}\nscenario \"s\" {{ title \"t\"; {edit} }}")
    };
    assert!(found("other-word", &scenario("p95")).is_empty());
    assert_eq!(found("same-word", &scenario("p50")), ["changes_nothing"]);
}

#[test]
fn a_time_of_writing_off_that_is_wrong_is_one_error() {
    let owned = |depreciate: &str| {
        format!(
            "owned \"o\" {{ cpu \"8 core\"; memory \"64 GiB\"; {depreciate} lot \"a\" {{ nodes 2; purchase \"10k USD\" per=node; \
             in-service \"2026-05-01\"; }}; }}
pool \"own\" {{ owned \"o\"; buy owned; }}
procurement {{ plan-for p50; }}
workload \"w\" {{ kind inference; team \"a\"; pool \"own\"; demand \"5 req/s\"; capacity \"2 req/s\" per=node; }}"
        )
    };
    assert_eq!(found("unwritten", &owned("")), ["never_written_off"]);
    assert!(found("written", &owned("depreciate \"48 months\";")).is_empty());
    let wrong = found("half-written", &owned("depreciate \"48 months\" convention=fullmonth;"));
    assert!(wrong.len() == 1 && wrong[0] != "never_written_off", "{wrong:?}");
}

#[test]
fn spot_is_said_only_where_it_is_used() {
    let pool = |name: &str, said: &str| {
        let found =
            found(name, &format!("pool \"q\" {{ instance \"m\" region=\"us-east-1\"; {said} }}"));
        found.into_iter().filter(|code| *code != "unused_pool").collect::<Vec<_>>()
    };
    assert_eq!(pool("unpriced", "spot { share \"50%\"; };"), ["spot_unused"]);
    assert_eq!(pool("left-out", "buy on-demand; spot { share \"50%\"; };"), ["spot_unused"]);
    for word in ["none", "wait"] {
        let found = pool(word, &format!("spot {{ fallback {word} after=\"1 hour\"; }};"));
        assert!(found.contains(&"fallback_after"), "{word}: {found:?}");
    }
    assert!(
        !pool("takes-over", "spot { fallback on-demand after=\"1 hour\"; };")
            .contains(&"fallback_after")
    );
}

#[test]
fn an_uncertain_interruption_stays_a_chance() {
    // The 95th percentile is 20% a day: no future has one of 100%, in which nothing ever got done.
    let pool = |name: &str, price: &str, buys: &str| {
        let spot = format!(
            "provider \"x\" {{ region \"r\"; instance \"i\" {{ cpu \"4 core\"; memory \"8 GiB\"; \
             price on-demand \"0.2 USD/hour\" as-of=\"2026-11-01\" source=\"list\"; \
             price spot \"{price} USD/hour\" as-of=\"2026-11-01\" source=\"list\" {{ interruption \"1% to 20%/day\"; }}; }}; }}
pool \"q\" {{ instance \"i\" region=\"r\"; {buys} spot {{ restart \"30 minutes\"; fallback wait; }}; }}
workload \"w\" {{ kind inference; interruptible #true; team \"a\"; pool \"q\"; demand \"5 req/s\"; capacity \"2 req/s\" per=node; }}"
        );
        found(name, &spot)
    };
    assert!(pool("cheap", "0.08", "").is_empty());
    assert_eq!(pool("dear", "0.1999", ""), ["spot_does_not_pay"]);
    // Where nothing may be bought on demand, spot is all there is.
    assert!(pool("alone", "0.1999", "buy spot;").is_empty());
}
