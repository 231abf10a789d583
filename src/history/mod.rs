//! Measured usage: CSV and Parquet files, and the snapshots of sources, in; one regular series a workload
//! out.
//!
//! `frames` is the only module that knows polars. No growth, no forecast here.

mod columns;
pub mod fault;
pub mod frames;
mod grid;
pub mod parquet;
mod rows;
pub mod snapshot;
pub mod times;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use rayon::prelude::*;

use crate::calendar::{Calendar, Date};
use crate::ids::Id;
use crate::plan::measure::{Asks, SourceRef};
use crate::plan::workload::{HistoryFrom, HistoryRef, TableRef};
use crate::plan::{Plan, Workload};

pub use fault::{Fault, HistoryError, Problem};

use frames::Table;

/// The sampling interval of a series.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week, from Monday.
    Week,
    /// A month of this calendar.
    Month(Calendar),
}

/// A measured series on a regular grid, oldest first, in the base unit of its demand.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The day of the first value.
    pub start: Date,
    /// The hour of that day of the first value, 0 to 23; 0 unless the step is an hour.
    pub start_hour: u8,
    /// The sampling interval.
    pub step: Step,
    /// One value a step; NaN where nothing was measured.
    pub values: Vec<f64>,
}

/// The usage of every workload that has a history.
#[derive(Debug, Clone, Default)]
pub struct Usage {
    /// By workload.
    pub series: BTreeMap<Id<Workload>, Series>,
    /// Every file read: the path as shown, its SHA-256 in hexadecimal, rows used.
    pub files: Vec<HistoryFile>,
    /// What was mended or looks wrong, in words, by file.
    pub remarks: Vec<String>,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryFile {
    /// The path as shown.
    pub path: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// Rows used.
    pub rows: usize,
}

/// Reads the history of every workload of a plan that has one.
///
/// # Errors
/// Every history that cannot be read, not the first alone.
pub fn read(plan: &Plan, folder: &Path) -> Result<Usage, HistoryError> {
    Ok(read_all(&[plan], folder)?.remove(0))
}

/// Reads the history of several plans: a base and its scenarios, one usage for each in their order. A
/// file is read and decoded once, however many workloads use it; files are read in parallel. What was
/// read and mended is told with the first plan.
///
/// # Errors
/// Every history that cannot be read, not the first alone.
pub fn read_all(plans: &[&Plan], folder: &Path) -> Result<Vec<Usage>, HistoryError> {
    let mut by_path: BTreeMap<String, Vec<Use>> = BTreeMap::new();
    let mut problems = Vec::new();
    for (plan, of) in plans.iter().enumerate() {
        for (workload, declared) in of.workloads.iter() {
            let history = declared.demand.as_ref().and_then(|demand| demand.history.as_ref());
            let Some(history) = history else { continue };
            let calendar = of.horizon.calendar();
            match table(of, &declared.name, &history.from, folder) {
                Ok(Some(table)) => {
                    let uses = by_path.entry(table.path.clone()).or_default();
                    uses.push(Use { plan, calendar, workload, history, table });
                }
                Ok(None) => {}
                Err(fault) => problems.push(Problem {
                    path: match &history.from {
                        HistoryFrom::Table(table) => table.path.clone(),
                        HistoryFrom::Source(from) => {
                            snapshot::folder_of(&of.measure_sources[from.source].name)
                        }
                    },
                    workload: declared.name.clone(),
                    origin: history.origin,
                    fault,
                }),
            }
        }
    }
    let by_path: Vec<_> = by_path.into_iter().collect();
    let files: Vec<_> =
        by_path.into_par_iter().map(|(path, uses)| read_file(folder, &path, uses)).collect();

    let mut usages = vec![Usage::default(); plans.len()];
    for file in files {
        usages[0].files.push(file.file);
        usages[0].remarks.extend(file.remarks);
        for (use_, outcome) in file.outcomes {
            match outcome {
                Ok(series) => drop(usages[use_.plan].series.insert(use_.workload, series)),
                Err(fault) => {
                    let workload = plans[use_.plan].workloads[use_.workload].name.clone();
                    problems.push(Problem {
                        fault: in_snapshot(fault, &use_, &workload),
                        path: use_.table.path.clone(),
                        workload,
                        origin: use_.history.origin,
                    });
                }
            }
        }
    }
    problems.dedup_by(|a, b| (a.origin, &a.workload) == (b.origin, &b.workload));
    if problems.is_empty() { Ok(usages) } else { Err(HistoryError { problems }) }
}

/// A workload of one of the plans, the history it asks for, and the table that holds it.
struct Use<'a> {
    plan: usize,
    /// The calendar of the plan's months.
    calendar: Calendar,
    workload: Id<Workload>,
    history: &'a HistoryRef,
    table: Cow<'a, TableRef>,
}

/// The table of a history: a file, or the newest snapshot of a source that is not after the plan's as-of
/// day; nothing for a source of a kind that is not read yet.
fn table<'a>(
    plan: &Plan,
    workload: &str,
    from: &'a HistoryFrom,
    folder: &Path,
) -> Result<Option<Cow<'a, TableRef>>, Fault> {
    let from = match from {
        HistoryFrom::Table(table) => return Ok(Some(Cow::Borrowed(table))),
        HistoryFrom::Source(SourceRef { asks: Asks::NotYet, .. }) => return Ok(None),
        HistoryFrom::Source(from) => from,
    };
    let source = &plan.measure_sources[from.source].name;
    let dates = snapshot::dates(folder, source);
    let in_time = |date: &&Date| plan.as_of.is_none_or(|as_of| **date <= as_of);
    let Some(date) = dates.iter().rfind(in_time) else {
        return Err(Fault::NotPulled { first: dates.first().copied() });
    };
    let named = |column: &str, value: &str| (column.to_owned(), value.to_owned());
    Ok(Some(Cow::Owned(TableRef {
        path: snapshot::path_of(source, *date),
        column: Some(String::from("mean")),
        time: Some(String::from("time")),
        zone: None,
        filters: vec![named("metric", from.asks.word()), named("workload", workload)],
    })))
}

/// The same fault, as one of a snapshot where it is one.
fn in_snapshot(fault: Fault, use_: &Use<'_>, workload: &str) -> Fault {
    let HistoryFrom::Source(from) = &use_.history.from else { return fault };
    let stem = use_.table.path.rsplit('/').next().and_then(|name| name.strip_suffix(".parquet"));
    match (fault, stem.and_then(crate::calendar::parse_date)) {
        (Fault::NoMatch { .. } | Fault::NoRows, Some(date)) => Fault::NotInSnapshot {
            date,
            metric: from.asks.word().to_owned(),
            workload: workload.to_owned(),
        },
        (fault, _) => fault,
    }
}

/// What one file gave to the workloads that use it.
struct FileRead<'a> {
    file: HistoryFile,
    remarks: Vec<String>,
    outcomes: Vec<(Use<'a>, Result<Series, Fault>)>,
}

fn read_file<'a>(folder: &Path, path: &str, uses: Vec<Use<'a>>) -> FileRead<'a> {
    let mut file = HistoryFile { path: path.to_owned(), digest: String::new(), rows: 0 };
    let mut table = match open(folder, &mut file, &uses) {
        Ok(table) => table,
        Err(fault) => {
            let outcomes = uses.into_iter().map(|use_| (use_, Err(fault.clone()))).collect();
            return FileRead { file, remarks: Vec::new(), outcomes };
        }
    };
    let mut remarks: Vec<String> = Vec::new();
    let mut used = vec![false; table.rows()];
    let mut outcomes = Vec::new();
    for use_ in uses {
        let mut found = Vec::new();
        let series = same_query(folder, &file, &use_)
            .and_then(|()| rows::select(&mut table, &use_.table))
            .and_then(|selection| {
                for row in &selection.rows {
                    used[row.number - 1] = true;
                }
                let scale = use_.history.scale;
                let settings = (scale, use_.calendar);
                rows::series(&mut table, &use_.table, settings, selection, &mut found)
            });
        found.retain(|remark| !remarks.contains(remark));
        remarks.extend(found);
        outcomes.push((use_, series));
    }
    file.rows = used.into_iter().filter(|used| *used).count();
    FileRead { file, remarks, outcomes }
}

/// Holds the query of a snapshot against the plan's own.
fn same_query(folder: &Path, file: &HistoryFile, use_: &Use<'_>) -> Result<(), Fault> {
    let HistoryFrom::Source(from) = &use_.history.from else { return Ok(()) };
    let Asks::Query(query) = &from.asks else { return Ok(()) };
    let provenance = snapshot::verify(folder, &file.path, &file.digest)?;
    let (_, workload) = &use_.table.filters[1];
    let mut answered = provenance.series.iter().filter(|note| {
        note.key.workload == *workload && note.key.metric == from.asks.word() && note.rows > 0
    });
    let date = jiff::tz::TimeZone::UTC.to_datetime(provenance.pulled).date();
    match answered.next() {
        Some(note) if note.query != *query => Err(Fault::OtherQuery { date }),
        _ => Ok(()),
    }
}

/// Reads a file's bytes, notes their digest, holds a snapshot against its provenance, and opens the bytes as
/// a table with rows.
#[expect(clippy::disallowed_methods, reason = "this pass reads the history files")]
fn open(folder: &Path, file: &mut HistoryFile, uses: &[Use<'_>]) -> Result<Table, Fault> {
    let bytes = std::fs::read(folder.join(&file.path)).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Fault::Missing,
        _ => Fault::Io(error.to_string()),
    })?;
    file.digest = snapshot::digest(&bytes);
    if uses.iter().any(|use_| matches!(use_.history.from, HistoryFrom::Source(_))) {
        snapshot::verify(folder, &file.path, &file.digest)?;
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(Fault::NoRows);
    }
    let table = Table::open(bytes).map_err(|error| Fault::Unreadable(error.0))?;
    if table.rows() == 0 { Err(Fault::NoRows) } else { Ok(table) }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "tests write the files that they read")]
#[expect(clippy::float_cmp, reason = "these values are exact")]
pub(crate) mod tests {
    use super::*;
    use crate::forecast::sample;
    use crate::history::parquet::{Cells, write_parquet};
    use jiff::civil::date;
    use std::fmt::Write;

    /// A folder of its own, removed at the end.
    pub(crate) struct Folder(std::path::PathBuf);

    impl Folder {
        pub(crate) fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("capplan-{}-{name}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn with(self, file: &str, text: &str) -> Self {
            self.write(file, text.as_bytes());
            self
        }

        pub(crate) fn path(&self) -> &Path {
            &self.0
        }

        pub(crate) fn write(&self, file: &str, bytes: &[u8]) {
            let path = self.0.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn read_workloads(folder: &Folder, histories: Vec<HistoryRef>) -> Result<Usage, HistoryError> {
        let workloads = histories
            .into_iter()
            .enumerate()
            .map(|(index, history)| {
                let demand = sample::demand(None);
                let demand = crate::plan::workload::Demand { history: Some(history), ..demand };
                sample::workload(&format!("w{index}"), Some(demand))
            })
            .collect();
        read(&sample::plan(workloads, 1), &folder.0)
    }

    /// A history of a file, as `edit` says.
    fn of_file(path: &str, edit: impl FnOnce(&mut TableRef)) -> HistoryRef {
        let mut table = TableRef { path: path.into(), ..TableRef::default() };
        edit(&mut table);
        sample::history_of(table)
    }

    fn fault(folder: &Folder, history: HistoryRef) -> Fault {
        read_workloads(folder, vec![history]).unwrap_err().problems.remove(0).fault
    }

    fn only(usage: &Usage) -> &Series {
        &usage.series[&Id::new(0)]
    }

    #[test]
    fn a_daily_csv_becomes_a_series_in_the_base_unit() {
        let folder = Folder::new("daily").with(
            "d.csv",
            "day,chats\n2026-11-02,86400\n2026-11-01,172800\n2026-11-04,\n2026-11-05,0\n",
        );
        let history = HistoryRef { scale: 1.0 / 86_400.0, ..sample::history("d.csv") };
        let usage = read_workloads(&folder, vec![history]).unwrap();
        let series = only(&usage);
        assert_eq!((series.start, series.step), (date(2026, 11, 1), Step::Day));
        assert_eq!(series.values[..2], [2.0, 1.0]);
        assert!(series.values[2].is_nan() && series.values[3].is_nan());
        assert_eq!(series.values[4], 0.0);
        assert_eq!(usage.files[0].rows, 3);
        assert_eq!(usage.files[0].digest.len(), 64);
        assert_eq!(
            usage.remarks,
            [
                "d.csv: rows were not in the order of time, and were sorted",
                "d.csv: 2 of 5 days have no value"
            ]
        );
    }

    #[test]
    fn parquet_gives_the_same_series_as_csv() {
        let folder = Folder::new("parquet");
        let first = 1_798_761_600;
        let at: Vec<Option<i64>> = (0..50).map(|hour| Some(first + hour * 3600)).collect();
        let rate: Vec<Option<f64>> = (0..50).map(|hour| Some(f64::from(hour) + 0.5)).collect();
        let mut csv = String::from("ts,rate\n");
        for (at, rate) in at.iter().zip(&rate) {
            let at = jiff::Timestamp::from_second(at.unwrap()).unwrap();
            let _ = writeln!(csv, "{at},{}", rate.unwrap());
        }
        let columns = [("ts", Cells::Time(at)), ("rate", Cells::Number(rate))];
        write_parquet(&folder.0.join("h.parquet"), &columns).unwrap();
        let folder = folder.with("h.csv", &csv);
        let usage =
            read_workloads(&folder, vec![sample::history("h.parquet"), sample::history("h.csv")])
                .unwrap();
        assert_eq!(usage.series[&Id::new(0)], usage.series[&Id::new(1)]);
        assert_eq!(only(&usage).step, Step::Hour);
        assert!(usage.remarks.is_empty());
    }

    #[test]
    fn rows_of_one_time_are_summed_where_a_column_tells_them_apart() {
        let folder = Folder::new("regions").with(
            "r.csv",
            "USAGE_HOUR,REGION,USE\n2026-11-01 00:00:00.000,1,5.5\n2026-11-01 00:00:00.000,2,7.5\n\
             2026-11-01 01:00:00.000,1,6.5\n2026-11-01 01:00:00.000,2,8.5\n",
        );
        let history = || of_file("r.csv", |table| table.column = Some("USE".into()));
        let usage = read_workloads(&folder, vec![history()]).unwrap();
        assert_eq!(only(&usage).values, [13.0, 15.0]);
        assert_eq!(
            usage.remarks,
            ["r.csv: up to 2 rows of the same time, apart in `REGION`, were summed"]
        );
        let filtered = |region: &str| {
            of_file("r.csv", |table| {
                table.column = Some("USE".into());
                table.filters = vec![("REGION".into(), region.into())];
            })
        };
        let usage = read_workloads(&folder, vec![filtered("2")]).unwrap();
        assert_eq!(only(&usage).values, [7.5, 8.5]);
        assert!(usage.remarks.is_empty());
        let wrong = fault(&folder, filtered("3"));
        assert!(matches!(wrong, Fault::NoMatch { alone: true, .. }));
        assert_eq!(wrong.help(), "the column has `1`, `2`");
    }

    #[test]
    fn the_same_time_twice_with_nothing_to_tell_apart_is_an_error() {
        let folder = Folder::new("twice")
            .with("t.csv", "time,v\n2026-11-01,1\n2026-11-02,2\n2026-11-02,3\n2026-11-03,4\n");
        assert_eq!(
            fault(&folder, sample::history("t.csv")).to_string(),
            "rows 2 and 3 have the same time 2026-11-02T00:00:00Z, and no other column tells them apart"
        );
    }

    #[test]
    fn local_hours_across_both_changes_of_the_clock_are_whole() {
        let berlin = jiff::tz::TimeZone::get("Europe/Berlin").unwrap();
        let mut csv = String::from("time,v\n");
        let first = date(2026, 3, 1).at(0, 0, 0, 0).in_tz("UTC").unwrap().timestamp().as_second();
        for hour in 0..24 * 270 {
            let at = jiff::Timestamp::from_second(first + hour * 3600).unwrap();
            let _ = writeln!(csv, "{},{hour}", berlin.to_datetime(at));
        }
        let folder = Folder::new("clock").with("c.csv", &csv);
        let history = of_file("c.csv", |table| table.zone = Some("Europe/Berlin".into()));
        let usage = read_workloads(&folder, vec![history]).unwrap();
        let series = only(&usage);
        assert_eq!((series.start, series.start_hour), (date(2026, 3, 1), 0));
        assert!(series.values.iter().enumerate().all(|(hour, value)| *value == hour as f64));
        assert!(usage.remarks.is_empty(), "{:?}", usage.remarks);
    }

    #[test]
    fn every_wrong_history_is_named_at_once_with_what_to_do() {
        let folder = Folder::new("wrong")
            .with("two.csv", "day,hits,misses\n2026-11-01,1,2\n2026-11-02,3,4\n")
            .with("text.csv", "day,v\n2026-11-01,1\n2026-11-02,about 7\n2026-11-03,1\n2026-11-04,1\n2026-11-05,1\n")
            .with("time.csv", "day,v\n2026-11-01,1\n11/02/2026,2\n")
            .with("none.csv", "day,v\n")
            .with("void.csv", "")
            .with("null.csv", "day,v\n2026-11-01,\n2026-11-02,\n");
        let named =
            |path: &str, column: &str| of_file(path, |table| table.column = Some(column.into()));
        let error = read_workloads(
            &folder,
            vec![
                sample::history("missing.csv"),
                sample::history("two.csv"),
                named("two.csv", "hit"),
                sample::history("text.csv"),
                sample::history("time.csv"),
                sample::history("none.csv"),
                sample::history("void.csv"),
                named("null.csv", "v"),
                of_file("two.csv", |table| table.zone = Some("Berlin".into())),
            ],
        );
        assert_eq!(
            error.unwrap_err().to_string(),
            "\
workload `w0`, history `missing.csv`: there is no such file; put it there, correct the path (it is relative to the plan's folder), or run with `--no-data`
workload `w5`, history `none.csv`: the file has no rows; export it again, or run with `--no-data`
workload `w7`, history `null.csv`: column `v` has no value in any row used; choose another column, or export it again
workload `w3`, history `text.csv`: row 2: `about 7` in column `v` is no number; numbers are written `1234.5`, without thousands separators; leave the cell empty where nothing was measured
workload `w4`, history `time.csv`: row 2: `11/02/2026` in column `day` is no time; times are written `2027-01-02`, `2027-01-02 03:00:00`, `2027-01-02T03:00:00Z`, `2027-01`, or as seconds since 1970
workload `w1`, history `two.csv`: it is not clear which column holds the values; add `column=` with one of `hits`, `misses`
workload `w2`, history `two.csv`: there is no column `hit`; did you mean `hits`?
workload `w8`, history `two.csv`: there is no time zone `Berlin`; name it as in the IANA database: `Europe/Berlin`
workload `w6`, history `void.csv`: the file has no rows; export it again, or run with `--no-data`"
        );
    }

    #[test]
    fn a_file_that_many_workloads_use_is_listed_once() {
        let folder = Folder::new("shared")
            .with("s.csv", "month,a,b\n2026-09,1,10\n2026-10,2,20\n2026-11,3,30\n");
        let column = |name: &str| of_file("s.csv", |table| table.column = Some(name.into()));
        let usage = read_workloads(&folder, vec![column("a"), column("b")]).unwrap();
        assert_eq!(usage.series[&Id::new(1)].values, [10.0, 20.0, 30.0]);
        assert_eq!(only(&usage).step, Step::Month(Calendar::Gregorian));
        assert_eq!(usage.files.len(), 1);
    }
}
