//! What the report was made from, and how to make it again.

use super::{Align, Block, RowKind, Section, Table, cell, plain};
use crate::report::format;
use crate::report::view::BudgetView;

pub(super) fn section(view: &BudgetView) -> Section {
    let provenance = &view.provenance;
    let revision = provenance.revision.as_deref().map(format::plain);
    let mut table =
        Table::new("inputs", "Inputs", "Every file read, with the SHA-256 of its bytes")
            .columns(Align::Text, &["File"])
            .columns(Align::Wrapped, &["SHA-256"]);
    for (path, digest) in &provenance.digests {
        table.push(RowKind::Body, vec![plain(path), plain(digest)]);
    }
    let mut facts = Table::new("facts", "Made from", "The same inputs give the same bytes")
        .columns(Align::Text, &["What"])
        .columns(Align::Wrapped, &["Value"]);
    let prices = view.price_dates.map_or_else(
        || "no price has a date".to_owned(),
        |dates| match (format::day(dates.oldest), format::day(dates.newest)) {
            (oldest, newest) if oldest == newest => newest,
            (oldest, newest) => format!("{oldest} to {newest}"),
        },
    );
    for (what, value) in [
        ("As of", provenance.as_of.to_string()),
        ("Plan revision", revision.unwrap_or_else(|| "outside git".to_owned())),
        ("Prices read", prices),
        ("Draws", provenance.draws.to_string()),
        ("Seed", provenance.seed.to_string()),
        ("Version", format!("capplan {}", provenance.version)),
    ] {
        facts.push(RowKind::Body, vec![cell(what), cell(value)]);
    }
    let command = Block { code: Some(format::plain(&provenance.command)), ..Block::default() };
    let mut blocks = vec![Block::table(facts)];
    blocks.extend(super::calendar::table(view).map(Block::table));
    if !provenance.digests.is_empty() {
        blocks.push(Block::table(table));
    }
    blocks.push(command);
    Section { id: "provenance", heading: "Provenance".to_owned(), blocks }
}
