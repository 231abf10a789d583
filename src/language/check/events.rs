//! Events lie in the horizon.

use super::{note, warning};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::Plan;

/// An event in none of the horizon's months.
pub static EVENT_OUTSIDE_HORIZON: Code = warning(
    "event_outside_horizon",
    "an event in none of the horizon's months",
    r#"The event begins after the last month the plan looks at, or is over before the first. It changes no figure.

Wrong:

```kdl
plan "p" { version 1; horizon from="2027-02" months=12; currency USD; }
workload "chat" { demand "180 req/s" { event "black-friday" at="2026-11-20" until="2026-12-02" { multiply 1.6; }; }; }
```

Right:

```kdl
workload "chat" { demand "180 req/s" { event "black-friday" at="2027-11-20" until="2027-12-02" { multiply 1.6; }; }; }
```
"#,
);

/// An event that goes on after the horizon.
pub static EVENT_CLIPPED: Code = note(
    "event_clipped",
    "an event goes on after the horizon's last day",
    r#"The event begins in the horizon and ends after it, or is still ramping up on its last day. What lies beyond is not
looked at: the plan shows the event's beginning only.

Clipped:

```kdl
plan "p" { version 1; horizon from="2027-02" months=12; currency USD; }
workload "chat" { demand "180 req/s" { event "launch" at="2028-01-10" { multiply 1.6; ramp "8 weeks"; }; }; }
```

Shown whole:

```kdl
plan "p" { version 1; horizon from="2027-02" months=15; currency USD; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    let (first, last) = (plan.horizon.first_day(), plan.horizon.last_day());
    for workload in plan.workloads.items() {
        for event in workload.demand.iter().flat_map(|demand| &demand.events) {
            let (name, at) = (&event.name, event.at);
            let ramped = event.ramp_days.map(|days| {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "a ramp of days, far below 2^31"
                )]
                let days = days.clamp(0.0, 1e6) as i32;
                crate::calendar::plus_days(at, days)
            });
            if at > last {
                found.push(
                    outside(name, &format!("begins on {at}, after the horizon's last day, {last}"))
                        .at(event.origin, format!("begins on {at}")),
                );
            } else if let Some(until) = event.until.filter(|until| *until < first && at <= *until) {
                found.push(
                    outside(
                        name,
                        &format!("ended on {until}, before the horizon's first day, {first}"),
                    )
                    .at(event.origin, format!("ended on {until}")),
                );
            } else if let Some(until) = event.until.filter(|until| *until > last) {
                found.push(
                    Diagnostic::new(
                        &EVENT_CLIPPED,
                        format!("event `{name}` goes on until {until}, after the horizon's last day, {last}"),
                    )
                    .at(event.origin, format!("clipped on {last}"))
                    .help("a longer horizon shows it whole"),
                );
            } else if let Some(full) = ramped.filter(|full| *full > last) {
                found.push(
                    Diagnostic::new(
                        &EVENT_CLIPPED,
                        format!("event `{name}` has its full effect on {full}, after the horizon's last day, {last}"),
                    )
                    .at(event.origin, format!("its ramp is clipped on {last}"))
                    .help("a longer horizon shows it whole"),
                );
            }
        }
    }
}

fn outside(name: &str, when: &str) -> Diagnostic {
    Diagnostic::new(&EVENT_OUTSIDE_HORIZON, format!("event `{name}` {when}"))
        .help("correct its day, or the horizon; else remove it")
}
