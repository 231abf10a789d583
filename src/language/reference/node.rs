//! One node of the reference: how it is written, what it means, what it takes.

use std::fmt::Write as _;

use super::words::{joined, kind};
use crate::language::nodes::{Arg, Kind, NodeSpec, Occurs, Repeat};

/// Lines longer than this are spread over several.
const WIDTH: usize = 88;

/// A node at the top of a file, with what stands in its block.
pub(super) fn top(page: &mut String, spec: &NodeSpec) {
    let _ = write!(page, "\n### `{}`\n\n", spec.name);
    body(page, spec);
    if spec.name == "template" {
        page.push_str("\nIn its block stands what may stand in a [`workload`](#workload).\n");
        return;
    }
    let (blocks, settings): (Vec<_>, Vec<_>) = shown(spec).partition(|child| has_section(child));
    if !settings.is_empty() {
        page.push_str("\nSettings:\n\n");
        for child in settings {
            setting(page, child, 0);
        }
    }
    for child in blocks {
        let _ = write!(page, "\n#### `{}` in `{}`\n\n", child.name, spec.name);
        body(page, child);
        if !child.children.is_empty() {
            page.push_str("\nSettings:\n\n");
            for inner in shown(child) {
                setting(page, inner, 0);
            }
        }
    }
}

/// Whether a node inside another is large enough for a heading of its own.
fn has_section(spec: &NodeSpec) -> bool {
    spec.children.len() > 2
}

/// The nodes in a block; growth terms are explained once, in `demand`.
fn shown(spec: &NodeSpec) -> impl Iterator<Item = &'static NodeSpec> {
    let elsewhere = spec.name != "demand";
    spec.children.iter().filter(move |child| !(elsewhere && child.name == "growth"))
}

/// How it is written, what it means, what it takes, and an example.
fn body(page: &mut String, spec: &NodeSpec) {
    let _ = write!(page, "{}\n\n```text\n{}\n```\n", spec.doc, synopsis(spec));
    let takes = takes(spec);
    if !takes.is_empty() {
        page.push('\n');
        for line in takes {
            let _ = writeln!(page, "* {line}");
        }
    }
    let facts = facts(spec);
    if !facts.is_empty() {
        let _ = write!(page, "\n{facts}\n");
    }
    if !spec.example.is_empty() {
        let _ = write!(page, "\n```kdl\n{}\n```\n", spread(spec.example, 0));
    }
}

/// A setting as an item of a list, with what stands in its block beneath.
pub(super) fn setting(page: &mut String, spec: &NodeSpec, depth: usize) {
    let indent = "  ".repeat(depth);
    let _ = writeln!(page, "{indent}* **`{}`** {}", synopsis(spec), spec.doc);
    let mut details = takes(spec);
    let facts = facts(spec);
    if !facts.is_empty() {
        details.push(facts);
    }
    let details: Vec<String> =
        details.iter().map(|detail| detail.trim_end_matches('.').to_owned()).collect();
    if !details.is_empty() {
        let _ = writeln!(page, "{indent}  {}.", details.join("; ").replace(".; ", "; "));
    }
    if !spec.example.is_empty() {
        let _ = writeln!(page, "{indent}  `{}`", spec.example);
    }
    for child in shown(spec) {
        setting(page, child, depth + 1);
    }
    if spec.name != "demand" && spec.children.iter().any(|child| child.name == "growth") {
        let _ = writeln!(
            page,
            "{indent}  * **`growth …`** As in [`demand`](#demand-in-workload), of this figure."
        );
    }
}

/// How a node is written: `limit [PURCHASE] NODES [from=DAY]`.
fn synopsis(spec: &NodeSpec) -> String {
    let mut line = spec.name.to_owned();
    if let Some(form) = spec.form {
        line.push(' ');
        line.push_str(form);
    }
    for arg in spec.args {
        let _ = write!(line, " {}", placeholder(arg));
    }
    for prop in spec.props {
        let value = match prop.kind {
            Kind::Word([only]) => (*only).to_owned(),
            _ => "…".to_owned(),
        };
        let written = format!("{}={value}", prop.name);
        let _ =
            if prop.required { write!(line, " {written}") } else { write!(line, " [{written}]") };
    }
    if !spec.children.is_empty() {
        let all_optional = spec.children.iter().all(|child| !child.required);
        line.push_str(if all_optional { " [{ … }]" } else { " { … }" });
    }
    line
}

fn placeholder(arg: &Arg) -> String {
    // A single word is written as it is: `follows`.
    let name = match arg.kind {
        Kind::Word([only]) => (*only).to_owned(),
        _ => arg.name.to_ascii_uppercase(),
    };
    match arg.repeat {
        Repeat::One => name,
        Repeat::Optional => format!("[{name}]"),
        Repeat::Many => format!("{name} …"),
    }
}

/// What its values are, one line for each.
fn takes(spec: &NodeSpec) -> Vec<String> {
    let args = spec.args.iter().filter(|arg| !matches!(arg.kind, Kind::Word([_]))).map(|arg| {
        let one_of = if arg.repeat == Repeat::Many { "each " } else { "" };
        format!("`{}`: {one_of}{}", arg.name.to_ascii_uppercase(), kind(&arg.kind))
    });
    let props = spec.props.iter().filter(|prop| prop.name != "dist").map(|prop| {
        let later =
            prop.later.map_or(String::new(), |later| format!(" (changes no figure yet: {later})"));
        match prop.kind {
            Kind::Word([only]) => format!("`{}={only}` may be said{later}", prop.name),
            _ => format!("`{}=`: {}{later}", prop.name, kind(&prop.kind)),
        }
    });
    args.chain(props).collect()
}

/// How often it stands, what holds without it, and what it does not do yet.
fn facts(spec: &NodeSpec) -> String {
    let mut facts = Vec::new();
    if spec.required && spec.form.is_none() {
        facts.push("Required".to_owned());
    }
    match spec.occurs {
        Occurs::Once => {}
        Occurs::Many => facts.push("May stand any number of times".to_owned()),
        Occurs::Keyed => facts.extend(keys(spec)),
    }
    if let Some(default) = spec.default {
        facts.push(format!("Without it: {default}"));
    }
    if let Some(later) = spec.later {
        facts.push(format!("**Changes no figure yet:** {later}"));
    }
    if facts.is_empty() { String::new() } else { format!("{}.", facts.join(". ")) }
}

/// What it stands once for each of, where that is not its name alone.
fn keys(spec: &NodeSpec) -> Option<String> {
    let of_args = spec.args.iter().filter(|arg| {
        matches!(
            arg.kind,
            Kind::Word(_) | Kind::Declares(_) | Kind::Refers(_) | Kind::LetName | Kind::Month
        )
    });
    let of_args = of_args.map(|arg| format!("`{}`", arg.name.to_ascii_uppercase()));
    let of_props =
        spec.props.iter().filter(|prop| prop.key).map(|prop| format!("`{}=`", prop.name));
    let all: Vec<String> = of_args.chain(of_props).collect();
    if all.is_empty() { None } else { Some(format!("Once for each {}", joined(all, "and"))) }
}

/// One line of KDL, spread over several where it is long: a block's nodes each on a line of its own.
fn spread(line: &str, depth: usize) -> String {
    let indent = "    ".repeat(depth);
    if indent.len() + line.len() <= WIDTH {
        return format!("{indent}{line}");
    }
    let Some((head, block)) = outer_block(line) else { return format!("{indent}{line}") };
    let nodes: Vec<String> = nodes(block).iter().map(|node| spread(node, depth + 1)).collect();
    format!("{indent}{head}{{\n{}\n{indent}}}", nodes.join("\n"))
}

/// What stands before the last block of a node, and in it.
fn outer_block(line: &str) -> Option<(&str, &str)> {
    let line = line.strip_suffix('}')?;
    let mut quoted = false;
    let open = line.bytes().position(|byte| {
        quoted ^= byte == b'"';
        byte == b'{' && !quoted
    })?;
    Some((&line[..open], &line[open + 1..]))
}

/// The nodes of a block, which end at `;` outside of quotes and inner blocks.
fn nodes(block: &str) -> Vec<&str> {
    let (mut quoted, mut depth, mut start) = (false, 0, 0);
    let mut nodes = Vec::new();
    for (at, byte) in block.bytes().enumerate() {
        quoted ^= byte == b'"';
        match byte {
            b'{' if !quoted => depth += 1,
            b'}' if !quoted => depth -= 1,
            b';' if !quoted && depth == 0 => {
                nodes.push(block[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    nodes.push(block[start..].trim());
    nodes.retain(|node| !node.is_empty());
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::nodes::TOP;

    #[test]
    fn a_long_example_is_spread_over_lines() {
        let line = r#"owned "b200" { gpu "b200" count=8; depreciate "48 months"; lot "2025-08" { nodes 32; in-service "2025-08-01"; }; }"#;
        assert_eq!(
            spread(line, 0),
            "owned \"b200\" {\n    gpu \"b200\" count=8\n    depreciate \"48 months\"\n    \
             lot \"2025-08\" { nodes 32; in-service \"2025-08-01\"; }\n}"
        );
        assert_eq!(spread("seed 7", 0), "seed 7");
    }

    #[test]
    fn a_node_is_shown_as_it_is_written() {
        let pool = TOP.iter().find(|spec| spec.name == "pool").unwrap();
        let of = |name: &str| pool.children.iter().find(|spec| spec.name == name).unwrap();
        assert_eq!(synopsis(of("limit")), "limit [PURCHASE] NODES [from=…]");
        assert_eq!(synopsis(of("buy")), "buy PURCHASE …");
        assert_eq!(synopsis(pool), "pool NAME [{ … }]");
        assert_eq!(keys(of("limit")).unwrap(), "Once for each `PURCHASE` and `from=`");
    }
}
