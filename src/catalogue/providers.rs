//! Prices as JSON by provider: `{ "as_of", "currency", PROVIDER: { "region", "instances": [ … ] } }`, each
//! instance with `sku`, `hourly_usd` or `price`, and perhaps `spot_hourly_usd`, `vcpus`, `memory_gb`,
//! `gpu_type`, `gpu_count`, `region`.
//!
//! A day or a currency that does not read says nothing of any price, so then none is read.

use serde_json::{Map, Value};

use super::cell::{self, decimal};
use super::ec2::{Places, fault, said};
use super::table::found;
use super::{At, Fault, Form, Listed, Reader, Shape};
use crate::calendar::Date;
use crate::money::{Currency, Decimal};
use crate::plan::price::Purchase;

/// Names under which the price of a node and hour stands.
const PRICE: [&str; 2] = ["price", "hourly_usd"];
/// Names under which its spot price stands.
const SPOT: [&str; 2] = ["spot_price", "spot_hourly_usd"];

/// What the file says of all its prices.
#[derive(Clone, Copy)]
struct Whole {
    as_of: Option<Date>,
    currency: Currency,
}

pub(super) fn read(text: &str, reader: &mut Reader<'_>) -> Result<(), Fault> {
    let file: Map<String, Value> = serde_json::from_str(text).map_err(|error| fault(&error))?;
    let Some(whole) = whole(&file, text, reader) else { return Ok(()) };
    for (provider, offered) in file.iter().filter(|(_, value)| value.is_object()) {
        // A map is in the order of names, the file in its own.
        let mut places = Places::new(text);
        let at = places.of(provider);
        let Some(instances) = offered.get("instances").and_then(Value::as_array) else {
            reader.odd(at, format!("`{provider}` has no array `instances`"));
            continue;
        };
        for one in instances {
            let instance = OfProvider { provider, offered, one };
            let at = places.of(instance.sku());
            match instance.listed(whole, at, reader) {
                Ok(listed) => instance.prices(&listed, reader),
                Err(why) => reader.odd(at, why),
            }
        }
    }
    found(reader, Form::Providers)
}

/// The day and the currency of the file; none, and told, where one of them does not read.
fn whole(file: &Map<String, Value>, text: &str, reader: &mut Reader<'_>) -> Option<Whole> {
    let field = |name: &str| file.get(name).and_then(said).unwrap_or_default();
    let (day, currency) = (cell::day(&field("as_of")), cell::currency(&field("currency")));
    for (name, why) in [("as_of", day.as_ref().err()), ("currency", currency.as_ref().err())] {
        if let Some(why) = why {
            let at = Places::new(text).of(name);
            reader.odd(at, format!("{why}; no price of the file is read"));
        }
    }
    let as_of = day.ok()?.or(reader.defaults.as_of);
    Some(Whole { as_of, currency: currency.ok()?.unwrap_or(reader.usd) })
}

/// One instance of a provider.
#[derive(Clone, Copy)]
struct OfProvider<'j> {
    provider: &'j str,
    offered: &'j Value,
    one: &'j Value,
}

impl<'j> OfProvider<'j> {
    /// What stands under the first of these names that is there.
    fn field(self, names: &[&str]) -> Option<&'j Value> {
        names.iter().find_map(|name| self.one.get(*name))
    }

    fn text(self, names: &[&str]) -> &'j str {
        self.field(names).and_then(Value::as_str).unwrap_or("")
    }

    fn sku(self) -> &'j str {
        self.text(&["sku", "instance", "instance_type"])
    }

    fn amount(self, names: &[&str]) -> Result<f64, String> {
        let text = self.field(names).and_then(said).unwrap_or_default();
        cell::amount(&text, names[0])
    }

    /// What it is, still without its price; why not, where a field does not read.
    fn listed(self, whole: Whole, at: At, reader: &mut Reader<'_>) -> Result<Listed, String> {
        let provider = self.provider;
        let instance = reader.some(self.sku());
        let instance =
            instance.ok_or_else(|| format!("an instance of `{provider}` without `sku`"))?;
        let region = match self.text(&["region"]) {
            "" => self.offered.get("region").and_then(Value::as_str).unwrap_or(""),
            own => own,
        };
        Ok(Listed {
            file: None,
            provider: reader.some(provider),
            instance,
            region: reader.some(region),
            zone: None,
            shape: Shape {
                gpu: reader.some(self.text(&["gpu_type", "gpu"])),
                gpus: self.amount(&["gpu_count", "gpus"])?,
                vcpus: self.amount(&["vcpus", "vcpu"])?,
                memory_gib: self.amount(&["memory_gib", "memory_gb"])?,
            },
            purchase: Purchase::OnDemand,
            term_months: None,
            upfront: 0.0,
            per_hour: Decimal::ZERO,
            currency: whole.currency,
            as_of: whole.as_of,
            until: None,
            source: reader.source.clone(),
            at,
        })
    }

    /// Adds its prices, on demand and on the spot market.
    fn prices(self, listed: &Listed, reader: &mut Reader<'_>) {
        let both = [(self.field(&PRICE), Purchase::OnDemand), (self.field(&SPOT), Purchase::Spot)];
        if both.iter().all(|(field, _)| field.is_none()) {
            reader.odd(listed.at, format!("`{}` has no `{}`", listed.instance, PRICE[1]));
        }
        for (field, purchase) in both {
            let Some(text) = field.and_then(said) else { continue };
            match decimal(&text) {
                Some(per_hour) => {
                    reader.listed.push(Listed { purchase, per_hour, ..listed.clone() });
                }
                None => reader.odd(listed.at, format!("`{text}` is no price")),
            }
        }
    }
}
