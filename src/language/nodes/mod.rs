//! The one table of the language: every node, what it takes, how often it may stand, what it means.
//!
//! The shape check, did-you-mean, "belongs in `pool`" and the language reference all read this table, and
//! nothing else knows which words there are. A node that does not change a figure yet says so in
//! [`NodeSpec::later`].

mod finance;
mod organisation;
mod plan;
mod quota;
mod scenario;
mod supply;
mod workload;

use crate::language::syntax::{Node, Value, ValueKind};

pub use plan::TOP;
pub use scenario::SCENARIO_EDITS;

/// What kind of thing a name names. There is one namespace a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Noun {
    /// `department`
    Department,
    /// `team`
    Team,
    /// `project`
    Project,
    /// `environment`
    Environment,
    /// `gpu`
    Gpu,
    /// `provider`
    Provider,
    /// `instance`
    Instance,
    /// `storage-tier`
    StorageTier,
    /// `savings-plan`
    SavingsPlan,
    /// `owned`
    Owned,
    /// `pool`
    Pool,
    /// `commitment`
    Commitment,
    /// `level` in `priorities`
    Priority,
    /// `cohort`
    Cohort,
    /// `quota`
    Quota,
    /// `workload`
    Workload,
    /// `template`
    Template,
    /// `budget`
    Budget,
    /// `shared-cost`
    SharedCost,
    /// `policy`
    Policy,
    /// `scenario`
    Scenario,
    /// `source`
    Source,
    /// `knob`
    Knob,
    /// `unit`
    CountedUnit,
    /// `let`
    Let,
    /// The plan itself.
    Plan,
    /// A name known only inside its parent: a lot, an event, a run, a credit.
    Local,
}

impl Noun {
    /// How many kinds there are.
    pub const COUNT: usize = Self::Local as usize + 1;

    /// The word that declares one.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::Team => "team",
            Self::Project => "project",
            Self::Environment => "environment",
            Self::Gpu => "gpu",
            Self::Provider => "provider",
            Self::Instance => "instance",
            Self::StorageTier => "storage-tier",
            Self::SavingsPlan => "savings-plan",
            Self::Owned => "owned",
            Self::Pool => "pool",
            Self::Commitment => "commitment",
            Self::Priority => "level",
            Self::Cohort => "cohort",
            Self::Quota => "quota",
            Self::Workload => "workload",
            Self::Template => "template",
            Self::Budget => "budget",
            Self::SharedCost => "shared-cost",
            Self::Policy => "policy",
            Self::Scenario => "scenario",
            Self::Source => "source",
            Self::Knob => "knob",
            Self::CountedUnit => "unit",
            Self::Let => "let",
            Self::Plan => "plan",
            Self::Local => "name",
        }
    }

    /// Whether its names are a provider's, which may hold capitals and underscores.
    #[must_use]
    pub fn is_foreign(self) -> bool {
        matches!(self, Self::Gpu | Self::Instance | Self::StorageTier | Self::SavingsPlan)
    }
}

/// What a value must be.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A quoted name that this node declares.
    Declares(Noun),
    /// A quoted name declared elsewhere.
    Refers(Noun),
    /// The bare name that `let` declares.
    LetName,
    /// A shared assumption, written `(ref)name`.
    LetRef,
    /// Quoted text.
    Text,
    /// Quoted text from a list.
    Choice(&'static [&'static str]),
    /// A quoted name of a region, as its provider writes it.
    Region,
    /// A quoted pattern on names, such as `serve-*`.
    Pattern,
    /// A bare word from a list.
    Word(&'static [&'static str]),
    /// A whole number, at least this.
    Count(i64),
    /// A number without unit: bare when certain, quoted when uncertain.
    Factor(Range),
    /// `#true` or `#false`.
    Bool,
    /// A quoted day.
    Date,
    /// A quoted month.
    Month,
    /// A quoted day or month.
    Day,
    /// A fiscal year, as a number.
    Year,
    /// A quoted fiscal quarter.
    Quarter,
    /// A bare currency code.
    Currency,
    /// A quoted time of day.
    Clock,
    /// A quoted time zone.
    Zone,
    /// A quoted quantity that converts to this unit; `$` stands for any currency.
    Quantity(&'static str, Range, Certainty),
    /// A quoted quantity whose unit follows from its surroundings, in words.
    Contextual(&'static str),
    /// The unit of a demand, quoted.
    UnitText,
    /// Whatever a `let` may hold.
    Anything,
}

/// What figures are allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// Any.
    Any,
    /// A change by a share: what is left of it is above zero.
    Change,
    /// At least zero.
    NonNegative,
    /// Above zero.
    Positive,
    /// From 0% to 100%.
    Share,
    /// Above 0%, to 100%.
    PositiveShare,
    /// At least one.
    AtLeastOne,
}

/// Whether a quantity may be an interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// `"a to b"` is allowed.
    Uncertain,
    /// One figure only.
    Certain,
}

/// One positional argument.
#[derive(Debug, Clone, Copy)]
pub struct Arg {
    /// What it is called in the reference.
    pub name: &'static str,
    /// What it must be.
    pub kind: Kind,
    /// How many of it.
    pub repeat: Repeat,
}

/// How many values an argument stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// One.
    One,
    /// One or none.
    Optional,
    /// At least one.
    Many,
}

/// One property.
#[derive(Debug, Clone, Copy)]
pub struct PropSpec {
    /// Its name.
    pub name: &'static str,
    /// What its value must be.
    pub kind: Kind,
    /// Whether it must stand.
    pub required: bool,
    /// Whether it is part of the key of its node.
    pub key: bool,
    /// Why it changes nothing yet, where it does not.
    pub later: Option<&'static str>,
}

/// How often a node may stand in its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurs {
    /// Once.
    Once,
    /// Once for each key: its names and words, and its key properties.
    Keyed,
    /// Any number of times.
    Many,
}

/// One node in one place of the language.
#[derive(Debug, Clone, Copy)]
pub struct NodeSpec {
    /// Its name.
    pub name: &'static str,
    /// The first word that selects this form, for nodes with several forms (`growth compound`).
    pub form: Option<&'static str>,
    /// Its arguments, after the word of its form.
    pub args: &'static [Arg],
    /// Its properties.
    pub props: &'static [PropSpec],
    /// What may stand in its block.
    pub children: &'static [NodeSpec],
    /// How often it may stand.
    pub occurs: Occurs,
    /// Whether it must stand.
    pub required: bool,
    /// What it means, in a sentence or two.
    pub doc: &'static str,
    /// One line to copy.
    pub example: &'static str,
    /// What holds where it is absent.
    pub default: Option<&'static str>,
    /// What it will do, where it does not change a figure yet.
    pub later: Option<&'static str>,
}

pub(crate) const fn node(name: &'static str, doc: &'static str) -> NodeSpec {
    NodeSpec {
        name,
        form: None,
        args: &[],
        props: &[],
        children: &[],
        occurs: Occurs::Once,
        required: false,
        doc,
        example: "",
        default: None,
        later: None,
    }
}

impl NodeSpec {
    pub(crate) const fn form(mut self, word: &'static str) -> Self {
        self.form = Some(word);
        self.occurs = Occurs::Keyed;
        self
    }
    pub(crate) const fn args(mut self, args: &'static [Arg]) -> Self {
        self.args = args;
        self
    }
    pub(crate) const fn props(mut self, props: &'static [PropSpec]) -> Self {
        self.props = props;
        self
    }
    pub(crate) const fn children(mut self, children: &'static [NodeSpec]) -> Self {
        self.children = children;
        self
    }
    pub(crate) const fn keyed(mut self) -> Self {
        self.occurs = Occurs::Keyed;
        self
    }
    pub(crate) const fn many(mut self) -> Self {
        self.occurs = Occurs::Many;
        self
    }
    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }
    pub(crate) const fn example(mut self, example: &'static str) -> Self {
        self.example = example;
        self
    }
    pub(crate) const fn default(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }
    pub(crate) const fn later(mut self, later: &'static str) -> Self {
        self.later = Some(later);
        self
    }

    /// Whether its key is a name, so that a scenario must say `add`, `change` or `remove`.
    #[must_use]
    pub fn is_named(&self) -> bool {
        self.occurs != Occurs::Once
            && self.args.iter().any(|arg| matches!(arg.kind, Kind::Declares(_) | Kind::Refers(_)))
    }

    /// The property called `name`.
    #[must_use]
    pub fn prop(&self, name: &str) -> Option<&'static PropSpec> {
        self.props.iter().find(|prop| prop.name == name)
    }

    /// Pairs the arguments of a node with what they must be, in order. An optional argument is left out
    /// where the value does not look like it. The word of a form is not among them.
    #[must_use]
    pub fn pair<'n>(&self, node: &'n Node) -> Vec<(&'static Arg, &'n Value)> {
        let mut pairs = Vec::with_capacity(node.args.len());
        let mut specs = self.args.iter();
        let mut next = specs.next();
        let values = &node.args[usize::from(self.form.is_some()).min(node.args.len())..];
        for value in values {
            while let Some(arg) = next
                && arg.repeat == Repeat::Optional
                && !arg.kind.looks_like(value)
                && !specs.as_slice().is_empty()
            {
                next = specs.next();
            }
            let Some(arg) = next else { break };
            pairs.push((arg, value));
            if arg.repeat != Repeat::Many {
                next = specs.next();
            }
        }
        pairs
    }
}

impl Kind {
    /// Whether a value has the form of this kind; used to tell optional arguments apart.
    #[must_use]
    pub fn looks_like(&self, value: &Value) -> bool {
        if value.annotation.is_some() {
            return matches!(
                self,
                Self::Quantity(..)
                    | Self::Contextual(_)
                    | Self::Factor(_)
                    | Self::LetRef
                    | Self::Anything
                    | Self::Date
                    | Self::Day
            );
        }
        match (&value.kind, self) {
            (ValueKind::Bare(_), Self::Word(_) | Self::Currency | Self::LetName)
            | (ValueKind::Number(_), Self::Count(_) | Self::Factor(_) | Self::Year)
            | (ValueKind::Bool(_), Self::Bool) => true,
            (ValueKind::Quoted(text), Self::Word(words)) => words.contains(&&**text),
            (ValueKind::Quoted(_), Self::Count(_) | Self::Year | Self::Bool | Self::Currency) => {
                false
            }
            (ValueKind::Quoted(_), _) | (_, Self::Anything) => true,
            // An unquoted quantity is still meant as one.
            (ValueKind::Number(_), Self::Quantity(..) | Self::Contextual(_)) => true,
            _ => false,
        }
    }

    /// Whether `(ref)` and intervals may stand here.
    #[must_use]
    pub fn takes_reference(&self) -> bool {
        matches!(
            self,
            Self::Quantity(..)
                | Self::Contextual(_)
                | Self::Factor(_)
                | Self::LetRef
                | Self::Date
                | Self::Day
        )
    }
}

/// The spec of `node` among `specs`: by name, and by its first word where the node has forms.
#[must_use]
pub fn find(specs: &'static [NodeSpec], node: &Node) -> Option<&'static NodeSpec> {
    let mut named = specs.iter().filter(|spec| spec.name == &*node.name.text);
    let first = named.next()?;
    if first.form.is_none() {
        return Some(first);
    }
    let word = node.args.first().and_then(Value::text)?;
    std::iter::once(first).chain(named).find(|spec| spec.form == Some(word))
}

pub(crate) const fn one(name: &'static str, kind: Kind) -> Arg {
    Arg { name, kind, repeat: Repeat::One }
}
pub(crate) const fn optional(name: &'static str, kind: Kind) -> Arg {
    Arg { name, kind, repeat: Repeat::Optional }
}
pub(crate) const fn several(name: &'static str, kind: Kind) -> Arg {
    Arg { name, kind, repeat: Repeat::Many }
}
pub(crate) const fn prop(name: &'static str, kind: Kind) -> PropSpec {
    PropSpec { name, kind, required: false, key: false, later: None }
}
impl PropSpec {
    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }
    pub(crate) const fn key(mut self) -> Self {
        self.key = true;
        self
    }
    pub(crate) const fn later(mut self, later: &'static str) -> Self {
        self.later = Some(later);
        self
    }
}

/// A quantity in `unit`, at least zero, perhaps uncertain.
pub(crate) const fn quantity(unit: &'static str) -> Kind {
    Kind::Quantity(unit, Range::NonNegative, Certainty::Uncertain)
}
/// A quantity in `unit`, at least zero, one figure only.
pub(crate) const fn certain(unit: &'static str) -> Kind {
    Kind::Quantity(unit, Range::NonNegative, Certainty::Certain)
}
/// A share, perhaps uncertain.
pub(crate) const SHARE: Kind = Kind::Quantity("%", Range::Share, Certainty::Uncertain);
/// A share, one figure only.
pub(crate) const CERTAIN_SHARE: Kind = Kind::Quantity("%", Range::Share, Certainty::Certain);
/// The shape of an uncertain value.
pub(crate) const DIST: PropSpec =
    prop("dist", Kind::Word(&["triangular", "uniform", "pert", "lognormal", "normal"]));
/// The ways to buy that have a price.
pub(crate) const RENTED: Kind = Kind::Word(&["on-demand", "spot", "reserved"]);
/// Every way to buy.
pub(crate) const PURCHASE: Kind = Kind::Word(&["on-demand", "spot", "reserved", "owned"]);
/// Where data goes.
pub(crate) const EGRESS: Kind = Kind::Word(&["internet", "cross-region", "cross-zone"]);

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(specs: &'static [NodeSpec], depth: usize, visit: &mut dyn FnMut(&'static NodeSpec)) {
        assert!(depth < 12, "the table is a tree");
        for spec in specs {
            visit(spec);
            walk(spec.children, depth + 1, visit);
        }
    }

    #[test]
    fn every_node_says_what_it_means() {
        walk(TOP, 0, &mut |spec| {
            assert!(!spec.doc.is_empty(), "{}", spec.name);
            assert!(spec.doc.ends_with('.'), "{}: {}", spec.name, spec.doc);
        });
    }

    #[test]
    fn only_the_last_argument_repeats() {
        walk(TOP, 0, &mut |spec| {
            let many = spec.args.iter().position(|arg| arg.repeat == Repeat::Many);
            assert!(many.is_none_or(|at| at + 1 == spec.args.len()), "{}", spec.name);
        });
    }
}
