//! What can be asked of costs.

use crate::allocation::cost::Labels;
use crate::money::Decimal;

/// A question: how costs are grouped, what is shared, and which groups are shown.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The labels that make a group, in order.
    pub by: Vec<&'static str>,
    /// What is shown; everything where absent.
    pub filter: Option<Selector>,
    /// Costs that everybody else bears.
    pub share: Option<Selector>,
    /// How these, and `overhead`, are spread.
    pub split: Split,
    /// What becomes of idle cost.
    pub idle: IdleShown,
    /// Cost that nobody caused and everybody bears.
    pub overhead: Decimal,
}

/// How a cost is spread over those who bear it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Split {
    /// In proportion to direct cost.
    #[default]
    Weighted,
    /// The same for every group.
    Even,
}

/// What becomes of idle cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IdleShown {
    /// One row of its own.
    #[default]
    Apart,
    /// A row for every place.
    ApartByPlace,
    /// Shared among those who run in its place, resource by resource.
    Shared(Split),
}

/// Labels and the values they may have: every label must match, by any of its values.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selector {
    /// A label and its values; `None` is to have no such label.
    pub wanted: Vec<(&'static str, Vec<Option<String>>)>,
}

impl Selector {
    /// Whether labels match.
    #[must_use]
    pub fn matches(&self, labels: &Labels) -> bool {
        self.wanted
            .iter()
            .all(|(label, values)| values.iter().any(|v| v.as_ref() == labels.get(label)))
    }
}
