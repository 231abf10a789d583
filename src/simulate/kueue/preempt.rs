//! Whom to preempt for a workload that does not fit.
//!
//! In goes a workload with the flavours it would take; out come the workloads to evict, each with the
//! reason, or none where no allowed choice makes room. The snapshot is the same before and after.
//!
//! # Source
//! Kueue v1beta2, `pkg/scheduler/preemption`.

use super::cluster::{Amount, FlavorResource, Node};
use super::snapshot::{Snapshot, Workload};
use super::tree::Usage;
use super::{classical, fair};
use crate::ids::Id;

/// Why a workload is preempted. The names are those of Kueue's conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Another workload of its queue goes first.
    InClusterQueue,
    /// The owner takes back quota that it lent.
    InCohortReclamation,
    /// Its queue has more than its fair share.
    InCohortFairSharing,
    /// A borrower of higher priority goes first.
    InCohortReclaimWhileBorrowing,
}

impl Why {
    /// Kueue's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::InClusterQueue => "InClusterQueue",
            Self::InCohortReclamation => "InCohortReclamation",
            Self::InCohortFairSharing => "InCohortFairSharing",
            Self::InCohortReclaimWhileBorrowing => "InCohortReclaimWhileBorrowing",
        }
    }
}

/// A workload to be preempted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Which.
    pub workload: Id<Workload>,
    /// Why.
    pub why: Why,
}

/// How fair sharing decides whether a workload may be preempted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FairStrategy {
    /// The preemptor ends at or below what the other keeps.
    LessThanOrEqualToFinalShare,
    /// The preemptor ends below what the other had.
    LessThanInitialShare,
}

/// How the cluster shares what is borrowed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Sharing {
    /// By priority and age.
    #[default]
    Classical,
    /// By dominant resource share; the strategies are tried in this order.
    Fair(Vec<FairStrategy>),
}

impl Sharing {
    /// Fair sharing with Kueue's default strategies.
    #[must_use]
    pub fn fair() -> Self {
        Self::Fair(vec![
            FairStrategy::LessThanOrEqualToFinalShare,
            FairStrategy::LessThanInitialShare,
        ])
    }
}

/// Who preempts, for what.
#[derive(Debug, Clone)]
pub struct Preemptor {
    /// The workload.
    pub workload: Id<Workload>,
    /// Its queue.
    pub queue: Id<Node>,
    /// What it would take.
    pub usage: Usage,
    /// The columns of it that do not fit.
    pub contested: Vec<Id<FlavorResource>>,
}

impl Preemptor {
    /// Whether it fits into what is free; without borrowing, into its own quota too.
    pub(super) fn fits(&self, snapshot: &Snapshot, borrowing: Borrowing) -> bool {
        self.usage.iter().all(|(column, amount)| {
            (borrowing == Borrowing::Allowed
                || !snapshot.tree.borrows_with(self.queue, *column, *amount))
                && *amount <= available(snapshot, self.queue, *column)
        })
    }
}

/// Whether a preemptor may borrow after the preemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Borrowing {
    Allowed,
    Forbidden,
}

/// What a queue may still use, never negative.
pub(super) fn available(
    snapshot: &Snapshot,
    queue: Id<Node>,
    column: Id<FlavorResource>,
) -> Amount {
    snapshot.tree.available(queue, column).max(0)
}

/// The workloads to preempt; none where that is not allowed or would not help.
#[must_use]
pub fn targets(snapshot: &mut Snapshot, preemptor: &Preemptor, sharing: &Sharing) -> Vec<Target> {
    match sharing {
        Sharing::Classical => classical::targets(snapshot, preemptor),
        Sharing::Fair(strategies) => fair::targets(snapshot, preemptor, strategies),
    }
}

/// Takes workloads off the list again, last found first, as long as the preemptor still fits; then
/// counts the usage of those that stay on it.
pub(super) fn fill_back(
    snapshot: &mut Snapshot,
    preemptor: &Preemptor,
    mut targets: Vec<Target>,
    borrowing: Borrowing,
) -> Vec<Target> {
    for index in (0..targets.len().saturating_sub(1)).rev() {
        let workload = targets[index].workload;
        snapshot.unhide(workload);
        if preemptor.fits(snapshot, borrowing) {
            targets.swap_remove(index);
        } else {
            snapshot.hide(workload);
        }
    }
    restore(snapshot, &targets);
    targets
}

/// Counts the usage of targets again.
pub(super) fn restore(snapshot: &mut Snapshot, targets: &[Target]) {
    for target in targets {
        snapshot.unhide(target.workload);
    }
}
