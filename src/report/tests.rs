//! What holds for a whole report, in every rendering.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};

use super::document::{Block, RowKind, Table, document};
use super::fixture::{Words, report};
use super::terminal::{Color, cost_chart, need_chart};
use super::{html, json, markdown, prose};

/// Body cells of every table of a page, in order; `None` where a picture stands for the text.
fn html_tables(page: &str) -> Vec<Vec<Vec<Option<String>>>> {
    let bodies = page.split("<tbody>").skip(1).map(|rest| rest.split("</tbody>").next().unwrap());
    let rows = |body: &str| -> Vec<Vec<Option<String>>> {
        body.split("<tr ").skip(1).map(row_cells).collect()
    };
    bodies.map(rows).collect()
}

fn row_cells(row: &str) -> Vec<Option<String>> {
    row.split("</t")
        .filter_map(|cell| {
            let start = cell.find("<td class").or_else(|| cell.find("<th scope"))?;
            let text = cell[start..].split_once('>')?.1;
            // The head of a row may lead to where its figure comes from.
            let linked = text.strip_prefix("<a href=\"#why-").and_then(|rest| rest.split_once('>'));
            let text = linked.map_or(text, |(_, text)| text.trim_end_matches("</a>"));
            Some((!text.contains("<svg")).then(|| unescape(text)))
        })
        .collect()
}

fn unescape(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&#39;", "'").replace("&#96;", "`").replace("&amp;", "&")
}

/// Fields of a Markdown table row, split at bars that are not escaped.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut escaped = false;
    for c in line.trim().trim_start_matches('|').chars() {
        match c {
            '|' if !escaped => fields.push(String::new()),
            c => fields.last_mut().unwrap().push(c),
        }
        escaped = c == '\\' && !escaped;
    }
    fields.pop();
    fields
}

/// Body cells of every table of a Markdown page, in order, as a reader sees them.
fn markdown_tables(page: &str) -> Vec<Vec<Vec<String>>> {
    let mut tables: Vec<Vec<Vec<String>>> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line.starts_with('|') && line.contains("--") && !line.chars().any(char::is_alphanumeric)
        {
            tables.push(Vec::new());
            inside = true;
        } else if inside && line.starts_with('|') {
            let cells = fields(line).iter().map(|field| prose::to_text(field.trim())).collect();
            tables.last_mut().unwrap().push(cells);
        } else {
            inside = false;
        }
    }
    tables
}

fn tables_of(words: &Words) -> Vec<Table> {
    let document = document(&report(words));
    let of_block = |block: Block| -> Vec<Table> {
        let figure = block.figure.map(|figure| figure.data);
        let switch = block.switch.into_iter().flat_map(|switch| switch.choices);
        let switch = switch.map(|choice| choice.figure.data);
        let fold = block.fold.map(|fold| fold.table);
        block.table.into_iter().chain(figure).chain(switch).chain(fold).collect()
    };
    document.sections.into_iter().flat_map(|s| s.blocks).flat_map(of_block).collect()
}

#[test]
fn markdown_and_html_show_the_same_figures() {
    let view = report(&Words::default());
    let from_html = html_tables(&html::render(&view));
    let from_markdown = markdown_tables(&markdown::render(&view));
    // The first table of the Markdown is the four figures, which are no table on the page.
    assert_eq!(from_html.len() + 1, from_markdown.len());
    assert!(from_html.len() >= 18, "{} tables", from_html.len());
    for (page, text) in from_html.iter().zip(&from_markdown[1..]) {
        assert_eq!(page.len(), text.len(), "{page:?}");
        for (page, text) in page.iter().zip(text) {
            assert_eq!(page.len(), text.len(), "{page:?} {text:?}");
            for (page, text) in page.iter().zip(text) {
                if let Some(page) = page {
                    assert_eq!(page, text);
                }
            }
        }
    }
    for figure in document(&view).figures {
        let cells = from_markdown[0].concat();
        assert!(cells.contains(&figure.value), "{} in {cells:?}", figure.value);
    }
}

#[test]
fn short_and_long_horizons_have_reports() {
    for months in [1, 2, 5, 36] {
        let view = report(&Words { months, ..Words::default() });
        let page = html::render(&view);
        assert!(!page.contains("NaN") && !page.contains(">inf<"), "{months} months");
        assert_eq!(markdown_tables(&markdown::render(&view)).len(), html_tables(&page).len() + 1);
        assert!(cost_chart(&view, 80, Color::Plain).contains('●'));
        assert!(need_chart(&view, "gpu-serving", 80, Color::Plain).unwrap().contains('●'));
    }
    let long = report(&Words { months: 36, ..Words::default() });
    assert_eq!(long.periods.len(), 3);
}

#[test]
fn a_plan_of_almost_nothing_has_a_report() {
    let mut view = report(&Words::default());
    view.budgets.clear();
    view.policies.clear();
    view.pools.clear();
    view.workloads.clear();
    view.scenarios.truncate(1);
    view.assumptions.clear();
    view.prices.clear();
    view.history.clear();
    view.notes.clear();
    view.chargeback.teams.clear();
    view.cost.comparison = None;
    view.scenarios[0].cost.comparison = None;
    view.problem = super::view::Problem::None;
    view.shortfall.first = None;
    view.shortfall.chance = 0.0;
    let text = markdown::render(&view);
    assert!(text.contains("no budget on the amortised basis covers it"), "{text}");
    assert!(text.contains("Nothing fails"), "{text}");
    assert!(html::render(&view).contains("Nothing fails"));
}

/// A printed figure as a number.
fn printed(text: &str) -> i64 {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let size: i64 = digits.parse().unwrap_or(0);
    if text.starts_with('(') { -size } else { size }
}

#[test]
fn what_is_printed_foots() {
    let tables = tables_of(&Words::default());
    let find = |id: &str| tables.iter().find(|table| table.id == id).unwrap();
    for (id, columns) in [("categories", 1..=5), ("teams", 3..=6), ("monthly-1-data", 1..=7)] {
        let table = find(id);
        let total = table.rows.iter().position(|row| row.kind == RowKind::Total).unwrap();
        for column in columns.clone() {
            let sum: i64 =
                table.rows[..total].iter().map(|row| printed(&row.cells[column].text)).sum();
            let head = &table.columns[column].head;
            assert_eq!(sum, printed(&table.rows[total].cells[column].text), "{id}: {head}");
        }
        let (first, last) = (*columns.start(), *columns.end());
        for row in &table.rows[..=total] {
            let parts: i64 = row.cells[first..last].iter().map(|cell| printed(&cell.text)).sum();
            assert_eq!(parts, printed(&row.cells[last].text), "{id}: {}", row.cells[0].text);
        }
    }
}

#[test]
fn a_variance_is_the_printed_budget_less_the_printed_forecast() {
    for table in tables_of(&Words::default()).iter().filter(|table| table.id == "budgets") {
        let at = |head: &str| table.columns.iter().rposition(|column| column.head == head).unwrap();
        for row in &table.rows {
            let value = |head: &str| printed(&row.cells[at(head)].text);
            assert_eq!(value("Variance"), value("Budget") - value("Forecast"));
        }
    }
}

#[test]
fn the_same_view_gives_the_same_bytes() {
    let words = Words::default();
    assert_eq!(html::render(&report(&words)), html::render(&report(&words)));
    assert_eq!(markdown::render(&report(&words)), markdown::render(&report(&words)));
    assert_eq!(json::render(&report(&words)), json::render(&report(&words)));
}

#[test]
fn the_page_is_whole_and_loads_nothing() {
    let page = html::render(&report(&Words::default()));
    for unwanted in ["<script", "<link", "<img", "<iframe", " style=", "url(", "@import", " on"] {
        let tags = page.split('<').filter_map(|tag| tag.split('>').next());
        let found = tags.map(|tag| format!("<{tag}")).find(|tag| tag.contains(unwanted));
        assert_eq!(found.filter(|tag| !tag.starts_with("<meta")), None, "{unwanted}");
    }
    assert!(!page.contains("src=") && !page.contains("url("));
    assert!(page.split("href=\"").skip(1).all(|rest| rest.starts_with('#')));
    let ids: Vec<&str> =
        page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "an id is used twice");
    for target in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(ids.contains(&target), "{target}");
    }
    for label in page.split("aria-labelledby=\"").skip(1) {
        for id in label.split('"').next().unwrap().split(' ') {
            assert!(ids.contains(&id), "{id}");
        }
    }
}

#[test]
fn headings_go_down_one_level_at_a_time() {
    let page = html::render(&report(&Words::default()));
    let levels = page.split("<h").skip(1).filter_map(|rest| rest[..1].parse::<u32>().ok());
    let levels: Vec<u32> = levels.collect();
    assert_eq!(levels[0], 1);
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
}

#[test]
fn every_chart_has_a_title_a_description_and_its_data() {
    let page = html::render(&report(&Words::default()));
    let charts = page.matches("<svg class=\"chart").count();
    // One bridge, three pools, four scenarios by month, who bears what, one comparison, what moves the
    // total, one history; each for two widths.
    assert_eq!(charts, 24);
    assert_eq!(page.matches("<title id=").count(), charts);
    assert_eq!(page.matches("<desc id=").count(), charts);
    assert_eq!(page.matches("<details>").count(), charts / 2);
}

#[test]
fn json_keeps_decimals_and_dates() {
    let json: serde_json::Value =
        serde_json::from_str(&json::render(&report(&Words::default()))).unwrap();
    assert_eq!(json["provenance"]["as_of"], "2026-11-23");
    assert_eq!(json["months"][0], "2027-02");
    let total: crate::money::Decimal =
        json["cost"]["total"]["mean"].as_str().unwrap().parse().unwrap();
    let teams = json["chargeback"]["teams"].as_array().unwrap();
    let charged: crate::money::Decimal = teams
        .iter()
        .map(|team| team["total"]["mean"].as_str().unwrap())
        .chain([json["chargeback"]["idle"].as_str().unwrap()])
        .map(|amount| amount.parse::<crate::money::Decimal>().unwrap())
        .sum();
    assert_eq!(total, charged);
}

/// The colours of one `:root` block, by token.
fn tokens(block: &str) -> Vec<(String, [f64; 3])> {
    block
        .split(';')
        .filter_map(|part| part.trim().strip_prefix("--"))
        .filter_map(|part| part.split_once(": #"))
        .map(|(name, hex)| {
            let channel = |at: usize| f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap());
            (name.to_owned(), [channel(0), channel(2), channel(4)])
        })
        .collect()
}

/// WCAG 2 relative luminance.
fn luminance(color: [f64; 3]) -> f64 {
    let [r, g, b] = color.map(|channel| {
        let share = channel / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn colours_keep_the_contrast_that_wcag_asks_for() {
    let style = include_str!("../../templates/html/style.css");
    let blocks: Vec<_> = style
        .split(":root {")
        .skip(1)
        .map(|rest| tokens(rest.split('}').next().unwrap()))
        .collect();
    assert_eq!(blocks.len(), 3, "light, dark, print");
    for block in blocks {
        let color = |name: &str| block.iter().find(|(token, _)| token == name).unwrap().1;
        let check = |name: &str, on: &str, least: f64| {
            let found = contrast(color(name), color(on));
            assert!(found >= least, "{name} on {on}: {found:.2}");
        };
        for text in ["fg", "mut", "acc", "bad", "good", "warn", "median", "supply", "short"] {
            check(text, "bg", 4.5);
        }
        for text in ["fg", "mut", "bad", "good", "warn"] {
            check(text, "soft", 4.5);
        }
        for graphic in ["c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8"] {
            check(graphic, "bg", 3.0);
        }
        // Each step of the map of a week stands further from the page than the one before.
        let steps = ["h0", "h1", "h2", "h3", "h4", "h5"].map(color);
        let from_page = steps.map(|step| contrast(step, color("bg")));
        assert!(from_page.windows(2).all(|pair| pair[1] >= 1.15 * pair[0]), "{from_page:?}");
        check("h5", "bg", 4.5);
        for line in ["median", "supply"] {
            check(line, "b80", 3.0);
            check(line, "b50", 3.0);
        }
    }
}

/// What people put into names to see what happens.
fn hostile() -> impl Strategy<Value = String> {
    let fragments = prop::sample::select(vec![
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\"><svg onload=x>",
        "</title></style></td></details>",
        "[link](javascript:alert(1))",
        "![i](http://evil.example/p.png)",
        "https://evil.example",
        "www.evil.example",
        "me@evil.example",
        "@team",
        "| a | b |",
        "\\|",
        "\\",
        "`code",
        "**bold",
        "_x_",
        "~~s~~",
        "\n\n# heading\n",
        "\r\n- item",
        "1. one",
        "- [ ] task",
        "&lt;b&gt; &amp; &#x3C;",
        "\u{202e}gpj.exe",
        "\u{2066}x",
        "\u{0}\u{7}\u{1b}[31m",
        "\u{2028}",
        "{{title}} {{{verdict}}}",
        "$x$",
        "<!-- c -->",
        "[^1]: note",
        "مرحبا",
        "=1+1",
        "---",
    ]);
    let part = prop_oneof![fragments.prop_map(str::to_owned), "\\PC{0,12}", "[ -~]{0,12}"];
    prop::collection::vec(part, 1..4).prop_map(|parts| parts.join(""))
}

/// What must never reach a page.
const HIDDEN: [char; 4] = ['\u{202e}', '\u{2066}', '\u{1b}', '\u{0}'];

/// The kinds of events of a Markdown page that give it its shape.
fn shape(page: &str) -> (usize, usize, usize) {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_GFM;
    let (mut headings, mut cells, mut lists) = (0, 0, 0);
    for event in Parser::new_ext(page, options) {
        match event {
            Event::Start(Tag::Heading { .. }) => headings += 1,
            Event::Start(Tag::TableCell) => cells += 1,
            Event::Start(Tag::Item) => lists += 1,
            Event::Start(
                Tag::Link { .. }
                | Tag::Image { .. }
                | Tag::Strikethrough
                | Tag::FootnoteDefinition(_),
            )
            | Event::TaskListMarker(_)
            | Event::FootnoteReference(_) => panic!("{event:?}"),
            Event::Html(html) | Event::InlineHtml(html) => {
                let left = ["<details>", "</details>", "<summary>", "</summary>"]
                    .iter()
                    .fold(html.to_string(), |left, tag| left.replace(tag, ""));
                assert!(!left.contains('<'), "{html}");
            }
            _ => {}
        }
    }
    (headings, cells, lists)
}

/// Tags of the page, and shape of the Markdown, of a plan with harmless words.
static CALM: LazyLock<(usize, (usize, usize, usize))> = LazyLock::new(|| {
    let calm = report(&Words::default());
    (html::render(&calm).matches('<').count(), shape(&markdown::render(&calm)))
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn text_of_a_plan_comes_out_as_text(
        plan in hostile(), team in hostile(), note in hostile(), scenario in hostile(),
    ) {
        let words = Words { plan, team, note, scenario, ..Words::default() };
        let view = report(&words);

        let page = html::render(&view);
        let count = |page: &str, what: &str| page.matches(what).count();
        prop_assert_eq!(count(&page, "<"), CALM.0, "a tag more or less");
        prop_assert_eq!(count(&page, "href="), count(&page, "href=\"#"));
        prop_assert!(!page.chars().any(|c| c.is_control() && c != '\n'));
        prop_assert!(!page.contains(HIDDEN), "a mark of direction");

        let text = markdown::render(&view);
        prop_assert_eq!(shape(&text), CALM.1);
        prop_assert!(!text.contains(HIDDEN), "a mark of direction");
        let mut columns = None;
        for line in text.lines() {
            let bars = line.starts_with('|').then(|| fields(line).len());
            if let (Some(before), Some(now)) = (columns, bars) {
                prop_assert_eq!(before, now, "{}", line);
            }
            columns = bars;
        }
        let mentions = text.split('@').skip(1).filter(|rest| rest.starts_with(char::is_alphanumeric));
        prop_assert_eq!(mentions.count(), 0);
        let unescaped = text.replace("\\://", "").replace("www\\.", "");
        prop_assert!(!unescaped.contains("://evil") && !unescaped.contains("www.evil"));
    }
}
