//! A plain table with a line or two below it, for every output: what commands print that are no report.
//!
//! A cell is typed: text, or a number with how it is shown. The terminal and Markdown show it, CSV and JSON hold
//! the number itself.

use std::fmt::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use serde_json::{Map, Value, json};

use super::format::{NONE, plain, significant};
use super::prose;
use super::series::{quoted, trimmed};
use super::terminal::wrap;

pub use super::format::decimals;

/// A table.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Its key in JSON.
    pub key: &'static str,
    /// What every row is of, where that stands in the title alone: its column in CSV and JSON, and its name.
    pub of: Option<(&'static str, String)>,
    /// Its title.
    pub title: String,
    /// Keys and heads of the columns, left to right.
    pub columns: Vec<(&'static str, &'static str)>,
    /// The rows, each with one cell a column.
    pub rows: Vec<Vec<Cell>>,
    /// What stands below it.
    pub notes: Vec<String>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    None,
    /// Text.
    Text(String),
    /// A number, and how people see it.
    Number(f64, String),
}

impl Cell {
    /// Text; nothing where it is empty.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::None } else { Self::Text(text) }
    }

    /// A number to three significant digits.
    #[must_use]
    pub fn number(value: Option<f64>) -> Self {
        value.map_or(Self::None, |value| Self::Number(value, significant(value)))
    }

    /// A number with so many decimals.
    #[must_use]
    pub fn fixed(value: Option<f64>, places: usize) -> Self {
        value.map_or(Self::None, |value| Self::Number(value, decimals(value, places)))
    }

    /// An exact figure as it is.
    #[must_use]
    pub fn exact(value: crate::money::Decimal) -> Self {
        Self::Number(crate::money::to_f64(value), value.normalize().to_string())
    }

    /// A share, as a percentage with one decimal and its sign where it is a change.
    #[must_use]
    pub fn share(value: Option<f64>) -> Self {
        value.map_or(Self::None, |value| {
            Self::Number(value, format!("{}%", decimals(value * 100.0, 1)))
        })
    }

    /// A change, as a percentage with its sign.
    #[must_use]
    pub fn change(value: Option<f64>) -> Self {
        let signed = |value: f64| {
            let shown = decimals(value * 100.0, 1);
            let plus = if value > 0.0 && shown != "0.0" { "+" } else { "" };
            format!("{plus}{shown}%")
        };
        value.map_or(Self::None, |value| Self::Number(value, signed(value)))
    }

    fn shown(&self) -> String {
        match self {
            Self::None => NONE.to_owned(),
            Self::Text(text) => plain(text),
            Self::Number(_, shown) => shown.clone(),
        }
    }

    fn value(&self) -> Value {
        match self {
            Self::None => Value::Null,
            Self::Text(text) => json!(text),
            Self::Number(value, _) => json!(value),
        }
    }
}

impl Listing {
    fn is_number(&self, column: usize) -> bool {
        self.rows.iter().any(|row| matches!(row[column], Cell::Number(..)))
    }
}

/// For a terminal so many columns wide.
#[must_use]
pub fn table(all: &[Listing], width: usize) -> String {
    let mut out = String::new();
    for (place, listing) in all.iter().enumerate() {
        if place > 0 {
            out.push('\n');
        }
        if !listing.title.is_empty() {
            let _ = writeln!(out, "{}", plain(&listing.title));
        }
        if !listing.rows.is_empty() {
            let mut grid = Table::new();
            grid.load_style(NOTHING);
            grid.set_header(listing.columns.iter().map(|(_, head)| *head));
            for row in &listing.rows {
                grid.add_row(row.iter().map(Cell::shown));
            }
            for column in (0..listing.columns.len()).filter(|column| listing.is_number(*column)) {
                if let Some(column) = grid.column_mut(column) {
                    column.set_cell_alignment(CellAlignment::Right);
                }
            }
            out.push_str(&trimmed(&grid));
        }
        for note in &listing.notes {
            let _ = writeln!(out, "{}", wrap(&plain(note), width));
        }
    }
    out
}

/// As Markdown.
#[must_use]
pub fn markdown(all: &[Listing]) -> String {
    let mut out = String::new();
    for listing in all {
        if !listing.title.is_empty() {
            let _ = writeln!(out, "## {}\n", prose::escape(&listing.title));
        }
        if !listing.rows.is_empty() {
            let heads: Vec<&str> = listing.columns.iter().map(|(_, head)| *head).collect();
            let align = |column| if listing.is_number(column) { "--:|" } else { "---|" };
            let line: String = (0..heads.len()).map(align).collect();
            let _ = writeln!(out, "| {} |\n|{line}", heads.join(" | "));
            for row in &listing.rows {
                let cells: Vec<String> = row.iter().map(|c| prose::escape(&c.shown())).collect();
                let _ = writeln!(out, "| {} |", cells.join(" | "));
            }
            out.push('\n');
        }
        for note in &listing.notes {
            let _ = writeln!(out, "{}\n", prose::escape(note));
        }
    }
    out
}

/// As JSON: the rows of each table under its key, its notes under `KEY_notes`. Tables of one key are one there.
#[must_use]
pub fn json(all: &[Listing]) -> String {
    let mut whole = Map::new();
    let mut extend = |key: String, found: Vec<Value>| {
        let held = whole.entry(key).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(held) = held {
            held.extend(found);
        }
    };
    for listing in all {
        let row = |row: &Vec<Cell>| {
            let of = listing.of.iter().map(|(key, name)| ((*key).to_owned(), json!(name)));
            let cells = listing.columns.iter().zip(row);
            let cells = cells.map(|((key, _), cell)| ((*key).to_owned(), cell.value()));
            Value::Object(of.chain(cells).collect())
        };
        extend(listing.key.to_owned(), listing.rows.iter().map(row).collect());
        if !listing.notes.is_empty() {
            let note = |note: &String| match &listing.of {
                Some((_, name)) => json!(format!("{name}: {note}")),
                None => json!(note),
            };
            extend(format!("{}_notes", listing.key), listing.notes.iter().map(note).collect());
        }
    }
    let text = serde_json::to_string_pretty(&Value::Object(whole)).unwrap_or_default();
    text + "\n"
}

/// As CSV: the first table that has rows, and every other of its key; a column that only some have is empty in the others.
#[must_use]
pub fn csv(all: &[Listing]) -> String {
    let Some(first) = all.iter().find(|listing| !listing.rows.is_empty()).or(all.first()) else {
        return String::new();
    };
    let own: Vec<&Listing> = all.iter().filter(|listing| listing.key == first.key).collect();
    let mut heads: Vec<&str> = Vec::new();
    for listing in &own {
        // A head that is new stands behind the one that it follows in its own table.
        let mut at = 0;
        let of = listing.of.iter().map(|(key, _)| *key);
        for key in of.chain(listing.columns.iter().map(|(key, _)| *key)) {
            let found = heads.iter().position(|head| *head == key);
            if found.is_none() {
                heads.insert(at, key);
            }
            at = found.unwrap_or(at) + 1;
        }
    }
    let mut out = heads.join(",") + "\n";
    for listing in own {
        for row in &listing.rows {
            let cell = |head: &&str| {
                if let Some((_, name)) = listing.of.as_ref().filter(|(key, _)| key == head) {
                    return quoted(name);
                }
                match listing.columns.iter().position(|(key, _)| key == head).map(|at| &row[at]) {
                    None | Some(Cell::None) => String::new(),
                    Some(Cell::Text(text)) => quoted(text),
                    Some(Cell::Number(value, _)) => format!("{value}"),
                }
            };
            let _ = writeln!(out, "{}", heads.iter().map(cell).collect::<Vec<_>>().join(","));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> [Listing; 1] {
        [Listing {
            key: "prices",
            of: None,
            title: "Two prices".into(),
            columns: vec![("instance", "Instance"), ("price", "USD/h"), ("change", "Change")],
            rows: vec![
                vec![Cell::text("a|b"), Cell::fixed(Some(1.5), 4), Cell::change(Some(-0.44))],
                vec![Cell::text("c, d"), Cell::None, Cell::change(None)],
            ],
            notes: vec!["as of 2026-11-26".into()],
        }]
    }

    #[test]
    fn every_output_holds_the_same_cells() {
        let text = table(&example(), 80);
        assert!(text.contains("1.5000") && text.contains("−44.0%"), "{text}");
        assert_eq!(csv(&example()), "instance,price,change\na|b,1.5,-0.44\n\"c, d\",,\n");
        let json: Value = serde_json::from_str(&json(&example())).unwrap();
        assert_eq!(json["prices"][0]["price"], 1.5);
        assert_eq!(json["prices"][1]["change"], Value::Null);
        assert!(markdown(&example()).contains("|---|--:|--:|"));
    }

    #[test]
    fn tables_of_one_key_are_one_in_which_each_row_says_what_it_is_of() {
        let of =
            |pool: &str, columns: Vec<(&'static str, &'static str)>, cells: Vec<Cell>| Listing {
                key: "mix",
                of: Some(("pool", pool.to_owned())),
                title: format!("Mix for {pool}"),
                columns,
                rows: vec![cells],
                notes: vec!["cheap".into()],
            };
        let (instance, gpu, nodes) = (("instance", "I"), ("gpu", "G"), ("nodes", "N"));
        let all = [
            of("web", vec![instance, nodes], vec![Cell::text("m"), Cell::fixed(Some(2.0), 0)]),
            of(
                "train",
                vec![instance, gpu, nodes],
                vec![Cell::text("p"), Cell::fixed(Some(8.0), 0), Cell::fixed(Some(3.0), 0)],
            ),
        ];
        assert_eq!(csv(&all), "pool,instance,gpu,nodes\nweb,m,,2\ntrain,p,8,3\n");
        let json: Value = serde_json::from_str(&json(&all)).unwrap();
        assert_eq!(json["mix"].as_array().unwrap().len(), 2);
        assert_eq!(
            (&json["mix"][0]["pool"], &json["mix"][1]["pool"]),
            (&json!("web"), &json!("train"))
        );
        assert_eq!(json["mix_notes"], json!(["web: cheap", "train: cheap"]));
        assert!(!table(&all, 80).contains("pool"));
    }
}
