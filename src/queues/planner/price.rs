//! What one GPU of a pool costs a month, by the ledger.

use crate::capacity::need::Resource;
use crate::cost::ledger::{Category, Ledger};
use crate::draws::mean;
use crate::ids::Id;
use crate::money::to_f64;
use crate::plan::{Plan, Pool};
use crate::procure::supply::PoolMonth;

/// Hours of a month, as prices a month are quoted.
const HOURS: f64 = 730.0;

/// Money a month for one GPU of a pool (core, byte, where no quota grants its GPUs): what the pool's nodes
/// cost over the horizon, amortised, over the hours they supply, times 730 h; absent where they supply none.
#[must_use]
pub fn price(plan: &Plan, ledger: &Ledger, supply: &[PoolMonth], pool: Id<Pool>) -> Option<f64> {
    let grants = plan.quotas.items().iter().flat_map(|quota| &quota.grants);
    let granted = |word| grants.clone().any(|grant| grant.pool == pool && grant.resource == word);
    let words = [("gpu", Resource::Gpu), ("cpu", Resource::Cpu), ("memory", Resource::Memory)];
    let (_, resource) = words.into_iter().find(|(word, _)| granted(*word))?;
    let nodes = [Category::Compute, Category::Memory, Category::Gpu];
    let rows =
        ledger.rows.iter().filter(|row| row.pool == Some(pool) && nodes.contains(&row.category));
    let money: f64 = rows.map(|row| to_f64(row.amortised)).sum();
    let months = supply.iter().filter(|month| month.pool == pool);
    let hours: f64 = months.filter_map(|of| of.supplied.get(&resource)).map(|of| mean(of)).sum();
    (hours > 0.0 && money > 0.0).then(|| money / hours * HOURS)
}
