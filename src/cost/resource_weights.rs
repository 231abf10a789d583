//! How the price of a node splits over what it offers.
//!
//! A provider quotes a node; a workload takes some of its resources. The node's price splits over them
//! in proportion to what each would cost at a default price; only the ratios matter.

use crate::capacity::need::Resource;
use crate::plan::catalog::NodeShape;

/// Default price of one CPU core and hour, US dollars.
///
/// # Source
/// `OpenCost`, `configs/default.json` (`CPU`, `RAM`, `GPU`, `storage`), GCP us-central1 list prices.
const CORE_HOUR: f64 = 0.031_611;
/// Default price of one GiB of memory and hour, US dollars; source as [`CORE_HOUR`].
const GIB_HOUR: f64 = 0.004_237;
/// Default price of one GPU and hour, US dollars; source as [`CORE_HOUR`].
const GPU_HOUR: f64 = 0.95;
/// Default price of one GB of storage and hour, US dollars; source as [`CORE_HOUR`].
const STORAGE_GB_HOUR: f64 = 0.000_054_794_52;

const BYTES_PER_GIB: f64 = 1_073_741_824.0;
const BYTES_PER_GB: f64 = 1e9;

/// One value for each of [`Resource::ALL`], in its order.
pub(super) type ByResource<T> = [T; 4];

/// The place of a resource in [`ByResource`].
pub(super) fn place(resource: Resource) -> usize {
    match resource {
        Resource::Cpu => 0,
        Resource::Memory => 1,
        Resource::Gpu => 2,
        Resource::Storage => 3,
    }
}

/// How much of a resource a node offers: cores, bytes, GPUs, bytes.
pub(super) fn offered(shape: &NodeShape) -> ByResource<f64> {
    [shape.cores, shape.memory_bytes, shape.gpus, shape.storage_bytes]
}

/// What resource-hours are worth at default prices: core-hours, byte-hours, GPU-hours, byte-hours.
pub(super) fn worth(hours: &ByResource<f64>) -> f64 {
    worth_by_resource(hours).iter().sum()
}

/// The share of a node's price that each resource carries; sums to 1. A node that offers nothing is all
/// CPU, so that its cost is not lost.
///
/// # Source
/// `OpenCost` specification 0.1, appendix A: `price_r = base_r × node price ÷ Σ base_r × amount_r`.
pub(super) fn shares(shape: &NodeShape) -> ByResource<f64> {
    let worth = worth_by_resource(&offered(shape));
    let sum: f64 = worth.iter().sum();
    if sum > 0.0 { worth.map(|worth| worth / sum) } else { [1.0, 0.0, 0.0, 0.0] }
}

/// Resource-hours in the unit of the ledger, and that unit.
pub(super) fn ledger_quantity(resource: Resource, hours: f64) -> (f64, &'static str) {
    match resource {
        Resource::Cpu => (hours, "core-hour"),
        Resource::Memory => (hours / BYTES_PER_GIB, "GiB-hour"),
        Resource::Gpu => (hours, "GPU-hour"),
        Resource::Storage => (hours / BYTES_PER_GB, "GB-hour"),
    }
}

fn worth_by_resource(hours: &ByResource<f64>) -> ByResource<f64> {
    let [cores, memory, gpus, storage] = *hours;
    [
        cores * CORE_HOUR,
        memory / BYTES_PER_GIB * GIB_HOUR,
        gpus * GPU_HOUR,
        storage / BYTES_PER_GB * STORAGE_GB_HOUR,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_price_splits_in_proportion_to_default_prices() {
        let shape = NodeShape {
            gpus: 1.0,
            cores: 4.0,
            memory_bytes: 16.0 * BYTES_PER_GIB,
            ..NodeShape::default()
        };
        let shares = shares(&shape);
        let sum = 0.95 + 4.0 * 0.031_611 + 16.0 * 0.004_237;
        assert!((shares[place(Resource::Gpu)] - 0.95 / sum).abs() < 1e-12);
        assert!((shares[place(Resource::Memory)] - 16.0 * 0.004_237 / sum).abs() < 1e-12);
        assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_node_that_offers_nothing_still_costs() {
        assert!((shares(&NodeShape::default())[place(Resource::Cpu)] - 1.0).abs() < 1e-12);
    }
}
