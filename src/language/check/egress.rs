//! Data that leaves has a price.

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::lower::Draft;
use crate::language::report::{Report, error};

pub(super) fn check(draft: &Draft, report: &mut Report) {
    for (_, workload) in draft.workloads.iter() {
        for egress in &workload.egress {
            let Some(provider) = draft.providers.get(egress.provider) else { continue };
            if provider.egress.contains_key(&egress.kind) {
                continue;
            }
            let word = egress.kind.word();
            report.push(
                Diagnostic::new(
                    &NO_EGRESS_PRICE,
                    format!("provider `{}` has no price for `egress {word}`", provider.name),
                )
                .at(egress.origin, "what this costs is not known")
                .also(provider.origin, "the provider")
                .help(format!("add to the provider: `egress {word} \"0.05 USD/GB\"`")),
            );
        }
    }
}

/// Egress without a price.
pub static NO_EGRESS_PRICE: Code = error(
    "no_egress_price",
    Family::Model,
    "data leaves at a price that is not stated",
    "Nothing is free by being left out; where it is free, say `0 USD/GB`.\n\nWrong:\n\n```kdl\nprovider \"aws\"\n\
workload \"w\" { egress internet \"14 KiB/req\"; }\n```\n\nRight:\n\n```kdl\nprovider \"aws\" { egress internet \"0.05 \
USD/GB\"; }\nworkload \"w\" { egress internet \"14 KiB/req\"; }\n```\n",
);
