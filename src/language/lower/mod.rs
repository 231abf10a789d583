//! From the tree to the plan as meant: names become ids, texts become figures in base units.
//!
//! One file a noun. What is wrong is reported and left out; the other things are lowered all the same, so
//! that the checks see as much as can be seen. Only a draft without gaps becomes a [`Plan`].

mod autoscale;
mod batching;
mod cache;
mod catalog;
mod demand;
mod draft;
mod finance;
mod history;
mod language_model;
mod latency;
mod listed;
mod organisation;
mod owned;
mod plan;
mod policy;
mod pool;
mod procurement;
mod quota;
mod rules;
mod run;
mod savings_plan;
mod serving;
mod source;
mod workload;

use std::collections::HashSet;

pub use demand::DemandUnit;
pub use draft::Draft;
pub use listed::{LISTED_CURRENCY, ODD_LISTED_PRICE};
pub use rules::CODES;

use crate::calendar::Date;
use crate::estimate::Estimate;
use crate::ids::Id;
use crate::language::AsOf;
use crate::language::load::PriceList;
use crate::language::names::Names;
use crate::language::nodes::Noun;
use crate::language::report::Report;
use crate::language::syntax::{Node, Value};
use crate::language::template::{self, Merged};
use crate::language::tree::Tree;
use crate::language::values::Values;
use crate::money::Decimal;
use crate::plan::price::Amount;
use crate::source::Span;

/// Lowers a tree, as far as it can be.
///
/// `values` knows the plan's currency and rates ([`currency_and_rates`]); prices that the plan does not state are
/// those of the lists, up to the day it is looked at from.
pub fn lower<'t>(
    tree: &'t Tree<'_>,
    values: Values<'t>,
    poisoned: &HashSet<Span>,
    (lists, as_of): (&[PriceList], AsOf<'_>),
    report: &mut Report,
) -> (Draft, Used<'t>) {
    let names = values.names;
    let mut lower = Lower {
        names,
        values,
        poisoned,
        report,
        price_factor: tree.price_factor,
        lists,
        as_of,
        price_day: None,
        merged: merged(names),
    };
    let draft = lower.draft(tree);
    let used = Used { assumptions: lower.values.used.keys().copied().collect() };
    (draft, used)
}

/// What the plan's figures refer to.
#[derive(Debug, Default)]
pub struct Used<'t> {
    /// Assumptions.
    pub assumptions: HashSet<&'t str>,
}

/// Reads the plan's currency and its rates, which every amount of money needs.
pub fn currency_and_rates<'t>(tree: &'t Tree<'_>, values: &mut Values<'t>, report: &mut Report) {
    if let Some(plan) = tree.iter().find(|node| &*node.name.text == "plan") {
        plan::currency_and_rates(plan, values, report);
    }
}

/// Every workload with its template, by name.
fn merged<'t>(names: &'t Names<'t>) -> Vec<Merged<'t>> {
    let of = |node: &'t Node| {
        let used = node.child("use").and_then(|used| used.arg(0)).and_then(Value::text);
        let index = used.and_then(|used| names.find(Noun::Template, used));
        template::merge(node, index.map(|index| names.all(Noun::Template)[index].node))
    };
    names.all(Noun::Workload).iter().map(|name| of(name.node)).collect()
}

/// What lowering works with.
struct Lower<'t, 'r> {
    names: &'t Names<'t>,
    values: Values<'t>,
    poisoned: &'r HashSet<Span>,
    report: &'r mut Report,
    price_factor: Decimal,
    lists: &'r [PriceList],
    as_of: AsOf<'r>,
    /// The day up to which prices of lists count.
    price_day: Option<Date>,
    merged: Vec<Merged<'t>>,
}

impl Lower<'_, '_> {
    /// Whether a node is right as far as its shape goes.
    fn sound(&self, node: &Node) -> bool {
        !self.poisoned.contains(&node.span)
    }

    /// The child called `name`, unless it is wrong.
    fn setting<'n>(&self, node: &'n Node, name: &str) -> Option<&'n Node> {
        node.children.iter().find(|child| &*child.name.text == name).filter(|c| self.sound(c))
    }

    /// Every child called `name` that is right.
    fn settings<'n>(&self, node: &'n Node, name: &str) -> Vec<&'n Node> {
        node.children
            .iter()
            .filter(|child| &*child.name.text == name && self.sound(child))
            .collect()
    }

    /// The text of a setting: its first argument.
    fn text(&self, node: &Node, name: &str) -> Option<String> {
        self.setting(node, name)?.arg(0)?.text().map(str::to_owned)
    }

    /// The word of a setting.
    fn word<'n>(&self, node: &'n Node, name: &str) -> Option<&'n str> {
        self.setting(node, name)?.arg(0)?.text()
    }

    /// The id of what a value names; reported where nothing has the name.
    fn id<T>(&mut self, noun: Noun, value: &Value) -> Option<Id<T>> {
        let found = self.names.find(noun, value.text()?);
        if found.is_none() {
            self.report.push(self.names.unknown(noun, value));
        }
        found.map(Id::new)
    }

    /// The id that a setting names.
    fn refer<T>(&mut self, node: &Node, name: &str, noun: Noun) -> Option<Id<T>> {
        let value = self.setting(node, name)?.arg(0)?;
        self.id(noun, value)
    }

    /// Every id that a setting names, in the order of names.
    fn refer_all<T>(&mut self, node: &Node, name: &str, noun: Noun) -> Vec<Id<T>> {
        let Some(setting) = self.setting(node, name) else { return Vec::new() };
        let mut ids: Vec<Id<T>> =
            setting.args.iter().filter_map(|value| self.id(noun, value)).collect();
        ids.sort();
        ids.dedup();
        ids
    }

    /// The argument at `index` as an estimate in `unit`, times `scale`.
    fn estimate(
        &mut self,
        node: &Node,
        index: usize,
        unit: &'static str,
        scale: f64,
        key: impl FnOnce() -> String,
    ) -> Option<Estimate> {
        let value = node.arg(index)?;
        self.values.estimate(value, node.prop("dist"), unit, scale, key, self.report)
    }

    /// The argument at `index` as a share.
    fn share(
        &mut self,
        node: &Node,
        index: usize,
        key: impl FnOnce() -> String,
    ) -> Option<Estimate> {
        let value = node.arg(index)?;
        self.values.share(value, node.prop("dist"), "%", key, self.report)
    }

    /// The first argument as the chance that something happens on a day.
    fn daily_chance(&mut self, node: &Node, key: impl FnOnce() -> String) -> Option<Estimate> {
        self.values.share(node.arg(0)?, node.prop("dist"), "%/day", key, self.report)
    }

    /// The argument at `index` as one figure in `unit`.
    fn figure(&mut self, node: &Node, index: usize, unit: &'static str) -> Option<f64> {
        self.values.figure(node.arg(index)?, unit, self.report)
    }

    /// The first argument of a setting as one figure in `unit`.
    fn setting_figure(&mut self, node: &Node, name: &str, unit: &'static str) -> Option<f64> {
        let setting = self.setting(node, name)?;
        self.figure(setting, 0, unit)
    }

    /// The first argument of a setting as one share, 0 to 1.
    fn setting_share(&mut self, node: &Node, name: &str) -> Option<f64> {
        self.setting_figure(node, name, "%").map(percent)
    }

    /// The argument at `index` as money in `unit`, times `scale`.
    fn amount(
        &mut self,
        node: &Node,
        index: usize,
        unit: &'static str,
        scale: Decimal,
        key: impl FnOnce() -> String,
    ) -> Option<Amount> {
        let value = node.arg(index)?;
        self.values.amount(value, node.prop("dist"), unit, scale, key, self.report)
    }

    /// A property as one share, 0 to 1.
    fn prop_share(&mut self, node: &Node, name: &str) -> Option<f64> {
        self.values.figure(node.prop(name)?, "%", self.report).map(percent)
    }
}

/// Percent as a share; in decimal steps, so that 15% is 0.15.
fn percent(value: f64) -> f64 {
    value / 100.0
}

/// A count that the shape check has seen to be one.
fn count(value: Option<&Value>) -> Option<u32> {
    u32::try_from(crate::language::values::whole(value?)?).ok()
}

/// The text of a property.
fn prop_text(node: &Node, name: &str) -> Option<String> {
    node.prop(name)?.text().map(str::to_owned)
}
