//! A plan as written: nodes, values, properties, each with its place. No meaning yet.

use crate::source::Span;

/// A word with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The text.
    pub text: Box<str>,
    /// Its place.
    pub span: Span,
}

/// One node.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its name.
    pub name: Word,
    /// Its arguments, in order.
    pub args: Vec<Value>,
    /// Its properties, in order; a repeated one stands twice.
    pub props: Vec<Prop>,
    /// Its children, in order.
    pub children: Vec<Node>,
    /// Whether it has a block, even an empty one.
    pub has_block: bool,
    /// The whole node, without the line end.
    pub span: Span,
}

/// A property.
#[derive(Debug, Clone, PartialEq)]
pub struct Prop {
    /// Its name.
    pub name: Word,
    /// Its value.
    pub value: Value,
}

/// An argument, or the value of a property.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// The type annotation: `ref` in `(ref)organic-growth`.
    pub annotation: Option<Word>,
    /// What it is.
    pub kind: ValueKind,
    /// Its place, annotation and quotes included.
    pub span: Span,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum ValueKind {
    /// `"quoted"`, raw or multi-line.
    Quoted(Box<str>),
    /// A bare word.
    Bare(Box<str>),
    /// A number, as written but for `_` between digits.
    Number(Box<str>),
    /// `#true` or `#false`.
    Bool(bool),
    /// `#null`.
    Null,
}

impl Node {
    /// The first child called `name`.
    #[must_use]
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| &*child.name.text == name)
    }

    /// Every child called `name`.
    pub fn children_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| &*child.name.text == name)
    }

    /// The first property called `name`.
    #[must_use]
    pub fn prop(&self, name: &str) -> Option<&Value> {
        self.props.iter().find(|prop| &*prop.name.text == name).map(|prop| &prop.value)
    }

    /// What a label on the node points at: all of it but its block.
    #[must_use]
    pub fn origin(&self) -> Span {
        if !self.has_block {
            return self.span;
        }
        let values = self.args.iter().chain(self.props.iter().map(|prop| &prop.value));
        // A scenario's edit may have put values of another place here.
        let here = values.map(|value| value.span).filter(|span| {
            span.file == self.name.span.file
                && self.span.start <= span.start
                && span.end() <= self.span.end()
        });
        here.fold(self.name.span, Span::to)
    }

    /// The argument at `index`.
    #[must_use]
    pub fn arg(&self, index: usize) -> Option<&Value> {
        self.args.get(index)
    }
}

impl Value {
    /// The text of a quoted or bare string.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            ValueKind::Quoted(text) | ValueKind::Bare(text) => Some(text),
            ValueKind::Number(_) | ValueKind::Bool(_) | ValueKind::Null => None,
        }
    }
}
