//! One report, many outputs: every figure that a page shows, Markdown, HTML, a terminal, JSON, CSV, the workbook and
//! the calendar show too. `tests/run` compares Parquet with CSV, and JSON with its schemas.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test may fail, and reads files"
)]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use capplan::money::Decimal;
use capplan::report::set::{self, Kind, Source};
use capplan::report::template::Templates;
use capplan::report::terminal::{self, Color};
use capplan::report::{self, BudgetView, Provenance};
use capplan::{history, language, pipeline};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;

/// Everything that is written of a plan, by name, and the view it was made from.
struct Written {
    view: BudgetView,
    files: BTreeMap<String, Vec<u8>>,
}

impl Written {
    fn of(path: &str) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let checked = language::read(&root.join(path)).unwrap();
        let mut plan = checked.plan.expect("shipped plans are right");
        plan.base.draws = plan.base.draws.with_count(40);
        plan.scenarios.truncate(1);
        for scenario in &mut plan.scenarios {
            scenario.plan.draws = scenario.plan.draws.with_count(40);
        }
        let usages = history::read_all(&plan.plans(), &checked.folder).unwrap();
        let as_of = plan.base.as_of.expect("shipped plans state their as-of");
        let outcomes = pipeline::run_all(&plan, &usages, as_of);
        let provenance = Provenance {
            as_of,
            revision: None,
            seed: plan.base.draws.seed(),
            draws: 40,
            version: "0.1.0",
            digests: Vec::new(),
            command: format!("capplan report {path}"),
        };
        let view = report::view(&plan, &outcomes, provenance);
        let templates = Templates::built_in();
        let from = Source {
            plan: &plan,
            outcomes: &outcomes,
            view: &view,
            templates: &templates,
            since: None,
        };
        let files = set::files(&Kind::All, from).unwrap();
        let files = files.into_iter().map(|file| (file.path, file.bytes)).collect();
        Self { view, files }
    }

    fn text(&self, path: &str) -> &str {
        let bytes = self.files.get(path).unwrap_or_else(|| panic!("no {path}"));
        std::str::from_utf8(bytes).unwrap()
    }

    fn json(&self, path: &str) -> Value {
        serde_json::from_str(self.text(path)).unwrap()
    }

    fn csv(&self, path: &str) -> Vec<BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_reader(self.text(path).as_bytes());
        let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let row = |row: csv::StringRecord| {
            heads.iter().cloned().zip(row.iter().map(str::to_owned)).collect()
        };
        reader.records().map(|record| row(record.unwrap())).collect()
    }
}

/// The smallest plan, one that buys, and one in months of whole weeks.
const PLANS: [&str; 4] = [
    "plans/starter.kdl",
    "plans/examples/enterprise.kdl",
    "plans/examples/recsys.kdl",
    "plans/examples/retail.kdl",
];

/// A table of a page: its cells as text, row by row. `None` is a picture, which Markdown draws otherwise.
type Grid = Vec<Vec<Option<String>>>;

fn html_tables(page: &str) -> Vec<Grid> {
    let tables = page.split("<table>").skip(1).map(|rest| rest.split("</table>").next().unwrap());
    tables
        .map(|table| {
            let rows = table.split("<tr").skip(1).map(|row| row.split("</tr>").next().unwrap());
            rows.map(|row| {
                let cells = row.split("<t").skip(1).filter(|cell| cell.starts_with(['h', 'd']));
                cells
                    .map(|cell| {
                        let inside = cell.split_once('>').unwrap().1;
                        let inside = inside.rsplit_once("</t").map_or(inside, |(inside, _)| inside);
                        (!inside.contains("<svg")).then(|| words(&without_tags(inside)))
                    })
                    .collect()
            })
            .collect()
        })
        .collect()
}

fn without_tags(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in html.chars() {
        match c {
            '<' => inside = true,
            '>' if inside => inside = false,
            c if !inside => text.push(c),
            _ => {}
        }
    }
    let names = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#96;", "`"),
        ("&amp;", "&"),
    ];
    names.iter().fold(text, |text, (name, c)| text.replace(name, c))
}

/// Words with one space between them, without what Markdown puts in a mention.
fn words(text: &str) -> String {
    let text = text.replace('\u{200b}', "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn markdown_tables(page: &str) -> Vec<Grid> {
    let mut tables = Vec::new();
    let mut cell: Option<String> = None;
    for event in Parser::new_ext(page, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Table(_)) => tables.push(Grid::new()),
            Event::Start(Tag::TableHead | Tag::TableRow) => {
                tables.last_mut().unwrap().push(Vec::new());
            }
            Event::Start(Tag::TableCell) => cell = Some(String::new()),
            Event::End(TagEnd::TableCell) => {
                let text = words(&cell.take().unwrap());
                tables.last_mut().unwrap().last_mut().unwrap().push(Some(text));
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(cell) = &mut cell {
                    cell.push_str(&text);
                }
            }
            _ => {}
        }
    }
    tables
}

#[test]
fn every_page_shows_the_same_tables_in_html_and_in_markdown() {
    for plan in PLANS {
        let written = Written::of(plan);
        let pages = written.files.keys().filter_map(|path| path.strip_suffix(".html"));
        let mut seen = 0;
        for page in pages {
            let html = html_tables(written.text(&format!("{page}.html")));
            let mut markdown = markdown_tables(written.text(&format!("{page}.md")));
            if markdown.len() > html.len() {
                // The figures of the first screen: a list in HTML, a table in Markdown.
                let text = words(&without_tags(written.text(&format!("{page}.html"))));
                for cell in markdown.remove(0).into_iter().flatten().flatten() {
                    let parts = cell.split(" · ");
                    parts.for_each(|part| {
                        assert!(text.contains(part), "{plan} {page}: no {part:?}");
                    });
                }
            }
            let heads = |tables: &[Grid]| {
                tables.iter().map(|table| table[0][0].clone()).collect::<Vec<_>>()
            };
            assert_eq!(heads(&html), heads(&markdown), "{plan} {page}: tables");
            for (html, markdown) in html.iter().zip(&markdown) {
                assert_eq!(html.len(), markdown.len(), "{plan} {page}: rows of {:?}", html[0]);
                for (html, markdown) in html.iter().zip(markdown) {
                    assert_eq!(html.len(), markdown.len(), "{plan} {page}: {html:?}");
                    for (html, markdown) in html.iter().zip(markdown) {
                        seen += 1;
                        assert!(
                            html.is_none() || bare(html.as_ref()) == bare(markdown.as_ref()),
                            "{plan} {page}: {html:?} in HTML, {markdown:?} in Markdown"
                        );
                    }
                }
            }
        }
        assert!(seen > 200, "{plan}: only {seen} cells");
    }
}

/// A cell without the parentheses that a head has around its months, where it has no second line.
fn bare(cell: Option<&String>) -> Option<String> {
    let quarter = cell.filter(|cell| cell.starts_with('Q') || cell.starts_with("FY"));
    quarter.map(|cell| cell.replace(['(', ')'], "")).or_else(|| cell.cloned())
}

/// `(1,234)` as people of finance write it.
fn printed(text: &str) -> Option<Decimal> {
    let bare = text.trim_start_matches('(').trim_end_matches(')').replace(',', "");
    let value: Decimal = if bare == "–" { Decimal::ZERO } else { bare.parse().ok()? };
    Some(if text.starts_with('(') { -value } else { value })
}

fn decimal(value: &Value) -> Decimal {
    value.as_str().unwrap().parse().unwrap()
}

/// Whether a printed amount is this one in whole units, give or take the unit that makes a table foot.
fn is_about(text: &str, exact: Decimal) -> bool {
    printed(text).is_some_and(|printed| (printed - exact).abs() <= Decimal::ONE)
}

fn periods_of(json: &Value) -> usize {
    json["periods"].as_array().unwrap().len()
}

fn table<'a>(tables: &'a [Grid], head: &str) -> &'a Grid {
    let found = tables.iter().find(|table| table[0][0].as_deref() == Some(head));
    found.unwrap_or_else(|| panic!("no table of {head}"))
}

fn row<'a>(table: &'a Grid, head: &str) -> &'a [Option<String>] {
    let found = table.iter().find(|row| row[0].as_deref() == Some(head));
    found.unwrap_or_else(|| panic!("no row {head}"))
}

fn shown(row: &[Option<String>], column: usize) -> &str {
    row[column].as_deref().unwrap()
}

#[test]
fn what_pages_print_is_what_json_holds() {
    for plan in PLANS {
        let written = Written::of(plan);
        let json = written.json("budget.json");
        let tables = markdown_tables(written.text("budget.md"));
        let categories = table(&tables, "Category");
        let total = row(categories, "Total forecast");
        let cost = &json["cost"];
        let months = |of: &Value| of.as_array().unwrap().iter().map(decimal).collect::<Vec<_>>();
        let mean = decimal(&cost["total"]["mean"]);
        let whole = |amount: Decimal| amount.round();
        let scale = [1, 1_000, 1_000_000].map(Decimal::from).into_iter().find(|scale| {
            printed(total.iter().flatten().nth(periods_of(&json) + 1).unwrap())
                == Some(whole(mean / scale))
        });
        let scale = scale.unwrap_or_else(|| panic!("{plan}: the total is not {mean} in {total:?}"));
        let periods = json["periods"].as_array().unwrap();
        let rows = cost["categories"].as_array().unwrap();
        assert_eq!(
            categories.iter().position(|r| r[0].as_deref() == Some("Total forecast")),
            Some(rows.len() + 1)
        );
        for (place, category) in rows.iter().enumerate() {
            let by_month = months(&category["by_month"]);
            for (column, period) in periods.iter().enumerate() {
                let from = usize::try_from(period["from"].as_u64().unwrap()).unwrap();
                let count = usize::try_from(period["months"].as_u64().unwrap()).unwrap();
                let exact: Decimal = by_month[from..from + count].iter().sum();
                let cell = shown(&categories[place + 1], column + 1);
                assert!(is_about(cell, exact / scale), "{plan}: {cell} for {exact}");
            }
        }
        assert_eq!(months(&cost["by_month"]).iter().sum::<Decimal>(), mean, "{plan}");
        // The terminal prints the same row.
        let terminal = terminal::forecast_table(&written.view, 200, Color::Plain);
        let line = terminal.lines().find(|line| line.contains("Total forecast")).unwrap();
        for cell in total.iter().take(periods.len() + 2) {
            assert!(line.contains(cell.as_deref().unwrap()), "{plan}: no {cell:?} in {line}");
        }
        // Who bears it.
        let chargeback = table(&tables, "Team");
        for team in json["chargeback"]["teams"].as_array().unwrap() {
            let row = row(chargeback, team["team"].as_str().unwrap());
            let exact = decimal(&team["total"]["mean"]) / scale;
            assert!(
                row.iter().flatten().any(|cell| is_about(cell, exact)),
                "{plan}: {exact} is not in {row:?}"
            );
        }
    }
}

#[test]
fn ledger_forecast_and_workbook_hold_the_same_money() {
    for plan in PLANS {
        let written = Written::of(plan);
        let json = written.json("budget.json");
        let ledger = written.csv("ledger.csv");
        let amount =
            |row: &BTreeMap<String, String>, of: &str| -> Decimal { row[of].parse().unwrap() };
        let sum = |of: &str, keep: &dyn Fn(&BTreeMap<String, String>) -> bool| -> Decimal {
            ledger.iter().filter(|row| keep(row)).map(|row| amount(row, of)).sum()
        };
        assert_eq!(sum("amortised", &|_| true), decimal(&json["cost"]["total"]["mean"]), "{plan}");
        assert_eq!(sum("cash", &|_| true), decimal(&json["cost"]["cash"]["mean"]), "{plan}");
        assert_eq!(sum("capex", &|_| true), decimal(&json["cost"]["capex"]), "{plan}");
        for category in json["cost"]["categories"].as_array().unwrap() {
            let name = category["category"].as_str().unwrap();
            for (t, month) in json["months"].as_array().unwrap().iter().enumerate() {
                let of = |row: &BTreeMap<String, String>| {
                    row["category"] == name && row["month"] == month.as_str().unwrap()
                };
                assert_eq!(
                    sum("amortised", &of),
                    decimal(&category["by_month"][t]),
                    "{plan} {name}"
                );
            }
        }
        let forecast = written.csv("forecast.csv");
        let base =
            forecast.iter().filter(|row| row["scenario"] == "base" && row["category"] == "total");
        let total: Decimal = base.map(|row| amount(row, "mean")).sum();
        assert_eq!(total, decimal(&json["cost"]["total"]["mean"]), "{plan}");
        let lines = workbook_lines(&written.files["report.xlsx"]);
        assert_eq!(lines.len(), ledger.len(), "{plan}");
        for (line, row) in lines.iter().zip(&ledger) {
            for (column, name) in [(8, "quantity"), (10, "amortised"), (11, "cash"), (12, "capex")]
            {
                let exact: f64 = row[name].parse().unwrap();
                assert!(
                    (line[column] - exact).abs() < 1e-6,
                    "{plan}: {} is not {exact}",
                    line[column]
                );
            }
        }
    }
}

/// The figures of the sheet `Lines`, row by row; a cell of text is not a number.
fn workbook_lines(bytes: &[u8]) -> Vec<Vec<f64>> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut part = |name: &str| {
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let book = part("xl/workbook.xml");
    let place = book.split("<sheet ").skip(1).position(|sheet| sheet.contains("name=\"Lines\""));
    let sheet = part(&format!("xl/worksheets/sheet{}.xml", place.unwrap() + 1));
    let rows = sheet.split("<row ").skip(1).filter(|row| row.contains("<c r=\"K"));
    rows.skip(1)
        .map(|row| {
            let mut figures = vec![f64::NAN; 14];
            for cell in row.split("<c r=\"").skip(1) {
                let column = usize::from(cell.as_bytes()[0] - b'A');
                let value = cell.split_once("<v>").and_then(|(_, rest)| rest.split_once("</v>"));
                if let Some((value, _)) = value.filter(|_| !cell.contains("t=\"s\"")) {
                    figures[column] = value.parse().unwrap();
                }
            }
            figures
        })
        .collect()
}

#[test]
fn statements_are_the_same_as_page_as_json_and_as_csv() {
    for plan in PLANS {
        let written = Written::of(plan);
        let json = written.json("statements.json");
        let csv = written.csv("statements.csv");
        let mut lines = csv.iter();
        let mut invoice = decimal(&json["unborne"]);
        for team in json["teams"].as_array().unwrap() {
            let name = team["team"].as_str().unwrap();
            let tables = markdown_tables(written.text(&format!("teams/{name}.md")));
            let services = table(&tables, "Service");
            for line in team["lines"].as_array().unwrap() {
                let row = lines.next().unwrap();
                assert_eq!(row["team"], name);
                let service = line["service"].as_str().unwrap_or_default();
                assert_eq!(row["service"], service);
                let printed_row = services
                    .iter()
                    .find(|row| row[0].as_deref() == Some(service) || service.is_empty());
                let cells: Vec<Decimal> = printed_row
                    .unwrap()
                    .iter()
                    .flatten()
                    .filter_map(|cell| printed(cell))
                    .collect();
                for part in ["direct", "shared", "idle", "total"] {
                    let exact = decimal(&line[part]);
                    assert_eq!(
                        row[part].parse::<Decimal>().unwrap(),
                        exact,
                        "{plan} {name} {service}"
                    );
                    assert!(
                        service.is_empty() || cells.contains(&exact),
                        "{plan} {name} {service}: no {exact} in {cells:?}"
                    );
                }
            }
            let total = decimal(&team["total"]);
            assert_eq!(printed(shown(row(services, "Total"), services[0].len() - 1)), Some(total));
            invoice += total;
        }
        assert_eq!(lines.next().unwrap()["kind"], "unborne");
        assert_eq!(lines.next(), None);
        assert_eq!(invoice, decimal(&json["invoice"]), "{plan}");
    }
}

#[test]
fn top_movers_are_the_same_as_page_as_json_and_as_csv_and_come_to_the_statement() {
    for plan in PLANS {
        let written = Written::of(plan);
        let json = written.json("statements.json");
        let csv = written.csv("moves.csv");
        let mut rows = csv.iter();
        for team in json["teams"].as_array().unwrap() {
            let Some(moves) = team.get("moves") else { continue };
            let name = team["team"].as_str().unwrap();
            let tables = markdown_tables(written.text(&format!("teams/{name}.md")));
            let page = tables.iter().find(|table| table[0][0].as_deref() == Some("Line and cause"));
            let quarter = |at: usize| -> Decimal {
                let month = &moves["months"][at];
                let months = json_months(&written.json("budget.json"));
                let inside = months.iter().enumerate().filter(|(_, of)| {
                    (month["first"].as_str().unwrap()..=month["last"].as_str().unwrap())
                        .contains(&of.as_str())
                });
                let month = |t: usize| &team["months"][t];
                let parts = ["direct", "idle", "shared"];
                inside.flat_map(|(t, _)| parts.map(|part| decimal(&month(t)[part]))).sum()
            };
            assert_eq!(decimal(&moves["before"]), quarter(0), "{plan} {name}");
            assert_eq!(decimal(&moves["after"]), quarter(1), "{plan} {name}");
            let mut change = Decimal::ZERO;
            for line in moves["lines"].as_array().unwrap() {
                let row = rows.next().unwrap();
                assert_eq!((row["kind"].as_str(), row["team"].as_str()), ("line", name));
                assert_eq!(row["change"].parse::<Decimal>().unwrap(), decimal(&line["change"]));
                let mut causes = Decimal::ZERO;
                for by in line["why"].as_array().unwrap() {
                    let row = rows.next().unwrap();
                    assert_eq!(row["cause"], by["cause"].as_str().unwrap());
                    // A spreadsheet would take `+5%` for a formula.
                    assert_eq!(row["why"].trim_start_matches('\''), by["how"].as_str().unwrap());
                    assert_eq!(row["change"].parse::<Decimal>().unwrap(), decimal(&by["amount"]));
                    causes += decimal(&by["amount"]);
                }
                assert_eq!(causes, decimal(&line["change"]), "{plan} {name}: causes of {line}");
                change += causes;
            }
            assert_eq!(change, quarter(1) - quarter(0), "{plan} {name}");
            let Some(page) = page else { continue };
            let total = row(page, "Total");
            let shown = |column: usize| {
                printed(total[column].as_deref().unwrap().trim_start_matches('+')).unwrap()
            };
            assert_eq!((shown(2), shown(3), shown(4)), (quarter(0), quarter(1), change));
        }
        assert_eq!(rows.next(), None);
    }
}

#[test]
fn every_panel_of_the_dashboard_has_its_file_and_says_why_by_lines_of_the_plan() {
    for plan in PLANS {
        let written = Written::of(plan);
        let page = written.text("dashboard.md");
        let panels: Vec<&str> = page.split("\n## ").skip(1).collect();
        let mut seen = 0;
        for panel in &panels {
            let Some((_, rest)) = panel.split_once("](dashboard/") else { continue };
            let file = format!("dashboard/{}", rest.split_once(')').unwrap().0);
            assert!(!written.csv(&file).is_empty(), "{plan}: {file} is empty");
            let why = panel.lines().find(|line| line.starts_with("*Why.*"));
            let why = why.unwrap_or_else(|| panic!("{plan}: {file} has no why"));
            assert!(why.contains(".kdl:"), "{plan}: {file}: no line of the plan in {why}");
            // The reason is of the month that the title names.
            let title = panel.lines().find(|line| line.starts_with("### ")).unwrap();
            let risk = title.split_once("; ").map(|(_, risk)| risk);
            let risk =
                risk.filter(|risk| risk.contains("% likely") && !risk.starts_with("no pool"));
            if let Some(risk) = risk {
                assert!(why.contains(risk), "{plan}: {file}: {title} because {why}");
            }
            if let Some((_, policy)) = title.split_once("below the ") {
                let share = policy.split(' ').next().unwrap();
                assert!(why.contains(share) && why.contains("Policy"), "{plan}: {file}: {why}");
            }
            seen += 1;
        }
        assert!(seen >= 5, "{plan}: {seen} panels");
        // A panel's file has what its table has: the total, and the pool that it shows first.
        let all = written.json("budget.json");
        let last = |file: &str| written.csv(file).pop().unwrap();
        let figure = |row: &BTreeMap<String, String>, of: &str| row[of].parse::<Decimal>().unwrap();
        let pools_total = last("dashboard/pools.csv");
        assert_eq!(pools_total["kind"], "total", "{plan}");
        assert_eq!(figure(&pools_total, "idle"), decimal(&all["utilization"]["idle"]), "{plan}");
        let dial = written.csv("dashboard/use.csv");
        let (total, parts) = dial.split_last().unwrap();
        let sum = |of: &str| -> Decimal {
            parts.iter().map(|row| figure(row, "weight") * figure(row, of)).sum()
        };
        for of in ["requested", "used"] {
            let off = (sum(of) - figure(total, of)).abs();
            assert!(off < Decimal::new(1, 4), "{plan}: {of} is no mean of its pools: {off}");
        }
        if all["bridge"].is_object() {
            let steps = written.csv("dashboard/budget.csv");
            let (total, steps) = steps.split_last().unwrap();
            let sum: Decimal = steps.iter().map(|row| figure(row, "forecast")).sum();
            assert_eq!((total["kind"].as_str(), figure(total, "forecast")), ("total", sum));
            assert_eq!(sum, decimal(&all["bridge"]["forecast"]), "{plan}");
        }
        if let Some((_, rest)) = page.split_once("**The week of ") {
            let (pool, _) = rest.split_once(" in ").unwrap();
            assert_eq!(written.csv("dashboard/week.csv")[0]["pool"], pool, "{plan}");
        }
        // The figures of a panel are those of the report.
        let cost = written.csv("dashboard/cost.csv");
        let sum: Decimal =
            cost.iter().map(|row| row["amortised"].parse::<Decimal>().unwrap()).sum();
        assert_eq!(sum, decimal(&written.json("budget.json")["cost"]["total"]["mean"]), "{plan}");
    }
}

#[test]
fn the_reason_of_a_resource_is_the_pool_with_most_of_it() {
    let written = Written::of("plans/acme");
    let page = written.text("dashboard.md");
    let why = |heading: &str| {
        let (_, panel) = page.split_once(&format!("\n## {heading}\n")).unwrap();
        panel.lines().find(|line| line.starts_with("*Why.*")).unwrap()
    };
    // More of the small nodes of `batch-cpu` than of the large ones of `cpu-general`, with fewer cores in all.
    assert!(why("CPU cores").contains("pool cpu-general"), "{}", why("CPU cores"));
    assert!(why("Memory").contains("pool cpu-general"), "{}", why("Memory"));
    // 23% in Nov 2027 is of what serves, not of the run that begins in Sep 2027.
    assert!(why("GPUs").contains("Nov 2027"), "{}", why("GPUs"));
}

fn json_months(budget: &Value) -> Vec<String> {
    budget["months"].as_array().unwrap().iter().map(|m| m.as_str().unwrap().to_owned()).collect()
}

#[test]
fn orders_are_the_same_as_page_as_json_as_csv_and_in_the_calendar() {
    let written = Written::of("plans/examples/enterprise.kdl");
    let json = written.json("orders.json");
    let orders = json["orders"].as_array().unwrap();
    let csv = written.csv("orders.csv");
    assert!(!orders.is_empty() && orders.len() == csv.len());
    let page = written.text("procurement.md");
    let calendar = written.text("orders.ics").replace("\r\n ", "");
    for (order, row) in orders.iter().zip(&csv) {
        for day in ["decide_by", "order_by", "need_by"] {
            let day_text = order[day].as_str().unwrap();
            assert_eq!(row[day], day_text);
            assert!(page.contains(day_text), "no {day_text} on the page");
        }
        assert_eq!(row["nodes"], order["nodes"].to_string());
        assert_eq!(row["upfront"].parse::<Decimal>().unwrap(), decimal(&order["upfront"]));
        let day = order["order_by"].as_str().unwrap().replace('-', "");
        assert!(
            calendar.contains(&format!("DTSTART;VALUE=DATE:{day}")),
            "no {day} in the calendar"
        );
    }
}
