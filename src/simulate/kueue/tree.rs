//! What is used of the quotas, and what is still free of them: the arithmetic of borrowing and lending.
//!
//! A [`Tree`] holds, for every node and column, the quota of its subtree and its usage. What a node
//! keeps to itself is `local = max(0, subtree − lendingLimit)`, 0 without a limit; only usage above it
//! counts in its cohort. So the usage of a cohort is `Σ max(0, usage − local)` of its members, always:
//! [`Tree::add`] and [`Tree::remove`] are exact inverses in any order.
//!
//! # Source
//! Kueue v1beta2, `pkg/cache/scheduler/resource_node.go`.

use super::cluster::{Amount, Cluster, FlavorResource, Node, Quota};
use crate::ids::Id;

/// Amounts of some columns, by column.
pub type Usage = Vec<(Id<FlavorResource>, Amount)>;

/// No limit.
const UNLIMITED: Amount = Amount::MAX;

/// What one node has of one column.
#[derive(Debug, Clone, Copy)]
struct Cell {
    subtree: Amount,
    local: Amount,
    usage: Amount,
    /// [`UNLIMITED`] where there is none.
    borrowing_limit: Amount,
    /// The most it could ever have.
    potential: Amount,
}

const EMPTY: Cell =
    Cell { subtree: 0, local: 0, usage: 0, borrowing_limit: UNLIMITED, potential: 0 };

/// Quotas and usage of a cluster's forest.
#[derive(Debug, Clone)]
pub struct Tree {
    width: usize,
    cells: Vec<Cell>,
    parents: Vec<Option<Id<Node>>>,
    /// The columns of each node's subtree, ascending.
    columns: Vec<Vec<Id<FlavorResource>>>,
    /// What a node could ever lend of each resource, over its flavours.
    lendable: Vec<Vec<Amount>>,
}

impl Tree {
    /// The quotas of a cluster, with nothing used.
    #[must_use]
    pub fn new(cluster: &Cluster) -> Self {
        let (nodes, width) = (cluster.nodes.len(), cluster.columns.len());
        let mut tree = Self {
            width,
            cells: vec![EMPTY; nodes * width],
            parents: cluster.nodes.iter().map(|node| node.parent).collect(),
            columns: vec![Vec::new(); nodes],
            lendable: vec![vec![0; cluster.resources.len()]; nodes],
        };
        tree.requota(cluster, |node, column| {
            cluster[node].quotas.iter().find(|(of, _)| *of == column).map(|(_, quota)| *quota)
        });
        tree
    }

    /// Takes other quotas: what is used stays, and counts against them.
    pub fn requota(
        &mut self,
        cluster: &Cluster,
        quota: impl Fn(Id<Node>, Id<FlavorResource>) -> Option<Quota>,
    ) {
        let used: Vec<(usize, Amount)> = (0..cluster.queue_count() * self.width)
            .filter(|cell| self.cells[*cell].usage != 0)
            .map(|cell| (cell, self.cells[cell].usage))
            .collect();
        self.cells.fill(EMPTY);
        let order = bottom_up(cluster);
        let mut defined = vec![vec![false; self.width]; cluster.nodes.len()];
        let mut limits = vec![None; self.cells.len()];
        for node in &order {
            for (column, _) in &cluster[*node].quotas {
                let cell = node.index() * self.width + column.index();
                let Some(quota) = quota(*node, *column) else { continue };
                defined[node.index()][column.index()] = true;
                self.cells[cell].subtree = self.cells[cell].subtree.saturating_add(quota.nominal);
                self.cells[cell].borrowing_limit = quota.borrowing_limit.unwrap_or(UNLIMITED);
                limits[cell] = quota.lending_limit;
            }
            #[expect(clippy::needless_range_loop, reason = "tables of one width side by side")]
            for column in 0..self.width {
                let cell = node.index() * self.width + column;
                let subtree = self.cells[cell].subtree;
                self.cells[cell].local =
                    limits[cell].map_or(0, |limit| subtree.saturating_sub(limit).max(0));
                let lent = subtree.saturating_sub(self.cells[cell].local);
                if let Some(parent) = self.parents[node.index()] {
                    let above = &mut self.cells[parent.index() * self.width + column];
                    above.subtree = above.subtree.saturating_add(lent);
                    defined[parent.index()][column] |= defined[node.index()][column];
                }
            }
        }
        for (node, defined) in defined.into_iter().enumerate() {
            self.columns[node] = (0..self.width).filter(|at| defined[*at]).map(Id::new).collect();
        }
        for node in order.iter().rev() {
            self.set_potential(cluster, *node);
        }
        for (cell, amount) in used {
            self.add_column(Id::new(cell / self.width), Id::new(cell % self.width), amount);
        }
    }

    fn set_potential(&mut self, cluster: &Cluster, node: Id<Node>) {
        let lendable = &mut self.lendable[node.index()];
        lendable.fill(0);
        for (column, of) in cluster.columns.iter().enumerate() {
            let above = self.parents[node.index()]
                .map(|parent| self.cells[parent.index() * self.width + column].potential);
            let cell = &mut self.cells[node.index() * self.width + column];
            cell.potential = match above {
                None => cell.subtree,
                Some(above) => cell
                    .local
                    .saturating_add(above)
                    .min(cell.subtree.saturating_add(cell.borrowing_limit)),
            };
            let sum = &mut lendable[of.resource.index()];
            *sum = sum.saturating_add(cell.potential);
        }
    }

    fn cell(&self, node: Id<Node>, column: Id<FlavorResource>) -> &Cell {
        &self.cells[node.index() * self.width + column.index()]
    }

    /// The columns of a node's subtree, ascending.
    #[must_use]
    pub fn columns(&self, node: Id<Node>) -> &[Id<FlavorResource>] {
        &self.columns[node.index()]
    }

    /// The quota of a node's subtree: what its members lend and what is its own.
    #[must_use]
    pub fn subtree(&self, node: Id<Node>, column: Id<FlavorResource>) -> Amount {
        self.cell(node, column).subtree
    }

    /// What counts against a node's quota.
    #[must_use]
    pub fn usage(&self, node: Id<Node>, column: Id<FlavorResource>) -> Amount {
        self.cell(node, column).usage
    }

    /// What a node could ever lend of a resource, by its place in the cluster's table.
    #[must_use]
    pub fn lendable(&self, node: Id<Node>) -> &[Amount] {
        &self.lendable[node.index()]
    }

    /// What is free of the quota that a node keeps to itself.
    #[must_use]
    pub fn local_available(&self, node: Id<Node>, column: Id<FlavorResource>) -> Amount {
        let cell = self.cell(node, column);
        cell.local.saturating_sub(cell.usage).max(0)
    }

    /// What a node may still use, its own and borrowed; negative where more is used than there is.
    #[must_use]
    pub fn available(&self, node: Id<Node>, column: Id<FlavorResource>) -> Amount {
        let (mut at, mut local, mut best) = (node, 0_i64, UNLIMITED);
        loop {
            let cell = self.cell(at, column);
            let Some(parent) = self.parents[at.index()] else {
                let free = cell.subtree.saturating_sub(cell.usage);
                return best.min(local.saturating_add(free));
            };
            local = local.saturating_add(cell.local.saturating_sub(cell.usage).max(0));
            if cell.borrowing_limit != UNLIMITED {
                let stored = cell.subtree.saturating_sub(cell.local);
                let used = cell.usage.saturating_sub(cell.local).max(0);
                let most = stored.saturating_sub(used).saturating_add(cell.borrowing_limit);
                best = best.min(local.saturating_add(most));
            }
            at = parent;
        }
    }

    /// The most that a node could ever use, if nobody used anything.
    #[must_use]
    pub fn potential(&self, node: Id<Node>, column: Id<FlavorResource>) -> Amount {
        self.cell(node, column).potential
    }

    /// Whether a node would use more than the quota of its subtree with `more` on top.
    #[must_use]
    pub fn borrows_with(&self, node: Id<Node>, column: Id<FlavorResource>, more: Amount) -> bool {
        let cell = self.cell(node, column);
        cell.usage.saturating_add(more) > cell.subtree
    }

    /// Whether a node uses no more than the quota of its subtree, in each of these columns.
    #[must_use]
    pub fn within_nominal(&self, node: Id<Node>, columns: &[Id<FlavorResource>]) -> bool {
        columns.iter().all(|column| !self.borrows_with(node, *column, 0))
    }

    /// Counts usage.
    pub fn add(&mut self, queue: Id<Node>, usage: &[(Id<FlavorResource>, Amount)]) {
        for (column, amount) in usage {
            self.add_column(queue, *column, *amount);
        }
    }

    fn add_column(&mut self, node: Id<Node>, column: Id<FlavorResource>, mut amount: Amount) {
        let mut at = Some(node);
        while let Some(node) = at {
            let free = self.local_available(node, column);
            let cell = &mut self.cells[node.index() * self.width + column.index()];
            cell.usage = cell.usage.saturating_add(amount);
            if amount <= free {
                return;
            }
            amount -= free;
            at = self.parents[node.index()];
        }
    }

    /// Counts usage no longer.
    pub fn remove(&mut self, queue: Id<Node>, usage: &[(Id<FlavorResource>, Amount)]) {
        for (column, amount) in usage {
            self.remove_column(queue, *column, *amount);
        }
    }

    fn remove_column(&mut self, node: Id<Node>, column: Id<FlavorResource>, mut amount: Amount) {
        let mut at = Some(node);
        while let Some(node) = at {
            let cell = &mut self.cells[node.index() * self.width + column.index()];
            let stored = cell.usage.saturating_sub(cell.local);
            cell.usage = cell.usage.saturating_sub(amount);
            if stored <= 0 {
                return;
            }
            amount = amount.min(stored);
            at = self.parents[node.index()];
        }
    }
}

/// The nodes, members before their cohorts.
fn bottom_up(cluster: &Cluster) -> Vec<Id<Node>> {
    let mut order: Vec<Id<Node>> = (0..cluster.nodes.len()).map(Id::new).collect();
    order.sort_by_key(|node| cluster[*node].height);
    order
}

#[cfg(test)]
mod tests {
    use super::super::testing::{cluster, gpu_queue, quota};
    use super::*;

    /// `a` (10, keeps 4) and `b` (6) in one cohort.
    fn two() -> (Cluster, Tree, [Id<Node>; 3]) {
        let limited = Quota { lending_limit: Some(6), ..quota(10) };
        let cluster =
            cluster(&[gpu_queue("a", Some("all"), limited), gpu_queue("b", Some("all"), quota(6))]);
        let tree = Tree::new(&cluster);
        let ids =
            [cluster.queue("a"), cluster.queue("b"), cluster.cohort("all")].map(Option::unwrap);
        (cluster, tree, ids)
    }

    #[test]
    fn a_queue_keeps_what_it_does_not_lend() {
        let (_, tree, [a, b, all]) = two();
        let gpu = Id::new(0);
        assert_eq!(tree.subtree(all, gpu), 12);
        assert_eq!((tree.available(a, gpu), tree.available(b, gpu)), (16, 12));
    }

    #[test]
    fn only_usage_above_what_is_kept_counts_in_the_cohort() {
        let (_, mut tree, [a, b, all]) = two();
        let gpu = Id::new(0);
        tree.add(a, &[(gpu, 3)]);
        assert_eq!((tree.usage(all, gpu), tree.available(b, gpu)), (0, 12));
        tree.add(a, &[(gpu, 9)]);
        assert_eq!((tree.usage(all, gpu), tree.available(b, gpu)), (8, 4));
        tree.remove(a, &[(gpu, 3)]);
        assert_eq!((tree.usage(a, gpu), tree.usage(all, gpu)), (9, 5));
        tree.remove(a, &[(gpu, 9)]);
        assert_eq!((tree.usage(a, gpu), tree.usage(all, gpu)), (0, 0));
    }

    #[test]
    fn less_quota_than_usage_is_a_negative_rest() {
        let (cluster, mut tree, [a, b, _]) = two();
        let gpu = Id::new(0);
        tree.add(a, &[(gpu, 14)]);
        tree.requota(&cluster, |_, _| Some(quota(5)));
        assert_eq!((tree.usage(a, gpu), tree.available(b, gpu)), (14, -4));
    }
}
