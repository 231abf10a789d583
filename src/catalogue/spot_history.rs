//! A history of spot prices: what `aws ec2 describe-spot-price-history` prints, or a table of days and zones.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::cell::decimal;
use super::ec2::{Places, fault, said};
use super::table::{Rows, found, overlong};
use super::{Fault, Form, Listed, Reader, Shape};
use crate::calendar::{Date, parse_date};
use crate::money::Decimal;
use crate::plan::price::Purchase;

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Whole {
        #[serde(rename = "SpotPriceHistory")]
        history: Vec<Price>,
    },
    Bare(Vec<Price>),
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Price {
    instance_type: String,
    availability_zone: String,
    #[serde(rename = "SpotPrice")]
    per_hour: Value,
    timestamp: String,
    #[serde(default)]
    product_description: Option<String>,
}

pub(super) fn read(text: &str, reader: &mut Reader<'_>) -> Result<(), Fault> {
    if text.trim_start().starts_with(['{', '[']) { json(text, reader) } else { table(text, reader) }
}

fn json(text: &str, reader: &mut Reader<'_>) -> Result<(), Fault> {
    let answer: Answer = serde_json::from_str(text).map_err(|error| fault(&error))?;
    let (Answer::Whole { history } | Answer::Bare(history)) = answer;
    let mut places = Places::new(text);
    for price in history {
        let at = places.of(&price.timestamp);
        // Other systems have other prices.
        let system = price.product_description.as_deref().unwrap_or("Linux/UNIX");
        if !system.starts_with("Linux/UNIX") {
            continue;
        }
        let day = price.timestamp.get(..10).and_then(parse_date);
        let text = said(&price.per_hour).unwrap_or_default();
        let (Some(per_hour), Some(day)) = (decimal(&text), day) else {
            reader.odd(at, format!("`{text}` at `{}` does not read", price.timestamp));
            continue;
        };
        let zone = price.availability_zone;
        // `us-east-1a` is a zone of `us-east-1`.
        let region = zone.trim_end_matches(|c: char| c.is_ascii_lowercase());
        let listed = Listed {
            file: None,
            provider: reader.provider.clone(),
            instance: reader.name(&price.instance_type),
            region: reader.some(region),
            zone: reader.some(&zone),
            shape: Shape::default(),
            purchase: Purchase::Spot,
            term_months: None,
            upfront: 0.0,
            per_hour,
            currency: reader.usd,
            as_of: Some(day),
            until: None,
            source: reader.source.clone(),
            at,
        };
        reader.listed.push(listed);
    }
    found(reader, Form::SpotHistory)
}

fn table(text: &str, reader: &mut Reader<'_>) -> Result<(), Fault> {
    let mut rows = Rows::new(text)?;
    let form = Form::SpotHistory;
    let column =
        |name: &'static str| rows.column(&[name]).ok_or(Fault::NoColumn { form, column: name });
    let (instance, zone) = (column("InstanceType")?, column("AvailabilityZone")?);
    let spot = column("SpotPrice")?;
    let day =
        rows.column(&["Date", "Timestamp"]).ok_or(Fault::NoColumn { form, column: "Date" })?;
    let (region, on_demand) = (rows.column(&["Region"]), rows.column(&["OnDemandPrice"]));
    let mut record = csv::StringRecord::new();
    let mut seen = OnDemand::default();
    while let Some(at) = rows.next(&mut record)? {
        let cell = |column: usize| record.get(column).unwrap_or("").trim();
        if let Some(why) = overlong(&rows.heads, &record) {
            reader.odd(at, why);
            continue;
        }
        let date = cell(day).get(..10).and_then(parse_date);
        let (Some(name), Some(date)) = (reader.some(cell(instance)), date) else {
            reader.odd(at, format!("no instance type, or `{}` is no date", cell(day)));
            continue;
        };
        let listed = Listed {
            file: None,
            provider: reader.provider.clone(),
            instance: name.clone(),
            region: region.and_then(|region| reader.some(cell(region))),
            zone: None,
            shape: Shape::default(),
            purchase: Purchase::OnDemand,
            term_months: None,
            upfront: 0.0,
            per_hour: Decimal::ZERO,
            currency: reader.usd,
            as_of: Some(date),
            until: None,
            source: reader.source.clone(),
            at,
        };
        match on_demand.map(|column| (cell(column), decimal(cell(column)))) {
            None | Some(("", _)) => {}
            Some((_, Some(per_hour))) => seen.add(date, Listed { per_hour, ..listed.clone() }),
            Some((text, None)) => reader.odd(at, format!("`{text}` is no on-demand price")),
        }
        match (cell(spot), decimal(cell(spot))) {
            ("", _) => {}
            (_, Some(per_hour)) => {
                let zone = reader.some(cell(zone));
                reader.listed.push(Listed { purchase: Purchase::Spot, zone, per_hour, ..listed });
            }
            (text, None) => reader.odd(at, format!("`{text}` is no spot price")),
        }
    }
    reader.listed.extend(seen.told());
    reader.listed.sort_by_key(|price| (price.at.start, price.purchase));
    found(reader, form)
}

/// A type and a region.
type Sold = (Arc<str>, Option<Arc<str>>);

/// On-demand prices by type and region, and by the days on which they were seen: each row repeats them.
#[derive(Default)]
struct OnDemand(BTreeMap<Sold, BTreeMap<(Date, Decimal), Listed>>);

impl OnDemand {
    fn add(&mut self, day: Date, price: Listed) {
        let days = self.0.entry((Arc::clone(&price.instance), price.region.clone())).or_default();
        days.entry((day, price.per_hour)).or_insert(price);
    }

    /// Each price on the first and on the last of the days in a row on which it was seen.
    fn told(self) -> Vec<Listed> {
        let mut told = Vec::new();
        for days in self.0.into_values() {
            let days: Vec<Listed> = days.into_values().collect();
            let other = |next: Option<&Listed>, price: &Listed| {
                next.is_none_or(|next| next.per_hour != price.per_hour)
            };
            for (index, price) in days.iter().enumerate() {
                let before = index.checked_sub(1).and_then(|before| days.get(before));
                if other(before, price) || other(days.get(index + 1), price) {
                    told.push(price.clone());
                }
            }
        }
        told
    }
}
