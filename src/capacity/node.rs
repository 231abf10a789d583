//! What one node of a pool offers, and which share of it a request takes.
//!
//! Requests are counted in shares of a node, resource by resource. A request that states only some
//! resources takes, of each it does not state, the share of the node that goes with the largest share
//! it states: one GPU of eight brings an eighth of the cores and of the memory. Where every request in
//! a pool states one resource only, all shares are equal and one column of numbers is enough.

use crate::capacity::choice::price_of;
use crate::capacity::need::{InstanceChoice, Resource};
use crate::capacity::per_draw::PerDraw;
use crate::ids::Id;
use crate::plan::catalog::NodeShape;
use crate::plan::pool::{Candidate, PoolSupply};
use crate::plan::price::Purchase;
use crate::plan::{GpuModel, Instance, Plan, Pool};

/// What requests are counted in: what a node has only so much of. Nobody can request local storage, so it
/// never decides how many nodes are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binding {
    /// CPU cores.
    Cpu,
    /// Memory, bytes.
    Memory,
    /// GPUs.
    Gpu,
    /// Network, bits a second. No price is split over it.
    Network,
}

/// How many there are.
pub(crate) const BOUND: usize = 4;

/// All, in a fixed order.
pub(crate) const BINDING: [Binding; BOUND] =
    [Binding::Cpu, Binding::Memory, Binding::Gpu, Binding::Network];

impl Binding {
    /// The resource that is priced, if it is.
    pub(crate) fn resource(self) -> Option<Resource> {
        match self {
            Self::Cpu => Some(Resource::Cpu),
            Self::Memory => Some(Resource::Memory),
            Self::Gpu => Some(Resource::Gpu),
            Self::Network => None,
        }
    }
}

/// One node of a pool.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Node {
    /// What it offers.
    pub shape: NodeShape,
    /// Its GPU model.
    pub gpu: Option<Id<GpuModel>>,
    /// Its type's spot price, by place, where it has one.
    pub spot: Option<(Id<Instance>, usize)>,
}

impl Node {
    /// A node of the type that was chosen for a pool, or of the hardware it owns; `None` for storage.
    pub(crate) fn of_pool(plan: &Plan, choices: &[InstanceChoice], pool: Id<Pool>) -> Option<Self> {
        if let PoolSupply::Owned(owned) = plan.pools[pool].supply {
            let owned = &plan.owned[owned];
            return Some(Self { shape: owned.shape, gpu: owned.gpu, spot: None });
        }
        let candidate = chosen_candidate(plan, choices, pool)?;
        Some(Self::of_candidate(plan, candidate))
    }

    /// A node of a candidate type.
    pub(crate) fn of_candidate(plan: &Plan, candidate: &Candidate) -> Self {
        let instance = &plan.instances[candidate.instance];
        let place = price_of(plan, candidate, Purchase::Spot)
            .and_then(|spot| instance.prices.iter().position(|price| std::ptr::eq(price, spot)));
        let spot = place.map(|place| (candidate.instance, place));
        Self { shape: instance.shape, gpu: instance.gpu, spot }
    }

    /// How much of a resource it offers.
    pub(crate) fn offers(&self, resource: Resource) -> f64 {
        amount(&self.shape, resource)
    }

    /// How much it has of what requests are counted in.
    pub(crate) fn has(&self, binding: Binding) -> f64 {
        amount_of(&self.shape, binding)
    }

    /// What it has of what requests are counted in, without its network.
    pub(crate) fn binding(&self) -> impl Iterator<Item = Binding> + '_ {
        BINDING
            .into_iter()
            .filter(|binding| binding.resource().is_some() && self.has(*binding) > 0.0)
    }
}

/// How much of a resource a shape offers.
pub(crate) fn amount(shape: &NodeShape, resource: Resource) -> f64 {
    match resource {
        Resource::Cpu => shape.cores,
        Resource::Memory => shape.memory_bytes,
        Resource::Gpu => shape.gpus,
        Resource::Storage => shape.storage_bytes,
    }
}

/// How much a shape has of what requests are counted in.
fn amount_of(shape: &NodeShape, binding: Binding) -> f64 {
    binding.resource().map_or(shape.network_bits_per_second, |resource| amount(shape, resource))
}

/// The candidate that a pool of instances uses: the best one that is not rejected, else the first the
/// plan lists, so that what cannot be served still shows.
pub(crate) fn chosen_candidate<'a>(
    plan: &'a Plan,
    choices: &[InstanceChoice],
    pool: Id<Pool>,
) -> Option<&'a Candidate> {
    let PoolSupply::Instances(candidates) = &plan.pools[pool].supply else { return None };
    let choice = choices.iter().find(|choice| choice.pool == pool);
    candidates.get(choice.and_then(InstanceChoice::chosen).unwrap_or(0))
}

/// What one unit (a replica, a GPU, a unit of demand) requests, as the plan states it.
#[derive(Debug, Clone)]
pub(crate) enum Unit {
    /// A whole node.
    Node,
    /// Amounts of some resources.
    Stated(Stated),
}

/// Amounts requested; absent where not stated.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stated {
    /// CPU cores.
    pub cores: Option<PerDraw>,
    /// Memory, in bytes.
    pub memory_bytes: Option<PerDraw>,
    /// GPUs.
    pub gpus: Option<PerDraw>,
    /// Memory on GPUs, in bytes.
    pub gpu_memory_bytes: Option<PerDraw>,
    /// Network, in bits a second.
    pub network_bits_per_second: Option<PerDraw>,
}

/// Shares of a node by [`BINDING`] resource; absent where not stated, or where the node has none.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shares {
    /// In the order of [`BINDING`].
    pub stated: [Option<PerDraw>; BOUND],
}

impl Unit {
    /// The shares of a node that one unit takes.
    pub(crate) fn shares(&self, plan: &Plan, node: &Node) -> Shares {
        if matches!(self, Self::Node) {
            return Shares { stated: std::array::from_fn(|_| Some(PerDraw::Same(1.0))) };
        }
        let mut shares = Shares::default();
        for (place, binding) in BINDING.into_iter().enumerate() {
            let offers = node.has(binding);
            if offers <= 0.0 {
                continue;
            }
            if let Self::Stated(stated) = self {
                let amount = stated.amount(plan, node, binding);
                shares.stated[place] = amount.map(|amount| amount.map(|amount| amount / offers));
            }
        }
        shares
    }

    /// Whether all its shares of `node` are equal, whatever the numbers.
    pub(crate) fn is_uniform(&self, plan: &Plan, node: &Node) -> bool {
        match self {
            Self::Node => true,
            Self::Stated(_) => self.shares(plan, node).stated.iter().flatten().count() <= 1,
        }
    }
}

impl Stated {
    /// How much of a resource is stated. Memory on GPUs takes GPUs: as many as hold it.
    fn amount(&self, plan: &Plan, node: &Node, binding: Binding) -> Option<PerDraw> {
        match binding {
            Binding::Cpu => self.cores.clone(),
            Binding::Memory => self.memory_bytes.clone(),
            Binding::Network => self.network_bits_per_second.clone(),
            Binding::Gpu => {
                let of_one = node.gpu.and_then(|gpu| plan.gpus[gpu].memory_bytes);
                let holding = match (&self.gpu_memory_bytes, of_one) {
                    (Some(bytes), Some(of_one)) => Some(bytes.map(|bytes| bytes / of_one)),
                    _ => None,
                };
                match (&self.gpus, holding) {
                    (Some(gpus), Some(holding)) => Some(gpus.zip(&holding, f64::max)),
                    (Some(gpus), None) => Some(gpus.clone()),
                    (None, holding) => holding,
                }
            }
        }
    }
}

impl Shares {
    /// The largest share stated.
    pub(crate) fn largest(&self) -> PerDraw {
        let mut stated = self.stated.iter().flatten();
        let Some(first) = stated.next() else { return PerDraw::Same(0.0) };
        stated.fold(first.clone(), |largest, share| largest.zip(share, f64::max))
    }

    /// The share of one resource, by the rule for what is not stated.
    pub(crate) fn of(&self, wanted: Binding) -> PerDraw {
        let place = BINDING.into_iter().position(|binding| binding == wanted);
        place.and_then(|place| self.stated[place].clone()).unwrap_or_else(|| self.largest())
    }
}

/// How the requests of a pool are counted: in one column of node shares where all resources agree, else
/// in one for each resource that the node offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Columns {
    /// One for all resources.
    Whole,
    /// One for each of these.
    Each(Vec<Binding>),
}

impl Columns {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Whole => 1,
            Self::Each(resources) => resources.len(),
        }
    }

    /// Whether what is asked of a resource decides how many nodes there are.
    pub(crate) fn counts(&self, binding: Binding) -> bool {
        match self {
            Self::Whole => true,
            Self::Each(bindings) => bindings.contains(&binding),
        }
    }

    /// The shares of a request in every column.
    pub(crate) fn spread(&self, shares: &Shares) -> Vec<PerDraw> {
        match self {
            Self::Whole => vec![shares.largest()],
            Self::Each(resources) => resources.iter().map(|r| shares.of(*r)).collect(),
        }
    }

    /// The column that counts a resource.
    pub(crate) fn place(&self, resource: Resource) -> Option<usize> {
        match self {
            Self::Whole => Some(0),
            Self::Each(bindings) => bindings.iter().position(|b| b.resource() == Some(resource)),
        }
    }

    /// Nodes of another shape, in nodes of `node`: the share that counts in every column.
    pub(crate) fn exchange(&self, node: &Node, shape: &NodeShape) -> Vec<f64> {
        let ratio = |binding| amount_of(shape, binding) / node.has(binding);
        let least = node.binding().map(ratio).fold(f64::INFINITY, f64::min);
        let least = if least.is_finite() { least } else { 1.0 };
        match self {
            Self::Whole => vec![least],
            // What does not say what network it has is taken to have its part of it.
            Self::Each(bindings) => bindings
                .iter()
                .map(|binding| match ratio(*binding) {
                    zero if zero <= 0.0 && *binding == Binding::Network => least,
                    ratio => ratio,
                })
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::example;

    fn same(value: f64) -> PerDraw {
        PerDraw::Same(value)
    }

    #[test]
    fn a_gpu_brings_its_part_of_cores_and_memory() {
        let plan = example::plan();
        let node = Node::of_pool(&plan, &[], example::serve(&plan)).unwrap();
        let gpu = Unit::Stated(Stated { gpus: Some(same(1.0)), ..Stated::default() });
        let shares = gpu.shares(&plan, &node);
        for binding in BINDING {
            assert_eq!(shares.of(binding), PerDraw::Same(0.125));
        }
        assert!(gpu.is_uniform(&plan, &node));
    }

    #[test]
    fn what_is_stated_counts_as_stated_and_the_rest_follows_the_largest() {
        let plan = example::plan();
        let node = Node::of_pool(&plan, &[], example::serve(&plan)).unwrap();
        let unit = Unit::Stated(Stated {
            cores: Some(same(16.0)),
            memory_bytes: Some(same(1e9)),
            ..Stated::default()
        });
        let shares = unit.shares(&plan, &node);
        assert_eq!(shares.of(Binding::Cpu), PerDraw::Same(0.25));
        assert_eq!(shares.of(Binding::Memory), PerDraw::Same(1e9 / 512e9));
        assert_eq!(shares.of(Binding::Gpu), PerDraw::Same(0.25));
        assert!(!unit.is_uniform(&plan, &node));
    }

    #[test]
    fn memory_on_gpus_takes_the_gpus_that_hold_it() {
        let plan = example::plan();
        let node = Node::of_pool(&plan, &[], example::serve(&plan)).unwrap();
        let unit = Unit::Stated(Stated {
            gpus: Some(same(0.5)),
            gpu_memory_bytes: Some(same(160e9)),
            ..Stated::default()
        });
        assert_eq!(unit.shares(&plan, &node).of(Binding::Gpu), PerDraw::Same(0.25));
    }
}
