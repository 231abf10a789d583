//! Prices from price lists: what the plan does not state itself, the lists do.
//!
//! A price that the plan states wins over one of a list: for the same way to buy, in the same region or in all,
//! and for the same term. Of several days the newest counts that is not after the day the plan is looked at
//! from. Spot prices of the last [`WINDOW_DAYS`] days, over all zones of a region, give their percentiles.

use std::collections::BTreeMap;

use super::Lower;
use crate::calendar::days_between;
use crate::catalogue::lint::{OddKind, lint};
use crate::catalogue::{Catalogue, Listed};
use crate::diagnostic::{Code, Diagnostic, Family};
use crate::draws::quantile;
use crate::estimate::Estimate;
use crate::language::load::PriceList;
use crate::language::report::{error, warning};
use crate::money::{Decimal, quantised, to_f64};
use crate::plan::pool::RiskTolerance;
use crate::plan::price::{Amount, InstancePrice, PriceSource, Purchase};
use crate::plan::{Instance, Provider};
use crate::source::Span;

/// How many days of a spot history count.
pub const WINDOW_DAYS: i32 = 60;

/// A list in a currency without a rate.
pub static LISTED_CURRENCY: Code = error(
    "listed_currency",
    Family::Quantities,
    "a price list in a currency without a rate",
    r#"Prices of a list are converted at the plan's pinned rate, like those of the plan. A list whose currency is neither
the plan's nor has an `fx` cannot be used.

Wrong: `prices "list.csv"` with prices in EUR, in a plan in USD without `fx EUR`.

Right:

```kdl
plan "p" { version 1; horizon from="2027-02" months=12; currency USD; fx EUR "1.09 USD" as-of="2026-11-20" source="ECB"; }
```
"#,
);

/// A price of a list that is in use and odd.
pub static ODD_LISTED_PRICE: Code = warning(
    "odd_listed_price",
    Family::Model,
    "a price of a list that is probably wrong",
    r"A price of a list that the plan uses is negative, stands twice with different amounts, jumped by more than a fifth
against the price before it, or is more than twice, or less than half, what other regions ask. Look it up; state
the right one in the plan (`price on-demand …`), which wins over the list, or mend the list. `capplan prices FILE
--lint` shows everything that is odd.

Wrong: two rows for `p5.48xlarge` in `us-east-1` of one day, one at 98.32 and one at 55.04.

Right: one row.
",
);

impl Lower<'_, '_> {
    /// Adds what the lists say of an instance type to what the plan states.
    pub(super) fn add_listed(&mut self, instance: &mut Instance, provider: &Provider) {
        for list in self.lists {
            let of_type = |price: &&Listed| *price.instance == instance.name;
            let by =
                |price: &&Listed| price.provider.as_deref().is_none_or(|by| by == provider.name);
            let here = |price: &&Listed| {
                let region = price.region.as_deref();
                provider.regions.is_empty()
                    || region.is_none_or(|region| provider.regions.iter().any(|own| own == region))
            };
            let day = self.price_day;
            let known = |price: &&Listed| {
                price.as_of.zip(day).is_none_or(|(read, day)| read <= day)
                    && price.until.zip(day).is_none_or(|(until, day)| until >= day)
            };
            let prices: Vec<&Listed> =
                list.catalogue.listed.iter().filter(of_type).filter(by).filter(here).collect();
            if prices.is_empty() {
                continue;
            }
            self.tell_odd(list, &prices);
            shape(instance, &prices);
            let prices = prices.into_iter().filter(known);
            let prices: Vec<&Listed> = prices
                .filter(|price| price.per_hour >= Decimal::ZERO && !states(instance, price))
                .collect();
            let found = self.of_list(&instance.name, list, &prices);
            instance.prices.extend(found);
        }
        instance.prices.sort_by(|a, b| {
            (a.purchase, &a.region, a.term_months)
                .cmp(&(b.purchase, &b.region, b.term_months))
                .then(a.upfront.total_cmp(&b.upfront))
        });
    }

    fn of_list(&mut self, name: &str, list: &PriceList, prices: &[&Listed]) -> Vec<InstancePrice> {
        let mut groups: BTreeMap<_, Vec<&Listed>> = BTreeMap::new();
        for price in prices {
            let mut key = price.key();
            // Zones of a region are one.
            key.3 = None;
            groups.entry(key).or_default().push(price);
        }
        let mut found = Vec::new();
        for same in groups.into_values() {
            let newest = same.iter().map(|price| price.as_of).max().flatten();
            let recent = |price: &&&Listed| match (price.as_of, newest, price.purchase) {
                (Some(read), Some(newest), Purchase::Spot) => {
                    days_between(read, newest) < WINDOW_DAYS
                }
                (read, newest, _) => read == newest,
            };
            let recent: Vec<&Listed> = same.iter().filter(recent).copied().collect();
            // Of two prices of one day the higher is the prudent one.
            let Some(last) = recent.iter().max_by_key(|price| (price.as_of, price.per_hour)) else {
                continue;
            };
            let origin = list.place(last.at);
            let Some(per_hour) = self.listed_amount(name, list, last, last.per_hour, origin) else {
                continue;
            };
            let several = recent.iter().any(|price| price.per_hour != recent[0].per_hour);
            let by_risk = if last.purchase == Purchase::Spot && several {
                let all: Vec<f64> = recent.iter().map(|price| to_f64(price.per_hour)).collect();
                let amounts = RiskTolerance::ALL.map(|tolerance| {
                    let price = quantised(quantile(&all, tolerance.probability()));
                    self.listed_amount(name, list, last, price, origin)
                });
                let [high, medium, low] = amounts;
                high.zip(medium).zip(low).map(|((high, medium), low)| Box::new([high, medium, low]))
            } else {
                None
            };
            found.push(InstancePrice {
                purchase: last.purchase,
                per_hour: by_risk.as_ref().map_or(per_hour, |by_risk| by_risk[1].clone()),
                by_risk,
                region: last.region.as_deref().map(str::to_owned),
                term_months: last.term_months,
                upfront: last.upfront,
                interruption_per_day: None,
                availability: None,
                source: PriceSource {
                    as_of: last.as_of,
                    source: last.source.as_deref().map(str::to_owned),
                },
                origin,
            });
        }
        found
    }

    /// A price of a list in the plan's currency; reported where that has no rate.
    fn listed_amount(
        &mut self,
        name: &str,
        list: &PriceList,
        listed: &Listed,
        price: Decimal,
        origin: Span,
    ) -> Option<Amount> {
        let own = self.values.currency?;
        let rate = if listed.currency == own {
            Decimal::ONE
        } else if let Some(rate) = self.values.fx.get(&listed.currency) {
            *rate
        } else {
            if !self.values.bad_rates.contains(&listed.currency) {
                let currency = listed.currency;
                self.report.push(
                    Diagnostic::new(
                        &LISTED_CURRENCY,
                        format!("no exchange rate for {currency}, in which a list prices `{name}`"),
                    )
                    .at(list.node, format!("this list is in {currency}, the plan is in {own}"))
                    .also(origin, "such as this price")
                    .help(format!(
                        "add to `plan`: `fx {currency} \"… {own}\" as-of=\"…\" source=\"…\"`"
                    )),
                );
            }
            return None;
        };
        let exact = price.checked_mul(rate)?.checked_mul(self.price_factor)?.normalize();
        let estimate = Estimate::fixed(to_f64(exact), origin);
        Some(Amount { exact: Some(exact), estimate, written_in: listed.currency })
    }

    /// Warns of what is odd among the prices of a type that the plan uses.
    fn tell_odd(&mut self, list: &PriceList, prices: &[&Listed]) {
        let own = Catalogue {
            form: list.catalogue.form,
            listed: prices.iter().map(|price| (*price).clone()).collect(),
            unread: Vec::new(),
        };
        for odd in lint(&own, None) {
            let (of, against) = (&own.listed[odd.of], odd.against.map(|index| &own.listed[index]));
            let what = match odd.kind {
                OddKind::Negative => "is below zero".to_owned(),
                OddKind::Conflict => "stands twice, with different amounts".to_owned(),
                // Days long past are nobody's price any more.
                OddKind::Jump(change) if of.purchase != Purchase::Spot && is_newest(of, prices) => {
                    format!("changed by {:+.0}% against the one before", change * 100.0)
                }
                OddKind::FarFromOthers(times) => {
                    format!("is {times:.1} times what other regions ask")
                }
                // Those are told of every price of the plan.
                _ => continue,
            };
            let place = of.region.as_deref().map_or(String::new(), |one| format!(" in `{one}`"));
            let message = format!("the {} price of `{}`{place} {what}", of.terms(), of.instance);
            let shown = |price: &Listed| format!("{} {}/hour", price.per_hour, price.currency);
            let mut diagnostic = Diagnostic::new(&ODD_LISTED_PRICE, message)
                .at(list.place(of.at), shown(of))
                .help("look it up; a `price` in the plan wins over the list");
            if let Some(against) = against {
                diagnostic = diagnostic.also(list.place(against.at), shown(against));
            }
            self.report.push(diagnostic);
        }
    }
}

fn is_newest(price: &Listed, among: &[&Listed]) -> bool {
    let key = price.key();
    let same = among.iter().filter(|other| other.key() == key);
    same.map(|other| other.as_of).max() == Some(price.as_of)
}

/// Whether the plan states this price itself: the same way to buy and term, in this region or in all.
fn states(instance: &Instance, listed: &Listed) -> bool {
    instance.prices.iter().any(|own| {
        own.purchase == listed.purchase
            && (own.region.is_none() || own.region.as_deref() == listed.region.as_deref())
            && own.term_months == listed.term_months
            && (own.upfront - listed.upfront).abs() < 1e-9
    })
}

/// Cores and memory that the plan leaves out; a stated shape wins.
fn shape(instance: &mut Instance, prices: &[&Listed]) {
    const GIB: f64 = 1_073_741_824.0;
    let stated = |of: fn(&Listed) -> f64| prices.iter().map(|p| of(p)).find(|x| *x > 0.0);
    if instance.shape.cores <= 0.0 {
        instance.shape.cores = stated(|price| price.shape.vcpus).unwrap_or(0.0);
    }
    if instance.shape.memory_bytes <= 0.0 {
        instance.shape.memory_bytes = stated(|price| price.shape.memory_gib).unwrap_or(0.0) * GIB;
    }
}
