//! Rules for shared cost spread a cost once.

use super::{error, of_policy};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::Plan;
use crate::plan::shared_cost::SharedSource;

/// A cost that two rules spread.
pub static SHARED_TWICE: Code = of_policy(&error(
    "shared_twice",
    "a cost that two rules spread",
    r#"Every rule takes its cost from where it lies and spreads it, once, on direct cost. Two rules that take the same
cost, or a team's and that of one of its workloads, would spread it twice.

Wrong:

```kdl
shared-cost "idle" { from idle pool="serving"; split proportional by=usage; }
shared-cost "idle-again" { from idle pool="serving"; split even; }
```

Right:

```kdl
shared-cost "idle" { from idle pool="serving"; split proportional by=usage; }
```
"#,
));

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    let rules = plan.shared_costs.items();
    for (place, rule) in rules.iter().enumerate() {
        for first in &rules[..place] {
            if let Some(what) = both(plan, &first.from, &rule.from) {
                found.push(
                    Diagnostic::new(
                        &SHARED_TWICE,
                        format!("rules `{}` and `{}` both spread {what}", first.name, rule.name),
                    )
                    .at(rule.origin, "spread here again")
                    .also(first.origin, "spread here")
                    .help("remove one of the rules, or take another cost in it"),
                );
            }
        }
    }
}

/// What two rules both spread, in words.
fn both(plan: &Plan, a: &SharedSource, b: &SharedSource) -> Option<String> {
    match (a, b) {
        (SharedSource::Idle(a), SharedSource::Idle(b)) if a == b => {
            Some(format!("the idle cost of pool `{}`", plan.pools[*a].name))
        }
        (SharedSource::Workload(a), SharedSource::Workload(b)) if a == b => {
            Some(format!("the cost of workload `{}`", plan.workloads[*a].name))
        }
        (SharedSource::Team(a), SharedSource::Team(b)) if a == b => {
            Some(format!("the cost of team `{}`", plan.teams[*a].name))
        }
        (SharedSource::Team(team), SharedSource::Workload(workload))
        | (SharedSource::Workload(workload), SharedSource::Team(team))
            if plan.workloads[*workload].team == *team =>
        {
            let (workload, team) = (&plan.workloads[*workload].name, &plan.teams[*team].name);
            Some(format!("the cost of workload `{workload}`, which is team `{team}`'s"))
        }
        _ => None,
    }
}
