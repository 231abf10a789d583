//! Scenarios: edits of the tree, which is then a plan of its own.
//!
//! A chain of `extends=` is applied from the farthest ancestor on. Adding needs something new, changing and
//! removing something that is there. In `change`, a setting replaces the one of its name and key; a value, a
//! property or a child that the edit does not give stays.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::calendar::{Calendar, parse_date};
use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::names::Names;
use crate::language::nodes::{self, Kind, NodeSpec, Noun};
use crate::language::quantity;
use crate::language::report::{Report, error, warning};
use crate::language::shape::{self, Edit, Verb, described, head};
use crate::language::syntax::{Node, Value, ValueKind};
use crate::language::tree::Tree;
use crate::language::values::Values;
use crate::money::Decimal;
use crate::source::{Sources, Span};

/// A scenario as declared.
#[derive(Debug)]
pub struct Declared<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its title.
    pub title: Option<&'a str>,
    /// Its node.
    pub node: &'a Node,
    /// The place of its name.
    pub span: Span,
    /// It and the scenarios it extends, the farthest first.
    pub chain: Vec<&'a Node>,
}

impl Declared<'_> {
    /// How likely it is held to be, 0 to 1.
    #[must_use]
    pub fn probability(&self, sources: &Sources, names: &Names<'_>) -> Option<f64> {
        let value = self.node.child("probability")?.arg(0)?;
        let mut values = Values::new(sources, names);
        values.figure(value, "%", &mut Report::default()).map(|percent| percent / 100.0)
    }

    /// The scenario it extends.
    #[must_use]
    pub fn parent(&self) -> Option<&str> {
        self.node.prop("extends").and_then(Value::text)
    }
}

/// Every scenario that is right as far as its head goes, by name.
pub fn declared<'a>(
    names: &'a Names<'a>,
    poisoned: &HashSet<Span>,
    report: &mut Report,
) -> Vec<Declared<'a>> {
    let all = names.all(Noun::Scenario);
    let mut scenarios = Vec::with_capacity(all.len());
    for name in all {
        if poisoned.contains(&name.node.span) {
            continue;
        }
        let mut chain = vec![name.node];
        let mut seen = vec![name.text];
        let mut current = name.node;
        let mut sound = true;
        while let Some(value) = current.prop("extends") {
            let Some(parent) = value.text().and_then(|text| names.find(Noun::Scenario, text))
            else {
                // Reported with the names, under the scenario that says it.
                report.push(names.unknown(Noun::Scenario, value));
                sound = false;
                break;
            };
            let parent = all[parent];
            if let Some(from) = seen.iter().position(|known| *known == parent.text) {
                // A circle is one mistake, told at its first name.
                let first =
                    seen[from..].iter().min().and_then(|name| names.find(Noun::Scenario, name));
                let parent = first.map_or(parent, |first| all[first]);
                let value = parent.node.prop("extends").unwrap_or(value);
                report.push(
                    Diagnostic::new(
                        &SCENARIO_CYCLE,
                        format!("scenario `{}` extends itself", parent.text),
                    )
                    .at(value.span, "this closes the circle")
                    .help("let one of them extend nothing"),
                );
                sound = false;
                break;
            }
            seen.push(parent.text);
            chain.push(parent.node);
            current = parent.node;
        }
        if sound {
            chain.reverse();
            let title = name.node.child("title").and_then(|title| title.arg(0)?.text());
            scenarios.push(Declared {
                name: name.text,
                title,
                node: name.node,
                span: name.span,
                chain,
            });
        }
    }
    scenarios
}

/// Where a node stands that an edit gives other values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// Where the plan states it.
    InThePlan,
    /// Where the edit does: a comparison shows what each side says, and where.
    InTheEdit,
}

/// The base with a scenario's edits; `None` where an edit cannot be made.
pub fn apply<'a>(
    base: &Tree<'a>,
    (scenario, stands): (&Declared<'_>, Stands),
    sources: &Sources,
    names: &Names<'_>,
    poisoned: &HashSet<Span>,
    report: &mut Report,
) -> Option<Tree<'a>> {
    let mut editor = Editor::new(base.clone(), stands, poisoned, report);
    for node in &scenario.chain {
        for child in &node.children {
            if poisoned.contains(&child.span) || shape::is_foreign(child) {
                continue;
            }
            if &*child.name.text == "let" {
                editor.assumption(child, sources, names);
                continue;
            }
            if let Some(Ok(edit)) = Edit::of(child, nodes::TOP) {
                editor.top(edit);
            }
        }
    }
    editor.finish()
}

struct Editor<'a, 'r> {
    tree: Tree<'a>,
    /// Where the node of a kind and name stands.
    index: HashMap<(String, String), usize>,
    removed: HashSet<usize>,
    stands: Stands,
    poisoned: &'r HashSet<Span>,
    report: &'r mut Report,
    failed: bool,
}

impl<'a, 'r> Editor<'a, 'r> {
    fn new(
        tree: Tree<'a>,
        stands: Stands,
        poisoned: &'r HashSet<Span>,
        report: &'r mut Report,
    ) -> Self {
        let index = tree.iter().enumerate().map(|(at, node)| (identity(node), at)).collect();
        Self { tree, index, removed: HashSet::new(), stands, poisoned, report, failed: false }
    }

    fn fail(&mut self, diagnostic: Diagnostic) {
        self.report.push(diagnostic);
        self.failed = true;
    }

    /// Gives an assumption another value.
    fn assumption(&mut self, child: &Node, sources: &Sources, names: &Names<'_>) {
        let Some(name) = child.arg(0).and_then(Value::text) else { return };
        let Some(at) = self.find(child) else {
            if let Some(value) = child.arg(0) {
                self.fail(names.unknown(Noun::Let, value));
            }
            return;
        };
        let before = self.tree.nodes[at].as_ref();
        let mut after = before.clone();
        after.args.clone_from(&child.args);
        after.props.clone_from(&child.props);
        if let Some(wrong) = other_kind(before, child, sources, names) {
            self.fail(wrong);
            return;
        }
        if same(before, &after) {
            self.report.push(changes_nothing(child, &format!("`{name}`"), before.span));
        }
        self.stand(&mut after, (child.name.span, child.span));
        self.tree.nodes[at] = Cow::Owned(after);
    }

    fn find(&self, node: &Node) -> Option<usize> {
        self.index.get(&identity(node)).copied().filter(|at| !self.removed.contains(at))
    }

    /// An edit of something at the top of a file.
    fn top(&mut self, edit: Edit) {
        let Edit { verb, spec, node } = edit;
        if spec.name == "prices" {
            self.prices(&node);
            return;
        }
        if spec.name == "fx" {
            self.fx(verb, node);
            return;
        }
        let found = self.find(&node);
        match (verb, found) {
            (Verb::Add, None) => {
                let mut node = node;
                let place = (node.name.span, node.span);
                self.stand(&mut node, place);
                self.index.insert(identity(&node), self.tree.nodes.len());
                self.tree.nodes.push(Cow::Owned(node));
            }
            (Verb::Add, Some(at)) => {
                let there = self.tree.nodes[at].as_ref().clone();
                self.fail(already_there(&node, &there));
            }
            (Verb::Remove, Some(at)) => {
                self.removed.insert(at);
            }
            (Verb::Change, Some(at)) => {
                let mut target = self.tree.nodes[at].as_ref().clone();
                let before = target.clone();
                self.change(spec, &mut target, &node);
                // Its children that change nothing say so themselves.
                if node.children.is_empty() && same(&before, &target) {
                    self.report.push(changes_nothing(&node, &described(&node), before.span));
                }
                self.tree.nodes[at] = Cow::Owned(target);
            }
            (Verb::Change | Verb::Remove, None) => {
                let known: Vec<String> = self
                    .index
                    .keys()
                    .filter(|(kind, _)| *kind == *node.name.text)
                    .map(|(_, name)| name.clone())
                    .collect();
                self.fail(not_there(&node, verb, known));
            }
        }
    }

    /// `change prices { multiply 1.1; }`
    fn prices(&mut self, node: &Node) {
        let Some(value) = node.child("multiply").and_then(|multiply| multiply.arg(0)) else {
            return;
        };
        let text = match &value.kind {
            ValueKind::Number(text) | ValueKind::Quoted(text) => text.trim().to_owned(),
            _ => return,
        };
        match text.parse::<Decimal>().ok().or_else(|| Decimal::from_scientific(&text).ok()) {
            Some(factor) if factor > Decimal::ZERO => {
                self.tree.price_factor =
                    self.tree.price_factor.checked_mul(factor).unwrap_or(self.tree.price_factor);
            }
            _ => self.fail(
                Diagnostic::new(&PRICE_FACTOR, "prices are multiplied by one certain number")
                    .at(value.span, "a number above zero is meant here")
                    .help("write it as in `multiply 1.1`"),
            ),
        }
    }

    /// `change fx USD "1.02 EUR"` is an edit of the plan node.
    fn fx(&mut self, verb: Verb, node: Node) {
        let Some(at) = self.tree.iter().position(|known| &*known.name.text == "plan") else {
            return;
        };
        let Some(spec) = nodes::TOP.iter().find(|spec| spec.name == "plan") else { return };
        let mut target = self.tree.nodes[at].as_ref().clone();
        if let Some(found) = nodes::find(spec.children, &node) {
            self.child(spec, found, verb, &mut target, node);
        }
        self.tree.nodes[at] = Cow::Owned(target);
    }

    /// Puts a node where the edit stands that gives it its values.
    fn stand(&self, target: &mut Node, (name, whole): (Span, Span)) {
        if self.stands == Stands::InTheEdit {
            target.name.span = name;
            // Without the verb.
            target.span = Span { start: name.start, len: whole.end() - name.start, ..whole };
        }
    }

    /// Puts the values, properties and children of an edit into a node.
    fn change(&mut self, spec: &'static NodeSpec, target: &mut Node, edit: &Node) {
        let keys = spec.pair(edit).iter().filter(|(arg, _)| is_key(&arg.kind)).count()
            + usize::from(spec.form.is_some());
        // What stands once is found by its name: its word is no key of it.
        let other = edit.args.len() == target.args.len()
            && edit.args.iter().zip(&target.args).any(|(own, before)| own.text() != before.text());
        let replaces = edit.args.len() > keys || other;
        if replaces {
            target.args.clone_from(&edit.args);
        }
        if replaces || !edit.props.is_empty() {
            self.stand(target, (edit.name.span, edit.span));
        }
        for prop in &edit.props {
            match target.props.iter_mut().find(|own| own.name.text == prop.name.text) {
                Some(own) => *own = prop.clone(),
                None => target.props.push(prop.clone()),
            }
        }
        for child in &edit.children {
            if self.poisoned.contains(&child.span) || shape::is_foreign(child) {
                continue;
            }
            match Edit::of(child, spec.children) {
                Some(Ok(Edit { verb, spec: found, node })) => {
                    self.child(spec, found, verb, target, node);
                }
                Some(Err(_)) => {}
                None => {
                    if let Some(found) = nodes::find(spec.children, child) {
                        self.replace(found, target, child);
                    }
                }
            }
        }
        target.has_block |= edit.has_block;
    }

    /// A setting in `change` takes the place of the one of its name and key.
    fn replace(&mut self, found: &'static NodeSpec, target: &mut Node, child: &Node) {
        let key = shape::key(found, child);
        let same_key = |own: &Node, specs: &'static [NodeSpec]| {
            nodes::find(specs, own).is_some_and(|spec| shape::key(spec, own) == key)
        };
        let specs = std::slice::from_ref(found);
        // A node with several forms is one setting whatever its form, unless each form stands for itself.
        let at = target.children.iter().position(|own| {
            same_key(own, specs) || (found.name == "split" && own.name.text == child.name.text)
        });
        match at {
            Some(at) => {
                if same(&target.children[at], child) {
                    let before = target.children[at].span;
                    self.report.push(changes_nothing(
                        child,
                        &format!("`{}`", child.name.text),
                        before,
                    ));
                }
                target.children[at] = child.clone();
            }
            None => target.children.push(child.clone()),
        }
    }

    /// An edit of a child.
    fn child(
        &mut self,
        parent: &'static NodeSpec,
        found: &'static NodeSpec,
        verb: Verb,
        target: &mut Node,
        node: Node,
    ) {
        let key = shape::key(found, &node);
        let at = target.children.iter().position(|own| {
            nodes::find(parent.children, own).is_some_and(|spec| {
                spec.name == found.name
                    && (shape::key(spec, own) == key
                        || is_prefix(&key, &shape::key(spec, own), spec))
            })
        });
        match (verb, at) {
            (Verb::Add, Some(at)) if found.occurs != nodes::Occurs::Many => {
                let there = target.children[at].clone();
                self.fail(already_there(&node, &there));
            }
            (Verb::Add, _) => {
                let mut node = node;
                let place = (node.name.span, node.span);
                self.stand(&mut node, place);
                target.children.push(node);
            }
            (Verb::Remove, Some(at)) => {
                target.children.remove(at);
            }
            (Verb::Change, Some(at)) => {
                let mut child = target.children[at].clone();
                let before = child.clone();
                self.change(found, &mut child, &node);
                if node.children.is_empty() && same(&before, &child) {
                    self.report.push(changes_nothing(&node, &described(&node), before.span));
                }
                target.children[at] = child;
            }
            (Verb::Change | Verb::Remove, None) => {
                let known = target
                    .children
                    .iter()
                    .filter(|own| own.name.text == node.name.text)
                    .filter_map(|own| own.arg(0)?.text().map(str::to_owned))
                    .collect();
                self.fail(not_there(&node, verb, known));
            }
        }
    }

    fn finish(mut self) -> Option<Tree<'a>> {
        if self.failed {
            return None;
        }
        let removed = self.removed;
        let mut at = 0;
        self.tree.nodes.retain(|_| {
            at += 1;
            !removed.contains(&(at - 1))
        });
        Some(self.tree)
    }
}

/// `remove growth` without a form names the one that is there; a key may leave out its properties.
fn is_prefix(key: &str, of: &str, spec: &NodeSpec) -> bool {
    spec.props.iter().any(|prop| prop.key)
        && of.starts_with(key)
        && of[key.len()..].starts_with(' ')
}

fn is_key(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Declares(_)
            | Kind::Refers(_)
            | Kind::Word(_)
            | Kind::Month
            | Kind::Currency
            | Kind::Text
            | Kind::LetName
    )
}

fn identity(node: &Node) -> (String, String) {
    let name = match &*node.name.text {
        // One of each stands in a plan, whatever its name.
        "plan" | "procurement" | "priorities" => "",
        _ => node.arg(0).and_then(Value::text).unwrap_or_default(),
    };
    (node.name.text.to_string(), name.to_owned())
}

/// Whether two nodes say the same, wherever they stand.
fn same(a: &Node, b: &Node) -> bool {
    let value = |a: &Value, b: &Value| {
        a.kind == b.kind
            && a.annotation.as_ref().map(|word| &word.text)
                == b.annotation.as_ref().map(|word| &word.text)
    };
    a.name.text == b.name.text
        && a.args.len() == b.args.len()
        && a.args.iter().zip(&b.args).all(|(a, b)| value(a, b))
        && a.props.len() == b.props.len()
        && a.props
            .iter()
            .all(|prop| b.prop(&prop.name.text).is_some_and(|other| value(&prop.value, other)))
        && a.children.len() == b.children.len()
        && a.children.iter().zip(&b.children).all(|(a, b)| same(a, b))
}

/// An assumption keeps the kind of its value: a growth stays a growth, a day a day.
fn other_kind(
    before: &Node,
    after: &Node,
    sources: &Sources,
    names: &Names<'_>,
) -> Option<Diagnostic> {
    let (old, new) = (before.arg(1)?, after.arg(1)?);
    let mut values = Values::new(sources, names);
    if old.text().and_then(parse_date).is_some()
        || old.text().is_some_and(|t| Calendar::Gregorian.parse(t).is_some())
    {
        let mut quiet = Report::default();
        return values.first_day(new, &mut quiet).is_none().then(|| {
            Diagnostic::new(&LET_OF_OTHER_KIND, "this assumption is a day")
                .at(new.span, "a day is meant here")
                .also(old.span, "its value in the plan")
                .help("write it as `\"2027-03-15\"`")
        });
    }
    let counted = |unit: &str| names.find(Noun::CountedUnit, unit).is_some();
    let old_text = match &old.kind {
        ValueKind::Quoted(text) | ValueKind::Number(text) => text,
        _ => return None,
    };
    let new_text = match &new.kind {
        ValueKind::Quoted(text) | ValueKind::Number(text) => text,
        _ => return None,
    };
    let old_quantity = quantity::parse(old_text, &counted).ok()?;
    let new_quantity = match quantity::parse(new_text, &counted) {
        Ok(quantity) => quantity,
        Err(wrong) => return Some(wrong.diagnostic(new_text, new.span, sources.text(new.span))),
    };
    let mismatch = new_quantity.convert(&old_quantity.unit).err()?;
    Some(
        Diagnostic::new(&LET_OF_OTHER_KIND, mismatch.to_string())
            .at(new.span, format!("this is in `{}`", new_quantity.unit_text))
            .also(old.span, format!("in the plan it is in `{}`", old_quantity.unit_text))
            .help(mismatch.help(&new_quantity, &old_quantity.unit_text)),
    )
}

fn already_there(node: &Node, there: &Node) -> Diagnostic {
    Diagnostic::new(&ALREADY_THERE, format!("{} is already there", described(node)))
        .at(head(node), "`add` declares what is new")
        .also(head(there), "it is declared here")
        .help("write `change` in place of `add`, or give it another name")
}

fn not_there(node: &Node, verb: Verb, mut known: Vec<String>) -> Diagnostic {
    known.sort();
    let verb = if verb == Verb::Remove { "remove" } else { "change" };
    let diagnostic =
        Diagnostic::new(&NOT_THERE, format!("there is no {} to {verb}", described(node)))
            .at(head(node), "nothing of this name is there");
    let name = node.arg(0).and_then(Value::text).unwrap_or_default();
    match crate::language::suggest::nearest(name, known.iter().map(String::as_str)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => diagnostic.help("write `add` to declare it"),
        None => diagnostic.help(format!(
            "there are {}",
            crate::language::suggest::list(known.iter().map(String::as_str))
        )),
    }
}

fn changes_nothing(node: &Node, what: &str, before: Span) -> Diagnostic {
    Diagnostic::new(&CHANGES_NOTHING, format!("{what} is changed to what it is"))
        .at(node.span, "the same value")
        .also(before, "it stands here already")
        .help("remove the change, or give another value")
}

/// A circle of `extends=`.
pub static SCENARIO_CYCLE: Code = error(
    "scenario_cycle",
    Family::Scenario,
    "scenarios that extend each other in a circle",
    "A scenario extends another: the other's edits are made first. Somewhere the chain begins at the \
plan.\n\nWrong:\n\n```kdl\nscenario \"a\" extends=\"b\"\nscenario \"b\" extends=\"a\"\n```\n\nRight:\n\n```kdl\n\
scenario \"a\" { title \"Slow\"; }\nscenario \"b\" extends=\"a\" { title \"Slow and late\"; }\n```\n",
);
/// `add` of something that is there.
pub static ALREADY_THERE: Code = error(
    "already_there",
    Family::Scenario,
    "a scenario adds what is already there",
    "`add` declares what is new, so that a typing error never overrides.\n\nWrong:\n\n```kdl\nscenario \"s\" { add \
team \"search\"; }\n```\n\nRight:\n\n```kdl\nscenario \"s\" { change team \"search\" { owner \"new@acme.example\"; }; \
}\n```\n",
);
/// `change` or `remove` of something that is not there.
pub static NOT_THERE: Code = error(
    "not_there",
    Family::Scenario,
    "a scenario changes or removes what is not there",
    "`change` and `remove` name what the plan, or the scenario it extends, declares.\n\nWrong:\n\n```kdl\nscenario \
\"s\" { change pool \"servng\" { limit 60; }; }\n```\n\nRight:\n\n```kdl\nscenario \"s\" { change pool \"serving\" { \
limit 60; }; }\n```\n",
);
/// An assumption of another kind.
pub static LET_OF_OTHER_KIND: Code = error(
    "let_of_other_kind",
    Family::Scenario,
    "a scenario gives an assumption a value of another kind",
    "An assumption keeps its dimension in every scenario: a growth a month stays one, a day stays a \
day.\n\nWrong:\n\n```kdl\nlet growth \"3% to 6% / month\"\nscenario \"s\" { let growth \"8%\"; }\n```\n\nRight:\n\n\
```kdl\nlet growth \"3% to 6% / month\"\nscenario \"s\" { let growth \"8%/month\"; }\n```\n",
);
/// A factor on prices that is none.
pub static PRICE_FACTOR: Code = error(
    "price_factor",
    Family::Scenario,
    "prices are multiplied by something that is no certain number",
    "`change prices { multiply … }` multiplies every price of every provider by one number above zero; \
uncertainty of prices is written in the prices.\n\nWrong:\n\n```kdl\nchange prices { multiply \"1.0 to 1.2\"; }\n\
```\n\nRight:\n\n```kdl\nchange prices { multiply 1.1; }\n```\n",
);
/// A change to the same value.
pub static CHANGES_NOTHING: Code = warning(
    "changes_nothing",
    Family::Scenario,
    "a scenario changes something to what it is",
    "The edit has no effect: perhaps the plan caught up with the scenario, or the wrong figure was \
edited.\n\nWrong:\n\n```kdl\npool \"serving\" { limit 40; }\nscenario \"s\" { change pool \"serving\" { limit 40; }; }\n\
```\n\nRight:\n\n```kdl\nscenario \"s\" { change pool \"serving\" { limit 60; }; }\n```\n",
);

/// The codes of scenarios.
pub static CODES: &[&Code] = &[
    &SCENARIO_CYCLE,
    &ALREADY_THERE,
    &NOT_THERE,
    &LET_OF_OTHER_KIND,
    &PRICE_FACTOR,
    &CHANGES_NOTHING,
];
