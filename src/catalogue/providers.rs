//! Prices as JSON by provider: `{ "as_of", "currency", PROVIDER: { "region", "instances": [ … ] } }`, each
//! instance with `sku`, `hourly_usd` or `price`, and perhaps `spot_hourly_usd`, `vcpus`, `memory_gb`,
//! `gpu_type`, `gpu_count`, `region`.

use serde_json::{Map, Value};

use super::ec2::{Places, fault};
use super::table::found;
use super::{Fault, Form, Listed, Reader, Shape, decimal};
use crate::calendar::parse_date;
use crate::money::{Currency, Decimal};
use crate::plan::price::Purchase;

pub(super) fn read(text: &str, reader: &mut Reader<'_>) -> Result<(), Fault> {
    let whole: Map<String, Value> = serde_json::from_str(text).map_err(|error| fault(&error))?;
    let day = whole.get("as_of").and_then(Value::as_str).and_then(parse_date);
    let currency = whole.get("currency").and_then(Value::as_str).and_then(Currency::new);
    let currency = currency.unwrap_or(reader.usd);
    for (provider, offered) in &whole {
        let Some(instances) = offered.get("instances").and_then(Value::as_array) else { continue };
        // A map is in the order of names, the file in its own.
        let mut places = Places::new(text);
        places.of(provider);
        for one in instances {
            let field = |names: &[&str]| names.iter().find_map(|name| one.get(*name));
            let text_of = |names: &[&str]| field(names).and_then(Value::as_str).unwrap_or("");
            let number = |names: &[&str]| field(names).and_then(Value::as_f64).unwrap_or(0.0);
            let price = |names: &[&str]| {
                field(names).filter(|value| !value.is_null()).map(|value| match value {
                    Value::String(text) => decimal(text).ok_or_else(|| text.clone()),
                    other => decimal(&other.to_string()).ok_or_else(|| other.to_string()),
                })
            };
            let sku = text_of(&["sku", "instance", "instance_type"]);
            let at = places.of(sku);
            let Some(instance) = reader.some(sku) else {
                reader.odd(at, format!("an instance of `{provider}` without `sku`"));
                continue;
            };
            let region = match text_of(&["region"]) {
                "" => offered.get("region").and_then(Value::as_str).unwrap_or(""),
                own => own,
            };
            let listed = Listed {
                file: None,
                provider: reader.some(provider),
                instance,
                region: reader.some(region),
                zone: None,
                shape: Shape {
                    gpu: reader.some(text_of(&["gpu_type", "gpu"])),
                    gpus: number(&["gpu_count", "gpus"]),
                    vcpus: number(&["vcpus", "vcpu"]),
                    memory_gib: number(&["memory_gib", "memory_gb"]),
                },
                purchase: Purchase::OnDemand,
                term_months: None,
                upfront: 0.0,
                per_hour: Decimal::ZERO,
                currency,
                as_of: day.or(reader.defaults.as_of),
                until: None,
                source: reader.source.clone(),
                at,
            };
            let both = [
                (price(&["price", "hourly_usd"]), Purchase::OnDemand),
                (price(&["spot_price", "spot_hourly_usd"]), Purchase::Spot),
            ];
            for (price, purchase) in both {
                match price {
                    None => {}
                    Some(Ok(per_hour)) => {
                        reader.listed.push(Listed { purchase, per_hour, ..listed.clone() });
                    }
                    Some(Err(text)) => reader.odd(at, format!("`{text}` is no price")),
                }
            }
        }
    }
    found(reader, Form::Providers)
}
