//! Reads a table series by series: CSV as it comes, so that a long file needs no more memory than a short
//! one; Parquet, and files whose series are mixed, whole.
#![expect(clippy::disallowed_methods, reason = "this module reads the table")]

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufRead, BufReader, Seek};
use std::path::Path;

use csv::ByteRecord;

use crate::history::frames::{Kind, Table, number};
use crate::table::fault::{SeriesFault, TableFault};
use crate::table::stamp::{self, Style};

/// Which columns hold what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// The series' names; without such a column all rows are one series.
    pub id: String,
    /// The times.
    pub time: String,
    /// The values.
    pub value: String,
}

impl Default for Columns {
    fn default() -> Self {
        Self { id: "unique_id".into(), time: "ds".into(), value: "y".into() }
    }
}

/// A series as it stands in the file.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Its name.
    pub id: String,
    /// How its times are written.
    pub style: Style,
    /// Its rows, in the order of the file.
    pub cells: Vec<Cell>,
    /// The first thing that is wrong with it.
    pub fault: Option<SeriesFault>,
}

/// A row of a series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// The row, counted from 1 below the header.
    pub row: u64,
    /// Seconds since 1970, or the number of the step.
    pub time: i64,
    /// The value; NaN where nothing was measured.
    pub value: f64,
}

/// A table that is read series by series.
#[derive(Debug)]
pub struct Reader {
    rows: u64,
    ignored: Vec<String>,
    source: Source,
}

#[derive(Debug)]
enum Source {
    /// A CSV file in which the rows of a series stand together.
    Stream(Box<Stream>),
    /// Series in memory, in the order of their first rows.
    Whole(std::vec::IntoIter<Rows>),
}

impl Reader {
    /// Opens a CSV file with a header line (separated by commas, semicolons or tabs), or a Parquet file.
    ///
    /// # Errors
    /// If the file cannot be read, is no table, or lacks a column.
    pub fn open(path: &Path, columns: &Columns) -> Result<Self, TableFault> {
        let mut file = open(path)?;
        let start = file.fill_buf().map_err(|error| io(path, &error))?;
        if start.starts_with(b"PAR1") {
            return Self::parquet(path, columns);
        }
        let (places, overview) = scan(path, columns)?;
        if overview.rows == 0 {
            return Err(TableFault::NoRows(path.display().to_string()));
        }
        let mut stream = Stream::new(path, places)?;
        let source = if overview.together {
            Source::Stream(Box::new(stream))
        } else {
            let mut whole = Grouped::default();
            while let Some((id, line)) = stream.line() {
                whole.push(id, line);
            }
            Source::Whole(whole.series.into_iter())
        };
        Ok(Self { rows: overview.rows, ignored: overview.ignored, source })
    }

    /// Rows below the header.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Columns that are not used, such as what else was measured.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    fn parquet(path: &Path, columns: &Columns) -> Result<Self, TableFault> {
        let unreadable = |error: crate::history::frames::Unreadable| TableFault::Unreadable {
            path: path.display().to_string(),
            reason: error.0,
        };
        let bytes = std::fs::read(path).map_err(|error| io(path, &error))?;
        let mut table = Table::open(bytes).map_err(unreadable)?;
        let names: Vec<String> = table.heads().iter().map(|head| head.name.clone()).collect();
        let places = Places::find(path, &names, columns)?;
        let id = places.id.map(|_| columns.id.as_str());
        let wanted: Vec<&str> =
            id.into_iter().chain([columns.time.as_str(), columns.value.as_str()]).collect();
        table.load(&wanted).map_err(unreadable)?;
        if table.rows() == 0 {
            return Err(TableFault::NoRows(path.display().to_string()));
        }
        let kind = |name: &str| table.heads().iter().find(|head| head.name == name).map(|h| h.kind);
        let text = |name: &str| -> Result<Vec<Option<String>>, TableFault> {
            if kind(name) == Some(Kind::Text) {
                let cells = table.texts(name).map_err(unreadable)?;
                return Ok(cells.into_iter().map(|cell| cell.map(str::to_owned)).collect());
            }
            let cells = table.numbers(name).map_err(unreadable)?.unwrap_or_default();
            Ok(cells.into_iter().map(|cell| cell.map(|number| number.to_string())).collect())
        };
        let ids = id.map(text).transpose()?;
        let values = table.numbers(&columns.value).map_err(unreadable)?;
        let values = values.map_err(|wrong| TableFault::Unreadable {
            path: path.display().to_string(),
            reason: format!("row {}: `{}` is no number", wrong.row, wrong.text),
        })?;
        let times: Vec<Option<(i64, Style)>> = if kind(&columns.time) == Some(Kind::Time) {
            let instants = table.instants(&columns.time).map_err(unreadable)?;
            let midnights = instants.seconds.iter().flatten().all(|seconds| seconds % 86_400 == 0);
            let clock = Style::Clock { separator: ' ', utc: instants.utc };
            let style = if midnights && !instants.utc { Style::Day } else { clock };
            instants.seconds.into_iter().map(|seconds| Some((seconds?, style))).collect()
        } else {
            text(&columns.time)?.into_iter().map(|cell| stamp::read(&cell?)).collect()
        };
        let mut whole = Grouped::default();
        for (index, (time, value)) in times.into_iter().zip(values).enumerate() {
            let row = index as u64 + 1;
            let id = match &ids {
                Some(ids) => ids[index].clone().unwrap_or_default(),
                None => columns.value.clone(),
            };
            let line = match time {
                Some((time, style)) => {
                    Ok((Cell { row, time, value: value.unwrap_or(f64::NAN) }, style))
                }
                None => Err(SeriesFault::NoTime { row, text: String::new() }),
            };
            whole.push(id, line);
        }
        let rows = table.rows() as u64;
        Ok(Self { rows, ignored: places.ignored, source: Source::Whole(whole.series.into_iter()) })
    }
}

impl Iterator for Reader {
    type Item = Rows;

    fn next(&mut self) -> Option<Rows> {
        match &mut self.source {
            Source::Stream(stream) => stream.series(),
            Source::Whole(series) => series.next(),
        }
    }
}

/// A row as read: its cell and how its time is written, or what is wrong with it.
type Line = Result<(Cell, Style), SeriesFault>;

/// Where the columns stand.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Places {
    id: Option<usize>,
    time: usize,
    value: usize,
    /// The name of the only series where there is no column of names.
    only: String,
    ignored: Vec<String>,
}

impl Places {
    fn find(path: &Path, names: &[String], columns: &Columns) -> Result<Self, TableFault> {
        let place = |name: &str| names.iter().position(|other| other == name);
        let needed = |name: &str, option| {
            place(name).ok_or_else(|| TableFault::NoColumn {
                path: path.display().to_string(),
                name: name.to_owned(),
                option,
                columns: names.to_vec(),
            })
        };
        let id = if columns.id == Columns::default().id {
            place(&columns.id)
        } else {
            Some(needed(&columns.id, "id")?)
        };
        let (time, value) = (needed(&columns.time, "time")?, needed(&columns.value, "value")?);
        let used = |index: &usize| Some(*index) == id || *index == time || *index == value;
        let ignored = (0..names.len()).filter(|index| !used(index)).map(|i| names[i].clone());
        Ok(Self { id, time, value, only: columns.value.clone(), ignored: ignored.collect() })
    }
}

/// What a first look at a CSV file tells.
struct Overview {
    rows: u64,
    /// Whether the rows of every series stand together.
    together: bool,
    ignored: Vec<String>,
}

fn scan(path: &Path, columns: &Columns) -> Result<(Places, Overview), TableFault> {
    let mut reader = csv_reader(path)?;
    let unreadable = |error: &csv::Error| TableFault::Unreadable {
        path: path.display().to_string(),
        reason: error.to_string(),
    };
    let header = reader.byte_headers().map_err(|error| unreadable(&error))?;
    let names: Vec<String> =
        header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
    let places = Places::find(path, &names, columns)?;
    let mut overview = Overview { rows: 0, together: true, ignored: places.ignored.clone() };
    let (mut seen, mut last): (HashSet<Vec<u8>>, Option<Vec<u8>>) = (HashSet::new(), None);
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).map_err(|error| unreadable(&error))? {
        overview.rows += 1;
        let Some(id) = places.id.and_then(|place| record.get(place)) else { continue };
        if last.as_deref() != Some(id) {
            overview.together &= seen.insert(id.to_vec());
            last = Some(id.to_vec());
        }
    }
    Ok((places, overview))
}

fn open(path: &Path) -> Result<BufReader<File>, TableFault> {
    let file = File::open(path).map_err(|error| io(path, &error))?;
    Ok(BufReader::with_capacity(1 << 16, file))
}

fn io(path: &Path, error: &std::io::Error) -> TableFault {
    let path = path.display().to_string();
    match error.kind() {
        std::io::ErrorKind::NotFound => TableFault::Missing(path),
        _ => TableFault::Io { path, reason: error.to_string() },
    }
}

/// Reads CSV by the separator that its header has most of.
fn csv_reader(path: &Path) -> Result<csv::Reader<BufReader<File>>, TableFault> {
    let mut file = open(path)?;
    let mut header = Vec::new();
    file.read_until(b'\n', &mut header).map_err(|error| io(path, &error))?;
    let mark: u64 = if header.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    file.seek(std::io::SeekFrom::Start(mark)).map_err(|error| io(path, &error))?;
    let count = |separator: &u8| header.split(|byte| byte == separator).count();
    let separator = [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',');
    Ok(csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(file))
}

/// A CSV file, row by row.
#[derive(Debug)]
struct Stream {
    reader: csv::Reader<BufReader<File>>,
    places: Places,
    record: ByteRecord,
    row: u64,
    /// The first row of the next series.
    ahead: Option<(String, Line)>,
}

impl Stream {
    fn new(path: &Path, places: Places) -> Result<Self, TableFault> {
        let reader = csv_reader(path)?;
        Ok(Self { reader, places, record: ByteRecord::new(), row: 0, ahead: None })
    }

    /// The next row, and the series it belongs to.
    fn line(&mut self) -> Option<(String, Line)> {
        // The file was read to its end before, so an error here is its end too.
        if !self.reader.read_byte_record(&mut self.record).unwrap_or(false) {
            return None;
        }
        self.row += 1;
        let (row, places) = (self.row, &self.places);
        let cell = |place: usize| -> Result<&str, SeriesFault> {
            let bytes = self.record.get(place).ok_or(SeriesFault::ShortRow { row })?;
            Ok(std::str::from_utf8(bytes).map_err(|_| SeriesFault::NotText { row })?.trim())
        };
        let id = match places.id.and_then(|place| self.record.get(place)) {
            Some(id) => String::from_utf8_lossy(id).trim().to_owned(),
            None if places.id.is_some() => String::new(),
            None => places.only.clone(),
        };
        let line = cell(places.time).and_then(|time| {
            let value = cell(places.value)?;
            let (time, style) = stamp::read(time)
                .ok_or_else(|| SeriesFault::NoTime { row, text: time.to_owned() })?;
            let value = match value {
                "" => None,
                text => number(text)
                    .map_err(|()| SeriesFault::NoNumber { row, text: text.to_owned() })?,
            };
            Ok((Cell { row, time, value: value.unwrap_or(f64::NAN) }, style))
        });
        Some((id, line))
    }

    /// The next series: rows until another begins.
    fn series(&mut self) -> Option<Rows> {
        let (id, first) = match self.ahead.take() {
            Some(ahead) => ahead,
            None => self.line()?,
        };
        let mut rows = Rows::new(id);
        rows.push(first);
        while let Some((id, line)) = self.line() {
            if id != rows.id {
                self.ahead = Some((id, line));
                break;
            }
            rows.push(line);
        }
        Some(rows)
    }
}

impl Rows {
    fn new(id: String) -> Self {
        Self { id, style: Style::Day, cells: Vec::new(), fault: None }
    }

    fn push(&mut self, line: Line) {
        match line {
            Ok((cell, style)) => {
                if self.cells.is_empty() {
                    self.style = style;
                }
                self.cells.push(cell);
            }
            Err(fault) => {
                self.fault.get_or_insert(fault);
            }
        }
    }
}

/// Series whose rows are mixed, in the order of their first rows.
#[derive(Debug, Default)]
struct Grouped {
    series: Vec<Rows>,
    places: HashMap<String, usize>,
}

impl Grouped {
    fn push(&mut self, id: String, line: Line) {
        let next = self.series.len();
        let place = *self.places.entry(id.clone()).or_insert(next);
        if place == next {
            self.series.push(Rows::new(id));
        }
        self.series[place].push(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::parquet::{Cells, write_parquet};
    use std::path::PathBuf;

    fn file(name: &str, text: &str) -> PathBuf {
        let path =
            std::env::temp_dir().join(format!("capplan-table-{}-{name}", std::process::id()));
        std::fs::write(&path, text).unwrap();
        path
    }

    fn read(name: &str, text: &str) -> Vec<Rows> {
        let path = file(name, text);
        let rows = Reader::open(&path, &Columns::default()).unwrap().collect();
        std::fs::remove_file(path).unwrap();
        rows
    }

    fn short(rows: &[Rows]) -> Vec<(&str, Vec<f64>)> {
        let values = |rows: &Rows| rows.cells.iter().map(|cell| cell.value).collect();
        rows.iter().map(|rows| (rows.id.as_str(), values(rows))).collect()
    }

    #[test]
    fn series_come_one_after_the_other_in_the_order_of_the_file() {
        let rows =
            read("plain.csv", "unique_id,ds,y\nb,2027-01-01,1\nb,2027-01-02,2\na,2027-01-01,3\n");
        assert_eq!(short(&rows), [("b", vec![1.0, 2.0]), ("a", vec![3.0])]);
        assert_eq!(rows[0].style, Style::Day);
    }

    #[test]
    fn mixed_series_other_separators_and_a_byte_order_mark_are_read() {
        let rows = read(
            "mixed.csv",
            "\u{feff}ds;unique_id;y;note\n2027-01-01;a;1;x\n2027-01-01;b;2;\n2027-01-02;a;3;\n",
        );
        assert_eq!(short(&rows), [("a", vec![1.0, 3.0]), ("b", vec![2.0])]);
    }

    #[test]
    fn a_bad_cell_is_named_by_its_row_and_leaves_the_other_series_alone() {
        let rows = read(
            "bad.csv",
            "unique_id,ds,y\na,2027-01-01,1\na,2027-01-02,many\nb,2027-01-01,5\nb,soon,5\nc,2027-01-01\n\
             d,2027-01-01,\nd,2027-01-02,4\n",
        );
        let fault = |index: usize| rows[index].fault.as_ref().map(ToString::to_string);
        assert_eq!(
            fault(0).unwrap(),
            "row 2: `many` is no number; leave a cell empty where nothing was measured"
        );
        assert!(fault(1).unwrap().starts_with("row 4: `soon` is no time"));
        assert_eq!(fault(2).unwrap(), "row 5 has fewer cells than the header");
        assert!(fault(3).is_none() && rows[3].cells[0].value.is_nan());
    }

    #[test]
    fn a_table_without_names_is_one_series_and_one_without_values_is_an_error() {
        assert_eq!(read("one.csv", "ds,y\n1,5\n2,6\n")[0].id, "y");
        let path = file("none.csv", "unique_id,when,y\na,2027-01-01,1\n");
        let fault = Reader::open(&path, &Columns::default()).unwrap_err();
        assert!(matches!(fault, TableFault::NoColumn { option: "time", .. }), "{fault}");
        std::fs::remove_file(path).unwrap();
        let path = file("empty.csv", "unique_id,ds,y\n");
        assert!(matches!(Reader::open(&path, &Columns::default()), Err(TableFault::NoRows(_))));
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn parquet_gives_the_same_series_as_csv() {
        let csv =
            read("same.csv", "unique_id,ds,y\na,2027-01-01,1\na,2027-01-02,\nb,2027-01-01,3\n");
        let path = file("same.parquet", "");
        let text = |text: &str| Some(text.to_owned());
        let day = 1_798_761_600;
        let columns = [
            ("unique_id", Cells::Text(vec![text("a"), text("a"), text("b")])),
            ("ds", Cells::Time(vec![Some(day), Some(day + 86_400), Some(day)])),
            ("y", Cells::Number(vec![Some(1.0), None, Some(3.0)])),
        ];
        write_parquet(&path, &columns).unwrap();
        let rows: Vec<Rows> = Reader::open(&path, &Columns::default()).unwrap().collect();
        std::fs::remove_file(path).unwrap();
        assert_eq!(format!("{rows:?}"), format!("{csv:?}"));
    }
}
