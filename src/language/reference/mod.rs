//! The language reference, as Markdown, generated from the table of nodes, the units, the metrics and
//! the codes: what the parser takes and what the page says cannot drift apart.

mod node;
mod units;
mod words;

use std::fmt::Write as _;

use crate::diagnostic::{Family, Severity, codes};
use crate::language::nodes::{NodeSpec, SCENARIO_EDITS, TOP};
use crate::plan::policy::Metric;

/// A part of the reference: nodes that are read together.
struct Section {
    title: &'static str,
    about: &'static str,
    nodes: &'static [&'static str],
}

const SECTIONS: &[Section] = &[
    Section {
        title: "The plan and what it assumes",
        about: "Every plan has one `plan` node, in the file that `capplan` is given. What the file includes \
                belongs to the plan, in any order. Assumptions that several places share stand in `let`.",
        nodes: &["plan", "include", "let", "unit", "knob", "procurement"],
    },
    Section {
        title: "Who asks and who pays",
        about: "A workload belongs to one team, at most one project and at most one environment. Cost is \
                charged to teams; cost centres and departments add teams up.",
        nodes: &["department", "team", "project", "environment"],
    },
    Section {
        title: "What can be bought or is owned",
        about: "Prices are money per node and hour, per byte and month, per byte moved. Every price says when \
                and where it was read, by itself or by its provider's `price-list`.",
        nodes: &["gpu", "provider", "prices", "owned"],
    },
    Section {
        title: "Pools and commitments",
        about: "A pool is capacity that workloads share: nodes of a provider, nodes of one's own, or storage. \
                Counts are nodes; a node with eight GPUs counts as one.",
        nodes: &["pool", "commitment"],
    },
    Section {
        title: "Priorities and quotas",
        about: "Quotas are entitlements inside the organisation's own clusters, as Kueue reads them. They \
                count GPUs, cores and bytes, never nodes.",
        nodes: &["priorities", "cohort", "quota"],
    },
    Section {
        title: "Workloads",
        about: "A workload says what is asked of it and what serves that. Inference and workspaces have \
                `demand` and one of `capacity`, `replica` and `needs`; training and batch have runs; storage \
                holds bytes, network moves them; a service is bought by the unit.",
        nodes: &["workload", "template", "source"],
    },
    Section {
        title: "Money and rules",
        about: "Budgets and policies are gates: `capplan check` fails where one does not hold at its \
                confidence. Shared costs say who bears what no team asked for.",
        nodes: &["budget", "shared-cost", "policy"],
    },
    Section {
        title: "Scenarios",
        about: "A scenario is the whole plan under other assumptions. Only scenarios override; everything \
                they do not name stays as it is, down to the draws.",
        nodes: &["scenario", "compare"],
    },
];

const INTRODUCTION: &str = r#"# The plan language

A plan is a folder of [KDL](https://kdl.dev) files. This page lists every word of the language. It is generated from
the table that the checker itself uses, so it says what capplan takes, no more and no less.

## How to read it

```kdl
workload "chat" {
    kind inference
    team "assistant"
    pool "serving"
    demand "180 req/s" {
        growth compound "4% to 9% / month"
        event "school-year" at="2027-09-01" { multiply 1.25; }
    }
    capacity "22 to 28 req/s" per=gpu
}
```

* **Every quantity is one quoted string with its unit**: `"32 GiB"`, `"120 req/s"`, `"2.49 USD/hour"`, `"5%"`. A count is a
  bare number. Names you choose are quoted; words of the language are bare.
* **`"a to b unit"` is an uncertain value**: a 90% interval, which the value is below in one case of twenty and above in one
  of twenty. It is lognormal where a is above zero, else normal; a share stays between 0% and 100%. `dist=` gives another
  shape, `(p10-p90)"a to b"` another meaning of the ends.
* **`(ref)name`** stands for the value of a `let`. Two values that refer to one `let` share its draw: that is how things are
  said to move together. Everything else is drawn independently.
* **A setting is a child node; a property only qualifies its own node.** Each has one spelling.
* **Order never matters**, of nodes, of files, of events. Nothing is overridden by saying it again; only a scenario overrides.
* **An unknown word is an error**, with the word that was probably meant. Only nodes whose name begins with `x-` are skipped.
* `from` and `until` are both included. A month such as `"2027-06"` is its first day in `from` and `at`, its last in `until`.

Below, `CAPITALS` stand for a value, `[ ]` for what may be left out, `…` for what may repeat. A setting stands at most once
where nothing else is said. A quantity is zero or more, and may be uncertain, where nothing else is said. A day is written
`"2027-02-15"`, a month `"2027-02"`.
"#;

/// The language reference, as Markdown.
#[must_use]
pub fn reference() -> String {
    let mut page = INTRODUCTION.to_owned();
    contents(&mut page);
    for section in SECTIONS {
        let _ = write!(page, "\n## {}\n\n{}\n", section.title, section.about);
        for name in section.nodes {
            if let Some(spec) = TOP.iter().find(|spec| spec.name == *name) {
                node::top(&mut page, spec);
            }
            if *name == "scenario" {
                edits(&mut page);
            }
        }
    }
    units::write(&mut page);
    metrics(&mut page);
    errors(&mut page);
    page
}

/// The heading of a title, as links name it.
fn anchor(title: &str) -> String {
    let kept = title.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-'));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

fn contents(page: &mut String) {
    page.push_str("\n## Contents\n\n");
    for section in SECTIONS {
        let nodes: Vec<String> =
            section.nodes.iter().map(|name| format!("[`{name}`](#{name})")).collect();
        let (title, link) = (section.title, anchor(section.title));
        let _ = writeln!(page, "* [{title}](#{link}): {}", nodes.join(", "));
    }
    for title in ["Units", "Metrics of policies", "Errors, warnings and notes"] {
        let _ = writeln!(page, "* [{title}](#{})", anchor(title));
    }
}

/// What only `change` in a scenario can name.
fn edits(page: &mut String) {
    page.push_str(
        "\n#### What else `change` can name\n\n\
         Beside everything that a file may declare by a name, a scenario may change these.\n\n",
    );
    for spec in SCENARIO_EDITS {
        let example = if spec.example.starts_with("change") {
            spec.example.to_owned()
        } else {
            format!("change {}", spec.example)
        };
        node::setting(page, &NodeSpec { example: "", children: &[], ..*spec }, 0, None);
        let _ = writeln!(page, "  Example: `{example}`");
    }
}

fn metrics(page: &mut String) {
    page.push_str(
        "\n## Metrics of policies\n\n\
         What `metric=` in a policy may be. A policy at a confidence of 95% holds in at least 95% of the \
         draws, in every month separately.\n\n\
         | Metric | Limits are written in | What is measured | Computed |\n|---|---|---|---|\n",
    );
    for row in Metric::TABLE {
        let computed =
            if row.evaluated { "yes" } else { "not yet; the policy is shown, and never fails" };
        let unit = match row.unit {
            "money/month" => "money a month, `\"90k USD/month\"`".to_owned(),
            "nodes" => "nodes, `\"0 node\"`".to_owned(),
            "days" => "days, `\"210 days\"`".to_owned(),
            "hours" => "hours, `\"12 hours\"`".to_owned(),
            unit => format!("{unit}, `\"80{unit}\"`"),
        };
        let _ = writeln!(page, "| `{}` | {unit} | {} | {computed} |", row.word, row.aggregation);
    }
}

fn errors(page: &mut String) {
    page.push_str(
        "\n## Errors, warnings and notes\n\n\
         An error stops the plan; a warning asks someone to look; a note is worth knowing. \
         `capplan explain-error CODE` prints the page of a code, with a wrong and a right example.\n",
    );
    let mut family = None;
    for code in codes::all() {
        if family != Some(code.family) {
            family = Some(code.family);
            let _ = write!(
                page,
                "\n### {}\n\n| Code | | What it says |\n|---|---|---|\n",
                title(code.family)
            );
        }
        let severity = match code.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let _ = writeln!(page, "| `{}` | {severity} | {} |", code.id, code.title);
    }
}

fn title(family: Family) -> &'static str {
    match family {
        Family::Syntax => "Syntax",
        Family::Files => "Files and includes",
        Family::Shape => "Nodes and settings",
        Family::Names => "Names",
        Family::Quantities => "Quantities, units and dates",
        Family::Model => "What does not fit together",
        Family::Scenario => "Scenario edits",
        Family::Policy => "Budgets, shared costs and policies",
        Family::Template => "Templates of reports",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_has_its_place() {
        let placed: Vec<&str> = SECTIONS.iter().flat_map(|one| one.nodes).copied().collect();
        for spec in TOP {
            assert!(placed.contains(&spec.name), "`{}` is in no section", spec.name);
        }
        assert_eq!(placed.len(), TOP.len());
    }

    #[test]
    fn every_link_leads_somewhere() {
        let page = reference();
        let headings: Vec<String> = page
            .lines()
            .filter_map(|line| Some(anchor(line.strip_prefix('#')?.trim_start_matches(['#', ' ']))))
            .collect();
        for link in page.split("](#").skip(1) {
            let link = link.split(')').next().unwrap();
            assert!(headings.iter().any(|heading| heading == link), "no heading for #{link}");
        }
        let mut sorted = headings.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!(sorted.len(), headings.len(), "two headings have one link");
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the test reads and writes the page in docs")]
    fn the_page_in_docs_is_this_one() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/language.md");
        let page = reference();
        if std::env::var("UPDATE_DOCS").is_ok() {
            std::fs::write(path, &page).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == page,
            "docs/language.md is not what the table says: UPDATE_DOCS=1 cargo test --lib reference"
        );
    }
}
