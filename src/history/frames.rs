//! Tables: reads CSV and Parquet into our own columns. With [`super::parquet`], which writes them, the only module
//! that knows polars, whose types stay inside it.
//!
//! CSV is decoded as text and converted here, so that a bad cell is an error with its row and never a
//! silent null. Polars decodes; nothing is summed in it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Cursor;

use polars::prelude::{
    ArrowDataType, Column, CsvReadOptions, DataFrame, DataType, ParquetReader, SerReader, Series,
    TimeUnit,
};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text; every column of a CSV file.
    Text,
    /// Integers.
    Integer,
    /// Floats.
    Number,
    /// Days or instants.
    Time,
    /// Anything else (categories, decimals, lists): it is never decoded.
    Other,
}

/// A column's name and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Its name, as in the file.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
}

/// Instants read from a column of days or instants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instants {
    /// Seconds since 1970-01-01 00:00, one value a row.
    pub seconds: Vec<Option<i64>>,
    /// Whether they are UTC by the file's own word; otherwise they are read off a clock.
    pub utc: bool,
}

/// The file is not the table it claims to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

/// A cell that is no number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoNumber {
    /// The row, counted from 1 below the header.
    pub row: usize,
    /// What stands there.
    pub text: String,
}

/// A table in memory.
#[derive(Debug)]
pub struct Table {
    heads: Vec<Head>,
    rows: usize,
    /// The bytes of a Parquet file, from which columns are decoded when they are asked for.
    parquet: Option<Vec<u8>>,
    frame: DataFrame,
}

impl Table {
    /// Opens a Parquet file by its first bytes `PAR1`, anything else as CSV with a header line.
    ///
    /// # Errors
    /// If the bytes are neither.
    pub fn open(bytes: Vec<u8>) -> Result<Self, Unreadable> {
        if bytes.starts_with(b"PAR1") { Self::open_parquet(bytes) } else { Self::open_csv(&bytes) }
    }

    fn open_parquet(bytes: Vec<u8>) -> Result<Self, Unreadable> {
        let mut reader = ParquetReader::new(Cursor::new(bytes.as_slice()));
        let schema = reader.schema().map_err(unreadable)?;
        let rows = reader.num_rows().map_err(unreadable)?;
        let heads = schema
            .iter()
            .map(|(name, field)| Head { name: name.to_string(), kind: kind(field.dtype()) })
            .collect();
        Ok(Self { heads, rows, parquet: Some(bytes), frame: DataFrame::empty() })
    }

    fn open_csv(bytes: &[u8]) -> Result<Self, Unreadable> {
        if std::str::from_utf8(bytes).is_err() {
            return Err(Unreadable(String::from("it is neither Parquet nor UTF-8 text")));
        }
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let frame = CsvReadOptions::default()
            .with_infer_schema_length(Some(0))
            .with_rechunk(true)
            .into_reader_with_file_handle(Cursor::new(bytes))
            .finish()
            .map_err(unreadable)?;
        let heads = frame
            .get_column_names()
            .into_iter()
            .map(|name| Head { name: name.trim().to_owned(), kind: Kind::Text })
            .collect();
        let rows = frame.height();
        Ok(Self { heads, rows, parquet: None, frame })
    }

    /// Every column, in the order of the file.
    #[must_use]
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// How many rows there are below the header.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Whether it was read from text, so that any column may hold anything.
    #[must_use]
    pub fn is_csv(&self) -> bool {
        self.parquet.is_none()
    }

    /// Decodes columns that later calls will ask for; each is decoded once.
    ///
    /// # Errors
    /// If the file is damaged, or a column is of a kind that is not read.
    pub fn load(&mut self, names: &[&str]) -> Result<(), Unreadable> {
        let Some(bytes) = &self.parquet else { return Ok(()) };
        let known = |name: &str| self.heads.iter().any(|head| head.name == name);
        let unread = |head: &&Head| head.kind == Kind::Other && names.contains(&&*head.name);
        if let Some(head) = self.heads.iter().find(unread) {
            return Err(Unreadable(format!(
                "the column `{}` is neither text, number nor time: write a category as text, a decimal \
                 as a float",
                head.name
            )));
        }
        let mut missing: Vec<String> = names
            .iter()
            .filter(|name| known(name) && self.frame.column(name).is_err())
            .map(|name| (*name).to_owned())
            .collect();
        missing.sort();
        missing.dedup();
        if missing.is_empty() {
            return Ok(());
        }
        let decoded = ParquetReader::new(Cursor::new(bytes.as_slice()))
            .with_columns(Some(missing))
            .finish()
            .map_err(unreadable)?;
        let mut columns = std::mem::take(&mut self.frame).into_columns();
        columns.extend(decoded.into_columns());
        self.frame = DataFrame::new(self.rows, columns).map_err(unreadable)?;
        Ok(())
    }

    fn series(&self, name: &str) -> Result<&Series, Unreadable> {
        let place = self.heads.iter().position(|head| head.name == name);
        let column = match (place, &self.parquet) {
            (Some(place), None) => self.frame.select_at_idx(place),
            _ => self.frame.column(name).ok(),
        };
        column
            .map(Column::as_materialized_series)
            .ok_or_else(|| Unreadable(format!("the column `{name}` was not decoded")))
    }

    /// The cells of a text column, one a row, trimmed; `None` where the cell is empty.
    ///
    /// # Errors
    /// If the column is no text.
    pub fn texts(&self, name: &str) -> Result<Vec<Option<&str>>, Unreadable> {
        let cells = self.series(name)?.str().map_err(unreadable)?;
        Ok(cells.iter().map(|cell| cell.map(str::trim).filter(|cell| !cell.is_empty())).collect())
    }

    /// The cells of a column as numbers, one a row; `None` where the cell is empty or says that nothing
    /// was measured (`null`, `NA`, `NaN`). The inner error is the first cell that is no finite number.
    ///
    /// # Errors
    /// If the column can hold no numbers at all.
    pub fn numbers(&self, name: &str) -> Result<Result<Vec<Option<f64>>, NoNumber>, Unreadable> {
        self.numbers_of(name, |_| true)
    }

    /// As [`Table::numbers`], of the rows that `wanted` names by index from 0; the others are `None`.
    ///
    /// # Errors
    /// If the column can hold no numbers at all.
    pub fn numbers_of(
        &self,
        name: &str,
        wanted: impl Fn(usize) -> bool,
    ) -> Result<Result<Vec<Option<f64>>, NoNumber>, Unreadable> {
        let series = self.series(name)?;
        if series.dtype() == &DataType::String {
            let cells = self.texts(name)?;
            return Ok(cells
                .into_iter()
                .enumerate()
                .map(|(row, cell)| {
                    cell.filter(|_| wanted(row)).map_or(Ok(None), |cell| {
                        number(cell).map_err(|()| NoNumber { row: row + 1, text: cell.to_owned() })
                    })
                })
                .collect());
        }
        let cast = series.strict_cast(&DataType::Float64).map_err(unreadable)?;
        let cells = cast.f64().map_err(unreadable)?;
        let filled = cells.iter().enumerate().map(|(row, cell)| match cell {
            Some(value) if value.is_infinite() && wanted(row) => {
                Err(NoNumber { row: row + 1, text: value.to_string() })
            }
            other => Ok(other.filter(|value| !value.is_nan() && wanted(row))),
        });
        Ok(filled.collect())
    }

    /// The cells of a [`Kind::Time`] column.
    ///
    /// # Errors
    /// If the column holds no times.
    pub fn instants(&self, name: &str) -> Result<Instants, Unreadable> {
        let series = self.series(name)?;
        let (per_second, seconds_each, utc) = match series.dtype() {
            DataType::Date => (1, 86_400, false),
            DataType::Datetime(unit, zone) => (per_second(*unit), 1, zone.is_some()),
            other => return Err(Unreadable(format!("the column `{name}` holds {other}"))),
        };
        let physical = series.to_physical_repr();
        let cells = physical.strict_cast(&DataType::Int64).map_err(unreadable)?;
        let cells = cells.i64().map_err(unreadable)?;
        let seconds =
            cells.iter().map(|cell| cell.map(|c| c.div_euclid(per_second) * seconds_each));
        Ok(Instants { seconds: seconds.collect(), utc })
    }

    /// Which rows have this value in a column: by text, or by number where the column holds numbers.
    ///
    /// # Errors
    /// If the column can be compared with neither.
    pub fn matching(&self, name: &str, value: &str) -> Result<Vec<bool>, Unreadable> {
        if self.series(name)?.dtype() == &DataType::String {
            let cells = self.texts(name)?;
            return Ok(cells.into_iter().map(|cell| cell == Some(value)).collect());
        }
        let wanted = value.parse::<f64>().ok();
        let cells = self.numbers(name)?.unwrap_or_default();
        Ok(cells.into_iter().map(|cell| cell.is_some() && cell == wanted).collect())
    }

    /// One number a row that is equal where all these text or number columns are equal.
    ///
    /// # Errors
    /// If a column is neither.
    pub fn fingerprints(&self, names: &[&str]) -> Result<Vec<u64>, Unreadable> {
        let mut states = vec![DefaultHasher::new(); self.rows];
        for name in names {
            if self.series(name)?.dtype() == &DataType::String {
                let cells = self.texts(name)?;
                states.iter_mut().zip(cells).for_each(|(state, cell)| cell.hash(state));
            } else {
                let cells = self.numbers(name)?.unwrap_or_default();
                let bits = cells.into_iter().map(|cell| cell.map(f64::to_bits));
                states.iter_mut().zip(bits).for_each(|(state, cell)| cell.hash(state));
            }
        }
        Ok(states.into_iter().map(|state| state.finish()).collect())
    }
}

/// The number a cell states; `None` where it says that nothing was measured.
///
/// # Errors
/// If it is neither.
#[expect(clippy::result_unit_err, reason = "the caller knows the cell and its row")]
pub fn number(cell: &str) -> Result<Option<f64>, ()> {
    const NOTHING: [&str; 7] = ["null", "nan", "na", "n/a", "none", "-", "nil"];
    if NOTHING.iter().any(|word| cell.eq_ignore_ascii_case(word)) {
        return Ok(None);
    }
    cell.parse::<f64>().ok().filter(|value| value.is_finite()).map(Some).ok_or(())
}

/// What a column of a Parquet file holds. Told from its Arrow type, since asking polars for its own type
/// panics on those that this build leaves out (decimals, categories, structs).
fn kind(dtype: &ArrowDataType) -> Kind {
    use ArrowDataType as A;
    match dtype {
        A::Utf8 | A::LargeUtf8 | A::Utf8View => Kind::Text,
        A::Date32 | A::Date64 | A::Timestamp(..) => Kind::Time,
        A::Int8 | A::Int16 | A::Int32 | A::Int64 | A::UInt8 | A::UInt16 | A::UInt32 | A::UInt64 => {
            Kind::Integer
        }
        A::Float32 | A::Float64 => Kind::Number,
        _ => Kind::Other,
    }
}

fn per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Nanoseconds => 1_000_000_000,
        TimeUnit::Microseconds => 1_000_000,
        TimeUnit::Milliseconds => 1_000,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "made for map_err")]
pub(super) fn unreadable(error: polars::error::PolarsError) -> Unreadable {
    Unreadable(error.to_string().lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::parquet::{Cells, parquet};

    #[test]
    fn a_table_reads_back_as_it_was_written() {
        let columns = [
            ("region", Cells::Text(vec![Some("eu".into()), None, Some("us".into())])),
            ("rate", Cells::Number(vec![Some(1.5), None, Some(-2.0)])),
            ("nodes", Cells::Integer(vec![Some(3), Some(4), None])),
            ("at", Cells::Time(vec![Some(0), Some(3600), Some(1_795_000_000)])),
        ];
        let bytes = parquet(&columns).unwrap();
        assert_eq!(bytes, parquet(&columns).unwrap());
        let mut table = Table::open(bytes).unwrap();
        assert_eq!(table.rows(), 3);
        let kinds: Vec<Kind> = table.heads().iter().map(|head| head.kind).collect();
        assert_eq!(kinds, [Kind::Text, Kind::Number, Kind::Integer, Kind::Time]);
        table.load(&["rate", "at"]).unwrap();
        table.load(&["region", "rate", "nodes"]).unwrap();
        assert_eq!(table.texts("region").unwrap(), [Some("eu"), None, Some("us")]);
        assert_eq!(table.numbers("rate").unwrap().unwrap(), [Some(1.5), None, Some(-2.0)]);
        assert_eq!(table.numbers("nodes").unwrap().unwrap(), [Some(3.0), Some(4.0), None]);
        assert_eq!(table.matching("nodes", "4").unwrap(), [false, true, false]);
        let at = table.instants("at").unwrap();
        assert_eq!(at.seconds, [Some(0), Some(3600), Some(1_795_000_000)]);
        assert!(!at.utc);
    }

    #[test]
    fn a_cell_of_csv_that_is_no_number_is_named_with_its_row() {
        let table =
            Table::open(b"day,chats\n2027-01-01,5\n2027-01-02,\n2027-01-03,many\n".to_vec());
        let table = table.unwrap();
        assert_eq!(
            table.numbers("chats").unwrap(),
            Err(NoNumber { row: 3, text: String::from("many") })
        );
        assert_eq!(table.texts("day").unwrap()[1], Some("2027-01-02"));
    }

    #[test]
    fn words_for_nothing_are_no_numbers_and_no_errors() {
        let table = Table::open(b"v\n1e3\nNaN\nnull\nN/A\n-2.5\n".to_vec()).unwrap();
        assert_eq!(
            table.numbers("v").unwrap().unwrap(),
            [Some(1000.0), None, None, None, Some(-2.5)]
        );
    }

    #[test]
    fn a_byte_order_mark_and_carriage_returns_are_no_part_of_names_and_values() {
        let table = Table::open(b"\xEF\xBB\xBFday,\"v\"\r\n2027-01-01,5\r\n".to_vec()).unwrap();
        let names: Vec<&str> = table.heads().iter().map(|head| head.name.as_str()).collect();
        assert_eq!(names, ["day", "v"]);
        assert_eq!(table.numbers("v").unwrap().unwrap(), [Some(5.0)]);
    }

    #[test]
    fn bytes_that_are_no_table_are_refused() {
        assert!(Table::open(vec![0x1f, 0x8b, 0x08, 0xff]).is_err());
        assert!(Table::open(Vec::new()).is_err());
        assert!(Table::open(b"PAR1 and nothing else".to_vec()).is_err());
    }
}
