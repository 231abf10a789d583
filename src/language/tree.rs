//! The nodes of one plan: as its files say, or with a scenario's edits.

use std::borrow::Cow;

use crate::language::syntax::Node;
use crate::money::Decimal;

/// The nodes at the top of a plan, all files together.
#[derive(Debug, Clone)]
pub struct Tree<'a> {
    /// The nodes; those a scenario edited are its own.
    pub nodes: Vec<Cow<'a, Node>>,
    /// What a scenario multiplies every provider's prices by.
    pub price_factor: Decimal,
}

impl<'a> Tree<'a> {
    /// The plan as its files say.
    pub fn base(nodes: impl IntoIterator<Item = &'a Node>) -> Self {
        Self { nodes: nodes.into_iter().map(Cow::Borrowed).collect(), price_factor: Decimal::ONE }
    }

    /// Every node.
    pub fn iter(&self) -> impl Iterator<Item = &Node> {
        self.nodes.iter().map(AsRef::as_ref)
    }
}
