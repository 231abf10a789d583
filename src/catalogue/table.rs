//! Price lists that are tables: our own columns, and `SkyPilot`'s.

use std::collections::BTreeMap;

use super::cell::{self, decimal};
use super::{At, COLUMNS, Fault, Form, Listed, Reader, Shape};
use crate::money::Decimal;
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

    /// The place of the head.
    pub(super) fn head_at(&self) -> At {
        let len = self.text.find(['\n', '\r']).unwrap_or(self.text.len());
        At { line: 1, start: 0, len: u32::try_from(len).unwrap_or(u32::MAX) }
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

/// That a row has more cells than the head: then a cell may stand under the head of another.
pub(super) fn overlong(heads: &[String], record: &csv::StringRecord) -> Option<String> {
    let beyond = record.iter().skip(heads.len()).any(|cell| !cell.trim().is_empty());
    let (cells, heads) = (record.len(), heads.len());
    beyond
        .then(|| format!("the row has {cells} cells, the head {heads}: quote a cell with a comma"))
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
    let columns: BTreeMap<&'static str, usize> = COLUMNS
        .iter()
        .filter_map(|(name, _, _)| Some((*name, rows.column(&names(name))?)))
        .collect();
    for column in ["instance", "price"] {
        if !columns.contains_key(column) {
            return Err(Fault::NoColumn { form: Form::Csv, column });
        }
    }
    misspelt(&rows, &columns, reader);
    let mut record = csv::StringRecord::new();
    while let Some(at) = rows.next(&mut record)? {
        if let Some(why) = overlong(&rows.heads, &record) {
            reader.odd(at, why);
            continue;
        }
        let row = Row { columns: &columns, record: &record, at };
        match row.listed(reader) {
            Ok(listed) => row.prices(&listed, reader),
            Err(why) => reader.odd(at, why),
        }
    }
    found(reader, Form::Csv)
}

/// Tells of heads that are none of ours, but one letter away from one that the table has not.
fn misspelt(rows: &Rows<'_>, columns: &BTreeMap<&'static str, usize>, reader: &mut Reader<'_>) {
    let missing = COLUMNS.iter().filter(|(name, _, _)| !columns.contains_key(name));
    let missing: Vec<&str> = missing.flat_map(|(name, _, _)| names(name)).collect();
    let known: Vec<&str> = COLUMNS.iter().flat_map(|(name, _, _)| names(name)).collect();
    for head in rows.heads.iter().filter(|head| !known.contains(&head.as_str())) {
        let lower = head.to_lowercase();
        // Three letters are near to too much.
        let near = |name: &&&str| {
            lower == **name || (lower.len() > 3 && strsim::damerau_levenshtein(&lower, name) == 1)
        };
        if let Some(meant) = missing.iter().find(near) {
            let why = format!("the column `{head}` is not read: is `{meant}` meant?");
            reader.odd(rows.head_at(), why);
        }
    }
}

/// A row of our own columns.
struct Row<'r> {
    columns: &'r BTreeMap<&'static str, usize>,
    record: &'r csv::StringRecord,
    at: At,
}

impl Row<'_> {
    /// What stands in a column; empty where there is none.
    fn cell(&self, column: &str) -> &str {
        let place = self.columns.get(column);
        place.and_then(|place| self.record.get(*place)).unwrap_or("").trim()
    }

    fn amount(&self, column: &str) -> Result<f64, String> {
        cell::amount(self.cell(column), column)
    }

    /// What the row is a price of, still without its price; why not, where a cell does not read.
    fn listed(&self, reader: &mut Reader<'_>) -> Result<Listed, String> {
        let instance = reader.some(self.cell("instance"));
        Ok(Listed {
            file: None,
            instance: instance.ok_or_else(|| "no instance type".to_owned())?,
            provider: reader.some(self.cell("provider")).or_else(|| reader.provider.clone()),
            region: reader.some(self.cell("region")),
            zone: reader.some(self.cell("zone")),
            shape: Shape {
                gpu: reader.some(self.cell("gpu")),
                gpus: self.amount("gpus")?,
                vcpus: self.amount("vcpus")?,
                memory_gib: self.amount("memory_gib")?,
            },
            purchase: cell::purchase(self.cell("purchase"))?,
            term_months: cell::term(self.cell("term"))?,
            upfront: cell::share(self.cell("upfront"))?,
            per_hour: Decimal::ZERO,
            currency: cell::currency(self.cell("currency"))?.unwrap_or(reader.usd),
            as_of: cell::day(self.cell("as_of"))?.or(reader.defaults.as_of),
            until: cell::day(self.cell("valid_until"))?,
            source: reader.some(self.cell("source")).or_else(|| reader.source.clone()),
            at: self.at,
        })
    }

    /// Adds the prices of the row: its own, and the one of spot beside it.
    fn prices(&self, listed: &Listed, reader: &mut Reader<'_>) {
        let hours = match cell::hours(self.cell("unit")) {
            Ok(hours) => hours,
            Err(why) => return reader.odd(self.at, why),
        };
        let both = [(self.cell("price"), listed.purchase), (self.cell("spot"), Purchase::Spot)];
        if both.iter().all(|(text, _)| text.is_empty()) {
            reader.odd(self.at, "no price");
        }
        for (text, purchase) in both.into_iter().filter(|(text, _)| !text.is_empty()) {
            match decimal(text) {
                Some(price) => {
                    let per_hour = price / hours;
                    reader.listed.push(Listed { purchase, per_hour, ..listed.clone() });
                }
                None => reader.odd(self.at, format!("`{text}` is no price")),
            }
        }
    }
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
    let mut told = BTreeMap::new();
    while let Some(at) = rows.next(&mut record)? {
        let cell = |column: Option<usize>| column.and_then(|c| record.get(c)).unwrap_or("").trim();
        if let Some(why) = overlong(&rows.heads, &record) {
            reader.odd(at, why);
            continue;
        }
        let Some(name) = reader.some(cell(Some(instance))) else {
            // GPUs or TPUs by themselves.
            continue;
        };
        let region = reader.some(cell(Some(region)));
        let shape = || -> Result<Shape, String> {
            Ok(Shape {
                gpu: None,
                gpus: cell::amount(cell(gpus), "AcceleratorCount")?,
                vcpus: cell::amount(cell(vcpus), "vCPUs")?,
                memory_gib: cell::amount(cell(memory), "MemoryGiB")?,
            })
        };
        let shape = match shape() {
            Ok(shape) => Shape { gpu: reader.some(cell(gpu)), ..shape },
            Err(why) => {
                reader.odd(at, why);
                continue;
            }
        };
        let listed = Listed {
            file: None,
            provider: reader.provider.clone(),
            instance: name,
            region: region.clone(),
            zone: None,
            shape,
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

/// Whether anything was found.
pub(super) fn found(reader: &Reader<'_>, form: Form) -> Result<(), Fault> {
    if reader.listed.is_empty() && reader.unread.is_empty() {
        return Err(Fault::Empty { form });
    }
    Ok(())
}
