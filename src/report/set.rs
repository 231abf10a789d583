//! Which files a report consists of, and what is in them.
//!
//! A kind of report and its views go in; file names and bytes come out, in the order a reader would open
//! them. Names hold lower-case letters, digits and hyphens only, so that any file system and any link takes
//! them. Nothing is written here.

use std::collections::BTreeSet;

use super::data::Data;
use super::diff::{self, DiffView};
use super::document::{self, Link};
use super::format::{self, MoneyFormat};
use super::page::markdown::Flavour;
use super::template::{Broken, Made, Templates};
use super::view::{BudgetView, StatementView, StatementsView};
use super::{html, ics, json, ledger_data, markdown, orders, panels, statement_data, workbook};
use crate::outcome::Outcomes;
use crate::plan::CheckedPlan;

/// A kind of report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The quarterly budget report, as pages and data, and the ledger.
    Finance,
    /// The statement of one team.
    Team(String),
    /// The procurement schedule, as a page, as data and as a calendar.
    Procurement,
    /// The executive page.
    Executive,
    /// The dashboard.
    Dashboard,
    /// The workbook.
    Workbook,
    /// Every report, every team's statement, and a page that leads to them.
    All,
}

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its place below the folder of reports, with `/` between folders.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Why a report cannot be made of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmade {
    /// The plan has no team of this name.
    Team {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// The plan has no `procurement` node, so it buys nothing.
    Procurement,
    /// A template of the plan failed.
    Template(Broken),
}

impl From<Broken> for Unmade {
    fn from(broken: Broken) -> Self {
        Self::Template(broken)
    }
}

/// What every file is made from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The plan.
    pub plan: &'a CheckedPlan,
    /// What its passes came to.
    pub outcomes: &'a Outcomes,
    /// The view of both.
    pub view: &'a BudgetView,
    /// How they are shown.
    pub templates: &'a Templates,
    /// What changed since a revision, where that was asked for.
    pub since: Option<&'a DiffView>,
}

/// Makes the files of one kind of report. The view is that of the same plan and outcomes.
///
/// # Errors
/// If the report is about something that the plan does not have, or a template fails.
pub fn files(kind: &Kind, from: Source<'_>) -> Result<Vec<File>, Unmade> {
    let Source { plan, outcomes, view, templates, since } = from;
    let statements = || {
        let all = super::statements(plan, &outcomes.base);
        match since {
            Some(changes) => all.since(changes),
            None => all,
        }
    };
    let mut files = match kind {
        Kind::Procurement => procurement(view, templates)?.ok_or(Unmade::Procurement)?,
        Kind::Finance => finance(from)?,
        Kind::Executive => executive(view, templates)?,
        Kind::Dashboard => dashboard(view, templates)?,
        Kind::Workbook => vec![the_workbook(from, &statements())?],
        Kind::Team(name) => {
            let all = statements();
            let Some(place) = all.teams.iter().position(|team| team.team == *name) else {
                let known = all.teams.into_iter().map(|team| team.team).collect();
                return Err(Unmade::Team { name: name.clone(), known });
            };
            let stems = stems(&all);
            statement(from, &all, &all.teams[place], &stems[place])?
        }
        Kind::All => everything(from, &statements())?,
    };
    files.extend(since.map(|view| changes(view, templates)).transpose()?.into_iter().flatten());
    Ok(files)
}

/// What changed, as a page, as Markdown and as data.
fn changes(view: &DiffView, templates: &Templates) -> Made<Vec<File>> {
    Ok(vec![
        file("changes.html", diff::html(view, templates)?),
        file("changes.md", diff::comment(view, Flavour::Plain, templates)?),
        file("changes.json", diff::json::render(view)),
    ])
}

fn everything(from: Source<'_>, all: &StatementsView) -> Made<Vec<File>> {
    let Source { view, templates, .. } = from;
    let stems = stems(all);
    let mut files = index(from, all, &stems)?;
    files.extend(finance(from)?);
    files.extend(executive(view, templates)?);
    files.extend(dashboard(view, templates)?);
    files.extend(procurement(view, templates)?.into_iter().flatten());
    files.push(the_workbook(from, all)?);
    for (team, stem) in all.teams.iter().zip(&stems) {
        files.extend(statement(from, all, team, stem)?);
    }
    files.extend(data_files("statements", &statement_data::statements(view, all)));
    files.extend(data_files("moves", &statement_data::moves(view, all)));
    files.push(file("statements.json", json::text(all)));
    Ok(files)
}

fn file(path: impl Into<String>, text: String) -> File {
    File { path: path.into(), bytes: text.into_bytes() }
}

fn finance(from: Source<'_>) -> Made<Vec<File>> {
    let Source { plan, outcomes, view, templates, .. } = from;
    let mut files = vec![
        file("budget.html", html::budget(view, templates)?),
        file("budget.md", markdown::budget(view, templates)?),
        file("budget.json", json::render(view)),
    ];
    files.extend(data_files("forecast", &ledger_data::forecast(view)));
    let ledger = ledger_data::ledger(&plan.base, &outcomes.base.ledger, &plan.sources);
    files.extend(data_files("ledger", &ledger));
    Ok(files)
}

/// The same table as CSV and as Parquet.
fn data_files(stem: &str, data: &Data) -> [File; 2] {
    let parquet = File { path: format!("{stem}.parquet"), bytes: data.parquet() };
    [file(format!("{stem}.csv"), data.csv()), parquet]
}

fn executive(view: &BudgetView, templates: &Templates) -> Made<Vec<File>> {
    let page = document::executive(view);
    let text = markdown::page(page.clone(), templates)?;
    Ok(vec![file("executive.html", html::sheet(page, templates)?), file("executive.md", text)])
}

fn dashboard(view: &BudgetView, templates: &Templates) -> Made<Vec<File>> {
    let page = document::dashboard(view);
    let data = page.sections.iter().filter_map(|panel| {
        let data = panels::data(view, panel.id)?;
        Some(file(format!("dashboard/{}.csv", panel.id), data.csv()))
    });
    let data: Vec<File> = data.collect();
    let text = markdown::page(page.clone(), templates)?;
    let mut files =
        vec![file("dashboard.html", html::dashboard(page, templates)?), file("dashboard.md", text)];
    files.extend(data);
    Ok(files)
}

fn procurement(view: &BudgetView, templates: &Templates) -> Made<Option<Vec<File>>> {
    let Some(page) = document::schedule(view) else { return Ok(None) };
    let text = markdown::page(page.clone(), templates)?;
    let mut files = vec![
        file("procurement.html", html::plain_page(page, templates)?),
        file("procurement.md", text),
    ];
    files.extend(data_files("orders", &orders::data(view)));
    files
        .extend([file("orders.json", orders::json(view)), file("orders.ics", ics::calendar(view))]);
    Ok(Some(files))
}

fn the_workbook(from: Source<'_>, all: &StatementsView) -> Made<File> {
    let Source { plan, outcomes, view, templates, .. } = from;
    let bytes = workbook::render(plan, &outcomes.base.ledger, view, all, templates)?;
    Ok(File { path: "report.xlsx".to_owned(), bytes })
}

fn statement(
    from: Source<'_>,
    all: &StatementsView,
    team: &StatementView,
    stem: &str,
) -> Made<Vec<File>> {
    let page = document::statement(from.view, all, team);
    let text = markdown::page(page.clone(), from.templates)?;
    Ok(vec![
        file(format!("teams/{stem}.html"), html::plain_page(page, from.templates)?),
        file(format!("teams/{stem}.md"), text),
    ])
}

fn index(from: Source<'_>, all: &StatementsView, stems: &[String]) -> Made<Vec<File>> {
    let Source { view, templates, since, .. } = from;
    let link = |text: &str, html: &str, markdown: &str, detail: &str| Link {
        text: text.to_owned(),
        html: html.to_owned(),
        markdown: markdown.to_owned(),
        detail: detail.to_owned(),
        download: false,
    };
    let page = |text: &str, stem: &str, detail: &str| {
        link(text, &format!("{stem}.html"), &format!("{stem}.md"), detail)
    };
    let data = |text: &str, name: &str, detail: &str| link(text, name, name, detail);
    let mut reports = vec![
        page("Executive page", "executive", "one sheet: verdict, figures, decisions"),
        page("Dashboard", "dashboard", "need, cost, utilisation and orders at a glance"),
        page(
            "Budget report",
            "budget",
            "budget, forecast and variance, with all that they rest on",
        ),
        data("Workbook", "report.xlsx", "the same figures with live formulas, for spreadsheets"),
        data(
            "Ledger",
            "ledger.csv",
            "every cost by month, team, workload, pool and category, with its line",
        ),
        data("Ledger as Parquet", "ledger.parquet", "the same rows with types, for programs"),
        data(
            "Forecast by month",
            "forecast.csv",
            "every scenario by month and category, with its range",
        ),
        data("Forecast as Parquet", "forecast.parquet", "the same rows with types"),
        data("Statements", "statements.csv", "the lines of every team's statement, to the cent"),
        data("Statements as Parquet", "statements.parquet", "the same rows with types"),
        data("Top movers", "moves.csv", "what moves every team's cost most, and why, to the cent"),
        data("Top movers as Parquet", "moves.parquet", "the same rows with types"),
        data("Statements as data", "statements.json", "the same, with all that is on their pages"),
        data("Budget report as data", "budget.json", "every figure of the budget report"),
    ];
    if view.procurement.is_some() {
        let what = "what to order by when, with cash, alternatives and reasons";
        reports.insert(3, page("Procurement schedule", "procurement", what));
        reports.push(data("Orders", "orders.csv", "one row an order"));
        reports.push(data("Orders as Parquet", "orders.parquet", "the same rows with types"));
        reports.push(data("Orders as data", "orders.json", "the whole schedule"));
        reports.push(data("Calendar", "orders.ics", "the days to decide and to order by"));
    }
    if since.is_some() {
        let what = "what changed since the revision that was asked for, and why";
        reports.push(page("Changes", "changes", what));
        reports.push(data("Changes as data", "changes.json", "the same for programs"));
    }
    let format = MoneyFormat::of(view);
    let teams = all.teams.iter().zip(stems).map(|(team, stem)| {
        let name = format::plain(&team.team);
        let name = if name.is_empty() { stem.clone() } else { name };
        page(&name, &format!("teams/{stem}"), &format.sentence(team.total))
    });
    let page = document::index(view, reports, teams.collect());
    let text = markdown::page(page.clone(), templates)?;
    Ok(vec![file("index.html", html::plain_page(page, templates)?), file("index.md", text)])
}

/// A name for the files of every team, each once whatever the case.
fn stems(all: &StatementsView) -> Vec<String> {
    let mut taken = BTreeSet::new();
    all.teams
        .iter()
        .map(|team| {
            let stem = stem(&team.team);
            let mut name = stem.clone();
            let mut number = 1;
            while !taken.insert(name.clone()) {
                number += 1;
                name = format!("{stem}-{number}");
            }
            name
        })
        .collect()
}

/// The longest name of a file; file systems allow 255 bytes.
const STEM_MAX: usize = 80;

/// `ML Platform / Search` → `ml-platform-search`.
fn stem(name: &str) -> String {
    let mut stem = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            stem.push(c.to_ascii_lowercase());
        } else if !stem.is_empty() && !stem.ends_with('-') {
            stem.push('-');
        }
    }
    stem.truncate(STEM_MAX);
    let stem = stem.trim_end_matches('-');
    if stem.is_empty() { "team".to_owned() } else { stem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture::{Words, plan_and_outcomes, report};

    fn made(kind: &Kind, words: &Words) -> Result<Vec<File>, Unmade> {
        let (plan, outcomes) = plan_and_outcomes(words);
        let (view, templates) = (report(words), Templates::built_in());
        let (plan, outcomes) = (&plan, &outcomes);
        let from = Source { plan, outcomes, view: &view, templates: &templates, since: None };
        files(kind, from)
    }

    fn text(files: &[File], path: &str) -> String {
        let file = files.iter().find(|file| file.path == path);
        String::from_utf8(file.unwrap_or_else(|| panic!("no {path}")).bytes.clone()).unwrap()
    }

    #[test]
    fn the_index_leads_to_every_file_and_to_no_other() {
        let files = made(&Kind::All, &Words::default()).unwrap();
        for (index, twin) in [("index.html", ".html"), ("index.md", ".md")] {
            let page = text(&files, index);
            let links: BTreeSet<&str> = if index.ends_with("html") {
                page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
            } else {
                page.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect()
            };
            let links: BTreeSet<&str> =
                links.into_iter().filter(|link| !link.starts_with('#')).collect();
            let other = if twin == ".md" { ".html" } else { ".md" };
            let expected: BTreeSet<&str> = files
                .iter()
                .map(|file| file.path.as_str())
                .filter(|path| !path.ends_with(other) && !path.starts_with("index."))
                // The files of panels are reached from the dashboard.
                .filter(|path| !path.starts_with("dashboard/"))
                .collect();
            assert_eq!(links, expected, "{index}");
        }
    }

    #[test]
    fn the_dashboard_leads_to_a_file_for_every_panel() {
        let files = made(&Kind::Dashboard, &Words::default()).unwrap();
        let page = text(&files, "dashboard.html");
        let links: BTreeSet<&str> = page
            .split("href=\"dashboard/")
            .skip(1)
            .map(|rest| rest.split_once("\" download>").expect("it is to be kept").0)
            .collect();
        let below = files.iter().filter_map(|file| file.path.strip_prefix("dashboard/"));
        assert_eq!(links, below.collect::<BTreeSet<&str>>());
        assert_eq!(links.len(), page.matches("<section").count());
    }

    #[test]
    fn every_page_is_one_file_that_nothing_can_change() {
        let hostile = Words {
            team: "<img src=x onerror=alert(1)>".to_owned(),
            plan: "</title><script>alert(1)</script>".to_owned(),
            ..Words::default()
        };
        for file in made(&Kind::All, &hostile).unwrap() {
            if std::path::Path::new(&file.path).extension().is_none_or(|of| of != "html") {
                continue;
            }
            let page = String::from_utf8(file.bytes).unwrap();
            assert!(page.contains("default-src 'none'; style-src 'sha256-"), "{}", file.path);
            assert!(!page.contains("<script") && !page.contains("<img"), "{}", file.path);
            assert!(!page.contains("NaN"), "{}", file.path);
        }
    }

    #[test]
    fn names_of_files_are_plain_and_differ() {
        assert_eq!(stem("ML Platform / Search"), "ml-platform-search");
        assert_eq!(stem("../../etc/passwd"), "etc-passwd");
        assert_eq!(stem("検索"), "team");
        let (plan, outcomes) =
            plan_and_outcomes(&Words { team: "Search".to_owned(), ..Words::default() });
        let all = crate::report::statements(&plan, &outcomes.base);
        assert_eq!(stems(&all), ["search", "research", "search-2", "speech", "vision"]);
    }

    #[test]
    fn a_team_that_is_not_there_is_said_with_those_that_are() {
        let unknown = made(&Kind::Team("serach".to_owned()), &Words::default()).unwrap_err();
        let known = ["assistant", "research", "search", "speech", "vision"].map(str::to_owned);
        assert_eq!(unknown, Unmade::Team { name: "serach".to_owned(), known: known.to_vec() });
        let files = made(&Kind::Team("search".to_owned()), &Words::default()).unwrap();
        let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["teams/search.html", "teams/search.md"]);
    }

    #[test]
    fn a_statement_says_what_finance_asks() {
        let files = made(&Kind::All, &Words::default()).unwrap();
        let page = text(&files, "teams/speech.md");
        for part in [
            "Charges by service",
            "Against budget",
            "Cost and efficiency by pool",
            "How cost is allocated",
            "Tie-out to the invoice",
            "| Difference | – |",
        ] {
            assert!(page.contains(part), "no `{part}`");
        }
    }

    #[test]
    fn the_same_plan_gives_the_same_bytes() {
        let once = made(&Kind::All, &Words::default()).unwrap();
        assert!(once == made(&Kind::All, &Words::default()).unwrap());
    }
}
