//! Where a figure comes from, step by step, down to the line of the plan.
//!
//! A plan, its outcome and a question go in; a tree comes out. The parts of a step sum to it exactly;
//! what a step rests on without adding up to it (a need, a demand, a price) stands beside as its reasons.
//! The largest part comes first. Nothing is computed that a pass did not compute: rows are only grouped.

mod cost;
pub mod held;
mod load;
pub mod moves;
pub mod query;
pub mod sensitivity;
pub mod trace;

pub use query::{Of, Query, What};

use crate::money::Decimal;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::source::{Sources, Span};

/// One step of an explanation.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What it is.
    pub what: String,
    /// How much.
    pub amount: Option<Figure>,
    /// How it follows from what stands below it, in words.
    pub how: String,
    /// The place in the plan.
    pub place: Option<String>,
    /// Parts that sum to it, the largest first; none where it is not taken apart further.
    pub parts: Vec<Step>,
    /// What it rests on.
    pub because: Vec<Step>,
}

/// A figure with its unit.
#[derive(Debug, Clone, PartialEq)]
pub enum Figure {
    /// An amount in the plan's currency, exact.
    Money(Decimal),
    /// A quantity: its median, and p10 and p90 where it is uncertain.
    Quantity {
        /// The median.
        median: f64,
        /// p10 and p90.
        range: Option<(f64, f64)>,
        /// The unit.
        unit: String,
    },
}

impl Step {
    fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            amount: None,
            how: String::new(),
            place: None,
            parts: Vec::new(),
            because: Vec::new(),
        }
    }

    fn money(what: impl Into<String>, amount: Decimal) -> Self {
        Self { amount: Some(Figure::Money(amount)), ..Self::new(what) }
    }

    /// A step that is the sum of its parts, which are put in order of size.
    fn sum(what: impl Into<String>, mut parts: Vec<Self>) -> Self {
        parts.retain(|part| !part.worth().is_zero());
        parts.sort_by(|a, b| {
            b.worth().abs().cmp(&a.worth().abs()).then_with(|| a.what.cmp(&b.what))
        });
        let amount = parts.iter().map(Self::worth).sum();
        Self { parts, ..Self::money(what, amount) }
    }

    fn how(mut self, how: impl Into<String>) -> Self {
        self.how = how.into();
        self
    }

    fn at(mut self, place: String) -> Self {
        self.place = Some(place);
        self
    }

    /// Its amount of money; zero where it has none.
    #[must_use]
    pub fn worth(&self) -> Decimal {
        match self.amount {
            Some(Figure::Money(amount)) => amount,
            _ => Decimal::ZERO,
        }
    }
}

/// What an explanation is made from.
#[derive(Debug, Clone, Copy)]
pub struct Explainer<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Its outcome.
    pub outcome: &'a Outcome,
    /// Its files.
    pub sources: &'a Sources,
}

/// Explains a figure.
#[must_use]
pub fn explain(from: Explainer<'_>, query: &Query) -> Step {
    if let (What::Change, Of::Team(name), Some(windows)) =
        (&query.what, &query.of, query::compared(from.plan, &query.when))
    {
        let step = from.change(name, &windows);
        let what = format!("{}, {} to {}", step.what, windows[0].label, windows[1].label);
        return Step { what, ..step };
    }
    let mut step = match (&query.what, &query.of) {
        (What::Need, Of::Pool(name)) => from.need_of_pool(name, &query.when.months),
        (What::Need, Of::Workload(name)) => from.need_of_workload(name, &query.when.months),
        (What::Demand, Of::Workload(name)) => from.demand(name, &query.when.months),
        (What::Budget, Of::Budget(name)) => from.budget(name, &query.when.months),
        (_, of) => from.cost(of, &query.when.months),
    };
    step.what = format!("{} in {}", step.what, query.when.label);
    step
}

impl Explainer<'_> {
    fn place(&self, span: Span) -> String {
        self.sources.place(span)
    }

    /// A line of the plan as a step.
    fn line(&self, span: Span) -> Step {
        let text = self.sources.text(span).split_whitespace().collect::<Vec<_>>().join(" ");
        Step::new(text).at(self.place(span))
    }
}

#[cfg(test)]
mod tests;
