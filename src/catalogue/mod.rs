//! Price lists: the text of a file goes in, every price in it comes out, each with its place.
//!
//! Five forms are read ([`Form`]), and told apart by their text. A price has the day it was read, a source, a
//! currency, and what it is a price of; what a file does not say, [`Defaults`] do. [`lint`] finds prices that
//! are probably wrong, [`compare`] holds two lists against each other. Nothing here reads files, and no price
//! is ever made up: a row that does not read is [`Unread`], with the reason.

mod cell;
pub mod compare;
mod ec2;
mod fault;
pub mod lint;
mod providers;
pub mod search;
mod spot_history;
mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use fault::Fault;

use crate::calendar::{Date, parse_date};
use crate::money::{Currency, Decimal};
use crate::plan::price::Purchase;

/// The form of a price list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Our own: a CSV with the columns of [`COLUMNS`].
    Csv,
    /// The columns of `SkyPilot`'s catalogue.
    SkyPilot,
    /// JSON as ec2instances.info publishes it: one instance type, or a list of them.
    Ec2Instances,
    /// What `aws ec2 describe-spot-price-history` prints, or a CSV of prices by day and zone.
    SpotHistory,
    /// JSON with providers by name, each with a region and instances.
    Providers,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 5] =
        [Self::Csv, Self::SkyPilot, Self::Ec2Instances, Self::SpotHistory, Self::Providers];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::SkyPilot => "skypilot",
            Self::Ec2Instances => "ec2instances",
            Self::SpotHistory => "spot-history",
            Self::Providers => "providers",
        }
    }

    /// The form of a word.
    #[must_use]
    pub fn find(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.word() == word)
    }
}

/// The columns of our own form, with other names under which each is read.
pub const COLUMNS: &[(&str, &[&str], &str)] = &[
    ("provider", &["cloud"], "who offers it"),
    ("instance", &["sku", "instance_type", "type"], "the type; required"),
    ("region", &[], "where the price holds; everywhere where empty"),
    ("zone", &["availability_zone"], "the zone, for spot"),
    ("purchase", &[], "`on-demand`, `spot` or `reserved`; `on-demand` where empty"),
    ("term", &["term_months"], "months of a reservation"),
    ("upfront", &[], "the share of a reservation paid on the first day, such as `50%` or `0.5`"),
    ("price", &["hourly_usd", "price_per_hour"], "money for one node and hour; required"),
    ("spot", &["spot_hourly_usd", "spot_price"], "the spot price, beside an on-demand one"),
    ("currency", &[], "`USD` where absent"),
    ("unit", &[], "`hour` where absent; `month` is divided by 730"),
    ("gpu", &["gpu_type", "accelerator"], "the GPU model"),
    ("gpus", &["gpu_count", "accelerator_count"], "GPUs of a node"),
    ("vcpus", &["vcpu", "cpu", "cores"], "virtual CPUs of a node"),
    ("memory_gib", &["memory_gb", "memory"], "memory of a node, GiB"),
    ("as_of", &["date", "as-of"], "the day the price was read"),
    ("valid_until", &["until"], "the last day it holds"),
    ("source", &[], "where it was read"),
];

/// One price of one type.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Who offers it, where the list says so.
    pub provider: Option<Arc<str>>,
    /// The type.
    pub instance: Arc<str>,
    /// Where the price holds; everywhere where absent.
    pub region: Option<Arc<str>>,
    /// The zone, where it is a price of one.
    pub zone: Option<Arc<str>>,
    /// What a node has, as far as the list says.
    pub shape: Shape,
    /// How it is bought; never owned.
    pub purchase: Purchase,
    /// Months of a reservation.
    pub term_months: Option<u32>,
    /// The share of a reservation paid on the first day, 0 to 1.
    pub upfront: f64,
    /// Money for one node and hour; for a reservation the effective rate over its term.
    pub per_hour: Decimal,
    /// In which currency.
    pub currency: Currency,
    /// The day it was read.
    pub as_of: Option<Date>,
    /// The last day it holds.
    pub until: Option<Date>,
    /// Where it was read.
    pub source: Option<Arc<str>>,
    /// The file it stands in, where that is not the list it was read with: a file of a plan.
    pub file: Option<Arc<str>>,
    /// Its place in the file.
    pub at: At,
}

/// What a node has.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shape {
    /// The GPU model.
    pub gpu: Option<Arc<str>>,
    /// GPUs.
    pub gpus: f64,
    /// Virtual CPUs; 0 where the list does not say.
    pub vcpus: f64,
    /// Memory in GiB; 0 where the list does not say.
    pub memory_gib: f64,
}

/// A place in the text of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct At {
    /// The line, counted from 1.
    pub line: u32,
    /// The first byte.
    pub start: u32,
    /// How many bytes.
    pub len: u32,
}

/// A row that does not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Where.
    pub at: At,
    /// Why.
    pub why: String,
}

/// A price list.
#[derive(Debug, Clone)]
pub struct Catalogue {
    /// Its form.
    pub form: Form,
    /// Every price, in the order of the file.
    pub listed: Vec<Listed>,
    /// Rows that do not read.
    pub unread: Vec<Unread>,
}

/// What holds where a list does not say.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// Who offers everything.
    pub provider: Option<String>,
    /// The day everything was read.
    pub as_of: Option<Date>,
    /// Where.
    pub source: Option<String>,
}

/// What a list of prices names: the columns that tell one price from another.
pub type Key = (Option<Arc<str>>, Arc<str>, Option<Arc<str>>, Option<Arc<str>>, Purchase, u32, i64);

impl Listed {
    /// What it is a price of, apart from the day.
    #[must_use]
    pub fn key(&self) -> Key {
        #[expect(clippy::cast_possible_truncation, reason = "a share of one")]
        let upfront = (self.upfront * 1e6).round() as i64;
        let term = self.term_months.unwrap_or(0);
        let place = (self.region.clone(), self.zone.clone());
        let (provider, instance) = (self.provider.clone(), Arc::clone(&self.instance));
        (provider, instance, place.0, place.1, self.purchase, term, upfront)
    }

    /// Whether it was read by a day, and still holds then; without a day everything does.
    #[must_use]
    pub fn is_known(&self, day: Option<Date>) -> bool {
        self.as_of.zip(day).is_none_or(|(read, day)| read <= day)
            && self.until.zip(day).is_none_or(|(until, day)| until >= day)
    }

    /// The price of one unit of `much` of a node; `None` where the node has none of it.
    #[must_use]
    pub fn per(&self, much: f64) -> Option<f64> {
        (much > 0.0).then(|| crate::money::to_f64(self.per_hour) / much)
    }

    /// `aws.csv:12`: its file, else that of its list, and its line.
    #[must_use]
    pub fn place(&self, list: &str) -> String {
        format!("{}:{}", self.file.as_deref().unwrap_or(list), self.at.line)
    }

    /// `reserved 12m 50%`, as people write it.
    #[must_use]
    pub fn terms(&self) -> String {
        match self.term_months {
            Some(term) => {
                format!("{} {term}m {:.0}%", self.purchase.word(), self.upfront * 100.0)
            }
            None => self.purchase.word().to_owned(),
        }
    }
}

/// The prices that count on a day: not past their last day, and of each thing those of the newest day.
///
/// Without a day every price is known, and none is past. Several prices of one day all count.
#[must_use]
pub fn in_use(listed: &[Listed], day: Option<Date>) -> Vec<&Listed> {
    let known = |price: &&Listed| price.is_known(day);
    let mut newest: BTreeMap<Key, Option<Date>> = BTreeMap::new();
    for price in listed.iter().filter(known) {
        let held = newest.entry(price.key()).or_default();
        *held = price.as_of.max(*held);
    }
    let last = |price: &&Listed| newest.get(&price.key()).is_some_and(|day| *day == price.as_of);
    listed.iter().filter(known).filter(last).collect()
}

/// Reads a list; its form is told from its text where it is not given.
///
/// # Errors
/// Where the text is of no form, or lacks what its form must have. Rows that do not read by themselves are in
/// [`Catalogue::unread`].
pub fn parse(text: &str, form: Option<Form>, defaults: &Defaults) -> Result<Catalogue, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let form = form.or_else(|| detect(text)).ok_or_else(|| Fault::no_form(text))?;
    let mut reader = Reader::new(defaults);
    match form {
        Form::Csv => table::own(text, &mut reader)?,
        Form::SkyPilot => table::skypilot(text, &mut reader)?,
        Form::Ec2Instances => ec2::read(text, &mut reader)?,
        Form::SpotHistory => spot_history::read(text, &mut reader)?,
        Form::Providers => providers::read(text, &mut reader)?,
    }
    Ok(Catalogue { form, listed: reader.listed, unread: reader.unread })
}

/// The form of a text.
#[must_use]
pub fn detect(text: &str) -> Option<Form> {
    let start = text.trim_start();
    if start.starts_with(['{', '[']) {
        // What is looked for stands near the beginning, or is a name that nothing else has.
        if start.contains("\"SpotPriceHistory\"") || start.contains("\"SpotPrice\"") {
            return Some(Form::SpotHistory);
        }
        if start.contains("\"instance_type\"") && start.contains("\"pricing\"") {
            return Some(Form::Ec2Instances);
        }
        return start.contains("\"instances\"").then_some(Form::Providers);
    }
    let head = start.lines().next()?;
    let has = |name: &str| head.split(',').any(|one| one.trim().trim_matches('"') == name);
    if has("InstanceType") && (has("Date") || has("Timestamp")) {
        return Some(Form::SpotHistory);
    }
    if has("InstanceType") && has("Price") {
        return Some(Form::SkyPilot);
    }
    let own = |names: &[&str]| names.iter().any(|name| has(name));
    let known = |name: &str| {
        COLUMNS
            .iter()
            .any(|(own_name, others, _)| *own_name == name && (own(&[own_name]) || own(others)))
    };
    (known("instance") && known("price")).then_some(Form::Csv)
}

/// The day in a file's name: `aws_vms_2024-02-21.csv`.
#[must_use]
pub fn day_in_name(name: &str) -> Option<Date> {
    let starts = name.char_indices().map(|(at, _)| at);
    starts.filter_map(|at| name.get(at..at + 10)).find_map(parse_date)
}

/// What reading fills.
struct Reader<'d> {
    defaults: &'d Defaults,
    names: BTreeMap<String, Arc<str>>,
    listed: Vec<Listed>,
    unread: Vec<Unread>,
    provider: Option<Arc<str>>,
    source: Option<Arc<str>>,
    usd: Currency,
}

impl<'d> Reader<'d> {
    fn new(defaults: &'d Defaults) -> Self {
        let shared = |text: &Option<String>| text.as_deref().map(Arc::from);
        Self {
            defaults,
            names: BTreeMap::new(),
            listed: Vec::new(),
            unread: Vec::new(),
            provider: shared(&defaults.provider),
            source: shared(&defaults.source),
            usd: Currency::new("USD").unwrap_or_else(|| unreachable!("three capitals")),
        }
    }

    /// A name, kept once.
    fn name(&mut self, text: &str) -> Arc<str> {
        if let Some(name) = self.names.get(text) {
            return Arc::clone(name);
        }
        let name: Arc<str> = Arc::from(text);
        self.names.insert(text.to_owned(), Arc::clone(&name));
        name
    }

    /// A name, unless it is empty.
    fn some(&mut self, text: &str) -> Option<Arc<str>> {
        let text = text.trim();
        (!text.is_empty()).then(|| self.name(text))
    }

    fn odd(&mut self, at: At, why: impl Into<String>) {
        self.unread.push(Unread { at, why: why.into() });
    }
}

#[cfg(test)]
mod tests;
