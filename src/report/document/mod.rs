//! The report as headings, prose, tables and charts: the one layout that Markdown and HTML both render.
//!
//! The view goes in; every value is text here, made by `format`, so no rendering can show another figure.
//! Text of the plan is on one line and otherwise unescaped: each rendering escapes for itself. Prose is
//! a template of `templates/prose` with what it says, put into words when a report is rendered.

mod accuracy;
mod allocation;
mod assumptions;
mod autoscaling;
mod bridge;
mod budget;
pub(super) mod calendar;
mod chargeback;
mod dashboard;
mod executive;
mod flows;
mod gates;
pub(super) mod headroom;
mod index;
mod moves;
mod opening;
mod procurement;
mod provenance;
pub(super) mod queues;
mod reasons;
mod runs;
pub(super) mod sample;
mod savings;
mod scenarios;
mod schedule;
mod spends;
mod statement;
mod supply;
mod trace;
mod uncertainty;
mod utilization;
mod workloads;

use serde::Serialize;

pub(super) use allocation::table as allocation;
pub(super) use bridge::step_name;
pub(super) use dashboard::document as dashboard;
pub(super) use executive::document as executive;
pub(super) use headroom::tight;
pub(super) use index::document as index;
pub(super) use schedule::document as schedule;
pub(super) use statement::document as statement;
pub(super) use utilization::dearest_first;

use super::chart::{Chart, sparkline};
use super::format::{self, MoneyFormat};
use super::prose::Prose;
use super::template::{Made, Templates};
use super::view::{BudgetView, Money};

/// A whole report.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Document {
    /// What it is of.
    pub(super) title: String,
    /// As-of, revision, prices, draws, version: short parts of one line.
    pub(super) byline: Vec<String>,
    /// The unit of every amount.
    pub(super) scale: String,
    /// Two sentences.
    pub(super) verdict: Prose,
    /// The four figures.
    pub(super) figures: Vec<Headline>,
    /// Everything else.
    pub(super) sections: Vec<Section>,
}

/// A figure of the first screen.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Headline {
    pub(super) label: String,
    pub(super) value: String,
    pub(super) detail: String,
    pub(super) tone: Option<Tone>,
}

/// A heading and what follows it.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Section {
    /// Unique in the document.
    pub(super) id: &'static str,
    pub(super) heading: String,
    pub(super) blocks: Vec<Block>,
}

/// One thing under a heading. Exactly one field is there.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Block {
    pub(super) prose: Option<Prose>,
    pub(super) table: Option<Table>,
    pub(super) figure: Option<Figure>,
    pub(super) switch: Option<Switch>,
    pub(super) list: Option<Vec<String>>,
    pub(super) links: Option<Vec<Link>>,
    pub(super) code: Option<String>,
    pub(super) fold: Option<Fold>,
}

/// A table that is opened to be read.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Fold {
    /// Unique in the document; what a cell links to.
    pub(super) id: String,
    pub(super) summary: String,
    pub(super) table: Table,
}

/// A page or file beside this one. Addresses are names that this program made.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Link {
    pub(super) text: String,
    /// Where a page of HTML finds it.
    pub(super) html: String,
    /// Where a page of Markdown finds it.
    pub(super) markdown: String,
    /// What it is.
    pub(super) detail: String,
    /// Whether it is a file to keep rather than a page to read.
    pub(super) download: bool,
}

/// A chart with its finding and its data.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Figure {
    pub(super) finding: String,
    /// What it shows, without the finding, for who does not see the chart.
    pub(super) summary: String,
    pub(super) caption: String,
    pub(super) chart: Chart,
    pub(super) data: Table,
}

/// Figures of which one is looked at.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Switch {
    pub(super) id: &'static str,
    pub(super) legend: String,
    pub(super) choices: Vec<SwitchChoice>,
}

/// One of them.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SwitchChoice {
    pub(super) number: usize,
    pub(super) label: String,
    pub(super) first: bool,
    pub(super) figure: Figure,
}

/// A table. Every row has as many cells as there are columns.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Table {
    /// Unique in the document.
    pub(super) id: String,
    /// What it shows.
    pub(super) title: String,
    /// Unit, basis, sign rule.
    pub(super) caption: String,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Row>,
    /// What has to be said of single rows.
    pub(super) notes: Vec<String>,
}

/// The head of a column.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Column {
    pub(super) head: String,
    /// A second line: the months of a fiscal quarter.
    pub(super) under: Option<String>,
    pub(super) align: Align,
}

/// A row.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub(super) kind: RowKind,
    pub(super) cells: Vec<Cell>,
}

/// What a row is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum RowKind {
    Body,
    /// A part of the total that stands apart: idle, the base.
    Apart,
    Total,
}

/// A cell.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Cell {
    pub(super) text: String,
    /// Whether it names its row.
    pub(super) heads: bool,
    pub(super) align: Align,
    pub(super) tone: Option<Tone>,
    /// What a page shows instead of the text.
    pub(super) svg: Option<String>,
    /// The id of the part of the page that says where it comes from.
    pub(super) link: Option<String>,
}

/// How a column is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Align {
    /// Names: left, on one line.
    Text,
    /// Sentences: left, broken into lines.
    Wrapped,
    /// Figures: right.
    Number,
}

/// Whether a figure is bad news; always said by its sign or word too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Tone {
    Bad,
    Good,
    Warn,
}

/// A table that stands on its own, outside a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Single {
    Accuracy,
    Forecast,
    Budgets,
    Chargeback,
    Demand,
    Gates,
    Scenarios,
    Orders,
    OrderCash,
    /// Grants of providers to ask for.
    Limits,
    /// Spend that discounts ask for.
    Promised,
    /// Spend to commit to.
    SpendOrders,
    /// Spend committed by the hour.
    Spends,
    Expiries,
    Alternatives,
}

/// One table of the report.
pub(super) fn single(view: &BudgetView, which: Single) -> Table {
    let format = MoneyFormat::of(view);
    match which {
        Single::Accuracy => accuracy::table(view),
        Single::Forecast => budget::categories(view, format),
        Single::Budgets => budget::budgets(view, format),
        Single::Chargeback => chargeback::table(view, format),
        Single::Demand => workloads::demand(view),
        Single::Gates => gates::table(view, format),
        Single::Scenarios => scenarios::table(view, format),
        Single::Orders => procurement::orders(view, format),
        Single::Limits => procurement::limits(view),
        Single::Promised => procurement::promised(view, format),
        Single::SpendOrders => spends::orders(view, format),
        Single::Spends => spends::table(view, format),
        Single::OrderCash => procurement::cash(view, format),
        Single::Expiries => procurement::expiries(view),
        Single::Alternatives => procurement::alternatives(view, format),
    }
}

/// What is said of orders.
pub(super) fn procurement(view: &BudgetView) -> Option<Prose> {
    procurement::words(view, MoneyFormat::of(view))
}

/// The verdict alone.
pub(super) fn verdict(view: &BudgetView) -> Prose {
    opening::verdict(view, MoneyFormat::of(view))
}

/// Lays a view out.
pub(super) fn document(view: &BudgetView) -> Document {
    let format = MoneyFormat::of(view);
    let sections = [
        Some(budget::section(view, format)),
        supply::section(view, format),
        headroom::section(view),
        procurement::section(view, format),
        spends::section(view, format),
        savings::section(view, format),
        queues::section(view),
        Some(budget::monthly(view, format)),
        chargeback::section(view, format),
        scenarios::section(view, format),
        uncertainty::section(view, format),
        gates::section(view, format),
        workloads::section(view, format),
        autoscaling::section(view),
        runs::section(view),
        trace::section(view, format),
        Some(assumptions::section(view, format)),
        accuracy::section(view),
        assumptions::notes(view),
        Some(provenance::section(view)),
    ];
    Document {
        title: opening::title(view),
        byline: opening::byline(view),
        scale: opening::scale(view, format),
        verdict: opening::verdict(view, format),
        figures: opening::figures(view, format),
        sections: sections.into_iter().flatten().collect(),
    }
}

impl Document {
    /// The same with all its prose put into words.
    pub(super) fn written(mut self, templates: &Templates) -> Made<Self> {
        self.verdict = Prose::Markdown(templates.prose(&self.verdict)?);
        for block in self.sections.iter_mut().flat_map(|section| &mut section.blocks) {
            if let Some(words) = &mut block.prose {
                *words = Prose::Markdown(templates.prose(words)?);
            }
        }
        Ok(self)
    }
}

impl Block {
    fn prose(words: impl Into<Prose>) -> Self {
        Self { prose: Some(words.into()), ..Self::default() }
    }

    fn table(table: Table) -> Self {
        Self { table: Some(table), ..Self::default() }
    }

    fn fold(fold: Fold) -> Self {
        Self { fold: Some(fold), ..Self::default() }
    }

    fn figure(figure: Figure) -> Self {
        Self { figure: Some(figure), ..Self::default() }
    }
}

impl Table {
    fn new(id: impl Into<String>, title: impl Into<String>, caption: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            caption: caption.into(),
            columns: Vec::new(),
            rows: Vec::new(),
            notes: Vec::new(),
        }
    }

    fn columns(mut self, align: Align, heads: &[&str]) -> Self {
        self.columns.extend(heads.iter().map(|head| Column {
            head: (*head).to_owned(),
            under: None,
            align,
        }));
        self
    }

    /// One column a fiscal period.
    fn periods(mut self, view: &BudgetView) -> Self {
        self.columns.extend(view.periods.iter().map(|period| {
            let (head, months) = format::period(period);
            Column { head, under: Some(months), align: Align::Number }
        }));
        self
    }

    /// Adds a row; cells take the alignment of their columns.
    fn push(&mut self, kind: RowKind, cells: Vec<Cell>) {
        assert_eq!(cells.len(), self.columns.len(), "a row of `{}` fills its columns", self.id);
        let mut cells = cells;
        for (cell, column) in cells.iter_mut().zip(&self.columns) {
            cell.align = column.align;
        }
        if let Some(first) = cells.first_mut() {
            first.heads = true;
        }
        self.rows.push(Row { kind, cells });
    }
}

/// A cell of text that we wrote or formatted.
fn cell(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), heads: false, align: Align::Text, tone: None, svg: None, link: None }
}

/// A cell of text from the plan.
fn plain(text: &str) -> Cell {
    cell(format::plain(text))
}

/// A cell of text from the plan that may be absent.
fn optional(text: Option<&str>) -> Cell {
    text.map_or_else(|| cell(format::NONE), plain)
}

/// A cell of an amount in whole units of the scale.
fn amount(value: i64) -> Cell {
    cell(format::accounting(value))
}

/// A cell of a variance: budget less forecast, in whole units; parentheses are unfavourable.
fn variance(value: i64) -> Cell {
    let tone = match value.signum() {
        -1 => Some(Tone::Bad),
        1 => Some(Tone::Good),
        _ => None,
    };
    Cell { tone, ..amount(value) }
}

/// A cell of a variance as a share of the budget.
fn variance_share(variance: i64, budget: i64) -> Cell {
    if budget == 0 {
        return cell(format::NONE);
    }
    let tone = if variance < 0 { Some(Tone::Bad) } else { None };
    Cell { tone, ..cell(format::percent(variance as f64 / budget as f64)) }
}

/// A cell with a trend.
fn trend(by_month: &[Money], format: MoneyFormat) -> Cell {
    let values: Vec<f64> = by_month.iter().map(|amount| format.position(*amount)).collect();
    Cell { svg: Some(sparkline::svg(&values)), ..cell(sparkline::blocks(&values)) }
}

/// `base`, or a scenario's title, or its name.
fn scenario_name(scenario: &super::view::ScenarioView) -> String {
    let title = scenario.title.as_deref().map(format::plain).filter(|title| !title.is_empty());
    title.unwrap_or_else(|| format::plain(&scenario.name))
}
