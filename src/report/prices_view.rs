//! Price lists as tables: what a list holds, what changed between two, and what is odd in one.

use super::format;
use super::listing::{Cell, Listing};
use crate::catalogue::compare::Change;
use crate::catalogue::lint::{Odd, OddKind};
use crate::catalogue::{Catalogue, Listed};

/// The prices of a list, each per GPU, vCPU and hour too.
#[must_use]
pub fn prices(prices: &[&Listed], source: &str) -> Listing {
    let row = |price: &&Listed| {
        let shape = &price.shape;
        vec![
            text(price.provider.as_deref()),
            Cell::text(&*price.instance),
            text(price.region.as_deref()),
            text(price.zone.as_deref()),
            Cell::text(price.terms()),
            Cell::exact(price.per_hour),
            Cell::text(price.currency.code()),
            text(shape.gpu.as_deref()),
            Cell::number(Some(shape.gpus).filter(|gpus| *gpus > 0.0)),
            Cell::number(Some(shape.vcpus).filter(|vcpus| *vcpus > 0.0)),
            Cell::number(Some(shape.memory_gib).filter(|gib| *gib > 0.0)),
            Cell::fixed(price.per(shape.gpus), 3),
            Cell::fixed(price.per(shape.vcpus), 4),
            Cell::text(price.as_of.map_or(String::new(), |day| day.to_string())),
            Cell::text(price.place(source)),
        ]
    };
    Listing {
        key: "prices",
        columns: vec![
            ("provider", "Provider"),
            ("instance", "Instance"),
            ("region", "Region"),
            ("zone", "Zone"),
            ("purchase", "Purchase"),
            ("per_hour", "Per hour"),
            ("currency", ""),
            ("gpu", "GPU"),
            ("gpus", "GPUs"),
            ("vcpus", "vCPUs"),
            ("memory_gib", "GiB"),
            ("per_gpu_hour", "GPU-hour"),
            ("per_vcpu_hour", "vCPU-hour"),
            ("as_of", "As of"),
            ("place", "Place"),
        ],
        rows: prices.iter().map(row).collect(),
        ..Listing::default()
    }
    .without_empty(&[
        "provider",
        "zone",
        "gpu",
        "gpus",
        "vcpus",
        "memory_gib",
        "per_gpu_hour",
        "per_vcpu_hour",
    ])
}

/// What changed between two lists; `all` rows, or only those whose price is another.
#[must_use]
pub fn changes(changes: &[Change], shown: Shown) -> Listing {
    let other = |change: &&Change| shown == Shown::All || !change.is_same();
    let row = |change: &Change| {
        let of = change.shown()?;
        let price = |one: &Option<std::sync::Arc<Listed>>| {
            one.as_ref().map_or(Cell::None, |one| Cell::exact(one.per_hour))
        };
        Some(vec![
            text(of.provider.as_deref()),
            Cell::text(&*of.instance),
            text(of.region.as_deref()),
            Cell::text(of.terms()),
            price(&change.old),
            price(&change.new),
            Cell::text(match change.currencies() {
                Some((old, new)) => format!("{old} → {new}"),
                None => of.currency.code().to_owned(),
            }),
            Cell::change(change.share()),
            Cell::text(match (&change.old, &change.new) {
                (None, _) => "new",
                (_, None) => "gone",
                _ if change.currencies().is_some() => "other currency",
                _ if change.share().is_some_and(|s| s.abs() > crate::catalogue::lint::JUMP) => {
                    "jump"
                }
                _ => "",
            }),
        ])
    };
    Listing {
        key: "changes",
        columns: vec![
            ("provider", "Provider"),
            ("instance", "Instance"),
            ("region", "Region"),
            ("purchase", "Purchase"),
            ("old", "Old"),
            ("new", "New"),
            ("currency", ""),
            ("change", "Change"),
            ("note", "Note"),
        ],
        rows: changes.iter().filter(other).filter_map(row).collect(),
        notes: vec![counted(changes)],
        ..Listing::default()
    }
    .without_empty(&["provider", "note"])
}

/// How many prices are in both lists and changed, new, and gone.
fn counted(changes: &[Change]) -> String {
    let count = |is: fn(&Change) -> bool| changes.iter().filter(|change| is(change)).count();
    let both = count(Change::is_of_both);
    let prices = format::counted(both as f64, "price");
    let moved = count(|change| change.is_of_both() && !change.is_same());
    let (new, gone) = (count(|change| change.old.is_none()), count(|change| change.new.is_none()));
    let foreign = match count(|change| change.currencies().is_some()) {
        0 => String::new(),
        foreign => format!(" {foreign} in another currency now: not compared."),
    };
    format!("{prices} in both, {moved} of them changed; {new} new, {gone} gone.{foreign}")
}

/// Which changes are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Every thing in either list.
    All,
    /// Only where the price is another, or one is missing.
    Changed,
}

/// What is odd in a list, with rows that do not read.
#[must_use]
pub fn odd(list: &Catalogue, odd: &[Odd], source: &str) -> Listing {
    let row = |odd: &Odd| {
        let of = &list.listed[odd.of];
        vec![
            Cell::text(of.place(source)),
            Cell::text(odd.kind.word()),
            Cell::text(&*of.instance),
            text(of.region.as_deref().or(of.zone.as_deref())),
            Cell::text(of.terms()),
            Cell::exact(of.per_hour),
            Cell::text(said(list, odd, source)),
        ]
    };
    let unread = list.unread.iter().map(|unread| {
        vec![
            Cell::text(format!("{source}:{}", unread.at.line)),
            Cell::text("unread"),
            Cell::None,
            Cell::None,
            Cell::None,
            Cell::None,
            Cell::text(&*unread.why),
        ]
    });
    Listing {
        key: "odd",
        columns: vec![
            ("place", "Place"),
            ("kind", "Odd"),
            ("instance", "Instance"),
            ("region", "Region"),
            ("purchase", "Purchase"),
            ("per_hour", "Per hour"),
            ("why", "Why"),
        ],
        rows: unread.chain(odd.iter().map(row)).collect(),
        notes: vec![format!(
            "{}, {} odd, {} not read.",
            format::counted(list.listed.len() as f64, "price"),
            odd.len(),
            format::counted(list.unread.len() as f64, "row")
        )],
        ..Listing::default()
    }
}

/// What is odd, in words.
fn said(list: &Catalogue, odd: &Odd, source: &str) -> String {
    let against = odd.against.map(|index| &list.listed[index]);
    let other = against.map_or(String::new(), |other| {
        format!("{} at {}", other.per_hour.normalize(), other.place(source))
    });
    match odd.kind {
        OddKind::Zero => "costs nothing".to_owned(),
        OddKind::Negative => "is below zero".to_owned(),
        OddKind::NotBelowOnDemand => format!("on-demand is {other}"),
        OddKind::Conflict => format!("is also {other}"),
        OddKind::Jump(change) => format!("{:+.0}% against {other}", change * 100.0),
        OddKind::FarFromOthers(times) => format!("{times:.1} times the median of its regions"),
        OddKind::Stale(days) => format!("read {days} days ago, with all of that day"),
        OddKind::Expired => "its last day is past".to_owned(),
    }
}

fn text(text: Option<&str>) -> Cell {
    text.map_or(Cell::None, Cell::text)
}

impl Listing {
    /// Without those of the named columns that hold nothing.
    #[must_use]
    pub fn without_empty(mut self, named: &[&str]) -> Self {
        let empty =
            |column: usize, rows: &[Vec<Cell>]| rows.iter().all(|row| row[column] == Cell::None);
        for name in named {
            let Some(column) = self.columns.iter().position(|(key, _)| key == name) else {
                continue;
            };
            if empty(column, &self.rows) {
                self.columns.remove(column);
                self.rows.iter_mut().for_each(|row| drop(row.remove(column)));
            }
        }
        self
    }
}
