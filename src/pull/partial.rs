//! What a pull that was interrupted has finished: `history/SOURCE/pull.partial`, one line of JSON a chunk.
//!
//! A line is written as soon as its chunk is there, so that nothing is asked for twice. The last line may
//! be torn; it is left out.
#![expect(clippy::disallowed_methods, reason = "a pull writes beside the plan")]

use std::io::Write;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::chunk::Range;
use super::queries::Ask;
use crate::history::snapshot::{HOUR, HourRow, Key};

/// How many of the last hours of a pull are asked again by the next: they may not have been complete.
pub const OVERLAP: i64 = 3 * HOUR;

/// A chunk that was pulled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chunk {
    /// The series.
    #[serde(flatten)]
    pub key: Key,
    /// The query that was sent.
    pub query: String,
    /// Seconds between raw points.
    pub step_seconds: u32,
    /// The start of its first hour.
    pub from: i64,
    /// The end of its last hour.
    pub until: i64,
    /// The end of the pull it is part of.
    pub end: i64,
    /// Its hours: start, mean, peak, points.
    pub rows: Vec<(i64, f64, f64, u32)>,
    /// What is to be said of it.
    pub remarks: Vec<String>,
}

impl Chunk {
    /// Its hours.
    #[must_use]
    pub fn hours(&self) -> Vec<HourRow> {
        let row =
            |&(at, mean, peak, points): &(i64, f64, f64, u32)| HourRow { at, mean, peak, points };
        self.rows.iter().map(row).collect()
    }

    fn is_of(&self, ask: &Ask) -> bool {
        self.key == ask.key && self.query == ask.query && self.step_seconds == ask.step_seconds
    }
}

/// The chunks finished so far.
#[derive(Debug)]
pub struct Partial {
    path: PathBuf,
    chunks: Vec<Chunk>,
}

impl Partial {
    /// Reads what an earlier run left, if any.
    #[must_use]
    pub fn open(folder: &Path) -> Self {
        let path = folder.join("pull.partial");
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let chunks = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Self { path, chunks }
    }

    /// The chunks of a series.
    pub fn of<'a>(&'a self, ask: &'a Ask) -> impl Iterator<Item = &'a Chunk> {
        self.chunks.iter().filter(|chunk| chunk.is_of(ask))
    }

    /// What of a series need not be asked again by a pull that ends at `end`.
    #[must_use]
    pub fn covered(&self, ask: &Ask, end: i64) -> Vec<Range> {
        let range = |chunk: &Chunk| {
            let settled = if chunk.end == end { chunk.until } else { chunk.end - OVERLAP };
            Range { from: chunk.from, until: chunk.until.min(settled) }
        };
        self.of(ask).map(range).collect()
    }

    /// Keeps a chunk, on disk too.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn add(&mut self, chunk: Chunk) -> std::io::Result<()> {
        let mut line = serde_json::to_string(&chunk)?;
        // A torn line before it must not take this one along.
        line.insert(0, '\n');
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(&self.path)?;
        file.write_all(line.as_bytes())?;
        self.chunks.push(chunk);
        Ok(())
    }

    /// Forgets every chunk but those of these series, which are still to be finished.
    ///
    /// # Errors
    /// If the file cannot be written or removed.
    pub fn keep_only(mut self, unfinished: &[&Ask]) -> std::io::Result<()> {
        self.chunks.retain(|chunk| unfinished.iter().any(|ask| chunk.is_of(ask)));
        if self.chunks.is_empty() {
            return match std::fs::remove_file(&self.path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            };
        }
        let lines: Result<Vec<String>, _> = self.chunks.iter().map(serde_json::to_string).collect();
        std::fs::write(&self.path, lines?.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::tests::Folder;
    use crate::pull::queries::Need;

    fn ask(workload: &str) -> Ask {
        Ask {
            key: Key { workload: workload.into(), metric: "cpu".into() },
            unit: "core".into(),
            query: "q".into(),
            step_seconds: 300,
            need: Need::Demand,
        }
    }

    fn chunk(workload: &str, from: i64, until: i64) -> Chunk {
        Chunk {
            key: ask(workload).key,
            query: "q".into(),
            step_seconds: 300,
            from: from * HOUR,
            until: until * HOUR,
            end: 100 * HOUR,
            rows: vec![(from * HOUR, 0.1 + 0.2, 1.0 / 3.0, 12)],
            remarks: Vec::new(),
        }
    }

    #[test]
    fn a_second_run_finds_what_the_first_wrote_to_the_last_bit() {
        let folder = Folder::new("partial");
        let mut first = Partial::open(folder.path());
        first.add(chunk("chat", 0, 50)).unwrap();
        let mut torn = std::fs::OpenOptions::new()
            .append(true)
            .open(folder.path().join("pull.partial"))
            .unwrap();
        torn.write_all(b"\n{\"workload\":\"cha").unwrap();
        first.add(chunk("chat", 50, 100)).unwrap();
        let second = Partial::open(folder.path());
        assert_eq!(second.chunks, first.chunks);
        assert_eq!(second.of(&Ask { query: "other".into(), ..ask("chat") }).count(), 0);
        let hours = |from, until| Range { from: from * HOUR, until: until * HOUR };
        assert_eq!(second.covered(&ask("chat"), 100 * HOUR), [hours(0, 50), hours(50, 100)]);
        assert_eq!(second.covered(&ask("chat"), 120 * HOUR), [hours(0, 50), hours(50, 97)]);
    }

    #[test]
    fn only_what_is_unfinished_is_kept() {
        let folder = Folder::new("unfinished");
        let mut partial = Partial::open(folder.path());
        partial.add(chunk("chat", 0, 50)).unwrap();
        partial.add(chunk("rank", 0, 50)).unwrap();
        partial.keep_only(&[&ask("rank")]).unwrap();
        let left = Partial::open(folder.path());
        assert_eq!(left.chunks.len(), 1);
        left.keep_only(&[]).unwrap();
        assert!(!folder.path().join("pull.partial").exists());
    }
}
