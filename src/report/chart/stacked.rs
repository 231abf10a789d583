//! Monthly cost by category, stacked, with p10 to p90 of the month and the phased budget.

use super::frame::{Frame, Label};
use super::scale::Scale;
use super::svg::{Anchor, Svg};
use super::{Chart, Layout, Naming, both};
use crate::calendar::Month;
use crate::cost::ledger::Category;
use crate::report::format::{self, MoneyFormat};
use crate::report::view::{CostView, Money};

/// Draws cost by month. `budget` has one amount a month, zero where there is none.
pub(in crate::report) fn draw(
    cost: &CostView,
    budget: Option<&[Money]>,
    months: &[Month],
    format: MoneyFormat,
    naming: Naming<'_>,
) -> Chart {
    both(naming, |layout| picture(cost, budget, months, format, layout))
}

fn picture(
    cost: &CostView,
    budget: Option<&[Money]>,
    months: &[Month],
    format: MoneyFormat,
    layout: Layout,
) -> Svg {
    let height = layout.choose(340.0, 320.0);
    let mut svg = Svg::new(height);
    let budgets = budget.unwrap_or_default();
    let highs = cost.range_by_month.iter().map(|(_, p90)| *p90);
    let amounts = highs.chain(cost.by_month.iter().copied()).chain(budgets.iter().copied());
    let largest = amounts.map(|amount| format.position(amount)).fold(0.0, f64::max);
    let frame = Frame {
        left: layout.choose(64.0, 52.0),
        right: layout.width() - layout.choose(120.0, 88.0),
        top: 34.0,
        bottom: height - 44.0,
        scale: Scale::reaching(largest, 4),
        columns: months.len(),
    };
    frame.grid(&mut svg, tick);
    let unit = layout.choose(format!("{} a month", format.words()), format.words());
    svg.text("ax", (0.0, 18.0), Anchor::Start, &unit);
    frame.months(&mut svg, months, layout);
    let tops = stacks(&mut svg, &frame, cost, format);
    whiskers(&mut svg, &frame, cost, format);
    let steps: Vec<Option<f64>> = budgets
        .iter()
        .map(|amount| Some(format.position(*amount)).filter(|amount| *amount > 0.0))
        .collect();
    frame.steps(&mut svg, "halo", &steps);
    frame.steps(&mut svg, "budget", &steps);
    let mut labels = tops;
    if let Some(last) = steps.last().copied().flatten() {
        labels.push(Label {
            class: "budgetlabel",
            text: "budget".to_owned(),
            y: frame.y(last),
            swatch: None,
        });
    }
    frame.labels(&mut svg, labels);
    svg
}

fn tick(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let whole = format::count(value);
    if (value * 10.0).fract() == 0.0 { whole } else { format!("{value}") }
}

/// Draws the columns; gives the label of each category at its place in the last month.
fn stacks(svg: &mut Svg, frame: &Frame, cost: &CostView, format: MoneyFormat) -> Vec<Label> {
    let mut labels = Vec::new();
    let last = frame.columns.saturating_sub(1);
    let gap = (frame.step() * 0.22).min(14.0);
    for t in 0..frame.columns {
        let mut base = 0.0;
        for category in &cost.categories {
            let value = format.position(category.by_month[t]).max(0.0);
            let (top, bottom) = (frame.y(base + value), frame.y(base));
            base += value;
            let place = (frame.x(t) + gap / 2.0, top);
            svg.rect(class(category.category), place, (frame.step() - gap, bottom - top));
            if t == last {
                labels.push(Label {
                    class: "lab",
                    text: words(category.category).to_owned(),
                    y: f64::midpoint(top, bottom),
                    swatch: Some(class(category.category)),
                });
            }
        }
    }
    labels
}

fn whiskers(svg: &mut Svg, frame: &Frame, cost: &CostView, format: MoneyFormat) {
    for (t, (p10, p90)) in cost.range_by_month.iter().enumerate() {
        let x = frame.middle(t);
        let (low, high) = (frame.y(format.position(*p10)), frame.y(format.position(*p90)));
        if low - high > 1.0 {
            svg.line("halo", (x, low), (x, high));
            svg.line("whisker", (x, low), (x, high));
        }
    }
}

/// The class of a category's colour.
pub(in crate::report) fn class(category: Category) -> &'static str {
    match category {
        Category::Gpu => "c1",
        Category::Compute => "c2",
        Category::Memory => "c3",
        Category::Storage => "c4",
        Category::Network => "c5",
        Category::Service => "c6",
        Category::Support => "c7",
        // What is below zero is not drawn.
        Category::Interruption | Category::Shared | Category::Commitment | Category::Credit => "c8",
    }
}

/// A category for people.
pub(in crate::report) fn words(category: Category) -> &'static str {
    match category {
        Category::Gpu => "GPU",
        Category::Compute => "CPU",
        Category::Memory => "Memory",
        Category::Storage => "Storage",
        Category::Network => "Network",
        Category::Service => "Services",
        Category::Interruption => "Interruptions",
        Category::Support => "Support",
        Category::Shared => "Shared",
        Category::Commitment => "Unspent commitment",
        Category::Credit => "Credits",
    }
}
