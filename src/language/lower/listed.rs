//! Prices from price lists: what the plan does not state itself, the lists do.
//!
//! A price that the plan states wins over one of a list: for the same way to buy, in the same region or in all,
//! and for the same term. Of several days the newest counts that is not after the day the plan is looked at
//! from, whichever list says it. Spot prices of the last [`WINDOW_DAYS`] days, over all lists and all zones of a
//! region, give their percentiles.

use std::collections::BTreeMap;

use super::Lower;
use crate::calendar::{Date, days_between};
use crate::catalogue::lint::{OddKind, lint};
use crate::catalogue::{Catalogue, Form, Key, Listed};
use crate::diagnostic::{Code, Diagnostic, Family};
use crate::draws::quantile;
use crate::estimate::Estimate;
use crate::language::load::PriceList;
use crate::language::report::{error, warning};
use crate::money::{Currency, Decimal, quantised, to_f64};
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

/// A price, and the list in which it stands.
#[derive(Clone, Copy)]
struct Offer<'r> {
    list: &'r PriceList,
    price: &'r Listed,
}

impl Offer<'_> {
    /// What it is a price of, whichever list says it; zones of a region are one.
    fn key(self) -> Key {
        let (_, instance, region, _, purchase, term, upfront) = self.price.key();
        (None, instance, region, None, purchase, term, upfront)
    }

    fn place(self) -> Span {
        self.list.place(self.price.at)
    }
}

impl<'r> Lower<'_, 'r> {
    /// Adds what the lists say of an instance type to what the plan states: all lists together, in any order.
    pub(super) fn add_listed(&mut self, instance: &mut Instance, provider: &Provider) {
        let lists: &'r [PriceList] = self.lists;
        let offers = offers(lists, instance, provider);
        let day = self.price_day;
        shape(instance, &offers, day);
        let known = offers.into_iter().filter(|offer| offer.price.is_known(day));
        let known: Vec<Offer<'r>> = known.filter(|offer| !states(instance, offer.price)).collect();
        self.tell_odd(&known);
        let mut groups: BTreeMap<Key, Vec<Offer<'r>>> = BTreeMap::new();
        for offer in known.into_iter().filter(|offer| offer.price.per_hour >= Decimal::ZERO) {
            groups.entry(offer.key()).or_default().push(offer);
        }
        for mut same in groups.into_values() {
            let newest = same.iter().map(|offer| offer.price.as_of).max().flatten();
            same.retain(|offer| counts(offer.price, newest));
            instance.prices.extend(self.of_offers(&instance.name, &same));
        }
        instance.prices.sort_by(|a, b| {
            (a.purchase, &a.region, a.term_months)
                .cmp(&(b.purchase, &b.region, b.term_months))
                .then(a.upfront.total_cmp(&b.upfront))
        });
    }

    /// The price that offers of one thing give, in the plan's currency; none where they have no rate.
    fn of_offers(&mut self, name: &str, offers: &[Offer<'_>]) -> Option<InstancePrice> {
        let mut rates: BTreeMap<Currency, Option<Decimal>> = BTreeMap::new();
        for offer in offers {
            rates.entry(offer.price.currency).or_insert_with(|| self.rate(name, *offer));
        }
        let own = |price: &Listed| price.per_hour.checked_mul(rates[&price.currency]?);
        let converted: Vec<(Offer<'_>, Decimal)> =
            offers.iter().filter_map(|offer| Some((*offer, own(offer.price)?))).collect();
        // Of two prices of one day the higher is the prudent one.
        let newest = converted.iter().max_by_key(|(offer, price)| (offer.price.as_of, *price));
        let (last, price) = *newest?;
        let several = converted.iter().any(|(_, other)| *other != price);
        let by_risk = if last.price.purchase == Purchase::Spot && several {
            let all: Vec<f64> = converted.iter().map(|(_, price)| to_f64(*price)).collect();
            let amounts = RiskTolerance::ALL.map(|tolerance| {
                let price = quantised(quantile(&all, tolerance.probability()));
                self.listed_amount(last, price)
            });
            let [high, medium, low] = amounts;
            high.zip(medium).zip(low).map(|((high, medium), low)| Box::new([high, medium, low]))
        } else {
            None
        };
        let per_hour = self.listed_amount(last, price)?;
        let last_price = last.price;
        Some(InstancePrice {
            purchase: last_price.purchase,
            per_hour: by_risk.as_ref().map_or(per_hour, |by_risk| by_risk[1].clone()),
            by_risk,
            region: last_price.region.as_deref().map(str::to_owned),
            term_months: last_price.term_months,
            upfront: last_price.upfront,
            interruption_per_day: None,
            availability: None,
            source: PriceSource {
                as_of: last_price.as_of,
                source: last_price.source.as_deref().map(str::to_owned),
            },
            origin: last.place(),
        })
    }

    /// The rate from the currency of an offer to the plan's; reported where there is none.
    fn rate(&mut self, name: &str, offer: Offer<'_>) -> Option<Decimal> {
        let (own, currency) = (self.values.currency?, offer.price.currency);
        if currency == own {
            return Some(Decimal::ONE);
        }
        let rate = self.values.fx.get(&currency).copied();
        if rate.is_none() && !self.values.bad_rates.contains(&currency) {
            self.report.push(
                Diagnostic::new(
                    &LISTED_CURRENCY,
                    format!("no exchange rate for {currency}, in which a list prices `{name}`"),
                )
                .at(offer.list.node, format!("this list is in {currency}, the plan is in {own}"))
                .also(offer.place(), "such as this price")
                .help(format!(
                    "add to `plan`: `fx {currency} \"… {own}\" as-of=\"…\" source=\"…\"`"
                )),
            );
        }
        rate
    }

    /// A price in the plan's currency, as the scenario has it.
    fn listed_amount(&self, offer: Offer<'_>, price: Decimal) -> Option<Amount> {
        let exact = price.checked_mul(self.price_factor)?.normalize();
        let estimate = Estimate::fixed(to_f64(exact), offer.place());
        Some(Amount { exact: Some(exact), estimate, written_in: offer.price.currency })
    }

    /// Warns of what is odd among the offers of a type that the plan uses; days long past are used by nobody.
    fn tell_odd(&mut self, offers: &[Offer<'_>]) {
        let mut newest: BTreeMap<Key, Option<Date>> = BTreeMap::new();
        for offer in offers {
            let day = newest.entry(offer.key()).or_default();
            *day = offer.price.as_of.max(*day);
        }
        for odd in lint(&together(offers), None) {
            let (of, against) = (offers[odd.of], odd.against.map(|index| offers[index]));
            if !counts(of.price, newest[&of.key()]) {
                continue;
            }
            let what = match odd.kind {
                OddKind::Negative => "is below zero".to_owned(),
                OddKind::Conflict => "stands twice, with different amounts".to_owned(),
                OddKind::Jump(change) if of.price.purchase != Purchase::Spot => {
                    format!("changed by {:+.0}% against the one before", change * 100.0)
                }
                OddKind::FarFromOthers(times) => {
                    format!("is {times:.1} times what other regions ask")
                }
                // Those are told of every price of the plan.
                _ => continue,
            };
            self.report.push(odd_price(of, against, &what));
        }
    }
}

fn odd_price(of: Offer<'_>, against: Option<Offer<'_>>, what: &str) -> Diagnostic {
    let price = of.price;
    let place = price.region.as_deref().map_or(String::new(), |one| format!(" in `{one}`"));
    let message = format!("the {} price of `{}`{place} {what}", price.terms(), price.instance);
    let shown = |price: &Listed| format!("{} {}/hour", price.per_hour, price.currency);
    let diagnostic = Diagnostic::new(&ODD_LISTED_PRICE, message)
        .at(of.place(), shown(price))
        .help("look it up; a `price` in the plan wins over the list");
    match against {
        Some(against) => diagnostic.also(against.place(), shown(against.price)),
        None => diagnostic,
    }
}

/// What all lists say of an instance type in the regions of its provider.
fn offers<'r>(lists: &'r [PriceList], instance: &Instance, provider: &Provider) -> Vec<Offer<'r>> {
    let is_own = |price: &Listed| {
        let region = price.region.as_deref();
        *price.instance == instance.name
            && price.provider.as_deref().is_none_or(|by| by == provider.name)
            && (provider.regions.is_empty()
                || region.is_none_or(|region| provider.regions.iter().any(|own| own == region)))
    };
    let all = lists
        .iter()
        .flat_map(|list| list.catalogue.listed.iter().map(move |price| Offer { list, price }));
    all.filter(|offer| is_own(offer.price)).collect()
}

/// Whether a price counts where the newest of its like was read on a day: of spot, some days more do.
fn counts(price: &Listed, newest: Option<Date>) -> bool {
    match (price.as_of, newest, price.purchase) {
        (Some(read), Some(newest), Purchase::Spot) => days_between(read, newest) < WINDOW_DAYS,
        (read, newest, _) => read == newest,
    }
}

/// Offers as one list, whoever each list says them of.
fn together(offers: &[Offer<'_>]) -> Catalogue {
    let listed = offers.iter().map(|offer| Listed { provider: None, ..offer.price.clone() });
    Catalogue { form: Form::Csv, listed: listed.collect(), unread: Vec::new() }
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

/// Cores and memory that the plan leaves out, as of the newest day; a stated shape wins. Of two of one day the
/// smaller is the prudent one.
fn shape(instance: &mut Instance, offers: &[Offer<'_>], day: Option<Date>) {
    const GIB: f64 = 1_073_741_824.0;
    let newest = |of: fn(&Listed) -> f64| {
        let rank = |price: &Listed| (price.is_known(day), price.as_of);
        let said = offers.iter().map(|offer| offer.price).filter(|price| of(price) > 0.0);
        let last = said.max_by(|a, b| rank(a).cmp(&rank(b)).then(of(b).total_cmp(&of(a))));
        last.map_or(0.0, of)
    };
    if instance.shape.cores <= 0.0 {
        instance.shape.cores = newest(|price| price.shape.vcpus);
    }
    if instance.shape.memory_bytes <= 0.0 {
        instance.shape.memory_bytes = newest(|price| price.shape.memory_gib) * GIB;
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use crate::language;
    use crate::plan::Instance;
    use crate::plan::price::InstancePrice;

    const COLUMNS: &str = "instance,region,purchase,price,vcpus,memory_gib,as_of,valid_until";

    #[expect(clippy::disallowed_methods, reason = "a test may write its plan")]
    /// What a plan that names these lists, in this order, has of the type `m`; and the messages of odd prices.
    fn of_lists(name: &str, lists: &[&str], stated: &str) -> (Instance, Vec<String>) {
        let folder =
            std::env::temp_dir().join(format!("capplan-lists-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        let mut text = format!(
            r#"plan "p" {{ version 1; as-of "2026-11-23"; horizon from="2027-01" months=3; currency USD; fx EUR "1.1 USD" as-of="2026-11-20" source="ECB"; }}
provider "aws" {{ region "r1" "r2" "r3"; instance "m" {{ {stated} }}; }}
pool "web" {{ instance "m" region="r1"; }}
"#
        );
        for (index, rows) in lists.iter().enumerate() {
            let head = if rows.starts_with("instance") { "" } else { COLUMNS };
            std::fs::write(
                folder.join(format!("{index}.csv")),
                format!("{head}\n{rows}\n").trim_start(),
            )
            .unwrap();
            writeln!(text, "prices \"{index}.csv\" provider=\"aws\"").unwrap();
        }
        std::fs::write(folder.join("plan.kdl"), text).unwrap();
        let checked = language::read(&folder.join("plan.kdl")).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let odd = checked.diagnostics.iter().filter(|one| one.code.id == "odd_listed_price");
        let odd = odd.map(|one| one.message.clone()).collect();
        let all: Vec<&String> = checked.diagnostics.iter().map(|one| &one.message).collect();
        let plan = checked.plan.unwrap_or_else(|| panic!("{all:?}")).base;
        (plan.instances.items()[0].clone(), odd)
    }

    fn shown(price: &InstancePrice) -> String {
        let region = price.region.as_deref().unwrap_or("everywhere");
        format!("{} {region} {}", price.purchase.word(), price.per_hour.exact.unwrap())
    }

    /// The prices of `m`, the same whichever list is named first.
    fn in_any_order(
        name: &str,
        lists: &[&str],
        stated: &str,
    ) -> (Vec<String>, Instance, Vec<String>) {
        let mut turned = lists.to_vec();
        turned.reverse();
        let (one, odd) = of_lists(name, lists, stated);
        let (other, odd_too) = of_lists(name, &turned, stated);
        let prices: Vec<String> = one.prices.iter().map(shown).collect();
        assert_eq!(prices, other.prices.iter().map(shown).collect::<Vec<_>>());
        assert_eq!(one.shape, other.shape);
        assert_eq!(odd, odd_too);
        (prices, one, odd)
    }

    #[test]
    fn of_several_lists_the_newest_day_counts_in_any_order() {
        let old = "m,r1,,1.0,8,16,2026-01-01,";
        let new = "m,r1,,1.1,16,64,2026-09-06,";
        let (prices, instance, odd) = in_any_order("newest", &[old, new], "");
        assert_eq!(prices, ["on-demand r1 1.1"]);
        assert_eq!(
            (instance.shape.cores, instance.shape.memory_bytes),
            (16.0, 64.0 * 1_073_741_824.0)
        );
        assert!(odd.is_empty(), "{odd:?}");
        // What is not known yet on the plan's day is not the newest.
        let later = "m,r1,,9.0,32,64,2027-01-01,";
        let (prices, instance, _) = in_any_order("later", &[new, later], "");
        assert_eq!((prices, instance.shape.cores), (vec!["on-demand r1 1.1".to_owned()], 16.0));
    }

    #[test]
    fn of_two_lists_of_one_day_the_higher_price_counts_and_that_is_told() {
        let (prices, _, odd) = in_any_order(
            "equal",
            &["m,r1,,1.0,8,16,2026-09-06,", "m,r1,,1.1,8,16,2026-09-06,"],
            "",
        );
        assert_eq!(prices, ["on-demand r1 1.1"]);
        assert_eq!(
            odd,
            ["the on-demand price of `m` in `r1` stands twice, with different amounts"]
        );
        // Higher in the plan's currency: 1 EUR is 1.1 USD.
        let euro =
            "instance,region,price,currency,vcpus,memory_gib,as_of\nm,r1,1,EUR,8,16,2026-09-06";
        let (prices, _, _) = in_any_order("euro", &["m,r1,,1.05,8,16,2026-09-06,", euro], "");
        assert_eq!(prices, ["on-demand r1 1.1"]);
    }

    #[test]
    fn a_price_the_plan_states_wins_over_every_list() {
        let lists =
            ["m,r1,,1,8,16,2026-09-06,\nm,r2,,2,8,16,2026-09-06,", "m,r1,,3,8,16,2026-10-06,"];
        let (prices, _, odd) =
            in_any_order("stated", &lists, "price on-demand \"5 USD/hour\" region=\"r1\";");
        assert_eq!(prices, ["on-demand r1 5", "on-demand r2 2"]);
        assert!(odd.is_empty(), "{odd:?}");
        let (prices, _, _) = in_any_order("all", &lists, "price on-demand \"5 USD/hour\";");
        assert_eq!(prices, ["on-demand everywhere 5"]);
    }

    #[test]
    fn spot_percentiles_are_over_the_last_days_of_all_lists() {
        let lists = [
            "m,r1,spot,0.1,8,16,2026-09-01,\nm,r1,spot,9,8,16,2026-01-01,",
            "m,r1,spot,0.3,8,16,2026-09-06,",
        ];
        let (prices, instance, _) = in_any_order("spot", &lists, "");
        assert_eq!(prices, ["spot r1 0.25"]);
        assert!(instance.prices[0].by_risk.is_some());
    }

    #[test]
    fn only_prices_in_use_are_told_as_odd() {
        for (name, rows) in [
            (
                "superseded",
                "m,r1,,1,8,16,2026-01-01,\nm,r1,,2,8,16,2026-01-01,\nm,r1,,2,8,16,2026-09-06,",
            ),
            ("past", "m,r1,,1,8,16,2026-08-06,\nm,r1,,2,8,16,2026-09-06,2026-10-01"),
            ("future", "m,r1,,1,8,16,2026-08-06,\nm,r1,,2,8,16,2026-12-06,"),
            ("negative", "m,r1,,-1,8,16,2026-01-01,\nm,r1,,1,8,16,2026-09-06,"),
            (
                "regions",
                "m,r1,,1,8,16,2026-01-01,\nm,r2,,1,8,16,2026-01-01,\nm,r3,,9,8,16,2026-01-01,\nm,r3,,9,8,16,2026-02-01,\nm,r3,,9,8,16,2026-09-06,",
            ),
        ] {
            assert_eq!(of_lists(name, &[rows], "").1, [] as [&str; 0], "{name}");
        }
        let used = "m,r1,,1,8,16,2026-08-06,\nm,r1,,2,8,16,2026-09-06,";
        assert_eq!(of_lists("used", &[used], "").1.len(), 1);
        let stated = "price on-demand \"5 USD/hour\";";
        assert_eq!(of_lists("unused", &[used], stated).1, [] as [&str; 0]);
    }
}
