//! What was measured and what follows: monthly means as a line, then the fan of the forecast and the
//! largest value that a month may reach.

use super::frame::{Frame, Label};
use super::scale::Scale;
use super::svg::{Anchor, Svg};
use super::{Chart, Layout, Naming, both};
use crate::calendar::Month;
use crate::report::view::HistoryView;

/// Months of the past that are drawn: as many years as the eye compares.
const PAST: usize = 24;

/// Draws a workload's history and forecast; `label` writes a value with its unit.
pub(in crate::report) fn draw(
    history: &HistoryView,
    naming: Naming<'_>,
    label: &dyn Fn(f64) -> String,
) -> Chart {
    both(naming, |layout| picture(history, layout, label))
}

fn picture(history: &HistoryView, layout: Layout, label: &dyn Fn(f64) -> String) -> Svg {
    let height = layout.choose(280.0, 260.0);
    let mut svg = Svg::new(height);
    let first = history.forecast.first().map(|month| month.month);
    // The horizon may begin before the history ends, or after.
    let measured: Vec<(Month, f64)> = history
        .measured
        .iter()
        .copied()
        .filter(|(month, _)| first.is_none_or(|first| *month < first))
        .collect();
    let measured = &measured[measured.len().saturating_sub(PAST)..];
    let begin = measured.first().map(|(month, _)| *month).or(first);
    let (Some(begin), Some(last)) = (begin, history.forecast.last()) else { return svg };
    let place = |month: Month| usize::try_from(month.since(begin)).unwrap_or(0);
    let columns = place(last.month) + 1;
    let months: Vec<Month> =
        (0..columns).map(|t| begin.plus(i32::try_from(t).unwrap_or(0))).collect();
    let tops = history.forecast.iter().map(|month| month.maximum.map_or(month.p90, |m| m[1]));
    let largest = measured.iter().map(|(_, mean)| *mean).chain(tops).fold(0.0, f64::max);
    let frame = Frame {
        left: layout.choose(104.0, 66.0),
        right: layout.width() - layout.choose(150.0, 66.0),
        top: 24.0,
        bottom: height - 48.0,
        scale: Scale::reaching(largest, 4),
        columns,
    };
    frame.grid(&mut svg, |value| if value == 0.0 { "0".to_owned() } else { label(value) });
    frame.months(&mut svg, &months, layout);
    let point = |month: Month, value: f64| (frame.middle(place(month)), frame.y(value));
    let line = |of: &dyn Fn(&crate::report::view::HistoryMonth) -> f64| -> Vec<(f64, f64)> {
        history.forecast.iter().map(|month| point(month.month, of(month))).collect()
    };
    let (low, high) = (line(&|month| month.p10), line(&|month| month.p90));
    svg.area("b80", high.into_iter().chain(low.into_iter().rev()));
    svg.path("measured", measured.iter().map(|(month, mean)| point(*month, *mean)));
    svg.path("median", line(&|month| month.p50));
    if last.maximum.is_some() {
        svg.path("maximum", line(&|month| month.maximum.map_or(month.p90, |m| m[1])));
    }
    if let Some(first) = first.filter(|_| !measured.is_empty()) {
        let x = frame.x(place(first));
        svg.line("grid", (x, frame.top), (x, frame.bottom));
        svg.text("ax", (x + 6.0, frame.top - 8.0), Anchor::Start, "forecast");
    }
    let mut labels = vec![
        name(&frame, "fanlabel", last.p90, layout.choose("p90 of the mean", "p90")),
        name(&frame, "fanlabel", last.p50, layout.choose("median", "median")),
        name(&frame, "fanlabel", last.p10, layout.choose("p10", "p10")),
    ];
    if let Some([_, p90, _]) = last.maximum {
        labels.push(name(&frame, "fanlabel", p90, layout.choose("p90 of the peak", "peak")));
    }
    frame.labels(&mut svg, labels);
    svg
}

fn name(frame: &Frame, class: &'static str, value: f64, text: &str) -> Label {
    Label { class, text: text.to_owned(), y: frame.y(value), swatch: None }
}
