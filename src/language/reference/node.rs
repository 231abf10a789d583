//! One node of the reference: how it is written, what it means, what it takes.

use std::fmt::Write as _;

use super::words::{joined, kind};
use crate::language::nodes::{Arg, Kind, NodeSpec, Occurs, Repeat, TOP};

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
        block(page, spec, &settings, 0);
    }
    for child in blocks {
        let _ = write!(page, "\n#### `{}` in `{}`\n\n", child.name, spec.name);
        body(page, child);
        if !child.children.is_empty() {
            page.push_str("\nSettings:\n\n");
            block(page, child, &shown(child).collect::<Vec<_>>(), 0);
        }
    }
}

/// Whether a node inside another is large enough for a heading of its own.
fn has_section(spec: &NodeSpec) -> bool {
    spec.children.len() > 2 && !is_top(spec)
}

/// Whether a node means the same as the one of its name at the top of a file.
fn is_top(spec: &NodeSpec) -> bool {
    TOP.iter().any(|top| top.name == spec.name && top.doc == spec.doc)
}

/// The nodes in a block; growth terms are explained once, in `demand`.
fn shown(spec: &NodeSpec) -> impl Iterator<Item = &'static NodeSpec> {
    let elsewhere = spec.name != "demand";
    spec.children.iter().filter(move |child| !(elsewhere && child.name == "growth"))
}

/// How it is written, what it means, what it takes, and an example.
fn body(page: &mut String, spec: &NodeSpec) {
    let _ = write!(page, "{}\n\n```text\n{}\n```\n", spec.doc, synopsis(spec));
    let details = details(spec);
    if !details.is_empty() {
        let _ = write!(page, "\n{details}\n");
    }
    if !spec.example.is_empty() {
        let _ = write!(page, "\n```kdl\n{}\n```\n", spread(spec.example, 0));
    }
}

/// The nodes in a block, as a list.
fn block(page: &mut String, spec: &NodeSpec, children: &[&NodeSpec], depth: usize) {
    for (place, child) in children.iter().enumerate() {
        let like = children[..place]
            .iter()
            .find(|first| !child.children.is_empty() && alike(first, child));
        setting(page, child, depth, like.map(|first| first.name));
    }
    let grows = spec.children.iter().any(|child| child.name == "growth");
    if grows && spec.name != "demand" {
        let indent = "  ".repeat(depth);
        let _ = writeln!(
            page,
            "{indent}* **`growth …`** What growth there is: as in [`demand`](#demand-in-workload)."
        );
    }
}

/// Whether the blocks of two nodes are the same.
fn alike(a: &NodeSpec, b: &NodeSpec) -> bool {
    let names = |spec: &NodeSpec| -> Vec<_> {
        spec.children.iter().map(|child| (child.name, child.form, child.doc)).collect()
    };
    names(a) == names(b)
}

/// A setting as an item of a list, with what stands in its block beneath; or the name of the node
/// beside it whose block is the same.
pub(super) fn setting(page: &mut String, spec: &NodeSpec, depth: usize, like: Option<&str>) {
    let indent = "  ".repeat(depth);
    let _ = writeln!(page, "{indent}* **`{}`** {}", synopsis(spec), spec.doc);
    let details = details(spec);
    if !details.is_empty() {
        let _ = writeln!(page, "{indent}  {details}");
    }
    if !spec.example.is_empty() {
        let _ = writeln!(page, "{indent}  Example: `{}`", spec.example);
    }
    if depth == 0 && is_top(spec) && !spec.children.is_empty() {
        let name = spec.name;
        let _ =
            writeln!(page, "{indent}  In its block stands what may stand in [`{name}`](#{name}).");
        return;
    }
    match like {
        Some(first) => {
            let _ = writeln!(page, "{indent}  In its block stands what may stand in `{first}`.");
        }
        None => block(page, spec, &shown(spec).collect::<Vec<_>>(), depth + 1),
    }
}

/// What it takes, how often it stands, what holds without it: sentences.
fn details(spec: &NodeSpec) -> String {
    let mut sentences: Vec<String> = Vec::new();
    let takes = takes(spec);
    if !takes.is_empty() {
        sentences.push(format!("{}.", takes.join("; ")));
    }
    sentences.extend(facts(spec));
    sentences.join(" ")
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

/// What its values are. What a lone value is needs no name, and that text is text needs no saying.
fn takes(spec: &NodeSpec) -> Vec<String> {
    let mut args = spec.args.iter().filter(|arg| {
        let edit = arg.repeat == Repeat::Many && matches!(arg.kind, Kind::Anything);
        !edit
            && !matches!(arg.kind, Kind::Word([_]) | Kind::Declares(_) | Kind::Text | Kind::LetName)
    });
    let alone = spec.args.len() == 1;
    let described = args.by_ref().map(|arg| {
        let what = match arg.repeat {
            Repeat::Many => format!("each is {}", kind(&arg.kind)),
            Repeat::One | Repeat::Optional => kind(&arg.kind),
        };
        if alone {
            capital(&what)
        } else {
            format!("`{}` is {what}", arg.name.to_ascii_uppercase())
        }
    });
    let mut described: Vec<String> = described.collect();
    for prop in spec.props.iter().filter(|prop| prop.name != "dist") {
        let name = prop.name;
        let what = match prop.kind {
            Kind::Word([only]) if prop.required => format!("`{name}={only}` must be said"),
            Kind::Word([only]) => format!("`{name}={only}` may be said"),
            Kind::Text => format!("`{name}=` is quoted text"),
            _ => format!("`{name}=` is {}", kind(&prop.kind)),
        };
        let later =
            prop.later.map_or(String::new(), |why| format!(" (changes no figure yet: {why})"));
        described.push(format!("{what}{later}"));
    }
    described
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// How often it stands, what holds without it, and what it does not do yet.
fn facts(spec: &NodeSpec) -> Vec<String> {
    let mut facts = Vec::new();
    if spec.required && spec.form.is_none() {
        facts.push("Required.".to_owned());
    }
    match spec.occurs {
        Occurs::Once => {}
        Occurs::Many => facts.push("May stand any number of times.".to_owned()),
        Occurs::Keyed => facts.extend(keys(spec)),
    }
    facts.extend(spec.default.map(|default| format!("Without it: {default}.")));
    facts.extend(spec.later.map(|later| format!("**Changes no figure yet:** {later}.")));
    facts
}

/// What it stands once for each of, where that is not a name of its own.
fn keys(spec: &NodeSpec) -> Option<String> {
    if spec.args.iter().any(|arg| matches!(arg.kind, Kind::Declares(_) | Kind::LetName)) {
        return None;
    }
    let keyed = |arg: &&Arg| matches!(arg.kind, Kind::Word(_) | Kind::Refers(_) | Kind::Month);
    let of_args = spec.args.iter().filter(keyed);
    let of_args = of_args.map(|arg| format!("`{}`", arg.name.to_ascii_uppercase()));
    let of_props = spec.props.iter().filter(|prop| prop.key);
    let of_props = of_props.map(|prop| format!("`{}=`", prop.name));
    let all: Vec<String> = of_args.chain(of_props).collect();
    if all.is_empty() { None } else { Some(format!("Once for each {}.", joined(all, "and"))) }
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
        assert_eq!(keys(of("limit")).unwrap(), "Once for each `PURCHASE` and `from=`.");
    }
}
