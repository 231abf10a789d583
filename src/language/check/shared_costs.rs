//! Rules for shared cost spread the whole of a cost, once.

use super::{error, figures, of_policy};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::shared_cost::{SharedSource, Split};
use crate::plan::{Plan, SharedCost};

/// Fixed shares that are not the whole.
pub static SPLIT_NOT_WHOLE: Code = of_policy(&error(
    "split_not_whole",
    "fixed shares that do not add up to 100%",
    r#"`split fixed` says which share each team bears. Above 100% more would be charged than was spent; below it something
is left over, and `rest` says who bears it.

Wrong:

```kdl
shared-cost "platform" { from amount="60k USD/month"; split fixed { team "search" "20%"; team "ads" "70%"; }; }
```

Right:

```kdl
shared-cost "platform" { from amount="60k USD/month"; split fixed { team "search" "20%"; team "ads" "70%"; }; rest "ml-platform"; }
```
"#,
));

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
        if let Split::Fixed(shares) = &rule.split {
            let sum: f64 = shares.iter().map(|(_, share)| share).sum();
            whole(plan, rule, sum, found);
        }
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

fn whole(plan: &Plan, rule: &SharedCost, sum: f64, found: &mut Vec<Diagnostic>) {
    let (name, percent) = (&rule.name, figures::percent(sum));
    let help = if sum > 1.0 + 1e-9 {
        "take the shares down to 100% together".to_owned()
    } else if sum < 1.0 - 1e-9 && rule.rest.is_none() {
        let team = plan.teams.items().first().map_or("ml-platform", |team| &team.name);
        let left = figures::percent(1.0 - sum);
        format!("say who bears the other {left}, such as `rest \"{team}\"`, or raise the shares")
    } else {
        return;
    };
    found.push(
        Diagnostic::new(&SPLIT_NOT_WHOLE, format!("the shares of `{name}` add up to {percent}"))
            .at(rule.origin, format!("{percent} of the cost is spread"))
            .help(help),
    );
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
