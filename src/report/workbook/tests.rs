//! What a reader of the workbook relies on.
#![allow(clippy::disallowed_methods, reason = "a test hands a file to a spreadsheet")]

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use super::*;
use crate::report::fixture::{Words, plan_and_outcomes, report};

/// The workbook of the made-up plan.
fn made(words: &Words) -> Vec<u8> {
    let (plan, outcomes) = plan_and_outcomes(words);
    let statements = crate::report::statements(&plan, &outcomes.base);
    let templates = Templates::built_in();
    render(&plan, &outcomes.base.ledger, &report(words), &statements, &templates).unwrap()
}

/// The files inside, by name.
fn parts(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|index| {
            let mut file = archive.by_index(index).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (file.name().unwrap().into_owned(), text)
        })
        .collect()
}

const SHEETS: [&str; 9] =
    ["Cover", "Summary", "Bridge", "Teams", "Movers", "Forecast", "Lines", "Assumptions", "Checks"];

/// A cell with a formula: where it is, what it says, what it gives.
#[derive(Debug)]
struct Cell {
    sheet: &'static str,
    place: String,
    formula: String,
    value: String,
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split_once(end).map(|(inside, _)| inside)
}

fn formulas(parts: &BTreeMap<String, String>) -> Vec<Cell> {
    let mut cells = Vec::new();
    for (number, sheet) in (1..).zip(SHEETS) {
        for cell in parts[&format!("xl/worksheets/sheet{number}.xml")].split("<c ").skip(1) {
            let cell = cell.split("</c>").next().unwrap();
            if let Some(formula) = between(cell, "<f>", "</f>") {
                cells.push(Cell {
                    sheet,
                    place: between(cell, "r=\"", "\"").unwrap().to_owned(),
                    formula: formula.to_owned(),
                    value: between(cell, "<v>", "</v>").unwrap_or_default().to_owned(),
                });
            }
        }
    }
    cells
}

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-6 * expected.abs().max(1.0)
}

/// The value of the formula in a place.
fn value(cells: &[Cell], place: &str) -> f64 {
    let (sheet, place) = place.split_once('!').unwrap();
    let cell = cells.iter().find(|cell| cell.sheet == sheet && cell.place == place);
    cell.unwrap_or_else(|| panic!("no formula in {sheet}!{place}")).value.parse().unwrap()
}

#[test]
fn the_same_plan_gives_the_same_bytes() {
    assert!(made(&Words::default()) == made(&Words::default()));
}

#[test]
fn every_formula_carries_the_figure_of_the_report() {
    let view = report(&Words::default());
    let cells = formulas(&parts(&made(&Words::default())));
    assert!(cells.len() > 150, "{} formulas", cells.len());
    assert!(cells.iter().all(|cell| !cell.value.is_empty()), "{cells:?}");
    let exact = |amount: Money| crate::money::to_f64(amount.decimal());

    let rows = view.cost.categories.len();
    let periods = u16::try_from(view.periods.len()).unwrap();
    let total = 4 + u32::try_from(rows).unwrap();
    for (row, category) in (4..).zip(&view.cost.categories) {
        for (column, period) in (1..).zip(&view.periods) {
            let place = format!("Summary!{}", sheet::at(row, column));
            assert!(near(value(&cells, &place), exact(period.sum(&category.by_month))), "{place}");
        }
    }
    let place = format!("Summary!{}", sheet::at(total, periods + 1));
    assert!(near(value(&cells, &place), exact(view.cost.total.mean)));
    for (row, team) in (4..).zip(&view.chargeback.teams) {
        assert!(near(value(&cells, &format!("Teams!{}", sheet::at(row, 3))), exact(team.direct)));
        let total = format!("Teams!{}", sheet::at(row, 6));
        assert!(near(value(&cells, &total), exact(team.total.mean)), "{}", team.team);
    }
    let all = u16::try_from(rows).unwrap() + 1;
    for (row, amount) in (4..).zip(&view.cost.by_month) {
        assert!(near(value(&cells, &format!("Forecast!{}", sheet::at(row, all))), exact(*amount)));
    }
}

#[test]
fn every_check_holds() {
    let cells = formulas(&parts(&made(&Words::default())));
    let outcomes: Vec<&str> = cells
        .iter()
        .filter(|cell| cell.sheet == "Checks" && cell.place.starts_with('E'))
        .map(|cell| cell.value.as_str())
        .collect();
    assert_eq!(outcomes, ["holds"; 9]);
    assert!(cells.iter().any(|cell| cell.sheet == "Cover" && cell.value == "all checks hold"));
}

#[test]
fn no_name_becomes_a_formula() {
    let hostile = "=HYPERLINK(\"https://e.example\",\"x\")";
    let words = Words {
        plan: hostile.to_owned(),
        team: hostile.to_owned(),
        note: hostile.to_owned(),
        scenario: hostile.to_owned(),
        ..Words::default()
    };
    let parts = parts(&made(&words));
    assert!(formulas(&parts).iter().all(|cell| !cell.formula.contains("HYPERLINK")));
    assert!(parts["xl/sharedStrings.xml"].contains("=HYPERLINK("));
    for (name, text) in &parts {
        assert!(!name.contains("external") && !text.contains("Target=\"https://e"), "{name}");
    }
}

#[test]
fn short_long_and_empty_plans_have_a_workbook() {
    for months in [1, 5, 36] {
        let bytes = made(&Words { months, ..Words::default() });
        let cells = formulas(&parts(&bytes));
        assert!(cells.iter().all(|cell| !cell.value.contains("NaN")), "{months} months");
    }
    let (plan, mut outcomes) = plan_and_outcomes(&Words::default());
    outcomes.base.ledger.rows.clear();
    let mut view = report(&Words::default());
    view.cost.categories.clear();
    view.cost.comparison = None;
    view.chargeback.teams.clear();
    let statements =
        StatementsView { teams: Vec::new(), unborne: Money::default(), invoice: Money::default() };
    let templates = Templates::built_in();
    let book = render(&plan, &outcomes.base.ledger, &view, &statements, &templates).unwrap();
    let parts = parts(&book);
    assert!(parts["xl/tables/table1.xml"].contains("name=\"Lines\""));
}

/// A workbook without any result, as if nothing had calculated it yet.
fn without_results(bytes: &[u8]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts(bytes) {
        let mut pieces = text.split("</f><v>");
        let mut emptied = pieces.next().unwrap().to_owned();
        for piece in pieces {
            emptied.push_str("</f><v>0");
            emptied.push_str(&piece[piece.find("</v>").unwrap()..]);
        }
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file(name, options).unwrap();
        archive.write_all(emptied.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// Rows of CSV; quoted fields may hold commas and quotes, and no line break here.
fn rows(text: &str) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new();
    let mut reader = reader.has_headers(false).flexible(true).from_reader(text.as_bytes());
    let record = |record: csv::StringRecord| record.iter().map(str::to_owned).collect();
    reader.records().map(|found| record(found.unwrap())).collect()
}

/// `B5` → row 4, column 1.
fn indices(place: &str) -> (usize, usize) {
    let digits = place.find(|c: char| c.is_ascii_digit()).unwrap();
    let column = place[..digits].bytes().fold(0, |n, c| n * 26 + usize::from(c - b'A') + 1);
    (place[digits..].parse::<usize>().unwrap() - 1, column - 1)
}

/// A figure as `LibreOffice` writes it: shares as percentages.
fn number(text: &str) -> Option<f64> {
    match text.strip_suffix('%') {
        Some(percent) => percent.parse::<f64>().ok().map(|percent| percent / 100.0),
        None => text.parse().ok(),
    }
}

/// Always calculate what is loaded, whatever results it holds.
const ALWAYS_CALCULATE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"#;

/// `LibreOffice` calculates every formula anew, from a workbook whose results were taken out, and finds what the
/// report says. Skipped where `soffice` is missing.
#[test]
fn a_spreadsheet_calculates_what_the_model_says() {
    let folder = std::env::temp_dir().join(format!("capplan-workbook-{}", std::process::id()));
    let user = folder.join("profile/user");
    std::fs::create_dir_all(&user).unwrap();
    std::fs::write(user.join("registrymodifications.xcu"), ALWAYS_CALCULATE).unwrap();
    // A name that SUMIFS would take for that of the team `search`.
    let words = Words { team: "Search".to_owned(), ..Words::default() };
    let bytes = made(&words);
    std::fs::write(folder.join("report.xlsx"), without_results(&bytes)).unwrap();
    let ran = std::process::Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", folder.join("profile").display()))
        .args(["--headless", "--convert-to"])
        .arg("csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1")
        .arg("--outdir")
        .args([&folder, &folder.join("report.xlsx")])
        .output();
    let Ok(ran) = ran else {
        eprintln!("skipped: no soffice: apt-get install libreoffice-calc");
        std::fs::remove_dir_all(&folder).unwrap();
        return;
    };
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let mut sheets = BTreeMap::new();
    for sheet in SHEETS {
        let text = std::fs::read_to_string(folder.join(format!("report-{sheet}.csv"))).unwrap();
        sheets.insert(sheet, rows(&text));
    }
    std::fs::remove_dir_all(&folder).unwrap();
    for cell in formulas(&parts(&bytes)) {
        let (row, column) = indices(&cell.place);
        let found = &sheets[cell.sheet][row][column];
        match (number(found), cell.value.parse::<f64>()) {
            (Some(found), Ok(expected)) => assert!(near(found, expected), "{found}: {cell:?}"),
            _ => assert_eq!(*found, cell.value, "{cell:?}"),
        }
    }
}
