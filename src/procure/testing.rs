//! Cases with known answers, where they are at hand.

/// The cases of a kind in the shared `procure.json`; `None` where the folder is not there.
#[expect(clippy::disallowed_methods, reason = "a test may look for its data")]
pub(crate) fn cases(kind: &str) -> Option<Vec<serde_json::Value>> {
    let folder = std::env::var("CAPPLAN_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
    let text = std::fs::read_to_string(format!("{folder}/cases/procure.json")).ok()?;
    let all: serde_json::Value = serde_json::from_str(&text).unwrap();
    let cases = all["cases"].as_array().unwrap().iter();
    Some(cases.filter(|case| case["kind"] == kind).cloned().collect())
}
