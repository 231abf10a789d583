//! Charts in characters: a band with its median, supply or budget as a line, months below.

use std::fmt::Write as _;

use super::{Color, Style, footer, wrap};
use crate::draws::mean;
use crate::report::chart::Scale;
use crate::report::format::{self, MoneyFormat};
use crate::report::view::{BudgetView, PoolView};
use crate::table::SeriesAhead;

/// Rows of the plotting area.
const ROWS: usize = 16;

/// Columns for the figures left of the plotting area.
pub(in crate::report) const MARGIN: usize = 8;

/// Where the axis of a chart starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Axis {
    /// At zero.
    Zero,
    /// Anywhere round.
    Free,
}

/// One month of a chart; values from zero up.
pub(in crate::report) struct Column {
    pub low: f64,
    pub high: f64,
    pub middle: f64,
    pub line: Option<f64>,
    pub dashed: Option<f64>,
}

/// Need against supply of one pool, in nodes; `None` if there is no such pool of nodes.
#[must_use]
pub fn need_chart(view: &BudgetView, pool: &str, width: usize, color: Color) -> Option<String> {
    let pool = view.pools.iter().find(|candidate| candidate.pool == pool)?;
    let columns: Vec<Column> = pool
        .months
        .iter()
        .map(|month| Column {
            low: month.need[0],
            high: month.need[4],
            middle: month.need[2],
            line: month.available,
            dashed: Some(month.existing).filter(|nodes| *nodes > 0.0),
        })
        .collect();
    let gpus = match pool.gpus_per_node {
        gpus if gpus > 0.0 => format!(" of {}", format::counted(gpus, "GPU")),
        _ => String::new(),
    };
    let name = format::plain(&pool.pool);
    let mut text = color.paint(Style::Bold, &format!("{name}, nodes{gpus}"));
    text.push_str("\n● median need  ░ p10–p90  ━ can run  ┄ exists\n");
    let wide = month_width(columns.len(), width);
    text.push_str(&plot(&columns, wide, Axis::Zero));
    text.push_str(&months(view, wide));
    text.push_str(&risks(pool, width, color));
    let caption = "Nodes in the busiest hour of the month";
    text.push_str(&color.paint(Style::Dim, &wrap(&footer_of_nodes(view, caption), width)));
    text.push('\n');
    Some(text)
}

fn footer_of_nodes(view: &BudgetView, caption: &str) -> String {
    let text = footer(view, caption);
    text.split_once(". ").map_or(text.clone(), |(amounts, rest)| {
        if amounts.starts_with("Amounts") { rest.to_owned() } else { text.clone() }
    })
}

/// Monthly cost, p10 to p90, against the phased budget.
#[must_use]
pub fn cost_chart(view: &BudgetView, width: usize, color: Color) -> String {
    let format = MoneyFormat::of(view);
    let cost = &view.cost;
    let budget = cost.comparison.as_ref().filter(|comparison| comparison.all_cost);
    let columns: Vec<Column> = (0..view.months.len())
        .map(|t| Column {
            low: format.position(cost.range_by_month[t].0),
            high: format.position(cost.range_by_month[t].1),
            middle: format.position(cost.by_month[t]),
            line: budget
                .map(|comparison| format.position(comparison.budget_by_month[t]))
                .filter(|amount| *amount > 0.0),
            dashed: None,
        })
        .collect();
    let mut text = color.paint(Style::Bold, "Cost a month");
    let legend = if budget.is_some() { "  ━ budget" } else { "" };
    for part in ["\n● mean  ░ p10–p90", legend, "\n"] {
        text.push_str(part);
    }
    let wide = month_width(columns.len(), width);
    text.push_str(&plot(&columns, wide, Axis::Free));
    text.push_str(&months(view, wide));
    let caption = format!("{} a month, amortised", format.words());
    text.push_str(&color.paint(Style::Dim, &wrap(&footer(view, &caption), width)));
    text.push('\n');
    text
}

/// The end of a series and what follows it, with its 80% interval. Where there are more steps than
/// columns, a column is the mean of several.
#[must_use]
pub fn series_chart(series: &SeriesAhead, width: usize, color: Color) -> String {
    let (ahead, interval) = (series.mean(), series.interval(0.8));
    let shown = (2 * ahead.len()).clamp(MARGIN, series.measured.len().max(MARGIN));
    let measured = &series.measured[series.measured.len().saturating_sub(shown)..];
    let room = width.saturating_sub(MARGIN + 1).max(1);
    let each = (measured.len() + ahead.len()).div_ceil(room).max(1);
    // Whole columns end where the forecast begins.
    let past = measured[measured.len() % each..].chunks(each).map(|values| Column {
        low: f64::NAN,
        high: f64::NAN,
        middle: mean(values),
        line: None,
        dashed: None,
    });
    let mut columns: Vec<Column> = past.collect();
    let begin = columns.len();
    let ends = interval.low.chunks(each).zip(interval.high.chunks(each));
    columns.extend(ahead.chunks(each).zip(ends).map(|(values, (low, high))| Column {
        low: mean(low),
        high: mean(high),
        middle: mean(values),
        line: None,
        dashed: None,
    }));
    let wide = month_width(columns.len(), width);
    let mut text = color.paint(Style::Bold, &format::plain(&series.id));
    text.push_str("\n● measured, then forecast  ░ 80% interval");
    if each > 1 {
        let _ = write!(text, "  (each column the mean of {each} steps)");
    }
    text.push('\n');
    text.push_str(&plot(&columns, wide, Axis::Free));
    let (first, last) = (&series.times[0], &series.times[series.times.len() - 1]);
    let place = MARGIN + 1 + begin * wide;
    let end = MARGIN + 1 + columns.len() * wide;
    let mut line = " ".repeat(place) + "╰ " + first;
    let room = end.saturating_sub(last.chars().count());
    if room > line.chars().count() + 1 {
        line += &" ".repeat(room - line.chars().count());
        line += last;
    }
    text.push_str(&line);
    text.push_str("\n\n");
    text
}

/// How many characters a month is wide.
fn month_width(months: usize, width: usize) -> usize {
    ((width.saturating_sub(MARGIN + 1)) / months.max(1)).clamp(1, 6)
}

/// The plotting area: figures to the left, every column so many characters wide.
pub(in crate::report) fn plot(columns: &[Column], wide: usize, axis: Axis) -> String {
    let need = columns.iter().map(|column| column.high.max(column.middle)).fold(0.0, f64::max);
    let lines = columns.iter().flat_map(|column| [column.line, column.dashed]).flatten();
    // A limit far above the need would press the picture flat.
    let top = lines.filter(|line| *line <= need * 1.6).fold(need, f64::max).max(1e-9);
    let lows = columns.iter().map(|column| column.low.min(column.middle));
    let lines = columns.iter().flat_map(|column| [column.line, column.dashed]).flatten();
    let bottom = lines.chain(lows).fold(top, f64::min);
    // The axis starts at zero unless that would waste more than half of it; the figures say where.
    let scale = if bottom < 0.0 || (bottom > top * 0.5 && axis == Axis::Free) {
        Scale::between(bottom, top, 4)
    } else {
        Scale::counting(top, 4)
    };
    let (bottom, height) = (scale.min(), scale.max() - scale.min());
    let row_of = |value: f64| -> Option<usize> {
        let share = (value - bottom) / height;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to ROWS")]
        let row = (share * (ROWS - 1) as f64).round() as usize;
        ((-1e-9..=1.0 + 1e-9).contains(&share)).then_some(row)
    };
    let mut text = String::new();
    for row in (0..ROWS).rev() {
        let tick = scale.ticks.iter().find(|tick| row_of(**tick) == Some(row));
        let figure = match tick {
            Some(0.0) => "0".to_owned(),
            Some(tick) => format::count(*tick),
            None => String::new(),
        };
        let mut line = format!("{figure:>MARGIN$} ");
        for column in columns {
            let (low, high) = (row_of(column.low), row_of(column.high));
            let inside = low.zip(high).is_some_and(|(low, high)| (low..=high).contains(&row));
            let fill = match () {
                () if column.line.and_then(row_of) == Some(row) => '━',
                () if column.dashed.and_then(row_of) == Some(row) => '┄',
                () if inside => '░',
                () => ' ',
            };
            let middle = row_of(column.middle) == Some(row);
            for place in 0..wide {
                line.push(if middle && place == wide / 2 { '●' } else { fill });
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Month names under their columns, years under the first and under January.
fn months(view: &BudgetView, wide: usize) -> String {
    let every = 4_usize.div_ceil(wide);
    let (mut names, mut years) = (" ".repeat(MARGIN + 1), " ".repeat(MARGIN + 1));
    let mut year = None;
    for (t, month) in view.months.iter().enumerate() {
        let named = t % every == 0;
        let place = MARGIN + 1 + t * wide;
        let put = |line: &mut String, text: &str| {
            let missing = place.saturating_sub(line.chars().count());
            line.push_str(&" ".repeat(missing));
            line.push_str(text);
        };
        if named {
            put(&mut names, month.short_name());
            if year.replace(month.year()) != Some(month.year()) {
                put(&mut years, &month.year().to_string());
            }
        }
    }
    format!("{}\n{}\n", names.trim_end(), years.trim_end())
}

/// The chance of a shortfall under each month, where a month is wide enough for it.
fn risks(pool: &PoolView, width: usize, color: Color) -> String {
    if pool.months.iter().all(|month| month.short_chance <= 0.0) {
        return String::new();
    }
    let wide = month_width(pool.months.len(), width);
    let mut line = format!("{:>MARGIN$} ", "short");
    if wide < 5 {
        let worst = pool.months.iter().map(|month| month.short_chance).fold(0.0, f64::max);
        line += &["up to ", &format::chance(worst), " in a month"].concat();
    } else {
        for month in &pool.months {
            let chance = format::chance(month.short_chance);
            line.extend(chance.chars().chain(std::iter::repeat(' ')).take(wide));
        }
    }
    format!("{}\n", color.paint(Style::Red, line.trim_end()))
}
