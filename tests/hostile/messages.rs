//! What messages quote of a wrong plan.

use capplan::diagnostic::render::{self, Color};
use capplan::diagnostic::{github, json, sarif};
use capplan::language;
use proptest::prelude::*;
use serde_json::Value;

use crate::forms::visible;
use crate::program::root;
use crate::texts::{HOSTILE, quoted};

/// Pieces of hostile text, in any order.
fn pieces() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        3 => prop::sample::select(HOSTILE.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
        1 => "[\\x00-\\x1f\\u{7f}-\\u{9f}\\u{200b}-\\u{200f}\\u{202a}-\\u{202e}\\u{2066}-\\u{2069}]{0,3}",
    ];
    prop::collection::vec(part, 1..4).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever a message quotes of a wrong plan, it stays inside of it.
    #[test]
    fn messages_show_text_as_text(text in pieces(), at in 0_usize..4) {
        let folder = root("messages");
        let wrong = |text: &str| {
            let text = quoted(text);
            match at {
                0 => format!("team {text}\n"),
                1 => format!("team \"a\" {{ department {text}; }}\n"),
                2 => format!("let \"a\" {text}\n"),
                _ => format!("pool \"a\" {{ kind {text}; }}\n"),
            }
        };
        let head = "plan \"p\" { version 1; as-of \"2026-11-23\"; horizon from=\"2027-02\" months=3; currency USD; }\n";
        let found = |text: &str| {
            std::fs::write(folder.join("plan.kdl"), format!("{head}{}", wrong(text))).unwrap();
            let checked = language::read(&folder).unwrap();
            (checked.diagnostics, checked.sources)
        };
        let (diagnostics, sources) = found(&text);
        let human = render::human(&diagnostics, &sources, Color::Never, 100);
        prop_assert!(visible(&human).is_ok(), "{:?}", visible(&human));
        let annotations = github::github(&diagnostics, &sources, "plans/a");
        prop_assert!(visible(&annotations).is_ok(), "{:?}", visible(&annotations));
        prop_assert_eq!(annotations.lines().count(), diagnostics.len());
        for line in annotations.split('\n').filter(|line| !line.is_empty()) {
            let known = ["::error ", "::warning ", "::notice "].iter().any(|head| line.starts_with(head));
            prop_assert!(known, "{line:?}");
        }
        let json: Value = serde_json::from_str(&json::json(&diagnostics, &sources)).unwrap();
        prop_assert!(json.is_object() || json.is_array());
        let sarif: Value = serde_json::from_str(&sarif::sarif(&diagnostics, &sources, "plans/a")).unwrap();
        prop_assert!(sarif["runs"].is_array());
    }
}
