//! Prices as ec2instances.info publishes them: one instance type, or a list of them, as JSON.
//!
//! Linux, on-demand, spot and standard reservations; convertible ones, other systems and dedicated hosts are
//! left out. All prices of a type have the place of its name.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::cell::{self, decimal};
use super::table::found;
use super::{At, Fault, Form, Listed, Reader, Shape};
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
        let shape = match one.shape(reader) {
            Ok(shape) => shape,
            Err(why) => {
                reader.odd(at, why);
                continue;
            }
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

impl Type {
    fn shape(&self, reader: &mut Reader<'_>) -> Result<Shape, String> {
        let figure = |value: &Value, name: &str| {
            cell::amount(said(value).as_deref().unwrap_or_default(), name)
        };
        Ok(Shape {
            gpu: self.gpu_model.as_deref().and_then(|model| reader.some(model)),
            gpus: figure(&self.gpu, "GPU")?,
            vcpus: figure(&self.vcpu, "vCPU")?,
            memory_gib: figure(&self.memory, "memory")?,
        })
    }
}

fn of_region(linux: &Value, base: &Listed, reader: &mut Reader<'_>) {
    let region = base.region.as_deref().unwrap_or_default();
    let mut add = |name: &str, value: &Value, of: Listed| {
        let Some(text) = said(value) else { return };
        match decimal(&text) {
            // What has no price on the spot market stands there with zero.
            Some(price) if price.is_zero() && of.purchase == Purchase::Spot => {}
            Some(per_hour) => reader.listed.push(Listed { per_hour, ..of }),
            None => reader.odd(of.at, format!("`{text}` is no price: `{name}` in `{region}`")),
        }
    };
    add("ondemand", &linux["ondemand"], base.clone());
    add("spot_avg", &linux["spot_avg"], Listed { purchase: Purchase::Spot, ..base.clone() });
    let reserved = &linux["reserved"];
    for (name, value) in reserved.as_object().into_iter().flatten() {
        let Some((term, upfront)) = standard(name) else { continue };
        let term_months = Some(term);
        let purchase = Purchase::Reserved;
        add(name, value, Listed { purchase, term_months, upfront, ..base.clone() });
    }
    if !reserved.is_object() && said(reserved).is_some() {
        reader.odd(base.at, format!("`reserved` in `{region}` is no object of prices"));
    }
}

/// What a field says, as text; none where it says nothing: absent, null, empty or `N/A`.
pub(super) fn said(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    (!text.is_empty() && text != "N/A").then_some(text)
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

pub(super) fn fault(error: &serde_json::Error) -> Fault {
    Fault::Text { line: error.line(), why: error.to_string() }
}

/// Finds names in a text, each after the one before.
pub(super) struct Places<'t> {
    text: &'t str,
    from: usize,
    last: At,
}

impl<'t> Places<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, from: 0, last: At { line: 1, ..At::default() } }
    }

    /// The place of `"name"`, after the last one found; the last one's, without length, where there is none.
    pub(super) fn of(&mut self, name: &str) -> At {
        let whole = |x: usize| u32::try_from(x).unwrap_or(u32::MAX);
        let quoted = format!("\"{name}\"");
        let Some(offset) = self.text[self.from..].find(&quoted) else {
            return At { len: 0, ..self.last };
        };
        let start = self.from + offset;
        let lines = self.text[self.from..start].matches('\n').count();
        let line = self.last.line.saturating_add(whole(lines));
        self.last = At { line, start: whole(start), len: whole(quoted.len()) };
        self.from = start + quoted.len();
        self.last
    }
}
