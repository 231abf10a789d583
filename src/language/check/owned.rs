//! Owned hardware that a pool is made of has lots.

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::lower::Draft;
use crate::language::names::Names;
use crate::language::nodes::Noun;
use crate::language::report::{Report, error};
use crate::plan::pool::PoolSupply;

pub(super) fn check(draft: &Draft, names: &Names<'_>, report: &mut Report) {
    for (_, pool) in draft.pools.iter() {
        let PoolSupply::Owned(id) = pool.supply else { continue };
        let Some(owned) = draft.owned.get(id) else { continue };
        let declared = names.all(Noun::Owned).get(id.index());
        let stated = declared.is_some_and(|name| name.node.child("lot").is_some());
        if owned.lots.is_empty() && !stated {
            report.push(
                Diagnostic::new(&OWNED_WITHOUT_LOTS, format!("owned `{}` has no lots", owned.name))
                    .at(owned.origin, "there is nothing in it")
                    .also(pool.origin, "this pool is made of it")
                    .help(
                        "add what was bought: `lot \"2025-08\" { nodes 32; purchase \"395k USD\" per=node; \
                         in-service \"2025-08-01\"; }`",
                    ),
            );
        }
    }
}

/// Owned hardware without lots.
pub static OWNED_WITHOUT_LOTS: Code = error(
    "owned_without_lots",
    Family::Model,
    "a pool is made of hardware without lots",
    "Lots are the asset register: what was bought, when, for how much.\n\nWrong:\n\n```kdl\nowned \"ashburn\" { gpu \
\"b200\" count=8; }\n```\n\nRight:\n\n```kdl\nowned \"ashburn\" { gpu \"b200\" count=8; lot \"2025-08\" { nodes 32; \
purchase \"395k USD\" per=node; in-service \"2025-08-01\"; }; }\n```\n",
);
