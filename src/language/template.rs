//! Templates: a workload's settings, and below them those of the template it uses.

use std::collections::HashSet;

use crate::language::nodes::{self, NodeSpec, Occurs};
use crate::language::shape;
use crate::language::syntax::Node;

/// A workload with its template's settings: child by child, one level, and the workload wins.
#[derive(Debug, Clone)]
pub struct Merged<'a> {
    /// The workload as written.
    pub node: &'a Node,
    /// Its settings and, where it has none of a name (and key), the template's.
    pub children: Vec<&'a Node>,
}

/// The settings a workload may have.
#[must_use]
pub fn workload_settings() -> &'static [NodeSpec] {
    nodes::TOP.iter().find(|spec| spec.name == "workload").map_or(&[], |spec| spec.children)
}

/// Merges a workload with its template, if it uses one.
#[must_use]
pub fn merge<'a>(workload: &'a Node, template: Option<&'a Node>) -> Merged<'a> {
    let mut children: Vec<&Node> = workload.children.iter().collect();
    if let Some(template) = template {
        let specs = workload_settings();
        let identity = |child: &Node| match nodes::find(specs, child) {
            Some(spec) if spec.occurs == Occurs::Keyed => shape::key(spec, child),
            _ => child.name.text.to_string(),
        };
        let own: HashSet<String> = children.iter().map(|child| identity(child)).collect();
        children.extend(template.children.iter().filter(|child| !own.contains(&identity(child))));
    }
    Merged { node: workload, children }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::syntax::{Value, ValueKind, Word};
    use crate::source::{FileId, Span};

    fn node(name: &str, arg: &str, children: Vec<Node>) -> Node {
        let span = Span { file: FileId(0), start: 0, len: 0 };
        let value = Value { annotation: None, kind: ValueKind::Bare(arg.into()), span };
        Node {
            name: Word { text: name.into(), span },
            args: vec![value],
            props: vec![],
            has_block: !children.is_empty(),
            children,
            span,
        }
    }

    #[test]
    fn the_workload_wins_child_by_child_and_keyed_nodes_by_key() {
        let template = node(
            "template",
            "t",
            vec![
                node("kind", "training", vec![]),
                node("egress", "internet", vec![]),
                node("egress", "cross-zone", vec![]),
            ],
        );
        let own = vec![node("kind", "inference", vec![]), node("egress", "internet", vec![])];
        let workload = node("workload", "w", own);
        let merged = merge(&workload, Some(&template));
        let words: Vec<_> =
            merged.children.iter().map(|c| (&*c.name.text, c.args[0].text().unwrap())).collect();
        assert_eq!(
            words,
            [("kind", "inference"), ("egress", "internet"), ("egress", "cross-zone")]
        );
    }
}
