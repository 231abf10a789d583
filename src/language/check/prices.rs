//! What may be bought has a price, and prices look like prices.

use std::collections::HashSet;

use crate::diagnostic::{Code, Diagnostic, Family};
use crate::language::lower::Draft;
use crate::language::names::Names;
use crate::language::nodes::Noun;
use crate::language::report::{Report, error, warning};
use crate::language::syntax::Value;
use crate::plan::pool::PoolSupply;
use crate::plan::price::Purchase;
use crate::plan::{Instance, Pool};
use crate::source::Span;

pub(super) fn check(
    draft: &Draft,
    names: &Names<'_>,
    poisoned: &HashSet<Span>,
    report: &mut Report,
) {
    for (_, pool) in draft.pools.iter() {
        let PoolSupply::Instances(candidates) = &pool.supply else { continue };
        for candidate in candidates {
            let Some(instance) = draft.instances.get(candidate.instance) else { continue };
            let declared = names.all(Noun::Instance).get(candidate.instance.index());
            let unread = declared
                .is_some_and(|name| name.node.children.iter().any(|c| poisoned.contains(&c.span)));
            if !unread {
                has_price(pool, instance, candidate.region.as_deref(), candidate.origin, report);
            }
        }
    }
    for (id, instance) in draft.instances.iter() {
        let lists_in = names
            .all(Noun::Instance)
            .get(id.index())
            .and_then(|name| name.parent?.child("currency")?.arg(0).and_then(Value::text));
        sane(instance, lists_in, report);
    }
}

fn has_price(
    pool: &Pool,
    instance: &Instance,
    region: Option<&str>,
    origin: Span,
    report: &mut Report,
) {
    let bought = |purchase: Purchase| {
        purchase != Purchase::Owned && pool.buy.as_ref().is_none_or(|buy| buy.contains(&purchase))
    };
    let holds = |price: &Option<String>| price.is_none() || region.is_none() || price.as_deref() == region;
    let prices = || instance.prices.iter().filter(|price| holds(&price.region));
    if prices().any(|price| bought(price.purchase)) {
        return;
    }
    let place = region.map(|region| format!(" in {region}")).unwrap_or_default();
    let allowed: Vec<&str> =
        pool.buy.iter().flatten().map(|purchase| purchase.word()).collect();
    let label = if allowed.is_empty() {
        format!("it has no price at all{place}")
    } else {
        format!("the pool may buy {}, and none has a price{place}", allowed.join(" and "))
    };
    report.push(
        Diagnostic::new(&NO_PRICE, format!("instance `{}` has no price{place}", instance.name))
            .at(origin, label)
            .also(instance.origin, "the instance type")
            .help("add to it: `price on-demand \"… USD/hour\"`"),
    );
}

fn sane(instance: &Instance, lists_in: Option<&str>, report: &mut Report) {
    let on_demand = |region: &Option<String>| {
        instance.prices.iter().find(|price| {
            price.purchase == Purchase::OnDemand && (price.region.is_none() || price.region == *region)
        })
    };
    for price in &instance.prices {
        let median = price.per_hour.estimate.median();
        if median <= 0.0 {
            report.push(
                Diagnostic::new(&PRICE_OF_ZERO, format!("`{}` costs nothing", instance.name))
                    .at(price.origin, "a price is above zero")
                    .help("write the price, or remove this until it is known"),
            );
        }
        if let Some(other) = on_demand(&price.region)
            && price.purchase == Purchase::Spot
            && median > other.per_hour.estimate.median()
        {
            report.push(
                Diagnostic::new(
                    &SPOT_ABOVE_ON_DEMAND,
                    format!("spot is dearer than on-demand for `{}`", instance.name),
                )
                .at(price.origin, "the spot price")
                .also(other.origin, "the on-demand price")
                .help("one of the two is of another day, or of another unit"),
            );
        }
        if let Some(currency) = lists_in
            && currency != price.per_hour.written_in.code()
        {
            report.push(
                Diagnostic::new(
                    &PRICE_CURRENCY,
                    format!("a price of `{}` is in {}", instance.name, price.per_hour.written_in),
                )
                .at(price.origin, format!("its provider lists prices in {currency}")),
            );
        }
    }
}

/// An instance type that cannot be bought.
pub static NO_PRICE: Code = error(
    "no_price",
    Family::Model,
    "a pool uses an instance type that has no price",
    "A pool buys its nodes in the ways that `buy` allows; at least one of them has a price, in the region where the \
pool is.\n\nWrong:\n\n```kdl\ninstance \"p5.48xlarge\" { price reserved \"37.80 USD/hour\" term=\"12 months\"; }\npool \
\"p\" { instance \"p5.48xlarge\"; buy on-demand; }\n```\n\nRight:\n\n```kdl\ninstance \"p5.48xlarge\" { price on-demand \
\"55.04 USD/hour\"; }\npool \"p\" { instance \"p5.48xlarge\"; buy on-demand; }\n```\n",
);
/// A price of zero.
pub static PRICE_OF_ZERO: Code = warning(
    "price_of_zero",
    Family::Model,
    "a price is zero",
    "A price of zero makes everything built on it free.\n\nWrong:\n\n```kdl\nprice on-demand \"0 USD/hour\"\n```\n\n\
Right:\n\n```kdl\nprice on-demand \"55.04 USD/hour\"\n```\n",
);
/// A spot price above on-demand.
pub static SPOT_ABOVE_ON_DEMAND: Code = warning(
    "spot_above_on_demand",
    Family::Model,
    "a spot price is above the on-demand price",
    "Nobody would buy it. Public sources of one price differ by years: look at their dates.\n\nWrong:\n\n```kdl\nprice \
on-demand \"55.04 USD/hour\"\nprice spot \"62 to 70 USD/hour\"\n```\n\nRight:\n\n```kdl\nprice on-demand \"55.04 \
USD/hour\"\nprice spot \"22 to 34 USD/hour\"\n```\n",
);
/// A price in another currency than its provider's.
pub static PRICE_CURRENCY: Code = warning(
    "price_currency",
    Family::Model,
    "a price is not in the currency of its provider",
    "Where a provider says in which currency it lists, a price in another one is often a slip.\n\nWrong:\n\n```kdl\n\
provider \"azure\" { currency EUR; instance \"nd96\" { price on-demand \"94.10 USD/hour\"; }; }\n```\n\nRight:\n\n```kdl\n\
provider \"azure\" { currency EUR; instance \"nd96\" { price on-demand \"94.10 EUR/hour\"; }; }\n```\n",
);
