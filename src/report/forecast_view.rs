//! The forecast as a table: one row a subject and month, p10 to p90, for every output.

use std::fmt::Write;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use super::csv::{self, Csv};
use super::format::{month, plain, significant};
use super::prose;
use super::series::trimmed;
use crate::calendar::{Date, Month};
use crate::draws::{mean, quantile_sorted};
use crate::outcome::Outcome;
use crate::plan::Plan;

/// What is forecast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// Demand of each workload, in its own unit.
    Workload,
    /// Nodes needed in the busiest hour, of each pool.
    Pool,
    /// Cost of each team after chargeback.
    Team,
    /// Cost in all.
    Total,
}

/// A forecast, subject by subject.
#[derive(Debug, Clone, Serialize)]
pub struct ForecastView {
    /// The plan.
    pub plan: String,
    /// What is counted, for the line below the table.
    pub measure: &'static str,
    /// The day it is looked at from.
    #[serde(serialize_with = "super::view::as_text")]
    pub as_of: Date,
    /// One a subject, in name order.
    pub series: Vec<ForecastSeries>,
}

/// The forecast of one subject.
#[derive(Debug, Clone, Serialize)]
pub struct ForecastSeries {
    /// Its name.
    pub name: String,
    /// What a figure counts: `req/s`, `nodes`, `USD`.
    pub unit: String,
    /// One row a month, oldest first.
    pub months: Vec<ForecastMonth>,
}

/// One month of one subject.
#[derive(Debug, Clone, Serialize)]
pub struct ForecastMonth {
    /// The month.
    pub month: Month,
    /// Mean over the draws.
    pub mean: f64,
    /// 10% of draws lie below.
    pub p10: f64,
    /// The median.
    pub p50: f64,
    /// 90% of draws lie below.
    pub p90: f64,
    /// What can be supplied, where that is limited: nodes, at the median.
    pub supply: Option<f64>,
}

/// The forecast of a subject.
#[must_use]
pub fn view(plan: &Plan, outcome: &Outcome, subject: Subject, as_of: Date) -> ForecastView {
    let (measure, series) = match subject {
        Subject::Workload => ("Demand, mean of the month", workloads(plan, outcome)),
        Subject::Pool => (
            "Nodes needed in the busiest hour of the month; supply is what can run",
            pools(plan, outcome),
        ),
        Subject::Team => ("Amortised cost of the month after chargeback", teams(plan, outcome)),
        Subject::Total => ("Amortised cost of the month", total(plan, outcome)),
    };
    ForecastView { plan: plan.name.clone(), measure, as_of, series }
}

impl ForecastView {
    /// Keeps only the subject called `name`.
    ///
    /// # Errors
    /// Where nothing has that name, in words that list what there is.
    pub fn only(mut self, name: Option<&str>) -> Result<Self, String> {
        let Some(name) = name else { return Ok(self) };
        if !self.series.iter().any(|series| series.name == name) {
            let names: Vec<&str> = self.series.iter().map(|series| series.name.as_str()).collect();
            return Err(format!("nothing here is called `{name}`; there is {}", names.join(", ")));
        }
        self.series.retain(|series| series.name == name);
        Ok(self)
    }
}

fn workloads(plan: &Plan, outcome: &Outcome) -> Vec<ForecastSeries> {
    let mut all = Vec::new();
    for (id, workload) in plan.workloads.iter() {
        let (Some(stated), Some(demand)) = (&workload.demand, outcome.demand.of(id)) else {
            continue;
        };
        let (unit, scale) = shown_unit(&stated.unit, stated.is_rate);
        let months = plan.horizon.iter().enumerate().map(|(t, month)| {
            let mut values = vec![0.0; plan.draws.count()];
            let mut days = 0.0;
            for span in demand.spans.iter().filter(|span| span.t == t) {
                let length = f64::from(crate::calendar::days_between(span.from, span.until));
                days += length;
                for (value, level) in values.iter_mut().zip(&span.level) {
                    *value += level * length / scale;
                }
            }
            for value in &mut values {
                *value /= days;
            }
            row(month, values, None)
        });
        all.push(ForecastSeries { name: workload.name.clone(), unit, months: months.collect() });
    }
    all
}

/// Bytes are shown in TB (or GB a second); everything else as it is counted.
fn shown_unit(unit: &str, is_rate: bool) -> (String, f64) {
    match (unit, is_rate) {
        ("byte", true) => ("GB/s".to_owned(), 1e9),
        ("byte", false) => ("TB".to_owned(), 1e12),
        (unit, true) => (format!("{unit}/s"), 1.0),
        (unit, false) => (unit.to_owned(), 1.0),
    }
}

fn pools(plan: &Plan, outcome: &Outcome) -> Vec<ForecastSeries> {
    let mut all: Vec<ForecastSeries> = Vec::new();
    for supply in &outcome.pool_months {
        let name = &plan.pools[supply.pool].name;
        if all.last().is_none_or(|series| &series.name != name) {
            let unit = "nodes".to_owned();
            all.push(ForecastSeries { name: name.clone(), unit, months: Vec::new() });
        }
        let mut available = supply.available.clone();
        available.sort_by(f64::total_cmp);
        let median = quantile_sorted(&available, 0.5);
        let limit = median.is_finite().then_some(median);
        if let Some(series) = all.last_mut() {
            series.months.push(row(plan.horizon.month(supply.t), supply.need_peak.clone(), limit));
        }
    }
    all
}

fn teams(plan: &Plan, outcome: &Outcome) -> Vec<ForecastSeries> {
    let of = |(id, months): (&_, &Vec<Vec<f64>>)| money(plan, &plan.teams[*id].name, months);
    outcome.draws.by_team.iter().map(of).collect()
}

fn total(plan: &Plan, outcome: &Outcome) -> Vec<ForecastSeries> {
    vec![money(plan, "total", &outcome.draws.total)]
}

fn money(plan: &Plan, name: &str, months: &[Vec<f64>]) -> ForecastSeries {
    let rows =
        plan.horizon.iter().zip(months).map(|(month, values)| row(month, values.clone(), None));
    ForecastSeries {
        name: name.to_owned(),
        unit: plan.currency.to_string(),
        months: rows.collect(),
    }
}

fn row(month: Month, mut values: Vec<f64>, supply: Option<f64>) -> ForecastMonth {
    let mean = shortest(mean(&values));
    values.sort_by(f64::total_cmp);
    let at = |p| shortest(quantile_sorted(&values, p));
    ForecastMonth { month, mean, p10: at(0.1), p50: at(0.5), p90: at(0.9), supply }
}

/// To twelve digits: without what binary sums leave behind the last one that means anything.
pub(super) fn shortest(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

/// The forecast as JSON.
#[must_use]
pub fn json(view: &ForecastView) -> String {
    let text = serde_json::to_string_pretty(view);
    text.map_or_else(|error| format!("{{\"error\":\"{error}\"}}\n"), |text| text + "\n")
}

/// The forecast as CSV: one row a subject and month.
#[must_use]
pub fn csv(view: &ForecastView) -> String {
    let mut csv = Csv::default();
    csv.row(&["name", "unit", "month", "mean", "p10", "p50", "p90", "supply"].map(str::to_owned));
    for series in &view.series {
        for row in &series.months {
            let [mean, p10, p50, p90] = [row.mean, row.p10, row.p50, row.p90].map(figure);
            let supply = row.supply.map_or_else(String::new, figure);
            let (name, unit) = (csv::text(&series.name), csv::text(&series.unit));
            csv.row(&[name, unit, row.month.to_string(), mean, p10, p50, p90, supply]);
        }
    }
    csv.text
}

/// The forecast as Markdown: a table a subject.
#[must_use]
pub fn markdown(view: &ForecastView) -> String {
    let mut out = String::new();
    for series in &view.series {
        let title = format!("{} ({})", plain(&series.name), plain(&series.unit));
        let _ = writeln!(out, "### {}\n", prose::escape(&title));
        out.push_str("| Month | Mean | p10 | p50 | p90 | Supply |\n|---|--:|--:|--:|--:|--:|\n");
        for row in &series.months {
            let _ = writeln!(out, "| {} |", cells(row).join(" | "));
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{}. As of {}.", view.measure, view.as_of);
    out
}

/// The forecast for a terminal: months down, quantiles across, a table a subject.
#[must_use]
pub fn table(view: &ForecastView) -> String {
    let mut out = String::new();
    for series in &view.series {
        let mut grid = Table::new();
        grid.load_style(NOTHING);
        grid.set_header(["Month", "Mean", "p10", "p50", "p90", "Supply"]);
        for row in &series.months {
            grid.add_row(cells(row));
        }
        for column in grid.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let _ = writeln!(out, "{} ({})", plain(&series.name), plain(&series.unit));
        out.push_str(&trimmed(&grid));
        out.push('\n');
    }
    let _ = writeln!(out, "{}. As of {}.", view.measure, view.as_of);
    out
}

/// A month's cells, as people read them.
fn cells(row: &ForecastMonth) -> [String; 6] {
    let supply = row.supply.map_or_else(|| "–".to_owned(), significant);
    let [mean, p10, p50, p90] = [row.mean, row.p10, row.p50, row.p90].map(significant);
    [month(row.month), mean, p10, p50, p90, supply]
}

/// A figure for machines: six places are more than a forecast knows.
fn figure(value: f64) -> String {
    let text = format!("{value:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
