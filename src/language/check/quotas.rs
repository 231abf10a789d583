//! Guarantees lie within what a pool can have.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::ids::Id;
use crate::language::lower::Draft;
use crate::language::report::{Report, warning};
use crate::plan::Pool;
use crate::plan::pool::PoolSupply;
use crate::plan::quota::QuotaGrant;

pub(super) fn check(draft: &Draft, report: &mut Report) {
    let mut granted: BTreeMap<Id<Pool>, Vec<&QuotaGrant>> = BTreeMap::new();
    for (_, quota) in draft.quotas.iter() {
        for grant in quota.grants.iter().filter(|grant| grant.resource == "gpu") {
            granted.entry(grant.pool).or_default().push(grant);
        }
    }
    for (id, grants) in granted {
        let (Some(pool), Some(capacity)) = (draft.pools.get(id), gpus(draft, id)) else { continue };
        let sum: f64 = grants.iter().map(|grant| grant.nominal).sum();
        if sum <= capacity + 1e-9 {
            continue;
        }
        let Some(last) = grants.last() else { continue };
        let mut diagnostic = Diagnostic::new(
            &GUARANTEES_ABOVE_CAPACITY,
            format!("{sum} GPUs of pool `{}` are guaranteed, and it can have {capacity}", pool.name),
        )
        .at(last.origin, "with this guarantee it is too much")
        .also(pool.origin, "the pool")
        .help("lower a `nominal`, or raise what the pool can have");
        for grant in grants.iter().rev().skip(1).take(3) {
            diagnostic = diagnostic.also(grant.origin, format!("{} more", grant.nominal));
        }
        report.push(diagnostic);
    }
}

/// The most GPUs a pool can have; `None` where nothing bounds it.
fn gpus(draft: &Draft, pool: Id<Pool>) -> Option<f64> {
    let pool = draft.pools.get(pool)?;
    match &pool.supply {
        PoolSupply::Owned(owned) => {
            let owned = draft.owned.get(*owned)?;
            let nodes: u32 = owned.lots.iter().map(|lot| lot.nodes).sum();
            Some(f64::from(nodes) * owned.shape.gpus)
        }
        PoolSupply::Instances(candidates) => {
            let largest = candidates
                .iter()
                .filter_map(|c| draft.instances.get(c.instance))
                .map(|instance| instance.shape.gpus)
                .fold(0.0, f64::max);
            let increased = pool.limit_increases.iter().map(|increase| (increase.purchase, increase.nodes));
            let limits = pool.limits.iter().map(|limit| (limit.purchase, limit.nodes));
            let mut most: BTreeMap<_, u32> = BTreeMap::new();
            for (purchase, nodes) in limits.chain(increased) {
                let known = most.entry(purchase).or_default();
                *known = nodes.max(*known);
            }
            if most.is_empty() {
                return None;
            }
            let nodes = match most.get(&None) {
                Some(all) => *all,
                None => most.values().sum(),
            };
            Some(f64::from(nodes) * largest)
        }
        PoolSupply::Storage(_) => None,
    }
}

/// Guarantees above what a pool can have.
pub static GUARANTEES_ABOVE_CAPACITY: Code = warning(
    "guarantees_above_limit",
    Family::Model,
    "quotas guarantee more GPUs than a pool can have",
    "`nominal` is a guarantee in GPUs; a limit counts nodes, of eight GPUs mostly. Guarantees above the limit cannot \
all be kept.\n\nWrong:\n\n```kdl\npool \"p\" { instance \"p5.48xlarge\"; limit 4; }\nquota \"q\" { team \"search\"; pool \
\"p\" { gpu nominal=64; }; }\n```\n\nRight:\n\n```kdl\npool \"p\" { instance \"p5.48xlarge\"; limit 8; }\nquota \"q\" { \
team \"search\"; pool \"p\" { gpu nominal=64; }; }\n```\n",
);
