//! A period ends after it begins.

use super::error;
use crate::calendar::Date;
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::Plan;
use crate::plan::workload::RunTimes;
use crate::source::Span;

/// A period that ends before it begins.
pub static REVERSED_PERIOD: Code = error(
    "reversed_period",
    "a period that ends before it begins",
    r#"`from` and `until` are both included, so a period of one day has the same day twice, and `until` is never before
`from` or `at`. A month such as `"2027-06"` is its first day in `from` and `at`, its last in `until`.

Wrong:

```kdl
commitment "ri" { pool "serving"; reserved 8 instance="p5.48xlarge"; price "37.80 USD/hour"; period from="2027-06-30" until="2026-07-01"; }
```

Right:

```kdl
commitment "ri" { pool "serving"; reserved 8 instance="p5.48xlarge"; price "37.80 USD/hour"; period from="2026-07-01" until="2027-06-30"; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for one in plan.commitments.items() {
        holds(&format!("commitment `{}`", one.name), one.from, Some(one.until), one.origin, found);
    }
    for workload in plan.workloads.items() {
        for event in workload.demand.iter().flat_map(|demand| &demand.events) {
            let what = format!("event `{}`", event.name);
            holds(&what, event.at, event.until, event.origin, found);
        }
        for run in &workload.runs {
            if let RunTimes::Every { from: Some(from), until, .. } = run.when {
                holds(&format!("run `{}`", run.name), from, until, run.origin, found);
            }
        }
    }
}

fn holds(what: &str, from: Date, until: Option<Date>, at: Span, found: &mut Vec<Diagnostic>) {
    if let Some(until) = until.filter(|until| *until < from) {
        found.push(
            Diagnostic::new(
                &REVERSED_PERIOD,
                format!("{what} ends on {until}, before it begins on {from}"),
            )
            .at(at, format!("from {from} until {until}"))
            .help("exchange the two days, or correct one of them"),
        );
    }
}
