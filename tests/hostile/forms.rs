//! The skeleton of a text of every form, and whether two texts differ in more than their words.

use serde_json::Value;

use crate::markdown::{events, forged};
use crate::program::Form;
use crate::tags::tags;

/// What must not be in any text: controls, and marks that reorder or hide.
pub fn visible(text: &str) -> Result<(), String> {
    let hidden = |c: &char| {
        (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{2028}' | '\u{2029}')
    };
    match text.chars().find(hidden) {
        Some(c) => {
            let line = text.lines().find(|line| line.contains(c)).unwrap_or_default();
            Err(format!("{c:?} in {line:?}"))
        }
        None => Ok(()),
    }
}

/// Why two texts of a form differ in more than their words.
pub fn differ(form: Form, calm: &str, hostile: &str) -> Result<(), String> {
    fn same<T: PartialEq + std::fmt::Debug>(calm: &[T], hostile: &[T]) -> Result<(), String> {
        if calm == hostile {
            return Ok(());
        }
        let at = calm.iter().zip(hostile).take_while(|(a, b)| a == b).count();
        let part = |of: &[T]| format!("{:?}", of.iter().skip(at).take(4).collect::<Vec<_>>());
        Err(format!(
            "{} parts became {}; at {at} {} became {}",
            calm.len(),
            hostile.len(),
            part(calm),
            part(hostile)
        ))
    }
    match form {
        Form::Text => visible(hostile),
        Form::Html => {
            visible(hostile)?;
            same(&tags(calm), &tags(hostile))
        }
        Form::Markdown => {
            visible(hostile)?;
            if let Some(found) = forged(hostile) {
                return Err(found);
            }
            same(&events(calm), &events(hostile))
        }
        Form::Csv => same(&cells(calm)?, &cells(hostile)?),
        Form::Json => {
            let read = |text: &str| serde_json::from_str::<Value>(text).map_err(|e| e.to_string());
            let (calm, hostile) = (shape(&read(calm)?), shape(&read(hostile)?));
            same(&calm.split(',').collect::<Vec<_>>(), &hostile.split(',').collect::<Vec<_>>())
        }
        Form::Ics => {
            visible(hostile)?;
            same(&properties(calm), &properties(hostile))
        }
        Form::Yaml => {
            visible(hostile)?;
            let heads = |text: &str| -> Vec<String> {
                let head = |line: &str| line.split(':').next().unwrap_or_default().to_owned();
                let keys = text.lines().filter(|line| !line.trim_start().starts_with('#'));
                keys.map(head).collect()
            };
            same(&heads(calm), &heads(hostile))
        }
        Form::Github => {
            visible(hostile)?;
            let heads = |text: &str| -> Vec<String> {
                text.lines()
                    .map(|line| line.split(' ').next().unwrap_or_default().to_owned())
                    .collect()
            };
            same(&heads(calm), &heads(hostile))
        }
    }
}

/// Rows and columns; no cell is a formula.
pub fn cells(text: &str) -> Result<Vec<usize>, String> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut columns = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| error.to_string())?;
        for cell in &row {
            let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            let number = cell.trim_end_matches('%').parse::<f64>().is_ok();
            if formula && !number {
                return Err(format!("a formula: {cell:?}"));
            }
        }
        columns.push(row.len());
    }
    Ok(columns)
}

/// Keys, and the kinds of values.
pub fn shape(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(shape).collect::<Vec<_>>().join(","))
        }
        Value::Object(fields) => {
            let fields: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name}:{}", shape(value))).collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::String(_) => "text".to_owned(),
        Value::Null => "null".to_owned(),
        Value::Bool(_) | Value::Number(_) => "value".to_owned(),
    }
}

/// The names of unfolded content lines.
pub fn properties(calendar: &str) -> Vec<String> {
    let unfolded = calendar.replace("\r\n ", "");
    unfolded
        .split("\r\n")
        .map(|line| line.split([':', ';']).next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn what_gets_through_is_seen() {
    for (form, calm, hostile) in [
        (Form::Text, "a", "\u{1b}[31ma"),
        (Form::Text, "a", "a\u{202e}b"),
        (Form::Html, "<p class=\"a\">a</p>", "<p class=\"a\"><b>a</b></p>"),
        (Form::Html, "<p class=\"a\">", "<p class=\"a\" onclick=\"b\">"),
        (Form::Html, "<a href=\"#a\">", "<a href=\"javascript:a\">"),
        (Form::Markdown, "a", "[a](b)"),
        (Form::Markdown, "a", "a @team"),
        (Form::Markdown, "a", "a https://b"),
        (Form::Markdown, "| a |\n|---|\n| b |", "| a |\n|---|\n| b | c |\n| d |"),
        (Form::Markdown, "a", "<img src=x>"),
        (Form::Csv, "a,b\n", "a,b,c\n"),
        (Form::Csv, "a,b\n", "a,=1+1\n"),
        (Form::Json, "{\"a\": 1}", "{\"a\": 1, \"b\": 2}"),
        (Form::Json, "{\"a\": 1}", "{\"a\": 1}}"),
        (Form::Ics, "SUMMARY:a\r\n", "SUMMARY:a\r\nEND:VEVENT\r\n"),
        (Form::Github, "::error x::a\n", "::error x::a\n::error y::b\n"),
        (Form::Yaml, "a: b\n", "a: b\nc: d\n"),
    ] {
        assert!(differ(form, calm, hostile).is_err(), "{form:?}: {hostile:?}");
        assert_eq!(differ(form, calm, calm), Ok(()), "{form:?}");
    }
}
