//! What can be bought or is owned: GPU models, providers, instance types, storage tiers, hardware.

use std::collections::BTreeMap;

use crate::calendar::Date;
use crate::estimate::Estimate;
use crate::ids::{Id, Named};
use crate::money::{Currency, Decimal};
use crate::plan::price::{Amount, InstancePrice, PriceSource, Purchase, TieredPrice};
use crate::source::Span;

/// A GPU model.
#[derive(Debug, Clone)]
pub struct GpuModel {
    /// Its name.
    pub name: String,
    /// Memory of one GPU, in bytes.
    pub memory_bytes: Option<f64>,
    /// Power of one GPU, in watts.
    pub power_watts: Option<f64>,
    /// Memory bandwidth, in bytes per second.
    pub bandwidth_bytes_per_second: Option<f64>,
    /// Peak FLOP/s by number format (`bf16`, `fp8`, `fp4`).
    pub peak_flops: BTreeMap<String, f64>,
    /// Where the plan declares it.
    pub origin: Span,
}

/// What one node offers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct NodeShape {
    /// GPUs.
    pub gpus: f64,
    /// CPU cores.
    pub cores: f64,
    /// Memory, in bytes.
    pub memory_bytes: f64,
    /// Local storage, in bytes.
    pub storage_bytes: f64,
    /// Network, in bits per second.
    pub network_bits_per_second: f64,
}

/// A cloud provider.
#[derive(Debug, Clone)]
pub struct Provider {
    /// Its name.
    pub name: String,
    /// The regions the plan names.
    pub regions: Vec<String>,
    /// The currency it lists its prices in, and where the plan says so.
    pub currency: Option<(Currency, Span)>,
    /// Default as-of date and source of its prices.
    pub price_list: Option<PriceSource>,
    /// Transfer prices by kind (`internet`, `cross-region`, `cross-zone`), each in rising steps.
    pub egress: BTreeMap<EgressKind, Vec<TieredPrice>>,
    /// Support as a share of spend, 0 to 1.
    pub support_share: Option<f64>,
    /// Discounts negotiated with it, in the order of the plan's lines.
    pub negotiated: Vec<Negotiated>,
    /// Credits it gives, by name.
    pub credits: Vec<Credit>,
    /// Where the plan declares it.
    pub origin: Span,
}

/// A discount negotiated with a provider.
#[derive(Debug, Clone)]
pub struct Negotiated {
    /// What it takes off, 0 to 1.
    pub share: f64,
    /// Off which prices.
    pub on: DiscountOn,
    /// Its last day; it stays where absent.
    pub until: Option<Date>,
    /// The spend a year that it asks for, in plan currency.
    pub commitment_per_year: Option<Decimal>,
    /// Where it is written.
    pub source: Option<String>,
    /// Where the plan says it.
    pub origin: Span,
}

/// Which prices a discount is taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiscountOn {
    /// Nodes bought in this way.
    Purchase(Purchase),
    /// Nodes however bought, storage, transfer and what is bought by the unit.
    Everything,
}

/// Money that a provider gives, to be used up in a period.
#[derive(Debug, Clone)]
pub struct Credit {
    /// Its name.
    pub name: String,
    /// How much, in plan currency.
    pub amount: Decimal,
    /// The first day on which it may be used.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// Where the plan says it.
    pub origin: Span,
}

/// Where transferred data goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EgressKind {
    /// Out to the internet.
    Internet,
    /// To another region of the provider.
    CrossRegion,
    /// To another zone of the region.
    CrossZone,
}

impl EgressKind {
    /// The word of the language.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Internet => "internet",
            Self::CrossRegion => "cross-region",
            Self::CrossZone => "cross-zone",
        }
    }
}

/// An instance type.
#[derive(Debug, Clone)]
pub struct Instance {
    /// Its name.
    pub name: String,
    /// Who offers it.
    pub provider: Id<Provider>,
    /// Its GPU model, where it has GPUs.
    pub gpu: Option<Id<GpuModel>>,
    /// What one node offers.
    pub shape: NodeShape,
    /// Its prices.
    pub prices: Vec<InstancePrice>,
    /// Capacity blocks of it on sale.
    pub blocks: Vec<CapacityBlock>,
    /// Relative change of its prices a month (0.01 is +1% a month), from the horizon's first month.
    pub price_trend_per_month: Option<Estimate>,
    /// Where the plan declares it.
    pub origin: Span,
}

/// Nodes that can be had for a fixed window, paid on its first day.
#[derive(Debug, Clone)]
pub struct CapacityBlock {
    /// Money for one node and one hour.
    pub per_hour: Amount,
    /// The region it is sold in; every region where absent.
    pub region: Option<String>,
    /// Time from ordering to the first day, in hours.
    pub lead_time_hours: Option<Estimate>,
    /// Where the price comes from.
    pub source: PriceSource,
    /// Where the plan says it.
    pub origin: Span,
}

/// A storage class of a provider.
#[derive(Debug, Clone)]
pub struct StorageTier {
    /// Its name.
    pub name: String,
    /// Who offers it.
    pub provider: Id<Provider>,
    /// Money per byte and 730-hour month, in rising steps of the volume held.
    pub prices: Vec<TieredPrice>,
    /// Money per byte read back, if it costs anything.
    pub retrieval_per_byte: Option<Amount>,
    /// Money for a request, if it costs anything.
    pub per_request: Option<Amount>,
    /// The least time that data is billed for, in hours.
    pub minimum_stay_hours: Option<f64>,
    /// Where the plan declares it.
    pub origin: Span,
}

/// When depreciation of a purchase begins within its first month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DepreciationConvention {
    /// The month of the in-service date counts whole.
    FullMonth,
    /// It counts half, and so does the month after the last.
    MidMonth,
    /// It counts by days.
    Daily,
}

/// Hardware the organisation owns.
#[derive(Debug, Clone)]
pub struct Owned {
    /// Its name.
    pub name: String,
    /// Its GPU model, where it has GPUs.
    pub gpu: Option<Id<GpuModel>>,
    /// What one node offers.
    pub shape: NodeShape,
    /// Straight-line depreciation over so many months; none where absent.
    pub depreciate_months: Option<u32>,
    /// When depreciation begins.
    pub convention: DepreciationConvention,
    /// The share of the purchase price left at the end, 0 to 1.
    pub residual_share: f64,
    /// Power of one node, in kilowatts.
    pub power_kilowatts: f64,
    /// Power usage effectiveness: total over IT power, at least 1.
    pub pue: f64,
    /// Money for a kilowatt-hour.
    pub power_price_per_kwh: Option<Amount>,
    /// Hosting, money per node and calendar month.
    pub hosting_per_node_month: Option<Amount>,
    /// Support a year as a share of the purchase price.
    pub support_share_per_year: f64,
    /// Full-time equivalents a node, and the cost of one a year.
    pub staff: Option<(f64, Amount)>,
    /// The share of time a node is usable, 0 to 1.
    pub availability: Option<Estimate>,
    /// What was or will be bought, by name.
    pub lots: Vec<Lot>,
    /// Where the plan declares it.
    pub origin: Span,
}

/// One purchase of owned nodes: a line of the asset register.
#[derive(Debug, Clone)]
pub struct Lot {
    /// Its name.
    pub name: String,
    /// How many nodes.
    pub nodes: u32,
    /// Money for one node.
    pub purchase_per_node: Amount,
    /// When it went, or is due to go, into service.
    pub in_service: Date,
    /// Whether it is still to come (`due`).
    pub due: bool,
    /// Slip after the due date, in days.
    pub slip_days: Option<Estimate>,
    /// Chance that it comes at all, 0 to 1.
    pub chance: Option<f64>,
    /// Payments: share of the price, and on which day; `None` is on delivery.
    pub payments: Vec<(f64, Option<Date>)>,
    /// Where the plan declares it.
    pub origin: Span,
}

impl Lot {
    /// The key of the draw that decides whether it comes.
    #[must_use]
    pub fn chance_key(&self, owned: &str) -> String {
        format!("owned/{owned}/lot/{}.chance", self.name)
    }
}

impl Named for GpuModel {
    fn name(&self) -> &str {
        &self.name
    }
}
impl Named for Provider {
    fn name(&self) -> &str {
        &self.name
    }
}
impl Named for Instance {
    fn name(&self) -> &str {
        &self.name
    }
}
impl Named for StorageTier {
    fn name(&self) -> &str {
        &self.name
    }
}
impl Owned {
    /// The lot that came last, or will; of several of one day the first by name. Its price is what a further node costs.
    #[must_use]
    pub fn newest(&self) -> Option<&Lot> {
        self.lots.iter().max_by(|a, b| a.in_service.cmp(&b.in_service).then(b.name.cmp(&a.name)))
    }
}

impl Named for Owned {
    fn name(&self) -> &str {
        &self.name
    }
}
