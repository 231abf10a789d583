//! The calendar of scenarios: months of a scenario stand beside those of the plan, so they have the same days.

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::report::{Report, error};
use crate::plan::{Plan, Scenario};

pub(super) fn check(base: &Plan, scenario: &Scenario, report: &mut Report) {
    let (own, of_plan) = (scenario.plan.horizon.calendar(), base.horizon.calendar());
    if own != of_plan {
        report.push(
            Diagnostic::new(
                &SCENARIO_CALENDAR,
                format!("scenario `{}` has {own}, the plan {of_plan}", scenario.name),
            )
            .at(scenario.origin, "its months would have other days than the plan's")
            .help("leave `pattern`, and with it `starts`, as the plan has them"),
        );
    }
}

/// A scenario with a calendar of its own.
pub static SCENARIO_CALENDAR: Code = error(
    "scenario_calendar",
    Family::Scenario,
    "a scenario whose months have other days",
    "Reports put the months of scenarios side by side, so a scenario keeps the plan's calendar: its `pattern`, and with a \
`pattern` the month in which years start.\n\nWrong:\n\n```kdl\nscenario \"weeks\" { change plan { fiscal-year \
starts=february label=start-year { pattern \"4-4-5\"; }; }; }\n```\n\nRight:\n\n```kdl\nplan \"p\" { version 1; horizon from=\"2027-02\" \
months=12; currency USD; fiscal-year starts=february label=start-year { pattern \"4-4-5\"; }; }\nscenario \"weeks\" { title \
\"Another future, by the same weeks\"; }\n```\n",
);
