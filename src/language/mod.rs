//! Plan text in, a checked plan out.
//!
//! `load` reads the files a plan includes; each goes through `scan` (the guard) and `kdl` into
//! [`syntax`], the tree as written. `shape` holds it against `nodes`, the one table of the language;
//! `names` collects what is declared, `template` and `scenario` merge and edit the tree, `lower` turns it
//! into the plan as meant, and `check` has one rule a file. Errors are collected throughout: a later phase
//! skips only what an earlier one poisoned.

pub mod between;
pub mod check;
pub mod held_back;
pub mod load;
pub mod lower;
pub mod names;
pub mod nodes;
pub mod parse;
pub mod quantity;
pub mod reference;
pub mod report;
pub mod scan;
pub mod scenario;
pub mod shape;
pub mod suggest;
pub mod syntax;
pub mod template;
pub mod tree;
pub mod unit;
pub mod values;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::calendar::Date;
use crate::diagnostic::{Code, Diagnostic};
use crate::language::load::{LoadError, Loaded, PriceList};
use crate::language::names::Names;
use crate::language::report::Report;
use crate::language::scenario::{Declared, Stands};
use crate::language::shape::Edit;
use crate::language::syntax::{Node, Value};
use crate::language::tree::Tree;
use crate::language::values::Values;
use crate::money::Decimal;
use crate::plan::{CheckedPlan, Comparison, Plan, Scenario};
use crate::source::{Sources, Span};

pub use reference::reference;

/// A plan that was checked.
#[derive(Debug)]
pub struct Checked {
    /// The plan; `None` where there is any error.
    pub plan: Option<CheckedPlan>,
    /// The files it was read from.
    pub sources: Sources,
    /// The plan's folder.
    pub folder: PathBuf,
    /// Everything found, errors, warnings and notes, by place.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads and checks the plan of a folder, or of a file and what it includes.
///
/// # Errors
/// Where the path leads to nothing that could be a plan; what is wrong inside is in
/// [`Checked::diagnostics`].
pub fn read(path: &Path) -> Result<Checked, LoadError> {
    Ok(check(load::load(path)?, &|stated| stated))
}

/// The day a plan is looked at from, given the one it states.
pub type AsOf<'a> = &'a dyn Fn(Option<Date>) -> Option<Date>;

/// Checks a plan that was loaded. It is looked at from the day `as_of` gives, which becomes the plan's own.
#[must_use]
pub fn check(loaded: Loaded, as_of: AsOf<'_>) -> Checked {
    let Loaded { sources, files, folder, diagnostics, lists, price_factor, .. } = loaded;
    let mut report = Report::default();
    for diagnostic in diagnostics {
        report.push(diagnostic);
    }
    let lowered = {
        let nodes: Vec<&Node> = files.iter().flat_map(|(_, nodes)| nodes).collect();
        let read = Read { sources: &sources, lists: &lists, price_factor };
        check_nodes(&nodes, &read, as_of, &mut report)
    };
    let has_errors = report.has_errors();
    let diagnostics = held_back::hold_back(report.finish(), &sources);
    let plan = lowered.filter(|_| !has_errors).map(|(base, scenarios, comparisons)| CheckedPlan {
        base,
        scenarios,
        comparisons,
        sources: sources.clone(),
        warnings: diagnostics.clone(),
    });
    Checked { plan, sources, folder, diagnostics }
}

type Lowered = (Plan, Vec<Scenario>, Vec<Comparison>);

/// What was read beside the nodes.
#[derive(Clone, Copy)]
struct Read<'r> {
    sources: &'r Sources,
    lists: &'r [PriceList],
    price_factor: Option<(Decimal, Span)>,
}

fn check_nodes(
    nodes: &[&Node],
    read: &Read<'_>,
    as_of: AsOf<'_>,
    report: &mut Report,
) -> Option<Lowered> {
    let sources = read.sources;
    let mut base = Tree::base(nodes.iter().copied());
    base.price_factor = read.price_factor.map_or(Decimal::ONE, |(factor, _)| factor);
    let names = Names::collect(base.iter(), report);
    let mut values = Values::new(sources, &names);
    lower::currency_and_rates(&base, &mut values, report);
    let shaped = shape::check(nodes.iter().copied(), &mut values, report);
    shape::notes(&shaped.later, report);

    let scenarios = scenario::declared(&names, &shaped.poisoned, report);
    let whose = Whose::Base(&scenarios);
    let plan = lower_one(&base, read, &names, &shaped.poisoned, as_of, report, &whose);
    let mut lowered = Vec::with_capacity(scenarios.len());
    for scenario in &scenarios {
        report.under(Some((scenario.name.to_owned(), scenario.span)));
        let under = under(scenario, &base, read, &names, &shaped.poisoned, as_of, report);
        report.under(None);
        if let (Some(plan), Some(scenario)) = (&plan, &under) {
            check::scenario(plan, scenario, report);
        }
        lowered.push(under);
    }
    check::scenarios(&scenarios, &mut values, report);
    let comparisons = comparisons(nodes);
    let scenarios: Option<Vec<Scenario>> = lowered.into_iter().collect();
    Some((plan?, scenarios?, comparisons))
}

/// Whose plan is being lowered.
enum Whose<'s, 'n> {
    /// The plan itself, with the scenarios that use its assumptions too.
    Base(&'s [Declared<'n>]),
    /// A scenario's.
    Scenario,
}

fn lower_one(
    tree: &Tree<'_>,
    read: &Read<'_>,
    names: &Names<'_>,
    poisoned: &HashSet<Span>,
    as_of: AsOf<'_>,
    report: &mut Report,
    whose: &Whose<'_, '_>,
) -> Option<Plan> {
    let mut values = Values::new(read.sources, names);
    lower::currency_and_rates(tree, &mut values, report);
    let (draft, used) = lower::lower(tree, values, poisoned, (read.lists, as_of), report);
    check::draft(&draft, report);
    if let Whose::Base(scenarios) = whose {
        check::unused(names, &used, scenarios, report);
    }
    let mut plan = draft.finish()?;
    plan.as_of = as_of(plan.as_of);
    let spoiled = without_a_price(tree, poisoned);
    for diagnostic in check::plan(&plan) {
        let follows = diagnostic.code.id == "missing_price"
            && diagnostic.others.iter().any(|other| spoiled.contains(&other.span));
        // A time that could not be read is no time that is missing.
        let follows = follows
            || diagnostic.code.id == "never_written_off"
                && diagnostic.label.as_ref().is_some_and(|label| states(tree, label.span));
        // A scenario may take away what the plan says something of.
        let idle = ["spot_unused", "idle_limit_increase"].contains(&diagnostic.code.id);
        let taken = matches!(whose, Whose::Scenario) && idle;
        if !follows && !taken {
            report.push(diagnostic);
        }
    }
    Some(plan)
}

/// Whether owned hardware that is declared there says over how long it is written off.
fn states(tree: &Tree<'_>, declared: Span) -> bool {
    let mut owned = tree.iter().filter(|node| &*node.name.text == "owned");
    owned.any(|node| node.origin() == declared && node.child("depreciate").is_some())
}

/// The instance types of which a price is wrong: that they lack one follows from it.
fn without_a_price(tree: &Tree<'_>, poisoned: &HashSet<Span>) -> Vec<Span> {
    let offered = tree.iter().filter(|node| &*node.name.text == "provider");
    let types = offered.flat_map(|node| &node.children);
    let wrong = |node: &&Node| {
        let priced = |name: &str| matches!(name, "price" | "capacity-block");
        let mut children = node.children.iter();
        &*node.name.text == "instance"
            && children.any(|child| priced(&child.name.text) && poisoned.contains(&child.span))
    };
    types.filter(wrong).map(Node::origin).collect()
}

/// The base under a scenario.
fn under(
    scenario: &Declared<'_>,
    base: &Tree<'_>,
    read: &Read<'_>,
    base_names: &Names<'_>,
    poisoned: &HashSet<Span>,
    as_of: AsOf<'_>,
    report: &mut Report,
) -> Option<Scenario> {
    let sources = read.sources;
    let edited = scenario::apply(
        base,
        (scenario, Stands::InThePlan),
        sources,
        base_names,
        poisoned,
        report,
    )?;
    let names = Names::collect(edited.iter(), report);
    let mut values = Values::new(sources, &names);
    lower::currency_and_rates(&edited, &mut values, report);
    // What was edited is held against the table again: it may lack something now.
    let owned = edited.nodes.iter().filter(|node| matches!(node, std::borrow::Cow::Owned(_)));
    let shaped = shape::check(owned.map(AsRef::as_ref), &mut values, report);
    let mut all = shaped.poisoned;
    all.extend(poisoned.iter().copied());
    let plan = lower_one(&edited, read, &names, &all, as_of, report, &Whose::Scenario)?;
    Some(Scenario {
        name: scenario.name.to_owned(),
        title: scenario.title.map(str::to_owned),
        probability: scenario.probability(sources, base_names),
        plan,
        origin: scenario.span,
    })
}

/// The plan that a scenario makes of a loaded plan that is right, as if it were written so; `None` where it has no
/// such scenario.
#[must_use]
pub fn as_scenario(loaded: &Loaded, name: &str) -> Option<Loaded> {
    let nodes: Vec<&Node> = loaded.files.iter().flat_map(|(_, nodes)| nodes).collect();
    let base = Tree::base(nodes.iter().copied());
    let mut report = Report::default();
    let names = Names::collect(base.iter(), &mut report);
    let poisoned = HashSet::new();
    let declared = scenario::declared(&names, &poisoned, &mut report);
    let scenario = declared.iter().find(|scenario| scenario.name == name)?;
    let edited = scenario::apply(
        &base,
        (scenario, Stands::InTheEdit),
        &loaded.sources,
        &names,
        &poisoned,
        &mut report,
    )?;
    let factor = edited.price_factor;
    let said = scenario.chain.iter().rev().flat_map(|node| &node.children);
    let mut said = said;
    let said = said.find(
        |node| matches!(Edit::of(node, nodes::TOP), Some(Ok(edit)) if edit.spec.name == "prices"),
    );
    let at = said.map_or(scenario.node.span, |node| node.span);
    let nodes: Vec<Node> = edited.iter().cloned().collect();
    Some(Loaded {
        files: vec![(loaded.entry, nodes)],
        price_factor: (factor != Decimal::ONE).then_some((factor, at)),
        ..loaded.clone()
    })
}

fn comparisons(nodes: &[&Node]) -> Vec<Comparison> {
    let texts = |values: &[Value]| -> Vec<String> {
        values.iter().filter_map(Value::text).map(str::to_owned).collect()
    };
    let mut comparisons: Vec<Comparison> = nodes
        .iter()
        .filter(|node| &*node.name.text == "compare")
        .map(|node| Comparison {
            scenarios: texts(&node.args),
            show: node.child("show").map(|show| texts(&show.args)).unwrap_or_default(),
        })
        .collect();
    comparisons.sort_by(|a, b| (&a.scenarios, &a.show).cmp(&(&b.scenarios, &b.show)));
    comparisons
}

/// The codes of names, values, shape, lowering, scenarios and checks.
#[must_use]
pub fn codes() -> Vec<&'static Code> {
    [
        names::CODES,
        values::CODES,
        shape::CODES,
        lower::CODES,
        scenario::CODES,
        check::CODES,
        held_back::CODES,
    ]
    .into_iter()
    .flatten()
    .copied()
    .collect()
}

#[cfg(test)]
mod tests;
