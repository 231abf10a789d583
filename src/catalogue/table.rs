//! Price lists that are tables: our own columns, and `SkyPilot`'s.

use super::{At, COLUMNS, Fault, Form, Listed, Reader, Shape, decimal};
use crate::calendar::parse_date;
use crate::money::{Currency, Decimal};
use crate::plan::price::Purchase;

/// A table, read row by row with the place of each.
pub(super) struct Rows<'t> {
    text: &'t str,
    reader: csv::Reader<&'t [u8]>,
    pub(super) heads: Vec<String>,
}

impl<'t> Rows<'t> {
    pub(super) fn new(text: &'t str) -> Result<Self, Fault> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let heads = reader.headers().map_err(|error| fault(&error))?;
        let heads = heads.iter().map(|head| head.trim().to_owned()).collect();
        Ok(Self { text, reader, heads })
    }

    /// The column of any of these names.
    pub(super) fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.heads.iter().position(|head| head == name))
    }

    /// The next row and its place.
    pub(super) fn next(&mut self, record: &mut csv::StringRecord) -> Result<Option<At>, Fault> {
        let read = self.reader.read_record(record);
        if !read.map_err(|error| fault(&error))? {
            return Ok(None);
        }
        let Some(position) = record.position() else { return Ok(Some(At::default())) };
        let start = usize::try_from(position.byte()).unwrap_or(usize::MAX).min(self.text.len());
        let line = self.text.as_bytes()[start..].iter();
        let len = line.take_while(|byte| !matches!(byte, b'\n' | b'\r')).count();
        let whole = |x: usize| u32::try_from(x).unwrap_or(u32::MAX);
        let line = u32::try_from(position.line()).unwrap_or(u32::MAX);
        Ok(Some(At { line, start: whole(start), len: whole(len) }))
    }
}

fn fault(error: &csv::Error) -> Fault {
    let line = error.position().map_or(1, csv::Position::line);
    Fault::Text { line: usize::try_from(line).unwrap_or(1), why: error.to_string() }
}

/// The names under which a column of ours is read.
fn names(column: &'static str) -> Vec<&'static str> {
    let own = COLUMNS.iter().find(|(name, _, _)| *name == column);
    std::iter::once(column)
        .chain(own.into_iter().flat_map(|(_, also, _)| also.iter().copied()))
        .collect()
}

/// Our own columns.
pub(super) fn own(text: &str, reader: &mut Reader<'_>) -> Result<(), Fault> {
    let mut rows = Rows::new(text)?;
    let [
        provider,
        instance,
        region,
        zone,
        purchase,
        term,
        upfront,
        price,
        spot,
        currency,
        unit,
        gpu,
        gpus,
        vcpus,
        memory,
        as_of,
        until,
        source,
    ] = COLUMNS.iter().map(|(name, _, _)| rows.column(&names(name))).collect::<Vec<_>>()[..]
    else {
        unreachable!("one place for each column");
    };
    let needed = |column: Option<usize>, name| {
        column.ok_or(Fault::NoColumn { form: Form::Csv, column: name })
    };
    let (instance, price) = (needed(instance, "instance")?, needed(price, "price")?);
    let mut record = csv::StringRecord::new();
    while let Some(at) = rows.next(&mut record)? {
        let cell = |column: Option<usize>| column.and_then(|c| record.get(c)).unwrap_or("").trim();
        let Some(name) = reader.some(cell(Some(instance))) else {
            reader.odd(at, "no instance type");
            continue;
        };
        let way = match cell(purchase) {
            "" => Purchase::OnDemand,
            word => {
                if let Some(purchase) = [Purchase::OnDemand, Purchase::Spot, Purchase::Reserved]
                    .into_iter()
                    .find(|purchase| purchase.word() == word)
                {
                    purchase
                } else {
                    reader
                        .odd(at, format!("`{word}` is no way to buy: on-demand, spot or reserved"));
                    continue;
                }
            }
        };
        let money = match cell(currency) {
            "" => reader.usd,
            code => {
                if let Some(currency) = Currency::new(code) {
                    currency
                } else {
                    reader.odd(at, format!("`{code}` is no currency"));
                    continue;
                }
            }
        };
        let hours = match cell(unit) {
            "" | "hour" | "h" | "hourly" => Decimal::ONE,
            "month" | "monthly" => Decimal::from(730),
            other => {
                reader.odd(at, format!("the unit `{other}` is none of hour, month"));
                continue;
            }
        };
        let shape = Shape {
            gpu: reader.some(cell(gpu)),
            gpus: number(cell(gpus)),
            vcpus: number(cell(vcpus)),
            memory_gib: number(cell(memory)),
        };
        let day = cell(as_of);
        if !day.is_empty() && parse_date(day).is_none() {
            reader.odd(at, format!("`{day}` is no date"));
            continue;
        }
        let listed = Listed {
            file: None,
            provider: reader.some(cell(provider)).or_else(|| reader.provider.clone()),
            instance: name,
            region: reader.some(cell(region)),
            zone: reader.some(cell(zone)),
            shape,
            purchase: way,
            term_months: cell(term).trim_end_matches("months").trim().parse().ok(),
            upfront: share(cell(upfront)),
            per_hour: Decimal::ZERO,
            currency: money,
            as_of: parse_date(day).or(reader.defaults.as_of),
            until: parse_date(cell(until)),
            source: reader.some(cell(source)).or_else(|| reader.source.clone()),
            at,
        };
        let both = [(cell(Some(price)), way), (cell(spot), Purchase::Spot)];
        if both.iter().all(|(text, _)| text.is_empty()) {
            reader.odd(at, "no price");
        }
        for (text, purchase) in both.into_iter().filter(|(text, _)| !text.is_empty()) {
            match decimal(text) {
                Some(price) => {
                    let per_hour = price / hours;
                    reader.listed.push(Listed { purchase, per_hour, ..listed.clone() });
                }
                None => reader.odd(at, format!("`{text}` is no price")),
            }
        }
    }
    found(reader, Form::Csv)
}

/// `SkyPilot`'s columns.
pub(super) fn skypilot(text: &str, reader: &mut Reader<'_>) -> Result<(), Fault> {
    let mut rows = Rows::new(text)?;
    let column = |name: &'static str| {
        rows.column(&[name]).ok_or(Fault::NoColumn { form: Form::SkyPilot, column: name })
    };
    let (instance, price, region) = (column("InstanceType")?, column("Price")?, column("Region")?);
    let [spot, zone, gpu, gpus, vcpus, memory] = [
        "SpotPrice",
        "AvailabilityZone",
        "AcceleratorName",
        "AcceleratorCount",
        "vCPUs",
        "MemoryGiB",
    ]
    .map(|name| rows.column(&[name]));
    let mut record = csv::StringRecord::new();
    // On-demand is one price a region: zones repeat it.
    let mut told = std::collections::BTreeMap::new();
    while let Some(at) = rows.next(&mut record)? {
        let cell = |column: Option<usize>| column.and_then(|c| record.get(c)).unwrap_or("").trim();
        let Some(name) = reader.some(cell(Some(instance))) else {
            // GPUs or TPUs by themselves.
            continue;
        };
        let region = reader.some(cell(Some(region)));
        let listed = Listed {
            file: None,
            provider: reader.provider.clone(),
            instance: name,
            region: region.clone(),
            zone: None,
            shape: Shape {
                gpu: reader.some(cell(gpu)),
                gpus: number(cell(gpus)),
                vcpus: number(cell(vcpus)),
                memory_gib: number(cell(memory)),
            },
            purchase: Purchase::OnDemand,
            term_months: None,
            upfront: 0.0,
            per_hour: Decimal::ZERO,
            currency: reader.usd,
            as_of: reader.defaults.as_of,
            until: None,
            source: reader.source.clone(),
            at,
        };
        match (cell(Some(price)), decimal(cell(Some(price)))) {
            ("", _) => {}
            (_, Some(per_hour)) => {
                let key = (listed.instance.clone(), region);
                if told.insert(key, per_hour) != Some(per_hour) {
                    reader.listed.push(Listed { per_hour, ..listed.clone() });
                }
            }
            (text, None) => reader.odd(at, format!("`{text}` is no price")),
        }
        match (cell(spot), decimal(cell(spot))) {
            ("", _) => {}
            (_, Some(per_hour)) => {
                let zone = reader.some(cell(zone));
                let purchase = Purchase::Spot;
                reader.listed.push(Listed { zone, purchase, per_hour, ..listed });
            }
            (text, None) => reader.odd(at, format!("`{text}` is no spot price")),
        }
    }
    found(reader, Form::SkyPilot)
}

/// A number, 0 where there is none.
pub(super) fn number(text: &str) -> f64 {
    text.parse().ok().filter(|x: &f64| x.is_finite() && *x >= 0.0).unwrap_or(0.0)
}

/// `50%` or `0.5`.
fn share(text: &str) -> f64 {
    match text.strip_suffix('%') {
        Some(percent) => number(percent) / 100.0,
        None => number(text),
    }
    .min(1.0)
}

/// Whether anything was found.
pub(super) fn found(reader: &Reader<'_>, form: Form) -> Result<(), Fault> {
    if reader.listed.is_empty() && reader.unread.is_empty() {
        return Err(Fault::Empty { form });
    }
    Ok(())
}
