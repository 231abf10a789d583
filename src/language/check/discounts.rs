//! What is taken off list prices: rates that take off nothing, discounts and credits that are over.

use super::{figures, warning};
use crate::calendar::Date;
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::Id;
use crate::money::{Decimal, to_f64};
use crate::plan::price::{InstancePrice, Purchase};
use crate::plan::{Instance, Plan, SavingsPlan};
use crate::source::Span;

/// A rate under a savings plan that is not below the list price.
pub static RATE_NOT_LOWER: Code = warning(
    "rate_not_lower",
    "a rate under a savings plan that is not below the list price on demand",
    r#"A savings plan binds, so what a node costs under it lies below its list price on demand. A rate that does not saves
nothing: spend that is committed at it only adds cost. Mostly it is the rate of another type, term or currency, or of a
month in place of an hour.

Wrong:

```kdl
provider "aws" { instance "m5.4xlarge" { price on-demand "0.768 USD/hour"; }; savings-plan "compute-1y" { term "12 months"; rate "m5.4xlarge" "5.60 USD/hour"; }; }
```

Right:

```kdl
provider "aws" { instance "m5.4xlarge" { price on-demand "0.768 USD/hour"; }; savings-plan "compute-1y" { term "12 months"; rate "m5.4xlarge" "0.56 USD/hour"; }; }
```
"#,
);

/// A savings plan for types of another provider.
pub static TYPE_OF_ANOTHER_PROVIDER: Code = warning(
    "type_of_another_provider",
    "a savings plan names a type that another provider offers",
    r#"A savings plan is a promise to one provider, and takes something off what that one bills. A type of another provider
is never covered by it.

Wrong:

```kdl
provider "aws" { instance "m5.4xlarge" { price on-demand "0.768 USD/hour"; }; }
provider "gcp" { savings-plan "flex-1y" { term "12 months"; discount "28%" { instance "m5.4xlarge"; }; }; }
```

Right:

```kdl
provider "gcp" { instance "n2-standard-16" { price on-demand "0.777 USD/hour"; }; savings-plan "flex-1y" { term "12 months"; discount "28%" { instance "n2-standard-16"; }; }; }
```
"#,
);

/// A discount or a credit that is over.
pub static DISCOUNT_ENDED: Code = warning(
    "discount_ended",
    "a discount or a credit that is over",
    r#"A negotiated discount counts until its last day, a credit in its period. This one ended before the horizon begins,
so it changes no figure, or before the day that the plan is looked at from: what was negotiated since is not in the plan.

Wrong:

```kdl
plan "p" { version 1; as-of "2026-11-23"; horizon from="2027-02" months=12; currency USD; }
provider "aws" { region "us-east-1"; negotiated "7%" off=on-demand until="2025-12-31"; }
```

Right:

```kdl
provider "aws" { region "us-east-1"; negotiated "7%" off=on-demand until="2027-12-31"; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for offered in plan.savings_plans.items() {
        elsewhere(plan, offered, found);
        for (instance, rate) in &offered.rates {
            not_lower(plan, offered, *instance, *rate, found);
        }
    }
    let first = plan.horizon.first_day();
    over(plan, first, &format!("before the horizon begins on {first}"), found);
}

/// What was over on the as-of day already, though the horizon begins before.
pub(super) fn check_dates(plan: &Plan, as_of: Date, found: &mut Vec<Diagnostic>) {
    if as_of > plan.horizon.first_day() {
        let mut late = Vec::new();
        over(plan, as_of, &format!("before the as-of date {as_of}"), &mut late);
        let known: Vec<Span> =
            found.iter().filter_map(|one| Some(one.label.as_ref()?.span)).collect();
        found.extend(
            late.into_iter()
                .filter(|one| one.label.as_ref().is_none_or(|label| !known.contains(&label.span))),
        );
    }
}

/// Types that another provider offers.
fn elsewhere(plan: &Plan, offered: &SavingsPlan, found: &mut Vec<Diagnostic>) {
    let (of, name) = (&plan.providers[offered.provider].name, &offered.name);
    let mut named: Vec<Id<Instance>> =
        offered.rates.keys().chain(offered.discounts.keys()).copied().collect();
    named.sort_unstable();
    named.dedup();
    for id in named {
        let instance = &plan.instances[id];
        if instance.provider == offered.provider {
            continue;
        }
        let whose = &plan.providers[instance.provider].name;
        let place = offered.rate_origins.get(&id).copied().unwrap_or(offered.origin);
        found.push(
            Diagnostic::new(
                &TYPE_OF_ANOTHER_PROVIDER,
                format!("savings plan `{name}` of `{of}` names `{}` of `{whose}`", instance.name),
            )
            .at(place, format!("`{of}` takes nothing off what `{whose}` bills"))
            .also(instance.origin, "this type is declared here")
            .help(format!("name a type of `{of}`, or move the savings plan to `{whose}`")),
        );
    }
}

fn not_lower(
    plan: &Plan,
    offered: &SavingsPlan,
    instance: Id<Instance>,
    rate: Decimal,
    found: &mut Vec<Diagnostic>,
) {
    let of = &plan.instances[instance];
    let covered = |price: &&InstancePrice| {
        let region = price.region.as_ref();
        price.purchase == Purchase::OnDemand
            && (offered.regions.is_empty()
                || region.is_none_or(|one| offered.regions.contains(one)))
    };
    let median = |price: &InstancePrice| price.per_hour.estimate.median();
    let rate = to_f64(rate);
    let dearest = of.prices.iter().filter(covered).max_by(|a, b| median(a).total_cmp(&median(b)));
    let Some(list) = dearest.filter(|list| rate >= median(list)) else { return };
    let per_hour = |amount: f64| format!("{} {}/hour", figures::number(amount), plan.currency);
    let place = offered.rate_origins.get(&instance).copied().unwrap_or(offered.origin);
    found.push(
        Diagnostic::new(
            &RATE_NOT_LOWER,
            format!(
                "`{}` costs no less under savings plan `{}` than on demand",
                of.name, offered.name
            ),
        )
        .at(place, format!("{} under it", per_hour(rate)))
        .also(list.origin, format!("{} on demand", per_hour(median(list))))
        .help("look at type, term and currency of the rate, and that it is by the hour; else remove it"),
    );
}

fn over(plan: &Plan, day: Date, when: &str, found: &mut Vec<Diagnostic>) {
    for provider in plan.providers.items() {
        let name = &provider.name;
        let discounts = provider.negotiated.iter().filter_map(|one| {
            let until = one.until?;
            Some((until, one.origin, format!("a discount of `{name}`"), "`until`"))
        });
        let credits = provider.credits.iter().map(|one| {
            (one.until, one.origin, format!("credit `{}` of `{name}`", one.name), "`period`")
        });
        for (until, place, what, word) in discounts.chain(credits).filter(|one| one.0 < day) {
            found.push(
                Diagnostic::new(&DISCOUNT_ENDED, format!("{what} ended on {until}, {when}"))
                    .at(place, "it counts no longer")
                    .help(format!("remove it, or correct its {word}")),
            );
        }
    }
}
