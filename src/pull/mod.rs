//! Pulling: asks the sources of a plan for measured usage and writes it as snapshots beside the plan.
//!
//! In: a plan's sources, the clock, a way to wait, secrets. Out: `history/SOURCE/DATE.parquet` with its
//! provenance, in the form of [`snapshot`]. No other room touches the network, and
//! no other command asks a source.
//!
//! A pull asks only for what the newest snapshot lacks, and copies the older rows over, so that history
//! outlives what a server keeps. What is finished is kept at once: an interrupted pull goes on where it was.

pub mod agenda;
pub mod chunk;
pub mod client;
pub mod fault;
pub mod hours;
mod partial;
pub mod prometheus;
pub mod queries;
pub mod retry;
pub mod stale;
mod store;

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use crate::history::snapshot::{self, HourRow, Key, Provenance, SeriesNote};
use crate::history::times::instant;
use crate::plan::MeasureSource;
use agenda::{Agenda, Item};
use chunk::Range;
use client::{Access, Client};
use fault::Fault;
use partial::Chunk;
use prometheus::Server;
use queries::Need;
use retry::Policy;

/// What a pull needs of the world.
pub struct World<'a> {
    /// The present.
    pub now: Timestamp,
    /// Waits.
    pub sleep: &'a dyn Fn(Duration),
    /// Is told before every request: which series, how many are done, of how many.
    pub progress: &'a dyn Fn(&Key, usize, usize),
}

/// What a pull of one source came to.
#[derive(Debug)]
pub struct Pulled {
    /// The snapshot written, as a path from the plan's folder.
    pub path: Option<String>,
    /// The source's address without credentials.
    pub server: String,
    /// Every series, by workload and metric.
    pub series: Vec<SeriesPulled>,
    /// What went wrong with the source as a whole.
    pub fault: Option<Fault>,
    /// What is to be said of the source.
    pub remarks: Vec<String>,
}

/// What a pull of one series came to.
#[derive(Debug)]
pub struct SeriesPulled {
    /// What the snapshot says of it; where it failed, of its older rows.
    pub note: SeriesNote,
    /// Hours that the last snapshot did not have.
    pub new_rows: usize,
    /// Who needs it.
    pub need: Need,
    /// What went wrong.
    pub fault: Option<Fault>,
}

/// Pulls a source by its agenda, and writes its snapshot if any series was finished.
#[must_use]
pub fn pull(
    folder: &Path,
    source: &MeasureSource,
    agenda: Agenda,
    access: &Access,
    world: &World<'_>,
) -> Pulled {
    let mut pulled = Pulled {
        path: None,
        server: String::new(),
        series: Vec::new(),
        fault: None,
        remarks: agenda.remarks.clone(),
    };
    let client = match Client::new(access) {
        Ok(client) => client,
        Err(fault) => return Pulled { fault: Some(fault), ..pulled },
    };
    client.address().clone_into(&mut pulled.server);
    if client.tells_its_secret() {
        pulled
            .remarks
            .push(String::from("its secret crosses the network unencrypted: use `https://`"));
    }
    let server = Server { client, policy: Policy::USUAL, sleep: world.sleep };
    let version = store::prepare(folder, &source.name).and_then(|()| server.version());
    match version {
        Ok(version) => run(folder, source, agenda, &server, version, world, pulled),
        Err(fault) => Pulled { fault: Some(fault), ..pulled },
    }
}

fn run(
    folder: &Path,
    source: &MeasureSource,
    mut agenda: Agenda,
    server: &Server<'_>,
    version: Option<String>,
    world: &World<'_>,
    mut pulled: Pulled,
) -> Pulled {
    let total = agenda.items.iter().map(|item| item.chunks.len()).sum();
    let items = std::mem::take(&mut agenda.items);
    let mut done = 0;
    let mut rows: BTreeMap<Key, Vec<HourRow>> = BTreeMap::new();
    for item in &items {
        let asked = if pulled.fault.is_some() {
            Err(Fault::NotAsked)
        } else {
            ask(item, &mut agenda, server, world, &mut done, total)
        };
        if let Err(fault) = &asked
            && fault.is_of_source()
        {
            pulled.fault = Some(fault.clone());
        }
        let old = item.old(agenda.base.as_ref());
        let series = settle(item, &agenda, asked.err());
        let hours = match &series.fault {
            Some(_) => old.to_vec(),
            None => finished(item, &agenda),
        };
        if !hours.is_empty() {
            rows.insert(item.ask.key.clone(), hours);
        }
        pulled.series.push(series);
    }
    if pulled.series.iter().any(|series| series.fault.is_none() && series.note.rows > 0) {
        match save(folder, source, &agenda, version, world, &pulled, rows) {
            Ok(path) => pulled.path = Some(path),
            Err(fault) => {
                pulled.fault = Some(fault);
                return pulled;
            }
        }
    }
    // What came out empty is asked again as a whole: its name may be put right on the server.
    let unfinished = |series: &SeriesPulled| {
        series.fault.as_ref().is_some_and(|fault| !matches!(fault, Fault::Empty { .. }))
    };
    let both = items.iter().zip(&pulled.series);
    let unfinished: Vec<_> =
        both.filter(|(_, series)| unfinished(series)).map(|(item, _)| &item.ask).collect();
    if let Err(error) = agenda.partial.keep_only(&unfinished) {
        pulled.remarks.push(format!("what is no longer needed could not be removed: {error}"));
    }
    pulled
}

/// Writes the snapshot and gives its path.
fn save(
    folder: &Path,
    source: &MeasureSource,
    agenda: &Agenda,
    version: Option<String>,
    world: &World<'_>,
    pulled: &Pulled,
    mut rows: BTreeMap<Key, Vec<HourRow>>,
) -> Result<String, Fault> {
    let mut series = pulled.series.iter().map(|series| series.note.clone()).collect();
    keep_unasked(agenda, &mut series, &mut rows);
    let provenance = Provenance {
        format: 1,
        source: source.name.clone(),
        server: pulled.server.clone(),
        version,
        pulled: instant(world.now.as_second()),
        capplan: env!("CARGO_PKG_VERSION").to_owned(),
        sha256: String::new(),
        series,
    };
    store::write(folder, agenda.today, provenance, &rows)
}

/// Asks for every chunk of a series that is missing, and keeps each as soon as it is there.
fn ask(
    item: &Item,
    agenda: &mut Agenda,
    server: &Server<'_>,
    world: &World<'_>,
    done: &mut usize,
    total: usize,
) -> Result<(), Fault> {
    let before = *done;
    *done += item.chunks.len();
    for (index, range) in item.chunks.iter().enumerate() {
        let ask = &item.ask;
        (world.progress)(&ask.key, before + index, total);
        let answer = server.range(&ask.query, *range, ask.step_seconds)?;
        let mut remarks: Vec<String> =
            answer.warnings.iter().map(|warning| format!("the server warns: {warning}")).collect();
        if answer.series > 1 {
            remarks.push(format!(
                "the query answers with {} series, which were summed: write `sum(…)` to say so",
                answer.series
            ));
        }
        if answer.not_finite > 0 {
            remarks.push(format!("{} values that are no number left out", answer.not_finite));
        }
        let rows = hours::hours(&answer.points);
        let chunk = Chunk {
            key: ask.key.clone(),
            query: ask.query.clone(),
            step_seconds: ask.step_seconds,
            from: range.from,
            until: range.until,
            end: agenda.end,
            rows: rows.iter().map(|row| (row.at, row.mean, row.peak, row.points)).collect(),
            remarks,
        };
        agenda.partial.add(chunk).map_err(|error| Fault::Write {
            path: format!("{}/pull.partial", snapshot::folder_of(&agenda.source)),
            why: error.to_string(),
        })?;
    }
    Ok(())
}

/// All rows of a series whose chunks are all there.
fn finished(item: &Item, agenda: &Agenda) -> Vec<HourRow> {
    // Later chunks are newer readings.
    let new = agenda
        .partial
        .of(&item.ask)
        .fold(Vec::new(), |rows, chunk| hours::merged(&rows, &chunk.hours()));
    hours::merged(item.old(agenda.base.as_ref()), &new)
}

/// What is to be said of a series.
fn settle(item: &Item, agenda: &Agenda, fault: Option<Fault>) -> SeriesPulled {
    let old = item.old(agenda.base.as_ref());
    let ask = &item.ask;
    let known = item.known.as_ref();
    let rows = if fault.is_some() { old.to_vec() } else { finished(item, agenda) };
    let Range { from, until } = item.whole;
    let (from, until) = (instant(from), instant(until));
    let empty = fault.is_none() && rows.is_empty() && ask.need == Need::Demand;
    let range = match (&fault, known) {
        (Some(_), Some(note)) => (note.from, note.until),
        _ => (from, until),
    };
    let mut remarks: Vec<String> =
        agenda.partial.of(ask).flat_map(|chunk| &chunk.remarks).cloned().collect();
    remarks.extend(known.iter().flat_map(|note| &note.remarks).cloned());
    remarks.sort();
    remarks.dedup();
    let note = SeriesNote {
        key: ask.key.clone(),
        unit: ask.unit.clone(),
        query: ask.query.clone(),
        step_seconds: ask.step_seconds,
        from: range.0,
        until: range.1,
        rows: rows.len(),
        first: rows.first().map(|row| instant(row.at)),
        last: rows.last().map(|row| instant(row.at)),
        gaps: snapshot::gaps(&rows),
        remarks,
    };
    SeriesPulled {
        new_rows: rows.len() - old.len(),
        need: ask.need,
        fault: fault.or_else(|| empty.then_some(Fault::Empty { from, until })),
        note,
    }
}

/// Copies over what the plan no longer asks for, or is being pulled by another query and failed.
fn keep_unasked(
    agenda: &Agenda,
    notes: &mut Vec<SeriesNote>,
    rows: &mut BTreeMap<Key, Vec<HourRow>>,
) {
    let Some(base) = &agenda.base else { return };
    for note in &base.provenance.series {
        if rows.contains_key(&note.key) {
            continue;
        }
        if let Some(old) = base.rows.get(&note.key) {
            notes.retain(|new| new.key != note.key);
            notes.push(note.clone());
            rows.insert(note.key.clone(), old.clone());
        }
    }
    notes.sort_by(|a, b| a.key.cmp(&b.key));
}

/// When a range begins.
#[must_use]
pub fn start_of(range: Range) -> Timestamp {
    instant(range.from)
}

/// When a range ends.
#[must_use]
pub fn end_of(range: Range) -> Timestamp {
    instant(range.until)
}

#[cfg(test)]
mod tests;
