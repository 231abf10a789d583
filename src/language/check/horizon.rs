//! Events and budgets lie in the months of the plan.

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::lower::Draft;
use crate::language::report::{Report, error, note};

pub(super) fn check(draft: &Draft, report: &mut Report) {
    let Some(horizon) = draft.horizon else { return };
    for (_, workload) in draft.workloads.iter() {
        for event in workload.demand.iter().flat_map(|demand| &demand.events) {
            let before = event.until.is_some_and(|until| until < horizon.first_day());
            if event.at > horizon.last_day() || before {
                let side = if before { "before the plan begins" } else { "after the plan ends" };
                report.push(
                    Diagnostic::new(
                        &EVENT_PAST_HORIZON,
                        format!("event `{}` lies {side}", event.name),
                    )
                    .at(event.origin, "it changes no figure"),
                );
            }
        }
    }
    for (_, budget) in draft.budgets.iter() {
        let last = budget.first.plus(i32::try_from(budget.months).unwrap_or(1) - 1);
        if last < horizon.first || budget.first > horizon.last() {
            report.push(
                Diagnostic::new(
                    &BUDGET_OUTSIDE_HORIZON,
                    format!("budget `{}` is for months that are not planned", budget.name),
                )
                .at(budget.origin, format!("{} to {last}", budget.first))
                .help(format!("the plan has {} to {}", horizon.first, horizon.last())),
            );
        }
    }
}

/// An event outside the horizon.
pub static EVENT_PAST_HORIZON: Code = note(
    "event_past_horizon",
    Family::Model,
    "an event lies outside the months of the plan",
    "What begins after the last month, or ended before the first, is left out. A longer horizon shows it.\n\n\
```kdl\nhorizon from=\"2027-02\" months=12\n… event \"launch\" at=\"2028-05-01\" { multiply 1.3; }\n```\n",
);
/// A budget outside the horizon.
pub static BUDGET_OUTSIDE_HORIZON: Code = error(
    "budget_outside_horizon",
    Family::Policy,
    "a budget is for months that are not planned",
    "A budget that is partly outside is compared over the months that are planned; one that is wholly outside \
compares nothing. Mind which year names a fiscal year.\n\nWrong:\n\n```kdl\nhorizon from=\"2027-02\" months=12\nbudget \
\"b\" { period fiscal-year=2025; amount \"2M USD\"; }\n```\n\nRight:\n\n```kdl\nbudget \"b\" { period \
fiscal-year=2027; amount \"2M USD\"; }\n```\n",
);
