//! Policies choose something, measure something, and can fail.

use globset::Glob;

use super::{figures, of_policy, warning};
use crate::calendar::Date;
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::{Arena, Named};
use crate::plan::policy::{Bound, Metric, Requirement};
use crate::plan::{Plan, Policy};

/// A pattern that matches no name.
pub static SELECTOR_MATCHES_NOTHING: Code = of_policy(&warning(
    "selector_matches_nothing",
    "a policy's pattern matches nothing",
    r#"A policy applies to what its patterns match. This one matches no name of its kind, so the policy looks at nothing
and never fails. `*` stands for any letters: `serve-*`.

Wrong:

```kdl
pool "serving" { instance "p5.48xlarge" region="us-east-1"; }
policy "no-shortfall" severity=error { require pool="serve-*" metric=shortfall at-most="0 node"; }
```

Right:

```kdl
policy "no-shortfall" severity=error { require pool="serv*" metric=shortfall at-most="0 node"; }
```
"#,
));

/// A selector by which the metric is not known.
pub static SELECTOR_WITHOUT_METRIC: Code = of_policy(&warning(
    "selector_without_metric",
    "a policy selects by what its metric is not known by",
    r#"Cost is known in all, by team and by pool; cash in all and by team. A policy that selects them by anything else
is shown as not evaluated and never fails.

Wrong:

```kdl
policy "chat-cost" severity=error { require workload="chat" metric=cost at-most="90k USD/month"; }
```

Right:

```kdl
policy "chat-cost" severity=error { require team="assistant" metric=cost at-most="90k USD/month"; }
```
"#,
));

/// A policy that holds, or fails, whatever the plan says.
pub static POLICY_DECIDES_NOTHING: Code = of_policy(&warning(
    "policy_decides_nothing",
    "a policy that always holds, or never",
    r#"The limit lies at the edge of what the metric can be: no share is above 100%, nothing counted is below zero. So the
policy says the same whatever the plan does.

Wrong:

```kdl
policy "spot" severity=error { require pool="serving" metric=spot-share at-most="100%"; }
```

Right:

```kdl
policy "spot" severity=error { require pool="serving" metric=spot-share at-most="50%"; }
```
"#,
));

/// A waiver that is over.
pub static WAIVER_EXPIRED: Code = of_policy(&warning(
    "waiver_expired",
    "a policy's waiver has expired",
    r#"A waived policy is shown and does not fail, until a day. That day lies before the plan's as-of date, so the policy
counts again. Remove the waiver, or have it granted anew.

Wrong:

```kdl
plan "p" { version 1; as-of "2026-11-23"; horizon from="2027-02" months=12; currency USD; }
policy "used" severity=error { require pool="train" metric=utilization at-least="45%"; waive until="2026-06-30" by="ml-platform"; }
```

Right:

```kdl
policy "used" severity=error { require pool="train" metric=utilization at-least="45%"; waive until="2027-06-30" by="ml-platform"; }
```
"#,
));

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for policy in plan.policies.items() {
        let require = &policy.require;
        patterns(plan, policy, found);
        let row = require.metric.row();
        money_selectors(policy, found);
        if let Some(when) = decided(require) {
            found.push(
                Diagnostic::new(
                    &POLICY_DECIDES_NOTHING,
                    format!("policy `{}` {when}", policy.name),
                )
                .at(require.origin, format!("`{}` is at the edge of what it can be", row.word))
                .help("write a limit that the plan can pass and miss"),
            );
        }
    }
}

fn patterns(plan: &Plan, policy: &Policy, found: &mut Vec<Diagnostic>) {
    let select = &policy.require.select;
    let kinds: [(&str, &Option<String>, Vec<&str>); 5] = [
        ("pool", &select.pool, all(&plan.pools)),
        ("workload", &select.workload, all(&plan.workloads)),
        ("priority", &select.priority, all(&plan.priorities)),
        ("environment", &select.environment, all(&plan.environments)),
        ("team", &select.team, all(&plan.teams)),
    ];
    for (kind, pattern, names) in kinds {
        let Some(pattern) = pattern else { continue };
        if names.iter().any(|name| matches(pattern, name)) {
            continue;
        }
        let help = if names.is_empty() {
            format!("the plan declares no {kind}")
        } else {
            format!("the plan has {}", figures::names(names.into_iter().take(12)))
        };
        found.push(
            Diagnostic::new(
                &SELECTOR_MATCHES_NOTHING,
                format!("no {kind} matches `{pattern}` of policy `{}`", policy.name),
            )
            .at(policy.require.origin, format!("`{kind}=\"{pattern}\"` matches nothing"))
            .help(help),
        );
    }
}

fn all<T: Named>(things: &Arena<T>) -> Vec<&str> {
    things.items().iter().map(Named::name).collect()
}

/// Whether a pattern matches a name; a pattern that is no glob matches itself.
fn matches(pattern: &str, name: &str) -> bool {
    Glob::new(pattern)
        .map_or_else(|_| pattern == name, |glob| glob.compile_matcher().is_match(name))
}

fn money_selectors(policy: &Policy, found: &mut Vec<Diagnostic>) {
    let (select, metric) = (&policy.require.select, policy.require.metric);
    if !matches!(metric, Metric::Cash | Metric::Cost) {
        return;
    }
    let by = [
        ("workload", select.workload.is_some()),
        ("priority", select.priority.is_some()),
        ("environment", select.environment.is_some()),
        ("pool", select.pool.is_some() && (metric == Metric::Cash || select.team.is_some())),
    ];
    let (word, known) = match metric {
        Metric::Cash => ("cash", "in all and by team"),
        _ => ("cost", "in all, by team and by pool, one at a time"),
    };
    if let Some((kind, _)) = by.into_iter().find(|(_, selected)| *selected) {
        found.push(
            Diagnostic::new(
                &SELECTOR_WITHOUT_METRIC,
                format!("policy `{}` selects {word} by {kind}, and is not evaluated", policy.name),
            )
            .at(policy.require.origin, format!("{word} is not known by {kind} here"))
            .help(format!("{word} is known {known}")),
        );
    }
}

/// How a limit decides by itself, if it does.
fn decided(require: &Requirement) -> Option<&'static str> {
    let counted = !matches!(require.metric, Metric::OrderSlack);
    let share = require.metric == Metric::SpotShare;
    match require.bound {
        Bound::AtMost if share && require.limit >= 1.0 => Some("always holds"),
        Bound::AtLeast if counted && require.limit <= 0.0 => Some("always holds"),
        Bound::AtMost if counted && require.limit < 0.0 => Some("never holds"),
        Bound::AtLeast if share && require.limit > 1.0 => Some("never holds"),
        _ => None,
    }
}

pub(super) fn check_dates(plan: &Plan, as_of: Date, found: &mut Vec<Diagnostic>) {
    for policy in plan.policies.items() {
        let Some(waiver) = policy.waiver.as_ref().filter(|waiver| waiver.until < as_of) else {
            continue;
        };
        let (name, until) = (&policy.name, waiver.until);
        found.push(
            Diagnostic::new(
                &WAIVER_EXPIRED,
                format!(
                    "the waiver of policy `{name}` ended on {until}, before the as-of date {as_of}"
                ),
            )
            .at(policy.origin, "the policy counts again")
            .help(format!("remove `waive`, or ask {} for a new day", waiver.by)),
        );
    }
}
