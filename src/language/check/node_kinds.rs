//! The kinds of node that a pool may be made of.

use crate::ids::Id;
use crate::plan::catalog::NodeShape;
use crate::plan::pool::PoolSupply;
use crate::plan::{GpuModel, Plan, Pool};
use crate::source::Span;

/// One kind of node.
pub(super) struct NodeKind<'a> {
    /// The instance type, or the owned hardware.
    pub name: &'a str,
    /// What one node offers.
    pub shape: NodeShape,
    /// Its GPU model.
    pub gpu: Option<Id<GpuModel>>,
    /// Where the plan declares it.
    pub origin: Span,
}

/// Every kind of node of a pool, as written; none for storage.
pub(super) fn node_kinds(plan: &Plan, pool: Id<Pool>) -> Vec<NodeKind<'_>> {
    match &plan.pools[pool].supply {
        PoolSupply::Storage(_) => Vec::new(),
        PoolSupply::Owned(owned) => {
            let owned = &plan.owned[*owned];
            let (name, shape, gpu) = (owned.name.as_str(), owned.shape, owned.gpu);
            vec![NodeKind { name, shape, gpu, origin: owned.origin }]
        }
        PoolSupply::Instances(candidates) => candidates
            .iter()
            .map(|candidate| {
                let instance = &plan.instances[candidate.instance];
                let (name, shape, gpu) = (instance.name.as_str(), instance.shape, instance.gpu);
                NodeKind { name, shape, gpu, origin: instance.origin }
            })
            .collect(),
    }
}

/// The largest figure that any kind of node of a pool offers, and which kind does.
pub(super) fn largest<'a, 'p>(
    kinds: &'a [NodeKind<'p>],
    of: impl Fn(&NodeShape) -> f64,
) -> Option<(f64, &'a NodeKind<'p>)> {
    let figures = kinds.iter().map(|kind| (of(&kind.shape), kind));
    figures.max_by(|a, b| a.0.total_cmp(&b.0))
}
