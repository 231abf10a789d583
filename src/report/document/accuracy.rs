//! What histories taught: how well each would have been forecast, and what follows it.

use std::fmt::Write as _;

use super::{Align, Block, Cell, Figure, RowKind, Section, Table, cell, optional, plain};
use crate::report::chart::{Naming, history as chart};
use crate::report::format;
use crate::report::view::{BudgetView, HistoryView};

/// Workloads whose history is drawn; of more, figures are in `capplan forecast --by workload`.
const DRAWN: usize = 24;

pub(super) fn section(view: &BudgetView) -> Option<Section> {
    if view.history.is_empty() {
        return None;
    }
    let mut blocks = vec![Block::table(table(view))];
    blocks.extend(
        view.history.iter().take(DRAWN).enumerate().map(|(index, history)| {
            Block::figure(figure(history, &format!("history-{}", index + 1)))
        }),
    );
    if view.history.len() > DRAWN {
        blocks.push(Block::prose(format!(
            "{} more workloads have a history; `capplan forecast --by workload` lists what follows it.",
            view.history.len() - DRAWN
        )));
    }
    Some(Section { id: "accuracy", heading: "Forecast accuracy".to_owned(), blocks })
}

/// How well each history would have been forecast.
pub(super) fn table(view: &BudgetView) -> Table {
    let mut table = Table::new(
        "history",
        "Histories and back-tests",
        "Mean absolute percentage error of monthly means over so many months, held back and forecast from \
         what came before; in brackets that of repeating the last year, or month",
    )
    .columns(Align::Text, &["Workload", "History"])
    .columns(Align::Number, &["Months"])
    .columns(Align::Wrapped, &["Leading method"])
    .columns(Align::Number, &["1 month", "3 months", "6 months", "12 months", "Inside 80%"])
    .columns(Align::Wrapped, &["Remarks"]);
    for history in &view.history {
        table.push(RowKind::Body, row(history));
    }
    table
}

fn row(history: &HistoryView) -> Vec<Cell> {
    let none = || cell(format::NONE);
    let mut row = vec![
        plain(&history.workload),
        optional(history.path.as_deref()),
        cell(history.months.to_string()),
        plain(&history.method),
    ];
    for months in [1, 3, 6, 12] {
        let found = history.backtests.iter().find(|backtest| backtest.months == months);
        row.push(found.map_or_else(none, |backtest| {
            let [own, naive] = [backtest.error, backtest.naive_error].map(format::percent);
            cell(format!("{own} ({naive})"))
        }));
    }
    row.push(history.backtests.last().map_or_else(none, |backtest| {
        cell(format::stated_percent((backtest.coverage_80 * 100.0).round() / 100.0))
    }));
    let remarks: Vec<String> = history.remarks.iter().map(|r| format::plain(r)).collect();
    row.push(if remarks.is_empty() { none() } else { cell(remarks.join("; ")) });
    row
}

fn figure(history: &HistoryView, id: &str) -> Figure {
    let name = format::plain(&history.workload);
    let title = format!("Measured and forecast demand of {name}");
    let value = |value: f64| format::quantity(value, &history.unit, history.is_rate);
    let finding = finding(history, &name, &value);
    let summary = summary(history, &value);
    let description = format!("{finding}. {summary}");
    let naming = Naming { id, title: &title, description: &description };
    let peaks = history.forecast.iter().any(|month| month.maximum.is_some());
    Figure {
        caption: format!(
            "Means of months: measured, then the median of the forecast with its band p10–p90{}",
            if peaks {
                "; above, dashed, what the month's largest value exceeds once in ten"
            } else {
                ""
            }
        ),
        chart: chart::draw(history, naming, &value),
        data: data(history, id, &title, &value),
        finding,
        summary,
    }
}

fn finding(history: &HistoryView, name: &str, value: &dyn Fn(f64) -> String) -> String {
    let (Some(first), Some(last)) = (history.forecast.first(), history.forecast.last()) else {
        return name.to_owned();
    };
    let change = last.p50 / first.p50 - 1.0;
    let course = match change {
        _ if first.p50 <= 0.0 => "is forecast at".to_owned(),
        change if change > 0.02 => format!("grows by {} to", format::percent(change)),
        change if change < -0.02 => format!("falls by {} to", format::percent(-change)),
        _ => "stays at".to_owned(),
    };
    format!("{name} {course} {} in {}", value(last.p50), format::month(last.month))
}

fn summary(history: &HistoryView, value: &dyn Fn(f64) -> String) -> String {
    let Some(last) = history.forecast.last() else { return String::new() };
    let mut text = format!(
        "In {} the month's mean lies between {} and {} (p10–p90).",
        format::month(last.month),
        value(last.p10),
        value(last.p90)
    );
    if let Some([p50, p90, p95]) = last.maximum {
        let _ = write!(
            text,
            " Its largest value: {} at the median, {} at p90, {} at p95.",
            value(p50),
            value(p90),
            value(p95)
        );
    }
    if let Some(backtest) = history.backtests.last() {
        let months = format::counted(backtest.months as f64, "month");
        let _ = write!(
            text,
            " Over {months} held back it would have erred by {}, repeating the past by {}.",
            format::percent(backtest.error),
            format::percent(backtest.naive_error)
        );
    }
    text
}

fn data(history: &HistoryView, id: &str, title: &str, value: &dyn Fn(f64) -> String) -> Table {
    let caption =
        "Means of months; peaks are the largest measured value of a month, an hour or a day";
    let mut table =
        Table::new(format!("{id}-data"), title, caption).columns(Align::Text, &["Month"]).columns(
            Align::Number,
            &["Measured", "p10", "Median", "p90", "Peak p50", "Peak p90", "Peak p95"],
        );
    let none = || cell(format::NONE);
    for (month, mean) in &history.measured {
        let mut row = vec![cell(format::month(*month)), cell(value(*mean))];
        row.extend(std::iter::repeat_with(none).take(6));
        table.push(RowKind::Body, row);
    }
    for month in &history.forecast {
        let mut row = vec![cell(format::month(month.month)), none()];
        row.extend([month.p10, month.p50, month.p90].map(|figure| cell(value(figure))));
        match month.maximum {
            Some(maximum) => row.extend(maximum.map(|figure| cell(value(figure)))),
            None => row.extend(std::iter::repeat_with(none).take(3)),
        }
        table.push(RowKind::Body, row);
    }
    table
}
