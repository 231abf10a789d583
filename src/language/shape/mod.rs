//! Holds the tree as written against the table: nodes, arguments, properties, children, values.
//!
//! In: nodes, and the names they declare. Out: diagnostics, the nodes that later passes must skip, and the
//! places of words that change nothing yet. Every value is read once here by the kind the table gives it;
//! what needs its surroundings (the unit of a demand) is judged where the plan is lowered.

mod codes;
mod form;
mod value;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

pub use codes::{
    CHANGES_NOTHING_YET, CODES, DUPLICATE_SETTING, MISSING_PROPERTY, MISSING_SETTING, MISSING_VALUE,
};
pub use value::{meant, parse_quarter};

use crate::diagnostic::Diagnostic;
use crate::language::nodes::{self, Kind, NodeSpec, Noun, Occurs, PropSpec, Repeat};
use crate::language::report::Report;
use crate::language::syntax::{Node, Value, ValueKind, Word};
use crate::language::values::Values;
use crate::source::Span;

use codes::DUPLICATE_PROPERTY;

/// What the shape check leaves for the passes after it.
#[derive(Debug, Default)]
pub struct Shaped {
    /// Nodes that are wrong; later passes skip them.
    pub poisoned: HashSet<Span>,
    /// Where words stand that change nothing yet, by word.
    pub later: BTreeMap<&'static str, Later>,
}

/// A word that changes nothing yet.
#[derive(Debug)]
pub struct Later {
    /// What it will do.
    pub text: &'static str,
    /// Where it stands.
    pub places: Vec<Span>,
}

/// What is demanded of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// It is complete.
    Whole,
    /// It edits one that is complete: nothing is required, and children may be edits.
    Edit,
}

/// Checks the nodes at the top of a plan's files, scenarios included.
pub fn check<'n>(
    nodes: impl IntoIterator<Item = &'n Node>,
    values: &mut Values<'_>,
    report: &mut Report,
) -> Shaped {
    let mut shape = Shape { values, report, out: Shaped::default(), scenarios: Vec::new() };
    let mut seen = Seen::default();
    for node in nodes {
        shape.top(node, &mut seen);
    }
    shape.out
}

struct Shape<'s, 'a> {
    /// Where scenarios stand: what they refer to is looked up in their result.
    scenarios: Vec<Span>,
    values: &'s mut Values<'a>,
    report: &'s mut Report,
    out: Shaped,
}

impl Shape<'_, '_> {
    fn top(&mut self, node: &Node, seen: &mut Seen) {
        if is_foreign(node) {
            return;
        }
        // What has no name of its own stands once in all files.
        let once = nodes::find(nodes::TOP, node)
            .filter(|spec| matches!(spec.name, "procurement" | "priorities"));
        if let Some(spec) = once
            && let Some(first) = seen.before(spec, node)
        {
            self.report.push(duplicate(spec, node, first));
            return;
        }
        match nodes::find(nodes::TOP, node) {
            // Its paths were judged where they were followed.
            Some(spec) if spec.name == "include" && !node.args.is_empty() => {
                self.properties(spec, node, Mode::Whole);
                self.children(spec, node, Mode::Whole);
            }
            Some(spec) => self.node(spec, node, Mode::Whole),
            None => self.report.push(form::unknown_node(None, nodes::TOP, node)),
        }
    }

    fn poison(&mut self, node: &Node) {
        self.out.poisoned.insert(node.span);
    }

    fn node(&mut self, spec: &'static NodeSpec, node: &Node, mode: Mode) {
        if let Some(text) = spec.later {
            self.later(spec.name, text, node.name.span);
        }
        self.arguments(spec, node, mode);
        self.properties(spec, node, mode);
        if spec.name == "scenario" {
            self.scenarios.push(node.span);
            self.scenario(spec, node);
            self.scenarios.pop();
        } else {
            self.children(spec, node, mode);
        }
    }

    fn later(&mut self, word: &'static str, text: &'static str, place: Span) {
        let later =
            self.out.later.entry(word).or_insert_with(|| Later { text, places: Vec::new() });
        later.places.push(place);
    }

    fn arguments(&mut self, spec: &'static NodeSpec, node: &Node, mode: Mode) {
        let pairs = spec.pair(node);
        let skipped = usize::from(spec.form.is_some());
        for (arg, value) in &pairs {
            if !self.value(&arg.kind, value, node, node.prop("dist")) {
                self.poison(node);
            }
        }
        if let Some(extra) = node.args.get(pairs.len() + skipped) {
            self.report.push(form::extra_value(spec, node, extra));
            self.poison(node);
        }
        if mode == Mode::Edit {
            return;
        }
        let given = |arg: &nodes::Arg| pairs.iter().any(|(known, _)| known.name == arg.name);
        let missing = spec.args.iter().find(|arg| arg.repeat != Repeat::Optional && !given(arg));
        if let Some(missing) = missing
            && node.args.len() <= pairs.len() + skipped
        {
            let mut diagnostic =
                Diagnostic::new(&MISSING_VALUE, format!("`{}` has no {}", spec.name, missing.name))
                    .at(node.name.span, format!("{} is missing", value::meant(&missing.kind)));
            if !spec.example.is_empty() {
                diagnostic = diagnostic.help(format!("write it as in `{}`", spec.example));
            }
            self.report.push(diagnostic);
            self.poison(node);
        }
    }

    fn properties(&mut self, spec: &'static NodeSpec, node: &Node, mode: Mode) {
        for (index, prop) in node.props.iter().enumerate() {
            let before = node.props[..index].iter().find(|p| p.name.text == prop.name.text);
            if let Some(before) = before {
                self.report.push(
                    Diagnostic::new(
                        &DUPLICATE_PROPERTY,
                        format!("`{}=` stands twice on `{}`", prop.name.text, spec.name),
                    )
                    .at(prop.name.span, "here again")
                    .also(before.name.span, "first here")
                    .help("keep one of them"),
                );
                continue;
            }
            let Some(known) = spec.prop(&prop.name.text) else {
                self.report.push(form::unknown_property(spec, node, prop));
                continue;
            };
            self.property(known, node, &prop.value, &prop.name);
        }
        if mode == Mode::Edit {
            return;
        }
        for missing in spec.props.iter().filter(|p| p.required && node.prop(p.name).is_none()) {
            self.report.push(
                Diagnostic::new(
                    &MISSING_PROPERTY,
                    format!("`{}` has no `{}=`", spec.name, missing.name),
                )
                .at(node.name.span, format!("`{}=` is missing", missing.name))
                .help(format!("write it as in `{}`", spec.example)),
            );
            self.poison(node);
        }
    }

    fn property(&mut self, spec: &'static PropSpec, node: &Node, value: &Value, name: &Word) {
        if let Some(text) = spec.later {
            self.later(spec.name, text, name.span);
        }
        if !self.value(&spec.kind, value, node, node.prop("dist")) {
            self.poison(node);
        }
    }

    fn children(&mut self, spec: &'static NodeSpec, node: &Node, mode: Mode) {
        if spec.children.is_empty() && node.children.is_empty() {
            return;
        }
        let mut seen = Seen::default();
        for child in &node.children {
            if is_foreign(child) {
                continue;
            }
            if mode == Mode::Edit && self.edit(spec.children, child) {
                continue;
            }
            let Some(found) = nodes::find(spec.children, child) else {
                self.report.push(form::unknown_node(Some((spec, node)), spec.children, child));
                continue;
            };
            if let Some(first) = seen.before(found, child) {
                self.report.push(duplicate(found, child, first));
                continue;
            }
            if mode == Mode::Edit && (found.is_named() || found.occurs == Occurs::Many) {
                self.report.push(form::needs_verb(found, child));
                self.poison(child);
                continue;
            }
            self.node(found, child, Mode::Whole);
        }
        if mode == Mode::Whole {
            self.required(spec, node);
        }
    }

    fn required(&mut self, spec: &'static NodeSpec, node: &Node) {
        let mut told = "";
        for missing in spec.children.iter().filter(|child| child.required) {
            if node.child(missing.name).is_some() || told == missing.name {
                continue;
            }
            told = missing.name;
            self.report.push(
                Diagnostic::new(
                    &MISSING_SETTING,
                    format!("{} has no `{}`", described(node), missing.name),
                )
                .at(head(node), format!("`{}` is missing", missing.name))
                .help(format!("add to it: `{}`", missing.example)),
            );
            self.poison(node);
        }
    }

    /// The children of a scenario: settings of its own, and edits of the plan.
    fn scenario(&mut self, spec: &'static NodeSpec, node: &Node) {
        let mut seen = Seen::default();
        for child in &node.children {
            if is_foreign(child) || self.edit(nodes::TOP, child) {
                continue;
            }
            let Some(found) = nodes::find(spec.children, child) else {
                self.report.push(form::not_in_scenario(spec, node, child));
                continue;
            };
            if let Some(first) = seen.before(found, child) {
                self.report.push(duplicate(found, child, first));
                continue;
            }
            self.node(found, child, Mode::Whole);
        }
    }

    /// Whether `child` is `add`, `change` or `remove`; checks what it edits among `specs`.
    fn edit(&mut self, specs: &'static [NodeSpec], child: &Node) -> bool {
        let Some(edit) = Edit::of(child, specs) else { return false };
        let target = match edit {
            Ok(edit) => edit,
            Err(diagnostic) => {
                self.report.push(*diagnostic);
                self.poison(child);
                return true;
            }
        };
        let mode = if target.verb == Verb::Add { Mode::Whole } else { Mode::Edit };
        let poisoned = self.out.poisoned.len();
        self.node(target.spec, &target.node, mode);
        if self.out.poisoned.len() > poisoned && self.out.poisoned.contains(&target.node.span) {
            self.poison(child);
        }
        true
    }
}

/// What a scenario does to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Declares it.
    Add,
    /// Edits it.
    Change,
    /// Takes it away.
    Remove,
}

/// An edit of a scenario: `change pool "serving" { … }` is a `pool "serving" { … }` to be changed.
#[derive(Debug)]
pub struct Edit {
    /// What is done.
    pub verb: Verb,
    /// What kind of node it is.
    pub spec: &'static NodeSpec,
    /// The node itself, the verb taken off.
    pub node: Node,
}

impl Edit {
    /// Reads an edit among `specs`; `None` where `child` is none.
    ///
    /// # Errors
    /// Where it names no node of the language.
    #[must_use]
    pub fn of(child: &Node, specs: &'static [NodeSpec]) -> Option<Result<Self, Box<Diagnostic>>> {
        let verb = match &*child.name.text {
            "add" => Verb::Add,
            "change" => Verb::Change,
            "remove" => Verb::Remove,
            _ => return None,
        };
        // `add "300 req/s"` in an event is a setting of its own.
        let Some(Value { kind: ValueKind::Bare(word), span, .. }) = child.args.first() else {
            let own = specs.iter().any(|spec| spec.name == &*child.name.text);
            return if own { None } else { Some(Err(Box::new(form::edit_without_kind(child)))) };
        };
        let node = Node {
            name: Word { text: word.clone(), span: *span },
            args: child.args[1..].to_vec(),
            props: child.props.clone(),
            children: child.children.clone(),
            has_block: child.has_block,
            span: child.span,
        };
        let extra: &'static [NodeSpec] =
            if std::ptr::eq(specs, nodes::TOP) { nodes::SCENARIO_EDITS } else { &[] };
        let found = nodes::find(extra, &node).or_else(|| nodes::find(specs, &node));
        Some(match found {
            Some(spec)
                if std::ptr::eq(specs, nodes::TOP) && !may_edit(spec)
                    || is_price_list(verb, spec, &node) =>
            {
                Err(Box::new(form::not_editable(spec, &node)))
            }
            Some(spec) => Ok(Self { verb, spec, node }),
            None => Err(Box::new(form::unknown_edit(specs, &node))),
        })
    }
}

/// Whether an edit is of a price list, and not of all prices: `change prices { multiply 1.1; }`.
fn is_price_list(verb: Verb, spec: &NodeSpec, node: &Node) -> bool {
    spec.name == "prices" && (verb != Verb::Change || !node.args.is_empty())
}

fn may_edit(spec: &NodeSpec) -> bool {
    !matches!(spec.name, "let" | "include" | "scenario" | "compare" | "knob" | "unit" | "source")
}

fn duplicate(spec: &NodeSpec, child: &Node, first: Span) -> Diagnostic {
    let by_props = spec.props.iter().filter(|prop| prop.key);
    let said: Vec<String> = by_props
        .filter_map(|prop| Some(format!("{}={}", prop.name, child.prop(prop.name)?.text()?)))
        .collect();
    let what = match child.args.first().and_then(Value::text) {
        _ if spec.occurs == Occurs::Keyed && !said.is_empty() => {
            format!("`{}` of `{}`", spec.name, said.join(" "))
        }
        Some(word) if spec.occurs == Occurs::Keyed => format!("`{} {word}`", spec.name),
        _ => format!("`{}`", spec.name),
    };
    Diagnostic::new(&DUPLICATE_SETTING, format!("{what} stands twice"))
        .at(child.span, "here again")
        .also(first, "first here")
        .help("keep one of them; what should differ stands in a scenario")
}

/// What stood before in a block.
#[derive(Default)]
struct Seen {
    once: Vec<(&'static str, Span)>,
    keyed: HashMap<String, Span>,
}

impl Seen {
    /// Where the same setting stood before; remembers this one.
    fn before(&mut self, spec: &'static NodeSpec, child: &Node) -> Option<Span> {
        match spec.occurs {
            Occurs::Many => None,
            Occurs::Once => {
                let before = self.once.iter().find(|(name, _)| *name == spec.name);
                let before = before.map(|(_, span)| *span);
                if before.is_none() {
                    self.once.push((spec.name, child.span));
                }
                before
            }
            Occurs::Keyed => {
                let key = key(spec, child);
                let before = self.keyed.get(&key).copied();
                if before.is_none() {
                    self.keyed.insert(key, child.span);
                }
                before
            }
        }
    }
}

/// What tells nodes of one kind in one block apart: their names and words, and their key properties.
#[must_use]
pub fn key(spec: &NodeSpec, node: &Node) -> String {
    let mut key = spec.name.to_owned();
    // A `split` has several forms but stands once; a `growth` stands once a form.
    if let Some(form) = spec.form
        && spec.name != "split"
    {
        key.push(' ');
        key.push_str(form);
    }
    if spec.occurs == Occurs::Keyed {
        for (arg, value) in spec.pair(node) {
            let is_key = matches!(
                arg.kind,
                Kind::Declares(_)
                    | Kind::Refers(_)
                    | Kind::Word(_)
                    | Kind::Month
                    | Kind::Currency
                    | Kind::Text
                    | Kind::LetName
            );
            if is_key && let Some(text) = value.text() {
                let _ = write!(key, " {text}");
            }
        }
        for prop in spec.props.iter().filter(|prop| prop.key) {
            if let Some(text) = node.prop(prop.name).and_then(Value::text) {
                let _ = write!(key, " {}={text}", prop.name);
            }
        }
    }
    key
}

/// Whether a node is another tool's.
#[must_use]
pub fn is_foreign(node: &Node) -> bool {
    node.name.text.starts_with("x-")
}

/// A node as messages name it: its word, and its name in backticks.
#[must_use]
pub fn described(node: &Node) -> String {
    match node.args.first().map(|value| &value.kind) {
        Some(ValueKind::Quoted(name)) if name.len() <= 60 => {
            format!("{} `{name}`", node.name.text)
        }
        _ => format!("`{}`", node.name.text),
    }
}

/// The name of a node and its first argument: what a label on the node points at.
#[must_use]
pub fn head(node: &Node) -> Span {
    match node.args.first() {
        Some(first) if first.span.file == node.name.span.file => node.name.span.to(first.span),
        _ => node.name.span,
    }
}

/// The note for words that change nothing yet.
pub fn notes(later: &BTreeMap<&'static str, Later>, report: &mut Report) {
    const SHOWN: usize = 4;
    for (word, Later { text, places }) in later {
        let mut places = places.clone();
        places.sort_unstable();
        let Some((first, rest)) = places.split_first() else { continue };
        let mut note =
            Diagnostic::new(&CHANGES_NOTHING_YET, format!("`{word}` changes no figure yet"))
                .at(*first, *text);
        for place in rest.iter().take(SHOWN) {
            note = note.also(*place, "and here");
        }
        if rest.len() > SHOWN {
            note = note.help(format!("and {} more", rest.len() - SHOWN));
        }
        report.push(note);
    }
}

/// The kind of thing that a node declares by its first argument.
#[must_use]
pub fn declares(spec: &NodeSpec) -> Option<Noun> {
    match spec.args.first()?.kind {
        Kind::Declares(noun) => Some(noun),
        _ => None,
    }
}
