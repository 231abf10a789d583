//! Cohorts form a tree.

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::lower::Draft;
use crate::language::report::{Report, error};

pub(super) fn check(draft: &Draft, report: &mut Report) {
    for (id, cohort) in draft.cohorts.iter() {
        let mut above = cohort.parent;
        // As many steps as there are cohorts lead to the root, or around a circle.
        for _ in 0..draft.cohorts.declared() {
            match above {
                Some(parent) if parent == id => {
                    report.push(
                        Diagnostic::new(
                            &COHORT_CYCLE,
                            format!("cohort `{}` lies inside itself", cohort.name),
                        )
                        .at(cohort.origin, "its parents lead back to it")
                        .help("let one of them have no `parent`"),
                    );
                    break;
                }
                Some(parent) => above = draft.cohorts.get(parent).and_then(|parent| parent.parent),
                None => break,
            }
        }
    }
}

/// Cohorts in a circle.
pub static COHORT_CYCLE: Code = error(
    "cohort_cycle",
    Family::Model,
    "cohorts that lie inside each other",
    "Cohorts form a tree: quotas borrow from their cohort, and it from its parent.\n\nWrong:\n\n```kdl\ncohort \"a\" { \
parent \"b\"; }\ncohort \"b\" { parent \"a\"; }\n```\n\nRight:\n\n```kdl\ncohort \"a\" { parent \"b\"; }\ncohort \
\"b\"\n```\n",
);
