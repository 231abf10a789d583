//! How much of what a cohort lends a member has borrowed: the share that fair sharing compares.
//!
//! # Source
//! Kueue v1beta2, `pkg/cache/scheduler/fair_sharing.go`: the largest over resources of borrowed ÷
//! lendable, × 1000, ÷ weight, in the same order of `f64` operations, so that ties fall as they do there.

use std::cmp::Ordering;

use super::cluster::{Amount, Cluster, FlavorResource, Node, Resource};
use super::tree::Tree;
use crate::ids::Id;

/// A node's dominant resource share.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    weight: f64,
    ratio: f64,
    /// The resource it is of; none where nothing that is lent is borrowed.
    pub dominant: Option<Id<Resource>>,
    /// Whether it uses more than its quota of anything.
    pub borrowing: bool,
}

impl Share {
    /// Below every share.
    pub(super) const NEGATIVE: Self =
        Self { weight: 1.0, ratio: -1.0, dominant: None, borrowing: false };

    /// Whether nothing that is lent is borrowed.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.ratio == 0.0
    }

    /// Whether it is without bound: it borrows at weight 0.
    #[must_use]
    pub fn is_infinite(self) -> bool {
        self.weight == 0.0 && self.borrowing
    }

    /// The share over the weight; infinite where a node borrows at weight 0.
    #[must_use]
    pub fn weighted(self) -> f64 {
        if self.is_infinite() {
            f64::INFINITY
        } else if self.is_zero() {
            0.0
        } else {
            self.ratio / self.weight
        }
    }

    /// As Kueue prints it: rounded up, the largest integer where it is infinite.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a cast of floats saturates")]
    pub fn rounded(self) -> i64 {
        if self.is_infinite() { i64::MAX } else { self.weighted().ceil() as i64 }
    }

    /// Who is served first: the lower. Of two without bound, the one that borrowed less.
    #[must_use]
    pub fn compare(self, other: Self) -> Ordering {
        match (self.is_infinite(), other.is_infinite()) {
            (true, true) => self.ratio.total_cmp(&other.ratio),
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => self.weighted().total_cmp(&other.weighted()),
        }
    }
}

/// The share of a node as it stands.
#[must_use]
pub fn share(cluster: &Cluster, tree: &Tree, node: Id<Node>) -> Share {
    share_of(cluster, tree, node, &[])
}

/// The share of a node that uses so much more.
pub(super) fn share_of(
    cluster: &Cluster,
    tree: &Tree,
    node: Id<Node>,
    more: &[(Id<FlavorResource>, Amount)],
) -> Share {
    let weight = cluster[node].weight;
    let mut share = Share { weight, ratio: 0.0, dominant: None, borrowing: false };
    let Some(parent) = cluster[node].parent else { return share };
    let lendable = tree.lendable(parent);
    // Columns are in the order of resources, so the flavours of one stand together.
    let (mut of, mut borrowed): (Option<Id<Resource>>, Amount) = (None, 0);
    for column in tree.columns(node) {
        let more: Amount =
            more.iter().filter(|(of, _)| of == column).map(|(_, amount)| *amount).sum();
        let over = tree
            .usage(node, *column)
            .saturating_add(more)
            .saturating_sub(tree.subtree(node, *column));
        if over <= 0 {
            continue;
        }
        let resource = cluster.columns[column.index()].resource;
        if of != Some(resource) {
            share.consider(of, borrowed, lendable);
            (of, borrowed) = (Some(resource), 0);
        }
        borrowed = borrowed.saturating_add(over);
    }
    share.consider(of, borrowed, lendable);
    share
}

impl Share {
    fn consider(&mut self, of: Option<Id<Resource>>, borrowed: Amount, lendable: &[Amount]) {
        let Some(resource) = of else { return };
        self.borrowing = true;
        let lendable = lendable[resource.index()];
        if lendable > 0 {
            let ratio = borrowed as f64 * 1000.0 / lendable as f64;
            if ratio > self.ratio {
                (self.ratio, self.dominant) = (ratio, Some(resource));
            }
        }
    }
}

/// Whether a node borrows in one of the columns that a workload takes something of.
#[must_use]
pub fn borrows_on(tree: &Tree, node: Id<Node>, requested: &[(Id<FlavorResource>, Amount)]) -> bool {
    requested.iter().any(|(column, amount)| *amount > 0 && tree.borrows_with(node, *column, 0))
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cluster, gpu_queue, quota};
    use super::*;

    #[test]
    fn two_of_ten_gpus_borrowed_are_a_share_of_200() {
        let cluster = cluster(&[
            gpu_queue("a", Some("all"), quota(5)),
            gpu_queue("b", Some("all"), quota(5)),
        ]);
        let mut tree = Tree::new(&cluster);
        let a = cluster.queue("a").unwrap();
        tree.add(a, &[(Id::new(0), 7)]);
        assert_eq!(share(&cluster, &tree, a).rounded(), 200);
    }

    #[test]
    fn who_borrows_at_weight_0_is_above_everybody() {
        let mut none = gpu_queue("none", Some("all"), quota(5));
        none.weight = 0.0;
        let cluster = cluster(&[none, gpu_queue("some", Some("all"), quota(5))]);
        let mut tree = Tree::new(&cluster);
        let ids = [cluster.queue("none").unwrap(), cluster.queue("some").unwrap()];
        let shares = |tree: &Tree| ids.map(|id| share(&cluster, tree, id));
        assert_eq!(shares(&tree)[0].rounded(), 0);
        tree.add(ids[0], &[(Id::new(0), 6)]);
        tree.add(ids[1], &[(Id::new(0), 8)]);
        let [none, some] = shares(&tree);
        assert_eq!((none.rounded(), some.rounded()), (i64::MAX, 300));
        assert_eq!(none.compare(some), Ordering::Greater);
    }
}
