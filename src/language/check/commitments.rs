//! Commitments serve a pool that uses their type, in a period that matters.

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::lower::Draft;
use crate::language::report::{Report, error, warning};
use crate::plan::pool::{CommitmentKind, PoolSupply};

pub(super) fn check(draft: &Draft, report: &mut Report) {
    for (_, commitment) in draft.commitments.iter() {
        let name = &commitment.name;
        if let CommitmentKind::Reserved { pool, instance, .. } = commitment.kind
            && let Some(pool) = draft.pools.get(pool)
            && let Some(instance) = draft.instances.get(instance)
        {
            let used = match &pool.supply {
                PoolSupply::Instances(candidates) => candidates
                    .iter()
                    .any(|c| draft.instances.get(c.instance).is_some_and(|i| i.name == instance.name)),
                PoolSupply::Owned(_) | PoolSupply::Storage(_) => false,
            };
            if !used {
                report.push(
                    Diagnostic::new(
                        &COMMITMENT_INSTANCE,
                        format!("pool `{}` does not use `{}`", pool.name, instance.name),
                    )
                    .at(commitment.origin, "this commitment serves nothing")
                    .also(pool.origin, "the pool")
                    .help(format!("add `instance \"{}\"` to the pool", instance.name)),
                );
            }
        }
        let Some(horizon) = draft.horizon else { continue };
        if commitment.until < horizon.first_day() {
            report.push(
                Diagnostic::new(&COMMITMENT_OVER, format!("commitment `{name}` is over"))
                    .at(commitment.origin, format!("it ended on {}, before the plan begins", commitment.until))
                    .help("remove it"),
            );
        } else if commitment.until < horizon.last_day() {
            report.push(
                Diagnostic::new(&COMMITMENT_ENDS, format!("commitment `{name}` ends inside the plan"))
                    .at(commitment.origin, format!("its last day is {}", commitment.until))
                    .help("what follows it is bought at other prices: on demand, until procurement plans it"),
            );
        }
    }
}

/// A commitment for a type that its pool does not use.
pub static COMMITMENT_INSTANCE: Code = error(
    "commitment_instance",
    Family::Model,
    "a commitment for a type that its pool does not use",
    "Reserved nodes serve their pool only if the pool uses their instance type.\n\nWrong:\n\n```kdl\npool \"p\" { \
instance \"p5en.48xlarge\"; }\ncommitment \"c\" { pool \"p\"; reserved 8 instance=\"p5.48xlarge\"; }\n```\n\nRight:\n\n\
```kdl\npool \"p\" { instance \"p5.48xlarge\"; }\ncommitment \"c\" { pool \"p\"; reserved 8 instance=\"p5.48xlarge\"; \
}\n```\n",
);
/// A commitment that ends inside the horizon.
pub static COMMITMENT_ENDS: Code = crate::language::report::note(
    "commitment_ends",
    Family::Model,
    "a commitment ends before the plan does",
    "A commitment ends on its last day, and the nodes it paid for are bought otherwise from then on. That is a \
decision of the plan, and a step in its cost.\n\n```kdl\nperiod from=\"2026-07-01\" until=\"2027-06-30\"\n```\n",
);
/// A commitment that is over.
pub static COMMITMENT_OVER: Code = warning(
    "commitment_over",
    Family::Model,
    "a commitment ended before the plan begins",
    "It serves nothing in this plan.\n\nWrong:\n\n```kdl\nhorizon from=\"2027-02\" months=12\n… period \
from=\"2025-01-01\" until=\"2025-12-31\"\n```\n\nRight: remove it, or declare the one that follows it.\n",
);
