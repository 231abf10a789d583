//! Prices as ec2instances.info publishes them: one instance type, or a list of them, as JSON.
//!
//! Linux, on-demand, spot and standard reservations; convertible ones, other systems and dedicated hosts are
//! left out. All prices of a type have the place of its name.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::table::found;
use super::{At, Fault, Form, Listed, Reader, Shape, decimal};
use crate::plan::price::Purchase;

#[derive(Deserialize)]
struct Type {
    #[serde(rename = "instance_type")]
    name: String,
    #[serde(default, alias = "vCPU")]
    vcpu: Value,
    #[serde(default)]
    memory: Value,
    #[serde(default, rename = "GPU")]
    gpu: Value,
    #[serde(default, rename = "GPU_model")]
    gpu_model: Option<String>,
    #[serde(default)]
    pricing: BTreeMap<String, BTreeMap<String, Value>>,
}

pub(super) fn read(text: &str, reader: &mut Reader<'_>) -> Result<(), Fault> {
    let types: Vec<Type> = if text.trim_start().starts_with('[') {
        serde_json::from_str(text)
    } else {
        serde_json::from_str(text).map(|one| vec![one])
    }
    .map_err(|error| fault(&error))?;
    let mut places = Places::new(text);
    for one in types {
        let at = places.of(&one.name);
        let shape = Shape {
            gpu: one.gpu_model.as_deref().and_then(|model| reader.some(model)),
            gpus: figure(&one.gpu),
            vcpus: figure(&one.vcpu),
            memory_gib: figure(&one.memory),
        };
        let instance = reader.name(&one.name);
        for (region, systems) in &one.pricing {
            let Some(linux) = systems.get("linux") else { continue };
            let base = Listed {
                file: None,
                provider: reader.provider.clone(),
                instance: instance.clone(),
                region: reader.some(region),
                zone: None,
                shape: shape.clone(),
                purchase: Purchase::OnDemand,
                term_months: None,
                upfront: 0.0,
                per_hour: crate::money::Decimal::ZERO,
                currency: reader.usd,
                as_of: reader.defaults.as_of,
                until: None,
                source: reader.source.clone(),
                at,
            };
            of_region(linux, &base, reader);
        }
    }
    found(reader, Form::Ec2Instances)
}

fn of_region(linux: &Value, base: &Listed, reader: &mut Reader<'_>) {
    let price = |value: &Value| match value {
        Value::String(text) => decimal(text),
        Value::Number(number) => decimal(&number.to_string()),
        _ => None,
    };
    if let Some(per_hour) = linux.get("ondemand").and_then(price) {
        reader.listed.push(Listed { per_hour, ..base.clone() });
    }
    let spot = linux.get("spot_avg").and_then(price);
    if let Some(per_hour) = spot.filter(|price| !price.is_zero()) {
        reader.listed.push(Listed { purchase: Purchase::Spot, per_hour, ..base.clone() });
    }
    let reserved = linux.get("reserved").and_then(Value::as_object);
    for (name, value) in reserved.into_iter().flatten() {
        let Some((term, upfront)) = standard(name) else { continue };
        let Some(per_hour) = price(value) else { continue };
        reader.listed.push(Listed {
            purchase: Purchase::Reserved,
            term_months: Some(term),
            upfront,
            per_hour,
            ..base.clone()
        });
    }
}

/// Months and share upfront of `yrTerm1Standard.noUpfront`.
fn standard(name: &str) -> Option<(u32, f64)> {
    let (term, upfront) = name.split_once('.')?;
    let years: u32 = term.strip_prefix("yrTerm")?.strip_suffix("Standard")?.parse().ok()?;
    let upfront = match upfront {
        "noUpfront" => 0.0,
        "partialUpfront" => 0.5,
        "allUpfront" => 1.0,
        _ => return None,
    };
    Some((years * 12, upfront))
}

fn figure(value: &Value) -> f64 {
    match value {
        Value::Number(number) => number.as_f64().unwrap_or(0.0),
        Value::String(text) => super::table::number(text),
        _ => 0.0,
    }
}

pub(super) fn fault(error: &serde_json::Error) -> Fault {
    Fault::Text { line: error.line(), why: error.to_string() }
}

/// Finds names in a text, each after the one before.
pub(super) struct Places<'t> {
    text: &'t str,
    from: usize,
    line: u32,
}

impl<'t> Places<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, from: 0, line: 1 }
    }

    /// The place of `"name"`, at or after the last one found; the last one's where there is none.
    pub(super) fn of(&mut self, name: &str) -> At {
        let quoted = format!("\"{name}\"");
        let (start, len) = match self.text[self.from..].find(&quoted) {
            Some(offset) => {
                let passed = &self.text.as_bytes()[self.from..self.from + offset];
                let lines = passed.split(|byte| *byte == b'\n').count() - 1;
                self.line += u32::try_from(lines).unwrap_or(0);
                self.from += offset;
                (self.from, quoted.len())
            }
            None => (self.from, 0),
        };
        let whole = |x: usize| u32::try_from(x).unwrap_or(u32::MAX);
        At { line: self.line, start: whole(start), len: whole(len) }
    }
}
