//! What is still to be asked: every series of a source, less what its newest snapshot and an interrupted
//! pull have.

use std::path::Path;

use jiff::Timestamp;

use super::chunk::{Range, chunks, missing};
use super::partial::{OVERLAP, Partial};
use super::queries::Ask;
use crate::calendar::Date;
use crate::history::snapshot::{self, HOUR, HourRow, SeriesNote, Snapshot};
use crate::plan::MeasureSource;

/// Everything to be asked of a source.
#[derive(Debug)]
pub struct Agenda {
    /// The name of the source.
    pub source: String,
    /// The day of the pull, UTC.
    pub today: Date,
    /// The end of the last whole hour, in seconds since 1970-01-01 00:00 UTC.
    pub end: i64,
    /// The newest snapshot, whose older rows are kept.
    pub base: Option<Snapshot>,
    /// What an interrupted pull finished.
    pub partial: Partial,
    /// Every series, by workload and metric.
    pub items: Vec<Item>,
    /// What is to be said beforehand.
    pub remarks: Vec<String>,
}

/// A series to be asked for.
#[derive(Debug)]
pub struct Item {
    /// The series.
    pub ask: Ask,
    /// All of it that will then be known: from the window's begin, or the snapshot's.
    pub whole: Range,
    /// What the snapshot knows of it, by the same query.
    pub known: Option<SeriesNote>,
    /// The ranges to ask for, each within the limits of a server.
    pub chunks: Vec<Range>,
}

/// Finds what is still to be asked of a source.
#[must_use]
pub fn agenda(folder: &Path, source: &MeasureSource, asks: Vec<Ask>, now: Timestamp) -> Agenda {
    let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
    let end = now.as_second().div_euclid(HOUR) * HOUR;
    let mut remarks = Vec::new();
    let base = newest_sound(folder, source, today, &mut remarks);
    let partial = Partial::open(&folder.join(snapshot::folder_of(&source.name)));
    let window = Range { from: end - hours(source.window_hours) * HOUR, until: end };
    let items = asks
        .into_iter()
        .map(|ask| item(ask, window, base.as_ref(), &partial, &mut remarks))
        .collect();
    Agenda { source: source.name.clone(), today, end, base, partial, items, remarks }
}

fn item(
    ask: Ask,
    window: Range,
    base: Option<&Snapshot>,
    partial: &Partial,
    remarks: &mut Vec<String>,
) -> Item {
    let notes = base.map(|base| base.provenance.series.as_slice()).unwrap_or_default();
    let before = notes.iter().find(|note| note.key == ask.key && note.rows > 0);
    let known = before
        .filter(|note| note.query == ask.query && note.step_seconds == ask.step_seconds)
        .cloned();
    if before.is_some() && known.is_none() {
        let (workload, metric) = (&ask.key.workload, &ask.key.metric);
        remarks.push(format!(
            "workload `{workload}`, `{metric}`: its query or step has changed, so it is pulled anew as a whole"
        ));
    }
    let mut covered = partial.covered(&ask, window.until);
    let mut whole = window;
    if let Some(note) = &known {
        let (from, until) = (note.from.as_second(), note.until.as_second());
        covered.push(Range { from, until: until - OVERLAP });
        whole.from = whole.from.min(from);
    }
    let left = missing(window, &covered);
    let chunks = left.into_iter().flat_map(|range| chunks(range, ask.step_seconds)).collect();
    Item { ask, whole, known, chunks }
}

impl Item {
    /// The rows of the snapshot that are kept.
    #[must_use]
    pub fn old<'a>(&self, base: Option<&'a Snapshot>) -> &'a [HourRow] {
        let known = self.known.as_ref().and_then(|note| base?.rows.get(&note.key));
        known.map(Vec::as_slice).unwrap_or_default()
    }
}

/// The newest snapshot that was not altered.
fn newest_sound(
    folder: &Path,
    source: &MeasureSource,
    today: Date,
    remarks: &mut Vec<String>,
) -> Option<Snapshot> {
    let dates = snapshot::dates(folder, &source.name);
    dates.into_iter().rev().filter(|date| *date <= today).find_map(|date| {
        let read = snapshot::read(folder, &source.name, date);
        if let Err(fault) = &read {
            let path = snapshot::path_of(&source.name, date);
            remarks.push(format!("`{path}` is not built upon: {fault}"));
        }
        read.ok()
    })
}

/// Whole hours, at least one.
#[expect(clippy::cast_possible_truncation, reason = "hours of some years")]
fn hours(hours: f64) -> i64 {
    hours.ceil().clamp(1.0, 1e6) as i64
}
