//! Assumptions are looked at again.

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::lower::Draft;
use crate::language::report::{Report, warning};

pub(super) fn check(draft: &Draft, report: &mut Report) {
    // Without an as-of in the plan, the day is known only where the plan is run.
    let Some(as_of) = draft.as_of else { return };
    for assumption in &draft.assumptions {
        let Some(review_by) = assumption.review_by.filter(|day| *day < as_of) else { continue };
        report.push(
            Diagnostic::new(
                &REVIEW_OVERDUE,
                format!("assumption `{}` should have been looked at by {review_by}", assumption.name),
            )
            .at(assumption.origin, format!("the plan is as of {as_of}"))
            .help("look at it again, and move `review-by`"),
        );
    }
}

/// An assumption past its review.
pub static REVIEW_OVERDUE: Code = warning(
    "review_overdue",
    Family::Model,
    "an assumption is past the day of its review",
    "Assumptions age; `review-by` says when to look at them again.\n\nWrong:\n\n```kdl\nas-of \"2027-06-01\"\n… let growth \
\"3%/month\" { review-by \"2027-03-31\"; }\n```\n\nRight:\n\n```kdl\nlet growth \"4%/month\" { review-by \"2027-09-30\"; \
}\n```\n",
);
