//! Growth leads somewhere, and a stated peak has a shape.

use super::{figures, warning};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::workload::{Demand, DemandAt, GrowthKind, SeasonPeriod};
use crate::plan::{Plan, Workload};

/// A logistic whose ceiling is not above its base.
pub static CEILING_BELOW_BASE: Code = warning(
    "ceiling_below_base",
    "a logistic whose ceiling is not above its base",
    r#"A logistic rises from the base to its ceiling. A ceiling at or below the base makes it fall, or stand still; the
two were probably written in different units (`chat/day` and `chat/s`).

Wrong:

```kdl
workload "chat" { demand "900 req/s" { growth logistic { ceiling "90 req/s"; steepness "40%/month"; }; }; }
```

Right:

```kdl
workload "chat" { demand "90 req/s" { growth logistic { ceiling "900 req/s"; steepness "40%/month"; }; }; }
```
"#,
);

/// A peak without a shape.
pub static FLAT_PEAK: Code = warning(
    "flat_peak",
    "a demand at its peak has no shape, so it is flat around the clock",
    r#"`at=peak` says that the figure is the largest hour of the week. What the other hours are is for the shape to say:
a history, or `growth seasonal` with a period of a day or a week. Without one, every hour is the peak, and the plan
pays for it at night too.

Wrong:

```kdl
workload "chat" { demand "900 req/s" at=peak { growth compound "2%/month"; }; }
```

Right:

```kdl
workload "chat" { demand "900 req/s" at=peak { growth compound "2%/month"; growth seasonal { period week; peak-to-mean 1.6; }; }; }
```
"#,
);

/// A level to be reached before the horizon begins.
pub static GROWTH_TARGET_PAST: Code = warning(
    "growth_target_past",
    "a level to be reached before the horizon begins",
    r#"`growth to` rises from the base, which is the level of the first month, to a level by the end of a later month.
Here that month lies before the horizon, or is its first: there is no time in which to rise.

Wrong:

```kdl
plan "p" { version 1; horizon from="2027-02" months=12; currency USD; }
workload "lake" { demand "1 PB" { growth to "3 PB" by="2026-12"; }; }
```

Right:

```kdl
workload "lake" { demand "1 PB" { growth to "3 PB" by="2027-12"; }; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for workload in plan.workloads.items() {
        if let Some(demand) = &workload.demand {
            flat_peak(workload, demand, found);
            terms(plan, workload, demand, found);
        }
    }
}

fn flat_peak(workload: &Workload, demand: &Demand, found: &mut Vec<Diagnostic>) {
    let shaped = demand.growth.iter().any(|growth| {
        matches!(
            growth.kind,
            GrowthKind::Seasonal { period: SeasonPeriod::Day | SeasonPeriod::Week, .. }
        )
    });
    let elsewhere = demand.history.is_some() || demand.follows.is_some();
    if demand.at == DemandAt::Peak && demand.base.is_some() && !shaped && !elsewhere {
        found.push(
            Diagnostic::new(
                &FLAT_PEAK,
                format!(
                    "the demand of `{}` is its peak in every hour: flat around the clock",
                    workload.name
                ),
            )
            .at(demand.origin, "`at=peak`, but nothing says what the other hours are")
            .help(
                "add a shape, `growth seasonal { period week; peak-to-mean 1.6; }`, or leave out \
                 `at=peak` where the figure is the mean",
            ),
        );
    }
}

fn terms(plan: &Plan, workload: &Workload, demand: &Demand, found: &mut Vec<Diagnostic>) {
    let name = &workload.name;
    for growth in &demand.growth {
        match &growth.kind {
            GrowthKind::Logistic { ceiling, .. } => {
                let Some(base) = demand.base.as_ref() else { continue };
                if ceiling.median() > base.median() {
                    continue;
                }
                let ratio = figures::percent(ceiling.median() / base.median());
                found.push(
                    Diagnostic::new(
                        &CEILING_BELOW_BASE,
                        format!("the ceiling of `{name}` is not above the demand it begins with"),
                    )
                    .at(growth.origin, format!("this ceiling is {ratio} of the base"))
                    .also(demand.origin, "the base stands here")
                    .help(
                        "look at the units of both; a ceiling is what demand tends to from below",
                    ),
                );
            }
            GrowthKind::To { by, .. } if *by <= plan.horizon.first => {
                let first = plan.horizon.first;
                found.push(
                    Diagnostic::new(
                        &GROWTH_TARGET_PAST,
                        format!("`{name}` is to reach its level by {by}, and the horizon begins in {first}"),
                    )
                    .at(growth.origin, format!("there is no time to rise by {by}"))
                    .help(format!("write a month after {first} in `by=`")),
                );
            }
            _ => {}
        }
    }
}
