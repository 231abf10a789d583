//! A peak is the peak of a shape.

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::lower::Draft;
use crate::language::report::{Report, warning};
use crate::plan::workload::{DemandAt, GrowthKind};

pub(super) fn check(draft: &Draft, report: &mut Report) {
    for (_, workload) in draft.workloads.iter() {
        let Some(demand) = &workload.demand else { continue };
        let shaped = demand.history.is_some()
            || demand.follows.is_some()
            || demand.growth.iter().any(|g| matches!(g.kind, GrowthKind::Seasonal { .. }));
        if demand.at == DemandAt::Peak && !shaped {
            report.push(
                Diagnostic::new(
                    &FLAT_PEAK,
                    format!("the demand of `{}` is a peak of nothing known", workload.name),
                )
                .at(demand.origin, "without a shape it is taken as flat around the clock")
                .help("add `history \"…\"`, or `growth seasonal { period week; peak-to-mean 1.6; }`"),
            );
        }
    }
}

/// A peak without a shape.
pub static FLAT_PEAK: Code = warning(
    "flat_peak",
    Family::Model,
    "a demand is stated at its peak, and has no shape",
    "`at=peak` is the largest hour of the week. Without a history or a seasonal term every hour is that hour, which \
is dear.\n\nWrong:\n\n```kdl\ndemand \"5200 req/s\" at=peak\n```\n\nRight:\n\n```kdl\ndemand \"5200 req/s\" at=peak { \
growth seasonal { period week; peak-to-mean 1.6; }; }\n```\n",
);
