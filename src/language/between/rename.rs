//! Things that only have another name now.
//!
//! A thing that is gone and a thing that is new, of one kind and with equal content, are one thing
//! renamed, where no third could be meant. Things that say little (a team, a department) must also be
//! referred to by the same others as before. A rename that moves something into or out of a pattern of a
//! policy changes what the plan says, so it is not followed.

use std::collections::{BTreeMap, BTreeSet};

use globset::Glob;

use super::node::{Named, Role, content, rename, walk};
use crate::language::nodes::{self, Noun};
use crate::language::syntax::{Node, Value};
use crate::source::Span;

/// Something that only has another name now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// The word of its kind.
    pub kind: &'static str,
    /// The name it had.
    pub before: String,
    /// The name it has.
    pub after: String,
    /// Where it is declared now.
    pub place: Span,
}

/// Kinds whose names are followed: what others refer to first, so that their content is equal then.
const FOLLOWED: [(&str, Noun); 16] = [
    ("let", Noun::Let),
    ("department", Noun::Department),
    ("team", Noun::Team),
    ("project", Noun::Project),
    ("environment", Noun::Environment),
    ("savings-plan", Noun::SavingsPlan),
    ("provider", Noun::Provider),
    ("owned", Noun::Owned),
    ("pool", Noun::Pool),
    ("template", Noun::Template),
    ("workload", Noun::Workload),
    ("commitment", Noun::Commitment),
    ("shared-cost", Noun::SharedCost),
    ("budget", Noun::Budget),
    ("policy", Noun::Policy),
    ("quota", Noun::Quota),
];

/// Finds what was renamed, and gives it its old name in `after`.
pub(super) fn undo(before: &[Node], after: &mut [Node]) -> Vec<Rename> {
    let mut renames = Vec::new();
    for (kind, noun) in FOLLOWED {
        for (old, new) in candidates(kind, before, after) {
            let says_little = matches!(kind, "team" | "department" | "project" | "environment");
            if says_little && !same_referrers((noun, &old, before), (noun, &new, after)) {
                continue;
            }
            if patterns_tell_apart(kind, &old, &new, after) {
                continue;
            }
            let is_it =
                |node: &&Node| &*node.name.text == kind && name(node).is_some_and(|n| n == new);
            let Some(place) = declared(kind, after).find(is_it).map(Node::origin) else { continue };
            let new_name = |role: Role, word: &str, text: &str| {
                let names_it = match role {
                    Role::Declares(of) | Role::Refers(of) => of == noun,
                    Role::Pattern => word == kind,
                };
                (names_it && text == new).then(|| old.clone())
            };
            for node in after.iter_mut() {
                rename(nodes::TOP, node, &new_name);
            }
            renames.push(Rename { kind, before: old, after: new, place });
        }
    }
    renames
}

/// Names of a kind, old and new, that have equal content and that nothing else has.
fn candidates(kind: &str, before: &[Node], after: &[Node]) -> Vec<(String, String)> {
    let (old, new) = (contents(kind, before), contents(kind, after));
    let gone = by_content(old.iter().filter(|(name, _)| !new.contains_key(*name)));
    let come = by_content(new.iter().filter(|(name, _)| !old.contains_key(*name)));
    gone.iter()
        .filter_map(|(content, old)| match (old.as_slice(), come.get(content)?.as_slice()) {
            ([old], [new]) => Some(((*old).to_owned(), (*new).to_owned())),
            _ => None,
        })
        .collect()
}

fn contents<'n>(kind: &'n str, nodes: &'n [Node]) -> BTreeMap<&'n str, String> {
    declared(kind, nodes)
        .filter_map(|node| Some((name(node)?, content(node, Named::Ignored))))
        .collect()
}

/// Nodes of a kind: at the top, and savings plans in their providers.
fn declared<'n>(kind: &'n str, nodes: &'n [Node]) -> impl Iterator<Item = &'n Node> {
    let inside = move |node: &&Node| kind == "savings-plan" && &*node.name.text == "provider";
    let within = nodes.iter().filter(inside).flat_map(|node| &node.children);
    nodes.iter().chain(within).filter(move |node| &*node.name.text == kind)
}

fn by_content<'n>(
    things: impl Iterator<Item = (&'n &'n str, &'n String)>,
) -> BTreeMap<&'n str, Vec<&'n str>> {
    let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, content) in things {
        found.entry(content).or_default().push(name);
    }
    found
}

fn name(node: &Node) -> Option<&str> {
    node.arg(0).and_then(Value::text)
}

/// What refers to a name, as kind and name of the thing at the top.
fn referrers(noun: Noun, name_of: &str, nodes: &[Node]) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for node in nodes {
        walk(nodes::TOP, node, &mut Vec::new(), &mut |_, role, _, value| {
            if role == Role::Refers(noun) && value.text() == Some(name_of) {
                let thing = name(node).unwrap_or_default().to_owned();
                found.insert((node.name.text.to_string(), thing));
            }
        });
    }
    found
}

/// Whether what refers to a name on one side is what refers to another on the other: as many of each
/// kind, and the same of those that have the same name on both sides (the others may be renamed too).
fn same_referrers(old: (Noun, &str, &[Node]), new: (Noun, &str, &[Node])) -> bool {
    let (before, after) = (referrers(old.0, old.1, old.2), referrers(new.0, new.1, new.2));
    let kinds = |found: &BTreeSet<(String, String)>| {
        let mut kinds: Vec<String> = found.iter().map(|(kind, _)| kind.clone()).collect();
        kinds.sort();
        kinds
    };
    let stays = |thing: &&(String, String), nodes: &[Node]| {
        nodes.iter().any(|node| *node.name.text == *thing.0 && name(node) == Some(&thing.1))
    };
    let of_both = |found: &BTreeSet<(String, String)>, others: &[Node]| {
        found.iter().filter(|thing| stays(thing, others)).cloned().collect::<BTreeSet<_>>()
    };
    kinds(&before) == kinds(&after) && of_both(&before, new.2) == of_both(&after, old.2)
}

/// Whether some pattern on names of this kind matches one of the two names and not the other.
fn patterns_tell_apart(kind: &str, old: &str, new: &str, nodes: &[Node]) -> bool {
    let mut told = false;
    for node in nodes {
        walk(nodes::TOP, node, &mut Vec::new(), &mut |_, role, word, value| {
            let Some(text) = value.text().filter(|_| role == Role::Pattern && word == kind) else {
                return;
            };
            let matches = |name: &str| {
                Glob::new(text).is_ok_and(|glob| glob.compile_matcher().is_match(name))
            };
            told |= text != new && text != old && matches(old) != matches(new);
        });
    }
    told
}
