//! What is allocated: cost by who caused it, and idle cost by place.

use std::collections::BTreeMap;

use crate::money::Decimal;

/// Labels of whoever caused a cost: `team` → `search`. A missing one is a label of nobody.
pub type Labels = BTreeMap<&'static str, String>;

/// Money for each resource of a node, in the order of [`Resource::ALL`](crate::capacity::need::Resource::ALL),
/// and for all else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Resources {
    /// CPU, memory, GPU, local storage.
    pub node: [Decimal; 4],
    /// What is paid for otherwise: storage tiers, transfer, services, support.
    pub other: Decimal,
}

impl Resources {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> Decimal {
        self.node.iter().sum::<Decimal>() + self.other
    }

    /// Adds another.
    pub(super) fn add(&mut self, more: &Self) {
        for (sum, more) in self.node.iter_mut().zip(&more.node) {
            *sum += *more;
        }
        self.other += more.other;
    }
}

/// A cost with its labels and the place it was spent in.
#[derive(Debug, Clone)]
pub struct Cost {
    /// Who caused it.
    pub labels: Labels,
    /// Where: a pool, a cluster, a node. Idle cost is shared among those of one place.
    pub place: String,
    /// What it came to.
    pub resources: Resources,
}

/// The idle cost of a place.
#[derive(Debug, Clone)]
pub struct Idle {
    /// Where.
    pub place: String,
    /// What it came to.
    pub resources: Resources,
}
