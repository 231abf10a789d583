//! Assumptions are looked at again when they said they would be.

use super::warning;
use crate::calendar::Date;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::Plan;

/// An assumption past its review.
pub static REVIEW_OVERDUE: Code = warning(
    "review_overdue",
    "an assumption is past its review",
    r#"A `let` may say by which day it is to be looked at again. That day lies before the plan's as-of date: someone should
look at it, and give it a new day.

Wrong:

```kdl
plan "p" { version 1; as-of "2026-11-23"; horizon from="2027-02" months=12; currency USD; }
let organic-growth "2% to 5% / month" { source "LRP v2"; review-by "2026-09-30"; }
```

Right:

```kdl
let organic-growth "2% to 4% / month" { source "LRP v3"; review-by "2027-03-31"; }
```
"#,
);

pub(super) fn check(plan: &Plan, as_of: Date, found: &mut Vec<Diagnostic>) {
    for assumption in &plan.assumptions {
        let Some(review_by) = assumption.review_by.filter(|day| *day < as_of) else { continue };
        let name = &assumption.name;
        let days = crate::calendar::days_between(review_by, as_of);
        let source = assumption.source.as_ref();
        let asks = source.map_or(String::new(), |source| format!(" with its source, {source},"));
        found.push(
            Diagnostic::new(
                &REVIEW_OVERDUE,
                format!(
                    "`{name}` was to be reviewed by {review_by}, {days} days before the as-of date"
                ),
            )
            .at(assumption.origin, format!("to be reviewed by {review_by}"))
            .help(format!("look at it again{asks} and give it a new `review-by`")),
        );
    }
}
