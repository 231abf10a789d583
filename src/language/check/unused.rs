//! What is declared is used.

use std::collections::HashSet;

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::lower::Used;
use crate::language::names::Names;
use crate::language::nodes::Noun;
use crate::language::report::{Report, warning};
use crate::language::scenario::Declared;
use crate::language::syntax::{Node, Value};

pub(super) fn check(
    names: &Names<'_>,
    used: &Used<'_>,
    scenarios: &[Declared<'_>],
    report: &mut Report,
) {
    // What a scenario's own nodes use counts too.
    let mut in_scenarios: HashSet<(&str, &str)> = HashSet::new();
    for scenario in scenarios {
        collect(scenario.node, &mut in_scenarios);
    }
    let mut pools: HashSet<&str> = HashSet::new();
    let mut templates: HashSet<&str> = HashSet::new();
    for holder in [Noun::Workload, Noun::Template] {
        for name in names.all(holder) {
            for child in &name.node.children {
                let named = child.arg(0).and_then(Value::text);
                match &*child.name.text {
                    "pool" | "overflow" => pools.extend(named),
                    "use" => templates.extend(named),
                    "needs" => pools.extend(child.child("pool").and_then(|p| p.arg(0)?.text())),
                    _ => {}
                }
            }
        }
    }
    let unused = |noun: Noun, is_used: &dyn Fn(&str) -> bool, report: &mut Report| {
        for name in names.all(noun) {
            if is_used(name.text) || in_scenarios.contains(&(noun.word(), name.text)) {
                continue;
            }
            let word = noun.word();
            report.push(
                Diagnostic::new(&UNUSED, format!("{word} `{}` is used by nothing", name.text))
                    .at(name.span, "declared here, and nowhere named")
                    .help("use it, or remove it"),
            );
        }
    };
    unused(Noun::Template, &|name| templates.contains(name), report);
    unused(Noun::Let, &|name| used.assumptions.contains(name), report);
}

/// Every name that a node's descendants refer to, with the word that refers.
fn collect<'n>(node: &'n Node, found: &mut HashSet<(&'n str, &'n str)>) {
    for child in &node.children {
        for value in child.args.iter().chain(child.props.iter().map(|prop| &prop.value)) {
            let Some(text) = value.text() else { continue };
            if value.annotation.is_some() {
                found.insert(("let", text));
            } else if matches!(&*child.name.text, "pool" | "overflow") {
                found.insert(("pool", text));
            } else if &*child.name.text == "use" {
                found.insert(("template", text));
            }
        }
        collect(child, found);
    }
}

/// Something declared and never used.
pub static UNUSED: Code = warning(
    "unused",
    Family::Names,
    "something is declared and never used",
    "A pool that no workload uses costs what it starts with; an assumption or a template that nothing refers to \
changes nothing. Often the name was changed in one place only.\n\nWrong:\n\n```kdl\nlet growth \"3%/month\"\n… growth \
compound \"3%/month\"\n```\n\nRight:\n\n```kdl\nlet growth \"3%/month\"\n… growth compound (ref)growth\n```\n",
);
