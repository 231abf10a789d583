//! Diagnostics as SARIF 2.1.0, which code scanning services take.
//!
//! # Source
//! OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".

use serde_json::{Value, json};

use super::github::in_folder;
use super::place::{Place, sorted};
use super::{Code, Diagnostic, Edit, Label, Severity, codes};
use crate::source::{Sources, Span};

/// One SARIF log. `folder` is the plan's folder as seen from the root of the repository, empty for
/// the root itself.
#[must_use]
pub fn sarif(diagnostics: &[Diagnostic], sources: &Sources, folder: &str) -> String {
    let log = Log { sources, folder, rules: rules(diagnostics) };
    let results: Vec<Value> = sorted(diagnostics).into_iter().map(|d| log.result(d)).collect();
    let report = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "capplan",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": log.rules.iter().map(|code| rule(code)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{report:#}\n")
}

/// Every code there is, and those in use, by id.
fn rules(diagnostics: &[Diagnostic]) -> Vec<&'static Code> {
    let mut rules = codes::all();
    rules.extend(diagnostics.iter().map(|diagnostic| diagnostic.code));
    rules.sort_by_key(|code| code.id);
    rules.dedup_by_key(|code| code.id);
    rules
}

fn rule(code: &Code) -> Value {
    json!({
        "id": rule_id(code),
        "name": code.id,
        "shortDescription": { "text": code.title },
        "help": { "text": code.page, "markdown": code.page },
        "defaultConfiguration": { "level": code.severity.word() },
        "properties": { "tags": [code.family.word()] },
    })
}

fn rule_id(code: &Code) -> String {
    format!("capplan::{}", code.id)
}

struct Log<'a> {
    sources: &'a Sources,
    folder: &'a str,
    rules: Vec<&'static Code>,
}

impl Log<'_> {
    fn result(&self, diagnostic: &Diagnostic) -> Value {
        let code = diagnostic.code;
        let help = diagnostic.help.as_ref().map(|help| format!("\nhelp: {help}"));
        let text = format!("{}{}", diagnostic.message, help.unwrap_or_default());
        let mut result = json!({
            "ruleId": rule_id(code),
            "ruleIndex": self.rules.iter().position(|rule| rule.id == code.id),
            "level": level(code.severity),
            "message": { "text": text },
            "locations": diagnostic.label.iter().map(|l| self.location(l)).collect::<Vec<_>>(),
        });
        if !diagnostic.others.is_empty() {
            let others = diagnostic.others.iter().enumerate().map(|(index, label)| {
                let mut location = self.location(label);
                location["id"] = json!(index);
                location
            });
            result["relatedLocations"] = others.collect();
        }
        if let Some(fix) = &diagnostic.fix {
            result["fixes"] = json!([self.fix(fix, diagnostic)]);
        }
        result
    }

    fn location(&self, label: &Label) -> Value {
        json!({
            "physicalLocation": {
                "artifactLocation": { "uri": self.uri(label.span) },
                "region": self.region(label.span),
            },
            "message": { "text": label.text },
        })
    }

    fn fix(&self, fix: &Edit, diagnostic: &Diagnostic) -> Value {
        let description = diagnostic.help.as_deref().unwrap_or(&diagnostic.message);
        json!({
            "description": { "text": description },
            "artifactChanges": [{
                "artifactLocation": { "uri": self.uri(fix.span) },
                "replacements": [{
                    "deletedRegion": self.region(fix.span),
                    "insertedContent": { "text": fix.text },
                }],
            }],
        })
    }

    fn region(&self, span: Span) -> Value {
        let place = Place::of(span, self.sources);
        json!({
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        })
    }

    /// The file as a relative reference: what RFC 3986 does not allow in a path is escaped.
    fn uri(&self, span: Span) -> String {
        let path = in_folder(self.folder, &self.sources.file(span.file).path);
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/!$&'()*+,;=@".contains(&byte);
        let escaped = path.bytes().map(|byte| {
            if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
        });
        escaped.collect()
    }
}

fn level(severity: Severity) -> &'static str {
    // The words of SARIF are our own.
    severity.word()
}

#[cfg(test)]
mod tests {
    use super::super::place::example;
    use super::*;

    #[test]
    fn a_result_has_its_place_its_rule_and_its_fix() {
        let log = sarif(&example::diagnostics(), &example::sources(), "plans/é x");
        let log: Value = serde_json::from_str(&log).unwrap();
        let run = &log["runs"][0];
        let result = &run["results"][0];
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], "capplan::unknown_thing");
        insta::assert_snapshot!(format!("{:#}", run["results"]));
    }
}
