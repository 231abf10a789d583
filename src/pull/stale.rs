//! How old what was pulled is, by series; offline.

use std::path::Path;

use jiff::Timestamp;

use super::queries::{Ask, Need};
use crate::history::fault::Fault;
use crate::history::snapshot::{self, HOUR, Key};
use crate::plan::MeasureSource;

/// The age of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct Age {
    /// The series.
    pub key: Key,
    /// Whether it is recent enough.
    pub state: State,
    /// The end of its last hour.
    pub last: Option<Timestamp>,
    /// Hours since then.
    pub hours: Option<i64>,
}

/// Whether a series is recent enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is.
    Fresh,
    /// Its last point is older than `stale-after`.
    Stale,
    /// A demand's history that was never pulled, or by another query.
    Missing,
    /// Of what a workload uses, something it does not have.
    Absent,
}

/// The ages of every series asked of a source, in its newest snapshot.
///
/// # Errors
/// If that snapshot was altered or cannot be read.
pub fn ages(
    folder: &Path,
    source: &MeasureSource,
    asks: &[Ask],
    now: Timestamp,
) -> Result<Vec<Age>, Fault> {
    let today = jiff::tz::TimeZone::UTC.to_datetime(now).date();
    let newest = snapshot::newest(folder, &source.name, today)?;
    let notes = newest.map(|newest| newest.provenance.series).unwrap_or_default();
    let age = |ask: &Ask| {
        let same = |note: &&snapshot::SeriesNote| note.key == ask.key && note.query == ask.query;
        let last = notes.iter().find(same).and_then(|note| note.last);
        // The last hour ends an hour after it begins.
        let last = last.map(|last| crate::history::times::instant(last.as_second() + HOUR));
        let seconds = last.map(|last| (now.as_second() - last.as_second()).max(0));
        let state = match seconds {
            Some(seconds) if seconds as f64 > source.stale_after_hours * 3600.0 => State::Stale,
            Some(_) => State::Fresh,
            None if ask.need == Need::Demand => State::Missing,
            None => State::Absent,
        };
        let hours = seconds.map(|seconds| seconds / HOUR);
        Age { key: ask.key.clone(), state, last, hours }
    };
    Ok(asks.iter().map(age).collect())
}

impl State {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fresh => "fresh",
            Self::Stale => "stale",
            Self::Missing => "missing",
            Self::Absent => "absent",
        }
    }
}
