//! Scenarios side by side: p10 to p90 as a bar, the median as a tick, the mean as a dot.

use super::scale::Scale;
use super::svg::{Anchor, Svg};
use super::{Chart, Layout, Naming, both, shortened};
use crate::report::format::{self, MoneyFormat};
use crate::report::view::{Money, Spread};

/// One row: its name and its cost.
pub(in crate::report) struct Range {
    pub(in crate::report) name: String,
    pub(in crate::report) cost: Spread,
}

/// Draws one row a range, with a line at `budget`.
pub(in crate::report) fn draw(
    rows: &[Range],
    budget: Option<Money>,
    format: MoneyFormat,
    naming: Naming<'_>,
) -> Chart {
    both(naming, |layout| picture(rows, budget, format, layout))
}

fn picture(rows: &[Range], budget: Option<Money>, format: MoneyFormat, layout: Layout) -> Svg {
    let row_height = layout.choose(34.0, 46.0);
    let top = 30.0;
    let bottom = top + row_height * rows.len() as f64;
    let mut svg = Svg::new(bottom + 44.0);
    let (left, right) = (layout.choose(210.0, 12.0), layout.width() - layout.choose(40.0, 24.0));
    let spread = rows.iter().flat_map(|row| [row.cost.p10, row.cost.p90, row.cost.mean]);
    let places: Vec<f64> = spread.chain(budget).map(|amount| format.position(amount)).collect();
    let least = places.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = places.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let scale = Scale::between(least, largest, layout.choose(5, 3));
    let width = scale.max() - scale.min();
    let x = |value: f64| left + ((value - scale.min()) / width).clamp(0.0, 1.0) * (right - left);
    let at = |amount: Money| x(format.position(amount));
    for tick in &scale.ticks {
        svg.line("grid", (x(*tick), top), (x(*tick), bottom));
        let text = if *tick == 0.0 { "0".to_owned() } else { format::count(*tick) };
        svg.text("ax", (x(*tick), bottom + 18.0), Anchor::Middle, &text);
    }
    svg.text("ax", (right, bottom + 36.0), Anchor::End, &format.words());
    for (index, row) in rows.iter().enumerate() {
        let y = top + row_height * index as f64;
        let middle = layout.choose(y + row_height / 2.0, y + row_height - 13.0);
        let label = layout.choose((left - 12.0, middle + 4.0), (left, y + 14.0));
        svg.text(
            "lab",
            label,
            layout.choose(Anchor::End, Anchor::Start),
            &shortened(&row.name, 28),
        );
        let (low, high) = (at(row.cost.p10), at(row.cost.p90));
        svg.rect("b80", (low, middle - 7.0), ((high - low).max(1.0), 14.0));
        svg.line("mediantick", (at(row.cost.p50), middle - 9.0), (at(row.cost.p50), middle + 9.0));
        svg.circle("mean", (at(row.cost.mean), middle), 4.0);
    }
    if let Some(budget) = budget {
        let x = at(budget);
        svg.line("budget", (x, top - 6.0), (x, bottom));
        let anchor = if x > layout.width() * 0.75 { Anchor::End } else { Anchor::Middle };
        svg.text("budgetlabel", (x, top - 12.0), anchor, "budget");
    }
    svg
}
