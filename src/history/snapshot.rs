//! Snapshots: what `capplan pull` measured, as `history/SOURCE/DATE.parquet` beside the plan, with its
//! provenance in `DATE.json`.
//!
//! One row a workload, metric and hour, in that order: `workload, metric, time, mean, peak, points`; an
//! hour without a point has no row. The provenance carries the Parquet file's digest, so a snapshot that
//! was altered is found. Reading needs no source and no network.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::calendar::{Date, parse_date};
use crate::history::fault::Fault;
use crate::history::frames::{Table, Unreadable};
use crate::history::parquet::{Cells, parquet};
use crate::history::times;

/// Seconds in an hour.
pub const HOUR: i64 = 3600;

/// An hour of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct HourRow {
    /// When it begins, in seconds since 1970-01-01 00:00 UTC; a whole hour.
    pub at: i64,
    /// The mean of its points.
    pub mean: f64,
    /// The largest of its points.
    pub peak: f64,
    /// How many points it has; at least one.
    pub points: u32,
}

/// The name of a series inside a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// The workload.
    pub workload: String,
    /// The word of the metric.
    pub metric: String,
}

/// Where a snapshot comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// The form of these files.
    pub format: u32,
    /// The name of the source.
    pub source: String,
    /// Its address, without credentials.
    pub server: String,
    /// The server's version, where it says one.
    pub version: Option<String>,
    /// When it was pulled.
    pub pulled: Timestamp,
    /// The version of capplan that did.
    pub capplan: String,
    /// SHA-256 of the Parquet file, in hexadecimal.
    pub sha256: String,
    /// Every series, by workload and metric.
    pub series: Vec<SeriesNote>,
}

/// Where a series of a snapshot comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesNote {
    /// Its name.
    #[serde(flatten)]
    pub key: Key,
    /// What its values are in: `req/s`, `core`, `byte`.
    pub unit: String,
    /// The query that was sent.
    pub query: String,
    /// Seconds from one raw point to the next.
    pub step_seconds: u32,
    /// The first hour asked for.
    pub from: Timestamp,
    /// The end of the last hour asked for.
    pub until: Timestamp,
    /// How many hours have a value.
    pub rows: usize,
    /// The first hour with a value.
    pub first: Option<Timestamp>,
    /// The last hour with a value.
    pub last: Option<Timestamp>,
    /// Hours without a value between those two.
    pub gaps: Vec<Gap>,
    /// What the server said of it, and what was mended.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// Hours without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// The first.
    pub from: Timestamp,
    /// How many.
    pub hours: i64,
}

/// A snapshot in memory.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The day it was pulled.
    pub date: Date,
    /// Where it comes from.
    pub provenance: Provenance,
    /// Rows by series, each in the order of time.
    pub rows: BTreeMap<Key, Vec<HourRow>>,
}

/// One series of a workload.
#[derive(Debug, Clone, Copy)]
pub struct Measured<'a> {
    /// Its unit, query and range.
    pub note: &'a SeriesNote,
    /// Its hours, in the order of time.
    pub rows: &'a [HourRow],
}

impl Snapshot {
    /// Everything measured of a workload, by the word of its metric.
    #[must_use]
    pub fn of(&self, workload: &str) -> BTreeMap<&str, Measured<'_>> {
        let notes = self.provenance.series.iter().filter(|note| note.key.workload == workload);
        let with_rows = notes.filter_map(|note| {
            let rows = self.rows.get(&note.key)?;
            Some((note.key.metric.as_str(), Measured { note, rows }))
        });
        with_rows.collect()
    }
}

/// The folder of a source's snapshots, relative to the plan's, with forward slashes.
#[must_use]
pub fn folder_of(source: &str) -> String {
    format!("history/{source}")
}

/// The path of a snapshot's Parquet file, relative to the plan's folder.
#[must_use]
pub fn path_of(source: &str, date: Date) -> String {
    format!("{}/{date}.parquet", folder_of(source))
}

/// The days of which a source has snapshots, in order.
#[must_use]
pub fn dates(folder: &Path, source: &str) -> Vec<Date> {
    let Ok(entries) = std::fs::read_dir(folder.join(folder_of(source))) else { return Vec::new() };
    let mut dates: Vec<Date> = entries
        .filter_map(|entry| {
            let name = entry.ok()?.file_name();
            parse_date(name.to_str()?.strip_suffix(".parquet")?)
        })
        .collect();
    dates.sort_unstable();
    dates
}

/// Reads the newest snapshot of a source that is not after `as_of`; nothing where there is none.
///
/// # Errors
/// If it was altered, or cannot be read.
pub fn newest(folder: &Path, source: &str, as_of: Date) -> Result<Option<Snapshot>, Fault> {
    let date = dates(folder, source).into_iter().rfind(|date| *date <= as_of);
    date.map(|date| read(folder, source, date)).transpose()
}

/// Reads the snapshot of a day.
///
/// # Errors
/// If it is missing, was altered, or cannot be read.
#[expect(clippy::disallowed_methods, reason = "this pass reads the history files")]
pub fn read(folder: &Path, source: &str, date: Date) -> Result<Snapshot, Fault> {
    let path = path_of(source, date);
    let bytes = std::fs::read(folder.join(&path)).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Fault::Missing,
        _ => Fault::Io(error.to_string()),
    })?;
    let provenance = verify(folder, &path, &digest(&bytes))?;
    let mut table = Table::open(bytes).map_err(|error| Fault::Unreadable(error.0))?;
    let rows = rows(&mut table).map_err(|error| Fault::Unreadable(error.0))?;
    Ok(Snapshot { date, provenance, rows })
}

/// The provenance beside a snapshot whose bytes have this digest.
///
/// # Errors
/// If there is none, or it is of other bytes.
#[expect(clippy::disallowed_methods, reason = "this pass reads the history files")]
pub(super) fn verify(folder: &Path, path: &str, digest: &str) -> Result<Provenance, Fault> {
    let beside = folder.join(path).with_extension("json");
    let altered = |why: String| Fault::Altered { why };
    let text = std::fs::read_to_string(&beside)
        .map_err(|error| altered(format!("its provenance cannot be read: {error}")))?;
    let provenance: Provenance = serde_json::from_str(&text)
        .map_err(|error| altered(format!("its provenance does not read: {error}")))?;
    if provenance.format != 1 {
        return Err(altered(format!(
            "its form is {}, and this version reads 1",
            provenance.format
        )));
    }
    if provenance.sha256 != digest {
        return Err(altered(String::from("its bytes are not those whose digest stands beside it")));
    }
    Ok(provenance)
}

/// SHA-256 in hexadecimal.
pub(super) fn digest(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The two files of a snapshot: Parquet, then its provenance with the digest filled in.
///
/// # Errors
/// If the table cannot be encoded.
pub fn encode(
    provenance: Provenance,
    rows: &BTreeMap<Key, Vec<HourRow>>,
) -> Result<(Vec<u8>, String), Unreadable> {
    let all = || rows.iter().flat_map(|(key, rows)| rows.iter().map(move |row| (key, row)));
    let parquet = parquet(&[
        ("workload", Cells::Text(all().map(|(key, _)| Some(key.workload.clone())).collect())),
        ("metric", Cells::Text(all().map(|(key, _)| Some(key.metric.clone())).collect())),
        ("time", Cells::Time(all().map(|(_, row)| Some(row.at)).collect())),
        ("mean", Cells::Number(all().map(|(_, row)| Some(row.mean)).collect())),
        ("peak", Cells::Number(all().map(|(_, row)| Some(row.peak)).collect())),
        ("points", Cells::Integer(all().map(|(_, row)| Some(i64::from(row.points))).collect())),
    ])?;
    let provenance = Provenance { sha256: digest(&parquet), ..provenance };
    let json = serde_json::to_string_pretty(&provenance).map_err(|e| Unreadable(e.to_string()))?;
    Ok((parquet, json + "\n"))
}

/// The rows of a snapshot's table.
fn rows(table: &mut Table) -> Result<BTreeMap<Key, Vec<HourRow>>, Unreadable> {
    table.load(&["workload", "metric", "time", "mean", "peak", "points"])?;
    let (workloads, metrics) = (table.texts("workload")?, table.texts("metric")?);
    let times = table.instants("time")?.seconds;
    let number = |name: &str| {
        let cells = table.numbers(name)?;
        cells.map_err(|bad| Unreadable(format!("row {} has no number in `{name}`", bad.row)))
    };
    let (means, peaks, points) = (number("mean")?, number("peak")?, number("points")?);
    let mut rows: BTreeMap<Key, Vec<HourRow>> = BTreeMap::new();
    for row in 0..table.rows() {
        let whole = || {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a count of points in an hour"
            )]
            let points = points[row]? as u32;
            let key =
                Key { workload: workloads[row]?.to_owned(), metric: metrics[row]?.to_owned() };
            Some((key, HourRow { at: times[row]?, mean: means[row]?, peak: peaks[row]?, points }))
        };
        let (key, hour) =
            whole().ok_or_else(|| Unreadable(format!("row {} has an empty cell", row + 1)))?;
        rows.entry(key).or_default().push(hour);
    }
    for hours in rows.values_mut() {
        hours.sort_by_key(|hour| hour.at);
    }
    Ok(rows)
}

/// The hours without a value between the first and the last.
#[must_use]
pub fn gaps(rows: &[HourRow]) -> Vec<Gap> {
    let gap = |pair: &[HourRow]| {
        let hours = (pair[1].at - pair[0].at) / HOUR - 1;
        (hours > 0).then(|| Gap { from: times::instant(pair[0].at + HOUR), hours })
    };
    rows.windows(2).filter_map(gap).collect()
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "these values are exact")]
mod tests {
    use super::*;
    use crate::forecast::sample;
    use crate::history::tests::Folder;
    use crate::ids::{Arena, Id};
    use crate::plan::Plan;
    use crate::plan::measure::{Asks, DemandMetric, SourceRef};
    use crate::plan::workload::{Demand, HistoryFrom, HistoryRef};
    use jiff::civil::date;

    const START: i64 = 1_798_761_600;

    fn row(hour: i64, mean: f64) -> HourRow {
        HourRow { at: START + hour * HOUR, mean, peak: mean * 2.0, points: 12 }
    }

    fn key(metric: &str) -> Key {
        Key { workload: "chat".into(), metric: metric.into() }
    }

    fn written(folder: &Folder, day: Date, rows: &BTreeMap<Key, Vec<HourRow>>) {
        let series = rows
            .iter()
            .map(|(key, rows)| SeriesNote {
                key: key.clone(),
                unit: "req/s".into(),
                query: "q".into(),
                step_seconds: 300,
                from: times::instant(START),
                until: times::instant(START + 10 * HOUR),
                rows: rows.len(),
                first: None,
                last: None,
                gaps: gaps(rows),
                remarks: Vec::new(),
            })
            .collect();
        let provenance = Provenance {
            format: 1,
            source: "prom".into(),
            server: "http://127.0.0.1".into(),
            version: None,
            pulled: times::instant(START),
            capplan: "0".into(),
            sha256: String::new(),
            series,
        };
        let (parquet, json) = encode(provenance, rows).unwrap();
        folder.write(&path_of("prom", day), &parquet);
        folder.write(&path_of("prom", day).replace("parquet", "json"), json.as_bytes());
    }

    #[test]
    fn a_snapshot_reads_back_as_it_was_written() {
        let folder = Folder::new("snapshot");
        let rows = BTreeMap::from([
            (key("cpu"), vec![row(0, 0.1 + 0.2), row(3, 2.0)]),
            (key("request-rate"), vec![row(1, 5.5)]),
        ]);
        written(&folder, date(2027, 1, 1), &rows);
        let read = read(folder.path(), "prom", date(2027, 1, 1)).unwrap();
        assert_eq!(read.rows, rows);
        let chat = read.of("chat");
        assert_eq!(chat.keys().copied().collect::<Vec<_>>(), ["cpu", "request-rate"]);
        assert_eq!(chat["cpu"].rows[1].peak, 4.0);
        assert_eq!(chat["cpu"].note.gaps[0].hours, 2);
        assert!(read.of("other").is_empty());
    }

    #[test]
    fn the_newest_snapshot_that_is_not_after_the_day_is_read() {
        let folder = Folder::new("newest");
        for day in [1, 5, 9] {
            let rows = BTreeMap::from([(key("cpu"), vec![row(0, f64::from(day))])]);
            written(&folder, date(2027, 1, i8::try_from(day).unwrap()), &rows);
        }
        let of = |day| newest(folder.path(), "prom", day).unwrap().map(|snapshot| snapshot.date);
        assert_eq!(of(date(2027, 1, 8)), Some(date(2027, 1, 5)));
        assert_eq!(of(date(2027, 2, 1)), Some(date(2027, 1, 9)));
        assert_eq!(of(date(2026, 12, 31)), None);
    }

    /// What a demand reads that asks so, as of a day.
    fn read_as_of(folder: &Folder, asks: Asks, as_of: Date) -> Result<Vec<f64>, Fault> {
        let from = HistoryFrom::Source(SourceRef { source: Id::new(0), asks });
        let history = Some(HistoryRef { from, scale: 10.0, ..sample::history("") });
        let demand = Demand { history, ..sample::demand(None) };
        let plan = Plan {
            as_of: Some(as_of),
            measure_sources: Arena::new(vec![sample::source("prom")]),
            ..sample::plan(vec![sample::workload("chat", Some(demand))], 1)
        };
        let read = crate::history::read(&plan, folder.path());
        let usage = read.map_err(|mut error| error.problems.remove(0).fault)?;
        assert!(usage.files[0].path.starts_with("history/prom/"));
        Ok(usage.series[&Id::new(0)].values.clone())
    }

    #[test]
    fn a_demand_reads_the_means_of_the_snapshot_of_its_as_of_day() {
        let folder = Folder::new("as-of");
        let (early, late) = (date(2027, 1, 2), date(2027, 1, 9));
        let asks = || Asks::Metric(DemandMetric::RequestRate);
        assert_eq!(read_as_of(&folder, asks(), late), Err(Fault::NotPulled { first: None }));
        for (day, mean) in [(early, 1.0), (late, 2.0)] {
            let rows = vec![row(0, mean), row(1, mean)];
            let query = Key { metric: "query".into(), ..key("") };
            let rows = BTreeMap::from([(key("request-rate"), rows.clone()), (query, rows)]);
            written(&folder, day, &rows);
        }
        assert_eq!(read_as_of(&folder, asks(), date(2027, 1, 8)), Ok(vec![10.0, 10.0]));
        assert_eq!(read_as_of(&folder, asks(), late), Ok(vec![20.0, 20.0]));
        assert_eq!(
            read_as_of(&folder, asks(), date(2027, 1, 1)),
            Err(Fault::NotPulled { first: Some(early) })
        );
        let other = Asks::Metric(DemandMetric::GpuHours);
        let lacks = read_as_of(&folder, other, late).unwrap_err().to_string();
        assert_eq!(lacks, "the snapshot of 2027-01-09 has no `gpu-hours` of `chat`");
        assert_eq!(read_as_of(&folder, Asks::Query("q".into()), late), Ok(vec![20.0, 20.0]));
        let changed = read_as_of(&folder, Asks::Query("r".into()), late).unwrap_err();
        assert!(matches!(changed, Fault::OtherQuery { .. }), "{changed}");
    }

    #[test]
    fn an_altered_snapshot_is_refused() {
        let folder = Folder::new("altered");
        let day = date(2027, 1, 1);
        written(&folder, day, &BTreeMap::from([(key("cpu"), vec![row(0, 1.0)])]));
        let parquet = parquet(&[("time", Cells::Time(vec![Some(START)]))]);
        folder.write(&path_of("prom", day), &parquet.unwrap());
        let wrong = read(folder.path(), "prom", day).unwrap_err();
        assert!(matches!(wrong, Fault::Altered { .. }), "{wrong}");
    }
}
