//! Turns the document that `kdl` built into nodes with their places.

use crate::language::scan::Scanned;
use crate::language::syntax::{Node, Prop, Value, ValueKind, Word};
use crate::source::{FileId, Span};

/// The nodes of a document. Recurses as deep as blocks nest, which the scanner bounds.
pub(super) fn nodes(document: &kdl::KdlDocument, scanned: &Scanned, file: FileId) -> Vec<Node> {
    let places = Places { text: &scanned.blanked, file };
    document.nodes().iter().map(|node| places.node(node)).collect()
}

struct Places<'a> {
    text: &'a str,
    file: FileId,
}

impl Places<'_> {
    fn span(&self, start: usize, end: usize) -> Span {
        let at = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span { file: self.file, start: at(start), len: at(end.saturating_sub(start)) }
    }

    /// The place of something that may have white space after it.
    fn trimmed(&self, span: miette::SourceSpan) -> Span {
        let start = span.offset();
        let text = self.text.get(start..start + span.len()).unwrap_or_default();
        self.span(start, start + text.trim_end().len())
    }

    fn word(&self, identifier: &kdl::KdlIdentifier) -> Word {
        Word { text: identifier.value().into(), span: self.trimmed(identifier.span()) }
    }

    fn node(&self, node: &kdl::KdlNode) -> Node {
        let mut args = Vec::new();
        let mut props = Vec::new();
        for entry in node.entries() {
            match entry.name() {
                Some(name) => props.push(Prop { name: self.word(name), value: self.value(entry) }),
                None => args.push(self.value(entry)),
            }
        }
        let children = node.children();
        let nodes = children.map(kdl::KdlDocument::nodes).unwrap_or_default();
        let span = self.trimmed(node.span());
        Node {
            name: self.word(node.name()),
            args,
            props,
            children: nodes.iter().map(|child| self.node(child)).collect(),
            has_block: children.is_some(),
            span,
        }
    }

    fn value(&self, entry: &kdl::KdlEntry) -> Value {
        let whole = self.trimmed(entry.span());
        let format = entry.format();
        let written = format.map_or("", |format| format.value_repr.as_str());
        // A property's place begins with its name: the value is what remains after the `=`.
        let before = entry.name().map_or(0, |name| {
            let around = format.map_or(0, |format| format.after_key.len() + format.after_eq.len());
            name.span().len() + around + 1
        });
        let start = whole.start as usize + before;
        let kind = match entry.value() {
            kdl::KdlValue::String(text) if written.starts_with(['"', '#']) => {
                ValueKind::Quoted(text.as_str().into())
            }
            kdl::KdlValue::String(text) => ValueKind::Bare(text.as_str().into()),
            kdl::KdlValue::Integer(_) | kdl::KdlValue::Float(_) => {
                ValueKind::Number(written.replace('_', "").into())
            }
            kdl::KdlValue::Bool(value) => ValueKind::Bool(*value),
            kdl::KdlValue::Null => ValueKind::Null,
        };
        Value {
            annotation: entry.ty().map(|ty| self.word(ty)),
            kind,
            span: self.span(start, whole.end() as usize),
        }
    }
}
