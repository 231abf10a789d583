//! Cases with known answers and real input, where they are at hand.

/// The cases of a kind in the shared `procure.json`; `None` where the folder is not there.
pub(crate) fn cases(kind: &str) -> Option<Vec<serde_json::Value>> {
    let all: serde_json::Value = serde_json::from_str(&read("cases/procure.json")?).unwrap();
    let cases = all["cases"].as_array().unwrap().iter();
    Some(cases.filter(|case| case["kind"] == kind).cloned().collect())
}

/// A file of real data; `None` where the folder is not there.
pub(crate) fn data(file: &str) -> Option<String> {
    read(&format!("data/{file}"))
}

#[expect(clippy::disallowed_methods, reason = "a test may look for its data")]
fn read(file: &str) -> Option<String> {
    let folder = std::env::var("CAPPLAN_SHARED")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../shared").into());
    std::fs::read_to_string(format!("{folder}/{file}")).ok()
}
