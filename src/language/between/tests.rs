use super::*;
use crate::language::{self, load};

/// A plan of one pool and some workloads, with more text at its end.
#[expect(clippy::disallowed_methods, reason = "a test may write its plan")]
fn loaded(name: &str, workloads: &str) -> Loaded {
    let folder =
        std::env::temp_dir().join(format!("capplan-between-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let text = format!(
        r#"plan "p" {{ version 1; as-of "2026-11-23"; horizon from="2027-01" months=3; currency USD; }}
team "a"
provider "aws" {{
    region "us-east-1"
    instance "m" {{ cpu "4 core"; memory "16 GiB"; price on-demand "0.2 USD/hour" as-of="2026-11-01" source="list"; }}
}}
pool "web" {{ instance "m" region="us-east-1"; limit on-demand 12; }}
let g "2% to 5% / month"
template "t" {{ kind inference; team "a"; replica {{ cpu "1 core"; memory "1 GiB"; serves "10 req/s"; }}; }}
{workloads}
"#
    );
    let path = folder.join("plan.kdl");
    std::fs::write(&path, text).unwrap();
    let loaded = load::load(&path).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    loaded
}

const CHAT: &str =
    r#"workload "chat" { use "t"; pool "web"; demand "50 req/s" { growth compound (ref)g; }; }"#;

fn is_a_plan(loaded: Loaded) -> bool {
    let checked = language::check(loaded, &|stated| stated);
    if checked.plan.is_none() {
        eprintln!("{:#?}", checked.diagnostics);
    }
    checked.plan.is_some()
}

#[test]
fn the_same_plan_in_another_order_and_place_differs_nowhere() {
    let rank = CHAT.replace("chat", "rank");
    let before = loaded("same-a", &format!("{CHAT}\n{rank}"));
    let after = loaded("same-b", &format!("// moved\n\n{rank}\n{CHAT}"));
    let between = Between::new(&before, &after);
    assert_eq!(between.changes, []);
    assert_eq!(between.renames, []);
    assert!(between.causes().is_empty());
}

#[test]
fn each_setting_is_a_change_of_its_own_cause_at_its_own_line() {
    let before = loaded("cause-a", CHAT);
    let changed = CHAT.replace("50 req/s", "60 req/s").replace(
        "growth compound (ref)g;",
        "growth compound (ref)g; event \"launch\" at=\"2027-02-01\" { multiply 1.5; };",
    );
    let after = loaded("cause-b", &changed);
    let between = Between::new(&before, &after);
    assert_eq!(between.causes(), [Cause::Demand, Cause::Events]);
    let demand = &between.changes[0];
    assert_eq!(demand.place.path, ["workload", "demand"]);
    assert_eq!(between.sources.text(demand.place.before.unwrap()), "demand \"50 req/s\"");
    assert_eq!(between.sources.text(demand.place.after.unwrap()), "demand \"60 req/s\"");
    let event = &between.changes[1];
    assert_eq!((event.place.before, event.place.after.is_some()), (None, true));
}

#[test]
fn a_plan_between_has_the_changes_of_its_causes_and_no_others() {
    let before = loaded("with-a", CHAT);
    let after =
        loaded("with-b", &CHAT.replace("50 req/s", "60 req/s").replace("(ref)g", "\"9%/month\""));
    let between = Between::new(&before, &after);
    let with = between.with(&[Cause::Demand]);
    let workload = with.files[0].1.iter().find(|node| &*node.name.text == "workload").unwrap();
    let demand = workload.child("demand").unwrap();
    assert_eq!(demand.args[0].text(), Some("60 req/s"));
    assert_eq!(demand.child("growth").unwrap().args[1].text(), Some("g"));
    assert!(is_a_plan(with));
}

#[test]
fn a_shared_assumption_belongs_to_what_refers_to_it() {
    let before = loaded("let-a", CHAT);
    let mut after = loaded("let-b", CHAT);
    let g = after.files[0].1.iter_mut().find(|node| &*node.name.text == "let").unwrap();
    g.args[1].kind = crate::language::syntax::ValueKind::Quoted("3% to 6% / month".into());
    let between = Between::new(&before, &after);
    assert_eq!(between.causes(), [Cause::Growth]);
}

#[test]
fn a_change_of_a_template_is_one_line_for_all_that_use_it() {
    let rank = CHAT.replace("chat", "rank");
    let both = format!("{CHAT}\n{rank}");
    let before = loaded("template-a", &both);
    let mut after = loaded("template-b", &both);
    let template = after.files[0].1.iter_mut().find(|node| &*node.name.text == "template").unwrap();
    let replica = template.children.iter_mut().find(|node| &*node.name.text == "replica").unwrap();
    let serves = replica.children.iter_mut().find(|node| &*node.name.text == "serves").unwrap();
    serves.args[0].kind = crate::language::syntax::ValueKind::Quoted("20 req/s".into());
    let between = Between::new(&before, &after);
    assert_eq!(between.changes.len(), 1);
    assert_eq!(between.changes[0].also, 1);
    assert_eq!(between.changes[0].place.cause, Cause::Efficiency);
}

#[test]
fn what_a_new_workload_needs_comes_with_it() {
    let before = loaded("new-a", CHAT);
    let more = r#"pool "batch" { instance "m" region="us-east-1"; start on-demand 2; }
workload "rank" { use "t"; pool "batch"; demand "5 req/s"; }"#;
    let after = loaded("new-b", &format!("{CHAT}\n{more}"));
    let between = Between::new(&before, &after);
    assert_eq!(between.causes(), [Cause::Demand, Cause::Supply]);
    let with = between.with(&[Cause::Demand]);
    assert!(with.files[0].1.iter().any(|node| node.arg(0).and_then(Value::text) == Some("batch")));
    assert!(is_a_plan(with));
}

#[test]
fn what_something_still_needs_stays() {
    let more = r#"pool "batch" { instance "m" region="us-east-1"; }
workload "rank" { use "t"; pool "batch"; demand "5 req/s"; }"#;
    let before = loaded("gone-a", &format!("{CHAT}\n{more}"));
    let after = loaded(
        "gone-b",
        &format!(
            "{CHAT}\n{}",
            more.replace("pool \"batch\"; d", "pool \"web\"; d").lines().nth(1).unwrap()
        ),
    );
    let between = Between::new(&before, &after);
    // The pool goes with the workload that moves, and neither before.
    assert_eq!(between.causes(), [Cause::Supply]);
    assert!(is_a_plan(between.with(&[Cause::Demand])));
    assert!(is_a_plan(between.with(&[Cause::Supply])));
}

#[test]
fn a_workload_with_another_name_keeps_its_own_draws() {
    let before = loaded("name-a", CHAT);
    let after = loaded("name-b", &CHAT.replace("\"chat\"", "\"assistant\""));
    let between = Between::new(&before, &after);
    assert_eq!(between.changes, []);
    assert_eq!(between.renames.len(), 1);
    let rename = &between.renames[0];
    assert_eq!((rename.before.as_str(), rename.after.as_str()), ("chat", "assistant"));
    assert_eq!(between.name_after(&("workload".to_owned(), "chat".to_owned())), "assistant");
    let plan = |loaded| language::check(loaded, &|stated| stated).plan.unwrap().base;
    let name = |loaded| plan(loaded).workloads.items()[0].name.clone();
    assert_eq!(name(between.after()), "chat");
}

#[test]
fn a_provider_and_its_savings_plans_are_followed() {
    let with = |name: &str, of: &str, plan: &str| {
        let commitment = format!(
            r#"provider "{of}" {{ region "r"; savings-plan "{plan}" {{ term "12 months"; discount "20%"; }}; }}
commitment "c" {{ spend "9 USD/hour" savings-plan="{plan}"; period from="2027-01-01" until="2027-12-31"; }}"#
        );
        loaded(name, &format!("{CHAT}\n{commitment}"))
    };
    let before = with("offer-a", "two", "one-year");
    for (name, of, plan, expected) in [
        ("offer-b", "two", "1y", ("savings-plan", "one-year", "1y")),
        ("offer-c", "cloud", "one-year", ("provider", "two", "cloud")),
    ] {
        let between = Between::new(&before, &with(name, of, plan));
        assert_eq!(between.changes, []);
        let found: Vec<_> = between
            .renames
            .iter()
            .map(|rename| (rename.kind, rename.before.as_str(), rename.after.as_str()))
            .collect();
        assert_eq!(found, [expected]);
    }
}

#[test]
fn a_team_with_another_name_is_followed_where_its_workloads_say_so() {
    let before = loaded("team-a", CHAT);
    let mut after = loaded("team-b", CHAT);
    for node in &mut after.files[0].1 {
        node::rename(nodes::TOP, node, &|role, _, text| {
            let is_team = matches!(role, Role::Declares(Noun::Team) | Role::Refers(Noun::Team));
            (is_team && text == "a").then(|| "b".to_owned())
        });
    }
    let between = Between::new(&before, &after);
    assert_eq!(between.changes, []);
    assert_eq!(between.renames[0].kind, "team");
}

#[test]
fn two_things_that_could_be_meant_are_no_rename() {
    let rank = CHAT.replace("chat", "rank");
    let before = loaded("two-a", &format!("{CHAT}\n{rank}"));
    let after =
        loaded("two-b", &format!("{}\n{}", CHAT.replace("chat", "x"), rank.replace("rank", "y")));
    let between = Between::new(&before, &after);
    assert_eq!(between.renames, []);
    assert_eq!(between.changes.len(), 4);
}

#[test]
fn a_rename_into_the_pattern_of_a_policy_is_not_followed() {
    let policy = r#"policy "p" severity=error { require workload="ch*" metric=cost at-most="9 USD/month"; }"#;
    let before = loaded("glob-a", &format!("{CHAT}\n{policy}"));
    let after = loaded("glob-b", &format!("{}\n{policy}", CHAT.replace("chat", "rank")));
    assert_eq!(Between::new(&before, &after).renames, []);
}

#[test]
fn day_seed_draws_and_rates_are_those_of_the_plan_after() {
    let before = loaded("pin-a", CHAT);
    let mut after = loaded("pin-b", CHAT);
    let plan = after.files[0].1.iter_mut().find(|node| &*node.name.text == "plan").unwrap();
    let day = plan.children.iter_mut().find(|node| &*node.name.text == "as-of").unwrap();
    day.args[0].kind = crate::language::syntax::ValueKind::Quoted("2026-11-30".into());
    let between = Between::new(&before, &after);
    assert_eq!(between.changes, []);
    assert_eq!(between.pinned.len(), 1);
    let plan = language::check(between.before(), &|stated| stated).plan.unwrap().base;
    assert_eq!(plan.as_of.unwrap().to_string(), "2026-11-30");
}

#[test]
fn a_demand_is_known_by_what_it_is_forecast_from() {
    let (before, after) = (
        loaded("known-a", CHAT),
        loaded("known-b", &CHAT.replace("pool \"web\"; d", "pool \"web\"; interruptible #true; d")),
    );
    let between = Between::new(&before, &after);
    assert_eq!(demands(&between.before()), demands(&between.after()));
    let grown = loaded("known-c", &CHAT.replace("50 req", "51 req"));
    assert_ne!(demands(&between.before()), demands(&Between::new(&before, &grown).after()));
}

/// What a scenario changes stands where the scenario says it, in a plan of one file too.
#[test]
fn what_a_scenario_changes_is_shown_as_the_scenario_says_it() {
    let scenario = r#"scenario "launch" {
    let g "5% to 9% / month"
    change pool "web" { change limit on-demand 40; add limit reserved 3; }
    change workload "chat" { change demand "70 req/s" { growth compound "1% / month"; }; }
}"#;
    let plan = loaded("scenario", &format!("{CHAT}\n{scenario}"));
    let after = language::as_scenario(&plan, "launch").unwrap();
    let between = Between::new(&plan, &after);
    let said: Vec<[Option<&str>; 2]> = between
        .changes
        .iter()
        .map(|change| {
            let text = |span: Option<Span>| span.map(|span| between.sources.text(span));
            [text(change.place.before), text(change.place.after)]
        })
        .collect();
    let has = |before: Option<&str>, after: &str| {
        assert!(said.contains(&[before, Some(after)]), "{after}: {said:#?}");
    };
    has(Some("limit on-demand 12"), "limit on-demand 40");
    has(None, "limit reserved 3");
    has(Some("demand \"50 req/s\""), "demand \"70 req/s\"");
    has(Some("let g \"2% to 5% / month\""), "let g \"5% to 9% / month\"");
}
