//! Tables of data for who goes on calculating: the ledger, the forecast by month, statements, orders.
//!
//! A table is named columns of typed cells, written as CSV or as Parquet; both hold the same figures. Amounts are
//! exact decimals. In CSV, text that a spreadsheet would take for a formula gets an apostrophe before it; Parquet
//! has types and needs none.

use super::csv::{Csv, text};
use crate::calendar::{Calendar, Date, Month};
use crate::history::parquet::{Cells, parquet};
use crate::money::Decimal;

/// A table: columns of equal length.
#[derive(Debug, Clone, Default)]
pub struct Data {
    columns: Vec<Column>,
}

#[derive(Debug, Clone)]
struct Column {
    name: &'static str,
    cells: Cells,
    shown: Shown,
}

/// How CSV shows a cell.
#[derive(Debug, Clone, Copy)]
enum Shown {
    /// In full.
    Plain,
    /// With two places at least, as bills have.
    Cents,
    /// A day that stands for its month.
    Month,
}

impl Data {
    /// Adds a column of text.
    #[must_use]
    pub fn texts<T: Into<String>>(
        self,
        name: &'static str,
        cells: impl Iterator<Item = Option<T>>,
    ) -> Self {
        let cells = cells.map(|cell| cell.map(Into::into).filter(|text: &String| !text.is_empty()));
        self.column(name, Cells::Text(cells.collect()), Shown::Plain)
    }

    /// Adds a column of exact decimals of six places, the quantum of amounts and quantities.
    #[must_use]
    pub fn decimals(
        self,
        name: &'static str,
        cells: impl Iterator<Item = Option<Decimal>>,
    ) -> Self {
        self.column(name, Cells::Decimal(6, cells.collect()), Shown::Plain)
    }

    /// Adds a column of prices of one of something, which need more places than amounts do.
    #[must_use]
    pub fn rates(self, name: &'static str, cells: impl Iterator<Item = Option<Decimal>>) -> Self {
        self.column(name, Cells::Decimal(12, cells.collect()), Shown::Plain)
    }

    /// Adds a column of amounts in whole cents.
    #[must_use]
    pub fn cents(self, name: &'static str, cells: impl Iterator<Item = Option<Decimal>>) -> Self {
        self.column(name, Cells::Decimal(2, cells.collect()), Shown::Cents)
    }

    /// Adds a column of counts.
    #[must_use]
    pub fn integers(self, name: &'static str, cells: impl Iterator<Item = Option<i64>>) -> Self {
        self.column(name, Cells::Integer(cells.collect()), Shown::Plain)
    }

    /// Adds a column of yes and no.
    #[must_use]
    pub fn flags(self, name: &'static str, cells: impl Iterator<Item = bool>) -> Self {
        self.column(name, Cells::Flag(cells.map(Some).collect()), Shown::Plain)
    }

    /// Adds a column of days.
    #[must_use]
    pub fn days(self, name: &'static str, cells: impl Iterator<Item = Date>) -> Self {
        self.column(name, Cells::Day(cells.map(Some).collect()), Shown::Plain)
    }

    /// Adds a column of days, of which some are missing.
    #[must_use]
    pub fn some_days(self, name: &'static str, cells: impl Iterator<Item = Option<Date>>) -> Self {
        self.column(name, Cells::Day(cells.collect()), Shown::Plain)
    }

    /// Adds a column of months; in Parquet each is the first day of the calendar month whose name it has.
    ///
    /// Of a retail calendar their first and last days follow, as columns `first_day` and `last_day`: the names do
    /// not say them.
    #[must_use]
    pub fn months(self, name: &'static str, cells: impl Iterator<Item = Month>) -> Self {
        let months: Vec<Month> = cells.collect();
        let days =
            |of: fn(Month) -> Date| Cells::Day(months.iter().copied().map(of).map(Some).collect());
        let table = self.column(name, days(Month::named_after), Shown::Month);
        if months.iter().all(|month| month.calendar() == Calendar::Gregorian) {
            return table;
        }
        table.column("first_day", days(Month::first_day), Shown::Plain).column(
            "last_day",
            days(Month::last_day),
            Shown::Plain,
        )
    }

    fn column(mut self, name: &'static str, cells: Cells, shown: Shown) -> Self {
        self.columns.push(Column { name, cells, shown });
        self
    }

    /// How many rows it has.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.cells.len())
    }

    /// As CSV: RFC 4180, one header line.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut csv = Csv::default();
        csv.row(&self.columns.iter().map(|column| column.name.to_owned()).collect::<Vec<_>>());
        for row in 0..self.rows() {
            csv.row(&self.columns.iter().map(|column| column.shown(row)).collect::<Vec<_>>());
        }
        csv.text
    }

    /// As Parquet.
    ///
    /// # Panics
    /// If two columns share a name or differ in length, which is a wrong program.
    #[must_use]
    pub fn parquet(&self) -> Vec<u8> {
        let columns: Vec<(&str, &Cells)> =
            self.columns.iter().map(|column| (column.name, &column.cells)).collect();
        parquet(&columns).unwrap_or_else(|error| panic!("a table of ours is uneven: {error}"))
    }
}

impl Column {
    fn shown(&self, row: usize) -> String {
        let shown = match &self.cells {
            Cells::Text(cells) => cells[row].as_deref().map(text),
            Cells::Number(cells) => cells[row].map(|value| value.to_string()),
            Cells::Integer(cells) | Cells::Time(cells) => cells[row].map(|value| value.to_string()),
            Cells::Flag(cells) => cells[row].map(|value| value.to_string()),
            Cells::Decimal(places, cells) => cells[row].map(|value| match self.shown {
                Shown::Cents => format!("{value:.2}"),
                Shown::Plain | Shown::Month => value.round_dp(*places).normalize().to_string(),
            }),
            Cells::Day(cells) => cells[row].map(|day| match self.shown {
                Shown::Month => Calendar::Gregorian.month_of(day).to_string(),
                Shown::Plain | Shown::Cents => day.to_string(),
            }),
        };
        shown.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::frames::Table;

    fn table() -> Data {
        Data::default()
            .months("month", [Month::new(2027, 2), Month::new(2027, 3)].into_iter())
            .texts("team", [Some("=1+1"), None].into_iter())
            .decimals("amount", ["12.5", "-0.000001"].map(|text| text.parse().ok()).into_iter())
            .cents("billed", ["12.5", "3"].map(|text| text.parse().ok()).into_iter())
            .flags("firm", [true, false].into_iter())
    }

    #[test]
    fn csv_shows_every_cell_and_guards_what_looks_like_a_formula() {
        let expected = "month,team,amount,billed,firm\r\n\
                        2027-02,'=1+1,12.5,12.50,true\r\n\
                        2027-03,,-0.000001,3.00,false\r\n";
        assert_eq!(table().csv(), expected);
    }

    #[test]
    fn parquet_has_the_same_columns_and_text_as_it_is() {
        let mut read = Table::open(table().parquet()).unwrap();
        let names: Vec<&str> = read.heads().iter().map(|head| head.name.as_str()).collect();
        assert_eq!(names, ["month", "team", "amount", "billed", "firm"]);
        read.load(&["month", "team"]).unwrap();
        assert_eq!(read.texts("team").unwrap(), [Some("=1+1"), None]);
        assert_eq!(read.instants("month").unwrap().seconds[0], Some(1_801_440_000));
    }

    #[test]
    fn an_empty_table_has_its_heads() {
        let empty = Data::default().texts("team", std::iter::empty::<Option<String>>());
        assert_eq!(empty.csv(), "team\r\n");
        assert_eq!(Table::open(empty.parquet()).unwrap().rows(), 0);
    }
}
