//! Prices in another currency than their provider lists them in.

use super::warning;
use crate::diagnostic::{Code, Diagnostic};
use crate::ids::Id;
use crate::plan::price::Amount;
use crate::plan::{Plan, Provider};
use crate::source::Span;

/// A price in another currency than its provider's.
pub static PRICE_CURRENCY: Code = warning(
    "price_currency",
    "a price in another currency than its provider's",
    r#"A provider that says its `currency` lists every price in it. A price in another one was converted by hand, at a
rate that nobody can see, or was copied without a look at its currency. Write it as the provider does; `fx` in the
plan converts it.

Wrong:

```kdl
provider "aws" { currency USD; region "eu-central-1"; instance "m5.4xlarge" { cpu "16 core"; price on-demand "0.85 EUR/hour"; }; }
```

Right:

```kdl
provider "aws" { currency USD; region "eu-central-1"; instance "m5.4xlarge" { cpu "16 core"; price on-demand "0.92 USD/hour"; }; }
```
"#,
);

pub(super) fn check(plan: &Plan, found: &mut Vec<Diagnostic>) {
    for (id, provider) in plan.providers.iter() {
        let Some((currency, stated)) = provider.currency else { continue };
        let others = prices(plan, id).filter(|(_, price, _)| price.written_in != currency);
        found.extend(others.map(|(of, price, origin)| {
            let message = format!(
                "{of} is in {}, and `{}` lists prices in {currency}",
                price.written_in, provider.name
            );
            Diagnostic::new(&PRICE_CURRENCY, message)
                .at(origin, format!("in {}", price.written_in))
                .also(stated, format!("{currency} is its currency"))
                .help(format!("write it in {currency}, as the provider lists it"))
        }));
    }
}

/// Every price of a provider: of what, how much, and where the plan says it.
fn prices(plan: &Plan, of: Id<Provider>) -> impl Iterator<Item = (String, &Amount, Span)> {
    let instances = plan.instances.items().iter().filter(move |instance| instance.provider == of);
    let instances = instances.flat_map(|instance| {
        instance.prices.iter().map(|price| {
            let of = format!("the {} price of `{}`", price.purchase.word(), instance.name);
            (of, &price.per_hour, price.origin)
        })
    });
    let tiers = plan.storage_tiers.items().iter().filter(move |tier| tier.provider == of);
    let tiers =
        tiers.flat_map(|tier| {
            let held = tier.prices.iter().map(|price| {
                (format!("the price of `{}`", tier.name), &price.per_unit, price.origin)
            });
            let read_back = tier.retrieval_per_byte.iter().map(|price| {
                (format!("the retrieval price of `{}`", tier.name), price, tier.origin)
            });
            let requests = tier.per_request.iter().map(|price| {
                (format!("the price of requests to `{}`", tier.name), price, tier.origin)
            });
            held.chain(read_back).chain(requests)
        });
    let egress = plan.providers[of].egress.iter().flat_map(|(kind, steps)| {
        steps.iter().map(|price| {
            (format!("the price of egress {}", kind.word()), &price.per_unit, price.origin)
        })
    });
    instances.chain(tiers).chain(egress)
}
