//! Workloads use pools of their kind, and a pool starts within its limits.

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::lower::Draft;
use crate::language::report::{Report, error, warning};
use crate::plan::pool::PoolSupply;
use crate::plan::workload::WorkloadKind;

pub(super) fn check(draft: &Draft, report: &mut Report) {
    for (_, workload) in draft.workloads.iter() {
        let stores = workload.kind == WorkloadKind::Storage;
        let used = workload.pool.into_iter().map(|pool| (pool, workload.origin, stores));
        let needs = workload.needs.iter().map(|needs| (needs.pool, needs.origin, false));
        for (pool, origin, stores) in used.chain(needs) {
            let Some(pool) = draft.pools.get(pool) else { continue };
            if matches!(pool.supply, PoolSupply::Storage(_)) == stores {
                continue;
            }
            let (has, wants) =
                if stores { ("nodes", "storage") } else { ("storage tiers", "nodes") };
            report.push(
                Diagnostic::new(
                    &POOL_OF_OTHER_KIND,
                    format!("workload `{}` needs {wants}", workload.name),
                )
                .at(origin, format!("pool `{}` is made of {has}", pool.name))
                .also(pool.origin, "the pool")
                .help(if stores {
                    "use a pool with `kind storage`"
                } else {
                    "use a pool of instances or of owned hardware"
                }),
            );
        }
    }
    for (_, pool) in draft.pools.iter() {
        for limit in pool.limits.iter().filter(|limit| limit.from.is_none()) {
            let start: u32 = match limit.purchase {
                Some(purchase) => pool.start.get(&purchase).copied().unwrap_or(0),
                None => pool.start.values().sum(),
            };
            if start > limit.nodes {
                report.push(
                    Diagnostic::new(
                        &START_ABOVE_LIMIT,
                        format!("pool `{}` starts with more than it may have", pool.name),
                    )
                    .at(limit.origin, format!("{start} nodes run on the first day"))
                    .help("raise the limit, or lower `start`"),
                );
            }
        }
    }
}

/// A workload in a pool of another kind.
pub static POOL_OF_OTHER_KIND: Code = error(
    "pool_of_other_kind",
    Family::Model,
    "a workload uses a pool that it cannot",
    "Storage workloads keep data in storage pools; everything else runs on nodes.\n\nWrong:\n\n```kdl\npool \"lake\" { \
kind storage; tier \"s3\"; }\nworkload \"w\" { kind inference; pool \"lake\"; }\n```\n\nRight:\n\n```kdl\nworkload \
\"w\" { kind storage; pool \"lake\"; demand \"42 TiB\"; }\n```\n",
);
/// A start above the limit.
pub static START_ABOVE_LIMIT: Code = warning(
    "start_above_limit",
    Family::Model,
    "a pool starts with more nodes than its limit",
    "`limit` is what the provider grants; what runs already lies within it.\n\nWrong:\n\n```kdl\nstart on-demand 20\n\
limit 12\n```\n\nRight:\n\n```kdl\nstart on-demand 10\nlimit 12\n```\n",
);
