//! How well series, and a plan's histories, would have been forecast, for every output.

use std::fmt::Write as _;

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};
use serde::Serialize;

use super::forecast_view::shortest;
use super::format::{NONE, percent, plain};
use super::series::{quoted, trimmed};
use super::terminal::wrap;
use super::view::HistoryView;
use crate::table::accuracy::{Accuracy, AtHorizon, Scores, overall};

/// The accuracy of several series.
#[derive(Debug, Serialize)]
pub struct AccuracyView {
    /// Series that were tried.
    series: usize,
    /// Series that never move, whose errors cannot be scaled and do not count.
    unscaled: Vec<String>,
    /// Means over the series.
    overall: Vec<HorizonView>,
    /// One a series.
    by_series: Vec<SeriesView>,
}

#[derive(Debug, Serialize)]
struct SeriesView {
    unique_id: String,
    origins: usize,
    horizons: Vec<HorizonView>,
}

#[derive(Debug, Serialize)]
struct HorizonView {
    steps: usize,
    capplan: ScoresView,
    seasonal_naive: ScoresView,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct ScoresView {
    mase: f64,
    smape: f64,
    pinball: f64,
    coverage_80: f64,
    coverage_95: f64,
}

impl From<Scores> for ScoresView {
    fn from(scores: Scores) -> Self {
        Self {
            mase: shortest(scores.mase),
            smape: shortest(scores.smape),
            pinball: shortest(scores.pinball),
            coverage_80: shortest(scores.coverage_80),
            coverage_95: shortest(scores.coverage_95),
        }
    }
}

impl From<&AtHorizon> for HorizonView {
    fn from(at: &AtHorizon) -> Self {
        Self { steps: at.steps, capplan: at.ours.into(), seasonal_naive: at.naive.into() }
    }
}

/// Lays out what was found.
#[must_use]
pub fn view(found: &[Accuracy]) -> AccuracyView {
    let unscaled = found.iter().filter(|series| !series.scaled).map(|series| series.id.clone());
    AccuracyView {
        series: found.len(),
        unscaled: unscaled.collect(),
        overall: overall(found).iter().map(Into::into).collect(),
        by_series: found
            .iter()
            .map(|series| SeriesView {
                unique_id: series.id.clone(),
                origins: series.origins,
                horizons: series.horizons.iter().map(Into::into).collect(),
            })
            .collect(),
    }
}

/// The back-tests of a plan's histories for a terminal: a row each, then what should be known of each.
#[must_use]
pub fn histories_table(histories: &[HistoryView], width: usize) -> String {
    let mut grid = Table::new();
    grid.load_style(NOTHING);
    grid.set_header(["Workload", "1 month", "3 months", "6 months", "12 months", "Inside 80%"]);
    for history in histories {
        let mut row = vec![plain(&history.workload)];
        for months in [1, 3, 6, 12] {
            let found = history.backtests.iter().find(|backtest| backtest.months == months);
            row.push(found.map_or_else(
                || NONE.to_owned(),
                |found| format!("{} ({})", percent(found.error), percent(found.naive_error)),
            ));
        }
        row.push(history.backtests.last().map_or_else(
            || NONE.to_owned(),
            |backtest| format!("{:.0}%", backtest.coverage_80 * 100.0),
        ));
        grid.add_row(row);
    }
    for column in grid.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    let mut text = trimmed(&grid);
    text.push_str(&wrap(
        "Mean absolute percentage error of monthly means over so many months, held back and forecast from \
         what came before; in brackets that of repeating the last year, or month.",
        width,
    ));
    text.push_str("\n\n");
    for history in histories {
        let remarks: Vec<String> = history.remarks.iter().map(|remark| plain(remark)).collect();
        let parts = [plain(&history.method)].into_iter().chain(remarks);
        let told = parts.collect::<Vec<_>>().join("; ");
        let line = format!("{}, {} months: {told}.", plain(&history.workload), history.months);
        text.push_str(&wrap(&line, width));
        text.push('\n');
    }
    text
}

/// The back-tests of a plan's histories as JSON.
#[must_use]
pub fn histories_json(histories: &[HistoryView]) -> String {
    let of = |history: &HistoryView| {
        serde_json::json!({
            "workload": history.workload,
            "history": history.path,
            "leading_method": history.method,
            "backtests": history.backtests,
            "remarks": history.remarks,
        })
    };
    let all: Vec<serde_json::Value> = histories.iter().map(of).collect();
    serde_json::to_string_pretty(&all).unwrap_or_default() + "\n"
}

/// The back-tests of a plan's histories as CSV: one row a workload and horizon.
#[must_use]
pub fn histories_csv(histories: &[HistoryView]) -> String {
    let mut text = "workload,months,error,naive_error,coverage80\n".to_owned();
    for history in histories {
        for backtest in &history.backtests {
            let _ = writeln!(
                text,
                "{},{},{},{},{}",
                quoted(&history.workload),
                backtest.months,
                shortest(backtest.error),
                shortest(backtest.naive_error),
                shortest(backtest.coverage_80)
            );
        }
    }
    text
}

/// As JSON.
#[must_use]
pub fn json(view: &AccuracyView) -> String {
    serde_json::to_string_pretty(view).unwrap_or_default() + "\n"
}

/// As CSV: one row a series, horizon and forecaster.
#[must_use]
pub fn csv(view: &AccuracyView) -> String {
    let mut text =
        "unique_id,steps,origins,model,mase,smape,pinball,coverage80,coverage95\n".to_owned();
    for series in &view.by_series {
        for at in &series.horizons {
            for (model, s) in [("capplan", at.capplan), ("seasonal-naive", at.seasonal_naive)] {
                let _ = writeln!(
                    text,
                    "{},{},{},{model},{},{},{},{},{}",
                    quoted(&series.unique_id),
                    at.steps,
                    series.origins,
                    s.mase,
                    s.smape,
                    s.pinball,
                    s.coverage_80,
                    s.coverage_95
                );
            }
        }
    }
    text
}

const HEADS: [&str; 7] =
    ["Steps", "Forecast", "MASE", "sMAPE", "Pinball", "80% holds", "95% holds"];

/// As Markdown.
#[must_use]
pub fn markdown(view: &AccuracyView) -> String {
    let mut text = format!("| {} |\n|--:|---|--:|--:|--:|--:|--:|\n", HEADS.join(" | "));
    for row in rows(view) {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text.push('\n');
    text.push_str(&explained(view));
    text
}

/// For a terminal.
#[must_use]
pub fn table(view: &AccuracyView) -> String {
    let mut grid = Table::new();
    grid.load_style(NOTHING);
    grid.set_header(HEADS);
    for row in rows(view) {
        grid.add_row(row);
    }
    for column in [0, 2, 3, 4, 5, 6] {
        if let Some(column) = grid.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    trimmed(&grid) + &explained(view)
}

fn rows(view: &AccuracyView) -> Vec<[String; 7]> {
    let mut rows = Vec::new();
    for at in &view.overall {
        for (model, s) in [("capplan", at.capplan), ("seasonal naive", at.seasonal_naive)] {
            rows.push([
                at.steps.to_string(),
                model.to_owned(),
                format!("{:.3}", s.mase),
                format!("{:.1}", s.smape),
                format!("{:.3}", s.pinball),
                format!("{:.0}%", s.coverage_80 * 100.0),
                format!("{:.0}%", s.coverage_95 * 100.0),
            ]);
        }
    }
    rows
}

fn explained(view: &AccuracyView) -> String {
    let counted = view.series - view.unscaled.len();
    let Some(last) = view.overall.last() else {
        return "No series moved, so errors cannot be scaled.\n".to_owned();
    };
    let better = |series: &&SeriesView| {
        let last = series.horizons.last();
        last.is_some_and(|at| at.capplan.mase < at.seasonal_naive.mase)
            && !view.unscaled.contains(&series.unique_id)
    };
    let better = view.by_series.iter().filter(better).count();
    let most = view.by_series.iter().map(|series| series.origins).max().unwrap_or(0);
    let worst = view
        .by_series
        .iter()
        .filter(|series| !view.unscaled.contains(&series.unique_id))
        .filter_map(|series| {
            let at = series.horizons.last()?;
            Some((at.capplan.mase / at.seasonal_naive.mase.max(1e-12), &series.unique_id))
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(ratio, _)| *ratio > 1.0)
        .map(|(ratio, id)| format!(" Furthest behind: {}, {ratio:.2} times its error.", plain(id)));
    format!(
        "Means over {counted} series, of each the last {} steps held out {}. Nearer than seasonal naive \
         over the whole horizon: {better} of {counted}.{}{}\n",
        last.steps,
        if most > 1 { format!("up to {most} times") } else { "once".to_owned() },
        worst.unwrap_or_default(),
        if view.unscaled.is_empty() {
            String::new()
        } else {
            format!(" Not counted, because they never move: {}.", view.unscaled.len())
        }
    )
}
