//! Probabilities of scenarios.

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::report::{Report, error};
use crate::language::scenario::Declared;
use crate::language::values::Values;

pub(super) fn check(scenarios: &[Declared<'_>], values: &mut Values<'_>, report: &mut Report) {
    let is_leaf = |scenario: &&Declared<'_>| {
        !scenarios.iter().any(|other| other.parent() == Some(scenario.name))
    };
    let mut sum = 0.0;
    let mut last = None;
    for scenario in scenarios.iter().filter(is_leaf) {
        let Some(value) = scenario.node.child("probability").and_then(|node| node.arg(0)) else {
            continue;
        };
        sum += values.figure(value, "%", &mut Report::default()).unwrap_or(0.0);
        last = last.max(Some(value.span));
    }
    if let Some(span) = last
        && sum > 100.0 + 1e-9
    {
        report.push(
            Diagnostic::new(&PROBABILITIES, format!("the scenarios are {sum}% likely together"))
                .at(span, "more than certain")
                .help("scenarios that no other extends exclude each other: take them down to 100%"),
        );
    }
}

/// Probabilities above 100%.
pub static PROBABILITIES: Code = error(
    "probabilities",
    Family::Scenario,
    "scenarios that are more than certain together",
    "Scenarios that no other extends exclude each other; what is left of 100% is the plan itself.\n\nWrong:\n\n```kdl\n\
scenario \"a\" { probability \"70%\"; }\nscenario \"b\" { probability \"60%\"; }\n```\n\nRight:\n\n```kdl\nscenario \
\"a\" { probability \"35%\"; }\nscenario \"b\" { probability \"20%\"; }\n```\n",
);
