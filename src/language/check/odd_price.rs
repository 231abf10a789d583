//! Prices that are probably slips: of zero, or not below what they should be below.

use super::{figures, warning};
use crate::diagnostic::{Code, Diagnostic};
use crate::plan::price::{InstancePrice, Purchase};
use crate::plan::{Instance, Plan};

/// A spot or reserved price that is not below on-demand.
pub static PRICE_NOT_LOWER: Code = warning(
    "price_not_lower",
    "a spot or reserved price that is not below on-demand",
    r#"Spot may be taken away and a reservation binds, so both cost less than on-demand in the same region. Where they do
not, a figure is probably of another type, region, currency or term. The price of a reservation is its effective
rate over the whole term, an upfront payment included.

Wrong:

```kdl
provider "aws" { region "us-east-1"; instance "m5.4xlarge" { cpu "16 core"; price on-demand "0.768 USD/hour"; price spot "2.70 USD/hour"; }; }
```

Right:

```kdl
provider "aws" { region "us-east-1"; instance "m5.4xlarge" { cpu "16 core"; price on-demand "0.768 USD/hour"; price spot "0.27 USD/hour"; }; }
```
"#,
);

/// A price of zero.
pub static PRICE_OF_ZERO: Code = warning(
    "price_of_zero",
    "a price of zero",
    r#"A node that costs nothing makes every plan look cheap, and every choice between types fall on it. Where it stands
in for a price that is not known yet, write an interval.

Wrong:

```kdl
provider "aws" { region "us-east-1"; instance "m5.4xlarge" { cpu "16 core"; price on-demand "0 USD/hour"; }; }
```

Right:

```kdl
provider "aws" { region "us-east-1"; instance "m5.4xlarge" { cpu "16 core"; price on-demand "0.70 to 0.85 USD/hour"; }; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for instance in plan.instances.items() {
        for price in &instance.prices {
            if price.per_hour.estimate.median() <= 0.0 {
                found.push(
                    Diagnostic::new(
                        &PRICE_OF_ZERO,
                        format!("`{}` costs nothing {}", instance.name, price.purchase.word()),
                    )
                    .at(price.origin, "a price of zero")
                    .help("write what it costs; where that is not known, an interval"),
                );
            } else if matches!(price.purchase, Purchase::Spot | Purchase::Reserved) {
                not_lower(plan, instance, price, found);
            }
        }
    }
}

fn not_lower(plan: &Plan, instance: &Instance, price: &InstancePrice, found: &mut Vec<Diagnostic>) {
    let mut on_demand = instance.prices.iter().filter(|one| {
        one.purchase == Purchase::OnDemand
            && (one.region == price.region || one.region.is_none() || price.region.is_none())
    });
    let median = |price: &InstancePrice| price.per_hour.estimate.median();
    let Some(above) = on_demand.find(|one| median(one) > 0.0 && median(price) >= median(one))
    else {
        return;
    };
    let word = price.purchase.word();
    let per_hour = |price: &InstancePrice| {
        format!("{} {}/hour", figures::number(median(price)), plan.currency)
    };
    let rows = [(word.to_owned(), per_hour(price)), ("on-demand".to_owned(), per_hour(above))];
    found.push(
        Diagnostic::new(
            &PRICE_NOT_LOWER,
            format!("the {word} price of `{}` is not below on-demand", instance.name),
        )
        .at(price.origin, format!("{} for {word}", per_hour(price)))
        .also(above.origin, format!("{} on-demand", per_hour(above)))
        .help(format!(
            "look at type, region, currency and term of both:\n{}",
            figures::aligned(&rows)
        )),
    );
}
