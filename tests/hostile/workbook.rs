//! The workbook: elements of its sheets.

use std::collections::BTreeMap;
use std::io::Read;

use crate::tags::tags;

/// The sheets of a workbook: elements and their attributes, and how many formulas there are.
pub fn sheets(bytes: &[u8]) -> BTreeMap<String, Vec<String>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut parts = BTreeMap::new();
    for place in 0..archive.len() {
        let mut file = archive.by_index(place).unwrap();
        let mut text = String::new();
        if file.read_to_string(&mut text).is_err() {
            continue;
        }
        // Widths follow the text, and equal texts are stored once.
        let part = file.name().unwrap().into_owned();
        if part.contains("worksheets/") || part.contains("_rels/") {
            let names = tags(&text).into_iter().filter(|tag| !tag.starts_with("col "));
            let names =
                names.map(|tag| tag.split_whitespace().next().unwrap_or_default().to_owned());
            parts.insert(part, names.collect());
        }
    }
    parts
}
