//! Budgets cover months that the plan looks at, and no two are for the same.

use super::{note, of_policy, warning};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::{Budget, Plan};

/// A budget for months the plan does not look at.
pub static BUDGET_OUTSIDE_HORIZON: Code = of_policy(&warning(
    "budget_outside_horizon",
    "a budget for months that the plan does not look at",
    r#"No month of the budget's period lies in the horizon, so there is nothing to compare it with. Fiscal years are named
as `fiscal-year` says: with `starts=february label=start-year`, 2027 is February 2027 to January 2028.

Wrong:

```kdl
plan "p" { version 1; horizon from="2027-02" months=12; currency USD; fiscal-year starts=february label=start-year; }
budget "search" { team "search"; period fiscal-year=2025; amount "2.4M USD"; }
```

Right:

```kdl
budget "search" { team "search"; period fiscal-year=2027; amount "2.4M USD"; }
```
"#,
));

/// A budget of which only some months are looked at.
pub static BUDGET_PARTLY_COVERED: Code = of_policy(&note(
    "budget_partly_covered",
    "a budget of which the plan looks at some months only",
    r#"Some months of the budget's period lie outside the horizon. The months inside are compared with the part of the
budget that falls on them, by its phasing.

Partly covered:

```kdl
plan "p" { version 1; horizon from="2027-02" months=6; currency USD; fiscal-year starts=february label=start-year; }
budget "search" { team "search"; period fiscal-year=2027; amount "2.4M USD"; }
```

Covered whole:

```kdl
plan "p" { version 1; horizon from="2027-02" months=12; currency USD; fiscal-year starts=february label=start-year; }
```
"#,
));

/// Two budgets for the same thing.
pub static SAME_BUDGET: Code = of_policy(&warning(
    "same_budget",
    "two budgets for the same cost, months, basis and confidence",
    r#"Two budgets cover the same cost over the same months on the same basis and at the same confidence. The smaller one
decides and the larger says nothing; nested budgets are never added.

Wrong:

```kdl
budget "search" { team "search"; period fiscal-year=2027; amount "2.4M USD"; }
budget "search-2" { team "search"; period fiscal-year=2027; amount "2.6M USD"; }
```

Right:

```kdl
budget "search" { team "search"; period fiscal-year=2027; amount "2.4M USD"; }
budget "search-cash" { team "search"; period fiscal-year=2027; amount "2.6M USD"; basis cash; }
```
"#,
));

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    let budgets = plan.budgets.items();
    for (place, budget) in budgets.iter().enumerate() {
        period(plan, budget, found);
        if let Some(first) = budgets[..place].iter().find(|first| same(first, budget)) {
            found.push(
                Diagnostic::new(
                    &SAME_BUDGET,
                    format!("budgets `{}` and `{}` are for the same", first.name, budget.name),
                )
                .at(budget.origin, "the same cost, months, basis and confidence")
                .also(first.origin, "as this one")
                .help("keep the one that holds"),
            );
        }
    }
}

fn period(plan: &Plan, budget: &Budget, found: &mut Vec<Diagnostic>) {
    let horizon = plan.horizon;
    let months = i32::try_from(budget.months).unwrap_or(i32::MAX);
    let last = budget.first.plus(months - 1);
    let (from, until) = (budget.first.max(horizon.first), last.min(horizon.last()));
    let covered = (until.since(from) + 1).max(0);
    let (name, label) = (&budget.name, &budget.period_label);
    let (first, end) = (horizon.first, horizon.last());
    if covered == 0 {
        found.push(
            Diagnostic::new(
                &BUDGET_OUTSIDE_HORIZON,
                format!("budget `{name}` is for {label}, none of which the plan looks at"),
            )
            .at(budget.origin, format!("{} to {last}", budget.first))
            .help(format!("the horizon is {first} to {end}: correct the period, or the horizon")),
        );
    } else if covered < months {
        found.push(
            Diagnostic::new(
                &BUDGET_PARTLY_COVERED,
                format!("budget `{name}` is for {label}, {covered} of whose {months} months the plan looks at"),
            )
            .at(budget.origin, format!("compared over {from} to {until} only"))
            .help("the part of its amount that falls on these months is compared"),
        );
    }
}

fn same(a: &Budget, b: &Budget) -> bool {
    let covers = |a: &Budget, b: &Budget| a.owners.iter().all(|owner| b.owners.contains(owner));
    let owners = a.owners.len() == b.owners.len() && covers(a, b) && covers(b, a);
    let months = (a.first, a.months) == (b.first, b.months);
    owners && months && a.basis == b.basis && (a.confidence - b.confidence).abs() < 1e-12
}
