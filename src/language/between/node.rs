//! One node against another: whether they say the same, what is said, and walks over what they refer to.

use std::fmt::Write as _;

use crate::language::nodes::{self, Kind, NodeSpec, Noun};
use crate::language::shape;
use crate::language::syntax::{Node, Value, ValueKind};

/// A node's content as text that does not depend on its place or on the order of its settings. `named`
/// says whether its own first argument counts.
pub(super) fn content(node: &Node, named: Named) -> String {
    let mut text = String::new();
    write_values(node, named, &mut text);
    let mut children: Vec<String> =
        node.children.iter().map(|child| content(child, Named::Counts)).collect();
    children.sort();
    for child in children {
        let _ = write!(text, "{{{child}}}");
    }
    text
}

/// Whether the name of a thing is part of what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// It is.
    Counts,
    /// It is not.
    Ignored,
}

/// A node's own arguments and properties, as text that does not depend on their place.
pub(super) fn values(node: &Node) -> String {
    let mut text = String::new();
    write_values(node, Named::Counts, &mut text);
    text
}

fn write_values(node: &Node, named: Named, text: &mut String) {
    text.push_str(&node.name.text);
    let skipped = usize::from(named == Named::Ignored);
    for value in node.args.iter().skip(skipped) {
        text.push(' ');
        write_value(value, text);
    }
    let mut props: Vec<_> = node.props.iter().collect();
    props.sort_by(|a, b| a.name.text.cmp(&b.name.text));
    for prop in props {
        let _ = write!(text, " {}=", prop.name.text);
        write_value(&prop.value, text);
    }
}

fn write_value(value: &Value, text: &mut String) {
    if let Some(annotation) = &value.annotation {
        let _ = write!(text, "({})", annotation.text);
    }
    match &value.kind {
        ValueKind::Quoted(quoted) => {
            let _ = write!(text, "{quoted:?}");
        }
        ValueKind::Bare(word) | ValueKind::Number(word) => text.push_str(word),
        ValueKind::Bool(bool) => {
            let _ = write!(text, "#{bool}");
        }
        ValueKind::Null => text.push_str("#null"),
    }
}

/// What tells a setting apart in its block: its key where its word may stand once a key, else its word.
pub(super) fn key(specs: &'static [NodeSpec], node: &Node) -> Option<String> {
    match nodes::find(specs, node) {
        Some(spec) if spec.occurs == nodes::Occurs::Many => None,
        Some(spec) => Some(shape::key(spec, node)),
        None => Some(node.name.text.to_string()),
    }
}

/// The settings that may stand in a node that stands where `specs` may.
pub(super) fn inside(specs: &'static [NodeSpec], node: &Node) -> &'static [NodeSpec] {
    nodes::find(specs, node).map_or(&[], |spec| spec.children)
}

/// What a value is to a thing of the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It declares one of this kind.
    Declares(Noun),
    /// It refers to one of this kind.
    Refers(Noun),
    /// It is a pattern on names; the word of its property says of which.
    Pattern,
}

/// What is called for every value: its path, its role, its word, and itself.
pub(super) type Visit<'v, 'n> = &'v mut dyn FnMut(&[&str], Role, &str, &'n Value);

/// Shows every value of a node and of what is in it that declares, refers or selects. The path is that
/// of the node the value stands in.
pub(super) fn walk<'n>(
    specs: &'static [NodeSpec],
    node: &'n Node,
    path: &mut Vec<&'n str>,
    visit: Visit<'_, 'n>,
) {
    path.push(&node.name.text);
    if let Some(spec) = nodes::find(specs, node) {
        for (arg, value) in spec.pair(node) {
            told(path, arg.name, arg.kind, value, visit);
        }
        for prop in &node.props {
            let kind = spec.prop(&prop.name.text).map_or(Kind::Text, |spec| spec.kind);
            told(path, &prop.name.text, kind, &prop.value, visit);
        }
        for child in &node.children {
            walk(spec.children, child, path, visit);
        }
    }
    path.pop();
}

fn told<'n>(path: &[&str], word: &str, kind: Kind, value: &'n Value, visit: Visit<'_, 'n>) {
    if value.annotation.as_ref().is_some_and(|annotation| &*annotation.text == "ref") {
        visit(path, Role::Refers(Noun::Let), word, value);
        return;
    }
    match kind {
        Kind::Declares(noun) => visit(path, Role::Declares(noun), word, value),
        Kind::LetName => visit(path, Role::Declares(Noun::Let), word, value),
        Kind::LetRef => visit(path, Role::Refers(Noun::Let), word, value),
        Kind::Refers(noun) => visit(path, Role::Refers(noun), word, value),
        Kind::Pattern => visit(path, Role::Pattern, word, value),
        _ => {}
    }
}

/// Gives the values of a node other names, in place.
pub(super) fn rename(
    specs: &'static [NodeSpec],
    node: &mut Node,
    new_name: &dyn Fn(Role, &str, &str) -> Option<String>,
) {
    let Some(spec) = nodes::find(specs, node) else { return };
    let mut changes: Vec<(bool, usize, String)> = Vec::new();
    let mut look = |is_prop: bool, index: usize, word: &str, kind: Kind, value: &Value| {
        told(&[], word, kind, value, &mut |_, role, word, value| {
            let new = value.text().and_then(|text| new_name(role, word, text));
            changes.extend(new.map(|new| (is_prop, index, new)));
        });
    };
    for (arg, value) in spec.pair(node) {
        let index = node.args.iter().position(|own| std::ptr::eq(own, value)).unwrap_or(0);
        look(false, index, arg.name, arg.kind, value);
    }
    for (index, prop) in node.props.iter().enumerate() {
        let kind = spec.prop(&prop.name.text).map_or(Kind::Text, |spec| spec.kind);
        look(true, index, &prop.name.text, kind, &prop.value);
    }
    for (is_prop, index, new) in changes {
        let value = if is_prop { &mut node.props[index].value } else { &mut node.args[index] };
        match &mut value.kind {
            ValueKind::Quoted(text) | ValueKind::Bare(text) => *text = new.into_boxed_str(),
            _ => {}
        }
    }
    for child in &mut node.children {
        rename(spec.children, child, new_name);
    }
}
