//! Two nodes that are the same thing before and after: where they differ, and what lies between them.

use super::cause::Cause;
use super::node::{Named, content, inside, key, values};
use crate::language::nodes::NodeSpec;
use crate::language::syntax::Node;
use crate::source::Span;

/// One place where two trees differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The words from the thing at the top down to what changed.
    pub path: Vec<String>,
    /// What it is a change of.
    pub cause: Cause,
    /// Where it stood.
    pub before: Option<Span>,
    /// Where it stands.
    pub after: Option<Span>,
}

/// Every place where two nodes differ: values of the node itself, then settings, in the order of the plan
/// before, what is new last.
pub(super) fn places(specs: &'static [NodeSpec], before: &Node, after: &Node) -> Vec<Place> {
    let mut found = Vec::new();
    let mut path = vec![before.name.text.to_string()];
    compare(inside(specs, before), before, after, &mut path, &mut found);
    found
}

fn compare(
    below: &'static [NodeSpec],
    before: &Node,
    after: &Node,
    path: &mut Vec<String>,
    found: &mut Vec<Place>,
) {
    if values(before) != values(after) {
        found.push(place(path, Some(before), Some(after)));
    }
    for (old, new) in pairs(below, before, after) {
        let Some(node) = old.or(new) else { continue };
        path.push(node.name.text.to_string());
        match (old, new) {
            (Some(old), Some(new)) => compare(inside(below, old), old, new, path, found),
            (old, new) => found.push(place(path, old, new)),
        }
        path.pop();
    }
}

fn place(path: &[String], before: Option<&Node>, after: Option<&Node>) -> Place {
    let words: Vec<&str> = path.iter().map(String::as_str).collect();
    Place {
        path: path.to_vec(),
        cause: Cause::of(&words),
        before: before.map(Node::origin),
        after: after.map(Node::origin),
    }
}

/// The node that has of `after` what `taken` says, and of `before` the rest. What only defines something
/// is always there.
pub(super) fn between(
    specs: &'static [NodeSpec],
    before: &Node,
    after: &Node,
    taken: &dyn Fn(Cause) -> bool,
) -> Node {
    let mut path = vec![before.name.text.to_string()];
    mix(inside(specs, before), before, after, &mut path, taken)
}

fn mix(
    below: &'static [NodeSpec],
    before: &Node,
    after: &Node,
    path: &mut Vec<String>,
    taken: &dyn Fn(Cause) -> bool,
) -> Node {
    let takes = |path: &[String]| {
        let words: Vec<&str> = path.iter().map(String::as_str).collect();
        taken(Cause::of(&words))
    };
    let own = if takes(path) { after } else { before };
    let mut children = Vec::new();
    for (old, new) in pairs(below, before, after) {
        let Some(node) = old.or(new) else { continue };
        path.push(node.name.text.to_string());
        let defines = path.len() == 2 && defines(&path[0], &path[1]);
        match (old, new) {
            (Some(old), Some(new)) => {
                children.push(mix(inside(below, old), old, new, path, taken));
            }
            (Some(old), None) if defines || !takes(path) => children.push(old.clone()),
            (None, Some(new)) if defines || takes(path) => children.push(new.clone()),
            _ => {}
        }
        path.pop();
    }
    let has_block = !children.is_empty() || own.has_block;
    Node { children, has_block, ..own.clone() }
}

/// Whether something inside of another only says what there is, so that it changes no figure until
/// something refers to it.
fn defines(top: &str, word: &str) -> bool {
    matches!(
        (top, word),
        ("provider", "instance" | "storage-tier" | "region") | ("priorities", "level")
    )
}

/// The settings of two nodes, those that are the same thing beside each other.
pub(super) fn pairs<'n>(
    specs: &'static [NodeSpec],
    before: &'n Node,
    after: &'n Node,
) -> Vec<(Option<&'n Node>, Option<&'n Node>)> {
    let mut waiting: Vec<&Node> = after.children.iter().collect();
    let mut of_old: Vec<(Option<&Node>, Option<&Node>)> = Vec::new();
    let is_foreign = crate::language::shape::is_foreign;
    // By key; where a word may stand any number of times, by what is said.
    for old in before.children.iter().filter(|node| !is_foreign(node)) {
        let same = |new: &&Node| match key(specs, old) {
            Some(own) => key(specs, new).as_ref() == Some(&own),
            None => content(new, Named::Counts) == content(old, Named::Counts),
        };
        let found = waiting.iter().position(same).map(|at| waiting.remove(at));
        of_old.push((Some(old), found));
    }
    // What is left of such a word pairs up in order.
    for (old, new) in &mut of_old {
        let Some(old) = old else { continue };
        if new.is_none() && key(specs, old).is_none() {
            let found = waiting.iter().position(|new| new.name.text == old.name.text);
            *new = found.map(|at| waiting.remove(at));
        }
    }
    let added = waiting.into_iter().filter(|node| !is_foreign(node));
    of_old.into_iter().chain(added.map(|new| (None, Some(new)))).collect()
}
