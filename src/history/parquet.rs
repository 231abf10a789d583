//! Tables as Parquet files: named columns of typed cells go in, bytes come out. The same table gives the same bytes.
//!
//! Columns are written through polars' own Parquet writer, without a data frame: a decimal stays a
//! decimal, as money must, and no feature of polars that reads or computes is needed for it.

use std::borrow::Borrow;
use std::path::Path;
use std::sync::Arc;

use polars_arrow::array::{Array, BooleanArray, PrimitiveArray, Utf8Array};
use polars_arrow::datatypes::{ArrowDataType, ArrowSchema, Field, TimeUnit};
use polars_arrow::record_batch::RecordBatchT;
use polars_parquet::write::{
    CompressionOptions, Encoding, FileWriter, RowGroupIterator, StatisticsOptions, Version,
    WriteOptions,
};

use super::frames::{Unreadable, unreadable};
use crate::calendar::{Date, days_between};
use crate::money::Decimal;

/// The cells of a column to be written, one a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Text.
    Text(Vec<Option<String>>),
    /// Floats.
    Number(Vec<Option<f64>>),
    /// Integers.
    Integer(Vec<Option<i64>>),
    /// Exact decimals of so many places; what is behind them is rounded.
    Decimal(u32, Vec<Option<Decimal>>),
    /// Yes or no.
    Flag(Vec<Option<bool>>),
    /// Days.
    Day(Vec<Option<Date>>),
    /// Instants in UTC, in seconds since 1970-01-01 00:00; written as clock times without a zone.
    Time(Vec<Option<i64>>),
}

impl Cells {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Number(cells) => cells.len(),
            Self::Integer(cells) | Self::Time(cells) => cells.len(),
            Self::Decimal(_, cells) => cells.len(),
            Self::Flag(cells) => cells.len(),
            Self::Day(cells) => cells.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How many digits a decimal has in a file: as many as sixteen bytes hold.
const DIGITS: usize = 38;

/// A table as the bytes of a Parquet file.
///
/// # Errors
/// If columns differ in length or share a name.
pub fn parquet<C: Borrow<Cells>>(columns: &[(&str, C)]) -> Result<Vec<u8>, Unreadable> {
    let arrays: Vec<Box<dyn Array>> =
        columns.iter().map(|(_, cells)| array(cells.borrow())).collect();
    let rows = arrays.first().map_or(0, |array| array.len());
    let fields = columns
        .iter()
        .zip(&arrays)
        .map(|((name, _), array)| Field::new((*name).into(), array.dtype().clone(), true));
    let schema = ArrowSchema::from_iter_check_duplicates(fields).map_err(unreadable)?;
    let options = WriteOptions {
        statistics: StatisticsOptions::default(),
        version: Version::V1,
        compression: CompressionOptions::Zstd(None),
        data_page_size: None,
    };
    let encodings: Vec<Vec<Encoding>> =
        columns.iter().map(|(_, cells)| vec![encoding(cells.borrow())]).collect();
    let whole =
        RecordBatchT::try_new(rows, Arc::new(schema.clone()), arrays).map_err(unreadable)?;
    let groups =
        RowGroupIterator::try_new(std::iter::once(Ok(whole)), &schema, options, encodings.into())
            .map_err(unreadable)?;
    let mut writer = FileWriter::try_new(Vec::new(), schema, options).map_err(unreadable)?;
    for group in groups {
        writer.write(rows as u64, group.map_err(unreadable)?).map_err(unreadable)?;
    }
    writer.end(None).map_err(unreadable)?;
    Ok(writer.into_inner())
}

/// Writes a table as a Parquet file.
///
/// # Errors
/// If columns differ in length or share a name, or the file cannot be written.
#[expect(clippy::disallowed_methods, reason = "exports write files; the caller gives the path")]
pub fn write_parquet(path: &Path, columns: &[(&str, Cells)]) -> Result<(), Unreadable> {
    std::fs::write(path, parquet(columns)?)
        .map_err(|error| Unreadable(format!("{}: {error}", path.display())))
}

/// Words come again and again; figures do not.
fn encoding(cells: &Cells) -> Encoding {
    match cells {
        Cells::Text(_) => Encoding::RleDictionary,
        _ => Encoding::Plain,
    }
}

fn array(cells: &Cells) -> Box<dyn Array> {
    match cells {
        Cells::Text(cells) => Box::new(Utf8Array::<i64>::from(cells.as_slice())),
        Cells::Number(cells) => Box::new(PrimitiveArray::from(cells.as_slice())),
        Cells::Integer(cells) => Box::new(PrimitiveArray::from(cells.as_slice())),
        Cells::Flag(cells) => Box::new(BooleanArray::from(cells.as_slice())),
        Cells::Decimal(places, cells) => {
            let cells: Vec<Option<i128>> =
                cells.iter().map(|cell| cell.map(|value| units(value, *places))).collect();
            let dtype = ArrowDataType::Decimal(DIGITS, *places as usize);
            Box::new(PrimitiveArray::from(cells).to(dtype))
        }
        Cells::Day(cells) => {
            let first = Date::constant(1970, 1, 1);
            let days: Vec<Option<i32>> =
                cells.iter().map(|cell| cell.map(|day| days_between(first, day))).collect();
            Box::new(PrimitiveArray::from(days).to(ArrowDataType::Date32))
        }
        Cells::Time(cells) => {
            let millis: Vec<Option<i64>> = cells.iter().map(|c| c.map(|c| c * 1000)).collect();
            let clock = ArrowDataType::Timestamp(TimeUnit::Millisecond, None);
            Box::new(PrimitiveArray::from(millis).to(clock))
        }
    }
}

/// A decimal in units of its last place, rounded to even.
fn units(value: Decimal, places: u32) -> i128 {
    let mut value = value.round_dp(places);
    value.rescale(places);
    value.mantissa()
}
