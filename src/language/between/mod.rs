//! Two plans as written, before and after: where they differ, and every plan that lies between them.
//!
//! In go two loaded plans; out come the places where they differ, each with its cause, and for any set of
//! causes the plan that has the changes of these causes and no others. Templates are merged first, so a
//! change in a template is a change of every workload that uses it. What only has another name now gets
//! its old one back, so that its draws stay its own. What must be equal on both sides for a comparison to
//! mean anything (day, seed, draws, exchange rates) is taken from the plan after.
//!
//! Scenarios are left out: a comparison is of the base, or of what [`super::as_scenario`] made of a plan. No figure is
//! computed here.

mod cause;
mod merge;
mod node;
mod rename;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

pub use cause::Cause;
pub use merge::Place;
pub use rename::Rename;

use crate::language::load::{Loaded, PriceList};
use crate::language::nodes::{self, Noun};
use crate::language::syntax::{Node, Value};
use crate::language::template;
use crate::money::Decimal;
use crate::source::{FileId, SourceFile, Sources, Span};
use node::{Named, Role, content, walk};

/// The kind and the name of a thing at the top of a plan.
pub type Thing = (String, String);

/// One change of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What changed: its kind and name (the name it has after), and how many more changed by the same line.
    pub thing: Thing,
    /// Other things that the same line changes, by a template.
    pub also: usize,
    /// Where and how.
    pub place: Place,
}

/// What prices are multiplied by, and where that is said.
type Factor = (Decimal, Span);

/// Two plans, side by side.
#[derive(Debug)]
pub struct Between {
    /// The files of both, those of the plan before first.
    pub sources: Sources,
    /// Where they differ, by cause, then by thing.
    pub changes: Vec<Change>,
    /// What was renamed.
    pub renames: Vec<Rename>,
    /// What is taken from the plan after on both sides although it changed.
    pub pinned: Vec<Change>,
    before: Vec<Node>,
    after: Vec<Node>,
    entry: (FileId, FileId),
    folder: PathBuf,
    /// The price lists of both.
    lists: Vec<PriceList>,
    lets: BTreeMap<String, Cause>,
    /// What every price is multiplied by on both sides, where a scenario says so.
    price_factor: (Option<Factor>, Option<Factor>),
}

impl Between {
    /// Holds two loaded plans side by side.
    #[must_use]
    pub fn new(before: &Loaded, after: &Loaded) -> Self {
        let mut sources = before.sources.clone();
        let mut ids = BTreeMap::new();
        for (id, file) in after.sources.iter() {
            ids.insert(id, sources.add(SourceFile::new(file.path.clone(), file.text.clone())));
        }
        let factor =
            after.price_factor.map(|(factor, at)| (factor, Span { file: ids[&at.file], ..at }));
        let lists = after.lists.iter().cloned().map(|mut list| {
            list.node.file = ids[&list.node.file];
            list.file = ids[&list.file];
            list
        });
        let lists = before.lists.iter().cloned().chain(lists).collect();
        let mut new: Vec<Node> = own(after);
        for node in &mut new {
            moved(node, &|id| ids[&id]);
        }
        let mut old: Vec<Node> = own(before);
        let renames = rename::undo(&old, &mut new);
        let old_templates = taken_out(&mut old);
        let new_templates = taken_out(&mut new);
        for node in &mut old {
            merged(node, &old_templates);
        }
        for node in &mut new {
            merged(node, &new_templates);
        }
        let pinned = pin(&mut old, &new);
        let lets = causes_of_lets(old.iter().chain(&new));
        let mut between = Self {
            sources,
            changes: Vec::new(),
            renames,
            pinned,
            before: old,
            after: new,
            entry: (before.entry, ids[&after.entry]),
            folder: after.folder.clone(),
            lists,
            lets,
            price_factor: (before.price_factor, factor),
        };
        between.changes = between.compare();
        between
    }

    /// The causes that there are changes of, in the order of substitution.
    #[must_use]
    pub fn causes(&self) -> Vec<Cause> {
        let causes: BTreeSet<Cause> =
            self.changes.iter().map(|change| change.place.cause).collect();
        causes.into_iter().collect()
    }

    /// The plan before, with what is pinned.
    #[must_use]
    pub fn before(&self) -> Loaded {
        self.loaded(self.before.clone(), self.entry.0, self.price_factor.0)
    }

    /// The plan after, with the names of the plan before.
    #[must_use]
    pub fn after(&self) -> Loaded {
        self.loaded(self.after.clone(), self.entry.1, self.price_factor.1)
    }

    /// The plan that has the changes of these causes, and no others: what a change needs comes with it, and
    /// what something still needs stays.
    #[must_use]
    pub fn with(&self, taken: &[Cause]) -> Loaded {
        let takes = |cause: Cause| taken.contains(&cause);
        let (old, new) = (by_thing(&self.before), by_thing(&self.after));
        let mut kept: BTreeMap<&Thing, Node> = BTreeMap::new();
        let mut aside: BTreeMap<&Thing, &Node> = BTreeMap::new();
        let all: BTreeSet<&Thing> = old.keys().chain(new.keys()).collect();
        for thing in all {
            let cause = self.cause_of(thing);
            let defines = DEFINES.contains(&thing.0.as_str());
            match (old.get(thing), new.get(thing)) {
                (Some(old), Some(new)) if thing.0 == "let" => {
                    kept.insert(thing, if takes(cause) { *new } else { *old }.clone());
                }
                (Some(old), Some(new)) => {
                    kept.insert(thing, merge::between(nodes::TOP, old, new, &takes));
                }
                (Some(old), None) if defines || !takes(cause) => {
                    kept.insert(thing, (*old).clone());
                }
                (None, Some(new)) if defines || takes(cause) => {
                    kept.insert(thing, (*new).clone());
                }
                (Some(node), None) | (None, Some(node)) => {
                    aside.insert(thing, node);
                }
                (None, None) => {}
            }
        }
        loop {
            let named = named(kept.values());
            let needed = |thing: &Thing| named.contains(thing);
            let come: Vec<&Thing> = aside.keys().copied().filter(|thing| needed(thing)).collect();
            if come.is_empty() {
                break;
            }
            for thing in come {
                kept.extend(aside.remove(thing).map(|node| (thing, node.clone())));
            }
        }
        let (before, after) = self.price_factor;
        let factor = if takes(Cause::Prices) { after } else { before };
        self.loaded(kept.into_values().collect(), self.entry.1, factor)
    }

    fn compare(&self) -> Vec<Change> {
        let (old, new) = (by_thing(&self.before), by_thing(&self.after));
        let all: BTreeSet<&Thing> = old.keys().chain(new.keys()).collect();
        let mut changes: Vec<Change> = Vec::new();
        for thing in all {
            let mut found = match (old.get(thing), new.get(thing)) {
                (Some(old), Some(new)) => merge::places(nodes::TOP, old, new),
                (old, new) => vec![Place {
                    path: vec![thing.0.clone()],
                    cause: Cause::of(&[&thing.0]),
                    before: old.map(|node| node.origin()),
                    after: new.map(|node| node.origin()),
                }],
            };
            if let (true, Some(old), Some(new)) = (found.is_empty(), old.get(thing), new.get(thing))
                && self.reads_another_list(old, new)
            {
                found.push(Place {
                    path: vec![thing.0.clone(), "contents".to_owned()],
                    cause: Cause::Prices,
                    before: Some(old.origin()),
                    after: Some(new.origin()),
                });
            }
            if thing.0 == "let" {
                for place in &mut found {
                    place.cause = self.cause_of(thing);
                }
            }
            let name = self.name_after(thing);
            for place in found {
                let same = |known: &&mut Change| {
                    known.place == place && known.thing.0 == thing.0 && place.path.len() > 1
                };
                match changes.iter_mut().find(same) {
                    Some(known) => known.also += 1,
                    None => changes.push(Change {
                        thing: (thing.0.clone(), name.clone()),
                        also: 0,
                        place,
                    }),
                }
            }
        }
        let (before, after) = self.price_factor;
        if before.map(|of| of.0) != after.map(|of| of.0) {
            changes.push(Change {
                thing: ("prices".to_owned(), String::new()),
                also: 0,
                place: Place {
                    path: vec!["prices".to_owned(), "multiply".to_owned()],
                    cause: Cause::Prices,
                    before: before.map(|of| of.1),
                    after: after.map(|of| of.1),
                },
            });
        }
        changes.sort_by(|a, b| {
            let key = |change: &Change| (change.place.cause, change.thing.clone());
            key(a).cmp(&key(b))
        });
        changes
    }

    /// Whether two `prices` nodes that say the same name files that do not.
    fn reads_another_list(&self, old: &Node, new: &Node) -> bool {
        let text = |node: &Node| {
            let list = self.lists.iter().find(|list| list.node == node.origin())?;
            Some(&self.sources.file(list.file).text)
        };
        text(old) != text(new)
    }

    /// The name that a thing of the plan before has in the plan after.
    #[must_use]
    pub fn name_after(&self, thing: &Thing) -> String {
        let renamed = self.renames.iter().find(|r| r.kind == thing.0 && r.before == thing.1);
        renamed.map_or_else(|| thing.1.clone(), |rename| rename.after.clone())
    }

    fn cause_of(&self, thing: &Thing) -> Cause {
        if thing.0 == "let" {
            return self.lets.get(&thing.1).copied().unwrap_or(Cause::Other);
        }
        Cause::of(&[&thing.0])
    }

    fn loaded(&self, nodes: Vec<Node>, entry: FileId, factor: Option<Factor>) -> Loaded {
        let named = |list: &&PriceList| nodes.iter().any(|node| node.origin() == list.node);
        Loaded {
            lists: self.lists.iter().filter(named).cloned().collect(),
            sources: self.sources.clone(),
            files: vec![(entry, nodes)],
            folder: self.folder.clone(),
            entry,
            price_factor: factor,
            diagnostics: Vec::new(),
        }
    }
}

/// Kinds that cost nothing until something refers to them.
const DEFINES: [&str; 11] = [
    "let",
    "unit",
    "department",
    "team",
    "project",
    "environment",
    "source",
    "gpu",
    "provider",
    "priorities",
    "cohort",
];

/// Words at the top of a plan that a comparison of the base does not look at.
const LEFT_OUT: [&str; 4] = ["scenario", "compare", "knob", "include"];

/// The nodes of a plan that a comparison looks at.
fn own(loaded: &Loaded) -> Vec<Node> {
    let nodes = loaded.files.iter().flat_map(|(_, nodes)| nodes);
    nodes
        .filter(|node| !LEFT_OUT.contains(&&*node.name.text))
        .filter(|node| !crate::language::shape::is_foreign(node))
        .cloned()
        .collect()
}

/// The templates, which no longer stand among the nodes.
fn taken_out(nodes: &mut Vec<Node>) -> BTreeMap<String, Node> {
    let templates = nodes.extract_if(.., |node| &*node.name.text == "template");
    templates.filter_map(|node| Some((node.arg(0)?.text()?.to_owned(), node))).collect()
}

/// A workload with its template's settings as its own.
fn merged(node: &mut Node, templates: &BTreeMap<String, Node>) {
    if &*node.name.text != "workload" {
        return;
    }
    let used = node.child("use").and_then(|used| used.arg(0)).and_then(Value::text);
    let Some(template) = used.and_then(|used| templates.get(used)) else { return };
    let merged = template::merge(node, Some(template));
    let children = merged.children.into_iter().filter(|child| &*child.name.text != "use");
    let children: Vec<Node> = children.cloned().collect();
    node.children = children;
}

/// Settings of `plan` that a comparison needs to be equal: seed, draws, day, exchange rates.
const PINNED: [&str; 4] = ["as-of", "seed", "draws", "fx"];

/// Puts what is pinned from the plan after into the plan before, and says what that was. A rate that only
/// the plan before has stays.
fn pin(before: &mut [Node], after: &[Node]) -> Vec<Change> {
    let is_plan = |node: &&mut Node| &*node.name.text == "plan";
    let new = after.iter().find(|node| &*node.name.text == "plan");
    let (Some(old), Some(new)) = (before.iter_mut().find(is_plan), new) else { return Vec::new() };
    let is_pinned = |node: &Node| PINNED.contains(&&*node.name.text);
    let name = new.arg(0).and_then(Value::text).unwrap_or_default().to_owned();
    let places = merge::places(nodes::TOP, old, new);
    let told = places
        .into_iter()
        .filter(|place| place.path.get(1).is_some_and(|word| PINNED.contains(&word.as_str())));
    let told = told
        .map(|place| Change { thing: ("plan".to_owned(), name.clone()), also: 0, place })
        .collect();
    let rates: Vec<Node> = old.children_named("fx").cloned().collect();
    old.children.retain(|child| !is_pinned(child));
    old.children.extend(new.children.iter().filter(|child| is_pinned(child)).cloned());
    for rate in rates {
        let code = rate.arg(0).and_then(Value::text);
        if !old.children_named("fx").any(|known| known.arg(0).and_then(Value::text) == code) {
            old.children.push(rate);
        }
    }
    told
}

/// The cause of a shared assumption: the first, in the order of substitution, of what refers to it.
fn causes_of_lets<'n>(nodes: impl Iterator<Item = &'n Node>) -> BTreeMap<String, Cause> {
    let mut causes: BTreeMap<String, Cause> = BTreeMap::new();
    for node in nodes {
        walk(nodes::TOP, node, &mut Vec::new(), &mut |path, role, _, value| {
            if let (Role::Refers(Noun::Let), Some(name)) = (role, value.text()) {
                let cause = Cause::of(path);
                let known = causes.entry(name.to_owned()).or_insert(cause);
                *known = cause.min(*known);
            }
        });
    }
    causes
}

fn by_thing(nodes: &[Node]) -> BTreeMap<Thing, &Node> {
    nodes.iter().map(|node| (thing(node), node)).collect()
}

/// The kind and name of a node at the top; of what stands once, no name.
fn thing(node: &Node) -> Thing {
    let name = match &*node.name.text {
        "plan" | "procurement" | "priorities" => "",
        _ => node.arg(0).and_then(Value::text).unwrap_or_default(),
    };
    (node.name.text.to_string(), name.to_owned())
}

/// Everything that nodes refer to by name.
fn named<'n>(nodes: impl Iterator<Item = &'n Node>) -> BTreeSet<Thing> {
    let mut found = BTreeSet::new();
    for node in nodes {
        walk(nodes::TOP, node, &mut Vec::new(), &mut |_, role, _, value| {
            if let (Role::Refers(noun), Some(name)) = (role, value.text()) {
                found.insert((noun.word().to_owned(), name.to_owned()));
            }
        });
    }
    found
}

/// Gives every place of a node another file.
fn moved(node: &mut Node, id: &dyn Fn(FileId) -> FileId) {
    let here = |span: &mut Span| span.file = id(span.file);
    here(&mut node.span);
    here(&mut node.name.span);
    for value in &mut node.args {
        here(&mut value.span);
        value.annotation.iter_mut().for_each(|word| here(&mut word.span));
    }
    for prop in &mut node.props {
        here(&mut prop.name.span);
        here(&mut prop.value.span);
        prop.value.annotation.iter_mut().for_each(|word| here(&mut word.span));
    }
    node.children.iter_mut().for_each(|child| moved(child, id));
}

/// What the demand of every workload is forecast from, as text: two plans in which it is equal, with equal
/// draws and histories, have equal demands. Templates must be merged.
#[must_use]
pub fn demands(loaded: &Loaded) -> BTreeMap<String, String> {
    let nodes = loaded.files.iter().flat_map(|(_, nodes)| nodes);
    let things: BTreeMap<Thing, &Node> = nodes.map(|node| (thing(node), node)).collect();
    let frame: Vec<String> = ["plan", "procurement"]
        .iter()
        .filter_map(|kind| things.get(&((*kind).to_owned(), String::new())))
        .map(|node| content(node, Named::Counts))
        .collect();
    let workloads = things.iter().filter(|((kind, _), _)| kind == "workload");
    workloads
        .map(|((_, name), _)| {
            let mut text = frame.join("\n");
            let mut seen = BTreeSet::new();
            demand_text(name, &things, &mut seen, &mut text);
            (name.clone(), text)
        })
        .collect()
}

/// Adds the demand of a workload, and what it refers to, a leader's included.
fn demand_text(
    name: &str,
    things: &BTreeMap<Thing, &Node>,
    seen: &mut BTreeSet<Thing>,
    text: &mut String,
) {
    let this = ("workload".to_owned(), name.to_owned());
    let Some(node) = things.get(&this) else { return };
    if !seen.insert(this) {
        return;
    }
    let Some(demand) = node.child("demand") else { return };
    text.push('\n');
    text.push_str(&content(demand, Named::Counts));
    let specs = template::workload_settings();
    let mut refers = BTreeSet::new();
    walk(specs, demand, &mut Vec::new(), &mut |_, role, _, value| {
        if let (Role::Refers(noun), Some(name)) = (role, value.text()) {
            refers.insert((noun, name.to_owned()));
        }
    });
    for (noun, name) in refers {
        if noun == Noun::Workload {
            demand_text(&name, things, seen, text);
            continue;
        }
        if let Some(node) = things.get(&(noun.word().to_owned(), name)) {
            text.push('\n');
            text.push_str(&content(node, Named::Counts));
        }
    }
}

/// What a pool is computed from, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolInputs {
    /// Everything that is said of it, as text: two plans in which it is equal, with equal draws and
    /// histories, supply and price the pool equally.
    pub text: String,
    /// The workloads that need something of it, and those whose demand theirs follows.
    pub workloads: BTreeSet<String>,
}

/// Kinds that any pool may depend on.
const OF_EVERY_POOL: [&str; 15] = [
    "plan",
    "procurement",
    "unit",
    "prices",
    "gpu",
    "priorities",
    "cohort",
    "quota",
    "budget",
    "shared-cost",
    "policy",
    "team",
    "department",
    "project",
    "environment",
];

/// What every pool is computed from. Templates must be merged.
#[must_use]
pub fn pools(loaded: &Loaded) -> BTreeMap<String, PoolInputs> {
    let nodes = loaded.files.iter().flat_map(|(_, nodes)| nodes);
    let things: BTreeMap<Thing, &Node> = nodes.map(|node| (thing(node), node)).collect();
    let mut frame = String::new();
    for ((kind, _), node) in &things {
        if OF_EVERY_POOL.contains(&kind.as_str()) {
            frame.push_str(&content(node, Named::Counts));
            frame.push('\n');
        }
    }
    if let Some((factor, _)) = loaded.price_factor {
        let _ = writeln!(frame, "prices × {factor}");
    }
    for list in &loaded.lists {
        let mut hash = std::hash::DefaultHasher::new();
        std::hash::Hash::hash(&loaded.sources.file(list.file).text, &mut hash);
        let _ = writeln!(frame, "{}", std::hash::Hasher::finish(&hash));
    }
    let pools = things.iter().filter(|((kind, _), _)| kind == "pool");
    pools.map(|((_, name), _)| (name.clone(), pool_inputs(name, &things, &frame))).collect()
}

/// The pool, what refers to it, and what these refer to, however far.
fn pool_inputs(name: &str, things: &BTreeMap<Thing, &Node>, frame: &str) -> PoolInputs {
    let this = ("pool".to_owned(), name.to_owned());
    let users = things.iter().filter(|((kind, _), node)| {
        let always = kind == "commitment" && node.child("provider").is_some();
        let refers = matches!(kind.as_str(), "workload" | "commitment");
        always || (refers && named(std::iter::once(**node)).contains(&this))
    });
    let mut waiting: Vec<Thing> = users.map(|(thing, _)| thing.clone()).collect();
    waiting.push(this);
    let mut seen: BTreeSet<Thing> = BTreeSet::new();
    while let Some(next) = waiting.pop() {
        // What is declared inside a provider comes with the whole provider.
        let declared = match things.get(&next) {
            Some(node) => vec![(next, *node)],
            None => things
                .iter()
                .filter(|((kind, _), node)| kind == "provider" && declares(node, &next))
                .map(|(thing, node)| (thing.clone(), *node))
                .collect(),
        };
        for (thing, node) in declared {
            // Another pool of a workload has inputs of its own.
            let is_other_pool = thing.0 == "pool" && thing.1 != name;
            if !is_other_pool && seen.insert(thing) {
                waiting.extend(named(std::iter::once(node)));
            }
        }
    }
    let mut text = frame.to_owned();
    for thing in &seen {
        if let Some(node) = things.get(thing) {
            text.push_str(&content(node, Named::Counts));
            text.push('\n');
        }
    }
    let workloads = seen.into_iter().filter(|(kind, _)| kind == "workload").map(|(_, name)| name);
    PoolInputs { text, workloads: workloads.collect() }
}

/// Whether a provider declares an instance type, a storage tier or a savings plan of this name.
fn declares(provider: &Node, thing: &Thing) -> bool {
    provider.children.iter().any(|child| {
        *child.name.text == *thing.0 && child.arg(0).and_then(Value::text) == Some(&thing.1)
    })
}

#[cfg(test)]
mod tests;
