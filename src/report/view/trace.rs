//! Steps of an explanation, and those behind the totals of a report.

use serde::Serialize;

use super::money::Money;
use crate::explain::trace::{Trace, traces};
use crate::explain::{Explainer, Figure, Step};
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::source::Sources;

/// A total and where it comes from.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct TraceView {
    /// The figure, as `capplan explain` is asked for it: `cost team=search`.
    pub figure: String,
    /// Where it comes from. Parts beyond the largest are one part that says how many they are.
    pub step: StepView,
}

/// One step of an explanation.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StepView {
    /// What it is.
    pub what: String,
    /// How much.
    pub amount: Option<FigureView>,
    /// How it follows from what stands below it, in words.
    pub how: String,
    /// The place in the plan: `workloads/search.kdl:12`.
    pub place: Option<String>,
    /// Parts that sum to it, the largest first.
    pub parts: Vec<StepView>,
    /// What it rests on without adding up to it.
    pub because: Vec<StepView>,
}

/// A figure with its unit.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum FigureView {
    /// An amount.
    Money {
        /// How much.
        money: Money,
    },
    /// A quantity.
    Quantity {
        /// Its median.
        median: f64,
        /// One draw in ten is below, where it is uncertain.
        p10: Option<f64>,
        /// One draw in ten is above, where it is uncertain.
        p90: Option<f64>,
        /// Its unit.
        unit: String,
    },
}

impl From<&Step> for StepView {
    fn from(step: &Step) -> Self {
        Self {
            what: step.what.clone(),
            amount: step.amount.as_ref().map(FigureView::from),
            how: step.how.clone(),
            place: step.place.clone(),
            parts: step.parts.iter().map(Self::from).collect(),
            because: step.because.iter().map(Self::from).collect(),
        }
    }
}

impl From<&Figure> for FigureView {
    fn from(figure: &Figure) -> Self {
        let sixth = |value: f64| (value * 1e6).round() / 1e6;
        match figure {
            Figure::Money(amount) => Self::Money { money: Money::new(*amount) },
            Figure::Quantity { median, range, unit } => Self::Quantity {
                median: sixth(*median),
                p10: range.map(|(low, _)| sixth(low)),
                p90: range.map(|(_, high)| sixth(high)),
                unit: unit.clone(),
            },
        }
    }
}

impl StepView {
    /// Its amount of money; zero where it has none.
    #[must_use]
    pub fn worth(&self) -> Money {
        match self.amount {
            Some(FigureView::Money { money }) => money,
            _ => Money::default(),
        }
    }
}

pub(super) fn of(plan: &Plan, outcome: &Outcome, sources: &Sources) -> Vec<TraceView> {
    let view = |trace: &Trace| TraceView {
        figure: trace.figure.clone(),
        step: StepView::from(&trace.step),
    };
    traces(Explainer { plan, outcome, sources }).iter().map(view).collect()
}
